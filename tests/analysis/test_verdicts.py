"""One made-up document for each verdict: what is printed, and exactly what is said of it."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from prongsai.analysis import Check, Figure, audit, summary
from prongsai.analysis.audit import constraints, wording_th
from prongsai.analysis.audit.claims import Claims
from prongsai.analysis.audit.diagnosis import diagnose, find_digit_slips
from prongsai.framework import Framework
from prongsai.lib.rounding import half_up
from prongsai.scoring import complete_scores
from tests.years import SAMPLE_YEAR, YEARS, changed

FRAMEWORKS = {int(year): framework for year, framework in YEARS.items()}
NEW, OLD = int(SAMPLE_YEAR), int(SAMPLE_YEAR) - 1


def printed(values: Mapping[str, str], year: int = NEW, place: str = "บรรทัด 1") -> list[Figure]:
    return [Figure(year, node, value, place) for node, value in values.items()]


def checked(
    figures: list[Figure], frameworks: Mapping[int, Framework] = FRAMEWORKS
) -> dict[tuple[int, str, str], Check]:
    return {(c.fiscal_year, c.node, c.printed): c for c in audit(figures, frameworks)}


def one(figures: list[Figure], node: str, year: int = NEW) -> Check:
    (found,) = [c for c in audit(figures, FRAMEWORKS) if c.node == node and c.fiscal_year == year]
    return found


def indicators(score: str = "90.00", **others: str) -> dict[str, str]:
    return {str(n): score for n in range(1, 11)} | {k.lstrip("_"): v for k, v in others.items()}


# --- one score printed in several places
# -----------------------------------------------------------------------------------


def test_one_figure_printed_three_times_a_last_digit_apart():
    """The values of one node count once: the most frequent or else the finest; the others follow from it."""
    figures = [
        Figure(2564, "OIT", "95.5", "ก"),
        Figure(2564, "OIT", "95.50", "ข"),
        Figure(2564, "OIT", "95.51", "ค"),
        *printed({"9": "96.00", "10": "95.00"}, 2564),
    ]
    checks = checked(figures)
    assert checks[2564, "OIT", "95.50"].verdict == "reproduced"
    assert checks[2564, "OIT", "95.5"] == replace(checks[2564, "OIT", "95.50"], printed="95.5", place="ก")
    other = checks[2564, "OIT", "95.51"]
    assert (other.verdict, other.recomputed, other.likely, other.interval) == ("rounding", "95.50", None, None)
    assert other.explanation == "ที่อื่นในเอกสารพิมพ์ 95.50 ต่างกันไม่เกินหน่วยสุดท้าย"
    assert other.rule == "ค่าเฉลี่ยของตัวชี้วัด 9 และ 10"


@pytest.mark.parametrize(
    ("values", "variants"),
    [
        (("95.5", "95.53"), {"95.5"}),  # rounded further
        (("96", "95.53", "95.53"), {"96"}),
        (("95.50", "95.51", "95.51"), {"95.50"}),  # what is printed most often counts
        (("95.50", "95.52"), set()),  # two digits apart: rivals
        (("95.5", "95.6"), set()),
        (("95.500", "95.501"), {"95.501"}),
        (("95.500", "95.502"), set()),
        (("95.500", "95.51"), {"95.51"}),
        (("95", "96"), set()),
    ],
)
def test_which_values_are_variants_of_another(values, variants):
    figures = [Figure(2564, "OIT", v, f"ที่ {n}") for n, v in enumerate(values)]
    observations = Claims(figures, FRAMEWORKS).scores[2564, "OIT"]
    assert {o.figure.value for o in observations if o.variant_of} == variants


def test_a_value_printed_in_more_places_is_believed():
    figures = [Figure(2564, "9", v, p) for v, p in (("75.00", "ก"), ("95.00", "ข"), ("95.00", "ค"))]
    checks = checked(figures)
    assert checks[2564, "9", "75.00"].verdict == "contradicted"
    assert checks[2564, "9", "75.00"].likely == "95.00"
    assert checks[2564, "9", "95.00"].verdict == "undetermined"
    assert checks[2564, "9", "95.00"].place == "ข; ค"


def test_a_figure_read_with_certainty_counts_before_an_uncertain_one():
    figures = [Figure(NEW, "1", "90.00", "ก", False, "ไม่แน่ใจ"), Figure(NEW, "1", "90.00", "ข")]
    (check,) = audit(figures, FRAMEWORKS)
    assert check.place == "ข; ก"
    assert "อ่านไม่แน่ใจ" not in check.explanation


# --- printed changes
# -------------------------------------------------------------------------------------------------------


def two_years(now: dict[str, str], before: dict[str, str]) -> list[Figure]:
    return printed(now) + printed(before, OLD)


def test_a_printed_change_convicts_a_slipped_score():
    """Without the change, any of the five indicators of the instrument might be the wrong one."""
    before = {"5": "80.00"}
    now = {"1": "80.00", "2": "80.00", "3": "80.00", "4": "80.00", "5": "70.00", "IIT": "80.00"}
    without = checked(two_years(now, before))
    assert without[NEW, "5", "70.00"].verdict == "undetermined"
    check = checked(two_years({**now, "change/5": "0.00"}, before))
    assert check[NEW, "5", "70.00"].verdict == "contradicted"
    assert check[NEW, "5", "70.00"].likely == "80.00"
    assert check[NEW, "IIT", "80.00"].verdict == "reproduced"
    assert {check[NEW, n, "80.00"].verdict for n in "1234"} == {"undetermined"}


@pytest.mark.parametrize(
    ("change", "slack"),
    [("+0.39", "0.015"), ("0.390", "0.015"), ("+0.4", "0.15"), ("+1", "1")],
)
def test_how_exact_a_printed_change_is_as_evidence(change, slack):
    """Both scores were rounded before they were subtracted, and so was the difference: one and a half units, and for a
    whole number one point."""
    claims = Claims(two_years({"1": "98.67", "change/1": change}, {"1": "98.28"}), FRAMEWORKS)
    variable = claims.system.variables["change", NEW, "1", change]
    (interval,) = [i for i in claims.system.intervals if i.variable == variable]
    value = Decimal(change)
    assert Fraction(interval.low, constraints.UNIT) == Fraction(value) - Fraction(slack)
    assert Fraction(interval.high, constraints.UNIT) == Fraction(value) + Fraction(slack)


def test_a_change_at_the_limit_of_rounding_accuses_no_score():
    """The scores' own rounding may make +0.02 of a true change of +0.005; a third of a unit more may not be."""
    inside = two_years({"1": "90.00", "change/1": "+0.02"}, {"1": "90.00"})
    claims = Claims(inside, FRAMEWORKS)
    assert diagnose(claims).withdrawn == frozenset()
    beyond = two_years({"1": "90.00", "change/1": "+0.03"}, {"1": "90.00"})
    claims = Claims(beyond, FRAMEWORKS)
    (change,) = claims.changes[NEW, "1"]
    assert diagnose(claims).convicted == {*change.claims}


