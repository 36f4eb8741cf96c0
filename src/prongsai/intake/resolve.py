"""Which of the plausible readings of a document is right: the cheapest that the rulebook's arithmetic can hold with.

Every number has been given its first reading. Where the layout leaves another one open, it is here as an
:class:`Otherwise`, with what it costs to believe it. A set of readings costs what its members cost, and what the audit
would have to withdraw so that the rest can hold. Nothing is ever read otherwise only to make the sums come out: a
reading that the layout does not suggest is not here, so that a real slip stays one.

Sure is what every reading says that is nearly as cheap as the best.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from prongsai.analysis.audit.claims import Claims
from prongsai.analysis.audit.constraints import FULL, UNIT, to_units
from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.lib.rounding import places_of, preimage

MARGIN = 8  # readings no dearer than this above the best are not excluded
_HOPELESS = 10_000  # what contradicts in more ways than can be searched
_SUPPORT = 10  # what it is worth that the other figures leave hardly another value for one that is in doubt
_NARROW = 2 * UNIT // 5  # what is left of 100 for an indicator of five, between figures of two decimals
_MOST_SUPPORTED = 12  # figures in doubt for which that is asked
_COST_SHARE = 30  # of disbelieving a share, as of disbelieving the score of an instrument
_MOST = 16  # other readings that are tried; of more, the cheapest
_SHARE = "เป็นคะแนนส่วนที่เครื่องมือให้แก่คะแนนรวม ไม่ใช่คะแนนจากเต็ม 100 ของเครื่องมือนั้น"

Choice = frozenset[int]  # the numbers of the other readings that are believed


@dataclass(frozen=True)
class Otherwise:
    """Another way to read some figures, all at once: what each would be, None for no score of the agency.

    ``note`` tells a person what is unclear, where it cannot be excluded. ``cost`` below MARGIN says that the layout
    alone does not exclude it.
    """

    instead: Mapping[Figure, Figure | None]
    cost: int
    note: str


@dataclass(frozen=True)
class Share:
    """The points that a node gives to the total, instead of its own score: its weight times the score."""

    figure: Figure
    number: Decimal
    parts: Mapping[str, Fraction]


def resolve(
    figures: Sequence[Figure],
    others: Sequence[Otherwise],
    frameworks: Mapping[int, Framework],
    shares: Mapping[Figure, Share],
) -> list[Figure]:
    """The figures by the best reading, those unsure that another reading as good has otherwise.

    ``shares`` says which figures of other readings are no scores but shares of a total.
    """
    others = sorted((o for o in others if any(f.sure for f in o.instead)), key=lambda o: o.cost)
    if not others:
        return list(figures)
    untried = {f: o.note for o in others[_MOST:] if o.cost <= MARGIN for f in o.instead}
    figures = [replace(f, sure=False, note=untried[f]) if f in untried else f for f in figures]
    others = others[:_MOST]
    trial = _Trial(figures, others, frameworks, shares)
    best = trial.best()
    rivals = trial.rivals(best)
    settled = (_settle(figure, trial, best, rivals) for figure in figures)
    return [figure for figure in settled if figure is not None]


def _settle(figure: Figure, trial: "_Trial", best: Choice, rivals: Sequence[Choice]) -> Figure | None:
    chosen = trial.reading(figure, best)
    is_clear = all(trial.reading(figure, rival) == chosen for rival in rivals)
    if is_clear and chosen in trial.shares:
        return replace(figure, sure=False, note=_SHARE)
    if not is_clear:
        doubts = (trial.others[n] for c in (best, *rivals) for n in sorted(c) if figure in trial.others[n].instead)
        return replace(figure, sure=False, note=next((o.note for o in doubts), figure.note))
    return chosen


class _Trial:
    """The readings of one agency's figures, and what has been found of their prices."""

    def __init__(
        self,
        figures: Sequence[Figure],
        others: Sequence[Otherwise],
        frameworks: Mapping[int, Framework],
        shares: Mapping[Figure, Share],
    ) -> None:
        self.figures = [f for f in figures if f.kind in ("score", "change")]
        self.others = others
        self.frameworks = frameworks
        self.shares = shares
        self.prices: dict[Choice, int] = {}
        self.doubted = list(dict.fromkeys(f for o in others for f in o.instead))[:_MOST_SUPPORTED]

    def best(self) -> Choice:
        """The cheapest choice, reached by believing one more reading at a time as long as that is cheaper."""
        best: Choice = frozenset()
        self._try(best)
        while True:
            for number, other in enumerate(self.others):
                if number not in best and self._is_open(best, other):
                    self._try(best | {number})
            cheapest = min(self.prices, key=lambda c: (self.prices[c], len(c), sorted(c)))
            if cheapest == best:
                return best
            best = cheapest

    def rivals(self, best: Choice) -> list[Choice]:
        return [c for c, price in self.prices.items() if c != best and price <= self.prices[best] + MARGIN]

    def reading(self, figure: Figure, choice: Choice) -> Figure | None:
        for number in choice:
            if figure in self.others[number].instead:
                return self.others[number].instead[figure]
        return figure

    def _is_open(self, choice: Choice, other: Otherwise) -> bool:
        """Whether a reading may be the better one, and speaks of nothing that is read otherwise already."""
        believed = {f for n in choice for f in self.others[n].instead}
        least = other.cost - _SUPPORT * len(self.doubted)  # if all the rest bear it out
        return believed.isdisjoint(other.instead) and least <= self.prices[choice] + MARGIN

    def _try(self, choice: Choice) -> None:
        read = [r for f in self.figures if (r := self.reading(f, choice)) is not None]
        doubted = {r for f in self.doubted if (r := self.reading(f, choice)) is not None}
        self.prices[choice] = sum(self.others[n].cost for n in choice) + self._price(read, doubted)

    def _price(self, figures: Sequence[Figure], doubted: Collection[Figure]) -> int:
        """What must be withdrawn so that the rest of the figures can hold, less what they say for those in doubt."""
        claims = Claims([f for f in figures if f not in self.shares], self.frameworks)
        for share in (self.shares[f] for f in figures if f in self.shares):
            _claim_share(claims, share)
        explanations = claims.system.explain_conflicts(0, 1)
        if not explanations:
            return _HOPELESS
        withdrawn = explanations[0]
        supported = sum(_is_supported(claims, figure, withdrawn) for figure in doubted)
        return sum(claims.system.costs[c] for c in withdrawn) - _SUPPORT * supported


def _is_supported(claims: Claims, figure: Figure, withdrawn: frozenset[int]) -> bool:
    """Whether a figure that stands is what the others, without it, leave possible, and little else is."""
    key = (figure.fiscal_year, figure.node)
    observations = claims.scores.get(key, ())
    own = frozenset(claim for o in observations for claim in o.claims)
    stands = any(o.figure.value == figure.value and not withdrawn.issuperset(o.claims) for o in observations)
    if not stands or figure.number is None:
        return False
    bounds = claims.system.solve(withdrawn | own)
    variable = claims.system.variables[key]
    return not bounds.conflict and bounds.high[variable] - bounds.low[variable] <= _NARROW


def _claim_share(claims: Claims, share: Share) -> None:
    """A share stands for the scores it is made of: their sum by weight lies where it rounds to what is printed."""
    year, system = share.figure.fiscal_year, claims.system
    variable = ("share", year, share.figure.node)
    system.add_variable(variable, high=FULL)
    system.add_equation(variable, [((year, name), weight) for name, weight in share.parts.items()])
    low, high = preimage(Fraction(share.number), places_of(share.figure.value))
    system.add_interval(variable, to_units(low), to_units(high), system.add_claim(_COST_SHARE))
