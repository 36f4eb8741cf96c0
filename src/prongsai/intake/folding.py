"""Tables whose cells came out one on a line, as pages give them when copied, put back into rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from prongsai.intake import words
from prongsai.intake.agencies import family_of, is_kind, is_kind_alone, named_agencies
from prongsai.intake.blocks import says_only_year
from prongsai.intake.files import Row
from prongsai.intake.headers import CHANGE, HEADING_WORDS
from prongsai.intake.vocabulary import Vocabulary

_LEAST = 4  # rows that make a table
_FEWEST = 2  # agencies that make a list, years that make a history
_YEARS = "ปีงบประมาณ"
_ITEMS, _NODES, _LEAST_SCORED, _FULL = "ข้อ", "รายการ", 3, 100
_NAME_AND_NUMBER = re.compile(r"(.{2,120}?)[\s:=.…]{1,90}(\d{1,3}(?:\.\d{1,4})?)(?:\s{0,3}(?:คะแนน|%))?\s{0,9}")
_NUMBER_AND_NAME, _BEFORE = re.compile(r"\s{0,9}(\d{2,3}\.\d{1,4})\s{1,9}([^\d]{4,120})"), "คะแนน"
_BULLET, _COUNTED = re.compile(r"^\s{0,9}[-•*·▪–✓]\s{0,9}"), re.compile(r"^\s{0,9}\d{1,2}[.)]\s{0,9}")
_LONGEST_ENTRY, _NEAR, _SPARE = 140, 8, 4  # letters
_ORDINAL = re.compile(r"^\s{0,20}(?:(?:ลำดับ|อันดับ)?(?:ที่)?\s{0,9}\d{1,4}\s{0,9}[.):]?|[-•*·▪–])\s{1,20}")
_NAME_AND_NUMBERS = re.compile(r"([^\d]{0,3}\d{0,2}[^\d]{3,90}?)((?:\s{1,9}[+\-−]?\d{1,3}\.\d{1,4}){2,6})\s{0,9}")
_ONLY_NUMBERS = re.compile(r"\s{0,9}[+\-−]?\d{1,3}\.\d{1,4}(?:\s{1,9}[+\-−]?\d{1,3}\.\d{1,4}){1,5}\s{0,9}")
_HYPHENATED = re.compile(r"[\u0e01-\u0e4e]-$")
_GOES_ON = re.compile("ตามลำดับ|คะแนน ตามลำดับ|respectively")
_RESULTED = re.compile(r"^(?:ผล(?:การ)?ประเมิน|ระดับ|อยู่ในระดับ|อยู่ในเกณฑ์)\s{0,9}")
_REACHED = re.compile(r"\s{0,9}(?:ได้(?:รับ)?|มี)(?:ผล)?(?:คะแนน)?$")
_UNIT = re.compile(r"^\s{0,9}(?:คะแนน|%)?\s{0,9}")
_PERCENT = re.compile(r"(?:น้ำหนัก(?:คะแนน)?\s{0,9})?(?:ร้อยละ\s{0,9})?(?P<number>[1-9]\d)\s{0,3}%?")
_PLACE = re.compile(r"(?:อำเภอ|อ\.|จังหวัด|จ\.)\s{0,9}[\u0e01-\u0e4e]{1,40}")


_VALUE = r"(?:ปี\s{0,3})?(?:พ\.ศ\.\s{0,3})?25\d\d|\d{1,3}\.\d{1,4}"
_ARROW = re.compile(
    rf"(?<![\d.])({_VALUE})(?:\s?คะแนน)?\s{{0,9}}[\u2192\u21d2\u21e8\u2794\u279c\u27a1\u27f6\u25ba]\s{{0,9}}({_VALUE})(?![\d.])"
)
_SUPERSEDED = re.compile(  # "เดิม … 88.14 แก้เป็น 90.28"
    r"(?:(?:จาก)?เดิม\s{0,9})?([^\d]{0,60})(?<![\d.])\d{1,3}\.\d{1,4}(?:\s{0,3}คะแนน)?\s{0,9}(?:ขอ)?แก้(?:ไข)?(?:ให้)?เป็น\s{0,9}(?=\d)"
)
_CORRECTS = re.compile("แก้(?:ไข)?(?:ให้)?เป็น")


def amended(row: Row) -> Row:
    """A row without the colon that stands alone between its two cells, in which a figure that a correction replaces is
    left out, and what stands on both sides of an arrow, before
    and after, is two cells."""
    if len(row.cells) == _CELLS_OF_ARROW and row.cells[1].strip() in (":", "="):
        row = replace(row, cells=(row.cells[0], row.cells[2]))  # "name : value", set apart
    text = "  ".join(filter(None, row.cells))
    if _CORRECTS.search(text) and (without := _SUPERSEDED.sub(r"\1", text)) != text:
        return Row((without,), row.place)
    if len(row.cells) <= _CELLS_OF_ARROW and (arrow := _ARROW.search(text)) and not _ARROW.search(text, arrow.end()):
        before, after = text[: arrow.start()].strip(), text[arrow.end() :].strip()
        return Row(tuple(c for c in (before, arrow[1], arrow[2], after) if c or c is before), row.place, row.table)
    return row


_CELLS_OF_ARROW = 3


def unbroken(rows: Sequence[Row]) -> list[Row]:
    """The rows, with words that a hyphen breaks over two lines, and lists that do not end in theirs, whole again."""
    result: list[Row] = []
    for row in rows:
        before = result[-1] if result else None
        if before and _is_line(row) and _is_line(before) and _HYPHENATED.search(before.cells[0]) and row.cells[0]:
            result[-1] = replace(before, cells=(before.cells[0][:-1] + row.cells[0],))
        elif before and _is_line(row) and _is_line(before) and _GOES_ON.match(row.cells[0]):
            result[-1] = replace(before, cells=(f"{before.cells[0]} {row.cells[0]}",))
        else:
            result.append(row)
    return result


def unindented(rows: Sequence[Row]) -> list[Row]:
    """The rows, with those of tables that have never more than one cell in a row as lines: paragraphs that a tab
    indents."""
    of_several = {row.table for row in rows if sum(map(bool, row.cells)) > 1}
    return [
        replace(row, cells=(next(filter(None, row.cells), ""),), table=0)
        if row.table and row.table not in of_several
        else row
        for row in rows
    ]


def tabulated(rows: Sequence[Row]) -> list[Row]:
    """The rows, with lines under a line of several years, that say a name and a number for each of them, as a table;
    also where the numbers stand under the name."""
    table = max((row.table for row in rows), default=0)
    result: list[Row] = []
    at = 0
    while at < len(rows):
        head, end = rows[at], at + 1
        titles = _titles(head) if _is_line(head) else []
        records: list[Row] = []
        while titles and (record := _record(rows[end : end + 2], len(titles))):
            records.append(record)
            end += 1 if _with_numbers(rows[end]) else 2
        if len(records) >= _LEAST:
            table += 1
            result += [replace(head, cells=tuple(titles), table=table), *(replace(r, table=table) for r in records)]
        else:
            result += rows[at:end]
        at = end
    return result


def _record(rows: Sequence[Row], width: int) -> Row | None:
    """The row of a table that a line is, or two of them: a name, and a number for each year."""
    cells = _with_numbers(rows[0]) if rows else []
    if not cells and len(rows) > 1 and all(map(_is_line, rows)) and _ONLY_NUMBERS.fullmatch(rows[1].cells[0]):
        name = rows[0].cells[0]
        is_name = 0 < len(name) <= _LONGEST_ENTRY and words.has_letters(name) and not words.numbers(name)
        cells = [name, *rows[1].cells[0].split()] if is_name else []
    return replace(rows[0], cells=tuple(cells)) if len(cells) == width else None


def _titles(head: Row) -> list[str]:
    """The heads that a line of years stands for: the name, the years, and how far they differ; none without years."""
    text = head.cells[0]
    years = [year for _, year in words.years(text)]
    if len(set(years)) < _FEWEST or len(set(years)) != len(years) or words.numbers(text):
        return []
    change = [match[0]] if (match := CHANGE.search(text)) else []
    return ["ตัวชี้วัด", *(f"คะแนน ปี {year}" for year in years), *change]


def _with_numbers(row: Row) -> list[str]:
    """The name and the numbers that are all a line says; nothing of another line."""
    match = _NAME_AND_NUMBERS.fullmatch(row.cells[0]) if _is_line(row) else None
    return [match[1].strip(), *match[2].split()] if match else []


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
            while _is_sum(sum_row := [row for _, row in lines[end : end + width - before]], width - before, vocabulary):
                records.append([*[replace(sum_row[0], cells=("",))] * before, *sum_row])
                end += width - before
            result += [replace(r[0], cells=tuple(row.cells[0] for row in r), table=table) for r in records]
            done = end
            break
    return [*result, *(row for _, row in lines[done:])] if done else list(rows)


def dated(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with years and numbers that stand in turn, each on a line of its own, as a table; where they stand
    under the name of a node, as one of that node."""
    lines = [at for at, row in enumerate(rows) if any(row.cells)]
    pairs = [_is_pair(rows[a], rows[b], vocabulary) for a, b in pairwise(lines)]
    table = max((row.table for row in rows), default=0)
    result = list(rows)
    k = 0
    while k < len(pairs):
        end = k
        while end < len(pairs) and pairs[end]:
            end += 2
        years = [words.years(words.join(rows[at].cells)) for at in lines[k:end:2]]
        is_history = end - k >= _FEWEST * 2 and len({y[0][1] for y in years}) == len(years)
        goes_on = end < len(lines) and _is_number(rows[lines[end]], vocabulary)
        if is_history and not goes_on and k and _names_node(rows[lines[k - 1]], vocabulary):
            if _is_line(above := rows[lines[k - 1]]):
                table += 1
                titled, numbers = ([rows[at] for at in lines[n:end:2]] for n in (k, k + 1))
                titles = ("รายการ", *(f"คะแนน {words.join(head.cells)}" for head in titled))
                values = (above.cells[0], *(number.cells[0] for number in numbers))
                result[lines[k - 1]] = replace(above, cells=titles, table=table)
                result[lines[k]] = replace(above, cells=values, table=table)
                for at in lines[k + 1 : end]:
                    result[at] = replace(rows[at], cells=("",))
        elif is_history and not goes_on:
            table += 1
            for year, number in zip(lines[k:end:2], lines[k + 1 : end : 2], strict=False):
                result[year] = replace(rows[year], cells=(rows[year].cells[0], rows[number].cells[0]), table=table)
                result[number] = replace(rows[number], cells=("",))
        k = max(end, k + 1)
    return result


