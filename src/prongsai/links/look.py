"""One look at a target, step by step: each step is at most one request, to one host."""

import asyncio
import hashlib
import logging
import secrets
import time
from array import array
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import quote

from protego import Protego

from prongsai.links import content
from prongsai.links.addresses import Parts, join, parts_of
from prongsai.links.content import Facts
from prongsai.links.fetch import Answer, Line, fetch
from prongsai.links.guard import Failure, addresses_of
from prongsai.links.judge import Strange, Way, judge, looks_like_file, needs_strange, strange_from
from prongsai.links.model import Hop, Observation, Policy, State, Target
from prongsai.links.reader import Readers

_log = logging.getLogger(__name__)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_ROBOTS = 500_000  # ... and of what is said to an impossible address
_NAMES_LAST = 60.0  # seconds that the checked addresses of a name may be used for new connections
_CLOSED = ("application/zip", "application/vnd.rar", "application/x-rar", "application/x-7z", "application/gzip")
_LARGE_AT_ONCE = 8  # bodies over a million bytes in memory
_WAITS = 2  # times that robots.txt is asked for again after "later"
_GIVE_UP = 3  # failures of a host in a row; then the rest of its targets in this run get the same answer unasked
_CONNECTING = frozenset(
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
    )
)


class Again:
    """A step that was not the last: the job goes on at its ``url``."""


@dataclass(slots=True)
class Origin:
    """What this run knows of one scheme, host and port."""

    robots: Protego | None = None
    robots_known: bool = False
    robots_at: Parts | None = None  # where robots.txt was sent to
    robots_hops: int = 0
    robots_waits: int = 0
    robots_error: str = ""  # why nothing may be asked
    strange: Strange | None = None
    failures: int = 0  # in a row
    failure: Failure | None = None

    def forbids(self, parts: Parts, policy: Policy) -> bool:
        if self.robots_error:
            return True
        return self.robots is not None and not self.robots.can_fetch(parts.asked, policy.product)


@dataclass(slots=True, eq=False)
class Host:
    """What this run knows of one host, and what is waiting for it."""

    name: str
    pause: float
    state: Literal["idle", "queued", "asked"] = "idle"
    next_at: float = 0.0
    addresses: list[str] = field(default_factory=list)
    named_until: float = 0.0
    counted_at: str = ""
    silent_until: datetime | None = None
    line: Line = field(default_factory=Line)
    origins: dict[tuple[str, str, int], Origin] = field(default_factory=dict)
    jobs: deque["Job"] = field(default_factory=deque)  # targets that are under way
    targets: deque[Target] = field(default_factory=deque)
    spilled: "array[int]" = field(
        default_factory=lambda: array("Q")
    )  # places in the run's file, of targets beyond those
    spilled_at: int = 0  # how many of them were read back


@dataclass(slots=True, eq=False)
class Job:
    """A target under way."""

    target: Target
    began: datetime
    url: str  # what the next step concerns
    way: list[Parts] = field(default_factory=list)  # the addresses so far, ``url`` the last
    permanent: list[bool] = field(default_factory=list)  # whether each redirect on the way was
    hops: list[Hop] = field(default_factory=list)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)  # by host, for this look alone
    seen: set[tuple[str, int]] = field(default_factory=set)
    elapsed: float = 0.0
    asked: bool = False
    no_head: bool = False
    waited: bool = False
    large: bool = False  # holds one of the turns for large bodies
    page: tuple[Answer, Facts] | None = None  # waits for what the host says to an impossible address


