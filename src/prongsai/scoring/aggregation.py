"""From integer totals to the score of every node, all agencies at once.

Means are carried in double precision from exact integer totals; where a value lies so near a tie that the last bits
could decide how it rounds, the exact rational decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from prongsai.framework import Framework
from prongsai.lib.rounding import half_up
from prongsai.scoring.samples import minimum_sample
from prongsai.scoring.totals import Totals

Status = Literal["ok", "none", "incomplete", "below_minimum", "minimum_unknown"]
STATUS_TH: Mapping[str, str] = {
    "ok": "ครบถ้วน",
    "none": "ไม่มีข้อมูล",
    "incomplete": "ข้อมูลไม่ครบ จึงไม่มีคะแนนรวม",
    "below_minimum": "ผู้ตอบต่ำกว่าขั้นต่ำ",
    "minimum_unknown": "ไม่ทราบจำนวนประชากร จึงไม่รู้ว่าถึงขั้นต่ำหรือไม่",
}
_TIE_MARGIN = 1e-6  # of a rounding unit; double error here stays below 1e-10


@dataclass(frozen=True, kw_only=True)
class Scores:
    """The scores of many agencies under one framework.

    ``values[node]`` is float64 with NaN where there is no score, ``counts[node]`` is int64: answers for a question,
    responses for what questions make, marks for what disclosures make, 0 for the total. ``item_totals[item]`` are the
    points and the answers of its sub-answers, int64 of shape (agencies, sub-answers). Rows follow ``agencies``.
    """

    framework: Framework
    agencies: Sequence[str]
    values: Mapping[str, np.ndarray]
    counts: Mapping[str, np.ndarray]
    instrument_status: Mapping[str, np.ndarray]
    item_totals: Mapping[str, tuple[np.ndarray, np.ndarray]]
    _rounded: dict[str, np.ndarray] = field(default_factory=dict)  # what rounded() has computed

    def exact(self, row: int, node: str) -> Fraction | None:
        """The score as the rational it is: each mean divides once."""
        return None if np.isnan(self.values[node][row]) else self._compute_exact(row, node)

    def _compute_exact(self, row: int, node: str) -> Fraction:
        if node in self.item_totals:
            sums, counts = (totals[row].tolist() for totals in self.item_totals[node])
            return sum(map(Fraction, sums, counts), Fraction()) / len(sums)
        parts = self.framework.nodes[node].parts
        return sum((weight * self._compute_exact(row, part) for part, weight in parts.items()), Fraction())

    def totals(self, row: int) -> dict[str, list[tuple[int, int]]]:
        """What the scores of one agency rest on: points and answers of each sub-answer of each item."""
        sums, counts = (table[row].tolist() for table in self._totals_by_row)
        pairs = iter(zip(sums, counts, strict=True))
        return {item: list(islice(pairs, own.shape[1])) for item, (own, _) in self.item_totals.items()}

    @cached_property
    def _totals_by_row(self) -> tuple[np.ndarray, np.ndarray]:
        sums, counts = zip(*self.item_totals.values(), strict=True)
        return np.hstack(sums), np.hstack(counts)

    def counts_of(self, row: int) -> dict[str, int]:
        """``counts`` of one agency, by node."""
        return dict(zip(self.framework.nodes, self._counts_by_row[row].tolist(), strict=True))

    @cached_property
    def _counts_by_row(self) -> np.ndarray:
        return np.column_stack([self.counts[node] for node in self.framework.nodes])

    def rounded_of(self, row: int) -> dict[str, int]:
        """``rounded`` of one agency, by node."""
        return dict(zip(self.framework.nodes, self._rounded_by_row[row].tolist(), strict=True))

    @cached_property
    def _rounded_by_row(self) -> np.ndarray:
        return np.column_stack([self.rounded(node) for node in self.framework.nodes])

    def rounded(self, node: str) -> np.ndarray:
        """Scores of a node rounded as the year says, in whole units of the last place; -1 where there is none."""
        if node not in self._rounded:
            self._rounded[node] = self._round(node)
        return self._rounded[node]

    def _round(self, node: str) -> np.ndarray:
        places = self.framework.rules.rounding.places
        scaled = self.values[node] * 10**places
        known = ~np.isnan(scaled)
        units = np.where(known, np.floor(np.nan_to_num(scaled) + 0.5), -1).astype(np.int64)
        distance = np.abs(scaled - np.floor(scaled) - 0.5)  # from the tie
        for row in np.flatnonzero(distance < _TIE_MARGIN).tolist():  # the few that a last bit could decide
            units[row] = int(half_up(self._compute_exact(row, node), places).scaleb(places))
        return units

    @cached_property
    def level(self) -> np.ndarray:
        """The band of each agency, as an object array of its id; None where there is no total."""
        unit = 10**self.framework.rules.rounding.places
        overall = self.rounded("overall")
        lowest = np.min([self.rounded(i) for i in self.framework.instruments], axis=0)
        levels = np.full(len(overall), None, dtype=object)
        for band in reversed(self.framework.rules.bands):
            instruments_at_least = (band.every_instrument_at_least or 0) * unit
            levels[(overall >= band.at_least * unit) & (lowest >= instruments_at_least)] = band.id
        return levels

    @cached_property
    def passed(self) -> np.ndarray:
        """Whether each total reaches the target, as an object array of True, False or None."""
        unit = 10**self.framework.rules.rounding.places
        overall = self.rounded("overall")
        passed: np.ndarray = (overall >= self.framework.rules.target.points * unit).astype(object)
        passed[overall < 0] = None
        return passed

    @cached_property
    def status(self) -> np.ndarray:
        """One word per agency: the gravest of its instruments' statuses (an instrument without data is
        ``incomplete``)."""
        statuses = np.array(list(self.instrument_status.values()))
        result = np.full(len(self.agencies), "ok", dtype=object)
        for word in ("minimum_unknown", "below_minimum"):
            result[(statuses == word).any(axis=0)] = word
        result[np.isin(statuses, ("incomplete", "none")).any(axis=0)] = "incomplete"
        return result

    def table(self) -> pa.Table:
        """Long: ``agency, node, score, n, shown, level, passed, status``; the last three on ``overall`` (status also
        on instruments). ``score`` is the unrounded double, ``shown`` the decimal a document prints."""
        places = self.framework.rules.rounding.places
        schema = pa.schema(
            [
                ("agency", pa.string()),
                ("node", pa.string()),
                ("score", pa.float64()),
                ("n", pa.int64()),
                ("shown", pa.decimal128(5 + places, places)),
                ("level", pa.string()),
                ("passed", pa.bool_()),
                ("status", pa.string()),
            ]
        )
        nothing = [None] * len(self.agencies)
        statuses = {**self.instrument_status, "overall": self.status}
        tables = []
        for node in self.framework.nodes:
            columns = {
                "agency": self.agencies,
                "node": [node] * len(self.agencies),
                "score": pa.array(self.values[node], from_pandas=True),
                "n": self.counts[node],
                "shown": _to_decimals(self.rounded(node), schema.field("shown").type),
                "level": self.level if node == "overall" else nothing,
                "passed": self.passed if node == "overall" else nothing,
                "status": statuses.get(node, nothing),
            }
            tables.append(pa.table(columns, schema=schema))
        return pa.concat_tables(tables)


def _to_decimals(units: np.ndarray, decimal: pa.DataType) -> pa.Array:
    """Whole units of the last place as decimals; a negative number of units is none."""
    wide = np.column_stack([units, np.zeros_like(units)]).astype("<i8")  # 128 bits, little-endian
    decimals = pa.Array.from_buffers(decimal, len(units), [None, pa.py_buffer(wide.tobytes())])
    return pc.if_else(pa.array(units < 0), None, decimals)


def aggregate_scores(
    framework: Framework,
    answers: Mapping[str, Totals],
    marks: Totals | None,
    populations: Mapping[str, Mapping[str, int]],
) -> Scores:
    """Aggregate totals into scores. ``populations[instrument][agency]`` is what the minimum sample is taken of."""
    agencies = _unite_agencies([totals.agencies for totals in (*answers.values(), *([marks] if marks else []))])
    item_totals: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    responses: dict[str, np.ndarray] = {}
    for instrument in framework.rules.instruments:
        if instrument.kind == "survey":
            totals = answers.get(instrument.id)
            items = [column.item for column in framework.answer_columns(instrument.id)]
        else:
            totals = marks
            items = [node.id for node in framework.items_of(instrument.id)]
        responses[instrument.id], sums, counts = _align(totals, agencies, len(items))
        for item in dict.fromkeys(items):
            first = items.index(item)
            columns = slice(first, first + items.count(item))  # the answers of an item stand together
            item_totals[item] = sums[:, columns], counts[:, columns]
    values = _compute_means(framework, item_totals)
    names = agencies.to_pylist()
    return Scores(
        framework=framework,
        agencies=names,
        values=values,
        counts=_count(framework, item_totals, responses),
        instrument_status=_find_statuses(framework, names, values, responses, populations),
        item_totals=item_totals,
    )


def _unite_agencies(arrays: Sequence[pa.Array]) -> pa.Array:
    """The agencies of all arrays, each once, sorted."""
    agencies = pc.unique(pa.chunked_array([array.cast(pa.string()) for array in arrays], pa.string()))
    return agencies.take(pc.sort_indices(agencies))


def _align(totals: Totals | None, agencies: pa.Array, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Responses, sums and counts with one row for each of ``agencies``; zeros where an agency has none."""
    responses = np.zeros(len(agencies), np.int64)
    sums = np.zeros((len(agencies), width), np.int64)
    counts = np.zeros((len(agencies), width), np.int64)
    if totals is not None:
        rows = pc.index_in(totals.agencies.cast(pa.string()), value_set=agencies).to_numpy(zero_copy_only=False)
        responses[rows], sums[rows], counts[rows] = totals.responses, totals.sums, totals.counts
    return responses, sums, counts


