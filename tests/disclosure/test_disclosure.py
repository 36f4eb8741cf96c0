"""Filing, confirmation, link checks, marks, replies, decisions, the seal and the public pages."""

import datetime
import json

import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from prongsai import framework as rules
from prongsai import links
from prongsai.disclosure import actions, link_checks, queries
from prongsai.disclosure.models import BlindReview, Change, Link, LinkCheck, Mark
from prongsai.disclosure.suggest import suggest_passages
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
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


def item_url(item):
    return reverse("oit_item", args=["A1", sample_year(), item])


def entry_form(**more):
    return {"addresses": f"{SITE}/a", "explanation": "", "revision": "0"} | more


# --- filing


def test_an_officer_files_item_by_item(client, people, filing, ids):
    client.force_login(people["officer"])
    assert "ยื่นแล้ว 0 จาก" in client.get(reverse("oit_desk", args=["A1", sample_year()])).content.decode()
    answer = client.post(item_url(ids[0]), entry_form(elements=["0", "99", "x"], explanation=" ดูหน้า 2 ", next="1"))
    assert answer["Location"] == item_url(ids[1])
    entry = filing.entries.get()
    assert (entry.elements, entry.explanation, entry.revision) == ([0], "ดูหน้า 2", 1)
    assert [x.url for x in entry.links.all()] == [f"{SITE}/a"]
    assert AuditEntry.objects.filter(action="disclosure.file").get().detail["links"] == [f"{SITE}/a"]
    page = client.get(reverse("oit_desk", args=["A1", sample_year()])).content.decode()
    assert "ยื่นแล้ว 1 จาก" in page
    assert "ยังไม่ได้ตรวจ" in page


