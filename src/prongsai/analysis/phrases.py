"""The phrases of official papers and of plans: ``phrases.yaml`` beside this module, which a Thai editor corrects
without code.

A phrase is plain Thai with named places in braces; each says which it may have. It states no figure: figures come from
the result.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from prongsai import framework as rules
from prongsai.analysis.headings import Headings, Words
from prongsai.analysis.places import Part, Places, Plain
from prongsai.framework import DisclosureItem, Element, Framework, SurveyItem
from prongsai.lib import checked_yaml

FILE = Path(__file__).with_name("phrases.yaml")
_ALIKE = 0.7  # of the letters of two questions
_CONDITION = re.compile(r"\s{0,9}\((?:ถ้า|หาก)[^()]*\)$")  # of a question: “(if there is such a case)”
_YEAR = re.compile(r"พ\.ศ\. \d{4}")


_OfLabel = Annotated[str, Places("label")]


class Levels(Part):
    """What a level means, by where the rules place it."""

    top: Annotated[str, Places("result")]
    reached: Annotated[str, Places("result")]
    below: Annotated[str, Places("result")]
    lowest: Annotated[str, Places("result")]


class Closings(Part):
    """The closing paragraph of a summary, by where the rules place the level."""

    top: Annotated[str, Places("agency")]
    reached: Annotated[str, Places("agency")]
    below: Annotated[str, Places("agency")]
    lowest: Annotated[str, Places("agency")]


class Changes(Part):
    """How a score compares with that of the year before."""

    risen: Annotated[str, Places("points", "year")]
    fallen: Annotated[str, Places("points", "year")]
    same: Annotated[str, Places("year")]


class Statuses(Part):
    """How far a measure is, by the status of its follow-up."""

    waiting: Plain
    doing: Plain
    stuck: Plain
    done: Plain


class Sentences(Part):
    """Single sentences of the papers."""

    participation: Annotated[str, Places("agency", "assessment", "year")]
    details_follow: Plain
    no_result: Annotated[str, Places("agency", "assessment", "year")]
    work_follows: Annotated[str, Places("agency", "year")]
    period_over: Annotated[str, Places("period")]
    period_running: Annotated[str, Places("period")]
    interim: Plain
    no_measures: Plain
    no_follow_up: Plain
    report_end: Plain
    report_end_without_measures: Plain
    memo_report: Plain
    plan_end_without_measures: Plain
    plan_end: Plain
    shortfalls: Annotated[str, Places("level", "conditions")]
    items_below: Annotated[str, Places("total", "below", "share")]
    items_short_of_full: Annotated[str, Places("count")]
    no_items_below: Annotated[str, Places("total", "count")]
    indicators_below: Annotated[str, Places("total", "below", "share")]
    share: Annotated[str, Places("percent")]
    about: Annotated[str, Places("percent")]
    nothing_weak: Plain
    actions_follow: Plain
    actions_alone: Plain
    nothing_to_do: Plain
    details_unknown: Plain
    no_reason: Plain
    no_causes: Plain
    missing_instruments: Annotated[str, Places("instruments")]
    comments_follow: Plain
    assessor_comment: Annotated[str, Places("comment")]
    measured: Annotated[str, Places("what")]
    reflected: Annotated[str, Places("what")]
    reflected_in_row: Annotated[str, Places("what")]
    strength: Annotated[str, Places("what")]
    gap: Annotated[str, Places("what")]
    full_marks: Plain
    level_as_announced: Plain
    level_computed: Plain
    items_reached: Annotated[str, Places("total", "reached")]
    no_items_reached: Annotated[str, Places("total")]
    weak_items: Annotated[str, Places("items")]
    more_items: Annotated[str, Places("count")]
    all_items_full: Plain
    all_items_reached: Plain
    no_item_scores: Plain
    no_indicator_score: Plain
    score_of_earlier_result: Annotated[str, Places("score", "source")]
    instrument_purpose: Annotated[str, Places("instrument", "purpose", "count")]
    unlike_years: Plain
    plan_of_finding: Annotated[str, Places("finding")]
    reason_of_paper: Annotated[str, Places("assessment", "assessed", "year", "item", "label")]
    reason_before_rules: Annotated[str, Places("assessment", "assessed", "year", "item", "label")]
    reason_without_item: Plain
    use_of_results: Annotated[str, Places("agency", "year")]
    use_of_results_without_measures: Annotated[str, Places("agency", "year")]
    plan_without_measures: Annotated[str, Places("year")]
    no_measure: Plain
    no_measure_of_indicator: Plain
    plan_follows: Annotated[str, Places("agency")]
    analysis_follows: Plain
    prepared_by: Plain
    drafts: Plain
    monitored: Annotated[str, Places("interval")]
    monitored_as: Annotated[str, Places("how")]
    latest_follow_up: Annotated[str, Places("on", "result")]
    method: Annotated[str, Places("assessment", "year", "count", "instruments", "full", "target")]
    indicators_of_instrument: Annotated[str, Places("instrument", "count")]
    overall: Annotated[str, Places("agency", "year", "score")]
    no_total: Annotated[str, Places("agency", "year")]
    in_level: Annotated[str, Places("level")]
    target_reached: Annotated[str, Places("target")]
    target_missed: Annotated[str, Places("target")]
    shortfall: Annotated[str, Places("what", "needed", "score")]
    no_indicators: Plain
    all_strengths: Annotated[str, Places("total", "target")]
    no_strengths: Annotated[str, Places("total", "target")]
    strengths_and_gaps: Annotated[str, Places("total", "target", "strengths", "gaps")]
    all_equal: Annotated[str, Places("score")]
    extremes: Annotated[str, Places("highest", "lowest")]
    to_develop: Annotated[str, Places("indicators")]
    no_previous_result: Plain
    overall_change: Annotated[str, Places("change", "year", "previous")]
    previous_level: Annotated[str, Places("year", "level")]
    movements: Annotated[str, Places("year", "moved")]
    moved: Annotated[str, Places("direction", "count", "indicators")]
    no_instrument_score: Annotated[str, Places("instrument")]
    instrument_reached: Annotated[str, Places("instrument", "score")]
    instrument_missed: Annotated[str, Places("instrument", "score")]
    provisional_rules: Annotated[str, Places("years")]
    memo_background: Annotated[str, Places("organiser", "assessment", "year")]
    memo_end: Plain
    memo_causes: Annotated[str, Places("disclosure", "count")]
    memo_first_causes: Annotated[str, Places("disclosure", "count", "shown")]
    memo_full_marks: Annotated[str, Places("disclosure")]
    memo_maintain: Annotated[str, Places("year")]
    memo_proposals: Annotated[str, Places("year")]
    memo_annexed: Plain
    memo_first_proposals: Plain
    memo_proposals_follow: Plain
    memo_others: Annotated[str, Places("what", "count", "unit")]
    follow_up_background: Annotated[str, Places("agency", "before", "year", "count", "due")]
    follow_up_end: Plain
    no_obstacles: Plain
    pictures_left_out: Plain
    no_indicators_of_instrument: Plain
    mean_of_part: Annotated[str, Places("part", "score")]
    no_instruments: Plain
    no_analysis: Plain
    known_items_alone: Plain
    checklist: Annotated[str, Places("filed", "total")]
    links_checked: Annotated[str, Places("agency", "period", "checks", "faults", "total")]
    links_unchecked: Annotated[str, Places("count")]
    round_without_agencies: Plain
    round_overdue: Annotated[str, Places("count", "percent")]
    round_in_time: Plain
    no_survey_progress: Plain


class Disclosures(Part):
    """What to do about a disclosure item, in full and for a cell; ``reachable`` where its elements name the period."""

    action: Annotated[str, Places("label", "elements", "period")]
    step: _OfLabel
    reachable: Plain


class Periods(Part):
    """Of which period the data of a disclosure item are, by the year of the assessment."""

    any: Annotated[str, Places("year", "before")]
    assessed_year: Annotated[str, Places("year", "before")]
    first_half: Annotated[str, Places("year", "before")]
    previous_year: Annotated[str, Places("year", "before")]


class FindingPhrases(Part):
    """The findings that the measures of a plan answer."""

    not_assessed: _OfLabel
    unknown: _OfLabel
    below: Annotated[str, Places("label", "year", "score", "target")]
    without_items: Plain
    review: Annotated[str, Places("count")]
    strength: Annotated[str, Places("label", "year", "score", "target")]
    fallen: Annotated[str, Places("label", "before", "score")]
    item_fallen: Annotated[str, Places("item", "label", "before", "score")]
    disclosure_below: Annotated[str, Places("item", "label")]
    instrument_below: Annotated[str, Places("instrument", "label", "score", "target")]
    level_missed: Annotated[str, Places("what", "score", "short", "level", "needed")]
    level_missed_too: Annotated[str, Places("what", "short", "level", "needed")]
    total: Plain
    instrument: Annotated[str, Places("instrument")]


class MeasurePhrases(Part):
    """The drafts of a plan's measures: titles, steps, and what shows that they succeeded."""

    follow: _OfLabel
    raise_: _OfLabel
    maintain: _OfLabel
    maintain_and_correct: _OfLabel
    raise_total: Plain
    keep_practice: _OfLabel
    report: Plain
    hasten: Annotated[str, Places("indicator", "label")]
    follow_all: Plain
    success_target: Annotated[str, Places("subject", "year", "target")]
    success_maintained: Annotated[str, Places("subject", "year", "score")]
    success_level: Annotated[str, Places("year")]


