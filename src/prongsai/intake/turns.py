"""Numbers that stand one after the other for several things that were named one after the other: "IIT และ OIT ได้ 90.10
และ 92.20 คะแนน ตามลำดับ", "EIT ทั้งสองส่วนได้ …", "ปี 2566 และ 2567 ได้ …"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from prongsai.intake import words
from prongsai.intake.agencies import NamedAgency, family_of
from prongsai.intake.codes import Codes
from prongsai.intake.vocabulary import Mention
from prongsai.intake.words import Number

LEAST = 2  # things named one after the other
_RESPECTIVELY = re.compile(r"ตาม\s{0,3}(?:ลำดับ|$)|\brespectively\b", re.I)
_BETWEEN = re.compile(r"\s{0,9}(?:คะแนน|%)?\s{0,9}(?:,|และ|กับ|and|,\s{0,9}และ)?\s{0,9}(?:ร้อยละ)?\s{0,9}", re.I)
_BOTH = re.compile(r"\)?\s{0,9}(?:ทั้ง\s{0,3}(?:สอง|2)|2|สอง)\s{0,3}ส่วน(?!ที่)|\)?,?\s{0,9}both\s{1,9}parts\b", re.I)
_NEXT_PART = re.compile(r"\s{0,9}(?:และ|กับ|,|/|&|and)\s{0,9}(?:ส่วน(?:ที่)?|parts?)?\s{0,9}([1-9])(?![\d.])", re.I)
_SPAN = re.compile(r"\s{0,9}(?:-|–|ถึง)\s{0,9}(?:ปี(?:งบประมาณ)?)?\s{0,9}(?:พ\.?\s?ศ\.?)?\s{0,9}")
_SPARE = 6  # letters before the first number


def find_in_turn(
    text: str, mentions: Sequence[Mention], numbers: Sequence[Number], codes: Codes
) -> dict[int, Mention | None]:
    """Whose numbers are that stand one after the other before "respectively", by the place of each: of as many names,
    one after the other before them. None where there are not as many: nobody knows whose they are then."""
    found: dict[int, Mention | None] = {}
    for word in _RESPECTIVELY.finditer(text):
        listed = _listed_before(text, numbers, word.start())
        if len(listed) < LEAST:
            continue
        end = listed[0].start
        named = [m for m in mentions if m.end <= end and not any(m.start < n.start < end for n in numbers)]
        named = [m for m in named if m.kind == named[-1].kind]
        named = [m for at, m in enumerate(named) if not at or m.id != named[at - 1].id]  # "… (IIT)" is named twice
        fits = len(named) == len(listed)
        found |= {n.start: m for n, m in zip(listed, named if fits else [None] * len(listed), strict=True)}
    return found | _find_parts(text, mentions, numbers, codes)


def _find_parts(
    text: str, mentions: Sequence[Mention], numbers: Sequence[Number], codes: Codes
) -> dict[int, Mention | None]:
    """Whose numbers are that follow several parts of a survey, in their order, told to be so or not."""
    found: dict[int, Mention | None] = {}
    for mention in mentions:
        parts, end = _parts_at(text, mention, codes)
        after = [n for n in numbers if n.start >= end]
        listed = after[: len(parts)]
        if len(listed) < LEAST or len(listed) != len(parts):
            continue
        apart = all(_BETWEEN.fullmatch(text[a.end : b.start]) for a, b in pairwise(listed))
        goes_on = len(after) > len(listed) and _BETWEEN.fullmatch(text[listed[-1].end : after[len(listed)].start])
        if apart and not goes_on and words.leftover(text[end : listed[0].start]) <= _SPARE:
            found |= {n.start: replace(mention, id=part) for n, part in zip(listed, parts, strict=True)}
    return found


def _parts_at(text: str, mention: Mention, codes: Codes) -> tuple[list[str], int]:
    """The parts of a survey that a text names together, and where it ends doing so; none but one."""
    if mention.kind != "instrument":
        return [], 0
    if both := _BOTH.match(text, mention.end):
        return list(codes.parts_of.get(mention.id, ())), both.end()
    parts, end = [mention.id], mention.end
    while mention.id in codes.number_of and (following := _NEXT_PART.match(text, end)):
        parts.append(codes.with_part(codes.whole(mention.id), following[1]))
        end = following.end()
    return (parts, end) if len(set(parts)) == len(parts) > 1 else ([], 0)


def find_agencies_in_turn(
    text: str, agencies: Sequence[NamedAgency], mentions: Sequence[Mention], numbers: Sequence[Number]
) -> dict[int, str]:
    """Whose totals numbers are that stand one after the other before "respectively": of as many agencies before
    them."""
    found: dict[int, str] = {}
    for word in _RESPECTIVELY.finditer(text):
        listed = _listed_before(text, numbers, word.start())
        if len(listed) < LEAST:
            continue
        begun = max((n.end for n in numbers if n.end <= listed[0].start), default=0)
        named = [a for a in agencies if begun <= a.start < listed[0].start and family_of(a.name) != "place"]
        of_node = any(begun <= m.start < listed[0].start and m.kind != "overall" for m in mentions)
        if len(named) == len(listed) and not of_node and words.overall_cue(text[: word.start()]):
            found |= {n.start: a.name for n, a in zip(listed, named, strict=True)}
    return found


def find_years_in_turn(text: str, numbers: Sequence[Number]) -> dict[int, tuple[int, bool]]:
    """Of which years numbers are that stand one after the other, by the place of each, and whether it is the first: of
    as many years, one after the other before them, or of those from the first to the last."""
    found: dict[int, tuple[int, bool]] = {}
    for listed in _runs_of(text, numbers):
        begun = max((n.end for n in numbers if n.end <= listed[0].start), default=0)
        named = [(at, year) for at, year in words.years(text) if begun <= at < listed[0].start]
        years = [year for _, year in named]
        if len(years) == LEAST and years[1] - years[0] == len(listed) - 1 and _is_span(text, named):
            years = list(range(years[0], years[1] + 1))
        if len(set(years)) == len(years) == len(listed):
            found |= {n.start: (year, n is listed[0]) for n, year in zip(listed, years, strict=True)}
    return found


def _is_span(text: str, named: Sequence[tuple[int, int]]) -> bool:
    """Whether the first of two years leads to the second, and no year stands for itself."""
    (first, year), (second, _) = named
    end = text.find(str(year), first) + len(str(year))
    return end <= second and _SPAN.fullmatch(text[end:second]) is not None


def _runs_of(text: str, numbers: Sequence[Number]) -> list[list[Number]]:
    """The numbers that stand one after the other, several each."""
    runs: list[list[Number]] = []
    for number in numbers:
        if runs and _BETWEEN.fullmatch(text[runs[-1][-1].end : number.start]):
            runs[-1].append(number)
        else:
            runs.append([number])
    return [run for run in runs if len(run) >= LEAST]


def _listed_before(text: str, numbers: Sequence[Number], end: int) -> list[Number]:
    """The numbers that stand one after the other up to a place."""
    listed: list[Number] = []
    for number in reversed([n for n in numbers if n.end <= end]):
        if not _BETWEEN.fullmatch(text[number.end : end]):
            break
        listed.insert(0, number)
        end = number.start
    return listed
