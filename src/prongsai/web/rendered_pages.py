"""Pages of the public record are rendered once for all that they are made of, and sent as they are from then on.

A view marked ``rendered_once`` answers readers without a session from the path, the named parameters of the address and
the database alone. What its page read is noted while it is rendered: the revision of every table
(``machines.table_changes``), the day where it asked for the date, and a stamp of the program and its settings. A stored
page is sent while all of these are the same, so that no act has to say which pages it changes. A page that read a table
whose changes nobody counts is not stored, nor one that wrote, set a cookie or depends on anything else of the request.

Each process asks for the revisions at most once in ``PAGES_MAX_AGE`` seconds: a page may be so much behind a
publication. While the database does not answer, what was rendered is sent as it was.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_header_parameters

import prongsai
from prongsai.lib import origin
from prongsai.machines import replica
from prongsai.machines.table_changes import DAY, have_at_hand, read_revisions
from prongsai.people.requests import View, mark_view
from prongsai.web.page_store import ENCODINGS, PageHead, PageStore

# tables behind the public record, whose changes are counted: by acts of people, not by every check of a link
WATCHED = (
    "disclosure_confirmation",
    "disclosure_filing",
    "improvement_decision",
    "improvement_plan",
    "improvement_statedreason",
    "registry_agency",
    "registry_agencyversion",
    "registry_assessment",
    "registry_phase",
    "registry_round",
    "results_agencyresult",
    "results_correctedresult",
    "results_erratum",
    "results_issuedreceipt",
    "results_loggedpublication",
    "results_overview",
    "results_publication",
    "results_publishedresult",
    "results_resultset",
    "rulebooks_edition",
    "rulebooks_rulebook",
    "sites_channelsettings",
    "sites_consultation",
    "sites_itempage",
    "sites_service",
)
AHEAD = "prongsai.ahead"  # in the environment of a request that no reader sent: it leaves no line in the log
APART = "prongsai.apart"  # in that of a request whose answer goes elsewhere: what is stored answers it, and stays
_MAX_QUERY = 200  # characters of an address
# headers that a stored page may be said to depend on, and does not: HTMX is never answered from the store
_VARYING = {"cookie", "accept-encoding", "hx-request"}
_NEVER_STORED = {"vary", "server-timing", "content-length", "cache-control", "etag"}


def rendered_once(*parameters: str) -> Callable[[View], View]:
    """Mark a view whose page depends on its path, these parameters of its address and the database alone."""

    def mark(view: View) -> View:
        return mark_view(view, rendered_once=frozenset(parameters))

    return mark


def open_store() -> PageStore:
    """The rendered pages of this machine."""
    return PageStore(settings.DATA / "pages" / "pages.sqlite3", settings.PAGES_BYTES)


@dataclass
class _Parts:
    """What pages share: the revisions from before the first of them, None until then, and what ``shared`` computed."""

    revisions: dict[str, int] | None = None
    computed: dict[tuple[object, ...], tuple["_Rendering", Any]] = field(default_factory=dict)


_parts: ContextVar[_Parts | None] = ContextVar("parts", default=None)


@contextmanager
def share_parts() -> Iterator[None]:
    """Let the pages that are rendered inside, of an agency's years in several languages, share what ``shared``
    computes. What changes meanwhile makes all of them outdated."""
    token = _parts.set(_Parts())
    try:
        yield
    finally:
        _parts.reset(token)


def shared(request: HttpRequest, key: tuple[object, ...], compute: Callable[[], Any]) -> Any:
    """What ``compute`` gives, or gave for another page. It must depend on nothing but the key and the database, and
    nobody may change it."""
    rendering: _Rendering | None = getattr(request, "rendering", None)
    parts = _parts.get()
    if parts is None or rendering is None or rendering.revisions is None:
        return compute()
    if key not in parts.computed:
        parts.computed[key] = rendering, compute()
    first, value = parts.computed[key]
    rendering.tables |= first.tables  # all that its page read, since a part may be read from them late
    return value


_is_settled: ContextVar[bool] = ContextVar("is_settled", default=False)


@contextmanager
def settled() -> Iterator[None]:
    """What is read inside cannot change while what the page shows stays public, such as the sealed marks behind a
    published result: its tables are not noted."""
    token = _is_settled.set(True)
    try:
        yield
    finally:
        _is_settled.reset(token)


def leave_unstored(request: HttpRequest) -> None:
    """Have this page rendered again for the next reader: it says less than there will be."""
    rendering: _Rendering | None = getattr(request, "rendering", None)
    if rendering is not None:
        rendering.revisions = None


def depend_on(request: HttpRequest, model: type[Model]) -> None:
    """Note that a page changes with a table of which it reads nothing itself."""
    rendering: _Rendering | None = getattr(request, "rendering", None)
    if rendering is not None:
        rendering.tables.add(model._meta.db_table)


def begin_rendering(request: HttpRequest, view: Any) -> bool:
    """Note from now on what the page of a marked view is made of; whether it may be stored. For views behind a
    library's, such as those of the API, whose marks the middleware cannot see."""
    rendering: _Rendering | None = getattr(request, "rendering", None)
    parameters = getattr(view, "rendered_once", None)
    if rendering is not None and parameters is not None and request.GET.keys() <= parameters:
        rendering.begin()
        return True
    return False


