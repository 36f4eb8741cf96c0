"""A workbook read into rules; whatever is wrong is named by its sheet and cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from prongsai.framework.loader import check_data
from prongsai.framework.problems import Problem, WorkbookCode
from prongsai.framework.reading import Location
from prongsai.framework.tree import Framework
from prongsai.framework.workbook.layout import FIRST_ROW, GENERAL, GENERAL_ROWS, SHEETS, Column, Sheet
from prongsai.lib.sandbox import SandboxError, run_apart
from prongsai.lib.strict_yaml import Place

MAX_BYTES = 10_000_000
SECONDS = 60

_CODE = "from prongsai.framework.workbook.cells import answer_cells\nanswer_cells(arguments[0])\n"


@dataclass
class _Reading:
    """What was read so far: rules as data, where each part stands, and what is wrong with single cells."""

    sheets: Mapping[str, Any]
    data: dict[str, Any] = field(default_factory=dict)
    locations: dict[Place, Location] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: WorkbookCode, where: Location, what: str, how: str) -> None:
        why = "ระบบอ่านสมุดงานตามหัวคอลัมน์และค่าในเซลล์เท่านั้น ไม่เดาแทน"
        self.problems.append(Problem(code, where.file, where.line, what, why, how, where.column))


def read_workbook(path: Path, previous: Framework | None) -> tuple[Framework | None, list[Problem]]:
    """The rules of a workbook, or every problem of it with sheet and cell; never raises for what the file contains.

    ``previous`` are the rules of the year before.
    """
    sheets = _open(path)
    if isinstance(sheets, str):
        return None, [
            Problem("not-a-workbook", path.name, 1, sheets, "อ่านได้เฉพาะสมุดงาน .xlsx", "ส่งออกสมุดงานใหม่แล้วแก้ในไฟล์นั้น")
        ]
    reading = _Reading(sheets)
    _check_sheets(reading)
    if not reading.problems:
        _read_general(reading)
        for sheet in SHEETS:
            _read_sheet(reading, sheet)
    if any(p.code in ("missing-sheet", "moved-column", "merged-cells") for p in reading.problems):
        return None, reading.problems
    framework, problems = check_data(reading.data, previous, reading.locations)
    reported = {problem.where for problem in reading.problems}
    problems = [*reading.problems, *(p for p in problems if p.where not in reported)]
    order = {GENERAL: 0} | {sheet.title: number for number, sheet in enumerate(SHEETS, 1)}
    problems.sort(key=lambda p: (order.get(p.file, 0), p.line, p.column))
    return (None if problems else framework), problems


def _open(path: Path) -> Mapping[str, Any] | str:
    """The cells of every sheet, or why the file cannot be opened."""
    if path.stat().st_size > MAX_BYTES:
        return f"ไฟล์ใหญ่เกิน {MAX_BYTES // 1_000_000} MB"
    try:
        answer: dict[str, Any] = run_apart(_CODE, str(path.resolve()), seconds=SECONDS)
    except SandboxError as error:
        return "ใช้เวลาเปิดนานผิดปกติ จึงหยุดเปิด" if error.timed_out else "ไฟล์เสีย หรือใหญ่เกินกว่าจะเปิดได้อย่างปลอดภัย"
    return str(answer["error"]) if "error" in answer else dict(answer["sheets"])


def _check_sheets(reading: _Reading) -> None:
    """Every sheet is there, with its headings in their places, and no cells are merged."""
    titles = [GENERAL, *(sheet.title for sheet in SHEETS)]
    for title in titles:
        if title not in reading.sheets:
            reading.report(
                "missing-sheet", Location(title, 1), f"ไม่มีแผ่นงาน “{title}”", "คืนชื่อแผ่นงานเดิม หรือส่งออกสมุดงานใหม่"
            )
    for title in reading.sheets.keys() - set(titles):
        reading.report("unknown-sheet", Location(title, 1), f"ไม่รู้จักแผ่นงาน “{title}”", "ลบแผ่นงานนี้ ข้อมูลในนั้นไม่ถูกใช้")
    for sheet in SHEETS:
        if sheet.title in reading.sheets:
            _check_headings(reading, sheet.title, [*sheet.columns, *sheet.formulas])
    for title in titles:
        for area, row, column in reading.sheets.get(title, {}).get("merged", ()):
            reading.report(
                "merged-cells", Location(title, row, column), f"ผสานเซลล์ {area}", "ยกเลิกการผสานเซลล์ แล้วใส่ค่าทีละเซลล์"
            )


def _check_headings(reading: _Reading, title: str, columns: list[Any]) -> None:
    rows = reading.sheets[title]["rows"]
    head = [str(cell or "").strip() for cell in (rows[0] if rows else [])]
    expected = [column.title for column in columns]
    for number in range(max(len(head), len(expected))):
        found = head[number] if number < len(head) else ""
        wanted = expected[number] if number < len(expected) else ""
        if found != wanted:
            what = f"หัวคอลัมน์เป็น “{found}” แต่ต้องเป็น “{wanted}”" if wanted else f"มีคอลัมน์เกิน “{found}”"
            how = "คืนลำดับและชื่อคอลัมน์เดิม" if wanted else "ลบคอลัมน์นี้"
            reading.report("moved-column", Location(title, 1, _letter(number)), what, how)


def _letter(number: int) -> str:
    """The name of a column, from 0: A, B, …, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _read_general(reading: _Reading) -> None:
    rows = reading.sheets[GENERAL]["rows"]
    for number, column in enumerate(GENERAL_ROWS, FIRST_ROW):
        cells = rows[number - 1] if number <= len(rows) else []
        title = str(cells[0] or "").strip() if cells else ""
        where = Location(GENERAL, number, "B")
        if title != column.title:
            what = f"แถวนี้เป็น “{title}” แต่ต้องเป็น “{column.title}”"
            reading.report("moved-column", Location(GENERAL, number, "A"), what, "คืนลำดับแถวเดิม")
            continue
        value = _read_cell(reading, column, cells[1] if len(cells) > 1 else None, where)
        _put(reading.data, column, value)
        reading.locations[column.path] = where
    if not any(part for part in (reading.data.get("small_groups") or {}).values() if part != {}):
        reading.data["small_groups"] = None


