"""What is withheld of small groups can't be worked out from what is shown, and the score of a question tells next to
nothing about one person's answer."""

import hashlib
import math
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.analysis import approximate_score, count_range, draw_of, find_withheld_nodes, item_odds
from prongsai.analysis.small_groups import approximate_sum
from tests.years import SAMPLE_YEAR, YEARS, changed


def counted(framework, small):
    """Counts of every node: one answer too few for ``small`` items, just enough for the rest."""
    limit = item_limit(framework)
    return {n: limit - (n in small) for n in framework.nodes}


def item_limit(framework):
    return framework.rules.small_groups.approximate_items_from


def many(framework, people=10_000):
    """Populations of which hardly anybody answered."""
    return dict.fromkeys(framework.instruments, people)


def withheld_nodes(framework, counts):
    return find_withheld_nodes(framework, counts, many(framework))


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
    assert withheld_nodes(YEARS[year], counted(YEARS[year], ())) == set()


@pytest.mark.parametrize("year", YEARS)
def test_one_small_item_takes_another_with_it(year):
    framework = YEARS[year]
    for item in items(framework):
        hidden = withheld_nodes(framework, counted(framework, {item}))
        assert item in hidden
        assert len(hidden) >= 2
        assert follows(framework, hidden) == []


@pytest.mark.parametrize("year", YEARS)
def test_of_a_small_office_only_indicators_are_shown(year):
    framework = YEARS[year]
    hidden = withheld_nodes(framework, counted(framework, set(items(framework))))
    assert hidden == set(items(framework))


@settings(max_examples=60)
@given(st.data())
def test_what_is_withheld_does_not_follow(data):
    framework = YEARS[data.draw(st.sampled_from(sorted(YEARS)))]
    small = data.draw(st.sets(st.sampled_from(items(framework)), max_size=8))
    hidden = withheld_nodes(framework, counted(framework, small))
    assert small <= hidden
    assert follows(framework, hidden) == []


@pytest.mark.parametrize("year", YEARS)
def test_the_limit_is_the_least_that_is_shown(year):
    framework = YEARS[year]
    limit = item_limit(framework)
    item = items(framework)[0]
    enough = dict.fromkeys(framework.nodes, 1000)
    assert withheld_nodes(framework, enough | {item: limit}) == set()
    assert item in withheld_nodes(framework, enough | {item: limit - 1})
    assert item in withheld_nodes(framework, enough | {item: 1})
    assert withheld_nodes(framework, enough | {item: 0}) == set()  # nobody answered: there is no score


@pytest.mark.parametrize("year", YEARS)
def test_the_sibling_with_the_fewest_answers_is_withheld_with_it(year):
    framework = YEARS[year]
    for node in framework.nodes.values():
        if len(node.parts) < 3 or not set(node.parts) <= set(items(framework)):
            continue
        small, first, second, *_ = node.parts
        counts = dict.fromkeys(framework.nodes, 1000) | {small: 1}
        assert withheld_nodes(framework, counts | {first: 500, second: 400}) == {small, second}
        assert withheld_nodes(framework, counts | {first: 400, second: 500}) == {small, first}
        assert withheld_nodes(framework, counts | {first: 400, second: 400}) == {small, min(first, second)}
        assert withheld_nodes(framework, counts | {first: 1}) == {small, first}  # two already hide each other


def test_an_only_question_takes_its_indicator_with_it():
    rules = YEARS[SAMPLE_YEAR].rules
    (only, *rest) = [i for i in rules.survey_items if i.indicator == "1"]
    framework = changed(YEARS[SAMPLE_YEAR], survey_items=tuple(i for i in rules.survey_items if i not in rest))
    counts = dict.fromkeys(framework.nodes, 1000) | {only.id: 1, "3": 900}
    assert withheld_nodes(framework, counts) == {only.id, "1", "3"}


