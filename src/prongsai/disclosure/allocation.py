"""How the agencies of a round are shared out among assessors: drawn as a draft, adjusted by hand, released, taken back.

A draft binds nobody. It is drawn by ``registry.sharing`` from who assesses what now, and stored whole: every agency of
the round with whom it goes to, and whom it was with. Released is exactly what was shown: by then nothing may have been
moved, no agency given to anybody else, and nobody have declared a tie. It stands in this room because only here is
known which agencies somebody has begun to mark; those stay where they are, but when their assessor leaves."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from prongsai.disclosure import queries
from prongsai.disclosure.models import (
    Allocation,
    AllocationRow,
    AssessorLimit,
    AssessorProfile,
    Filing,
    Mark,
    ProvinceLanguage,
)
from prongsai.jobs.leases import NO_LEASE, Lease
from prongsai.jobs.models import Job
from prongsai.lib import thai
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.background import BackgroundAction, background_action
from prongsai.people.lists import Act, Filter, Heading, Listing, read_stored
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.actions import name_round
from prongsai.registry.agency_search import search_agencies
from prongsai.registry.agency_types import AgencyType
from prongsai.registry.models import Agency, Appointment, Assignment, Interest, Round
from prongsai.registry.provinces import REGIONS
from prongsai.registry.queries import assessors_of, load_conflicts, path_of
from prongsai.registry.sharing import MAX_SLACK, Reason, Task, Worker, share
from prongsai.registry.tiles import ALONG

AGAIN, NEVER, EITHER = "again", "never", "either"
LAST_YEAR = ((EITHER, "ไม่คำนึงถึง"), (AGAIN, "ให้คนเดิมตรวจอีก"), (NEVER, "ไม่ให้คนเดิมตรวจซ้ำ"))
REASONS = {
    Reason.NOBODY: "ยังไม่มีผู้ประเมินในระบบ",
    Reason.CONFLICT: "ผู้ประเมินทุกคนมีส่วนได้เสีย",
    Reason.LANGUAGE: "ไม่มีผู้ประเมินที่ใช้ภาษาของพื้นที่",
    Reason.EARLIER: "เหลือแต่ผู้ที่ตรวจปีก่อน",
    Reason.LIMIT: "ผู้ที่ตรวจได้มีภาระเต็มแล้ว",
}
MAX_WEIGHT, MAX_LOAD = 20, 9_999
_HEAVIER = (
    AgencyType.DEPARTMENT,
    AgencyType.STATE_ENTERPRISE,
    AgencyType.PUBLIC_ORGANIZATION,
    AgencyType.INDEPENDENT,
    AgencyType.UNIVERSITY,
    AgencyType.PROVINCE,
)
DEFAULT_WEIGHTS: dict[str, int] = {kind.value: 2 if kind in _HEAVIER else 1 for kind in AgencyType}
_NAMED = 5  # agencies or people that a refusal names


@dataclass(frozen=True)
class Choices:
    """By what an allocation is drawn. ``slack``: percent of an even share; ``weights``: of an agency by its type;
    ``is_anew``: what nobody has begun to mark is given out again as well; ``languages``: of interviews, by province,
    where Thai alone will not do."""

    slack: int = 10
    last_year: str = EITHER
    is_anew: bool = False
    weights: Mapping[str, int] = field(default_factory=lambda: DEFAULT_WEIGHTS)
    languages: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.slack <= MAX_SLACK or self.last_year not in dict(LAST_YEAR):
            raise DomainError("เลือกวิธีแบ่งงานจากรายการ")
        if any(not 1 <= w <= MAX_WEIGHT for w in self.weights.values()):
            raise DomainError(f"ภาระของประเภทหน่วยงานต้องเป็น 1 ถึง {MAX_WEIGHT}")

    def weight_of(self, agency: Agency) -> int:
        return self.weights.get(agency.kind, DEFAULT_WEIGHTS[agency.kind])


def fold_language(name: str) -> str:
    """A language's name, for comparing: however it is spaced, with or without the word for language."""
    return thai.squeeze(thai.clean(name)).casefold().removeprefix("ภาษา")


