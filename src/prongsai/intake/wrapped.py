"""Sentences whose lines end where the page did: whole again, where a name, or what leads to a number, goes on in
the next line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from prongsai.intake import words
from prongsai.intake.agencies import agencies
from prongsai.intake.files import Row
from prongsai.intake.vocabulary import Vocabulary

_SHORTEST, _LONGEST = 40, 600  # letters of a line that a page cuts, of what is put together
_SPEAKER_AND_WORDS, _LEAST_SPEECHES = 2, 4  # cells, rows
_NEAR = 60  # letters before and after the end of a line
_BROKEN = (  # how a line ends, and how the next begins, that say one thing
    (
        re.compile(
            r"(?:ได้(?:รับ)?|(?<![\d\s])คะแนน(?:รวม|เฉลี่ย)?|เท่ากับ|ร้อยละ|อยู่ที่|จำนวน|คือ|ที่|เฉลี่ย(?:ทั้ง(?:สอง|2)\s?ส่วน)?)$"
        ),
        re.compile(
            r"(?:(?:ผล)?คะแนน|เท่ากับ|ร้อยละ|อยู่ที่|จำนวน|\s){0,4}\d{2,3}\.\d{1,4}(?![\d.])[^\d]{0,20}[\u0e01-\u0e4e]"
        ),
    ),
    (re.compile(r"(?:ขึ้น|ลง|กว่า)$"), re.compile(r"(?:จาก|ปี)[^\d]{0,20}(?:25\d\d[^\d]{0,20})?\d{1,3}\.\d{1,4}")),
    (
        re.compile(r"จาก(?:เดิม)?\s{0,9}\d{2,3}\.\d{1,4}\s{0,3}(?:คะแนน)?\s{0,3}(?:เป็น|มาเป็น)$"),
        re.compile(r"\d{2,3}\.\d{1,4}"),
    ),
    (re.compile(r"(?:ปี|งบประมาณ|พ\.ศ\.)$"), re.compile(r"(?:พ\.\s?ศ\.\s?)?25\d\d")),
    (re.compile(r"(?:อยู่)?ใน$"), re.compile(r"(?:ระดับ|เกณฑ์)")),
    (re.compile(r"[A-Za-z\u0e01-\u0e4e)]$"), re.compile(r"(?:ได้|มี)?(?:ผล)?คะแนน\s{0,9}\d[^A-Za-z]{3,60}ตามลำดับ")),
)
_IN_THAI = re.compile("[\u0e01-\u0e4e]")  # lines of which end between words that no space parts
_SPOKEN = re.compile(r"[A-Za-z\u0e01-\u0e4e)]\s?(?:ได้(?:รับ)?|เท่ากับ|อยู่ที่)\s?(?:คะแนน)?\s?\d{2,3}\.\d{1,4}\s?คะแนน")
_FIRST_SCORE = re.compile(r"(?P<before>[A-Za-z\u0e01-\u0e4e ]{0,40}?)\d{2,3}\.\d{1,4}\s{0,3}คะแนน")
_REST_AND_NUMBER = re.compile(r"(?P<rest>[^\d]{3,90}?)\s{1,9}\d{1,3}\.\d{1,4}\s{0,3}(?:คะแนน|%)?")
_BEGINS = re.compile(
    r"\s{0,9}(?:\(?\d{1,2}(?:\.\d{1,2}){0,2}[.)]\s|1?\d(?:\.\d{1,2}){1,2}\s{1,9}(?!คะแนน)[\u0e01-\u0e4e]|[-•*·▪–✓●])"
)


def unwrapped(rows: Sequence[Row], vocabulary: Vocabulary) -> list[Row]:
    """The rows, with such lines as one."""
    result: list[Row] = []
    last = 0  # letters of the line that was read last
    for row in _as_lines(rows, vocabulary):
        text = row.cells[0] if len(row.cells) == 1 and not row.table else ""
        before = result[-1].cells[0] if result and text and len(result[-1].cells) == 1 and not result[-1].table else ""
        goes_on = (last >= _SHORTEST and _goes_on(before, text, vocabulary)) or _is_title_broken(
            before, text, vocabulary
        )
        if before and goes_on and len(before) + len(text) <= _LONGEST:
            gap = "" if _IN_THAI.search(before[-1:]) and _IN_THAI.match(text) else " "
            result[-1] = replace(result[-1], cells=(f"{before.rstrip()}{gap}{text.lstrip()}",))
        else:
            result.append(row)
        last = len(text)
    return result


def _as_lines(rows: Sequence[Row], vocabulary: Vocabulary) -> Iterator[Row]:
    """The rows, with what somebody says as lines: rows of a table each of which tells a score in a sentence, which are
    text with wide spaces; and what stands beside who says it, as minutes have it."""
    tables: dict[int, list[Row]] = {}
    for row in rows:
        tables.setdefault(row.table, []).append(row)
    spoken = {n for n, of in tables.items() if n and all(_SPOKEN.search(words.join(r.cells)) for r in of)}
    minutes = {n for n, of in tables.items() if n and _are_minutes(of, vocabulary)}
    for row, below in pairwise((*rows, Row(("",), ""))):
        if row.table in spoken:
            yield Row((words.join(row.cells),), row.place)
        elif row.table in minutes or (_is_line(below) and _is_speech(row, vocabulary)):
            yield Row(row.cells[1:], row.place)
        else:
            yield row


def _are_minutes(rows: Sequence[Row], vocabulary: Vocabulary) -> bool:
    """Whether the rows of a table are speeches, most of which go on in rows below that say nobody again."""
    unnamed = [row for row in rows if len(row.cells) == _SPEAKER_AND_WORDS and not row.cells[0]]
    named = [row for row in rows if row not in unnamed]
    is_prose = sum(len(words.join(row.cells)) >= _SHORTEST for row in rows) * 2 > len(rows) >= _LEAST_SPEECHES
    return is_prose and len(unnamed) * 3 > len(rows) and all(_is_named(row, vocabulary) for row in named)


def _is_named(row: Row, vocabulary: Vocabulary) -> bool:
    """Whether a row has two cells, the first of which may be who speaks."""
    is_pair = len(row.cells) == _SPEAKER_AND_WORDS and len(row.cells[0]) < _SHORTEST
    return is_pair and not (vocabulary.mentions(row.cells[0]) or agencies(row.cells[0]) or words.numbers(row.cells[0]))


def _is_speech(row: Row, vocabulary: Vocabulary) -> bool:
    """Whether a row of a table is somebody, and what they say."""
    return row.table > 0 and _is_named(row, vocabulary) and len(row.cells[1]) >= _SHORTEST


def _is_line(row: Row) -> bool:
    return len(row.cells) == 1 and not row.table and bool(row.cells[0])


def _goes_on(text: str, following: str, vocabulary: Vocabulary) -> bool:
    text, following = text.rstrip(), following.lstrip()
    if _BEGINS.match(following):
        return False
    if any(leads.search(text) and follows.match(following) for leads, follows in _BROKEN):
        return True
    if _is_open(text, following, vocabulary):
        return True
    end, start = text[-_NEAR:], following[:_NEAR]
    broken = [m for m in vocabulary.mentions(f"{end} {start}") if m.start < len(end) < m.end - 1]
    named = {m.id for m in (*vocabulary.mentions(end), *vocabulary.mentions(start))}
    return any(m.kind in ("indicator", "instrument") and m.id not in named for m in broken)


def _is_open(text: str, following: str, vocabulary: Vocabulary) -> bool:
    """Whether a sentence with numbers ends with a name that has none yet, and the next line tells it first."""
    numbers, names = words.numbers(text), vocabulary.mentions(text)
    score = _FIRST_SCORE.match(following)
    if not numbers or not names or names[-1].start < numbers[-1].end or not score:
        return False
    return not vocabulary.mentions(score["before"]) and not agencies(score["before"])


def _is_title_broken(text: str, following: str, vocabulary: Vocabulary) -> bool:
    """Whether an item's title goes on in the next line, which ends with its score."""
    item_code = vocabulary.codes.item_code
    is_title = item_code(text) is not None and not words.numbers(text) and not _BEGINS.match(following)
    ends = _REST_AND_NUMBER.fullmatch(following) if is_title and item_code(following) is None else None
    return ends is not None and not vocabulary.mentions(ends["rest"])
