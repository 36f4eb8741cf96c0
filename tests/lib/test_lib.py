"""Helpers without a domain noun."""

import datetime
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.lib import digest, fiscal, thai
from prongsai.lib.rounding import half_up, places_of, preimage
from prongsai.lib.strict_yaml import read


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.integers(0, 6))
def test_half_up_agrees_with_decimal_where_decimal_is_exact(numerator, denominator, places):
    value = Fraction(numerator, denominator)
    scaled = value * 10**places
    expected = (Decimal(scaled.numerator) / Decimal(scaled.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    assert half_up(value, places) == expected.scaleb(-places)


def test_half_up_at_the_tie_that_floats_get_wrong():
    assert half_up(Fraction("97.015"), 2) == Decimal("97.02")
    assert half_up(Fraction("84.995"), 2) == Decimal("85.00")
    assert str(half_up(Fraction(100), 2)) == "100.00"


@given(st.fractions(0, 100), st.integers(0, 4))
def test_a_value_lies_in_the_preimage_of_its_rounding(value, places):
    low, high = preimage(Fraction(half_up(value, places)), places)
    assert low <= value <= high


def test_places_of_a_printed_number():
    assert [places_of(t) for t in ("80.9", "58.82", "95")] == [1, 2, 0]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("อํานาจ", "อำนาจ"),
        ("นํ้า", "น้ำ"),
        ("ประจ\ufffdาปี ด\ufffdำเนิน", "ประจำปี ดำเนิน"),
        ("๙๕.๗๓", "95.73"),
        ("หน้าท ี่", "หน้าที่"),
        ("เเผน", "แผน"),
        ("ที่\u200bดี", "ที่ดี"),
        ("ＯＩＴ", "OIT"),
        ("ที่่", "ที่"),
    ],
)
def test_clean_mends_what_offices_type(typed, meant):
    assert thai.clean(typed) == meant


@given(st.text())
def test_clean_is_idempotent(text):
    once = thai.clean(text)
    assert thai.clean(once) == once


def test_damaged_names_share_a_skeleton():
    whole = thai.skeleton("การใช้อำนาจ")[0]
    assert thai.skeleton("การใช ้อํานาจ")[0] == whole
    assert thai.skeleton(thai.clean("ประสทิ ธภิ าพการสอื่ สาร"))[0] == thai.skeleton("ประสิทธิภาพการสื่อสาร")[0]


def test_skeleton_remembers_where_letters_stood():
    letters, places = thai.skeleton("1. อำนาจ")
    assert letters[places.index(3)] == "อ"


def test_thai_digits_become_arabic():
    assert thai.arabic("๒๕๖๔") == "2564"


def test_thai_digits_in_a_sentence_but_not_in_codes_and_addresses():
    assert thai.in_thai_digits("ข้อ 12 ได้ 95.73") == "ข้อ ๑๒ ได้ ๙๕.๗๓"
    assert thai.in_thai_digits("ข้อ O12 และ EIT1/e4 ได้ 90") == "ข้อ O12 และ EIT1/e4 ได้ ๙๐"
    assert thai.in_thai_digits("ดูที่ https://a.go.th/2568?หน้า=1 ปี 2568") == "ดูที่ https://a.go.th/2568?หน้า=1 ปี ๒๕๖๘"
    assert thai.in_thai_digits("www.x.go.th/1") == "www.x.go.th/1"
    assert thai.in_thai_digits("") == ""
    assert thai.in_arabic_digits("ข้อ 12") == "ข้อ 12"
    assert thai.in_arabic_digits("ข้อ ๑๒ ได้ ๙๕.73 O๒") == "ข้อ 12 ได้ 95.73 O2"
    assert (
        thai.in_arabic_digits("ปี ๒๕๖๘ https://a.go.th/๒๕๖๘ www.x.go.th/๑ ๓")
        == "ปี 2568 https://a.go.th/๒๕๖๘ www.x.go.th/๑ 3"
    )
    assert thai.in_thai_digits("๑๒ ไม่มีเลขอารบิก") == "๑๒ ไม่มีเลขอารบิก"


