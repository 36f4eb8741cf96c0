"""Whole sentences made of phrases, and whose phrases a question inherits. That the phrases themselves are complete is
tested with the papers, in tests/documents/test_phrases.py."""

import dataclasses

import pytest

from prongsai import framework as rules
from prongsai.analysis import phrases
from prongsai.framework import Framework, Label
from prongsai.lib.checked_yaml import FileMistakesError
from tests import invented
from tests.years import YEARS

LAST = YEARS[max(YEARS)]
AFTER = LAST.fiscal_year
OTHER = invented.framework()
(DISCLOSED, *_), (ASKED, *_) = OTHER.rules.disclosure_items, OTHER.rules.survey_items


def label(th):
    return Label(th=th, en="x")


def test_phrases_are_joined_as_thai_is():
    assert phrases.join([]) == ""
    assert phrases.join(["ก"]) == "ก"
    assert phrases.join(["ก", "ข"]) == "ก และข"
    assert phrases.join(["ก", "ข", "Aค"]) == "ก ข และ Aค"


def test_texts_are_lettered_where_there_are_letters_for_them():
    assert phrases.letter_items([]) == ""
    assert phrases.letter_items(["1"]) == "1"
    assert phrases.letter_items(["1", "2"]) == "(ก) 1 (ข) 2"
    texts = [str(n) for n in range(len(phrases._LETTERS) + 1)]
    assert phrases.letter_items(texts[:-1]).endswith(f" (อ) {texts[-3]} (ฮ) {texts[-2]}")
    assert phrases.letter_items(texts) == " ".join(texts)


@pytest.mark.parametrize(
    ("th", "asked"),
    [
        ("บริการดี มากน้อยเพียงใด", "บริการดี"),
        ("มีแผน หรือไม่", "มีแผน"),
        ("มีแผน หรือไม่ (ถ้ามี)", "มีแผน"),
        ("มีแผน (หากเคยใช้)", "มีแผน"),
        ("มีแผน (แผนงบ)", "มีแผน (แผนงบ)"),
    ],
)
def test_a_question_is_named_without_the_words_that_ask(th, asked):
    assert phrases.ask(dataclasses.replace(ASKED, label=label(th))) == asked


@pytest.mark.parametrize(
    ("th", "named"),
    [
        ("ข้อมูลผู้บริหาร", "ข้อมูลผู้บริหาร"),
        ("ผังองค์กร", "ข้อมูลผังองค์กร"),
        ("Qแอนด์เอ", "ข้อมูล Qแอนด์เอ"),
        ("กฎของ ITA", "ข้อมูลกฎของ ITA "),
        ("ข้อมูล A1ก", "ข้อมูล A1ก"),
    ],
)
def test_data_are_named_to_stand_after_a_verb(th, named):
    assert phrases.name_data(dataclasses.replace(DISCLOSED, label=label(th))) == named


PERIOD_OF = {
    "any": "โดยเป็นข้อมูลปัจจุบันและเข้าถึงได้จากเว็บไซต์หลักของหน่วยงาน",
    "assessed_year": "โดยเป็นข้อมูลของปีงบประมาณ พ.ศ. 2571 และเข้าถึงได้จากเว็บไซต์หลักของหน่วยงาน",
    "previous_year": "โดยเป็นข้อมูลของปีงบประมาณ พ.ศ. 2570 และเข้าถึงได้จากเว็บไซต์หลักของหน่วยงาน",
}
REACHABLE = "โดยเข้าถึงได้จากเว็บไซต์หลักของหน่วยงาน"


@pytest.mark.parametrize("period", PERIOD_OF)
def test_what_to_publish_is_said_with_its_period(period):
    action = "จัดทำและเผยแพร่ข้อมูลเปิดเผยที่ 1 ของคณะให้ครบถ้วนตามองค์ประกอบที่กำหนด ได้แก่ (ก) มีชื่อผู้รับผิดชอบ (ข) มีข้อมูลย้อนหลังสามปี"
    item = dataclasses.replace(DISCLOSED, period=period)
    assert phrases.recommend(OTHER, item, 2571) == f"{action} {PERIOD_OF[period]}"


@pytest.mark.parametrize(("year", "ending"), [(2571, REACHABLE), (2570, PERIOD_OF["assessed_year"])])
def test_the_period_is_not_said_where_an_element_says_it(year, ending):
    first, second = DISCLOSED.elements
    elements = (first, dataclasses.replace(second, th=f"แผนของปีงบประมาณ พ.ศ. {year}"))
    item = dataclasses.replace(DISCLOSED, period="assessed_year", elements=elements)
    assert phrases.recommend(OTHER, item, 2571).endswith(f"พ.ศ. {year} {ending}")