class WithoutIndicators(Part):
    """What is done where the scores of the indicators are not known."""

    heading: Plain
    follows: Annotated[str, Places("agency")]
    actions: tuple[Plain, ...]


class InstrumentPhrases(Part):
    """The purpose of an instrument, and what its score says with what to do, at or above the target and below it; and
    at full marks, where that is not said in the words of the target."""

    purpose: Plain
    reached: Plain
    below: Plain
    full: Plain = ""


class Kinds(Part):
    """Of an instrument without phrases of its own, by its kind in the rules."""

    survey: InstrumentPhrases
    disclosure: InstrumentPhrases


class OtherIndicator(Part):
    """Of an indicator without phrases of its own, and of a question without an action of its own."""

    measures: Annotated[str, Places("meaning")]
    high: _OfLabel
    middling: _OfLabel
    low: _OfLabel
    strength: _OfLabel
    gap: _OfLabel
    action: _OfLabel
    question_action: Annotated[str, Places("question", "remedy")]


class IndicatorPhrases(Part):
    """What an indicator measures, what a high, middling or low score reflects, its strength and its gap, and what to
    do. ``names`` are the labels under which the rules know it: another indicator of the same id is not meant."""

    names: tuple[str, ...]
    measures: Annotated[str, Places("topics")]
    high: Plain
    middling: Plain
    low: Plain
    strength: Plain
    gap: Plain
    actions: tuple[Plain, ...]


