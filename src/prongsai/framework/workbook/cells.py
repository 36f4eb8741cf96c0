"""The cells of a workbook as JSON data. This runs in the sandbox."""

import datetime
import io
import zipfile
from typing import IO, Any

MAX_UNZIPPED = 100_000_000
OLD_FORMAT = bytes.fromhex("d0cf11e0a1b11ae1")  # of .xls, and of workbooks with a password
MAX_ROWS = 5_000
MAX_COLUMNS = 60


def answer_cells(file: IO[bytes]) -> dict[str, Any]:
    """Every sheet of a workbook, or an error in Thai."""
    import openpyxl

    data = file.read()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED:
                return {"error": "ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย"}
        book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
        return {"sheets": {sheet.title: _sheet(sheet) for sheet in book.worksheets}}
    except zipfile.BadZipFile:
        old = data[:8] == OLD_FORMAT
        return {"error": "เป็นไฟล์ .xls รุ่นเก่าหรือไฟล์ที่ใส่รหัสผ่าน" if old else "ไม่ใช่สมุดงาน .xlsx"}


def _sheet(sheet: Any) -> dict[str, Any]:
    """Rows of cells, up to the last that holds something; what is merged, hidden, or beyond what is read.

    ``merged`` are areas with their first row and column; ``hidden_rows`` and ``hidden_columns`` those that nobody sees.
    """
    from openpyxl.utils import get_column_letter

    filled = [place for place, cell in sheet._cells.items() if cell.value is not None]  # a sheet may be a million rows
    beyond = [place for place in filled if place[0] > MAX_ROWS or place[1] > MAX_COLUMNS]
    inside = [place for place in filled if place[0] <= MAX_ROWS and place[1] <= MAX_COLUMNS]
    size = {"max_row": max((r for r, _ in inside), default=1), "max_col": max((c for _, c in inside), default=1)}
    merged = [(str(a), a.min_row, get_column_letter(a.min_col)) for a in sheet.merged_cells.ranges]
    rows = {row for row, _ in inside if sheet.row_dimensions[row].hidden}
    columns = {column for _, column in inside}
    return {
        "rows": [[_value(cell) for cell in row] for row in sheet.iter_rows(**size)],
        "merged": merged,
        "beyond": sorted(beyond)[:1],
        "is_hidden": sheet.sheet_state != "visible",
        "hidden_rows": sorted(rows),
        "hidden_columns": [c for c in sorted(columns) if _is_hidden(sheet, c)],
    }


def _is_hidden(sheet: Any, column: int) -> bool:
    """Whether a column is hidden, alone or in a group of columns."""
    return any(d.hidden and d.min <= column <= d.max for d in sheet.column_dimensions.values())


def _value(cell: Any) -> Any:
    """A text, a number or a truth value; {"formula"}, {"error"}, {"date"} or {"percent"} with the text of
    one."""
    value = cell.value
    if cell.data_type == "f":
        return {"formula": str(getattr(value, "text", value))}
    if cell.data_type == "e":
        return {"error": str(value)}
    if isinstance(value, datetime.datetime):
        return {"date": value.date().isoformat()}
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return {"date": str(value)}
    if type(value) in (int, float) and "%" in cell.number_format:
        return {"percent": repr(value)}
    return value
