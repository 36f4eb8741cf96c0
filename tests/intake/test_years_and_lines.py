"""Neighbours of what the fourteenth set of documents showed to be read wrongly: of which year figures are, lines that
were broken or set apart, in other words and of other agencies."""

import pytest

from prongsai.intake import figures_of, read_rows
from prongsai.intake.files import split_line
from tests.intake.reading import FRAMEWORKS, found, rows, unsure
from tests.intake.test_more_neighbours import TOWN, read, title, total

STATION = "สถานีตำรวจภูธรบ้านสมมุติ"
NAMES = ["การปฏิบัติหน้าที่", "การใช้งบประมาณ", "การใช้อำนาจ", "การใช้ทรัพย์สินของราชการ", "การแก้ไขปัญหาการทุจริต"]
VALUES = ["93.29", "92.50", "97.66", "97.50", "94.11"]
FIVE = {(2568, str(n), value) for n, value in enumerate(VALUES, 1)} | {(2568, "IIT", "95.01"), (2568, "OIT", "95.00")}
MENUS = [
    "หน้าแรก | ข่าวสาร | ITA 2567 | ITA 2568 | ITA 2569 | ติดต่อเรา",
    "หน้าหลัก • เกี่ยวกับเรา • ผลการประเมิน ITA 2568 • ผลการประเมิน ITA 2569",
    ["หน้าแรก", "ITA 2568", "ITA 2569", "ค้นหา"],
]


@pytest.mark.parametrize("menu", MENUS, ids=["strokes", "points", "cells"])
def test_the_years_of_a_menu_on_one_line_are_not_that_of_the_result(menu):
    lines = (STATION, menu, menu, f"การประเมิน ITA ของ{STATION} ปีงบประมาณ พ.ศ. 2566", "IIT 88.10", "OIT 93.57")
    assert found(*lines) == {(2566, "IIT", "88.10"), (2566, "OIT", "93.57")}


def test_a_line_of_agencies_and_years_is_no_menu():
    lines = (title(2568), ["หน่วยงาน", "2566", "2567", "2568"], [TOWN, "88.10", "89.20", "90.30"])
    assert read(lines) == {total(2566, "88.10"), total(2567, "89.20"), total(2568, "90.30")}


ASSESSED = "การประเมินคุณธรรมและความโปร่งใสในการดำเนินงานของหน่วยงานภาครัฐ"


def test_the_assessment_named_in_full_says_the_year_however_long_the_name_between():
    name = f"{STATION} อำเภอเมืองสมมุติ จังหวัดสมมุติ"
    assert found(f"{ASSESSED} ของ{name} ประจำปีงบประมาณ พ.ศ. 2566", "แก้ไขเมื่อ ปี 2567", "IIT 88.10") == {
        (2566, "IIT", "88.10")
    }


PARTS = ("IIT 93.24", "EIT 89.72", "OIT 90.63")


def under_a_heading(score: str) -> list[str]:
    return [TOWN, title(2566), f"ปี 2566 {TOWN} ได้คะแนนรวม {score} คะแนน", "ข้อมูล ปีงบประมาณ 2567", *PARTS]


def in_a_plan(score: str) -> list[str | list[str]]:
    measures = [[f"{part} คะแนน", "", ""] for part in PARTS]
    head = ["ประเด็น", "แนวทางแก้ไข", "ผู้รับผิดชอบ"]
    total_of = f"หมายเหตุ ปีงบประมาณ พ.ศ. 2566 ได้คะแนนรวม {score} คะแนน"
    return ["แนวทางเพิ่มผลคะแนน ITA ปีงบประมาณ 2567", TOWN, head, *measures, total_of]


UNDATED = pytest.mark.parametrize("document", [under_a_heading, in_a_plan], ids=["heading", "plan"])


@UNDATED
def test_parts_without_a_year_of_their_own_are_of_the_year_whose_total_they_make(document):
    read_rightly = found(*document("91.14"))
    assert {(2566, "overall", "91.14"), (2566, "IIT", "93.24"), (2566, "OIT", "90.63")} <= read_rightly


@UNDATED
def test_parts_that_make_no_total_that_is_told_are_of_no_sure_year(document):
    assert found(*document("81.14")) == {(2566, "overall", "81.14")}
    assert {value for value, _ in unsure(*document("81.14"))} == {"93.24", "89.72", "90.63"}