@pytest.mark.parametrize(
    ("change", "verdict", "likely"),
    [
        ("+0.39", "reproduced", None),
        ("0.39", "reproduced", None),
        ("+0.4", "reproduced", None),
        ("0", "reproduced", None),
        ("+0.40", "rounding", None),
        ("+0.38", "rounding", None),
        ("+0.41", "contradicted", "+0.39"),
        ("+0.37", "contradicted", "+0.39"),
        ("-0.39", "contradicted", "+0.39"),
        ("−0.39", "contradicted", "+0.39"),
        ("+1", "contradicted", "+0.39"),
    ],
)
def test_verdicts_on_changes(change, verdict, likely):
    check = one(two_years({"1": "98.67", "change/1": change}, {"1": "98.28"}), "change/1")
    assert (check.verdict, check.recomputed, check.likely) == (verdict, "+0.39", likely)
    note = " ต่างกันได้เพราะลบจากค่าก่อนปัด" if verdict == "rounding" else ""
    assert check.explanation == "98.67 − 98.28 = +0.39" + note
    assert check.rule == "ปีนี้ลบปีก่อน"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [("-0.39", "reproduced"), ("0.39", "reproduced"), ("−0.39", "reproduced"), ("+0.39", "contradicted")],
)
def test_a_fall_may_be_printed_without_its_sign(change, verdict):
    check = one(two_years({"1": "98.28", "change/1": change}, {"1": "98.67"}), "change/1")
    assert (check.verdict, check.recomputed) == (verdict, "-0.39")
    assert check.explanation == "98.28 − 98.67 = -0.39"


def test_no_change_has_no_sign():
    assert one(two_years({"1": "90.00", "change/1": "0.00"}, {"1": "90.00"}), "change/1").recomputed == "0.00"


@pytest.mark.parametrize(
    ("now", "before", "missing"),
    [({"1": "90.00"}, {}, OLD), ({}, {"1": "90.00"}, NEW), ({}, {}, NEW)],
)
def test_a_change_without_both_years(now, before, missing):
    check = one(two_years({**now, "change/1": "+1.00"}, before), "change/1")
    assert (check.verdict, check.recomputed) == ("undetermined", None)
    assert check.explanation == f"ไม่มีคะแนนของปี {missing} ให้เทียบ"


def test_a_change_from_a_year_without_rules_and_one_that_is_no_number():
    frameworks = {NEW: FRAMEWORKS[NEW]}
    figures = two_years({"1": "90.00", "change/1": "+1.00", "change/2": "ลดลง"}, {"1": "89.00"})
    checks = checked(figures, frameworks)
    assert checks[NEW, "change/1", "+1.00"].explanation == f"ไม่มีคะแนนของปี {OLD} ให้เทียบ"
    assert checks[NEW, "change/2", "ลดลง"].verdict == "undetermined"
    assert checks[OLD, "1", "89.00"].explanation == f"ยังไม่มีหลักเกณฑ์ปี {OLD} ให้คำนวณ"
    figures = two_years({"1": "90.00", "change/1": "ลดลง"}, {"1": "89.00"})
    assert one(figures, "change/1").verdict == "undetermined"


def test_a_change_of_a_node_that_last_year_did_not_have():
    first = 2566  # the year in which EIT was split in two
    figures = printed({"EIT1": "90.00", "change/EIT1": "+1.00"}, first) + printed({"EIT": "89.00"}, first - 1)
    assert one(figures, "change/EIT1", first).verdict == "undetermined"


# --- rules that are only inferred
# ----------------------------------------------------------------------------------------


