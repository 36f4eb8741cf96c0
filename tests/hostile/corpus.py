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


def laughs(root: str = "x") -> str:
    """A billion laughs: each entity is ten of the one before."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE {root} [<!ENTITY l0 "ha">{entities}]>'


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
    # emblems
    ("emblem", "large.png"): lambda: png(60_000, 60_000),
    ("emblem", "lies.png"): lambda: png(3_900, 3_900, bytes(100_000_000)),
    ("emblem", "text.png"): lambda: png(9, 9, chunks=((b"zTXt", b"a\0\0" + _deflated(40_000_000)),) * 9),
    ("emblem", "profile.png"): lambda: png(9, 9, chunks=((b"iCCP", b"a\0\0" + _deflated(40_000_000)),)),
    ("emblem", "nothing.jpg"): lambda: b"\xff\xd8\xff\xe0" + b"\xff" * 100 * KB,
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
