"""What is read of pages and documents."""

import io

import pytest
import xlsxwriter

from prongsai.links import extract_lines, extract_text
from prongsai.links.content import (
    _restore,
    answer_body,
    decode_text,
    detect_language,
    digest_text,
    find_years,
    is_plausible_type,
    sniff_type,
)

from .fake_web import Reply

PAGE = """<html><head><title>ชื่อ</title><style>p{}</style></head><body>
<nav>เมนู</nav><script>var x="ลับ"</script><h1>หัวข้อ</h1>
<p>ข้อ<b>ความ</b>  แรก<br>บรรทัด&nbsp;สอง</p><div hidden>ซ่อน</div><div style="display: none">ซ่อน</div>
<table><tr><td>ลำดับ</td><td>รายการ</td></tr><tr><td>๑</td><td>แผน</td></tr></table><template>ลับ</template>
<!-- ลับ --><noscript>ลับ</noscript><footer>ท้าย</footer></body></html>"""


def test_text_of_a_page():
    assert extract_text(PAGE.encode(), "text/html").split("\n") == [
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
    assert "ข้อความ" in extract_text(PAGE.encode(charset, "ignore"), "text/html" + declared)


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
    assert decode_text(text.encode(charset), f"text/html; charset={declared}" if declared else "text/html") == (
        text,
        honest,
    )
    meta = f'<meta charset="{declared}">' if declared else ""
    assert decode_text((meta + text).encode(charset)) == (meta + text, honest)


def test_truncated_utf8_is_utf8():
    assert decode_text("แผนปฏิบัติการ".encode()[:-1])[0] == "แผนปฏิบัติกา"


def pdf(text: str) -> bytes:
    import typst

    return typst.compile(text.encode())


def test_text_of_documents():
    assert "Plan of the year" in extract_text(pdf("= Plan of the year\n#lorem(30)"), "application/pdf")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("แผน")
        sheet.write_row(0, 0, ["ลำดับ", 1, 2.5, "จัดซื้อ"])
    assert extract_text(out.getvalue()) == "แผน\nลำดับ 1 2.5 จัดซื้อ"
    import docx

    out, document = io.BytesIO(), docx.Document()
    document.add_paragraph("ก่อนตาราง")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "ซ้าย", "ขวา"
    document.add_paragraph("หลังตาราง")
    document.save(out)
    assert extract_text(out.getvalue()) == "ก่อนตาราง\nซ้าย ขวา\nหลังตาราง"


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7 nothing", b"PK\x03\x04word/", b"\x00\x01\x02", b"\x89PNG\r\n\x1a\n"])
def test_bodies_without_text(body):
    assert extract_text(body) == ""


def test_a_scan_is_a_file_without_text(web, check):
    web.routes["a.test"]["/plan.pdf"] = Reply(pdf("#rect(width: 5cm, height: 5cm)"), kind="application/pdf")
    observation = check(web.url("a.test", "/plan.pdf"))
    assert (observation.state, observation.has_text) == ("ok", False)
    assert "no_text" in observation.notes


def test_a_document_of_another_year_shows_its_year(web, check):
    web.routes["a.test"]["/plan-2568.pdf"] = Reply(
        pdf("= Action plan, fiscal year 2024\n#lorem(40)"), kind="application/pdf"
    )
    observation = check(web.url("a.test", "/plan-2568.pdf"))
    assert (observation.state, observation.language) == ("ok", "en")
    assert {(y.year, y.kind) for y in observation.years} == {(2567, "fiscal")}


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
    assert [(y.year, y.kind) for y in find_years("", (), text)] == years


def test_a_year_has_its_most_prominent_place():
    found = find_years("แผน 2568", ("ปีงบประมาณ 2567",), "ปีงบประมาณ 2567 และ 2568 และ 2560")
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
    assert detect_language(text) == language


def test_the_text_digest_ignores_counters_and_clocks_only():
    one = "แผนปฏิบัติการ 2567\nผู้เข้าชม 1,234 ครั้ง\nปรับปรุงเมื่อ 10:20:30 น.\n12 / 34"
    assert digest_text(one) == digest_text(one.replace("1,234", "1,235").replace("10:20:30", "11:00:01"))
    assert digest_text(one) != digest_text(one.replace("2567", "2568"))
    assert digest_text("") == ""


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
def test_sniffed_types(body, kind):
    assert sniff_type(body) == kind


def test_common_wrong_declared_types_are_accepted():
    assert is_plausible_type("application/octet-stream", "application/pdf")
    assert is_plausible_type("application/x-pdf", "application/pdf")
    assert is_plausible_type("text/xml", "application/xml")
    assert is_plausible_type("application/msword", "application/x-ole-storage")
    assert not is_plausible_type("text/html", "application/pdf")


def test_a_document_that_takes_too_much_is_said_to(monkeypatch):
    """... and the next one is read as ever."""
    from prongsai.lib import sandbox
    from prongsai.links import content

    good = pdf("Good")
    reasons = {"time": "too_long", "memory": "too_big", "size": "too_big", "crash": "broken", "busy": "broken"}
    for reason, note in reasons.items():
        with monkeypatch.context() as patch:

            def stop(*arguments, reason=reason, **options):
                raise sandbox.SandboxError(reason)

            patch.setattr(sandbox, "run", stop)
            assert content.parse_body(good, "application/pdf").notes == [f"document_{note}"]
            assert content.parse_body(b"<html><p>x", "text/html").text == ""
    assert content.parse_body(b"%PDF-nonsense", "application/pdf").notes == ["document_broken"]
    assert content.parse_body(good, "application/pdf").text.strip() == "Good"


@pytest.mark.parametrize("answer", [None, [], {}, {"text": "x"}, {"text": 1, "years": [{"x": 1}]}, b"bytes"])
def test_an_answer_that_the_sandbox_does_not_give_is_a_broken_document(answer, monkeypatch):
    from prongsai.lib import sandbox
    from prongsai.links import content

    monkeypatch.setattr(sandbox, "run", lambda *a, **k: answer)
    parsed = content.parse_body(b"%PDF-1.7", "application/pdf")
    assert parsed.notes in (["document_broken"], [])
    assert parsed.text in ("", "x")


def test_pages_are_read_within_the_limits_of_the_policy(monkeypatch):
    from prongsai.lib import sandbox
    from prongsai.links import content
    from prongsai.links.checker import Checker
    from prongsai.links.model import Policy

    given = []
    monkeypatch.setattr(sandbox, "run", lambda *a, limits, **k: given.append(limits) or {})
    policy = Policy(contact="https://example.org", document_seconds=7, document_memory_bytes=123_000_000)
    content.parse_body(b"%PDF-1.7", "application/pdf", limits=Checker(policy)._limits)
    assert [(g.max_seconds, g.wall, g.memory) for g in given] == [(7, 14, 123_000_000)]


@pytest.mark.parametrize(
    "forged",
    [
        {"traits": {"gambling.text": float("nan")}},
        {"traits": {"gambling.text": 1e300}},
        {"traits": {"gambling.text": "1"}},
        {"sketches": {"lines": list(range(1000))}},
        {"sketches": {"lines": [1 << 40]}},
        {"sketches": {"lines": ["<script>"]}},
    ],
)
def test_traits_that_no_page_has_are_refused(forged):
    """What a child answers is weighed and stored: numbers from 0 to 1, few hashes."""
    fields = answer_body(b"<title>x</title><p>y", "text/html", "text/html", 1, "a.test")
    assert _restore(dict(fields), []).title == "x"
    with pytest.raises((ValueError, TypeError)):
        _restore(fields | forged, [])


def test_slides_are_read_in_order_with_the_rows_of_their_tables():
    import zipfile

    space = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    words = "<a:p><a:r><a:t>แผน</a:t></a:r><a:r><a:t>งาน</a:t></a:r></a:p>"
    cells = "".join(f"<a:tc><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:tc>" for cell in ("โครงการ", "งบประมาณ"))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("[Content_Types].xml", "<x/>")
        file.writestr("ppt/slides/slide10.xml", f"<s {space}><a:p><a:r><a:t>ท้าย</a:t></a:r></a:p></s>")
        file.writestr("ppt/slides/slide2.xml", f"<s {space}>{words}<a:tbl><a:tr>{cells}</a:tr></a:tbl></s>")
    kind = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    assert sniff_type(out.getvalue()) == kind
    assert is_plausible_type(kind, kind)
    assert extract_text(out.getvalue(), kind).split("\n") == ["แผนงาน", "โครงการ งบประมาณ", "ท้าย"]
    assert extract_lines(out.getvalue(), kind)[1] == ("โครงการ\tงบประมาณ", "")
