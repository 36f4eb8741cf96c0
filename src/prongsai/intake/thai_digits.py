"""Numbers in Thai digits in a picture of a line, which tesseract takes for anything else.

Two small networks look at each glyph, one as it is and one stretched; a number is clear where both are certain and
agree. ``python -m bench.thai_digits`` draws the glyphs that they learn from, and says how many they know.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
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
_POINT, _POINT_WIDE = 0.36, 0.28  # of the height of a word, at most; a zero is nearly as wide as high
_WORD_GAP, _POINT_GAP = 0.2, 0.35  # of the height of a line: letters stand closer, words do not
_LEAST_GAP = 6  # pixels between words
_CERTAIN, _LIKELY = 0.9, 0.5
_LEAST_WITHIN = 3  # digits and points of a number that touches letters
_MOST_AROUND = 2  # glyphs beside shorter ones: brackets

_Box = tuple[int, int, int, int]


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
    words = _words(line, dark)
    return [number for word in words for number in _numbers_of(_read_glyphs(line, word))]


def _words(line: "Image", dark: int) -> list[list[_Box]]:
    """The boxes of the glyphs of each word. A point stands farther from digits than they from each other."""
    words: list[list[_Box]] = []
    for box in _boxes(line, dark):
        before = words[-1][-1] if words else None
        is_near = False
        if before is not None:
            near = _POINT_GAP if _is_point(before, line.height) or _is_point(box, line.height) else _WORD_GAP
            is_near = box[0] - before[2] <= max(near * line.height, _LEAST_GAP)
        if is_near:
            words[-1].append(box)
        else:
            words.append([box])
    return words


def _boxes(line: "Image", dark: int) -> Iterator[_Box]:
    """Left, top, right and bottom of what is parted by columns without ink."""
    import numpy as np

    ink = np.asarray(line) < dark
    filled = np.flatnonzero(ink.any(axis=0))
    for run in np.split(filled, np.flatnonzero(np.diff(filled) > 1) + 1) if len(filled) else ():
        rows = np.flatnonzero(ink[:, run].any(axis=1))
        yield int(run[0]), int(rows[0]), int(run[-1]) + 1, int(rows[-1]) + 1


def _is_point(box: _Box, tallest: int) -> bool:
    left, top, right, bottom = box
    return bottom - top < _POINT * tallest and right - left < _POINT_WIDE * tallest and top > tallest / 2


def _read_glyphs(line: "Image", word: Sequence[_Box]) -> list[_Glyph]:
    first, last = min(top for _, top, _, _ in word), max(bottom for *_, bottom in word)
    glyphs = []
    for box, (digit, is_clear) in zip(word, guess([line.crop(box) for box in word], last - first), strict=True):
        left, top, right, bottom = box
        if _is_point((left, top - first, right, bottom - first), last - first):
            glyphs.append(_Glyph(left, right, ".", True))
        elif not is_clear and right - left > _WIDE * (bottom - top):
            glyphs += _read_touching(line, box, last - first)
        else:
            glyphs.append(_Glyph(left, right, "" if digit is None else str(digit), is_clear))
    return glyphs


def _read_touching(line: "Image", box: _Box, tallest: int) -> list[_Glyph]:
    """Two digits that touch, parted where the least ink is; one glyph that is no digit where they are none. What was
    parted is never clear."""
    import numpy as np

    left, top, right, bottom = box
    ink = 255 - np.asarray(line.crop(box), dtype=np.float32)
    third = (right - left) // 3
    middle = left + third + int(ink.sum(axis=0)[third : right - left - third].argmin())
    halves = [(left, top, middle, bottom), (middle, top, right, bottom)]
    digits = [digit for digit, _ in guess([line.crop(half) for half in halves], tallest)]
    if None in digits:
        return [_Glyph(left, right, "", False)]
    return [_Glyph(half[0], half[2], str(digit), False) for half, digit in zip(halves, digits, strict=True)]


_WIDE = 1.45  # times as wide as high


def _numbers_of(glyphs: Sequence[_Glyph]) -> Iterator[Number]:
    """Runs of digits: whole words, or long enough that letters beside them are not mistaken for some."""
    run: list[_Glyph] = []
    is_alone = sum(not glyph.text for glyph in glyphs) <= (_MOST_AROUND if len(glyphs) > _MOST_AROUND + 1 else 0)
    end = _Glyph(0, 0, "", True)
    for glyph in [*glyphs, end]:
        if glyph.text:
            run.append(glyph)
            continue
        while run and run[-1].text == ".":
            run.pop()
        while run and run[0].text == ".":
            run.pop(0)
        run = _without_letter(run) if glyph is not end else run
        if run and (len(run) >= _LEAST_WITHIN or (is_alone and all(g.is_clear for g in run))):
            text = "".join(g.text for g in run)
            yield Number(text, run[0].left, run[-1].right, all(g.is_clear for g in run))
        run = []


def _without_letter(run: list[_Glyph]) -> list[_Glyph]:
    """A run that a letter follows, without what may be the first letter of the word, taken for a digit: it stands
    farther off than digits do."""
    if len(run) <= _LEAST_WITHIN or run[-1].is_clear:
        return run
    gaps = [after.left - before.right for before, after in pairwise(run)]
    return run[:-1] if gaps[-1] > _FARTHER * max(gaps[:-1]) else run


_FARTHER = 1.5  # times as far


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
        forward(weights, np.stack([describe(glyph, tallest, number) for glyph in glyphs]))
        for number, weights in enumerate(_networks())
    ]
    both = (shares[0] + shares[1]) / 2
    found: list[tuple[int | None, bool]] = []
    for first, second, mean in zip(*shares, both, strict=True):
        best = int(mean.argmax())
        is_clear = int(first.argmax()) == int(second.argmax()) and min(first.max(), second.max()) >= _CERTAIN
        found.append((None if best == OTHER or mean[best] < _LIKELY else best, bool(is_clear)))
    return found


def describe(glyph: "Image", tallest: int, number: int) -> "Floats":
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