def test_pasted_text_gives_each_address_once(client, people, filing, ids):
    client.force_login(people["officer"])
    pasted = f"แผน {SITE}/a และ {SITE.replace('https:', 'http:')}/b\n{SITE}/b\n{SITE}/a"
    client.post(item_url(ids[0]), entry_form(addresses=pasted))
    assert [x.url for x in Link.objects.all()] == [f"{SITE}/a", f"{SITE}/b"]


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://" + "a" * 5000 + ".go.th/",
        "http://user:pw@a.go.th/",
        "ไม่มีลิงก์",
    ],
)
def test_an_invalid_address_is_reported_and_the_form_keeps_everything(client, people, filing, ids, text):
    client.force_login(people["officer"])
    answer = client.post(
        item_url(ids[0]), entry_form(addresses=f"{SITE}/a\n{text}" if text[0] != "ไ" else text, explanation="พิมพ์ไว้ยาว")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "พิมพ์ไว้ยาว" in page
    assert text[:60].replace("&", "&amp;") in page
    assert not Link.objects.exists()


def test_an_address_cut_at_a_space_is_reported(client, people, filing, ids):
    client.force_login(people["officer"])
    answer = client.post(item_url(ids[0]), entry_form(addresses=f"{SITE}/แผน 2568.pdf"))
    assert answer.status_code == 422
    assert "ถูกตัดที่ช่องว่าง" in answer.content.decode()
    assert client.post(item_url(ids[0]), entry_form(addresses=f"{SITE}/แผน%202568.pdf")).status_code == 302


def test_the_desk_lists_pending_work(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    client.force_login(people["officer"])
    assert f"ยังไม่ยื่น {len(ids) - 1} ข้อ" in client.get(reverse("desk")).content.decode()
    client.force_login(people["executive"])
    assert "ตรวจและยืนยันข้อมูลเปิดเผย" in client.get(reverse("desk")).content.decode()


def test_too_many_links_and_too_long_texts_are_reported(client, people, filing, ids):
    client.force_login(people["officer"])
    many = "\n".join(f"{SITE}/{k}" for k in range(21))
    assert "ไม่เกิน 20" in client.post(item_url(ids[0]), entry_form(addresses=many)).content.decode()
    assert client.post(item_url(ids[0]), entry_form(explanation="ก" * 4001)).status_code == 422


def test_concurrent_edits_of_two_officers_are_both_visible(client, people, filing, ids):
    client.force_login(people["officer"])
    client.post(item_url(ids[0]), entry_form())
    answer = client.post(
        item_url(ids[0]), entry_form(addresses=f"{SITE}/mine", explanation="ของฉัน")
    )  # began from revision 0 too
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"{SITE}/mine" in page
    assert "ของฉัน" in page
    assert f"<li>{SITE}/a</li>" in page  # what stands now
    assert 'name="revision" value="1"' in page
    assert [x.url for x in Link.objects.all()] == [f"{SITE}/a"]


def test_a_link_filed_for_two_items_is_reported(client, people, filing, ids):
    client.force_login(people["officer"])
    for item in ids[:2]:
        client.post(item_url(item), entry_form())
    assert f"ลิงก์เดียวกันนี้ยื่นไว้ที่ข้อ {ids[0]} ด้วย" in client.get(item_url(ids[1])).content.decode()


def test_last_years_links_are_offered(client, people, filing, agencies, ids):
    from prongsai.registry.actions import create_round, enroll_agencies, set_round_status

    framework = rules.load(rules.NATIONAL, filing.round.fiscal_year)
    later_item = next(i for i in queries.items(framework) if i.continues)
    before = create_round(fiscal_year=sample_year() - 1, by=people["office"])
    enroll_agencies(assessment_round=before, agencies=agencies, by=people["office"])
    set_round_status(assessment_round=before, status="running", by=people["office"])
    old = queries.get_filing(before, agencies[0])
    actions.file_entry(
        filing=old,
        item=later_item.continues[0],
        addresses=f"{SITE}/old",
        explanation="",
        elements=[],
        revision=0,
        by=people["officer"],
    )
    client.force_login(people["officer"])
    assert f"{SITE}/old" in client.get(item_url(later_item.id)).content.decode()
    page = client.post(item_url(later_item.id), entry_form(last="1", explanation="คงไว้")).content.decode()
    assert f"{SITE}/a\n{SITE}/old</textarea>" in page
    assert "คงไว้" in page
    assert not Link.objects.filter(entry__filing=filing).exists()


def test_filing_after_the_deadline_is_refused_and_the_form_keeps_everything(client, people, filing, ids):
    from prongsai.registry.actions import set_phase_dates

    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=filing.round.phases.get(key="disclosure"), starts=past, ends=past, by=people["office"])
    client.force_login(people["officer"])
    answer = client.post(item_url(ids[0]), entry_form(explanation="ช้าไป"))
    assert answer.status_code == 422
    assert "ไม่อยู่ในช่วงยื่นข้อมูล" in answer.content.decode()
    assert "ช้าไป" in answer.content.decode()


def test_the_executive_may_read_but_not_file(client, people, filing, ids):
    client.force_login(people["executive"])
    assert client.get(item_url(ids[0])).status_code == 200
    assert client.post(item_url(ids[0]), entry_form()).status_code == 403


def test_officer_and_executive_comment(client, people, filing, ids):
    for who, text in (("executive", "หน้านี้ยังเป็นของปีก่อน"), ("officer", "แก้แล้ว")):
        client.force_login(people[who])
        assert (
            client.post(reverse("oit_remark", args=["A1", sample_year()]), {"item": ids[0], "text": text}).status_code
            == 302
        )
    page = client.get(item_url(ids[0])).content.decode()
    assert page.index("หน้านี้ยังเป็นของปีก่อน") < page.index("แก้แล้ว")
    assert (
        client.post(reverse("oit_remark", args=["A1", sample_year()]), {"item": ids[0], "text": " "}).status_code == 422
    )


# --- confirmation


def test_the_executive_confirms_the_content_of_the_page(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    client.force_login(people["executive"])
    url = reverse("oit_confirm", args=["A1", sample_year()])
    stale = content_digest(filing)
    file_first(filing, people["officer"], SITE + "/new", revision=1)
    assert client.post(url, {"position": "นายก", "seen": stale}).status_code == 409  # changed while reading
    assert client.post(url, {"position": " ", "seen": content_digest(filing)}).status_code == 409
    assert client.post(url, {"position": "นายก", "seen": content_digest(filing)}).status_code == 302
    filing.refresh_from_db()
    record = filing.confirmed
    assert (record.name, record.position) == (people["executive"].name, "นายก")
    assert record.content[ids[0]]["links"][0][1] == f"{SITE}/new/{ids[0]}"
    assert AuditEntry.objects.filter(action="disclosure.confirm").get().detail["digest"] == record.digest
    file_first(filing, people["officer"], SITE, revision=2)  # a change opens it again
    filing.refresh_from_db()
    assert filing.confirmed is None
    assert "ต้องให้ผู้บริหารยืนยันใหม่" in client.get(reverse("oit_desk", args=["A1", sample_year()])).content.decode()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_confirmations_and_marks_are_append_only(people, filing, ids, change):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    for rows in (filing.confirmations.all(), filing.marks.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(by=people["office"]) if change == "update" else rows._raw_delete(rows.db)


# --- link_checks


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
    assert link_checks.open_snapshot(LinkCheck.objects.first().snapshot).body == "<p>ใหม่</p>".encode()
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
    link_checks._snapshot_path(snapshot.digest).write_bytes(b"something else")
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
    assert check_due_links() == 0  # looked at a moment ago
    LinkCheck.objects.update(at=timezone.now() - datetime.timedelta(minutes=6))
    client.post(reverse("oit_check", args=["A1", sample_year(), ids[0]]))
    assert check_due_links() == 1


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


# --- marking


def test_a_mark_follows_the_scale_and_needs_a_reason_below_full_points(client, people, filing, ids):
    file_and_confirm(filing, people)
    client.force_login(people["assessor"])
    url = reverse("mark_item", args=["A1", sample_year(), ids[0]])
    page = client.get(url).content.decode()
    assert "แผนผังโครงสร้างหน่วยงาน</mark>" in page  # a passage of the snapshot
    answer = client.post(url, {"points": "0", "comment": ""})
    assert answer.status_code == 422
    assert "ต้องบอกเหตุผล" in answer.content.decode()
    assert client.post(url, {"points": "37", "comment": "x"}).status_code == 422
    assert client.post(url, {"comment": "ลืมเลือก"}).status_code == 422
    assert client.post(url, {"points": "0", "comment": "ไม่มีผัง", "reasons": ["องค์ประกอบไม่ครบ"]})["Location"] == reverse(
        "mark_item", args=["A1", sample_year(), ids[1]]
    )
    mark = Mark.objects.get()
    assert (mark.points, mark.comment, mark.reasons) == (0, "ไม่มีผัง", ["องค์ประกอบไม่ครบ"])
    assert mark.evidence == [LinkCheck.objects.get().snapshot.digest]
    client.post(url, {"points": "100"})  # given anew: both stay
    assert [m.points for m in Mark.objects.all()] == [0, 100]
    assert queries.counting_marks(filing)[ids[0]].points == 100


def test_marks_wait_for_the_executive_or_the_deadline(people, filing, ids):
    file_first(filing, people["officer"], SITE)
    with pytest.raises(DomainError, match="ยังไม่ยืนยัน"):
        actions.mark_item(
            filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
        )


def test_an_assessor_with_an_interest_may_not_mark(people, filing, ids, agencies):
    from prongsai.registry.models import Interest

    file_and_confirm(filing, people)
    Interest.objects.create(user=people["assessor"], agency=agencies[0], reason="ญาติ")
    with pytest.raises(DomainError, match="ส่วนได้เสีย"):
        actions.mark_item(
            filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
        )


def test_filing_is_closed_once_marking_has_begun(people, filing, ids):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
    )
    with pytest.raises(DomainError, match="เริ่มตรวจแล้ว"):
        file_first(filing, people["officer"], SITE, revision=1)


def test_marks_are_released_only_when_complete(people, filing, ids):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"]
    )
    with pytest.raises(DomainError, match=f"ยังไม่ได้ให้คะแนน {len(ids) - 1} ข้อ"):
        actions.release_marks(filing=filing, by=people["assessor"])


def test_the_agency_sees_marks_only_when_released(client, people, filing, ids):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=0, reasons=[], comment="ความเห็นลับ", elements=[], by=people["assessor"]
    )
    client.force_login(people["officer"])
    assert "ความเห็นลับ" not in client.get(item_url(ids[0])).content.decode()
    mark_all(filing, people, ids[1:])
    assert "ความเห็นลับ" in client.get(item_url(ids[0])).content.decode()


