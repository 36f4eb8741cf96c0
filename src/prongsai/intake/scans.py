"""A picture of a page becomes the letters and the ruled tables that a PDF would have: made upright and level, ruled
lines found, each cell and each line read apart by tesseract, numbers a second time by digits alone.

Nothing here is sure: every row says where on the page it stands (:class:`Spot`), and whether both readings of its
numbers are the same. What a row means is decided by who reads rows of any other format; how much of it is believed, in
:mod:`prongsai.intake.believing`. Tesseract is optional (``prongsai[scans]``), and is called in the sandbox alone.
"""

import io
import re
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from importlib.util import find_spec
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prongsai.intake import thai_digits
from prongsai.intake.unreadable import UnreadableError
from prongsai.lib import thai

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Ink = NDArray[np.bool_]

LANGUAGES = Path(__file__).parent / "tessdata"  # built by prongsai.web.assets
_NEEDED = ("tha", "eng")
MAX_PIXELS = 60_000_000  # of a photograph; phones take up to 50 million
LONG_SIDE = 1800  # pixels of the longer side of a page as it is read: 150 dots to the inch of A4, and a little
_LEAST_SIDE = 200  # pixels; nothing can be read of less
_PAPER = 842  # points of the longer side of A4: how large letters are in a page's own measure
_MOST_ANGLE = 5.0  # degrees that a page may be askew
_FORMATS = ("JPEG", "PNG")
_DIGITS = "0123456789.%+-"
_NUMBER = re.compile(r"[0-9๐-๙][0-9๐-๙.,:]{1,9}(?<![.,:])")

Box = tuple[float, float, float, float]  # left, top, right, bottom, in points
_Pixels = tuple[int, int, int, int]


@dataclass(frozen=True)
class Spot:
    """Where a row stands in a picture: the page, and top and bottom in thousandths of its height, once it is upright.
    ``is_clear``: each of its numbers was read twice, and alike."""

    page: int
    top: int
    bottom: int
    is_clear: bool


@dataclass(frozen=True)
class Piece:
    """Some letters on one line, in points of the page."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    is_clear: bool


def is_installed() -> bool:
    """Whether tesseract and what it knows of Thai are there."""
    return find_spec("tesserocr") is not None and all((LANGUAGES / f"{n}.traineddata").is_file() for n in _NEEDED)


# --- a picture


def open_picture(data: bytes) -> "Image":
    """The picture of a file in grey, as its camera was held. Raises UnreadableError."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as file:
                if file.width * file.height > MAX_PIXELS:
                    raise UnreadableError(f"ภาพใหญ่เกิน {MAX_PIXELS // 1_000_000} ล้านพิกเซล ย่อภาพแล้วส่งใหม่")
                if file.format == "JPEG":
                    file.draft("L", (2 * LONG_SIDE, 2 * LONG_SIDE))  # read at a fraction of its size
                return ImageOps.exif_transpose(_on_white(file))
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise UnreadableError("ภาพเสียหรือดาวน์โหลดไม่ครบ") from error


def _on_white(picture: "Image") -> "Image":
    """The picture in grey of 8 bits; what shows through is white."""
    from PIL import Image

    if picture.mode.startswith("I"):  # grey of 16 bits, which a plain conversion would turn white
        picture = picture.convert("I").point(lambda value: value / 256)
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        with_alpha = picture.convert("RGBA")
        white = Image.new("RGB", with_alpha.size, "white")
        white.paste(with_alpha, mask=with_alpha.getchannel("A"))
        white.info, picture = picture.info, white
    exif = picture.getexif()
    grey = picture.convert("L")
    grey.getexif().update(exif)
    return grey


def upright(picture: "Image") -> "Image":
    """The page as it is read: of one size, evenly lit, level, and with its head up. Raises UnreadableError."""
    from PIL import Image

    if min(picture.size) < _LEAST_SIDE:
        raise UnreadableError("ภาพเล็กเกินกว่าจะอ่านตัวหนังสือได้ ถ่ายหรือสแกนใหม่ให้ชัดขึ้น")
    scale = LONG_SIDE / max(picture.size)
    size = max(round(picture.width * scale), 1), max(round(picture.height * scale), 1)
    page = _evenly_lit(picture.resize(size, Image.Resampling.LANCZOS))
    if _is_sideways(page):
        page = page.transpose(Image.Transpose.ROTATE_90)
    page = page.rotate(_angle_of(page), Image.Resampling.BICUBIC, fillcolor=255)
    return page.transpose(Image.Transpose.ROTATE_180) if _is_upside_down(page) else page


