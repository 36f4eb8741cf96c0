"""A printed figure: which texts are numbers."""

from decimal import Decimal

import pytest

from prongsai.analysis import Figure


@pytest.mark.parametrize("value", ["1e999999999", "1E5", "9" * 5000, "", "−", "๘๕"])
def test_what_nobody_prints_as_a_number_is_none(value):
    assert Figure(2568, "overall", value, "หน้า 1").number is None


def test_a_printed_number_is_one():
    assert Figure(2568, "change/1", "−1.50", "หน้า 1").number == Decimal("-1.50")
    assert Figure(2568, "change/1", "+0.4", "หน้า 1").number == Decimal("0.4")
