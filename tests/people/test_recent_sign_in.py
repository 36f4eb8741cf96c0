"""Who is there still? Somebody finds a desk that was left open; and a person who must not lose what they typed."""

import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from prongsai.people.models import User
from tests.web.test_permissions import addresses

PASSWORD = "correct horse battery"
INVITED = {"email": "new@example.test", "name": "ผู้ใช้ใหม่ “สอง”", "role": "assessor"}

# written out by hand: what binds the public or opens doors
BINDING = {
    "publish",
    "withdraw",
    "open_receipt",
    "seal_survey",
    "destroy_answers",
    "adopt_populations",
    "order_nation",
    "print_waiting",
    "oit_seal",
    "reopen_item",
    "decide_reopened",
    "reopen_survey",
    "announce_rules",
    "withdraw_rules",
    "invite_user",
    "resend_invitation",
    "set_user_active",
    "recover_user",
    "confirm_proposal",
    "act_on_users",
    "act_on_agencies",
    "agency_appointments",
    "release_allocation",
    "take_back_allocation",
    "act_on_assessors",
    "act_on_filings",
    "act_on_steered",
    "assessment_list",
    "table_upload",
    "agency_deadlines",
}


@pytest.fixture(autouse=True)
def _asked(settings):
    settings.RECENT_SIGN_IN = 15
    settings.MFA_TOTP_TOLERANCE = 9  # half minutes: the machine may be slow


def signed_in(minutes_ago):
    client = Client()
    client.post(reverse("account_login"), {"login": "office@example.test", "password": PASSWORD})
    session = client.session
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= minutes_ago * 60
    session.save()
    return client


def test_every_address_that_binds_asks_who_is_there():
    marked = {name for name, pattern in addresses() if getattr(pattern.callback, "binding", False)}
    assert marked == BINDING


@pytest.mark.parametrize("minutes_ago", [16, -60])  # the other: before a clock that was wrong was set back by an hour
def test_a_desk_that_was_left_open_invites_nobody(people, minutes_ago):
    client = signed_in(minutes_ago)
    page = client.post(reverse("invite_user"), INVITED)
    assert "ยืนยันว่าเป็นท่าน" in page.content.decode()
    assert not User.objects.filter(email=INVITED["email"]).exists()


@pytest.mark.parametrize("name", sorted(BINDING - {"assessment_list", "invite_user"}))
def test_no_such_address_does_anything_before_the_answer(people, name, rf):
    """The view itself would fail: its records do not exist. It is never reached."""
    pattern = next(p for n, p in addresses() if n == name)
    client = signed_in(minutes_ago=16)
    request = rf.post("/", {"confirm": "1"})
    request.user, request.htmx, request.assessment, request.session = people["office"], False, "ita", client.session
    kwargs = dict.fromkeys(pattern.pattern.converters, 1)
    assert b"identity-password" in pattern.callback(request, **kwargs).content


def test_who_signed_in_recently_is_not_asked(people):
    assert signed_in(minutes_ago=14).post(reverse("invite_user"), INVITED).status_code == 302
    assert User.objects.filter(email=INVITED["email"]).exists()


def test_reading_is_not_asked(people):
    assert "ยืนยันว่าเป็นท่าน" not in signed_in(minutes_ago=600).get(reverse("invite_user")).content.decode()


def fields_of(page):
    """The hidden fields of the first form that asks, as a browser would send them."""
    from lxml import html

    form = next(f for f in html.fromstring(page).forms if f.xpath(".//input[@name='identity-password']"))
    return {k: v for k, v in form.form_values() if k != "csrfmiddlewaretoken"}, form.action


def test_nothing_typed_is_lost_and_it_goes_on_at_once(people):
    client = signed_in(minutes_ago=16)
    fields, action = fields_of(client.post(reverse("invite_user"), INVITED).content.decode())
    assert action == reverse("invite_user")
    assert {k: fields[k] for k in INVITED} == INVITED
    done = client.post(action, fields | {"identity-password": PASSWORD})
    assert done.status_code == 302
    assert User.objects.get(email=INVITED["email"]).name == INVITED["name"]
    # and the next time within minutes it is not asked again
    assert client.post(reverse("invite_user"), INVITED | {"email": "b@example.test"}).status_code == 302


def test_a_wrong_password_does_nothing_and_keeps_everything(people):
    client = signed_in(minutes_ago=16)
    page = client.post(reverse("invite_user"), INVITED | {"identity-password": "guess"})
    assert page.status_code == 401
    fields, _ = fields_of(page.content.decode())
    assert {k: fields[k] for k in INVITED} == INVITED
    assert "guess" not in page.content.decode()
    assert not User.objects.filter(email=INVITED["email"]).exists()


def test_the_password_is_not_guessed_there_without_limit(people):
    client = signed_in(minutes_ago=16)
    for _ in range(10):  # of a known device
        client.post(reverse("invite_user"), INVITED | {"identity-password": "guess"})
    page = client.post(reverse("invite_user"), INVITED | {"identity-password": PASSWORD})
    assert page.status_code == 401
    assert not User.objects.filter(email=INVITED["email"]).exists()


def test_a_code_of_the_app_answers_too(people):
    for cache in caches.all():
        cache.clear()
    secret = "JBSWY3DPEHPK3PXP"
    client = signed_in(minutes_ago=16)
    Authenticator.objects.create(user=people["office"], type="totp", data={"secret": secret})
    assert "identity-code" in client.post(reverse("invite_user"), INVITED).content.decode()
    assert client.post(reverse("invite_user"), INVITED | {"identity-code": "000000"}).status_code == 401
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    assert client.post(reverse("invite_user"), INVITED | {"identity-code": code}).status_code == 302


@pytest.mark.parametrize("rubbish", ["hello", "[]", "7", '{"id": "x"}', '{"id": "eA", "rawId": "eA", "response": 1}'])
def test_a_passkey_is_offered_to_whoever_has_one_and_rubbish_is_none(people, monkeypatch, rubbish):
    monkeypatch.setattr("prongsai.people.recent_sign_in.webauthn.begin_authentication", lambda user: {})
    client = signed_in(minutes_ago=16)
    Authenticator.objects.create(user=people["office"], type="webauthn", data={})
    assert "identity-credential" in client.post(reverse("invite_user"), INVITED).content.decode()
    refused = client.post(reverse("invite_user"), INVITED | {"identity-credential": rubbish})
    assert refused.status_code == 401
    assert not User.objects.filter(email=INVITED["email"]).exists()


def test_of_another_account_the_proof_is_none(people):
    client = signed_in(minutes_ago=16)
    other = User.objects.get(email="auditor@example.test")
    other.set_password("another horse battery")
    other.save()
    refused = client.post(reverse("invite_user"), INVITED | {"identity-password": "another horse battery"})
    assert refused.status_code == 401


def test_an_ordinary_page_is_not_asked(people):
    client = signed_in(minutes_ago=600)
    assert client.post(reverse("notices")).status_code == 302
