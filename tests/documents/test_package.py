"""A Word file is accepted for what it is known to hold; whatever else is in it is refused with its name and place."""

import io
import zipfile

import pytest

from prongsai.documents import TemplateFileError, check_template, fill_template
from prongsai.documents.agency_templates import language, template
from prongsai.documents.agency_templates.package import MAX_XML_BYTES, find_package_problem
from tests.documents.samples import sample_data
from tests.hostile.corpus import changed, part_of, word, word_with

STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
GOOD = word("{{ agency }}")
DDE = "DDEAUTO c:\\\\windows\\\\cmd.exe"


def run(xml: str) -> str:
    return f"<w:p><w:r>{xml}</w:r></w:p>"


def char(kind: str) -> str:
    return f'<w:fldChar w:fldCharType="{kind}"/>'


def field(*pieces: str) -> str:
    """A field whose instruction is split over runs."""
    inner = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    return f"<w:p><w:r>{char('begin')}</w:r>{inner}<w:r>{char('end')}</w:r></w:p>"


def with_type(data: bytes, part: str, kind: str) -> bytes:
    types = part_of(data, "[Content_Types].xml")
    return changed(
        data,
        {
            "[Content_Types].xml": types.replace(
                "</Types>", f'<Override PartName="{part}" ContentType="{kind}"/></Types>'
            )
        },
    )


def with_relationship(data: bytes, kind: str, target: str, *, mode: str = "", base: str = OFFICE) -> bytes:
    name = "word/_rels/document.xml.rels"
    added = f'<Relationship Id="r99" Type="{base}/{kind}" Target="{target}" {mode}/></Relationships>'
    return changed(data, {name: part_of(data, name).replace("</Relationships>", added)})


def with_part(name: str, kind: str, content: str | bytes, relationship: str) -> bytes:
    data = with_type(changed(GOOD, {f"word/{name}": content}), f"/word/{name}", kind)
    return with_relationship(data, relationship, name)


ALTERNATIVE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="w14">{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>'
)
INSTRUCTION = "<w:instrText>{}</w:instrText>"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (field(DDE), "DDEAUTO"),
        (field("D", "DE", "AUTO x"), "DDEAUTO"),
        (field("dde x"), "DDE"),
        (field("IN", "CLUDEPICTURE &quot;http://evil.example/x.png&quot;"), "INCLUDEPICTURE"),
        (field("INCLUDETEXT file"), "INCLUDETEXT"),
        (field("LINK Excel.Sheet"), "LINK"),
        (field("DATABASE"), "DATABASE"),
        (field("MACROBUTTON x"), "MACROBUTTON"),
        (field("AUTOTEXT x"), "AUTOTEXT"),
        (field("= 1 + 1"), "="),
        (field("P\u200bAGE"), "ใช้ได้เฉพาะ"),
        (field(""), "ว่าง"),
        (field("{{ agency }}"), "ใช้ได้เฉพาะ"),
        (field('HYPERLINK "file:///c:/x"'), "file"),
        (field('HYPERLINK "\\\\server\\share"'), "HYPERLINK"),
        (field('HYPERLINK \\l "a" "javascript:x"'), "javascript"),
        ('<w:p><w:fldSimple w:instr="DDEAUTO x"><w:r/></w:fldSimple></w:p>', "DDEAUTO"),
        ('<w:p><w:fldSimple w:instr=" &#68;DE x"/></w:p>', "DDE"),
        (f'<w:p><w:fldSimple xmlns:w="{STRICT}" w:instr="DDE x"/></w:p>', "DDE"),
        (
            f'<x:p xmlns:x="{STRICT}"><x:r>{char("begin")}<x:instrText>DDE x</x:instrText>{char("end")}</x:r></x:p>',
            "DDE",
        ),
        (run(char("begin") + "<w:fldData>AAAA</w:fldData>"), "fldData"),
        (run("<w:delInstrText>DDE</w:delInstrText>"), "delInstrText"),
        (run(INSTRUCTION.format("PAGE")), "นอกฟิลด์"),
        (run(char("begin") + INSTRUCTION.format("PAGE")), "ไม่มีจุดจบ"),
        (run(char("end")), "ไม่มีจุดเริ่ม"),
        (run(char("begin") + char("begin") + INSTRUCTION.format("PAGE") + char("end") + char("end")), "ซ้อน"),
        # an instruction that begins in one story and goes on in another, of which Word takes a part
        (
            run(
                char("begin")
                + ALTERNATIVE.format(INSTRUCTION.format("PAGE "), INSTRUCTION.format("DDE x"))
                + char("end")
            ),
            "นอกฟิลด์",
        ),
        (
            run(
                char("begin")
                + f"<w:txbxContent><w:p><w:r>{INSTRUCTION.format('PAGE ')}</w:r></w:p></w:txbxContent>"
                + INSTRUCTION.format("DDE x")
                + char("end")
            ),
            "นอกฟิลด์",
        ),
        ('<w:altChunk xmlns:r="x" r:id="r99"/>', "altChunk"),
        (run("<w:object/>"), "object"),
        (run('<o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office"/>'), "OLEObject"),
        (run("<w:control/>"), "control"),
        ("<w:sdt><w:sdtPr><w:dataBinding/></w:sdtPr></w:sdt>", "dataBinding"),
        ("<w:subDoc/>", "subDoc"),
        (run("<w:ffData><w:entryMacro w:val='x'/></w:ffData>"), "entryMacro"),
        (run('<v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://evil.example/x"/>'), "evil.example"),
        (run('<v:rect xmlns:v="urn:schemas-microsoft-com:vml" href="http://evil.example/x"/>'), "evil.example"),
        (run('<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"/>'), "chart"),
        ("<?mso-application progid='Word.Document'?>", "processing instruction"),
    ],
)
def test_what_a_paper_may_not_hold_is_named(body, named):
    (problem,) = check_template(word_with(body), "outcome")
    assert named in problem
    assert problem.startswith("เนื้อหา: ")


