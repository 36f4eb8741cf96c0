"""Log lines: their fields, and what no line may hold."""

import io
import json
import logging
import logging.config

import pytest
from django.urls import reverse

from prongsai import settings as production
from prongsai.web.logs import build_formatter

ADDRESS = "203.0.113.77"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def lines(monkeypatch):
    """Everything the site logs with the configuration of production, as parsed lines."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(build_formatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_is_one_line_without_query_and_address(client, db, lines):
    client.get(reverse("search"), {"q": "สมชาย"}, REMOTE_ADDR=ADDRESS, headers={"user-agent": "Somebody's telephone"})
    (line,) = lines()
    assert line.pop("at").startswith("20")
    assert line.pop("ms") >= 0
    assert line == {
        "level": "INFO",
        "logger": "prongsai.request",
        "message": "request",
        "method": "GET",
        "route": "search/",
        "status": 200,
    }


@pytest.mark.parametrize("path", ["/nosuch/code-4711/", "/agency/code-4711/", "/desk/marking/code-4711/x/"])
def test_a_refused_request_leaves_no_path_in_any_line(client, db, lines, path):
    client.get(path, {"q": "สมชาย"}, REMOTE_ADDR=ADDRESS)
    assert lines()
    text = json.dumps(lines(), ensure_ascii=False)
    for private in ("4711", "สมชาย", ADDRESS):
        assert private not in text


def test_a_failure_has_its_traceback_and_no_path(client, db, lines, monkeypatch):
    def fail(*_):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("prongsai.web.views.public.registry.search_agencies", fail)
    client.raise_request_exception = False
    client.get(reverse("search"), {"q": "สมชาย"}, REMOTE_ADDR=ADDRESS)
    failure = next(line for line in lines() if line["level"] == "ERROR")
    assert "RuntimeError: broken on purpose" in failure["trace"]
    assert (failure["route"], failure["message"]) == ("search/", "failed request: 500")
    text = json.dumps(lines(), ensure_ascii=False)
    for private in ("สมชาย", ADDRESS):
        assert private not in text


def test_what_else_a_library_attaches_is_dropped(lines):
    logging.getLogger("prongsai.request").info("done", extra={"task": "mail", "client": ADDRESS, "status": 200})
    (line,) = lines()
    assert set(line) == {"at", "level", "logger", "message", "task", "status"}


def test_libraries_are_quiet_and_refusals_are_logged_once():
    loggers = production.LOGGING["loggers"]
    assert loggers["pikepdf"]["level"] == "WARNING"
    assert loggers["django.request"]["level"] == "ERROR"


def test_a_terminal_gets_colours(monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    record = logging.LogRecord("prongsai.request", logging.INFO, "", 0, "request", (), None)
    record.route = "search/"
    text = build_formatter().format(record)
    assert "\x1b[" in text
    assert "search/" in text
