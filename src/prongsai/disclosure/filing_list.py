"""The office's list of filings: how far every agency of a round is, and what is done to many of them at once.

A row is an agency of the round, whether it has begun to file or not. What a row shows is read for the rows of a page
together, never for each; what the list is sorted by is computed only when somebody sorts by it.
"""

import datetime
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from prongsai.disclosure import queries
from prongsai.disclosure.assessors import remind_assessors_of
from prongsai.disclosure.models import Clarification, Entry, Filing, Link, Mark
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import Lease
from prongsai.lib import thai
from prongsai.lib.spreadsheets import write_xlsx
from prongsai.machines import files
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.background import background_action
from prongsai.people.lists import Act, Filter, Heading, Listing, read_stored
from prongsai.people.models import User
from prongsai.registry.actions import assign, name_round
from prongsai.registry.agency_search import search_agencies
from prongsai.registry.agency_table import keep_with_somebody, remind
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency, Assignment, Round
from prongsai.registry.provinces import REGION_OF, REGIONS
from prongsai.registry.queries import assessors_of, load_conflicts, load_round_framework

MOST_ASSIGNED = 500  # agencies in one act: others write in between
_PER_READ = 500
_NAMED = 5
_NOBODY = "none"
_STATES = (
    ("none", "ยังไม่เริ่มยื่น"),
    ("filing", "กำลังยื่น ยังไม่ยืนยัน"),
    ("confirmed", "ยืนยันแล้ว รอตรวจ"),
    ("marking", "กำลังตรวจ"),
    ("marked", "ตรวจครบ รอส่งคะแนน"),
    ("released", "ส่งคะแนนแล้ว"),
    ("clarified", "มีข้อที่ชี้แจง"),
    ("disputed", "มีข้อที่รอชี้ขาด"),
    ("broken", "มีลิงก์เสีย"),
)


def list_filings(round_id: int, values: Mapping[str, str]) -> Listing:
    """The agencies of a round with what they have filed."""
    assessment_round = Round.objects.prefetch_related("phases").get(pk=round_id)
    filing = Filing.objects.filter(round=assessment_round, agency=OuterRef("pk"))
    assignments = Assignment.objects.filter(round=assessment_round)
    people = User.objects.filter(pk__in=assignments.values("assessor")).order_by("name", "pk")

    def keep_assessor(rows: QuerySet[Agency], pk: str) -> QuerySet[Agency]:
        if pk == _NOBODY:
            return rows.exclude(pk__in=assignments.values("agency"))
        return rows.filter(pk__in=assignments.filter(assessor=int(pk)).values("agency"))

    rows: QuerySet[Any] = assessment_round.agencies.annotate(
        confirmed_at=Subquery(filing.values("confirmed__at")[:1]),
        released_at=Subquery(filing.values("released_at")[:1]),
    )
    if (counted := _count_by(assessment_round, values.get("sort", ""))) is not None:
        rows = rows.annotate(counted=Coalesce(Subquery(counted), 0))
    return Listing(
        rows,
        values,
        search=lambda rows, text: search_agencies(text, rows),
        filters=(
            Filter("state", "สถานะ", _STATES, partial(_keep_state, assessment_round)),
            Filter("kind", "ประเภท", AgencyType.choices, lambda rows, kind: rows.filter(kind=kind)),
            Filter(
                "region",
                "ภาค",
                [(region, region) for region in REGIONS],
                lambda rows, region: rows.filter(province__in=REGIONS[region].split()),
            ),
            Filter(
                "province",
                "จังหวัด",
                [(name, name) for name in sorted(REGION_OF, key=thai.sort_key)],
                lambda rows, name: rows.filter(province=name),
            ),
            Filter(
                "assessor",
                "ผู้ประเมิน",
                [*((str(pk), name) for pk, name in people.values_list("pk", "name")), (_NOBODY, "ยังไม่มีผู้ประเมิน")],
                keep_assessor,
            ),
        ),
        headings=(
            Heading("code", "รหัส", ("code",)),
            Heading("name", "หน่วยงาน", ("order",)),
            Heading("province", "จังหวัด", ("province",)),
            Heading("filed", "ข้อที่ยื่น", ("counted",), is_number=True),
            Heading("broken", "ลิงก์เสีย", ("counted",), is_number=True),
            Heading("confirmed", "ยืนยัน", ("confirmed_at",)),
            Heading("marked", "ข้อที่ตรวจ", ("counted",), is_number=True),
            Heading("released", "ส่งคะแนน", ("released_at",)),
            Heading("clarified", "ข้อที่ชี้แจง", ("counted",), is_number=True),
            Heading("assessor", "ผู้ประเมิน"),
        ),
        order=("order", "code"),
    )


def _sources(assessment_round: Round) -> dict[str, QuerySet[Any]]:
    """What is counted, each row of a filing; ``item`` or ``pk`` once."""
    entries = Entry.objects.filter(filing__round=assessment_round)
    current = Link.objects.filter(entry=OuterRef("pk"), until=None)
    links = Link.objects.filter(entry__filing__round=assessment_round, until=None)
    return {
        "filed": entries.filter(~Q(explanation="") | Exists(current)),
        "broken": links.filter(state__in=queries.BROKEN_STATES),
        "marked": Mark.objects.filter(filing__round=assessment_round, stage=Mark.Stage.FIRST),
        "clarified": Clarification.objects.filter(filing__round=assessment_round),
    }


