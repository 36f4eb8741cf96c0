"""A year's rules in order: the tree of nodes that carry scores, and the columns of a parcel."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, get_args

from prongsai.framework.schema import (
    Band,
    Basis,
    DisclosureItem,
    Indicator,
    Instrument,
    Label,
    Reading,
    Rules,
    SurveyItem,
    apply_reading,
    as_data,
)
from prongsai.framework.wording import OUTSIDE, arithmetic_of, is_silent, wording_of, written
from prongsai.lib.digest import of_json

NodeKind = Literal["overall", "composite", "instrument", "indicator", "part_indicator", "sub_indicator", "item"]

STATE_TH: Mapping[str, str] = {
    "provisional": "ฉบับชั่วคราว (ยังไม่มีประกาศ)",
    "announced": "ประกาศแล้ว",
}

METHOD_TH: Mapping[str, str] = {
    "weighted_sum": "ผลรวมถ่วงน้ำหนักของเครื่องมือ",
    "mean_of_indicators": "ค่าเฉลี่ยของตัวชี้วัด",
    "mean_of_items": "ค่าเฉลี่ยของข้อ",
    "mean_of_sub_indicators": "ค่าเฉลี่ยของตัวชี้วัดย่อย",
    "mean_of_parts": "ค่าเฉลี่ยของสองส่วน",
    "mean_of_answers": "ค่าเฉลี่ยของคำตอบ",
    "mark": "คะแนนที่ผู้ตรวจให้",
}
METHOD_EN: Mapping[str, str] = {
    "weighted_sum": "weighted sum of the instruments",
    "mean_of_indicators": "mean of the indicators",
    "mean_of_items": "mean of the items",
    "mean_of_sub_indicators": "mean of the sub-indicators",
    "mean_of_parts": "mean of the two parts",
    "mean_of_answers": "mean of the answers",
    "mark": "what the assessor gives",
}


@dataclass(frozen=True)
class Node:
    """A place that carries a score.

    ``parts`` are the nodes that its score is computed from with their weights, which sum to one; an item has none.
    ``basis`` is what that computation stands on; ``item`` is the item of the schema, for an item alone.
    """

    id: str
    kind: NodeKind
    label: Label
    method: str
    parts: Mapping[str, Fraction]
    basis: Basis
    instrument: str | None = None
    indicator: str | None = None
    item: SurveyItem | DisclosureItem | None = None


@dataclass(frozen=True)
class AnswerColumn:
    """One column of a parcel: its name, the item it belongs to, and the points of each index."""

    name: str
    item: str
    points: tuple[int, ...]


class Framework:
    """One fiscal year's rules, complete and frozen. :func:`prongsai.framework.load` returns it.

    ``digest`` is that of the rules, where it is known already.
    """

    def __init__(self, rules: Rules, *, digest: str | None = None) -> None:
        self.rules = rules
        self._known_digest = digest

    def __getstate__(self) -> dict[str, Any]:
        """What a process of the sandbox is sent: the rules, and what is worked out of them not at all."""
        return {"rules": self.rules, "_known_digest": self._known_digest}

    @property
    def assessment(self) -> str:
        return self.rules.assessment

    @property
    def fiscal_year(self) -> int:
        return self.rules.fiscal_year

    @property
    def is_provisional(self) -> bool:
        """Whether no rules of the year have been announced, so that these are carried over from the year before."""
        return self.rules.state == "provisional"

    def print_score(self, score: Decimal) -> str:
        """A score as the year prints it: with the decimal places to which the rules round, or with more."""
        places = self.rules.rounding.places
        exponent = score.as_tuple().exponent
        has_places = isinstance(exponent, int) and exponent <= -places
        return str(score if has_places else score.quantize(Decimal(1).scaleb(-places)))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rules as data. Worked cases, the state, earlier editions and the name of the assessment are
        not part of it: they say nothing about how a score is made."""
        if self._known_digest is not None:
            return self._known_digest
        present = {n: part for n, part in vars(self.rules).items() if not is_silent(self.rules, n)}
        data = {name: written(part) for name, part in present.items() if name not in OUTSIDE[Rules]}
        data["id"] = str(self.fiscal_year)  # as version 0.1.0 named it; published digests stay what they are
        return of_json(data)

    @cached_property
    def arithmetic_digest(self) -> str:
        """SHA-256 of what decides scores, levels, marks, samples and the choices of a form; which fields these are is
        present in :mod:`prongsai.framework.wording`."""
        return of_json(arithmetic_of(self.rules))

    @cached_property
    def wording_digest(self) -> str:
        """SHA-256 of the rest: labels, advice, sources, what a fact rests on, the calendar, what an item continues."""
        return of_json(wording_of(self.rules))

    @cached_property
    def content(self) -> dict[str, Any]:
        """The rules as JSON data, which nobody changes."""
        data: dict[str, Any] = as_data(self.rules)
        return data

    @cached_property
    def content_digest(self) -> str:
        """SHA-256 of all that they say."""
        return of_json(self.content)

    def is_edition(self, digest: str) -> bool:
        """Whether rules with this digest are these, or an earlier edition that gives the same scores."""
        return digest == self.digest or any(edition.digest == digest for edition in self.rules.earlier_editions)

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """Other readings of the doubtful rules of this year, by id."""
        return MappingProxyType({reading.id: reading for reading in self.rules.readings})

    @cached_property
    def alternatives(self) -> Mapping[str, "Framework"]:
        """The rules under each other reading, by its id."""
        return MappingProxyType({name: Framework(apply_reading(self.rules, r)) for name, r in self.readings.items()})

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every node, children after parents."""
        return MappingProxyType(_nodes(self.rules))

    @cached_property
    def computed_nodes(self) -> tuple[Node, ...]:
        """The nodes whose score follows from parts, parts before what they make up."""
        return tuple(node for node in reversed(list(self.nodes.values())) if node.parts)

    def __repr__(self) -> str:
        return f"Framework({self.assessment}/{self.fiscal_year}, digest={self.digest[:12]})"

    @cached_property
    def instruments(self) -> Mapping[str, Instrument]:
        return MappingProxyType({i.id: i for i in self.rules.instruments})

    @cached_property
    def indicators(self) -> Mapping[str, Indicator]:
        return MappingProxyType({i.id: i for i in self.rules.indicators})

    @cached_property
    def bands(self) -> Mapping[str, Band]:
        return MappingProxyType({b.id: b for b in self.rules.bands})

    @cached_property
    def items(self) -> Mapping[str, SurveyItem | DisclosureItem]:
        items: tuple[SurveyItem | DisclosureItem, ...] = (*self.rules.survey_items, *self.rules.disclosure_items)
        return MappingProxyType({item.id: item for item in items})

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Which nodes each node feeds."""
        above: dict[str, list[str]] = {}
        for node in self.nodes.values():
            for part in node.parts:
                above.setdefault(part, []).append(node.id)
        return MappingProxyType({k: tuple(v) for k, v in above.items()})

    def survey_instruments(self) -> tuple[Instrument, ...]:
        return tuple(i for i in self.rules.instruments if i.kind == "survey")

    def allows_open_link(self, instrument: str) -> bool:
        """Whether a survey may be answered through a link that is the same for everybody."""
        return any(link.instrument == instrument for link in self.rules.open_links)

    def indicators_with_parts(self) -> tuple[Indicator, ...]:
        """Indicators that several instruments score, each for a part."""
        return tuple(i for i in self.rules.indicators if len(i.instruments) > 1)

    def parts_of(self, node: str) -> tuple[str, ...]:
        """The instruments of whose scores a composite or an indicator is made, part after part; none where it has no
        parts."""
        if node in self.indicators:
            owners = self.indicators[node].instruments
            return owners if len(owners) > 1 else ()
        return next((tuple(c.of) for c in self.rules.composites if c.id == node), ())

    def part_instrument(self, node: str, number: int) -> str | None:
        """The instrument of part ``number``, from 1, of a composite or an indicator; None when it has no such part."""
        parts = self.parts_of(node)
        return parts[number - 1] if 1 <= number <= len(parts) else None

    def answer_columns(self, instrument: str) -> tuple[AnswerColumn, ...]:
        """The columns of ``answers-<instrument>.parquet``, in the order of the items."""
        scales = {s.id: tuple(o.points for o in s.options) for s in self.rules.scales}
        columns = []
        questions = [(node.id, node.item) for node in self.items_of(instrument) if isinstance(node.item, SurveyItem)]
        for node_id, item in questions:
            points = scales[item.scale]
            answers = [(f"{item.id}.{n}", a.direction) for n, a in enumerate(item.answers, 1)] or [(item.id, None)]
            for name, direction in answers:
                positive = (direction or item.direction) == "positive"
                columns.append(AnswerColumn(name, node_id, points if positive else points[::-1]))
        return tuple(columns)

    def mark_points(self, item: str) -> tuple[int, ...]:
        """The points a mark of this disclosure item may have."""
        scale = next(s for s in self.rules.scales if s.id == self.items[item].scale)
        return tuple(o.points for o in scale.options)

    def items_of(self, node: str) -> tuple[Node, ...]:
        """The item nodes under a node, in order."""
        reached = self.descend([node])
        return tuple(n for n in self.nodes.values() if n.kind == "item" and n.id in reached)

    def descend(self, nodes: Iterable[str], until: Container[str] = ()) -> set[str]:
        """Nodes and everything under them, except what is in ``until`` and under it alone."""
        reached: set[str] = set()
        pending = [*nodes]
        while pending:
            name = pending.pop()
            if name not in reached and name not in until:
                reached.add(name)
                pending += self.nodes[name].parts
        return reached