# --- blind reviews and decisions


def test_a_second_mark_is_blind_and_agreement_is_computed(client, people, filing, ids, assessors):
    file_and_confirm(filing, people)
    for item in ids:
        actions.mark_item(
            filing=filing,
            item=item,
            points=0 if item == ids[0] else 100,
            reasons=[],
            comment="เห็นครั้งแรก",
            elements=[],
            by=people["assessor"],
        )
    assert actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"], seed=5) == len(
        ids
    )
    assert actions.sample_for_review(assessment_round=filing.round, percent=100, by=people["office"]) == 0
    assert not BlindReview.objects.filter(assessor=people["assessor"]).exists()
    drawn = BlindReview.objects.get(item=ids[0])
    client.force_login(drawn.assessor)
    url = reverse("mark_blind_review", args=[drawn.pk])
    assert "เห็นครั้งแรก" not in client.get(url).content.decode()
    assert client.post(url, {"points": "100"}).status_code == 302
    assert queries.counting_marks(filing)[ids[0]].points == 0  # alone it changes nothing
    other = next(a for a in assessors if a != drawn.assessor)
    client.force_login(other)
    assert client.get(url).status_code == 404  # drawn for somebody else
    for look_ in BlindReview.objects.filter(done=False):
        actions.mark_item(
            filing=filing,
            item=look_.item,
            points=100,
            reasons=[],
            comment="",
            elements=[],
            by=look_.assessor,
            stage="second",
        )
    by_item, by_person = queries.marking_agreement(filing.round)
    assert [(i, a.agreeing) for i, a in by_item] == [(i, int(i != ids[0])) for i in ids]
    (who, whole), *_ = by_person
    assert (who, whole.pairs, whole.agreeing, whole.kappa) == (people["assessor"], len(ids), len(ids) - 1, 0)
    actions.release_marks(filing=filing, by=people["assessor"])
    waiting = queries.open_disputes([filing.round])
    assert [(d.item, d.clarified) for d in waiting] == [(ids[0], False)]
    assert (
        queries.open_disputes([filing.round], people["assessor"])
        == queries.open_disputes([filing.round], drawn.assessor)
        == []
    )
    assert len(queries.open_disputes([filing.round], other)) == 1


