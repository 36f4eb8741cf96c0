"""Neighbours of what the sixteenth set of documents showed to be read wrongly or not at all: such layouts in other
words, of other agencies and years."""

import pytest

from prongsai.intake import figures_of
from prongsai.intake.agencies import agencies
from prongsai.intake.levels import PASSED, is_level_of
from tests.intake.reading import FRAMEWORKS, rows

TOWN = "เทศบาลเมืองห้วยสมมุติ"
TITLE = f"ผลการประเมิน ITA {TOWN} ประจำปีงบประมาณ พ.ศ. 2567"


def read(*lines, sure=True):
    """Scores of each agency, as "agency year/node=value"."""
    return {
        f"{r.agency} {f.fiscal_year}/{f.node}={f.value}"
        for r in figures_of(rows(lines), FRAMEWORKS)
        for f in r.figures
        if f.sure is sure and f.kind == "score"
    }


def of(agency, year, **values):
    return {f"{agency} {year}/{node.removeprefix('i')}={value}" for node, value in values.items()}


# --- a level that the rules give a number right beside it makes it a total


@pytest.mark.parametrize(
    "line",
    [
        "ปี 2567 ทำคะแนนไว้ 95.40 (ผ่านดีเยี่ยม)",
        "เฉลี่ย 95.40 คะแนน อยู่ในระดับผ่านดีเยี่ยม",
        "95.40 จาก 100 คะแนน ระดับ ผ่านดีเยี่ยม",
        "95.40ผ่านดีเยี่ยม",
        "95.40 : ผ่านดีเยี่ยม",
        "- รางวัลปี 2567 ผ่านดีเยี่ยม 95.40 คะแนน",
    ],
)
def test_a_number_beside_its_level_is_the_total(line):
    assert read(TITLE, line) == of(TOWN, 2567, overall="95.40")


@pytest.mark.parametrize(
    "line",
    [
        "เฉลี่ย 94.40 คะแนน อยู่ในระดับผ่านดีเยี่ยม",  # the rules give it another
        "ความพึงพอใจของผู้รับบริการ 95.40 (ผ่านดีเยี่ยม)",
        "หน่วยงานที่เข้ารับการประเมิน: ผ่าน 92.10 % ไม่ผ่าน 7.90 %",
        "ผลการประเมิน LPA ได้ 95.40 (ผ่านดีเยี่ยม)",
        "ผล ITA และคะแนน MOIT ไตรมาส 4 ร้อยละ 95.40",
    ],
)
def test_beside_another_level_or_of_something_else_it_is_not(line):
    assert read(TITLE, line) == set()


def test_under_an_instrument_it_is_that_instruments():
    assert read(TITLE, "แบบวัด IIT", "ได้ 95.40 (ผ่านดีเยี่ยม)") <= of(TOWN, 2567, IIT="95.40")


def test_the_levels_of_the_year_that_is_named_count():
    lines = (TITLE, "ได้ 91.20 คะแนน ระดับผ่านดี", "ย้อนไปปี 2565 มี 91.30 (A)", "ปี 2564 มี 91.40 (ผ่านดี)")
    assert read(*lines) == of(TOWN, 2567, overall="91.20") | of(TOWN, 2565, overall="91.30")


@pytest.mark.parametrize(
    ("year", "total", "levels"),
    [
        (2565, 95.4, {"AA", "ผ่าน"}),
        (2565, 84.9, {"B"}),
        (2567, 95.4, {"ผ่านดีเยี่ยม", "ผ่านดี", "ผ่าน"}),  # the higher ones only where every instrument reaches them
        (2567, 91.2, {"ผ่านดี", "ผ่าน"}),
        (2567, 0.0, {"ต้องปรับปรุงโดยด่วน"}),
    ],
)
def test_levels_that_a_total_may_have(year, total, levels):
    names = {PASSED, *FRAMEWORKS[year].bands}
    assert {level for level in names if is_level_of(FRAMEWORKS[year], total, level)} == levels


# --- of which year


