"""Documents as PDF: PDF/A-2u, tagged, in Sarabun, with a text layer that reads as it was written.

Lines are broken here (``lib.lines``), because Typst's own line breaker splits Thai words; Typst gets lines and
justifies them.
"""

from pathlib import Path
from typing import Any

from prongsai.documents import content
from prongsai.documents.content import Document, Section
from prongsai.lib import typeset

_TEMPLATE = Path(__file__).parent / "paper.typ"
_SCALE = 0.68  # of Sarabun as shipped to TH Sarabun: x-heights of 0.500 and 0.340 of the em
_CM = 72 / 2.54
_INSET = 8  # points on both sides of a cell's text
_LINES_KEPT = 12  # of a table: a shorter one is not broken by a page's end
_LINES_OF_A_PAGE = 14  # of one row: longer rows may be broken by a page's end


def write(document: Document, pictures: dict[str, bytes]) -> bytes:
    """The file. ``pictures`` are the charts as PNG, by their SVG (see ``issuing``). Raises TypesetError."""
    shelf: list[bytes] = []
    data = {
        "title": document.title,
        "agency": document.agency,
        "thai": document.digits == "thai",
        "date": {"year": document.date.year, "month": document.date.month, "day": document.date.day},
        "sections": [_section(s, shelf, pictures) for s in document.sections],
    }
    data["pictures"] = [list(p) for p in shelf]
    return typeset.pdf(_TEMPLATE, data, standard="a-2u")


def _section(section: Section, shelf: list[bytes], pictures: dict[str, bytes]) -> dict[str, Any]:
    blocks = [_block(b, section.width, shelf, pictures) for b in section.blocks]
    return {"landscape": section.landscape, "memo": section.memo, "blocks": blocks}


def _lines(
    text: str, size: float, centimetres: float, *, bold: bool = False, less: float = 0, spread: bool = False
) -> list[str]:
    """A text in lines; ``less`` centimetres of the first are taken."""
    size *= _SCALE
    wide = _CM / size
    return typeset.face(bold=bold).lines(text, centimetres * wide, (centimetres - less) * wide, spread=spread)


def _block(block: content.Block, width: float, shelf: list[bytes], pictures: dict[str, bytes]) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": type(block).__name__.lower()}
    match block:
        case content.Title():
            return kind | {"lines": [_lines(x, 20, width, bold=True) for x in block.lines]}
        case content.Heading():
            return kind | {"text": _lines(block.text, 20 - 2 * block.level, width, bold=True), "level": block.level}
        case content.Paragraph():
            lead = f"{block.lead} " if block.lead else ""
            taken = 2.5 * block.indent + typeset.face(bold=True).width(lead) * 16 * _SCALE / _CM
            text = block.text
            if taken > width - 2:  # the lead fills the line
                lead, text, taken = "", f"{lead}{text}", 2.5 * block.indent
            told = _lines(text, 16, width, less=taken, spread=block.align == "justify")
            return kind | {"text": told, "lead": lead, "indent": block.indent, "align": block.align, "keep": block.keep}
        case content.Points():
            return kind | {"items": [[mark, _lines(text, 16, width - 2.1, spread=True)] for mark, text in block.items]}
        case content.Figures():
            each = (width - 0.4 * (len(block.pairs) - 1)) / len(block.pairs) - 0.7
            return kind | {"pairs": [[a, _lines(b, 15, each)] for a, b in block.pairs]}
        case content.Fields():
            each = width / len(block.pairs)
            return kind | {"pairs": [[a, _lines(b, 16, each - _label(a))] for a, b in block.pairs]}
        case content.Chart():
            shelf.append(pictures[block.svg])
            caption = _lines(block.caption, 14, width)
            return kind | {"picture": len(shelf) - 1, "width": block.width, "caption": caption, "alt": block.caption}
        case content.MemoTop():
            if block.emblem:
                shelf.append(block.emblem)
            return kind | {"text": block.text, "picture": len(shelf) - 1 if block.emblem else None}
        case content.Signature():
            said = None if block.opinion is None else _lines(block.opinion, 16, width, less=_label("ความเห็น"))
            place = _lines(f"ตำแหน่ง {block.position or '.' * 34}", 16, width - _shift(width))
            return kind | {
                "name": block.name,
                "position": place,
                "opinion": said,
                "signed": block.signed,
                "shift": _shift(width),
            }
        case content.Table():
            columns = [
                {"title": _lines(c.title, block.size, _inner(c.width), bold=True), "width": c.width, "align": c.align}
                for c in block.columns
            ]
            made = [_row(r, block) for r in block.rows]
            whole = sum(r.pop("high") for r in made) <= _LINES_KEPT
            return kind | {"size": block.size, "columns": columns, "rows": made, "whole": whole}


def _shift(width: float) -> float:
    """How far to the right signatures stand."""
    return width * 0.4


def _label(text: str) -> float:
    """What a field's label takes of a line, with the gaps beside it."""
    return typeset.face(bold=True).width(text) * 20 * _SCALE / _CM + 0.6


def _inner(width: float) -> float:
    return width - _INSET / _CM


def _row(row: content.Row, block: content.Table) -> dict[str, Any]:
    cells, at, highest = [], 0, 0
    bold = row.kind != "plain"
    for cell in row.cells:
        room = _inner(sum(c.width for c in block.columns[at : at + cell.span]))
        at += cell.span
        text = _lines(cell.text, block.size, room, bold=bold)
        less = 1.3 * block.size * _SCALE / _CM
        beside = [_lines(b.text, block.size, room - less) for b in cell.boxes]
        boxes = [{"text": t, "ticked": b.ticked} for t, b in zip(beside, cell.boxes, strict=True)]
        highest = max(highest, len(text) + sum(map(len, beside)))
        cells.append({"text": text, "span": cell.span, "align": cell.align, "boxes": boxes})
    return {"kind": row.kind, "long": highest > _LINES_OF_A_PAGE, "cells": cells, "high": highest}
