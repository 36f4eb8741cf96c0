"""Scans and photographs: what is printed is read back, whichever way the page lies; nothing is sure from a picture
alone, and a digit that is misread contradicts nobody."""

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from prongsai.analysis import audit
from prongsai.intake import UnreadableError, figures_of, read_rows, scans, thai_digits
from prongsai.intake.believing import FROM_PICTURE, READ_TWO_WAYS
from prongsai.intake.cuttings import cut_out
from prongsai.intake.files import PAGE_LIMITS, Row, rows_of
from prongsai.intake.scans import Spot
from prongsai.lib import typeset
from tests.intake import layouts
from tests.intake.reading import FRAMEWORKS
from tests.intake.scanned import as_pdf, in_thai_digits, printed, scan

FONTS = Path(typeset.__file__).parent / "fonts"
SCANNED = ((layouts.table, 0), (layouts.years_beside, 90), (layouts.cards, 180), (layouts.history, 270))


def scores(readings, *, sure=None):
    return {
        (f.fiscal_year, f.node, Decimal(f.value))
        for reading in readings
        for f in reading.figures
        if f.kind == "score" and f.number is not None and sure in (None, f.sure)
    }


def truth_of(document):
    return {(y, n, Decimal(v)) for figures in document.truth.values() for y, n, v in figures}


def test_the_engine_is_here():
    """In an environment of developers nothing about scans is skipped."""
    assert scans.is_installed()


# --- reading


def test_what_is_printed_is_read_back_whichever_way_it_lies():
    printed, read, sure = 0, 0, set()
    for number, (layout, turned) in enumerate(SCANNED):
        document = layout(Random(number + 1))
        rows = list(rows_of(scan(document.lines, Random(number), turned=turned), "", pictures=True))
        readings = figures_of(rows, FRAMEWORKS)
        truth = truth_of(document)
        printed, read = printed + len(truth), read + len(truth & scores(readings))
        assert scores(readings, sure=True) <= truth
        assert not [c for r in readings for c in audit(r.figures, FRAMEWORKS) if c.verdict == "contradicted"]
        sure |= scores(readings, sure=True)
    assert read >= 0.9 * printed
    assert sure  # the total of instruments bears them out


def test_thai_digits_are_read_one_by_one():
    document = layouts.table(Random(5))
    rows = list(rows_of(scan(in_thai_digits(document.lines), Random(5)), "", pictures=True))
    truth = truth_of(document)
    assert len(truth & scores(figures_of(rows, FRAMEWORKS))) >= 0.9 * len(truth)


@pytest.mark.parametrize(
    ("layout", "seed", "is_thai"),
    [
        pytest.param(layouts.prose, 0, True, id="marks of the lines around hang into theirs"),
        pytest.param(layouts.league, 1, True, id="a year close to the next word; a head is IIT alone"),
        pytest.param(layouts.league_of_totals, 0, True, id="two digits touch"),
        pytest.param(layouts.beside_others, 0, True, id="a zero as low as a point is"),
        pytest.param(layouts.cards, 0, False, id="the one of EIT1 stands as letters do"),
        pytest.param(layouts.prose, 1, False, id="IIT is strokes alone"),
    ],
)
def test_what_engines_take_for_something_else_is_read(layout, seed, is_thai):
    document = layout(Random(seed))
    lines = in_thai_digits(document.lines) if is_thai else document.lines
    rows = list(rows_of(scan(lines, Random(seed)), "", pictures=True))
    assert truth_of(document) <= scores(figures_of(rows, FRAMEWORKS))


def test_words_of_ours_get_back_the_tones_that_engines_lose():
    lost = "ตัวชีวัดที 3 คะแนนเฉลีย ส่วนที 1 หน้าที อยู่หน้าทีม"
    assert scans._with_tones(lost) == "ตัวชี้วัดที่ 3 คะแนนเฉลี่ย ส่วนที่ 1 หน้าที่ อยู่หน้าทีม"


@pytest.mark.parametrize("codes", [("ข้อ 1 5", "ข้อ eb"), ("ข้อ ee", "ข้อ e|"), ("ข้อที่ 6 2", "ข้อ 1 5")])
def test_what_questions_got_whose_codes_are_unread_is_nobodys_and_their_mean_is_the_indicators(codes):
    table = [
        ("เครื่องมือ", "ข้อ", "คะแนน"),
        ("", "", "ส่วนที่ 1"),
        ("EIT", codes[0], "97.95"),
        ("", codes[1], "98.72"),
        ("", "คะแนนเฉลี่ย", "98.34"),
    ]
    lines = ("เทศบาลตำบลสมมุติ ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2568", "ส่วนที่ 1 ผู้รับบริการตอบเอง", "3.3 ประสิทธิภาพการสื่อสาร")
    rows = [Row((line,), f"บรรทัด {n}") for n, line in enumerate(lines)]
    rows += [Row(cells, f"ตาราง {n}", 1) for n, cells in enumerate(table)]
    assert scores(figures_of(rows, FRAMEWORKS)) == {(2568, "EIT1/7", Decimal("98.34"))}


