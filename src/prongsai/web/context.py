"""Variables of every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from prongsai.framework import NATIONAL
from prongsai.people.queries import count_unread_notices
from prongsai.registry.queries import find_assessment


def site_context(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    match = getattr(request, "resolver_match", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "assessment": find_assessment(getattr(request, "assessment", NATIONAL)),
        "demo": settings.DEMO,
        "national_agency": settings.NATIONAL_AGENCY,
        "office_contact": settings.OFFICE_CONTACT,
        "can_send_alerts": bool(settings.SITE),
        "is_of_public_record": getattr(match and match.func, "rendered_once", None) is not None,
        "unread": count_unread_notices(user) if signed_in and user else 0,
    }
