"""What the rules advise about a weak item is written as an office writes: an officer reads it beside the item, an
assessor picks it as a reason, and a question that no phrases know takes it into a paper."""

import re

import pytest
from pythainlp.tokenize import word_tokenize

from prongsai import framework as rules
from prongsai.analysis import phrases

YEARS = [year for name, year in rules.available() if name == rules.NATIONAL]
RULES = [rules.load(rules.NATIONAL, year) for year in YEARS]
ADVICE = [
    pytest.param(item.advice, id=f"{framework.rules.fiscal_year}-{item.id}")
    for framework in RULES
    for item in (*framework.rules.survey_items, *framework.rules.disclosure_items)
]
# whole words of talk, each with a word that an office writes instead: งบ is งบประมาณ, บอก is แจ้ง or ระบุ
SPOKEN = re.compile(
    "กรอก|ก็|กัน|คุย|คนใช้|งบ|จบ|ชาวบ้าน|ดู|ตรวจดู|ถ้า|ทีละ|นะ|บอก|บางคน|พูด|ฟัง|มั่นใจ|ยอด|ย้ำ|รู้|ลง|ลงข่าว|ลอง|"
    "ลูกน้อง|วาง|วิธีทำ|สนิท|สัก|อธิบาย|เกณฑ์|เขียน|เบอร์|เบอร์โทรศัพท์|เปิดช่อง|เพราะอะไร|เรา|เลย|เลิก|เสร็จ|เอง|เอา|แค่|แผ่น|โทร|ใคร|ใส่|ๆ"
)
# what an office does; those beyond the verbs of the papers are said of a single page or a single person
VERBS = re.compile(
    "กำชับ|กำหนด|กำกับ|จัดทำ|จัดให้|ตรวจสอบ|ทบทวน|ประกาศ|ประชาสัมพันธ์|ปรับปรุง|มอบหมาย|วิเคราะห์|เผยแพร่|"
    "คัดเลือก|รวบรวม|สรุปผล|เชิญ|แจ้ง|ให้บริการ"
)


def test_years_are_read():
    assert RULES


def test_the_papers_begin_with_the_same_verbs():
    """The list is of the papers' own register: most of their actions open with one of its verbs."""
    actions = [text for q in phrases.load().assessments[rules.NATIONAL].questions for text in q.actions.values()]
    assert sum(VERBS.match(text) is not None for text in actions) > 0.8 * len(actions)


@pytest.mark.parametrize("advice", ADVICE)
def test_advice_is_in_official_words(advice):
    for text in (advice.defect, advice.remedy):
        assert not [word for word in word_tokenize(text) if SPOKEN.fullmatch(word)], text
        assert not re.search(r"\s{2}|^\s|[\s.]$", text), text
    assert VERBS.match(advice.remedy), advice.remedy
    assert re.match(r"ผู้ตอบบางส่วน|.{1,30}(?:ที่เผยแพร่|ที่แสดงไว้)ยัง", advice.defect), advice.defect
