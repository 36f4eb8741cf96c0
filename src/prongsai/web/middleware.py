"""One log line a request, as JSON: what was asked, what was answered, how long it took. No query string (a search may
name a person), no address of the reader."""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation

if TYPE_CHECKING:
    from django.http.request import _ImmutableQueryDict

log = logging.getLogger("prongsai.request")


class RequestLog:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        spent = (time.perf_counter() - started) * 1000
        response["Server-Timing"] = f"app;dur={spent:.1f}"
        route = request.resolver_match.route if request.resolver_match else ""
        if request.resolver_match and getattr(request.resolver_match.func, "unlogged", False):
            return response  # who answers a survey leaves no trace here, not even the minute
        log.info(
            "request",
            extra={"method": request.method, "route": route, "status": response.status_code, "ms": round(spent, 1)},
        )
        return response


class DropNull:
    """Read an address as if it had no NULs: no database can hold one, and nobody types it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        request.path_info = request.path_info.replace("\0", "")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> None:
        """The same of what is posted, where the check against forged posts reads it anyway."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return
        try:
            posted = request.POST
        except UnreadablePostError:
            return
        if any("\0" in value for _, values in posted.lists() for value in values):
            clean = posted.copy()
            for name, values in posted.lists():
                clean.setlist(name, [v.replace("\0", "") for v in values])
            request.POST = cast("_ImmutableQueryDict", clean)  # as Django itself does: nothing writes to it later


class Language:
    """Thai unless the reader chose otherwise: a browser's own preference is not asked, most machines here say
    English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for any collector of logs."""

    FIELDS = ("method", "route", "status", "ms", "task")

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {f: getattr(record, f) for f in self.FIELDS if hasattr(record, f)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
