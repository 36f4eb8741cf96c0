"""A year's rules put in order: the tree of nodes that scores live on."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from prongsai.framework.schema import Band, Basis, DisclosureItem, Indicator, Instrument, Label, Rules, SurveyItem
from prongsai.lib import digest

Kind = Literal["overall", "composite", "instrument", "indicator", "part_indicator", "sub_indicator", "item"]

METHOD_TH: Mapping[str, str] = {
    "weighted_sum": "ผลรวมถ่วงน้ำหนักของเครื่องมือ",
    "mean_of_indicators": "ค่าเฉลี่ยของตัวชี้วัด",
    "mean_of_items": "ค่าเฉลี่ยของข้อ",
    "mean_of_sub_indicators": "ค่าเฉลี่ยของตัวชี้วัดย่อย",
    "mean_of_parts": "ค่าเฉลี่ยของสองส่วน",
    "mean_of_answers": "ค่าเฉลี่ยของคำตอบ",
    "mark": "คะแนนที่ผู้ตรวจให้",
}


@dataclass(frozen=True)
class Node:
    """A place that carries a score.

    ``parts`` are the nodes it is made of with their weights, which sum to one; an item has none. ``basis`` is what the
    making stands on; ``of`` is the schema object it comes from.
    """

    id: str
    kind: Kind
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
    """One fiscal year's rules, complete and frozen. Made by :func:`prongsai.framework.load`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.nodes: Mapping[str, Node] = MappingProxyType(_nodes(rules))

    @property
    def id(self) -> str:
        return self.rules.id

    @property
    def fiscal_year(self) -> int:
        return self.rules.fiscal_year

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the rules as data; worked cases are not part of it."""
        return digest.of_json(self.rules.model_dump(mode="json", exclude={"cases"}))

    def __repr__(self) -> str:
        return f"Framework({self.id!r}, digest={self.digest[:12]})"

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
        found: dict[str, SurveyItem | DisclosureItem] = {i.id: i for i in self.rules.survey_items}
        return MappingProxyType(found | {i.id: i for i in self.rules.disclosure_items})

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

    def answer_columns(self, instrument: str) -> tuple[AnswerColumn, ...]:
        """The columns of ``answers-<instrument>.parquet``, in the order of the items."""
        scales = {s.id: tuple(o.points for o in s.options) for s in self.rules.scales}
        columns = []
        for node in self.items_of(instrument):
            item = node.item
            if not isinstance(item, SurveyItem):
                continue
            points = scales[item.scale]
            answers = [(f"{item.id}.{n}", a.direction) for n, a in enumerate(item.answers, 1)] or [(item.id, None)]
            for name, direction in answers:
                positive = (direction or item.direction) == "positive"
                columns.append(AnswerColumn(name, node.id, points if positive else points[::-1]))
        return tuple(columns)

    def mark_points(self, item: str) -> tuple[int, ...]:
        """The points a mark of this disclosure item may have."""
        scale = next(s for s in self.rules.scales if s.id == self.items[item].scale)
        return tuple(o.points for o in scale.options)

    def items_of(self, node: str) -> tuple[Node, ...]:
        """The item nodes under a node, in order."""
        found: dict[str, Node] = {}
        pending = [node]
        while pending:
            here = self.nodes[pending.pop()]
            if here.kind == "item":
                found[here.id] = here
            pending += here.parts
        return tuple(n for n in self.nodes.values() if n.id in found)


def _equal(ids: list[str]) -> dict[str, Fraction]:
    return {i: Fraction(1, len(ids)) for i in ids}


def _nodes(rules: Rules) -> dict[str, Node]:
    """Every node, children after parents: total, composites, instruments, indicators, parts, sub-indicators, items."""
    nodes: list[Node] = []
    weights = {i.id: Fraction(i.weight, 10_000) for i in rules.instruments}
    title = Label(th="คะแนนรวม", en="Overall")
    nodes.append(Node("overall", "overall", title, rules.overall, weights, rules.instruments[0].basis))
    nodes += [Node(c.id, "composite", c.label, c.method, _equal(list(c.of)), c.basis) for c in rules.composites]

    def place(indicator: Indicator, instrument: str) -> str:
        return f"{instrument}/{indicator.id}" if len(indicator.instruments) > 1 else indicator.id

    for instrument in rules.instruments:
        under = [place(i, instrument.id) for i in rules.indicators if instrument.id in i.instruments]
        nodes.append(
            Node(instrument.id, "instrument", instrument.label, instrument.method, _equal(under), instrument.basis)
        )
    items: list[Node] = []
    subs: list[Node] = []
    parts: list[Node] = []
    for indicator in rules.indicators:
        if indicator.method == "mean_of_sub_indicators":
            own = [s for s in rules.sub_indicators if s.indicator == indicator.id]
            (instrument_id,) = indicator.instruments
            for sub in own:
                members = [i for i in rules.disclosure_items if i.sub_indicator == sub.id]
                # which items belong together is known no better than the placement of the least known of them
                basis = next((m.placement for m in members if m.placement.standing == "inferred"), sub.basis)
                subs.append(
                    Node(
                        sub.id,
                        "sub_indicator",
                        sub.label,
                        sub.method,
                        _equal([m.id for m in members]),
                        basis,
                        instrument_id,
                        indicator.id,
                    )
                )
                items += [
                    Node(m.id, "item", m.label, "mark", {}, m.basis, instrument_id, indicator.id, m) for m in members
                ]
            nodes.append(
                Node(
                    indicator.id,
                    "indicator",
                    indicator.label,
                    indicator.method,
                    _equal([s.id for s in own]),
                    indicator.basis,
                    instrument_id,
                    indicator.id,
                )
            )
            continue
        asked = [i for i in rules.survey_items if i.indicator == indicator.id]
        split = len(indicator.instruments) > 1
        for instrument_id in indicator.instruments:
            prefix = f"{instrument_id}/" if split else ""
            members_here = [
                Node(prefix + i.id, "item", i.label, i.method, {}, i.basis, instrument_id, indicator.id, i)
                for i in asked
            ]
            items += members_here
            made_of = _equal([m.id for m in members_here])
            if split:
                parts.append(
                    Node(
                        prefix + indicator.id,
                        "part_indicator",
                        indicator.label,
                        indicator.method,
                        made_of,
                        indicator.basis,
                        instrument_id,
                        indicator.id,
                    )
                )
            else:
                nodes.append(
                    Node(
                        indicator.id,
                        "indicator",
                        indicator.label,
                        indicator.method,
                        made_of,
                        indicator.basis,
                        instrument_id,
                        indicator.id,
                    )
                )
        if split:
            made_of = _equal([f"{i}/{indicator.id}" for i in indicator.instruments])
            nodes.append(
                Node(
                    indicator.id,
                    "indicator",
                    indicator.label,
                    indicator.parts or "mean_of_parts",
                    made_of,
                    indicator.basis,
                    None,
                    indicator.id,
                )
            )
    return {n.id: n for n in (*nodes, *parts, *subs, *items)}
