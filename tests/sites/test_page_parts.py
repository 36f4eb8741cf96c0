"""Files and tables beside pages: what is refused, what is stored, what everybody may fetch."""

import csv
import io
import zipfile

import pikepdf
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from prongsai.lib import attachments, thai
from prongsai.machines import files
from prongsai.sites import page_parts
from prongsai.sites.models import PagePart, PageVersion, TableDraft
from tests.conftest import sample_year
from tests.sites.conftest import write_item_page, write_pdf


@pytest.fixture
def own(agencies, running_round, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return agencies[0]


@pytest.fixture
def officer(client, own, people):
    client.force_login(people["officer"])
    return client


def address(name, own, *more):
    return reverse(name, args=[own.code, sample_year(), "O1", *more])


def write_workbook(*rows, hidden=()):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    sheet = book.add_worksheet("ตาราง")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    for number in hidden:
        sheet.set_row(number, None, None, {"hidden": True})
    book.close()
    return out.getvalue()


def send(client, own, name, content, *, as_table=False, element="0", title="ชื่อของไฟล์"):
    sent = {"element": element, "title": title, "file": SimpleUploadedFile(name, content)}
    return client.post(address("page_parts", own), sent | ({"table": "1"} if as_table else {"attach": "1"}))


def test_a_file_is_attached_shown_and_fetched_as_it_came(officer, own, people):
    write_item_page(own, by=people["officer"], texts={})
    pdf = write_pdf()
    assert send(officer, own, "แผน ปฏิบัติการ\n.pdf", pdf).status_code == 302
    part = PagePart.objects.get()
    officer.logout()
    page = officer.get(address("item_page", own)).content.decode()
    assert "ชื่อของไฟล์" in page
    fetched = officer.get(address("page_file", own, part.pk, "pdf"))
    assert b"".join(fetched.streaming_content) == pdf
    assert fetched["Content-Type"] == "application/pdf"
    assert fetched["X-Content-Type-Options"] == "nosniff"
    assert fetched["Content-Disposition"].startswith("attachment")
    assert not set("\r\n") & set(fetched["Content-Disposition"])
    assert officer.get(address("page_file", own, part.pk, "xlsx")).status_code == 404


def test_a_file_is_part_of_the_version(officer, own, people):
    write_item_page(own, by=people["officer"], texts={})
    send(officer, own, "a.pdf", write_pdf())
    part = PagePart.objects.get()
    officer.post(address("page_part_remove", own, part.pk))
    assert [[p.pk for p in v.parts.all()] for v in PageVersion.objects.order_by("number")] == [[], [part.pk], []]
    assert officer.get(address("page_file", own, part.pk, "pdf")).status_code == 404
    assert files.exists(part.stored_as)
    for change in (
        lambda: PagePart.objects.update(title="อื่น"),
        lambda: PageVersion.objects.get(number=2).parts.clear(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_text_is_written_while_files_are_attached(officer, own, people):
    """A file that was attached meanwhile is neither lost nor a conflict; an element that has just one is there."""
    shown = write_item_page(own, by=people["officer"], texts={})
    send(officer, own, "a.pdf", write_pdf())
    shown = write_item_page(own, by=people["officer"], texts={1: "ข้อความ"}, base=1)
    assert [p.file_name for p in shown.parts] == ["a.pdf"]
    assert [e.index for e in shown.elements if not e.is_missing] == [0, 1]


def test_a_page_that_is_not_public_gives_no_file(officer, own, people):
    write_item_page(own, by=people["officer"], texts={}, public=False)
    send(officer, own, "a.pdf", write_pdf())
    send(officer, own, "a.csv", "ก,ข\n1,2\n".encode(), as_table=True)
    officer.post(address("table_draft", own), {"seen": TableDraft.objects.get().at.isoformat()})
    of_file, of_table = PagePart.objects.all()
    assert officer.get(address("page_file", own, of_file.pk, "pdf")).status_code == 404
    assert officer.get(address("page_table", own, of_table.pk)).status_code == 404


def test_a_photograph_loses_what_it_says_of_its_maker(officer, own):
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "โทรศัพท์ของสมชาย somchai"
    Image.new("RGB", (40, 30), "green").save(out, "JPEG", exif=exif)
    send(officer, own, "photo.JPG", out.getvalue())
    part = PagePart.objects.get()
    assert part.suffix == "jpg"
    stored = files.read_bytes(part.stored_as)
    assert b"somchai" not in stored
    assert Image.open(io.BytesIO(stored)).size == (40, 30)


def office_file(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


SCRIPT = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS=pikepdf.String("app.alert(1)"))
PARTS = ("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.html", b"<script>alert(1)</script>"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("a.pdf", b"<script>alert(1)</script>"),
        ("a.pdf", b"%PDF-1.7\nnothing"),
        ("a.pdf", write_pdf(OpenAction=SCRIPT)),
        ("a.png", b"\x89PNG\r\n\x1a\nnothing"),
        ("a.docx", write_pdf()),
        ("a.docx", office_file("xl/workbook.xml", "[Content_Types].xml")),
        ("a.docx", office_file(*PARTS, "word/vbaProject.bin")),
        ("a.docx", office_file(*PARTS, "word/embeddings/oleObject1.bin")),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600)),
    ],
)
def test_what_may_harm_is_refused_and_nothing_is_stored(officer, own, name, content):
    refused = send(officer, own, name, content)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "ชื่อของไฟล์" in page  # what was typed stays
    assert ("ต้องเป็น pdf" in page) == (name.rpartition(".")[2] not in attachments.SUFFIXES)
    assert not PagePart.objects.exists()
    assert not list(files.list_names("pages"))


