"""What the disclosure score would be if nothing changed any more: a range, from what can be seen before anybody marks.

Pure. A forecast is no score: it assumes that a complete item gets the most points of its scale, an item that is not
filed the fewest, and leaves open what an item with faults gets. These assumptions are ours, not the rules'.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prongsai.framework import DisclosureItem, Framework
from prongsai.scoring.exact import complete_scores, round_score


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """The score of an instrument on the scale 0 to 100, rounded as the year's rules say: where every item with faults
    gets the fewest points, and where it gets the most."""

    instrument: str
    low: Decimal
    high: Decimal


def forecast_disclosure(framework: Framework, *, complete: Collection[str], faulty: Collection[str]) -> Forecast | None:
    """The disclosure score to expect from the items that are ``complete`` and those that are ``faulty``, by id; every
    other item counts as not filed. None where the year checks no disclosure."""
    items = [node for node in framework.nodes.values() if isinstance(node.item, DisclosureItem)]
    if not items or items[0].instrument is None:
        return None
    low, high = {}, {}
    for node in items:
        points = [Fraction(p) for p in framework.mark_points(node.id)]
        is_complete, is_faulty = node.id in complete, node.id in faulty
        low[node.id] = max(points) if is_complete else min(points)
        high[node.id] = max(points) if is_complete or is_faulty else min(points)
    name = items[0].instrument
    of_low, of_high = (round_score(framework, complete_scores(framework, known)[name]) for known in (low, high))
    return Forecast(instrument=name, low=of_low, high=of_high)
