"""Receipts: everything behind one agency's result, so that anybody can compute it again without the platform.

A computed result rests on whole numbers: points added up and answers counted, for each sub-answer of each item. From
these the receipt gives every node with its parts, as numerators and divisors. A result taken from a published document
rests on the printed figures, each with the place it stood; its receipt can say which of them the rules reproduce, but
not where the lowest of them came from.

``verify`` does not use what ``receipt`` uses to compute: it walks the rules with plain loops.
"""

from collections.abc import Container, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from prongsai.analysis.audit import audit
from prongsai.analysis.figures import Figure
from prongsai.framework import Framework
from prongsai.lib import digest
from prongsai.scoring import bands, complete, passes, shown

FORMAT = "prongsai-receipt/1"
Totals = Mapping[str, Sequence[tuple[int, int]]]  # item -> (points, answers) of each of its sub-answers


def items_from(totals: Totals) -> dict[str, Fraction]:
    """The score of each item: the mean of its sub-answers' means. Items with an unanswered sub-answer are left out."""
    return {
        item: sum((Fraction(points, n) for points, n in answers), Fraction()) / len(answers)
        for item, answers in totals.items()
        if all(n for _, n in answers)
    }


def receipt(
    framework: Framework,
    *,
    agency: Mapping[str, str],
    totals: Totals | None = None,
    figures: Sequence[Figure] = (),
    about: Mapping[str, Any],
    withheld: Container[str] = (),
) -> dict[str, Any]:
    """The receipt of one agency's result, as JSON data. Give ``totals`` for a computed result, ``figures`` for one
    taken from a document; ``about`` is carried along (digests of inputs, version of the code, dates). Of ``withheld``
    nodes it says nothing; nodes that rest on them, however far up, are ``given``: rounded as they are shown, since an
    exact fraction would tell of its hidden parts."""
    head: dict[str, Any] = {
        "format": FORMAT,
        "agency": dict(agency),
        "fiscal_year": framework.fiscal_year,
        "framework": {"id": framework.id, "digest": framework.digest},
        "about": dict(about),
    }
    if totals is not None:
        scores = complete(framework, items_from(totals))
        head["items"] = {item: [list(pair) for pair in pairs] for item, pairs in totals.items() if item not in withheld}
        visible = [name for name in framework.nodes if name in scores and name not in withheld]
        given = _resting_on(framework, withheld)
        head["given"] = [name for name in visible if name in given]
        rounded = {name: Fraction(shown(framework, scores[name])) for name in head["given"]}
        head["nodes"] = [_node(framework, scores | rounded, name) for name in visible]
        if "overall" in scores:
            head["level"] = bands(framework, scores)[0].id
            head["passed"] = passes(framework, scores["overall"])
    else:
        checks = audit(figures, {framework.fiscal_year: framework})
        head["figures"] = [{"node": f.node, "value": f.value, "place": f.place} for f in figures]
        head["checks"] = [
            {"node": c.node, "printed": c.printed, "verdict": c.verdict, "recomputed": c.recomputed} for c in checks
        ]
    head["digest"] = digest.of_json(head)
    return head


def _resting_on(framework: Framework, hidden: Container[str]) -> set[str]:
    """Every node with a hidden one somewhere under it."""
    found: set[str] = set()
    for _ in framework.nodes:  # at most so many levels
        more = {n.id for n in framework.nodes.values() if any(p in hidden or p in found for p in n.parts)} - found
        if not more:
            break
        found |= more
    return found


def _node(framework: Framework, scores: Mapping[str, Fraction], name: str) -> dict[str, Any]:
    node, score = framework.nodes[name], scores[name]
    return {
        "node": name,
        "name": node.label.th,
        "method": node.method,
        "parts": {p: [w.numerator, w.denominator] for p, w in node.parts.items()},
        "score": [score.numerator, score.denominator],
        "shown": str(shown(framework, score)),
    }


