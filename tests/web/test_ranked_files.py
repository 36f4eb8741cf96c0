"""Workbooks of many results are written by a worker, once for each question and state of the data."""

import datetime
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.jobs.models import Job
from prongsai.machines import files
from prongsai.registry.actions import update_agency
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.results.models import PublishedResult
from prongsai.web import ranked_files, waiting_page
from prongsai.web.views import open_data
from tests.reading import watch_reading
from tests.web.test_rankings import ask_again, two_years

__all__ = ["ask_again", "two_years"]


def jobs():
    return Job.objects.filter(name=ranked_files.write_ranked.name)


def finish(capture, client, query):
    """Ask, and have done what waits for the commit."""
    with capture(execute=True):
        return client.get("/rankings.xlsx", query)


@pytest.fixture
def many(settings, tmp_path, monkeypatch):
    """A nation is more than two agencies here."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(ranked_files, "MOST_INLINE", 2)


def test_a_workbook_of_many_is_written_by_a_worker_and_is_the_same(client, two_years, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    query = {"sort": "change", "order": "worst", "col": ["change", "weak"], "utm": "x"}

    def cells(response):
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
        return book.get_sheet_by_index(0).to_python()

    inline = cells(client.get("/rankings.xlsx", query))
    assert not jobs().exists()
    monkeypatch.setattr(ranked_files, "MOST_INLINE", 2)
    settings.JOBS_BY_WORKERS = True
    waiting = client.get("/rankings.xlsx", query)
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "3")
    page = waiting.content.decode()
    assert 'http-equiv="refresh"' in page
    assert "<progress" in page
    assert "/rankings.csv?" in page
    client.get("/rankings.xlsx", query | {"utm": "y", "page": "7"})  # asks for the same file
    monkeypatch.setattr(ranked_files, "_ROWS_PER_PROGRESS", 3)
    with watch_reading(monkeypatch) as reports:
        while job := take_job(queue=Queue.BULK, owner="test"):
            work_on(job)
    assert len(reports) > 1
    assert not any(reports)
    job = jobs().get()
    assert (job.state, job.steps_done) == (Job.State.DONE, job.steps_total)
    assert job.steps_total == len(inline) - 1
    assert cells(client.get("/rankings.xlsx", query)) == inline
    assert jobs().count() == 1


def test_another_state_of_the_data_is_another_file(client, people, two_years, many, django_capture_on_commit_callbacks):
    query = {"sort": "change", "col": ["change"]}
    finish(django_capture_on_commit_callbacks, client, query)
    assert client.get("/rankings.xlsx", query).status_code == 200
    update_agency(agency=Agency.objects.get(code="N03"), values={"name_th": "ชื่อใหม่"}, on=today(), by=people["office"])
    assert client.get("/rankings.xlsx", query).status_code == 202
    assert client.get("/rankings.xlsx", query | {"order": "worst"}).status_code == 202


def test_nobody_fills_the_queue_with_files(client, two_years, many, settings, monkeypatch):
    settings.JOBS_BY_WORKERS = True
    monkeypatch.setattr(waiting_page, "MOST_WAITING", 2)
    orders = [{"sort": sort, "order": order} for sort in ("change", "overall") for order in ("best", "worst")]
    answers = [client.get("/rankings.xlsx", query) for query in orders]
    assert [answer.status_code for answer in answers] == [202, 202, 503, 503]
    assert "CSV" in answers[2].content.decode()
    assert jobs().count() == 2
    assert client.get("/rankings.xlsx", orders[0]).status_code == 202  # who waits already goes on waiting


def test_a_file_that_could_not_be_written_is_not_tried_again_at_once(client, two_years, many, settings):
    settings.JOBS_BY_WORKERS = True
    client.get("/rankings.xlsx", {"sort": "change"})
    jobs().update(state=Job.State.FAILED)
    assert client.get("/rankings.xlsx", {"sort": "change"}).status_code == 503
    assert jobs().count() == 1
    jobs().update(created_at=timezone.now() - datetime.timedelta(hours=2))
    assert client.get("/rankings.xlsx", {"sort": "change"}).status_code == 202


def test_files_of_before_yesterday_go(client, two_years, many):
    days = [timezone.localdate() - datetime.timedelta(days=back) for back in range(4)]
    for day in days:
        files.store_bytes(f"ranked/{day:%Y%m%d}/a.xlsx", b"x")
    ranked_files.delete_old_files.call()
    assert list(files.list_names("ranked")) == [f"ranked/{day:%Y%m%d}/a.xlsx" for day in (days[1], days[0])]


# --- the open data


def test_the_open_datas_workbook_of_many_is_written_by_a_worker(client, two_years, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path

    def content(response):
        return b"".join(response.streaming_content)

    def sheet(response):
        book = CalamineWorkbook.from_filelike(io.BytesIO(content(response)))
        return book.get_sheet_by_index(0).to_python()

    year = two_years_last()
    address = reverse("download", args=[year, "xlsx"])
    inline = sheet(client.get(address))
    for name in list(files.list_names("downloads")):
        files.remove(name)
    monkeypatch.setattr(ranked_files, "MOST_INLINE", 2)
    settings.JOBS_BY_WORKERS = True
    waiting = client.get(address)
    assert waiting.status_code == 202
    assert reverse("download", args=[year, "csv"]) in waiting.content.decode()
    assert client.get(reverse("download", args=[year, "csv"])).status_code == 200  # at once, as before
    old = f"downloads/{year}-{'0' * 32}.xlsx"
    files.store_bytes(old, b"of another state")
    with watch_reading(monkeypatch) as reports:
        while job := take_job(queue=Queue.BULK, owner="test"):
            work_on(job)
    assert reports
    assert not any(reports)
    answer = client.get(address)
    assert sheet(answer) == inline
    assert not files.exists(old)
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    (done,) = Job.objects.filter(name=open_data.write_download.name)
    assert (done.state, done.steps_total) == (Job.State.DONE, len(inline) - 1)


def two_years_last():
    return max(PublishedResult.objects.values_list("fiscal_year", flat=True))
