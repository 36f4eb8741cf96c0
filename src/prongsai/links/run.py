"""Looking at many addresses: fair between hosts, polite to each, in bounded memory.

One step is one request to one host. After each step the host rests, and whichever host has rested longest is next; what
a target needs next (robots.txt, where a redirect leads, what the host says to an impossible address) is a step like any
other, on the host that it concerns. So a slow, a strict or a popular host holds up nobody but itself.
"""

import asyncio
import heapq
import itertools
import json
import queue
import tempfile
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from contextlib import suppress

from prongsai.links.look import Again, Host, Job, Looker
from prongsai.links.model import Observation, Policy, Progress, Target

_AT_ONCE = 100  # targets asked of the caller at a time
_IN_MEMORY = 50  # targets of one host; the rest wait in a temporary file


def check(
    targets: Iterable[Target], policy: Policy, *, on_progress: Callable[[Progress], None] | None = None
) -> Generator[Observation, None, None]:
    """Look at each target once; yields observations as they come, in no order.

    ``targets`` may be a generator over a database: it is read in the caller's thread, a little ahead of the work.
    Close the iterator, or leave it, to stop; what was not yielded was not done. ``on_progress`` is called in the
    caller's thread before each observation is yielded.
    """
    source = iter(targets)
    messages: queue.SimpleQueue[Observation | asyncio.Future[list[Target]] | BaseException | None] = queue.SimpleQueue()
    loop = asyncio.new_event_loop()
    room = asyncio.Semaphore(8)  # observations made but not taken

    async def more() -> list[Target]:
        answer: asyncio.Future[list[Target]] = loop.create_future()
        messages.put(answer)
        return await answer

    run = _Run(policy, more)

    async def work() -> None:
        async for seen in run.observations():
            await room.acquire()
            messages.put(seen)

    def live() -> None:
        try:
            loop.run_until_complete(main)
            messages.put(None)
        except asyncio.CancelledError:
            messages.put(None)
        except BaseException as error:
            messages.put(error)
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def tell(what: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # all is done, and the loop with it
            loop.call_soon_threadsafe(what, *arguments)

    main = loop.create_task(work())
    thread = threading.Thread(target=live, name="links", daemon=True)
    thread.start()
    try:
        while (message := messages.get()) is not None:
            if isinstance(message, asyncio.Future):
                batch = list(itertools.islice(source, _AT_ONCE))
                tell(_answer, message, batch)
            elif isinstance(message, BaseException):
                raise message
            else:
                tell(room.release)
                if on_progress:
                    on_progress(run.progress())
                yield message
    finally:
        tell(main.cancel)
        thread.join()


def _answer(future: "asyncio.Future[list[Target]]", batch: list[Target]) -> None:
    if not future.done():
        future.set_result(batch)


async def check_async(targets: Iterable[Target], policy: Policy) -> AsyncGenerator[Observation, None]:
    """As ``check``, inside a running event loop. Close it (``aclosing``) to stop."""
    source = iter(targets)

    async def more() -> list[Target]:
        return list(itertools.islice(source, _AT_ONCE))

    run = _Run(policy, more).observations()
    try:
        async for seen in run:
            yield seen
    finally:
        await run.aclose()


def check_one(target: Target, policy: Policy) -> Observation:
    """One look at one target."""
    return next(check([target], policy))


class _Run:
    """One run over the targets. Not shared between threads, but for ``progress``."""

    def __init__(self, policy: Policy, more: Callable[[], Awaitable[list[Target]]]) -> None:
        self._policy, self._more = policy, more
        self._looker = Looker(policy)
        self._hosts: dict[str, Host] = {}
        self._idle: OrderedDict[str, None] = OrderedDict()  # hosts without work, longest first; what we know of them
        self._rested: list[tuple[float, int, Host]] = []  # hosts with work, by when they may be asked
        self._crowded: dict[str, deque[Host]] = {}  # ... that wait for others at the same address
        self._at_address: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._steps: set[asyncio.Task[None]] = set()
        self._news: asyncio.Queue[tuple[Host, Job, Observation | Again] | None] = asyncio.Queue()
        self._feeding: asyncio.Task[None] | None = None
        self._read_all = False
        self._done = self._waiting = self._working = self._asking = 0
        self._look_ahead = 8 * policy.hosts_at_once
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in ``observations``

    def progress(self) -> Progress:
        return Progress(self._done, self._asking, self._waiting, self._working)

    async def observations(self) -> AsyncGenerator[Observation, None]:
        try:
            while True:
                if self._feeding and self._feeding.done():
                    self._feeding.result()
                    self._feeding = None
                if not self._read_all and not self._feeding and self._working < self._look_ahead:
                    self._feeding = asyncio.create_task(self._feed())
                self._start_steps()
                if not self._asking and not self._feeding and not self._rested:
                    if self._read_all and not self._working:
                        return
                    if not self._read_all:
                        continue
                news = await self._wait()
                if news is None:
                    continue
                host, job, outcome = news
                self._asking -= 1
                self._rest(host)
                if isinstance(outcome, Again):
                    self._again(host, job)
                    self._settle(host)
                else:
                    self._settle(host)
                    self._done += 1
                    self._waiting -= 1
                    yield outcome
                    self._looker.taken(job)
        finally:
            tasks = [*self._steps, *([self._feeding] if self._feeding else [])]
            for task in tasks:
                task.cancel()
            for host in self._hosts.values():
                host.line.drop()
            self._looker.close()
            self._file.close()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait(self) -> tuple[Host, Job, Observation | Again] | None:
        """The next outcome of a step; None when a host has rested enough, or more targets have come."""
        free = self._asking < self._policy.hosts_at_once
        seconds = max(0.0, self._rested[0][0] - time.monotonic()) if free and self._rested else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._news.get()
        return None

    # targets

    async def _feed(self) -> None:
        try:
            batch = await self._more()
            for target in batch:
                self._take(target)
            self._read_all = not batch
        finally:
            self._news.put_nowait(None)

    def _take(self, target: Target) -> None:
        self._waiting += 1
        host = self._host(self._looker.host_of(target.url))
        if len(host.targets) < _IN_MEMORY and host.spilled_at >= len(host.spilled):
            host.targets.append(target)
        else:
            self._file.seek(0, 2)
            host.spilled.append(self._file.tell())
            line = [target.key, target.url, target.own_hosts, target.keep_body]
            self._file.write(json.dumps(line).encode() + b"\n")
        self._queue(host)

    def _next_job(self, host: Host) -> Job:
        if host.jobs:
            return host.jobs.popleft()
        target = host.targets.popleft()
        if not host.targets:
            for place in host.spilled[host.spilled_at : host.spilled_at + _IN_MEMORY]:
                self._file.seek(place)
                key, url, own_hosts, keep_body = json.loads(self._file.readline())
                host.targets.append(Target(key, url, tuple(own_hosts), keep_body))
            host.spilled_at = min(host.spilled_at + _IN_MEMORY, len(host.spilled))
        return Job(target, self._policy.now(), target.url)

    # hosts

    def _host(self, name: str) -> Host:
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, self._policy.pause)
        self._idle.pop(name, None)
        return host

    def _queue(self, host: Host) -> None:
        """Put a host with work in line, unless it is there or being asked."""
        if host.state == "idle":
            self._working += 1
            host.state = "queued"
            heapq.heappush(self._rested, (host.next_at, next(self._numbers), host))

    def _start_steps(self) -> None:
        now = time.monotonic()
        while self._rested and self._asking < self._policy.hosts_at_once and self._rested[0][0] <= now:
            host = heapq.heappop(self._rested)[2]
            address = host.addresses[0] if host.addresses else ""
            if address and self._at_address[address] >= self._policy.per_address:
                self._crowded.setdefault(address, deque()).append(host)
                continue
            self._at_address[address] += bool(address)
            host.state, host.counted_at = "asked", address
            self._asking += 1
            step = asyncio.create_task(self._step(host, self._next_job(host)))
            self._steps.add(step)
            step.add_done_callback(self._steps.discard)

    async def _step(self, host: Host, job: Job) -> None:
        outcome = await self._looker.step(host, job)
        self._news.put_nowait((host, job, outcome))

    def _rest(self, host: Host) -> None:
        """After a step: its place at the address goes to the host that waits longest for it."""
        if address := host.counted_at:
            self._at_address[address] -= 1
            if not self._at_address[address]:
                del self._at_address[address]
            if crowd := self._crowded.get(address):
                other = crowd.popleft()
                heapq.heappush(self._rested, (0.0, next(self._numbers), other))
                if not crowd:
                    del self._crowded[address]
            host.counted_at = ""

    def _again(self, host: Host, job: Job) -> None:
        """A target that needs another step, here or on another host."""
        name = self._looker.host_of(job.url)
        if name == host.name:
            host.jobs.appendleft(job)
        else:
            other = self._host(name)
            other.jobs.append(job)
            self._queue(other)

    def _settle(self, host: Host) -> None:
        """Back in line, or, without work, among those we only remember."""
        self._working -= 1
        host.state = "idle"
        if host.jobs or host.targets:
            self._queue(host)
            return
        host.line.drop()
        if host.silent_until:
            return  # never forgotten in this run, or it would be asked again
        self._idle[host.name] = None
        while len(self._idle) > self._look_ahead and self._hosts[next(iter(self._idle))].next_at < time.monotonic():
            forgotten, _ = self._idle.popitem(last=False)
            del self._hosts[forgotten]
