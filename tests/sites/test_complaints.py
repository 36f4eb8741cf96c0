"""A complaint from a phone to its answer; deadlines, handlers, and the sender's way back."""

import datetime
import re

import pytest
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.sites import actions, queries, sealing
from prongsai.sites.models import Attachment, Complaint, Message, Step
from tests.sites.conftest import LETTERS, send

FORM = {"kind": "corruption", "about": "other", "text": "ผู้ช่วยช่างเรียกเงินค่าใบอนุญาต", "understood": "on"}


def post_complaint(client, agency, **values):
    page = client.get(reverse("write_complaint", args=[agency.code])).content.decode()
    secret = re.search(r'name="secret" value="([^"]+)"', page)[1]
    return client.post(reverse("write_complaint", args=[agency.code]), {**FORM, "secret": secret, **values})


def lines_of(page):
    """The number and the secret on a receipt."""
    return re.findall(r"<code>([^<]+)</code>", page.content.decode())


def tokens(page):
    return re.search(r'name="token" value="([^"]+)"', page.content.decode())[1]


def test_from_a_phone_to_its_answer(client, django_user_model, agency, people):
    received = post_complaint(client, agency, name="สมชาย", contact="081-000-0000")
    assert received.status_code == 200
    number, secret = lines_of(received)
    handler = type(client)()
    handler.force_login(people["officer"])
    listed = handler.get(reverse("complaints", args=[agency.code])).content.decode()
    plain = number.replace("-", "")
    assert plain in listed
    assert FORM["text"] not in listed
    page = reverse("complaint", args=[agency.code, plain])
    assert FORM["text"] not in handler.get(page).content.decode()
    handler.post(page + "take/")
    opened = handler.get(page)
    assert FORM["text"] in opened.content.decode()
    assert "สมชาย" in opened.content.decode()
    handler.post(page + "write/", {"text": "ขอทราบวันที่เกิดเหตุ", "token": tokens(opened)})
    handler.post(page + "write/", {"text": "สงสัยช่างคนเดิม", "note": "1", "token": tokens(handler.get(page))})
    followed = client.post(reverse("follow_complaint"), {"number": number, "secret": secret.upper()})
    text = followed.content.decode()
    assert "ขอทราบวันที่เกิดเหตุ" in text
    assert "สงสัยช่างคนเดิม" not in text
    client.post(
        reverse("follow_complaint"),
        {"number": number, "secret": secret, "text": "วันจันทร์ที่แล้ว", "token": tokens(followed)},
    )
    closing = {"outcome": "founded", "closing": "สอบแล้วพบจริง ลงโทษแล้ว", "token": tokens(handler.get(page))}
    assert "วันจันทร์ที่แล้ว" in handler.get(page).content.decode()
    handler.post(page + "close/", closing)
    ended = client.post(reverse("follow_complaint"), {"number": number, "secret": secret}).content.decode()
    assert "สอบแล้วพบจริง" in ended
    assert Complaint.objects.get().status == "closed"
    assert [s.kind for s in Step.objects.order_by("position")] == ["taken", "opened", "replied", "noted", "closed"]


def test_a_page_that_is_sent_twice_is_one_complaint_with_the_same_secret(client, agency):
    secret = LETTERS[:24]
    first, again = (post_complaint(client, agency, secret=secret) for _ in range(2))
    assert lines_of(first) == lines_of(again)
    assert Complaint.objects.count() == Message.objects.count() == 1


def blind_once(monkeypatch, model):
    """The first look finds nothing, as when the same page is stored in the same moment by another process."""
    real, looks = QuerySet.get, []

    def get(self, *arguments, **by):
        if self.model is model and not looks:
            looks.append(by)
            raise model.DoesNotExist
        return real(self, *arguments, **by)

    monkeypatch.setattr(QuerySet, "get", get)
    return looks


def test_a_page_that_is_sent_twice_in_one_moment_is_one_complaint_with_its_receipt(client, agency, monkeypatch):
    first = post_complaint(client, agency, secret=LETTERS[:24])
    looks = blind_once(monkeypatch, Complaint)
    again = post_complaint(client, agency, secret=LETTERS[:24])
    assert looks
    assert lines_of(first) == lines_of(again)
    assert Complaint.objects.count() == Message.objects.count() == 1


