"""Receipts: what they say, and that a change of any figure is noticed by who computes them again."""

import copy
import json
from fractions import Fraction

import pytest

from prongsai.analysis import Figure, build_receipt, find_withheld_nodes, score_items, verify_receipt
from prongsai.analysis.receipt import FORMAT
from prongsai.lib import digest
from prongsai.scoring import complete_scores, find_possible_bands, is_passing, round_score
from tests.content import TRUTH
from tests.years import SAMPLE_YEAR, YEARS, changed

AGENCY = {"code": "A1", "name": "หน่วยงาน"}


def totals(framework, *, low=(), unanswered=(), answers=40):
    """Points and answers of each sub-answer: few answers for ``low`` items, none for ``unanswered``."""
    result = {}
    for instrument in framework.survey_instruments():
        for k, column in enumerate(framework.answer_columns(instrument.id)):
            n = 3 if column.item in low else 0 if column.item in unanswered else answers
            result.setdefault(column.item, []).append((n * 90 + (k % 7 if n else 0), n))
    for item in framework.rules.disclosure_items:
        result[item.id] = [(0, 0) if item.id in unanswered else (100, 1)]
    return result


def receipt(framework, withheld=(), **options):
    return build_receipt(
        framework, agency=AGENCY, totals=totals(framework, **options), about={"code": "1"}, withheld=withheld
    )


def sealed(paper):
    """A forged receipt with a digest of its own."""
    content = {k: v for k, v in paper.items() if k != "digest"}
    return content | {"digest": digest.of_json(content)}


def entry(paper, node):
    return next(e for e in paper["nodes"] if e["node"] == node)


@pytest.mark.parametrize("year", YEARS)
def test_a_receipt_gives_every_node_with_its_parts(year):
    framework = YEARS[year]
    paper = receipt(framework)
    scores = complete_scores(framework, score_items(totals(framework)))
    assert (paper["format"], paper["agency"], paper["about"]) == (FORMAT, AGENCY, {"code": "1"})
    assert (paper["fiscal_year"], paper["framework"]) == (
        framework.fiscal_year,
        {"id": str(framework.fiscal_year), "digest": framework.digest}
        | ({"state": "provisional"} if framework.is_provisional else {}),
    )
    assert paper["given"] == []
    assert [e["node"] for e in paper["nodes"]] == list(framework.nodes)
    assert {e["node"]: Fraction(*e["score"]) for e in paper["nodes"]} == scores
    for e in paper["nodes"]:
        node = framework.nodes[e["node"]]
        assert e["shown"] == str(round_score(framework, scores[node.id]))
        assert (e["name"], e["method"]) == (node.label.th, node.method)
        assert {p: Fraction(*w) for p, w in e["parts"].items()} == dict(node.parts)
    assert paper["level"] == find_possible_bands(framework, scores)[0].id
    assert paper["passed"] is is_passing(framework, scores["overall"])
    assert paper["items"]["i1"] == [list(pair) for pair in totals(framework)["i1"]]
    assert verify_receipt(json.loads(json.dumps(paper)), framework) == []


def test_a_score_without_answers_leaves_what_it_is_part_of_out():
    framework = YEARS[SAMPLE_YEAR]
    paper = receipt(framework, unanswered=("O1", "i1"))
    nodes = {e["node"] for e in paper["nodes"]}
    assert not nodes & {"O1", "9.1", "9", "OIT", "overall", "i1", "1", "IIT"}
    assert {"O2", "10", "i2", "2", "EIT1"} <= nodes
    assert "level" not in paper
    assert "passed" not in paper
    assert verify_receipt(paper, framework) == []
    assert score_items({"a": [(10, 1), (0, 0)], "b": [(10, 2), (20, 1)]}) == {"b": Fraction(25, 2)}


# --- what is withheld
# ----------------------------------------------------------------------------------------------------


def small(framework, item="i1"):
    counts = {n: 3 if n == item else 40 for n in framework.nodes}
    withheld = find_withheld_nodes(framework, counts)
    return receipt(framework, withheld=withheld, low=(item,)), withheld


