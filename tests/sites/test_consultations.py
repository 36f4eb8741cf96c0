"""Consultations: from the draft to what was decided, and what an attacker learns of who said what; what
is stored and logged of an author is in ``test_unlinkable``."""

import datetime

import pytest
from django.db.models import DateField
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.people.actions import DomainError
from prongsai.sites import consultations
from prongsai.sites.opinions import Consultation, Opinion
from tests.sites.test_satisfaction import HOSTILE

OPENED, CLOSES = datetime.date(2026, 10, 5), datetime.date(2026, 10, 20)
AFTER = CLOSES + datetime.timedelta(1)
DRAFT = {"title": "สวนสาธารณะ", "text": "สร้างที่ใด", "purpose": "เสนอสภา", "closes_on": "20/10/2569"}


def set_day(monkeypatch, day):
    monkeypatch.setattr(consultations, "today", lambda: day)


@pytest.fixture
def consultation(agency, people, monkeypatch):
    """An open consultation with three choices; every day is its first."""
    set_day(monkeypatch, OPENED)
    draft = Consultation(agency=agency, closes_on=CLOSES, choices=["หมู่ 1", "หมู่ 2", "ไม่สร้าง"])
    draft.title, draft.text, draft.purpose = DRAFT["title"], DRAFT["text"], DRAFT["purpose"]
    saved = consultations.save_consultation(consultation=draft, by=people["officer"])
    return consultations.open_consultation(consultation=saved, by=people["officer"])


def give(consultation, choice=None, text="", number=1):
    for _ in range(number):
        token = consultations.draw_token()
        given = consultations.give_opinion(consultation=consultation, choice=choice, text=text, token=token)
    return given


def public_page(client, consultation, before=""):
    client.logout()
    return client.get(before + reverse("public_consultation", args=[consultation.agency.code, consultation.pk]))


def publish(consultation, people, **words):
    words = {"heard": "ส่วนใหญ่เลือกหมู่ 1", "decided": "สร้างที่หมู่ 1", **words}
    return consultations.publish_result(consultation=consultation, by=people["officer"], **words)


def test_from_the_draft_to_what_was_decided(client, agency, people, monkeypatch):
    set_day(monkeypatch, OPENED)
    client.force_login(people["officer"])
    written = client.post(reverse("consultations", args=[agency.code]), {**DRAFT, "choices": "หมู่ 1\nหมู่ 2"})
    consultation = Consultation.objects.get()
    at = [agency.code, consultation.pk]
    assert written["Location"] == reverse("consultation", args=at)
    assert public_page(client, consultation).status_code == 404
    client.force_login(people["officer"])
    client.post(reverse("open_consultation", args=at))
    client.logout()
    sent = client.post(reverse("give_opinion", args=at), {"choice": "0", "text": "ใกล้โรงเรียน", "token": "k" * 14})
    assert "รับไว้แล้ว" in client.get(sent["Location"]).content.decode()
    consultation.refresh_from_db()
    give(consultation, choice=0, number=6)
    page = public_page(client, consultation).content.decode()
    assert "ใกล้โรงเรียน" not in page
    assert "ไม่เผยแพร่เฉพาะข้อความ" in page  # the rule of moderation
    set_day(monkeypatch, AFTER)
    assert client.get(reverse("give_opinion", args=at)).status_code == 410
    client.force_login(people["officer"])
    assert "ใกล้โรงเรียน" in client.get(reverse("opinions", args=at)).content.decode()
    words = {"heard": "ส่วนใหญ่เลือกหมู่ 1", "decided": "สร้างที่หมู่ 1"}
    assert client.post(reverse("consultation_result", args=at), words).status_code == 422  # one is unread
    client.post(reverse("opinions", args=at), {"opinion": Opinion.objects.exclude(text="").get().pk, "admit": "1"})
    assert client.post(reverse("consultation_result", args=at), words).status_code == 302
    shown = public_page(client, consultation).content.decode()
    for text in ("ใกล้โรงเรียน", "สร้างที่หมู่ 1", "<svg", ">7<"):
        assert text in shown.replace("\n", "").replace(" <", "<").replace("> ", ">")
    assert "What the agency decided" in public_page(client, consultation, "/en").content.decode()
    assert consultation.title in client.get(reverse("public_consultations", args=[agency.code])).content.decode()


