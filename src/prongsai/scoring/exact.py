"""The rules for one agency, in exact rationals, from whatever scores are known."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from prongsai.framework import Band, Framework
from prongsai.lib.rounding import half_up


def complete_scores(framework: Framework, known: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """``known`` and every node that follows from it. A known score is taken as it is, not computed again."""
    scores = dict(known)
    for node in framework.computed_nodes:
        if node.id not in scores and scores.keys() >= node.parts.keys():
            scores[node.id] = sum((weight * scores[part] for part, weight in node.parts.items()), Fraction())
    return scores


def complete_score(framework: Framework, known: Mapping[str, Fraction], node: str) -> Fraction | None:
    """What ``complete_scores`` gives one node, without the others; None where it does not follow."""
    if node in known:
        return known[node]
    total = Fraction()
    for part, weight in framework.nodes[node].parts.items():
        score = complete_score(framework, known, part)
        if score is None:
            return None
        total += weight * score
    return total if framework.nodes[node].parts else None


def complete_from_indicators(framework: Framework, known: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """As ``complete_scores``, and also the totals that are a mean of indicators though their own parts are not known:
    the total of two parts of a survey of which only the indicators over both are published."""
    scores = complete_scores(framework, known)
    for node in framework.computed_nodes:
        if node.id in scores or node.kind not in ("instrument", "composite", "overall"):
            continue
        weights = _weights_by_indicator(framework, node.id)
        if weights is not None and scores.keys() >= weights.keys():
            scores[node.id] = sum((weight * scores[i] for i, weight in weights.items()), Fraction())
    return scores


def _weights_by_indicator(framework: Framework, node: str) -> dict[str, Fraction] | None:
    """The weights that make a total out of whole indicators; None when it takes a part of one without the others."""
    total = _weights_by_part(framework, node)
    weights = {}
    for indicator in framework.indicators:
        shares = {total.get(part, Fraction()) / own for part, own in _weights_by_part(framework, indicator).items()}
        if len(shares) != 1:
            return None
        if share := shares.pop():
            weights[indicator] = share
    return weights


def _weights_by_part(framework: Framework, node: str) -> dict[str, Fraction]:
    """The weight of each indicator in a node; of one that several surveys ask, of each of its parts."""
    parts = framework.nodes[node].parts
    is_part = framework.nodes[node].kind == "part_indicator"
    is_whole = framework.nodes[node].kind == "indicator" and not any(
        framework.nodes[p].kind == "part_indicator" for p in parts
    )
    if is_part or is_whole or not parts:
        return {node: Fraction(1)}
    weights: dict[str, Fraction] = {}
    for part, weight in parts.items():
        for name, own in _weights_by_part(framework, part).items():
            weights[name] = weights.get(name, Fraction()) + weight * own
    return weights


def round_score(framework: Framework, value: Fraction) -> Decimal:
    """A score as the year prints it."""
    return half_up(value, framework.rules.rounding.places)


def find_possible_bands(framework: Framework, scores: Mapping[str, Fraction]) -> tuple[Band, ...]:
    """The levels that the known scores leave possible, best first; one when everything it depends on is known.

    ``scores`` must hold ``overall``; instruments may be missing.
    """
    overall = round_score(framework, scores["overall"])
    instruments = [round_score(framework, scores[i]) for i in framework.instruments if i in scores]
    are_all_known = len(instruments) == len(framework.instruments)
    possible = [
        band
        for band in framework.rules.bands
        if overall >= band.at_least and all(s >= (band.every_instrument_at_least or 0) for s in instruments)
    ]
    certain = next(n for n, band in enumerate(possible) if are_all_known or band.every_instrument_at_least is None)
    return tuple(possible[: certain + 1])


def is_passing(framework: Framework, overall: Fraction) -> bool:
    """Whether a total reaches the target, rounded as it is shown."""
    return round_score(framework, overall) >= framework.rules.target.points
