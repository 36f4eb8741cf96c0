"""Rows of OpenDocument files: .odt, .ods, and both as one file of XML (.fodt, .fods).

The standard is ISO/IEC 26300: a cell holds the text that it shows beside its value, a sheet says which rows and columns
nobody sees. Written with lxml and no library: the one there is has had no release since 2020.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from prongsai.intake.files import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Row, UnreadableError, split_line
from prongsai.intake.workbook import SheetParts, sheet_rows
from prongsai.lib import sandbox

MAX_XML = 120_000_000  # bytes of a document's XML, without pictures
_BYTES_A_SECOND = 2_000_000  # of XML, as slowly as it may be parsed
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_PARAGRAPHS = frozenset((f"{_TEXT}p", f"{_TEXT}h"))
_CELLS = frozenset((f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"))
_UNREAD = frozenset(
    (
        *(f"{_TEXT}{name}" for name in ("tracked-changes", "note", "hidden-text", "sequence-decls", "variable-decls")),
        *(f"{_TEXT}{name}" for name in ("bibliography-configuration", "index-title-template", "ruby-text")),
        *(f"{_OFFICE}{name}" for name in ("annotation", "annotation-end", "forms", "settings")),
        *(f"{_TABLE}{name}" for name in ("tracked-changes", "shapes", "dde-links")),
    )
)
_ENCRYPTED = re.compile(rb"encryption-data")
_LONGEST_GAP = 100  # spaces that one element stands for


def rows_of_package(data: bytes) -> Iterator[Row]:
    """Rows of a package with content.xml. Raises UnreadableError."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "META-INF/manifest.xml" in archive.namelist():
            with archive.open("META-INF/manifest.xml") as manifest:
                if _ENCRYPTED.search(manifest.read(1_000_000)):
                    raise UnreadableError("ไฟล์มีรหัสผ่าน ปลดรหัสก่อนแล้วส่งใหม่")
        with archive.open("content.xml") as content:
            xml = content.read(MAX_XML + 1)
    yield from rows_of_xml(xml)


def rows_of_xml(xml: bytes) -> Iterator[Row]:
    """Rows of the XML of a document. Raises UnreadableError."""
    from lxml import etree

    if len(xml) > MAX_XML:
        raise UnreadableError("ไฟล์ขยายแล้วใหญ่ผิดปกติ จึงไม่เปิดเพื่อความปลอดภัย")
    sandbox.allow_until(sandbox.base_seconds() + len(xml) / _BYTES_A_SECOND)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("ไฟล์เสียหรือดาวน์โหลดไม่ครบ ลองเปิดแล้วบันทึกใหม่") from error
    body = root.find(f"{_OFFICE}body")
    styles = _Styles.of(root)
    content = next(iter(body), None) if body is not None else None
    if content is not None and content.tag == f"{_OFFICE}spreadsheet":
        yield from _sheets(content, styles)
    elif content is not None and content.tag == f"{_OFFICE}text":
        yield from _text(content, styles)
    else:
        raise UnreadableError("เป็นไฟล์ OpenDocument ที่ไม่ใช่เอกสารหรือตารางคำนวณ บันทึกเป็น PDF แล้วส่งใหม่")


@dataclass
class _Styles:
    """Names of the styles that hide: letters, sections and sheets."""

    unseen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, root: Any) -> "_Styles":
        styles = cls()
        for style in root.iter(f"{_STYLE}style"):
            for about in style:
                hides = about.get(f"{_TEXT}display") == "none" or about.get(f"{_TABLE}display") == "false"
                if hides:
                    styles.unseen.add(style.get(f"{_STYLE}name", ""))
        return styles

    def hide(self, element: Any) -> bool:
        """Whether nobody sees an element."""
        tag = element.tag
        if not isinstance(tag, str) or tag in _UNREAD:
            return True
        if tag in _PARAGRAPHS and any(
            found.get(f"{_TEXT}is-hidden") == "true" for found in element.iterchildren(f"{_TEXT}hidden-paragraph")
        ):
            return True
        display = element.get(f"{_TEXT}display")
        if display == "none" or (display == "condition" and element.get(f"{_TEXT}is-hidden") == "true"):
            return True
        name = element.get(f"{_TEXT}style-name") or element.get(f"{_TABLE}style-name")
        return name in self.unseen if name else False


