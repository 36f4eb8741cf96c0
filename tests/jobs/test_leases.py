"""Who may write what a job does: fencing, tries, delays, giving up, periods, and what a person decides."""

import datetime
import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

import prongsai
from prongsai.jobs import actions, kinds, leases
from prongsai.jobs.actions import enqueue, start_due_periods, work_on
from prongsai.jobs.kinds import Kind, Queue, Timetable
from prongsai.jobs.leases import Lease, LeaseLostError, take_job
from prongsai.jobs.models import Job, Schedule
from prongsai.people.actions import DomainError, cancel_job, retry_job
from prongsai.people.models import AuditEntry, Notice
from tests.installation import environment

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind(monkeypatch):
    """A kind of job whose work a test decides, by ``kind.does``; ``kind.told`` is what its room was told."""

    class Work:
        does = staticmethod(lambda lease: None)

    Work.told = []
    made = Kind(
        "test.work",
        "งานทดสอบ",
        Queue.FILES,
        lambda lease, *a: Work.does(lease),
        tries=3,
        on_failure=lambda *a, problem: Work.told.append(problem),
        on_retry=lambda *a: Work.told.append("again"),
    )
    kinds.find_kind("")
    monkeypatch.setitem(kinds._kinds, made.name, made)
    Work.enqueue = made.enqueue
    Work.kind = made
    return Work


def take():
    return take_job(queue=Queue.FILES, owner="test")


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))


def make_due(job):
    Job.objects.filter(pk=job.pk).update(due_at=None)


# --- fencing


def test_who_lost_the_lease_writes_nothing(kind, people):
    kind.enqueue()
    first = take()
    expire(first)
    second = take()
    assert (second.pk, second.tries, second.losses) == (first.pk, 1, 1)  # its worker is gone: no fault of the job
    late = Lease(first.pk, first.token)
    with pytest.raises(LeaseLostError), late.write(finish=True):
        Notice.objects.create(user=people["office"], text="สองครั้ง")
    assert not Notice.objects.exists()
    with pytest.raises(LeaseLostError):
        late.progress(1, 2)
    with Lease(second.pk, second.token).write(finish=True):
        Notice.objects.create(user=people["office"], text="ครั้งเดียว")
    assert Notice.objects.get().text == "ครั้งเดียว"
    assert Job.objects.get().state == "done"


def test_between_two_steps_others_write(kind, monkeypatch):
    """SQLite's writers wait in no queue: a job that writes step after step would keep them all waiting. A job of one
    step, or at its end, makes nobody wait."""
    slept = []
    monkeypatch.setattr(leases.time, "sleep", slept.append)
    monkeypatch.setattr(leases.time, "monotonic", iter(range(100)).__next__)  # each step takes a second
    kind.enqueue()
    job = take()
    lease = Lease(job.pk, job.token)
    for _ in range(2):
        with lease.write(advances=True):
            pass
    with lease.write() as step:
        step.advances = False
    with lease.write(finish=True, advances=True):
        pass
    assert slept == ([leases._LONGEST_PAUSE] * 2 if connection.vendor == "sqlite" else [])


def test_what_ends_a_job_and_its_result_are_stored_together(kind, people):
    """A worker that dies after its last commit leaves nothing that would be done again."""

    def work(lease):
        with lease.write(finish=True):
            Notice.objects.create(user=people["office"], text="เสร็จ")
        raise KeyboardInterrupt

    kind.does = work
    kind.enqueue()
    job = take()
    with pytest.raises(KeyboardInterrupt):
        work_on(job)
    expire(job)
    assert take() is None
    assert Notice.objects.count() == 1


def test_a_job_that_runs_is_taken_by_nobody_else(kind):
    kind.enqueue()
    job = take()
    assert take() is None
    assert leases.renew_leases([job.token]) == {job.token}
    expire(job)
    assert take() is not None
    assert leases.renew_leases([job.token]) == set()


def test_a_clock_set_back_holds_no_job_up(kind):
    kind.enqueue()
    job = take()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + datetime.timedelta(hours=1))
    assert take() is not None


def test_a_job_is_there_only_if_what_asks_for_it_is(kind):
    with pytest.raises(IntegrityError), transaction.atomic():
        kind.enqueue()
        raise IntegrityError
    assert not Job.objects.exists()


