"""Paper 2: the outcome report of the measures: results by instrument, every indicator, recommendations, and the work
done under the plan, whether or not there is a result."""

from collections.abc import Sequence

from prongsai.analysis import Ranked, phrases
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
    numbered,
)
from prongsai.documents.content.data import Measure
from prongsai.documents.content.facts import InstrumentGroup, ResultFacts

KIND = "outcome"
NAME = "รายงานผลการดำเนินการตามมาตรการ"


def compose(facts: ResultFacts) -> Document:
    """The report. Without any score it is of the plan and its follow-ups alone."""
    headings = phrases.load().headings
    lines = headings.follow_up.title
    title = Title((*lines, *shared.agency_lines(facts), shared.name_of_year(facts.year)))
    opening = Paragraph(text=wording.describe_participation(facts))
    sentences = phrases.load().sentences
    end = sentences.report_end if facts.data.measures else sentences.report_end_without_measures
    closing = shared.build_closing(facts, end)
    if not facts.scores:
        sections = [Section((title, opening, *_report_work(facts), *closing), landscape=True)]
    else:
        report = Section((title, opening, *_report_result(facts)))
        work = (Heading(f"5. {headings.outcome.work}"), *_report_work(facts), *closing)
        sections = [report, Section(work, landscape=True)]
    sections += _list_evidence(facts)
    name = f"{''.join(lines)} {wording.format_fiscal_year(facts.year)}"
    return shared.build_document(facts, KIND, name, sections)


def _report_result(facts: ResultFacts) -> list[Block]:
    """Method, results by instrument, strengths and points to develop, and recommendations."""
    headings = phrases.load().headings.outcome
    return [
        Heading(f"1. {headings.method}"),
        Paragraph(text=wording.describe_method(facts)),
        Heading(f"2. {headings.by_instrument}"),
        *(
            block
            for n, group in enumerate(facts.instrument_groups, 1)
            for block in _report_group(facts, f"2.{n}", group)
        ),
        Heading(f"3. {headings.standing}"),
        Paragraph(text=f"{wording.describe_counts(facts)} {wording.note_missing_items(facts)}".strip()),
        *_list_indicators(facts, f"3.1 {headings.strengths}", facts.findings.strengths),
        *_list_indicators(facts, f"3.2 {headings.gaps}", facts.findings.to_develop[::-1]),
        *shared.list_comments(facts),
        Heading(f"4. {headings.recommendations}"),
        *_list_recommendations(facts),
    ]


def _report_group(facts: ResultFacts, number: str, group: InstrumentGroup) -> list[Block]:
    lines = [(f"{i}. {facts.label(i)}", facts.score_text(i)) for i in group.indicators if facts.score(i) is not None]
    blocks: list[Block] = [Heading(f"{number} {group.label} ({group.id})", 2)]
    if lines:
        blocks.append(Paragraph(text=wording.describe_purpose(facts, group), keep_with_next=True))
        blocks.append(shared.build_table_of_means(lines))
    else:
        blocks.append(Paragraph(text=phrases.load().sentences.no_indicators_of_instrument))
    if len(group.instruments) > 1 and all(facts.score(i) is not None for i in group.instruments):
        scores = [
            phrases.load().sentences.mean_of_part.format(part=facts.instrument_label(i), score=facts.score_text(i))
            for i in group.instruments
        ]
        blocks.append(Paragraph(text=" ".join(scores)))
    blocks.append(Paragraph(text=wording.describe_instrument(facts, group.id)))
    return blocks


def _list_indicators(facts: ResultFacts, title: str, ranked: Sequence[Ranked]) -> list[Block]:
    if not ranked:
        return []
    return [
        Heading(title, 2),
        *(
            Paragraph(text=wording.describe_indicator(facts, r.node), lead=facts.indicator_title(r.node))
            for r in ranked
        ),
    ]


def _list_recommendations(facts: ResultFacts) -> list[Block]:
    """By instrument: its score, what that says, and the actions for its weak items."""
    blocks: list[Block] = []
    for number, group in enumerate(facts.instrument_groups, 1):
        priorities = wording.rank_priorities(facts, group=group)
        advice = wording.advise_instrument(facts, group)
        if not advice and not priorities:
            continue
        follows = f" {wording.announce_actions(advice)}" if priorities else ""
        blocks.append(Heading(f"4.{number} {group.label} ({group.id})", 2))
        blocks.append(Paragraph(text=f"{advice}{follows}".strip(), keep_with_next=bool(priorities)))
        if priorities:
            blocks.append(numbered(f"{subject} {action}" for subject, action in priorities))
    return blocks or [Paragraph(text=wording.explain_no_actions(facts))]


def _report_work(facts: ResultFacts) -> list[Block]:
    """The work done under the plan, whatever the result."""
    sentences, year = phrases.load().sentences, wording.format_fiscal_year(facts.year)
    if not facts.data.measures:
        return [Paragraph(text=sentences.no_measures)]
    return [
        Paragraph(text=sentences.work_follows.format(agency=facts.agency, year=year)),
        *_build_outcome_table(facts),
    ]


def _build_outcome_table(facts: ResultFacts) -> list[Table]:
    """Measure, steps, responsible units, period, work done, suggestion."""
    titles, headings = phrases.load().headings.columns, phrases.load().headings.outcome
    columns = (
        Column(titles.measure, 4.6),
        Column(headings.steps, 6.6),
        Column(titles.responsible, 2.8),
        Column(headings.period, 2.9),
        Column(titles.work, 5.2),
        Column(headings.obstacles, 3.6),
    )
    table_rows = []
    for number, measure in enumerate(facts.data.measures, 1):
        cells = (
            f"{number}. {measure.title}",
            shared.number_lines(measure.steps),
            "\n".join(measure.responsible),
            measure.period,
            *summarize_follow_ups(measure),
        )
        table_rows.append(Row(tuple(map(Cell, cells))))
    return [Table(columns, tuple(table_rows), size=14, keep_with_next=True)]


def _list_evidence(facts: ResultFacts) -> list[Section]:
    """An annex with every piece of evidence, where the table names the first few of a follow-up alone."""
    if all(len(f.evidence) <= wording.MAX_NAMED_EVIDENCE for m in facts.data.measures for f in m.follow_ups):
        return []
    evidence = shared.list_evidence(facts.data.measures)
    table = shared.build_evidence_table(evidence, [e.name for e in evidence])
    return [Section((Heading(phrases.load().headings.outcome.evidence), table))]


def summarize_follow_ups(measure: Measure) -> tuple[str, str]:
    """(work done, obstacles and suggestions) of all follow-ups of a measure."""
    if not measure.follow_ups:
        return phrases.load().sentences.no_follow_up, ""
    work_done = [wording.describe_work(f) for f in measure.follow_ups]
    suggestions = [text for f in measure.follow_ups for text in (wording.name_obstacles(f), f.suggestion)]
    return shared.number_lines(work_done), shared.number_lines(suggestions)
