"""What stands beside scores in the pages and reports of offices and is none, and names that only a list knows whole."""

import pytest

from prongsai.intake import figures_of, gazetteer
from prongsai.intake.agencies import agencies, family_of, is_same
from prongsai.lib import thai
from tests.intake.reading import FRAMEWORKS, found, rows

TITLE = "เทศบาลเมืองดอนหมู ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2566"


def agency_of(*lines: str | list[str]) -> str | None:
    return figures_of(rows(lines), FRAMEWORKS)[0].agency


@pytest.mark.parametrize(
    "lines",
    [
        (["แผนงาน", "เป้าหมาย", "ผลการดำเนินงาน"], ["ร้อยละการเบิกจ่ายงบประมาณรายจ่ายภาพรวม", "93.00", "95.21"]),
        (["แบบวัด", "ขั้นต่ำ", "จำนวนผู้ตอบ", "ร้อยละ"], ["IIT", "120", "143", "119.17"], ["EIT ส่วนที่ 2", "40", "40", "99.50"]),
        ("3. ลักษณะผู้ตอบ EIT", "เพศหญิง ร้อยละ 58.46"),
        ("จำนวนผู้ตอบแบบวัด IIT", ["เพศ", "ร้อยละ"], ["IIT หญิง", "58.46"]),
        ("คะแนน ITA 85.00 – 94.99 = 4.5 คะแนน", "คะแนน ITA 95.00 ขึ้นไป = 5.0 คะแนน"),
        ("2.1 IIT", "2.2 EIT"),
        (["ตัวชี้วัด", "เป้าหมาย", "ผลการดำเนินงาน", "คะแนน"], ["คะแนนรวมถ่วงน้ำหนัก", "", "", "4.71"]),
        (["ปีงบประมาณ", "คะแนน"], ["พ.ศ. 2567 (เป้าหมาย)", "95.00"]),
        (["ปีงบประมาณ", "ที่มา", "คะแนน"], ["2567", "เป้าหมาย", "95.00"]),
    ],
    ids=[
        "share of a budget",
        "answers",
        "who answered",
        "table of answers",
        "rubric",
        "sections",
        "plan",
        "aim",
        "an aim",
    ],
)
def test_no_score(lines):
    assert found(TITLE, *lines) == set()


def test_a_table_of_answers_with_scores_is_read():
    head = ["แบบวัด", "จำนวนผู้ตอบ", "ร้อยละ", "คะแนน"]
    assert found(TITLE, "1. จำนวนผู้ตอบแบบวัด", head, ["IIT", "143", "99.17", "91.20"]) == {(2566, "IIT", "91.20")}


def test_after_how_many_answered_come_the_scores():
    head = ["แบบวัด", "ผลประเมิน"]
    assert found(TITLE, "1. จำนวนผู้ตอบแบบวัด", "2. ผลของแต่ละแบบ", head, ["IIT", "91.20"]) == {(2566, "IIT", "91.20")}


def test_heads_with_weights_are_heads():
    head = ["ปีงบประมาณ", "IIT (30%)", "EIT (ร้อยละ 30)", "OIT (น้ำหนัก 40)", "คะแนนรวม"]
    read = found("เทศบาลเมืองดอนหมู ผลการประเมิน ITA", head, ["2566", "91.10", "92.20", "93.30", "92.31"])
    assert read == {(2566, "IIT", "91.10"), (2566, "EIT", "92.20"), (2566, "OIT", "93.30"), (2566, "overall", "92.31")}


def test_the_mean_under_indicators_is_none_of_them():
    head = ["ตัวชี้วัด", "EIT ส่วนที่ 1", "EIT ส่วนที่ 2", "คะแนนตัวชี้วัด"]
    table = (head, ["การปรับปรุงการทำงาน", "90.10", "91.10", "90.60"], ["รวม", "92.10", "93.10", "92.60"])
    assert (2566, "8", "92.60") not in found(TITLE, *table)
    assert (2566, "8", "90.60") in found(TITLE, *table)


CARDS = ("คะแนน ITA ปี 2566", "92.31", "คะแนนรวม", "91.10", "IIT", "92.20", "EIT", "93.30", "OIT")


def test_the_arithmetic_chooses_on_which_side_of_a_number_its_name_stands():
    right = {(2566, "overall", "92.31"), (2566, "IIT", "91.10"), (2566, "EIT", "92.20"), (2566, "OIT", "93.30")}
    assert found("เทศบาลเมืองดอนหมู", *CARDS) == right


