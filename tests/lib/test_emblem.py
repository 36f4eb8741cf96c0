"""An uploaded picture is drawn anew, small, and without whatever else the file carried."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from prongsai.lib import emblem


def picture(form: str, size=(1200, 800), **more) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#7a1f1f").save(out, form, **more)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_becomes_a_small_png_of_the_same_shape(form):
    png = emblem.png(picture(form))
    with Image.open(io.BytesIO(png)) as drawn:
        assert (drawn.format, drawn.size) == ("PNG", (400, 267))
        red, green, blue, solid = drawn.convert("RGBA").getpixel((10, 10))
        assert (red > 100, green < 60, blue < 60, solid) == (True, True, True, 255)


def test_nothing_else_of_the_file_is_kept():
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "somebody's name")
    upload = picture("PNG", (80, 80), pnginfo=words) + b"<script>alert(1)</script>"
    png = emblem.png(upload)
    assert b"somebody" in upload
    assert b"somebody" not in png
    assert b"script" not in png


def test_a_photo_stands_upright_and_deep_grey_stays_grey():
    out = io.BytesIO()
    sideways = Image.Exif()
    sideways[0x0112] = 6
    Image.new("RGB", (80, 40), "#7a1f1f").save(out, "JPEG", exif=sideways)
    with Image.open(io.BytesIO(emblem.png(out.getvalue()))) as drawn:
        assert drawn.size == (40, 80)
    out = io.BytesIO()
    Image.new("I;16", (40, 40), 0x7F00).save(out, "PNG")
    with Image.open(io.BytesIO(emblem.png(out.getvalue()))) as drawn:
        assert 120 <= drawn.convert("RGBA").getpixel((5, 5))[0] <= 134


def test_what_is_clear_stays_clear_and_a_noisy_picture_is_not_large():
    out = io.BytesIO()
    Image.effect_noise((900, 900), 120).convert("RGBA").save(out, "PNG")
    assert len(emblem.png(out.getvalue())) < 300_000
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(emblem.png(out.getvalue()))) as drawn:
        assert drawn.convert("RGBA").getpixel((5, 5))[3] == 0


def bomb() -> bytes:
    """A PNG of 20,000 by 20,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 20000, 20000, 8, 2, 0, 0, 0))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: b"%PDF-1.7", "ไม่ใช่ภาพ"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "ไม่ใช่ภาพ"),
        (lambda: picture("GIF"), "ไม่ใช่ภาพ"),
        (lambda: picture("PNG")[:60], "เปิดภาพไม่ได้"),
        (lambda: picture("JPEG")[:900], "เปิดภาพไม่ได้"),
        (lambda: bomb(), "ใหญ่เกินไป"),
        (lambda: picture("PNG", (5000, 4000)), "ใหญ่เกินไป"),
        (lambda: picture("PNG", (400, 100)), "ไม่เกิน 3 เท่า"),
        (lambda: picture("PNG") + b" " * emblem.MAX_BYTES, "ใหญ่เกิน 4 MB"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(make, message):
    with pytest.raises(emblem.EmblemError, match=message):
        emblem.png(make())
