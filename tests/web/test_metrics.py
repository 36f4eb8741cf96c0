"""What Prometheus reads: right for several processes, for nobody else, and of no use to whoever watches respondents."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from prongsai.jobs.models import Job, Worker
from prongsai.people.actions import record_heartbeat
from prongsai.survey import actions as survey
from prongsai.survey.mixing import mix_channel
from prongsai.web import exporter, metrics, middleware
from tests.installation import environment, free_port, make_tables
from tests.survey.conftest import fill_form, form_address, link, without_sealing  # noqa: F401  # a fixture

TOKEN = "a token of twenty letters"


@pytest.fixture
def counting(monkeypatch):
    """The site counts, in memory; returns what collects."""
    registry = CollectorRegistry()
    made = metrics._Instruments(
        Counter(metrics.REQUESTS, "x", ("route", "method", "status"), registry=registry),
        Histogram(metrics.SECONDS, "x", ("route",), buckets=metrics.BUCKETS, registry=registry),
    )
    monkeypatch.setattr(metrics, "_instruments", lambda: made)
    monkeypatch.setattr(middleware.metrics, "is_counting", lambda: True)
    collector = exporter.RequestCollector.__new__(exporter.RequestCollector)
    collector.source, collector.held = registry, {}
    return collector


def read(*collectors):
    """What a reader gets, by name and labels."""
    registry = CollectorRegistry()
    for collector in collectors:
        registry.register(collector)
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (s.name, *sorted(s.labels.items())): s.value for f in families for s in f.samples if "created" not in s.name
    }


# --- requests


def test_requests_are_counted_by_route_and_never_by_address(client, people, agencies, counting):
    client.get(reverse("search"), {"q": "สมชาย"})
    client.get(reverse("agency", args=["A1"]))
    client.get("/no/such/page-4711/")
    client.generic("BREW", reverse("search"))
    found = read(counting)
    counts = {k: v for k, v in found.items() if k[0] == "prongsai_requests_total"}
    assert {dict(k[1:])["route"] for k in counts} == {"search/", "agency/<str:code>/", "none"}
    assert {dict(k[1:])["method"] for k in counts} == {"GET", "other"}
    assert sum(counts.values()) == 4
    text = json.dumps([list(k) for k in found], ensure_ascii=False)
    for private in ("A1", "4711", "สมชาย", "BREW"):
        assert private not in text


def test_nothing_is_counted_where_nobody_reads(client, db, monkeypatch):
    monkeypatch.delenv(metrics.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(metrics, "_instruments", lambda: pytest.fail("counted"))
    assert client.get(reverse("search")).status_code == 200


def test_several_processes_are_added_up_and_one_that_died_is_not_forgotten(tmp_path):
    code = (
        "from prongsai.web.metrics import count_request as c\n"
        "for _ in range(7): c(route='search/', method='GET', status=200, seconds=0.02, is_quiet=False)\n"
        "for _ in range(250): c(route='s/<str:slug>/', method='POST', status=200, seconds=0.02, is_quiet=True)\n"
    )
    variables = os.environ | {metrics.FOLDER_VARIABLE: str(tmp_path)}
    for _ in "12":
        subprocess.run([sys.executable, "-c", code], env=variables, check=True, timeout=120)
    collector = exporter.RequestCollector(str(tmp_path))
    labels = (("method", "GET"), ("route", "search/"), ("status", "2xx"))
    assert read(collector)["prongsai_requests_total", *labels] == 14
    assert read(collector)["prongsai_request_seconds_count", ("route", "search/")] == 14
    assert "respondents" not in str(read(collector))
    collector.hold()
    folded = (("method", ""), ("route", "respondents"), ("status", "2xx"))
    assert read(collector)["prongsai_requests_total", *folded] == 500


# --- respondents


@pytest.fixture
def restless_disk(monkeypatch):
    """A disk from which every look takes as much as an answer does."""
    usage, free = namedtuple("usage", "total used free"), iter(range(10**11 + 50_000_000, 0, -4096))
    monkeypatch.setattr(exporter.shutil, "disk_usage", lambda _: usage(10**12, 0, next(free)))


@pytest.mark.usefixtures("restless_disk")
def test_whoever_reads_every_second_does_not_see_anybody_answer(client, link, counting):  # noqa: F811
    """The attacker reads before and after each step of each person, while answers are mixed, and compares."""
    without_sealing(link)
    Worker.objects.create(name="here", seen_at=timezone.now())
    record_heartbeat("backup")
    survey.note_totals(on=timezone.localdate())

    def look():
        seen = read(counting, exporter.InstallationCollector())
        return {k: v for k, v in seen.items() if not k[0].endswith(("silence_seconds", "age_seconds"))}

    before, steps = look(), 0
    for _ in range(25):
        for step in (
            lambda: client.get(form_address(link)),
            lambda: client.get("/static/web/site.css"),
            lambda: client.post(form_address(link), fill_form(link)),
            lambda: client.post(form_address(link), {}),
            lambda: client.get("/s/cut-off"),
            lambda: client.get(reverse("check_receipt"), {"n": "x"}),
        ):
            step()
            steps += 1
            assert look() == before
    mixing = Job.objects.create(name="survey.mix_answers", queue="survey")
    assert look() == before
    Job.objects.filter(pk=mixing.pk).update(state="running")
    assert look() == before
    assert mix_channel(channel=link) >= 10
    mixing.delete()
    assert look() == before
    survey.note_totals(on=timezone.localdate())  # a job that is tried again
    assert look() == before
    counting.hold()  # the hour is full
    changed = {k: v for k, v in look().items() if before.get(k) != v}
    assert steps == 150
    assert changed  # respondents are seen, as one
    assert {dict(k[1:])["route"] for k in changed} == {"respondents"}
    assert all(value % 100 == 0 for value in changed.values())
    assert not any(k[0].endswith("_sum") for k in changed)


def test_totals_of_answers_are_of_the_nation_and_the_morning(link):  # noqa: F811
    from prongsai.survey.models import Envelope, Response

    today = timezone.localdate()
    Response.objects.bulk_create(Response(channel=link, day=today, answers=b"x") for _ in range(199))
    Envelope.objects.bulk_create(Envelope(channel=link, key_number=1, content=b"x") for _ in range(7))
    survey.note_totals(on=today)
    found = read(exporter.InstallationCollector())
    assert found["prongsai_answers", ("stage", "acknowledged")] == 200
    assert found["prongsai_answers", ("stage", "mixed")] == 100
    assert not [k for k in found if "A1" in str(k)]
    Response.objects.bulk_create(Response(channel=link, day=today, answers=b"x") for _ in range(300))
    survey.note_totals(on=today)  # a job that is tried again by somebody who wants to know more
    assert read(exporter.InstallationCollector())["prongsai_answers", ("stage", "mixed")] == 100
    survey.note_totals(on=today + timedelta(days=1))
    assert read(exporter.InstallationCollector())["prongsai_answers", ("stage", "mixed")] == 400


def test_a_queue_of_answers_that_is_stuck_is_seen(db):
    job = Job.objects.create(name="survey.mix_answers", queue="survey")
    Job.objects.update(created_at=timezone.now() - timedelta(seconds=exporter.LATE + 5))
    found = read(exporter.InstallationCollector())
    assert found["prongsai_queue_age_seconds", ("queue", "survey")] >= exporter.LATE
    Job.objects.filter(pk=job.pk).update(state="failed")
    found = read(exporter.InstallationCollector())
    assert found["prongsai_jobs", ("queue", "survey"), ("state", "failed")] == 1


# --- the installation


def test_jobs_workers_backup_and_links_are_seen(db):
    now = timezone.now()
    Job.objects.create(name="x", queue="mail")
    Job.objects.create(name="x", queue="mail", state="failed")
    Job.objects.create(name="x", queue="bulk", due_at=now + timedelta(hours=1))  # waits on purpose
    Job.objects.update(created_at=now - timedelta(seconds=90))
    Worker.objects.create(name="here", seen_at=now - timedelta(seconds=40))
    record_heartbeat("backup")
    found = read(exporter.InstallationCollector())
    assert found["prongsai_jobs", ("queue", "mail"), ("state", "waiting")] == 1
    assert found["prongsai_jobs", ("queue", "mail"), ("state", "failed")] == 1
    assert 90 <= found["prongsai_queue_age_seconds", ("queue", "mail")] < 900
    assert found["prongsai_queue_age_seconds", ("queue", "bulk")] == 0
    assert 40 <= found["prongsai_worker_silence_seconds",] < 900
    assert found["prongsai_backup_age_seconds",] < 900
    assert found["prongsai_database_up",] == 1


def test_what_never_was_is_infinite_so_that_an_alarm_rings(db):
    found = read(exporter.InstallationCollector())
    assert found["prongsai_backup_age_seconds",] == found["prongsai_worker_silence_seconds",] == float("inf")


def test_a_database_that_is_gone_is_a_figure_and_the_rest_is_still_there(db):
    def refuse(*_):
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        found = read(exporter.InstallationCollector())
    assert found["prongsai_database_up",] == 0
    assert found["prongsai_disk_free_bytes",] % exporter.DISK_STEP == 0


# --- who may read


@pytest.fixture
def served():
    servers = []

    def serve(token):
        server = exporter.Exporter("127.0.0.1", 0, token=token, collectors=[])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def status(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_with_a_token_nobody_reads_without_it(served):
    url = served(TOKEN)
    assert status(url + "/metrics") == 401
    assert status(url + "/metrics", Authorization="Bearer wrong") == 401
    assert status(url + "/metrics", Authorization=f"Bearer {TOKEN}") == 200
    assert status(url + "/") == 404


def test_without_one_this_machine_reads(served):
    assert status(served("") + "/metrics") == 200


def test_the_site_itself_serves_no_metrics(client, db):
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics/").status_code == 404


def test_the_documentation_names_what_there_is_and_its_alarms_ask_for_nothing_else(db, counting, people, client):
    """An alarm on a metric that is misspelt never rings."""
    import re
    from pathlib import Path

    import yaml

    client.get(reverse("search"))
    survey.note_totals(on=timezone.localdate())
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    section = page[page.index("## Seeing") :]
    there = {name.removesuffix("_count") for name, *_ in read(counting, exporter.InstallationCollector())}
    there |= {"prongsai_request_seconds_bucket", "prongsai_links"}  # there is none yet
    named = set(re.findall(r"\bprongsai_(?!worker_process)[a-z_]+", section))
    assert named <= there
    assert there - named <= {"prongsai_request_seconds_sum"}
    scrape, rules = (yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", section, re.DOTALL))
    assert scrape["scrape_configs"][0]["static_configs"][0]["targets"] == ["127.0.0.1:9464", "127.0.0.1:9465"]
    alerts = {rule["alert"] for rule in rules["groups"][0]["rules"]}
    assert {"WorkerDead", "QueueOld", "BackupOld", "DiskFull"} <= alerts


def is_answering(address):
    try:
        return status(address)
    except OSError:
        return 0


def wait_until(condition, process=None):
    for _ in range(480):
        if condition():
            return
        assert process is None or process.poll() is None
        time.sleep(0.25)
    pytest.fail("waited in vain")


def test_a_real_site_of_two_processes_is_added_up_and_its_exporter_ends_with_it(tmp_path):
    make_tables(tmp_path)
    port, other = free_port(), free_port()
    variables = environment(tmp_path, PRONGSAI_METRICS=f"127.0.0.1:{other}", PRONGSAI_METRICS_TOKEN=TOKEN)
    command = (sys.executable, "-m", "prongsai.cli", "serve", "--port", str(port), "--workers", "2")
    url, page = f"http://127.0.0.1:{other}/metrics", f"http://127.0.0.1:{port}/health/live"
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
        try:
            wait_until(lambda: is_answering(page) == 200, server)
            wait_until(lambda: is_answering(url) == 401, server)
            before = answered(url)
            with ThreadPoolExecutor(4) as pool:  # more than one process takes part
                assert set(pool.map(lambda _: status(page), range(40))) == {200}
            assert answered(url) - before == 40
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    wait_until(lambda: not is_answering(url))


def answered(url):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read().decode()
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "prongsai_requests_total" and sample.labels["route"] == "health/live"
    )


def test_an_exporter_does_not_outlive_a_process_that_was_killed(tmp_path):
    make_tables(tmp_path)
    port = free_port()
    code = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-m', 'prongsai.cli', 'metrics', '--port', '{port}'])\ntime.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment(tmp_path))
    try:
        wait_until(lambda: is_answering(f"http://127.0.0.1:{port}/metrics") == 200, parent)
    finally:
        parent.kill()
        parent.wait(30)
    wait_until(lambda: not is_answering(f"http://127.0.0.1:{port}/metrics"))
