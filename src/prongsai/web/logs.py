"""The form of a log line: one JSON object for collectors of logs, colours on a terminal.

Lines carry time, level, logger, message and the fields of ``FIELDS``; those of one request or of one job carry its
identifier, and a job that of the request that queued it. No query string (a search may name a person), no
address of the reader, no path of a failed request (it may hold a code)."""

import json
import logging
import re
import secrets
import sys
import threading
import traceback
from collections import Counter
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import Processor

from prongsai.lib import origin

FIELDS = ("method", "route", "status", "ms", "task")  # of ``extra``; anything else a library attaches is dropped


def _name_as_collectors_expect(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Levels in capitals and tracebacks under "trace", as in every version before."""
    event["level"] = event["level"].upper()
    if "exception" in event:
        event["trace"] = event.pop("exception")
    return event


def _replace_path(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django's lines about failed requests name the path; the route says as much without codes and names."""
    record: logging.LogRecord = event["_record"]
    if record.name.startswith("django.") and hasattr(record, "request"):
        match = getattr(record.request, "resolver_match", None)
        event["route"] = match.route if match else ""
        event["event"] = f"failed request: {getattr(record, 'status_code', '')}"
    return event


def _add_origin(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The request, or the job, that a line belongs to."""
    if at_hand := origin.current():
        if at_hand.request_id:
            event["request_id"] = at_hand.request_id
        if at_hand.job_id is not None:
            event["job"] = at_hand.job_id
    return event


# secrets in addresses: the key of a link, and what a provider of identities sends along; matched without backtracking
_SECRETS = (
    re.compile(r"(/account/(?:password/reset/key|confirm-email)/)[^\s\"'<>]+"),
    re.compile(r"((?:\b|[?&])(?:code|state|token|key|id_token|access_token)=)[^\s&\"'<>]+"),
)


def redact_secrets(text: str) -> str:
    """A text without the secrets of addresses in it."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1…", text)
    return text


def _redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Whoever reads the log must not be able to open what a link opens."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact_secrets(value)
    return event


def _format_console(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    renderer = structlog.dev.ConsoleRenderer(
        event_key="message", timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
    )
    return redact_secrets(str(renderer(logger, method, event)))


# line ends that JSON leaves as they are, and what a terminal or a viewer takes for one
_LINE_ENDS = {ord(c): f"\\u{ord(c):04x}" for c in ("\x7f", *map(chr, range(0x80, 0xA0)), "\u2028", "\u2029")}


def _write_json(event: Any, **more: Any) -> str:
    """One line of Thai that one can read, and of no more lines anywhere."""
    return json.dumps(event, ensure_ascii=False, **more).translate(_LINE_ENDS)


FIRST_REPORT, LAST_REPORT = 3600, 6 * 3600  # seconds after an error that leaves no line, drawn anew for each report


class QuietFilter(logging.Filter):
    """Lets no line through while a respondent or a sender is served: it would have their second, and an exception may
    quote what they wrote. What went wrong is told hours later, all together: the classes of the exceptions and where in
    the program they came from. What a process has not told when it ends is lost."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: Counter[str] = Counter()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        at_hand = origin.current()
        if at_hand is None or not at_hand.is_quiet:
            return True
        if record.levelno >= logging.ERROR:
            with self._lock:
                self._waiting[_describe_error(record)] += 1
                is_first = self._waiting.total() == 1
            if is_first:
                delay = FIRST_REPORT + secrets.randbelow(LAST_REPORT - FIRST_REPORT)
                timer = threading.Timer(delay, self.report)
                timer.daemon = True
                timer.start()
        return False

    def report(self) -> None:
        """Tell what has gone wrong since the last report."""
        with self._lock:
            waiting, self._waiting = self._waiting, Counter()
        for text, number in sorted(waiting.items()):
            quiet.error("failed while nothing was logged: %s (%d)", text, number)


quiet = logging.getLogger("prongsai.quiet")


def _describe_error(record: logging.LogRecord) -> str:
    """An exception by its class and the places in the program, without its message; otherwise who logged."""
    if not record.exc_info or record.exc_info[1] is None:
        return f"{record.name}:{record.lineno}"
    error = record.exc_info[1]
    places = [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' < '.join(reversed(places[-6:]))}"


def build_formatter() -> logging.Formatter:
    """The formatter of the site's one handler, which writes to standard error."""
    shared: list[Processor] = [
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        structlog.processors.TimeStamper(fmt="iso", key="at"),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _replace_path,
        _add_origin,
        structlog.processors.EventRenamer("message"),
    ]
    console: list[Processor] = [_format_console]
    json_lines: list[Processor] = [
        structlog.processors.format_exc_info,
        _name_as_collectors_expect,
        _redact,
        structlog.processors.JSONRenderer(serializer=_write_json),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(console if sys.stderr.isatty() else json_lines),
        ],
    )


GRANIAN_LOGGING: dict[str, Any] = {  # the server's own lines, in the same form
    "formatters": {"structlog": {"()": build_formatter}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structlog"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}
