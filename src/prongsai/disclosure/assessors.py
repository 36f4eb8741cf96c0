"""The assessors of a round: who has how much, who is behind, and what the office does to many of them at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from prongsai.disclosure.allocation import MAX_LOAD, Choices, draw, find_languages, fold_language
from prongsai.disclosure.models import Allocation, AssessorLimit, AssessorProfile, Filing
from prongsai.disclosure.queries import MARKING
from prongsai.jobs.leases import Lease
from prongsai.lib import numbers, thai
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.background import background_action
from prongsai.people.lists import Act, Filter, Heading, Listing, read_stored
from prongsai.people.models import User
from prongsai.people.queries import search_users
from prongsai.registry.actions import name_round
from prongsai.registry.models import Assignment, Round
from prongsai.registry.provinces import REGION_OF
from prongsai.registry.queries import assessors_of, path_of, today

_PROVINCES = [(name, name) for name in sorted(REGION_OF, key=thai.sort_key)]
_STATES = (("behind", "ช้ากว่ากำหนด"), ("over", "งานมากกว่าคนอื่น"), ("idle", "ยังไม่มีงาน"))
NOWHERE = "-"  # what is chosen or typed for no home and no language
OVER = 125  # percent of what assessors have on average, above which somebody has more than the others


def read_elapsed(assessment_round: Round) -> tuple[int, int] | None:
    """How many days of marking are over, and how many it has; None where the calendar does not say."""
    phase = next((p for p in assessment_round.phases.all() if p.key == MARKING), None)
    if phase is None or phase.starts is None or phase.ends is None:
        return None
    days = (phase.ends - phase.starts).days + 1
    return min(max((today() - phase.starts).days, 0), days), days


def _spread(values: Mapping[int, int], default: int | None = 0) -> Case:
    """A number of each user, to sort and filter by."""
    users: dict[int, list[int]] = defaultdict(list)
    for user, value in values.items():
        users[value].append(user)
    cases = [When(pk__in=pks, then=Value(value)) for value, pks in sorted(users.items())]
    return Case(*cases, default=Value(default), output_field=IntegerField())


def list_assessors(round_id: int, values: Mapping[str, str]) -> Listing:
    """The assessors of a round's assessment. ``behind``: how many agencies each should have released by now, were they
    released evenly over the days of marking, and has not, of those that they could mark."""
    assessment_round = Round.objects.prefetch_related("phases").get(pk=round_id)
    assignments = Assignment.objects.filter(round=assessment_round)
    filing = Filing.objects.filter(round=assessment_round, agency=OuterRef("agency"))
    counted = assignments.annotate(
        is_released=Exists(filing.exclude(released_at=None)),
        is_ready=Exists(filing.filter(released_at=None).exclude(confirmed=None)),
    )
    totals: Any = (
        counted.order_by()
        .values("assessor")
        .annotate(
            n=Count("pk"),
            released=Count("pk", filter=Q(is_released=True)),
            ready=Count("pk", filter=Q(is_ready=True)),
        )
    )
    work = {row["assessor"]: row for row in totals}
    elapsed, days = read_elapsed(assessment_round) or (0, 1)
    limits = AssessorLimit.objects.filter(round=assessment_round).values_list("assessor", "load")
    people = assessors_of(assessment_round.assessment_id)
    profile = AssessorProfile.objects.filter(assessor=OuterRef("pk"))
    average = sum(row["n"] for row in work.values()) / max(people.count(), 1)
    people = people.annotate(
        assigned=_spread({who: row["n"] for who, row in work.items()}),
        ready=_spread({who: row["ready"] for who, row in work.items()}),
        released=_spread({who: row["released"] for who, row in work.items()}),
        behind=_spread(
            {who: max(0, min(row["ready"], row["n"] * elapsed // days - row["released"])) for who, row in work.items()}
        ),
        most=_spread(dict(limits), None),
        home=Subquery(profile.values("home")),
        languages=Subquery(profile.values("languages")),
    )

    def keep_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
        if state == "behind":
            return rows.filter(behind__gt=0)
        return rows.filter(assigned__gt=average * OVER / 100) if state == "over" else rows.filter(assigned=0)

    def keep_province(rows: QuerySet[Any], province: str) -> QuerySet[Any]:
        return rows.filter(Exists(assignments.filter(assessor=OuterRef("pk"), agency__province=province)))

    return Listing(
        people,
        values,
        search=search_users,
        filters=(
            Filter("province", "มีงานในจังหวัด", _PROVINCES, keep_province),
            Filter("home", "จังหวัดประจำ", _PROVINCES, lambda rows, province: rows.filter(home=province)),
            Filter("state", "สถานะ", _STATES, keep_state),
        ),
        headings=(
            Heading("name", "ผู้ประเมิน", ("name",)),
            Heading("assigned", "หน่วยงาน", ("assigned",), is_number=True),
            Heading("ready", "รอตรวจ", ("ready",), is_number=True),
            Heading("released", "ส่งคะแนนแล้ว", ("released",), is_number=True),
            Heading("behind", "ช้ากว่ากำหนด", ("behind",), is_number=True),
            Heading("most", "ภาระสูงสุด", ("most",), is_number=True),
            Heading("home", "จังหวัดประจำและภาษา", ("home", "name")),
        ),
        order=("name", "pk"),
    )


def _read(round_id: int, stored: dict[str, Any], act: Act, seen: str) -> tuple[Round, list[Any]]:
    rows = read_stored(stored, partial(list_assessors, round_id), act, seen)
    return Round.objects.get(pk=round_id), list(rows)


@background_action(title="ส่งข้อความถึงผู้ประเมิน")
def remind_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Send a notice, and mail, to assessors of a list."""
    with lease.write(finish=True):
        assessment_round, users = _read(round_id, stored, REMIND, seen)
        for user in users:
            notify(user=user, text=text, url=path_of(assessment_round.assessment_id, "/desk/marking/"))
        log_audit(
            by=by,
            action="disclosure.remind_assessors",
            subject=name_round(assessment_round),
            detail={"entries": len(users), "digest": seen},
        )
        lease.outcome = f"ส่งข้อความถึงผู้ประเมิน {len(users):,} คนแล้ว"


