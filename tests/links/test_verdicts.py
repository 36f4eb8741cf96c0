"""No bad verdict on one failure; the kindest of several."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.links import GOOD, STATES, Observation, Policy, next_try, verdict

POLICY = Policy(contact="x", tries=3, spread=timedelta(hours=6))
START = datetime(2020, 1, 1, tzinfo=UTC)


def seen(state, hours, **more):
    return Observation(key=1, url="x", observed_at=START + timedelta(hours=hours), state=state, **more)


def of(*states, every=6):
    return [seen(state, n * every) for n, state in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "pending"),
        (["ok"], "ok"),
        (["moved"], "moved"),
        (["outside"], "outside"),
        (["dead"], "pending"),
        (["dead", "dead"], "pending"),
        (["dead", "dead", "dead"], "dead"),
        (["dead", "dead", "ok"], "ok"),
        (["ok", "dead", "dead"], "pending"),
        (["dead", "ok", "dead", "ok", "dead", "dead"], "pending"),  # flapping
        (["ok", "dead", "dead", "dead"], "dead"),
        (["dead", "blocked", "dead"], "blocked"),
        (["dead", "slow", "certificate"], "slow"),
        (["blocked", "dead", "dead", "dead"], "dead"),  # only the latest three count
        (["soft_404"] * 3, "soft_404"),
        (["sign_in", "dead", "sign_in"], "sign_in"),
    ],
)
def test_verdicts(states, expected):
    assert verdict(of(*states), POLICY) == expected


def test_looks_too_close_together_count_once():
    assert verdict(of(*["dead"] * 12, every=1), POLICY) == "pending"
    assert verdict(of(*["dead"] * 13, every=1), POLICY) == "dead"


def test_a_kinder_look_in_between_counts_though_too_close():
    looks = [seen("dead", 0), seen("dead", 6), seen("blocked", 7), seen("dead", 12)]
    assert verdict(looks, POLICY) == "blocked"


def test_when_to_look_again():
    assert next_try([], POLICY) is None
    assert next_try(of("ok"), POLICY) is None
    assert next_try(of("dead", "dead", "dead"), POLICY) is None
    assert next_try(of("dead"), POLICY) == START + timedelta(hours=6)
    asked = START + timedelta(days=2)
    assert next_try([seen("blocked", 0, retry_at=asked)], POLICY) == asked


@given(st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 100)), max_size=8), st.randoms())
def test_properties(looks, random):
    observations = [seen(state, hours) for state, hours in looks if [h for _, h in looks].count(hours) == 1]
    found = verdict(observations, POLICY)
    shuffled = list(observations)
    random.shuffle(shuffled)
    assert verdict(shuffled, POLICY) == found
    if found not in GOOD and found != "pending":
        latest = sorted(observations, key=lambda o: o.observed_at)
        run = list(itertools.takewhile(lambda o: o.state not in GOOD, reversed(latest)))
        assert len(run) >= 3
        assert found in {o.state for o in run}
    assert (next_try(observations, POLICY) is not None) == (found == "pending" and bool(observations))
