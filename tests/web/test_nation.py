"""Every page of every desk over a nation that is small here: no link leads where its reader may not go, and no page
asks the database for each of many agencies, people or rounds. With the whole nation: ``make bench-nation``."""

import numpy as np
import pytest

from prongsai import framework as rules
from prongsai.cli import demo_nation
from prongsai.cli.demo import make_parcels
from prongsai.disclosure.allocation import allocate
from prongsai.people.models import User
from prongsai.registry import actions as registry
from prongsai.registry.queries import load_round_framework, today
from prongsai.results import actions as results
from tests.crawl import crawl

pytestmark = pytest.mark.django_db

AGENCIES, ASSESSORS = 150, 3
MOST_QUERIES = 130  # of a page with every kind of register of a year; most pages ask some twenty


def _begin_round(year, nation, office):
    begun = registry.create_round(fiscal_year=year, by=office)
    registry.enroll_agencies(assessment_round=begun, agencies=nation.agencies, by=office)
    registry.set_round_status(assessment_round=begun, status="running", by=office)
    begun.phases.update(starts=today(), ends=today())
    allocate(assessment_round=begun, by=office)
    return begun, load_round_framework(begun)


@pytest.fixture(scope="module")
def nation(django_db_setup, django_db_blocker):
    """Two years: one with a result, one in the middle of everything; rolled back at the end."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        office = User.objects.create(email="office@nation.test", name="ส่วนกลาง", role="office")
        User.objects.create(email="auditor@nation.test", name="ผู้ตรวจสอบ", role="auditor")
        nation = demo_nation.create_nation(AGENCIES, ASSESSORS)
        last, this_year = sorted(year for name, year in rules.available() if name == rules.NATIONAL)[-2:]
        begun, framework = _begin_round(last, nation, office)
        lean = nation.lean(last)
        make_parcels(framework, list(lean), np.array(list(lean.values())), begun.parcels, seed=1, respondents=12)
        result_set = results.compute_round(assessment_round=begun, folder=begun.parcels, by=office)
        results.publish(result_set=result_set, by=office)
        demo_nation.fill_last_year(nation, begun, framework)
        begun, framework = _begin_round(this_year, nation, office)
        demo_nation.fill_round(nation, begun, framework, today())
        demo_nation.fill_plans(nation, framework, share=0.5)
        yield nation
        transaction.set_rollback(True)


@pytest.mark.parametrize("role", ["office", "auditor", "assessor-1", "officer-N00007", "executive-N00007"])
def test_pages_of_a_desk_over_a_nation(nation, role):
    found = crawl(User.objects.get(email=f"{role}@nation.test"), each=2)
    assert len(found.visits) > 5
    assert found.dead_ends == []
    many = {name: max(visits.queries) for name, visits in found.visits.items() if max(visits.queries) > MOST_QUERIES}
    assert many == {}


def test_a_nation_is_at_every_stage(nation):
    from prongsai.disclosure import queries
    from prongsai.registry.models import Round

    progress = queries.round_progress(Round.objects.first())
    assert progress.agencies == AGENCIES
    assert AGENCIES > progress.begun > progress.confirmed > progress.marked > 0
    assert progress.released > progress.clarified > 0
    assert {a.name_th.endswith("(สมมุติ)") for a in nation.agencies} == {True}
    assert len({(a.name_th, a.province) for a in nation.agencies}) == AGENCIES
