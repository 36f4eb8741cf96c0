"""Lists of agencies whose rows came out as one line each, under a line that says what their columns are: "ที่ หน่วยงาน IIT
EIT OIT คะแนนรวม", "1 อบต.บ้านใหม่ 90.10 88.20 95.00 91.50". Put back into cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from prongsai.intake import words
from prongsai.intake.agencies import family_of, is_kind, is_kind_alone, named_agencies
from prongsai.intake.files import Row
from prongsai.intake.headers import column_of
from prongsai.intake.levels import FAILED
from prongsai.intake.short_names import may_be_name
from prongsai.intake.vocabulary import Mention, Vocabulary

_FEWEST, _LEAST_NODES, _LEAST_YEARS = 2, 3, 2  # agencies, columns
_LONGEST = 220  # letters of a line
_SPARE = 4  # letters between two columns
_OF_AGENCIES = re.compile(r"หน่วยงาน|รายชื่อ|อปท\.?|องค์กร|ส่วนราชการ|agency|organi[sz]ation|\bname\b", re.I)
_BESIDE = re.compile(
    r"(?:ชื่อ|ราย)?(?:หน่วยงาน|อปท\.?|องค์กร|ส่วนราชการ|โรงเรียน|โรงพยาบาล|เทศบาล(?:ตำบล|เมือง|นคร)?|อบต\.|อบจ\.|ทต\.|มหาวิทยาลัย|กรม)|อำเภอ|จังหวัด|ตำบล|สังกัด|ประเภท|ลำดับ|^\s{0,3}ที่(?=\s)"
)
_TOTAL_ALONE = re.compile(
    r"[\s|]{1,9}(?P<title>(?:คะแนน\s?)?(?:ITA|รวม|เฉลี่ย|ภาพรวม|รวมเฉลี่ย)|คะแนน)(?![\w\u0e01-\u0e4e])"
)
_SCORE = re.compile(r"(?<!\S)(?:ผล)?คะแนน(?:\s?ITA|รวม|เฉลี่ย|ที่ได้|ประเมิน)?(?!\S)")
_LEVEL = re.compile(r"(?:ผล(?:การ)?ประเมิน|ระดับ|ผล|หมายเหตุ|เกรด)")
_ORDINAL = re.compile(r"^\s{0,9}(?:(?:ลำดับ|อันดับ)?(?:ที่)?\s{0,9}\(?\d{1,4}\s{0,3}[.):]?|[-•*·▪–])\s{1,9}")
_UNNAMED = re.compile(r"^\s{0,9}(?:ผล)?(?:คะแนน)?(?:ประเมิน|ITA|รวม|เฉลี่ย|ที่ได้){0,2}\s{0,3}[:=]?\s{1,9}")
_NUMBER, _DECIMAL = re.compile(r"\d{1,3}(?:\.\d{1,4})?"), re.compile(r"\d{1,3}\.\d{1,4}")


@dataclass(frozen=True)
class _Head:
    titles: tuple[str, ...]
    kind: str  # what all of them are, where the head says so instead of "agency"


def columned(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with every such list as a table."""
    table = max((row.table for row in rows), default=0)
    result: list[Row] = []
    at = 0
    while at < len(rows):
        if entries := _with_numbers_below(rows[at : at + 2], vocabulary):
            table += 1
            result += [replace(row, table=table) for row in entries]
            at += 2
            continue
        head, end = _head(rows[at], vocabulary), at + 1
        records: list[Row] = []
        while head and end < len(rows):
            record = _record(rows[end], head, vocabulary)
            if record is None and any(rows[end].cells):
                break
            records += [record] if record else []
            end += 1
        if head and sum(bool(named_agencies(r.cells[0])) for r in records) >= _FEWEST:
            table += 1
            titles = replace(rows[at], cells=("หน่วยงาน", *head.titles))
            result += [replace(row, table=table) for row in (titles, *records)]
            at = end
        else:
            result.append(rows[at])
            at += 1
    return result


