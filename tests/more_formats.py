"""Writing a document's content in the other formats that are read: OpenDocument, Rich Text, pages as browsers save
them, workbooks from before 2007 and of binary parts, and a ZIP.

Where no kept library writes a format, as little of it is written as a program that reads it needs.
"""

import base64
import html
import io
import quopri
import struct
import zipfile
from pathlib import Path

from tests.content import Block

_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
)


def opendocument(kind: str, body: str, styles: str = "") -> bytes:
    """A package: ``kind`` is text or spreadsheet."""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", xml, zipfile.ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return out.getvalue()


def _row(cells: list[str]) -> str:
    written = "".join(
        f"<table:table-cell><text:p>{html.escape(c)}</text:p></table:table-cell>" if c else "<table:table-cell/>"
        for c in cells
    )
    return f"<table:table-row>{written}</table:table-row>"


def odt(blocks: list[Block]) -> bytes:
    body = ""
    for block in blocks:
        if isinstance(block, str):
            body += f"<text:p>{html.escape(block)}</text:p>"
        else:
            body += f"<table:table>{''.join(map(_row, block))}</table:table>"
    return opendocument("text", body)


def ods(blocks: list[Block]) -> bytes:
    """As programs write it: what is left of the sheet follows as rows and cells that are repeated."""
    rest = '<table:table-cell table:number-columns-repeated="16374"/>'
    body = ""
    for block in blocks:
        rows = [[block]] if isinstance(block, str) else block
        body += "".join(_row(r).replace("</table:table-row>", f"{rest}</table:table-row>") for r in rows)
        body += f"<table:table-row>{rest}</table:table-row>"
    body += f'<table:table-row table:number-rows-repeated="1048000">{rest}</table:table-row>'
    return opendocument("spreadsheet", f'<table:table table:name="ผลการประเมิน">{body}</table:table>')


def _thai_letters(text: str) -> str:
    """As Word in Thai spells them: bytes of Windows-874, and of Unicode with a stand-in what that does not have."""
    out = ""
    for letter in text:
        if letter in "\\{}":
            out += "\\" + letter
        elif letter.isascii():
            out += letter
        else:
            raw = letter.encode("cp874", "ignore")
            out += f"\\'{raw[0]:02x}" if raw else "".join(f"\\u{n}?" for n in _units(letter))
    return out


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-le")
    return [n - 0x10000 if n > 0x7FFF else n for n in struct.unpack(f"<{len(raw) // 2}H", raw)]


def _unicode_letters(text: str) -> str:
    """As LibreOffice spells them."""
    return "".join(
        f"\\{c}" if c in "\\{}" else c if c.isascii() else "".join(f"\\u{n}\\'3f" for n in _units(c)) for c in text
    )


def rtf(blocks: list[Block], *, unicode: bool = False) -> bytes:
    spell = _unicode_letters if unicode else _thai_letters
    out = r"{\rtf1\ansi\ansicpg1252\uc1\deff0{\fonttbl{\f0\fnil\fcharset222 TH Sarabun;}{\f1\fcharset0 Arial;}}"
    out += r"{\*\generator nobody}{\info{\title " + spell("ความลับ 11.11") + "}}\n"
    for block in blocks:
        if isinstance(block, str):
            out += rf"\pard\plain\f0 {spell(block)}\par" + "\n"
            continue
        for row in block:
            borders = "".join(rf"\cellx{1000 * (n + 1)}" for n in range(len(row)))
            cells = "".join(rf"\pard\intbl\f0 {spell(c)}\cell" for c in row)
            out += rf"\trowd{borders}{cells}\row" + "\n"
    return (out + "}").encode("ascii")