def test_of_two_requests_with_a_key_one_is_stored_until_it_is_done(kind):
    first, second = kind.enqueue(key="k"), kind.enqueue(key="k")
    assert first == second
    assert take() == first
    assert kind.enqueue(key="k") == first
    work_on(Job.objects.get())
    assert kind.enqueue(key="k") != first
    assert kind.enqueue() != kind.enqueue()


def test_queues_do_not_mix(kind):
    kind.enqueue(queue=Queue.BULK)
    assert take() is None
    assert take_job(queue=Queue.BULK, owner="test")


# --- tries


def test_errors_are_tried_again_later_each_time_and_then_given_up(kind):
    def fail(lease):
        raise ValueError("secret of a respondent")

    kind.does = fail
    job = kind.enqueue()
    delays = []
    for _ in range(2):
        work_on(take())
        job.refresh_from_db()
        assert (job.state, kind.told) == ("waiting", [])
        delays.append(job.due_at - timezone.now())
        assert take() is None
        make_due(job)
    assert delays[1] > 3 * delays[0]
    work_on(take())
    job.refresh_from_db()
    assert (job.state, job.tries, kind.told) == ("failed", 3, [job.problem])
    assert "ValueError" not in job.problem  # it stands in the log; who reads this has no use for it
    assert "secret" not in job.problem
    assert take() is None


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_or_a_broken_database_is_no_fault_of_the_job(kind, error):
    """It waits however long it takes; counted as tries, an hour without space would give everything up."""

    def fail(lease):
        raise RuntimeError from error

    kind.does = fail
    job = kind.enqueue()
    for _ in range(10):
        work_on(take())
        make_due(job)
    job.refresh_from_db()
    assert (job.state, job.tries, kind.told) == ("waiting", 0, [])
    kind.does = lambda lease: None
    work_on(take())
    job.refresh_from_db()
    assert (job.state, job.problem) == ("done", "")


def test_an_error_that_is_no_outage_counts(kind):
    assert not leases.is_outage(FileNotFoundError(errno.ENOENT, "no such file"))
    assert not leases.is_outage(ValueError())


def test_a_job_that_kills_every_worker_is_given_up(kind):
    """Not after as many as it has tries: of a worker that is gone nobody knows that it was the job's fault."""
    kind.does = None  # it is never reached
    job = kind.enqueue()
    for _ in range(leases.MAX_LOSSES):
        expire(take())
    last = take()
    assert (last.tries, last.losses) == (1, leases.MAX_LOSSES)  # done now, were there something to do
    expire(last)
    work_on(take())
    job.refresh_from_db()
    assert (job.state, len(kind.told)) == ("failed", 1)


def test_a_job_that_kills_its_process_is_given_up_after_its_tries(kind):
    """Its worker lives, and says so."""
    kind.does = None
    job = kind.enqueue()
    for _ in range(kind.kind.tries):
        leases.release(token=take().token, problem=leases.INTERRUPTED, counted=True, delay=None)
    work_on(take())
    job.refresh_from_db()
    assert (job.state, job.losses, len(kind.told)) == ("failed", 0, 1)


def test_a_job_that_gets_on_is_not_given_up_although_its_workers_die(kind):
    kind.enqueue()

    def end_process(job):
        leases.release(token=job.token, problem=leases.INTERRUPTED, counted=True, delay=None)

    for end, times in ((expire, 2 * leases.MAX_LOSSES), (end_process, 3 * kind.kind.tries)):
        for _ in range(times):
            job = take()
            assert (job.tries, job.losses) in ((1, 0), (1, 1), (2, 0))
            with Lease(job.pk, job.token).write(done=1, advances=True):
                pass
            end(job)
    for _ in range(kind.kind.tries - 1):  # and one that does not any more is
        job = take()
        with Lease(job.pk, job.token).write(done=1):
            pass
        assert job.tries <= kind.kind.tries
        end_process(job)
    work_on(take())
    assert Job.objects.get().state == Job.State.FAILED
    assert len(kind.told) == 1


