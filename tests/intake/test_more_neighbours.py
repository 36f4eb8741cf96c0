"""Neighbours of what the eleventh set of documents showed to be read wrongly: such layouts in other words, of other
agencies and years."""

import pytest

from prongsai.intake import figures_of
from tests.intake.reading import FRAMEWORKS, rows

TOWN = "เทศบาลตำบลบ้านสมมุติ"


def title(year: int) -> str:
    return f"ผลการประเมินคุณธรรมและความโปร่งใส (ITA) ประจำปีงบประมาณ พ.ศ. {year}"


def total(year: int, value: str) -> tuple[int, str, str]:
    return year, "overall", value


def read(lines):
    """Sure scores and changes of all agencies."""
    readings = figures_of(rows(tuple(lines)), FRAMEWORKS)
    return {
        (f.fiscal_year, f.node, f.value)
        for r in readings
        for f in r.figures
        if f.sure and f.kind in ("score", "change")
    }


WEIGHTS = [
    [title(2567), TOWN, "เครื่องมือ ได้แก่ IIT (ร้อยละ 30) EIT ส่วนที่ 1 (ร้อยละ 15) EIT ส่วนที่ 2 (ร้อยละ 15) และ OIT (ร้อยละ 40)"],
    [title(2568), TOWN, "คะแนนรวม = 30% IIT + 15% EIT1 + 15% EIT2 + 40% OIT"],
    [title(2568), TOWN, "3 เครื่องมือ 10 ตัวชี้วัด 28 ข้อ แบ่งเป็น IIT น้ำหนัก 30 EIT น้ำหนัก 30 OIT น้ำหนัก 40"],
    [title(2566), TOWN, "10 ตัวชี้วัด 3 เครื่องมือ : IIT 30% / EIT 30% (Part 1 15% + Part 2 15%) / OIT 40%"],
]


@pytest.mark.parametrize("lines", WEIGHTS)
def test_weights_are_no_scores(lines):
    assert read(lines) == set()


@pytest.mark.parametrize(
    ("head", "names"),
    [
        (["หน่วยงาน", "ITA", "IIT", "EIT (1)", "EIT (2)", "OIT"], ("EIT1", "EIT2")),
        (["หน่วยงาน", "ITA", "IIT", "EIT [1]", "EIT [2]", "OIT"], ("EIT1", "EIT2")),
        (["หน่วยงาน", "ITA", "IIT", "EIT-1", "EIT-2", "OIT"], ("EIT1", "EIT2")),
    ],
)
def test_a_digit_in_brackets_numbers_a_part(head, names):
    row = ["กรมสมมุติการค้า", "87.88", "90.37", "86.23", "83.84", "88.15"]
    assert {(2567, names[0], "86.23"), (2567, names[1], "83.84")} <= read([title(2567), head, row])


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        ([title(2568), TOWN, "93.10 คะแนน", "ระดับ ผ่านดี"], {total(2568, "93.10")}),
        (["ITA 2568", TOWN, "ผลคะแนนปี 2568", "93.10", "ระดับผ่านดี"], {total(2568, "93.10")}),
        (["ผลปี 2566", TOWN, "ITA", "88.15", "ผ่าน"], {total(2566, "88.15")}),
    ],
)
def test_a_number_above_its_level_is_the_total(lines, right):
    assert read(lines) == right


NOW = (total(2567, "91.67"), [title(2567), TOWN, "คะแนนรวม 91.67 คะแนน"])


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("(ปีที่ผ่านมา 2566 ได้ 86.01)", set()),
        ("ปี 66 = 86.01 ผ่าน", set()),
        ("เมื่อปีก่อน (ปี 2566) เราได้ 86.01 คะแนน", set()),
        ("เทียบกับปี 2566 ที่ได้ 86.01 คะแนน", set()),
        ("ผลปี 2566 : คะแนนรวม 86.01 คะแนน (OIT ได้ 80.10)", {(2566, "OIT", "80.10")}),
        ("เทียบปี 2566 – คะแนนรวม 86.01 IIT 80.10", {(2566, "IIT", "80.10")}),
    ],
)
def test_another_year_after_the_total(line, more):
    here, lines = NOW
    assert read([*lines, line]) == {here, total(2566, "86.01"), *more}


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (
            ["ที่ นม 0023/112", TOWN, "25 สิงหาคม 2568", "เรื่อง แจ้งผลการประเมิน ITA", "เทศบาลได้รับคะแนน 93.10 คะแนน",
             "และจะดำเนินการในปีงบประมาณ พ.ศ. 2569 ให้ดีขึ้น"],
            {total(2568, "93.10")},
        ),
        (
            [f"รายงานการประชุมสภา{TOWN}", "วันที่ 14 สิงหาคม พ.ศ. 2567", "นายก : ผล ITA ปีนี้เทศบาลได้ 93.10 คะแนน",
             "ในเทศบัญญัติปี 2568 ตั้งไว้ 20,000 บาท"],
            {total(2567, "93.10")},
        ),
        (
            [TOWN, "3 กันยายน 2566", "เรื่อง ขอบคุณผู้ตอบแบบวัด", "ป.ป.ช. ประกาศผล ITA แล้ว เทศบาลได้คะแนน 93.10 คะแนน",
             "ปีงบประมาณ พ.ศ. 2567 ตั้งเป้าหมายไว้ 95 คะแนน"],
            {total(2566, "93.10")},
        ),
    ],
)  # fmt: skip
def test_the_date_of_a_letter_says_the_year_before_a_plan_does(lines, right):
    assert read(lines) == right


