"""The passages of a document that its agency may word differently: paragraphs and the items of lists, each under a key
that stays while the figures in it change."""

import dataclasses
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
    in_thai_digits,
)
from prongsai.lib import thai

_KEY_LETTERS = 60  # of a heading


@dataclass(frozen=True)
class Passage:
    """A text and the heading it stands under."""

    key: str
    heading: str
    text: str


def list_passages(document: Document) -> list[Passage]:
    """Every passage of a document, in its order."""
    return [
        Passage(f"{key}.{n}" if isinstance(block, MarkedList) else key, heading, text)
        for number, section in enumerate(document.sections)
        for key, heading, block in _walk(number, section)
        for n, text in enumerate(_texts(block))
    ]


def apply_edits(document: Document, edits: Mapping[str, str]) -> Document:
    """The document with other words in some passages, by key, in the digits of the document; a passage without words
    is left out. Keys that it does not have change nothing."""
    if not edits:
        return document
    if document.digits == "thai":
        edits = {key: in_thai_digits(text) for key, text in edits.items()}
    sections = []
    for number, section in enumerate(document.sections):
        keys = {id(block): key for key, _, block in _walk(number, section)}
        blocks = tuple(
            edited for block in section.blocks if (edited := _edit(block, keys.get(id(block), ""), edits)) is not None
        )
        sections.append(dataclasses.replace(section, blocks=blocks))
    return dataclasses.replace(document, sections=tuple(sections))


def _walk(number: int, section: Section) -> Iterator[tuple[str, str, Paragraph | MarkedList]]:
    """The blocks with passages, each with its key and its heading: a key is made of the section, the heading and the
    place under it, so that what changes elsewhere moves no edit."""
    heading, place = "", 0
    seen: Counter[str] = Counter()
    for block in section.blocks:
        if isinstance(block, Heading):
            heading, place = block.text, 0
            seen[heading] += 1
        elif isinstance(block, Paragraph | MarkedList):
            name = thai.squeeze(thai.arabic(heading))[:_KEY_LETTERS]
            yield f"{number}.{name}.{seen[heading]}.{place}", heading, block
            place += 1


def _texts(block: Paragraph | MarkedList) -> tuple[str, ...]:
    return (block.text,) if isinstance(block, Paragraph) else tuple(text for _, text in block.items)


def _edit(block: Block, key: str, edits: Mapping[str, str]) -> Block | None:
    """The block with its edits; None when nothing of it is left."""
    if isinstance(block, Paragraph) and key in edits:
        return dataclasses.replace(block, text=edits[key]) if edits[key] else None
    if isinstance(block, MarkedList):
        items = [(mark, edits.get(f"{key}.{n}", text)) for n, (mark, text) in enumerate(block.items)]
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
