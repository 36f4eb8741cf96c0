"""Texts of the kinds of tests/intake/cases in other words, another order, other years, of other kinds of agencies."""

import pytest

from prongsai.analysis import audit
from prongsai.intake import figures_of
from tests.intake.reading import FRAMEWORKS, found, rows


def of_each(*lines: str | list[str]) -> dict[str | None, set[tuple[int, str, str]]]:
    return {
        r.agency: {(f.fiscal_year, f.node, f.value) for f in r.figures if f.sure}
        for r in figures_of(rows(lines), FRAMEWORKS)
    }


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("ซึ่งทางเทศบาลเมืองท่าสมมุติ ทำได้ที่ 91.35 คะแนน ผลการประเมิน ITA ปี 2567", "เทศบาลเมืองท่าสมมุติ"),
        ("ภาพรวมของมหาวิทยาลัยราชภัฏเขาสมมุติได้ 91.35 คะแนน ในการประเมิน ITA ปี 2567", "มหาวิทยาลัยราชภัฏเขาสมมุติ"),
        ("ITA ปี 2567 และโรงพยาบาลทุ่งสมมุติได้คะแนน 91.35 คะแนน", "โรงพยาบาลทุ่งสมมุติ"),
        ("ITA ปี 2567 องค์การบริหารส่วนตำบลในเมืองสมมุติ ได้คะแนน 91.35 คะแนน", "องค์การบริหารส่วนตำบลในเมืองสมมุติ"),
        ("ทม.ท่าสมมุติ คว้าอันดับ 1 ผล ITA ปี 2567 คือ 91.35 คะแนน", "ทม.ท่าสมมุติ"),
    ],
)
def test_the_agency_is_named(line, agency):
    (reading,) = figures_of(rows((line,)), FRAMEWORKS)
    assert reading.agency == agency


def test_kinds_of_agencies_alone_are_no_agency():
    for line in ("เทศบาลตำบลและเทศบาลเมืองทุกแห่ง", "โรงเรียนในสังกัด", "ลำดับที่ 1 ของจังหวัดคือ"):
        (reading,) = figures_of(rows(("ผลการประเมิน ITA ปี 2567", line)), FRAMEWORKS)
        assert reading.agency is None


@pytest.mark.parametrize(
    "better",
    [
        "รองจากมหาวิทยาลัยทะเลสมมุติ 95.20 คะแนน",
        "โดยมหาวิทยาลัยทะเลสมมุติ ได้ 95.20 คะแนน เป็นอันดับหนึ่ง",
        "ขณะที่วิทยาลัยทะเลสมมุติ มีคะแนน 95.20 คะแนน เพิ่มขึ้น 1.20 คะแนน",
        "ส่วนคะแนนภาพรวมระดับจังหวัดเพิ่มขึ้น 1.10 คะแนน",
        "โดยหน่วยงานที่ผ่านเกณฑ์ร้อยละ 90 เพิ่มขึ้นจากปีก่อน 1.20%",
        "ค่าเฉลี่ยของหน่วยงานทั้งประเทศ 90.10 คะแนน ลดลงจากปีก่อน 0.30 คะแนน",
    ],
)
def test_what_others_had_is_not_ours(better):
    line = f"มหาวิทยาลัยเขาสมมุติได้คะแนน 92.11 คะแนน {better}"
    assert found("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2567", line) == {(2567, "overall", "92.11")}


def test_our_own_score_after_that_of_the_country():
    line = "คะแนนเฉลี่ยทั้งประเทศ 93.28 คะแนน เทศบาลตำบลห้วยสมมุติ ได้ 95.20 คะแนน เพิ่มขึ้นจากปีที่แล้ว 1.30 คะแนน"
    assert found("เทศบาลตำบลห้วยสมมุติ ผลคะแนน ITA ปี 2568", line) == {
        (2568, "overall", "95.20"),
        (2568, "change/overall", "+1.30"),
    }


@pytest.mark.parametrize(
    "lines",
    [
        ("1. เทศบาลเมืองท่าสมมุติ 96.20 คะแนน", "2. เทศบาลตำบลห้วยสมมุติ 95.11 คะแนน"),
        ("เทศบาลเมืองท่าสมมุติ", "คะแนน 96.20 ระดับ ผ่านดี", "เทศบาลตำบลห้วยสมมุติ", "คะแนน 95.11 ระดับ ผ่านดี"),
        (["อันดับ", "หน่วยงาน", "คะแนน"], ["1", "เทศบาลเมืองท่าสมมุติ", "96.20"], ["2", "เทศบาลตำบลห้วยสมมุติ", "95.11"]),
    ],
)
def test_each_agency_of_a_list_has_its_own(lines):
    each = of_each("จังหวัดสมมุติบุรี ประกาศผล ITA ปี 2566 ของเทศบาลในจังหวัด", *lines)
    totals = {name: {f for f in figures if f[1] == "overall"} for name, figures in each.items()}
    assert totals == {
        "เทศบาลเมืองท่าสมมุติ": {(2566, "overall", "96.20")},
        "เทศบาลตำบลห้วยสมมุติ": {(2566, "overall", "95.11")},
    }


