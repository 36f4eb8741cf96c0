"""Tables whose cells came out one on a line, as pages give them when copied, put back into rows."""

from collections.abc import Sequence
from dataclasses import replace

from prongsai.intake import words
from prongsai.intake.files import Row
from prongsai.intake.headers import HEADING_WORDS
from prongsai.intake.vocabulary import Vocabulary

_LEAST = 4  # rows that make a table


def refolded(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with every such table folded: its heads and then, always as many lines apart, the names of
    indicators."""
    lines = [(at, row) for at, row in enumerate(rows) if any(row.cells)]
    names = [k for k, (_, row) in enumerate(lines) if _is_line(row) and _names_indicator(row.cells[0], vocabulary)]
    table = max((row.table for row in rows), default=0)
    result: list[Row] = []
    done = 0
    for i, first in enumerate(names):
        width = names[i + 1] - first if i + 1 < len(names) else 0
        count = 1
        while i + count < len(names) and names[i + count] == first + count * width:
            count += 1
        if width < 3 or count < _LEAST:
            continue
        for before in range(width):  # how many columns stand before the name
            start, end = first - before - width, first - before + count * width
            block = [row for _, row in lines[max(start, 0) : end]]
            records = [block[at : at + width] for at in range(0, len(block), width)]
            if start < done or len(block) < end - start or not _is_table(records, vocabulary):
                continue
            table += 1
            result += [row for _, row in lines[done:start]]
            result += [replace(r[0], cells=tuple(row.cells[0] for row in r), table=table) for r in records]
            done = end
            break
    return [*result, *(row for _, row in lines[done:])] if done else list(rows)


def _is_table(records: Sequence[Sequence[Row]], vocabulary: Vocabulary) -> bool:
    """Whether lines are heads, and then records that end with a number each."""
    head, *others = records
    return (
        all(_is_line(row) for record in records for row in record)
        and all(len(row.cells[0]) < 60 and HEADING_WORDS.search(row.cells[0]) for row in head)
        and all(vocabulary.levels.whole_number.match(record[-1].cells[0]) for record in others)
    )


def _is_line(row: Row) -> bool:
    return len(row.cells) == 1 and row.table == 0


def _names_indicator(text: str, vocabulary: Vocabulary) -> bool:
    if len(text) > 90 or words.numbers(text):
        return False
    mention = vocabulary.cell(text)
    return mention is not None and mention.kind == "indicator"