class QuestionPhrases(Part):
    """Of a weak question, by its id in the years that ask it: what its respondents say, and what to do."""

    years: tuple[int, ...]
    defects: dict[str, Plain] = Field(default_factory=dict)
    actions: dict[str, Plain]


class AssessmentPhrases(Part):
    """``elements``: what a disclosure must contain as official papers say it, by the words of the rules, which speak to
    who files and who marks. ``organiser``: who writes to the agencies that are assessed."""

    organiser: Plain
    instruments: dict[str, InstrumentPhrases]
    indicators: dict[str, IndicatorPhrases]
    questions: tuple[QuestionPhrases, ...]
    elements: dict[str, Annotated[str, Places("year", "before", figures=True)]] = Field(default_factory=dict)


class Phrases(Part):
    levels: Levels
    closings: Closings
    changes: Changes
    statuses: Statuses
    sentences: Sentences
    words: Words
    headings: Headings
    disclosures: Disclosures
    periods: Periods
    findings: FindingPhrases
    measures: MeasurePhrases
    without_indicators: WithoutIndicators
    kinds: Kinds
    other_indicator: OtherIndicator
    assessments: dict[str, AssessmentPhrases]


def join(phrases: Sequence[str]) -> str:
    """ก ข และ ค"""
    if len(phrases) < 2:
        return phrases[0] if phrases else ""
    return f"{' '.join(phrases[:-1])} และ{' ' if phrases[-1][:1].isascii() else ''}{phrases[-1]}"


class IndicatorWords(NamedTuple):
    """The phrases of one indicator of a year's rules, complete."""

    measures: str
    high: str
    middling: str
    low: str
    strength: str
    gap: str
    actions: tuple[str, ...]


def read(path: Path) -> Phrases:
    """The phrases of a file. Raises FileMistakesError with every mistake at once."""
    return checked_yaml.read(path, Phrases)


@cache
def load() -> Phrases:
    """The phrases that come with the program."""
    return read(FILE)


def find_indicator(framework: Framework, indicator: str) -> IndicatorPhrases | None:
    """The phrases of an indicator; None where the assessment or the indicator has none of its own."""
    assessment = load().assessments.get(framework.assessment)
    found = assessment.indicators.get(indicator) if assessment else None
    return found if found and framework.nodes[indicator].label.th in found.names else None


def describe_indicator(framework: Framework, indicator: str) -> IndicatorWords:
    """The phrases of an indicator, of its own or from what the rules say of it."""
    found = find_indicator(framework, indicator)
    if found is not None:
        topics = [s.label.th for s in framework.rules.sub_indicators if s.indicator == indicator]
        measures = found.measures.format(topics=join(topics))
        return IndicatorWords(measures, found.high, found.middling, found.low, found.strength, found.gap, found.actions)
    other, label = load().other_indicator, framework.nodes[indicator].label.th
    return IndicatorWords(
        measures=other.measures.format(meaning=framework.indicators[indicator].meaning.th),
        high=other.high.format(label=label),
        middling=other.middling.format(label=label),
        low=other.low.format(label=label),
        strength=other.strength.format(label=label),
        gap=other.gap.format(label=label),
        actions=(other.action.format(label=label),),
    )


def find_organiser(framework: Framework) -> str:
    """Who writes to the agencies that an assessment assesses; empty where nothing is written for it."""
    assessment = load().assessments.get(framework.assessment)
    return assessment.organiser if assessment else ""


