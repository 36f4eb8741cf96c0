"""Runs over many targets: fair between hosts, polite to each, bounded, and stopped at any time."""

import asyncio
import datetime
import itertools
import time
from contextlib import aclosing

import pytest

from prongsai.links import Target, check_targets, check_targets_async

from .fake_web import PUBLIC, Reply, page, to


def test_each_target_is_yielded_once_and_reported(web):
    web.routes["a.test"]["*"] = lambda r: page(title=r.path)
    web.routes["b.test"]["*"] = lambda r: page(title=r.path)
    targets = [Target(n, web.url("ab"[n % 2] + ".test", f"/p{n}")) for n in range(300)]
    progress = []
    observations = list(check_targets(iter(targets), web.policy(), on_progress=progress.append))
    assert sorted(s.key for s in observations) == list(range(300))
    assert {s.state for s in observations} == {"ok"}
    assert progress[-1].done == 300
    assert progress[-1].pending == 0


def test_a_host_has_one_connection_that_is_reused(web):
    web.routes["kept.test"]["*"] = lambda r: page(title=r.path)
    list(check_targets([Target(n, web.url("kept.test", f"/p{n}")) for n in range(40)], web.policy()))
    assert web.max_open["kept.test"] == 1
    assert web.opened["kept.test"] == 1


def test_a_pause_between_requests_to_one_host(web):
    times = []
    web.routes["a.test"]["*"] = lambda r: times.append(time.monotonic()) or page(title=r.path)
    list(check_targets([Target(n, web.url("a.test", f"/p{n}")) for n in range(4)], web.policy(pause_seconds=0.15)))
    assert all(later - earlier >= 0.14 for earlier, later in itertools.pairwise(times))


def test_crawl_delay_is_obeyed_or_the_host_skipped(web):
    times = []
    web.routes["a.test"] |= {
        "/robots.txt": Reply("User-agent: *\nCrawl-delay: 0.2", kind="text/plain"),
        "*": lambda r: times.append(time.monotonic()) or page(title=r.path),
    }
    list(check_targets([Target(n, web.url("a.test", f"/p{n}")) for n in range(3)], web.policy()))
    assert all(later - earlier >= 0.19 for earlier, later in itertools.pairwise(times))
    web.routes["a.test"]["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 3600", kind="text/plain")
    observations = list(check_targets([Target(1, web.url("a.test", "/p1"))], web.policy()))
    assert (observations[0].state, observations[0].error, observations[0].requested) == (
        "blocked",
        "robots_delay",
        False,
    )


async def _never(request, writer):
    await asyncio.sleep(30)


def test_a_hanging_host_delays_only_itself(web):
    """The hanging host has a thousand targets before the others have any, far more than are held in memory."""
    web.routes["stuck.test"]["*"] = _never
    targets = [Target(f"s{n}", web.url("stuck.test", f"/{n}")) for n in range(1000)]
    for n in range(20):
        web.routes[f"h{n}.test"]["/x"] = page()
        targets.append(Target(n, web.url(f"h{n}.test", "/x")))
    run = check_targets(targets, web.policy(max_active_hosts=4, first_byte_seconds=60.0))
    observations = [next(run) for _ in range(20)]
    run.close()
    assert {s.key for s in observations} == set(range(20))


def test_a_popular_redirect_target_delays_only_itself(web):
    web.routes["popular.test"]["*"] = _never
    targets = []
    for n in range(30):
        web.routes[f"h{n}.test"] |= {"/x": to(web.url("popular.test", f"/{n}")), "/y": page()}
        targets += [Target(f"s{n}", web.url(f"h{n}.test", "/x")), Target(n, web.url(f"h{n}.test", "/y"))]
    run = check_targets(targets, web.policy(max_active_hosts=4, first_byte_seconds=60.0))
    observations = [next(run) for _ in range(30)]
    run.close()
    assert {s.key for s in observations} == set(range(30))
    assert web.max_open["popular.test"] == 1


def test_a_dead_host_is_tried_three_times(web):
    web.names["shut.test"] = ["127.9.0.77"]
    observations = list(check_targets([Target(n, web.url("shut.test", f"/{n}")) for n in range(10)], web.policy()))
    assert [(s.state, s.error) for s in observations] == [("dead", "refused")] * 10
    assert [s.requested for s in observations] == [True] * 3 + [False] * 7


