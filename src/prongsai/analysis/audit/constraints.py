"""Interval propagation over linear equations, and the cheapest explanations of what contradicts.

Every score is a variable between 0 and 100. A printed figure keeps its variable within the values that round to it;
a rule ties variables together by a linear equation with whole coefficients. Bounds are whole numbers of 10^-9 point,
always rounded outwards, so an interval may be slightly too wide and never too narrow: nothing is accused wrongly.

Each bound remembers the claims (figures, and rules that are only inferred) it follows from. When a variable has no
possible value, those claims cannot all hold; the cheapest set of claims whose withdrawal makes the rest consistent is
the diagnosis (a minimum-cost hitting set of the conflicts, searched best first).
"""

import heapq
import math
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

UNIT = 10**9
FULL = 100 * UNIT
_MIN_GAIN = UNIT // 10**6  # a smaller gain decides nothing and could go on for ever
_MAX_ROUNDS = 60  # of propagation; real documents settle in under ten
_MAX_STEPS = 4000  # of the search; real documents need tens


def to_units(value: Fraction) -> int:
    """Points as whole units of 10^-9 point."""
    return round(value * UNIT)


@dataclass(frozen=True)
class Equation:
    """``sum(coefficient * variable) = 0`` over ``terms``; ``claims`` is the bit set of claims it rests on, 0 when
    certain."""

    terms: tuple[tuple[int, int], ...]
    claims: int = 0


@dataclass(frozen=True)
class Interval:
    """What a claim says of a variable, in units."""

    variable: int
    low: int
    high: int
    claim: int


@dataclass(frozen=True)
class Bounds:
    """Intervals by variable number, in units; or ``conflict``, the bit set of claims that cannot all hold."""

    low: Sequence[int] = ()
    high: Sequence[int] = ()
    conflict: int = 0


