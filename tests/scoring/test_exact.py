"""Totals from whole indicators are those from their parts."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.scoring import complete_from_totals, complete_score, complete_scores, find_weights
from tests.years import YEARS, changed


@pytest.mark.parametrize("year", YEARS)
@given(st.randoms(use_true_random=False))
def test_totals_from_indicators(year, random):
    framework = YEARS[year]
    marks = {n.id: Fraction(random.randrange(101)) for n in framework.nodes.values() if not n.parts}
    complete = complete_scores(framework, marks)
    indicators = {i: complete[i] for i in framework.indicators}
    derived = complete_from_totals(framework, indicators)
    assert "overall" in derived
    assert derived == {node: complete[node] for node in derived}
    del indicators[random.choice(list(indicators))]
    assert "overall" not in complete_from_totals(framework, indicators)


def test_a_part_without_the_whole_gives_no_total():
    framework = YEARS[max(YEARS)]
    parts = [n.id for n in framework.nodes.values() if n.kind == "part_indicator"]
    assert parts
    assert complete_from_totals(framework, {parts[0]: Fraction(80)}) == {parts[0]: Fraction(80)}
    halves = {n: Fraction(80) for n in framework.instruments if n != framework.nodes[parts[0]].instrument}
    assert "overall" not in complete_from_totals(framework, halves)


@pytest.mark.parametrize("year", YEARS)
@given(st.randoms(use_true_random=False), st.sampled_from([20, 80, 98, 100]))
def test_one_node_alone_is_what_it_is_among_all(year, random, percent):
    framework = YEARS[year]
    known = {node: Fraction(random.randrange(101)) for node in framework.nodes if random.randrange(100) < percent}
    complete = complete_scores(framework, known)
    assert {n: complete_score(framework, known, n) for n in framework.nodes} == {
        n: complete.get(n) for n in framework.nodes
    }


@pytest.mark.parametrize("year", YEARS)
@given(st.randoms(use_true_random=False), st.sampled_from([20, 60, 90]))
def test_weights_found_give_the_node_whatever_is_known(year, random, percent):
    framework = YEARS[year]
    complete = complete_scores(
        framework, {n.id: Fraction(random.randrange(101)) for n in framework.nodes.values() if not n.parts}
    )
    known = [node for node in framework.nodes if random.randrange(100) < percent]
    for node in framework.nodes:
        weights = find_weights(framework, known, node)
        if weights is not None:
            assert node not in weights
            assert weights.keys() <= set(known)
            assert sum(weights.values()) == 1
            assert sum(w * complete[n] for n, w in weights.items()) == complete[node]


@pytest.mark.parametrize("year", [year for year, framework in YEARS.items() if framework.rules.composites])
def test_a_mean_of_instruments_stands_for_them_in_the_total(year):
    framework = YEARS[year]
    (composite,) = framework.rules.composites
    parts = framework.nodes["overall"].parts
    others = [name for name in parts if name not in composite.of]
    weights = find_weights(framework, [composite.id, *others], "overall")
    assert weights == {composite.id: sum(parts[p] for p in composite.of)} | {o: parts[o] for o in others}
    indicators = [i.id for i in framework.rules.indicators if set(i.instruments) & set(composite.of)]
    assert find_weights(framework, [*indicators, *others], "overall").keys() == {*indicators, *others}
    assert find_weights(framework, [composite.id, *others[1:]], "overall") is None


@pytest.mark.parametrize("year", YEARS)
def test_the_parts_of_a_node_come_before_anything_else_it_could_be_the_sum_of(year):
    framework = YEARS[year]
    for node in framework.computed_nodes:
        assert find_weights(framework, framework.nodes, node.id) == node.parts
        for part, weight in node.parts.items():
            known = [name for name in framework.nodes if name != part]
            below = {name: weight * share for name, share in framework.nodes[part].parts.items()}
            through = {name: share for name, share in node.parts.items() if name != part} | below
            if below and node.parts.keys().isdisjoint(below):
                assert find_weights(framework, known, node.id) == through


@pytest.mark.parametrize("year", YEARS)
def test_a_total_that_is_known_is_not_computed_again(year):
    framework = YEARS[year]
    known = dict.fromkeys(framework.indicators, Fraction(80)) | {"overall": Fraction(79)}
    assert complete_from_totals(framework, known)["overall"] == 79


def test_a_mean_of_all_instruments_stands_for_one_that_is_not_known():
    """E is three times the mean less the other two, so 0.3 I + 0.3 E + 0.4 O is nine tenths of the mean and 0.1 O."""
    framework = YEARS["2564"]
    (composite,) = YEARS[max(YEARS)].rules.composites
    mean = replace(composite, id="ALL", of=tuple(framework.instruments))
    framework = changed(framework, composites=(mean,))
    assert framework.nodes["overall"].parts == {"IIT": Fraction(3, 10), "EIT": Fraction(3, 10), "OIT": Fraction(4, 10)}
    assert find_weights(framework, ["ALL", "IIT", "OIT"], "overall") == {"ALL": Fraction(9, 10), "OIT": Fraction(1, 10)}
    assert find_weights(framework, ["ALL", "IIT", "EIT"], "overall") is None  # others would count against it
    assert find_weights(framework, framework.nodes, "ALL") == dict.fromkeys(mean.of, Fraction(1, 3))  # not by the total


def test_an_indicator_is_never_the_sum_of_what_stands_above_it():
    """Of an instrument with one indicator either score gives the other, but only the indicator is below."""
    rules = YEARS["2564"].rules
    framework = changed(
        YEARS["2564"],
        indicators=tuple(i for i in rules.indicators if i.id != "10"),
        sub_indicators=tuple(s for s in rules.sub_indicators if s.indicator != "10"),
        disclosure_items=tuple(i for i in rules.disclosure_items if not i.sub_indicator.startswith("10.")),
    )
    assert find_weights(framework, ["9"], "OIT") == {"9": 1}
    assert find_weights(framework, ["OIT"], "9") is None
