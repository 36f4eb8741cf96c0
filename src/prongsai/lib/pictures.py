"""Pictures of uploaded files for paper: a photograph drawn anew, the first pages of a PDF. They are drawn in the
sandbox; nothing else of a file reaches a document."""

import base64
import io
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from prongsai.lib import sandbox

MAX_PAGES = 5  # of one PDF
_MAX_BYTES = 40_000_000
_MAX_PIXELS = 60_000_000  # of a photograph; phones take up to 50 million
_MAX_SIDE = 1400  # pixels of the longer side: 16 cm at over 200 dots to the inch
_QUALITY = 78
_SECONDS = 3  # of processor time for a page or a photograph; the largest that phones take need one
_LIMITS = sandbox.Limits(seconds=_SECONDS, max_seconds=_SECONDS * MAX_PAGES, wall=160, memory=1_500_000_000)
_FORMATS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG"}
SUFFIXES = (*_FORMATS, "pdf")
_PARSERS = ("PIL.PngImagePlugin", "PIL.JpegImagePlugin", "pypdfium2")


class PictureError(Exception):
    """The file shows no picture: damaged, locked, or too large to draw."""


@dataclass(frozen=True)
class Picture:
    """A picture as JPEG, its sides in pixels."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Drawing:
    """The pictures of a file; ``pages`` is how many pages the file has, 1 for a photograph."""

    pictures: tuple[Picture, ...]
    pages: int


def draw(path: Path, suffix: str) -> Drawing:
    """Draw a PNG, JPEG or PDF file, by its ``suffix``. Raises PictureError."""
    try:
        return _read(sandbox.run(f"{__name__}:draw_file", suffix, limits=_LIMITS, file=path, preload=_PARSERS))
    except (sandbox.SandboxError, OSError) as error:
        raise PictureError from error


def draw_bytes(content: bytes, suffix: str) -> Drawing:
    """The same of what is in memory, and never on a disk."""
    try:
        return _read(sandbox.run(f"{__name__}:draw_content", content, suffix, limits=_LIMITS, preload=_PARSERS))
    except sandbox.SandboxError as error:
        raise PictureError from error


def _read(drawn: Any) -> Drawing:
    try:
        pictures = tuple(Picture(base64.b64decode(p["jpeg"]), p["width"], p["height"]) for p in drawn["pictures"])
        return Drawing(pictures, int(drawn["pages"]))
    except (KeyError, TypeError, ValueError) as error:
        raise PictureError from error


def draw_content(content: bytes, suffix: str) -> dict[str, Any]:
    """In the sandbox: as ``draw_file``."""
    return draw_file(io.BytesIO(content), suffix)


def draw_file(file: BinaryIO, suffix: str) -> dict[str, Any]:
    """In the sandbox: the pictures of a file and how many pages it has; nothing where it is too large."""
    if file.seek(0, io.SEEK_END) > _MAX_BYTES:
        return {}
    file.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pictures, pages = _draw_pages(file) if suffix == "pdf" else ([_draw_photograph(file, suffix)], 1)
    return {"pictures": pictures, "pages": pages}


def _draw_photograph(opened: BinaryIO, suffix: str) -> dict[str, Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = _MAX_PIXELS // 2  # Pillow refuses twice as many
    with Image.open(opened, formats=(_FORMATS[suffix],)) as file:
        picture: Image.Image = file
        file.draft("RGB", (2 * _MAX_SIDE, 2 * _MAX_SIDE))  # a JPEG is then read at a fraction of its size
        if picture.mode.startswith("I"):  # grey of 16 bits, which a plain conversion would turn white
            picture = picture.convert("I").point(lambda value: value / 256).convert("L")
        return _encode(ImageOps.exif_transpose(picture))


def _draw_pages(file: BinaryIO) -> tuple[list[dict[str, Any]], int]:
    import pypdfium2

    document = pypdfium2.PdfDocument(file)
    pictures = []
    for number in range(min(len(document), MAX_PAGES)):
        sandbox.allow_until(time.process_time() + _SECONDS)
        page = document[number]
        scale = _MAX_SIDE / max(*page.get_size(), 1)
        pictures.append(_encode(page.render(scale=scale).to_pil()))
    return pictures, len(document)


def _encode(picture: Any) -> dict[str, Any]:
    """The picture on white, as JPEG without metadata."""
    from PIL import Image

    picture.thumbnail((_MAX_SIDE, _MAX_SIDE))
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        with_alpha = picture.convert("RGBA")
        picture = Image.new("RGB", with_alpha.size, "white")
        picture.paste(with_alpha, mask=with_alpha.getchannel("A"))
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    return {"jpeg": base64.b64encode(out.getvalue()).decode(), "width": picture.width, "height": picture.height}
