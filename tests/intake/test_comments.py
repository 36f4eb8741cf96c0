"""What assessors wrote beside disclosure items comes along, in their words."""

import pytest

from prongsai.intake import Row
from prongsai.intake.comments import comments_of
from tests.invented import framework as invented
from tests.years import YEARS

YEAR = YEARS["2564"]
FIRST, SECOND, THIRD = YEAR.rules.disclosure_items[:3]


def table(*lines, number=1):
    return [Row(cells, f"บรรทัด {n}", number) for n, cells in enumerate(lines, 1)]


def found(rows, framework=YEAR):
    return [(c.item, c.text) for c in comments_of(rows, framework)]


HEAD = ("ข้อ", "ประเด็นการตรวจ", "ความคิดเห็น", "คะแนน")


def test_the_column_that_the_head_names_is_read():
    rows = table(
        HEAD,
        ("O1", FIRST.label.th, "ภาพผังไม่มีผู้บริหารฝ่ายการเมือง", "0.00"),
        ("O2", SECOND.label.th, "", "100.00"),
        ("O๓", THIRD.label.th, "ลิงก์เปิดไม่ได้ในวันที่ตรวจ", "๐.๐๐"),
    )
    assert found(rows) == [("O1", "ภาพผังไม่มีผู้บริหารฝ่ายการเมือง"), ("O3", "ลิงก์เปิดไม่ได้ในวันที่ตรวจ")]


@pytest.mark.parametrize("head", ["ความเห็นผู้ตรวจประเมิน", "ข้อสังเกต", "เหตุผลที่ไม่ได้คะแนน", "Comments"])
def test_heads_that_mean_a_comment(head):
    rows = table(("ข้อ", "รายการ", "คะแนน", head), ("O1", FIRST.label.th, "0", "ไม่พบหน้าเว็บ"))
    assert found(rows) == [("O1", "ไม่พบหน้าเว็บ")]


def test_a_column_of_another_meaning_is_no_comment():
    rows = table(("ข้อ", "รายการ", "ผู้รับผิดชอบ", "คะแนน"), ("O1", FIRST.label.th, "สำนักปลัด", "0.00"))
    assert found(rows) == []


def test_a_table_that_goes_on_on_the_next_page_without_a_head():
    rows = [
        *table(HEAD, ("O1", FIRST.label.th, "เหตุหนึ่ง", "0.00")),
        *table(("O2", SECOND.label.th, "เหตุสอง", "0.00"), number=2),
        *table(("O3", THIRD.label.th, "0.00"), number=3),  # another layout: its columns are not those
    ]
    assert found(rows) == [("O1", "เหตุหนึ่ง"), ("O2", "เหตุสอง")]


def sentence(text):
    return [Row((text,), "บรรทัด 7")]


def test_prose_that_opens_with_the_name_of_an_item():
    rows = sentence(f"๑.{FIRST.label.th} สาเหตุเกิดจากไม่ได้แสดงชื่อรองผู้บริหารในแผนผัง")
    (comment,) = comments_of(rows, YEAR)
    assert (comment.item, comment.place) == ("O1", "บรรทัด 7")
    assert comment.text == "สาเหตุเกิดจากไม่ได้แสดงชื่อรองผู้บริหารในแผนผัง"


@pytest.mark.parametrize(
    "text",
    [
        FIRST.label.th + " สาเหตุเกิดจากไม่ได้แสดงชื่อ",  # no number: any sentence could open so
        f"1. {FIRST.label.th}",  # the name alone
        f"1. {FIRST.label.th} ได้คะแนน 100.00 คะแนน ถือว่าครบถ้วน",  # a score
        "1. จัดประชุมชี้แจงผู้รับผิดชอบทุกข้อของแบบตรวจ",  # no item
    ],
)
def test_prose_that_is_no_comment(text):
    assert found(sentence(text)) == []


def test_the_same_words_come_once_and_the_table_first():
    words = "เป็นคู่มือเรื่องทั่วไป"
    rows = [
        *sentence(f"1. {FIRST.label.th} {words}"),
        *sentence(f"2. {SECOND.label.th} ไม่มีประวัติของรองผู้บริหาร"),
        *table(HEAD, ("O1", FIRST.label.th, words, "0.00"), ("O2", SECOND.label.th, "ไม่ครบ", "0.00")),
    ]
    assert found(rows) == [("O1", words), ("O2", "ไม่ครบ"), ("O2", "ไม่มีประวัติของรองผู้บริหาร")]


def test_an_assessment_with_other_ids():
    framework = invented()
    item = framework.rules.disclosure_items[0]
    rows = table(HEAD, (item.id, item.label.th, "ยังไม่เผยแพร่", "0"))
    assert found(rows, framework) == [(item.id, "ยังไม่เผยแพร่")]


def test_a_new_head_without_comments_ends_the_column():
    rows = table(
        HEAD,
        ("O1", FIRST.label.th, "ไม่ครบ", "0.00"),
        ("ข้อ", "ประเด็น", "ผู้รับผิดชอบ", "กำหนด"),
        ("O2", SECOND.label.th, "สำนักปลัด", "ตุลาคม"),
    )
    assert found(rows) == [("O1", "ไม่ครบ")]


def test_a_number_is_no_comment():
    assert found(table(HEAD, ("O1", FIRST.label.th, "100.00", "0.00"))) == []
