"""The five published results become documents that say what they text, in every form, and read themselves back."""

import dataclasses
import datetime
import io
import re
import zipfile
from fractions import Fraction

import docx
import pikepdf
import pytest

from prongsai.analysis import phrases
from prongsai.documents import (
    KINDS,
    MisprintError,
    compose_document,
    issue_document,
    read_back,
    write_document,
)
from prongsai.documents.content import blocks, wording
from prongsai.documents.content.blocks import Table, list_texts
from prongsai.documents.content.data import Disclosure, Formatting, Measure, Signatory, SurveyProgress, YearResult
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.serialization import deserialize, issue_serialized, serialize
from prongsai.documents.writers import docx as docx_writer
from prongsai.documents.writers import html
from prongsai.framework import Framework
from prongsai.lib import thai
from tests.content import TRUTH
from tests.documents.conftest import READ_WHOLE
from tests.documents.readers import pdfium_text, pypdf_text, squeeze, word_text
from tests.documents.samples import COMMENTS, CORRECTED, YEARS, sample_data

FIVE = ("summary", "outcome", "development", "measures", "memo")


def text_of(kind: str, data) -> str:
    return "\n".join(list_texts(compose_document(kind, data)))


@pytest.mark.parametrize("kind", FIVE)
def test_approximate_scores_of_questions_are_printed_as_such_and_contradict_nothing(kind):
    """Scores of questions have a random error, so that their mean is not the indicator's score, which is exact."""
    data = sample_data("bangpla")
    framework, known = data.result.framework, data.result.scores
    asked = [c.item for c in framework.answer_columns("IIT")]
    scores = {item: Fraction(61 + k) for k, item in enumerate(asked)}
    result = YearResult(framework, {**known, **scores}, frozenset(asked))
    data = dataclasses.replace(data, result=result)
    assert deserialize(serialize(data)).result.approximate == frozenset(asked)
    assert issue_document(kind, data).read_back.contradictions == ()
    text = text_of(kind, data)
    assert not set(re.findall(r"\d+\.\d\d", thai.clean(text))) & {f"{int(v)}.00" for v in scores.values()}
    if kind == "development":
        assert "ประมาณ 61" in thai.clean(text)


@pytest.mark.parametrize("kind", FIVE)
@pytest.mark.parametrize("name", YEARS)
def test_every_seed_becomes_every_document_without_a_contradiction(issued, name, kind):
    report = issued(name, kind).read_back
    assert report.contradictions == ()
    assert not [c for c in report.checks if c.verdict == "contradicted"]
    read = {(c.fiscal_year, c.node): c.printed for c in report.checks}
    year = YEARS[name]
    expected = {
        "summary": ("overall", "level"),
        "outcome": ("overall", "9", "10"),
        "development": ("overall", "9", "10"),
        "measures": ("overall", "9", "10"),
        "memo": ("OIT",),
    }[kind]
    truth = {n: CORRECTED.get(n, v) if name == "bangpla" else v for y, n, v in TRUTH[name] if y == year}
    for node in expected:
        if node in truth:
            assert read[year, node] in (truth[node], f"{float(truth[node]):.2f}" if node != "level" else ""), node


def test_the_year_on_year_report_reads_back_both_years_changes_and_items(issued):
    checks = issued("bangpla", "development").read_back.checks
    read = {(c.fiscal_year, c.node) for c in checks}
    assert {(2567, str(n)) for n in range(1, 11)} <= read
    assert {(2568, f"change/{n}") for n in range(1, 11)} <= read
    assert {(2568, f"O{n}") for n in range(1, 29)} <= read
    assert {(2568, n) for n in ("highest/all", "lowest/all", "count/up", "count/down", "EIT1/7", "EIT2/8")} <= read


@pytest.mark.parametrize(
    ("name", "kind", "reader"),
    [
        *((name, kind, pdfium_text) for name in YEARS for kind in FIVE),
        *((name, kind, pypdf_text) for name in READ_WHOLE for kind in FIVE),  # slow
    ],
)
def test_the_text_of_the_pdf_is_the_text_that_was_written(issued, name, kind, reader):
    text = re.sub("-[0-9๐-๙]+-", "", squeeze(reader(issued(name, kind).pdf)))  # page numbers
    for expected in list_texts(compose_document(kind, sample_data(name))):
        assert squeeze(expected) in text, expected


