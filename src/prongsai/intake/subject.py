"""What a document is about: whose results, of which fiscal year."""

import re
from collections import Counter
from collections.abc import Sequence

from prongsai.intake import words
from prongsai.intake.agencies import (
    NamedAgency,
    family_of,
    is_kind_alone,
    key_of,
    named_agencies,
    perhaps_agencies,
    without_agencies,
)
from prongsai.intake.files import Row
from prongsai.intake.reading import NamedYear
from prongsai.lib import thai

_RESULT_BEFORE = re.compile(
    r"(?:ผล(?:การ)?(?:ประเมิน|คะแนน|วิเคราะห์)|(?<!\d)(?<!\d\s)คะแนน|วิเคราะห์ผล|รายข้อ)[^\d]{0,160}$"
)
_RESULT_AFTER = re.compile(
    r"(?:พ\.?\s?ศ\.?\s{0,9})?25\d\d[^\d]{0,120}(?:ได้|มี|ด้วย)"
    r"(?:[^\d]{0,40}คะแนน[^\d]{0,20}\d{1,3}\.\d|[^\d]{0,20}\d{2,3}\.\d{1,4}\s?คะแนน)"
)
_ITA_BEFORE = re.compile(r"(?:ITA|ความโปร่งใส|เปิดเผยข้อมูล)[^\d]{0,40}$|คุณธรรมและความโปร่งใส(?:ในการดำเนินงาน)[^\d]{0,120}$")
_PLAN_BEFORE = re.compile(
    r"(?:มาตรการ|เพื่อ|แผน|แนวทาง|โครงการ|กำหนดการ|ปฏิทิน|ให้ส่วนราชการ|เป้า|บัญญัติ|ตั้งงบ|รายจ่าย|ทั้งนี้|ภายใน|จะ)[^\d]{0,40}$|(?:มาตรการ|แผนปฏิบัติ)[^\d]{0,80}$"
    r"|ไตรมาส(?:ที่)?\s{0,20}\d[^\d]{0,30}$"
)
_PLAN_AFTER = re.compile(r"25\d\d[^\d]{0,6}(?:ซึ่ง|ได้|จึง)?(?:ตั้ง(?:เป้า|ไว้)|(?:มี)?(?:ค่า)?เป้าหมาย|คาดว่า|จะ)")
_DATE_ALONE = re.compile(
    r"(?:(?:ณ\s?)?วัน[^\d]{0,12})?(?:ที่)?\s{0,9}\d{1,2}\s{1,3}[\u0e01-\u0e4e.]{4,12}\s{1,3}(?:พ\.?ศ\.?\s{0,3})?25[4-9]\d\b.{0,30}"
)
_OF_RESULT, _OF_ITA, _IN_PASSING, _COMPARED = 6.0, 2.0, 0.4, 0.05  # how much a mention of a year weighs
_OWN_BEFORE = re.compile(r"(?:ITA|ความโปร่งใส|ผลการประเมิน)[^\d]{0,40}ของ\s{0,3}$")
_OWN_AFTER = re.compile(
    r"\s{0,3}(?:\([^()]{0,40}\)\s{0,3})?(?:(?:ได้(?:รับ)?|มี)(?:ผล)?คะแนน(?!เฉลี่ย|ค่า)[^\d]{0,12}\d|(?:ได้(?:รับ)?|มี)ผล(?:การ)?ประเมิน[\u0e01-\u0e4e]{0,9}ระดับ)"
)
_WHERE_IT_IS, _IN_ROMAN = 0.2, 0.9
_LINES_OF_TITLE = 2
_REPORT = re.compile("รายงาน|วิเคราะห์|สรุปผล|ผลการ(?:ดำเนินงาน|ดำเนินการ|ปฏิบัติ|ทำ)")  # of what was done or reached
_MADE_FROM = re.compile(r"(?:จาก|ตาม|และ|กับ|อ้างอิง|\()\s?(?:การ)?(?:วิเคราะห์)?ผล[^\d]{0,80}$")
_PLANNED = re.compile(r"(?:แผน(?!ก)|มาตรการ|แนวทาง|โครงการ)[^\d]{0,120}$")
_PLACE = re.compile(r"(?:ตำบล|อำเภอ|จังหวัด|[ตอจ]\.)\s{0,3}[\u0e01-\u0e4e]{2,30}")
_HEAD = 15  # lines of a document before what it says
_ANNOUNCED = (7, 8, 9)  # before the fiscal year ends, so that the date and the fiscal year agree


