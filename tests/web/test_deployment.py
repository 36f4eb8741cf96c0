"""``prongsai doctor`` and ``check --deploy``: each thing that makes real use unsafe, one at a time."""

import datetime
import json
from types import SimpleNamespace

import pytest
import typer
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import NotSupportedError
from django.urls import reverse
from django.utils import timezone
from typer.testing import CliRunner

from prongsai.cli import platform_commands
from prongsai.disclosure.rendering_work import OBSTACLES
from prongsai.jobs.kinds import Queue
from prongsai.jobs.models import Worker
from prongsai.machines.keys import note_fingerprints
from prongsai.people.actions import record_heartbeat
from prongsai.people.models import Heartbeat, User
from prongsai.web import deployment


@pytest.fixture
def fit(people, settings):
    """An installation that is fit for real use."""
    settings.DEMO, settings.HTTPS, settings.SECOND_FACTOR = False, True, True
    settings.SECRET_KEY = "k3y-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2
    settings.ALLOWED_HOSTS = ["ita.example.go.th"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    Authenticator.objects.create(user=people["office"], type="totp", data={})
    settings.JOBS_BY_WORKERS = True
    Worker.objects.create(name="here", seen_at=timezone.now())
    record_heartbeat("backup")
    return settings


def ids():
    return {problem.id for problem in deployment.find_problems()}


def test_what_is_fit_is_not_refused(fit):
    assert ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("DEMO", True, "demo"),
        ("SECRET_KEY", "short", "key"),
        ("SECRET_KEY", "a" * 80, "key"),
        ("SECRET_KEY", "django-insecure-" + "abcdefghijklmnopqrstuvwxyz0123456789" * 2, "key"),
        ("ALLOWED_HOSTS", ["*"], "hosts"),
        ("ALLOWED_HOSTS", ["ita.example.go.th", ".go.th"], "hosts"),
        ("ALLOWED_HOSTS", ["localhost", "127.0.0.1"], "hosts"),
        ("HTTPS", False, "https"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "mail"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "mail"),
        ("SECOND_FACTOR", False, "factor"),
    ],
)
def test_a_setting_that_is_unsafe_is_refused(fit, name, value, problem):
    setattr(fit, name, value)
    assert ids() == {problem}


def age(name, **by):
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - datetime.timedelta(**by))


def silence(**by):
    Worker.objects.update(seen_at=timezone.now() - datetime.timedelta(**by))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda: silence(minutes=6), "worker"),
        (lambda: Worker.objects.all().delete(), "worker"),
        (lambda: age("backup", days=8), "backup"),
        (lambda: Heartbeat.objects.filter(name="backup").delete(), "backup"),
        (lambda: Authenticator.objects.all().delete(), "office-factor"),
        (lambda: User.objects.filter(role="office").update(is_active=False), "office"),
        (lambda: User.objects.filter(role="auditor").update(is_active=False), "auditor"),
        (lambda: User.objects.create(email="Officer@demo.test", name="x", role="officer"), "accounts"),
    ],
)
def test_a_state_that_is_unsafe_is_refused(fit, spoil, problem):
    spoil()
    assert ids() == {problem}


def test_every_problem_says_in_thai_what_to_do(fit):
    fit.DEMO, fit.SECRET_KEY, fit.ALLOWED_HOSTS, fit.HTTPS, fit.SECOND_FACTOR = True, "x", ["*"], False, False
    fit.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    Heartbeat.objects.all().delete()
    Worker.objects.all().delete()
    found = deployment.find_problems()
    assert len(found) == 8
    assert all(max(p.text) >= "ก" and max(p.remedy) >= "ก" for p in found)


def test_check_deploy_refuses_the_same(fit, capsys):
    call_command("check", "--deploy", "--tag", "security", "--fail-level", "ERROR")
    age("backup", days=8)
    with pytest.raises(CommandError, match=r"prongsai\.backup"):
        call_command("check", "--deploy", "--tag", "security", "--fail-level", "ERROR")


def doctor(*arguments):
    from prongsai.cli.app import app

    return CliRunner().invoke(app, ["doctor", *arguments])