def read_languages(text: str) -> dict[str, str]:
    """The language of interviews by province, of lines ``มลายูถิ่น: ยะลา ปัตตานี``. Raises DomainError with the line."""
    languages: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        language, colon, provinces = line.partition(":")
        if not colon or not fold_language(language) or not provinces.strip():
            raise DomainError(f"ภาษาของพื้นที่ บรรทัด {number}: พิมพ์ชื่อภาษา เครื่องหมาย : แล้วชื่อจังหวัด เช่น มลายูถิ่น: ยะลา ปัตตานี")
        for province in provinces.replace(",", " ").split():
            if province not in ALONG:
                raise DomainError(f"ภาษาของพื้นที่ บรรทัด {number}: ไม่รู้จักจังหวัด “{province[:40]}”")
            if province in languages:
                raise DomainError(f"ภาษาของพื้นที่ บรรทัด {number}: {province}อยู่ในบรรทัดก่อนแล้ว")
            languages[province] = language.strip()[:60]
    return languages


def write_languages(languages: Mapping[str, str]) -> str:
    """The lines that ``read_languages`` reads."""
    provinces: dict[str, list[str]] = defaultdict(list)
    for province, language in languages.items():
        provinces[language].append(province)
    return "\n".join(f"{language}: {' '.join(places)}" for language, places in provinces.items())


# --- what is there

_ASSIGNED, _LEFT = Q(assessor__isnull=False), Q(assessor__isnull=True)
_HAD, _HAD_NOT = Q(before__isnull=False), Q(before__isnull=True)
_MOVED = _ASSIGNED & _HAD & ~Q(assessor=F("before"))
_CHANGED = (_ASSIGNED & _HAD_NOT) | (_LEFT & _HAD) | _MOVED


def find_draft(assessment_round: Round) -> Allocation | None:
    return Allocation.objects.filter(round=assessment_round, status=Allocation.Status.DRAFT).first()


def find_released(assessment_round: Round) -> Allocation | None:
    """The last one that was released and not taken back."""
    return Allocation.objects.filter(round=assessment_round, status=Allocation.Status.RELEASED).first()


def changed_rows(allocation: Allocation) -> QuerySet[AllocationRow]:
    """The rows that go to somebody else than they were with."""
    return allocation.rows.filter(_CHANGED)


def conflicting_rows(allocation: Allocation) -> list[tuple[AllocationRow, str]]:
    """The rows that give an agency to who has a tie to it by now, with the reason."""
    tied = Q(assessor__in=Interest.objects.values("user")) | Q(assessor__in=Appointment.objects.values("user"))
    rows = list(allocation.rows.filter(tied).select_related("agency", "assessor").order_by("agency__order"))
    find_conflict = load_conflicts({row.assessor for row in rows if row.assessor})
    return [(row, why) for row in rows if row.assessor and (why := find_conflict(row.assessor, row.agency))]


@dataclass(frozen=True)
class Load:
    """What an assessor has by an allocation, and how much of it is new to them."""

    assessor: User
    agencies: int
    weight: int
    provinces: tuple[str, ...]
    new: int
    lost: int
    limit: int | None

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.weight > self.limit


def count_changes(allocation: Allocation) -> dict[str, int]:
    """How many agencies are given to somebody for the first time, moved, taken from somebody and given to nobody; and
    how many nobody has."""
    return allocation.rows.aggregate(
        new=Count("pk", filter=_ASSIGNED & _HAD_NOT),
        moved=Count("pk", filter=_MOVED),
        dropped=Count("pk", filter=_LEFT & _HAD),
        left=Count("pk", filter=_LEFT),
    )


def list_loads(allocation: Allocation) -> list[Load]:
    """Every assessor who has or had something by an allocation, or could have, by name."""
    rows = allocation.rows.order_by()
    totals = {
        row["assessor"]: (row["n"], row["weight"])
        for row in rows.values("assessor").annotate(n=Count("pk"), weight=Sum("weight"))
    }
    places = defaultdict(list)
    for row in rows.values("assessor", "agency__province").annotate(n=Count("pk")):
        places[row["assessor"]].append((-row["n"], row["agency__province"]))
    changed = changed_rows(allocation).order_by()
    new = dict(changed.values_list("assessor").annotate(n=Count("pk")))
    lost = dict(changed.values_list("before").annotate(n=Count("pk")))
    limits = dict(AssessorLimit.objects.filter(round=allocation.round_id).values_list("assessor", "load"))
    known = {who for who in (*totals, *lost) if who}
    people = assessors_of(allocation.round.assessment_id) | User.objects.filter(pk__in=known)
    return [
        Load(
            user,
            agencies=totals.get(user.pk, (0, 0))[0],
            weight=totals.get(user.pk, (0, 0))[1],
            provinces=tuple(province or "ไม่ระบุ" for _, province in sorted(places.get(user.pk, ()))),
            new=new.get(user.pk, 0),
            lost=lost.get(user.pk, 0),
            limit=limits.get(user.pk),
        )
        for user in people.distinct().order_by("name", "pk")
    ]