def marks(framework: Framework, indicator: str, zeros: tuple[str, ...] = ()) -> dict[str, str]:
    return {i.id: "0.00" if i.id in zeros else "100.00" for i in framework.items_of(indicator)}


def test_an_inferred_grouping_is_withdrawn_before_a_figure():
    """The items give another indicator than is printed, and the levels above agree with what is printed."""
    framework = FRAMEWORKS[NEW]
    values = marks(framework, "9", zeros=("O6",)) | {"9": "95.00", "10": "90.00", "OIT": "92.50"}
    check = one(printed(values), "9")
    assert check.verdict == "undetermined"
    assert check.recomputed == "97.14"
    assert check.explanation == (
        f"การจัดข้อเข้าตัวชี้วัดย่อยของปี {NEW} เป็นการอนุมาน และไม่ให้ 95.00 "
        "จากคะแนนรายข้อที่พิมพ์ไว้ จึงยังชี้ขาดไม่ได้ (ตัวเลขนี้สอดคล้องกับคะแนนระดับบน)"
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
    assert check.explanation.startswith("การจัดข้อเข้าตัวชี้วัดย่อย")
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


# --- marks of disclosure items
# --------------------------------------------------------------------------------------------


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


# --- what a slip of a digit may have been
# ---------------------------------------------------------------------------------


def observation(value: str):
    (found,) = Claims(printed({"1": value}), FRAMEWORKS).scores[NEW, "1"]
    return found


def slips(value: str, low: str, high: str) -> list[str]:
    return [str(v) for v in find_digit_slips(observation(value), (Fraction(low), Fraction(high)))]


def test_one_digit_off_within_what_is_possible():
    assert slips("86.67", "96.665", "96.675") == ["96.67"]
    assert slips("86.67", "0", "100") == [
        "6.67",
        *(f"{d}6.67" for d in "12345679"),
        *(f"8{d}.67" for d in "012345789"),
        *(f"86.{d}7" for d in "012345789"),
        *(f"86.6{d}" for d in "012345689"),
        "68.67",
        "86.76",
    ]


def test_two_neighbours_in_the_wrong_order():
    assert slips("48.00", "83.995", "84.005") == ["84.00"]
    assert slips("90.12", "90.205", "90.215") == ["90.21"]
    assert slips("91.20", "92.095", "92.105") == []  # they stand on both sides of the point
    assert slips("88.00", "88", "88.001") == []  # equal neighbours are no slip


def test_no_more_than_a_hundred_points():
    assert slips("100.00", "0", "1000") == ["0.00", "10.00"]
    assert "100.0" in slips("101.0", "0", "100")


@pytest.mark.parametrize(
    ("low", "high", "is_possible"),
    [
        ("96.675", "97", False),  # only the end of what rounds to 96.67
        ("96.6749", "97", True),
        ("96", "96.665", False),
        ("96", "96.6651", True),
        ("96.67", "96.67", True),  # the only possible value lies inside
        ("96.665", "96.665", True),
        ("96.675", "96.675", True),
        ("96.664", "96.664", False),
        ("96.676", "96.676", False),
    ],
)
def test_the_interval_must_hold_more_than_a_point_of_what_rounds_to_it(low, high, is_possible):
    assert ("96.67" in slips("86.67", low, high)) == is_possible


def test_digits_changed_places_in_a_document():
    """The others leave an interval of a few values; none of them is a slip of one digit, one is a swap."""
    values = {"1": "80.00", "2": "80.00", "3": "80.00", "4": "80.00", "5": "48.00", "IIT": "80.80"}
    values |= {"overall": "83.00", "EIT1": "85.00", "EIT2": "85.00", "OIT": "83.15"}
    check = one(printed(values), "5")
    assert (check.verdict, check.likely, check.recomputed) == ("contradicted", "84.00", None)
    assert check.interval == ("83.9550", "84.0450")
    assert check.explanation == ("ตัวเลขอื่นในเอกสารเหลือให้เป็นได้เพียง 83.96 ถึง 84.05; ค่าที่น่าจะถูกคือ 84.00")
    total = one(printed(values), "IIT")
    assert total.explanation == "คำนวณซ้ำได้ 80.80 เมื่อใช้ค่าที่น่าจะถูกของ ตัวชี้วัด 5 = 84.00"


@pytest.mark.parametrize(("value", "likely"), [("76.66", "96.66"), ("75.55", None), ("75.67", None)])
def test_of_two_values_that_remain_the_one_a_digit_off_is_likely(value, likely):
    """The two parts give 96.665 before rounding, so the mean is 96.66 or 96.67."""
    parts = [Figure(NEW, node, v, p) for node, v in (("EIT1/6", "96.66"), ("EIT2/6", "96.67")) for p in "กขคงจ"]
    check = one([*parts, Figure(NEW, "6", value, "ก")], "6")
    assert check.verdict == "contradicted"
    assert check.interval == ("96.6600", "96.6700")
    assert check.likely == likely


@pytest.mark.parametrize(
    ("parts", "value", "likely"),
    [
        (("96.66", "96.66"), "75.55", "96.66"),  # several digits wrong, and only one value possible
        (("100.00", "100.00"), "33.33", "100.00"),
        (("0.00", "0.00"), "33.33", "0.00"),
        (("0.00", "0.01"), "33.33", None),
        (("96.66", "96.66"), "75.555", None),
    ],
)
def test_the_one_value_that_remains(parts, value, likely):
    figures = [Figure(NEW, f"{i}/6", v, p) for i, v in zip(("EIT1", "EIT2"), parts, strict=True) for p in "กขคงจ"]
    check = one([*figures, Figure(NEW, "6", value, "ก")], "6")
    assert (check.verdict, check.likely) == ("contradicted", likely)


def test_one_digit_wrong_in_a_document():
    values = {str(n): "90.00" for n in range(1, 6)} | {"3": "30.00", "IIT": "90.00", "overall": "90.00"}
    values |= {"EIT1": "90.00", "EIT2": "90.00", "OIT": "90.00"}
    check = one(printed(values), "3")
    assert check.explanation == ("ตัวเลขอื่นในเอกสารเหลือให้เป็นได้เพียง 89.96 ถึง 90.05; ค่าที่น่าจะถูกคือ 90.00 (หลักเดียวพิมพ์ผิด)")


def test_a_total_that_its_parts_and_what_it_is_part_of_convict():
    values = {str(n): "90.00" for n in range(1, 6)} | {"IIT": "80.00", "overall": "90.00"}
    values |= {"EIT1": "90.00", "EIT2": "90.00", "OIT": "90.00"}
    check = one(printed(values), "IIT")
    assert (check.likely, check.recomputed) == ("90.00", "90.00")
    assert check.explanation == "ตัวเลขย่อยให้ 90.00; ค่าที่น่าจะถูกคือ 90.00 (หลักเดียวพิมพ์ผิด)"


def test_a_convicted_figure_of_which_nothing_better_is_known():
    values = {"9": "78.00", "10": "85.00", "OIT": "90.00", "IIT": "90.00", "EIT": "90.00", "overall": "90.00"}
    check = one(printed(values, 2564), "9", 2564)
    assert (check.verdict, check.likely) == ("contradicted", None)
    assert check.explanation == "ตัวเลขอื่นในเอกสารเหลือให้เป็นได้เพียง 94.99 ถึง 95.02"
    above = one(printed(values, 2564), "OIT", 2564)
    assert (above.verdict, above.recomputed) == ("undetermined", None)
    assert above.explanation == "ตัวเลขย่อยบางตัวขัดกับตัวอื่น จึงคำนวณซ้ำไม่ได้"


def test_a_convicted_total_of_which_nothing_better_is_known():
    """The parts give one value, the level above leaves an interval of several others."""
    values = {"9": "90.00", "10": "90.00", "OIT": "70.00", "IIT": "90.00", "EIT": "90.00", "overall": "90.00"}
    check = one(printed(values, 2564), "OIT", 2564)
    assert check.verdict == "contradicted"
    assert check.recomputed == "90.00"
    assert check.likely == "90.00"


# --- figures that agree
# ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "verdict", "recomputed", "interval"),
    [
        ("58.83", "reproduced", "58.83", ("58.8250", "58.8300")),
        ("58.8", "reproduced", "58.8", ("58.8200", "58.8300")),
        ("59", "reproduced", "59", ("58.8200", "58.8300")),
        ("58.825", "reproduced", "58.825", ("58.8245", "58.8255")),
        ("58.82", "rounding", "58.83", ("58.8200", "58.8250")),
        ("58.830", "reproduced", "58.830", ("58.8295", "58.8300")),
        ("58.822", "rounding", "58.83", ("58.8215", "58.8225")),
        ("58.84", "contradicted", "58.83", ("58.8350", "58.8450")),
        ("58.9", "undetermined", None, ("58.8950", "58.9050")),  # no further off than its own last digit
        ("58.7", "contradicted", "58.83", None),
    ],
)
def test_totals_of_two_parts(total, verdict, recomputed, interval):
    """73.90 and 43.75 give 58.825; their own rounding leaves 58.82 to 58.83."""
    check = one(printed({"9": "73.90", "10": "43.75", "OIT": total}, 2564), "OIT", 2564)
    assert (check.verdict, check.recomputed) == (verdict, recomputed)
    if interval:
        assert check.interval == interval
    if verdict == "reproduced":
        assert check.explanation == "คำนวณซ้ำได้ 58.83"
    if verdict == "rounding":
        assert check.explanation == (f"คำนวณจากค่าที่พิมพ์ไว้ได้ 58.83 ค่าจริงก่อนปัดของตัวเลขย่อยทำให้เป็น {total} ได้")
    assert check.rule == "ค่าเฉลี่ยของตัวชี้วัด 9 และ 10"


