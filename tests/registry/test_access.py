"""Whose an agency is: appointments and assignments, by day, agency and round."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from prongsai.people.actions import DomainError
from prongsai.registry import actions, queries
from prongsai.registry.access import acts_for_agency_in_address, require_agency_permission
from prongsai.registry.models import Appointment, Assignment, Round
from tests.conftest import sample_year

TODAY = datetime.date(2025, 3, 10)
YESTERDAY, TOMORROW = TODAY - datetime.timedelta(1), TODAY + datetime.timedelta(1)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(queries, "today", lambda: TODAY)


@pytest.fixture
def appoint(people, agencies):
    def appoint(since, until=None, *, user="officer", agency=0):
        Appointment.objects.create(user=people[user], agency=agencies[agency], since=since, until=until)

    return appoint


@pytest.mark.parametrize(
    ("since", "until", "acts"),
    [
        (YESTERDAY, None, True),
        (TODAY, None, True),
        (TOMORROW, None, False),  # not yet
        (YESTERDAY, TOMORROW, True),
        (YESTERDAY, TODAY, False),  # the last day was yesterday
        (YESTERDAY, YESTERDAY, False),
    ],
)
def test_an_appointment_counts_on_its_days(people, appoint, since, until, acts):
    appoint(since, until)
    assert queries.acts_for(people["officer"], "A1") is acts
    assert acts_for_agency_in_address(people["officer"], code="A1", item="O1") is acts
    assert queries.agencies_of(people["officer"]).exists() is acts


def test_an_appointment_counts_for_its_agency_and_its_user(people, appoint):
    appoint(YESTERDAY)
    assert not queries.acts_for(people["officer"], "B2")
    assert not queries.acts_for(people["executive"], "A1")
    assert not queries.acts_for(people["officer"], "NONE")


def test_an_ended_appointment_does_not_end_a_new_one(people, appoint):
    appoint(datetime.date(2020, 1, 1), YESTERDAY)
    appoint(TODAY)
    assert queries.acts_for(people["officer"], "A1")


def test_nobody_acts_for_a_closed_agency(people, agencies, appoint):
    appoint(YESTERDAY)
    agencies[0].closed_on = TODAY
    agencies[0].save()
    assert not queries.acts_for(people["officer"], "A1")


@pytest.mark.parametrize(("status", "acts"), [("preparing", False), ("running", True), ("closed", False)])
def test_an_assignment_counts_while_its_round_runs(people, agencies, status, acts):
    assessment_round = Round.objects.create(
        fiscal_year=sample_year(), assessment_id="ita", framework_digest="x", status=status
    )
    Assignment.objects.create(round=assessment_round, agency=agencies[0], assessor=people["assessor"])
    assert queries.acts_for(people["assessor"], "A1") is acts
    assert not queries.acts_for(people["assessor"], "B2")
    assert not queries.acts_for(people["officer"], "A1")


# --- who may be assigned and appointed


@pytest.fixture
def assign(people, agencies, running_round):
    def assign(assessor, agency, assessment_round=running_round):
        return actions.assign(assessment_round=assessment_round, agency=agency, assessor=assessor, by=people["office"])

    return assign


def test_only_assessors_are_assigned(people, agencies, assign):
    with pytest.raises(DomainError, match="ไม่ใช่ผู้ประเมิน"):
        assign(people["auditor"], agencies[1])


def test_only_agencies_of_the_round_are_assigned(people, agencies, running_round, assign):
    running_round.agencies.remove(agencies[1])
    with pytest.raises(DomainError, match="ไม่อยู่ในรอบ"):
        assign(people["assessor"], agencies[1])


@pytest.mark.parametrize(("served", "assessed"), [(0, 1), (1, 0)])
def test_nobody_assesses_the_parent_or_a_part_of_an_agency_they_served(people, agencies, appoint, served, assessed):
    agencies[1].parent_code = agencies[0].code
    agencies[1].save()
    assert not queries.find_conflict(people["assessor"], agencies[assessed])
    appoint(YESTERDAY, YESTERDAY, user="assessor", agency=served)
    assert "ต้นสังกัด" in queries.find_conflict(people["assessor"], agencies[assessed])


def test_closing_an_agency_ends_its_appointments_and_no_others(people, agencies, appoint):
    appoint(datetime.date(2020, 1, 1), YESTERDAY)
    appoint(TODAY)
    appoint(YESTERDAY, agency=1)
    actions.close_agency(agency=agencies[0], on=TODAY, by=people["office"])
    assert list(Appointment.objects.filter(agency=agencies[0]).order_by("until").values_list("until", flat=True)) == [
        YESTERDAY,
        TODAY,
    ]
    assert Appointment.objects.get(agency=agencies[1]).until is None


def test_nobody_is_appointed_to_a_closed_agency(people, agencies):
    actions.close_agency(agency=agencies[0], on=TODAY, by=people["office"])
    with pytest.raises(DomainError, match="ยุบเลิกแล้ว"):
        actions.appoint(user=people["officer"], agency=agencies[0], on=TODAY, by=people["office"])


def test_an_appointment_does_not_end_before_it_began(people, appoint):
    appoint(TOMORROW)
    appointment = Appointment.objects.get()
    actions.end_appointment(appointment=appointment, on=TODAY, by=people["office"])
    assert appointment.until == TOMORROW


def test_an_interest_ends_assignments_but_those_of_closed_rounds(people, agencies, running_round):
    closed = Round.objects.create(fiscal_year=2560, assessment_id="ita", framework_digest="x", status="closed")
    Assignment.objects.create(round=closed, agency=agencies[0], assessor=people["assessor"])
    actions.declare_interest(user=people["assessor"], agency=agencies[0], reason="ญาติ", by=people["assessor"])
    assert [a.round for a in Assignment.objects.filter(agency=agencies[0])] == [closed]


@pytest.mark.parametrize(("code", "opens"), [("A1", True), ("B2", False)])
def test_a_page_of_an_agency_opens_for_who_acts_for_it(rf, people, running_round, code, opens):
    page = require_agency_permission("disclosure.file")(lambda request, code: HttpResponse(code))
    request = rf.get("/")
    request.user, request.assessment, request.htmx = people["officer"], "ita", False
    if opens:
        assert page(request, code=code).content == code.encode()
    else:
        with pytest.raises(PermissionDenied):
            page(request, code=code)
