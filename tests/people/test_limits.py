"""Guessing: somebody who tries passwords, codes and links for an account that is not theirs, and the person whose
account it is, who must not be locked out by it."""

import datetime
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import caches
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from prongsai.people import limits
from prongsai.people.known_devices import COOKIE
from prongsai.people.models import AttemptCount
from tests.installation import environment, make_tables

PASSWORD = "correct horse battery"
EXECUTIVE = "executive@example.test"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time that the limits see stands still, however slow the machine is, unless a test moves it."""
    passed = [datetime.timedelta()]
    start = timezone.now()
    monkeypatch.setattr("prongsai.people.limits.timezone", SimpleNamespace(now=lambda: start + passed[0]))

    def advance(**by):
        passed[0] += datetime.timedelta(**by)

    return advance


def sign_in(client, email=EXECUTIVE, password=PASSWORD, source="198.51.100.7"):
    """Whether it opened the desk."""
    client.post(reverse("account_login"), {"login": email, "password": password}, REMOTE_ADDR=source)
    return client.get(reverse("desk")).status_code == 200


def guess(times, *, email=EXECUTIVE, source="203.0.113.9"):
    for _ in range(times):
        Client().post(reverse("account_login"), {"login": email, "password": "wrong"}, REMOTE_ADDR=source)


@pytest.mark.parametrize(
    "spelling",
    [
        "Executive@Example.test",
        " executive@example.test ",
        "EXECUT\u0131VE@example.test",
        "executive@example.te\u017ft",
        "executive\uff20example.test",
    ],
)
def test_an_address_spelt_otherwise_is_the_same_account(db, spelling):
    """PostgreSQL finds the account under each of them: 2 to the number of letters s, k and i, each with a count."""
    request = request_from("203.0.113.9")
    keys = limits.start_attempt("password", account=EXECUTIVE, request=request).keys
    assert limits.start_attempt("password", account=spelling, request=request).keys == keys


def test_strangers_on_ipv4_are_not_one_customer_of_a_server_that_listens_on_both(db):
    one, other, same = (
        limits.start_attempt("password", account=f"{number}@example.test", request=request_from(address)).keys["source"]
        for number, address in enumerate(("::ffff:203.0.113.9", "::ffff:198.51.100.7", "203.0.113.9"))
    )
    assert one != other
    assert one == same


def from_everywhere(number, *, email=EXECUTIVE):
    """Guesses of a botnet: each from a machine of its own."""
    for k in range(number):
        request = request_from(f"203.0.{k // 250}.{k % 250 + 1}")
        limits.start_attempt("password", account=email, request=request)


def test_guessing_is_locked_out(client, people):
    guess(5, source="198.51.100.7")
    assert not sign_in(client)  # even the right password has to wait


def test_the_delay_grows(people, clock):
    guess(5)
    for wait in (30, 60, 120):
        clock(seconds=wait - 2)
        assert not sign_in(Client(), source="203.0.113.9")
        clock(seconds=3)
        guess(1)  # one more wrong guess, and the wait is twice as long
    clock(seconds=245)
    assert sign_in(Client(), source="203.0.113.9")


def test_the_page_says_how_long_to_wait_and_keeps_the_address(client, people):
    guess(5, source="198.51.100.7")
    page = client.post(
        reverse("account_login"), {"login": EXECUTIVE, "password": PASSWORD}, REMOTE_ADDR="198.51.100.7"
    ).content.decode()
    assert re.search(r"รออีก \d+ วินาที", page)
    assert f'value="{EXECUTIVE}"' in page


def test_an_unknown_address_is_limited_like_a_known_one(people):
    pages = []
    for email in (EXECUTIVE, "nobody@example.test"):
        guess(5, email=email)
        page = (
            Client()
            .post(reverse("account_login"), {"login": email, "password": "x"}, REMOTE_ADDR="203.0.113.9")
            .content.decode()
        )
        pages.append(re.search(r"ลองหลายครั้งเกินไป", page) is not None)
    assert pages == [True, True]


def test_another_source_is_not_locked_out(people):
    guess(8)
    assert sign_in(Client(), source="198.51.100.7")


def test_a_botnet_is_stopped_and_the_person_is_not(people):
    """The executive signed in before on this machine; strangers guess from everywhere; a stranger's fifty-first guess
    would be right, and is refused."""
    desk = Client()
    assert sign_in(desk)
    desk.post(reverse("account_logout"))
    from_everywhere(50)
    assert not sign_in(Client(), source="192.0.2.200")
    assert sign_in(desk)


def test_guesses_of_the_same_office_do_not_lock_out_the_known_device(people):
    """All machines of an office have one address."""
    desk = Client()
    assert sign_in(desk, source="203.0.113.9")
    desk.post(reverse("account_logout"))
    for k in range(40):
        guess(1, email=f"somebody{k}@example.test")
    assert not sign_in(Client(), email="officer@example.test", source="203.0.113.9")
    assert sign_in(desk, source="203.0.113.9")


def test_a_known_device_has_a_limit_of_its_own(people):
    """Somebody took the machine, or its cookie."""
    desk = Client()
    assert sign_in(desk)
    desk.post(reverse("account_logout"))
    for k in range(10):  # from wherever
        assert not sign_in(desk, password="wrong", source=f"203.0.113.{k}")
    assert not sign_in(desk, source="192.0.2.1")


@pytest.mark.parametrize("cookie", ["forged", "of another account", "signed for something else"])
def test_a_device_is_known_to_its_own_account_alone(people, cookie):
    from django.core import signing

    thief = Client()
    if cookie == "of another account":
        assert sign_in(thief, email="officer@example.test")
        thief.post(reverse("account_logout"))
        assert thief.cookies[COOKIE].value
    else:
        from prongsai.people.known_devices import _account_key

        numbers = {_account_key(EXECUTIVE): "anything"}
        thief.cookies[COOKIE] = signing.dumps(numbers, key="guessed" if cookie == "forged" else None, salt="other")
    guess(5, source="203.0.113.9")
    assert not sign_in(thief, source="203.0.113.9")


def test_one_who_owns_an_account_clears_no_count(people):
    """An attacker signs in to an account of their own after every guess."""
    for k in range(40):
        guess(1, email=f"victim{k}@example.test")
        sign_in(Client(), email="officer@example.test", source="203.0.113.9")
    assert not sign_in(Client(), source="203.0.113.9")


def test_counts_are_not_flushed_out(people):
    """An attacker fills the store with rubbish until it throws their own count away: a cache would."""
    guess(5)
    for k in range(700):
        limits.start_attempt(
            "link", account=f"rubbish{k}@example.test", request=request_from(f"192.0.{k % 99}.{k % 251}")
        )
    for cache in caches.all():
        cache.clear()
    assert not sign_in(Client(), source="203.0.113.9")


def request_from(source):
    from django.test import RequestFactory

    return RequestFactory().post("/", REMOTE_ADDR=source)


def test_attempts_at_the_same_moment_do_not_get_past_the_limit(people):
    """Two processes with many threads each: none of the answers is known yet when the next attempt comes."""
    let_through = 0
    for _ in range(30):
        try:
            limits.start_attempt("password", account=EXECUTIVE, request=request_from("203.0.113.9"))
        except ValidationError:
            continue
        let_through += 1
    assert let_through == 5


GUESSER = """
import django, sys
django.setup()
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory
from prongsai.people import limits
let_through = 0
connection.ensure_connection()
print("ready", flush=True)
input()
for _ in range(12):
    try:
        limits.start_attempt("password", account="a@example.test", request=RequestFactory().post("/"))
        let_through += 1
    except ValidationError:
        pass
