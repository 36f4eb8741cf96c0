"""Every write of the survey room: populations, channels, cards, interviews, sealing and destruction."""

import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from prongsai.framework import Framework
from prongsai.intake.files import PAGE_LIMITS, read_rows
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import NO_LEASE, Lease
from prongsai.jobs.models import Job
from prongsai.lib import fiscal, lines, qr, thai
from prongsai.lib.stored_files import sync_folder
from prongsai.lib.typeset import pdf
from prongsai.machines import files
from prongsai.machines.locks import hold_lock
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.background import BackgroundAction, background_action
from prongsai.people.models import AuditEntry, Proposal, User
from prongsai.publiclog.actions import append_entry
from prongsai.registry.actions import check_order
from prongsai.registry.models import Agency, Round
from prongsai.registry.queries import find_phase, load_round_framework, officers_of, path_of, today
from prongsai.survey import codes, key_shares, sealing, tokens
from prongsai.survey.key_shares import Share
from prongsai.survey.mixing import MIN_BATCH, EnvelopeError
from prongsai.survey.models import (
    Channel,
    Code,
    DayTotal,
    Envelope,
    InterviewBatch,
    Invitation,
    Population,
    Receipt,
    Response,
    Seal,
    SealingKey,
    SignalReport,
    SpentToken,
    SurveyReopening,
)
from prongsai.survey.queries import (
    PHASE,
    count_received,
    count_refused,
    count_totals,
    count_unreadable,
    find_closed_reason,
    find_reopening,
    find_reopening_refusal,
    find_too_little_answered,
    list_reopened,
    open_reopenings,
)
from prongsai.survey.questions import UNANSWERED, count_options, list_questions, parse_answers
from prongsai.survey.writer import Outcome, Submission, store_submissions

TYPST_FOLDER = Path(__file__).parent
MAX_RECIPIENTS = 100  # of one mailing
MAX_MAILINGS_PER_DAY = 10
MAX_POPULATION = 9_999_999
MAX_HOLDER_LETTERS = 120
ROWS_PER_CHUNK = 50_000  # responses read and written at a time when sealing
_CHANNELS_PER_PROGRESS, _CHANNELS_PER_DELETION, _RECEIPTS_PER_READ = 50, 100, 5_000


def set_population(*, assessment_round: Round, agency: Agency, instrument: str, size: int, by: User) -> bool:
    """Record how many people an instrument has to ask at an agency, as its officer states; returns whether that is new.
    Once the office fixed a roll, that is the number."""
    if instrument not in {i.id for i in load_round_framework(assessment_round).survey_instruments()}:
        raise DomainError(f"หลักเกณฑ์ปี {assessment_round.fiscal_year} ไม่มีแบบวัด {instrument}")
    if not 1 <= size <= MAX_POPULATION:
        raise DomainError(f"จำนวนคนต้องอยู่ระหว่าง 1 ถึง {MAX_POPULATION:,}")
    key: dict[str, Any] = {"round": assessment_round, "agency": agency, "instrument": instrument}
    if Population.objects.filter(**key, size=size).exists():
        return False
    with transaction.atomic():
        if Population.objects.select_for_update().filter(**key, roll__isnull=False).exists():
            raise DomainError(f"{instrument}: สำนักงานกลางตั้งบัญชีจำนวนคนแล้ว ถ้าไม่ตรง แจ้งสำนักงานกลางให้แก้บัญชี")
        Population.objects.update_or_create(**key, defaults={"size": size})
        log_audit(
            by=by,
            action="survey.set_population",
            subject=f"รอบ {assessment_round.fiscal_year} {instrument}",
            agency=agency.code,
            detail={"people": size},
        )
    return True


def clear_population(*, assessment_round: Round, agency: Agency, instrument: str, by: User) -> None:
    """Take back a number that was stated by mistake; once the office fixed a roll there is none to take back."""
    with transaction.atomic():
        stated = Population.objects.select_for_update().filter(
            round=assessment_round, agency=agency, instrument=instrument
        )
        if stated.filter(roll__isnull=False).exists():
            raise DomainError(f"{instrument}: สำนักงานกลางตั้งบัญชีจำนวนคนแล้ว แก้ที่บัญชี")
        stated.delete()
        log_audit(
            by=by,
            action="survey.clear_population",
            subject=f"รอบ {assessment_round.fiscal_year} {instrument}",
            agency=agency.code,
        )


def open_channel(
    *, assessment_round: Round, agency: Agency, instrument: str, kind: str, by: User | None, slug: str = ""
) -> Channel:
    """Open a channel to an agency's form. ``slug``: the one that answers were sealed for before there was a channel."""
    with transaction.atomic():
        assessment_round = Round.objects.select_for_update().get(pk=assessment_round.pk)  # sealing waits, or has begun
        check_channel_may_open(assessment_round=assessment_round, instrument=instrument, kind=kind, agency=agency)
        created = _seal_from_the_first_channel(assessment_round)
        channel = Channel.objects.create(
            round=assessment_round,
            agency=agency,
            instrument=instrument,
            kind=Channel.Kind(kind),
            slug=slug or codes.generate_code(codes.SLUG_LENGTH),
            reopening=find_reopening(assessment_round, agency),
        )
        log_audit(
            by=by,
            action="survey.open_channel",
            subject=f"ช่องทาง {channel.pk} {instrument}",
            agency=agency.code,
            detail={"kind": kind},
        )
        if created is not None:
            _log_key(assessment_round, created, "created")
    return channel


def _seal_from_the_first_channel(assessment_round: Round) -> SealingKey | None:
    """A round that begins has a key to seal to: that of the institutions, or else one of its own, which is returned.
    A round that already has channels and no key goes on as it began, until somebody makes it a key."""
    has_keys = SealingKey.objects.filter(round=assessment_round).exists()
    if has_keys or Channel.objects.filter(round=assessment_round).exists():
        return None
    try:
        return sealing.create_own_key(assessment_round.pk)
    except OSError as error:
        raise DomainError(f"สร้างกุญแจปิดผนึกคำตอบไม่ได้ จึงยังเปิดช่องทางไม่ได้: {error}") from error


