"""Every format that an office has: the same rows and figures, as whoever opens the file sees them."""

import struct
import zipfile
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.intake import UnreadableError, old_workbook, opendocument, read, read_rows, rich_text
from prongsai.intake.files import rows_of
from prongsai.intake.rich_text import rich_text_rows
from prongsai.intake.webpage import MAX_PARTS
from tests import more_formats
from tests.content import DOCUMENTS, TRUTH
from tests.formats import write_docx, write_xlsx
from tests.intake.layouts import LAYOUTS
from tests.intake.reading import FRAMEWORKS
from tests.intake.test_documents import AGENCIES, sure
from tests.intake.test_layouts import read_back
from tests.more_formats import WRITERS, write

DATA = Path(__file__).parents[1] / "data"
STORED = sorted(p for kind in ("odt", "rtf", "html") for p in DATA.glob(f"*-office.{kind}"))


def shown(data: bytes, suffix: str = "") -> list[tuple[str, ...]]:
    """The cells of what is seen."""
    return [row.cells for row in rows_of(data, suffix) if not row.hidden]


def refusal(data: bytes, suffix: str = "") -> str:
    with pytest.raises(UnreadableError) as caught:
        list(rows_of(data, suffix))
    return str(caught.value)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_result_in_every_format(tmp_path, name, kind):
    figures, agency = sure(write(DOCUMENTS[name], tmp_path / f"x.{kind}", kind))
    assert figures == TRUTH[name]
    assert agency == AGENCIES[name]


@pytest.mark.parametrize("path", STORED, ids=lambda p: p.name)
def test_what_libreoffice_wrote(path):
    figures, agency = sure(path)
    name = path.stem.partition("-")[0]
    assert figures == TRUTH[name]
    assert agency == AGENCIES[name]


def test_files_of_libreoffice_are_there():
    assert {p.suffix for p in STORED} == {".odt", ".rtf", ".html"}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_is_read_in_the_sandbox_too(tmp_path, kind):
    path = write(DOCUMENTS["daengmo"], tmp_path / f"x.{kind}", kind)
    assert read_rows(path) == read_rows(path, trusted=True)
    (reading,) = read(path, FRAMEWORKS)
    assert {(f.fiscal_year, f.node, f.value) for f in reading.figures} == TRUTH["daengmo"]


@pytest.mark.parametrize("kind", WRITERS)
def test_the_suffix_decides_nothing(tmp_path, kind):
    path = write(DOCUMENTS["daengmo"], tmp_path / f"x.{kind}", kind)
    for suffix in (".doc", ".xls", ".pdf", ".txt", ""):
        assert sure(path.rename(path.with_name(f"x{suffix}")))[0] == TRUTH["daengmo"]
        path = path.with_name(f"x{suffix}")


@pytest.mark.parametrize("name", ["x.doc", "x.xls"])
def test_what_systems_call_by_an_old_name(tmp_path, name):
    for writer in (write_docx, write_xlsx):
        assert sure(writer(DOCUMENTS["daengmo"], tmp_path / "x").rename(tmp_path / name))[0] == TRUTH["daengmo"]


def blocks_of(lines):
    """Lines of an invented document as paragraphs and tables."""
    blocks, previous = [], None
    for line in lines:
        if isinstance(line, list) and isinstance(previous, list):
            blocks[-1].append(line)
        else:
            blocks.append([line] if isinstance(line, list) else line)
        previous = line
    return blocks


@settings(max_examples=60)
@given(layout=st.sampled_from(LAYOUTS), kind=st.sampled_from(sorted(WRITERS)), seed=st.integers(0, 10**9))
def test_no_layout_is_read_surely_and_wrongly_in_any_format(layout, kind, seed):
    document = layout(Random(seed))
    rows = list(rows_of(WRITERS[kind](blocks_of(document.lines)), f".{kind}"))
    read_back(document, rows)


