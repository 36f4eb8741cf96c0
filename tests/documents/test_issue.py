"""The five published results become documents that say what they said, in every form, and read themselves back."""

import dataclasses
import datetime
import io
import re
import zipfile

import docx
import pikepdf
import pypdf
import pypdfium2
import pytest

from prongsai.documents import KINDS, compose, content, issue, read_back, wording, write
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.content.data import Disclosure, Measure, Settings, SurveyProgress
from prongsai.lib import thai
from tests.content import TRUTH
from tests.documents.materials import COMMENTS, CORRECTED, YEARS, material

FIVE = ("summary", "outcome", "development", "measures", "memo")


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", thai.whole_am(text))


def pdfium_text(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


def pypdf_text(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def word_text(data: bytes) -> str:
    file = docx.Document(io.BytesIO(data))
    return "\n".join(
        p.text for p in file.element.body.iter(docx.oxml.ns.qn("w:p")) for p in [docx.text.paragraph.Paragraph(p, None)]
    )


@pytest.fixture(scope="module")
def issued():
    """Each document of each agency, made once."""
    made = {}

    def get(name: str, kind: str):
        if (name, kind) not in made:
            made[name, kind] = issue(kind, material(name))
        return made[name, kind]

    return get


@pytest.mark.parametrize("kind", FIVE)
@pytest.mark.parametrize("name", YEARS)
def test_every_seed_becomes_every_document_and_nothing_in_it_is_contradicted(issued, name, kind):
    report = issued(name, kind).read_back
    assert report.contradictions == ()
    assert not [c for c in report.checks if c.verdict == "contradicted"]
    read = {(c.fiscal_year, c.node): c.printed for c in report.checks}
    year = YEARS[name]
    wanted = {
        "summary": ("overall", "level"),
        "outcome": ("overall", "9", "10"),
        "development": ("overall", "9", "10"),
        "measures": ("overall", "9", "10"),
        "memo": ("OIT",),
    }[kind]
    truth = {n: CORRECTED.get(n, v) if name == "bangpla" else v for y, n, v in TRUTH[name] if y == year}
    for node in wanted:
        if node in truth:
            assert read[year, node] in (truth[node], f"{float(truth[node]):.2f}" if node != "level" else ""), node


def test_the_year_on_year_report_reads_back_both_years_changes_and_items(issued):
    checks = issued("bangpla", "development").read_back.checks
    read = {(c.fiscal_year, c.node) for c in checks}
    assert {(2567, str(n)) for n in range(1, 11)} <= read
    assert {(2568, f"change/{n}") for n in range(1, 11)} <= read
    assert {(2568, f"O{n}") for n in range(1, 29)} <= read
    assert {(2568, n) for n in ("highest/all", "lowest/all", "count/up", "count/down", "EIT1/7", "EIT2/8")} <= read


@pytest.mark.parametrize("reader", [pdfium_text, pypdf_text])
@pytest.mark.parametrize(("name", "kind"), [(n, k) for n in YEARS for k in FIVE])
def test_the_text_of_the_pdf_is_the_text_that_was_written(issued, name, kind, reader):
    text = re.sub("-[0-9๐-๙]+-", "", squeezed(reader(issued(name, kind).pdf)))  # page numbers
    for wanted in blocks.texts(compose(kind, material(name))):
        assert squeezed(wanted) in text, wanted


@pytest.mark.parametrize(("name", "kind"), [("bangpla", "development"), ("phron", "memo"), ("daengmo", "outcome")])
def test_not_a_letter_is_lost_added_or_moved_between_model_and_pdf(issued, name, kind):
    """All letters of the model, counted: the reader that honours ActualText finds exactly those, besides page numbers
    and heads."""
    text = pdfium_text(issued(name, kind).pdf)
    assert "\u0e4d" not in text  # every ำ is whole
    assert "\ufffd" not in text
    assert not re.search("([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])\\1", text)  # no mark is told twice
    assert not re.search("(?m)^[\u0e30-\u0e3a\u0e45-\u0e4e]", text)  # no line begins with a mark: no word was cut there


@pytest.mark.parametrize(("name", "kind"), [(n, k) for n in YEARS for k in FIVE])
def test_the_text_of_the_word_file_is_the_text_that_was_written(issued, name, kind):
    text = squeezed(word_text(issued(name, kind).docx))
    for wanted in blocks.texts(compose(kind, material(name))):
        assert squeezed(wanted) in text, wanted


def test_the_pdf_declares_pdf_a_is_tagged_and_carries_its_fonts(issued):
    with pikepdf.open(io.BytesIO(issued("bangpla", "development").pdf)) as pdf:
        told = pdf.open_metadata()
        assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("2", "U")
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
    records = (Disclosure("O1", urls=("https://example.go.th/ita/2568/o1?id=25",)),)
    document = compose("checklist", material("bangpla", disclosures=records))
    said = "\n".join(blocks.texts(document))
    assert "https://example.go.th/ita/2568/o1?id=25" in said
    assert "O1" in said
    assert "๒๕๖๘" in said
    without_codes = re.sub(r"https?://\S+|[!-~]*[A-Za-z][!-~]*", "", said)
    assert not re.search("[0-9]", without_codes)


def test_arabic_digits_by_setting():
    document = compose("development", material("bangpla", settings=Settings("arabic")))
    said = "\n".join(blocks.texts(document))
    assert not re.search("[๐-๙]", said)
    assert "96.04" in said
    assert issue("development", material("bangpla", settings=Settings("arabic"))).read_back.contradictions == ()


def test_the_same_material_gives_the_same_paper():
    first, second = write(compose("memo", material("phron"))), write(compose("memo", material("phron")))
    assert first.digest == second.digest
    assert first.pdf == second.pdf
    assert first.html == second.html
    changed = material("phron", disclosures=(Disclosure("O1", "อีกเรื่องหนึ่ง"),))
    assert compose("memo", changed).digest != first.digest


def test_the_memo_says_who_said_what_and_leaves_room_for_who_has_not():
    from prongsai.documents.content.data import Signatory

    opinions = (
        Signatory("นักวิเคราะห์นโยบายและแผน", "ผู้จัดทำ ตัวอย่าง", signed=datetime.date(2022, 2, 2)),
        Signatory("หัวหน้าสำนักปลัด", "", "", None),
        Signatory("นายกองค์การบริหารส่วนตำบล", "ผู้บริหาร ตัวอย่าง", "ทราบ ดำเนินการตามเสนอ", datetime.date(2022, 2, 5)),
    )
    made = issue("memo", material("phron", opinions=opinions))
    said = word_text(made.docx)
    order = [
        said.index(x) for x in ("(ผู้จัดทำ ตัวอย่าง)", "ตำแหน่ง หัวหน้าสำนักปลัด", "ทราบ ดำเนินการตามเสนอ", "(ผู้บริหาร ตัวอย่าง)")
    ]
    assert order == sorted(order)
    assert "(" + "." * 40 + ")" in said  # the post whose holder left
    assert "(ลงชื่อ) ลงนามทางอิเล็กทรอนิกส์ ๕ กุมภาพันธ์ ๒๕๖๕" in said
    assert said.count("ความเห็น ") == 2  # the writer gives none
    assert said.count("(ลงชื่อ)....") == 1


def test_the_memo_tells_what_is_below_the_target_and_asks_for_a_year_that_is_still_ahead():
    said = "\n".join(blocks.texts(compose("memo", material("talingchan", date=datetime.date(2024, 5, 1)))))
    for part in (
        "ผลการประเมินของ OIT",
        "จำนวน ๘ ตัวชี้วัด",
        "ตัวชี้วัดที่ต้องพัฒนา ได้แก่ ตัวชี้วัดที่ ๑๐",
        "ก่อนการประเมินปีงบประมาณ พ.ศ. ๒๕๖๗",
    ):
        assert part in said
    assert "ความคิดเห็น" not in said  # no annex without marks, no column without comments


def test_a_column_of_comments_stands_only_where_there_are_some():
    told = material("phron")
    with_none = dataclasses.replace(told, disclosures=())
    heads = [
        [c.text for c in docx.Document(io.BytesIO(issue("memo", m).docx)).tables[-1].rows[0].cells]
        for m in (told, with_none)
    ]
    assert "ความคิดเห็น" in heads[0]
    assert heads[1] == ["ข้อ", "ประเด็นการตรวจ", "คะแนน"]


def test_what_to_look_at_first_are_items_below_the_target():
    result = dataclasses.replace(material("bangpla").result)
    facts = ResultFacts(material("bangpla", result=result))
    assert "ข้อที่ควรดูก่อน" not in wording.describe_finding(facts, "6")
    assert "ข้อ O27" in wording.describe_finding(facts, "10")


def test_elements_that_are_not_asked_of_an_agency_are_left_out():
    told = material("phron")
    item = told.result.framework.rules.disclosure_items[0]
    said, less = (
        "\n".join(blocks.texts(compose("checklist", dataclasses.replace(told, not_asked=n))))
        for n in (frozenset(), frozenset({(item.id, 0)}))
    )
    assert item.elements[0].th in said
    assert item.elements[0].th not in less


def test_the_annex_of_the_memo_has_every_item_and_comment(issued):
    file = docx.Document(io.BytesIO(issued("phron", "memo").docx))
    rows = {r.cells[0].text: [c.text for c in r.cells] for r in file.tables[-1].rows}
    assert all(f"O{n}" in rows for n in range(1, 34))
    for code, comment in COMMENTS.items():
        assert rows[code][2:] == [comment, "๐.๐๐"]


def test_plans_cover_all_ten_indicators_and_mark_what_nobody_decided(issued):
    file = docx.Document(io.BytesIO(issued("daengmo", "development").docx))
    cells = [r.cells for r in file.tables[-1].rows]
    groups = [c[0].text for c in cells if c[0]._tc is c[-1]._tc]
    assert [re.search("ตัวชี้วัดที่ ([๐-๙]+)", g)[1] for g in groups] == [thai.in_thai_digits(str(n)) for n in range(1, 11)]
    titles = [c[1].text for c in cells if c[0]._tc is not c[-1]._tc]
    assert "ตรวจและเติมข้อมูลบนเว็บไซต์ให้ครบทุกเดือน" in titles
    assert any(t.endswith("(ร่าง)") for t in titles)


@pytest.mark.parametrize("kind", ["outcome", "development", "measures"])
def test_a_measure_of_the_whole_has_its_place(kind):
    whole = Measure(
        (), "ยกระดับผลการประเมินในภาพรวม", "คะแนน OIT ได้ 62.52 ต่ำกว่าเป้าหมาย 85 คะแนน", ("เร่งมาตรการของตัวชี้วัดที่ 10",)
    )
    told = material("talingchan", plan=(whole,))
    said = "\n".join(blocks.texts(compose(kind, told)))
    assert said.count("ยกระดับผลการประเมินในภาพรวม") == 1
    assert kind == "outcome" or "ภาพรวมของหน่วยงาน" in said
    assert issue(kind, told).read_back.contradictions == ()


def test_checklist_and_reminder_need_no_result():
    from prongsai.documents.content.data import Result

    empty = Result(material("bangpla").result.framework, {})
    records = (Disclosure("O1", urls=("https://a.go.th/1",), present=frozenset({0})),)
    surveys = (SurveyProgress("IIT", 12, 30, datetime.date(2025, 5, 31), "https://a.go.th/s/AB"),)
    told = material("bangpla", result=empty, before=None, chain=(), disclosures=records, surveys=surveys)
    assert KINDS.keys() >= {"checklist", "reminder"}
    boxes = next(b for b in compose("checklist", told).sections[0].blocks if isinstance(b, blocks.Table))
    first = boxes.rows[1].cells[1].boxes
    assert [b.ticked for b in first] == [True] + [False] * (len(first) - 1)
    sheet = "\n".join(blocks.texts(compose("reminder", told)))
    assert "๑๘" in sheet
    assert "ยังไม่ได้ส่ง URL จำนวน ๒๗ ข้อ" in sheet
    issue("checklist", told)
    issue("reminder", told)


def test_html_says_the_same_and_has_no_inline_style():
    from prongsai.documents import html

    document = compose("development", material("bangpla"))
    page = html.page(document)
    plain = squeezed(re.sub(r"<[^>]+>", "", page.replace("&amp;", "&").replace("&#34;", '"')))
    for wanted in blocks.texts(document):
        assert squeezed(wanted.replace("\n", "")) in plain, wanted
    assert "style=" not in html.fragment(document)
    assert "<script" not in page


@pytest.mark.parametrize("name", ["bangpla", "phron"])
def test_the_quick_way_of_reading_back_sees_a_pdf_that_says_other_than_the_word_file(name):
    told = material(name)
    made = write(compose("summary", told))
    assert read_back(made, told, thorough=False).contradictions == ()
    other = write(compose("summary", material("talingchan")))
    assert read_back(dataclasses.replace(made, pdf=other.pdf), told, thorough=False).contradictions
