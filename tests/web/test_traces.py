"""Traces and reports of errors: what is sent, looked through by somebody who owns the collector."""

import json
import logging

import pytest
from django.urls import reverse
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport

from prongsai.jobs import actions as jobs
from prongsai.jobs import leases
from prongsai.jobs.kinds import Queue
from prongsai.jobs.models import Job
from prongsai.web import error_reports, traces
from tests.survey.conftest import fill_form, form_address, link  # noqa: F401  # a fixture

ADDRESS, BROWSER, SEARCH = "203.0.113.77", "PhoneOfSomchai", "นามสมมุติ 4711"
PRIVATE = (ADDRESS, BROWSER, SEARCH, "4711", "prongsai_session", "example.test", "A1", "correct horse")


def private_in(sent):
    return [text for text in PRIVATE if text in sent]


@pytest.fixture
def spans(settings, monkeypatch):
    """Spans as the exporter gets them, in JSON."""
    settings.TRACES = "http://127.0.0.1:9/v1/traces"
    provider, exporter = traces.build_provider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "_provider", lambda: provider)
    monkeypatch.setattr(jobs, "OBSERVERS", [])
    traces.watch_jobs()
    return lambda: [json.loads(span.to_json()) for span in exporter.get_finished_spans()]


@pytest.fixture
def reports(settings, monkeypatch):
    """Envelopes as the transport gets them."""
    sent = []

    class Keeping(Transport):
        def capture_envelope(self, envelope):
            sent.append(envelope.serialize().decode())

    settings.SENTRY = "https://key@example.invalid/1"
    client = error_reports.build_client(dsn=settings.SENTRY, transport=Keeping)
    monkeypatch.setattr(error_reports, "_client", lambda: client)
    root = logging.getLogger()
    before = list(root.handlers)
    error_reports.watch_log()
    error_reports.watch_log()
    yield sent
    root.handlers[:] = before


def visit(client, people, path, **data):
    client.force_login(people["officer"])
    return client.get(path, data, REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=BROWSER, HTTP_REFERER=f"https://x/?q={SEARCH}")


def break_search(monkeypatch):
    def fail(*_, **__):
        typed = SEARCH  # a variable with what somebody typed
        raise RuntimeError(f"cannot find {typed}")

    monkeypatch.setattr("prongsai.web.views.public.find_named", fail)


# --- traces


def test_a_span_has_a_route_and_nothing_of_the_reader(client, people, agencies, spans):
    answer = visit(client, people, reverse("agency", args=["A1"]), q=SEARCH)
    (span,) = spans()
    assert span["name"] == "GET agency/<str:code>/"
    assert set(span["attributes"]) == {
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "prongsai.request_id",
        "db.statements",
        "db.milliseconds",
    }
    assert span["attributes"]["prongsai.request_id"] == answer["X-Request-ID"]
    assert set(span["resource"]["attributes"]) == {"service.name", "service.version"}
    assert private_in(json.dumps(spans(), ensure_ascii=False)) == []


def test_of_an_error_the_span_has_that_there_was_one(client, people, spans, monkeypatch):
    break_search(monkeypatch)
    client.raise_request_exception = False
    visit(client, people, reverse("search"), q=SEARCH)
    (span,) = spans()
    assert span["status"]["status_code"] == "ERROR"
    assert span["events"] == []
    assert private_in(json.dumps(spans(), ensure_ascii=False)) == []


def test_a_job_is_in_the_trace_of_the_request_that_queued_it(client, people, spans, settings, monkeypatch):
    settings.JOBS_BY_WORKERS = True
    client.post(reverse("account_reset_password"), {"email": people["officer"].email})
    job = Job.objects.get()

    def fail(*_, **__):
        raise RuntimeError(people["officer"].email)

    monkeypatch.setattr("prongsai.people.actions.send_mail", fail)
    jobs.work_on(leases.take_job(queue=Queue(job.queue), owner="test"))
    request, work = spans()
    assert work["context"]["trace_id"] == request["context"]["trace_id"]
    assert work["parent_id"] == request["context"]["span_id"]
    assert work["attributes"]["error.type"] == "RuntimeError"
    assert work["events"] == []
    assert private_in(json.dumps(spans(), ensure_ascii=False)) == []


def test_what_serves_a_respondent_is_not_traced(client, link, spans):  # noqa: F811
    client.get(form_address(link))
    client.post(form_address(link), fill_form(link))
    client.get("/s/cut-off")
    client.get(reverse("check_receipt"), {"n": "x"})
    assert spans() == []


# --- reports of errors


def test_a_report_has_where_it_failed_and_nothing_of_the_reader(client, people, reports, monkeypatch):
    break_search(monkeypatch)
    client.raise_request_exception = False
    answer = visit(client, people, reverse("search"), q=SEARCH)
    (sent,) = reports
    event = json.loads(sent.splitlines()[-1])
    assert event["tags"] == {"route": "search/", "request_id": answer["X-Request-ID"]}
    (exception,) = event["exception"]["values"]
    assert exception["type"] == "RuntimeError"
    assert [f["function"] for f in exception["stacktrace"]["frames"]][-2:] == ["_find_named", "fail"]
    assert private_in(sent) == []
    assert set(event) == {
        "event_id",
        "timestamp",
        "level",
        "release",
        "tags",
        "platform",
        "exception",
    }


def test_a_job_that_fails_is_reported_with_its_number(people, reports, settings, monkeypatch):
    settings.JOBS_BY_WORKERS = True

    def fail(*_, **__):
        raise RuntimeError(people["officer"].email)

    monkeypatch.setattr("prongsai.people.actions.send_mail", fail)
    from prongsai.people.actions import request_password_link

    request_password_link(email=people["officer"].email, site="https://ita.example.test")
    job = Job.objects.get()
    jobs.work_on(leases.take_job(queue=Queue(job.queue), owner="test"))
    (sent,) = reports
    assert json.loads(sent.splitlines()[-1])["tags"] == {"job": str(job.pk)}
    assert private_in(sent) == []


def test_nothing_is_reported_of_a_respondent_nor_of_a_thread(client, link, reports, monkeypatch):  # noqa: F811
    def fail(*_, **__):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("prongsai.survey.views.submit", fail)
    client.raise_request_exception = False
    assert client.post(form_address(link), fill_form(link)).status_code == 500
    try:
        fail()
    except RuntimeError:
        logging.getLogger("prongsai.survey").exception("of a thread")
    assert reports == []


def test_a_report_that_cannot_be_sent_harms_nobody(client, people, reports, monkeypatch):
    def refuse(*_):
        raise OSError("no route")

    monkeypatch.setattr(error_reports, "report", refuse)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    break_search(monkeypatch)
    client.raise_request_exception = False
    assert visit(client, people, reverse("search"), q=SEARCH).status_code == 500
