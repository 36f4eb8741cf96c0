"""The values of records: parsed as people type and paste them, stored in one spelling, shown as papers print them.
Pure.

A value is stored as text: money with satang, a number in Arabic digits, a choice by its key, a month of the fiscal year
from 1 (October), a day as ISO 8601. What is confirmed holds from the first day of the fiscal year to a day, which is
stored. What is empty is not stored.
"""

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

from prongsai.improvement.input_text import MAX_TEXT_LENGTH, normalize_line, normalize_text
from prongsai.improvement.periods import period_text
from prongsai.improvement.registers.kinds import Column, Field, RegisterKind
from prongsai.lib import fiscal, numbers, thai

MAX_LINE_LENGTH = 500
# only dots and spaces are left out: a vowel above a letter tells two months apart
_MONTH_OF = {name.replace(".", ""): n for names in (fiscal.NAMES, fiscal.SHORT) for n, name in enumerate(names, 1)}
_YEAR = re.compile(r"(?:พ\.?ศ\.?)?\d{2,4}$")


def parse(part: Column | Field, text: str, fiscal_year: int) -> tuple[str, str]:
    """What is stored for a typed text, and what is wrong with it, in Thai; one of the two is empty."""
    match part.type:
        case "text":
            return _limit(normalize_text(text), MAX_TEXT_LENGTH)
        case "line":
            return _limit(normalize_line(text), MAX_LINE_LENGTH)
        case "confirmation":
            return _parse_confirmed(text.strip(), fiscal_year)
        case _:
            plain = normalize_line(text)
            return _PARSERS[part.type](part, plain, fiscal_year) if plain not in ("", "-", "–") else ("", "")


def _parse_confirmed(text: str, fiscal_year: int) -> tuple[str, str]:
    """The day of the fiscal year to which something is confirmed, as ISO 8601."""
    if not text:
        return "", ""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or fiscal.year_of(day) != fiscal_year:
        return "", f"ยืนยันได้ถึงวันหนึ่งในปีงบประมาณ พ.ศ. {fiscal_year} เปิดหน้านี้ใหม่แล้วติ๊กอีกครั้ง"
    return day.isoformat(), ""


def describe_confirmed(value: str, fiscal_year: int) -> str:
    """The period that a confirmation covers, in Thai; the whole year by its name."""
    last = datetime.date.fromisoformat(value)
    if last >= fiscal.last_day(fiscal_year):
        return f"ในปีงบประมาณ พ.ศ. {fiscal_year}"
    return f"ตั้งแต่วันที่ {thai.date(fiscal.first_day(fiscal_year))} ถึงวันที่ {thai.date(last)}"


def covers_year(value: str, fiscal_year: int) -> bool:
    """Whether a confirmation holds to the end of the fiscal year."""
    return bool(value) and datetime.date.fromisoformat(value) >= fiscal.last_day(fiscal_year)


def _limit(text: str, most: int) -> tuple[str, str]:
    if len(text) > most:
        return "", f"ยาว {len(text):,} ตัวอักษร ให้ไม่เกิน {most:,}"
    return text, ""


def _parse_money(_: Column | Field, text: str, __: int) -> tuple[str, str]:
    try:
        amount = numbers.read_baht(text)
    except numbers.NumberError as error:
        return "", str(error)
    return "" if amount is None else str(amount), ""


def _parse_number(_: Column | Field, text: str, __: int) -> tuple[str, str]:
    try:
        return str(numbers.read_whole_number(text, example="30")), ""
    except numbers.NumberError as error:
        return "", str(error)


def _parse_choice(part: Column | Field, text: str, _: int) -> tuple[str, str]:
    assert isinstance(part, Column)
    if text in part.labels:
        return text, ""
    wanted = thai.squeeze(thai.clean(text))
    for key, label in part.labels.items():
        if wanted in (thai.squeeze(label), key):
            return key, ""
    begins = [key for key, label in part.labels.items() if wanted and thai.squeeze(label).startswith(wanted)]
    if len(begins) == 1:
        return begins[0], ""
    return "", f"“{text[:40]}” ไม่ใช่ตัวเลือก เลือกจาก {', '.join(part.labels.values())}"


def _parse_month(_: Column | Field, text: str, fiscal_year: int) -> tuple[str, str]:
    """A month of the fiscal year by its number there, its name, or its name with the year."""
    plain = thai.clean(text)
    if plain.isascii() and plain.isdecimal() and 1 <= int(plain) <= fiscal.MONTHS:
        return str(int(plain)), ""
    squeezed = re.sub(r"\s", "", plain)
    month = _MONTH_OF.get(re.sub(r"[.,/-]", "", _YEAR.sub("", squeezed)))
    if month is None:
        return "", f"“{text[:40]}” ไม่ใช่เดือน พิมพ์ชื่อเดือน เช่น ตุลาคม หรือ ต.ค."
    number = (month - fiscal.FIRST) % fiscal.MONTHS + 1
    years = {str(fiscal.first_day(fiscal_year, number).year + fiscal.BUDDHIST)}
    years |= {year[2:] for year in years}
    typed = re.search(r"(\d{2,4})$", squeezed)
    if typed and typed[1] not in years:
        return "", f"{text[:40]} อยู่นอกปีงบประมาณ พ.ศ. {fiscal_year}"
    return str(number), ""