class RenderedPagesMiddleware:
    """Sends pages that were rendered before; stores those that may be sent again. Outside of sessions and languages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._store = open_store()
        self._revisions = _Revisions()
        program_stamp()  # of what this process runs, not of what is installed while it runs

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.PAGES_BYTES or not _is_storable_request(request):
            return self.get_response(request)
        address = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"
        encoding = choose_encoding(request.headers.get("Accept-Encoding", ""))
        stored = self._store.find(address, encoding)
        if stored is not None and self._is_current(stored[0]):
            return _send(request, *stored, encoding)
        if request.method == "HEAD":
            return self.get_response(request)
        with ExitStack() as stack:
            rendering = _Rendering(stack, self._revisions.read)
            vars(request)["rendering"] = rendering
            response = self.get_response(request)
        if APART not in request.META and (head := rendering.describe(request, response)):
            self._store.put(address, head, response.content)
            return _send(request, *(self._store.find(address, encoding) or (head, response.content)), encoding)
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        """Before a marked view: what has changed until now, and from here on which tables are read."""
        begin_rendering(request, view)

    def _is_current(self, head: PageHead) -> bool:
        if head.stamp != program_stamp():
            return False
        revisions = self._revisions.recent()
        return all(revisions.get(table, 0) == revision for table, revision in head.tables.items())


class _Rendering:
    """What is known of a page while it is rendered: the revisions from before, the tables it reads."""

    def __init__(self, stack: ExitStack, read_revisions: Callable[[], dict[str, int] | None]) -> None:
        self._stack, self._read_revisions = stack, read_revisions
        self.revisions: dict[str, int] | None = None
        self.tables: set[str] = set()

    def begin(self) -> None:
        """Note from now on; without revisions, since the database does not answer, nothing is stored."""
        parts = _parts.get() or _Parts()
        self.revisions = parts.revisions = parts.revisions or self._read_revisions()
        if self.revisions is not None:
            self._stack.enter_context(have_at_hand(self.revisions, self.tables.update))
        for alias in settings.DATABASES:
            self._stack.enter_context(connections[alias].execute_wrapper(self._note))

    def _note(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not _is_settled.get():
            self.tables |= _tables_in(sql)
        return execute(sql, params, many, context)

    def describe(self, request: HttpRequest, response: HttpResponse) -> PageHead | None:
        """What is stored beside the page; None for a page that is not."""
        if self.revisions is None or not self.tables <= {DAY, *WATCHED} or not _is_storable(response):
            return None
        assert request.resolver_match is not None
        return PageHead(
            headers={k: v for k, v in response.headers.items() if k.lower() not in _NEVER_STORED}
            | ({"Vary": "HX-Request"} if "hx-request" in response.headers.get("Vary", "").lower() else {}),
            route=request.resolver_match.route,
            digest=hashlib.sha256(response.content).hexdigest()[:32],
            stamp=program_stamp(),
            tables={table: self.revisions.get(table, 0) for table in sorted(self.tables)},
        )


class _Revisions:
    """The revisions of the watched tables, where public pages read, and the day as one more."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._read_at = float("-inf")

    def recent(self) -> dict[str, int]:
        """Those of at most ``PAGES_MAX_AGE`` seconds ago; while the database does not answer the last known."""
        if time.monotonic() - self._read_at >= settings.PAGES_MAX_AGE:
            self.read()
        return self._known

    def read(self) -> dict[str, int] | None:
        """Those of now; None when the database does not answer."""
        alias = replica.ALIAS if replica.ALIAS in settings.DATABASES else "default"
        try:
            known = read_revisions(alias) | {DAY: timezone.localdate().toordinal()}
        except (DatabaseError, InterfaceError):
            known = None
        self._read_at = time.monotonic()
        if known is not None:
            self._known = known
        return known


