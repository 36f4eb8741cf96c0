"""Where a round stands: which agencies have reached what, counted by province, region, type or assessor, and the list
of agencies behind each number.

A number and the list it leads to are the same set of agencies, found by the same function: they cannot differ.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.assessors import remind_assessors_of
from prongsai.disclosure.models import Clarification, Confirmation, Filing, Mark
from prongsai.jobs.leases import Lease
from prongsai.lib import thai
from prongsai.people.background import background_action
from prongsai.people.lists import Act, Filter, Heading, Listing, read_stored
from prongsai.people.models import User
from prongsai.registry.agency_search import search_agencies
from prongsai.registry.agency_table import keep_with_somebody, remind
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency, Assignment, Round
from prongsai.registry.provinces import REGION_OF, REGIONS
from prongsai.registry.queries import find_extended, load_round_framework, today
from prongsai.survey.queries import find_with_minimum

TREND_DAYS = 14
NOT = "not-"  # before a stage in addresses: those that have not reached it
STAGES: dict[str, str] = {
    "begun": "เริ่มยื่น",
    "confirmed": "ผู้บริหารยืนยัน",
    "marked": "ตรวจครบ",
    "released": "ส่งคะแนน",
    "clarified": "ชี้แจง",
    "disputed": "รอชี้ขาด",
    "decided": "ชี้ขาดแล้ว",
    "overdue": "เลยกำหนด",
}
DIMENSIONS: dict[str, str] = {"region": "ภาค", "province": "จังหวัด", "kind": "ประเภท", "assessor": "ผู้ประเมิน"}


ACTS_OF_DAY: dict[str, str] = {
    "confirmed": "ยืนยัน",
    "released": "ส่งคะแนน",
    "clarified": "ข้อที่ชี้แจง",
    "decided": "ข้อที่ชี้ขาด",
}


_ANSWERED = "answered-"  # before an instrument


def list_stages(assessment_round: Round) -> dict[str, str]:
    """The stages of a round with their titles: those of every round, and the minimum of answers by instrument."""
    sampled = [sample.instrument for sample in load_round_framework(assessment_round).rules.samples]
    return STAGES | {f"{_ANSWERED}{instrument}": f"{instrument} ถึงขั้นต่ำ" for instrument in sampled}


def find_at_stage(assessment_round: Round, stage: str) -> set[int]:
    """The agencies of a round that have reached a stage."""
    if stage.startswith(_ANSWERED):
        return find_with_minimum(assessment_round).get(stage.removeprefix(_ANSWERED), set())
    match stage:
        case "disputed":
            return {dispute.filing.agency_id for dispute in disclosures.open_disputes([assessment_round])}
        case "decided":
            decisions = Mark.objects.filter(filing__round=assessment_round, stage=Mark.Stage.DECISION)
            return set(decisions.order_by().values_list("filing__agency", flat=True).distinct())
        case "overdue":
            return _find_overdue(assessment_round)
    return set(disclosures.filings_at_stage(assessment_round, stage).values_list("agency", flat=True))


def _find_overdue(assessment_round: Round) -> set[int]:
    """Those that are not confirmed though the days of filing are over, or whose marks are not released though those of
    marking are."""
    ended = {p.key: p for p in assessment_round.phases.all() if p.ends and p.ends < today()}
    enrolled = set(assessment_round.agencies.values_list("pk", flat=True))
    overdue = set()
    for key, stage in ((disclosures.FILING, "confirmed"), (disclosures.MARKING, "released")):
        if phase := ended.get(key):
            overdue |= enrolled - find_at_stage(assessment_round, stage) - find_extended(phase, today())
    return overdue


@dataclass(frozen=True)
class Group:
    """A row of the desk: what it is of, as a filter of the list, and how many agencies have reached each stage."""

    title: str
    criteria: Mapping[str, str]
    agencies: int
    counts: Mapping[str, int]


def count_groups(assessment_round: Round, by: str) -> list[Group]:
    """Every group of a dimension, and all of them together first."""
    agencies = list(assessment_round.agencies.order_by().values_list("pk", "province", "kind"))
    reached = {stage: find_at_stage(assessment_round, stage) for stage in STAGES}
    for instrument, found in find_with_minimum(assessment_round).items():
        reached[f"{_ANSWERED}{instrument}"] = found
    assessor_of = {}
    if by == "assessor":
        assessor_of = dict(Assignment.objects.filter(round=assessment_round).values_list("agency", "assessor"))
    key_of: dict[str, Callable[[int, str, str], str]] = {
        "region": lambda _, province, __: REGION_OF.get(province, ""),
        "province": lambda _, province, __: province,
        "kind": lambda _, __, kind: kind,
        "assessor": lambda pk, _, __: str(assessor_of.get(pk, "")),
    }
    keys = {pk: key_of[by](pk, province, kind) for pk, province, kind in agencies}
    sizes = Counter(keys.values())
    counts = {stage: Counter(keys[pk] for pk in found if pk in keys) for stage, found in reached.items()}
    titles = _find_titles(by, sizes)
    whole = Group("ทั้งประเทศ", {}, len(keys), {stage: counted.total() for stage, counted in counts.items()})
    ordered = sorted(sizes, key=lambda key: (not key, _rank(by, key, titles[key])))
    return [whole] + [
        Group(titles[key], {by: key or _NONE}, sizes[key], {stage: counted[key] for stage, counted in counts.items()})
        for key in ordered
    ]


_NONE = "none"


def _find_titles(by: str, keys: Collection[str]) -> dict[str, str]:
    missing = {"": "ยังไม่มีผู้ประเมิน" if by == "assessor" else "ไม่ระบุ"}
    if by == "kind":
        return {k.value: str(k.label) for k in AgencyType} | missing
    if by == "assessor":
        names = User.objects.filter(pk__in=[k for k in keys if k]).values_list("pk", "name")
        return {str(pk): name for pk, name in names} | missing
    return {key: key for key in keys} | missing


def _rank(by: str, key: str, title: str) -> Any:
    if by == "kind":
        return AgencyType.values.index(key) if key else 0
    if by == "region":
        return list(REGIONS).index(key) if key else 0
    return thai.sort_key(title)


def count_by_day(assessment_round: Round, days: int = TREND_DAYS) -> list[tuple[datetime.date, dict[str, int]]]:
    """What was done on each of the last days, the newest first."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    of_round: dict[str, Any] = {"filing__round": assessment_round}
    sources: tuple[tuple[str, QuerySet[Any], str], ...] = (
        ("confirmed", Confirmation.objects.filter(**of_round), "at"),
        ("released", Filing.objects.filter(round=assessment_round), "released_at"),
        ("clarified", Clarification.objects.filter(**of_round), "at"),
        ("decided", Mark.objects.filter(**of_round, stage=Mark.Stage.DECISION), "at"),
    )
    starts = [midnight - datetime.timedelta(back) for back in range(days)]
    counted = {}
    for name, rows, field in sources:
        of_day = {  # a range for each day: no function of SQLite's has to turn every moment into a day
            f"d{back}": Count("pk", filter=Q(**{f"{field}__gte": start, f"{field}__lt": start + datetime.timedelta(1)}))
            for back, start in enumerate(starts)
        }
        counted[name] = rows.filter(**{f"{field}__gte": starts[-1]}).order_by().aggregate(**of_day)
    return [
        (start.date(), {name: row[f"d{back}"] for name, row in counted.items()}) for back, start in enumerate(starts)
    ]


