"""Short news of invented agencies: the total told in a sentence, and the many numbers beside it that are not it."""

import pytest

from prongsai.intake import figures_of
from tests.intake.reading import FRAMEWORKS, found, unsure
from tests.intake.reading import rows as read_lines

ANNOUNCED = "ป.ป.ช. ประกาศผลการประเมินคุณธรรมและความโปร่งใส (ITA) ประจำปีงบประมาณ พ.ศ. 2565 "


def total(value: str, year: int = 2565) -> tuple[int, str, str]:
    return (year, "overall", value)


@pytest.mark.parametrize(
    "told",
    [
        "เทศบาลตำบลดอนกระต่าย ได้ค่าคะแนน 91.20",
        "เทศบาลตำบลดอนกระต่ายได้รับผลการประเมินที่ 91.20 คะแนน จากคะแนนเต็ม 100 คะแนน",
        "โดยเทศบาลตำบลดอนกระต่าย ได้ผล 91.20 คะแนน เป็นลำดับที่ 3 ของจังหวัด",
        "เทศบาลตำบลดอนกระต่ายได้คะแนนผลการประเมินฯ 91.20 คะแนน สูงกว่าค่าเฉลี่ยของเทศบาล 120 แห่ง ที่ได้ 80.75 คะแนน",
        "เทศบาลตำบลดอนกระต่าย มีผลคะแนนที่ 91.20 คะแนน ส่วนคะแนนเฉลี่ยทั้งประเทศอยู่ที่ 83.30 คะแนน",
        "หน่วยงานทั่วประเทศเข้าร่วม เทศบาลตำบลดอนกระต่ายได้ผลการประเมิน 91.20 คะแนน",
    ],
)
def test_a_total_told_in_a_sentence(told):
    assert found(ANNOUNCED + told) == {total("91.20")}


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ("สำนักงานมาตรฐานเครื่องไม้ มีผลการประเมินอยู่ในระดับ A", "A"),
        ("เทศบาลตำบลดอนกระต่าย อยู่ในระดับที่ดีเยี่ยม (AA)", "AA"),
        ("เทศบาลตำบลดอนกระต่าย ได้เกรด B", "B"),
    ],
)
def test_a_level_told_in_a_sentence(told, level):
    assert found(ANNOUNCED + told) == {(2565, "level", level)}


def test_levels_of_several_agencies_are_of_none():
    assert found(ANNOUNCED + "มอบโล่แก่เทศบาลตำบลดอนกระต่ายและหน่วยงานอื่นที่ได้ระดับ AA และระดับ A") == set()


def test_the_total_of_the_year_it_is_compared_with():
    line = "องค์การบริหารส่วนตำบลเขาแมวดำ ได้คะแนน 91.20 จาก 88.40 คะแนน ในปี พ.ศ. 2564"
    assert found(ANNOUNCED + line) == {total("91.20"), total("88.40", 2564)}
    line = "องค์การบริหารส่วนตำบลเขาแมวดำ ได้คะแนน 91.20 คะแนน เพิ่มขึ้นจากปี 2564 ที่ระดับคะแนน 88.40 คะแนน"
    assert found(ANNOUNCED + line) == {total("91.20"), total("88.40", 2564)}


def test_a_score_told_before_its_name():
    line = "กรมพัฒนาเรือใบ ได้คะแนน 91.20 ลดลงจากปี 2564 จำนวน 2.25 คะแนน โดยได้ 100 คะแนน ในด้านการป้องกันการทุจริต"
    assert found(ANNOUNCED + line) >= {total("91.20"), (2565, "10", "100")}


@pytest.mark.parametrize(
    "line",
    [
        "องค์การมหาชนทั้งหมด 40 แห่ง ได้คะแนนเฉลี่ย 83.30 คะแนน",
        "อันดับที่ 2 เทศบาลตำบลดอนกระต่าย ด้วยคะแนน 83.30 คะแนน",
        "เทศบาลตำบลดอนกระต่าย ได้ผล LPA 77/100",
        "ผลการประเมินภาพรวมระดับประเทศ คือ 83.30 คะแนน",
        "Among the towns assessed by ITA in fiscal year 2022, Hare Hill Municipality came first with a score of 83.30.",
        "Towns of the coast reached an ITA score of 83.30 on average, and a mean ITA score of 81.10 points inland.",
        "By ITA rules 60.50% of the towns got beyond the minimum ITA score of 85, up 2.20% since the spring.",
    ],
)
def test_scores_of_others_ranks_and_full_marks(line):
    assert found("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565", line) == set()


def test_the_best_of_many_is_named_with_what_it_reached():
    told = "หน่วยงานที่ได้คะแนนสูงสุด คือ เทศบาลตำบลดอนกระต่าย ได้คะแนน 83.30 คะแนน รองลงมาคือ เทศบาลเมืองดอนหมู ได้ 82.10 คะแนน และเทศบาลเมืองดอนไก่ ได้ 80.20 คะแนน"
    rows = read_lines(("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565", told))
    totals = {(r.agency, f.value) for r in figures_of(rows, FRAMEWORKS) for f in r.figures if f.sure}
    assert totals == {("เทศบาลตำบลดอนกระต่าย", "83.30"), ("เทศบาลเมืองดอนหมู", "82.10"), ("เทศบาลเมืองดอนไก่", "80.20")}