@pytest.mark.parametrize("kind", WRITERS)
def test_what_is_printed_is_read_back_from_every_format(kind):
    documents = [layout(Random(seed)) for seed in range(3) for layout in LAYOUTS]
    counts = [read_back(d, list(rows_of(WRITERS[kind](blocks_of(d.lines)), f".{kind}"))) for d in documents]
    printed, read = map(sum, zip(*counts, strict=True))
    assert read / printed >= 0.93


# --- pages


def html(body: str) -> bytes:
    return f"<!doctype html><html><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>x 11.11</script>",
        "<style>x 11.11</style>",
        "<noscript>11.11</noscript>",
        "<p hidden>11.11</p>",
        '<p style="DISPLAY : none">11.11</p>',
        '<span style="color: red; visibility:hidden">11.11</span>',
        "<p style='mso-hide:all'>11.11</p>",
        "<!-- 11.11 -->",
        "<template><p>11.11</p></template>",
        '<table><tr style="display:none"><td>11.11<td>22.22</table>',
        "<table><tbody hidden><tr><td>11.11<td>22.22</tbody></table>",
        "<table><tr><td>ข<td hidden>11.11</table>",
    ],
)
def test_what_a_page_hides_is_not_read(unseen):
    assert "11.11" not in str(shown(html(f"<p>ก</p>{unseen}<p>ค</p>")))
    assert "('ค',)" in str(shown(html(f"<p>ก</p>{unseen}<p>ค</p>")))


def test_lines_of_a_page_are_its_blocks_and_not_those_of_its_source():
    assert shown(html("<h1>ผล\nประเมิน</h1>\n<ul><li>ก<b>ข</b>\n <li>ค</ul>ง<br>จ<pre>ฉ\nช</pre>")) == [
        ("ผล ประเมิน",), ("กข",), ("ค",), ("ง",), ("จ",), ("ฉ",), ("ช",),
    ]  # fmt: skip


def test_cells_that_span_stand_where_they_begin():
    table = (
        '<table><caption>ผล</caption><tr><th rowspan=2>ตัวชี้วัด<th colspan="2">คะแนน</tr>'
        "<tr><th>ปี 2567<th>ปี 2568</tr><tr><td>ก<td>1<br>2<td>3</tr></table>"
    )
    assert shown(html(table)) == [
        ("ผล",), ("ตัวชี้วัด", "คะแนน", ""), ("", "ปี 2567", "ปี 2568"), ("ก", "1 2", "3"),
    ]  # fmt: skip


def test_a_table_that_arranges_others_is_read_once():
    inner = "<table><tr><td>ก<td>90.00</tr></table>"
    rows = shown(html(f"<table><tr><td>หัวเรื่อง</td></tr><tr><td><p>ข</p>{inner}</td><td>เมนู</td></tr></table>"))
    assert rows == [("หัวเรื่อง",), ("ข",), ("ก", "90.00"), ("เมนู",)]


@pytest.mark.parametrize("declared", ["windows-874", "tis-620", "iso-8859-1", "utf-8", ""])
def test_a_page_of_windows_874_whatever_it_declares(declared):
    page = f'<html><head><meta charset="{declared}"></head><body><p>คะแนนรวม ๙๐.๑๒ คะแนน</p></body></html>'
    assert shown(page.encode("cp874")) == [("คะแนนรวม ๙๐.๑๒ คะแนน",)]


def test_a_page_of_utf_16():
    page = '<html><head><meta charset="utf-16"></head><body><p>คะแนนรวม</p></body></html>'
    assert shown(page.encode("utf-16")) == [("คะแนนรวม",)]


def test_every_page_of_a_saved_page_is_read():
    """Excel saves each sheet as a page of its own."""
    parts = "".join(
        f"------b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: sheet{n}.htm\r\n\r\n"
        f"<table><tr><td>แผ่น<td>{n}0.00</table>\r\n"
        for n in (1, 2)
    )
    data = (
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="----b"\r\n\r\n{parts}------b--\r\n'.encode()
    )
    rows = list(rows_of(data, ".mht"))
    assert [r.cells for r in rows] == [("แผ่น", "10.00"), ("แผ่น", "20.00")]
    assert rows[0].table != rows[1].table
    assert "ส่วนที่ 2" in rows[1].place


