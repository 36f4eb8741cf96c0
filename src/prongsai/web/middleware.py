"""What happens around every request: one log line, the assessment, the language, no NUL characters in the input."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import get_script_prefix, reverse, set_script_prefix
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import escape_leading_slashes

from prongsai.framework import NATIONAL
from prongsai.lib import origin
from prongsai.people import second_factor
from prongsai.people.factor_secrets import UnreadableSecretError
from prongsai.people.known_devices import remember_device
from prongsai.registry.models import Agency, Assessment
from prongsai.registry.queries import path_of
from prongsai.web import metrics, request_ids, traces
from prongsai.web.page_help import find_page
from prongsai.web.problems import NOTHING_PUBLISHED, build_problem
from prongsai.web.rendered_pages import AHEAD, shared
from prongsai.web.thai_parts import mark_thai
from prongsai.web.views.errors import unreadable_factor

if TYPE_CHECKING:
    from django.http.request import _ImmutableQueryDict

log = logging.getLogger("prongsai.request")


class RequestLogMiddleware:
    """Gives each request an identifier and notes what became of it: one log line with method, route, status and
    milliseconds; counts and traces where the installation wants them. No query string (a search may name a person), no
    address of the reader.

    A survey answer leaves no trace in any of it, not even its minute; nor do styles and scripts, which a form loads."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.is_counting = metrics.is_counting()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/" + settings.STATIC_URL.lstrip("/")):
            return self.get_response(request)
        start, clock = time.time_ns(), time.perf_counter()
        with origin.begin(request_ids.describe_origin(request)) as at_hand:
            if AHEAD in request.META:
                at_hand.silence()
            response = self.get_response(request)
            seconds = time.perf_counter() - clock
            response["Server-Timing"] = f"app;dur={seconds * 1000:.1f}"
            if at_hand.request_id:
                response[request_ids.HEADER] = at_hand.request_id
            self._note(request.method or "", response.status_code, seconds, at_hand)
            traces.trace_request(method=request.method or "", status=response.status_code, start=start, of=at_hand)
        return response

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        at_hand = origin.current()
        assert at_hand is not None
        at_hand.route = request.resolver_match.route if request.resolver_match else ""
        if getattr(view, "unlogged", False):
            at_hand.silence()

    def _note(self, method: str, status: int, seconds: float, at_hand: origin.Origin) -> None:
        if self.is_counting:
            metrics.count_request(
                route=at_hand.route, method=method, status=status, seconds=seconds, is_quiet=at_hand.is_quiet
            )
        if not at_hand.is_quiet:
            fields = {"method": method, "route": at_hand.route, "status": status, "ms": round(seconds * 1000, 1)}
            log.info("request", extra=fields)


class OpenDataMiddleware:
    """Open data as programs of any site may read them: the API, downloads, feeds, charts, receipts and rules. Nobody's
    session counts for them, so that whoever reads them from a page of another site learns what everybody may. A
    question for the head alone is answered as the whole is; nothing is sent here, so other methods end here. What fails
    is a page for those alone who ask for pages. Outside of stored pages, which are answered without a view."""

    _OPEN = re.compile(
        r"(?:/en)?(?:/a/[a-z][a-z0-9-]{0,19})?/"
        r"(?:api/|data/|rankings\.|(?:agency/[^/]{1,200}/)?feed\.xml$"
        r"|agency/[^/]{1,200}/[^/]{1,40}/(?:chart\.(?:svg|png)|oit\.atom|(?:earlier/[^/]{1,40}/)?receipt\.json)$"
        r"|methodology/[^/]{1,40}/rules\.json$)"
    )
    _METHODS = ("GET", "HEAD", "OPTIONS")
    _SHARED: Mapping[str, str] = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": ", ".join(_METHODS),
        "Access-Control-Allow-Headers": "Accept, If-None-Match, If-Modified-Since, Range",
        "Access-Control-Expose-Headers": "ETag, Content-Disposition, Content-Length",
        "Access-Control-Max-Age": "86400",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._OPEN.match(request.path_info):
            return self.get_response(request)
        if request.method not in self._METHODS:
            response: HttpResponse = build_problem(405, "อ่านได้อย่างเดียว", "These addresses are only read")
            response["Allow"] = ", ".join(self._METHODS)
        elif request.method == "OPTIONS":
            response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        elif request.method == "HEAD":
            request.method = "GET"
            response = self._answer(request)
            if not response.streaming:
                response.headers.setdefault("Content-Length", str(len(response.content)))
                response.content = b""
            request.method = "HEAD"
        else:
            response = self._answer(request)
        for name, value in self._SHARED.items():
            response[name] = value
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < HTTPStatus.BAD_REQUEST:
            return response
        patch_vary_headers(response, ["Accept"])
        is_page = response.get("Content-Type", "").startswith("text/html")
        if not is_page or "text/html" in request.headers.get("Accept", ""):
            return response
        title, text = vars(response).get("problem", (None, ("", "")))
        if response.status_code == HTTPStatus.NOT_FOUND:
            title, text = None, NOTHING_PUBLISHED
        problem = build_problem(response.status_code, *text, title=title)
        for name in ("Retry-After", "Cache-Control", "Vary"):
            if name in response:
                problem[name] = response[name]
        return problem


class BrowserFeaturesMiddleware:
    """Says what of a device the pages may ask for: the position, on the front page (near_me.js), and nothing inside of
    frames; neither camera nor microphone."""

    POLICY = "geolocation=(self), camera=(), microphone=()"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = self.POLICY
        return response


