"""Receipts: what they say, and that a change of any figure is noticed by who computes them again.

Those without a secret are of results from before questions were protected, and stay valid."""

import copy
import json
from fractions import Fraction

import pytest

from prongsai.analysis import (
    Figure,
    build_opening,
    build_receipt,
    find_withheld_nodes,
    list_unopened,
    score_items,
    verify_receipt,
)
from prongsai.analysis.receipt import EARLIER_FORMAT, FORMAT
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
    assert (paper["format"], paper["agency"], paper["about"]) == (EARLIER_FORMAT, AGENCY, {"code": "1"})
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
    withheld = find_withheld_nodes(framework, counts, dict.fromkeys(framework.instruments, 1000))
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


# --- questions that are committed to

SECRET, RESULT_SET = "5" * 64, "a" * 64


def protected(framework, withheld=(), **options):
    points = totals(framework, **options)
    paper = build_receipt(
        framework,
        agency=AGENCY,
        totals=points,
        about={"result_set": RESULT_SET, "n": {"IIT": [40, 49]}, "withheld": sorted(withheld)},
        withheld=withheld,
        secret=SECRET,
        odds=3,
    )
    return paper, build_opening(framework, receipt=paper, totals=points, secret=SECRET)


def questions(framework):
    return {c.item for survey in framework.survey_instruments() for c in framework.answer_columns(survey.id)}


@pytest.mark.parametrize("year", YEARS)
def test_a_protected_receipt_has_no_total_of_a_question(year):
    framework = YEARS[year]
    paper, opening = protected(framework)
    paper = json.loads(json.dumps(paper))
    asked = questions(framework)
    assert paper["format"] == FORMAT
    assert paper["items"].keys() == {i.id for i in framework.rules.disclosure_items}
    assert paper["committed"].keys() == asked == set(paper["approximate"])
    assert list_unopened(paper) == sorted(asked)
    for e in paper["nodes"]:
        rests_on_answers = asked & {i.id for i in framework.items_of(e["node"])}
        assert (e["node"] in paper["given"]) is bool(rests_on_answers)
        if rests_on_answers:  # no fraction but the one that is shown
            assert Fraction(*e["score"]) == Fraction(e["shown"])
            assert ("." in e["shown"]) is (e["node"] not in asked)
    scores = complete_scores(framework, score_items(totals(framework)))
    assert (paper["level"], paper["passed"]) == (
        find_possible_bands(framework, scores)[0].id,
        is_passing(framework, scores["overall"]),
    )
    assert verify_receipt(paper, framework) == []
    assert verify_receipt(paper, framework, json.loads(json.dumps(opening))) == []


@pytest.mark.parametrize("year", YEARS)
def test_a_protected_receipt_of_a_small_group(year):
    framework = YEARS[year]
    counts = dict.fromkeys(framework.nodes, 5)
    withheld = find_withheld_nodes(framework, counts, {})
    paper, opening = protected(framework, withheld, answers=5)
    paper["about"]["n"] = {"IIT": [1, 9]}
    paper = sealed(paper)
    shown = {e["node"] for e in paper["nodes"]}
    assert not shown & withheld
    assert "overall" in shown
    assert verify_receipt(paper, framework) == []
    assert verify_receipt(paper, framework, opening | {"receipt": paper["digest"]}) == []


def test_commitments_differ_between_results_and_cannot_be_guessed():
    framework = YEARS[SAMPLE_YEAR]
    paper, opening = protected(framework)
    other = build_receipt(
        framework, agency=AGENCY, totals=totals(framework), about={"result_set": "b" * 64}, secret=SECRET, odds=3
    )
    assert not set(paper["committed"].values()) & set(other["committed"].values())
    same = [(e["node"], e["shown"]) for e in paper["nodes"]] == [(e["node"], e["shown"]) for e in other["nodes"]]
    assert same  # what is shown is
    one = opening["items"]["i1"]
    guessed = digest.of_json(["i1", one["totals"], one["draw"], "0" * 64])  # the totals alone are guessed in no time
    assert guessed != paper["committed"]["i1"]
    assert len({v["salt"] for v in opening["items"].values()}) == len(opening["items"])


def test_what_was_committed_to_in_any_version_can_be_opened_in_any_later_one():
    """The form of a draw, a salt and a commitment is frozen: with another, no published receipt could be opened."""
    paper, opening = protected(YEARS[SAMPLE_YEAR])
    assert opening["items"]["i1"] == {
        "totals": [[3600, 40]],
        "draw": "28ab6fbe054e7821b3fd232c2cee42c39c82fa9e57afdd4aa9a16de10dc430f4",
        "salt": "fcddb612977c15dc3241a7eebfc1b67e6e131b07ffdc95cc49cc2c0c6c443955",
    }
    assert paper["committed"]["i1"] == "94a60802cd8518e23fef50d2739358660fd0a9deb66489aaabc6341a36140509"