@pytest.mark.parametrize("key", ["/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/RichMedia", "/XFA"])
def test_whatever_a_pdf_could_run_is_found(key):
    """As the name of a value, or as the type of an object, inside others."""
    for inside in (pikepdf.Dictionary({key: 1}), pikepdf.Dictionary(S=pikepdf.Name(key))):
        content = write_pdf(AcroForm=pikepdf.Dictionary(Fields=pikepdf.Array([pikepdf.Dictionary(A=inside)])))
        assert attachments.find_problem(io.BytesIO(content), "pdf") == "program"
    assert attachments.find_problem(io.BytesIO(write_pdf()), "pdf") == ""


def test_a_locked_pdf_is_named(officer, own):
    out, document = io.BytesIO(), pikepdf.new()
    document.add_blank_page()
    document.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert "รหัสผ่าน" in send(officer, own, "a.pdf", out.getvalue()).content.decode()


def test_an_ordinary_office_file_is_attached(officer, own):
    assert send(officer, own, "a.docx", office_file(*PARTS)).status_code == 302
    assert send(officer, own, "b.xlsx", write_workbook(("ก", "ข"))).status_code == 302


# --- tables


def test_a_table_is_read_shown_confirmed_and_fetched(officer, own, people):
    write_item_page(own, by=people["officer"], texts={})
    book = write_workbook(
        ("ผลการจัดซื้อจัดจ้าง เดือนตุลาคม",),
        ("งาน <b>", "วงเงินที่จะซื้อหรือจ้าง (บาท)", "หมายเหตุ"),
        ("ซ่อมถนน", "๑,๒๐๐.๕๐", "=ไม่ใช่สูตร"),
        ("จัดซื้อกระดาษ", "ประมาณพันบาท", ""),
        ("ซ่อนไว้", 5, ""),
        ("จ้างเหมา", 300, ""),
        hidden=(4,),
    )
    assert send(officer, own, "ตาราง.xlsx", book, as_table=True, title="").status_code == 302
    assert not PagePart.objects.exists()  # nothing is stored before it was seen
    draft = TableDraft.objects.get()
    shown = officer.get(address("table_draft", own)).content.decode()
    assert "แถว 4" in shown
    assert "ประมาณพันบาท" in shown
    assert "ซ่อนไว้" not in draft.rows[1]
    assert len(draft.problems) == 2
    seen = {"seen": draft.at.isoformat()}
    for _ in range(2):  # two clicks
        officer.post(address("table_draft", own), seen)
    part = PagePart.objects.get()
    assert part.rows == [["ซ่อมถนน", "1,200.50", "=ไม่ใช่สูตร"], ["จ้างเหมา", "300", ""]]
    officer.logout()
    page = officer.get(address("item_page", own)).content.decode()
    assert "<caption>ตาราง</caption>" in page
    assert page.count('scope="col"') == 3
    assert "งาน &lt;b&gt;" in page
    fetched = b"".join(officer.get(address("page_table", own, part.pk)).streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(fetched)))[1] == ["ซ่อมถนน", "1200.50", "'=ไม่ใช่สูตร"]


def test_a_table_that_came_meanwhile_is_not_confirmed_unseen(officer, own):
    send(officer, own, "a.csv", "ก,ข\n1,2\n".encode(), as_table=True)
    seen = TableDraft.objects.get().at.isoformat()
    send(officer, own, "a.csv", "ก,ข\n3,4\n".encode(), as_table=True)
    officer.post(address("table_draft", own), {"seen": seen})
    assert not PagePart.objects.exists()
    officer.post(address("table_draft", own), {"drop": "1"})
    assert not TableDraft.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "หัวเดียว\n1\n",
        "ก,ข\n",
        "ก,ก\n1,2\n",
        ",".join(f"หัว{n}" for n in range(page_parts.MAX_COLUMNS + 1)) + "\n" + "1," * page_parts.MAX_COLUMNS + "1\n",
        "ก,ข\n" + "1,2\n" * (page_parts.MAX_ROWS + 1),
    ],
)
def test_what_is_no_table_is_refused(officer, own, text):
    assert send(officer, own, "a.csv", text.encode(), as_table=True).status_code == 422
    assert not TableDraft.objects.exists()


def test_another_users_table_is_not_seen(officer, own, people):
    send(officer, own, "a.csv", "ก,ข\n1,2\n".encode(), as_table=True)
    TableDraft.objects.update(by=people["office"])
    assert officer.get(address("table_draft", own)).status_code == 404


def test_blank_tables_are_read_back(officer, own, tmp_path):
    for blank in page_parts.BLANK_TABLES:
        fetched = officer.get(reverse("blank_table", args=[own.code, blank.key]))
        assert fetched["Content-Disposition"].startswith("attachment")
        path = tmp_path / "blank.xlsx"
        path.write_bytes(fetched.content)
        assert page_parts.find_titles(page_parts.read_rows(path, trusted=True)) == list(blank.columns)
    assert officer.get(reverse("blank_table", args=[own.code, "other"])).status_code == 404


amounts = st.integers(0, 10**9).map(lambda n: f"{n:,}")


@given(rows=st.lists(st.tuples(st.text("กขคง", min_size=1, max_size=9), amounts), min_size=1, max_size=5), is_thai=...)
@hypothesis_settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_are_read_in_either_digits(tmp_path, rows, is_thai: bool):
    path = tmp_path / "a.csv"
    out = io.StringIO()
    written = [(name, thai.in_thai_digits(amount) if is_thai else amount) for name, amount in rows]
    csv.writer(out).writerows([("รายการ", "จำนวน"), *written])
    path.write_text(out.getvalue(), encoding="utf-8")
    table = page_parts.read_table(path)
    assert table.columns == [("รายการ", False), ("จำนวน", True)]
    assert table.rows == [[name, amount] for name, amount in rows]
    assert table.problems == []