def test_the_page_says_before_sending_that_a_lost_secret_is_lost(client, agency):
    page = client.get(reverse("write_complaint", args=[agency.code])).content.decode()
    assert "ไม่มีใครกู้คืนได้ แม้แต่ผู้ดูแลระบบ" in page
    refused = post_complaint(client, agency, understood="")
    assert refused.status_code == 422
    assert FORM["text"] in refused.content.decode()  # nothing that was typed is lost
    assert not Complaint.objects.exists()


def test_what_is_refused_keeps_the_secret_that_the_page_had(client, agency):
    refused = post_complaint(client, agency, secret=LETTERS[:24], understood="")
    assert f'value="{LETTERS[:24]}"' in refused.content.decode()


@pytest.mark.parametrize("secret", [LETTERS[1:25], LETTERS[:23], "", "x" * 5000])
def test_a_wrong_secret_opens_nothing(client, complaint, secret):
    page = client.post(reverse("follow_complaint"), {"number": complaint.number, "secret": secret, "text": "x"})
    assert page.status_code == 404
    assert "เรื่องลับมาก" not in page.content.decode()
    assert Message.objects.count() == 1


def test_an_unknown_number_and_a_wrong_secret_are_told_apart_by_nobody(client, complaint):
    answers = [
        client.post(reverse("follow_complaint"), {"number": number, "secret": LETTERS[1:25]}).content.decode()
        for number in (complaint.number, "zzzzzzzz")
    ]
    assert answers[0] == answers[1].replace("zzzzzzzz", complaint.number)


def test_a_closed_channel_takes_nothing(client, agency, people):
    settings = queries.find_settings(agency)
    settings.complaints_open = False
    actions.set_channels(settings=settings, by=people["officer"])
    assert client.get(reverse("write_complaint", args=[agency.code])).status_code == 410
    with pytest.raises(DomainError):
        send(agency)


def test_two_forms_of_one_page_say_two_things(client, complaint, people):
    """A handler replies, goes back, and closes the complaint with the page that was there before."""
    actions.take_complaint(complaint=complaint, by=people["officer"])
    client.force_login(people["officer"])
    page = reverse("complaint", args=[complaint.agency.code, complaint.number])
    token = tokens(client.get(page))
    assert client.post(page + "write/", {"text": "รอสักครู่", "token": token}).status_code == 302
    closing = {"outcome": "founded", "closing": "เสร็จแล้ว", "token": token}
    assert client.post(page + "close/", closing).status_code == 302
    assert [m.kind for m in complaint.messages.all()] == ["sender", "reply", "reply"]
    actions.write_again(complaint=send(complaint.agency), text="ของผู้อื่น", token=token)
    assert Message.objects.count() == 5


# --- who handles it

HANDLING = ("officer", "executive", "office")


def test_only_who_took_it_reads_it(client, complaint, people, second_officer):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    page = reverse("complaint", args=[complaint.agency.code, complaint.number])
    for user in (second_officer, people["executive"], people["office"], people["auditor"], people["assessor"]):
        client.force_login(user)
        answer = client.get(page)
        assert "เรื่องลับมาก" not in answer.content.decode(), user
        assert answer.status_code == (200 if user == second_officer else 302 if user.role in HANDLING else 403)
    client.force_login(people["officer"])
    assert "เรื่องลับมาก" in client.get(page).content.decode()


def test_two_handlers_at_once(complaint, people, second_officer):
    stale = Complaint.objects.get(pk=complaint.pk)
    actions.take_complaint(complaint=complaint, by=people["officer"])
    with pytest.raises(DomainError, match=people["officer"].name):
        actions.take_complaint(complaint=stale, by=second_officer)
    stale.handler = second_officer  # what a process believes that read the row before
    for act in (
        lambda: actions.reply(complaint=stale, text="x", token="a", by=second_officer),
        lambda: actions.close_complaint(complaint=stale, outcome="founded", text="x", token="b", by=second_officer),
        lambda: actions.transfer_complaint(complaint=stale, to=people["officer"], by=second_officer),
        lambda: actions.raise_complaint(complaint=stale, by=second_officer),
    ):
        with pytest.raises(DomainError):
            act()
    assert Message.objects.count() == 1


