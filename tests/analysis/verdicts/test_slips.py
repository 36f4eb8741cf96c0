"""What a wrong figure most likely was, and which of several figures is wrong."""

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest

from prongsai.analysis import Figure
from prongsai.analysis.audit.claims import Claims
from prongsai.analysis.audit.diagnosis import _find_likely_value, find_digit_slips
from tests.analysis.verdicts.printed import FRAMEWORKS, NEW, checked, one, printed
from tests.years import changed


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
        ("96.66", "96.6650001", False),  # no more than a hair of it
        ("96.66", "96.6650002", True),
    ],
)
def test_the_interval_must_hold_more_than_a_point_of_what_rounds_to_it(low, high, is_possible):
    assert ("96.67" in slips("86.67", low, high)) == is_possible


def test_an_interval_that_is_a_tie_has_no_likely_value():
    """What remains lies between two printed values, and more than a point of neither."""
    tie = Fraction("96.665")
    claims = SimpleNamespace(frameworks=FRAMEWORKS, is_mark=lambda key: False)
    diagnosis = SimpleNamespace(
        claims=claims, interval=lambda key: (tie - Fraction(1, 10**9), tie + Fraction(1, 10**9))
    )
    assert _find_likely_value(diagnosis, (NEW, "1"), observation("12.34")) is None


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
    assert (check.is_in_conflict, above.is_in_conflict) == (False, True)
    assert one(printed(values, 2564), "IIT", 2564).is_in_conflict is False


def test_a_mean_of_two_surveys_is_bound_by_the_total_that_it_is_part_of():
    """Neither part is printed: by one part at a time it could be anything from 86.62 up."""
    framework = FRAMEWORKS[NEW]
    basis = replace(framework.rules.rounding.basis, standing="documented")
    sure = changed(framework, composites=tuple(replace(c, basis=basis) for c in framework.rules.composites))
    figures = printed({"IIT": "90.00", "EIT": "80.00", "OIT": "100.00", "overall": "95.00"})
    check = checked(figures, {NEW: sure})[NEW, "EIT", "80.00"]
    assert check.verdict == "contradicted"
    assert check.explanation == "ตัวเลขอื่นในเอกสารเหลือให้เป็นได้เพียง 93.31 ถึง 93.36"


def test_above_a_convicted_figure_nothing_is_computed_though_another_part_is_not_printed():
    values = {f"9.{n}": "100.00" for n in range(1, 5)} | {"9": "12.34", "OIT": "90.00"}
    assert one(printed(values), "9").verdict == "contradicted"
    above = one(printed(values), "OIT")
    assert (above.verdict, above.recomputed, above.is_in_conflict) == ("undetermined", None, True)
    assert above.explanation == "ตัวเลขย่อยบางตัวขัดกับตัวอื่น จึงคำนวณซ้ำไม่ได้"


def test_a_total_of_suspect_parts_that_are_not_all_printed_is_not_accused():
    """Of five parts two are printed, and 20 is less than they alone give: any of the three may be wrong."""
    checks = {c.node: c for c in checked(printed({"IIT": "20.00", "1": "80.00", "2": "80.00"})).values()}
    assert {(c.verdict, c.recomputed, c.likely, c.is_in_conflict) for c in checks.values()} == {
        ("undetermined", None, None, True)
    }


def test_a_convicted_total_of_which_nothing_better_is_known():
    """The parts give one value, the level above leaves an interval of several others."""
    values = {"9": "90.00", "10": "90.00", "OIT": "70.00", "IIT": "90.00", "EIT": "90.00", "overall": "90.00"}
    check = one(printed(values, 2564), "OIT", 2564)
    assert check.verdict == "contradicted"
    assert check.recomputed == "90.00"
    assert check.likely == "90.00"


def suspicious(**others: str) -> dict[str, str]:
    return {"1": "80.00", "2": "80.00", "3": "80.00", "4": "80.00", "5": "70.00", "IIT": "80.00"} | {
        k.lstrip("_"): v for k, v in others.items()
    }


def test_where_any_of_several_parts_may_be_wrong_their_mean_is_contradicted():
    check = one(printed(suspicious()), "IIT")
    assert (check.verdict, check.recomputed, check.likely) == ("contradicted", "78.00", None)
    assert check.interval == ("79.9950", "80.0050")
    assert check.explanation == (
        "ตัวเลขย่อยให้ 78.00 จึงถูกพร้อมกันทุกตัวไม่ได้ ที่น่าสงสัยคือ ตัวชี้วัด 1, ตัวชี้วัด 2, ตัวชี้วัด 3, ตัวชี้วัด 4, ตัวชี้วัด 5 "
        "แต่ตัวเลขที่พิมพ์ไว้ชี้ไม่ได้ว่าตัวใด"
    )
    part = one(printed(suspicious()), "5")
    assert part.rule == "ค่าเฉลี่ยของข้อ i13–i15"
    assert (part.verdict, part.interval) == ("undetermined", ("0.0000", "100.0000"))
    assert part.is_in_conflict
    assert part.explanation == "อาจเป็นตัวที่ทำให้ผลรวมไม่ตรง แต่ตัวเลขอื่นชี้ไม่ได้ว่าเป็นตัวนี้หรือตัวข้างเคียง"


@pytest.mark.parametrize(("total", "verdict"), [("78.010", "undetermined"), ("78.011", "contradicted")])
def test_a_hundredth_is_forgiven_however_many_decimals_are_printed(total, verdict):
    assert one(printed(suspicious(IIT=total)), "IIT").verdict == verdict


@pytest.mark.parametrize(("total", "verdict"), [("58.84", "contradicted"), ("58.81", "undetermined")])
def test_a_mean_within_its_last_digit_of_its_suspect_parts_is_not_accused(total, verdict):
    """58.825 is 0.015 from both. Under 58.81 a part is convicted; where it is not, the last digit is forgiven."""
    values = {"9": "73.90", "10": "43.75", "OIT": total}
    assert one(printed(values, 2564), "OIT", 2564).verdict == verdict
