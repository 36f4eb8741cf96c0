"""Scores as text: what counts as a printed score."""

import re

from prongsai.lib import thai

_SCORE = re.compile(r"100(?:\.0{1,4})?|\d{1,2}(?:\.\d{1,4})?", re.ASCII)
_WORDS = re.compile(r"^(?:ร้อยละ|ได้)\s?|\s?(?:คะแนน|เปอร์เซ็นต์|%)$")
EXPECTED = "พิมพ์ตัวเลข 0 ถึง 100 ทศนิยมไม่เกิน 4 ตำแหน่ง เช่น 82.50"


def parse_score(text: str) -> str | None:
    """The score in Arabic digits: 0 to 100 with at most four decimals. None when the text is not a score."""
    cleaned = _WORDS.sub("", thai.clean(text).strip())
    return cleaned if _SCORE.fullmatch(cleaned) else None
