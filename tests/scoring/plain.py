"""The rules once more, the plain way: loops a lawyer can read, in exact fractions, sharing no code with the product.

It knows only the raw rules and the raw answers. Slow on purpose.
"""

from fractions import Fraction

from prongsai.framework import Framework, Indicator, SurveyItem
from prongsai.framework.schema import Rules

Score = Fraction | None
Answers = dict[str, list[dict[str, object]]]  # instrument -> responses: {"agency": ..., "i1": index or None, ...}
Marks = list[dict[str, object]]


def mean(values: list[Score]) -> Score:
    known = [v for v in values if v is not None]
    if not values or len(known) < len(values):
        return None
    return sum(known, Fraction(0)) / len(known)


def plain_scores(framework: Framework, answers: Answers, marks: Marks, agency: str) -> dict[str, Score]:
    """The score of every node for one agency; None where something is missing."""
    rules = framework.rules
    scores: dict[str, Score] = {}
    mark_of = next((m for m in marks if m["agency"] == agency), {})
    for indicator in rules.indicators:
        if indicator.method == "mean_of_sub_indicators":
            score_disclosures(rules, indicator, mark_of, scores)
        for instrument in indicator.instruments:
            responses = [r for r in answers.get(instrument, []) if r["agency"] == agency]
            if indicator.method == "mean_of_items":
                score_questions(rules, indicator, instrument, responses, scores)
        if len(indicator.instruments) > 1:
            scores[indicator.id] = mean([scores[f"{i}/{indicator.id}"] for i in indicator.instruments])
    for instrument in rules.instruments:
        scores[instrument.id] = mean(
            [scores[name_of(i, instrument.id)] for i in rules.indicators if instrument.id in i.instruments]
        )
    for composite in rules.composites:
        scores[composite.id] = mean([scores[i] for i in composite.of])
    weighted = [
        None if scores[i.id] is None else scores[i.id] * i.weight / 10_000 * len(rules.instruments)
        for i in rules.instruments
    ]
    scores["overall"] = mean(weighted)
    return scores


def name_of(indicator: Indicator, instrument: str) -> str:
    return f"{instrument}/{indicator.id}" if len(indicator.instruments) > 1 else indicator.id


def score_disclosures(rules: Rules, indicator: Indicator, mark_of: dict[str, object], scores: dict[str, Score]) -> None:
    sub_indicators = []
    for sub in rules.sub_indicators:
        if sub.indicator == indicator.id:
            points = []
            for item in rules.disclosure_items:
                if item.sub_indicator == sub.id:
                    mark = mark_of.get(item.id)
                    scores[item.id] = None if mark is None else Fraction(mark)
                    points.append(scores[item.id])
            scores[sub.id] = mean(points)
            sub_indicators.append(scores[sub.id])
    scores[indicator.id] = mean(sub_indicators)


def score_questions(
    rules: Rules, indicator: Indicator, instrument: str, responses: list[dict[str, object]], scores: dict[str, Score]
) -> None:
    name = name_of(indicator, instrument)
    prefix = name.removesuffix(indicator.id)
    items = []
    for item in rules.survey_items:
        if item.indicator == indicator.id:
            scores[prefix + item.id] = score_question(rules, item, responses)
            items.append(scores[prefix + item.id])
    scores[name] = mean(items)


def score_question(rules: Rules, item: SurveyItem, responses: list[dict[str, object]]) -> Score:
    codes, directions = [item.id], [item.direction]
    if item.answers:
        codes = [f"{item.id}.{n + 1}" for n in range(len(item.answers))]
        directions = [a.direction or item.direction for a in item.answers]
    points = next([o.points for o in scale.options] for scale in rules.scales if scale.id == item.scale)
    answers: list[Score] = []
    for code, direction in zip(codes, directions, strict=True):
        worth = points if direction == "positive" else list(reversed(points))
        answers.append(mean([Fraction(worth[r[code]]) for r in responses if r[code] is not None]))
    return mean(answers)


def plain_level(framework: Framework, scores: dict[str, Score]) -> str | None:
    """The first band, best first, whose conditions hold for scores rounded half up."""
    if scores["overall"] is None:
        return None

    def rounded(value: Fraction) -> Fraction:
        unit = 10**framework.rules.rounding.places
        return Fraction((value * unit + Fraction(1, 2)).__floor__(), unit)

    lowest = min(rounded(scores[i.id]) for i in framework.rules.instruments)
    for band in framework.rules.bands:
        if rounded(scores["overall"]) >= band.at_least and lowest >= (band.every_instrument_at_least or 0):
            return band.id
    raise AssertionError("the last band takes everything")
