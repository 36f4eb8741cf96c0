"""Writes a document as an editable Word file.

Word stores two fonts and two sizes for a text, one for Latin and one for Thai; a file that sets only one shows Thai in
a fallback font. So every style and run here sets both. Tables repeat the titles of their columns. Lists and headings
carry their numbers in the text, because programs disagree about Thai numbering.
"""

import dataclasses
import datetime
import io
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, singledispatch
from html import escape
from typing import Any

from docx import Document as open_document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm

from prongsai.documents.content import blocks
from prongsai.documents.content.blocks import Block, Document, Section
from prongsai.documents.writers.annex import move_long_cells
from prongsai.documents.writers.paging import PAIR_GAP, SignaturePair, TableWithEnd, arrange, fits_page

_STYLES = {"Normal": (16, False), "Heading 1": (20, True), "Heading 2": (18, True), "Heading 3": (16, True)}
_MAX_UNBROKEN_ROWS = 12  # a shorter table stays on one page
_MAX_SHORT_LINES = 3  # of every row of a table that stays on one page
_JUSTIFICATION = {"left": "left", "center": "center", "right": "right", "justify": "thaiDistribute"}
_COVER_SPACES = (150, 230)  # points above the title of a cover and below it
_SIGNATURE_SHIFT = 0.4  # of the width
_HEAD_FILL, _GROUP_FILL, _FIGURE_FILL = "E4E4E4", "F3F3F3", "EEF4F2"
_ADDRESS = re.compile(r'(?:https?://|www\.)[^\s"<>]{1,2000}(?<![.,;:)\]])')
_SEAM = re.compile(r"(?<=.{8})[/?&=\-](?![/?&=\-]|$)")  # the end of a part of an address, not in https://
_MAY_BREAK = "\u200b"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_CUSTOM_PROPERTY = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the set of custom properties in every Office file
_MAX_PROPERTY_NAME = 250  # of the 255 letters that Word reads
_RULE_COLOUR, _ACCENT_COLOUR = "595959", "0F6B5C"


def write(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """The bytes of the .docx. ``pictures`` are the charts as PNG, by their SVG."""
    document = move_long_cells(document)
    file = open_document(io.BytesIO(_create_empty_file(document.font)))
    for number, section in enumerate(document.sections):
        if number:
            file.add_section(WD_SECTION.NEW_PAGE)
            _shrink_section_end(file.element.body[-2])
        _set_page(file.sections[-1], section, document)
        _write_section(section, _Target(file, section.width, pictures))
        _drop_empty_end(file)
    properties = file.core_properties
    properties.title, properties.author, properties.language = document.title, document.agency, "th-TH"
    properties.comments = ""
    day = document.date
    properties.created = properties.modified = datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC)
    if document.evidence:
        _add_properties(file, document.evidence)
    return _save(file)


def _add_properties(file: Any, named: Iterable[tuple[str, str]]) -> None:
    """Properties of the file (Word: File, Info, Advanced Properties, Custom): names and SHA-256 of what is annexed."""
    properties = "".join(
        f'<property fmtid="{_CUSTOM_PROPERTY}" pid="{number}" name="{escape(name[:_MAX_PROPERTY_NAME])}">'
        f"<vt:lpwstr>SHA-256 {escape(sha256)}</vt:lpwstr></property>"
        for number, (name, sha256) in enumerate(named, 2)  # the first two numbers are taken
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<Properties xmlns="{_OFFICE}/custom-properties" xmlns:vt="{_OFFICE}/docPropsVTypes">{properties}</Properties>'
    )
    package = file.part.package
    content_type = CONTENT_TYPE.OFC_CUSTOM_PROPERTIES
    part = Part(PackURI("/docProps/custom.xml"), content_type, xml.encode(), package)
    package.relate_to(part, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)


def _write_section(section: Section, target: "_Target") -> None:
    """The blocks of a section; on a cover with the space around its title."""
    found = arrange(section)
    for number, group in enumerate(_group_ends(found)):
        if section.cover and number < len(_COVER_SPACES):
            target.append(_paragraph("", before=_COVER_SPACES[number]))
        if isinstance(group[0], TableWithEnd):
            _write_table(group[0], target, group[1:])
        elif len(group) == 1:
            _write_block(group[0], target)
        else:
            _write_unbroken(group, target)