def test_nobody_takes_what_is_with_others(complaint, people, agencies):
    for role in ("executive", "office", "assessor", "auditor"):
        with pytest.raises(DomainError):
            actions.take_complaint(complaint=complaint, by=people[role])
    Complaint.objects.filter(pk=complaint.pk).update(agency=agencies[1])
    with pytest.raises(DomainError):
        actions.take_complaint(complaint=complaint, by=people["officer"])


def test_what_is_refused_keeps_the_text_of_the_handler(client, complaint, people, second_officer):
    client.force_login(second_officer)
    actions.take_complaint(complaint=complaint, by=people["officer"])
    page = reverse("complaint_write", args=[complaint.agency.code, complaint.number])
    answer = client.post(page, {"text": "พิมพ์ไว้นาน", "token": LETTERS[:24]})
    assert answer.status_code == 409
    assert Message.objects.count() == 1
    client.force_login(people["officer"])
    answer = client.post(page.replace("write", "close"), {"closing": "พิมพ์ไว้นาน", "token": LETTERS[:24]})
    assert answer.status_code == 409
    assert "พิมพ์ไว้นาน" in answer.content.decode()


def test_a_handler_who_leaves_reads_nothing_more_and_another_takes_over(client, complaint, people, second_officer):
    from prongsai.registry.models import Appointment

    actions.take_complaint(complaint=complaint, by=people["officer"])
    Appointment.objects.filter(user=people["officer"]).update(until=timezone.localdate())
    client.force_login(people["officer"])
    page = reverse("complaint", args=[complaint.agency.code, complaint.number])
    assert client.get(page).status_code == 403
    with pytest.raises(DomainError):
        actions.record_opening(complaint=complaint, by=people["officer"])
    actions.take_complaint(complaint=complaint, by=second_officer)
    client.force_login(second_officer)
    assert "เรื่องลับมาก" in client.get(page).content.decode()


def test_a_transfer_moves_the_right_to_read(client, complaint, people, second_officer):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    with pytest.raises(DomainError):
        actions.transfer_complaint(complaint=complaint, to=people["executive"], by=people["officer"])
    actions.transfer_complaint(complaint=complaint, to=second_officer, by=people["officer"])
    complaint.refresh_from_db()
    assert queries.may_open(second_officer, complaint)
    assert not queries.may_open(people["officer"], complaint)


@pytest.mark.parametrize(("about", "tier"), [("other", "agency"), ("handler", "executive"), ("executive", "office")])
def test_a_complaint_never_goes_to_those_whom_it_is_about(agency, people, about, tier):
    complaint = send(agency, about=about)
    assert complaint.tier == tier
    role = {"agency": "officer"}.get(tier, tier)
    assert [r for r, user in people.items() if queries.may_handle(user, complaint)] == [role]


def test_a_tier_without_anybody_is_passed_over(agency, people):
    people["executive"].is_active = False
    people["executive"].save()
    assert send(agency, about="handler").tier == "office"


def test_the_office_of_another_assessment_handles_nothing(agency, people):
    complaint = send(agency, about="executive")
    people["office"].assessment = "other"
    assert not queries.may_handle(people["office"], complaint)


# --- deadlines


def days_later(monkeypatch, days):
    now = timezone.now() + datetime.timedelta(days)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return timezone.localdate()


def test_what_nobody_takes_in_time_goes_up_tier_by_tier(complaint, people, monkeypatch, client):
    settings = queries.find_settings(complaint.agency)
    on_time = complaint.acknowledge_by
    assert actions.escalate_late(on=on_time) == 0
    tiers = []
    for number in (1, 2, 3):
        day = days_later(monkeypatch, settings.acknowledge_days + 1)
        assert actions.escalate_late(on=day) == 1, number
        assert actions.escalate_late(on=day) == 0  # once for each deadline
        complaint.refresh_from_db()
        tiers.append(complaint.tier)
    assert tiers == ["executive", "office", "office"]
    assert [s.kind for s in complaint.steps.all()] == ["escalated"] * 3
    assert {n.user.role for n in Notice.objects.filter(text__contains=complaint.number)} == {"executive", "office"}
    actions.take_complaint(complaint=complaint, by=people["office"])
    client.force_login(people["office"])
    page = client.get(reverse("complaint", args=[complaint.agency.code, complaint.number]))
    assert "เรื่องลับมาก" in page.content.decode()  # opens with the office's key now
    assert {m.sealed_to.agency for m in Message.objects.select_related("sealed_to")} == {None}