@pytest.mark.parametrize(("name", "kind"), [("bangpla", "development"), ("phron", "memo"), ("daengmo", "outcome")])
def test_not_a_letter_is_lost_added_or_moved_between_model_and_pdf(issued, name, kind):
    """All letters of the model, counted: the reader that honours ActualText finds exactly those, besides page numbers
    and heads."""
    text = pdfium_text(issued(name, kind).pdf)
    assert "\u0e4d" not in text  # every ำ is one letter
    assert "\ufffd" not in text
    assert not re.search("([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])\\1", text)  # no mark is repeated
    assert not re.search("(?m)^[\u0e30-\u0e3a\u0e45-\u0e4e]", text)  # no line begins with a mark: no word was cut there


@pytest.mark.parametrize(("name", "kind"), [(n, k) for n in YEARS for k in FIVE])
def test_the_text_of_the_word_file_is_the_text_that_was_written(issued, name, kind):
    text = squeeze(word_text(issued(name, kind).docx))
    for expected in list_texts(compose_document(kind, sample_data(name))):
        assert squeeze(expected) in text, expected


def test_the_pdf_declares_pdf_a_is_tagged_and_carries_its_fonts(issued):
    with pikepdf.open(io.BytesIO(issued("bangpla", "development").pdf)) as pdf:
        data = pdf.open_metadata()
        assert (data["pdfaid:part"], data["pdfaid:conformance"]) == ("2", "U")
        assert str(pdf.Root.Lang).startswith("th")
        assert "/StructTreeRoot" in pdf.Root
        assert "/OutputIntents" in pdf.Root
        assert pdf.Root.MarkInfo.Marked
        descriptors = [
            o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
        ]
        assert descriptors
        assert all("/FontFile2" in d for d in descriptors)


def test_word_files_name_the_thai_font_and_sizes_for_both_scripts(issued):
    with zipfile.ZipFile(io.BytesIO(issued("bangpla", "development").docx)) as archive:
        styles, body = archive.read("word/styles.xml").decode(), archive.read("word/document.xml").decode()
    assert 'w:cs="TH SarabunPSK"' in styles
    assert '<w:sz w:val="32"/><w:szCs w:val="32"/>' in styles
    assert 'w:bidi="th-TH"' in styles
    assert not re.search(r"w:(ascii|hAnsi|cs)Theme", re.search(r'w:styleId="Heading1".*?</w:style>', styles, re.S)[0])
    assert body.count("<w:tblHeader/>") == body.count("w:tblBorders>") / 2  # every ruled table repeats its head
    assert len(re.findall(r'<w:sz w:val="(\d+)"/>(?!<w:szCs w:val="\1"/>)', body)) == 0
    assert re.search(r'w:orient="landscape"', body)


def test_digits_are_thai_but_not_in_codes_and_addresses():
    disclosures = (Disclosure(item="O1", urls=("https://example.go.th/ita/2568/o1?id=25",)),)
    document = compose_document("checklist", sample_data("bangpla", disclosures=disclosures))
    text = "\n".join(list_texts(document))
    assert "https://example.go.th/ita/2568/o1?id=25" in text
    assert "O1" in text
    assert "๒๕๖๘" in text
    without_codes = re.sub(r"https?://\S+|[!-~]*[A-Za-z][!-~]*", "", text)
    assert not re.search("[0-9]", without_codes)


def test_arabic_digits_by_setting():
    document = compose_document("development", sample_data("bangpla", formatting=Formatting("arabic")))
    text = "\n".join(list_texts(document))
    assert not re.search("[๐-๙]", text)
    assert "96.04" in text
    assert (
        issue_document(
            "development", sample_data("bangpla", formatting=Formatting("arabic")), read_whole_pdf=False
        ).read_back.contradictions
        == ()
    )