def test_marks_are_no_answers_and_a_year_without_a_rule_shows_no_question():
    framework = YEARS[SAMPLE_YEAR]
    counts = {n.id: 1 if n.instrument == "OIT" else 1000 for n in framework.nodes.values()}
    assert withheld_nodes(framework, counts) == set()
    groups = framework.rules.small_groups
    silent = (
        None,
        replace(groups, item_odds=None, show_indicators_from=None),
        replace(groups, approximate_items_from=None, show_indicators_from=None),
    )
    for rule in silent:  # silence is no permission
        without = changed(framework, small_groups=rule)
        assert withheld_nodes(without, dict.fromkeys(without.nodes, 10_000)) == set(items(without))
        assert item_odds(without) is None or rule.approximate_items_from


# --- thresholds


def survey_nodes(framework, survey, kinds=("indicator", "part_indicator")):
    return {
        n.id
        for n in framework.nodes.values()
        if n.kind in kinds and survey in {i.instrument for i in framework.items_of(n.id)}
    }


@pytest.mark.parametrize("year", YEARS)
def test_indicators_need_answers_of_every_survey_under_them(year):
    framework = YEARS[year]
    limit = framework.rules.small_groups.show_indicators_from
    for survey in [i.id for i in framework.survey_instruments()]:
        counts = dict.fromkeys(framework.nodes, 1000)
        assert withheld_nodes(framework, counts | {survey: limit}) == set()
        small = counts | {survey: limit - 1} | {i.id: limit - 1 for i in framework.items_of(survey)}
        hidden = withheld_nodes(framework, small)
        assert survey_nodes(framework, survey) <= hidden
        assert {i.id for i in framework.items_of(survey)} <= hidden
        assert not hidden & {"overall", *framework.instruments}  # they are the official result
        assert follows(framework, hidden) == []
        nobody = counts | {survey: 0} | {i.id: 0 for i in framework.items_of(survey)}
        assert withheld_nodes(framework, nobody) == set()  # there is no score


@pytest.mark.parametrize("year", YEARS)
def test_limits_are_doubled_where_most_people_answered_or_nobody_knows(year):
    framework = YEARS[year]
    rule = framework.rules.small_groups
    survey = framework.survey_instruments()[0].id
    indicators = survey_nodes(framework, survey)
    for answers, people, hidden in (
        (rule.show_indicators_from, 10_000, False),
        (rule.show_indicators_from * 2 - 1, 2 * (rule.show_indicators_from * 2 - 1), True),  # half of them
        (rule.show_indicators_from * 2 - 1, 2 * (rule.show_indicators_from * 2 - 1) + 1, False),  # one fewer than half
        (rule.show_indicators_from * 2 - 1, None, True),
        (rule.show_indicators_from * 2, None, False),
        (rule.show_indicators_from * 2, rule.show_indicators_from * 2, False),
    ):
        populations = many(framework) | {survey: people}
        populations = {i: n for i, n in populations.items() if n is not None}
        counts = dict.fromkeys(framework.nodes, 1000) | {survey: answers}
        assert (indicators <= find_withheld_nodes(framework, counts, populations)) is hidden, (answers, people)
    item = items(framework)[0]
    for answers, hidden in ((item_limit(framework) * 2 - 1, True), (item_limit(framework) * 2, False)):
        counts = dict.fromkeys(framework.nodes, 1000) | {item: answers}
        assert (item in find_withheld_nodes(framework, counts, {})) is hidden


@pytest.mark.parametrize("largest", ["show_items_from", "approximate_items_from", "show_indicators_from"])
def test_a_question_needs_as_many_answers_as_the_strictest_rule_asks(largest):
    sample = YEARS[SAMPLE_YEAR]
    limits = dict.fromkeys(("show_items_from", "approximate_items_from", "show_indicators_from"), 10) | {largest: 31}
    framework = changed(sample, small_groups=replace(sample.rules.small_groups, **limits))
    enough, item = dict.fromkeys(framework.nodes, 1000), items(framework)[0]
    assert withheld_nodes(framework, enough | {item: 31}) == set()
    assert item in withheld_nodes(framework, enough | {item: 30})


