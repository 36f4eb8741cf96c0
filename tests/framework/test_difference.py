"""What changed between two years, sentence by sentence.

``differences.txt`` holds every sentence of these tests in both languages. After a change that is meant, delete it, run
``PRONGSAI_WRITE_DIFFERENCES=1 pytest -n 0 tests/framework/test_difference.py``, and read what changed.
"""

import datetime
import os
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from prongsai import framework as rules
from prongsai.framework import Change, Framework, Label, difference, lineage
from prongsai.framework.years_in_text import move_date
from tests.framework.small import small_rules, variant, without

OLD = small_rules()
I1, E1 = OLD.survey_items
(O1,) = OLD.disclosure_items
# the small year as the year that follows itself
NEW = variant(variant(OLD, "survey_items", "e1", continues=("e1",)), "disclosure_items", "O1", continues=("O1",))
NAME = Label(th="ใหม่", en="New")
WEIGHTS, WORDING = "เครื่องมือและน้ำหนัก", "ถ้อยคำ"
SENTENCES = Path(__file__).parent / "differences.txt"
(ELEMENT,) = O1.elements
CHART = replace(ELEMENT, th="ตาราง")
_NUMBER, _THAI = re.compile(r"\d+"), re.compile("[\u0e00-\u0e7f]")
SURVEY, DISCLOSURE = "ข้อคำถามของแบบวัดการรับรู้", "รายการเปิดเผยข้อมูล"


def changes(new, old=OLD, **options):
    """What the next year changes; its calendar moves with it."""
    calendar = tuple(
        replace(p, **{name: move_date(day, 1) for name in ("starts", "ends") if (day := getattr(p, name))})
        for p in new.calendar
    )
    new = replace(new, fiscal_year=old.fiscal_year + 1, calendar=calendar)
    return in_both_languages(difference([Framework(old), Framework(new)], **options))


def in_both_languages(found):
    """Topics and Thai sentences of changes; the English ones are recorded beside them, and have the same numbers, but
    for dates and what is counted by kind."""
    if os.environ.get("PRONGSAI_WRITE_DIFFERENCES"):
        known = recorded() if SENTENCES.exists() else []
        lines = dict.fromkeys([*known, *map(sentence, found)])
        SENTENCES.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert [line for line in map(sentence, found) if line not in recorded()] == []
    for change in found:
        if change.topic not in ("ปฏิทิน", WORDING):
            assert Counter(_NUMBER.findall(change.english)) == Counter(_NUMBER.findall(change.text)), change
    return [(change.topic, change.text) for change in found]


def sentence(change):
    topic, text = change.topic_label, change.label
    return f"{topic.th} ({topic.en}): {text.th} | {text.en}"


def recorded():
    return SENTENCES.read_text(encoding="utf-8").splitlines()


def corrections(new, old=OLD, **options):
    """What a second edition of the same year changes."""
    return in_both_languages(difference([Framework(old), Framework(new)], **options))


def test_two_editions_of_a_year_are_compared_by_id():
    """What an item continues says nothing then: it names items of the year before."""
    changed = variant(OLD, "survey_items", OLD.survey_items[0].id, continues=(), direction="negative")
    (change,) = difference([Framework(OLD), Framework(changed)])
    assert "กลับทิศการให้คะแนน" in change.text


def test_what_changed_between_years_is_said_in_english_too():
    years = [rules.load(rules.NATIONAL, year) for name, year in rules.available() if name == rules.NATIONAL]
    found = [change for old, new in pairwise(years) for change in difference([old, new])]
    assert len(found) > 100
    assert [change.english for change in found if _THAI.search(change.english)] == []