def _parts(*bodies: str) -> bytes:
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    return (head + "".join(f"--b\r\nContent-Type: text/html\r\n\r\n{body}\r\n" for body in bodies) + "--b--").encode()


def test_an_empty_page_of_a_saved_one_is_passed_over_and_too_many_are_not_read():
    assert shown(_parts("", "<p>ก</p>")) == [("ก",)]
    assert len(shown(_parts(*["<p>ก</p>"] * (MAX_PARTS - 1)))) == MAX_PARTS - 1
    assert f"มากกว่า {MAX_PARTS} ส่วน" in refusal(_parts(*["<p>ก</p>"] * MAX_PARTS))


def test_a_frame_around_a_cell_is_no_table():
    frame = "<table border=1><tr><td><b>ตัวชี้วัด</b></td></tr></table>"
    rows = shown(html(f"<table><tr><td>{frame}<td>2566<td>2567</tr><tr><td>ก<td>81.00<td>82.00</tr></table>"))
    assert rows == [("ตัวชี้วัด", "2566", "2567"), ("ก", "81.00", "82.00")]
    card = "<table><tr><td>{}<br>{}</td></tr></table>"
    cards = f"<table><tr><td>{card.format('IIT', '81.00')}<td>{card.format('OIT', '82.00')}</tr></table>"
    assert shown(html(cards)) == [("IIT",), ("81.00",), ("OIT",), ("82.00",)]


def test_rows_and_captions_that_show_nothing_are_none():
    table = "<table><caption> </caption><tr></tr><tr><td>ก<td>81.00</tr></table>"
    assert shown(html(table)) == [("ก", "81.00")]


def test_each_table_of_a_page_is_its_own():
    table = "<table><tr><td>ก<td>1<tr><td>ข<td>2</table>"
    rows = list(rows_of(html(f"{table}<p>x</p>{table}"), ""))
    assert [r.table for r in rows] == [1, 1, 0, 2, 2]
    assert [r.place for r in rows][3] == "ตาราง 2 แถว 4"


def test_a_saved_page_without_a_page_says_so():
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    data = head + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--"
    assert "ไม่พบหน้าเว็บ" in refusal(data)


# --- OpenDocument


_HIDDEN_STYLES = (
    '<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>'
    '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>'
)


@pytest.mark.parametrize(
    "unseen",
    [
        '<text:span text:style-name="T1">11.11</text:span>',
        "<text:note><text:note-citation>1</text:note-citation><text:p>11.11</text:p></text:note>",
        '<text:hidden-text text:string-value="11.11">11.11</text:hidden-text>',
        "<office:annotation><text:p>11.11</text:p></office:annotation>",
    ],
)
def test_what_a_text_hides_is_not_read(unseen):
    assert shown(more_formats.opendocument("text", f"<text:p>ก{unseen}ข</text:p>", _HIDDEN_STYLES)) == [("กข",)]


@pytest.mark.parametrize(
    "unseen",
    [
        "<text:tracked-changes><text:p>11.11</text:p></text:tracked-changes>",
        '<text:section text:display="none"><text:p>11.11</text:p></text:section>',
        '<text:p>11.11<text:hidden-paragraph text:is-hidden="true"/></text:p>',
    ],
)
def test_hidden_parts_of_a_text_are_not_read(unseen):
    assert shown(more_formats.opendocument("text", f"<text:p>ก</text:p>{unseen}<text:p>ข</text:p>")) == [("ก",), ("ข",)]


def test_tables_of_a_text_are_apart_and_one_in_a_cell_is_its_text():
    def table(*cells: str) -> str:
        row = "<text:soft-page-break/>" + "".join(f"<table:table-cell>{c}</table:table-cell>" for c in cells)
        return f"<table:table><table:table-row>{row}</table:table-row></table:table>"

    inner = table("<text:p>ข</text:p>", "<text:p>ค</text:p>")
    body = table("<text:p>ก</text:p>", inner) + table("<text:p>ง</text:p>", "<text:p>จ</text:p>")
    rows = list(rows_of(more_formats.opendocument("text", body), ""))
    assert [(r.cells, r.table) for r in rows] == [(("ก", "ข ค"), 1), (("ง", "จ"), 2)]


