"""The diagnosis: which printed figures cannot stand, and the scores to compute with in their place."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from prongsai.analysis.audit.claims import Claims, NodeKey, Observation
from prongsai.analysis.audit.constraints import UNIT, Bounds
from prongsai.lib.rounding import half_up, preimage

_SLACK = 6
_DIGIT_SLIP_BONUS = 6
_MARGIN = 2  # explanations this close in price are as good as each other
_HAIR = Fraction(1, 10**7)
_MIN_PLACES = 2  # of a digit slip's correction

Interval = tuple[Fraction, Fraction]  # the true values that remain possible, in points


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """``withdrawn`` are the claims that some good explanation withdraws, ``convicted`` those that all of them do.

    ``bounds`` is what the other claims leave possible. ``trusted`` holds, by year, each printed score that stands, or
    the likely true value of one that does not; ``likely`` those likely values, None where none can be named.
    ``is_search_cut_off`` when too much contradicts to search all explanations: what is withdrawn is then one of many.
    """

    claims: Claims
    withdrawn: frozenset[int]
    convicted: frozenset[int]
    bounds: Bounds
    trusted: dict[int, dict[str, Fraction]]
    likely: dict[NodeKey, Decimal | None]
    is_search_cut_off: bool

    def is_withdrawn(self, observation: Observation) -> bool:
        return observation.claims[-1] in self.withdrawn

    def is_convicted(self, observation: Observation) -> bool:
        return observation.claims[-1] in self.convicted

    def is_rule_withdrawn(self, key: NodeKey) -> bool:
        return self.claims.rule_claims.get(key) in self.withdrawn

    def interval(self, key: NodeKey) -> Interval:
        return _interval(self.claims, self.bounds, key)


def diagnose(claims: Claims) -> Diagnosis:
    """Find the best explanations of what contradicts.

    Of the cheapest explanations, those that slips of a digit explain best. When several are as good, a figure that
    only some of them withdraw is a suspect and not convicted.
    """
    explanations = claims.system.explain_conflicts(_SLACK)
    if explanations:
        prices = [_price(claims, withdrawn) for withdrawn in explanations]
        best = min(prices) + _MARGIN
        rivals = [withdrawn for withdrawn, price in zip(explanations, prices, strict=True) if price <= best]
        withdrawn = rivals[0].union(*rivals)
        convicted = rivals[0].intersection(*rivals)
    else:  # too many ways to explain it: some figures are set aside, and none is accused
        withdrawn, convicted = claims.system.withdraw_cheapest(), frozenset()
    bounds = claims.system.solve(withdrawn)
    diagnosis = Diagnosis(
        claims=claims,
        withdrawn=withdrawn,
        convicted=convicted,
        bounds=bounds,
        trusted={year: {} for year in claims.frameworks},
        likely={},
        is_search_cut_off=not explanations,
    )
    for year, name in claims.scores:
        _settle_score(diagnosis, (year, name))
    return diagnosis


def _price(claims: Claims, withdrawn: frozenset[int]) -> int:
    """What an explanation costs, less what it gains by turning figures into slips of a digit."""
    bounds = claims.system.solve(withdrawn)
    slips = [
        observation
        for key in claims.scores
        if not claims.is_mark(key)  # one of few values; a slip of a digit says nothing about it
        for observation in claims.originals(key)
        if observation.claims[-1] in withdrawn and find_digit_slips(observation, _interval(claims, bounds, key))
    ]
    return sum(claims.system.costs[claim] for claim in withdrawn) - _DIGIT_SLIP_BONUS * len(slips)


def _interval(claims: Claims, bounds: Bounds, key: NodeKey) -> Interval:
    number = claims.system.variables[key]
    return Fraction(bounds.low[number], UNIT), Fraction(bounds.high[number], UNIT)


def _settle_score(diagnosis: Diagnosis, key: NodeKey) -> None:
    """Decide which value of a printed node to compute with, if any."""
    originals = diagnosis.claims.originals(key)
    standing = [o for o in originals if not diagnosis.is_withdrawn(o)]
    if standing:
        diagnosis.trusted[key[0]][key[1]] = standing[0].value
        return
    likely = _find_likely_value(diagnosis, key, originals[0]) if diagnosis.is_convicted(originals[0]) else None
    diagnosis.likely[key] = likely
    if likely is not None:
        diagnosis.trusted[key[0]][key[1]] = Fraction(likely)


def _find_likely_value(diagnosis: Diagnosis, key: NodeKey, observation: Observation) -> Decimal | None:
    """The true value of a withdrawn figure, when the others leave only one."""
    framework = diagnosis.claims.frameworks[key[0]]
    low, high = diagnosis.interval(key)
    if diagnosis.claims.is_mark(key):
        marks = [p for p in framework.mark_points(key[1]) if low <= p <= high]
        return half_up(Fraction(marks[0]), observation.places) if len(marks) == 1 else None
    places = max(observation.places, framework.rules.rounding.places)
    values = (v for v in _values_between(low, high, places) if _can_round_to(v, places, (low, high)))
    first, second = next(values, None), next(values, None)
    if first is not None and second is None:
        return first
    slips = find_digit_slips(observation, (low, high))
    return slips[0] if len(slips) == 1 else None


def find_digit_slips(observation: Observation, interval: Interval) -> list[Decimal]:
    """Values that one mistyped digit, or two neighbours in the wrong order, would turn into the printed one, of those
    the interval allows."""
    return list(_find_digit_slips(observation.figure.value, max(observation.places, _MIN_PLACES), interval))


@lru_cache(maxsize=256)  # explanations of the same conflicts ask again and again
def _find_digit_slips(printed: str, places: int, interval: Interval) -> tuple[Decimal, ...]:
    last_digit = Decimal(1).scaleb(-places)
    low, high = half_up(interval[0], places) - last_digit, half_up(interval[1], places) + last_digit
    values = dict.fromkeys(Decimal(text) for text in _misprints(printed))
    near = [v for v in values if low <= v <= high]  # the exact comparison takes ten times as long
    return tuple(v for v in near if v <= 100 and _can_round_to(v, places, interval))


def _misprints(text: str) -> Iterator[str]:
    for place, digit in enumerate(text):
        for other in "0123456789":
            if digit.isdigit() and other != digit:
                yield text[:place] + other + text[place + 1 :]
    for place, (first, second) in enumerate(pairwise(text)):
        if first.isdigit() and second.isdigit() and first != second:
            yield text[:place] + second + first + text[place + 2 :]


def _values_between(low: Fraction, high: Fraction, places: int) -> Iterator[Decimal]:
    """Every printable value from what ``low`` rounds to, to what ``high`` rounds to."""
    first, last = (int(half_up(end, places).scaleb(places)) for end in (low, high))
    for n in range(first, last + 1):
        yield Decimal(n).scaleb(-places)


def _can_round_to(value: Decimal, places: int, interval: Interval) -> bool:
    """Whether more than a point of the interval rounds to ``value``."""
    low, high = interval
    lowest, highest = preimage(Fraction(value), places)
    return max(lowest, low) + _HAIR < min(highest, high) or (lowest <= low and high <= highest)