@dataclass
class System:
    """Variables by name, equations, intervals claimed for variables, and what each claim costs to withdraw."""

    variables: dict[Hashable, int] = field(default_factory=dict)
    limits: list[tuple[int, int]] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    intervals: list[Interval] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    solved: dict[frozenset[int], "_Propagation"] = field(default_factory=dict)

    @cached_property
    def equations_of(self) -> list[list[int]]:
        """The numbers of each variable's equations."""
        numbers: list[list[int]] = [[] for _ in self.limits]
        for number, equation in enumerate(self.equations):
            for _, variable in equation.terms:
                numbers[variable].append(number)
        return numbers

    def add_variable(self, name: Hashable, low: int = 0, high: int = FULL) -> int:
        """The number of a variable, which is created the first time its name occurs."""
        if name not in self.variables:
            self.variables[name] = len(self.limits)
            self.limits.append((low, high))
        return self.variables[name]

    def add_claim(self, cost: int) -> int:
        """The number of a new claim that costs ``cost`` to withdraw."""
        self.costs.append(cost)
        return len(self.costs) - 1

    def add_equation(
        self, total: Hashable, parts: Sequence[tuple[Hashable, Fraction]], claims: Iterable[int] = ()
    ) -> None:
        """State that ``total`` is the weighted sum of ``parts``, if all of ``claims`` hold; weights are rationals."""
        common = math.lcm(*(weight.denominator for _, weight in parts))
        terms = [(-common, self.add_variable(total))]
        terms += [(int(weight * common), self.add_variable(name)) for name, weight in parts if weight]
        self.equations.append(Equation(tuple(terms), _mask(claims)))

    def add_interval(self, name: Hashable, low: int, high: int, claim: int) -> None:
        """State that a variable lies between ``low`` and ``high`` units."""
        self.intervals.append(Interval(self.add_variable(name), low, high, claim))

    def solve(self, withdrawn: frozenset[int]) -> Bounds:
        """The interval of every variable once the claims in ``withdrawn`` no longer count.

        Ask when every variable, claim, equation and interval has been added: an answer is remembered.
        """
        if withdrawn not in self.solved:
            # what follows from claims that still count need not be derived again
            start = max((known for known in self.solved if known < withdrawn), key=len, default=None)
            run = _Propagation(self, withdrawn, None if start is None else self.solved[start])
            run.propagate()
            self.solved[withdrawn] = run
        return self.solved[withdrawn].bounds()

    def explain_conflicts(self, slack: int, limit: int = 12) -> list[frozenset[int]]:
        """The cheapest sets of claims to withdraw so that the rest can hold, cheapest first.

        Includes sets up to ``slack`` dearer than the cheapest, at most ``limit``. ``[frozenset()]`` when nothing
        contradicts; empty when the search gives up.
        """
        explanations: list[frozenset[int]] = []
        seen = {frozenset[int]()}
        queue: list[tuple[int, int, frozenset[int]]] = [(0, 0, frozenset())]  # cost, order of arrival, withdrawn
        dearest = math.inf
        conflicts: list[frozenset[int]] = []  # those met so far
        for _ in range(_MAX_STEPS):
            if not queue or len(explanations) >= limit:
                break
            cost, _, withdrawn = heapq.heappop(queue)
            if cost > dearest:
                break
            # a conflict of which no claim is withdrawn is one still, and need not be met again
            conflict = next((met for met in conflicts if met.isdisjoint(withdrawn)), None)
            if conflict is None and (mask := self.solve(withdrawn).conflict):
                conflict = frozenset(_members(mask))
                conflicts.append(conflict)
            if conflict is None:
                if not any(smaller < withdrawn for smaller in explanations):
                    explanations.append(withdrawn)
                    dearest = min(dearest, cost + slack)
                continue
            for claim in sorted(conflict):
                more = withdrawn | {claim}
                if more not in seen:
                    seen.add(more)
                    heapq.heappush(queue, (cost + self.costs[claim], len(seen), more))
        return explanations

    def withdraw_cheapest(self) -> frozenset[int]:
        """Claims without which nothing contradicts: the cheapest of each conflict in turn, which need not be the
        cheapest set."""
        withdrawn = frozenset[int]()
        while conflict := self.solve(withdrawn).conflict:
            withdrawn |= {min(_members(conflict), key=self.costs.__getitem__)}
        return withdrawn