@pytest.mark.parametrize(
    "body",
    [
        field("PAGE"),
        field(" PA", "GE \\* MERGEFORMAT "),
        field("NUMPAGES"),
        field('HYPERLINK "https://www.example.go.th/ita"'),
        field('HYPERLINK \\l "_Toc1"'),
        '<w:p><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>',
        f"<w:p><w:r>{char('begin')}{INSTRUCTION.format('TOC')}{char('separate')}</w:r></w:p>"
        + field("PAGEREF _Toc1")
        + run(char("end")),
        "<!-- a remark -->",
    ],
)
def test_what_a_paper_needs_is_accepted(body):
    assert check_template(word_with(body), "outcome") == []


RELATIONSHIPS = [
    "attachedTemplate", "aFChunk", "oleObject", "package", "control", "subDocument", "frame", "mailMergeSource",
    "externalLink", "chart", "diagramData", "video", "font", "printerSettings", "somethingNew",
]  # fmt: skip


@pytest.mark.parametrize("kind", RELATIONSHIPS)
@pytest.mark.parametrize("mode", ["", 'TargetMode="External"', 'TargetMode="Extern&#97;l"'])
def test_no_relationship_is_accepted_that_a_document_does_not_need(kind, mode):
    (problem,) = check_template(with_relationship(GOOD, kind, "styles.xml", mode=mode), "outcome")
    assert kind in problem


