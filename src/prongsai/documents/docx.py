"""Documents as editable Word files: Thai fonts and sizes on every run, tables that repeat their head, numbers written
out.

Word keeps two fonts and two sizes for a text, one for Latin and one for Thai; whoever sets only one gets Thai in a
fallback font. So every style here has both. Lists and headings are numbered in their text, because programs disagree
about Thai numbering.
"""

import io
from functools import lru_cache
from html import escape
from typing import Any

from docx import Document as open_document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm

from prongsai.documents import content
from prongsai.documents.content import Document, Section

_NS = nsdecls("w")
_STYLES = {"Normal": (16, False), "Heading 1": (20, True), "Heading 2": (18, True), "Heading 3": (16, True)}
_ROWS_KEPT, _LINES_OF_A_PAGE = 12, 10  # shorter tables stay on one page; higher rows may be broken by its end
_JC = {"left": "left", "center": "center", "right": "right", "justify": "thaiDistribute"}


def write(document: Document, pictures: dict[str, bytes]) -> bytes:
    """The file. ``pictures`` are the charts as PNG, by their SVG."""
    file = open_document(io.BytesIO(_empty(document.font)))
    for number, section in enumerate(document.sections):
        if number:
            file.add_section(WD_SECTION.NEW_PAGE)
            _shrink(file.element.body[-2])
        _page(file.sections[-1], section, document)
        for block in section.blocks:
            _add(file, block, section, pictures)
    about = file.core_properties
    about.title, about.author, about.language = document.title, document.agency, "th-TH"
    about.comments = ""
    about.created = about.modified = _moment(document)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _moment(document: Document) -> Any:
    import datetime

    return datetime.datetime(document.date.year, document.date.month, document.date.day, tzinfo=datetime.UTC)


@lru_cache(maxsize=8)
def _empty(font: str) -> bytes:
    """An empty file with our styles."""
    file = open_document()
    styles = file.styles.element
    defaults = styles.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _refill(defaults, f'{_run(font, 16)}<w:lang w:val="en-US" w:eastAsia="en-US" w:bidi="th-TH"/>')
    for name, (size, bold) in _STYLES.items():
        style = file.styles[name]
        _refill(style.element.get_or_add_rPr(), _run(font, size, bold=bold, colour="000000"))
        space = 0 if name == "Normal" else 6
        style.paragraph_format.space_before, style.paragraph_format.space_after = space * 12700, 0
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _refill(element: Any, inside: str) -> None:
    for child in list(element):
        element.remove(child)
    for child in list(parse_xml(f"<w:rPr {_NS}>{inside}</w:rPr>")):
        element.append(child)


def _run(font: str = "", size: float = 0, *, bold: bool = False, colour: str = "", dotted: bool = False) -> str:
    """Properties of a run, in the order that the schema wants."""
    parts = []
    if font:
        parts.append(
            f'<w:rFonts w:ascii="{escape(font)}" w:hAnsi="{escape(font)}" w:eastAsia="{escape(font)}" w:cs="{escape(font)}"/>'
        )
    if bold:
        parts.append("<w:b/><w:bCs/>")
    if colour:
        parts.append(f'<w:color w:val="{colour}"/>')
    if size:
        parts.append(f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>')
    if dotted:
        parts.append('<w:u w:val="dotted"/>')
    return "".join(parts)


def _text(text: str, properties: str = "") -> str:
    """A run; line ends become breaks, tabs tabs."""
    inside = []
    for number, line in enumerate(text.split("\n")):
        inside.append("<w:br/>" if number else "")
        for place, piece in enumerate(line.split("\t")):
            inside.append("<w:tab/>" if place else "")
            inside.append(f'<w:t xml:space="preserve">{escape(piece, quote=False)}</w:t>' if piece else "")
    return f"<w:r><w:rPr>{properties}</w:rPr>{''.join(inside)}</w:r>"


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
    keep: bool = False,
    tabs: str = "",
) -> str:
    indent = f'<w:ind w:left="{_twips(left)}" ' + (
        f'w:hanging="{_twips(hanging)}"/>' if hanging else f'w:firstLine="{_twips(first)}"/>'
    )
    opening = (f'<w:pStyle w:val="{style}"/>' if style else "") + ("<w:keepNext/><w:keepLines/>" if keep else "")
    opening += f"<w:tabs>{tabs}</w:tabs>" if tabs else ""
    return (
        f"<w:p {_NS}><w:pPr>{opening}"
        f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"/>{indent}<w:jc w:val="{_JC[align]}"/></w:pPr>{runs}</w:p>'
    )