def count_by_province(allocation: Allocation) -> dict[str, tuple[int, int, int]]:
    """By province: agencies, assessors, agencies that nobody has."""
    counted = allocation.rows.order_by().values("agency__province")
    counted = counted.annotate(
        n=Count("pk"), people=Count("assessor", distinct=True), left=Count("pk", filter=Q(assessor=None))
    )
    return {row["agency__province"]: (row["n"], row["people"], row["left"]) for row in counted}


_STATES = (
    ("left", "ยังไม่มีผู้ประเมิน"),
    ("new", "มอบหมายใหม่"),
    ("moved", "ย้ายจากคนเดิม"),
    ("fixed", "คงเดิม"),
    ("hand", "ย้ายด้วยมือ"),
)


def list_rows(allocation_id: int, values: Mapping[str, str]) -> Listing:
    """The agencies of an allocation."""
    allocation = Allocation.objects.select_related("round").get(pk=allocation_id)
    people = User.objects.filter(pk__in=allocation.rows.values("assessor")).order_by("name", "pk")
    provinces = allocation.rows.order_by().values_list("agency__province", flat=True).distinct()
    return Listing(
        allocation.rows.select_related("agency", "assessor", "before"),
        values,
        search=lambda rows, text: rows.filter(agency__in=search_agencies(text, Agency.objects.all()).values("pk")),
        filters=(
            Filter(
                "assessor",
                "ผู้ประเมิน",
                [(str(pk), name) for pk, name in people.values_list("pk", "name")],
                lambda rows, pk: rows.filter(assessor=pk),
            ),
            Filter(
                "region",
                "ภาค",
                [(r, r) for r in REGIONS],
                lambda rows, name: rows.filter(agency__province__in=REGIONS[name].split()),
            ),
            Filter(
                "province",
                "จังหวัด",
                [(p, p) for p in sorted(provinces, key=thai.sort_key) if p],
                lambda rows, name: rows.filter(agency__province=name),
            ),
            Filter("kind", "ประเภท", AgencyType.choices, lambda rows, kind: rows.filter(agency__kind=kind)),
            Filter("state", "สถานะ", _STATES, _keep_state),
        ),
        headings=(
            Heading("name", "หน่วยงาน", ("agency__order",)),
            Heading("kind", "ประเภท", ("agency__kind",)),
            Heading("province", "จังหวัด", ("agency__province",)),
            Heading("weight", "ภาระ", ("weight",), is_number=True),
            Heading("assessor", "ผู้ประเมิน", ("assessor__name",)),
        ),
        order=("agency__province", "agency__order", "pk"),
    )


def _keep_state(rows: QuerySet[AllocationRow], state: str) -> QuerySet[AllocationRow]:
    match state:
        case "left":
            return rows.filter(_LEFT)
        case "new":
            return rows.filter(_ASSIGNED & _HAD_NOT)
        case "moved":
            return rows.filter(_MOVED)
        case "fixed":
            return rows.filter(is_fixed=True)
    return rows.filter(is_by_hand=True)


# --- drawing


def _require_open(assessment_round: Round) -> None:
    if assessment_round.status == Round.Status.CLOSED:
        raise DomainError(f"รอบปี {assessment_round.fiscal_year} ปิดแล้ว แก้ไขไม่ได้")
    if queries.latest_seal(assessment_round):
        raise DomainError("คะแนนของรอบนี้ปิดผนึกแล้ว จึงไม่แบ่งงานใหม่")


def _request(action: BackgroundAction, assessment_round: Round, subject: Any, *arguments: Any, by: User) -> Job:
    year, assessment = assessment_round.fiscal_year, assessment_round.assessment_id
    return action.request(
        str(subject), *arguments, by=by, about=f"รอบปี {year}", assessment=assessment, url=address_of(assessment_round)
    )


