"""The schedule of a run over many targets: fair between hosts, polite to each, in bounded memory.

One step is one request to one host. After each step the host rests, and the host that has rested longest is next; what
a target needs next (robots.txt, the address a redirect leads to, a baseline) is a step like any other, on the host that
it concerns. So a slow, a strict or a popular host delays only itself.
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
from contextlib import aclosing, suppress
from dataclasses import asdict
from typing import Any

from prongsai.links.checker import Checker, Continue, Host, Job, host_of
from prongsai.links.model import Expected, Observation, Policy, Progress, Target

_TARGET_BATCH = 100  # targets read from the caller at a time
_MAX_TARGETS_IN_MEMORY = 50  # of one host; the rest wait in a temporary file
_MAX_UNCONSUMED = 8  # observations that wait for the caller


def check_targets(
    targets: Iterable[Target],
    policy: Policy,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    within: float | None = None,
) -> Generator[Observation, None, None]:
    """Check each target once; yields observations as they arrive, in no order.

    ``targets`` may be a generator over a database: it is read in the caller's thread, a little ahead of the work.
    ``within``: it ends after so many seconds, whatever is still under way.
    Close the iterator, or stop iterating, to stop; a target that was not yielded was not checked. ``on_progress`` is
    called in the caller's thread before each observation is yielded.
    """
    source = iter(targets)
    messages: queue.SimpleQueue[Observation | asyncio.Future[list[Target]] | BaseException | None] = queue.SimpleQueue()
    loop = asyncio.new_event_loop()
    free_slots = asyncio.Semaphore(_MAX_UNCONSUMED)

    async def read_batch() -> list[Target]:
        batch: asyncio.Future[list[Target]] = loop.create_future()
        messages.put(batch)
        return await batch

    scheduler = Scheduler(policy, read_batch)

    async def send_observations() -> None:
        async for observation in _until(scheduler.observations(), within):
            await free_slots.acquire()
            messages.put(observation)

    def run_loop() -> None:
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

    def call_in_loop(function: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(function, *arguments)

    main = loop.create_task(send_observations())
    thread = threading.Thread(target=run_loop, name="links", daemon=True)
    thread.start()
    try:
        while (message := messages.get()) is not None:
            if isinstance(message, asyncio.Future):
                call_in_loop(_set_batch, message, list(itertools.islice(source, _TARGET_BATCH)))
            elif isinstance(message, BaseException):
                raise message
            else:
                call_in_loop(free_slots.release)
                if on_progress:
                    on_progress(scheduler.progress())
                yield message
    finally:
        call_in_loop(main.cancel)
        thread.join()


async def _until(
    observations: AsyncGenerator[Observation, None], within: float | None
) -> AsyncGenerator[Observation, None]:
    """What comes within so many seconds (None: all)."""
    loop = asyncio.get_running_loop()
    end = None if within is None else loop.time() + within
    async with aclosing(observations):
        while True:
            try:
                async with asyncio.timeout_at(end) as deadline:
                    observation = await anext(observations)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if not deadline.expired():
                    raise
                return
            yield observation


def _restore_expected(fields: dict[str, Any] | None) -> Expected | None:
    """As it was before it was written as JSON, which has no tuples."""
    if fields is None:
        return None
    restored: dict[str, Any] = {k: tuple(value) if isinstance(value, list) else value for k, value in fields.items()}
    return Expected(**restored)


def _set_batch(future: "asyncio.Future[list[Target]]", batch: list[Target]) -> None:
    if not future.done():
        future.set_result(batch)


async def check_targets_async(targets: Iterable[Target], policy: Policy) -> AsyncGenerator[Observation, None]:
    """As ``check_targets``, inside a running event loop. Close it (``aclosing``) to stop."""
    source = iter(targets)

    async def read_batch() -> list[Target]:
        return list(itertools.islice(source, _TARGET_BATCH))

    observations = Scheduler(policy, read_batch).observations()
    try:
        async for observation in observations:
            yield observation
    finally:
        await observations.aclose()


def check_target(target: Target, policy: Policy) -> Observation:
    """One check of one target."""
    return next(check_targets([target], policy))


class Scheduler:
    """One run over the targets. Not shared between threads, but for ``progress``."""

    def __init__(self, policy: Policy, read_batch: Callable[[], Awaitable[list[Target]]]) -> None:
        self._policy, self._read_batch = policy, read_batch
        self._checker = Checker(policy)
        self._hosts: dict[str, Host] = {}
        self._idle: OrderedDict[str, None] = OrderedDict()  # hosts without work, longest first, that are remembered
        self._queue: list[tuple[float, int, Host]] = []  # hosts with work, by when they may be requested
        self._crowded: dict[str, deque[Host]] = {}  # ... that wait for a slot of their IP address
        self._active_at_ip: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._steps: set[asyncio.Task[None]] = set()
        self._outcomes: asyncio.Queue[tuple[Host, Job, Observation | Continue] | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None
        self._all_read = False
        self._done = self._pending = self._pending_hosts = self._active_hosts = 0
        self._max_pending_hosts = 8 * policy.max_active_hosts
        self._spill_file = tempfile.TemporaryFile()  # noqa: SIM115 -- closed in ``observations``

    def progress(self) -> Progress:
        return Progress(self._done, self._active_hosts, self._pending, self._pending_hosts)

    async def observations(self) -> AsyncGenerator[Observation, None]:
        try:
            while True:
                self._read_ahead()
                self._start_steps()
                if not self._active_hosts and not self._reading and not self._queue:
                    if self._all_read and not self._pending_hosts:
                        return
                    if not self._all_read:
                        continue
                event = await self._next_outcome()
                if event is None:
                    continue
                host, job, outcome = event
                self._active_hosts -= 1
                self._release_ip_slot(host)
                if isinstance(outcome, Continue):
                    self._requeue_job(host, job)
                    self._settle_host(host)
                else:
                    self._settle_host(host)
                    self._done += 1
                    self._pending -= 1
                    yield outcome
                    self._checker.release_body(job)
        finally:
            await self._stop()

    async def _stop(self) -> None:
        tasks = [*self._steps, *([self._reading] if self._reading else [])]
        for task in tasks:
            task.cancel()
        for host in self._hosts.values():
            host.connection.close()
        self._spill_file.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _next_outcome(self) -> tuple[Host, Job, Observation | Continue] | None:
        """The next outcome of a step; None when a host has rested enough, or more targets were read."""
        has_room = self._active_hosts < self._policy.max_active_hosts
        seconds = max(0.0, self._queue[0][0] - time.monotonic()) if has_room and self._queue else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._outcomes.get()
        return None

    # targets

    def _read_ahead(self) -> None:
        if self._reading and self._reading.done():
            self._reading.result()
            self._reading = None
        if not self._all_read and not self._reading and self._pending_hosts < self._max_pending_hosts:
            self._reading = asyncio.create_task(self._read_targets())

    async def _read_targets(self) -> None:
        try:
            batch = await self._read_batch()
            for target in batch:
                self._add_target(target)
            self._all_read = not batch
        finally:
            self._outcomes.put_nowait(None)

    def _add_target(self, target: Target) -> None:
        self._pending += 1
        host = self._host_named(host_of(target.url))
        if len(host.targets) < _MAX_TARGETS_IN_MEMORY and host.restored >= len(host.spilled):
            host.targets.append(target)
        else:
            self._spill_file.seek(0, 2)
            host.spilled.append(self._spill_file.tell())
            expected = asdict(target.expected) if target.expected else None
            line = [target.key, target.url, target.owner_hosts, target.keep_body, expected]
            self._spill_file.write(json.dumps(line).encode() + b"\n")
        self._enqueue_host(host)

    def _next_job(self, host: Host) -> Job:
        if host.jobs:
            return host.jobs.popleft()
        target = host.targets.popleft()
        if not host.targets:
            for offset in host.spilled[host.restored : host.restored + _MAX_TARGETS_IN_MEMORY]:
                self._spill_file.seek(offset)
                key, url, owner_hosts, keep_body, expected = json.loads(self._spill_file.readline())
                host.targets.append(Target(key, url, tuple(owner_hosts), keep_body, _restore_expected(expected)))
            host.restored = min(host.restored + _MAX_TARGETS_IN_MEMORY, len(host.spilled))
        return Job(target, self._policy.now(), target.url)

    # hosts

    def _host_named(self, name: str) -> Host:
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, self._policy.pause_seconds)
        self._idle.pop(name, None)
        return host

    def _enqueue_host(self, host: Host) -> None:
        """Queue a host with work, unless it is queued or active."""
        if host.state == "idle":
            self._pending_hosts += 1
            host.state = "queued"
            heapq.heappush(self._queue, (host.next_request_at, next(self._numbers), host))

    def _start_steps(self) -> None:
        now = time.monotonic()
        while self._queue and self._active_hosts < self._policy.max_active_hosts and self._queue[0][0] <= now:
            host = heapq.heappop(self._queue)[2]
            ip_address = host.ip_addresses[0] if host.ip_addresses else ""
            if ip_address and self._active_at_ip[ip_address] >= self._policy.max_hosts_per_ip:
                self._crowded.setdefault(ip_address, deque()).append(host)
                continue
            self._active_at_ip[ip_address] += bool(ip_address)
            host.state, host.counted_ip = "active", ip_address
            self._active_hosts += 1
            step = asyncio.create_task(self._run_step(host, self._next_job(host)))
            self._steps.add(step)
            step.add_done_callback(self._steps.discard)

    async def _run_step(self, host: Host, job: Job) -> None:
        outcome = await self._checker.step(host, job)
        self._outcomes.put_nowait((host, job, outcome))

    def _release_ip_slot(self, host: Host) -> None:
        """After a step: its slot of the IP address goes to the host that has waited longest for one."""
        if ip_address := host.counted_ip:
            self._active_at_ip[ip_address] -= 1
            if not self._active_at_ip[ip_address]:
                del self._active_at_ip[ip_address]
            if crowd := self._crowded.get(ip_address):
                next_host = crowd.popleft()
                heapq.heappush(self._queue, (0.0, next(self._numbers), next_host))
                if not crowd:
                    del self._crowded[ip_address]
            host.counted_ip = ""

    def _requeue_job(self, host: Host, job: Job) -> None:
        """Queue a job that needs another step, here or on another host."""
        name = host_of(job.url)
        if name == host.name:
            host.jobs.appendleft(job)
        else:
            other = self._host_named(name)
            other.jobs.append(job)
            self._enqueue_host(other)

    def _settle_host(self, host: Host) -> None:
        """Queue a host that has more work; remember one that has none, and forget the oldest of those."""
        self._pending_hosts -= 1
        host.state = "idle"
        if host.jobs or host.targets:
            self._enqueue_host(host)
            return
        host.connection.close()
        if host.blocked_until:
            return  # never forgotten in this run, or it would be requested again
        self._idle[host.name] = None
        while (
            len(self._idle) > self._max_pending_hosts
            and self._hosts[next(iter(self._idle))].next_request_at < time.monotonic()
        ):
            forgotten, _ = self._idle.popitem(last=False)
            del self._hosts[forgotten]