@pytest.mark.parametrize(
    "line",
    [
        "IIT มีบุคลากรตอบแบบ 45 คน จาก 50 คน คะแนน 92.10 และ EIT ส่วนที่ 1 มีผู้ตอบ 301 ราย ได้คะแนนเฉลี่ย 88.20 คะแนน",
        "แบบวัด IIT (ผู้ตอบ 45 คน) ได้ 92.10 และ EIT ส่วนที่ 1 (ผู้ตอบ 102 คน) ได้ 88.20",
        "IIT คนในตอบ 62 คน ได้ 92.10 EIT ส่วนที่ 1 ประชาชนตอบ 187 คน ได้ 88.20 คะแนน",
    ],
)
def test_how_many_answered_before_the_score(line):
    assert read([title(2568), TOWN, line]) == {(2568, "IIT", "92.10"), (2568, "EIT1", "88.20")}


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("* O11 ข้อมูลสถิติการให้บริการ (0 คะแนน)", (2568, "O11", "0")),
        ("- O6 แผนและความก้าวหน้าในการดำเนินงานและการใช้งบประมาณประจำปี ได้ 0 คะแนน เพราะไม่ครบ", (2568, "O6", "0")),
        ("ข้อ O9 การเปิดเผยข้อมูลการประเมิน รอบ 6 เดือน ได้คะแนน 100", (2568, "O9", "100")),
    ],
)
def test_the_title_of_an_item_names_no_indicator(line, right):
    assert read([title(2568), TOWN, line]) == {right}


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (
            ["O1 : โครงสร้าง  100", "O2 : ผู้บริหาร  100", "O3 : อำนาจหน้าที่  0"],
            {(2568, "O1", "100"), (2568, "O2", "100"), (2568, "O3", "0")},
        ),
        (
            ["O1. โครงสร้าง ........ 100 คะแนน", "O2. ผู้บริหาร ........ 0 คะแนน", "O3. Q&A ........ 100 คะแนน"],
            {(2568, "O1", "100"), (2568, "O2", "0"), (2568, "O3", "100")},
        ),
        (
            ["- การใช้อำนาจ = 95.20", "- การใช้งบประมาณ = 91.10", "- การเปิดเผยข้อมูล = 100", "- การป้องกันการทุจริต = 75"],
            {(2568, "3", "95.20"), (2568, "2", "91.10"), (2568, "9", "100"), (2568, "10", "75")},
        ),
        (["สารบัญ", "O1 โครงสร้าง 1", "O2 ผู้บริหาร 2", "O3 อำนาจหน้าที่ 3"], set()),
    ],
)
def test_whole_numbers_in_lists(lines, right):
    assert read([title(2568), TOWN, *lines]) == right


PARTS = {(2568, "EIT1", "95.59"), (2568, "EIT2", "96.49")}


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("ส่วน EIT ทั้ง 2 ส่วน ได้ 95.59 และ 96.49 คะแนน ตามลำดับ", PARTS),
        ("EIT สองส่วน 95.59 กับ 96.49 และ OIT 90.00", PARTS | {(2568, "OIT", "90.00")}),
        ("EIT ส่วนที่ 1 และส่วนที่ 2 ได้ 95.59 และ 96.49 ตามลำดับ", PARTS),
        ("EIT ส่วนที่ 1 และ 2 ได้ 95.59 และ 96.49", PARTS),
        ("EIT ทั้งสองส่วน จากผู้ตอบแบบวัดทางออนไลน์ในปีนี้ ได้ 95.59 และ 96.49", set()),  # which part is which?
        ("EIT มี 96.49 และ 95.59 ตามลำดับ", set()),  # of what, nobody knows
        ("ปี 2567 และปี 2568 ได้คะแนนรวม 90.10 และ 92.20 ตามลำดับ", {total(2567, "90.10"), total(2568, "92.20")}),
        ("IIT ปี 2566 – 2568 ได้ 88.10 90.10 และ 92.20", {(y, "IIT", v) for y, v in zip(
            (2566, 2567, 2568), ("88.10", "90.10", "92.20"), strict=True)}),
    ],
)  # fmt: skip
def test_numbers_in_turn(line, right):
    assert read([title(2568), TOWN, line]) == right


