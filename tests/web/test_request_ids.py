"""One identifier for what belongs to one request, and none for what a respondent does."""

import json
import re

import pytest
from django.db import OperationalError
from django.urls import reverse

from prongsai.jobs import leases
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.models import Job
from prongsai.lib import origin
from prongsai.web import slow_queries
from tests.survey.conftest import fill_form, form_address, link  # noqa: F401  # a fixture
from tests.web.test_logs import lines  # noqa: F401  # a fixture

OURS = re.compile(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}")
FROM_PROXY = "0123456789abcdef0123456789abcdef"


def test_the_answer_and_the_log_line_share_an_identifier(client, db, lines):  # noqa: F811
    first, second = (client.get(reverse("search"))["X-Request-ID"] for _ in "12")
    assert OURS.fullmatch(first)
    assert first != second
    assert [line["request_id"] for line in lines()] == [first, second]


@pytest.mark.parametrize(
    "sent",
    [
        FROM_PROXY,
        "0123ABCD-0123-4567-89ab-0123456789ab",
    ],
)
def test_a_proxy_that_is_named_gives_the_identifier(client, db, lines, settings, sent):  # noqa: F811
    settings.REQUEST_ID_HEADER = "X-Request-ID"
    assert client.get(reverse("search"), headers={"x-request-id": sent})["X-Request-ID"] == sent.lower()
    assert lines()[0]["request_id"] == sent.lower()


@pytest.mark.parametrize(
    "sent", ["", "somchai@example.go.th", "1100701234567", "x" * 40, FROM_PROXY + "0", FROM_PROXY + "\tx", "<b>" * 11]
)
def test_what_is_no_identifier_is_not_taken_for_one(client, db, lines, settings, sent):  # noqa: F811
    """A reader who writes a name, a number or a line of the log into the header."""
    settings.REQUEST_ID_HEADER = "X-Request-ID"
    answer = client.get(reverse("search"), headers={"x-request-id": sent})
    assert OURS.fullmatch(answer["X-Request-ID"])
    assert lines()[0]["request_id"] == answer["X-Request-ID"]


def test_nobody_is_believed_where_no_proxy_is_named(client, db, settings):
    assert settings.REQUEST_ID_HEADER == ""
    assert client.get(reverse("search"), headers={"x-request-id": FROM_PROXY})["X-Request-ID"] != FROM_PROXY


def test_every_line_of_a_failure_and_its_page_say_the_same(client, db, lines, monkeypatch):  # noqa: F811
    monkeypatch.setattr("prongsai.web.views.public.find_named", fail)
    client.raise_request_exception = False
    answer = client.get(reverse("search"), {"q": "x"})
    assert answer.status_code == 500
    code = answer["X-Request-ID"]
    assert f"<code>{code}</code>" in answer.content.decode()
    assert "แจ้งรหัสนี้แก่ผู้ดูแล" in answer.content.decode()
    assert {line["request_id"] for line in lines()} == {code}
    assert [line["level"] for line in lines()] == ["ERROR", "INFO"]


def fail(*_, **__):
    raise RuntimeError("broken on purpose")


def test_pages_of_refusals_and_of_a_lost_database_say_it_too(client, people, monkeypatch):
    client.force_login(people["officer"])
    pages = [client.get("/nosuch/"), client.get(reverse("jobs"))]

    def lose(*_, **__):
        raise OperationalError("gone")

    monkeypatch.setattr("prongsai.web.views.public.find_named", lose)
    client.raise_request_exception = False
    pages.append(client.get(reverse("search"), {"q": "x"}))
    assert [page.status_code for page in pages] == [404, 403, 503]
    for page in pages:
        assert f"<code>{page['X-Request-ID']}</code>" in page.content.decode()


def test_a_job_carries_the_identifier_of_its_request(client, people, lines, settings, monkeypatch):  # noqa: F811
    settings.JOBS_BY_WORKERS = True
    answer = client.post(reverse("account_reset_password"), {"email": people["officer"].email})
    job = Job.objects.get()
    assert job.request_id == answer["X-Request-ID"]
    before = len(lines())
    monkeypatch.setattr("prongsai.people.actions.send_mail", fail)
    work_on(leases.take_job(queue=Queue(job.queue), owner="test"))
    (line,) = lines()[before:]
    assert line["level"] == "ERROR"
    assert (line["request_id"], line["job"]) == (answer["X-Request-ID"], job.pk)
    assert origin.current() is None


# --- respondents


@pytest.fixture
def believing(settings):
    """A proxy whose own log has each address beside the identifier."""
    settings.REQUEST_ID_HEADER = "X-Request-ID"


def everything_stored():
    from tests.survey.test_unlinkable import copy_database

    return json.dumps(copy_database(), ensure_ascii=False)


