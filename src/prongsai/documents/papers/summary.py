"""Paper 1: a summary of the result for an executive: level and what it means, ranking, and what to do about every weak
item, most urgent first."""

from decimal import Decimal

from prongsai.analysis import phrases
from prongsai.documents.content import shared, wording
from prongsai.documents.content.blocks import (
    Block,
    Column,
    Document,
    Heading,
    KeyFigures,
    Paragraph,
    Section,
    Table,
    Title,
    numbered,
    rows,
)
from prongsai.documents.content.facts import ResultFacts

KIND = "summary"
NAME = "สรุปผลการประเมินและข้อเสนอแนะ"
_SECOND_LINE = "ในการดำเนินงาน"  # where a long name of an assessment goes on in another line


def compose(facts: ResultFacts) -> Document:
    heading = phrases.load().headings.summary.title.format(assessment=wording.name_assessment(facts))
    title = f"{heading} {wording.format_fiscal_year(facts.year)}"
    blocks: list[Block] = [
        Title((*_title_lines(facts), shared.name_of_year(facts.year), *shared.agency_lines(facts))),
        *_list_key_figures(facts),
        *(_rank_indicators(facts) or _list_instruments(facts)),
        *_paragraphs(
            wording.describe_overall(facts),
            wording.describe_level(facts),
            wording.describe_share(facts),
            wording.compare_overall(facts) if facts.previous else "",
            wording.describe_shortfalls(facts),
            wording.describe_counts(facts),
            wording.describe_extremes(facts),
        ),
        *_list_recommendations(facts),
        *shared.list_comments(facts),
    ]
    return shared.build_document(facts, KIND, title, [Section(tuple(blocks))])


def _title_lines(facts: ResultFacts) -> tuple[str, ...]:
    """The title, a long name of the assessment on two lines."""
    headings = phrases.load().headings.summary
    subject, separator, rest = wording.name_assessment(facts).partition(_SECOND_LINE)
    first = headings.title.format(assessment=subject)
    lines = (first, f"{separator}{rest}") if separator else (first,)
    short = wording.abbreviate_assessment(facts)
    return (*lines[:-1], headings.short_name.format(title=lines[-1], assessment=short))


def _paragraphs(*texts: str) -> list[Paragraph]:
    return [Paragraph(text=text) for text in texts if text]


def _list_key_figures(facts: ResultFacts) -> list[KeyFigures]:
    if facts.passes is None:
        return []
    headings = phrases.load().headings.summary
    pairs = [(facts.score_text("overall"), headings.total.format(full=wording.FULL))]
    if facts.level:
        is_stated = facts.data.result.states_level
        pairs.append((facts.level, headings.level if is_stated else headings.computed_level))
    target = headings.target.format(target=facts.target)
    pairs.append((headings.reached if facts.passes else headings.missed, target))
    return [KeyFigures(tuple(pairs))]


def _rank_indicators(facts: ResultFacts) -> list[Table]:
    ranked = [(str(r.rank), facts.label(r.node), r.score) for r in facts.findings.indicators]
    headings = phrases.load().headings
    return _table_of_scores(facts, (headings.summary.rank, headings.columns.indicator), ranked)


def _list_instruments(facts: ResultFacts) -> list[Table]:
    """What is known where the indicators are not."""
    known = ((i, facts.score(i)) for i in facts.listed_instruments)
    scored = [(i, facts.label(i), score) for i, score in known if score is not None]
    return _table_of_scores(facts, ("", phrases.load().headings.summary.instrument), scored)


def _table_of_scores(facts: ResultFacts, names: tuple[str, str], lines: list[tuple[str, str, Decimal]]) -> list[Table]:
    """Number, name, score, and whether it reaches the target; no table without lines."""
    if not lines:
        return []
    headings = phrases.load().headings
    columns = (
        Column(names[0], 1.6, "center"),
        Column(names[1], 8.4),
        Column(headings.columns.score, 2.6, "center"),
        Column(headings.summary.compared, 3.4, "center"),
    )
    reached, missed = headings.summary.target_reached, headings.summary.target_missed
    cells = [
        (number, name, facts.format_score(score), reached if score >= facts.target else missed)
        for number, name, score in lines
    ]
    return [Table(columns, rows(*cells), size=15)]


def _list_recommendations(facts: ResultFacts) -> list[Block]:
    """The closing paragraph, which leads to the actions for every weak item, if there are any."""
    priorities, headings = wording.rank_priorities(facts), phrases.load().headings.summary
    conclusion = wording.conclude(facts)
    last = wording.announce_actions(conclusion) if priorities else wording.explain_no_actions(facts)
    text = f"{conclusion} {last}".strip()
    blocks: list[Block] = [
        Heading(headings.ranked_recommendations if priorities else headings.recommendations),
        Paragraph(text=text, keep_with_next=bool(priorities)),
    ]
    if priorities:
        blocks.append(numbered(f"{subject} {action}" for subject, action in priorities))
    return blocks
