"""The words offices use around scores: numbers, years, levels, codes of items, whose result is told.

Everything works on text that ``lib.thai.clean`` has put in one spelling.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from prongsai.intake.agencies import agencies, without_agencies
from prongsai.lib import thai

# --- numbers and years ----------------------------------------------------------------------------------------------

NUMBER = re.compile(
    r"(?<![\d.,/:A-Za-z])([+\-−]?\s?)(\d{1,3}(?:\.\d{1,10})?)"
    r"(?![\d:]|/(?!\s?100\b|[A-Za-z\u0e01-\u0e4e])|,\d|\.\d|[-–]\d)"
)
YEAR = re.compile(r"(?<![\d.,/])(?:พ\s?\.?\s?ศ\s?\.?\s{0,20})?(25[4-9]\d)(?![\d,]|\.\d)")
_GREGORIAN = re.compile(
    r"(?:\bFY\s?|ค\.ศ\.\s?|\bfiscal(?:\s{1,20}year)?\s{1,20}|\bITA(?:\s{1,20}(?:Awards?|Day|results?|assessment))?\s{1,20}|\bIn\s{1,20}(?=20\d\d,))"
    r"(?P<after>20[12]\d)(?!\d)|(?<!\d)(?P<before>20[12]\d)\s{1,20}(?=ITA\b|Integrity and Transparency)",
    re.I,
)
_UNIT_AFTER = re.compile(  # of a whole number
    r"^\s{0,20}(?:คน|แห่ง|ข้อ|ตัวชี้วัด|ประเด็น|วัน|เดือน|ปี|หมู่|โครงการ|ครั้ง|ลำดับ|อันดับ|หน้า|ชุด|หน่วยงาน|ตาราง|ครัวเรือน|ชั่วโมง|นาที|เครื่องมือ|ด้าน|เท่า|"
    r"กิจกรรม|มาตรการ|คะแนนเต็ม|แบบ|ส่วน|น\.|ฉบับ|ระดับ|ท่าน|of|จาก \d)"
)
_UNIT_AFTER_ANY = re.compile(
    r"^\s{0,20}(?:(?:เลือก)?ตอบว่า|เห็นว่า|ของ(?:ผู้ตอบ|คำตอบ)|(?:%|per cent|percent)\s{0,20}(?:of\b|ของ)|(?:points?|%)\s{0,20}(?:higher|lower|more|increase)|-point|ของแผน|บาท|คน(?!นอก|ใน)|ราย(?!ละเอียด|งาน|ข้อ|การ|ตัว)|ขึ้นไป|คะแนนขึ้นไป|ตาราง(?:กิโล|เมตร|วา)|กิโล|ไร่|น\.|ล้าน|พัน|ตัน|เมตร)"
)
_LIMIT_BEFORE = re.compile(
    r"(?:(?i:\b(?:over|more than|less than|at least|below|above|minimum|(?:minimum|passing)[a-z ]{0,24}|increase of|decrease of|up|by))|(?<!ได้คะแนน)(?<!ได้)เต็ม|มากกว่า|น้อยกว่า|ไม่ต่ำกว่า|ต่ำกว่าร้อยละ|สูงกว่า|ตั้งแต่|เกณฑ์|เป้า(?:หมาย)?|น้ำหนัก|อย่างน้อย|ไม่เกิน|ขั้นต่ำ|ครบ|ให้ได้|(?:ขาด|ห่าง|ต้องเพิ่ม|ต้องการ)(?:จาก)?[^\d]{0,9}(?:\d{2,3}(?:\.\d{1,2})?[^\d]{0,9})?(?:อยู่|อีก|ไป|ขึ้น)?|ตัวอย่าง(?:เช่น)?.{0,12}|ค่าเฉลี่ยประเทศ|ระดับประเทศ|ทั่วประเทศ|"
    r"(?:ITA|คะแนน|รวม)\s{0,20}\((?=\s{0,20}$)|[x×*]|ย่อยที่|ย่อย|เกณฑ์[\u0e01-\u0e4e]{0,12})\s{0,20}(?:ร้อยละ|คือ|ที่|:|=)?\s{0,20}$"
)
_ORDINAL_BEFORE = re.compile(  # of a whole number
    r"(?:ลำดับ|อันดับ|ข้อ|ตัวชี้วัด|ครั้ง|หน้า|ส่วน|ด้าน|ตาราง|ภาพ|บท|มาตรา|ฉบับ|รอบ|ปี|ชั้น|โทร\.?|\bpart)\s{0,20}(?:ที่)?\s{0,20}$",
    re.I,
)


_SHORT_YEAR = re.compile(
    r"(?:ปี(?:งบประมาณ|งบฯ|งบ)?\s{0,20}(?:พ\.?ศ\.?)?\s{0,20}'?|(?<![A-Za-z])(?:ITA|ita|FY)\s?'?)(6\d)(?![\d.,%])(?!\s?(?:แห่ง|หน่วย|ข้อ|คะแนน|ตัวชี้วัด|คน|ครั้ง|อปท|แบบ|เครื่อง|ด้าน))"
    r"|(?:ปี(?:งบประมาณ|งบฯ|งบ)?\s{0,20}(?:พ\.?ศ\.?)?\s{0,20}'?|(?<![A-Za-z])(?:ITA|ita|FY)'?)(6\d)(?![\d.,%])"
)


@lru_cache(maxsize=512)
def years(text: str) -> tuple[tuple[int, int], ...]:
    """Fiscal years mentioned and where: Buddhist years, short ones ("ปี 65"), and common-era ones marked as such."""
    matches = [(m.start(), int(m[1])) for m in YEAR.finditer(text) if not _is_date(text, m)]
    matches += [(m.start(), int(m["after"] or m["before"]) + 543) for m in _GREGORIAN.finditer(text)]
    matches += [(m.start(), int(m[1] or m[2]) + 2500) for m in _SHORT_YEAR.finditer(text)]
    return tuple(sorted(m for m in matches if not _ANOTHER_YEAR.search(text[max(0, m[0] - _LONGEST_KIND) : m[0]])))


_ANOTHER_YEAR, _LONGEST_KIND = (
    re.compile(r"(?:ปีการศึกษา|ปีปฏิทิน|ปีการผลิต)\s{0,3}(?:พ\.?\s?ศ\.?)?\s{0,3}$"),
    24,
)  # no fiscal one
_SPELLED_OUT = {"แรก": "1", "หนึ่ง": "1", "สอง": "2", "สาม": "3", "สี่": "4"}
_NUMBERED_IN_WORDS = re.compile(rf"(ส่วนที่)\s{{0,20}}({'|'.join(_SPELLED_OUT)})(?![\u0e01-\u0e4e]{{0,3}}สิบ)")


_PICTURES_AFTER = re.compile(r"(?:\s{0,3}[\U0001F000-\U0001FAFF\u2600-\u27bf\u2b00-\u2bff\ufe0f\u20e3]){1,6}$")
_PICTURES = re.compile(r"^(?:[\U0001F000-\U0001FAFF\u2600-\u27bf\u2b00-\u2bff\ufe0f\u20e3]\s{0,3}){1,6}(?!$)")


def without_pictures(text: str) -> str:
    """A line without the pictures that stand before and after it, as those of posts do."""
    return _PICTURES_AFTER.sub("", _PICTURES.sub("", text))


def with_digits(text: str) -> str:
    """A text whose parts of a survey are numbered in digits: "ส่วนที่สอง" as "ส่วนที่ 2"."""
    return _NUMBERED_IN_WORDS.sub(lambda m: f"{m[1]} {_SPELLED_OUT[m[2]]} ", text)


_YEAR_ALONE = re.compile(r"(?:[•*·▪–-]\s{0,20})?(?:ปี(?:งบประมาณ)?\s{0,20})?(?:พ\.?\s?ศ\.?\s{0,20})?25[4-9]\d\s{0,20}:?")


def is_year(text: str) -> bool:
    """Whether a year is all that a text says."""
    return bool(_YEAR_ALONE.fullmatch(text))


def relative_years(text: str, year: int) -> list[tuple[int, int]]:
    """ "last year" and "this year", seen from the year a text is about, unless only compared with ("than last
    year")."""
    if not year:
        return []
    matches = re.finditer(r"(?<!than )(?<!from )(?<!in )(?<!to )\b(last|this) year\b", text, re.I)
    english = [(m.start(), year - (m[1].lower() == "last")) for m in matches]
    return english + [(m.start(), year - (m[0] != "ปีนี้")) for m in re.finditer("ปีก่อน(?:หน้า)?|ปีที่แล้ว|ปีนี้", text)]


_MONTHS = "ม.ค|ก.พ|มี.ค|เม.ย|พ.ค|มิ.ย|ก.ค|ส.ค|ก.ย|ต.ค|พ.ย|ธ.ค|มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม"
_DATE_BEFORE = re.compile(
    rf"(?:{_MONTHS.replace('.', '[.]')})\.?\s{{0,20}}(?:พ\.?ศ\.?\s{{0,20}})?$|[-/]\s?\d{{1,2}}[-/]\s?$"
)

_LONGEST_BEFORE = 64  # what _DATE_BEFORE matches at most, and some

_MONTH_NAMES = [re.escape(m) for m in _MONTHS.split("|")]
_DATE = re.compile(rf"({'|'.join(_MONTH_NAMES)})\.?\s{{0,20}}(?:พ\.?ศ\.?\s{{0,20}})?(25[4-9]\d|[67]\d)(?!\d)")


def dates(text: str) -> list[tuple[int, int]]:
    """Month and Buddhist year of each date ("24 ส.ค. 66")."""
    names = [re.escape(m[1]) for m in _DATE.finditer(text)]
    stated_years = [int(m[2]) % 100 + 2500 for m in _DATE.finditer(text)]
    return [(_MONTH_NAMES.index(name) % 12 + 1, year) for name, year in zip(names, stated_years, strict=True)]


def _is_date(text: str, year: re.Match[str]) -> bool:
    before = text[: year.start(1)]
    return bool(_DATE_BEFORE.search(before[-_LONGEST_BEFORE:]))


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


_ANSWERS_BEFORE = re.compile(
    r"(?:คน|ชุด|ราย)\s{0,20}\(?\s{0,20}(?:คิดเป็น)?(?:ร้อยละ)?\s{0,20}$"  # how many answered
    r"|\d\s{0,9}(?:ข้อ|แห่ง|ครั้ง|รายการ|โครงการ|เรื่อง|หน่วยงาน)\s{0,9}(?:\(\s{0,9}(?:คิดเป็น)?|(?:หรือ)?คิดเป็น)(?:ร้อยละ)?\s{0,9}$"
)
_TITLE_AFTER = re.compile(r"\.?\s{1,20}(?!คะแนน|points?\b)[\u0e01-\u0e4eA-Za-z]")
_RANGE_AFTER = re.compile(r"\s{0,20}(?:%|ร้อยละ)?\s{0,20}[-–ถ]\s{0,20}(?:ถึง\s{0,20})?\d")
_RANGE_BEFORE = re.compile(r"\d\s{0,20}[-–]\s{0,20}$")
_WORD_BEFORE = re.compile(r"\w$")
_SCORE_AFTER = re.compile(
    r"\s{0,20}(?:คะแนน|เต็ม(?!\s{0,3}\d)|%|/\s?100|\(?ระดับ|points?\b|out of 100|=\s{0,20}[A-Z\u0e01-\u0e4e])"
)
_SCORE_BEFORE = re.compile(
    r"(?:คะแนน(?:รวม|เฉลี่ย)?|ร้อยละ|เท่ากับ|ได้|อยู่ที่|ประเมิน|score(?:s|d|\s{1,20}of)?|scoring|[:=])\s{0,20}\(?$", re.I
)
_LISTED_AFTER = re.compile(r"\.\s|\)")
_FACTOR_AFTER = re.compile(r"\s?[*×]\s?\d")  # "0.3*90.10": how a sum is made
_RUBRIC_BEFORE = re.compile(  # "85.00 – 94.99 = ": what a range of scores is worth
    r"(?:\d\s{0,3}[-–]\s{0,3}\d{1,3}(?:\.\d{1,3})?|ขึ้นไป|(?:ต่ำ|น้อย|มาก|สูง)กว่า\s{0,3}\d{1,3}(?:\.\d{1,3})?)[^\d=:]{0,20}[=:]\s{0,9}(?:ได้)?\s{0,9}$"
)


def numbers(text: str, names: Sequence[tuple[int, int]] = ()) -> list[Number]:
    """Numbers from 0 to 100 that may be scores; counts, thresholds, weights, dates and ranges are left out.

    ``names`` are the places of names, whose words say nothing of the number after them ("…หน้าที่ 90" is no page).
    """
    scores = []
    ends = {end for _, end in names}
    for match in NUMBER.finditer(text):
        if float(match[2]) > 100:
            continue
        before, after = text[: match.start()], text[match.end() :]
        named = len(before.rstrip()) in ends
        decimal = "." in match[2]
        if _ANSWERS_BEFORE.search(before[-30:]) or _UNIT_AFTER_ANY.match(after) or _LIMIT_BEFORE.search(before[-40:]):
            continue
        if not decimal and after.startswith("/") and not after[1:].lstrip().startswith("100"):
            continue  # "12/ต.ค./68"
        if _RUBRIC_BEFORE.search(before[-60:]) or _FACTOR_AFTER.match(after):
            continue
        if decimal and not before.strip() and float(match[2]) < 20 and _TITLE_AFTER.match(after):
            continue  # "3.8 …": the number of a section
        if not decimal and (
            _UNIT_AFTER.match(after) or (not named and _ORDINAL_BEFORE.search(before[-20:])) or "น้ำหนัก" in before[-60:]
        ):
            continue
        if _RANGE_AFTER.match(after) or _RANGE_BEFORE.search(before[-4:]):
            continue
        sign = match[1].strip().replace("−", "-")
        if sign and _WORD_BEFORE.search(before[-1:]):
            sign = ""
        after_says = bool(_SCORE_AFTER.match(after))
        before_says = bool(_SCORE_BEFORE.search(before[-30:]))
        if not decimal and not after_says and not before_says:
            continue
        if not decimal and not after_says and _LISTED_AFTER.match(after):  # "1. …", "1) …": a list
            continue
        scores.append(Number(match.start(), match.end(), sign, match[2], after_says or before_says))
    return scores


# --- nodes and results ----------------------------------------------------------------------------------------------


_WEAK_OVERALL = re.compile(
    r"(?:ได้รับ|ได้|มี)(?:ผล|ค่า)?คะแนน|ผลคะแนน|คะแนนการประเมิน|คะแนนประเมิน|ผลการประเมิน|ได้รับการประเมิน|ความโปร่งใส|ได้(?:รับ)?ผล|\(ITA\)|\bITAS?\b|(?i:\bscor(?:es?|ed|ing)\b|\brated\b|\bassess)"
)
_AVERAGE = re.compile(r"^(?:คะแนน|ค่า)?(?:รวม)?(?:คะแนน|ค่า)?เฉลี่ย(?:รวม)?(?:ตัวชี้วัด)?$|^รวม$|^Average$", re.I)
_NUMBERED = re.compile(r"^(?:ข้อ(?:คำถาม)?(?:ที่)?\s{0,20})(\d{1,3})$")
# words that may stand between a name and its score
_CONNECTING = re.compile(
    r"ตัวชี้วัด|ที่|ได้รับ|ได้|(?<=ของ)หน่วยงาน(?!อื่น|ใน|ที่|ทั้ง)|คะแนนเฉลี่ย|คะแนน|ค่า|เท่ากับ|ร้อยละ|คิดเป็น|มี|ผล|เฉลี่ย|รวม|อยู่|ใน|โดย|สูงที่สุด|สูงสุด|ต่ำที่สุด|ต่ำสุด|จำนวน|(?:สูง|มาก)ถึง|ระดับ|และ|ผ่าน|เกณฑ์|ขึ้นไป|"
    r"การประเมิน|คือ|เป็น|ภาพรวม|ลง|ส่วน|นี้|ซึ่ง|เพียง|แค่|ตามลำดับ|ด้าน|แบบวัด|แบบตรวจ|เต็ม|รองลงมา|ของ|ตาม|ปีงบประมาณ|พ\.ศ\.|ปี|ประจำ|ขยับ|เปลี่ยน(?:แปลง)?|จาก|เดิม|เหลือ|มา|หรือ|ทุกข้อ|ให้เรา|ให้(?=\s?(?:ผล)?คะแนน|\s)|ถ่วงน้ำหนัก|น้ำหนัก|แล้ว|คนใน|คนนอก|score|is|of|points?|was|scored|part|avg|average|\b(?:last year|this year|it|the|has|and|increased to)\b",
    re.I,
)


def overall_cue(text: str) -> bool:
    """Whether words speak of a result without saying of what, which then is the whole."""
    return bool(_WEAK_OVERALL.search(text))


_OPENS_TOTAL = re.compile(
    r"(?:คะแนน|เท่ากับ|จำนวน|อยู่ที่|ร้อยละ|ได้|ด้วย|\(|เป็น|ประเมิน(?:ฯ)?|ที่|ได้(?:รับ)?ผล|ITA|scor(?:e[sd]?|ing)|score\s{1,20}of|with|level|grade,?)"
    r"\s{0,20}(?:รวม|เฉลี่ย|เท่ากับ|ร้อยละ|จำนวน|ที่|(?<=score )(?:was|is))?\s{0,20}\(?$",
    re.I,
)


_OF_YEAR = re.compile(r"(?:ประจำ)?(?:ปี(?:งบประมาณ)?)?\s{0,20}(?:พ\.?\s?ศ\.?)?\s{0,20}25[4-9]\d\s{0,20}[=:]?\s{0,20}$")


def opens_total(before: str, *, compared: bool) -> bool:
    """Whether the words right before a number make it a result: "ได้คะแนน", "with a score of"; "จาก" only to
    compare."""
    named = _OF_YEAR.sub("", before[-60:])  # "ผล ITA ปี 2564 = 88.50"
    return bool(_OPENS_TOTAL.search(before[-40:]) or _OPENS_TOTAL.search(named)) or (
        compared
        and bool(
            re.search(
                r"(?:(?:จาก|กับ)(?:เดิม|ปีก่อน(?:หน้า)?|ปีที่แล้ว|ปีที่ผ่านมา)?|\bcompared (?:with|to)|\bfrom)\s{0,20}$", before
            )
        )
    )


def led_to_assessment(after: str) -> bool:
    """Whether the words after a number say what it was scored in: "92.10 คะแนน จากการประเมิน ITA"."""
    return bool(re.match(r"\s{0,20}(?:คะแนน|points?)[^\d.]{0,40}(?:ITA|ความโปร่งใส|Integrity)", after))


def closes_total(before: str, after: str) -> bool:
    """Whether the words after a number make it a result, when those before speak of the assessment not long ago."""
    return bool(
        re.match(r"\s{0,20}(?:คะแนน|points?\b|out of 100)", after) and re.search(r"ITA|ความโปร่งใส", before[-100:])
    )


_OTHERS = re.compile(
    r"ทั้งประเทศ.{0,110}$|(?:ประเทศ|เป้าหมาย|ค่าเฉลี่ยของหน่วยงาน|เฉลี่ยกลุ่ม|เกณฑ์|ผู้ตอบ).{0,40}$"
    r"|(?:\d|ทุก|ทั้ง)\s{0,20}(?:หน่วยงาน|แห่ง|สถาบัน|องค์กร|เขต|จังหวัด|อำเภอ|โรงเรียน|โรงพยาบาล|สถานี)[^\d]{0,80}เฉลี่ย[^\d]{0,30}$|(?:กว่า|กับ)(?:ค่า|คะแนน)เฉลี่ย(?:(?!\d\.\d).){0,90}$"
    r"|เฉลี่ย(?:ของ)?ระดับ(?!หน่วยงาน)[^\d]{0,40}$"
    r"|(?:จังหวัด|อำเภอ|ภาค|กระทรวง|กลุ่ม|ประเภท|สังกัด)(?:มี|ได้)?(?:คะแนน|ค่า)เฉลี่ย[^\d]{0,20}$"
    r"|(?:ปีละ|ต่อปี)[^\d]{0,20}$"
    r"|(?:ตั้งเป้า|เป้าหมาย).{0,90}(?:และ|,)\s?(?:ใน)?ปี(?:งบประมาณ)?\s?(?:พ\.?\s?ศ\.?)?\s?25\d\d\s?(?:ไว้)?(?:ที่|เป็น|[:=])?\s{0,3}$"
    r"|(?:ตั้งเป้า|คาดว่า|ให้ได้)(?:(?!\d\s{0,20}คะแนน).){0,40}$"
    r"|(?i:\b(?:average[sd]?|mean|nationwide|passing|criteri(?:on|a)|target|threshold)\b(?:[^.]|\.\d){0,140}$)"
)


_LISTED = re.compile(  # who is the best, and who comes next
    r"^\s{0,20}อันดับ(?:ที่)?\s{0,20}\d.{0,140}$|สูง(?:ที่)?สุด\s{0,20}(?:คือ|ได้แก่).{0,140}$|(?i:\bamong\b(?:[^.]|\.\d){0,140}$)"
)
_RANKED = re.compile(  # a place among others is no score of theirs
    r"(?:ลำดับ|อันดับ)(?:ที่)?\s{0,9}\d{1,5}\s{0,9}(?:ของ|จาก|ใน)[^\d]{0,20}(?:ประเทศ|จังหวัด|อำเภอ|ภาค|กลุ่ม|กระทรวง)"
)
_GROUP_RISES = re.compile(r"(?:ภาพรวม|เฉลี่ย|ทั้ง|ทั่ว|ทุก)[^\d]{0,20}(?:ประเทศ|จังหวัด|อำเภอ|ภาค|กลุ่ม|แห่ง|ประเภท)[^\d]{0,60}$")
_OTHER_ASSESSMENTS = "LPA|PMQA|EBIT|SEPA|ความพึงพอใจ|Core Team|Performance Assessment"


_WISHED = re.compile(r"(?:ค่า)?เป้าหมาย[^\d]{0,20}\d{1,3}(?:\.\d{1,4})?(?:\s{0,3}คะแนน)?(?=[^\d]{0,12}ผล)")


def without_wishes(text: str) -> str:
    """A text with blanks for what was aimed at, where it goes on to what was reached: "เป้าหมาย 90 ผลการประเมิน 96.89"."""
    return _WISHED.sub(lambda m: " " * len(m[0]), text)


_ANSWERED = re.compile(  # "มีผู้ตอบ 148 คน จากทั้งหมด 1,312 คน ได้"
    r"[^\d]{0,40}(?<![\d.,])\d{1,3}(?:,?\d{3}){0,2}\s{0,3}(?:คน|ราย|ชุด|ข้อ)"
    r"(?:[^\d]{0,40}\d{1,3}(?:,?\d{3}){0,2}\s{0,3}(?:คน|ราย|ชุด|ข้อ))?"
    r"(?=\)?\s{0,9}(?:,|และ|ซึ่ง)?\s{0,9}(?:ได้|มี|อยู่|=|:|คะแนน|เฉลี่ย|\(?\d{1,3}\.\d))"
)


def without_counts(gap: str) -> str:
    """What stands between a name and its score, without how many answered: "IIT มีผู้ตอบ 148 คน ได้คะแนนเฉลี่ย"."""
    return _ANSWERED.sub(" ", gap, count=1)


def of_others(before: str, own: str, own_at: int = 0) -> bool:
    """Whether the words before a number make it no score of the agency: of the country, of a group, of another agency,
    of another assessment than that whose names the pattern ``own`` finds, a target.

    What was said of groups before ``own_at``, where the agency is named, is of no matter.
    """
    before = _RANKED.sub(lambda m: " " * len(m[0]), before)
    assessments = re.findall(rf"{own}|{_OTHER_ASSESSMENTS}|{_OTHER_INITIALS}", before[-120:])
    return (
        bool(_LISTED.search(before))
        or bool(_OTHERS.search(before[own_at:]))
        or bool(assessments and not re.fullmatch(own, assessments[-1]))
    )


def is_other_assessment(text: str, own: str) -> bool:
    """Whether a text speaks of other assessments, and not of that whose names the pattern ``own`` finds."""
    text = _OPINION.sub("ความพึงพอใจ", text)
    return (names_other_assessment(text) or _has_other_initials(text, own)) and not re.search(own, text)


_OPINION = re.compile(r"ความ(?:เชื่อมั่น|พึงพอใจ|คิดเห็น|ไว้วางใจ)[^\s\d]{0,20}ความโปร่งใส")  # of our subject, and no result


_INITIALS = re.compile(
    r"(?:ประเมิน(?:ผล)?|ผล(?:คะแนน)?|คะแนน)(?:ตาม)?(?:เกณฑ์|แบบ)?"
    r"\s{0,3}(?:\(?|[\u0e01-\u0e4e. ]{0,60}\()([A-Z]{3,8})(?![A-Za-z])"
)


# "คะแนน MOIT ไตรมาส 4": what follows a word for a result is an assessment of its own
_OTHER_INITIALS = r"(?<=คะแนน\s)[A-Z]{3,8}(?![A-Za-z])|(?<=คะแนน)[A-Z]{3,8}(?![A-Za-z])"


def _has_other_initials(text: str, own: str) -> bool:
    """Whether a text tells of the results of something by its initials, which are none of ours: "ผลการประเมิน MOIT"."""
    return any(not re.match(own, m[1]) for m in _INITIALS.finditer(text))


def names_other_assessment(text: str) -> bool:
    """Whether words in a text are those of other assessments; they may also stand in the name of one of our items."""
    return bool(re.search(_OTHER_ASSESSMENTS, text))


def group_rises(before: str) -> bool:
    """Whether what rose is the mean of a country, a province, a group."""
    return bool(_GROUP_RISES.search(YEAR.sub(" ", before)))


_LAST_NUMBER = re.compile(r"(\d[\d,]{0,12}(?:\.\d{1,10})?)[^\d]{0,200}$")


def counted_last(before: str) -> bool:
    """Whether the number told last is a line that was drawn, or how many there are: what rises after it is not a
    score."""
    before = YEAR.sub(" ", before)
    match = _LAST_NUMBER.search(before[-260:])
    if match is None:
        return False
    ahead, after = before[-260:][: match.start()], before[-260:][match.end(1) :]
    return bool(_LIMIT_BEFORE.search(ahead[-40:]) or re.match(r"\s{0,20}(?:คน|แห่ง|หน่วยงาน|ราย|ชุด|ล้าน)", after))


_PROGRESS = re.compile(r"(?:คืบหน้า|ก้าวหน้า|แล้วเสร็จ|เบิกจ่าย)[^\d]{0,12}(?:ร้อยละ|:|=)\s{0,3}$")


def names_answers(before: str) -> bool:
    """Whether a name that follows is that of a survey of which it is told who or how many answered: "เพิ่มผู้ตอบ EIT จาก"."""
    return re.search(r"(?:ผู้|(?:จำนวน)?การ|อัตรา(?:การ)?)ตอบ(?:แบบ(?:วัด|สอบถาม|สำรวจ)?)?\s{0,3}$", before) is not None


def tells_progress(gap: str, after: str) -> bool:
    """Whether a number is how much of something was answered or filled in: "IIT แล้ว 85.71%"."""
    is_done = re.match(r"\s{0,3}(?:%|เปอร์เซ็นต์)", after) and re.search("แล้ว|กรอก|นำเข้า|จัดส่ง|ตอบ", gap)
    return bool(is_done) or _PROGRESS.search(gap) is not None


_SUBGROUP = re.compile(
    r"(?<![\u0e01-\u0e4e])(?:(?:เฉพาะ|ของ|ใน|ที่|โดย|จาก|ตาม)\s?)?(?:กอง(?!ทุน)|สำนัก(?:ปลัด|ช่าง|การ)|ฝ่าย|แผนก|กลุ่ม(?!ตัวอย่าง)|สาขา|คณะ|เพศ|ชาย|หญิง|อายุ|"
    r"ผู้(?:บริหาร|ปฏิบัติ|สูงอายุ|ปกครอง)|ข้าราชการ|พนักงาน|ลูกจ้าง|นักเรียน|นักศึกษา|ครู|อาจารย์|หมู่(?:ที่|บ้าน)?\s|ชั้น)"
)


def names_subgroup(gap: str) -> bool:
    """Whether what stands between a name and its number names a part of an agency, or some of the people who answered:
    "การใช้อำนาจ กองคลัง 88.20"."""
    return _SUBGROUP.search(gap) is not None


def tells_counts(text: str) -> bool:
    """Whether a text tells how many there are of something, or what part that is."""
    return bool(re.search(r"\d\s{0,20}(?:คน|ชุด|ราย|แห่ง|ครั้ง|ครัวเรือน|%)|ร้อยละ\s{0,20}\d", text))


_MEANING = re.compile(r"\s{0,3}คือ\s?[\u0e01-\u0e4e]{2,30}\s{0,3}(?=ได้)")


_WHO_ANSWERS = re.compile(
    r"(?:ที่|ซึ่ง|โดย|มา)?(?:ประชาชน|ผู้(?:รับบริการ|ติดต่อ|มีส่วนได้(?:ส่วน)?เสีย|ประเมิน|มาติดต่อ)|พนักงาน|เจ้าหน้าที่|บุคลากร)[\u0e01-\u0e4e]{0,12}?"
    r"(?:ตอบ|เก็บ|สำรวจ)(?:แบบ)?(?:ข้อมูล)?(?:ด้วย)?(?:ตน)?(?:เอง)?(?=[\s(]|$)"
)


def without_meaning(gap: str) -> str:
    """What stands between a name and its score, without what the name means or who answers: "IIT คือพนักงานตอบเอง ได้"."""
    gap = _WHO_ANSWERS.sub(" ", gap)
    match = _MEANING.match(gap)
    return gap if match is None or re.search("เฉลี่ย|ประเทศ|อื่น|เป้า", match[0]) else gap[match.end() :]


def without_bracketed_counts(text: str) -> str:
    """A text without how many answered, where that stands in brackets: "88.72 คะแนน (ผู้ตอบ 118 คน)"."""
    return _BRACKETS.sub(lambda b: "" if tells_counts(b[0]) else b[0], text)


_BRACKETS = re.compile(r"\s{0,3}\([^()]{0,60}\)")


def counts(before: str) -> bool:
    """Whether the words before a name make the number after it no score: how many answered, what is aimed at."""
    return bool(re.search(r"(?:ผู้ตอบ(?:แบบ)?|เป้าหมาย|ประเทศ)\s{0,20}$", before))


def goes_on_to(after: str) -> bool:
    """Whether the words after a number lead to the number it became: "from 85.25 *to* 92.46"."""
    return bool(re.match(r"\s{0,20}(?:คะแนน|%)?\s{0,20}(?:มา|ไป)?(?:อยู่ที่|เป็น|เหลือ)\s{0,20}(?:ร้อยละ)?\s{0,20}\d", after))


def has_letters(text: str) -> bool:
    return bool(re.search(r"[A-Za-z\u0e01-\u0e4e]", text))


def is_average(text: str) -> bool:
    return bool(_AVERAGE.match(re.sub(r"\s+", "", text)))


_OWN_MEAN = re.compile(
    r"รายข้อ|แต่ละ(?:ข้อ|ตัวชี้วัด)|ของ(?:หน่วยงาน|ตัวชี้วัด|เครื่องมือ|แบบวัด)?\s{0,20}$|ถ่วงน้ำหนัก|ทั้ง\s{0,20}\d{0,3}\s{0,20}$"
)


_OF_TABLES = re.compile("รายละเอียด|สรุป|รายงาน|ตาราง|แสดง|เปรียบเทียบ")  # titles over a head, which are no group


def is_mean_of_others(text: str) -> bool:
    """Whether a head or the name of a row speaks of a mean over something else than what one agency reached: "ค่าเฉลี่ย
    ประเทศ", "ค่าเฉลี่ยเทศบาลนคร"."""
    mean = re.search(r"(?:ค่า|คะแนน)?เฉลี่ย(?!รวม)|\b(?:mean|average)\b", text, re.I)
    counted = re.search(r"\d\s{0,9}(?:แห่ง|หน่วยงาน|สถาบัน|โรงเรียน|จังหวัด)", text)
    return mean is not None and (counted is not None or leftover(_OF_TABLES.sub("", _OWN_MEAN.sub("", text))) > 3)


_WEIGHT = re.compile(  # a digit alone numbers a part
    r"(?!^)[(\[]\s{0,3}(?:น้ำหนัก|คิดเป็น|ร้อยละ|เต็ม|weight){0,2}\s{0,3}(?!\d\s{0,3}[)\]])"
    r"\d{1,3}(?:\.0{1,2})?\s{0,3}(?:%|คะแนน)?\s{0,3}[)\]]"
    r"|(?<=\S)\s{1,3}(?:(?:น้ำหนัก|weight)\s{0,3})?(?:ร้อยละ\s{0,3}\d{1,3}|\d{1,3}\s{0,3}%)\s{0,3}$",
    re.I,
)


def without_weight(text: str) -> str:
    """The name of a node without its weight, or the most that it can have: "IIT (30%)", "OIT 40%"."""
    return _WEIGHT.sub("", text)


def numbered_item(text: str) -> str | None:
    """The digits of "ข้อ 11", whose letter may have been read as a digit."""
    match = _NUMBERED.match(re.sub(r"\s+", " ", text.strip()).strip(" .:"))
    return match[1] if match else None


def leftover(gap: str) -> int:
    """How many letters of a gap between a name and a number are not mere connecting words."""
    rest = _CONNECTING.sub(" ", re.sub(r"\([A-Za-z &/,.\-]+\)", " ", without_agencies(gap)))
    rest = re.sub(r"\(?[A-Z]{2,4}\)?|ส่วนที่ \d", " ", rest)
    return len(thai.skeleton(re.sub(r"[\d.,]+", "", rest))[0])


def alike(text: str, name: str) -> bool:
    """Whether a text is a name, perhaps shortened or a little damaged."""
    from rapidfuzz import fuzz  # see vocabulary.Vocabulary.cell

    return fuzz.partial_ratio(thai.skeleton(text)[0], thai.skeleton(thai.clean(name))[0]) >= 85


def begins(text: str, name: str) -> bool:
    """Whether a text opens with a name, in any spelling that reads the same."""
    return thai.skeleton(text)[0].startswith(thai.skeleton(thai.clean(name))[0])


def name_in(cell: str) -> str:
    """The agency that a cell of names names: the whole cell, where it is only a name, however that goes on."""
    named = agencies(cell)
    is_name = cell.startswith(named[0]) and not re.search(r"\d|\(|ได้|คะแนน", cell[len(named[0]) :])
    return cell.strip() if is_name else named[0]


def join(texts: Iterable[str]) -> str:
    return " ".join(t for t in texts if t)
