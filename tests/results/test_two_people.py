"""What binds is done by two people where the installation asks for it: each way around that is tried here."""

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from prongsai.cli.demo import make_parcels
from prongsai.framework import NATIONAL, load
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.people.models import AuditEntry, Notice, Proposal, User
from prongsai.results import actions, queries
from prongsai.results.models import Publication
from tests.conftest import sample_year


@pytest.fixture
def result_set(people, nation, parcels, settings):
    settings.SECOND_PERSON = True
    settings.JOBS_BY_WORKERS = True
    return actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])


@pytest.fixture
def second(people):
    return User.objects.create(email="second@example.test", name="คนที่สอง", role="office")


def propose(client, who, result_set, typed=None):
    client.force_login(who)
    seen = queries.publication_key(result_set)
    sent = {"seen": seen, "typed": typed or str(result_set.fiscal_year)}
    client.post(reverse("publish", args=[result_set.pk]), sent)
    return Proposal.objects.filter(closed_at=None).last()


def press(client, who, name, proposal):
    client.force_login(who)
    return client.post(reverse(name, args=[proposal.pk]), follow=True).content.decode()


def page(client, who, result_set):
    client.force_login(who)
    return client.get(reverse("result_set", args=[result_set.pk])).content.decode()


def work():
    while job := take_job(queue=Queue.OFFICE, owner="test"):
        work_on(job)


def is_public(result_set):
    return Publication.objects.filter(result_set=result_set, withdrawn_at=None).exists()


def test_one_proposes_another_confirms_and_then_it_is_done(client, people, second, result_set):
    office = people["office"]
    proposal = propose(client, office, result_set)
    work()
    assert not is_public(result_set)  # nothing is in the queue
    assert Notice.objects.get(user=second).url == reverse("result_set", args=[result_set.pk])
    assert not Notice.objects.filter(user=people["auditor"]).exists()
    shown = page(client, second, result_set)
    assert "รอผู้ใช้อีกคนยืนยัน" in shown
    assert reverse("confirm_proposal", args=[proposal.pk]) in shown
    assert f'action="{reverse("publish", args=[result_set.pk])}"' not in shown  # one proposal at a time
    assert "เริ่มเผยแพร่ผลการประเมิน" in press(client, second, "confirm_proposal", proposal)
    work()
    assert is_public(result_set)
    proposal.refresh_from_db()
    assert (proposal.by, proposal.confirmed_by) == (office, second)
    assert proposal.closed_at
    trail = AuditEntry.objects.values_list("action", flat=True)
    assert {"people.propose", "people.confirm", "results.publish"} <= set(trail)


def test_the_second_person_sees_what_it_will_do_and_why(client, people, second, result_set):
    actions.publish(result_set=result_set, by=people["office"])
    client.force_login(people["office"])
    sent = {"reason": "ข้อมูลผิดแฟ้ม", "typed": result_set.fiscal_year}
    client.post(reverse("withdraw", args=[result_set.pk]), sent)
    shown = page(client, second, result_set)
    assert "เหตุผล: ข้อมูลผิดแฟ้ม" in shown
    assert "ไม่มีผลของปีนี้ให้ดู 12 หน่วยงาน" in shown
    press(client, second, "confirm_proposal", Proposal.objects.get())
    work()
    assert not is_public(result_set)
    assert result_set.publications.get().reason == "ข้อมูลผิดแฟ้ม"


def test_nobody_is_two_people(client, people, second, result_set):
    proposal = propose(client, people["office"], result_set)
    assert reverse("confirm_proposal", args=[proposal.pk]) not in page(client, people["office"], result_set)
    refused = press(client, people["office"], "confirm_proposal", proposal)
    assert "ผู้เสนอยืนยันข้อเสนอของตนเองไม่ได้" in refused
    with pytest.raises(IntegrityError), transaction.atomic():  # nor by way of the database
        Proposal.objects.filter(pk=proposal.pk).update(confirmed_by=people["office"])
    work()
    assert not is_public(result_set)


def test_a_job_that_came_another_way_is_refused_by_the_worker(people, second, result_set):
    """The queue is not the guard: a page that forgot to ask, or a row that was put there, publishes nothing."""
    names = {"by": people["office"], "about": "x", "assessment": "ita", "url": "/"}
    actions.publish_in_background.request("1", result_set.pk, queries.publication_key(result_set), "", **names)
    work()
    assert not is_public(result_set)
    assert "ต้องมีผู้เสนอและผู้ยืนยันคนละคน" in Notice.objects.get(user=people["office"]).text


def test_what_was_confirmed_is_what_is_done(client, people, second, result_set):
    """A confirmation of one thing is none of another, nor of the same thing twice."""
    proposal = propose(client, people["office"], result_set)
    press(client, second, "confirm_proposal", proposal)
    names = {"by": people["office"], "about": "x", "assessment": "ita", "url": "/"}
    seen = queries.publication_key(result_set)
    actions.publish_in_background.request("1", result_set.pk, seen, "เหตุผลอื่น", **names)
    work()
    assert Publication.objects.count() == 1
    actions.withdraw_in_background.request("1", result_set.pk, "ผิดแฟ้ม", **names)
    work()
    assert is_public(result_set)


