"""Receipts: everything behind one agency's result, so that anybody can compute it again without the platform.

A computed result rests on whole numbers: points added up and answers counted, for each sub-answer of each item. From
these the receipt gives every node with its parts, as numerators and divisors. A result taken from a published document
rests on the printed figures, each with the place it stood; its receipt can say which of them the rules reproduce, but
not where the lowest of them came from.

``verify_receipt`` shares no arithmetic with ``build_receipt``: it walks the rules with plain loops.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from prongsai.analysis.audit import audit
from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.lib import digest
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, round_score

FORMAT = "prongsai-receipt/1"
Totals = Mapping[str, Sequence[tuple[int, int]]]  # item -> (points, answers) of each of its sub-answers


def score_items(totals: Totals) -> dict[str, Fraction]:
    """The score of each item: the mean of its sub-answers' means. Items with an unanswered sub-answer are left out."""
    return {
        item: sum((Fraction(points, n) for points, n in answers), Fraction()) / len(answers)
        for item, answers in totals.items()
        if all(n for _, n in answers)
    }


def build_receipt(
    framework: Framework,
    *,
    agency: Mapping[str, str],
    totals: Totals | None = None,
    figures: Sequence[Figure] = (),
    about: Mapping[str, Any],
    withheld: Collection[str] = (),
) -> dict[str, Any]:
    """The receipt of one agency's result, as JSON data.

    Give ``totals`` for a computed result, ``figures`` for one taken from a document; ``about`` is carried along
    (digests of inputs, version of the code, dates). ``withheld`` nodes are left out; nodes that rest on them, however
    far up, are listed under ``given`` and rounded as they are shown, since an exact fraction would reveal the withheld
    parts.
    """
    content: dict[str, Any] = {
        "format": FORMAT,
        "agency": dict(agency),
        "fiscal_year": framework.fiscal_year,
        "framework": {"id": str(framework.fiscal_year), "digest": framework.digest}
        | ({"state": framework.rules.state} if framework.is_provisional else {}),
        "about": dict(about),
    }
    content |= (
        _describe_figures(framework, figures) if totals is None else _describe_totals(framework, totals, withheld)
    )
    return content | {"digest": digest.of_json(content)}


def _describe_totals(framework: Framework, totals: Totals, withheld: Collection[str]) -> dict[str, Any]:
    scores = complete_scores(framework, score_items(totals))
    visible = [name for name in framework.nodes if name in scores and name not in withheld]
    resting = _find_nodes_above(framework, withheld)
    rounded = {name: Fraction(round_score(framework, scores[name])) for name in visible if name in resting}
    content: dict[str, Any] = {
        "items": {item: [list(pair) for pair in pairs] for item, pairs in totals.items() if item not in withheld},
        "given": list(rounded),
        "nodes": [_describe_node(framework, scores | rounded, name) for name in visible],
    }
    if "overall" in scores:
        content["level"] = find_possible_bands(framework, scores)[0].id
        content["passed"] = is_passing(framework, scores["overall"])
    return content


def _describe_figures(framework: Framework, figures: Sequence[Figure]) -> dict[str, Any]:
    checks = audit(figures, {framework.fiscal_year: framework})
    return {
        "figures": [{"node": f.node, "value": f.value, "place": f.place} for f in figures],
        "checks": [
            {"node": c.node, "printed": c.printed, "verdict": c.verdict, "recomputed": c.recomputed} for c in checks
        ],
    }


def _find_nodes_above(framework: Framework, nodes: Collection[str]) -> set[str]:
    """Every node with one of ``nodes`` somewhere under it."""
    above: set[str] = set()
    for node in framework.computed_nodes:
        if any(part in nodes or part in above for part in node.parts):
            above.add(node.id)
    return above


def _describe_node(framework: Framework, scores: Mapping[str, Fraction], name: str) -> dict[str, Any]:
    node, score = framework.nodes[name], scores[name]
    return {
        "node": name,
        "name": node.label.th,
        "method": node.method,
        "parts": {part: [weight.numerator, weight.denominator] for part, weight in node.parts.items()},
        "score": [score.numerator, score.denominator],
        "shown": str(round_score(framework, score)),
    }


def verify_receipt(paper: Mapping[str, Any], framework: Framework) -> list[str]:
    """What does not hold in the arithmetic of a receipt, in Thai; nothing when all of it does. Who issued it, the proof
    under ``log`` says: see ``prongsai.publiclog.origin``. Raises KeyError, TypeError or ValueError
    when it is no receipt at all."""
    problems = []
    content = {key: value for key, value in paper.items() if key not in ("digest", "log")}
    if digest.of_json(content) != paper["digest"]:
        problems.append("เนื้อหาไม่ตรงกับรหัสกำกับ (digest) ของใบรับรองเอง: มีการแก้ไขหลังออก")
    if not framework.is_edition(paper["framework"]["digest"]):
        problems.append(f"ใบรับรองใช้หลักเกณฑ์ปี {framework.fiscal_year} คนละฉบับกับที่มีอยู่ในเครื่องนี้")
    if "items" in paper:
        return problems + _verify_totals(paper, framework)
    figures = [Figure(paper["fiscal_year"], f["node"], f["value"], f["place"]) for f in paper["figures"]]
    now = [[c.node, c.printed, c.verdict] for c in audit(figures, {framework.fiscal_year: framework})]
    if now != [[c["node"], c["printed"], c["verdict"]] for c in paper["checks"]]:
        problems.append("ผลตรวจตัวเลขไม่เหมือนที่ใบรับรองบันทึกไว้")
    return problems


