"""What stands on the paper: one model of blocks that every writer writes.

Texts are plain; a line end in one is a line end on paper. Widths are centimetres, sizes the points that Thai offices
speak of (16 for text, 18 and 20 for headings, 29 for the word over a memo), at which the writers draw their own fonts.
"""

import dataclasses
import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from prongsai.lib import digest, thai

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Title:
    """The lines at the head of a document."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True)
class Paragraph:
    """``lead`` opens it in bold; ``indent`` is the office's first-line indent of 2.5 cm; ``keep`` holds it to what
    follows."""

    text: str
    lead: str = ""
    indent: bool = True
    align: Align | Literal["justify"] = "justify"
    keep: bool = False


@dataclass(frozen=True)
class Points:
    """A list: each item with the mark that stands before it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Box:
    """A box to tick, and what it is of."""

    text: str
    ticked: bool = False


@dataclass(frozen=True)
class Cell:
    """``span`` columns wide. ``boxes`` stand under the text. ``align`` when it is not its column's."""

    text: str = ""
    span: int = 1
    boxes: tuple[Box, ...] = ()
    align: Align | None = None


@dataclass(frozen=True)
class Row:
    """``group`` is a heading between rows, ``total`` a sum or a mean: both in bold, shaded."""

    cells: tuple[Cell, ...]
    kind: Literal["plain", "group", "total"] = "plain"


@dataclass(frozen=True)
class Column:
    title: str
    width: float
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """Its head is repeated on every page."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    size: float = 16


@dataclass(frozen=True)
class Figures:
    """A few numbers large, side by side, with what they are under them."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chart:
    """``svg`` is a drawing of lib.charts, as wide as it may be; ``caption`` says what it shows and stands for it where
    it cannot be seen."""

    svg: str
    caption: str
    width: float = 15.0


@dataclass(frozen=True)
class MemoTop:
    """The emblem, or its place, and the word บันทึกข้อความ."""

    emblem: bytes
    text: str = "บันทึกข้อความ"


@dataclass(frozen=True)
class Fields:
    """A line of labels with dotted places after them, filled or not."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Signature:
    """``opinion`` is what was written, or None where no place for it is wanted; empty means dotted lines to write on.
    ``signed`` stands in the place of the dots for a signature; without a ``position`` there are dots for it too."""

    name: str
    position: str
    opinion: str | None = None
    signed: str = ""


Block = Title | Heading | Paragraph | Points | Table | Figures | Chart | MemoTop | Fields | Signature


@dataclass(frozen=True)
class Section:
    """Starts on a new page. ``memo`` has the narrower margin over its emblem and no page number."""

    blocks: tuple[Block, ...]
    landscape: bool = False
    memo: bool = False

    @property
    def width(self) -> float:
        """Centimetres between the margins."""
        return 25.7 if self.landscape else 16.0


@dataclass(frozen=True)
class Document:
    kind: str
    title: str
    agency: str
    sections: tuple[Section, ...]
    date: datetime.date
    font: str
    digits: Literal["thai", "arabic"] = "arabic"

    @property
    def digest(self) -> str:
        """SHA-256 of all that it says and how: the same material gives the same."""
        return digest.of_json(_plain(self))


def numbered(items: Iterable[str]) -> Points:
    return Points(tuple((f"{n}.", text) for n, text in enumerate(items, 1)))


def dashed(items: Iterable[str]) -> Points:
    return Points(tuple(("-", text) for text in items))


def rows(*lines: tuple[str, ...]) -> tuple[Row, ...]:
    """Plain rows from texts."""
    return tuple(Row(tuple(map(Cell, line))) for line in lines)


def in_thai_digits(thing: Any) -> Any:
    """The same document with Thai digits wherever it says something."""
    if isinstance(thing, str):
        return thai.in_thai_digits(thing)
    if isinstance(thing, tuple):
        return tuple(map(in_thai_digits, thing))
    if isinstance(thing, Chart):
        letters = re.sub(r">([^<]+)<", lambda m: f">{thai.in_thai_digits(m[1])}<", thing.svg)
        return dataclasses.replace(thing, svg=letters, caption=in_thai_digits(thing.caption))
    if isinstance(thing, Document):
        told = {name: in_thai_digits(getattr(thing, name)) for name in ("title", "agency", "sections")}
        return dataclasses.replace(thing, digits="thai", **told)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        values = {f.name: in_thai_digits(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
        return dataclasses.replace(thing, **values)
    return thing


def texts(thing: Any) -> list[str]:
    """Every text of a document in its order, as it must be found again in what was written. Charts are pictures."""
    if isinstance(thing, str):
        return [thing] if thing else []
    if isinstance(thing, tuple):
        return [t for part in thing for t in texts(part)]
    match thing:
        case Document():
            return texts(thing.sections)
        case Section():
            return texts(thing.blocks)
        case Chart():
            return [thing.caption]
        case Points():
            return [f"{mark} {text}" for mark, text in thing.items]
        case Table():
            return [*texts(tuple(c.title for c in thing.columns)), *texts(thing.rows)]
        case Row():
            return texts(thing.cells)
        case Cell():
            return texts((thing.text, tuple(b.text for b in thing.boxes)))
        case Paragraph():
            return texts(f"{thing.lead} {thing.text}".strip())
        case Heading() | MemoTop():
            return [thing.text]
        case Title():
            return texts(thing.lines)
        case Figures() | Fields():
            return texts(thing.pairs)
        case Signature():
            return texts((thing.opinion or "", thing.name, thing.position, thing.signed))
    return []


def _plain(thing: Any) -> Any:
    if isinstance(thing, (bytes, datetime.date)):
        return str(thing)
    if isinstance(thing, tuple):
        return [_plain(t) for t in thing]
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {"": type(thing).__name__, **{f.name: _plain(getattr(thing, f.name)) for f in dataclasses.fields(thing)}}
    return thing