def _group_ends(section_blocks: Sequence[Block]) -> list[list[Block]]:
    """The blocks one by one, but signatures that belong on one page together, with the sentence before them, and
    everything after a table that ends a section with the table."""
    groups: list[list[Block]] = []
    for block in section_blocks:
        before = groups[-1][-1] if groups else None
        is_signed = (
            isinstance(block, blocks.Signature)
            and isinstance(before, blocks.Paragraph | blocks.Signature)
            and before.keep_with_next
        )
        if groups and (is_signed or isinstance(groups[-1][0], TableWithEnd)):
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def _write_unbroken(group: list[Block], target: "_Target") -> None:
    """Blocks in the one row of a table without lines, which no program breaks: of a long chain of paragraphs that are
    to be kept together, some give up."""
    inside = _Inside(target.file, target.width, target.pictures)
    for block in group:
        _write_block(block, inside)
    width = _twips(target.width)
    cell = _tag("tc", _tag("tcPr", _tag("tcW", w=width, type="dxa")) + "".join(inside.written))
    margins = _tag("tblCellMar", "".join(_tag(side, w=0, type="dxa") for side in ("left", "right")))
    row = _tag("tr", _tag("trPr", _tag("cantSplit")) + cell)
    target.append(_table([width], [row], margins=margins), _SMALL_PARAGRAPH)


def _save(file: Any) -> bytes:
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


@lru_cache(maxsize=8)
def _create_empty_file(font: str) -> bytes:
    """An empty file with the styles of our documents."""
    file = open_document()
    styles = file.styles.element
    defaults = styles.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    language = _tag("lang", val="en-US", eastAsia="en-US", bidi="th-TH")
    _replace_children(defaults, _run_properties(font, 16) + language)
    for name, (size, bold) in _STYLES.items():
        style = file.styles[name]
        _replace_children(style.element.get_or_add_rPr(), _run_properties(font, size, bold=bold, colour="000000"))
        points = 0 if name == "Normal" else 6
        style.paragraph_format.space_before, style.paragraph_format.space_after = points * 12700, 0
    return _save(file)


def _replace_children(element: Any, xml: str) -> None:
    for child in list(element):
        element.remove(child)
    for child in list(_parse(_tag("rPr", xml))):
        element.append(child)


# --- XML


def _tag(name: str, inside: str = "", /, **attributes: object) -> str:
    """An element of WordprocessingML; attributes are in its namespace too."""
    opening = "".join([f"w:{name}", *(f' w:{key}="{escape(str(value))}"' for key, value in attributes.items())])
    return f"<{opening}>{inside}</w:{name}>" if inside else f"<{opening}/>"


def _parse(xml: str) -> Any:
    """The element of one tag."""
    return parse_xml(f"<w:body {nsdecls('w')}>{xml}</w:body>")[0]


def _twips(centimetres: float) -> int:
    return round(centimetres * 1440 / 2.54)


def _run_properties(
    font: str = "", size: float = 0, *, bold: bool = False, colour: str = "", dotted: bool = False
) -> str:
    """Properties of a run, in the order of the schema. ``size`` in points."""
    half_points = round(size * 2)
    properties = [
        _tag("rFonts", ascii=font, hAnsi=font, eastAsia=font, cs=font) if font else "",
        _tag("b") + _tag("bCs") if bold else "",
        _tag("color", val=colour) if colour else "",
        _tag("sz", val=half_points) + _tag("szCs", val=half_points) if size else "",
        _tag("u", val="dotted") if dotted else "",
    ]
    return "".join(properties)


def _run(text: str, properties: str = "") -> str:
    """A run; line ends become breaks, tabs become tabs."""
    parts = []
    for number, line in enumerate(text.split("\n")):
        parts.append(_tag("br") if number else "")
        for place, piece in enumerate(line.split("\t")):
            parts.append(_tag("tab") if place else "")
            parts.append(f'<w:t xml:space="preserve">{escape(piece, quote=False)}</w:t>' if piece else "")
    return f"<w:r><w:rPr>{properties}</w:rPr>{''.join(parts)}</w:r>"


