"""OpenID Connect by configuration: the way to it is on the sign-in page, and opens only invited, verified accounts."""

import pytest
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


def login(rf, email, verified):
    """What comes back from the provider, through the library's own way of deciding."""
    from allauth.socialaccount.adapter import get_adapter
    from django.contrib.sessions.backends.db import SessionStore

    request = rf.get("/")
    request.session = SessionStore()
    provider = get_adapter().get_provider(request, "oidc")
    info = {"sub": "42", "email": email, "email_verified": verified, "name": "x"}
    found = provider.sociallogin_from_response(request, {"userinfo": info, "id_token": info})
    found.lookup()
    return found


def test_a_verified_address_opens_the_invited_account(rf, people, configured):
    found = login(rf, "officer@example.test", True)
    assert found.is_existing
    assert found.user == people["officer"]


@pytest.mark.parametrize(("email", "verified"), [("officer@example.test", False), ("stranger@example.test", True)])
def test_others_open_nothing(rf, people, configured, email, verified):
    assert not login(rf, email, verified).is_existing
