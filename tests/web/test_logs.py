"""Log lines: their fields, and what no line may hold."""

import io
import json
import logging
import logging.config

import pytest
from django.urls import reverse

from prongsai import settings as production
from prongsai.web.logs import FIRST_REPORT, LAST_REPORT, QuietFilter, build_formatter

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
    handler.addFilter(QuietFilter())
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
    assert line.pop("request_id")
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
    def fail(*_, **__):
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("prongsai.web.views.public.find_named", fail)
    client.raise_request_exception = False
    client.get(reverse("search"), {"q": "สมชาย"}, REMOTE_ADDR=ADDRESS)
    failure = next(line for line in lines() if line["level"] == "ERROR")
    assert "RuntimeError: broken on purpose" in failure["trace"]
    assert (failure["route"], failure["message"]) == ("search/", "failed request: 500")
    text = json.dumps(lines(), ensure_ascii=False)
    for private in ("สมชาย", ADDRESS):
        assert private not in text


@pytest.mark.parametrize("name", ["write_complaint", "ask_question"])
def test_an_error_while_somebody_sends_is_told_hours_later_without_what_was_written(
    client, db, agencies, lines, monkeypatch, name
):
    """The attacker has the log, and the second at which somebody's telephone was in the network of the office."""
    waited = []

    def fail(*_, **__):
        raise RuntimeError("quotes what was written")

    class Timer:
        def __init__(self, seconds, report):
            waited.append((seconds, report))

        def start(self):
            pass

    monkeypatch.setattr("prongsai.web.logs.threading.Timer", Timer)
    monkeypatch.setattr("prongsai.sites.views.sender.find_settings", fail)
    client.raise_request_exception = False
    for _ in range(3):
        assert client.get(reverse(name, args=[agencies[0].code])).status_code == 500
    assert lines() == []
    seconds, report = waited[-1]  # the handler of the tests' own process has a filter, too
    assert FIRST_REPORT <= seconds <= LAST_REPORT
    report()
    (line,) = lines()
    assert "RuntimeError at " in line["message"]
    assert line["message"].endswith("(3)")
    assert line.keys() == {"at", "level", "logger", "message"}
    for private in ("quotes", f"/{agencies[0].code}", ADDRESS):
        assert private not in line["message"]
    client.get(reverse("search"))
    assert len(lines()) == 2


def test_production_logs_nothing_while_a_respondent_is_served():
    handlers = production.LOGGING["handlers"].values()
    assert all(handler["filters"] == ["quiet"] for handler in handlers)
    assert production.LOGGING["filters"]["quiet"]["()"] == f"{QuietFilter.__module__}.{QuietFilter.__name__}"


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


# --- links that hold a secret


SECRET_LINKS = [
    "/account/password/reset/key/1-d2abcd-0123456789abcdef0123456789abcdef/",
    "https://ita.example.go.th/a/schools/account/password/reset/key/2n9-d2abcd-0123456789abcdef0123456789abcdef/?x=1",
    "/account/oidc/oidc/login/callback/?code=0123456789abcdef&state=0123456789abcdef",
    "/account/confirm-email/0123456789abcdef/",
]


def hidden_in(text):
    return "0123456789abcdef" not in text


@pytest.mark.parametrize("link", SECRET_LINKS)
@pytest.mark.parametrize("logger", ["_granian", "granian.access", "django.request", "prongsai.people", "py.warnings"])
def test_no_line_of_any_logger_holds_a_link_with_a_secret(lines, link, logger):
    """Access lines of a server, warnings, messages with arguments, and tracebacks that quote the address."""
    log = logging.getLogger(logger)
    log.error('127.0.0.1 - "GET %s HTTP/1.1" 200', link)
    log.error(f"sent {link}")
    log.error("arguments", extra={"route": link})
    try:
        raise ValueError(f"cannot mail {link}")
    except ValueError:
        log.exception("failed")
    assert len(lines()) == 4
    assert hidden_in(json.dumps(lines(), ensure_ascii=False))


def test_the_servers_own_lines_pass_the_same_formatter():
    from prongsai.web.logs import GRANIAN_LOGGING

    assert GRANIAN_LOGGING["formatters"]["structlog"]["()"] is build_formatter
    assert production.LOGGING["formatters"]["structlog"]["()"] == "prongsai.web.logs.build_formatter"


def test_an_access_log_of_the_server_that_somebody_turned_on_holds_no_link(tmp_path):
    """A real server, its access log on by an option of its own, and a person who follows the link."""
    import signal
    import subprocess
    import sys
    import time
    import urllib.error
    import urllib.request

    from tests.cli.test_site import run_all
    from tests.installation import environment, free_port, make_tables

    make_tables(tmp_path)
    run_all(tmp_path, ["migrate"])  # and what else a site needs
    port, token = free_port(), "d2abcd-0123456789abcdef0123456789abcdef"
    code = (
        "import granian.server as g; real = g.Server.__init__\n"
        "def start(self, *a, **k): real(self, *a, **k | {'log_access': True})\n"
        "g.Server.__init__ = start\n"
        f"import sys; sys.argv = ['prongsai', 'serve', '--port', '{port}', '--workers', '1']\n"
        "if __name__ == '__main__':\n    from prongsai.cli import main; main()"
    )
    (tmp_path / "serve.py").write_text(code)
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, str(tmp_path / "serve.py")], env=environment(tmp_path), stdout=log, stderr=log
        )
        try:
            for _ in range(240):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)
                    break
                except OSError:
                    time.sleep(0.25)
            urllib.request.urlopen(
                f"http://127.0.0.1:{port}/account/password/reset/key/1-{token}/?code={token}", timeout=9
            )
            time.sleep(0.5)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    text = (tmp_path / "log").read_text()
    assert "GET /health" in text  # the access log was on
    assert hidden_in(text)


def test_a_person_who_follows_a_link_leaves_no_secret_in_any_line(client, people, lines):
    from prongsai.people.actions import build_password_link
    from prongsai.people.password_links import RESETS

    link = build_password_link(people["officer"], "", RESETS)
    client.get(link, follow=True)
    client.get("/account/oidc/oidc/login/callback/", {"code": "geheim", "state": "geheim"})
    token = link.rsplit("/", 2)[1].partition("-")[2]
    assert len(lines()) >= 3
    text = json.dumps(lines(), ensure_ascii=False)
    assert token not in text
    assert "geheim" not in text
