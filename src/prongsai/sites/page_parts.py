"""Files and tables beside the text of a page: examined and stored, read and shown before they are stored.

A table is read from a workbook or CSV as those that the office brings are (``registry.tables.reading``): what is
hidden, an error or without a heading is named with its place and left out, never in silence."""

import hashlib
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction

from prongsai.intake.files import PAGE_LIMITS, UnreadableError, read_rows
from prongsai.lib import attachments, thai
from prongsai.lib.numbers import NumberError, read_baht
from prongsai.lib.spreadsheets import stream_csv, write_xlsx
from prongsai.machines import files
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry.tables.kinds import Column, Entry
from prongsai.registry.tables.reading import arrange_rows, find_titles
from prongsai.sites import item_pages
from prongsai.sites.item_pages import ShownPage
from prongsai.sites.models import PagePart, PageVersion, SectionExport, TableDraft
from prongsai.sites.wording import tidy

FOLDER = "pages"  # of stored files
MAX_ROWS, MAX_COLUMNS = 1_000, 30
TABLE_SUFFIXES = ("xlsx", "csv")
_MAX_PROBLEMS = 200
_NOT_NAMED = "คอลัมน์"


@dataclass(frozen=True)
class BlankTable:
    """A table that agencies publish, to be filled in: its headings, and which of them are of numbers."""

    key: str
    title: str
    columns: tuple[str, ...]
    numbers: tuple[str, ...] = ()


_MONTHS = ("ต.ค.", "พ.ย.", "ธ.ค.", "ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.")
BLANK_TABLES = (
    BlankTable(
        "procurement",
        "ผลการจัดซื้อจัดจ้างรายเดือน (ตามแบบ สขร. 1)",
        (
            "งานที่จัดซื้อหรือจัดจ้าง",
            "วงเงินที่จะซื้อหรือจ้าง (บาท)",
            "ราคากลาง (บาท)",
            "วิธีซื้อหรือจ้าง",
            "รายชื่อผู้เสนอราคาและราคาที่เสนอ",
            "ผู้ได้รับการคัดเลือกและราคาที่ตกลงซื้อหรือจ้าง",
            "เหตุผลที่คัดเลือกโดยสรุป",
            "เลขที่และวันที่ของสัญญาหรือข้อตกลง",
        ),
        ("วงเงินที่จะซื้อหรือจ้าง (บาท)", "ราคากลาง (บาท)"),
    ),
    BlankTable(
        "projects",
        "โครงการ งบประมาณ และความก้าวหน้า",
        ("โครงการหรือกิจกรรม", "งบประมาณ (บาท)", "ช่วงเวลาดำเนินการ", "ความก้าวหน้า", "งบประมาณที่ใช้ไป (บาท)", "หมายเหตุ"),
        ("งบประมาณ (บาท)", "งบประมาณที่ใช้ไป (บาท)"),
    ),
    BlankTable(
        "people",
        "ผู้บริหาร เจ้าหน้าที่ และช่องทางติดต่อ",
        ("ชื่อและนามสกุล", "ตำแหน่ง", "ส่วนงานและหน้าที่", "โทรศัพท์", "อีเมล"),
    ),
    BlankTable(
        "training",
        "การบริหารและพัฒนาบุคลากร",
        (
            "โครงการหรือหลักสูตร",
            "กลุ่มเป้าหมาย",
            "ผู้เข้าร่วม (คน)",
            "งบประมาณที่ใช้ไป (บาท)",
            "ช่วงเวลาดำเนินการ",
            "ผล ปัญหา และข้อเสนอแนะ",
        ),
        ("ผู้เข้าร่วม (คน)", "งบประมาณที่ใช้ไป (บาท)"),
    ),
    BlankTable("statistics", "สถิติรายเดือน", ("รายการ", *_MONTHS, "รวม"), (*_MONTHS, "รวม")),
    BlankTable(
        "services",
        "งานบริการ ขั้นตอน และระยะเวลา",
        ("งานบริการ", "ขั้นตอน", "ระยะเวลา", "ค่าธรรมเนียม", "เอกสารที่ใช้", "ช่องทางหรือสถานที่"),
    ),
)
_NUMBERS = {thai.squeeze(heading) for table in BLANK_TABLES for heading in table.numbers}


