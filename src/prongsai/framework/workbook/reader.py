"""A workbook read into rules; whatever is wrong is named by its sheet and cell, in the words of the workbook."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from prongsai.framework.loader import Check, check_data
from prongsai.framework.problems import Problem, ProblemCode, errors_of
from prongsai.framework.reading import Location
from prongsai.framework.tree import Framework
from prongsai.framework.workbook.layout import FIRST_ROW, GENERAL, GENERAL_ROWS, PREVIOUS, SHEETS, Column, Sheet
from prongsai.lib import sandbox, thai, uploads
from prongsai.lib.strict_yaml import Place

LIMITS = sandbox.Limits(seconds=8, max_seconds=8, wall=30, memory=1_000_000_000)  # for who waits at a page
_REFUSALS: Mapping[str, str] = {
    "time": "ใช้เวลาเปิดนานผิดปกติ จึงหยุดเปิด",
    "memory": "ไฟล์ต้องใช้หน่วยความจำมากผิดปกติ จึงหยุดเปิด",
    "size": "ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย",
    "busy": "ระบบกำลังเปิดไฟล์อื่นอยู่ รอสักครู่แล้วส่งใหม่",
}
_JOB = "prongsai.framework.workbook.cells:answer_cells"
_UNREADABLE = ("missing-sheet", "moved-column", "merged-cells", "beyond-sheet")  # nobody knows then what stands where

_NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_SHOWN_AS = {"date": {"date"}, "percent": {"percent"}}  # what a spreadsheet makes of a value, and is read as it is

FindRules = Callable[[str, int], Framework | None]


@dataclass
class _Reading:
    """What was read so far: rules as data, where each part stands, and what is wrong with single cells."""

    sheets: Mapping[str, Any]
    data: dict[str, Any] = field(default_factory=dict)
    locations: dict[Place, Location] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: ProblemCode, where: Location, what: str, how: str) -> None:
        why = "ระบบอ่านสมุดงานตามหัวคอลัมน์และค่าในเซลล์เท่านั้น ไม่เดาแทน"
        self.problems.append(Problem(code, where.file, where.line, what, why, how, where.column))


def read_workbook(
    path: Path, previous: Framework | FindRules | None, also: Check | None = None, *, file_name: str = ""
) -> tuple[Framework | None, list[Problem]]:
    """The rules of a workbook, and every problem of it with sheet and cell; never raises for what the file contains.

    ``previous`` are the rules of the year before, or what finds them by assessment and year; ``also`` checks complete
    rules further, as in :func:`prongsai.framework.check`; ``file_name`` is what people call the file. With an error
    there is no Framework; with cautions alone there is.
    """
    sheets = _open(path)
    if isinstance(sheets, str):
        why, how = "อ่านได้เฉพาะสมุดงาน .xlsx", "ส่งออกสมุดงานใหม่แล้วแก้ในไฟล์นั้น"
        return None, [Problem("not-a-workbook", file_name or path.name, 1, sheets, why, how)]
    reading = _Reading(sheets)
    _check_sheets(reading)
    if not _is_unreadable(reading):
        _read_general(reading)
        for sheet in SHEETS:
            _read_sheet(reading, sheet)
    if _is_unreadable(reading):
        return None, _in_order(reading.problems)
    reading.locations[()] = Location(GENERAL, 1, "A")
    if callable(previous):
        assessment, year = reading.data.get("assessment"), reading.data.get("fiscal_year")
        previous = previous(assessment, year - 1) if isinstance(assessment, str) and isinstance(year, int) else None
    framework, problems = check_data(reading.data, previous, reading.locations, also)
    reported = {problem.where for problem in errors_of(reading.problems)}
    problems = [*reading.problems, *(in_words(p) for p in problems if p.where not in reported)]
    return (None if errors_of(problems) else framework), _in_order(problems)


def _is_unreadable(reading: _Reading) -> bool:
    return any(problem.code in _UNREADABLE for problem in reading.problems)


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """From the first sheet to the last, row by row, column by column."""
    order = {GENERAL: 0} | {sheet.title: number for number, sheet in enumerate(SHEETS, 1)}
    return sorted(problems, key=lambda p: (order.get(p.file, len(order)), p.line, len(p.column), p.column))


def in_words(problem: Problem) -> Problem:
    """A problem for people who see sheets, headings and words where YAML has lists, fields and values: without the path
    in the data, with the heading of each field, the title of each list and the Thai word of each choice."""
    key = str(problem.place[0]) if problem.place else ""
    own = [c for sheet in SHEETS if key in (sheet.key, sheet.owner) for c in sheet.columns] or list(GENERAL_ROWS)
    every = [*own, *GENERAL_ROWS, *(column for sheet in SHEETS for column in sheet.columns)]
    fields, values = _words_of(every), {v: word for c in reversed(every) for v, word in (c.choices or {}).items()}
    words = {sheet.key: sheet.title for sheet in SHEETS if sheet.key} | fields
    words = {value: word for value, word in values.items() if "_" in value} | words

    def replaced(text: str) -> str:
        text = re.sub(r" \([a-z_]+(?:\.[\w.\-/]+)?\)", "", text)
        for pattern, workbook_words in _OF_YAML:
            text = pattern.sub(workbook_words, text)
        text = re.sub(r"'([a-z_]+)'", lambda match: values.get(match[1], match[1]), text)
        text = re.sub(r"(?<=[a-z]: )[a-z_]+", lambda match: values.get(match[0], match[0]), text)
        return re.sub(r"(?<![\w.])[a-z][a-z_]+(?![\w./])", lambda match: words.get(match[0], match[0]), text)

    return replace(problem, what=replaced(problem.what), why=replaced(problem.why), how=replaced(problem.how))


def _words_of(columns: Sequence[Column]) -> dict[str, str]:
    """The headings of fields, and of the groups that they stand in; what comes first goes first."""
    words: dict[str, str] = {}
    for column in columns:
        words.setdefault(column.path[-1] if column.path[-1] not in ("th", "en") else column.path[0], column.title)
    for column in columns:
        words.setdefault(column.path[0], column.title)
    return words


# what is said of lines of YAML, as it is said of cells
_OF_YAML = (
    (re.compile(r"เพิ่ม (\w+): …(?: ใต้รายการนี้)?(?: ดูรูปแบบใน docs/framework-format\.md)?"), r"เติมช่อง “\1”"),
    (re.compile(r"ดูรูปแบบใน docs/framework-format\.md"), "ดูตัวอย่างในสมุดงานของปีอื่น"),
    (re.compile(r"ดูตัวอย่างในแฟ้มของปีอื่น"), "ดูตัวอย่างในสมุดงานของปีอื่น"),
    (re.compile(r"แต่ละบรรทัดของรายการขึ้นต้นด้วย -"), "แต่ละแถวของแผ่นงานเป็นหนึ่งรายการ"),
    (re.compile(r"เขียน (\w+): แล้วขึ้นบรรทัดใหม่ด้วย -"), r"เติมแผ่นงาน “\1”"),
    (re.compile(r"ช่องนี้เป็น true หรือ false"), "ช่องนี้เป็น ใช่ หรือ ไม่ใช่"),
    (re.compile(r" \(ในแฟ้ม YAML[^)]{0,120}\)"), ""),
    (re.compile(r"(?<=') or (?=')"), " หรือ "),
)


def _open(path: Path) -> Mapping[str, Any] | str:
    """The cells of every sheet, or why the file cannot be opened."""
    if path.stat().st_size > uploads.MAX_BYTES:
        return f"ไฟล์ใหญ่เกิน {uploads.MAX_MEGABYTES} MB"
    try:
        answer: dict[str, Any] = sandbox.run(_JOB, limits=LIMITS, file=path, preload=("openpyxl",))
    except sandbox.SandboxError as error:
        if error.reason == "fault":
            return f"ไฟล์เสียหรือไม่ตรงรูปแบบ ({error.detail or '?'})"
        return _REFUSALS.get(error.reason, "ไฟล์เสีย หรือใหญ่เกินกว่าจะเปิดได้อย่างปลอดภัย")
    return str(answer["error"]) if "error" in answer else dict(answer["sheets"])


def _check_sheets(reading: _Reading) -> None:
    """Every sheet is there and seen, with its headings in their places, and no cells are merged."""
    titles = [GENERAL, *(sheet.title for sheet in SHEETS)]
    for title in titles:
        if title not in reading.sheets:
            how = "คืนชื่อแผ่นงานเดิม หรือส่งออกสมุดงานใหม่"
            reading.report("missing-sheet", Location(title, 1), f"ไม่มีแผ่นงาน “{title}”", how)
        else:
            _check_layout(reading, title, reading.sheets[title])
    for title in sorted(reading.sheets.keys() - {*titles, PREVIOUS}):
        reading.report("unknown-sheet", Location(title, 1), f"ไม่รู้จักแผ่นงาน “{title}”", "ลบแผ่นงานนี้ ข้อมูลในนั้นไม่ถูกใช้")
    for sheet in SHEETS:
        if sheet.title in reading.sheets:
            _check_headings(reading, sheet.title, [*sheet.columns, *sheet.formulas])


def _check_layout(reading: _Reading, title: str, cells: Mapping[str, Any]) -> None:
    for area, row, column in cells["merged"]:
        how = "ยกเลิกการผสานเซลล์ แล้วใส่ค่าทีละเซลล์"
        reading.report("merged-cells", Location(title, row, column), f"ผสานเซลล์ {area}", how)
    for row, column in cells["beyond"]:
        where = Location(title, row, _letter(column - 1))
        reading.report("beyond-sheet", where, "มีค่าอยู่ไกลเกินกว่าที่ระบบอ่าน", "ย้ายเข้ามาต่อจากแถวสุดท้ายของตาราง หรือลบ")
    if cells["is_hidden"]:
        what, how = f"แผ่นงาน “{title}” ถูกซ่อน", "เลิกซ่อนแผ่นงาน ผู้ตรวจต้องเห็นทุกค่าที่ถูกอ่าน"
        reading.report("hidden-sheet", Location(title, 1), what, how)
    how = "เลิกซ่อน หรือเลิกกรอง เพื่อให้เห็นทุกค่าที่ถูกอ่าน"
    for row in cells["hidden_rows"][:1]:
        reading.report("hidden-cells", Location(title, row, "A"), "แถวนี้ถูกซ่อน แต่ยังถูกอ่าน", how)
    for column in cells["hidden_columns"][:1]:
        reading.report("hidden-cells", Location(title, 1, _letter(column - 1)), "คอลัมน์นี้ถูกซ่อน แต่ยังถูกอ่าน", how)


def _check_headings(reading: _Reading, title: str, columns: list[Any]) -> None:
    rows = reading.sheets[title]["rows"]
    head = [_text(cell) for cell in rows[0]]
    expected = [column.title for column in columns]
    for number in range(max(len(head), len(expected))):
        found = head[number] if number < len(head) else ""
        wanted = expected[number] if number < len(expected) else ""
        if found != wanted:
            what = f"หัวคอลัมน์เป็น “{found}” แต่ต้องเป็น “{wanted}”" if wanted else f"มีคอลัมน์เกิน “{found}”"
            how = "คืนลำดับและชื่อคอลัมน์เดิม" if wanted else "ลบคอลัมน์นี้"
            reading.report("moved-column", Location(title, 1, _letter(number)), what, how)
    for number, row in enumerate(rows[1:], 2):
        for place, cell in enumerate(row[len(columns) :], len(columns)):
            _report_unread(reading, cell, Location(title, number, _letter(place)))


def _report_unread(reading: _Reading, cell: Any, where: Location) -> None:
    if cell not in (None, ""):
        reading.report("unread-cell", where, "ค่านี้อยู่นอกตาราง จึงไม่ถูกอ่าน", "ย้ายเข้าตาราง หรือลบ")


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
        cells = [*(rows[number - 1] if number <= len(rows) else []), None, None]
        title, where = _text(cells[0]), Location(GENERAL, number, "B")
        if title != column.title:
            what = f"แถวนี้เป็น “{title}” แต่ต้องเป็น “{column.title}”"
            reading.report("moved-column", Location(GENERAL, number, "A"), what, "คืนลำดับแถวเดิม")
            continue
        value = _read_cell(reading, column, cells[1], where)
        _put(reading.data, column, value)
        for depth in range(1, len(column.path) + 1):
            reading.locations.setdefault(column.path[:depth], where)
    for number, cells in enumerate(rows[FIRST_ROW - 1 :], FIRST_ROW):
        known = 2 if number < FIRST_ROW + len(GENERAL_ROWS) else 0
        for place, cell in enumerate(cells[known:], known):
            _report_unread(reading, cell, Location(GENERAL, number, _letter(place)))
    if not _holds_anything(reading.data.get("small_groups")):
        reading.data["small_groups"] = None


def _holds_anything(value: Any) -> bool:
    return any(map(_holds_anything, value.values())) if isinstance(value, dict) else bool(value)


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
    if name:
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
    """The value of a cell; what is plainly wrong with it is reported here, in the words of the workbook."""
    if isinstance(cell, dict) and not (cell.keys() & _SHOWN_AS.get(column.kind, set())):
        _report_no_value(reading, cell, where)
        return None
    if cell in (None, "") or (isinstance(cell, str) and not cell.strip()):
        if not column.optional:
            reading.report("missing-field", where, f"ช่อง “{column.title}” ว่าง", "ใส่ค่า ช่องนี้จำเป็น")
        return [] if column.kind in ("list", "references") else {} if column.kind in ("values", "changes") else None
    if isinstance(cell, bool):
        reading.report("not-text", where, f"เป็นค่าตรรกะ {str(cell).upper()}", "พิมพ์เป็นข้อความหรือตัวเลข")
        return None
    if column.is_id and isinstance(cell, float) and not cell.is_integer():
        what = f"รหัสเป็นตัวเลข {_text(cell)}"
        reading.report("number-for-text", where, what, "ถ้ารหัสลงท้ายด้วย 0 เช่น 10.10 ให้พิมพ์ ' นำหน้า เพื่อให้เป็นข้อความ")
    return _read_filled(reading, column, cell, where)


def _report_no_value(reading: _Reading, cell: Mapping[str, str], where: Location) -> None:
    if "formula" in cell:
        reading.report("formula-in-cell", where, f"เป็นสูตร {cell['formula'][:40]}", "ใส่ค่าแทนสูตร")
    elif "error" in cell:
        reading.report("error-in-cell", where, f"เซลล์มีข้อผิดพลาด {cell['error']}", "ใส่ค่าใหม่")
    else:
        shown = f"วันที่ {cell['date']}" if "date" in cell else _text(cell)
        what = f"โปรแกรมตารางแปลงค่านี้เป็น {shown}"
        reading.report("not-text", where, what, "จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์ใหม่")


def _read_filled(reading: _Reading, column: Column, cell: Any, where: Location) -> Any:
    if isinstance(cell, dict) and "date" in cell:
        return cell["date"]
    if column.kind in ("integer", "percent"):
        return _read_number(reading, column, cell, where)
    if column.kind in ("choice", "flag"):
        return _read_choice(reading, column, _text(cell), where)
    if column.kind in ("list", "references"):
        return [_value_of(reading, column, part, where) for part in _parts(cell)]
    if column.kind in ("values", "counts"):
        pairs = [part.partition("=") for part in _parts(cell)]
        values = {name.strip(): value.strip() for name, _, value in pairs}
        return (
            values
            if column.kind == "values"
            else {n: _read_number(reading, column, v, where) for n, v in values.items()}
        )
    if column.kind == "changes":
        return _read_changes(_parts(cell))
    return cell if isinstance(cell, str) and not column.is_id and column.kind == "text" else _text(cell)


def _parts(cell: Any) -> list[str]:
    """What a cell lists, on lines of their own, or divided by semicolons."""
    text = _text(cell)
    return [part.strip() for part in text.split("\n" if "\n" in text else ";") if part.strip()]


def _read_changes(parts: list[str]) -> dict[str, Any]:
    """What a reading changes; a part that is not written as it should be stands as it is, for the checks to refuse."""
    changes: dict[str, Any] = {}
    for part in parts:
        path, _, value = part.partition("=")
        steps = [step.strip() for step in path.split("|")]
        if len(steps) == 3 and value:
            changes.setdefault(steps[0], {}).setdefault(steps[1], {})[steps[2]] = value.strip()
        else:
            changes[part] = {}
    return changes


def _text(cell: Any) -> str:
    """The text of a cell, as a person reads it: 9.1 for the number 9.1, 2568 for 2568.0."""
    if isinstance(cell, dict):
        return f"{_plain(Decimal(cell['percent']) * 100)}%" if "percent" in cell else next(iter(cell.values()))
    if isinstance(cell, float):
        return _plain(Decimal(repr(cell)))
    return "" if cell is None else str(cell).strip()


def _plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


def _read_number(reading: _Reading, column: Column, cell: Any, where: Location) -> int | None:
    """A whole number; of a percentage, in hundredths."""
    is_percent = column.kind == "percent"
    number = _number_of(cell, is_percent=is_percent)
    kind = "ตัวเลข ทศนิยมไม่เกินสองตำแหน่ง" if is_percent else "จำนวนเต็ม"
    shown = f"“{_text(cell)[:60]}”"
    if number is None or number != number.to_integral_value():
        reading.report("not-an-integer", where, f"{shown} ไม่ใช่{kind}", f"ใส่{kind}")
        return None
    largest = None if column.maximum is None else column.maximum * (100 if is_percent else 1)
    if number < 0 or (largest is not None and number > largest):
        how = "ใส่ค่าตั้งแต่ 0" + (f" ถึง {column.maximum}" if column.maximum else "")
        reading.report("out-of-range", where, f"{shown} อยู่นอกช่วง", how)
        return None
    return int(number)


def _number_of(cell: Any, *, is_percent: bool) -> Decimal | None:
    """The number that a cell shows, in hundredths for a percentage: 30, "30", "30%" and 0.3 shown as 30% are the same
    percentage. None for what is no number, or could be read as two: "1,5"."""
    scale = 100 if is_percent else 1
    if isinstance(cell, dict):
        return Decimal(cell["percent"]) * 100 * scale if is_percent else None
    text = thai.arabic(_text(cell))
    text = text.removesuffix("%").strip() if is_percent else text
    return Decimal(text.replace(",", "")) * scale if _NUMBER.fullmatch(text) else None


def _read_choice(reading: _Reading, column: Column, word: str, where: Location) -> Any:
    value = _value_of(reading, column, word, where)
    return value == "yes" if column.kind == "flag" and value is not None else value


def _value_of(reading: _Reading, column: Column, word: str, where: Location) -> str | None:
    """The value that a Thai word of a choice stands for; a word itself where the column has no choices."""
    if column.choices is None:
        return word
    value = next((v for v, name in column.choices.items() if word in (name, v)), None)
    if value is None:
        how = f"เลือกจาก {', '.join(column.choices.values())}"
        reading.report("not-a-choice", where, f"“{word[:60]}” ไม่ใช่ค่าที่ใช้ได้", how)
    return value
