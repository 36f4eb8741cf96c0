"""Filing, confirming, looking, marking, replying, deciding, sealing, and what the public sees."""

import datetime
import json

import pyarrow.parquet as pq
import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from prongsai import framework as rules
from prongsai import links as web
from prongsai.disclosure import actions, looking, queries
from prongsai.disclosure.models import Change, Link, Look, Mark, SecondLook
from prongsai.disclosure.suggest import passages
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice, User
from tests.conftest import newest
from tests.disclosure.filed import digest, file_first, later, look, seen, the_web

SITE = "https://www.example.go.th"


@pytest.fixture
def filing(running_round, agencies, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    agencies[0].website = SITE
    agencies[0].save()
    return queries.filing_of(running_round, agencies[0])


@pytest.fixture
def ids(running_round):
    return [i.id for i in queries.items(rules.load(running_round.framework))]


@pytest.fixture
def assessors(people):
    """Two more assessors, one after the other."""
    made = []
    for name in ("second", "third"):
        user = User(email=f"{name}@example.test", name=f"ผู้ประเมิน {name}", role="assessor")
        user.set_password("correct horse battery")
        user.save()
        made.append(user)
    return made


def item_page(item):
    return reverse("oit_item", args=["A1", newest(), item])


def typed(**more):
    return {"addresses": f"{SITE}/a", "explanation": "", "revision": "0"} | more


def confirmed(filing, people, items=1):
    file_first(filing, people["officer"], SITE, items)
    look()
    actions.confirm(filing=filing, position="นายกองค์การบริหารส่วนตำบล", seen=digest(filing), by=people["executive"])
    filing.refresh_from_db()
    return filing


def marked(filing, people, ids, zero=()):
    """All items marked full but those in ``zero``, and handed to the agency."""
    for item in ids:
        actions.mark(
            filing=filing,
            item=item,
            points=0 if item in zero else 100,
            reasons=["องค์ประกอบไม่ครบ"] if item in zero else [],
            comment="",
            elements=[],
            by=people["assessor"],
        )
    actions.release(filing=filing, by=people["assessor"])
    filing.refresh_from_db()


# --- filing


def test_an_officer_files_item_by_item(client, people, filing, ids):
    client.force_login(people["officer"])
    assert "ยื่นแล้ว 0 จาก" in client.get(reverse("oit_desk", args=["A1", newest()])).content.decode()
    answer = client.post(item_page(ids[0]), typed(elements=["0", "99", "x"], explanation=" ดูหน้า 2 ", next="1"))
    assert answer["Location"] == item_page(ids[1])
    entry = filing.entries.get()
    assert (entry.elements, entry.explanation, entry.revision) == ([0], "ดูหน้า 2", 1)
    assert [x.url for x in entry.links.all()] == [f"{SITE}/a"]
    assert AuditEntry.objects.filter(action="disclosure.file").get().detail["links"] == [f"{SITE}/a"]
    page = client.get(reverse("oit_desk", args=["A1", newest()])).content.decode()
    assert "ยื่นแล้ว 1 จาก" in page
    assert "ยังไม่ได้ตรวจ" in page


def test_pasted_text_gives_each_address_once(client, people, filing, ids):
    client.force_login(people["officer"])
    pasted = f"แผน {SITE}/a และ {SITE.replace('https:', 'http:')}/b\n{SITE}/b\n{SITE}/a"
    client.post(item_page(ids[0]), typed(addresses=pasted))
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
def test_a_bad_address_is_told_and_everything_typed_stays(client, people, filing, ids, text):
    client.force_login(people["officer"])
    answer = client.post(
        item_page(ids[0]), typed(addresses=f"{SITE}/a\n{text}" if text[0] != "ไ" else text, explanation="พิมพ์ไว้ยาว")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "พิมพ์ไว้ยาว" in page
    assert text[:60].replace("&", "&amp;") in page
    assert not Link.objects.exists()


def test_an_address_with_a_space_is_not_cut_unseen(client, people, filing, ids):
    client.force_login(people["officer"])
    answer = client.post(item_page(ids[0]), typed(addresses=f"{SITE}/แผน 2568.pdf"))
    assert answer.status_code == 422
    assert "ถูกตัดที่ช่องว่าง" in answer.content.decode()
    assert client.post(item_page(ids[0]), typed(addresses=f"{SITE}/แผน%202568.pdf")).status_code == 302


def test_the_desk_says_what_is_to_be_done(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    client.force_login(people["officer"])
    assert f"ยังไม่ยื่น {len(ids) - 1} ข้อ" in client.get(reverse("desk")).content.decode()
    client.force_login(people["executive"])
    assert "ตรวจและยืนยันข้อมูล OIT" in client.get(reverse("desk")).content.decode()


def test_too_many_links_and_too_long_words_are_told(client, people, filing, ids):
    client.force_login(people["officer"])
    many = "\n".join(f"{SITE}/{k}" for k in range(21))
    assert "ไม่เกิน 20" in client.post(item_page(ids[0]), typed(addresses=many)).content.decode()
    assert client.post(item_page(ids[0]), typed(explanation="ก" * 4001)).status_code == 422


def test_two_officers_at_once_lose_nothing(client, people, filing, ids):
    client.force_login(people["officer"])
    client.post(item_page(ids[0]), typed())
    answer = client.post(
        item_page(ids[0]), typed(addresses=f"{SITE}/mine", explanation="ของฉัน")
    )  # began from revision 0 too
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"{SITE}/mine" in page
    assert "ของฉัน" in page
    assert f"<li>{SITE}/a</li>" in page  # what stands now
    assert 'name="revision" value="1"' in page
    assert [x.url for x in Link.objects.all()] == [f"{SITE}/a"]


def test_the_same_link_at_two_items_is_pointed_out(client, people, filing, ids):
    client.force_login(people["officer"])
    for item in ids[:2]:
        client.post(item_page(item), typed())
    assert f"ลิงก์เดียวกันนี้ยื่นไว้ที่ข้อ {ids[0]} ด้วย" in client.get(item_page(ids[1])).content.decode()


def test_last_years_links_are_offered(client, people, filing, agencies, ids):
    from prongsai.registry.actions import create_round, enroll_agencies, set_round_status

    framework = rules.load(filing.round.framework)
    later_item = next(i for i in queries.items(framework) if i.continues)
    before = create_round(fiscal_year=newest() - 1, by=people["office"])
    enroll_agencies(assessment_round=before, agencies=agencies, by=people["office"])
    set_round_status(assessment_round=before, status="running", by=people["office"])
    old = queries.filing_of(before, agencies[0])
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
    assert f"{SITE}/old" in client.get(item_page(later_item.id)).content.decode()
    page = client.post(item_page(later_item.id), typed(last="1", explanation="คงไว้")).content.decode()
    assert f"{SITE}/a\n{SITE}/old</textarea>" in page
    assert "คงไว้" in page
    assert not Link.objects.filter(entry__filing=filing).exists()


def test_filing_after_the_deadline_is_refused_and_kept_on_the_page(client, people, filing, ids):
    from prongsai.registry.actions import set_phase_dates

    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=filing.round.phases.get(key="disclosure"), starts=past, ends=past, by=people["office"])
    client.force_login(people["officer"])
    answer = client.post(item_page(ids[0]), typed(explanation="ช้าไป"))
    assert answer.status_code == 422
    assert "ไม่อยู่ในช่วงยื่นข้อมูล" in answer.content.decode()
    assert "ช้าไป" in answer.content.decode()


def test_the_executive_reads_and_does_not_file(client, people, filing, ids):
    client.force_login(people["executive"])
    assert client.get(item_page(ids[0])).status_code == 200
    assert client.post(item_page(ids[0]), typed()).status_code == 403


def test_officer_and_executive_talk(client, people, filing, ids):
    for who, text in (("executive", "หน้านี้ยังเป็นของปีก่อน"), ("officer", "แก้แล้ว")):
        client.force_login(people[who])
        assert (
            client.post(reverse("oit_remark", args=["A1", newest()]), {"item": ids[0], "text": text}).status_code == 302
        )
    page = client.get(item_page(ids[0])).content.decode()
    assert page.index("หน้านี้ยังเป็นของปีก่อน") < page.index("แก้แล้ว")
    assert client.post(reverse("oit_remark", args=["A1", newest()]), {"item": ids[0], "text": " "}).status_code == 422


# --- confirming


def test_the_executive_confirms_what_they_saw(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    client.force_login(people["executive"])
    way = reverse("oit_confirm", args=["A1", newest()])
    stale = digest(filing)
    file_first(filing, people["officer"], SITE + "/new", revision=1)
    assert client.post(way, {"position": "นายก", "seen": stale}).status_code == 409  # changed while reading
    assert client.post(way, {"position": " ", "seen": digest(filing)}).status_code == 409
    assert client.post(way, {"position": "นายก", "seen": digest(filing)}).status_code == 302
    filing.refresh_from_db()
    record = filing.confirmed
    assert (record.name, record.position) == (people["executive"].name, "นายก")
    assert record.content[ids[0]]["links"][0][1] == f"{SITE}/new/{ids[0]}"
    assert AuditEntry.objects.filter(action="disclosure.confirm").get().detail["digest"] == record.digest
    file_first(filing, people["officer"], SITE, revision=2)  # a change opens it again
    filing.refresh_from_db()
    assert filing.confirmed is None
    assert "ต้องให้ผู้บริหารยืนยันใหม่" in client.get(reverse("oit_desk", args=["A1", newest()])).content.decode()


@pytest.mark.parametrize("change", ["update", "delete"])
def test_what_was_confirmed_and_marked_can_not_be_changed(people, filing, ids, change):
    confirmed(filing, people)
    marked(filing, people, ids)
    for rows in (filing.confirmations.all(), filing.marks.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(by=people["office"]) if change == "update" else rows._raw_delete(rows.db)


# --- looking


def test_one_failure_is_held_against_nobody(people, filing):
    file_first(filing, people["officer"], SITE)
    look(lambda t: seen(t, "dead", error="timeout"))
    link = Link.objects.get()
    assert link.state == "pending"
    assert queries.to_mend(filing) == []
    for _ in range(2):
        later(7)
        look(lambda t: seen(t, "dead", error="timeout"))
    link.refresh_from_db()
    assert link.state == "dead"
    assert [x.pk for _, x in queries.to_mend(filing)] == [link.pk]
    assert list(Look.objects.values_list("why", flat=True)) == ["retry", "retry", "filing"]


def test_a_link_that_flaps_stays_what_it_was(people, filing):
    file_first(filing, people["officer"], SITE)
    for state in ("ok", "dead", "ok", "dead", "slow"):
        look(lambda t, state=state: seen(t, state))
        later(7)
    assert Link.objects.get().state == "ok"
    assert not Change.objects.filter(kind="state").exists()


def test_changes_are_told_once_and_nothing_else_is(people, filing, mailoutbox, django_capture_on_commit_callbacks):
    file_first(filing, people["officer"], SITE)
    look()
    assert looking.tell_changes() == 0
    for _ in range(3):
        later(24 * 30)
        look(lambda t: seen(t, "dead", error="timeout"))
    with django_capture_on_commit_callbacks(execute=True):
        assert looking.tell_changes() == 1
    assert looking.tell_changes() == 0
    notice = Notice.objects.get(text__contains="ลิงก์ OIT")
    assert notice.user == people["officer"]
    assert "เสียใหม่ 1 ลิงก์" in notice.text
    assert notice.url == reverse("oit_todo", args=["A1", newest()])
    assert len(mailoutbox) == 1
    later(24 * 30)
    look()
    looking.tell_changes()
    assert "กลับมาดี 1" in Notice.objects.latest("id").text


def test_snapshots_are_kept_at_filing_marking_and_change(people, filing, ids):
    confirmed(filing, people)
    assert Look.objects.get().snapshot is not None
    later(24 * 31)
    look()
    assert Look.objects.first().snapshot is None  # the same words: nothing more is kept
    later(24 * 31)
    look(lambda t: seen(t, words="b" * 64, body="<p>ใหม่</p>".encode()))
    assert looking.opened(Look.objects.first().snapshot).body == "<p>ใหม่</p>".encode()
    assert Change.objects.filter(kind="content").count() == 1
    later(1)
    actions.begin_marking(filing=filing, by=people["assessor"])
    look(lambda t: seen(t, words="b" * 64))
    last = Look.objects.first()
    assert (last.why, last.snapshot is not None) == ("marking", True)


def test_a_snapshot_that_was_touched_is_not_shown(client, people, filing, ids):
    confirmed(filing, people)
    snapshot = Look.objects.get().snapshot
    way = reverse("snapshot", args=["A1", snapshot.digest])
    client.force_login(people["officer"])
    page = client.get(way)
    assert page.status_code == 200
    assert page["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "script-src" not in page["Content-Security-Policy"]
    assert "แผนผังโครงสร้างหน่วยงาน" in page.content.decode()
    assert client.get(way + "?file=1")["Content-Disposition"].startswith("attachment")
    assert client.get(reverse("snapshot", args=["B2", snapshot.digest])).status_code == 403
    client.force_login(people["office"])
    assert client.get(reverse("snapshot", args=["B2", snapshot.digest])).status_code == 404
    looking._path(snapshot.digest).write_bytes(b"something else")
    assert client.get(way).status_code == 410


def test_a_run_that_stops_goes_on_where_it_was(people, filing, ids):
    file_first(filing, people["officer"], SITE, items=5)

    def stops(target, left=[3]):  # noqa: B006 (counts over the calls)
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return seen(target)

    with pytest.raises(KeyboardInterrupt):
        look(stops)
    assert Look.objects.count() == 3
    assert looking.waiting() == 2
    assert look() == 2
    assert Look.objects.count() == 5


def test_warnings_at_once(people, filing, ids):
    item = next(i for i in queries.items(rules.load(filing.round.framework)) if i.period == "assessed_year")
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
    said = " ".join(w.text for w in queries.warnings(link, item, filing))
    assert web.sentence("not_https") in said
    assert web.sentence("outside") in said
    year = web.Year(newest() - 3, "fiscal", "title")
    look(lambda t: seen(t, "moved", years=(year,), has_text=False))
    link = Link.objects.select_related("look").get()
    said = " ".join(w.text for w in queries.warnings(link, item, filing))
    assert f"พูดถึงปี {newest() - 3}" in said
    assert "ไม่มีตัวอักษร" in said


def test_an_officer_has_links_looked_at_not_too_often(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    look()
    client.force_login(people["officer"])
    client.post(reverse("oit_look", args=["A1", newest(), ids[0]]))
    assert look() == 0  # looked at a moment ago
    Look.objects.update(at=timezone.now() - datetime.timedelta(minutes=6))
    client.post(reverse("oit_look", args=["A1", newest(), ids[0]]))
    assert look() == 1


def test_a_broken_link_is_replaced_after_filing(client, people, filing, ids):
    confirmed(filing, people)
    marked(filing, people, ids)
    link = Link.objects.get()
    client.force_login(people["officer"])
    way = reverse("oit_mend", args=["A1", newest(), link.pk])
    assert client.post(way, {"address": "javascript:x"}).status_code == 422
    assert "เปิดได้อยู่" in client.post(way, {"address": f"{SITE}/better"}).content.decode()  # nothing to mend
    for _ in range(3):
        later(24)
        look(lambda t: seen(t, "dead", error="timeout"))
    assert client.post(way, {"address": f"{SITE}/better"}).status_code == 302
    assert client.post(way, {"address": f"{SITE}/best"}).status_code == 422  # replaced already
    assert [x.url for x in queries.links_to_mark(filing, ids[0])] == [link.url]  # what was confirmed stays
    page = client.get(reverse("oit_page", args=["A1", newest()])).content.decode()
    assert f"{SITE}/better" in page
    assert f'href="{link.url}"' not in page
    assert "หลังการยืนยัน" in page


# --- marking


def test_an_assessor_marks_by_the_scale_with_reasons(client, people, filing, ids):
    confirmed(filing, people)
    client.force_login(people["assessor"])
    way = reverse("mark_item", args=["A1", newest(), ids[0]])
    page = client.get(way).content.decode()
    assert "แผนผังโครงสร้างหน่วยงาน</mark>" in page  # a passage of the snapshot
    answer = client.post(way, {"points": "0", "comment": ""})
    assert answer.status_code == 422
    assert "ต้องบอกเหตุผล" in answer.content.decode()
    assert client.post(way, {"points": "37", "comment": "x"}).status_code == 422
    assert client.post(way, {"comment": "ลืมเลือก"}).status_code == 422
    assert client.post(way, {"points": "0", "comment": "ไม่มีผัง", "reasons": ["องค์ประกอบไม่ครบ"]})["Location"] == reverse(
        "mark_item", args=["A1", newest(), ids[1]]
    )
    mark = Mark.objects.get()
    assert (mark.points, mark.comment, mark.reasons) == (0, "ไม่มีผัง", ["องค์ประกอบไม่ครบ"])
    assert mark.evidence == [Look.objects.get().snapshot.digest]
    client.post(way, {"points": "100"})  # given anew: both stay
    assert [m.points for m in Mark.objects.all()] == [0, 100]
    assert queries.counting(filing)[ids[0]].points == 100


def test_marks_wait_for_the_executive_or_the_deadline(people, filing, ids):
    file_first(filing, people["officer"], SITE)
    with pytest.raises(DomainError, match="ยังไม่ยืนยัน"):
        actions.mark(filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"])


def test_nobody_marks_where_they_have_an_interest(people, filing, ids, agencies):
    from prongsai.registry.models import Interest

    confirmed(filing, people)
    Interest.objects.create(user=people["assessor"], agency=agencies[0], reason="ญาติ")
    with pytest.raises(DomainError, match="ส่วนได้เสีย"):
        actions.mark(filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"])


def test_nothing_is_filed_once_marking_began(people, filing, ids):
    confirmed(filing, people)
    actions.mark(filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"])
    with pytest.raises(DomainError, match="เริ่มตรวจแล้ว"):
        file_first(filing, people["officer"], SITE, revision=1)


def test_marks_are_handed_over_whole(people, filing, ids):
    confirmed(filing, people)
    actions.mark(filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=people["assessor"])
    with pytest.raises(DomainError, match=f"ยังไม่ได้ให้คะแนน {len(ids) - 1} ข้อ"):
        actions.release(filing=filing, by=people["assessor"])


def test_the_agency_sees_marks_only_when_handed_over(client, people, filing, ids):
    confirmed(filing, people)
    actions.mark(
        filing=filing, item=ids[0], points=0, reasons=[], comment="ความเห็นลับ", elements=[], by=people["assessor"]
    )
    client.force_login(people["officer"])
    assert "ความเห็นลับ" not in client.get(item_page(ids[0])).content.decode()
    marked(filing, people, ids[1:])
    assert "ความเห็นลับ" in client.get(item_page(ids[0])).content.decode()


# --- second marks and decisions


def test_a_second_mark_is_blind_and_agreement_is_counted(client, people, filing, ids, assessors):
    confirmed(filing, people)
    for item in ids:
        actions.mark(
            filing=filing,
            item=item,
            points=0 if item == ids[0] else 100,
            reasons=[],
            comment="เห็นครั้งแรก",
            elements=[],
            by=people["assessor"],
        )
    assert actions.draw_second(assessment_round=filing.round, percent=100, by=people["office"], seed=5) == len(ids)
    assert actions.draw_second(assessment_round=filing.round, percent=100, by=people["office"]) == 0
    assert not SecondLook.objects.filter(assessor=people["assessor"]).exists()
    drawn = SecondLook.objects.get(item=ids[0])
    client.force_login(drawn.assessor)
    way = reverse("mark_second", args=[drawn.pk])
    assert "เห็นครั้งแรก" not in client.get(way).content.decode()
    assert client.post(way, {"points": "100"}).status_code == 302
    assert queries.counting(filing)[ids[0]].points == 0  # alone it changes nothing
    other = next(a for a in assessors if a != drawn.assessor)
    client.force_login(other)
    assert client.get(way).status_code == 404  # drawn for somebody else
    for look_ in SecondLook.objects.filter(done=False):
        actions.mark(
            filing=filing,
            item=look_.item,
            points=100,
            reasons=[],
            comment="",
            elements=[],
            by=look_.assessor,
            stage="second",
        )
    by_item, by_person = queries.agreements(filing.round)
    assert [(i, a.agreeing) for i, a in by_item] == [(i, int(i != ids[0])) for i in ids]
    (who, whole), *_ = by_person
    assert (who, whole.pairs, whole.agreeing, whole.kappa) == (people["assessor"], len(ids), len(ids) - 1, 0)
    actions.release(filing=filing, by=people["assessor"])
    waiting = queries.disputes([filing.round])
    assert [(d.item, d.clarified) for d in waiting] == [(ids[0], False)]
    assert (
        queries.disputes([filing.round], people["assessor"]) == queries.disputes([filing.round], drawn.assessor) == []
    )
    assert len(queries.disputes([filing.round], other)) == 1


def test_a_draw_can_be_repeated_from_its_seed(people, filing, ids, assessors):
    confirmed(filing, people)
    marked(filing, people, ids)
    actions.draw_second(assessment_round=filing.round, percent=40, by=people["office"], seed=11)
    first = set(SecondLook.objects.values_list("item", "assessor"))
    SecondLook.objects.all().delete()
    actions.draw_second(assessment_round=filing.round, percent=40, by=people["office"], seed=11)
    assert set(SecondLook.objects.values_list("item", "assessor")) == first
    assert 0 < len(first) < len(ids)
    assert AuditEntry.objects.filter(action="disclosure.draw_second").last().detail["seed"] == 11


def test_the_agency_replies_and_somebody_else_decides(client, people, filing, ids, assessors):
    confirmed(filing, people)
    marked(filing, people, ids, zero=ids[:1])
    client.force_login(people["officer"])
    assert (
        client.post(reverse("oit_clarify", args=["A1", newest(), ids[1]]), {"text": "x"}).status_code == 422
    )  # full already
    way = reverse("oit_clarify", args=["A1", newest(), ids[0]])
    assert client.post(way, {"text": " "}).status_code == 422
    assert client.post(way, {"text": "มีอยู่ในหน้า 3"}).status_code == 302
    assert client.post(way, {"text": "อีกครั้ง"}).status_code == 422
    reply = filing.clarifications.get()
    assert reply.evidence == [Look.objects.filter(why="filing").get().snapshot.digest]
    decide = reverse("mark_decide", args=[filing.pk, ids[0]])
    client.force_login(people["assessor"])
    assert client.get(decide).status_code == 404
    assert client.post(decide, {"points": "100"}).status_code == 404
    with pytest.raises(DomainError, match="ชี้ขาดเองไม่ได้"):
        actions.mark(
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
    assert queries.counting(filing)[ids[0]].points == 100
    with pytest.raises(DomainError, match="ไม่ได้รอการชี้ขาด"):
        actions.mark(
            filing=filing,
            item=ids[0],
            points=0,
            reasons=[],
            comment="x",
            elements=[],
            by=assessors[1],
            stage="decision",
        )


def test_a_reply_after_a_decision_is_decided_too(people, filing, ids, assessors):
    confirmed(filing, people)
    for item in ids:
        actions.mark(
            filing=filing,
            item=item,
            points=0 if item == ids[0] else 100,
            reasons=[],
            comment="x",
            elements=[],
            by=people["assessor"],
        )
    SecondLook.objects.create(filing=filing, item=ids[0], assessor=assessors[0])
    actions.mark(
        filing=filing, item=ids[0], points=100, reasons=[], comment="", elements=[], by=assessors[0], stage="second"
    )
    actions.release(filing=filing, by=people["assessor"])
    actions.mark(
        filing=filing,
        item=ids[0],
        points=0,
        reasons=[],
        comment="ยังไม่ครบ",
        elements=[],
        by=assessors[1],
        stage="decision",
    )
    assert queries.disputes([filing.round]) == []
    actions.clarify(filing=filing, item=ids[0], text="อยู่หน้า 2", by=people["officer"])
    assert [d.item for d in queries.disputes([filing.round])] == [ids[0]]
    with pytest.raises(DomainError, match="รอการชี้ขาด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)


def test_the_page_of_a_decision_is_for_who_may_decide(client, people, filing, ids, assessors):
    confirmed(filing, people)
    actions.mark(
        filing=filing, item=ids[0], points=0, reasons=[], comment="ความเห็นลับ", elements=[], by=people["assessor"]
    )
    client.force_login(assessors[0])
    for answer in (client.get, client.post):
        assert answer(reverse("mark_decide", args=[filing.pk, ids[0]])).status_code == 404


def test_the_same_saved_again_leaves_the_confirmation(people, filing, ids):
    confirmed(filing, people)
    file_first(filing, people["officer"], SITE, revision=1)
    filing.refresh_from_db()
    assert filing.confirmed is not None


def test_what_was_confirmed_last_is_what_is_marked(people, filing, ids):
    from prongsai.registry.actions import set_phase_dates

    confirmed(filing, people)
    file_first(filing, people["officer"], SITE + "/later", revision=1)
    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=filing.round.phases.get(key="disclosure"), starts=past, ends=past, by=people["office"])
    again = queries.filing_of(filing.round, filing.agency)
    assert [x.url for x in queries.links_to_mark(again, ids[0])] == [f"{SITE}/{ids[0]}"]


def test_a_look_that_was_asked_for_while_another_ran_is_not_lost(people, filing, ids):
    confirmed(filing, people)
    later(24 * 31)
    (link,) = looking.due(timezone.now())
    actions.begin_marking(filing=filing, by=people["assessor"])
    with the_web():
        list(looking.look_at([link]))
    assert look() == 1
    assert Look.objects.first().why == "marking"


def test_a_look_that_can_not_be_stored_does_not_hold_up_the_others(people, filing, monkeypatch):
    file_first(filing, people["officer"], SITE, items=3)
    real, broken = looking.store, Link.objects.first().pk

    def store(link, *more):
        if link.pk == broken:
            raise OSError("disk full")
        return real(link, *more)

    monkeypatch.setattr(looking, "store", store)
    assert look() == 2
    assert look() == 0  # not at once again


def test_evidence_is_there_though_the_last_look_kept_none(people, filing, ids):
    file_first(filing, people["officer"], SITE)
    look(lambda t: seen(t, "dead", error="timeout"))
    later(7)
    look()
    actions.confirm(filing=filing, position="นายก", seen=digest(filing), by=people["executive"])
    filing.refresh_from_db()
    later(24 * 31)
    look()
    assert Look.objects.first().snapshot is None
    marked(filing, people, ids, zero=ids[:1])
    kept = Look.objects.exclude(snapshot=None).get().snapshot.digest
    assert Mark.objects.get(item=ids[0]).evidence == [kept]
    assert actions.clarify(filing=filing, item=ids[0], text="มี", by=people["officer"]).evidence == [kept]


def test_nul_letters_are_dropped_from_what_is_posted(client, people, filing, ids):
    client.force_login(people["officer"])
    assert client.post(item_page(ids[0]), typed(explanation="ก\0ข")).status_code == 302
    assert filing.entries.get().explanation == "กข"


# --- sealing


def test_only_marks_that_were_handed_over_are_sealed_and_not_while_replies_may_come(people, filing, ids):
    from prongsai.registry.actions import set_phase_dates

    confirmed(filing, people)
    for item in ids:
        actions.mark(filing=filing, item=item, points=100, reasons=[], comment="", elements=[], by=people["assessor"])
    with pytest.raises(DomainError, match=f"{2 * len(ids)} ข้อ"):  # none handed over yet
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"])
    actions.release(filing=filing, by=people["assessor"])
    phase = filing.round.phases.get(key="clarification")
    set_phase_dates(phase=phase, starts=datetime.date(2020, 1, 1), ends=None, by=people["office"])
    with pytest.raises(DomainError, match="ยังไม่สิ้นสุด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)


def test_the_seal_writes_the_marks_that_count(people, filing, ids, agencies, assessors):
    confirmed(filing, people)
    with pytest.raises(DomainError, match="ยังไม่มีคะแนน"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"])
    marked(filing, people, ids, zero=ids[:2])
    actions.clarify(filing=filing, item=ids[0], text="มี", by=people["officer"])
    with pytest.raises(DomainError, match="รอการชี้ขาด"):
        actions.seal(assessment_round=filing.round, folder=filing.round.parcels, by=people["office"], incomplete=True)
    actions.mark(
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
        lambda: actions.clarify(filing=filing, item=ids[1], text="x", by=people["officer"]),
        lambda: actions.draw_second(assessment_round=filing.round, percent=5, by=people["office"]),
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
    filing = queries.filing_of(assessment_round, agencies[0])
    items = [i.id for i in queries.items(rules.load(str(year)))]
    confirmed(filing, people, items=len(items))
    marked(filing, people, items, zero=zeros)
    past = datetime.date(2020, 1, 1)
    set_phase_dates(phase=assessment_round.phases.get(key="clarification"), starts=past, ends=past, by=people["office"])
    actions.seal(assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"])
    made = results.run(assessment_round=assessment_round, folder=assessment_round.parcels, by=people["office"])
    shown = made.results.get().shown
    assert (shown["9"], shown["10"], shown["OIT"]) == ("83.70", "100.00", "91.85")
    results.publish(result_set=made, by=people["office"])
    page = client.get(reverse("agency_year", args=["A1", year])).content.decode()
    assert "83.70" in page
    assert "84.85" in page  # told, as what it is not
    assert "ค่าเฉลี่ยของตัวชี้วัดย่อย" in page


# --- the public


def test_the_public_sees_what_was_confirmed(client, people, filing, ids):
    way = reverse("oit_page", args=["A1", newest()])
    file_first(filing, people["officer"], SITE)
    assert client.get(way).status_code == 404
    look()
    actions.confirm(filing=filing, position="นายก", seen=digest(filing), by=people["executive"])
    page = client.get(way).content.decode()
    assert f'href="{SITE}/{ids[0]}"' in page
    assert "เปิดได้" in page
    assert ">ผังโครงสร้าง &lt;2568&gt;</a>" not in page
    Look.objects.update(title="ผังโครงสร้าง <2568>")
    assert (
        ">ผังโครงสร้าง &lt;2568&gt;</a>" in client.get(way).content.decode()
    )  # what the page calls itself, and where it is
    file_first(filing, people["officer"], SITE + "/unconfirmed", revision=1)
    page = client.get(way).content.decode()
    assert "unconfirmed" not in page
    assert f'href="{SITE}/{ids[0]}"' in page
    assert reverse("oit_page", args=["A1", newest()]) in client.get(reverse("agency", args=["A1"])).content.decode()


def test_the_page_for_the_agencys_own_website(client, people, filing, ids):
    confirmed(filing, people)
    embed = client.get(reverse("oit_embed", args=["A1", newest()]))
    assert "X-Frame-Options" not in embed.headers
    assert "frame-ancestors *" in embed["Content-Security-Policy"]
    page = client.get(reverse("oit_page", args=["A1", newest()]))
    assert page["X-Frame-Options"] == "DENY"
    export = client.get(reverse("oit_export", args=["A1", newest()]))
    text = export.content.decode()
    assert export["Content-Disposition"].startswith("attachment")
    assert "<link" not in text
    assert "<script" not in text
    assert f"{SITE}/{ids[0]}" in text


def test_the_feed_tells_what_changed(client, people, filing, ids):
    import xml.etree.ElementTree as ET

    confirmed(filing, people)
    answer = client.get(reverse("oit_feed", args=["A1", newest()]))
    assert answer["Content-Type"].startswith("application/atom+xml")
    titles = [t.text for t in ET.fromstring(answer.content).iter("{http://www.w3.org/2005/Atom}title")]
    assert titles[1:] == [f"{ids[0]}: เพิ่มลิงก์", "ผู้บริหารยืนยัน"]
    file_first(filing, people["officer"], SITE + "/draft", revision=1)
    file_first(filing, people["officer"], SITE + "/final", revision=2)
    actions.confirm(filing=filing, position="นายก", seen=digest(filing), by=people["executive"])
    text = client.get(reverse("oit_feed", args=["A1", newest()])).content.decode()
    assert "/final" in text
    assert "/draft" not in text  # nobody ever confirmed it


# --- suggestions


def test_passages_are_found_in_other_words_and_never_invented():
    text = "หน้าแรก แผนผังโครงสร้าง ของหน่วยงาน ประกอบด้วยสำนักปลัด กองคลัง ติดต่อผ่าน LINE OA ได้ทุกวัน"
    found = passages(
        ["แผนผังโครงสร้างหน่วยงาน", "ช่องทางถาม-ตอบสองทาง (live chat, LINE OA)", "ราคากลางของงานจัดซื้อจัดจ้าง"], text
    )
    assert "แผนผังโครงสร้าง" in found[0].found
    assert found[1].found == "LINE OA"
    assert found[2] is None
    assert passages(["อะไรก็ได้"], "") == [None]


def test_agreement_is_exact():
    from fractions import Fraction

    from prongsai.analysis import agreement

    table = [(100, 100)] * 20 + [(100, 0)] * 5 + [(0, 100)] * 10 + [(0, 0)] * 15
    assert agreement(table).kappa == Fraction(2, 5)  # the textbook example: observed 0.70, by chance 0.50
    assert agreement([]).kappa is None
    assert agreement([(100, 100)] * 9).kappa is None
    assert agreement([(0, 100), (100, 0)]).kappa == -1
    assert queries.kappa_text(Fraction(2, 5)) == "0.40"
    assert queries.kappa_text(Fraction(-1)) == "−1.00"
    assert json.dumps([queries.kappa_text(None)], ensure_ascii=False) == '["–"]'


def test_every_number_of_the_office_has_its_list(client, people, filing, agencies):
    confirmed(filing, people)
    client.force_login(people["office"])
    way = reverse("oit_nation", args=[newest()])

    def listed(show):
        page = client.get(way, {"show": show}).context["page"]
        return {a.code for a in page.object_list}

    everybody = {a.code for a in filing.round.agencies.all()}
    for stage in queries.STAGES:
        there, not_there = listed(stage), listed(f"-{stage}")
        assert len(there) == getattr(queries.standing(filing.round), stage)
        assert there | not_there == everybody
        assert not there & not_there
    assert listed("confirmed") == {"A1"}
    assert client.get(way, {"show": "nonsense"}).context["page"] is None
