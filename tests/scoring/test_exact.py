"""Totals from whole indicators are those from their parts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.scoring import complete_from_indicators, complete_score, complete_scores
from tests.years import YEARS


@pytest.mark.parametrize("year", YEARS)
@given(st.randoms(use_true_random=False))
def test_totals_from_indicators(year, random):
    framework = YEARS[year]
    marks = {n.id: Fraction(random.randrange(101)) for n in framework.nodes.values() if not n.parts}
    complete = complete_scores(framework, marks)
    indicators = {i: complete[i] for i in framework.indicators}
    derived = complete_from_indicators(framework, indicators)
    assert "overall" in derived
    assert derived == {node: complete[node] for node in derived}
    del indicators[random.choice(list(indicators))]
    assert "overall" not in complete_from_indicators(framework, indicators)


def test_a_part_without_the_whole_gives_no_total():
    framework = YEARS[max(YEARS)]
    parts = [n.id for n in framework.nodes.values() if n.kind == "part_indicator"]
    assert parts
    assert complete_from_indicators(framework, {parts[0]: Fraction(80)}) == {parts[0]: Fraction(80)}
    halves = {n: Fraction(80) for n in framework.instruments if n != framework.nodes[parts[0]].instrument}
    assert "overall" not in complete_from_indicators(framework, halves)


@pytest.mark.parametrize("year", YEARS)
@given(st.randoms(use_true_random=False), st.sampled_from([20, 80, 98, 100]))
def test_one_node_alone_is_what_it_is_among_all(year, random, percent):
    framework = YEARS[year]
    known = {node: Fraction(random.randrange(101)) for node in framework.nodes if random.randrange(100) < percent}
    complete = complete_scores(framework, known)
    assert {n: complete_score(framework, known, n) for n in framework.nodes} == {
        n: complete.get(n) for n in framework.nodes
    }
