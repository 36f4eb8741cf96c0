"""Permissions that depend on the agency: whether a user acts for the one in an address."""

from collections.abc import Callable
from typing import Any

from prongsai.people.access import require_permission
from prongsai.people.requests import View
from prongsai.registry.queries import acts_for


def acts_for_agency_in_address(user: Any, code: str, **_: Any) -> bool:
    """``owns`` of a view whose address has the agency's ``code``."""
    return acts_for(user, code)


def require_agency_permission(action: str) -> Callable[[View], View]:
    """``require_permission`` for a view whose address has the agency's ``code``."""
    return require_permission(action, owns=acts_for_agency_in_address)
