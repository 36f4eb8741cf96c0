"""Numbers in Thai digits in a picture of a line, which tesseract takes for anything else.

Two small networks look at each glyph, one as it is and one stretched; a number is clear where both are certain and
agree. ``python -m bench.thai_digits`` draws the glyphs that they learn from, and says how many they know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "thai_digits.npz"
SIDES = (20, 16)  # pixels of what each network sees
OTHER = 10  # the class of what is no digit
_POINT_HEIGHT, _POINT_WIDTH = 0.36, 0.4  # of the tallest glyph of a word
_WORD_GAP = 0.42  # of the height of a line
_CERTAIN, _LIKELY = 0.9, 0.5
_LEAST_WITHIN = 3  # digits and points of a number that touches letters


@dataclass(frozen=True)
class Number:
    """A number in Arabic digits, and from where to where in the picture it stands."""

    text: str
    left: int
    right: int
    is_clear: bool


@dataclass(frozen=True)
class _Glyph:
    left: int
    right: int
    text: str  # a digit, a point, or nothing
    is_clear: bool


def find_numbers(line: "Image", dark: int) -> list[Number]:
    """The numbers in Thai digits of a line of text. ``dark`` is the grey below which there is ink."""
    return [number for word in _words(line, dark) for number in _numbers_of(_read_glyphs(line, word, dark))]


def _words(line: "Image", dark: int) -> Iterator[list[tuple[int, int]]]:
    """The glyphs of each word, as the columns that they fill."""
    import numpy as np

    filled = np.flatnonzero((np.asarray(line) < dark).any(axis=0))
    if not len(filled):
        return
    runs = [(int(r[0]), int(r[-1]) + 1) for r in np.split(filled, np.flatnonzero(np.diff(filled) > 1) + 1)]
    word = [runs[0]]
    for run in runs[1:]:
        if run[0] - word[-1][1] > _WORD_GAP * line.height:
            yield word
            word = []
        word.append(run)
    yield word


def _read_glyphs(line: "Image", word: Sequence[tuple[int, int]], dark: int) -> list[_Glyph]:
    boxes = [_trimmed(line, left, right, dark) for left, right in word]
    tallest = max(bottom - top for _, top, _, bottom in boxes)
    guesses = guess([line.crop(box) for box in boxes], tallest)
    glyphs = []
    for (left, top, right, bottom), (digit, is_clear) in zip(boxes, guesses, strict=True):
        is_low = bottom - top < _POINT_HEIGHT * tallest and top > boxes[0][1] + tallest / 2
        if is_low and right - left < _POINT_WIDTH * tallest:
            glyphs.append(_Glyph(left, right, ".", True))
        else:
            glyphs.append(_Glyph(left, right, "" if digit is None else str(digit), is_clear))
    return glyphs


def _trimmed(line: "Image", left: int, right: int, dark: int) -> tuple[int, int, int, int]:
    import numpy as np

    rows = np.flatnonzero((np.asarray(line)[:, left:right] < dark).any(axis=1))
    return left, int(rows[0]), right, int(rows[-1]) + 1


def _numbers_of(glyphs: Sequence[_Glyph]) -> Iterator[Number]:
    """Runs of digits: whole words, or long enough that letters beside them are not mistaken for some."""
    run: list[_Glyph] = []
    for glyph in [*glyphs, _Glyph(0, 0, "", True)]:
        if glyph.text:
            run.append(glyph)
            continue
        while run and run[-1].text == ".":
            run.pop()
        while run and run[0].text == ".":
            run.pop(0)
        if run and (len(run) >= _LEAST_WITHIN or len(run) == len(glyphs)):
            text = "".join(g.text for g in run)
            yield Number(text, run[0].left, run[-1].right, all(g.is_clear for g in run))
        run = []


# --- the networks


@cache
def _networks() -> "list[list[Floats]]":
    import numpy as np

    with np.load(WEIGHTS) as stored:
        return [[stored[f"{n}/{k}"].astype(np.float32) for k in range(4)] for n in range(len(SIDES))]


def guess(glyphs: "Sequence[Image]", tallest: int) -> list[tuple[int | None, bool]]:
    """The digit that each glyph is, None for no digit, and whether both networks are certain of it. ``tallest`` is the
    height of the tallest glyph of the word."""
    import numpy as np

    shares = [
        forward(weights, np.stack([look(glyph, tallest, number) for glyph in glyphs]))
        for number, weights in enumerate(_networks())
    ]
    both = (shares[0] + shares[1]) / 2
    found: list[tuple[int | None, bool]] = []
    for first, second, mean in zip(*shares, both, strict=True):
        best = int(mean.argmax())
        is_clear = int(first.argmax()) == int(second.argmax()) and min(first.max(), second.max()) >= _CERTAIN
        found.append((None if best == OTHER or mean[best] < _LIKELY else best, bool(is_clear)))
    return found


def look(glyph: "Image", tallest: int, number: int) -> "Floats":
    """What a network sees of a glyph: its pixels, its shape, and how tall it is among the others."""
    import numpy as np
    from PIL import Image

    side = SIDES[number]
    if number == 0:  # as it is
        scale = side / max(glyph.size)
        small = glyph.resize(
            (max(round(glyph.width * scale), 1), max(round(glyph.height * scale), 1)), Image.Resampling.BILINEAR
        )
        patch = Image.new("L", (side, side), 255)
        patch.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
    else:
        patch = glyph.resize((side, side), Image.Resampling.BILINEAR)
    ink = 1 - np.asarray(patch, dtype=np.float32).ravel() / 255
    shape = [glyph.width / (glyph.width + glyph.height), min(glyph.height / max(tallest, 1), 1)]
    return np.concatenate([ink, np.array(shape, dtype=np.float32)])


def forward(weights: "Sequence[Floats]", seen: "Floats") -> "Floats":
    """The share of each class."""
    import numpy as np

    hidden = np.maximum(seen @ weights[0] + weights[1], 0)
    scores = hidden @ weights[2] + weights[3]
    powers: Floats = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares
