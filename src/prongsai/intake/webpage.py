"""Rows of a web page as a browser saved it, alone (.html) or with its parts (.mht). What nobody sees is not read."""

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from prongsai.intake.files import Row, UnreadableError, decode, split_line

MAX_PARTS = 200  # of a page saved with its pictures and styles
_MAX_SPAN, _MAX_ROW_SPAN = 50, 500
_LONGEST_FRAMED = 60  # letters of a cell in a frame of its own
_PAGE = re.compile(r"<!doctype\s{1,20}html|<(?:html|body|table)[\s>]", re.I)
_ROW, _CELL = re.compile(r"<tr\b", re.I), re.compile(r"<td\b", re.I)
_UNSEEN_NAMES = "script style noscript template svg math iframe object meta link base datalist textarea col colgroup"
_UNSEEN_TAGS = frozenset(_UNSEEN_NAMES.split())
_UNSEEN_STYLE = re.compile(
    r"display\s{0,20}:\s{0,20}none|visibility\s{0,20}:\s{0,20}hidden|mso-hide\s{0,20}:\s{0,20}all"
)
_BLOCK_NAMES = (
    "p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 tr td th table thead tbody tfoot caption section article header footer "
    "main nav aside option select br hr pre form fieldset legend figure figcaption blockquote address center title "
    "details summary body"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_SPACES = re.compile(r"[ \t\r\n\f]+")
# the header of a saved page: RFC 2557, by its first lines
_MHT = re.compile(
    rb"\s{0,9}(?:From|Subject|Date|MIME-Version|Content-[\w-]{1,40}|Snapshot-[\w-]{1,40}|X-[\w-]{1,40}):", re.I
)
_MHT_TYPE = re.compile(rb"^content-type:\s{0,9}(?:multipart/related|multipart/alternative|text/html)", re.I | re.M)
_CHARSET = re.compile(rb"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w-]{1,40})", re.I)
_THAI_CODES = frozenset(("windows-874", "tis-620", "tis620", "iso-8859-11", "cp874", "x-windows-874"))


def is_page(text: str) -> bool:
    """Whether a text is the source of a page, or of a table of one."""
    return bool(_PAGE.search(text[:4096]) or (_ROW.search(text) and _CELL.search(text)))


def is_archive(data: bytes) -> bool:
    """Whether bytes are a page saved with its parts."""
    head = data[:4096]
    return bool(_MHT.match(head) and _MHT_TYPE.search(head))


def decode_page(data: bytes, charset: str = "") -> str:
    """The source of a page. UTF-8 and Windows-874 are known by their bytes, whatever the page declares: many declare
    another one; ``charset``, or what the page declares, decides about the rest. Raises UnreadableError."""
    try:
        return decode(data)
    except UnreadableError:
        declared = _CHARSET.search(data[:4096])
        name = (charset or (declared[1].decode("ascii", "replace") if declared else "")).lower()
        try:
            return data.decode("cp874" if name in _THAI_CODES else name, "replace")
        except (LookupError, ValueError) as error:
            raise UnreadableError("ไม่รู้รหัสอักขระของหน้าเว็บ บันทึกใหม่เป็น UTF-8") from error


def archive_rows(data: bytes) -> Iterator[Row]:
    """Rows of a page and of the pages within it, each under the number of its part."""
    import email
    import email.policy

    message = email.message_from_bytes(data, policy=email.policy.compat32)
    pages = 0
    for number, part in enumerate(message.walk(), 1):
        if number > MAX_PARTS:
            raise UnreadableError(f"หน้าเว็บที่บันทึกไว้มีมากกว่า {MAX_PARTS} ส่วน บันทึกใหม่เป็น .html อย่างเดียว")
        if part.get_content_type() != "text/html":
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not content.strip():
            continue
        pages += 1
        for row in page_rows(decode_page(content, part.get_content_charset("")), first_table=1000 * (pages - 1)):
            yield Row(row.cells, row.place if pages == 1 else f"ส่วนที่ {pages} {row.place}", row.table)
    if not pages:
        raise UnreadableError("ไม่พบหน้าเว็บในไฟล์ .mht นี้ เปิดหน้าเดิมแล้วบันทึกใหม่เป็น .html หรือ PDF")


def page_rows(text: str, *, first_table: int = 0) -> Iterator[Row]:
    """Text and tables of a page. A table that only arranges what stands in it is read as text, cell by cell."""
    root = _parse(text)
    table = first_table
    line = 0
    pending = list[str]()
    for piece in (*_pieces(root, with_tables=True), "\n") if root is not None else ():
        if isinstance(piece, str) and piece != "\n":
            pending.append(piece)
            continue
        for row in _line("".join(pending)):
            line += 1
            yield Row(row, f"บรรทัด {line}")
        pending.clear()
        if not isinstance(piece, str):
            table += 1
            for cells in _table_rows(piece):
                line += 1
                yield Row(cells, f"ตาราง {table - first_table} แถว {line}", table)


def _parse(text: str) -> Any:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    return etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser)


