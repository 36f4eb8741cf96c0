"""Indicators under English names of an office's own: "Budget utilization 94.91" where the rules say "Use of budget".

Believed only in a list of most of them, in their order, where one word of each name is of that indicator alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from prongsai.intake.files import Row
from prongsai.intake.vocabulary import Vocabulary

_LEAST = 5  # indicators that make a list
_WORD, _STEM = re.compile(r"[A-Za-z]{4,20}"), 5
_NAME_THEN_NUMBER = re.compile(
    r"(?<![A-Za-z])(?P<name>[A-Za-z]{4,20}(?:\s[A-Za-z&]{1,20}){0,5})(?=\s{0,3}[:=(]?\s{0,3}\d{1,3}\.\d{1,2}(?!\d))"
)
_NAME = re.compile(r"\s{0,9}(?P<name>[A-Za-z]{4,20}(?:\s[A-Za-z&]{1,20}){0,5})\s{0,9}")
_ORDINAL = re.compile(r"\s{0,9}\d{1,2}[.)]?\s{0,9}")
_SCORE = re.compile(r"\s{0,9}\d{1,3}\.\d{1,2}\s{0,9}")
Named = tuple[int, int, int, int, str]  # the row, the cell, where the name begins and ends, the indicator


def with_indicators(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with the numbers of indicators for such names."""
    owners = _stems(vocabulary)
    named = [n for n in _names(rows, owners) if n[4] in vocabulary.codes.numbered_indicators]
    result = list(rows)
    for at, column, start, end, indicator in reversed(_longest_list(named)):
        if any(m.kind == "indicator" for m in vocabulary.mentions(result[at].cells[column][start:end])):
            continue  # called as the rules call it
        cells = list(result[at].cells)
        cells[column] = f"{cells[column][:start]}ตัวชี้วัดที่ {indicator} {cells[column][end:]}"
        result[at] = replace(result[at], cells=tuple(cells))
    return result


def _longest_list(named: Sequence[Named]) -> list[Named]:
    """The longest run of names in the order of their indicators, where that is a list."""
    runs: list[list[Named]] = []
    for name in named:
        if runs and int(runs[-1][-1][4]) < int(name[4]):
            runs[-1].append(name)
        else:
            runs.append([name])
    longest = max(runs, key=len, default=[])
    return longest if len(longest) >= _LEAST else []


def _stems(vocabulary: Vocabulary) -> dict[str, str]:
    """The beginnings of words that the English name of one indicator alone has, with its number."""
    owners: dict[str, set[str]] = {}
    for name in vocabulary.names:
        if name.kind == "indicator" and name.text.isascii():
            for stem in _stems_of(name.text):
                owners.setdefault(stem, set()).add(name.id)
    return {stem: next(iter(of)) for stem, of in owners.items() if len(of) == 1}


def _stems_of(text: str) -> set[str]:
    return {word[0][:_STEM].lower() for word in _WORD.finditer(text)}


def _names(rows: Sequence[Row], owners: dict[str, str]) -> Iterator[Named]:
    for at, row in enumerate(rows):
        has_score = len(row.cells) > 1 and any(map(_SCORE.fullmatch, row.cells))
        if any(map(_ORDINAL.fullmatch, row.cells)):
            continue  # its number says which it is
        for column, cell in enumerate(row.cells):
            whole = _NAME.fullmatch(cell) if has_score else None
            for match in [whole] if whole else _NAME_THEN_NUMBER.finditer(cell):
                indicators = {owners[stem] for stem in _stems_of(match["name"]) if stem in owners}
                if len(indicators) == 1:
                    yield at, column, match.start("name"), match.end("name"), indicators.pop()