def test_a_title_goes_over_the_line_that_names_the_agency_and_the_year():
    lines = (
        "วิเคราะห์ผลการประเมิน ITA",
        f"{TOWN} อำเภอสมมุติ จังหวัดพะเยา ประจำปีงบประมาณ พ.ศ. 2567",
        "ได้คะแนนเฉลี่ย 91.50 คะแนน อยู่ในระดับ ผ่านดี",
        ["เครื่องมือ", "น้ำหนัก", "คะแนน"],
        ["IIT", "30", "91.10"],
        ["OIT", "40", "92.20"],
        "คะแนนรวมปี 2566 เท่ากับ 88.80 คะแนน",
    )
    assert read(*lines) == (of(TOWN, 2567, overall="91.50", IIT="91.10", OIT="92.20") | of(TOWN, 2566, overall="88.80"))


@pytest.mark.parametrize(
    ("line", "year", "value"),
    [
        ("ได้ 91.20 คะแนน จากปีที่แล้ว 84.10 คะแนน", 2566, "84.10"),
        ("ได้ 91.20 คะแนน โดยขยับจาก 84.10 คะแนน (ระดับผ่าน) ในปี 2566", 2566, "84.10"),
        ("ได้ 91.20 คะแนน (ปี 2565 83.10 คะแนน, ปี 2566 84.10 คะแนน)", 2566, "84.10"),
        ("ได้ 91.20 คะแนน", 2567, "91.20"),
    ],
)
def test_what_it_was_before(line, year, value):
    assert of(TOWN, year, overall=value) <= read(TITLE, line)


def test_a_sentence_that_a_page_cut_before_its_last_number():
    lines = (TITLE, "ทั้งนี้ คะแนนด้านการเปิดเผยข้อมูล (OIT) เพิ่มจาก 82.50 เป็น", "95.24 ด้านอื่นคงเดิม")
    assert of(TOWN, 2567, OIT="95.24") <= read(*lines)


def test_the_result_that_a_plan_is_made_from():
    lines = (
        "มาตรการส่งเสริมความโปร่งใส ปี 2568",
        TOWN,
        "ผลปี 2567 คะแนน 90.80",
        ["ตัวชี้วัด", "คะแนน"],
        ["การใช้อำนาจ", "88.10"],
    )
    assert of(TOWN, 2567, overall="90.80") <= read(*lines)
    assert of(TOWN, 2567, overall="89.60") == read(
        "มาตรการ ปี 2568", f"อ้างอิงผลประเมิน ITA ปีงบประมาณ พ.ศ. 2567 ของ{TOWN} : 89.60 คะแนน"
    )


@pytest.mark.parametrize(
    ("line", "years"),
    [
        ("ได้ระดับ AA (95.20 คะแนน) ในปี 2564 และระดับ AA (96.10 คะแนน) ในปี 2565", {2564: "95.20", 2565: "96.10"}),
        ("ได้ 85.20 คะแนน ในปี 2564, 86.10 คะแนน ในปี 2565", {2564: "85.20", 2565: "86.10"}),
    ],
)
def test_a_year_after_each_number_is_of_that(line, years):
    title = f"ผลการประเมิน ITA {TOWN} ประจำปีงบประมาณ พ.ศ. 2565"
    assert read(title, line) == {f for year, value in years.items() for f in of(TOWN, year, overall=value)}


@pytest.mark.parametrize("numbers", ["คะแนน 78.12 85.44 89.02", "78.12 85.44 89.02", "ผลคะแนนรวม 78.12 85.44 89.02"])
def test_numbers_under_a_line_of_years(numbers):
    right = {2564: "78.12", 2565: "85.44", 2566: "89.02"}
    lines = (f"คะแนน ITA ของ{TOWN}", "ปี 2564 2565 2566", numbers)
    assert read(*lines) == {f for year, value in right.items() for f in of(TOWN, year, overall=value)}


def test_under_an_indicator_they_are_not_the_total():
    lines = (f"คะแนน ITA ของ{TOWN}", "ตัวชี้วัดที่ 2 การใช้งบประมาณ", "ปี 2564 2565 2566", "78.12 85.44 89.02")
    assert not [figure for figure in read(*lines) if "overall" in figure]


@pytest.mark.parametrize("line", ["คะแนน 78.12 85.44 89.02", "ได้คะแนน 78.12, 85.44 และ 89.02", "คะแนนรวม 78.12 85.44"])
def test_of_several_numbers_that_nothing_tells_apart_none_is_sure(line):
    assert read(TITLE, line) == set()


