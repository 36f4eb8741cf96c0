"""Public pages read a copy of the database (``PRONGSAI_DATABASE_REPLICA``), as long as it answers.

Only the listed public addresses, only GET, only readers without a session. Everything else, and every write, is of
the primary; the connection to the copy refuses writes by itself too. What the copy cannot answer is answered by the
primary, which goes on alone for ``PAUSE`` seconds.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

log = logging.getLogger("prongsai.replica")
ALIAS = "replica"
PAUSE = 30  # seconds
# public pages without a form of their own, by the names of their addresses
ROUTES = frozenset(
    [
        "home",
        "search",
        "agency",
        "agency_year",
        "receipt",
        "rules_file",
        "compare",
        "rankings",
        "rankings_file",
        "nation",
        "nation_year",
        "methodology",
        "methodology_year",
        "downloads",
        "datapackage",
        "download",
        "data_glossary",
    ]
)
_reads_copy: ContextVar[bool] = ContextVar("reads_copy", default=False)
_primary_until = 0.0  # of the clock that does not jump; in each process for itself


class Router:
    """Reads of a public page go to the copy, everything else to the primary."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        return ALIAS if _reads_copy.get() else "default"

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        return "default"  # also what was read from the copy

    def allow_relation(self, _one: Any, _other: Any, **_hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, _app: str, **_hints: Any) -> bool:
        return db != ALIAS


class ReplicaMiddleware:
    """Has the view of a public page read the copy; the last middleware, so that nothing else does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """The page from the copy; None, and the primary answers, where the copy is not asked or does not answer."""
        global _primary_until
        if not _is_public_read(request) or time.monotonic() < _primary_until:
            return None
        token = _reads_copy.set(True)
        try:
            response: HttpResponseBase = view(request, *args, **kwargs)
        except Http404:
            return None  # not there yet: the copy may be some seconds behind
        except (DatabaseError, InterfaceError) as error:
            _primary_until = time.monotonic() + PAUSE
            log.warning("the copy of the database does not answer: %s", type(error).__name__)
            connections[ALIAS].close()
            return None
        finally:
            _reads_copy.reset(token)
        return response


def _is_public_read(request: HttpRequest) -> bool:
    return (
        ALIAS in settings.DATABASES
        and request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and request.resolver_match is not None
        and request.resolver_match.url_name in ROUTES
    )


def is_answering() -> bool:
    """Whether the copy answers; True where there is none."""
    if ALIAS not in settings.DATABASES:
        return True
    try:
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True
