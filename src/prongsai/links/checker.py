"""The check of one target, step by step: each step is at most one request, to one host."""

import asyncio
import hashlib
import logging
import secrets
import time
from array import array
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import quote

from protego import Protego

from prongsai.lib.sandbox import Limits
from prongsai.links import content
from prongsai.links.addresses import UrlParts, parse_url, resolve_redirect
from prongsai.links.certificates import Diagnosis
from prongsai.links.classify import (
    REDIRECT_STATUSES,
    Evidence,
    RedirectChain,
    Soft404Baseline,
    classify,
    is_file_path,
    make_baseline,
    needs_baseline,
)
from prongsai.links.content import ParsedBody
from prongsai.links.fetch import Connection, Response, fetch
from prongsai.links.guard import FetchError, resolve_host
from prongsai.links.identity import prepare
from prongsai.links.model import STATES, Expected, Hop, Observation, Policy, State, Target

_log = logging.getLogger(__name__)
_MAX_PROBE_BYTES = 500_000  # of robots.txt, and of the response for a baseline
_RESOLVED_SECONDS = 60.0  # that the checked IP addresses of a name may be used for new connections
_MAX_LARGE_BODIES = 8  # over a million bytes, in memory at once
_MAX_ROBOTS_RETRIES = 2  # after a Retry-After of robots.txt itself
_MAX_ROBOTS_REDIRECTS = 5
_MAX_FAILURES = 3  # of a host in a row; then its other targets in this run get the same result without a request
_MAX_REFRESH_PAGE = 1000  # characters of a page that only redirects
_MAX_COOKIES = 20
_MAX_COOKIE_LENGTH = 2000
_UNREAD_TYPES = (  # media types of which the body tells no more than the headers
    "image/",
    "video/",
    "audio/",
    "font/",
    "application/zip",
    "application/vnd.rar",
    "application/x-rar",
    "application/x-7z",
    "application/gzip",
)
_CONNECTION_ERRORS = frozenset(
    (
        "dns",
        "dns_failed",
        "refused",
        "unreachable",
        "timeout_connect",
        "private_address",
        "port",
        "tls",
        "certificate_expired",
        "certificate_name",
        "certificate_self_signed",
        "certificate_issuer",
        "certificate_chain",
        "tls_old",
    )
)
_SEVERITY = {state: rank for rank, state in enumerate(STATES)}


def _server_of(host: "Host") -> str:
    return host.ip_addresses[0] if host.ip_addresses else ""


class Continue:
    """The outcome of a step that was not the last: the job continues at its ``url``."""


@dataclass(slots=True)
class Origin:
    """What this run knows of one scheme, host and port."""

    robots: Protego | None = None
    robots_known: bool = False
    robots_location: UrlParts | None = None  # where robots.txt redirects to
    robots_redirects: int = 0
    robots_retries: int = 0
    robots_error: str = ""  # why no request is allowed
    baseline: Soft404Baseline | None = None
    insecure: str = ""  # why its secure connections cannot be trusted; what is read over them is marked
    failures: int = 0  # in a row
    last_failure: FetchError | None = None

    def forbids(self, parts: UrlParts, policy: Policy) -> bool:
        if self.robots_error:
            return True
        return self.robots is not None and not self.robots.can_fetch(parts.without_fragment, policy.product)

    def count_failure(self, failure: FetchError) -> None:
        self.failures, self.last_failure = self.failures + 1, failure


@dataclass(slots=True, eq=False)
class Host:
    """What this run knows of one host, and the work that is queued for it."""

    name: str
    pause_seconds: float
    state: Literal["idle", "queued", "active"] = "idle"
    next_request_at: float = 0.0
    ip_addresses: list[str] = field(default_factory=list)
    resolved_until: float = 0.0
    counted_ip: str = ""  # the IP address of which this host holds a slot
    blocked_until: datetime | None = None  # by Retry-After, beyond the end of this run
    connection: Connection = field(default_factory=Connection)
    origins: dict[tuple[str, str, int], Origin] = field(default_factory=dict)
    jobs: deque["Job"] = field(default_factory=deque)  # targets that are under way
    targets: deque[Target] = field(default_factory=deque)
    spilled: "array[int]" = field(default_factory=lambda: array("Q"))  # offsets, in the run's file, of further targets
    restored: int = 0  # how many of them were read back