def _parse_day(_: Column | Field, text: str, fiscal_year: int) -> tuple[str, str]:
    """A day of the fiscal year, or of the one before or after: what belongs to a year may be dated a little off it."""
    try:
        day = fiscal.parse_date(text)
    except ValueError as error:
        return "", str(error)
    if abs(fiscal.year_of(day) - fiscal_year) > 1:
        return "", f"{thai.date(day)} อยู่ห่างจากปีงบประมาณ พ.ศ. {fiscal_year} เกินหนึ่งปี ตรวจปีที่พิมพ์"
    return day.isoformat(), ""


def _parse_link(_: Column | Field, text: str, __: int) -> tuple[str, str]:
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or "." not in parts.netloc or " " in address or len(address) > 500:
        return "", f"“{text[:60]}” ไม่ใช่ลิงก์ที่เปิดได้ คัดลอกที่อยู่ทั้งหมดจากแถบที่อยู่ของเบราว์เซอร์"
    return address, ""


_PARSERS = {
    "money": _parse_money,
    "number": _parse_number,
    "choice": _parse_choice,
    "month": _parse_month,
    "day": _parse_day,
    "link": _parse_link,
}


def find_problems(
    kind: RegisterKind, values: Mapping[str, str], last_day: datetime.date | None, fiscal_year: int
) -> dict[str, str]:
    """What is wrong between the values of one record, and between them and the day, by column, in Thai.

    ``last_day`` is today, or the last of the fiscal year; None before the year begins. What a report tells has
    happened: its months have begun by then.
    """
    problems = {}
    begun = fiscal.month_of(last_day) if last_day else 0
    for column in kind.columns:
        if column.type == "month" and column.stage != "plan" and int(values.get(column.key) or 0) > begun:
            month = fiscal.month_name(fiscal_year, int(values[column.key]))
            problems[column.key] = f"ยังไม่ถึงเดือน{month} บันทึกเมื่อเกิดขึ้นแล้ว"
    months = [c.key for c in kind.columns if c.type == "month"]
    if len(months) == 2 and all(values.get(key) for key in months):
        starts, ends = (int(values[key]) for key in months)
        if ends < starts:
            problems[months[1]] = "เดือนที่สิ้นสุดอยู่ก่อนเดือนที่เริ่ม (ปีงบประมาณเริ่มเดือนตุลาคม)"
    return problems


def show(kind: RegisterKind, key: str, values: Mapping[str, str], fiscal_year: int) -> str:
    """A value of a record as papers and pages print it; where nothing is written, what the kind says that it means. The
    key ``period`` is that of its two months."""
    if key == "period":
        return _show_period(kind, values, fiscal_year)
    column = kind.column[key]
    if column.type == "level":
        level = kind.level_of(column, values)
        return level.label if level else column.empty
    value = values.get(key, "")
    return show_value(column, value, fiscal_year) if value else column.empty


def show_value(part: Column | Field, value: str, fiscal_year: int) -> str:
    """A stored value in Thai."""
    match part.type:
        case "money":
            return f"{Decimal(value):,.2f}".removesuffix(".00")
        case "number":
            return f"{int(value):,}"
        case "choice":
            assert isinstance(part, Column)
            return part.labels.get(value, "")
        case "month":
            return fiscal.month_name(fiscal_year, int(value), short=True)
        case "day":
            return thai.date(datetime.date.fromisoformat(value))
        case "confirmation":
            return describe_confirmed(value, fiscal_year)
        case _:
            return value


def _show_period(kind: RegisterKind, values: Mapping[str, str], fiscal_year: int) -> str:
    months = [values.get(c.key, "") for c in kind.columns if c.type == "month"]
    if len(months) == 2 and all(months):
        return period_text(fiscal_year, int(months[0]), int(months[1]))
    return " – ".join(fiscal.month_name(fiscal_year, int(m)) for m in months if m)


def show_fields(kind: RegisterKind, stored: Mapping[str, str], fiscal_year: int) -> list[tuple[str, str]]:
    """The label and the text of each field of a sheet that is filled in."""
    return [
        (field.label, show_value(field, text, fiscal_year)) for field in kind.fields if (text := stored.get(field.key))
    ]


def show_typed(part: Column | Field, value: str, fiscal_year: int) -> str:
    """A stored value as it stands in a field to type in."""
    if not value or part.type in ("choice", "month", "confirmation"):
        return value
    if part.type == "day":
        return fiscal.short_date(datetime.date.fromisoformat(value))
    return show_value(part, value, fiscal_year)