def check_channel_may_open(*, assessment_round: Round, instrument: str, kind: str, agency: Agency) -> None:
    """Raises DomainError when no channel of a kind can be opened to an instrument's form of an agency in a round;
    changes nothing. After the seal only where its survey was opened again. A link that was opened before the rules said
    anything of links stays what it is."""
    framework = load_round_framework(assessment_round)
    if instrument not in {i.id for i in framework.survey_instruments()}:
        raise DomainError(f"หลักเกณฑ์ปี {assessment_round.fiscal_year} ไม่มีแบบวัด {instrument}")
    is_interviewed = framework.instruments[instrument].collected_by == "assessor"
    if (kind == Channel.Kind.INTERVIEW) != is_interviewed:
        collector = "ผู้ประเมิน" if is_interviewed else "หน่วยงาน"
        raise DomainError(f"{instrument} {collector}เป็นผู้เก็บ เปิดช่องทางนี้ไม่ได้")
    if kind == Channel.Kind.LINK and not framework.allows_open_link(instrument):
        raise DomainError(
            f"หลักเกณฑ์ปี {assessment_round.fiscal_year} ไม่ให้ {instrument} ใช้ลิงก์สาธารณะ "
            "เพราะลิงก์กันคนเดียวตอบหลายครั้งไม่ได้ ใช้บัตรรหัสใช้ครั้งเดียวแทน"
        )
    if Seal.objects.filter(round=assessment_round).exists() and find_reopening(assessment_round, agency) is None:
        raise DomainError("รอบนี้ปิดผนึกคำตอบแล้ว")
    if assessment_round.status == Round.Status.CLOSED:
        raise DomainError("รอบนี้ปิดแล้ว จึงเปิดแบบวัดไม่ได้")


def close_channel(*, channel: Channel, by: User) -> None:
    """Close a channel: its link and its unused codes no longer open the form. Answers that came through it count."""
    with transaction.atomic():
        channel.is_open = False
        channel.save(update_fields=["is_open"])
        log_audit(by=by, action="survey.close_channel", subject=f"ช่องทาง {channel.pk}", agency=channel.agency.code)


def replace_channel(*, channel: Channel, by: User) -> Channel:
    """Close a channel that leaked and open another of its kind."""
    with transaction.atomic():
        close_channel(channel=channel, by=by)
        return open_channel(
            assessment_round=channel.round,
            agency=channel.agency,
            instrument=channel.instrument,
            kind=channel.kind,
            by=by,
        )


def print_poster(*, channel: Channel, site: str) -> bytes:
    """A poster with the channel's QR code, the fiscal year and the last day of the survey, as PDF."""
    address = f"{site}/s/{channel.slug}/"
    framework = load_round_framework(channel.round)
    data = {
        "title": f"ป้ายชวนตอบแบบวัด {channel.agency}",
        "agency": channel.agency.name_th,
        "address": address.partition("://")[2],
        "form": lines.units(framework.instruments[channel.instrument].label.th),  # broken at the ends of words alone
        "qr": qr.draw_svg(address),
        "year": str(channel.round.fiscal_year),
        "closes": _describe_closing(channel),
    }
    return pdf(TYPST_FOLDER / "poster.typ", data)


def _describe_closing(channel: Channel) -> str:
    """Until which day a survey takes answers, in Thai; empty while the calendar does not say it."""
    phase = find_phase(channel.round, PHASE, channel.agency)
    return f"ตอบได้ถึงวันที่ {thai.date(phase.ends)}" if phase is not None and phase.ends else ""


def send_reminders(*, channel: Channel, typed: str, site: str, by: User) -> int:
    """Mail the link of a channel to each address in a typed list, one message each; returns how many were sent. The
    addresses are stored nowhere, not even in a queue; the audit trail has their number."""
    if channel.kind != Channel.Kind.LINK or not channel.is_open:
        raise DomainError("ส่งทางอีเมลได้เฉพาะลิงก์ที่เปิดอยู่")
    if reason := find_closed_reason(channel):
        raise DomainError(reason.th)
    recent_mailings = AuditEntry.objects.filter(
        action="survey.remind", agency=channel.agency.code, at__gte=timezone.now() - timedelta(days=1)
    )
    if recent_mailings.count() >= MAX_MAILINGS_PER_DAY:
        raise DomainError(f"วันนี้ส่งไปแล้ว {MAX_MAILINGS_PER_DAY} ครั้ง ส่งต่อได้พรุ่งนี้ หรือคัดลอกข้อความไปส่งเอง")
    addresses = list(dict.fromkeys(re.split(r"[\s,;]+", typed.strip()))) if typed.strip() else []
    if not 1 <= len(addresses) <= MAX_RECIPIENTS:
        raise DomainError(f"ใส่ที่อยู่อีเมล 1 ถึง {MAX_RECIPIENTS} แห่งต่อครั้ง ที่พิมพ์มามี {len(addresses)}")
    if invalid := [a for a in addresses if not _is_email_address(a)]:
        raise DomainError(f"ไม่ใช่ที่อยู่อีเมล: {', '.join(a[:60] for a in invalid[:10])} ยังไม่ได้ส่งฉบับใด")
    text = (
        f"ขอเชิญตอบแบบวัดความเห็นต่อ {channel.agency.name_th}\n\n"
        "ใช้เวลาราวสองนาที ไม่ถามชื่อ และไม่มีใครรู้ว่าใครตอบอะไร\n\n"
        f"ตอบที่ {site}/s/{channel.slug}/\n\nหากตอบแล้ว ขอบคุณ และไม่ต้องตอบซ้ำ"
    )
    subject = f"ชวนตอบแบบวัด {channel.agency.name_th}"
    log_audit(
        by=by,
        action="survey.remind",
        subject=f"ช่องทาง {channel.pk}",
        agency=channel.agency.code,
        detail={"letters": len(addresses)},
    )
    try:
        return get_connection().send_messages([EmailMessage(subject, text, None, [a]) for a in addresses]) or 0
    except OSError as error:
        raise DomainError("ระบบส่งอีเมลไม่ได้ในขณะนี้ บางฉบับอาจส่งไปแล้ว ลองใหม่ภายหลัง หรือคัดลอกข้อความไปส่งเอง") from error