def test_what_may_be_hidden_and_is_not_is_read(monkeypatch):
    body = (
        '<text:p>ก<text:hidden-paragraph text:is-hidden="false"/></text:p>'
        '<text:section text:display="condition" text:is-hidden="false"><text:p>ข</text:p></text:section>'
        '<text:section text:display="condition" text:is-hidden="true"><text:p>11.11</text:p></text:section>'
    )
    data = more_formats.opendocument("text", body)
    assert shown(data) == [("ก",), ("ข",)]
    monkeypatch.setattr(opendocument, "MAX_XML", 100)
    assert "ใหญ่ผิดปกติ" in refusal(data)


def test_a_text_in_its_order():
    table = (
        "<table:table><table:table-header-rows><table:table-row>"
        '<table:table-cell table:number-columns-spanned="2"><text:p>หัว</text:p></table:table-cell>'
        "<table:covered-table-cell/><table:table-cell><text:p>คะแนน</text:p><text:p>เต็ม</text:p></table:table-cell>"
        "</table:table-row></table:table-header-rows><table:table-row><table:table-cell><text:p>ก</text:p></table:table-cell>"
        "<table:table-cell><text:p>ข</text:p></table:table-cell><table:table-cell/></table:table-row></table:table>"
    )
    body = (
        '<text:h>ผล<text:s text:c="2"/>ปี</text:h><text:list><text:list-item><text:p>ข้อ<text:tab/>90</text:p></text:list-item>'
        f"</text:list>{table}<text:p>ท้าย<draw:frame><draw:text-box><text:p>ในกรอบ</text:p></draw:text-box></draw:frame></text:p>"
        "<text:p>บน<text:line-break/>ล่าง</text:p>"
    )
    assert shown(more_formats.opendocument("text", f"{body}<text:p> <text:line-break/> </text:p>")) == [
        ("ผล  ปี",), ("ข้อ", "90"), ("หัว", "", "คะแนน เต็ม"), ("ก", "ข", ""), ("ท้าย",), ("ในกรอบ",), ("บน",), ("ล่าง",),
    ]  # fmt: skip


def _cell(text: str, value: str = "") -> str:
    about = f' office:value-type="float" office:value="{value}"' if value else ""
    return f"<table:table-cell{about}><text:p>{text}</text:p></table:table-cell>"


def test_a_sheet_shows_what_its_cells_show_and_hides_what_they_hide():
    body = (
        '<table:table table:name="2568"><table:table-column/>'
        '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
        f"<table:table-row>{_cell('ก')}{_cell('11.11')}{_cell('11.11')}{_cell('97.07', '97.0714')}</table:table-row>"
        f'<table:table-row table:visibility="filter">{_cell("11.11")}{_cell("11.11")}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="2">{_cell("ข")}<table:table-cell'
        f' table:number-columns-repeated="2"/>{_cell("80.00")}</table:table-row></table:table>'
        f'<table:table table:name="ซ่อน" table:style-name="ta2"><table:table-row>{_cell("11.11")}</table:table-row></table:table>'
    )
    data = more_formats.opendocument("spreadsheet", body, _HIDDEN_STYLES)
    assert shown(data) == [("2568",), ("ก", "", "", "97.07"), ("ข", "", "", "80.00"), ("ข", "", "", "80.00")]
    assert [r.place for r in rows_of(data, "") if not r.hidden][-1] == "แผ่น 2568 แถว 4"
    assert [r.place for r in rows_of(data, "") if r.hidden] == [
        "แผ่น 2568 แถว 1 คอลัมน์ที่ซ่อน", "แผ่น 2568 แถว 2 คอลัมน์ที่ซ่อน", "แผ่น 2568 แถว 2", "แผ่น ซ่อน แถว 1",
    ]  # fmt: skip