def address_of(assessment_round: Round) -> str:
    return path_of(assessment_round.assessment_id, f"/desk/rounds/{assessment_round.fiscal_year}/allocation/")


def request_draw(*, assessment_round: Round, choices: Choices, by: User) -> Job:
    """Have an allocation drawn in the background."""
    _require_open(assessment_round)
    if not assessment_round.agencies.exists():
        raise DomainError("รอบนี้ยังไม่มีหน่วยงาน นำหน่วยงานเข้ารอบก่อน")
    if not assessors_of(assessment_round.assessment_id).exists():
        raise DomainError("ยังไม่มีผู้ประเมินในระบบ ให้เชิญผู้ประเมินก่อน")
    pk = assessment_round.pk
    return _request(draw_in_background, assessment_round, pk, pk, asdict(choices), by=by)


@background_action(title="คำนวณร่างการแบ่งงาน")
def draw_in_background(lease: Lease, by: User, round_id: int, choices: dict[str, Any]) -> None:
    """``draw`` for a page."""
    draw(assessment_round=Round.objects.get(pk=round_id), choices=Choices(**choices), by=by, lease=lease)


def draw(
    *,
    assessment_round: Round,
    choices: Choices,
    by: User,
    leavers: Collection[int] = (),
    lease: Lease = NO_LEASE,
) -> Allocation:
    """Draw an allocation of every agency of a round and store it as the draft, instead of an earlier draft.

    What is assigned stays so, unless the choices say otherwise and nobody has begun to mark it. ``leavers``: assessors
    who get nothing and whose agencies go to others, begun or not, but for those whose marks are released.
    """
    _require_open(assessment_round)
    rows, bound = _draw_rows(assessment_round, choices, frozenset(leavers))
    with lease.write(finish=True):
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        Allocation.objects.filter(round=assessment_round, status=Allocation.Status.DRAFT).update(
            status=Allocation.Status.DROPPED
        )
        stored = asdict(choices) | {"leavers": sorted(leavers)}
        allocation = Allocation.objects.create(round=assessment_round, choices=stored, bound=bound, by=by)
        for row in rows:
            row.allocation = allocation
        AllocationRow.objects.bulk_create(rows, batch_size=1000)
        assigned = sum(row.assessor_id is not None and row.assessor_id != row.before_id for row in rows)
        left = sum(row.assessor_id is None for row in rows)
        log_audit(
            by=by,
            action="disclosure.draw_allocation",
            subject=name_round(assessment_round),
            detail={"allocation": allocation.pk, "agencies": len(rows), "changed": assigned, "left": left},
        )
        lease.outcome = f"ร่างการแบ่งงานรอบปี {assessment_round.fiscal_year} พร้อมแล้ว มอบหมายใหม่หรือย้าย {assigned:,} แห่ง"
        lease.outcome += f" ไม่มีผู้ตรวจได้ {left:,} แห่ง" if left else ""
    return allocation


def _draw_rows(assessment_round: Round, choices: Choices, leavers: frozenset[int]) -> tuple[list[AllocationRow], int]:
    """The rows of an allocation, not stored yet, and its bound."""
    if not assessors_of(assessment_round.assessment_id).exists():
        raise DomainError("ยังไม่มีผู้ประเมินในระบบ ให้เชิญผู้ประเมินก่อน")
    assessors = list(assessors_of(assessment_round.assessment_id).exclude(pk__in=leavers).order_by("pk"))
    profiles = load_profiles(assessors)
    agencies = list(assessment_round.agencies.order_by("pk"))
    present = dict(Assignment.objects.filter(round=assessment_round).values_list("agency", "assessor"))
    fixed = _find_fixed(assessment_round, present, leavers, is_anew=choices.is_anew)
    weight_of = {a.pk: choices.weight_of(a) for a in agencies}
    place_of = {a.pk: _place(a) for a in agencies}
    workers = _list_workers(assessment_round, profiles, {a: present[a] for a in fixed}, weight_of, place_of)
    tasks = _list_tasks(assessment_round, choices, [a for a in agencies if a.pk not in fixed], assessors, profiles)
    sharing = share(tasks, workers, slack=choices.slack)
    rows = [
        AllocationRow(
            agency=agency,
            assessor_id=present[agency.pk] if agency.pk in fixed else sharing.assigned.get(agency.pk),
            before_id=present.get(agency.pk),
            weight=weight_of[agency.pk],
            reason=sharing.left.get(agency.pk, ""),
            is_fixed=agency.pk in fixed,
        )
        for agency in agencies
    ]
    return rows, sharing.bound