def named_years(rows: Sequence[Row]) -> list[NamedYear]:
    """Every fiscal year that the rows name, the one they are most about first; whether or not there are rules of it.

    A year is sure when the text speaks of its results or of its assessment, or names no other year and no plan.
    """
    weight: dict[int, float] = {}
    clearest: dict[int, tuple[float, str]] = {}
    above: list[str] = []  # the last lines before
    for number, row in enumerate(rows[:4000]):
        text = words.join(row.cells)
        for at, year in words.years(text):
            points = _points(text, at)
            if points is None:
                continue
            if _is_end_of_title(number, text):
                title = " ".join(above)
                points = _points(f"{title} {text}", len(title) + 1 + at) or points
            weight[year] = weight.get(year, 0) + (points * 2 if number < 12 else points)
            if points > clearest.get(year, (0.0, ""))[0]:
                clearest[year] = points, row.place
        above = [*above, text][-_LINES_OF_TITLE:] if text else above
    return [
        NamedYear(year, total, clearest[year][1], clearest[year][0] >= (_OF_ITA if len(weight) > 1 else _IN_PASSING))
        for year, total in sorted(weight.items(), key=lambda named: (-named[1], -named[0]))
    ]


def tells_results(text: str, at: int) -> bool:
    """Whether the year at a place of a text is said to be the one that results are of."""
    return (_points(text, at) or 0) >= _OF_RESULT


def _points(text: str, at: int) -> float | None:
    """How much a year at a place of a text is the one that results are of; None for the end of a span of years."""
    before = words.YEAR.sub(" ", text[max(0, at - 190) : at])
    if re.match(r"(?:พ\.?\s?ศ\.?\s{0,20})?25\d\d\s{0,20}[-–]\s{0,20}(?:พ\.?ศ\.?\s{0,20})?25\d\d", text[at:]):
        return None  # from year to year
    reached = _RESULT_AFTER.match(text, at)
    points = (
        _OF_RESULT
        if _RESULT_BEFORE.search(before)
        else _OF_ITA
        if reached or _ITA_BEFORE.search(before)
        else _IN_PASSING
    )
    if re.search(
        r"(?:(?<!เปรียบ)เทียบ|เปรียบเทียบกับ(?!ผล)|เดียวกับ|กว่า|(?:(?<!ทำ)ขึ้น|ลง|เพิ่ม|ลด|ต่าง|เปลี่ยน(?:แปลง)?)\s?จาก|จาก(?!\s?(?:การ)?(?:ผล|วิเคราะห์ผล))|ขณะที่)(?:\s{0,20}\d{1,3}\.\d{1,20}\s{0,20}คะแนน)?[^\d]{0,30}$",
        before[-60:],
    ):
        points = _COMPARED  # what the result is compared with
    if _PLAN_AFTER.search(text, at, at + 60) or (
        _PLAN_BEFORE.search(before[-90:]) and not re.search(r"ผล(?:การ)?(?:ประเมิน|คะแนน)[^\d]{0,30}$", before)
    ):
        points /= 10
    return points


def main_year(rows: Sequence[Row]) -> int | None:
    """The fiscal year whose results the document is about: the one that "ผลการประเมิน … ปี" speaks of most.

    Of years nearly as often spoken of, the latest; years of plans, budgets and dates weigh little.
    """
    named = named_years(rows)
    if not any(n.sure for n in named) and (of_date := _year_of_date(rows)):
        return of_date
    if not named:
        return _dated_year(rows)
    return max(n.year for n in named if n.weight >= 0.7 * named[0].weight)


