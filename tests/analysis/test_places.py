"""What a phrase of the data may be: what whoever writes one is told, in words."""

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from prongsai.analysis.places import Places


def read(text, *names, **options):
    return TypeAdapter(Annotated[str, Places(*names, **options)]).validate_python(text)


def test_a_phrase_is_read_as_it_is_written():
    assert read("คะแนนรวม {score} ของปี {year}", "year", "score") == "คะแนนรวม {score} ของปี {year}"
    assert read("ก {{ข}}") == "ก {{ข}}"
    assert read("มาตรา 9", figures=True) == "มาตรา 9"


@pytest.mark.parametrize(
    ("text", "names", "options", "message"),
    [
        ("คะแนน {score", ("score",), {}, "ปีกกา { } ไม่ครบคู่"),
        ("{b} {a} {score}", ("year", "score"), {}, "ไม่รู้จัก {a}, {b} ที่ใช้ได้: {score}, {year}"),
        ("{a} ปี", (), {}, "ไม่รู้จัก {a} ที่ใช้ได้: ไม่มี"),
        ("มาตรา 9", (), {}, "มีตัวเลข ให้เขียนเป็นคำ"),
        ("มาตรา ๙ {year}", ("year",), {}, "มีตัวเลข ให้เขียนเป็นคำ"),
        ("", (), {}, "ว่าง หรือมีช่องว่างเกิน"),
        ("{year}", ("year",), {}, "ว่าง หรือมีช่องว่างเกิน"),
        ("{year}{score}", ("year", "score"), {}, "ว่าง หรือมีช่องว่างเกิน"),
        ("สอง  ช่อง", (), {}, "ว่าง หรือมีช่องว่างเกิน"),
        (" หน้า", (), {}, "ว่าง หรือมีช่องว่างเกิน"),
        ("", (), {"figures": True}, "ว่าง หรือมีช่องว่างเกิน"),
    ],
)
def test_what_is_wrong_is_told_in_words(text, names, options, message):
    with pytest.raises(ValidationError) as raised:
        read(text, *names, **options)
    assert [error["msg"] for error in raised.value.errors()] == [f"Value error, {message}"]
