"""How far two assessors agree beyond what chance would give."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Agreement:
    """Pairs of marks: how many, how many agree, and Cohen's kappa. ``kappa`` is None where it says nothing: no pairs,
    or everybody always gave the same one mark."""

    pairs: int
    agreeing: int
    kappa: Fraction | None


def agreement(pairs: Iterable[Sequence[int]]) -> Agreement:
    """Agreement of (first, second) marks (Cohen 1960): (observed - by chance) / (1 - by chance), exact."""
    marks = [(first, second) for first, second in pairs]
    number, agreeing = len(marks), sum(first == second for first, second in marks)
    if not marks:
        return Agreement(number, agreeing, None)
    firsts, seconds = Counter(first for first, _ in marks), Counter(second for _, second in marks)
    chance = sum((Fraction(firsts[mark] * seconds[mark], number**2) for mark in firsts), Fraction())
    kappa = None if chance == 1 else (Fraction(agreeing, number) - chance) / (1 - chance)
    return Agreement(number, agreeing, kappa)
