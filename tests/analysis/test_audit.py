"""The arithmetic audit: the verdicts on five published results, and what holds for any result."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.analysis import Check, Figure, audit
from prongsai.lib.rounding import half_up
from prongsai.scoring import complete_scores
from tests.content import TRUTH

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}


def figures(year: int, values: dict[str, str]) -> list[Figure]:
    return [Figure(year, node, value, "บรรทัด 1") for node, value in values.items()]


def verdicts(found: list[Figure]) -> dict[tuple[int, str, str], Check]:
    return {(c.fiscal_year, c.node, c.printed): c for c in audit(found, FRAMEWORKS)}


def published(name: str) -> dict[tuple[int, str, str], Check]:
    return verdicts([Figure(y, n, v, "บรรทัด 1") for y, n, v in sorted(TRUTH[name])])


def test_a_total_and_its_level_from_ten_indicators():
    checks = published("lumphuek")
    assert checks[2564, "overall", "58.08"].verdict == "reproduced"
    assert checks[2564, "level", "D"].verdict == "reproduced"


def test_rounding_is_told_from_reproduced():
    checks = published("daengmo")
    reproduced = {
        ("IIT", "95.73"),
        ("EIT", "95.5"),
        ("overall", "80.9"),
        ("level", "B"),
        ("pass", "ไม่ผ่าน"),
        ("count/below", "2"),
    }
    assert all(checks[2564, n, v].verdict == "reproduced" for n, v in reproduced)
    assert checks[2564, "OIT", "58.82"].verdict == "rounding"
    assert checks[2564, "OIT", "58.82"].recomputed == "58.83"
    assert not [c for c in checks.values() if c.verdict == "contradicted"]


def test_a_total_from_sentences():
    checks = published("talingchan")
    assert (checks[2564, "overall", "65.96"].verdict, checks[2564, "level", "C"].verdict) == (
        "reproduced",
        "reproduced",
    )


def test_sub_indicator_means_and_not_the_flat_one():
    checks = published("phron")
    assert checks[2564, "9", "83.70"].verdict == "reproduced"
    assert "84.85" in checks[2564, "9", "83.70"].explanation
    assert checks[2564, "OIT", "91.85"].verdict == "reproduced"


def test_every_slip_of_one_report_is_found_and_nothing_else():
    checks = published("bangpla")
    contradicted = {(c.node, c.printed): c for c in checks.values() if c.verdict == "contradicted"}
    assert contradicted.keys() == {
        ("EIT2/6", "86.67"),
        ("EIT1/7", "98.34"),
        ("EIT2/e1", "85.00"),
        ("EIT2/e2", "85.00"),
        ("lowest/IIT", "5"),
        ("O6", "50.00"),
        ("O27", "50.00"),
    }
    assert contradicted["EIT2/6", "86.67"].likely == "96.67"
    assert contradicted["EIT1/7", "98.34"].likely == "98.38"
    assert contradicted["EIT2/e1", "85.00"].likely == contradicted["EIT2/e2", "85.00"].likely == "95.00"
    assert contradicted["lowest/IIT", "5"].recomputed == "1"
    assert contradicted["O27", "50.00"].likely == "0.00"
    assert "90.00 ถ้าข้อนี้ได้ 0" in contradicted["O27", "50.00"].explanation
    assert "เฉลี่ยตรงทั้ง 20 ข้อ" in contradicted["O6", "50.00"].explanation
    assert "4 ข้อ" in contradicted["O6", "50.00"].explanation
    for year, node, value in (
        (2568, "overall", "96.04"),
        (2567, "overall", "97.02"),
        (2568, "change/overall", "-0.98"),
        (2568, "level", "ผ่านดี"),
        (2567, "level", "ผ่านดี"),
    ):
        assert checks[year, node, value].verdict == "reproduced"
    assert checks[2568, "9", "95.00"].verdict == "undetermined"  # the grouping it needs is only inferred


def test_a_level_of_the_other_scale_is_not_of_this_year():
    (check,) = [c for c in verdicts(figures(2567, {"overall": "96.10", "level": "AA"})).values() if c.node == "level"]
    assert check.verdict == "contradicted"
    assert "ไม่มีระดับ" in check.explanation


def test_a_level_that_hangs_on_unprinted_instruments_stays_open():
    checks = verdicts(figures(2568, {"overall": "90.00", "level": "ผ่านดี"}))
    assert checks[2568, "level", "ผ่านดี"].verdict == "undetermined"
    checks = verdicts(figures(2568, {"overall": "90.00", "EIT1": "84.00", "level": "ผ่านดี"}))
    assert checks[2568, "level", "ผ่านดี"].likely == "ผ่าน"


def test_figures_that_cannot_be_used_are_undetermined_and_say_why():
    checks = audit(
        [
            Figure(2599, "1", "90.00", "x"),
            Figure(0, "1", "90.00", "x", False, "ไม่พบปี"),
            Figure(2564, "1", "90.00", "x", False, "ชื่อไม่ตรง"),
        ],
        FRAMEWORKS,
    )
    assert [c.verdict for c in checks] == ["undetermined"] * 3
    assert "ไม่มีหลักเกณฑ์ปี 2599" in checks[0].explanation
    assert "ชื่อไม่ตรง" in checks[2].explanation


def test_nothing_printed_nothing_said():
    assert audit([], FRAMEWORKS) == []


# --- what holds for any result
# ------------------------------------------------------------------------------------------


@st.composite
def honest_results(draw: st.DrawFn) -> tuple[int, dict[str, str], dict[str, Fraction]]:
    """A year, scores as its rules give them printed at two places (some left out), and the truth behind them."""
    year = draw(st.sampled_from([2564, 2566, 2568]))
    framework = FRAMEWORKS[year]
    truth: dict[str, Fraction] = {}
    for node in framework.nodes.values():
        if node.kind == "item":
            if node.instrument == "OIT":
                truth[node.id] = Fraction(draw(st.sampled_from([0, 100, 100, 100])))
            else:
                truth[node.id] = Fraction(draw(st.integers(5000, 10_000)), 100) - Fraction(draw(st.integers(0, 6)), 700)
    truth = complete_scores(framework, truth)
    printed = {
        n: str(half_up(v, 2))
        for n, v in truth.items()
        if draw(st.integers(0, 9)) < (4 if framework.nodes[n].kind == "item" else 8)
    }
    return year, printed, truth


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(honest_results())
def test_an_honest_report_is_never_contradicted(result):
    year, printed, truth = result
    for check in audit(figures(year, printed), FRAMEWORKS):
        assert check.verdict != "contradicted", check
        low, high = map(Decimal, check.interval)
        assert low - Decimal("0.0001") <= half_up(truth[check.node], 6) <= high + Decimal("0.0001"), check


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(honest_results(), st.data())
def test_a_slip_in_a_full_report_is_found_and_put_right(result, data):
    """All ten indicators, the instruments and the total printed; one of the indicators slips in its first digit."""
    year, _, truth = result
    framework = FRAMEWORKS[year]
    nodes = [
        n.id for n in framework.nodes.values() if n.kind in ("overall", "instrument", "indicator", "part_indicator")
    ]
    printed = {n: str(half_up(truth[n], 2)) for n in nodes}
    slip = data.draw(
        st.sampled_from([n for n in nodes if framework.nodes[n].kind == "indicator" and n not in ("6", "7", "8")])
    )
    right = printed[slip]
    assume(len(right) == 5)
    wrong = data.draw(st.sampled_from([d for d in "123456789" if d != right[0]])) + right[1:]
    checks = {c.node: c for c in audit(figures(year, printed | {slip: wrong}), FRAMEWORKS)}
    accused = {n for n, c in checks.items() if c.verdict == "contradicted"}
    # either the figure itself, or, where a sibling could as well be wrong, the mean that the siblings do not give
    assert accused in ({slip}, set(framework.parents[slip])), accused
    for node in (slip, *framework.parents[slip]):
        low, high = map(Decimal, checks[node].interval)
        assert low - Decimal("0.0001") <= half_up(truth[node], 6) <= high + Decimal("0.0001")
    if checks[slip].likely is not None:
        assert abs(Decimal(checks[slip].likely) - Decimal(right)) <= Decimal("0.05")


def test_where_any_of_several_may_be_wrong_none_is_accused():
    printed = {"1": "80.00", "2": "80.00", "3": "80.00", "4": "80.00", "5": "70.00", "IIT": "80.00"}
    checks = {c.node: c for c in audit(figures(2568, printed), FRAMEWORKS)}
    assert checks["IIT"].verdict == "contradicted"
    assert checks["IIT"].recomputed == "78.00"
    assert "ชี้ไม่ได้ว่าตัวใด" in checks["IIT"].explanation
    assert {checks[n].verdict for n in "12345"} == {"undetermined"}
    assert all(c.likely is None for c in checks.values())


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ("+0.39", "reproduced"),
        ("0.39", "reproduced"),
        ("+0.40", "rounding"),
        ("-0.39", "contradicted"),
        ("+1.39", "contradicted"),
    ],
)
def test_changes(change, verdict):
    found = figures(2568, {"1": "98.67", "change/1": change}) + figures(2567, {"1": "98.28"})
    assert verdicts(found)[2568, "change/1", change].verdict == verdict


def test_a_trimmed_zero_is_no_slip():
    checks = verdicts(figures(2564, {"9": "73.90", "10": "43.80", "OIT": "58.9"}))
    assert checks[2564, "OIT", "58.9"].verdict == "reproduced"  # 58.85 at one place
    checks = verdicts(figures(2564, {"9": "90.00", "10": "71.80", "OIT": "80.9"}))
    assert checks[2564, "OIT", "80.9"].verdict == "reproduced"