def test_a_sample_can_be_reproduced_from_its_seed(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids)
    actions.sample_for_review(assessment_round=filing.round, percent=40, by=people["office"], seed=11)
    first = set(BlindReview.objects.values_list("item", "assessor"))
    BlindReview.objects.all().delete()
    actions.sample_for_review(assessment_round=filing.round, percent=40, by=people["office"], seed=11)
    assert set(BlindReview.objects.values_list("item", "assessor")) == first
    assert 0 < len(first) < len(ids)
    assert AuditEntry.objects.filter(action="disclosure.draw_second").last().detail["seed"] == 11


def test_the_agency_replies_and_another_assessor_decides(client, people, filing, ids, assessors):
    file_and_confirm(filing, people)
    mark_all(filing, people, ids, zero=ids[:1])
    client.force_login(people["officer"])
    assert (
        client.post(reverse("oit_clarify", args=["A1", sample_year(), ids[1]]), {"text": "x"}).status_code == 422
    )  # full already
    url = reverse("oit_clarify", args=["A1", sample_year(), ids[0]])
    assert client.post(url, {"text": " "}).status_code == 422
    assert client.post(url, {"text": "มีอยู่ในหน้า 3"}).status_code == 302
    assert client.post(url, {"text": "อีกครั้ง"}).status_code == 422
    reply = filing.clarifications.get()
    assert reply.evidence == [LinkCheck.objects.filter(reason="filing").get().snapshot.digest]
    decide = reverse("mark_decide", args=[filing.pk, ids[0]])
    client.force_login(people["assessor"])
    assert client.get(decide).status_code == 404
    assert client.post(decide, {"points": "100"}).status_code == 404
    with pytest.raises(DomainError, match="ชี้ขาดเองไม่ได้"):
        actions.mark_item(
            filing=filing,
            item=ids[0],
            points=100,
            reasons=[],
            comment="",
            elements=[],
            by=people["assessor"],
            stage="decision",
        )
    client.force_login(assessors[0])
    page = client.get(decide).content.decode()
    assert "มีอยู่ในหน้า 3" in page
    assert "องค์ประกอบไม่ครบ" in page  # what was marked first
    assert client.post(decide, {"points": "100", "comment": "พบในหน้า 3"}).status_code == 302
    assert [m.stage for m in filing.marks.filter(item=ids[0])] == ["first", "decision"]
    assert queries.counting_marks(filing)[ids[0]].points == 100
    with pytest.raises(DomainError, match="ไม่ได้รอการชี้ขาด"):
        actions.mark_item(
            filing=filing,
            item=ids[0],
            points=0,
            reasons=[],
            comment="x",
            elements=[],
            by=assessors[1],
            stage="decision",
        )


