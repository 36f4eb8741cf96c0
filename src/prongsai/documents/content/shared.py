"""Blocks that several papers share: tables of scores, charts, signatures, the document itself."""

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prongsai.analysis import phrases
from prongsai.documents.content import blocks, wording
from prongsai.documents.content.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Paragraph,
    Row,
    Section,
    Signature,
    Table,
    rows,
)
from prongsai.documents.content.data import Attachment, Measure, Signatory
from prongsai.documents.content.facts import ResultFacts
from prongsai.framework import Node
from prongsai.lib import charts, fiscal, thai

DOTS = "." * 30


def build_document(
    facts: ResultFacts,
    kind: str,
    title: str,
    sections: Sequence[Section],
    *,
    rests_on_rules: bool = True,
    rests_on_following: bool = False,
    evidence: tuple[tuple[str, str], ...] = (),
) -> Document:
    """The complete document, in the digits of its setting. Without a date, the file carries the last day of the fiscal
    year. One that says something of the rules (``rests_on_rules``), or of those of the year after
    (``rests_on_following``), notes where they are provisional. ``evidence``: name and SHA-256 of the files annexed to
    it."""
    formatting = facts.data.formatting
    if rests_on_rules and (note := wording.describe_provisional_rules(facts, with_following=rests_on_following)):
        sections = _add_remark(sections, Paragraph(text=note, lead=phrases.load().words.remark, indent=False))
    document = Document(
        kind=kind,
        title=title,
        agency=facts.agency,
        sections=tuple(sections),
        date=facts.data.date or datetime.date(facts.year - 543, 9, 30),
        font=formatting.font,
        evidence=evidence,
    )
    in_its_digits: Document = blocks.in_digits(document, formatting.digits)
    return in_its_digits


def _add_remark(sections: Sequence[Section], remark: Paragraph) -> list[Section]:
    """The sections with a remark where people sign, before the sentence above the signatures; at the end of a paper
    that nobody signs. After an annex it could stand on a page alone."""
    signed = [n for n, s in enumerate(sections) if s.memo or any(isinstance(block, Signature) for block in s.blocks)]
    place = signed[-1] if signed else len(sections) - 1
    found = sections[place].blocks
    end = len(found)
    while end and isinstance(found[end - 1], Signature):
        end -= 1
    while end and isinstance(before := found[end - 1], Paragraph) and before.keep_with_next:
        end -= 1
    with_remark = dataclasses.replace(sections[place], blocks=(*found[:end], remark, *found[end:]))
    return [*sections[:place], with_remark, *sections[place + 1 :]]


def name_of_year(year: int) -> str:
    """The line of a title that names the fiscal year."""
    return phrases.load().words.of_year.format(year=wording.format_fiscal_year(year))


def describe_period(fiscal_year: int, months: int) -> str:
    """The first months of a fiscal year: how many they are, and from which to which."""
    words = phrases.load().words
    first, last = (fiscal.month_name(fiscal_year, month) for month in (1, months))
    return words.period.format(title=words.months.format(months=months), first=first, last=last)


def agency_lines(facts: ResultFacts) -> tuple[str, ...]:
    """The agency and its place, for the title of a document."""
    return (facts.agency, facts.data.office.place) if facts.data.office.place else (facts.agency,)


def describe_due(facts: ResultFacts, period: str) -> str:
    """Why a report is written now: its period is over, or still running."""
    sentences = phrases.load().sentences
    return (sentences.period_running if facts.data.is_interim else sentences.period_over).format(period=period)


def note_interim(facts: ResultFacts) -> list[Paragraph]:
    """What a report says under its title while its period is not over."""
    if not facts.data.is_interim:
        return []
    return [Paragraph(text=phrases.load().sentences.interim, indent=False, align="center")]


