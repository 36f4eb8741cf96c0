"""A document as an office scans it: printed, laid askew on the glass, and saved small."""

import io
import json
from collections.abc import Sequence
from random import Random

import pypdfium2
from PIL import Image

from prongsai.lib import thai, typeset

_PAGE = b"""
#set page(width: 21cm, height: 29.7cm, margin: 2cm)
#set text(font: "Sarabun", size: 13pt, lang: "th", fallback: false)
#for part in json(bytes(sys.inputs.data)) {
  if type(part) == str { par(part) } else { table(columns: part.at(0).len(), ..part.flatten().map(c => [#c])) }
}
"""
MOST_ANGLE, NOISE, QUALITY, DOTS = 2.0, 6, 60, 150


def printed(lines: Sequence[str | list[str]]) -> list[Image.Image]:
    """The pages of lines; a list is the row of a table."""
    parts: list[str | list[list[str]]] = []
    for line in lines:
        if isinstance(line, str):
            parts.append(line)
        elif parts and isinstance(parts[-1], list):
            parts[-1].append(line)
        else:
            parts.append([line])
    document = pypdfium2.PdfDocument(typeset._compile(_PAGE, json.dumps(parts, ensure_ascii=False)))
    return [page.render(scale=DOTS / 72, grayscale=True).to_pil() for page in document]


def scan(lines: Sequence[str | list[str]], random: Random, *, turned: int = 0) -> bytes:
    """The first page as a JPEG."""
    return _laid_on_glass(printed(lines)[0], random, turned)


def scan_pages(lines: Sequence[str | list[str]], random: Random) -> list[bytes]:
    return [_laid_on_glass(page, random) for page in printed(lines)]


def _laid_on_glass(page: Image.Image, random: Random, turned: int = 0) -> bytes:
    """A page rotated, greyer than it was, with noise, and ``turned`` by a multiple of 90 degrees."""
    page = page.rotate(random.uniform(-MOST_ANGLE, MOST_ANGLE), Image.Resampling.BICUBIC, fillcolor=255)
    page = page.rotate(turned, expand=True)
    noise = Image.frombytes("L", page.size, random.randbytes(page.width * page.height))
    grey = Image.blend(page.point(lambda v: 18 + 0.9 * v), noise, NOISE / 128)
    out = io.BytesIO()
    grey.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def in_thai_digits(lines: Sequence[str | list[str]]) -> list[str | list[str]]:
    """The lines with numbers as official letters have them."""
    return [
        thai.in_thai_digits(line) if isinstance(line, str) else [thai.in_thai_digits(cell) for cell in line]
        for line in lines
    ]


def as_pdf(*pictures: bytes) -> bytes:
    """A PDF of pictures alone."""
    pages = [Image.open(io.BytesIO(data)).convert("L") for data in pictures]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=DOTS)
    return out.getvalue()