def _with_numbers_below(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """Names, or years, in one line and as many numbers in the next: each name with its number, or a table of the
    years; none where lines say more."""
    names, numbers = (row.cells[0] if len(row.cells) == 1 and not row.table else "" for row in (*rows, Row((), ""))[:2])
    values = _UNNAMED.sub("", numbers).split()
    if len(values) < _FEWEST or not all(_DECIMAL.fullmatch(v) for v in values) or len(names) > _LONGEST:
        return []
    years = [str(year) for _, year in words.years(names)]
    if len(set(years)) == len(years) == len(values) and not words.leftover(names):
        table = [("ปีงบประมาณ", *years), ("คะแนน", *values)]
        return [replace(rows[0], cells=cells) for cells in table]
    nodes = [m for m in vocabulary.mentions(names) if m.kind in ("instrument", "indicator", "overall")]
    ends = [0, *(m.end for m in nodes)]
    apart = [names[end : m.start] for end, m in zip(ends, nodes, strict=False)]
    is_all = not words.numbers(names) and words.leftover(names[ends[-1] :]) <= _SPARE
    if len({m.id for m in nodes}) != len(values) or not is_all or any(words.leftover(gap) > _SPARE for gap in apart):
        return []
    return [replace(rows[0], cells=(names[m.start : m.end], v)) for m, v in zip(nodes, values, strict=True)]


def _head(row: Row, vocabulary: Vocabulary) -> _Head | None:
    """What a line says that the columns are: of agencies, the nodes or the years of their scores."""
    text = row.cells[0] if len(row.cells) == 1 and not row.table else ""
    if not text or len(text) > _LONGEST or words.numbers(text):
        return None
    nodes = [m for m in vocabulary.mentions(text) if m.kind in ("instrument", "indicator", "overall")]
    years = words.years(text)
    scores = [m.start() for m in _SCORE.finditer(text)]
    first = min([m.start for m in nodes] + [at for at, _ in years] or scores, default=0)
    kind = next((word for word in reversed(text[:first].split()) if is_kind(word.removeprefix("ชื่อ"))), "")
    if (
        not (kind or _OF_AGENCIES.search(text[:first]))
        or words.leftover(_OF_AGENCIES.sub("", text[:first])) > _LONGEST // 4
    ):
        return None
    if titles := _nodes_in(text, nodes) or _years_in(text, nodes, vocabulary) or _score_in(text):
        return _Head(titles, kind.removeprefix("ชื่อ"))
    return None


def _score_in(text: str) -> tuple[str, ...]:
    """The head of the one column of scores of a line that says no more: "ลำดับ หน่วยงาน คะแนน ระดับ"."""
    score = _SCORE.search(text)
    before, after = (text[: score.start()], text[score.end() :]) if score else ("", "")
    is_list = _OF_AGENCIES.search(before) is not None and words.leftover(_BESIDE.sub(" ", before)) <= _SPARE
    return ("คะแนนรวม",) if is_list and words.leftover(_LEVEL.sub(" ", after)) <= _SPARE else ()


def _nodes_in(text: str, nodes: Sequence[Mention]) -> tuple[str, ...]:
    """The names of nodes that stand one after the other, the total perhaps by a word that is none of its names."""
    apart = [text[a.end : b.start] for a, b in pairwise(nodes)]
    if len({m.id for m in nodes}) < max(len(nodes), _LEAST_NODES - 1) or any(
        words.leftover(gap) > _SPARE for gap in apart
    ):
        return ()
    titles = [text[m.start : m.end] for m in nodes]
    if all(m.kind != "overall" for m in nodes) and (total := _TOTAL_ALONE.match(text, nodes[-1].end)):
        titles.append("คะแนนรวม" if total["title"] else "")
    return tuple(titles) if len(titles) >= _LEAST_NODES else ()


def _years_in(text: str, nodes: Sequence[Mention], vocabulary: Vocabulary) -> tuple[str, ...]:
    """The heads of columns that are the totals of years, and say of no more."""
    ends = [m.end() for m in words.YEAR.finditer(text)]
    years = [year for _, year in words.years(text)]
    is_list = len(set(years)) == len(years) == len(ends) >= _LEAST_YEARS and all(m.kind == "overall" for m in nodes)
    if not is_list:
        return ()
    pieces = [text[start:end] for start, end in pairwise([0, *ends])]
    columns = [column_of(_BESIDE.sub(" ", piece).strip(), vocabulary) for piece in pieces]
    return tuple(f"คะแนน ปี {year}" for year in years) if all(c.role == "score" for c in columns) else ()


def _record(row: Row, head: _Head, vocabulary: Vocabulary) -> Row | None:
    """An agency, or a mean of several, and a number for each column: all that a line says beside a level."""
    pieces = row.cells[0].split() if len(row.cells) == 1 and not row.table and len(row.cells[0]) <= _LONGEST else []
    while pieces and (
        pieces[-1] == FAILED or (vocabulary.levels.alone(pieces[-1]) and not _NUMBER.fullmatch(pieces[-1]))
    ):
        pieces.pop()
    numbers, rest = pieces[-len(head.titles) :], pieces[: -len(head.titles)]
    is_full = len(numbers) == len(head.titles) and all(_NUMBER.fullmatch(n) and float(n) <= 100 for n in numbers)
    if not is_full or not rest or _NUMBER.fullmatch(rest[-1]) or sum("." in n for n in numbers) * 2 < len(numbers):
        return None
    name = _name(_ORDINAL.sub("", " ".join(rest)), head.kind)
    return replace(row, cells=(name, *numbers)) if name else None


def _name(text: str, kind: str) -> str:
    """The agency that a line opens with, also where the head says what all are; or what the mean is of."""
    named = named_agencies(text)[:1]
    if named and named[0].start == 0 and not is_kind_alone(named[0].name) and family_of(named[0].name) != "place":
        end = text.find(" ", named[0].end)
        return text[: end if end > 0 else len(text)] if text[named[0].end : named[0].end + 1].strip() else named[0].name
    if words.is_mean_of_others(text) or words.is_average(text) or re.match(r"(?:ภาพ)?รวม", text):
        return text
    return f"{kind}{text.split()[0]}" if kind and may_be_name(text) else ""
