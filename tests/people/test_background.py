"""What a person asks for and a worker does: once, told once, and never without whoever asked hearing of it."""

import pytest
from django.db import DatabaseError

from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue, _kinds
from prongsai.jobs.leases import LeaseLostError, take_job
from prongsai.jobs.models import Job
from prongsai.people.actions import DomainError
from prongsai.people.background import background_action, find_states
from prongsai.people.models import AuditEntry, Heartbeat, Notice


class Action:
    """A background action that a test fills with work."""

    def __init__(self):
        self.does = lambda lease, by, *arguments: None

    def __call__(self, lease, by, *arguments):
        self.does(lease, by, *arguments)


@pytest.fixture
def action(settings):
    settings.JOBS_BY_WORKERS = True
    work = Action()

    def sample(lease, by, *arguments):
        work(lease, by, *arguments)

    sample.__module__ = "prongsai.test"
    work.made = background_action(title="ทำงานทดสอบ")(sample)
    yield work
    del _kinds["test.sample"]


def ask(action, by, subject="1", *arguments):
    return action.made.request(subject, *arguments, by=by, about="รอบหนึ่ง", assessment="ita", url="/desk/x/")


def take():
    return take_job(queue=Queue.OFFICE, owner="test")


def store(lease, by, *_):
    """The work of an action: one row and what came of it, in one transaction."""
    with lease.write(finish=True):
        Heartbeat.objects.create(name="stored", at="2026-11-27T00:00:00Z")
        lease.outcome = "เก็บแล้วหนึ่งแถว"


def test_pressed_twice_is_done_once_and_told_once(action, people):
    action.does = store
    first, second = ask(action, people["office"]), ask(action, people["office"])
    assert first.pk == second.pk
    work_on(take())
    assert take() is None
    notice = Notice.objects.get()
    assert (notice.user, notice.text, notice.url) == (people["office"], "เก็บแล้วหนึ่งแถว", "/desk/x/")
    assert AuditEntry.objects.filter(action="jobs.ask").count() == 2


def test_of_two_subjects_none_waits_for_the_other_to_be_asked_for(action, people):
    assert ask(action, people["office"], "1").pk != ask(action, people["office"], "2").pk


def test_whoever_lost_the_job_stores_nothing_and_tells_nobody(action, people):
    """A worker that everybody thought dead goes on, while another has done the work."""
    ask(action, people["office"])
    late = take()
    action.does = store
    Job.objects.update(lease_until="2020-01-01T00:00:00Z")
    work_on(take())
    work_on(late)
    assert Heartbeat.objects.filter(name="stored").count() == 1
    assert Notice.objects.count() == 1


def test_what_is_stored_and_what_is_told_are_one(action, people):
    """Killed between the work and the end: nothing of it is there, and it is done again."""
    ask(action, people["office"])

    def die(lease, by):
        with lease.write(finish=True):
            Heartbeat.objects.create(name="stored", at="2026-11-27T00:00:00Z")
            raise LeaseLostError

    action.does = die
    work_on(take())
    assert not Heartbeat.objects.filter(name="stored").exists()
    assert not Notice.objects.exists()
    Job.objects.update(lease_until="2020-01-01T00:00:00Z")
    action.does = store
    work_on(take())
    assert Heartbeat.objects.filter(name="stored").exists()


def test_a_refusal_is_told_shown_and_not_tried_again(action, people):
    def refuse(lease, by):
        with lease.write(finish=True):
            Heartbeat.objects.create(name="stored", at="2026-11-27T00:00:00Z")
            raise DomainError("ปิดไปแล้ว")

    action.does = refuse
    job = ask(action, people["office"])
    work_on(take())
    job.refresh_from_db()
    assert (job.state, job.problem) == ("done", "ปิดไปแล้ว")
    assert Notice.objects.get().text == "ทำงานทดสอบไม่ได้: ปิดไปแล้ว"
    assert not Heartbeat.objects.filter(name="stored").exists()
    (state,) = find_states([action.made], "1")
    assert not state.is_done
    assert not state.is_active


def test_a_fault_is_told_after_the_last_try_alone(action, people):
    def fail(lease, by):
        raise ZeroDivisionError

    action.does = fail
    ask(action, people["office"])
    for _ in range(action.made.kind.tries):
        assert not Notice.objects.exists()
        Job.objects.update(due_at=None)
        work_on(take())
    assert Job.objects.get(queue=Queue.OFFICE).state == "failed"
    assert "ไม่สำเร็จ" in Notice.objects.get().text


def test_an_action_that_says_nothing_of_its_end_is_ended_and_told(action, people):
    ask(action, people["office"], "1", 7, "seen")
    action.does = lambda lease, by, number, text: lease.progress(number, 10)
    work_on(take())
    assert Notice.objects.get().text == "ทำงานทดสอบเสร็จแล้ว"
    assert find_states([action.made], "1")[0].is_done


def test_the_outcome_is_shown_for_a_day(action, people):
    ask(action, people["office"])
    work_on(take())
    Job.objects.update(finished_at="2026-01-01T00:00:00Z")
    assert find_states([action.made], "1") == []


def test_a_full_disk_refuses_nothing(action, people):
    """What the storage says is no answer to the person: it goes on by itself."""
    from django.db import OperationalError

    def full(lease, by):
        raise OperationalError("database or disk is full") from DatabaseError()

    action.does = full
    job = ask(action, people["office"])
    work_on(take())
    job.refresh_from_db()
    assert job.state == "waiting"
    assert not Notice.objects.exists()
