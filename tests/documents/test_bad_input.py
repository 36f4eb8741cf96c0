"""What goes wrong in offices: a right document, or a message that says what and where."""

import dataclasses
from fractions import Fraction

import pytest

from prongsai.documents import KINDS, ContradictionError, compose, content, issue
from prongsai.documents.content.data import Disclosure, DocumentData, DocumentDataError, Signatory, Result, tidy
from tests.documents.materials import FRAMEWORKS, PLAN, material


def only(name: str, nodes: object, **changes: object) -> DocumentData:
    """The material of an agency with some of its scores."""
    told = material(name)
    known = {n: v for n, v in told.result.known.items() if n in nodes}  # type: ignore[operator]
    return dataclasses.replace(
        told, result=Result(told.result.framework, known), **{"before": None, "chain": (), **changes}
    )


def said(kind: str, told: DocumentData) -> str:
    return "\n".join(blocks.texts(compose(kind, told)))


def test_a_step_of_three_thousand_words_is_printed_whole_and_its_row_may_break():
    step = "ตรวจสอบข้อมูลบนเว็บไซต์ให้ครบถ้วน " * 750
    plan = (dataclasses.replace(PLAN[0], steps=(step, "ขั้นสั้น")),)
    made = issue("outcome", material("daengmo", plan=plan))
    assert made.docx.count(b"PK") > 1
    from tests.documents.test_issue import pdfium_text, squeezed

    assert squeezed(pdfium_text(made.pdf)).count(squeezed("ตรวจสอบข้อมูลบนเว็บไซต์ให้ครบถ้วน")) == 750


def test_an_emoji_is_named_with_its_place_and_all_problems_come_at_once():
    plan = (dataclasses.replace(PLAN[0], title="ทำดี \U0001f600", steps=("ขั้นหนึ่ง", "ขั้นสอง ☂")), PLAN[1])
    with pytest.raises(DocumentDataError) as caught:
        compose("outcome", material("daengmo", plan=plan))
    assert caught.value.problems == [
        "มาตรการ (1) ชื่อมาตรการ: มีอักขระที่พิมพ์ลงเอกสารไม่ได้ “\U0001f600” ลบออกหรือพิมพ์เป็นคำแทน",
        "มาตรการ (1) ขั้นตอน (2): มีอักขระที่พิมพ์ลงเอกสารไม่ได้ “☂” ลบออกหรือพิมพ์เป็นคำแทน",
    ]


def test_a_pasted_word_table_becomes_lines():
    pasted = "หัว\tรายการ\r\nแถว\x07 หนึ่ง\x0bสอง\u200b\u00a0สาม \uf0b7 ข้อย่อย\x00\n\n\nทํา"
    assert tidy(pasted) == "หัว รายการ\nแถว หนึ่ง\nสอง สาม • ข้อย่อย\nทำ"
    made = issue("outcome", material("daengmo", plan=(dataclasses.replace(PLAN[0], steps=(pasted,)),)))
    assert made.read_back.contradictions == ()


def test_markup_in_a_text_is_text():
    plan = (dataclasses.replace(PLAN[0], title="<b>ก</b> & #set page() \\ $x$ {{ y }} *ดี*"),)
    made = issue("outcome", material("daengmo", plan=plan))
    from tests.documents.test_issue import pdfium_text, word_text

    for text in (pdfium_text(made.pdf), word_text(made.docx)):
        assert "<b>ก</b> & #set page()" in " ".join(text.split())
    assert "&lt;b&gt;" in made.html


def test_without_last_year_nothing_is_compared():
    told = dataclasses.replace(material("bangpla"), before=None, chain=())
    text = said("development", told)
    assert "ไม่มีผลการประเมินของปีก่อนหน้า" in text
    assert "ผลต่าง" not in text
    assert "๒๕๖๗" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_second_part_of_the_external_survey(kind):
    told = material("bangpla")
    nodes = {n for n in told.result.known if not n.startswith("EIT2")}
    report = issue(kind, only("bangpla", nodes, before=told.before, chain=told.chain)).read_back
    assert report.contradictions == ()
    assert not any("EIT2" in c.node and c.fiscal_year == 2568 for c in report.checks)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["bangpla", "talingchan"])