def test_a_reply_after_a_decision_opens_the_dispute_again(people, filing, ids, assessors):
    file_and_confirm(filing, people)
    for item in ids:
        actions.mark_item(
            filing=filing,
            item=item,
            points=0 if item == ids[0] else 100,
            reasons=[],
            comment="x",
            elements=[],
            by=people["assessor"],
        )
    BlindReview.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=assessors[0], stage="second"
    )
    actions.release_marks(filing=filing, by=people["assessor"])
    actions.mark_item(
        filing=filing,
        item=ids[0],
        points=0,
        reasons=[],
        comment="ยังไม่ครบ",
        elements=[],
        by=assessors[1],
        stage="decision",
    )
    assert queries.open_disputes([filing.round]) == []
    actions.clarify_mark(filing=filing, item=ids[0], text="อยู่หน้า 2", by=people["officer"])
    assert [d.item for d in queries.open_disputes([filing.round])] == [ids[0]]
    with pytest.raises(DomainError, match="รอการชี้ขาด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)


def test_the_decision_page_is_only_for_assessors_who_may_decide(client, people, filing, ids, assessors):
    file_and_confirm(filing, people)
    actions.mark_item(
        filing=filing, item=ids[0], points=0, reasons=[], comment="ความเห็นลับ", elements=[], by=people["assessor"]
    )
    client.force_login(assessors[0])
    for answer in (client.get, client.post):
        assert answer(reverse("mark_decide", args=[filing.pk, ids[0]])).status_code == 404


def test_saving_the_same_content_keeps_the_confirmation(people, filing, ids):
    file_and_confirm(filing, people)
    file_first(filing, people["officer"], SITE, revision=1)
    filing.refresh_from_db()
    assert filing.confirmed is not None


def test_the_last_confirmed_content_is_marked(people, filing, ids):
    from prongsai.registry.actions import set_phase_dates

    file_and_confirm(filing, people)
    file_first(filing, people["officer"], SITE + "/later", revision=1)
    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=filing.round.phases.get(key="disclosure"), starts=past, ends=past, by=people["office"])
    again = queries.get_filing(filing.round, filing.agency)
    assert [x.url for x in queries.links_to_mark(again, ids[0])] == [f"{SITE}/{ids[0]}"]


def test_a_check_requested_during_another_is_not_lost(people, filing, ids):
    file_and_confirm(filing, people)
    advance_time(24 * 31)
    (link,) = link_checks.claim_due_links(timezone.now())
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
            raise OSError("disk full")
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


def test_nul_characters_are_removed_from_posted_texts(client, people, filing, ids):
    client.force_login(people["officer"])
    assert client.post(item_url(ids[0]), entry_form(explanation="ก\0ข")).status_code == 302
    assert filing.entries.get().explanation == "กข"


# --- the seal