def _twips(centimetres: float) -> int:
    return round(centimetres * 1440 / 2.54)


def _page(at: Any, section: Section, document: Document) -> None:
    wide, high = (29.7, 21.0) if section.landscape else (21.0, 29.7)
    at.orientation = WD_ORIENT.LANDSCAPE if section.landscape else WD_ORIENT.PORTRAIT
    at.page_width, at.page_height = Cm(wide), Cm(high)
    margins = (2, 2, 1.8, 2) if section.landscape else (1.5 if section.memo else 2.5, 2, 2, 3)
    at.top_margin, at.right_margin, at.bottom_margin, at.left_margin = map(Cm, margins)
    at.footer.is_linked_to_previous = False
    if section.memo:
        return
    if document.digits == "thai":
        number = parse_xml(f'<w:pgNumType {_NS} w:fmt="thaiNumbers"/>')
        at._sectPr.find(qn("w:pgMar")).addnext(number)
    field = _text("- ") + '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    field += (
        '<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        + _text(" -")
    )
    footer = at.footer._element
    for old in list(footer):
        footer.remove(old)
    footer.append(parse_xml(_paragraph(field, align="center")))


def _shrink(paragraph: Any) -> None:
    """The paragraph that carries the end of a section, too small to start a page of its own."""
    paragraph.get_or_add_pPr().append(
        parse_xml(f'<w:spacing {_NS} w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>')
    )
    properties = paragraph.pPr
    ending = properties.find(qn("w:sectPr"))
    if ending is not None:
        properties.append(ending)  # after the spacing, as the schema wants


def _add(file: Any, block: content.Block, section: Section, pictures: dict[str, bytes]) -> None:
    body = file.element.body

    def put(xml: str) -> None:
        body.insert(len(body) - 1, parse_xml(xml))

    match block:
        case content.Title():
            put(_paragraph(_text("\n".join(block.lines)), style="Heading1", align="center", after=8))
        case content.Heading():
            put(_paragraph(_text(block.text), style=f"Heading{block.level + 1}", keep=True, before=6))
        case content.Paragraph():
            lead = _text(f"{block.lead} ", _run(bold=True)) if block.lead else ""
            put(
                _paragraph(
                    lead + _text(block.text),
                    align=block.align,
                    first=2.5 if block.indent else 0,
                    before=3,
                    keep=block.keep,
                )
            )
        case content.Points():
            for mark, text in block.items:
                stop = f'<w:tab w:val="left" w:pos="{_twips(2.1)}"/>'
                put(
                    _paragraph(
                        _text(mark) + "<w:r><w:tab/></w:r>" + _text(text), left=2.1, hanging=0.85, tabs=stop, before=2
                    )
                )
        case content.Figures():
            put(_figures(block, section))
            put(_paragraph("", after=2))
        case content.Chart():
            paragraph = file.add_paragraph()
            paragraph.alignment = 1
            paragraph.paragraph_format.keep_with_next = True
            picture = paragraph.add_run().add_picture(io.BytesIO(pictures[block.svg]), width=Cm(block.width))
            picture._inline.docPr.set("descr", block.caption)
            put(_paragraph(_text(block.caption, _run(size=14)), align="center", after=6))
        case content.MemoTop():
            _memo_top(file, block)
        case content.Fields():
            put(_fields(block, section.width))
        case content.Signature():
            for xml in _signature(block, section.width):
                put(xml)
        case content.Table():
            put(_table(block))
            put(_paragraph("", after=0))


def _figures(block: content.Figures, section: Section) -> str:
    width = _twips(section.width / len(block.pairs))
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:tcBorders><w:left w:val="single" w:sz="24" w:space="0" w:color="0F6B5C"/>'
        '</w:tcBorders><w:shd w:val="clear" w:color="auto" w:fill="EEF4F2"/></w:tcPr>'
        + _paragraph(_text(a, _run(size=32, bold=True)), left=0.2)
        + _paragraph(_text(b, _run(size=15)), left=0.2)
        + "</w:tc>"
        for a, b in block.pairs
    )
    grid = f'<w:gridCol w:w="{width}"/>' * len(block.pairs)
    return (
        f'<w:tbl {_NS}><w:tblPr><w:tblW w:w="{width * len(block.pairs)}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr></w:tbl>"
    )


