"""The rules for one agency, in exact rationals, from whatever scores are known."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from fractions import Fraction

from prongsai.framework import Band, Framework
from prongsai.lib.rounding import half_up

_TOTALS = ("overall", "composite", "instrument")


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


def complete_from_totals(framework: Framework, known: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """As ``complete_scores``, and also the totals that are a weighted sum of known scores though their own parts are
    not known: the total of two parts of a survey of which only the mean, or the indicators over both, are published."""
    scores = complete_scores(framework, known)
    for node in framework.computed_nodes:
        weights = None if node.id in scores else find_weights(framework, scores, node.id)
        if weights is not None:
            scores[node.id] = sum((weight * scores[part] for part, weight in weights.items()), Fraction())
    return scores


def find_weights(framework: Framework, known: Collection[str], node: str) -> dict[str, Fraction] | None:
    """The known scores below a node of which it is the weighted sum, and their weights; None where it is of none.

    Its own parts count first, each known or following from its own; then any known totals below it that together hold
    the same indicators in the same shares.
    """
    below = [name for name in known if name != node]
    weights = _weights_through_parts(framework, below, node)
    if weights is None and framework.nodes[node].kind in _TOTALS:
        weights = _weights_through_totals(framework, below, node)
    return weights


def _weights_through_parts(framework: Framework, known: Collection[str], node: str) -> dict[str, Fraction] | None:
    if node in known:
        return {node: Fraction(1)}
    sums: dict[str, Fraction] = {}
    for part, weight in framework.nodes[node].parts.items():
        below = _weights_through_parts(framework, known, part)
        if below is None:
            return None
        _add(sums, below, weight)
    return sums or None


def _weights_through_totals(framework: Framework, known: Collection[str], node: str) -> dict[str, Fraction] | None:
    """For a node that does not follow through its parts. The whole totals first (nodes are in that order): a basis of
    what is known, in which the node is written."""
    shares = _shares_of_indicators(framework, node)
    basis: list[tuple[str, dict[str, Fraction], dict[str, Fraction]]] = []  # indicator, its vector, made of what

    def reduce(vector: dict[str, Fraction], made_of: dict[str, Fraction]) -> None:
        for indicator, other, other_made_of in basis:
            if factor := vector.get(indicator):
                _add(vector, other, -factor)
                _add(made_of, other_made_of, -factor)

    for name in framework.nodes:
        through_parts = _weights_through_parts(framework, known, name)
        if through_parts is None:
            continue
        vector = _shares_of_indicators(framework, name)
        if vector.keys() <= shares.keys():
            reduce(vector, through_parts)
            if vector:
                indicator, value = next(iter(vector.items()))
                basis.append(
                    (
                        indicator,
                        {k: v / value for k, v in vector.items()},
                        {k: v / value for k, v in through_parts.items()},
                    )
                )
    negated: dict[str, Fraction] = {}
    reduce(shares, negated)
    weights = {name: -weight for name, weight in negated.items()}
    return weights if weights and not shares and min(weights.values()) > 0 else None


def _add(sums: dict[str, Fraction], more: Mapping[str, Fraction], factor: Fraction) -> None:
    """Add a multiple of one weighted sum to another; terms that vanish are left out."""
    for name, value in more.items():
        total = sums.pop(name, Fraction()) + factor * value
        if total:
            sums[name] = total


def _shares_of_indicators(framework: Framework, node: str) -> dict[str, Fraction]:
    """The share of each indicator in a node, or of each part of an indicator that several surveys ask; none for what
    is below an indicator."""
    kind, parts = framework.nodes[node].kind, framework.nodes[node].parts
    is_whole = kind == "indicator" and not any(framework.nodes[part].kind == "part_indicator" for part in parts)
    if kind == "part_indicator" or is_whole:
        return {node: Fraction(1)}
    shares: dict[str, Fraction] = {}
    for part, weight in parts.items():
        _add(shares, _shares_of_indicators(framework, part), weight)
    return shares


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