@pytest.mark.parametrize("small_groups", ["as announced", "none"])
def test_a_receipt_that_says_nothing_about_its_round_is_opened_too(small_groups):
    framework = YEARS[SAMPLE_YEAR]
    if small_groups == "none":  # what is committed to is a reason to take a score as it is
        framework = changed(framework, small_groups=None)
    points = totals(framework)
    papers = [
        build_receipt(framework, agency=AGENCY, totals=points, about=about, secret=SECRET, odds=3)
        for about in ({}, {"result_set": ""})
    ]
    assert papers[0]["committed"] == papers[1]["committed"]
    opening = build_opening(framework, receipt=papers[0], totals=points, secret=SECRET)
    assert verify_receipt(papers[0], framework) == []
    assert verify_receipt(papers[0], framework, opening) == []


def test_an_opening_of_a_receipt_that_commits_to_nothing_opens_nothing():
    framework = YEARS[SAMPLE_YEAR]
    paper, opening = receipt(framework), protected(framework)[1]
    assert list_unopened(paper) == []
    assert verify_receipt(paper, framework, opening | {"receipt": paper["digest"]}) == [
        f"{item}: ยอดที่เปิดไม่ตรงกับที่ใบรับรองผูกไว้" for item in sorted(questions(framework))
    ]


def test_what_a_receipt_says_of_its_totals_it_must_have():
    framework = YEARS[SAMPLE_YEAR]
    paper, opening = protected(framework)
    del paper["items"]["O1"]
    paper = sealed(paper)
    found = verify_receipt(paper, framework, opening | {"receipt": paper["digest"]})
    assert found == [f"{name}: ไม่มีข้อมูลรองรับ" for name in ("overall", "OIT", "9", "9.1", "O1")]


def opened_counts(counts, stated):
    """What is found in a receipt that counts answers of IIT in a range, of which some questions have others."""
    framework = YEARS[SAMPLE_YEAR]
    points = totals(framework) | {item: [(0, n)] for item, n in counts.items()}
    about = {"n": {"IIT": stated}}
    withheld = {"overall", "IIT", *(n.id for n in framework.nodes.values() if n.instrument == "IIT"), *"12345"}
    paper = build_receipt(
        framework, agency=AGENCY, totals=points, about=about, withheld=withheld, secret=SECRET, odds=3
    )
    opening = build_opening(framework, receipt=paper, totals=points, secret=SECRET)
    return [p for p in verify_receipt(paper, framework, opening) if "ช่วง" in p]


def test_no_question_has_more_answers_than_the_receipt_counts():
    asked = [item.id for item in YEARS[SAMPLE_YEAR].items_of("IIT")]
    assert opened_counts({}, [40, 40]) == []
    assert opened_counts({}, [30, 39]) == ["IIT: มีคำตอบมากกว่าช่วงที่ใบรับรองบอก"]
    for item in (asked[0], asked[-1]):
        assert opened_counts({item: 41}, [40, 40]) == ["IIT: มีคำตอบมากกว่าช่วงที่ใบรับรองบอก"]
    assert opened_counts(dict.fromkeys(asked, 0), [0, 0]) == []


def test_what_can_be_checked_of_a_protected_receipt_without_its_opening():
    framework = YEARS[SAMPLE_YEAR]

    def found(change):
        paper = copy.deepcopy(protected(framework)[0])
        change(paper)
        return verify_receipt(sealed(paper), framework)

    def shift(node, to):
        def change(paper):
            e = entry(paper, node)
            e["shown"], e["score"] = to, [Fraction(to).numerator, Fraction(to).denominator]

        return change

    assert found(lambda _: None) == []
    assert any("IIT: ใบรับรองว่า 95.00 ห่างจากส่วนประกอบ" in p for p in found(shift("IIT", "95.00")))
    assert any("overall: ใบรับรองว่า 99.00 ห่างจากส่วนประกอบ" in p for p in found(shift("overall", "99.00")))
    assert found(shift("i1", "90.50")) == ["i1: คะแนนรายข้อโดยประมาณต้องเป็นจำนวนเต็ม 0 ถึง 100"]
    assert found(shift("i1", "101")) == ["i1: คะแนนรายข้อโดยประมาณต้องเป็นจำนวนเต็ม 0 ถึง 100"]
    assert found(shift("i1", "-1")) == ["i1: คะแนนรายข้อโดยประมาณต้องเป็นจำนวนเต็ม 0 ถึง 100"]
    assert found(shift("i1", "0")) == found(shift("i1", "100")) == []
    assert found(shift("O28", "50.00")) == ["O28: ใบรับรองว่า 50.00 คำนวณใหม่ได้ 100.00", "O28: แสดง 50.00 ที่ถูกคือ 100.00"]
    assert "EIT: ควรแสดงไว้ แต่ไม่อยู่ในใบรับรอง" in found(lambda paper: paper["nodes"].remove(entry(paper, "EIT")))
    assert any("9: ไม่มีเหตุให้เชื่อ" in p for p in found(lambda paper: paper["given"].append("9")))
    assert found(lambda paper: paper["items"].update(O1=[[0, 1]]))
    assert found(set_level)
    assert found(shift("1", "10.00"))  # far from what IIT needs


