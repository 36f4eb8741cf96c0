"""Rows of workbooks from before 2007 (.xls), as their cells show them.

xlrd, because calamine gives no formats of numbers and does not say what is hidden: a score that is shown as 97.07 came
out as 97.07142857.
"""

import io
import struct
from collections.abc import Iterator
from typing import Any

from prongsai.intake.files import MAX_SHEETS, Row, UnreadableError
from prongsai.intake.workbook import MAX_COLUMNS, SheetParts, sheet_rows
from prongsai.lib import sandbox

_BYTES_A_SECOND = 1_000_000  # as slowly as a file may be opened
_GENERAL = ("", "General", "GENERAL")


def workbook_rows(data: bytes) -> Iterator[Row]:
    """Rows of the sheets in their order. Raises UnreadableError."""
    import xlrd

    sandbox.allow_until(sandbox.base_seconds() + len(data) / _BYTES_A_SECOND)
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, logfile=io.StringIO(), ragged_rows=True, on_demand=True
        )
        if book.nsheets > MAX_SHEETS:
            raise UnreadableError(f"มี {book.nsheets:,} แผ่นงาน เกิน {MAX_SHEETS} ส่งเฉพาะแผ่นที่มีคะแนน")
        for number in range(book.nsheets):
            yield from _sheet(book, book.sheet_by_index(number), number)
            book.unload_sheet(number)
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error) as error:
        raise UnreadableError(_problem(str(error))) from error


def _sheet(book: Any, sheet: Any, number: int) -> Iterator[Row]:
    parts = SheetParts(
        hidden_rows={row + 1 for row, about in sheet.rowinfo_map.items() if about.hidden},
        hidden_columns={c + 1 for c, about in sheet.colinfo_map.items() if about.hidden and c < MAX_COLUMNS},
    )
    rows = ((at + 1, _cells(book, sheet, at, parts)) for at in range(sheet.nrows))
    yield from sheet_rows(sheet.name, number + 1, rows, parts, is_hidden=sheet.visibility != 0)


def _problem(reason: str) -> str:
    if "encrypted" in reason.lower():
        return "ไฟล์มีรหัสผ่าน ปลดรหัสก่อนแล้วส่งใหม่"
    return "ไฟล์ Excel รุ่นเก่าเสียหรือไม่ครบ เปิดใน Excel แล้วบันทึกใหม่เป็น .xlsx"


def _cells(book: Any, sheet: Any, row: int, parts: SheetParts) -> list[str]:
    import xlrd

    values = sheet.row_values(row)
    cells = [""] * len(values)
    for column, kind in enumerate(sheet.row_types(row)):
        if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        value: object = values[column]
        if kind == xlrd.XL_CELL_NUMBER:
            code = _format_of(book, sheet.cell_xf_index(row, column))
            if code not in _GENERAL:
                parts.formats[row + 1, column + 1] = code
        elif kind == xlrd.XL_CELL_ERROR:
            value = xlrd.error_text_from_code.get(values[column], "#ERROR")
        elif kind == xlrd.XL_CELL_DATE:
            value = _date(book, values[column])
        elif kind == xlrd.XL_CELL_BOOLEAN:
            value = bool(values[column])
        cells[column] = parts.show(row + 1, column + 1, value)
    return cells


def _format_of(book: Any, style: int) -> str:
    """The code of a style's format; "" for one that the file does not say."""
    if not 0 <= style < len(book.xf_list):
        return ""
    found = book.format_map.get(book.xf_list[style].format_key)
    return found.format_str[:255] if found else ""


def _date(book: Any, value: float) -> str:
    import xlrd

    try:
        return str(xlrd.xldate_as_datetime(value, book.datemode).date())
    except (xlrd.XLDateError, ValueError, OverflowError):
        return str(value)
