"""Which claims contradict each other: exactly those that a bound follows from, no more and no fewer."""

from fractions import Fraction
from random import Random
from types import SimpleNamespace

import pytest

from prongsai.analysis.audit.constraints import FULL, UNIT, System
from prongsai.analysis.audit.diagnosis import diagnose


def system(*, total: tuple[int | Fraction, int | Fraction], weights=(1, 1), rule: bool = False) -> System:
    """``t`` is the sum of ``a`` and ``b``; each bound has a claim of its own. Claim 0 is about something else."""
    s = System()
    s.add_interval("other", 0, UNIT, s.add_claim(1))
    s.add_variable("t", 0, 2 * FULL)
    for name, low, high in (("a", 60, 70), ("b", 50, 55)):
        s.add_interval(name, low * UNIT, FULL, s.add_claim(10))
        s.add_interval(name, 0, high * UNIT, s.add_claim(10))
    s.add_interval("t", int(total[0] * UNIT), 2 * FULL, s.add_claim(10))
    s.add_interval("t", 0, int(total[1] * UNIT), s.add_claim(10))
    claims = [s.add_claim(5)] if rule else []
    s.add_equation("t", [("a", Fraction(weights[0])), ("b", Fraction(weights[1]))], claims)
    return s


A_LOW, A_HIGH, B_LOW, B_HIGH, T_LOW, T_HIGH, RULE = range(1, 8)
HAIR = Fraction(1, UNIT)  # less than a gain that counts


def members(mask: int) -> set[int]:
    return {i for i in range(mask.bit_length()) if mask >> i & 1}


def test_nothing_contradicts():
    bounds = system(total=(112, 120)).solve(frozenset())
    assert bounds.conflict == 0
    s = system(total=(112, 120))
    assert (bounds.low[s.variables["a"]], bounds.high[s.variables["a"]]) == (60 * UNIT, 70 * UNIT)
    assert (bounds.low[s.variables["b"]], bounds.high[s.variables["b"]]) == (50 * UNIT, 55 * UNIT)


def test_parts_bound_a_total_and_a_total_its_parts():
    s = system(total=(0, 114))
    bounds = s.solve(frozenset({T_LOW}))
    assert bounds.low[s.variables["t"]] == 110 * UNIT
    assert bounds.high[s.variables["a"]] == 64 * UNIT
    assert bounds.high[s.variables["b"]] == 54 * UNIT


@pytest.mark.parametrize(
    ("total", "claims"),
    [((0, 90), {A_LOW, B_LOW, T_HIGH}), ((130, 200), {A_HIGH, B_HIGH, T_LOW}), ((120, 119), {T_LOW, T_HIGH})],
)
def test_a_total_against_its_parts(total, claims):
    assert members(system(total=total).solve(frozenset()).conflict) == claims
    with_rule = claims if claims == {T_LOW, T_HIGH} else claims | {RULE}
    assert members(system(total=total, rule=True).solve(frozenset()).conflict) == with_rule


@pytest.mark.parametrize(
    ("total", "claims"),
    [((0, 4), {A_LOW, B_HIGH, T_HIGH}), ((21, 200), {A_HIGH, B_LOW, T_LOW})],
)
def test_a_difference_takes_the_opposite_bounds(total, claims):
    """t = a - b lies between 5 and 20."""
    assert members(system(total=total, weights=(1, -1)).solve(frozenset()).conflict) == claims


@pytest.mark.parametrize(
    ("total", "limits", "claims"),
    [
        ((120, 200), [("w", 0, 60)], {T_LOW, B_HIGH, 7}),  # a is at least 65
        ((0, 114), [("c", 0, 5), ("w", 100, 200)], {T_HIGH, B_LOW, 7, 8}),  # a is at most 64
        ((115 + HAIR, 200), [("w", 0, 50)], {A_LOW, 7}),  # a is at least 60, as is printed
        ((0, 120 - HAIR), [("c", 0, 5), ("w", 100, 200)], {A_HIGH, 7, 8}),  # a is at most 70, as is printed
    ],
)
def test_a_bound_that_follows_from_a_total_rests_on_what_moved_it(total, limits, claims):
    """``w`` is the sum of ``a`` and ``c``. A printed bound of ``a`` counts where the total does not move it."""
    s = system(total=total)
    s.add_variable("w", 0, 2 * FULL)
    for name, low, high in limits:
        s.add_interval(name, low * UNIT, high * UNIT, s.add_claim(10))
    s.add_equation("w", [("a", Fraction(1)), ("c", Fraction(1))], [])
    assert members(s.solve(frozenset()).conflict) == claims


