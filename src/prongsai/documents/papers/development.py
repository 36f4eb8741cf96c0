"""Paper 3: use of the results for development: cover, reason, two years side by side, every item with defect and
remedy, a plan for every indicator."""

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
    dashed,
)
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import ResultFacts
from prongsai.framework import Node

KIND = "development"
NAME = "การนำผลการประเมินไปสู่การพัฒนาหน่วยงาน"


def compose(facts: ResultFacts) -> Document:
    headings, titles = phrases.load().headings.development, phrases.load().headings.columns
    title = headings.title.format(assessment=wording.abbreviate_assessment(facts))
    indicators = [(i, facts.label(i)) for i in facts.framework.indicators]
    instruments = [(i, facts.instrument_label(i)) for i in facts.listed_instruments]
    is_known = any(facts.score(i) is not None or i in facts.movements for i, _ in indicators)
    with_total = [*instruments, ("overall", titles.overall)]
    heading = Title((title, *shared.agency_lines(facts), shared.name_of_year(facts.year)))
    report: list[Block] = [
        heading,
        Heading(f"1. {headings.background}"),
        *_give_reason(facts),
        Paragraph(text=wording.describe_method(facts)),
        Heading(f"2. {headings.result}"),
        Heading(f"2.1 {headings.overall}", 2),
        *(Paragraph(text=text) for text in _describe_total(facts) if text),
        Heading(f"2.2 {headings.by_instrument}", 2),
        *_show_instruments(facts, with_total),
        Heading(f"2.3 {headings.by_indicator}", 2),
        *(Paragraph(text=text) for text in _describe_indicators(facts) if text),
        *([shared.build_score_table(facts, headings.indicator_name, indicators, numbered=True)] if is_known else []),
        *shared.build_bar_charts(facts, indicators, headings.chart_of_indicators),
        *_list_cautions(facts),
        Heading(f"3. {headings.analysis}"),
        *_analyse_indicators(facts),
        *shared.list_comments(facts),
    ]
    plan: list[Block] = [Heading(f"4. {headings.plan}"), *_conclude(facts)]
    if any(isinstance(block, Table) for block in plan):
        sections = [Section(tuple(report)), Section(tuple(plan), landscape=True)]
    else:
        sections = [Section((*report, *plan))]
    sections.insert(0, _build_cover(facts, heading))
    name = f"{title} {wording.format_fiscal_year(facts.year)}"
    return shared.build_document(facts, KIND, name, sections, rests_on_following=True)


def _build_cover(facts: ResultFacts, heading: Title) -> Section:
    """The title, and who prepared the paper."""
    office = facts.data.office
    lines = [phrases.load().sentences.prepared_by, *filter(None, (office.prepared_by,)), facts.agency]
    foot = Paragraph(text="\n".join(lines), indent=False, align="center")
    return Section((heading, foot), cover=True)


def _give_reason(facts: ResultFacts) -> list[Block]:
    """Why the paper is written: the item of the assessment after the result that asks for it, with what it requires."""
    sentences, year = phrases.load().sentences, wording.format_fiscal_year(facts.year)
    use_text = sentences.use_of_results if facts.data.measures else sentences.use_of_results_without_measures
    use = Paragraph(text=use_text.format(agency=facts.agency, year=year))
    required = facts.plan_requirement
    if required is None:
        return [Paragraph(text=sentences.reason_without_item), use]
    is_written = required.rules_year > facts.year
    reason = (sentences.reason_of_paper if is_written else sentences.reason_before_rules).format(
        assessment=wording.name_assessment(facts),
        assessed=wording.format_fiscal_year(facts.year + 1),
        year=year,
        item=required.item.id,
        label=required.item.label.th,
    )
    return [Paragraph(text=reason, keep_with_next=True), dashed(required.elements), use]


def _describe_total(facts: ResultFacts) -> tuple[str, ...]:
    total = wording.describe_overall(facts)
    if facts.score("overall") is None:
        return (total,)
    change = wording.compare_overall(facts) if facts.previous else wording.describe_overall_change(facts)
    return total, change, wording.describe_shortfalls(facts)


def _show_instruments(facts: ResultFacts, nodes: list[tuple[str, str]]) -> list[Block]:
    """Table and chart of the instruments; a sentence where the total alone is known."""
    if not any(facts.score(node) is not None or node in facts.movements for node, _ in nodes if node != "overall"):
        return [Paragraph(text=phrases.load().sentences.no_instruments)]
    headings = phrases.load().headings
    table = shared.build_score_table(facts, headings.columns.instrument, nodes, numbered=False)
    caption = headings.development.chart_of_instruments
    return [table, *shared.build_bar_charts(facts, nodes, caption, numbered=False)]


def _describe_indicators(facts: ResultFacts) -> tuple[str, ...]:
    return wording.describe_extremes(facts), wording.describe_counts(facts), wording.describe_movements(facts)


def _list_cautions(facts: ResultFacts) -> list[Block]:
    cautions = wording.list_cautions(facts)
    if not cautions:
        return []
    title = phrases.load().headings.development.cautions
    return [Paragraph(text=title, indent=False, align="left", keep_with_next=True), dashed(cautions)]


