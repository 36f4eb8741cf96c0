"""From a file to rows of cells, whatever the file is, without trusting it.

A line of text is a row of one cell; a table row has as many cells as the table. Every format, plain text too, is opened
in the sandbox, and what it is called apart from its suffix is known there no more than where it is.
"""

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from prongsai.intake.scans import Spot
from prongsai.intake.unreadable import UnreadableError as UnreadableError
from prongsai.lib import sandbox, thai

if TYPE_CHECKING:
    pass

MAX_BYTES = 60_000_000
MAX_UNZIPPED = 400_000_000
MAX_ROWS = 400_000
MAX_DOCUMENT_ROWS = 30_000  # of what is read as a document; a list of every agency has 8,500
MAX_PAGES = 300
MAX_COLUMNS = 2000
MAX_SHEETS = 300
# time on the clock is for a machine that has eight times as much to do as it can: what is lawful is read there too
LIMITS = sandbox.Limits(seconds=3, max_seconds=120, wall=960, memory=2_000_000_000, answer=400_000_000)
PAGE_LIMITS = sandbox.Limits(seconds=4, max_seconds=4, wall=20, answer=20_000_000)  # for who waits at a page
SECONDS_A_PAGE = 1  # of processor time; most take a tenth of a second
SECONDS_A_SCAN = 7  # ... where the page is a picture; most take one or two
MAX_SCANS = 15  # pages of one PDF that are pictures
_PACKED_BYTES_A_SECOND = 200_000  # of a workbook: a nation's, of 330,000 cells, has 1.5 million and takes 2.3 s
PLACE_OF_PAGE, PLACE_OF_LINE = "หน้า ", " บรรทัด "  # where a row of a PDF stands
_BYTES_A_CELL = 3  # of an answer, beside the letters: two quotation marks and what parts it from the next
_LETTERS_A_SECOND = 20_000  # of rows, as slow as they may be read
_EARNED_LETTERS_A_SECOND = 5_000  # of rows, as slow as all that is done with a document may be
_EARNED_SECONDS = 0.1  # by each document, for making its processes
_LIBRARIES = {
    "pdf": ("prongsai.intake.pages", "pdfplumber", "pypdfium2"),
    "zip": ("docx", "python_calamine", "lxml.etree"),
    "old": ("xlrd",),
    "picture": ("prongsai.intake.pages", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "numpy", "pdfplumber"),
    "text": ("lxml.etree",),
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # Microsoft's compound file
# the first record of a workbook that is in no such file, as programs write it (versions 2 to 5)
_OLD_WORKBOOK = tuple(bytes([9, version]) for version in (0, 2, 4, 8))


@dataclass(frozen=True)
class Row:
    """One line or table row. ``table`` numbers the table it belongs to, 0 for running text. ``hidden``: nobody who
    opens the file sees it. ``spot``: where it stands, if it was read from a picture."""

    cells: tuple[str, ...]
    place: str
    table: int = 0
    hidden: bool = False
    spot: Spot | None = None


def read_rows(
    path: Path,
    *,
    trusted: bool = False,
    hidden: bool = False,
    limits: sandbox.Limits = LIMITS,
    index: int | None = None,
    max_rows: int = MAX_ROWS,
    pictures: bool = False,
) -> list[Row]:
    """The rows of a file in reading order, as whoever opens it sees them; with ``hidden`` also the rows of a workbook
    that are hidden, to be named. ``index`` is that of a document in a ZIP (see ``list_documents``). Raises
    UnreadableError, for one where there are more than ``max_rows``. ``pictures``: pages that are pictures are read too,
    by a worker, since one takes seconds.

    LIMITS are those of a worker; a page reads within PAGE_LIMITS. A ``trusted`` file is one that we have just written:
    it is opened here and now, not in the sandbox.
    """
    if trusted:
        return [r for r in rows_of(path.read_bytes(), path.suffix) if hidden or not r.hidden]
    answer = run_on_file(
        "prongsai.intake.files:answer_rows", path, index, limits.answer, max_rows, pictures, limits=limits
    )
    try:
        rows = [_restore_row(*fields) for fields in answer]
        rows = [row for row in rows if hidden or not row.hidden]
    except (ValueError, TypeError, AttributeError) as error:
        raise UnreadableError(_UNSAFE) from error
    letters = sum(len(cell) for row in rows for cell in row.cells)
    pages = {row.place.partition(PLACE_OF_LINE)[0] for row in rows if row.place.startswith(PLACE_OF_PAGE)}
    scanned = {row.spot.page for row in rows if row.spot}
    seconds = len(pages) * SECONDS_A_PAGE + len(scanned) * SECONDS_A_SCAN
    sandbox.earn(_EARNED_SECONDS + letters / _EARNED_LETTERS_A_SECOND + seconds)
    return rows


def _restore_row(cells: list[str], place: str, table: int, hidden: bool, spot: list[Any] | None) -> Row:
    return Row(tuple(cells), place, table, hidden, Spot(*spot) if spot else None)


def list_documents(path: Path, *, limits: sandbox.Limits = LIMITS) -> list[str]:
    """The names of the documents in a ZIP, to be read each by its index; none when the file is itself a document.
    Raises UnreadableError."""
    try:
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                return []
    except OSError:
        return []  # reading it says why
    answer = run_on_file("prongsai.intake.files:answer_documents", path, limits=limits)
    if not isinstance(answer, list) or not all(isinstance(name, str) for name in answer):
        raise UnreadableError(_UNSAFE)
    return answer


_UNKNOWN = "ไม่ใช่เอกสารชนิดที่อ่านได้ ใช้ PDF Word Excel OpenDocument RTF หน้าเว็บที่บันทึกไว้ หรือไฟล์ข้อความ"
_UNSAFE = "ไฟล์เสีย หรือใหญ่เกินกว่าจะอ่านได้อย่างปลอดภัย"
_REFUSALS: dict[str, str] = {
    "time": "อ่านไม่เสร็จในเวลาที่ให้ไฟล์ขนาดนี้ ไฟล์ซับซ้อนผิดปกติหรือเสีย ลองเปิดแล้วบันทึกใหม่ หรือส่งเฉพาะส่วนที่มีคะแนน",
    "memory": "ไฟล์ต้องใช้หน่วยความจำมากผิดปกติ จึงหยุดอ่าน",
    "size": "ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย",
    "busy": "ระบบกำลังอ่านไฟล์อื่นอยู่ รอสักครู่แล้วส่งใหม่",
}


def run_on_file(
    job: str, path: Path, *arguments: Any, preload: Sequence[str] = (), limits: sandbox.Limits = LIMITS
) -> Any:
    """What a job of the sandbox answers about a file under ``answer``. Raises UnreadableError."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1024)
    except FileNotFoundError as error:
        raise UnreadableError("ไม่พบไฟล์นี้ ตรวจชื่อและที่อยู่ของไฟล์") from error
    except IsADirectoryError as error:
        raise UnreadableError("เป็นโฟลเดอร์ ระบุไฟล์ในโฟลเดอร์แทน เช่น โฟลเดอร์/*.pdf") from error
    except PermissionError as error:
        raise UnreadableError("ไม่มีสิทธิ์เปิดไฟล์นี้") from error
    except OSError as error:
        raise UnreadableError(f"เปิดไฟล์ไม่ได้ ({error.strerror or error})") from error
    if size == 0:
        raise UnreadableError("ไฟล์ว่างเปล่า ตรวจว่าบันทึกหรือดาวน์โหลดครบแล้ว")
    if size > MAX_BYTES:
        raise UnreadableError(f"ไฟล์ใหญ่ {size / 1e6:,.0f} MB เกิน {MAX_BYTES / 1e6:,.0f} MB ส่งเฉพาะส่วนที่มีคะแนน")
    libraries = _LIBRARIES[_rough_kind(head)]
    return run_apart(job, path.suffix.lower(), *arguments, file=path, preload=(*preload, *libraries), limits=limits)


def run_apart(
    job: str,
    *arguments: Any,
    file: Path | None = None,
    preload: Sequence[str] = (),
    limits: sandbox.Limits = LIMITS,
) -> Any:
    """What a job of the sandbox answers under ``answer``. Raises UnreadableError, with its ``error`` or what stopped
    it."""
    try:
        reply = sandbox.run(job, *arguments, limits=limits, file=file, preload=preload)
    except sandbox.SandboxError as error:
        if error.reason == "fault":
            kind = error.detail or "?"
            raise UnreadableError(f"ไฟล์เสียหรือไม่ตรงรูปแบบ ({kind}) ลองเปิดแล้วบันทึกใหม่") from error
        raise UnreadableError(_REFUSALS.get(error.reason, _UNSAFE)) from error
    if not isinstance(reply, Mapping) or not reply.keys() & {"answer", "error"}:
        raise UnreadableError(_UNSAFE)
    if "error" in reply:
        raise UnreadableError(str(reply["error"])[:500])
    return reply["answer"]


def _rough_kind(head: bytes) -> str:
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith((_OLD_OFFICE, *_OLD_WORKBOOK)):
        return "old"
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG")):
        return "picture"
    return "zip" if head.startswith(b"PK") else "text"


def answer_documents(file: IO[bytes], _suffix: str) -> dict[str, Any]:
    """In the sandbox: the names of the documents in a ZIP; none for a file that is a document itself."""
    from prongsai.intake.archive import document_names

    data = file.read()
    try:
        return {"answer": document_names(data) if _kind(data) == "archive" else []}
    except UnreadableError as error:
        return {"error": str(error)}


def rows_in(file: IO[bytes], suffix: str, index: int | None, pictures: bool = False) -> Iterator[Row]:
    """The rows of a file, or of one document in it."""
    data, suffix = content_of(file, suffix, index)
    return rows_of(data, suffix, pictures=pictures)


def content_of(file: IO[bytes], suffix: str, index: int | None) -> tuple[bytes, str]:
    """What a file holds, or one document in it, with the suffix of its name. Raises UnreadableError."""
    data = file.read()
    if index is None:
        return data, suffix
    from prongsai.intake.archive import document_in

    data, suffix = document_in(data, index)
    if _kind(data) == "archive":
        raise UnreadableError("เป็น ZIP ใน ZIP แตกไฟล์ก่อนแล้วส่งไฟล์ข้างใน")
    return data, suffix


def answer_rows(
    file: IO[bytes],
    suffix: str,
    index: int | None,
    max_bytes: int,
    max_rows: int = MAX_ROWS,
    pictures: bool = False,
) -> dict[str, Any]:
    """In the sandbox: the rows of a file, or an error."""
    try:
        rows = bounded_rows(rows_in(file, suffix, index, pictures), max_bytes, max_rows)
        return {
            "answer": [
                (row.cells, row.place, row.table, row.hidden, astuple(row.spot) if row.spot else None) for row in rows
            ]
        }
    except UnreadableError as error:
        return {"error": str(error)}


def bounded_rows(rows: Iterable[Row], max_bytes: int, max_rows: int) -> Iterator[Row]:
    """The rows, given up as they grow, not after the last: when there are more, or when an answer
    with them cannot have fewer than ``max_bytes``. Raises UnreadableError."""
    size = 0
    for number, row in enumerate(rows):
        if number >= max_rows:
            raise UnreadableError(f"มีมากกว่า {max_rows:,} แถว แบ่งไฟล์ก่อน")
        size += sum(map(len, row.cells)) + _BYTES_A_CELL * len(row.cells)
        if size > max_bytes:
            raise UnreadableError(_REFUSALS["size"])
        yield row


def rows_of(data: bytes, suffix: str, *, pictures: bool = False) -> Iterator[Row]:
    """The rows of what a file holds; ``suffix`` of its name only tells tables of values from texts. Raises
    UnreadableError, and whatever a parser raises."""
    kind = _kind(data)
    if kind in _WITH_PICTURES:
        rows = _WITH_PICTURES[kind](data, pictures)
    else:
        rows = _text_rows(data, suffix) if kind == "text" else _READERS[kind](data)
    letters = 0
    for number, row in enumerate(rows):
        if number >= MAX_ROWS:
            raise UnreadableError(f"มีมากกว่า {MAX_ROWS:,} แถว แบ่งไฟล์ก่อน")
        if len(row.cells) > MAX_COLUMNS:
            raise UnreadableError(f"{row.place} มีมากกว่า {MAX_COLUMNS:,} คอลัมน์ ส่งเฉพาะส่วนที่มีคะแนน")
        letters += sum(map(len, row.cells)) + len(row.cells)
        if kind not in _WITH_PICTURES:  # they say how it goes on page by page
            sandbox.allow_until(sandbox.base_seconds() + letters / _LETTERS_A_SECOND)
        yield row


def _kind(data: bytes) -> str:
    """A key of _READERS or _WITH_PICTURES, or ``text``, by what the file holds and not by its name. Raises
    UnreadableError."""
    head = data[:4096]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK"):
        return _zip_kind(data)
    if head.startswith(_OLD_OFFICE):
        return _old_kind(data)
    if head.startswith(_OLD_WORKBOOK) and b"\x00" in head[:16]:
        return "xls"
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise UnreadableError("เป็นไฟล์บีบอัดที่ไม่ใช่ ZIP แตกไฟล์ก่อน แล้วส่งทีละไฟล์หรือเป็น ZIP")
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG")):
        return "picture"
    _refuse_other(head)
    return "text"


def _refuse_other(head: bytes) -> None:
    if head[4:8] == b"ftyp":
        raise UnreadableError("เป็นภาพ HEIC หรือวิดีโอจากโทรศัพท์ บันทึกภาพเป็น JPG แล้วส่งใหม่")
    if head.startswith((b"GIF8", b"BM", b"II*\x00", b"MM\x00*")) or head[8:12] == b"WEBP":
        raise UnreadableError("เป็นภาพชนิดที่อ่านไม่ได้ บันทึกภาพเป็น JPG หรือ PNG แล้วส่งใหม่")
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(_UNKNOWN)


def _old_kind(data: bytes) -> str:
    """What a compound file holds: a workbook is read; a text is not, since what reads it cannot run in the sandbox."""
    from xlrd import compdoc

    try:
        document = compdoc.CompDoc(data, logfile=io.StringIO())
        streams = {entry.name for entry in document.dirlist if entry.parent == 0}
    except Exception as error:  # xlrd fails in any way on a damaged file
        raise UnreadableError("ไฟล์ Word หรือ Excel รุ่นเก่าเสียหรือดาวน์โหลดไม่ครบ") from error
    if streams & {"Workbook", "Book"}:
        return "xls"
    if "EncryptedPackage" in streams:
        raise UnreadableError("ไฟล์มีรหัสผ่าน ปลดรหัสก่อนแล้วส่งใหม่")
    if "WordDocument" in streams:
        raise UnreadableError("เป็นไฟล์ Word รุ่นเก่า (.doc) เปิดใน Word แล้วบันทึกใหม่เป็น .docx")
    if "PowerPoint Document" in streams:
        raise UnreadableError("เป็นไฟล์ PowerPoint รุ่นเก่า เปิดแล้วบันทึกเป็น PDF")
    raise UnreadableError("เป็นไฟล์ Office รุ่นเก่าที่ไม่รู้จัก เปิดแล้วบันทึกใหม่เป็น .docx หรือ .xlsx")


def _zip_kind(data: bytes) -> str:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise UnreadableError("ไฟล์เสียหรือดาวน์โหลดไม่ครบ") from error
    if len(entries) > 5000 or sum(e.file_size for e in entries) > MAX_UNZIPPED:
        raise UnreadableError("ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย")
    names = {e.filename for e in entries}
    if "word/document.xml" in names:
        return "docx"
    if any(n.startswith("xl/workbook") for n in names):
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:
        return "opendocument"
    if "ppt/presentation.xml" in names:
        raise UnreadableError("เป็นไฟล์ PowerPoint เปิดแล้วบันทึกเป็น PDF")
    return "archive"


# --- text ----------------------------------------------------------------------------------------------------------


def decode(data: bytes) -> str:
    """Text of a Thai file: UTF-8, UTF-16 with its mark, or Windows-874 (TIS-620). Raises UnreadableError."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp874")
    except UnicodeDecodeError:
        text = data.decode("cp874", errors="replace")
    letters = [c for c in text if not c.isascii()]
    if letters and sum("\u0e00" <= c <= "\u0e7f" for c in letters) < 0.7 * len(letters):
        raise UnreadableError("ไม่รู้รหัสอักขระของไฟล์ บันทึกใหม่เป็น UTF-8")
    return text


