"""What assessors wrote beside disclosure items comes along, in their words."""

import itertools

import pytest

from prongsai.intake import Row
from prongsai.intake.comments import comments_of, join_comments
from prongsai.intake.reader import figures_of
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


WRITTEN = "ไม่พบข้อมูล ปี ๒๕๖๔ ตามข้อ ๓ <b>ในหน้า</b> 2 & ½ ของ “แผนฯ”"


def test_a_comment_is_kept_as_it_was_written():
    """Its digits, what looks like markup, and signs; what a file did to the letters (a vowel in pieces) is mended."""
    assert found(table(HEAD, ("O๑", FIRST.label.th, WRITTEN, "๐.๐๐"))) == [("O1", WRITTEN)]
    assert found(sentence(f"๑. {FIRST.label.th} {WRITTEN}")) == [("O1", WRITTEN)]
    assert found(sentence(f"O๑ {FIRST.label.th}: {WRITTEN}")) == [("O1", WRITTEN)]
    assert found(table(HEAD, ("O1", FIRST.label.th, "ไม่ม\u200bีค\u0e4d\u0e32สั่ง ข้อ ๕", "0"))) == [("O1", "ไม่มีคำสั่ง ข้อ ๕")]


def test_comments_that_differ_in_a_digit_alone_are_two():
    rows = table(HEAD, ("O1", FIRST.label.th, "ไม่พบแผนข้อ ๑", "0"), ("O1", FIRST.label.th, "ไม่พบแผนข้อ ๒", "0"))
    assert found(rows) == [("O1", "ไม่พบแผนข้อ ๑"), ("O1", "ไม่พบแผนข้อ ๒")]


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


def test_the_marks_of_the_last_letter_belong_to_the_name():
    """อำนาจหน้าที่ ends with a vowel and a tone above a letter: the comment begins after them."""
    name = YEAR.items["O3"].label.th
    assert name.endswith("\u0e35\u0e48")
    assert found(sentence(f"3. {name} ยังไม่เผยแพร่กฎหมายที่เกี่ยวข้อง")) == [("O3", "ยังไม่เผยแพร่กฎหมายที่เกี่ยวข้อง")]


def test_a_comment_on_an_item_that_the_year_does_not_have_is_left_out():
    rows = [*sentence("O99: ไม่พบข้อมูลบนเว็บไซต์"), *sentence("O1: ไม่พบข้อมูลบนเว็บไซต์")]
    assert found(rows) == [("O1", "ไม่พบข้อมูลบนเว็บไซต์")]


