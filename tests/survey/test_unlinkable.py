"""What docs/privacy.md promises, attacked, of a round that is sealed until its end and of one that mixes: copies of the
whole database before and after every submission, and logs.

The attacker reads what the database's own columns hide as well: where a row lies, and which transaction wrote it.
"""

import json
import logging
import random
import re
from dataclasses import dataclass
from itertools import pairwise, product

import pytest
from django.db import connection
from django.urls import reverse

from prongsai import framework as rules
from prongsai.survey import actions, codes, sealing
from prongsai.survey.keys import list_key_numbers
from prongsai.survey.mixing import MIN_BATCH, mix_channel, rotate_key
from prongsai.survey.models import Code, Invitation, Receipt, Response, SealingKey, SpentToken
from prongsai.survey.questions import list_questions
from tests.survey.conftest import without_sealing

PEOPLE = 40
ADDRESS, BROWSER = "203.0.113.77", "PhoneOfSomchai"
SYSTEM_COLUMNS = {"sqlite": "rowid AS row_place", "postgresql": "ctid::text AS row_place, xmin::text, cmin::text"}


def copy_database():
    """Every row of every table as a dict, in the order in which the database returns them."""
    tables = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT {SYSTEM_COLUMNS[connection.vendor]}, * FROM "{table}"')
            names = [c[0] for c in cursor.description]
            tables[table] = [dict(zip(names, map(to_text, row), strict=True)) for row in cursor.fetchall()]
    return tables


def to_text(value):
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


@dataclass
class Recording:
    """What people really answered, by the digest of their code, and all that an attacker has."""

    answers: dict[str, str]
    copies: list[dict[str, list[dict[str, str]]]]
    logs: str
    typed: list[str]


_recordings: dict[str, Recording] = {}


@pytest.fixture(params=["sealed", "mixing"])
def recording(db, request):
    """Recorded once of each; its tests read the copies, not the database."""
    if request.param not in _recordings:
        names = ("client", "people", "agencies", "running_round", "caplog")
        fixtures = map(request.getfixturevalue, names)
        _recordings[request.param] = record(*fixtures, is_sealed=request.param == "sealed")
    return _recordings[request.param]


def record(client, people, agencies, running_round, caplog, *, is_sealed):
    """People answer by card in random order, each with answers of their own; after each, and after each mixing, the
    whole database is copied. In the middle the key is rotated."""
    for logger in (None, "django.request", "prongsai"):
        caplog.set_level(logging.DEBUG, logger=logger)  # whatever the settings of an installation let through
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )
    if not is_sealed:
        without_sealing(channel)
    printed = print_codes(channel, people["officer"])
    questions = list_questions(rules.load(rules.NATIONAL, channel.round.fiscal_year), "IIT")
    address = reverse("answer_survey", args=[channel.slug])
    caplog.clear()
    client.post(address, {"code": "nonsense"}, REMOTE_ADDR=ADDRESS)  # a refused form is not logged either
    answers, copies, typed = {}, [copy_database()], []
    for number, code in enumerate(random.sample(printed, PEOPLE)):
        choices = [random.randrange(len(q.options)) for q in questions]
        receipt = codes.generate_code(16)
        posted = {q.column: str(c) for q, c in zip(questions, choices, strict=True)}
        page = client.post(
            address, posted | {"code": code, "receipt": receipt}, REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=BROWSER
        )
        assert page.status_code == 200
        answers[codes.digest_code("code", code)] = bytes(choices).hex()
        typed += [code, receipt]
        copies.append(copy_database())
        if mix_channel(channel=channel):
            copies.append(copy_database())
        if number == PEOPLE // 2:
            rotate_key()
            copies.append(copy_database())
    private_keys = {key.pk: sealing.read_own_key(key) for key in SealingKey.objects.all()}
    sealing.open_channel(channel=channel, options=[len(q.options) for q in questions], private_keys=private_keys)
    copies.append(copy_database())
    return Recording(answers, copies, caplog.text, typed)


def print_codes(channel, officer):
    """Codes as a print of cards stores them, without setting the cards."""
    printed = [codes.generate_code(codes.CODE_LENGTH) for _ in range(PEOPLE)]
    digests = sorted(codes.digest_code("code", c) for c in printed)
    Code.objects.bulk_create([Code(digest=d, channel=channel) for d in digests])
    return printed


@dataclass
class Batch:
    """The envelopes that vanished when responses appeared, with all that is known of each, and the responses."""

    waiting: list[dict[str, str]]
    envelopes: list[dict[str, str]]
    responses: list[dict[str, str]]


def find_batches(copies):
    """The best use of the copies: a code that becomes spent between two copies came with the envelope and the receipt
    that are new in the second; an envelope that is gone when responses appear is one of these."""
    arrivals: dict[str, dict[str, str]] = {}
    batches = []
    for moment, (before, after) in enumerate(pairwise(copies)):
        spent = find_new_rows(before, after, "survey_code", "digest", lambda row: row["spent"] in ("1", "True"))
        arrived = find_new_rows(before, after, "survey_envelope", "id")
        receipts = find_new_rows(before, after, "survey_receipt", "digest")
        responses = find_new_rows(before, after, "survey_response", "id")
        if spent:
            assert len(spent) == len(arrived) == len(receipts) == 1
            assert not responses  # nothing readable appears together with a code
            known = {"moment": str(moment), "code": spent[0]["digest"], "code_place": spent[0]["row_place"]}
            receipt = {"receipt": receipts[0]["digest"], "receipt_place": receipts[0]["row_place"]}
            arrivals[arrived[0]["id"]] = known | receipt
        if responses:
            waiting = [row | arrivals[row["id"]] for row in before["survey_envelope"]]
            remaining = {row["id"] for row in after["survey_envelope"]}
            batches.append(Batch(waiting, [e for e in waiting if e["id"] not in remaining], responses))
    return batches