def test_parts_are_of_no_year_that_does_not_have_them():
    parts = ("IIT 93.24", "EIT ส่วนที่ 1 89.72", "EIT ส่วนที่ 2 89.72", "OIT 90.63")
    lines = (TOWN, title(2565), f"ปี 2565 {TOWN} ได้คะแนนรวม 91.14 คะแนน", "ข้อมูล ปีงบประมาณ 2567", *parts)
    assert {year for year, node, _ in found(*lines) if node != "overall"} == {2567}


def test_parts_under_a_year_that_has_its_total_stay_there():
    lines = (TOWN, title(2567), f"ปี 2566 {TOWN} ได้คะแนนรวม 91.14 คะแนน", "ปีงบประมาณ 2567", "คะแนนรวม 88.00", *PARTS)
    assert not any(year == 2566 and node != "overall" for year, node, _ in found(*lines))


def test_figures_that_are_said_again_under_the_year_of_a_plan_are_the_same_ones():
    """So that nobody is asked for them."""
    named = list(enumerate(zip(NAMES, VALUES, strict=True), 1))
    told = [f"ตัวชี้วัดที่ {n} {name} ได้ค่าคะแนน {value} คะแนน" for n, (name, value) in named]
    again = [[f"ตัวชี้วัดที่ {n} {name}", f"ได้ค่าคะแนน {value} คะแนน", "รายงานผล"] for n, (name, value) in named]
    plan = ("มาตรการส่งเสริมคุณธรรมและความโปร่งใส ภายในหน่วยงาน", f"ของ{TOWN} ประจำปีงบประมาณ พ.ศ. 2568")
    head = ["ตัวชี้วัด", "รายละเอียดการวิเคราะห์", "การกำกับติดตาม"]
    lines = (title(2567), TOWN, f"{TOWN}ได้คะแนนเท่ากับ 93.00 คะแนน", *told, *plan, head, *again)
    assert {year for year, _, _ in found(*lines)} == {2567}
    assert unsure(*lines) == []


def test_the_total_that_a_plan_says_again_is_that_of_the_year_before():
    again = "ผลคะแนนรวม 91.14 คะแนน"
    assert found(*in_a_plan("91.14"), again) == found(*in_a_plan("91.14"))
    assert unsure(*in_a_plan("91.14"), again) == []


def test_indicators_that_give_an_instrument_of_the_year_before_exactly_are_of_that_year():
    """Though they agree with each other in whatever year."""
    named = list(zip(NAMES, VALUES, strict=True))
    instruments = "ปีงบประมาณ พ.ศ. 2567 ได้คะแนน IIT 95.01 EIT ส่วนที่ 1 93.34 EIT ส่วนที่ 2 88.57 OIT 92.50 รวม 92.79 คะแนน"
    plan = "การนำผลการประเมิน ITA ไปสู่การพัฒนาองค์กร ประจำปีงบประมาณ พ.ศ. 2568"
    lines = (plan, TOWN, instruments, ["ตัวชี้วัด", "คะแนน"], *(list(pair) for pair in named))
    assert {(2567, str(n), value) for n, value in enumerate(VALUES, 1)} <= found(*lines)
    assert {year for year, _, _ in found(*lines)} == {2567}


def test_the_mean_below_a_list_of_agencies_is_no_agency():
    head = ["หน่วยงาน", "IIT", "OIT", "คะแนนรวม"]
    listed = [[TOWN, "86.00", "88.00", "87.00"], ["เทศบาลตำบลสมมุติใต้", "84.00", "86.00", "85.00"]]
    readings = figures_of(rows((title(2567), head, *listed, ["ค่าเฉลี่ย", "85.00", "87.00", "86.00"])), FRAMEWORKS)
    assert {r.agency for r in readings} == {TOWN, "เทศบาลตำบลสมมุติใต้"}


def test_an_instrument_with_a_number_for_each_year_of_the_table():
    head = ["เครื่องมือ", "ตัวชี้วัด", "คะแนน ปี 2566", "คะแนน ปี 2567"]
    lines = (title(2567), TOWN, head, ["IIT 89.22 → 88.74", "การปฏิบัติหน้าที่", "95.78", "77.85"])
    assert {(2566, "IIT", "89.22"), (2567, "IIT", "88.74"), (2567, "1", "77.85")} <= found(*lines)


