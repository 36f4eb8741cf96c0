"""The Thai fiscal year: from 1 October to 30 September, named by the Buddhist year it ends in. Its months count from 1,
October."""

import calendar
import datetime
import re

from prongsai.lib import thai

MONTHS = 12
FIRST = 10  # October, the calendar month that a fiscal year begins with
BUDDHIST = 543  # years the Buddhist era is ahead
NAMES = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)
SHORT = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")

DATE_HINT = "พิมพ์วัน เดือน และปี พ.ศ. เช่น 30/9/2570"
_ERA = range(2400, 2700)  # Buddhist years that a date may lie in
_COMMON_ERA = range(_ERA.start - BUDDHIST, _ERA.stop - BUDDHIST)
_CENTURY = 2500  # of a year written with two digits
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", re.ASCII)
_WRITTEN = re.compile(r"(\d{1,2})([\u0e00-\u0e7f.]+?)(?:พ\.?ศ\.?|ปี)?(\d{4}|\d{2})", re.ASCII)
_MONTH_OF = {name.replace(".", ""): n for names in (NAMES, SHORT) for n, name in enumerate(names, 1)}


def year_of(day: datetime.date) -> int:
    """The fiscal year a day lies in."""
    return day.year + BUDDHIST + (day.month >= FIRST)


def month_of(day: datetime.date) -> int:
    """Which month of its fiscal year a day lies in: 1 is October."""
    return (day.month - FIRST) % MONTHS + 1


def first_day(fiscal_year: int, month: int = 1) -> datetime.date:
    """The first day of a month of a fiscal year."""
    _check(month)
    turned = (FIRST - 2 + month) % MONTHS + 1
    return datetime.date(fiscal_year - BUDDHIST - (turned >= FIRST), turned, 1)


def last_day(fiscal_year: int, month: int = MONTHS) -> datetime.date:
    """The last day of a month of a fiscal year."""
    first = first_day(fiscal_year, month)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def month_name(fiscal_year: int, month: int, *, short: bool = False) -> str:
    """A month with its year: "ตุลาคม", then the Buddhist year it lies in."""
    day = first_day(fiscal_year, month)
    return f"{(SHORT if short else NAMES)[day.month - 1]} {day.year + BUDDHIST}"


def short_date(day: datetime.date) -> str:
    """A date in a sentence: day, short month, Buddhist year."""
    return f"{day.day} {SHORT[day.month - 1]} {day.year + BUDDHIST}"


def parse_date(text: str) -> datetime.date:
    """A date as people type it: 30 ก.ย. 2570, ๓๐ กันยายน ๒๕๗๐, 30/9/2570, 30/9/70, or ISO 2027-09-30. A year is of the
    Buddhist era; one that can only be of the Common Era is taken as that. Raises ValueError, in Thai."""
    plain = re.sub(r"\s+", "", thai.clean(text)).removeprefix("วันที่")
    if match := _ISO.fullmatch(plain):
        year, month, day = match.groups()
        number = int(year) - BUDDHIST if int(year) in _ERA else int(year)
    elif match := _NUMERIC.fullmatch(plain) or _WRITTEN.fullmatch(plain):
        day, month, year = match.groups()
        number = _common_year(year)
    else:
        raise ValueError(f"“{text.strip()[:40]}” ไม่ใช่วันที่ที่อ่านได้ {DATE_HINT}")
    month_number = int(month) if month.isdecimal() else _MONTH_OF.get(month.replace(".", ""), 0)
    if not month_number:
        raise ValueError(f"ไม่รู้จักเดือน “{month[:20]}” {DATE_HINT}")
    try:
        return datetime.date(number, month_number, int(day))
    except ValueError as error:
        raise ValueError(f"ไม่มีวันที่ “{text.strip()[:40]}” ในปฏิทิน") from error


def _common_year(text: str) -> int:
    """A year of the Common Era, from one that people type."""
    year = int(text) + _CENTURY * (len(text) == 2)
    if year in _ERA:
        return year - BUDDHIST
    if year in _COMMON_ERA:
        return year
    raise ValueError(f"ปี {text} ไม่น่าจะถูก {DATE_HINT}")


def _check(month: int) -> None:
    if not 1 <= month <= MONTHS:
        raise ValueError(f"a fiscal year has no month {month}")
