"""Last year's sealed answers and marks scored under next year's rules.

What an item of the new year continues says whose answers it takes. What has no predecessor is unknown: it is bounded
by the worst and the best points that it can have, never guessed, so that every score is an interval with exact ends.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.expr import types as ir

from prongsai.framework import AnswerColumn, DisclosureItem, Framework, lineage
from prongsai.lib.rounding import half_up
from prongsai.scoring.aggregation import Scores, aggregate_scores
from prongsai.scoring.pipeline import read_populations, score
from prongsai.scoring.totals import Totals, sum_columns

MAX_DECIDING = 15  # items in a summary


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """One round under two sets of rules, agencies in rows.

    ``before`` are the scores under the old rules, ``low`` and ``high`` those under the new ones with every unknown item
    at its worst and at its best. ``origins`` are the items of the old rules that each item of the new ones continues,
    through the years between. ``unknown`` are items of the new rules without a predecessor that answers for them,
    ``dropped`` items of the old rules that the new ones no longer use.
    """

    old: Framework
    new: Framework
    before: Scores
    low: Scores
    high: Scores
    origins: Mapping[str, tuple[str, ...]]
    unknown: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def agencies(self) -> Sequence[str]:
        return self.low.agencies

    @cached_property
    def level_changes(self) -> np.ndarray:
        """For each agency "certain" when every possible level differs from the one before, "possible" when some does,
        "none", or "unknown" without a total."""
        order = {band.id: n for n, band in enumerate(self.new.rules.bands)}
        words = np.full(len(self.agencies), "none", dtype=object)
        for row, (was, low, high) in enumerate(zip(self.before.level, self.low.level, self.high.level, strict=True)):
            if was is None or low is None:
                words[row] = "unknown"
            elif was in order and order[high] <= order[was] <= order[low]:
                words[row] = "none" if low == high else "possible"
            else:
                words[row] = "certain"
        return words

    @cached_property
    def pass_changes(self) -> np.ndarray:
        """As ``level_changes``, for reaching the target."""
        words = np.full(len(self.agencies), "none", dtype=object)
        for row, (was, low, high) in enumerate(zip(self.before.passed, self.low.passed, self.high.passed, strict=True)):
            if was is None or low is None:
                words[row] = "unknown"
            elif low is high:
                words[row] = "none" if low is was else "certain"
            else:
                words[row] = "possible"
        return words

    def table(self) -> pa.Table:
        """A row for each agency: total before, lowest and highest after, levels, passing, and what changes."""
        columns: dict[str, Any] = {"agency": pa.array(self.agencies, pa.string())}
        for name, scores in (("before", self.before), ("low", self.low), ("high", self.high)):
            units = scores.rounded("overall")
            places = scores.framework.rules.rounding.places
            columns[f"total_{name}"] = pa.array(
                [None if u < 0 else _decimal(u, places) for u in units.tolist()], pa.string()
            )
            columns[f"level_{name}"] = pa.array(scores.level.tolist(), pa.string())
            columns[f"passed_{name}"] = pa.array(scores.passed.tolist(), pa.bool_())
        columns["level_change"] = pa.array(self.level_changes.tolist(), pa.string())
        columns["pass_change"] = pa.array(self.pass_changes.tolist(), pa.string())
        return pa.table(columns)

    def summarize(self, attributes: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Everything a page shows, as JSON data. ``attributes[name][agency]`` are what agencies are grouped by, such as
        their type or province."""
        return {
            "agencies": len(self.agencies),
            "unknown": list(self.unknown),
            "dropped": list(self.dropped),
            "level": _count_words(self.level_changes),
            "pass": _count_words(self.pass_changes),
            "levels": self._count_levels(),
            "groups": {name: self._count_groups(groups) for name, groups in attributes.items()},
            "changes": {name: self._distribution(scores) for name, scores in self._ends()},
            "nodes": self._node_contributions(),
            "items": self._deciding_items(),
        }

    @cached_property
    def _compared(self) -> np.ndarray:
        """Which agencies have a total before and after."""
        known: np.ndarray = ~np.isnan(self.before.values["overall"]) & ~np.isnan(self.low.values["overall"])
        return known

    def _ends(self) -> tuple[tuple[str, Scores], tuple[str, Scores]]:
        return ("low", self.low), ("high", self.high)

    def _count_levels(self) -> dict[str, dict[str, int]]:
        """Agencies by level: before, and after at the worst and at the best."""
        return {
            name: {band.id: int(np.sum(scores.level == band.id)) for band in scores.framework.rules.bands}
            for name, scores in (("before", self.before), *self._ends())
        }

    def _count_groups(self, groups: Mapping[str, str]) -> dict[str, dict[str, int]]:
        names = np.array([groups.get(agency, "") for agency in self.agencies])
        counts = {}
        for name in sorted(set(names.tolist())):
            rows = names == name
            level, passing = _count_words(self.level_changes[rows]), _count_words(self.pass_changes[rows])
            counts[name] = {
                "agencies": int(rows.sum()),
                "level_certain": level["certain"],
                "level_possible": level["possible"],
                "pass_certain": passing["certain"],
                "pass_possible": passing["possible"],
            }
        return counts

    def _distribution(self, scores: Scores) -> dict[str, int]:
        """How many totals change by how many whole points, rounded down."""
        change = scores.values["overall"] - self.before.values["overall"]
        points, counts = np.unique(np.floor(np.round(change[~np.isnan(change)], 9)).astype(int), return_counts=True)
        return {str(point): int(count) for point, count in zip(points.tolist(), counts.tolist(), strict=True)}

    def _node_contributions(self) -> list[dict[str, Any]]:
        """How much each indicator moves the mean total: what it gives after, less what it gave before. They sum to the
        change of the mean total of the agencies that have one before and after."""
        rows = self._compared
        before = _contributions(self.before, _scored_indicators(self.old), rows)
        ends = {name: _contributions(scores, _scored_indicators(self.new), rows) for name, scores in self._ends()}
        names = dict.fromkeys([*before, *ends["low"]])
        return [
            {
                "node": name,
                **{
                    end: _hundredths(parts.get(name, Fraction()) - before.get(name, Fraction()))
                    for end, parts in ends.items()
                },
            }
            for name in names
        ]

    def _deciding_items(self) -> list[dict[str, Any]]:
        """The items that decide most: unknown ones by how far apart their worst and best are, changed ones by how they
        move the mean total."""
        before = _contributions(self.before, _items(self.old), self._compared)
        low, high = (_contributions(scores, _items(self.new), self._compared) for _, scores in self._ends())
        rows = []
        for name in low:
            was = sum((before[origin] for origin in self.origins[name]), Fraction())
            rows.append((name, low[name] - was, high[name] - was))
        rows.sort(key=lambda row: -max(abs(row[1]), abs(row[2])))
        return [
            {"item": name, "low": _hundredths(a), "high": _hundredths(b), "unknown": name in self.unknown}
            for name, a, b in rows[:MAX_DECIDING]
        ]


