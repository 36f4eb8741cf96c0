"""Pages that scripts make, as a browser shows them: their text, judged as that of any page, and a picture.

    with Renderer(policy) as renderer:
        for target, observation in seen:               # of check_target, with keep_body, and "needs_script"
            renderer.submit(target, observation)       # a future of Rendered

Promises: the browser has no network (:mod:`prongsai.lib.sandbox.confinement`). Every request of a page is answered by
this process, through the guard and within limits: GET alone, nothing but what a page is made of; from the page's own
site also pages and data, from other public hosts only scripts, styles, fonts and pictures; robots.txt of each is
obeyed; every redirect is checked anew. Pages have a time, the browser has memory, and both end when it is used up; no
page finds anything that another left. Nothing outlives the process that renders.

Needs ``prongsai[render]`` (Playwright, which speaks with the browser) and Chromium: :func:`find_obstacle` says what is
missing.
"""

import asyncio
import contextlib
import io
import logging
import os
import secrets
import shutil
import signal
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from protego import Protego

from prongsai.lib import sandbox
from prongsai.lib.sandbox import confinement
from prongsai.links import content
from prongsai.links.addresses import UrlParts, is_same_site, parse_url, resolve_redirect
from prongsai.links.classify import (
    REDIRECT_STATUSES,
    Evidence,
    RedirectChain,
    Soft404Baseline,
    classify,
    make_baseline,
    needs_baseline,
)
from prongsai.links.content import ParsedBody
from prongsai.links.fetch import Connection, Response, fetch
from prongsai.links.guard import FetchError, resolve_host
from prongsai.links.identity import prepare
from prongsai.links.model import Observation, Policy, Target

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Playwright, Request, Route