@dataclass(slots=True, eq=False)
class Job:
    """A target whose check is under way."""

    target: Target
    started_at: datetime
    url: str  # of the next step
    chain: list[UrlParts] = field(default_factory=list)  # the addresses so far, ``url`` the last
    permanent: list[bool] = field(default_factory=list)  # whether each redirect of the chain was
    hops: list[Hop] = field(default_factory=list)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)  # by host, for this check alone
    visited: set[tuple[str, int]] = field(default_factory=set)
    elapsed_seconds: float = 0.0
    requested: bool = False
    use_get: bool = False  # HEAD was not enough
    retried: bool = False  # after a short Retry-After
    holds_large_slot: bool = False
    insecure: str = ""  # of the first origin on the way that is
    awaiting_baseline: tuple[Response, ParsedBody] | None = None

    @property
    def redirects(self) -> RedirectChain:
        return RedirectChain(self.chain, self.permanent)


def host_of(url: str) -> str:
    """The host that the next step for this address concerns; "" when it is no address."""
    try:
        return parse_url(url).host
    except ValueError:
        return ""


_PAGE_SECONDS = 4  # of processor time for a page that is no document


class Checker:
    """Takes the steps of jobs. What responses hold is read in the sandbox."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._diagnosis = Diagnosis(policy)
        self._large_slots = asyncio.Semaphore(_MAX_LARGE_BODIES)
        self._limits = Limits(
            seconds=_PAGE_SECONDS,
            max_seconds=int(policy.document_seconds),
            wall=2 * policy.document_seconds,
            memory=policy.document_memory_bytes,
        )

    async def step(self, host: Host, job: Job) -> Observation | Continue:
        """The next request for this job, or its end. Sets when the host may be requested again. Raises no error of
        the network."""
        outcome = await self._step_safely(host, job)
        if isinstance(outcome, Continue) or outcome.body is None:
            self.release_body(job)
        return outcome

    def release_body(self, job: Job) -> None:
        """The body of this job's observation is no longer in memory: another large one may be."""
        if job.holds_large_slot:
            job.holds_large_slot = False
            self._large_slots.release()

    async def _step_safely(self, host: Host, job: Job) -> Observation | Continue:
        started = time.monotonic()
        try:
            return await self._step(host, job)
        except FetchError as failure:
            job.elapsed_seconds += time.monotonic() - started
            return replace(self._observe(job, failure.state, failure.code), server=_server_of(host))
        except Exception:  # an error of our own must neither end the run nor count against the address
            _log.exception("checking %s", job.url)
            host.connection.close()
            return self._observe(job, "blocked", "internal")

    async def _step(self, host: Host, job: Job) -> Observation | Continue:
        parts = self._current_address(job)
        if job.awaiting_baseline:
            response, page = job.awaiting_baseline
            return await self._probe_baseline(host, parts, job, response, page)
        if host.blocked_until:
            return self._observe(job, "blocked", "retry_after", retry_at=host.blocked_until)
        origin = host.origins.setdefault(parts.origin, Origin())
        if origin.last_failure and origin.failures >= _MAX_FAILURES:
            failure = origin.last_failure
            return replace(self._observe(job, failure.state, failure.code), server=_server_of(host))
        try:
            return await self._step_at_origin(host, origin, parts, job)
        except FetchError as failure:
            if failure.state == "certificate" and not origin.insecure:
                origin.insecure = await self._diagnosis.explain(parts, host.ip_addresses, failure.code)
                host.next_request_at = time.monotonic() + host.pause_seconds
                return Continue()  # what stands behind it is looked at, and marked
            if failure.code in _CONNECTION_ERRORS:
                origin.count_failure(failure)
            raise

    def _current_address(self, job: Job) -> UrlParts:
        if not job.chain:
            try:
                job.chain.append(parse_url(job.url))
            except ValueError as error:
                job.hops.append(Hop(job.url))
                raise FetchError(str(error.args[0])) from error
        return job.chain[-1]

    async def _step_at_origin(self, host: Host, origin: Origin, parts: UrlParts, job: Job) -> Observation | Continue:
        """The first of these that is due: resolve the name, read robots.txt, request the target."""
        if time.monotonic() > host.resolved_until:
            job.requested = True
            host.ip_addresses = []
            host.ip_addresses = await resolve_host(parts.host, self._policy)
            host.resolved_until = time.monotonic() + _RESOLVED_SECONDS
            job.requested = bool(job.hops)
            return Continue()
        job.insecure = job.insecure or origin.insecure
        if self._policy.obey_robots and not origin.robots_known:
            await self._load_robots(host, origin, parts, job)
            return Continue()
        if origin.forbids(parts, self._policy):
            return self._observe(job, "blocked", origin.robots_error or "robots")
        outcome = await self._request_target(host, parts, job)
        origin.failures = 0
        return outcome

    async def _request(
        self, host: Host, method: str, parts: UrlParts, job: Job | None = None, max_bytes: int | None = None
    ) -> Response:
        """One request; the host rests after it, however it ended."""
        cookies = "; ".join(f"{k}={v}" for k, v in job.cookies.get(parts.host, {}).items()) if job else ""
        try:
            response = await fetch(
                method,
                parts,
                host.ip_addresses,
                host.connection,
                self._policy,
                cookies=cookies,
                verified=not host.origins[parts.origin].insecure,
                max_bytes=max_bytes,
                large_slots=self._large_slots if job else None,
            )
            if job:
                job.holds_large_slot = response.holds_large_slot
            return response
        finally:
            host.next_request_at = time.monotonic() + host.pause_seconds

    # robots.txt and Retry-After

    async def _load_robots(self, host: Host, origin: Origin, parts: UrlParts, job: Job) -> None:
        """robots.txt as RFC 9309 has it: none (4xx) allows everything, a server that fails to serve it nothing.

        A redirect is followed on the same host; one that leads to another host counts as none, for that host's own is
        read before anything is requested there.
        """
        location = origin.robots_location or parse_url(f"{parts.scheme}://{parts.netloc}/robots.txt")
        try:
            response = await self._request(host, "GET", location, max_bytes=_MAX_PROBE_BYTES)
        except FetchError as failure:
            if failure.code in _CONNECTION_ERRORS:
                job.requested = True
                raise
            if failure.code in ("timeout_first_byte", "timeout_whole"):
                origin.count_failure(failure)
                raise
            origin.robots_known, origin.robots_error = True, "robots_unavailable"
            return
        if redirect := self._robots_redirect(origin, location, response):
            origin.robots_location = redirect
            return
        if self._apply_retry_after(host, response) is not None and origin.robots_retries < _MAX_ROBOTS_RETRIES:
            origin.robots_retries += 1
            return  # requested again when the host has rested, or never
        origin.robots_known = True
        if response.status >= 500 or response.status == 429:
            origin.robots_error = "robots_unavailable"
        elif response.status == 200:
            self._apply_robots(host, origin, content.decode_text(response.body)[0])

    def _robots_redirect(self, origin: Origin, location: UrlParts, response: Response) -> UrlParts | None:
        target = response.header("location")
        if response.status not in REDIRECT_STATUSES or not target or origin.robots_redirects >= _MAX_ROBOTS_REDIRECTS:
            return None
        origin.robots_redirects += 1
        try:
            parts = parse_url(resolve_redirect(location.without_fragment, target))
        except ValueError:
            return None
        return parts if parts.host == location.host and parts.port in self._policy.ports else None

    def _apply_robots(self, host: Host, origin: Origin, text: str) -> None:
        robots = origin.robots = Protego.parse(text.replace("\x00", ""))
        rate = robots.request_rate(self._policy.product)
        delay = max(
            robots.crawl_delay(self._policy.product) or 0.0,
            rate.seconds / rate.requests if rate else 0.0,
        )
        if delay > self._policy.max_wait_seconds:
            origin.robots_error = "robots_delay"
        elif delay > 0:
            host.pause_seconds = max(host.pause_seconds, delay)
            host.next_request_at = time.monotonic() + host.pause_seconds

    def _apply_retry_after(self, host: Host, response: Response) -> datetime | None:
        """Until when the host asks for no request; it gets none."""
        if response.status not in (429, 503):
            return None
        now = self._policy.now()
        until = _parse_retry_after(response.header("retry-after"), now)
        if until is None:
            if response.status == 429:
                host.pause_seconds = min(max(host.pause_seconds, 0.5) * 2, self._policy.max_wait_seconds)
            return None
        seconds = (until - now).total_seconds()
        if seconds > self._policy.max_wait_seconds:
            host.blocked_until = until
        else:
            host.next_request_at = time.monotonic() + max(seconds, host.pause_seconds)
        return until

    # the target itself

    async def _request_target(self, host: Host, parts: UrlParts, job: Job) -> Observation | Continue:
        if len(job.chain) - 1 > self._policy.max_redirects:
            raise FetchError("too_many_redirects")
        use_head = is_file_path(parts) and not job.use_get
        job.requested = True
        try:
            response = await self._request(host, "HEAD" if use_head else "GET", parts, job)
        except FetchError as failure:
            if use_head and failure.code not in _CONNECTION_ERRORS:
                job.use_get = True
                return Continue()
            raise
        job.elapsed_seconds += response.elapsed_seconds
        retry_at = self._apply_retry_after(host, response)
        if retry_at and not host.blocked_until and not job.retried:
            job.retried = True
            return Continue()
        if use_head and not _is_head_enough(response, self._policy):
            job.use_get = True
            return Continue()
        job.hops.append(Hop(parts.without_fragment, response.status, response.ip_address))
        _store_cookies(job, parts.host, response)
        return await self._examine_response(host, parts, job, response, retry_at)

    async def _examine_response(
        self, host: Host, parts: UrlParts, job: Job, response: Response, retry_at: datetime | None
    ) -> Observation | Continue:
        location = response.header("location")
        if response.status in REDIRECT_STATUSES and location:
            redirect = resolve_redirect(parts.without_fragment, location)
            return self._follow_redirect(job, redirect, permanent=response.status in (301, 308))
        page = await self._parse(response, parts, job.target.expected) if _has_readable_body(response) else None
        if page and (target := _refresh_target(parts, response, page)):
            return self._follow_redirect(job, target, permanent=False)
        if page and needs_baseline(response, page, job.redirects):
            job.awaiting_baseline = response, page
            if host.origins[parts.origin].baseline is None:
                return Continue()
        return self._observe_response(host, job, response, page, retry_at)

    def _follow_redirect(self, job: Job, target: str, *, permanent: bool) -> Continue:
        try:
            parts = parse_url(target)
        except ValueError as error:
            job.chain.append(job.chain[-1])
            job.permanent.append(False)
            job.hops.append(Hop(quote(target[:500], safe="/:?#[]@!$&'()*+,;=%-._~")))
            raise FetchError(f"redirect_{error.args[0]}") from error
        job.chain.append(parts)
        job.permanent.append(permanent)
        job.url, job.use_get, job.retried = parts.without_fragment, False, False
        visit = (parts.without_fragment, sum(map(len, job.cookies.values())))  # a new cookie may end a loop
        if visit in job.visited:
            raise FetchError("redirect_loop")
        job.visited.add(visit)
        return Continue()

    async def _probe_baseline(
        self, host: Host, parts: UrlParts, job: Job, response: Response, page: ParsedBody
    ) -> Observation:
        """Compare with what the host serves for an address that cannot exist; requested once a run for each origin."""
        origin = host.origins[parts.origin]
        if origin.baseline is None:
            probe = parse_url(f"{parts.scheme}://{parts.netloc}/{secrets.token_hex(8)}/{secrets.token_hex(4)}")
            origin.baseline = Soft404Baseline()
            if host.ip_addresses and not host.blocked_until and not origin.forbids(probe, self._policy):
                try:
                    answer = await self._request(host, "GET", probe, max_bytes=_MAX_PROBE_BYTES)
                except FetchError:
                    pass  # without a response there is nothing to compare with
                else:
                    self._apply_retry_after(host, answer)
                    parsed = await self._parse(answer, probe) if answer.status == 200 else None
                    origin.baseline = make_baseline(answer, parsed, probe)
        return self._observe_response(host, job, response, page, None)

    async def _parse(self, response: Response, parts: UrlParts, expected: Expected | None = None) -> ParsedBody:
        return await asyncio.to_thread(
            content.parse_body,
            response.body,
            response.header("content-type"),
            truncated=response.truncated,
            limits=self._limits,
            max_pages=self._policy.max_document_pages,
            host=parts.host,
            expected=prepare(expected) if expected else None,
        )

    # the observation

    def _observe_response(
        self, host: Host, job: Job, response: Response, page: ParsedBody | None, retry_at: datetime | None
    ) -> Observation:
        evidence = Evidence(
            response,
            page,
            job.redirects,
            owner_hosts=job.target.owner_hosts,
            slow=response.elapsed_seconds > self._policy.slow_seconds,
            baseline=host.origins[job.chain[-1].origin].baseline,
            expected=job.target.expected,
        )
        state, error = classify(evidence)
        observed = self._observe(job, state, error, response=response, page=page, retry_at=retry_at, evidence=evidence)
        return replace(observed, server=response.ip_address)

    def _observe(
        self,
        job: Job,
        state: State,
        error: str,
        *,
        response: Response | None = None,
        page: ParsedBody | None = None,
        retry_at: datetime | None = None,
        evidence: Evidence | None = None,
    ) -> Observation:
        if len(job.hops) < len(job.chain):
            job.hops.append(Hop(job.chain[-1].without_fragment))  # it ended here without a response
        last = job.chain[-1] if job.chain else None
        parsed = page or ParsedBody()
        notes = self._notes_of(state, response, parsed, last)
        if job.insecure:
            notes = (*notes, "insecure", job.insecure) if response else notes
            if _SEVERITY[state] <= _SEVERITY["certificate"]:  # otherwise what stands there is the graver matter
                state, error = "certificate", job.insecure
        recorded = response if response and job.target.keep_body and response.body_read else None
        return Observation(
            key=job.target.key,
            url=job.target.url,
            observed_at=job.started_at,
            state=state,
            error=error,
            requested=job.requested,
            status=job.hops[-1].status if job.hops else None,
            hops=tuple(job.hops),
            final_url=last.without_fragment if last else "",
            retry_at=retry_at,
            elapsed_ms=round(job.elapsed_seconds * 1000),
            declared_type=content.media_type_of(response.header("content-type")) if response else "",
            sniffed_type=parsed.media_type,
            length=_body_length(response) if response else None,
            digest=hashlib.sha256(response.body).hexdigest() if response and response.body_read else "",
            text_digest=parsed.text_digest,
            title=parsed.title,
            language=parsed.language,
            years=parsed.years,
            has_text=parsed.has_text,
            notes=notes,
            identity=evidence.identity if evidence else None,
            features=evidence.features if evidence else {},
            sketches=parsed.sketches,
            body=recorded.body if recorded else None,
            request_headers=tuple(recorded.request_headers) if recorded else (),
            response_headers=tuple(recorded.headers) if recorded else (),
        )

    def _notes_of(
        self, state: State, response: Response | None, parsed: ParsedBody, last: UrlParts | None
    ) -> tuple[str, ...]:
        """The codes of what is remarkable beside the state, each once."""
        notes = {
            **dict.fromkeys(parsed.notes, True),
            "cut": response is not None and response.truncated,
            "broken_off_body": response is not None and response.incomplete,
            "not_read": response is not None and not response.body_read,
            "needs_script": parsed.is_script_shell,
            "not_https": last is not None and last.scheme == "http",
            "slow": response is not None
            and state in ("moved", "outside")
            and response.elapsed_seconds > self._policy.slow_seconds,
        }
        return tuple(code for code, applies in notes.items() if applies)