def test_the_same_material_gives_the_same_paper():
    first, second = (
        write_document(compose_document("memo", sample_data("phron"))),
        write_document(compose_document("memo", sample_data("phron"))),
    )
    assert first.digest == second.digest
    assert first.pdf == second.pdf
    assert first.html == second.html
    changed = sample_data("phron", disclosures=(Disclosure(item="O1", comment="อีกเรื่องหนึ่ง"),))
    assert compose_document("memo", changed).digest != first.digest


def test_the_memo_prints_signed_opinions_and_leaves_room_for_the_others():
    signatories = (
        Signatory("นักวิเคราะห์นโยบายและแผน", "ผู้จัดทำ ตัวอย่าง", signed_on=datetime.date(2022, 2, 2)),
        Signatory("หัวหน้าสำนักปลัด", "", "", None),
        Signatory("นายกองค์การบริหารส่วนตำบล", "ผู้บริหาร ตัวอย่าง", "ทราบ ดำเนินการตามเสนอ", datetime.date(2022, 2, 5)),
    )
    written = write_document(compose_document("memo", sample_data("phron", signatories=signatories)))
    text = word_text(written.docx)
    order = [
        text.index(x) for x in ("(ผู้จัดทำ ตัวอย่าง)", "ตำแหน่ง หัวหน้าสำนักปลัด", "ทราบ ดำเนินการตามเสนอ", "(ผู้บริหาร ตัวอย่าง)")
    ]
    assert order == sorted(order)
    assert "(" + "." * 40 + ")" in text  # the post whose holder left
    assert "(ลงชื่อ) ลงนามทางอิเล็กทรอนิกส์ ๕ กุมภาพันธ์ ๒๕๖๕" in text
    assert text.count("ความเห็น ") == 2  # the writer gives none
    assert text.count("(ลงชื่อ)....") == 1


def test_the_memo_lists_points_to_develop_and_names_an_assessment_still_ahead_of_its_date():
    data = sample_data("talingchan")
    header = dataclasses.replace(data.memo_header, date=datetime.date(2024, 5, 1))
    data = dataclasses.replace(data, memo_header=header)
    text = text_of("memo", data)
    for part in (
        "ผลการประเมินของ OIT",
        "จำนวน ๘ ตัวชี้วัด",
        "ตัวชี้วัดที่ต้องพัฒนา ได้แก่ ตัวชี้วัดที่ ๑๐",
        "ก่อนการประเมินปีงบประมาณ พ.ศ. ๒๕๖๗",
    ):
        assert part in text
    _, annex = compose_document("memo", data).sections  # of proposals; none of marks, which nobody knows
    (table,) = (block for block in annex.blocks if isinstance(block, Table))
    assert [column.title for column in table.columns] == ["ที่", "เรื่อง", "การดำเนินการที่เสนอ"]


def test_a_column_of_comments_stands_only_where_there_are_some():
    def titles_of_annex(data):
        (section,) = compose_document("memo", data).sections[1:]
        return [column.title for column in section.blocks[-1].columns]

    data = sample_data("phron")
    assert "ความคิดเห็น" in titles_of_annex(data)
    assert titles_of_annex(dataclasses.replace(data, disclosures=())) == ["ข้อ", "ประเด็นการตรวจ", "คะแนน"]


def test_a_finding_lists_items_below_the_target():
    facts = ResultFacts(sample_data("bangpla"))
    assert "ข้อที่ควรปรับปรุงก่อน" not in wording.describe_finding(facts, "6")
    assert "ข้อ O27" in wording.describe_finding(facts, "10")


def test_exempt_elements_are_left_out():
    data = sample_data("phron")
    item = data.result.framework.rules.disclosure_items[0]
    text, less = (
        text_of("checklist", dataclasses.replace(data, exempt_elements=n))
        for n in (frozenset(), frozenset({(item.id, 0)}))
    )
    said = thai.in_thai_digits(phrases.describe_element(data.result.framework, item.elements[0], 2564))
    assert said in text
    assert said not in less


def test_the_annex_of_the_memo_lists_every_item_and_comment(issued):
    file = docx.Document(io.BytesIO(issued("phron", "memo").docx))
    rows = {r.cells[0].text: [c.text for c in r.cells] for r in file.tables[-1].rows}
    assert all(f"O{n}" in rows for n in range(1, 34))
    for code, comment in COMMENTS.items():
        assert rows[code][2:] == [comment, "๐.๐๐"]


