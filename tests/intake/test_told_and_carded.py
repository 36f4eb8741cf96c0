"""Neighbours of what the fifteenth set of documents showed to be read wrongly: scores of another year in brackets or on
cards, tables a cell a line, minutes, and what an instrument is called, in other words and of other agencies."""

import pytest

from prongsai.intake.agencies import agencies, is_same
from prongsai.intake.folding import refolded
from prongsai.intake.vocabulary import Vocabulary
from prongsai.intake.wrapped import unwrapped
from tests.intake.reading import FRAMEWORKS, found, rows, unsure
from tests.intake.test_more_neighbours import TOWN, title

VOCABULARY = Vocabulary(list(FRAMEWORKS.values()))
BUDGET = "การใช้งบประมาณ"


@pytest.mark.parametrize(
    "brackets",
    [
        "(ปีที่ผ่านมา 84.52 คะแนน)",
        "(ปีก่อนหน้าได้ 84.52)",
        "(ในปี 2566 ได้คะแนน 84.52 คะแนน)",
        "( พ.ศ. 2566 อยู่ที่ 84.52 คะแนน )",
    ],
)
def test_a_year_in_brackets_is_of_the_score_in_them_alone(brackets):
    line = f"1) การปฏิบัติหน้าที่ 90.00 คะแนน {brackets} 2) {BUDGET} 97.92 คะแนน"
    assert found(TOWN, title(2567), line) == {(2567, "1", "90.00"), (2566, "1", "84.52"), (2567, "2", "97.92")}


def test_a_year_alone_in_brackets_is_of_the_number_before_it():
    line = f"การปฏิบัติหน้าที่ 84.52 คะแนน (ปี 2566) {BUDGET} 97.92 คะแนน"
    assert (2566, "1", "84.52") in found(TOWN, title(2567), line)


@pytest.mark.parametrize(
    "beside", ["ปี 2567: 91.30 ▲ 4.02", "ปีก่อน 91.30", "▲ 4.02 จากปี 2567 (91.30)", "(ปีงบประมาณ พ.ศ. 2567 = 91.30 คะแนน)"]
)
def test_a_line_of_a_card_with_another_year_is_of_its_name(beside):
    lines = (TOWN, title(2568), "IIT", "95.32", "น้ำหนัก 30%", beside, "OIT", "100.00")
    assert found(*lines) == {(2568, "IIT", "95.32"), (2567, "IIT", "91.30"), (2568, "OIT", "100.00")}


def test_a_number_of_another_year_is_of_the_name_above_it_where_numbers_come_first():
    lines = (TOWN, title(2568), "95.32", "IIT", "ปี 2567: 91.30", "100.00", "OIT")
    assert {figure for figure in found(*lines) if figure[0] == 2567} == {(2567, "IIT", "91.30")}


def test_a_number_of_another_year_is_of_no_name_where_numbers_stand_on_both_sides():
    lines = (TOWN, title(2568), "95.32", "IIT", "100.00", "ปี 2567: 91.30", "OIT")
    assert not any(year == 2567 for year, _, _ in found(*lines))


HEAD = ("ตัวชี้วัด", "ปี 2566", "ปี 2567", "ผลต่าง")
NAMES = ("การปฏิบัติหน้าที่", BUDGET, "การใช้อำนาจ", "การใช้ทรัพย์สินของราชการ", "การแก้ไขปัญหาการทุจริต")
SUMS = ("คะแนนเฉลี่ย IIT", "88.56", "89.54", "+0.98", "คะแนนรวมทั้งหมด", "88.14", "91.96", "+3.82")


@pytest.mark.parametrize("first", ["ที่", "ลำดับ"])
def test_sums_under_a_table_a_cell_a_line_are_its_rows(first):
    cells = [cell for n, name in enumerate(NAMES, 1) for cell in (str(n), name, "90.03", "88.72", "-1.31")]
    read_rightly = found(TOWN, title(2567), first, *HEAD, *cells, *SUMS)
    assert {(2566, "IIT", "88.56"), (2567, "IIT", "89.54")} <= read_rightly
    assert {(2566, "overall", "88.14"), (2567, "overall", "91.96")} <= read_rightly


def test_a_name_and_text_under_a_table_a_cell_a_line_are_no_row_of_it():
    cells = [cell for n, name in enumerate(NAMES, 1) for cell in (str(n), name, "90.03", "88.72", "-1.31")]
    after = ("แบบวัด IIT", "ดูรายละเอียดในภาคผนวก", "ผู้รับผิดชอบ", "สำนักปลัด")
    folded = refolded(rows(("ลำดับ", *HEAD, *cells, *after)), VOCABULARY)
    assert [row.cells for row in folded[-4:]] == [(line,) for line in after]


