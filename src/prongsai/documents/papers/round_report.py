"""The office's weekly report of a round: where the nation stands, what the week added, and who is behind.

It states counts alone, of no agency by name, and rests on no result: it is written beside the agencies' papers, not
among their kinds.
"""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from prongsai.analysis import phrases
from prongsai.documents.content import blocks, wording
from prongsai.documents.content.blocks import (
    Align,
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Heading,
    KeyFigures,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
    rows,
)
from prongsai.lib import charts, thai
from prongsai.lib.rounding import half_up

KIND = "round_report"
MOST_BEHIND = 15  # provinces, and assessors, of those with the most agencies overdue
WEEK = 7
_FONT = "TH SarabunPSK"


@dataclass(frozen=True)
class Phase:
    """A phase of the round's calendar; a day is None where none is set."""

    title: str
    starts: datetime.date | None
    ends: datetime.date | None


@dataclass(frozen=True)
class Group:
    """Agencies of one kind, place or assessor, and how many of them have reached each stage, by its key."""

    title: str
    agencies: int
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class RoundProgress:
    """Where a round stands at a time of a day.

    ``stages`` and ``acts``: titles by key. ``whole`` is all agencies. ``days``: how often each act was done on each of
    the last fifteen days, the newest first and not over yet; the week is the seven days before it.
    """

    assessment: str
    fiscal_year: int
    at: datetime.datetime  # in the time zone of the office
    phases: Sequence[Phase]
    stages: Mapping[str, str]
    whole: Group
    regions: Sequence[Group]
    provinces: Sequence[Group]
    assessors: Sequence[Group]
    acts: Mapping[str, str]
    days: Sequence[tuple[datetime.date, Mapping[str, int]]]
    overdue: str  # the key of the stage


def compose(progress: RoundProgress) -> Document:
    """The report, in Thai digits."""
    year = wording.format_fiscal_year(progress.fiscal_year)
    headings, at = phrases.load().headings.round_report, progress.at
    upright: list[Block] = [
        Title(
            (
                f"{headings.title} {progress.assessment}",
                year,
                headings.at.format(day=thai.date(at.date()), time=f"{at:%H.%M}"),
            )
        ),
        Heading(f"1. {headings.summary}"),
        *_summarize(progress),
        Heading(f"2. {headings.calendar}"),
        _list_phases(progress),
        Heading(f"3. {headings.stages}"),
        *_describe_stages(progress),
    ]
    regions: list[Block] = [Heading(f"4. {headings.regions}"), _count_regions(progress)]
    behind: list[Block] = [
        Heading(f"5. {headings.provinces}"),
        *_list_behind(progress, progress.provinces, headings.province),
        Heading(f"6. {headings.assessors}"),
        *_list_behind(progress, progress.assessors, headings.assessor),
        Heading(f"7. {headings.days}"),
        _list_days(progress),
    ]
    document = Document(
        kind=KIND,
        title=f"{headings.title} {year}",
        agency=progress.assessment,
        sections=(Section(tuple(upright)), Section(tuple(regions), landscape=True), Section(tuple(behind))),
        date=progress.at.date(),
        font=_FONT,
    )
    in_thai: Document = blocks.in_digits(document, "thai")
    return in_thai


def format_share(part: int, whole: int) -> str:
    """A share in per cent with two decimals, rounded half up; a dash of nothing."""
    return str(half_up(Fraction(100 * part, whole), 2)) if whole else "-"


def _summarize(progress: RoundProgress) -> list[Block]:
    whole, overdue = progress.whole, progress.whole.counts[progress.overdue]
    sentences, headings = phrases.load().sentences, phrases.load().headings.round_report
    figures = [(f"{whole.agencies:,}", headings.agencies)]
    figures += [
        (f"{format_share(whole.counts[key], whole.agencies)}%", progress.stages[key])
        for key in list(progress.stages)[:3]
    ]
    if not whole.agencies:
        return [Paragraph(text=sentences.round_without_agencies)]
    late = (
        sentences.round_overdue.format(count=f"{overdue:,}", percent=format_share(overdue, whole.agencies))
        if overdue
        else sentences.round_in_time
    )
    week, before = (_add_up(progress, start) for start in (1, 1 + WEEK))
    done = [
        headings.act.format(title=title, count=f"{week[key]:,}", before=f"{before[key]:,}")
        for key, title in progress.acts.items()
    ]
    return [
        KeyFigures(tuple(figures)),
        Paragraph(text=headings.on_day.format(day=thai.date(progress.at.date()), overdue=late)),
        Paragraph(text=headings.week.format(days=WEEK, acts=wording.join_phrases(done))),
    ]


