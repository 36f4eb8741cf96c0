"""Every write of the survey room."""

import fcntl
import hashlib
import io
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import segno
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from prongsai import framework as rules
from prongsai.framework import Framework
from prongsai.intake.files import read_rows
from prongsai.lib.typeset import pdf
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.models import AuditEntry, User
from prongsai.registry.models import Agency, Round
from prongsai.survey import codes, mix
from prongsai.survey.models import Channel, Code, Envelope, Population, Receipt, Response, Seal
from prongsai.survey.queries import closed_because
from prongsai.survey.questions import UNANSWERED, questions, read_answers
from prongsai.survey.writer import Outcome, Submission, store

HERE = Path(__file__).parent
MOST_CARDS = 2000
_ROWS = 50_000  # responses read and written at a time when sealing


def set_population(*, assessment_round: Round, agency: Agency, instrument: str, people: int, by: User) -> Population:
    """Say how many people there are to ask."""
    if not 0 < people < 10_000_000:
        raise DomainError("จำนวนคนต้องมากกว่า 0")
    with transaction.atomic():
        made, _ = Population.objects.update_or_create(
            round=assessment_round, agency=agency, instrument=instrument, defaults={"people": people}
        )
        log_audit(
            by=by,
            action="survey.set_population",
            subject=f"รอบ {assessment_round.fiscal_year} {instrument}",
            agency=agency.code,
            detail={"people": people},
        )
    return made


def open_channel(*, assessment_round: Round, agency: Agency, instrument: str, kind: str, by: User | None) -> Channel:
    """Open a way to an agency's form."""
    framework = rules.load(assessment_round.framework)
    if instrument not in {i.id for i in framework.survey_instruments()}:
        raise DomainError(f"หลักเกณฑ์ปี {assessment_round.framework} ไม่มีแบบวัด {instrument}")
    collected = framework.instruments[instrument].collected_by
    if (kind == Channel.Kind.INTERVIEW) != (collected == "assessor"):
        raise DomainError(
            f"{instrument} {'ผู้ประเมินเป็นผู้เก็บ' if collected == 'assessor' else 'หน่วยงานเป็นผู้เก็บ'} เปิดช่องทางนี้ไม่ได้"
        )
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=assessment_round.pk)  # a seal that begins waits, or has begun
        if Seal.objects.filter(round=assessment_round).exists():
            raise DomainError("รอบนี้ปิดผนึกคำตอบแล้ว")
        made = Channel.objects.create(
            round=assessment_round, agency=agency, instrument=instrument, kind=Channel.Kind(kind), slug=codes.draw(12)
        )
        log_audit(
            by=by,
            action="survey.open_channel",
            subject=f"ช่องทาง {made.pk} {instrument}",
            agency=agency.code,
            detail={"kind": kind},
        )
    return made


def close_channel(*, channel: Channel, by: User) -> None:
    """Take a channel out of use: its link and its unused codes no longer open the form. What came through it stays."""
    with transaction.atomic():
        channel.open = False
        channel.save(update_fields=["open"])
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


def print_cards(*, channel: Channel, number: int, site: str, by: User) -> bytes:
    """Draw one-time codes and set them on sheets of cards, as PDF. The codes themselves are kept nowhere: sheets that
    are lost are replaced, not printed again."""
    if channel.kind != Channel.Kind.CODES or not channel.open:
        raise DomainError("ช่องทางนี้ไม่ใช้บัตรรหัส หรือปิดไปแล้ว")
    if not 1 <= number <= MOST_CARDS:
        raise DomainError(f"พิมพ์ได้ครั้งละ 1 ถึง {MOST_CARDS:,} ใบ")
    drawn = [codes.draw(codes.CODE_LENGTH) for _ in range(number)]
    address = f"{site}/s/{channel.slug}/"
    framework = rules.load(channel.round.framework)
    data = {
        "title": f"บัตรตอบแบบวัด {channel.agency}",
        "agency": channel.agency.name_th,
        "form": framework.instruments[channel.instrument].label.th,
        "address": address.partition("://")[2],
        "cards": [{"code": codes.spaced(c), "qr": _qr(f"{address}#{c}")} for c in drawn],
    }
    paper = pdf(HERE / "cards.typ", data)
    digests = sorted(codes.digest("code", c) for c in drawn)  # in no order of printing
    with transaction.atomic():
        Code.objects.bulk_create([Code(digest=d, channel=channel) for d in digests], batch_size=500)
        log_audit(
            by=by,
            action="survey.print_cards",
            subject=f"ช่องทาง {channel.pk}",
            agency=channel.agency.code,
            detail={"cards": number},
        )
    return paper