@pytest.mark.usefixtures("believing")
def test_no_identifier_joins_a_respondent_to_anything(client, link, lines, monkeypatch):  # noqa: F811
    """The proxy logs address and identifier of every request; the attacker has that, our logs and our database."""
    known = []
    monkeypatch.setattr("prongsai.survey.views.submit", spy("prongsai.survey.writer", "submit", known))
    proxy = {"x-request-id": FROM_PROXY}
    form = client.get(form_address(link), headers=proxy)
    client.get("/static/web/site.css", headers=proxy)
    thanks = client.post(form_address(link), fill_form(link), headers=proxy)
    receipt = client.get(reverse("check_receipt"), {"n": "x"}, headers=proxy)
    refused = client.post(form_address(link), {}, headers=proxy)
    assert [page.status_code for page in (form, thanks, receipt, refused)] == [200, 200, 200, 422]
    assert known == [""]  # while the answer was stored
    for page in (form, thanks, receipt, refused):
        assert "X-Request-ID" not in page.headers
    assert lines() == []
    assert FROM_PROXY not in everything_stored()


def spy(module, name, known):
    import importlib

    real = getattr(importlib.import_module(module), name)

    def watched(*arguments):
        known.append(origin.current_request_id())
        return real(*arguments)

    return watched


@pytest.mark.usefixtures("believing")
@pytest.mark.parametrize("path", ["/s/no-such-form/", "/s/cut-off", "/s/x/y/", "/a/schools/s/x/", "/receipt"])
def test_a_link_that_was_cut_off_is_a_respondents_too(client, db, lines, path):  # noqa: F811
    answer = client.get(path, headers={"x-request-id": FROM_PROXY})
    assert "X-Request-ID" not in answer.headers
    assert not [line for line in lines() if line["logger"] == "prongsai.request"]
    assert FROM_PROXY not in json.dumps(lines())


@pytest.mark.usefixtures("believing")
def test_a_failure_while_answering_has_no_identifier(client, link, lines, monkeypatch):  # noqa: F811
    monkeypatch.setattr("prongsai.survey.views.submit", fail)
    client.raise_request_exception = False
    answer = client.post(form_address(link), fill_form(link), headers={"x-request-id": FROM_PROXY})
    assert answer.status_code == 500
    assert "<code>" not in answer.content.decode()
    assert "X-Request-ID" not in answer.headers
    assert not any("request_id" in line for line in lines())


@pytest.mark.usefixtures("believing")
def test_an_interview_leaves_no_line_that_gives_its_answer_a_minute(client, people, running_round, lines):  # noqa: F811
    client.force_login(people["assessor"])
    address = reverse("enter_interview", args=["A1", running_round.fiscal_year, "EIT2"])
    answer = client.get(address, headers={"x-request-id": FROM_PROXY})
    assert answer.status_code == 200
    assert "X-Request-ID" not in answer.headers
    assert not [line for line in lines() if line["logger"] == "prongsai.request"]


# --- slow statements


@pytest.fixture
def slow(settings, db):
    """Every statement counts as slow."""
    from django.db import connection

    settings.SLOW_QUERIES = 1
    slow_queries._watch(connection)
    clock = iter(range(10**6))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slow_queries.time, "perf_counter", lambda: next(clock))
        yield
    connection.execute_wrappers.remove(slow_queries.time_statement)


@pytest.mark.usefixtures("slow", "agencies")
def test_a_slow_statement_is_logged_with_its_route_and_without_what_was_typed(client, lines):  # noqa: F811
    answer = client.get(reverse("search"), {"q": "สมชาย 0812345678"})
    found = [line for line in lines() if line["logger"] == "prongsai.slow_query"]
    assert found
    assert {line["request_id"] for line in found} == {answer["X-Request-ID"]}
    assert any(line["route"] == "search/" and "SELECT" in line["message"] and line["ms"] >= 1 for line in found)
    assert "0812345678" not in json.dumps(lines(), ensure_ascii=False)  # longer than any part of a time
    assert "สมชาย" not in json.dumps(lines(), ensure_ascii=False)


@pytest.mark.usefixtures("slow")
def test_no_slow_statement_tells_when_somebody_answered(client, link, lines):  # noqa: F811
    from prongsai.survey.models import Channel
    from prongsai.survey.writer import Submission, store_submissions

    client.post(form_address(link), fill_form(link))
    channel = Channel.objects.get(is_open=True)
    # by the thread that stores for many: it serves no request
    assert store_submissions([Submission(channel, bytes(20), "5e" * 32, None)]) == ["stored"]
    assert lines() == []


def test_values_written_into_a_statement_are_hidden():
    assert slow_queries.hide_values("SELECT a1 FROM t WHERE x = 'สมชาย' AND y = 4711") == (
        "SELECT a1 FROM t WHERE x = ? AND y = ?"
    )
    assert len(slow_queries.hide_values("x" * 10**6)) <= slow_queries.MAX_LETTERS
