"""Users, sign-in, the audit trail, notices."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from prongsai.people import actions, queries
from prongsai.people.models import AuditEntry, Notice, User

PASSWORD = "correct horse battery"


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_signing_in_and_out(client, people):
    assert sign_in(client, "OFFICER@example.test").status_code == 302  # an address has no case
    assert client.get(reverse("desk")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("desk")).status_code == 302


def test_a_closed_account_is_shut_out_at_once(client, people):
    sign_in(client, "officer@example.test")
    actions.set_user_active(user=people["officer"], active=False, by=people["office"])
    assert client.get(reverse("desk")).status_code == 302
    assert "account/login" in client.get(reverse("desk"))["Location"] or sign_in(client, "officer@example.test")[
        "Location"
    ] != reverse("desk")


def test_nobody_closes_their_own_account(people):
    with pytest.raises(actions.DomainError, match="ของตนเอง"):
        actions.set_user_active(user=people["office"], active=False, by=people["office"])


def test_passwords_are_kept_by_argon2():
    from prongsai import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_an_invitation_sets_a_password_once(client, people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        user = actions.invite_user(
            email="New@example.test", name="ผู้ใช้ใหม่", role="officer", by=people["office"], site="http://testserver"
        )
    assert not user.has_usable_password()
    assert "http" not in Notice.objects.get().text  # the link is kept nowhere
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
    page = client.get(link, follow=True)
    assert page.status_code == 200
    done = client.post(
        page.redirect_chain[-1][0], {"password1": "a long enough secret 9", "password2": "a long enough secret 9"}
    )
    assert done.status_code == 302
    assert sign_in(client, "new@example.test", "a long enough secret 9").status_code == 302
    assert AuditEntry.objects.filter(action="people.password_reset").exists()
    with pytest.raises(actions.DomainError, match="ตั้งรหัสผ่านแล้ว"):
        actions.send_invitation(user=User.objects.get(email__iexact="new@example.test"), site="")
    client.logout()
    assert "password1" not in client.get(link, follow=True).content.decode()


def test_one_address_is_invited_once(people):
    with pytest.raises(actions.DomainError, match="อยู่แล้ว"):
        actions.invite_user(email="OFFICER@example.test", name="ซ้ำ", role="officer", by=people["office"], site="")


def test_totp_is_asked_for(client, people):
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(
        user=people["office"], type="totp", data={"secret": get_adapter().encrypt("JBSWY3DPEHPK3PXP")}
    )
    response = sign_in(client, "office@example.test")
    assert response["Location"].startswith("/account/2fa/authenticate/")
    assert client.get(reverse("desk")).status_code == 302


# --- notices


@pytest.mark.parametrize("site", ["https://ita.example.go.th", ""])
def test_a_mail_says_in_its_subject_what_it_is_about_and_where_to_go(
    people, settings, django_capture_on_commit_callbacks, site
):
    """Where the installation has a name of its own; and a long notice, or one of several lines, is a subject too."""
    settings.SITE = site
    with django_capture_on_commit_callbacks(execute=True):
        actions.notify(user=people["officer"], text="แผนได้รับอนุมัติแล้ว\n" + "ยาว " * 60, url="/desk/agency/A1/")
    sent = mail.outbox[-1]
    assert sent.subject.startswith("[โปร่งใส] แผนได้รับอนุมัติแล้ว ยาว")
    assert len(sent.subject) <= 100
    assert (f"{site}/desk/agency/A1/" in sent.body) == bool(site)


def test_a_notice_is_shown_and_mailed(client, people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        actions.notify(user=people["officer"], text="มีเรื่องใหม่", url="/desk/")
    assert mail.outbox[-1].to == ["officer@example.test"]
    assert Notice.objects.get().mailed_at
    client.force_login(people["officer"])
    assert "มีเรื่องใหม่" in client.get(reverse("notices")).content.decode()
    client.post(reverse("notices"))
    assert queries.count_unread_notices(people["officer"]) == 0


def test_a_mail_that_fails_is_kept_with_its_reason(people, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with django_capture_on_commit_callbacks(execute=True):
        actions.notify(user=people["officer"], text="ถึงไหม", url="")
    notice = Notice.objects.get()
    assert notice.mailed_at is None
    assert notice.mail_problem


def test_users_are_told_apart_by_role_only(people):
    assert {u.role for u in User.objects.all()} == set(people)
