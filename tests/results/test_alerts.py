"""Mail for citizens without an account: confirmed by the holder of the address, ended by one press, about what they
asked for and nothing else, once; and nothing that names them where the database is."""

import datetime
import logging
import re
import smtplib
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client, TestCase
from django.utils import timezone

from prongsai.jobs.leases import NO_LEASE
from prongsai.jobs.models import Job
from prongsai.machines.keys import key_folder
from prongsai.people.actions import DomainError
from prongsai.results import actions, alerts
from prongsai.results.models import AgencyResult, Alert, AlertReader, Publication, ResultSet
from tests.conftest import sample_year

from .way_back import REASON

ADDRESS, SITE = "Citizen@example.org", "https://ita.example.go.th"


@pytest.fixture(autouse=True)
def site(settings, tmp_path):
    settings.SITE, settings.DATA = SITE, tmp_path
    caches["process"].clear()
    yield
    caches["process"].clear()


@pytest.fixture
def visitor(db):
    return Client(enforce_csrf_checks=True)


def find_path(message, name):
    return urlsplit(re.search(rf"{SITE}\S{{0,9}}/alerts/{name}/\S{{1,900}}", message.body)[0]).path


def ask(visitor, address=ADDRESS, topic="all", language="", **about):
    query = "&".join(f"{name}={value}" for name, value in about.items())
    with TestCase.captureOnCommitCallbacks(execute=True):
        return visitor.post(f"{language}/alerts/?{query}", {"address": address, "topic": topic})


def subscribe(visitor, address=ADDRESS, **about):
    """Ask and confirm as a citizen would."""
    before = len(mail.outbox)
    assert ask(visitor, address, **about).status_code == 200
    (message,) = mail.outbox[before:]
    assert message.to == [address]
    assert visitor.post(find_path(message, "confirm")).status_code == 200
    return AlertReader.objects.get(address_digest=alerts._digest_address(address))


@pytest.fixture
def public(agencies):
    """A publication of two agencies, as rows alone."""
    made = ResultSet.objects.create(
        assessment_id="ita", fiscal_year=sample_year(), origin="import", inputs={}, code="x", digest="d"
    )
    for agency in agencies[:2]:
        values = {"level": "ผ่าน", "shown": {"overall": "86.70"}, "basis": {}}
        AgencyResult.objects.create(result_set=made, agency=agency, overall="86.7", **values)
    return Publication.objects.create(result_set=made)


def pass_time():
    Publication.objects.update(published_at=timezone.now() - alerts.QUIET - datetime.timedelta(minutes=1))


def send():
    before = len(mail.outbox)
    pass_time()
    if alerts.has_news():
        alerts.send_alerts(NO_LEASE)
    return mail.outbox[before:]


def read_database():
    """Every value of every row of the tables of alerts and of jobs, as whoever has the disk reads it."""
    found = []
    with connection.cursor() as cursor:
        for table in ("results_alertreader", "results_alert", "jobs_job"):
            cursor.execute(f"SELECT * FROM {table}")
            found += [str(value) for row in cursor.fetchall() for value in row]
    return " ".join(found).casefold()


# --- asking, confirming, ending


def test_nothing_is_stored_before_the_holder_confirms_by_a_button(visitor, agencies):
    assert ask(visitor, agency=agencies[0].code).status_code == 200
    link = find_path(mail.outbox[0], "confirm")
    assert agencies[0].name_th in visitor.get(link).content.decode()  # a program that opens every link
    assert not AlertReader.objects.exists()
    assert Job.objects.get().arguments == ["", SITE]  # nor encrypted, with the work that was done
    assert visitor.post(link).status_code == 200
    assert visitor.post(link).status_code == 200  # twice is once
    assert Alert.objects.get().agency == agencies[0]


def test_a_mail_that_cannot_be_sent_leaves_no_wish_behind(visitor, monkeypatch):
    def fail(_):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(alerts.EmailMessage, "send", fail)
    ask(visitor)
    job = Job.objects.get()
    assert (job.state, job.arguments) == (Job.State.FAILED, ["", SITE])


def test_a_link_is_good_for_two_days_and_for_what_it_says(visitor, agencies, monkeypatch):
    ask(visitor)
    link = find_path(mail.outbox[0], "confirm")
    assert visitor.post(link[:-5] + "AAAA/").status_code == 410
    monkeypatch.setattr(alerts, "CONFIRM_WITHIN", datetime.timedelta(seconds=-1))
    assert visitor.get(link).status_code == visitor.post(link).status_code == 410
    assert not AlertReader.objects.exists()