def test_one_file_of_xml_is_read_and_others_are_not():
    import io

    with zipfile.ZipFile(io.BytesIO(more_formats.odt(["ก"]))) as archive:
        xml = archive.read("content.xml").decode()
    flat = xml.replace("document-content", "document")
    assert shown(flat.encode()) == [("ก",)]
    excel = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'
    assert ".xlsx" in refusal(excel.encode(), ".xls")
    assert ".docx" in refusal(b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>')


def test_a_package_with_a_password_says_so(tmp_path):
    path = tmp_path / "x.odt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "x")
        archive.writestr("content.xml", b"\x93\x81")
        archive.writestr("META-INF/manifest.xml", "<m:manifest><m:encryption-data/></m:manifest>")
    assert "รหัสผ่าน" in refusal(path.read_bytes())


def test_a_presentation_says_what_to_do():
    assert "PDF" in refusal(more_formats.opendocument("presentation", "<text:p>ก</text:p>"))
    assert "PDF" in refusal(more_formats.archive({"ppt/presentation.xml": b"x"}))


# --- Rich Text


def rtf(body: str, *, page: int = 874) -> bytes:
    fonts = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset222 Angsana;}{\f2\fcharset204 Other;}}"
    return (rf"{{\rtf1\ansi\ansicpg{page}\deff0{fonts}" + body + "}").encode("latin-1")


@pytest.mark.parametrize(
    ("spelling", "read_as"),
    [
        (r"\'a4\'d0\'e1\'b9\'b9", "คะแนน"),
        (r"\'A4\'D0", "คะ"),
        ("\xa4\xd0\xe1\xb9\xb9", "คะแนน"),
        (r"\u3588?\u3632?", "คะ"),
        (r"\uc0\u3588\u3632", "คะ"),
        (r"\uc2\u3588\'a4\'d0\u3632ab", "คะ"),
        (r"\u-9.", "\ufff7"),
        (r"\u55357?\u56832?", "\U0001f600"),
        (r"{\f2\'ea}\f1\'a1", "кก"),
        (r"\{90\}\\\~\_\emdash", "{90}\\ -—"),
        (r"{\uc0{\u3588}}\u3588?", "คค"),
        (r"{\u3588}a", "คa"),
        (r"\u3588?ab", "คab"),
        (r"\u3588\~\emdash b", "ค—b"),
        (r"\uc2\u3588?\u3632??b", "คะb"),
    ],
)
def test_spellings_of_letters(spelling, read_as):
    assert shown(rtf(rf"\f1 {spelling}\par")) == [(read_as,)]


def test_thai_of_a_font_in_a_file_of_another_code():
    assert shown(rtf(r"\f1\'a1\f0\'e9\plain\'e9\par", page=1252)) == [("กéé",)]


def test_word_names_the_font_of_thai_beside_the_other_one():
    thai = (
        r"{\ltrch\fcs0 \f0\fs32 \rtlch\fcs1 \af1\afs32 \'a1}{\rtlch\fcs1 \af1 \ltrch\fcs0 \f0 \'e9}\'e9\plain\'e9\par"
    )
    assert shown(rtf(thai, page=1252)) == [("กééé",)]
    assert shown(rtf(r"\f1\rtlch\af0 \'a1\ltrch\hich\af2 \'a2\par", page=1252)) == [("กข",)]


@pytest.mark.parametrize(
    "unseen",
    [
        r"{\v 11.11}",
        r"\v 11.11\v0 ",
        r"{\deleted 11.11}",
        r"{\*\unknown 11.11}",
        r"{\info{\title 11.11}}",
        r"{\footnote 11.11}",
        r"{\header 11.11\par}",
        r"{\pict\wmetafile8 1111}",
        r"{\pict\bin7 }11.11}}",
        r"{\field{\*\fldinst HYPERLINK 11.11}}",
        r"{\listtext\pard 11.11\tab}",
        r"{\shp{\*\shpinst{\sp{\sn x}{\sv 11.11}}}}",
    ],
)
def test_what_rich_text_hides_is_not_read(unseen):
    assert shown(rtf(rf"\pard a{unseen}b\par")) == [("ab",)]


