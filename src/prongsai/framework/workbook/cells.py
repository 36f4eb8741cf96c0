"""The cells of a workbook as JSON data. This runs in the sandbox, and imports nothing else of ours."""

import datetime
import zipfile
from pathlib import Path
from typing import Any

from prongsai.lib import sandbox

MAX_UNZIPPED = 100_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 60


def answer_cells(file: str) -> None:
    """Answer with every sheet of a workbook, or with an error in Thai."""
    sandbox.answer(lambda: _read(Path(file)), memory=1_000_000_000, seconds=60)


def _read(path: Path) -> dict[str, Any]:
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNZIPPED:
                return {"error": "ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย"}
        book = openpyxl.load_workbook(path, keep_links=False)
        return {"sheets": {sheet.title: _sheet(sheet) for sheet in book.worksheets}}
    except MemoryError:
        return {"error": "ไฟล์ต้องใช้หน่วยความจำมากผิดปกติ จึงหยุดเปิด"}
    except zipfile.BadZipFile:
        return {"error": "ไม่ใช่สมุดงาน .xlsx"}
    except Exception as error:  # a parser may fail in any way on a hostile file
        return {"error": f"ไฟล์เสียหรือไม่ตรงรูปแบบ ({type(error).__name__})"}


def _sheet(sheet: Any) -> dict[str, Any]:
    """Rows of cells, and merged areas with their first row and column. A formula is {"formula": text}."""
    rows = sheet.iter_rows(max_row=min(sheet.max_row, MAX_ROWS), max_col=min(sheet.max_column, MAX_COLUMNS))
    merged = [(str(a), a.min_row, a.coord.partition(":")[0].rstrip("0123456789")) for a in sheet.merged_cells.ranges]
    return {"rows": [[_value(cell) for cell in row] for row in rows], "merged": merged}


def _value(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "f":
        return {"formula": str(getattr(value, "text", value))}
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