@pytest.mark.parametrize(
    ("kind", "target", "mode"),
    [
        ("image", "http://evil.example/x.png", ""),
        ("image", "http://evil.example/x.png", 'TargetMode="External"'),
        ("image", "https://evil.example/x.png", 'TargetMode="Extern&#97;l"'),
        ("header", "http://evil.example/x.xml", 'TargetMode="external"'),
        ("image", "file:///c:/x.png", ""),
        ("image", "\\\\evil\\x.png", ""),
        ("image", "//evil.example/x.png", ""),
        ("image", "../../x.png", ""),
        ("header", "nothing.xml", ""),
        ("image", "styles.xml", 'TargetMode="Other"'),
        ("hyperlink", "file:///c:/x.exe", 'TargetMode="External"'),
        ("hyperlink", "\\\\evil\\share", 'TargetMode="External"'),
        ("hyperlink", "javascript:x", 'TargetMode="External"'),
        ("hyperlink", "ms-word:ofe|u|http://evil.example/x", 'TargetMode="External"'),
        ("header", "../customXml/item1.xml", ""),
    ],
)
def test_no_relationship_leads_out_of_the_file(kind, target, mode):
    assert "ไม่อนุญาต" in check_template(with_relationship(GOOD, kind, target, mode=mode), "outcome")[0]


def test_a_relationship_of_strict_ooxml_is_looked_at_too():
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    assert check_template(with_relationship(GOOD, "attachedTemplate", "styles.xml", base=strict), "outcome")
    assert check_template(with_relationship(GOOD, "styles", "styles.xml", base=strict), "outcome") == []


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (with_type(GOOD, "/word/styles.xml", "application/vnd.ms-office.vbaProject"), "มาโคร"),
        (
            changed(
                GOOD,
                {
                    "[Content_Types].xml": part_of(GOOD, "[Content_Types].xml").replace(
                        "openxmlformats-officedocument.wordprocessingml.document.main",
                        "ms-word.document.macroEnabled.main",
                    )
                },
            ),
            "มาโคร",
        ),
        (with_part("a.txt", "text/html", "<html/>", "header"), "text/html"),
        (with_part("a.odd", "application/vnd.openxmlformats-officedocument.oleObject", b"x", "image"), "oleObject"),
        (changed(GOOD, {"word/unknown.dat": b"x"}), "ที่ไม่ได้ระบุ"),
        (changed(GOOD, {"word/DOCUMENT.xml": b"<x/>"}), "สองส่วน"),
        (changed(GOOD, {"../x.xml": b"<x/>"}), "เสีย"),
        (with_part("a.png", "image/png", b"MZ not a picture", "image"), "ไม่ใช่รูป"),
        (with_part("a.png", "image/x-emf", b"x", "image"), "image/x-emf"),
    ],
)
def test_no_part_is_accepted_that_a_document_does_not_have(data, named):
    (problem,) = check_template(data, "outcome")
    assert named in problem


@pytest.mark.parametrize("name", ["odd.name", "deep/er.xml", "header9.xml"])
def test_a_part_is_looked_at_whatever_it_is_called(name):
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    header = f'<w:hdr xmlns:w="{TRANSITIONAL}">{field(DDE)}</w:hdr>'
    (problem,) = check_template(with_part(name, kind, header, "header"), "outcome")
    assert "DDEAUTO" in problem
    assert check_template(with_part(name, kind, header.replace(DDE, "PAGE"), "header"), "outcome") == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-32"])
def test_a_part_is_looked_at_in_whatever_encoding(encoding):
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    header = f'<?xml version="1.0" encoding="{encoding}"?><w:hdr xmlns:w="{TRANSITIONAL}">{field(DDE)}</w:hdr>'
    assert check_template(with_part("header9.xml", kind, header.encode(encoding), "header"), "outcome")