def test_the_address_is_readable_with_the_key_alone(visitor):
    reader = subscribe(visitor)
    assert Job.objects.exists()
    assert "citizen" not in read_database()
    assert alerts._open_key().decrypt(reader.address.encode()).decode() == ADDRESS
    assert alerts._open_key().extract_timestamp(reader.address.encode()) == 0  # not the second of confirming
    (key_folder() / "alerts.json").unlink()
    assert alerts._digest_address(ADDRESS) != reader.address_digest  # a guess is no proof without the key


def test_pages_set_no_cookie_and_leave_no_line(visitor, caplog):
    with caplog.at_level(logging.INFO):
        reader = subscribe(visitor)
        for path in ("/alerts/", f"/alerts/stop/{reader.stop_token}/", "/alerts/confirm/x/", "/alerts/?agency=none"):
            assert not visitor.get(path).cookies
        visitor.post(f"/alerts/stop/{reader.stop_token}/", {"alert": "0"})
    assert not visitor.cookies
    assert "citizen" not in caplog.text.casefold()
    assert reader.stop_token not in caplog.text
    assert not [r for r in caplog.records if r.name == "prongsai.requests" and "alerts" in str(r.__dict__)]


def test_every_address_gets_the_same_answer_and_three_links_an_hour(visitor):
    subscribe(visitor)
    known, unknown = ask(visitor), ask(visitor, "nobody@example.org")
    assert known.content == unknown.content
    for _ in range(5):
        assert ask(visitor).content == known.content
    assert len([m for m in mail.outbox if m.to == [ADDRESS]]) == alerts.MOST_LINKS


def test_one_network_sends_no_flood(visitor):
    codes = [ask(visitor, f"a{k}@example.org").status_code for k in range(22)]
    assert codes == [200] * 20 + [429] * 2


def test_wrong_addresses_and_places_are_refused(visitor, agencies):
    assert ask(visitor, "no address").status_code == 422
    assert ask(visitor, topic="everything").status_code == 422
    for query in ("agency=none", "province=nowhere"):
        assert visitor.get(f"/alerts/?{query}").status_code == 404
    assert not mail.outbox


def test_a_site_without_a_name_takes_no_addresses(visitor, settings):
    settings.SITE = ""
    assert ask(visitor).status_code == 503
    assert not mail.outbox


def test_an_alert_is_ended_alone_and_the_address_goes_with_the_last(visitor, agencies):
    reader = subscribe(visitor, agency=agencies[0].code)
    assert subscribe(visitor, province=agencies[0].province) == reader
    page = f"/alerts/stop/{reader.stop_token}/"
    first, second = reader.alerts.order_by("pk")
    assert agencies[0].name_th in visitor.get(page).content.decode()
    visitor.post(page, {"alert": first.pk})
    assert list(reader.alerts.all()) == [second]
    visitor.post(page, {"alert": second.pk})
    assert not AlertReader.objects.exists()
    assert visitor.post(page).status_code == visitor.get(page).status_code == 200


def test_nobody_ends_anothers_alert(visitor):
    mine, other = subscribe(visitor), subscribe(visitor, "other@example.org")
    visitor.post(f"/alerts/stop/{mine.stop_token}/", {"alert": other.alerts.get().pk})
    assert other.alerts.exists()


def test_there_is_an_end_of_alerts_for_one_address(visitor, agencies, monkeypatch):
    monkeypatch.setattr(alerts, "MOST_ALERTS", 1)
    reader = subscribe(visitor, agency=agencies[0].code)
    subscribe(visitor, agency=agencies[0].code, topic="results")  # another topic is a change of the same
    assert reader.alerts.get().topic == "results"
    ask(visitor, agency=agencies[1].code)
    with pytest.raises(DomainError, match="ไม่เกิน 1"):
        alerts.confirm_alert(token=find_path(mail.outbox[-1], "confirm").split("/")[-2])


# --- sending