def _run_with_addresses(text: str, properties: str, letters_per_line: float) -> str:
    """A run in which web addresses that are longer than a line may be broken, at the ends of their parts alone: Word
    and LibreOffice break them anywhere otherwise. A break that is allowed is a letter of no width; so that nobody
    follows or copies it, such an address is a link to the one that was written."""
    pieces, position = [], 0
    for address in _ADDRESS.finditer(text):
        if len(address[0]) <= letters_per_line:
            continue
        pieces.append(_run(text[position : address.start()], properties) if position < address.start() else "")
        shown = _run(_SEAM.sub(f"\\g<0>{_MAY_BREAK}", address[0]), properties)
        pieces.append(_link(address[0], shown) if "://" in address[0] else shown)
        position = address.end()
    return "".join(pieces) + (_run(text[position:], properties) if position < len(text) or not pieces else "")


def _link(address: str, shown: str) -> str:
    """A link as a field, which needs no part of its own in the file."""
    instruction = f'<w:instrText xml:space="preserve"> HYPERLINK "{escape(address)}" </w:instrText>'
    parts = (_tag("fldChar", fldCharType="begin"), instruction, _tag("fldChar", fldCharType="separate"))
    end = _tag("r", _tag("fldChar", fldCharType="end"))
    return "".join(_tag("r", part) for part in parts) + shown + end


def _tab_stop(centimetres: float) -> str:
    return _tag("tab", val="left", pos=_twips(centimetres))


def _paragraph(
    runs: str,
    *,
    style: str = "",
    align: str = "left",
    first: float = 0,
    left: float = 0,
    hanging: float = 0,
    before: float = 0,
    after: float = 0,
    keep_with_next: bool = False,
    tabs: str = "",
    ruled: bool = False,
) -> str:
    """A paragraph. Indents in centimetres, the space ``before`` and ``after`` in points. ``ruled``: above a dotted line
    to write on."""
    rules = "".join(_tag(side, val="dotted", sz=6, space=1, color=_RULE_COLOUR) for side in ("bottom", "between"))
    properties = [
        _tag("pStyle", val=style) if style else "",
        _tag("keepNext") + _tag("keepLines") if keep_with_next else "",
        _tag("pBdr", rules) if ruled else "",
        _tag("tabs", tabs) if tabs else "",
        _tag("spacing", before=round(before * 20), after=round(after * 20)),
        _tag("ind", left=_twips(left), hanging=_twips(hanging))
        if hanging
        else _tag("ind", left=_twips(left), firstLine=_twips(first)),
        _tag("jc", val=_JUSTIFICATION[align]),
    ]
    return _tag("p", _tag("pPr", "".join(properties)) + runs)


_SMALL_PARAGRAPH = _tag(
    "p",
    _tag(
        "pPr",
        _tag("spacing", before=0, after=0, line=20, lineRule="exact")
        + _tag("rPr", _tag("sz", val=2) + _tag("szCs", val=2)),
    ),
)


# --- pages


def _set_page(page: Any, section: Section, document: Document) -> None:
    """Size, margins and page number of a section."""
    width, height = (29.7, 21.0) if section.landscape else (21.0, 29.7)
    page.orientation = WD_ORIENT.LANDSCAPE if section.landscape else WD_ORIENT.PORTRAIT
    page.page_width, page.page_height = Cm(width), Cm(height)
    margins = (2, 2, 1.8, 2) if section.landscape else (1.5 if section.memo else 2.5, 2, 2, 3)
    page.top_margin, page.right_margin, page.bottom_margin, page.left_margin = map(Cm, margins)
    page.footer.is_linked_to_previous = False
    page.different_first_page_header_footer = section.memo  # the first page of a memo carries no number
    if section.cover:
        return
    if document.digits == "thai":
        for copied in page._sectPr.findall(qn("w:pgNumType")):  # from the section before
            page._sectPr.remove(copied)
        page._sectPr.find(qn("w:pgMar")).addnext(_parse(_tag("pgNumType", fmt="thaiNumbers")))
    field = [
        _tag("r", _tag("fldChar", fldCharType="begin")),
        _tag("r", '<w:instrText xml:space="preserve"> PAGE </w:instrText>'),
        _tag("r", _tag("fldChar", fldCharType="end")),
    ]
    footer = page.footer._element
    for child in list(footer):
        footer.remove(child)
    footer.append(_parse(_paragraph(_run("- ") + "".join(field) + _run(" -"), align="center")))


def _drop_empty_end(file: Any) -> None:
    """Make the empty paragraph after a table that ends a section too small to start a page of its own. Word needs
    one."""
    last = file.element.body[-2]
    if last.tag == qn("w:p") and not last.findall(qn("w:r")):
        last.addprevious(_parse(_SMALL_PARAGRAPH))
        file.element.body.remove(last)


