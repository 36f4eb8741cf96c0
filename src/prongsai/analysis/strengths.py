"""Strengths, points to develop and rankings of one agency's result.

Scores are exact rationals by node; comparisons are made on scores as the year shows them.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prongsai.framework import Framework
from prongsai.scoring import complete_scores, round_score

KnownScores = Mapping[str, Fraction]  # by node, some or all of one agency's


@dataclass(frozen=True)
class Ranked:
    """A node in a ranking: equal shown scores share a rank (1, 2, 2, 4)."""

    node: str
    score: Decimal
    rank: int


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What stands out in one result. Every list is of nodes with shown scores, best first.

    ``strengths`` are indicators at or above the target, ``to_develop`` those below it; ``instruments`` are those of
    ``list_instruments``; ``weak_items`` are items below the target, worst first. ``highest`` and ``lowest`` hold every
    indicator that ties.
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


def findings(framework: Framework, known: KnownScores) -> Findings:
    """Judge one result by its own year's target. Nodes without a score are left out."""
    scores = complete_scores(framework, known)
    indicators = _rank(framework, scores, "indicator")
    items = _rank(framework, scores, "item")
    target = framework.rules.target.points
    return Findings(
        target=target,
        strengths=tuple(r for r in indicators if r.score >= target),
        to_develop=tuple(r for r in indicators if r.score < target),
        instruments=_rank_nodes(framework, scores, list_instruments(framework, scores)),
        indicators=indicators,
        items=items,
        weak_items=tuple(r for r in reversed(items) if r.score < target),
        highest=tuple(r for r in indicators if r.score == indicators[0].score),
        lowest=tuple(r for r in indicators if r.score == indicators[-1].score),
    )


def list_instruments(framework: Framework, scores: Container[str]) -> tuple[str, ...]:
    """The instruments that tell a result, in the framework's order. Where a composite has a score and a part of it has
    none, as a paper that prints EIT alone, it stands for the parts without one."""
    whole_of = {part: c for c in framework.rules.composites for part in c.of}
    listed: dict[str, None] = {}
    for instrument in framework.instruments:
        whole = whole_of.get(instrument)
        stands = whole is not None and whole.id in scores and not all(part in scores for part in whole.of)
        if stands and whole is not None:
            listed[whole.id] = None
        if not stands or instrument in scores:
            listed[instrument] = None
    return tuple(listed)


def name_instrument(framework: Framework, instrument: str) -> str:
    """An instrument for short: by its id, but a part of a whole by the name that the rules give it, "EIT ส่วนที่ 1"."""
    whole = next((c.id for c in framework.rules.composites if instrument in c.of), None)
    aliases = framework.instruments[instrument].aliases if instrument in framework.instruments else ()
    return next((a for a in aliases if whole and a.startswith(f"{whole} ส่วน")), instrument)


def _rank(framework: Framework, scores: KnownScores, kind: str) -> tuple[Ranked, ...]:
    """The nodes of a kind that have a score, best first; equals keep the framework's order."""
    return _rank_nodes(framework, scores, [n.id for n in framework.nodes.values() if n.kind == kind])


def _rank_nodes(framework: Framework, scores: KnownScores, nodes: Iterable[str]) -> tuple[Ranked, ...]:
    shown = {node: round_score(framework, scores[node]) for node in nodes if node in scores}
    ordered = sorted(shown, key=lambda node: -shown[node])
    ranks: dict[Decimal, int] = {}
    for rank, node in enumerate(ordered, 1):
        ranks.setdefault(shown[node], rank)
    return tuple(Ranked(node, shown[node], ranks[shown[node]]) for node in ordered)
