"""What goes wrong in offices: a right document, or a message that says what and where."""

import dataclasses
import html
import io
import re
import zipfile
from fractions import Fraction

import pytest

from prongsai.documents import KINDS, compose_document, issue_document, write_document
from prongsai.documents.agency_templates.template import check_word_file
from prongsai.documents.content import blocks
from prongsai.documents.content.blocks import Table, list_texts
from prongsai.documents.content.data import (
    Disclosure,
    DocumentData,
    DocumentDataError,
    Signatory,
    YearResult,
    normalize_text,
)
from prongsai.documents.writers import docx as docx_writer
from prongsai.documents.writers import paging
from prongsai.documents.writers.annex import move_long_cells
from tests.documents.readers import pdfium_text, squeeze, word_text
from tests.documents.samples import FRAMEWORKS, MEASURES, sample_data


def with_scores_of(name: str, nodes: object, **changes: object) -> DocumentData:
    """The material of an agency with some of its scores."""
    data = sample_data(name)
    known = {n: v for n, v in data.result.scores.items() if n in nodes}  # type: ignore[operator]
    return dataclasses.replace(
        data, result=YearResult(data.result.framework, known), **{"previous": None, "chain": (), **changes}
    )


def text_of(kind: str, data: DocumentData) -> str:
    return "\n".join(list_texts(compose_document(kind, data)))


@pytest.mark.parametrize("kind", ["outcome", "measures", "development", "half_year"])
@pytest.mark.parametrize("digits", ["thai", "arabic"])
def test_a_step_longer_than_a_page_goes_on_in_an_annex(kind, digits):
    words = "ตรวจสอบข้อมูลบนเว็บไซต์ให้ครบถ้วน"
    step = f"{words} " * 250
    plan = (dataclasses.replace(MEASURES[0], steps=(step, "ขั้นสุดท้ายอยู่ท้ายรายละเอียด")), *MEASURES[1:])
    data = sample_data("daengmo", measures=plan)
    data = dataclasses.replace(data, formatting=dataclasses.replace(data.formatting, digits=digits))
    document = compose_document(kind, data)
    written = write_document(document)
    number = "ข้อ ๑" if digits == "thai" else "ข้อ 1"
    for text in (squeeze(word_text(written.docx)), squeeze(pdfium_text(written.pdf))):
        table, annex = text.split(squeeze("รายละเอียดท้ายเอกสาร") + squeeze(number[4:] + "."), 1)
        assert squeeze(f"อ่านต่อที่รายละเอียดท้ายเอกสาร {number}") in table
        assert 0 < table.count(squeeze(words)) < 30
        assert annex.count(squeeze(words)) >= 249  # a page may end within one
        assert squeeze("ขั้นสุดท้ายอยู่ท้ายรายละเอียด") in annex
        assert "ของ“" in annex.split(squeeze(words))[0]  # which row it is
    for section in move_long_cells(document).sections:
        for table in (block for block in section.blocks if isinstance(block, Table)):
            assert all(paging.fits_page(row, paging.fit_columns(table)) for row in table.rows)
    assert issue_document(kind, data, read_whole_pdf=False).faults == ()


def test_every_unprintable_letter_is_reported_at_once_with_its_place():
    plan = (dataclasses.replace(MEASURES[0], title="ทำดี \U0001f600", steps=("ขั้นหนึ่ง", "ขั้นสอง ☂")), MEASURES[1])
    with pytest.raises(DocumentDataError) as caught:
        compose_document("outcome", sample_data("daengmo", measures=plan))
    assert caught.value.problems == [
        "มาตรการ (1) ชื่อมาตรการ: มีอักขระที่พิมพ์ลงเอกสารไม่ได้ “\U0001f600” ลบออกหรือพิมพ์เป็นคำแทน",
        "มาตรการ (1) ขั้นตอน (2): มีอักขระที่พิมพ์ลงเอกสารไม่ได้ “☂” ลบออกหรือพิมพ์เป็นคำแทน",
    ]