def test_what_only_some_agencies_must_publish_is_recommended_to_none():
    first, second = DISCLOSED.elements
    item = dataclasses.replace(DISCLOSED, elements=(first, dataclasses.replace(second, only_for="อปท.")))
    assert " ได้แก่ มีชื่อผู้รับผิดชอบ โดย" in phrases.recommend(OTHER, item, 2571)


def test_an_element_is_said_in_official_words_of_the_year(monkeypatch):
    (item,) = (i for i in LAST.rules.disclosure_items if i.id == "O1")
    words = {item.elements[0].th: "แผนของปี {year} และของปี {before}"}
    national = phrases.load().assessments[rules.NATIONAL].model_copy(update={"elements": words})
    edited = phrases.load().model_copy(update={"assessments": {rules.NATIONAL: national}})
    monkeypatch.setattr(phrases, "load", lambda: edited)
    assert phrases.describe_element(LAST, item.elements[0], 2580) == "แผนของปี 2580 และของปี 2579"
    assert phrases.describe_element(OTHER, item.elements[0], 2580) == item.elements[0].th


def test_an_indicator_is_described_by_its_own_phrases_or_by_the_rules():
    title = "การสอนและการประเมินผล"
    assert phrases.describe_indicator(OTHER, "A") == (
        f"ว่าคณะดำเนินการเรื่อง{title}เพียงใด",
        f"การดำเนินงานเรื่อง{title}อยู่ในเกณฑ์ดีและบรรลุค่าเป้าหมาย",
        f"การดำเนินงานเรื่อง{title}ทำได้บางส่วน แต่ยังไม่บรรลุค่าเป้าหมายและต้องพัฒนาให้ดีขึ้น",
        f"การดำเนินงานเรื่อง{title}ยังไม่เป็นไปตามที่กำหนดในส่วนสำคัญ และต้องเร่งแก้ไข",
        f"การดำเนินงานเรื่อง{title}ที่บรรลุค่าเป้าหมาย",
        f"การยกระดับการดำเนินงานเรื่อง{title}ให้บรรลุค่าเป้าหมาย",
        (f"กำชับส่วนงานที่รับผิดชอบเรื่อง{title}ให้ปฏิบัติตามแนวทางที่กำหนด และกำกับติดตามผลการดำเนินการอย่างต่อเนื่อง",),
    )
    for indicator, own in phrases.load().assessments[rules.NATIONAL].indicators.items():
        if indicator in LAST.indicators and phrases.find_indicator(LAST, indicator):
            topics = [s.label.th for s in LAST.rules.sub_indicators if s.indicator == indicator]
            measures = own.measures.format(topics=phrases.join(topics))
            words = (own.high, own.middling, own.low, own.strength, own.gap, own.actions)
            assert phrases.describe_indicator(LAST, indicator) == (measures, *words)


def test_an_instrument_without_phrases_has_those_of_its_kind():
    kinds, national = phrases.load().kinds, phrases.load().assessments[rules.NATIONAL].instruments
    assert phrases.describe_instrument(OTHER, invented.WEB, "disclosure") == kinds.disclosure
    assert phrases.describe_instrument(OTHER, invented.STAFF, "survey") == kinds.survey
    assert phrases.describe_instrument(LAST, "OIT", "disclosure") == national["OIT"]


def test_who_writes_to_the_agencies():
    assert phrases.find_organiser(LAST) == "สำนักงาน ป.ป.ช."
    assert phrases.find_organiser(OTHER) == ""


def test_a_question_without_phrases_is_answered_by_the_advice_of_the_rules():
    item = dataclasses.replace(ASKED, label=label("มีแผน หรือไม่"))
    expected = "กำกับและติดตามการแก้ไขเรื่อง“มีแผน” โดยจัดทำและปรับปรุงเรื่องคำถามที่ 1ให้ครบถ้วนภายในภาคการศึกษา"
    assert phrases.recommend(OTHER, item, 2571) == expected
    first = LAST.rules.survey_items[0]
    assert phrases.recommend(LAST, first, 2571) == phrases.find_question_action(LAST, first.id)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "phrases.yaml บรรทัด 1: : ต้องเป็นรายการหรือกลุ่ม “ช่อง: ค่า”"),
        ("# x\n\n- 5\n", "phrases.yaml บรรทัด 3: : ต้องเป็นรายการหรือกลุ่ม “ช่อง: ค่า”"),
        (
            "a: 1\na: 1\nb: &x 1\nc: *x",
            "phrases.yaml บรรทัด 2: ช่อง “a” ซ้ำกับที่มีแล้วในกลุ่มเดียวกัน เหลือไว้ช่องเดียว หรือแก้ชื่อช่องที่พิมพ์ผิด\n"
            "phrases.yaml บรรทัด 3: ใช้ anchor (&, *) ซึ่งไม่อนุญาต เขียนค่าเต็ม ๆ แทน anchor",
        ),
    ],
)
def test_a_file_that_is_none_says_where(tmp_path, text, message):
    path = tmp_path / "phrases.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileMistakesError) as error:
        phrases.read(path)
    assert str(error.value) == message


