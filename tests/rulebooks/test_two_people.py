"""Rules are announced and withdrawn by what was typed and, where the installation asks for it, by two people."""

import datetime

import pytest
from django.urls import reverse

from prongsai.people.models import Notice, Proposal, User
from prongsai.rulebooks import actions, queries
from prongsai.rulebooks.models import Announcement
from tests.pages import markup
from tests.rulebooks.test_life import NEXT, announce, data_of, save, work

TODAY = datetime.date(2026, 11, 27)


@pytest.fixture
def second(people):
    return User.objects.create(email="second@example.test", name="คนที่สอง", role="office")


@pytest.fixture
def two_people(settings):
    settings.SECOND_PERSON = True
    settings.JOBS_BY_WORKERS = True


def press_announce(client, who, rulebook, **more):
    client.force_login(who)
    rulebook.refresh_from_db()
    sent = {"on": TODAY.isoformat(), "sure": "on", "draft": rulebook.draft_id, "typed": NEXT} | more
    return client.post(reverse("announce_rules", args=[NEXT]), sent)


def is_announced():
    return NEXT in queries.frameworks("ita")


@pytest.mark.parametrize("typed", ["", str(NEXT - 1), "ประกาศ"])
def test_without_the_year_typed_nothing_is_announced_or_withdrawn(client, office, rulebook, typed):
    answer = press_announce(client, office, rulebook, typed=typed)
    assert (answer.status_code, is_announced()) == (409, False)
    assert f"พิมพ์ {NEXT} ในช่องยืนยัน" in markup(answer)
    announce(rulebook, office)
    answer = client.post(reverse("withdraw_rules", args=[NEXT]), {"reason": "พิมพ์ผิด", "typed": typed})
    assert (answer.status_code, is_announced()) == (409, True)
    assert "พิมพ์ผิด" in markup(answer)  # what was typed stays


def test_thai_digits_will_do(client, office, rulebook):
    assert press_announce(client, office, rulebook, typed="๒๕๗๑").status_code == 302
    work()
    assert is_announced()
    client.post(reverse("withdraw_rules", args=[NEXT]), {"reason": "พิมพ์ผิด", "typed": "๒๕๗๑"})
    work()
    assert not is_announced()
    assert Announcement.objects.filter(reason="พิมพ์ผิด").exists()


def test_one_proposes_another_confirms_and_then_rules_are_announced(client, office, second, rulebook, two_people):
    press_announce(client, office, rulebook)
    work()
    assert not is_announced()
    proposal = Proposal.objects.get()
    assert Notice.objects.get(user=second).url == reverse("rulebook", args=[NEXT])
    client.force_login(second)
    page = markup(client.get(reverse("rulebook", args=[NEXT])))
    assert "รอผู้ใช้อีกคนยืนยัน" in page
    assert f'action="{reverse("announce_rules", args=[NEXT])}"' not in page
    client.post(reverse("confirm_proposal", args=[proposal.pk]))
    work()
    assert is_announced()
    client.post(reverse("withdraw_rules", args=[NEXT]), {"reason": "พิมพ์ผิด", "typed": NEXT})
    work()
    assert is_announced()
    client.force_login(office)
    assert "เหตุผล: พิมพ์ผิด" in markup(client.get(reverse("rulebook", args=[NEXT])))
    client.post(reverse("confirm_proposal", args=[Proposal.objects.get(closed_at=None).pk]))
    work()
    assert not is_announced()


def test_the_queue_is_not_a_way_around_the_second_person(office, second, rulebook, two_people):
    arguments = (str(rulebook.pk), rulebook.pk, TODAY.isoformat(), rulebook.draft_id)
    actions.announce_in_background.request(*arguments, by=office, about="x", assessment="ita", url="/")
    work()
    assert not is_announced()


def test_a_draft_that_changed_after_it_was_proposed_is_not_announced(client, office, second, rulebook, two_people):
    press_announce(client, office, rulebook)
    rulebook.refresh_from_db()
    data = data_of(rulebook)
    data["title"]["th"] += " ฉบับแก้"
    save(rulebook, data, office)
    client.force_login(second)
    client.post(reverse("confirm_proposal", args=[Proposal.objects.get().pk]))
    work()
    assert not is_announced()
    assert any("มีผู้แก้ฉบับร่างนี้" in notice.text for notice in Notice.objects.filter(user=second))
