"""The websites of the demonstration as a visitor finds them: below ``PATH`` of the demonstration itself."""

import re
from collections.abc import Callable
from html import escape

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.templatetags.static import static

from prongsai.cli.demo_site import TITLE, respond
from prongsai.environment import DEMO_PAGES_HOST

PATH = "/demo-site/"
_HREF = re.compile(rb'(\bhref=")http://((?:[a-z0-9.]+\.)?srisommut\.example)/')
_HOST = re.compile(r"(?:[a-z0-9.]+\.)?srisommut\.example")


class DemoSiteMiddleware:
    """Shows the websites to a visitor, whose browser cannot find the invented hosts: links on pages lead below PATH of
    the address that the visitor came by, whatever its name and port. What is stored and said stays as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(PATH):
            return self._show(request.path.removeprefix(PATH))
        response = self.get_response(request)
        if not response.streaming and response.get("Content-Type", "").startswith("text/html"):
            response.content = _HREF.sub(rb"\g<1>" + PATH.encode() + rb"\g<2>/", response.content)
        return response

    def _show(self, place: str) -> HttpResponse:
        host, _, path = place.partition("/")
        if host == DEMO_PAGES_HOST:  # a page of this site itself
            return HttpResponseRedirect(f"/{path.lstrip('/')}")
        status, text, headers = respond(f"/{path}") if _HOST.fullmatch(host) else (404, "", {})
        location = headers.get("Location", "")
        content = (
            f'<!doctype html><html lang="th"><head><meta charset="utf-8"><title>{TITLE}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="stylesheet" href="{static("web/site.css")}"></head><body><main class="wrap">'
            f'<p class="muted small"><a href="/">กลับไประบบสาธิต</a> · {TITLE} http://{escape(host)}/</p>'
            f"{text or '<h1>404 ไม่พบหน้านี้</h1>'}</main></body></html>"
        )
        response = HttpResponse(content, status=status)
        if location:
            response["Location"] = f"{PATH}{host}{location}"
        return response