def test_the_finest_figures_count_where_the_nearest_do_not_agree():
    """Sub-indicators were rounded to whole numbers; the items give the indicator exactly."""
    framework = FRAMEWORKS[2564]
    values = marks(framework, "9", zeros=("O1",)) | {"9.1": "89", "9": "97.78"}
    checks = checked(printed(values, 2564))
    assert checks[2564, "9", "97.78"].verdict == "reproduced"
    assert "คำนวณซ้ำได้ 97.78" in checks[2564, "9", "97.78"].explanation
    assert checks[2564, "9.1", "89"].verdict == "reproduced"


def test_a_flat_mean_is_told_only_where_it_is_another():
    framework = FRAMEWORKS[2564]
    values = marks(framework, "10", zeros=("O34",)) | {"10": "93.75"}
    assert one(printed(values, 2564), "10", 2564).explanation == (
        "คำนวณซ้ำได้ 93.75 (เฉลี่ยตรงทุกข้อจะได้ 90.00 ซึ่งไม่ใช่วิธีของปีนี้)"
    )
    values = marks(framework, "10") | {"10": "100.00"}
    assert one(printed(values, 2564), "10", 2564).explanation == "คำนวณซ้ำได้ 100.00"
    values = marks(framework, "10", zeros=("O34",)) | marks(framework, "9")
    values |= {"10": "93.75", "9": "100.00", "OIT": "96.88"}
    assert one(printed(values, 2564), "OIT", 2564).explanation == "คำนวณซ้ำได้ 96.88"  # its parts are no sub-indicators


