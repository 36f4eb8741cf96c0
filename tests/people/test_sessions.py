"""The session of a signed-in person: nobody brings one along, and nobody uses one that is over."""

import json
import logging
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.test import Client
from django.urls import reverse

from prongsai.web.logs import build_formatter

EXECUTIVE = "executive@example.test"
PASSWORD = "correct horse battery"
COOKIE = settings.SESSION_COOKIE_NAME


def sign_in(client, password=PASSWORD, email=EXECUTIVE):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_signed_in(session):
    client = Client()
    client.cookies[COOKIE] = session
    return client.get(reverse("desk")).status_code == 200


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(people):
    """An attacker who set the victim's cookie beforehand has nothing after the victim signed in."""
    attacker = Client()
    session = attacker.session  # one that the server knows
    session["planted"] = "1"
    session.save()
    for planted in (session.session_key, "made-up-by-the-attacker-0123456789"):
        victim = Client()
        victim.cookies[COOKIE] = planted
        sign_in(victim)
        assert victim.cookies[COOKIE].value != planted
        assert is_signed_in(victim.cookies[COOKIE].value)
        assert not is_signed_in(planted)


def test_a_stolen_session_ends_with_signing_out_and_with_a_new_password(people):
    client = Client()
    sign_in(client)
    stolen = client.cookies[COOKIE].value
    assert is_signed_in(stolen)
    client.post(reverse("account_logout"))
    assert not is_signed_in(stolen)
    sign_in(client)
    stolen = client.cookies[COOKIE].value
    people["executive"].set_password("another long password")
    people["executive"].save()
    assert not is_signed_in(stolen)


def test_an_unknown_address_costs_as_many_hashes_as_a_known_one(people, monkeypatch):
    """Who has an account is not told by the time that the answer takes."""
    hashed = []
    hasher = type(get_hasher())
    encode = hasher.encode

    def count(self, *arguments, **more):
        hashed.append(type(self))
        return encode(self, *arguments, **more)

    monkeypatch.setattr(hasher, "encode", count)
    numbers = []
    for email in (EXECUTIVE, "nobody@example.test"):
        sign_in(Client(), password="wrong", email=email)
        numbers.append(len(hashed))
        hashed.clear()
    assert numbers[0] == numbers[1] > 0


@pytest.mark.parametrize(
    "text", ["a\nERROR forged", 'a\r\n{"level": "ERROR"}', "a\x1b[2Jb", "a\u2028b\x85c\x9b2J", "a\x00b"]
)
def test_nobody_writes_a_line_of_the_log(client, people, monkeypatch, text):
    """Names, addresses and headers that hold line ends or codes of a terminal make no line and no code."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(build_formatter())
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    client.get("/agency/" + text.replace("\x00", "%00") + "/", headers={"user-agent": text, "x-request-id": text})
    client.get(reverse("search"), {"q": text})
    sign_in(client, email=text)
    logging.getLogger("somebody").warning("said: %s", text)
    written = stream.getvalue()
    lines = written.removesuffix("\n").split("\n")
    assert [json.loads(line)["level"] for line in lines]
    assert not [c for c in written if c != "\n" and (ord(c) < 32 or c in "\x7f\x85\u2028\u2029")]
    assert "forged" not in [json.loads(line)["message"] for line in lines]
