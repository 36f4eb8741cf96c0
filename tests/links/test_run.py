"""Many targets: fair between hosts, polite to each, bounded, and stopped at any time."""

import asyncio
import datetime
import itertools
import time
from contextlib import aclosing

import pytest

from prongsai.links import Target, check, check_async

from .web import PUBLIC, Reply, page, to


def test_each_target_is_yielded_once_and_reported(web):
    web.routes["a.test"]["*"] = lambda r: page(title=r.path)
    web.routes["b.test"]["*"] = lambda r: page(title=r.path)
    targets = [Target(n, web.url("ab"[n % 2] + ".test", f"/p{n}")) for n in range(300)]
    progress = []
    seen = list(check(iter(targets), web.policy(), on_progress=progress.append))
    assert sorted(s.key for s in seen) == list(range(300))
    assert {s.state for s in seen} == {"ok"}
    assert progress[-1].done == 300
    assert progress[-1].waiting == 0


def test_one_connection_a_host_and_kept(web):
    web.routes["kept.test"]["*"] = lambda r: page(title=r.path)
    list(check([Target(n, web.url("kept.test", f"/p{n}")) for n in range(40)], web.policy()))
    assert web.most_open["kept.test"] == 1
    assert web.opened["kept.test"] == 1


def test_a_pause_between_requests_to_one_host(web):
    times = []
    web.routes["a.test"]["*"] = lambda r: times.append(time.monotonic()) or page(title=r.path)
    list(check([Target(n, web.url("a.test", f"/p{n}")) for n in range(4)], web.policy(pause=0.15)))
    assert all(later - earlier >= 0.14 for earlier, later in itertools.pairwise(times))


def test_crawl_delay_is_honoured_or_the_host_left_alone(web):
    times = []
    web.routes["a.test"] |= {
        "/robots.txt": Reply("User-agent: *\nCrawl-delay: 0.2", kind="text/plain"),
        "*": lambda r: times.append(time.monotonic()) or page(title=r.path),
    }
    list(check([Target(n, web.url("a.test", f"/p{n}")) for n in range(3)], web.policy()))
    assert all(later - earlier >= 0.19 for earlier, later in itertools.pairwise(times))
    web.routes["a.test"]["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 3600", kind="text/plain")
    seen = list(check([Target(1, web.url("a.test", "/p1"))], web.policy()))
    assert (seen[0].state, seen[0].error, seen[0].asked) == ("blocked", "robots_delay", False)


async def _never(request, writer):
    await asyncio.sleep(30)


def test_a_host_that_hangs_holds_up_nobody(web):
    """The hanging host has a thousand targets before the others have any, far more than are held in memory."""
    web.routes["stuck.test"]["*"] = _never
    targets = [Target(f"s{n}", web.url("stuck.test", f"/{n}")) for n in range(1000)]
    for n in range(20):
        web.routes[f"h{n}.test"]["/x"] = page()
        targets.append(Target(n, web.url(f"h{n}.test", "/x")))
    run = check(targets, web.policy(hosts_at_once=4, first_byte_seconds=60.0))
    seen = [next(run) for _ in range(20)]
    run.close()
    assert {s.key for s in seen} == set(range(20))


def test_a_host_that_many_are_sent_to_holds_up_nobody(web):
    web.routes["popular.test"]["*"] = _never
    targets = []
    for n in range(30):
        web.routes[f"h{n}.test"] |= {"/x": to(web.url("popular.test", f"/{n}")), "/y": page()}
        targets += [Target(f"s{n}", web.url(f"h{n}.test", "/x")), Target(n, web.url(f"h{n}.test", "/y"))]
    run = check(targets, web.policy(hosts_at_once=4, first_byte_seconds=60.0))
    seen = [next(run) for _ in range(30)]
    run.close()
    assert {s.key for s in seen} == set(range(30))
    assert web.most_open["popular.test"] == 1


def test_a_host_that_never_answers_is_asked_three_times(web):
    web.names["shut.test"] = ["127.9.0.77"]
    seen = list(check([Target(n, web.url("shut.test", f"/{n}")) for n in range(10)], web.policy()))
    assert [(s.state, s.error) for s in seen] == [("dead", "refused")] * 10
    assert [s.asked for s in seen] == [True] * 3 + [False] * 7