def _place(agency: Agency) -> int:
    """Where an agency lies along the line of provinces; those that are nowhere at the end."""
    return ALONG.get(agency.province, len(ALONG))


def _find_fixed(
    assessment_round: Round, present: Mapping[int, int], leavers: frozenset[int], *, is_anew: bool
) -> set[int]:
    """The agencies that stay with whom they are."""
    filings = Filing.objects.filter(round=assessment_round, agency__in=assessment_round.agencies.all())
    released = set(filings.exclude(released_at=None).values_list("agency", flat=True))
    moving = {agency for agency, who in present.items() if who in leavers} - released
    if is_anew and not leavers:
        first = Mark.objects.filter(filing=OuterRef("pk"), stage=Mark.Stage.FIRST)
        begun = set(filings.filter(Exists(first)).values_list("agency", flat=True))
        moving = set(present) - released - begun
    return set(present) - moving


def find_languages(assessment_round: Round) -> dict[str, str]:
    """The languages that a new draft begins with, by province: those of the table of provinces, or else of the last
    draft of the round."""
    of_assessment = ProvinceLanguage.objects.filter(assessment=assessment_round.assessment_id)
    if known := dict(of_assessment.order_by("province").values_list("province", "language")):
        return known
    last = Allocation.objects.filter(round=assessment_round).first()
    return dict(last.choices.get("languages", {})) if last else {}


def load_profiles(assessors: Iterable[User]) -> dict[int, AssessorProfile]:
    """Every assessor's home and languages, also of those of whom nothing is known."""
    known = {p.assessor_id: p for p in AssessorProfile.objects.all()}
    return {a.pk: known.get(a.pk) or AssessorProfile(assessor=a) for a in assessors}


def _list_workers(
    assessment_round: Round,
    profiles: Mapping[int, AssessorProfile],
    held: Mapping[int, int],
    weight_of: Mapping[int, int],
    place_of: Mapping[int, int],
) -> list[Worker]:
    loads: dict[int, int] = defaultdict(int)
    places: dict[int, list[int]] = defaultdict(list)
    for agency, who in held.items():
        loads[who] += weight_of.get(agency, 0)
        if agency in place_of:
            places[who].append(place_of[agency])
    for who, profile in profiles.items():
        if profile.home in ALONG:
            places[who].append(ALONG[profile.home])
    limits = dict(AssessorLimit.objects.filter(round=assessment_round).values_list("assessor", "load"))
    return [Worker(who, loads[who], limits.get(who), tuple(places[who])) for who in profiles]


def _find_speakers(choices: Choices, profiles: Mapping[int, AssessorProfile]) -> dict[str, frozenset[int]]:
    """Who speaks the language of a province's interviews, of each province that has one."""
    spoken = {who: {fold_language(language) for language in p.languages} for who, p in profiles.items()}
    return {
        province: frozenset(who for who, languages in spoken.items() if fold_language(language) in languages)
        for province, language in choices.languages.items()
    }


def _list_tasks(
    assessment_round: Round,
    choices: Choices,
    agencies: Sequence[Agency],
    assessors: Sequence[User],
    profiles: Mapping[int, AssessorProfile],
) -> list[Task]:
    """What is to be given out, with whom it may not go to."""
    tied_ids = set(Interest.objects.values_list("user", flat=True)) | set(
        Appointment.objects.values_list("user", flat=True)
    )
    tied = [a for a in assessors if a.pk in tied_ids]
    find_conflict = load_conflicts(tied)
    last = dict(
        Assignment.objects.filter(
            round__assessment=assessment_round.assessment_id, round__fiscal_year=assessment_round.fiscal_year - 1
        ).values_list("agency", "assessor")
    )
    speakers = _find_speakers(choices, profiles)
    tasks = []
    for agency in agencies:
        earlier = last.get(agency.pk)
        tasks.append(
            Task(
                agency.pk,
                _place(agency),
                choices.weight_of(agency),
                frozenset(a.pk for a in tied if find_conflict(a, agency)),
                frozenset([earlier]) if earlier and choices.last_year == NEVER else frozenset(),
                earlier if choices.last_year == AGAIN else None,
                speakers.get(agency.province),
            )
        )
    return tasks


