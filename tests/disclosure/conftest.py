"""A filing of the running round, the items of its year, and further assessors."""

import pytest

from prongsai import framework as rules
from prongsai.disclosure import queries
from prongsai.people.models import User

from .filed import SITE


@pytest.fixture
def filing(running_round, agencies, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    agencies[0].website = SITE
    agencies[0].save()
    return queries.get_filing(running_round, agencies[0])


@pytest.fixture
def ids(running_round):
    return [i.id for i in queries.items(rules.load(rules.NATIONAL, running_round.fiscal_year))]


@pytest.fixture
def assessors(people):
    """Two further assessors."""
    assessors = []
    for name in ("second", "third"):
        user = User(email=f"{name}@example.test", name=f"ผู้ประเมิน {name}", role="assessor")
        user.set_unusable_password()
        user.save()
        assessors.append(user)
    return assessors
