"""Permissions: the one table of what each role may do, and the one check of it.

A row is an action, named ``room.verb``; a cell is the scope of a role: ``ANY`` agency, its ``OWN`` alone, or none.
A user has a role in one assessment and may do nothing in another.
Views name their action by ``@require_permission``; a test compares every address of the site with a table of its own.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from prongsai.people.recent_sign_in import confirm_identity
from prongsai.people.requests import View, mark_view
from prongsai.people.roles import Role


class Scope(StrEnum):
    OWN = "own"
    ANY = "any"


__all__ = ["PERMISSIONS", "Role", "Scope", "is_allowed", "public_page", "require_permission"]

OWN, ANY = Scope.OWN, Scope.ANY
_EVERYONE = dict.fromkeys(Role, ANY)

PERMISSIONS: dict[str, dict[Role, Scope]] = {
    # one's own account and notices
    "people.self": _EVERYONE,
    # users
    "people.list": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    "people.invite": {Role.OFFICE: ANY},
    "people.change": {Role.OFFICE: ANY},
    "people.confirm": {Role.OFFICE: ANY},  # be the second person for what binds
    "people.trail": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    # background work
    "jobs.list": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    "jobs.change": {Role.OFFICE: ANY},
    "people.installation": {Role.OFFICE: ANY, Role.AUDITOR: ANY},  # of the national assessment
    # agencies and rounds
    "registry.desk": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN, Role.ASSESSOR: OWN},
    "registry.round": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    "registry.change": {Role.OFFICE: ANY},
    "registry.assessments": {Role.OFFICE: ANY},  # of the national assessment
    "registry.assign": {Role.OFFICE: ANY},
    "registry.interest": {Role.ASSESSOR: ANY},
    # rules
    "rulebooks.read": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    "rulebooks.edit": {Role.OFFICE: ANY},
    # the survey
    "survey.read": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "survey.manage": {Role.OFFICE: ANY, Role.OFFICER: OWN},
    "survey.issue": {Role.OFFICE: ANY},  # rolls, invitations and cards
    "survey.interview": {Role.ASSESSOR: OWN},
    "survey.import_interviews": {Role.OFFICE: ANY},  # of many agencies, in a table
    "survey.nation": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    "survey.seal": {Role.OFFICE: ANY},
    "survey.reopen": {Role.OFFICE: ANY},
    "survey.export": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    # disclosures
    "disclosure.read": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "disclosure.file": {Role.OFFICER: OWN},
    "disclosure.remark": {Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "disclosure.confirm": {Role.EXECUTIVE: OWN},
    "disclosure.mark": {Role.ASSESSOR: OWN},
    "disclosure.decide": {Role.ASSESSOR: ANY},
    "disclosure.import_marks": {Role.OFFICE: ANY},  # first marks and decisions, in tables
    "disclosure.evidence": {
        Role.OFFICE: ANY,
        Role.AUDITOR: ANY,
        Role.ASSESSOR: ANY,
        Role.OFFICER: OWN,
        Role.EXECUTIVE: OWN,
    },
    "disclosure.nation": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    "disclosure.seal": {Role.OFFICE: ANY},
    "disclosure.reopen": {Role.OFFICE: ANY},
    # results
    "results.read": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "results.import": {Role.OFFICE: ANY, Role.OFFICER: OWN},
    "results.import_bulk": {Role.OFFICE: ANY},
    "results.run": {Role.OFFICE: ANY},
    "results.publish": {Role.OFFICE: ANY},
    "results.list": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    # improvement plans
    "improvement.read": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "improvement.edit": {Role.OFFICER: OWN},
    "improvement.approve": {Role.EXECUTIVE: OWN},
    "improvement.library": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: ANY, Role.EXECUTIVE: ANY},
    "improvement.nation": {Role.OFFICE: ANY, Role.AUDITOR: ANY},
    # papers
    "documents.read": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "documents.make": {Role.OFFICER: OWN},
    "documents.sign": {Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "documents.batch": {Role.OFFICE: ANY},
    # an agency's channels
    "sites.read": {Role.OFFICE: ANY, Role.AUDITOR: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "sites.manage": {Role.OFFICER: OWN, Role.EXECUTIVE: OWN},
    "sites.answer": {Role.OFFICER: OWN},
    "sites.handle": {Role.OFFICE: ANY, Role.OFFICER: OWN, Role.EXECUTIVE: OWN},  # complaints that are with one's level
    "sites.office": {Role.OFFICE: ANY},
}


OF_EVERY_ASSESSMENT = {"people.self"}  # one's own account


def is_allowed(user: Any, action: str, *, assessment: str, own: bool = False) -> bool:
    """Whether a user may do an action in an assessment. ``own``: the user acts for the agency that it concerns."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return False
    if user.assessment != assessment and action not in OF_EVERY_ASSESSMENT:
        return False
    scope = PERMISSIONS[action].get(user.role)
    return scope is ANY or (scope is OWN and own)


def require_permission(
    action: str, *, owns: Callable[..., bool] | None = None, binding: bool = False
) -> Callable[[View], View]:
    """Run a view only for users with the permission; others are sent to sign in, or refused.

    ``owns(user, **kwargs)`` tells whether the address is the user's own; without it a permission of scope ``OWN``
    opens the page, and the view limits what it shows. ``binding``: what is posted there binds the public or opens
    doors (publish, seal, destroy, announce, who may do what), so that it asks for a recent sign-in.
    """
    assert action in PERMISSIONS, action

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                response = redirect_to_login(request.get_full_path())
                if getattr(request, "htmx", False):  # a swap would place the sign-in page inside this one
                    return HttpResponse(headers={"HX-Redirect": response["Location"]})
                return response
            own = owns is None or owns(request.user, **kwargs)
            if not is_allowed(request.user, action, assessment=request.assessment, own=own):
                raise PermissionDenied
            if binding and request.method == "POST" and (question := confirm_identity(request)):
                return question
            return view(request, *args, **kwargs)

        return mark_view(guarded, action=action, binding=binding)

    return decorate


def public_page(view: View) -> View:
    """Mark a view as open to everybody."""
    return mark_view(view, action="public")
