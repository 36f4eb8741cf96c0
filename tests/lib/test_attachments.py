"""Files that are attached to public pages: what may stay, examined here as the sandbox examines it."""

import io
import zipfile

import pikepdf
import pytest
from PIL import Image

from prongsai.lib import attachments, sandbox
from prongsai.lib.attachments import AttachmentError, BusyError, examine, find_problem


def office(*names, size=10):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, bytes(size))
    return file


def pdf(change=lambda document: None, pages=1, **saving):
    document, file = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page()
    change(document)
    document.save(file, **saving)
    return file


@pytest.mark.parametrize(("suffix", "main"), [("docx", "word/document.xml"), ("xlsx", "xl/workbook.xml")])
def test_a_document_of_office_is_what_its_name_says_and_carries_no_program(suffix, main):
    assert find_problem(office(main, "docProps/app.xml"), suffix) == ""
    assert find_problem(office(main.upper()), suffix) == ""
    assert find_problem(office("other.xml"), suffix) == "other"
    assert find_problem(io.BytesIO(b"no archive"), suffix) == "other"
    assert find_problem(io.BytesIO(b"\xd0\xcf\x11\xe0 an old file"), suffix) == "locked"
    for program in ("word/vbaProject.bin", "ActiveX/activeX1.xml", "xl/embeddings/oleObject1.bin"):
        assert find_problem(office(main, program), suffix) == "program"


def test_what_unpacks_to_too_much_is_not_opened(monkeypatch):
    monkeypatch.setattr(attachments, "_MAX_UNZIPPED", 100)
    assert find_problem(office("word/document.xml", "a", size=50), "docx") == ""
    assert find_problem(office("word/document.xml", "a", size=51), "docx") == "size"


def opened(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="app.alert(1)")


def hidden(document):
    """In an array in a dictionary of the page, none of them with a number of its own."""
    action = pikepdf.Dictionary(Kids=pikepdf.Array([pikepdf.Dictionary(S=pikepdf.Name("/Launch"))]))
    document.pages[0].obj.Extra = action


def filed(document):
    document.attachments["a.exe"] = b"MZ"


def streamed(document):
    stream = document.make_stream(b"x")
    stream.Type = pikepdf.Name("/EmbeddedFile")
    document.Root.Extra = stream


def named(document):
    document.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.Array())


def harmless(document):
    document.Root.OpenAction = pikepdf.Array([document.pages[0].obj, pikepdf.Name("/Fit")])
    document.pages[0].obj.Note = pikepdf.Dictionary(Title=pikepdf.String("/JavaScript"), Text="/JS")


@pytest.mark.parametrize("change", [opened, hidden, filed, streamed, named])
def test_a_pdf_with_a_program_or_a_file_inside_is_refused(change):
    assert find_problem(pdf(change), "pdf") == "program"


def test_a_pdf_that_runs_nothing_may_stay():
    assert find_problem(pdf(harmless), "pdf") == ""


@pytest.mark.parametrize(("depth", "beside"), [(1, 0), (19, 0), (21, 0), (100, 0), (1, 20_000)])
def test_a_program_is_found_however_deep_or_far_it_is(depth, beside):
    """As in actions that each name the next one, or before a long row of numbers."""

    def nested(document):
        inside = pikepdf.Dictionary(S=pikepdf.Name("/Launch"))
        for _ in range(depth):
            inside = pikepdf.Array([inside, *range(beside)])
        document.pages[0].obj.Extra = inside

    assert find_problem(pdf(nested), "pdf") == "program"


def test_a_pdf_that_cannot_be_read_is_refused():
    assert find_problem(pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "pdf") == "locked"
    assert find_problem(pdf(pages=0), "pdf") == "broken"
    assert find_problem(io.BytesIO(b"no PDF"), "pdf") == "broken"


def refuse(reason):
    def run(*args, **kwargs):
        raise sandbox.SandboxError(reason)

    return run


def test_what_is_stored_and_what_is_refused(tmp_path, monkeypatch):
    """A picture is drawn anew, a document stays as it is; what the sandbox does not open is told apart by why."""
    path = tmp_path / "upload"
    path.write_bytes(pdf().getvalue())
    assert examine(path, "แผน.PDF") == (None, "pdf")
    with pytest.raises(AttachmentError, match="ต้องเป็น pdf, jpg"):
        examine(path, "program.exe")
    with pytest.raises(AttachmentError, match="ไม่ใช่ไฟล์ชนิดที่นามสกุลบอก"):
        examine(path, "a.docx")
    with pytest.raises(AttachmentError, match="ไฟล์อาจเสีย"):
        examine(path, "a.png")
    Image.new("RGB", (8, 8)).save(path, "PNG")
    content, suffix = examine(path, "a.png")
    assert suffix == "jpg"
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    monkeypatch.setattr(sandbox, "run", refuse("busy"))
    with pytest.raises(BusyError, match="รอสักครู่"):
        examine(path, "a.pdf")
    monkeypatch.setattr(sandbox, "run", refuse("crash"))
    with pytest.raises(AttachmentError, match="ไฟล์อาจเสีย") as error:
        examine(path, "a.pdf")
    assert not isinstance(error.value, BusyError)
    monkeypatch.setattr(sandbox, "run", lambda *args, **kwargs: "new kind of problem")
    with pytest.raises(AttachmentError, match="ไฟล์อาจเสีย"):
        examine(path, "a.pdf")
