"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from prongsai.people.queries import unread


def site(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "demo": settings.DEMO,
        "national_agency": settings.NATIONAL_AGENCY,
        "unread": unread(user) if signed_in and user else 0,
    }