def test_where_it_cannot_choose_nothing_is_sure():
    assert found("เทศบาลเมืองดอนหมู", *(c for c in CARDS if c not in ("คะแนนรวม", "92.31"))) == set()


@pytest.mark.parametrize(
    "lines",
    [
        ("เทศบาลเมืองดอนหมู ได้รับผลการประเมินคุณธรรมและความโปร่งใส (ITA) ปี 2566", "🏆 91.20 คะแนน"),
        ("ผลการประเมิน ITA ของเทศบาลเมืองดอนหมู", "✨ ระดับผ่านดี", "📊 ปี 2566 ได้ 91.20 คะแนน"),
        ("เป้าหมาย : คะแนน ITA เทศบาลเมืองดอนหมู", "ผลการดำเนินงานปีล่าสุด : ปี 2566 ได้ 91.20 คะแนน"),
        ("ผล ITA ปี 2566", "เทศบาลเมืองดอนหมู มีค่าคะแนนเฉลี่ยร้อยละ 91.20 อยู่ในระดับผ่านดี"),
    ],
)
def test_a_total_of_few_words(lines):
    assert (2566, "overall", "91.20") in found(*lines)


def test_a_total_of_few_words_under_another_heading_is_another():
    assert found(TITLE, "ด้านการศึกษา", "ปี 2566 ได้ 42.18 คะแนน") == set()


def test_what_is_compared_with_has_its_english_year():
    told = "Hare University reached an overall ITA score of 91.20 in fiscal year 2023, compared with 88.10"
    assert found(f"{told} in fiscal year 2022.") == {(2566, "overall", "91.20"), (2565, "overall", "88.10")}


@pytest.mark.parametrize("name", ["กรมที่ดิน", "สำนักงานศาลปกครอง", "กรมการค้าภายใน", "จุฬาลงกรณ์มหาวิทยาลัย"])
def test_a_name_of_the_list_is_whole(name):
    assert agencies(f"จดหมายข่าวของ{name}ได้รับแจ้งผล") == [name]


def test_the_list_is_spelled_as_texts_are_read():
    written = [entry.written for entry in gazetteer._entries()]
    assert [name for name in written if thai.clean(name) != name] == []
    assert len(written) == len(set(written)) > 300


def test_initials_mean_the_agency_of_the_list():
    assert is_same("กฟผ.", "การไฟฟ้าฝ่ายผลิตแห่งประเทศไทย")
    assert family_of("กฟผ.") == family_of("การประปานครหลวง") == "enterprise"
    assert agencies("อกฟผ. กฟผ. ได้คะแนน") == ["กฟผ."]


def test_the_name_of_an_agency_within_that_of_another_is_not_named():
    assert agencies("คะแนนของสำนักงานเลขาธิการคุรุสภา และคุรุสภา") == ["สำนักงานเลขาธิการคุรุสภา", "คุรุสภา"]


def test_quotation_marks_say_where_a_name_ends_that_begins_like_one_of_the_list():
    assert agencies("“องค์การสะพานปลาแม่น้ำ” ได้คะแนน") == ["องค์การสะพานปลาแม่น้ำ"]


def test_whose_result_it_is_when_an_office_writes_for_its_province():
    lines = ("สำนักงานจังหวัดดอนหมู", "ผลการประเมิน ITA ของจังหวัดดอนหมู ปี 2566", "จังหวัดดอนหมูมีคะแนนรวม 91.20 คะแนน")
    assert agency_of(*lines) == "จังหวัดดอนหมู"


def test_a_thai_name_stands_before_the_english_one_beside_it():
    line = "Hare Transit Authority of Thailand เทศบาลเมืองดอนหมู"
    assert agencies(line) == ["Hare Transit Authority of Thailand", "เทศบาลเมืองดอนหมู"]
    assert agency_of(line, "ITA ปี 2566 ได้คะแนน 91.20") == "เทศบาลเมืองดอนหมู"


def test_the_aim_of_a_plan_that_is_our_assessment_is_read_by_what_was_done():
    head = ["ตัวชี้วัด", "น้ำหนัก", "ค่าเป้าหมาย", "ผลการดำเนินงาน", "คะแนนที่ได้"]
    assert found(TITLE, head, ["3. ผลการประเมิน ITA", "20", "95", "92.50", "4.75"]) == {(2566, "overall", "92.50")}


def test_a_sum_with_its_level_is_the_total():
    lines = ("IIT 91.10 คะแนน", "EIT 92.20 คะแนน", "OIT 93.30 คะแนน", "รวม 92.31 คะแนน ระดับผ่านดี")
    assert found(TITLE, *lines) >= {(2566, "overall", "92.31")}


