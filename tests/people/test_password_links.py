"""Links that set a password: somebody finds an old mail, or one that was used."""

import datetime
import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from prongsai.people import actions, password_links

NEW = "a long enough secret 9"


@pytest.fixture
def later(monkeypatch):
    """Moves the time that tokens see."""

    def move(**by):
        now = timezone.make_naive(timezone.now()) + datetime.timedelta(**by)  # as the tokens read the clock
        monkeypatch.setattr("django.contrib.auth.tokens.PasswordResetTokenGenerator._now", lambda self: now)

    return move


def opens(client, link):
    """Whether a link leads to a page that sets the password."""
    return "password1" in client.get(link, follow=True).content.decode()


@pytest.fixture
def reset(people):
    return actions.build_password_link(people["officer"], "", password_links.RESETS)


@pytest.fixture
def invited(people):
    user = actions.invite_user(email="new@example.test", name="x", role="officer", by=people["office"], site="")
    return user, actions.build_password_link(user, "")


def test_a_reset_lives_an_hour(client, reset, later):
    later(minutes=59)
    assert opens(client, reset)
    later(minutes=61)
    assert not opens(client, reset)


def test_an_invitation_lives_a_week(client, invited, later):
    later(days=6, hours=23)
    assert opens(client, invited[1])
    later(days=7, hours=1)
    assert not opens(client, invited[1])


def test_a_page_that_was_opened_in_time_does_not_work_later(client, reset, later):
    page = client.get(reset, follow=True)
    later(minutes=61)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert client.post(reverse("account_login"), {"login": "officer@example.test", "password": NEW}).status_code == 200


def test_the_mailed_link_is_that_of_an_hour(client, people, later, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("account_reset_password"), {"email": "officer@example.test"})
    body = mail.outbox[-1].body
    assert "1 ชั่วโมง" in body
    link = re.search(r"http://testserver(\S+)", body)[1]
    assert opens(client, link)
    later(hours=2)
    assert not opens(client, link)


@pytest.mark.parametrize("which", ["reset", "invitation"])
def test_a_link_is_used_once(client, reset, invited, which):
    link = reset if which == "reset" else invited[1]
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    client.logout()
    assert "ขอลิงก์ใหม่" in client.get(link, follow=True).content.decode()
    assert not opens(client, link)


def test_an_invitation_opens_nothing_once_a_password_is_set(client, invited, later):
    """The token of an invitation in the hands of somebody else, after its person set a password by a reset."""
    user, link = invited
    assert not password_links.RESETS.check_token(user, link.rsplit("/", 2)[1].partition("-")[2])
    token = password_links.INVITATIONS.make_token(user)
    assert password_links.INVITATIONS.check_token(user, token)
    user.has_usable_password = lambda: True
    assert not password_links.INVITATIONS.check_token(user, token)


def test_a_closed_account_sets_no_password(client, people, reset):
    people["officer"].is_active = False
    people["officer"].save()
    assert not opens(client, reset)


def test_following_a_link_never_names_it_to_the_next_page(client, reset):
    """The secret leaves the address at once, and no page under account/ tells where somebody came from."""
    first = client.get(reset)
    token = reset.rsplit("/", 2)[1].partition("-")[2]
    assert token not in first["Location"]
    for response in (first, client.get(first["Location"]), client.get(reset.replace(token, "x-y"))):
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["Cache-Control"] == "private, no-store"
