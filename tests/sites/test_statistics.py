"""Published statistics: by month and kind, once, and never a number that points at somebody."""

import datetime
import itertools

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from prongsai.people.actions import DomainError
from prongsai.sites import actions, queries
from prongsai.sites.models import Complaint, MonthStatistics
from tests.sites.conftest import send

MONTH = datetime.date(2026, 10, 1)


def received(agency, number, kind="corruption", on=MONTH, closed_on=None):
    for _ in range(number):
        complaint = send(agency, kind=kind)
        Complaint.objects.filter(pk=complaint.pk).update(received_on=on, closed_on=closed_on)


@pytest.fixture
def november(monkeypatch):
    """Every day is in the month after the one of these tests."""
    monkeypatch.setattr(queries, "today", lambda: datetime.date(2026, 11, 15))


@given(st.integers(0, 200))
def test_a_small_number_is_never_published(number):
    shown = queries.withhold(number)
    assert shown == (number if number == 0 or number >= 5 else None)


def test_the_published_page_has_no_small_number(client, agency, people, november):
    received(agency, 3)
    received(agency, 7, kind="general", closed_on=MONTH)
    received(agency, 6, on=datetime.date(2026, 11, 2))
    client.force_login(people["officer"])
    desk = client.get(reverse("channels_desk", args=[agency.code])).content.decode()
    assert "เผยแพร่เดือน ตุลาคม 2569" in desk
    client.post(reverse("publish_statistics", args=[agency.code]), {"month": "2026-10-01"})
    stored = MonthStatistics.objects.get()
    assert stored.content == {
        "received": {"corruption": None, "general": 7},
        "closed": {"corruption": 0, "general": 7},
    }
    client.logout()
    page = client.get(reverse("public_channels", args=[agency.code])).content.decode()
    assert "ตุลาคม 2569" in page
    assert ">7<" in page.replace(" ", "").replace("\n", "")
    assert ">3<" not in page.replace(" ", "").replace("\n", "")


def test_nothing_published_lets_a_withheld_number_be_computed(agency, november):
    """The attacker adds and subtracts all that is published: there is no total, of kinds or of months."""
    received(agency, 3)
    received(agency, 7, kind="general")
    content = queries.count_month(agency, MONTH)
    shown = [n for cells in content.values() for n in cells.values() if n is not None]
    sums = {sum(some) for size in range(1, len(shown) + 1) for some in itertools.combinations(shown, size)}
    assert not {3, 10} & sums


def test_a_month_is_published_once(agency, people, november):
    received(agency, 5)
    actions.publish_month(agency=agency, first_day=MONTH, by=people["officer"])
    received(agency, 1)  # the attacker waits for the difference
    with pytest.raises(DomainError):
        actions.publish_month(agency=agency, first_day=MONTH, by=people["officer"])
    with pytest.raises(DatabaseError), transaction.atomic():
        MonthStatistics.objects.update(content={})
    assert MonthStatistics.objects.get().content["received"]["corruption"] == 5


def test_a_month_that_runs_is_not_published(agency, people, november):
    received(agency, 5, on=datetime.date(2026, 11, 1))
    with pytest.raises(DomainError):
        actions.publish_month(agency=agency, first_day=datetime.date(2026, 11, 1), by=people["officer"])


def test_months_without_a_complaint_are_published_as_none(agency, people, monkeypatch):
    settings = queries.find_settings(agency)
    since = settings.complaints_since
    after = queries.next_month(since)
    monkeypatch.setattr(queries, "today", lambda: after)
    months = queries.months_to_publish(agency)
    assert months == [since.replace(day=1)]
    published = actions.publish_month(agency=agency, first_day=months[0], by=people["officer"])
    assert published.content["received"] == {"corruption": 0, "general": 0}


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)))
def test_the_next_month(day):
    after = queries.next_month(day)
    assert after.day == 1
    assert (after - datetime.timedelta(1)).replace(day=1) == day.replace(day=1)


def test_a_year_is_one_table_without_rows_of_zeros(client, agency, people, monkeypatch):
    """A month in which few complained is not one without complaints, and nothing is summed."""
    received(agency, 3)
    received(agency, 8, kind="general", on=datetime.date(2026, 12, 3))
    monkeypatch.setattr(queries, "today", lambda: datetime.date(2027, 1, 5))
    for first_day in reversed(queries.months_to_publish(agency)):
        actions.publish_month(agency=agency, first_day=first_day, by=people["officer"])
    (table,) = queries.show_years(queries.published_months(agency))
    assert [(m.first_day.month, m.is_empty) for m in table.months] == [(10, False), (11, True), (12, False)]
    page = client.get(reverse("public_channels", args=[agency.code])).content.decode()
    assert page.count("ไม่มีเรื่อง") == 1
    assert page.count(">8<") == 1  # the number alone: there is no total of the year
    assert "ปีงบประมาณ 2570" in " ".join(page.split())