def remind_assessors_of(*, assessment_round: Round, agencies: Collection[int], seen: str, text: str, by: User) -> str:
    """Send a message to the assessors of agencies, once to each; returns what was done, in Thai."""
    assigned = Assignment.objects.filter(round=assessment_round, agency__in=agencies)
    users = list(User.objects.filter(pk__in=assigned.values("assessor"), is_active=True).order_by("pk"))
    for user in users:
        notify(user=user, text=text, url=path_of(assessment_round.assessment_id, "/desk/marking/"))
    log_audit(
        by=by,
        action="disclosure.remind_assessors",
        subject=name_round(assessment_round),
        detail={"entries": len(users), "agencies": len(agencies), "digest": seen},
    )
    return f"ส่งข้อความถึงผู้ประเมิน {len(users):,} คน ของ {len(agencies):,} หน่วยงานแล้ว"


@background_action(title="กำหนดภาระสูงสุด")
def limit_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Set the most that assessors of a list take on."""
    try:
        load = numbers.read_whole_number(text, least=0, most=MAX_LOAD, example="40")
    except numbers.NumberError as error:
        raise DomainError(str(error)) from error
    with lease.write(finish=True):
        assessment_round, users = _read(round_id, stored, LIMIT, seen)
        limits = [AssessorLimit(round=assessment_round, assessor=user, load=load) for user in users]
        AssessorLimit.objects.bulk_create(
            limits,
            batch_size=500,
            update_conflicts=True,
            unique_fields=("round", "assessor"),
            update_fields=("load",),
        )
        log_audit(
            by=by,
            action="disclosure.limit_assessors",
            subject=name_round(assessment_round),
            detail={"entries": len(users), "load": load, "digest": seen},
        )
        lease.outcome = f"กำหนดภาระสูงสุดของผู้ประเมิน {len(users):,} คนเป็น {load:,} แล้ว มีผลกับร่างที่คำนวณต่อจากนี้"


def _describe(lease: Lease, by: User, round_id: int, stored: dict[str, Any], act: Act, seen: str, **known: Any) -> None:
    with lease.write(finish=True):
        assessment_round, users = _read(round_id, stored, act, seen)
        AssessorProfile.objects.bulk_create(
            [AssessorProfile(assessor=user, **known) for user in users],
            batch_size=500,
            update_conflicts=True,
            unique_fields=("assessor",),
            update_fields=list(known),
        )
        log_audit(
            by=by,
            action="disclosure.describe_assessors",
            subject=name_round(assessment_round),
            detail={"entries": len(users), **known, "digest": seen},
        )
        lease.outcome = f"{act.title}ของผู้ประเมิน {len(users):,} คนแล้ว มีผลกับร่างที่คำนวณต่อจากนี้"


@background_action(title="กำหนดจังหวัดประจำของผู้ประเมิน")
def describe_homes_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Set the home province of assessors of a list."""
    _describe(lease, by, round_id, stored, HOME, seen, home="" if text == NOWHERE else text)