@pytest.mark.parametrize("name", ["คะแนนรวมเฉลี่ย", "คะแนนเฉลี่ยรวม", "รวม"])
def test_a_mean_under_all_indicators_is_the_total(name):
    table = (["ตัวชี้วัด", "ปี 2566"], ["การใช้อำนาจ", "91.10"], ["การเปิดเผยข้อมูล", "95.10"], [name, "92.28"])
    assert read([f"คะแนน ITA {TOWN}", *table]) == {
        (2566, "3", "91.10"),
        (2566, "9", "95.10"),
        total(2566, "92.28"),
    }


@pytest.mark.parametrize(
    ("lines", "right"),
    [
        (
            [title(2566), TOWN, ["รายการ", "เป้าหมาย", "คะแนน"], ["รวมคะแนน", "94.00", "93.73"],
             ["คะแนนรวมปี 2565", "", "92.36"]],
            {total(2566, "93.73"), total(2565, "92.36")},
        ),
        ([title(2566), TOWN, ["รายการ", "คะแนน"], ["IIT ปี 2566", "92.78"], ["IIT ปี 2565", "90.10"]],
         {(2566, "IIT", "92.78"), (2565, "IIT", "90.10")}),
        (["แผนพัฒนา", TOWN, "ตัวชี้วัดที่ 5 ผลการประเมิน ITA", ["ผลปี 2565", ":", "90.10"], ["ผลปี 2566", ":", "92.78"],
          ["เป้าหมายปี 2567", ":", "95.00"]], {total(2565, "90.10"), total(2566, "92.78")}),
        ([title(2566), TOWN, ["เครื่องมือ", "คะแนน", "ปีก่อน"], ["IIT", "92.78", "90.10"]],
         {(2566, "IIT", "92.78"), (2565, "IIT", "90.10")}),
    ],
)  # fmt: skip
def test_rows_of_another_year(lines, right):
    assert read(lines) == right


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("ได้คะแนนรวม 90.95 คะแนน เพิ่มขึ้น 1.87 คะแนน หรือคิดเป็นร้อยละ 2.1", {(2566, "change/overall", "+1.87")}),
        ("ได้คะแนนรวม 90.95 คะแนน ลดลง 1.87 คะแนน (ร้อยละ 2.01)", {(2566, "change/overall", "-1.87")}),
        ("ได้คะแนนรวม 90.95 คะแนน เพิ่มขึ้นจากปี 2565 (89.08 คะแนน) 1.87 คะแนน คิดเป็นร้อยละ 2.10", {total(2565, "89.08")}),
    ],
)
def test_how_large_a_rise_is_in_per_cent_is_no_score(line, right):
    assert read([title(2566), TOWN, line]) == {total(2566, "90.95"), *right}


def by_agency(lines):
    return {
        r.agency: {(f.node, f.value) for f in r.figures if f.sure and f.kind == "score"}
        for r in figures_of(rows(tuple(lines)), FRAMEWORKS)
    }


@pytest.mark.parametrize(
    "lines",
    [
        ["ท่าสมมุติ - IIT 92.98 OIT 97.50", "นาสมมุติ - IIT 95.84 OIT 100 เต็ม"],
        ["ท่าสมมุติ : IIT ได้ 92.98, OIT ได้ 97.50 คะแนน", "นาสมมุติ : IIT ได้ 95.84, OIT ได้ 100 คะแนน"],
        ["รายเครื่องมือ ท่าสมมุติได้ IIT 92.98 OIT 97.50", "ส่วนนาสมมุติได้ IIT 95.84 OIT 100 คะแนน"],
    ],
)
def test_agencies_called_without_their_kind(lines):
    opening = "ผล ITA ปี 2568 เทศบาลเมืองท่าสมมุติ ได้ 93.99 คะแนน ส่วนเทศบาลเมืองนาสมมุติ ได้ตั้ง 94.97 คะแนน"
    assert by_agency([opening, *lines]) == {
        "เทศบาลเมืองท่าสมมุติ": {("overall", "93.99"), ("IIT", "92.98"), ("OIT", "97.50")},
        "เทศบาลเมืองนาสมมุติ": {("overall", "94.97"), ("IIT", "95.84"), ("OIT", "100")},
    }


