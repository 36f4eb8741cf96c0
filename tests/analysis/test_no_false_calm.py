"""Where figures cannot be right together, something says so: a person who reads "nothing contradicts" believes it."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai import framework as rules
from prongsai.analysis import audit
from prongsai.analysis.figures import Figure
from prongsai.framework.schema import DisclosureItem
from prongsai.scoring import complete_scores, round_score

FRAMEWORKS = {year: rules.load(name, year) for name, year in rules.available()}


@pytest.mark.parametrize("year", sorted(FRAMEWORKS))
@settings(max_examples=25)
@given(data=st.data())
def test_an_indicator_that_its_items_do_not_give_is_never_passed_over(year, data):
    framework = FRAMEWORKS[year]
    computable = [
        i.id
        for i in framework.rules.indicators
        if i.id in framework.nodes and framework.nodes[i.id].kind == "indicator"
    ]
    indicator = data.draw(st.sampled_from(computable))
    items = [n.id for n in framework.nodes.values() if n.item is not None and n.indicator == indicator]
    marks = {n: sorted(framework.mark_points(n)) for n in items if isinstance(framework.nodes[n].item, DisclosureItem)}
    scores = {
        n: Fraction(data.draw(st.sampled_from(marks[n])))
        if n in marks
        else Fraction(data.draw(st.integers(5000, 10000)), 100)
        for n in items
    }
    exact = complete_scores(framework, scores).get(indicator)
    if exact is None:  # sub-indicators of a size that nobody knows
        return
    right = round_score(framework, exact)
    wrong = data.draw(
        st.integers(0, 10_000).map(lambda n: Fraction(n, 100)).filter(lambda s: abs(s - Fraction(right)) > 1)
    )
    printed = {n: f"{float(score):.2f}" for n, score in scores.items()} | {indicator: f"{float(wrong):.2f}"}
    checks = audit([Figure(year, n, value, "x") for n, value in printed.items()], {year: framework})
    assert any(c.verdict == "contradicted" or c.recomputed is not None or c.is_in_conflict for c in checks), printed
    printed[indicator] = str(right)
    checks = audit([Figure(year, n, value, "x") for n, value in printed.items()], {year: framework})
    assert not any(c.verdict == "contradicted" or c.is_in_conflict for c in checks)
