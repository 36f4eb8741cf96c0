"""Change between years, with a caution where two scores are not like for like."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from prongsai.analysis.strengths import KnownScores
from prongsai.framework import RULES_OF_ALL, Framework, Label, Node, difference, lineage
from prongsai.scoring import complete_scores, round_score

OTHER_SCALE = "มาตรวัดของข้อนี้ต่างจากปีก่อน"
OTHER_WEIGHTS = "เครื่องมือหรือน้ำหนักเปลี่ยนไประหว่างสองปี"
OTHER_SUBJECT = "ตัวชี้วัดย่อยนี้ว่าด้วยเรื่องที่ต่างจากปีก่อน"
OTHER_INSTRUMENTS = "เครื่องมือที่ใช้วัดเปลี่ยนไประหว่างสองปี"
NO_RULES = "ผลนี้บันทึกตามที่ประกาศ โดยยังไม่มีหลักเกณฑ์ของปี จึงไม่เทียบกับปีก่อน"
_ENGLISH = {
    OTHER_SCALE: "the scale of this item is not that of the year before",
    OTHER_WEIGHTS: "instruments or weights changed between the two years",
    OTHER_SUBJECT: "this sub-indicator is about something else than the year before",
    OTHER_INSTRUMENTS: "it is measured by other instruments than the year before",
    NO_RULES: "this result was recorded as announced, without the rules of its year, and is compared with no other",
}
_COUNTS = re.compile(r"จำนวนข้อเปลี่ยนจาก (\d+) เป็น (\d+)")


@dataclass(frozen=True, kw_only=True)
class NodeChange:
    """One node against the year before. ``predecessor`` is the node it continues; ``caution`` says in Thai why the two
    scores are not like for like, or is empty."""

    node: str
    predecessor: str
    score: Decimal
    previous: Decimal
    change: Decimal
    caution: str


@dataclass(frozen=True)
class YearOnYear:
    """The change of every node that has a score in both years, and what changed in the rules that touch every score."""

    changes: tuple[NodeChange, ...]
    cautions: tuple[Label, ...]


@dataclass(frozen=True)
class ComparableYears:
    """What two years' rules say of comparing their scores, whoever has them: the node that each node of the later year
    continues, why the two are not like for like (Thai), whether levels mean the same, and what changed in the rules
    that touch every score."""

    predecessors: Mapping[str, str]
    cautions: Mapping[str, str]
    same_levels: bool
    changes: tuple[Label, ...]


def compare_years(chain: Sequence[Framework]) -> ComparableYears:
    """Compare two years' rules. ``chain`` is the consecutive frameworks from the earlier year to the later one."""
    return _compare(*chain)


@lru_cache(64)
def _compare(*chain: Framework) -> ComparableYears:
    old, new = chain[0], chain[-1]
    continued = _find_continued_items(chain)
    found = {node.id: _find_predecessor(old, node, continued) for node in new.nodes.values()}
    predecessors = {node: before for node, before in found.items() if before is not None and before in old.nodes}
    cautions = {n: _find_caution(old, new, old.nodes[before], new.nodes[n]) for n, before in predecessors.items()}
    levels = [[(b.id, b.at_least, b.every_instrument_at_least) for b in f.rules.bands] for f in (old, new)]
    return ComparableYears(
        predecessors,
        {node: caution for node, caution in cautions.items() if caution},
        levels[0] == levels[1],
        tuple(c.label for c in difference(chain) if c.topic in RULES_OF_ALL),
    )


def year_on_year(chain: Sequence[Framework], now: KnownScores, before: KnownScores) -> YearOnYear:
    """Compare two results. ``chain`` is the consecutive frameworks from the earlier year to the later one.

    An item is compared with the one item it continues, if it alone continues it; merged and split items are not
    compared. The change is the difference of shown scores, as documents print it.
    """
    old, new = chain[0], chain[-1]
    old_scores, new_scores = complete_scores(old, before), complete_scores(new, now)
    years = compare_years(chain)
    changes = []
    for node, predecessor in years.predecessors.items():
        if node not in new_scores or predecessor not in old_scores:
            continue
        score, previous = round_score(new, new_scores[node]), round_score(old, old_scores[predecessor])
        changes.append(
            NodeChange(
                node=node,
                predecessor=predecessor,
                score=score,
                previous=previous,
                change=score - previous,
                caution=years.cautions.get(node, ""),
            )
        )
    return YearOnYear(tuple(changes), years.changes)


def caution_in_english(caution: str) -> str:
    """A caution in English; one that is not known, as of another release, stays as it is."""
    if counts := _COUNTS.fullmatch(caution):
        return f"the number of items changed from {counts[1]} to {counts[2]}"
    return _ENGLISH.get(caution, caution)


def _find_continued_items(chain: Sequence[Framework]) -> dict[str, str]:
    """Items of the last year that continue exactly one item of the first, which no other continues."""
    links = lineage(chain)
    followers = Counter(source for sources in links.values() for source in sources)
    return {item: sources[0] for item, sources in links.items() if len(sources) == 1 and followers[sources[0]] == 1}


def _find_predecessor(old: Framework, node: Node, continued: Mapping[str, str]) -> str | None:
    """The node of the first year that a node is compared with: for an item that of the same part of its instrument, or
    that of the whole instrument where it had no parts."""
    if node.item is None:
        return node.id
    source = continued.get(node.item.id)
    if source is None:
        return None
    same_part = node.id.removesuffix(node.item.id) + source
    return same_part if same_part in old.nodes else source


def _find_caution(old: Framework, new: Framework, before: Node, node: Node) -> str:
    """Why the scores of a node are not like for like between two years, in Thai, or nothing."""
    if node.kind == "item":
        scales = [f.items[n.id.rpartition("/")[2]].scale for f, n in ((old, before), (new, node))]
        return "" if scales[0] == scales[1] else OTHER_SCALE
    if node.kind == "overall":
        weights = [{i.id: i.weight for i in f.rules.instruments} for f in (old, new)]
        return "" if weights[0] == weights[1] else OTHER_WEIGHTS
    if node.kind == "sub_indicator" and before.label.th != node.label.th:
        return OTHER_SUBJECT
    old_items, new_items = old.items_of(before.id), new.items_of(node.id)
    if {i.instrument for i in old_items} != {i.instrument for i in new_items}:
        return OTHER_INSTRUMENTS
    if len(old_items) != len(new_items):
        return f"จำนวนข้อเปลี่ยนจาก {len(old_items)} เป็น {len(new_items)}"
    return ""