@pytest.mark.parametrize(
    ("values", "node", "explanation"),
    [
        ({"9": "90.00"}, "9", "เอกสารไม่ได้พิมพ์คะแนนย่อยครบทุกตัวไว้ให้คำนวณซ้ำ"),
        ({"i1": "90.00"}, "i1", "เอกสารไม่ได้พิมพ์คำตอบไว้ให้คำนวณซ้ำ"),
        ({"i1": "90.00", "1": "91.00"}, "i1", "เอกสารไม่ได้พิมพ์คำตอบไว้ให้คำนวณซ้ำ แต่เข้ากันได้กับ ตัวชี้วัด 1"),
        (
            {"EIT1": "90.00", "EIT": "91.00", "overall": "90.00"},
            "EIT1",
            "เอกสารไม่ได้พิมพ์คะแนนย่อยครบทุกตัวไว้ให้คำนวณซ้ำ แต่เข้ากันได้กับ overall, EIT",
        ),
    ],
)
def test_a_figure_that_nothing_below_can_reproduce(values, node, explanation):
    check = one(printed(values), node)
    assert (check.verdict, check.recomputed, check.likely) == ("undetermined", None, None)
    assert check.explanation == explanation


def test_the_rule_of_each_kind_of_node():
    rules = {
        c.node: c.rule
        for c in audit(
            printed(dict.fromkeys(("overall", "EIT", "IIT", "6", "EIT1/6", "9", "10", "10.1", "i1", "O1"), "90.00")),
            FRAMEWORKS,
        )
    }
    assert rules == {
        "overall": "ผลรวมถ่วงน้ำหนักของเครื่องมือ (30% IIT + 15% EIT1 + 15% EIT2 + 40% OIT)",
        "EIT": "ค่าเฉลี่ยของสองส่วน EIT1 และ EIT2 (อนุมาน)",
        "IIT": "ค่าเฉลี่ยของตัวชี้วัด 1–5",
        "6": "ค่าเฉลี่ยของสองส่วน EIT1/6 และ EIT2/6",
        "EIT1/6": "ค่าเฉลี่ยของข้อ EIT1/e1–EIT1/e3",
        "9": "ค่าเฉลี่ยของตัวชี้วัดย่อย 9.1–9.5",
        "10": "ค่าเฉลี่ยของตัวชี้วัดย่อย 10.1 และ 10.2",
        "10.1": "ค่าเฉลี่ยของข้อ O21–O23 (อนุมาน)",
        "i1": "ค่าเฉลี่ยของคำตอบ",
        "O1": "คะแนนที่ผู้ตรวจให้",
    }


def test_numbers_and_lists_in_sentences():
    assert [wording_th.plain_number(Fraction(v)) for v in ("98.675", "90", "90.10", "0")] == [
        "98.68",
        "90",
        "90.1",
        "0",
    ]
    likely = {"1": Decimal("90.00"), "2": Decimal("80.00")}
    assert wording_th.reproduced(FRAMEWORKS[NEW], Decimal("85.00"), likely, None) == (
        "คำนวณซ้ำได้ 85.00 เมื่อใช้ค่าที่น่าจะถูกของ ตัวชี้วัด 1 = 90.00, ตัวชี้วัด 2 = 80.00"
    )


# --- suspects
# -------------------------------------------------------------------------------------------------------------


def suspicious(**others: str) -> dict[str, str]:
    return {"1": "80.00", "2": "80.00", "3": "80.00", "4": "80.00", "5": "70.00", "IIT": "80.00"} | {
        k.lstrip("_"): v for k, v in others.items()
    }


def test_where_any_of_several_parts_may_be_wrong_their_mean_is_contradicted():
    check = one(printed(suspicious()), "IIT")
    assert (check.verdict, check.recomputed, check.likely) == ("contradicted", "78.00", None)
    assert check.interval == ("79.9950", "80.0050")
    assert check.explanation == (
        "ตัวเลขย่อยให้ 78.00; ตัวใดตัวหนึ่งใน ตัวชี้วัด 1, ตัวชี้วัด 2, ตัวชี้วัด 3, ตัวชี้วัด 4, ตัวชี้วัด 5 ไม่ถูก แต่ตัวเลขที่พิมพ์ไว้ชี้ไม่ได้ว่าตัวใด"
    )
    part = one(printed(suspicious()), "5")
    assert part.rule == "ค่าเฉลี่ยของข้อ i13–i15"
    assert (part.verdict, part.interval) == ("undetermined", ("0.0000", "100.0000"))
    assert part.explanation == "อาจเป็นตัวที่ทำให้ผลรวมไม่ตรง แต่ตัวเลขอื่นชี้ไม่ได้ว่าเป็นตัวนี้หรือตัวข้างเคียง"