def test_plans_cover_all_ten_indicators_and_say_of_which_nothing_was_decided(issued):
    file = docx.Document(io.BytesIO(issued("daengmo", "development").docx))
    cells = [r.cells for r in file.tables[-1].rows]
    groups = [c[0].text for c in cells if c[0]._tc is c[-1]._tc]
    assert [re.search("ตัวชี้วัดที่ ([๐-๙]+)", g)[1] for g in groups] == [thai.in_thai_digits(str(n)) for n in range(1, 11)]
    titles = [c[1].text for c in cells if c[0]._tc is not c[-1]._tc]
    assert "ตรวจและเติมข้อมูลบนเว็บไซต์ให้ครบทุกเดือน" in titles
    assert phrases.load().sentences.no_measure_of_indicator in titles


@pytest.mark.parametrize("kind", ["outcome", "development", "measures"])
def test_a_measure_of_no_single_indicator_is_printed_once(kind):
    general = Measure(
        indicators=(),
        title="ยกระดับผลการประเมินในภาพรวม",
        finding="คะแนน OIT ได้ 62.52 ต่ำกว่าเป้าหมาย 85 คะแนน",
        steps=("เร่งมาตรการของตัวชี้วัดที่ 10",),
    )
    data = sample_data("talingchan", measures=(general,))
    text = text_of(kind, data)
    assert text.count("ยกระดับผลการประเมินในภาพรวม") == 1
    assert kind == "outcome" or "ภาพรวมของหน่วยงาน" in text
    assert issue_document(kind, data, read_whole_pdf=False).read_back.contradictions == ()


def test_checklist_and_reminder_need_no_result():
    empty = YearResult(sample_data("bangpla").result.framework, {})
    disclosures = (Disclosure(item="O1", urls=("https://a.go.th/1",), present_elements=frozenset({0})),)
    surveys = (
        SurveyProgress(
            instrument="IIT",
            received=12,
            required=30,
            closes_on=datetime.date(2025, 5, 31),
            address="https://a.go.th/s/AB",
        ),
    )
    data = sample_data("bangpla", result=empty, previous=None, chain=(), disclosures=disclosures, surveys=surveys)
    assert KINDS.keys() >= {"checklist", "reminder"}
    boxes = next(b for b in compose_document("checklist", data).sections[0].blocks if isinstance(b, blocks.Table))
    first = boxes.rows[1].cells[1].boxes
    assert [b.ticked for b in first] == [True] + [False] * (len(first) - 1)
    sheet = text_of("reminder", data)
    assert "๑๘" in sheet
    assert "ยังไม่ได้ส่ง URL จำนวน ๒๗ ข้อ" in sheet
    for kind in ("checklist", "reminder"):
        assert issue_document(kind, data).pdf.startswith(b"%PDF")


def test_html_has_the_same_texts_and_no_inline_style():
    document = compose_document("development", sample_data("bangpla"))
    page = html.write_page(document)
    plain = squeeze(re.sub(r"<[^>]+>", "", page.replace("&amp;", "&").replace("&#34;", '"')))
    for expected in list_texts(document):
        assert squeeze(expected.replace("\n", "")) in plain, expected
    assert "style=" not in html.write_fragment(document)
    assert "<script" not in page


@pytest.mark.parametrize("name", ["bangpla", "phron"])
def test_the_quick_read_back_finds_a_pdf_with_other_scores_than_the_word_file(name):
    data = sample_data(name)
    written = write_document(compose_document("summary", data))
    assert read_back(written, data, read_whole_pdf=False).contradictions == ()
    other = write_document(compose_document("summary", sample_data("talingchan")))
    assert read_back(dataclasses.replace(written, pdf=other.pdf), data, read_whole_pdf=False).misprints


# --- read-back


@pytest.mark.parametrize("read_whole_pdf", [True, False])
def test_a_contradicted_document_is_not_issued(monkeypatch, read_whole_pdf):
    """A writer that prints another score than the data's is stopped by what is read back out of its file."""
    write = docx_writer.write

    def misprint(document, pictures):
        return write(
            dataclasses.replace(document, sections=replace_text(document.sections, "๙๖.๐๔", "๙๖.๔๐")), pictures
        )

    monkeypatch.setattr(docx_writer, "write", misprint)
    with pytest.raises(MisprintError, match=r"Word พิมพ์ 96.04 0 ครั้ง"):
        issue_document("summary", sample_data("bangpla"), read_whole_pdf=read_whole_pdf)


