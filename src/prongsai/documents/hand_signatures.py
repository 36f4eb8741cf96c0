"""Memos that came back signed by hand: an officer records who signed and when, with the scanned paper, and can withdraw
a record that was wrong."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from prongsai.documents import sources
from prongsai.documents.actions import store_file
from prongsai.documents.models import HandSignature, Memo
from prongsai.improvement.input_text import normalize_line
from prongsai.lib import fiscal
from prongsai.people.actions import DomainError, log_audit
from prongsai.people.models import User
from prongsai.registry.queries import today

# what files of each form begin with; the form is the suffix of the stored file
_BEGINNINGS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff"}
_FORM_OF = {"pdf": "pdf", "png": "png", "jpg": "jpg", "jpeg": "jpg"}
SCAN_SUFFIXES = tuple(f".{suffix}" for suffix in _FORM_OF)
_WRONG_FILE = "ไฟล์สแกนต้องเป็น PDF, JPG หรือ PNG"
_BEGINNING_BYTES = 1024  # within which a PDF may begin


@dataclass(frozen=True)
class Scan:
    """The scanned paper as it was sent: its name, and the path of a file that exists during the request."""

    name: str
    path: Path


def list_hand_positions(memo: Memo) -> list[str]:
    """The positions of a memo that sign by hand and are not known to have signed."""
    unsigned = memo.unsigned_positions
    return [p.position for p in sources.list_route(memo) if p.state == "by_hand" and p.position in unsigned]


def record_hand_signatures(
    *, memo: Memo, positions: Sequence[str], signed_on: datetime.date, by: User, scan: Scan | None = None
) -> HandSignature:
    """Record that positions of a memo's line signed on paper on a day. The scan is stored as it is and only ever given
    back as a download. Raises DomainError with every problem, a line each."""
    problems = _find_day_problems(memo, signed_on)
    if not positions:
        problems.append("เลือกตำแหน่งที่ลงนามแล้วอย่างน้อยหนึ่งตำแหน่ง")
    form = _find_form(scan) if scan else ""
    if scan and not form:
        problems.append(_WRONG_FILE)
    if problems:
        raise DomainError("\n".join(problems))
    sha256 = store_file(scan.path.read_bytes(), form) if scan else ""
    with transaction.atomic():
        memo = Memo.objects.select_for_update(of=("self",)).select_related("agency").get(pk=memo.pk)
        waiting = list_hand_positions(memo)
        if unknown := [position for position in positions if position not in waiting]:
            raise DomainError(f"{', '.join(unknown)} ไม่ได้รอลงนามด้วยมือ หรือบันทึกไว้แล้ว เปิดหน้านี้ใหม่แล้วดูเส้นทาง")
        record = HandSignature.objects.create(
            memo=memo,
            positions=[position for position in waiting if position in positions],
            signed_on=signed_on,
            scan_name=normalize_line(Path(scan.name).name)[-200:] if scan else "",
            scan_form=form,
            scan_sha256=sha256,
            by=by,
        )
        detail = {"positions": record.positions, "signed_on": signed_on.isoformat(), "scan": sha256}
        _log(by, "documents.hand_signed", memo, detail)
    return record


def withdraw_hand_signatures(*, record: HandSignature, by: User) -> None:
    """Take back a record that was wrong: its positions wait to sign again. It stays in the history."""
    with transaction.atomic():
        memo = Memo.objects.select_for_update(of=("self",)).select_related("agency").get(pk=record.memo_id)
        record = HandSignature.objects.get(pk=record.pk)
        if record.withdrawn_at is not None:
            return  # the button was pressed twice
        record.withdrawn_at, record.withdrawn_by = timezone.now(), by
        record.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _log(by, "documents.hand_withdrawn", memo, {"positions": record.positions, "record": record.pk})


def _log(by: User, action: str, memo: Memo, detail: dict[str, object]) -> None:
    log_audit(by=by, action=action, subject=f"บันทึกข้อความ {memo.pk}", agency=memo.agency.code, detail=detail)


def _find_day_problems(memo: Memo, signed_on: datetime.date) -> list[str]:
    if signed_on > today():
        return ["วันที่ลงนามต้องไม่อยู่ในอนาคต"]
    first = sources.find_earliest_day(memo)
    if signed_on < first:
        return [f"วันที่ลงนามอยู่ก่อนวันที่ของบันทึกข้อความ ({fiscal.short_date(first)})"]
    return []


def _find_form(scan: Scan) -> str:
    """The form of a scan by its suffix, where it begins as such files do; empty for anything else."""
    form = _FORM_OF.get(Path(scan.name).suffix.lower().removeprefix("."), "")
    with scan.path.open("rb") as file:
        beginning = file.read(_BEGINNING_BYTES)
    if form == "pdf":
        return form if _BEGINNINGS[form] in beginning else ""
    return form if form and beginning.startswith(_BEGINNINGS[form]) else ""
