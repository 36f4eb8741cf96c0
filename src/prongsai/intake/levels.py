"""Levels as texts print them: the bands of the frameworks, and "ผ่าน", which every year says."""

import re
from collections.abc import Iterable
from functools import lru_cache

from prongsai.framework import Framework
from prongsai.intake.agencies import without_agencies

PASSED, FAILED = "ผ่าน", "ไม่ผ่าน"
_END = r"(?![A-Za-z\u0e01-\u0e3a\u0e40-\u0e4e{more}])"
_WISH = re.compile(
    r"(?:เป้าหมาย|ตั้งเป้า|มาตรฐาน|เกณฑ์|ตั้งแต่|หมายถึง|น้อยกว่า|เฉลี่ยของ|ระดับชาติ|ยกระดับ|ให้ได้|เพื่อ|คาดว่า|มุ่ง|ก้าวสู่|ตั้งใจ|พลาด|เกือบ|อีก|หมายความว่า).{0,130}$"
)


_NEGATED = re.compile(
    r"(?:ไม่|มิ)(?:ได้(?:รับ)?|ถึง|อยู่ใน|เข้า|บรรลุ|ใช่|เกณฑ์){0,3}\s{0,20}$|\bnot(?:\s{1,20}\w{1,20}){0,2}\s{0,20}$", re.I
)


_COUNTED = re.compile(  # how many had it: "ระดับผ่านดี จำนวน 12 แห่ง"
    r"[”\"')\s]{0,4}(?:มี|จำนวน|รวม|:|=)?\s{0,3}\(?\d{1,3}(?:,\d{3})?\s{0,3}(?:แห่ง|หน่วยงาน|อปท|โรงเรียน|โรงพยาบาล|เทศบาล|อบต|จังหวัด)"
)
_IN_BRACKETS = re.compile(
    r"\(\s{0,3}\d{2,3}\.(?!00|99)\d\d\s{0,3}(?:คะแนน)?\s{0,3}\)"
)  # a score, not where a level ends


