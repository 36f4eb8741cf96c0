"""A round of twelve agencies and its sealed inputs."""

import numpy as np
import pytest

from prongsai import framework
from prongsai.registry import actions as registry
from prongsai.registry.models import Agency
from prongsai.results import actions
from tests.conftest import sample_year

from .way_back import compute, correct_marks, items_of, seal_round


@pytest.fixture
def nation(people, db):
    """Twelve agencies in a running round."""
    Agency.objects.bulk_create(
        [
            Agency(
                assessment_id="ita", code=f"N{k:02}", name_th=f"องค์การบริหารส่วนตำบลหน่วย {k}", kind="sao", province="ตาก"
            ).fill_keys()
            for k in range(12)
        ]
    )
    made = registry.create_round(fiscal_year=sample_year(), by=people["office"])
    registry.enroll_agencies(assessment_round=made, agencies=Agency.objects.all(), by=people["office"])
    return made


@pytest.fixture(scope="module")
def parcels(tmp_path_factory):
    """Sealed parcels of the twelve agencies."""
    from prongsai.cli.demo import make_parcels

    folder = tmp_path_factory.mktemp("parcels")
    make_parcels(
        framework.load(framework.NATIONAL, sample_year()),
        [f"N{k:02}" for k in range(12)],
        np.linspace(0.6, 0.9, 12),
        folder,
        seed=1,
        respondents=30,
    )
    return folder


@pytest.fixture
def first(people, agencies, running_round, settings, tmp_path):
    """A published year of two agencies."""
    settings.MEDIA_ROOT = settings.DATA = tmp_path
    seal_round(running_round, agencies, people)
    made = compute(running_round, people)
    actions.publish(result_set=made, by=people["office"])
    return made


@pytest.fixture
def second(first, people, agencies, running_round):
    """Its correction after an accepted appeal, computed and not published."""
    correct_marks(running_round, agencies[0], people, items_of(running_round)[0])
    return compute(running_round, people)
