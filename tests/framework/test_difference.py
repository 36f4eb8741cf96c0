"""What changed between two years, sentence by sentence."""

from dataclasses import replace

import pytest

from prongsai import framework as rules
from prongsai.framework import Change, Framework, Label, difference, lineage
from tests.framework.small import small_rules, variant, without

OLD = small_rules()
I1, E1 = OLD.survey_items
(O1,) = OLD.disclosure_items
# the small year as the year that follows itself
NEW = variant(variant(OLD, "survey_items", "e1", continues=("e1",)), "disclosure_items", "O1", continues=("O1",))
NAME = Label(th="ใหม่", en="New")
SURVEY, DISCLOSURE = "ข้อคำถามของแบบวัดการรับรู้", "รายการเปิดเผยข้อมูล"


def changes(new, old=OLD):
    new = replace(new, fiscal_year=old.fiscal_year + 1)
    return [(change.topic, change.text) for change in difference([Framework(old), Framework(new)])]


def test_two_editions_of_a_year_are_compared_by_id():
    """What an item continues says nothing then: it names items of the year before."""
    changed = variant(OLD, "survey_items", OLD.survey_items[0].id, continues=(), direction="negative")
    (change,) = difference([Framework(OLD), Framework(changed)])
    assert "กลับทิศการให้คะแนน" in change.text


def test_nothing_changed():
    assert changes(NEW) == []
    assert difference([rules.load(rules.NATIONAL, 2568)]) == []
    assert difference([Framework(OLD)]) == []


@pytest.mark.parametrize(
    ("new", "topic", "text"),
    [
        (variant(NEW, "instruments", "IIT", weight=2950), "เครื่องมือและน้ำหนัก", "น้ำหนักของ IIT เปลี่ยนจาก 30% เป็น 29.5%"),
        (variant(NEW, "indicators", "1", label=NAME), "ตัวชี้วัด", "ตัวชี้วัด 1 เปลี่ยนชื่อจาก “หน้าที่” เป็น “ใหม่”"),
        (
            variant(NEW, "indicators", "1", instruments=("IIT", "EIT"), parts="mean_of_parts"),
            "ตัวชี้วัด",
            "ตัวชี้วัด 1 เดิมวัดด้วย IIT ปีนี้วัดด้วย IIT, EIT แล้วเฉลี่ยสองส่วน",
        ),
        (
            variant(NEW, "indicators", "2", instruments=("EIT",), parts=None),
            "ตัวชี้วัด",
            "ตัวชี้วัด 2 เดิมวัดด้วย IIT, EIT ปีนี้วัดด้วย EIT",
        ),
        (variant(NEW, "sub_indicators", "9.1", label=NAME), "ตัวชี้วัดย่อย", "9.1 “พื้นฐาน” เป็น “ใหม่”"),
        (
            variant(NEW, "bands", "A", at_least=90),
            "ระดับผล",
            "เกณฑ์ของระดับ A เปลี่ยนจากตั้งแต่ 85 เป็นตั้งแต่ 90",
        ),
        (
            variant(NEW, "bands", "A", every_instrument_at_least=81),
            "ระดับผล",
            "เกณฑ์ของระดับ A เปลี่ยนจากตั้งแต่ 85 เป็นตั้งแต่ 85",
        ),
        (without(NEW, "bands", "B"), "ระดับผล", "ชื่อระดับเปลี่ยนจาก A B C เป็น A / C"),
        (replace(NEW, target=replace(OLD.target, points=80)), "ค่าเป้าหมาย", "เปลี่ยนจาก 85 เป็น 80"),
        (replace(NEW, rounding=replace(OLD.rounding, places=3)), "การปัดเศษ", "เปลี่ยนจาก 2 เป็น 3 ตำแหน่ง"),
        (
            variant(NEW, "disclosure_items", "O1", label=NAME),
            DISCLOSURE,
            "O1 ใหม่: ชื่อเดิม “โครงสร้าง”",
        ),
        (
            variant(NEW, "disclosure_items", "O1", period="first_half"),
            DISCLOSURE,
            "O1 โครงสร้าง: ช่วงข้อมูลเปลี่ยนจากไม่กำหนดปีเป็นหกเดือนแรกของปีที่ประเมิน",
        ),
        (variant(NEW, "survey_items", "i1", indicator="2"), SURVEY, "i1 ข้อหนึ่ง: ย้ายจากตัวชี้วัด 1 มา 2"),
        (variant(NEW, "survey_items", "i1", scale="other"), SURVEY, "i1 ข้อหนึ่ง: มาตรเปลี่ยนจาก level เป็น other"),
        (variant(NEW, "survey_items", "i1", direction="negative"), SURVEY, "i1 ข้อหนึ่ง: กลับทิศการให้คะแนน"),
        (
            variant(NEW, "survey_items", "i1", answers=E1.answers),
            SURVEY,
            "i1 ข้อหนึ่ง: จำนวนคำตอบย่อยเปลี่ยนจาก 1 เป็น 2",
        ),
        (variant(NEW, "survey_items", "e1", answers=()), SURVEY, "e1 ข้อสอง: จำนวนคำตอบย่อยเปลี่ยนจาก 2 เป็น 1"),
        (
            variant(NEW, "survey_items", "i1", indicator="2", direction="negative"),
            SURVEY,
            "i1 ข้อหนึ่ง: ย้ายจากตัวชี้วัด 1 มา 2; กลับทิศการให้คะแนน",
        ),
        (variant(NEW, "survey_items", "i1", continues=()), SURVEY, "ข้อใหม่: i1 ข้อหนึ่ง"),
        (variant(NEW, "survey_items", "i1", continues=("i1", "e1")), SURVEY, "i1 ข้อหนึ่ง ต่อจาก i1, e1"),
    ],
)
def test_one_change_gives_its_sentence(new, topic, text):
    assert (topic, text) in changes(new)


