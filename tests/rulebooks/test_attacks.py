"""Who would change what a running round, or a stored result, means: each is refused, and nothing is half-changed."""

import datetime

import pytest
from django.urls import reverse

from prongsai import framework as rules
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.registry import actions as registry
from prongsai.registry.models import Round
from prongsai.rulebooks import actions, queries
from prongsai.rulebooks.models import Rulebook
from tests.rulebooks.test_life import NEXT, announce, data_of, save, with_weights


def begin(year, by, source=None):
    source = source or queries.find_framework("ita", year)
    return actions.begin_draft(source=source, assessment="ita", fiscal_year=year, by=by)


def exchange(entries, first, last, *fields):
    """Let two entries take each other's words."""
    a, b = entries[first], entries[last]
    for name in fields:
        a[name], b[name] = b[name], a[name]


EXCHANGES = {
    "choices": lambda d: exchange(d["scales"][0]["options"], 0, -1, "label"),
    "questions": lambda d: exchange(d["survey_items"], 0, 1, "label"),
    "disclosures": lambda d: exchange(d["disclosure_items"], 0, 1, "label"),
    "indicators": lambda d: exchange(d["indicators"], 0, 1, "label"),
    "levels": lambda d: exchange(d["bands"], 0, -1, "label"),
}


@pytest.fixture
def running(rulebook, office):
    """The announced rules of a year that a round uses, and the draft of a correction."""
    announce(rulebook, office)
    registry.create_round(fiscal_year=NEXT, by=office)
    begin(NEXT, office)
    rulebook.refresh_from_db()
    return rulebook


@pytest.mark.parametrize("what", EXCHANGES)
def test_nothing_takes_the_words_of_its_neighbour(running, office, what):
    data = data_of(running)
    EXCHANGES[what](data)
    with pytest.raises(DomainError, match="สลับถ้อยคำกันไม่ได้"):
        save(running, data, office)


def test_spaces_and_marks_hide_no_exchange(running, office):
    data = data_of(running)
    options = data["scales"][0]["options"]
    first, last = options[0]["label"], options[-1]["label"]
    options[0]["label"] = {language: f" {text}\u200b" for language, text in last.items()}
    options[-1]["label"] = {language: f"{text}." for language, text in first.items()}
    with pytest.raises(DomainError, match="สลับถ้อยคำกันไม่ได้"):
        save(running, data, office)


def test_an_exchange_in_two_steps_is_seen(running, office):
    """By other words first: each step alone takes nobody's words."""
    original = data_of(running)["scales"][0]["options"]
    first, last = original[0]["label"], original[-1]["label"]

    def step(one, other):
        data = data_of(running)
        data["scales"][0]["options"][0]["label"], data["scales"][0]["options"][-1]["label"] = one, other
        save(running, data, office)
        announce(running, office)

    step({"th": "ถ้อยคำกลาง ก", "en": "x"}, {"th": "ถ้อยคำกลาง ข", "en": "y"})
    begin(NEXT, office)
    with pytest.raises(DomainError, match="สลับถ้อยคำกันไม่ได้"):
        step(last, first)


def test_a_draft_written_before_the_round_is_checked_when_it_is_announced(rulebook, office):
    announce(rulebook, office)
    begin(NEXT, office)
    rulebook.refresh_from_db()
    data = data_of(rulebook)
    EXCHANGES["choices"](data)
    save(rulebook, data, office)
    registry.create_round(fiscal_year=NEXT, by=office)
    with pytest.raises(DomainError, match="สลับถ้อยคำกันไม่ได้"):
        announce(rulebook, office)


def test_a_round_on_provisional_rules_is_pinned_to_them(office):
    """Other arithmetic reaches the round only when it is taken back before it begins."""
    year = 2570
    draft = begin(year, office)
    data = with_weights(data_of(draft), IIT=2500, OIT=4500)
    data["cases"] = []
    save(draft, data, office)
    opened = registry.create_round(fiscal_year=year, by=office)
    with pytest.raises(DomainError, match="แก้ได้เฉพาะถ้อยคำ"):
        announce(draft, office)
    assert queries.find_framework("ita", year).digest == opened.framework_digest
    registry.take_back_round(assessment_round=opened, by=office)
    announce(draft, office)
    assert queries.find_framework("ita", year).instruments["OIT"].weight == 4500
    assert registry.create_round(fiscal_year=year, by=office).framework_digest != opened.framework_digest


