"""Papers 8 and 9: the six-month and the year-end report on the measures of a plan, from the plan and its follow-ups
alone."""

import dataclasses
import datetime
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Picture,
    Row,
    Section,
    Table,
    Title,
    rows,
)
from prongsai.documents.content.data import AttachedPicture, DocumentData, FollowUp, Measure
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.shared import Evidence
from prongsai.lib import fiscal, thai

_MAX_PICTURES = 40  # of a report
_MAX_PICTURE_BYTES = 9_000_000  # so that Word and PDF can be sent by mail and filed
_PICTURE_WIDTH = 15.0  # centimetres
_PHOTOGRAPH_HEIGHT, _PAGE_HEIGHT = 9.2, 20.5  # two photographs or one upright page on a page of the annex


@dataclass(frozen=True, kw_only=True)
class _Period:
    """What a report is about: the first ``months`` of a fiscal year."""

    kind: str
    name: str
    months: int

    @property
    def title(self) -> str:
        return phrases.load().words.months.format(months=self.months)

    def describe(self, fiscal_year: int) -> str:
        return shared.describe_period(fiscal_year, self.months)


_PERIODS = (
    _Period(kind="half_year", name="รายงานผลการดำเนินการตามแผน รอบ 6 เดือน", months=6),
    _Period(kind="year_end", name="รายงานผลการดำเนินการตามแผน สิ้นปีงบประมาณ", months=fiscal.MONTHS),
)


def within_period(data: DocumentData, kind: str) -> DocumentData:
    """The data with the follow-ups of a report's period alone, and without scores, which no report on a plan gives."""
    period = next(p for p in _PERIODS if p.kind == kind)
    year = data.result.framework.fiscal_year
    until = fiscal.last_day(year, period.months)
    measures = tuple(dataclasses.replace(m, follow_ups=_reports_until(m, until)) for m in data.measures)
    result = dataclasses.replace(data.result, scores={})
    return dataclasses.replace(data, measures=measures, result=result, previous=None)


def compose(period: _Period, facts: ResultFacts) -> Document:
    year, sentences = wording.format_fiscal_year(facts.year), phrases.load().sentences
    headings = phrases.load().headings.follow_up
    reports = [(measure, measure.follow_ups) for measure in within_period(facts.data, period.kind).measures]
    described = period.describe(facts.year)
    report: list[Block] = [
        Title((*headings.title, described, *shared.agency_lines(facts), shared.name_of_year(facts.year))),
        *shared.note_interim(facts),
        Heading(f"1. {headings.background}"),
        Paragraph(
            text=sentences.follow_up_background.format(
                agency=facts.agency,
                before=wording.format_fiscal_year(facts.year - 1),
                year=year,
                count=len(reports),
                due=shared.describe_due(facts, described),
            )
        ),
        Heading(f"2. {headings.overall}"),
        _count_statuses(reports),
        Heading(f"3. {headings.obstacles}"),
        *_list_obstacles(reports),
    ]
    plan: list[Block] = [
        Heading(f"4. {headings.by_measure}"),
        _build_table(reports),
        Paragraph(text=sentences.follow_up_end, keep_with_next=True),
        *shared.build_signatures(facts.data.signatories, with_opinions=False),
    ]
    sections = [Section(tuple(report)), Section(tuple(plan), landscape=True)]
    if evidence := shared.list_evidence([measure for measure, _ in reports]):
        sections.append(Section(tuple(_build_annex(evidence))))
    title = f"{''.join(headings.title)} {period.title} {year}"
    return shared.build_document(facts, period.kind, title, sections, evidence=_list_digests(evidence))


def _list_digests(evidence: list[Evidence]) -> tuple[tuple[str, str], ...]:
    """What tells whether a file of the evidence is the one that was annexed; nobody reads it on paper."""
    return tuple((_name_piece(e), e.attachment.sha256) for e in evidence if e.attachment and e.attachment.sha256)


def _name_piece(evidence: Evidence) -> str:
    return phrases.load().headings.follow_up.piece.format(number=evidence.number, name=evidence.name)


_Report = tuple[Measure, tuple[FollowUp, ...]]


def _reports_until(measure: Measure, until: datetime.date) -> tuple[FollowUp, ...]:
    """The follow-ups of a measure in the period of a report."""
    return tuple(f for f in measure.follow_ups if f.date is None or f.date <= until)


def _name_status(follow_ups: tuple[FollowUp, ...]) -> str:
    """How far a measure is, by its latest follow-up."""
    return (follow_ups[-1].status if follow_ups else "") or phrases.load().sentences.no_follow_up


def _count_statuses(reports: list[_Report]) -> Table:
    """How many measures stand where, by their latest follow-up."""
    counts = Counter(_name_status(f) for _, f in reports)
    lines = [(status, f"{count}") for status, count in counts.most_common()]
    titles, headings = phrases.load().headings.columns, phrases.load().headings.follow_up
    columns = (Column(headings.state, 11.5), Column(headings.measures, 4.5, "center"))
    total = Row((Cell(titles.total), Cell(f"{len(reports)}")), "total")
    return Table(columns, (*rows(*lines), total))


