"""An agency's own Word file: what is wrong with it is said exactly, nothing in it can run, and it is filled with the
same figures."""

import contextlib
import dataclasses
import io
import re
import zipfile
from fractions import Fraction

import docx
import pytest
from jinja2 import ChainableUndefined, TemplateError

from prongsai.analysis import audit, phrases
from prongsai.documents import (
    KINDS,
    WITHOUT_RESULT,
    TemplateFileError,
    check_template,
    compose_document,
    fill_template,
    issue_document,
    write_document,
)
from prongsai.documents.agency_templates import package
from prongsai.documents.agency_templates.language import NarrowEnvironment, find_tag_problem
from prongsai.documents.agency_templates.starter import build_starter
from prongsai.documents.agency_templates.tags import TAGS, build_tag_values
from prongsai.documents.content.data import SurveyProgress, YearResult
from prongsai.documents.content.facts import ResultFacts
from prongsai.intake import figures_of, read_rows
from tests.documents.readers import word_text
from tests.documents.samples import FRAMEWORKS, MEASURES, register_of, sample_data


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
def test_the_starter_has_no_problem_and_prints_the_scores_of_the_data(kind, tmp_path):
    starter = build_starter(kind)
    assert check_template(starter, kind) == []
    path = tmp_path / "filled.docx"
    path.write_bytes(fill_template(starter, kind, sample_data("bangpla")))
    if kind not in WITHOUT_RESULT:
        figures = [figure for reading in figures_of(read_rows(path), FRAMEWORKS) for figure in reading.figures]
        assert sum(figure.sure for figure in figures) > 10
        assert not [check for check in audit(figures, FRAMEWORKS) if check.verdict == "contradicted"]
    without_previous = sample_data("lumphuek")
    assert without_previous.office.name in word_text(fill_template(starter, kind, without_previous))


def test_a_template_replaces_the_word_file_alone():
    data = sample_data("lumphuek")
    ours = write_document(compose_document("summary", data))
    issued = issue_document("summary", data, template=build_starter("summary"), read_whole_pdf=False)
    assert issued.docx != ours.docx
    assert (issued.pdf, issued.html) == (ours.pdf, ours.html)


def test_a_score_typed_into_a_template_is_read_back_even_the_quick_way():
    template = word("{{ agency }} ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2564 ได้คะแนนรวม 12.34 คะแนน")
    issued = issue_document("summary", sample_data("lumphuek"), template=template, read_whole_pdf=False)
    assert "12.34" in issued.contradictions[0]


def test_every_problem_of_one_sort_is_reported_at_once_with_its_place():
    found = check_template(word("{{ agency | upper }}", "{{ year + 1 }}", "{{ kanaen }}"), "summary")
    assert [t.partition(":")[0] for t in found] == ["ย่อหน้า 1", "ย่อหน้า 2"]
    found = check_template(word("{{ kanaen }}", "{{ ragdab }}"), "summary")
    assert [t.partition(":")[0] for t in found] == ["ย่อหน้า 1", "ย่อหน้า 2"]


def test_a_template_is_filled_and_reads_back_the_same_figures(tmp_path):
    assert check_template(GOOD, "outcome") == []
    path = tmp_path / "x.docx"
    path.write_bytes(fill_template(GOOD, "outcome", sample_data("daengmo")))
    (reading,) = figures_of(read_rows(path), FRAMEWORKS)
    assert reading.agency == "องค์การบริหารส่วนตำบลแดงหม้อ"
    assert {(f.node, f.value) for f in reading.figures} >= {("overall", "80.90"), ("1", "99.83"), ("10", "43.75")}
    file = docx.Document(str(path))
    assert file.sections[0].header.paragraphs[0].text == "องค์การบริหารส่วนตำบลแดงหม้อ"
    assert len(file.tables[0].rows) == 11


def test_lines_of_a_text_stay_lines():
    data = word(table=[["{%tr for p in plan %}"], ["{{ p.steps }}"], ["{%tr endfor %}"]])
    file = docx.Document(io.BytesIO(fill_template(data, "measures", sample_data("daengmo"))))
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
    ],
)
def test_a_wrong_tag_is_named_with_its_place(template, problem):
    found = check_template(template, "outcome")
    assert any(problem in p for p in found), found
    with pytest.raises(TemplateFileError):
        fill_template(template, "outcome", sample_data("daengmo"))


