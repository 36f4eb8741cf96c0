"""What of a result depends on how a doubtful rule is read."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from prongsai.framework import Framework, Reading
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, round_score

if TYPE_CHECKING:
    from prongsai.scoring.aggregation import Scores
    from prongsai.scoring.parcels import Parcels


@dataclass(frozen=True, kw_only=True)
class ReadingEffect:
    """How another reading changes one agency's result.

    ``scores`` are the nodes whose shown score differs: (node, as the rules read, as the other reading has it; None
    where it has more items than are known). ``differences``: by how many points a node changes whose published score is
    not what its items give, since they are printed otherwise or approximate; no page says a second score of it.
    ``levels`` and ``passes`` likewise, None where they do not differ or the total is not what its items give.
    """

    reading: Reading
    scores: tuple[tuple[str, Decimal, Decimal | None], ...]
    differences: tuple[tuple[str, Decimal], ...]
    levels: tuple[str, str] | None
    passes: tuple[bool, bool] | None


def find_reading_effects(
    framework: Framework, known: Mapping[str, Fraction], approximate: Container[str] = ()
) -> list[ReadingEffect]:
    """The readings that would change a result. ``known`` are its scores by node, ``approximate`` those of them that are
    not exact.

    What stands above the items is computed from them under either reading. Where items are missing or approximate, a
    node counts as it is known if the readings have the same under it, and is left out otherwise.
    """
    items = {
        node.id
        for node in framework.nodes.values()
        if node.kind == "item" and node.id in known and node.id not in approximate
    }
    effects = []
    for name, other in framework.alternatives.items():
        base = {
            node: score
            for node, score in known.items()
            if node in items or (node not in approximate and _is_read_alike(framework, other, node, items))
        }
        as_read, otherwise = complete_scores(framework, base), complete_scores(other, base)
        shown = (
            (node, round_score(framework, value), round_score(other, otherwise[node]) if node in otherwise else None)
            for node in framework.nodes
            if (value := as_read.get(node)) is not None
        )
        changed = [row for row in shown if row[1] != row[2]]
        if not changed:
            continue
        other_than_published = {
            node for node, score, _ in changed if node in known and round_score(framework, known[node]) != score
        }
        levels, passes = _compare_totals(framework, as_read, other, otherwise)
        is_total_published = "overall" not in other_than_published
        effects.append(
            ReadingEffect(
                reading=framework.readings[name],
                scores=tuple(row for row in changed if row[0] not in other_than_published),
                differences=tuple(
                    (node, after - before)
                    for node, before, after in changed
                    if node in other_than_published and after is not None
                ),
                levels=levels if is_total_published else None,
                passes=passes if is_total_published else None,
            )
        )
    return effects


def _is_read_alike(framework: Framework, other: Framework, node: str, items: Container[str]) -> bool:
    """Whether a node above items that are not all known exactly is computed in the same way under another reading."""
    under = framework.items_of(node)
    if all(item.id in items for item in under) or node not in other.nodes or under != other.items_of(node):
        return False
    reached = framework.descend([node])
    return all(name in other.nodes and framework.nodes[name].parts == other.nodes[name].parts for name in reached)


def _compare_totals(
    framework: Framework, as_read: Mapping[str, Fraction], other: Framework, otherwise: Mapping[str, Fraction]
) -> tuple[tuple[str, str] | None, tuple[bool, bool] | None]:
    if "overall" not in as_read or "overall" not in otherwise:
        return None, None
    # a total that is not read alike is computed from every instrument, so one level alone is possible
    levels = find_possible_bands(framework, as_read)[0].id, find_possible_bands(other, otherwise)[0].id
    passes = (is_passing(framework, as_read["overall"]), is_passing(other, otherwise["overall"]))
    return (
        levels if levels[0] != levels[1] else None,
        passes if passes[0] is not passes[1] else None,
    )


def count_reading_effects(scores: "Scores", parcels: "Parcels") -> dict[str, dict[str, int]]:
    """How many agencies of a round each other reading would change, as JSON data: those with another ``totals`` and
    those with another ``levels``; or how many questions are ``missing`` to compute it. Raises ParcelError."""
    from prongsai.scoring import score

    framework = scores.framework
    counts: dict[str, dict[str, int]] = {}
    for name, other in framework.alternatives.items():
        if more := framework.readings[name].more_questions:
            counts[name] = {"missing": sum(more.values())}
            continue
        otherwise = score(other, parcels.answers, parcels.marks, checked=parcels.checked)
        counts[name] = {
            "totals": int((otherwise.rounded("overall") != scores.rounded("overall")).sum()),
            "levels": int((otherwise.level != scores.level).sum()),
        }
    return counts
