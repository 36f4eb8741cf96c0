"""Rows of PDFs and of pictures: letters by where they stand, tables by the lines that rule them."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from prongsai.intake import scans
from prongsai.intake.files import (
    MAX_PAGES,
    MAX_SCANS,
    PLACE_OF_LINE,
    PLACE_OF_PAGE,
    SECONDS_A_PAGE,
    SECONDS_A_SCAN,
    Row,
    UnreadableError,
)
from prongsai.intake.scans import Spot
from prongsai.lib import sandbox, thai

if TYPE_CHECKING:
    from pdfplumber.page import Page
    from pdfplumber.table import Table
    from PIL.Image import Image
    from pypdfium2 import PdfDocument, PdfPage

# lines that start something new, however full the line before
_BEGINS = re.compile(r"ตัวชี้วัด|รายละเอียด|ส่วนที่|ข้อ|\d{1,2}[.)](?!\d)|\d{1,2}\.\d{1,2}\s+(?!คะแนน)|[-•✓✗○●–]|\(\d")


@dataclass
class _Letter:
    """A letter with the marks on it and the spaces after it; where it stands in points from the top left."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    is_parted: bool = False  # from the letter before, as pdfium supposes

    def within(self, box: tuple[float, float, float, float]) -> bool:
        middle, height = (self.left + self.right) / 2, self.baseline - 0.3 * self.size
        return box[0] <= middle <= box[2] and box[1] <= height <= box[3]


def pdf_rows(data: bytes, pictures: bool) -> Iterator[Row]:
    """Tables by their ruled cells, other lines by their gaps; letters and their order from the text layer, or from the
    picture of a page that has none."""
    document = _open_pdf(data)
    if len(document) > MAX_PAGES:
        raise UnreadableError(f"PDF มี {len(document)} หน้า เกิน {MAX_PAGES} ตัดเฉพาะหน้าที่มีคะแนน")
    scanned = {n for n in range(len(document)) if _is_picture(document[n])}
    if len(scanned) == len(document):
        _require_scans(pictures, len(scanned))
    elif len(scanned) > MAX_SCANS or not (pictures and scans.is_installed()):
        scanned = set()  # a cover, a signed letter: what has letters is read
    table_number, seconds = 0, 0
    for number, page in enumerate(document):
        sandbox.allow_until(sandbox.base_seconds() + seconds + (SECONDS_A_SCAN if number in scanned else 0))
        seconds += SECONDS_A_SCAN if number in scanned else SECONDS_A_PAGE
        if number in scanned:
            rows = _rows_of_scan(draw_page(page), number + 1, table_number)
        else:
            rows = (row for row, *_ in _rows_of_page(_letters_of(page), tables_of(page), number + 1, table_number))
        for row in rows:
            table_number = max(table_number, row.table)
            yield row


def _open_pdf(data: bytes) -> "PdfDocument":
    """Raises UnreadableError."""
    import pypdfium2
    from pypdfium2 import PdfiumError

    try:
        return pypdfium2.PdfDocument(data)
    except PdfiumError as error:
        locked = "password" in str(error).lower()
        raise UnreadableError("PDF มีรหัสผ่าน ปลดรหัสก่อน" if locked else "PDF เสียหรือดาวน์โหลดไม่ครบ") from error


def _is_picture(page: "PdfPage") -> bool:
    return bool(page.get_textpage().count_chars() <= _FEW_LETTERS)


_FEW_LETTERS = 15  # of a page that has no text to read


def _require_scans(pictures: bool, pages: int = 1) -> None:
    """Raises UnreadableError, with what to do instead, where pictures are not read."""
    if not pictures:
        raise UnreadableError("เป็นภาพ ไม่มีข้อความให้อ่าน ใช้ไฟล์ต้นฉบับหรือ PDF ที่คัดลอกข้อความได้")
    if not scans.is_installed():
        raise UnreadableError(
            "เป็นภาพสแกนหรือภาพถ่าย ซึ่งระบบนี้ยังไม่ได้ติดตั้งส่วนที่อ่านภาพ พิมพ์ตัวเลขเอง ใช้ไฟล์ต้นฉบับ หรือแจ้งผู้ดูแลระบบให้ติดตั้ง"
        )
    if pages > MAX_SCANS:
        raise UnreadableError(f"เป็นภาพสแกน {pages} หน้า เกิน {MAX_SCANS} ตัดเฉพาะหน้าที่มีคะแนน")