@pytest.mark.parametrize(("total", "verdict"), [("58.84", "contradicted"), ("58.81", "undetermined")])
def test_a_mean_within_its_last_digit_of_its_suspect_parts_is_not_accused(total, verdict):
    """58.825 is 0.015 from both. Under 58.81 a part is convicted; where it is not, the last digit is forgiven."""
    values = {"9": "73.90", "10": "43.75", "OIT": total}
    assert one(printed(values, 2564), "OIT", 2564).verdict == verdict


# --- levels, passing
# ------------------------------------------------------------------------------------------------------


def totals(framework: Framework, overall: Fraction | str, **instruments: str) -> list[Figure]:
    return printed({"overall": str(overall)} | instruments, framework.fiscal_year)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_passing_at_the_target_of_every_year(year, steps):
    framework = YEARS[year]
    target = framework.rules.target.points
    total = half_up(target + Fraction(steps, 10**framework.rules.rounding.places), framework.rules.rounding.places)
    outcome = "ผ่าน" if steps >= 0 else "ไม่ผ่าน"
    for said in ("ผ่าน", "ไม่ผ่าน"):
        figures = totals(framework, str(total)) + printed({"pass": said}, framework.fiscal_year)
        check = one(figures, "pass", framework.fiscal_year)
        is_right = said == outcome
        assert check.verdict == ("reproduced" if is_right else "contradicted")
        assert (check.recomputed, check.likely) == (outcome, None if is_right else outcome)
        assert check.explanation == f"คะแนนรวม {total} จึง{outcome}"
        assert check.rule == f"ผ่านเมื่อคะแนนรวมตั้งแต่ {target}"


@pytest.mark.parametrize("said", [{"level": "x"}, {"pass": "ผ่าน"}])
def test_without_a_total_no_level_and_no_pass(said):
    check = one(printed({"IIT": "90.00"} | said), next(iter(said)))
    assert (check.verdict, check.explanation, check.rule) == ("undetermined", "ไม่มีคะแนนรวมให้เทียบระดับ", "")


def limits_of_levels():
    for year, framework in YEARS.items():
        for band in framework.rules.bands:
            if band.at_least:
                yield pytest.param(year, band.at_least, id=f"{year}-{band.at_least}")


@pytest.mark.parametrize(("year", "limit"), [*limits_of_levels()])
@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_levels_at_the_limits_of_every_year(year, limit, steps):
    """Every instrument has the total's score, so that exactly one level is right."""
    framework = YEARS[year]
    places = framework.rules.rounding.places
    total = min(half_up(limit + Fraction(steps, 10**places), places), 100)
    level = next(b.id for b in framework.rules.bands if total >= max(b.at_least, b.every_instrument_at_least or 0))
    values = dict.fromkeys(["overall", *framework.instruments], str(total))
    for said in framework.bands:
        check = one(printed(values | {"level": said}, framework.fiscal_year), "level", framework.fiscal_year)
        assert check.rule == "ระดับตามช่วงคะแนน"
        assert check.recomputed == level
        if said == level:
            needs = framework.bands[level].every_instrument_at_least is not None
            assert (check.verdict, check.likely) == ("reproduced", None)
            assert check.explanation == f"คะแนนรวม {total}" + ("; ทุกเครื่องมือถึงเกณฑ์" if needs else "")
        else:
            assert (check.verdict, check.likely) == ("contradicted", level)
            assert check.explanation == f"คะแนนรวม {total} ได้ระดับ {level}"


def test_levels_that_hang_on_instruments():
    values = {"overall": "96.00", "level": "ผ่านดี"}
    check = one(printed(values), "level")
    assert (check.verdict, check.recomputed, check.likely) == ("undetermined", None, None)
    assert check.explanation == ("คะแนนรวม 96.00 เป็นได้ทั้ง ผ่านดีเยี่ยม หรือ ผ่านดี หรือ ผ่าน ขึ้นกับคะแนนรายเครื่องมือที่ไม่ได้พิมพ์")
    assert check.rule == "ระดับตามช่วงคะแนน"
    check = one(printed(values | {"level": "ต้องปรับปรุง"}), "level")
    assert (check.verdict, check.recomputed, check.likely) == ("contradicted", "ผ่านดีเยี่ยม หรือ ผ่านดี หรือ ผ่าน", None)
    check = one(printed(values | {"level": "AA"}), "level")
    assert check.explanation == f"ปี {NEW} ไม่มีระดับ “AA” ระดับของปีนี้คือ {' '.join(FRAMEWORKS[NEW].bands)}"
    assert (check.recomputed, check.likely) == ("ผ่านดีเยี่ยม หรือ ผ่านดี หรือ ผ่าน", None)
    check = one(printed({"overall": "50.00", "level": "AA"}), "level")
    assert check.likely == check.recomputed
    assert check.verdict == "contradicted"


# --- rankings and counts
# --------------------------------------------------------------------------------------------------


TEN = {str(n): f"{90 + n}.00" for n in range(1, 10)} | {"10": "91.00"}
PARTS = {f"EIT1/{n}": f"{90 + n}.10" for n in (6, 7, 8)}


