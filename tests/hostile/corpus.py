"""Hostile files: every bomb that was found, and those that are told of. Small ones are made here; what fuzzing finds
goes to ``tests/data/hostile`` as a file whose name begins with its reader."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import xlsxwriter

from tests import more_formats

STORED = Path(__file__).parents[1] / "data" / "hostile"
KB = 1000


def zip_of(parts: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(data: bytes, changes: dict[str, bytes | str | None]) -> bytes:
    """A package with parts replaced, added, or (None) left out."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    parts |= {name: content for name, content in changes.items() if content is not None}
    return zip_of({name: c for name, c in parts.items() if changes.get(name, c) is not None})


def part_of(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word_with(body: str, text: str = "ข้อความ {{ agency }}") -> bytes:
    """A Word file with XML at the beginning of its body."""
    data = word(text)
    return changed(
        data, {"word/document.xml": part_of(data, "word/document.xml").replace("<w:body>", f"<w:body>{body}", 1)}
    )


def sheet(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return out.getvalue()


def pdf(*objects: str | bytes, trailer: str = "/Root 1 0 R") -> bytes:
    """A PDF of objects from number 1 on, with a correct table of them."""
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + (body if isinstance(body, bytes) else body.encode()) + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write(b"".join(f"{place:010} 00000 n \n".encode() for place in places))
    out.write(f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def pdf_of(content: bytes, resources: str = "/Font << /F1 5 0 R >>", *more: str | bytes, filters: str = "") -> bytes:
    """A PDF of one page with this content."""
    stream = f"<< /Length {len(content)} {filters} >>\nstream\n".encode() + content + b"\nendstream"
    return pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << {resources} >> >>",
        stream,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    )


def png(width: int, height: int, content: bytes = b"", *, chunks: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    more = b"".join(chunk(kind, data) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", zlib.compress(content)) + chunk(b"IEND", b"")


def progressive_jpeg(width: int, height: int) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (width, height), 128).save(out, "JPEG", progressive=True)
    return out.getvalue()


def _many_scans(count: int) -> bytes:
    """A JPEG of 48 million pixels whose last scan comes again and again."""
    data = progressive_jpeg(8_000, 6_000)
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"


def _noise() -> bytes:
    """A JPEG that has something like letters everywhere."""
    from random import Random

    from PIL import Image

    small = Image.frombytes("L", (220, 300), Random(1).randbytes(220 * 300)).point(lambda v: 255 * (v > 150))
    out = io.BytesIO()
    small.resize((1_100, 1_500)).save(out, "JPEG", quality=90)
    return out.getvalue()


def laughs(root: str = "x") -> str:
    """A billion laughs: each entity is ten of the one before."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY l0 "ha">{entities}]>'


# a segment of page information, 65,535 pixels each way, and one that says it has 4 GB
_JBIG2 = (
    struct.pack(">IBBBI", 0, 48, 0, 1, 19)
    + struct.pack(">IIIIBH", 65_535, 65_535, 0, 0, 0, 0)
    + (
        struct.pack(">IBBBI", 1, 38, 0, 1, 0xFFFFFFFF)
        + struct.pack(">IIIIBB", 65_535, 65_535, 0, 0, 0, 0)
        + bytes(2_000)
    )
)


def _picture_pdf(coding: str, data: bytes, width: int, height: int) -> bytes:
    """A page with one picture of so many pixels, one bit each."""
    picture = (
        f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
        f"/BitsPerComponent 1 /Filter {coding} /DecodeParms << /K -1 /Columns {width} >> "
        f"/Length {len(data)} >>\nstream\n"
    )
    content = b"600 0 0 800 0 0 cm /X Do"
    return pdf_of(content, "/XObject << /X 6 0 R >>", picture.encode() + data + b"\nendstream")


def _forms_in_forms(depth: int) -> bytes:
    """A billion laughs that are drawn: each form shows ten of the one before."""
    forms = []
    for number in range(6, 6 + depth):
        body = b"/X Do " * 10 if number < 5 + depth else b"0 0 9 9 re f "
        inner = f"/XObject << /X {number + 1} 0 R >>" if number < 5 + depth else ""
        head = f"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << {inner} >> /Length {len(body)} >>\n"
        forms.append(head.encode() + b"stream\n" + body + b"\nendstream")
    return pdf_of(b"/X Do", "/XObject << /X 6 0 R >>", *forms)


def _word_bomb(old: str, new: str) -> bytes:
    data = word("ก")
    return changed(data, {"word/document.xml": part_of(data, "word/document.xml").replace(old, new, 1)})


def _big_part(name: str, megabytes: int) -> bytes:
    return changed(word("ก"), {name: b" " * (megabytes * KB * KB)})


def _nested_table(depth: int) -> str:
    opening = "<w:tbl><w:tr><w:tc><w:p/>"
    return opening * depth + "<w:p/></w:tc></w:tr></w:tbl>" * depth


def _zip_in_zip() -> bytes:
    inner = zip_of({"word/document.xml": bytes(10_000_000)})
    return zip_of({f"word/{n}.xml": inner for n in range(50)})


def _deflated(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


_SHEETS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_CELL = '<c t="s"><v>0</v></c>'  # the first of the shared strings
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _many_sheets() -> bytes:
    """One part of the file under 60,000 names."""
    names = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 60 * KB))
    book = f'<workbook {_SHEETS} xmlns:r="{_RELATIONS}"><sheets>{names}</sheets></workbook>'
    return changed(sheet([["a"]]), {"xl/workbook.xml": book})


def _one_long_string() -> bytes:
    """Half a billion letters: a string of 30,000 in 18,000 cells."""
    strings = f'<sst {_SHEETS} count="1" uniqueCount="1"><si><t>{"ก" * 30 * KB}</t></si></sst>'
    rows = f"<row>{_CELL * 60}</row>" * 300
    page = f"<worksheet {_SHEETS}><sheetData>{rows}</sheetData></worksheet>"
    return changed(sheet([["a"]]), {"xl/sharedStrings.xml": strings, "xl/worksheets/sheet1.xml": page})


def _chunks(depth: int) -> bytes:
    """A Word file in a Word file in a Word file."""
    part, relations = word("x"), part_of(word("x"), "word/_rels/document.xml.rels")
    chunk = f'<Relationship Id="rIdX" Type="{_RELATIONS}/aFChunk" Target="chunk.docx"/></Relationships>'
    changes = {"word/_rels/document.xml.rels": relations.replace("</Relationships>", chunk)}
    for _ in range(depth):
        part = changed(
            word_with(f'<w:altChunk xmlns:r="{_RELATIONS}" r:id="rIdX"/>'), {"word/chunk.docx": part, **changes}
        )
    return part


def _doubled_pages(depth: int) -> bytes:
    """A tree each of whose branches has the next one twice: a billion pages."""
    branches = (f"<< /Type /Pages /Kids [{n + 3} 0 R {n + 3} 0 R] /Count {2 ** (depth - n)} >>" for n in range(depth))
    return pdf("<< /Type /Catalog /Pages 2 0 R >>", *branches, "<< /Type /Page /MediaBox [0 0 9 9] >>")


_COLUMNS = 'table:number-columns-repeated="9999999"'
_ROWS = 'table:number-rows-repeated="9999999"'


def _text_package(content: str | bytes) -> bytes:
    return changed(more_formats.odt(["ก"]), {"content.xml": content})


def _text_xml(old: str, new: str) -> bytes:
    return _text_package(part_of(more_formats.odt(["ก"]), "content.xml").replace(old, new, 1))


def _deep_text(element: str, depth: int) -> bytes:
    return more_formats.opendocument("text", f"<{element}>" * depth + f"</{element}>" * depth)


def _deep_table(depth: int) -> bytes:
    opening = "<table:table><table:table-row><table:table-cell>"
    closing = "</table:table-cell></table:table-row></table:table>"
    return more_formats.opendocument("text", opening * depth + "<text:p>x</text:p>" + closing * depth)


def _rich(body: str) -> bytes:
    return (r"{\rtf1\ansi" + body + "}").encode()


def _saved_page(body: bytes, boundary: str = "b") -> bytes:
    return f'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="{boundary}"\n\n'.encode() + body


def _nested_parts(depth: int) -> bytes:
    parts = "".join(f'--b{n}\nContent-Type: multipart/mixed; boundary="b{n + 1}"\n\n' for n in range(depth))
    return _saved_page(parts.encode(), "b0")


def _old_book(*records: bytes) -> bytes:
    """A workbook with records before its sheet."""
    stream = more_formats.xls_stream([["ก", 90.0]])
    return more_formats.compound({"Workbook": stream[:20] + b"".join(records) + stream[20:]})


def _old_cells(cells: int) -> bytes:
    """A cell in the last column of each of many rows."""
    stream = more_formats.xls_stream([["x"]])
    end = stream.rindex(b"\x0a\x00\x00\x00")
    far = b"".join(struct.pack("<HHHHHd", 0x203, 14, row % 65536, 255, 2, 1.0) for row in range(cells))
    return more_formats.compound({"Workbook": stream[:end] + far + stream[end:]})


def _chained(sector: int) -> bytes:
    """A compound file whose chain of sectors never ends."""
    data = bytearray(more_formats.xls([["ก", "90.00"]]))
    table = 512 * (1 + struct.unpack_from("<I", data, 76)[0])
    struct.pack_into("<I", data, table + 4 * sector, sector)
    return bytes(data)


def _overlapping(files: int) -> bytes:
    """Many entries that are all the same bytes of the file."""
    data = more_formats.archive({"00.txt": bytes(30_000_000)})
    central = data.index(b"PK\x01\x02")
    entry, end = data[central : data.index(b"PK\x05\x06")], data[data.index(b"PK\x05\x06") :]
    many = b"".join(entry.replace(b"00.txt", b"%02d.txt" % n) for n in range(files))
    return data[:central] + many + end[:8] + struct.pack("<HHII", files, files, len(many), central) + b"\0\0"


def _quine() -> bytes:
    """A ZIP that holds one, that holds one."""
    data = b"x"
    for n in range(40):
        data = more_formats.archive({f"{n}.zip": data})
    return data


Maker = Callable[[], bytes]
# (reader, name): what makes the file. Readers: see tests/hostile/readers.py
BOMBS: dict[tuple[str, str], Maker] = {
    # text that patterns go over again and again
    ("file", "script-without-end.txt"): lambda: b"<script " * 20 * KB,
    ("file", "style-without-end.html"): lambda: b"<tr><td>" + b"<style><STYLE " * 12 * KB,
    ("file", "spaces.txt"): lambda: "ก".encode() + b" " * 160 * KB + "ข".encode(),
    ("file", "spaces-and-marks.txt"): lambda: (" " * 80 * KB + "\u0e48").encode(),
    ("file", "digits.txt"): lambda: b"1" * 160 * KB,
    ("file", "points.txt"): lambda: b"1.1" * 50 * KB,
    ("file", "brackets.txt"): lambda: b"(" * 160 * KB,
    ("file", "less-than.html"): lambda: b"<tr><td" + b"<" * 160 * KB,
    ("file", "bars.txt"): lambda: b"|" * 160 * KB,
    ("file", "dots.txt"): lambda: b"a" + b" ." * 80 * KB,
    ("file", "json-field.txt"): lambda: b'a: "' + b"' , " * 40 * KB,
    ("file", "json-deep.json"): lambda: b"[" * 160 * KB,
    ("file", "letters.txt"): lambda: "การประเมินคุณธรรม".encode() * 3 * KB,
    ("file", "emoji.txt"): lambda: "👩‍👩‍👧‍👦\u202e\ufeff".encode() * 5 * KB,
    ("file", "nul.txt"): lambda: b"\xff\xfe" + b"\x00" * 160 * KB,
    ("file", "years.txt"): lambda: "ปีงบประมาณ พ.ศ. 2568 คะแนน 90.00 ".encode() * 2 * KB,
    ("file", "agencies.txt"): lambda: "องค์การบริหารส่วนตำบล".encode() * 3 * KB,
    # tables
    ("file", "quote.csv"): lambda: b'a,b\n"' + b"x," * 80 * KB,
    ("file", "columns.csv"): lambda: b"," * 160 * KB,
    ("file", "rows.csv"): lambda: b"a,b\n" * 40 * KB,
    ("file", "field.csv"): lambda: b"a,b\n1," + b"9" * 200 * KB,
    ("file", "deep.html"): lambda: b"<tr><td>" + b"<div><table><tr><td>" * 8 * KB,
    ("file", "spans.html"): lambda: b"<table>" + b"<tr>" + b"<td colspan=50 rowspan=500>x" * 4 * KB,
    ("file", "entities.html"): lambda: (laughs("html") + "<table><tr><td>&l9;" + "&amp;" * 30 * KB).encode(),
    ("file", "attributes.html"): lambda: b"<table><tr><td " + b"a=b " * 40 * KB + b">x",
    # Excel
    ("file", "far.xlsx"): lambda: changed(
        sheet([[1]]),
        {
            "xl/worksheets/sheet1.xml": (
                '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
                '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
                "</sheetData></worksheet>"
            )
        },
    ),
    ("file", "laughs.xlsx"): lambda: changed(
        sheet([["a"]]), {"xl/sharedStrings.xml": laughs("sst") + "<sst>&l9;</sst>"}
    ),
    ("file", "zeros.xlsx"): lambda: changed(sheet([["a"]]), {"xl/worksheets/sheet1.xml": bytes(120_000_000)}),
    ("file", "deep.xlsx"): lambda: changed(
        sheet([["a"]]), {"xl/worksheets/sheet1.xml": "<worksheet>" + "<sheetData>" * 200 * KB}
    ),
    ("file", "sheets.xlsx"): _many_sheets,
    ("file", "shared.xlsx"): _one_long_string,
    ("file", "merge.xlsx"): lambda: changed(
        sheet([["a"]]),
        {
            "xl/worksheets/sheet1.xml": f"<worksheet {_SHEETS}><sheetData/><mergeCells>"
            + '<mergeCell ref="A1:XFD1048576"/>' * 20 * KB
            + "</mergeCells></worksheet>"
        },
    ),
    ("workbook", "far.xlsx"): lambda: BOMBS["file", "far.xlsx"](),
    ("workbook", "laughs.xlsx"): lambda: BOMBS["file", "laughs.xlsx"](),
    ("workbook", "zeros.xlsx"): lambda: BOMBS["file", "zeros.xlsx"](),
    # Word
    ("file", "laughs.docx"): lambda: _word_bomb("<w:document", laughs("w:document") + "<w:document"),
    ("file", "tables.docx"): lambda: word_with(_nested_table(4 * KB)),
    ("file", "zeros.docx"): lambda: _big_part("word/document.xml", 300),
    ("file", "zip-in-zip.docx"): _zip_in_zip,
    ("file", "spaces.docx"): lambda: word("ก" + " " * 160 * KB + "ข"),
    ("file", "merged.docx"): lambda: word_with(
        "<w:tbl>"
        + ("<w:tr>" + '<w:tc><w:tcPr><w:gridSpan w:val="9999999"/></w:tcPr><w:p/></w:tc>' * 9 + "</w:tr>") * 99
        + "</w:tbl>"
    ),
    ("file", "chunk-in-chunk.docx"): lambda: _chunks(50),
    # OpenDocument
    ("file", "laughs.odt"): lambda: _text_xml("<office:document-content", laughs("x") + "<office:document-content"),
    ("file", "laughs.fodt"): lambda: ("<?xml version='1.0'?>" + laughs("x") + "<office:document>&l9;").encode(),
    ("file", "outside.odt"): lambda: _text_xml(
        "<office:document-content",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><office:document-content',
    ),
    ("file", "zeros.odt"): lambda: _text_package(bytes(300_000_000)),
    ("file", "deep.odt"): lambda: _deep_text("text:span", 50 * KB),
    ("file", "lists.odt"): lambda: _deep_text("text:list", 200),
    ("file", "tables.odt"): lambda: _deep_table(80),
    ("file", "boxes.odt"): lambda: more_formats.opendocument(
        "text", "<text:p>x<draw:text-box>" * 100 + "</draw:text-box></text:p>" * 100
    ),
    ("file", "gaps.odt"): lambda: more_formats.opendocument(
        "text", "<text:p>" + '<text:s text:c="99999999"/>' * 20 * KB + "</text:p>"
    ),
    ("file", "paragraphs.odt"): lambda: more_formats.opendocument("text", "<text:p>1.1</text:p>" * 60 * KB),
    ("file", "styles.odt"): lambda: more_formats.opendocument("text", "", "<style:style><a/></style:style>" * 90 * KB),
    ("file", "columns.ods"): lambda: more_formats.opendocument(
        "spreadsheet",
        f"<table:table><table:table-row><table:table-cell {_COLUMNS}><text:p>x</text:p></table:table-cell>"
        "</table:table-row></table:table>",
    ),
    ("file", "rows.ods"): lambda: more_formats.opendocument(
        "spreadsheet",
        f"<table:table><table:table-row {_ROWS}><table:table-cell><text:p>x</text:p></table:table-cell>"
        "</table:table-row></table:table>",
    ),
    ("file", "repeated.ods"): lambda: more_formats.opendocument(
        "spreadsheet",
        '<table:table><table:table-row table:number-rows-repeated="399999"><table:table-cell'
        f' table:number-columns-repeated="1999"><text:p>{"ก" * 3000}</text:p></table:table-cell>'
        "</table:table-row></table:table>",
    ),
    ("file", "empty.ods"): lambda: more_formats.opendocument(
        "spreadsheet",
        "<table:table>"
        + f"<table:table-column {_COLUMNS}/><table:table-row {_ROWS}><table:table-cell {_COLUMNS}/></table:table-row>"
        * 9
        * KB
        + "</table:table>",
    ),
    ("file", "sheets.ods"): lambda: more_formats.opendocument("spreadsheet", "<table:table/>" * 60 * KB),
    # Rich Text
    ("file", "open.rtf"): lambda: _rich("{" * 200 * KB),
    ("file", "closed.rtf"): lambda: _rich("}" * 200 * KB),
    ("file", "words.rtf"): lambda: _rich(r"\b" * 100 * KB),
    ("file", "slashes.rtf"): lambda: _rich("\\" * 200 * KB),
    ("file", "quotes.rtf"): lambda: _rich(r"\'" * 100 * KB),
    ("file", "bin.rtf"): lambda: _rich(r"\bin2147483647 x" * 10 * KB + r"\bin-99999999 y" * 10 * KB),
    ("file", "unicode.rtf"): lambda: _rich(r"\uc9999\u-99999999" * 10 * KB),
    ("file", "fonts.rtf"): lambda: _rich(r"{\fonttbl" + r"{\f1\fcharset222 x;}" * 10 * KB + "}"),
    ("file", "codes.rtf"): lambda: _rich(r"\ansicpg99999\ansicpg0\ansicpg-1\ansicpg65000\ansicpg65001 \'ff"),
    ("file", "cells.rtf"): lambda: _rich(r"\cell" * 40 * KB + r"\row"),
    ("file", "borders.rtf"): lambda: _rich(r"\trowd" + r"\cellx99" * 40 * KB + r"x\cell\row"),
    ("file", "rows.rtf"): lambda: _rich(r"\trowd\cellx99 x\cell\row" * 40 * KB),
    ("file", "ladder.rtf"): lambda: _rich("".join(rf"\trowd\cellx{100 * n} x\cell\row" for n in range(1, 20 * KB))),
    ("file", "halves.rtf"): lambda: _rich(r"\u-10240?\u-9216?\u-9216?" * 9 * KB),
    ("file", "starred.rtf"): lambda: _rich(r"{\*\x" * 40 * KB),
    # pages as they are saved
    ("file", "nested.mht"): lambda: _nested_parts(2 * KB),
    ("file", "parts.mht"): lambda: _saved_page(b"--b\nContent-Type: text/html\n\n<p>x</p>\n" * 20 * KB),
    ("file", "headers.mht"): lambda: _saved_page(b"--b\n" + b"X: y\n" * 40 * KB + b"\n"),
    ("file", "folded.mht"): lambda: _saved_page(b"--b\nContent-Type: text/html;" + b"\n x*0*=%ff;" * 20 * KB),
    ("file", "boundary.mht"): lambda: _saved_page(b"--" + b"b" * 200 * KB, "b" * 900),
    ("file", "no-end.mht"): lambda: _saved_page(b"--b\nContent-Transfer-Encoding: base64\n\n" + b"A" * 200 * KB),
    ("file", "deep.mht"): lambda: _saved_page(b"--b\nContent-Type: text/html\n\n" + b"<div><table><tr><td>" * 20 * KB),
    ("file", "hidden.html"): lambda: b"<html>" + b"<p hidden style='" + b"display : " * 20 * KB + b"'>x",
    ("file", "breaks.html"): lambda: b"<html><body>" + b"<br>" * 100 * KB,
    ("file", "pre.html"): lambda: b"<html><body><pre>" + b"\n" * 200 * KB,
    ("file", "captions.html"): lambda: b"<html><table>" + b"<caption>x" * 20 * KB + b"<tr><td>1<td>2",
    ("file", "numbers.html"): lambda: b"<table><tr><td colspan=" + b"9" * 99 * KB + b">x<td>y",
    # old workbooks
    ("file", "cells.xls"): lambda: _old_cells(40 * KB),
    ("file", "loop.xls"): lambda: _chained(0),
    ("file", "loop-in-directory.xls"): lambda: _chained(8),
    ("file", "formats.xls"): lambda: _old_book(
        b"".join(
            struct.pack("<HHH", 0x41E, 2 + len(code), 200 + n % 99) + code
            for n, code in enumerate([more_formats._text16("0" * 200)] * 2 * KB)
        )
    ),
    ("file", "strings.xls"): lambda: _old_book(struct.pack("<HHII", 0xFC, 8, 0xFFFFFFFF, 0xFFFFFFFF)),
    ("file", "sheets.xls"): lambda: _old_book(
        struct.pack("<HHIBB", 0x85, 9, 0, 0, 0) + b"\1\0x" + struct.pack("<HHIBB", 0x85, 9, 99999999, 0, 0) + b"\1\0y"
    ),
    ("file", "nothing.xls"): lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 100 * KB,
    ("file", "bare.xls"): lambda: b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\xff" * 100 * KB,
    ("file", "word.doc"): lambda: more_formats.compound({"WordDocument": bytes(100_000)}),
    ("file", "far.xlsb"): lambda: changed(
        more_formats.xlsb(["ก"]),
        {
            "xl/worksheets/sheet1.bin": b"\x81\x01\x00\x94\x01\x10"
            + struct.pack("<IIII", 0, 1048575, 0, 16383)
            + b"\x91\x01\x00\x00\x11"
            + struct.pack("<IIHHBI", 1048575, 0, 300, 0, 0, 0)
            + b"\x06\x0e"
            + struct.pack("<III", 16383, 0, 1)
            + b"x\0\x92\x01\x00\x82\x01\x00"
        },
    ),
    # ZIP
    ("file", "many.zip"): lambda: more_formats.archive({f"{n}.txt": b"x" for n in range(10 * KB)}),
    ("file", "overlapping.zip"): lambda: _overlapping(13),
    ("file", "quine.zip"): _quine,
    ("file", "zeros.zip"): lambda: more_formats.archive({"a.txt": bytes(350_000_000)}),
    ("file", "bombs.zip"): lambda: more_formats.archive(
        {name: BOMBS["file", name]() for name in ("laughs.odt", "open.rtf", "nested.mht", "cells.xls", "digits.txt")}
    ),
    ("file", "paths.zip"): lambda: more_formats.archive({"../" * 999 + "x": b"x", "C:\\x": b"y", "\x1b[2J": b"z"}),
    ("file", "nothing.zip"): lambda: more_formats.archive({}),
    # PDF
    ("file", "pages-loop.pdf"): lambda: pdf(
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"
    ),
    ("file", "form-loop.pdf"): lambda: pdf_of(
        b"/X Do BT /F1 9 Tf (some text that is long enough) Tj ET",
        "/Font << /F1 5 0 R >> /XObject << /X 6 0 R >>",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >> /Length 12 >>\n"
        b"stream\n/X Do /X Do \nendstream",
    ),
    ("file", "xref-loop.pdf"): lambda: (
        b"%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 /Prev 9 >>\nstartxref\n9\n%%EOF"
    ),
    ("file", "zeros.pdf"): lambda: pdf_of(_deflated(150_000_000), filters="/Filter /FlateDecode"),
    ("file", "lines.pdf"): lambda: pdf_of(
        b"BT /F1 9 Tf 50 50 Td (some text that is long enough) Tj ET " + b"0 0 m 9 9 l S 1 1 5 5 re S " * 20 * KB
    ),
    ("file", "deep.pdf"): lambda: pdf_of(b"[" * 200 * KB + b"BT /F1 9 Tf (some text that is long enough) Tj ET"),
    ("file", "letters.pdf"): lambda: pdf_of(
        b"BT /F1 1 Tf " + b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * 8 * KB + b"ET"
    ),
    ("file", "huge-count.pdf"): lambda: pdf(
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 2147483647 >>"
    ),
    ("file", "pages-doubled.pdf"): lambda: _doubled_pages(30),
    # pages that a link led to
    ("page", "script-without-end.html"): lambda: b"<html><body>" + b"<script><!-- " * 20 * KB,
    ("page", "deep.html"): lambda: b"<html>" + b"<div><b>" * 100 * KB + b"x",
    ("page", "spaces.html"): lambda: b"<html><p>" + b" " * 1000 * KB + b"x",
    ("page", "comments.html"): lambda: b"<!--" + b"-->\n<!--" * 20 * KB,
    ("page", "clocks.txt"): lambda: b"1:11" * 100 * KB,
    ("page", "zeros.pdf"): lambda: BOMBS["file", "zeros.pdf"](),
    ("page", "pages-loop.pdf"): lambda: BOMBS["file", "pages-loop.pdf"](),
    ("page", "far.xlsx"): lambda: BOMBS["file", "far.xlsx"](),
    ("page", "tables.docx"): lambda: BOMBS["file", "tables.docx"](),
    # scans and photographs
    ("file", "large.png"): lambda: png(60_000, 60_000),
    ("file", "lies.png"): lambda: png(2_500, 2_500, bytes(19_000_000)),
    ("file", "narrow.png"): lambda: png(1, 1, b"\0\0\0\0"),
    ("file", "long.png"): lambda: png(20_000, 300, bytes(20_000 * 900 + 300)),
    ("file", "again.jpg"): lambda: _many_scans(12),
    ("file", "noise.jpg"): _noise,
    # emblems
    ("emblem", "large.png"): lambda: png(60_000, 60_000),
    ("emblem", "lies.png"): lambda: png(3_900, 3_900, bytes(100_000_000)),
    ("emblem", "text.png"): lambda: png(9, 9, chunks=((b"zTXt", b"a\0\0" + _deflated(40_000_000)),) * 9),
    ("emblem", "profile.png"): lambda: png(9, 9, chunks=((b"iCCP", b"a\0\0" + _deflated(40_000_000)),)),
    ("emblem", "nothing.jpg"): lambda: b"\xff\xd8\xff\xe0" + b"\xff" * 100 * KB,
    # files of evidence, which are drawn
    ("evidence", "large.png"): lambda: png(60_000, 60_000),
    ("evidence", "lies.png"): lambda: png(7_000, 7_000, bytes(150_000_000)),
    ("evidence", "nothing.jpg"): lambda: b"\xff\xd8\xff\xe0" + b"\xff" * 100 * KB,
    ("evidence", "scans.jpg"): lambda: _many_scans(400),
    ("evidence", "zeros.pdf"): lambda: BOMBS["file", "zeros.pdf"](),
    ("evidence", "form-loop.pdf"): lambda: BOMBS["file", "form-loop.pdf"](),
    ("evidence", "forms-in-forms.pdf"): lambda: _forms_in_forms(9),
    ("evidence", "page-of-kilometres.pdf"): lambda: pdf_of(b"1 0 0 rg 0 0 9 9 re f").replace(b"600 800", b"9e9 9e9"),
    ("evidence", "page-of-nothing.pdf"): lambda: pdf_of(b"1 0 0 rg 0 0 9 9 re f").replace(b"600 800", b"0 0"),
    ("evidence", "ribbon.pdf"): lambda: pdf_of(b"1 0 0 rg 0 0 9 9 re f").replace(b"600 800", b"9e-9 800"),
    ("evidence", "jbig2.pdf"): lambda: _picture_pdf("/JBIG2Decode", _JBIG2, 65_535, 65_535),
    ("evidence", "fax.pdf"): lambda: _picture_pdf("/CCITTFaxDecode", bytes(50 * KB), 65_535, 65_535),
    ("evidence", "pixels.pdf"): lambda: _picture_pdf("/FlateDecode", _deflated(150_000_000), 60_000, 60_000),
    ("evidence", "tiles.pdf"): lambda: pdf_of(
        b"/Pattern cs /P scn 0 0 600 800 re f",
        "/Pattern << /P 6 0 R >>",
        b"<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.001 /YStep 0.001 "
        b"/Resources << >> /Length 20 >>\nstream\n1 0 0 rg 0 0 1 1 re f\nendstream",
    ),
    ("evidence", "shading.pdf"): lambda: pdf_of(
        b"/S sh",
        "/Shading << /S << /ShadingType 1 /ColorSpace /DeviceRGB /Domain [0 1e6 0 1e6] /Function 6 0 R >> >>",
        b"<< /FunctionType 4 /Domain [0 1e6 0 1e6] /Range [0 1 0 1 0 1] /Length 60008 >>\nstream\n{ 0 "
        + b"dup sin " * 7_500
        + b" }\nendstream",
    ),
    ("evidence", "xfa.pdf"): lambda: pdf_of(b"").replace(
        b"/Type /Catalog", b"/Type /Catalog /AcroForm << /XFA [(template) 4 0 R] /Fields [] >>"
    ),
    # templates
    ("template", "chunk-in-chunk.docx"): lambda: _chunks(50),
    ("template", "loops.docx"): lambda: word(
        *(
            [
                "{%p for a in indicators %}",
                "{%p for b in indicators %}",
                "{{ b.name }}" * 400,
                "{%p endfor %}",
                "{%p endfor %}",
            ]
            * 40
        )
    ),
    ("template", "tags.docx"): lambda: word("{{ agency }}" * 8 * KB),
    ("template", "open.docx"): lambda: word("{{ " * 60 * KB),
    ("template", "conditions.docx"): lambda: word("{% if agency %}" * 3 * KB),
    ("template", "brackets.docx"): lambda: word("{{ " + "(" * 50 * KB + ")" * 50 * KB + " }}"),
    ("template", "tables.docx"): lambda: BOMBS["file", "tables.docx"](),
    ("template", "zeros.docx"): lambda: _big_part("word/document.xml", 4),
    ("template", "laughs.docx"): lambda: BOMBS["file", "laughs.docx"](),
}


def stored() -> dict[tuple[str, str], Maker]:
    """What fuzzing has found: files named reader-….suffix."""
    return {(p.name.partition("-")[0], p.name): p.read_bytes for p in sorted(STORED.glob("*-*")) if p.is_file()}
