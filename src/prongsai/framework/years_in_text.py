"""Fiscal years in texts of the rules: found where a year is meant, not where a law is named, and moved with the rules.

A year of the Buddhist era stands after the word for year or after a month; one of the common era after "year" or "FY".
A law's year, which follows its name or พ.ศ. alone, stays what it is.
"""

import datetime
import re
from collections.abc import Iterator

from prongsai.lib import fiscal, thai

_MONTHS = "|".join(map(re.escape, (*fiscal.NAMES, *fiscal.SHORT)))
_YEAR = re.compile(
    rf"(?:ปี(?:งบประมาณ|การศึกษา|ปฏิทิน)?|{_MONTHS}|ไตรมาส(?:ที่)?\s*[1-4๑-๔]\s*/?)\s*(?:พ\.?\s?ศ\.?)?\s*"
    r"(?P<buddhist>(?:25|๒๕)[0-9๐-๙]{2})(?![0-9๐-๙])"
    r"|\b(?:[Yy]ear|FY)\s*(?P<common>20[0-9]{2})\b"
)
_ANY_YEAR = re.compile(r"(?<![0-9๐-๙])(?:25|๒๕|20)[0-9๐-๙]{2}(?![0-9๐-๙])")
_RANGE = re.compile(r"\s*(?:-|–|ถึง)\s*(?:พ\.?\s?ศ\.?)?\s*(?:25|๒๕|20)[0-9๐-๙]{2}")


def years_in(text: str) -> set[int]:
    """The years that a text means, in the Buddhist era; not those of a span ("2566-2570"), which a plan may have."""
    return {year for match, year in _matches(text) if not _RANGE.match(text, match.end())}


def move_years(text: str, years: int) -> str:
    """The text with each of its years moved, in the digits and the era they are written in; spans stay."""
    parts, end = [], 0
    for match, year in _matches(text):
        if _RANGE.match(text, match.end()):
            continue
        group = str(match.lastgroup)
        moved = str(year + years - (fiscal.BUDDHIST if group == "common" else 0))
        start = match.start(group)
        parts += [text[end:start], moved if text[start].isascii() else thai.in_thai_digits(moved)]
        end = match.end()
    return "".join([*parts, text[end:]])


def _matches(text: str) -> Iterator[tuple[re.Match[str], int]]:
    for match in _YEAR.finditer(text):
        year = int(match[str(match.lastgroup)])  # int() reads Thai digits too
        yield match, year + (fiscal.BUDDHIST if match.lastgroup == "common" else 0)


def years_in_title(text: str) -> set[int]:
    """Every year that a title names, in the Buddhist era, whatever stands before it."""
    years = (int(match[0]) for match in _ANY_YEAR.finditer(text))
    return {year + (fiscal.BUDDHIST if year < 2500 else 0) for year in years}


def move_title(text: str, before: int, after: int) -> str:
    """A title with one year for another, in the digits and the era it is written in."""
    for era in (0, fiscal.BUDDHIST):
        text = text.replace(str(before - era), str(after - era))
    return text.replace(thai.in_thai_digits(str(before)), thai.in_thai_digits(str(after)))


def move_date(day: datetime.date, years: int) -> datetime.date:
    """The same day of another year; the last of February where that year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