class AssessmentMiddleware:
    """Which assessment an address is of: ``/a/<name>/…`` that one, any other the national one.

    Views and links know nothing of the prefix: it becomes part of the path under which the site is installed. An agency
    belongs to one assessment, so that its pages are found under any prefix: a reader is sent to the right one.
    """

    PREFIX = re.compile(r"/a/([a-z][a-z0-9-]{0,19})(?=/|$)")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.assessment = NATIONAL
        match = self.PREFIX.match(request.path_info)
        if match is None or not Assessment.objects.filter(pk=match[1]).exclude(pk=NATIONAL).exists():
            return self.get_response(request)
        if match.end() == len(request.path_info):  # its front page, typed without the last stroke
            return redirect(request.get_full_path(force_append_slash=True), permanent=True)
        outer = get_script_prefix()
        request.assessment, request.path_info = match[1], request.path_info[match.end() :]
        set_script_prefix(outer.rstrip("/") + match[0] + "/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(outer)

    def process_view(self, request: Any, _view: Any, _args: Any, kwargs: dict[str, Any]) -> HttpResponseBase | None:
        owner = request.assessment
        if "code" in kwargs:
            agencies = Agency.objects.filter(code=kwargs["code"]).values_list("assessment", flat=True)
            owner = shared(request, ("owner", kwargs["code"]), agencies.first) or owner
        elif request.resolver_match.url_name == "desk" and request.user.is_authenticated:
            owner = request.user.assessment
        if owner == request.assessment:
            return None
        if request.method not in ("GET", "HEAD"):
            raise Http404
        place = request.get_full_path().replace(get_script_prefix(), "/", 1)
        outer = get_script_prefix().removesuffix(path_of(request.assessment, "/"))
        return redirect(outer + path_of(owner, place))


class SignedInMiddleware:
    """What holds for everybody who is signed in: no cache stores what they read; a device on which they signed in is
    remembered; and whoever needs a second factor sets it up before anything else."""

    # where a factor is set up, and the ways out
    OPEN_ROUTES = ("account/2fa/", "account/reauthenticate/", "account/logout/", "language/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES  # a reader without one starts none
        if (has_session or request.session.modified) and request.user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
        if request.path.startswith(reverse("account_login").removesuffix("login/")):
            response["Cache-Control"] = "private, no-store"
            # addresses there hold secrets: not even this site's own log hears them from the next page
            response["Referrer-Policy"] = "strict-origin"
        if account := getattr(request, "signed_in_as", ""):
            remember_device(request, response, account)
        return response

    def process_view(self, request: Any, view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        if not settings.SECOND_FACTOR or getattr(view, "action", "") == "public":
            return None
        if request.resolver_match.route.startswith(self.OPEN_ROUTES) or not request.user.is_authenticated:
            return None
        if not second_factor.is_missing(request.user):
            return None
        if getattr(request, "htmx", False):  # a swap would place that page inside this one
            return HttpResponse(headers={"HX-Redirect": reverse("mfa_index")})
        return redirect("mfa_index")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return unreadable_factor(request) if isinstance(exception, UnreadableSecretError) else None


class FormPageMiddleware:
    """Leads somebody who opens the address that a form is sent to on to the page that has the form: after a sign-in
    that had ended, a reload or a link that was copied. What they typed is still in the tab (drafts.js)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not is_page:
            return response
        return redirect(get_script_prefix().rstrip("/") + find_page(request.path_info))


class NullCharacterMiddleware:
    """Remove NUL characters from addresses and posted fields: no database can store one, and nobody types it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "%20")  # %%0000 too
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


def _is_public_page(request: HttpRequest, response: HttpResponse) -> bool:
    view = request.resolver_match.func if request.resolver_match else None
    is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
    return is_page and getattr(view, "action", "public") == "public"


class LanguageMiddleware:
    """Thai at the address itself, English below ``/en/``; whoever is signed in chooses once for all pages. The
    browser's preference is ignored: most machines in Thai offices are set to English.

    Views and links know nothing of the prefix: it becomes part of the path under which the site is installed.
    ``request.addresses`` are this page's in both languages. For a reader without a session the address alone decides,
    so that a page may be stored and sent to anybody.
    """

    PREFIX = "en/"
    _TYPED = re.compile(r"(?:th/|(?:th|en)(?=\?|$))")  # Thai has no prefix; English ends with a stroke

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        outer = get_script_prefix()
        place = request.get_full_path().removeprefix(outer)
        if (typed := self._TYPED.match(place)) and request.method in ("GET", "HEAD"):
            language = self.PREFIX if typed[0] == "en" else ""
            meant = escape_leading_slashes(outer + language + place[typed.end() :])
            return redirect(meant, permanent=True)
        is_prefixed = place.startswith(self.PREFIX)
        place = place.removeprefix(self.PREFIX)
        request.addresses = {"th": escape_leading_slashes(outer + place), "en": outer + self.PREFIX + place}
        request.chooses_language = settings.SESSION_COOKIE_NAME in request.COOKIES
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        if is_prefixed:
            language = "en"
        elif request.chooses_language and chosen in dict(settings.LANGUAGES):
            language = chosen
        else:
            language = settings.LANGUAGE_CODE
        if is_prefixed:
            request.path_info = "/" + request.path_info.removeprefix("/" + self.PREFIX)
            set_script_prefix(outer + self.PREFIX)
        try:
            with translation.override(language):
                request.LANGUAGE_CODE = language
                response = self.get_response(request)
        finally:
            set_script_prefix(outer)
        if language == "en" and _is_public_page(request, response):
            response.content = mark_thai(response.content.decode()).encode()
            if "Content-Length" in response:
                response["Content-Length"] = str(len(response.content))
        response.headers.setdefault("Content-Language", language)
        return response
