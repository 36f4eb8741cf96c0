"""Three answers of every check: stored, shown, and said at once where a page was hijacked."""

import datetime
import importlib
from unittest import mock

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from prongsai import links
from prongsai.disclosure import link_checks, queries
from prongsai.disclosure.models import Change, Link, LinkCheck
from prongsai.people.models import Notice
from tests.conftest import sample_year
from tests.disclosure.filed import (
    SITE,
    advance_time,
    check_due_links,
    file_and_confirm,
    file_first,
    item_url,
    observe,
)

SKETCHES = {"lines": [1, 2, 3], "menu": [4], "structure": [5]}


def answer(verdict, chance, *reasons):
    return links.Answer(verdict, round(100 * max(chance, 1 - chance)), chance, reasons)


IDENTITY = links.Identity(
    "content",
    {"content": 0.97},
    answer("yes", 0.97, "public.title"),
    answer("yes", 0.9, "agency.title", "site.menu"),
    answer("unsure", 0.5, "subject.text"),
)
HIJACKED = links.Identity(
    "hijacked",
    {"hijacked": 0.99},
    answer("yes", 0.99, "gambling.title", "gambling.text"),
    answer("no", 0.01, "gambling.title"),
    answer("no", 0.01),
)


def good(target, **more):
    return observe(target, identity=IDENTITY, sketches=SKETCHES, **more)


def hijacked(target):
    return observe(target, "hijacked", error="hijacked", identity=HIJACKED)


def test_the_answers_are_stored_and_what_was_seen_is_expected_again(people, filing):
    file_first(filing, people["officer"], SITE, items=2)
    seen = []
    check_due_links(lambda t: (seen.append(t.expected), good(t))[1])
    check = LinkCheck.objects.order_by("pk").first()
    assert (check.answers, check.is_owners, check.is_about) == ("yes", "yes", "unsure")
    assert check.identity["kind"] == "content"
    assert check.identity["is_owners"] == [90, ["agency.title", "site.menu"]]
    first = seen[0]
    assert filing.agency.name_th in first.names
    assert first.earlier is None
    item = queries.item_of(queries.load_round_framework(filing.round), Link.objects.order_by("pk").first().entry.item)
    assert item.label.th in first.labels
    assert item.label.th not in first.rivals
    assert len(first.rivals) > 10
    advance_time(24 * 31)
    seen.clear()
    check_due_links(lambda t: (seen.append(t.expected), good(t))[1])
    assert all(expected.earlier == SKETCHES for expected in seen)
    assert all(expected.site == (SKETCHES,) for expected in seen)  # of the other link of the filing


def test_an_item_of_a_year_expects_that_year(people, filing):
    file_first(filing, people["officer"], SITE, items=26)
    wanted = {}
    check_due_links(lambda t: (wanted.setdefault(t.key, t.expected.years), observe(t))[1])
    for link in Link.objects.all():
        item = queries.item_of(queries.load_round_framework(filing.round), link.entry.item)
        assert set(wanted[link.pk]) == queries.expected_years(item, sample_year())


def test_short_names_of_an_agency():
    agency = mock.Mock(name_th="องค์การบริหารส่วนตำบลหนองบัว", name_en="Nong Bua")
    assert link_checks.names_of(agency) == ("องค์การบริหารส่วนตำบลหนองบัว", "อบต.หนองบัว", "Nong Bua")


@pytest.mark.parametrize("page", ["officer", "assessor"])
def test_the_answers_are_shown(client, people, filing, ids, page):
    file_and_confirm(filing, people)
    advance_time(24)
    check_due_links(good)
    client.force_login(people[page])
    url = item_url(ids[0]) if page == "officer" else reverse("mark_item", args=["A1", sample_year(), ids[0]])
    text = client.get(url).content.decode()
    assert "เป็นหน้าของหน่วยงานนี้หรือไม่" in text
    assert "ชื่อหน่วยงานอยู่ในชื่อหน้า" in text
    assert "บอกไม่ได้ ควรให้คนดู" in text
    assert "มั่นใจร้อยละ 90" in text