def _equal_weights(ids: Iterable[str]) -> dict[str, Fraction]:
    names = list(ids)
    return {name: Fraction(1, len(names)) for name in names}


def _nodes(rules: Rules) -> dict[str, Node]:
    """Every node: total, composites, instruments, indicators, parts of indicators, sub-indicators, items."""
    weights = {i.id: Fraction(i.weight, 10_000) for i in rules.instruments}
    title = Label(th="คะแนนรวม", en="Overall")
    nodes = [Node("overall", "overall", title, rules.overall, weights, rules.instruments[0].basis)]
    for composite in rules.composites:
        parts = _equal_weights(composite.of)
        nodes.append(Node(composite.id, "composite", composite.label, composite.method, parts, composite.basis))
    for instrument in rules.instruments:
        parts = _equal_weights(_part_id(i, instrument.id) for i in rules.indicators if instrument.id in i.instruments)
        nodes.append(Node(instrument.id, "instrument", instrument.label, instrument.method, parts, instrument.basis))
    for indicator in rules.indicators:
        if indicator.method == "mean_of_sub_indicators":
            nodes += _disclosure_nodes(rules, indicator)
        else:
            nodes += _survey_nodes(rules, indicator)
    nodes.sort(key=lambda node: _ORDER.index(node.kind))
    return {node.id: node for node in nodes}


