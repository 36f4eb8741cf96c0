"""Breaking Thai text into lines, at the ends of words only.

Thai is written without spaces between words, and a line breaker that guesses breaks words. Here a dictionary decides
where words end (PyThaiNLP), rules decide what else stays together (a number and its unit, a word and its closing mark,
ต่าง ๆ), and the widths of letters come from the font, so that the typesetter receives complete lines.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

_MAX_REMEMBERED = 50_000  # widths of words
_MAX_WORD = 40  # letters that are looked at after the end of a line, to know which word stands there
_SAFETY = 0.995  # kerning may widen a line slightly
_MAX_TRACKING, _MAX_SPACE = 0.015, 0.5  # how far letters and spaces may be moved apart to fill a line, of the size
# compounds of this field that the dictionary splits
_COMPOUNDS = [
    "ตัวชี้วัด",
    "ตัวชี้วัดย่อย",
    "ส่วนงาน",
    "ปีงบประมาณ",
    "หน่วยงานภาครัฐ",
    "ผู้มาติดต่อ",
    "ผู้รับบริการ",
    "ค่าเป้าหมาย",
    "คะแนนเฉลี่ย",
    "คะแนนรวม",
    "แบบวัด",
    "แบบตรวจ",
    "รายข้อ",
    "ลายลักษณ์อักษร",
    "จัดซื้อจัดจ้าง",
    "ร้องเรียน",
    "เว็บไซต์",
    "องค์การบริหารส่วนตำบล",
    "องค์การบริหารส่วนจังหวัด",
    "เทศบาลตำบล",
    "เทศบาลเมือง",
    "สำนักปลัด",
    "นายกเทศมนตรี",
    "ผ่านดี",
    "ผ่านดีเยี่ยม",
    "กำกับติดตาม",
    "การกำกับติดตาม",
    "ติดตามผล",
    "ติดตามการ",
    "ติดตามเรื่อง",
    "ติดตามอย่าง",
    "แนวปฏิบัติ",
    "แนวปฏิบัติการ",
    "แนวปฏิบัติการใช้",
    "แนวปฏิบัติการให้",
    "แนวปฏิบัติการจัดการ",
    "ผู้ร้องเรียน",
    "ข้อร้องเรียน",
    "ข้อสอบถาม",
    "การตอบข้อสอบถาม",
    "เฝ้าระวัง",
    "ผู้มีส่วนได้ส่วนเสีย",
    "กระบวนการทำงาน",
    "มีส่วนร่วมใน",
    "เรียกรับประโยชน์",
    "เรียกรับ",
    "ถูกต้องตาม",
    "รายงานการรับ",
    "ดำเนินการตาม",
    "อย่างน้อย",
    "มิให้",
    "ผู้แจ้งเบาะแส",
    "ชำนาญการ",
    "ชำนาญการพิเศษ",
    "ปฏิบัติการ",
]
_THAI = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]+")
_UNBREAKABLE = re.compile(
    r"(?:https?://|www\.)\S+|พ\.ศ\. [\d๐-๙]{4}|[ก-ฮ]\.(?:[ก-ฮ]\.)+"
    r"|(?:ตัวชี้วัด(?:ย่อย)?ที่|ข้อ|ส่วนที่|มาตรา|ระดับ) (?:[A-Za-z]{1,2}(?![A-Za-z])|[A-Za-z]?[\d๐-๙.]+)"
    r"|(?:(?:ไม่เกิน|ตั้งแต่|ได้คะแนน|ได้|เพิ่มขึ้น|ลดลง) )?(?<![A-Za-z\d=])[-+]?[\d๐-๙]+(?:[.,][\d๐-๙]+)*"
    r"(?: (?:คะแนน|ตัวชี้วัด|ข้อ|ชุด|คน|วัน|ครั้ง|บาท)(?![\u0e30-\u0e4e]))?"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)")
_SEAMS, _SCHEME = frozenset("/?&=-"), len("https://")  # of a web address
_REPETITION = "ๆ"  # it stands after a space, and belongs to the word before
_LEADING_VOWELS = frozenset("เแโใไ")
_OPENING, _CLOSING = frozenset("“‘([{"), frozenset("”’)]},.:;!?%ๆฯ…/–")


@lru_cache(maxsize=20_000)
def units(text: str) -> tuple[str, ...]:
    """A text of one line in units that are never broken: words with their marks, and single spaces."""
    joined: list[str] = []
    for piece in _keep_together(text):
        if piece[0] == _REPETITION and len(joined) > 1 and joined[-1] == " ":
            joined[-2:] = [f"{joined[-2]} {piece}"]
            continue
        is_between_words = joined and joined[-1] != " " and piece != " "
        if is_between_words and (piece[0] in _CLOSING or joined[-1][-1] in _OPENING):
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)


def _keep_together(text: str) -> Iterator[str]:
    """The words of a text, those in one between which nothing ends; what stays together begins and ends with a word."""
    spans = [match.span() for match in _UNBREAKABLE.finditer(text)]
    together, position = "", 0
    for word in _split_words(text):
        together += word
        position += len(word)
        while spans and spans[0][1] <= position:
            spans.pop(0)
        if spans and spans[0][0] < position:
            continue  # the word ends inside
        yield together
        together = ""


def parts(unit: str) -> list[str]:
    """A unit, or a web address in the parts between which a line may end."""
    if not _ADDRESS.match(unit):
        return [unit]
    ends = [0, *(n for n in range(_SCHEME + 1, len(unit)) if _is_seam(unit, n)), len(unit)]
    return [unit[start:end] for start, end in itertools.pairwise(ends)]


def _is_seam(address: str, position: int) -> bool:
    """Whether a line may end before a letter of an address."""
    return position > _SCHEME and address[position - 1] in _SEAMS and address[position] not in _SEAMS


def _split_words(text: str) -> Iterator[str]:
    """Spaces, words of Thai, and runs of anything else."""
    for piece in re.findall(" |[^ ]+", text):
        position = 0
        for thai in _THAI.finditer(piece):
            if thai.start() > position:
                yield piece[position : thai.start()]
            yield from _join_doubtful(_tokenize(thai[0]))
            position = thai.end()
        if position < len(piece):
            yield piece[position:]


def _join_doubtful(words: Sequence[str]) -> Iterator[str]:
    """Words, those in one whose border could as well be elsewhere: แนว|ทางการ is also แนวทาง|การ, and only a reader
    knows. No line ends there."""
    joined = ""
    for word in words:
        if joined and not _is_doubtful(joined, word):
            yield joined
            joined = ""
        joined += word
    yield joined


def _is_doubtful(before: str, after: str) -> bool:
    """Whether a word may span the border of two, with words or nothing on both sides of it."""
    known = _dictionary()
    starts = [n for n in range(len(before)) if n == 0 or before[:n] in known]
    ends = [n for n in range(2, len(after) + 1) if n == len(after) or after[n:] in known]
    return any(before[start:] + after[:end] in known for start in starts for end in ends)


@lru_cache(maxsize=1)
def _dictionary() -> frozenset[str]:
    from pythainlp.corpus import thai_words

    return frozenset({*thai_words(), *_COMPOUNDS})


@lru_cache(maxsize=1)
def _word_tree() -> Any:
    from prongsai.lib.word_tree import WordTree

    return WordTree(_dictionary())


def _tokenize(text: str) -> list[str]:
    from pythainlp.tokenize import word_tokenize

    return word_tokenize(text, custom_dict=_word_tree(), engine="newmm")


class Face:
    """One face of a font, for measuring texts."""

    def __init__(self, path: Path) -> None:
        from fontTools.ttLib import TTFont

        with TTFont(path, lazy=True) as font:
            scale = font["head"].unitsPerEm
            advances = font["hmtx"]
            self._widths = {chr(code): advances[glyph][0] / scale for code, glyph in font.getBestCmap().items()}
        self._units: dict[str, float] = {}

    def width(self, text: str) -> float:
        """The width of a text at size 1."""
        width = self._units.get(text)
        if width is None:
            if len(self._units) > _MAX_REMEMBERED:
                self._units.clear()
            width = self._units[text] = sum(self._widths.get(letter, 1.0) for letter in text)
        return width

    def lines(self, text: str, width: float, first: float | None = None, *, spread: bool = False) -> list[str]:
        """A text as lines no wider than ``width`` (at size 1), the first no wider than ``first``.

        A line that its author ended keeps its line end; a word wider than a line is cut. Where lines will be ``spread``
        to the full width, a line that would be stretched too far gets a line end too, and is not spread.
        """
        lines: list[str] = []
        paragraphs = text.split("\n")
        for number, paragraph in enumerate(paragraphs):
            available = width if number or first is None else first
            lines += self._break_paragraph(paragraph, width, available, spread=spread)
            if number < len(paragraphs) - 1:
                lines[-1] += "\n"
        return lines

    def _break_paragraph(self, paragraph: str, width: float, available: float, *, spread: bool) -> list[str]:
        """The lines of a paragraph, ``available`` being the width of the first. There is always a last line."""
        lines: list[str] = []
        line, used, space = "", 0.0, 0.0
        for unit in units(paragraph):
            unit_width = self.width(unit)
            if unit == " ":
                space = unit_width
                continue
            if line and used + space + unit_width > available * _SAFETY:
                can_stretch = available - used <= _MAX_TRACKING * len(line) + _MAX_SPACE * line.count(" ")
                lines.append(line + ("\n" if spread and not can_stretch else ""))
                line, used, space, available = "", 0.0, 0.0, width
            while unit_width > available * _SAFETY:
                cut = self._find_cut(unit, available * _SAFETY)
                lines.append(unit[:cut])
                unit, available = unit[cut:], width
                unit_width = self.width(unit)
            line += (" " if space and line else "") + unit
            used += (space if used else 0.0) + unit_width
            space = 0.0
        return [*lines, line]

    def _find_cut(self, unit: str, available: float) -> int:
        """Where to cut what is wider than a line: a web address after one of its parts, where one ends in the line;
        anything else at the end of a word, else of a cluster of letters."""
        widths = itertools.accumulate(self._widths.get(letter, 1.0) for letter in unit)
        fitting = next((n for n, used in enumerate(widths) if used > available), len(unit) - 1)
        seams = (n for n in range(fitting + 1) if _is_seam(unit, n))
        words = itertools.accumulate(map(len, _split_words(unit[: fitting + _MAX_WORD])))
        ends = [n for n in words if 0 < n <= fitting and _may_cut(unit, n)]
        clusters = (n for n in range(fitting, 0, -1) if _may_cut(unit, n))
        cut = max(seams, default=0) or max(ends, default=0) or next(clusters, 0)
        return cut or next((n for n in range(1, len(unit)) if _may_cut(unit, n)), len(unit))


def _may_cut(unit: str, position: int) -> bool:
    """Whether a line may end before a letter that stands in a word, where there is no other way."""
    letter, before = unit[position], unit[position - 1]
    return not ("\u0e30" <= letter <= "\u0e3a" or "\u0e45" <= letter <= "\u0e4e") and before not in _LEADING_VOWELS
