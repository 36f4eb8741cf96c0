"""What people wrote is destroyed when they were told it would be, and what was published of numbers stays."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from prongsai.people.models import AuditEntry
from prongsai.registry.queries import today
from prongsai.sites import actions, consultations, queries, retention, satisfaction, sealing
from prongsai.sites.models import Attachment, Complaint, Message, MonthStatistics, Question, Step
from prongsai.sites.opinions import Opinion, ServiceAnswer, ServiceComment, ServiceMonth
from tests.sites import test_satisfaction as at_counter
from tests.sites.conftest import send
from tests.sites.test_consultations import AFTER, consultation, give, publish  # noqa: F401  (a fixture)
from tests.sites.test_consultations import set_day as set_consultation_day
from tests.sites.test_satisfaction import october, service  # noqa: F401  (fixtures)

ENDED = datetime.date(2026, 10, 7)
LAST = ENDED + datetime.timedelta(365)  # the last day on which it is stored
GONE = LAST + datetime.timedelta(1)


def close(complaint, people, on=ENDED):
    actions.take_complaint(complaint=complaint, by=people["officer"])
    outcome = Complaint.Outcome.FOUNDED
    token = sealing.draw_secret()
    actions.close_complaint(complaint=complaint, outcome=outcome, text="เสร็จ", token=token, by=people["officer"])
    Complaint.objects.filter(pk=complaint.pk).update(closed_on=on, received_on=on)
    return complaint


def count_written():
    models = (Complaint, Message, Attachment, Step, Question)
    return sum(model.objects.count() for model in models)


def test_a_closed_complaint_is_destroyed_on_its_day_with_all_that_belongs_to_it(agency, people):
    close(send(agency, pictures=[b"picture"]), people)
    left = send(agency)
    assert not retention.destroy_ended(agency=agency, on=LAST)
    assert retention.destroy_ended(agency=agency, on=GONE).complaints == 1
    assert list(Complaint.objects.all()) == [left]
    assert Message.objects.filter(complaint=left).count() == Message.objects.count() == 1
    assert not Attachment.objects.exists()
    assert not Step.objects.exists()


def test_what_is_open_or_waits_is_never_destroyed(agency, people):
    complaint = close(send(agency), people)
    actions.write_again(complaint=complaint, text="ยังไม่จบ", token=sealing.draw_secret())
    actions.ask_question(agency=agency, text="ถาม", reference="")
    assert not retention.destroy_ended(agency=agency, on=GONE + datetime.timedelta(4000))
    assert Complaint.objects.count() == Question.objects.count() == 1


def test_decided_questions_are_destroyed(agency, people):
    for decide in ("publish", "decline"):
        question = actions.ask_question(agency=agency, text="ถาม", reference="")
        if decide == "publish":
            actions.publish_answer(question=question, answer="ตอบ", by=people["officer"])
        else:
            actions.decline_question(question=question, reason="หยาบ", by=people["officer"])
    Question.objects.update(decided_on=ENDED)
    assert not retention.destroy_ended(agency=agency, on=LAST)
    assert retention.destroy_ended(agency=agency, on=GONE).questions == 2
    assert not Question.objects.exists()


def test_the_period_is_the_agencys(agency, people):
    close(send(agency), people)
    settings = queries.find_settings(agency)
    settings.retention_days = 400
    actions.set_channels(settings=settings, by=people["officer"])
    assert not retention.destroy_ended(agency=agency, on=GONE)
    assert retention.destroy_ended(agency=agency, on=ENDED + datetime.timedelta(401))


def test_published_numbers_stay_and_nothing_is_counted_of_what_is_destroyed(agency, people, monkeypatch):
    """The attacker waits until some are destroyed, and publishes a month of those that are left."""
    for _ in range(6):
        close(send(agency), people)
    monkeypatch.setattr(queries, "today", lambda: datetime.date(2026, 11, 2))
    actions.publish_month(agency=agency, first_day=datetime.date(2026, 10, 1), by=people["officer"])
    close(send(agency), people, on=datetime.date(2026, 11, 30))
    monkeypatch.setattr(queries, "today", lambda: datetime.date(2028, 1, 1))
    assert datetime.date(2026, 11, 1) not in queries.months_to_publish(agency)[:3]
    retention.destroy_ended(agency=agency, on=datetime.date(2028, 1, 1))
    assert MonthStatistics.objects.get().content["received"]["corruption"] == 6
    through = queries.find_settings(agency).destroyed_through
    assert min(queries.months_to_publish(agency)) > through


def test_answers_go_month_by_month_and_the_published_month_stays(service, people, monkeypatch):  # noqa: F811
    agency = service.agency
    at_counter.answer(service, number=5, comment="ดี")
    at_counter.set_day(monkeypatch, datetime.date(2026, 11, 3))
    at_counter.answer(service, number=3)
    satisfaction.publish_month(agency=agency, first_day=at_counter.OCTOBER, by=people["officer"])
    assert not retention.destroy_ended(agency=agency, on=datetime.date(2027, 10, 31))
    assert retention.destroy_ended(agency=agency, on=datetime.date(2027, 11, 1)).months == 1
    assert not ServiceComment.objects.exists()
    assert ServiceAnswer.objects.count() == 3
    assert ServiceMonth.objects.get().content[0]["answers"] == 5


def test_opinions_go_and_their_numbers_stay(client, consultation, people, monkeypatch):  # noqa: F811
    give(consultation, choice=0, text="เห็นด้วย", number=6)
    set_consultation_day(monkeypatch, AFTER)
    for opinion in Opinion.objects.all():
        consultations.read_opinion(opinion=opinion, reason="", by=people["officer"])
    publish(consultation, people)
    day = AFTER + datetime.timedelta(365)
    assert not retention.destroy_ended(agency=consultation.agency, on=day - datetime.timedelta(1))
    assert retention.destroy_ended(agency=consultation.agency, on=day).consultations == 1
    assert not Opinion.objects.exists()
    page = client.get(reverse("public_consultation", args=[consultation.agency.code, consultation.pk]))
    assert ">6<" in page.content.decode().replace(" ", "").replace("\n", "")
    assert not retention.destroy_ended(agency=consultation.agency, on=day)


def test_a_result_can_be_published_after_its_opinions_are_gone(consultation, people, monkeypatch):  # noqa: F811
    give(consultation, choice=1, number=7)
    set_consultation_day(monkeypatch, AFTER)
    retention.destroy_ended(agency=consultation.agency, on=AFTER + datetime.timedelta(365))
    assert publish(consultation, people).result["choices"][1] == 7


def test_the_trail_has_counts_and_no_number_that_is_withheld(service, people, monkeypatch):  # noqa: F811
    """The auditor subtracts what is published of a month from what the trail says was destroyed."""
    close(send(service.agency), people)
    at_counter.answer(service, number=3, comment="ลับ")
    retention.destroy_ended(agency=service.agency, on=datetime.date(2028, 1, 1))
    entry = AuditEntry.objects.get(action="sites.destroy_ended")
    assert entry.detail == {"complaints": 1, "questions": 0, "months": 1, "consultations": 0}


def test_steps_of_a_complaint_that_is_there_are_not_deleted(agency, people):
    close(send(agency), people)
    with pytest.raises(DatabaseError), transaction.atomic():
        Step.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Step.objects.update(to="ผู้อื่น")


def test_all_agencies_are_seen_to(agency, agencies, people, monkeypatch):
    close(send(agency), people)
    Question.objects.create(
        agency=agencies[1], reference="k" * 14, text="ถาม", asked_on=ENDED, answer_by=ENDED, status="declined"
    )
    Question.objects.update(decided_on=ENDED)
    assert retention.destroy_everywhere(on=GONE) == 2
    assert count_written() == 0


def test_the_period_is_read_before_writing_and_by_officers_before_it_ends(
    client,
    service,  # noqa: F811
    consultation,  # noqa: F811
    people,
):
    agency = service.agency
    settings = queries.find_settings(agency)
    settings.retention_days = 777
    actions.set_channels(settings=settings, by=people["officer"])
    pages = [reverse(n, args=[agency.code]) for n in ("write_complaint", "ask_question", "public_channels")]
    pages += [reverse("rate_service", args=[service.slug])]
    pages += [reverse("give_opinion", args=[agency.code, consultation.pk])]
    for page in pages:
        assert "777 วัน" in client.get(page).content.decode()
        assert "777 days" in client.get("/en" + page).content.decode()
    close(send(agency), people, on=retention.last_day_to_destroy(agency, today()))
    client.force_login(people["officer"])
    desk = client.get(reverse("channels_desk", args=[agency.code])).content.decode()
    assert "เรื่องร้องเรียน 1 เรื่อง" in " ".join(desk.split())
    form = {"question_days": "15", "acknowledge_days": "7", "answer_days": "30", "retention_days": "5"}
    assert client.post(reverse("channel_settings", args=[agency.code]), form).status_code == 422


def test_the_desk_says_nothing_of_complaints_that_are_with_others(client, agency, people, second_officer):
    """An executive whom one was about would learn of it, and when it was closed, on the day before it is destroyed."""
    complaint = send(agency, about="executive")
    actions.take_complaint(complaint=complaint, by=people["office"])
    closing = {"outcome": "founded", "text": "จบ", "token": sealing.draw_secret(), "by": people["office"]}
    actions.close_complaint(complaint=complaint, **closing)
    on = today() + datetime.timedelta(queries.find_settings(agency).retention_days + 1)
    numbers = [retention.find_ending(people[r], agency, on).complaints for r in ("officer", "executive", "office")]
    assert numbers == [0, 0, 1]
    assert retention.find_ended(agency, on).complaints == 1