def is_of_plan(rows: Sequence[Row], year: int) -> bool:
    """Whether a document names a year only as that of a plan, so that its results may be of the year before."""
    texts = [text for row in rows[:4000] if (text := words.join(row.cells))]
    planned = []
    for number, text in enumerate(texts):
        title = " ".join(texts[max(0, number - _LINES_OF_TITLE) : number]) if _is_end_of_title(number, text) else ""
        for at, named in words.years(text):
            if named == year and _points(text, at) is not None:
                planned.append(_is_planned(f"{title} {text[:at]}") and not _REPORT.search(f"{title} {text}"))
    return bool(planned) and all(planned)


def _is_planned(before: str) -> bool:
    """Whether the words before a year make it that of a plan, and not of the results that it was made from."""
    before = without_agencies(before[max((m.end() for m in words.YEAR.finditer(before)), default=0) :])
    return _PLANNED.search(before) is not None and not _MADE_FROM.search(before)


def _is_end_of_title(number: int, text: str) -> bool:
    """Whether a line is but the year, or the agency, where it is, and the year, at the end of the title above it."""
    rest = _PLACE.sub(" ", without_agencies(text))
    return number < _HEAD and words.is_year(rest.strip("() ").removeprefix("ประจำ"))


def _year_of_date(rows: Sequence[Row]) -> int | None:
    """The year of a letter or of minutes that say of no year that results are of it: that of the date which stands at
    their head, when it is of the months in which results are announced."""
    for row in rows[:_HEAD]:
        text = words.join(row.cells)
        dates = words.dates(text) if _DATE_ALONE.fullmatch(text) else []
        if len(dates) == 1:
            month, year = dates[0]
            return year if month in _ANNOUNCED else None
    return None


def _dated_year(rows: Sequence[Row]) -> int | None:
    """The year of a text that names none and says "ปีนี้": that of its dates, when all are of the months in which
    results are announced."""
    text = " ".join(words.join(row.cells) for row in rows[:200])
    dates = set(words.dates(text))
    if len({year for _, year in dates}) != 1 or not re.search(r"(?:ใน)?ปีนี้", text):
        return None
    return dates.pop()[1] if all(month in _ANNOUNCED for month, _ in dates) else None


def _share(named: NamedAgency, text: str) -> float:
    """How much a mention of an agency says that the document is about it."""
    if is_kind_alone(named.name):
        return 0
    if named.name.isascii():
        return _IN_ROMAN
    if family_of(named.name) != "place":
        return 1
    is_own = _OWN_BEFORE.search(text[: named.start]) or _OWN_AFTER.match(text[named.end :])
    return 2 if is_own else _WHERE_IT_IS


def main_agency(rows: Sequence[Row]) -> str | None:
    """The agency the document is about: the one named most, early mentions counting more, a label most, and a place
    only where a result is said to be its own. A name in Roman letters counts less than the Thai one beside it; one that
    lost its tone marks is that which has them."""
    weight: dict[str, float] = {}
    spelled: dict[str, str] = {}
    for number, row in enumerate(rows[:3000]):
        text = words.join(row.cells)
        weight_of_line = 20 if number < 15 and re.match(r"(?:ชื่อ)?หน่วยงาน(?!ที่)", text) else 4 if number < 15 else 1
        for named in named_agencies(text):
            key = thai.toneless(key_of(named.name))
            weight[key] = weight.get(key, 0) + weight_of_line * _share(named, text)
            if len(named.name) > len(spelled.get(key, "")):
                spelled[key] = named.name
    if not weight:
        likely = Counter(name for row in rows[:3000] for name in perhaps_agencies(words.join(row.cells)))
        return likely.most_common(1)[0][0] if likely else None
    return spelled[max(weight, key=weight.__getitem__)]
