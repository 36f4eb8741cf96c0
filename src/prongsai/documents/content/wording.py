"""The sentences of documents, made by rules from scores and phrases: official Thai that states the facts and nothing
else. A reason that nobody gave is not guessed.

Digits are Arabic here; a document converts them when its setting is Thai digits. Every sentence is built so that the
project's own reader reads its figures back (see ``readback``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prongsai.analysis import Ranked, phrases
from prongsai.documents.content.data import FollowUp, Measure, YearResult
from prongsai.documents.content.facts import InstrumentGroup, ResultFacts, Share, WeakItem
from prongsai.framework import DisclosureItem, SurveyItem
from prongsai.lib import thai
from prongsai.lib.rounding import half_up
from prongsai.scoring import complete_scores, round_score

FULL = 100  # points
_OF_LEVEL = "ระดับ "  # how a caution about the condition of a level begins
_OF_YEAR = re.compile(r",?\s{0,9}(?:ประจำ)?(?:ปีงบประมาณ|ปี|fiscal year)\s{0,9}(?:พ\.ศ\.)?\s{0,9}\d{4}.*$")


def name_assessment(facts: ResultFacts) -> str:
    """The assessment as its rules name it, without the year."""
    return _OF_YEAR.sub("", facts.framework.rules.title.th)


def abbreviate_assessment(facts: ResultFacts) -> str:
    """The short name of the assessment: ITA."""
    return facts.framework.assessment.upper()


def name_assessment_in_full(facts: ResultFacts) -> str:
    """The assessment with its English and its short name."""
    english = _OF_YEAR.sub("", facts.framework.rules.title.en or "")
    short = abbreviate_assessment(facts)
    return f"{name_assessment(facts)} ({f'{english} : {short}' if english else short})"


def format_fiscal_year(year: int) -> str:
    return phrases.load().words.fiscal_year.format(year=year)


def join_phrases(texts: Sequence[str]) -> str:
    """ก ข และ ค"""
    return phrases.join(texts)


def quote_level(name: str) -> str:
    """A level in a sentence: ระดับ B, ระดับ “ผ่านดี”."""
    words = phrases.load().words
    return (words.level if name.isascii() else words.quoted_level).format(level=name)


def _note_computed(result: YearResult) -> str:
    """After a level: that nobody stated it, where it follows from the scores alone."""
    return "" if result.states_level else f" {phrases.load().sentences.level_computed}"


def _note_level(facts: ResultFacts) -> str:
    """After the level of the result: whose word it is, where that is not plain."""
    if facts.is_level_disputed:
        return f" {phrases.load().sentences.level_as_announced}"
    return _note_computed(facts.data.result)


def name_instrument(group: InstrumentGroup) -> str:
    """An instrument with its English name: แบบวัด… (… : IIT)."""
    return f"{group.label} ({group.label_en} : {group.id})"


def describe_method(facts: ResultFacts) -> str:
    """The instruments and the number of indicators of each."""
    sentences = phrases.load().sentences
    instruments = [
        sentences.indicators_of_instrument.format(instrument=name_instrument(group), count=len(group.indicators))
        for group in facts.instrument_groups
    ]
    return sentences.method.format(
        assessment=name_assessment_in_full(facts),
        year=format_fiscal_year(facts.year),
        count=len(instruments),
        instruments=join_phrases(instruments),
        full=FULL,
        target=facts.target,
    )


# --- the total


def describe_overall(facts: ResultFacts) -> str:
    """The total, the level, and whether the target is reached."""
    sentences = phrases.load().sentences
    names = {"agency": facts.agency, "year": format_fiscal_year(facts.year)}
    if facts.score("overall") is None:
        return sentences.no_total.format(**names)
    sentence = sentences.overall.format(score=facts.score_text("overall"), **names)
    if facts.level is not None:
        sentence += f" {sentences.in_level.format(level=quote_level(facts.level))}{_note_level(facts)}"
    return f"{sentence} {describe_target(facts)}"


def note_missing_instruments(facts: ResultFacts) -> str:
    """Which instruments a result without a total has no score of; empty when it has some of all, or of none."""
    missing = [group.label for group in facts.instrument_groups if not facts.covers(group)]
    if facts.score("overall") is not None or not 0 < len(missing) < len(facts.instrument_groups):
        return ""
    return phrases.load().sentences.missing_instruments.format(instruments=join_phrases(missing))


def describe_target(facts: ResultFacts) -> str:
    """Whether the total reaches the target."""
    sentences = phrases.load().sentences
    return (sentences.target_reached if facts.passes else sentences.target_missed).format(target=facts.target)


def describe_participation(facts: ResultFacts) -> str:
    """That the agency took part, with its result: the opening of a report."""
    sentences = phrases.load().sentences
    names = {
        "agency": facts.agency,
        "assessment": name_assessment_in_full(facts),
        "year": format_fiscal_year(facts.year),
    }
    if not facts.scores:
        return sentences.no_result.format(**names)
    return f"{sentences.participation.format(**names)} {describe_overall(facts)} {sentences.details_follow}"


def describe_level(facts: ResultFacts) -> str:
    """What the level means; empty without a total."""
    if facts.level_standing is None:
        return ""
    subject = phrases.load().words.result if facts.level is None else quote_level(facts.level)
    meaning: str = getattr(phrases.load().levels, facts.level_standing)
    return meaning.format(result=subject)


def describe_share(facts: ResultFacts) -> str:
    """How much of what is known is still to improve, for a paragraph of its own: beside words about the result its
    percentage would be read as a score. Empty when the total alone is known."""
    share, sentences = facts.share_to_improve, phrases.load().sentences
    if share is None or not (share.below or share.of_items):
        return ""
    if not share.below + share.short_of_full:
        return sentences.nothing_weak
    if not share.below:
        return sentences.no_items_below.format(total=share.total, count=share.short_of_full)
    sentence = sentences.items_below if share.of_items else sentences.indicators_below
    first = sentence.format(total=share.total, below=share.below, share=_format_share(share))
    if not share.of_items or not share.short_of_full:
        return first
    return f"{first} {sentences.items_short_of_full.format(count=share.short_of_full)}"


def _format_share(share: Share) -> str:
    """A share as a whole percentage, said to be about so much unless it is exact."""
    sentences, exact = phrases.load().sentences, share.percent_below
    form = sentences.share if exact.denominator == 1 else sentences.about
    return form.format(percent=half_up(exact, 0))


def conclude(facts: ResultFacts) -> str:
    """The closing paragraph by where the result stands; empty without a total."""
    if facts.level_standing is None:
        return ""
    closing: str = getattr(phrases.load().closings, facts.level_standing)
    return closing.format(agency=facts.agency)


def announce_actions(before: str) -> str:
    """What leads to a list of actions: the end of the sentence ``before`` it, or one of its own."""
    sentences = phrases.load().sentences
    return sentences.actions_follow if before else sentences.actions_alone


def explain_no_actions(facts: ResultFacts) -> str:
    """Why no action is recommended: nothing is weak, or nobody knows what is."""
    sentences = phrases.load().sentences
    is_any_known = facts.findings.indicators or any(map(facts.known_items, facts.framework.indicators))
    return sentences.nothing_to_do if is_any_known else sentences.details_unknown


def describe_shortfalls(facts: ResultFacts) -> str:
    """The conditions of the next level that are not met; empty at the top level or when they are unknown."""
    why = facts.why_not_higher
    if why is None or why.next is None:
        return ""
    sentences, words = phrases.load().sentences, phrases.load().words
    conditions = []
    for shortfall in why.shortfalls:
        name = (
            words.total
            if shortfall.node == "overall"
            else words.of_instrument.format(instrument=facts.instrument_label(shortfall.node))
        )
        score = facts.format_score(shortfall.score)
        conditions.append(sentences.shortfall.format(what=name, needed=shortfall.needed, score=score))
    return sentences.shortfalls.format(level=quote_level(why.next), conditions=f" {words.conjunction}".join(conditions))


def note_missing_items(facts: ResultFacts) -> str:
    """That the result has no scores of items; empty when it has any."""
    known = any(facts.has_item_scores(i) for i in facts.framework.indicators)
    return "" if known or not facts.findings.indicators else phrases.load().sentences.no_item_scores


def describe_counts(facts: ResultFacts) -> str:
    """How many indicators reach the target and how many do not."""
    findings, sentences = facts.findings, phrases.load().sentences
    if not findings.indicators:
        return sentences.no_indicators
    total = len(findings.indicators)
    if not findings.to_develop:
        return sentences.all_strengths.format(total=total, target=facts.target)
    if not findings.strengths:
        return sentences.no_strengths.format(total=total, target=facts.target)
    return sentences.strengths_and_gaps.format(
        total=total, target=facts.target, strengths=len(findings.strengths), gaps=len(findings.to_develop)
    )


def describe_extremes(facts: ResultFacts) -> str:
    """The highest and the lowest indicators, with all ties."""
    findings, sentences = facts.findings, phrases.load().sentences
    if not findings.indicators:
        return ""
    if findings.highest[0].score == findings.lowest[0].score:
        return sentences.all_equal.format(score=facts.format_score(findings.highest[0].score))
    highest, lowest = _list_ranked(facts, findings.highest), _list_ranked(facts, findings.lowest)
    return sentences.extremes.format(highest=highest, lowest=lowest)


def describe_points_to_develop(facts: ResultFacts) -> str:
    """The indicators below the target, lowest score first; empty when there are none."""
    below = facts.findings.to_develop[::-1]
    return phrases.load().sentences.to_develop.format(indicators=_list_ranked(facts, below)) if below else ""


def _list_ranked(facts: ResultFacts, ranked: Sequence[Ranked]) -> str:
    return join_phrases([_indicator_subject(facts, r) for r in ranked])


# --- compared with the previous year


def describe_change(facts: ResultFacts, difference: Decimal) -> str:
    words = phrases.load().words
    if difference == 0:
        return words.same
    direction = words.risen if difference > 0 else words.fallen
    return words.changed.format(direction=direction, score=facts.format_score(abs(difference)))


def describe_overall_change(facts: ResultFacts) -> str:
    """The total compared with the previous year's, or that there is none to compare with."""
    movement = facts.movements.get("overall")
    if movement is None or facts.previous is None:
        return phrases.load().sentences.no_previous_result
    same = phrases.load().words.same_score
    change = same if movement.change == 0 else describe_change(facts, movement.change)
    return phrases.load().sentences.overall_change.format(
        change=change,
        year=format_fiscal_year(facts.previous.framework.fiscal_year),
        previous=facts.format_score(movement.previous),
    )


