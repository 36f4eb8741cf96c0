"""An agency's own Word file: what is wrong with it is said exactly, nothing in it can run, and it is filled with the
same figures."""

import dataclasses
import io
import zipfile

import docx
import pytest

from prongsai.documents import KINDS, TemplateFileError, check_template, fill_template, issue
from prongsai.documents.issuance import WITHOUT_RESULT
from prongsai.documents.content.facts import ResultFacts
from prongsai.documents.agency_templates.starter import starter
from prongsai.documents.agency_templates.tags import TAGS, values
from prongsai.intake import figures_of, read_rows
from tests.documents.materials import FRAMEWORKS, material


def word(*paragraphs: str, table: list[list[str]] | None = None, header: str = "") -> bytes:
    file = docx.Document()
    for text in paragraphs:
        file.add_paragraph(text)
    if table:
        made = file.add_table(rows=0, cols=len(table[0]), style="Table Grid")
        for row in table:
            for cell, text in zip(made.add_row().cells, row, strict=True):
                cell.text = text
    if header:
        file.sections[0].header.paragraphs[0].text = header
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


GOOD = word(
    "{{ title }} {{ agency }} ปีงบประมาณ พ.ศ. {{ year }}",
    "{{ said_overall }}",
    "{% if said_why %}{{ said_why }}{% else %}ไม่มี{% endif %}",
    "{%p for a in advice %}",
    "{{ loop.index }}. {{ a.what }} {{ a.how }}",
    "{%p endfor %}",
    table=[
        ["ตัวชี้วัด", "คะแนน"],
        ["{%tr for i in indicators %}", ""],
        ["{{ i.number }}. {{ i.name }}", "{{ i.score }}"],
        ["{%tr endfor %}", ""],
    ],
    header="{{ agency }}",
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_to_start_from_is_right_and_says_what_ours_says(kind):
    data = starter(kind)
    assert check_template(data, kind) == []
    for name in ("bangpla", "lumphuek"):  # with a year before and every item, and with neither
        told = dataclasses.replace(material(name), disclosures=(), surveys=())
        made = issue(kind, told, own=data)
        ours = issue(kind, told)
        if kind not in WITHOUT_RESULT:
            assert made.read_back.read > 10
        assert made.pdf == ours.pdf


def test_every_fault_of_a_sort_is_told_at_once_with_its_place():
    found = check_template(word("{{ agency | upper }}", "{{ year + 1 }}", "{{ kanaen }}"), "summary")
    assert [t.partition(":")[0] for t in found] == ["ย่อหน้า 1", "ย่อหน้า 2"]
    found = check_template(word("{{ kanaen }}", "{{ ragdab }}"), "summary")
    assert [t.partition(":")[0] for t in found] == ["ย่อหน้า 1", "ย่อหน้า 2"]


def test_a_template_is_filled_and_reads_back_the_same_figures(tmp_path):
    assert check_template(GOOD, "outcome") == []
    path = tmp_path / "x.docx"
    path.write_bytes(fill_template(GOOD, "outcome", material("daengmo")))
    (reading,) = figures_of(read_rows(path), FRAMEWORKS)
    assert reading.agency == "องค์การบริหารส่วนตำบลแดงหม้อ"
    assert {(f.node, f.value) for f in reading.figures} >= {("overall", "80.90"), ("1", "99.83"), ("10", "43.75")}
    file = docx.Document(str(path))
    assert file.sections[0].header.paragraphs[0].text == "องค์การบริหารส่วนตำบลแดงหม้อ"
    assert len(file.tables[0].rows) == 11


def test_lines_of_a_text_stay_lines():
    data = word(table=[["{%tr for p in plan %}"], ["{{ p.steps }}"], ["{%tr endfor %}"]])
    file = docx.Document(io.BytesIO(fill_template(data, "measures", material("daengmo"))))
    assert file.tables[0].rows[0].cells[0].text.split("\n")[1].startswith("๒) ")


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (word("ก", "คะแนน {{ scroe }}"), "ย่อหน้า 2: แท็ก {{ scroe }} ไม่รู้จัก scroe อาจหมายถึง score"),
        (word("{{ zzz }}"), "ย่อหน้า 1: แท็ก {{ zzz }} ไม่รู้จัก zzz เอกสารนี้ไม่มีแท็กชื่อนี้"),
        (
            word(
                "{{ agency }}", table=[["{%tr for p in plan %}"], ["{{ p.titel }} {{ p.perod }}"], ["{%tr endfor %}"]]
            ),
            "ตาราง 1 แถว 2: แท็ก {{ p.perod }} ไม่รู้จัก p.perod อาจหมายถึง p.period",
        ),
        (word("{{ agency", "{{ year }}", "{{ agency. }}"), "ย่อหน้า 3: แท็ก {{ agency. }} เขียนไม่ถูกรูปแบบ"),
        (word("{%p for a in advice %}", "{{ a.what }}"), "ไม่ครบคู่กับ endfor หรือ endif"),
        (word("{{ plan }}"), "plan เป็นรายการ พิมพ์ทั้งรายการไม่ได้"),
        (word("{%p for a in agency %}", "{{ a }}", "{%p endfor %}"), "agency ไม่ใช่รายการ จึงใช้กับ for ไม่ได้"),
        (word("ไม่มีแท็ก"), "ไม่พบแท็กในไฟล์"),
        (word("{{ agency }}", header="{{ wrong }}"), "หัวกระดาษ ส่วน 1: แท็ก {{ wrong }} ไม่รู้จัก wrong"),
        (b"not a zip", "ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"),
        (GOOD[: len(GOOD) // 2], "ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"),
    ],
)
def test_a_wrong_tag_is_named_with_its_place(template, problem):
    found = check_template(template, "outcome")
    assert any(problem in p for p in found), found
    with pytest.raises(TemplateFileError):
        fill_template(template, "outcome", material("daengmo"))


def test_all_unknown_names_are_told_at_once():
    assert len(check_template(word("{{ a1 }} {{ b2 }}", "{{ c3 }}"), "memo")) == 3


@pytest.mark.parametrize(
    "hostile",
    [
        "{{ agency.__class__.__mro__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ (agency, year).count }}",
        "{{ ''.join(['a']) }}",
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{% include '/etc/passwd' %}",
        "{% set x = 1 %}",
        "{% macro m() %}{{ m() }}{% endmacro %}",
        "{{ agency|upper }}",
        "{{ [1, 2] }}",
        "{{ cycler }}",
        "{% for a in plan %}{% for b in plan %}{% for c in plan %}x{% endfor %}{% endfor %}{% endfor %}",
    ],
)
def test_nothing_but_names_loops_and_conditions(hostile):
    data = word(hostile)
    assert check_template(data, "outcome"), hostile
    with pytest.raises(TemplateFileError):
        fill_template(data, "outcome", material("daengmo"))


def rezipped(change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
        if extra := change(None, b""):
            new.writestr(*extra)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (rezipped(lambda n, d: ("word/big.bin.xml", b" " * 6_000_000) if n is None else d), "ขยายแล้วใหญ่ผิดปกติ"),
        (rezipped(lambda n, d: ("word/vbaProject.bin", b"x") if n is None else d), "มาโคร"),
        (
            rezipped(
                lambda n, d: (
                    d.replace(
                        b"</Relationships>",
                        b'<Relationship Id="r9" Type="http://x/attachedTemplate" Target="http://evil/" TargetMode="External"/></Relationships>',
                    )
                    if n == "word/_rels/document.xml.rels"
                    else (d if n else None)
                )
            ),
            "อ้างถึงไฟล์ภายนอก (attachedTemplate)",
        ),
        (b"PK\x03\x04" + b"x" * 11_000_000, "เกิน 10 MB"),
    ],
    ids=["bomb", "macro", "outside", "large"],
)
def test_files_that_are_not_opened(data, problem):
    assert problem in check_template(data, "outcome")[0]


def shape(tags):
    return {n: shape(t.inside) if t.inside else str for n, t in tags.items()}


def shape_of(told):
    return {
        n: shape_of(v[0] if isinstance(v, list) and v else v) if isinstance(v, (list, dict)) and v else str
        for n, v in told.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_filled_in_has_the_shape_that_is_documented(kind):
    from prongsai.documents.content.data import SurveyProgress

    told = material("phron", surveys=(SurveyProgress("IIT", 3, 30),))
    assert shape_of(values(kind, ResultFacts(told))) == shape(TAGS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_tag_is_in_the_handbook(kind):
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")
    for name, tag in TAGS[kind].items():
        assert f"`{name}`" in text, name
        for inner in tag.inside:
            assert f"`{inner}`" in text, inner