class Looker:
    """Takes steps. Holds the processes that read documents; close when done."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)
        self._readers = Readers(
            2, seconds=policy.reader_seconds, memory=policy.reader_bytes, max_pages=policy.max_pages
        )

    def close(self) -> None:
        self._readers.close()

    @staticmethod
    def host_of(url: str) -> str:
        """The host that the next step for this address concerns; "" when it is no address."""
        try:
            return parts_of(url).host
        except ValueError:
            return ""

    async def step(self, host: Host, job: Job) -> Observation | Again:
        """The next request for this job, or its end. Sets when the host may be asked again. Raises nothing of the
        web's."""
        outcome = await self._guarded(host, job)
        if isinstance(outcome, Again) or outcome.body is None:
            self.taken(job)
        return outcome

    def taken(self, job: Job) -> None:
        """Whoever had the body of this job's observation is done with it: others may have large ones."""
        if job.large:
            job.large = False
            self._large.release()

    async def _guarded(self, host: Host, job: Job) -> Observation | Again:
        began = time.monotonic()
        try:
            return await self._step(host, job)
        except Failure as failure:
            job.elapsed += time.monotonic() - began
            return self._end(job, failure.state, failure.code)
        except Exception:  # a fault of ours must neither end the run nor speak ill of anybody
            _log.exception("looking at %s", job.url)
            host.line.drop()
            return self._end(job, "blocked", "internal")

    async def _step(self, host: Host, job: Job) -> Observation | Again:
        policy = self._policy
        if not job.way:
            try:
                job.way.append(parts_of(job.url))
            except ValueError as error:
                job.hops.append(Hop(job.url))
                raise Failure(str(error.args[0])) from error
        parts = job.way[-1]
        if job.page:
            return await self._impossible(host, host.origins[parts.origin], parts, job)
        if host.silent_until:
            return self._end(job, "blocked", "retry_after", retry_at=host.silent_until)
        origin = host.origins.setdefault(parts.origin, Origin())
        if origin.failure and origin.failures >= _GIVE_UP:
            return self._end(job, origin.failure.state, origin.failure.code)
        if parts.port not in policy.ports:
            job.asked = True
            raise Failure("port")
        try:
            if time.monotonic() > host.named_until:
                job.asked = True
                host.addresses = []
                host.addresses = await addresses_of(parts.host, policy)
                host.named_until = time.monotonic() + _NAMES_LAST
                job.asked = bool(job.hops)
                return Again()
            if policy.robots and not origin.robots_known:
                await self._robots(host, origin, parts, job)
                return Again()
            if origin.forbids(parts, policy):
                return self._end(job, "blocked", origin.robots_error or "robots")
            outcome = await self._ask(host, parts, job)
        except Failure as failure:
            if failure.code in _CONNECTING:
                origin.failures, origin.failure = origin.failures + 1, failure
            raise
        origin.failures = 0
        return outcome

    async def _fetch(
        self, host: Host, method: str, parts: Parts, job: Job | None = None, want: int | None = None
    ) -> Answer:
        """One request; the host rests after it, however it ended."""
        cookies = "; ".join(f"{k}={v}" for k, v in job.cookies.get(parts.host, {}).items()) if job else ""
        turns = self._large if job else None
        try:
            answer = await fetch(
                method, parts, host.addresses, host.line, self._policy, cookies=cookies, want=want, turns=turns
            )
            if job:
                job.large = answer.large
            return answer
        finally:
            host.next_at = time.monotonic() + host.pause

    async def _robots(self, host: Host, origin: Origin, parts: Parts, job: Job) -> None:
        """robots.txt as RFC 9309 has it: none (4xx) allows everything, a server that fails to give it nothing.

        A redirect is followed on the same host; one that leads to another host counts as none, for that host's own is
        read before anything is asked there.
        """
        where = origin.robots_at or parts_of(f"{parts.scheme}://{parts.netloc}/robots.txt")
        try:
            answer = await self._fetch(host, "GET", where, want=_MAX_ROBOTS)
        except Failure as failure:
            if failure.code in _CONNECTING:
                job.asked = True
                raise
            if failure.code in ("timeout_first_byte", "timeout_whole"):
                origin.failures, origin.failure = origin.failures + 1, failure
                raise
            origin.robots_known, origin.robots_error = True, "robots_unavailable"
            return
        location = answer.header("location")
        if answer.status in _REDIRECTS and location and origin.robots_hops < 5:
            origin.robots_hops += 1
            try:
                there = parts_of(join(where.asked, location))
            except ValueError:
                there = None
            if there and there.host == parts.host and there.port in self._policy.ports:
                origin.robots_at = there
                return
        if self._told_to_wait(host, answer) is not None and origin.robots_waits < _WAITS:
            origin.robots_waits += 1
            return  # asked for again when the host has rested, or never
        origin.robots_known = True
        if answer.status >= 500 or answer.status == 429:
            origin.robots_error = "robots_unavailable"
        elif answer.status == 200:
            origin.robots = Protego.parse(content.decode(answer.body)[0].replace("\x00", ""))
            rate = origin.robots.request_rate(self._policy.product)
            delay = max(
                origin.robots.crawl_delay(self._policy.product) or 0.0, rate.seconds / rate.requests if rate else 0.0
            )
            if delay > self._policy.longest_wait:
                origin.robots_error = "robots_delay"
            elif delay > 0:
                host.pause = max(host.pause, delay)
                host.next_at = time.monotonic() + host.pause

    def _told_to_wait(self, host: Host, answer: Answer) -> datetime | None:
        """Until when the host wants to be left alone; it will be."""
        if answer.status not in (429, 503):
            return None
        now = self._policy.now()
        until = _retry_after(answer.header("retry-after"), now)
        if until is None:
            if answer.status == 429:
                host.pause = min(max(host.pause, 0.5) * 2, self._policy.longest_wait)
            return None
        seconds = (until - now).total_seconds()
        if seconds > self._policy.longest_wait:
            host.silent_until = until
        else:
            host.next_at = time.monotonic() + max(seconds, host.pause)
        return until

    async def _ask(self, host: Host, parts: Parts, job: Job) -> Observation | Again:
        policy = self._policy
        if len(job.way) - 1 > policy.max_redirects:
            raise Failure("too_many_redirects")
        head = looks_like_file(parts) and not job.no_head
        job.asked = True
        try:
            answer = await self._fetch(host, "HEAD" if head else "GET", parts, job)
        except Failure as failure:
            if head and failure.code not in _CONNECTING:
                job.no_head = True
                return Again()
            raise
        job.elapsed += answer.elapsed
        until = self._told_to_wait(host, answer)
        if until and not host.silent_until and not job.waited:
            job.waited = True
            return Again()
        if head and not (200 <= answer.status < 300 and not _worth_reading(answer, policy)):
            job.no_head = True
            return Again()
        job.hops.append(Hop(parts.asked, answer.status, answer.address))
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                _keep_cookie(job.cookies.setdefault(parts.host, {}), value)
        location = answer.header("location")
        if answer.status in _REDIRECTS and location:
            return self._go(job, join(parts.asked, location), permanent=answer.status in (301, 308))
        facts = (
            await self._read(answer)
            if answer.read and (200 <= answer.status < 300 or answer.status in (403, 503))
            else None
        )
        if facts and facts.refresh and 200 <= answer.status < 300 and len(facts.everything) < 1000:
            there = join(parts.asked, facts.refresh)
            if self.host_of(there) and parts_of(there).asked != parts.asked:
                return self._go(job, there, permanent=False)
        if facts and needs_strange(answer, facts, Way(job.way, job.permanent)):
            job.page = answer, facts
            if host.origins[parts.origin].strange is None:
                return Again()
        return self._judged(host, job, answer, facts, until)

    def _go(self, job: Job, there: str, *, permanent: bool) -> Again:
        try:
            parts = parts_of(there)
        except ValueError as error:
            job.way.append(job.way[-1])
            job.permanent.append(False)
            job.hops.append(Hop(quote(there[:500], safe="/:?#[]@!$&'()*+,;=%-._~")))
            raise Failure(f"redirect_{error.args[0]}") from error
        job.way.append(parts)
        job.permanent.append(permanent)
        job.url, job.no_head, job.waited = parts.asked, False, False
        stop = (parts.asked, sum(map(len, job.cookies.values())))
        if stop in job.seen:
            raise Failure("redirect_loop")
        job.seen.add(stop)
        return Again()

    async def _impossible(self, host: Host, origin: Origin, parts: Parts, job: Job) -> Observation | Again:
        """What the host answers to an address that cannot exist; asked once a run for each origin."""
        assert job.page
        answer, facts = job.page
        if origin.strange is None:
            where = parts_of(f"{parts.scheme}://{parts.netloc}/{secrets.token_hex(8)}/{secrets.token_hex(4)}")
            origin.strange = Strange()
            if host.addresses and not host.silent_until and not origin.forbids(where, self._policy):
                try:
                    said = await self._fetch(host, "GET", where, want=_MAX_ROBOTS)
                except Failure:
                    pass  # no answer to an impossible address says nothing about this one
                else:
                    self._told_to_wait(host, said)
                    origin.strange = strange_from(said, await self._read(said) if said.status == 200 else None, where)
        return self._judged(host, job, answer, facts, None)

    async def _read(self, answer: Answer) -> Facts:
        kind = answer.header("content-type")
        if content.sniff(answer.body) in content.DOCUMENTS:
            return await asyncio.to_thread(content.read, answer.body, kind, self._readers, cut=answer.cut)
        return content.read(answer.body, kind, self._readers, cut=answer.cut)

    # the end

    def _judged(
        self, host: Host, job: Job, answer: Answer, facts: Facts | None, retry_at: datetime | None
    ) -> Observation:
        state, error = judge(
            answer,
            facts,
            Way(job.way, job.permanent),
            own_hosts=job.target.own_hosts,
            slow=answer.elapsed > self._policy.slow_seconds,
            strange=host.origins[job.way[-1].origin].strange,
        )
        return self._end(job, state, error, answer=answer, facts=facts, retry_at=retry_at)

    def _end(
        self,
        job: Job,
        state: State,
        error: str,
        *,
        answer: Answer | None = None,
        facts: Facts | None = None,
        retry_at: datetime | None = None,
    ) -> Observation:
        if len(job.hops) < len(job.way):
            job.hops.append(Hop(job.way[-1].asked))  # where it ended without an answer
        keep = job.target.keep_body and answer is not None and answer.read
        text = facts.text if facts else ""
        last = job.way[-1] if job.way else None
        notes = list(facts.notes) if facts else []
        if answer and answer.cut:
            notes.append("cut")
        if answer and answer.broken:
            notes.append("broken_off_body")
        if answer and not answer.read:
            notes.append("not_read")
        if facts and facts.shell:
            notes.append("needs_script")
        if last and last.scheme == "http":
            notes.append("not_https")
        if answer and state in ("moved", "outside") and answer.elapsed > self._policy.slow_seconds:
            notes.append("slow")
        return Observation(
            key=job.target.key,
            url=job.target.url,
            observed_at=job.began,
            state=state,
            error=error,
            asked=job.asked,
            status=job.hops[-1].status if job.hops else None,
            hops=tuple(job.hops),
            final_url=last.asked if last else "",
            retry_at=retry_at,
            elapsed_ms=round(job.elapsed * 1000),
            declared_type=content.type_of(answer.header("content-type")) if answer else "",
            sniffed_type=facts.kind if facts else "",
            length=_length(answer) if answer else None,
            digest=hashlib.sha256(answer.body).hexdigest() if answer and answer.read else "",
            text_digest=content.text_digest(text),
            title=facts.title if facts else "",
            language=content.language_of(facts.everything or text) if facts else "none",
            years=content.years_of(facts.title, facts.headings, text) if facts else (),
            has_text=facts.has_text if facts else None,
            notes=tuple(dict.fromkeys(notes)),
            body=answer.body if keep and answer else None,
            request_headers=tuple(answer.request_headers) if keep and answer else (),
            response_headers=tuple(answer.headers) if keep and answer else (),
        )


def _worth_reading(answer: Answer, policy: Policy) -> bool:
    """After HEAD: whether a body of this type and length could tell us more."""
    kind = content.type_of(answer.header("content-type"))
    if (_declared_length(answer) or 0) > policy.max_bytes:
        return False
    return not kind.startswith(("image/", "video/", "audio/", "font/")) and not kind.startswith(_CLOSED)


def _declared_length(answer: Answer) -> int | None:
    length = answer.header("content-length").strip()
    return int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None


def _length(answer: Answer) -> int | None:
    return len(answer.body) if answer.read and not answer.cut else _declared_length(answer)


def _retry_after(value: str, now: datetime) -> datetime | None:
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


def _keep_cookie(jar: dict[str, str], value: str) -> None:
    name, mark, rest = value.partition(";")[0].partition("=")
    name, rest = name.strip(), rest.strip()
    if (
        mark
        and name
        and len(jar) < 20
        and len(name) + len(rest) < 2000
        and (name + rest).isascii()
        and (name + rest).isprintable()
    ):
        jar[name] = rest
