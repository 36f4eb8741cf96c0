"""Satisfaction of services at the counter: what an agency asks of whom, answers without a name or a time, and what is
published of a month, once.

Nothing of a month is read before it has ended, by the agency either: what came in while somebody stood at the counter
would say who wrote it. What is published of the answers has a random error (decisions 0031, 0051): whoever knows all
answers but one, as having given the others, does not learn that one."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet, Sum
from django.utils.crypto import salted_hmac

from prongsai.analysis.small_groups import approximate_sum
from prongsai.lib import fiscal, qr, rounding
from prongsai.lib.typeset import pdf
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.trail import log_audit
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.sites import sealing
from prongsai.sites.opinions import SLUG_LETTERS, Service, ServiceAnswer, ServiceComment, ServiceMonth
from prongsai.sites.queries import SMALLEST_SHOWN, ended_months, next_month, withhold
from prongsai.sites.wording import clean_text, say

STEPS = 5
QUESTIONS = ("staff", "process", "place", "overall")
QUESTION_NAMES = {
    "staff": ("เจ้าหน้าที่สุภาพ เต็มใจให้บริการ", "Staff were polite and willing"),
    "process": ("ขั้นตอนชัดเจน รวดเร็ว", "Steps were clear and quick"),
    "place": ("สถานที่และสิ่งอำนวยความสะดวก", "The place and its facilities"),
    "overall": ("ความพึงพอใจโดยรวม", "Satisfied on the whole"),
}
ODDS = 3  # no published sum makes an answer more than so many times as likely as another
MEANS_FROM = 25  # answers: of fewer the error would drown a mean
MAX_COMMENT = 1_000  # letters
MAX_SERVICES = 50  # of one agency
MAX_ANSWERS, MAX_COMMENTS = 20_000, 2_000  # of one service in a month: beyond that somebody floods it
_SALT = "prongsai.sites.satisfaction"
_POSTER = Path(__file__).parent / "service_poster.typ"


def name_question(question: str) -> str:
    """A question in the language of the page."""
    return say(*QUESTION_NAMES[question])


def services_of(agency: Agency) -> QuerySet[Service]:
    return Service.objects.filter(agency=agency)


# --- services


def save_service(*, service: Service, by: User) -> Service:
    """Store a service that an agency names, or what changed of it. Raises DomainError where there are too many."""
    agency = service.agency
    if service.pk is None:
        if services_of(agency).count() >= MAX_SERVICES:
            raise DomainError(f"เพิ่มได้ไม่เกิน {MAX_SERVICES} จุดบริการ ปิดจุดที่ไม่ใช้ หรือรวมจุดที่ใกล้กัน")
        service.slug, service.opened_on = sealing.draw_letters(SLUG_LETTERS), today()
    with transaction.atomic():
        service.save()
        detail = {"open": service.is_open}
        log_audit(by=by, action="sites.save_service", subject=service.name, agency=agency.code, detail=detail)
    return service


def print_poster(*, service: Service, site: str) -> bytes:
    """An A4 poster with the QR code of a service, as PDF. ``site`` is the address of this site without a path."""
    address = f"{site}/c/service/{service.slug}/"
    data = {
        "title": f"ป้ายความพึงพอใจ {service.name}",
        "agency": service.agency.name_th,
        "service": service.name,
        "service_en": service.name_en,
        "address": address.partition("://")[2],
        "qr": qr.draw_svg(address),
    }
    return pdf(_POSTER, data)


# --- answers


def store_answer(*, service: Service, steps: Mapping[str, int], comment: str, token: str) -> None:
    """Store what a visitor answered, once, however often its page is sent. Raises DomainError."""
    comment = clean_text(comment, MAX_COMMENT, "ข้อความเพิ่มเติม", required=False)
    if not service.is_open:
        raise DomainError(say("จุดบริการนี้ปิดรับความคิดเห็นแล้ว", "This service takes no answers now."))
    if len(token) != sealing.SECRET_LETTERS:
        raise DomainError(say("หน้านี้ไม่สมบูรณ์ กดส่งอีกครั้ง", "This page is incomplete. Send again."))
    month = today().replace(day=1)
    if ServiceAnswer.objects.filter(service=service, month=month).count() >= MAX_ANSWERS:
        thai = "เดือนนี้มีคำตอบจำนวนมากผิดปกติ จึงพักรับไว้ก่อน"
        raise DomainError(say(thai, "Unusually many answers came this month. Try again next month."))
    with transaction.atomic():
        _, is_new = ServiceAnswer.objects.get_or_create(
            token=token, defaults={"service": service, "month": month, **{q: steps[q] for q in QUESTIONS}}
        )
        has_room = ServiceComment.objects.filter(service=service, month=month).count() < MAX_COMMENTS
        if comment and is_new and has_room:
            ServiceComment.objects.create(service=service, month=month, text=comment)


def readable_comments(agency: Agency) -> QuerySet[ServiceComment]:
    """The comments of months that have ended, in no order of arrival."""
    month = today().replace(day=1)
    return ServiceComment.objects.filter(service__agency=agency, month__lt=month).select_related("service")


# --- what is published


def months_to_publish(agency: Agency) -> list[datetime.date]:
    """The months that have ended and are not published, the latest first, since the first service was named."""
    begins = services_of(agency).order_by("opened_on").values_list("opened_on", flat=True).first()
    published = ServiceMonth.objects.filter(agency=agency).values_list("first_day", flat=True)
    return ended_months(agency, begins, published)


def count_month(agency: Agency, first_day: datetime.date) -> list[dict[str, Any]]:
    """The answers of a month as they may be published, as ``ServiceMonth.content``; services that were named later are
    left out."""
    sums = {q: Sum(q) for q in QUESTIONS}
    answers = ServiceAnswer.objects.filter(service__agency=agency, month=first_day).order_by()
    counted: dict[int, Any] = {
        row["service"]: row for row in answers.values("service").annotate(answers=Count("pk"), **sums)
    }
    content = []
    for service in services_of(agency).filter(opened_on__lt=next_month(first_day)):
        row = counted.get(service.pk, {})
        totals: dict[str, int] = {q: row[q] for q in QUESTIONS if q in row}
        number, shown = withhold_few(row.get("answers", 0), totals, f"{service.slug} {first_day}")
        named = {"service": service.slug, "name": service.name, "name_en": service.name_en}
        content.append({**named, "answers": number, "sums": shown, "approximate": True})
    return content


def withhold_few(number: int, sums: dict[str, int], place: str) -> tuple[int | None, dict[str, int]]:
    """A number of answers and their sums as they may be published, from the name of the service and its month: nothing
    of a number too small to be shown, and of others sums with an error, within what can be answered. The same totals
    always have the same error: nobody averages it away by looking twice."""
    if number < SMALLEST_SHOWN:
        return withhold(number), {}
    approximate = {}
    for question, total in sums.items():
        drawn = salted_hmac(_SALT, f"{place} {question} {number} {total}", algorithm="sha256").hexdigest()
        changed = approximate_sum(drawn, total, STEPS - 1, ODDS)
        approximate[question] = min(max(changed, number), number * STEPS)
    return number, approximate


def publish_month(*, agency: Agency, first_day: datetime.date, by: User) -> ServiceMonth:
    """Publish a month that has ended, once and for all: two versions would differ by who answered in between. Raises
    DomainError."""
    if first_day not in months_to_publish(agency):
        raise DomainError("เดือนนี้เผยแพร่แล้ว หรือยังไม่สิ้นเดือน")
    try:
        with transaction.atomic():
            content = count_month(agency, first_day)
            published = ServiceMonth.objects.create(agency=agency, first_day=first_day, content=content, by=by)
            subject = f"ความพึงพอใจ {first_day:%Y-%m}"
            log_audit(by=by, action="sites.publish_satisfaction", subject=subject, agency=agency.code)
    except IntegrityError as error:
        raise DomainError("เดือนนี้เผยแพร่แล้ว") from error
    return published


@dataclass(frozen=True)
class Cell:
    """A service in a month: the number of answers, None where they are too few to be shown; means of steps."""

    name: str
    answers: int | None
    means: tuple[str, ...] = ()

    @property
    def overall(self) -> str:
        return self.means[-1] if self.means else ""


@dataclass(frozen=True)
class MonthCells:
    first_day: datetime.date
    cells: tuple[Cell, ...]

    @property
    def answered(self) -> list[Cell]:
        """Services that somebody answered about, whether it is shown or withheld."""
        return [cell for cell in self.cells if cell.answers != 0]

    @property
    def alone(self) -> list["MonthCells"]:
        """A table of this month."""
        return [self]


@dataclass(frozen=True)
class ServiceYear:
    """A service over a fiscal year: of the months whose answers are shown, and of no others; no means of too few."""

    name: str
    answers: int
    means: tuple[str, ...]
    share: float  # of the most that the overall mean can be, in per cent

    @property
    def named(self) -> list[tuple[str, str]]:
        means = self.means or ("–",) * len(QUESTIONS)
        return [(name_question(q), mean) for q, mean in zip(QUESTIONS, means, strict=True)]


def _mean(total: int, number: int, *, is_approximate: bool) -> str:
    mean = rounding.half_up(Fraction(total, number), 1 if is_approximate else 2)
    return f"≈ {mean}" if is_approximate else str(mean)


def _name(row: Mapping[str, Any]) -> str:
    return say(row["name"], row["name_en"] or row["name"])


def show_month(first_day: datetime.date, content: Iterable[Mapping[str, Any]]) -> MonthCells:
    """A month as pages show it."""
    cells = []
    for row in content:
        number = row["answers"]
        is_approximate = row.get("approximate", False)
        has_means = row["sums"] and (number >= MEANS_FROM or not is_approximate)
        sums = [row["sums"][q] for q in QUESTIONS] if has_means else []
        means = tuple(_mean(total, number, is_approximate=is_approximate) for total in sums)
        cells.append(Cell(_name(row), number, means))
    return MonthCells(first_day, tuple(cells))


def published_years(agency: Agency) -> list[int]:
    """The fiscal years of which a month is published, the newest first."""
    days = ServiceMonth.objects.filter(agency=agency).values_list("first_day", flat=True)
    return sorted({fiscal.year_of(day) for day in days}, reverse=True)


def find_year(agency: Agency, fiscal_year: int) -> list[ServiceMonth]:
    """The published months of a fiscal year, the earliest first."""
    months = ServiceMonth.objects.filter(
        agency=agency, first_day__gte=fiscal.first_day(fiscal_year), first_day__lte=fiscal.last_day(fiscal_year)
    )
    return list(months.order_by("first_day"))


def sum_year(months: Iterable[ServiceMonth]) -> list[ServiceYear]:
    """Services over the months whose answers are shown: nothing that is withheld is in these sums, and nothing exact of
    what has an error."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in (row for month in months for row in month.content):
        if row["sums"]:
            rows.setdefault(row["service"], []).append(row)
    years = [_sum_rows(of_service) for of_service in rows.values()]
    return sorted(years, key=lambda year: year.name)


def _sum_rows(rows: list[Mapping[str, Any]]) -> ServiceYear:
    """The months of one service, the latest last: its name is that of the latest."""
    number = sum(row["answers"] for row in rows)
    is_approximate = any(row.get("approximate", False) for row in rows)
    if is_approximate and number < MEANS_FROM:
        return ServiceYear(_name(rows[-1]), number, (), 0)
    sums = {q: sum(row["sums"][q] for row in rows) for q in QUESTIONS}
    means = tuple(_mean(sums[q], number, is_approximate=is_approximate) for q in QUESTIONS)
    share = Fraction(100 * sums["overall"], STEPS * number)
    return ServiceYear(_name(rows[-1]), number, means, float(rounding.half_up(share, 0) if is_approximate else share))