def test_doctor_ends_with_1_and_says_what_to_do(fit):
    silence(hours=1)
    refused = doctor()
    assert refused.exit_code == 1
    assert "ทำ: เปิด prongsai worker" in refused.stdout
    assert json.loads(doctor("--json").stdout)[0]["id"] == "worker"


def test_doctor_says_what_is_left_out_and_refuses_nothing_for_it(fit, monkeypatch):
    assert "ไม่บังคับ" not in doctor().stdout
    monkeypatch.setattr("prongsai.intake.scans.find_spec", lambda _: None)
    without = doctor()
    assert without.exit_code == 0
    assert "prongsai[scans]" in without.stdout


@pytest.mark.parametrize("obstacle", ["playwright", "chromium", "namespaces"])
def test_doctor_says_why_pages_are_not_rendered(fit, monkeypatch, settings, obstacle):
    monkeypatch.setattr("prongsai.web.deployment.find_obstacle", lambda: obstacle)
    assert "สคริปต์" not in doctor().stdout  # nobody wants it
    settings.RENDERING = True
    without = doctor()
    assert without.exit_code == 0
    for sentence in OBSTACLES[obstacle]:
        assert sentence in without.stdout
    monkeypatch.setattr("prongsai.web.deployment.find_obstacle", lambda: "")
    assert "สคริปต์" not in doctor().stdout


def test_a_worker_renders_only_where_a_browser_can_be_started(monkeypatch, settings, capsys):
    monkeypatch.setattr("prongsai.links.rendering.find_obstacle", lambda: "chromium")
    monkeypatch.setattr("prongsai.intake.scans.is_installed", lambda: True)
    everything = list(Queue)
    assert platform_commands._choose_queues([]) == everything  # nobody wants it: nothing is ever queued
    settings.RENDERING = True
    assert platform_commands._choose_queues([]) == [q for q in everything if q != Queue.RENDERING]
    assert OBSTACLES["chromium"][1] in capsys.readouterr().err
    with pytest.raises(typer.Exit):
        platform_commands._choose_queues(["rendering"])
    assert platform_commands._choose_queues(["links", "mail"]) == [Queue.LINKS, Queue.MAIL]
    with pytest.raises(typer.BadParameter, match="moon"):
        platform_commands._choose_queues(["moon"])
    monkeypatch.setattr("prongsai.links.rendering.find_obstacle", lambda: "")
    assert platform_commands._choose_queues([]) == everything
    assert platform_commands._choose_queues(["rendering"]) == [Queue.RENDERING]
    monkeypatch.setattr("prongsai.intake.scans.is_installed", lambda: False)
    assert platform_commands._choose_queues([]) == [q for q in everything if q != Queue.SCANS]


def test_doctor_ends_with_0_when_all_is_well(fit):
    healthy = doctor()
    assert (healthy.exit_code, healthy.stdout.strip()) == (0, "✓ พร้อมใช้งานจริง")


def test_a_database_that_does_not_answer_is_said(fit, monkeypatch):
    from django.db import OperationalError

    def fail(*_):
        raise OperationalError

    monkeypatch.setattr(deployment, "MigrationExecutor", fail)
    assert ids() == {"database"}


def test_the_office_sees_it_and_other_assessments_do_not(client, people, fit):
    from prongsai.registry.models import Assessment

    age("backup", days=9)
    fit.ALLOWED_HOSTS, fit.SECURE_SSL_REDIRECT = ["testserver"], False
    client.force_login(people["office"])
    page = client.get(reverse("installation")).content.decode()
    assert "9 วันก่อน" in page
    Assessment.objects.create(slug="schools", name_th="โรงเรียน", name_en="Schools", owner="x")
    assert client.get("/a/schools/desk/installation/").status_code in (403, 404)


def test_a_backup_leaves_its_trace(db, tmp_path, monkeypatch):
    from prongsai.cli.app import app
    from prongsai.web.archive import Manifest

    nothing = {"migrations": (), "tables": {}, "parts": {}, "created_at": timezone.now()}
    manifest = Manifest(format=2, version="0", database="sqlite", **nothing)
    monkeypatch.setattr("prongsai.web.archive.create_backup", lambda target: manifest)
    assert CliRunner().invoke(app, ["backup", str(tmp_path / "b.tar.gz")]).exit_code == 0
    assert Heartbeat.objects.filter(name="backup").exists()


