"""Typesetting: Typst source and data in, PDF out, in Sarabun, with a text layer that reads as the text was written.

Each process has one compiler: fonts are opened once and unchanged parts are not set again. A file of a fixed date and
content has the same bytes each time.
"""

import json
import re
import threading
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from prongsai.lib import textlayer
from prongsai.lib.lines import Face

FONTS = Path(__file__).parent / "fonts"
_COMPILER_LOCK = threading.Lock()
_PICTURE = (
    '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.data), format: "svg", width: {}cm)'
)


class TypesetError(Exception):
    """Typst refused the template; the message is Typst's."""


def pdf(template: Path, data: object, *, standard: str | None = None) -> bytes:
    """Set ``template``, which reads ``data`` with ``json(bytes(sys.inputs.data))``. ``standard`` is a PDF standard such
    as "a-2u". Raises TypesetError."""
    compiled = _compile(template, json.dumps(data, ensure_ascii=False), pdf_standards=[standard] if standard else [])
    return textlayer.repair(compiled, sorted(FONTS.glob("*.ttf")))


@lru_cache(maxsize=1)
def letters() -> frozenset[str]:
    """Every letter that both fonts can print."""
    from fontTools.ttLib import TTFont

    sets = []
    for path in FONTS.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            sets.append({chr(code) for code in font.getBestCmap()})
    return frozenset(set.intersection(*sets))


def find_unprintable(text: str) -> str:
    """The letters of a text that papers leave out, such as pictures, each once; what nobody sees is not among them."""
    return "".join(c for c in dict.fromkeys(text) if c not in letters() and unicodedata.category(c)[0] not in "CMZ")


@lru_cache(maxsize=2)
def face(*, bold: bool) -> Face:
    """The font of papers, for measuring texts."""
    return Face(FONTS / ("Sarabun_700Bold.ttf" if bold else "Sarabun_400Regular.ttf"))


def picture(svg: str, width: float, dots: int = 200) -> bytes:
    """An SVG as PNG, ``width`` centimetres wide, ``dots`` to the inch. Raises TypesetError."""
    return _compile(_PICTURE.format(width).encode(), _split_am(svg), format="png", ppi=dots)


def _split_am(svg: str) -> str:
    """ำ in two letters: otherwise the SVG renderer draws its second half over the next letter."""
    return re.sub("([\u0e48-\u0e4b]?)\u0e33", "\u0e4d\\1\u0e32", svg)


@lru_cache(maxsize=1)
def _compiler() -> Any:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(font_paths=fonts, root="/")


def _compile(source: Path | bytes, data: str, **options: Any) -> bytes:
    import typst

    try:
        with _COMPILER_LOCK:
            template = str(source) if isinstance(source, Path) else source
            compiled = _compiler().compile(template, sys_inputs={"data": data}, **options)
    except typst.TypstError as error:
        raise TypesetError(str(error)) from error
    return bytes(compiled)