def test_every_mistake_of_a_file_is_named_at_once(tmp_path):
    lines = phrases.FILE.read_text(encoding="utf-8").splitlines()
    top = next(n for n, line in enumerate(lines) if line.startswith("  top:"))
    years = next(n for n, line in enumerate(lines) if line.startswith("      - years:"))
    purpose = next(n for n, line in enumerate(lines) if line.startswith("        purpose:"))
    lines[top] = "  top: ว่าง {score}"
    lines[purpose] = lines[purpose].replace("purpose:", "reason:")
    lines.insert(years, "      - 5")
    path = tmp_path / "phrases.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(FileMistakesError) as error:
        phrases.read(path)
    assert str(error.value).splitlines() == [
        f"phrases.yaml บรรทัด {top + 1}: levels > top: ไม่รู้จัก {{score}} ที่ใช้ได้: {{result}}",
        f"phrases.yaml บรรทัด {purpose}: assessments > ita > instruments > IIT > purpose: ขาดช่องนี้",
        f"phrases.yaml บรรทัด {purpose + 1}: assessments > ita > instruments > IIT > reason: ไม่รู้จักช่องนี้",
        f"phrases.yaml บรรทัด {years + 1}: assessments > ita > questions > 1: ต้องเป็นรายการหรือกลุ่ม “ช่อง: ค่า”",
    ]


# --- whose phrases a question inherits in a year that no phrases name


def coming(years, name="i1", **fields):
    """The rules of a year to come, with one question that is not as it was."""
    items = tuple(
        dataclasses.replace(item, **({"id": name} | fields if item.id == "i1" else {"continues": (item.id,)}))
        for item in LAST.rules.survey_items
    )
    return Framework(dataclasses.replace(LAST.rules, fiscal_year=AFTER + years, survey_items=items))


def action_of(framework, question):
    return phrases.find_question_action(framework, question), phrases.find_question_defect(framework, question)


FIRST, SEVENTH = (action_of(LAST, name) for name in ("i1", "i7"))
WORDS = LAST.items["i1"].label
NOTHING = (None, None)


@pytest.mark.parametrize(
    ("framework", "question", "expected"),
    [
        # the next year says what a question continues, however it asks
        (coming(1, "n1", continues=("i1",), label=label("เรื่องอื่น")), "n1", FIRST),
        (coming(1, "n1", continues=("i0", "i7"), label=label("เรื่องอื่น")), "n1", SEVENTH),
        # a later year does not
        (coming(2, "n1", continues=("i1",), label=label("เรื่องอื่น")), "n1", NOTHING),
        (coming(2, "n1", continues=("i1",)), "n1", FIRST),
        # the same number alone is the same question only where both ask alike
        (coming(1, continues=(), label=label("เรื่องอื่น")), "i1", NOTHING),
        (coming(1, continues=()), "i1", FIRST),
        (coming(2, continues=("i7",)), "i1", FIRST),
        (coming(1, continues=("i7",)), "i1", SEVENTH),
        (coming(1, continues=()), "none", NOTHING),
        (OTHER, "q.1", NOTHING),
    ],
)
def test_whose_phrases_a_question_inherits(framework, question, expected):
    assert action_of(framework, question) == expected


def test_a_year_before_all_phrases_inherits_none():
    before = Framework(dataclasses.replace(LAST.rules, fiscal_year=2562))
    assert action_of(before, "i1") == NOTHING


def test_questions_that_ask_alike_share_most_of_their_letters():
    letters = "กขคงจฉชซญฎฏฐฑณดตถทธน"
    assert phrases._ask_alike(letters, letters[:-6] + "ยรลวศษ")
    assert not phrases._ask_alike(letters, letters[:-7] + "ยรลวศษส")
    assert phrases._ask_alike("ข" + "ก" * 300, "ค" + "ก" * 300)  # a letter that is frequent counts as any


def test_the_questions_of_a_shipped_year_are_known_by_their_words():
    assert phrases._list_questions(rules.NATIONAL, AFTER)["i1"] == WORDS.th
    assert phrases._list_questions("fac", AFTER) == {}
