"""The facts of a result: everything a document states about scores, computed once by scoring and analysis."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from prongsai.analysis import (
    Findings,
    NodeChange,
    WhyNotHigher,
    YearOnYear,
    findings,
    list_instruments,
    name_instrument,
    phrases,
    why_not_higher,
    year_on_year,
)
from prongsai.documents.content.data import Disclosure, DocumentData, Measure, YearResult
from prongsai.framework import DisclosureItem, Element, Framework, Node, SurveyItem
from prongsai.lib import fiscal
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, round_score


@dataclass(frozen=True)
class WeakItem:
    """An item below full marks. ``gain`` is what the total gains by full marks, None when unknown."""

    node: Node
    item: SurveyItem | DisclosureItem
    score: Decimal
    gain: Decimal | None


@dataclass(frozen=True)
class Share:
    """How many of the known scores are below the target, and how many reach it without full marks. ``of_items`` says
    that they are scores of items, otherwise of indicators."""

    of_items: bool
    total: int
    below: int
    short_of_full: int

    @property
    def percent_below(self) -> Fraction:
        return Fraction(100 * self.below, self.total)


LevelStanding = Literal["top", "reached", "below", "lowest"]
ScoreStanding = Literal["high", "middling", "low"]


@dataclass(frozen=True)
class InstrumentGroup:
    """An instrument as people speak of it, with its parts if it has any. ``label`` is its Thai name, ``label_en`` its
    English one, ``kind`` that of its parts in the rules, ``instruments`` and ``indicators`` are ids."""

    id: str
    label: str
    label_en: str
    kind: str
    instruments: tuple[str, ...]
    indicators: tuple[str, ...]


@dataclass(frozen=True)
class PlanRequirement:
    """The disclosure item that asks for a plan, of the rules of a year (``rules_year``), with what it must contain in
    official words. They may be those of the result, where the rules of the assessment after it are not written."""

    rules_year: int
    item: DisclosureItem
    elements: tuple[str, ...]


class ResultFacts:
    """The facts of one document's data. ``year`` is the fiscal year, ``scores`` every score that is known or follows
    from known ones."""

    def __init__(self, data: DocumentData) -> None:
        self.data = data
        self.framework: Framework = data.result.framework
        self.year = self.framework.fiscal_year
        self.scores = complete_scores(self.framework, data.result.scores)
        self.target = self.framework.rules.target.points
        self.agency = data.office.name
        self._shares: dict[str, Fraction] = {}

    @property
    def next_assessment_year(self) -> int:
        """The fiscal year of the assessment that a paper prepares for, of which all of its years follow: the one after
        that of the result; of a memo with a later date, the one of that date. The day on which the file is made says
        nothing of it: a paper about an old result may be made at any time."""
        header = self.data.memo_header
        return max(self.year + 1, fiscal.year_of(header.date)) if header and header.date else self.year + 1

    def score(self, node: str) -> Decimal | None:
        value = self.scores.get(node)
        return None if value is None else round_score(self.framework, value)

    def score_text(self, node: str) -> str:
        """A score as printed, or a dash."""
        value = self.score(node)
        if value is not None and node in self.data.result.approximate:
            return phrases.load().words.about.format(score=value.quantize(Decimal(1)))
        return "-" if value is None else self.format_score(value)

    @cached_property
    def findings(self) -> Findings:
        return findings(self.framework, self.data.result.scores)

    @cached_property
    def level(self) -> str | None:
        """The level that the result says; else the one that the known scores leave, when they leave only one."""
        return _find_level(self.data.result)

    @cached_property
    def is_level_disputed(self) -> bool:
        """Whether the result says another level than its scores give by the rules, which may be provisional."""
        computed = _compute_level(self.data.result)
        return computed is not None and computed != self.level

    @cached_property
    def passes(self) -> bool | None:
        return is_passing(self.framework, self.scores["overall"]) if "overall" in self.scores else None

    @cached_property
    def level_standing(self) -> LevelStanding | None:
        """Where the rules place the result: by their first and last level and their target. None where the result
        itself says otherwise."""
        if self.passes is None or self.is_level_disputed:
            return None
        bands = self.framework.rules.bands
        if self.passes:
            return "top" if self.level == bands[0].id else "reached"
        return "lowest" if self.level == bands[-1].id else "below"

    def standing(self, score: Decimal) -> ScoreStanding:
        """Where a score stands: at the target, below it, or where a total would be of the lowest level."""
        if score >= self.target:
            return "high"
        above_lowest = self.framework.rules.bands[-2].at_least if len(self.framework.rules.bands) > 1 else 0
        return "middling" if score >= above_lowest else "low"

    @cached_property
    def share_to_improve(self) -> Share | None:
        """Of the items whose scores are known, otherwise of the indicators; None when neither are."""
        items = {n.id: self.score(n.id) for i in self.framework.indicators for n in self.item_nodes(i)}
        indicators = {i: self.score(i) for i in self.framework.indicators}
        for of_items, scores in ((True, items), (False, indicators)):
            known = [score for score in scores.values() if score is not None]
            if known:
                below, weak = sum(s < self.target for s in known), sum(s < 100 for s in known)
                return Share(of_items, len(known), below, weak - below)
        return None

    @cached_property
    def why_not_higher(self) -> WhyNotHigher | None:
        if "overall" not in self.scores or any(i not in self.scores for i in self.framework.instruments):
            return None
        return why_not_higher(self.framework, self.data.result.scores)

    # --- the year compared with

    @cached_property
    def previous(self) -> YearResult | None:
        return self.data.previous

    @cached_property
    def previous_level(self) -> str | None:
        return None if self.previous is None else _find_level(self.previous)

    @cached_property
    def comparison(self) -> YearOnYear | None:
        if self.previous is None:
            return None
        return year_on_year(self.data.chain, self.data.result.scores, self.previous.scores)

    @cached_property
    def movements(self) -> dict[str, NodeChange]:
        return {m.node: m for m in self.comparison.changes} if self.comparison else {}

    # --- nodes

    def label(self, node: str) -> str:
        """The name of a node as documents print it."""
        return self.framework.nodes[node].label.th

    def indicator_title(self, indicator: str) -> str:
        return phrases.load().words.indicator.format(indicator=indicator, label=self.label(indicator))

    def format_score(self, score: Decimal) -> str:
        """A score as documents print it."""
        return self.framework.print_score(score)

    def format_change(self, change: Decimal) -> str:
        """A change of a score with its sign."""
        return f"{'+' if change > 0 else '-' if change < 0 else ''}{self.format_score(abs(change))}"

    @cached_property
    def instrument_groups(self) -> tuple[InstrumentGroup, ...]:
        """The instruments, in the order of the framework."""
        framework = self.framework
        composite_of = {part: c for c in framework.rules.composites for part in c.of}
        groups: dict[str, InstrumentGroup] = {}
        for instrument in framework.rules.instruments:
            composite = composite_of.get(instrument.id)
            group = composite.id if composite else instrument.id
            members = tuple(composite.of) if composite else (instrument.id,)
            indicators = tuple(i.id for i in framework.rules.indicators if set(members) & set(i.instruments))
            label = framework.nodes[group].label
            groups[group] = InstrumentGroup(group, label.th, label.en or group, instrument.kind, members, indicators)
        return tuple(groups.values())

    @cached_property
    def listed_instruments(self) -> tuple[str, ...]:
        """The instruments, or a whole in place of its parts, that tell this result and the one it is compared with."""
        return list_instruments(self.framework, self.scores)

    def covers(self, group: InstrumentGroup) -> bool:
        """Whether the result has any score of an instrument."""
        nodes = self.framework.nodes.values()
        return any(
            (node.id == group.id or node.instrument in group.instruments) and self.score(node.id) is not None
            for node in nodes
        )

    def instrument_label(self, instrument: str) -> str:
        """An instrument as a column names it: by its id, a part as "EIT ส่วนที่ 1" where it has such a name."""
        return name_instrument(self.framework, instrument)

    def whole_of(self, instrument: str) -> str | None:
        """The composite of which an instrument is a part."""
        return next((c.id for c in self.framework.rules.composites if instrument in c.of), None)

    @property
    def disclosure_code(self) -> str:
        """What the instruments of disclosure are called for short."""
        return " ".join(i.id for i in self.framework.rules.instruments if i.kind == "disclosure")

    def item_nodes(self, indicator: str) -> tuple[Node, ...]:
        return self.framework.items_of(indicator)

    def has_item_scores(self, indicator: str) -> bool:
        return any(self.score(node.id) is not None for node in self.item_nodes(indicator))

    def known_items(self, indicator: str) -> list[Node]:
        """The items of an indicator whose scores are known."""
        return [node for node in self.item_nodes(indicator) if self.score(node.id) is not None]

    def weak_items(self, indicator: str) -> list[WeakItem]:
        """Items below full marks, lowest score first; of equal ones, the one with the larger gain first."""
        weak = []
        for node in self.item_nodes(indicator):
            value = self.score(node.id)
            if node.item is not None and value is not None and value < 100:
                weak.append(WeakItem(node, node.item, value, self.gain(node.id)))
        return sorted(weak, key=lambda w: (w.score, -(w.gain or 0)))

    def gain(self, node: str) -> Decimal | None:
        """By how much the total rises if a node gets full marks: exact, because every rule is linear."""
        if "overall" not in self.scores or node not in self.scores:
            return None
        return round_score(self.framework, (100 - self.scores[node]) * self._share_of_total(node))

    def _share_of_total(self, node: str) -> Fraction:
        """The weight of a node in the total."""
        if node == "overall":
            return Fraction(1)
        if node not in self._shares:
            nodes, parents = self.framework.nodes, self.framework.parents.get(node, ())
            self._shares[node] = sum((nodes[p].parts[node] * self._share_of_total(p) for p in parents), Fraction())
        return self._shares[node]

    # --- disclosures and measures

    @cached_property
    def disclosures(self) -> dict[str, Disclosure]:
        return {d.item: d for d in self.data.disclosures}

    def comment_on(self, item: DisclosureItem) -> str:
        """What the assessor wrote of a disclosure item; empty when nothing is known."""
        disclosure = self.disclosures.get(item.id)
        return disclosure.comment if disclosure else ""

    @cached_property
    def disclosure_items(self) -> tuple[DisclosureItem, ...]:
        return self.framework.rules.disclosure_items

    @cached_property
    def plan_requirement(self) -> "PlanRequirement | None":
        """What asks for a plan made from this result: the rules of the assessment after it, which use the result of the
        year before; where they are not written yet, those of the result. None where no item asks for one."""
        rules = self.data.following or self.framework
        asking = [item for item in rules.rules.disclosure_items if any(e.plan for e in item.elements)]
        if not asking:
            return None
        item = max(asking, key=lambda item: sum(len(e.plan) for e in item.elements))
        elements = self.required_elements(item) if rules is self.framework else item.elements
        described = [phrases.describe_element(rules, element, self.year + 1) for element in elements]
        return PlanRequirement(rules.fiscal_year, item, tuple(described))

    def required_elements(self, item: DisclosureItem) -> list[Element]:
        """What a disclosure item must contain, of this agency."""
        exempt = self.data.exempt_elements
        return [element for n, element in enumerate(item.elements) if (item.id, n) not in exempt]

    @property
    def has_marks(self) -> bool:
        """Whether the score of any disclosure item is known."""
        return any(self.score(item.id) is not None for item in self.disclosure_items)

    @property
    def general_measures(self) -> tuple[Measure, ...]:
        """Measures that concern the agency as a whole, no single indicator."""
        return tuple(m for m in self.data.measures if not m.indicators)

    def measures_of(self, indicator: str) -> tuple[Measure, ...]:
        return tuple(m for m in self.data.measures if indicator in m.indicators)


def _find_level(result: YearResult) -> str | None:
    stated = [band.id for band in result.framework.rules.bands if band.id == result.stated_level]
    return stated[0] if stated else _compute_level(result)


def _compute_level(result: YearResult) -> str | None:
    scores = complete_scores(result.framework, result.scores)
    if "overall" not in scores:
        return None
    possible = find_possible_bands(result.framework, scores)
    return possible[0].id if len(possible) == 1 else None