def test_a_letter_after_a_number_is_not_taken_for_a_digit_of_it():
    def glyphs(*digits, last_gap, is_clear):
        lefts = [20 * n for n in range(len(digits) - 1)]
        lefts.append(lefts[-1] + 17 + last_gap)
        known = [
            thai_digits._Glyph(at, at + 17, digit, is_clear or k < len(digits) - 1)
            for k, (at, digit) in enumerate(zip(lefts, digits, strict=True))
        ]
        return [*known, thai_digits._Glyph(lefts[-1] + 20, lefts[-1] + 37, "", True)]

    def numbers(*digits, **how):
        return [n.text for n in thai_digits._numbers_of(glyphs(*digits, **how))]

    assert numbers("2", "5", "6", "4", "1", last_gap=8, is_clear=False) == ["2564"]
    assert numbers("2", "5", "6", "4", "1", last_gap=3, is_clear=False) == ["25641"]
    assert numbers("2", "5", "6", "4", "1", last_gap=8, is_clear=True) == ["25641"]


def test_lines_whose_marks_touch_are_parted_where_the_least_ink_is():
    ink = np.zeros((300, 400), dtype=bool)
    for top in (20, 100, 160, 240):
        ink[top : top + 30, 50:350] = True
    ink[130:160, 100:104] = True  # a mark of the third line reaches the second
    parts = scans._lines_of(ink)
    assert parts == [(20, 50), (100, parts[1][1]), (parts[2][0], 190), (240, 270)]
    assert 130 <= parts[1][1] == parts[2][0] <= 160
    ink[130:160, 50:350] = True
    assert scans._lines_of(ink) == [(20, 50), (100, 190), (240, 270)]  # letters, of whatever size


def test_what_has_no_room_between_its_rules_holds_nothing():
    page = Image.new("L", (800, 400), 255)
    assert scans.read_pieces(page, [[(0, 0, 1, 1)]]) == []


def test_a_page_that_takes_too_long_says_what_to_do(monkeypatch):
    monkeypatch.setattr(scans, "_SECONDS", -1)
    with pytest.raises(UnreadableError, match="สแกนเฉพาะหน้าที่มีคะแนน"):
        scans.read_pieces(scans.upright(printed(["คะแนน 92.38"])[0]), [])


def test_a_picture_of_too_many_pixels_is_not_read(monkeypatch):
    monkeypatch.setattr(scans, "MAX_PIXELS", 100 * 100)
    out = io.BytesIO()
    Image.new("L", (101, 100)).save(out, "PNG")
    with pytest.raises(UnreadableError, match="ย่อภาพ"):
        scans.open_picture(out.getvalue())


def drawn(text):
    picture = Image.new("L", (300, 90), 255)
    font = ImageFont.truetype(str(FONTS / "Sarabun_400Regular.ttf"), 40)
    ImageDraw.Draw(picture).text((20, 20), text, font=font, fill=0)
    return picture


@pytest.mark.parametrize("text", ["O1", "01"])
def test_the_round_letter_of_a_code_is_no_zero(monkeypatch, text):
    monkeypatch.setattr(scans, "_words_of", lambda _: [scans._Word("01", 90, (0, 0, 300, 90))])
    monkeypatch.setattr(scans, "_engine", lambda *_, **__: SimpleNamespace(SetImage=bool, GetUTF8Text=lambda: "01"))
    monkeypatch.setattr(scans, "_read_with", lambda *_: ("01", 90))
    assert scans._read_piece(drawn(text)) == (text, True)
    assert not scans._begins_round(Image.new("L", (300, 90), 255))


def test_specks_in_which_the_engine_sees_nothing_are_nothing(monkeypatch):
    monkeypatch.setattr(scans, "_read_piece", lambda _: ("", True))
    assert list(scans._read_stretch(drawn("ab"))) == []


