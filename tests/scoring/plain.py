"""The rules once more, the plain way: loops a lawyer can read, in exact fractions, sharing no code with the product.

It knows only the raw rules and the raw answers. Slow on purpose.
"""

from fractions import Fraction

from prongsai.framework import Framework

Answers = dict[str, list[dict[str, object]]]  # instrument -> responses: {"agency": ..., "i1": index or None, ...}


def plain_scores(
    framework: Framework, answers: Answers, marks: list[dict[str, object]], agency: str
) -> dict[str, Fraction | None]:
    """The score of every node for one agency; None where something is missing."""
    rules = framework.rules
    scores: dict[str, Fraction | None] = {}
    scales = {scale.id: [option.points for option in scale.options] for scale in rules.scales}

    def mean(values: list[Fraction | None]) -> Fraction | None:
        if not values or any(v is None for v in values):
            return None
        return sum(values, Fraction(0)) / len(values)

    for indicator in rules.indicators:
        several = len(indicator.instruments) > 1
        for instrument in indicator.instruments:
            items = []
            for item in rules.survey_items:
                if item.indicator != indicator.id:
                    continue
                codes = [item.id]
                directions = [item.direction]
                if item.answers:
                    codes = [f"{item.id}.{n + 1}" for n in range(len(item.answers))]
                    directions = [a.direction or item.direction for a in item.answers]
                answer_means = []
                for code, direction in zip(codes, directions, strict=True):
                    given = []
                    for response in answers.get(instrument, []):
                        if response["agency"] == agency and response[code] is not None:
                            points = scales[item.scale]
                            if direction == "negative":
                                points = list(reversed(points))
                            given.append(Fraction(points[response[code]]))
                    answer_means.append(mean(list(given)))
                score = mean(answer_means)
                scores[f"{instrument}/{item.id}" if several else item.id] = score
                items.append(score)
            if indicator.method == "mean_of_items":
                scores[f"{instrument}/{indicator.id}" if several else indicator.id] = mean(items)
        if several:
            scores[indicator.id] = mean([scores[f"{i}/{indicator.id}"] for i in indicator.instruments])
        if indicator.method == "mean_of_sub_indicators":
            sub_means = []
            for sub in rules.sub_indicators:
                if sub.indicator != indicator.id:
                    continue
                points_of = []
                for disclosure in rules.disclosure_items:
                    if disclosure.sub_indicator == sub.id:
                        mark = next((m[disclosure.id] for m in marks if m["agency"] == agency), None)
                        scores[disclosure.id] = None if mark is None else Fraction(mark)
                        points_of.append(scores[disclosure.id])
                scores[sub.id] = mean(points_of)
                sub_means.append(scores[sub.id])
            scores[indicator.id] = mean(sub_means)

    for instrument in rules.instruments:
        under = []
        for indicator in rules.indicators:
            if instrument.id in indicator.instruments:
                several = len(indicator.instruments) > 1
                under.append(scores[f"{instrument.id}/{indicator.id}" if several else indicator.id])
        scores[instrument.id] = mean(under)
    for composite in rules.composites:
        scores[composite.id] = mean([scores[i] for i in composite.of])
    total = Fraction(0)
    for instrument in rules.instruments:
        if scores[instrument.id] is None:
            total = None
            break
        total += scores[instrument.id] * instrument.weight / 10_000
    scores["overall"] = total
    return scores


def plain_level(framework: Framework, scores: dict[str, Fraction | None]) -> str | None:
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
