"""Tables that blank lines, or the names of their sections, cut into several, only the first of which has a head: one
table again, and the name of the first column apart from the head of the second, where both stand in one cell."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from prongsai.intake import words
from prongsai.intake.agencies import named_agencies
from prongsai.intake.files import Row
from prongsai.intake.headers import HEADING_WORDS
from prongsai.intake.vocabulary import Vocabulary

_LEAST_CELLS, _LEAST_VALUES = 3, 2
_LONGEST_SECTION, _SPARE = 90, 6  # letters
_KIND_OF_SECTION = re.compile(r"(?:แบบวัด|เครื่องมือ)(?:ที่)?\s{0,3}\d?")
_NONE = ("", "-", "–", "—")
_YEAR_AT_END = re.compile(r"(?:ปี(?:งบประมาณ)?\s{0,3})?(?:พ\.?\s?ศ\.?\s{0,3})?25[4-9]\d$")


def without_gaps(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with every such table as one."""
    rows = result = _with_titles_first(rows)
    above: list[int] = []  # the rows of the table above
    for table in _tables_in(rows):
        between = [at for at in range(above[-1] + 1, table[0]) if any(rows[at].cells)] if above else []
        if not all(_is_section(rows[at], vocabulary) for at in between):
            above = []
        _split_head(result, table, table, vocabulary)
        _split_head(result, above, table, vocabulary)
        if above and _goes_on([result[at] for at in above], result[table[0]], vocabulary):
            number, width = result[above[0]].table, len(result[above[0]].cells)
            for at in between:
                result[at] = replace(result[at], cells=(*result[at].cells, *[""] * (width - 1)))
            for at in (*between, *table):
                result[at] = replace(result[at], table=number)
            table = [*above, *table]
        above = table
    return result


def _with_titles_first(rows: Sequence[Row]) -> list[Row]:
    """The rows, a head of agencies that stands below its columns above them."""
    result = list(rows)
    for table in _tables_in(rows):
        last = rows[table[-1]].cells
        are_agencies = len(last) >= _LEAST_CELLS and all(_opens_with_agency(c) for c in last[1:])
        of_one_width = {len(rows[at].cells) for at in table} == {len(last)}
        if are_agencies and of_one_width and HEADING_WORDS.search(last[0]) and not _opens_with_agency(last[0]):
            for at, source in zip(table, [table[-1], *table[:-1]], strict=True):
                result[at] = rows[source]
    return result


def _is_section(row: Row, vocabulary: Vocabulary) -> bool:
    """Whether a line is nothing but the name of an instrument, whose rows follow."""
    text = row.cells[0] if len(row.cells) == 1 and not row.table else ""
    if not 0 < len(text) <= _LONGEST_SECTION or words.numbers(text) or words.years(text):
        return False
    mentions = vocabulary.mentions(text)
    instruments = {vocabulary.codes.whole(m.id) for m in mentions if m.kind == "instrument"}
    for mention in reversed(mentions):
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return len(instruments) == 1 and words.leftover(_KIND_OF_SECTION.sub("", text)) <= _SPARE


def _tables_in(rows: Sequence[Row]) -> Iterator[list[int]]:
    """The rows of each table, by their place."""
    run: list[int] = []
    for at, row in enumerate(rows):
        if run and row.table != rows[run[0]].table:
            yield run
            run = []
        if row.table:
            run.append(at)
    if run:
        yield run


def _goes_on(above: Sequence[Row], row: Row, vocabulary: Vocabulary) -> bool:
    """Whether a row is one more of the table above, and no head: that has a head, and as many cells."""
    head, *others = above
    if len(row.cells) != len(head.cells) or len(row.cells) < _LEAST_CELLS or not _is_head(head, vocabulary):
        return False
    return _is_record(row, vocabulary) and (not others or _is_record(others[-1], vocabulary))


def _is_head(row: Row, vocabulary: Vocabulary) -> bool:
    has_words = [words.has_letters(c) or words.is_year(c) for c in row.cells[1:]]
    return all(has_words) and not any(_is_value(c, vocabulary) or words.numbers(c) for c in row.cells)


def _is_record(row: Row, vocabulary: Vocabulary) -> bool:
    """Whether a row is a name, and then nothing but scores and levels."""
    name, *others = row.cells
    values = [c for c in others if c.strip() not in _NONE]
    are_values = len(values) >= _LEAST_VALUES and all(_is_value(c, vocabulary) for c in values)
    return are_values and words.has_letters(name) and not _is_value(name, vocabulary)


def _is_value(cell: str, vocabulary: Vocabulary) -> bool:
    number = vocabulary.levels.whole_number.match(cell)
    return (number is not None and not words.is_year(cell)) or vocabulary.levels.alone(cell) is not None


def _split_head(rows: list[Row], table: Sequence[int], below: Sequence[int], vocabulary: Vocabulary) -> None:
    """Takes the first cell of a head apart, where it is one cell short of the rows below and all its other cells are
    agencies, or years: "หน่วยงาน อบต.บ้านใหม่"."""
    head = rows[table[0]] if table else None
    record = next((rows[at] for at in below if at not in table[:1]), None)
    if head is None or record is None or len(record.cells) != len(head.cells) + 1 or not _is_record(record, vocabulary):
        return
    cut = _cut_of(head.cells)
    if cut and HEADING_WORDS.search(head.cells[0][:cut]):
        first, *others = head.cells
        rows[table[0]] = replace(head, cells=(first[:cut].strip(), first[cut:].strip(), *others))


def _cut_of(cells: Sequence[str]) -> int:
    """Where the name of a column ends in the first cell of a head, and the agency or the year begins; 0: nowhere."""
    first, *others = cells
    named = named_agencies(first)
    if len(named) == 1 and others and all(_opens_with_agency(c) for c in others):
        return named[0].start
    year = _YEAR_AT_END.search(first)
    return year.start() if year and others and all(words.is_year(c) for c in others) else 0


def _opens_with_agency(cell: str) -> bool:
    named = named_agencies(cell)
    return len(named) == 1 and named[0].start == 0