def test_what_the_opening_shows():
    framework = YEARS[SAMPLE_YEAR]
    paper, opening = protected(framework)

    def found(change=None, paper=paper, rebind=True):
        opened = copy.deepcopy(opening)
        if change:
            change(opened["items"])
        return verify_receipt(paper, framework, opened | ({"receipt": paper["digest"]} if rebind else {}))

    for field, value in (("totals", [[0, 40]]), ("draw", "0" * 64), ("salt", "0" * 64)):
        assert found(lambda items, f=field, v=value: items["i1"].update({f: v})) == ["i1: ยอดที่เปิดไม่ตรงกับที่ใบรับรองผูกไว้"]
    assert found(lambda items: items.pop("i1")) == ["i1: ยอดที่เปิดไม่ตรงกับที่ใบรับรองผูกไว้"]
    assert found(paper=sealed(paper | {"agency": {"code": "X", "name": "x"}}), rebind=False) == [
        "ไฟล์เปิดยอดเป็นของใบรับรองฉบับอื่น"
    ]
    with pytest.raises(ValueError, match=r"^format$"):
        verify_receipt(paper, framework, opening | {"format": "other"})

    def forged(node, to):
        wrong = copy.deepcopy(paper)
        e = entry(wrong, node)
        e["shown"], e["score"] = to, [Fraction(to).numerator, Fraction(to).denominator]
        return sealed(wrong)

    near = str(Fraction(entry(paper, "1")["shown"]) + Fraction(1, 100))
    near = f"{float(Fraction(near)):.2f}"  # as near as rounding: only the opening tells
    assert verify_receipt(forged("1", near), framework) == []
    assert any(p.startswith("1: แสดง") for p in found(paper=forged("1", near)))
    other = str((int(entry(paper, "i1")["shown"]) + 1) % 101)
    assert verify_receipt(forged("i1", other), framework) == []
    assert found(paper=forged("i1", other)) == [f"i1: แสดง {other} ค่าประมาณตามกฎคือ {entry(paper, 'i1')['shown']}"]
    few = sealed(paper | {"about": paper["about"] | {"n": {"IIT": [10, 19]}}})
    assert found(paper=few) == ["IIT: มีคำตอบมากกว่าช่วงที่ใบรับรองบอก"]
    hiding = copy.deepcopy(paper)
    hiding["nodes"] = [e for e in hiding["nodes"] if e["node"] != "i1"]
    hiding["given"].remove("i1")
    assert "i1: มีข้อมูลพอคำนวณ แต่ไม่อยู่ในใบรับรอง" in found(paper=sealed(hiding))
    worse = copy.deepcopy(paper)
    set_level(worse)
    assert any("ระดับ" in p for p in found(paper=sealed(worse)))


def test_a_receipt_of_another_format_is_none():
    paper = sealed(receipt(YEARS[SAMPLE_YEAR]) | {"format": "prongsai-receipt/3"})
    with pytest.raises(ValueError, match=r"^format$"):
        verify_receipt(paper, YEARS[SAMPLE_YEAR])


def test_one_without_a_format_is_of_the_earliest_and_a_proof_of_the_log_is_not_of_its_content():
    first = {name: value for name, value in receipt(YEARS[SAMPLE_YEAR]).items() if name != "format"}
    assert verify_receipt(sealed(first), YEARS[SAMPLE_YEAR]) == []
    assert verify_receipt(sealed(first) | {"log": {"origin": "x"}}, YEARS[SAMPLE_YEAR]) == []


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