def test_a_list_of_another_assessment_is_none():
    lines = ("ผลการประเมิน LPA", "1. เทศบาลเมืองท่าสมมุติ 96.20 คะแนน", "2. เทศบาลตำบลห้วยสมมุติ 95.11 คะแนน")
    assert all(not figures for figures in of_each("ข่าวจังหวัด ปี 2566", *lines).values())


@pytest.mark.parametrize(
    "lines",
    [
        ("ปี 2565", "80.10", "ปี 2566", "85.60"),
        ("ปี 2565 80.10 คะแนน", "ปี 2566 = 85.60 คะแนน"),
        (["ปี", "ผลคะแนน", "เกรด"], ["2565", "80.10", "-"], ["2566", "85.60", "ดีมาก"]),
        ("ผลการประเมิน ITA ปี 2565", "ได้คะแนนรวม 80.10", "ผลการประเมิน ITA ปี 2566", "ได้คะแนนรวม 85.60"),
    ],
)
def test_the_totals_of_years(lines):
    assert found("เทศบาลตำบลห้วยสมมุติ", "คะแนน ITA", *lines) == {(2565, "overall", "80.10"), (2566, "overall", "85.60")}


def test_years_under_an_indicator_are_not_the_totals():
    lines = ("การใช้อำนาจ", "ปี 2565", "80.10", "ปี 2566", "85.60")
    assert not any(node == "overall" for _, node, _ in found("เทศบาลตำบลห้วยสมมุติ ผล ITA", *lines))


@pytest.mark.parametrize(
    "menu",
    [
        ("หน้าแรก", "ITA 2565", "ITA 2567"),
        ("ผลการประเมิน ITA ปี 2564", "ผลการประเมิน ITA ปี 2565", "ผลการประเมิน ITA ปี 2567"),
        ("เมนูหลัก", "ข่าวสาร", "ประกาศ ITA ปี 2568", "ติดต่อเรา"),
    ],
)
@pytest.mark.parametrize("is_before", [True, False])
def test_menus_say_nothing(menu, is_before):
    page = ("สรุปรายงานผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2566", "เทศบาลนครอ่าวสมมุติ ได้คะแนนรวม 93.10 คะแนน")
    assert found(*((*menu, *page) if is_before else (*page, *menu))) == {(2566, "overall", "93.10")}


def test_a_title_that_names_another_year_than_the_document_leaves_its_scores_open():
    lines = (
        "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2567 เทศบาลตำบลดอยสมมุติ",
        "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2567 มีดังนี้",
        "ข่าวอื่น: เผยแพร่รายงานผลการประเมิน ITA ปี 2565 แล้ว",
        "ได้คะแนนรวม 93.10 คะแนน",
    )
    assert not any(year == 2565 for year, *_ in found(*lines))


@pytest.mark.parametrize(
    "order",
    ["เรียงจากสูงสุดไปต่ำสุด", "เรียงลำดับจากมากที่สุดไปหาน้อยที่สุด", "จากต่ำสุดถึงสูงสุด", "คะแนนสูงสุด - ต่ำสุด", "จากมากไปน้อย"],
)
def test_how_a_list_is_sorted_is_no_claim(order):
    line = f"คะแนนรายตัวชี้วัด{order} การเปิดเผยข้อมูล 99.10 คะแนน การใช้อำนาจ 90.20 คะแนน"
    assert found("ผลการประเมิน ITA ปี 2566", line) == {(2566, "9", "99.10"), (2566, "3", "90.20")}


def test_what_is_highest_and_lowest_is_a_claim_still():
    line = "ตัวชี้วัดที่ได้คะแนนสูงสุด คือ การใช้อำนาจ 98.00 คะแนน ตัวชี้วัดที่ได้คะแนนต่ำสุด คือ การป้องกันการทุจริต 70.00 คะแนน"
    claims = {(2566, "highest/all", "3"), (2566, "lowest/all", "10")}
    assert found("ผลการประเมิน ITA ปี 2566", line) >= claims


# --- the arithmetic decides
# -----------------------------------------------------------------------------------------