def test_two_numbers_of_an_instrument_that_no_head_tells_apart_are_unsure():
    head = ["เครื่องมือ", "ตัวชี้วัด", "คะแนน", "ผู้รับผิดชอบ"]
    lines = (title(2567), TOWN, head, ["IIT 89.22 → 88.74", "การปฏิบัติหน้าที่", "95.78", "สำนักปลัด"])
    assert not any(node == "IIT" for _, node, _ in found(*lines))


def test_an_instrument_called_as_its_indicator_is_known_by_the_total():
    lines = ("IIT 86.48", "EIT ส่วนที่ 1 88.04", "EIT ส่วนที่ 2 84.88", "การเปิดเผยข้อมูล 83.38", "การป้องกันการทุจริต 83.75")
    assert {(2566, "OIT", "83.38"), (2566, "10", "83.75")} <= found(title(2566), TOWN, *lines, "คะแนนรวม 85.23")
    assert (2566, "9", "83.38") in found(title(2566), TOWN, *lines)


def test_the_year_of_a_plan_beside_the_agency_in_a_title_is_not_that_of_its_results():
    lines = (
        "รายงานมาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน",
        f"{TOWN} ประจำปีงบประมาณ พ.ศ. 2568",
        "(จากผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2567)",
        *PARTS,
    )
    assert {year for year, _, _ in found(*lines)} == {2567}


@pytest.mark.parametrize(
    "written", ["FY66 89.06 → FY67 90.10", "FY 66 : 89.06 FY 67 : 90.10", "FY2566 89.06, FY2567 90.10"]
)
def test_years_of_accounts(written):
    lines = (title(2567), TOWN, "คะแนนรวม ปี 2567 : 90.10", f"การปฏิบัติหน้าที่ {written}")
    assert {(2566, "1", "89.06"), (2567, "1", "90.10")} <= found(*lines)


def test_years_and_numbers_in_turn_under_a_name_are_of_that_name():
    card = ("ปี 2569", "94.54", "ปี 2568", "90.77")
    lines = (title(2569), TOWN, "IIT ผู้มีส่วนได้ส่วนเสียภายใน", *card, "OIT การเปิดเผยข้อมูลสาธารณะ 26 ข้อ", *card)
    assert read(lines) == {
        (year, node, value) for node in ("IIT", "OIT") for year, value in ((2569, "94.54"), (2568, "90.77"))
    }


def test_cards_with_their_name_below_and_others_with_it_above():
    below = [line for name, value in zip(NAMES, VALUES, strict=True) for line in (value, name)]
    lines = (title(2568), TOWN, *below, "IIT", "95.01", "OIT", "95.00")
    assert read(lines) == FIVE


def test_cards_that_the_arithmetic_does_not_bear_out_are_unsure():
    below = [line for name, value in zip(NAMES, VALUES, strict=True) for line in (value, name)]
    lines = (title(2568), TOWN, *below, "IIT", "75.01", "OIT", "95.00")
    assert read(lines) == set()


@pytest.mark.parametrize("weight", ["30%", "น้ำหนัก 30%", "ร้อยละ 30"])
def test_a_weight_above_the_name_of_its_instrument_is_no_score(weight):
    assert read((title(2568), TOWN, weight, "IIT", "95.01", weight, "EIT", "88.22")) == {
        (2568, "IIT", "95.01"),
        (2568, "EIT", "88.22"),
    }


def test_a_percentage_that_is_no_weight_is_a_score():
    """A weight is that of its instrument: 95 is none, and indicators have none."""
    assert read((title(2568), TOWN, "95%", "IIT", "90%", "OIT")) == {(2568, "IIT", "95"), (2568, "OIT", "90")}
    cards = [line for name in NAMES for line in ("30%", name)]
    assert read((title(2568), TOWN, *cards)) == {(2568, str(n), "30") for n in range(1, 6)}


def test_indicators_by_their_number_under_the_head_of_their_instrument():
    head = ["หน่วยงาน", "IIT ตัวชี้วัดที่ 1", "IIT ตัวชี้วัดที่ 2", "IIT รวม IIT", "OIT ตัวชี้วัดที่ 9", "OIT รวม OIT"]
    row = [TOWN, "79.80", "91.16", "86.32", "76.20", "75.60"]
    assert read((title(2565), head, row)) == {
        (2565, "1", "79.80"),
        (2565, "2", "91.16"),
        (2565, "IIT", "86.32"),
        (2565, "9", "76.20"),
        (2565, "OIT", "75.60"),
    }