@pytest.mark.parametrize("when", ["seconds", "date"])
def test_retry_after_that_is_short_is_waited_for(web, when):
    times = []

    def limited(request):
        times.append(time.monotonic())
        if len(times) > 1:
            return page()
        soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)
        return Reply("", 429, {"Retry-After": "1" if when == "seconds" else soon.strftime("%a, %d %b %Y %H:%M:%S GMT")})

    web.routes["a.test"]["/x"] = limited
    seen = list(check([Target(1, web.url("a.test", "/x"))], web.policy()))
    assert seen[0].state == "ok"
    assert times[1] - times[0] >= 0.9


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_that_is_long_ends_the_run_for_that_host(web, status):
    web.routes["a.test"]["*"] = Reply("", status, {"Retry-After": "3600"})
    now = datetime.datetime.now(datetime.UTC)
    seen = list(check([Target(n, web.url("a.test", f"/{n}")) for n in range(5)], web.policy()))
    assert {(s.state, s.error) for s in seen} == {("blocked", f"status_{status}"), ("blocked", "retry_after")}
    assert all(s.retry_at - now >= datetime.timedelta(minutes=59) for s in seen)
    assert len(web.paths("a.test")) == 1
    assert [s.asked for s in seen].count(True) == 1


def test_a_server_of_many_names_is_not_crowded(web):
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
    assert len(list(check(targets, web.policy(per_address=2)))) == 12
    assert max(at_once) <= 2


def test_stopping_leaves_nothing_behind_and_resuming_finds_the_rest(web):
    web.routes["a.test"]["*"] = lambda r: page(title=r.path)
    web.routes["b.test"]["*"] = lambda r: page(title=r.path)
    targets = [Target(n, web.url("ab"[n % 2] + ".test", f"/{n}")) for n in range(60)]
    run = check(targets, web.policy())
    first = [next(run).key for _ in range(25)]
    run.close()
    import threading

    assert not [t for t in threading.enumerate() if t.name == "links"]
    rest = [s.key for s in check([t for t in targets if t.key not in first], web.policy())]
    assert sorted(first + rest) == list(range(60))


def test_targets_are_read_in_the_callers_thread_and_only_a_little_ahead(web):
    import threading

    threads, read = set(), []

    def targets():
        for n in range(20_000):
            threads.add(threading.get_ident())
            read.append(n)
            yield Target(n, web.url(f"h{n}.test", "/x"))

    web.routes.default_factory = lambda: {"/x": page()}
    try:
        run = check(targets(), web.policy(hosts_at_once=4))
        for _ in range(5):
            next(run)
        run.close()
    finally:
        web.routes.default_factory = dict
    assert threads == {threading.get_ident()}
    assert len(read) <= 400


def test_targets_that_fail_to_come_end_the_run(web):
    web.routes["a.test"]["/x"] = page()

    def targets():
        yield Target(1, web.url("a.test", "/x"))
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(check(targets(), web.policy()))

    async def inside():
        async for _ in check_async(targets(), web.policy()):
            pass

    with pytest.raises(LookupError, match="no more"):
        asyncio.run(inside())


def test_inside_a_loop(web):
    web.routes["a.test"]["*"] = lambda r: page(title=r.path)

    async def inside():
        targets = [Target(n, web.url("a.test", f"/{n}")) for n in range(10)]
        async with aclosing(check_async(targets, web.policy())) as run:
            return [seen.key async for seen in run]

    assert sorted(asyncio.run(inside())) == list(range(10))


def test_what_is_no_address_is_said_and_not_asked(web):
    seen = list(check([Target(1, "javascript:alert(1)"), Target(2, "http://"), Target(3, "")], web.policy()))
    assert {s.key: (s.state, s.error) for s in seen} == {
        1: ("dead", "scheme"),
        2: ("dead", "host"),
        3: ("dead", "scheme"),
    }


def test_a_fault_of_ours_speaks_ill_of_nobody(web, look, monkeypatch, caplog):
    from prongsai.links import content

    monkeypatch.setattr(content, "read", lambda *a, **k: 1 / 0)
    web.routes["a.test"]["/x"] = page()
    assert (look(web.url("a.test", "/x")).state, look(web.url("a.test", "/x")).error) == ("blocked", "internal")
    assert "ZeroDivisionError" in caplog.text


def test_the_address_that_answered_is_kept(web, look):
    web.names["a.test"] = ["127.9.0.88", PUBLIC]  # the first one is shut
    web.routes["a.test"]["/x"] = page()
    assert look(web.url("a.test", "/x")).hops[-1].address == PUBLIC


