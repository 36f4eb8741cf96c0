"""What waits for whom in an agency's channels, as their desk says it."""

import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from prongsai.registry.models import Appointment
from prongsai.registry.queries import today
from prongsai.sites import actions, sealing
from prongsai.sites.models import Complaint, Question
from prongsai.sites.queries import find_waiting
from tests.pages import markup
from tests.sites.conftest import send


def ask(agency):
    return actions.ask_question(agency=agency, text="ค่าธรรมเนียมเท่าไร", reference=sealing.draw_letters(14))


def waiting(user, agency):
    return [(w.questions, w.complaints, w.late) for w in find_waiting(user, [agency])]


def test_an_agency_without_anything_waiting_is_left_out(agency, people):
    assert waiting(people["officer"], agency) == []


def test_questions_wait_for_officers_and_complaints_for_those_they_are_with(agency, people):
    ask(agency)
    send(agency)
    send(agency, about="handler")
    assert waiting(people["officer"], agency) == [(1, 1, 0)]
    assert waiting(people["executive"], agency) == [(0, 1, 0)]


def test_what_a_colleague_has_taken_waits_for_nobody_else_until_they_leave(agency, people, second_officer):
    complaint = send(agency)
    actions.take_complaint(complaint=complaint, by=second_officer)
    assert waiting(people["officer"], agency) == []
    assert waiting(second_officer, agency) == [(0, 1, 0)]
    Appointment.objects.filter(user=second_officer).update(until=today())
    assert waiting(people["officer"], agency) == [(0, 1, 0)]


def test_what_is_answered_or_closed_waits_no_more(agency, people):
    question, complaint = ask(agency), send(agency)
    actions.publish_answer(question=question, answer="ฟรี", by=people["officer"])
    actions.take_complaint(complaint=complaint, by=people["officer"])
    actions.close_complaint(
        complaint=complaint, outcome="unfounded", text="จบ", token=sealing.draw_secret(), by=people["officer"]
    )
    assert waiting(people["officer"], agency) == []


def test_what_is_past_its_day_is_counted(agency, people):
    ask(agency)
    send(agency)
    before = today() - datetime.timedelta(1)
    Question.objects.update(answer_by=before)
    assert waiting(people["officer"], agency) == [(1, 1, 1)]
    Complaint.objects.update(acknowledge_by=before)
    assert waiting(people["officer"], agency) == [(1, 1, 2)]


def test_the_desk_leads_there(client, agency, people):
    ask(agency)
    send(agency)
    Question.objects.update(answer_by=today() - datetime.timedelta(1))
    client.force_login(people["officer"])
    page = markup(client.get("/desk/"))
    assert "คำถามจากประชาชนรอตอบ 1 ข้อ" in page
    assert "เรื่องร้องเรียนที่ยังไม่แจ้งผล 1 เรื่อง" in page
    assert "เลยกำหนด 1" in page
    client.force_login(people["executive"])
    assert "คำถามจากประชาชน" not in markup(client.get("/desk/"))


def test_many_complaints_cost_no_more_questions_to_the_database(agency, people):
    send(agency)
    with CaptureQueriesContext(connection) as few:
        find_waiting(people["officer"], [agency])
    for _ in range(6):
        actions.take_complaint(complaint=send(agency), by=people["officer"])
    with CaptureQueriesContext(connection) as many:
        assert find_waiting(people["officer"], [agency])[0].complaints == 7
    assert len(many) == len(few)
