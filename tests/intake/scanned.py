"""A document as an office scans it: printed, laid askew on the glass, and saved small."""

import io
import json
from collections.abc import Sequence
from random import Random

from PIL import Image

from prongsai.lib import typeset

_PAGE = b"""
#set page(width: 21cm, height: 29.7cm, margin: 2cm)
#set text(font: "Sarabun", size: 13pt, lang: "th", fallback: false)
#for part in json(bytes(sys.inputs.data)) {
  if type(part) == str { par(part) } else { table(columns: part.at(0).len(), ..part.flatten().map(c => [#c])) }
}
"""
MOST_ANGLE, NOISE, QUALITY, DOTS = 2.0, 6, 60, 150


def printed(lines: Sequence[str | list[str]], dots: int = DOTS) -> Image.Image:
    """The page of lines; a list is the row of a table."""
    parts: list[str | list[list[str]]] = []
    for line in lines:
        if isinstance(line, str):
            parts.append(line)
        elif parts and isinstance(parts[-1], list):
            parts[-1].append(line)
        else:
            parts.append([line])
    picture = typeset._compile(_PAGE, json.dumps(parts, ensure_ascii=False), format="png", ppi=dots)
    return Image.open(io.BytesIO(picture)).convert("L")


def scan(lines: Sequence[str | list[str]], random: Random, *, turned: int = 0) -> bytes:
    """The page as a JPEG: rotated, greyer than it was, with noise, and ``turned`` by a multiple of 90 degrees."""
    page = printed(lines).rotate(random.uniform(-MOST_ANGLE, MOST_ANGLE), Image.Resampling.BICUBIC, fillcolor=255)
    page = page.rotate(turned, expand=True)
    noise = Image.frombytes("L", page.size, random.randbytes(page.width * page.height))
    grey = Image.blend(page.point(lambda v: 18 + 0.9 * v), noise, NOISE / 128)
    out = io.BytesIO()
    grey.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def as_pdf(*pictures: bytes) -> bytes:
    """A PDF of pictures alone."""
    pages = [Image.open(io.BytesIO(data)).convert("L") for data in pictures]
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=DOTS)
    return out.getvalue()