@background_action(title="กำหนดภาษาของผู้ประเมิน")
def describe_languages_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Set the languages of assessors of a list."""
    languages = [] if text == NOWHERE else list(dict.fromkeys(filter(fold_language, map(str.strip, text.split(",")))))
    _describe(lease, by, round_id, stored, LANGUAGES, seen, languages=languages)


@background_action(title="โอนงานของผู้ประเมินที่ออก")
def hand_over_in_background(
    lease: Lease, by: User, round_id: int, stored: dict[str, Any], seen: str, _text: str, _site: str
) -> None:
    """Draw an allocation by which everything that assessors of a list have not finished goes to others."""
    assessment_round, users = _read(round_id, stored, HAND_OVER, seen)
    last = Allocation.objects.filter(round=assessment_round).first()
    before = last.choices if last else {}
    choices = Choices(**{key: before[key] for key in ("weights", "languages") if key in before})
    if last is None:
        choices = Choices(languages=find_languages(assessment_round))
    draw(
        assessment_round=assessment_round,
        choices=choices,
        by=by,
        leavers=[user.pk for user in users],
        lease=lease,
    )


REMIND = Act(
    "remind",
    "ส่งข้อความ",
    "ผู้ประเมินทุกคนในรายการได้รับข้อความนี้ในระบบและทางอีเมล ส่งแล้วเรียกคืนไม่ได้",
    lambda rows: rows,
    remind_in_background,
    text="ข้อความ",
)
LIMIT = Act(
    "limit",
    "กำหนดภาระสูงสุด",
    "การคำนวณร่างครั้งต่อไปไม่ให้งานแก่ผู้ประเมินในรายการเกินภาระนี้ 0 คือไม่รับเพิ่ม งานที่มีอยู่แล้วยังอยู่",
    lambda rows: rows,
    limit_in_background,
    text="ภาระสูงสุด (ตัวเลข)",
)
HAND_OVER = Act(
    "hand_over",
    "โอนงานทั้งหมดให้ผู้อื่น",
    "ระบบคำนวณร่างที่แบ่งหน่วยงานของผู้ประเมินในรายการให้ผู้อื่น รวมทั้งแห่งที่ตรวจค้างอยู่ เว้นแห่งที่ส่งคะแนนแล้ว "
    "ร่างเดิมที่ยังไม่ใช้จะถูกแทนที่ ยังไม่มีผลจนกว่าจะตรวจร่างและสั่งใช้ที่หน้าแบ่งงาน",
    lambda rows: rows.filter(assigned__gt=0),
    hand_over_in_background,
)
HOME = Act(
    "home",
    "กำหนดจังหวัดประจำ",
    "การคำนวณร่างครั้งต่อไปให้ผู้ประเมินในรายการได้หน่วยงานในจังหวัดนี้และจังหวัดใกล้เคียงก่อน",
    lambda rows: rows,
    describe_homes_in_background,
    text="จังหวัดประจำ",
    options=lambda _assessment: [(NOWHERE, "ไม่กำหนด"), *_PROVINCES],
)
LANGUAGES = Act(
    "languages",
    "กำหนดภาษา",
    "ภาษาที่ผู้ประเมินในรายการใช้สัมภาษณ์ได้นอกจากภาษาไทย คั่นด้วยจุลภาค แทนที่กำหนดไว้เดิมทั้งหมด พิมพ์ - ถ้าไม่มี "
    "หน่วยงานในจังหวัดที่ร่างกำหนดภาษาไว้ให้เฉพาะผู้ที่ใช้ภาษานั้นได้",
    lambda rows: rows,
    describe_languages_in_background,
    text="ภาษา เช่น มลายูถิ่น, อังกฤษ",
)
ACTS = (REMIND, LIMIT, HOME, LANGUAGES, HAND_OVER)
