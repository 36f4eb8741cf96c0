"""The page on which a sheet is edited, parsed record by record, and tables pasted from a spreadsheet."""

import csv
import datetime
import io
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from prongsai.improvement.models import RegisterRecord, RegisterSheet
from prongsai.improvement.registers import values
from prongsai.improvement.registers.actions import MAX_RECORDS, FieldsEdit, RecordEdit
from prongsai.improvement.registers.kinds import Column, Field, RegisterKind, Stage
from prongsai.improvement.registers.queries import last_confirmable
from prongsai.lib import thai

PAGE_SIZE = 20  # records on a page for editing
MAX_NEW = 20  # empty records on a page
_NEW = re.compile(r"n([0-9a-f]{32})-", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER_TITLES = {"ที่", "ลำดับ", "ลำดับที่", "ข้อ", "no"}


@dataclass
class InputCell:
    """A value on the page as stored or typed, with its problem in Thai."""

    part: Column | Field
    id: str
    value: str
    error: str = ""

    @property
    def confirmed_to(self) -> datetime.date | None:
        """The day to which a confirmation holds."""
        return datetime.date.fromisoformat(self.value) if self.part.type == "confirmation" and self.value else None

    @property
    def draft_name(self) -> str:
        """What the browser stores the value of a new record under: its id is another on every page. Empty otherwise."""
        return f"new-{self.part.key}" if _NEW.match(self.id) else ""


@dataclass
class RecordForm:
    """A record on the page. ``record`` is None for a new one; ``current`` is the stored record when somebody else
    changed it meanwhile: ``base_version`` is then of that, so that saving again is deliberate."""

    id: str
    cells: list[InputCell]
    record: RegisterRecord | None = None
    base_version: str = ""
    current: RegisterRecord | None = None
    missing: str = ""

    @property
    def errors(self) -> list[InputCell]:
        return [cell for cell in self.cells if cell.error]


@dataclass
class FieldsForm:
    """The fields of the sheet at a stage."""

    cells: list[InputCell]
    base_version: str
    current: RegisterSheet | None = None

    @property
    def errors(self) -> list[InputCell]:
        return [cell for cell in self.cells if cell.error]


@dataclass
class ParsedSheet:
    """A posted page: what was typed, to show again, and the edits that can be saved."""

    records: list[RecordForm] = field(default_factory=list)
    edits: list[RecordEdit] = field(default_factory=list)
    fields: FieldsForm | None = None
    fields_edit: FieldsEdit | None = None


def form_of(record: RegisterRecord, stage: Stage) -> RecordForm:
    """A record as stored."""
    kind, year = record.sheet.definition, record.sheet.fiscal_year
    prefix = f"r{record.pk}"
    cells = [
        InputCell(column, f"{prefix}-{column.key}", values.show_typed(column, record.values.get(column.key, ""), year))
        for column in kind.written_at(stage)
    ]
    return RecordForm(prefix, cells, record, record.version(c.part.key for c in cells))


def new_form(kind: RegisterKind, stage: Stage) -> RecordForm:
    """An empty record."""
    prefix = f"n{uuid.uuid4().hex}"
    return RecordForm(prefix, [InputCell(c, f"{prefix}-{c.key}", "") for c in kind.written_at(stage)])


def fields_form(sheet: RegisterSheet, stage: Stage) -> FieldsForm | None:
    """The fields of a stage as stored; None where it has none."""
    cells = [
        InputCell(f, f"f-{f.key}", values.show_typed(f, sheet.fields.get(f.key, ""), sheet.fiscal_year))
        for f in sheet.definition.fields
        if f.stage == stage
    ]
    return FieldsForm(cells, sheet.version(c.part.key for c in cells)) if cells else None


def parse_sheet(post: QueryDict, sheet: RegisterSheet, records: Sequence[RegisterRecord], stage: Stage) -> ParsedSheet:
    """Parse everything typed on the page of a stage. ``records`` are all of the sheet, removed ones included; one that
    the page did not show is left out."""
    parsed = ParsedSheet()
    kind = sheet.definition
    columns = kind.written_at(stage)
    for record in records:
        prefix = f"r{record.pk}"
        if f"{prefix}-base_version" in post:
            base = post.get(f"{prefix}-base_version", "")[:64]
            form, stored = _parse_record(post, prefix, columns, sheet, dict(record.values))
            form.record, form.base_version = record, base
            parsed.records.append(form)
            if not form.errors:
                parsed.edits.append(RecordEdit(stored, record=record.pk, base_version=base))
    for token in _new_tokens(post):
        form, stored = _parse_record(post, f"n{token}", columns, sheet, {})
        if any(cell.value for cell in form.cells):
            parsed.records.append(form)
            if not form.errors:
                parsed.edits.append(RecordEdit(stored, token=token))
    if "f-base_version" in post:
        base = post.get("f-base_version", "")[:64]
        parts = [f for f in kind.fields if f.stage == stage]
        cells, stored = _parse_cells(post, "f", parts, sheet.fiscal_year)
        parsed.fields = FieldsForm(cells, base)
        if not parsed.fields.errors:
            parsed.fields_edit = FieldsEdit(stored, base)
    return parsed


def _new_tokens(post: QueryDict) -> list[str]:
    """The tokens of the new records on the page, in order."""
    return list(dict.fromkeys(match[1] for name in post if (match := _NEW.match(name))))[:MAX_NEW]


def _parse_record(
    post: QueryDict, prefix: str, columns: Sequence[Column], sheet: RegisterSheet, stored: Mapping[str, str]
) -> tuple[RecordForm, dict[str, str]]:
    cells, typed = _parse_cells(post, prefix, columns, sheet.fiscal_year)
    last_day = last_confirmable(sheet.fiscal_year)
    problems = values.find_problems(sheet.definition, {**stored, **typed}, last_day, sheet.fiscal_year)
    for cell in cells:
        cell.error = cell.error or problems.get(cell.part.key, "")
    return RecordForm(prefix, cells), typed


def _parse_cells(
    post: QueryDict, prefix: str, parts: Sequence[Column] | Sequence[Field], fiscal_year: int
) -> tuple[list[InputCell], dict[str, str]]:
    cells, stored = [], {}
    for part in parts:
        name = f"{prefix}-{part.key}"
        text = post.get(name, "")
        if part.type == "confirmation":
            text = _read_confirmed(text, fiscal_year)
        value, error = values.parse(part, text, fiscal_year)
        cells.append(InputCell(part, name, text if error else values.show_typed(part, value, fiscal_year), error))
        if not error:
            stored[part.key] = value
    return cells, stored


def _read_confirmed(text: str, fiscal_year: int) -> str:
    """The day that a ticked box stands for: the one it was ticked on before, and today for a new tick; never one to
    come."""
    last = last_confirmable(fiscal_year)
    if not text or last is None:
        return ""
    return min(text, last.isoformat()) if _ISO_DAY.fullmatch(text) else last.isoformat()


# --- pasted tables


@dataclass(frozen=True)
class PastedRow:
    """A pasted row: the cells as pasted with their problems, and what is stored of it."""

    number: int
    cells: tuple[InputCell, ...]
    stored: Mapping[str, str]

    @property
    def errors(self) -> list[InputCell]:
        return [cell for cell in self.cells if cell.error]


@dataclass(frozen=True)
class PastedTable:
    """A pasted table. ``unknown`` are titles of columns that are not taken; ``problem`` concerns the whole of it."""

    columns: tuple[Column, ...] = ()
    rows: tuple[PastedRow, ...] = ()
    unknown: tuple[str, ...] = ()
    problem: str = ""

    @property
    def errors(self) -> int:
        return sum(len(row.errors) for row in self.rows)


def pasted_columns(kind: RegisterKind) -> tuple[Column, ...]:
    """The columns that can be pasted: those of the plan, or of the register where it has none."""
    return kind.written_at("plan") or kind.written_at(kind.stages[-1])


def parse_pasted(kind: RegisterKind, text: str, fiscal_year: int) -> PastedTable:
    """A table as a spreadsheet copies it: cells separated by tabs, with or without a row of titles. Without titles the
    columns are taken in their order."""
    text = text.replace("\x00", "")
    try:
        table = [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t") if any(c.strip() for c in row)
        ]
    except csv.Error:
        return PastedTable(problem="อ่านตารางไม่ได้ คัดลอกจากโปรแกรมตารางคำนวณใหม่อีกครั้ง แล้ววางทั้งหมด")
    offered = pasted_columns(kind)
    if not table:
        return PastedTable(problem="ยังไม่ได้วางตาราง คัดลอกแถวจากโปรแกรมตารางคำนวณ แล้ววางในช่อง")
    places, unknown = _match_titles(table[0], offered)
    if len(places) > 1:
        table = table[1:]
    else:
        shift = int(all(thai.clean(row[0]).strip().rstrip(".").isdecimal() for row in table) and len(table[0]) > 1)
        places, unknown = {n + shift: column for n, column in enumerate(offered)}, []
    if len(table) > MAX_RECORDS:
        return PastedTable(problem=f"วางมา {len(table):,} แถว ใส่ได้ครั้งละไม่เกิน {MAX_RECORDS} แถว")
    if not table:
        return PastedTable(problem="มีแต่แถวหัวตาราง วางแถวข้อมูลมาด้วย")
    rows = tuple(_parse_row(kind, row, number, places, fiscal_year) for number, row in enumerate(table, 1))
    return PastedTable(tuple(places.values()), rows, tuple(unknown))


def _match_titles(titles: Sequence[str], offered: Sequence[Column]) -> tuple[dict[int, Column], list[str]]:
    """Columns by their place in a row of titles, and the titles that are none of ours."""
    places: dict[int, Column] = {}
    unknown = []
    for number, title in enumerate(titles):
        wanted = thai.squeeze(thai.clean(title))
        left = [c for c in offered if c not in places.values()]
        column = next((c for c in left if wanted in _names(c)), None)
        column = column or next((c for c in left if len(wanted) > 2 and thai.squeeze(c.label).startswith(wanted)), None)
        if column is not None:
            places[number] = column
        elif wanted and wanted not in _NUMBER_TITLES:
            unknown.append(title.strip()[:60])
    return places, unknown


def _names(column: Column) -> set[str]:
    return {thai.squeeze(column.label), thai.squeeze(re.sub(r"\(.*?\)", "", column.label)), column.key}


def _parse_row(
    kind: RegisterKind, row: Sequence[str], number: int, places: Mapping[int, Column], fiscal_year: int
) -> PastedRow:
    cells, stored = [], {}
    for place, column in places.items():
        text = row[place] if place < len(row) else ""
        value, error = values.parse(column, text, fiscal_year)
        if column.type == "line" and "\n" in text:
            text = " ".join(text.split())
        cells.append(InputCell(column, f"p{number}-{column.key}", text.strip(), error))
        if value:
            stored[column.key] = value
    problems = values.find_problems(kind, stored, last_confirmable(fiscal_year), fiscal_year)
    for cell in cells:
        cell.error = cell.error or problems.get(cell.part.key, "")
    return PastedRow(number, tuple(cells), stored)


def list_stored(rows: Sequence[PastedRow]) -> Iterator[Mapping[str, str]]:
    """What is stored of pasted rows."""
    return (row.stored for row in rows)