def _shrink_section_end(paragraph: Any) -> None:
    """Make the paragraph that ends a section too small to start a page of its own."""
    properties = paragraph.get_or_add_pPr()
    properties.append(_parse(_tag("spacing", before=0, after=0, line=20, lineRule="exact")))
    section = properties.find(qn("w:sectPr"))
    if section is not None:
        properties.append(section)  # after the spacing, as the schema requires


# --- blocks


@dataclass(frozen=True)
class _Target:
    """The file that blocks are appended to, and the width of the section in centimetres."""

    file: Any
    width: float
    pictures: Mapping[str, bytes]

    def append(self, *elements: str) -> None:
        body = self.file.element.body
        for xml in elements:
            body.insert(len(body) - 1, _parse(xml))


@dataclass(frozen=True)
class _Inside(_Target):
    """A cell that blocks of text are collected for."""

    written: list[str] = field(default_factory=list)

    def append(self, *elements: str) -> None:
        self.written.extend(elements)


@singledispatch
def _write_block(block: object, _target: _Target) -> None:
    raise TypeError(f"no block: {type(block).__name__}")


@_write_block.register
def _(block: blocks.Title, target: _Target) -> None:
    target.append(_paragraph(_run("\n".join(block.lines)), style="Heading1", align="center", after=8))


@_write_block.register
def _(block: blocks.Heading, target: _Target) -> None:
    target.append(_paragraph(_run(block.text), style=f"Heading{block.level + 1}", keep_with_next=True, before=6))


@_write_block.register
def _(block: blocks.Paragraph, target: _Target) -> None:
    lead = _run(f"{block.lead} ", _run_properties(bold=True)) if block.lead else ""
    target.append(
        _paragraph(
            lead + _run(block.text),
            align=block.align,
            first=2.5 if block.indent else 0,
            before=3,
            keep_with_next=block.keep_with_next,
        )
    )


@_write_block.register
def _(block: blocks.MarkedList, target: _Target) -> None:
    for mark, text in block.items:
        runs = _run(mark) + _tag("r", _tag("tab")) + _run(text)
        keeps = block.keep_with_next
        target.append(_paragraph(runs, left=2.1, hanging=0.85, tabs=_tab_stop(2.1), before=2, keep_with_next=keeps))


@_write_block.register
def _(block: blocks.KeyFigures, target: _Target) -> None:
    width = _twips(target.width / len(block.pairs))
    bar = _tag("left", val="single", sz=24, space=0, color=_ACCENT_COLOUR)
    fill = _tag("shd", val="clear", color="auto", fill=_FIGURE_FILL)
    properties = _tag("tcPr", _tag("tcW", w=width, type="dxa") + _tag("tcBorders", bar) + fill)
    cells = [
        _tag(
            "tc",
            properties
            + _paragraph(_run(number, _run_properties(size=32, bold=True)), left=0.2)
            + _paragraph(_run(caption, _run_properties(size=15)), left=0.2),
        )
        for number, caption in block.pairs
    ]
    row = _tag("tr", _tag("trPr", _tag("cantSplit")) + "".join(cells))
    target.append(_table([width] * len(block.pairs), [row]), _paragraph("", after=2))


@_write_block.register
def _(block: blocks.Chart, target: _Target) -> None:
    paragraph = target.file.add_paragraph()
    paragraph.alignment = 1
    paragraph.paragraph_format.keep_with_next = True
    picture = paragraph.add_run().add_picture(io.BytesIO(target.pictures[block.svg]), width=Cm(block.width))
    picture._inline.docPr.set("descr", block.caption)
    target.append(_paragraph(_run(block.caption, _run_properties(size=14)), align="center", after=6))


@_write_block.register
def _(block: blocks.Picture, target: _Target) -> None:
    paragraph = target.file.add_paragraph()
    paragraph.alignment = 1
    paragraph.paragraph_format.keep_with_next = True
    size = {"width": Cm(block.width), "height": Cm(block.height)}
    picture = paragraph.add_run().add_picture(io.BytesIO(block.jpeg), **size)
    picture._inline.docPr.set("descr", block.caption)
    target.append(_paragraph(_run(block.caption, _run_properties(size=14)), align="center", after=10))