class Levels:
    """Finds levels in texts."""

    def __init__(self, bands: Iterable[str]) -> None:
        names = sorted({*bands, PASSED}, key=lambda b: (-len(b), b))
        self._by_fold = {name.casefold(): name for name in names}
        known = "|".join(map(re.escape, names))
        grades = "|".join(re.escape(n) for n in names if n.isascii()) or "(?!)"
        inside, end = _END.format(more=""), _END.format(more="-")
        self._stated = re.compile(
            r"(?:(?<!ยก)ระดับ|ในกลุ่ม|Rating|Grade|เกรด|Level)\s*(?:ผลการประเมิน|ผลการประเมินภาพรวม|คุณธรรม(?:และความโปร่งใส)?|คะแนน)?"
            r"\s*(?:อยู่ใน|เป็น|คือ|ระดับ)?"
            rf"[\s:=|“”\"'‘’(*]*({known}){end}",
            re.I,
        )
        self._otherwise = re.compile(
            rf"\d\s*(?:คะแนน)?\s*\((?P<brackets>{grades})\)|ระดับ(?:ที่)?\s*(?:ดีเยี่ยม|ดีมาก|ดี|พอใช้)\s*\((?P<named>{grades})\)"
            rf"|(?<![A-Za-z])(?P<before>{grades})\s+(?:level|grade|rating)\b"
        )
        self._alone = re.compile(rf"^[“”\"'‘’(\s]*(?:ระดับ\s*)?({known})[“”\"'‘’)\s.]*$")
        self._any = re.compile(rf"(?<![A-Za-z])({known}){inside}")
        # "ระดับ AA และระดับ A": the levels that several agencies had
        self._several = re.compile(
            rf"ระดับ\s*(?:{known})\s*(?:และ|หรือ|กับ|ถึง|\s)\s*(?:(?:ใน)?ระดับ\s*(?:{known})|{grades}){inside}"
        )
        self._next = re.compile(
            r"\s{0,3}(?:(?:จาก(?:เต็ม|คะแนนเต็ม)?|/|out of)\s{0,3}100\s{0,3})?(?:คะแนน|%|points?)?\s{0,3}[:(,=–—|/]?\s{0,3}(?:และ)?(?:อยู่)?(?:ใน|ที่)?(?:ระดับ|เกณฑ์|เกรด|level|grade)?"
            rf"\s{{0,3}}[“\"']?({known}){end}(?!\s{{0,3}}(?:{grades}|เกณฑ์))",
            re.I,
        )
        words = "|".join(re.escape(n) for n in names if not n.isascii())
        self._last = re.compile(
            rf"(?<![A-Za-z\u0e01-\u0e4e])(?:(?:อยู่)?(?:ใน)?ระดับ\s{{0,3}})?[“\"']?({known})[”\"']?\s{{0,3}}[:(,–—-]?\s{{0,3}}"
            r"(?:ด้วย|ได้|มี|ที่)?(?:ผล)?(?:คะแนน)?\s{0,3}$"
        )
        self._verdict = re.compile(
            rf"(?:ผลการประเมิน|ผลประเมิน)\s*(?:คือ|:|อยู่ในเกณฑ์)?\s*[“\"']?({FAILED}|{words})(?!\s*เกณฑ์|[กดต])"
        )
        self.whole_number = re.compile(
            r"^[(\[]?\s*([+\-−]?)\s*(\d{1,3}(?:\.\d{1,10})?)\s*(?:%|คะแนน|ร้อยละ|/\s*100(?:\.00?)?)?\s*[)\]]?"
            rf"(?:\s*\((?:ระดับ)?\s*(?:{known}|{PASSED}[\u0e01-\u0e4e]*)\)"
            rf"|\s*(?:อยู่ใน)?ระดับ\s*[“\"']?(?:{known})[”\"']?)?$"
        )

    def stated(self, text: str) -> list[tuple[int, str]]:
        """Levels that the text says were reached, with their place."""
        matches = [
            (m.start(), m[m.lastgroup or 1])
            for m in (*self._stated.finditer(text), *self._otherwise.finditer(text))
            if not _COUNTED.match(text, m.end())
        ]
        return [
            (at, self._by_fold[level.casefold()])
            for at, level in sorted(matches)
            if not _WISH.search(without_agencies(text[max(0, at - 140) : at]))
            and not _NEGATED.search(text[max(0, at - 60) : at])
            and not self._several.search(text[max(0, at - 20) : at + 30])
        ]

    def alone(self, text: str) -> str | None:
        """The level that is all a text says."""
        match = self._alone.match(text)
        return match[1] if match else None

    def next_to(self, after: str) -> str | None:
        """The level that stands right after a number: "91.62 คะแนน อยู่ในระดับ ผ่านดี", "95.73 (AA)"."""
        match = self._next.match(after)
        return self._by_fold[match[1].casefold()] if match else None

    def before(self, text: str) -> str | None:
        """The level that stands right before a number, at the end of a text: "ผ่านดีเยี่ยม 97.20"; not that somebody
        passed, as a share of many does."""
        match = self._last.search(text)
        level = self._by_fold[match[1].casefold()] if match else PASSED
        return level if level != PASSED else None

    def verdict(self, text: str) -> str | None:
        """What a text says the result of the assessment is: a level, or that it was not passed."""
        match = self._verdict.search(text)
        return match[1] if match else None

    def explains(self, text: str) -> bool:
        """Whether a line explains the levels rather than reporting one."""
        distinct = {m[1] for m in self._any.finditer(text)}
        if _IN_BRACKETS.search(text):
            return False
        tells = re.search(r"ได้(?:รับ)?(?:ผล)?คะแนน|25\d\d[^\d]{0,9}\d{1,3}\.\d", text)
        return len(distinct) >= 3 and not tells


def is_level_of(framework: Framework, total: float, level: str) -> bool:
    """Whether a total may have a level: that whose score it reaches, or a lower one where every instrument must reach
    the higher one's; or that it passed."""
    if level == PASSED and level not in framework.bands:
        return total >= framework.rules.target.points
    reached = [band for band in framework.rules.bands if total >= band.at_least]  # from the best
    certain = next(at for at, band in enumerate(reached) if not band.every_instrument_at_least)
    return level in [band.id for band in reached[: certain + 1]]


@lru_cache(maxsize=4)
def levels_of(frameworks: tuple[Framework, ...]) -> Levels:
    """The levels of every year."""
    return Levels(band for framework in frameworks for band in framework.bands)
