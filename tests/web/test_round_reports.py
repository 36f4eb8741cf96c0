"""The office's weekly report: written by a worker, once a week and on the day that it is asked for."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.jobs.models import Job
from prongsai.lib import thai
from prongsai.machines import files
from prongsai.registry.models import Round
from prongsai.web import report_files, round_reports, steering
from tests.conftest import sample_year
from tests.documents.readers import pdfium_text, squeeze, word_text
from tests.web.test_steering import nation, office

__all__ = ["nation", "office"]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def address(form, day=None):
    return reverse("round_report", args=[sample_year(), str(day or timezone.localdate()), form])


def read(response):
    return b"".join(response.streaming_content)


def test_the_report_of_today_is_written_by_a_worker_and_stays(office, nation, settings):
    settings.JOBS_BY_WORKERS = True
    waiting = office.get(address("docx"))
    assert waiting.status_code == 202
    office.get(address("pdf"))  # both are one job
    while job := take_job(queue=Queue.BULK, owner="test"):
        work_on(job)
    assert Job.objects.filter(name=round_reports.write_round_report.name).count() == 1
    written = office.get(address("docx")), office.get(address("pdf"))
    assert [r["Content-Type"] for r in written] == [report_files.FORMS["docx"], report_files.FORMS["pdf"]]
    word, pdf = read(written[0]), read(written[1])
    whole, *_ = steering.count_groups(nation, "region")
    for text in (squeeze(word_text(word)), squeeze(pdfium_text(pdf))):
        for number in (whole.agencies, whole.counts["confirmed"]):
            assert thai.in_thai_digits(str(number)) in text
    page = office.get(reverse("steering", args=[sample_year()])).content.decode()
    assert page.count(address("pdf")) == 2  # as that of today, and in the list


def at(monkeypatch, hours):
    """The clock stands so many hours after a Monday's morning."""
    monday = datetime.datetime(2026, 11, 30, 5, tzinfo=timezone.get_current_timezone())
    monkeypatch.setattr(timezone, "now", lambda: monday + datetime.timedelta(hours=hours))
    return timezone.localdate()


def test_a_running_round_gets_one_each_week(nation, monkeypatch):
    days = []
    for hours in (0, 3 * 24, 8 * 24):
        days.append(at(monkeypatch, hours))
        round_reports.write_weekly_reports.call()
    assert round_reports.list_days(nation) == [days[2], days[0]]


def report_of(office, nation, day):
    """What the PDF says that somebody gets who asks now."""
    assert office.get(address("pdf", day)).status_code == 202
    round_reports.write_round_report.call(nation.pk, f"{round_reports.name_report(nation, day)}.pdf")
    return squeeze(pdfium_text(read(office.get(address("pdf", day)))))


def test_what_is_asked_in_the_afternoon_is_of_the_afternoon_and_takes_the_place_of_the_morning(
    office, nation, monkeypatch
):
    day = at(monkeypatch, 0)
    morning = report_of(office, nation, day)
    at(monkeypatch, 9)
    afternoon = report_of(office, nation, day)
    assert "เวลา๐๕.๐๐น." in morning
    assert "เวลา๑๔.๐๐น." in afternoon
    assert len(list(files.list_names("round-reports"))) == 2  # a PDF and its Word file
    at(monkeypatch, 24)
    assert files.exists(f"{round_reports.name_report(nation, day)}.pdf")  # it stays for its day


def test_a_closed_round_gets_none(nation):
    Round.objects.filter(pk=nation.pk).update(status=Round.Status.CLOSED)
    round_reports.write_weekly_reports.call()
    assert round_reports.list_days(nation) == []


def test_a_report_that_waited_past_its_day_is_not_written_under_a_wrong_date(nation, monkeypatch):
    name = round_reports.name_report(nation, timezone.localdate() - datetime.timedelta(1))
    round_reports.write_round_report.call(nation.pk, f"{name}.pdf")
    assert round_reports.list_days(nation) == []


@pytest.mark.parametrize("wrong", ["2026-11-31", "20261130x", "today"])
def test_no_address_is_an_error(office, nation, wrong):
    assert office.get(address("pdf", wrong)).status_code == 404


def test_no_report_of_another_day_or_form(office, nation):
    assert office.get(address("pdf", timezone.localdate() - datetime.timedelta(1))).status_code == 404
    assert office.get(address("exe")).status_code == 404