SHARES = ("IIT 26.70", "EIT 25.50", "OIT 36.00")
TITLE = "ผลการประเมิน ITA ปี 2564 องค์การบริหารส่วนตำบลห้วยสมมุติ"


def test_shares_beside_their_sum_are_no_scores():
    assert found(TITLE, *SHARES, "รวม 88.20 คะแนน") == {(2564, "overall", "88.20")}


def test_small_numbers_alone_may_be_either():
    assert found(TITLE, *SHARES) == set()


def test_low_scores_whose_total_agrees_are_scores():
    assert found(TITLE, *SHARES, "คะแนนรวม 30.06 คะแนน") == {
        *((2564, node, value) for node, value in (line.split() for line in SHARES)),
        (2564, "overall", "30.06"),
    }


def test_one_low_score_among_others_is_a_score():
    lines = ("IIT 26.70", "EIT 85.50", "OIT 96.00")
    assert {value for _, _, value in found(TITLE, *lines)} == {"26.70", "85.50", "96.00"}


def test_a_sum_under_an_instrument_is_the_total_only_where_that_adds_up():
    scores = (
        "แบบวัด IIT",
        "คะแนนรวม 85.20 คะแนน",
        "แบบวัด EIT",
        "คะแนนรวม 80.20 คะแนน",
        "แบบตรวจ OIT",
        "คะแนนรวม 90.00 คะแนน",
    )
    figures = found(TITLE, *scores, "คะแนนรวมทั้งหมด 85.62")
    assert figures == {
        (2564, "IIT", "85.20"),
        (2564, "EIT", "80.20"),
        (2564, "OIT", "90.00"),
        (2564, "overall", "85.62"),
    }
    assert found(TITLE, "แบบวัด IIT", "คะแนนรวม 85.20 คะแนน") == set()


def test_a_slip_of_the_writer_stays_one():
    """No other reading is open, so the total that does not add up is the document's."""
    lines = ("IIT 86.70", "EIT 85.50", "OIT 96.00", "คะแนนรวม 91.06 คะแนน")  # 90.06
    (reading,) = figures_of(rows((TITLE, *lines)), FRAMEWORKS)
    assert all(f.sure for f in reading.figures)
    assert {c.node for c in audit(reading.figures, FRAMEWORKS) if c.verdict == "contradicted"} == {"overall"}


def test_columns_that_nothing_tells_apart_are_unsure():
    for first, second in (("สxน ก", "สxน ข"), ("", ""), ("ครั้งที่ 1", "ครั้งที่ 2")):
        table = (["ตัวชี้วัด", "คะแนน EIT ปี 2568", ""], ["", first, second], ["คุณภาพการดำเนินงาน", "93.00", "94.50"])
        assert found("ผลการประเมิน ITA ปี 2568", *table) == set()


def test_columns_of_a_survey_are_told_apart_by_their_numbers():
    """However the word for a part is damaged."""
    table = (["ตัวชี้วัด", "คะแนน EIT ปี 2568", ""], ["", "สxน 1", "สxน 2"], ["คุณภาพการดำเนินงาน", "93.00", "94.50"])
    assert found("ผลการประเมิน ITA ปี 2568", *table) == {(2568, "EIT1/6", "93.00"), (2568, "EIT2/6", "94.50")}


def test_what_explains_a_chart_or_states_a_level_is_no_heading():
    lines = (
        "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568",
        "เทศบาลตำบลดอยสมมุติ",
        "คะแนนรวม 96.04 คะแนน",
        "ปีงบประมาณ พ.ศ. 2567 อยู่ในระดับ “ผ่านดี”",
        "แผนภูมิคะแนนรายเครื่องมือ (เส้นประคือค่าเป้าหมาย 85 ขีดดำคือคะแนนปี 2567)",
        "ตัวชี้วัดที่ได้คะแนนสูงสุด ได้แก่ ตัวชี้วัดที่ 3 การใช้อำนาจ (100.00 คะแนน)",
    )
    assert (2568, "highest/all", "3") in found(*lines)
    assert (2567, "highest/all", "3") not in found(*lines)
    headed = (*lines[:3], "ผลการประเมินรายตัวชี้วัด (ปี 2567)", lines[5])
    assert (2568, "highest/all", "3") not in found(*headed)


def test_a_cover_may_say_of_what_an_agency_is_a_part():
    cover = ("รายงานผลการดำเนินการ", "สำนักงานเขตสมมุติ", "กรุงเทพมหานคร", "ประจำปีงบประมาณ พ.ศ. 2564")
    text = "สำนักงานเขตสมมุติ ได้รับผลการประเมิน ITA ในภาพรวม 65.96 คะแนน"
    assert (2564, "overall", "65.96") in found(*cover, text)


