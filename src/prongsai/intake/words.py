"""The words offices use around scores: numbers, years, levels, codes of items, whose result is told.

Everything works on text that ``lib.thai.clean`` has put in one spelling.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from prongsai.intake.agencies import without_agencies
from prongsai.lib import thai

# --- numbers and years ----------------------------------------------------------------------------------------------

NUMBER = re.compile(r"(?<![\d.,/:A-Za-z])([+\-−]?\s?)(\d{1,3}(?:\.\d{1,10})?)(?![\d:]|/(?!\s?100\b)|,\d|\.\d|[-–]\d)")
WHOLE_NUMBER = re.compile(
    r"^[(\[]?\s*([+\-−]?)\s*(\d{1,3}(?:\.\d{1,10})?)\s*(?:%|คะแนน|ร้อยละ)?\s*[)\]]?(?:\s*\((?:ระดับ)?\s*(?:AA|[A-F]|ผ่าน[\u0e01-\u0e4e]*)\))?$"
)
YEAR = re.compile(r"(?<![\d.,/])(?:พ\s?\.?\s?ศ\s?\.?\s*)?(25[4-9]\d)(?![\d,]|\.\d)")
_GREGORIAN = re.compile(
    r"(?:\bFY\s?|ค\.ศ\.\s?|\bfiscal(?:\s+year)?\s+|\bITA(?:\s+(?:Awards?|Day|results?|assessment))?\s+|\bIn\s+(?=20\d\d,))"
    r"(?P<after>20[12]\d)(?!\d)|(?<!\d)(?P<before>20[12]\d)\s+(?=ITA\b|Integrity and Transparency)",
    re.I,
)
_UNIT_AFTER = re.compile(  # of a whole number
    r"^\s*(?:คน|แห่ง|ข้อ|ตัวชี้วัด|ประเด็น|วัน|เดือน|ปี|หมู่|โครงการ|ครั้ง|ลำดับ|อันดับ|หน้า|ชุด|หน่วยงาน|ตาราง|ครัวเรือน|ชั่วโมง|นาที|เครื่องมือ|ด้าน|เท่า|"
    r"กิจกรรม|มาตรการ|คะแนนเต็ม|แบบ|ส่วน|น\.|ฉบับ|ระดับ|ท่าน|of|จาก \d)"
)
_UNIT_AFTER_ANY = re.compile(
    r"^\s*(?:(?:%|per cent|percent)\s*(?:of\b|ของ)|(?:points?|%)\s*(?:higher|lower|more|increase)|-point|ของแผน|บาท|คน|ราย(?!ละเอียด|งาน|ข้อ|การ|ตัว)|ขึ้นไป|คะแนนขึ้นไป|ตาราง(?:กิโล|เมตร|วา)|กิโล|ไร่|น\.|ล้าน|พัน|ตัน|เมตร)"
)
_LIMIT_BEFORE = re.compile(
    r"(?:(?i:\b(?:over|more than|less than|at least|below|above|minimum|(?:minimum|passing)[a-z ]{0,24}|increase of|decrease of|up|by))|(?<!ได้คะแนน)(?<!ได้)เต็ม|มากกว่า|น้อยกว่า|ไม่ต่ำกว่า|ต่ำกว่าร้อยละ|สูงกว่า|ตั้งแต่|เกณฑ์|เป้าหมาย|น้ำหนัก|อย่างน้อย|ไม่เกิน|ขั้นต่ำ|ครบ|ให้ได้|ตัวอย่าง(?:เช่น)?.{0,12}|ค่าเฉลี่ยประเทศ|ระดับประเทศ|ทั่วประเทศ|"
    r"(?:ITA|คะแนน|รวม)\s*\((?=\s*$)|[x×*]|ย่อยที่|ย่อย|เกณฑ์[\u0e01-\u0e4e]{0,12})\s*(?:ร้อยละ|คือ|ที่|:|=)?\s*$"
)
_ORDINAL_BEFORE = re.compile(  # of a whole number
    r"(?:ลำดับ|อันดับ|ข้อ|ตัวชี้วัด|ครั้ง|หน้า|ส่วน|ด้าน|ตาราง|ภาพ|บท|มาตรา|ฉบับ|รอบ|ปี|ชั้น|โทร\.?)\s*(?:ที่)?\s*$"
)


_SHORT_YEAR = re.compile(r"ปี(?:งบประมาณ|งบฯ|งบ)?\s*(?:พ\.?ศ\.?)?\s*'?(6\d)(?![\d.,])")


def years(text: str) -> list[tuple[int, int]]:
    """Fiscal years mentioned and where: Buddhist years, short ones ("ปี 65"), and common-era ones marked as such."""
    found = [(m.start(), int(m[1])) for m in YEAR.finditer(text) if not _is_date(text, m)]
    found += [(m.start(), int(m["after"] or m["before"]) + 543) for m in _GREGORIAN.finditer(text)]
    found += [(m.start(), int(m[1]) + 2500) for m in _SHORT_YEAR.finditer(text)]
    return sorted(found)


def relative_years(text: str, year: int) -> list[tuple[int, int]]:
    """ "last year" and "this year", seen from the year a text is about, unless only compared with ("than last
    year")."""
    found = re.finditer(r"(?<!than )(?<!from )(?<!in )(?<!to )\b(last|this) year\b", text, re.I)
    return [(m.start(), year - (m[1].lower() == "last")) for m in found] if year else []


_MONTHS = "ม.ค|ก.พ|มี.ค|เม.ย|พ.ค|มิ.ย|ก.ค|ส.ค|ก.ย|ต.ค|พ.ย|ธ.ค|มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม"
_DATE_BEFORE = re.compile(rf"(?:{_MONTHS.replace('.', '[.]')})\.?\s*(?:พ\.?ศ\.?\s*)?$|[-/]\s?\d{{1,2}}[-/]\s?$")

_MONTH_NAMES = [re.escape(m) for m in _MONTHS.split("|")]
_DATE = re.compile(rf"({'|'.join(_MONTH_NAMES)})\.?\s*(?:พ\.?ศ\.?\s*)?(25[4-9]\d|[67]\d)(?!\d)")


def dates(text: str) -> list[tuple[int, int]]:
    """Month and Buddhist year of each date ("24 ส.ค. 66")."""
    names = [re.escape(m[1]) for m in _DATE.finditer(text)]
    stated_years = [int(m[2]) % 100 + 2500 for m in _DATE.finditer(text)]
    return [(_MONTH_NAMES.index(name) % 12 + 1, year) for name, year in zip(names, stated_years, strict=True)]


def _is_date(text: str, year: re.Match[str]) -> bool:
    return bool(_DATE_BEFORE.search(text[: year.start(1)]))


@dataclass(frozen=True)
class Number:
    start: int
    end: int
    sign: str
    text: str
    marked: bool  # the words beside it say it is a score

    @property
    def printed(self) -> str:
        return self.sign + self.text


def numbers(text: str) -> list[Number]:
    """Numbers from 0 to 100 that may be scores; counts, thresholds, weights, dates and ranges are left out."""
    found = []
    for match in NUMBER.finditer(text):
        if float(match[2]) > 100:
            continue
        before, after = text[: match.start()], text[match.end() :]
        decimal = "." in match[2]
        if re.search(r"(?:คน|ชุด|ราย)\s*\(?\s*(?:คิดเป็น)?(?:ร้อยละ)?\s*$", before[-30:]):
            continue  # how many answered
        if _UNIT_AFTER_ANY.match(after) or _LIMIT_BEFORE.search(before[-40:]):
            continue
        if decimal and not before.strip() and float(match[2]) < 20 and re.match(r"\.?\s+[\u0e01-\u0e4e]", after):
            continue  # "3.8 …": the number of a section
        if not decimal and (
            _UNIT_AFTER.match(after) or _ORDINAL_BEFORE.search(before[-20:]) or "น้ำหนัก" in before[-60:]
        ):
            continue
        if re.match(r"\s*(?:%|ร้อยละ)?\s*[-–ถ]\s*(?:ถึง\s*)?\d", after) or re.search(r"\d\s*[-–]\s*$", before[-4:]):
            continue
        sign = match[1].strip().replace("−", "-")
        if sign and re.search(r"[\d\w]$", before[-1:] or " "):
            sign = ""
        after_says = bool(re.match(r"\s*(?:คะแนน|%|/\s?100|\(?ระดับ|points?\b|out of 100)", after))
        before_says = bool(
            re.search(
                r"(?:คะแนน|ร้อยละ|เท่ากับ|ได้|อยู่ที่|ประเมิน|score(?:s|d|\s+of)?|scoring|[:=])\s*\(?$", before[-30:], re.I
            )
        )
        if not decimal and not after_says and not before_says:
            continue
        if re.match(r"\.\s|\)", after) and not decimal and not after_says:  # "1. …", "1) …": a list
            continue
        found.append(Number(match.start(), match.end(), sign, match[2], after_says or before_says))
    return found


# --- levels ---------------------------------------------------------------------------------------------------------

_LEVELS = r"ผ่านดีเยี่ยม|ผ่านดี|ผ่าน|ต้องปรับปรุงโดยด่วน|ต้องปรับปรุง|AA|A|B|C|D|E|F"
_LEVEL = re.compile(
    r"(?:(?<!ยก)ระดับ|ในกลุ่ม|Rating|Grade|เกรด|Level)\s*(?:ผลการประเมิน|ผลการประเมินภาพรวม|คุณธรรม(?:และความโปร่งใส)?|คะแนน)?\s*(?:อยู่ใน|เป็น|คือ|ระดับ)?"
    rf"[\s:=|“”\"'‘’(*]*({_LEVELS})(?![A-Za-z\u0e01-\u0e3a\u0e40-\u0e4e-])",
    re.I,
)
_LEVEL_ALONE = re.compile(rf"^[“”\"'‘’(\s]*(?:ระดับ\s*)?({_LEVELS})[“”\"'‘’)\s.]*$")
_LEVEL_OTHERWISE = re.compile(
    r"\d\s*(?:คะแนน)?\s*\((?P<brackets>AA|[A-F])\)|ระดับ(?:ที่)?\s*(?:ดีเยี่ยม|ดีมาก|ดี|พอใช้)\s*\((?P<named>AA|[A-F])\)"
    r"|(?<![A-Za-z])(?P<before>AA|[A-F])\s+(?:level|grade|rating)\b"
)
_ANY_LEVEL = re.compile(rf"(?<![A-Za-z])({_LEVELS})(?![A-Za-z\u0e01-\u0e3a\u0e40-\u0e4e])")
_WISH = re.compile(
    r"(?:เป้าหมาย|ตั้งเป้า|มาตรฐาน|เกณฑ์|ตั้งแต่|หมายถึง|น้อยกว่า|เฉลี่ยของ|ระดับชาติ|ยกระดับ|ให้ได้|เพื่อ|คาดว่า|หมายความว่า).{0,130}$"
)
# "ระดับ AA และระดับ A": the levels that several agencies had
_SEVERAL_LEVELS = re.compile(
    rf"ระดับ\s*(?:{_LEVELS})\s*(?:และ|หรือ|กับ|ถึง|\s)\s*(?:(?:ใน)?ระดับ\s*(?:{_LEVELS})|AA|[A-F])(?![A-Za-z\u0e01-\u0e3a\u0e40-\u0e4e])"
)


def levels(text: str) -> list[tuple[int, str]]:
    """Levels that the text says were reached, with their place."""
    found = [(m.start(), m[m.lastgroup or 1]) for m in (*_LEVEL.finditer(text), *_LEVEL_OTHERWISE.finditer(text))]
    return [
        (at, level.upper())
        for at, level in sorted(found)
        if not _WISH.search(without_agencies(text[max(0, at - 140) : at]))
        and not _SEVERAL_LEVELS.search(text[max(0, at - 20) : at + 30])
    ]


def level_alone(text: str) -> str | None:
    match = _LEVEL_ALONE.match(text)
    return match[1] if match else None


def is_scale(text: str) -> bool:
    """A line that explains the levels rather than reporting one."""
    distinct = {m[1] for m in _ANY_LEVEL.finditer(text)}
    return len(distinct) >= 3 and not re.search(r"ได้(?:รับ)?(?:ผล)?คะแนน", text)


# --- nodes and results
# ---------------------------------------------------------------------------------------------------


_PART = re.compile(r"ส่วนที่\s*([12])(?!\d)|EIT\s*(Public|Survey)|\bPart\s*([12])\b", re.I)
_WEAK_OVERALL = re.compile(
    r"(?:ได้รับ|ได้|มี)(?:ผล)?คะแนน|ผลคะแนน|คะแนนการประเมิน|คะแนนประเมิน|ผลการประเมิน|ได้รับการประเมิน|ความโปร่งใส|ได้(?:รับ)?ผล|\(ITA\)|\bITAS?\b|(?i:\bscor(?:es?|ed|ing)\b|\brated\b|\bassess)"
)
_AVERAGE = re.compile(r"^(?:คะแนน)?(?:รวม)?(?:คะแนน)?เฉลี่ย(?:รวม)?(?:ตัวชี้วัด)?$|^รวม$|^Average$", re.I)
_ITEM = re.compile(r"(?:ข้อ(?:ที่)?\s*)?(?<![A-Za-z])([ieo])\s?[.\-]?\s?(\d{1,2})(?![\d.A-Za-z])", re.I)
_NUMBERED = re.compile(r"^(?:ข้อ(?:คำถาม)?(?:ที่)?\s*)(\d{1,3})$")
_INDICATOR_NUMBER = re.compile(r"(?:ตัวชี้วัด(?:ที่)?|ตชว\.?|ตัวชี้วัด\s*ที่|Indicator)\s*(\d{1,2})(?![\d.])", re.I)

# words that may stand between a name and its score
_CONNECTING = re.compile(
    r"ตัวชี้วัด|ที่|ได้รับ|ได้|คะแนนเฉลี่ย|คะแนน|ค่า|เท่ากับ|ร้อยละ|คิดเป็น|มี|ผล|เฉลี่ย|รวม|อยู่|ใน|โดย|สูงที่สุด|สูงสุด|ต่ำที่สุด|ต่ำสุด|จำนวน|ระดับ|และ|ผ่าน|เกณฑ์|ขึ้นไป|"
    r"การประเมิน|คือ|เป็น|ภาพรวม|ลง|ส่วน|นี้|ซึ่ง|เพียง|แค่|ตามลำดับ|ด้าน|แบบวัด|แบบตรวจ|เต็ม|รองลงมา|ของ|ตาม|ปีงบประมาณ|พ\.ศ\.|ปี|ประจำ|ขยับ|จาก|เดิม|เหลือ|มา|หรือ|คนใน|คนนอก|score|is|of|points?|was|scored|part|avg|average|\b(?:last year|this year|it|the|has|and|increased to)\b",
    re.I,
)


def parts(text: str) -> list[str]:
    """The parts of a survey spoken of: "1" and "2", in order."""
    found = (next(g for g in m.groups() if g).lower() for m in _PART.finditer(text))
    return ["1" if word in ("1", "public") else "2" for word in found]


def part(text: str) -> str | None:
    """The first part spoken of."""
    return next(iter(parts(text)), None)


def overall_cue(text: str) -> bool:
    """Whether words speak of a result without saying of what, which then is the whole."""
    return bool(_WEAK_OVERALL.search(text))


_OPENS_TOTAL = re.compile(
    r"(?:คะแนน|เท่ากับ|จำนวน|อยู่ที่|ร้อยละ|ได้|ด้วย|\(|เป็น|ประเมิน(?:ฯ)?|ที่|ได้(?:รับ)?ผล|ITA|scor(?:e[sd]?|ing)|score\s+of|with|level|grade,?)"
    r"\s*(?:รวม|เฉลี่ย|เท่ากับ|ร้อยละ|จำนวน|ที่)?\s*\(?$",
    re.I,
)


def opens_total(before: str, *, compared: bool) -> bool:
    """Whether the words right before a number make it a result: "ได้คะแนน", "with a score of"; "จาก" only to
    compare."""
    return bool(_OPENS_TOTAL.search(before[-40:])) or (compared and bool(re.search(r"(?:จาก|กับ)(?:เดิม)?\s*$", before)))


def led_to_assessment(after: str) -> bool:
    """Whether the words after a number say what it was scored in: "92.10 คะแนน จากการประเมิน ITA"."""
    return bool(re.match(r"\s*(?:คะแนน|points?)[^\d.]{0,40}(?:ITA|ความโปร่งใส|Integrity)", after))


def closes_total(before: str, after: str) -> bool:
    """Whether the words after a number make it a result, when those before speak of the assessment not long ago."""
    return bool(re.match(r"\s*(?:คะแนน|points?\b|out of 100)", after) and re.search(r"ITA|ความโปร่งใส", before[-100:]))


_OTHERS = re.compile(
    r"ทั้งประเทศ.{0,110}$|(?:ประเทศ|เป้าหมาย|ค่าเฉลี่ยของหน่วยงาน|เฉลี่ยกลุ่ม|เกณฑ์|ผู้ตอบ).{0,40}$"
    r"|(?:\d|ทุก|ทั้ง)\s*(?:หน่วยงาน|แห่ง|สถาบัน|องค์กร)[^\d]{0,80}เฉลี่ย[^\d]{0,30}$|(?:กว่า|กับ)ค่าเฉลี่ย(?:(?!\d\.\d).){0,90}$"
    r"|^\s*อันดับ(?:ที่)?\s*\d.{0,140}$|สูง(?:ที่)?สุด\s*(?:คือ|ได้แก่).{0,140}$"
    r"|(?:ตั้งเป้า|คาดว่า|ให้ได้)(?:(?!\d\s*คะแนน).){0,40}$"
    r"|(?i:\b(?:average[sd]?|mean|nationwide|passing|criteri(?:on|a)|target|threshold|among)\b(?:[^.]|\.\d){0,140}$)"
)


_ITA = re.compile(r"ITA|ความโปร่งใส|[IEO]IT|Integrity")
_ASSESSMENTS = re.compile(rf"{_ITA.pattern}|LPA|PMQA|EBIT|SEPA|ความพึงพอใจ|Core Team|Performance Assessment")


def of_others(before: str) -> bool:
    """Whether the words before a number make it no score of the agency: of the country, of a group, of another agency,
    of another assessment, a target."""
    assessments = _ASSESSMENTS.findall(before[-120:])
    return bool(_OTHERS.search(before)) or bool(assessments and not _ITA.fullmatch(assessments[-1]))


def counts(before: str) -> bool:
    """Whether the words before a name make the number after it no score: how many answered, what is aimed at."""
    return bool(re.search(r"(?:ผู้ตอบ(?:แบบ)?|เป้าหมาย|ประเทศ)\s*$", before))


def goes_on_to(after: str) -> bool:
    """Whether the words after a number lead to the number it became: "from 85.25 *to* 92.46"."""
    return bool(re.match(r"\s*(?:คะแนน|%)?\s*(?:มา|ไป)?(?:อยู่ที่|เป็น|เหลือ)\s*(?:ร้อยละ)?\s*\d", after))


def is_average(text: str) -> bool:
    return bool(_AVERAGE.match(re.sub(r"\s+", "", text)))


def item_code(text: str) -> tuple[str, str] | None:
    """An item's letter and digits, where the letter can be read: ``("i", "1")``."""
    text = text.strip()
    match = _ITEM.match(text)
    if (
        match is None
        or not re.match(r"(?!\s*[-–,]\s*[ieo]?\s?\d)(?:[\s:.)]|$)", text[match.end() :], re.I)
        or len(text) > 140
    ):
        return None  # "O1 - O7" is no item
    return match[1].lower(), match[2]


def item_codes(text: str) -> list[re.Match[str]]:
    return list(_ITEM.finditer(text))


def numbered_item(text: str) -> str | None:
    """The digits of "ข้อ 11", whose letter may have been read as a digit."""
    match = _NUMBERED.match(re.sub(r"\s+", " ", text.strip()).strip(" .:"))
    return match[1] if match else None


def indicator_numbers(text: str) -> list[re.Match[str]]:
    """Each "ตัวชี้วัดที่ N" with N from 1 to 10."""
    return [m for m in _INDICATOR_NUMBER.finditer(text) if 1 <= int(m[1]) <= 10]


def indicator_number(text: str) -> str | None:
    return next((m[1] for m in indicator_numbers(text)), None)


def leftover(gap: str) -> int:
    """How many letters of a gap between a name and a number are not mere connecting words."""
    rest = _CONNECTING.sub(" ", re.sub(r"\([A-Za-z &/,.\-]+\)", " ", without_agencies(gap)))
    rest = re.sub(r"\(?[A-Z]{2,4}\)?|ส่วนที่ \d", " ", rest)
    return len(thai.skeleton(re.sub(r"[\d.,]+", "", rest))[0])


def alike(text: str, name: str) -> bool:
    """Whether a text is a name, perhaps shortened or a little damaged."""
    return fuzz.partial_ratio(thai.skeleton(text)[0], thai.skeleton(thai.clean(name))[0]) >= 85


def begins(text: str, name: str) -> bool:
    """Whether a text opens with a name, in any spelling that reads the same."""
    return thai.skeleton(text)[0].startswith(thai.skeleton(thai.clean(name))[0])


def join(texts: Iterable[str]) -> str:
    return " ".join(t for t in texts if t)
