"""Thai letters as PDFs spell them: marks of the private use area, clusters of two spellings, a gap and า for ำ."""

from pathlib import Path
from random import Random

import pytest

from prongsai.intake import figures_of
from prongsai.intake.files import rows_of
from prongsai.lib import thai
from tests.content import DOCUMENTS
from tests.hostile.corpus import pdf_of
from tests.intake.layouts import LAYOUTS
from tests.intake.reading import FRAMEWORKS
from tests.intake.test_layouts import read_back

# where fonts of old Windows draw a mark: further left over ป ฝ ฟ, or lower where no vowel is below it
_LEFT = dict(
    zip(
        "ิีึื่้๊๋์ัํ็",
        (0xF701, 0xF702, 0xF703, 0xF704, 0xF705, 0xF706, 0xF707, 0xF708, 0xF709, 0xF710, 0xF711, 0xF712),
        strict=True,
    )
)
_LOW = dict(zip("่้๊๋์ฺุู", (0xF70A, 0xF70B, 0xF70C, 0xF70D, 0xF70E, 0xF718, 0xF719, 0xF71A), strict=True))
_HIGH_LEFT = dict(zip("่้๊๋์", range(0xF713, 0xF718), strict=True))
_FOOTLESS = {"ฐ": 0xF700, "ญ": 0xF70F}


def pdf_text(lines: list[str]) -> bytes:
    """A PDF of lines, whose font says which letter each code is; a mark takes no width."""
    letters = sorted({letter for line in lines for letter in line})
    codes = {letter: 33 + number for number, letter in enumerate(letters)}
    assert len(letters) < 220
    named = "\n".join(f"<{code:02x}> <{letter.encode('utf-16-be').hex()}>" for letter, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        + "".join(
            f"{len(some)} beginbfchar\n" + "\n".join(some) + "\nendbfchar\n"
            for some in (named.split("\n")[at : at + 90] for at in range(0, len(letters), 90))
        )
        + "endcmap end end"
    ).encode()
    widths = " ".join("0" if _is_mark(letter) else "500" for letter in letters)
    content = "BT /F2 10 Tf " + " ".join(
        f"1 0 0 1 40 {780 - 14 * n} Tm <{''.join(f'{codes[c]:02x}' for c in line)}> Tj" for n, line in enumerate(lines)
    )
    font = (
        "<< /Type /Font /Subtype /TrueType /BaseFont /Thai /FirstChar 33 "
        f"/LastChar {32 + len(letters)} /Widths [{widths}] /ToUnicode 7 0 R >>"
    )
    stream = f"<< /Length {len(cmap)} >>\nstream\n".encode() + cmap + b"\nendstream"
    return pdf_of((content + " ET").encode(), "/Font << /F2 6 0 R >>", font, stream)


def _is_mark(letter: str) -> bool:
    return thai.is_mark(letter) or "\uf700" <= letter <= "\uf71a"


def private(text: str, random: Random) -> str:
    """Marks as an old font draws them, now this way and now that."""
    ways = [_FOOTLESS, _LEFT, _LOW, _HIGH_LEFT]
    return "".join(chr(random.choice(found)) if (found := [w[c] for w in ways if c in w]) else c for c in text)


def gaps(text: str) -> str:
    """A space and า for ำ."""
    return text.replace("ำ", " า")


LINES = [
    "ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565",
    "องค์การบริหารส่วนตำบลบ้านทดสอบ อำเภอสำราญ",
    "ตัวชี้วัดที่ 3 การใช้อำนาจ 91.23 คะแนน",
    "การปฏิบัติหน้าที่ 82.34 คะแนน ฝ่ายป้องกัน ฐานะ ญาติ ฟื้นฟู ปั๊ม เก็บ ศูนย์ กฺ",
]


def read_lines(lines: list[str]) -> list[str]:
    return [" ".join(row.cells) for row in rows_of(pdf_text(lines), ".pdf")]


def test_such_a_pdf_is_read_as_it_is_written():
    assert read_lines(LINES) == LINES


@pytest.mark.parametrize("seed", range(5))
def test_marks_of_the_private_use_area_are_mapped_and_none_is_deleted(seed):
    damaged = [private(line, Random(seed)) for line in LINES]
    assert damaged != LINES
    assert read_lines(damaged) == LINES


def test_every_one_of_them_is_a_letter():
    marks = [chr(code) for code in range(0xF700, 0xF71B)]
    assert all("\u0e01" <= letter <= "\u0e4e" for letter in map(thai.standard_letters, marks))
    assert {chr(c): k for way in (_FOOTLESS, _LEFT, _LOW, _HIGH_LEFT) for k, c in way.items()} == {
        mark: thai.standard_letters(mark) for mark in marks
    }
    assert thai.clean("ที\uf70aนี\uf70b") == thai.repaired("ที\uf70aนี\uf70b") == "ที่นี้"


def test_a_gap_for_am_is_repaired():
    assert read_lines([gaps(line) for line in LINES]) == LINES


@pytest.mark.parametrize("text", ["ก า ร ป ร า บ", "รายงาน", "า", "a า", "1 า", "ก า"])
def test_what_is_no_lost_am_stays(text):
    assert thai.am_of_gaps(text) == text


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_damaged_letters_of_any_layout_are_read_neither_wrongly_nor_less(layout):
    for seed in range(3):
        document = layout(Random(seed))
        damaged = [
            type(row)(tuple(gaps(private(cell, Random(seed))) for cell in row.cells), row.place, row.table)
            for row in document.rows()
        ]
        assert read_back(document, damaged) == read_back(document)


def test_the_agency_of_such_a_document():
    (reading,) = figures_of(list(rows_of(pdf_text([gaps(private(line, Random(1))) for line in LINES]), "")), FRAMEWORKS)
    assert reading.agency == "องค์การบริหารส่วนตำบลบ้านทดสอบ"
    assert {(f.node, f.value) for f in reading.figures if f.sure} == {("3", "91.23"), ("1", "82.34")}


BROWSER = sorted((Path(__file__).parents[1] / "data").glob("*-browser.pdf"))


@pytest.mark.parametrize("path", BROWSER, ids=lambda path: path.stem)
def test_what_a_browser_printed_is_spelled_as_it_was_written(path):
    """Chromium spells clusters again after the next letter, writes no spaces, and scales the page."""
    words = {
        w for block in DOCUMENTS[path.stem.partition("-")[0]] for row in _rows(block) for w in " ".join(row).split()
    }
    read = {w for row in rows_of(path.read_bytes(), ".pdf") for w in " ".join(row.cells).split()}
    missing = {thai.clean(w) for w in words} - {thai.clean(w) for w in read}
    assert len(missing) <= 0.03 * len(words), missing


def _rows(block):
    return [[block]] if isinstance(block, str) else block


def test_there_are_pages_that_a_browser_printed():
    assert len(BROWSER) == 3
