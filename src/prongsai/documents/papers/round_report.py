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
NAME = "รายงานความก้าวหน้าการประเมิน"
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
    upright: list[Block] = [
        Title(
            (
                f"{NAME} {progress.assessment}",
                year,
                f"ข้อมูล ณ วันที่ {thai.date(progress.at.date())} เวลา {progress.at:%H.%M} น.",
            )
        ),
        Heading("1. สรุปสำหรับผู้บริหาร"),
        *_summarize(progress),
        Heading("2. ปฏิทินการประเมิน"),
        _list_phases(progress),
        Heading("3. ความก้าวหน้ารายขั้น"),
        *_describe_stages(progress),
    ]
    regions: list[Block] = [Heading("4. ความก้าวหน้ารายภาค"), _count_regions(progress)]
    behind: list[Block] = [
        Heading("5. จังหวัดที่มีหน่วยงานเลยกำหนดมากที่สุด"),
        *_list_behind(progress, progress.provinces, "จังหวัด"),
        Heading("6. ผู้ประเมินที่มีหน่วยงานเลยกำหนดมากที่สุด"),
        *_list_behind(progress, progress.assessors, "ผู้ประเมิน"),
        Heading("7. งานรายวัน"),
        _list_days(progress),
    ]
    document = Document(
        kind=KIND,
        title=f"{NAME} {year}",
        agency=progress.assessment,
        sections=(Section(tuple(upright)), Section(tuple(regions), landscape=True), Section(tuple(behind))),
        date=progress.at.date(),
        font=_FONT,
    )
    in_thai: Document = blocks.in_thai_digits(document)
    return in_thai


def format_share(part: int, whole: int) -> str:
    """A share in per cent with two decimals, rounded half up; a dash of nothing."""
    return str(half_up(Fraction(100 * part, whole), 2)) if whole else "-"


def _summarize(progress: RoundProgress) -> list[Block]:
    whole, overdue = progress.whole, progress.whole.counts[progress.overdue]
    sentences = phrases.load().sentences
    figures = [(f"{whole.agencies:,}", "หน่วยงานที่เข้าร่วม")]
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
    done = [f"{title} {week[key]:,} รายการ (สัปดาห์ก่อน {before[key]:,} รายการ)" for key, title in progress.acts.items()]
    return [
        KeyFigures(tuple(figures)),
        Paragraph(text=f"ณ วันที่ {thai.date(progress.at.date())} {late}"),
        Paragraph(text=f"ในรอบ {WEEK} วันก่อนวันที่จัดทำรายงาน {wording.join_phrases(done)}"),
    ]


def _add_up(progress: RoundProgress, start: int) -> dict[str, int]:
    days = progress.days[start : start + WEEK]
    return {key: sum(counts[key] for _, counts in days) for key in progress.acts}


def _list_phases(progress: RoundProgress) -> Table:
    columns = (Column("ขั้นตอน", 6.0), Column("ระยะเวลา", 6.4), Column("สถานะ", 3.6))
    return Table(
        columns,
        rows(*((p.title, _format_days(p), describe_phase(p, progress.at.date())) for p in progress.phases)),
        size=15,
    )


def _format_days(phase: Phase) -> str:
    if phase.starts is None:
        return "ยังไม่กำหนดวัน"
    if phase.ends is None:
        return f"ตั้งแต่ {thai.date(phase.starts)}"
    return f"{thai.date(phase.starts)} ถึง {thai.date(phase.ends)}"


def describe_phase(phase: Phase, day: datetime.date) -> str:
    """Whether a phase is to come, is open and for how many days more, or is over."""
    if phase.starts is None or day < phase.starts:
        return "ยังไม่เริ่ม"
    if phase.ends is None:
        return "อยู่ระหว่างดำเนินการ"
    left = (phase.ends - day).days
    if left < 0:
        return "สิ้นสุดแล้ว"
    return f"เหลือเวลา {left} วัน" if left else "วันสุดท้าย"


def _describe_stages(progress: RoundProgress) -> list[Block]:
    whole = progress.whole
    columns = (Column("ขั้น", 8.0), Column("หน่วยงาน (แห่ง)", 4.0, "center"), Column("ร้อยละ", 4.0, "center"))
    lines = [
        (title, f"{whole.counts[key]:,}", format_share(whole.counts[key], whole.agencies))
        for key, title in progress.stages.items()
    ]
    drawn: list[Block] = []
    if whole.agencies:
        reached = [(title, whole.counts[key]) for key, title in progress.stages.items()]
        bars = [(title, f"{number:,}", 100 * number / whole.agencies) for title, number in reached]
        caption = f"จำนวนหน่วยงานที่ถึงแต่ละขั้น จากทั้งหมด {whole.agencies:,} แห่ง"
        drawn = [Chart(charts.shares(caption, bars, charts.PAPER), caption)]
    return [*drawn, Table(columns, rows(*lines), size=15)]


def _count_regions(progress: RoundProgress) -> Table:
    places: Align = "center"
    width = (25.7 - 6.1) / (len(progress.stages) + 1)
    columns = (
        Column("ภาค", 6.1),
        Column("หน่วยงาน", width, places),
        *(Column(title, width, places) for title in progress.stages.values()),
    )

    def write(group: Group) -> Row:
        counts = (f"{group.counts[key]:,}" for key in progress.stages)
        return Row(tuple(map(Cell, (group.title, f"{group.agencies:,}", *counts))))

    total = dataclasses.replace(write(progress.whole), kind="total")
    return Table(columns, (*map(write, progress.regions), total), size=14)


def _list_behind(progress: RoundProgress, groups: Sequence[Group], title: str) -> list[Block]:
    key = progress.overdue
    behind = sorted((g for g in groups if g.counts[key]), key=lambda g: (-g.counts[key], thai.sort_key(g.title)))
    if not behind:
        return [Paragraph(text="ไม่มีหน่วยงานที่เลยกำหนด")]
    columns = (
        Column("ที่", 1.4, "center"),
        Column(title, 6.6),
        Column("หน่วยงาน", 2.6, "center"),
        Column("เลยกำหนด", 2.7, "center"),
        Column("ร้อยละ", 2.7, "center"),
    )
    lines = [
        (str(n), g.title, f"{g.agencies:,}", f"{g.counts[key]:,}", format_share(g.counts[key], g.agencies))
        for n, g in enumerate(behind[:MOST_BEHIND], 1)
    ]
    left = len(behind) - len(lines)
    note = [Paragraph(text=f"มีอีก {left:,} รายการที่ไม่ได้แสดง", indent=False)] if left else []
    return [Table(columns, rows(*lines), size=15), *note]


def _list_days(progress: RoundProgress) -> Table:
    width = (16.0 - 4.0) / len(progress.acts)
    columns = (Column("วันที่", 4.0), *(Column(title, width, "center") for title in progress.acts.values()))
    lines = [(thai.date(day), *(f"{counts[key]:,}" for key in progress.acts)) for day, counts in progress.days]
    return Table(columns, rows(*lines), size=14)