_TAG = re.compile(r"<[^<>]{1,300}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr|/option)\b[^<>]*>", re.I)
_SCRIPT_START = re.compile(r"<(script|style)\b", re.I)
_SCRIPT_END = {name: re.compile(rf"</{name}\s{{0,20}}>", re.I) for name in ("script", "style")}
_JSON_FIELD = re.compile(
    r"^\s{0,200}[\"']?[A-Za-z_][\w-]{0,200}[\"']?\s{0,20}:\s{0,20}[\"'](.*?)[\"']\s{0,20},?\s{0,20}(?://.*)?$"
)
_LONGEST_FIELD = 3000  # letters of a line that may be one


def _text_rows(data: bytes, suffix: str) -> Iterator[Row]:
    import csv

    from prongsai.intake import webpage

    if webpage.is_archive(data):
        yield from webpage.archive_rows(data)
        return
    if rows := _xml_rows(data):
        yield from rows
        return
    text = webpage.decode_page(data)
    control = sum(ord(c) < 32 and c not in "\t\n\r\f\v" for c in text[:4096])
    if control > 40:
        raise UnreadableError(_UNKNOWN)
    if not text.strip():
        raise UnreadableError("ไฟล์ไม่มีข้อความ")
    if webpage.is_page(text):
        yield from webpage.page_rows(text)
        return
    text = _without_scripts(text)
    lines = text.splitlines()
    if delimiter := _delimiter(suffix, lines):
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
            yield Row(tuple(cells), f"บรรทัด {number}", 1)
        return
    yield from _line_rows(lines)