def test_a_round_that_began_is_not_taken_back(rulebook, office, client):
    announce(rulebook, office)
    opened = registry.create_round(fiscal_year=NEXT, by=office)
    registry.set_round_status(assessment_round=opened, status="running", by=office)
    with pytest.raises(DomainError, match="เริ่มไปแล้ว"):
        registry.take_back_round(assessment_round=opened, by=office)
    registry.set_round_status(assessment_round=opened, status="closed", by=office)
    client.force_login(office)
    page = client.post(reverse("take_back_round", args=[NEXT]), follow=True).content.decode()
    assert "เริ่มไปแล้ว" in page
    assert Round.objects.filter(fiscal_year=NEXT).exists()
    assert Rulebook.objects.get(fiscal_year=NEXT).pinned


def test_a_round_that_never_began_is_taken_back_on_the_page(rulebook, office, client):
    announce(rulebook, office)
    registry.create_round(fiscal_year=NEXT, by=office)
    client.force_login(office)
    assert "ยกเลิกรอบนี้" in client.get(reverse("round", args=[NEXT])).content.decode()
    client.post(reverse("take_back_round", args=[NEXT]))
    assert not Round.objects.filter(fiscal_year=NEXT).exists()
    assert AuditEntry.objects.filter(action="registry.take_back_round").exists()
    actions.withdraw(rulebook=Rulebook.objects.get(fiscal_year=NEXT), reason="ลองแล้ว", by=office)


def test_no_round_opens_on_rules_that_are_withdrawn_meanwhile(rulebook, office, monkeypatch):
    announce(rulebook, office)
    find = registry.find_framework

    def find_then_withdraw(*key):
        framework = find(*key)
        actions.withdraw(rulebook=Rulebook.objects.get(fiscal_year=NEXT), reason="พิมพ์ผิด", by=office)
        return framework

    monkeypatch.setattr(registry, "find_framework", find_then_withdraw)
    with pytest.raises(DomainError, match="เพิ่งเปลี่ยนไป"):
        registry.create_round(fiscal_year=NEXT, by=office)
    assert not Round.objects.filter(fiscal_year=NEXT).exists()
    assert not Rulebook.objects.get(fiscal_year=NEXT).pinned


def test_an_earlier_edition_is_none_that_scores_otherwise(rulebook, office):
    announce(rulebook, office)
    first = queries.find_framework("ita", NEXT)
    actions.withdraw(rulebook=rulebook, reason="เปลี่ยนน้ำหนัก", by=office)
    rulebook.refresh_from_db()
    data = with_weights(data_of(rulebook), IIT=2500, OIT=4500)
    data["cases"] = []
    claimed = {**data, "earlier_editions": [{"digest": first.digest, "note": "ให้คะแนนเหมือนกัน"}]}
    with pytest.raises(DomainError, match="ให้คะแนนไม่เหมือนฉบับนี้"):
        save(rulebook, claimed, office)
    save(rulebook, data, office)
    announce(rulebook, office)
    assert queries.find_framework_of("ita", NEXT, first.digest).arithmetic_digest == first.arithmetic_digest


@pytest.mark.parametrize("day", [datetime.date(2099, 1, 1), datetime.date(2570, 10, 1), datetime.date(1026, 1, 1)])
def test_a_day_of_announcement_has_been(rulebook, office, day):
    rulebook.refresh_from_db()
    with pytest.raises(DomainError, match="ใช้ไม่ได้"):
        actions.announce(rulebook=rulebook, on=day, read_key=rulebook.draft_id, by=office)
    assert queries.find_framework("ita", NEXT) is None


def test_rules_in_force_are_read_by_the_edition_that_made_a_result(office):
    """A digest that the shipped rules name as earlier is believed where nobody has stored that edition."""
    framework = rules.load("ita", 2567)
    earlier = framework.rules.earlier_editions[0].digest
    assert queries.find_framework_of("ita", 2567, earlier).digest == framework.digest


def test_a_workbook_announces_nothing(rulebook, office):
    save(rulebook, {**data_of(rulebook), "state": "announced"}, office)
    rulebook.refresh_from_db()
    assert queries.load_edition(rulebook.draft).is_provisional
