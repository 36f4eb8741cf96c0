"""What the documents of a ZIP say together of one agency; where they differ nothing is sure."""

import pytest

from prongsai.analysis.figures import Figure
from prongsai.intake import Reading, UnreadableError
from prongsai.intake.several import combine

NAME = "องค์การบริหารส่วนตำบลทดสอบ"


def reading(*figures: tuple[int, str, str], agency: str | None = NAME, sure: bool = True) -> Reading:
    found = [Figure(*f, place="บรรทัด 1", sure=sure) for f in figures]
    return Reading(agency, sorted({f.fiscal_year for f in found}), found)


def test_years_and_figures_of_all_with_the_name_of_the_document():
    both = combine([("a", reading((2567, "1", "90.00"))), ("b", reading((2568, "1", "80.00"), agency="อบต.ทดสอบ"))])
    assert (both.fiscal_years, both.agency) == ([2568, 2567], "อบต.ทดสอบ")
    assert [(f.value, f.place, f.sure) for f in both.figures] == [
        ("90.00", "a: บรรทัด 1", True),
        ("80.00", "b: บรรทัด 1", True),
    ]


def test_where_two_differ_neither_is_sure():
    figures = ((2568, "1", "90.00"), (2568, "2", "70.00"))
    both = combine([("a", reading(*figures)), ("b", reading((2568, "1", "91.00"), (2568, "2", "70.00")))])
    assert [f.sure for f in both.figures] == [False, True, False, True]
    assert "90.00 (a: บรรทัด 1), 91.00 (b: บรรทัด 1)" in both.figures[0].note


def test_what_was_unsure_makes_nothing_unsure():
    both = combine([("a", reading((2568, "1", "90.00"))), ("b", reading((2568, "1", "91.00"), sure=False))])
    assert [f.sure for f in both.figures] == [True, False]


def test_documents_of_two_agencies_are_refused_and_one_without_a_name_is_not():
    other = reading((2568, "1", "90.00"), agency="เทศบาลตำบลอื่น")
    with pytest.raises(UnreadableError, match="หลายหน่วยงาน"):
        combine([("a", reading()), ("b", other)])
    assert combine([("a", reading(agency=None)), ("b", other)]).agency == "เทศบาลตำบลอื่น"
    assert combine([("a", reading(agency=None))]).agency is None
