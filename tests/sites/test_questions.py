"""Questions asked in public: read before they are published, answered within what was promised."""

import datetime
import re

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from prongsai.people.actions import DomainError
from prongsai.sites import actions, queries
from prongsai.sites.models import ChannelSettings, Question
from tests.sites.conftest import LETTERS
from tests.sites.test_complaints import blind_once

ASKED = "ถังขยะหน้าโรงเรียนเก็บวันไหน"


@pytest.fixture
def question(agency):
    return actions.ask_question(agency=agency, text=ASKED, reference=LETTERS[:14])


def public_page(client, agency):
    client.logout()
    return client.get(reverse("public_channels", args=[agency.code])).content.decode()


def test_from_a_visitor_to_the_public_page(client, agency, people):
    sent = client.post(reverse("ask_question", args=[agency.code]), {"text": ASKED, "reference": LETTERS[:14]})
    assert sent.status_code == 302
    assert "ตอบภายใน" in client.get(sent["Location"]).content.decode()
    assert ASKED not in public_page(client, agency)
    client.force_login(people["officer"])
    assert ASKED in client.get(reverse("questions", args=[agency.code])).content.decode()
    address = reverse("question", args=[agency.code, Question.objects.get().pk])
    client.post(address, {"answer": "ทุกวันอังคาร", "publish": "1"})
    page = public_page(client, agency)
    assert ASKED in page
    assert "ทุกวันอังคาร" in page
    assert people["officer"].name not in page


def test_what_is_declined_is_not_published_and_its_asker_reads_why(client, question, people):
    actions.decline_question(question=question, reason="มีชื่อบุคคลอื่น", by=people["officer"])
    assert ASKED not in public_page(client, question.agency)
    assert "มีชื่อบุคคลอื่น" in client.get(reverse("asked_question", args=[question.reference])).content.decode()


def test_a_reason_is_required(client, question, people):
    client.force_login(people["officer"])
    address = reverse("question", args=[question.agency.code, question.pk])
    refused = client.post(address, {"answer": "พิมพ์ค้างไว้", "reason": "", "decline": "1"})
    assert refused.status_code == 422
    assert "พิมพ์ค้างไว้" in refused.content.decode()
    assert client.post(address, {"answer": "", "publish": "1"}).status_code == 422
    question.refresh_from_db()
    assert question.status == "pending"


def test_two_officers_decide_once(question, people, second_officer):
    actions.publish_answer(question=question, answer="หนึ่ง", by=people["officer"])
    stale = Question(pk=question.pk, agency=question.agency)
    with pytest.raises(DomainError):
        actions.publish_answer(question=stale, answer="สอง", by=second_officer)
    with pytest.raises(DomainError):
        actions.decline_question(question=stale, reason="สอง", by=second_officer)
    question.refresh_from_db()
    assert question.answer == "หนึ่ง"


def test_a_published_question_has_a_way_back(client, question, people):
    actions.publish_answer(question=question, answer="ผิดวัน", by=people["officer"])
    actions.return_question(question=question, by=people["officer"])
    assert ASKED not in public_page(client, question.agency)
    actions.publish_answer(question=question, answer="วันพุธ", by=people["officer"])
    assert "วันพุธ" in public_page(client, question.agency)


def test_a_page_sent_twice_asks_once(agency):
    asked = [actions.ask_question(agency=agency, text=ASKED, reference=LETTERS[:14]) for _ in range(2)]
    assert asked[0] == asked[1]


def test_a_page_sent_twice_in_one_moment_asks_once(client, agency, monkeypatch):
    sent = {"text": ASKED, "reference": LETTERS[:14]}
    address = reverse("ask_question", args=[agency.code])
    first = client.post(address, sent)
    real = QuerySet.first
    monkeypatch.setattr(QuerySet, "first", lambda self: None if self.model is Question else real(self))
    looks = blind_once(monkeypatch, Question)
    assert client.post(address, sent)["Location"] == first["Location"]
    assert looks
    assert Question.objects.count() == 1


