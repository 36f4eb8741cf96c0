"""Paper 4: analysis and measures: what each score reflects, what is done about it, and how that is followed up."""

from collections.abc import Sequence

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Row,
    Section,
    Table,
    Title,
    rows,
)
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import ResultFacts

KIND = "measures"
NAME = "การวิเคราะห์ผลและมาตรการพร้อมการกำกับติดตาม"


def compose(facts: ResultFacts) -> Document:
    headings, titles = phrases.load().headings.measures, phrases.load().headings.columns
    year = wording.format_fiscal_year(facts.year)
    report: list[Block] = [
        Title((*headings.title, *shared.agency_lines(facts), shared.name_of_year(facts.year))),
        Paragraph(text=wording.describe_method(facts)),
        Paragraph(text=wording.describe_overall(facts)),
        *(Paragraph(text=text) for text in (wording.describe_level(facts), wording.describe_share(facts)) if text),
        Paragraph(text=f"{wording.describe_counts(facts)} {wording.note_missing_items(facts)}".strip()),
        *_list_scores(facts),
        *shared.list_comments(facts, besides=shared.planned_indicators(facts)),
    ]
    title = headings.file_title.format(year=year)
    if not facts.data.measures:
        return shared.build_document(facts, KIND, title, _conclude_without_measures(facts, report))
    columns = (
        Column(titles.indicator, 3.4),
        Column(titles.analysis, 7.6),
        Column(headings.measures, 6.6),
        Column(headings.monitoring, 5.2),
        Column(titles.responsible, 2.9),
    )
    table_rows = []
    for indicator in shared.planned_indicators(facts):
        measures = facts.measures_of(indicator)
        analysis = "\n".join((wording.analyse_indicator(facts, indicator), *_list_findings(facts, indicator, measures)))
        table_rows.append(_build_row(_name_indicator(facts, indicator), analysis, measures))
    if general := facts.general_measures:
        findings = shared.number_lines([m.finding for m in general])
        table_rows.append(_build_row(titles.whole_agency, findings, general))
    plan: list[Block] = [
        Heading(headings.plan.format(agency=facts.agency, year=wording.format_fiscal_year(facts.year + 1))),
        Table(columns, tuple(table_rows), size=14, keep_with_next=True),
        *shared.explain_drafts(facts),
        *shared.build_closing(facts, phrases.load().sentences.plan_end),
    ]
    return shared.build_document(facts, KIND, title, [Section(tuple(report)), Section(tuple(plan), landscape=True)])


def _conclude_without_measures(facts: ResultFacts, report: Sequence[Block]) -> list[Section]:
    """The sections where nothing was decided: what is analysed and recommended; of a total alone, of the whole."""
    closing = shared.build_closing(facts, phrases.load().sentences.plan_end_without_measures)
    indicators = shared.planned_indicators(facts)
    if not indicators:
        whole = [Heading(phrases.load().without_indicators.heading), *shared.plan_without_indicators(facts)]
        return [Section((*report, *whole, *closing))]
    titles = phrases.load().headings.columns
    columns = (Column(titles.indicator, 3.8), Column(titles.analysis, 10.6), Column(titles.recommendation, 11.3))
    lines = (
        (_name_indicator(facts, i), wording.analyse_indicator(facts, i), shared.recommend_in_cell(facts, i))
        for i in indicators
    )
    plan: list[Block] = [
        Heading(
            phrases.load().headings.measures.recommendations.format(
                agency=facts.agency, year=wording.format_fiscal_year(facts.year)
            )
        ),
        shared.say_without_measures(facts),
        Table(columns, rows(*lines), size=14, keep_with_next=True),
        *closing,
    ]
    return [Section(tuple(report)), Section(tuple(plan), landscape=True)]


def _name_indicator(facts: ResultFacts, indicator: str) -> str:
    return f"{phrases.load().words.indicators.format(numbers=indicator)}\n{facts.label(indicator)}"


def _list_scores(facts: ResultFacts) -> list[Block]:
    """The score of each indicator, a paragraph each."""
    scored = [i for i in facts.framework.indicators if facts.score(i) is not None]
    if not scored:
        return []
    sentence = phrases.load().headings.measures.score
    texts = [sentence.format(indicator=facts.indicator_title(i), score=facts.score_text(i)) for i in scored]
    return [
        Paragraph(text=phrases.load().sentences.analysis_follows, keep_with_next=True),
        *(Paragraph(text=text) for text in texts),
    ]


def _list_findings(facts: ResultFacts, indicator: str, measures: Sequence[Measure]) -> list[str]:
    """What the agency itself found, of decided measures; without what a draft of ours says of the score, which the row
    says already."""
    sentence, repeated = phrases.load().sentences.plan_of_finding, wording.list_score_findings(facts, indicator)
    findings = dict.fromkeys(
        "\n".join(line for line in m.finding.split("\n") if line.strip() not in repeated)
        for m in measures
        if not m.is_draft
    )
    return [sentence.format(finding=finding) for finding in findings if finding.strip()]


def _build_row(subject: str, analysis: str, measures: Sequence[Measure]) -> Row:
    """A row of measures; of none where the plan has none of an indicator."""
    if not measures:
        return Row(tuple(map(Cell, (subject, analysis, phrases.load().sentences.no_measure_of_indicator, "-", "-"))))
    activities = [f"{shared.measure_title(m)}\n{shared.number_lines(m.steps)}".strip() for m in measures]
    monitoring = shared.number_lines([wording.describe_monitoring(m) for m in measures]) or "-"
    responsible = "\n".join(dict.fromkeys(unit for m in measures for unit in m.responsible)) or shared.DOTS[:14]
    return Row(tuple(map(Cell, (subject, analysis, shared.number_lines(activities), monitoring, responsible))))