@pytest.mark.parametrize("year", YEARS)
def test_a_small_item_and_its_sibling_withheld(year):
    framework = YEARS[year]
    paper, withheld = small(framework)
    nodes = {e["node"] for e in paper["nodes"]}
    assert len(withheld) == 2
    assert nodes == framework.nodes.keys() - withheld
    assert not withheld & paper["items"].keys()
    above = [n for n in framework.nodes if {i.id for i in framework.items_of(n)} & withheld and n not in withheld]
    assert paper["given"] == above
    for name in above:  # an exact fraction would reveal the withheld parts
        assert Fraction(*entry(paper, name)["score"]) == Fraction(entry(paper, name)["shown"])
    assert verify_receipt(paper, framework) == []


def test_nobody_may_declare_a_score_given_whose_parts_are_all_there():
    framework = YEARS[SAMPLE_YEAR]
    paper, _ = small(framework)
    for name in ("2", "EIT1", "OIT"):
        forged = sealed(paper | {"given": [*paper["given"], name]})
        assert f"{name}: ไม่มีเหตุให้เชื่อโดยไม่คำนวณ" in verify_receipt(forged, framework)


def test_a_receipt_from_before_anything_was_withheld():
    framework = YEARS[SAMPLE_YEAR]
    paper = receipt(framework)
    del paper["given"]
    assert verify_receipt(sealed(paper), framework) == []


def test_where_nothing_is_withheld_by_rule_nothing_is_given():
    framework = changed(YEARS[SAMPLE_YEAR], small_groups=None)
    paper = receipt(framework, withheld={"i1", "i2"})
    assert verify_receipt(paper, framework) == [f"{name}: ไม่มีเหตุให้เชื่อโดยไม่คำนวณ" for name in ("overall", "IIT", "1")]


@pytest.mark.parametrize(("off", "problem"), [(0, False), (3, True), (-3, True)])
def test_a_given_score_is_near_what_its_shown_parts_give(off, problem):
    """Given scores are rounded, and so are those of their parts that are given: half a unit each, with their weight."""
    framework = YEARS[SAMPLE_YEAR]
    paper, _ = small(framework)
    total = entry(paper, "overall")
    parts = {p: Fraction(*w) * Fraction(*entry(paper, p)["score"]) for p, w in total["parts"].items()}
    value = Fraction(round_score(framework, sum(parts.values()))) + Fraction(off, 100)
    total["score"], total["shown"] = [value.numerator, value.denominator], f"{float(value):.2f}"
    found = verify_receipt(sealed(paper), framework)
    assert any("ห่างจากส่วนประกอบ" in p for p in found) == problem


def test_how_far_a_given_score_may_be_from_its_parts():
    """Of the total only IIT (30%) was rounded: 0.65 of a unit in all."""
    framework = YEARS[SAMPLE_YEAR]
    paper, _ = small(framework)
    total = entry(paper, "overall")
    exact = sum(Fraction(*w) * Fraction(*entry(paper, p)["score"]) for p, w in total["parts"].items())
    for distance, problem in (("0.0065", False), ("0.00651", True), ("-0.0065", False), ("-0.00651", True)):
        value = exact + Fraction(distance)
        total["score"] = [value.numerator, value.denominator]
        found = verify_receipt(sealed(paper), framework)
        assert any("ห่างจากส่วนประกอบ" in p for p in found) == problem


# --- what is noticed
# -----------------------------------------------------------------------------------------------------


def forged(change):
    paper = copy.deepcopy(receipt(YEARS[SAMPLE_YEAR]))
    change(paper)
    return paper


def set_score(paper):
    entry(paper, "9")["score"] = [9999, 100]


def set_shown(paper):
    entry(paper, "9")["shown"] = "99.99"


def set_parts(paper):
    entry(paper, "9")["parts"]["9.1"] = [1, 6]


def drop_node(paper):
    paper["nodes"] = [e for e in paper["nodes"] if e["node"] != "9"]