# --- adjusting by hand


def list_possible(assessment: str) -> list[tuple[str, str]]:
    """The assessors to whom agencies can be moved."""
    people = assessors_of(assessment).order_by("name", "pk")
    return [(str(pk), f"{name} · {email}") for pk, name, email in people.values_list("pk", "name", "email")]


@background_action(title="ย้ายหน่วยงานในร่าง")
def move_in_background(
    lease: Lease, by: User, allocation_id: int, stored: dict[str, Any], seen: str, text: str, _site: str
) -> None:
    """Move agencies of a draft to one assessor; all of them, or none where there is a conflict of interest."""
    with lease.write(finish=True):
        allocation = _lock(allocation_id, Allocation.Status.DRAFT)
        assessor = assessors_of(allocation.round.assessment_id).filter(pk=text).first()
        if assessor is None:
            raise DomainError("ไม่พบผู้ประเมินนี้ หรือบัญชีปิดไปแล้ว")
        rows = list(read_stored(stored, partial(list_rows, allocation_id), MOVE, seen).select_related("agency"))
        find_conflict = load_conflicts([assessor])
        refused = [row.agency.name_th for row in rows if find_conflict(assessor, row.agency)]
        if refused:
            raise DomainError(f"{assessor} มีส่วนได้เสียกับ {_name_some(refused)} จึงไม่ย้ายแห่งใดเลย")
        for row in rows:
            row.assessor, row.is_by_hand, row.is_fixed, row.reason = assessor, True, False, ""
        AllocationRow.objects.bulk_update(rows, ["assessor", "is_by_hand", "is_fixed", "reason"], batch_size=500)
        Allocation.objects.filter(pk=allocation.pk).update(revision=F("revision") + 1)
        log_audit(
            by=by,
            action="disclosure.move_in_allocation",
            subject=f"ผู้ใช้ {assessor.pk}",
            detail={"allocation": allocation.pk, "agencies": len(rows), "digest": seen},
        )
        lease.outcome = f"ย้าย {len(rows):,} แห่งในร่างให้ {assessor} แล้ว"


def _name_some(names: Sequence[str]) -> str:
    more = f" และอีก {len(names) - _NAMED:,} แห่ง" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


MOVE = Act(
    "move",
    "ย้ายให้ผู้ประเมินคนเดียว",
    "หน่วยงานในรายการย้ายในร่างไปให้ผู้ประเมินที่เลือก ยังไม่มีผลจนกว่าจะใช้ร่างนี้ หากมีแห่งใดที่ผู้นั้นมีส่วนได้เสีย ระบบไม่ย้ายแห่งใดเลย",
    lambda rows: rows,
    move_in_background,
    text="ผู้ประเมิน",
    options=list_possible,
)
ACTS = (MOVE,)


# --- releasing and taking back


def _lock(allocation_id: int, status: str) -> Allocation:
    """An allocation in a status, under the lock of its round, which is taken first by all who write here."""
    found = Allocation.objects.values_list("round", flat=True).get(pk=allocation_id)
    locked_round = Round.objects.select_for_update().get(pk=found)
    allocation = Allocation.objects.select_related("round").get(pk=allocation_id)
    if allocation.status != status:
        raise DomainError(f"การแบ่งงานนี้{allocation.get_status_display()} ดูหน้านี้อีกครั้ง")
    _require_open(locked_round)
    return allocation


def request_release(*, allocation: Allocation, revision: int, by: User) -> Job:
    """Have a draft released in the background, as it was shown."""
    return _request(release_in_background, allocation.round, allocation.pk, allocation.pk, revision, by=by)


@background_action(title="ใช้การแบ่งงาน")
def release_in_background(lease: Lease, by: User, allocation_id: int, revision: int) -> None:
    """``release`` for a page."""
    release(allocation_id=allocation_id, revision=revision, by=by, lease=lease)