def _is_email_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def import_interviews(*, channel: Channel, path: Path, by: User) -> tuple[int, list[str]]:
    """Store interviews from a spreadsheet: a row each, columns named as the questions, choices counted from 1. All rows
    or none: with any problem nothing is stored. Returns how many rows the file has, and the problems by row. Raises
    UnreadableError."""
    submissions, problems = _read_interviews(channel, path)
    if problems:
        return 0, problems

    def log_import(outcomes: list[Outcome]) -> None:
        if "closed" in outcomes:
            raise DomainError("แบบวัดเพิ่งปิดรับ ไม่มีแถวใดถูกบันทึก")
        log_audit(
            by=by,
            action="survey.enter_batch",
            subject=f"ช่องทาง {channel.pk}",
            agency=channel.agency.code,
            detail={"rows": outcomes.count("stored")},
        )

    return len(store_submissions(submissions, before_commit=log_import)), []


def _read_interviews(channel: Channel, path: Path) -> tuple[list[Submission], list[str]]:
    """The submissions in a spreadsheet and the problems by row."""
    questions = list_questions(load_round_framework(channel.round), channel.instrument)
    rows = [r for r in read_rows(path, limits=PAGE_LIMITS) if any(c.strip() for c in r.cells)]
    header = [c.strip() for c in rows[0].cells] if rows else []
    missing_columns = [q.column for q in questions if q.column not in header]
    if missing_columns:
        return [], [f"หัวตารางขาดคอลัมน์ {', '.join(missing_columns[:20])}"]
    submissions, problems = [], []
    file_digest = _digest_file(path)
    for row in rows[1:]:
        posted = dict(zip(header, map(_parse_choice, row.cells), strict=False))
        answers, _, missing = parse_answers(questions, posted)
        if missing:
            problems.append(f"{row.place}: ไม่มีคำตอบ หรือไม่ใช่ตัวเลือก ที่ข้อ {', '.join(missing[:10])}")
        # the same row of the same file has the same receipt: importing it twice counts once
        receipt = codes.digest_code("receipt", f"{channel.pk}:{file_digest}:{row.place}")
        submissions.append(Submission(channel, answers, receipt, None))
    return submissions, problems or ([] if submissions else ["ไม่มีแถวข้อมูลใต้หัวตาราง"])


def _parse_choice(cell: str) -> str:
    """A choice counted from 1, as a form posts it: counted from 0. Empty when it is none."""
    text = cell.strip().removesuffix(".0")
    return str(int(text) - 1) if text.isascii() and text.isdecimal() and int(text) > 0 else ""


# --- the nation's totals


def note_totals(*, on: date) -> DayTotal:
    """Note how many answers the nation has; what was noted for a day stays, whoever asks how often."""
    acknowledged, mixed = count_totals()
    return DayTotal.objects.get_or_create(day=on, defaults={"acknowledged": acknowledged, "mixed": mixed})[0]


# --- the key that answers are sealed to


def create_key(*, assessment_round: Round, by: User | None) -> None:
    """Make a round a new key of its own, in the key folder."""
    with new_key(assessment_round=assessment_round, holders=(), threshold=1, by=by):
        pass


@contextmanager
def new_key(
    *, assessment_round: Round, holders: Sequence[str], threshold: int, by: User | None
) -> Iterator[list[Share]]:
    """A new key that a round's answers are sealed to afterwards, and what each institution keeps of it, which is stored
    nowhere: who can't hand that over raises, and there is no key. Without holders the key lies in the key folder. What
    was sealed or waits already is opened as it was meant to be."""
    names = [" ".join(name.split()) for name in holders]
    if len(set(names)) < len(names) or not all(0 < len(n) <= MAX_HOLDER_LETTERS for n in names):
        raise DomainError(f"ชื่อสถาบันต้องไม่ซ้ำกัน และยาว 1 ถึง {MAX_HOLDER_LETTERS} ตัวอักษร")
    with transaction.atomic():
        assessment_round = Round.objects.select_for_update().get(pk=assessment_round.pk)
        if _has_stopped(assessment_round.pk):
            raise DomainError("รอบนี้ปิดผนึกคำตอบแล้ว")
        if names:
            key, shares = _create_split_key(assessment_round, names, threshold)
        else:
            key, shares = sealing.create_own_key(assessment_round.pk), []
        log_audit(
            by=by,
            action="survey.create_key",
            subject=f"รอบ {assessment_round.fiscal_year}",
            detail={"key": key.public_key, "holders": names, "threshold": key.threshold},
        )
        _log_key(assessment_round, key, "created")
        yield shares


def _log_key(assessment_round: Round, key: SealingKey, act: str) -> None:
    """Which key answers are sealed to stands in the public log: a device that was shown another one holds the proof."""
    append_entry(
        kind="sealing_key",
        data={
            "assessment": assessment_round.assessment_id,
            "fiscal_year": assessment_round.fiscal_year,
            "act": act,
            "key": key.public_key,
            "holders": key.holders,
            "threshold": key.threshold,
        },
    )