def test_all_unknown_names_are_reported_at_once():
    assert len(check_template(word("{{ a1 }} {{ b2 }}", "{{ c3 }}"), "memo")) == 3


HOSTILE = [
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
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_only_names_loops_and_conditions_are_allowed(hostile):
    data = word(hostile)
    assert check_template(data, "outcome"), hostile
    with pytest.raises(TemplateFileError):
        fill_template(data, "outcome", sample_data("daengmo"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_the_environment_refuses_what_a_check_of_single_tags_lets_through(hostile):
    """Word splits text into runs, so that a tag may be complete only after docxtpl has joined them."""
    environment = NarrowEnvironment(TAGS["outcome"], ChainableUndefined)
    with contextlib.suppress(TemplateError):
        environment.from_string(hostile)
        assert environment.problems, hostile


@pytest.mark.parametrize(
    "tag",
    ["{{ agency|upper }}", "{{ 'a' * 9 }}", "{{ agency() }}", "{% set x = 1 %}", "{% include 'x' %}", "{{ [1] }}"],
)
def test_a_single_tag_is_refused_with_its_place(tag):
    assert find_tag_problem(tag)
    assert check_template(word("ก", tag), "outcome")[0].startswith("ย่อหน้า 2: แท็ก")


# --- attackers


def rezip(change=lambda name, content: content, extra=()) -> bytes:
    """The good template with changed parts, and (name, content) of extra ones."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = change(entry.filename, old.read(entry))
            if content is not None:
                new.writestr(entry.filename, content)
        for name, content in extra:
            new.writestr(name, content)
    return out.getvalue()


def with_relationship(attributes: str, encoding: str = "utf-8") -> bytes:
    def change(name, content):
        if name != "word/_rels/document.xml.rels":
            return content
        text = content.decode().replace("</Relationships>", f"<Relationship {attributes}/></Relationships>")
        return re.sub(r"<\?xml.*?\?>", "", text).encode(encoding)

    return rezip(change)


TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
EXTERNAL = 'Id="r99" Target="https://evil.example/x" TargetMode="External"'


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        (f'{EXTERNAL} Type="{TYPE}/attachedTemplate"', "attachedTemplate"),  # remote template: macros of another file
        (f'{EXTERNAL} Type="{TYPE}/oleObject"', "oleObject"),
        (f'{EXTERNAL} Type="{TYPE}/image"', "image"),  # tells the sender who opens the document
        (f'{EXTERNAL} Type="{TYPE}/hyperlinks"', "hyperlinks"),
        (EXTERNAL, r"\?"),
        (f"{EXTERNAL} Type=''", r"\?"),
        (EXTERNAL.replace("External", "external") + f' Type="{TYPE}/image"', "image"),
        (EXTERNAL.replace("External", "Ext&#101;rnal") + f' Type="{TYPE}/image"', "image"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_part_that_word_would_fetch_from_elsewhere_is_refused(attributes, kind, encoding):
    (problem,) = check_template(with_relationship(attributes, encoding), "outcome")
    assert re.search(rf"อ้างถึงไฟล์ภายนอก \({kind}\)", problem)


def test_an_ordinary_hyperlink_is_accepted():
    assert check_template(with_relationship(f'{EXTERNAL} Type="{TYPE}/hyperlink"'), "outcome") == []


BOMB = '<!DOCTYPE x [<!ENTITY a "' + "x" * 1000 + '"><!ENTITY b "' + "&a;" * 1000 + '">]>'


@pytest.mark.parametrize(
    ("part", "doctype", "entity"),
    [
        ("word/document.xml", BOMB, "&b;"),
        ("word/document.xml", '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
        ("word/document.xml", '<!DOCTYPE x SYSTEM "https://evil.example/x.dtd">', ""),
        ("word/header1.xml", BOMB, "&b;"),
        ("word/styles.xml", BOMB, ""),
    ],
    ids=["bomb", "file", "outside", "header", "styles"],
)
def test_entities_are_not_expanded(part, doctype, entity):
    def change(name, content):
        if name != part:
            return content
        text = re.sub(r"<\?xml.*?\?>", "", content.decode())
        return (doctype + text.replace("{{ agency }}", "{{ agency }} " + entity)).encode()

    changed = rezip(change)
    assert changed != rezip()
    assert check_template(changed, "outcome") == ["ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (rezip(extra=[("word/large.xml", b" " * (package.MAX_XML_BYTES + 1))]), "ขยายแล้วใหญ่ผิดปกติ"),
        (rezip(extra=[("word/media/a.png", b" " * (package.MAX_UNZIPPED_BYTES + 1))]), "ขยายแล้วใหญ่ผิดปกติ"),
        (rezip(extra=[(f"word/{n}.png", b"") for n in range(package.MAX_ENTRIES)]), "ขยายแล้วใหญ่ผิดปกติ"),
        (rezip(extra=[("word/vbaProject.xml", b"<x/>")]), "มาโคร"),
        (rezip(extra=[("word/VBAPROJECT.BIN", b"x")]), "มาโคร"),
        (rezip(extra=[("word/embeddings/oleObject1.bin", b"x")]), "วัตถุฝัง"),
        (rezip(extra=[("word/a.exe", b"x")]), "วัตถุฝัง"),
        (rezip(extra=[("word/a.dll", b"x")]), "วัตถุฝัง"),
        (rezip(lambda name, content: None if name == "word/document.xml" else content), "ไม่ใช่ไฟล์ Word"),
        (b"PK\x03\x04" + b"x" * package.MAX_BYTES, "เกิน 10 MB"),
        (b"not a zip", "ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"),
        (GOOD[: len(GOOD) // 2], "ไม่ใช่ไฟล์ Word (.docx) หรือไฟล์เสีย"),
    ],
    ids=["xml", "bomb", "entries", "macro", "MACRO", "object", "exe", "dll", "no document", "large", "no zip", "half"],
)
def test_files_that_are_not_opened(data, problem, monkeypatch):
    monkeypatch.setattr(
        "prongsai.documents.agency_templates.rendering.docx.Document", None
    )  # the parser is not reached
    assert problem in check_template(data, "outcome")[0]


def shape(tags):
    return {n: shape(t.fields) if t.fields else str for n, t in tags.items()}


def shape_of(data):
    return {
        n: shape_of(v[0] if isinstance(v, list) and v else v) if isinstance(v, (list, dict)) and v else str
        for n, v in data.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_filled_in_has_the_shape_that_is_documented(kind):
    surveys = (SurveyProgress(instrument="IIT", received=3, required=30),)
    data = sample_data("phron", surveys=surveys, measures=MEASURES, register=register_of(kind))
    assert shape_of(build_tag_values(kind, ResultFacts(data))) == shape(TAGS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_tag_is_in_the_handbook(kind):
    from pathlib import Path

    text = (Path(__file__).parents[2] / "docs" / "documents.md").read_text(encoding="utf-8")
    for name, tag in TAGS[kind].items():
        assert f"`{name}`" in text, name
        for inner in tag.fields:
            assert f"`{inner}`" in text, inner


def test_a_plan_in_a_template_says_where_nothing_was_decided_and_recommends_only_without_any():
    data = sample_data("talingchan")
    sentences = phrases.load().sentences
    for measures, said in ((MEASURES, sentences.no_measure_of_indicator), ((), sentences.no_measure)):
        facts = ResultFacts(dataclasses.replace(data, measures=measures))
        rows = build_tag_values("measures", facts)["plan"]
        others = [row for row in rows if row["measure"] == said]
        assert len(others) == len(facts.framework.indicators) - len({i for m in measures for i in m.indicators})
        assert [bool(row["steps"]) for row in others] == [not measures] * len(others)
        assert not any(row["done"] for row in others)
        assert not any("(ร่าง)" in row["measure"] for row in rows)


@pytest.mark.parametrize("command", ["set", "include", "macro"])
def test_an_unknown_command_is_named_with_those_that_are_allowed(command):
    assert f"ใช้คำสั่ง {command} ไม่ได้ ใช้ได้เฉพาะ for" in find_tag_problem(f"{{% {command} x %}}")


@pytest.mark.parametrize("year", [2569, 2568])
def test_a_template_cannot_leave_out_that_rules_are_provisional(year):
    """A template with the name of the agency alone."""
    data = sample_data("bangpla")
    framework = FRAMEWORKS[year]
    data = dataclasses.replace(data, result=YearResult(framework, {"overall": Fraction(90)}), previous=None, chain=())
    text = word_text(fill_template(word("{{ agency }}"), "summary", data))
    assert ("ฉบับชั่วคราว" in text) is framework.is_provisional
