"""Background work as the office sees it, on the page and on the command line."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from prongsai.jobs.models import Job, Worker
from prongsai.people.models import AuditEntry
from prongsai.results.models import Import
from tests.pages import markup


@pytest.fixture
def failed(people, agencies):
    """An import that nobody could read."""
    imported = Import.objects.create(
        assessment_id="ita",
        by=people["officer"],
        agency=agencies[0],
        shape="document",
        status="failed",
        file_name="ผล.pdf",
        problem="อ่านไฟล์นี้ไม่สำเร็จ: ลองหลายครั้งแล้ว",
    )
    return Job.objects.create(
        name="results.read_import",
        arguments=[imported.pk],
        queue="files",
        key=f"import:{imported.pk}",
        about="ผล.pdf",
        assessment="ita",
        state="failed",
        tries=5,
        problem="ลองหลายครั้งแล้ว",
        finished_at=timezone.now(),
    )


def test_the_office_sees_what_failed_and_has_it_tried_anew(client, people, failed):
    client.force_login(people["office"])
    page = markup(client.get(reverse("jobs")))
    assert all(text in page for text in ("อ่านไฟล์นำเข้า", "ผล.pdf", "ทำไม่สำเร็จ", "ลองหลายครั้งแล้ว", ">ทำใหม่<"))
    page = markup(client.post(reverse("retry_job", args=[failed.pk]), follow=True))
    assert "ให้ทำใหม่แล้ว" in page
    failed.refresh_from_db()
    assert (failed.state, failed.tries, Import.objects.get().status) == ("waiting", 0, "reading")
    assert AuditEntry.objects.get(action="jobs.retry").by.startswith(f"{people['office'].pk} ")


def test_the_office_finds_its_way_in_many_jobs(client, people, failed):
    for k in range(30):
        Job.objects.create(name="people.send_mail", queue="mail", about=f"ฉบับที่ {k}", assessment="ita", state="done")
    client.force_login(people["office"])

    def found(**values):
        page = client.get(reverse("jobs"), values)
        return [row.job.pk for row in page.context["rows"]]

    assert len(found()) == 25
    assert found()[0] == failed.pk  # what needs attention first
    assert len(found(size="100")) == 31
    assert found(q="ผล.pdf") == found(q="อ่านไฟล์นำเข้า") == found(state="failed") == [failed.pk]
    assert failed.pk in found(q=str(failed.pk))
    assert len(found(queue="mail", size="100")) == 30
    assert found(sort="name", order="down", size="100")[-1] != found(sort="name", size="100")[-1]
    table = b"".join(client.get(reverse("jobs"), {"format": "csv", "state": "failed"}).streaming_content).decode()
    assert table.count("\r\n") == 2
    assert "ลองหลายครั้งแล้ว" in table


def test_cancelling_says_so_where_somebody_waits(client, people, failed):
    client.force_login(people["office"])
    client.post(reverse("retry_job", args=[failed.pk]))
    client.post(reverse("cancel_job", args=[failed.pk]))
    failed.refresh_from_db()
    imported = Import.objects.get()
    assert (failed.state, imported.status) == ("cancelled", "failed")
    assert "ยกเลิกโดยส่วนกลาง" in imported.problem
    again = markup(client.post(reverse("cancel_job", args=[failed.pk]), follow=True))
    assert "จบไปแล้ว" in again


def test_an_auditor_reads_and_decides_nothing(client, people, failed):
    client.force_login(people["auditor"])
    page = markup(client.get(reverse("jobs")))
    assert "ผล.pdf" in page
    assert ">ทำใหม่<" not in page
    assert client.post(reverse("retry_job", args=[failed.pk])).status_code == 403
    client.force_login(people["officer"])
    assert client.get(reverse("jobs")).status_code == 403


def test_looking_changes_nothing(client, people, failed):
    client.force_login(people["office"])
    for name in ("retry_job", "cancel_job"):
        assert client.get(reverse(name, args=[failed.pk])).status_code == 405
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_another_assessment_sees_its_own_jobs_alone(client, people, failed):
    from prongsai.people.models import User
    from prongsai.registry.models import Assessment

    Assessment.objects.create(pk="uni", name_th="มหาวิทยาลัย")
    own = Job.objects.create(
        name="results.read_import", arguments=[0], queue="files", about="ของเรา", assessment="uni", state="failed"
    )
    office = User.objects.create(email="uni@example.test", name="กองแผน", role="office", assessment="uni")
    client.force_login(office)
    page = markup(client.get("/a/uni/desk/jobs/"))
    assert "ของเรา" in page
    assert "ผล.pdf" not in page
    assert client.post(f"/a/uni/desk/jobs/{failed.pk}/cancel/").status_code == 404
    assert client.post(f"/a/uni/desk/jobs/{own.pk}/cancel/").status_code == 302


def test_the_page_says_when_no_worker_is_alive(client, people, settings):
    settings.JOBS_BY_WORKERS = True
    client.force_login(people["office"])
    assert "ไม่มีโปรแกรมเบื้องหลังทำงานอยู่" in markup(client.get(reverse("jobs")))
    worker = Worker.objects.create(name="w", seen_at=timezone.now())
    assert "ไม่มีโปรแกรมเบื้องหลังทำงานอยู่" not in markup(client.get(reverse("jobs")))
    worker.seen_at -= datetime.timedelta(hours=1)
    worker.save()
    assert "ไม่มีโปรแกรมเบื้องหลังทำงานอยู่" in markup(client.get(reverse("jobs")))


def test_a_list_by_state(client, people, failed):
    client.force_login(people["office"])
    assert "ผล.pdf" in markup(client.get(reverse("jobs"), {"state": "failed"}))
    assert "ผล.pdf" not in markup(client.get(reverse("jobs"), {"state": "waiting"}))
    assert "ผล.pdf" in markup(client.get(reverse("jobs"), {"state": "'; DROP"}))


# --- the command line


def run(*arguments):
    from prongsai.cli.app import app

    return CliRunner().invoke(app, ["jobs", *map(str, arguments)])


def test_the_command_line_says_the_same(failed):
    listed = run("list")
    assert listed.exit_code == 0
    assert all(text in listed.output for text in (str(failed.pk), "ทำไม่สำเร็จ", "อ่านไฟล์นำเข้า", "ผล.pdf"))
    shown = run("show", failed.pk).output
    assert all(text in shown for text in ("results.read_import", "ลองแล้ว: 5 ครั้ง", "ลองหลายครั้งแล้ว"))
    assert run("retry", failed.pk).exit_code == 0
    assert run("cancel", failed.pk).exit_code == 0
    assert run("cancel", failed.pk).exit_code == 2
    failed.refresh_from_db()
    assert failed.state == "cancelled"
    assert AuditEntry.objects.filter(action__startswith="jobs.", by="ระบบ").count() == 2
    assert run("show", 999_999).exit_code == 2
    assert run("list", "--state", "lost").exit_code == 2


def test_a_script_learns_that_nothing_is_done(failed, settings):
    settings.JOBS_BY_WORKERS = True
    assert run("list").exit_code == 0  # nothing waits
    Job.objects.create(name="results.read_import", queue="files")
    assert run("list").exit_code == 1