def compare_overall(facts: ResultFacts) -> str:
    """The total compared with the previous year's, in a sentence of its own, with the level of that year."""
    changed = phrases.load().words.total_changed.format(change=describe_overall_change(facts))
    return f"{changed} {describe_previous_level(facts)}".strip()


def describe_previous_level(facts: ResultFacts) -> str:
    """The level of the previous year as a sentence of its own; empty when there is none."""
    if facts.previous is None or facts.previous_level is None or "overall" not in facts.movements:
        return ""
    year = format_fiscal_year(facts.previous.framework.fiscal_year)
    sentence = phrases.load().sentences.previous_level.format(year=year, level=quote_level(facts.previous_level))
    return f"{sentence}{_note_computed(facts.previous)}"


def describe_movements(facts: ResultFacts) -> str:
    """How many indicators rose, fell and stayed, and which; empty when there is nothing to compare with."""
    movements = [facts.movements[i] for i in facts.framework.indicators if i in facts.movements]
    if not movements or facts.previous is None:
        return ""
    sentences, words = phrases.load().sentences, phrases.load().words
    directions = (
        (words.risen, [m.node for m in movements if m.change > 0]),
        (words.fallen, [m.node for m in movements if m.change < 0]),
        (words.same, [m.node for m in movements if m.change == 0]),
    )
    moved = [
        sentences.moved.format(direction=direction, count=len(nodes), indicators=_list_numbers(nodes))
        for direction, nodes in directions
        if nodes
    ]
    year = format_fiscal_year(facts.previous.framework.fiscal_year)
    return sentences.movements.format(year=year, moved=join_phrases(moved))


