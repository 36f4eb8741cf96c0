"""Memos that came back signed on paper."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prongsai.documents import hand_signatures
from prongsai.documents.models import HandSignature, Memo
from prongsai.lib import fiscal
from prongsai.people.models import AuditEntry
from prongsai.registry.models import Appointment
from prongsai.registry.queries import today
from prongsai.web import officer_facts
from tests.documents.desk import papers, write
from tests.documents.test_pages import sign

LINE = ["นักวิเคราะห์นโยบายและแผน", "หัวหน้าสำนักปลัด", "ปลัด", "นายก"]
PDF = b"%PDF-1.7 signed"


@pytest.fixture
def memo(client, office):
    """All four sign by hand."""
    client.force_login(office["officer"])
    write(client, position=LINE, holder=[""] * 4, signer=[""] * 4)
    return Memo.objects.get()


def record(client, memo, positions=LINE, day=None, **more):
    posted = {"positions": positions, "signed_on": fiscal.short_date(day or today()), **more}
    return client.post(reverse("memo_signed", args=["A1", memo.pk]), posted)


def step(memo, user, monkeypatch):
    monkeypatch.setattr(officer_facts, "today", lambda: fiscal.first_day(memo.fiscal_year + 1, 2))
    year = officer_facts.load_year(memo.agency, user)
    return next(s for s in year.steps if s.key == "memo"), [t.key for t in year.tasks]


def test_a_memo_signed_on_paper_is_recorded_and_the_step_of_the_year_is_done(client, office, memo, monkeypatch):
    shown, tasks = step(memo, office["officer"], monkeypatch)
    assert (shown.state, shown.address.part) == ("now", "signed")
    assert "memo" in tasks
    assert all(position in shown.text for position in LINE)
    file = SimpleUploadedFile("บันทึก ลงนาม.pdf", PDF)
    assert record(client, memo, file=file).status_code == 302
    shown, tasks = step(memo, office["officer"], monkeypatch)
    assert shown.state == "done"
    assert f"ลงนามครบเมื่อ {fiscal.short_date(today())}" in shown.text
    assert "memo" not in tasks
    page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    assert "ลงนามครบแล้ว" in page
    assert 'id="signed"' not in page
    assert "ลงนามครบแล้ว" in client.get(papers()).content.decode()
    (stored,) = HandSignature.objects.all()
    scan = client.get(reverse("memo_scan", args=["A1", memo.pk, stored.pk]))
    assert b"".join(scan.streaming_content) == PDF
    assert "attachment" in scan["Content-Disposition"]
    entry = AuditEntry.objects.get(action="documents.hand_signed")
    assert entry.detail == {"positions": LINE, "signed_on": today().isoformat(), "scan": stored.scan_sha256}


def test_a_record_that_was_wrong_is_withdrawn_and_stays_in_the_history(client, office, memo, monkeypatch):
    record(client, memo)
    (stored,) = HandSignature.objects.all()
    for _ in range(2):  # the button may be pressed twice
        client.post(reverse("memo_unsigned", args=["A1", memo.pk, stored.pk]))
    stored.refresh_from_db()
    assert stored.withdrawn_by == office["officer"]
    assert AuditEntry.objects.filter(action="documents.hand_withdrawn").count() == 1
    assert step(memo, office["officer"], monkeypatch)[0].state == "now"
    assert record(client, memo).status_code == 302
    assert step(memo, office["officer"], monkeypatch)[0].state == "done"


def test_positions_may_sign_on_several_days_and_each_signs_once(client, office, memo, monkeypatch):
    record(client, memo, LINE[:2])
    shown, _ = step(memo, office["officer"], monkeypatch)
    assert shown.state == "now"
    assert shown.text.count(LINE[0]) == 0
    assert LINE[3] in shown.text
    assert record(client, memo, LINE[1:]).status_code == 422  # one of them has signed
    with pytest.raises(hand_signatures.DomainError, match=LINE[0]):  # also where the form was opened before
        hand_signatures.record_hand_signatures(memo=memo, positions=LINE[:1], signed_on=today(), by=office["officer"])
    assert record(client, memo, LINE[2:]).status_code == 302
    assert step(memo, office["officer"], monkeypatch)[0].state == "done"


def test_what_cannot_be_is_refused_with_its_reason_and_nothing_is_lost(client, memo):
    def refused(**more):
        answer = record(client, memo, **more)
        assert answer.status_code == 422
        assert not HandSignature.objects.exists()
        return answer.content.decode()

    assert "ต้องไม่อยู่ในอนาคต" in refused(day=today() + datetime.timedelta(1))
    assert "อยู่ก่อนวันที่ของบันทึกข้อความ" in refused(day=today() - datetime.timedelta(9))
    assert "เลือกตำแหน่งที่ลงนามแล้ว" in refused(positions=[])
    page = refused(file=SimpleUploadedFile("signed.pdf", b"<html>"), positions=LINE[:1])
    assert "ไฟล์สแกนต้องเป็น PDF, JPG หรือ PNG" in page
    assert page.count("checked") == 1
    assert "ไฟล์สแกนต้องเป็น" in refused(file=SimpleUploadedFile("signed.exe", PDF))


def test_only_who_signs_by_hand_is_recorded_so(client, office):
    """A signature on screen is given on screen; who waits there is left to hand first."""
    client.force_login(office["officer"])
    me, executive = str(office["officer"].pk), str(office["executive"].pk)
    write(client, position=["นักวิเคราะห์", "ปลัด", "นายก"], holder=[""] * 3, signer=[me, "", executive])
    memo = Memo.objects.get()
    assert hand_signatures.list_hand_positions(memo) == ["ปลัด"]
    assert record(client, memo, ["นายก"]).status_code == 422
    assert record(client, memo, ["ปลัด"]).status_code == 302
    sign(client, memo, "", executive, "นายก")
    client.force_login(office["executive"])
    sign(client, memo)
    memo = Memo.objects.get()
    assert not memo.waits_for_hand
    assert memo.unsigned_positions == []


def test_the_executive_reads_the_record_and_does_not_write_it(client, office, memo):
    record(client, memo)
    (stored,) = HandSignature.objects.all()
    client.force_login(office["executive"])
    page = client.get(reverse("memo", args=["A1", memo.pk])).content.decode()
    assert "ลงนามด้วยมือที่บันทึกไว้" in page
    assert "ถอนการบันทึก" not in page
    assert client.post(reverse("memo_unsigned", args=["A1", memo.pk, stored.pk])).status_code == 403


def test_the_line_and_the_next_task_agree_when_a_signatory_left(client, office, monkeypatch):
    client.force_login(office["officer"])
    executive = str(office["executive"].pk)
    write(client, position=["นักวิเคราะห์", "นายก"], holder=[""] * 2, signer=["", executive])
    memo = Memo.objects.get()
    assert step(memo, office["officer"], monkeypatch)[0].state == "waiting"
    Appointment.objects.filter(user=office["executive"]).update(until=today())
    shown, tasks = step(memo, office["officer"], monkeypatch)
    assert shown.state == "now"
    assert "ไม่ได้ทำหน้าที่แทนหน่วยงานนี้แล้ว" in shown.text
    assert tasks.count("memo") == 1
    assert not any(key.startswith("memo-") for key in tasks)