def test_who_lost_the_right_counts_no_more(client, people, second, result_set):
    proposal = propose(client, people["office"], result_set)
    User.objects.filter(pk=people["office"].pk).update(is_active=False)
    assert "ผู้เสนอไม่มีสิทธิ์แล้ว" in press(client, second, "confirm_proposal", proposal)
    User.objects.filter(pk=people["office"].pk).update(is_active=True)
    press(client, second, "confirm_proposal", proposal)
    User.objects.filter(pk=people["office"].pk).update(role="auditor")  # between the confirmation and the work
    work()
    assert not is_public(result_set)


def test_others_can_neither_confirm_nor_withdraw(client, people, result_set):
    proposal = propose(client, people["office"], result_set)
    for role in ("auditor", "assessor", "officer", "executive"):
        client.force_login(people[role])
        for name in ("confirm_proposal", "withdraw_proposal"):
            assert client.post(reverse(name, args=[proposal.pk])).status_code in (403, 404), (role, name)
    elsewhere = User.objects.create(email="kku@example.test", name="ที่อื่น", role="office", assessment="kku")
    client.force_login(elsewhere)
    assert client.post(reverse("confirm_proposal", args=[proposal.pk])).status_code in (403, 404)
    assert not AuditEntry.objects.filter(action="people.confirm").exists()


def test_two_proposals_two_confirmations_and_a_way_back(client, people, second, result_set):
    proposal = propose(client, people["office"], result_set)
    propose(client, second, result_set)  # of the same: refused, and told who was first
    assert Proposal.objects.count() == 1
    assert "ถอนข้อเสนอแล้ว" in press(client, second, "withdraw_proposal", proposal)
    assert "ข้อเสนอนี้ถูกถอน" in press(client, second, "confirm_proposal", proposal)
    again = propose(client, people["office"], result_set)
    assert again.pk != proposal.pk
    press(client, second, "confirm_proposal", again)
    assert "ข้อเสนอนี้ถูกถอน หรือยืนยันไปแล้ว" in press(client, second, "confirm_proposal", again)
    assert "ข้อเสนอนี้ถูกถอน หรือยืนยันไปแล้ว" in press(client, second, "withdraw_proposal", again)
    work()
    assert Publication.objects.count() == 1


def test_what_changed_since_the_proposal_is_not_done(client, people, second, nation, tmp_path, result_set):
    codes = list(result_set.results.values_list("agency__code", flat=True))
    make_parcels(load(NATIONAL, sample_year()), codes, np.linspace(0.5, 0.8, len(codes)), tmp_path, seed=9)
    other = actions.compute_round(assessment_round=nation, folder=tmp_path, by=people["office"])
    proposal = propose(client, people["office"], result_set)
    actions.publish(result_set=other, by=people["office"])
    press(client, second, "confirm_proposal", proposal)
    work()
    assert not is_public(result_set)
    assert Notice.objects.filter(user=second, text__contains="ดูสิ่งที่จะเกิดขึ้นอีกครั้ง").exists()
    assert propose(client, people["office"], result_set).pk != proposal.pk  # may be proposed anew


def test_an_abandoned_job_does_not_block_the_act_for_ever(client, people, second, result_set):
    from prongsai.jobs.models import Job

    proposal = propose(client, people["office"], result_set)
    press(client, second, "confirm_proposal", proposal)
    Job.objects.filter(name="results.publish_in_background").update(state=Job.State.FAILED)
    assert propose(client, people["office"], result_set).pk != proposal.pk


def test_without_the_setting_one_person_is_enough(client, people, result_set, settings):
    settings.SECOND_PERSON = False
    assert propose(client, people["office"], result_set) is None
    work()
    assert is_public(result_set)


@pytest.mark.parametrize("typed", ["", "2567", "๒๕๖๙", "x"])
def test_what_binds_is_typed_first(client, people, result_set, settings, typed):
    settings.SECOND_PERSON = False
    client.force_login(people["office"])
    sent = {"seen": queries.publication_key(result_set), "typed": typed}
    refused = client.post(reverse("publish", args=[result_set.pk]), sent, follow=True)
    assert f"พิมพ์ {result_set.fiscal_year} ในช่องยืนยันก่อน" in refused.content.decode()
    work()
    assert not is_public(result_set)
    actions.publish(result_set=result_set, by=people["office"])
    client.post(reverse("withdraw", args=[result_set.pk]), {"reason": "ผิดแฟ้ม", "typed": typed})
    work()
    assert is_public(result_set)


def test_thai_digits_are_typed_as_well(client, people, result_set, settings):
    settings.SECOND_PERSON = False
    propose(client, people["office"], result_set, typed=" ๒๕๖๘ ")
    work()
    assert is_public(result_set)
