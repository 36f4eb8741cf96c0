"""Reports of errors to Sentry, or what speaks its protocol, by setting: the classes of the exceptions and where in the
program they came from.

No message of an exception (it may quote what somebody typed), no values of variables, no request, no user, no machine.
Nothing is reported but errors of a request or a job that has an identifier; of those that serve a respondent nothing.
"""

import logging
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

import prongsai
from prongsai.lib import origin

if TYPE_CHECKING:
    from sentry_sdk import Client

FLUSH_SECONDS = 3  # that the process of a job waits for its report to be sent
_FRAME = ("filename", "function", "module", "lineno", "in_app")


class ReportingHandler(logging.Handler):
    """Reports what is logged with a traceback."""

    def emit(self, record: logging.LogRecord) -> None:
        at_hand = origin.current()
        if at_hand is None or at_hand.is_quiet or not record.exc_info or record.exc_info[1] is None:
            return
        try:
            report(record.exc_info, at_hand)
        except Exception:
            self.handleError(record)


def watch_log() -> None:
    """Report from now on, where the installation asks for it."""
    root = logging.getLogger()
    if settings.SENTRY and not any(isinstance(h, ReportingHandler) for h in root.handlers):
        root.addHandler(ReportingHandler(logging.ERROR))


def report(exc_info: Any, at_hand: origin.Origin) -> None:
    """Send an exception. The process of a job waits for it; a request does not."""
    from sentry_sdk.utils import event_from_exception

    client = _client()
    event, _ = event_from_exception(exc_info, client_options=client.options)
    tags = {
        "route": at_hand.route,
        "request_id": at_hand.request_id,
        "job": "" if at_hand.job_id is None else at_hand.job_id,
    }
    client.capture_event({**event, "tags": {name: str(value) for name, value in tags.items() if value != ""}})
    if at_hand.job_id is not None:
        client.flush(FLUSH_SECONDS)


_lock = threading.Lock()


def _client() -> "Client":
    with _lock:  # one for all threads
        return _make_client()


@cache
def _make_client() -> "Client":
    return build_client(dsn=settings.SENTRY)


def build_client(**options: Any) -> "Client":
    """A client that sends what ``keep_allowed`` lets through, without any integration of its own."""
    import sentry_sdk

    return sentry_sdk.Client(
        release=f"prongsai@{prongsai.__version__}",
        environment="production",
        server_name="",
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        before_send=keep_allowed,
        **options,
    )


def keep_allowed(event: Any, _hint: Any = None) -> Any:
    """What of a report is sent: everything is left out that is not named here."""
    allowed = {name: event[name] for name in ("event_id", "timestamp", "level", "release", "tags") if name in event}
    values = []
    for exception in event.get("exception", {}).get("values", []):
        frames = (exception.get("stacktrace") or {}).get("frames", [])
        values.append(
            {
                "type": exception.get("type"),
                "module": exception.get("module"),
                "stacktrace": {"frames": [{k: f[k] for k in _FRAME if k in f} for f in frames]},
            }
        )
    return {**allowed, "platform": "python", "exception": {"values": values}}