def test_what_a_box_and_a_field_show_is_read():
    box = r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt\pard b\par}}{\shprslt c\par}}"
    assert shown(rtf(rf"\pard a{box}{{\field{{\*\fldinst X}}{{\fldrslt d}}}}\par")) == [("a",), ("b",), ("d",)]


def test_a_paragraph_in_a_cell_ends_no_row():
    row = r"\trowd\cellx1000\cellx2000\pard\intbl a\par b|c\cell\pard\intbl 90.00\cell\row"
    assert shown(rtf(rf"\pard x\tab y\par{row}{row}\pard z\line w\par")) == [
        ("x", "y"), ("a b|c", "90.00"), ("a b|c", "90.00"), ("z",), ("w",),
    ]  # fmt: skip


def test_wide_cells_stand_in_the_columns_of_the_table():
    body = (
        r"\trowd\trleft-70\cellx1000\cellx3010\pard\intbl a\cell b\cell\row"
        r"\trowd\trleft-70\cellx1005\cellx2000\cellx3000\intbl c\cell d\cell e\cell\row"
    )
    assert shown(rtf(body)) == [("a", "b", ""), ("c", "d", "e")]


def test_a_table_of_more_borders_than_any_has_is_read_row_by_row():
    rows = "".join(rf"\trowd\cellx{100 * n}\cellx{100 * n + 50000}\intbl a\cell b\cell\row" for n in range(1, 150))
    assert shown(rtf(rows)) == [("a", "b")] * 149


def test_an_empty_paragraph_is_none_and_ends_no_table():
    row = r"\trowd\cellx1000\cellx2000\pard\intbl a\cell b\cell\row"
    rows = list(rows_of(rtf(rf"x\par\par y\par{row}\pard\par{row}\pard z\par"), ""))
    assert [(r.place, r.table) for r in rows] == [
        ("ย่อหน้า 1", 0), ("ย่อหน้า 2", 0), ("ตาราง 1 แถว 1", 1), ("ตาราง 1 แถว 2", 1), ("ย่อหน้า 3", 0),
    ]  # fmt: skip


def test_an_empty_line_and_a_bracket_too_many_are_nothing():
    assert shown(rtf(r"a\line\line b}}\fcharset0 \'a1\par").removesuffix(b"}")) == [("a",), ("bก",)]


def test_a_row_without_an_end_is_read_and_a_table_without_one_is_not(monkeypatch):
    assert shown(rtf(r"\trowd\cellx1000\cellx2000\intbl a\cell b\cell")) == [("a", "b")]
    monkeypatch.setattr(rich_text, "_MOST_ROWS", 3)
    row = r"\trowd\cellx1000\cellx2000\intbl a\cell b\cell\row"
    assert len(shown(rtf(row * 4))) == 4
    assert "ยาวกว่า 3 แถว" in refusal(rtf(row * 5))


def test_a_long_file_is_given_more_time_as_it_is_read(monkeypatch):
    wanted = []
    monkeypatch.setattr("prongsai.intake.rich_text.sandbox.allow_until", wanted.append)
    rows = rich_text_rows(rtf(("x" * 4000 + r"\par ") * 500))
    next(rows)
    first = max(wanted)
    assert len(list(rows)) == 499
    assert first < 5 < max(wanted)


def test_a_table_in_a_cell_is_its_text():
    body = (
        r"\trowd\cellx1000\cellx2000\pard\intbl\itap2 a\nestcell b\nestcell"
        r"{\*\nesttableprops\trowd\cellx1\cellx2\nestrow}{\nonesttables\par}\pard\intbl\itap1\cell c\cell\row"
    )
    assert shown(rtf(body)) == [("a b", "c")]