@pytest.mark.parametrize(
    "text",
    [
        FIRST.label.th + " สาเหตุเกิดจากไม่ได้แสดงชื่อ",  # no number: any sentence could open so
        "O1 ถึง O7 เป็นข้อมูลพื้นฐานที่ไม่ครบถ้วน",  # several items
        "O1 เป็นข้อที่ตรวจโครงสร้าง ซึ่งยังไม่ได้กล่าวถึง",  # a sentence about it
        f"- {FIRST.label.th} และเรื่องอื่นของหน่วยงาน",  # a list that names items
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


# --- shapes of prose, generated

WHY = "ไม่แสดงชื่อรองผู้บริหารในแผนผัง"
MARKERS = ("", "1. ", "๑) ", "(1) ", "- ", "• ", "– ", "ข้อ ")
CODES = ("", "O1 ", "O๑ ", "O 1 ", "O1. ", "O1: ")
NAMES = ("", FIRST.label.th)
SEPARATORS = (" ", ": ", " : ", " - ", ", ")


def shapes():
    for marker, code, name, separator in itertools.product(MARKERS, CODES, NAMES, SEPARATORS):
        says_so = marker.strip() not in ("", "ข้อ") or (code and (name or ":" in code + separator))
        if (code or name) and says_so and not (marker == "ข้อ " and not code):
            yield f"{marker}{code}{name}{separator}{WHY}"


@pytest.mark.parametrize("text", list(shapes()))
def test_every_way_to_open_with_an_item(text):
    assert [(item, said.strip(" ,")) for item, said in found(sentence(text))] == [("O1", WHY)]


def lines(*texts):
    return [Row((text,), f"บรรทัด {n}") for n, text in enumerate(texts, 1)]


OPENINGS = (f"1. {FIRST.label.th}", f"O1 {FIRST.label.th}", f"1. O1 {FIRST.label.th}", f"- {FIRST.label.th}")
FOLLOWING = ("จึงเรียนมาเพื่อโปรดทราบ", f"2. {SECOND.label.th} ไม่มีประวัติของรองผู้บริหาร", "เห็นควรแจ้งทุกกองเพื่อดำเนินการแก้ไข")
WRAPPED = (
    "สาเหตุเกิดจากในวันที่ตรวจ แผนผังบนเว็บไซต์ของหน่วยงานยังไม่แสดงชื่อของ",
    "รองผู้บริหารฝ่ายการเมือง และข้อมูลที่แสดงอยู่เป็นข้อมูลของปีงบประมาณที่ผ่านมา",
    "ทั้งหมดจนถึงวันตรวจ",
)


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("following", FOLLOWING)
def test_prose_over_several_lines_is_one_comment(opening, following):
    first = [c for c in found(lines(f"{opening} {WRAPPED[0]}", *WRAPPED[1:], following)) if c[0] == "O1"]
    assert first == [("O1", " ".join(WRAPPED))]


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("mark", ["", "- ", "• "])
def test_the_reason_on_a_line_of_its_own(opening, mark):
    rows = lines(opening, f"{mark}{WHY}", "จึงเรียนมาเพื่อโปรดทราบ", "กองคลังรับผิดชอบเรื่องงบประมาณทั้งหมด")
    assert found(rows) == [("O1", WHY)]


def test_a_colon_says_that_the_reason_follows():
    said = "แผนผังที่นำมาแสดงเป็นของหน่วยงานอื่น"
    assert found(lines(f"O1 {FIRST.label.th}:", said)) == [("O1", said)]
    assert found(lines(f"1. {FIRST.label.th}", "กองคลังรับผิดชอบเรื่องงบประมาณทั้งหมด")) == []


def test_a_paragraph_of_a_document_does_not_go_on_with_the_one_before():
    whole = f"1. {FIRST.label.th} {WHY} " + "และไม่มีข้อมูลอื่นใดที่เกี่ยวข้อง " * 6
    rows = lines(whole, "กองคลังได้รับแจ้งเรื่องนี้แล้วและเริ่มดำเนินการในเดือนถัดมา")
    ((item, text),) = found(rows)
    assert item == "O1"
    assert "กองคลัง" not in text


def test_two_columns_of_comments():
    head = ("ข้อ", "รายการ", "เหตุผล", "ข้อสังเกต", "คะแนน")
    rows = table(
        head,
        ("O1", FIRST.label.th, "ไม่ครบห้าเรื่อง", "ลิงก์เปิดไม่ได้", "0.00"),
        ("O2", SECOND.label.th, "", "ข้อมูลเป็นของปีก่อน", "0.00"),
        ("O3", THIRD.label.th, "ไม่ครบ", "ไม่ครบ", "0.00"),
    )
    assert found(rows) == [("O1", "ไม่ครบห้าเรื่อง ลิงก์เปิดไม่ได้"), ("O2", "ข้อมูลเป็นของปีก่อน"), ("O3", "ไม่ครบ")]


PRAISE = ("ได้คะแนนเต็ม ดีมาก", "ครบถ้วนตามองค์ประกอบ", "ถูกต้อง สมบูรณ์", "ผ่าน", "เป็นแบบอย่างที่ดี ขอชื่นชม", "ไม่พบข้อบกพร่อง")
FAULTS = ("ครบถ้วนแต่เป็นข้อมูลปีก่อน", "ผ่านบางส่วน", "ข้อมูลยังไม่ถูกต้อง", "ไม่ผ่าน", "ควรเพิ่มเติมให้ครบถ้วน", "ลิงก์เสีย")


@pytest.mark.parametrize("text", PRAISE)
def test_praise_is_no_cause(text):
    assert found(table(HEAD, ("O1", FIRST.label.th, text, "100.00"))) == []
    assert found(sentence(f"1. {FIRST.label.th} {text}")) == []
    both = ("ข้อ", "รายการ", "เหตุผล", "ข้อสังเกต", "คะแนน")
    assert found(table(both, ("O1", FIRST.label.th, text, "ลิงก์เปิดไม่ได้", "0"))) == [("O1", "ลิงก์เปิดไม่ได้")]


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_beside_praise_is_a_cause(text):
    assert found(table(HEAD, ("O1", FIRST.label.th, text, "0.00"))) == [("O1", text)]


def test_a_number_in_a_comment_is_nobodys_score_and_takes_none_away():
    full = f"{max(YEAR.mark_points(FIRST.id))}.00"
    rows = table(
        ("ข้อ", "คะแนน", "ข้อสังเกตของผู้ตรวจ"),
        (FIRST.id, full, "เพียง 9 รายการ"),
        (SECOND.id, "0.00", "มีผู้บริหารเพียง ๓ คน จาก ๕ คน"),
        (THIRD.id, "0.00", "แผนเผยแพร่ 45 วันหลังกำหนด คิดเป็นร้อยละ 85"),
    )
    [reading] = figures_of(rows, {YEAR.fiscal_year: YEAR}, YEAR.fiscal_year)
    assert [(f.node, str(f.value), f.sure) for f in reading.figures] == [
        (FIRST.id, full, True),
        (SECOND.id, "0.00", True),
        (THIRD.id, "0.00", True),
    ]


def list_of(*lines):
    return [Row((line,), f"บรรทัด {n}") for n, line in enumerate(lines, 1)]


def _item_called(word):
    return next(i for i in YEAR.rules.disclosure_items if word in i.label.th)


@pytest.mark.parametrize(
    ("word", "spoken"),
    [("Q&A", "ถาม-ตอบ"), ("Q&A", "ถาม ตอบ"), ("Social Network", "สื่อสังคมออนไลน์"), ("E-Service", "บริการออนไลน์")],
)
def test_an_item_is_known_by_what_offices_call_it(word, spoken):
    rows = list_of(f"๒.{spoken} ขาดการสื่อสารสองทางกับประชาชน")
    assert found(rows) == [(_item_called(word).id, "ขาดการสื่อสารสองทางกับประชาชน")]


@pytest.mark.parametrize("entries", [1, 2])
def test_an_entry_that_names_no_item_is_understood_by_its_neighbours(entries):
    """Between two entries that name items, tables have comments on as many items as the list has entries."""
    items = YEAR.rules.disclosure_items[: entries + 2]
    unnamed = [f"{n}. กระดานข่าวของกองช่างและส่วนโยธา ไม่มีผู้ตอบเลยลำดับ{n}" for n in range(2, entries + 2)]
    prose = [
        f"1. {items[0].label.th} ไม่แสดงรองผู้บริหาร",
        *unnamed,
        f"{entries + 2}. {items[-1].label.th} ไม่แสดงช่องทางติดต่อ",
    ]
    in_table = table(HEAD, *((i.id, i.label.th, "ผู้ตรวจเปิดลิงก์ไม่ได้", "0.00") for i in items))
    read = found([*list_of(*prose), *in_table])
    for item, line in zip(items[1:-1], unnamed, strict=True):
        assert (item.id, line.partition(". ")[2]) in read
    # without the table, or with a number left out, nobody knows
    assert not [text for _, text in found(list_of(*prose)) if "กระดานข่าว" in text]
    gap = [prose[0], *unnamed, prose[-1].replace(f"{entries + 2}.", f"{entries + 4}.")]
    assert not [text for _, text in found([*list_of(*gap), *in_table]) if "กระดานข่าว" in text]
    # with one more commented item between, neither
    more = table(HEAD, *((i.id, i.label.th, "เปิดลิงก์ไม่ได้", "0.00") for i in YEAR.rules.disclosure_items[: entries + 3]))
    last = YEAR.rules.disclosure_items[entries + 2]
    assert not [
        text
        for _, text in found([*list_of(*prose[:-1], f"{entries + 2}. {last.label.th} ไม่แสดงช่องทาง"), *more])
        if "กระดานข่าว" in text
    ]


def test_what_a_column_and_prose_say_is_joined_with_a_mark_and_said_once():
    column = "ไม่มีการจัดซื้อจัดจ้างในเดือนตุลาคม 2563 และเดือนมีนาคม 2564"
    prose = "การเผยแพร่ยังไม่ครบถ้วน ขาดการจัดซื้อจัดจ้างเดือนตุลาคม ๒๕๖๓ และเดือน มีนาคม ๒๕๖๔"
    assert join_comments([column, prose]) == prose
    assert join_comments([column, column]) == column
    assert join_comments(["ไม่แสดงฝ่ายการเมือง", "ลิงก์เปิดไม่ได้"]) == "ไม่แสดงฝ่ายการเมือง; ลิงก์เปิดไม่ได้"
    assert join_comments(["ไม่พบแผนข้อ ๑", "ไม่พบแผนข้อ 2", "ไม่พบแผนข้อ 1"]) == "ไม่พบแผนข้อ ๑; ไม่พบแผนข้อ 2"
    assert join_comments(["เผยแพร่แผนในเว็บไซต์หลัก", "ไม่เผยแพร่แผนในเว็บไซต์หลัก"]) == "ไม่เผยแพร่แผนในเว็บไซต์หลัก"
    assert join_comments(["แผนที่เผยแพร่เป็นของปี 2563", "แผนที่เผยแพร่เป็นของปี 2564"]).count("; ") == 1