def test_no_result_before_the_closing_day_has_passed(client, consultation, people, monkeypatch):
    """The last opinion alone would be the difference between two looks; the officer too looks once it is closed."""
    give(consultation, choice=0, number=6)
    set_day(monkeypatch, CLOSES)
    with pytest.raises(DomainError):
        publish(consultation, people)
    given = give(consultation, choice=0, text="ความลับ")
    with pytest.raises(DomainError):
        consultations.read_opinion(opinion=given, reason="", by=people["officer"])
    assert "ความลับ" not in public_page(client, consultation).content.decode()
    client.force_login(people["officer"])
    at = [consultation.agency.code, consultation.pk]
    for name in ("consultation", "opinions"):
        page = client.get(reverse(name, args=at)).content.decode()
        assert "ความลับ" not in page
        assert ">7<" not in page.replace(" ", "").replace("\n", "")
    assert client.post(reverse("opinions", args=at), {"opinion": given.pk, "admit": "1"}).status_code == 404


def test_what_people_answered_to_is_not_changed(consultation, people, monkeypatch):
    changed = Consultation.objects.get(pk=consultation.pk)
    changed.title, changed.choices, changed.closes_on = "อย่างอื่น", ["ก", "ข"], CLOSES + datetime.timedelta(5)
    consultations.save_consultation(consultation=changed, by=people["officer"])
    consultation.refresh_from_db()
    assert (consultation.title, len(consultation.choices)) == (DRAFT["title"], 3)
    assert consultation.closes_on == CLOSES + datetime.timedelta(5)
    set_day(monkeypatch, CLOSES + datetime.timedelta(6))
    with pytest.raises(DomainError):
        give(consultation, choice=0)
    changed.closes_on = CLOSES + datetime.timedelta(30)
    with pytest.raises(DomainError):  # nor is it opened again, once numbers could be seen
        consultations.save_consultation(consultation=changed, by=people["officer"])


def test_what_is_withheld_is_counted_and_its_author_reads_why(client, consultation, people, monkeypatch):
    rude = give(consultation, text="หยาบคาย", number=6)
    set_day(monkeypatch, AFTER)
    client.force_login(people["officer"])
    at = [consultation.agency.code, consultation.pk]
    assert client.post(reverse("opinions", args=at), {"opinion": rude.pk, "withhold": "1"}).status_code == 422
    for opinion in Opinion.objects.all():
        consultations.read_opinion(opinion=opinion, reason="ถ้อยคำหยาบคาย", by=people["officer"])
    published = publish(consultation, people)
    assert published.result["withheld"] == 6
    assert "หยาบคาย" not in public_page(client, consultation).content.decode().replace("โฆษณา", "").split("เกณฑ์การ")[0]
    assert "ถ้อยคำหยาบคาย" in client.get(reverse("opinion", args=[rude.token])).content.decode()
    with pytest.raises(DomainError):
        consultations.read_opinion(opinion=rude, reason="", by=people["officer"])


