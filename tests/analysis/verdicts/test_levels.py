"""Verdicts on levels, passing, rankings and counts."""

from fractions import Fraction

import pytest

from prongsai.analysis import Figure
from prongsai.framework import Framework
from prongsai.lib.rounding import half_up
from prongsai.scoring import complete_scores
from tests.analysis.verdicts.printed import FRAMEWORKS, NEW, OLD, TEN, checked, one, printed, two_years
from tests.years import YEARS


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
