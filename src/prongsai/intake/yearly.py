"""Headings that say a year and its total at once, with the scores of that year under each: taken apart, so that the
year is the heading and the total stands under it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from prongsai.intake import words
from prongsai.intake.blocks import says_only_year
from prongsai.intake.files import Row
from prongsai.intake.vocabulary import Vocabulary

_FEWEST = 2  # years that stand so
_HEAD = re.compile(
    r"(?P<year>[^\d]{0,60}(?:พ\.?\s?ศ\.?\s{0,3})?25[4-9]\d\)?)"
    r"\s{0,9}(?:[:=–—|-]|ได้(?:รับ)?|มี|คือ)?\s{0,9}(?:ผล)?(?:คะแนน)?(?:รวม|เฉลี่ย)?(?:ได้)?\s{0,9}[:=(]?\s{0,9}"
    r"(?P<number>\d{2,3}\.\d{1,4})(?P<rest>(?:\s{0,9}(?:คะแนน|points?|%))?(?P<level>.{0,40}))"
)


@dataclass(frozen=True)
class _Head:
    year: int
    title: str
    result: str


def with_years(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with every such heading as two lines, where each of several years has its own scores under it, or one
    has those that another had before it."""
    headings = {at: head for at, row in enumerate(rows) if (head := _head(row, vocabulary))}
    years = [head.year for head in headings.values()]
    below = {at: _nodes_of(next(filter(_has_text, rows[at + 1 :]), None), vocabulary) for at in headings}
    if not all(below.values()) or len(set(years)) < max(len(years), 1):
        return list(rows)
    if len(years) < _FEWEST and not any(_repeats(rows[:at], nodes, vocabulary) for at, nodes in below.items()):
        return list(rows)
    result: list[Row] = []
    for at, row in enumerate(rows):
        if head := headings.get(at):
            result += [replace(row, cells=(head.title,), table=0), replace(row, cells=(head.result,), table=0)]
        else:
            result.append(row)
    return result


def _head(row: Row, vocabulary: Vocabulary) -> _Head | None:
    match = _HEAD.fullmatch(row.cells[0].strip()) if len(row.cells) == 1 and not row.table else None
    if match is None or not says_only_year(match["year"]):
        return None
    level = match["level"].strip(" ,:–-)")
    if level and vocabulary.levels.alone(re.sub(r"^อยู่(?:ใน)?", "", level)) is None:
        return None
    return _Head(words.years(match["year"])[0][1], match["year"], f"คะแนนรวม {match['number']}{match['rest']}")


def _has_text(row: Row) -> bool:
    return any(row.cells)


def _nodes_of(row: Row | None, vocabulary: Vocabulary) -> set[str]:
    """The nodes that a line names."""
    text = words.join(row.cells) if row else ""
    return {m.id for m in vocabulary.mentions(text) if m.kind in ("instrument", "indicator")}


def _repeats(above: Sequence[Row], nodes: set[str], vocabulary: Vocabulary) -> bool:
    """Whether the nodes under a heading had a line of their own before it: those of another year."""
    return any(_nodes_of(row, vocabulary) == nodes for row in above)