log = logging.getLogger(__name__)
WIDTH, MAX_HEIGHT = 1280, 2600  # of a picture, in pixels
MAX_PICTURE_BYTES = 1_500_000
_PICTURE_LIMITS = sandbox.Limits(seconds=4, max_seconds=4, wall=60, memory=1_000_000_000)
_DRAWERS = ("PIL.JpegImagePlugin", "PIL.WebPImagePlugin")
_BROWSERS = ("chromium-headless-shell", "chromium")
# the network is taken away by namespaces; were there one, none of these would lead anywhere
_ARGUMENTS = (
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
    "--disable-3d-apis",
    "--disable-dev-shm-usage",
    "--block-new-web-contents",
    "--js-flags=--max-old-space-size=256",
)
_SWITCHED_OFF = """
for (const name of ["WebSocket", "WebTransport", "EventSource", "SharedWorker", "RTCPeerConnection",
                    "webkitRTCPeerConnection", "RTCDataChannel", "Notification", "PushManager"]) {
    delete globalThis[name];
}
"""
_READ_PAGE = """(() => {
    const root = document.documentElement, limit = %d, parts = [];
    let length = 0;
    const collect = (tree, depth) => {  // what stands in open shadow roots, each after the page
        for (const element of depth < 8 && length < limit ? tree.querySelectorAll("*") : []) {
            if (!element.shadowRoot || length >= limit || !element.getClientRects().length) continue;
            const html = element.shadowRoot.innerHTML;
            parts.push("<div>" + html.slice(0, limit - length) + "</div>");
            length += html.length;
            collect(element.shadowRoot, depth + 1);
        }
    };
    collect(document, 0);
    const height = Math.max(root ? root.scrollHeight : 0, document.body ? document.body.scrollHeight : 0);
    return {html: root ? (root.outerHTML + parts.join("")).slice(0, limit) : "", height: height,
            url: location.href.slice(0, 2000), seen: innerWidth > 1 && innerHeight > 1};
})()"""
# as Chromium calls them: what a page is made of, and what only its own site may add
_PARTS = frozenset({"script", "stylesheet", "font", "image"})
_OWN = _PARTS | {"document", "fetch", "xhr"}
_PASSED_HEADERS = frozenset({"content-type", "content-security-policy", "access-control-allow-origin"})
_MAX_DOCUMENTS = 4  # of one page, frames and what scripts lead to
_MAX_HOPS = 5
_MAX_ROBOTS_BYTES = 500_000
_MAX_HOSTS = 200  # that are remembered
_RESOLVED_SECONDS = 60.0
_SERVER_ERROR = 500
_WATCH_SECONDS = 0.15
_FOLDER = "prongsai-browser-"
_CLOSING_SECONDS = 3.0
_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36 {}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderLimits:
    """Of one page: ``seconds`` in all, ``loading_seconds`` until it is taken as it is, ``quiet_seconds`` without a
    request after which it is done; requests, those of them to other hosts, refusals, bytes of all and of one. Of the
    browser: its memory, pages at once, and pages until it is begun anew."""

    seconds: float = 20.0
    loading_seconds: float = 10.0
    quiet_seconds: float = 0.3
    requests: int = 80
    to_others: int = 40
    refusals: int = 200
    total_bytes: int = 16_000_000
    part_bytes: int = 5_000_000
    memory_bytes: int = 1_500_000_000
    at_once: int = 3
    pages: int = 60


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as the browser showed it: the observation that follows, the page as it stood (``html``: b"" where it could
    not be rendered) and its picture as WebP (b"" without one)."""

    observation: Observation
    html: bytes = b""
    picture: bytes = b""


class RenderError(Exception):
    """Why a page was not rendered: render_time, render_memory, render_crash; or the browser ended (render_gone), which
    may be the fault of another page that was open."""

    def __init__(self, code: str, *, may_be_anothers: bool = False) -> None:
        super().__init__(code)
        self.code, self.may_be_anothers = code, may_be_anothers


def find_obstacle() -> str:
    """What is missing on this machine for pages to be rendered: "playwright", "chromium", "namespaces"; "" if nothing
    is."""
    if find_spec("playwright") is None:
        return "playwright"
    if _find_browser() is None:
        return "chromium"
    return "namespaces" if confinement.find_obstacle() else ""


def _find_browser() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def is_shell(observation: Observation) -> bool:
    """Whether scripts would make the page, so that rendering it tells more."""
    return observation.state == "review" and observation.error == "needs_script" and bool(observation.body)


# --- what a page may request


class RefusedError(Exception):
    """A request that is not made for a page."""


@dataclass(slots=True)
class Gate:
    """What one page may request, and what it has. ``own_hosts``: those of its site."""

    own_hosts: tuple[str, ...]
    limits: RenderLimits
    requests: int = 0
    to_others: int = 0
    documents: int = 0
    size: int = 0
    refused: int = 0
    led_elsewhere: bool = False

    def admit(self, url: str, method: str, kind: str) -> UrlParts:
        """The address of a request that may be made, which is counted. Raises RefusedError."""
        try:
            parts = parse_url(url)
        except ValueError:
            raise self._refuse() from None
        is_own = is_same_site(url, self.own_hosts)
        if method != "GET" or kind not in (_OWN if is_own else _PARTS):
            raise self._refuse()
        self.documents += kind == "document"
        self.requests += 1
        self.to_others += not is_own
        if (
            self.documents > _MAX_DOCUMENTS
            or self.requests > self.limits.requests
            or (not is_own and self.to_others > self.limits.to_others)
            or self.size >= self.limits.total_bytes
        ):
            raise self._refuse()
        return parts

    def take(self, response: Response) -> None:
        """Count what was read. Raises RefusedError for more than a part of a page may be."""
        self.size += len(response.body)
        if response.truncated or response.incomplete or self.size > self.limits.total_bytes:
            raise self._refuse()

    @property
    def is_exhausted(self) -> bool:
        """Whether so much was refused that it will go on and on."""
        return self.refused > self.limits.refusals

    def _refuse(self) -> RefusedError:
        self.refused += 1
        return RefusedError()


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    connection: Connection = field(default_factory=Connection)
    ip_addresses: list[str] = field(default_factory=list)
    resolved_until: float = 0.0
    robots: dict[tuple[str, str, int], Protego | None] = field(default_factory=dict)


class Fetcher:
    """Requests for pages: one at a time to a host, over one connection, to the addresses that the guard allows."""

    def __init__(self, policy: Policy, limits: RenderLimits) -> None:
        self._policy, self._limits = policy, limits
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    async def get(self, parts: UrlParts, kind: str, gate: Gate) -> tuple[UrlParts, Response]:
        """The response to an admitted request, and where redirects led to. Raises RefusedError and FetchError."""
        for _ in range(_MAX_HOPS):
            response = await self._request(parts)
            gate.take(response)
            location = response.header("location")
            if response.status not in REDIRECT_STATUSES or not location:
                return parts, response
            parts = gate.admit(resolve_redirect(parts.without_fragment, location), "GET", kind)
        raise FetchError("too_many_redirects")

    async def _request(self, parts: UrlParts) -> Response:
        host = self._hosts.setdefault(parts.host, _Host())
        self._hosts.move_to_end(parts.host)
        async with host.lock:
            if self._policy.obey_robots:
                await self._obey_robots(host, parts)
            return await self._send(host, parts, self._limits.part_bytes)

    async def _send(self, host: _Host, parts: UrlParts, max_bytes: int) -> Response:
        if time.monotonic() > host.resolved_until:
            host.ip_addresses = []
            host.ip_addresses = await resolve_host(parts.host, self._policy)
            host.resolved_until = time.monotonic() + _RESOLVED_SECONDS
        return await fetch("GET", parts, host.ip_addresses, host.connection, self._policy, max_bytes=max_bytes)

    async def _obey_robots(self, host: _Host, parts: UrlParts) -> None:
        """As RFC 9309 has it; a robots.txt that redirects to another host counts as none."""
        if parts.origin not in host.robots:
            host.robots[parts.origin] = await self._read_robots(host, parts)
        robots = host.robots[parts.origin]
        if robots is not None and not robots.can_fetch(parts.without_fragment, self._policy.product):
            raise FetchError("robots", "blocked")

    async def _read_robots(self, host: _Host, parts: UrlParts) -> Protego | None:
        address = parse_url(f"{parts.scheme}://{parts.netloc}/robots.txt")
        for _ in range(_MAX_HOPS):
            response = await self._send(host, address, _MAX_ROBOTS_BYTES)
            location = response.header("location")
            if response.status not in REDIRECT_STATUSES or not location:
                break
            try:
                address = parse_url(resolve_redirect(address.without_fragment, location))
            except ValueError:
                return None
            if address.host != parts.host:
                return None
        if response.status >= _SERVER_ERROR:
            return Protego.parse("User-agent: *\nDisallow: /")
        if response.status != 200:
            return None
        return Protego.parse(content.decode_text(response.body)[0].replace("\x00", ""))

    def trim(self) -> None:
        """Forget the hosts that were longest not asked."""
        while len(self._hosts) > _MAX_HOSTS:
            self._hosts.popitem(last=False)[1].connection.close()

    def close(self) -> None:
        for host in self._hosts.values():
            host.connection.close()


# --- one page in the browser


@dataclass(slots=True)
class _Capture:
    html: bytes
    picture: bytes
    url: str
    notes: tuple[str, ...]


class _Visit:
    """One page in a context of its own, with everything that it asks for."""

    def __init__(self, context: "BrowserContext", fetcher: Fetcher, gate: Gate, limits: RenderLimits) -> None:
        self._context, self._fetcher, self._gate, self._limits = context, fetcher, gate, limits
        self._ready: dict[str, Response] = {}  # responses that were read before the browser asks
        self._page: Page | None = None
        self._responding: set[asyncio.Future[dict[str, Any]]] = set()
        self._open = 0  # requests that are under way
        self._changed = time.monotonic()
        self._is_crashed = self._is_loaded = False

    async def capture(self, url: str, response: Response) -> _Capture:
        """Show the page of this address, which the server answered with ``response``. Raises RenderError."""
        self._ready[urlsplit(url)._replace(fragment="").geturl()] = response
        await self._context.add_init_script(_SWITCHED_OFF)
        await self._context.route("**/*", self._answer)
        page = self._page = await self._context.new_page()
        self._context.on("page", lambda other: asyncio.ensure_future(_close_quietly(other)))
        page.on("crash", lambda _: setattr(self, "_is_crashed", True))
        page.on("load", lambda _: setattr(self, "_is_loaded", True))
        await page.goto(url, wait_until="commit", timeout=self._limits.loading_seconds * 1000)
        await self._wait_until_done()
        return await self._read(page)

    async def _wait_until_done(self) -> None:
        deadline = time.monotonic() + self._limits.loading_seconds
        while time.monotonic() < deadline and not self._gate.is_exhausted:
            if self._is_crashed:
                raise RenderError("render_crash")
            is_quiet = not self._open and time.monotonic() - self._changed >= self._limits.quiet_seconds
            if self._is_loaded and is_quiet:
                break
            await asyncio.sleep(0.03)

    async def _read(self, page: "Page") -> _Capture:
        """The page as it stands, read where its scripts cannot reach."""
        session = await self._context.new_cdp_session(page)
        tree = await session.send("Page.getFrameTree")
        found = await self._read_frame(session, tree["frameTree"]["frame"]["id"])
        height = max(600, min(int(found["height"]), MAX_HEIGHT))
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 1}
        how = {"format": "jpeg", "quality": 85, "clip": clip, "captureBeyondViewport": True}
        picture = await session.send("Page.captureScreenshot", how)
        notes = ("render_refused",) * bool(self._gate.refused) + ("render_elsewhere",) * self._gate.led_elsewhere
        text = str(found["html"]) + await self._read_frames(session, tree["frameTree"].get("childFrames", ()))
        html = text[: content.MAX_HTML_BYTES].encode("utf-8", "replace")
        return _Capture(html, await asyncio.to_thread(_redraw, picture["data"]), str(found["url"]), notes)

    async def _read_frame(self, session: "CDPSession", frame: str) -> dict[str, Any]:
        world = await session.send("Page.createIsolatedWorld", {"frameId": frame})
        asked = {"expression": _READ_PAGE % content.MAX_HTML_BYTES, "contextId": world["executionContextId"]}
        answer = await session.send("Runtime.evaluate", {**asked, "returnByValue": True})
        found: dict[str, Any] = answer["result"]["value"]
        return found

    async def _read_frames(self, session: "CDPSession", frames: Sequence[dict[str, Any]]) -> str:
        """What stands in frames of the page's own site, and of no other, as parts of the page."""
        from playwright.async_api import Error

        parts = []
        for frame in list(frames)[:_MAX_DOCUMENTS]:
            url = str(frame["frame"]["url"])
            if url != "about:srcdoc" and not is_same_site(url, self._gate.own_hosts):
                continue
            with contextlib.suppress(Error, KeyError):  # the frame is gone
                found = await self._read_frame(session, frame["frame"]["id"])
                if found["seen"]:
                    parts.append(f"<div>{found['html']}</div>")
        return "".join(parts)

    def stop(self) -> None:
        """Nothing more is requested for this page."""
        for responding in self._responding:
            responding.cancel()

    async def _answer(self, route: "Route") -> None:
        from playwright.async_api import Error

        self._open += 1
        try:
            try:
                responding = asyncio.ensure_future(self._respond(route.request))
                self._responding.add(responding)
                responding.add_done_callback(self._responding.discard)
                answer = await responding
            except (RefusedError, FetchError, asyncio.CancelledError):
                if route.request.resource_type == "document":
                    await route.fulfill(status=204)  # the page that stands there stays
                else:
                    await route.abort("blockedbyclient")
            else:
                await route.fulfill(**answer)
        except Error:
            pass  # the page is gone
        finally:
            self._open -= 1
            self._changed = time.monotonic()

    async def _respond(self, request: "Request") -> dict[str, Any]:
        """What the browser is answered. Raises RefusedError and FetchError."""
        url, kind = request.url.partition("#")[0], request.resource_type
        if not self._belongs_here(request):
            raise RefusedError
        if kind == "document" and request.method == "GET" and url in self._ready:
            return _pass_on(self._ready.pop(url))
        if kind == "document" and not is_same_site(url, self._gate.own_hosts) and self._is_of_main_frame(request):
            self._gate.led_elsewhere = True
        parts, response = await self._fetcher.get(self._gate.admit(url, request.method, kind), kind, self._gate)
        if kind != "document":
            return _pass_on(response)
        if content.media_type_of(response.header("content-type")) not in ("text/html", "application/xhtml+xml"):
            raise RefusedError
        if parts.without_fragment == url:
            return _pass_on(response)
        # the browser must know where it is: it asks once more, for the address that the redirect led to
        self._ready[parts.without_fragment] = response
        target = quote(parts.without_fragment, safe="/:?#[]@!$&()*+,;=%-._~")
        return _html(f'<!doctype html><meta http-equiv="refresh" content="0;url={target}">')

    def _belongs_here(self, request: "Request") -> bool:
        """Whether it is of the page itself: not of one that it opened, nor of a worker that outlives it."""
        from playwright.async_api import Error

        try:
            return request.frame.page == self._page
        except Error:
            return False

    def _is_of_main_frame(self, request: "Request") -> bool:
        return self._page is not None and request.frame == self._page.main_frame