def _memo_top(file: Any, block: content.MemoTop) -> None:
    paragraph = file.add_paragraph()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(8), 1)
    if block.emblem:
        paragraph.add_run().add_picture(io.BytesIO(block.emblem), height=Cm(1.5))
    else:
        paragraph.paragraph_format.space_before = Cm(0.6)
    paragraph._p.append(
        parse_xml(_text(f"\t{block.text}", _run(size=29, bold=True)).replace("<w:r>", f"<w:r {_NS}>", 1))
    )


def _fields(block: content.Fields, width: float) -> str:
    stops, runs = "", ""
    each = width / len(block.pairs)
    for number, (label, value) in enumerate(block.pairs, 1):
        stops += f'<w:tab w:val="left" w:pos="{_twips(each * number)}"/>'
        runs += _text(label, _run(size=20, bold=True)) + _text(f"  {value}\t", _run(dotted=True))
    return _paragraph(runs, tabs=stops)


def _signature(block: content.Signature, width: float) -> list[str]:
    lines = []
    if block.opinion is not None:
        stop = f'<w:tab w:val="left" w:pos="{_twips(width)}"/>'
        if block.opinion:
            lines.append(_paragraph(_text("ความเห็น  ", _run(bold=True)) + _text(block.opinion), keep=True, before=10))
        else:
            empty = _text("\t", _run(dotted=True))
            lines.append(_paragraph(_text("ความเห็น  ", _run(bold=True)) + empty, keep=True, before=10, tabs=stop))
            lines.append(_paragraph(empty, keep=True, tabs=stop))
    name = block.name or "." * 40
    told = [
        f"(ลงชื่อ) {block.signed}" if block.signed else "(ลงชื่อ)" + "." * 40,
        f"({name})",
        f"ตำแหน่ง {block.position or '.' * 34}",
    ]
    for number, line in enumerate(told):
        last = number == len(told) - 1
        lines.append(
            _paragraph(_text(line), align="center", left=width * 0.4, keep=not last, before=0 if number else 12)
        )
    return lines


def _table(block: content.Table) -> str:
    widths = [_twips(c.width) for c in block.columns]
    rows = [_row(content.Row(tuple(content.Cell(c.title) for c in block.columns), "total"), block, widths, head=True)]
    short = len(block.rows) <= _ROWS_KEPT and not any(_is_long(r, block, 3) for r in block.rows)
    last = len(block.rows) - 1
    with_total = (
        last - 1 if block.rows and block.rows[-1].kind == "total" else last
    )  # the row that a total must not leave
    rows += [_row(r, block, widths, keep=n < last and (short or n == with_total)) for n, r in enumerate(block.rows)]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    line = 'w:val="single" w:sz="4" w:space="0" w:color="595959"'
    borders = "".join(f"<w:{side} {line}/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    return (
        f'<w:tbl {_NS}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def _row(row: content.Row, block: content.Table, widths: list[int], *, head: bool = False, keep: bool = False) -> str:
    cells, at = [], 0
    fill = "E4E4E4" if head else "F3F3F3" if row.kind != "plain" else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    for cell in row.cells:
        width = sum(widths[at : at + cell.span])
        align = "center" if head else cell.align or block.columns[at].align
        properties = _run(size=block.size, bold=row.kind != "plain")
        inside = "".join(
            _paragraph(_text(line, properties), align=align, keep=keep or row.kind == "group")
            for line in cell.text.split("\n")
        )
        for box in cell.boxes:
            mark = _text("☑ " if box.ticked else "☐ ", _run("Segoe UI Symbol", block.size * 0.7))
            inside += _paragraph(mark + _text(box.text, properties), left=0.5, hanging=0.5)
        span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
        middle = '<w:vAlign w:val="center"/>' if head else ""
        cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{shade}{middle}</w:tcPr>{inside}</w:tc>')
        at += cell.span
    kept = "" if not head and _is_long(row, block, _LINES_OF_A_PAGE) else "<w:cantSplit/>"
    return f"<w:tr><w:trPr>{kept}{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(cells)}</w:tr>"


def _is_long(row: content.Row, block: content.Table, most: int) -> bool:
    """Whether a row has more than ``most`` lines. Word breaks the lines; this is near enough."""
    at = 0
    for cell in row.cells:
        letters = 5.6 * (16 / block.size) * sum(c.width for c in block.columns[at : at + cell.span])  # on a line
        at += cell.span
        if sum(1 + len(t) / letters for t in (*cell.text.split("\n"), *(b.text for b in cell.boxes))) > most:
            return True
    return False
