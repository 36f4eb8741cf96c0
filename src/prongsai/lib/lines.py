"""Breaking Thai text into lines: at the ends of words and nowhere else.

Thai is written without spaces between words, and line breakers that guess do break words. Here a dictionary says where
words end (PyThaiNLP), a few rules say what stays together besides (a number and its unit, a word and its closing mark,
ต่าง ๆ), and the widths of letters come from the font, so that a line can be given to the typesetter as a line.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

_SAFE = 0.995  # kerning may widen a line by a hair
_LETTER, _GAP = 0.015, 0.5  # how far letters and spaces may be moved apart to fill a line
# compounds of this field that a dictionary takes apart
_OWN = [
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
]
_THAI = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]+")
_KEPT = re.compile(
    r"(?:https?://|www\.)\S+|พ\.ศ\. [\d๐-๙]{4}|[^\s“(]*[ก-ฮ]\.(?:[ก-ฮ]\.)+"
    r"|(?:ตัวชี้วัด(?:ย่อย)?ที่|ข้อ|ส่วนที่|มาตรา|ระดับ) (?:[A-Za-z]{1,2}(?![A-Za-z])|[A-Za-z]?[\d๐-๙.]+)"
    r"|(?:(?:ไม่เกิน|ตั้งแต่|ได้คะแนน|ได้|เพิ่มขึ้น|ลดลง) )?(?<![A-Za-z\d=])[-+]?[\d๐-๙]+(?:[.,][\d๐-๙]+)*(?: (?:คะแนน|ตัวชี้วัด|ข้อ|ชุด|คน|วัน|ครั้ง|บาท)(?![\u0e30-\u0e4e]))?"
    r"|[\u0e01-\u0e4e]{2,6} ๆ"
)
_OPENS, _CLOSES = frozenset("“‘([{"), frozenset("”’)]},.:;!?%ๆฯ…/–")


@lru_cache(maxsize=20_000)
def units(text: str) -> tuple[str, ...]:
    """A text of one line cut into what may not be broken: words with their marks, and single spaces."""
    found: list[str] = []
    at = 0
    for kept in _KEPT.finditer(text):
        found += _words(text[at : kept.start()])
        found.append(kept[0])
        at = kept.end()
    found += _words(text[at:])
    glued: list[str] = []
    for unit in found:
        joins = glued and glued[-1] != " " and unit != " " and (unit[0] in _CLOSES or glued[-1][-1] in _OPENS)
        if joins:
            glued[-1] += unit
        else:
            glued.append(unit)
    return tuple(glued)


def _words(text: str) -> Iterator[str]:
    """Spaces, words of Thai, and runs of anything else."""
    for piece in re.findall(" |[^ ]+", text):
        at = 0
        for thai in _THAI.finditer(piece):
            if thai.start() > at:
                yield piece[at : thai.start()]
            yield from _dictionary().word_tokenize(thai[0])
            at = thai.end()
        if at < len(piece):
            yield piece[at:]


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    from pythainlp.corpus import thai_words
    from pythainlp.tokenize import Tokenizer

    return Tokenizer(custom_dict={*thai_words(), *_OWN}, engine="newmm")


class Face:
    """One cut of a font, to measure with."""

    def __init__(self, path: Path) -> None:
        from fontTools.ttLib import TTFont

        with TTFont(path, lazy=True) as font:
            scale = font["head"].unitsPerEm
            advances = font["hmtx"]
            self._widths = {chr(code): advances[glyph][0] / scale for code, glyph in font.getBestCmap().items()}
        self._units: dict[str, float] = {}

    def width(self, text: str) -> float:
        """How wide a text is at size 1."""
        found = self._units.get(text)
        if found is None:
            if len(self._units) > 50_000:
                self._units.clear()
            found = self._units[text] = sum(self._widths.get(c, 1.0) for c in text)
        return found

    def lines(self, text: str, width: float, first: float | None = None, *, spread: bool = False) -> list[str]:
        """A text as lines no wider than ``width`` (of size 1), the first no wider than ``first``. A line that the
        writer ended keeps its line end; a word wider than a line is cut. Where lines will be ``spread`` to the full
        width, one that would be torn apart gets a line end too: it is to be left as it is."""
        result: list[str] = []
        room = width if first is None else first
        paragraphs = text.split("\n")
        for number, paragraph in enumerate(paragraphs):
            line, used, space = "", 0.0, 0.0
            for unit in units(paragraph):
                wide = self.width(unit)
                if unit == " ":
                    space = wide
                    continue
                if line and used + space + wide > room * _SAFE:
                    torn = spread and room - used > _LETTER * len(line) + _GAP * line.count(" ")
                    result.append(line + "\n" * torn)
                    line, used, space, room = "", 0.0, 0.0, width
                while wide > room * _SAFE:
                    cut = self._fitting(unit, room * _SAFE)
                    result.append(unit[:cut])
                    unit, room = unit[cut:], width
                    wide = self.width(unit)
                line += (" " if space and line else "") + unit
                used += (space if used else 0.0) + wide
                space = 0.0
            result.append(line + ("\n" if number < len(paragraphs) - 1 else ""))
            room = width
        return result

    def _fitting(self, unit: str, room: float) -> int:
        """Where to cut a word that is wider than a line: never before a mark."""
        used, last = 0.0, 1
        for at, letter in enumerate(unit):
            used += self._widths.get(letter, 1.0)
            if used > room and at:
                break
            if not ("\u0e30" <= letter <= "\u0e3a" or "\u0e45" <= letter <= "\u0e4e"):
                last = max(1, at)
        return last
