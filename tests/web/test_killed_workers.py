"""A worker is killed in each job that somebody at a desk asks for: nothing of it stays, and the next worker does all of
it, once, with one notice."""

import datetime
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver

from prongsai import framework
from prongsai.disclosure import actions as disclosures
from prongsai.disclosure import allocation, assessors, filing_list
from prongsai.disclosure.allocation import Choices
from prongsai.jobs import kinds
from prongsai.jobs.actions import work_on
from prongsai.jobs.leases import Lease, LeaseLostError, take_job
from prongsai.jobs.models import Job
from prongsai.people import bulk
from prongsai.people.lists import Chosen, digest_rows
from prongsai.people.models import Notice, User
from prongsai.registry import actions as registry
from prongsai.registry import agency_table
from prongsai.registry.models import Agency
from prongsai.results import actions as results
from prongsai.results import queries
from prongsai.rulebooks import actions as rulebooks
from prongsai.survey import actions as surveys
from prongsai.web import steering
from tests.results import way_back
from tests.results.test_results import read_table, table
from tests.web.test_signed_in import changed, digest_database

TESTS = Path(__file__).parents[1]
TODAY = datetime.date(2026, 11, 27)
NAMES = {"about": "x", "assessment": "ita", "url": "/desk/"}


@dataclass
class Desk:
    """A round with somebody at every place, and what is asked for there."""

    people: dict[str, Any]
    agencies: tuple[Any, Any]
    round: Any
    folder: Path

    @property
    def office(self):
        return self.people["office"]

    def act(self, act, list_of, text="", picks=None):
        """Have an act done to the rows of a list."""
        chosen = Chosen(picks is None, {}, picks or [])
        seen = digest_rows(act.narrow(chosen.rows(list_of)))
        act.action.request("x", *list_of.args, chosen.stored(), seen, text, "https://x.test", by=self.office, **NAMES)

    def hire(self):
        """Another assessor."""
        return User.objects.create(email="second@example.test", name="ผู้ประเมินสอง", role="assessor")

    def draft(self):
        self.hire()
        return allocation.draw(assessment_round=self.round, choices=Choices(), by=self.office)

    def release(self):
        draft = self.draft()
        allocation.release(allocation_id=draft.pk, revision=draft.revision, by=self.office)
        return draft

    def compute(self):
        way_back.seal_round(self.round, self.agencies, self.people)
        return way_back.compute(self.round, self.people)

    def rulebook(self):
        source = framework.load("ita", 2570)
        return rulebooks.begin_draft(source=source, assessment="ita", fiscal_year=2571, by=self.office)


def enrol(desk):
    Agency.objects.create(assessment_id="ita", code="C3", name_th="กรมใหม่", kind="department")
    registry.request_enrolment(assessment_round=desk.round, by=desk.office)


def invite_again(desk):
    new = User.objects.create(email="new@example.test", name="ใหม่", role="assessor", password="!x")
    desk.act(bulk.INVITE, partial(bulk.list_users, "ita"), picks=[new.pk])


def close_accounts(desk):
    desk.act(bulk.CLOSE, partial(bulk.list_users, "ita"), picks=[desk.people["auditor"].pk])


def on_agencies(desk):
    desk.act(agency_table.REMIND, partial(agency_table.list_agencies, "ita"), "ส่งข้อมูล")


def on_steered(desk, act):
    desk.act(act, partial(steering.list_agencies, desk.round.pk), "ส่งข้อมูล")


def on_filings(desk, act, text="ส่งข้อมูล"):
    desk.act(act, partial(filing_list.list_filings, desk.round.pk), text)


def assign(desk):
    on_filings(desk, filing_list.ASSIGN, str(desk.hire().pk))


def on_assessors(desk, act, text):
    desk.hire()
    desk.act(act, partial(assessors.list_assessors, desk.round.pk), text)


def move(desk):
    draft = desk.draft()
    desk.act(allocation.MOVE, partial(allocation.list_rows, draft.pk), str(User.objects.get(name="ผู้ประเมินสอง").pk))


def release(desk):
    draft = desk.draft()
    allocation.request_release(allocation=draft, revision=draft.revision, by=desk.office)


def sample(desk):
    desk.hire()
    way_back.mark_round(desk.round, desk.agencies, desk.people)
    disclosures.request_sample(assessment_round=desk.round, percent=100, by=desk.office)


def seal_marks(desk):
    way_back.mark_round(desk.round, desk.agencies, desk.people)
    disclosures.request_seal(assessment_round=desk.round, incomplete=False, by=desk.office)


def confirm_table(desk):
    path = table(desk.folder, ["A1,x,90,ผ่าน,90,"])
    results.request_confirmation(imported=read_table(desk.people, path), by=desk.office)


def publish(desk):
    made = desk.compute()
    results.request_publication(result_set=made, seen=queries.publication_key(made), by=desk.office)


def withdraw(desk):
    made = desk.compute()
    results.publish(result_set=made, by=desk.office)
    results.request_withdrawal(result_set=made, reason="ผิดแฟ้ม", by=desk.office)


def announce(desk):
    made = desk.rulebook()
    rulebooks.request_announcement(rulebook=made, on=TODAY, read_key=made.draft_id, by=desk.office, url="/desk/")


def withdraw_rules(desk):
    made = desk.rulebook()
    rulebooks.announce(rulebook=made, on=TODAY, read_key=made.draft_id, by=desk.office)
    made.refresh_from_db()
    rulebooks.request_withdrawal(rulebook=made, reason="พิมพ์ผิด", by=desk.office, url="/desk/")


