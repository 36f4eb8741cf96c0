"""What is done with jobs: queued, worked on, given up, cancelled, tried anew, deleted when they are old.

Whoever writes in a transaction about a job writes everything else first and the job last: so transactions of a worker
and of a page lock in one order.
"""

import datetime
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from prongsai.jobs import leases
from prongsai.jobs.kinds import Kind, Queue, all_timetables, find_kind, periodic
from prongsai.jobs.leases import Lease, LeaseLostError
from prongsai.jobs.models import Job, Schedule, Worker
from prongsai.lib import origin

log = logging.getLogger("prongsai.jobs")
_DONE_FOR = datetime.timedelta(days=7)  # how long what is done stays in the list
_FAILED_FOR = datetime.timedelta(days=180)
_CLOCK_SLACK = 5  # periods by which the clocks of two machines may differ
WILL_TRY_AGAIN = "ข้อผิดพลาดของระบบ จะลองใหม่เอง"  # what failed stands in the log, with the number of the job
TOO_MANY_TRIES = "ข้อผิดพลาดของระบบ ลองหลายครั้งแล้วไม่สำเร็จจึงหยุดไว้ แจ้งผู้ดูแลระบบได้"
STORAGE_PROBLEM = "ฐานข้อมูลหรือที่เก็บไฟล์ขัดข้อง (เช่น พื้นที่เต็ม) จะทำต่อเองเมื่อใช้ได้อีก"
UNKNOWN_KIND = "โปรแกรมรุ่นนี้ไม่รู้จักงานชนิดนี้"


# around the work of each job, such as what traces it; an error of the work passes through
OBSERVERS: list[Callable[[Job], AbstractContextManager[None]]] = []


class JobError(ValueError):
    """Why a job cannot be cancelled or tried anew, in Thai."""


# --- the queue


def enqueue(*, kind: Kind, arguments: list[Any], key: str, about: str, assessment: str, queue: Queue) -> Job:
    """Store a job in the caller's transaction: it is there if and only if what asks for it is. Of an active job with
    the same key no second one is made. Where no worker is wanted (PRONGSAI_WORKERS=0) it is done after the commit."""
    fields: dict[str, Any] = {"name": kind.name, "arguments": arguments, "queue": queue, "assessment": assessment}
    fields |= {"about": about[:200], "request_id": origin.current_request_id() or None}
    if key:
        active = Job.objects.filter(key=key, state__in=Job.ACTIVE)
        job = active.first()
        while job is None:
            Job.objects.bulk_create([Job(key=key, **fields)], ignore_conflicts=True)
            job = active.first()  # ours, or that of somebody who was faster; none where that one ended meanwhile
    else:
        job = Job.objects.create(**fields)
    if not settings.JOBS_BY_WORKERS:
        transaction.on_commit(lambda: _work_at_once(job.pk))
    return job


def _work_at_once(job_id: int) -> None:
    if job := leases.take_this_job(job_id=job_id, owner="at once"):
        work_on(job, is_last=True)


def start_due_periods(already: dict[str, int]) -> None:
    """Make jobs of the scheduled work whose period has begun: one for each period, however many workers there are.
    ``already`` remembers, in one worker, what was looked at."""
    for timetable in all_timetables():
        name, period = timetable.kind.name, timetable.period_now()
        if already.get(name) == period:
            continue
        if timetable.when is None or timetable.when():
            _start_period(timetable.kind, period)
        already[name] = period


def _start_period(kind: Kind, period: int) -> None:
    with transaction.atomic():
        Schedule.objects.get_or_create(name=kind.name, defaults={"period": period - 1})
        # a period far ahead was begun by a clock that has been set back since
        is_new = Q(period__lt=period) | Q(period__gt=period + _CLOCK_SLACK)
        if Schedule.objects.filter(is_new, name=kind.name).update(period=period):
            kind.enqueue(key=kind.name)


# --- the work


def work_on(job: Job, *, is_last: bool = False) -> None:
    """Do a job that was taken, and store what became of it. An error of the work counts as a try, one of the database
    or the storage does not; after the last try the job is given up. ``is_last``: nobody will try again."""
    assert job.token is not None
    kind = find_kind(job.name)
    with origin.begin(origin.Origin(request_id=job.request_id or "", job_id=job.pk)):
        try:
            try:
                with ExitStack() as observed:
                    for observe in OBSERVERS:
                        observed.enter_context(observe(job))
                    _do(kind, job, Lease(job.pk, job.token))
            except Exception as error:
                _store_failure(kind, job, error, is_last=is_last)
        except LeaseLostError:
            log.warning("job %s (%s) belongs to somebody else; nothing more was written", job.pk, job.name)


