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