def test_an_error_after_something_was_stored_counts_from_there(kind):
    """As the job was taken it had no try left; by its own error it has had one since it got on."""
    kind.enqueue()
    for _ in range(kind.kind.tries - 1):
        leases.release(token=take().token, problem=leases.INTERRUPTED, counted=True, delay=None)

    def get_on_and_fail(lease):
        with lease.write(done=1, advances=True):
            pass
        raise ValueError

    kind.does = get_on_and_fail
    job = take()
    assert job.tries == kind.kind.tries
    work_on(job)
    job.refresh_from_db()
    assert (job.state, job.tries, kind.told) == (Job.State.WAITING, 1, [])
    assert job.due_at - timezone.now() <= leases.delay_after(1)
    kind.does = lambda lease: 1 / 0  # and one that gets on no further has as many tries as any
    for _ in range(kind.kind.tries - 1):
        assert job.state == Job.State.WAITING
        make_due(job)
        work_on(take())
        job.refresh_from_db()
    assert (job.state, len(kind.told)) == (Job.State.FAILED, 1)


def test_what_was_written_may_say_whether_the_job_got_on(kind):
    kind.enqueue()
    leases.release(token=take().token, problem="", counted=True, delay=None)
    job = take()
    for advances, tries in ((False, 2), (True, 1)):
        with Lease(job.pk, job.token).write(done=1) as step:
            step.advances = advances
        job.refresh_from_db()
        assert job.tries == tries
    Job.objects.update(tries=2)
    Lease(job.pk, job.token).progress(2, 3, advances=True)
    job.refresh_from_db()
    assert (job.tries, job.steps_done) == (1, 2)


def test_a_room_that_cannot_be_told_keeps_no_job_alive(kind, monkeypatch):
    def refuse(*_, problem):
        raise ValueError

    broken = Kind("test.broken", "เสีย", Queue.FILES, lambda lease: 1 / 0, tries=1, on_failure=refuse)
    monkeypatch.setitem(kinds._kinds, broken.name, broken)
    broken.enqueue()
    work_on(take())
    assert Job.objects.get().state == "failed"


def test_a_kind_of_a_newer_version_waits_for_its_program(kind):
    Job.objects.create(name="test.newer", queue=Queue.FILES)
    work_on(take())
    job = Job.objects.get()
    assert (job.state, job.tries) == ("waiting", 0)


def test_every_job_is_done_at_once_where_there_is_no_worker(kind, django_capture_on_commit_callbacks):
    done = []
    kind.does = lambda lease: done.append(1)
    with django_capture_on_commit_callbacks(execute=True):
        kind.enqueue()
        assert not done
    assert done
    assert Job.objects.get().state == "done"


# --- what a person decides


def test_a_cancelled_job_stores_nothing_more(kind, people):
    job = kind.enqueue(about="ไฟล์")
    running = take()
    cancel_job(job=job, by=people["office"])
    job.refresh_from_db()
    assert (job.state, len(kind.told)) == ("cancelled", 1)
    with pytest.raises(LeaseLostError), Lease(running.pk, running.token).write():
        Notice.objects.create(user=people["office"], text="สาย")
    assert not Notice.objects.exists()
    entry = AuditEntry.objects.get(action="jobs.cancel")
    assert "งานทดสอบ ไฟล์" in entry.subject
    with pytest.raises(DomainError, match="จบไปแล้ว"):
        cancel_job(job=job, by=people["office"])
    assert AuditEntry.objects.filter(action="jobs.cancel").count() == 1


def test_a_failed_job_can_be_tried_anew(kind, people):
    job = kind.enqueue(key="k")
    kind.does = lambda lease: 1 / 0
    work_on(take(), is_last=True)
    Job.objects.update(losses=leases.MAX_LOSSES)
    retry_job(job=job, by=people["office"])
    job.refresh_from_db()
    assert (job.state, job.tries, job.losses, kind.told[1:]) == ("waiting", 0, 0, ["again"])
    kind.does = lambda lease: None
    work_on(take())
    with pytest.raises(DomainError, match="ไม่มีอะไรให้ทำซ้ำ"):
        retry_job(job=job, by=people["office"])


def test_a_job_is_not_tried_anew_beside_another_of_its_key(kind, people):
    job = kind.enqueue(key="k")
    cancel_job(job=job, by=people["office"])
    kind.enqueue(key="k")
    with pytest.raises(DomainError, match="อยู่แล้ว"):
        retry_job(job=job, by=people["office"])


