"""What is read of pages and documents."""

import io

import pytest
import xlsxwriter

from prongsai.links import text_of
from prongsai.links.content import decode, language_of, same_type, sniff, text_digest, years_of
from prongsai.links.reader import Document, Readers

from .web import Reply

PAGE = """<html><head><title>ชื่อ</title><style>p{}</style></head><body>
<nav>เมนู</nav><script>var x="ลับ"</script><h1>หัวข้อ</h1>
<p>ข้อ<b>ความ</b>  แรก<br>บรรทัด&nbsp;สอง</p><div hidden>ซ่อน</div><div style="display: none">ซ่อน</div>
<table><tr><td>ลำดับ</td><td>รายการ</td></tr><tr><td>๑</td><td>แผน</td></tr></table><template>ลับ</template>
<!-- ลับ --><noscript>ลับ</noscript><footer>ท้าย</footer></body></html>"""


def test_text_of_a_page():
    assert text_of(PAGE.encode(), "text/html").split("\n") == [
        "หัวข้อ",
        "ข้อความ แรก",
        "บรรทัด สอง",
        "ลำดับ รายการ",
        "1 แผน",
    ]


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "cp874"])
@pytest.mark.parametrize(
    "declared",
    ["", "; charset=utf-8", "; charset=tis-620", "; charset=windows-874", "; charset=ISO-8859-1", "; charset=nonsense"],
)
def test_text_in_any_charset_whatever_is_declared(charset, declared):
    assert "ข้อความ" in text_of(PAGE.encode(charset, "ignore"), "text/html" + declared)


@pytest.mark.parametrize(
    ("charset", "declared", "honest"),
    [
        ("utf-8", "utf-8", True),
        ("utf-8", "", True),
        ("cp874", "tis-620", True),
        ("cp874", "TIS-620", True),
        ("cp874", "", True),
        ("cp874", "utf-8", False),
        ("utf-8", "windows-874", False),
        ("cp874", "iso-8859-1", False),
    ],
)
def test_a_wrong_charset_is_noticed(charset, declared, honest):
    text = "ประกาศแผนปฏิบัติการ"
    assert decode(text.encode(charset), f"text/html; charset={declared}" if declared else "text/html") == (text, honest)
    meta = f'<meta charset="{declared}">' if declared else ""
    assert decode((meta + text).encode(charset)) == (meta + text, honest)


def test_a_letter_cut_in_two_is_still_utf8():
    assert decode("แผนปฏิบัติการ".encode()[:-1])[0] == "แผนปฏิบัติกา"


def pdf(text: str) -> bytes:
    import typst

    return typst.compile(text.encode())


def test_text_of_documents():
    assert "Plan of the year" in text_of(pdf("= Plan of the year\n#lorem(30)"), "application/pdf")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("แผน")
        sheet.write_row(0, 0, ["ลำดับ", 1, 2.5, "จัดซื้อ"])
    assert text_of(out.getvalue()) == "แผน\nลำดับ 1 2.5 จัดซื้อ"
    import docx

    out, document = io.BytesIO(), docx.Document()
    document.add_paragraph("ก่อนตาราง")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "ซ้าย", "ขวา"
    document.add_paragraph("หลังตาราง")
    document.save(out)
    assert text_of(out.getvalue()) == "ก่อนตาราง\nซ้าย ขวา\nหลังตาราง"


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7 nothing", b"PK\x03\x04word/", b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n"])
def test_what_has_no_text(body):
    assert text_of(body) == ""


def test_a_scan_is_a_file_without_text(web, look):
    web.routes["a.test"]["/plan.pdf"] = Reply(pdf("#rect(width: 5cm, height: 5cm)"), kind="application/pdf")
    seen = look(web.url("a.test", "/plan.pdf"))
    assert (seen.state, seen.has_text) == ("ok", False)
    assert "no_text" in seen.notes