def test_nobody_takes_the_address_of_a_question_elsewhere(client, agency, agencies, people, question):
    actions.set_channels(settings=ChannelSettings(agency=agencies[1], questions_open=True), by=people["officer"])
    sent = {"text": "อีกคำถาม", "reference": question.reference}
    answer = client.post(reverse("ask_question", args=[agencies[1].code]), sent)
    assert answer.status_code == 302
    assert question.reference not in answer["Location"]
    assert Question.objects.count() == 2


def test_the_promise_is_the_agencys(agency, people):
    settings = queries.find_settings(agency)
    settings.question_days = 3
    actions.set_channels(settings=settings, by=people["officer"])
    asked = actions.ask_question(agency=agency, text=ASKED, reference="")
    assert asked.answer_by - asked.asked_on == datetime.timedelta(3)
    assert len(asked.reference) == 14


def test_a_flood_of_questions_stops(agency, monkeypatch, client):
    monkeypatch.setattr(actions, "MAX_PENDING_QUESTIONS", 1)
    actions.ask_question(agency=agency, text=ASKED, reference="")
    refused = client.post(reverse("ask_question", args=[agency.code]), {"text": "ถามอีก", "reference": LETTERS[:14]})
    assert refused.status_code == 422
    assert "ถามอีก" in refused.content.decode()
    statuses = [client.post(reverse("ask_question", args=[agency.code]), {"text": "x"}).status_code for _ in range(20)]
    assert statuses[-1] == 429
    monkeypatch.undo()
    refused = client.post(reverse("ask_question", args=[agency.code]), {"text": "พิมพ์ไว้นาน", "reference": LETTERS[:14]})
    assert refused.status_code == 429
    assert "พิมพ์ไว้นาน" in refused.content.decode()
    assert Question.objects.count() == 1


def test_a_closed_channel_takes_no_question(client, agencies, running_round):
    assert client.get(reverse("ask_question", args=[agencies[1].code])).status_code == 410
    with pytest.raises(DomainError):
        actions.ask_question(agency=agencies[1], text=ASKED, reference="")


def test_hostile_questions_are_text(client, agency, people):
    hostile = "<script>alert(1)</script>" + "ยาว" * 300
    question = actions.ask_question(agency=agency, text=hostile, reference="")
    actions.publish_answer(question=question, answer="<b>ตอบ</b>", by=people["officer"])
    page = public_page(client, agency)
    assert "<script>alert" not in page
    assert "<b>ตอบ" not in page


def test_the_question_of_another_agency_is_not_answered(client, question, people, agencies):
    client.force_login(people["officer"])
    assert client.get(reverse("question", args=[agencies[1].code, question.pk])).status_code in (403, 404)
    Question.objects.filter(pk=question.pk).update(agency=agencies[1])
    assert client.get(reverse("question", args=[agencies[0].code, question.pk])).status_code == 404


def test_settings_are_typed_in_thai_digits_and_checked(client, agency, people):
    client.force_login(people["officer"])
    address = reverse("channel_settings", args=[agency.code])
    form = {
        "questions_open": "on",
        "question_days": "๑๐",
        "retention_days": "400",
        "acknowledge_days": "5",
        "answer_days": "4",
    }
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "๑๐" in refused.content.decode()
    assert client.post(address, {**form, "answer_days": "0", "acknowledge_days": "0"}).status_code == 422
    assert client.post(address, {**form, "answer_days": "20"}).status_code == 302
    settings = queries.find_settings(agency)
    assert (settings.question_days, settings.answer_days, settings.complaints_open) == (10, 20, False)


def test_without_the_key_folder_no_complaint_channel_opens(client, agencies, running_round, people, settings, tmp_path):
    """A channel whose key lay on one machine's own disk would be lost with it."""
    settings.KEYS = tmp_path  # not mounted
    client.force_login(people["officer"])
    form = {
        "complaints_open": "on",
        "question_days": "15",
        "acknowledge_days": "7",
        "answer_days": "30",
        "retention_days": "365",
    }
    refused = client.post(reverse("channel_settings", args=[agencies[0].code]), form)
    assert refused.status_code == 422
    assert "กุญแจ" in refused.content.decode()
    assert not queries.find_settings(agencies[0]).complaints_open