def list_cautions(facts: ResultFacts) -> list[str]:
    """Why two years cannot be compared like for like, each reason once."""
    if facts.comparison is None:
        return []
    words = phrases.load().words
    # a condition of a level is no statement of the level that was reached
    cautions = [
        words.condition.format(condition=c.th) if c.th.startswith(_OF_LEVEL) else c.th
        for c in facts.comparison.cautions
    ]
    for change in facts.comparison.changes:
        if change.caution and change.node in facts.framework.indicators:
            cautions.append(words.caution.format(indicator=change.node, caution=change.caution))
        elif change.caution and change.node in (*facts.framework.instruments, "overall"):
            name = words.total if change.node == "overall" else facts.instrument_label(change.node)
            cautions.append(f"{name}: {change.caution}")
    return list(dict.fromkeys(cautions))


def _list_numbers(nodes: Sequence[str]) -> str:
    """ตัวชี้วัดที่ 1 ถึง 8 และ 10: three and more in a row are shortened to a range."""
    runs: list[list[int]] = []
    for number in sorted(map(int, nodes)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = phrases.load().words
    parts = [
        part for r in runs for part in ([words.span.format(first=r[0], last=r[-1])] if len(r) > 2 else map(str, r))
    ]
    conjunction = f" {words.conjunction} " if parts[1:] else ""
    return words.indicators.format(numbers=f"{', '.join(parts[:-1])}{conjunction}{parts[-1]}")


# --- instruments, indicators, items


def describe_instrument(facts: ResultFacts, group: str) -> str:
    """The score of an instrument and whether it reaches the target."""
    value = facts.score(group)
    if value is None:
        return phrases.load().sentences.no_instrument_score.format(instrument=group)
    sentences = phrases.load().sentences
    sentence = sentences.instrument_reached if value >= facts.target else sentences.instrument_missed
    return sentence.format(instrument=group, score=facts.format_score(value))


def advise_instrument(facts: ResultFacts, group: InstrumentGroup) -> str:
    """The score of an instrument, what it reflects, and what to do; empty when it is not known."""
    value = facts.score(group.id)
    if value is None:
        return ""
    words = phrases.describe_instrument(facts.framework, group.id, group.kind)
    meaning = words.full if value == FULL and words.full else words.reached if value >= facts.target else words.below
    return phrases.load().words.meaning.format(result=describe_instrument(facts, group.id), meaning=meaning)


def describe_purpose(facts: ResultFacts, group: InstrumentGroup) -> str:
    """What an instrument is for, and how many indicators it has."""
    words = phrases.describe_instrument(facts.framework, group.id, group.kind)
    return phrases.load().sentences.instrument_purpose.format(
        instrument=name_instrument(group), purpose=words.purpose, count=len(group.indicators)
    )


def describe_indicator(facts: ResultFacts, indicator: str) -> str:
    """A full paragraph about an indicator whose score is known: what it measures, what the score reflects, strength or
    gap, the items to improve, and the change."""
    value = facts.score(indicator)
    sentences, words = phrases.load().sentences, phrases.describe_indicator(facts.framework, indicator)
    if value is None:
        return _say_unknown(facts, indicator)
    reached = value >= facts.target
    parts = [
        phrases.load().words.mean.format(score=facts.format_score(value)),
        describe_movement(facts, indicator),
        sentences.measured.format(what=words.measures),
        sentences.reflected.format(what=_reflect(facts, indicator, value)),
        sentences.strength.format(what=words.strength) if reached else sentences.gap.format(what=words.gap),
        *_describe_items(facts, indicator),
    ]
    return " ".join(filter(None, parts))


def _reflect(facts: ResultFacts, indicator: str, value: Decimal) -> str:
    """What a score of an indicator reflects."""
    words = phrases.describe_indicator(facts.framework, indicator)
    reflection: str = getattr(words, facts.standing(value))
    return f"{reflection} {phrases.load().sentences.full_marks}" if value == FULL else reflection


def describe_movement(facts: ResultFacts, node: str) -> str:
    """How the score of a node changed; empty when it cannot be compared."""
    movement = facts.movements.get(node)
    if movement is None or facts.previous is None:
        return ""
    changes = phrases.load().changes
    year = format_fiscal_year(facts.previous.framework.fiscal_year)
    if movement.change == 0:
        return changes.same.format(year=year)
    change = changes.risen if movement.change > 0 else changes.fallen
    sentence = change.format(points=facts.format_score(abs(movement.change)), year=year)
    return f"{sentence} {phrases.load().sentences.unlike_years}" if movement.caution else sentence


def _describe_items(facts: ResultFacts, indicator: str) -> list[str]:
    """How many of the known items reach the target, and those to improve first."""
    sentences = phrases.load().sentences
    known = facts.known_items(indicator)
    if not known:
        return []
    weak = _items_to_improve(facts, indicator)
    if not weak:
        are_full = not facts.weak_items(indicator)
        return [sentences.all_items_full if are_full else sentences.all_items_reached]
    below = {w.node.id for w in facts.weak_items(indicator) if w.score < facts.target}
    count = len(known) - len(below)
    form = sentences.items_reached if count else sentences.no_items_reached
    return [
        form.format(total=len(known), reached=count),
        sentences.weak_items.format(items=_list_items(facts, weak, _MAX_ITEMS_IN_TEXT)),
    ]


_MAX_ITEMS_IN_TEXT = 6
_MAX_ITEMS_IN_CELL = 3
_MAX_LOWEST = 3  # of indicators that all reach the target, those named all the same


def _items_to_improve(facts: ResultFacts, indicator: str) -> list[WeakItem]:
    """The items below the target; those below full marks where the indicator is below the target all the same."""
    weak, value = facts.weak_items(indicator), facts.score(indicator)
    below = [w for w in weak if w.score < facts.target]
    return below or ([] if value is None or value >= facts.target else weak)


def _list_items(facts: ResultFacts, weak: Sequence[WeakItem], limit: int) -> str:
    """Items in one sentence, each once, with what assessors wrote."""
    texts = list(dict.fromkeys(_name_item(facts, w) for w in weak))
    left = len(texts) - limit
    more = [phrases.load().sentences.more_items.format(count=left)] if left > 0 else []
    return " ".join([join_phrases(texts[:limit]), *more]) if more else join_phrases(texts)


def _name_item(facts: ResultFacts, weak: WeakItem) -> str:
    """An item with its name and, of a disclosure, what the assessor wrote."""
    words = phrases.load().words
    if not isinstance(weak.item, DisclosureItem):
        return words.question.format(item=weak.item.id, question=phrases.ask(weak.item))
    cause = describe_cause(facts, weak.item)
    return words.disclosure_with_cause.format(item=weak.item.id, label=weak.node.label.th, cause=cause)


def describe_cause(facts: ResultFacts, item: DisclosureItem) -> str:
    """What the assessor wrote of a disclosure item, or that no reason was given."""
    comment, sentences = facts.comment_on(item), phrases.load().sentences
    return sentences.assessor_comment.format(comment=comment) if comment else sentences.no_reason


def quote_comments(facts: ResultFacts, indicator: str) -> list[str]:
    """What assessors wrote of items whose scores nobody knows, word for word; those of known items stand with them."""
    quoted = phrases.load().words.disclosure_quoted
    return [
        quoted.format(item=node.id, label=node.label.th, cause=describe_cause(facts, node.item))
        for node in facts.item_nodes(indicator)
        if isinstance(node.item, DisclosureItem) and facts.comment_on(node.item) and facts.score(node.id) is None
    ]


def describe_finding(facts: ResultFacts, indicator: str) -> str:
    """The finding about one indicator, for a cell of a plan: what the score reflects, and the weakest items."""
    value = facts.score(indicator)
    if value is None:
        return "\n".join((_say_unknown(facts, indicator), *quote_comments(facts, indicator)))
    return "\n".join(
        [
            phrases.load().sentences.reflected.format(what=_reflect(facts, indicator, value)),
            *_list_weakest(facts, indicator),
            *quote_comments(facts, indicator),
        ]
    )


def analyse_indicator(facts: ResultFacts, indicator: str) -> str:
    """The analysis of one indicator, for a row that names it: score, what it reflects, change, and the weakest
    items."""
    value, sentences = facts.score(indicator), phrases.load().sentences
    if value is None:
        return "\n".join((_say_unknown(facts, indicator), *quote_comments(facts, indicator)))
    reflected = sentences.reflected_in_row.format(what=_reflect(facts, indicator, value))
    first = f"{phrases.load().words.mean.format(score=facts.format_score(value))} {reflected}"
    weakest = [*_list_weakest(facts, indicator), *quote_comments(facts, indicator)]
    return "\n".join(filter(None, [first, describe_movement(facts, indicator), *weakest]))


def list_score_findings(facts: ResultFacts, indicator: str) -> set[str]:
    """The findings about the score of an indicator as a drafted plan words them: they name the score once more."""
    value, words = facts.score(indicator), phrases.load().findings
    if value is None:
        return set()
    label, movement = facts.label(indicator), facts.movements.get(indicator)
    named = {"label": label, "year": facts.year, "score": value, "target": facts.target}
    findings = {words.below.format(**named), words.strength.format(**named)}
    findings |= {f"{text} {words.without_items}" for text in findings}
    if movement is not None:
        findings.add(words.fallen.format(label=label, before=movement.previous, score=movement.score))
    return findings


def _say_unknown(facts: ResultFacts, indicator: str) -> str:
    """That a result has no score of an indicator; where the plan rests on an earlier one that has it, that one, so that
    the paper does not deny a score which its own measures name."""
    sentences, planned = phrases.load().sentences, facts.data.planned
    score = complete_scores(planned.framework, planned.scores).get(indicator) if planned else None
    if planned is None or score is None:
        return sentences.no_indicator_score
    text = facts.format_score(round_score(planned.framework, score))
    return sentences.score_of_earlier_result.format(score=text, source=facts.data.planned_source)


def _list_weakest(facts: ResultFacts, indicator: str) -> list[str]:
    """Lines about the items to improve first; one line that says so when there are none or none are known."""
    sentences = phrases.load().sentences
    if not facts.known_items(indicator):
        return []
    weak = _items_to_improve(facts, indicator)
    if not weak:
        are_full = not facts.weak_items(indicator)
        return [sentences.all_items_full if are_full else sentences.all_items_reached]
    return [sentences.weak_items.format(items=_list_items(facts, weak, _MAX_ITEMS_IN_CELL))]


def describe_defect(facts: ResultFacts, item: SurveyItem | DisclosureItem) -> tuple[str, str]:
    """Defect and remedy of a weak item: what its respondents answered or its assessor wrote, and what to do."""
    if isinstance(item, DisclosureItem):
        return describe_cause(facts, item), recommend_action(facts, item, in_full=False)
    defect = phrases.find_question_defect(facts.framework, item.id) or item.advice.defect
    return defect, recommend_action(facts, item)


def find_no_defect() -> tuple[str, str]:
    """Defect and remedy of an item with full marks."""
    words = phrases.load().words
    return words.no_defect, words.maintain


# --- recommendations


@dataclass(frozen=True)
class Priority:
    """What to improve and how: an item below full marks, or an indicator below the target whose items nobody knows
    (``weak`` is None)."""

    subject: str
    action: str
    weak: WeakItem | None = None


def list_priorities(facts: ResultFacts, *, group: InstrumentGroup | None = None) -> list[Priority]:
    """What to improve, by gain of the total, then from the lowest score. Where nothing is known but a few scores of
    indicators that all reach the target, the lowest of them. ``group`` leaves those of one instrument."""
    indicators = group.indicators if group else tuple(facts.framework.indicators)
    by_item: dict[str, list[WeakItem]] = {}
    for w in (w for i in indicators for w in facts.weak_items(i)):
        if group is None or w.node.instrument in group.instruments:
            by_item.setdefault(w.item.id, []).append(w)
    ranked = [
        (
            (-sum(w.gain or 0 for w in ws), min(w.score for w in ws)),
            Priority(_item_subject(facts, ws), recommend_action(facts, ws[0].item), min(ws, key=lambda w: w.score)),
        )
        for ws in by_item.values()
    ]
    unknown = [r for r in facts.findings.indicators[::-1] if r.node in indicators and not facts.known_items(r.node)]
    below = [r for r in unknown if r.score < facts.target]
    if not ranked and not below and group is None:
        below = [r for r in unknown if r.score < FULL][:_MAX_LOWEST]
    ranked += [((-(facts.gain(r.node) or 0), r.score), _advise_indicator(facts, r)) for r in below]
    return [priority for _, priority in sorted(ranked, key=lambda entry: entry[0])]


def _advise_indicator(facts: ResultFacts, ranked: Ranked) -> Priority:
    actions = phrases.letter_items(phrases.describe_indicator(facts.framework, ranked.node).actions)
    return Priority(_indicator_subject(facts, ranked), actions)


def rank_priorities(
    facts: ResultFacts, limit: int | None = None, *, group: InstrumentGroup | None = None
) -> list[tuple[str, str]]:
    """``list_priorities`` as (subject, action)."""
    return [(priority.subject, priority.action) for priority in list_priorities(facts, group=group)[:limit]]


def _item_subject(facts: ResultFacts, weak: Sequence[WeakItem]) -> str:
    """A weak item, with the parts of the instrument that ask it, and what an assessor wrote."""
    first, words = weak[0], phrases.load().words
    if isinstance(first.item, DisclosureItem):
        return (
            f"{_name_item(facts, first)}:"
            if facts.comment_on(first.item)
            else f"{words.disclosure.format(item=first.item.id, label=first.node.label.th)}:"
        )
    asked = {w.node.instrument for w in weak if "/" in w.node.id}
    parts = [facts.instrument_label(i) for i in facts.framework.instruments if i in asked]
    return f"{join_phrases(parts)} {_name_item(facts, first)}:".strip()


def recommend_action(facts: ResultFacts, item: SurveyItem | DisclosureItem, *, in_full: bool = True) -> str:
    """What to do about a weak item, in official wording; of a disclosure ``in_full`` with its required elements."""
    if isinstance(item, DisclosureItem):
        return _publish(facts, item, in_full=in_full)
    return phrases.recommend_for_question(facts.framework, item)


def _publish(facts: ResultFacts, item: DisclosureItem, *, in_full: bool) -> str:
    """What to publish for a disclosure item, and of which period."""
    if not in_full:
        return phrases.load().disclosures.step.format(label=phrases.name_data(item))
    return phrases.publish(facts.framework, item, facts.required_elements(item), facts.next_assessment_year)


def _indicator_subject(facts: ResultFacts, ranked: Ranked) -> str:
    subject, score = facts.indicator_title(ranked.node), facts.format_score(ranked.score)
    return phrases.load().words.with_points.format(subject=subject, score=score)


def recommend_for_indicator(facts: ResultFacts, indicator: str) -> tuple[str, ...]:
    """What to do about an indicator, for a cell: about its weakest items; without any, what its score asks for."""
    value = facts.score(indicator)
    actions = dict.fromkeys(recommend_action(facts, w.item, in_full=False) for w in _items_to_improve(facts, indicator))
    if actions:
        return tuple(actions)[:_MAX_ITEMS_IN_CELL]
    if value is not None and value >= facts.target:
        return (phrases.load().measures.maintain.format(label=facts.label(indicator)),)
    return phrases.describe_indicator(facts.framework, indicator).actions


# --- measures and their follow-ups

MAX_NAMED_EVIDENCE = 3  # of a follow-up, in a cell
_INTERVAL = re.compile(r"(?:ทุก|ปีละ|เดือนละ|ไตรมาสละ|สัปดาห์ละ|ครั้งเดียว|ราย(?:เดือน|ไตรมาส|ปี))")


def describe_monitoring(measure: Measure) -> str:
    """How a measure is followed up, and the latest result; empty when neither is known."""
    return "\n".join(filter(None, (_describe_interval(measure.monitoring), _describe_latest(measure))))


def _describe_interval(monitoring: str) -> str:
    sentences = phrases.load().sentences
    if not monitoring:
        return ""
    if _INTERVAL.match(monitoring):
        return sentences.monitored.format(interval=monitoring)
    return sentences.monitored_as.format(how=monitoring)


def _describe_latest(measure: Measure) -> str:
    if not measure.follow_ups:
        return ""
    latest = measure.follow_ups[-1]
    on = f" {phrases.load().words.on_day.format(day=thai.date(latest.date))}" if latest.date else ""
    result = " ".join(filter(None, (describe_work(latest), name_obstacles(latest))))
    return phrases.load().sentences.latest_follow_up.format(on=on, result=result) if result else ""


def describe_work(follow_up: FollowUp) -> str:
    """The state, the work done and the evidence of a follow-up."""
    return " ".join(filter(None, (follow_up.status, follow_up.work_done, _name_evidence(follow_up.evidence))))


def _name_evidence(names: Sequence[str]) -> str:
    """All pieces of evidence, or the first of more than a cell can name."""
    if not names:
        return ""
    words, named = phrases.load().words, ", ".join(names[:MAX_NAMED_EVIDENCE])
    if len(names) > MAX_NAMED_EVIDENCE:
        return words.evidence_and_others.format(names=named, count=len(names))
    return words.evidence.format(names=named)


def name_obstacles(follow_up: FollowUp) -> str:
    """The obstacles of a follow-up under their name; empty where there are none."""
    return phrases.load().words.obstacles.format(obstacles=follow_up.obstacles) if follow_up.obstacles else ""


def describe_provisional_rules(facts: ResultFacts, *, with_following: bool = False) -> str:
    """What a paper says of rules that nobody has announced; empty when all of its rules are announced.
    ``with_following``: it says something of the rules of the year after the result."""
    further = (facts.previous.framework if facts.previous else None, facts.data.following if with_following else None)
    frameworks = [facts.framework, *(f for f in further if f is not None)]
    years = sorted({f.fiscal_year for f in frameworks if f.is_provisional})
    if not years:
        return ""
    words = phrases.load().words
    named = f" {words.conjunction} ".join(words.buddhist_year.format(year=year) for year in years)
    return phrases.load().sentences.provisional_rules.format(years=named)
