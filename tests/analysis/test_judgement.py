from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.analysis import find_minimum_improvement, findings, what_if, why_not_higher, year_on_year
from prongsai.scoring import complete_scores, find_possible_bands

Y68 = rules.load("2568")
DAENGMO = {
    str(n): Fraction(v)
    for n, v in enumerate(["99.83", "89.98", "99.16", "89.91", "99.75", "95.58", "96.47", "94.47", "73.90", "43.75"], 1)
}


def full(survey: str = "96", part2: str = "96", zeros: tuple[str, ...] = ()) -> dict[str, Fraction]:
    """Every item of 2568: questions alike, disclosures full but for ``zeros``."""
    return {
        n.id: Fraction(0 if n.id in zeros else 100)
        if n.instrument == "OIT"
        else Fraction(part2 if n.instrument == "EIT2" else survey)
        for n in Y68.nodes.values()
        if n.kind == "item"
    }


def test_strengths_and_points_to_develop():
    found = findings(rules.load("2564"), DAENGMO)
    assert [r.node for r in found.to_develop] == ["9", "10"]
    assert len(found.strengths) == 8
    assert [r.node for r in found.highest] == ["1"]
    assert [r.node for r in found.lowest] == ["10"]
    assert [(r.node, r.rank) for r in found.instruments] == [("IIT", 1), ("EIT", 2), ("OIT", 3)]


def test_equal_scores_share_a_rank():
    found = findings(Y68, full(zeros=("O27", "O3")))
    assert [r.rank for r in found.indicators[:3]] == [1, 1, 1]
    assert [r.node for r in found.weak_items] == ["O27", "O3"]
    assert {r.rank for r in found.items if r.score == 0} == {len(found.items) - 1}


def test_at_the_target_is_a_strength():
    known = {**DAENGMO, "9": Fraction("84.995")}  # shown as 85.00
    assert [r.node for r in findings(rules.load("2564"), known).to_develop] == ["10"]


def test_why_not_higher_lists_every_condition():
    why = why_not_higher(Y68, full(part2="90", zeros=("O6",)))
    assert (why.level, why.next) == ("ผ่านดี", "ผ่านดีเยี่ยม")
    assert [(s.node, s.short) for s in why.shortfalls] == [("EIT2", Decimal("5.00"))]
    assert why_not_higher(Y68, full()).next is None


def test_year_on_year_says_when_it_is_not_like_for_like():
    y67 = rules.load("2567")
    compared = year_on_year(
        [y67, Y68], {"1": Fraction("98.67"), "9": Fraction(95)}, {"1": Fraction("98.28"), "9": Fraction(100)}
    )
    by_node = {m.node: m for m in compared.changes}
    assert by_node["1"].change == Decimal("0.39")
    assert by_node["1"].caution == ""
    assert "25 เป็น 20" in by_node["9"].caution


def test_items_are_compared_with_what_they_continue():
    y67 = rules.load("2567")
    compared = year_on_year(
        [y67, Y68],
        {"O7": Fraction(0), "O1": Fraction(100), "EIT1/e1": Fraction(90)},
        {"O9": Fraction(100), "O1": Fraction(0), "O3": Fraction(100), "EIT1/e1": Fraction(80)},
    )
    by_node = {m.node: m for m in compared.changes}
    assert by_node["O7"].predecessor == "O9"
    assert by_node["O7"].change == Decimal("-100.00")
    assert "O1" not in by_node  # two items became one: no honest comparison
    assert by_node["EIT1/e1"].change == Decimal("10.00")


def test_the_break_of_2566_is_said():
    compared = year_on_year([rules.load("2565"), rules.load("2566")], {"6": Fraction(90)}, {"6": Fraction(80)})
    assert "เครื่องมือ" in compared.changes[0].caution
    assert any("EIT1" in c for c in compared.cautions)


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from([n.id for n in Y68.nodes.values() if n.kind == "item"]),
        st.fractions(0, 100),
        min_size=1,
        max_size=6,
    )
)
def test_what_if_equals_scoring_again(changed):
    known = full(part2="80", zeros=("O1", "O2"))
    after = complete_scores(Y68, known | changed)
    result = what_if(Y68, known, changed)
    before = complete_scores(Y68, known)
    assert {e.node: e.change for e in result.effects} == {
        n: after[n] - before[n] for n in Y68.nodes if after[n] != before[n]
    }
    assert result.level_after == find_possible_bands(Y68, after)[0].id


def test_what_if_needs_no_items():
    known = complete_scores(rules.load("2564"), DAENGMO)
    result = what_if(rules.load("2564"), known, {"10": Fraction(100)})
    assert {e.node for e in result.effects} == {"10", "OIT", "overall"}
    assert (result.level_before, result.level_after) == ("B", "A")


@pytest.mark.parametrize("zeros", [("O6", "O27", "O3", "O15"), ("O21", "O22"), ("O1", "O12", "O13", "O14", "O24")])
def test_the_least_set_is_the_least(zeros):
    known = full(survey="97", part2="97", zeros=zeros)
    reach = find_minimum_improvement(Y68, known)
    assert reach.exact
    scores = complete_scores(Y68, known)
    order = list(Y68.bands)
    goal = order.index(reach.level)

    def reaches(items):
        after = complete_scores(Y68, known | dict.fromkeys(items, Fraction(100)))
        return order.index(find_possible_bands(Y68, after)[0].id) <= goal

    assert reaches(reach.items)
    assert reach.result.level_after == reach.level
    smaller = combinations([i for i in known if scores[i] < 100], len(reach.items) - 1)
    assert not any(reaches(s) for s in smaller) or len(reach.items) == 1


def test_nothing_above_the_top():
    assert find_minimum_improvement(Y68, full()) is None


def test_surveys_are_used_where_disclosure_is_not_enough():
    reach = find_minimum_improvement(Y68, full(survey="94", part2="94"))
    assert reach.level == "ผ่านดีเยี่ยม"
    assert all(not i.startswith("O") for i in reach.items)
