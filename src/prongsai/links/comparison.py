"""Two texts beside each other, with their differences marked. It runs in the sandbox: neither text is ours."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

MAX_LINES = 1_500  # of each text
MAX_ROWS = 400
_MAX_LINE = 600  # letters
_CONTEXT = 2  # equal lines shown on either side of a difference
_MIN_LIKENESS = 0.4  # of two lines, from which on their words are compared

# a Thai consonant with its vowels and marks, a number, a Latin word, or any one other letter
_WORDS = re.compile(
    "[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e30-\u0e3a\u0e47-\u0e4e]{0,4}|[0-9\u0e50-\u0e59]{1,20}|[A-Za-z]{1,40}|.", re.S
)

Part = tuple[bool, str]  # whether it differs, and the words
Kind = Literal["same", "changed", "removed", "added", "gap", "cut"]
Row = tuple[Kind, list[Part], list[Part]]  # the stored line and the line of now; of a gap: how many equal lines


def compare_texts(stored: str, live: str) -> list[Row]:
    """The lines of both texts side by side; equal lines far from any difference are one gap, and what lies beyond
    ``MAX_ROWS`` is one "cut". Without any difference only gaps."""
    before, after = _lines(stored), _lines(live)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    rows: list[Row] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            rows += _equal_rows(before[i1:i2], is_first=i1 == 0 and j1 == 0, is_last=i2 == len(before))
        else:
            rows += _different_rows(before[i1:i2], after[j1:j2])
        if len(rows) > MAX_ROWS:
            return [*rows[:MAX_ROWS], ("cut", [], [])]
    return rows


def _lines(text: str) -> list[str]:
    return [line.strip()[:_MAX_LINE] for line in text.split("\n")[:MAX_LINES] if line.strip()]


def _equal_rows(lines: list[str], *, is_first: bool, is_last: bool) -> Iterator[Row]:
    head, tail = (0 if is_first else _CONTEXT), (0 if is_last else _CONTEXT)
    if len(lines) <= head + tail + 1:
        head, tail = len(lines), 0
    hidden = len(lines) - head - tail
    for line in lines[:head]:
        yield "same", [(False, line)], [(False, line)]
    if hidden:
        yield "gap", [(False, str(hidden))], []
    for line in lines[len(lines) - tail :] if tail else ():
        yield "same", [(False, line)], [(False, line)]


def _different_rows(before: list[str], after: list[str]) -> Iterator[Row]:
    """Lines in pairs as far as they go and are alike, the rest by themselves."""
    for old, new in zip(before, after, strict=False):
        parts = _compare_line(old, new)
        if parts:
            yield "changed", *parts
        else:
            yield "removed", [(True, old)], []
            yield "added", [], [(True, new)]
    for old in before[len(after) :]:
        yield "removed", [(True, old)], []
    for new in after[len(before) :]:
        yield "added", [], [(True, new)]


def _compare_line(old: str, new: str) -> tuple[list[Part], list[Part]] | None:
    """The words of two lines; None where the lines have too little in common."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < _MIN_LIKENESS:
        return None
    left: list[Part] = []
    right: list[Part] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        differs = tag != "equal"
        left += [(differs, "".join(a[i1:i2]))] if i2 > i1 else []
        right += [(differs, "".join(b[j1:j2]))] if j2 > j1 else []
    return left, right
