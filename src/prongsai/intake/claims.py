"""Statements of a text that can be checked: which indicator is highest or lowest, how many rose, fell, or passed."""

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

from prongsai.intake import words
from prongsai.intake.vocabulary import Mention

_EXTREME = re.compile(r"(?<!ผู้บริหาร)(?<!ผู้นำ)(สูง|ต่ำ|น้อย|มาก)(?:ที่)?สุด")
_NEAR = 30
_OF_OTHERS = re.compile(  # of how much it rose or fell, of last year; next to the extreme
    r"(?:เพิ่ม(?:ขึ้น)?|ลด(?:ลง)?|เปลี่ยนแปลง|พัฒนา(?:ขึ้น)?|แตกต่าง|ห่าง)(?:จาก[^\d]{0,20})?\s{0,3}$"
    r"|ความ(?!โปร่งใส)[\u0e01-\u0e4e]{2,20}\s{0,3}$"
    r"|(?:รอง(?:ลงมา)?จาก|เกือบ|ใกล้|ไม่ใช่|มิใช่)[^\d]{0,20}$|ปี(?:ก่อน|ที่แล้ว|ที่ผ่านมา)[^\d]{0,80}$"
)
_SEVERAL = re.compile(r"\s{0,3}(?:สอง|สาม|สี่|ห้า|\d{1,2})\s{0,3}(?:อันดับ|ลำดับ|ตัวชี้วัด|ตัว|ด้าน|ประเด็น|เรื่อง|ข้อ)")
_AND_ANOTHER = re.compile(r"[\s(\d.)คะแนน]{0,30}(?:และ|กับ|,)\s{0,3}(?:ด้าน|ตัวชี้วัด(?:ที่)?|เรื่อง)?[\s\d.]{0,9}")
_LONG = 130
_WITHIN, _NAMES = re.compile(r"\s{0,3}(?:ของ|ใน)"), re.compile("คือ|ได้แก่|:")
_ORDER_AFTER = re.compile(
    r"\s{0,9}(?:ไป|มา|ถึง|จน|[-–])(?:สู่|หา|ยัง|ถึง)?\s{0,9}(?:ค่า|คะแนน)?\s{0,9}(?:ที่)?(?:สูง|ต่ำ|น้อย|มาก)"
)
_ORDER_BEFORE = re.compile(
    r"(?:สูง|ต่ำ|น้อย|มาก)(?:ที่)?(?:สุด)?\s{0,9}(?:ไป|มา|ถึง|จน|[-–])(?:สู่|หา|ยัง|ถึง)?\s{0,9}(?:ค่า|คะแนน)?\s{0,9}(?:ที่)?$"
)
_POINTS_ON = re.compile(
    r"[^\d]{0,12}(?:ได้แก่|คือ|:)?\s{0,20}(?:\(?\d\)?\s{0,20})?(?:ตัวชี้วัด(?:ที่)?\s{0,20}[A-Za-z\d]{0,20}\s{0,20})?"
)
_GOES_ON = re.compile(r"\s{0,20}(?:ได้แก่|คือ|:)\s{0,20}(?:ตัวชี้วัด(?:ที่)?)?\s{0,20}$")
_TARGET = r"(?:\(?[^()\d]{0,60}(?P<line>\d\d(?:\.\d{1,2})?)[^()\d]{0,20}\)?)?"
_COUNTS = (
    (
        re.compile(rf"จุดแข็ง[^\d]{{0,40}}{_TARGET}[^\d]{{0,20}}จำนวน\s{{0,20}}(?P<number>\d{{1,2}})\s{{0,20}}ตัวชี้วัด"),
        "strengths",
    ),
    (
        re.compile(
            rf"จุดที่(?:ต้อง|ควร)พัฒนา[^\d]{{0,40}}{_TARGET}[^\d]{{0,20}}จำนวน\s{{0,20}}(?P<number>\d{{1,2}})\s{{0,20}}ตัวชี้วัด"
        ),
        "below",
    ),
    (re.compile(r"ตัวชี้วัด[^\d]{0,12}เพิ่มขึ้น[^\d]{0,10}จำนวน\s{0,20}(?P<number>\d{1,2})\s{0,20}ตัวชี้วัด"), "up"),
    (re.compile(r"ตัวชี้วัด[^\d]{0,20}ลดลง[^\d]{0,10}จำนวน\s{0,20}(?P<number>\d{1,2})\s{0,20}ตัวชี้วัด"), "down"),
)


def claims(
    text: str,
    mentions: Sequence[Mention],
    instrument: str | None,
    inside: Collection[str],
    *,
    of_all: str,
    target: Decimal | None,
) -> list[tuple[str, str]]:
    """Claims as (node, value): ``("lowest/IIT", "5")``, ``("count/up", "8")``.

    ``instrument`` is the one whose section the text stands in and ``inside`` its indicators; an extreme is then of that
    instrument, unless the text speaks of all indicators, which the pattern ``of_all`` finds. ``target`` is the
    score that strengths reach.
    """
    all_claims = []
    indicators = [m for m in mentions if m.kind == "indicator"]
    for match in _EXTREME.finditer(text):
        if _ORDER_AFTER.match(text, match.end()) or _ORDER_BEFORE.search(text[: match.start()][-_NEAR:]):
            continue  # "from the highest to the lowest": how a list is sorted
        if _OF_OTHERS.search(text[: match.start()][-_LONG:]) or _SEVERAL.match(text, match.end()):
            continue
        chosen = _named(text, match, indicators)
        if chosen is None:
            continue
        within = instrument and chosen.id in inside and not re.search(of_all, text)
        kind = "highest" if match[1] in ("สูง", "มาก") else "lowest"
        all_claims.append((f"{kind}/{instrument if within else 'all'}", chosen.id))
    for pattern, node in _COUNTS:
        counted = pattern.search(text)
        line = counted.groupdict().get("line") if counted else None
        if counted and (line is None or Decimal(line) == target):  # where another line is drawn, others are counted
            all_claims.append((f"count/{node}", counted["number"]))
    return all_claims


def _named(text: str, extreme: re.Match[str], indicators: list[Mention]) -> Mention | None:
    """The indicator that is said to be highest or lowest: named right after, or else right before."""
    after = [m for m in indicators if m.start >= extreme.end()]
    gap = text[extreme.end() : after[0].start] if after else ""
    if _WITHIN.match(gap) and not _NAMES.search(gap):
        return None  # "the lowest of the use of power": what is the lowest within it
    if after and _POINTS_ON.fullmatch(gap):
        is_one_of_several = len(after) > 1 and _AND_ANOTHER.fullmatch(text[after[0].end : after[1].start])
        return None if is_one_of_several else after[0]
    if _GOES_ON.match(text, extreme.end()):
        return None  # the next line names it
    before = [m for m in indicators if m.end <= extreme.start()]
    if before and extreme.start() - before[-1].end < 40:
        gap = text[before[-1].end : extreme.start()]
        return before[-1] if words.leftover(gap) <= 4 else None
    return None
