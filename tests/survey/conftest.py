"""What tests of the survey share: a channel of each kind, and filled forms."""

import random

import pytest
from django.urls import reverse

from prongsai import framework as rules
from prongsai.survey import actions, codes, rights
from prongsai.survey.models import SealingKey
from prongsai.survey.questions import list_questions


@pytest.fixture
def link(people, agencies, running_round):
    """An open link to the IIT form of the first agency."""
    return actions.open_channel(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )


def without_sealing(channel):
    """Make the round of a channel one that began before answers were sealed: it mixes while it runs."""
    SealingKey.objects.filter(round=channel.round).delete()
    return channel


def with_roll(channel, people, office):
    """Put so many people on the roll of a channel's form, and appoint its agency as its printer."""
    form = {"assessment_round": channel.round, "agency": channel.agency, "instrument": channel.instrument}
    rights.set_roll(**form, roll=[(rights.WHOLE_AGENCY, people)], by=office)
    rights.appoint_printer(**form, appointed=True, by=office)


def load_framework(channel):
    return rules.load(rules.NATIONAL, channel.round.fiscal_year)


def form_address(channel):
    return reverse("answer_survey", args=[channel.slug])


def fill_form(channel, **more):
    """What a person posts: a random choice for each question, and a receipt of their own."""
    questions = list_questions(load_framework(channel), channel.instrument)
    choices = {q.column: str(random.randrange(len(q.options))) for q in questions}
    return choices | {"receipt": codes.generate_code(codes.RECEIPT_LENGTH)} | more