async def _close_quietly(page: "Page") -> None:
    from playwright.async_api import Error

    with contextlib.suppress(Error):
        await page.close()


def _pass_on(response: Response) -> dict[str, Any]:
    """What a browser gets of a response: no cookie, nothing that reports or fetches by itself."""
    headers = {name.lower(): value for name, value in response.headers if name.lower() in _PASSED_HEADERS}
    clean = {name: "".join(c for c in value if c.isprintable()) for name, value in headers.items()}
    return {"status": response.status, "headers": clean, "body": response.body}


def _html(text: str) -> dict[str, Any]:
    return {"status": 200, "headers": {"content-type": "text/html; charset=utf-8"}, "body": text}


def _redraw(picture: str) -> bytes:
    """The browser's picture, drawn anew in the sandbox; b"" where it is none."""
    import base64

    try:
        drawn = sandbox.run(f"{__name__}:redraw", base64.b64decode(picture), limits=_PICTURE_LIMITS, preload=_DRAWERS)
    except (sandbox.SandboxError, ValueError):
        return b""
    return drawn if isinstance(drawn, bytes) and len(drawn) <= MAX_PICTURE_BYTES else b""


def redraw(picture: bytes) -> bytes:
    """In the sandbox: a JPEG as WebP, no larger than a picture of a page is. ValueError for another."""
    from PIL import Image

    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
        if image.width > WIDTH or image.height > MAX_HEIGHT:
            raise ValueError("larger than was asked for")
        out = io.BytesIO()
        image.convert("RGB").save(out, "WEBP", quality=55, method=1)
    return out.getvalue()