@pytest.mark.parametrize("nodes", [("overall",), tuple(map(str, range(1, 11)))], ids=["total", "indicators"])
def test_a_result_without_scores_of_items(kind, name, nodes):
    told = only(name, nodes, plan=())
    assert issue(kind, told).read_back.contradictions == ()
    if kind == "development":
        text = said(kind, told)
        assert "ผู้ตอบบางส่วนเห็นว่า" not in text.split("การนำผลการวิเคราะห์")[0]  # no defect without a score


def test_only_the_total_is_said_when_only_the_total_is_known():
    text = said("summary", only("talingchan", ("overall",)))
    assert "๖๕.๙๖" in text
    assert "ไม่มีคะแนนรายตัวชี้วัด" in text
    assert "จุดแข็ง (" not in text


def test_both_families_of_levels():
    assert "อยู่ในระดับ C" in said("summary", material("talingchan"))
    assert "อยู่ในระดับ “ผ่านดี”" in said("summary", material("bangpla"))
    assert "เกณฑ์ของระดับ “ผ่านดีเยี่ยม” ที่ยังไม่ถึง ได้แก่ แบบวัด OIT ต้องได้ตั้งแต่ ๙๕ คะแนนขึ้นไป แต่ได้ ๙๒.๕๐ คะแนน" in said(
        "summary", material("bangpla")
    )


def test_a_signatory_who_left():
    told = material("phron", opinions=(Signatory("ผู้จัดทำ"), Signatory("ปลัด", "", "เห็นควรอนุมัติ")))
    assert issue("memo", told).read_back.contradictions == ()


def test_a_typed_figure_that_is_not_the_result_stops_the_document():
    plan = (dataclasses.replace(PLAN[0], steps=("ตัวชี้วัดที่ 9 การเปิดเผยข้อมูล ได้คะแนน 99.99 คะแนน",)),)
    with pytest.raises(ContradictionError) as caught:
        issue("outcome", material("daengmo", plan=plan))
    assert any("99.99" in p and "73.90" in p for p in caught.value.problems)
    assert any("(Word " in p for p in caught.value.problems)
    assert any("PDF หน้า" in p for p in caught.value.problems)
    assert len(caught.value.problems) == 1  # one fault, told once with all its places


def test_what_does_not_fit_the_rules_is_named_all_at_once():
    told = material("daengmo")
    result = Result(told.result.framework, {**told.result.known, "Z9": Fraction(1), "9": Fraction(101)})
    plan = (dataclasses.replace(PLAN[0], indicators=("11",), title=""),)
    with pytest.raises(DocumentDataError) as caught:
        compose("outcome", dataclasses.replace(told, result=result, plan=plan, disclosures=(Disclosure("O99"),)))
    assert set(caught.value.problems) == {
        "คะแนนปี 2564: หลักเกณฑ์ปีนี้ไม่มี Z9",
        "คะแนนปี 2564: 9 เท่ากับ 101.00 ต้องอยู่ระหว่าง 0 ถึง 100",
        "มาตรการ (1): หลักเกณฑ์ปีนี้ไม่มีตัวชี้วัด 11",
        "มาตรการ (1): ยังไม่มีชื่อมาตรการ",
        "การเปิดเผยข้อมูล: หลักเกณฑ์ปีนี้ไม่มีข้อ O99",
    }


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("summary", {"result": Result(FRAMEWORKS[2568], {}), "before": None, "chain": ()}, "ไม่มีคะแนนเลย"),
        ("memo", {"memo": None}, "หัวบันทึกข้อความ"),
        ("development", {"chain": ()}, "ต้องมีหลักเกณฑ์ต่อเนื่อง"),
        ("essay", {}, "ไม่มีเอกสารชนิด essay"),
    ],
)
def test_a_clear_message(kind, changes, message):
    with pytest.raises(DocumentDataError, match=message):
        compose(kind, material("bangpla", **changes))
