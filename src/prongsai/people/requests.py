"""Types of the requests that views receive: what the middleware and ``require_permission`` add to Django's own. A view
annotates its parameter with the type that its decorator guarantees. And the marks of a view, which others read."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from prongsai.people.models import User

View = Callable[..., HttpResponseBase]


class SiteRequest(HttpRequest):
    """Any request: HTMX's headers are parsed, and an upload that exceeds the limit is marked instead of stored."""

    htmx: HtmxDetails
    addresses: dict[str, str]  # of this page, by language
    chooses_language: bool  # by a choice for all pages, not by the address
    assessment: str  # the name of the assessment whose pages the address is of
    upload_too_large: bool  # set only when it is true: read with getattr
    uploads_left_out: list[str]  # names of the files that were too large, likewise
    etag: str  # of the answer, set by views of the API alone: read with getattr


class AuthenticatedRequest(SiteRequest):
    """A request whose user is signed in, as every view behind ``require_permission`` receives it."""

    user: User


def mark_view(view: View, **marks: object) -> View:
    """Set attributes of a view: ``action``, the permission it asks for or "public", which the tests compare with their
    table; ``unlogged``."""
    vars(view).update(marks)
    return view


def unlogged(view: View) -> View:
    """Mark a view whose requests leave no line in the request log."""
    return mark_view(view, unlogged=True)