_ORDER: tuple[NodeKind, ...] = get_args(NodeKind)


def _part_id(indicator: Indicator, instrument: str) -> str:
    """The node of an indicator within one instrument: itself, or ``EIT1/6`` where several instruments score it."""
    return f"{instrument}/{indicator.id}" if len(indicator.instruments) > 1 else indicator.id


def _disclosure_nodes(rules: Rules, indicator: Indicator) -> Iterator[Node]:
    """An indicator of the disclosure instrument with its sub-indicators and items."""
    (instrument,) = indicator.instruments
    owner = (instrument, indicator.id)
    subs = [sub for sub in rules.sub_indicators if sub.indicator == indicator.id]
    parts = _equal_weights(sub.id for sub in subs)
    yield Node(indicator.id, "indicator", indicator.label, indicator.method, parts, indicator.basis, *owner)
    for sub in subs:
        items = [item for item in rules.disclosure_items if item.sub_indicator == sub.id]
        # which items belong together is known no better than the placement of the least known of them
        basis = next((item.placement for item in items if item.placement.standing == "inferred"), sub.basis)
        parts = _equal_weights(item.id for item in items)
        yield Node(sub.id, "sub_indicator", sub.label, sub.method, parts, basis, *owner)
        for item in items:
            yield Node(item.id, "item", item.label, "mark", {}, item.basis, *owner, item)


def _survey_nodes(rules: Rules, indicator: Indicator) -> Iterator[Node]:
    """An indicator of one survey, or of several with a part for each, and the items that each asks."""
    questions = [item for item in rules.survey_items if item.indicator == indicator.id]
    is_split = len(indicator.instruments) > 1
    for instrument in indicator.instruments:
        owner = (instrument, indicator.id)
        prefix = f"{instrument}/" if is_split else ""
        kind: NodeKind = "part_indicator" if is_split else "indicator"
        parts = _equal_weights(prefix + item.id for item in questions)
        name = _part_id(indicator, instrument)
        yield Node(name, kind, indicator.label, indicator.method, parts, indicator.basis, *owner)
        for item in questions:
            yield Node(prefix + item.id, "item", item.label, item.method, {}, item.basis, *owner, item)
    if is_split:
        parts = _equal_weights(_part_id(indicator, instrument) for instrument in indicator.instruments)
        method = indicator.parts or "mean_of_parts"
        yield Node(indicator.id, "indicator", indicator.label, method, parts, indicator.basis, indicator=indicator.id)
