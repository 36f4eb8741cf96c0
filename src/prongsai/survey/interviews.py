"""Interviews of many agencies that come in one table: sealed as soon as they are read, held until somebody confirms the
table, then stored like any other answers; and taken back as long as nobody opened them.

What somebody answered is in no row that the table shows or keeps. The interviews of an agency are one batch, shuffled,
and never fewer than are opened together elsewhere: the list by which a batch is taken back singles nobody out of it.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Sum

from prongsai.people.actions import DomainError, log_audit
from prongsai.people.models import User
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import find_conflict
from prongsai.survey import codes
from prongsai.survey.actions import open_channel
from prongsai.survey.models import Channel, Envelope, InterviewBatch, Receipt, SealingKey
from prongsai.survey.queries import load_interviews_refusal
from prongsai.survey.sealing import SealedAnswers, find_key, seal_answers
from prongsai.survey.writer import insert_sealed

MOST_FORMS = 9_999  # a form's number has four digits: no number that the state or a phone company gave anybody fits
_RECEIPTS_PER_READ = 500
_random = secrets.SystemRandom()


@dataclass(frozen=True)
class SealedInterviews:
    """The interviews of one agency in a file: keyed digests of their forms' numbers, and what they were sealed to."""

    agency_id: int
    instrument: str
    slug: str
    sealed_to: int
    receipts: tuple[str, ...]
    contents: bytes


def digest_form(assessment_round: Round, instrument: str, agency_id: int, number: int) -> str:
    """The receipt of a form by its number: the same form counts once, whichever file it comes in."""
    return codes.digest_code("receipt", f"interview:{assessment_round.pk}:{instrument}:{agency_id}:{number}")


def find_received(receipts: Sequence[str]) -> set[str]:
    """Which of these forms were received before."""
    found: set[str] = set()
    for start in range(0, len(receipts), _RECEIPTS_PER_READ):
        some = Receipt.objects.filter(digest__in=receipts[start : start + _RECEIPTS_PER_READ])
        found |= set(some.values_list("digest", flat=True))
    return found


def count_imported(assessment_round: Round, agencies: Iterable[int] | None = None) -> Mapping[int, int]:
    """How many interviews of each agency came in tables."""
    batches = InterviewBatch.objects.filter(upload__round=assessment_round).exclude(digests=[])
    if agencies is not None:
        batches = batches.filter(agency__in=list(agencies))
    return dict(batches.order_by().values_list("agency").annotate(n=Sum("size")))


def find_channels(assessment_round: Round, instrument: str, agencies: Iterable[int]) -> dict[int, Channel]:
    """The open interview channel of each agency that has one."""
    found = Channel.objects.filter(
        round=assessment_round,
        instrument=instrument,
        agency__in=list(agencies),
        kind=Channel.Kind.INTERVIEW,
        is_open=True,
    )
    return {channel.agency_id: channel for channel in found.order_by("-pk")}


def seal_interviews(
    *,
    key: SealingKey,
    agency_id: int,
    instrument: str,
    slug: str,
    answers: Sequence[bytes],
    receipts: Iterable[str],
) -> SealedInterviews:
    """Seal the answers of one agency's interviews, in an order that nobody knows."""
    shuffled = _random.sample(answers, len(answers))
    contents = b"".join(seal_answers(one, key.public_key, slug) for one in shuffled)
    return SealedInterviews(agency_id, instrument, slug, key.pk, tuple(sorted(receipts)), contents)


def hold_batches(*, upload_id: int, sealed: Iterable[SealedInterviews]) -> None:
    """Hold what a file of a table has until somebody decides on it."""
    batches = [
        InterviewBatch(
            upload_id=upload_id,
            agency_id=one.agency_id,
            instrument=one.instrument,
            slug=one.slug,
            sealed_to_id=one.sealed_to,
            size=len(one.receipts),
            receipts=list(one.receipts),
            contents=one.contents,
        )
        for one in sealed
    ]
    InterviewBatch.objects.bulk_create(batches, batch_size=200)


def discard_batches(*, upload_id: int, codes: Sequence[str] | None = None) -> None:
    """Destroy what is held for a table that nobody applies, or for some agencies in it."""
    held = InterviewBatch.objects.filter(upload=upload_id, digests=[])
    (held if codes is None else held.filter(agency__code__in=codes)).delete()