def find_new_rows(before, after, table, key, condition=lambda row: True):
    known = {row[key] for row in before[table] if condition(row)}
    return [row for row in after[table] if condition(row) and row[key] not in known]


def find_orderings(rows):
    """Every order in which rows can be put by one of their columns, numbers by their size; as they lie is one."""
    orderings = {"as they lie": lambda row: 0}
    for column in rows[0]:
        orderings[column] = lambda row, column=column: sort_key(row[column])
    return orderings


def sort_key(text):
    """Numbers, places such as (0,12) among them, sort as numbers; everything else as text."""
    numbers = re.fullmatch(r"\(?\d+(?:,\d+\))?", text)
    return ([int(n) for n in re.findall(r"\d+", text)], "") if numbers else ([], text)


def test_an_attacker_does_no_better_than_chance(recording):
    """Whatever order the attacker puts envelopes and responses in, pairing them finds few: by chance one in each batch.
    Of 40 people in four batches, 20 are found by chance once in 10^8, in one batch more seldom; some 400 pairs of
    orders are tried."""
    batches = find_batches(recording.copies)
    assert sum(len(b.responses) for b in batches) == PEOPLE
    assert all(len(b.responses) == len(b.envelopes) >= MIN_BATCH for b in batches)
    hits = {}
    pairs_of_orders = product(
        find_orderings(batches[0].envelopes).items(), find_orderings(batches[0].responses).items(), (False, True)
    )
    for (by_envelope, envelope_key), (by_response, response_key), backwards in pairs_of_orders:
        pairs = [
            (envelope, response)
            for batch in batches
            for envelope, response in zip(
                sorted(batch.envelopes, key=envelope_key),
                sorted(batch.responses, key=response_key, reverse=backwards),
                strict=True,
            )
        ]
        right = sum(recording.answers[e["code"]] == r["answers"] for e, r in pairs)
        hits[by_envelope, by_response, backwards] = right
    assert len(hits) > 100
    best = max(hits, key=hits.get)
    assert hits[best] < PEOPLE / 2, f"{hits[best]} of {PEOPLE} people found by the orders {best}"


@pytest.mark.parametrize("recording", ["mixing"], indirect=True)
def test_nobody_can_tell_who_is_in_the_next_batch(recording):
    """The envelopes that go are neither the first nor the last in any order."""
    batches = [b for b in find_batches(recording.copies) if len(b.envelopes) < len(b.waiting)]
    assert len(batches) >= 2
    for name, key in find_orderings(batches[0].waiting).items():
        for backwards in (False, True):
            predicted = [
                {e["id"] for e in sorted(b.waiting, key=key, reverse=backwards)[: len(b.envelopes)]} for b in batches
            ]
            drawn = [{e["id"] for e in b.envelopes} for b in batches]
            assert predicted != drawn, f"the order {name} tells who is in the next batch"


def test_rows_of_a_kind_differ_in_nothing_but_chance(recording):
    """Lengths, days and transactions are the same for all responses of a batch, and lengths for all envelopes."""
    batches = find_batches(recording.copies)
    assert len({len(e["content"]) for b in batches for e in b.waiting}) == 1
    for batch in batches:
        chance = ("id", "answers", "row_place")
        assert len({tuple(v for k, v in r.items() if k not in chance) for r in batch.responses}) == 1
        assert len({len(r["answers"]) for r in batch.responses}) == 1
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", r["day"]) for r in batch.responses)  # no time finer than a day


def test_every_answer_is_there_once(recording):
    last = recording.copies[-1]
    assert sorted(r["answers"] for r in last["survey_response"]) == sorted(recording.answers.values())
    assert last["survey_envelope"] == []


@pytest.mark.parametrize("recording", ["sealed"], indirect=True)
def test_nothing_of_a_sealed_round_appears_before_its_end(recording):
    """All at once: whoever was sure to be among the first is among all."""
    batch, *others = find_batches(recording.copies)
    assert others == []
    assert len(batch.responses) == PEOPLE
    assert all(copy["survey_response"] == [] for copy in recording.copies[:-1])


def test_tables_have_no_further_column():
    tables = (Response, Code, Receipt, Invitation, SpentToken)
    names = {m: {f.name for f in m._meta.get_fields()} for m in tables}
    assert names[Response] == {"id", "channel", "day", "answers"}
    assert names[Code] == {"digest", "channel", "spent", "refused", "batch"}
    assert names[Invitation] == {"digest", "channel", "batch", "blinded"}
    assert names[SpentToken] == {"digest", "channel"}
    assert names[Receipt] == {"digest", "channel"}


def test_answering_leaves_no_trace_in_other_tables(recording):
    tables = {"survey_code", "survey_receipt", "survey_envelope", "survey_response"}
    first, last = (
        {t: rows for t, rows in c.items() if t not in tables} for c in recording.copies[:: len(recording.copies) - 1]
    )
    assert first == last


def test_logs_have_neither_person_nor_code_nor_answer(recording):
    assert ADDRESS not in recording.logs
    assert BROWSER not in recording.logs
    assert not any(t in recording.logs for t in recording.typed)
    assert "/s/" not in recording.logs
    assert "request" not in recording.logs  # no line of a request, hence no minute


def test_no_table_has_an_address_or_a_browser_or_a_code(recording):
    text = json.dumps(recording.copies)
    assert ADDRESS not in text
    assert BROWSER not in text
    assert not any(t in text for t in recording.typed)


def test_keys_do_not_outnumber_what_waits(recording):
    """The key that was replaced goes at the next rotation; nothing waits, so two remain."""
    rotate_key()
    rotate_key()
    assert len(list_key_numbers()) == 2