def test_agencies_that_did_not_pass_are_in_the_list_too():
    lines = ("หน่วยงาน IIT EIT OIT คะแนนรวม ระดับ", "1 อบต.สมมุติเหนือ 87.10 87.80 95.00 90.47 A ผ่าน")
    lines = (
        title(2565),
        *lines,
        "2 อบต.สมมุติใต้ 83.17 88.95 78.89 83.19 B ไม่ผ่าน",
        "3 อบต.สมมุติกลาง 80.00 80.00 80.00 80.00 ไม่ผ่าน",
    )
    assert {total(2565, "90.47"), total(2565, "83.19"), total(2565, "80.00")} <= read(lines)


INSIDE, OUTSIDE = (f"แบบวัดการรับรู้ของผู้มีส่วนได้ส่วนเสีย{side}" for side in ("ภายใน", "ภายนอก"))
BROKEN = [
    ("i1 ปฏิบัติงานให้บริการเป็นไปตามขั้นตอน", "และระยะเวลา 90.38", (2564, "i1", "90.38")),
    ("เทศบาลตำบลบ้านสมมุติ ได้คะแนนรวม 89.72 คะแนน เพิ่มขึ้นจากปีงบประมาณ", "พ.ศ. 2563 (83.57 คะแนน)", total(2563, "83.57")),
    (f"{INSIDE} (IIT) และ{OUTSIDE} (EIT)", "คะแนน 87.07 และ 85.73 ตามลำดับ", (2564, "EIT", "85.73")),
]


@pytest.mark.parametrize(("line", "following", "right"), BROKEN, ids=["title", "year", "respectively"])
def test_what_goes_on_in_the_next_line(line, following, right):
    assert right in read((title(2564), TOWN, line, following))


def test_what_somebody_says_in_minutes_goes_on_below():
    said = f"เรียนประธานสภา ผลการประเมิน ITA ประจำปีงบประมาณ 2567 {TOWN} ได้"
    lines = (title(2567), ["ปลัดเทศบาล", said], "88.52 คะแนน ครับ", ["ที่ประชุม", "รับทราบ"])
    assert read(lines) == {total(2567, "88.52")}


def test_a_row_about_an_indicator_or_an_agency_is_nothing_that_somebody_says():
    measure, below = "88.52 คะแนน จัดทำมาตรการเพื่อให้บุคลากรทุกคนรับทราบโดยทั่วกัน", "รายงานทุกไตรมาส"
    assert read((title(2567), TOWN, ["การใช้อำนาจ", measure], below)) == {(2567, "3", "88.52")}
    towns = (["หน่วยงาน", "ผล"], [TOWN, f"IIT 80.10 {measure[6:]}"], ["เทศบาลตำบลสมมุติใต้", f"IIT {measure}"])
    assert {r.agency: len(r.figures) for r in figures_of(rows((title(2567), *towns, below)), FRAMEWORKS)} == {
        TOWN: 1,
        "เทศบาลตำบลสมมุติใต้": 1,
    }


def test_who_answers_stands_between_a_part_and_its_score():
    line = "EIT ส่วนที่หนึ่งที่ประชาชนตอบเอง 87.59 ส่วนที่สองผู้ประเมินมาสุ่มเก็บ 86.33"
    assert read((title(2567), TOWN, line)) == {(2567, "EIT1", "87.59"), (2567, "EIT2", "86.33")}


@pytest.mark.parametrize("words", ["เพิ่มผู้ตอบ EIT จาก", "เพิ่มจำนวนการตอบแบบวัด EIT จาก"])
def test_how_many_answered_a_survey_is_not_its_score(words):
    assert read((title(2567), TOWN, words, "ร้อยละ 62.10 ให้มากขึ้น")) == set()
    assert read((title(2567), TOWN, "OIT 90.10", f"{words} 62.10 เป็น 80.00")) == {(2567, "OIT", "90.10")}