print(let_through)
"""


def test_two_web_processes_share_the_limit(tmp_path):
    """An attacker whose requests reach both processes at the same time; on a real database."""
    make_tables(tmp_path)
    own = environment(tmp_path, DJANGO_SETTINGS_MODULE="prongsai.settings")
    command, pipes = [sys.executable, "-c", GUESSER], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    processes = [subprocess.Popen(command, env=own, text=True, **pipes) for _ in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:  # all at once
        process.stdin.write("\n")
        process.stdin.flush()
    assert sum(int(process.communicate(timeout=120)[0]) for process in processes) == 5


def test_an_attempt_in_one_address_block_counts_for_the_block(people):
    for k in range(5):
        guess(1, source=f"2001:db8:1:2::{k + 1:x}")
    assert not sign_in(Client(), source="2001:db8:1:2:ffff::9")


def test_no_address_can_be_read_from_the_store(people, settings):
    guess(2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_attemptcount")
        text = repr(cursor.fetchall())
    assert len(text) > 100
    for private in ("203.0.113", EXECUTIVE, "executive"):
        assert private not in text
    before = set(AttemptCount.objects.values_list("key", flat=True))
    settings.SECRET_KEY = "another " * 10  # without the key nobody computes the digests of all addresses
    guess(1)
    assert len(set(AttemptCount.objects.values_list("key", flat=True)) - before) == 3


def test_counts_are_swept_and_forgotten(people, clock):
    guess(20)
    clock(hours=25)
    guess(1, email="somebody@example.test", source="192.0.2.1")
    assert AttemptCount.objects.count() == 3  # those of the last guess alone
    assert sign_in(Client(), source="203.0.113.9")


# --- codes of the second step


SECRET, COUNTER = "JBSWY3DPEHPK3PXP", 1000


@pytest.fixture
def with_app(people, monkeypatch):
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time", lambda: [COUNTER])
    for cache in caches.all():  # of codes that other tests used this half minute
        cache.clear()
    Authenticator.objects.create(user=people["executive"], type="totp", data={"secret": SECRET})


def right_code():
    return format_hotp_value(hotp_value(SECRET, COUNTER))


def enter(client, code, source):
    sign_in(client, source=source)
    client.post(reverse("mfa_authenticate"), {"code": code}, REMOTE_ADDR=source)
    return client.get(reverse("desk")).status_code == 200


def test_codes_are_not_guessed_from_one_place_or_many(with_app):
    for k in range(20):
        assert not enter(Client(), "000000", f"203.0.113.{k + 1}")
    assert not enter(Client(), right_code(), "203.0.113.77")


def test_guessed_codes_do_not_lock_out_the_person(with_app):
    desk = Client()
    assert enter(desk, right_code(), "198.51.100.7")
    desk.post(reverse("account_logout"))
    for k in range(20):
        enter(Client(), "000000", f"203.0.113.{k + 1}")
    AttemptCount.objects.filter(failures=1).delete()  # the code that was used a moment ago may be used again here
    for cache in caches.all():
        cache.clear()
    assert enter(desk, right_code(), "198.51.100.7")


def test_a_code_is_taken_once(with_app):
    """Somebody looks over a shoulder and is quick, having flushed the cache of used codes."""
    code = right_code()
    assert enter(Client(), code, "198.51.100.7")
    for cache in caches.all():
        cache.clear()
    assert not enter(Client(), code, "203.0.113.9")


# --- links for a new password


def ask_for_link(email, source="203.0.113.9", client=None):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return (client or Client()).post(reverse("account_reset_password"), {"email": email}, REMOTE_ADDR=source)


def test_a_known_and_an_unknown_address_get_the_same_answer_and_only_one_a_mail(people):
    known, unknown = ask_for_link(EXECUTIVE), ask_for_link("nobody@example.test")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [m.to for m in mail.outbox] == [[EXECUTIVE]]


def test_both_do_the_same_work(people, monkeypatch, django_assert_num_queries):
    """Nothing in the request depends on whether the address is known: the mail is the worker's."""
    from prongsai.people import actions

    asked = []
    monkeypatch.setattr(type(actions.mail_password_link), "enqueue", lambda task, *arguments: asked.append(arguments))
    for email in (EXECUTIVE, "nobody@example.test"):
        AttemptCount.objects.all().delete()
        with django_assert_num_queries(1):
            actions.request_password_link(email=email, site="http://testserver")
    assert [len(a) for a in asked] == [2, 2]
    assert asked[0][0] == people["executive"].pk
    assert asked[1][0] == 0
    assert not mail.outbox


def test_a_closed_account_gets_no_link(people):
    people["officer"].is_active = False
    people["officer"].save()
    ask_for_link("officer@example.test")
    assert not mail.outbox


def test_a_mailbox_is_not_flooded_and_the_person_still_gets_a_link(people):
    desk = Client()
    sign_in(desk)
    desk.post(reverse("account_logout"))
    for k in range(30):
        ask_for_link(EXECUTIVE, source=f"203.0.113.{k + 1}")
    assert len(mail.outbox) == 5
    refused = ask_for_link(EXECUTIVE, source="203.0.113.99")
    assert "ลองหลายครั้งเกินไป" in refused.content.decode()
    ask_for_link(EXECUTIVE, client=desk)
    assert len(mail.outbox) == 6


def test_whoever_proves_the_mailbox_is_known(people):
    """An executive under attack with a new telephone: the link in the mail is the way in."""
    from_everywhere(50)
    telephone = Client()
    ask_for_link(EXECUTIVE, client=telephone)
    link = re.search(r"http://testserver(\S+)", mail.outbox[-1].body)[1]
    page = telephone.get(link, follow=True)
    new = "a long enough secret 9"
    telephone.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert sign_in(telephone, password=new)