def test_a_document_of_another_year_shows_its_year(web, look):
    web.routes["a.test"]["/plan-2568.pdf"] = Reply(
        pdf("= Action plan, fiscal year 2024\n#lorem(40)"), kind="application/pdf"
    )
    seen = look(web.url("a.test", "/plan-2568.pdf"))
    assert (seen.state, seen.language) == ("ok", "en")
    assert {(y.year, y.kind) for y in seen.years} == {(2567, "fiscal")}


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("ปีงบประมาณ พ.ศ. ๒๕๖๘", [(2568, "fiscal")]),
        ("ปีงบประมาณ ๒๕๖๗", [(2567, "fiscal")]),
        ("งบประมาณประจำปีงบประมาณ พ.ศ.2566", [(2566, "fiscal")]),
        ("ปีงบ 68", [(2568, "fiscal")]),
        ("Fiscal Year 2024", [(2567, "fiscal")]),
        ("FY2025", [(2568, "fiscal")]),
        ("ประจำปี 2567 และ ค.ศ. 2025", [(2567, "calendar"), (2568, "calendar")]),
        ("วันที่ 15/08/2567", [(2567, "calendar")]),
        ("โทร 02-2567-1234 จำนวน 12,567 บาท 2567.50 และ 25671", []),
        ("ข้อ 2100 หน้า 2001", [(2544, "calendar")]),
    ],
)
def test_years(text, years):
    assert [(y.year, y.kind) for y in years_of("", (), text)] == years


def test_a_year_is_placed_where_it_stands_best():
    found = years_of("แผน 2568", ("ปีงบประมาณ 2567",), "ปีงบประมาณ 2567 และ 2568 และ 2560")
    assert [(y.year, y.kind, y.place) for y in found] == [
        (2568, "calendar", "title"),
        (2567, "fiscal", "heading"),
        (2560, "calendar", "text"),
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "none"),
        ("123 ๔๕๖", "none"),
        ("แผนปฏิบัติการ (Action Plan)", "th"),
        ("The annual report", "en"),
        ("年度报告书年度报告书年度", "other"),
    ],
)
def test_language(text, language):
    assert language_of(text) == language


def test_counters_and_clocks_do_not_change_the_digest_but_words_and_years_do():
    one = "แผนปฏิบัติการ 2567\nผู้เข้าชม 1,234 ครั้ง\nปรับปรุงเมื่อ 10:20:30 น.\n12 / 34"
    assert text_digest(one) == text_digest(one.replace("1,234", "1,235").replace("10:20:30", "11:00:01"))
    assert text_digest(one) != text_digest(one.replace("2567", "2568"))
    assert text_digest("") == ""


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML>", "text/html"),
        (b"<!-- x -->\n<html>", "text/html"),
        (b"GIF89a", "image/gif"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"plain words", "text/plain"),
        (b"<?xml version='1.0'?><rss/>", "application/xml"),
        (b"", ""),
        (b"   ", ""),
        (b"a\x00b", ""),
        ("<p>ข้อความ".encode("utf-16"), "text/html"),
    ],
)
def test_sniffing(body, kind):
    assert sniff(body) == kind


def test_usual_untruths_about_types_are_forgiven():
    assert same_type("application/octet-stream", "application/pdf")
    assert same_type("application/x-pdf", "application/pdf")
    assert same_type("text/xml", "application/xml")
    assert same_type("application/msword", "application/x-ole-storage")
    assert not same_type("text/html", "application/pdf")


def test_the_reading_process_is_thrown_away_when_it_hangs_or_dies(monkeypatch, tmp_path):
    from prongsai.links import reader

    stuck = tmp_path / "stuck.py"
    stuck.write_text("import sys, time\nsys.stdin.buffer.readline()\ntime.sleep(60)")
    dying = tmp_path / "dying.py"
    dying.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    good = pdf("Good")
    readers = Readers(1, seconds=20, memory=1_000_000_000, max_pages=5)
    really = reader.__file__
    try:
        monkeypatch.setattr(reader, "__file__", str(dying))
        assert readers.read("pdf", b"x" * 200_000) == Document(error="broken")
        monkeypatch.setattr(reader, "__file__", str(stuck))
        readers._seconds = 0.5
        assert readers.read("pdf", b"x" * 200_000) == Document(error="too_long")
        monkeypatch.setattr(reader, "__file__", really)
        readers._seconds = 30
        assert readers.read("pdf", good).text.strip() == "Good"
        assert readers.read("pdf", b"%PDF-nonsense").error == "broken"
        assert readers.read("pdf", good).text.strip() == "Good"
    finally:
        readers.close()
    assert readers._free == [None]


def test_the_reading_process_knows_no_secrets_and_writes_no_files(monkeypatch):
    from prongsai.links.reader import _Process

    monkeypatch.setenv("DATABASE_URL", "secret")
    process = _Process(1_000_000_000)
    try:
        assert process.read("pdf", b"", 1, 30) == {"error": "broken"}
        with open(f"/proc/{process._process.pid}/environ", "rb") as file:
            assert b"secret" not in file.read()
        with open(f"/proc/{process._process.pid}/limits") as file:
            limits = file.read()
        assert "Max file size             0 " in limits
        assert "Max address space         1000000000" in limits
    finally:
        process.close()