def test_robots_txt_that_only_says_later_closes_the_site(web):
    """... and is not asked for ever."""
    web.routes["a.test"] |= {"/robots.txt": Reply("", 429, {"Retry-After": "0"}), "/x": page()}
    seen = list(check([Target(1, web.url("a.test", "/x"))], web.policy()))
    assert (seen[0].state, seen[0].error, seen[0].asked) == ("blocked", "robots_unavailable", False)
    assert len(web.asked) == 3


def test_robots_txt_that_hangs_is_a_host_that_hangs(web):
    web.routes["a.test"] |= {"/robots.txt": _never, "/x": page()}
    seen = list(check([Target(n, web.url("a.test", "/x")) for n in range(5)], web.policy(first_byte_seconds=0.2)))
    assert {(s.state, s.error) for s in seen} == {("slow", "timeout_first_byte")}
    assert len(web.asked) == 3


def test_a_robots_txt_made_to_be_slow_to_match(web):
    rules = "User-agent: *\n" + "Disallow: /" + "*a" * 200 + "b\n"
    web.routes["a.test"] |= {"/robots.txt": Reply(rules, kind="text/plain"), "/" + "a" * 1500: page()}
    seen = list(check([Target(1, web.url("a.test", "/" + "a" * 1500))], web.policy()))
    assert seen[0].state == "ok"


def test_a_request_rate_is_honoured(web):
    times = []
    web.routes["a.test"] |= {
        "/robots.txt": Reply("User-agent: *\nRequest-rate: 10/2", kind="text/plain"),
        "*": lambda r: times.append(time.monotonic()) or page(title=r.path),
    }
    list(check([Target(n, web.url("a.test", f"/p{n}")) for n in range(3)], web.policy()))
    assert all(later - earlier >= 0.19 for earlier, later in itertools.pairwise(times))


def test_a_page_that_was_read_stays_read_though_the_host_then_closes(web):
    """The page came; the question after it, for an impossible address, is answered with "later"."""
    later = Reply("", 429, {"Retry-After": "9999"})
    web.routes["a.test"] |= {"/x": page(), "/y": page(), "*": later}
    seen = {s.key: s for s in check([Target(k, web.url("a.test", "/" + k)) for k in "xy"], web.policy())}
    assert seen["x"].state == "ok"
    assert (seen["y"].state, seen["y"].error) == ("blocked", "retry_after")


def test_a_host_that_said_later_is_not_forgotten(web):
    """Though many others came in between."""
    web.routes.default_factory = lambda: {"/x": page()}
    web.routes["a.test"] = {"*": Reply("", 429, {"Retry-After": "9999"})}
    targets = [Target("first", web.url("a.test", "/1")), *(Target(n, web.url(f"h{n}.test", "/x")) for n in range(60))]
    try:
        seen = {
            s.key: s for s in check([*targets, Target("last", web.url("a.test", "/2"))], web.policy(hosts_at_once=2))
        }
    finally:
        web.routes.default_factory = dict
    assert (seen["first"].asked, seen["last"].asked) == (True, False)
    assert web.paths("a.test") == ["GET /1"]


def test_letters_that_a_database_refuses_are_left_out(web, look):
    web.routes["a.test"]["/x"] = Reply("<title>a\x00b\x07 &#x0;</title><p>" + "words \x0b\x1f" * 50)
    seen = look(web.url("a.test", "/x"))
    assert seen.state == "ok"
    assert not [c for c in seen.title + seen.declared_type if ord(c) < 32]


def test_large_bodies_take_turns_and_nobody_is_called_slow_for_waiting(web, monkeypatch):
    from prongsai.links import look as looking

    monkeypatch.setattr(looking, "_LARGE_AT_ONCE", 1)
    large = Reply(b"<title>big</title>" + b"<p>words of a large page</p>" * 80_000)
    targets = []
    for n in range(6):
        web.routes[f"h{n}.test"]["/x"] = large
        targets.append(Target(n, web.url(f"h{n}.test", "/x"), keep_body=True))
    seen = []
    for one in check(targets, web.policy(whole_seconds=20.0)):
        seen.append(one.state)
        assert len(one.body) > 2_000_000
    assert seen == ["ok"] * 6


def test_a_turn_is_given_back_when_a_large_body_breaks_off(web, monkeypatch):
    from prongsai.links import look as looking

    monkeypatch.setattr(looking, "_LARGE_AT_ONCE", 1)

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
    seen = list(check(targets, web.policy(connect_seconds=1.0, whole_seconds=0.5)))
    assert [(s.state, s.error) for s in seen] == [("slow", "timeout_whole")] * 3