def _has_stopped(round_id: int) -> bool:
    """Whether a round is sealed, and no survey of it was opened again."""
    is_sealed = Seal.objects.filter(round=round_id).exists()
    return is_sealed and not SurveyReopening.objects.filter(round=round_id, resealed=None).exists()


def _create_split_key(assessment_round: Round, names: Sequence[str], threshold: int) -> tuple[SealingKey, list[Share]]:
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw().hex()
    try:
        values = key_shares.split_secret(private.private_bytes_raw(), holders=len(names), threshold=threshold)
    except key_shares.ShareError as error:
        raise DomainError(str(error)) from error
    key = SealingKey.objects.create(round=assessment_round, public_key=public, holders=list(names), threshold=threshold)
    return key, [
        Share(
            assessment=assessment_round.assessment_id,
            fiscal_year=assessment_round.fiscal_year,
            public_key=public,
            holder=name,
            number=number,
            holders=len(names),
            threshold=threshold,
            value=value,
        )
        for number, (name, value) in enumerate(zip(names, values, strict=True), 1)
    ]


def copy_own_key(*, key: SealingKey, by: User | None) -> Share:
    """A copy of a private key that lies in the key folder, to keep elsewhere: a share that opens it alone."""
    private = sealing.read_own_key(key)
    if private is None:
        raise DomainError("กุญแจนี้ไม่ได้อยู่ในโฟลเดอร์ keys ของเครื่องนี้ จึงทำสำเนาไม่ได้")
    log_audit(by=by, action="survey.copy_key", subject=f"รอบ {key.round.fiscal_year}", detail={"key": key.public_key})
    return Share(
        assessment=key.round.assessment_id,
        fiscal_year=key.round.fiscal_year,
        public_key=key.public_key,
        holder="สำเนาของสำนักงาน",
        number=1,
        holders=1,
        threshold=1,
        value=int.from_bytes(private.private_bytes_raw()),
    )


def join_key(*, assessment_round: Round, shares: Sequence[Share]) -> dict[int, X25519PrivateKey]:
    """The private key of a round, joined from shares: in memory alone. Raises DomainError."""
    if not shares:
        return {}
    try:
        secret = key_shares.join_shares(shares, _public_key_of)
    except key_shares.ShareError as error:
        raise DomainError(str(error)) from error
    private = X25519PrivateKey.from_private_bytes(secret)
    key = SealingKey.objects.filter(round=assessment_round, public_key=shares[0].public_key).first()
    if key is None:
        raise DomainError(f"ส่วนเหล่านี้เปิดกุญแจที่ไม่ใช่ของรอบปี {assessment_round.fiscal_year} นี้")
    return {key.pk: private}


def _public_key_of(secret: bytes) -> str:
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw().hex()


def give_up_key(*, key: SealingKey, by: User | None) -> int:
    """Give up a key that too few shares are left of: what is sealed to it is lost, and the seal goes on without.
    Returns how many answers. A round that still collects needs another key first."""
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=key.round_id)
        key = SealingKey.objects.select_for_update().get(pk=key.pk)
        if key.abandoned_on is not None:
            raise DomainError("กุญแจนี้ถูกสละไปแล้ว")
        newest = sealing.find_key(key.round_id)
        if newest is not None and newest.pk == key.pk and not _has_stopped(key.round_id):
            raise DomainError("กุญแจนี้ยังใช้รับคำตอบอยู่ สร้างกุญแจใหม่ให้รอบนี้ก่อน แล้วจึงสละกุญแจนี้")
        key.lost = Envelope.objects.filter(sealed_to=key).count()
        key.abandoned_on = timezone.localdate()
        key.save(update_fields=["lost", "abandoned_on"])
        log_audit(
            by=by,
            action="survey.give_up_key",
            subject=f"รอบ {key.round.fiscal_year}",
            detail={"key": key.public_key, "lost": key.lost},
        )
        _log_key(key.round, key, "given_up")
    return key.lost


# --- opening again what is sealed


def reopen_survey(
    *,
    assessment_round: Round,
    agency: Agency,
    closes_on: date,
    ground: str,
    number: str,
    dated: date,
    reason: str,
    by: User,
) -> SurveyReopening:
    """Open the survey of one agency again after the seal, by an order, until a day; of one that is open already, change
    the day. It takes answers through channels that are opened from now on, sealed to a key that exists: the server's
    own was overwritten at the seal. That nothing was computed of the round yet is the caller's to know."""
    order = check_order(ground=ground, number=number, dated=dated, reason=reason)
    if closes_on < today():
        raise DomainError("วันปิดรับผ่านไปแล้ว ใส่วันนี้หรือวันที่ยังมาไม่ถึง")
    with lock_sealing(assessment_round), transaction.atomic():
        assessment_round = Round.objects.select_for_update().get(pk=assessment_round.pk)
        if refusal := find_reopening_refusal(assessment_round, agency):
            raise DomainError(refusal)
        latest = Seal.objects.filter(round=assessment_round).first()
        reopening = find_reopening(assessment_round, agency)
        if reopening is None:
            reopening = SurveyReopening(round=assessment_round, agency=agency, seal=latest, by=by)
            _ensure_usable_key(assessment_round)
        for name, value in {**order, "closes_on": closes_on}.items():
            setattr(reopening, name, value)
        reopening.save()
        log_audit(
            by=by,
            action="survey.reopen",
            subject=f"รอบ {assessment_round.fiscal_year}",
            agency=agency.code,
            detail={**order, "dated": dated.isoformat(), "until": closes_on.isoformat()},
        )
        for officer in officers_of(agency):
            notify(
                user=officer,
                text=f"แบบวัดปี {assessment_round.fiscal_year} ของ {agency} เปิดใหม่ถึง {fiscal.short_date(closes_on)} ตาม{reopening.title}",
                url=path_of(
                    assessment_round.assessment_id, f"/desk/agency/{agency.code}/survey/{assessment_round.fiscal_year}/"
                ),
            )
    return reopening