def poster(*, channel: Channel, site: str) -> bytes:
    """A poster with the channel's QR code, as PDF."""
    address = f"{site}/s/{channel.slug}/"
    framework = rules.load(channel.round.framework)
    data = {
        "title": f"ป้ายชวนตอบแบบวัด {channel.agency}",
        "agency": channel.agency.name_th,
        "address": address.partition("://")[2],
        "form": framework.instruments[channel.instrument].label.th,
        "qr": _qr(address),
    }
    return pdf(HERE / "poster.typ", data)


MOST_MAILS, MOST_MAILINGS = 100, 10  # letters at a time, times a day


def remind(*, channel: Channel, typed: str, site: str, by: User) -> int:
    """Mail the link of a channel to each address in a typed list, one letter each. The addresses are kept nowhere, not
    even in a queue: they are sent at once, and what is recorded is how many. Gives that number."""
    if channel.kind != Channel.Kind.LINK or not channel.open:
        raise DomainError("ส่งทางอีเมลได้เฉพาะลิงก์ที่เปิดอยู่")
    if closed := closed_because(channel):
        raise DomainError(closed[0])
    today = AuditEntry.objects.filter(
        action="survey.remind", agency=channel.agency.code, at__gte=timezone.now() - timedelta(days=1)
    )
    if today.count() >= MOST_MAILINGS:
        raise DomainError(f"วันนี้ส่งไปแล้ว {MOST_MAILINGS} ครั้ง ส่งต่อได้พรุ่งนี้ หรือคัดลอกข้อความไปส่งเอง")
    addresses = list(dict.fromkeys(re.split(r"[\s,;]+", typed.strip()))) if typed.strip() else []
    if not 1 <= len(addresses) <= MOST_MAILS:
        raise DomainError(f"ใส่ที่อยู่อีเมล 1 ถึง {MOST_MAILS} แห่งต่อครั้ง ที่พิมพ์มามี {len(addresses)}")
    if wrong := [a for a in addresses if not _is_address(a)]:
        raise DomainError(f"ไม่ใช่ที่อยู่อีเมล: {', '.join(w[:60] for w in wrong[:10])} ยังไม่ได้ส่งฉบับใด")
    text = (
        f"ขอเชิญตอบแบบวัดความเห็นต่อ {channel.agency.name_th}\n\nใช้เวลาราวสองนาที ไม่ถามชื่อ และไม่มีใครรู้ว่าใครตอบอะไร\n\n"
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


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _qr(text: str) -> str:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False)
    return out.getvalue().decode()


def enter_batch(*, channel: Channel, path: Path, by: User) -> tuple[int, list[str]]:
    """Enter interviews from a spreadsheet, a row each, columns named as the questions, choices from 1. All rows or
    none: with any problem nothing is stored. Gives how many were stored, and the problems by row. Raises
    UnreadableError."""
    asked = questions(rules.load(channel.round.framework), channel.instrument)
    rows = [r for r in read_rows(path) if any(c.strip() for c in r.cells)]
    head = [c.strip() for c in rows[0].cells] if rows else []
    missing = [q.column for q in asked if q.column not in head]
    if missing:
        return 0, [f"หัวตารางขาดคอลัมน์ {', '.join(missing[:20])}"]
    ready, problems = [], []
    for row in rows[1:]:
        posted = {}
        for name, cell in zip(head, row.cells, strict=False):
            text = cell.strip().removesuffix(".0")
            posted[name] = str(int(text) - 1) if text.isascii() and text.isdecimal() and int(text) > 0 else ""
        answers, _, wrong = read_answers(asked, posted)
        if wrong:
            problems.append(f"{row.place}: ไม่มีคำตอบ หรือไม่ใช่ตัวเลือก ที่ข้อ {', '.join(wrong[:10])}")
        own = codes.digest("receipt", f"{channel.pk}:{_sha256(path)}:{row.place}")  # the same file twice counts once
        ready.append(Submission(channel, answers, own, None))
    if problems or not ready:
        return 0, problems or ["ไม่มีแถวข้อมูลใต้หัวตาราง"]

    def entered(outcomes: list[Outcome]) -> None:  # in the same transaction
        if "closed" in outcomes:
            raise DomainError("แบบวัดเพิ่งปิดรับ ไม่มีแถวใดถูกบันทึก")
        log_audit(
            by=by,
            action="survey.enter_batch",
            subject=f"ช่องทาง {channel.pk}",
            agency=channel.agency.code,
            detail={"rows": outcomes.count("stored")},
        )

    outcomes = store(ready, then=entered)
    return len(outcomes), []


