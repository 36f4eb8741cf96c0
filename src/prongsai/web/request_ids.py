"""The identifier of a request, and the requests that get none: whatever serves a respondent."""

import re
import secrets
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver

from prongsai.lib.origin import Origin

HEADER = "X-Request-ID"
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # none that is taken for another when it is read out
# what proxies make: 32 hexadecimal digits or a UUID; nothing that could hold a name or a number of somebody
_SAFE = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ASSESSMENT = re.compile(r"a/[a-z0-9-]{1,20}/")


def create_request_id() -> str:
    """An identifier that nobody can guess and everybody can read out: "k7m2-9qxd-4hvt"."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return "-".join((letters[:4], letters[4:8], letters[8:]))


def describe_origin(request: HttpRequest) -> Origin:
    """What a request is to logs and jobs. Its identifier is the proxy's, where the installation names the header in
    which the proxy sets it and it has a safe form; otherwise a new one."""
    if is_respondents_path(request.path_info):
        return Origin(is_quiet=True)
    sent = request.headers.get(settings.REQUEST_ID_HEADER, "").lower() if settings.REQUEST_ID_HEADER else ""
    return Origin(request_id=sent if _SAFE.fullmatch(sent) else create_request_id())


def is_respondents_path(path: str) -> bool:
    """Whether an address is below one that respondents use, even if there is no such page: a mistyped or shortened
    link is somebody's too."""
    path = path.lstrip("/").removeprefix("en/")  # a page in English
    if match := _ASSESSMENT.match(path):
        path = path[match.end() :]
    return path.partition("/")[0] in _respondents_segments()


@cache
def _respondents_segments() -> frozenset[str]:
    """How addresses of unlogged views begin, where no other view's does; wherever they are included."""
    segments: dict[bool, set[str]] = {True: set(), False: set()}
    for route, view in _list_routes(get_resolver().url_patterns):
        segments[getattr(view, "unlogged", False)].add(route.partition("/")[0])
    return frozenset(segments[True] - segments[False])


def _list_routes(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _list_routes(pattern.url_patterns, route)
        else:
            yield route, pattern.callback
