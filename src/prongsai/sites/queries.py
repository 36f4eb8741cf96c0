"""Reads of channels: what an agency offers, its questions, who may handle a complaint, statistics."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Value, When

from prongsai.disclosure.queries import items
from prongsai.framework import DisclosureItem
from prongsai.lib import fiscal
from prongsai.people.models import User
from prongsai.people.roles import Role
from prongsai.registry.models import Agency, Appointment, Round
from prongsai.registry.queries import agencies_of, load_round_framework, today
from prongsai.sites.models import ChannelSettings, Complaint, ItemPage, MonthStatistics, Question

SMALLEST_SHOWN = 5  # a smaller number of complaints, other than none, is withheld
ROLE_OF_TIER = {
    Complaint.Tier.AGENCY: Role.OFFICER,
    Complaint.Tier.EXECUTIVE: Role.EXECUTIVE,
    Complaint.Tier.OFFICE: Role.OFFICE,
}
NOT_CLOSED = ~Q(status=Complaint.Status.CLOSED)
NEXT_TIER = {
    Complaint.Tier.AGENCY: Complaint.Tier.EXECUTIVE,
    Complaint.Tier.EXECUTIVE: Complaint.Tier.OFFICE,
}


def find_settings(agency: Agency) -> ChannelSettings:
    """What an agency offers; all closed, and not stored, where it has decided nothing yet."""
    return ChannelSettings.objects.filter(agency=agency).first() or ChannelSettings(agency=agency)


def public_item_pages(agency: Agency) -> QuerySet[ItemPage]:
    """The pages of disclosure items that an agency publishes here, the newest year first."""
    return ItemPage.objects.filter(agency=agency, public=True)


def find_rounds(agency: Agency) -> list[Round]:
    """The rounds of an agency, the newest first."""
    return list(
        Round.objects.filter(assessment=agency.assessment_id, agencies=agency).prefetch_related("phases__extensions")
    )


@dataclass(frozen=True)
class NamedPage:
    """A public page and the item that it is of, for lists."""

    page: ItemPage
    item: DisclosureItem


def public_pages_by_year(agency: Agency) -> list[tuple[int, list[NamedPage]]]:
    """The public pages of an agency in the order of the rules, the newest year first; those whose item or round is no
    more are left out."""
    years: dict[int, dict[str, ItemPage]] = {}
    for page in public_item_pages(agency):
        years.setdefault(page.fiscal_year, {})[page.item] = page
    rounds = {
        r.fiscal_year: r
        for r in Round.objects.filter(assessment=agency.assessment_id, agencies=agency, fiscal_year__in=years)
    }
    return [
        (year, [NamedPage(pages[i.id], i) for i in items(load_round_framework(rounds[year])) if i.id in pages])
        for year, pages in years.items()
        if year in rounds
    ]


# --- questions


def published_questions(agency: Agency) -> QuerySet[Question]:
    """Questions with their answers, the latest first."""
    return Question.objects.filter(agency=agency, status=Question.Status.PUBLISHED)


def pending_questions(agency: Agency) -> QuerySet[Question]:
    """Questions that wait for an answer, the oldest first."""
    return Question.objects.filter(agency=agency, status=Question.Status.PENDING).order_by("asked_on", "id")


# --- complaints


def people_at(agency: Agency, tier: str) -> QuerySet[User]:
    """Who handles complaints about an agency at a tier, today."""
    users = User.objects.filter(
        is_active=True, role=ROLE_OF_TIER[Complaint.Tier(tier)], assessment=agency.assessment_id
    )
    if tier == Complaint.Tier.OFFICE:
        return users.order_by("name")
    day = today()
    appointed = Appointment.objects.filter(agency=agency, since__lte=day).filter(Q(until=None) | Q(until__gt=day))
    return users.filter(pk__in=appointed.values("user")).order_by("name")


def may_handle(user: User, complaint: Complaint) -> bool:
    """Whether a user is one of those who handle a complaint where it is now."""
    if not user.is_active or user.role != ROLE_OF_TIER[Complaint.Tier(complaint.tier)]:
        return False
    if user.assessment != complaint.agency.assessment_id:
        return False
    return user.role == Role.OFFICE or agencies_of(user).filter(pk=complaint.agency_id).exists()


def find_handler(complaint: Complaint) -> User | None:
    """Who has taken a complaint and still may handle it: nobody, once they have left."""
    handler = complaint.handler
    return handler if handler and may_handle(handler, complaint) else None


def may_open(user: User, complaint: Complaint) -> bool:
    """Whether a user may read what is written in a complaint: only who has taken it."""
    return complaint.handler_id == user.pk and may_handle(user, complaint)


def complaints_for(user: User, agency: Agency) -> QuerySet[Complaint]:
    """The complaints about an agency that are with people of a user's role."""
    tiers = [tier for tier, role in ROLE_OF_TIER.items() if role == user.role]
    return Complaint.objects.filter(agency=agency, tier__in=tiers).select_related("handler", "agency")