def _evenly_lit(page: "Image") -> "Image":
    """The page with its paper white, whatever shadow lies on it."""
    import numpy as np
    from PIL import Image, ImageFilter

    small = page.resize((max(page.width // 8, 1), max(page.height // 8, 1)), Image.Resampling.BOX)
    paper = small.filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.GaussianBlur(6)).resize(page.size)
    light = np.asarray(page, dtype=np.float32) / np.maximum(np.asarray(paper, dtype=np.float32), 32)
    return Image.fromarray((np.clip(light, 0, 1) * 255).astype(np.uint8))


def _ink(page: "Image") -> "Ink":
    import numpy as np

    return np.asarray(page) < DARK


DARK = 150  # of 255, on a page that is evenly lit


def _sharpness(small: "Image", angle: float = 0) -> float:
    """How clearly lines of text part from each other when the page is turned."""
    import numpy as np

    rows = (255 - np.asarray(small.rotate(angle, fillcolor=255), dtype=np.float32)).sum(axis=1)
    return float((np.diff(rows) ** 2).sum())


def _small(page: "Image", side: int) -> "Image":
    small = page.copy()
    small.thumbnail((side, side))
    return small


def _is_sideways(page: "Image") -> bool:
    from PIL import Image

    small = _small(page, 600)
    lying = small.transpose(Image.Transpose.ROTATE_90)
    best = [max(_sharpness(p, a) / p.width**2 for a in range(-5, 6)) for p in (small, lying)]
    return best[1] > _SIDEWAYS * best[0]


_SIDEWAYS = 1.3  # times as clear


def _angle_of(page: "Image") -> float:
    """Degrees by which to turn a page so that its lines are level."""
    small = _small(page, 900)
    angle, step = 0.0, 1.0
    reach = _MOST_ANGLE
    while step > 0.04:
        steps = round(reach / step)
        tried = [angle + n * step for n in range(-steps, steps + 1)]
        angle = max(tried, key=lambda a: _sharpness(small, a))
        reach, step = step, step / 4
    return angle


def _is_upside_down(page: "Image") -> bool:
    """Whether more ink hangs below lines of text than stands above them: vowels, tones and tall letters stand above."""
    ink = _ink(_without_rules(page))
    above = below = 0
    for top, bottom in _lines_of(ink):
        filled = ink[top:bottom].sum(axis=1)
        body = [row for row, count in enumerate(filled) if count >= _OF_A_BODY * filled.max()]
        above += int(filled[: body[0]].sum())
        below += int(filled[body[-1] + 1 :].sum())
    return below > _CLEARLY_MORE * above


_OF_A_BODY, _CLEARLY_MORE = 0.45, 1.1


def _without_rules(page: "Image") -> "Image":
    from PIL import ImageDraw

    bare = page.copy()
    brush = ImageDraw.Draw(bare)
    ink = _ink(page)
    for x0, y0, x1, y1 in _level_lines(ink):
        brush.line((x0, y0, x1, y1), fill=255, width=2 * _BORDER)
    for y0, x0, y1, x1 in _level_lines(ink.T):
        brush.line((x0, y0, x1, y1), fill=255, width=2 * _BORDER)
    return bare


# --- lines and tables


def _lines_of(ink: "Ink") -> list[tuple[int, int]]:
    """Top and bottom of each line of text; marks that stand apart from their letters are with the nearest line."""
    import numpy as np

    filled = ink.sum(axis=1) > 1
    edges = np.flatnonzero(np.diff(np.concatenate(([False], filled, [False])).astype(np.int8)))
    runs = [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    tall = sorted(b - a for a, b in runs if b - a >= _LEAST_LETTER)
    if not tall:
        return []
    usual = tall[len(tall) // 4]  # that of lines whose marks stand apart, if there are some
    filled_rows = ink.sum(axis=1)
    weights = {run: int(filled_rows[slice(*run)].sum()) for run in runs}
    marks = {run for run in runs if _are_marks(run, weights, usual)}
    lines = [list(run) for run in runs if run not in marks]
    for top, bottom in sorted(marks):
        near = min(lines, key=lambda line: max(line[0] - bottom, top - line[1]), default=None)
        if near is not None and max(near[0] - bottom, top - near[1]) < _MARK_WITHIN * usual:
            near[:] = min(near[0], top), max(near[1], bottom)
    return [part for top, bottom in lines for part in _parted(ink, top, bottom, usual)]


def _parted(ink: "Ink", top: int, bottom: int, usual: int) -> Iterator[tuple[int, int]]:
    """Lines that stand so close that marks of one reach into another, parted where the least ink is."""
    number = round((bottom - top) / (_WITH_MARKS * usual))
    filled, begin = ink[top:bottom].sum(axis=1), 0
    for part in range(1, number):
        middle, reach = (bottom - top) * part // number, usual // 3
        cut = middle - reach + int(filled[middle - reach : middle + reach].argmin())
        if filled[cut] < _BETWEEN * filled.max():
            yield top + begin, top + cut
            begin = cut
    yield top + begin, bottom


_WITH_MARKS, _BETWEEN = 1.8, 0.25  # times the usual height; of the ink of the fullest row
_LEAST_LETTER = 12  # pixels; marks are lower
_OF_A_LINE, _MARK_WITHIN = 0.55, 0.5  # of the usual height of lines


def _are_marks(run: tuple[int, int], weights: Mapping[tuple[int, int], int], usual: int) -> bool:
    """Whether rows of ink are marks of the line below or above them: low, or with much less ink than a line beside."""
    top, bottom = run
    if bottom - top < _OF_A_LINE * usual:
        return True
    beside = [w for (a, b), w in weights.items() if (a, b) != run and max(a - bottom, top - b) < _MARK_BESIDE * usual]
    return bottom - top < _TALLEST_MARK * usual and weights[run] < _OF_ITS_INK * max(beside, default=0)


_MARK_BESIDE, _TALLEST_MARK, _OF_ITS_INK = 0.3, 0.8, 0.4


def _runs_of(ink: "Ink", gap: float) -> list[tuple[int, int]]:
    """Left and right of what stands in a line, parted by gaps of more than ``gap`` pixels."""
    import numpy as np

    columns = np.flatnonzero(ink.any(axis=0))
    if not len(columns):
        return []
    parts = np.split(columns, np.flatnonzero(np.diff(columns) > gap) + 1)
    return [(int(p[0]), int(p[-1]) + 1) for p in parts]


def ruled_lines(page: "Image") -> Iterator[Box]:
    """The level and upright lines of a page."""
    ink, unit = _ink(page), _points(page)
    for x0, y0, x1, y1 in _level_lines(ink):
        yield x0 * unit, y0 * unit, x1 * unit, y1 * unit
    for y0, x0, y1, x1 in _level_lines(ink.T):
        yield x0 * unit, y0 * unit, x1 * unit, y1 * unit


def _points(page: "Image") -> float:
    """Points to a pixel."""
    return _PAPER / max(page.size)


def height_of(page: "Image") -> float:
    """In points."""
    return page.height * _points(page)


def _level_lines(ink: "Ink") -> Iterator[tuple[int, int, int, int]]:
    """Level lines of at least ``_LEAST_RULE`` pixels, which may waver by a pixel and be broken for a little."""
    import numpy as np

    thick = ink | np.roll(ink, 1, axis=0) | np.roll(ink, -1, axis=0)
    filled = np.cumsum(np.pad(thick, ((0, 0), (1, 0))), axis=1, dtype=np.int32)
    whole = (filled[:, _LEAST_RULE:] - filled[:, :-_LEAST_RULE]) >= _UNBROKEN * _LEAST_RULE
    open_lines: list[list[int]] = []  # left, top, right, bottom
    for y in np.flatnonzero(whole.any(axis=1)):
        starts = np.flatnonzero(whole[y])
        parts = np.split(starts, np.flatnonzero(np.diff(starts) > 1) + 1)
        for left, right in ((int(p[0]), int(p[-1]) + _LEAST_RULE) for p in parts):
            for line in open_lines:
                if y - line[3] <= _THICKEST and left < line[2] and right > line[0]:
                    line[:] = min(line[0], left), line[1], max(line[2], right), int(y)
                    break
            else:
                open_lines.append([left, int(y), right, int(y)])
    for left, top, right, bottom in open_lines:
        if bottom - top <= _THICKEST_RULE:
            yield left, (top + bottom) // 2, right, (top + bottom) // 2


_LEAST_RULE = 40  # pixels; wider than any letter is high
_UNBROKEN = 0.92
_THICKEST, _THICKEST_RULE = 3, 12  # pixels between rows of one line; of a line


# --- reading


def read_pieces(page: "Image", tables: Sequence[Sequence[Box]]) -> list[Piece]:
    """What stands on a page: in the cells of its tables, each read apart, then in lines around them.
    Raises UnreadableError."""
    from PIL import ImageDraw

    unit, until = _points(page), time.process_time() + _SECONDS
    around = page.copy()
    brush = ImageDraw.Draw(around)
    pieces: list[Piece] = []
    for cell in (cell for cells in tables for cell in cells):
        left, top, right, bottom = (round(side / unit) for side in cell)
        brush.rectangle((left - _BORDER, top - _BORDER, right + _BORDER, bottom + _BORDER), fill=255)
        inner = left + _BORDER, top + _BORDER, right - _BORDER, bottom - _BORDER
        if inner[0] < inner[2] and inner[1] < inner[3]:
            pieces += _pieces_within(page, inner, gap=right - left, until=until)
    return pieces + list(_pieces_within(around, (0, 0, *around.size), gap=_GAP, until=until))


_SECONDS = 5  # of processor time for a page; most take one or two, noise would take minutes
_BORDER = 4  # pixels beside the middle of a ruled line
_GAP = 34  # pixels between what is read apart: a little more than letters are high


def _pieces_within(page: "Image", box: _Pixels, gap: float, until: float) -> Iterator[Piece]:
    """What stands in a part of a page, one line or one stretch of it at a time. Raises UnreadableError when it takes
    longer than ``until``, in seconds of processor time."""
    unit, (x, y, *_) = _points(page), box
    part = page.crop(box)
    ink = _ink(part)
    for top, bottom in _lines_of(ink):
        for left, right in _runs_of(ink[top:bottom], gap):
            if time.process_time() > until:
                raise UnreadableError("ภาพไม่ชัดหรือมีสิ่งอื่นมากกว่าตัวหนังสือ ถ่ายหรือสแกนเฉพาะหน้าที่มีคะแนนใหม่")
            stretch = _crop(part, (left - 4, top - 3, right + 4, bottom + 3))
            begin = x + max(left - 4, 0)
            for text, is_clear, first, last in _read_stretch(stretch):
                size = (bottom - top) * unit
                yield Piece(text, (begin + first) * unit, (begin + last) * unit, (y + bottom) * unit, size, is_clear)


def _without_neighbours(stretch: "Image") -> "Image":
    """A stretch of a line without ink that its edge cuts off and that touches nothing else: of the lines above and
    below, or marks of its own letters; digits have none."""
    import numpy as np
    from PIL import Image

    clean = np.array(stretch)
    ink = clean < DARK - _FAINT
    most = round(_OF_A_NEIGHBOUR * stretch.height)
    for seen, rows in ((ink, clean), (ink[::-1], clean[::-1])):
        for left, right in _runs_of(seen[:_EDGE], 1):
            around = slice(max(left - 1, 0), right + 1)
            gaps = np.flatnonzero(~seen[_EDGE:most, around].any(axis=1))
            if len(gaps):
                rows[: _EDGE + gaps[0], around] = 255
    return Image.fromarray(clean)


_EDGE, _OF_A_NEIGHBOUR = 2, 0.4  # rows of pixels; of the height of a stretch
_REST = 4  # pixels of what may be left of a digit beside a number
_FAINT = 35  # grey of ink that glyphs run together in


def _read_stretch(stretch: "Image") -> Iterator[tuple[str, bool, int, int]]:
    """The text of a stretch of a line, its numbers in Thai digits apart: whether it is clear, and from where to where
    it stands."""
    begin = 0
    for number in [*thai_digits.find_numbers(_without_neighbours(stretch), DARK - _FAINT), None]:
        end = number.left if number else stretch.width
        between = stretch.crop((begin, 0, end, stretch.height))
        filled = _runs_of(_ink(between), stretch.width)
        if filled and filled[0][1] - filled[0][0] > _REST:
            text, is_clear = _read_piece(between)
            if text:
                yield text, is_clear, begin + filled[0][0], begin + filled[0][1]
        if number:
            yield f" {number.text} ", number.is_clear, number.left, number.right
            begin = number.right


@cache
def _engine(languages: str, letters: str = "", *, by_shape: bool = False) -> Any:
    """One that reads a line by its network, or a word by the shapes of its letters, which errs otherwise."""
    from tesserocr import OEM, PSM, PyTessBaseAPI

    mode = {"psm": PSM.SINGLE_WORD, "oem": OEM.TESSERACT_ONLY} if by_shape else {"psm": PSM.SINGLE_LINE}
    engine = PyTessBaseAPI(path=str(LANGUAGES), lang=languages, **({"oem": OEM.LSTM_ONLY} | mode))
    if letters:
        engine.SetVariable("tessedit_char_whitelist", letters)
    return engine


def _read_with(engine: Any, picture: "Image") -> tuple[str, int]:
    """What an engine reads, without spaces, and how sure it is, of 100."""
    from PIL import ImageOps

    engine.SetImage(ImageOps.expand(picture, _WHITE, 255))
    return engine.GetUTF8Text().strip().replace(" ", ""), int(engine.MeanTextConf())


def _for_reading(picture: "Image") -> "Image":
    """A line with white around it, as large as the engine reads best."""
    from PIL import Image, ImageOps

    scale = min(_LINE_HEIGHT / max(picture.height, 1), _MOST_ENLARGED)
    size = max(round(picture.width * scale), 1), max(round(picture.height * scale), 1)
    return ImageOps.expand(picture.resize(size, Image.Resampling.BICUBIC), _WHITE, 255)


_LINE_HEIGHT, _MOST_ENLARGED = 36, 1.3  # pixels, times


def _read_piece(picture: "Image") -> tuple[str, bool]:
    """The text of a piece of a line, and whether each of its numbers was read twice and alike."""
    prepared = _for_reading(picture)
    engine = _engine("tha+eng")
    engine.SetImage(prepared)
    text, is_clear = engine.GetUTF8Text().strip(), True
    words = []
    for token in _tokens_of(text, list(_words_of(engine))):
        crop = _crop(prepared, token.box)
        if _STROKES.fullmatch(token.text) and (code := _read_code(crop)):
            word = code
        elif _NUMBER.search(token.text):
            word, is_same = _read_number(crop, token.text)
            if _ZERO_FIRST.match(word) and _begins_round(prepared if token.text == text else crop):
                word = f"O{word[1:]}"
            is_clear &= is_same
        else:
            word = _read_capitals(crop, token) if len(token.text) <= _LONGEST_CODE else token.text
        words.append(word)
    return _with_tones(thai.clean(" ".join(words))), is_clear


def _with_tones(text: str) -> str:
    """A text with the tones that engines lose where they stand above a vowel, of words that tell a reader what a number
    is; names of the rules are found without them."""
    for lost, word in _LOST:
        text = lost.sub(word, text)
    return text


_LOST = [
    (re.compile(word.replace("ี่", "ี").replace("ี้", "ี") + "(?![ก-๎])"), word)
    for word in ("ส่วนที่", "ตัวชี้วัดที่", "ตัวชี้วัด", "เฉลี่ย", "ลำดับที่", "อันดับที่", "ข้อที่", "หน้าที่")
]
_WHITE = 9  # pixels around what is read
_LONGEST_CODE = 5  # letters


@dataclass(frozen=True)
class _Word:
    text: str
    confidence: float
    box: _Pixels

    def __add__(self, other: "_Word") -> "_Word":
        (l0, t0, r0, b0), (l1, t1, r1, b1) = self.box, other.box
        box = min(l0, l1), min(t0, t1), max(r0, r1), max(b0, b1)
        return _Word(self.text + other.text, min(self.confidence, other.confidence), box)


def _crop(picture: "Image", box: _Pixels) -> "Image":
    """A part of a picture, as far as it lies in it: what lies outside would be black."""
    left, top, right, bottom = box
    return picture.crop((max(left, 0), max(top, 0), min(right, picture.width), min(bottom, picture.height)))


def _words_of(engine: Any) -> Iterator[_Word]:
    from tesserocr import RIL, iterate_level

    for word in iterate_level(engine.GetIterator(), RIL.WORD):
        text = word.GetUTF8Text(RIL.WORD).strip() if word.BoundingBox(RIL.WORD) else ""
        if text:
            left, top, right, bottom = word.BoundingBox(RIL.WORD)
            yield _Word(text, word.Confidence(RIL.WORD), (left - 4, top - 4, right + 4, bottom + 4))


def _tokens_of(text: str, words: Sequence[_Word]) -> Iterator[_Word]:
    """What stands between spaces; a number within it apart, where the engine takes it for a word. Thai is read in words
    without spaces between them."""
    left = list(words)
    for token in text.split():
        parts: list[_Word] = []
        while left and token[sum(len(p.text) for p in parts) :].startswith(left[0].text):
            parts.append(left.pop(0))
        if "".join(p.text for p in parts) != token:
            yield _Word(token, 100, (0, 0, 1, 1))
        elif _NUMBER.search(token):
            yield from parts
        else:
            yield reduce(add, parts)


def _read_number(picture: "Image", text: str) -> tuple[str, bool]:
    """A word with a number in Arabic digits, and whether the shapes of its digits say the same as the network did."""
    first = thai.arabic(text)
    found = _NUMBER.search(first)
    assert found is not None
    number = found[0]
    readings = [number, *(_only_number(_read_with(e, picture)[0]) for e in _digit_engines())]
    if readings[1] == number:
        return first, True
    best = max(readings, key=lambda r: (readings.count(r), bool(_SCORE.fullmatch(r))))
    return first.replace(number, best, 1), False


def _digit_engines() -> tuple[Any, Any]:
    return _engine("eng", _DIGITS, by_shape=True), _engine("eng", _DIGITS)


def _only_number(text: str) -> str:
    found = _NUMBER.search(text)
    return found[0] if found else ""


def _begins_round(picture: "Image") -> bool:
    """Whether the first glyph is an O rather than a zero, which is narrower."""
    ink = _ink(picture)
    runs = _runs_of(ink, 1)
    height = int(ink[:, slice(*runs[0])].any(axis=1).sum()) if runs else 1
    return bool(runs) and runs[0][1] - runs[0][0] > _ROUND * height


_ROUND = 0.72  # times as wide as high
_ZERO_FIRST = re.compile(r"0\d")  # no number begins so, but codes do with an O
_SCORE = re.compile(r"\d{1,3}\.\d{1,2}")


def _read_code(picture: "Image") -> str:
    """A word whose shapes are plainly capitals; nothing where one may be a digit."""
    shapes, confidence = _read_with(_engine("eng", by_shape=True), picture)
    return shapes if confidence >= _CLEARLY_A_CODE and _CODE.fullmatch(shapes) else ""


def _read_capitals(picture: "Image", word: _Word) -> str:
    """A short word, which may be a code in Latin capitals that was taken for Thai letters or digits."""
    read, confidence = _read_with(_engine("eng", by_shape=True), picture)
    if _NUMBERED_CODE.fullmatch(read) and _read_with(_engine("eng"), picture)[0] == read:
        return read
    shapes = read.translate(_LIKE_CAPITALS)
    needed = _CLEARLY_CAPITALS if len(shapes) < _LONG_CODE else _CLEARLY_A_CODE
    if confidence < needed or not _CODE.fullmatch(shapes):
        return word.text
    if len(shapes) == 1:
        return shapes if _read_with(_engine("eng"), picture)[0] != word.text else word.text
    is_thai = _THAI.search(word.text) and word.confidence >= _CLEARLY_THAI and confidence < _CERTAINLY_CAPITALS
    return word.text if is_thai else shapes


_LIKE_CAPITALS = str.maketrans("l|!10", "IIIIO")
_CODE, _NUMBERED_CODE = re.compile(r"\(?[A-Z]{1,5}\)?"), re.compile(r"[A-Z]{2,4}\d")
_LONG_CODE, _CLEARLY_A_CODE = 3, 80  # letters that are seldom read by chance
_STROKES = re.compile(r"(?=.{0,4}[^\d])[Il|!1T0O7]{3,5}")  # letters of strokes and rounds, taken for digits
_CLEARLY_CAPITALS, _CERTAINLY_CAPITALS, _CLEARLY_THAI = 85, 90, 90
_THAI = re.compile("[ก-๎]")