def _compute_means(
    framework: Framework, item_totals: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, np.ndarray]:
    """The score of every node; a part without a score leaves what it is part of without one."""
    values: dict[str, np.ndarray] = {}
    for node in reversed(list(framework.nodes.values())):  # parts stand after what they make up
        if node.id in item_totals:
            sums, counts = item_totals[node.id]
            means = sums / np.where(counts == 0, np.nan, counts)
            values[node.id] = means.sum(axis=1) / means.shape[1]
        elif len(set(node.parts.values())) == 1:  # a plain mean: add up, divide once
            values[node.id] = np.sum([values[part] for part in node.parts], axis=0) / len(node.parts)
        else:
            weighted = [values[part] * float(weight * 10_000) for part, weight in node.parts.items()]
            values[node.id] = np.sum(weighted, axis=0) / 10_000
    return values


def _count(
    framework: Framework,
    item_totals: Mapping[str, tuple[np.ndarray, np.ndarray]],
    responses: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """How many answers, responses or marks the score of every node rests on."""
    counts = {item: answers.min(axis=1) for item, (_, answers) in item_totals.items()}
    for node in framework.computed_nodes:
        items = framework.items_of(node.id)
        instruments = {item.instrument for item in items if item.instrument}
        if node.kind == "overall":
            counts[node.id] = np.zeros_like(responses[framework.rules.instruments[0].id])
        elif all(framework.instruments[i].kind == "survey" for i in instruments):
            counts[node.id] = np.sum([responses[i] for i in instruments], axis=0)
        else:
            counts[node.id] = np.sum([counts[item.id] for item in items], axis=0)
    return counts


def _find_statuses(
    framework: Framework,
    agencies: Sequence[str],
    values: Mapping[str, np.ndarray],
    responses: Mapping[str, np.ndarray],
    populations: Mapping[str, Mapping[str, int]],
) -> dict[str, np.ndarray]:
    """One word per instrument and agency."""
    samples = {sample.instrument: sample for sample in framework.rules.samples}
    statuses: dict[str, np.ndarray] = {}
    for instrument in framework.rules.instruments:
        n = responses[instrument.id]
        words = np.full(len(agencies), "ok", dtype=object)
        if instrument.id in samples:
            sample, population = samples[instrument.id], populations.get(instrument.id, {})
            least = np.array([minimum_sample(sample, population[a]) if a in population else -1 for a in agencies])
            words[(least < 0) & (n < sample.cap)] = "minimum_unknown"  # the cap is enough for every population
            words[n < least] = "below_minimum"
        words[np.isnan(values[instrument.id])] = "incomplete"
        words[n == 0] = "none"
        statuses[instrument.id] = words
    return statuses