def _line(text: str) -> Iterator[tuple[str, ...]]:
    """The cells of a line, as they are parted by wide gaps; nothing for an empty one. Only a page's own line ends, in
    what it shows as typed, are still there."""
    for piece in text.split("\n"):
        shown = piece.replace("\u00a0", " ").strip()
        if shown:
            yield tuple(split_line(shown))


def _pieces(root: Any, *, with_tables: bool) -> Iterator[Any]:
    """Texts in order with line ends between blocks, and (``with_tables``) the tables of values as elements."""
    from lxml import etree

    typed = 0  # depth inside of what is shown as typed
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if element is not root and (not tag or _is_unseen(element)):
                walk.skip_subtree()
                continue
            if with_tables and tag == "table" and _holds_values(element):
                yield element
                walk.skip_subtree()
                continue
            typed += tag == "pre"
            if tag in _BLOCKS:
                yield "\n"
            if element.text:
                yield element.text if typed else _SPACES.sub(" ", element.text)
            continue
        if tag in _BLOCKS:
            yield "\n"
        typed -= tag == "pre" and typed > 0
        if element is not root and element.tail:
            yield element.tail if typed else _SPACES.sub(" ", element.tail)


def _is_unseen(element: Any) -> bool:
    style = element.get("style")
    return (
        element.tag in _UNSEEN_TAGS
        or element.get("hidden") is not None
        or bool(style and _UNSEEN_STYLE.search(style.lower()))
    )


def _holds_values(table: Any) -> bool:
    """Whether a table has rows of cells; not one that arranges other tables, or has a single cell. A frame around the
    words of one cell is no table."""
    cells = 0
    for element in table.iterdescendants("table", "td", "th"):
        if element.tag == "table" and not _is_frame(element):
            return False
        cells += element.tag != "table"
    return cells > 1


def _is_frame(table: Any) -> bool:
    """Whether a table has one cell with a few words and no score, beside others in the row of a table."""
    cells = list(table.iterdescendants("td", "th"))
    row = next(table.iterancestors("tr"), None)
    beside = sum(c.tag in ("td", "th") for c in row) if row is not None else 0
    text = _cell_text(table)
    return len(cells) <= 1 and beside > 1 and len(text) <= _LONGEST_FRAMED and not re.search(r"\d\.\d", text)


def _table_rows(table: Any) -> Iterator[tuple[str, ...]]:
    """Rows of cells; a cell that spans columns or rows stands where it begins, and the others of it are empty."""
    for caption in table.iterchildren("caption"):
        if text := _cell_text(caption):
            yield (text,)
    spanned: dict[int, int] = {}  # column: rows that a cell above still spans
    for row in table.iterdescendants("tr"):
        if next(row.iterancestors("table")) is not table:
            continue  # the frame of a cell
        if _is_unseen(row) or any(_is_unseen(above) for above in row.iterancestors("tbody", "thead", "tfoot")):
            continue
        cells: list[str] = []
        pending = deque(c for c in row if c.tag in ("td", "th") and not _is_unseen(c))
        while pending or spanned.get(len(cells), 0):
            at = len(cells)
            if spanned.get(at, 0):
                spanned[at] -= 1
                cells.append("")
                continue
            cell = pending.popleft()
            rows = min(_number(cell.get("rowspan")), _MAX_ROW_SPAN)
            for extra in range(min(_number(cell.get("colspan")), _MAX_SPAN)):
                cells.append("" if extra else _cell_text(cell))
                spanned[at + extra] = rows - 1
        if cells:
            yield tuple(cells)


def _cell_text(cell: Any) -> str:
    return re.sub(r"\s+", " ", "".join(_pieces(cell, with_tables=False))).strip()


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0 else 1