def _list_obstacles(reports: list[_Report]) -> list[Block]:
    lines = [
        (f"{number}. {measure.title}", shared.number_lines(obstacles) or "-", shared.number_lines(suggestions) or "-")
        for number, (measure, follow_ups) in enumerate(reports, 1)
        if (obstacles := [f.obstacles for f in follow_ups if f.obstacles])
        + (suggestions := [f.suggestion for f in follow_ups if f.suggestion])
    ]
    if not lines:
        return [Paragraph(text=phrases.load().sentences.no_obstacles)]
    titles = phrases.load().headings.columns
    columns = (Column(titles.measure, 5.0), Column(titles.obstacles, 5.5), Column(titles.recommendation, 5.5))
    return [Table(columns, rows(*lines), size=14)]


def _build_table(reports: list[_Report]) -> Table:
    titles = phrases.load().headings.columns
    columns = (
        Column(titles.number, 1.2, "center"),
        Column(titles.activity, 4.8),
        Column(titles.steps, 5.6),
        Column(phrases.load().headings.follow_up.period, 3.4),
        Column(titles.responsible, 2.9),
        Column(titles.work, 5.4),
        Column(titles.status, 2.4, "center"),
    )
    lines = [
        (
            str(number),
            measure.title,
            shared.number_lines(measure.steps),
            "\n".join(filter(None, (measure.period, measure.budget))),
            "\n".join(measure.responsible),
            shared.number_lines([_describe_work(f) for f in follow_ups]) or "-",
            _name_status(follow_ups),
        )
        for number, (measure, follow_ups) in enumerate(reports, 1)
    ]
    return Table(columns, rows(*lines), size=14, keep_with_next=True)


def _describe_work(follow_up: FollowUp) -> str:
    day = f"({thai.date(follow_up.date)})" if follow_up.date else ""
    return " ".join(filter(None, (follow_up.work_done or follow_up.status, day)))


def _build_annex(evidence: list[Evidence]) -> list[Block]:
    """A list of the evidence, then the pictures of its files as far as they fit."""
    shown = _choose_pictures(evidence)
    remarks = [_describe_evidence(e, len(shown[e.number])) for e in evidence]
    headings = phrases.load().headings.follow_up
    blocks: list[Block] = [Heading(headings.annex), shared.build_evidence_table(evidence, remarks)]
    if any(shown.values()):
        blocks.append(Heading(headings.pictures, 2))
    return [*blocks, *(picture for e in evidence for picture in _draw_pictures(e, shown[e.number]))]


def _choose_pictures(evidence: list[Evidence]) -> dict[int, tuple[AttachedPicture, ...]]:
    """The pictures of each piece of evidence that a report shows: all of a file or none, as long as there is room."""
    shown: dict[int, tuple[AttachedPicture, ...]] = {}
    count = size = 0
    for e in evidence:
        pictures = e.attachment.pictures if e.attachment else ()
        more = sum(len(p.jpeg) for p in pictures)
        if count + len(pictures) > _MAX_PICTURES or size + more > _MAX_PICTURE_BYTES:
            pictures, more = (), 0
        count, size = count + len(pictures), size + more
        shown[e.number] = pictures
    return shown


def _describe_evidence(evidence: Evidence, shown: int) -> str:
    """The name of a piece of evidence; of a file its pages and why it is not shown."""
    file = evidence.attachment
    if file is None:
        return evidence.name
    headings = phrases.load().headings.follow_up
    pages = headings.pages.format(count=file.pages) if file.pages and file.pages > 1 else ""
    remark = file.remark
    if file.pictures and not shown:
        remark = phrases.load().sentences.pictures_left_out
    elif file.pages and shown < file.pages:
        remark = headings.first_pages.format(count=shown)
    return "\n".join(filter(None, (evidence.name, pages, remark)))


def _draw_pictures(evidence: Evidence, pictures: tuple[AttachedPicture, ...]) -> list[Picture]:
    file, headings = evidence.attachment, phrases.load().headings.follow_up
    blocks = []
    for page, picture in enumerate(pictures, 1):
        assert file is not None  # it has the pictures
        is_page = (file.pages or 1) > 1
        caption = _name_piece(evidence)
        caption = headings.page.format(piece=caption, page=page, pages=file.pages) if is_page else caption
        height = _PAGE_HEIGHT if picture.height > picture.width else _PHOTOGRAPH_HEIGHT
        scale = min(_PICTURE_WIDTH / picture.width, height / picture.height)
        blocks.append(
            Picture(
                jpeg=picture.jpeg,
                caption=f"{caption}\n{headings.of_measure.format(measure=evidence.measure)}",
                sha256=file.sha256,
                width=round(picture.width * scale, 2),
                height=round(picture.height * scale, 2),
            )
        )
    return blocks


MONTHS: Mapping[str, int] = {period.kind: period.months for period in _PERIODS}
KINDS: Mapping[str, str] = {period.kind: period.name for period in _PERIODS}
COMPOSERS: Mapping[str, Callable[[ResultFacts], Document]] = {
    period.kind: partial(compose, period) for period in _PERIODS
}