def _line_rows(lines: Iterable[str]) -> Iterator[Row]:
    """Lines of text; of those that are split like a table, its cells."""
    table, in_table = 0, False
    for number, line in enumerate(lines, 1):
        if in_table and re.fullmatch(r"[|\s:\-]{3,}", line):
            continue  # the rule under a Markdown head
        line = _field_value(line).replace("**", "").replace("&nbsp;", " ")
        place, cells = f"บรรทัด {number}", split_line(line)
        if len(cells) == 1:
            in_table = False
            yield from (Row((_inline(piece),), place) for piece in _BREAK.sub("\n", line).split("\n"))
            continue
        table += not in_table
        in_table = True
        yield Row(tuple(_inline(c) for c in cells), place, table)


def _field_value(line: str) -> str:
    """The value of a line that is a field of JSON, in Thai or a number; any other line as it is."""
    field = _JSON_FIELD.match(line) if len(line) <= _LONGEST_FIELD else None
    if field is None or (thai.squeeze(field[1]).isascii() and not re.fullmatch(r"[\d.]+", field[1])):
        return line
    return field[1]


def _xml_rows(data: bytes) -> Iterator[Row] | None:
    """Rows of a document that is one file of XML; None for another text. Raises UnreadableError."""
    head = data[:4096]
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return None
    if b"<office:document" in head:
        from prongsai.intake.opendocument import rows_of_xml

        return rows_of_xml(data)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head or b"Excel.Sheet" in head:
        raise UnreadableError("เป็นตาราง Excel แบบ XML เปิดใน Excel แล้วบันทึกใหม่เป็น .xlsx")
    if b"wordml" in head or b"Word.Document" in head:
        raise UnreadableError("เป็นเอกสาร Word แบบ XML เปิดใน Word แล้วบันทึกใหม่เป็น .docx")
    return None


