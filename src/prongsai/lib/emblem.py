"""An uploaded emblem, drawn anew in the sandbox as a small PNG, so that nothing else of the uploaded file is stored."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from prongsai.lib import sandbox

MAX_BYTES = 4_000_000
_MAX_PIXELS = 16_000_000  # 64 MB while it is drawn: see docs/decisions/0003
_MAX_SIDE = 400  # pixels of the longer side: 1.5 cm at over 600 dots to the inch
_MAX_RATIO = 3  # of its sides; a longer picture is no emblem, and would displace the title beside it
_MAX_COLOURS = 255
_LIMITS = sandbox.Limits(seconds=4, max_seconds=4, wall=20, memory=700_000_000, answer=4_000_000)
_BROKEN = "เปิดภาพไม่ได้ ไฟล์อาจเสียหรือใหญ่เกินไป ลองบันทึกภาพเป็น PNG ใหม่"


class EmblemError(Exception):
    """The file cannot be used as an emblem; the message is in Thai."""


def png(data: bytes) -> bytes:
    """The picture of a PNG or JPEG file, upright, at most 400 pixels wide and high, in at most 255 colours, without
    metadata. Raises EmblemError."""
    if len(data) > MAX_BYTES:
        raise EmblemError(f"ไฟล์ภาพใหญ่เกิน {MAX_BYTES // 1_000_000} MB")
    try:
        drawn = sandbox.run(
            f"{__name__}:draw", data, limits=_LIMITS, preload=("PIL.PngImagePlugin", "PIL.JpegImagePlugin")
        )
    except sandbox.SandboxError as error:
        busy = "ระบบกำลังเปิดภาพอื่นอยู่ รอสักครู่แล้วส่งใหม่"
        raise EmblemError(busy if error.reason == "busy" else _BROKEN) from error
    if isinstance(drawn, bytes) and drawn.startswith(b"\x89PNG\r\n"):
        return drawn
    raise EmblemError(str(drawn.get("error"))[:300] if isinstance(drawn, dict) else _BROKEN)


def draw(data: bytes) -> bytes | dict[str, str]:
    """In the sandbox: the picture of an emblem, or an error."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                drawn = _redraw(picture)
    except EmblemError as error:
        return {"error": str(error)}
    except UnidentifiedImageError:
        return {"error": "ไฟล์นี้ไม่ใช่ภาพ PNG หรือ JPEG"}
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return {"error": _BROKEN}
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


def _redraw(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    if width * height > _MAX_PIXELS:
        raise EmblemError("ภาพมีขนาดใหญ่เกินไป ย่อให้ด้านยาวไม่เกิน 4,000 จุดแล้วลองใหม่")
    if max(width, height) > _MAX_RATIO * min(width, height):
        raise EmblemError(f"ภาพยาวเกินไป ด้านยาวของตราต้องไม่เกิน {_MAX_RATIO} เท่าของด้านสั้น ตัดขอบว่างออกก่อน")
    picture.draft("RGB", (2 * _MAX_SIDE, 2 * _MAX_SIDE))  # a JPEG is then read at a fraction of its size
    if picture.mode.startswith("I"):  # grey of 16 bits, which a plain conversion would turn white
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((_MAX_SIDE, _MAX_SIDE))
    clean = Image.frombytes("RGBA", upright.size, upright.tobytes())
    return clean.quantize(_MAX_COLOURS, Image.Quantize.FASTOCTREE)