def test_the_past_year_is_the_one_before_only_after_the_present_one():
    told = "เทศบาลเมืองดอนหมูได้ 91.20 คะแนน ปีที่ผ่านมาได้ 88.10 คะแนน โดยตัวชี้วัดที่ 4 ได้ 80.10 คะแนน"
    right = {(2566, "overall", "91.20"), (2565, "overall", "88.10"), (2566, "4", "80.10")}
    assert found("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2566", told) == right
    alone = "ผลการประเมิน ITA ในปีที่ผ่านมา เทศบาลเมืองดอนหมูได้ 91.20 คะแนน"
    assert found("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2566", alone) == {(2566, "overall", "91.20")}


def totals(*lines: str | list[str]) -> set[tuple[str | None, str]]:
    readings = figures_of(rows(lines), FRAMEWORKS)
    return {(r.agency, f.value) for r in readings for f in r.figures if f.sure and f.node == "overall"}


def test_totals_of_agencies_told_respectively():
    told = "เทศบาลเมืองดอนหมู เทศบาลเมืองดอนไก่ และเทศบาลเมืองดอนเป็ด ได้คะแนนรวม 91.20 88.10 และ 86.30 คะแนน"
    right = {("เทศบาลเมืองดอนหมู", "91.20"), ("เทศบาลเมืองดอนไก่", "88.10"), ("เทศบาลเมืองดอนเป็ด", "86.30")}
    assert totals("ผล ITA ปี 2566", f"{told} ตามลำดับ") == right
    assert totals("ผล ITA ปี 2566", told, "ตามลำดับ ทั้งนี้ ได้รายงานแล้ว") == right
    assert totals("ผล ITA ปี 2566", f"{told.replace(' 88.10', '')} ตามลำดับ") == set()  # one is missing


def test_numbers_before_agencies():
    lines = ("95.74 คะแนน — เทศบาลเมืองดอนหมู [AA]", "88.10 คะแนน — เทศบาลเมืองดอนไก่ [A]")
    assert totals("ผล ITA ปี 2565", *lines) == {("เทศบาลเมืองดอนหมู", "95.74"), ("เทศบาลเมืองดอนไก่", "88.10")}


def test_the_means_of_provinces_are_no_totals_of_theirs():
    lines = ("95.74 คะแนน — จังหวัดดอนหมู", "88.10 คะแนน — จังหวัดดอนไก่")
    assert len(totals("ผล ITA ปี 2565", *lines)) == len(lines)
    assert totals("ผล ITA ปี 2565", "คะแนนเฉลี่ยรายจังหวัด", *lines) == set()


def test_lines_that_begin_with_an_agency_are_its_own():
    lines = (
        "กองทุนเพื่อการอ่าน: 90.23 (IIT 91.93/EIT 94.39/OIT 85.84)",
        "สถาบันดนตรีทุ่ง: 91.26 (IIT 87.48/EIT 88.37/OIT 96.25)",
    )
    readings = figures_of(rows(("ผล ITA ปี 2567", *lines)), FRAMEWORKS)
    read = {r.agency: {f.node: f.value for f in r.figures if f.sure} for r in readings}
    assert read["กองทุนเพื่อการอ่าน"]["OIT"] == "85.84"
    assert read["สถาบันดนตรีทุ่ง"]["OIT"] == "96.25"


NAMES = ("การปฏิบัติหน้าที่", "การใช้งบประมาณ", "การใช้อำนาจ", "การใช้ทรัพย์สินของราชการ", "การแก้ไขปัญหาการทุจริต", "คะแนน IIT")


@pytest.mark.parametrize(("mean", "sure"), [("92.00", True), ("99.00", False)])
def test_names_in_one_block_and_numbers_in_another_are_sure_where_they_add_up(mean, sure):
    numbers = ("90.00", "91.00", "92.00", "93.00", "94.00", mean)
    read = found(TITLE, *NAMES, *numbers)
    assert read == ({(2566, n, v) for n, v in zip((*"12345", "IIT"), numbers, strict=True)} if sure else set())


def test_an_instrument_by_the_name_of_its_indicator_is_what_the_arithmetic_says():
    lines = ("คะแนนรวม 92.31", "IIT 91.10", "EIT 92.20", "การเปิดเผยข้อมูล 93.30")
    assert (2566, "OIT", "93.30") in found(TITLE, *lines)
    assert {f[1] for f in found(TITLE, "IIT 91.10", "การเปิดเผยข้อมูล 93.30")} == {"IIT"}  # either
    assert (2566, "9", "93.30") in found(TITLE, "การป้องกันการทุจริต 90.00", "การเปิดเผยข้อมูล 93.30")


