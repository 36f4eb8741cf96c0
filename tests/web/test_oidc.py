"""OpenID Connect by configuration: the way to it is on the sign-in page, and opens only invited, verified accounts."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

APP = {
    "provider_id": "oidc",
    "name": "บัตรดิจิทัล",
    "client_id": "x",
    "secret": "y",
    "settings": {"server_url": "https://id.example.go.th"},
}


@pytest.fixture
def configured(settings):
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [APP]}}


def test_the_sign_in_page_offers_it(client, db, configured):
    assert "บัตรดิจิทัล" in client.get(reverse("account_login")).content.decode()


def test_the_policy_lets_the_form_go_there(tmp_path):
    from tests.cli.test_site import run_python

    code = "from prongsai import settings; print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    output = run_python(tmp_path, code, OIDC_ISSUER="https://id.example.go.th/realm", OIDC_CLIENT_ID="x")
    assert "https://id.example.go.th'" in output


def login(rf, email, verified, **answers):
    """What comes back from the provider, through the library's own way of deciding."""
    from allauth.socialaccount.adapter import get_adapter
    from allauth.socialaccount.internal.flows.login import pre_social_login
    from django.contrib.sessions.backends.db import SessionStore

    request = rf.get("/")
    request.session = SessionStore()
    provider = get_adapter().get_provider(request, "oidc")
    info = {"sub": "42", "email": email, "email_verified": verified, "name": "x"}
    found = provider.sociallogin_from_response(request, {"userinfo": info, "id_token": info} | answers)
    pre_social_login(request, found)
    return found


@pytest.fixture
def invited(people):
    """An officer who was invited today and has not set a password."""
    from prongsai.people.actions import invite_user

    return invite_user(email="new@example.test", name="ใหม่", role="officer", by=people["office"], site="")


def test_a_verified_address_fulfils_the_invitation(rf, invited, configured):
    found = login(rf, "new@example.test", True)
    assert found.is_existing
    assert found.user == invited


@pytest.mark.parametrize("verified", [False, None, "false", "true", "True", "", 1, 0, ["true"], {"verified": True}])
def test_nothing_but_true_is_verified(rf, invited, configured, verified):
    """Providers have sent "false", which is as good as true to whoever only asks whether there is something."""
    assert not login(rf, "new@example.test", verified).is_existing


@pytest.mark.parametrize(
    "answers",
    [
        {"id_token": {"sub": "41"}},  # of somebody else, under this person's access token
        {"id_token": {}},
        {"id_token": {"sub": None}, "userinfo": {"sub": None}},  # the library takes it for a person named None
        {"id_token": {"sub": ["42"]}, "userinfo": {"sub": ["42"]}},
        {"id_token": {"sub": ""}, "userinfo": {"sub": ""}},
        {"id_token": {"sub": "4" * 256}, "userinfo": {"sub": "4" * 256}},
        {"id_token": {"sub": "42"}, "userinfo": {}},
        {"id_token": {"sub": "42"}, "userinfo": ["42"]},
        {"id_token": "42", "userinfo": "42"},
    ],
)
def test_answers_about_two_people_or_nobody_open_nothing(rf, invited, configured, answers):
    with pytest.raises(PermissionDenied):
        login(rf, "new@example.test", True, **answers)


def test_answers_without_an_id_token_open_nothing(rf, invited, configured):
    """Nobody has checked for whom they were meant."""
    with pytest.raises(PermissionDenied):
        login(rf, "new@example.test", True, id_token=None)


def test_a_provider_that_names_nobody_is_answered_with_a_sentence(client, invited, configured, monkeypatch):
    """Not with an error of the server: through the address that the provider sends people back to."""
    from allauth.socialaccount.providers.oauth2.client import OAuth2Client
    from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter

    ends = {"authorization_endpoint": "https://id.example.go.th/a", "token_endpoint": "https://id.example.go.th/t"}
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "openid_config", ends)
    monkeypatch.setattr(OAuth2Client, "get_access_token", lambda *_, **__: {"access_token": "t", "id_token": "t"})
    nobody = {"sub": "", "email": "new@example.test", "email_verified": True}
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "_fetch_user_info", lambda *_: nobody)
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "_decode_id_token", lambda *_: nobody)
    there = client.post(reverse("openid_connect_login", args=["oidc"]))
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    back = client.get(reverse("openid_connect_callback", args=["oidc"]), {"state": state, "code": "c"})
    assert back.status_code < 500
    assert not client.session.get("_auth_user_id")


@pytest.mark.parametrize("role", ["office", "executive", "assessor", "auditor"])
@pytest.mark.parametrize("is_invited", [False, True])
def test_no_account_of_weight_is_opened_by_an_address_alone(rf, people, configured, role, is_invited):
    """The attacker owns an account at the provider and has it say, verified, whatever address they like."""
    if is_invited:
        people[role].set_unusable_password()
        people[role].save()
    assert not login(rf, f"{role}@example.test", True).is_existing


def test_an_officer_who_has_a_password_links_when_signed_in_and_not_by_an_address(rf, people, configured):
    assert not login(rf, "officer@example.test", True).is_existing


def test_an_old_invitation_is_not_fulfilled(rf, invited, configured):
    import datetime

    from prongsai.people.models import User

    User.objects.filter(pk=invited.pk).update(invited_at=invited.invited_at - datetime.timedelta(days=8))
    assert not login(rf, "new@example.test", True).is_existing


def test_a_closed_account_is_not_opened(rf, invited, configured):
    invited.is_active = False
    invited.save()
    assert not login(rf, "new@example.test", True).is_existing


def test_what_was_linked_when_signed_in_opens_the_account_whatever_the_address(rf, people, configured):
    from allauth.socialaccount.models import SocialAccount

    SocialAccount.objects.create(user=people["office"], provider="oidc", uid="42", extra_data={})
    found = login(rf, "elsewhere@example.test", False)
    assert found.user == people["office"]


def test_the_account_page_offers_to_link(client, people, settings):
    settings.OIDC_NAME = "บัตรดิจิทัล"
    client.force_login(people["office"])
    assert "ผูกกับ บัตรดิจิทัล" in client.get(reverse("account")).content.decode()


def test_strangers_open_nothing(rf, people, configured):
    assert not login(rf, "stranger@example.test", True).is_existing
