"""Strips of pictures for a person to see, and the text of a scan: as the sandbox makes them, and as they come back."""

import base64
import io

import pytest
from PIL import Image, ImageDraw

from prongsai.intake import UnreadableError, cuttings, pages, scan_text, scans
from prongsai.intake.files import Row
from prongsai.intake.scans import LONG_SIDE, Spot

BLACK_FROM, BLACK_TO = 700, 900  # of the thousandths of the height


@pytest.fixture
def picture(monkeypatch):
    """A page with one black bar, taken as it lies."""
    page = Image.new("L", (LONG_SIDE // 2, LONG_SIDE), 255)
    bar = (300, BLACK_FROM * LONG_SIDE // 1000, 600, BLACK_TO * LONG_SIDE // 1000)
    ImageDraw.Draw(page).rectangle(bar, fill=0)
    monkeypatch.setattr(scans, "upright", lambda page: page)
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def strip_of(answer):
    return Image.open(io.BytesIO(base64.b64decode(answer["answer"])))


def test_a_strip_is_cut_where_something_stands(picture):
    strip = strip_of(cuttings.answer_strip(picture, 1, 720, 880))
    assert strip.format == "JPEG"
    assert abs(strip.width - (300 + 2 * 12)) <= 2  # the bar and a margin
    assert abs(strip.height - (160 + 2 * 8) * LONG_SIDE // 1000) <= 2
    empty = strip_of(cuttings.answer_strip(picture, 1, 0, 100))
    assert empty.width == LONG_SIDE // 2  # nothing stands there: as wide as the page


@pytest.mark.parametrize(
    ("page", "top", "bottom"), [(0, 0, 10), (-1, 0, 10), (10**6, 0, 10), (1, -1, 10), (1, 10, 10), (1, 0, 1001)]
)
def test_there_is_no_strip_outside_a_page(picture, page, top, bottom):
    assert cuttings.answer_strip(picture, page, top, bottom) == {"error": "ไม่มีส่วนนี้ในภาพ"}


def test_a_page_that_a_pdf_has_not_has_no_strip(picture):
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(out, "PDF")
    assert strip_of(cuttings.answer_strip(out.getvalue(), 1, 720, 880)).format == "JPEG"
    assert cuttings.answer_strip(out.getvalue(), 2, 720, 880) == {"error": "ไม่มีส่วนนี้ในภาพ"}


def test_strips_of_a_document_come_in_the_order_of_the_pages(picture):
    answer = cuttings.answer_cuttings(io.BytesIO(picture), ".png", None, [(1, 0, 100), (1, 720, 880)])
    widths = [strip_of({"answer": strip}).width for strip in answer["answer"]]
    assert widths[0] == LONG_SIDE // 2 > widths[1]
    assert "error" in cuttings.answer_cuttings(io.BytesIO(b"no picture"), ".png", None, [(1, 0, 100)])


@pytest.mark.parametrize("answer", [["no base64 é"], [], None, 5])
def test_an_answer_that_is_no_picture_is_not_shown(monkeypatch, tmp_path, answer):
    """The child is not trusted."""
    monkeypatch.setattr(cuttings, "run_on_file", lambda *args: answer)
    with pytest.raises(UnreadableError, match="ตัดภาพส่วนที่อ่านไม่ได้"):
        cuttings.cut_out(tmp_path, [Spot(1, 0, 10, is_clear=True)])
    monkeypatch.setattr(cuttings, "run_apart", lambda *args, **kwargs: answer)
    with pytest.raises(UnreadableError, match="ตัดภาพส่วนที่อ่านไม่ได้"):
        cuttings.cut_strip(b"", 1, 0, 10)


def test_a_strip_is_received_as_it_was_cut(monkeypatch):
    monkeypatch.setattr(cuttings, "run_apart", lambda *args, **kwargs: base64.b64encode(b"JPEG").decode())
    assert cuttings.cut_strip(b"", 1, 0, 10) == b"JPEG"


# --- the text of a scan

ROWS = (
    Row(("ก\nข", "ค\tง"), "หน้า 1", spot=Spot(1, 2, 3, is_clear=True)),
    Row(("no picture",), "หน้า 2"),
    Row(("จ",), "หน้า 3", spot=Spot(3, 4, 5, is_clear=False)),
)


def test_the_lines_of_a_scan_have_their_cells_parted_by_tabs(monkeypatch):
    monkeypatch.setattr(pages, "rows_of_pictures", lambda data: iter(ROWS))
    monkeypatch.setattr(scans, "is_installed", lambda: True)
    answer = scan_text.answer_scan(b"data")
    monkeypatch.setattr(scan_text, "run_apart", lambda *args, **kwargs: answer["answer"])
    assert scan_text.read_scan(b"data") == [
        ("ก ข\tค ง", Spot(1, 2, 3, is_clear=True)),
        ("จ", Spot(3, 4, 5, is_clear=False)),
    ]


def test_a_scan_that_cannot_be_read_says_why(monkeypatch):
    def fail(data):
        raise UnreadableError("ภาพเสีย")

    monkeypatch.setattr(pages, "rows_of_pictures", fail)
    assert scan_text.answer_scan(b"data") == {"error": "ภาพเสีย"}


@pytest.mark.parametrize("answer", [[["text"]], [["text", [1, 2]]], 5, [["text", ["a", 2, 3, True]]]])
def test_an_answer_that_is_no_text_is_not_taken_for_one(monkeypatch, answer):
    monkeypatch.setattr(scans, "is_installed", lambda: True)
    monkeypatch.setattr(scan_text, "run_apart", lambda *args, **kwargs: answer)
    with pytest.raises(UnreadableError, match="ไฟล์เสีย"):
        scan_text.read_scan(b"data")


def test_without_the_engine_no_scan_is_read(monkeypatch):
    monkeypatch.setattr(scans, "is_installed", lambda: False)
    with pytest.raises(UnreadableError, match="ยังไม่ได้ติดตั้ง"):
        scan_text.read_scan(b"data")
