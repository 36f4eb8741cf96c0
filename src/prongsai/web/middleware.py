"""What happens around every request: one log line, the language, and no NUL characters in the input."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation

if TYPE_CHECKING:
    from django.http.request import _ImmutableQueryDict

log = logging.getLogger("prongsai.request")


class RequestLogMiddleware:
    """One log line a request: method, route, status, milliseconds. No query string (a search may name a person), no
    address of the reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = self.get_response(request)
        duration = (time.perf_counter() - start) * 1000
        response["Server-Timing"] = f"app;dur={duration:.1f}"
        route = request.resolver_match.route if request.resolver_match else ""
        if request.resolver_match and getattr(request.resolver_match.func, "unlogged", False):
            return response  # a survey answer leaves no trace in the log, not even its minute
        log.info(
            "request",
            extra={"method": request.method, "route": route, "status": response.status_code, "ms": round(duration, 1)},
        )
        return response


class NullCharacterMiddleware:
    """Remove NUL characters from addresses and posted fields: no database can store one, and nobody types it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        request.path_info = request.path_info.replace("\0", "")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> None:
        """Clean the posted fields here, where the CSRF check reads them anyway."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return
        try:
            fields = request.POST
        except UnreadablePostError:
            return
        if any("\0" in value for _, values in fields.lists() for value in values):
            cleaned = fields.copy()
            for name, values in fields.lists():
                cleaned.setlist(name, [v.replace("\0", "") for v in values])
            request.POST = cast("_ImmutableQueryDict", cleaned)  # as Django itself does: nothing writes to it later


class LanguageMiddleware:
    """Thai unless the reader chose otherwise. The browser's preference is ignored: most machines in Thai offices are
    set to English."""

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