# --- the agencies behind a number


def list_agencies(round_id: int, values: Mapping[str, str]) -> Listing:
    """The agencies of a round by what they have reached."""
    assessment_round = Round.objects.prefetch_related("phases").get(pk=round_id)
    assignments = Assignment.objects.filter(round=assessment_round)
    assessors = User.objects.filter(pk__in=assignments.values("assessor")).order_by("name", "pk")

    def keep_stage(rows: QuerySet[Agency], stage: str) -> QuerySet[Agency]:
        found = find_at_stage(assessment_round, stage.removeprefix(NOT))
        return rows.exclude(pk__in=found) if stage.startswith(NOT) else rows.filter(pk__in=found)

    def keep_assessor(rows: QuerySet[Agency], pk: str) -> QuerySet[Agency]:
        if pk == _NONE:
            return rows.exclude(pk__in=assignments.values("agency"))
        return rows.filter(pk__in=assignments.filter(assessor=int(pk)).values("agency"))

    def keep_region(rows: QuerySet[Agency], region: str) -> QuerySet[Agency]:
        if region == _NONE:
            return rows.exclude(province__in=list(REGION_OF))
        return rows.filter(province__in=REGIONS[region].split())

    provinces = assessment_round.agencies.order_by().values_list("province", flat=True).distinct()
    titles = list_stages(assessment_round)
    stages = [*titles.items(), *((f"{NOT}{key}", f"ไม่ใช่: {title}") for key, title in titles.items())]
    return Listing(
        assessment_round.agencies.all(),
        values,
        search=lambda rows, text: search_agencies(text, rows),
        filters=(
            Filter("stage", "ขั้น", stages, keep_stage),
            Filter("kind", "ประเภท", AgencyType.choices, lambda rows, kind: rows.filter(kind=kind)),
            Filter("region", "ภาค", [*((r, r) for r in REGIONS), (_NONE, "ไม่ระบุ")], keep_region),
            Filter(
                "province",
                "จังหวัด",
                [*((p, p) for p in sorted(filter(None, provinces), key=thai.sort_key)), (_NONE, "ไม่ระบุ")],
                lambda rows, name: rows.filter(province="" if name == _NONE else name),
            ),
            Filter(
                "assessor",
                "ผู้ประเมิน",
                [*((str(pk), name) for pk, name in assessors.values_list("pk", "name")), (_NONE, "ยังไม่มีผู้ประเมิน")],
                keep_assessor,
            ),
        ),
        headings=(
            Heading("code", "รหัส", ("code",)),
            Heading("name", "หน่วยงาน", ("order",)),
            Heading("kind", "ประเภท", ("kind",)),
            Heading("province", "จังหวัด", ("province",)),
        ),
        order=("order", "code"),
    )


