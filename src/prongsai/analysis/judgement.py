"""Strengths, points to develop, rankings, change between years, and why a level was not higher.

All of it on one agency's scores as exact rationals by node (``Mapping[str, Fraction]``); ``prongsai.scoring.complete``
gives the nodes that follow from others. Comparisons are made on scores as the year shows them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prongsai.framework import RULES_OF_ALL, Framework, Node, difference, lineage
from prongsai.scoring import bands, complete, shown

Known = Mapping[str, Fraction]


@dataclass(frozen=True)
class Ranked:
    """A node in a ranking: equal shown scores share a rank (1, 2, 2, 4)."""

    node: str
    score: Decimal
    rank: int


@dataclass(frozen=True)
class Findings:
    """What stands out in one result. Every list is of nodes with shown scores, best first.

    ``strengths`` are indicators at or above the target, ``to_develop`` those below it; ``weak_items`` are items below
    the target, worst first. ``highest`` and ``lowest`` hold every indicator that ties.
    """

    target: int
    strengths: tuple[Ranked, ...]
    to_develop: tuple[Ranked, ...]
    instruments: tuple[Ranked, ...]
    indicators: tuple[Ranked, ...]
    items: tuple[Ranked, ...]
    weak_items: tuple[Ranked, ...]
    highest: tuple[Ranked, ...]
    lowest: tuple[Ranked, ...]


def findings(framework: Framework, known: Known) -> Findings:
    """Judge one result by its own year's target. Nodes without a score are left out."""
    scores = complete(framework, known)
    indicators = _rank(framework, scores, "indicator")
    items = _rank(framework, scores, "item")
    target = framework.rules.target.points
    return Findings(
        target=target,
        strengths=tuple(r for r in indicators if r.score >= target),
        to_develop=tuple(r for r in indicators if r.score < target),
        instruments=_rank(framework, scores, "instrument"),
        indicators=indicators,
        items=items,
        weak_items=tuple(r for r in reversed(items) if r.score < target),
        highest=tuple(r for r in indicators if r.score == indicators[0].score),
        lowest=tuple(r for r in indicators if r.score == indicators[-1].score),
    )


def _rank(framework: Framework, scores: Known, kind: str) -> tuple[Ranked, ...]:
    found = [
        (shown(framework, scores[n.id]), n.id) for n in framework.nodes.values() if n.kind == kind and n.id in scores
    ]
    found.sort(key=lambda f: -f[0])  # stable: equals keep the framework's order
    ranks: dict[Decimal, int] = {}
    for place, (score, _) in enumerate(found, 1):
        ranks.setdefault(score, place)
    return tuple(Ranked(node, score, ranks[score]) for score, node in found)


# --- year on year
# ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Movement:
    """One node against the year before. ``before`` names what it continues; ``caution`` says in Thai why the two
    scores are not like for like, or is empty."""

    node: str
    before: tuple[str, ...]
    score: Decimal
    previous: Decimal
    change: Decimal
    caution: str


@dataclass(frozen=True)
class YearOnYear:
    """Movements of everything that has a score in both years, and what changed in the rules of the whole (Thai)."""

    movements: tuple[Movement, ...]
    cautions: tuple[str, ...]


def year_on_year(chain: Sequence[Framework], now: Known, before: Known) -> YearOnYear:
    """Compare two results. ``chain`` is the consecutive frameworks from the earlier year to the later one.

    An item is compared with the one item it continues, if it alone continues it and keeps its scale; merged and split
    items are not compared. The change is the difference of shown scores, as documents print it.
    """
    old, new = chain[0], chain[-1]
    a, b = complete(old, before), complete(new, now)
    links = lineage(chain)
    followers: dict[str, int] = {}
    for sources in links.values():
        for source in sources:
            followers[source] = followers.get(source, 0) + 1
    movements = []
    for node in new.nodes.values():
        if node.id not in b:
            continue
        caution = ""
        if node.item is None:
            if node.id not in a:
                continue
            source = node.id
            caution = _caution(old, new, node)
        else:
            sources = links.get(node.item.id, ())
            if len(sources) != 1 or followers[sources[0]] > 1:
                continue
            part = node.id.rpartition("/")[0]
            candidates = (f"{part}/{sources[0]}", sources[0]) if part else (sources[0],)
            found = next((c for c in candidates if c in a), None)
            if found is None:
                continue
            source = found
            earlier = old.items[sources[0]]
            if earlier.scale != node.item.scale:
                caution = "มาตรวัดของข้อนี้ต่างจากปีก่อน"
        score, previous = shown(new, b[node.id]), shown(old, a[source])
        movements.append(Movement(node.id, (source,), score, previous, score - previous, caution))
    return YearOnYear(tuple(movements), tuple(c.text for c in difference(chain) if c.topic in RULES_OF_ALL))


def _caution(old: Framework, new: Framework, node: Node) -> str:
    """Why the scores of one node are not like for like between two years, in Thai, or nothing."""
    before = old.nodes[node.id]
    if node.kind == "overall":
        weights = [{i.id: i.weight for i in f.rules.instruments} for f in (old, new)]
        return "" if weights[0] == weights[1] else "เครื่องมือหรือน้ำหนักเปลี่ยนไประหว่างสองปี"
    if node.kind == "sub_indicator" and before.label.th != node.label.th:
        return "ตัวชี้วัดย่อยนี้ว่าด้วยเรื่องที่ต่างจากปีก่อน"
    if set(_measured_by(old, node.id)) != set(_measured_by(new, node.id)):
        return "เครื่องมือที่ใช้วัดเปลี่ยนไประหว่างสองปี"
    then, now = len(old.items_of(node.id)), len(new.items_of(node.id))
    return f"จำนวนข้อเปลี่ยนจาก {then} เป็น {now}" if then != now else ""


def _measured_by(framework: Framework, node: str) -> list[str]:
    return [i.instrument or "" for i in framework.items_of(node)]


# --- levels
# ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shortfall:
    """A condition of a better level that was not met: by how many points, as shown."""

    node: str
    score: Decimal
    needed: int
    short: Decimal


@dataclass(frozen=True)
class WhyNotHigher:
    """The level reached, the next better one, and every condition that stands between. ``next`` is None at the top."""

    level: str
    next: str | None
    shortfalls: tuple[Shortfall, ...]


def why_not_higher(framework: Framework, known: Known) -> WhyNotHigher:
    """What kept a result from the level above. Needs the total and every instrument."""
    scores = complete(framework, known)
    level = bands(framework, scores)[0]
    order = [b.id for b in framework.rules.bands]
    place = order.index(level.id)
    if place == 0:
        return WhyNotHigher(level.id, None, ())
    better = framework.rules.bands[place - 1]
    return WhyNotHigher(level.id, better.id, tuple(_shortfalls(framework, scores, better.id)))


def _shortfalls(framework: Framework, scores: Known, level: str) -> list[Shortfall]:
    band = framework.bands[level]
    conditions = [("overall", band.at_least)]
    if band.every_instrument_at_least is not None:
        conditions += [(i, band.every_instrument_at_least) for i in framework.instruments]
    found = []
    for node, needed in conditions:
        score = shown(framework, scores[node])
        if score < needed:
            found.append(Shortfall(node, score, needed, needed - score))
    return found
