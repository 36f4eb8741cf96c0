"""What a second result of a year changes, in words: numbers are compared as numbers, and a level is named too."""

from types import SimpleNamespace

import pytest

from prongsai.results.queries import Replacement

REST = {
    "recorded": SimpleNamespace(),
    "source": "",
    "is_published": False,
    "indicators": 0,
    "items": 0,
    "comments": 0,
    "lost": (),
    "lost_indicators": 0,
    "lost_items": 0,
    "lost_comments": 0,
}


@pytest.mark.parametrize(
    ("total", "level", "changed"),
    [
        (("82.5", "82.50"), ("A", "A"), ()),
        (("82.50", "82.51"), ("A", ""), (("คะแนนรวม", "82.50", "82.51"),)),
        (("", "82.51"), ("", "A"), (("คะแนนรวม", "", "82.51"), ("ระดับ", "", "A"))),
        (("82.50", ""), ("A", "B"), (("ระดับ", "A", "B"),)),
    ],
)
def test_what_becomes_another(total, level, changed):
    assert Replacement(**REST, total=total, level=level).changed == changed
