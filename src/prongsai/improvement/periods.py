"""When a measure is carried out and when it is followed up: months of one fiscal year, their Thai wording, due dates.
Pure."""

import datetime
from enum import StrEnum
from typing import Any

from prongsai.lib import fiscal

MONTHS_OF_SIX_MONTH_REPORT = 6


class FollowUpInterval(StrEnum):
    """How often a measure is followed up."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    TWICE = "twice"
    ONCE = "once"


FOLLOW_UP_INTERVAL_TH = {
    FollowUpInterval.MONTHLY: "ทุกเดือน",
    FollowUpInterval.QUARTERLY: "ทุกไตรมาส",
    FollowUpInterval.TWICE: "ปีละสองครั้ง (รอบ 6 เดือน และสิ้นปี)",
    FollowUpInterval.ONCE: "ครั้งเดียว เมื่อสิ้นสุดช่วงเวลา",
}
_INTERVAL_MONTHS = {
    FollowUpInterval.MONTHLY: 1,
    FollowUpInterval.QUARTERLY: 3,
    FollowUpInterval.TWICE: 6,
    FollowUpInterval.ONCE: fiscal.MONTHS,
}


def __getattr__(name: str) -> Any:
    """The class by its name of version 0.1.0, which migration 0001 imports."""
    if name == "Rhythm":
        return FollowUpInterval
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def period_text(fiscal_year: int, starts: int, ends: int) -> str:
    """A period in Thai as plans word it: the fiscal year, quarters, or months. ``starts`` and ``ends`` are months of
    the fiscal year (1 is October). Raises ValueError for an impossible period."""
    _check_period(starts, ends)
    if (starts, ends) == (1, fiscal.MONTHS):
        return f"ตลอดปีงบประมาณ พ.ศ. {fiscal_year}"
    if starts == ends:
        return fiscal.month_name(fiscal_year, starts)
    span = f"{fiscal.month_name(fiscal_year, starts)} – {fiscal.month_name(fiscal_year, ends)}"
    if starts % 3 == 1 and ends % 3 == 0:
        first, last = (starts + 2) // 3, ends // 3
        return f"ไตรมาสที่ {first if first == last else f'{first}–{last}'} ({span})"
    return span


def due_dates(fiscal_year: int, starts: int, ends: int, interval: str) -> tuple[datetime.date, ...]:
    """The dates by which a follow-up is due: the last day of each month, quarter or half of the fiscal year that ends
    within the period, and the last day of the period. Raises ValueError for an impossible period or interval."""
    _check_period(starts, ends)
    step = _INTERVAL_MONTHS[FollowUpInterval(interval)]
    months = sorted({m for m in range(starts, ends) if m % step == 0} | {ends})
    return tuple(fiscal.last_day(fiscal_year, m) for m in months)


def _check_period(starts: int, ends: int) -> None:
    if not 1 <= starts <= ends <= fiscal.MONTHS:
        raise ValueError(f"no period of a fiscal year: from month {starts} to {ends}")