# --- sealing


@contextmanager
def _alone(assessment_round: Round) -> Iterator[None]:
    """One seal or destruction of a round at a time."""
    with (settings.DATA / f"seal-{assessment_round.fiscal_year}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DomainError("มีผู้กำลังปิดผนึกหรือทำลายคำตอบของรอบนี้อยู่ รอให้เสร็จก่อน") from error
        yield


def seal(*, assessment_round: Round, folder: Path, by: User | None) -> Seal:
    """Close every channel for good, mix what waits, and write the answers parcels. Bounded memory; the order of rows
    says nothing. A seal that was stopped half-way is begun again by calling this again."""
    with _alone(assessment_round):
        return _seal(assessment_round, folder, by)


def _seal(assessment_round: Round, folder: Path, by: User | None) -> Seal:
    framework = rules.load(assessment_round.framework)
    with transaction.atomic():  # from here on no channel opens, and none takes an answer
        Round.objects.select_for_update().get(pk=assessment_round.pk)
        if Seal.objects.filter(round=assessment_round, destroyed_on__isnull=False).exists():
            raise DomainError("คำตอบดิบของรอบนี้ถูกทำลายแล้ว จึงปิดผนึกใหม่ไม่ได้")
        made, _ = Seal.objects.get_or_create(round=assessment_round, defaults={"responses": 0, "files": {}})
        Channel.objects.filter(round=assessment_round).update(open=False)
    for channel in Channel.objects.filter(
        pk__in=Envelope.objects.filter(channel__round=assessment_round).values("channel")
    ):
        try:
            mix.release(channel=channel, last=True)
        except (OSError, InvalidTag, ValueError) as error:
            raise DomainError(
                f"เปิดซองคำตอบของ {channel.agency} ไม่ได้ เพราะไม่มีกุญแจในโฟลเดอร์ keys คืนกุญแจแล้วปิดผนึกอีกครั้ง"
            ) from error
    folder.mkdir(parents=True, exist_ok=True)
    files, total = {}, 0
    for instrument in framework.survey_instruments():
        path = folder / f"answers-{instrument.id}.parquet"
        count = _write_parcel(framework, instrument.id, assessment_round, path)
        total += count
        if count:
            files[path.name] = _sha256(path)
        else:
            path.unlink(missing_ok=True)
    heads = _write_heads(framework, assessment_round, folder / "headcounts.parquet")
    if heads:
        files["headcounts.parquet"] = _sha256(folder / "headcounts.parquet")
    receipts = "\n".join(
        Receipt.objects.filter(channel__round=assessment_round).order_by("digest").values_list("digest", flat=True)
    )
    (folder / "receipts.txt").write_text(receipts, encoding="ascii")
    for name in files:
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())
    with transaction.atomic():
        made.responses, made.files, made.made_on = total, files, timezone.localdate()
        made.save()
        log_audit(
            by=by,
            action="survey.seal",
            subject=f"รอบ {assessment_round.fiscal_year}",
            detail={"responses": total, "files": files},
        )
    return made


def _write_parcel(framework: Framework, instrument: str, assessment_round: Round, path: Path) -> int:
    names = [c.name for c in framework.answer_columns(instrument)]
    schema = pa.schema([("agency", pa.string()), *((n, pa.uint8()) for n in names)])
    agencies = dict(
        Channel.objects.filter(round=assessment_round, instrument=instrument).values_list("pk", "agency__code")
    )
    count, draft = 0, path.with_suffix(".part")
    with pq.ParquetWriter(draft, schema, compression="zstd") as writer:
        for rows in _chunks(agencies):
            table = np.frombuffer(b"".join(bytes(a) for _, a in rows), np.uint8).reshape(len(rows), len(names))
            columns: list[Any] = [pa.array([agencies[c] for c, _ in rows], pa.string())]
            columns += [pa.array(table[:, k], mask=table[:, k] == UNANSWERED) for k in range(len(names))]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(rows)
    draft.replace(path)
    return count