def _ensure_usable_key(assessment_round: Round) -> None:
    """A key that somebody can open what is sealed to it from now on: split ones stay with their holders."""
    key = sealing.find_key(assessment_round.pk)
    if key is not None and (key.holders or sealing.read_own_key(key) is not None):
        return
    try:
        sealing.create_own_key(assessment_round.pk)
    except OSError as error:
        raise DomainError(f"สร้างกุญแจปิดผนึกคำตอบไม่ได้ จึงเปิดแบบวัดใหม่ไม่ได้: {error}") from error


# --- sealing


@contextmanager
def lock_sealing(assessment_round: Round) -> Iterator[None]:
    """Seal or destroy a round in one process at a time. Raises DomainError when another process does."""
    with ExitStack() as stack:
        try:
            stack.enter_context(hold_lock(f"seal-{assessment_round.pk}", wait=False))
        except BlockingIOError as error:
            raise DomainError("มีผู้กำลังปิดผนึกหรือทำลายคำตอบของรอบนี้อยู่ รอให้เสร็จก่อน") from error
        yield


def request_seal(*, assessment_round: Round, leave_out: bool = False, by: User) -> Job:
    """Have the answers of a round sealed in the background."""
    _require_not_destroyed(assessment_round)
    _require_enough_answers(assessment_round)
    _require_reopened_are_over(assessment_round, leave_out=leave_out)
    _find_private_keys(assessment_round, {})
    return _request(seal_in_background, assessment_round, leave_out, by=by)


def request_destruction(*, assessment_round: Round, by: User) -> Job | Proposal:
    """Have the raw answers of a sealed round destroyed in the background."""
    seal = _find_complete_seal(assessment_round)
    pk, names = assessment_round.pk, _name_job(assessment_round)
    return destroy_in_background.propose(str(pk), pk, seal.pk, by=by, **names)


def _request(action: BackgroundAction, assessment_round: Round, *arguments: Any, by: User) -> Job:
    pk = assessment_round.pk
    return action.request(str(pk), pk, *arguments, by=by, **_name_job(assessment_round))


def _name_job(assessment_round: Round) -> dict[str, str]:
    year, assessment = assessment_round.fiscal_year, assessment_round.assessment_id
    return {"about": f"รอบปี {year}", "assessment": assessment, "url": path_of(assessment, f"/desk/survey/{year}/")}


@background_action(title="หาสัญญาณของคำตอบที่ควรตรวจ", queue=Queue.COMPUTE)
def find_signals_in_background(lease: Lease, _: User, round_id: int) -> None:
    """``signals.find_signals`` for a page, which then shows them until they are looked for again."""
    from prongsai.survey import signals

    assessment_round = Round.objects.get(pk=round_id)
    found = [
        {"agency": s.agency.pk, "instrument": s.instrument, "reasons": s.reasons, "advice": s.advice}
        for s in signals.find_signals(assessment_round)
    ]
    with lease.write(finish=True):
        values = {"found_at": timezone.now(), "signals": found}
        SignalReport.objects.update_or_create(round=assessment_round, defaults=values)
        lease.outcome = f"พบสัญญาณของคำตอบที่ควรตรวจ {len(found):,} รายการ"


@background_action(title="ปิดผนึกคำตอบ", queue=Queue.COMPUTE)
def seal_in_background(lease: Lease, by: User, round_id: int, leave_out: bool = False) -> None:
    """``seal`` for a page."""
    assessment_round = Round.objects.get(pk=round_id)
    folder = assessment_round.parcels
    seal(assessment_round=assessment_round, folder=folder, by=by, leave_out=leave_out, lease=lease)


@background_action(title="ทำลายคำตอบดิบ", queue=Queue.COMPUTE, binds=True)
def destroy_in_background(lease: Lease, by: User, round_id: int, seal_id: int | None = None) -> None:
    """``destroy_raw_answers`` for a page, of the seal that was shown."""
    assessment_round = Round.objects.get(pk=round_id)
    if seal_id not in (None, _find_complete_seal(assessment_round).pk):
        raise DomainError("มีการปิดผนึกใหม่หลังจากที่สั่ง ดูสิ่งที่จะเกิดขึ้นอีกครั้งแล้วจึงสั่ง")
    destroy_raw_answers(assessment_round=assessment_round, folder=assessment_round.parcels, by=by, lease=lease)


def seal(
    *,
    assessment_round: Round,
    folder: Path,
    by: User | None,
    private_keys: Mapping[int, X25519PrivateKey] = MappingProxyType({}),
    leave_out: bool = False,
    lease: Lease = NO_LEASE,
) -> Seal:
    """Close every channel for good, open and shuffle what waits, and write the answers parcels. ``private_keys`` are
    those that institutions joined. Memory is bounded by the largest channel; the order of rows carries no information.
    A seal that was interrupted is completed by calling this again. Afterwards the server's own keys are destroyed.

    After surveys were opened again this is called once more, and writes the parcels anew. A channel of theirs with
    fewer than MIN_BATCH answers is not opened: refused, unless ``leave_out`` accepts that those are destroyed unread
    and not counted."""
    with lock_sealing(assessment_round):
        _require_not_destroyed(assessment_round)
        _require_enough_answers(assessment_round)
        _require_reopened_are_over(assessment_round, leave_out=leave_out)
        _leave_out_too_few(assessment_round)
        opening = _find_private_keys(assessment_round, private_keys)  # before anything is closed
        latest = _close_channels(assessment_round)
        opening |= _find_private_keys(assessment_round, opening)  # of answers that came meanwhile
        _open_remaining(assessment_round, opening, lease, leave_out=leave_out)
        digests, responses = _write_parcels(assessment_round, folder)
        lease.outcome = f"ปิดผนึกคำตอบรอบปี {assessment_round.fiscal_year} แล้ว {responses:,} ชุด คำนวณผลได้"
        if unreadable := count_unreadable(assessment_round):
            lease.outcome += f" ซองที่ข้างในไม่ใช่คำตอบ {unreadable:,} ซองไม่ถูกนับ"
        replaces = {"replaces": latest.replaces.files} if latest.replaces else {}
        with lease.write(finish=True):
            latest.responses, latest.files, latest.created_on = responses, digests, timezone.localdate()
            latest.save()
            log_audit(
                by=by,
                action="survey.seal",
                subject=f"รอบ {assessment_round.fiscal_year}",
                detail={"responses": responses, "files": digests}
                | ({"unreadable": unreadable} if unreadable else {})
                | replaces,
            )
            append_entry(
                kind="answers_seal",
                data={
                    "assessment": assessment_round.assessment_id,
                    "fiscal_year": assessment_round.fiscal_year,
                    "files": digests,
                }
                | replaces,
            )
        sealing.destroy_own_keys(assessment_round.pk)
        tokens.destroy_keys(assessment_round.pk)
    return latest