def test_the_total_is_told_below_lists_of_indicators_too():
    lines = ("จุดเด่น", "- การเปิดเผยข้อมูล 100.00", "จุดอ่อน", "- การใช้อำนาจ 77.60", f"ผล ITA 2564 {TOWN} 88.10 (A)")
    assert of(TOWN, 2564, overall="88.10") <= read(*lines)


@pytest.mark.parametrize("line", ["อันดับ 4 จาก 76 แห่งทั่วประเทศ", "เป็นลำดับที่ 9 ของทั้งประเทศ"])
def test_a_rank_among_others_opens_nothing_of_theirs(line):
    lines = (TITLE, f"{TOWN} ได้ 91.20 คะแนน", line, "ปี 2566 ได้ 90.10 คะแนน (ผ่านดี)")
    assert read(*lines) == of(TOWN, 2567, overall="91.20") | of(TOWN, 2566, overall="90.10")


@pytest.mark.parametrize("line", ["ผู้ตอบ IIT 400 ราย", "แจกแบบ EIT จำนวน 1,398 ชุด"])
def test_how_many_answered_opens_no_section(line):
    assert read(TITLE, line, "ผลคะแนนเท่ากับ 91.80 อยู่ในระดับผ่านดี") == of(TOWN, 2567, overall="91.80")


# --- tables


FIRST, SECOND = "กรมน้ำใสสมมุติ", "กรมลมแรงสมมุติ"


def test_totals_of_two_years_beside_the_instruments_of_one():
    table = (
        ["หน่วยงาน", "IIT", "EIT", "OIT", "ITA 2565", "ITA 2564", "เปลี่ยนแปลง"],
        [FIRST, "88.91", "88.59", "92.38", "90.20", "80.77", "9.43"],
        [SECOND, "90.39", "87.85", "90.50", "89.67", "89.08", "0.59"],
    )
    assert read("คะแนน ITA ปีงบประมาณ พ.ศ. 2565", *table) == (
        of(FIRST, 2565, IIT="88.91", EIT="88.59", OIT="92.38", overall="90.20")
        | of(FIRST, 2564, overall="80.77")
        | of(SECOND, 2565, IIT="90.39", EIT="87.85", OIT="90.50", overall="89.67")
        | of(SECOND, 2564, overall="89.08")
    )


def test_agencies_in_a_column_of_any_head():
    table = (
        ["ลำดับ", "สถาบันอุดมศึกษา", "คะแนน ITA"],
        ["1", "มหาวิทยาลัยราชภัฏดอนสมมุติ", "95.62"],
        ["2", "มหาวิทยาลัยแก้วสมมุติ", "93.18"],
    )
    assert read("ผล ITA ปี 2565", *table) == (
        of("มหาวิทยาลัยราชภัฏดอนสมมุติ", 2565, overall="95.62") | of("มหาวิทยาลัยแก้วสมมุติ", 2565, overall="93.18")
    )


@pytest.mark.parametrize("title", ["ลำดับ หน่วยงาน คะแนน ระดับ", "ที่ ชื่อ อปท. ผลคะแนน ผลการประเมิน"])
def test_a_list_of_lines_under_one_column_of_scores(title):
    lines = (title, "1 ทต.เขาสมมุติ 96.32 ผ่านดีเยี่ยม", "2 อบต.นาสมมุติ 84.77 ไม่ผ่าน")
    assert read("ผลคะแนน ITA ปี 2567", *lines) == (
        of("ทต.เขาสมมุติ", 2567, overall="96.32") | of("อบต.นาสมมุติ", 2567, overall="84.77")
    )


def test_a_mean_of_years_is_of_none_and_a_sum_stands_under_the_years():
    table = (
        ["ที่", "ตัวชี้วัด", "ปี 64", "ปี 65", "เฉลี่ย 2 ปี"],
        ["1", "การปฏิบัติหน้าที่", "81.84", "84.50", "83.17"],
        ["2", "การใช้งบประมาณ", "82.60", "87.06", "84.83"],
        ["รวม", "", "82.22", "85.78"],
    )
    years = (2564, "81.84", "82.60", "82.22"), (2565, "84.50", "87.06", "85.78")
    read_scores = read(f"{TOWN} ผล ITA ปี 2565", *table)
    assert read_scores == {f for y, a, b, c in years for f in of(TOWN, y, i1=a, i2=b, overall=c)}