_AGENCY_OF = {"broken": "entry__filing__agency"}  # by what is counted; else that of its filing
_COUNTED = {"broken": Count("pk")}  # of links each, of others each item once


def _count_by(assessment_round: Round, what: str) -> QuerySet[Any] | None:
    """How many of something each agency has, as a subquery; None for what is not counted."""
    rows = _sources(assessment_round).get(what)
    if rows is None:
        return None
    agency = _AGENCY_OF.get(what, "filing__agency")
    grouped = rows.filter(**{agency: OuterRef("pk")}).order_by().values(agency)
    counted: QuerySet[Any] = grouped.annotate(n=_COUNTED.get(what, Count("item", distinct=True))).values("n")
    return counted


def _keep_state(assessment_round: Round, rows: QuerySet[Agency], state: str) -> QuerySet[Agency]:
    def at(stage: str) -> Q:
        return Q(pk__in=queries.filings_at_stage(assessment_round, stage).values("agency"))

    def has(what: str) -> Q:
        found = _sources(assessment_round)[what].order_by()
        return Q(pk__in=found.values(_AGENCY_OF.get(what, "filing__agency")))

    match state:
        case "none":
            return rows.exclude(has("filed"))
        case "filing":
            return rows.filter(has("filed") & ~at("confirmed"))
        case "confirmed":
            return rows.filter(at("confirmed") & ~has("marked") & ~at("released"))
        case "marking":
            return rows.filter(has("marked") & ~at("marked") & ~at("released"))
        case "marked":
            return rows.filter(at("marked") & ~at("released"))
        case "disputed":
            disputes = queries.open_disputes([assessment_round])
            return rows.filter(pk__in={dispute.filing.agency_id for dispute in disputes})
        case "broken" | "clarified":
            return rows.filter(has(state))
    return rows.filter(at(state))


@dataclass(frozen=True)
class FilingRow:
    """What the list says of an agency: numbers of items and links, and who assesses it."""

    agency: Any  # with ``confirmed_at`` and ``released_at``
    counts: Mapping[str, int]
    assessor: str


def describe(assessment_round: Round, agencies: Sequence[Any]) -> list[FilingRow]:
    """The rows of some agencies, with as many queries whatever their number."""
    pks = [agency.pk for agency in agencies]
    counts: dict[str, dict[int, int]] = {}
    for what, rows in _sources(assessment_round).items():
        agency = _AGENCY_OF.get(what, "filing__agency")
        grouped = rows.filter(**{f"{agency}__in": pks}).order_by().values_list(agency)
        counts[what] = dict(grouped.annotate(n=_COUNTED.get(what, Count("item", distinct=True))))
    assigned = Assignment.objects.filter(round=assessment_round, agency__in=pks)
    names = dict(assigned.values_list("agency", "assessor__name"))
    return [
        FilingRow(a, {what: found.get(a.pk, 0) for what, found in counts.items()}, names.get(a.pk, ""))
        for a in agencies
    ]


TITLES = (
    "รหัส",
    "หน่วยงาน",
    "ประเภท",
    "จังหวัด",
    "ข้อที่ยื่น",
    "ข้อทั้งหมด",
    "ลิงก์เสีย",
    "ยืนยันเมื่อ",
    "ข้อที่ตรวจ",
    "ส่งคะแนนเมื่อ",
    "ข้อที่ชี้แจง",
    "ผู้ประเมิน",
)