def _find_private_keys(assessment_round: Round, joined: Mapping[int, X25519PrivateKey]) -> dict[int, X25519PrivateKey]:
    """The private half of every key that answers of a round wait for: given, or of the key folder. Raises DomainError
    that says which is missing, who holds it and how many answers it opens."""
    found = dict(joined)
    for key in sealing.find_waiting(assessment_round.pk):
        private = found.get(key.pk) or sealing.read_own_key(key)
        if private is None or not sealing.fits(key, private):
            raise DomainError(_describe_missing_key(key))
        found[key.pk] = private
    return found


def _describe_missing_key(key: SealingKey) -> str:
    waiting = f"คำตอบ {Envelope.objects.filter(sealed_to=key).count():,} ชุดปิดผนึกด้วยกุญแจ {key.public_key[:8]}"
    if key.holders:
        return (
            f"{waiting} ซึ่งต้องใช้ {key.threshold} ส่วนจาก {len(key.holders)} ที่เก็บไว้กับ {' · '.join(key.holders)} "
            f"นำไฟล์มาที่เครื่องแม่ข่าย แล้วสั่ง prongsai keys open {key.round.fiscal_year} ตามด้วยชื่อไฟล์"
        )
    return (
        f"{waiting} ซึ่งควรอยู่ในโฟลเดอร์ keys แต่ไม่พบ คืนโฟลเดอร์นั้นแล้วปิดผนึกอีกครั้ง หรือใช้สำเนาที่ทำไว้: "
        f"prongsai keys open {key.round.fiscal_year} ตามด้วยชื่อไฟล์"
    )


@transaction.atomic
def _close_channels(assessment_round: Round) -> Seal:
    """From here on no channel opens, and none takes an answer."""
    Round.objects.select_for_update().get(pk=assessment_round.pk)
    _require_not_destroyed(assessment_round)
    reopened = SurveyReopening.objects.filter(round=assessment_round, resealed=None)
    latest = Seal.objects.filter(round=assessment_round).first()
    if latest is None or (latest.files and reopened.exists()):
        latest = Seal.objects.create(round=assessment_round, responses=0, files={}, replaces=latest)
    reopened.update(resealed=latest)
    InterviewBatch.objects.filter(upload__round=assessment_round, digests=[]).delete()  # never confirmed
    Channel.objects.filter(round=assessment_round).update(is_open=False)
    return latest


def _require_not_destroyed(assessment_round: Round) -> None:
    if Seal.objects.filter(round=assessment_round, destroyed_on__isnull=False).exists():
        raise DomainError("คำตอบดิบของรอบนี้ถูกทำลายแล้ว จึงปิดผนึกใหม่ไม่ได้")


def _require_enough_answers(assessment_round: Round) -> None:
    """The seal closes every form for good: not while most agencies have no answers. One that began goes on."""
    if Seal.objects.filter(round=assessment_round).exists():
        return
    if refusals := find_too_little_answered(assessment_round):
        raise DomainError(f"ปิดผนึกไม่ได้ เพราะหลังปิดผนึกรับคำตอบอีกไม่ได้: {'; '.join(refusals)}")


def _require_reopened_are_over(assessment_round: Round, *, leave_out: bool) -> None:
    """Nobody loses days that they were given, and too few answers are not opened unless that is what is wanted."""
    reopened = [r for r in list_reopened(assessment_round) if r.reopening.resealed is None]
    for one in reopened:
        if one.reopening.closes_on >= today():
            raise DomainError(
                f"แบบวัดของ{one.reopening.agency}ที่เปิดใหม่ยังรับคำตอบถึง {fiscal.short_date(one.reopening.closes_on)} "
                "ปิดผนึกได้ตั้งแต่วันถัดไป หรือเปลี่ยนวันปิดรับก่อน"
            )
    if not leave_out and (few := [(one, c, n) for one in reopened for c, n in one.too_few]):
        listed = ", ".join(f"{one.reopening.agency} {c.instrument} {n} ชุด" for one, c, n in few[:5])
        raise DomainError(
            f"ช่องทางที่เปิดใหม่มีคำตอบน้อยกว่า {MIN_BATCH} ชุด: {listed} เปิดแล้วอาจรู้ว่าใครตอบอะไร "
            "ขยายวันปิดรับ หรือยืนยันว่าให้ทำลายโดยไม่เปิดและไม่นับ"
        )


def _leave_out_too_few(assessment_round: Round) -> None:
    """Destroy what was too little to be opened: no key is needed for that."""
    for one in list_reopened(assessment_round):
        for channel, _ in one.too_few:
            _leave_out(channel)