# --- what documents of dozens of offices taught


RESULT = "ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2567 เทศบาลตำบลห้วยสมมุติ"


@pytest.mark.parametrize(
    ("line", "figures"),
    [
        (
            "การใช้อำนาจ ได้ 92.11 คะแนน ลดลงจากปี 2566 (95.20 คะแนน) จำนวน 3.09 คะแนน",
            {(2567, "3", "92.11"), (2566, "3", "95.20"), (2567, "change/3", "-3.09")},
        ),
        (
            "การใช้งบประมาณ ได้ 90.00 คะแนน คงที่จากปีงบประมาณ พ.ศ. 2566 ซึ่งได้ 90.00 คะแนน คิดเป็น 0.00 คะแนน",
            {(2567, "2", "90.00"), (2566, "2", "90.00")},
        ),
        (
            "คะแนนรวม 90.00 คะแนน ในรอบ 3 ปีเพิ่มขึ้น 9.00 คะแนน",
            {(2567, "overall", "90.00")},
        ),
        (
            "คะแนนรวมขยับจาก 80.50 คะแนน ในปี 2565 เป็น 90.00 คะแนน ในปี 2567",
            {(2565, "overall", "80.50"), (2567, "overall", "90.00")},
        ),
        ("EIT ส่วนที่หนึ่ง 91.20 คะแนน ส่วนที่สอง 88.10 คะแนน", {(2567, "EIT1", "91.20"), (2567, "EIT2", "88.10")}),
        ("91.20 = IIT และ 88.10 = OIT", {(2567, "IIT", "91.20"), (2567, "OIT", "88.10")}),
        (
            "แบบวัด EIT ส่วนที่ 2 ได้ 90.20 คะแนน มาจากคุณภาพการดำเนินงาน 91.11 คะแนน",
            {(2567, "EIT2", "90.20"), (2567, "EIT2/6", "91.11")},
        ),
        (
            "ปี 2565 (80.50 / B) → ปี 2566 (85.10 / ผ่าน)",
            {(2565, "overall", "80.50"), (2566, "overall", "85.10")},
        ),
    ],
)
def test_numbers_told_beside_each_other(line, figures):
    assert {f for f in found(RESULT, line) if f[1] != "level"} == figures


def test_a_level_that_was_not_reached_is_none():
    for words in ("ไม่ได้ระดับ ผ่านดี เพราะ OIT ต่ำ", "ยังไม่ถึงระดับ ผ่านดีเยี่ยม", "มิได้อยู่ในระดับ ผ่าน"):
        assert not found(RESULT, words)


def test_a_level_that_the_year_does_not_have_is_the_readers_doubt():
    (reading,) = figures_of(rows((RESULT, "คะแนนรวม 90.11 คะแนน", "อยู่ในระดับ A")), FRAMEWORKS)
    assert not [c for c in audit(reading.figures, FRAMEWORKS) if c.verdict == "contradicted"]


@pytest.mark.parametrize(
    "mean", ["ค่าเฉลี่ยเทศบาลตำบล", "เฉลี่ย 12 แห่ง", "คะแนนเฉลี่ยระดับอำเภอ", "Average of all departments"]
)
def test_a_column_of_means_of_others_is_nobodys(mean):
    table = (["รายการ", mean, "เทศบาลตำบลห้วยสมมุติ"], ["IIT", "80.10", "90.20"], ["OIT", "81.10", "91.20"])
    assert found(RESULT, *table) == {(2567, "IIT", "90.20"), (2567, "OIT", "91.20")}


def test_columns_of_agencies_are_theirs():
    table = (
        ["ตัวชี้วัด", "อบต.ท่าสมมุติ", "อบต.ดอยสมมุติ", "เฉลี่ย 2 แห่ง"],
        ["การใช้อำนาจ", "80.10", "90.20", "85.15"],
        ["คะแนนรวม", "81.10", "91.20", "86.15"],
    )
    each = of_each("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2567", *table)
    assert each == {
        "อบต.ท่าสมมุติ": {(2567, "3", "80.10"), (2567, "overall", "81.10")},
        "อบต.ดอยสมมุติ": {(2567, "3", "90.20"), (2567, "overall", "91.20")},
    }


def test_lines_under_a_line_of_years_are_a_table():
    lines = (
        "ที่ ตัวชี้วัด ปี 2566 ปี 2567 เพิ่ม/ลด",
        "1การปฏิบัติหน้าที่ 90.10 91.20 +1.10",
        "2การใช้งบประมาณ 88.10 86.00 -2.10",
        "3การใช้อำนาจ 80.00 81.00 +1.00",
        "4การใช้ทรัพย์สินของราชการ 80.00 82.00 +2.00",
    )
    scores = {f for f in found(RESULT, *lines) if not f[1].startswith("change/")}
    assert {(2566, "1", "90.10"), (2567, "1", "91.20"), (2566, "4", "80.00"), (2567, "4", "82.00")} <= scores
    assert len(scores) == 8