def _without_scripts(text: str) -> str:
    """The text without scripts and styles; one without an end stays, and is looked for but once."""
    parts, at = [], 0
    endless: set[str] = set()
    for start in _SCRIPT_START.finditer(text):
        name = start[1].lower()
        if start.start() < at or name in endless:
            continue
        end = _SCRIPT_END[name].search(text, start.end())
        if end is None:
            endless.add(name)
            continue
        parts.append(text[at : start.start()])
        at = end.end()
    return "".join([*parts, text[at:]])


def _inline(text: str) -> str:
    return _TAG.sub(" ", text).strip() if "<" in text else text.strip()


def split_line(line: str) -> list[str]:
    """Cells of a line of text: by tabs, by the bars of Markdown, or by wide gaps."""
    if "\t" in line:
        return line.split("\t")
    bar = line.strip()
    if bar.count("|") >= 2 or (bar.startswith("|") and bar.endswith("|")):
        return bar.strip("|").split("|")
    cells = re.split(r"\s{2,}|\s?\.{4,}\s*", thai.untorn(line.strip()))
    return cells if len(cells) > 1 else [line]


def _delimiter(suffix: str, lines: list[str]) -> str | None:
    """The separator of a file of comma-separated values, or None when it is not one."""
    sample = [line for line in lines[:40] if line.strip()]
    if not sample:
        return None
    if suffix.lower() in (".csv", ".tsv"):

        def lines_agreeing(mark: str) -> int:
            counts = Counter(line.count(mark) for line in sample)
            return max((lines for count, lines in counts.items() if count), default=0)

        return max((",", ";", "\t", "|"), key=lines_agreeing)
    for mark in (",", ";"):  # tabs and bars in a text are met line by line
        counts = [line.count(mark) for line in sample]
        usual = max(set(counts), key=counts.count)
        if usual >= 4 and sum(c >= usual for c in counts) >= 0.6 * len(counts) > 0.6:
            return mark
    return None


