"""Files that cannot be read: each a clear message in Thai, in bounded time and memory."""

import contextlib
import os
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from prongsai import framework as rules
from prongsai.intake import UnreadableError, read, read_rows
from prongsai.lib import sandbox
from tests.content import DOCUMENTS
from tests.formats import write_docx, write_txt
from tests.hostile.corpus import pdf_of, word_with

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}
DATA = Path(__file__).parents[1] / "data"


def refused(path: Path) -> str:
    with pytest.raises(UnreadableError) as caught:
        read(path, FRAMEWORKS)
    message = str(caught.value)
    assert "Traceback" not in message
    assert any("\u0e00" <= c <= "\u0e7f" for c in message)
    return message


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "ว่างเปล่า"),
        ("empty.pdf", b"", "ว่างเปล่า"),
        ("blank.txt", b" \n\n ", "ไม่มีข้อความ"),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + os.urandom(2000), "ภาพเสีย"),
        ("photo.txt", png(), "ภาพเล็กเกิน"),
        ("photo.heic", b"\x00\x00\x00\x18ftypheic" + bytes(2000), "บันทึกภาพเป็น JPG"),
        ("photo.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(2000), "JPG หรือ PNG"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "รุ่นเก่า"),
        ("noise.txt", os.urandom(4000), "ไม่"),
        ("program.xlsx", b"\x7fELF" + bytes(3000), "ไม่ใช่เอกสารชนิดที่อ่านได้"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", "PDF"),
        ("cut.docx", b"PK\x03\x04" + os.urandom(500), "เสีย"),
        ("other.txt", b"text \xdb\xdc\xfc\xfd " * 100, "รหัสอักขระ"),
    ],
)
def test_wrong_files(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    assert said in refused(path)


def test_a_file_that_is_not_there(tmp_path):
    assert "ไม่พบไฟล์" in refused(tmp_path / "nothing.pdf")
    assert "เป็นโฟลเดอร์" in refused(tmp_path)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    assert "MB" in refused(path)


def zip_that_claims(path: Path, name: str, *, size: int, claimed: int) -> Path:
    """A zip with one file of zeros whose directory states another size than it has."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, bytes(size))
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", claimed)))
    return path


@pytest.mark.parametrize("inner", ["word/document.xml", "xl/workbook.xml"])
def test_a_zip_bomb(tmp_path, inner):
    path = zip_that_claims(tmp_path / "bomb.zip", inner, size=1_000_003, claimed=500_000_000)
    assert path.stat().st_size < 10_000
    assert "ใหญ่ผิดปกติ" in refused(path)


def test_a_zip_whose_directory_lies_about_sizes(tmp_path):
    refused(zip_that_claims(tmp_path / "lie.docx", "word/document.xml", size=50_000_000, claimed=1000))


def test_a_document_that_expands_entities(tmp_path):
    path = write_docx(DOCUMENTS["lumphuek"], tmp_path / "x.docx")
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(f'<!ENTITY {chr(98 + i)} "{"&" + chr(97 + i) + ";"}{"&" + chr(97 + i) + ";"}">' for i in range(24))
        + "]>"
    )
    out = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/document.xml":
                text = (
                    content.decode()
                    .replace("?>", "?>" + bomb, 1)
                    .replace("<w:body>", "<w:body><w:p><w:r><w:t>&y;</w:t></w:r></w:p>", 1)
                )
                content = text.encode()
            target.writestr(name, content)
    with contextlib.suppress(UnreadableError):  # refused, or read with the entity left alone
        read(out, FRAMEWORKS)


def test_a_table_whose_cells_span_more_columns_than_it_has_is_refused_unread(tmp_path):
    """The library names a cell once for each column it spans."""
    span = '<w:tc><w:tcPr><w:gridSpan w:val="{}"/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>'
    path = tmp_path / "a.docx"
    path.write_bytes(word_with(f"<w:tbl><w:tr>{span.format(1001) * 2}</w:tr></w:tbl>"))
    with pytest.raises(UnreadableError, match="ตาราง 1 มีมากกว่า 2,000 คอลัมน์"):
        read_rows(path)
    path.write_bytes(word_with(f"<w:tbl><w:tr>{span.format(1000) * 2}</w:tr></w:tbl>"))
    assert max(len(row.cells) for row in read_rows(path)) == 2000


@pytest.mark.parametrize(("name", "pages"), [("a.txt", 0), ("a.pdf", 2)])
def test_a_document_earns_by_its_letters_and_pages(tmp_path, monkeypatch, name, pages):
    """Of a page with a drawing and few letters as much as it may take, so that it is looked through as well."""
    monkeypatch.setattr(sandbox.Allowance, "spend", lambda *_: None)
    path = tmp_path / name
    text = b"BT /F1 9 Tf 50 50 Td (some text that is long enough) Tj ET"
    two = pdf_of(text).replace(b"/Kids [3 0 R] /Count 1", b"/Kids [3 0 R 3 0 R] /Count 2")
    path.write_bytes(two if pages else text)
    with sandbox.share(3) as allowance:
        rows = read_rows(path)
    letters = sum(len(cell) for row in rows for cell in row.cells)
    assert letters
    assert allowance.left == pytest.approx(3 + 0.1 + letters / 5000 + pages)


def test_a_truncated_pdf(tmp_path):
    whole = (DATA / "bangpla-ruled.pdf").read_bytes()
    path = tmp_path / "x.pdf"
    path.write_bytes(whole[: len(whole) // 3])
    assert "PDF" in refused(path)


def test_text_that_is_no_result_gives_nothing(tmp_path):
    path = write_txt(["ประกาศรับสมัครพนักงานจ้าง 3 ตำแหน่ง", "เงินเดือน 9,400 บาท"], tmp_path / "x.txt")
    (reading,) = read(path, FRAMEWORKS)
    assert reading.figures == []


@pytest.mark.parametrize(
    "line",
    [
        lambda n: "การปฏิบัติหน้าที่ 90.00 คะแนน " * (n * 20),
        lambda n: "ก" * (n * 1000),
        lambda n: "1.1 " * (n * 100),
    ],
    ids=["figures", "letters", "numbers"],
)
def test_a_line_of_eight_times_the_length_takes_no_more_than_its_share_of_time(tmp_path, line):
    """Work that grows with the square of the length would take sixty-four times as long."""
    path = tmp_path / "x.txt"

    def seconds(size: int) -> float:
        path.write_text(line(size), encoding="utf-8")
        started = time.process_time()
        read(path, FRAMEWORKS)
        return time.process_time() - started

    seconds(1)
    short = min(seconds(1) for _ in range(3))
    assert seconds(8) < 30 * max(short, 0.005)
