"""The lease of a job: who may work on it, for how long, and what becomes of what is written without it.

A worker takes a job with a token of its own and renews it from a process that does nothing else. Whatever the job
writes it writes inside :meth:`Lease.write`, whose transaction ends by touching the job under that token: when somebody
else has the job by then, nothing is stored. Times are the database's, so that machines need not agree; a lease that
lies further ahead than any is given for is void, so that a clock set back holds nothing up.
"""

import datetime
import errno
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from prongsai.jobs.kinds import Queue
from prongsai.jobs.models import Job

_STORAGE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ESTALE}
_READ_ONLY = "25006"  # PostgreSQL that changed places with its copy, or that somebody protects; no OperationalError
MAX_DELAY = datetime.timedelta(minutes=15)
OUTAGE_DELAY = datetime.timedelta(seconds=30)
MAX_LOSSES = 15  # leases of a job that ran out, one after the other: nobody knows whether by its fault
_LONGEST_PAUSE = 0.1  # seconds between two looks of who waits for SQLite's writer
INTERRUPTED = "โปรแกรมที่ทำงานนี้หยุดกลางทาง จะทำต่อเอง"


class LeaseLostError(BaseException):
    """The job belongs to somebody else by now, or was cancelled: stop, and write nothing. Not an Exception, so that
    nobody takes it for a fault of the work."""


def lease_time() -> datetime.timedelta:
    return datetime.timedelta(seconds=settings.JOBS_LEASE)


