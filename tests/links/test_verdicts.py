"""No bad state from one failure; the most lenient of several."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prongsai.links import GOOD, HARMLESS, STATES, Observation, Policy, decide_state, plan_retry
from prongsai.links.verdicts import is_office_time

POLICY = Policy(contact="x", required_failures=3, retry_interval=timedelta(hours=6), office_days=0)
FAIR = replace(POLICY, office_days=2)
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
        (["hijacked"] * 3, "hijacked"),
        (["hijacked", "dead", "hijacked"], "dead"),
        (["dead", "dead", "review"], "review"),  # thin evidence is held against nobody ...
        (["dead", "review", "dead", "dead"], "review"),  # ... and is the most lenient of the latest
        (["ok", "review", "dead", "dead"], "pending"),
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
    if found not in HARMLESS and found != "pending":
        latest = sorted(observations, key=lambda o: o.observed_at)
        run = list(itertools.takewhile(lambda o: o.state not in GOOD, reversed(latest)))
        assert len(run) >= 3
        assert found in {o.state for o in run}
    assert (plan_retry(observations, POLICY) is not None) == (found == "pending" and bool(observations))


MONDAY = datetime(2020, 1, 6, tzinfo=UTC)  # seven in the morning where the sites are


def bad_at(*hours):
    """Dead so many hours after Monday, 07:00 local time."""
    return [replace(observation("dead", 0), observed_at=MONDAY + timedelta(hours=h)) for h in hours]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((14, 38, 62), "pending"),  # at nine in the evening, on three days
        ((3, 14, 38), "pending"),  # once by day, twice at night
        ((2, 8, 14), "pending"),  # two by day, on the same day
        ((3, 14, 27), "dead"),  # Monday and Tuesday at ten
        ((123, 147, 171), "pending"),  # Saturday and Sunday at ten, Monday at ten
        ((99, 123, 147, 171), "dead"),  # Friday, the weekend, Monday
    ],
)
def test_a_verdict_takes_office_hours_on_different_days(hours, expected):
    assert decide_state(bad_at(*hours), FAIR) == expected
    assert decide_state(bad_at(*hours), POLICY) == "dead"


def test_a_site_that_sleeps_at_night_is_never_dead():
    nights = bad_at(*(24 * day + hour for day in range(20) for hour in (14, 20)))
    assert decide_state(nights, FAIR) == "pending"
    days = [replace(o, state="ok", observed_at=o.observed_at + timedelta(hours=12)) for o in nights[::2]]
    assert decide_state(nights + days, FAIR) == "ok"


@given(st.lists(st.integers(0, 24 * 21), min_size=1, max_size=6, unique=True))
def test_the_next_check_is_at_a_time_that_counts(hours):
    """Whoever follows the plan reaches a verdict, and meanwhile is sent to office hours."""
    observations = bad_at(*hours)
    for _ in range(12):
        if (at := plan_retry(observations, FAIR)) is None:
            break
        assert is_office_time(at, FAIR)
        assert at >= max(o.observed_at for o in observations)
        observations.append(replace(observations[0], observed_at=at))
    assert decide_state(observations, FAIR) == "dead"
