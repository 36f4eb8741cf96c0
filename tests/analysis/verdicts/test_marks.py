"""Verdicts that hang on inferred rules, and on marks of disclosure items."""

from dataclasses import replace
from decimal import Decimal

import pytest

from prongsai.analysis import Check, audit
from prongsai.analysis.audit import constraints
from prongsai.analysis.audit.claims import Claims
from prongsai.analysis.audit.diagnosis import diagnose
from tests.analysis.verdicts.printed import FRAMEWORKS, NEW, marks, one, printed
from tests.years import changed


def test_an_inferred_grouping_is_withdrawn_before_a_figure():
    """The items give another indicator than is printed, and the levels above agree with what is printed."""
    framework = FRAMEWORKS[NEW]
    values = marks(framework, "9", zeros=("O6",)) | {"9": "95.00", "10": "90.00", "OIT": "92.50"}
    check = one(printed(values), "9")
    assert check.verdict == "undetermined"
    assert check.recomputed == "97.14"
    assert check.explanation == (
        f"วิธีคำนวณของปี {NEW} ที่ใช้กับตัวเลขนี้ยังไม่มีเอกสารยืนยัน และให้ 97.14 ไม่ใช่ 95.00 "
        "จึงยังชี้ขาดไม่ได้ว่าวิธีคำนวณหรือตัวเลขใดไม่ถูก (ตัวเลขนี้เข้ากันได้กับ OIT)"
    )
    assert (check.interval, check.rule) == (("94.9950", "95.0050"), "ค่าเฉลี่ยของตัวชี้วัดย่อย 9.1–9.5")
    assert {c.verdict for c in audit(printed(values), FRAMEWORKS) if c.node.startswith("O")} <= {
        "undetermined",
        "reproduced",
    }


def test_a_grouping_that_the_levels_above_do_not_need_is_told_without_a_value():
    framework = FRAMEWORKS[NEW]
    values = marks(framework, "10") | {"O27": "50.00", "10": "87.50"}
    check = one(printed(values), "10")
    assert (check.verdict, check.recomputed) == ("undetermined", None)
    assert check.explanation.startswith(f"วิธีคำนวณของปี {NEW} ที่ใช้กับตัวเลขนี้ยังไม่มีเอกสารยืนยัน และไม่ลงตัว")
    assert check.interval == ("87.4950", "87.5050")


def test_when_too_much_contradicts_nobody_is_accused(monkeypatch):
    """Thirty marks of a hundred and an indicator of fifty: any dozen of the marks may be wrong, in more ways than can
    be searched."""
    monkeypatch.setattr(constraints, "_MAX_STEPS", 200)
    framework = FRAMEWORKS[2564]
    assert framework.nodes["9"].basis.standing == framework.nodes["9.1"].basis.standing == "documented"
    values = marks(framework, "9", zeros=("O1",)) | {"9": "50.00", "10": "90.00", "OIT": "70.00"}
    checks = {c.node: c for c in audit(printed(values, 2564), FRAMEWORKS)}
    assert {node: c.verdict for node, c in checks.items() if c.verdict != "undetermined"} == {"OIT": "reproduced"}
    doubted = [n for n, c in checks.items() if c.explanation.startswith("อาจเป็นตัวที่ทำให้ผลรวมไม่ตรง")]
    assert doubted
    assert {FRAMEWORKS[2564].nodes[n].kind for n in doubted} == {"item"}  # they cost least to set aside
    assert checks["9"].explanation.endswith("ไว้ให้คำนวณซ้ำ แต่เข้ากันได้กับ OIT") or "ขัดกับตัวอื่น" in checks["9"].explanation
    for check in checks.values():
        low, high = map(Decimal, check.interval)
        assert low <= high


def mark_of_o27(indicator: str | None, zeros: tuple[str, ...] = (), missing: tuple[str, ...] = ()) -> Check:
    """A mark of 50, which no scale has, among the eight items of indicator 10 (two groups, of three and of five)."""
    values = marks(FRAMEWORKS[NEW], "10", zeros) | {"O27": "50.00"}
    values |= {"10": indicator} if indicator else {}
    return one(printed({k: v for k, v in values.items() if k not in missing}), "O27")


NOT_ON_THE_SCALE = "ข้อนี้ให้คะแนนได้เฉพาะ 0 หรือ 100"


def test_a_mark_that_the_indicator_decides():
    check = mark_of_o27("90.00")
    assert (check.verdict, check.likely, check.recomputed) == ("contradicted", "0.00", None)
    assert check.interval == ("0.0000", "0.0950")
    assert check.rule == "คะแนนที่ผู้ตรวจให้"
    assert check.explanation == (
        f"{NOT_ON_THE_SCALE}; ตัวชี้วัด 10 พิมพ์ 90.00 ส่วนหลักเกณฑ์ให้ 95.00 ถ้าข้อนี้ได้ 50, 90.00 ถ้าข้อนี้ได้ 0, "
        "100.00 ถ้าข้อนี้ได้ 100; ค่าที่น่าจะถูกคือ 0.00"
    )