def _analyse_indicators(facts: ResultFacts) -> list[Block]:
    """Every indicator with its items; where no item is known, a paragraph for each."""
    indicators = facts.framework.indicators
    if any(map(facts.has_item_scores, indicators)):
        return [
            block
            for n, i in enumerate(indicators, 1)
            for block in (*_introduce_group(facts, i), *_analyse_indicator(facts, f"3.{n}", i))
        ]
    paragraphs: list[Block] = [
        Paragraph(text=wording.describe_indicator(facts, i), lead=facts.indicator_title(i))
        for i in indicators
        if facts.score(i) is not None
    ]
    if paragraphs:
        return [Paragraph(text=wording.note_missing_items(facts)), *paragraphs]
    return [Paragraph(text=phrases.load().sentences.no_analysis)]


def _introduce_group(facts: ResultFacts, indicator: str) -> list[Block]:
    """Before its first indicator: the score of an instrument, what it reflects, and what to do."""
    return [
        Paragraph(text=advice)
        for group in facts.instrument_groups
        if group.indicators[:1] == (indicator,) and (advice := wording.advise_instrument(facts, group))
    ]


def _analyse_indicator(facts: ResultFacts, number: str, indicator: str) -> list[Block]:
    """The items of one indicator, by instrument."""
    blocks: list[Block] = [Heading(f"{number} {facts.indicator_title(indicator)}", 2)]
    if facts.score(indicator) is None:
        return [*blocks, Paragraph(text=phrases.load().sentences.no_indicator_score)]
    known = [n for n in facts.item_nodes(indicator) if facts.score(n.id) is not None]
    if not known:
        return [
            *blocks,
            Paragraph(text=wording.describe_indicator(facts, indicator)),
        ]
    by_instrument: dict[str, list[Node]] = {}
    for node in known:
        by_instrument.setdefault(node.instrument or "", []).append(node)
    for instrument, nodes in by_instrument.items():
        mean = f"{instrument}/{indicator}" if f"{instrument}/{indicator}" in facts.framework.nodes else indicator
        if mean != indicator:
            blocks.append(
                Paragraph(
                    text=f"{facts.indicator_title(indicator)} {facts.instrument_label(instrument)}",
                    indent=False,
                    align="left",
                    keep_with_next=True,
                )
            )
        if len(nodes) < sum(n.instrument == instrument for n in facts.item_nodes(indicator)):
            blocks.append(
                Paragraph(
                    text=phrases.load().sentences.known_items_alone,
                    indent=False,
                    align="left",
                    keep_with_next=True,
                )
            )
        name = phrases.load().headings.development.mean.format(indicator=indicator) + (
            f" {facts.instrument_label(instrument).removeprefix(f'{facts.whole_of(instrument)} ')}"
            if mean != indicator
            else ""
        )
        blocks.append(shared.build_item_table(facts, name, nodes, facts.score_text(mean)))
    return blocks


def _conclude(facts: ResultFacts) -> list[Block]:
    """The plan; where nothing was decided what is recommended, of a total alone of the whole."""
    sentences = phrases.load().sentences
    if facts.data.measures:
        follows = Paragraph(text=sentences.plan_follows.format(agency=facts.agency), keep_with_next=True)
        return [follows, _build_plan(facts), *shared.explain_drafts(facts)]
    indicators = shared.planned_indicators(facts)
    if not indicators:
        return shared.plan_without_indicators(facts)
    titles = phrases.load().headings.columns
    columns = (Column(titles.finding, 13.2), Column(titles.recommendation, 12.5))
    table_rows = []
    for indicator in indicators:
        table_rows.append(Row((Cell(_name_with_score(facts, indicator), span=len(columns)),), "group"))
        cells = wording.describe_finding(facts, indicator), shared.recommend_in_cell(facts, indicator)
        table_rows.append(Row(tuple(map(Cell, cells))))
    return [shared.say_without_measures(facts), Table(columns, tuple(table_rows), size=14)]


def _name_with_score(facts: ResultFacts, indicator: str) -> str:
    title = facts.indicator_title(indicator)
    if facts.score(indicator) is None:
        return title
    return phrases.load().words.with_points.format(subject=title, score=facts.score_text(indicator))


def _build_plan(facts: ResultFacts) -> Table:
    titles, headings = phrases.load().headings.columns, phrases.load().headings.development
    columns = (
        Column(headings.finding, 6.3),
        Column(titles.activity, 4.8),
        Column(titles.steps, 8.0),
        Column(headings.period, 3.3),
        Column(titles.responsible, 3.3),
    )
    table_rows = []
    for indicator in shared.planned_indicators(facts):
        table_rows.append(Row((Cell(_name_with_score(facts, indicator), span=len(columns)),), "group"))
        finding = wording.describe_finding(facts, indicator)
        measures = facts.measures_of(indicator)
        if not measures:
            cells = (finding, phrases.load().sentences.no_measure_of_indicator, "-", "-", "-")
            table_rows.append(Row(tuple(map(Cell, cells))))
        table_rows += [_build_measure_row(m, m.finding or finding) for m in measures]
    if facts.general_measures:
        table_rows.append(Row((Cell(titles.whole_agency, span=len(columns)),), "group"))
        table_rows += [_build_measure_row(m, m.finding) for m in facts.general_measures]
    return Table(columns, tuple(table_rows), size=14)


def _build_measure_row(measure: Measure, finding: str) -> Row:
    steps = shared.number_lines(measure.steps)
    responsible = "\n".join(measure.responsible) or shared.DOTS[:16]
    return Row(tuple(map(Cell, (finding, shared.measure_title(measure), steps, measure.period, responsible))))