def test_a_part_is_bounded_whatever_it_is_called():
    """Sizes of parts are looked at by the ends of their names first; by what they are said to be they are read."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    header = f'<w:hdr xmlns:w="{TRANSITIONAL}"/>'
    for length, named in ((0, ""), (1, "ใหญ่ผิดปกติ")):
        data = with_part("odd.name", kind, header.ljust(MAX_XML_BYTES + length), "header")
        assert named in find_package_problem(data)
        assert bool(find_package_problem(data)) == bool(named)


@pytest.mark.parametrize("kind", ["", ' SYSTEM "http://evil.example/x.dtd"', ' [<!ENTITY x "y">]'])
def test_a_part_with_a_document_type_is_refused(kind):
    """The only place where XML can define entities, or name a file that it is to be completed by."""
    part = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    header = f'<!DOCTYPE w:hdr{kind}><w:hdr xmlns:w="{TRANSITIONAL}"/>'
    (problem,) = check_template(with_part("header9.xml", part, header, "header"), "outcome")
    assert "เสีย" in problem
    assert check_template(with_part("header9.xml", part, header[header.index("<w:") :], "header"), "outcome") == []


def test_data_of_other_programs_may_be_in_a_file_that_shows_nothing_of_it():
    assert any(name.startswith("customXml/") for name in zipfile.ZipFile(io.BytesIO(GOOD)).namelist())
    assert find_package_problem(GOOD) == ""


def test_what_is_filled_is_checked_again_by_another_child(monkeypatch):
    """Were filling to put a command into a paper, it would not be given out."""
    real = template.sandbox.run

    def taken_over(job, *arguments, **options):
        return word_with(field(DDE)) if job.endswith(":answer_filled") else real(job, *arguments, **options)

    monkeypatch.setattr(template.sandbox, "run", taken_over)
    with pytest.raises(TemplateFileError, match="DDEAUTO"):
        fill_template(GOOD, "outcome", sample_data("daengmo"))


def test_our_own_papers_are_checked_before_they_are_given_out(monkeypatch):
    from prongsai.documents import issuance
    from prongsai.documents.writers import docx

    monkeypatch.setattr(docx, "write", lambda *a: word_with(field(DDE)))
    with pytest.raises(issuance.MisprintError, match="DDEAUTO"):
        issuance.issue_document("outcome", sample_data("daengmo"), read_whole_pdf=False)


@pytest.mark.parametrize("reason", ["time", "memory", "size", "busy", "crash"])
def test_what_stops_a_child_is_one_problem_of_the_template(reason, monkeypatch):
    def stop(*arguments, **options):
        raise template.sandbox.SandboxError(reason)

    monkeypatch.setattr(template.sandbox, "run", stop)
    (problem,) = check_template(GOOD, "outcome")
    assert "\u0e00" <= problem[0] <= "\u0e7f"
    with pytest.raises(TemplateFileError):
        fill_template(GOOD, "outcome", sample_data("daengmo"))


@pytest.mark.parametrize("text", ["ก" * 1000, "{{ b.nothing }}"], ids=["long", "empty"])
def test_loops_in_loops_give_no_more_than_a_paper_can_hold(text, monkeypatch):
    """Pieces without a letter take time to join all the same."""
    monkeypatch.setattr(language, "MAX_RENDERED_LETTERS", 500)
    source = "{% for a in indicators %}{% for b in indicators %}" + text + "{% endfor %}{% endfor %}"
    with pytest.raises(language.TemplateError, match="ยาวผิดปกติ"):
        narrow().from_string(source).render({"indicators": [{"name": "x", "nothing": ""}] * 10})


def test_no_more_tags_than_a_paper_can_need():
    """Wherever Word keeps them: tags of a box in the text are met when the file is filled."""
    tags = "{{ agency }} " * (language.MAX_TAGS + 1)
    assert check_template(word(tags), "outcome") == [language.TOO_MANY_TAGS]
    boxed = "<w:p><w:r><w:pict><w:txbxContent>" + run(f"<w:t>{tags}</w:t>") + "</w:txbxContent></w:pict></w:r></w:p>"
    (problem,) = check_template(word_with(boxed), "outcome")
    assert language.TOO_MANY_TAGS in problem
    with pytest.raises(language.TemplateError, match="แท็กเกิน"):
        narrow().from_string("{{ agency }}{% if agency %}{% endif %}" * language.MAX_TAGS)
    assert check_template(word("{{ agency }} " * 500), "outcome") == []


def narrow() -> language.NarrowEnvironment:
    fields = {"name": language.Tag("x"), "nothing": language.Tag("x")}
    tags = {"indicators": language.Tag("x", fields), "agency": language.Tag("x")}
    return language.NarrowEnvironment(tags, language.Undefined)