def release(*, allocation_id: int, revision: int, by: User, lease: Lease = NO_LEASE) -> int:
    """Assign every agency as a draft says; returns how many changed. Raises DomainError where the draft or what it was
    drawn from is not what was shown any more, or somebody has a conflict of interest by now."""
    with lease.write(finish=True):
        allocation = _lock(allocation_id, Allocation.Status.DRAFT)
        if allocation.revision != revision:
            raise DomainError("มีผู้ย้ายหน่วยงานในร่างหลังจากที่เปิดหน้านี้ ดูผลของร่างอีกครั้งแล้วจึงสั่ง")
        _require_as_drawn(allocation)
        _require_free_of_conflicts(allocation)
        changed = list(changed_rows(allocation).select_related("agency"))
        _assign(allocation.round, {row.agency_id: row.assessor_id for row in changed})
        allocation.status, allocation.released_by, allocation.released_at = (
            Allocation.Status.RELEASED,
            by,
            timezone.now(),
        )
        allocation.save(update_fields=["status", "released_by", "released_at"])
        _tell(allocation, [(row.before_id, row.assessor_id) for row in changed])
        log_audit(
            by=by,
            action="disclosure.release_allocation",
            subject=name_round(allocation.round),
            detail={"allocation": allocation.pk, "revision": revision, "changed": len(changed)},
        )
        lease.outcome = f"ใช้การแบ่งงานรอบปี {allocation.round.fiscal_year} แล้ว เปลี่ยน {len(changed):,} แห่ง"
    return len(changed)


def _require_as_drawn(allocation: Allocation) -> None:
    """Each agency is still with whom it was when the draft was drawn."""
    present = dict(Assignment.objects.filter(round=allocation.round_id).values_list("agency", "assessor"))
    rows = dict(allocation.rows.values_list("agency", "before"))
    other = [agency for agency, before in rows.items() if present.get(agency) != before]
    if other:
        raise DomainError(f"มี {len(other):,} แห่งที่การมอบหมายเปลี่ยนไปหลังจากคำนวณร่าง คำนวณร่างใหม่ก่อน")


def _require_free_of_conflicts(allocation: Allocation) -> None:
    assigned = changed_rows(allocation).exclude(assessor=None)
    people = User.objects.filter(pk__in=assigned.values("assessor"))
    gone = people.exclude(is_active=True, role=Role.ASSESSOR, assessment=allocation.round.assessment_id)
    if names := [user.name for user in gone]:
        raise DomainError(f"ผู้ที่ไม่ได้เป็นผู้ประเมินแล้ว: {', '.join(names[:_NAMED])} ย้ายงานของผู้นี้หรือคำนวณร่างใหม่ก่อน")
    if conflicts := conflicting_rows(allocation):
        names = [f"{row.agency.name_th} ({row.assessor})" for row, _ in conflicts]
        raise DomainError(f"มีส่วนได้เสียที่แจ้งหลังจากคำนวณร่าง: {_name_some(names)} ย้ายแห่งเหล่านี้หรือคำนวณร่างใหม่ก่อน")


def _assign(assessment_round: Round, to: Mapping[int, int | None]) -> None:
    """Assign agencies, each to somebody or to nobody."""
    Assignment.objects.filter(round=assessment_round, agency__in=list(to)).delete()
    new = [Assignment(round=assessment_round, agency_id=agency, assessor_id=who) for agency, who in to.items() if who]
    Assignment.objects.bulk_create(new, batch_size=1000)


def _tell(allocation: Allocation, moves: Sequence[tuple[int | None, int | None]]) -> None:
    """Tell each assessor once what came and went."""
    came: dict[int, int] = defaultdict(int)
    went: dict[int, int] = defaultdict(int)
    for before, after in moves:
        if after:
            came[after] += 1
        if before:
            went[before] += 1
    year = allocation.round.fiscal_year
    for user in User.objects.filter(pk__in=came.keys() | went.keys(), is_active=True).order_by("pk"):
        parts = [f"ได้รับเพิ่ม {came[user.pk]:,} แห่ง"] if user.pk in came else []
        parts += [f"ย้ายไปให้ผู้อื่น {went[user.pk]:,} แห่ง"] if user.pk in went else []
        text = f"หน่วยงานที่มอบหมายให้คุณตรวจในรอบปี {year} เปลี่ยนแล้ว: {' '.join(parts)}"
        notify(user=user, text=text, url=path_of(allocation.round.assessment_id, "/desk/marking/"))