def test_what_is_taken_and_not_answered_goes_up_and_its_handler_reads_it_no_more(complaint, people, monkeypatch):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    day = days_later(monkeypatch, 31)
    assert actions.escalate_late(on=day) == 1
    complaint.refresh_from_db()
    assert (complaint.tier, complaint.handler, complaint.status) == ("executive", None, "new")
    assert not queries.may_open(people["officer"], complaint)


def test_what_a_handler_hands_up_is_to_be_taken_in_time_there(complaint, people, monkeypatch):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    days_later(monkeypatch, 5)
    actions.raise_complaint(complaint=complaint, by=people["officer"])
    complaint.refresh_from_db()
    assert (complaint.tier, complaint.handler, complaint.status) == ("executive", None, "new")
    settings = queries.find_settings(complaint.agency)
    day = days_later(monkeypatch, settings.acknowledge_days)
    assert actions.escalate_late(on=day) == 0
    day = days_later(monkeypatch, 1)
    assert actions.escalate_late(on=day) == 1
    complaint.refresh_from_db()
    assert complaint.tier == "office"


def test_where_the_last_handler_leaves_it_goes_up(client, complaint, people):
    """The only officer of a small agency; nobody waits for a deadline."""
    from prongsai.registry.models import Appointment
    from prongsai.sites.worker import escalate_complaints

    closed = send(complaint.agency)
    actions.take_complaint(complaint=closed, by=people["officer"])
    actions.close_complaint(complaint=closed, outcome="unfounded", text="ไม่พบ", token="a", by=people["officer"])
    actions.take_complaint(complaint=complaint, by=people["officer"])
    assert actions.raise_abandoned() == 0
    Appointment.objects.filter(user=people["officer"]).update(until=timezone.localdate())
    escalate_complaints.call()
    complaint.refresh_from_db()
    assert (complaint.tier, complaint.handler, complaint.status) == ("executive", None, "new")
    closed.refresh_from_db()
    assert closed.tier == "agency"
    assert Notice.objects.filter(user=people["executive"], text__contains=complaint.number).count() == 1
    actions.take_complaint(complaint=complaint, by=people["executive"])
    client.force_login(people["executive"])
    page = client.get(reverse("complaint", args=[complaint.agency.code, complaint.number])).content.decode()
    assert "เรื่องลับมาก" in page
    assert "ไม่มีผู้รับเรื่องเหลืออยู่" in page
    assert actions.raise_abandoned() == 0


def test_what_was_taken_in_time_waits_for_its_answer_alone(complaint, people, monkeypatch):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    day = days_later(monkeypatch, 20)
    assert complaint.acknowledge_by < day < complaint.answer_by
    assert actions.escalate_late(on=day) == 0
    complaint.refresh_from_db()
    assert complaint.handler == people["officer"]


def test_what_is_closed_has_no_deadline(complaint, people, monkeypatch):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    actions.close_complaint(complaint=complaint, outcome="unfounded", text="ไม่พบ", token="a", by=people["officer"])
    assert actions.escalate_late(on=days_later(monkeypatch, 400)) == 0


def test_a_sender_who_writes_again_opens_it_again(complaint, people, monkeypatch):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    actions.close_complaint(complaint=complaint, outcome="unfounded", text="ไม่พบ", token="a", by=people["officer"])
    day = days_later(monkeypatch, 60)
    actions.write_again(complaint=complaint, text="มีหลักฐานใหม่", token="b")
    complaint.refresh_from_db()
    assert (complaint.status, complaint.closed_on, complaint.has_news) == ("open", None, True)
    assert complaint.answer_by > day


def test_one_complaint_that_cannot_be_opened_stops_no_other(agency, monkeypatch):
    complaints = [send(agency, about="handler") for _ in range(2)]
    Message.objects.filter(complaint=complaints[0]).update(handler_box=b"altered")
    with pytest.raises(DomainError, match=complaints[0].number):
        actions.escalate_late(on=days_later(monkeypatch, 8))
    assert sorted(Complaint.objects.values_list("tier", flat=True)) == ["executive", "office"]