def test_a_pasted_word_table_becomes_lines():
    pasted = "หัว\tรายการ\r\nแถว\x07 หนึ่ง\x0bสอง\u200b\u00a0สาม \uf0b7 ข้อย่อย\x00\n\n\nทํา"
    assert normalize_text(pasted) == "หัว รายการ\nแถว หนึ่ง\nสอง สาม • ข้อย่อย\nทำ"
    plan = (dataclasses.replace(MEASURES[0], steps=(pasted,)),)
    issued = issue_document("outcome", sample_data("daengmo", measures=plan), read_whole_pdf=False)
    assert "สอง สาม • ข้อย่อย\nทำ" in word_text(issued.docx)


@pytest.mark.parametrize(("digits", "printed"), [("thai", "๑๒ กอง ๓๐ คน ปี ๒๕๗๐"), ("arabic", "12 กอง 30 คน ปี 2570")])
@pytest.mark.parametrize("kind", ["outcome", "measures", "development", "half_year", "memo"])
def test_digits_of_both_scripts_are_printed_in_those_of_the_paper(kind, digits, printed):
    """An address keeps its own: it would lead elsewhere."""
    typed, address = "๑๒ กอง 30 คน ปี ๒๕๗0", "https://www.example.go.th/๒๕๗๐"
    plan = (dataclasses.replace(MEASURES[0], title=typed, steps=(f"อบรม {typed} {address}",)),)
    data = sample_data(
        "phron", measures=plan, signatories=(Signatory("ปลัด", opinion=typed), Signatory("นายก", opinion=typed))
    )
    data = dataclasses.replace(data, formatting=dataclasses.replace(data.formatting, digits=digits))
    text = text_of(kind, data)
    assert printed in text
    assert typed not in text
    assert kind == "memo" or address in text


def test_markup_in_a_text_is_text():
    plan = (dataclasses.replace(MEASURES[0], title="<b>ก</b> & #set page() \\ $x$ {{ y }} *ดี*"),)
    written = write_document(compose_document("outcome", sample_data("daengmo", measures=plan)))
    for text in (pdfium_text(written.pdf), word_text(written.docx)):
        assert "<b>ก</b> & #set page()" in " ".join(text.split())
    assert "&lt;b&gt;" in written.html


def test_without_last_year_nothing_is_compared():
    data = dataclasses.replace(sample_data("bangpla"), previous=None, chain=())
    text = text_of("development", data)
    assert "ไม่มีผลการประเมินของปีก่อนหน้า" in text
    assert "ผลต่าง" not in text
    assert "๒๕๖๗" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_second_part_of_the_external_survey(kind):
    data = sample_data("bangpla")
    nodes = {n for n in data.result.scores if not n.startswith("EIT2")}
    without = with_scores_of("bangpla", nodes, previous=data.previous, chain=data.chain)
    report = issue_document(kind, without, read_whole_pdf=False).read_back
    assert report.contradictions == ()
    assert not any("EIT2" in c.node and c.fiscal_year == 2568 for c in report.checks)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["bangpla", "talingchan"])
@pytest.mark.parametrize("nodes", [("overall",), tuple(map(str, range(1, 11)))], ids=["total", "indicators"])
def test_a_result_without_scores_of_items(kind, name, nodes):
    data = with_scores_of(name, nodes, measures=())
    assert issue_document(kind, data, read_whole_pdf=False).read_back.contradictions == ()
    if kind == "development":
        text = text_of(kind, data)
        assert "ผู้ตอบบางส่วนเห็นว่า" not in text.split("การนำผลการวิเคราะห์")[0]  # no defect without a score


def test_only_the_total_is_said_when_only_the_total_is_known():
    text = text_of("summary", with_scores_of("talingchan", ("overall",)))
    assert "๖๕.๙๖" in text
    assert "ไม่มีคะแนนรายตัวชี้วัด" in text
    assert "จุดแข็ง (" not in text