@given(st.lists(st.integers(0, 9), min_size=3, max_size=3), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_no_number_below_five_is_in_a_result_or_computed_from_it(groups, none):
    shown = consultations.show_numbers(groups, none)
    for number, value in zip([*groups, none], [*shown["choices"], shown["none"]], strict=True):
        assert value == (number if number == 0 or number >= 5 else None)
    hidden = [n for n in (*groups, none) if 0 < n < 5]
    assert shown["total"] is None or not hidden


def test_numbers_are_the_same_at_each_publication(client, consultation, people, monkeypatch):
    give(consultation, choice=0, number=5)
    set_day(monkeypatch, AFTER)
    first = publish(consultation, people).result
    client.force_login(people["officer"])
    at = [consultation.agency.code, consultation.pk]
    client.post(reverse("consultation_result", args=at), {"withdraw": "1"})
    assert "ส่วนใหญ่เลือกหมู่ 1" not in public_page(client, consultation).content.decode()
    Opinion.objects.first().delete()
    again = publish(consultation, people, decided="แก้คำ")
    assert again.result == first
    assert "แก้คำ" in public_page(client, consultation).content.decode()


def test_two_officers_publish_once(consultation, people, second_officer, monkeypatch):
    set_day(monkeypatch, AFTER)
    publish(consultation, people)
    with pytest.raises(DomainError):
        consultations.publish_result(consultation=consultation, heard="x", decided="x", by=second_officer)
    with pytest.raises(DomainError):
        consultations.open_consultation(consultation=consultation, by=second_officer)


# --- who said it


def test_opinions_have_no_day_and_no_order(consultation):
    assert not [f.name for f in Opinion._meta.get_fields() if isinstance(f, DateField)]  # a DateTimeField is one
    given = [give(consultation, text=str(n)).pk for n in range(8)]
    assert given != sorted(given)


def test_a_page_sent_twice_is_stored_once(client, consultation):
    address = reverse("give_opinion", args=[consultation.agency.code, consultation.pk])
    for _ in range(2):
        assert client.post(address, {"choice": "1", "token": "m" * 14}).status_code == 302
    assert Opinion.objects.count() == 1
    for wrong in (
        {"choice": "3"},
        {"choice": "-1"},
        {"choice": "x"},
        {"choice": "1", "token": "m"},
        {"text": "ก" * 3001},
    ):
        assert client.post(address, {"token": "n" * 14, **wrong}).status_code == 422
    assert Opinion.objects.count() == 1


def test_floods_stop(client, consultation, monkeypatch):
    address = reverse("give_opinion", args=[consultation.agency.code, consultation.pk])
    statuses = [client.post(address, {"choice": "1", "token": ""}).status_code for _ in range(21)]
    assert statuses[-1] == 429
    monkeypatch.setattr(consultations, "MAX_OPINIONS", 0)
    with pytest.raises(DomainError):
        give(consultation, choice=0)


def test_hostile_text_is_text(client, agency, people, monkeypatch):
    set_day(monkeypatch, OPENED)
    client.force_login(people["officer"])
    hostile = {
        "title": HOSTILE[:200],
        "text": HOSTILE,
        "purpose": HOSTILE,
        "choices": f"{HOSTILE[:190]}\nไม่",
    }
    assert client.post(reverse("consultations", args=[agency.code]), {**DRAFT, **hostile}).status_code == 302
    consultation = Consultation.objects.get()
    consultation = consultations.open_consultation(consultation=consultation, by=people["officer"])
    opinion = give(consultation, choice=0, text=HOSTILE)
    pages = [client.get(reverse(n, args=[agency.code, consultation.pk])) for n in ("give_opinion", "consultation")]
    set_day(monkeypatch, AFTER)
    pages.append(client.get(reverse("opinions", args=[agency.code, consultation.pk])))
    consultations.read_opinion(opinion=opinion, reason="", by=people["officer"])
    publish(consultation, people, heard=HOSTILE, decided=HOSTILE)
    pages += [client.get(reverse("consultations", args=[agency.code])), public_page(client, consultation)]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;alert" in page.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"choices": "ข้อเดียว"},
        {"choices": "\n".join(map(str, range(11)))},
        {"choices": "ก\nก"},
        {"choices": "ก" * 201 + "\nข"},
        {"closes_on": "1/1/2569"},
        {"closes_on": "1/1/2575"},
        {"text": "ก" * 8_001},
        {"purpose": ""},
    ],
)
def test_a_draft_that_is_wrong_loses_nothing(client, agency, people, monkeypatch, wrong):
    set_day(monkeypatch, OPENED)
    client.force_login(people["officer"])
    refused = client.post(reverse("consultations", args=[agency.code]), {**DRAFT, **wrong})
    assert refused.status_code == 422
    assert DRAFT["title"] in refused.content.decode()
    assert not Consultation.objects.exists()


def test_what_nobody_has_read_is_shown_to_nobody(client, consultation, people, monkeypatch):
    """The attacker writes something obscene, and passes the address on as if the agency had written it."""
    opinion = give(consultation, choice=0, text="หยาบคายมาก")
    address = reverse("opinion", args=[opinion.token])
    assert "หยาบคายมาก" not in client.get(address).content.decode()
    set_day(monkeypatch, AFTER)
    consultations.read_opinion(opinion=opinion, reason="หยาบคาย", by=people["officer"])
    assert "หยาบคายมาก" not in client.get(address).content.decode()
    consultations.read_opinion(opinion=opinion, reason="", by=people["officer"])
    assert "หยาบคายมาก" in client.get(address).content.decode()


def test_two_who_write_one_draft_do_not_overwrite_each_other_unseen(client, agency, people, monkeypatch):
    set_day(monkeypatch, OPENED)
    client.force_login(people["officer"])
    address = client.post(reverse("consultations", args=[agency.code]), DRAFT)["Location"]
    form = client.get(address).content.decode()
    seen = form.partition('name="seen" value="')[2].partition('"')[0]
    Consultation.objects.update(text="ของอีกคน")
    assert seen
    refused = client.post(address, {**DRAFT, "text": "ของคนแรก", "seen": seen})
    assert refused.status_code == 422
    assert "ของคนแรก" in refused.content.decode()
    assert Consultation.objects.get().text == "ของอีกคน"