def draw_page(page: "PdfPage") -> "Image":
    """A page of a PDF as a picture in grey."""
    scale = min(_DOTS / 72, scans.LONG_SIDE * 1.5 / max(*page.get_size(), 1))
    picture: Image = page.render(scale=scale, grayscale=True).to_pil()
    return picture


_DOTS = 200  # to the inch


def picture_rows(data: bytes, pictures: bool) -> Iterator[Row]:
    """The rows of a photograph."""
    _require_scans(pictures)
    sandbox.allow_until(sandbox.base_seconds() + SECONDS_A_SCAN)
    yield from _rows_of_scan(scans.open_picture(data), 1, 0)


def rows_of_pictures(data: bytes) -> Iterator[Row]:
    """The rows of the first MAX_SCANS pages of a file without letters, read from their pictures. A page that cannot be
    read is left out. Raises UnreadableError where none can."""
    problem: UnreadableError | None = None
    table_number, is_any_read = 0, False
    for number, draw in enumerate(_pictures_of(data), 1):
        sandbox.allow_until(sandbox.base_seconds() + number * SECONDS_A_SCAN)
        try:
            rows = list(_rows_of_scan(draw(), number, table_number))
        except UnreadableError as error:
            problem = problem or error
            continue
        is_any_read = True
        table_number = max([table_number, *(row.table for row in rows)])
        yield from rows
    if problem and not is_any_read:
        raise problem


def _pictures_of(data: bytes) -> "list[Callable[[], Image]]":
    """What draws each page. Raises UnreadableError."""
    if b"%PDF-" not in data[:1024]:
        return [partial(scans.open_picture, data)]
    document = _open_pdf(data)
    return [partial(_draw_numbered, document, number) for number in range(min(len(document), MAX_SCANS))]


def _draw_numbered(document: "PdfDocument", number: int) -> "Image":
    return draw_page(document[number])


def _rows_of_scan(picture: "Image", page_number: int, table_number: int) -> Iterator[Row]:
    """The rows of a picture of a page, each with its place in it."""
    page = scans.upright(picture)
    edges = [_edge(*line) for line in scans.ruled_lines(page)]
    tables = [table for table in _tables_between(edges) if _is_table(table)]
    boxes = [[cell for row in table.rows for cell in row.cells if cell] for table in tables]
    pieces = scans.read_pieces(page, boxes)
    letters = [_Letter(p.text, p.left, p.right, p.baseline, p.size) for p in pieces]
    height = scans.height_of(page)
    for row, top, bottom in _rows_of_page(letters, tables, page_number, table_number):
        is_clear = all(p.is_clear for p in pieces if top <= p.baseline - 0.3 * p.size <= bottom)
        spot = Spot(page_number, round(1000 * top / height), round(1000 * bottom / height), is_clear)
        yield replace(row, spot=spot)


def _is_table(table: "Table") -> bool:
    return len(table.rows) >= 2 and len(table.rows[0].cells) >= 2


def _rows_of_page(
    letters: list[_Letter], tables: "list[Table]", page_number: int, table_number: int
) -> Iterator[tuple[Row, float, float]]:
    """The rows of a page from above down, with their top and bottom in points; its tables are numbered after
    ``table_number``."""
    rows: list[tuple[float, float, float, tuple[str, ...], int]] = []
    for table in filter(_is_table, tables):
        table_number += 1
        for row in table.rows:
            words = [_spell([c for c in letters if box and c.within(box)]) for box in row.cells]
            if any(words):
                rows.append((row.bbox[1], row.bbox[1], row.bbox[3], tuple(words), table_number))
        letters = [c for c in letters if not c.within(table.bbox)]
    for first, last, cells in _lines_of(letters):
        rows.append((first.baseline, first.baseline - first.size, last.baseline, cells, 0))
    rows.sort(key=lambda row: row[0])
    for line_number, (_, top, bottom, cells, number) in enumerate(rows, 1):
        yield Row(cells, f"{PLACE_OF_PAGE}{page_number}{PLACE_OF_LINE}{line_number}", number), top, bottom


def tables_of(page: "PdfPage") -> "list[Table]":
    """Tables of a page by pdfplumber's search, over lines that pdfium reads.

    pdfplumber's own reader of pages makes an object of every letter, twenty times the work of pdfium.
    """
    from pdfplumber.utils.geometry import filter_edges

    return _tables_between(filter_edges(list(_edges_of(page)), min_length=1))


def _tables_between(edges: list[dict[str, Any]]) -> "list[Table]":
    from pdfplumber import table
    from pdfplumber.utils.geometry import filter_edges

    edges = table.merge_edges(edges, **dict.fromkeys(_MERGED_WITHIN, 3))
    cells = table.intersections_to_cells(table.edges_to_intersections(filter_edges(edges, min_length=3), 3, 3))
    return [table.Table(cast("Page", None), group) for group in table.cells_to_tables(cells)]


