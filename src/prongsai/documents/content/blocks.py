"""The blocks a document consists of: one model that every writer writes.

Texts are plain; a line end in one is a line end on paper. Widths are centimetres, sizes the points that Thai offices
use (16 for text, 18 and 20 for headings, 29 for the title of a memo), at which the writers set their own fonts.
"""

import dataclasses
import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, Literal

from prongsai.lib import digest, thai
from prongsai.lib.thai import Digits

Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Title:
    """The title of a document, in lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """``lead`` opens it in bold; ``indent`` is the office's first-line indent of 2.5 cm; ``keep_with_next`` forbids a
    page break after it. ``is_field`` says that it was typed in a field of its own, and is no passage to be worded
    differently."""

    text: str
    lead: str = ""
    indent: bool = True
    align: Align | Literal["justify"] = "justify"
    keep_with_next: bool = False
    is_field: bool = False


@dataclass(frozen=True)
class MarkedList:
    """A list: each item as (mark before it, text). ``keep_with_next`` forbids a page break after it."""

    items: tuple[tuple[str, str], ...]
    keep_with_next: bool = False


@dataclass(frozen=True)
class Checkbox:
    text: str
    ticked: bool = False


@dataclass(frozen=True)
class Cell:
    """``span`` columns wide. ``boxes`` follow the text. ``align`` overrides the column's."""

    text: str = ""
    span: int = 1
    boxes: tuple[Checkbox, ...] = ()
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
    """The titles of its columns are repeated on every page. ``keep_with_next`` forbids a page break between its last
    rows and the rest of the section."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    size: float = 16
    keep_with_next: bool = False


@dataclass(frozen=True)
class KeyFigures:
    """A few numbers in large type, side by side: (number, what it counts)."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Chart:
    """``svg`` is a drawing of lib.charts; ``caption`` says what it shows and replaces it where it cannot be seen."""

    svg: str
    caption: str
    width: float = 15.0


@dataclass(frozen=True)
class Picture:
    """A picture of an attached file, in centimetres, with the lines under it. A document is known by the ``sha256`` of
    the file, not by how the picture was drawn."""

    jpeg: bytes
    caption: str
    sha256: str
    width: float
    height: float


@dataclass(frozen=True)
class MemoTitle:
    """The emblem (PNG; empty leaves its place free) and the word บันทึกข้อความ."""

    emblem: bytes
    text: str = "บันทึกข้อความ"