def _is_storable_request(request: HttpRequest) -> bool:
    """Whether nothing of the request but its address can matter."""
    return (
        request.method in ("GET", "HEAD")
        and not {settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys()
        and "HX-Request" not in request.headers
        and len(request.META.get("QUERY_STRING", "")) <= _MAX_QUERY
    )


def _is_storable(response: HttpResponse) -> bool:
    varying = {name.strip().lower() for name in response.headers.get("Vary", "").split(",")} - {""}
    return (
        response.status_code == HTTPStatus.OK
        and not response.streaming
        and not response.cookies
        and varying <= _VARYING
    )


def _send(request: HttpRequest, head: PageHead, body: bytes, encoding: str) -> HttpResponse:
    if at_hand := origin.current():
        at_hand.route = head.route
    response = HttpResponse(body, headers=head.headers)
    if encoding:
        response["Content-Encoding"] = encoding
    response["Content-Length"] = str(len(body))
    patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = f'W/"{head.digest}"'
    response["Cache-Control"] = "public, max-age=0, must-revalidate"
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    assert isinstance(answer, HttpResponse)
    if request.method == "HEAD":
        answer.content = b""
    return answer


def answer_unchanged(request: HttpRequest, etag: str) -> HttpResponse | None:
    """304 to whoever has this state of an answer already, also where something on the way compressed it and made the
    tag a weak one, or asks by several tags; None to anybody else."""
    answer = get_conditional_response(request, etag=etag, response=HttpResponse(headers={"ETag": etag}))
    assert isinstance(answer, HttpResponse)
    return None if answer.status_code == HTTPStatus.OK else answer


def choose_encoding(accepted: str) -> str:
    """The best encoding of pages that a reader takes; "" for none."""
    weights = {}
    for part in accepted.split(",")[:20]:
        name, values = parse_header_parameters(part)
        try:
            weights[name] = float(values.get("q", 1))
        except ValueError:
            continue
    return next((name for name in ENCODINGS if weights.get(name, weights.get("*", 0)) > 0), "")


def _tables_in(sql: str) -> set[str]:
    """The tables of a statement; with "" among them for one that may write."""
    found = set(re.findall(r"\w+", sql)) & _all_tables()
    return found if sql.lstrip(" (").startswith("SELECT") else found | {""}


@cache
def _all_tables() -> frozenset[str]:
    models = apps.get_models(include_auto_created=True)
    return frozenset(m._meta.db_table for m in models) | {"limits_cache", "django_migrations"}


@cache
def program_stamp() -> str:
    """Of this version's files and of the settings that pages show; a process knows it from its start."""
    office = settings.NATIONAL_AGENCY, settings.OFFICE_CONTACT
    shown = settings.DEMO, *office, bool(settings.SITE), settings.HTTPS, settings.DEBUG
    stamp = hashlib.sha256(repr((prongsai.__version__, shown)).encode())
    package = Path(prongsai.__file__).parent
    for path in sorted(p for p in package.rglob("*") if p.suffix in {".py", ".html", ".toml", ".css", ".js", ".svg"}):
        stamp.update(f"{path.relative_to(package)} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    return stamp.hexdigest()[:16]
