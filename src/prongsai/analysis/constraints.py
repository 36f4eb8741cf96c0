"""Which printed figures cannot all be true, and what the others leave possible.

Every score is a variable between 0 and 100. A printed figure keeps its variable within the values that round to it;
a rule ties variables together by a linear equation with whole coefficients. Bounds are whole numbers of 10^-9 point,
always rounded outwards, so an interval may be a hair too wide and never too narrow: nothing is accused wrongly.

Each bound remembers the claims (figures, and rules that are only inferred) it was drawn from. When a variable is left
without a value, those claims cannot all hold; the cheapest set of claims whose withdrawal makes the rest consistent is
the diagnosis (a minimum-cost hitting set of the conflicts, found best first).
"""

import heapq
import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

UNIT = 10**9
FULL = 100 * UNIT
_ROUNDS = 60  # of propagation; real documents settle in under ten
_STEPS = 4000  # of the search; real documents need tens


def units(value: Fraction) -> int:
    return round(value * UNIT)


@dataclass(frozen=True)
class Claim:
    """Something that may be withdrawn: a figure's interval, or a rule that is only inferred."""

    name: Hashable
    cost: int


@dataclass(frozen=True)
class Equation:
    """``sum(coefficient * variable) = 0``; ``claim`` is the number of the claim it rests on, or -1 when it is sure."""

    terms: tuple[tuple[int, int], ...]
    claim: int = -1


@dataclass
class System:
    """Variables, equations and the intervals claimed for variables."""

    variables: dict[Hashable, int] = field(default_factory=dict)
    limits: list[tuple[int, int]] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    intervals: list[tuple[int, int, int, int]] = field(default_factory=list)  # variable, low, high, claim

    def variable(self, name: Hashable, low: int = 0, high: int = FULL) -> int:
        if name not in self.variables:
            self.variables[name] = len(self.limits)
            self.limits.append((low, high))
        return self.variables[name]

    def claim(self, name: Hashable, cost: int) -> int:
        self.claims.append(Claim(name, cost))
        return len(self.claims) - 1

    def equate(self, whole: Hashable, parts: Iterable[tuple[Hashable, Fraction]], claim: int = -1) -> None:
        """``whole`` is the weighted sum of ``parts``; weights are rationals."""
        weighted = list(parts)
        common = math.lcm(*(weight.denominator for _, weight in weighted))
        terms = [(-common, self.variable(whole))]
        terms += [(int(weight * common), self.variable(name)) for name, weight in weighted]
        self.equations.append(Equation(tuple(terms), claim))

    def within(self, name: Hashable, low: int, high: int, claim: int) -> None:
        self.intervals.append((self.variable(name), low, high, claim))

    # --- what follows, and what cannot be ---------------------------------------------------------------------------

    def bounds(self, without: frozenset[int]) -> "Bounds":
        """The interval of every variable once the claims in ``without`` are withdrawn."""
        low = [a for a, _ in self.limits]
        high = [b for _, b in self.limits]
        why_low = [0] * len(low)
        why_high = [0] * len(high)
        for variable, a, b, claim in self.intervals:
            if claim in without:
                continue
            mask = 1 << claim
            if a > low[variable]:
                low[variable], why_low[variable] = a, mask
            if b < high[variable]:
                high[variable], why_high[variable] = b, mask
            if low[variable] > high[variable]:
                return Bounds(low, high, why_low[variable] | why_high[variable])
        equations = [e for e in self.equations if e.claim not in without]
        touching: dict[int, list[int]] = {}
        for number, equation in enumerate(equations):
            for _, variable in equation.terms:
                touching.setdefault(variable, []).append(number)
        waiting = dict.fromkeys(range(len(equations)))
        budget = _ROUNDS * max(1, len(equations))
        while waiting and budget:
            budget -= 1
            number = next(iter(waiting))
            del waiting[number]
            equation = equations[number]
            changed = self._tighten(equation, low, high, why_low, why_high)
            if changed is None:
                broken = next(v for _, v in equation.terms if low[v] > high[v])
                return Bounds(low, high, why_low[broken] | why_high[broken])
            for variable in changed:
                waiting.update(dict.fromkeys(n for n in touching[variable] if n != number))
        return Bounds(low, high, 0)

    @staticmethod
    def _tighten(
        equation: Equation, low: list[int], high: list[int], why_low: list[int], why_high: list[int]
    ) -> list[int] | None:
        """Tighten every variable of one equation; the ones that moved, or None when one has no value left."""
        own = 1 << equation.claim if equation.claim >= 0 else 0
        least = sum(c * (low[v] if c > 0 else high[v]) for c, v in equation.terms)
        most = sum(c * (high[v] if c > 0 else low[v]) for c, v in equation.terms)
        moved = []
        for c, v in equation.terms:
            # the others sum to between these, and c * v must cancel them
            others_least = least - c * (low[v] if c > 0 else high[v])
            others_most = most - c * (high[v] if c > 0 else low[v])
            if c > 0:
                new_low, new_high = -others_most // c, -(others_least // c)
            else:
                new_low, new_high = others_least // -c, -(others_most // c)
            # a gain smaller than a millionth of a point decides nothing and could go on for ever
            if new_low > low[v] + 1000 or new_low > high[v]:
                why = own
                for d, w in equation.terms:
                    if w != v:
                        why |= (why_high if (d > 0) == (c > 0) else why_low)[w]
                low[v], why_low[v] = new_low, why
                moved.append(v)
            if new_high < high[v] - 1000 or new_high < low[v]:
                why = own
                for d, w in equation.terms:
                    if w != v:
                        why |= (why_low if (d > 0) == (c > 0) else why_high)[w]
                high[v], why_high[v] = new_high, why
                moved.append(v)
            if low[v] > high[v]:
                return None
            if moved and moved[-1] == v:
                least = sum(c * (low[v] if c > 0 else high[v]) for c, v in equation.terms)
                most = sum(c * (high[v] if c > 0 else low[v]) for c, v in equation.terms)
        return moved

    def diagnoses(self, slack: int, limit: int = 12) -> list[frozenset[int]]:
        """The cheapest sets of claims to withdraw so that the rest can hold, cheapest first.

        Sets up to ``slack`` dearer than the cheapest are given too, at most ``limit``. ``[frozenset()]`` when
        nothing contradicts.
        """
        found: list[frozenset[int]] = []
        best = None
        seen = {frozenset[int]()}
        queue: list[tuple[int, int, frozenset[int]]] = [(0, 0, frozenset())]
        order = 0
        for _ in range(_STEPS):
            if not queue or len(found) >= limit:
                break
            cost, _, dropped = heapq.heappop(queue)
            if best is not None and cost > best + slack:
                break
            conflict = self.bounds(dropped).conflict
            if not conflict:
                if not any(f < dropped for f in found):
                    found.append(dropped)
                    best = cost if best is None else best
                continue
            for claim in _members(conflict):
                more = dropped | {claim}
                if more not in seen:
                    seen.add(more)
                    order += 1
                    heapq.heappush(queue, (cost + self.claims[claim].cost, order, more))
        return found


@dataclass(frozen=True)
class Bounds:
    """Intervals by variable number, in 10^-9 point; ``conflict`` is the bit set of claims that cannot all hold."""

    low: Sequence[int]
    high: Sequence[int]
    conflict: int


def _members(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]