def _read_sheet(reading: _Reading, sheet: Sheet) -> None:
    entries: list[dict[str, Any]] = []
    reading.locations.setdefault((sheet.key,), Location(sheet.title, FIRST_ROW, "A"))
    for number, cells in _rows(reading.sheets[sheet.title]["rows"], len(sheet.columns)):
        entry: dict[str, Any] = {}
        place = _place_of(reading, sheet, entries, cells, Location(sheet.title, number, "A"))
        for position, column in enumerate(sheet.columns):
            where = Location(sheet.title, number, _letter(position))
            value = _read_cell(reading, column, cells[position], where)
            if column.path != ("owner",):
                _put(entry, column, value)
                if place is not None:
                    reading.locations.setdefault((*place, *column.path), where)
                    reading.locations.setdefault((*place, column.path[0]), where)
        if place is not None:
            row = Location(sheet.title, number, "A")
            _store(reading, sheet, place, row, entry, entries)
            reading.locations.setdefault(place, row)
    if not sheet.owner and sheet.key != "sources":
        reading.data[sheet.key] = entries


def _rows(rows: list[list[Any]], width: int) -> Iterator[tuple[int, list[Any]]]:
    for number, cells in enumerate(rows[FIRST_ROW - 1 :], FIRST_ROW):
        cells = (cells + [None] * width)[:width]
        if any(cell not in (None, "") for cell in cells):
            yield number, cells


def _place_of(
    reading: _Reading, sheet: Sheet, entries: list[dict[str, Any]], cells: list[Any], where: Location
) -> Place | None:
    """Where an entry goes in the rules; None when its owner is not there, which is reported."""
    if sheet.key == "sources":
        reading.data.setdefault("sources", {})
        return ("sources", str(cells[0] or "").strip())
    if not sheet.owner:
        return (sheet.key, len(entries))
    name = _text(cells[0])
    keys = ("survey_items", "disclosure_items") if sheet.key == "advice" else (sheet.owner,)
    for key in keys:
        for number, owner in enumerate(reading.data.get(key, ())):
            if owner.get("id") == name:
                field_name = "advice" if sheet.key == "advice" else sheet.key
                parts = () if sheet.key == "advice" else (len(owner.setdefault(field_name, [])),)
                return (key, number, field_name, *parts)
    reading.report("unknown-owner", where, f"ไม่มี “{name}” ในแผ่นงานที่อ้างถึง", "แก้รหัส หรือลบแถวนี้")
    return None


