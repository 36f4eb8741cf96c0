"""Receipts: everything behind one agency's result, so that anybody can compute it again without the platform.

A computed result rests on whole numbers: points added up and answers counted, for each sub-answer of each item. Those
of disclosures are public. Those of questions would tell somebody who knows all answers but one what that one is: a
receipt commits to them, and an opening, which is for an auditor alone, shows them. From the indicators up the receipt
gives every node with its parts, as it is shown; a question as the year's rule lets it be shown, approximately.

A result taken from a published document rests on the printed figures, each with the place it stood; its receipt can say
which of them the rules reproduce, but not where the lowest of them came from.

Receipts of results from before there were commitments have the totals of questions in them, and are verified still.

``verify_receipt`` shares no arithmetic with ``build_receipt``: it walks the rules with plain loops.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from prongsai.analysis.audit import audit
from prongsai.analysis.figures import Figure
from prongsai.analysis.small_groups import approximate_score, draw_of
from prongsai.framework import Framework
from prongsai.lib import digest
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, round_score

FORMAT = "prongsai-receipt/2"
EARLIER_FORMAT = "prongsai-receipt/1"  # of results without a secret, with every total in it; and of documents
OPENING_FORMAT = "prongsai-opening/1"
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
    secret: str = "",
    odds: int | None = None,
) -> dict[str, Any]:
    """The receipt of one agency's result, as JSON data.

    Give ``totals`` for a computed result, ``figures`` for one taken from a document; ``about`` is carried along
    (digests of inputs, version of the code, dates). With the ``secret`` of the agency's year, questions are committed
    to and approximate, by ``odds``. ``withheld`` nodes are left out; nodes that rest on them or on what is committed
    to, however far up, are listed under ``given`` and rounded as they are shown, since an exact fraction would reveal
    more.
    """
    content: dict[str, Any] = {
        "format": FORMAT if secret else EARLIER_FORMAT,
        "agency": dict(agency),
        "fiscal_year": framework.fiscal_year,
        "framework": {"id": str(framework.fiscal_year), "digest": framework.digest}
        | ({"state": framework.rules.state} if framework.is_provisional else {}),
        "about": dict(about),
    }
    if totals is None:
        content |= _describe_figures(framework, figures)
    elif secret:
        opened = _open_items(framework, totals, about, secret, odds)
        content |= _describe_protected(framework, totals, withheld, opened, odds)
    else:
        content |= _describe_totals(framework, totals, withheld)
    return content | {"digest": digest.of_json(content)}


def build_opening(framework: Framework, *, receipt: Mapping[str, Any], totals: Totals, secret: str) -> dict[str, Any]:
    """What a receipt commits to, for an auditor: whoever has it knows the exact totals of every question."""
    return {
        "format": OPENING_FORMAT,
        "receipt": receipt["digest"],
        "items": _open_items(framework, totals, receipt["about"], secret, receipt["odds"]),
    }


def _open_items(
    framework: Framework, totals: Totals, about: Mapping[str, Any], secret: str, odds: int | None
) -> dict[str, dict[str, Any]]:
    """The totals of each question with the draw of its error and a salt, which differs between results, so that equal
    totals of two of them cannot be recognised."""
    surveys = {survey.id for survey in framework.survey_instruments()}
    opened = {}
    for item, pairs in totals.items():
        if framework.nodes[item].instrument in surveys:
            message = digest.canonical_json(["salt", about.get("result_set", ""), item])
            opened[item] = {
                "totals": [list(pair) for pair in pairs],
                "draw": draw_of(secret, item, pairs, odds),
                "salt": hmac.digest(bytes.fromhex(secret), message.encode(), hashlib.sha256).hex(),
            }
    return opened


def _commit(item: str, opened: Mapping[str, Any]) -> str:
    return digest.of_json([item, opened["totals"], opened["draw"], opened["salt"]])


def _describe_protected(
    framework: Framework,
    totals: Totals,
    withheld: Collection[str],
    opened: Mapping[str, Mapping[str, Any]],
    odds: int | None,
) -> dict[str, Any]:
    scores = complete_scores(framework, score_items(totals))
    visible = [name for name in framework.nodes if name in scores and name not in withheld]
    as_shown = {
        name: approximate_score(opened[name]["draw"], totals[name], odds)
        for name in visible
        if name in opened and odds is not None  # without them questions are withheld
    }
    approximate = {name: Fraction(text) for name, text in as_shown.items()}
    visible = [name for name in visible if name in approximate or name not in opened]
    resting = _find_nodes_above(framework, opened)
    rounded = {name: Fraction(round_score(framework, scores[name])) for name in visible if name in resting}
    return {
        "items": {item: [list(pair) for pair in pairs] for item, pairs in totals.items() if item not in opened},
        "committed": {item: _commit(item, one) for item, one in opened.items()},
        "approximate": list(approximate),
        "odds": odds,
        "given": [name for name in visible if name in rounded or name in approximate],
        "nodes": [
            _describe_node(framework, scores | rounded | approximate, name)
            | ({"shown": as_shown[name]} if name in as_shown else {})
            for name in visible
        ],
    } | _describe_outcome(framework, scores)


def _describe_totals(framework: Framework, totals: Totals, withheld: Collection[str]) -> dict[str, Any]:
    scores = complete_scores(framework, score_items(totals))
    visible = [name for name in framework.nodes if name in scores and name not in withheld]
    resting = _find_nodes_above(framework, withheld)
    rounded = {name: Fraction(round_score(framework, scores[name])) for name in visible if name in resting}
    return {
        "items": {item: [list(pair) for pair in pairs] for item, pairs in totals.items() if item not in withheld},
        "given": list(rounded),
        "nodes": [_describe_node(framework, scores | rounded, name) for name in visible],
    } | _describe_outcome(framework, scores)


def _describe_outcome(framework: Framework, scores: Mapping[str, Fraction]) -> dict[str, Any]:
    if "overall" not in scores:
        return {}
    return {
        "level": find_possible_bands(framework, scores)[0].id,
        "passed": is_passing(framework, scores["overall"]),
    }


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


def verify_receipt(
    paper: Mapping[str, Any], framework: Framework, opening: Mapping[str, Any] | None = None
) -> list[str]:
    """What does not hold in the arithmetic of a receipt, in Thai; nothing when all of it does. With the opening of its
    totals everything is computed again, without it what the receipt shows: see ``list_unopened``. Who issued it, the
    proof under ``log`` says: see ``prongsai.publiclog.origin``. Raises KeyError, TypeError or ValueError when it is no
    receipt at all."""
    problems = []
    if paper.get("format", EARLIER_FORMAT) not in (FORMAT, EARLIER_FORMAT):
        raise ValueError("format")
    content = {key: value for key, value in paper.items() if key not in ("digest", "log")}
    if digest.of_json(content) != paper["digest"]:
        problems.append("เนื้อหาไม่ตรงกับรหัสกำกับ (digest) ของใบรับรองเอง: มีการแก้ไขหลังออก")
    if not framework.is_edition(paper["framework"]["digest"]):
        problems.append(f"ใบรับรองใช้หลักเกณฑ์ปี {framework.fiscal_year} คนละฉบับกับที่มีอยู่ในเครื่องนี้")
    if opening is not None:
        return problems + _verify_opened(paper, opening, framework)
    if "items" in paper:
        return problems + _verify_totals(paper, framework)
    figures = [Figure(paper["fiscal_year"], f["node"], f["value"], f["place"]) for f in paper["figures"]]
    now = [[c.node, c.printed, c.verdict] for c in audit(figures, {framework.fiscal_year: framework})]
    if now != [[c["node"], c["printed"], c["verdict"]] for c in paper["checks"]]:
        problems.append("ผลตรวจตัวเลขไม่เหมือนที่ใบรับรองบันทึกไว้")
    return problems


def list_unopened(paper: Mapping[str, Any]) -> list[str]:
    """The questions whose totals a receipt commits to and does not show."""
    return sorted(paper.get("committed", ()))


def _verify_opened(paper: Mapping[str, Any], opening: Mapping[str, Any], framework: Framework) -> list[str]:
    """Whether an opening is what the receipt committed to, and every score follows from it exactly."""
    if opening["format"] != OPENING_FORMAT:
        raise ValueError("format")
    if opening["receipt"] != paper["digest"]:
        return ["ไฟล์เปิดยอดเป็นของใบรับรองฉบับอื่น"]
    committed, opened = paper.get("committed", {}), opening["items"]
    problems = [
        f"{item}: ยอดที่เปิดไม่ตรงกับที่ใบรับรองผูกไว้"
        for item in sorted(committed.keys() | opened.keys())
        if item not in opened or _commit(item, opened[item]) != committed.get(item)
    ]
    if problems:
        return problems
    known = _recompute_items(paper["items"] | {item: one["totals"] for item, one in opened.items()})
    _recompute_nodes(framework, known)
    withheld, approximate = set(paper["about"].get("withheld", ())), set(paper["approximate"])
    entries = {entry["node"]: entry for entry in paper["nodes"]}
    for name in sorted(known.keys() - entries.keys() - withheld):
        problems.append(f"{name}: มีข้อมูลพอคำนวณ แต่ไม่อยู่ในใบรับรอง")
    for name, entry in entries.items():
        if name not in known:
            problems.append(f"{name}: ไม่มีข้อมูลรองรับ")
        elif name in approximate:
            shown = approximate_score(opened[name]["draw"], opened[name]["totals"], paper["odds"])
            if shown != entry["shown"]:
                problems.append(f"{name}: แสดง {entry['shown']} ค่าประมาณตามกฎคือ {shown}")
        else:
            problems += _verify_entry(entry, known[name], framework, is_rounded=name in paper["given"])
    return problems + _verify_ranges(paper, opened, framework) + _verify_outcome(paper, known, framework)


def _verify_ranges(paper: Mapping[str, Any], opened: Mapping[str, Any], framework: Framework) -> list[str]:
    """Whether no question has more answers than the range in which the receipt counts them."""
    most: dict[str | None, int] = {}
    for item, one in opened.items():
        instrument = framework.nodes[item].instrument
        most[instrument] = max([most.get(instrument, 0), *(count for _, count in one["totals"])])
    stated = paper["about"].get("n", {})
    return [f"{i}: มีคำตอบมากกว่าช่วงที่ใบรับรองบอก" for i, n in most.items() if i in stated and n > stated[i][1]]


def _verify_totals(paper: Mapping[str, Any], framework: Framework) -> list[str]:
    """Compute every score of a receipt again. ``given`` names the nodes whose rounded score is taken as it is."""
    entries = {entry["node"]: entry for entry in paper["nodes"]}
    rounded = [name for name in paper.get("given", ()) if name in entries]
    known = _recompute_items(paper["items"])
    known |= {name: Fraction(*entries[name]["score"]) for name in rounded}
    committed = paper.get("committed", {})
    problems = [f"{name}: ควรแสดงไว้ แต่ไม่อยู่ในใบรับรอง" for name in paper.get("given", ()) if name not in entries]
    for name in rounded:
        if name in committed:
            problems += _verify_approximate(entries[name])
        else:
            problems += _verify_rounded(name, entries, rounded, framework, committed)
    _recompute_nodes(framework, known)
    problems += [f"{name}: มีข้อมูลพอคำนวณ แต่ไม่อยู่ในใบรับรอง" for name in sorted(known.keys() - entries.keys())]
    for name, entry in entries.items():
        if name in committed:
            continue
        problems += _verify_entry(entry, known[name], framework) if name in known else [f"{name}: ไม่มีข้อมูลรองรับ"]
    return problems + _verify_outcome(paper, known, framework)


def _verify_approximate(entry: Mapping[str, Any]) -> list[str]:
    """Whether a question that is only committed to is shown in whole points, as its entry says."""
    name, shown = entry["node"], Decimal(entry["shown"])
    if shown != int(shown) or not 0 <= shown <= 100 or Fraction(*entry["score"]) != Fraction(shown):
        return [f"{name}: คะแนนรายข้อโดยประมาณต้องเป็นจำนวนเต็ม 0 ถึง 100"]
    return []


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


def _verify_rounded(
    name: str,
    entries: Mapping[str, Any],
    rounded: Collection[str],
    framework: Framework,
    committed: Collection[str],
) -> list[str]:
    """Whether there is a reason to take a score as it is, and whether it is near what its parts give."""
    problems = []
    parts = framework.nodes[name].parts
    may_withhold = bool(committed) or framework.rules.small_groups is not None
    if not may_withhold or all(part in entries and part not in rounded for part in parts):
        problems.append(f"{name}: ไม่มีเหตุให้เชื่อโดยไม่คำนวณ")
    if all(part in entries and part not in committed for part in parts):  # its parts are shown, some of them rounded
        sum_of_parts = sum((weight * Fraction(*entries[p]["score"]) for p, weight in parts.items()), Fraction())
        slack = 1 + sum((abs(weight) for p, weight in parts.items() if p in rounded), Fraction())
        half_unit = Fraction(1, 2 * 10**framework.rules.rounding.places)
        if abs(sum_of_parts - Fraction(*entries[name]["score"])) > slack * half_unit:
            problems.append(f"{name}: ใบรับรองว่า {entries[name]['shown']} ห่างจากส่วนประกอบของมันเกินกว่าการปัดเศษ")
    return problems


def _verify_entry(
    entry: Mapping[str, Any], score: Fraction, framework: Framework, *, is_rounded: bool = False
) -> list[str]:
    """Whether an entry has this score; ``is_rounded``: whether it has what the score is shown as."""
    problems = []
    name, places = entry["node"], framework.rules.rounding.places
    if Fraction(*entry["score"]) != (Fraction(entry["shown"]) if is_rounded else score):
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