def test_both_families_of_levels():
    assert "อยู่ในระดับ C" in text_of("summary", sample_data("talingchan"))
    assert "อยู่ในระดับ “ผ่านดี”" in text_of("summary", sample_data("bangpla"))
    assert "เกณฑ์ของระดับ “ผ่านดีเยี่ยม” ที่ยังไม่ถึง ได้แก่ แบบวัด OIT ต้องได้ตั้งแต่ ๙๕ คะแนนขึ้นไป แต่ได้ ๙๒.๕๐ คะแนน" in text_of(
        "summary", sample_data("bangpla")
    )


def test_a_signatory_who_left_has_dots_for_a_name():
    data = sample_data("phron", signatories=(Signatory("ผู้จัดทำ"), Signatory("ปลัด", "", "เห็นควรอนุมัติ")))
    written = write_document(compose_document("memo", data))
    assert f"({'.' * 40})\nตำแหน่ง ปลัด" in word_text(written.docx)


def test_a_typed_score_that_contradicts_the_result_is_said_beside_the_paper():
    plan = (dataclasses.replace(MEASURES[0], steps=("ตัวชี้วัดที่ 9 การเปิดเผยข้อมูล ได้คะแนน 99.99 คะแนน",)),)
    issued = issue_document("outcome", sample_data("daengmo", measures=plan))
    (problem,) = issued.contradictions  # one fault, reported once with all its places
    assert "99.99" in problem
    assert "73.90" in problem
    assert "(Word " in problem
    assert "PDF หน้า" in problem
    assert issued.faults == ()  # none of it is ours


def test_every_contradiction_of_the_rules_is_reported_at_once():
    data = sample_data("daengmo")
    result = YearResult(data.result.framework, {**data.result.scores, "Z9": Fraction(1), "9": Fraction(101)})
    plan = (dataclasses.replace(MEASURES[0], indicators=("11",), title=""),)
    with pytest.raises(DocumentDataError) as caught:
        compose_document(
            "outcome", dataclasses.replace(data, result=result, measures=plan, disclosures=(Disclosure(item="O99"),))
        )
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
        ("summary", {"result": YearResult(FRAMEWORKS[2568], {}), "previous": None, "chain": ()}, "ไม่มีคะแนนเลย"),
        ("memo", {"memo_header": None}, "หัวบันทึกข้อความ"),
        ("development", {"chain": ()}, "ต้องมีหลักเกณฑ์ต่อเนื่อง"),
        ("essay", {}, "ไม่มีเอกสารชนิด essay"),
    ],
)
def test_data_that_make_no_document_are_refused(kind, changes, message):
    with pytest.raises(DocumentDataError, match=message):
        compose_document(kind, sample_data("bangpla", **changes))


def test_a_long_address_breaks_between_its_parts_and_leads_where_it_was_written():
    """In the narrow column of a Word file; one that fits in a line, and running text, stay as they are."""
    long = "https://www.tambon-example.go.th/public/list/data/index/menu/1142/page?id=5&view=all"
    short = "https://a.example/b"
    columns = (blocks.Column("ที่อยู่", 3.0), blocks.Column("อื่น", 12.0))
    table = blocks.Table(columns, (blocks.Row((blocks.Cell(f"ดู {long} และ {short}"), blocks.Cell(short))),), size=14)
    document = compose_document("checklist", sample_data("phron"))
    section = dataclasses.replace(document.sections[0], blocks=(table,))
    written = docx_writer.write(dataclasses.replace(document, sections=(section,)), {})
    assert not check_word_file(written)
    with zipfile.ZipFile(io.BytesIO(written)) as file:
        xml = file.read("word/document.xml").decode()
    assert f'HYPERLINK "{long.replace("&", "&amp;")}"' in xml
    texts = re.findall("<w:t[^>]*>([^<]*)</w:t>", xml)
    (broken,) = [html.unescape(text) for text in texts if "\u200b" in text]
    assert broken.replace("\u200b", "") == long
    assert broken.split("\u200b") == [
        *("https://www.tambon-", "example.go.th/", "public/", "list/", "data/", "index/", "menu/", "1142/"),
        *("page?", "id=", "5&", "view=", "all"),
    ]
    assert xml.count("HYPERLINK") == 1
    assert sum(short in text for text in texts) == 2