def test_rules_that_double_no_limit_ask_the_same_of_everybody():
    sample = YEARS[SAMPLE_YEAR]
    framework = changed(sample, small_groups=replace(sample.rules.small_groups, double_from_percent=None))
    counts = dict.fromkeys(framework.nodes, item_limit(framework))
    assert find_withheld_nodes(framework, counts, {}) == set()
    assert find_withheld_nodes(framework, counts, dict.fromkeys(framework.instruments, item_limit(framework))) == set()


def test_without_a_limit_of_indicators_only_questions_are_withheld():
    sample = YEARS[SAMPLE_YEAR]
    framework = changed(sample, small_groups=replace(sample.rules.small_groups, show_indicators_from=None))
    assert find_withheld_nodes(framework, dict.fromkeys(framework.nodes, 1), {}) == set(items(framework))


def test_just_below_the_percentage_no_limit_is_doubled():
    framework = YEARS[SAMPLE_YEAR]
    assert framework.rules.small_groups.double_from_percent == 50
    counts = dict.fromkeys(framework.nodes, item_limit(framework)) | dict.fromkeys(framework.instruments, 199)
    assert find_withheld_nodes(framework, counts, dict.fromkeys(framework.instruments, 399)) == set()
    assert find_withheld_nodes(framework, counts, dict.fromkeys(framework.instruments, 398)) == set(items(framework))


@pytest.mark.parametrize("year", YEARS)
def test_the_odds_are_those_of_the_rule(year):
    assert item_odds(YEARS[year]) == YEARS[year].rules.small_groups.item_odds


@pytest.mark.parametrize(
    ("answers", "expected"), [(0, [0, 0]), (1, [1, 9]), (9, [1, 9]), (10, [10, 19]), (347, [340, 349])]
)
def test_a_receipt_counts_answers_in_ranges(answers, expected):
    assert count_range(YEARS[SAMPLE_YEAR], answers) == expected
    exact = changed(YEARS[SAMPLE_YEAR], small_groups=None)
    assert count_range(exact, answers) == [answers, answers]


# --- the error of a question

SECRETS = [hashlib.sha256(str(k).encode()).hexdigest() for k in range(6000)]


def shown_by_secret(pairs, odds=3):
    return Counter(int(approximate_score(draw_of(secret, "i1", pairs, odds), pairs, odds)) for secret in SECRETS)


@pytest.mark.parametrize("answers", [25, 60])
@pytest.mark.parametrize("others", ["lowest", "middle", "highest"])
def test_no_published_score_makes_an_answer_much_likelier(answers, others):
    """The attacker knows the points of all others; the last person answered 0 or 100. Over the secrets, every score
    that is published for the one is published for the other, at most ``odds`` times as often (and what chance adds)."""
    total = {"lowest": 0, "middle": (answers - 1) * 60, "highest": (answers - 1) * 100}[others]
    low, high = (shown_by_secret([(total + own, answers)]) for own in (0, 100))
    for score in low.keys() | high.keys():
        one, other = sorted((low[score], high[score]))
        assert other <= 3 * one + 5 * math.sqrt(3 * one + 3) + 5, (score, low[score], high[score])


def test_the_error_is_as_large_as_the_rule_says_and_no_larger():
    """A discrete Laplace error of scale 100 / n / ln(odds): its mean is none, its spread the root of two times that."""
    for answers, odds in ((25, 3), (60, 3), (25, 10)):
        pairs = [(answers * 50, answers)]
        errors = [int(approximate_score(draw_of(s, "i1", pairs, odds), pairs, odds)) - 50 for s in SECRETS]
        mean = sum(errors) / len(errors)
        spread = math.sqrt(sum(e * e for e in errors) / len(errors))
        expected = math.sqrt(2) * (100 / answers) / math.log(odds)
        assert abs(mean) < expected / 10
        assert abs(spread - math.hypot(expected, 0.29)) < 0.08 * spread  # and rounding to whole points