def office_complaints(assessment: str) -> QuerySet[Complaint]:
    """The complaints that are with the office of an assessment."""
    complaints = Complaint.objects.filter(agency__assessment=assessment, tier=Complaint.Tier.OFFICE)
    return complaints.select_related("handler", "agency")


def in_order_of_work(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Complaints as a desk lists them: those that wait for an answer, what is due first; then those that are closed.
    However many come, none of what is due is pushed out of sight by what came later."""
    is_closed = Case(When(status=Complaint.Status.CLOSED, then=Value(1)), default=Value(0))
    return complaints.order_by(is_closed, "answer_by", "number")


def is_late(complaint: Complaint, day: datetime.date) -> bool:
    """Whether a deadline of a complaint has passed."""
    if complaint.status == Complaint.Status.CLOSED:
        return False
    return day > complaint.answer_by or (complaint.status == Complaint.Status.NEW and day > complaint.acknowledge_by)


@dataclass(frozen=True)
class Waiting:
    """What waits for a user in the channels of an agency: questions without an answer, complaints that are with the
    user or with nobody yet, and how many of both are past their day."""

    agency: Agency
    questions: int
    complaints: int
    late: int


def find_waiting(user: User, agencies: Iterable[Agency]) -> list[Waiting]:
    """What waits for a user in the channels of agencies, those with nothing left out."""
    agencies, day = list(agencies), today()
    tiers = [tier for tier, role in ROLE_OF_TIER.items() if role == user.role]
    questions: Counter[int] = Counter()
    late: Counter[int] = Counter()
    if user.role == Role.OFFICER:
        asked = Question.objects.filter(agency__in=agencies, status=Question.Status.PENDING)
        for agency_id, answer_by in asked.values_list("agency", "answer_by"):
            questions[agency_id] += 1
            late[agency_id] += answer_by < day
    complaints: Counter[int] = Counter()
    colleagues: dict[tuple[int, str], set[int]] = {}  # of the user, who may have a complaint
    for complaint in Complaint.objects.filter(NOT_CLOSED, agency__in=agencies, tier__in=tiers).select_related("agency"):
        place = complaint.agency_id, complaint.tier
        if place not in colleagues:
            people = people_at(complaint.agency, complaint.tier).exclude(pk=user.pk)
            colleagues[place] = set(people.values_list("pk", flat=True))
        if complaint.handler_id not in colleagues[place]:
            complaints[complaint.agency_id] += 1
            late[complaint.agency_id] += is_late(complaint, day)
    rows = (Waiting(agency, questions[agency.pk], complaints[agency.pk], late[agency.pk]) for agency in agencies)
    return [row for row in rows if row.questions or row.complaints]


# --- statistics


def withhold(number: int) -> int | None:
    """A number as it may be published; None for one so small that it points at somebody."""
    return number if number == 0 or number >= SMALLEST_SHOWN else None


def count_month(agency: Agency, first_day: datetime.date) -> dict[str, dict[str, int | None]]:
    """The complaints of a month as they may be published, by kind: received, and closed, in it."""
    after = next_month(first_day)
    counted: dict[str, dict[str, int | None]] = {}
    for name, field in (("received", "received_on"), ("closed", "closed_on")):
        rows = Complaint.objects.filter(agency=agency, **{f"{field}__gte": first_day, f"{field}__lt": after})
        found = dict(rows.order_by().values_list("kind").annotate(Count("pk")))
        counted[name] = {kind: withhold(found.get(kind, 0)) for kind in Complaint.Kind.values}
    return counted


def next_month(day: datetime.date) -> datetime.date:
    """The first day of the month after a day's."""
    return (day.replace(day=1) + datetime.timedelta(32)).replace(day=1)


def months_to_publish(agency: Agency, *, most: int = 24) -> list[datetime.date]:
    """Months that have ended and whose statistics are not published, the latest first: since the channel was opened or
    the first complaint came."""
    first = (
        Complaint.objects.filter(agency=agency).order_by("received_on").values_list("received_on", flat=True).first()
    )
    begins = min(filter(None, [first, find_settings(agency).complaints_since]), default=None)
    published = MonthStatistics.objects.filter(agency=agency).values_list("first_day", flat=True)
    return ended_months(agency, begins, published, most=most)


def ended_months(
    agency: Agency, begins: datetime.date | None, without: Iterable[datetime.date], *, most: int = 24
) -> list[datetime.date]:
    """The months that have ended since a day, the latest first, at most so many back, and without some; none of which
    something was destroyed, since its numbers would be wrong."""
    if begins is None:
        return []
    if destroyed := find_settings(agency).destroyed_through:
        begins = max(begins, next_month(destroyed))
    left_out, month, months = set(without), begins.replace(day=1), []
    while next_month(month) <= today():
        months.append(month)
        month = next_month(month)
    return [m for m in reversed(months[-most:]) if m not in left_out]


@dataclass(frozen=True)
class MonthRow:
    """A month of the published statistics: of each kind, received and closed; None where the number is withheld."""

    first_day: datetime.date
    cells: tuple[tuple[str, int | None, int | None], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was received or closed; never where something is withheld."""
        return all(received == closed == 0 for _, received, closed in self.cells)


@dataclass(frozen=True)
class YearTable:
    """The published months of a fiscal year, the earliest first."""

    year: int
    months: tuple[MonthRow, ...]


def show_month(first_day: datetime.date, content: dict[str, Any]) -> MonthRow:
    cells = tuple((k.value, content["received"].get(k), content["closed"].get(k)) for k in Complaint.Kind)
    return MonthRow(first_day, cells)


def show_years(months: Iterable[MonthStatistics]) -> list[YearTable]:
    """Published statistics as pages show them: a table for each fiscal year, the newest first."""
    years: dict[int, list[MonthRow]] = {}
    for month in sorted(months, key=lambda month: month.first_day):
        years.setdefault(fiscal.year_of(month.first_day), []).append(show_month(month.first_day, month.content))
    return [YearTable(year, tuple(years[year])) for year in sorted(years, reverse=True)]


@dataclass(frozen=True)
class KindTotal:
    """What the published months of a year say of one kind together: None where a month withholds its number."""

    kind: str
    received: int | None
    closed: int | None


def sum_year(table: YearTable) -> list[KindTotal]:
    """The sums over the months of a year, which everybody could add up; none of a kind of which a month withholds a
    number."""
    totals = []
    for number, kind in enumerate(Complaint.Kind):
        cells = [month.cells[number] for month in table.months]
        received, closed = [cell[1] for cell in cells], [cell[2] for cell in cells]
        totals.append(KindTotal(kind.value, _sum_shown(received), _sum_shown(closed)))
    return totals


def _sum_shown(numbers: Iterable[int | None]) -> int | None:
    shown = list(numbers)
    return None if None in shown else sum(number or 0 for number in shown)


def months_of_year(agency: Agency, fiscal_year: int) -> QuerySet[MonthStatistics]:
    """The months of a fiscal year that are published; none of a year that no calendar has."""
    if not 2000 < fiscal_year < 4000:  # an address may have any number
        return MonthStatistics.objects.none()
    first, last = fiscal.first_day(fiscal_year), fiscal.last_day(fiscal_year)
    return published_months(agency).filter(first_day__gte=first, first_day__lte=last)


def published_months(agency: Agency) -> QuerySet[MonthStatistics]:
    return MonthStatistics.objects.filter(agency=agency)
