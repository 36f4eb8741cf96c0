"""From integer totals to the score of every node, all agencies at once.

Means are carried in double precision from exact integer totals; where a value lies so near a tie that the last bits
could decide how it rounds, the exact rational decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from prongsai.framework import Framework, Sample
from prongsai.lib.rounding import half_up
from prongsai.scoring.totals import Totals

Status = Literal["ok", "none", "incomplete", "below_minimum", "minimum_unknown"]
STATUS_TH: Mapping[str, str] = {
    "ok": "ครบถ้วน",
    "none": "ไม่มีข้อมูล",
    "incomplete": "ข้อมูลไม่ครบ จึงไม่มีคะแนนรวม",
    "below_minimum": "ผู้ตอบต่ำกว่าขั้นต่ำ",
    "minimum_unknown": "ไม่ทราบจำนวนประชากร จึงไม่รู้ว่าถึงขั้นต่ำหรือไม่",
}
_NEAR = 1e-6  # of a rounding unit; double error here stays below 1e-10


def minimum_sample(sample: Sample, population: int) -> int:
    """The least number of responses for a population, by the year's rule."""
    if population < sample.at_least:
        return population
    if population > sample.cap_population_over:
        return sample.cap
    return max(sample.at_least, -(-population * sample.percent // 100))


@dataclass(frozen=True)
class Scores:
    """The scores of many agencies under one framework.

    ``values[node]`` is float64 with NaN where there is no score, ``counts[node]`` is int64: answers for a question,
    responses for what questions make, marks for what disclosures make, 0 for the total. Rows follow ``agencies``.
    """

    framework: Framework
    agencies: Sequence[str]
    values: Mapping[str, np.ndarray]
    counts: Mapping[str, np.ndarray]
    instrument_status: Mapping[str, np.ndarray]
    _totals: Mapping[str, tuple[np.ndarray, np.ndarray]]  # item node -> (sums, counts), shape (agencies, sub-answers)
    _shown: dict[str, np.ndarray] = field(default_factory=dict)  # what shown() has worked out

    def exact(self, row: int, node: str) -> Fraction | None:
        """The score as the rational it is: each mean divides once."""
        if node in self._totals:
            sums, counts = (a[row] for a in self._totals[node])
            if not counts.all():
                return None
            return sum((Fraction(int(s), int(n)) for s, n in zip(sums, counts, strict=True)), Fraction()) / len(sums)
        total = Fraction()
        for part, weight in self.framework.nodes[node].parts.items():
            value = self.exact(row, part)
            if value is None:
                return None
            total += weight * value
        return total

    def totals(self, row: int) -> dict[str, list[tuple[int, int]]]:
        """What the scores of one agency rest on: points and answers of each sub-answer of each item."""
        return {
            item: [(int(s), int(n)) for s, n in zip(sums[row], counts[row], strict=True)]
            for item, (sums, counts) in self._totals.items()
        }

    def shown(self, node: str) -> np.ndarray:
        """Scores of a node rounded as the year says, in whole units of the last place; -1 where there is none."""
        if node not in self._shown:
            self._shown[node] = self._rounded(node)
        return self._shown[node]

    def _rounded(self, node: str) -> np.ndarray:
        places = self.framework.rules.rounding.places
        scaled = self.values[node] * 10**places
        known = ~np.isnan(scaled)
        units = np.where(known, np.floor(np.nan_to_num(scaled) + 0.5), -1).astype(np.int64)
        distance = np.abs(np.abs(scaled - np.floor(scaled)) - 0.5)
        for row in np.flatnonzero(known & (distance < _NEAR)):  # the few that a last bit could decide
            exact = self.exact(int(row), node)
            if exact is not None:
                units[row] = int(half_up(exact, places).scaleb(places))
        return units

    @cached_property
    def level(self) -> np.ndarray:
        """The band of each agency, as an object array of its id; None where there is no total."""
        unit = 10**self.framework.rules.rounding.places
        overall = self.shown("overall")
        lowest = np.min([self.shown(i) for i in self.framework.instruments], axis=0)
        conditions = [
            (overall >= b.at_least * unit) & (lowest >= (b.every_instrument_at_least or 0) * unit)
            for b in self.framework.rules.bands
        ]
        names: list[object] = [b.id for b in self.framework.rules.bands]
        chosen = np.full(len(overall), None, dtype=object)
        for condition, name in reversed(list(zip(conditions, names, strict=True))):
            chosen[condition & (overall >= 0)] = name
        return chosen

    @cached_property
    def passed(self) -> np.ndarray:
        """Whether each total reaches the target, as an object array of True, False or None."""
        unit = 10**self.framework.rules.rounding.places
        overall = self.shown("overall")
        passed: np.ndarray = (overall >= self.framework.rules.target.points * unit).astype(object)
        passed[overall < 0] = None
        return passed

    @cached_property
    def status(self) -> np.ndarray:
        """One word per agency: the gravest of its instruments' statuses (an instrument without data is
        ``incomplete``)."""
        stack = np.array(list(self.instrument_status.values()))
        result = np.full(stack.shape[1], "ok", dtype=object)
        for word, verdict in (
            ("minimum_unknown", "minimum_unknown"),
            ("below_minimum", "below_minimum"),
            ("incomplete", "incomplete"),
            ("none", "incomplete"),
        ):
            result[(stack == word).any(axis=0)] = verdict
        return result

    def table(self) -> pa.Table:
        """Long: ``agency, node, score, n, shown, level, passed, status``; the last three on ``overall`` (status also
        on instruments). ``score`` is the unrounded double, ``shown`` the decimal a document prints."""
        nodes = list(self.framework.nodes)
        size = len(self.agencies)
        places = self.framework.rules.rounding.places
        names = pa.array(self.agencies, pa.string())
        none = pa.nulls(size, pa.string())
        batches = []
        schema = pa.schema(
            [
                ("agency", pa.string()),
                ("node", pa.string()),
                ("score", pa.float64()),
                ("n", pa.int64()),
                ("shown", pa.decimal128(7, places)),
                ("level", pa.string()),
                ("passed", pa.bool_()),
                ("status", pa.string()),
            ]
        )
        for node in nodes:
            whole = node == "overall"
            status = self.status if whole else self.instrument_status.get(node)
            batches.append(
                pa.table(
                    [
                        names,
                        pa.array([node] * size, pa.string()),
                        pa.array(self.values[node], from_pandas=True),
                        pa.array(self.counts[node]),
                        _decimals(self.shown(node), places),
                        pa.array(self.level, pa.string()) if whole else none,
                        pa.array(self.passed, pa.bool_()) if whole else pa.nulls(size, pa.bool_()),
                        none if status is None else pa.array(status, pa.string()),
                    ],
                    schema=schema,
                )
            )
        return pa.concat_tables(batches)


def _decimals(units: np.ndarray, places: int) -> pa.Array:
    """Whole units of the last place as decimals; a negative number of units is none."""
    wide = np.column_stack([units, np.zeros_like(units)]).astype("<i8")  # 128 bits, little-endian
    decimals = pa.Array.from_buffers(pa.decimal128(7, places), len(units), [None, pa.py_buffer(wide.tobytes())])
    return pc.if_else(pa.array(units < 0), pa.scalar(None, decimals.type), decimals)


def fold(
    framework: Framework,
    answers: Mapping[str, Totals],
    marks: Totals | None,
    headcounts: Mapping[str, Mapping[str, int]],
) -> Scores:
    """Fold totals into scores. ``headcounts[instrument][agency]`` is the population the minimum sample is taken of."""
    present = [t.agencies for t in (*answers.values(), *([marks] if marks else []))]
    everyone = pc.unique(pa.chunked_array([a.cast(pa.string()) for a in present], pa.string()))
    everyone = everyone.take(pc.sort_indices(everyone))
    agencies = everyone.to_pylist()
    size = len(agencies)
    per_item: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    responses: dict[str, np.ndarray] = {}
    values: dict[str, np.ndarray] = {}
    numbers: dict[str, np.ndarray] = {}
    for instrument in framework.rules.instruments:
        totals = answers.get(instrument.id) if instrument.kind == "survey" else marks
        if instrument.kind == "survey":
            items = [c.item for c in framework.answer_columns(instrument.id)]
        else:
            items = [n.id for n in framework.items_of(instrument.id)]
        sums = np.zeros((size, len(items)), np.int64)
        counts = np.zeros((size, len(items)), np.int64)
        responses[instrument.id] = np.zeros(size, np.int64)
        if totals is not None:
            rows = pc.index_in(totals.agencies.cast(pa.string()), value_set=everyone).to_numpy(zero_copy_only=False)
            sums[rows], counts[rows] = totals.sums, totals.counts
            responses[instrument.id][rows] = totals.responses
        with np.errstate(invalid="ignore"):
            means = sums / np.where(counts == 0, np.nan, counts)
        where: dict[str, list[int]] = {}
        for k, item in enumerate(items):
            where.setdefault(item, []).append(k)
        for item, at in where.items():
            span = slice(at[0], at[-1] + 1)  # the answers of an item stand together
            per_item[item] = sums[:, span], counts[:, span]
            values[item] = means[:, span].sum(axis=1) / len(at)
            numbers[item] = counts[:, span].min(axis=1)
    _means(framework, values)
    for node in framework.nodes.values():
        if node.id in numbers:
            continue
        kinds = {framework.nodes[i.id].instrument for i in framework.items_of(node.id)}
        if node.kind == "overall":
            numbers[node.id] = np.zeros(size, np.int64)
        elif all(framework.instruments[k].kind == "survey" for k in kinds if k):
            numbers[node.id] = np.sum([responses[k] for k in sorted(filter(None, kinds))], axis=0)
        else:
            numbers[node.id] = np.sum([numbers[i.id] for i in framework.items_of(node.id)], axis=0)
    return Scores(
        framework, agencies, values, numbers, _statuses(framework, agencies, values, responses, headcounts), per_item
    )


def _means(framework: Framework, values: dict[str, np.ndarray]) -> None:
    """Every node that is not an item, from its parts; a part without a score leaves the whole without one."""

    def value(name: str) -> np.ndarray:
        if name not in values:
            parts = framework.nodes[name].parts
            weights = set(parts.values())
            if len(weights) == 1:  # a plain mean: add up, divide once
                values[name] = np.sum([value(p) for p in parts], axis=0) / len(parts)
            else:
                values[name] = np.sum([value(p) * float(w * 10_000) for p, w in parts.items()], axis=0) / 10_000
        return values[name]

    for name in framework.nodes:
        value(name)


def _statuses(
    framework: Framework,
    agencies: Sequence[str],
    values: Mapping[str, np.ndarray],
    responses: Mapping[str, np.ndarray],
    headcounts: Mapping[str, Mapping[str, int]],
) -> dict[str, np.ndarray]:
    rules = {s.instrument: s for s in framework.rules.samples}
    unknown = np.full(len(agencies), -1, np.int64)
    result: dict[str, np.ndarray] = {}
    for instrument in framework.rules.instruments:
        n = responses[instrument.id]
        words = np.full(len(agencies), "ok", dtype=object)
        if instrument.kind == "survey" and instrument.id in rules:
            rule = rules[instrument.id]
            populations = headcounts.get(instrument.id, {})
            least = unknown
            if populations:
                counted = (minimum_sample(rule, populations[a]) if a in populations else -1 for a in agencies)
                least = np.fromiter(counted, np.int64, len(agencies))
            words[(least < 0) & (n < rule.cap)] = "minimum_unknown"  # at the cap every population is covered
            words[(least >= 0) & (n < least)] = "below_minimum"
        words[np.isnan(values[instrument.id])] = "incomplete"
        words[n == 0] = "none"
        result[instrument.id] = words
    return result