def test_a_name_that_two_agencies_or_a_place_share_is_nobodys():
    lines = ["ผล ITA ปี 2568 เทศบาลเมืองท่าสมมุติ ได้ 93.99 คะแนน อบต.ท่าสมมุติ ได้ 94.97 คะแนน", "ท่าสมมุติ : IIT 92.98"]
    assert ("IIT", "92.98") not in by_agency(lines).get("อบต.ท่าสมมุติ", set())


@pytest.mark.parametrize(
    "lines",
    [
        ["93.00", "คะแนนเฉลี่ยรวม ปี 2568", "ระดับ ผ่าน", "92.95", "IIT", "ผู้ตอบ 31 คน", "97.50", "OIT", "27/28 ข้อ"],
        ["คะแนนรวม", "93.00", "ผ่าน", "IIT", "31 คน", "92.95", "OIT", "27 จาก 28 ข้อ", "97.50"],
        ["93.00", "คะแนนรวม ปี 2568", "92.95", "IIT", "บุคลากร 31 คน", "97.50", "OIT"],
    ],
)
def test_cards(lines):
    assert read([f"ITA 2568 {TOWN}", *lines]) == {total(2568, "93.00"), (2568, "IIT", "92.95"), (2568, "OIT", "97.50")}


@pytest.mark.parametrize("aim", ["เป้าปี 2567", "ค่าเป้าหมาย ปี 2567", "คาดหวังปี 2567"])
def test_aims_are_no_scores(aim):
    table = (["ตัวชี้วัด", "ผลปี 2566", aim], ["การใช้อำนาจ", "91.10", "95.00"])
    assert read([f"มาตรการยกระดับ ITA {TOWN}", *table]) == {(2566, "3", "91.10")}


@pytest.mark.parametrize(
    "line", ["เราได้ 91.67 คะแนน", "เทศบาลของเราทำคะแนนได้ 91.67 คะแนน", "ปีนี้เทศบาลได้คะแนน 91.67 คะแนน"]
)
def test_an_agency_says_we(line):
    assert read([title(2567), TOWN, line]) == {total(2567, "91.67")}


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("OIT ได้ 97.50 คะแนน ปีที่แล้วเทศบาลได้ 88.20 คะแนน", {(2567, "OIT", "97.50")}),
        ("IIT 92.10 และ OIT ได้ 97.50 คะแนน ปี 2566 เราได้ 88.20 คะแนน", {(2567, "IIT", "92.10"), (2567, "OIT", "97.50")}),
        (
            "ได้คะแนนรวม 93.10 คะแนน OIT 97.50 คะแนน ในขณะที่ปี 2566 ได้ 88.20 คะแนน",
            {total(2567, "93.10"), (2567, "OIT", "97.50")},
        ),
    ],
)
def test_what_is_said_of_the_agency_after_a_node_is_not_the_nodes(line, right):
    found = read([title(2567), TOWN, line])
    assert right <= found
    assert (2566, "OIT", "88.20") not in found


def test_a_level_is_of_the_year_of_the_score_before_it():
    head = ["ลำดับ", "ชื่อ อปท.", "คะแนน ITA", "ระดับ", "คะแนนปี 2566"]
    table = (head, ["1", "อบต.ท่าสมมุติ", "96.11", "ผ่านดีเยี่ยม", "83.88"], ["2", "อบต.นาสมมุติ", "86.36", "ผ่าน", "81.83"])
    readings = figures_of(rows((f"{title(2567)} อำเภอสมมุติ", *table)), FRAMEWORKS)
    levels = {(r.agency, f.fiscal_year, f.value) for r in readings for f in r.figures if f.kind == "level"}
    assert levels == {("อบต.ท่าสมมุติ", 2567, "ผ่านดีเยี่ยม"), ("อบต.นาสมมุติ", 2567, "ผ่าน")}


@pytest.mark.parametrize("head", ["ประเมินตนเอง", "ผลประเมินตนเอง (คะแนน)", "self-assessment"])
def test_what_an_agency_gives_itself_is_no_score(head):
    assert read([f"{TOWN} ITA 2567", ["เครื่องมือ", head, "ผลจริง"], ["IIT", "95.00", "83.03"]]) == {(2567, "IIT", "83.03")}