def test_what_the_engine_reads_in_other_pieces_than_it_says_is_read_as_one():
    words = [scans._Word("ข", 90, (0, 0, 9, 9)), scans._Word("90.00", 80, (9, 0, 30, 9))]
    assert [w.text for w in scans._tokens_of("ข90.00 คa", words)] == ["ข", "90.00", "คa"]
    nothing = SimpleNamespace(BoundingBox=lambda _: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tesserocr.iterate_level", lambda *_: [nothing])
        assert list(scans._words_of(SimpleNamespace(GetIterator=lambda: None))) == []


def test_digits_and_letters_are_told_apart():
    """What has no Thai digit has none found in it; a number beside letters, or in brackets, is found."""
    pages = printed(["คะแนน ๙๒.๓๘ และ ๘๗ (๒๕๖๘)", "การปฏิบัติหน้าที่ของเจ้าหน้าที่ O1 ได้ 91.25 ฑ ฒ ๆ"])
    page = scans.upright(pages[0])
    found = [
        [n.text for n in thai_digits.find_numbers(page.crop((0, top - 3, page.width, bottom + 3)), scans.DARK - 35)]
        for top, bottom in scans._lines_of(scans._ink(page))
    ]
    assert found == [["92.38", "87", "2568"], []]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory):
    """A table as a photograph, and as a PDF of two pages of which one has nothing on it."""
    folder = tmp_path_factory.mktemp("scans")
    photograph = scan(layouts.table(Random(3)).lines, Random(3))
    (folder / "photo.jpg").write_bytes(photograph)
    (folder / "scan.pdf").write_bytes(as_pdf(photograph, scan([], Random(0))))
    return folder


def test_a_page_of_a_pdf_is_read_in_the_sandbox_and_cut_out(scanned):
    rows = read_rows(scanned / "scan.pdf", pictures=True)
    assert all(row.spot and row.spot.page == 1 for row in rows)
    assert scores(figures_of(rows, FRAMEWORKS)) & truth_of(layouts.table(Random(3)))
    spot = rows[-1].spot
    assert spot is not None
    assert 0 < spot.top < spot.bottom < 1000
    strip = Image.open(io.BytesIO(cut_out(scanned / "scan.pdf", [spot, spot])[spot]))
    assert strip.format == "JPEG"
    assert strip.height < 100
    assert strip.convert("L").getextrema()[0] < 100  # something stands there


def test_pictures_are_read_for_whoever_can_wait_alone(scanned):
    for name in ("photo.jpg", "scan.pdf"):
        with pytest.raises(UnreadableError, match="เป็นภาพ ไม่มีข้อความให้อ่าน"):
            read_rows(scanned / name, limits=PAGE_LIMITS)


def test_where_the_engine_is_not_installed_a_sentence_says_what_to_do(scanned, monkeypatch):
    monkeypatch.setattr(scans, "is_installed", lambda: False)
    for name in ("photo.jpg", "scan.pdf"):
        with pytest.raises(UnreadableError, match=r"พิมพ์ตัวเลขเอง.*แจ้งผู้ดูแลระบบให้ติดตั้ง"):
            list(rows_of((scanned / name).read_bytes(), "", pictures=True))


def test_too_many_pages_are_refused_before_the_first_is_read(scanned):
    page = (scanned / "photo.jpg").read_bytes()
    with pytest.raises(UnreadableError, match="16 หน้า"):
        list(rows_of(as_pdf(*[page] * 16), "", pictures=True))


def test_a_page_that_is_a_picture_among_pages_of_text_is_read_too(scanned, tmp_path):
    import pypdfium2

    mixed = pypdfium2.PdfDocument.new()
    for path in ("tests/data/bangpla-ruled.pdf", scanned / "scan.pdf"):
        mixed.import_pages(pypdfium2.PdfDocument(path), pages=[0])
    mixed.save(tmp_path / "mixed.pdf")
    rows = list(rows_of((tmp_path / "mixed.pdf").read_bytes(), "", pictures=True))
    assert {row.place.split()[1] for row in rows if not row.spot} == {"1"}
    assert {row.spot.page for row in rows if row.spot} == {2}
    assert len({row.place for row in rows}) == len(rows)


# --- making a page upright, without reading it


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_photograph_lies_as_its_camera_was_held(orientation):
    page = Image.new("L", (300, 400), 255)
    page.paste(0, (0, 0, 300, 40))  # its head
    back = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    held = page.transpose(back[orientation]) if back[orientation] is not None else page
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    held.save(out, "JPEG", exif=exif)
    shown = scans.open_picture(out.getvalue())
    assert shown.size == (300, 400)
    assert shown.getpixel((150, 10)) < 50 < 200 < shown.getpixel((150, 390))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_pictures_of_every_kind_are_grey_on_white(mode):
    page = Image.new("L", (300, 400), 255)
    page.paste(0, (100, 100, 200, 200))
    if mode in ("RGBA", "LA"):
        page = page.convert(mode)
        page.putalpha(Image.new("L", page.size, 0))
    elif mode == "I;16":
        page = page.convert("I").point(lambda value: value * 256).convert("I;16")
    else:
        page = page.convert(mode)
    out = io.BytesIO()
    page.save(out, "PNG")
    shown = scans.open_picture(out.getvalue())
    assert shown.mode == "L"
    assert shown.getpixel((5, 5)) > 240
    assert (shown.getpixel((150, 150)) > 240) == (mode in ("RGBA", "LA"))