def test_totals_in_brackets_after_names_are_those_agencies():
    line = "ผ่านดี 2 แห่ง ได้แก่ อบต.ท่าสมมุติ (93.75), อบต.ดอยสมมุติ (91.65) ต้องปรับปรุง ได้แก่ ทต.คลองสมมุติ (72.10)"
    each = of_each("ผล ITA ปีงบประมาณ พ.ศ. 2566 ของท้องถิ่นในจังหวัด", line)
    totals = {name: figures for name, figures in each.items() if figures}
    assert totals["อบต.ดอยสมมุติ"] >= {(2566, "overall", "91.65")}
    assert totals["ทต.คลองสมมุติ"] >= {(2566, "overall", "72.10")}


def test_words_broken_by_a_hyphen_and_decimals_with_commas():
    broken = ("การใช้ทรัพย์สินของ-", "ราชการ ได้ 92.32 คะแนน")
    assert found(RESULT, *broken) == {(2567, "4", "92.32")}
    commas = (["การใช้อำนาจ", "92,32"], ["การใช้งบประมาณ", "80,11"], ["การปฏิบัติหน้าที่", "85,00"])
    assert found(RESULT, *commas) == {(2567, "3", "92.32"), (2567, "2", "80.11"), (2567, "1", "85.00")}


def test_a_mail_below_the_answer_has_its_own_year():
    mail = ("คะแนนรวม 94.56 คะแนน", "> ผลปี 2566 ของเทศบาลตำบลห้วยสมมุติ", "> คะแนนรวม 92.08 คะแนน")
    assert found(RESULT, *mail) == {(2567, "overall", "94.56"), (2566, "overall", "92.08")}


def test_strengths_above_another_line_are_not_counted_by_ours():
    lines = ("จุดแข็ง (ได้ 92 คะแนนขึ้นไป) จำนวน 1 ตัวชี้วัด", "การใช้อำนาจ 95.00 คะแนน", "การใช้งบประมาณ 90.00 คะแนน")
    for line, counted in (("92", set()), ("85", {"1"})):
        (reading,) = figures_of(rows((RESULT, lines[0].replace("92", line), *lines[1:])), FRAMEWORKS)
        assert {f.value for f in reading.figures if f.node == "count/strengths"} == counted


@pytest.mark.parametrize("label", ["น้ำหนัก (ร้อยละ)", "ค่าเป้าหมายปี 2568", "เฉลี่ย 12 แห่ง", "การประเมิน LPA"])
def test_rows_that_are_no_scores(label):
    table = (["แบบวัด", "IIT", "EIT", "OIT", "คะแนนรวม"], ["คะแนน", "90.10", "91.10", "92.10", "91.20"])
    extra = [label, "30", "30", "40", "95.00"]
    assert {f[2] for f in found(RESULT, *table, extra)} == {"90.10", "91.10", "92.10", "91.20"}


def test_the_year_of_measures_is_not_that_of_the_result():
    lines = (
        "การวิเคราะห์ผลการประเมิน ITA เทศบาลตำบลห้วยสมมุติ",
        "ในปีงบประมาณ พ.ศ. 2568 เทศบาลตำบลห้วยสมมุติได้คะแนนภาพรวม 91.08 คะแนน",
        "การใช้อำนาจ ได้คะแนนเท่ากับ 95.25",
        "มาตรการส่งเสริมคุณธรรมและความโปร่งใสภายในหน่วยงาน ประจำปีงบประมาณ พ.ศ. 2569",
    )
    assert found(*lines) == {(2568, "overall", "91.08"), (2568, "3", "95.25")}


def test_who_assesses_is_not_who_is_assessed():
    table = (
        ["การประเมิน", "หน่วยงานที่ประเมิน", "ปี 2566", "ปี 2567"],
        ["ITA", "สำนักงาน ป.ป.ช.", "88.41", "88.51"],
        ["LPA", "กรมสมมุติการปกครอง", "84.62", "88.05"],
    )
    assert found(RESULT, *table) == {(2566, "overall", "88.41"), (2567, "overall", "88.51")}


NAMES = ("Performing Duties", "Spending the Budget", "Exercising Power", "Use of Assets")


