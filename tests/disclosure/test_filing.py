"""Filing, and the executive's confirmation."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from prongsai import framework as rules
from prongsai.disclosure import actions, queries
from prongsai.disclosure.models import Link
from prongsai.people.models import AuditEntry
from tests.conftest import sample_year
from tests.disclosure.filed import (
    SITE,
    content_digest,
    file_and_confirm,
    file_first,
    item_url,
    mark_all,
)


def entry_form(**more):
    return {"addresses": f"{SITE}/a", "explanation": "", "revision": "0"} | more


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


def test_an_item_that_is_only_explained_is_named_before_it_is_confirmed(client, people, filing, ids):
    client.force_login(people["officer"])
    client.post(item_url(ids[0]), entry_form())
    desk = reverse("oit_desk", args=["A1", sample_year()])
    client.force_login(people["executive"])
    assert "มีแต่คำอธิบาย" not in client.get(desk).content.decode()
    client.force_login(people["officer"])
    client.post(item_url(ids[1]), entry_form(addresses="", explanation="ปีนี้ไม่มีรายการจัดซื้อ"))
    client.force_login(people["executive"])
    page = client.get(desk).content.decode()
    assert "(มีแต่คำอธิบาย 1 ข้อ)" in page
    assert f"ไม่มีลิงก์ 1 ข้อ: {ids[1]}" in page


def test_pasted_text_gives_each_address_once(client, people, filing, ids):
    client.force_login(people["officer"])
    pasted = f"แผน {SITE}/a และ {SITE.replace('https:', 'http:')}/b\n{SITE}/b\n{SITE}/a"
    page = client.post(item_url(ids[0]), entry_form(addresses=pasted), follow=True).content.decode()
    assert [x.url for x in Link.objects.all()] == [f"{SITE}/a", f"{SITE}/b"]
    assert "ข้อความนี้ไม่ได้บันทึก “แผน … และ”" in page  # what is not kept is shown, to be typed where it is
    page = client.post(item_url(ids[1]), entry_form(addresses=f"{SITE}/a\n{SITE}/b"), follow=True).content.decode()
    assert "ไม่ได้บันทึก" not in page


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
    assert f"ยังไม่ยื่น {len(ids) - 1} จาก {len(ids)} ข้อ" in client.get(reverse("desk")).content.decode()
    for item in ids[1:]:
        client.post(item_url(item), entry_form())
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


def test_the_executive_confirms_the_content_of_the_page(client, people, filing, ids):
    file_first(filing, people["officer"], SITE)
    client.force_login(people["executive"])
    url = reverse("oit_confirm", args=["A1", sample_year()])
    stale = content_digest(filing)
    file_first(filing, people["officer"], SITE + "/new", revision=1)
    known = {"missing": len(ids) - 1}
    assert client.post(url, known | {"position": "นายก", "seen": stale}).status_code == 409  # changed while reading
    assert client.post(url, known | {"position": " ", "seen": content_digest(filing)}).status_code == 409
    for unknown in ({}, {"missing": len(ids)}):  # what is missing was not read, or is not that any more
        answer = client.post(url, unknown | {"position": "นายก", "seen": content_digest(filing)})
        assert answer.status_code == 409
        assert f"ยังไม่ยื่น {len(ids) - 1} ข้อ" in answer.content.decode()
    assert client.post(url, known | {"position": "นายก", "seen": content_digest(filing)}).status_code == 302
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


def test_nul_characters_are_removed_from_posted_texts(client, people, filing, ids):
    client.force_login(people["officer"])
    assert client.post(item_url(ids[0]), entry_form(explanation="ก\0ข")).status_code == 302
    assert filing.entries.get().explanation == "กข"


def test_the_same_page_sent_twice_is_no_conflict(client, people, filing, ids):
    client.force_login(people["officer"])
    form = entry_form(elements=["0"], explanation="ดูหน้า 2")
    assert [client.post(item_url(ids[0]), form).status_code for _ in range(2)] == [302, 302]
    assert filing.entries.get().revision == 1
    other = client.post(item_url(ids[0]), form | {"explanation": "จากอีกหน้า"})
    assert other.status_code == 409
    assert "คุณบันทึกข้อนี้จากอีกหน้าหนึ่ง" in other.content.decode()
    assert "จากอีกหน้า" in other.content.decode()


def test_an_address_without_a_scheme_is_filed(client, people, filing, ids):
    client.force_login(people["officer"])
    assert client.post(item_url(ids[0]), entry_form(addresses="www.example.go.th/แผน")).status_code == 302
    assert Link.objects.get().url.startswith("https://www.example.go.th/")


def test_the_position_is_known_and_confirming_twice_is_confirming_once(client, people, filing, ids):
    file_first(filing, people["officer"])
    desk = reverse("oit_desk", args=["A1", sample_year()])
    client.force_login(people["executive"])
    assert 'value="นายกองค์การบริหารส่วนตำบลบ้านทดสอบ"' in client.get(desk).content.decode()
    posted = {"position": "ปลัด", "seen": content_digest(filing), "missing": len(ids) - 1}
    for _ in range(2):
        assert client.post(reverse("oit_confirm", args=["A1", sample_year()]), posted).status_code == 302
    assert "ยืนยันไว้แล้ว" not in client.get(desk).content.decode()
    assert filing.confirmations.count() == 1
    assert queries.known_position(people["executive"], filing.agency) == "ปลัด"
