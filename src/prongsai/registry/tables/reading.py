"""From a file that came back to entries: headings, rows, and everything that nobody would see was lost.

What a cell shows counts. Rows and columns that are hidden, cells that show an error or a formula without a value, rows
above the heading or on another sheet are named and refused, never taken or left out in silence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from prongsai.intake.files import LIMITS, Row, UnreadableError, read_rows
from prongsai.intake.workbook import NO_VALUE
from prongsai.lib import thai
from prongsai.registry.tables.kinds import Column, Entry

MAX_ROWS = 50_000
_LIMITS = replace(LIMITS, answer=80_000_000)  # bytes of all cells: sixteen hundred a row
_SEARCHED = 20  # rows among which the heading is
_ERROR = re.compile(r"#(?:[A-Z]+[/A-Z0-9]*[!?]?|ERROR)")
_MAX_CELL = 1000
_COLUMN_HIDDEN = " คอลัมน์ที่ซ่อน"


@dataclass(frozen=True)
class Sheet:
    """What a file says: the columns that it has, those that the table does not have (by heading, or by number where
    they have none), and its rows."""

    columns: tuple[str, ...]
    unread: tuple[str, ...]
    entries: list[Entry]


def read_table(path: Path, columns: Sequence[Column], *, index: int | None = None) -> Sheet:
    """The rows of a table below its heading; ``index``: of which file in a ZIP. Raises UnreadableError."""
    return arrange_rows(read_rows(path, hidden=True, limits=_LIMITS, index=index), columns)


def find_titles(rows: Sequence[Row]) -> list[str]:
    """The headings of a table whose columns nobody knows before: the first row with two of them or more; none where
    there is no such row."""
    seen = [r for r in rows if any(c.strip() for c in r.cells)][:_SEARCHED]
    found = ([t for c in r.cells if (t := " ".join(c.split()))] for r in seen if r.table and not r.hidden)
    return next((titles for titles in found if len(set(titles)) >= 2), [])


def arrange_rows(rows: Sequence[Row], columns: Sequence[Column]) -> Sheet:
    """The same of rows that were read. Raises UnreadableError."""
    rows = [r for r in rows if any(c.strip() for c in r.cells)]
    names = {thai.squeeze(name): c.key for c in columns for name in (c.title, c.key, *c.aliases)}
    titles = {c.key: c.title for c in columns}
    start = next((n for n, r in enumerate(rows[:_SEARCHED]) if not r.hidden and _count_known(r, names) >= 2), None)
    if start is None:
        wanted = ", ".join(titles.values())
        raise UnreadableError(f"ไม่พบหัวตาราง ต้องมีแถวที่มีหัวคอลัมน์เหล่านี้อย่างน้อยสองคอลัมน์: {wanted}")
    at, unread = _find_columns(rows[start], names, titles)
    body = [r for r in rows[:start] if r.table] + rows[start + 1 :]  # a title above the heading is no row
    veiled = {r.place.removesuffix(_COLUMN_HIDDEN) for r in body if _is_part(r)}
    body = [r for r in body if not _is_part(r) and not _is_name_of_sheet(r)]
    if len(body) > MAX_ROWS:
        raise UnreadableError(f"มี {len(body):,} แถว ไฟล์หนึ่งใส่ได้ไม่เกิน {MAX_ROWS:,} แถว แบ่งเป็นหลายไฟล์")
    if not body:
        raise UnreadableError("ใต้หัวตารางไม่มีแถวข้อมูล")
    unread = (*unread, *_name_columns_without_heading(body, rows[start]))
    above = {r.place for r in rows[:start]}
    entries = []
    for row in body:
        if not row.table:
            entries.append(Entry(row.place, {}, title=_cell(row, 0)[:200]))
        else:
            entries.append(Entry(row.place, {key: _cell(row, k) for key, k in at.items()}))
        if problem := _find_problem(row, rows[start], is_above=row.place in above, is_veiled=row.place in veiled):
            entries[-1].refuse("", problem)
        for key, text in entries[-1].cells.items():
            if problem := _find_problem_of_cell(text):
                entries[-1].refuse(titles[key], problem)
                entries[-1].cells[key] = text[:_MAX_CELL]
    return Sheet(tuple(at), unread, entries)


def _is_part(row: Row) -> bool:
    """Whether it is the hidden cells of a row that stands beside it."""
    return row.hidden and row.place.endswith(_COLUMN_HIDDEN)


def _is_name_of_sheet(row: Row) -> bool:
    return row.place.startswith("แผ่น ") and " แถว " not in row.place


def _find_problem(row: Row, heading: Row, *, is_above: bool, is_veiled: bool) -> str:
    if row.hidden:
        return "แถวหรือแผ่นนี้ถูกซ่อนไว้ จึงไม่ได้อ่าน เลิกซ่อนแล้วใส่ไฟล์ใหม่ หรือลบออก"
    if _sheet_of(row) != _sheet_of(heading):
        return "อยู่คนละแผ่นกับหัวตาราง จึงไม่ได้อ่าน ย้ายมาไว้ในแผ่นเดียวกัน"
    if is_above:
        return "อยู่เหนือหัวตาราง จึงไม่ได้อ่าน"
    if is_veiled:
        return "มีค่าในคอลัมน์ที่ซ่อนไว้ เลิกซ่อนคอลัมน์แล้วใส่ไฟล์ใหม่"
    return "" if row.table else "มีข้อความเพียงช่องเดียว ไม่ทราบว่าเป็นคอลัมน์ใด"


def _find_problem_of_cell(text: str) -> str:
    if text == NO_VALUE:
        return "เป็นสูตรที่ยังไม่มีค่า พิมพ์ค่าแทนสูตร"
    if _ERROR.fullmatch(text):
        return f"แสดงค่าผิดพลาด {text} พิมพ์ค่าแทนสูตร"
    return f"ยาว {len(text):,} ตัวอักษร ใส่ได้ไม่เกิน {_MAX_CELL:,}" if len(text) > _MAX_CELL else ""


def _count_known(row: Row, names: dict[str, str]) -> int:
    return len({names[k] for c in row.cells if (k := thai.squeeze(c)) in names})


def _find_columns(
    heading: Row, names: dict[str, str], titles: dict[str, str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    at: dict[str, int] = {}
    unread = []
    for k, cell in enumerate(heading.cells):
        key = names.get(thai.squeeze(cell))
        if key in at:
            raise UnreadableError(f"{heading.place}: มีคอลัมน์ {titles[key]} สองคอลัมน์ ไม่ทราบว่าจะใช้คอลัมน์ใด ลบออกหนึ่งคอลัมน์")
        if key is not None:
            at[key] = k
        elif cell.strip():
            unread.append(" ".join(cell.split())[:60])
    return at, tuple(unread[:50])


def _name_columns_without_heading(body: Sequence[Row], heading: Row) -> list[str]:
    """Columns that have something below no heading, on the heading's sheet."""
    named = {k for k, cell in enumerate(heading.cells) if cell.strip()}
    found = {
        k
        for row in body
        if row.table and not row.hidden and _sheet_of(row) == _sheet_of(heading)
        for k, cell in enumerate(row.cells)
        if k not in named and cell.strip()
    }
    return [f"คอลัมน์ที่ {k + 1} ซึ่งไม่มีหัว" for k in sorted(found)[:20]]


def _cell(row: Row, k: int) -> str:
    return thai.clean(row.cells[k]).strip() if k < len(row.cells) else ""


def _sheet_of(row: Row) -> str:
    return row.place.rpartition(" แถว ")[0]
