"""Worked cases at the limit of what they allow."""

import pytest

from prongsai.framework import Case
from prongsai.scoring import check_cases
from tests.years import SAMPLE_YEAR, YEARS, changed

FRAMEWORK = YEARS[SAMPLE_YEAR]
NINETY = dict.fromkeys(FRAMEWORK.instruments, "90")
ABOVE, LEVEL, BELOW = (next(b.id for b in FRAMEWORK.rules.bands if b.at_least <= p) for p in (95, 90, 84))


def found(**case):
    made = Case(**{"title": "ตัวอย่าง", "source": ("S",), "given": NINETY, "expect": {}} | case)
    return check_cases(changed(FRAMEWORK, cases=(made,)))


def problems(**case):
    return [(p.code, p.place) for p in found(**case)]


@pytest.mark.parametrize(
    ("printed", "is_met"), [("90.5", True), ("89.5", True), ("90.5001", False), ("89.4999", False), ("181/2", True)]
)
def test_a_score_may_be_as_far_off_as_the_case_says(printed, is_met):
    expected = [] if is_met else [("case-score", ("cases", 0, "expect", "overall"))]
    assert problems(expect={"overall": printed}, within="0.5") == expected


def test_one_wrong_score_hides_no_other():
    wrong = {"overall": "80", "IIT": "90", "OIT": "89"}
    assert [place[-1] for _, place in problems(expect=wrong)] == ["overall", "OIT"]


@pytest.mark.parametrize(("level", "is_met"), [(ABOVE, False), (LEVEL, True), (BELOW, False)])
def test_the_level_is_the_one_of_the_total(level, is_met):
    assert problems(level=level) == ([] if is_met else [("case-level", ("cases", 0, "level"))])
    assert problems(level=level, passes=True) == problems(level=level)


def test_a_level_that_hangs_on_unknown_instruments_is_not_met():
    """Ninety-six may be any of the best levels, as long as nobody knows the instruments."""
    assert problems(given={"overall": "96"}, level=ABOVE) == [("case-level", ("cases", 0, "level"))]
    assert problems(given={"overall": "96"}, passes=True) == []


@pytest.mark.parametrize(("total", "passes"), [("85", True), ("84.99", False), ("84.995", True)])
def test_passing_is_that_of_the_rounded_total(total, passes):
    given = dict.fromkeys(FRAMEWORK.instruments, total)
    assert problems(given=given, passes=passes) == []
    assert problems(given=given, passes=not passes) == [("case-passes", ("cases", 0, "passes"))]


def test_what_cannot_be_computed_is_named_once_each():
    given = {"IIT": "90"}
    assert problems(given=given) == []
    assert problems(given=given, expect={"overall": "90"}, level=LEVEL, passes=True) == [
        ("case-unknown", ("cases", 0, "expect", "overall")),
        ("case-unknown", ("cases", 0, "level")),
        ("case-unknown", ("cases", 0, "passes")),
    ]
    assert problems(given=given, passes=False) == [("case-unknown", ("cases", 0, "passes"))]


def test_names_that_the_year_does_not_have_come_before_anything_else():
    assert problems(given=NINETY | {"XIT": "1"}, expect={"total": "1", "overall": "80"}, level=BELOW) == [
        ("case-node", ("cases", 0, "given", "XIT")),
        ("case-node", ("cases", 0, "expect", "total")),
    ]


@pytest.mark.parametrize(("total", "shown"), [("100", "100"), ("181/2", "90.5"), ("0", "0"), ("100/3", "33.333333")])
def test_what_the_rules_give_is_told_in_decimals_as_far_as_they_go(total, shown):
    (problem,) = found(given={"overall": total}, expect={"overall": "50"})
    assert problem.what == f"ตัวอย่าง “ตัวอย่าง” ต้องได้ overall = 50 แต่หลักเกณฑ์ให้ {shown}"
    assert (problem.file, problem.line, problem.where) == ("", 0, "cases.1.expect.overall")  # rules that no file holds


def test_every_level_that_is_possible_is_told():
    (problem,) = found(given={"overall": "96"}, level="C")
    possible = [b.id for b in FRAMEWORK.rules.bands if b.at_least <= 96]
    possible = possible[: next(n for n, name in enumerate(possible) if not needs_instruments(name)) + 1]
    assert len(possible) > 1
    assert problem.what.endswith(f"แต่หลักเกณฑ์ให้ “{'” หรือ “'.join(possible)}”")


def needs_instruments(band: str) -> bool:
    return FRAMEWORK.bands[band].every_instrument_at_least is not None
