"""The monthly report on an agency's links: what was checked in the month, as things stood at its end."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import queries
from prongsai.disclosure.models import Change, Link, LinkCheck
from prongsai.documents.content.blocks import list_texts
from prongsai.documents.papers import link_report
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.lib import thai
from prongsai.machines import files
from prongsai.web import link_reports
from tests.conftest import sample_year
from tests.disclosure.conftest import filing
from tests.disclosure.filed import SITE, file_first
from tests.documents.readers import pdfium_text, squeeze, word_text

__all__ = ["filing"]

OCTOBER, NOVEMBER = datetime.date(2026, 10, 1), datetime.date(2026, 11, 1)


def at(month, day, hour=12):
    return datetime.datetime(2026, month, day, hour, tzinfo=timezone.get_current_timezone())


@pytest.fixture(autouse=True)
def at_the_end_of_november(monkeypatch):
    now = at(11, 30)
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def checked(filing, people):
    """Two links: one in order all the time, one that died in October and was well again in November."""
    file_first(filing, people["officer"], SITE, items=2)
    steady, flawed = Link.objects.order_by("pk")
    Link.objects.update(since=at(9, 1), state="ok")
    # the last moment of October and the first of November, in Bangkok
    for link, when, state in [
        (steady, at(10, 5), "ok"),
        (steady, at(11, 5), "ok"),
        (flawed, at(10, 6), "ok"),
        (flawed, at(10, 20), "dead"),
        (flawed, at(10, 31, 23), "dead"),
        (flawed, at(11, 1, 0), "dead"),
        (flawed, at(11, 9), "ok"),
    ]:
        error = "dns_failed" if state == "dead" else ""
        LinkCheck.objects.create(link=link, at=when, reason="monitor", state=state, error=error)
    for when, before, after in [(at(10, 20), "ok", "dead"), (at(11, 9), "dead", "ok")]:
        Change.objects.create(
            filing=filing, item=flawed.entry.item, link=flawed, kind="state", before=before, after=after, at=when
        )
    return filing


def test_a_month_is_as_it_stood_at_its_end(checked):
    october, november = (link_reports.measure_month(checked, first) for first in (OCTOBER, NOVEMBER))
    assert [(x.checks, x.failed) for x in october.links] == [(1, 0), (3, 2)]
    assert [(x.checks, x.failed) for x in november.links] == [(1, 0), (2, 1)]
    assert [bool(x.advice) for x in october.links] == [False, True]
    assert not any(x.advice for x in november.links)
    assert [c.day for c in october.changes if "→" in c.text] == [datetime.date(2026, 10, 20)]
    assert (october.until, october.is_over) == (datetime.date(2026, 10, 31), True)
    assert (november.until, november.is_over) == (datetime.date(2026, 11, 30), False)


def test_a_link_that_was_withdrawn_asks_for_nothing(checked):
    flawed = Link.objects.order_by("pk").last()
    Link.objects.filter(pk=flawed.pk).update(until=at(10, 31))
    assert not any(x.advice for x in link_reports.measure_month(checked, OCTOBER).links)
    assert len(link_reports.measure_month(checked, NOVEMBER).links) == 1


def test_a_single_failure_asks_for_nothing(checked):
    """What one check saw is counted; only a state that enough of them establish is a fault."""
    steady = Link.objects.order_by("pk").first()
    LinkCheck.objects.create(link=steady, at=at(11, 29), reason="monitor", state="dead", error="dns_failed")
    month = link_reports.measure_month(checked, NOVEMBER)
    assert (month.links[0].failed, month.links[0].advice) == (1, [])


def test_the_report_says_each_address_and_how_to_put_it_right(checked):
    month = link_reports.measure_month(checked, OCTOBER)
    texts = [thai.arabic(text) for text in list_texts(link_report.compose(month))]
    assert texts.count(month.links[0].url) == 1
    assert [t for t in month.links[1].advice if not any(t in text for text in texts)] == []
    assert len(month.links[1].advice) == 3


def test_a_worker_writes_it_and_a_later_check_makes_another(client, people, checked, settings):
    settings.JOBS_BY_WORKERS = True
    client.force_login(people["officer"])
    page = client.get(reverse("oit_todo", args=["A1", sample_year()])).content.decode()
    assert "พฤศจิกายน 2569" in page
    address = reverse("link_report", args=["A1", sample_year(), "2026-11", "docx"])
    assert address in page

    def fetch(form):
        response = client.get(address.replace("docx", form))
        if response.status_code == 202:
            while job := take_job(queue=Queue.BULK, owner="test"):
                work_on(job)
            response = client.get(address.replace("docx", form))
        return b"".join(response.streaming_content)

    for text in (squeeze(word_text(fetch("docx"))), squeeze(pdfium_text(fetch("pdf")))):
        assert squeeze(SITE) in text
        assert squeeze("ลิงก์ที่ต้องแก้ไข") in text
    LinkCheck.objects.create(link=Link.objects.first(), at=at(11, 29), reason="monitor", state="ok")
    assert squeeze(thai.in_thai_digits("รวม 4 ครั้ง")) in squeeze(word_text(fetch("docx")))
    assert len(list(files.list_names("link-reports"))) == 2, "the one before it is gone"


@pytest.mark.parametrize("month", ["2026-12", "2026-9", "x", "2026-09"])
def test_of_a_month_without_checks_there_is_none(client, people, checked, month):
    client.force_login(people["officer"])
    assert client.get(reverse("link_report", args=["A1", sample_year(), month, "pdf"])).status_code == 404
    assert client.get(reverse("link_report", args=["A1", sample_year(), "2026-11", "exe"])).status_code == 404


def test_months_are_those_of_bangkok(checked):
    LinkCheck.objects.create(link=Link.objects.first(), at=at(12, 1, 0), reason="monitor", state="ok")
    assert queries.checked_months(checked) == [datetime.date(2026, 12, 1), NOVEMBER, OCTOBER]