# --- the browser


class _RunningBrowser:
    """One browser, confined, and how much memory it takes. ``problem``: why it was killed."""

    def __init__(self, folder: "tempfile.TemporaryDirectory[str]", browser: "Browser", limits: RenderLimits) -> None:
        self._folder, self.browser, self._limits = folder, browser, limits
        self._process = int((Path(folder.name) / "process").read_text())
        self.pages, self.open_pages, self.problem = 0, 0, ""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        browser.on("disconnected", self._note_end)
        self._watching = asyncio.ensure_future(self._watch())

    @classmethod
    async def start(cls, playwright: "Playwright", path: str, limits: RenderLimits) -> "_RunningBrowser":
        _remove_leftovers()
        folder = tempfile.TemporaryDirectory(prefix=_FOLDER, ignore_cleanup_errors=True)
        launcher = confinement.write_launcher(Path(folder.name), path)
        try:
            browser = await playwright.chromium.launch(
                executable_path=launcher,
                args=_ARGUMENTS,
                chromium_sandbox=True,
                ignore_default_args=["--disable-popup-blocking"],
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=30_000,
            )
        except BaseException:
            folder.cleanup()
            raise
        return cls(folder, browser, limits)

    @property
    def is_usable(self) -> bool:
        return not self.problem and self.pages < self._limits.pages and self.browser.is_connected()

    def _note_end(self, _: "Browser") -> None:
        if not self.ended.done():
            self.ended.set_result(None)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            if self.open_pages and measure_memory(self._process) > self._limits.memory_bytes:
                self.kill("render_memory")
                return

    def kill(self, problem: str) -> None:
        """End the browser and everything that it started, at once."""
        self.problem = self.problem or problem
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)

    async def close(self) -> None:
        from playwright.async_api import Error

        self._watching.cancel()
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(5):
                await self.browser.close()
        self.kill("")
        self._folder.cleanup()


