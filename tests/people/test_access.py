"""Permissions: what each role may do, and the guard before each view."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from prongsai.people.access import PERMISSIONS, Scope, is_allowed, public_page, require_permission
from prongsai.people.models import User
from prongsai.people.roles import Role


def user_of(role, *, active=True):
    return User(pk=1, email="x@example.test", name="x", role=role, is_active=active)


@pytest.mark.parametrize("action", PERMISSIONS)
def test_only_the_roles_of_an_action_may_do_it(action):
    for role in Role:
        scope = PERMISSIONS[action].get(role)
        assert is_allowed(user_of(role), action, assessment="ita") is (scope is Scope.ANY)
        assert is_allowed(user_of(role), action, assessment="ita", own=True) is (scope is not None)


@pytest.mark.parametrize("action", PERMISSIONS)
def test_a_closed_account_may_do_nothing(action):
    """A session that outlives its account: the attacker still holds a user object of the right role."""
    assert not any(is_allowed(user_of(role, active=False), action, assessment="ita", own=True) for role in Role)


@pytest.mark.parametrize("action", PERMISSIONS)
def test_nobody_may_do_anything_without_signing_in(action):
    assert not is_allowed(AnonymousUser(), action, assessment="ita", own=True)
    assert not is_allowed(None, action, assessment="ita", own=True)


def test_a_role_that_is_unknown_may_do_nothing():
    assert not any(is_allowed(user_of("superuser"), action, assessment="ita", own=True) for action in PERMISSIONS)


def test_an_unknown_action_is_an_error_of_the_program():
    with pytest.raises(KeyError):
        is_allowed(user_of(Role.OFFICE), "people.everything", assessment="ita")
    with pytest.raises(AssertionError):
        require_permission("people.everything")


def test_a_view_says_its_action():
    """The table of addresses reads it: an address whose view says nothing would be nobody's to check."""
    assert require_permission("people.self")(view).action == "people.self"
    assert public_page(lambda request: None).action == "public"


def test_a_view_says_whether_it_asks_for_a_recent_sign_in():
    assert require_permission("people.self")(view).binding is False
    assert require_permission("people.self", binding=True)(view).binding is True


def test_every_action_opens_a_page():
    from tests.web.test_permissions import addresses

    used = {getattr(pattern.callback, "action", None) for _, pattern in addresses()}
    others = {
        "registry.assign",
        "disclosure.remark",
        "survey.import_interviews",
        "disclosure.import_marks",
    }  # or a table
    assert set(PERMISSIONS) - used <= others


def view(request, code):
    return HttpResponse(f"inside {code}")


@pytest.fixture
def visit(rf):
    """Visits a guarded view as a user; ``owns`` is the test of the view's address."""

    def visit(user, owns=None, *, htmx=False, assessment="ita"):
        request = rf.get("/desk/x/?a=1")
        request.user, request.htmx, request.assessment = user, htmx, assessment
        return require_permission("disclosure.file", owns=owns)(view)(request, code="A1")

    return visit


def test_the_guard_asks_whose_the_address_is(visit):
    asked = []

    def owns(user, code):
        asked.append((user.pk, code))
        return True

    assert visit(user_of(Role.OFFICER), owns).content == b"inside A1"
    assert asked == [(1, "A1")]


def test_the_guard_refuses_what_is_not_ones_own(visit):
    with pytest.raises(PermissionDenied):
        visit(user_of(Role.OFFICER), lambda user, code: False)


def test_the_guard_refuses_other_roles_whoever_owns(visit):
    with pytest.raises(PermissionDenied):
        visit(user_of(Role.OFFICE), lambda user, code: True)


def test_without_an_owner_a_right_to_ones_own_opens_the_page(visit):
    assert visit(user_of(Role.OFFICER)).status_code == 200


def test_a_role_in_one_assessment_opens_nothing_of_another(visit):
    """The attacker is the office of a university that is assessed beside the nation."""
    with pytest.raises(PermissionDenied):
        visit(user_of(Role.OFFICER), lambda user, code: True, assessment="other")
    for action in PERMISSIONS.keys() - {"people.self"}:
        assert not any(is_allowed(user_of(role), action, assessment="other", own=True) for role in Role)


def test_the_guard_sends_strangers_to_sign_in_and_back(visit):
    response = visit(AnonymousUser())
    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/desk/x/%3Fa%3D1"


def test_a_swap_is_never_filled_with_the_sign_in_page(visit):
    response = visit(AnonymousUser(), htmx=True)
    assert response["HX-Redirect"].startswith("/account/login/")
    assert not response.content