def is_outage(error: BaseException | None) -> bool:
    """Whether an error is of the database or of the storage, and not of the work: it says nothing about the job."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        if isinstance(error, OSError) and error.errno in _STORAGE_ERRORS:
            return True
        if getattr(error, "sqlstate", "") == _READ_ONLY:
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False


def _from_now(delay: datetime.timedelta) -> Combinable:
    return ExpressionWrapper(Now() + delay, output_field=DateTimeField())


def _let_others_write(seconds: float) -> None:
    """After a step that took so long, before the next. SQLite has one writer and no queue: who waits looks every tenth
    of a second, and may find a job that writes step after step in its way for as long as anybody waits."""
    if connection.vendor == "sqlite":
        time.sleep(min(_LONGEST_PAUSE, seconds / 4))


@dataclass
class Step:
    """What is written in one transaction of a job. ``advances``: it is not done again, so that the job gets on although
    its workers die one after the other, and its tries begin anew."""

    advances: bool


class Lease:
    """The right to do a job. What a job's function gets, and writes by. ``outcome`` is what is told to whoever asked,
    ``refusal`` why a rule forbids the work; the latter stays with the job."""

    outcome = ""
    refusal = ""

    def __init__(self, job_id: int, token: uuid.UUID | None) -> None:
        self.job_id, self.token = job_id, token

    @contextmanager
    def write(
        self, *, done: int | None = None, total: int | None = None, finish: bool = False, advances: bool = False
    ) -> Iterator[Step]:
        """A transaction that is stored only if the lease still holds. ``done`` and ``total`` are progress; ``finish``
        ends the job in the same transaction. ``advances``, or :attr:`Step.advances` where only what is written tells:
        it is not done again. Raises LeaseLostError."""
        step, began = Step(advances), time.monotonic()
        with transaction.atomic():
            yield step
            self._touch(done, total, finish=finish, advances=step.advances)
        if step.advances and not finish and self.token:
            _let_others_write(time.monotonic() - began)

    def progress(self, done: int, total: int, *, advances: bool = False) -> None:
        """Tell how far the work is. ``advances``: what was stored since the last time is not done again. Raises
        LeaseLostError."""
        self._touch(done, total, finish=False, advances=advances)

    def _touch(self, done: int | None, total: int | None, *, finish: bool, advances: bool = False) -> None:
        fields: dict[str, Any] = {"steps_done": done, "steps_total": total}
        fields = {name: value for name, value in fields.items() if value is not None}
        if advances:
            fields |= {"tries": 1, "losses": 0}  # the try that is made
        if finish:
            fields |= {
                "state": Job.State.DONE,
                "finished_at": Now(),
                "lease_until": None,
                "problem": self.refusal[:500],
            }
        mine = Job.objects.filter(pk=self.job_id, token=self.token, state__in=(Job.State.RUNNING, Job.State.DONE))
        if not mine.update(**fields or {"tries": F("tries")}):
            raise LeaseLostError


class _NoLease(Lease):
    """For work that is done outside of any job: by a command, a test."""

    def _touch(self, done: int | None, total: int | None, *, finish: bool, advances: bool = False) -> None:
        pass


NO_LEASE: Lease = _NoLease(0, None)


# --- taking, renewing, letting go: what the worker does


def _takeable(queue: Queue) -> QuerySet[Job]:
    waiting = Q(state=Job.State.WAITING) & (Q(due_at=None) | Q(due_at__lte=Now()))
    too_far = Q(lease_until__gt=_from_now(2 * lease_time()))
    abandoned = Q(state=Job.State.RUNNING) & (Q(lease_until__lte=Now()) | too_far)
    return Job.objects.filter(waiting | abandoned, queue=queue).order_by("pk")


def take_job(*, queue: Queue, owner: str) -> Job | None:
    """The next job of a queue, under a lease of one's own; None where there is none. A job whose worker is gone
    counts as waiting."""
    if not _takeable(queue).exists():  # a look that locks nothing
        return None
    with transaction.atomic():
        found = _takeable(queue).select_for_update(skip_locked=True).first()
        return _take(found, owner) if found else None


def take_this_job(*, job_id: int, owner: str) -> Job | None:
    """The job of this number, if it waits."""
    with transaction.atomic():
        found = Job.objects.select_for_update().filter(pk=job_id, state=Job.State.WAITING).first()
        return _take(found, owner) if found else None


def _take(found: Job, owner: str) -> Job:
    token, is_lost = uuid.uuid4(), found.state == Job.State.RUNNING  # its worker is gone, and seldom by the job's fault
    Job.objects.filter(pk=found.pk).update(
        state=Job.State.RUNNING,
        token=token,
        owner=owner,
        tries=F("tries") if is_lost else F("tries") + 1,
        losses=F("losses") + 1 if is_lost else F("losses"),
        due_at=None,
        started_at=Now(),
        lease_until=_from_now(lease_time()),
        problem=INTERRUPTED if is_lost else found.problem,
    )
    found.refresh_from_db()
    return found


def renew_leases(tokens: list[uuid.UUID]) -> set[uuid.UUID]:
    """Renew leases, of jobs that run; those of the others are lost. Returns those that hold."""
    held = Job.objects.filter(token__in=tokens, state=Job.State.RUNNING)
    held.update(lease_until=_from_now(lease_time()))
    return set(held.values_list("token", flat=True))  # type: ignore[arg-type]


def count_tries(job: Job) -> int:
    """How many tries a job that was taken has had by now."""
    now: int | None = Job.objects.filter(token=job.token).values_list("tries", flat=True).first()
    return job.tries if now is None else now


def delay_after(tries: int) -> datetime.timedelta:
    """How long after so many tries the next begins."""
    seconds: int = settings.JOBS_RETRY * 4 ** max(0, tries - 1)
    return min(datetime.timedelta(seconds=seconds), MAX_DELAY)


def release(*, token: uuid.UUID, problem: str, counted: bool, delay: datetime.timedelta | None) -> None:
    """Let a job wait again. ``counted``: it was a try of the work and not an accident of the place. Nothing happens
    when the lease is not held any more."""
    tries = F("tries") if counted else F("tries") - 1
    Job.objects.filter(token=token, state=Job.State.RUNNING, tries__gt=0).update(
        state=Job.State.WAITING,
        token=None,
        lease_until=None,
        due_at=_from_now(delay) if delay else None,
        tries=tries,
        problem=problem[:500],
    )


def close_connection() -> None:
    """Before a process forks, and when a connection may be broken."""
    connection.close()
