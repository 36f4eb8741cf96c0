"""A picture somebody uploaded, drawn anew as a small PNG, so that nothing of the file itself is kept."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

MOST_BYTES = 4_000_000
_MOST_PIXELS = 40_000_000
_SIDE = 500  # pixels of the longer side: 1.5 cm at over 800 dots to the inch


class EmblemError(Exception):
    """The file is no picture that can stand on paper; the message is in Thai."""


def png(data: bytes) -> bytes:
    """The picture of a PNG or JPEG file, at most 500 pixels wide and high, without anything else the file carried. Raises EmblemError."""
    if len(data) > MOST_BYTES:
        raise EmblemError(f"ไฟล์ภาพใหญ่เกิน {MOST_BYTES // 1_000_000} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise EmblemError("ภาพมีขนาดใหญ่เกินไป ย่อให้ด้านยาวไม่เกิน 4,000 จุดแล้วลองใหม่")
                drawn = picture.convert("RGBA")
    except UnidentifiedImageError as error:
        raise EmblemError("ไฟล์นี้ไม่ใช่ภาพ PNG หรือ JPEG") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise EmblemError("เปิดภาพไม่ได้ ไฟล์อาจเสียหรือใหญ่เกินไป ลองบันทึกภาพเป็น PNG ใหม่") from error
    drawn.thumbnail((_SIDE, _SIDE))
    clean = Image.frombytes("RGBA", drawn.size, drawn.tobytes())
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()