def without_weights(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows without a share of the total that stands alone above the name of its instrument: "30%", "IIT"."""
    lines = [at for at, row in enumerate(rows) if any(row.cells)]
    weights = {first for first, second in pairwise(lines) if _is_weight(rows[first], rows[second], vocabulary)}
    return [row for at, row in enumerate(rows) if at not in weights]


def _is_weight(row: Row, below: Row, vocabulary: Vocabulary) -> bool:
    """Whether a line is nothing but what the instrument that is named below gives to the total."""
    match = _PERCENT.fullmatch(row.cells[0]) if _is_line(row) and _is_line(below) else None
    mention = vocabulary.cell(below.cells[0]) if match and not words.numbers(below.cells[0]) else None
    return match is not None and mention is not None and (mention.id, int(match["number"])) in vocabulary.weights


def listed(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with lines that say an agency and a number each, or a year and a number, one under the other, as a
    table."""
    table = max((row.table for row in rows), default=0)
    result: list[Row] = []
    run: list[tuple[Row, _Entry]] = []
    above: Row | None = None  # the line above the run

    def end() -> None:
        nonlocal table
        is_list = len({entry.name for _, entry in run}) >= _FEWEST and not _is_of_other(above, run[0][1], vocabulary)
        if is_list:
            table += 1
            result.append(Row((run[0][1].head, "คะแนน"), run[0][0].place, table))
        result.extend(replace(r, cells=(e.name, e.number), table=table) if is_list else r for r, e in run)
        run.clear()

    for row in rows:
        entry = _entry(row, vocabulary)
        if run and (entry is None or entry.head != run[0][1].head):
            end()
        if entry:
            run.append((row, entry))
        else:
            result.append(row)
            above = row if any(row.cells) else above
    if run:
        end()
    return result


@dataclass(frozen=True)
class _Entry:
    """A line of a list: what the names of the list are, its own, and the number."""

    head: str
    name: str
    number: str


def _is_of_other(above: Row | None, first: _Entry, vocabulary: Vocabulary) -> bool:
    """Whether the line above a list makes its numbers those of another assessment, or of a node."""
    if above is None:
        return False
    by_year = first.head == _YEARS and _names_node(above, vocabulary)
    if first.head == _YEARS and is_kind(words.join(above.cells).strip(" :")):
        return True  # what all of that kind had
    if family_of(first.name) == "place" and re.search("เฉลี่ย|average", words.join(above.cells), re.I):
        return True  # the means of what lies there
    return by_year or words.is_other_assessment(words.join(above.cells), vocabulary.codes.own_names)


def _entry(row: Row, vocabulary: Vocabulary) -> _Entry | None:
    """The agency or the year, and the number, that are all a line says, beside its place in the list."""
    if not _is_line(row) or len(row.cells[0]) > _LONGEST_ENTRY:
        return None
    text = _ORDINAL.sub("", row.cells[0])
    numbers = words.numbers(text) if re.search(r"\d\.\d", text) else []
    if len(numbers) != 1 or "." not in numbers[0].text or numbers[0].sign or vocabulary.mentions(text):
        return None
    before, after = text[: numbers[0].start], _UNIT.sub("", text[numbers[0].end :]).strip("* ")
    if not before.strip(" -–—:"):
        return _entry_after(after, vocabulary, numbers[0].text)
    rest = "" if vocabulary.levels.alone(_RESULTED.sub("", after)) else after
    year = _REACHED.sub("", before.strip(" :=-–"))
    if says_only_year(year) and words.leftover(rest) == 0:
        return _Entry(_YEARS, year, numbers[0].text)
    named = [a for a in named_agencies(before) if family_of(a.name) not in ("", "place")]
    if len(named) != 1 or named[0].start > _NEAR:
        return None
    rest = before[: named[0].start] + before[named[0].end :] + rest
    if words.leftover(_PLACE.sub("", rest)) > _SPARE:
        return None
    return _Entry("หน่วยงาน", named[0].name, numbers[0].text)


def _entry_after(text: str, vocabulary: Vocabulary, number: str) -> _Entry | None:
    """The agency, and perhaps its level, that are all that stands after a number."""
    named = named_agencies(text)
    if len(named) != 1 or text[: named[0].start].strip(" -–—:=") or is_kind_alone(named[0].name):
        return None
    rest = text[named[0].end :].strip(" -–—:[]()")
    return _Entry("หน่วยงาน", named[0].name, number) if not rest or vocabulary.levels.alone(rest) else None


def scored(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with lines that say a node and a number each, one under the other, as a table: there a whole number is
    a score, which in a text may be anything."""
    table = max((row.table for row in rows), default=0)
    result: list[Row] = []
    run: list[tuple[Row, _Entry]] = []
    for row in (*rows, None):
        entry = _scored_entry(row, vocabulary) if row else None
        if run and (entry is None or row is None or entry.head != run[0][1].head):
            is_list = _are_scores([e for _, e in run]) and not _goes_on(result, row, run[0][1], vocabulary)
            table += is_list
            result += [replace(r, cells=(e.name, e.number), table=table) if is_list else r for r, e in run]
            run = []
        if row is not None and entry:
            run.append((row, entry))
        elif row is not None:
            result.append(row)
    return result


def _goes_on(above: Sequence[Row], below: Row | None, first: _Entry, vocabulary: Vocabulary) -> bool:
    """Whether numbers that stand before names may be of the names before them: a name stands alone above, a number
    below."""
    if first.head != _BEFORE:
        return False
    last = next((row for row in reversed(above) if any(row.cells)), None)
    is_name = last is not None and _is_line(last) and vocabulary.cell(last.cells[0]) is not None
    return is_name or (below is not None and _is_number(below, vocabulary))


def _scored_entry(row: Row, vocabulary: Vocabulary) -> _Entry | None:
    """The node, and after it the number, that are all a line says."""
    is_entry = _is_line(row) and len(row.cells[0]) <= _LONGEST_ENTRY
    if is_entry and (before := _NUMBER_AND_NAME.fullmatch(row.cells[0])):
        mention = vocabulary.cell(before[2])
        is_name = mention is not None and mention.sure and mention.kind in ("indicator", "instrument")
        return _Entry(_BEFORE, before[2], before[1]) if is_name else None
    match = _NAME_AND_NUMBER.fullmatch(row.cells[0]) if is_entry else None
    if match is None or float(match[2]) > _FULL:
        return None
    name = _BULLET.sub("", match[1])
    if vocabulary.codes.item_code(name):
        return _Entry(_ITEMS, name, match[2])
    mention = vocabulary.cell(_COUNTED.sub("", name))
    is_name = mention is not None and mention.sure and words.leftover(_COUNTED.sub("", name)[mention.end :]) <= _SPARE
    return _Entry(_NODES, name, match[2]) if is_name else None


def _are_scores(entries: Sequence[_Entry]) -> bool:
    """Whether the numbers of a list are scores, some of them whole: of items none or all, of others most with
    decimals."""
    if entries[0].head == _BEFORE:
        return len({e.name for e in entries}) == len(entries) >= _LEAST_SCORED
    whole = [e.number for e in entries if "." not in e.number]
    if len(entries) < _LEAST_SCORED or not whole or len({e.name for e in entries}) < len(entries):
        return False
    if entries[0].head == _ITEMS and all(float(n) in (0, _FULL) for n in whole):
        return True
    return len(whole) * 2 <= len(entries)


def _is_pair(first: Row, second: Row, vocabulary: Vocabulary) -> bool:
    return _is_line(first) and says_only_year(first.cells[0]) and _is_number(second, vocabulary)


def _is_number(row: Row, vocabulary: Vocabulary) -> bool:
    return _is_line(row) and vocabulary.levels.whole_number.match(row.cells[0]) is not None and "." in row.cells[0]


def _names_node(row: Row, vocabulary: Vocabulary) -> bool:
    return any(m.kind != "overall" for m in vocabulary.mentions(words.join(row.cells)))


def _is_sum(rows: Sequence[Row], width: int, vocabulary: Vocabulary) -> bool:
    """Whether lines under a table are a row of it whose first cells are one: "คะแนนรวม", and its numbers."""
    is_whole = len(rows) == width and all(map(_is_line, rows))
    named = {m.kind for m in vocabulary.mentions(rows[0].cells[0])} if is_whole else set()
    is_name = bool(named & {"instrument", "overall"}) and not words.numbers(rows[0].cells[0])
    return is_name and all(_is_number(row, vocabulary) for row in rows[1:])


def _is_table(records: Sequence[Sequence[Row]], vocabulary: Vocabulary) -> bool:
    """Whether lines are heads, and then records that end with a number each."""
    head, *others = records
    return (
        all(_is_line(row) for record in records for row in record)
        and all(
            len(row.cells[0]) < 60 and (HEADING_WORDS.search(row.cells[0]) or words.is_year(row.cells[0]))
            for row in head
        )
        and all(vocabulary.levels.whole_number.match(record[-1].cells[0]) for record in others)
    )


def _is_line(row: Row) -> bool:
    return len(row.cells) == 1 and row.table == 0


def _names_indicator(text: str, vocabulary: Vocabulary) -> bool:
    if len(text) > 90 or words.numbers(text):
        return False
    mention = vocabulary.cell(text)
    return mention is not None and mention.kind == "indicator"