def test_a_sentence_of_ours_that_is_contradicted_is_left_out_and_the_paper_issued(monkeypatch):
    """The attacker is our own wording: a sentence that gives another score than the result. The tables stand."""
    wrong = "ตัวชี้วัดที่ 9 การเปิดเผยข้อมูล ได้คะแนน 12.34 คะแนน"
    monkeypatch.setattr(wording, "describe_counts", lambda facts: wrong)
    issued = issue_document("measures", sample_data("daengmo"), read_whole_pdf=False)
    assert any("12.34" in fault for fault in issued.faults)
    assert issued.contradictions == ()
    text = word_text(issued.docx)
    assert "๑๒.๓๔" not in text
    assert "๗๓.๙๐" in text  # in its table
    assert issued.read_back.contradictions == ()


def test_rules_of_an_installation_travel_to_another_process():
    """A year that was announced here is shipped to nobody: it goes along as data."""
    data = sample_data("bangpla")
    framework = data.result.framework
    target = dataclasses.replace(framework.rules.target, points=80)
    changed = Framework(dataclasses.replace(framework.rules, target=target, fiscal_year=2599))
    there = deserialize(serialize(dataclasses.replace(data, result=YearResult(changed, data.result.scores))))
    assert there.result.framework.rules == changed.rules
    assert there.previous.framework is data.previous.framework


def replace_text(part, old: str, new: str):
    if isinstance(part, str):
        return part.replace(old, new)
    if isinstance(part, tuple):
        return tuple(replace_text(item, old, new) for item in part)
    if dataclasses.is_dataclass(part):
        changes = {f.name: replace_text(getattr(part, f.name), old, new) for f in dataclasses.fields(part)}
        return dataclasses.replace(part, **changes)
    return part


def test_a_wrong_score_in_the_pdf_alone_is_found_when_it_is_read_whole():
    data = sample_data("bangpla")
    written = write_document(compose_document("summary", data))
    wrong = replace_text(written.document, "๙๖.๐๔", "๙๖.๔๐")
    written = dataclasses.replace(written, pdf=write_document(wrong).pdf)
    assert any("(PDF หน้า" in problem for problem in read_back(written, data).contradictions)


# --- stability


def test_digests_of_earlier_versions_can_be_computed_again():
    """A signed memo and an issued paper store the digest of version 0.1.0; a renamed block must not change it."""
    document = blocks.Document(
        kind="memo",
        title="ก",
        agency="ข",
        date=datetime.date(2025, 10, 1),
        font="TH SarabunPSK",
        sections=(
            blocks.Section(
                (
                    blocks.Title(("ก", "ข")),
                    blocks.Heading("ค", 2),
                    blocks.Paragraph(text="ง", lead="จ", keep_with_next=True),
                    blocks.numbered(["ฉ"]),
                    blocks.Table(
                        (blocks.Column("ช", 2.0),),
                        (blocks.Row((blocks.Cell("ซ", boxes=(blocks.Checkbox("ฌ", True),)),), "total"),),
                    ),
                    blocks.KeyFigures((("1", "ญ"),)),
                    blocks.Chart("<svg/>", "ฎ"),
                    blocks.MemoTitle(b"png"),
                    blocks.FieldLine((("ฏ", "ฐ"),)),
                    blocks.Signature("ฑ", "ฒ", "ณ", "ด"),
                ),
                memo=True,
            ),
        ),
    )
    assert document.digest == "3ed61261bc1dee90be4ed456b2483723dc07a2c56d33fc56739791ef9dcba49b"


def test_data_come_back_from_serialization_and_frameworks_travel_by_name():
    data = sample_data("bangpla")
    serialized = serialize(data)
    assert deserialize(serialized) == data
    assert len(serialized) < 20_000  # a framework alone is larger
    assert issue_serialized("summary", b"", serialized).digest == compose_document("summary", data).digest