def verify(paper: Mapping[str, Any], framework: Framework) -> list[str]:
    """What does not hold in a receipt, in Thai; nothing when all of it does. Raises KeyError, TypeError or ValueError
    when it is no receipt at all."""
    problems = []
    said = {k: v for k, v in paper.items() if k != "digest"}
    if digest.of_json(said) != paper["digest"]:
        problems.append("เนื้อหาไม่ตรงกับรหัสกำกับ (digest) ของใบรับรองเอง: มีการแก้ไขหลังออก")
    if paper["framework"]["digest"] != framework.digest:
        problems.append(f"ใบรับรองใช้หลักเกณฑ์ปี {framework.id} คนละฉบับกับที่มีอยู่ในเครื่องนี้")
    if "items" in paper:
        problems += _verify_scores(paper, framework)
    else:
        figures = [Figure(paper["fiscal_year"], f["node"], f["value"], f["place"]) for f in paper["figures"]]
        now = [[c.node, c.printed, c.verdict] for c in audit(figures, {framework.fiscal_year: framework})]
        if now != [[c["node"], c["printed"], c["verdict"]] for c in paper["checks"]]:
            problems.append("ผลตรวจตัวเลขไม่เหมือนที่ใบรับรองบันทึกไว้")
    return problems


def _verify_scores(paper: Mapping[str, Any], framework: Framework) -> list[str]:
    problems = []
    places = framework.rules.rounding.places
    known = {}
    for item, answers in paper["items"].items():
        total = Fraction(0)
        whole = True
        for points, count in answers:
            if count == 0:
                whole = False
            else:
                total = total + Fraction(points, count)
        if whole:
            known[item] = total / len(answers)
    entries = {entry["node"]: entry for entry in paper["nodes"]}
    given = set(paper.get("given", ()))
    for name in given:
        parts = framework.nodes[name].parts
        if framework.rules.small_groups is None or all(part in entries and part not in given for part in parts):
            problems.append(f"{name}: ไม่มีเหตุให้เชื่อโดยไม่คำนวณ")
        known[name] = Fraction(*entries[name]["score"])
        if all(
            part in entries for part in parts
        ):  # its parts are shown, some of them rounded: it can't be far from them
            sum_of_parts = sum((w * Fraction(*entries[p]["score"]) for p, w in parts.items()), Fraction())
            slack = 1 + sum((abs(w) for p, w in parts.items() if p in given), Fraction())
            if abs(sum_of_parts - known[name]) > slack / (2 * 10**places):
                problems.append(f"{name}: ใบรับรองว่า {entries[name]['shown']} ห่างจากส่วนประกอบของมันเกินกว่าการปัดเศษ")
    waiting = [n for n in framework.nodes.values() if n.id not in known]
    settled = True
    while settled:  # from the items upwards, until nothing more follows
        settled = False
        for node in waiting:
            if node.id not in known and node.parts and all(part in known for part in node.parts):
                score = Fraction(0)
                for part, weight in node.parts.items():
                    score = score + weight * known[part]
                known[node.id] = score
                settled = True
    for name in sorted(known.keys() - entries.keys()):
        problems.append(f"{name}: มีข้อมูลพอคำนวณ แต่ไม่อยู่ในใบรับรอง")
    for name, entry in entries.items():
        if name not in known:
            problems.append(f"{name}: ไม่มีข้อมูลรองรับ")
            continue
        if Fraction(*entry["score"]) != known[name]:
            problems.append(f"{name}: ใบรับรองว่า {entry['shown']} คำนวณใหม่ได้ {float(known[name]):.{places}f}")
        exact = Decimal(known[name].numerator) * 10**places / Decimal(known[name].denominator)
        units = exact.quantize(Decimal(1), ROUND_HALF_UP)
        if Decimal(entry["shown"]) * 10**places != units:
            problems.append(f"{name}: แสดง {entry['shown']} ที่ถูกคือ {units.scaleb(-places)}")
        if {p: Fraction(*w) for p, w in entry["parts"].items()} != dict(framework.nodes[name].parts):
            problems.append(f"{name}: ส่วนประกอบไม่ตรงกับหลักเกณฑ์")
    if "overall" in known:
        if paper.get("level") != bands(framework, known)[0].id:
            problems.append(f"ระดับ: ใบรับรองว่า {paper.get('level')} ตามเกณฑ์คือ {bands(framework, known)[0].id}")
        if paper.get("passed") != passes(framework, known["overall"]):
            problems.append("ผลผ่าน/ไม่ผ่านไม่ตรงกับเกณฑ์")
    return problems