@pytest.mark.parametrize(
    ("head", "rows_of"),
    [
        (["No.", "Indicator", "Tool", "Score"], lambda n, name: [str(n), name, "IIT", f"9{n}.10"]),
        ("By indicator, the scores of the university are as follows:", lambda n, name: [f"{n}. {name}", f"9{n}.10"]),
    ],
)
def test_english_names_that_are_none_of_ours_are_known_by_their_numbers(head, rows_of):
    title = "Hare Hill University, Integrity and Transparency Assessment (ITA), fiscal year 2025"
    table = [rows_of(n, name) for n, name in enumerate(NAMES, 1)]
    assert found(title, head, *table) == {(2568, str(n), f"9{n}.10") for n in range(1, 5)}


@pytest.mark.parametrize(
    "table",
    [
        (["No.", "Department", "Score"], ["1", "Department of Rivers", "91.10"], ["2", "Department of Hills", "92.10"]),
        (["No.", "Plan", "Progress"], ["1", "Service Mind", "91.10"], ["2", "Clean Office", "92.10"]),
        (["No.", "Indicator", "Score"], ["3", "Exercising Power", "91.10"], ["4", "Use of Assets", "92.10"]),
    ],
)
def test_other_numbered_rows_are_no_indicators(table):
    title = "Hare Hill University, Integrity and Transparency Assessment (ITA), fiscal year 2025"
    assert not [f for f in found(title, *table) if f[1].isdigit()]


def test_numbers_of_indicators_are_heads_of_columns():
    table = (["ตัวชี้วัดที่", *"1234567"], ["คะแนน", "81.10", "82.20", "83.30", "84.40", "85.50", "86.60", "87.70"])
    wanted = {(2565, str(n), f"8{n}.{n}0") for n in range(1, 8)}
    assert found("ผล ITA ปี 2565 เทศบาลตำบลห้วยสมมุติ", *table) == wanted
    line = "คะแนนรายตัวชี้วัด (1) 81.10 (2) 82.20 (3) 83.30 (4) 84.40 (5) 85.50"
    assert found("ผล ITA ปี 2565 เทศบาลตำบลห้วยสมมุติ", line) == {f for f in wanted if f[1] < "6"}
    other = "โครงการตามตัวชี้วัดของแผน (2) 82.20 (3) 83.30 (5) 84.40 (6) 85.50 (9) 86.60"
    assert not found("ผล ITA ปี 2565 เทศบาลตำบลห้วยสมมุติ", other)


@pytest.mark.parametrize("name", ["คะแนน", "คะแนนที่ได้", "ผลคะแนน"])
def test_scores_of_years_side_by_side_are_totals(name):
    table = (["ปีงบประมาณ", "2565", "2566", "2567"], [name, "80.10", "85.20", "90.30"])
    assert found("สถิติ ITA ของเทศบาลตำบลห้วยสมมุติ", *table) == {
        (2565, "overall", "80.10"),
        (2566, "overall", "85.20"),
        (2567, "overall", "90.30"),
    }


@pytest.mark.parametrize("end", ["ระดับ ผ่านดี", "อยู่ในระดับ ผ่านดี", "ผลการประเมิน ผ่านดี", "(ผ่านดี)"])
def test_a_line_a_year_is_a_history(end):
    lines = [f"ปีงบประมาณ พ.ศ. {year} ได้ 9{n}.10 คะแนน {end}" for n, year in enumerate((2566, 2567, 2568))]
    figures = found("เทศบาลตำบลห้วยสมมุติ กับการประเมิน ITA", *lines)
    assert {f for f in figures if f[1] == "overall"} == {
        (2566, "overall", "90.10"),
        (2567, "overall", "91.10"),
        (2568, "overall", "92.10"),
    }


@pytest.mark.parametrize("sum_row", ["รวม", "เฉลี่ย", "คะแนนเฉลี่ยรวม"])
def test_the_sum_under_the_indicators_of_an_instrument_is_its_score(sum_row):
    table = (["ตัวชี้วัด", "คะแนน"], ["การปฏิบัติหน้าที่", "90.10"], ["การใช้อำนาจ", "80.10"], [sum_row, "85.10"])
    assert (2567, "IIT", "85.10") in found(RESULT, "คะแนนแบบวัด IIT", *table)
    parts = (
        ["ตัวชี้วัด", "ส่วนที่ 1", "ส่วนที่ 2"],
        ["คุณภาพการดำเนินงาน", "90.10", "80.10"],
        ["ประสิทธิภาพการสื่อสาร", "91.10", "81.10"],
        [sum_row, "90.60", "80.60"],
    )
    assert {(2567, "EIT1", "90.60"), (2567, "EIT2", "80.60")} <= found(RESULT, "คะแนน EIT แยกสองส่วน", *parts)