def test_a_date_written_out():
    assert thai.date(datetime.date(2022, 2, 2)) == "2 กุมภาพันธ์ 2565"
    assert thai.date(datetime.date(2021, 12, 31)) == "31 ธันวาคม 2564"


def test_marks_stand_above_or_below_a_letter():
    marks = {chr(c) for c in range(0x0E01, 0x0E4F) if unicodedata.category(chr(c)) == "Mn"}
    assert {chr(c) for c in range(0x0E00, 0x0E80) if thai.is_mark(chr(c))} == marks


def test_names_squeezed_for_comparing():
    assert thai.squeeze(" อบต. บ้านนา-1 (O12) ") == "อบตบ้านนา1o12"


def test_names_in_dictionary_order():
    ordered = ["กา", "ก่า", "เก", "ขา", "เข", "แม่", "โม", "ยา"]
    keys = [thai.sort_key(name) for name in ordered]
    assert keys == sorted(set(keys))
    assert thai.sort_key("A") == thai.sort_key("a")
    assert set(thai.sort_key("ก่า" * 100)) <= set("0123456789abcdef")
    assert len(thai.sort_key("ก" * 1000)) == 240


@pytest.mark.parametrize(
    ("day", "year", "month"),
    [
        (datetime.date(2024, 9, 30), 2567, 12),
        (datetime.date(2024, 10, 1), 2568, 1),
        (datetime.date(2024, 12, 31), 2568, 3),
        (datetime.date(2025, 1, 1), 2568, 4),
        (datetime.date(2025, 9, 30), 2568, 12),
        (datetime.date(2025, 10, 1), 2569, 1),
    ],
)
def test_a_fiscal_year_begins_in_october(day, year, month):
    assert fiscal.year_of(day) == year
    assert fiscal.month_of(day) == month
    assert fiscal.first_day(year, month) <= day <= fiscal.last_day(year, month)


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2400, 12, 31)))
def test_every_day_lies_in_its_month_of_its_fiscal_year(day):
    year, month = fiscal.year_of(day), fiscal.month_of(day)
    assert fiscal.first_day(year, month) <= day <= fiscal.last_day(year, month)
    assert fiscal.first_day(year) == fiscal.first_day(year, 1)
    assert fiscal.last_day(year) == fiscal.last_day(year, 12)
    assert fiscal.first_day(year + 1) - fiscal.last_day(year) == datetime.timedelta(days=1)


def test_names_of_months_and_dates():
    assert fiscal.month_name(2568, 1) == "ตุลาคม 2567"
    assert fiscal.month_name(2568, 3, short=True) == "ธ.ค. 2567"
    assert fiscal.month_name(2568, 4) == "มกราคม 2568"
    assert fiscal.month_name(2568, 12, short=True) == "ก.ย. 2568"
    assert fiscal.short_date(datetime.date(2025, 2, 3)) == "3 ก.พ. 2568"
    assert len(set(fiscal.NAMES)) == len(set(fiscal.SHORT)) == 12


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_fiscal_year_has_twelve_months(month):
    with pytest.raises(ValueError, match=f"no month {month}"):
        fiscal.first_day(2568, month)
    with pytest.raises(ValueError, match=f"no month {month}"):
        fiscal.last_day(2568, month)


def test_half_up_away_from_zero_on_both_sides():
    assert half_up(Fraction(1, 2), 0) == 1
    assert half_up(Fraction(-1, 2), 0) == -1
    assert str(half_up(Fraction(-1, 1000), 2)) in ("0.00", "-0.00")
    assert str(half_up(Fraction(0), 2)) == "0.00"
    assert half_up(Fraction(3, 2) - Fraction(1, 10**30), 0) == 1


def test_the_preimage_reaches_half_a_unit_to_either_side():
    assert preimage(Fraction("95.5"), 2) == (Fraction("95.495"), Fraction("95.505"))
    assert preimage(Fraction(96), 0) == (Fraction("95.5"), Fraction("96.5"))