def test_a_shadow_over_a_page_is_not_ink():
    page = Image.new("L", (600, 800), 230)
    page.paste(90, (0, 400, 600, 800))  # somebody's arm
    page.paste(20, (100, 500, 130, 530))
    lit = scans.upright(page)
    dark = sum(lit.histogram()[: scans.DARK]) / (lit.width * lit.height)
    assert 0.001 < dark < 0.03


# --- what is believed


def as_scanned(document, *, clear=True):
    """The rows of a document, as if they were read from a picture."""
    return [replace(row, spot=Spot(1, n, n + 1, clear)) for n, row in enumerate(document.rows())]


def misread(rows, random):
    """The rows with one digit of one score read otherwise, and the score that is not printed."""
    places = [
        (r, c, at)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row.cells)
        if (number := layouts_score(cell)) is not None
        for at in number
    ]
    if not places:
        return rows, None
    r, c, at = random.choice(places)
    cell = rows[r].cells[c]
    other = random.choice([d for d in "0123456789" if d != cell[at]])
    cells = list(rows[r].cells)
    cells[c] = cell[:at] + other + cell[at + 1 :]
    return [*rows[:r], replace(rows[r], cells=tuple(cells)), *rows[r + 1 :]], cells[c]


def layouts_score(cell):
    """Where the digits before the point of a cell stand that is a score."""
    return range(len(cell) - 3) if cell.replace(".", "", 1).isdigit() and cell[-3:-2] == "." else None


@settings(max_examples=60)
@given(layout=st.sampled_from(layouts.LAYOUTS), seed=st.integers(0, 10**9))
def test_a_misread_digit_is_never_sure_and_contradicts_nobody(layout, seed):
    document = layout(Random(seed))
    rows, wrong = misread(as_scanned(document), Random(seed))
    readings = figures_of(rows, FRAMEWORKS)
    truth = truth_of(document) | {(y, n, Decimal(v)) for figures in document.others.values() for y, n, v in figures}
    assert scores(readings, sure=True) <= truth, wrong
    assert not [c for r in readings for c in audit(r.figures, FRAMEWORKS) if c.verdict == "contradicted"]


def instruments():
    """A total with the scores of the instruments that give it."""
    scored = layouts.result(Random(1), 2563)
    lines = ["ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2563 อบต.ห้วยสมมุติ", f"คะแนนรวม {scored.shown['overall']} คะแนน"]
    lines += [f"{node} {scored.shown[node]} คะแนน" for node in scored.instruments]
    return [Row((line,), f"หน้า 1 บรรทัด {n}", 0, False, Spot(1, n, n + 1, True)) for n, line in enumerate(lines, 1)]


def notes(rows, fiscal_year=None):
    return {(f.sure, f.note) for reading in figures_of(rows, FRAMEWORKS, fiscal_year) for f in reading.figures}


def test_what_the_arithmetic_reproduces_is_sure():
    assert notes(instruments()) == {(True, "")}


def test_a_figure_that_nothing_bears_out_is_not():
    assert notes(instruments()[:2]) == {(False, FROM_PICTURE)}


def test_numbers_that_were_read_two_ways_bear_nothing_out():
    rows = instruments()
    unclear = [*rows[:-1], replace(rows[-1], spot=replace(rows[-1].spot, is_clear=False))]
    assert notes(unclear) == {(False, FROM_PICTURE), (False, READ_TWO_WAYS)}


def test_a_year_that_was_read_two_ways_is_not_believed_unless_a_person_said_it():
    rows = instruments()
    unclear = [replace(rows[0], spot=replace(rows[0].spot, is_clear=False)), *rows[1:]]
    assert {sure for sure, _ in notes(unclear)} == {False}
    assert {sure for sure, _ in notes(unclear, 2563)} == {True}


def test_a_slip_in_a_scan_is_for_a_person_to_find():
    rows = instruments()
    total = rows[1].cells[0]
    slipped = [rows[0], replace(rows[1], cells=(total.replace(total[9:11], "12", 1),)), *rows[2:]]
    assert {sure for sure, _ in notes(slipped)} == {False}
