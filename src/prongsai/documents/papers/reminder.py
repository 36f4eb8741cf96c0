"""Paper 7: a reminder of what is missing: responses that surveys still need, and disclosure items not yet filed."""

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Column,
    Document,
    Heading,
    Paragraph,
    Section,
    Table,
    Title,
    dashed,
    rows,
)
from prongsai.documents.content.data import SurveyProgress
from prongsai.documents.content.facts import ResultFacts
from prongsai.lib import thai

KIND = "reminder"
NAME = "ใบติดตามงานที่ยังค้าง"


def compose(facts: ResultFacts) -> Document:
    headings, year = phrases.load().headings.reminder, wording.format_fiscal_year(facts.year)
    title = headings.title.format(assessment=wording.abbreviate_assessment(facts))
    blocks: list[Block] = [
        Title((title, facts.agency, year)),
        Heading(f"1. {headings.surveys}"),
        *_list_surveys(facts),
        Heading(f"2. {headings.disclosures}"),
        *_list_disclosures(facts),
    ]
    return shared.build_document(facts, KIND, headings.file_title.format(year=year), [Section(tuple(blocks))])


def _list_surveys(facts: ResultFacts) -> list[Block]:
    surveys = facts.data.surveys
    if not surveys:
        return [Paragraph(text=phrases.load().sentences.no_survey_progress)]
    headings = phrases.load().headings.reminder
    columns = (
        Column(phrases.load().headings.columns.instrument, 4.0),
        Column(headings.received, 2.6, "center"),
        Column(headings.required, 3.0, "center"),
        Column(headings.missing, 2.6, "center"),
        Column(headings.closes, 3.8, "center"),
    )
    lines, notes = [], []
    for survey in surveys:
        label = facts.instrument_label(survey.instrument)
        required = headings.unknown if survey.required is None else str(survey.required)
        closes_on = thai.date(survey.closes_on) if survey.closes_on else "-"
        lines.append((label, str(survey.received), required, format_missing(survey), closes_on))
        if survey.address:
            notes.append(headings.address.format(survey=label, address=survey.address))
    return [Table(columns, rows(*lines)), *([dashed(notes)] if notes else [])]


def _list_disclosures(facts: ResultFacts) -> list[Block]:
    titles, headings = phrases.load().headings.columns, phrases.load().headings.reminder
    filed = {d.item for d in facts.data.disclosures if d.urls}
    missing = [item for item in facts.disclosure_items if item.id not in filed]
    if not missing:
        return [Paragraph(text=headings.all_filed.format(count=len(facts.disclosure_items)))]
    summary = headings.not_filed.format(missing=len(missing), count=len(facts.disclosure_items))
    columns = (Column(titles.item, 1.6, "center"), Column(headings.item, 9.0), Column(titles.responsible, 5.4))
    return [Paragraph(text=summary), Table(columns, rows(*((i.id, i.label.th, "") for i in missing)), size=15)]


def format_missing(survey: SurveyProgress) -> str:
    """The number of responses still required; empty when unknown."""
    return "" if survey.required is None else str(max(0, survey.required - survey.received))
