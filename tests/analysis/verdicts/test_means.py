"""Verdicts on figures that agree or not with the figures below them; on sentences; figures that are not judged."""

from decimal import Decimal
from fractions import Fraction

import pytest

from prongsai.analysis import Check, Figure, audit, summary
from prongsai.analysis.audit import wording_th
from tests.analysis.verdicts.printed import FRAMEWORKS, NEW, TEN, checked, marks, one, printed


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
            "เอกสารไม่ได้พิมพ์คะแนนย่อยครบทุกตัวไว้ให้คำนวณซ้ำ แต่เข้ากันได้กับ คะแนนรวม, EIT",
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
