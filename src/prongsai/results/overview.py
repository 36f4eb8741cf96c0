"""The national summary of one year's published results: distribution, indicators, types of agency, provinces."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from prongsai.framework import Framework
from prongsai.lib.rounding import half_up
from prongsai.results.models import PublishedResult

_BAR_WIDTH = 5  # points


def compute_overview(framework: Framework, rows: Iterable[PublishedResult]) -> dict[str, Any]:
    """Numbers of agencies, means of shown scores (one division each, rounded half up as the year rounds), levels.
    "places": of each type, and of all ("") together, the mean and the mean change by province."""
    places = framework.rules.rounding.places
    totals: list[Decimal] = []
    levels = dict.fromkeys([b.id for b in framework.rules.bands], 0)
    bars = [0] * (100 // _BAR_WIDTH)
    groups: dict[str, dict[str, list[tuple[Decimal, bool]]]] = {"kind": {}, "province": {}}
    places_of: dict[tuple[str, str], tuple[list[Decimal], list[Decimal]]] = {}
    nodes = [i.id for i in framework.rules.indicators] + list(framework.instruments)
    scores: dict[str, list[Decimal]] = {n: [] for n in nodes}
    agencies = 0
    for row in rows:
        agencies += 1
        for node in nodes:
            if node in row.result.shown:
                scores[node].append(Decimal(row.result.shown[node]))
        if row.level:  # a word that the rules do not have was recorded as printed
            levels[row.level] = levels.get(row.level, 0) + 1
        if row.overall is None:
            continue
        totals.append(row.overall)
        bars[min(int(row.overall) // _BAR_WIDTH, len(bars) - 1)] += 1
        for name, key in (("kind", row.agency.kind), ("province", row.agency.province)):
            if key:
                groups[name].setdefault(key, []).append((row.overall, bool(row.passed)))
        for kind in ("", row.agency.kind) if row.agency.province else ():
            found_totals, found_changes = places_of.setdefault((kind, row.agency.province), ([], []))
            found_totals.append(row.overall)
            if row.change is not None:
                found_changes.append(row.change)

    def mean(values: list[Decimal]) -> str:
        return str(half_up(Fraction(sum(values, Decimal())) / len(values), places)) if values else ""

    by_kind: dict[str, dict[str, dict[str, Any]]] = {}
    for (kind, province), (values, changes) in places_of.items():
        by_kind.setdefault(kind, {})[province] = {
            "n": len(values),
            "mean": mean(values),
            "compared": len(changes),
            "change": mean(changes),
        }
    target = framework.rules.target.points
    return {
        "agencies": agencies,
        "target": target,
        "scored": len(totals),
        "passed": sum(t >= target for t in totals),
        "mean": mean(totals),
        "median": str(half_up(Fraction(median(totals)), places)) if totals else "",
        "levels": levels,
        "distribution": [[k * _BAR_WIDTH, n] for k, n in enumerate(bars)],
        "nodes": {
            n: {"n": len(v), "mean": mean(v), "passed": sum(s >= target for s in v)} for n, v in scores.items() if v
        },
        "groups": {
            name: {
                key: {"n": len(v), "mean": mean([t for t, _ in v]), "passed": sum(p for _, p in v)}
                for key, v in by.items()
            }
            for name, by in groups.items()
        },
        "places": by_kind,
    }
