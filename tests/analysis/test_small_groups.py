"""What is withheld of small groups can't be worked out from what is shown."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.analysis import find_withheld_nodes
from tests.years import SAMPLE_YEAR, YEARS, changed


def counted(framework, small):
    """Counts of every node: one answer too few for ``small`` items, just enough for the rest."""
    limit = framework.rules.small_groups.show_items_from
    return {n: limit - (n in small) for n in framework.nodes}


def items(framework):
    surveys = {i.id for i in framework.survey_instruments()}
    return [n.id for n in framework.nodes.values() if n.kind == "item" and n.instrument in surveys]


def follows(framework, hidden):
    """Hidden items whose score follows from shown ones: Gauss over the equations "a shown node is the mean of its
    parts"."""
    unknown = sorted(hidden)
    rows = []
    for node in framework.nodes.values():
        if node.id not in hidden and any(p in hidden for p in node.parts):
            rows.append([node.parts.get(u, Fraction(0)) for u in unknown])
        elif node.id in hidden and node.parts:
            rows.append([node.parts.get(u, Fraction(0)) - (u == node.id) for u in unknown])
    done = 0
    for k in range(len(unknown)):
        pivot = next((r for r in range(done, len(rows)) if rows[r][k]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [v / rows[done][k] for v in rows[done]]
        for r in range(len(rows)):
            if r != done and rows[r][k]:
                rows[r] = [a - rows[r][k] * b for a, b in zip(rows[r], rows[done], strict=True)]
        done += 1
    return [unknown[[bool(v) for v in row].index(True)] for row in rows if sum(map(bool, row)) == 1]


@pytest.mark.parametrize("year", YEARS)
def test_nothing_is_withheld_of_large_groups(year):
    assert find_withheld_nodes(YEARS[year], counted(YEARS[year], ())) == set()


@pytest.mark.parametrize("year", YEARS)
def test_one_small_item_takes_another_with_it(year):
    framework = YEARS[year]
    for item in items(framework):
        hidden = find_withheld_nodes(framework, counted(framework, {item}))
        assert item in hidden
        assert len(hidden) >= 2
        assert follows(framework, hidden) == []


@pytest.mark.parametrize("year", YEARS)
def test_of_a_small_office_only_indicators_are_shown(year):
    framework = YEARS[year]
    hidden = find_withheld_nodes(framework, counted(framework, set(items(framework))))
    assert hidden == set(items(framework))


@settings(max_examples=60)
@given(st.data())
def test_what_is_withheld_does_not_follow(data):
    framework = YEARS[data.draw(st.sampled_from(sorted(YEARS)))]
    small = data.draw(st.sets(st.sampled_from(items(framework)), max_size=8))
    hidden = find_withheld_nodes(framework, counted(framework, small))
    assert small <= hidden
    assert follows(framework, hidden) == []


@pytest.mark.parametrize("year", YEARS)
def test_the_limit_is_the_least_that_is_shown(year):
    framework = YEARS[year]
    limit = framework.rules.small_groups.show_items_from
    item = items(framework)[0]
    enough = dict.fromkeys(framework.nodes, 1000)
    assert find_withheld_nodes(framework, enough | {item: limit}) == set()
    assert item in find_withheld_nodes(framework, enough | {item: limit - 1})
    assert item in find_withheld_nodes(framework, enough | {item: 1})
    assert find_withheld_nodes(framework, enough | {item: 0}) == set()  # nobody answered: there is no score


@pytest.mark.parametrize("year", YEARS)
def test_the_sibling_with_the_fewest_answers_is_withheld_with_it(year):
    framework = YEARS[year]
    for node in framework.nodes.values():
        if len(node.parts) < 3 or not set(node.parts) <= set(items(framework)):
            continue
        small, first, second, *_ = node.parts
        counts = dict.fromkeys(framework.nodes, 1000) | {small: 1}
        assert find_withheld_nodes(framework, counts | {first: 500, second: 400}) == {small, second}
        assert find_withheld_nodes(framework, counts | {first: 400, second: 500}) == {small, first}
        assert find_withheld_nodes(framework, counts | {first: 400, second: 400}) == {small, min(first, second)}
        assert find_withheld_nodes(framework, counts | {first: 1}) == {small, first}  # two already hide each other


def test_an_only_question_takes_its_indicator_with_it():
    rules = YEARS[SAMPLE_YEAR].rules
    (only, *rest) = [i for i in rules.survey_items if i.indicator == "1"]
    framework = changed(YEARS[SAMPLE_YEAR], survey_items=tuple(i for i in rules.survey_items if i not in rest))
    counts = dict.fromkeys(framework.nodes, 1000) | {only.id: 1, "3": 900}
    assert find_withheld_nodes(framework, counts) == {only.id, "1", "3"}


def test_marks_are_no_answers_and_a_year_may_have_no_rule():
    framework = YEARS[SAMPLE_YEAR]
    counts = {n.id: 1 if n.instrument == "OIT" else 1000 for n in framework.nodes.values()}
    assert find_withheld_nodes(framework, counts) == set()
    without = changed(framework, small_groups=None)
    assert find_withheld_nodes(without, dict.fromkeys(without.nodes, 1)) == set()