def test_one_mail_says_all_that_was_published_and_corrected_and_nothing_twice(visitor, first, second, people, agencies):
    reader = subscribe(visitor, agency=agencies[0].code)
    assert not send()  # what was public before is no news
    AlertReader.objects.update(sent_through=0)  # as one who came before the first publication
    publish = actions.publish(result_set=second, by=people["office"], reason=REASON)
    (message,) = send()
    year = first.fiscal_year
    assert message.to == [ADDRESS]
    assert message.body.count(f"{SITE}/agency/{agencies[0].code}/{year}/") == 2
    assert f"เผยแพร่ผลการประเมิน ปีงบประมาณ {year}: {agencies[0].name_th}" in message.body
    assert REASON in message.body
    assert not send()
    reader.refresh_from_db()
    assert reader.sent_through == publish.pk


def test_the_button_of_the_mail_program_ends_it(visitor, public, agencies):
    reader = subscribe(visitor, agency=agencies[0].code)
    AlertReader.objects.update(sent_through=0)
    (message,) = send()
    headers = message.extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"] == f"<{SITE}/alerts/stop/{reader.stop_token}/>"
    assert headers["Auto-Submitted"] == "auto-generated"
    stop = urlsplit(headers["List-Unsubscribe"].strip("<>")).path
    assert stop == find_path(message, "stop")
    assert Client(enforce_csrf_checks=True).post(stop, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not AlertReader.objects.exists()


def test_readers_are_told_of_their_agency_province_and_topic_alone(
    visitor, first, second, people, agencies, monkeypatch
):
    monkeypatch.setattr("prongsai.web.views.alerts._SENT", 100)
    abouts = {
        "agency": {"agency": agencies[0].code},
        "other": {"agency": agencies[1].code},
        "place": {"province": agencies[0].province},
        "far": {"province": "ยะลา"},
        "nation": {"language": "/en"},
    }
    for name, about in abouts.items():
        for topic in Alert.Topic.values:
            subscribe(visitor, f"{name}.{topic}@example.org", topic=topic, **about)
    AlertReader.objects.update(sent_through=0)
    actions.publish(result_set=second, by=people["office"], reason=REASON)
    bodies = {m.to[0].partition("@")[0]: m.body for m in send()}
    heard = {name: ("เผยแพร่ผล" in body or "are published" in body, REASON in body) for name, body in bodies.items()}
    topics = {"all": (True, True), "results": (True, False), "corrections": (False, True)}
    expected = {f"{name}.{topic}": news for name in ("agency", "place", "nation") for topic, news in topics.items()}
    assert heard == expected | {"other.all": (True, False), "other.results": (True, False)}  # it was not corrected
    assert f"{SITE}/en/rankings/?year={first.fiscal_year}" in bodies["nation.results"]
    assert "Thailand (2 agencies)" in bodies["nation.results"]


def test_invented_and_withdrawn_results_are_no_news_of_a_province(visitor, public, agencies):
    subscribe(visitor, province=agencies[0].province)
    AlertReader.objects.update(sent_through=0)
    agencies[0].__class__.objects.update(fictional=True)
    assert not send()
    agencies[0].__class__.objects.update(fictional=False)
    AlertReader.objects.update(sent_through=0)
    Publication.objects.update(withdrawn_at=timezone.now())
    assert not send()


def test_mail_waits_until_nothing_more_is_published(visitor, public):
    subscribe(visitor)
    AlertReader.objects.update(sent_through=0)
    assert not alerts.has_news()
    pass_time()
    assert alerts.has_news()


def test_a_refused_address_holds_nobody_up(visitor, public, monkeypatch):
    """One that does not exist is deleted; one that is refused for now is tried again."""
    for name in ("gone", "full", "good"):
        subscribe(visitor, f"{name}@example.org")
    AlertReader.objects.update(sent_through=0)
    replies, delivered = {"gone@example.org": 550, "full@example.org": 452}, []

    def deliver(message):
        (address,) = message.to
        if address in replies:
            raise smtplib.SMTPRecipientsRefused({address: (replies[address], b"no")})
        delivered.append(address)

    monkeypatch.setattr(alerts.EmailMessage, "send", deliver)
    send()
    assert delivered == ["good@example.org"]
    assert AlertReader.objects.count() == 2
    replies.clear()
    send()
    assert delivered == ["good@example.org", "full@example.org"]


def test_an_address_of_another_key_holds_nobody_up(visitor, public, caplog):
    subscribe(visitor, "lost@example.org")
    subscribe(visitor, "good@example.org")
    AlertReader.objects.filter(pk=AlertReader.objects.earliest("pk").pk).update(address="gAAAAA")
    AlertReader.objects.update(sent_through=0)
    assert [m.to for m in send()] == [["good@example.org"]]
    assert "another key" in caplog.text