def _leave_out(channel: Channel) -> None:
    """Close a channel and destroy what waits in it, unread, with its receipts: nobody is told that such an answer was
    counted."""
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel.pk)
        envelopes = Envelope.objects.filter(channel=channel)
        channel.left_out, channel.is_open = (channel.left_out or 0) + envelopes.count(), False
        channel.save(update_fields=["left_out", "is_open"])
        envelopes.delete()
        Receipt.objects.filter(channel=channel).delete()


def _open_remaining(
    assessment_round: Round, private_keys: Mapping[int, X25519PrivateKey], lease: Lease, *, leave_out: bool
) -> None:
    """Open every envelope of a round whose channels are closed, a channel in a transaction. Of a reopening only where
    enough answered: whoever compares the parcels of before and after sees no fewer than those together."""
    framework = load_round_framework(assessment_round)
    waiting = Envelope.objects.filter(channel__round=assessment_round).values("channel")
    channels = list(Channel.objects.filter(pk__in=waiting).select_related("agency"))
    for number, channel in enumerate(channels):
        if number % _CHANNELS_PER_PROGRESS == 0:
            lease.progress(number, len(channels), advances=number > 0)
        least = MIN_BATCH if channel.reopening_id else 0
        try:
            options = count_options(framework, channel.instrument)
            sealing.open_channel(channel=channel, options=options, private_keys=private_keys, least=least)
        except sealing.TooFewAnswers as error:
            if not leave_out:
                raise DomainError(
                    f"ช่องทางที่เปิดใหม่ของ{channel.agency} {channel.instrument} มีคำตอบที่อ่านได้น้อยกว่า {MIN_BATCH} ชุด "
                    "จึงไม่เปิด ยืนยันว่าให้ทำลายโดยไม่เปิดและไม่นับ แล้วปิดผนึกอีกครั้ง"
                ) from error
            _leave_out(channel)
        except EnvelopeError as error:
            raise DomainError(
                f"เปิดซองคำตอบของ {channel.agency} ไม่ได้ เพราะไม่มีกุญแจในโฟลเดอร์ keys คืนกุญแจแล้วปิดผนึกอีกครั้ง"
            ) from error


def _write_parcels(assessment_round: Round, folder: Path) -> tuple[dict[str, str], int]:
    """Write the parcels of a round; returns the digest of each by name, and the number of responses in them."""
    with files.write_folder(folder) as own:
        return _write_into(own, assessment_round, folder)