def page(blocks: list[Block], *, charset: str = "utf-8") -> bytes:
    """A page with what surrounds its content, as a browser saves it."""
    body = ""
    for block in blocks:
        if isinstance(block, str):
            body += f"<p>{html.escape(block)}</p>\n"
            continue
        rows = "".join("<tr>" + "".join(f"<td>\n {html.escape(c)}</td>" for c in row) + "</tr>\n" for row in block)
        body += f'<table class="t"><tbody>{rows}</tbody></table>'
    source = (
        f'<!DOCTYPE html>\n<!-- saved from url=(0030)https://example.go.th/ --><html><head><meta charset="{charset}">'
        f'<style>p {{ width: 90.00px }}</style><script>var total = "88.88 คะแนนรวม";</script></head><body>'
        f'<div style="display: none">คะแนนรวม 77.77 คะแนน</div>{body}<script>f(66.66)</script></body></html>'
    )
    return source.encode("cp874" if charset != "utf-8" else charset, "xmlcharrefreplace")


def mht(blocks: list[Block], *, charset: str = "utf-8", encoding: str = "quoted-printable") -> bytes:
    content = page(blocks, charset=charset)
    written = quopri.encodestring(content) if encoding == "quoted-printable" else base64.encodebytes(content)
    head = (
        "From: <Saved by a browser>\r\nSnapshot-Content-Location: https://example.go.th/\r\nSubject: =?utf-8?Q?x?=\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----b"\r\n\r\n'
        f"------b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    style = "\r\n------b\r\nContent-Type: text/css\r\n\r\np { width: 90.00px }\r\n------b--\r\n"
    return head.encode() + written + style.encode()


# --- workbooks


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _text16(text: str, length: str = "<H") -> bytes:
    return struct.pack(length, len(text)) + b"\x01" + text.encode("utf-16-le")


_BOF, _EOF = 0x809, 0x0A
NUMBER_FORMAT = 164


def xls_stream(
    rows: list[list[str | float]],
    *,
    name: str = "ผลการประเมิน",
    number_format: str = "0.00",
    hidden_rows: tuple[int, ...] = (),
    hidden_columns: tuple[int, ...] = (),
) -> bytes:
    """The records of a workbook of one sheet (BIFF8). Rows and columns are counted from 0."""
    opening = struct.pack("<HHHHII", 0x600, 5, 0, 0x07CC, 0, 6)
    fonts = b"".join(
        _record(0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05\x00Arial")
        for _ in range(4)
    )
    formats = _record(0x41E, struct.pack("<H", NUMBER_FORMAT) + _text16(number_format))
    styles = b"".join(
        _record(0xE0, struct.pack("<HHH", 0, code, flag) + bytes(14)) for code, flag in ((0, 0xFFF5), (0, 1), (164, 1))
    )
    before = _record(_BOF, opening) + _record(0x42, struct.pack("<H", 1200)) + fonts + formats + styles
    sheet = _record(_BOF, struct.pack("<HHHHII", 0x600, 0x10, 0, 0x07CC, 0, 6))
    for column in hidden_columns:
        sheet += _record(0x7D, struct.pack("<HHHHHH", column, column, 2000, 1, 1, 0))
    for number, row in enumerate(rows):
        flags = 0x20 if number in hidden_rows else 0
        sheet += _record(0x208, struct.pack("<HHHHHHI", number, 0, len(row), 255, 0, 0, 0x100 | flags))
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet += _record(0x204, struct.pack("<HHH", number, column, 1) + _text16(value)) if value else b""
            else:
                sheet += _record(0x203, struct.pack("<HHHd", number, column, 2, value))
    sheet += _record(_EOF)
    about = _text16(name, "<B")
    place = len(before) + 4 + 6 + len(about) + 4
    return before + _record(0x85, struct.pack("<IBB", place, 0, 0) + about) + _record(_EOF) + sheet


def compound(streams: dict[str, bytes]) -> bytes:
    """Microsoft's compound file (MS-CFB) with these streams, each of at least 4,096 bytes."""
    end, free, no_one = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
    padded = {name: data.ljust(4096, b"\0") for name, data in streams.items()}
    sectors = {name: -(-len(data) // 512) for name, data in padded.items()}
    total = sum(sectors.values())
    table_sectors = 1
    while table_sectors * 128 < total + 1 + table_sectors:
        table_sectors += 1
    chains, at = list[int](), 0
    entries, body = list[bytes](), b""

    def entry(name: str, kind: int, child: int, following: int, start: int, size: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(raw), kind, 1, no_one, following, child)
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    entries.append(entry("Root Entry", 5, 1, no_one, end, 0))
    for number, (name, data) in enumerate(padded.items(), 1):
        following = number + 1 if number < len(padded) else no_one
        entries.append(entry(name, 2, no_one, following, at, len(data)))
        chains += [*range(at + 1, at + sectors[name]), end]
        at += sectors[name]
        body += data.ljust(sectors[name] * 512, b"\0")
    directory, at = at, at + 1
    chains.append(end)
    chains += [0xFFFFFFFD] * table_sectors
    tables = struct.pack(f"<{len(chains)}I", *chains).ljust(512 * table_sectors, b"\xff")
    places = [*range(at, at + table_sectors)]
    places += [free] * (109 - len(places))
    about = struct.pack("<IIIIIIIII", 0, table_sectors, directory, 0, 4096, end, 0, end, 0)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + about + struct.pack("<109I", *places)
    empty = bytes(66) + b"\0\1" + struct.pack("<III", no_one, no_one, no_one) + bytes(48)
    listed = b"".join(entries)
    listed += empty * ((512 - len(listed)) // 128)
    return header + body + listed + tables


def xls(blocks: list[Block]) -> bytes:
    rows: list[list[str | float]] = []
    for block in blocks:
        rows += [[block]] if isinstance(block, str) else [list(row) for row in block]
        rows.append([])
    return compound({"Workbook": xls_stream(rows)})


def xlsb(blocks: list[Block]) -> bytes:
    """A workbook of binary parts (MS-XLSB) with one sheet of texts."""

    def record(kind: int, data: bytes = b"") -> bytes:
        code = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size, length = len(data), b""
        while True:
            length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
            size >>= 7
            if not size:
                return code + length + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    rows: list[list[str]] = []
    for block in blocks:
        rows += [[block]] if isinstance(block, str) else block
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(rows), 0, 50)) + record(145)
    for number, row in enumerate(rows):
        sheet += record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
        for column, text in enumerate(row):
            sheet += record(6, struct.pack("<II", column, 0) + wide(text)) if text else b""
    sheet += record(146) + record(130)
    bundle = struct.pack("<II", 0, 1) + wide("rId1") + wide("ผลการประเมิน")
    book = record(131) + record(143) + record(156, bundle) + record(144) + record(132)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{relation}" Target="worksheets/sheet1.bin"/></Relationships>',
        )
    return out.getvalue()


def archive(documents: dict[str, bytes], *, code: str = "") -> bytes:
    """A ZIP; with ``code`` names are written in it and no system is told, as Windows in Thai does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for number, (name, data) in enumerate(documents.items()):
            stand_in = "".join(chr(97 + number % 26) for _ in name.encode(code)) if code else name
            written.writestr(stand_in, data)
    raw = out.getvalue()
    for number, name in enumerate(documents if code else ()):
        stand_in = "".join(chr(97 + number % 26) for _ in name.encode(code))
        raw = raw.replace(stand_in.encode(), name.encode(code))
    return raw


# every way to write a document, by the suffix of the file; the first letters of a name say how it differs
WRITERS = {
    "odt": odt,
    "ods": ods,
    "rtf": rtf,
    "unicode.rtf": lambda blocks: rtf(blocks, unicode=True),
    "html": page,
    "874.html": lambda blocks: page(blocks, charset="windows-874"),
    "mht": mht,
    "874.mht": lambda blocks: mht(blocks, charset="tis-620", encoding="base64"),
    "xls": xls,
    "xlsb": xlsb,
    "zip": lambda blocks: archive({"ผล/รายงาน.odt": odt(blocks)}, code="cp874"),
}


def write(blocks: list[Block], path: Path, kind: str) -> Path:
    path.write_bytes(WRITERS[kind](blocks))
    return path
