"""Somebody presses "check now": what answers is there at once; of the rest the page says that it still looks."""

import asyncio
import datetime

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import actions, link_checks
from prongsai.disclosure.models import Link, LinkCheck
from prongsai.jobs.kinds import Queue
from prongsai.jobs.models import Job
from tests.conftest import sample_year
from tests.disclosure.filed import check_due_links, file_first
from tests.links.fake_web import FakeWeb, page


@pytest.fixture(scope="module")
def web():
    web = FakeWeb()
    yield web
    web.close()


async def never(_request, _writer):
    await asyncio.sleep(60)


@pytest.fixture
def asked(web, people, filing, ids, monkeypatch):
    """One item with a page that answers and one that does not, checked once before, and asked for now."""
    web.routes["fast.test"]["*"] = page(title="แผนจัดซื้อ")
    web.routes["slow.test"]["*"] = never
    addresses = "http://fast.test/a\nhttp://slow.test/b"
    actions.file_entry(
        filing=filing, item=ids[0], addresses=addresses, explanation="", elements=[], revision=0, by=people["officer"]
    )
    check_due_links()
    LinkCheck.objects.update(at=F("at") - datetime.timedelta(hours=1))
    policy = web.policy(forwards={"fast.test": web.port, "slow.test": web.port})
    monkeypatch.setattr(link_checks, "check_policy", lambda: policy)
    monkeypatch.setattr(link_checks, "ASKED_SECONDS", 2.0)
    assert actions.request_link_checks(filing=filing, item=ids[0], by=people["officer"]) == 2
    return ids[0]


def show(client, people, item):
    client.force_login(people["officer"])
    url = reverse("oit_item", args=["A1", sample_year(), item])
    return client.get(url, {"part": "links"}, headers={"HX-Request": "true"}).content.decode()


def work():
    job = Job.objects.get(name="disclosure.check_asked_links")
    assert job.queue == Queue.ASKED  # not behind the run of a nation
    link_checks.check_asked_links.call(*job.arguments)


def test_who_waits_sees_what_answered_and_that_the_rest_is_being_looked_at(asked, client, people):
    before = show(client, people, asked)
    assert "ตรวจแล้ว 0 จาก 2 ลิงก์" in before
    assert "ยังดูต่อ" not in before
    work()  # ends although the slow site never answers
    assert LinkCheck.objects.filter(link__url__contains="fast").first().title == "แผนจัดซื้อ"
    slow = Link.objects.get(url__contains="slow")
    assert (slow.next_reason, slow.checks.count()) == ("asked", 1)  # cut off by us: no bad look
    page = show(client, people, asked)
    assert "ตรวจแล้ว 1 จาก 2 ลิงก์" in page
    assert page.count("กำลังตรวจ") == 1
    assert 'hx-trigger="every 2s"' in page
    Link.objects.filter(pk=slow.pk).update(next_check_at=timezone.now() - link_checks.SHOWN_AFTER)
    page = show(client, people, asked)
    assert page.count("ยังไม่ตอบใน 10 วินาที ระบบยังดูต่อ") == 1
    assert "กำลังตรวจ" not in page


def test_the_usual_run_takes_what_was_too_slow(asked, client, people):
    work()
    assert link_checks.count_due_links() == 0
    Link.objects.filter(url__contains="slow").update(next_check_at=timezone.now() - datetime.timedelta(minutes=1))
    assert check_due_links() == 1
    page = show(client, people, asked)
    assert "hx-trigger" not in page
    assert 'role="status"' not in page


def test_a_link_is_not_looked_at_by_both(asked):
    assert link_checks.count_due_links() == 0
    work()
    work()  # once more, by whatever accident: nothing is asked for but the slow one
    assert LinkCheck.objects.filter(link__url__contains="fast").count() == 2


def test_the_deadline_is_within_what_is_promised():
    assert datetime.timedelta(seconds=link_checks.ASKED_SECONDS) < link_checks.SHOWN_AFTER


def test_filing_and_marking_have_no_job_of_their_own(people, filing, ids):
    file_first(filing, people["officer"])
    assert not Job.objects.filter(queue=Queue.ASKED).exists()
    assert link_checks.count_due_links() == 1
