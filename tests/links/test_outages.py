"""Outages that are nobody's fault, as properties of invented hours; and what must never pass for one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.links import GOOD, Observation, Policy, Target, check_targets, decide_state, find_outages, plan_retry
from prongsai.links.outages import MAX_DURATION, MIN_NETWORKS, MIN_OWNERS, WINDOW, Attempt, network_of

from .fake_web import PUBLIC, page

START = datetime(2025, 1, 6, 3, tzinfo=UTC)
POLICY = Policy(contact="x", office_days=0)


def attempt(key, minutes=0, server="203.0.113.7", owner=None, error="timeout_connect", since=0):
    at = START + timedelta(minutes=minutes)
    failing = error and since is not None
    return Attempt(
        key, at, server, key if owner is None else owner, error, at - timedelta(hours=since) if failing else None
    )


def answers(key, minutes=0, server="203.0.113.7", owner=None):
    return attempt(key, minutes, server, owner, error="")


SHARED = [attempt(n, n) for n in range(MIN_OWNERS)]
ELSEWHERE = [answers(90 + n, n, "198.51.100.9") for n in range(3)]  # our own network was there


# --- a server that many share


def test_a_shared_server_that_is_down_is_excused():
    assert find_outages(SHARED + ELSEWHERE) == dict.fromkeys(range(MIN_OWNERS), "server")


def test_one_owner_with_many_pages_is_no_outage():
    assert find_outages([replace(a, owner="one") for a in SHARED] + ELSEWHERE) == {}
    assert find_outages(SHARED[:-1] + ELSEWHERE) == {}


def test_a_server_where_others_answer_is_not_to_blame():
    up = [answers(50 + n, n) for n in range(2)]
    assert find_outages(SHARED + up + ELSEWHERE) == {}
    assert find_outages([*SHARED, answers(0, 5, owner=0), *ELSEWHERE]) == {}  # one of the three answered in the hour


def test_far_apart_they_are_no_outage():
    minutes = WINDOW.total_seconds() / 60 + 1
    apart = [attempt(n, n * minutes) for n in range(MIN_OWNERS)]
    there = [answers(90 + n, n * minutes + 1, "198.51.100.9") for n in range(MIN_OWNERS)]
    assert find_outages(apart + there) == {}


def test_a_provider_whose_whole_network_is_down_is_excused():
    servers = ["203.0.113.7", "203.0.113.9", "203.0.113.200"]
    found = find_outages([attempt(n, n, server) for n, server in enumerate(servers)] + ELSEWHERE)
    assert found == dict.fromkeys(range(3), "network")
    v6 = [attempt(n, n, f"2606:4700:10::{n}") for n in range(3)]
    assert set(find_outages(v6 + ELSEWHERE).values()) == {"network"}
    assert find_outages([attempt(n, n, f"203.0.{n}.7") for n in range(3)] + ELSEWHERE) == {}


@pytest.mark.parametrize(
    "error", ["status_404", "soft_404", "robots", "certificate_expired", "hijacked", "private_address"]
)
def test_what_is_the_pages_own_fault_is_never_excused(error):
    pages = [attempt(n, n, error=error) for n in range(9)]
    assert find_outages(pages + ELSEWHERE) == {}
    assert find_outages([attempt(n, n, f"203.0.{n}.7", error=error) for n in range(9)]) == {}


def test_a_server_that_stays_down_is_excused_for_days_and_no_longer():
    hours = MAX_DURATION.total_seconds() / 3600
    assert find_outages([attempt(n, n, since=hours) for n in range(5)] + ELSEWHERE)
    assert find_outages([attempt(n, n, since=hours + 1) for n in range(5)] + ELSEWHERE) == {}


def test_addresses_that_never_answered_are_no_outage_however_many():
    """Whoever files dead links on one server, or at opening hour all of them are tried again."""
    assert find_outages([attempt(n, n, since=None) for n in range(30)] + ELSEWHERE) == {}
    assert find_outages([attempt(n, n / 5, f"203.0.{n}.7", since=None) for n in range(30)]) == {}
    gone = [attempt(n, n, since=None) for n in range(30)]
    assert set(find_outages([*gone, attempt(40, 1), *ELSEWHERE])) == set()


# --- our own network


def everywhere(n, minutes=0.5, **more):
    return [attempt(k, k * minutes, f"198.{k}.100.7", **more) for k in range(n)]


def test_when_nothing_is_reached_our_own_network_is_to_blame():
    assert find_outages(everywhere(MIN_NETWORKS)) == dict.fromkeys(range(MIN_NETWORKS), "own")
    assert find_outages(everywhere(MIN_NETWORKS - 1)) == {}
    assert find_outages(everywhere(MIN_NETWORKS, minutes=9)) == {}


def test_one_answer_between_them_clears_our_network():
    for error in ("", "status_503", "status_404", "certificate_name"):
        between = attempt(99, 1.2, "192.88.98.1", error=error)
        assert find_outages([*everywhere(MIN_NETWORKS + 1), between]) == {}


def test_what_was_reached_before_and_after_does_not_hide_an_outage():
    found = find_outages([answers(98, -1, "192.88.98.1"), *everywhere(8), answers(99, 10, "192.88.98.1")])
    assert found == dict.fromkeys(range(8), "own")


def test_names_that_lead_to_no_address_count_by_owner():
    assert find_outages([attempt(n, n / 2, "", error="dns_failed") for n in range(MIN_NETWORKS)])
    assert find_outages([attempt(n, n / 2, "", owner="one", error="dns_failed") for n in range(9)]) == {}


def test_an_owner_one_of_whose_pages_answers_is_not_counted():
    gone = [attempt(50 + n, n, since=None) for n in range(5)]  # so that nearly all fail
    assert find_outages([*SHARED, answers(70, 1, owner=0), *gone, *ELSEWHERE]) == {}


def test_one_owner_with_servers_everywhere_is_not_our_network():
    assert find_outages([attempt(n, n / 2, f"203.{n}.113.7", owner="one") for n in range(9)]) == {}


def test_the_server_is_known_of_what_answers_and_of_what_does_not(web, check):
    web.routes["up.test"]["/x"] = page()
    web.names["down.test"] = ["127.9.0.77"]
    assert check(web.url("up.test", "/x")).server == PUBLIC
    down = check(web.url("down.test", "/x"))
    assert (down.error, down.server) == ("refused", "127.9.0.77")
    assert check("http://nowhere.test/").server == ""
    many = [Target(n, web.url("down.test", f"/{n}")) for n in range(5)]
    assert {o.server for o in check_targets(many, web.policy())} == {"127.9.0.77"}  # also of those left out


# --- of any hour

attempts = st.builds(
    attempt,
    key=st.integers(0, 10**6),
    minutes=st.floats(0, 150),
    server=st.sampled_from(["", "nonsense", "203.0.113.7", "203.0.113.8", "198.51.100.1", "192.0.2.9", "2606:4700::1"]),
    owner=st.integers(0, 7),
    error=st.sampled_from(["", "", "timeout_connect", "dns", "refused", "status_503", "status_404"]),
    since=st.sampled_from([None, 0, 1, 100]),
)


@settings(max_examples=60)
@given(st.lists(attempts, max_size=25, unique_by=lambda a: a.key), st.randoms(use_true_random=False))
def test_only_failures_are_excused_in_whatever_order(hour, random):
    found = find_outages(hour)
    shuffled = list(hour)
    random.shuffle(shuffled)
    assert find_outages(shuffled) == found
    by_key = {each.key: each for each in hour}
    for key, reason in found.items():
        each = by_key[key]
        assert each.failed
        near = [o for o in hour if abs(o.at - each.at) <= WINDOW]
        if reason == "own":
            assert not each.is_reached
        else:
            same = [o for o in near if network_of(o.server) == network_of(each.server)]
            assert each.is_fresh
            assert len({o.owner for o in same if o.failed}) >= MIN_OWNERS


# --- what is excused is no bad look


def seen(state, hours, excused=""):
    return Observation(key=1, url="x", observed_at=START + timedelta(hours=hours), state=state, excused=excused)


@given(st.lists(st.tuples(st.sampled_from(["ok", "dead", "slow", "review"]), st.booleans()), max_size=10))
def test_a_state_is_that_without_what_is_excused(history):
    every = [seen(s, 6 * n, "server" if e and s not in GOOD else "") for n, (s, e) in enumerate(history)]
    assert decide_state(every, POLICY) == decide_state([o for o in every if not o.excused], POLICY)


def test_three_bad_looks_of_which_one_is_excused_establish_nothing():
    assert decide_state([seen("dead", 0), seen("dead", 6), seen("dead", 12)], POLICY) == "dead"
    assert decide_state([seen("dead", 0), seen("dead", 6), seen("dead", 12, "own")], POLICY) == "pending"


def test_after_an_outage_it_is_tried_again():
    for history in (
        [seen("ok", 0), seen("dead", 6, "own")],
        [seen("dead", 6, "own")],
        [seen("dead", 0), seen("dead", 6, "own")],
    ):
        assert plan_retry(history, POLICY) == START + timedelta(hours=12)
    established = [*(seen("dead", 6 * n) for n in range(3)), seen("dead", 24, "own")]
    assert plan_retry(established, POLICY) is None