@dataclass(frozen=True)
class FieldLine:
    """A line of (label, value) with a dotted rule under each value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Signature:
    """``opinion`` is the opinion as written, empty for dotted lines to write on, None for no place. ``signed`` replaces
    the dots for a signature. Without a ``position`` there are dots for it too. ``keep_with_next`` forbids a page break
    after it."""

    name: str
    position: str
    opinion: str | None = None
    signed: str = ""
    keep_with_next: bool = False


Block = (
    Title | Heading | Paragraph | MarkedList | Table | KeyFigures | Chart | Picture | MemoTitle | FieldLine | Signature
)


@dataclass(frozen=True)
class Section:
    """Starts on a new page. ``memo`` has the narrower margin above its emblem and no page number; ``cover`` has its
    title in the middle of the page, the other blocks at its foot, and no page number."""

    blocks: tuple[Block, ...]
    landscape: bool = False
    memo: bool = False
    cover: bool = False

    @property
    def width(self) -> float:
        """Centimetres between the margins."""
        return 25.7 if self.landscape else 16.0


@dataclass(frozen=True, kw_only=True)
class Document:
    kind: str
    title: str
    agency: str
    sections: tuple[Section, ...]
    date: datetime.date
    font: str
    digits: Digits = "arabic"
    evidence: tuple[tuple[str, str], ...] = ()  # (name, SHA-256) of attached files: properties of what is written

    @property
    def digest(self) -> str:
        """SHA-256 of everything it says and of its form: equal data give an equal digest."""
        return digest.of_json(_digested(self))


# --- building blocks


def numbered(items: Iterable[str]) -> MarkedList:
    return MarkedList(tuple((f"{n}.", text) for n, text in enumerate(items, 1)))


def dashed(items: Iterable[str]) -> MarkedList:
    return MarkedList(tuple(("-", text) for text in items))


def rows(*lines: tuple[str, ...]) -> tuple[Row, ...]:
    """Plain rows from texts."""
    return tuple(Row(tuple(map(Cell, line))) for line in lines)


# --- reading and converting them


def in_digits(part: Any, digits: Digits) -> Any:
    """The same document, block or text with Thai or with Arabic digits in everything it says, however it was typed."""
    if isinstance(part, str):
        return thai.in_digits(part, digits)
    if isinstance(part, tuple):
        return tuple(in_digits(each, digits) for each in part)
    if isinstance(part, Chart):
        svg = re.sub(r">([^<>]+)<", lambda m: f">{thai.in_digits(m[1], digits)}<", part.svg)
        return dataclasses.replace(part, svg=svg, caption=thai.in_digits(part.caption, digits))
    if isinstance(part, Picture):
        return dataclasses.replace(part, caption=thai.in_digits(part.caption, digits))
    if isinstance(part, Document):
        texts = {name: in_digits(getattr(part, name), digits) for name in ("title", "agency", "sections")}
        return dataclasses.replace(part, digits=digits, **texts)
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        values = {f.name: in_digits(getattr(part, f.name), digits) for f in dataclasses.fields(part)}
        return dataclasses.replace(part, **values)
    return part


@singledispatch
def list_texts(part: object) -> list[str]:
    """Every text of a document or block in its order, as a reader must find it in the written file. A chart is a
    picture: only its caption counts."""
    raise TypeError(f"no block: {type(part).__name__}")


@list_texts.register
def _(part: str) -> list[str]:
    return [part] if part else []


@list_texts.register(tuple)
def _(part: tuple[object, ...]) -> list[str]:
    return [text for item in part for text in list_texts(item)]


@list_texts.register
def _(part: Document) -> list[str]:
    return list_texts(part.sections)


@list_texts.register
def _(part: Section) -> list[str]:
    return list_texts(part.blocks)


@list_texts.register
def _(part: Title) -> list[str]:
    return list_texts(part.lines)


@list_texts.register
def _(part: Heading | MemoTitle) -> list[str]:
    return [part.text]


@list_texts.register
def _(part: Paragraph) -> list[str]:
    return list_texts(f"{part.lead} {part.text}".strip())


@list_texts.register
def _(part: MarkedList) -> list[str]:
    return [f"{mark} {text}" for mark, text in part.items]


@list_texts.register
def _(part: Table) -> list[str]:
    return [*list_texts(tuple(c.title for c in part.columns)), *list_texts(part.rows)]


@list_texts.register
def _(part: Row) -> list[str]:
    return list_texts(part.cells)


@list_texts.register
def _(part: Cell) -> list[str]:
    return list_texts((part.text, tuple(box.text for box in part.boxes)))


@list_texts.register
def _(part: KeyFigures | FieldLine) -> list[str]:
    return list_texts(part.pairs)


@list_texts.register
def _(part: Chart | Picture) -> list[str]:
    return [part.caption]


@list_texts.register
def _(part: Signature) -> list[str]:
    return list_texts((part.opinion or "", part.name, part.position, part.signed))


_TYPES: dict[str, Any] = {
    c.__name__: c
    for c in (
        Title,
        Heading,
        Paragraph,
        MarkedList,
        Checkbox,
        Cell,
        Row,
        Column,
        Table,
        KeyFigures,
        Chart,
        MemoTitle,
        FieldLine,
        Signature,
        Section,
    )
}


def as_data(part: Any) -> Any:
    """A block, or a tuple of them, as JSON data; pictures are left out."""
    if isinstance(part, tuple):
        return [as_data(item) for item in part]
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        values = {f.name: as_data(getattr(part, f.name)) for f in dataclasses.fields(part)}
        return {"is": type(part).__name__, **values}
    return "" if isinstance(part, bytes) else part


def from_data(data: Any, emblem: bytes) -> Any:
    """What :func:`as_data` was given, with the emblem of a memo in its place."""
    if isinstance(data, list):
        return tuple(from_data(item, emblem) for item in data)
    if not isinstance(data, dict):
        return data
    values = {name: from_data(value, emblem) for name, value in data.items() if name != "is"}
    if data["is"] == MemoTitle.__name__:
        values["emblem"] = emblem
    return _TYPES[data["is"]](**values)


# Names under which digests of version 0.1.0 know a block. A stored digest (of a signed memo, of an issued paper) can
# be computed again only as long as these stay.
_NAMES_IN_DIGESTS = {
    "MarkedList": "Points",
    "Checkbox": "Box",
    "KeyFigures": "Figures",
    "MemoTitle": "MemoTop",
    "FieldLine": "Fields",
    "keep_with_next": "keep",
}


# Fields that version 0.1.0 did not know: where they are no part of the form they are not digested, others only where
# they are set.
_NEVER_DIGESTED = {
    (Signature, "keep_with_next"),
    (Table, "keep_with_next"),
    (MarkedList, "keep_with_next"),
    (Paragraph, "is_field"),
    (Picture, "jpeg"),
    (Picture, "width"),
    (Picture, "height"),
}
_DIGESTED_WHERE_SET = {(Section, "cover"), (Document, "evidence")}


def _is_newer_than_digests(part: Any, name: str) -> bool:
    """Whether a field is left out of a digest, so that older ones can be computed again."""
    field = (type(part), name)
    return field in _NEVER_DIGESTED or (field in _DIGESTED_WHERE_SET and not getattr(part, name))


def _digested(part: Any) -> Any:
    """The part as JSON for its digest."""
    if isinstance(part, (bytes, datetime.date)):
        return str(part)
    if isinstance(part, tuple):
        return [_digested(item) for item in part]
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        name = type(part).__name__
        values = {
            _NAMES_IN_DIGESTS.get(f.name, f.name): _digested(getattr(part, f.name))
            for f in dataclasses.fields(part)
            if not _is_newer_than_digests(part, f.name)
        }
        return {"": _NAMES_IN_DIGESTS.get(name, name), **values}
    return part