@pytest.mark.parametrize(
    "lines",
    [
        ("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565", "โรงเรียนวังปลาทอง", "ได้คะแนน 92.10 คะแนน"),
        ("โรงเรียนวังปลาทอง ได้ 92.10 คะแนน จากการประเมิน ITA ปีงบประมาณ พ.ศ. 2565",),
        ("โรงเรียนวังปลาทอง ตั้งเป้าผล ITA ปี 2566 ที่ 95 คะแนน หลังปี 2565 ได้ 92.10 คะแนน",),
        ("Hare Hill University achieved 92.10 points in the Integrity and Transparency Assessment, fiscal year 2022",),
    ],
)
def test_totals_told_apart_from_the_assessment(lines):
    assert found(*lines) == {total("92.10")}


def test_years_looked_back_on_are_not_what_the_news_is_about():
    line = "ปีงบประมาณ พ.ศ. 2565 กรมพัฒนาเรือใบ มีคะแนนรวมอยู่ที่ 91.20 คะแนน ปี 2564 ได้ 88.40 คะแนน และปี 2563 ได้ 85.10 คะแนน"
    wanted = {total("91.20"), total("88.40", 2564), total("85.10", 2563), (2565, "IIT", "90.10")}
    assert found("กรมพัฒนาเรือใบ ผ่าน ITA 2022", line, "แบบวัด IIT ได้ 90.10 คะแนน") == wanted


def test_from_last_year_to_this_year():
    line = "ในปีงบประมาณ พ.ศ. 2565 คะแนนภาพรวม ขยับจาก 88.40 มาอยู่ที่ 91.20 และเพิ่มผู้ตอบ IIT จากร้อยละ 62.50 เป็นร้อยละ 75.00"
    assert found(ANNOUNCED + "ต่อกรมพัฒนาเรือใบ", line) == {total("88.40", 2564), total("91.20")}


def test_the_sum_of_weighted_scores_is_the_total():
    line = "คะแนนของกรมพัฒนาเรือใบ = (IIT x 0.30) + (EIT x 0.30) + (OIT x 0.40) = 78.30"
    assert found(ANNOUNCED, line) == {total("78.30")}


def test_full_marks_that_were_reached():
    assert found(ANNOUNCED, "แบบวัด OIT ได้คะแนนเต็ม 100.00 แบบวัด IIT คะแนนเต็ม 100 ได้ 90.10") == {
        (2565, "OIT", "100.00"),
        (2565, "IIT", "90.10"),
    }


def test_of_the_totals_of_two_agencies_only_that_of_the_reading_is_sure():
    line = "ในจังหวัดเดียวกัน กรมพัฒนาเรือใบ ได้คะแนน 93.50 คะแนน และกรมพัฒนาเรือพาย ได้คะแนน 91.20 คะแนน"
    assert found(ANNOUNCED + line, "กรมพัฒนาเรือใบขอขอบคุณ") == {total("93.50")}


def test_without_an_agency_a_told_total_is_unsure():
    assert unsure(ANNOUNCED + "ได้คะแนน 91.20 คะแนน") == [("91.20", "ไม่พบชื่อหน่วยงานในเอกสาร")]


def test_english_news():
    head = "Hare Hill University passed the 2022 Integrity and Transparency Assessment (ITA)"
    parts = (
        "1. Open Data (OIT) scored 95.10 points",
        "2. Internal (IIT): last year it scored 80.20, and this year 90.30 points",
    )
    assert found(head, "It was rated A level with a score of 91.20 out of 100", *parts) == {
        total("91.20"),
        (2565, "level", "A"),
        (2565, "OIT", "95.10"),
        (2564, "IIT", "80.20"),
        (2565, "IIT", "90.30"),
    }
    assert found("In 2020, ITA gave Hare Hill University, assessed as B grade, 82.10 out of 100 points.") == {
        total("82.10", 2563),
        (2563, "level", "B"),
    }
    weights = "ITA fiscal year 2022: the IIT accounts for 30% of the total score"
    assert found("Hare Hill University", weights) == set()


def test_the_year_of_news_that_says_only_this_year():
    line = "ข่าว 9 ส.ค. 66 ปีนี้ มหาวิทยาลัยดอนกระต่าย ได้คะแนน ITA เท่ากับ 90.10"
    assert found(line) == {total("90.10", 2566)}
    assert found(line.replace("ส.ค.", "ธ.ค.")) == set()  # the next fiscal year has begun
    assert found(line.replace("ปีนี้", "ก่อนนี้")) == set()


def test_years_in_a_list_with_the_level_beside():
    assert found("สภ.เขาแมวดำ", ["• พ.ศ.2565", "57.30 คะแนน", "(E)"]) == {total("57.30"), (2565, "level", "E")}


def test_the_column_of_the_agency_between_means_of_others():
    head = ["เครื่องมือ/ตัวชี้วัด", "ค่าเฉลี่ยประเทศ", "มหาวิทยาลัยฯ", "ค่าเฉลี่ยกลุ่ม", "สูง/ต่ำกว่ากลุ่ม"]
    row = ["1 การปฏิบัติหน้าที่", "87.20", "89.80", "89.08", "+0.72"]
    assert found("ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565", head, row) == {(2565, "1", "89.80")}


def test_a_line_that_was_drawn_is_no_score():
    told = "เทศบาลตำบลดอนกระต่ายได้ 91.20 คะแนน แต่แบบวัด EIT มีคะแนนต่ำกว่า 85 คะแนน และ OIT ต้องได้ไม่น้อยกว่าร้อยละ 80"
    assert found(ANNOUNCED + told) == {total("91.20")}


def test_raising_an_e_service_is_no_level():
    assert found(ANNOUNCED + "เทศบาลตำบลดอนกระต่ายได้ 91.20 คะแนน และจะยกระดับ e-Service ให้ได้ระดับ A-Plus") == {
        total("91.20")
    }