_MERGED_WITHIN = ("snap_x_tolerance", "snap_y_tolerance", "join_x_tolerance", "join_y_tolerance")


def _edges_of(page: "PdfPage") -> Iterator[dict[str, Any]]:
    """Straight upright and level lines that a page draws, as pdfplumber describes edges, in points from the top left.

    Borders come as lines, as thin filled rectangles or as parts of one path; lines that only clip are not drawn.
    """
    height = float(page.get_height())
    for points in _paths_of(page.raw, _UNCHANGED):
        for (x0, y0), (x1, y1) in pairwise(points):
            level, upright = abs(y0 - y1) < _STRAIGHT, abs(x0 - x1) < _STRAIGHT
            if level != upright:
                yield _edge(min(x0, x1), height - max(y0, y1), max(x0, x1), height - min(y0, y1))


def _edge(left: float, top: float, right: float, bottom: float) -> dict[str, Any]:
    """A level or upright line as pdfplumber describes edges."""
    level = bottom - top < right - left
    right, bottom = (right, top) if level else (left, bottom)
    return {
        "x0": left,
        "x1": right,
        "top": top,
        "bottom": bottom,
        "width": right - left,
        "height": bottom - top,
        "orientation": "h" if level else "v",
    }


_STRAIGHT = 0.2  # points that an upright or level line may lean
_Matrix = tuple[float, float, float, float, float, float]
_UNCHANGED: _Matrix = (1, 0, 0, 1, 0, 0)
_FORMS_WITHIN_FORMS = 8


def _paths_of(holder: Any, outer: _Matrix, depth: int = 0) -> Iterator[list[tuple[float, float]]]:
    """Corners of every drawn path of a page, or of a form on it; a curve ends one and begins another."""
    from ctypes import byref, c_float, c_int

    from pypdfium2 import raw

    count, take = (
        (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
        if depth
        else (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
    )
    x, y, matrix, fill, stroke = c_float(), c_float(), raw.FS_MATRIX(), c_int(), c_int()
    for index in range(count(holder)):
        drawn = take(holder, index)
        kind = raw.FPDFPageObj_GetType(drawn)
        if kind not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM):
            continue
        raw.FPDFPageObj_GetMatrix(drawn, byref(matrix))
        a, b, c, d, e, f = inner = _within(outer, matrix)
        if kind == raw.FPDF_PAGEOBJ_FORM:
            if depth < _FORMS_WITHIN_FORMS:
                yield from _paths_of(drawn, inner, depth + 1)
            continue
        raw.FPDFPath_GetDrawMode(drawn, byref(fill), byref(stroke))
        if not (fill.value or stroke.value):
            continue
        points: list[tuple[float, float]] = []
        begun = (0.0, 0.0)
        for position in range(raw.FPDFPath_CountSegments(drawn)):
            segment = raw.FPDFPath_GetPathSegment(drawn, position)
            raw.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
            point = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            if raw.FPDFPathSegment_GetType(segment) != raw.FPDF_SEGMENT_LINETO:
                yield points
                points = []
                if raw.FPDFPathSegment_GetType(segment) == raw.FPDF_SEGMENT_MOVETO:
                    begun = point
            points.append(point)
            if raw.FPDFPathSegment_GetClose(segment):
                points.append(begun)
        yield points


def _within(outer: _Matrix, inner: Any) -> _Matrix:
    """A matrix of something drawn within something else, on the page."""
    a, b, c, d, e, f = outer
    return (
        a * inner.a + c * inner.b,
        b * inner.a + d * inner.b,
        a * inner.c + c * inner.d,
        b * inner.c + d * inner.d,
        a * inner.e + c * inner.f + e,
        b * inner.e + d * inner.f + f,
    )


def _letters_of(page: "PdfPage") -> list[_Letter]:
    """Every letter of a page in the order of the text.

    Spaces that the reader only supposes are noted, and left to the gaps; a cluster that the writer spelled twice over
    the same glyphs ("ที่ที่", "ส่วส่น") is taken once.
    """
    from ctypes import byref, c_double

    from pypdfium2 import raw

    text = page.get_textpage()
    height = float(page.get_height())
    letters: list[_Letter] = []
    x, y, matrix = c_double(), c_double(), raw.FS_MATRIX()
    is_parted, origin = False, 0.0
    for index in range(text.count_chars()):
        letter = thai.standard_letters(chr(raw.FPDFText_GetUnicode(text, index)))
        if letter in "\r\n\x00\ufffe" or raw.FPDFText_IsGenerated(text, index) == 1:
            is_parted = True
            continue
        left, _, right, _ = text.get_charbox(index, loose=True)
        if letters and (thai.is_mark(letter) or letter.isspace()):
            last = letters[-1]
            last.text += letter
            if last.left < right < last.left + 1.5 * last.size and not letter.isspace():
                last.right = max(last.right, right)  # some writers share a cluster's width out among its letters
            continue
        _drop_repeated(letters)
        raw.FPDFText_GetCharOrigin(text, index, byref(x), byref(y))
        raw.FPDFText_GetMatrix(text, index, byref(matrix))
        size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d) or 10.0
        right = max(right, left)
        if letter == "\u0e33" and letters and x.value == origin:
            right += _WIDTH_OF_AM * size  # browsers say it with the letter before, of whose width both are
        letters.append(_Letter(letter, left, right, height - y.value, size, is_parted))
        is_parted, origin = False, x.value
    _drop_repeated(letters)
    return letters


