"""Writes a document as HTML: the same blocks for the screen, without inline styles, so that a strict content policy
holds."""

import base64
from collections.abc import Iterable
from functools import lru_cache, singledispatch
from pathlib import Path

from markupsafe import Markup

from prongsai.documents.content import blocks
from prongsai.documents.content.blocks import Document

_PAGE = Markup(
    "<!doctype html>\n"
    '<html lang="th"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head><body>{body}</body></html>\n"
)


def write_fragment(document: Document) -> Markup:
    """The document as an ``<article class="paper">``, to stand in a page."""
    sections = _join(
        Markup('<section class="sheet{}">{}</section>').format(
            (" wide" if section.landscape else "") + (" cover" if section.cover else ""),
            _join(map(_write_block, section.blocks)),
        )
        for section in document.sections
    )
    return Markup('<article class="paper" lang="th">{}</article>').format(sections)


def write_page(document: Document) -> str:
    """The document as a page of its own, with its style sheet inside."""
    return str(_PAGE.format(title=document.title, style=_style_sheet(), body=write_fragment(document)))


def data_url(picture: bytes, form: str = "png") -> str:
    """A picture as a ``data:`` URL."""
    return f"data:image/{form};base64,{base64.b64encode(picture).decode()}"


@lru_cache(maxsize=1)
def _style_sheet() -> Markup:
    return Markup((Path(__file__).parent / "paper.css").read_text(encoding="utf-8"))  # noqa: S704 - a file of ours


def _join(parts: Iterable[Markup]) -> Markup:
    return Markup().join(parts)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))


# --- blocks


@singledispatch
def _write_block(block: object) -> Markup:
    raise TypeError(f"no block: {type(block).__name__}")


@_write_block.register
def _(block: blocks.Title) -> Markup:
    return Markup("<h1>{}</h1>").format(Markup("<br>").join(map(_lines, block.lines)))


@_write_block.register
def _(block: blocks.Heading) -> Markup:
    return Markup("<h{0}>{1}</h{0}>").format(block.level + 1, _lines(block.text))


@_write_block.register
def _(block: blocks.Paragraph) -> Markup:
    lead = Markup("<strong>{}</strong> ").format(_lines(block.lead)) if block.lead else ""
    classes = f"{block.align}{' indent' if block.indent else ''}"
    return Markup('<p class="{}">{}{}</p>').format(classes, lead, _lines(block.text))


@_write_block.register
def _(block: blocks.MarkedList) -> Markup:
    item = Markup("<li><span>{}</span> <span>{}</span></li>")
    return Markup('<ul class="points">{}</ul>').format(_join(item.format(m, _lines(text)) for m, text in block.items))


@_write_block.register
def _(block: blocks.KeyFigures) -> Markup:
    pair = Markup("<div><dd>{}</dd><dt>{}</dt></div>")
    return Markup('<dl class="figures">{}</dl>').format(_join(pair.format(*p) for p in block.pairs))


@_write_block.register
def _(block: blocks.FieldLine) -> Markup:
    pair = Markup("<div><dt>{}</dt><dd>{}</dd></div>")
    return Markup('<dl class="fields">{}</dl>').format(_join(pair.format(*p) for p in block.pairs))


@_write_block.register
def _(block: blocks.Chart) -> Markup:
    svg = Markup(block.svg)  # noqa: S704 - drawn by lib.charts, which escapes
    return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(svg, block.caption)


@_write_block.register
def _(block: blocks.Picture) -> Markup:
    picture = Markup('<figure><img alt="{}" src="{}"><figcaption>{}</figcaption></figure>')
    return picture.format(block.caption, data_url(block.jpeg, "jpeg"), _lines(block.caption))


@_write_block.register
def _(block: blocks.MemoTitle) -> Markup:
    picture = Markup('<img alt="ตราของหน่วยงาน" src="{}">')
    emblem = picture.format(data_url(block.emblem)) if block.emblem else ""
    return Markup('<div class="memo">{}<h1>{}</h1></div>').format(emblem, block.text)


@_write_block.register
def _(block: blocks.Signature) -> Markup:
    opinion = Markup()
    if block.opinion is not None:
        opinion = Markup('<p class="opinion"><strong>ความเห็น</strong> <span class="dots">{}</span></p>').format(
            _lines(block.opinion)
        )
    signed = block.signed or Markup('<span class="dots"></span>')
    return Markup('<div class="signature">{}<p>(ลงชื่อ) {}<br>({})<br>ตำแหน่ง {}</p></div>').format(
        opinion, signed, block.name or "." * 40, block.position or "." * 34
    )


@_write_block.register
def _(block: blocks.Table) -> Markup:
    titles = _join(Markup('<th scope="col">{}</th>').format(_lines(c.title)) for c in block.columns)
    rows = _join(_write_row(row, block.columns) for row in block.rows)
    return Markup('<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(
        titles, rows
    )


def _write_row(row: blocks.Row, columns: tuple[blocks.Column, ...]) -> Markup:
    cells, column = [], 0
    for cell in row.cells:
        span = Markup(' colspan="{}"').format(cell.span) if cell.span > 1 else ""
        inside = _lines(cell.text) + _write_boxes(cell.boxes)
        cells.append(Markup('<td class="{}"{}>{}</td>').format(cell.align or columns[column].align, span, inside))
        column += cell.span
    return Markup('<tr class="{}">{}</tr>').format(row.kind, _join(cells))


def _write_boxes(boxes: tuple[blocks.Checkbox, ...]) -> Markup:
    if not boxes:
        return Markup()
    item = Markup('<li class="{}">{}</li>')
    items = _join(item.format("ticked" if box.ticked else "empty", _lines(box.text)) for box in boxes)
    return Markup('<ul class="boxes">{}</ul>').format(items)
