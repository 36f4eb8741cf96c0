"""Setting paper: Typst source and data in, PDF out, in Sarabun, with a text layer that reads as it was written.

One compiler a process: fonts are opened once and what did not change is not set again. A file of a fixed date and
content is the same bytes each time.
"""

import json
import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from prongsai.lib import textlayer
from prongsai.lib.lines import Face

FONTS = Path(__file__).parent / "fonts"
_ALONE = threading.Lock()
_PICTURE = (
    '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.data), format: "svg", width: {}cm)'
)


class TypesetError(Exception):
    """The paper could not be set; the message is Typst's."""


def pdf(template: Path, data: object, *, standard: str | None = None) -> bytes:
    """Set ``template``, which reads ``data`` with ``json(bytes(sys.inputs.data))``. ``standard`` as "a-2u"."""
    made = _compiled(template, json.dumps(data, ensure_ascii=False), pdf_standards=[standard] if standard else [])
    return textlayer.mend(made, sorted(FONTS.glob("*.ttf")))


@lru_cache(maxsize=1)
def letters() -> frozenset[str]:
    """Every letter that can be printed."""
    from fontTools.ttLib import TTFont

    sets = []
    for path in FONTS.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            sets.append({chr(code) for code in font.getBestCmap()})
    return frozenset(set.intersection(*sets))


@lru_cache(maxsize=2)
def face(*, bold: bool) -> Face:
    """The letters that papers are set in, to measure with."""
    return Face(FONTS / ("Sarabun_700Bold.ttf" if bold else "Sarabun_400Regular.ttf"))


def picture(svg: str, width: float, dots: int = 200) -> bytes:
    """An SVG as PNG, ``width`` centimetres wide, at ``dots`` to the inch."""
    return _compiled(_PICTURE.format(width).encode(), _split_am(svg), format="png", ppi=dots)


def _split_am(svg: str) -> str:
    """ำ in two letters: the drawer of SVG puts its second half over the next letter otherwise."""
    return re.sub("([\u0e48-\u0e4b]?)\u0e33", "\u0e4d\\1\u0e32", svg)


@lru_cache(maxsize=1)
def _compiler() -> Any:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(font_paths=fonts, root="/")


def _compiled(source: Path | bytes, data: str, **options: Any) -> bytes:
    import typst

    try:
        with _ALONE:
            made = _compiler().compile(
                str(source) if isinstance(source, Path) else source, sys_inputs={"data": data}, **options
            )
    except typst.TypstError as error:
        raise TypesetError(str(error)) from error
    return bytes(made)