def _has_readable_body(response: Response) -> bool:
    return response.body_read and (200 <= response.status < 300 or response.status in (403, 503))


def _refresh_target(parts: UrlParts, response: Response, page: ParsedBody) -> str | None:
    """Where a page that does nothing else sends its reader."""
    if not page.refresh_target or not 200 <= response.status < 300 or len(page.full_text) >= _MAX_REFRESH_PAGE:
        return None
    target = resolve_redirect(parts.without_fragment, page.refresh_target)
    is_elsewhere = host_of(target) and parse_url(target).without_fragment != parts.without_fragment
    return target if is_elsewhere else None


def _is_head_enough(response: Response, policy: Policy) -> bool:
    """Whether the body could tell no more than the response to HEAD: by its type, or because it is too large."""
    if not 200 <= response.status < 300:
        return False
    if (_declared_length(response) or 0) > policy.max_body_bytes:
        return True
    return content.media_type_of(response.header("content-type")).startswith(_UNREAD_TYPES)


def _declared_length(response: Response) -> int | None:
    length = response.header("content-length").strip()
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None


def _body_length(response: Response) -> int | None:
    return len(response.body) if response.body_read and not response.truncated else _declared_length(response)


def _parse_retry_after(value: str, now: datetime) -> datetime | None:
    """Seconds or a date, as RFC 9110 has it; at most a year away."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return now + timedelta(seconds=min(int(value[:9]), 31_536_000))
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until, now), now + timedelta(days=365))


def _store_cookies(job: Job, host: str, response: Response) -> None:
    for name, value in response.headers:
        if name.lower() == "set-cookie":
            _store_cookie(job.cookies.setdefault(host, {}), value)


def _store_cookie(jar: dict[str, str], header: str) -> None:
    name, separator, value = header.partition(";")[0].partition("=")
    name, value = name.strip(), value.strip()
    is_small = len(jar) < _MAX_COOKIES and len(name) + len(value) < _MAX_COOKIE_LENGTH
    is_clean = (name + value).isascii() and (name + value).isprintable()
    if separator and name and is_small and is_clean:
        jar[name] = value
