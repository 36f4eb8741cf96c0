"""Whose an agency is: appointments and assignments, by day, agency and round."""

import datetime

import pytest

from prongsai.registry import queries
from prongsai.registry.access import of_agency
from prongsai.registry.models import Appointment, Assignment, Round
from tests.conftest import newest

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
    assert of_agency(people["officer"], code="A1", item="O1") is acts
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
    assessment_round = Round.objects.create(fiscal_year=newest(), framework="x", framework_digest="x", status=status)
    Assignment.objects.create(round=assessment_round, agency=agencies[0], assessor=people["assessor"])
    assert queries.acts_for(people["assessor"], "A1") is acts
    assert not queries.acts_for(people["assessor"], "B2")
    assert not queries.acts_for(people["officer"], "A1")