def test_what_nobody_has_read_is_shown_to_nobody(client, question, people):
    """The attacker asks something obscene, and passes the address on as if the agency had written it."""
    address = reverse("asked_question", args=[question.reference])
    for before in ("", "/en"):
        assert ASKED not in client.get(before + address).content.decode()
    actions.decline_question(question=question, reason="หยาบคาย", by=people["officer"])
    assert ASKED not in client.get(address).content.decode()
    actions.return_question(question=question, by=people["officer"])
    actions.publish_answer(question=question, answer="วันอังคาร", by=people["officer"])
    assert ASKED in client.get(address).content.decode()


def test_who_asks_is_led_to_no_channel_that_is_closed(client, agency, people):
    ask, complain = (reverse(name, args=[agency.code]) for name in ("ask_question", "write_complaint"))
    assert complain in client.get(ask).content.decode()
    settings = queries.find_settings(agency)
    settings.complaints_open = False
    actions.set_channels(settings=settings, by=people["officer"])
    assert complain not in client.get(ask).content.decode()


def test_two_who_set_up_channels_do_not_overwrite_each_other_unseen(client, agency, people):
    client.force_login(people["officer"])
    address = reverse("channel_settings", args=[agency.code])
    seen = re.search(r'name="seen" value="([^"]+)"', client.get(address).content.decode())[1]
    form = {"questions_open": "on", "question_days": "9", "acknowledge_days": "5", "answer_days": "20"}
    form |= {"retention_days": "400", "contact": "โทร 1", "seen": seen}
    settings = queries.find_settings(agency)
    settings.contact = "โทร 2"
    actions.set_channels(settings=settings, by=people["executive"])
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "โทร 1" in refused.content.decode()
    assert queries.find_settings(agency).contact == "โทร 2"
    seen = re.search(r'name="seen" value="([^"]+)"', refused.content.decode())[1]
    assert client.post(address, {**form, "seen": seen}).status_code == 302  # now it is meant
    assert queries.find_settings(agency).contact == "โทร 1"


def test_a_flood_of_obscene_questions_goes_at_once(client, agency, people):
    """One reason, which each of their authors reads; what a colleague has decided meanwhile stays."""
    asked = [actions.ask_question(agency=agency, text=f"หยาบคาย {n}", reference="") for n in range(5)]
    client.force_login(people["officer"])
    address = reverse("questions", args=[agency.code])
    chosen = [str(question.pk) for question in asked[:4]]
    refused = client.post(address, {"question": chosen, "reason": " "})
    assert refused.status_code == 422
    assert refused.content.decode().count("checked") == 4
    actions.publish_answer(question=asked[0], answer="ตอบ", by=people["officer"])
    client.post(address, {"question": [*chosen, "nonsense"], "reason": "หยาบคายหรือหมิ่นประมาท"})
    statuses = [Question.objects.get(pk=question.pk).status for question in asked]
    assert statuses == ["published", "declined", "declined", "declined", "pending"]
    assert "หยาบคายหรือหมิ่นประมาท" in client.get(reverse("asked_question", args=[asked[1].reference])).content.decode()
    assert actions.decline_questions(questions=asked, reason="ข้อที่ยังรอ", by=people["officer"]) == 1  # as they were


def test_nobody_declines_the_questions_of_another_agency(client, agency, agencies, people):
    question = actions.ask_question(agency=agency, text=ASKED, reference="")
    Question.objects.update(agency=agencies[1])
    client.force_login(people["officer"])
    client.post(reverse("questions", args=[agency.code]), {"question": [str(question.pk)], "reason": "x"})
    assert client.post(reverse("questions", args=[agencies[1].code]), {}).status_code == 403
    assert Question.objects.get().status == "pending"