def number_lines(texts: Sequence[str]) -> str:
    """Several texts for one cell, numbered when there is more than one."""
    filled = [text for text in texts if text]
    return "\n".join(f"{n}) {text}" for n, text in enumerate(filled, 1)) if len(filled) > 1 else "".join(filled)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A piece of evidence as an annex numbers it: a link, or a file with its pictures."""

    number: int
    measure: str
    date: str
    name: str
    attachment: Attachment | None = None


def list_evidence(measures: Sequence[Measure]) -> list[Evidence]:
    """Every piece of evidence with its measure and the day of its report."""
    found = [
        (f"{number}. {measure.title}", thai.date(f.date) if f.date else "-", name, attachment)
        for number, measure in enumerate(measures, 1)
        for f in measure.follow_ups
        for name, attachment in (*((file, None) for file in f.files), *((a.name, a) for a in f.attachments))
    ]
    return [
        Evidence(number=number, measure=measure, date=date, name=name, attachment=attachment)
        for number, (measure, date, name, attachment) in enumerate(found, 1)
    ]


def build_evidence_table(evidence: Sequence[Evidence], descriptions: Sequence[str]) -> Table:
    """The list of an annex; ``descriptions``: what is said of each piece."""
    titles = phrases.load().headings.columns
    columns = (
        Column(titles.number, 1.2, "center"),
        Column(titles.measure, 4.6),
        Column(titles.reported, 2.8),
        Column(titles.evidence, 7.4),
    )
    lines = [(str(e.number), e.measure, e.date, text) for e, text in zip(evidence, descriptions, strict=True)]
    return Table(columns, rows(*lines), size=14)


def measure_title(measure: Measure) -> str:
    """The title of a measure; a draft is marked."""
    return f"{measure.title} {phrases.load().words.draft}" if measure.is_draft else measure.title


def explain_drafts(facts: ResultFacts) -> list[Block]:
    """What a paper says of measures that nobody has approved yet; nothing where there are none."""
    if not any(measure.is_draft for measure in facts.data.measures):
        return []
    return [Paragraph(text=phrases.load().sentences.drafts, indent=False, keep_with_next=True)]


def say_without_measures(facts: ResultFacts) -> Paragraph:
    """What a paper says that has no measures, of the year that they would be of."""
    year = wording.format_fiscal_year(facts.year + 1)
    return Paragraph(text=phrases.load().sentences.plan_without_measures.format(year=year), keep_with_next=True)


def recommend_in_cell(facts: ResultFacts, indicator: str) -> str:
    """What to do about an indicator, in the table of a paper that has no measures."""
    return number_lines(wording.recommend_for_indicator(facts, indicator))


def plan_without_indicators(facts: ResultFacts) -> list[Block]:
    """What is done where no indicator has a score and nothing was decided: no draft for what nobody knows."""
    words = phrases.load().without_indicators
    return [
        Paragraph(text=words.follows.format(agency=facts.agency), keep_with_next=True),
        blocks.numbered(words.actions),
    ]


def planned_indicators(facts: ResultFacts) -> list[str]:
    """The indicators that a table of measures has rows for: all of them, but where no score is known only those that
    the agency decided something about."""
    has_scores = bool(facts.findings.indicators)
    return [i for i in facts.framework.indicators if has_scores or facts.measures_of(i)]


# --- tables


def build_score_table(facts: ResultFacts, title: str, nodes: Sequence[tuple[str, str]], *, numbered: bool) -> Table:
    """Scores of nodes, as (node, name), beside those of the previous year; of this year alone when there is none."""
    previous = facts.previous
    titles = phrases.load().headings.columns
    columns = [Column(titles.indicator_number, 2.0, "center")] if numbered else []
    columns.append(Column(title, (16 if previous else 12.7) - (9.0 if previous else 0) - 2 * numbered))
    if previous:
        columns.append(Column(titles.year.format(year=previous.framework.fiscal_year), 3.3, "center"))
    columns.append(Column(titles.year.format(year=facts.year), 3.3, "center"))
    if previous:
        columns.append(Column(titles.change, 2.4, "center"))
    rows = []
    for node, name in nodes:
        movement = facts.movements.get(node)
        cells = [node, name] if numbered else [name]
        if previous:
            cells.append(facts.format_score(movement.previous) if movement else "-")
        cells.append(facts.score_text(node))
        if previous:
            cells.append(facts.format_change(movement.change) if movement else "-")
        rows.append(Row(tuple(map(Cell, cells)), "total" if node == "overall" else "plain"))
    return Table(tuple(columns), tuple(rows))


def build_table_of_means(lines: Sequence[tuple[str, str]]) -> Table:
    """Indicators and their means."""
    titles = phrases.load().headings.columns
    return Table((Column(titles.indicator, 11.5), Column(titles.mean, 4.5, "center")), rows(*lines))


def build_item_table(facts: ResultFacts, name: str, nodes: Sequence[Node], mean: str) -> Table:
    """Each known item of an indicator with its question, defect and remedy; the last row is the mean under ``name``."""
    titles = phrases.load().headings.columns
    columns = (
        Column(titles.item, 1.4, "center"),
        Column(titles.question, 4.2),
        Column(titles.score, 2.1, "center"),
        Column(titles.defect, 3.9),
        Column(titles.remedy, 4.4),
    )
    rows = []
    for node in nodes:
        value = facts.score(node.id)
        if value is None or node.item is None:
            continue
        defect, remedy = wording.find_no_defect() if value == 100 else wording.describe_defect(facts, node.item)
        rows.append(Row(tuple(map(Cell, (node.item.id, node.label.th, facts.score_text(node.id), defect, remedy)))))
    rows.append(Row((Cell(name, span=2), Cell(mean, align="center"), Cell("", span=2)), "total"))
    return Table(columns, tuple(rows), size=14)


# --- charts


@dataclass(frozen=True, kw_only=True)
class _Bar:
    node: str
    name: str
    score: Decimal
    before: Decimal | None
    reached: bool


def list_comments(facts: ResultFacts, *, besides: Sequence[str] = ()) -> list[Block]:
    """What assessors wrote of items whose scores nobody knows, and which no table of items holds. ``besides`` are
    indicators in whose rows the same stands."""
    indicators = [i for i in facts.framework.indicators if i not in besides]
    comments = [line for indicator in indicators for line in wording.quote_comments(facts, indicator)]
    if not comments:
        return []
    return [Paragraph(text=phrases.load().sentences.comments_follow, keep_with_next=True), blocks.numbered(comments)]


def build_bar_charts(
    facts: ResultFacts, nodes: Sequence[tuple[str, str]], caption: str, *, numbered: bool = True
) -> tuple[Chart, ...]:
    """A bar chart of nodes, as (node, name); nothing when no score is known."""
    bars = []
    for node, name in nodes:
        value = facts.score(node)
        if value is not None:
            movement = facts.movements.get(node)
            bars.append(
                _Bar(
                    node=node if numbered else "",
                    name=name,
                    score=value,
                    before=movement.previous if movement else None,
                    reached=value >= facts.target,
                )
            )
    if not bars:
        return ()
    texts = phrases.load().headings.charts
    if facts.previous and any(bar.before is not None for bar in bars):
        year = facts.previous.framework.fiscal_year
        described = texts.target_and_before.format(caption=caption, target=facts.target, year=year)
    else:
        described = texts.target.format(caption=caption, target=facts.target)
    svg = charts.indicators(bars, facts.target, charts.PAPER)
    return (Chart(str(svg), described),)


# --- signatures

_SIGNATURE_LINES, _OPINION_LINES = 5, 2  # with the space around them
_LINE_LETTERS = 90
_PAGE_LINES = 41  # with room for the sentence before them


def build_closing(facts: ResultFacts, text: str) -> list[Block]:
    """The last sentence of a paper with the lines to sign: its author, then the executive."""
    signatories = facts.data.signatories or (Signatory(""), Signatory(facts.data.office.executive_position))
    ends = (signatories[0], signatories[-1])[: len(signatories)]
    signed = [dataclasses.replace(s, opinion="") for s in ends]
    return [Paragraph(text=text, keep_with_next=True), *build_signatures(signed, with_opinions=False)]


def build_signatures(signatories: Sequence[Signatory], *, with_opinions: bool) -> list[Signature]:
    """The signatories in order; the first is the author, who gives no opinion. They stay on one page with the sentence
    before them, so that no page holds a signature alone; only more than a page holds are divided."""
    signatures = []
    for number, signatory in enumerate(signatories):
        day = thai.date(signatory.signed_on) if signatory.signed_on else ""
        signed = phrases.load().words.signed_on_screen.format(day=day) if day else ""
        has_place = with_opinions and (signatory.opinion or (number and not signatory.signed_on))
        opinion = signatory.opinion if has_place else None
        signatures.append(Signature(signatory.name, signatory.position, opinion, signed))
    together: list[Signature] = []
    height = 0
    for signature in reversed(signatures):
        lines = _SIGNATURE_LINES + (
            _OPINION_LINES + len(signature.opinion) // _LINE_LETTERS if signature.opinion is not None else 0
        )
        has_room = height + lines <= _PAGE_LINES
        together.append(dataclasses.replace(signature, keep_with_next=bool(together) and has_room))
        height = height + lines if has_room else lines
    return together[::-1]
