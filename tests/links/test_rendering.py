"""What a page that scripts make may request, without a browser; e2e/test_rendering.py has the attackers in one."""

import asyncio
import base64
import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from prongsai.links import Hop, Observation, rendering
from prongsai.links.guard import FetchError
from prongsai.links.rendering import Fetcher, Gate, RefusedError, RenderLimits

from .fake_web import Reply, to

OWN = ("www.example.go.th",)
KINDS = ("document", "script", "stylesheet", "font", "image", "fetch", "xhr", "media", "websocket", "eventsource")
OTHERS = ("texttrack", "manifest", "ping", "beacon", "cspviolationreport", "prefetch", "preflight", "other")


def is_admitted(url, method="GET", kind="script"):
    try:
        Gate(OWN, RenderLimits()).admit(url, method, kind)
    except RefusedError:
        return False
    return True


@given(
    st.sampled_from(["https://www.example.go.th/x", "https://api.example.go.th/x", "https://cdn.example.com/x"]),
    st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "get"]),
    st.sampled_from([*KINDS, *OTHERS]) | st.text(max_size=12),
)
def test_a_page_has_its_own_site_and_from_others_what_it_is_made_of(url, method, kind):
    parts = {"script", "stylesheet", "font", "image"}
    allowed = parts if "example.com" in url else parts | {"document", "fetch", "xhr"}
    assert is_admitted(url, method, kind) == (method == "GET" and kind in allowed)


NOT_OF_THE_WEB = """file:///etc/passwd ftp://www.example.go.th/x data:text/html,x chrome://version
    ws://www.example.go.th/ javascript:0 https://user:secret@www.example.go.th/x //www.example.go.th/x x"""


@pytest.mark.parametrize("url", ["", *NOT_OF_THE_WEB.split()])
def test_only_addresses_of_the_web_are_admitted(url):
    assert not is_admitted(url)


def count(gate, url, kind, most=400):
    for admitted in range(most):
        try:
            gate.admit(url, "GET", kind)
        except RefusedError:
            return admitted
    return most


def test_requests_are_counted_in_all_to_others_and_by_pages():
    limits = RenderLimits(requests=30, to_others=10)
    gate = Gate(OWN, limits)
    assert count(gate, "https://cdn.example.com/x.js", "script") == 10
    assert count(gate, "https://www.example.go.th/x.js", "script") == 30 - 11  # the refused one was counted
    assert count(Gate(OWN, limits), "https://www.example.go.th/x", "document") == rendering._MAX_DOCUMENTS
    assert gate.refused == 2
    assert not gate.is_exhausted
    gate.refused = limits.refusals + 1
    assert gate.is_exhausted


def fetch_in(web, *paths, kind="fetch", host="site.test", **limits):
    """The statuses of requests for one page, "refused" or the code of the error."""
    limits = RenderLimits(**limits)
    gate, fetcher = Gate((host,), limits), Fetcher(web.policy(obey_robots=True), limits)

    async def run():
        found = []
        for path in paths:
            url = path if "://" in path else web.url(host, path)
            try:
                found.append((await fetcher.get(gate.admit(url, "GET", kind), kind, gate))[1].status)
            except RefusedError:
                found.append("refused")
            except FetchError as error:
                found.append(error.code)
        fetcher.close()
        return found

    return asyncio.run(run())


def test_bytes_are_counted(web):
    web.routes["site.test"]["*"] = Reply(b"x" * 1000, kind="text/plain")
    assert fetch_in(web, "/1", part_bytes=999) == ["refused"]
    assert fetch_in(web, *["/1", "/2", "/3", "/4"], total_bytes=2500) == [200, 200, "refused", "refused"]
    assert len(web.paths("site.test")) == 4


def test_every_redirect_is_judged_anew(web):
    web.names["inner.test"] = ["127.0.0.2"]
    web.routes["site.test"] = {
        "/private": to(f"http://127.0.0.1:{web.port}/x"),
        "/inner": to(web.url("inner.test")),
        "/other": to(web.url("other.test")),
        "/file": to("file:///etc/passwd"),
        "/loop": to("/loop"),
        "/good": to("/page"),
        "/page": Reply("x", kind="text/plain"),
    }
    web.routes["other.test"]["*"] = Reply("x", kind="text/plain")
    asked = ["/private", "/inner", "/other", "/file", "/loop", "/good"]
    refused = ["refused", "refused", "refused", "refused", "too_many_redirects", 200]
    assert fetch_in(web, *asked) == refused
    assert not web.paths("other.test")
    pictures = ["private_address", "private_address", 200, "refused", "too_many_redirects", 200]
    assert fetch_in(web, *asked, kind="image") == pictures