def _do(kind: Kind | None, job: Job, lease: Lease) -> None:
    assert job.token is not None
    if kind is None:
        leases.release(token=job.token, problem=UNKNOWN_KIND, counted=False, delay=leases.MAX_DELAY)
    elif job.tries > kind.tries or job.losses > leases.MAX_LOSSES:  # its process, or its worker, died every time
        _give_up(kind, job, TOO_MANY_TRIES)
    else:
        kind.function(lease, *job.arguments)
        with lease.write(finish=True):
            pass


def _store_failure(kind: Kind | None, job: Job, error: Exception, *, is_last: bool) -> None:
    assert job.token is not None
    is_outage = leases.is_outage(error)
    log.exception("job %s (%s) failed", job.pk, job.name)
    if is_outage and not connection.in_atomic_block:
        connection.close()
    if is_outage and not is_last:
        leases.release(token=job.token, problem=STORAGE_PROBLEM, counted=False, delay=leases.OUTAGE_DELAY)
        return
    tries = leases.count_tries(job)  # not as the job was taken: it may have got on since
    if kind is None or (tries < kind.tries and not is_last):
        leases.release(token=job.token, problem=WILL_TRY_AGAIN, counted=True, delay=leases.delay_after(tries))
    else:
        _give_up(kind, job, TOO_MANY_TRIES)


def _give_up(kind: Kind, job: Job, problem: str) -> None:
    try:
        with transaction.atomic():
            if kind.on_failure:
                kind.on_failure(*job.arguments, problem=problem)
            _end(Job.objects.filter(token=job.token), Job.State.FAILED, problem)
    except Exception as error:
        if leases.is_outage(error):
            raise
        log.exception("the room of job %s (%s) could not be told of its failure", job.pk, job.name)
        _end(Job.objects.filter(token=job.token), Job.State.FAILED, problem)


def _end(jobs: Any, state: str, problem: str) -> None:
    ended = {"state": state, "problem": problem[:500], "finished_at": Now(), "token": None, "lease_until": None}
    if not jobs.filter(state__in=Job.ACTIVE).update(**ended):
        raise LeaseLostError


# --- what a person decides; people.actions writes it into the audit trail


def cancel(*, job: Job) -> None:
    """End a job that waits or runs; whoever works on it stops within seconds and stores nothing. Raises JobError."""
    problem = "ยกเลิกโดยส่วนกลาง"
    with transaction.atomic():
        kind = find_kind(job.name)
        if kind and kind.on_failure:
            kind.on_failure(*job.arguments, problem=problem)
        try:
            _end(Job.objects.filter(pk=job.pk), Job.State.CANCELLED, problem)
        except LeaseLostError:
            raise JobError(f"งานที่ {job.pk} จบไปแล้ว ไม่มีอะไรให้ยกเลิก") from None


def retry(*, job: Job) -> None:
    """Let a job that failed, was cancelled, or waits for its next try begin at once, with all its tries. Raises
    JobError."""
    kind = find_kind(job.name)
    if kind is None:
        raise JobError(UNKNOWN_KIND)
    try:
        with transaction.atomic():
            if kind.on_retry:
                kind.on_retry(*job.arguments)
            again = Job.objects.filter(pk=job.pk, state__in=(Job.State.WAITING, Job.State.FAILED, Job.State.CANCELLED))
            if not again.update(state=Job.State.WAITING, tries=0, losses=0, due_at=None, finished_at=None, problem=""):
                raise JobError(f"งานที่ {job.pk} กำลังทำอยู่หรือเสร็จแล้ว ไม่มีอะไรให้ทำซ้ำ")
    except IntegrityError:
        raise JobError("มีงานเดียวกันรอหรือกำลังทำอยู่แล้ว") from None
    if not settings.JOBS_BY_WORKERS:
        transaction.on_commit(lambda: _work_at_once(job.pk))


@periodic(title="ลบรายการงานเก่า", hour=3)
def delete_old_jobs(lease: Lease) -> None:
    """Forget what was done a week ago, and what failed half a year ago."""
    now = timezone.now()
    old = Q(state=Job.State.DONE, finished_at__lt=now - _DONE_FOR) | Q(
        state__in=(Job.State.FAILED, Job.State.CANCELLED), finished_at__lt=now - _FAILED_FOR
    )
    with lease.write():
        Job.objects.filter(old).delete()
        Worker.objects.filter(seen_at__lt=now - _DONE_FOR).delete()
