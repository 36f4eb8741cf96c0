"""What stands on the pages of a file without letters, line by line: for whoever wants its text, not its figures."""

from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

from prongsai.intake import scans
from prongsai.intake.files import LIMITS, MAX_DOCUMENT_ROWS, Row, UnreadableError, bounded_rows, run_apart
from prongsai.intake.scans import Spot

MAX_BYTES = 4_000_000  # of what is read
_PRELOAD = ("prongsai.intake.pages", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "numpy", "pdfplumber", "pypdfium2")


def read_scan(data: bytes) -> list[tuple[str, Spot]]:
    """The lines of the first pages (``files.MAX_SCANS``) of a PDF, JPEG or PNG, cells parted by tabs, each with its
    place. It takes seconds a page, in the sandbox. Raises UnreadableError."""
    if not scans.is_installed():
        raise UnreadableError("ระบบนี้ยังไม่ได้ติดตั้งส่วนที่อ่านภาพ")
    answer = run_apart(f"{__name__}:answer_scan", data, preload=_PRELOAD, limits=LIMITS)
    try:
        return [(str(text), Spot(int(page), int(top), int(bottom), bool(c))) for text, (page, top, bottom, c) in answer]
    except (ValueError, TypeError) as error:
        raise UnreadableError("ไฟล์เสีย หรือใหญ่เกินกว่าจะอ่านได้อย่างปลอดภัย") from error


def answer_scan(data: bytes) -> dict[str, Any]:
    """In the sandbox: the lines, or an error."""
    try:
        return {"answer": [(_text_of(row), astuple(row.spot)) for row in _rows_of(data) if row.spot]}
    except UnreadableError as error:
        return {"error": str(error)}


def _rows_of(data: bytes) -> Iterator[Row]:
    from prongsai.intake.pages import rows_of_pictures

    return bounded_rows(rows_of_pictures(data), MAX_BYTES, MAX_DOCUMENT_ROWS)


def _text_of(row: Row) -> str:
    return "\t".join(cell.replace("\n", " ").replace("\t", " ") for cell in row.cells)