def test_what_is_done_beside_the_scores_tells_no_answers():
    table = (
        ["ที่", "ตัวชี้วัด (คะแนนปี 2567)", "แนวทาง", "งบ (บาท)"],
        ["1", "การใช้อำนาจ (86.64)", "ประชุมบุคลากร 40 คน", "4,500"],
        ["2", "การใช้งบประมาณ (87.10)", "จัดทำคู่มือ", "3,000"],
    )
    assert read(f"{TOWN} แผนยกระดับ ITA ปี 2568", *table) == of(TOWN, 2567, i3="86.64", i2="87.10")


def test_a_head_of_agencies_may_stand_below_its_columns():
    table = [["คะแนน ITA", "89.54", "92.95"], ["ตัวชี้วัดที่ 2", "89.51", "95.83"], ["หน่วยงาน", FIRST, SECOND]]
    assert read("ผลการประเมิน ITA ปี 2564", *table) == (
        of(FIRST, 2564, overall="89.54", i2="89.51") | of(SECOND, 2564, overall="92.95", i2="95.83")
    )


@pytest.mark.parametrize(
    ("names", "numbers", "right"),
    [
        ("การใช้งบประมาณ การใช้อำนาจ", "85.32 84.07", {"i2": "85.32", "i3": "84.07"}),
        ("IIT EIT OIT คะแนนรวม", "90.10 88.20 95.00 91.49", {"IIT": "90.10", "EIT": "88.20", "OIT": "95.00", "overall": "91.49"}),
        ("การใช้งบประมาณ การใช้อำนาจ", "85.32 84.07 83.00", {}),
        ("การใช้งบประมาณของกองคลัง การใช้อำนาจของกองช่าง", "85.32 84.07", {}),
    ],
)  # fmt: skip
def test_names_in_one_line_and_their_numbers_in_the_next(names, numbers, right):
    assert read(TITLE, names, numbers) == of(TOWN, 2567, **right)


def test_the_number_of_an_indicator_on_a_line_of_its_own():
    lines = (
        "2",
        "การใช้งบประมาณ",
        "88.67",
        "บุคลากรไม่ทราบแผนการใช้จ่าย",
        "ตั้งไว้ร้อยละ 95",
        "3",
        "การใช้อำนาจ",
        "89.52",
        "มอบหมายงานไม่ชัด",
    )
    assert read(TITLE, *lines) == of(TOWN, 2567, i2="88.67", i3="89.52")


def test_how_far_a_score_is_from_all_is_none():
    assert read(TITLE, ["การใช้อำนาจ", "87.50", "ห่างจาก 100 อยู่ 12.50"]) == of(TOWN, 2567, i3="87.50")


# --- parts and names


def test_a_part_that_is_told_in_words_is_of_no_number():
    line = "สำหรับ EIT ส่วนที่ประชาชนตอบเอง 96.65"
    assert read(TITLE, line) == set()
    assert read(TITLE, line, sure=False) == of(TOWN, 2567, EIT="96.65")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("สำหรับสำนักงานตรวจสมมุติแห่งชาติ ได้คะแนน", ["สำนักงานตรวจสมมุติแห่งชาติ"]),
        ("หากพิจารณาแล้วจังหวัดศรีสมมุติ มีผล", ["จังหวัดศรีสมมุติ"]),
        ("The University received a score", []),
        ("Hare University received a score", ["Hare University"]),
    ],
)
def test_where_a_name_begins(text, named):
    assert agencies(text) == named


def test_a_province_that_has_a_result_of_its_own_is_an_agency():
    lines = ("เมื่อพิจารณาแล้วจังหวัดศรีสมมุติ มีผลการประเมินในระดับ A", "ผลการประเมิน ITA ปี 2564", "คะแนน ITA 91.20")
    assert read(*lines) == of("จังหวัดศรีสมมุติ", 2564, overall="91.20")
