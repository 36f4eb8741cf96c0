"""Writes a document as PDF: PDF/A-2u, tagged, in Sarabun, with a text layer that reads as the text was written.

Lines are broken here (``lib.lines``), because Typst's own line breaker splits Thai words; Typst receives lines and
justifies them.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch
from pathlib import Path
from typing import Any

from prongsai.documents.content import blocks
from prongsai.documents.content.blocks import Document, Section
from prongsai.documents.writers.annex import move_long_cells
from prongsai.documents.writers.paging import (
    LINES_WITH_END,
    PAIR_GAP,
    POINTS_PER_CM,
    SCALE,
    SignaturePair,
    TableWithEnd,
    arrange,
    box_width,
    count_lines,
    fits_page,
    lines,
    text_width,
)
from prongsai.lib import typeset

_TEMPLATE = Path(__file__).parent / "paper.typ"
_MAX_UNBROKEN_TABLE = 12  # lines of a table that the end of a page does not break
_SIGNATURE_SHIFT = 0.4  # of the width


@dataclass(frozen=True)
class _Context:
    """What a block needs besides itself: the width in centimetres, the charts as PNG by their SVG, and the pictures
    embedded so far, which blocks refer to by index."""

    width: float
    pictures: Mapping[str, bytes]
    embedded: list[bytes] = field(default_factory=list)
    folder: Path = Path()

    def embed(self, picture: bytes) -> int:
        self.embedded.append(picture)
        return len(self.embedded) - 1

    def store(self, jpeg: bytes) -> str:
        """The path of a picture that is too large to stand among the data."""
        path = self.folder / f"{len(list(self.folder.iterdir()))}.jpg"
        path.write_bytes(jpeg)
        return str(path)


def write(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """The bytes of the PDF. ``pictures`` are the charts as PNG, by their SVG. Raises TypesetError."""
    document = move_long_cells(document)
    with tempfile.TemporaryDirectory() as folder:
        return typeset.pdf(_TEMPLATE, _describe_document(document, pictures, Path(folder)), standard="a-2u")


def _describe_document(document: Document, pictures: Mapping[str, bytes], folder: Path) -> dict[str, Any]:
    """A document as paper.typ reads it; its photographs are stored in ``folder``."""
    embedded: list[bytes] = []
    data: dict[str, Any] = {
        "title": document.title,
        "agency": document.agency,
        "keywords": [f"{name} SHA-256 {sha256}" for name, sha256 in document.evidence],
        "thai": document.digits == "thai",
        "date": {"year": document.date.year, "month": document.date.month, "day": document.date.day},
        "sections": [_describe_section(s, _Context(s.width, pictures, embedded, folder)) for s in document.sections],
    }
    data["pictures"] = [list(picture) for picture in embedded]
    return data


def _describe_section(section: Section, context: _Context) -> dict[str, Any]:
    """A section as paper.typ reads it, what follows a table with its end being part of it."""
    described: list[dict[str, Any]] = []
    inner = described
    for block in arrange(section):
        inner.append({"type": type(block).__name__, **_describe(block, context)})
        if isinstance(block, TableWithEnd):
            inner[-1]["blocks"] = inner = []
    return {"landscape": section.landscape, "memo": section.memo, "cover": section.cover, "blocks": described}


def _bold_width(text: str, size: float) -> float:
    """Centimetres that a text in bold takes."""
    return typeset.face(bold=True).width(text) * size * SCALE / POINTS_PER_CM


def _label_width(label: str) -> float:
    """Centimetres that a label takes of its line, with the gaps beside it."""
    return _bold_width(label, 20) + 0.6


# --- blocks, as paper.typ reads them


@singledispatch
def _describe(block: object, _context: _Context) -> dict[str, Any]:
    raise TypeError(f"no block: {type(block).__name__}")


@_describe.register
def _(block: blocks.Title, context: _Context) -> dict[str, Any]:
    return {"lines": [lines(line, 20, context.width, bold=True) for line in block.lines]}


@_describe.register
def _(block: blocks.Heading, context: _Context) -> dict[str, Any]:
    return {"text": lines(block.text, 20 - 2 * block.level, context.width, bold=True), "level": block.level}


@_describe.register
def _(block: blocks.Paragraph, context: _Context) -> dict[str, Any]:
    indent = 2.5 if block.indent else 0
    lead, text = f"{block.lead} " if block.lead else "", block.text
    occupied = indent + _bold_width(lead, 16)
    if occupied > context.width - 2:  # the lead fills the line
        lead, text, occupied = "", f"{lead}{text}", indent
    return {
        "text": lines(text, 16, context.width, occupied=occupied, spread=block.align == "justify"),
        "lead": lead,
        "indent": block.indent,
        "align": block.align,
        "keep": block.keep_with_next,
    }


@_describe.register
def _(block: blocks.MarkedList, context: _Context) -> dict[str, Any]:
    items = [[mark, lines(text, 16, context.width - 2.1, spread=True)] for mark, text in block.items]
    return {"items": items, "keep": block.keep_with_next}


@_describe.register
def _(block: blocks.KeyFigures, context: _Context) -> dict[str, Any]:
    each = (context.width - 0.4 * (len(block.pairs) - 1)) / len(block.pairs) - 0.7
    return {"pairs": [[number, lines(caption, 15, each)] for number, caption in block.pairs]}


@_describe.register
def _(block: blocks.FieldLine, context: _Context) -> dict[str, Any]:
    each = context.width / len(block.pairs)
    return {"pairs": [[label, lines(value, 16, each - _label_width(label))] for label, value in block.pairs]}


@_describe.register
def _(block: blocks.Chart, context: _Context) -> dict[str, Any]:
    picture = context.embed(context.pictures[block.svg])
    caption = lines(block.caption, 14, context.width)
    return {"picture": picture, "width": block.width, "caption": caption, "alt": block.caption}


@_describe.register
def _(block: blocks.Picture, context: _Context) -> dict[str, Any]:
    return {
        "path": context.store(block.jpeg),
        "width": block.width,
        "height": block.height,
        "caption": lines(block.caption, 14, context.width),
        "alt": block.caption,
    }


@_describe.register
def _(block: blocks.MemoTitle, context: _Context) -> dict[str, Any]:
    return {"text": block.text, "picture": context.embed(block.emblem) if block.emblem else None}


@_describe.register
def _(block: SignaturePair, context: _Context) -> dict[str, Any]:
    half = (context.width - PAIR_GAP) / 2
    sides = [_describe_signature(side, half, 0) for side in block.sides]
    return {"sides": sides, "gap": PAIR_GAP, "keep": block.keep_with_next}


@_describe.register
def _(block: blocks.Signature, context: _Context) -> dict[str, Any]:
    return _describe_signature(block, context.width, context.width * _SIGNATURE_SHIFT)


def _describe_signature(block: blocks.Signature, width: float, shift: float) -> dict[str, Any]:
    """A signature in a width, its lines so far from the left."""
    opinion = None
    if block.opinion is not None:
        opinion = lines(block.opinion, 16, width, occupied=_label_width("ความเห็น"))
    return {
        "name": block.name,
        "position": lines(f"ตำแหน่ง {block.position or '.' * 34}", 16, width - shift),
        "opinion": opinion,
        "signed": block.signed,
        "keep": block.keep_with_next,
        "shift": shift,
    }


@_describe.register
def _(block: blocks.Table, _context: _Context) -> dict[str, Any]:
    columns = [
        {
            "title": lines(column.title, block.size, text_width(column.width), bold=True),
            "width": column.width,
            "align": column.align,
        }
        for column in block.columns
    ]
    rows = [_describe_row(row, block) for row in block.rows]
    height = sum(count_lines(row, block) for row in block.rows)
    return {"size": block.size, "columns": columns, "rows": rows, "unbroken": height <= _MAX_UNBROKEN_TABLE}


@_describe.register
def _(block: TableWithEnd, context: _Context) -> dict[str, Any]:
    table = _describe.dispatch(blocks.Table)(block, context)
    table["unbroken"] = table["unbroken"] and block.whole
    if block.divided:
        place = len(block.rows) - block.count
        height = count_lines(block.rows[place], block)
        table["rows"][place : place + 1] = _divide(table["rows"][place], height - LINES_WITH_END)
    return {"table": table, "count": block.count}


def _describe_row(row: blocks.Row, table: blocks.Table) -> dict[str, Any]:
    """A row of a table as paper.typ reads it."""
    cells, column = [], 0
    for cell in row.cells:
        width = text_width(sum(c.width for c in table.columns[column : column + cell.span]))
        column += cell.span
        inside = width - box_width(table.size)
        cells.append(
            {
                "text": lines(cell.text, table.size, width, bold=row.kind != "plain"),
                "span": cell.span,
                "align": cell.align,
                "boxes": [{"text": lines(b.text, table.size, inside), "ticked": b.ticked} for b in cell.boxes],
            }
        )
    return {
        "kind": row.kind,
        "breakable": not fits_page(row, table),
        "cells": cells,
        "open": "",
    }


def _divide(row: dict[str, Any], height: int) -> list[dict[str, Any]]:
    """A row in two, the first of ``height`` lines, without a line between them."""
    first, last = [], []
    for cell in row["cells"]:
        boxes, used = [], len(cell["text"])
        for box in cell["boxes"]:
            used += len(box["text"])
            if used <= height:
                boxes.append(box)
        first.append({**cell, "text": cell["text"][:height], "boxes": boxes})
        last.append({**cell, "text": cell["text"][height:], "boxes": cell["boxes"][len(boxes) :]})
    return [{**row, "cells": first, "open": "below"}, {**row, "cells": last, "open": "above", "breakable": False}]
