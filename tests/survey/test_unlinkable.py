"""What docs/privacy.md promises, attacked: copies of the whole database before and after every submission, and all
logs."""

import json
import logging
import random
from itertools import pairwise

import pytest
from django.apps import apps
from django.urls import reverse

from prongsai import framework as rules
from prongsai.survey import actions, codes, mix
from prongsai.survey.models import Code, Envelope, Response
from prongsai.survey.questions import questions


def dump():
    """Every row of every table, in the order in which the database gives them."""
    return {m._meta.db_table: [tuple(map(readable, r)) for r in m.objects.values_list()] for m in apps.get_models()}


def readable(value):
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


@pytest.fixture
def watched(client, people, agencies, running_round, monkeypatch, caplog):
    """40 people answer by card in random order, each with an answer of their own; after every one of them, and after
    every mixing, the whole database is copied. Gives the truth (code digest -> answer), the copies, and the logs."""
    caplog.set_level(logging.DEBUG)
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )
    drawn, real = [], codes.draw
    monkeypatch.setattr(codes, "draw", lambda n: drawn.append(real(n)) or drawn[-1])
    actions.print_cards(channel=channel, number=40, site="http://testserver", by=people["officer"])
    monkeypatch.setattr(codes, "draw", real)
    asked = questions(rules.load(channel.round.framework), "IIT")
    truth, copies, receipts = {}, [dump()], []
    caplog.clear()
    order = random.sample(drawn, 40)
    client.post(
        reverse("answer", args=[channel.slug]), {"code": "nonsense"}, REMOTE_ADDR="203.0.113.77"
    )  # refused, and not logged either
    for code in order:
        values = [random.randrange(len(q.options)) for q in asked]
        receipts.append(codes.draw(16))
        posted = {q.column: str(v) for q, v in zip(asked, values, strict=True)} | {
            "code": code,
            "receipt": receipts[-1],
        }
        assert (
            client.post(
                reverse("answer", args=[channel.slug]),
                posted,
                REMOTE_ADDR="203.0.113.77",
                HTTP_USER_AGENT="PhoneOfSomchai",
            ).status_code
            == 200
        )
        truth[codes.digest("code", code)] = bytes(values)
        copies.append(dump())
        if mix.release(channel=channel):
            copies.append(dump())
    mix.release(channel=channel, last=True)
    copies.append(dump())
    return truth, copies, caplog.text, order, receipts


def test_an_attacker_does_no_better_than_chance(watched):
    """The best use of the copies: a code that becomes spent between two copies came with the envelope that is new in
    the second; an envelope that is gone when responses appear is one of those. Within these, guess by the order in
    which everything lies."""
    truth, copies, *_ = watched
    came_with: dict[str, str] = {}
    batches = []
    for before, after in pairwise(copies):
        spent = {c[0] for c in after["survey_code"] if c[2] == "True"} - {
            c[0] for c in before["survey_code"] if c[2] == "True"
        }
        fresh = [e[0] for e in after["survey_envelope"] if e not in before["survey_envelope"]]
        gone = [e[0] for e in before["survey_envelope"] if e[0] not in {x[0] for x in after["survey_envelope"]}]
        stored = [r for r in after["survey_response"] if r not in before["survey_response"]]
        if spent:
            assert len(spent) == len(fresh) == 1
            came_with[fresh[0]] = spent.pop()
            assert not stored  # nothing readable appears together with a code
        if stored:
            assert len(stored) == len(gone) >= mix.BATCH
            batches.append((gone, stored))
    assert len(came_with) == 40
    assert sum(len(s) for _, s in batches) == 40
    right = 0
    for gone, stored in batches:
        for guess in (stored, stored[::-1], sorted(stored)):  # as they lie, backwards, by key
            right += sum(bytes.fromhex(r[3]) == truth[came_with[e]] for e, r in zip(gone, guess, strict=True))
    # by chance each guess of a batch is right once on average; 3 guesses of 3 batches, so about 9; 27 would be beyond
    # six sigma
    assert right < 27


def test_every_answer_is_there_once(watched):
    truth, *_ = watched
    assert sorted(bytes(r.answers) for r in Response.objects.all()) == sorted(truth.values())
    assert not Envelope.objects.exists()


def test_responses_carry_nothing_but_the_day(watched):
    _, copies, *_ = watched
    columns = {f.name for f in Response._meta.get_fields()}
    assert columns == {"id", "channel", "day", "answers"}
    assert {f.name for f in Code._meta.get_fields()} == {"digest", "channel", "spent"}
    ends = copies[-1]["survey_response"]
    assert len({r[2] for r in ends}) == 1


def test_logs_know_neither_person_nor_code_nor_answer(watched):
    _, _, logs, order, receipts = watched
    assert "203.0.113.77" not in logs
    assert "Somchai" not in logs
    assert not any(c in logs for c in (*order, *receipts))
    assert "/s/" not in logs


def test_no_table_has_an_address_or_a_browser(watched):
    _, copies, *_ = watched
    assert "203.0.113.77" not in json.dumps(copies)
    assert "Somchai" not in json.dumps(copies)


def test_a_copy_of_yesterday_opens_nothing_after_the_key_is_gone(client, people, agencies, running_round):
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )
    asked = questions(rules.load(channel.round.framework), "IIT")
    posted = {q.column: "0" for q in asked} | {"receipt": codes.draw(16)}
    client.post(reverse("answer", args=[channel.slug]), posted)
    copied = Envelope.objects.get()
    mix.rotate()
    mix.rotate()
    mix._known.clear()
    with pytest.raises(FileNotFoundError):
        mix._opened(copied, channel.slug)
    assert mix._opened(Envelope.objects.get(), channel.slug) == bytes(len(asked))


def test_envelopes_of_one_form_have_one_length(client, people, agencies, running_round):
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )
    asked = questions(rules.load(channel.round.framework), "IIT")
    for value in ("0", "1", "5"):
        client.post(
            reverse("answer", args=[channel.slug]), {q.column: value for q in asked} | {"receipt": codes.draw(16)}
        )
    assert len({len(bytes(e.content)) for e in Envelope.objects.all()}) == 1