@pytest.mark.parametrize(
    ("node", "value", "verdict", "recomputed", "likely", "explanation"),
    [
        ("highest/all", "9", "reproduced", "9", None, "สูงสุดคือ ตัวชี้วัด 9 (99.00)"),
        ("highest/", "9", "reproduced", "9", None, "สูงสุดคือ ตัวชี้วัด 9 (99.00)"),
        ("highest/all", "3", "contradicted", "9", "9", "สูงสุดคือ ตัวชี้วัด 9 (99.00) ไม่ใช่ ตัวชี้วัด 3 (93.00)"),
        ("highest/all", "11", "contradicted", "9", "9", "สูงสุดคือ ตัวชี้วัด 9 (99.00)"),
        ("lowest/all", "1", "reproduced", "1", None, "ต่ำสุดคือ ตัวชี้วัด 1 (91.00), ตัวชี้วัด 10 (91.00)"),
        ("lowest/all", "10", "reproduced", "10", None, "ต่ำสุดคือ ตัวชี้วัด 1 (91.00), ตัวชี้วัด 10 (91.00)"),
        (
            "lowest/all",
            "9",
            "contradicted",
            "1, 10",
            None,
            "ต่ำสุดคือ ตัวชี้วัด 1 (91.00), ตัวชี้วัด 10 (91.00) ไม่ใช่ ตัวชี้วัด 9 (99.00)",
        ),
        ("highest/IIT", "5", "reproduced", "5", None, "สูงสุดคือ ตัวชี้วัด 5 (95.00)"),
        ("lowest/IIT", "5", "contradicted", "1", "1", "ต่ำสุดคือ ตัวชี้วัด 1 (91.00) ไม่ใช่ ตัวชี้วัด 5 (95.00)"),
        ("highest/EIT", "8", "reproduced", "8", None, "สูงสุดคือ ตัวชี้วัด 8 (98.00)"),
        ("lowest/EIT", "6", "reproduced", "6", None, "ต่ำสุดคือ ตัวชี้วัด 6 (96.00)"),
        ("highest/EIT1", "8", "reproduced", "8", None, "สูงสุดคือ ตัวชี้วัด EIT1/8 (98.10)"),
        ("lowest/EIT1", "8", "contradicted", "6", "6", "ต่ำสุดคือ ตัวชี้วัด EIT1/6 (96.10) ไม่ใช่ ตัวชี้วัด EIT1/8 (98.10)"),
        ("lowest/OIT", "10", "reproduced", "10", None, "ต่ำสุดคือ ตัวชี้วัด 10 (91.00)"),
        ("lowest/EIT2", "6", "undetermined", None, None, "พิมพ์คะแนนไม่ครบทุกตัวชี้วัดในกลุ่มนี้"),
        ("lowest/XYZ", "6", "undetermined", None, None, "พิมพ์คะแนนไม่ครบทุกตัวชี้วัดในกลุ่มนี้"),
    ],
)
def test_rankings(node, value, verdict, recomputed, likely, explanation):
    check = one(printed(TEN | PARTS | {node: value}), node)
    assert (check.verdict, check.recomputed, check.likely, check.explanation) == (
        verdict,
        recomputed,
        likely,
        explanation,
    )
    scope = node.partition("/")[2]
    assert check.rule == "เรียงคะแนนตัวชี้วัด" + (f"ใน {scope}" if scope not in ("all", "") else "")


def test_an_incomplete_set_is_not_ranked():
    values = {k: v for k, v in TEN.items() if k != "4"}
    assert one(printed(values | {"highest/all": "9"}), "highest/all").verdict == "undetermined"
    assert one(printed(values | {"highest/OIT": "9"}), "highest/OIT").verdict == "reproduced"


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("at_target", range(3))
def test_counts_at_the_target_of_every_year(year, at_target):
    """Ten indicators: three below the target by a unit, so many exactly at it, the others above."""
    framework = YEARS[year]
    places, target = framework.rules.rounding.places, framework.rules.target.points
    unit = Fraction(1, 10**places)
    scores = [target - unit] * 3 + [Fraction(target)] * at_target
    scores += [target + unit] * (len(framework.indicators) - len(scores))
    values = {i: str(half_up(s, places)) for i, s in zip(framework.indicators, scores, strict=True)}
    for subject, right in (("strengths", len(scores) - 3), ("below", 3)):
        for said in (right, right + 1, len(scores) - right):
            node = f"count/{subject}"
            check = one(printed(values | {node: str(said)}, framework.fiscal_year), node, framework.fiscal_year)
            is_right = said == right
            assert check.verdict == ("reproduced" if is_right else "contradicted")
            assert (check.recomputed, check.likely) == (str(right), None if is_right else str(right))
            assert check.explanation == f"นับได้ {right} ตัวชี้วัด"
            assert check.rule == f"เทียบค่าเป้าหมาย {target}"


@pytest.mark.parametrize("year", YEARS)
def test_what_is_counted_and_ranked_is_rounded_first(year):
    """An indicator just under the target that rounds up to it, from three questions; one of the year before
    likewise."""
    framework = YEARS[year]
    target, unit = framework.rules.target.points, Fraction(1, 10**framework.rules.rounding.places)
    questions = [n.id for n in framework.items_of("1")]
    almost = {q: str(target) for q in questions} | {questions[0]: str(half_up(target - unit, 2))}
    rest = {i: str(target) for i in framework.indicators if i != "1"}
    figures = printed({**almost, **rest, "count/strengths": "10", "highest/all": "1"}, framework.fiscal_year)
    assert one(figures, "count/strengths", framework.fiscal_year).verdict == "reproduced"
    assert one(figures, "highest/all", framework.fiscal_year).verdict == "reproduced"
    same = {str(n): "90.00" for n in range(1, 11)}
    items = {i.id: "90.00" for i in FRAMEWORKS[NEW].items_of("1")} | {"i1": "90.01"}
    without = {k: v for k, v in same.items() if k != "1"}
    assert one(two_years({**without, **items, "count/up": "0"}, same), "count/up").verdict == "reproduced"
    assert one(two_years({**same, "count/down": "0"}, {**without, **items}), "count/down").verdict == "reproduced"