class _Propagation:
    """One run of propagation. ``low_claims`` and ``high_claims`` are the bit sets of claims each bound follows from;
    ``contradicted`` is the variable that has no possible value.

    A run goes on from another in which fewer claims are withdrawn: bounds that follow from none of the further ones
    stand, the rest are derived again.
    """

    def __init__(self, system: System, withdrawn: frozenset[int], start: "_Propagation | None") -> None:
        self.system, self.withdrawn = system, withdrawn
        self.withdrawn_mask = _mask(withdrawn)
        self.contradicted: int | None
        if start is None:
            variables = range(len(system.limits))
            self.low, self.high = [low for low, _ in system.limits], [high for _, high in system.limits]
            self.low_claims, self.high_claims = [0] * len(variables), [0] * len(variables)
            self.waiting = dict.fromkeys(range(len(system.equations)))  # a queue without repetition
            self._apply_intervals(variables)
        else:
            self.low, self.high = start.low.copy(), start.high.copy()
            self.low_claims, self.high_claims = start.low_claims.copy(), start.high_claims.copy()
            self.waiting = start.waiting.copy()
            self._apply_intervals(self._retract(self.withdrawn_mask))

    def bounds(self) -> Bounds:
        if self.contradicted is None:
            return Bounds(self.low, self.high)
        return Bounds(conflict=self.low_claims[self.contradicted] | self.high_claims[self.contradicted])

    def propagate(self) -> None:
        """Tighten every variable until none moves, or one has no possible value."""
        budget = _MAX_ROUNDS * len(self.system.equations)
        self.contradicted = next((v for v, low in enumerate(self.low) if low > self.high[v]), None)
        while self.waiting and budget and self.contradicted is None:
            budget -= 1
            number = next(iter(self.waiting))
            equation = self.system.equations[number]
            if not equation.claims & self.withdrawn_mask:
                self._tighten_all(equation)
            if self.contradicted is None:
                del self.waiting[number]

    def _tighten_all(self, equation: Equation) -> None:
        for variable in self._tighten(equation):
            self.waiting.update(dict.fromkeys(self.system.equations_of[variable]))
            if self.low[variable] > self.high[variable]:
                self.contradicted = variable
                return

    def _retract(self, claims: int) -> set[int]:
        """Take back the bounds that follow from one of ``claims``, a bit set; returns their variables."""
        lows = [variable for variable, follows in enumerate(self.low_claims) if follows & claims]
        highs = [variable for variable, follows in enumerate(self.high_claims) if follows & claims]
        for variable in lows:
            self.low[variable], self.low_claims[variable] = self.system.limits[variable][0], 0
        for variable in highs:
            self.high[variable], self.high_claims[variable] = self.system.limits[variable][1], 0
        retracted = {*lows, *highs}
        for variable in retracted:
            self.waiting.update(dict.fromkeys(self.system.equations_of[variable]))
        return retracted

    def _apply_intervals(self, variables: Container[int]) -> None:
        for interval in self.system.intervals:
            if interval.variable in variables and interval.claim not in self.withdrawn:
                self._apply_interval(interval)

    def _apply_interval(self, interval: Interval) -> None:
        variable, mask = interval.variable, 1 << interval.claim
        if interval.low > self.low[variable]:
            self.low[variable], self.low_claims[variable] = interval.low, mask
        if interval.high < self.high[variable]:
            self.high[variable], self.high_claims[variable] = interval.high, mask

    def _tighten(self, equation: Equation) -> Iterator[int]:
        """Tighten each variable of an equation from the others; yields those that moved."""
        low, high = self.low, self.high
        ranges = [(c * low[v], c * high[v]) if c > 0 else (c * high[v], c * low[v]) for c, v in equation.terms]
        least, most = sum([first for first, _ in ranges]), sum([last for _, last in ranges])
        for (coefficient, variable), (own_least, own_most) in zip(equation.terms, ranges, strict=True):
            width = own_most - own_least
            if width <= most and width <= -least:
                continue  # the others can cancel any value of this term
            others_least, others_most = least - own_least, most - own_most  # which this term must cancel
            if coefficient > 0:
                new_low, new_high = -others_most // coefficient, -(others_least // coefficient)
            else:
                new_low, new_high = others_least // -coefficient, -(others_most // coefficient)
            is_raised = new_low > low[variable] + _MIN_GAIN or new_low > high[variable]
            if is_raised:
                low[variable] = new_low
                self.low_claims[variable] = _claims_of_others(
                    equation, coefficient, variable, self.high_claims, self.low_claims
                )
            is_lowered = new_high < high[variable] - _MIN_GAIN or new_high < low[variable]
            if is_lowered:
                high[variable] = new_high
                self.high_claims[variable] = _claims_of_others(
                    equation, coefficient, variable, self.low_claims, self.high_claims
                )
            if is_raised or is_lowered:
                yield variable
                ends = (coefficient * low[variable], coefficient * high[variable])
                least, most = others_least + min(ends), others_most + max(ends)


def _claims_of_others(
    equation: Equation, coefficient: int, variable: int, same_sign: Sequence[int], other_sign: Sequence[int]
) -> int:
    """The claims a bound of ``variable`` follows from: of the other variables, the bounds in ``same_sign`` where their
    coefficient has the sign of its own, those in ``other_sign`` elsewhere."""
    mask = equation.claims
    is_positive = coefficient > 0
    for c, v in equation.terms:
        if v != variable:
            mask |= (same_sign if (c > 0) == is_positive else other_sign)[v]
    return mask


def _mask(claims: Iterable[int]) -> int:
    mask = 0
    for claim in claims:
        mask |= 1 << claim
    return mask


def _members(mask: int) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]