def test_only_released_marks_are_sealed_and_only_after_the_reply_deadline(people, filing, ids):
    from prongsai.registry.actions import set_phase_dates

    file_and_confirm(filing, people)
    for item in ids:
        actions.mark_item(
            filing=filing, item=item, points=100, reasons=[], comment="", elements=[], by=people["assessor"]
        )
    with pytest.raises(DomainError, match=f"{2 * len(ids)} ข้อ"):  # none handed over yet
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"])
    actions.release_marks(filing=filing, by=people["assessor"])
    phase = filing.round.phases.get(key="clarification")
    set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=people["office"])
    with pytest.raises(DomainError, match="ยังไม่สิ้นสุด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)


def test_the_parcel_contains_the_marks_that_count(people, filing, ids, agencies, assessors):
    file_and_confirm(filing, people)
    with pytest.raises(DomainError, match="ยังไม่มีคะแนน"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"])
    mark_all(filing, people, ids, zero=ids[:2])
    actions.clarify_mark(filing=filing, item=ids[0], text="มี", by=people["officer"])
    with pytest.raises(DomainError, match="รอการชี้ขาด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)
    actions.mark_item(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=assessors[0], stage="decision"
    )
    made = actions.seal(
        assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True
    )
    assert made.missing == len(ids)  # the other agency's
    table = pq.read_table(filing.round.parcels / "marks.parquet").to_pylist()
    assert table[0] == {"agency": "A1", **{i: 0 if i == ids[1] else 100 for i in ids}}
    assert set(table[1].values()) == {"B2", None}
    for refused in (
        lambda: actions.seal(
            assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True
        ),
        lambda: actions.clarify_mark(filing=filing, item=ids[1], text="x", by=people["officer"]),
        lambda: actions.sample_for_review(assessment_round=filing.round, percent=5, by=people["office"]),
    ):
        with pytest.raises(DomainError, match="ปิดผนึกแล้ว"):
            refused()


def test_the_published_marks_of_a_real_agency_give_its_published_scores(client, people, agencies, settings, tmp_path):
    """อบต.พร่อน of the sample documents: five zeros under indicator 9; 83.70 and 91.85 through sub-indicators, not over
    items."""
    import csv
    import re

    from prongsai.registry.actions import (
        appoint,
        assign,
        create_round,
        enroll_agencies,
        set_phase_dates,
        set_round_status,
    )
    from prongsai.results import actions as results
    from tests.conftest import SAMPLES

    settings.MEDIA_ROOT = tmp_path
    rows = list(csv.reader((SAMPLES / "phron-2564.csv").open(encoding="utf-8")))
    zeros = [
        re.search(r"O\d+", " ".join(r))[0]
        for r in rows
        if re.search(r"\bO\d+\b", " ".join(r)) and r[-1].strip() in ("0", "0.00")
    ]
    assert len(zeros) == 5
    year = 2564
    for who in ("officer", "executive"):
        appoint(user=people[who], agency=agencies[0], on=datetime.date(2020, 1, 1), by=people["office"])
    assessment_round = create_round(fiscal_year=year, by=people["office"])
    enroll_agencies(assessment_round=assessment_round, agencies=[agencies[0]], by=people["office"])
    set_round_status(assessment_round=assessment_round, status="running", by=people["office"])
    for phase in assessment_round.phases.all():  # the year is over; it is gone through again
        set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=people["office"])
    assign(assessment_round=assessment_round, agency=agencies[0], assessor=people["assessor"], by=people["office"])
    filing = queries.get_filing(assessment_round, agencies[0])
    items = [i.id for i in queries.items(rules.load(rules.NATIONAL, year))]
    file_and_confirm(filing, people, items=len(items))
    mark_all(filing, people, items, zero=zeros)
    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=assessment_round.phases.get(key="clarification"), starts=past, ends=past, by=people["office"])
    actions.seal(assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"])
    made = results.compute_round(
        assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"]
    )
    shown = made.results.get().shown
    assert (shown["9"], shown["10"], shown["OIT"]) == ("83.70", "100.00", "91.85")
    results.publish(result_set=made, by=people["office"])
    page = client.get(reverse("agency_year", args=["A1", year])).content.decode()
    assert "83.70" in page
    assert "84.85" in page  # told, as what it is not
    assert "ค่าเฉลี่ยของตัวชี้วัดย่อย" in page


# --- the public


def test_the_public_sees_only_confirmed_content(client, people, filing, ids):
    url = reverse("oit_page", args=["A1", sample_year()])
    file_first(filing, people["officer"], SITE)
    assert client.get(url).status_code == 404
    check_due_links()
    actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    page = client.get(url).content.decode()
    assert f'href="{SITE}/{ids[0]}"' in page
    assert "เปิดได้" in page
    assert ">ผังโครงสร้าง &lt;2568&gt;</a>" not in page
    LinkCheck.objects.update(title="ผังโครงสร้าง <2568>")
    assert (
        ">ผังโครงสร้าง &lt;2568&gt;</a>" in client.get(url).content.decode()
    )  # what the page calls itself, and where it is
    file_first(filing, people["officer"], SITE + "/unconfirmed", revision=1)
    page = client.get(url).content.decode()
    assert "unconfirmed" not in page
    assert f'href="{SITE}/{ids[0]}"' in page
    assert (
        reverse("oit_page", args=["A1", sample_year()]) in client.get(reverse("agency", args=["A1"])).content.decode()
    )


def test_the_page_for_the_agencys_own_website(client, people, filing, ids):
    file_and_confirm(filing, people)
    embed = client.get(reverse("oit_embed", args=["A1", sample_year()]))
    assert "X-Frame-Options" not in embed.headers
    assert "frame-ancestors *" in embed["Content-Security-Policy"]
    page = client.get(reverse("oit_page", args=["A1", sample_year()]))
    assert page["X-Frame-Options"] == "DENY"
    export = client.get(reverse("oit_export", args=["A1", sample_year()]))
    text = export.content.decode()
    assert export["Content-Disposition"].startswith("attachment")
    assert "<link" not in text
    assert "<script" not in text
    assert f"{SITE}/{ids[0]}" in text


def test_the_feed_lists_confirmed_changes(client, people, filing, ids):
    import xml.etree.ElementTree as ET

    file_and_confirm(filing, people)
    answer = client.get(reverse("oit_feed", args=["A1", sample_year()]))
    assert answer["Content-Type"].startswith("application/atom+xml")
    titles = [t.text for t in ET.fromstring(answer.content).iter("{http://www.w3.org/2005/Atom}title")]
    assert titles[1:] == [f"{ids[0]}: เพิ่มลิงก์", "ผู้บริหารยืนยัน"]
    file_first(filing, people["officer"], SITE + "/draft", revision=1)
    file_first(filing, people["officer"], SITE + "/final", revision=2)
    actions.confirm_filing(
        filing=filing, position="นายก", content_digest=content_digest(filing), by=people["executive"]
    )
    text = client.get(reverse("oit_feed", args=["A1", sample_year()])).content.decode()
    assert "/final" in text
    assert "/draft" not in text  # nobody ever confirmed it


# --- suggestions


def test_similar_passages_are_suggested_and_others_are_not():
    text = "หน้าแรก แผนผังโครงสร้าง ของหน่วยงาน ประกอบด้วยสำนักปลัด กองคลัง ติดต่อผ่าน LINE OA ได้ทุกวัน"
    passages = suggest_passages(
        ["แผนผังโครงสร้างหน่วยงาน", "ช่องทางถาม-ตอบสองทาง (live chat, LINE OA)", "ราคากลางของงานจัดซื้อจัดจ้าง"], text
    )
    assert "แผนผังโครงสร้าง" in passages[0].match
    assert passages[1].match == "LINE OA"
    assert passages[2] is None
    assert suggest_passages(["อะไรก็ได้"], "") == [None]


def test_agreement_is_exact():
    from fractions import Fraction

    from prongsai.analysis import agreement

    table = [(100, 100)] * 20 + [(100, 0)] * 5 + [(0, 100)] * 10 + [(0, 0)] * 15
    assert agreement(table).kappa == Fraction(2, 5)  # the textbook example: observed 0.70, by chance 0.50
    assert agreement([]).kappa is None
    assert agreement([(100, 100)] * 9).kappa is None
    assert agreement([(0, 100), (100, 0)]).kappa == -1
    assert queries.format_kappa(Fraction(2, 5)) == "0.40"
    assert queries.format_kappa(Fraction(-1)) == "−1.00"
    assert json.dumps([queries.format_kappa(None)], ensure_ascii=False) == '["–"]'


def test_every_tile_of_the_office_has_its_list(client, people, filing, agencies):
    file_and_confirm(filing, people)
    client.force_login(people["office"])
    url = reverse("oit_nation", args=[sample_year()])

    def listed(show):
        page = client.get(url, {"show": show}).context["page"]
        return {a.code for a in page.object_list}

    everybody = {a.code for a in filing.round.agencies.all()}
    for stage in queries.STAGES:
        there, not_there = listed(stage), listed(f"-{stage}")
        assert len(there) == getattr(queries.round_progress(filing.round), stage)
        assert there | not_there == everybody
        assert not there & not_there
    assert listed("confirmed") == {"A1"}
    assert client.get(url, {"show": "nonsense"}).context["page"] is None