def test_a_score_of_several_answers_hides_a_whole_person():
    """All sub-answers of one person change together."""
    low, high = (shown_by_secret([(24 * 60 + own, 25)] * 3) for own in (0, 100))
    for score in low.keys() | high.keys():
        one, other = sorted((low[score], high[score]))
        assert other <= 3 * one + 5 * math.sqrt(3 * one + 3) + 5


def test_the_same_totals_are_always_shown_alike_and_others_drawn_anew():
    pairs = [(1200, 25)]
    draws = {draw_of(SECRETS[0], "i1", pairs, 3), draw_of(SECRETS[0], "i1", ((1200, 25),), 3)}
    assert len(draws) == 1
    others = {
        draw_of(SECRETS[0], "i2", pairs, 3),
        draw_of(SECRETS[1], "i1", pairs, 3),
        draw_of(SECRETS[0], "i1", [(1220, 25)], 3),
        draw_of(SECRETS[0], "i1", pairs, 4),  # else two odds would give the error away
    }
    assert len(others - draws) == 4


NO_ERROR = "8" * 32  # two draws that are equal


@pytest.mark.parametrize(
    ("pairs", "score"), [([(125, 2)], "63"), ([(1249, 20)], "62"), ([(50, 2), (75, 1)], "50"), ([(0, 3)], "0")]
)
def test_without_an_error_a_score_is_rounded_half_up(pairs, score):
    assert approximate_score(NO_ERROR, pairs, 3) == score


@pytest.mark.parametrize(("counts", "reach"), [((100,), 101), ((30,), 335), ((30, 70), 240)])
@pytest.mark.parametrize("odds", [2, 3])
def test_the_error_reaches_as_far_as_one_person_and_rounding_do(counts, reach, odds):
    """``reach`` in hundredths of a point: 100 points / n, rounded up, and one more. Over a whole point of scores, where
    the published one changes tells the error to the hundredth."""
    for first in (0x0123456789ABCDEF, 0x6000000000000000):
        error = math.floor(-math.log(first / 2**64) * reach / math.log(odds))
        draw = f"{first:016x}{2**64 - 1:016x}"  # the second draw is 0
        assert approximate_sum(draw, 0, reach, odds) == error
        for points in range(101):
            pairs = [(points, n) for n in counts]
            units = math.floor(sum(Fraction(100 * p, n) for p, n in pairs) / len(pairs) + Fraction(1, 2))
            assert approximate_score(draw, pairs, odds) == str((units + error + 50) // 100)


def test_near_a_whole_number_forty_digits_decide():
    """2 to the power of -1, whose logarithm by 2 is a whole number, and nearly so for the word beside it."""
    draw = f"{2**63:016x}{2**64 - 1:016x}"
    assert approximate_score(draw, [(0, 30)], 2) == "3"  # 334 hundredths


def test_the_two_draws_of_an_error_share_no_digit():
    rare, usual = "0000000000000001", "ffffffffffffffff"
    steps = math.floor(-math.log(3 / 2**65) * 100 / math.log(3))
    assert approximate_sum(rare + usual, 7, 100, 3) == 7 + steps
    assert approximate_sum(usual + rare, 7, 100, 3) == 7 - steps
    assert approximate_sum("8000000000000000" + usual, 0, 100, 3) == 63  # ln 2 / ln 3


def test_scores_stay_within_the_scale():
    assert set(shown_by_secret([(0, 25)])) <= set(range(101))
    assert max(shown_by_secret([(2500, 25)])) == 100
    assert min(shown_by_secret([(0, 25)])) == 0


@settings(max_examples=60)
@given(st.integers(0, 2**64 - 1), st.integers(2, 500), st.integers(2, 100))
def test_every_machine_draws_the_same(word, reach, odds):
    """The double decides only where it is as sure as forty digits are."""
    from decimal import Context, Decimal

    from prongsai.analysis.small_groups import _draw_geometric

    exact = Context(prec=60)
    logarithm = exact.ln(exact.divide(Decimal(2 * word + 1), Decimal(2**65)))
    assert _draw_geometric(word, reach, odds) == int(exact.divide(-logarithm * reach, exact.ln(Decimal(odds))))
