"""Two numbers with a stroke between them behind each name of a list ("94.43 / 95.50"), where a line tells of which year
the one and the other are: as a table of two years."""

import re
from collections.abc import Sequence
from dataclasses import replace

from prongsai.intake import words
from prongsai.intake.agencies import family_of, is_kind_alone, named_agencies
from prongsai.intake.files import Row
from prongsai.intake.vocabulary import Vocabulary

_FEWEST = 2  # names of a list, years told apart
_LONGEST = 140
_ORDINAL = re.compile(r"^\s{0,9}(?:\(?\d{1,3}\s{0,3}[.):]|[-•*·▪–])\s{0,9}")
_PAIR = re.compile(
    r"(?P<name>.{2,100}?)\s{0,9}[:=–—-]?\s{0,9}(?<![\d.])(?P<first>\d{2,3}\.\d{1,4})\s{0,3}(?:คะแนน)?\s{0,3}[/|]\s{0,3}"
    r"(?P<second>\d{2,3}\.\d{1,4})(?![\d.])(?P<rest>.{0,40})"
)
_POSITIONS = (
    re.compile(r"หน้า(?!ที่)|แรก|ซ้าย|ตัวบน|first|left", re.I),
    re.compile(r"หลัง|ขวา|ถัด(?:มา|ไป)|ท้าย|ที่สอง|ตัวล่าง|second|right|last", re.I),
)
_YEAR = r"(?:ปี(?:งบประมาณ)?)?\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}25[4-9]\d"
_YEARS_APART = re.compile(rf"{_YEAR}\s{{0,3}}[/|]\s{{0,3}}{_YEAR}")
_OTHER_PAIR = re.compile(r"[\u0e01-\u0e4eA-Za-z)]\s{0,3}/\s{0,3}[\u0e01-\u0e4eA-Za-z(]")  # "ผล / เป้าหมาย"
_RESULTED = re.compile(r"^(?:คะแนน|%)?\s{0,9}[(,–-]?\s{0,9}(?:อยู่ใน|ได้)?")


def with_pairs(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with lines of a name and two numbers each, one under the other, as a table of the years that a line
    above tells apart."""
    table = max((row.table for row in rows), default=0)
    result: list[Row] = []
    run: list[tuple[Row, Row]] = []  # lines, and what rows they are
    years: list[int] = []
    for row in (*rows, Row(("",), "")):
        record = _record(row, vocabulary) if years else None
        if record:
            run.append((row, record))
            continue
        if len({record.cells[0] for _, record in run}) >= _FEWEST:
            table += 1
            first = run[0][1]
            name = "หน่วยงาน" if vocabulary.cell(first.cells[0]) is None else "รายการ"
            titles = replace(first, cells=(name, *(f"คะแนน ปี {year}" for year in years)))
            result += [replace(r, table=table) for r in (titles, *(record for _, record in run))]
            years = []
        else:
            result += [line for line, _ in run]
        run = []
        result.append(row)
        years = _years_apart(row) or ([] if _OTHER_PAIR.search(words.join(row.cells)) else years)
    return result[:-1]


def _record(row: Row, vocabulary: Vocabulary) -> Row | None:
    """The name and the two numbers that are all a line says, beside a level."""
    text = row.cells[0] if len(row.cells) == 1 and not row.table else ""
    match = _PAIR.fullmatch(_ORDINAL.sub("", text)) if len(text) <= _LONGEST else None
    if match is None:
        return None
    rest = _RESULTED.sub("", match["rest"].strip()).strip(" )")
    named = [a for a in named_agencies(match["name"]) if family_of(a.name) != "place" and not is_kind_alone(a.name)]
    is_agency = len(named) == 1 and named[0].start == 0
    is_name = is_agency or vocabulary.cell(match["name"]) is not None
    if not is_name or (rest and vocabulary.levels.alone(rest) is None):
        return None
    return replace(
        row, cells=(words.name_in(match["name"]) if is_agency else match["name"], match["first"], match["second"])
    )


def _years_apart(row: Row) -> list[int]:
    """The years of the first and of the second number, where a line says so: "หน้าเครื่องหมายทับเป็นของปี 2567 … หลัง …",
    "(ปี 2566 / ปี 2567)"."""
    text = words.join(row.cells)
    named = words.years(text)
    if len(named) != _FEWEST or len({year for _, year in named}) != _FEWEST or words.numbers(text):
        return []
    (first, one), (second, other) = named
    if _YEARS_APART.search(text):
        return [one, other]
    before, between = text[:first], text[first:second]
    if _POSITIONS[0].search(before) and _POSITIONS[1].search(between):
        return [one, other]
    return [other, one] if _POSITIONS[1].search(before) and _POSITIONS[0].search(between) else []
