"""What if: the exact effect of changed scores, and the fewest items whose improvement reaches the next level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations, islice
from math import lcm

from prongsai.analysis.levels import conditions_of, why_not_higher
from prongsai.analysis.strengths import KnownScores
from prongsai.framework import DisclosureItem, Framework
from prongsai.scoring import complete_scores, find_possible_bands, round_score

_MAX_SETS = 20_000  # tried before settling for a small one

Gains = Mapping[str, Sequence[int]]  # by item: what each node that falls short gains with the item at 100


@dataclass(frozen=True)
class Effect:
    """One node before and after. ``change`` is exact; the others are as shown."""

    node: str
    before: Decimal
    after: Decimal
    change: Fraction


@dataclass(frozen=True)
class WhatIf:
    """Every node that changes, and the level before and after."""

    effects: tuple[Effect, ...]
    level_before: str
    level_after: str


@dataclass(frozen=True)
class MinimumImprovement:
    """The fewest items to raise to full marks so that a level is reached. ``exact`` says that no smaller set exists;
    otherwise the set is small but a smaller one was not ruled out. ``items`` is None when nothing reaches the level."""

    level: str
    items: tuple[str, ...] | None
    result: WhatIf | None
    exact: bool


def what_if(framework: Framework, known: KnownScores, changed: KnownScores) -> WhatIf:
    """The result with some scores changed. Every node above a changed one is computed again from its parts.

    ``known`` must determine the total. A node above a changed one whose parts are not all known moves by its share of
    the change, which is exact because every rule is linear.
    """
    before = complete_scores(framework, known)
    changes = _propagate(framework, {node: score - before[node] for node, score in changed.items()})
    after = {node: score + changes[node] for node, score in before.items()}
    effects = tuple(
        Effect(n, round_score(framework, before[n]), round_score(framework, after[n]), changes[n])
        for n in framework.nodes
        if n in before and changes[n] != 0
    )
    levels = [find_possible_bands(framework, scores)[0].id for scores in (before, after)]
    return WhatIf(effects, levels[0], levels[1])


def _propagate(framework: Framework, changes: KnownScores) -> dict[str, Fraction]:
    """The change of every node, by passing each change up the tree with its weight."""
    result = dict(changes)
    for node in reversed(list(framework.nodes.values())):  # parts stand after what they make up
        if node.id not in result:
            result[node.id] = sum((weight * result[part] for part, weight in node.parts.items()), Fraction())
    return result


def find_minimum_improvement(framework: Framework, known: KnownScores) -> MinimumImprovement | None:
    """The fewest items which, raised to full marks, lift the result to the next level; None at the top level.

    Disclosure items count for every agency alike; survey items are used only where disclosure cannot do it alone,
    because an agency decides what it publishes and not what people answer. Needs every item that could be raised.
    """
    scores = complete_scores(framework, known)
    level = why_not_higher(framework, scores).next
    if level is None:
        return None
    gaps = _find_gaps(framework, scores, level)
    gains = {
        node.id: _propagate(framework, {node.id: 100 - scores[node.id]})
        for node in framework.nodes.values()
        if node.kind == "item" and node.id in scores and scores[node.id] < 100
    }
    largest_first = sorted(gains, key=lambda item: -max(gains[item][node] for node in gaps))
    disclosures = [i for i in largest_first if isinstance(framework.nodes[i].item, DisclosureItem)]
    rows, limits = _in_integers([[gains[item][node] for node in gaps] for item in gains], list(gaps.values()))
    gains_of = dict(zip(gains, rows, strict=True))
    for candidates in (disclosures, largest_first):
        if _is_sufficient(candidates, gains_of, limits):
            items, exact = _find_smallest_set(candidates, gains_of, limits)
            result = what_if(framework, scores, dict.fromkeys(items, Fraction(100)))
            return MinimumImprovement(level, items, result, exact)
    return MinimumImprovement(level, None, None, True)


def _find_gaps(framework: Framework, scores: KnownScores, level: str) -> dict[str, Fraction]:
    """By node, for each condition of a level that is not met: the least gain that rounds up to it."""
    half_unit = Fraction(1, 2 * 10**framework.rules.rounding.places)
    return {
        node: needed - half_unit - scores[node]
        for node, needed in conditions_of(framework, level).items()
        if round_score(framework, scores[node]) < needed
    }


def _in_integers(rows: Sequence[Sequence[Fraction]], limits: Sequence[Fraction]) -> tuple[list[list[int]], list[int]]:
    """The same numbers as multiples of one unit that divides them all: thousands of sets are added up of them."""
    unit = lcm(*(x.denominator for x in chain(limits, *rows)))
    return [[int(x * unit) for x in row] for row in rows], [int(x * unit) for x in limits]


def _is_sufficient(items: Sequence[str], gains: Gains, gaps: Sequence[int]) -> bool:
    return all(sum(gains[item][n] for item in items) >= gap for n, gap in enumerate(gaps))


def _find_smallest_set(candidates: Sequence[str], gains: Gains, gaps: Sequence[int]) -> tuple[tuple[str, ...], bool]:
    """The smallest sufficient set, and whether it is proven smallest. All candidates together must be sufficient;
    they come with the largest gain first."""
    largest = [sorted(column, reverse=True) for column in zip(*(gains[item] for item in candidates), strict=True)]
    sizes = [
        size
        for size, _ in enumerate(candidates, 1)
        if all(sum(column[:size]) >= gap for column, gap in zip(largest, gaps, strict=True))
    ]
    sets = chain.from_iterable(combinations(candidates, size) for size in sizes)
    smallest = next((s for s in islice(sets, _MAX_SETS) if _is_sufficient(s, gains, gaps)), None)
    return (_find_small_set(candidates, gains, gaps), False) if smallest is None else (smallest, True)


def _find_small_set(candidates: Sequence[str], gains: Gains, gaps: Sequence[int]) -> tuple[str, ...]:
    """A sufficient set without a spare item: all candidates but those that are not needed, the smallest gains first."""
    chosen = list(candidates)
    for item in reversed(candidates):
        others = [other for other in chosen if other != item]
        if _is_sufficient(others, gains, gaps):
            chosen = others
    return tuple(chosen)
