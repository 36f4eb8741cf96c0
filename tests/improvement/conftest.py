"""Plans for tests of the room."""

import pytest

from prongsai.improvement import actions
from tests.conftest import sample_year
from tests.improvement.plans import approved_plan, result


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def plan(people, agencies, running_round):
    result(agencies[0], sample_year(), items={"i1": 50, "i2": 60, "O1": 0})
    return actions.start_plan(agency=agencies[0], result_year=sample_year(), by=people["officer"])


@pytest.fixture
def approved(people, agencies, running_round):
    """A plan of the year after the sample document, approved and followed up once."""
    return approved_plan(agencies[0], people)
