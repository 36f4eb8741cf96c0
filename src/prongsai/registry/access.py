"""Whose an agency is, for the permission check."""

from collections.abc import Callable
from typing import Any

from prongsai.people.access import View, open_to
from prongsai.registry.queries import acts_for


def of_agency(user: Any, code: str, **_: Any) -> bool:
    return acts_for(user, code)


def open_to_agency(action: str) -> Callable[[View], View]:
    """``open_to`` for a view whose address has the agency's ``code``."""
    return open_to(action, owns=of_agency)
