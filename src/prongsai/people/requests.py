"""Types of the requests that views receive: what the middleware and ``require_permission`` add to Django's own.

Nothing here runs: a view annotates its parameter with the type that its decorator guarantees."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from prongsai.people.models import User


class SiteRequest(HttpRequest):
    """Any request: HTMX's headers are parsed, and an upload that exceeds the limit is marked instead of stored."""

    htmx: HtmxDetails
    assessment: str  # the name of the assessment whose pages the address is of
    upload_too_large: bool  # set only when it is true: read with getattr


class AuthenticatedRequest(SiteRequest):
    """A request whose user is signed in, as every view behind ``require_permission`` receives it."""

    user: User
