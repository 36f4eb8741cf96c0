"""When a measure is done and when it is followed up: months of one fiscal year, their Thai wording, and due dates.
Pure."""

import datetime
from enum import StrEnum

from prongsai.lib import fiscal


class Rhythm(StrEnum):
    """How often a measure is followed up."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    TWICE = "twice"
    ONCE = "once"


RHYTHM_TH = {
    Rhythm.MONTHLY: "ทุกเดือน",
    Rhythm.QUARTERLY: "ทุกไตรมาส",
    Rhythm.TWICE: "ปีละสองครั้ง (รอบ 6 เดือน และสิ้นปี)",
    Rhythm.ONCE: "ครั้งเดียว เมื่อสิ้นสุดช่วงเวลา",
}
_EVERY = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.TWICE: 6, Rhythm.ONCE: fiscal.MONTHS}  # months
HALF = 6  # months to the six-month report


def period_text(fiscal_year: int, starts: int, ends: int) -> str:
    """A period from month to month of a fiscal year, as plans word it: the whole year, quarters, or months."""
    _check(starts, ends)
    if (starts, ends) == (1, fiscal.MONTHS):
        return f"ตลอดปีงบประมาณ พ.ศ. {fiscal_year}"
    if starts == ends:
        return fiscal.month_name(fiscal_year, starts)
    span = f"{fiscal.month_name(fiscal_year, starts)} – {fiscal.month_name(fiscal_year, ends)}"
    if starts % 3 == 1 and ends % 3 == 0:
        first, last = (starts + 2) // 3, ends // 3
        return f"ไตรมาสที่ {first if first == last else f'{first}–{last}'} ({span})"
    return span


def due_dates(fiscal_year: int, starts: int, ends: int, rhythm: str) -> tuple[datetime.date, ...]:
    """The days a follow-up is due: the last day of each month, quarter, or half of the fiscal year that ends within the
    period, and the period's own last day."""
    _check(starts, ends)
    every = _EVERY[Rhythm(rhythm)]
    months = sorted({m for m in range(starts, ends) if m % every == 0} | {ends})
    return tuple(fiscal.last_day(fiscal_year, m) for m in months)


def _check(starts: int, ends: int) -> None:
    if not 1 <= starts <= ends <= fiscal.MONTHS:
        raise ValueError(f"no period of a fiscal year: from month {starts} to {ends}")
