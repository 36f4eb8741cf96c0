"""A ZIP of documents: each is read by itself; nothing in it leads out of it, or grows beyond what may be read."""

import io
import struct
import zipfile

import pytest

from prongsai.intake import UnreadableError, archive, list_documents, read, read_rows
from tests import more_formats
from tests.content import DOCUMENTS, TRUTH
from tests.intake.reading import FRAMEWORKS

RESULTS = {"ปี 2564/ผล.odt": more_formats.odt(DOCUMENTS["daengmo"]), "b.rtf": more_formats.rtf(DOCUMENTS["lumphuek"])}


@pytest.fixture
def stored(tmp_path):
    def stored(data: bytes):
        path = tmp_path / "x.zip"
        path.write_bytes(data)
        return path

    return stored


def refusal(path, index=None) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_rows(path, index=index)
    return str(caught.value)


def test_each_document_is_read_by_itself(stored):
    path = stored(more_formats.archive(RESULTS))
    assert list_documents(path) == list(RESULTS)
    for index, name in enumerate(("daengmo", "lumphuek")):
        (reading,) = read(path, FRAMEWORKS, index=index)
        assert {(f.fiscal_year, f.node, f.value) for f in reading.figures} == TRUTH[name]
        assert read_rows(path, index=index)


@pytest.mark.parametrize(
    ("limit", "inside"),
    [("_MAX_ENTRIES", {"a.txt": b"x", ".DS_Store": b"x"}), ("MAX_UNZIPPED", {"a.txt": b"xx"})],
)
def test_what_claims_to_be_too_much_is_refused_before_anything_is_unpacked(monkeypatch, limit, inside):
    data = more_formats.archive(inside)
    assert archive.document_names(data) == ["a.txt"]
    monkeypatch.setattr(archive, limit, 1)
    for look in (archive.document_names, lambda data: archive.document_in(data, 0)):
        with pytest.raises(UnreadableError, match="ใหญ่ผิดปกติ"):
            look(data)


def test_a_document_that_unpacks_to_too_much_is_refused(monkeypatch):
    data = more_formats.archive({"a.txt": b"x" * 11})
    monkeypatch.setattr(archive, "MAX_BYTES", 11)
    assert archive.document_in(data, 0) == (b"x" * 11, ".txt")
    monkeypatch.setattr(archive, "MAX_BYTES", 10)
    with pytest.raises(UnreadableError, match="ใหญ่ผิดปกติ"):
        archive.document_in(data, 0)


def test_where_one_document_is_wanted_several_are_refused_and_one_is_read(stored):
    assert "2 ไฟล์" in refusal(stored(more_formats.archive(RESULTS)))
    leftovers = {"__MACOSX/._a.odt": b"x", ".DS_Store": b"x", "ก/~$a.docx": b"x", "Thumbs.db": b"x"}
    path = stored(more_formats.archive(leftovers | {"ก/a.odt": RESULTS["ปี 2564/ผล.odt"]}))
    assert list_documents(path) == ["ก/a.odt"]
    assert read_rows(path)


@pytest.mark.parametrize("write", [more_formats.odt, more_formats.ods, more_formats.xlsb])
def test_a_document_that_is_itself_a_zip_is_no_archive(stored, write):
    path = stored(write(DOCUMENTS["daengmo"]))
    assert list_documents(path) == []
    assert read_rows(path)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\ผล\\a.txt", "C:/ผล/a.txt"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("a\x1b[31m\n.txt", "a[31m.txt"),
        ("ก" * 300 + ".txt", "…" + "ก" * 116 + ".txt"),
    ],
)
def test_names_lead_nowhere_and_trick_no_eye(stored, name, shown):
    path = stored(more_formats.archive({name: "คะแนน".encode()}))
    assert list_documents(path) == [shown]
    assert read_rows(path)[0].cells == ("คะแนน",)


@pytest.mark.parametrize("code", ["cp874", "utf-8"])
def test_names_of_windows_in_thai_and_of_systems_that_do_not_say(stored, code):
    assert list_documents(stored(more_formats.archive({"ผลการประเมิน.txt": b"x", "ข.txt": b"y"}, code=code))) == [
        "ผลการประเมิน.txt",
        "ข.txt",
    ]


def test_a_document_with_a_password_is_refused_and_its_neighbour_is_read(stored):
    data = bytearray(more_formats.archive({"a.txt": b"abc", "b.txt": "คะแนน".encode()}))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    path = stored(bytes(data))
    assert "รหัสผ่าน" in refusal(path, 0)
    assert read_rows(path, index=1)


def test_another_way_of_packing_is_refused(stored):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as written:
        written.writestr("a.txt", "คะแนน")
    assert "วิธีที่ไม่รองรับ" in refusal(stored(out.getvalue()), 0)


def test_a_zip_in_a_zip_is_refused(stored):
    path = stored(more_formats.archive({"a.zip": more_formats.archive({"b.txt": b"x"})}))
    assert "ZIP ใน ZIP" in refusal(path)
    assert "ZIP ใน ZIP" in refusal(path, 0)


def test_too_many_documents_are_refused(stored):
    many = {f"{n}.txt": b"x" for n in range(archive.MAX_DOCUMENTS)}
    assert len(list_documents(stored(more_formats.archive(many)))) == archive.MAX_DOCUMENTS
    with pytest.raises(UnreadableError, match="แบ่งเป็นหลาย ZIP"):
        list_documents(stored(more_formats.archive(many | {"x.txt": b"x"})))


def test_a_zip_that_claims_much_and_one_that_claims_little(stored):
    data = more_formats.archive({"a.txt": bytes(1_000_003)})
    size = struct.pack("<I", 1_000_003)
    with pytest.raises(UnreadableError, match="ใหญ่ผิดปกติ"):
        list_documents(stored(data.replace(size, struct.pack("<I", 500_000_000))))
    small = more_formats.archive({"a.txt": bytes(archive.MAX_BYTES + 1)})
    for claimed in (archive.MAX_BYTES + 1, 100):
        lie = small.replace(struct.pack("<I", archive.MAX_BYTES + 1), struct.pack("<I", claimed))
        assert refusal(stored(lie), 0)


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04" + bytes(99), more_formats.archive({".DS_Store": b"x"}), b"PK\x05\x06" + bytes(18)]
)
def test_a_damaged_or_empty_zip_says_so(stored, data):
    with pytest.raises(UnreadableError, match=r"เสีย|ไม่มีเอกสาร"):
        list_documents(stored(data))


@pytest.mark.parametrize(("index", "words"), [(0, "ว่างเปล่า"), (1, "เสีย"), (9, "ไม่พบ"), (-1, "ไม่พบ")])
def test_an_empty_document_a_damaged_one_and_one_that_is_not_there(stored, index, words):
    data = bytearray(more_formats.archive({"a.txt": b"", "b.txt": b"abcdefgh" * 99}))
    at = data.rindex(b"b.txt", 0, data.index(b"PK\x01\x02")) + 5
    data[at : at + 3] = b"\xff\xff\xff"
    assert words in refusal(stored(bytes(data)), index)
