"""Reads about agencies, their users, conflicts of interest and rounds."""

import datetime
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Exists, ForeignKey, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from prongsai.framework import NATIONAL, Framework
from prongsai.lib import fiscal
from prongsai.machines.table_changes import note_day
from prongsai.people.actions import DomainError
from prongsai.people.audit_words import ROOMS
from prongsai.people.models import AuditEntry, User
from prongsai.people.queries import search_users
from prongsai.people.roles import Role
from prongsai.registry.models import (
    Agency,
    AgencyVersion,
    Appointment,
    Assessment,
    Assignment,
    DeadlineExtension,
    Exclusion,
    Interest,
    Phase,
    Round,
)
from prongsai.registry.names import exact_key, search_key
from prongsai.rulebooks.queries import find_framework_of


def find_assessment(name: str) -> Assessment | None:
    """An assessment beside the national one; None for that one, which pages need not name."""
    return None if name == NATIONAL else Assessment.objects.filter(pk=name).first()


def path_of(assessment: str, path: str) -> str:
    """The path of a page of an assessment, from its path without one."""
    return path if assessment == NATIONAL else f"/a/{assessment}{path}"


def today() -> datetime.date:
    """The date in Thailand. A public page that asks for it is rendered anew each day."""
    note_day()
    return timezone.localdate()


def assessors_of(assessment: str) -> QuerySet[User]:
    """The assessors who work for an assessment."""
    return User.objects.filter(role=Role.ASSESSOR, assessment=assessment, is_active=True)


def agencies_of(user: User) -> QuerySet[Agency]:
    """Agencies a user acts for today."""
    day = today()
    appointments = Appointment.objects.filter(user=user, since__lte=day).filter(Q(until=None) | Q(until__gt=day))
    return Agency.objects.filter(pk__in=appointments.values("agency"), closed_on=None).order_by("order")


def officers_of(agency: Agency) -> list[User]:
    """The officers who work for an agency."""
    appointments = Appointment.objects.filter(agency=agency, until=None, user__role=Role.OFFICER, user__is_active=True)
    return [appointment.user for appointment in appointments.select_related("user")]


def acts_for(user: User, code: str) -> bool:
    """Whether a user acts for the agency of a code today, or is assigned it in a running round."""
    return agencies_of(user).filter(code=code).exists() or agencies_assigned_to(user).filter(code=code).exists()


def agencies_assigned_to(user: User) -> QuerySet[Agency]:
    """Agencies that a user is assigned in a running round."""
    assignments = Assignment.objects.filter(assessor=user, round__status=Round.Status.RUNNING)
    return Agency.objects.filter(pk__in=assignments.values("agency"))


def find_version(agency: Agency, day: datetime.date) -> Agency | AgencyVersion:
    """The details of an agency on a day."""
    if day >= agency.since:
        return agency
    return agency.versions.filter(since__lte=day, until__gt=day).first() or agency.versions.last() or agency


def find_agencies_by_name(name: str, province: str = "", *, assessment: str = NATIONAL) -> list[Agency]:
    """Agencies that a name in a document may mean: those whose present or earlier name is equal to it, 20 at most."""
    key = search_key(name)
    if not key:
        return []
    agencies = Agency.objects.filter(Q(search__startswith=f"{key} ") | Q(search__contains=f" {key} "))
    agencies = agencies.filter(assessment=assessment)
    if province:
        agencies = agencies.filter(province=province)
    return list(agencies.order_by("order")[:20])


def index_agencies_by_name(assessment: str) -> dict[str, list[Agency]]:
    """The agencies of an assessment by each of their names, now or before, in the form of ``exact_key``: in two
    queries, however many names are to be found."""
    found = {a.pk: a for a in Agency.objects.filter(assessment=assessment).order_by("order", "code")}
    names = [(pk, agency.name_th) for pk, agency in found.items()]
    earlier = AgencyVersion.objects.filter(agency__assessment=assessment).order_by("agency__order", "agency__code")
    names += earlier.values_list("agency", "name_th")
    index: dict[str, list[Agency]] = {}
    for pk, name in names:
        if pk not in found:
            continue  # added meanwhile
        same = index.setdefault(exact_key(name), [])
        if found[pk] not in same:
            same.append(found[pk])
    return index


