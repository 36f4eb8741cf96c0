"""Strips cut out of the pictures that rows were read from, for a person to see what was read."""

import base64
import binascii
import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from prongsai.intake import scans
from prongsai.intake.files import (
    MAX_SCANS,
    SECONDS_A_SCAN,
    UnreadableError,
    content_of,
    run_apart,
    run_on_file,
)
from prongsai.intake.pages import draw_page
from prongsai.intake.scans import Spot
from prongsai.lib import sandbox

if TYPE_CHECKING:
    from PIL.Image import Image

MOST = 200  # of one document
_MARGIN = 8  # thousandths of the height of a page
_SIDE = 12  # pixels left and right of what stands there
_QUALITY = 70
_WHOLE = 1000  # thousandths
STRIP_LIMITS = sandbox.Limits(seconds=SECONDS_A_SCAN, max_seconds=SECONDS_A_SCAN, wall=20, answer=4_000_000)
_PRELOAD = ("prongsai.intake.pages", "PIL.JpegImagePlugin", "PIL.PngImagePlugin", "numpy", "pdfplumber", "pypdfium2")


def cut_out(path: Path, spots: Sequence[Spot], *, index: int | None = None) -> dict[Spot, bytes]:
    """A JPEG of each spot of a file, or of the document in it that has an ``index``. Raises UnreadableError."""
    wanted = sorted(set(spots), key=lambda s: (s.page, s.top, s.bottom))[:MOST]
    places = [(s.page, s.top, s.bottom) for s in wanted]
    answer = run_on_file(f"{__name__}:answer_cuttings", path, index, places)
    try:
        return dict(zip(wanted, map(base64.b64decode, answer), strict=True))
    except (TypeError, ValueError, binascii.Error) as error:
        raise UnreadableError("ตัดภาพส่วนที่อ่านไม่ได้") from error


def cut_strip(content: bytes, page: int, top: int, bottom: int) -> bytes:
    """A JPEG of one strip of a page, in thousandths of its height, for who waits at a page. Raises UnreadableError."""
    answer = run_apart(f"{__name__}:answer_strip", content, page, top, bottom, preload=_PRELOAD, limits=STRIP_LIMITS)
    try:
        return base64.b64decode(answer)
    except (TypeError, ValueError) as error:
        raise UnreadableError("ตัดภาพส่วนที่อ่านไม่ได้") from error


def answer_strip(content: bytes, page: int, top: int, bottom: int) -> dict[str, Any]:
    """In the sandbox: a strip of a page."""
    try:
        if not 0 < page <= MAX_SCANS or not 0 <= top < bottom <= _WHOLE:
            raise UnreadableError("ไม่มีส่วนนี้ในภาพ")
        return {"answer": base64.b64encode(_strip(scans.upright(_picture_of(content, page)), top, bottom)).decode()}
    except (UnreadableError, IndexError, RuntimeError):
        return {"error": "ไม่มีส่วนนี้ในภาพ"}


def answer_cuttings(
    file: IO[bytes], _suffix: str, index: int | None, places: Sequence[tuple[int, int, int]]
) -> dict[str, Any]:
    """In the sandbox: the strips of pages, in the order of the pages."""
    try:
        content, _ = content_of(file, "", index)
        return {"answer": [base64.b64encode(strip).decode() for strip in _cut(content, places)]}
    except UnreadableError as error:
        return {"error": str(error)}


def _cut(content: bytes, places: Sequence[tuple[int, int, int]]) -> Iterator[bytes]:
    for number, (page, on_page) in enumerate(groupby(places, key=lambda place: place[0]), 1):
        sandbox.allow_until(sandbox.base_seconds() + number * SECONDS_A_SCAN)
        picture = scans.upright(_picture_of(content, page))
        for _, top, bottom in on_page:
            yield _strip(picture, top, bottom)


def _picture_of(content: bytes, page: int) -> "Image":
    if b"%PDF-" not in content[:1024]:
        return scans.open_picture(content)
    import pypdfium2

    return draw_page(pypdfium2.PdfDocument(content)[page - 1])


def _strip(page: "Image", top: int, bottom: int) -> bytes:
    """What stands between two heights, in thousandths, as JPEG."""
    first, last = ((side * page.height) // 1000 for side in (top - _MARGIN, bottom + _MARGIN))
    strip = page.crop((0, max(first, 0), page.width, min(last, page.height)))
    filled = strip.point(lambda value: 255 * (value < scans.DARK)).getbbox()
    if filled:
        strip = strip.crop((max(filled[0] - _SIDE, 0), 0, min(filled[2] + _SIDE, strip.width), strip.height))
    out = io.BytesIO()
    strip.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
