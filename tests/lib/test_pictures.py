"""What a picture on paper shows, drawn here as the sandbox draws it: its colours, its sides, and nothing else."""

import base64
import io
from dataclasses import replace

import pypdf
import pytest
from PIL import Image

from prongsai.lib import pictures
from prongsai.lib.sandbox import SandboxError
from tests.hostile.corpus import pdf_of


def drawn(data: bytes, suffix: str):
    return pictures.draw_file(io.BytesIO(data), suffix)


def image_of(picture):
    image = Image.open(io.BytesIO(base64.b64decode(picture["jpeg"])))
    assert image.format == "JPEG"
    assert image.size == (picture["width"], picture["height"])
    return image


def saved(image, form, **more):
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def near(pixel, wanted):
    return all(abs(a - b) <= 6 for a, b in zip(pixel, wanted, strict=True))  # JPEG is not exact


@pytest.mark.parametrize(
    ("image", "pixel"),
    [
        (Image.new("RGB", (8, 8), (10, 120, 130)), (10, 120, 130)),
        (Image.new("RGBA", (8, 8), (0, 0, 0, 0)), (255, 255, 255)),
        (Image.new("RGBA", (8, 8), (200, 0, 0, 255)), (200, 0, 0)),
        (Image.new("LA", (8, 8), (0, 128)), (127, 127, 127)),
        (Image.new("L", (8, 8), 90), (90, 90, 90)),
        (Image.new("I;16", (8, 8), 90 * 256), (90, 90, 90)),
    ],
    ids=["colour", "transparent", "opaque", "half", "grey", "16 bits"],
)
def test_colours_are_those_of_the_file_on_white_paper(image, pixel):
    answer = drawn(saved(image, "PNG"), "png")
    (picture,) = answer["pictures"]
    assert answer["pages"] == 1
    assert near(image_of(picture).getpixel((4, 4)), pixel)


def test_a_photograph_stands_upright_and_keeps_nothing_that_it_says_of_its_maker():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "ผู้ถ่าย"
    data = saved(Image.new("RGB", (3000, 2000), "teal"), "JPEG", exif=exif)
    (picture,) = drawn(data, "jpg")["pictures"]
    assert (picture["width"], picture["height"]) == (933, 1400)
    assert not image_of(picture).getexif()


def test_a_pdf_shows_its_first_pages_and_says_how_many_it_has():
    writer = pypdf.PdfWriter()
    for number in range(pictures.MAX_PAGES + 2):
        writer.add_blank_page(width=100 + number, height=200)
    out = io.BytesIO()
    writer.write(out)
    answer = drawn(out.getvalue(), "pdf")
    assert answer["pages"] == pictures.MAX_PAGES + 2
    assert [p["width"] for p in answer["pictures"]] == [700, 707, 714, 721, 728]
    assert {p["height"] for p in answer["pictures"]} == {1400}


def test_a_file_that_is_too_large_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "_MAX_BYTES", 10)
    assert drawn(b"x" * 11, "png") == {}
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    monkeypatch.setattr(pictures.sandbox, "run", lambda *_, **__: {})
    with pytest.raises(pictures.PictureError):
        pictures.draw(path, "png")


def test_a_name_does_not_decide_what_a_file_is():
    with pytest.raises(OSError, match="identify"):
        drawn(saved(Image.new("RGB", (8, 8)), "GIF"), "png")


@pytest.mark.parametrize(
    "answer",
    [
        {"pictures": [{"jpeg": "!", "width": 1}], "pages": 1},
        {"pictures": 5, "pages": 1},
        {"pictures": [], "pages": "x"},
        [],
        SandboxError("time"),
    ],
    ids=["no height", "no list", "no number", "no mapping", "time"],
)
def test_whatever_a_child_answers_there_is_a_picture_or_our_own_error(tmp_path, monkeypatch, answer):
    def run(*_, **__):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(pictures.sandbox, "run", run)
    with pytest.raises(pictures.PictureError):
        pictures.draw(tmp_path / "a.png", "png")


def test_what_a_child_drew_comes_back_as_it_is(tmp_path, monkeypatch):
    data = saved(Image.new("RGB", (8, 6), "teal"), "PNG")
    monkeypatch.setattr(pictures.sandbox, "run", lambda job, suffix, **_: drawn(data, suffix))
    drawing = pictures.draw(tmp_path / "a.png", "png")
    assert (drawing.pages, [(p.width, p.height) for p in drawing.pictures]) == (1, [(8, 6)])
    assert drawing.pictures[0].jpeg.startswith(b"\xff\xd8")


def page_many_times(content: bytes, count: int) -> bytes:
    writer = pypdf.PdfWriter()
    page = pypdf.PdfReader(io.BytesIO(pdf_of(content))).pages[0]
    for _ in range(count):
        writer.add_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_each_page_has_its_own_time(tmp_path, monkeypatch):
    """Five scanned pages take longer than one; no page takes the time of all."""
    monkeypatch.setattr(pictures, "_LIMITS", replace(pictures._LIMITS, seconds=1))
    path = tmp_path / "pages.pdf"
    path.write_bytes(page_many_times(b"0 0 600 800 re f " * 400, pictures.MAX_PAGES))
    assert pictures.draw(path, "pdf").pages == pictures.MAX_PAGES


def test_what_is_in_memory_alone_is_drawn_the_same_way(monkeypatch):
    data = saved(Image.new("RGB", (8, 6), (10, 120, 130)), "PNG")
    drawing = pictures.draw_bytes(data, "png")
    assert [(picture.width, picture.height) for picture in drawing.pictures] == [(8, 6)]
    assert pictures.draw_content(data, "png")["pictures"] == drawn(data, "png")["pictures"]

    def fail(*args, **kwargs):
        raise SandboxError("crash")

    monkeypatch.setattr(pictures.sandbox, "run", fail)
    with pytest.raises(pictures.PictureError):
        pictures.draw_bytes(data, "png")
