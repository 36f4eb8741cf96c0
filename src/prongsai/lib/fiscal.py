"""The Thai fiscal year: from 1 October to 30 September, named by the Buddhist year it ends in. Its months count from 1,
October."""

import calendar
import datetime

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


def _check(month: int) -> None:
    if not 1 <= month <= MONTHS:
        raise ValueError(f"a fiscal year has no month {month}")
