"""Tables of a PDF page are those that pdfplumber finds with a reader of its own."""

import io
from pathlib import Path

import pdfplumber
import pikepdf
import pypdfium2
import pytest

from prongsai.intake.pages import tables_of

DATA = Path(__file__).parents[1] / "data"

LINES = "".join(f"100 {y} m 400 {y} l S " for y in (600, 650, 700))
LINES += "".join(f"{x} 600 m {x} 700 l S " for x in (100, 250, 400))
FILLED = "0 0 300 .5 re f 0 50 300 .5 re f 0 100 300 .5 re f 0 0 .5 100 re f 150 0 .5 100 re f 300 0 .5 100 re f"
ONE_PATH = "50 50 m 150 50 l 150 90 l 50 90 l h 100 50 m 100 90 l 50 70 m 150 70 l S"
CELLS = "".join(f"{x} {y} 80 30 re S " for x in (60, 140) for y in (100, 130, 160))


def find_cells(data: bytes) -> tuple[list, list]:
    ours = [
        [tuple(round(v) for v in cell) for cell in table.cells]
        for page in pypdfium2.PdfDocument(data)
        for table in tables_of(page)
    ]
    with pdfplumber.open(io.BytesIO(data)) as document:
        theirs = [
            [tuple(round(v) for v in cell) for cell in table.cells]
            for page in document.pages
            for table in page.find_tables()
        ]
    return ours, theirs


def draw(content: str, *, form: str = "") -> bytes:
    """A page with drawing on it, and a form that it may call as /A, or within another as /B."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    inner = pdf.make_stream(form.encode())
    inner.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 595, 842]})
    outer = pdf.make_stream(b"q .5 0 0 .5 20 30 cm /A Do Q")
    outer.update(
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Form,
            "/BBox": [0, 0, 595, 842],
            "/Matrix": [1, 0, 0, 1, 10, 5],
            "/Resources": {"/XObject": {"/A": inner}},
        }
    )
    page.Resources = pikepdf.Dictionary({"/XObject": {"/A": inner, "/B": outer}})
    page.Contents = pdf.make_stream(content.encode())
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


@pytest.mark.parametrize("path", sorted(DATA.glob("*.pdf")), ids=lambda path: path.stem)
def test_of_every_document(path):
    ours, theirs = find_cells(path.read_bytes())
    assert ours == theirs


@pytest.mark.parametrize(
    ("content", "form", "cells"),
    [
        (LINES, "", 4),
        (f"q 1 0 0 1 100 300 cm {FILLED} Q", "", 4),
        (ONE_PATH, "", 4),
        (CELLS, "", 6),
        (f"q 1.2 0 0 .8 7 9 cm {CELLS} Q", "", 6),
        ("q 0 1 -1 0 500 100 cm /A Do Q", CELLS, 6),
        ("/B Do", LINES, 4),
        ("q 2 0 0 2 5 5 cm /B Do Q", FILLED, 4),
        (LINES.replace("S", "n"), "", 0),
        ("100 100 300 200 re W n", "", 0),
        ("100 700 m 400 690 l S 100 650 m 400 600 l S 100 600 m 130 700 l S", "", 0),
        ("100 100 m 150 300 300 300 350 100 c h S 50 50 m 50 50 l S", "", 0),
    ],
)
def test_of_every_way_to_draw_lines(content, form, cells):
    ours, theirs = find_cells(draw(content, form=form))
    assert ours == theirs
    assert sum(map(len, ours)) == cells
