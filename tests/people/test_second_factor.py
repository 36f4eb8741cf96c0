"""A second factor by role: somebody who learnt an executive's password, and users who have to set one up."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse

from prongsai.people import actions, second_factor
from prongsai.people.models import AuditEntry, User

PASSWORD = "correct horse battery"
REQUIRED = ("office", "executive", "assessor")


@pytest.fixture(autouse=True)
def _required(settings):
    settings.SECOND_FACTOR = True
    settings.MFA_TOTP_TOLERANCE = 9  # half minutes: the machine may be slow


def signed_in(role):
    client = Client()
    client.post(reverse("account_login"), {"login": f"{role}@example.test", "password": PASSWORD})
    return client


def give_app(user):
    return Authenticator.objects.create(user=user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})


@pytest.mark.parametrize("role", REQUIRED)
@pytest.mark.parametrize("view", ["desk", "notices", "account", "account_change_password"])
def test_whoever_needs_a_factor_sets_it_up_before_anything_else(people, role, view):
    response = signed_in(role).get(reverse(view))
    assert (response.status_code, response.headers.get("Location")) == (302, reverse("mfa_index"))


@pytest.mark.parametrize("role", REQUIRED)
def test_nothing_is_done_by_post_either(people, role):
    before = AuditEntry.objects.count()
    response = signed_in(role).post(reverse("invite_user"), {"email": "x@example.test", "name": "x", "role": "office"})
    assert response["Location"] == reverse("mfa_index")
    assert AuditEntry.objects.count() == before
    assert not User.objects.filter(email="x@example.test").exists()


def test_a_swap_leads_there_too(people):
    response = signed_in("executive").get(reverse("desk"), headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == reverse("mfa_index")


def test_the_page_says_why_and_the_way_there_is_open(people):
    client = signed_in("executive")
    page = client.get(reverse("mfa_index")).content.decode()
    assert "บทบาทผู้บริหารหน่วยงานต้องมีการยืนยันตัวตนสองชั้น" in page
    assert client.get(reverse("mfa_activate_totp")).status_code == 200  # the password was typed a minute ago
    assert client.get(reverse("home")).status_code == 200  # what everybody may read
    client.post(reverse("account_logout"))
    assert client.get(reverse("desk"))["Location"].startswith("/account/login/")


def test_setting_one_up_opens_the_desk_and_gives_codes_for_emergencies(people, settings):
    client = signed_in("executive")
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    done = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True)
    assert done.status_code == 200
    assert client.get(reverse("desk")).status_code == 200
    assert Authenticator.objects.filter(user=people["executive"], type="recovery_codes").exists()


def test_codes_for_emergencies_alone_are_no_factor(people):
    Authenticator.objects.create(user=people["executive"], type="recovery_codes", data={"seed": "x", "used_mask": 0})
    assert second_factor.is_missing(people["executive"])


@pytest.mark.parametrize("role", ["officer", "auditor"])
def test_other_roles_are_not_asked(people, role):
    assert signed_in(role).get(reverse("account")).status_code == 200


def test_demonstration_and_tests_are_not_asked(people, settings):
    settings.SECOND_FACTOR = False
    assert signed_in("executive").get(reverse("account")).status_code == 200


@pytest.mark.parametrize(
    ("https", "own", "on"), [("1", "", True), ("0", "", False), ("1", "0", False), ("0", "1", True)]
)
def test_it_is_on_in_production(tmp_path, https, own, on):
    from tests.cli.test_site import run_python

    code = "from prongsai import settings; print(settings.SECOND_FACTOR)"
    assert run_python(tmp_path, code, PRONGSAI_HTTPS=https, PRONGSAI_SECOND_FACTOR=own).strip() == str(on)


def test_the_last_factor_stays(people):
    app = give_app(people["executive"])
    assert not second_factor.may_remove(app)
    passkey = Authenticator.objects.create(user=people["executive"], type="webauthn", data={})
    assert second_factor.may_remove(app)
    assert second_factor.may_remove(give_app(people["officer"]))
    passkey.delete()
    assert not second_factor.may_remove(app)


def test_whoever_changes_a_factor_is_seen_by_the_person(people, django_capture_on_commit_callbacks):
    """An attacker at an open session adds an app of their own."""
    from allauth.mfa import signals

    with django_capture_on_commit_callbacks(execute=True):
        signals.authenticator_added.send(
            sender=Authenticator, request=None, user=people["executive"], authenticator=give_app(people["executive"])
        )
    assert mail.outbox[-1].to == ["executive@example.test"]
    assert "เพิ่มการยืนยันตัวตนชั้นที่สอง" in mail.outbox[-1].body
    assert AuditEntry.objects.filter(action="people.factor_added").exists()


# --- recovery


def recover(client, user, reason="โทรศัพท์หาย โทรกลับแล้ว"):
    return client.post(reverse("recover_user", args=[user.pk]), {"reason": reason})


@pytest.fixture
def office(people):
    give_app(people["office"])
    client = Client()
    client.force_login(people["office"])
    return client


def test_the_office_lets_somebody_in_again_who_lost_the_telephone(people, office, django_capture_on_commit_callbacks):
    give_app(people["executive"])
    with django_capture_on_commit_callbacks(execute=True):
        assert recover(office, people["executive"]).status_code == 302
    assert second_factor.is_missing(people["executive"])
    assert mail.outbox[-1].to == ["executive@example.test"]
    entry = AuditEntry.objects.get(action="people.recover")
    assert entry.by.startswith(f"{people['office'].pk} ")
    assert entry.detail == {"reason": "โทรศัพท์หาย โทรกลับแล้ว", "factors": ["totp"]}


def test_a_recovery_helps_nobody_who_knows_the_old_password(people, office):
    """An attacker who has the password talks the office into a recovery."""
    give_app(people["executive"])
    recover(office, people["executive"])
    assert signed_in("executive").get(reverse("account"))["Location"].startswith("/account/login/")


def test_a_recovery_ends_every_session(people, office):
    thief = Client()
    thief.force_login(people["assessor"])
    recover(office, people["assessor"])
    assert thief.get(reverse("account"))["Location"].startswith("/account/login/")


def test_a_recovery_needs_a_reason_and_another_person(people, office):
    give_app(people["executive"])
    assert recover(office, people["executive"], reason=" ").status_code == 200
    page = recover(office, people["office"]).content.decode()
    assert "ของตนเองไม่ได้" in page
    assert "โทรศัพท์หาย โทรกลับแล้ว" in page  # what was typed is still there
    assert Authenticator.objects.count() == 2
    with pytest.raises(actions.DomainError):
        actions.recover_user(user=people["executive"], reason="", site="", by=people["office"])