def _chunks(channels: Mapping[int, str]) -> Iterator[list[tuple[int, bytes]]]:
    """Responses of channels by their random key, a bounded number at a time."""
    last = None
    wanted = set(channels)
    responses = Response.objects.order_by("id").values_list("id", "channel_id", "answers")
    while True:
        rows = list((responses if last is None else responses.filter(id__gt=last))[:_ROWS])
        if not rows:
            return
        last = rows[-1][0]
        if kept := [(c, a) for _, c, a in rows if c in wanted]:
            yield kept


def _write_heads(framework: Framework, assessment_round: Round, path: Path) -> int:
    surveys = [i.id for i in framework.survey_instruments()]
    heads: dict[str, dict[str, int]] = {}
    for h in Population.objects.filter(round=assessment_round).select_related("agency"):
        heads.setdefault(h.agency.code, {})[h.instrument] = h.people
    if heads:
        rows = [{"agency": a, **{s: h.get(s) for s in surveys}} for a, h in sorted(heads.items())]
        pq.write_table(
            pa.Table.from_pylist(rows, pa.schema([("agency", pa.string()), *((s, pa.int64()) for s in surveys)])), path
        )
    return len(heads)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def export(*, assessment_round: Round, name: str, by: User) -> Path:
    """A sealed file, to be taken out; who took it is recorded."""
    sealed = Seal.objects.filter(round=assessment_round).first()
    path = assessment_round.parcels / name
    if sealed is None or name not in sealed.files or not path.is_file():
        raise DomainError("ไม่มีไฟล์ที่ปิดผนึกชื่อนี้ในรอบนี้")
    log_audit(by=by, action="survey.export", subject=f"รอบ {assessment_round.fiscal_year}", detail={"file": name})
    return path


def csv_rows(path: Path) -> Iterator[bytes]:
    """The rows of a sealed file as CSV, a bounded number at a time."""
    options = pa.csv.WriteOptions(include_header=True)
    yield b"\xef\xbb\xbf"  # spreadsheets read UTF-8 by this mark
    for batch in pq.ParquetFile(path).iter_batches(_ROWS):
        out = io.BytesIO()
        pa.csv.write_csv(batch, out, options)
        yield out.getvalue()
        options = pa.csv.WriteOptions(include_header=False)


def destroy(*, assessment_round: Round, folder: Path, by: User) -> dict[str, int]:
    """Delete every answer and code of a sealed round from the database; the parcels remain, and are looked at first:
    all answers must be in them, and they must be as they were sealed. Gives how many of each."""
    with _alone(assessment_round):
        latest = Seal.objects.filter(round=assessment_round).first()
        if latest is None or not latest.files:
            raise DomainError("ต้องปิดผนึกคำตอบให้เสร็จก่อน จึงทำลายข้อมูลดิบได้")
        changed = [
            n for n, digest in latest.files.items() if not (folder / n).is_file() or _sha256(folder / n) != digest
        ]
        if changed:
            raise DomainError(f"ไฟล์ที่ปิดผนึกหายหรือไม่ตรงกับที่บันทึกไว้ จึงไม่ทำลายข้อมูลดิบ: {', '.join(changed)}")
        kept = Response.objects.filter(channel__round=assessment_round)
        waiting = Envelope.objects.filter(channel__round=assessment_round)
        if latest.destroyed_on is None and (kept.count() != latest.responses or waiting.exists()):
            raise DomainError("มีคำตอบที่ยังไม่อยู่ในไฟล์ที่ปิดผนึก ปิดผนึกอีกครั้งก่อน")
        with transaction.atomic():
            gone = {
                "responses": kept.delete()[0],
                "codes": Code.objects.filter(channel__round=assessment_round).delete()[0],
            }
            Seal.objects.filter(round=assessment_round).update(destroyed_on=timezone.localdate())
            log_audit(by=by, action="survey.destroy", subject=f"รอบ {assessment_round.fiscal_year}", detail=gone)
    return gone