def _verify_totals(paper: Mapping[str, Any], framework: Framework) -> list[str]:
    """Compute every score of a receipt again. ``given`` names the nodes whose rounded score is taken as it is."""
    entries = {entry["node"]: entry for entry in paper["nodes"]}
    rounded = dict.fromkeys(paper.get("given", ()))
    known = _recompute_items(paper["items"])
    known |= {name: Fraction(*entries[name]["score"]) for name in rounded}
    problems = []
    for name in rounded:
        problems += _verify_rounded(name, entries, rounded, framework)
    _recompute_nodes(framework, known)
    problems += [f"{name}: มีข้อมูลพอคำนวณ แต่ไม่อยู่ในใบรับรอง" for name in sorted(known.keys() - entries.keys())]
    for name, entry in entries.items():
        problems += _verify_entry(entry, known[name], framework) if name in known else [f"{name}: ไม่มีข้อมูลรองรับ"]
    return problems + _verify_outcome(paper, known, framework)


def _recompute_items(items: Mapping[str, Any]) -> dict[str, Fraction]:
    known = {}
    for item, answers in items.items():
        if 0 not in [count for _, count in answers]:
            total = Fraction(0)
            for points, count in answers:
                total = total + Fraction(points, count)
            known[item] = total / len(answers)
    return known


def _recompute_nodes(framework: Framework, known: dict[str, Fraction]) -> None:
    """Add every node that follows, from the items upwards, until nothing more does."""
    nodes = [node for node in framework.nodes.values() if node.parts]
    while ready := [node for node in nodes if node.id not in known and all(part in known for part in node.parts)]:
        for node in ready:
            score = Fraction(0)
            for part, weight in node.parts.items():
                score = score + weight * known[part]
            known[node.id] = score


def _verify_rounded(name: str, entries: Mapping[str, Any], rounded: Collection[str], framework: Framework) -> list[str]:
    """Whether there is a reason to take a score as it is, and whether it is near what its parts give."""
    problems = []
    parts = framework.nodes[name].parts
    if framework.rules.small_groups is None or all(part in entries and part not in rounded for part in parts):
        problems.append(f"{name}: ไม่มีเหตุให้เชื่อโดยไม่คำนวณ")
    if all(part in entries for part in parts):  # its parts are shown, some of them rounded
        sum_of_parts = sum((weight * Fraction(*entries[p]["score"]) for p, weight in parts.items()), Fraction())
        slack = 1 + sum((abs(weight) for p, weight in parts.items() if p in rounded), Fraction())
        half_unit = Fraction(1, 2 * 10**framework.rules.rounding.places)
        if abs(sum_of_parts - Fraction(*entries[name]["score"])) > slack * half_unit:
            problems.append(f"{name}: ใบรับรองว่า {entries[name]['shown']} ห่างจากส่วนประกอบของมันเกินกว่าการปัดเศษ")
    return problems


def _verify_entry(entry: Mapping[str, Any], score: Fraction, framework: Framework) -> list[str]:
    problems = []
    name, places = entry["node"], framework.rules.rounding.places
    if Fraction(*entry["score"]) != score:
        problems.append(f"{name}: ใบรับรองว่า {entry['shown']} คำนวณใหม่ได้ {float(score):.{places}f}")
    exact = Decimal(score.numerator) * 10**places / Decimal(score.denominator)
    units = exact.to_integral_value(ROUND_HALF_UP)
    if Decimal(entry["shown"]) * 10**places != units:
        problems.append(f"{name}: แสดง {entry['shown']} ที่ถูกคือ {units.scaleb(-places)}")
    if {part: Fraction(*weight) for part, weight in entry["parts"].items()} != dict(framework.nodes[name].parts):
        problems.append(f"{name}: ส่วนประกอบไม่ตรงกับหลักเกณฑ์")
    return problems


def _verify_outcome(paper: Mapping[str, Any], known: Mapping[str, Fraction], framework: Framework) -> list[str]:
    if "overall" not in known:
        return []
    problems = []
    level = find_possible_bands(framework, known)[0].id
    if paper.get("level") != level:
        problems.append(f"ระดับ: ใบรับรองว่า {paper.get('level')} ตามเกณฑ์คือ {level}")
    if paper.get("passed") != is_passing(framework, known["overall"]):
        problems.append("ผลผ่าน/ไม่ผ่านไม่ตรงกับเกณฑ์")
    return problems