def test_a_backup_that_failed_leaves_none(db, tmp_path, monkeypatch):
    from prongsai.cli.app import app
    from prongsai.web.archive import ArchiveError

    def fail(target):
        raise ArchiveError("full")

    monkeypatch.setattr("prongsai.web.archive.create_backup", fail)
    assert CliRunner().invoke(app, ["backup", str(tmp_path / "b.tar.gz")]).exit_code == 2
    assert not Heartbeat.objects.exists()


def test_the_head_is_noted_even_when_the_mail_fails(people, settings, tmp_path):
    from prongsai.people import trail, worker
    from prongsai.people.actions import log_audit

    settings.DATA = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    log_audit(by=None, action="test", subject="x")
    assert trail.is_head_unnoted()
    worker.note_head.call()
    assert not trail.is_head_unnoted()
    with pytest.raises(OSError, match="refused"):
        worker.mail_head.call()
    assert len(trail.read_anchors()) == 1


def test_the_page_says_what_is_watched_and_shows_no_key(client, fit, people, monkeypatch):
    import ipaddress

    monkeypatch.setattr("prongsai.web.traces.trace_request", lambda **_: None)
    fit.SECOND_FACTOR = False
    fit.ALLOWED_HOSTS, fit.SECURE_SSL_REDIRECT = ["testserver"], False
    client.force_login(people["office"])
    page = client.get(reverse("installation")).content.decode()
    assert page.count('<span class="muted">ปิด</span>') == 6
    fit.METRICS, fit.METRICS_TOKEN = (ipaddress.ip_address("10.1.2.3"), 9464), "hunter2-of-twenty-letters"
    fit.METRICS_WORKER = (ipaddress.ip_address("::1"), 9465)
    fit.TRACES, fit.SENTRY = "http://collector.example:4318/v1/traces?key=hunter2", "https://hunter2@sentry.example/1"
    fit.SLOW_QUERIES, fit.REQUEST_ID_HEADER = 300, "X-Request-ID"
    page = client.get(reverse("installation")).content.decode()
    for text in (
        "10.1.2.3:9464", "[::1]:9465", "collector.example", "sentry.example", "300 มิลลิวินาที", "อ่านจาก X-Request-ID",
    ):  # fmt: skip
        assert text in page
    assert "hunter2" not in page
    assert '<span class="muted">ปิด</span>' not in page


@pytest.mark.parametrize(("version", "refused"), [(130021, True), (140000, False), (180004, False), (190001, True)])
def test_a_postgresql_of_another_age_is_refused(fit, monkeypatch, version, refused):
    monkeypatch.setattr(deployment, "connection", SimpleNamespace(vendor="postgresql", pg_version=version))
    assert {p.id for p in deployment._check_database()} == ({"database-version"} if refused else set())


def test_a_server_that_the_library_refuses_is_too_old_not_out_of_reach(fit, monkeypatch):
    def refuse(_):
        raise NotSupportedError("PostgreSQL 14 or later is required (found 13.2).")

    monkeypatch.setattr(deployment, "MigrationExecutor", refuse)
    assert [p.id for p in deployment.check_state()] == ["database-version"]


def test_keys_of_another_machine(fit, tmp_path):
    fit.KEYS = tmp_path / "ours"
    note_fingerprints()
    assert "keys" not in ids()
    fit.KEYS = tmp_path / "theirs"
    assert "keys" in ids()


def test_a_bucket_out_of_reach_and_keys_on_the_disk_of_one_machine(fit, monkeypatch):
    def fail(_):
        raise OSError("the storage of files: EndpointConnectionError")

    fit.SHARED_FILES = "s3://bucket/files"
    assert ids() == {"key-folder"}
    monkeypatch.setattr(deployment.files, "exists", fail)
    assert ids() == {"key-folder", "files"}


def test_a_copy_of_the_database_that_does_not_answer(fit, monkeypatch):
    monkeypatch.setattr(deployment.replica, "is_answering", lambda: False)
    assert ids() == {"replica"}