def store_batch(*, assessment_round: Round, agency: Agency, upload_id: int, by: User) -> int:
    """Store the interviews of an agency that a table has, as envelopes and receipts; returns how many. Raises
    DomainError where the rules forbid it by now, and nothing is stored."""
    if reason := load_interviews_refusal(assessment_round)(agency) or find_conflict(by, agency):
        raise DomainError(reason)
    with transaction.atomic():
        batch = _lock_batch(agency, upload_id)
        if batch.digests:
            raise DomainError("ชุดสัมภาษณ์ของหน่วยงานนี้ในไฟล์บันทึกไปแล้ว")
        key = find_key(assessment_round.pk)
        if key is None or key.pk != batch.sealed_to_id:
            raise DomainError("กุญแจของรอบเปลี่ยนหลังจากที่อ่านไฟล์ ใส่ไฟล์อีกครั้ง")
        if find_received(batch.receipts):
            raise DomainError("บางชุดนำเข้าจากไฟล์อื่นไปแล้วหลังจากที่อ่านไฟล์นี้ ใส่ไฟล์อีกครั้งเพื่อดูของล่าสุด")
        channel = _find_or_open_channel(assessment_round, batch, agency, by)
        length = len(batch.contents) // batch.size
        contents = [bytes(batch.contents[k : k + length]) for k in range(0, len(batch.contents), length)]
        sealed = [SealedAnswers(batch.sealed_to_id, content) for content in contents]
        if not insert_sealed(channel=channel, answers=sealed, receipts=batch.receipts):
            raise DomainError("แบบวัดเพิ่งปิดรับ ชุดสัมภาษณ์ไม่ถูกบันทึก")
        batch.digests, batch.contents = sorted(map(_digest, contents)), b""
        batch.save(update_fields=["digests", "contents"])
        log_audit(
            by=by,
            action="survey.enter_batch",
            subject=f"ช่องทาง {channel.pk}",
            agency=agency.code,
            detail={"rows": batch.size},
        )
    return batch.size


def take_back_batch(*, assessment_round: Round, agency: Agency, upload_id: int, by: User) -> int:
    """Take back the interviews of an agency that a table brought, all of them, while every one is still sealed; returns
    how many. Raises DomainError."""
    if reason := load_interviews_refusal(assessment_round)(agency):
        raise DomainError(reason)
    with transaction.atomic():
        batch = _lock_batch(agency, upload_id)
        channel = Channel.objects.select_for_update().get(slug=batch.slug)
        wanted = set(batch.digests)
        waiting = Envelope.objects.filter(channel=channel, sealed_to=batch.sealed_to_id)
        found = [pk for pk, content in waiting.values_list("pk", "content") if _digest(bytes(content)) in wanted]
        if len(found) != batch.size:
            raise DomainError("เปิดซองคำตอบของช่องทางนี้แล้ว จึงถอนไม่ได้")
        Envelope.objects.filter(pk__in=found).delete()
        Receipt.objects.filter(channel=channel, digest__in=batch.receipts).delete()
        log_audit(
            by=by,
            action="survey.take_back_batch",
            subject=f"ช่องทาง {channel.pk}",
            agency=agency.code,
            detail={"rows": batch.size},
        )
        batch.delete()
    return len(found)


def _lock_batch(agency: Agency, upload_id: int) -> InterviewBatch:
    batch = InterviewBatch.objects.select_for_update().filter(upload=upload_id, agency=agency).first()
    if batch is None:
        raise DomainError("ไม่มีชุดสัมภาษณ์ของหน่วยงานนี้ที่รอบันทึกแล้ว ใส่ไฟล์อีกครั้ง")
    return batch


def _find_or_open_channel(assessment_round: Round, batch: InterviewBatch, agency: Agency, by: User) -> Channel:
    """The channel that a batch was sealed for. Raises DomainError where another one was opened or it was closed."""
    channel = find_channels(assessment_round, batch.instrument, [agency.pk]).get(agency.pk)
    if channel is None and not Channel.objects.filter(slug=batch.slug).exists():
        return open_channel(
            assessment_round=assessment_round,
            agency=agency,
            instrument=batch.instrument,
            kind=Channel.Kind.INTERVIEW,
            by=by,
            slug=batch.slug,
        )
    if channel is None or channel.slug != batch.slug:
        raise DomainError("ช่องทางสัมภาษณ์ของหน่วยงานเปลี่ยนหลังจากที่อ่านไฟล์ ใส่ไฟล์อีกครั้ง")
    return channel


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