def test_the_number_of_a_section_is_no_score():
    assert found(RESULT, ["3.1 การใช้อำนาจ = 87.44 คะแนน", "( / ) สูงกว่า 90"]) == {(2567, "3", "87.44")}


def test_a_number_and_a_colon_before_a_name():
    lines = ("92.92 คะแนน", "ผลการประเมิน: ผ่านดี", "89.90 คะแนน : แบบวัด IIT", "98.57 คะแนน – การใช้อำนาจ")
    figures = {f for f in found("เทศบาลตำบลห้วยสมมุติ", "ผลคะแนนการประเมิน ITA ปีงบประมาณ 2567", *lines) if f[1] != "level"}
    assert figures == {(2567, "overall", "92.92"), (2567, "IIT", "89.90"), (2567, "3", "98.57")}


def test_an_instrument_by_the_name_of_its_indicator():
    """With its code in brackets, and no number of an indicator before it."""
    assert found(RESULT, "- การเปิดเผยข้อมูล (OIT) : 98.57") == {(2567, "OIT", "98.57")}
    assert found(RESULT, "ตชว.9 การเปิดเผยข้อมูล (OIT) = 84.78") == {(2567, "9", "84.78")}


@pytest.mark.parametrize("title", ["ความก้าวหน้า", "ผลสำเร็จของกิจกรรม", "ผู้รับผิดชอบ"])
def test_what_was_done_beside_an_indicator_is_no_score_of_it(title):
    table = (
        ["ลำดับ", "ตัวชี้วัด (คะแนนปี 2567)", "มาตรการ", title],
        ["1", "การใช้อำนาจ (84.98)", "ประชุมชี้แจง 2 ครั้ง", "ทำแล้วร้อยละ 75.00"],
    )
    assert found(RESULT, *table) == {(2567, "3", "84.98")}


@pytest.mark.parametrize("year", FRAMEWORKS)
def test_an_item_whose_name_speaks_of_satisfaction_is_ours(year):
    """A survey of satisfaction is another assessment; the item that asks to publish one is not."""
    items = FRAMEWORKS[year].rules.disclosure_items
    table = [[item.id, item.label.th, "", f"{number}.25"] for number, item in enumerate(items, 30)]
    lines = (f"ผลการประเมิน ITA ปีงบประมาณ พ.ศ. {year}", ["ข้อ", "ประเด็น", "ความคิดเห็น", "คะแนน"], *table)
    (reading,) = figures_of(rows(lines), FRAMEWORKS)
    assert {f.node for f in reading.figures if f.sure} == {item.id for item in items}


def test_a_title_over_the_head_of_a_table_makes_its_means_nobody_elses():
    lines = (
        ["รายละเอียดผลการประเมิน ประจำปีงบประมาณ 2564", "", "คะแนนเฉลี่ย", "", "คะแนนเฉลี่ย", ""],
        ["OIT", "คะแนนเฉลี่ย", "OIT", "คะแนนเฉลี่ย", "", ""],
        ["9 การเปิดเผยข้อมูล", "83.70", "10 การป้องกันการทุจริต", "100.00", "", ""],
    )
    assert of_each(*lines) == {None: {(2564, "9", "83.70"), (2564, "10", "100.00")}}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("เดิม คะแนน IIT 88.14 แก้เป็น 90.28",), {"IIT": "90.28"}),
        ((["เดิม", "คะแนน OIT 90.00", "แก้ไขเป็น", "100.00"],), {"OIT": "100.00"}),
        (("คะแนน EIT จากเดิม 80.00 คะแนน ขอแก้เป็น 81.25 คะแนน",), {"EIT": "81.25"}),
        (("คะแนนรวมเท่ากับ 93.02\u00b9 และ OIT 97.50\u00b2",), {"overall": "93.02", "OIT": "97.50"}),
        (
            ("การใช้งบประมาณ การใช้อำนาจ และการใช้ทรัพย์สินของราชการ ได้ 96.52, 84.11 และ 85.20 ตามลำดับ",),
            {"2": "96.52", "3": "84.11", "4": "85.20"},
        ),
        (("คะแนน IIT และ OIT ได้ 96.52 คะแนน และ 85.20 คะแนน ตามลำดับ",), {"IIT": "96.52", "OIT": "85.20"}),
        (("คะแนน IIT, EIT และ OIT ได้ 96.52 และ 85.20 ตามลำดับ",), {}),  # whose is which?
        (("EIT part 1 = ผู้รับบริการตอบเอง / part 2 = ผู้สำรวจถาม",), {}),
    ],
)
def test_corrections_footnotes_and_what_is_told_in_turn(lines, told):
    (reading,) = figures_of(rows(("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2566 เทศบาลตำบลสมมุติ", *lines)), FRAMEWORKS)
    assert {f.node: f.value for f in reading.figures if f.sure} == told


