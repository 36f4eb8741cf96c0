"""Verdicts on scores printed in several places, and on printed changes from the year before."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from prongsai.analysis import Figure, audit
from prongsai.analysis.audit import constraints
from prongsai.analysis.audit.claims import Claims
from prongsai.analysis.audit.diagnosis import diagnose
from tests.analysis.verdicts.printed import FRAMEWORKS, NEW, OLD, checked, one, printed, two_years


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
    two = {year: FRAMEWORKS[year] for year in (OLD, NEW)}
    earlier = Figure(OLD, "change/1", "+1.00", "ก")  # from a year without rules: it says nothing, and stops nothing
    assert checked([earlier, *two_years({**now, "change/5": "0.00"}, before)], two)[NEW, "5", "70.00"].likely == "80.00"


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