def test_a_mark_that_other_rules_would_explain():
    check = mark_of_o27("87.50")
    assert check.likely == "0.00"
    assert check.explanation.endswith(
        "100.00 ถ้าข้อนี้ได้ 100; จะได้ 87.50 เมื่อ ข้อนี้ได้ 0 และเฉลี่ยตรงทั้ง 8 ข้อ หรือ "
        "ข้อนี้ได้ 0 และอยู่ในตัวชี้วัดย่อยที่มี 4 ข้อ; ค่าที่น่าจะถูกคือ 0.00"
    )


def test_a_mark_that_only_a_group_of_another_size_would_explain():
    check = mark_of_o27("75.00")  # 100 less half of a group of two
    assert check.likely == "0.00"
    assert "จะได้ 75.00 เมื่อ ข้อนี้ได้ 0 และอยู่ในตัวชี้วัดย่อยที่มี 2 ข้อ; ค่าที่น่าจะถูกคือ 0.00" in check.explanation
    assert "เฉลี่ยตรง" not in check.explanation


def test_the_size_of_a_group_says_nothing_when_others_lack_marks():
    check = mark_of_o27("75.00", zeros=("O28",))
    assert "จะได้ 75.00 เมื่อ ข้อนี้ได้ 0 และเฉลี่ยตรงทั้ง 8 ข้อ;" in check.explanation
    assert "ตัวชี้วัดย่อยที่มี" not in check.explanation
    assert "จะได้" not in mark_of_o27("70.00", zeros=("O28",)).explanation


def test_every_mark_of_the_scale_is_tried():
    check = mark_of_o27("87.50", zeros=("O28",))
    assert "จะได้ 87.50 เมื่อ ข้อนี้ได้ 100 และเฉลี่ยตรงทั้ง 8 ข้อ;" in check.explanation
    assert check.likely == "100.00"


def test_a_mark_whose_size_of_group_is_its_own_is_no_alternative():
    assert "ที่มี 5 ข้อ" not in mark_of_o27("90.00").explanation
    assert "ที่มี 8 ข้อ" in mark_of_o27("93.75").explanation  # the largest group there could be
    assert "ที่มี 1 ข้อ" in mark_of_o27("50.00").explanation
    assert "ที่มี" not in mark_of_o27("94.44").explanation  # of nine


@pytest.mark.parametrize(("indicator", "missing"), [(None, ()), ("90.00", ("O28",)), ("90.00", ("O21",))])
def test_a_mark_that_nothing_decides(indicator, missing):
    check = mark_of_o27(indicator, missing=missing)
    assert (check.verdict, check.likely) == ("contradicted", None)
    assert check.explanation == NOT_ON_THE_SCALE


def test_a_wrong_mark_that_the_scale_has():
    """Both marks are possible; the documented rules of the year give another indicator and the others agree."""
    framework = FRAMEWORKS[2564]
    values = marks(framework, "9") | marks(framework, "10") | {"O9": "0.00"}
    values |= {"9": "100.00", "10": "100.00", "OIT": "100.00", "9.1": "100.00"}
    check = one(printed(values, 2564), "O9", 2564)
    assert (check.verdict, check.likely) == ("contradicted", "100.00")
    assert check.explanation == (
        "ตัวชี้วัด 9 พิมพ์ 100.00 ส่วนหลักเกณฑ์ให้ 97.78 ถ้าข้อนี้ได้ 0, 100.00 ถ้าข้อนี้ได้ 100; ค่าที่น่าจะถูกคือ 100.00"
    )


def test_a_wrong_mark_whose_indicator_is_not_printed():
    framework = FRAMEWORKS[2564]
    values = marks(framework, "9.1") | {"O9": "0.00", "9.1": "100.00"}
    check = one(printed(values, 2564), "O9", 2564)
    assert (check.verdict, check.likely) == ("contradicted", "100.00")
    assert check.explanation == ("ตัวเลขอื่นในเอกสารเหลือให้เป็นได้เพียง 99.96 ถึง 100.00; ค่าที่น่าจะถูกคือ 100.00")


def test_a_mark_that_its_group_decides_where_the_indicator_follows_another_rule():
    values = marks(FRAMEWORKS[NEW], "10") | {
        "O27": "50.00",
        "10.2": "80.00",
        "10": "87.50",
        "OIT": "90.00",
        "9": "92.50",
    }
    check = one(printed(values), "O27")
    assert check.likely == "0.00"
    assert "จะได้ 87.50 เมื่อ ข้อนี้ได้ 0 และเฉลี่ยตรงทั้ง 8 ข้อ" in check.explanation