@_write_block.register
def _(block: blocks.MemoTitle, target: _Target) -> None:
    paragraph = target.file.add_paragraph()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(8), 1)
    if block.emblem:
        paragraph.add_run().add_picture(io.BytesIO(block.emblem), height=Cm(1.5))
    else:
        paragraph.paragraph_format.space_before = Cm(0.6)
    paragraph._p.append(_parse(_run(f"\t{block.text}", _run_properties(size=29, bold=True))))


@_write_block.register
def _(block: blocks.FieldLine, target: _Target) -> None:
    width = target.width / len(block.pairs)
    tabs = "".join(_tab_stop(width * n) for n in range(1, len(block.pairs) + 1))
    runs = "".join(
        _run(label, _run_properties(size=20, bold=True)) + _run(f"  {value}\t", _run_properties(dotted=True))
        for label, value in block.pairs
    )
    target.append(_paragraph(runs, tabs=tabs))


@_write_block.register
def _(block: SignaturePair, target: _Target) -> None:
    """Two cells without lines, in a row that is not broken."""
    half = (target.width - PAIR_GAP) / 2
    cells = []
    for side, width in itertools.zip_longest(block.sides, (half + PAIR_GAP, half)):
        inside = _Inside(target.file, half, target.pictures)
        if side is not None:
            _write_signature(dataclasses.replace(side, keep_with_next=block.keep_with_next), inside, 0)
        size = _tag("tcW", w=_twips(width), type="dxa")
        gap = _tag("tcMar", _tag("right", w=_twips(width - half), type="dxa")) if width > half else ""
        properties = _tag("tcPr", size + gap + _tag("vAlign", val="bottom"))
        cells.append(_tag("tc", properties + ("".join(inside.written) or _paragraph(""))))
    row = _tag("tr", _tag("trPr", _tag("cantSplit")) + "".join(cells))
    margins = _tag("tblCellMar", "".join(_tag(side, w=0, type="dxa") for side in ("left", "right")))
    target.append(_table([_twips(half + PAIR_GAP), _twips(half)], [row], margins=margins), _SMALL_PARAGRAPH)


@_write_block.register
def _(block: blocks.Signature, target: _Target) -> None:
    _write_signature(block, target, target.width * _SIGNATURE_SHIFT)


def _write_signature(block: blocks.Signature, target: _Target, left: float) -> None:
    if block.opinion is not None:
        label = _run("ความเห็น  ", _run_properties(bold=True))
        if block.opinion:
            target.append(_paragraph(label + _run(block.opinion), keep_with_next=True, before=10))
        else:
            target.append(_paragraph(label, keep_with_next=True, before=10, ruled=True))
            target.append(_paragraph("", keep_with_next=True, ruled=True))
    lines = [
        f"(ลงชื่อ) {block.signed}" if block.signed else "(ลงชื่อ)" + "." * 40,
        f"({block.name or '.' * 40})",
        f"ตำแหน่ง {block.position or '.' * 34}",
    ]
    for number, line in enumerate(lines):
        target.append(
            _paragraph(
                _run(line),
                align="center",
                left=left,
                keep_with_next=number < len(lines) - 1 or block.keep_with_next,
                before=0 if number else 12,
            )
        )


@_write_block.register
def _(block: blocks.Table, target: _Target) -> None:
    _write_table(block, target, [])


def _write_table(block: blocks.Table, target: _Target, end: Sequence[Block]) -> None:
    """A table; ``end`` is what its last rows stay with, in a row of its own without lines: between a table and what
    follows it, not every program obeys that they are kept together."""
    widths = [_twips(c.width) for c in block.columns]
    titles = blocks.Row(tuple(blocks.Cell(c.title) for c in block.columns), "total")
    rows = [_table_row(titles, block, widths, is_head=True)]
    is_short = len(block.rows) <= _MAX_UNBROKEN_ROWS and not any(
        _has_more_lines(row, block, _MAX_SHORT_LINES) for row in block.rows
    )
    last = len(block.rows) - 1
    ends_with_total = bool(block.rows) and block.rows[-1].kind == "total"
    bound = {last - 1} if ends_with_total else set()  # the row that a total must follow on its page
    if isinstance(block, TableWithEnd):
        bound |= set(range(len(block.rows) - block.count, len(block.rows)))
    elif block.keep_with_next:
        bound.add(last)
    rows += [
        _table_row(row, block, widths, keep_with_next=n in bound or (is_short and n < last))
        for n, row in enumerate(block.rows)
    ]
    if end:
        rows.append(_end_row(end, widths, target))
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(_tag(side, val="single", sz=4, space=0, color=_RULE_COLOUR) for side in sides)
    margins = "".join(_tag(side, w=85, type="dxa") for side in ("left", "right"))
    target.append(
        _table(widths, rows, borders=_tag("tblBorders", borders), margins=_tag("tblCellMar", margins)),
        _paragraph("", after=0, keep_with_next=block.keep_with_next),
    )