_CHANGES_OF_AGENCIES = (
    "registry.describe",
    "registry.close",
    "registry.import",
    "registry.add_agency",
    "registry.remove_agency",
)


def agency_revision() -> int:
    """A number that grows whenever details of agencies change: part of the key of every cache of them."""
    changes = AuditEntry.objects.filter(action__in=_CHANGES_OF_AGENCIES)
    return changes.aggregate(last=Max("id"))["last"] or 0


# --- what is enough to bind the public


def is_enough(part: int, whole: int) -> bool:
    """Whether a part of a round's agencies is the least that the installation asks for before it seals or publishes."""
    return part * 100 >= settings.LEAST_SHARE * whole


def describe_share(part: int, whole: int) -> str:
    """How many of how many, and what would be enough, for a refusal."""
    return f"{part:,} จาก {whole:,} หน่วยงาน ต่ำกว่าร้อยละ {settings.LEAST_SHARE} ที่ผู้ดูแลระบบตั้งไว้"


# --- users


def users_of_agencies(assessment: str) -> QuerySet[User]:
    """The active users who can act for an agency."""
    roles = (Role.OFFICER, Role.EXECUTIVE)
    return User.objects.filter(role__in=roles, assessment=assessment, is_active=True).order_by("name", "pk")


def find_appointable(agency: Agency, sought: str) -> QuerySet[User]:
    """Those whose name or e-mail has every word, and who do not act for the agency yet."""
    users = search_users(users_of_agencies(agency.assessment_id), sought)
    return users.exclude(Exists(Appointment.objects.filter(agency=agency, user=OuterRef("pk"), until=None)))


# --- conflicts of interest


def find_conflict(assessor: User, agency: Agency) -> str:
    """Why an assessor may not assess an agency, in Thai; empty when there is no conflict of interest."""
    return load_conflicts([assessor])(assessor, agency)


def load_conflicts(assessors: Iterable[User]) -> Callable[[User, Agency], str]:
    """As ``find_conflict`` for many, with two queries. The rule: nobody assesses an agency that they act or acted for,
    nor one above or below it, nor one to which they declared a tie."""
    ids = [a.pk for a in assessors]
    declared = set(Interest.objects.filter(user__in=ids).values_list("user_id", "agency_id"))
    served_agencies: dict[int, list[tuple[int, str, str]]] = {}
    for appointment in Appointment.objects.filter(user__in=ids).select_related("agency"):
        served_agencies.setdefault(appointment.user_id, []).append(
            (appointment.agency_id, appointment.agency.code, appointment.agency.parent_code)
        )

    def reason(assessor: User, agency: Agency) -> str:
        if (assessor.pk, agency.pk) in declared:
            return "ผู้ประเมินแจ้งส่วนได้เสียกับหน่วยงานนี้ไว้"
        for served, code, parent in served_agencies.get(assessor.pk, ()):
            if served == agency.pk:
                return "ผู้ประเมินทำงานหรือเคยทำงานให้หน่วยงานนี้"
            if agency.parent_code == code or parent == agency.code:
                return "ผู้ประเมินทำงานหรือเคยทำงานให้หน่วยงานต้นสังกัดหรือในสังกัดของหน่วยงานนี้"
        return ""

    return reason


# --- rounds


def load_round_framework(assessment_round: Round) -> Framework:
    """The rules to which a round is pinned, in their present wording. Raises DomainError when they are not here."""
    framework = find_framework_of(
        assessment_round.assessment_id, assessment_round.fiscal_year, assessment_round.framework_digest
    )
    if framework is None:
        raise DomainError(f"ไม่พบหลักเกณฑ์ปี {assessment_round.fiscal_year} ฉบับที่ตรึงไว้กับรอบในเครื่องนี้ ให้ติดตั้งฉบับนั้นก่อน")
    return framework