def _write_into(own: Path, assessment_round: Round, folder: Path) -> tuple[dict[str, str], int]:
    framework = load_round_framework(assessment_round)
    counts = {}
    for instrument in framework.survey_instruments():
        path = own / f"answers-{instrument.id}.parquet"
        counts[path] = _write_answers(framework, instrument.id, assessment_round, path)
        if not counts[path]:
            path.unlink()
            files.withdraw_file(folder / path.name)  # of a seal before
    populations = own / "headcounts.parquet"
    written = [path for path, count in counts.items() if count]
    if _write_populations(framework, assessment_round, populations):
        written.append(populations)
    collection = own / "collection.parquet"
    if _write_collection(assessment_round, collection):
        written.append(collection)
    _write_receipts(assessment_round, own / "receipts.txt")
    for path in (*written, own / "receipts.txt"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(own)
    return {path.name: _digest_file(path) for path in written}, sum(counts.values())


def _write_receipts(assessment_round: Round, path: Path) -> None:
    """The digests of a round's receipts, a line each, without ever holding a nation's."""
    receipts = Receipt.objects.filter(channel__round=assessment_round).order_by("digest")
    digests = receipts.values_list("digest", flat=True).iterator(_RECEIPTS_PER_READ)
    with path.open("w", encoding="ascii") as file:
        for number, digest in enumerate(digests):
            file.write(f"\n{digest}" if number else digest)


def _write_answers(framework: Framework, instrument: str, assessment_round: Round, path: Path) -> int:
    """Write the answers parcel of one instrument; returns the number of responses."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [c.name for c in framework.answer_columns(instrument)]
    schema = pa.schema([("agency", pa.string()), *((n, pa.uint8()) for n in names)])
    channels = Channel.objects.filter(round=assessment_round, instrument=instrument)
    agencies = dict(channels.values_list("pk", "agency__code"))
    count, draft = 0, path.with_suffix(".part")
    with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
        for rows in _read_responses(set(agencies)):
            table = np.frombuffer(b"".join(answers for _, answers in rows), np.uint8).reshape(len(rows), len(names))
            columns: list[Any] = [pa.array([agencies[channel] for channel, _ in rows], pa.string())]
            columns += [pa.array(table[:, k], mask=table[:, k] == UNANSWERED) for k in range(len(names))]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(rows)
    draft.replace(path)
    return count


def _read_responses(channels: set[int]) -> Iterator[list[tuple[int, bytes]]]:
    """Channel and answers of each response, in the order of random identifiers, ROWS_PER_CHUNK at a time."""
    responses = Response.objects.order_by("id").values_list("id", "channel_id", "answers")
    page = responses
    while rows := list(page[:ROWS_PER_CHUNK]):
        page = responses.filter(id__gt=rows[-1][0])
        selected = [(channel, bytes(answers)) for _, channel, answers in rows if channel in channels]
        rows.clear()  # before the next are read: two chunks at once are memory for nothing
        if selected:
            yield selected


def _write_populations(framework: Framework, assessment_round: Round, path: Path) -> int:
    """Write how many people each agency has to ask; returns the number of agencies. Without any there is no file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    surveys = [i.id for i in framework.survey_instruments()]
    populations: dict[str, dict[str, int]] = {}
    for p in Population.objects.filter(round=assessment_round).select_related("agency"):
        populations.setdefault(p.agency.code, {})[p.instrument] = p.size
    if populations:
        schema = pa.schema([("agency", pa.string()), *((s, pa.int64()) for s in surveys)])
        rows = [{"agency": a, **{s: p.get(s) for s in surveys}} for a, p in sorted(populations.items())]
        pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return len(populations)


def _write_collection(assessment_round: Round, path: Path) -> int:
    """Write by which way the answers of each agency's forms came in, and how many there are beside how many people;
    returns the number of forms. Without any there is no file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    channels = Channel.objects.filter(round=assessment_round).values_list(
        "agency", "agency__code", "instrument", "kind"
    )
    sizes = Population.objects.filter(round=assessment_round).values_list("agency", "instrument", "size")
    populations = {(agency, instrument): size for agency, instrument, size in sizes}
    received, refused = count_received(assessment_round), count_refused(assessment_round)
    kinds: dict[tuple[str, str, int], set[str]] = {}
    for agency, code, instrument, kind in channels:
        kinds.setdefault((code, instrument, agency), set()).add(kind)
    rows = [
        {
            "agency": code,
            "instrument": instrument,
            "open_link": Channel.Kind.LINK in found,
            "answers": received[agency, instrument],
            "population": populations.get((agency, instrument)),
            "refused": refused[agency, instrument],
        }
        for (code, instrument, agency), found in sorted(kinds.items())
    ]
    if rows:
        texts, numbers = ("agency", "instrument"), ("answers", "population", "refused")
        schema = pa.schema(
            [*((t, pa.string()) for t in texts), ("open_link", pa.bool_()), *((n, pa.int64()) for n in numbers)]
        )
        pq.write_table(pa.Table.from_pylist(rows, schema), path)
    return len(rows)


def _digest_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def export_sealed_file(*, assessment_round: Round, name: str, by: User) -> Path:
    """The path of a sealed file; the audit trail records who exported it."""
    latest = Seal.objects.filter(round=assessment_round).first()
    if latest is None or name not in latest.files or name not in files.list_folder(assessment_round.parcels):
        raise DomainError("ไม่มีไฟล์ที่ปิดผนึกชื่อนี้ในรอบนี้")
    log_audit(by=by, action="survey.export", subject=f"รอบ {assessment_round.fiscal_year}", detail={"file": name})
    return files.fetch_folder(assessment_round.parcels) / name


def stream_csv(path: Path) -> Iterator[bytes]:
    """The rows of a sealed file as CSV, ROWS_PER_CHUNK at a time."""
    from pyarrow import csv, parquet

    options = csv.WriteOptions(include_header=True)
    yield b"\xef\xbb\xbf"  # spreadsheets recognize UTF-8 by this mark
    for batch in parquet.ParquetFile(path).iter_batches(ROWS_PER_CHUNK):
        out = io.BytesIO()
        csv.write_csv(batch, out, options)
        yield out.getvalue()
        options = csv.WriteOptions(include_header=False)


def destroy_raw_answers(*, assessment_round: Round, folder: Path, by: User, lease: Lease = NO_LEASE) -> dict[str, int]:
    """Delete every response, code, invitation and spent token of a sealed round from the database; returns how many
    responses, and how many of the others together. The parcels remain
    and are checked first: they must hold all responses and be unchanged since the seal. Deleted some channels at a
    time, so that nobody waits long to write; one that was interrupted is completed by calling this again."""
    with lock_sealing(assessment_round):
        latest = _find_complete_seal(assessment_round)
        files.fetch_folder(folder)
        paths = {name: folder / name for name in latest.files}
        changed = [n for n, p in paths.items() if not p.is_file() or _digest_file(p) != latest.files[n]]
        if changed:
            names = ", ".join(changed)
            raise DomainError(f"ไฟล์ที่ปิดผนึกหายหรือไม่ตรงกับที่บันทึกไว้ จึงไม่ทำลายข้อมูลดิบ: {names}")
        responses = Response.objects.filter(channel__round=assessment_round)
        waiting = Envelope.objects.filter(channel__round=assessment_round)
        # fewer are left where an earlier destruction was interrupted; more were never sealed
        if latest.destroyed_on is None and (responses.count() > latest.responses or waiting.exists()):
            raise DomainError("มีคำตอบที่ยังไม่อยู่ในไฟล์ที่ปิดผนึก ปิดผนึกอีกครั้งก่อน")
        deleted = {"responses": latest.responses if latest.destroyed_on is None else 0, "codes": 0}
        channels = list(Channel.objects.filter(round=assessment_round).values_list("pk", flat=True))
        for start in range(0, len(channels), _CHANNELS_PER_DELETION):
            some = channels[start : start + _CHANNELS_PER_DELETION]
            with lease.write(done=start, total=len(channels)) as step:
                step.advances = bool(Response.objects.filter(channel__in=some).delete()[0])
                for rights in (Code, Invitation, SpentToken):
                    count = rights.objects.filter(channel__in=some).delete()[0]
                    deleted["codes"] += count
                    step.advances |= bool(count)
        lease.outcome = f"ทำลายคำตอบดิบรอบปี {assessment_round.fiscal_year} แล้ว ข้อมูลที่ปิดผนึกยังอยู่"
        with lease.write(finish=True):
            Seal.objects.filter(round=assessment_round).update(destroyed_on=timezone.localdate())
            InterviewBatch.objects.filter(upload__round=assessment_round).delete()
            log_audit(by=by, action="survey.destroy", subject=f"รอบ {assessment_round.fiscal_year}", detail=deleted)
    return deleted


def _find_complete_seal(assessment_round: Round) -> Seal:
    latest = Seal.objects.filter(round=assessment_round).first()
    if latest is None or not latest.files:
        raise DomainError("ต้องปิดผนึกคำตอบให้เสร็จก่อน จึงทำลายข้อมูลดิบได้")
    if reopened := open_reopenings(assessment_round).first():
        raise DomainError(f"แบบวัดของ{reopened.agency}เปิดใหม่อยู่ ปิดผนึกใหม่ก่อน จึงทำลายข้อมูลดิบได้")
    return latest