def find_question_action(framework: Framework, question: str) -> str | None:
    """What to do about a weak question of a year; None where nothing is written for it."""
    entry, known_as = _find_question(framework, question)
    return entry.actions.get(known_as) if entry else None


def find_question_defect(framework: Framework, question: str) -> str | None:
    """What respondents say by a weak answer to a question of a year; None where nothing is written for it."""
    entry, known_as = _find_question(framework, question)
    return entry.defects.get(known_as) if entry else None


def recommend(framework: Framework, item: SurveyItem | DisclosureItem, year: int) -> str:
    """What to do about a weak item before the assessment of a ``year``, whose papers it names; of a disclosure with the
    elements that are required of every agency."""
    if isinstance(item, DisclosureItem):
        return publish(framework, item, [e for e in item.elements if not e.only_for], year)
    return recommend_for_question(framework, item)


def publish(framework: Framework, item: DisclosureItem, required: Sequence[Element], year: int) -> str:
    """What to publish for a disclosure item before the assessment of a year: its ``required`` elements, and of which
    period the data are, unless an element says that."""
    elements = [describe_element(framework, element, year) for element in required]
    period: str = getattr(load().periods, item.period)
    filled = period.format(year=year, before=year - 1)
    is_named = any(named in element for named in _YEAR.findall(filled) for element in elements)
    return load().disclosures.action.format(
        label=name_data(item),
        elements=letter_items(elements),
        period=load().disclosures.reachable if is_named else filled,
    )


def describe_element(framework: Framework, element: Element, year: int) -> str:
    """What a disclosure must contain as official papers say it, in the assessment of a year; in the words of the rules
    where nothing is written for them."""
    assessment = load().assessments.get(framework.assessment)
    words = assessment.elements.get(element.th) if assessment else None
    return words.format(year=year, before=year - 1) if words else element.th


def recommend_for_question(framework: Framework, item: SurveyItem) -> str:
    """What to do about a weak question, of its own or from what the rules advise."""
    action = find_question_action(framework, item.id)
    return action or load().other_indicator.question_action.format(question=f"“{ask(item)}”", remedy=item.advice.remedy)


def ask(item: SurveyItem | DisclosureItem) -> str:
    """A question without the words that ask how much."""
    name = _CONDITION.sub("", item.label.th)
    return name.removesuffix("มากน้อยเพียงใด").removesuffix("หรือไม่").strip()


def name_data(item: DisclosureItem) -> str:
    """The data that a disclosure item is about, to stand after a verb."""
    label = item.label.th
    if not label.startswith("ข้อมูล"):
        label = f"ข้อมูล{' ' if label[:1].isascii() else ''}{label}"
    return f"{label} " if label[-1].isascii() else label


_LETTERS = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"


def letter_items(texts: Sequence[str]) -> str:
    """(ก) … (ข) …: several texts in one sentence."""
    if len(texts) < 2 or len(texts) > len(_LETTERS):
        return " ".join(texts)
    return " ".join(f"({letter}) {text}" for letter, text in zip(_LETTERS, texts, strict=False))


def _find_question(framework: Framework, question: str) -> tuple[QuestionPhrases | None, str]:
    """The phrases of a question, and the id under which it stands there.

    A year that no phrases name inherits those of the last year before it: of the question that its own continues, as
    long as both ask alike. The rules of that year tell how it asked.
    """
    assessment = load().assessments.get(framework.assessment)
    entries = assessment.questions if assessment else ()
    year = framework.fiscal_year
    written = {y: entry for entry in entries for y in entry.years if y <= year}
    if year in written:
        return written[year], question
    item = framework.items.get(question)
    if not written or item is None:
        return None, question
    last = max(written)
    asked = _list_questions(framework.assessment, last)
    candidates = [name for name in dict.fromkeys((*item.continues, question)) if name in asked]
    follows = last == year - 1
    for name in candidates:
        if (follows and name in item.continues) or _ask_alike(asked[name], item.label.th):
            return written[last], name
    return None, question


@cache
def _list_questions(assessment: str, fiscal_year: int) -> dict[str, str]:
    """The questions of a shipped year; none of one that is not."""
    if (assessment, fiscal_year) not in rules.available():
        return {}
    return {item.id: item.label.th for item in rules.load(assessment, fiscal_year).rules.survey_items}


def _ask_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def describe_instrument(framework: Framework, group: str, kind: str) -> InstrumentPhrases:
    """The phrases of an instrument or composite, of its own or of its kind."""
    assessment = load().assessments.get(framework.assessment)
    found = assessment.instruments.get(group) if assessment else None
    kinds = load().kinds
    return found or (kinds.disclosure if kind == "disclosure" else kinds.survey)