def test_a_job_that_cannot_open_one_complaint_sees_to_all_others(agency, people, monkeypatch):
    from prongsai.registry.models import Appointment
    from prongsai.sites.worker import escalate_complaints

    broken, left, late = send(agency, about="handler"), send(agency), send(agency)
    Message.objects.filter(complaint=broken).update(handler_box=b"altered")
    Appointment.objects.update(until=timezone.localdate())
    Complaint.objects.filter(pk=late.pk).update(tier="office", acknowledge_by=timezone.localdate())
    days_later(monkeypatch, 1)
    with pytest.raises(DomainError, match=broken.number):
        escalate_complaints.call()
    for complaint in (broken, left, late):
        complaint.refresh_from_db()
    assert [c.tier for c in (broken, left)] == ["executive", "office"]
    assert late.escalated_on == timezone.localdate()


# --- text and files


def test_hostile_text_is_text(client, complaint, people):
    hostile = '<script>alert(1)</script>{{ 7 }}{% now %}"><img src=x onerror=a> ‮\x00'
    actions.write_again(complaint=complaint, text=hostile, token="t")
    actions.take_complaint(complaint=complaint, by=people["officer"])
    client.force_login(people["officer"])
    pages = [
        client.get(reverse("complaint", args=[complaint.agency.code, complaint.number])).content.decode(),
        client.post(reverse("follow_complaint"), {"number": complaint.number, "secret": LETTERS[:24]}).content.decode(),
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
        assert "{{ 7 }}" in page


def test_too_much_text_is_refused_and_stays_on_the_page(client, agency):
    refused = post_complaint(client, agency, text="ก" * 20_001)
    assert refused.status_code == 422
    assert "ก" * 20_001 in refused.content.decode()


def picture_with_place():
    import io

    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(name, content):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def test_a_picture_arrives_without_what_is_hidden_in_it(client, agency, people):
    content = picture_with_place()
    assert b"SECRET PLACE" in content
    received = post_complaint(client, agency, files=upload("IMG_สมชาย.jpg", content))
    assert received.status_code == 200, received.content.decode()
    attachment = Attachment.objects.select_related("message__complaint").get()
    actions.take_complaint(complaint=attachment.message.complaint, by=people["officer"])
    client.force_login(people["officer"])
    number = attachment.message.complaint.number
    picture = client.get(reverse("complaint_picture", args=[agency.code, number, attachment.pk]))
    assert picture.content.startswith(b"\xff\xd8")
    assert b"SECRET PLACE" not in picture.content
    assert "สมชาย" not in str(picture.headers)
    assert b"\xff\xd8" not in bytes(attachment.content)[:40]


def test_a_picture_is_for_who_took_the_complaint(client, agency, people, second_officer):
    complaint = send(agency, pictures=[b"\xff\xd8 one"])
    actions.take_complaint(complaint=complaint, by=people["officer"])
    address = reverse("complaint_picture", args=[agency.code, complaint.number, Attachment.objects.get().pk])
    for user, status in ((second_officer, 302), (people["executive"], 302), (people["officer"], 200)):
        client.force_login(user)
        assert client.get(address).status_code == status
    other = send(agency)
    actions.take_complaint(complaint=other, by=second_officer)
    client.force_login(second_officer)
    assert client.get(address.replace(complaint.number, other.number)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.jpg", b"not a picture"),
        ("a.pdf", b"%PDF-1.7 broken"),
        ("a.svg", b"<svg onload='alert(1)'/>"),
        ("../../etc/passwd", b"x"),
        ("<script>.png", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_a_hostile_file_is_refused_and_named(client, agency, name, content):
    refused = post_complaint(client, agency, files=upload(name, content))
    assert refused.status_code == 422
    assert "<script>.png" not in refused.content.decode()
    assert FORM["text"] in refused.content.decode()
    assert not Complaint.objects.exists()


def test_too_many_or_too_large_files(client, agency, settings):
    many = [upload(f"{n}.jpg", picture_with_place()) for n in range(4)]
    assert post_complaint(client, agency, files=many).status_code == 422
    settings.MAX_UPLOAD = 100
    refused = post_complaint(client, agency, files=upload("a.jpg", picture_with_place()))
    assert refused.status_code == 422
    assert FORM["text"] in refused.content.decode()


def test_files_are_held_in_memory_alone(client, agency, monkeypatch):
    """The attacker has the disk: no file as it came was ever on it."""
    import tempfile

    made = []
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *a, **k: made.append(a))
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", lambda *a, **k: made.append(a))
    assert post_complaint(client, agency, files=upload("a.jpg", picture_with_place())).status_code == 200
    assert not made


def test_a_flood_is_stopped_for_a_while(client, agency):
    """Whoever shares a network with the flood has what they typed, and sends it later with the same secret."""
    answers = [post_complaint(client, agency).status_code for _ in range(20)]
    assert answers == [200] * 20
    large = upload("a.jpg", picture_with_place())
    refused = post_complaint(client, agency, text="พิมพ์ไว้นาน", secret=LETTERS[:24], files=large)
    assert refused.status_code == 429
    page = refused.content.decode()
    assert all(text in page for text in ("พิมพ์ไว้นาน", LETTERS[:24], "ถี่เกินไป", "ยังไม่มีอะไรถูกบันทึก", "เลือกไฟล์ที่แนบใหม่"))
    assert Complaint.objects.count() == 20


def test_files_of_a_flood_are_dropped_as_they_come(rf):
    from prongsai.sites.uploads import hold_in_memory

    request = rf.post("/", {"text": "ข้อความ", "files": upload("a.jpg", bytes(9000))})
    assert hold_in_memory(request, drop=True)
    assert request.POST["text"] == "ข้อความ"
    assert not request.FILES


def test_a_flood_of_guesses_opens_nothing_and_loses_nobody_a_text(client, complaint, monkeypatch):
    from prongsai.sites.views import sender

    known = {"number": complaint.number, "secret": LETTERS[:24], "text": "พิมพ์ไว้นาน", "token": LETTERS[2:26]}
    monkeypatch.setattr(sender, "SENT", 1)
    for _ in range(3):
        client.post(reverse("follow_complaint"), {"number": complaint.number, "secret": LETTERS[1:25]})
    refused = client.post(reverse("follow_complaint"), known)
    assert refused.status_code == 429
    assert "พิมพ์ไว้นาน" in refused.content.decode()
    assert "เรื่องลับมาก" not in refused.content.decode()
    assert LETTERS[:24] not in refused.content.decode()
    assert Message.objects.count() == 1


def test_a_flood_pushes_nothing_that_is_due_out_of_sight(client, agency, people, monkeypatch):
    """The oldest is on the first page, however many came after it or are closed."""
    from prongsai.sites.views import complaints as desk

    monkeypatch.setattr(desk, "PER_PAGE", 3)
    oldest, closed = send(agency), send(agency)
    before = timezone.localdate() - datetime.timedelta(20)
    Complaint.objects.filter(pk=oldest.pk).update(received_on=before, answer_by=before + datetime.timedelta(30))
    Complaint.objects.filter(pk=closed.pk).update(received_on=before, answer_by=before, status="closed")
    later = [send(agency) for _ in range(4)]
    client.force_login(people["officer"])
    pages = [client.get(reverse("complaints", args=[agency.code]) + f"?page={n}").content.decode() for n in (1, 2)]
    listed = [re.findall(r"complaints/([a-z0-9]{8})/", page) for page in pages]
    assert listed[0][0] == oldest.number
    assert [len(numbers) for numbers in listed] == [3, 3]
    assert listed[1][-1] == closed.number
    assert {*listed[0], *listed[1]} == {c.number for c in (oldest, closed, *later)}


def test_one_device_with_a_network_of_addresses_is_one_flood(client, agency):
    """A device may use each of the addresses of its network of IPv6; its neighbours have another."""
    address = reverse("write_complaint", args=[agency.code])

    def send_from(*networks):
        return [client.post(address, {}, REMOTE_ADDR=network).status_code for network in networks]

    assert send_from(*(f"2001:db8:1:2:{n}::{n}" for n in range(1, 21))) == [422] * 20
    assert send_from("2001:db8:1:2::ffff", "2001:db8:1:3::1") == [429, 422]
    assert send_from(*["203.0.113.9", "::ffff:203.0.113.9"] * 10) == [422] * 20
    assert send_from("203.0.113.9", "203.0.113.10", "nonsense") == [429, 422, 422]


def test_a_flood_of_pictures_stops_no_text(agency, monkeypatch):
    monkeypatch.setattr(actions, "MAX_PICTURES_A_DAY", 1)
    send(agency, pictures=[b"\xff\xd8 one"])
    send(agency, pictures=[b"\xff\xd8 two"], text="สอง")
    assert Complaint.objects.count() == 2
    assert Attachment.objects.count() == 1


def test_sealed_text_opens_in_its_place_alone(agency, people):
    """The attacker with the database moves a box into a complaint that they may read."""
    secret, own = send(agency), send(agency, text="ของผู้โจมตี")
    stolen, message = secret.messages.get(), own.messages.get()
    message.content, message.handler_box = stolen.content, stolen.handler_box
    message.save()
    message = Message.objects.select_related("complaint", "sealed_to").get(pk=message.pk)
    with pytest.raises(sealing.UnopenableError):
        sealing.open_for_handler(message)


def test_acts_are_audited_without_content(complaint, people):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    actions.record_opening(complaint=complaint, by=people["officer"])
    actions.record_opening(complaint=complaint, by=people["officer"])
    actions.reply(complaint=complaint, text="ความลับ", token="a", by=people["officer"])
    entries = AuditEntry.objects.filter(action__startswith="sites.complaint")
    assert list(entries.values_list("action", flat=True)) == [
        "sites.complaint_taken",
        "sites.complaint_opened",
        "sites.complaint_replied",
    ]
    assert not any("ลับ" in str((e.subject, e.detail)) for e in entries)


def test_a_sender_who_reads_english_is_answered_in_english(client, agency):
    """No Thai but names on any of the pages, right or wrong."""
    address = f"/en{reverse('write_complaint', args=[agency.code])}"
    page = client.get(address).content.decode()
    secret = re.search(r'name="secret" value="([^"]+)"', page)[1]
    english = {**FORM, "text": "They asked for money", "secret": secret}
    refused = client.post(address, {**english, "files": upload("a.txt", b"x")})
    received = client.post(address, english)
    number, secret = lines_of(received)
    follow = f"/en{reverse('follow_complaint')}"
    pages = [
        refused,
        received,
        client.post(follow, {"number": number, "secret": "wrong"}),
        client.post(follow, {"number": number, "secret": secret, "text": " ", "token": LETTERS[:24]}),
    ]
    assert [p.status_code for p in pages] == [422, 200, 404, 422]
    for shown in [page, *(p.content.decode() for p in pages)]:
        text = re.sub(r"<[^>]*>", " ", shown).replace(agency.name_th, "").replace("ภาษาไทย", "")
        assert not re.findall("[\u0e00-\u0e7f]+", text)


def follow(client, received, **more):
    """What a sender's page of their complaint sends."""
    number, secret = lines_of(received)
    page = client.post(reverse("follow_complaint"), {"number": number, "secret": secret})
    posted = {"number": number, "secret": secret, "token": tokens(page), **more}
    return client.post(reverse("follow_complaint"), posted)


def test_a_sender_who_is_asked_for_evidence_attaches_it_later(client, agency, people):
    received = post_complaint(client, agency)
    answered = follow(client, received, text="ภาพที่ขอ", files=upload("IMG_สมชาย.jpg", picture_with_place()))
    assert answered.status_code == 200
    assert "แนบภาพ 1" in " ".join(answered.content.decode().split())
    attachment = Attachment.objects.select_related("message__complaint").get()
    assert attachment.message.position == 2
    assert b"SECRET PLACE" not in sealing.open_picture(attachment)
    refused = follow(client, received, text="อีกภาพ", files=upload("a.jpg", b"not a picture"))
    assert refused.status_code == 422
    assert "อีกภาพ" in refused.content.decode()
    assert Message.objects.count() == 2


def test_files_that_are_too_large_together_are_named_and_nothing_is_lost(client, agency, settings):
    received = post_complaint(client, agency)
    settings.MAX_UPLOAD = 400
    answered = follow(client, received, text="พิมพ์ไว้นาน", files=upload("a.jpg", bytes(2000)))
    assert answered.status_code == 422
    assert "พิมพ์ไว้นาน" in answered.content.decode()
    assert "ใหญ่เกินไป" in answered.content.decode()
    assert Message.objects.count() == 1


def test_a_sender_who_learns_that_it_is_about_the_handler_sends_it_up(client, agency, people, second_officer):
    """What they write then is read by nobody whom it is about, and goes as far as the office."""
    received = post_complaint(client, agency)
    complaint = Complaint.objects.get()
    actions.take_complaint(complaint=complaint, by=people["officer"])
    page = follow(client, received, text="ผู้รับเรื่องเป็นญาติของผู้ถูกร้อง", about="handlers")
    assert page.status_code == 200
    complaint.refresh_from_db()
    assert (complaint.tier, complaint.handler, complaint.status) == ("executive", None, "new")
    assert not queries.may_handle(people["officer"], complaint)
    assert not queries.may_handle(second_officer, complaint)
    assert complaint.acknowledge_by > timezone.localdate()
    follow(client, received, text="ผู้บริหารก็เช่นกัน", about="handlers")
    complaint.refresh_from_db()
    assert complaint.tier == "office"
    assert {m.sealed_to.agency for m in complaint.messages.select_related("sealed_to")} == {None}
    assert 'value="handlers"' not in follow(client, received, text="จบ", about="handlers").content.decode()
    assert [(s.kind, s.by) for s in complaint.steps.all()] == [
        ("taken", people["officer"]),
        ("raised", None),
        ("raised", None),
    ]
    assert not AuditEntry.objects.filter(action="sites.complaint_raised").exists()  # it would have the second
    actions.take_complaint(complaint=complaint, by=people["office"])
    client.force_login(people["office"])
    shown = client.get(reverse("complaint", args=[agency.code, complaint.number])).content.decode()
    assert all(text in shown for text in (FORM["text"], "ญาติของผู้ถูกร้อง", "ผู้บริหารก็เช่นกัน", "ตามที่ผู้ร้องขอ"))


def test_a_complaint_that_cannot_be_handed_on_loses_nothing_that_is_typed(client, agency):
    received = post_complaint(client, agency)
    Message.objects.update(handler_box=b"altered")
    send_up = {"text": "พิมพ์ไว้นาน", "about": "handlers"}
    complaint = Complaint.objects.get()
    Complaint.objects.update(tier="executive")  # from there to another key
    refused = follow(client, received, **send_up)
    assert refused.status_code == 422
    assert "พิมพ์ไว้นาน" in refused.content.decode()
    complaint.refresh_from_db()
    assert (complaint.tier, complaint.messages.count()) == ("executive", 1)


def test_what_a_handler_who_left_had_read_is_announced_to_the_others(complaint, people, second_officer):
    from prongsai.registry.models import Appointment

    actions.take_complaint(complaint=complaint, by=people["officer"])
    actions.record_opening(complaint=complaint, by=people["officer"])
    assert actions.announce_news() == 0
    Appointment.objects.filter(user=people["officer"]).update(until=timezone.localdate())
    assert actions.announce_news() == 1
    notice = Notice.objects.filter(user=second_officer).latest("pk")
    assert "ผู้รับเรื่องพ้นหน้าที่แล้ว 1 เรื่อง" in notice.text
    assert complaint.number not in notice.text


def test_a_sender_learns_that_pictures_were_not_taken(client, agency, monkeypatch):
    monkeypatch.setattr(actions, "MAX_PICTURES_A_DAY", 1)
    first = post_complaint(client, agency, files=upload("a.jpg", picture_with_place()))
    assert "ไม่ได้รับภาพ" not in first.content.decode()
    second = post_complaint(client, agency, files=upload("a.jpg", picture_with_place()))
    assert "ไม่ได้รับภาพ" in second.content.decode()
    third = follow(client, first, text="อีก", files=upload("a.jpg", picture_with_place()))
    assert "ไม่ได้รับภาพ" in third.content.decode()
    assert Attachment.objects.count() == 1
