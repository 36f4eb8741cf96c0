"""Consultations: an agency asks for opinions, people choose and write without a name, an officer reads what they wrote
by a rule that they see, and after the closing day the agency publishes what was heard and what it decided.

No number and no opinion is shown before the closing day has passed, to the agency either but for texts to be read. What
is counted is the same at each publication, since nothing is added after the closing day."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from prongsai.lib import fiscal
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.people.trail import log_audit
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.sites import sealing
from prongsai.sites.models import REFERENCE_LETTERS
from prongsai.sites.opinions import Consultation, Opinion
from prongsai.sites.queries import SMALLEST_SHOWN, withhold
from prongsai.sites.wording import clean_text, say

MAX_CHOICES, MAX_CHOICE = 10, 200
MAX_OPINION, MAX_REPORT, MAX_REASON = 3_000, 8_000, 300  # letters
MAX_OPINIONS = 20_000  # of one consultation: beyond that somebody floods it
MAX_DAYS = 366  # that one is open


def is_open(consultation: Consultation) -> bool:
    """Whether it takes opinions today."""
    return consultation.opened_on is not None and today() <= consultation.closes_on


def has_closed(consultation: Consultation) -> bool:
    return consultation.opened_on is not None and today() > consultation.closes_on


def public_consultations(agency: Agency) -> QuerySet[Consultation]:
    """Those that were opened, the latest to close first."""
    return Consultation.objects.filter(agency=agency, opened_on__isnull=False)


def consultations_of_year(agency: Agency, fiscal_year: int) -> QuerySet[Consultation]:
    """Those that took opinions on a day of a fiscal year, the latest to close first."""
    if not 2000 < fiscal_year < 4000:  # an address may have any number
        return Consultation.objects.none()
    first, last = fiscal.first_day(fiscal_year), fiscal.last_day(fiscal_year)
    return public_consultations(agency).filter(opened_on__lte=last, closes_on__gte=first)


def admitted_opinions(consultation: Consultation) -> QuerySet[Opinion]:
    """The texts that are published with the result, in no order of arrival."""
    return consultation.opinions.filter(status=Opinion.Status.ADMITTED).exclude(text="")


def pending_opinions(consultation: Consultation) -> QuerySet[Opinion]:
    """Texts that nobody has read yet, in no order of arrival."""
    return consultation.opinions.filter(status=Opinion.Status.PENDING).exclude(text="")


# --- the agency


def save_consultation(*, consultation: Consultation, by: User) -> Consultation:
    """Store a consultation that is being written; of one that was opened the closing day alone may change, and not once
    it has passed: people answered what they read. Raises DomainError."""
    with transaction.atomic():
        stored = Consultation.objects.select_for_update().filter(pk=consultation.pk).first()
        if stored is not None and stored.opened_on is not None:
            if has_closed(stored):
                raise DomainError("เรื่องนี้ปิดรับความคิดเห็นแล้ว แก้ไม่ได้")
            stored.closes_on, consultation = consultation.closes_on, stored
        if consultation.closes_on < today() or (consultation.closes_on - today()).days > MAX_DAYS:
            raise DomainError(f"วันปิดรับต้องเป็นวันนี้หรือหลังจากนี้ ไม่เกิน {MAX_DAYS} วัน")
        consultation.changed_by = by
        consultation.save()
        _audit(consultation, "sites.save_consultation", by, closes=str(consultation.closes_on))
    return consultation


def open_consultation(*, consultation: Consultation, by: User) -> Consultation:
    """Ask the public. Raises DomainError where the closing day has passed, or it was opened before."""
    with transaction.atomic():
        consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
        if consultation.opened_on is not None:
            raise DomainError("เรื่องนี้เปิดรับความคิดเห็นไปแล้ว")
        if consultation.closes_on < today():
            raise DomainError("วันปิดรับผ่านไปแล้ว แก้วันปิดรับก่อน")
        consultation.opened_on, consultation.changed_by = today(), by
        consultation.save()
        _audit(consultation, "sites.open_consultation", by, closes=str(consultation.closes_on))
    return consultation


def read_opinion(*, opinion: Opinion, reason: str, by: User) -> Opinion:
    """Admit an opinion, or withhold it for a reason that its author reads; another decision replaces it until the
    result is published. Raises DomainError."""
    reason = clean_text(reason, MAX_REASON, "เหตุผล", required=False)
    with transaction.atomic():
        consultation = Consultation.objects.select_for_update().get(pk=opinion.consultation_id)
        if not has_closed(consultation):
            raise DomainError("อ่านได้เมื่อพ้นวันปิดรับความคิดเห็นแล้ว")
        if consultation.published_on is not None:
            raise DomainError("เผยแพร่ผลแล้ว นำผลกลับมาแก้ก่อน")
        opinion.status, opinion.reason = Opinion.Status.WITHHELD if reason else Opinion.Status.ADMITTED, reason
        opinion.save(update_fields=["status", "reason"])
        _audit(consultation, f"sites.{'withhold' if reason else 'admit'}_opinion", by)
    return opinion


def publish_result(*, consultation: Consultation, heard: str, decided: str, by: User) -> Consultation:
    """Publish what was heard and what was decided. Raises DomainError before the closing day has passed, while texts
    are unread, or where it is published."""
    heard = clean_text(heard, MAX_REPORT, "สรุปสิ่งที่ได้รับฟัง")
    decided = clean_text(decided, MAX_REPORT, "สิ่งที่หน่วยงานตัดสินใจ")
    with transaction.atomic():
        consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
        if not has_closed(consultation):
            raise DomainError("เผยแพร่ได้เมื่อพ้นวันปิดรับความคิดเห็นแล้ว")
        if consultation.published_on is not None:
            raise DomainError("มีผู้เผยแพร่ผลเรื่องนี้ไปแล้ว")
        if pending_opinions(consultation).exists():
            raise DomainError("ยังมีความคิดเห็นที่ยังไม่ได้อ่าน อ่านให้ครบก่อน")
        # what was counted stays, also when opinions were destroyed meanwhile
        consultation.result = consultation.result or count_result(consultation)
        consultation.heard, consultation.decided = heard, decided
        consultation.published_on, consultation.changed_by = today(), by
        consultation.save()
        _audit(consultation, "sites.publish_consultation", by)
    return consultation


def withdraw_result(*, consultation: Consultation, by: User) -> Consultation:
    """Take a published result back to correct its words: the way back. Numbers stay as they were."""
    with transaction.atomic():
        consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
        if consultation.published_on is None:
            raise DomainError("ผลเรื่องนี้ไม่ได้เผยแพร่อยู่")
        consultation.published_on, consultation.changed_by = None, by
        consultation.save()
        _audit(consultation, "sites.withdraw_consultation", by)
    return consultation


def _audit(consultation: Consultation, action: str, by: User, **detail: Any) -> None:
    agency = consultation.agency.code
    log_audit(by=by, action=action, subject=f"รับฟังความคิดเห็นที่ {consultation.pk}", agency=agency, detail=detail)


# --- who gives an opinion


def give_opinion(*, consultation: Consultation, choice: int | None, text: str, token: str) -> Opinion:
    """Store an opinion, once, however often its page is sent. Raises DomainError."""
    text = clean_text(text, MAX_OPINION, "ความคิดเห็น", required=False)
    if not is_open(consultation):
        raise DomainError(say("เรื่องนี้ปิดรับความคิดเห็นแล้ว", "This consultation is closed."))
    if choice is not None and not 0 <= choice < len(consultation.choices):
        raise DomainError(say("เลือกจากตัวเลือกที่มี", "Choose one of the choices."))
    if choice is None and not text:
        raise DomainError(say("เลือกหรือเขียนอย่างน้อยหนึ่งอย่าง", "Choose or write something."))
    if len(token) != REFERENCE_LETTERS:
        raise DomainError(say("หน้านี้ไม่สมบูรณ์ กดส่งอีกครั้ง", "This page is incomplete. Send again."))
    if consultation.opinions.count() >= MAX_OPINIONS:
        thai = "มีความคิดเห็นจำนวนมากผิดปกติ จึงพักรับไว้ก่อน"
        raise DomainError(say(thai, "Unusually many opinions came. Try again later."))
    # what is only chosen needs nobody to read it
    status = Opinion.Status.PENDING if text else Opinion.Status.ADMITTED
    values = {"consultation": consultation, "choice": choice, "text": text, "status": status}
    return Opinion.objects.get_or_create(token=token, defaults=values)[0]


def draw_token() -> str:
    return sealing.draw_letters(REFERENCE_LETTERS)


# --- the result


def count_result(consultation: Consultation) -> dict[str, Any]:
    """What may be published of the numbers, as ``Consultation.result``."""
    rows = consultation.opinions.values_list("choice", "text", "status")
    chosen = Counter(choice for choice, _, _ in rows)
    texts = Counter(status for _, text, status in rows if text)
    return {
        **show_numbers([chosen[number] for number in range(len(consultation.choices))], chosen[None]),
        "opinions": texts[Opinion.Status.ADMITTED],  # everybody can count those: they are published
        "withheld": withhold(texts[Opinion.Status.WITHHELD]),
    }


def show_numbers(groups: list[int], none: int) -> dict[str, Any]:
    """How many took each choice, none of them, and took part, small numbers withheld. Over groups of which one is
    withheld there is no total: it would give that one away."""
    shown = [withhold(number) for number in (*groups, none)]
    total = withhold(sum(groups) + none) if None not in shown else None
    return {"choices": shown[:-1], "none": shown[-1], "total": total}


def sum_shown(result: dict[str, Any] | None) -> int:
    """How many took part at least: the sum of the numbers that a result shows."""
    return sum(number or 0 for number in (*result["choices"], result["none"])) if result else 0


@dataclass(frozen=True)
class ChoiceRow:
    """A choice in a published result: None where so few took it that it is not shown."""

    name: str
    number: int | None
    share: float  # of the largest that is shown, in per cent


def list_choices(consultation: Consultation, result: dict[str, Any] | None) -> list[ChoiceRow]:
    """The choices of a result as ``Consultation.result``; none without."""
    if not consultation.choices or not result:
        return []
    names = [*consultation.choices, say("ไม่ได้เลือกข้อใด", "Chose none")]
    numbers = [*result["choices"], result["none"]]
    most = max((number for number in numbers if number), default=SMALLEST_SHOWN)
    return [ChoiceRow(name, number, 100 * (number or 0) / most) for name, number in zip(names, numbers, strict=True)]