def test_an_agency_reads_what_is_wrong_why_it_matters_and_what_to_do(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    check_due_links(lambda t: observe(t, "soft_404", error="suspended", identity=IDENTITY))
    link = Link.objects.select_related("last_check").get()
    item = queries.item_of(queries.load_round_framework(filing.round), link.entry.item)
    wrong, why, remedy = queries.page_advice(link, item)
    assert wrong == links.describe_code("suspended")
    assert item.id in why
    assert item.label.th in why
    assert remedy == links.describe_remedy("suspended")
    client.force_login(people["officer"])
    text = client.get(item_url(ids[0])).content.decode()
    assert wrong in text
    assert remedy in text


def test_a_good_page_needs_no_advice(people, filing):
    file_first(filing, people["officer"], SITE)
    check_due_links(good)
    link = Link.objects.select_related("last_check").get()
    assert queries.page_advice(link, queries.items(queries.load_round_framework(filing.round))[0]) == []


def test_hijacking_is_said_at_once_and_once(
    client, people, filing, ids, mailoutbox, django_capture_on_commit_callbacks
):
    file_and_confirm(filing, people)
    advance_time(24)
    with django_capture_on_commit_callbacks(execute=True):
        check_due_links(hijacked)
    notice = Notice.objects.get(text__startswith="ด่วน")
    assert (notice.user, notice.url) == (people["officer"], item_url(ids[0]))
    assert len(mailoutbox) == 1
    link = Link.objects.get()
    assert link.state == "ok"  # an alarm is no verdict
    advance_time(7)
    check_due_links(hijacked)
    assert Notice.objects.filter(text__startswith="ด่วน").count() == 1
    for url in (item_url(ids[0]), *(reverse(name, args=["A1", sample_year()]) for name in ("oit_desk", "oit_todo"))):
        client.force_login(people["officer"])
        assert "อาจถูกผู้อื่นยึด" in client.get(url).content.decode(), url
    client.force_login(people["office"])
    office = client.get(reverse("oit_nation", args=[sample_year()])).content.decode()
    assert "อาจถูกยึดไปลงเนื้อหาพนัน" in office
    assert link.url in office
    client.logout()
    public = client.get(reverse("oit_page", args=["A1", sample_year()])).content.decode()
    assert f'href="{link.url}"' not in public
    assert "พักลิงก์ไว้ก่อน" in public
    check_due_links(good)
    advance_time(24)
    check_due_links(good)
    check_due_links(good)
    client.force_login(people["officer"])
    assert "อาจถูกผู้อื่นยึด" not in client.get(item_url(ids[0])).content.decode()
    advance_time(24)
    check_due_links(lambda t: observe(t, "review", error="hijack_suspected", identity=IDENTITY))
    assert "อาจถูกผู้อื่นยึด" in client.get(item_url(ids[0])).content.decode()
    assert Notice.objects.filter(text__startswith="ด่วน").count() == 2  # what is hidden from the public is no secret
    advance_time(24)
    check_due_links(hijacked)
    assert Notice.objects.filter(text__startswith="ด่วน").count() == 2  # the same alarm


def test_a_page_that_a_person_should_see_is_held_against_nobody(people, filing):
    file_and_confirm(filing, people)
    for _ in range(4):
        advance_time(24 * 31)
        check_due_links(lambda t: observe(t, "review", error="thin", identity=IDENTITY))
    link = Link.objects.select_related("last_check").get()
    assert link.state == "review"
    assert queries.broken_links(filing) == []
    assert queries.is_working(link)
    link_checks.notify_changes()
    assert not Notice.objects.filter(text__contains="ลิงก์ข้อมูลเปิดเผย").exists()
    advance_time(24 * 31)
    check_due_links()
    link_checks.notify_changes()  # from review back to good: nothing was broken
    assert Change.objects.filter(kind="state", before="review", after="ok").exists()
    assert not Notice.objects.filter(text__contains="กลับมาดี").exists()


def test_no_verdict_from_nights_alone(people, filing, settings):
    settings.LINKS_DAYS = 2
    file_first(filing, people["officer"], SITE)
    monday = datetime.datetime(2026, 1, 5, 14, tzinfo=datetime.UTC)  # nine in the evening in Thailand
    for day in range(5):
        night = monday + datetime.timedelta(days=day)
        Link.objects.update(next_check_at=timezone.now())
        check_due_links(lambda t, at=night: observe(t, "dead", at=at, error="timeout_connect"))
    link = Link.objects.get()
    assert link.state == "pending"
    assert timezone.localtime(link.next_check_at).hour == 8  # the next one is when an office is open
    for hour in (10, 34):
        Link.objects.update(next_check_at=timezone.now())
        day = monday + datetime.timedelta(days=7, hours=hour - 21)
        check_due_links(lambda t, at=day: observe(t, "dead", at=at, error="timeout_connect"))
    assert Link.objects.get().state == "dead"


def test_earlier_checks_come_along(people, filing):
    """The migration answers the first question of old checks from their states, and no other."""
    file_first(filing, people["officer"], SITE)
    link = Link.objects.get()
    for state in ("ok", "dead", "blocked"):
        LinkCheck.objects.create(link=link, at=timezone.now(), reason="retry", state=state)
    new = LinkCheck.objects.create(link=link, at=timezone.now(), reason="retry", state="ok", answers="unsure")
    migration = importlib.import_module("prongsai.disclosure.migrations.0008_identity")
    migration.answer_earlier_checks(apps, None)
    assert dict(LinkCheck.objects.exclude(pk=new.pk).values_list("state", "answers")) == {
        "ok": "yes",
        "dead": "no",
        "blocked": "unsure",
    }
    new.refresh_from_db()
    assert new.answers == "unsure"
    assert queries.page_answers(LinkCheck.objects.filter(state="dead").get()) == []