def test_a_weight_below_one_counts_by_its_denominator():
    s = system(total=(0, 200), weights=(Fraction(1, 2), Fraction(1, 3)))
    bounds = s.solve(frozenset())
    low, high = bounds.low[s.variables["t"]], bounds.high[s.variables["t"]]
    assert low <= (30 + Fraction(50, 3)) * UNIT < low + 1  # rounded outwards
    assert high - 1 < (35 + Fraction(55, 3)) * UNIT <= high


def test_a_part_without_weight_says_nothing():
    s = system(total=(0, 200), weights=(1, 0))
    bounds = s.solve(frozenset())
    assert (bounds.low[s.variables["t"]], bounds.high[s.variables["t"]]) == (60 * UNIT, 70 * UNIT)
    assert (bounds.low[s.variables["b"]], bounds.high[s.variables["b"]]) == (50 * UNIT, 55 * UNIT)


@pytest.mark.parametrize("withdrawn", [A_LOW, B_LOW, T_HIGH, RULE])
def test_without_one_claim_of_a_conflict_the_rest_holds(withdrawn):
    assert system(total=(0, 90), rule=True).solve(frozenset({withdrawn})).conflict == 0


def test_the_cheapest_explanations_come_first():
    s = system(total=(0, 90), rule=True)
    assert s.explain_conflicts(0) == [frozenset({RULE})]
    assert set(s.explain_conflicts(5)) == {frozenset({c}) for c in (A_LOW, B_LOW, T_HIGH, RULE)}
    assert s.explain_conflicts(5)[0] == frozenset({RULE})
    assert s.explain_conflicts(4) == [frozenset({RULE})]
    assert len(s.explain_conflicts(5, limit=2)) == 2
    assert system(total=(0, 200)).explain_conflicts(5) == [frozenset()]


def test_no_explanation_holds_a_smaller_one():
    s = system(total=(0, 90), rule=True)
    explanations = s.explain_conflicts(100)
    assert not any(a < b for a in explanations for b in explanations)


def test_the_cheapest_of_each_conflict_is_set_aside():
    assert system(total=(0, 90), rule=True).withdraw_cheapest() == {RULE}
    assert system(total=(0, 90)).withdraw_cheapest() == {A_LOW}
    assert system(total=(0, 200)).withdraw_cheapest() == frozenset()


def random_system(seed: int) -> System:
    """A total of three parts of three items each, everything claimed, a few claims wrong, one rule doubtful."""
    random = Random(seed)
    s = System()
    values = {f"{part}{item}": random.randrange(20, 80) for part in "abc" for item in "123"}
    thirds = [Fraction(1, 3)] * 3
    for part in "abc":
        names = [f"{part}{item}" for item in "123"]
        values[part] = sum(values[name] for name in names) // 3
        claims = [s.add_claim(6)] if part == "a" else []
        s.add_equation(part, list(zip(names, thirds, strict=True)), claims)
    values["t"] = sum(values[part] for part in "abc") // 3
    s.add_equation("t", list(zip("abc", thirds, strict=True)))
    for name, value in values.items():
        printed = value + random.choice((0, 0, 0, 15, -15))
        s.add_interval(name, (printed - 1) * UNIT, (printed + 1) * UNIT, s.add_claim(random.choice((10, 16, 30))))
    return s


@pytest.mark.parametrize("seed", range(20))
def test_what_was_solved_before_changes_no_answer(seed):
    """A solution goes on from another with fewer claims withdrawn; alone it is found from nothing."""
    order = Random(seed)
    shared = random_system(seed)
    for _ in range(8):
        withdrawn = frozenset[int]()
        for _ in range(4):
            together, alone = shared.solve(withdrawn), random_system(seed).solve(withdrawn)
            assert bool(together.conflict) == bool(alone.conflict)
            assert not together.conflict or members(together.conflict).isdisjoint(withdrawn)
            assert (together.low, together.high) == (alone.low, alone.high) or alone.conflict
            withdrawn |= {order.randrange(len(shared.costs))}


