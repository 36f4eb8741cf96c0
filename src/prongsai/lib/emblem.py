"""A picture somebody uploaded, drawn anew as a small PNG, so that nothing of the file itself is kept."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 4_000_000
_MAX_PIXELS = 16_000_000  # 64 MB while it is drawn: see docs/decisions/0003
_SIDE = 400  # pixels of the longer side: 1.5 cm at over 600 dots to the inch
_RATIO = 3  # between its sides; what is longer is no emblem, and would push the words beside it away
_COLOURS = 255


class EmblemError(Exception):
    """The file is no picture that can stand on paper; the message is in Thai."""


def png(data: bytes) -> bytes:
    """The picture of a PNG or JPEG file as it is meant to be seen, at most 400 pixels wide and high, in at most 255
    colours, without anything else the file carried. Raises EmblemError."""
    if len(data) > MAX_BYTES:
        raise EmblemError(f"ไฟล์ภาพใหญ่เกิน {MAX_BYTES // 1_000_000} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                drawn = _drawn(picture)
    except UnidentifiedImageError as error:
        raise EmblemError("ไฟล์นี้ไม่ใช่ภาพ PNG หรือ JPEG") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise EmblemError("เปิดภาพไม่ได้ ไฟล์อาจเสียหรือใหญ่เกินไป ลองบันทึกภาพเป็น PNG ใหม่") from error
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


def _drawn(picture: Image.Image) -> Image.Image:
    wide, high = picture.size
    if wide * high > _MAX_PIXELS:
        raise EmblemError("ภาพมีขนาดใหญ่เกินไป ย่อให้ด้านยาวไม่เกิน 4,000 จุดแล้วลองใหม่")
    if max(wide, high) > _RATIO * min(wide, high):
        raise EmblemError(f"ภาพยาวเกินไป ด้านยาวของตราต้องไม่เกิน {_RATIO} เท่าของด้านสั้น ตัดขอบว่างออกก่อน")
    picture.draft("RGB", (2 * _SIDE, 2 * _SIDE))  # a JPEG is then read at a fraction of its size
    if picture.mode.startswith("I"):  # grey of 16 bits, which a plain conversion would turn white
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((_SIDE, _SIDE))
    clean = Image.frombytes("RGBA", upright.size, upright.tobytes())
    return clean.quantize(_COLOURS, Image.Quantize.FASTOCTREE)
