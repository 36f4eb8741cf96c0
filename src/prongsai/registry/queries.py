"""Reads of the registry."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Value, When
from django.utils import timezone

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.people.models import AuditEntry, User
from prongsai.registry.models import Agency, AgencyImport, AgencyPast, Appointment, Assignment, Interest, Phase, Round
from prongsai.registry.names import search_key


def today() -> datetime.date:
    return timezone.localdate()


def agencies_of(user: User) -> QuerySet[Agency]:
    """Agencies a user acts for today."""
    day = today()
    appointments = Appointment.objects.filter(user=user, since__lte=day).filter(Q(until=None) | Q(until__gt=day))
    return Agency.objects.filter(pk__in=appointments.values("agency"), closed_on=None).order_by("order")


def acts_for(user: User, code: str) -> bool:
    """Whether a user acts for the agency of a code, or has been given it to assess."""
    return agencies_of(user).filter(code=code).exists() or assigned_to(user).filter(code=code).exists()


def assigned_to(user: User) -> QuerySet[Agency]:
    given = Assignment.objects.filter(assessor=user, round__status=Round.Status.RUNNING)
    return Agency.objects.filter(pk__in=given.values("agency"))


def search(text: str, agencies: QuerySet[Agency] | None = None) -> QuerySet[Agency]:
    """Agencies whose name holds what was typed, however it was typed; names that begin with it first."""
    agencies = Agency.objects.all() if agencies is None else agencies
    words = [k for k in map(search_key, text.split()) if k] if search_key(text) else []
    whole = search_key(text)
    if not words:
        return agencies.none()
    every = Q()
    for word in words:
        every &= Q(search__contains=word)
    rank = Case(
        When(search__startswith=whole, then=Value(0)),
        When(search__contains=whole, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return agencies.filter(every | Q(search__contains=whole)).annotate(rank=rank).order_by("rank", "order", "code")


def as_of(agency: Agency, day: datetime.date) -> Agency | AgencyPast:
    """What was said of an agency on a day."""
    if day >= agency.since:
        return agency
    return agency.past.filter(since__lte=day, until__gt=day).first() or agency.past.last() or agency


def named(name: str, province: str = "") -> list[Agency]:
    """Agencies that a document's name may mean: those whose name, now or before, is the same as it reads."""
    key = search_key(name)
    if not key:
        return []
    found = Agency.objects.filter(Q(search__startswith=f"{key} ") | Q(search__contains=f" {key} "))
    if province:
        found = found.filter(province=province)
    return list(found.order_by("order")[:20])


def revision() -> int:
    """A number that grows whenever anything said of agencies changes: part of the key of whatever is kept of them."""
    changes = AuditEntry.objects.filter(action__in=("registry.describe", "registry.close", "registry.import"))
    return changes.aggregate(last=Max("id"))["last"] or 0


# --- conflicts of interest


def conflict(assessor: User, agency: Agency) -> str:
    """Why an assessor may not mark an agency, in Thai; nothing if nothing stands in the way."""
    return conflicts([assessor])(assessor, agency)


def conflicts(assessors: Iterable[User]) -> Callable[[User, Agency], str]:
    """As ``conflict`` for many, with two queries. The rule: nobody marks an agency that they act or have acted for, nor
    one above or below it, nor one they declared a tie to."""
    ids = [a.pk for a in assessors]
    declared = set(Interest.objects.filter(user__in=ids).values_list("user_id", "agency_id"))
    served: dict[int, list[tuple[int, str, str]]] = {}
    for appointment in Appointment.objects.filter(user__in=ids).select_related("agency"):
        served.setdefault(appointment.user_id, []).append(
            (appointment.agency_id, appointment.agency.code, appointment.agency.parent_code)
        )

    def reason(assessor: User, agency: Agency) -> str:
        if (assessor.pk, agency.pk) in declared:
            return "ผู้ประเมินแจ้งส่วนได้เสียกับหน่วยงานนี้ไว้"
        for own, code, parent in served.get(assessor.pk, ()):
            if own == agency.pk:
                return "ผู้ประเมินทำงานหรือเคยทำงานให้หน่วยงานนี้"
            if agency.parent_code == code or parent == agency.code:
                return "ผู้ประเมินทำงานหรือเคยทำงานให้หน่วยงานต้นสังกัดหรือในสังกัดของหน่วยงานนี้"
        return ""

    return reason


# --- rounds


def framework_of(assessment_round: Round) -> Framework:
    """The rules a round is pinned to, as this installation has them."""
    return rules.load(assessment_round.framework)


@dataclass(frozen=True)
class ListPreview:
    """What storing a list of agencies would do."""

    new: list[dict[str, str]]
    changed: list[tuple[Agency, list[tuple[str, str, str]]]]  # agency, (field's Thai name, before, after)
    same: int


def preview(listing: AgencyImport) -> ListPreview:
    known = {a.code: a for a in Agency.objects.filter(code__in=[r["code"] for r in listing.rows])}
    labels = {field.name: str(field.verbose_name) for field in Agency._meta.fields}
    new, changed, same = [], [], 0
    for row in listing.rows:
        agency = known.get(row["code"])
        if agency is None:
            new.append({"place": row["place"], "code": row["code"], **row["values"]})
            continue
        changes = [(labels[f], getattr(agency, f), v) for f, v in row["values"].items() if getattr(agency, f) != v]
        if changes:
            changed.append((agency, changes))
        else:
            same += 1
    return ListPreview(new, changed, same)


def open_phases(assessment_round: Round, day: datetime.date | None = None) -> list[Phase]:
    day = day or today()
    return [
        p for p in assessment_round.phases.all() if assessment_round.status == Round.Status.RUNNING and p.open_on(day)
    ]


def is_open(assessment_round: Round, phase: str, day: datetime.date | None = None) -> bool:
    """Whether an action that belongs to a phase may be done on a day."""
    return any(p.key == phase for p in open_phases(assessment_round, day))


@dataclass(frozen=True)
class Progress:
    """A round at a glance: counts of agencies."""

    agencies: int
    with_officer: int
    assigned: int


def progress(assessment_round: Round) -> Progress:
    enrolled = assessment_round.agencies.all()
    officers = Appointment.objects.filter(until=None).values("agency")
    return Progress(
        agencies=enrolled.count(),
        with_officer=enrolled.filter(pk__in=officers).count(),
        assigned=Assignment.objects.filter(round=assessment_round).count(),
    )


def workload(assessment_round: Round) -> list[tuple[User, int]]:
    """Assessors with the number of agencies each has in a round."""
    given = dict(Assignment.objects.filter(round=assessment_round).values_list("assessor").annotate(n=Count("id")))
    return [(a, given.get(a.pk, 0)) for a in User.objects.filter(role="assessor", is_active=True).order_by("name")]