def _inline(root: Any, styles: _Styles) -> str:
    """The text of a paragraph without the boxes in it, or of all paragraphs in a cell, on lines of their own."""
    from lxml import etree

    is_paragraph = root.tag in _PARAGRAPHS
    pieces = list[str]()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if element is not root and (styles.hide(element) or (is_paragraph and tag.startswith(_DRAW))):
                walk.skip_subtree()
                continue
            if tag in _PARAGRAPHS and pieces and element is not root:
                pieces.append("\n")
            elif tag == f"{_TEXT}s":
                pieces.append(" " * min(_count(element.get(f"{_TEXT}c")), _LONGEST_GAP))
            elif tag == f"{_TEXT}tab":
                pieces.append("\t")
            elif tag == f"{_TEXT}line-break":
                pieces.append("\n")
            if element.text and tag not in _CELLS:
                pieces.append(_one_space(element.text))
        elif element is not root and element.tail and element.getparent().tag not in _CELLS:
            pieces.append(_one_space(element.tail))
    return "".join(pieces)


def _one_space(text: str) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text)


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1


def _text(content: Any, styles: _Styles) -> Iterator[Row]:
    """Paragraphs, headings, lists and tables of a text, and the boxes in it, in their order."""
    from lxml import etree

    number = table = 0
    walk = etree.iterwalk(content, events=("start",))
    for _, element in walk:
        if element is not content and styles.hide(element):
            walk.skip_subtree()
        elif element.tag == f"{_TABLE}table":
            table += 1
            for row_number, cells in enumerate(_table_rows(element, styles), 1):
                yield Row(tuple(cells), f"ตาราง {table} แถว {row_number}", table)
            walk.skip_subtree()
        elif element.tag in _PARAGRAPHS:
            number += 1
            for line in _inline(element, styles).split("\n"):
                if line.strip():
                    pieces = split_line(line) if "\t" in line else [line.strip()]
                    yield Row(tuple(pieces), f"ย่อหน้า {number}")


def _rows_in(table: Any) -> Iterator[Any]:
    """The rows of a table itself, not of one in a cell of it."""
    from lxml import etree

    walk = etree.iterwalk(table, events=("start",))
    for _, element in walk:
        if element.tag == f"{_TABLE}table-row":
            yield element
            walk.skip_subtree()


def _cells_in(row: Any, styles: _Styles) -> list[str]:
    """The texts of a row; empty ones at its end, which stand for the rest of the sheet, are left out."""
    cells, waiting = list[str](), 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        times = _count(cell.get(f"{_TABLE}number-columns-repeated"))
        text = "" if cell.tag.endswith("covered-table-cell") else _cell_text(cell, styles)
        if not text:
            waiting += times
            continue
        if len(cells) + waiting + times > MAX_COLUMNS:
            raise UnreadableError(f"มีมากกว่า {MAX_COLUMNS:,} คอลัมน์ ส่งเฉพาะส่วนที่มีคะแนน")
        cells += [""] * waiting + [text] * times
        waiting = 0
    return cells


def _cell_text(cell: Any, styles: _Styles) -> str:
    return re.sub(r"\s+", " ", _inline(cell, styles)).strip()


def _table_rows(table: Any, styles: _Styles) -> Iterator[list[str]]:
    """Rows of a table in a text, all of one width."""
    rows = [cells for row in _rows_in(table) if any(cells := _cells_in(row, styles))]
    width = max(map(len, rows), default=0)
    for cells in rows:
        yield cells + [""] * (width - len(cells))


def _sheets(content: Any, styles: _Styles) -> Iterator[Row]:
    tables = list(content.iterchildren(f"{_TABLE}table"))
    if len(tables) > MAX_SHEETS:
        raise UnreadableError(f"มี {len(tables):,} แผ่นงาน เกิน {MAX_SHEETS} ส่งเฉพาะแผ่นที่มีคะแนน")
    for number, table in enumerate(tables, 1):
        parts = SheetParts(hidden_columns=_hidden_columns(table))
        rows = list(_numbered_rows(table, styles, parts))
        name = table.get(f"{_TABLE}name", "")
        yield from sheet_rows(name, number, rows, parts, is_hidden=table.get(f"{_TABLE}style-name") in styles.unseen)


def _numbered_rows(table: Any, styles: _Styles, parts: SheetParts) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, with their number; those that nobody sees are noted in ``parts``."""
    number = 1
    for row in _rows_in(table):
        times = _count(row.get(f"{_TABLE}number-rows-repeated"))
        if any(cells := _cells_in(row, styles)):
            if times > MAX_ROWS:
                raise UnreadableError(f"มีมากกว่า {MAX_ROWS:,} แถว แบ่งไฟล์ก่อน")
            for at in range(number, number + times):
                if row.get(f"{_TABLE}visibility", "visible") != "visible":
                    parts.hidden_rows.add(at)
                yield at, cells
        number += times


def _hidden_columns(table: Any) -> set[int]:
    hidden, number = set[int](), 1
    for column in table.iterdescendants(f"{_TABLE}table-column"):
        times = _count(column.get(f"{_TABLE}number-columns-repeated"))
        if column.get(f"{_TABLE}visibility", "visible") != "visible":
            hidden.update(range(number, min(number + times, MAX_COLUMNS + 1)))
        number += times
    return hidden
