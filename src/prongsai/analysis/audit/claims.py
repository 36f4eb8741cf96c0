"""The system of claims: each printed figure as an interval of its node, each rule as an equation between nodes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from prongsai.analysis.audit.constraints import FULL, System, to_units
from prongsai.analysis.figures import Figure
from prongsai.framework import DisclosureItem, Framework
from prongsai.lib.rounding import half_up, places_of, preimage
from prongsai.scoring import find_weights

NodeKey = tuple[int, str]  # fiscal year and node

# The cost of disbelieving a figure: totals are copied from the official result, items are typed by hand.
_COSTS = {
    "overall": 40,
    "composite": 30,
    "instrument": 30,
    "indicator": 25,
    "part_indicator": 16,
    "sub_indicator": 16,
    "item": 10,
}
_COST_CHANGE = 8
_COST_INFERRED_RULE = 6
_COST_TRIMMED_ZERO = 3
_COST_REPEAT = 3  # for each further place that prints the same
_MAX_REPEATS = 4
_IMPOSSIBLE = 2 * FULL


@dataclass(kw_only=True, eq=False)
class Observation:
    """One distinct printed value of one node.

    ``repeats`` counts the places that print it. ``claims`` are the numbers of its claims: the strict reading, then,
    when a trailing zero may have been trimmed, the loose one. A variant of another observation claims nothing.
    """

    figure: Figure
    value: Fraction
    places: int
    repeats: int
    claims: tuple[int, ...] = ()
    variant_of: "Observation | None" = None


class Claims:
    """Everything one agency's documents claim. ``scores`` and ``changes`` hold the observations of each node;
    ``rule_claims`` the claims that stand for rules which are only inferred."""

    def __init__(self, figures: Iterable[Figure], frameworks: Mapping[int, Framework]) -> None:
        self.frameworks = frameworks
        self.scores: dict[NodeKey, list[Observation]] = {}
        self.changes: dict[NodeKey, list[Observation]] = {}
        self.rule_claims: dict[NodeKey, int] = {}
        self.system = System()
        for (year, _, _), same in group_figures(figures).items():
            figure, framework, number = same[0], frameworks.get(year), same[0].number
            group = {"score": self.scores, "change": self.changes}.get(figure.kind)
            if group is None or framework is None or not figure.sure or number is None:
                continue
            if figure.subject in framework.nodes:
                places = places_of(figure.value)
                observation = Observation(figure=figure, value=Fraction(number), places=places, repeats=len(same))
                group.setdefault((year, figure.subject), []).append(observation)
        for observations in self.scores.values():
            _mark_variants(observations)
        self._claim_rules()
        self._claim_scores()
        self._claim_changes()

    def originals(self, key: NodeKey) -> list[Observation]:
        """The observations of a node that are not variants of another."""
        return [o for o in self.scores.get(key, ()) if o.variant_of is None]

    def is_mark(self, key: NodeKey) -> bool:
        """Whether a node is a disclosure item."""
        return isinstance(self.frameworks[key[0]].nodes[key[1]].item, DisclosureItem)

    def _claim_rules(self) -> None:
        """The equations of every node near something printed."""
        printed: dict[int, list[str]] = {}
        for year, name in self.scores:
            printed.setdefault(year, []).append(name)
        for year, names in printed.items():
            framework = self.frameworks[year]
            relevant = _near_printed(framework, names)
            for node in framework.nodes.values():
                if node.parts and not relevant.isdisjoint((node.id, *node.parts)):
                    self._claim_rule(year, node.id, node.parts, {node.id})
            for name in names:
                below = framework.descend([name])
                weights = find_weights(framework, names, name) or {}
                if not below.issuperset(weights):
                    # other totals together hold what the node holds: bounds of one part at a time cannot tell
                    shared = framework.descend(weights)
                    above = framework.descend([name], until=shared)
                    self._claim_rule(year, name, weights, (above | shared - below) - {*framework.items})

    def _claim_rule(self, year: int, name: str, weights: Mapping[str, Fraction], rules: Iterable[str]) -> None:
        """State that a node is a weighted sum of others by ``rules``, nodes with the rule of each."""
        framework = self.frameworks[year]
        claims = []
        for rule in rules:
            if framework.nodes[rule].basis.standing == "inferred":
                if (year, rule) not in self.rule_claims:
                    self.rule_claims[year, rule] = self.system.add_claim(_COST_INFERRED_RULE)
                claims.append(self.rule_claims[year, rule])
        self.system.add_equation((year, name), [((year, part), weight) for part, weight in weights.items()], claims)

    def _claim_scores(self) -> None:
        for key in self.scores:
            framework = self.frameworks[key[0]]
            for observation in self.originals(key):
                self._claim_score(key, observation, framework)

    def _claim_score(self, key: NodeKey, observation: Observation, framework: Framework) -> None:
        node = framework.nodes[key[1]]
        full_places = framework.rules.rounding.places
        trimmed = observation.places < full_places  # 80.9 may stand for 80.90, or for anything that rounds to 80.9
        cost = _COSTS[node.kind] + _COST_REPEAT * min(observation.repeats - 1, _MAX_REPEATS)
        strict = self.system.add_claim(_COST_TRIMMED_ZERO if trimmed else cost)
        self.system.add_interval(key, *_interval(observation.value, max(full_places, observation.places)), strict)
        observation.claims = (strict,)
        if trimmed:
            loose = self.system.add_claim(cost)
            self.system.add_interval(key, *_interval(observation.value, observation.places), loose)
            observation.claims = (strict, loose)
        if self.is_mark(key) and observation.value not in framework.mark_points(node.id):
            self.system.add_interval(key, _IMPOSSIBLE, _IMPOSSIBLE, observation.claims[-1])

    def _claim_changes(self) -> None:
        for (year, name), observations in self.changes.items():
            before = self.frameworks.get(year - 1)
            if before is None or name not in before.nodes:
                continue
            for observation in observations:
                variable = ("change", year, name, observation.figure.value)
                self.system.add_variable(variable, low=-FULL)
                self.system.add_equation((year, name), [((year - 1, name), Fraction(1)), (variable, Fraction(1))])
                claim = self.system.add_claim(_COST_CHANGE)
                value, slack = to_units(observation.value), to_units(_change_slack(observation.places))
                self.system.add_interval(variable, value - slack, value + slack, claim)
                observation.claims = (claim,)


def group_figures(figures: Iterable[Figure]) -> dict[tuple[int, str, str], list[Figure]]:
    """Figures by year, node and printed value, those read with certainty first."""
    groups: dict[tuple[int, str, str], list[Figure]] = {}
    for figure in figures:
        groups.setdefault((figure.fiscal_year, figure.node, figure.value), []).append(figure)
    for same in groups.values():
        same.sort(key=lambda f: not f.sure)
    return groups


def _near_printed(framework: Framework, printed: Iterable[str]) -> set[str]:
    """Printed nodes with their parts, parents and siblings."""
    near: set[str] = set()
    for name in printed:
        near.update((name, *framework.nodes[name].parts))
        for parent in framework.parents.get(name, ()):
            near.update((parent, *framework.nodes[parent].parts))
    return near


def _mark_variants(observations: Sequence[Observation]) -> None:
    """Of values a last digit apart, the one printed most often counts; the others are its variants, not rivals."""
    main, *others = sorted(observations, key=lambda o: (-o.repeats, -o.places))
    for other in others:
        last_digit = Fraction(1, 10 ** max(2, min(other.places, main.places)))
        is_rounded_main = Fraction(half_up(main.value, other.places)) == other.value
        if abs(other.value - main.value) <= last_digit or is_rounded_main:
            other.variant_of = main


def _interval(value: Fraction, places: int) -> tuple[int, int]:
    low, high = preimage(value, places)
    return to_units(low), to_units(high)


def _change_slack(places: int) -> Fraction:
    """How far a printed change may be from the true one, in points: both scores were rounded before they were
    subtracted, and so was the difference."""
    return Fraction(3, 2) / 10 ** min(places, 2) if places else Fraction(1)
