"""Numbers as people type them into forms: digits of either script, thousands separated, with or without the word for
what is counted. What can be read in two ways is refused, with a sentence that quotes it and says what is expected."""

import re
from decimal import Decimal

from prongsai.lib import thai

# what may stand before and after a number without changing it
_BEFORE = re.compile(r"^(?:จำนวน|฿)\s?")
_UNITS = "คน|ราย|ท่าน|ครั้ง|ชิ้น|ชุด|ใบ|แผ่น|ฉบับ|เรื่อง|ข้อ|โครงการ|มาตรการ|บาทถ้วน|บาท|คะแนน|เปอร์เซ็นต์|%"
_AFTER = re.compile(rf"\s?(?:{_UNITS})$")
_BAHT_ENDING = re.compile(r"\.?\s?-$")  # 20,000.- and 20,000-
_PLAIN = re.compile(r"[+-]?\d{1,40}(?:\.\d{1,40})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3}){1,12}|(?: \d{3}){1,12})(?:\.\d{1,40})?", re.ASCII)
_SEPARATED = re.compile(r"[+-]?\d[\d,. ]*", re.ASCII)
_NO_MONEY = ("", "-", "–", "ไม่มี", "ไม่ใช้งบประมาณ", "ไม่ใช้งบ")
_SHOWN = 40  # letters of what was typed
EXAMPLE = 300
MOST = 10**12 - 1
MAX_BAHT = Decimal(10**12)


class NumberError(ValueError):
    """Not a number, or not one of those expected. Its sentence is in Thai and for who typed it."""


def _quote(text: str) -> str:
    shown = " ".join(text.split())
    return f"“{shown[:_SHOWN]}{'…' if len(shown) > _SHOWN else ''}”"


def _read(text: str, expected: str, *, noun: str = "ตัวเลข") -> Decimal:
    """The number in a text. In the error ``noun`` is what the text is not, ``expected`` what to type."""
    plain = thai.clean(text).strip()
    if not plain:
        raise NumberError(f"ยังไม่ได้พิมพ์ตัวเลข {expected}")
    plain = _AFTER.sub("", _BEFORE.sub("", plain)).strip()
    if _PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain):
        return Decimal(plain.replace(",", "").replace(" ", ""))
    if _SEPARATED.fullmatch(plain):
        raise NumberError(f"{_quote(text)} อ่านได้มากกว่าหนึ่งแบบ คั่นหลักพันทีละสามหลัก หรือไม่ต้องคั่น {expected}")
    raise NumberError(f"{_quote(text)} ไม่ใช่{noun} {expected}")


def _require_between(number: Decimal, least: Decimal, most: Decimal, text: str) -> None:
    if not least <= number <= most:
        raise NumberError(f"{_quote(text)} อยู่นอกช่วงที่ใส่ได้ พิมพ์ตัวเลขตั้งแต่ {least:,} ถึง {most:,}")


def read_whole_number(text: str, *, least: int = 0, most: int = MOST, example: str = f"{EXAMPLE}") -> int:
    """A whole number between two, both included. Raises NumberError; ``example`` is what its sentence shows."""
    expected = f"พิมพ์เป็นจำนวนเต็ม เช่น {example}"
    number = _read(text, expected)
    if number != number.to_integral_value():
        raise NumberError(f"{_quote(text)} ไม่ใช่จำนวนเต็ม {expected}")
    _require_between(number, Decimal(least), Decimal(most), text)
    return int(number)


def read_decimal(text: str, *, least: Decimal, most: Decimal, places: int = 2, example: str = "82.50") -> Decimal:
    """A number between two, both included, of at most ``places`` decimals; they stay as typed. Raises NumberError."""
    number = _read(text, f"พิมพ์เป็นตัวเลข เช่น {example}")
    if -int(number.as_tuple().exponent) > places:
        raise NumberError(f"{_quote(text)} มีทศนิยมเกิน {places} ตำแหน่ง พิมพ์เป็นตัวเลข เช่น {example}")
    _require_between(number, least, most, text)
    return number


def read_baht(text: str) -> Decimal | None:
    """An amount of money, rounded to satang; None where the text says that there is none. Raises NumberError."""
    plain = thai.clean(text).strip()
    if plain in _NO_MONEY:
        return None
    ended = _BAHT_ENDING.sub("", _AFTER.sub("", plain)).strip()
    expected = "พิมพ์เป็นบาท เช่น 20,000 หรือเว้นว่างหากไม่มี"
    try:
        amount = _read(ended, expected, noun="จำนวนเงิน")
    except NumberError as error:
        raise NumberError(str(error).replace(_quote(ended), _quote(text), 1)) from None
    if not 0 <= amount < MAX_BAHT:
        raise NumberError(f"{_quote(text)} อยู่นอกช่วงที่ใส่ได้ จำนวนเงินต้องอยู่ระหว่าง 0 ถึงล้านล้านบาท")
    return amount.quantize(Decimal("0.01"))
