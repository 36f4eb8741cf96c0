"""The passages of a document that its agency may word differently: paragraphs and the items of lists, each under a key
that stays while the figures in it change."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prongsai.documents.content.blocks import (
    Block,
    Document,
    Heading,
    MarkedList,
    Paragraph,
    Section,
    Title,
    in_digits,
)
from prongsai.lib import thai

_HEADING_LETTERS, _KEY_LETTERS = 30, 40  # of a heading and of a passage in a key
_NAME_LETTERS = 40
_SCORE = re.compile(r"\d{1,9}\.\d{1,9}|\(")


@dataclass(frozen=True)
class Passage:
    """A text and the heading it stands under."""

    key: str
    heading: str
    text: str

    @property
    def name(self) -> str:
        """Its heading and how it begins, for messages."""
        beginning = f"{self.text[:_NAME_LETTERS]}…" if len(self.text) > _NAME_LETTERS else self.text
        return f"หัวข้อ {self.heading} ย่อหน้า “{beginning}”" if self.heading else f"ย่อหน้า “{beginning}”"


def list_passages(document: Document) -> list[Passage]:
    """Every passage of a document, in its order."""
    return [
        Passage(key, heading or (_find_title(section) if number else ""), text)
        for number, section in enumerate(document.sections)
        for keys, heading, block in _walk(number, section)
        for key, text in zip(keys, _texts(block), strict=True)
    ]


def _find_title(section: Section) -> str:
    """What a later section of a document, such as an annex, is called; its passages stand under no other heading."""
    return next((" ".join(block.lines) for block in section.blocks if isinstance(block, Title)), "")


def apply_edits(document: Document, edits: Mapping[str, str]) -> Document:
    """The document with other words in some passages, by key, in the digits of the document; a passage without words
    is left out. Keys that it does not have change nothing."""
    if not edits:
        return document
    edits = {name: in_digits(text, document.digits) for name, text in edits.items()}
    sections = []
    for number, section in enumerate(document.sections):
        keys = {id(block): found for found, _, block in _walk(number, section)}
        blocks = tuple(
            edited for block in section.blocks if (edited := _edit(block, keys.get(id(block), ()), edits)) is not None
        )
        sections.append(dataclasses.replace(section, blocks=blocks))
    return dataclasses.replace(document, sections=tuple(sections))


def _walk(number: int, section: Section) -> Iterator[tuple[tuple[str, ...], str, Paragraph | MarkedList]]:
    """The blocks with passages, each with their keys and its heading. A key is made of the section, the heading and the
    words with which the passage begins, so that an edit stays with what it was written about, or finds no place."""
    heading = ""
    seen: Counter[str] = Counter()
    for block in section.blocks:
        if isinstance(block, Heading):
            heading = block.text
        elif isinstance(block, MarkedList) or (isinstance(block, Paragraph) and not block.is_field):
            lead = block.lead if isinstance(block, Paragraph) else ""
            keys = []
            for text in _texts(block):
                key = f"{number}.{_name(heading, _HEADING_LETTERS)}.{_name(lead + text, _KEY_LETTERS)}"
                seen[key] += 1
                keys.append(f"{key}.{seen[key]}")
            yield tuple(keys), heading, block


def _name(text: str, letters: int) -> str:
    """The beginning of a text, up to its first score."""
    plain = thai.arabic(text)
    score = _SCORE.search(plain)
    return thai.squeeze(plain[: score.start()] if score else plain)[:letters]


def _texts(block: Paragraph | MarkedList) -> tuple[str, ...]:
    return (block.text,) if isinstance(block, Paragraph) else tuple(text for _, text in block.items)


def _edit(block: Block, keys: tuple[str, ...], edits: Mapping[str, str]) -> Block | None:
    """The block with its edits; None when nothing of it is left."""
    if isinstance(block, Paragraph) and keys and keys[0] in edits:
        text = edits[keys[0]]
        return dataclasses.replace(block, text=text) if text else None
    if isinstance(block, MarkedList):
        items = [(mark, edits.get(key, text)) for key, (mark, text) in zip(keys, block.items, strict=True)]
        remaining = tuple((mark, text) for mark, text in items if text)
        return dataclasses.replace(block, items=_renumber(remaining)) if remaining else None
    return block


def _renumber(items: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Items that are numbered, numbered anew: one may be gone."""
    numbers = [thai.arabic(mark).rstrip(".") for mark, _ in items]
    if not all(number.isdecimal() for number in numbers):
        return items
    is_thai = any(mark != thai.arabic(mark) for mark, _ in items)
    marks = [f"{n}." for n in range(1, len(items) + 1)]
    return tuple(
        (thai.in_thai_digits(mark) if is_thai else mark, text) for mark, (_, text) in zip(marks, items, strict=True)
    )
