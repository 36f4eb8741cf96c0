"""The queue of disputes: the next is drawn, nobody picks, and one person at a time has it."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import actions, drawn, queries
from prongsai.disclosure.models import Clarification, DrawnDispute, Mark
from prongsai.people.actions import DomainError
from prongsai.registry.actions import declare_interest


@pytest.fixture
def queue(people, filing, ids):
    """Two disputes about marks of the first assessor."""
    for item in ids[:2]:
        Mark.objects.create(
            filing=filing, item=item, stage="first", points=0, comment="ความเห็นลับ", by=people["assessor"]
        )
        Clarification.objects.create(filing=filing, item=item, text="มีครบ", by=people["officer"])
    filing.released_at = timezone.now()
    filing.save()
    return [(filing.pk, item) for item in ids[:2]]


def draw(user):
    held = drawn.draw_dispute(assessment="ita", by=user)
    return held and (held.filing_id, held.item)


def expire(user):
    DrawnDispute.objects.filter(assessor=user).update(until=timezone.now() - datetime.timedelta(seconds=1))


def decide(filing, item, by):
    return actions.mark_item(
        filing=filing, item=item, points=100, reasons=[], comment="มี", elements=[], by=by, stage="decision"
    )


def test_each_draws_another_and_one_at_a_time(queue, assessors, people):
    assert draw(assessors[0]) == queue[0]
    assert draw(assessors[0]) == queue[0]  # until it is decided or given back
    assert draw(assessors[1]) == queue[1]
    assert draw(people["assessor"]) is None  # gave the marks


def test_nobody_decides_what_another_holds(queue, assessors, filing):
    draw(assessors[0])
    with pytest.raises(DomainError, match="อีกคนรับข้อนี้"):
        decide(filing, queue[0][1], assessors[1])
    decide(filing, queue[0][1], assessors[0])
    assert not DrawnDispute.objects.exists()
    assert draw(assessors[0]) == queue[1]


def test_after_its_time_another_draws_it(queue, assessors, filing):
    draw(assessors[0])
    expire(assessors[0])
    decide_late = drawn.find_held(assessors[0], queries.open_disputes([filing.round], assessors[0]))
    assert decide_late is not None  # theirs until somebody else has it
    assert draw(assessors[1]) == queue[0]
    assert draw(assessors[0]) == queue[1]
    with pytest.raises(DomainError, match="อีกคนรับข้อนี้"):
        decide(filing, queue[0][1], assessors[0])


def test_what_is_given_back_goes_to_the_next(client, queue, assessors):
    draw(assessors[0])
    client.force_login(assessors[1])
    client.post(reverse("return_dispute", args=queue[0]))  # not theirs to give
    assert draw(assessors[1]) == queue[1]
    client.force_login(assessors[0])
    client.post(reverse("return_dispute", args=queue[0]))
    DrawnDispute.objects.filter(assessor=assessors[1]).delete()
    assert draw(assessors[1]) == queue[0]


def test_who_has_a_tie_draws_nothing(queue, assessors, agencies):
    declare_interest(user=assessors[0], agency=agencies[0], reason="ญาติ", by=assessors[0])
    assert draw(assessors[0]) is None


def test_two_claims_of_one_dispute(queue, assessors, filing):
    """Both saw it free; the second to write gets nothing."""
    dispute = queries.open_disputes([filing.round], assessors[0])[0]
    assert drawn._claim(dispute, assessors[0]) is not None
    assert drawn._claim(dispute, assessors[1]) is None
    expire(assessors[0])
    assert drawn._claim(dispute, assessors[1]).assessor == assessors[1]


def test_the_page_shows_nothing_to_who_did_not_draw(client, queue, assessors):
    address = reverse("mark_decide", args=queue[0])
    client.force_login(assessors[1])
    for answer in (client.get(address), client.post(address, {"points": "100"})):
        assert answer["Location"] == reverse("marking")
        assert "ความเห็นลับ" not in answer.content.decode()
    assert not Mark.objects.filter(stage="decision").exists()
    assert client.post(reverse("draw_dispute"))["Location"] == address
    assert "ความเห็นลับ" in client.get(address).content.decode()
    assert "รับข้อถัดไป" not in client.get(reverse("marking")).content.decode()