# --- old workbooks


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (97.07142857, "0.00", "97.07"),
        (97.5, "0.00", "97.50"),
        (0.875, "0.00%", "87.50%"),
        (2568.0, "General", "2568"),
        (90.125, "General", "90.125"),
        (90.0, "yyyy-mm-dd", "1900-03-30"),
    ],
)
def test_a_number_is_read_as_its_cell_shows_it(value, number_format, text):
    stream = more_formats.xls_stream([["ก", value]], number_format=number_format)
    assert shown(more_formats.compound({"Workbook": stream}))[0][1] == text


def test_errors_and_answers_in_an_old_workbook(monkeypatch):
    stream = more_formats.xls_stream([["ก"]])
    end = stream.rindex(b"\x0a\x00\x00\x00")
    cells = struct.pack("<HHHHHBB", 0x205, 8, 0, 1, 1, 1, 0) + struct.pack("<HHHHHBB", 0x205, 8, 0, 2, 1, 0x2A, 1)
    data = more_formats.compound({"Workbook": stream[:end] + cells + stream[end:]})
    assert shown(data) == [("ก", "True", "#N/A")]
    monkeypatch.setattr(old_workbook, "MAX_SHEETS", 0)
    assert "เกิน 0" in refusal(data)


def test_a_number_that_is_no_day_stays_a_number():
    stream = more_formats.xls_stream([["ก", 1e9]], number_format="yyyy-mm-dd")
    assert shown(more_formats.compound({"Workbook": stream})) == [("ก", "1000000000.0")]


def test_an_old_workbook_that_is_broken_off_says_so():
    stream = more_formats.xls_stream([["ก", 90.0]])
    assert "เสียหรือไม่ครบ" in refusal(more_formats.compound({"Workbook": stream[:8]}))


def test_a_cell_of_a_style_that_the_workbook_does_not_have():
    book = SimpleNamespace(xf_list=[])
    assert old_workbook._format_of(book, 0) == old_workbook._format_of(book, -1) == ""


def test_hidden_rows_and_columns_of_an_old_workbook_are_hidden():
    rows = [["ก", "11.11", "90.00"], ["11.11", "11.11", "11.11"], ["ข", "", 80.0]]
    data = more_formats.compound({"Workbook": more_formats.xls_stream(rows, hidden_rows=(1,), hidden_columns=(1,))})
    assert shown(data) == [("ก", "", "90.00"), ("ข", "", "80.00")]
    assert len([r for r in rows_of(data, "") if r.hidden]) == 3


def test_a_workbook_that_stands_in_no_compound_file():
    stream = more_formats.xls_stream([["ก", 90.0]])
    assert shown(stream) == [("ก", "90.00")]


def test_sheets_named_after_their_year():
    stream = more_formats.xls_stream([["ก", 90.0]], name="ปี 2568")
    assert shown(more_formats.compound({"Workbook": stream})) == [("ปี 2568",), ("ก", "90.00")]


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        (["WordDocument", "1Table"], ".docx"),
        (["PowerPoint Document"], "PowerPoint"),
        (["EncryptedPackage", "EncryptionInfo"], "รหัสผ่าน"),
        (["Other"], ".docx หรือ .xlsx"),
    ],
)
def test_other_old_files_are_refused_with_advice(streams, words):
    assert words in refusal(more_formats.compound(dict.fromkeys(streams, b"x")))


def test_a_word_file_of_word_itself_is_refused_with_advice():
    assert "บันทึกใหม่เป็น .docx" in refusal((DATA / "daengmo-office.doc").read_bytes(), ".docx")


def test_a_workbook_with_a_password_says_so():
    """The record FILEPASS stands after the first one."""
    stream = more_formats.xls_stream([["ก", 90.0]])
    locked = stream[:20] + struct.pack("<HHH", 0x2F, 2, 0) + stream[20:]
    assert "รหัสผ่าน" in refusal(more_formats.compound({"Workbook": locked}))


@pytest.mark.parametrize(
    "data", [b"Rar!\x1a\x07\x00" + bytes(99), b"7z\xbc\xaf'\x1c" + bytes(99), b"\x1f\x8b" + bytes(99)]
)
def test_other_archives_are_refused_with_advice(data):
    assert "ZIP" in refusal(data)
