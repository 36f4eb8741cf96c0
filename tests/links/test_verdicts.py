"""No bad state from one failure; the most lenient of several."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.links import GOOD, STATES, Observation, Policy, decide_state, plan_retry

POLICY = Policy(contact="x", required_failures=3, retry_interval=timedelta(hours=6))
START = datetime(2020, 1, 1, tzinfo=UTC)


def observation(state, hours, **more):
    return Observation(key=1, url="x", observed_at=START + timedelta(hours=hours), state=state, **more)


def of(*states, every=6):
    return [observation(state, n * every) for n, state in enumerate(states)]


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
    assert decide_state(of(*states), POLICY) == expected


def test_checks_too_close_together_count_once():
    assert decide_state(of(*["dead"] * 12, every=1), POLICY) == "pending"
    assert decide_state(of(*["dead"] * 13, every=1), POLICY) == "dead"


def test_a_more_lenient_check_in_between_counts():
    observations = [observation("dead", 0), observation("dead", 6), observation("blocked", 7), observation("dead", 12)]
    assert decide_state(observations, POLICY) == "blocked"


def test_when_to_check_again():
    assert plan_retry([], POLICY) is None
    assert plan_retry(of("ok"), POLICY) is None
    assert plan_retry(of("dead", "dead", "dead"), POLICY) is None
    assert plan_retry(of("dead"), POLICY) == START + timedelta(hours=6)
    asked = START + timedelta(days=2)
    assert plan_retry([observation("blocked", 0, retry_at=asked)], POLICY) == asked


@given(st.lists(st.tuples(st.sampled_from(STATES), st.integers(0, 100)), max_size=8), st.randoms())
def test_any_history_has_a_stable_state(observations, random):
    observations = [
        observation(state, hours) for state, hours in observations if [h for _, h in observations].count(hours) == 1
    ]
    found = decide_state(observations, POLICY)
    shuffled = list(observations)
    random.shuffle(shuffled)
    assert decide_state(shuffled, POLICY) == found
    if found not in GOOD and found != "pending":
        latest = sorted(observations, key=lambda o: o.observed_at)
        run = list(itertools.takewhile(lambda o: o.state not in GOOD, reversed(latest)))
        assert len(run) >= 3
        assert found in {o.state for o in run}
    assert (plan_retry(observations, POLICY) is not None) == (found == "pending" and bool(observations))