def _remove_leftovers() -> None:
    """The folders of browsers whose worker was killed; those that are being started have no process yet."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError, ValueError):
            if not Path(f"/proc/{int((folder / 'process').read_text())}").exists():
                shutil.rmtree(folder)


def measure_memory(process: int) -> int:
    """The bytes of memory of a process and all that it started; what several share counts once where the system says
    so."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError):
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(entry))
    total, family = 0, [process]
    while family:
        member = family.pop()
        family += parents.get(member, [])
        with contextlib.suppress(OSError, ValueError, IndexError):
            total += _memory_of(member)
    return total


def _memory_of(process: int) -> int:
    """Its share of memory; all that it uses where the share is not said."""
    resident = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return resident


class Renderer:
    """Renders pages, several at once, in one browser after the other. Not for several threads; its own does the work.
    Raises RuntimeError where it cannot be started: :func:`find_obstacle` says why."""

    def __init__(self, policy: Policy, limits: RenderLimits = RenderLimits()) -> None:
        self._policy, self.limits = policy, limits
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rendering", daemon=True)
        self._fetcher = Fetcher(policy, limits)
        self._playwright: Playwright | None = None
        self._running: _RunningBrowser | None = None
        self._baselines: OrderedDict[tuple[str, str, int], Soft404Baseline] = OrderedDict()

    def __enter__(self) -> "Renderer":
        self._thread.start()
        try:
            self._call(self._start())
        except BaseException as error:
            self.__exit__()
            raise RuntimeError(f"the browser could not be started: {error}") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def submit(self, target: Target, observation: Observation) -> "Future[Rendered]":
        """Render the page of an observation (``is_shell``) of this target. A page that cannot be rendered is no error:
        its observation stays what it was, with a note that says why."""
        return asyncio.run_coroutine_threadsafe(self._render(target, observation), self._loop)

    async def _start(self) -> None:
        from playwright.async_api import async_playwright

        self._places = asyncio.Semaphore(self.limits.at_once)
        self._renewing, self._exclusive = asyncio.Lock(), asyncio.Lock()
        path = _find_browser()
        if path is None:
            raise RuntimeError("chromium")
        self._path = path
        self._playwright = await async_playwright().start()
        self._running = await _RunningBrowser.start(self._playwright, self._path, self.limits)

    async def _stop(self) -> None:
        self._fetcher.close()
        if self._running:
            await self._running.close()
        if self._playwright:
            await self._playwright.stop()

    async def _take_browser(self) -> _RunningBrowser:
        """The browser, begun anew where it is gone or has shown its number of pages."""
        assert self._playwright is not None
        async with self._renewing:
            running = self._running
            if running is None or not running.is_usable:
                self._running = None
                if running and not running.open_pages:
                    await running.close()  # otherwise whoever leaves it last does
                self._running = running = await _RunningBrowser.start(self._playwright, self._path, self.limits)
            running.pages += 1
            running.open_pages += 1
            return running

    async def _leave_browser(self, running: _RunningBrowser) -> None:
        running.open_pages -= 1
        if running is not self._running and not running.open_pages:
            await running.close()

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None, None]:
        """While no other page is shown."""
        async with self._exclusive, contextlib.AsyncExitStack() as places:
            for _ in range(self.limits.at_once):
                await places.enter_async_context(self._places)
            yield

    async def _render(self, target: Target, observation: Observation) -> Rendered:
        try:
            try:
                async with self._places:
                    return await self._render_once(target, observation)
            except RenderError as error:
                if not error.may_be_anothers:
                    raise
            async with self._alone():
                return await self._render_once(target, observation)
        except RenderError as error:
            code = "render_crash" if error.code == "render_gone" else error.code
            return Rendered(replace(observation, notes=(*observation.notes, code)))

    async def _render_once(self, target: Target, observation: Observation) -> Rendered:
        chain = _chain_of(observation)
        served = Response(
            observation.status or 0, list(observation.response_headers), "", [], observation.body or b"", body_read=True
        )
        own_hosts = (chain.last.host, *target.owner_hosts)
        fragment = parse_url(target.url).fragment if chain.last.fragment is None else None
        address = chain.last.url if fragment is None else f"{chain.last.url}#{fragment}"
        capture = await self._capture(address, served, own_hosts)
        page, shown = await self._parse(capture, chain.last, own_hosts, target)
        if shown.without_fragment != chain.last.without_fragment:
            chain = RedirectChain([*chain.addresses, shown], [*chain.permanent, False])
        baseline = await self._find_baseline(shown, own_hosts) if needs_baseline(served, page, chain) else None
        evidence = Evidence(
            replace(served, body=capture.html),
            page,
            chain,
            owner_hosts=target.owner_hosts,
            baseline=baseline,
            expected=target.expected,
        )
        state, error = classify(evidence)
        if error == "needs_script" and "render_elsewhere" in capture.notes:
            error = "render_elsewhere"
        notes = [*(n for n in observation.notes if n != "needs_script"), "rendered", *capture.notes]
        notes += ["needs_script"] * page.is_script_shell
        assessed = replace(
            observation,
            state=state,
            error=error,
            final_url=shown.without_fragment,
            text_digest=page.text_digest,
            title=page.title,
            language=page.language,
            years=page.years,
            has_text=page.has_text,
            notes=tuple(dict.fromkeys(notes)),
            identity=evidence.identity,
            features=evidence.features,
            sketches=page.sketches,
        )
        return Rendered(assessed, capture.html, capture.picture)

    async def _capture(self, url: str, served: Response, own_hosts: tuple[str, ...]) -> _Capture:
        """The page of an address as the browser shows it. Raises RenderError."""
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as BrowserTimeoutError

        running = await self._take_browser()
        showing = asyncio.ensure_future(self._show(running, url, served, Gate(own_hosts, self.limits)))
        try:
            async with asyncio.timeout(self.limits.seconds):
                waited: set[asyncio.Future[Any]] = {showing, running.ended}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if not showing.done():
                raise RenderError(running.problem or "render_gone", may_be_anothers=running.open_pages > 1)
            return showing.result()
        except (TimeoutError, BrowserTimeoutError) as error:
            raise RenderError("render_time") from error
        except (Error, KeyError, TypeError, ValueError) as error:
            log.info("%s was not rendered: %s", url, str(error)[:300])
            gone = running.problem or ("" if running.browser.is_connected() else "render_gone")
            raise RenderError(gone or "render_crash", may_be_anothers=bool(gone) and running.open_pages > 1) from error
        finally:
            showing.cancel()
            await asyncio.wait({showing}, timeout=_CLOSING_SECONDS + 1)
            self._fetcher.trim()
            await self._leave_browser(running)

    async def _show(self, running: _RunningBrowser, url: str, served: Response, gate: Gate) -> _Capture:
        """In a context of its own, which is closed; a browser that does not, because of what the page does, is
        killed."""
        from playwright.async_api import Error

        context = await running.browser.new_context(
            viewport={"width": WIDTH, "height": 900},
            user_agent=_USER_AGENT.format(running.browser.version.partition(".")[0], self._policy.user_agent),
            locale="th-TH",
            timezone_id="Asia/Bangkok",
            service_workers="block",
            accept_downloads=False,
        )
        visit = _Visit(context, self._fetcher, gate, self.limits)
        try:
            return await visit.capture(url, served)
        finally:
            visit.stop()
            try:
                async with asyncio.timeout(_CLOSING_SECONDS):
                    if running.browser.is_connected():
                        await context.close()
            except TimeoutError:
                running.kill("render_gone")
            except Error:
                pass

    async def _parse(
        self, capture: _Capture, last: UrlParts, own_hosts: tuple[str, ...], target: Target | None
    ) -> tuple[ParsedBody, UrlParts]:
        """What the page says, and its address by now: one of its own site."""
        shown = last
        with contextlib.suppress(ValueError):
            if is_same_site(capture.url, own_hosts):
                shown = parse_url(capture.url)
        expected = target.expected if target else None
        page = await asyncio.to_thread(
            content.parse_body,
            capture.html,
            "text/html; charset=utf-8",
            host=shown.host,
            expected=prepare(expected) if expected else None,
        )
        return page, shown

    async def _find_baseline(self, parts: UrlParts, own_hosts: tuple[str, ...]) -> Soft404Baseline:
        """What the site's scripts show for an address that cannot exist."""
        if parts.origin in self._baselines:
            return self._baselines[parts.origin]
        probe = parse_url(f"{parts.scheme}://{parts.netloc}/{secrets.token_hex(8)}/{secrets.token_hex(4)}")
        baseline = Soft404Baseline()
        with contextlib.suppress(RefusedError, FetchError, RenderError):
            gate = Gate(own_hosts, self.limits)
            probe, served = await self._fetcher.get(probe, "document", gate)
            if served.status == 200 and content.media_type_of(served.header("content-type")) == "text/html":
                capture = await self._capture(probe.without_fragment, served, own_hosts)
                page, shown = await self._parse(capture, probe, own_hosts, None)
                baseline = make_baseline(served, page, shown)
        self._baselines[parts.origin] = baseline
        while len(self._baselines) > _MAX_HOSTS:
            self._baselines.popitem(last=False)
        return baseline


def _chain_of(observation: Observation) -> RedirectChain:
    addresses = [parse_url(hop.url) for hop in observation.hops]
    return RedirectChain(addresses, [hop.status in (301, 308) for hop in observation.hops[:-1]])