def test_of_several_numbers_under_a_name_none_is_its_score_surely():
    lines = (TOWN, title(2567), "IIT", "88.56", "89.54", "+0.98", "OIT", "90.50", "95.00", "+4.50")
    assert found(*lines) == set()
    assert {value for value, _ in unsure(*lines)} == {"88.56", "90.50"}


def test_a_line_that_names_indicators_with_their_levels_explains_no_levels():
    told = f"1.การปฏิบัติหน้าที่ 92.73A 2.{BUDGET} 84.67B 3.การใช้อำนาจ 95.50AA 4.การใช้ทรัพย์สินของราชการ 70.60C"
    assert (2563, "2", "84.67") in found(TOWN, title(2563), told)


OFFICE = "สำนักงานเขตพื้นที่การศึกษาประถมศึกษาสมมุติ"


@pytest.mark.parametrize("name", [f"{OFFICE} เขต 3", "สพป.สมมุติ เขต 12", f"{OFFICE} เขต1"])
def test_an_office_of_a_district_has_its_number(name):
    assert agencies(f"{name} ได้คะแนน 90.10 คะแนน") == [name]


def test_offices_of_two_numbers_are_two():
    assert is_same("สพป.สมมุติ เขต 1", f"{OFFICE} เขต 1")
    assert not is_same(f"{OFFICE} เขต 1", f"{OFFICE} เขต 11")


MINUTES = [
    ["นายกฯ", "ขอแจ้งให้ที่ประชุมสภาทราบผลของการประเมินที่หน่วยงานของเราได้รับในปีที่ผ่านมา ดังนี้"],
    ["", "ผลการประเมินคุณธรรมและความโปร่งใส (ITA) ปีงบประมาณ พ.ศ. 2566 เทศบาลเราได้คะแนนรวม"],
    ["", "85.23 คะแนน แบบวัด IIT ได้ 86.48 คะแนน แบบวัด EIT ส่วนที่ 1 ที่ประชาชน"],
    ["", "ตอบเอง ได้ 88.04 คะแนน ส่วนที่ 2 ที่ผู้ประเมินมาเก็บข้อมูล ได้ 84.88 คะแนน"],
    ["ประธานสภาฯ", "มีท่านใดจะสอบถามหรือไม่ ถ้าไม่มีขอเข้าสู่ระเบียบวาระถัดไปตามที่ได้แจ้งไว้แล้วครับ"],
]


def test_what_stands_beside_who_says_it_is_read_as_lines():
    read_rightly = found(TOWN, *MINUTES)
    assert {(2566, "overall", "85.23"), (2566, "IIT", "86.48"), (2566, "EIT2", "84.88")} <= read_rightly


TOLD = [
    "แบบวัด IIT ได้ 86.48 คะแนน  ส่วนแบบวัด EIT ส่วนที่ 1 ประชาชนเข้ามา",
    "ตอบเอง ได้ 88.04 คะแนน  ส่วนที่ 2 ที่ผู้ประเมินมาเก็บข้อมูล ได้ 84.88 คะแนน",
]
WHOLE = {(2566, "overall", "85.23"), (2566, "IIT", "86.48"), (2566, "EIT1", "88.04"), (2566, "EIT2", "84.88")}


def test_wide_gaps_between_sentences_are_no_columns_and_an_open_name_goes_on():
    lines = [line.split("  ") for line in TOLD]
    assert found(TOWN, title(2566), f"{TOWN} ได้คะแนนรวม 85.23 คะแนน", *lines) >= WHOLE
    table = [["อบต.ก ได้ 86.48 คะแนน", "ผ่าน"], ["อบต.ข", "88.04"]]
    assert unwrapped(rows(table), VOCABULARY) == rows(table)


LONG = "ทั้งนี้ขอรายงานผลการประเมินของหน่วยงานให้ที่ประชุมทราบ"


@pytest.mark.parametrize(
    "lines",
    [
        (f"{LONG} ได้คะแนนรวม 90.10 คะแนน ซึ่งผลการประเมิน", "ของเรา ได้ 88.04 คะแนน"),  # no node is open
        (f"{LONG} แบบวัด IIT", "หน่วยงานเรา ได้ 88.04 คะแนน"),  # no sentence with numbers
        (f"{LONG} แบบวัด IIT ได้ 90.10 คะแนน", "ซึ่งเรา ได้ 88.04 คะแนน"),  # it has its number
        (f"{LONG} ได้คะแนน 90.10 คะแนน แบบวัด IIT", "แบบวัด OIT ได้ 88.04 คะแนน"),  # that is of another
        (f"{LONG} ได้คะแนน 90.10 คะแนน แบบวัด IIT", "ของอบต.บ้านใหม่ ได้ 88.04 คะแนน"),
    ],
)
def test_lines_that_are_whole_stay_apart(lines):
    assert [row.cells for row in unwrapped(rows(lines), VOCABULARY)] == [(line,) for line in lines]