def allocate(*, assessment_round: Round, by: User, choices: Choices | None = None) -> Allocation:
    """Draw and release at once, for commands. Returns the allocation."""
    drawn = draw(assessment_round=assessment_round, choices=choices or Choices(), by=by)
    release(allocation_id=drawn.pk, revision=drawn.revision, by=by)
    return drawn


def take_back_closed_reason(allocation: Allocation) -> str:
    """Why a released allocation can't be taken back now, in Thai; "" when it can."""
    if allocation != find_released(allocation.round):
        return "มีการแบ่งงานที่ใช้หลังจากนี้ ถอนครั้งหลังสุดก่อน"
    changed = changed_rows(allocation)
    present = dict(Assignment.objects.filter(round=allocation.round_id).values_list("agency", "assessor"))
    rows = list(changed.values_list("agency", "assessor"))
    if other := sum(present.get(agency) != who for agency, who in rows):
        return f"มี {other:,} แห่งที่มอบหมายให้ผู้อื่นไปแล้วหลังจากนั้น"
    marked = Mark.objects.filter(
        filing__round=allocation.round_id,
        filing__agency=OuterRef("agency"),
        by=OuterRef("assessor"),
        at__gte=allocation.released_at,
    )
    if begun := changed.filter(Exists(marked)).count():
        return f"ผู้ประเมินเริ่มให้คะแนนแล้ว {begun:,} แห่ง หากต้องการเปลี่ยน ให้คำนวณร่างใหม่หรือมอบหมายทีละแห่ง"
    return ""


def request_taking_back(*, allocation: Allocation, by: User) -> Job:
    """Have a released allocation taken back in the background."""
    if reason := take_back_closed_reason(allocation):
        raise DomainError(reason)
    return _request(take_back_in_background, allocation.round, allocation.pk, allocation.pk, by=by)


@background_action(title="ถอนการแบ่งงาน")
def take_back_in_background(lease: Lease, by: User, allocation_id: int) -> None:
    """``take_back`` for a page."""
    take_back(allocation_id=allocation_id, by=by, lease=lease)


def take_back(*, allocation_id: int, by: User, lease: Lease = NO_LEASE) -> int:
    """Assign every agency of a released allocation as it was before; who has a conflict of interest by now, or is no
    assessor any more, gets none back. Returns how many went back."""
    with lease.write(finish=True):
        allocation = _lock(allocation_id, Allocation.Status.RELEASED)
        if reason := take_back_closed_reason(allocation):
            raise DomainError(reason)
        changed = list(changed_rows(allocation).select_related("agency", "before"))
        still = set(assessors_of(allocation.round.assessment_id).values_list("pk", flat=True))
        find_conflict = load_conflicts({row.before for row in changed if row.before})
        to = {
            row.agency_id: row.before_id
            if row.before and row.before_id in still and not find_conflict(row.before, row.agency)
            else None
            for row in changed
        }
        _assign(allocation.round, to)
        Allocation.objects.filter(pk=allocation.pk).update(status=Allocation.Status.TAKEN_BACK)
        _tell(allocation, [(row.assessor_id, to[row.agency_id]) for row in changed])
        lost = sum(row.before_id is not None and to[row.agency_id] is None for row in changed)
        log_audit(
            by=by,
            action="disclosure.take_back_allocation",
            subject=name_round(allocation.round),
            detail={"allocation": allocation.pk, "changed": len(changed), "left": lost},
        )
        lease.outcome = f"ถอนการแบ่งงานรอบปี {allocation.round.fiscal_year} แล้ว {len(changed):,} แห่งกลับเป็นอย่างเดิม"
        if lost:
            lease.outcome += f" แต่ {lost:,} แห่งไม่มีผู้ประเมิน เพราะคนเดิมมีส่วนได้เสียหรือไม่ได้เป็นผู้ประเมินแล้ว"
    return len(changed)


def drop(*, allocation: Allocation, by: User) -> None:
    """Throw a draft away."""
    with NO_LEASE.write():
        locked = _lock(allocation.pk, Allocation.Status.DRAFT)
        Allocation.objects.filter(pk=locked.pk).update(status=Allocation.Status.DROPPED)
        log_audit(
            by=by,
            action="disclosure.drop_allocation",
            subject=name_round(locked.round),
            detail={"allocation": locked.pk},
        )