def write_rows(assessment_round: Round, rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """The cells of a file, some hundred agencies at a time; each part is read to its end, so that who writes them may
    store in between how far it is."""
    items = count_items(assessment_round)
    pks = list(rows.values_list("pk", flat=True))
    for start in range(0, len(pks), _PER_READ):
        some = pks[start : start + _PER_READ]
        found = {agency.pk: agency for agency in rows.order_by().filter(pk__in=some)}
        for row in describe(assessment_round, [found[pk] for pk in some if pk in found]):
            a, n = row.agency, row.counts
            yield [
                *(a.code, a.name_th, a.get_kind_display(), a.province, n["filed"], items, n["broken"]),
                *(_date(a.confirmed_at), n["marked"], _date(a.released_at), n["clarified"], row.assessor),
            ]


def count_items(assessment_round: Round) -> int:
    """How many items the round's rules have."""
    return len(queries.items(load_round_framework(assessment_round)))


def _date(moment: datetime.datetime | None) -> str:
    return timezone.localdate(moment).isoformat() if moment else ""


def name_export(assessment_round: Round, user: User) -> str:
    """Where the last selection that a user exported is stored: each has one."""
    return f"exports/filings-{assessment_round.pk}-{user.pk}.xlsx"


# --- acts


def _read(round_id: int, stored: dict[str, Any], act: Act, seen: str) -> tuple[Round, QuerySet[Any]]:
    rows = read_stored(stored, partial(list_filings, round_id), act, seen)
    return Round.objects.get(pk=round_id), rows


@background_action(title="ส่งข้อความถึงผู้รับผิดชอบ")
def remind_agencies_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Send a message to everybody who acts for the agencies of a list."""
    with lease.write(finish=True):
        assessment_round, rows = _read(round_id, stored, REMIND, seen)
        lease.outcome = remind(rows=rows, seen=seen, text=text, assessment=assessment_round.assessment_id, by=by)


@background_action(title="ส่งข้อความถึงผู้ประเมินของหน่วยงาน")
def remind_assessors_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Send a message to the assessors of the agencies of a list, once to each."""
    with lease.write(finish=True):
        assessment_round, rows = _read(round_id, stored, REMIND_ASSESSORS, seen)
        pks = list(rows.values_list("pk", flat=True))
        lease.outcome = remind_assessors_of(
            assessment_round=assessment_round, agencies=pks, seen=seen, text=text, by=by
        )


@background_action(title="มอบหมายผู้ประเมิน")
def assign_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Assign the agencies of a list to one assessor; those that they may not assess stay as they are, and are named."""
    with lease.write(finish=True):
        assessment_round, rows = _read(round_id, stored, ASSIGN, seen)
        agencies = list(rows[: MOST_ASSIGNED + 1])
        if len(agencies) > MOST_ASSIGNED:
            raise DomainError(f"มอบหมายให้คนเดียวได้ครั้งละไม่เกิน {MOST_ASSIGNED} แห่ง กรองให้น้อยลง หรือใช้หน้าแบ่งงาน")
        assessor = assessors_of(assessment_round.assessment_id).filter(pk=int(text)).first()
        if assessor is None:
            raise DomainError("ไม่มีผู้ประเมินคนนี้แล้ว")
        conflict_of = load_conflicts([assessor])
        refused = [agency for agency in agencies if conflict_of(assessor, agency)]
        taken = [agency for agency in agencies if agency not in refused]
        for agency in taken:
            assign(assessment_round=assessment_round, agency=agency, assessor=assessor, by=by)
        lease.outcome = f"มอบหมาย {len(taken):,} แห่งให้ {assessor.name} แล้ว"
        if refused:
            named = ", ".join(agency.name_th for agency in refused[:_NAMED])
            lease.outcome += f" อีก {len(refused):,} แห่งไม่ได้มอบหมายเพราะมีส่วนได้เสีย: {named}"[:300]


@background_action(title="ส่งออกรายการยื่น", queue=Queue.BULK)
def export_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, _text: str, _site: str
) -> None:
    """Write the agencies of a list as a workbook, for whoever asked."""
    assessment_round, rows = _read(round_id, stored, EXPORT, seen)
    total, name = rows.count(), name_export(assessment_round, by)
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        lines = _report(lease, write_rows(assessment_round, rows), total)
        write_xlsx(file, f"การยื่น {assessment_round.fiscal_year}", TITLES, lines)
        file.flush()
        with lease.write(finish=True):
            with suppress(OSError):
                files.remove(name)
            files.store_copy(name, Path(file.name))
            log_audit(
                by=by,
                action="disclosure.export_filings",
                subject=name_round(assessment_round),
                detail={"agencies": total, "digest": seen},
            )
            lease.outcome = f"ส่งออกรายการยื่น {total:,} แห่งแล้ว ดาวน์โหลดที่หน้ารายการ"


def _report(lease: Lease, lines: Iterable[list[Any]], total: int) -> Iterator[list[Any]]:
    """The lines, telling how far they are."""
    for done, line in enumerate(lines):
        if done % _PER_READ == 0:
            with transaction.atomic():
                lease.progress(done, total)
        yield line


def _list_assessors(assessment: str) -> Sequence[tuple[str, str]]:
    people = assessors_of(assessment).order_by("name", "pk")
    return [(str(pk), f"{name} · {email}") for pk, name, email in people.values_list("pk", "name", "email")]


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
ASSIGN = Act(
    "assign",
    "มอบหมายผู้ประเมิน",
    "หน่วยงานในรายการเป็นของผู้ประเมินที่เลือก แทนคนเดิมถ้ามี แห่งที่ส่งคะแนนแล้วหรือที่ผู้ประเมินมีส่วนได้เสียไม่เปลี่ยน คะแนนที่ให้ไว้แล้วยังอยู่",
    lambda rows: rows.filter(released_at=None),
    assign_in_background,
    text="ผู้ประเมิน",
    options=_list_assessors,
)
EXPORT = Act(
    "export",
    "ส่งออก XLSX",
    "ระบบเขียนไฟล์ของหน่วยงานในรายการ แล้วให้ดาวน์โหลดที่หน้ารายการ ไฟล์ที่ท่านส่งออกก่อนหน้านี้ถูกแทนที่",
    lambda rows: rows,
    export_in_background,
)
ACTS = (REMIND, REMIND_ASSESSORS, ASSIGN, EXPORT)