@pytest.mark.parametrize("when", ["seconds", "date"])
def test_a_short_retry_after_is_waited_for(web, when):
    times = []

    def limited(request):
        times.append(time.monotonic())
        if len(times) > 1:
            return page()
        soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
        return Reply("", 429, {"Retry-After": "1" if when == "seconds" else soon.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    web.routes["a.test"]["/x"] = limited
    observations = list(check_targets([Target(1, web.url("a.test", "/x"))], web.policy()))
    assert observations[0].state == "ok"
    assert times[1] - times[0] >= 0.9


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_retry_after_skips_the_host(web, status):
    web.routes["a.test"]["*"] = Reply("", status, {"Retry-After": "3600"})
    now = datetime.datetime.now(datetime.UTC)
    observations = list(check_targets([Target(n, web.url("a.test", f"/{n}")) for n in range(5)], web.policy()))
    assert {(s.state, s.error) for s in observations} == {("blocked", f"status_{status}"), ("blocked", "retry_after")}
    assert all(s.retry_at - now >= datetime.timedelta(minutes=59) for s in observations)
    assert len(web.paths("a.test")) == 1
    assert [s.requested for s in observations].count(True) == 1


def test_hosts_on_one_ip_address_are_limited(web):
    busy, at_once = set(), []

    async def slowly(request, writer):
        busy.add(request.host)
        at_once.append(len(busy))
        await asyncio.sleep(0.05)
        busy.discard(request.host)
        writer.write(page().raw(request))

    targets = []
    for n in range(12):
        web.routes[f"h{n}.test"] |= {"/x": slowly, "/robots.txt": slowly}
        targets.append(Target(n, web.url(f"h{n}.test", "/x")))
    assert len(list(check_targets(targets, web.policy(max_hosts_per_ip=2)))) == 12
    assert max(at_once) <= 2


def test_a_stopped_run_leaves_no_thread_and_can_be_resumed(web):
    web.routes["a.test"]["*"] = lambda r: page(title=r.path)
    web.routes["b.test"]["*"] = lambda r: page(title=r.path)
    targets = [Target(n, web.url("ab"[n % 2] + ".test", f"/{n}")) for n in range(60)]
    run = check_targets(targets, web.policy())
    first = [next(run).key for _ in range(25)]
    run.close()
    import threading

    assert not [t for t in threading.enumerate() if t.name == "links"]
    rest = [s.key for s in check_targets([t for t in targets if t.key not in first], web.policy())]
    assert sorted(first + rest) == list(range(60))


def test_targets_are_read_in_the_callers_thread_and_little_ahead(web):
    import threading

    threads, read = set(), []

    def targets():
        for n in range(20_000):
            threads.add(threading.get_ident())
            read.append(n)
            yield Target(n, web.url(f"h{n}.test", "/x"))

    web.routes.default_factory = lambda: {"/x": page()}
    try:
        run = check_targets(targets(), web.policy(max_active_hosts=4))
        for _ in range(5):
            next(run)
        run.close()
    finally:
        web.routes.default_factory = dict
    assert threads == {threading.get_ident()}
    assert len(read) <= 400


def test_an_error_of_the_target_source_ends_the_run(web):
    web.routes["a.test"]["/x"] = page()

    def targets():
        yield Target(1, web.url("a.test", "/x"))
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(check_targets(targets(), web.policy()))

    async def inside():
        async for _ in check_targets_async(targets(), web.policy()):
            pass

    with pytest.raises(LookupError, match="no more"):
        asyncio.run(inside())


def test_check_inside_an_event_loop(web):
    web.routes["a.test"]["*"] = lambda r: page(title=r.path)

    async def inside():
        targets = [Target(n, web.url("a.test", f"/{n}")) for n in range(10)]
        async with aclosing(check_targets_async(targets, web.policy())) as run:
            return [observation.key async for observation in run]

    assert sorted(asyncio.run(inside())) == list(range(10))


def test_invalid_addresses_are_dead_without_a_request(web):
    observations = list(
        check_targets([Target(1, "javascript:alert(1)"), Target(2, "http://"), Target(3, "")], web.policy())
    )
    assert {s.key: (s.state, s.error) for s in observations} == {
        1: ("dead", "scheme"),
        2: ("dead", "host"),
        3: ("dead", "scheme"),
    }


def test_an_internal_error_is_blocked_and_not_dead(web, check, monkeypatch, caplog):
    from prongsai.links import content

    monkeypatch.setattr(content, "parse_body", lambda *a, **k: 1 / 0)
    web.routes["a.test"]["/x"] = page()
    assert (check(web.url("a.test", "/x")).state, check(web.url("a.test", "/x")).error) == ("blocked", "internal")
    assert "ZeroDivisionError" in caplog.text


def test_the_hop_has_the_ip_address_that_responded(web, check):
    web.names["a.test"] = ["127.9.0.88", PUBLIC]  # the first one is shut
    web.routes["a.test"]["/x"] = page()
    assert check(web.url("a.test", "/x")).hops[-1].ip_address == PUBLIC


def test_robots_txt_with_endless_retry_after_blocks_the_site(web):
    """... and is not asked for ever."""
    web.routes["a.test"] |= {"/robots.txt": Reply("", 429, {"Retry-After": "0"}), "/x": page()}
    observations = list(check_targets([Target(1, web.url("a.test", "/x"))], web.policy()))
    assert (observations[0].state, observations[0].error, observations[0].requested) == (
        "blocked",
        "robots_unavailable",
        False,
    )
    assert len(web.requests) == 3


def test_a_hanging_robots_txt_counts_as_a_hanging_host(web):
    web.routes["a.test"] |= {"/robots.txt": _never, "/x": page()}
    observations = list(
        check_targets([Target(n, web.url("a.test", "/x")) for n in range(5)], web.policy(first_byte_seconds=0.2))
    )
    assert {(s.state, s.error) for s in observations} == {("slow", "timeout_first_byte")}
    assert len(web.requests) == 3


def test_a_robots_txt_with_costly_patterns_is_matched_quickly(web):
    rules = "User-agent: *\n" + "Disallow: /" + "*a" * 200 + "b\n"
    web.routes["a.test"] |= {"/robots.txt": Reply(rules, kind="text/plain"), "/" + "a" * 1500: page()}
    observations = list(check_targets([Target(1, web.url("a.test", "/" + "a" * 1500))], web.policy()))
    assert observations[0].state == "ok"


def test_a_request_rate_is_obeyed(web):
    times = []
    web.routes["a.test"] |= {
        "/robots.txt": Reply("User-agent: *\nRequest-rate: 10/2", kind="text/plain"),
        "*": lambda r: times.append(time.monotonic()) or page(title=r.path),
    }
    list(check_targets([Target(n, web.url("a.test", f"/p{n}")) for n in range(3)], web.policy()))
    assert all(later - earlier >= 0.19 for earlier, later in itertools.pairwise(times))


def test_a_page_counts_though_the_host_then_asks_for_a_pause(web):
    """The page came; the question after it, for an impossible address, is answered with "later"."""
    later = Reply("", 429, {"Retry-After": "9999"})
    web.routes["a.test"] |= {"/x": page(), "/y": page(), "*": later}
    observations = {
        s.key: s for s in check_targets([Target(k, web.url("a.test", "/" + k)) for k in "xy"], web.policy())
    }
    assert observations["x"].state == "ok"
    assert (observations["y"].state, observations["y"].error) == ("blocked", "retry_after")


def test_a_long_retry_after_is_remembered_for_the_run(web):
    """Though many others came in between."""
    web.routes.default_factory = lambda: {"/x": page()}
    web.routes["a.test"] = {"*": Reply("", 429, {"Retry-After": "9999"})}
    targets = [Target("first", web.url("a.test", "/1")), *(Target(n, web.url(f"h{n}.test", "/x")) for n in range(60))]
    try:
        observations = {
            s.key: s
            for s in check_targets([*targets, Target("last", web.url("a.test", "/2"))], web.policy(max_active_hosts=2))
        }
    finally:
        web.routes.default_factory = dict
    assert (observations["first"].requested, observations["last"].requested) == (True, False)
    assert web.paths("a.test") == ["GET /1"]


def test_control_characters_are_removed(web, check):
    web.routes["a.test"]["/x"] = Reply("<title>a\x00b\x07 &#x0;</title><p>" + "words \x0b\x1f" * 50)
    observation = check(web.url("a.test", "/x"))
    assert observation.state == "ok"
    assert not [c for c in observation.title + observation.declared_type if ord(c) < 32]


def test_waiting_for_a_large_body_slot_does_not_count_as_slow(web, monkeypatch):
    from prongsai.links import checker

    monkeypatch.setattr(checker, "_MAX_LARGE_BODIES", 1)
    large = Reply(b"<title>big</title>" + b"<p>words of a large page</p>" * 80_000)
    targets = []
    for n in range(6):
        web.routes[f"h{n}.test"]["/x"] = large
        targets.append(Target(n, web.url(f"h{n}.test", "/x"), keep_body=True))
    observations = []
    for one in check_targets(targets, web.policy(total_seconds=20.0)):
        observations.append(one.state)
        assert len(one.body) > 2_000_000
    assert observations == ["ok"] * 6


def test_the_slot_of_an_incomplete_large_body_is_released(web, monkeypatch):
    from prongsai.links import checker

    monkeypatch.setattr(checker, "_MAX_LARGE_BODIES", 1)

    async def hangs(request, writer):
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 2_000_000
        )
        await writer.drain()
        await asyncio.sleep(30)

    targets = []
    for n in range(3):
        web.routes[f"h{n}.test"]["/x"] = hangs
        targets.append(Target(n, web.url(f"h{n}.test", "/x")))
    observations = list(check_targets(targets, web.policy(connect_seconds=1.0, total_seconds=0.5)))
    assert [(s.state, s.error) for s in observations] == [("slow", "timeout_whole")] * 3
