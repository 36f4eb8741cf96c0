"""The office and a draft that it writes."""

import pytest

from prongsai import framework as rules
from prongsai.rulebooks import actions

NEXT = 2571


@pytest.fixture
def office(people):
    return people["office"]


@pytest.fixture
def rulebook(office):
    """The draft of 2571, begun from 2570."""
    return actions.begin_draft(source=rules.load("ita", 2570), assessment="ita", fiscal_year=NEXT, by=office)