def drop_item(paper):
    del paper["items"]["O1"]


def set_level(paper):
    paper["level"] = "AA"


def set_passed(paper):
    paper["passed"] = not paper["passed"]


def drop_outcome(paper):
    del paper["level"], paper["passed"]


LEVEL = receipt(YEARS[SAMPLE_YEAR])["level"]


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (set_score, ["9: ใบรับรองว่า 100.00 คำนวณใหม่ได้ 100.00"]),
        (set_shown, ["9: แสดง 99.99 ที่ถูกคือ 100.00"]),
        (set_parts, ["9: ส่วนประกอบไม่ตรงกับหลักเกณฑ์"]),
        (drop_node, ["9: มีข้อมูลพอคำนวณ แต่ไม่อยู่ในใบรับรอง"]),
        (drop_item, [f"{n}: ไม่มีข้อมูลรองรับ" for n in ("overall", "OIT", "9", "9.1", "O1")]),
        (set_level, [f"ระดับ: ใบรับรองว่า AA ตามเกณฑ์คือ {LEVEL}"]),
        (set_passed, ["ผลผ่าน/ไม่ผ่านไม่ตรงกับเกณฑ์"]),
        (drop_outcome, [f"ระดับ: ใบรับรองว่า None ตามเกณฑ์คือ {LEVEL}", "ผลผ่าน/ไม่ผ่านไม่ตรงกับเกณฑ์"]),
    ],
)
def test_each_forgery_is_named(change, problems):
    paper = forged(change)
    assert verify_receipt(sealed(paper), YEARS[SAMPLE_YEAR]) == problems
    tampered = "เนื้อหาไม่ตรงกับรหัสกำกับ (digest) ของใบรับรองเอง: มีการแก้ไขหลังออก"
    assert verify_receipt(paper, YEARS[SAMPLE_YEAR]) == [tampered, *problems]


def test_other_rules_than_those_of_the_receipt():
    other = changed(YEARS[SAMPLE_YEAR], note="อีกฉบับ")
    paper = receipt(YEARS[SAMPLE_YEAR])
    assert verify_receipt(paper, other) == [f"ใบรับรองใช้หลักเกณฑ์ปี {SAMPLE_YEAR} คนละฉบับกับที่มีอยู่ในเครื่องนี้"]


@pytest.mark.parametrize("paper", [{}, {"digest": "x"}, {"digest": "x", "framework": {}}])
def test_what_is_no_receipt(paper):
    with pytest.raises((KeyError, TypeError, ValueError)):
        verify_receipt(paper, YEARS[SAMPLE_YEAR])


# --- receipts of documents
# ----------------------------------------------------------------------------------------------


def document():
    figures = [Figure(y, n, v, "หน้า 1") for y, n, v in sorted(TRUTH["phron"])]
    return figures, build_receipt(YEARS["2564"], agency=AGENCY, figures=figures, about={})


def test_a_receipt_of_printed_figures():
    figures, paper = document()
    assert paper["figures"] == [{"node": f.node, "value": f.value, "place": "หน้า 1"} for f in figures]
    by_node = {c["node"]: c for c in paper["checks"]}
    assert by_node["9"] == {"node": "9", "printed": "83.70", "verdict": "reproduced", "recomputed": "83.70"}
    assert verify_receipt(json.loads(json.dumps(paper)), YEARS["2564"]) == []
    empty = build_receipt(YEARS["2564"], agency=AGENCY, about={})
    assert (empty["figures"], empty["checks"]) == ([], [])
    assert verify_receipt(empty, YEARS["2564"]) == []


@pytest.mark.parametrize("field", ["node", "printed", "verdict"])
def test_a_verdict_that_is_not_what_the_rules_say(field):
    _, paper = document()
    paper["checks"][0][field] = "x"
    assert verify_receipt(sealed(paper), YEARS["2564"]) == ["ผลตรวจตัวเลขไม่เหมือนที่ใบรับรองบันทึกไว้"]