# --- formats that take a parser ------------------------------------------------------------------------------------


def _docx_rows(data: bytes) -> Iterator[Row]:
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    document = docx.Document(io.BytesIO(data))
    number = table_number = 0
    for block in document.iter_inner_content():
        if isinstance(block, Paragraph):
            number += 1
            for line in block.text.split("\n"):
                if line.strip():
                    pieces = split_line(line) if "\t" in line else [line.strip()]
                    yield Row(tuple(pieces), f"ย่อหน้า {number}")
        elif isinstance(block, Table):
            table_number += 1
            seen: set[object] = set()
            for row_number, row in enumerate(block.rows, 1):
                # a cell is named once for each column it spans, however many it says
                if sum(cell.grid_span for cell in row._tr.tc_lst) > MAX_COLUMNS:
                    raise UnreadableError(f"ตาราง {table_number} มีมากกว่า {MAX_COLUMNS:,} คอลัมน์ ส่งเฉพาะส่วนที่มีคะแนน")
                cells = []
                for cell in row.cells:
                    cells.append("" if cell._tc in seen else cell.text.replace("\n", " ").strip())
                    seen.add(cell._tc)
                yield Row(tuple(cells), f"ตาราง {table_number} แถว {row_number}", table_number)


def _xlsx_rows(data: bytes) -> Iterator[Row]:
    """What the cells show. A hidden sheet, row or column is hidden in what is read of it too."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    from prongsai.intake.workbook import SheetParts, read_parts, sheet_rows

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    if len(book.sheet_names) > MAX_SHEETS:  # each may be the same part of the file, which is read anew
        raise UnreadableError(f"มี {len(book.sheet_names):,} แผ่นงาน เกิน {MAX_SHEETS} ส่งเฉพาะแผ่นที่มีคะแนน")
    sandbox.allow_until(sandbox.base_seconds() + len(data) / _PACKED_BYTES_A_SECOND)
    parts_by_sheet = read_parts(data)
    for sheet_number, about in enumerate(book.sheets_metadata, 1):
        name, is_hidden = about.name, about.visible != SheetVisibleEnum.Visible
        parts = parts_by_sheet.get(name, SheetParts())
        values_by_row = enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1)
        rows = (
            (number, [parts.show(number, column, value) for column, value in enumerate(values, 1)])
            for number, values in values_by_row
        )
        yield from sheet_rows(name, sheet_number, rows, parts, is_hidden=is_hidden)


def _pdf_rows(data: bytes, pictures: bool) -> Iterator[Row]:
    from prongsai.intake.pages import pdf_rows

    return pdf_rows(data, pictures)


def _picture_rows(data: bytes, pictures: bool) -> Iterator[Row]:
    from prongsai.intake.pages import picture_rows

    return picture_rows(data, pictures)


def _old_workbook_rows(data: bytes) -> Iterator[Row]:
    from prongsai.intake.old_workbook import workbook_rows

    return workbook_rows(data)


def _opendocument_rows(data: bytes) -> Iterator[Row]:
    from prongsai.intake.opendocument import rows_of_package

    return rows_of_package(data)


def _rich_text_rows(data: bytes) -> Iterator[Row]:
    from prongsai.intake.rich_text import rich_text_rows

    return rich_text_rows(data)


def _archive_rows(data: bytes) -> Iterator[Row]:
    """Of the one document in a ZIP; several are to be read one by one."""
    from prongsai.intake.archive import document_in, document_names

    if len(names := document_names(data)) > 1:
        raise UnreadableError(f"ใน ZIP มี {len(names)} ไฟล์ ที่นี่อ่านได้ทีละไฟล์ แตกไฟล์ก่อน")
    content, suffix = document_in(data, 0)
    if _kind(content) == "archive":
        raise UnreadableError("เป็น ZIP ใน ZIP แตกไฟล์ก่อนแล้วส่งไฟล์ข้างใน")
    return rows_of(content, suffix)


_WITH_PICTURES = {"pdf": _pdf_rows, "picture": _picture_rows}
_READERS = {
    "docx": _docx_rows,
    "xlsx": _xlsx_rows,
    "xls": _old_workbook_rows,
    "opendocument": _opendocument_rows,
    "rtf": _rich_text_rows,
    "archive": _archive_rows,
}
