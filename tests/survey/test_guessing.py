"""What bounds whoever guesses the codes of cards: that there are so many. Nothing else does, so that a colleague who
mistypes, or floods the form on purpose, shuts nobody out who sits behind the same address."""

import pytest

from prongsai.survey import actions, codes, views
from prongsai.survey.models import Code, Envelope
from tests.survey.conftest import fill_form, form_address


@pytest.fixture
def cards(people, agencies, running_round):
    """A channel of cards, and the codes on them."""
    channel = actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="codes", by=people["officer"]
    )
    printed = [codes.generate_code(codes.CODE_LENGTH) for _ in range(3)]
    Code.objects.bulk_create([Code(digest=codes.digest_code("code", c), channel=channel) for c in printed])
    return channel, printed


def expected_hits(*, length, guesses_a_second, days, unused):
    """How many codes somebody finds who guesses all the time: every guess is right with ``unused`` in 32 ** length."""
    return guesses_a_second * 86_400 * days * unused / len(codes.ALPHABET) ** length


def test_guessing_is_hopeless_as_fast_as_any_server_answers():
    """Ten thousand guesses a second are more than two cores answer of anything; half a year is longer than a survey;
    twenty thousand unused cards in one channel are more than any agency prints."""
    assert expected_hits(length=codes.CODE_LENGTH, guesses_a_second=10_000, days=180, unused=20_000) < 0.01
    # cards that were printed before: what two cores do answer, a survey of two months, an agency's usual cards
    assert expected_hits(length=codes.FORMER_CODE_LENGTH, guesses_a_second=1_000, days=60, unused=400) < 0.01


def test_codes_use_every_letter_at_every_place():
    many = [codes.generate_code(codes.CODE_LENGTH) for _ in range(1000)]
    assert len(set(many)) == 1000
    for place in range(codes.CODE_LENGTH):
        assert {c[place] for c in many} == set(codes.ALPHABET)


def test_one_colleagues_wrong_codes_shut_nobody_out(client, cards):
    channel, printed = cards
    for _ in range(60):
        wrong = client.post(form_address(channel), fill_form(channel, code=codes.generate_code(codes.CODE_LENGTH)))
        assert wrong.status_code == 422
    assert client.post(form_address(channel), fill_form(channel, code=printed[0])).status_code == 200
    assert Envelope.objects.count() == 1


def test_wrong_codes_never_wait_where_answers_are_stored(client, cards, monkeypatch):
    """Otherwise a flood of them would take the turns of those who answer."""

    def store(_):
        raise AssertionError("a wrong code reached the writer")

    monkeypatch.setattr(views, "submit", store)
    channel, _ = cards
    assert client.post(form_address(channel), fill_form(channel, code="000000000000")).status_code == 422


def test_a_former_card_still_opens_its_form(client, cards):
    channel, _ = cards
    former = codes.generate_code(codes.FORMER_CODE_LENGTH)
    Code.objects.create(digest=codes.digest_code("code", former), channel=channel)
    assert client.post(form_address(channel), fill_form(channel, code=former)).status_code == 200