def rehearse(
    old: Framework,
    new: Framework,
    answers: Mapping[str, ir.Table],
    marks: ir.Table | None = None,
    populations: ir.Table | None = None,
    *,
    between: Sequence[Framework] = (),
) -> Rehearsal:
    """Score one round's inputs under its own rules and under later ones.

    ``answers``, ``marks`` and ``populations`` are as for :func:`prongsai.scoring.score` under ``old``; ``between`` are
    the rules of years between the two, oldest first. An item takes the answers of the one item that it continues, when
    that has as many answers and options; options are taken by their place. An item that continues none or several, or
    one that others continue too, is unknown: how a whole would be divided nobody was asked. An
    instrument of another name takes the answers of the one that most of its items come from. Raises ParcelError.
    """
    before = score(old, answers, marks, populations)
    origins = _predecessors(old, new, between)
    sources = _single_sources(old, new, origins)
    unknown: list[str] = []
    totals: dict[str, tuple[Totals, Totals]] = {}
    counted = read_populations(populations, {i.id for i in old.survey_instruments()})
    asked: dict[str, Mapping[str, int]] = {}
    for instrument in new.survey_instruments():
        former = _former_instrument(old, new, instrument.id, sources)
        asked[instrument.id] = counted.get(former, {})
        totals[instrument.id] = _rehearse_answers(old, new, (former, instrument.id), sources, answers, before, unknown)
    mark_totals = _rehearse_marks(old, new, sources, before, unknown)
    low, high = (
        aggregate_scores(new, {name: pair[end] for name, pair in totals.items()}, mark_totals[end], asked)
        for end in (0, 1)
    )
    used = {sources[name] for name in low.item_totals if name not in unknown}
    return Rehearsal(
        old=old,
        new=new,
        before=before,
        low=low,
        high=high,
        origins=origins,
        unknown=tuple(unknown),
        dropped=tuple(node.id for node in _items(old) if node.id not in used),
    )


