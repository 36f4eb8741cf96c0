"""The same rules for one agency, in rationals, from whatever scores are known: what the audit and what-if stand on."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from prongsai.framework import Band, Framework
from prongsai.lib.rounding import half_up


def complete(framework: Framework, known: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """``known`` and every node that follows from it. A known score is taken as it is, not computed again."""
    result = dict(known)

    def value(name: str) -> Fraction | None:
        if name in result:
            return result[name]
        parts = framework.nodes[name].parts
        if not parts:
            return None
        total = Fraction()
        for part, weight in parts.items():
            below = value(part)
            if below is None:
                return None
            total += weight * below
        result[name] = total
        return total

    for name in framework.nodes:
        value(name)
    return result


def shown(framework: Framework, value: Fraction) -> Decimal:
    """A score as the year prints it."""
    return half_up(value, framework.rules.rounding.places)


def bands(framework: Framework, scores: Mapping[str, Fraction]) -> tuple[Band, ...]:
    """The levels that the known scores leave possible, best first; one when everything it depends on is known.

    ``scores`` must hold ``overall``; instruments may be missing.
    """
    overall = shown(framework, scores["overall"])
    lowest = [shown(framework, scores[i]) for i in framework.instruments if i in scores]
    whole = len(lowest) == len(framework.instruments)
    possible: list[Band] = []
    for band in framework.rules.bands:
        if overall < band.at_least:
            continue
        least = band.every_instrument_at_least
        if least is None or (whole and all(s >= least for s in lowest)):
            return (*possible, band)  # nothing below can be reached
        if all(s >= least for s in lowest):
            possible.append(band)
    return tuple(possible)


def passes(framework: Framework, overall: Fraction) -> bool:
    """Whether a total reaches the target, rounded as it is shown."""
    return shown(framework, overall) >= framework.rules.target.points