def test_digests_depend_on_content_not_on_order_of_keys(tmp_path):
    assert digest.of_json({"a": 1, "b": 2}) == digest.of_json({"b": 2, "a": 1})
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"x")
    two.write_bytes(b"x")
    assert digest.of_files([one]) != digest.of_files([two])  # the name is part of it
    before = digest.of_files([one])
    one.write_bytes(b"y")
    assert digest.of_files([one]) != before


class TestStrictYaml:
    def write(self, folder: Path, text: str) -> Path:
        path = folder / "x.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def test_no_implied_types(self, tmp_path):
        document = read(
            self.write(tmp_path, "a: no\nb: 2020-01-01\nc: 12:30\nd: 1.5\ne: 7\nf: true\ng: null\nh: '7'\n")
        )
        assert document.data == {
            "a": "no",
            "b": "2020-01-01",
            "c": "12:30",
            "d": "1.5",
            "e": 7,
            "f": True,
            "g": None,
            "h": "7",
        }
        assert document.problems == []

    def test_lines_are_remembered(self, tmp_path):
        document = read(self.write(tmp_path, "a:\n  - b: 1\n  - b: 2\n"))
        assert document.lines["a", 1, "b"] == 3

    @pytest.mark.parametrize(
        ("text", "line"),
        [("a: 1\nb: 2\na: 3\n", 3), ("a: &x [1]\nb: *x\n", 1), ("a: [1\n", 2), ("a: 1\n\tb: 2\n", 2)],
    )
    def test_surprises_are_refused_with_their_line(self, tmp_path, text, line):
        problems = read(self.write(tmp_path, text)).problems
        assert problems
        assert problems[0].line == line

    def test_a_bomb_of_aliases_is_harmless(self, tmp_path):
        text = "a: &a [x,x]\n" + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(24)
        )
        assert read(self.write(tmp_path, text)).problems

    def test_wrong_encoding_is_said(self, tmp_path):
        path = tmp_path / "x.yaml"
        path.write_bytes("ก: ข".encode("cp874"))
        assert "UTF-8" in read(path).problems[0].what


@pytest.mark.parametrize(
    "typed",
    [
        "30 ก.ย. 2570",
        "๓๐ กันยายน ๒๕๗๐",
        "30/9/2570",
        "๓๐/๐๙/๗๐",
        "30-9-2570",
        "30.9.2570",
        "30 กย 70",
        "วันที่ 30 กันยายน พ.ศ. 2570",
        "  30  กันยายน  2570 ",
        "2027-09-30",
        "2570-09-30",
        "30/9/2027",
    ],
)
def test_dates_as_people_type_them(typed):
    assert fiscal.parse_date(typed) == datetime.date(2027, 9, 30)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("พรุ่งนี้", "ไม่ใช่วันที่ที่อ่านได้"),
        ("", "ไม่ใช่วันที่ที่อ่านได้"),
        ("31 เม.ย. 2570", "ในปฏิทิน"),
        ("29/2/2570", "ในปฏิทิน"),
        ("0/1/2570", "ในปฏิทิน"),
        ("30 กันยา 2570", "ไม่รู้จักเดือน"),
        ("30/9/2750", "ไม่น่าจะถูก"),
        ("30/9/0070", "ไม่น่าจะถูก"),
        ("2570-13-01", "ในปฏิทิน"),
    ],
)
def test_a_date_that_is_none_says_why(typed, reason):
    with pytest.raises(ValueError, match=reason):
        fiscal.parse_date(typed)


@given(st.dates(datetime.date(1858, 1, 1), datetime.date(2156, 12, 31)))
def test_a_date_is_read_as_it_is_written(day):
    for written in (
        fiscal.short_date(day),
        thai.date(day),
        thai.in_thai_digits(fiscal.short_date(day)),
        day.isoformat(),
    ):
        assert fiscal.parse_date(written) == day


@pytest.mark.parametrize(
    ("typed", "plain"), [("๑,๒๓๔.๕", "1234.5"), (" 12 3456 ", "123456"), ("1,x", "1,x"), ("\u202a๘๖.๕\u202c", "86.5")]
)
def test_a_number_as_it_is_typed_is_written_plainly(typed, plain):
    assert thai.plain_number(typed) == plain