def open_phases(assessment_round: Round, day: datetime.date | None = None) -> list[Phase]:
    """Phases of a running round that are open on a day (today)."""
    day = day or today()
    return [
        p
        for p in assessment_round.phases.all()
        if assessment_round.status == Round.Status.RUNNING and p.is_open_on(day)
    ]


def find_phase(assessment_round: Round, key: str, agency: Agency) -> Phase | None:
    """A phase as it is for one agency: its last day is that of an extension, where the agency has a later one."""
    phase = next((p for p in assessment_round.phases.all() if p.key == key), None)
    if phase is None or phase.ends is None:
        return phase
    for extension in phase.extensions.all():
        if extension.agency_id == agency.pk and extension.ends > phase.ends:
            phase = copy(phase)
            phase.ends = extension.ends
            break
    return phase


def list_extensions(assessment_round: Round) -> list[DeadlineExtension]:
    """The extended deadlines of a round, in the order of its agencies."""
    found = DeadlineExtension.objects.filter(phase__round=assessment_round).select_related("agency", "phase")
    return list(found.order_by("agency__order", "agency__code", "phase__position"))


def is_phase_open(assessment_round: Round, key: str, agency: Agency, day: datetime.date | None = None) -> bool:
    """Whether a phase of a running round is open for an agency on a day (today)."""
    phase = find_phase(assessment_round, key, agency)
    return assessment_round.status == Round.Status.RUNNING and phase is not None and phase.is_open_on(day or today())


def find_extension_problem(phase: Phase, ends: datetime.date) -> str:
    """Why a phase can't be extended until a day, in Thai; "" when it can."""
    if phase.ends is None:
        return "ยังไม่กำหนดวันสิ้นสุดของช่วงนี้ จึงไม่มีกำหนดให้ขยาย"
    return "" if ends > phase.ends else f"ต้องหลังวันสิ้นสุดของทุกหน่วยงาน {fiscal.short_date(phase.ends)}"


def find_extended(phase: Phase, day: datetime.date) -> set[int]:
    """The agencies for which a phase has not ended on a day, since the office extended it."""
    return set(phase.extensions.filter(ends__gte=day).values_list("agency", flat=True))


def find_round_records(assessment_round: Round, agency: Agency) -> list[str]:
    """What a round has of an agency, as rooms call it: in whatever room, every record of both is one."""
    found = set()
    for model in apps.get_models():
        fields = {f.related_model: f.name for f in model._meta.fields if isinstance(f, ForeignKey)}
        if Round in fields and Agency in fields and model is not Exclusion:
            about = {fields[Round]: assessment_round.pk, fields[Agency]: agency.pk}
            if model._base_manager.filter(**about).exists():
                label = model._meta.app_label
                found.add("ผู้ประเมิน" if model is Assignment else ROOMS.get(f"{label}.", label))
    return sorted(found)


@dataclass(frozen=True)
class RoundProgress:
    """Counts of agencies of a round."""

    agencies: int
    with_officer: int
    assigned: int


def round_progress(assessment_round: Round) -> RoundProgress:
    enrolled = assessment_round.agencies.all()
    officers = Appointment.objects.filter(until=None).values("agency")
    return RoundProgress(
        agencies=enrolled.count(),
        with_officer=enrolled.filter(pk__in=officers).count(),
        assigned=Assignment.objects.filter(round=assessment_round).count(),
    )


def assessor_workload(assessment_round: Round) -> list[tuple[User, int]]:
    """Active assessors with the number of agencies that each is assigned in a round."""
    counts = dict(Assignment.objects.filter(round=assessment_round).values_list("assessor").annotate(n=Count("id")))
    return [(a, counts.get(a.pk, 0)) for a in assessors_of(assessment_round.assessment_id).order_by("name")]