def _store(
    reading: _Reading,
    sheet: Sheet,
    place: Place,
    where: Location,
    entry: dict[str, Any],
    entries: list[dict[str, Any]],
) -> None:
    if sheet.key == "sources":
        name = place[1]
        if name in reading.data["sources"]:
            reading.report("duplicate-id", where, f"รหัส “{name}” ซ้ำ", "เปลี่ยนรหัสตัวใดตัวหนึ่ง")
        entry.pop("id", None)
        reading.data["sources"][name] = entry
    elif sheet.owner:
        owner = reading.data[str(place[0])][int(place[1])]
        if sheet.key == "advice":
            if "advice" in owner:
                reading.report("duplicate-id", where, f"ข้อแนะนำของ {owner['id']} ซ้ำ", "เหลือแถวเดียว")
            owner["advice"] = entry
        else:
            owner[sheet.key].append(entry)
    else:
        entries.append(entry)


def _put(entry: dict[str, Any], column: Column, value: Any) -> None:
    for name in column.path[:-1]:
        entry = entry.setdefault(name, {})
    entry[column.path[-1]] = value


def _read_cell(reading: _Reading, column: Column, cell: Any, where: Location) -> Any:
    """The value of a cell; what is plainly wrong is reported here, the rest by the checks of rules."""
    if isinstance(cell, dict):
        reading.report("formula-in-cell", where, f"เป็นสูตร {cell['formula'][:40]}", "ใส่ค่าแทนสูตร")
        return None
    if cell in (None, ""):
        return [] if column.kind in ("list", "references") else {} if column.kind in ("values", "changes") else None
    if column.kind in ("integer", "percent"):
        return _read_number(column, cell)
    if column.kind in ("choice", "flag"):
        return _read_choice(reading, column, _text(cell), where)
    if column.kind in ("list", "references"):
        names = {word: value for value, word in (column.choices or {}).items()}
        return [names.get(part, part) for part in map(str.strip, _text(cell).split(";")) if part]
    if column.kind == "values":
        pairs = [part.partition("=") for part in _text(cell).split(";") if part.strip()]
        return {name.strip(): value.strip() for name, _, value in pairs}
    if column.kind == "changes":
        return _read_changes(_text(cell))
    return _text(cell)


def _read_changes(text: str) -> dict[str, Any]:
    """What a reading changes; a part that is not written as it should be stands as it is, for the checks to refuse."""
    changes: dict[str, Any] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        path, _, value = part.partition("=")
        steps = [step.strip() for step in path.split("|")]
        if len(steps) == 3 and value:
            changes.setdefault(steps[0], {}).setdefault(steps[1], {})[steps[2]] = value.strip()
        else:
            changes[part] = {}
    return changes


def _text(cell: Any) -> str:
    """The text of a cell, as a person reads it: 9.1 for the number 9.1, 2568 for 2568.0."""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)).normalize(), "f")
    return "" if cell is None else str(cell).strip()


def _read_number(column: Column, cell: Any) -> Any:
    """A whole number, in hundredths for a percentage; anything else as it is, for the checks to refuse."""
    try:
        number = Decimal(_text(cell)) * (100 if column.kind == "percent" else 1)
    except InvalidOperation:
        return cell
    return int(number) if number == number.to_integral_value() else str(cell)


def _read_choice(reading: _Reading, column: Column, word: str, where: Location) -> Any:
    choices = column.choices or {}
    value = next((v for v, name in choices.items() if word in (name, v)), None)
    if value is None:
        reading.report("not-a-choice", where, f"“{word[:60]}” ไม่ใช่ค่าที่ใช้ได้", f"เลือกจาก {', '.join(choices.values())}")
        return None
    return value == "yes" if column.kind == "flag" else value