def test_what_was_reached_the_year_before_is_told_after_other_words():
    lines = (title(2568), f"{TOWN}ได้ 96.57 คะแนน", "อยู่ลำดับที่ 11 ของกลุ่ม จากเดิมเมื่อปี 2567 ที่ทำได้ 93.17 คะแนน")
    assert read(lines) == {total(2568, "96.57"), total(2567, "93.17")}


def test_a_number_of_another_year_is_no_total_where_none_is_told():
    assert read((title(2568), TOWN, "อยู่ลำดับที่ 11 ของกลุ่ม จากเดิมเมื่อปี 2567 ที่ทำได้ 93.17 คะแนน")) == set()


def test_the_name_of_a_table_has_no_years_and_numbers_under_it():
    lines = (title(2569), TOWN, ["IIT", "มาตรการ"], ["OIT", "เผยแพร่"], "ปี 2569", "94.54", "ปี 2568", "90.77")
    assert {node for _, node, _ in read(lines)} <= {"overall"}


def test_a_number_of_a_hundred_is_that_of_the_name_below():
    assert read((title(2568), TOWN, "92.75/100", "คะแนนรวม ระดับ ผ่านดี")) == {total(2568, "92.75")}


def test_words_that_a_file_tore_are_one_cell():
    assert len(split_line("ตัวชี  วัดที่ 1 และทั  งหมดของตำบลน  าใส")) == 1
    assert split_line("การปฏิบัติหน้าที่  91.20") == ["การปฏิบัติหน้าที่", "91.20"]


def test_an_agency_has_its_tone_marks_where_one_of_its_names_lost_them():
    readings = read(("ประกาศเทศบาลตำบลนำใส", title(2565), "เทศบาลตำบลน้ำใส ได้รับแจ้งผล", "IIT 90.10"))
    assert readings == {(2565, "IIT", "90.10")}


TOWNS = ("อบต.สมมุติเหนือ", "อบต.สมมุติใต้", "อบต.สมมุติกลาง")
IN_GROUPS = [
    (f"หน่วยงาน {TOWNS[0]} | {TOWNS[1]} | {TOWNS[2]}", "", "ระดับ   A   B   A"),
    (f"รายการ   {'   '.join(TOWNS)}", "แบบวัด IIT", "การใช้อำนาจ   93.20   81.00   90.00", "แบบวัด OIT (การเปิดเผยข้อมูล)"),
    (f"เครื่องมือ   {'   '.join(TOWNS)}", "IIT   93.20   81.00   90.00", "", "คะแนนรวม   92.00   80.00   91.00", ""),
]


def read_text(folder, *lines):
    """Sure scores of each agency."""
    (folder / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    readings = figures_of(read_rows(folder / "a.txt"), FRAMEWORKS)
    return {r.agency: {(f.fiscal_year, f.node, f.value) for f in r.figures if f.sure} for r in readings}


@pytest.mark.parametrize("lines", IN_GROUPS, ids=["joined head", "sections", "blank lines"])
def test_the_head_of_a_table_is_that_of_all_its_groups(tmp_path, lines):
    read_rightly = read_text(tmp_path, title(2567), *lines, "การป้องกันการทุจริต   91.10   82.20   87.50")
    assert {
        town: (2567, "10", value) for town, value in zip(TOWNS, ("91.10", "82.20", "87.50"), strict=True)
    }.items() <= {
        town: figure for town, figures in read_rightly.items() for figure in figures if figure[1] == "10"
    }.items()


@pytest.mark.parametrize("between", ["ผลการประเมินรายตำบล", "IIT 90.10 คะแนน", "แบบวัด IIT ปี 2565"])
def test_a_line_that_says_more_ends_the_table(tmp_path, between):
    head, row = f"รายการ   {'   '.join(TOWNS)}", "การใช้อำนาจ   93.20   81.00   90.00"
    read_rightly = read_text(tmp_path, title(2567), head, row, between, "การป้องกันการทุจริต   91.10   82.20   87.50")
    assert not any(node == "10" for figures in read_rightly.values() for _, node, _ in figures)


def test_years_are_apart_from_the_name_of_the_first_column(tmp_path):
    lines = ("ตัวชี้วัด ปี 2565 | ปี 2566 | ปี 2567", "", "IIT   83.24   90.00   91.00")
    assert read_text(tmp_path, title(2567), TOWN, *lines) == {
        TOWN: {(2565, "IIT", "83.24"), (2566, "IIT", "90.00"), (2567, "IIT", "91.00")}
    }