def _predecessors(old: Framework, new: Framework, between: Sequence[Framework]) -> dict[str, tuple[str, ...]]:
    """Which item nodes of the old rules each item node of the new ones continues: within the same instrument, or the
    only one of another."""
    if old.fiscal_year == new.fiscal_year:
        continued: dict[str, tuple[str, ...]] = {name: (name,) for name in new.items if name in old.items}
    else:
        continued = lineage([old, *between, new])
    nodes: dict[str, dict[str | None, str]] = {}
    for node in _items(old):
        nodes.setdefault(node.item.id, {})[node.instrument] = node.id
    return {
        node.id: tuple(
            found[node.instrument] if node.instrument in found else next(iter(found.values()))
            for origin in continued.get(node.item.id, ())
            if node.instrument in (found := nodes[origin]) or len(found) == 1
        )
        for node in _items(new)
    }


def _single_sources(old: Framework, new: Framework, origins: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The one item of its kind that each item continues alone, where there is one."""
    continued = Counter(origin for found in origins.values() for origin in found)
    return {
        name: found[0]
        for name, found in origins.items()
        if len(found) == 1
        and continued[found[0]] == 1
        and isinstance(old.nodes[found[0]].item, DisclosureItem) == isinstance(new.nodes[name].item, DisclosureItem)
    }


def _former_instrument(old: Framework, new: Framework, instrument: str, sources: Mapping[str, str]) -> str:
    """The instrument of the old rules that most items of one of the new rules come from; its own name for none."""
    former = Counter(
        old.nodes[sources[node.id]].instrument for node in new.items_of(instrument) if node.id in sources
    ).most_common(1)
    return (former[0][0] if former else None) or instrument


def _rehearse_answers(
    old: Framework,
    new: Framework,
    instruments: tuple[str, str],
    sources: Mapping[str, str],
    answers: Mapping[str, ir.Table],
    before: Scores,
    unknown: list[str],
) -> tuple[Totals, Totals]:
    """Totals of an instrument, named as in the old rules and as in the new ones, with unknown items at their worst and
    best; adds them to ``unknown``."""
    former, instrument = instruments
    columns = new.answer_columns(instrument)
    if former not in answers:
        unknown += dict.fromkeys(column.item for column in columns)
        return _bound(pa.array(before.agencies, pa.string()), columns)
    by_item: dict[str, list[AnswerColumn]] = {}
    for column in old.answer_columns(former):
        by_item.setdefault(column.item, []).append(column)
    new_by_item: dict[str, list[AnswerColumn]] = {}
    for column in columns:
        new_by_item.setdefault(column.item, []).append(column)
    known: list[AnswerColumn | None] = []
    for item, new_columns in new_by_item.items():
        source = by_item.get(sources.get(item, ""), [])
        fits = len(source) == len(new_columns) and all(
            len(a.points) == len(b.points) for a, b in zip(source, new_columns, strict=True)
        )
        if not fits:
            unknown.append(item)
        known += [
            AnswerColumn(source[k].name, item, column.points) if fits else None for k, column in enumerate(new_columns)
        ]
    totals = sum_columns(answers[former], tuple(column for column in known if column is not None))
    places = iter(range(len(known)))
    sums, counts = (
        np.zeros((2, len(totals.agencies), len(known)), np.int64),
        np.zeros((len(totals.agencies), len(known)), np.int64),
    )
    for k, known_column in enumerate(known):
        if known_column is not None:
            place = next(places)
            sums[:, :, k], counts[:, k] = totals.sums[:, place], totals.counts[:, place]
        else:
            sums[0, :, k], sums[1, :, k], counts[:, k] = min(columns[k].points), max(columns[k].points), 1
    low, high = (
        Totals(agencies=totals.agencies, responses=totals.responses, sums=sums[end], counts=counts) for end in (0, 1)
    )
    return low, high


def _bound(agencies: pa.Array, columns: Sequence[AnswerColumn]) -> tuple[Totals, Totals]:
    """Totals of a survey that nobody was asked, at its worst and best."""
    ones = np.ones((len(agencies), len(columns)), np.int64)
    low, high = (
        Totals(agencies=agencies, responses=ones[:, 0], sums=ones * [end(c.points) for c in columns], counts=ones)
        for end in (min, max)
    )
    return low, high


def _rehearse_marks(
    old: Framework,
    new: Framework,
    sources: Mapping[str, str],
    before: Scores,
    unknown: list[str],
) -> tuple[Totals, Totals]:
    """Marks of the new rules at their worst and best."""
    items = [node for node in _items(new) if isinstance(node.item, DisclosureItem)]
    size = len(before.agencies)
    sums, counts = np.zeros((2, size, len(items)), np.int64), np.zeros((size, len(items)), np.int64)
    marked = np.zeros(size, bool)
    for node in _items(old):
        if isinstance(node.item, DisclosureItem):
            marked |= before.item_totals[node.id][1][:, 0] > 0
    for k, node in enumerate(items):
        points = _translate_marks(old, new, sources.get(node.id), node.id, before)
        if points is None:
            unknown.append(node.id)
            allowed = new.mark_points(node.id)
            sums[0, :, k], sums[1, :, k], counts[:, k] = min(allowed), max(allowed), marked
        else:
            sums[:, :, k], counts[:, k] = points
    agencies = pa.array(before.agencies, pa.string())
    low, high = (
        Totals(agencies=agencies, responses=marked.astype(np.int64), sums=sums[end] * counts, counts=counts)
        for end in (0, 1)
    )
    return low, high


def _translate_marks(
    old: Framework, new: Framework, source: str | None, item: str, before: Scores
) -> tuple[np.ndarray, np.ndarray] | None:
    """Points and counts of an item from the marks of the one that it continues; None when its scale has no place for
    them."""
    if source is None:
        return None
    former, allowed = old.mark_points(source), new.mark_points(item)
    sums, counts = (totals[:, 0] for totals in before.item_totals[source])
    if set(former) <= set(allowed):
        return sums, counts
    if len(former) != len(allowed):
        return None
    translated = np.zeros_like(sums)
    for was, now in zip(former, allowed, strict=True):
        translated[sums == was] = now
    return translated, counts


def _items(framework: Framework) -> list[Any]:
    return [node for node in framework.nodes.values() if node.kind == "item"]


def _scored_indicators(framework: Framework) -> list[Any]:
    """Indicators as instruments score them: those in parts, part by part."""
    parents = {part for i in framework.instruments for part in framework.nodes[i].parts}
    return [node for node in framework.nodes.values() if node.id in parents]


def _contributions(scores: Scores, nodes: Sequence[Any], rows: np.ndarray) -> dict[str, Fraction]:
    """What each node gives to the mean total of some agencies that have one, as the rational it is."""
    if not rows.any():
        return {}
    weights, means = weights_of(scores.framework), _ExactMeans(scores, rows)
    return {node.id: weights[node.id] * means.of(node.id) if weights[node.id] else Fraction() for node in nodes}


class _ExactMeans:
    """The mean scores of some agencies, exact: points are summed as integers, by how many answers divide them."""

    def __init__(self, scores: Scores, rows: np.ndarray) -> None:
        self.scores, self.rows = scores, rows

    def of(self, node: str) -> Fraction:
        if node not in self.scores.item_totals:
            parts = self.scores.framework.nodes[node].parts
            return sum((weight * self.of(part) for part, weight in parts.items()), Fraction())
        points, answers = (totals[self.rows] for totals in self.scores.item_totals[node])
        total = Fraction()
        for number in np.unique(answers).tolist():
            total += Fraction(int(points[answers == number].sum()), number)
        return total / int(answers.size)


def weights_of(framework: Framework) -> dict[str, Fraction]:
    """How much of the total each node makes: 1 for the total, less for its parts. What feeds nothing makes nothing: an
    indicator that is published as the mean of parts, which instruments score."""
    weights = dict.fromkeys(framework.nodes, Fraction())
    weights["overall"] = Fraction(1)
    for node in framework.nodes.values():  # each after everything that it is a part of
        for part, weight in node.parts.items():
            weights[part] += weights[node.id] * weight
    return weights


def _count_words(words: np.ndarray) -> dict[str, int]:
    return {word: int(np.sum(words == word)) for word in ("certain", "possible", "none", "unknown")}


def _hundredths(value: Fraction) -> str:
    """A mean to two decimals, with its sign; a tie goes away from zero."""
    return f"{half_up(value, 2):+}"


def _decimal(units: int, places: int) -> str:
    return f"{units // 10**places}.{units % 10**places:0{places}d}" if places else str(units)
