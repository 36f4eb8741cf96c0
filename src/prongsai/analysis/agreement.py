"""How far two assessors agree beyond what chance would give."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Agreement:
    """Pairs of marks: how many, how many alike, and Cohen's kappa. ``kappa`` is None where it says nothing: no pairs,
    or everybody always gave the same one mark."""

    pairs: int
    alike: int
    kappa: Fraction | None


def agreement(pairs: Iterable[Sequence[int]]) -> Agreement:
    """Agreement of (first, second) marks (Cohen 1960): (observed - by chance) / (1 - by chance), exact."""
    given = [(a, b) for a, b in pairs]
    n, alike = len(given), sum(a == b for a, b in given)
    if not n:
        return Agreement(0, 0, None)
    first, second = Counter(a for a, _ in given), Counter(b for _, b in given)
    chance = sum((Fraction(first[mark] * second[mark], n * n) for mark in first), Fraction())
    return Agreement(n, alike, None if chance == 1 else (Fraction(alike, n) - chance) / (1 - chance))