ASKED = {
    "registry.enroll_in_background": enrol,
    "registry.remind_in_background": on_agencies,
    "people.invite_in_background": invite_again,
    "people.close_in_background": close_accounts,
    "web.remind_agencies_in_background": partial(on_steered, act=steering.REMIND),
    "web.remind_assessors_in_background": partial(on_steered, act=steering.REMIND_ASSESSORS),
    "disclosure.remind_agencies_in_background": partial(on_filings, act=filing_list.REMIND),
    "disclosure.remind_assessors_in_background": partial(on_filings, act=filing_list.REMIND_ASSESSORS),
    "disclosure.assign_in_background": assign,
    "disclosure.export_in_background": partial(on_filings, act=filing_list.EXPORT),
    "disclosure.remind_in_background": partial(on_assessors, act=assessors.REMIND, text="ตรวจ"),
    "disclosure.limit_in_background": partial(on_assessors, act=assessors.LIMIT, text="40"),
    "disclosure.describe_homes_in_background": partial(on_assessors, act=assessors.HOME, text="ตาก"),
    "disclosure.describe_languages_in_background": partial(on_assessors, act=assessors.LANGUAGES, text="มลายูถิ่น"),
    "disclosure.hand_over_in_background": partial(on_assessors, act=assessors.HAND_OVER, text=""),
    "disclosure.draw_in_background": lambda desk: allocation.request_draw(
        assessment_round=desk.round, choices=Choices(), by=desk.office
    ),
    "disclosure.move_in_background": move,
    "disclosure.release_in_background": release,
    "disclosure.take_back_in_background": lambda desk: allocation.request_taking_back(
        allocation=allocation.Allocation.objects.get(pk=desk.release().pk), by=desk.office
    ),
    "disclosure.sample_in_background": sample,
    "disclosure.seal_in_background": seal_marks,
    "survey.find_signals_in_background": lambda desk: surveys.find_signals_in_background.request(
        "x", desk.round.pk, by=desk.office, **NAMES
    ),
    "results.confirm_in_background": confirm_table,
    "results.publish_in_background": publish,
    "results.withdraw_in_background": withdraw,
    "rulebooks.announce_in_background": announce,
    "rulebooks.withdraw_in_background": withdraw_rules,
}
# those that write in several steps or files, and the test that kills a worker of each
ELSEWHERE = {
    "registry.write_table_in_background": "registry/test_tables.py::test_a_worker_killed_in_any_of_the_jobs",
    "registry.read_table_in_background": "registry/test_tables.py::test_a_worker_killed_in_any_of_the_jobs",
    "registry.apply_in_background": "registry/test_tables.py::test_a_table_is_applied_and_undone_although_worker",
    "registry.undo_in_background": "registry/test_tables.py::test_a_table_is_applied_and_undone_although_worker",
    "survey.seal_in_background": "survey/test_survey.py::test_sealing_and_destroying_get_on_although_worker",
    "survey.destroy_in_background": "survey/test_survey.py::test_sealing_and_destroying_get_on_although_worker",
    "survey.adopt_in_background": "survey/test_rights.py::test_rolls_and_orders_of_the_nation_get_on_although_worker",
    "survey.order_in_background": "survey/test_rights.py::test_rolls_and_orders_of_the_nation_get_on_although_worker",
    "web.export_in_background": "sites/test_section.py::test_a_worker_that_packs_a_section_is_killed",
}


def test_every_job_that_is_asked_for_is_here_or_killed_elsewhere():
    assert get_resolver().url_patterns  # every view, and with it every action, is loaded
    asked = {kind.name for kind in kinds._kinds.values() if hasattr(kind.function, "__wrapped__")}
    asked = {name for name in asked if not name.startswith("test")}
    assert asked == set(ASKED) | set(ELSEWHERE)
    for name in ELSEWHERE.values():
        file, _, test = name.partition("::")
        assert f"def {test}" in (TESTS / file).read_text(encoding="utf-8"), name


@contextmanager
def killed_at_the_end(monkeypatch):
    """A worker that is killed when all is written and nothing is stored yet."""
    write, deaths = Lease.write, []

    @contextmanager
    def write_and_die(lease, *, finish=False, **named):
        with write(lease, finish=finish, **named) as step:
            yield step
            if finish:
                deaths.append(lease.job_id)
                raise LeaseLostError

    with monkeypatch.context() as patched:
        patched.setattr(Lease, "write", write_and_die)
        yield deaths


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_worker_is_killed_and_the_next_does_all_of_it_once(
    people, agencies, running_round, tmp_path, settings, monkeypatch, name
):
    settings.JOBS_BY_WORKERS, settings.LEAST_SHARE = True, 0
    ASKED[name](Desk(people, agencies, running_round, tmp_path))
    asked = Job.objects.get(name=name)

    def take():
        job = take_job(queue=asked.queue, owner="test")
        assert job == asked
        return job

    job, before, jobs = take(), digest_database(), Job.objects.count()
    notices = Notice.objects.filter(user=people["office"]).count()
    with killed_at_the_end(monkeypatch) as deaths:
        work_on(job)
    assert deaths == [asked.pk]
    assert set(changed(before, digest_database())) <= {"jobs_job"}  # how far it was
    assert jobs == Job.objects.count()
    Job.objects.filter(pk=asked.pk).update(lease_until="2020-01-01T00:00:00Z")
    work_on(take())
    asked.refresh_from_db()
    assert (asked.state, asked.problem) == (Job.State.DONE, "")
    assert Notice.objects.filter(user=people["office"]).count() == notices + 1
    assert take_job(queue=asked.queue, owner="test") is None
