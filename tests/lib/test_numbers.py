"""Numbers as people type them: read where they can be read in one way, else refused with what was typed."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.lib import numbers, thai


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("300", 300),
        ("๓๐๐", 300),
        ("๓๐๐ คน", 300),
        ("๓๐๐คน", 300),
        ("จำนวน 300 คน", 300),
        ("๑,๒๐๐", 1200),
        ("1,200 ราย", 1200),
        ("1 200", 1200),
        ("1\u00a0200", 1200),
        ("1,234,567", 1_234_567),
        (" 45 ", 45),
        ("45.00", 45),
        ("0045", 45),
        ("0", 0),
    ],
)
def test_whole_numbers_as_people_type_them(typed, number):
    assert numbers.read_whole_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("abc", "“abc” ไม่ใช่ตัวเลข พิมพ์เป็นจำนวนเต็ม เช่น 300"),
        ("สามร้อย", "“สามร้อย” ไม่ใช่ตัวเลข"),
        ("300-400", "“300-400” ไม่ใช่ตัวเลข"),
        ("ประมาณ 300", "“ประมาณ 300” ไม่ใช่ตัวเลข"),
        ("300 คนครึ่ง", "ไม่ใช่ตัวเลข"),
        ("1e5", "ไม่ใช่ตัวเลข"),
        ("=1+1", "ไม่ใช่ตัวเลข"),
        ("1,20", "“1,20” อ่านได้มากกว่าหนึ่งแบบ"),
        ("12 34", "อ่านได้มากกว่าหนึ่งแบบ"),
        ("1,200 300", "อ่านได้มากกว่าหนึ่งแบบ"),
        ("1.200.300", "อ่านได้มากกว่าหนึ่งแบบ"),
        ("12.5", "“12.5” ไม่ใช่จำนวนเต็ม"),
        ("-5", "“-5” อยู่นอกช่วงที่ใส่ได้ พิมพ์ตัวเลขตั้งแต่ 0 ถึง 9,999"),
        ("10,000 คน", "“10,000 คน” อยู่นอกช่วง"),
        ("", "ยังไม่ได้พิมพ์ตัวเลข"),
        ("  ", "ยังไม่ได้พิมพ์ตัวเลข"),
        ("9" * 5000, "…”"),
    ],
)
def test_what_is_no_number_is_quoted_and_says_what_is_expected(typed, says):
    with pytest.raises(numbers.NumberError) as refused:
        numbers.read_whole_number(typed, most=9_999)
    assert says in str(refused.value)
    assert "พิมพ์" in str(refused.value)


@given(st.integers(0, 10**12 - 1), st.sampled_from(["", " คน", "ราย", " บาท"]))
def test_a_number_is_read_as_it_is_written(number, unit):
    for written in (f"{number}", f"{number:,}", f"{number:,}".replace(",", " ")):
        assert numbers.read_whole_number(written + unit) == number
        assert numbers.read_whole_number(thai.in_thai_digits(written) + unit) == number


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_an_error_of_ours(text):
    for read in (numbers.read_whole_number, numbers.read_baht):
        with suppress(numbers.NumberError):
            assert read(text) in (None, *range(10)) or any(letter.isdigit() for letter in text)


@pytest.mark.parametrize(
    ("typed", "places", "amount"),
    [("82.5", 2, "82.5"), ("๘๒.๕๐ %", 2, "82.50"), ("100", 2, "100"), ("0.125", 3, "0.125")],
)
def test_decimals(typed, places, amount):
    assert numbers.read_decimal(typed, least=Decimal(0), most=Decimal(100), places=places) == Decimal(amount)


@pytest.mark.parametrize("typed", ["82.505", "100.01", "-1", "82,5", "มาก"])
def test_wrong_decimals_are_quoted(typed):
    with pytest.raises(numbers.NumberError, match=typed):
        numbers.read_decimal(typed, least=Decimal(0), most=Decimal(100))


@pytest.mark.parametrize(
    "typed", ["20,000.-", "20,000 บาท", "๒๐,๐๐๐ บาทถ้วน", "20000", "฿20,000", "20,000.00", "20000-"]
)
def test_money(typed):
    assert numbers.read_baht(typed) == Decimal("20000.00")


def test_money_is_nothing_less_than_none_and_below_a_million_million():
    assert numbers.read_baht("0") == 0
    assert numbers.read_baht("999,999,999,999.99") == Decimal("999999999999.99")
    for typed in ("-1", "-0.01", "1,000,000,000,000"):
        with pytest.raises(numbers.NumberError, match=f"“{typed}”"):
            numbers.read_baht(typed)