def test_two_marks_that_other_rules_would_explain_leave_it_open():
    """On a scale with 20 and 60: one by a flat mean, the other in a smaller group."""
    scales = FRAMEWORKS[NEW].rules.scales
    options = tuple(replace(scales[-1].options[0], points=p) for p in (0, 20, 60, 100))
    marked = tuple(replace(s, options=options) if s.kind == "mark" else s for s in scales)
    framework = changed(FRAMEWORKS[NEW], scales=marked)
    values = marks(framework, "10") | {"O27": "50.00", "10": "90.00"}
    (check,) = [c for c in audit(printed(values), {NEW: framework}) if c.node == "O27"]
    assert "90.00 ถ้าข้อนี้ได้ 0" in check.explanation  # the rules explain it: no alternative is looked for
    values |= {"10": "95.00"}
    (check,) = [c for c in audit(printed(values), {NEW: framework}) if c.node == "O27"]
    assert "ข้อนี้ได้ 20 และอยู่ในตัวชี้วัดย่อยที่มี 8 ข้อ" in check.explanation
    assert "ข้อนี้ได้ 60 และเฉลี่ยตรงทั้ง 8 ข้อ" in check.explanation
    assert "ข้อนี้ได้ 60 และอยู่ในตัวชี้วัดย่อยที่มี 4 ข้อ" in check.explanation
    assert check.likely is None
    assert "ค่าที่น่าจะถูก" not in check.explanation


def test_a_mark_is_likely_in_the_form_it_was_printed():
    values = marks(FRAMEWORKS[NEW], "10") | {"O27": "50", "10": "90.00"}
    assert one(printed(values), "O27").likely == "0"


@pytest.mark.parametrize("year", FRAMEWORKS)
def test_a_mark_of_none_contradicts_a_full_total_with_nothing_printed_between(year):
    """It is the mark, or an inferred grouping, that cannot be right: but something cannot."""
    item = FRAMEWORKS[year].rules.disclosure_items[0].id
    full = diagnose(Claims(printed({item: "100.00", "overall": "100.00"}, year), FRAMEWORKS))
    assert full.withdrawn == frozenset()
    assert diagnose(Claims(printed({item: "0.00", "overall": "100.00"}, year), FRAMEWORKS)).withdrawn


@pytest.mark.parametrize("year", [2566, 2567, NEW, 2569])
@pytest.mark.parametrize("total", ["91.00", "89.00", "90.02"])
def test_a_total_beside_the_mean_of_two_parts_of_a_survey_is_not_taken_for_granted(year, total):
    checks = {
        c.node: c
        for c in audit(printed({"overall": total, "IIT": "90.00", "EIT": "90.00", "OIT": "90.00"}, year), FRAMEWORKS)
    }
    assert (checks["overall"].verdict, checks["overall"].recomputed) == (
        "undetermined",
        "90.00",
    )  # the mean is inferred
    assert "contradicted" not in {c.verdict for c in checks.values()}
    honest = one(printed({"overall": "90.00", "IIT": "90.00", "EIT": "90.00", "OIT": "90.00"}, year), "overall", year)
    assert honest.verdict == "reproduced"


def test_a_total_that_others_contradict_puts_no_rule_below_them_in_doubt():
    """Of what is printed, the total follows by rules that are documented; how items are grouped is only inferred, and
    decides nothing here. With four places, bounds of one part at a time cannot tell, and one equation must."""
    documented = FRAMEWORKS[NEW].rules.instruments[0].basis
    composites = tuple(replace(c, basis=documented) for c in FRAMEWORKS[NEW].rules.composites)
    framework = changed(FRAMEWORKS[NEW], composites=composites)
    assert {framework.nodes[name].basis.standing for name in ("9.1", "10.1")} == {"inferred"}
    assert {framework.nodes[name].basis.standing for name in ("overall", "EIT", "OIT", "9")} == {"documented"}
    values = {"overall": "90.0012", "IIT": "90.0000", "EIT": "90.0000", "OIT": "90.0000"}
    checks = {c.node: c.explanation for c in audit(printed(values), {NEW: framework})}
    assert checks.pop("overall").startswith("ตัวเลขย่อยบางตัวขัดกับตัวอื่น")
    assert {text.startswith("อาจเป็นตัวที่ทำให้ผลรวมไม่ตรง") for text in checks.values()} == {True}


@pytest.mark.parametrize("year", [2566, NEW])
def test_a_total_is_checked_against_indicators_of_which_only_the_parts_are_printed(year):
    parts = {f"{part}/{n}": f"{80 + n}.00" for part in ("EIT1", "EIT2") for n in (6, 7, 8)}
    others = {"IIT": "90.00", "OIT": "90.00"} | parts
    check = one(printed({"overall": "89.25"} | others, year), "overall", year)
    assert (check.verdict, check.recomputed) == ("contradicted", "89.10")
    assert one(printed({"overall": "89.10"} | others, year), "overall", year).verdict == "reproduced"