@pytest.mark.parametrize("seed", range(20))
def test_an_explanation_leaves_no_conflict_and_each_of_its_claims_is_needed(seed):
    explanations = random_system(seed).explain_conflicts(6)
    assert len(explanations) == len(set(explanations))
    for explanation in explanations:
        assert not random_system(seed).solve(explanation).conflict
        for claim in explanation:
            assert random_system(seed).solve(explanation - {claim}).conflict


def test_the_claims_of_a_conflict_contradict_each_other_alone():
    conflicts = {seed: random_system(seed).solve(frozenset()).conflict for seed in range(20)}
    assert sum(map(bool, conflicts.values())) > 10
    for seed, conflict in conflicts.items():
        others = frozenset(range(len(random_system(seed).costs))) - members(conflict)
        assert bool(random_system(seed).solve(others).conflict) == bool(conflict)


def test_a_limit_is_no_claim():
    s = System()
    s.add_interval("a", 60 * UNIT, 70 * UNIT, s.add_claim(10))
    s.add_interval("a", 110 * UNIT, 120 * UNIT, s.add_claim(10))
    s.add_interval("b", -20 * UNIT, -10 * UNIT, s.add_claim(10))
    assert members(s.solve(frozenset()).conflict) == {0, 1}
    assert members(s.solve(frozenset({0})).conflict) == {1}
    assert members(s.solve(frozenset({1})).conflict) == members(s.solve(frozenset({0, 1})).conflict) == {2}


def test_a_value_that_is_certain_is_no_conflict():
    s = System()
    for name in ("a", "b"):
        s.add_interval(name, 40 * UNIT, 40 * UNIT, s.add_claim(10))
    s.add_equation("t", [("a", Fraction(1)), ("b", Fraction(1))])
    bounds = s.solve(frozenset())
    assert not bounds.conflict
    assert bounds.low[s.variables["t"]] == bounds.high[s.variables["t"]] == 80 * UNIT


def test_a_dozen_explanations_are_enough():
    s = System()
    names = [str(n) for n in range(14)]
    for name in names:
        s.add_interval(name, 50 * UNIT, 50 * UNIT, s.add_claim(10))
    s.add_equation("t", [(name, Fraction(1, 14)) for name in names])
    s.add_interval("t", 51 * UNIT, 51 * UNIT, s.add_claim(10))
    assert len(s.explain_conflicts(0, limit=20)) == 15
    assert len(s.explain_conflicts(0)) == 12


@pytest.mark.parametrize(("cost", "convicted"), [(16, set()), (17, {0})])
def test_explanations_of_nearly_the_same_price_convict_nobody(cost, convicted):
    """One claim of 30 against two others: 32 is near, 34 is not."""
    s = System()
    s.add_interval("x", 50 * UNIT, 60 * UNIT, s.add_claim(30))
    for high in (30, 40):
        s.add_interval("x", 0, high * UNIT, s.add_claim(cost))
    diagnosis = diagnose(SimpleNamespace(system=s, scores={}, frameworks={}))
    assert diagnosis.convicted == convicted
    assert diagnosis.withdrawn == (convicted or {0, 1, 2})


@pytest.mark.parametrize(
    ("said", "impossible"), [((0, 100), (101, 102)), ((0, 50), (-2, -1)), ((50, 100), (101, 102)), ((0, 100), (-2, -1))]
)
def test_a_claim_that_says_no_more_than_the_limits_is_no_part_of_a_conflict(said, impossible):
    s = System()
    for low, high in (said, impossible):
        s.add_interval("x", low * UNIT, high * UNIT, s.add_claim(1))
    assert members(s.solve(frozenset()).conflict) == {1}


def test_rules_that_never_settle_are_left_after_sixty_rounds():
    """x = 0.99 y and y = 0.99 x: true of 0 alone, and each turn takes a hundredth of what is left."""
    s = System()
    s.add_equation("x", [("y", Fraction(99, 100))])
    s.add_equation("y", [("x", Fraction(99, 100))])
    assert s.solve(frozenset()).high[s.variables["y"]] == pytest.approx(FULL * 0.99**120)
