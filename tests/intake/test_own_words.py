"""Figures in own words are compared with the result; where one may be something else nothing is said."""

from fractions import Fraction

import pytest

from prongsai.intake.own_words import KnownResult, find_differences
from tests.years import YEARS

NOW, BEFORE = YEARS["2568"], YEARS["2567"]
SCORES = {"overall": Fraction("87.556"), "9": Fraction("66.67"), "2": Fraction(97), "IIT": Fraction("90.5"), "O1": 0}
RESULT = KnownResult(NOW, {node: Fraction(score) for node, score in SCORES.items()})
AGENCY = "องค์การบริหารส่วนตำบลบ้านทดสอบ"
NAME = NOW.nodes["9"].label.th


def said(text, *results):
    return [(d.node, d.written) for d in find_differences(text, results or (RESULT,), AGENCY)]


@pytest.mark.parametrize(
    ("text", "node"),
    [
        (f"ตัวชี้วัดที่ 9 {NAME} ได้คะแนน 99.99 คะแนน", "9"),
        (f"ตัวชี้วัดที่ 9 {NAME} ได้ร้อยละ 99.99", "9"),
        (f"ตัวชี้วัดที่ ๙ {NAME} ได้ร้อยละ ๙๙.๙๙ จึงเร่งแก้ไข", "9"),
        ("ผลการประเมินในภาพรวมร้อยละ 99.99", "overall"),
        ("คะแนน ITA ได้ 99.99", "overall"),
        ("แบบ IIT ได้ร้อยละ 99.99", "IIT"),
        ("การใช้งบประมาณได้คะแนน 99.99", "2"),
        ("ข้อ O1 ได้ 99.99 คะแนน", "O1"),
        ("ผลการประเมินประจำปีงบประมาณ พ.ศ. 2568 ได้คะแนนรวม 99.99 คะแนน", "overall"),
    ],
)
def test_a_score_that_differs_is_named_with_the_right_one(text, node):
    (difference,) = find_differences(text, [RESULT], AGENCY)
    assert (difference.node, difference.written) == (node, "99.99")
    assert "99.99" in str(difference)
    assert difference.known[0][1] in str(difference)


@pytest.mark.parametrize(
    "text",
    [
        f"ตัวชี้วัดที่ 9 {NAME} ได้คะแนน 66.67 คะแนน",
        f"ตัวชี้วัดที่ 9 {NAME} ได้ร้อยละ 67",
        "ผลการประเมินในภาพรวมร้อยละ 87.56",
        "ผลการประเมินในภาพรวม 87.6 คะแนน",
    ],
)
def test_what_the_result_says_is_right_with_fewer_decimals_too(text):
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"เป้าหมายคะแนน{NAME} 95.00 คะแนน",
        f"ยกระดับ{NAME}ให้ได้ 95.00 คะแนน",
        f"ตัวชี้วัดที่ 9 {NAME} ไม่น้อยกว่าร้อยละ 95.00",
        "ผลการประเมินในภาพรวมได้ 85 คะแนน",  # the target
        "ผลการประเมินปี 2566 ได้คะแนนรวม 80.11 คะแนน",  # a year without a result
        "ผลการประเมินปีที่แล้วได้ 70.00 คะแนน",
        "การใช้งบประมาณ เบิกจ่ายได้ร้อยละ 92.10",
        "ใช้จ่ายงบประมาณแล้วร้อยละ 45.50",
        "บุคลากรร้อยละ 80 ของทั้งหมดเข้าใจการใช้งบประมาณ",
        "คุณภาพการดำเนินงาน มีผู้ตอบแบบสอบถามร้อยละ 80.00",
        "ตัวชี้วัดที่ 9 เพิ่มขึ้น 5.00 คะแนน",
        "เทศบาลตำบลเมืองอื่น ได้ผลการประเมินในภาพรวม 99.99 คะแนน",
        "ค่าเฉลี่ยของประเทศ ผลการประเมินในภาพรวม 91.20 คะแนน",
        "จัดอบรม 12 ครั้ง ใช้งบประมาณ 20,000.00 บาท",
        "หากปรับปรุงครบจะได้คะแนนรวม 95.00 คะแนน",
    ],
)
def test_where_it_may_be_something_else_nothing_is_said(text):
    assert said(text) == []


def test_a_level_in_words():
    best, *others = [band.id for band in NOW.rules.bands]
    full = KnownResult(NOW, {"overall": Fraction("99"), **{i: Fraction(99) for i in NOW.instruments}})
    assert said(f"ได้รับผลการประเมินอยู่ในระดับ{best}", full) == []
    assert said(f"ได้รับผลการประเมินอยู่ในระดับ{others[-1]}", full) == [("level", others[-1])]
    assert said(f"ยกระดับผลการประเมินให้อยู่ในระดับ{others[-1]}", full) == []


def test_a_level_of_the_rules_of_another_year_is_passed_over():
    """Levels were letters once: who writes one beside a year without letters speaks of something else."""
    letters = YEARS["2564"]
    now, then = (
        KnownResult(y, {"overall": Fraction(99), **dict.fromkeys(y.instruments, Fraction(99))}) for y in (NOW, letters)
    )
    assert "C" not in NOW.bands
    for results in ((now, then), (then, now)):
        assert said("ผลการประเมินปีงบประมาณ พ.ศ. 2568 อยู่ในระดับ C", *results) == []
        assert said("ผลการประเมินปีงบประมาณ พ.ศ. 2564 อยู่ในระดับ C", *results) == [("level", "C")]
        assert said("ได้รับผลการประเมินอยู่ในระดับ C", *results) == [("level", "C")]


def test_a_bare_number_beside_a_name_is_no_score():
    assert said("แบบ IIT ได้ร้อยละ 50") == [("IIT", "50")]
    assert said("IIT = 50") == []


def test_without_a_year_it_may_be_of_any_known_result():
    before = KnownResult(BEFORE, {"overall": Fraction("80.25")})
    assert said("ผลการประเมินในภาพรวม 80.25 คะแนน", RESULT, before) == []
    assert said("ผลการประเมินในภาพรวม 81.25 คะแนน", RESULT, before) == [("overall", "81.25")]
    assert said("ผลการประเมินปี 2568 ในภาพรวม 80.25 คะแนน", RESULT, before) == [("overall", "80.25")]


def test_without_a_result_nothing_is_said():
    assert find_differences("ผลการประเมินในภาพรวม 80.25 คะแนน", [KnownResult(NOW, {})], AGENCY) == []


@pytest.mark.parametrize(
    ("start", "is_own"),
    [
        ("อบต. ", True),
        ("อบต.", True),
        ("อบต.บ้านทดสอบ ", True),
        ("อบต. บ้านทดสอบ ", True),
        ("อบต.บ้านอื่น ", False),
        ("ทต.บ้านทดสอบ ", False),
        ("ทต.", False),
    ],
)
def test_an_agency_is_known_by_the_short_name_that_its_people_write(start, is_own):
    assert said(f"{start}ได้คะแนนรวม 99.99 คะแนน เห็นควรเสนอ") == ([("overall", "99.99")] if is_own else [])