class FileRefusedError(DomainError):
    """Something is wrong with the file itself: sending it again helps nobody."""


# --- files


def attach_file(*, shown: ShownPage, element: str, title: str, path: Path, name: str, by: User) -> PageVersion:
    """Examine an uploaded file and store it beside an element, in a new version. Raises DomainError."""
    name = _clean_name(name)
    try:
        drawn, suffix = attachments.examine(path, name)
    except attachments.AttachmentError as error:
        refusal = DomainError if isinstance(error, attachments.BusyError) else FileRefusedError
        raise refusal(f"ไฟล์ “{name[:60]}” {error}") from error
    content = path.read_bytes() if drawn is None else drawn
    part = PagePart(
        element=element,
        title=tidy(title)[:200] or name,
        file_name=str(Path(name).with_suffix(f".{suffix}"))[-200:],
        stored_as=f"{FOLDER}/{uuid.uuid4().hex}.{suffix}",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    files.store_bytes(part.stored_as, content)
    with files.remove_on_error(part.stored_as):
        return item_pages.add_part(shown=shown, part=part, by=by)


def store_document(*, element: str, title: str, name: str, content: bytes) -> PagePart:
    """A PDF that this system wrote, stored as a file of a page; ``item_pages.fill_page`` records it. What is recorded
    nowhere goes with ``remove_unnamed_files``."""
    part = PagePart(
        element=element,
        title=title[:200],
        file_name=name[-200:],
        stored_as=f"{FOLDER}/{uuid.uuid4().hex}.pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    files.store_bytes(part.stored_as, content)
    return part


def _clean_name(name: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in Path(name).name).split())[-200:] or "file"


def remove_unnamed_files() -> None:
    """Remove the files of uploads whose process ended before they were recorded, and of exports that were replaced."""
    named = set(PagePart.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    files.remove_unnamed(FOLDER, named | set(SectionExport.objects.values_list("stored_as", flat=True)))


# --- tables


def read_draft(*, shown: ShownPage, element: str, title: str, path: Path, name: str, by: User) -> TableDraft:
    """Read a table and store it for whoever sent it to confirm; the one that waited before goes. Raises DomainError."""
    try:
        table = read_table(path)
    except UnreadableError as error:
        raise DomainError(f"ไฟล์ “{_clean_name(name)[:60]}” {error}") from error
    values = {
        "element": element,
        "title": tidy(title)[:200] or Path(_clean_name(name)).stem,
        "file_name": _clean_name(name),
        "columns": table.columns,
        "rows": table.rows,
        "problems": table.problems,
    }
    with transaction.atomic():
        page = item_pages.lock_page(shown)
        draft, _ = TableDraft.objects.update_or_create(page=page, by=by, defaults=values)
    return draft


def confirm_draft(*, shown: ShownPage, draft: TableDraft, by: User) -> PageVersion:
    """Store a table that was shown, in a new version. Raises DomainError, for one where it is confirmed already."""
    with transaction.atomic():
        item_pages.lock_page(shown)
        if not TableDraft.objects.filter(pk=draft.pk, at=draft.at).delete()[0]:
            raise DomainError("ตารางนี้บันทึกไปแล้ว หรือมีไฟล์ใหม่กว่ามาแทน")
        part = PagePart(
            element=draft.element,
            title=draft.title,
            file_name=draft.file_name,
            columns=draft.columns,
            rows=draft.rows,
        )
        return item_pages.add_part(shown=shown, part=part, by=by)


@dataclass(frozen=True)
class ReadTable:
    """What a file says: its columns and whether they are of numbers, its rows as texts, and what could not be read,
    with its place."""

    columns: list[tuple[str, bool]]
    rows: list[list[str]]
    problems: list[tuple[str, str]]


def read_table(path: Path) -> ReadTable:
    """The table in a workbook or CSV. Raises UnreadableError."""
    if path.suffix.lower().removeprefix(".") not in TABLE_SUFFIXES:
        raise UnreadableError(f"ต้องเป็น {', '.join(TABLE_SUFFIXES)}")
    limits = replace(PAGE_LIMITS, answer=8_000_000)
    found = read_rows(path, hidden=True, limits=limits, max_rows=MAX_ROWS + 100)
    titles = find_titles(found)
    if not titles:
        raise UnreadableError("ไม่พบหัวตาราง แถวหัวตารางต้องมีอย่างน้อยสองคอลัมน์")
    if len(titles) > MAX_COLUMNS:
        raise UnreadableError(f"มี {len(titles)} คอลัมน์ รับได้ไม่เกิน {MAX_COLUMNS}")
    sheet = arrange_rows(found, [Column(key=title, title=title) for title in titles])
    if len(sheet.entries) > MAX_ROWS:
        raise UnreadableError(f"มี {len(sheet.entries):,} แถว รับได้ไม่เกิน {MAX_ROWS:,} แบ่งเป็นหลายตาราง เช่น เดือนละตาราง")
    of_numbers = {title: _is_of_numbers(title, sheet.entries) for title in titles}
    problems = [(_NOT_NAMED, f"{name}: ไม่มีหัวคอลัมน์ จึงไม่ได้อ่าน") for name in sheet.unread]
    rows = []
    for entry in sheet.entries:
        row = [_read_cell(entry, title, is_number=of_numbers[title]) for title in titles]
        if entry.problems:
            problems += [(entry.place, text) for text in entry.problems]
        else:
            rows.append(row)
    if not rows:
        raise UnreadableError(f"ไม่มีแถวใดอ่านได้ {problems[0][0]}: {problems[0][1]}")
    return ReadTable(
        [(tidy(title), is_of_numbers) for title, is_of_numbers in of_numbers.items()], rows, problems[:_MAX_PROBLEMS]
    )


def _is_of_numbers(title: str, entries: Iterable[Entry]) -> bool:
    """Whether a column is of numbers: by its heading, or because there is nothing else in it."""
    cells = [cell for e in entries if not e.problems and (cell := e.cells.get(title, ""))]
    return thai.squeeze(title) in _NUMBERS or (bool(cells) and all(_is_number(cell) for cell in cells))


def _is_number(cell: str) -> bool:
    try:
        return read_baht(cell) is not None
    except NumberError:
        return False


def _read_cell(entry: Entry, title: str, *, is_number: bool) -> str:
    """A cell as it is stored. One that is no number where all others are is a problem of its
    row."""
    cell = entry.cells.get(title, "")
    if not is_number:
        return cell
    try:
        read_baht(cell)
    except NumberError as error:
        entry.refuse(title, str(error))
    return cell


def write_blank(table: BlankTable) -> bytes:
    """A workbook with the headings of a table and nothing below."""
    out = io.BytesIO()
    widths = [max(12, min(40, len(heading) + 4)) for heading in table.columns]
    write_xlsx(out, "ตาราง", table.columns, [], widths=widths)
    return out.getvalue()


def write_csv(part: PagePart) -> Iterator[bytes]:
    """A table for a spreadsheet, numbers without separators of thousands."""
    rows: Iterable[Sequence[str]] = (
        [
            cell.replace(",", "").strip("-–") if of_numbers else cell
            for cell, (_, of_numbers) in zip(row, part.columns, strict=True)
        ]
        for row in part.rows
    )
    return stream_csv([heading for heading, _ in part.columns], rows)
