"""What a table of a nation says of each published result, computed when it is published: its change against the year
before, where it fell and what is weakest. Of published scores (``shown``) alone, so that nothing withheld has a part
in it, not even in an order."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from prongsai.analysis import NO_RULES, ComparableYears, compare_years
from prongsai.framework import Framework
from prongsai.results.models import AgencyResult, PublishedResult, ResultSet
from prongsai.results.queries import list_approximate

WEAKEST, MOST_FALLS = 5, 3  # items and indicators that a row names
COLUMN_KINDS = ("instrument", "composite", "indicator")


def column_key(node: str) -> str:
    """Under what name a node's score is stored in ``facts``: a number alone would be read as a place in a list."""
    return f"n{node}"


def read_column_key(key: str) -> str:
    """The node of a ``column_key``."""
    return key[1:]


def column_nodes(framework: Framework) -> list[str]:
    """The nodes that may be columns of a table: instruments, then the indicators."""
    nodes = framework.nodes.values()
    return [n.id for kinds in (COLUMN_KINDS[:2], COLUMN_KINDS[2:]) for n in nodes if n.kind in kinds]


def item_nodes(framework: Framework) -> list[str]:
    """The items that a table can be sorted by: their scores stay in ``AgencyResult.shown`` under their own names, so
    that one whose name is a number alone cannot be asked for."""
    nodes = framework.nodes.values()
    return [n.id for n in nodes if n.kind == "item" and not n.id.replace("_", "").lstrip("-").isdigit()]


@dataclass(frozen=True)
class _Rules:
    """What of a year's rules a row needs, taken out once for thousands of rows."""

    columns: tuple[str, ...]
    items: tuple[str, ...]
    indicators: tuple[str, ...]
    levels: Mapping[str, int]
    target: int


@lru_cache(maxsize=32)
def _read_rules(framework: Framework) -> _Rules:
    return _Rules(
        columns=tuple(column_nodes(framework)),
        items=tuple(n.id for n in framework.nodes.values() if n.kind == "item"),
        indicators=tuple(i.id for i in framework.rules.indicators),
        levels={band.id: place for place, band in enumerate(framework.rules.bands)},
        target=framework.rules.target.points,
    )


@lru_cache(maxsize=32)
def years_apart(old: Framework, new: Framework) -> ComparableYears:
    """``compare_years`` of two years in a row, remembered."""
    return compare_years([old, new])


def describe(row: PublishedResult, before: AgencyResult | None, framework_of: Callable[[ResultSet], Framework]) -> None:
    """Fill the columns of a published result that are derived. ``before`` is the published result of the agency's year
    before; ``framework_of`` gives the rules of a result set. Results that were recorded without rules are compared with
    nothing: their year may get other rules yet."""
    shown = row.result.shown
    framework = framework_of(row.result.result_set)
    rules = _read_rules(framework)
    row.change, row.level_change, row.caution = None, None, ""
    row.facts = {
        "overall": shown.get("overall", ""),
        "scores": {column_key(n): shown[n] for n in rules.columns if n in shown},
        "weak": _find_weakest(rules, shown, set(list_approximate(row.result))),
    }
    if before is None:
        return
    row.facts["before"] = [before.shown.get("overall", ""), before.level]
    if not (row.result.result_set.framework_digest and before.result_set.framework_digest):
        row.caution = NO_RULES
        return
    years = years_apart(framework_of(before.result_set), framework)
    row.facts["falls"] = _find_falls(rules, years, shown, before.shown)
    row.caution = years.cautions.get("overall", "")
    if not row.caution and "overall" in shown and "overall" in before.shown:
        row.change = Decimal(shown["overall"]) - Decimal(before.shown["overall"])
    if years.same_levels and row.level in rules.levels and before.level in rules.levels:
        row.level_change = rules.levels[before.level] - rules.levels[row.level]


def _find_weakest(rules: _Rules, shown: Mapping[str, str], approximate: Collection[str]) -> list[list[Any]]:
    """The lowest published scores of items below the target, in the order of the rules among equals: (item, score,
    whether it has a random error)."""
    # a double orders texts of a few digits as they are, and is parsed much faster
    scored = [(float(shown[item]), place, item) for place, item in enumerate(rules.items) if item in shown]
    weak = sorted(s for s in scored if s[0] < rules.target)
    return [[item, shown[item], item in approximate] for _, _, item in weak[:WEAKEST]]


def _find_falls(
    rules: _Rules, years: ComparableYears, shown: Mapping[str, str], before: Mapping[str, str]
) -> list[list[str]]:
    """The indicators that fell most: (indicator, change, why the two years are not like for like)."""
    falls = []
    for place, node in enumerate(rules.indicators):
        previous = years.predecessors.get(node, "")
        if node in shown and previous in before:
            change = Decimal(shown[node]) - Decimal(before[previous])
            if change < 0:
                falls.append((change, place, node))
    return [[node, str(change), years.cautions.get(node, "")] for change, _, node in sorted(falls)[:MOST_FALLS]]