def test_a_year_changes_its_structure():
    new = variant(NEW, "instruments", "EIT", id="EIT2", weight=2500)
    new = variant(new, "sub_indicators", "9.1", id="9.2")
    new = variant(new, "disclosure_items", "O1", id="O2", sub_indicator="9.2")
    new = variant(variant(new, "bands", "B", id="BB"), "indicators", "2", instruments=("IIT", "EIT2"))
    new = variant(new, "bands", "A", id="AA")
    assert changes(new) == [
        ("เครื่องมือและน้ำหนัก", "ยกเลิก EIT (ภายนอก) ซึ่งเคยมีน้ำหนัก 30%"),
        ("เครื่องมือและน้ำหนัก", "เพิ่ม EIT2 (ภายนอก) น้ำหนัก 25%"),
        ("ตัวชี้วัดย่อย", "ยกเลิก 9.1 พื้นฐาน"),
        ("ตัวชี้วัดย่อย", "เพิ่ม 9.2 พื้นฐาน"),
        ("ระดับผล", "ชื่อระดับเปลี่ยนจาก A B C เป็น AA / BB / C"),
        ("ระดับผล", "ระดับ AA ต้องได้ทุกเครื่องมือตั้งแต่ 80 ด้วย"),
        (DISCLOSURE, "O2 โครงสร้าง: เดิมคือ O1; ย้ายจากตัวชี้วัดย่อย 9.1 มา 9.2"),
    ]


def test_items_are_split_added_and_dropped_in_their_natural_order():
    items = tuple(replace(O1, id=f"O{n}", continues=("O1",)) for n in (10, 2))
    new = replace(without(NEW, "survey_items", "e1"), disclosure_items=items)
    assert changes(new) == [
        ("ตัวชี้วัดย่อย", "9.1 พื้นฐาน จาก 1 ข้อเป็น 2 ข้อ"),
        (SURVEY, "จำนวนข้อเปลี่ยนจาก 2 เป็น 1"),
        (SURVEY, "ตัดออก: e1 ข้อสอง"),
        (DISCLOSURE, "จำนวนข้อเปลี่ยนจาก 1 เป็น 2"),
        (DISCLOSURE, "O2 โครงสร้าง: แยกมาจาก O1 ซึ่งกลายเป็น O10, O2"),
        (DISCLOSURE, "O10 โครงสร้าง: แยกมาจาก O1 ซึ่งกลายเป็น O10, O2"),
    ]


def test_everything_is_in_its_natural_order():
    ids = ("9", "10", "X2", "X10")
    old = replace(
        OLD,
        indicators=tuple(replace(OLD.indicators[0], id=name) for name in ids),
        sub_indicators=tuple(replace(OLD.sub_indicators[0], id=f"{name}.1") for name in ids),
        survey_items=tuple(replace(I1, id=name, indicator="9") for name in ids),
        disclosure_items=(),
    )
    new = replace(
        old,
        indicators=(*(replace(indicator, label=NAME) for indicator in old.indicators), OLD.indicators[1]),
        sub_indicators=(),
        survey_items=(),
    )
    texts = [text for _, text in changes(new, old)]
    assert [text.split()[1] for text in texts] == [*ids, "9.1", "10.1", "X2.1", "X10.1", "4", *ids]


def test_a_survey_item_may_continue_what_was_a_disclosure():
    new = variant(without(NEW, "disclosure_items", "O1"), "survey_items", "i1", continues=("O1",))
    assert (SURVEY, "i1 ข้อหนึ่ง: เดิมคือ O1") in changes(new)


def test_lineage_joins_what_was_split_and_forgets_what_was_dropped():
    middle = replace(NEW, survey_items=(replace(I1, id="i2"), replace(I1, id="i3")))
    last = replace(NEW, survey_items=(replace(I1, continues=("i2", "i3", "i9")),))
    assert lineage([Framework(r) for r in (OLD, middle, last)]) == {"i1": ("i1",), "O1": ("O1",)}
    assert lineage([Framework(OLD)]) == {"i1": ("i1",), "e1": ("e1",), "O1": ("O1",)}


def test_the_real_years_in_words():
    texts = [
        c
        for c in difference([rules.load(rules.NATIONAL, 2565), rules.load(rules.NATIONAL, 2566)])
        if isinstance(c, Change)
    ]
    text = "\n".join(c.text for c in texts)
    assert "เพิ่ม EIT1" in text
    assert "จำนวนข้อเปลี่ยนจาก 45 เป็น 24" in text
    assert "มาตรเปลี่ยนจาก level4 เป็น level6" in text