@pytest.mark.parametrize("subject", ["strengths", "below"])
def test_an_incomplete_set_is_not_counted(subject):
    values = {k: v for k, v in TEN.items() if k != "4"}
    for number in range(11):
        check = one(printed(values | {f"count/{subject}": str(number)}), f"count/{subject}")
        assert (check.verdict, check.recomputed) == ("undetermined", None)
        assert check.explanation == "พิมพ์คะแนนไม่ครบทุกตัวชี้วัด จึงนับไม่ได้"
        assert check.rule == f"เทียบค่าเป้าหมาย {FRAMEWORKS[NEW].rules.target.points}"


@pytest.mark.parametrize(("subject", "right"), [("up", 3), ("down", 2)])
def test_counts_of_what_rose_and_fell(subject, right):
    """Three rose, two fell, by one last digit; five stayed."""
    now = {str(n): "90.00" for n in range(1, 11)}
    before = now | {"1": "89.99", "2": "89.99", "3": "10.00", "4": "90.01", "5": "95.00"}
    node = f"count/{subject}"
    for said in (2, 3, 5, 8):
        check = one(two_years(now | {node: str(said)}, before), node)
        is_right = said == right
        assert check.verdict == ("reproduced" if is_right else "contradicted")
        assert (check.recomputed, check.likely) == (str(right), None if is_right else str(right))
        assert check.rule == "ปีนี้เทียบปีก่อน"
    missing = {k: v for k, v in before.items() if k != "9"}
    assert one(two_years(now | {node: str(right)}, missing), node).verdict == "undetermined"
    missing = {k: v for k, v in now.items() if k != "9"}
    assert one(two_years(missing | {node: str(right)}, before), node).verdict == "undetermined"


def test_counts_of_changes_without_the_rules_of_the_year_before():
    now = {str(n): "90.00" for n in range(1, 11)} | {"count/up": "0"}
    checks = checked(two_years(now, {str(n): "90.00" for n in range(1, 11)}), {NEW: FRAMEWORKS[NEW]})
    assert checks[NEW, "count/up", "0"].verdict == "undetermined"


def test_last_year_is_derived_by_the_rules_of_last_year():
    """Disclosure items were grouped in another way: the same marks give another indicator in each year."""
    old, new = FRAMEWORKS[OLD], FRAMEWORKS[NEW]
    items = {i.id: "0.00" if i.id == "O1" else "100.00" for i in old.items_of("OIT")}
    scores = complete_scores(old, {n: Fraction(v) for n, v in items.items()})
    first = half_up(scores["9"], 2)
    assert first != half_up(complete_scores(new, {n: Fraction(v) for n, v in items.items()})["9"], 2)
    rest = {str(n): "90.00" for n in (1, 2, 3, 4, 5, 6, 7, 8)}
    now = rest | {"9": str(first), "10": str(half_up(scores["10"], 2)), "count/up": "0"}
    assert one(two_years(now, rest | items), "count/up").verdict == "reproduced"


# --- figures that are not judged
# ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "explanation"),
    [
        (Figure(0, "1", "90.00", "ก"), "ไม่ทราบปีงบประมาณของตัวเลขนี้ (ระบุด้วย --framework)"),
        (Figure(2599, "1", "90.00", "ก"), "ยังไม่มีหลักเกณฑ์ปี 2599 ให้คำนวณ"),
        (Figure(NEW, "1", "90.00", "ก", False, "ชื่อไม่ตรง"), "อ่านไม่แน่ใจ จึงไม่นำไปคำนวณ: ชื่อไม่ตรง"),
        (Figure(NEW, "77", "90.00", "ก"), "หลักเกณฑ์ปีนี้ไม่มีคะแนนนี้"),
        (Figure(NEW, "1", "เก้าสิบ", "ก"), "หลักเกณฑ์ปีนี้ไม่มีคะแนนนี้"),
    ],
)
def test_figures_that_are_not_judged(figure, explanation):
    (check,) = audit([figure], FRAMEWORKS)
    assert check == Check(
        fiscal_year=figure.fiscal_year,
        node=figure.node,
        printed=figure.value,
        verdict="undetermined",
        explanation=explanation,
        place="ก",
    )


def test_a_summary_counts_verdicts():
    checks = audit(printed(TEN | {"IIT": "93.00", "highest/all": "9", "lowest/all": "9"}), FRAMEWORKS)
    assert summary(checks) == {"undetermined": 10, "reproduced": 2, "contradicted": 1}


def test_figures_come_back_in_the_order_given():
    figures = printed({"5": "90.00", "1": "90.00", "level": "x", "3": "90.00"})
    assert [c.node for c in audit(figures, FRAMEWORKS)] == ["5", "1", "level", "3"]