@pytest.mark.parametrize("arrow", ["\u2192", " \u27a1 ", "  \u21d2  "])
def test_before_and_after_an_arrow_are_two_years(arrow):
    lines = (
        f"มหาวิทยาลัยสมมุติ เปรียบเทียบ ITA ปี 2566{arrow}ปี 2567",
        f"คะแนนรวม 91.97{arrow}90.41",
        f"คะแนน OIT 91.88{arrow}96.88",
    )
    assert of_each(*lines) == {
        "มหาวิทยาลัยสมมุติ": {
            (2566, "overall", "91.97"),
            (2567, "overall", "90.41"),
            (2566, "OIT", "91.88"),
            (2567, "OIT", "96.88"),
        }
    }


@pytest.mark.parametrize("count", [5, 10])
def test_indicators_by_number_beside_agencies(count):
    numbers = [str(n) for n in range(1, count + 1)]
    values = [f"{80 + n}.25" for n in range(1, count + 1)]
    lines = (
        "คะแนนรายตัวชี้วัด ITA ปีงบประมาณ พ.ศ. 2564 ของหน่วยงานในอำเภอ",
        ["หน่วยงาน", *numbers, "รวม"],
        ["เทศบาลตำบลสมมุติ", *values, "88.88"],
    )
    wanted = {(2564, n, v) for n, v in zip(numbers, values, strict=True)} | {(2564, "overall", "88.88")}
    assert of_each(*lines)["เทศบาลตำบลสมมุติ"] == wanted


def test_the_code_of_an_item_counts_more_than_a_name_like_that_of_an_indicator():
    """Indicator 3 is การใช้อำนาจ; O3 of an earlier year is อำนาจหน้าที่, and disclosure items do not measure indicator 3.
    "i3 การใช้อำนาจ" may be the indicator."""
    title = "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565"
    assert found(title, ["O3 อำนาจหน้าที่", "62.25"], ["O20 ผลการปฏิบัติหน้าที่", "62.50"]) == {
        (2565, "O3", "62.25"),
        (2565, "O20", "62.50"),
    }
    assert (2565, "3", "62.25") in found(title, ["i3 การใช้อำนาจ", "62.25"])


@pytest.mark.parametrize(
    "gap",
    [
        "ยังขาด 5.21 คะแนน จึงไม่ถึงเกณฑ์ของระดับ “ผ่านดี” ซึ่งกำหนดไว้ไม่น้อยกว่า 85 คะแนน",
        "ขาดอีก 5.21 คะแนนจะถึงเป้าหมาย",
        "ห่าง 5.21 คะแนนจากเป้าหมาย",
        "ต้องเพิ่มขึ้น 5.21 คะแนนจึงจะผ่าน",
    ],
)
@pytest.mark.parametrize("subject", ["คะแนน EIT ส่วนที่ 1", "ตัวชี้วัดที่ 6 คุณภาพการดำเนินงาน", "คะแนนรวม"])
def test_what_is_lacking_is_no_score(subject, gap):
    assert found("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568", f"{subject} {gap}") == set()


@pytest.mark.parametrize(
    "counted", ["ผู้ตอบแบบวัด IIT 64 คน (ร้อยละ 80.00)", "ผู้ตอบ EIT 1,250 ราย", "แบบวัด OIT 43 ข้อ ตรวจแล้ว 43 ครั้ง"]
)
def test_a_total_below_how_many_answered_is_of_the_agency(counted):
    lines = ("ผลคะแนน ITA ปี 2564 มหาวิทยาลัยดอยสมมุติ", "IIT", "73.70", "EIT", "83.46", "OIT", "71.07", counted)
    (figures,) = of_each(*lines, "คะแนนรวม 75.68 คะแนน").values()
    assert figures == {
        (2564, "IIT", "73.70"),
        (2564, "EIT", "83.46"),
        (2564, "OIT", "71.07"),
        (2564, "overall", "75.68"),
    }


def test_shares_of_the_total_are_never_sure_below_how_many_answered():
    lines = ("ผลคะแนน ITA ปี 2564 มหาวิทยาลัยดอยสมมุติ", "IIT", "23.70", "EIT", "23.46", "OIT", "31.07")
    (figures,) = of_each(*lines, "ผู้ตอบแบบวัด IIT 64 คน (ร้อยละ 80.00)", "คะแนนรวม 78.23 คะแนน").values()
    assert figures == {(2564, "overall", "78.23")}