def _end_row(end: Sequence[Block], widths: list[int], target: _Target) -> str:
    """The last row of a table: blocks in one cell without lines beside it and below it."""
    inside = _Inside(target.file, target.width, target.pictures)
    for part in end:
        _write_block(part, inside)
    sides = "".join(_tag(side, val="nil") for side in ("left", "bottom", "right"))
    span = _tag("gridSpan", val=len(widths)) if len(widths) > 1 else ""
    properties = _tag("tcPr", _tag("tcW", w=sum(widths), type="dxa") + span + _tag("tcBorders", sides))
    return _tag("tr", _tag("trPr", _tag("cantSplit")) + _tag("tc", properties + "".join(inside.written)))


def _table(widths: list[int], rows: Iterable[str], *, borders: str = "", margins: str = "") -> str:
    """A table of fixed columns; ``widths`` in twips."""
    layout = _tag("tblLayout", type="fixed")
    properties = _tag("tblPr", _tag("tblW", w=sum(widths), type="dxa") + borders + layout + margins)
    grid = _tag("tblGrid", "".join(_tag("gridCol", w=width) for width in widths))
    return _tag("tbl", properties + grid + "".join(rows))


def _table_row(
    row: blocks.Row, block: blocks.Table, widths: list[int], *, is_head: bool = False, keep_with_next: bool = False
) -> str:
    cells, column = [], 0
    fill = _HEAD_FILL if is_head else _GROUP_FILL if row.kind != "plain" else ""
    for cell in row.cells:
        properties = [
            _tag("tcW", w=sum(widths[column : column + cell.span]), type="dxa"),
            _tag("gridSpan", val=cell.span) if cell.span > 1 else "",
            _tag("shd", val="clear", color="auto", fill=fill) if fill else "",
            _tag("vAlign", val="center") if is_head else "",
        ]
        align = "center" if is_head else cell.align or block.columns[column].align
        width = sum(c.width for c in block.columns[column : column + cell.span])
        letters = _letters_per_line(block, width)
        inside = _cell_content(cell, row, block.size, align, letters, keep_with_next=keep_with_next)
        cells.append(_tag("tc", _tag("tcPr", "".join(properties)) + inside))
        column += cell.span
    may_break = not is_head and not fits_page(row, block)
    row_properties = ("" if may_break else _tag("cantSplit")) + (_tag("tblHeader") if is_head else "")
    return f"<w:tr><w:trPr>{row_properties}</w:trPr>{''.join(cells)}</w:tr>"


def _cell_content(
    cell: blocks.Cell, row: blocks.Row, size: float, align: str, letters: float, *, keep_with_next: bool
) -> str:
    """The lines of a cell, then its boxes."""
    properties = _run_properties(size=size, bold=row.kind != "plain")
    keeps = keep_with_next or row.kind == "group"
    lines = [
        _paragraph(_run_with_addresses(line, properties, letters), align=align, keep_with_next=keeps)
        for line in cell.text.split("\n")
    ]
    for box in cell.boxes:
        mark = _run("☑ " if box.ticked else "☐ ", _run_properties("Segoe UI Symbol", size * 0.7))
        lines.append(_paragraph(mark + _run(box.text, properties), left=0.5, hanging=0.5, keep_with_next=keeps))
    return "".join(lines)


def _letters_per_line(block: blocks.Table, width: float) -> float:
    """An estimate for a cell of ``width`` centimetres: Word breaks the lines."""
    return 5.6 * (16 / block.size) * width


def _has_more_lines(row: blocks.Row, block: blocks.Table, limit: int) -> bool:
    """Whether a row has more than ``limit`` lines. An estimate: Word breaks the lines."""
    column = 0
    for cell in row.cells:
        width = sum(c.width for c in block.columns[column : column + cell.span])
        letters_per_line = _letters_per_line(block, width)
        column += cell.span
        texts = (*cell.text.split("\n"), *(box.text for box in cell.boxes))
        if sum(1 + len(text) / letters_per_line for text in texts) > limit:
            return True
    return False