@pytest.mark.parametrize(
    "table",
    [
        [["นายก ก", LONG], ["ปลัด ข", LONG], ["ท่าน ค", LONG], ["", LONG]],  # a list, each of somebody
        [["ข้อ 1", "90.10"], ["", "88.04"], ["", "80.10"], ["", LONG]],
        [["อบต.บ้านใหม่", LONG], ["", LONG], ["", LONG], ["IIT", LONG]],
        [["คะแนน 90.10", LONG], ["", LONG], ["", LONG], ["", LONG]],
    ],
)
def test_tables_are_no_minutes(table):
    assert unwrapped(rows(table), VOCABULARY) == rows(table)


@pytest.mark.parametrize("line", ["แบบวัด OIT การเปิดเผยข้อมูล ได้ 83.38 คะแนน", "OIT (การเปิดเผยข้อมูล) ได้คะแนน 83.38 คะแนน"])
def test_what_an_instrument_is_called_is_the_instrument_where_the_arithmetic_says_so(line):
    assert found(TOWN, title(2566), line) == set()
    assert [value for value, _ in unsure(TOWN, title(2566), line)] == ["83.38"]
    others = ("".join(TOLD).replace("  ", " "), "การปฏิบัติหน้าที่ ได้ 82.20 คะแนน การป้องกันการทุจริต ได้ 83.75 คะแนน")
    read_rightly = found(TOWN, title(2566), f"{TOWN} ได้คะแนนรวม 85.23 คะแนน", *others, line)
    assert read_rightly >= WHOLE | {(2566, "OIT", "83.38")}


def test_only_the_instrument_that_is_called_so_may_be_its_indicator():
    line = "แบบวัด OIT (การเปิดเผยข้อมูล) และแบบวัด IIT ได้ 90.10 คะแนน"
    assert (2566, "IIT", "90.10") in found(TOWN, title(2566), line)
    assert (2566, "1", "90.10") in found(TOWN, title(2566), "แบบวัด IIT การปฏิบัติหน้าที่ ได้ 90.10 คะแนน")


def test_an_indicator_beside_its_instrument_is_no_name_of_it():
    line = "แบบวัด OIT และการเปิดเผยข้อมูล ได้ 83.38 คะแนน"
    assert found(TOWN, title(2566), line) == {(2566, "9", "83.38")}


def test_a_part_after_one_that_is_unsure_has_its_own_number():
    line = "แบบวัด EIT ส่วนที่ 1 ซึ่งเก็บจากผู้มาติดต่องาน ได้ 88.04 คะแนน ส่วนที่ 2 ได้ 84.88 คะแนน"
    assert found(TOWN, title(2566), line) == {(2566, "EIT2", "84.88")}


def test_indicators_listed_under_their_instrument_are_indicators():
    line = "แบบวัด OIT การเปิดเผยข้อมูล 83.38 คะแนน การป้องกันการทุจริต 91.25 คะแนน"
    assert found(TOWN, title(2566), line) == {(2566, "9", "83.38"), (2566, "10", "91.25")}


@pytest.mark.parametrize(
    "other",
    ["ผลการประเมินประสิทธิภาพของ อปท. (LPA)", "การประเมินมาตรฐานศูนย์บริการ (GECC)", "ผลคะแนนด้านดิจิทัลของหน่วยงาน (DGRI)"],
)
def test_a_total_of_another_assessment_by_its_initials_is_not_ours(other):
    lines = (f"{other} ปี 2566 ได้คะแนนเฉลี่ยรวมร้อยละ 88.16", f"{title(2566)} {TOWN} ได้คะแนนรวม 85.23 คะแนน")
    assert found(TOWN, *lines) == {(2566, "overall", "85.23")}
    assert unsure(TOWN, *lines) == []


def test_an_indicator_named_alone_may_be_its_instrument():
    lines = (TOWN, title(2566), f"{TOWN} ได้คะแนนรวม 98.43 คะแนน", "และการเปิดเผยข้อมูลบนเว็บไซต์ได้ 97.20 คะแนน")
    assert found(*lines) == {(2566, "overall", "98.43")}
    assert [value for value, _ in unsure(*lines)] == ["97.20"]
