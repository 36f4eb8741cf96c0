"""Tables that were copied column by column: the names, one under the other, then the head of each column and under
it as many numbers; and cells that are broken over two lines. Put back into rows."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice, takewhile

from prongsai.intake import words
from prongsai.intake.agencies import family_of, is_kind_alone, named_agencies
from prongsai.intake.files import Row
from prongsai.intake.vocabulary import Vocabulary

_LEAST_NAMES, _MOST_NAMES, _LEAST_COLUMNS = 4, 60, 2
_LEAST_AGENCIES, _MOST_AGENCIES = 2, 400
_LONGEST_NAME, _LONGEST_TITLE, _SPARE = 90, 60, 4  # letters


def stacked(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with every such table row by row."""
    table = max((row.table for row in rows), default=0)
    lines = [at for at, row in enumerate(rows) if any(row.cells)]
    plain = [rows[at] for at in lines]
    result: list[Row] = []
    done = k = 0
    while k < len(lines):
        names = list(takewhile(partial(_is_name, vocabulary=vocabulary), islice(plain, k, k + _MOST_NAMES)))
        agencies = [] if names else list(takewhile(_is_agency, islice(plain, k, k + _MOST_AGENCIES)))
        least = (_LEAST_NAMES, _LEAST_COLUMNS) if names else (_LEAST_AGENCIES, 1)
        names = names or agencies
        below = k + len(names)
        columns = _columns_from(plain, below, len(names), vocabulary) if len(names) >= least[0] else []
        if len(columns) >= least[1]:
            table += 1
            result += [*rows[done : lines[k]], *_by_row("หน่วยงาน" if agencies else "ตัวชี้วัด", names, columns, table)]
            k = below + len(columns) * (len(names) + 1)
            done = lines[k - 1] + 1
        elif len(agencies) >= _LEAST_AGENCIES and (end := _values_from(plain, below, vocabulary)):
            result += rows[done : lines[below]]  # nobody knows whose they are
            k = end
            done = lines[k - 1] + 1
        else:
            k += max(len(names), 1)
    return [*result, *rows[done:]]


def _by_row(title: str, names: Sequence[Row], columns: Sequence[Sequence[Row]], table: int) -> list[Row]:
    """The rows of a table of names and columns, its head first."""
    result = [Row((title, *(column[0].cells[0] for column in columns)), columns[0][0].place, table)]
    for number, name in enumerate(names, 1):
        cells = (name.cells[0], *(column[number].cells[0] for column in columns))
        result.append(replace(name, cells=cells, table=table))
    return result


def _values_from(rows: Sequence[Row], start: int, vocabulary: Vocabulary) -> int:
    """Where the numbers and levels end that begin at a row, perhaps under one head; 0 where there are not several."""
    first = start if start < len(rows) and _is_value(rows[start], vocabulary) else start + 1
    end = first
    while end < len(rows) and _is_value(rows[end], vocabulary):
        end += 1
    return end if end - first > 1 else 0


def _is_agency(row: Row) -> bool:
    """Whether a line is nothing but the name of an agency, which is assessed beside others."""
    text = row.cells[0] if len(row.cells) == 1 and not row.table else ""
    named = named_agencies(text)[:1] if 0 < len(text) <= _LONGEST_NAME else []
    is_all = bool(named) and named[0].start == 0 and named[0].end == len(text.rstrip())
    return is_all and family_of(named[0].name) not in ("", "place") and not is_kind_alone(named[0].name)


def _is_name(row: Row, vocabulary: Vocabulary) -> bool:
    text = row.cells[0] if len(row.cells) == 1 and not row.table else ""
    if not text or len(text) > _LONGEST_NAME or words.numbers(text) or words.years(text):
        return False
    if vocabulary.cell(text) is not None:
        return True
    total = next((m for m in vocabulary.mentions(text) if m.kind == "overall"), None)
    return total is not None and words.leftover(text[: total.start] + text[total.end :]) <= _SPARE


def _columns_from(rows: Sequence[Row], start: int, height: int, vocabulary: Vocabulary) -> list[list[Row]]:
    """The columns that begin at a row, each a head and as many numbers as the table is high."""
    columns: list[list[Row]] = []
    for at in range(start, len(rows), height + 1):
        column = list(rows[at : at + height + 1])
        after = rows[at + height + 1 : at + height + 2]
        if len(column) <= height or not _is_column(column, vocabulary) or any(_is_number(r, vocabulary) for r in after):
            break
        columns.append(column)
    return columns


def _is_column(column: Sequence[Row], vocabulary: Vocabulary) -> bool:
    title, *numbers = column
    text = title.cells[0]
    is_title = len(title.cells) == 1 and not title.table and len(text) <= _LONGEST_TITLE and not words.numbers(text)
    are_levels = all(vocabulary.levels.alone(row.cells[0]) for row in numbers)
    are_values = are_levels or all(_is_number(row, vocabulary) for row in numbers)
    return is_title and words.has_letters(text) | words.is_year(text) and are_values


def _is_value(row: Row, vocabulary: Vocabulary) -> bool:
    return _is_number(row, vocabulary) or vocabulary.levels.alone(row.cells[0]) is not None


def _is_number(row: Row, vocabulary: Vocabulary) -> bool:
    text = row.cells[0]
    match = vocabulary.levels.whole_number.match(text) if len(row.cells) == 1 and not row.table else None
    return match is not None and "." in match[2]


def rejoined(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with the name before the number in rows whose first cell is broken over two lines: the name on a line
    of its own, and the number in brackets or with its unit under it, beside the other cells. Such rows stand in one
    table, their head with one column more."""
    result: list[Row] = []
    table = 0  # of the rows that were joined last
    for row in rows:
        name = result[-1] if result else None
        if name and len(row.cells) > 1 and _is_name(name, vocabulary) and _is_rest(row.cells[0], vocabulary):
            above = next((at for at in range(len(result) - 2, -1, -1) if any(result[at].cells)), None)
            if not table and above is not None and _is_over(result[above], row):
                title, *others = result[above].cells
                result[above] = replace(result[above], cells=("ตัวชี้วัด", _title_of_number(title), *others))
                table = result[above].table
            table = table or row.table
            result[-1] = replace(row, cells=(*name.cells, *row.cells), table=table)
        else:
            table = 0 if row.table or words.numbers(words.join(row.cells)) else table
            result.append(row)
    return result


def _is_over(head: Row, row: Row) -> bool:
    return head.table > 0 and len(head.cells) == len(row.cells) and not words.numbers(words.join(head.cells))


def _title_of_number(title: str) -> str:
    """The head of the numbers in a column of names and numbers: what it says of the year."""
    years = {year for _, year in words.years(title)}
    return f"คะแนน ปี {years.pop()}" if len(years) == 1 and not _WISHED.search(title) else title


_WISHED = re.compile("เป้า|น้ำหนัก|คาด|target|weight", re.I)


def _is_rest(text: str, vocabulary: Vocabulary) -> bool:
    match = vocabulary.levels.whole_number.match(text)
    return (
        match is not None and "." in match[2] and not match[1] and (text[:1] in "([" or "คะแนน" in text or "%" in text)
    )
