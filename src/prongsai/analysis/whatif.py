"""What if: the exact effect of changed scores, and the least that reaches the next level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from prongsai.analysis.judgement import Known, why_not_higher
from prongsai.framework import DisclosureItem, Framework
from prongsai.scoring import bands, complete, shown

_TRIES = 20_000  # sets looked at before settling for a small one


@dataclass(frozen=True)
class Effect:
    """One node before and after. ``change`` is exact; the others are as shown."""

    node: str
    before: Decimal
    after: Decimal
    change: Fraction


@dataclass(frozen=True)
class WhatIf:
    effects: tuple[Effect, ...]
    level_before: str
    level_after: str


def what_if(framework: Framework, known: Known, changed: Mapping[str, Fraction]) -> WhatIf:
    """The result with some scores changed. Every node above a changed one is computed again from its parts.

    ``known`` must determine the total. A node above a changed one whose parts are not all known moves by its share of
    the change, which is exact because every rule is linear.
    """
    before = complete(framework, known)
    after = moved(framework, before, changed)
    effects = tuple(
        Effect(n, shown(framework, before[n]), shown(framework, after[n]), after[n] - before[n])
        for n in framework.nodes
        if n in before and after[n] != before[n]
    )
    return WhatIf(effects, bands(framework, before)[0].id, bands(framework, after)[0].id)


def moved(framework: Framework, scores: Known, changed: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Scores after a change, by passing each difference up the tree with its weight."""
    difference = {n: value - scores[n] for n, value in changed.items()}

    def delta(node: str) -> Fraction:
        if node not in difference:
            difference[node] = sum((w * delta(p) for p, w in framework.nodes[node].parts.items()), Fraction())
        return difference[node]

    return {n: value + delta(n) for n, value in scores.items()}


@dataclass(frozen=True)
class Reach:
    """The least set of items to raise to full marks so that a level is reached. ``exact`` says that no smaller set
    exists; otherwise the set is small but a smaller one was not ruled out. ``items`` is None when nothing reaches
    it."""

    level: str
    items: tuple[str, ...] | None
    result: WhatIf | None
    exact: bool


def least_to_next_level(framework: Framework, known: Known) -> Reach | None:
    """The fewest items which, raised to full marks, lift the result to the next level; None at the top level.

    Disclosure items count for every agency alike; survey items are used only where disclosure cannot do it alone,
    because an agency decides what it publishes and not what people answer. Needs every item that could be raised.
    """
    scores = complete(framework, known)
    level = why_not_higher(framework, scores).next
    if level is None:
        return None
    lacking = _lacking(framework, scores, level)
    gains: dict[str, dict[str, Fraction]] = {}
    for node in framework.nodes.values():
        if node.kind == "item" and scores.get(node.id, 100) < 100:
            gains[node.id] = {c: _weight(framework, c, node.id) * (100 - scores[node.id]) for c in lacking}

    def heaviest_first(items: Iterable[str]) -> list[str]:
        return sorted(items, key=lambda i: -max(gains[i].values()))

    disclosures = [i for i in gains if isinstance(framework.nodes[i].item, DisclosureItem)]
    for pool in (disclosures, list(gains)):
        candidates = heaviest_first(pool)
        if not _enough(candidates, gains, lacking):
            continue
        items, exact = _fewest(candidates, gains, lacking)
        return Reach(level, items, what_if(framework, scores, dict.fromkeys(items, Fraction(100))), exact)
    return Reach(level, None, None, True)


def _lacking(framework: Framework, scores: Known, level: str) -> dict[str, Fraction]:
    """By condition of a level not yet met: the least gain that rounds up to it."""
    band = framework.bands[level]
    needed = {"overall": band.at_least} | dict.fromkeys(framework.instruments, band.every_instrument_at_least or 0)
    half = Fraction(1, 2 * 10**framework.rules.rounding.places)
    return {n: need - half - scores[n] for n, need in needed.items() if shown(framework, scores[n]) < need}


def _weight(framework: Framework, node: str, item: str) -> Fraction:
    """How much one point of an item moves a node above it."""
    if node == item:
        return Fraction(1)
    return sum((w * _weight(framework, p, item) for p, w in framework.nodes[node].parts.items()), Fraction())


def _enough(items: Iterable[str], gains: Mapping[str, Mapping[str, Fraction]], lacking: Mapping[str, Fraction]) -> bool:
    items = tuple(items)
    return all(sum((gains[i][c] for i in items), Fraction()) >= short for c, short in lacking.items())


def _fewest(
    candidates: list[str], gains: Mapping[str, Mapping[str, Fraction]], lacking: Mapping[str, Fraction]
) -> tuple[tuple[str, ...], bool]:
    """The smallest set that is enough, and whether it is proven smallest. ``candidates`` are heaviest first."""
    best = {c: sorted((gains[i][c] for i in candidates), reverse=True) for c in lacking}
    tries = 0
    for size in range(1, len(candidates) + 1):
        if any(sum(best[c][:size], Fraction()) < short for c, short in lacking.items()):
            continue  # not even the heaviest of this many would do
        for chosen in combinations(candidates, size):
            if _enough(chosen, gains, lacking):
                return chosen, True
            tries += 1
            if tries > _TRIES:
                break
        if tries > _TRIES:
            break
    chosen_so_far: list[str] = []
    for item in candidates:  # too many sets to try: take the heaviest until it is enough, then leave out what is spare
        chosen_so_far.append(item)
        if _enough(chosen_so_far, gains, lacking):
            break
    for item in list(chosen_so_far):
        if _enough((i for i in chosen_so_far if i != item), gains, lacking):
            chosen_so_far.remove(item)
    return tuple(chosen_so_far), False