# --- periods


@pytest.fixture
def timetable(kind, monkeypatch):
    class Clock:
        period = 100
        has_work = True

    scheduled = Timetable(kind.kind, lambda: Clock.period, lambda: Clock.has_work)
    monkeypatch.setattr(actions, "all_timetables", lambda: [scheduled])
    return Clock


def run_scheduled():
    while job := take():
        work_on(job)


def test_one_job_for_each_period_whoever_looks(timetable):
    for _ in range(3):  # workers, each with a memory of its own
        start_due_periods({})
        run_scheduled()
    assert Job.objects.count() == 1
    timetable.period += 1
    start_due_periods({})
    assert Job.objects.count() == 2


def test_a_worker_whose_clock_is_behind_begins_no_period_again(timetable):
    start_due_periods({})
    run_scheduled()
    timetable.period -= 1
    start_due_periods({})
    assert Job.objects.count() == 1


def test_a_clock_set_back_by_an_hour_stops_no_schedule(timetable):
    start_due_periods({})
    run_scheduled()
    timetable.period -= 60
    start_due_periods({})
    assert Job.objects.count() == 2
    assert Schedule.objects.get().period == 40


def test_a_period_without_work_is_looked_at_again(timetable):
    timetable.has_work = False
    start_due_periods({})
    assert not Job.objects.exists()
    timetable.has_work, timetable.period = True, 101
    start_due_periods({})
    assert Job.objects.count() == 1


def test_a_day_begins_at_its_hour(monkeypatch):
    schedules = {t.kind.name: t for t in kinds.all_timetables()}
    notices = schedules["disclosure.notify_changes"]
    days = []
    for hour in (7, 8):
        now = timezone.localtime().replace(hour=hour, minute=0)
        monkeypatch.setattr(kinds.timezone, "localtime", lambda now=now: now)
        days.append(notices.period_now())
    assert days[1] == days[0] + 1


def test_old_jobs_are_forgotten_and_failed_ones_stay(kind):
    for state, days in (("done", 8), ("done", 1), ("failed", 8), ("failed", 200)):
        Job.objects.create(
            name="test.work", queue=Queue.FILES, state=state, finished_at=timezone.now() - datetime.timedelta(days=days)
        )
    actions.delete_old_jobs.call()
    assert sorted(Job.objects.values_list("state", flat=True)) == ["done", "failed"]


def test_arguments_are_stored_as_they_were_given(kind):
    job = enqueue(kind=kind.kind, arguments=[1, "ก"], key="", about="ก" * 300, assessment="ita", queue=Queue.FILES)
    job.refresh_from_db()
    assert (job.arguments, len(job.about)) == ([1, "ก"], 200)


KIND = re.compile(r"^@(?:job|periodic|background_action)\([^\n]*\)\n(?:@[^\n]*\n)*def (\w+)", re.M)


def test_a_worker_knows_every_kind_of_job_that_a_page_asks_for(tmp_path):
    """A kind in a module that pages import and a worker does not would wait for ever."""
    rooms = Path(prongsai.__file__).parent
    declared = {
        f"{path.relative_to(rooms).parts[0]}.{name}"
        for path in rooms.rglob("*.py")
        for name in KIND.findall(path.read_text())
    }
    code = (
        "import django, sys; django.setup(); from prongsai.jobs.kinds import find_kind\n"
        "print(*[name for name in sys.argv[1:] if find_kind(name) is None])"
    )
    env = environment(tmp_path, DJANGO_SETTINGS_MODULE="prongsai.settings")
    done = subprocess.run([sys.executable, "-c", code, *declared], env=env, capture_output=True, text=True, check=True)
    assert len(declared) > 30
    assert done.stdout.strip() == ""


def test_two_functions_of_one_name_in_a_room_are_refused():
    """The second would do the work of the first."""
    from prongsai.jobs import kinds

    known = next(iter(kinds._kinds.values()))

    def other(lease):
        pass

    other.__module__ = f"prongsai.{known.name.partition('.')[0]}.elsewhere"
    other.__name__ = known.name.partition(".")[2]
    with pytest.raises(TypeError, match=known.name):
        kinds.job(title="งาน", queue=kinds.Queue.OFFICE)(other)
    assert kinds._kinds[known.name] is known
