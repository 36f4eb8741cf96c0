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
from prongsai.lib import typeset

_TEMPLATE = Path(__file__).parent / "paper.typ"
_SCALE = 0.68  # of Sarabun as shipped to TH Sarabun: x-heights of 0.500 and 0.340 of the em
_POINTS_PER_CM = 72 / 2.54
_CELL_INSET = 8  # points on both sides of a cell's text
_MAX_UNBROKEN_TABLE = 12  # lines of a table that the end of a page does not break
_MAX_UNBROKEN_ROW = 18  # lines of a row that the end of a page does not break
_MAX_ROW_WITH_END = 12  # lines of a last row that stays with the end of its section
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
    """A section as paper.typ reads it."""
    described = [{"type": type(block).__name__, **_describe(block, context)} for block in section.blocks]
    return {
        "landscape": section.landscape,
        "memo": section.memo,
        "cover": section.cover,
        "blocks": _bind_end(described),
    }


def _bind_end(described: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The blocks of a section, those after a table whose last row stays with them in one block with it."""
    for number, block in enumerate(described):
        if block["type"] == "Table" and block["keep"]:
            end = {"type": "TableWithEnd", "table": block, "blocks": described[number + 1 :]}
            return [*described[:number], end]
    return described


def _lines(
    text: str, size: float, centimetres: float, *, bold: bool = False, occupied: float = 0, spread: bool = False
) -> list[str]:
    """A text in lines of ``centimetres``; ``occupied`` centimetres of the first line are not available."""
    per_cm = _POINTS_PER_CM / (size * _SCALE)
    face = typeset.face(bold=bold)
    return face.lines(text, centimetres * per_cm, (centimetres - occupied) * per_cm, spread=spread)


def _bold_width(text: str, size: float) -> float:
    """Centimetres that a text in bold takes."""
    return typeset.face(bold=True).width(text) * size * _SCALE / _POINTS_PER_CM


def _label_width(label: str) -> float:
    """Centimetres that a label takes of its line, with the gaps beside it."""
    return _bold_width(label, 20) + 0.6


# --- blocks, as paper.typ reads them


@singledispatch
def _describe(block: object, _context: _Context) -> dict[str, Any]:
    raise TypeError(f"no block: {type(block).__name__}")


@_describe.register
def _(block: blocks.Title, context: _Context) -> dict[str, Any]:
    return {"lines": [_lines(line, 20, context.width, bold=True) for line in block.lines]}


@_describe.register
def _(block: blocks.Heading, context: _Context) -> dict[str, Any]:
    return {"text": _lines(block.text, 20 - 2 * block.level, context.width, bold=True), "level": block.level}


@_describe.register
def _(block: blocks.Paragraph, context: _Context) -> dict[str, Any]:
    indent = 2.5 if block.indent else 0
    lead, text = f"{block.lead} " if block.lead else "", block.text
    occupied = indent + _bold_width(lead, 16)
    if occupied > context.width - 2:  # the lead fills the line
        lead, text, occupied = "", f"{lead}{text}", indent
    return {
        "text": _lines(text, 16, context.width, occupied=occupied, spread=block.align == "justify"),
        "lead": lead,
        "indent": block.indent,
        "align": block.align,
        "keep": block.keep_with_next,
    }


@_describe.register
def _(block: blocks.MarkedList, context: _Context) -> dict[str, Any]:
    return {"items": [[mark, _lines(text, 16, context.width - 2.1, spread=True)] for mark, text in block.items]}


@_describe.register
def _(block: blocks.KeyFigures, context: _Context) -> dict[str, Any]:
    each = (context.width - 0.4 * (len(block.pairs) - 1)) / len(block.pairs) - 0.7
    return {"pairs": [[number, _lines(caption, 15, each)] for number, caption in block.pairs]}


@_describe.register
def _(block: blocks.FieldLine, context: _Context) -> dict[str, Any]:
    each = context.width / len(block.pairs)
    return {"pairs": [[label, _lines(value, 16, each - _label_width(label))] for label, value in block.pairs]}


@_describe.register
def _(block: blocks.Chart, context: _Context) -> dict[str, Any]:
    picture = context.embed(context.pictures[block.svg])
    caption = _lines(block.caption, 14, context.width)
    return {"picture": picture, "width": block.width, "caption": caption, "alt": block.caption}


@_describe.register
def _(block: blocks.Picture, context: _Context) -> dict[str, Any]:
    return {
        "path": context.store(block.jpeg),
        "width": block.width,
        "height": block.height,
        "caption": _lines(block.caption, 14, context.width),
        "alt": block.caption,
    }


@_describe.register
def _(block: blocks.MemoTitle, context: _Context) -> dict[str, Any]:
    return {"text": block.text, "picture": context.embed(block.emblem) if block.emblem else None}


@_describe.register
def _(block: blocks.Signature, context: _Context) -> dict[str, Any]:
    shift = context.width * _SIGNATURE_SHIFT
    opinion = None
    if block.opinion is not None:
        opinion = _lines(block.opinion, 16, context.width, occupied=_label_width("ความเห็น"))
    return {
        "name": block.name,
        "position": _lines(f"ตำแหน่ง {block.position or '.' * 34}", 16, context.width - shift),
        "opinion": opinion,
        "signed": block.signed,
        "keep": block.keep_with_next,
        "shift": shift,
    }


@_describe.register
def _(block: blocks.Table, _context: _Context) -> dict[str, Any]:
    columns = [
        {
            "title": _lines(column.title, block.size, _text_width(column.width), bold=True),
            "width": column.width,
            "align": column.align,
        }
        for column in block.columns
    ]
    rows = [_Row(row, block) for row in block.rows]
    return {
        "size": block.size,
        "columns": columns,
        "rows": [row.described for row in rows],
        "unbroken": sum(row.height for row in rows) <= _MAX_UNBROKEN_TABLE,
        "keep": block.keep_with_next and bool(rows) and rows[-1].height <= _MAX_ROW_WITH_END,
    }


def _text_width(cell_width: float) -> float:
    return cell_width - _CELL_INSET / _POINTS_PER_CM


class _Row:
    """A row of a table as paper.typ reads it; ``height`` in lines."""

    def __init__(self, row: blocks.Row, table: blocks.Table) -> None:
        self.height = 0
        cells, column = [], 0
        for cell in row.cells:
            width = _text_width(sum(c.width for c in table.columns[column : column + cell.span]))
            column += cell.span
            text = _lines(cell.text, table.size, width, bold=row.kind != "plain")
            box_width = 1.3 * table.size * _SCALE / _POINTS_PER_CM
            texts = [_lines(box.text, table.size, width - box_width) for box in cell.boxes]
            boxes = [{"text": t, "ticked": box.ticked} for t, box in zip(texts, cell.boxes, strict=True)]
            self.height = max(self.height, len(text) + sum(map(len, texts)))
            cells.append({"text": text, "span": cell.span, "align": cell.align, "boxes": boxes})
        self.described = {"kind": row.kind, "breakable": self.height > _MAX_UNBROKEN_ROW, "cells": cells}