def test_a_date_is_that_of_the_common_era_in_english():
    first = NEW.calendar[0]
    moved = variant(NEW, "calendar", first.id, starts=datetime.date(2024, 1, 2), ends=datetime.date(2024, 3, 5))
    (change,) = difference([Framework(OLD), Framework(replace(moved, fiscal_year=OLD.fiscal_year))])
    assert change.english.endswith("now from 2 Jan 2024 until 5 Mar 2024")


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
            "เกณฑ์ของระดับ A เปลี่ยนจากตั้งแต่ 85 และทุกเครื่องมือตั้งแต่ 80 เป็นตั้งแต่ 90 และทุกเครื่องมือตั้งแต่ 80",
        ),
        (
            variant(NEW, "bands", "A", every_instrument_at_least=81),
            "ระดับผล",
            "เกณฑ์ของระดับ A เปลี่ยนจากตั้งแต่ 85 และทุกเครื่องมือตั้งแต่ 80 เป็นตั้งแต่ 85 และทุกเครื่องมือตั้งแต่ 81",
        ),
        (variant(NEW, "bands", "B", at_least=80), "ระดับผล", "เกณฑ์ของระดับ B เปลี่ยนจากตั้งแต่ 85 เป็นตั้งแต่ 80"),
        (without(NEW, "bands", "B"), "ระดับผล", "ชื่อระดับเปลี่ยนจาก A / B / C เป็น A / C"),
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
        (
            variant(NEW, "survey_items", "e1", answers=(E1.answers[0], replace(E1.answers[1], direction=None))),
            SURVEY,
            "e1 ข้อสอง: กลับทิศการให้คะแนนของคำตอบย่อย 2",
        ),
        (
            variant(NEW, "instruments", "EIT", collected_by="assessor"),
            WEIGHTS,
            "EIT เปลี่ยนจากแบบวัดโดยหน่วยงานเป็นแบบวัดโดยผู้ประเมิน",
        ),
        (variant(NEW, "composites", "ALL", of=("IIT", "OIT")), WEIGHTS, "ค่าเฉลี่ย ALL เปลี่ยนจากของ IIT, EIT เป็น IIT, OIT"),
        (replace(NEW, composites=()), WEIGHTS, "ยกเลิกค่าเฉลี่ย ALL"),
        (variant(NEW, "composites", "ALL", id="X"), WEIGHTS, "เพิ่มค่าเฉลี่ย X ของ IIT, EIT"),
        (variant(NEW, "indicators", "1", id="7"), "ตัวชี้วัด", "เพิ่มตัวชี้วัด 7 หน้าที่"),
        (variant(NEW, "indicators", "1", id="7"), "ตัวชี้วัด", "ยกเลิกตัวชี้วัด 1 หน้าที่"),
        (
            variant(NEW, "scales", "level", options=OLD.scales[0].options[::-1]),
            "มาตร",
            "คะแนนของ level เปลี่ยนจาก 0, 100 เป็น 100, 0",
        ),
        (variant(NEW, "scales", "level", id="wide"), "มาตร", "เพิ่ม wide ให้คะแนน 0, 100"),
        (variant(NEW, "scales", "level", id="wide"), "มาตร", "ยกเลิก level"),
        (
            replace(NEW, samples=(replace(OLD.samples[0], percent=15),)),
            "กลุ่มตัวอย่าง",
            "IIT เปลี่ยนจากร้อยละ 10 อย่างน้อย 30 ชุด ไม่เกิน 30 ชุดเมื่อเกิน 4,000 คน"
            " เป็นร้อยละ 15 อย่างน้อย 30 ชุด ไม่เกิน 30 ชุดเมื่อเกิน 4,000 คน",
        ),
        (
            replace(NEW, samples=()),
            "กลุ่มตัวอย่าง",
            "IIT เปลี่ยนจากร้อยละ 10 อย่างน้อย 30 ชุด ไม่เกิน 30 ชุดเมื่อเกิน 4,000 คน เป็นไม่กำหนด",
        ),
        (replace(NEW, small_groups=None), "กลุ่มตัวอย่าง", "แสดงคะแนนรายข้อเปลี่ยนจากเมื่อมีผู้ตอบตั้งแต่ 10 คน เป็นทุกข้อ"),
        (
            replace(NEW, small_groups=replace(NEW.small_groups, approximate_items_from=30, item_odds=2, count_width=5)),
            "กลุ่มตัวอย่าง",
            "การคุ้มครองกลุ่มเล็กเปลี่ยนจากไม่เผยแพร่คะแนนรายข้อ"
            " เป็นคะแนนรายข้อโดยประมาณตั้งแต่ 30 คน ไม่เกิน 2 เท่า จำนวนผู้ตอบเป็นช่วงละ 5 คน",
        ),
        (
            replace(NEW, small_groups=replace(NEW.small_groups, show_indicators_from=6, double_from_percent=80)),
            "กลุ่มตัวอย่าง",
            "การคุ้มครองกลุ่มเล็กเปลี่ยนจากไม่เผยแพร่คะแนนรายข้อ"
            " เป็นไม่เผยแพร่คะแนนรายข้อ ตัวชี้วัดตั้งแต่ 6 คน เป็นสองเท่าเมื่อตอบตั้งแต่ร้อยละ 80",
        ),
        (variant(NEW, "calendar", "survey", id="asking"), "ปฏิทิน", "เพิ่มช่วง “เก็บข้อมูล”"),
        (variant(NEW, "calendar", "survey", id="asking"), "ปฏิทิน", "ยกเลิกช่วง “เก็บข้อมูล”"),
        (
            variant(NEW, "calendar", "survey", ends=datetime.date(2025, 12, 30)),
            "ปฏิทิน",
            "เก็บข้อมูล: เดิม ตั้งแต่ 1 ต.ค. 2567 ถึง 31 ธ.ค. 2568 เปลี่ยนเป็น ตั้งแต่ 1 ต.ค. 2568 ถึง 30 ธ.ค. 2569",
        ),
        (
            variant(NEW, "calendar", "announcement", ends=None, starts=None),
            "ปฏิทิน",
            "ประกาศ: เดิม 15 ส.ค. 2568 เปลี่ยนเป็น ไม่กำหนดวัน",
        ),
        (
            variant(NEW, "disclosure_items", "O1", scale="other"),
            DISCLOSURE,
            "O1 โครงสร้าง: มาตรเปลี่ยนจาก marks เป็น other",
        ),
        (variant(NEW, "disclosure_items", "O1", elements=(ELEMENT, CHART)), DISCLOSURE, "O1 โครงสร้าง: องค์ประกอบเพิ่ม 1"),
        (variant(NEW, "disclosure_items", "O1", elements=(CHART,)), DISCLOSURE, "O1 โครงสร้าง: องค์ประกอบแก้ถ้อยคำ 1"),
        (
            variant(
                NEW, "disclosure_items", "O1", elements=(replace(ELEMENT, only_for="อปท."), CHART), period="first_half"
            ),
            DISCLOSURE,
            "O1 โครงสร้าง: ช่วงข้อมูลเปลี่ยนจากไม่กำหนดปีเป็นหกเดือนแรกของปีที่ประเมิน; องค์ประกอบเพิ่ม 1 เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์ 1",
        ),
        (variant(NEW, "survey_items", "i1", label=NAME), WORDING, "แก้ถ้อยคำ 2 แห่ง: ข้อคำถาม 2"),
        (variant(NEW, "bands", "A", label=NAME), WORDING, "แก้ถ้อยคำ 2 แห่ง: ระดับ 2"),
        (
            variant(NEW, "disclosure_items", "O1", elements=()),
            DISCLOSURE,
            "O1 โครงสร้าง: องค์ประกอบตัด 1",
        ),
        (
            variant(NEW, "indicators", "1", method="mean_of_sub_indicators", instruments=("OIT",)),
            "ตัวชี้วัด",
            "ตัวชี้วัด 1 เดิมวัดด้วย IIT ปีนี้วัดด้วย OIT",
        ),
        (
            variant(NEW, "instruments", "IIT", kind="disclosure"),
            WEIGHTS,
            "IIT เปลี่ยนจากแบบวัดโดยหน่วยงานเป็นแบบตรวจโดยหน่วยงาน",
        ),
        (
            variant(NEW, "survey_items", "e1", direction="positive"),
            SURVEY,
            "e1 ข้อสอง: กลับทิศการให้คะแนน; กลับทิศการให้คะแนนของคำตอบย่อย 1",
        ),
        (
            variant(NEW, "sub_indicators", "9.1", label=NAME, id="9.10"),
            "ตัวชี้วัดย่อย",
            "เพิ่ม 9.10 ใหม่",
        ),
        (variant(NEW, "disclosure_items", "O1", continues=("i1",)), DISCLOSURE, "O1 โครงสร้าง: เดิมคือ i1"),
        (
            replace(
                NEW,
                small_groups=replace(
                    NEW.small_groups,
                    show_items_from=5,
                    approximate_items_from=30,
                    item_odds=2,
                    show_indicators_from=6,
                    double_from_percent=80,
                    count_width=5,
                ),
            ),
            "กลุ่มตัวอย่าง",
            "การคุ้มครองกลุ่มเล็กเปลี่ยนจากไม่เผยแพร่คะแนนรายข้อ เป็นคะแนนรายข้อโดยประมาณตั้งแต่ 30 คน ไม่เกิน 2 เท่า"
            " ตัวชี้วัดตั้งแต่ 6 คน เป็นสองเท่าเมื่อตอบตั้งแต่ร้อยละ 80 จำนวนผู้ตอบเป็นช่วงละ 5 คน",
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
        ("ระดับผล", "ชื่อระดับเปลี่ยนจาก A / B / C เป็น AA / BB / C"),
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
    assert [text.split()[1] for text in texts] == ["2", *ids, "9.1", "10.1", "X2.1", "X10.1", "4", *ids, "4"]


def test_what_is_added_and_dropped_is_in_its_natural_order():
    ids = ("9", "10", "X2", "X10")
    old = replace(
        OLD,
        indicators=tuple(replace(OLD.indicators[0], id=name) for name in ids),
        sub_indicators=(),
        survey_items=(),
        disclosure_items=(),
    )
    names = ("X10", "X2", "10", "9")
    new = replace(old, indicators=(), disclosure_items=tuple(replace(O1, id=name, continues=()) for name in names))
    indicators, items = [], []
    for topic, text in changes(replace(new, sub_indicators=OLD.sub_indicators), old):
        if topic == "ตัวชี้วัด":
            indicators.append(text.split()[1])
        if text.startswith("ข้อใหม่"):
            items.append(text.split()[1])
    assert indicators == items == [*ids]


@pytest.mark.parametrize(
    ("starts", "ends", "thai", "english"),
    [
        (None, None, "ไม่กำหนดวัน", "no set day"),
        (datetime.date(2024, 10, 2), None, "ตั้งแต่ 2 ต.ค. 2567", "from 2 Oct 2024"),
        (None, datetime.date(2025, 3, 5), "ถึง 5 มี.ค. 2568", "until 5 Mar 2025"),
        (datetime.date(2025, 3, 5), datetime.date(2025, 3, 5), "5 มี.ค. 2568", "5 Mar 2025"),
    ],
)
def test_days_of_a_phase_are_said_as_far_as_they_are_set(starts, ends, thai, english):
    new = variant(OLD, "calendar", "survey", starts=starts, ends=ends)
    (change,) = difference([Framework(OLD), Framework(new)])
    assert change.label == Label(
        th=f"เก็บข้อมูล: เดิม ตั้งแต่ 1 ต.ค. 2567 ถึง 31 ธ.ค. 2568 เปลี่ยนเป็น {thai}",
        en=f"Collection: was from 1 Oct 2024 until 31 Dec 2025, is now {english}",
    )


def test_a_phase_of_another_name_hides_no_other():
    new = variant(variant(NEW, "calendar", "survey", id="asking"), "calendar", "announcement", starts=None, ends=None)
    assert changes(new) == [
        ("ปฏิทิน", "ยกเลิกช่วง “เก็บข้อมูล”"),
        ("ปฏิทิน", "ประกาศ: เดิม 15 ส.ค. 2568 เปลี่ยนเป็น ไม่กำหนดวัน"),
        ("ปฏิทิน", "เพิ่มช่วง “เก็บข้อมูล”"),
    ]


def test_an_item_that_a_second_edition_adds_is_new():
    new = replace(OLD, survey_items=(*OLD.survey_items, replace(I1, id="i2")))
    assert corrections(new) == [(SURVEY, "จำนวนข้อเปลี่ยนจาก 2 เป็น 3"), (SURVEY, "ข้อใหม่: i2 ข้อหนึ่ง")]


def test_an_element_may_be_said_differently_and_another_asked_of_others():
    before = variant(OLD, "disclosure_items", "O1", elements=(ELEMENT, CHART))
    elements = (replace(ELEMENT, only_for="อปท."), replace(CHART, th="รูป"))
    assert changes(variant(NEW, "disclosure_items", "O1", elements=elements), before, every_word=True) == [
        (DISCLOSURE, "O1 โครงสร้าง: องค์ประกอบแก้ถ้อยคำ 1 เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์ 1"),
        (DISCLOSURE, "O1 แก้ถ้อยคำองค์ประกอบจาก “ตาราง” เป็น “รูป”"),
        (DISCLOSURE, "O1 เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์ของ “ผัง”"),
    ]


def test_elements_of_an_item_that_joins_several_are_compared_with_none():
    new = variant(NEW, "disclosure_items", "O1", continues=("O1", "i1"), elements=(CHART,))
    assert (DISCLOSURE, "O1 โครงสร้าง ต่อจาก O1, i1") in changes(new, every_word=True)
    assert not any("องค์ประกอบ" in text for _, text in changes(new, every_word=True))


@pytest.mark.parametrize("half", [{"approximate_items_from": 30}, {"item_odds": 2}])
def test_half_a_rule_publishes_no_score_of_an_item(half):
    assert changes(replace(NEW, small_groups=replace(NEW.small_groups, **half))) == []


def test_public_links_are_compared_in_their_order():
    links = rules.restore(everything()).rules.open_links
    changed = ["EIT เปลี่ยนจากใช้บัตรรหัสเท่านั้น เป็นใช้ลิงก์สาธารณะได้", "IIT เปลี่ยนจากใช้บัตรรหัสเท่านั้น เป็นใช้ลิงก์สาธารณะได้"]
    assert [text for _, text in corrections(replace(OLD, open_links=links))] == changed


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


# --- wording


def test_every_word_on_request():
    advice = replace(I1.advice, remedy="ทำใหม่")
    new = variant(
        variant(NEW, "survey_items", "i1", advice=advice), "disclosure_items", "O1", elements=(ELEMENT, CHART)
    )
    new = variant(new, "survey_items", "e1", answers=(replace(E1.answers[0], label=NAME), E1.answers[1]))
    new = replace(new, target=replace(new.target, label=NAME))
    assert changes(new, every_word=True) == [
        (DISCLOSURE, "O1 โครงสร้าง: องค์ประกอบเพิ่ม 1"),
        (DISCLOSURE, "O1 เพิ่มองค์ประกอบ “ตาราง”"),
        (WORDING, "ค่าเป้าหมาย: จาก “เป้า” เป็น “ใหม่”"),
        (WORDING, "ค่าเป้าหมาย: จาก “Target” เป็น “New”"),
        (WORDING, "ข้อคำถาม i1 แนวทางแก้ไข: จาก “แก้ไข” เป็น “ทำใหม่”"),
        (WORDING, "ข้อคำถาม e1 คำตอบย่อย 1: จาก “ก” เป็น “ใหม่”"),
        (WORDING, "ข้อคำถาม e1 คำตอบย่อย 1 (อังกฤษ): จาก “a” เป็น “New”"),
    ]
    assert changes(new)[-1] == (WORDING, "แก้ถ้อยคำ 5 แห่ง: ค่าเป้าหมาย 2, ข้อแนะนำ 1, ข้อคำถาม 2")


@pytest.mark.parametrize(
    ("elements", "sentence"),
    [
        ((CHART,), "O1 แก้ถ้อยคำองค์ประกอบจาก “ผัง” เป็น “ตาราง”"),
        ((CHART, replace(CHART, th="รูป")), "O1 ตัดองค์ประกอบ “ผัง”"),
        ((replace(ELEMENT, plan=("steps",)),), "O1 เปลี่ยนผู้ที่ต้องทำหรือคอลัมน์ของ “ผัง”"),
    ],
)
def test_every_element_on_request(elements, sentence):
    assert (DISCLOSURE, sentence) in changes(variant(NEW, "disclosure_items", "O1", elements=elements), every_word=True)


def test_years_that_move_along_are_no_difference():
    before = variant(OLD, "disclosure_items", "O1", elements=(replace(ELEMENT, th="แผนปี 2568"),))
    before = replace(before, title=Label(th="ปีตัวอย่าง 2568", en="Year 2025"))
    after = variant(NEW, "disclosure_items", "O1", elements=(replace(ELEMENT, th="แผนปี 2569"),))
    after = replace(after, title=Label(th="ปีตัวอย่าง 2569", en="Year 2026"))
    assert changes(after, before) == []
    assert changes(replace(after, title=before.title), before) == [(WORDING, "แก้ถ้อยคำ 2 แห่ง: ชื่อการประเมิน 2")]


def test_words_of_a_renumbered_item_are_those_of_the_item_it_continues():
    new = variant(NEW, "survey_items", "i1", id="i7", continues=("i1",))
    assert changes(new) == [(SURVEY, "i7 ข้อหนึ่ง: เดิมคือ i1")]
    assert (WORDING, "แก้ถ้อยคำ 2 แห่ง: ข้อคำถาม 2") in changes(variant(new, "survey_items", "i7", label=NAME))
    both = variant(new, "survey_items", "i7", continues=("i1", "e1"), label=NAME)
    assert not any(topic == WORDING for topic, _ in changes(both))


def test_bases_and_notes_count_between_editions_alone():
    basis = replace(OLD.target.basis, standing="inferred")
    new = variant(OLD, "disclosure_items", "O1", elements=(replace(ELEMENT, standing="inferred"),))
    new = replace(new, target=replace(OLD.target, basis=basis), note="อ่านคู่มือแล้ว")
    assert corrections(new) == [
        (WORDING, "แก้ถ้อยคำ 1 แห่ง: หมายเหตุของปี 1"),
        (WORDING, "ที่มาหรือสถานะของข้อเท็จจริงเปลี่ยน 2 แห่ง"),
    ]
    continued = variant(
        variant(new, "survey_items", "e1", continues=("e1",)), "disclosure_items", "O1", continues=("O1",)
    )
    assert changes(continued) == []


def test_choices_that_exchange_their_words_change_what_is_stored():
    """No digest sees it: the points are where they were, and what was answered means the opposite."""
    first, second = OLD.scales[0].options
    options = (replace(first, label=second.label), replace(second, label=first.label))
    new = variant(OLD, "scales", "level", options=options)
    assert Framework(new).arithmetic_digest == Framework(OLD).arithmetic_digest
    texts = [text for _, text in corrections(new)]
    assert "สลับถ้อยคำ: มาตร level ตัวเลือก 1 ใช้ถ้อยคำเดิมของมาตร level ตัวเลือก 2: “มาก”" in texts
    assert "สลับถ้อยคำ: มาตร level ตัวเลือก 2 ใช้ถ้อยคำเดิมของมาตร level ตัวเลือก 1: “น้อย”" in texts
    assert not any("สลับ" in text for _, text in corrections(variant(OLD, "survey_items", "i1", label=NAME)))
    elements = variant(OLD, "disclosure_items", "O1", elements=(ELEMENT, CHART))
    turned = variant(OLD, "disclosure_items", "O1", elements=(CHART, ELEMENT))
    assert sum("สลับ" in text for _, text in corrections(turned, elements)) == 2


# --- every text and every basis

BASES = ("basis", "scale_basis", "placement", "period_basis")


def walk(part, change):
    """Data with each mapping in them changed, from the inside out."""
    if isinstance(part, dict):
        return change({name: walk(inside, change) for name, inside in part.items()})
    return [walk(inside, change) for inside in part] if isinstance(part, list) else part


def everything():
    """A small year with a text and a basis in each place that can have one, and no two bases alike."""
    data = rules.as_data(OLD)
    data["note"] = "อ่านแล้ว"
    data["indicators"][0]["aliases"] = ["ชื่อเก่า", "ชื่อเดิม"]
    data["disclosure_items"][0]["elements"].append(
        {"th": "ตาราง", "plan": [], "only_for": None, "standing": "inferred", "source": ["BOOK"]}
    )
    data["open_links"] = [{"instrument": name, "basis": data["target"]["basis"]} for name in ("IIT", "EIT")]
    numbers = iter(range(100))
    return walk(
        data,
        lambda part: {
            name: inside | {"note": f"บันทึก {next(numbers)}"} if name in BASES else inside
            for name, inside in part.items()
        },
    )


def test_every_text_that_is_wording_is_compared_and_no_other():
    texts = {"th", "en", "heading", "defect", "remedy", "note"}

    def reword(part):
        if "standing" in part:  # a basis; or an element, which is compared as a part of its item
            return part
        aliases = {"aliases": [f"{alias}ฯ" for alias in part["aliases"]]} if part.get("aliases") else {}
        return {
            name: f"{text}ฯ" if name in texts and isinstance(text, str) else text for name, text in part.items()
        } | aliases

    before, after = (rules.restore(data).rules for data in (everything(), walk(everything(), reword)))
    found = corrections(after, before, every_word=True)
    words = [text for topic, text in found if topic == WORDING]
    assert len(set(words)) == len(words) == 61
    renamed = [text for topic, text in found if topic != WORDING]
    assert len(renamed) == 5  # the Thai names of three indicators, a sub-indicator and a disclosure
    assert corrections(before, before, every_word=True) == []


def test_every_basis_is_compared():
    data = everything()
    before = rules.restore(data).rules
    turned = {"documented": "inferred", "inferred": "documented"}
    new = walk(data, lambda part: part | {"standing": turned[part["standing"]]} if "standing" in part else part)
    expected = "ที่มาหรือสถานะของข้อเท็จจริงเปลี่ยน 30 แห่ง"
    assert corrections(rules.restore(new).rules, before) == [(WORDING, expected)]
    data["disclosure_items"][0]["elements"][1]["source"] = ["BOOK", "BOOK"]
    expected = "ที่มาหรือสถานะของข้อเท็จจริงเปลี่ยน 1 แห่ง"
    assert corrections(rules.restore(data).rules, before) == [(WORDING, expected)]


def test_what_is_new_rests_on_nothing_else_than_before():
    (link, *_) = rules.restore(everything()).rules.open_links
    new = replace(OLD, open_links=(link,))
    assert corrections(new) == [("กลุ่มตัวอย่าง", "IIT เปลี่ยนจากใช้บัตรรหัสเท่านั้น เป็นใช้ลิงก์สาธารณะได้")]
    assert corrections(OLD, new) == [("กลุ่มตัวอย่าง", "IIT เปลี่ยนจากใช้ลิงก์สาธารณะได้ เป็นใช้บัตรรหัสเท่านั้น")]


@pytest.mark.parametrize(("after", "is_reworded"), [("ส่งในปี 2568", False), ("ส่งในปี 2569", False), ("ส่งในปี 2570", True)])
def test_a_text_whose_year_moved_along_or_stayed_says_the_same(after, is_reworded):
    before = variant(OLD, "survey_items", "i1", advice=replace(I1.advice, remedy="ส่งในปี 2568"))
    new = variant(NEW, "survey_items", "i1", advice=replace(I1.advice, remedy=after))
    assert bool(changes(new, before)) is is_reworded


def test_an_item_that_joins_several_hides_no_other():
    new = variant(NEW, "survey_items", "i1", continues=("i1", "e1"))
    new = variant(new, "survey_items", "e1", advice=replace(E1.advice, remedy="ใหม่"))
    assert (WORDING, "แก้ถ้อยคำ 1 แห่ง: ข้อแนะนำ 1") in changes(new)


def test_a_note_of_the_year_comes_and_goes():
    new = replace(OLD, note="อ่านแล้ว")
    assert corrections(new, every_word=True) == [(WORDING, "หมายเหตุของปี: จาก “” เป็น “อ่านแล้ว”")]
    assert corrections(OLD, new, every_word=True) == [(WORDING, "หมายเหตุของปี: จาก “อ่านแล้ว” เป็น “”")]


def test_what_is_gone_or_stands_elsewhere_rests_on_what_it_did():
    data = everything()
    before = rules.restore(data).rules
    data["survey_items"].reverse()
    assert corrections(rules.restore(data).rules, before) == []
    assert not any(topic == WORDING for topic, _ in corrections(replace(before, small_groups=None), before))


def exchanged(new, old=OLD):
    return [text.removeprefix("สลับถ้อยคำ: ") for _, text in corrections(new, old) if text.startswith("สลับ")]


@pytest.mark.parametrize(
    ("part", "name", "th", "expected"),
    [
        ("survey_items", "i1", "ข้อ สอง", "ข้อคำถาม i1 ใช้ถ้อยคำเดิมของข้อคำถาม e1: “ข้อ สอง”"),
        ("indicators", "1", "คุณภาพ", "ตัวชี้วัด 1 ใช้ถ้อยคำเดิมของตัวชี้วัด 2: “คุณภาพ”"),
        ("bands", "B", "ดี", "ระดับ B ใช้ถ้อยคำเดิมของระดับ A: “ดี”"),
        ("instruments", "IIT", "ภายนอก", "เครื่องมือ IIT ใช้ถ้อยคำเดิมของเครื่องมือ EIT: “ภายนอก”"),
        ("survey_items", "i1", "ข้อ หนึ่ง", None),  # the same but for a space
        ("survey_items", "i1", "โครงสร้าง", None),  # what a disclosure is called is no question's
        ("indicators", "1", "บริการดี", None),  # what another means is not its name
    ],
)
def test_what_takes_the_name_of_another_beside_it(part, name, th, expected):
    assert exchanged(variant(OLD, part, name, label=NAME)) == []
    assert exchanged(variant(OLD, part, name, label=Label(th=th, en="Own"))) == [expected] * (expected is not None)


def test_what_is_no_name_may_be_exchanged():
    old = variant(OLD, "survey_items", "e1", advice=replace(E1.advice, remedy="ทำใหม่"))
    new = variant(old, "survey_items", "i1", advice=replace(I1.advice, remedy="ทำใหม่"))
    assert exchanged(new, old) == []
    names = [variant(OLD, "indicators", "1", aliases=aliases) for aliases in (("ก", "ข"), ("ข", "ก"))]
    assert exchanged(*names) == []


def test_what_is_added_takes_the_words_of_nothing_that_was_stored():
    first, second = E1.answers
    added = replace(first, label=Label(th="ค", en="c"))
    new = variant(OLD, "survey_items", "e1", answers=(first, added, second))
    assert exchanged(new) == []


def test_parts_of_an_answer_are_beside_those_of_their_question_alone():
    first, second = E1.answers
    new = variant(OLD, "survey_items", "e1", answers=(first, replace(second, label=first.label)))
    assert exchanged(new) == [
        "ข้อคำถาม e1 คำตอบย่อย 2 ใช้ถ้อยคำเดิมของข้อคำถาม e1 คำตอบย่อย 1: “ก”",
        "ข้อคำถาม e1 คำตอบย่อย 2 (อังกฤษ) ใช้ถ้อยคำเดิมของข้อคำถาม e1 คำตอบย่อย 1 (อังกฤษ): “a”",
    ]
    first_in_english = replace(second, label=replace(second.label, th=first.label.en))
    assert exchanged(variant(OLD, "survey_items", "e1", answers=(first, first_in_english))) == []
    scale, marks = OLD.scales
    options = (scale.options[0], replace(scale.options[1], label=marks.options[0].label))
    assert exchanged(variant(OLD, "scales", "level", options=options)) == []