def test_instruments_by_the_word_that_tells_them_apart():
    told = "ผู้มีส่วนได้เสียภายในให้เรา 87.61 คะแนน ภายนอก 95.51 คะแนน"
    assert found(TITLE, told) == {(2566, "IIT", "87.61"), (2566, "EIT", "95.51")}
    assert found(TITLE, "แล้วเสร็จภายใน 30.00 วัน") == set()
    head = ["รายการ", "ITA", "LPA"]
    table = (
        head,
        ["รวม", "92.31", "88.45"],
        ["ภายใน", "91.10", "-"],
        ["ภายนอก", "92.20", "-"],
        ["เปิดเผยข้อมูล", "93.30", "-"],
    )
    assert {(2566, "IIT", "91.10"), (2566, "EIT", "92.20")} <= found(TITLE, *table)
    assert not {"9"} & {node for _, node, _ in found(TITLE, *table)}


def test_what_a_plan_begins_from_was_reached():
    head = ["ตัวชี้วัด", "ข้อมูลฐาน (ปี 2566)", "เป้าหมายปี 2567", "เป้าหมายปี 2568"]
    assert found(TITLE, head, ["4.1.1 คะแนน ITA", "88.10", "90.00", "92.00"]) == {(2566, "overall", "88.10")}


def test_paragraphs_that_a_tab_indents_are_lines():
    lines = (["", "1. เทศบาลเมืองดอนหมู คะแนน 65.10"], ["", "2. เทศบาลเมืองดอนไก่ คะแนน 66.20"])
    assert totals("ผล ITA ปี 2566", *lines) == {("เทศบาลเมืองดอนหมู", "65.10"), ("เทศบาลเมืองดอนไก่", "66.20")}


def test_a_line_that_opens_with_a_part_of_the_survey_above():
    lines = ("EIT แยกส่วน", "ส่วนที่ 1 ผู้รับบริการตอบเอง 92.75 คะแนน", "ส่วนที่ 2 ผู้ประเมินเก็บข้อมูล 91.87 คะแนน")
    assert found(TITLE, *lines) == {(2566, "EIT1", "92.75"), (2566, "EIT2", "91.87")}
    assert not {"EIT1"} & {node for _, node, _ in found(TITLE, *lines[1:])}  # of no survey that is named
    assert found(TITLE, lines[0], "ส่วนที่ 1 ผู้รับบริการ 40 คน 92.75 คะแนน", lines[2]) == {(2566, "EIT2", "91.87")}


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("OIT ครบ 28 ข้อ (100.00%) คะแนน 87.74", {(2566, "OIT", "87.74")}),
        ("1. การใช้งบประมาณ เป้าหมาย 90.00 ผลการประเมิน 96.89", {(2566, "2", "96.89")}),
        ("การใช้งบประมาณ เป้าหมาย 90.00 ผล 96.89", {(2566, "2", "96.89")}),
        ("การใช้งบประมาณ เป้าหมาย 90.00", set()),
        ("คะแนนการประเมิน ITA 90.44", {(2566, "overall", "90.44")}),
        ("ในระดับผ่านดี ด้วยคะแนน 89.91", {(2566, "overall", "89.91"), (2566, "level", "ผ่านดี")}),
        (
            "IIT 91.10 EIT 92.20 OIT 93.30 รวม 92.31",
            {(2566, "IIT", "91.10"), (2566, "EIT", "92.20"), (2566, "OIT", "93.30"), (2566, "overall", "92.31")},
        ),
    ],
)
def test_a_line_of_several_numbers(line, right):
    assert found(TITLE, line) == right


def test_the_sum_of_parts_is_no_total():
    assert "overall" not in {node for _, node, _ in found(TITLE, "EIT ส่วนที่ 1 91.10 ส่วนที่ 2 92.20 รวม 91.65")}


def test_an_aim_with_whose_result_it_is():
    head = ["ตัวชี้วัด", "เป้าหมายขั้นต่ำ (50)", "เป้าหมายขั้นสูง (100)", "ผลการดำเนินงาน", "คะแนนประเมิน"]
    assert found(TITLE, head, ["ผลการประเมิน ITA ของเทศบาล", "85", "95", "92.06", "81.25"]) == {
        (2566, "overall", "92.06")
    }