def test_robots_txt_holds_for_every_part_of_a_page(web):
    rules = {"closed.test": "User-agent: *\nDisallow: /", "half.test": "User-agent: *\nDisallow: /no"}
    for host, text in rules.items():
        web.routes[host] = {"/robots.txt": Reply(text, kind="text/plain"), "*": Reply("x", kind="text/plain")}
    web.routes["broken.test"] = {"/robots.txt": Reply("", 503), "*": Reply("x")}
    web.routes["moved.test"] = {"/robots.txt": to("/rules"), "/rules": Reply(rules["half.test"]), "*": Reply("x")}
    web.routes["led.test"] = {"/robots.txt": to(web.url("rules.test", "/rules")), "*": Reply("x")}
    web.routes["rules.test"] = {"/rules": Reply(rules["closed.test"])}
    web.routes["open.test"] = {"/robots.txt": Reply("", 404), "*": Reply("x")}
    expected = {"closed.test": ["robots"] * 2, "half.test": ["robots", 200], "broken.test": ["robots"] * 2}
    expected |= {"moved.test": ["robots", 200], "open.test": [200, 200], "led.test": [200, 200]}
    assert {host: fetch_in(web, "/no", "/yes", host=host) for host in expected} == expected
    assert not web.paths("rules.test")  # its own robots.txt was not read


def test_one_connection_to_a_host_at_a_time(web):
    web.routes["site.test"]["*"] = Reply("x", kind="text/plain")
    limits = RenderLimits()
    gate, fetcher = Gate(("site.test",), limits), Fetcher(web.policy(), limits)

    async def run():
        await asyncio.gather(
            *(fetcher.get(gate.admit(web.url("site.test", f"/{n}"), "GET", "fetch"), "fetch", gate) for n in range(9))
        )
        fetcher.close()

    asyncio.run(run())
    assert len(web.paths("site.test")) == 9
    assert web.max_open["site.test"] == 1


def test_a_picture_is_drawn_anew_and_another_is_none():
    def jpeg(width, height, how="JPEG"):
        out = io.BytesIO()
        Image.new("RGB", (width, height), "white").save(out, how, comment=b"hidden")
        return base64.b64encode(out.getvalue()).decode()

    drawn = rendering._redraw(jpeg(1280, 700))
    with Image.open(io.BytesIO(drawn)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (1280, 700))
    assert b"hidden" not in drawn
    assert rendering._redraw(jpeg(1281, 700)) == b""
    assert rendering._redraw(jpeg(1280, rendering.MAX_HEIGHT + 1)) == b""
    assert rendering._redraw(jpeg(1280, 700, "PNG")) == b""
    assert rendering._redraw("x") == b""


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(rendering, "_find_browser", lambda: "/usr/bin/true")
    monkeypatch.setattr(rendering.confinement, "find_obstacle", lambda: "no namespaces")
    assert rendering.find_obstacle() == "namespaces"
    monkeypatch.setattr(rendering, "_find_browser", lambda: None)
    assert rendering.find_obstacle() == "chromium"
    monkeypatch.setattr(rendering, "find_spec", lambda _: None)
    assert rendering.find_obstacle() == "playwright"


def test_memory_is_that_of_a_process_and_all_that_it_started():
    program = (
        "import subprocess, sys; x = b'x' * 60_000_000; subprocess.run([sys.executable, '-c', sys.argv[1]], stdin=0)"
    )
    inner = "x = b'x' * 60_000_000; print(len(x), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program, inner], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        assert 120_000_000 < rendering.measure_memory(process.pid) < 250_000_000
        process.stdin.write(b"\n")
        process.stdin.flush()


@given(st.lists(st.sampled_from([200, 301, 302, 303, 307, 308]), min_size=1, max_size=6))
def test_the_redirects_of_an_observation_are_its_chain(statuses):
    hops = tuple(Hop(f"http://www.example.go.th/{n}", status) for n, status in enumerate(statuses))
    observation = Observation(key=1, url="", observed_at=None, state="ok", hops=hops)
    chain = rendering._chain_of(observation)
    assert [a.path for a in chain.addresses] == [f"/{n}" for n in range(len(statuses))]
    assert chain.permanent == [status in (301, 308) for status in statuses[:-1]]