def find_assessors(assessment_round: Round, agencies: Collection[Agency] | None = None) -> dict[int, str]:
    """The name of the assessor of each agency of a round, or of some."""
    found = Assignment.objects.filter(round=assessment_round)
    if agencies is not None:
        found = found.filter(agency__in=[a.pk for a in agencies])
    return dict(found.values_list("agency", "assessor__name"))


@background_action(title="ส่งข้อความถึงผู้รับผิดชอบ")
def remind_agencies_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Send a message to everybody who acts for the agencies of a list."""
    with lease.write(finish=True):
        rows = read_stored(stored, partial(list_agencies, round_id), REMIND, seen)
        assessment = Round.objects.get(pk=round_id).assessment_id
        lease.outcome = remind(rows=rows, seen=seen, text=text, assessment=assessment, by=by)


@background_action(title="ส่งข้อความถึงผู้ประเมินของหน่วยงาน")
def remind_assessors_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Send a message to the assessors of the agencies of a list, once to each."""
    with lease.write(finish=True):
        rows = read_stored(stored, partial(list_agencies, round_id), REMIND_ASSESSORS, seen)
        agencies = list(rows.values_list("pk", flat=True))
        assessment_round = Round.objects.get(pk=round_id)
        lease.outcome = remind_assessors_of(
            assessment_round=assessment_round, agencies=agencies, seen=seen, text=text, by=by
        )


REMIND = Act(
    "remind",
    "ส่งข้อความถึงผู้รับผิดชอบ",
    "ทุกคนที่ทำงานให้หน่วยงานในรายการได้รับข้อความนี้ในระบบและทางอีเมล คนละครั้ง ส่งแล้วเรียกคืนไม่ได้",
    keep_with_somebody,
    remind_agencies_in_background,
    text="ข้อความ",
)
REMIND_ASSESSORS = Act(
    "remind_assessors",
    "ส่งข้อความถึงผู้ประเมิน",
    "ผู้ประเมินของหน่วยงานในรายการได้รับข้อความนี้ในระบบและทางอีเมล คนละครั้ง ส่งแล้วเรียกคืนไม่ได้",
    lambda rows: rows,
    remind_assessors_in_background,
    text="ข้อความ",
)
ACTS = (REMIND, REMIND_ASSESSORS)
