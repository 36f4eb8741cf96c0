"""The worker: a process that takes jobs, has each done by a process of its own, and renews their leases meanwhile.

The parent has one thread and does no job itself, so that nothing a job does keeps it from renewing. Each job's process
leads a group with everything that it starts. The group is killed when the lease is lost, when the job's process ends,
and, by a thread in it, when the parent is gone: nothing outlives the worker. An error of the database stops what the
parent was about to do, and never the parent.
"""

import contextlib
import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.utils import timezone

from prongsai.jobs import leases
from prongsai.jobs.actions import start_due_periods, work_on
from prongsai.jobs.kinds import Queue, find_kind
from prongsai.jobs.models import Job
from prongsai.jobs.models import Worker as WorkerRow
from prongsai.lib.call_stack import with_room

log = logging.getLogger("prongsai.jobs")
_POLL_SECONDS = 0.5
_WATCH_SECONDS = 0.5
_FAILURES_A_LINE = 60  # in the log, while the database is gone
_GRACE_SECONDS = 5  # in which a job may end by itself when the worker is asked to stop


@dataclass
class _Process:
    """A job being done."""

    job_id: int
    queue: Queue
    token: UUID
    renewed: float = field(default_factory=time.monotonic)  # when the lease was last known to hold


@dataclass(frozen=True)
class _Ended:
    """A job whose process is gone and whose lease is to be let go: again and again until the database does it."""

    token: UUID
    problem: str
    counted: bool
    delay_after: int


class Worker:
    """Does jobs of some queues until it is asked to stop by SIGTERM or SIGINT."""

    def __init__(self, queues: Iterable[Queue] = tuple(Queue), *, with_schedules: bool = True) -> None:
        self.queues, self.with_schedules = tuple(queues), with_schedules
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{os.urandom(3).hex()}"
        self.is_stopping = False
        self._processes: dict[int, _Process] = {}
        self._ended: list[_Ended] = []
        self._periods: dict[str, int] = {}
        self._renew_at = 0.0
        self._failures = 0

    def run(self, *, until_idle: Callable[[], bool] | None = None) -> None:
        """Work until a signal comes, or until ``until_idle`` says that nothing is left to do."""
        find_kind("")  # every room is imported once, before any process is made
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        before = {s: signal.signal(s, self._stop) for s in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            while not self.is_stopping:
                self._attempt(self._reap)
                self._attempt(self._renew)
                if self.with_schedules:
                    self._attempt(lambda: start_due_periods(self._periods))
                self._attempt(self._take_jobs)
                if until_idle and until_idle():
                    break
                if select.select([reader], [], [], _POLL_SECONDS)[0]:
                    os.read(reader, 4096)
        finally:
            self._shut_down()
            signal.set_wakeup_fd(-1)
            for signal_number, handler in before.items():
                signal.signal(signal_number, handler)
            os.close(reader)
            os.close(writer)

    def _stop(self, *_: object) -> None:
        self.is_stopping = True

    def _attempt(self, step: Callable[[], None]) -> None:
        """One step; what goes wrong in it is logged, and the step comes again."""
        try:
            step()
            self._failures = 0
        except Exception:
            if self._failures % _FAILURES_A_LINE == 0:
                log.exception("the worker could not go on as usual; it tries again")
            self._failures += 1
            with contextlib.suppress(Exception):
                connections.close_all()
            time.sleep(_POLL_SECONDS)

    # --- jobs

    def _take_jobs(self) -> None:
        busy = {p.queue for p in self._processes.values()}
        for queue in self.queues:
            if queue in busy or self.is_stopping:
                continue
            if job := leases.take_job(queue=queue, owner=self.name):
                self._start(job, queue)

    def _start(self, job: Job, queue: Queue) -> None:
        assert job.token is not None
        connections.close_all()  # a connection must not be used on both sides of a fork
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            log.warning("no process for job %s: %s", job.pk, error)
            self._ended.append(_Ended(job.token, "เครื่องนี้เปิดโพรเซสเพิ่มไม่ได้ จะลองใหม่เอง", False, 1))
            return
        if pid == 0:
            _do_in_this_process(job, parent)
        with contextlib.suppress(OSError):  # done by the child as well: whoever is first
            os.setpgid(pid, pid)
        self._processes[pid] = _Process(job.pk, queue, job.token)

    def _reap(self) -> None:
        """Clear up after processes that ended, and let go of jobs that did not say how they ended."""
        for pid, process in list(self._processes.items()):
            # seen before it is buried: until then nobody else can have its number
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            _kill_group(pid)
            _, status = os.waitpid(pid, 0)
            del self._processes[pid]
            if status != 0:
                log.warning("the process of job %s ended with %s", process.job_id, status)
                is_killed = os.WIFSIGNALED(status)
                problem = leases.INTERRUPTED if is_killed else "เก็บผลของงานไม่ได้ จะทำต่อเอง"
                self._ended.append(_Ended(process.token, problem, counted=is_killed, delay_after=1))
        with contextlib.suppress(ChildProcessError):  # what a job left behind is ours to bury where we are process 1
            while (stray := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
                if stray.si_pid in self._processes:
                    break
                os.waitpid(stray.si_pid, 0)
        while self._ended:
            ended = self._ended[0]
            delay = leases.delay_after(ended.delay_after) if ended.delay_after else None
            leases.release(token=ended.token, problem=ended.problem, counted=ended.counted, delay=delay)
            self._ended.pop(0)

    def _renew(self) -> None:
        """Renew every lease, and kill what lost its own, or cannot know."""
        now = time.monotonic()
        if now < self._renew_at:
            return
        try:
            WorkerRow.objects.update_or_create(name=self.name, defaults={"seen_at": timezone.now()})
            held = leases.renew_leases([p.token for p in self._processes.values()])
            self._renew_at = now + settings.JOBS_LEASE / 6
            for process in self._processes.values():
                if process.token in held:
                    process.renewed = now
            lost = [pid for pid, p in self._processes.items() if p.token not in held]
        except Exception:
            lost = [pid for pid, p in self._processes.items() if now - p.renewed > settings.JOBS_LEASE]
            raise
        finally:
            for pid in lost:
                _kill_group(pid)

    def _shut_down(self) -> None:
        """Let jobs end within some seconds; kill and release the others, so that another worker goes on at once."""
        deadline = time.monotonic() + _GRACE_SECONDS
        while self._processes and time.monotonic() < deadline:
            self._attempt(self._reap)
            time.sleep(0.05)
        for pid, process in self._processes.items():
            _kill_group(pid)
            os.waitpid(pid, 0)
            self._ended.append(_Ended(process.token, leases.INTERRUPTED, False, 0))
        self._processes.clear()
        self._attempt(self._reap)
        with contextlib.suppress(Exception):
            WorkerRow.objects.filter(name=self.name).delete()
        connections.close_all()


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _do_in_this_process(job: Job, parent: int) -> None:
    """What a forked process does: the job, and nothing else of the program that it was forked from."""
    code = 1
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for signal_number in (
            signal.SIGTERM,
            signal.SIGINT,
        ):  # the parent decides; what the job starts ignores them too
            signal.signal(signal_number, signal.SIG_IGN)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        with_room(work_on)(job)
        code = 0
    except BaseException:
        log.exception("what became of job %s could not be stored", job.pk)
    finally:
        logging.shutdown()
        os._exit(code)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os.killpg(0, signal.SIGKILL)
