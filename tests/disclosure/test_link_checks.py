"""Checks of filed links: states, notices, snapshots, warnings."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai import framework as rules
from prongsai import links
from prongsai.disclosure import actions, link_checks, queries, snapshots
from prongsai.disclosure.models import Change, Link, LinkCheck, Mark
from prongsai.jobs.models import Job
from prongsai.machines import files
from prongsai.people.models import Notice
from tests.conftest import sample_year
from tests.disclosure.filed import (
    SITE,
    advance_time,
    check_due_links,
    content_digest,
    fake_checks,
    file_and_confirm,
    file_first,
    mark_all,
    observe,
)


def test_a_single_failure_does_not_change_the_state(people, filing):
    file_first(filing, people["officer"], SITE)
    check_due_links(lambda t: observe(t, "dead", error="timeout"))
    link = Link.objects.get()
    assert link.state == "pending"
    assert queries.broken_links(filing) == []
    for _ in range(2):
        advance_time(7)
        check_due_links(lambda t: observe(t, "dead", error="timeout"))
    link.refresh_from_db()
    assert link.state == "dead"
    assert [x.pk for _, x in queries.broken_links(filing)] == [link.pk]
    assert list(LinkCheck.objects.values_list("reason", flat=True)) == ["retry", "retry", "filing"]


def test_a_flapping_link_keeps_its_state(people, filing):
    file_first(filing, people["officer"], SITE)
    for state in ("ok", "dead", "ok", "dead", "slow"):
        check_due_links(lambda t, state=state: observe(t, state))
        advance_time(7)
    assert Link.objects.get().state == "ok"
    assert not Change.objects.filter(kind="state").exists()


def test_state_changes_are_notified_once_and_nothing_else_is(
    people, filing, mailoutbox, django_capture_on_commit_callbacks
):
    file_first(filing, people["officer"], SITE)
    check_due_links()
    assert link_checks.notify_changes() == 0
    for _ in range(3):
        advance_time(24 * 30)
        check_due_links(lambda t: observe(t, "dead", error="timeout"))
    with django_capture_on_commit_callbacks(execute=True):
        assert link_checks.notify_changes() == 1
    assert link_checks.notify_changes() == 0
    notice = Notice.objects.get(text__contains="ลิงก์ข้อมูลเปิดเผย")
    assert notice.user == people["officer"]
    assert "เสียใหม่ 1 ลิงก์" in notice.text
    assert notice.url == reverse("oit_todo", args=["A1", sample_year()])
    assert len(mailoutbox) == 1
    advance_time(24 * 30)
    check_due_links()
    link_checks.notify_changes()
    assert "กลับมาดี 1" in Notice.objects.latest("id").text


def test_snapshots_are_taken_at_filing_marking_and_change(people, filing, ids):
    file_and_confirm(filing, people)
    assert LinkCheck.objects.get().snapshot is not None
    advance_time(24 * 31)
    check_due_links()
    assert LinkCheck.objects.first().snapshot is None  # the same words: nothing more is kept
    advance_time(24 * 31)
    check_due_links(lambda t: observe(t, text_digest="b" * 64, body="<p>ใหม่</p>".encode()))
    assert snapshots.open_snapshot(LinkCheck.objects.first().snapshot).body == "<p>ใหม่</p>".encode()
    assert Change.objects.filter(kind="content").count() == 1
    advance_time(1)
    actions.collect_evidence(filing=filing, by=people["assessor"])
    check_due_links(lambda t: observe(t, text_digest="b" * 64))
    last = LinkCheck.objects.first()
    assert (last.reason, last.snapshot is not None) == ("marking", True)


def test_an_altered_snapshot_is_not_shown(client, people, filing, ids):
    file_and_confirm(filing, people)
    snapshot = LinkCheck.objects.get().snapshot
    url = reverse("snapshot", args=["A1", snapshot.digest])
    client.force_login(people["officer"])
    page = client.get(url)
    assert page.status_code == 200
    assert page["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "script-src" not in page["Content-Security-Policy"]
    assert "แผนผังโครงสร้างหน่วยงาน" in page.content.decode()
    assert client.get(url + "?file=1")["Content-Disposition"].startswith("attachment")
    assert client.get(reverse("snapshot", args=["B2", snapshot.digest])).status_code == 403
    client.force_login(people["office"])
    assert client.get(reverse("snapshot", args=["B2", snapshot.digest])).status_code == 404
    files.store_bytes(snapshots._name_of(snapshot), b"something else")
    assert client.get(url).status_code == 410


def test_a_stopped_run_can_be_resumed(people, filing, ids):
    file_first(filing, people["officer"], SITE, items=5)

    def stops(target, left=[3]):  # noqa: B006 (counts over the calls)
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return observe(target)

    with pytest.raises(KeyboardInterrupt):
        check_due_links(stops)
    assert LinkCheck.objects.count() == 3
    assert link_checks.count_due_links() == 2
    assert check_due_links() == 2
    assert LinkCheck.objects.count() == 5


def test_warnings_of_a_link(people, filing, ids):
    item = next(
        i for i in queries.items(rules.load(rules.NATIONAL, filing.round.fiscal_year)) if i.period == "assessed_year"
    )
    actions.file_entry(
        filing=filing,
        item=item.id,
        addresses="http://other.example.com/x",
        explanation="",
        elements=[],
        revision=0,
        by=people["officer"],
    )
    link = Link.objects.get()
    texts = " ".join(w.text for w in queries.link_warnings(link, item, filing))
    assert links.describe_code("not_https") in texts
    assert links.describe_code("outside") in texts
    year = links.MentionedYear(sample_year() - 3, "fiscal", "title")
    check_due_links(lambda t: observe(t, "moved", years=(year,), has_text=False))
    link = Link.objects.select_related("last_check").get()
    texts = " ".join(w.text for w in queries.link_warnings(link, item, filing))
    assert f"พูดถึงปี {sample_year() - 3}" in texts
    assert "ไม่มีตัวอักษร" in texts


def test_an_officer_requests_checks_at_most_every_five_minutes(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    check_due_links()
    client.force_login(people["officer"])
    client.post(reverse("oit_check", args=["A1", sample_year(), ids[0]]))
    assert not Job.objects.filter(name="disclosure.check_asked_links").exists()  # looked at a moment ago
    LinkCheck.objects.update(at=timezone.now() - datetime.timedelta(minutes=6))
    client.post(reverse("oit_check", args=["A1", sample_year(), ids[0]]))
    assert Job.objects.get(name="disclosure.check_asked_links").arguments == [[Link.objects.get().pk]]
    assert check_due_links() == 0  # the job of its own is at it
    Link.objects.update(next_check_at=timezone.now() - datetime.timedelta(minutes=1))
    assert check_due_links() == 1  # and where no worker does that


def test_a_broken_link_is_replaced_after_filing(client, people, filing, ids):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    link = Link.objects.get()
    client.force_login(people["officer"])
    url = reverse("oit_replace_link", args=["A1", sample_year(), link.pk])
    assert client.post(url, {"address": "javascript:x"}).status_code == 422
    assert "เปิดได้อยู่" in client.post(url, {"address": f"{SITE}/better"}).content.decode()  # nothing to mend
    for _ in range(3):
        advance_time(24)
        check_due_links(lambda t: observe(t, "dead", error="timeout"))
    assert client.post(url, {"address": f"{SITE}/better"}).status_code == 302
    assert client.post(url, {"address": f"{SITE}/best"}).status_code == 422  # replaced already
    assert [x.url for x in queries.links_to_mark(filing, ids[0])] == [link.url]  # what was confirmed stays
    page = client.get(reverse("oit_page", args=["A1", sample_year()])).content.decode()
    assert f"{SITE}/better" in page
    assert f'href="{link.url}"' not in page
    assert "หลังการยืนยัน" in page


def test_a_check_requested_during_another_is_not_lost(people, filing, ids):
    file_and_confirm(filing, people)
    advance_time(24 * 31)
    (link,) = link_checks.find_due_links(timezone.now())
    actions.collect_evidence(filing=filing, by=people["assessor"])
    with fake_checks():
        list(link_checks.check_links([link]))
    assert check_due_links() == 1
    assert LinkCheck.objects.first().reason == "marking"


def test_a_check_that_cannot_be_stored_does_not_stop_the_others(people, filing, monkeypatch):
    file_first(filing, people["officer"], SITE, items=3)
    real, broken = link_checks.store_check, Link.objects.first().pk

    def store(link, *more):
        if link.pk == broken:
            raise OSError("file name too long")
        return real(link, *more)

    monkeypatch.setattr(link_checks, "store_check", store)
    assert check_due_links() == 2
    assert check_due_links() == 0  # not at once again


def test_evidence_is_the_latest_snapshot_though_the_last_check_has_none(people, filing, ids):
    file_first(filing, people["officer"], SITE)
    check_due_links(lambda t: observe(t, "dead", error="timeout"))
    advance_time(7)
    check_due_links()
    actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    filing.refresh_from_db()
    advance_time(24 * 31)
    check_due_links()
    assert LinkCheck.objects.first().snapshot is None
    mark_all(filing, people, ids, zero=ids[:1])
    kept = LinkCheck.objects.exclude(snapshot=None).get().snapshot.digest
    assert Mark.objects.get(item=ids[0]).evidence == [kept]
    assert actions.clarify_mark(filing=filing, item=ids[0], text="มี", by=people["officer"]).evidence == [kept]


def test_an_officer_hears_of_every_state_but_the_good_one_the_worst_first():
    assert [*queries.PROBLEM_STATES, "ok"] == list(reversed(links.STATES))
    assert all(len(state) <= LinkCheck._meta.get_field("state").max_length for state in links.STATES)