_WIDTH_OF_AM = 0.55  # of the size of a font


def _drop_repeated(letters: list[_Letter]) -> None:
    """Drop the last letter where it is a cluster that stands over an earlier one of the same text: some writers spell
    it again with the glyph of its mark, after the letter that follows."""
    if not letters or not thai.is_mark(letters[-1].text[-1]):
        return
    last = letters[-1]
    for at, before in enumerate(reversed(letters[-_REPEATED_WITHIN:-1])):
        is_over = last.left < before.right - 0.1 and (at == 0 or last.left > before.left - 0.1)
        if before.text == last.text and is_over and abs(before.baseline - last.baseline) < 0.3 * last.size:
            letters.pop()
            return


_REPEATED_WITHIN = 6  # letters


_GAP, _PARTED_GAP = 0.3, 0.15  # of the size of a font, that are a space; the latter where pdfium supposes one


def _spell(letters: list[_Letter]) -> str:
    """Letters in their order; a step to another line, or a gap, is a space."""
    spelled = ""
    before = None
    for letter in letters:
        if before and (
            abs(letter.baseline - before.baseline) > 0.5 * before.size
            or letter.left - before.right > (_PARTED_GAP if letter.is_parted else _GAP) * before.size
        ):
            spelled += " "
        spelled += letter.text
        before = letter
    spelled = re.sub(r"(?<=[0-9๐-๙]) ?\. ?(?=[0-9๐-๙]{1,2}(?![0-9๐-๙]))", ".", spelled)  # a point in another font
    return thai.am_of_gaps(re.sub(r"\s+", " ", spelled).strip())


def _lines_of(letters: list[_Letter]) -> Iterator[tuple[_Letter, _Letter, tuple[str, ...]]]:
    """Lines, with a letter of the first and of the last that were joined: cells where wide gaps divide them, and
    sentences joined where they run to the margin."""
    lines: list[list[tuple[int, _Letter]]] = []
    for numbered in sorted(enumerate(letters), key=lambda n: n[1].baseline):
        first = lines[-1][0][1] if lines else None
        if first and numbered[1].baseline - first.baseline < 0.4 * min(first.size, numbered[1].size):
            lines[-1].append(numbered)
        else:
            lines.append([numbered])
    margin = max((c.right for c in letters), default=0.0)
    pending: tuple[_Letter, _Letter, str] | None = None
    for line in lines:
        runs: list[list[_Letter]] = []
        for _, letter in sorted(line, key=lambda n: n[0]):
            last = runs[-1][-1] if runs else None
            if last and -last.size < letter.left - last.right < 0.9 * last.size:
                runs[-1].append(letter)
            else:
                runs.append([letter])
        runs.sort(key=lambda run: run[0].left)
        cells = tuple(filter(None, (_spell(run) for run in runs)))
        if not cells:
            continue
        begin = end = runs[0][0]
        full = len(cells) == 1 and len(cells[0]) > 30 and runs[0][-1].right > margin - 2.5 * runs[0][0].size
        if pending and len(cells) == 1 and not _BEGINS.match(thai.arabic(cells[0])):
            begin, cells = pending[0], (f"{pending[2]} {cells[0]}",)
        elif pending:
            yield *pending[:2], (pending[2],)
        pending = (begin, end, cells[0]) if full and len(cells[0]) < 4000 else None
        if not pending:
            yield begin, end, cells
    if pending:
        yield *pending[:2], (pending[2],)