def _add_up(progress: RoundProgress, start: int) -> dict[str, int]:
    days = progress.days[start : start + WEEK]
    return {key: sum(counts[key] for _, counts in days) for key in progress.acts}


def _list_phases(progress: RoundProgress) -> Table:
    headings, titles = phrases.load().headings.round_report, phrases.load().headings.columns
    columns = (Column(headings.phase, 6.0), Column(headings.duration, 6.4), Column(titles.status, 3.6))
    return Table(
        columns,
        rows(*((p.title, _format_days(p), describe_phase(p, progress.at.date())) for p in progress.phases)),
        size=15,
    )


def _format_days(phase: Phase) -> str:
    headings, words = phrases.load().headings.round_report, phrases.load().words
    if phase.starts is None:
        return headings.no_day
    if phase.ends is None:
        return headings.from_day.format(day=thai.date(phase.starts))
    return words.span.format(first=thai.date(phase.starts), last=thai.date(phase.ends))


def describe_phase(phase: Phase, day: datetime.date) -> str:
    """Whether a phase is to come, is open and for how many days more, or is over."""
    headings = phrases.load().headings.round_report
    if phase.starts is None or day < phase.starts:
        return headings.coming
    if phase.ends is None:
        return headings.running
    left = (phase.ends - day).days
    if left < 0:
        return headings.over
    return headings.days_left.format(days=left) if left else headings.last_day


def _describe_stages(progress: RoundProgress) -> list[Block]:
    whole = progress.whole
    headings, titles = phrases.load().headings.round_report, phrases.load().headings.columns
    columns = (
        Column(headings.stage, 8.0),
        Column(headings.agencies_counted, 4.0, "center"),
        Column(titles.percent, 4.0, "center"),
    )
    lines = [
        (title, f"{whole.counts[key]:,}", format_share(whole.counts[key], whole.agencies))
        for key, title in progress.stages.items()
    ]
    drawn: list[Block] = []
    if whole.agencies:
        reached = [(title, whole.counts[key]) for key, title in progress.stages.items()]
        bars = [(title, f"{number:,}", 100 * number / whole.agencies) for title, number in reached]
        caption = headings.chart.format(count=f"{whole.agencies:,}")
        drawn = [Chart(charts.shares(caption, bars, charts.PAPER), caption)]
    return [*drawn, Table(columns, rows(*lines), size=15)]


def _count_regions(progress: RoundProgress) -> Table:
    places: Align = "center"
    width = (25.7 - 6.1) / (len(progress.stages) + 1)
    columns = (
        Column(phrases.load().headings.round_report.region, 6.1),
        Column(phrases.load().headings.columns.agencies, width, places),
        *(Column(title, width, places) for title in progress.stages.values()),
    )

    def write(group: Group) -> Row:
        counts = (f"{group.counts[key]:,}" for key in progress.stages)
        return Row(tuple(map(Cell, (group.title, f"{group.agencies:,}", *counts))))

    total = dataclasses.replace(write(progress.whole), kind="total")
    return Table(columns, (*map(write, progress.regions), total), size=14)


def _list_behind(progress: RoundProgress, groups: Sequence[Group], title: str) -> list[Block]:
    key = progress.overdue
    headings, titles = phrases.load().headings.round_report, phrases.load().headings.columns
    behind = sorted((g for g in groups if g.counts[key]), key=lambda g: (-g.counts[key], thai.sort_key(g.title)))
    if not behind:
        return [Paragraph(text=headings.none_overdue)]
    columns = (
        Column(titles.number, 1.4, "center"),
        Column(title, 6.6),
        Column(titles.agencies, 2.6, "center"),
        Column(headings.overdue, 2.7, "center"),
        Column(titles.percent, 2.7, "center"),
    )
    lines = [
        (str(n), g.title, f"{g.agencies:,}", f"{g.counts[key]:,}", format_share(g.counts[key], g.agencies))
        for n, g in enumerate(behind[:MOST_BEHIND], 1)
    ]
    left = len(behind) - len(lines)
    note = [Paragraph(text=headings.not_shown.format(count=f"{left:,}"), indent=False)] if left else []
    return [Table(columns, rows(*lines), size=15), *note]


def _list_days(progress: RoundProgress) -> Table:
    width = (16.0 - 4.0) / len(progress.acts)
    columns = (
        Column(phrases.load().headings.columns.day, 4.0),
        *(Column(title, width, "center") for title in progress.acts.values()),
    )
    lines = [(thai.date(day), *(f"{counts[key]:,}" for key in progress.acts)) for day, counts in progress.days]
    return Table(columns, rows(*lines), size=14)
