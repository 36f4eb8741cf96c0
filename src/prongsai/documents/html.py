"""Documents as HTML: the same blocks for the screen, without styles of their own, so that a strict content policy
holds."""

import base64
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from prongsai.documents import content
from prongsai.documents.content import Document


def fragment(document: Document) -> str:
    """The document as an ``<article class="paper">``, to stand in a page."""
    sections = Markup().join(
        Markup('<section class="sheet{}">{}</section>').format(
            " wide" if s.landscape else "", Markup().join(map(_block, s.blocks))
        )
        for s in document.sections
    )
    return str(Markup('<article class="paper" lang="th">{}</article>').format(sections))


def page(document: Document) -> str:
    """The document as a page of its own, with its style sheet inside."""
    return (
        '<!doctype html>\n<html lang="th"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{Markup.escape(document.title)}</title><style>{_style()}</style></head><body>{fragment(document)}</body></html>\n"
    )


def address(png: bytes) -> str:
    """A picture as an address of its own."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


@lru_cache(maxsize=1)
def _style() -> str:
    return (Path(__file__).parent / "paper.css").read_text(encoding="utf-8")


def _text(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))


def _block(block: content.Block) -> Markup:
    match block:
        case content.Title():
            return Markup("<h1>{}</h1>").format(Markup("<br>").join(map(_text, block.lines)))
        case content.Heading():
            return Markup("<h{0}>{1}</h{0}>").format(block.level + 1, _text(block.text))
        case content.Paragraph():
            lead = Markup("<strong>{}</strong> ").format(_text(block.lead)) if block.lead else ""
            name = f"{block.align}{' indent' if block.indent else ''}"
            return Markup('<p class="{}">{}{}</p>').format(name, lead, _text(block.text))
        case content.Points():
            items = (Markup("<li><span>{}</span> <span>{}</span></li>").format(a, _text(b)) for a, b in block.items)
            return Markup('<ul class="points">{}</ul>').format(Markup().join(items))
        case content.Figures():
            items = (Markup("<div><dd>{}</dd><dt>{}</dt></div>").format(a, b) for a, b in block.pairs)
            return Markup('<dl class="figures">{}</dl>').format(Markup().join(items))
        case content.Chart():
            svg = Markup(block.svg)  # noqa: S704 - drawn by lib.charts, which escapes
            return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(svg, block.caption)
        case content.MemoTop():
            emblem = Markup('<img alt="ตราของหน่วยงาน" src="{}">').format(address(block.emblem)) if block.emblem else ""
            return Markup('<div class="memo">{}<h1>{}</h1></div>').format(emblem, block.text)
        case content.Fields():
            items = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(a, b) for a, b in block.pairs)
            return Markup('<dl class="fields">{}</dl>').format(Markup().join(items))
        case content.Signature():
            return _signature(block)
        case content.Table():
            return _table(block)


def _signature(block: content.Signature) -> Markup:
    opinion = Markup("")
    if block.opinion is not None:
        opinion = Markup('<p class="opinion"><strong>ความเห็น</strong> <span class="dots">{}</span></p>').format(
            _text(block.opinion)
        )
    signed = block.signed or Markup('<span class="dots"></span>')
    return Markup('<div class="signature">{}<p>(ลงชื่อ) {}<br>({})<br>ตำแหน่ง {}</p></div>').format(
        opinion, signed, block.name or "." * 40, block.position or "." * 34
    )


def _table(block: content.Table) -> Markup:
    head = Markup().join(Markup('<th scope="col">{}</th>').format(_text(c.title)) for c in block.columns)
    return Markup('<div class="scroll"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(
        head, Markup().join(_row(r, block.columns) for r in block.rows)
    )


def _row(row: content.Row, columns: tuple[content.Column, ...]) -> Markup:
    cells, at = [], 0
    for cell in row.cells:
        boxes = Markup().join(
            Markup('<li class="{}">{}</li>').format("ticked" if b.ticked else "empty", _text(b.text))
            for b in cell.boxes
        )
        inside = _text(cell.text) + (Markup('<ul class="boxes">{}</ul>').format(boxes) if boxes else "")
        span = Markup(' colspan="{}"').format(cell.span) if cell.span > 1 else ""
        cells.append(Markup('<td class="{}"{}>{}</td>').format(cell.align or columns[at].align, span, inside))
        at += cell.span
    return Markup('<tr class="{}">{}</tr>').format(row.kind, Markup().join(cells))
