"""An agency in its first year has no result; it plans all the same, and reports at the end of the year."""

import pytest

from prongsai.documents import sources
from prongsai.documents.issuance import compose_document
from prongsai.improvement import actions, queries
from prongsai.improvement.models import Plan
from prongsai.lib import fiscal
from prongsai.people.actions import DomainError
from prongsai.registry.queries import today
from tests.improvement import plans
from tests.pages import markup


@pytest.fixture
def year():
    return fiscal.year_of(today())


@pytest.fixture
def plan(people, agencies, running_round, year):
    return actions.start_plan(agency=agencies[0], result_year=year - 1, by=people["officer"])


def test_its_plan_has_a_measure_for_each_indicator_and_no_score(plan):
    framework = queries.framework_of(plan)
    measures = queries.measures_of(plan)
    assert [m.indicators for m in measures] == [[i.id] for i in framework.rules.indicators]
    findings = plan.findings.all()
    assert {f.score for f in findings} == {None}
    assert all("ยังไม่เคยรับการประเมิน" in f.defect for f in findings)
    assert plan.result is None
    assert queries.newer_result(plan) is None


def test_every_page_of_it_opens_and_it_is_approved(client, people, plan):
    client.force_login(people["officer"])
    for page in ("plan", "plan_edit", "plan_board", "plan_timeline", "plan_outcome", "plan_what_if"):
        response = client.get(plans.url(page, plan))
        assert response.status_code == 200, page
        assert "ยังไม่มีผลการประเมิน" in markup(response), page
    plans.approve(plan, people)
    plan.refresh_from_db()
    assert plan.status == Plan.Status.APPROVED
    data = sources.collect_data(plan.agency, plan.fiscal_year, "outcome")
    assert len(data.measures) == len(queries.measures_of(plan))
    assert compose_document("outcome", data).sections


def test_the_desk_leads_there(client, people, agencies, running_round, year):
    client.force_login(people["officer"])
    page = markup(client.get("/desk/agency/A1/plan/"))
    assert f"ร่างแผนปี {year} โดยยังไม่มีผล" in page
    response = client.post("/desk/agency/A1/plan/start/", {"result_year": year - 1})
    assert response.status_code == 302
    assert Plan.objects.get().fiscal_year == year
    assert "โดยยังไม่มีผล" not in markup(client.get("/desk/agency/A1/plan/"))


def test_an_agency_with_any_result_or_for_another_year_does_not_plan_without_one(people, agencies, running_round, year):
    with pytest.raises(DomainError, match="ยังไม่มีผลปี"):
        actions.start_plan(agency=agencies[0], result_year=year, by=people["officer"])
    plans.result(agencies[0], year - 3)
    with pytest.raises(DomainError, match="ยังไม่มีผลปี"):
        actions.start_plan(agency=agencies[0], result_year=year - 1, by=people["officer"])
    assert not Plan.objects.exists()


def test_a_result_that_comes_later_is_taken_in(people, agencies, plan, year):
    with pytest.raises(DomainError, match="ยังไม่มีข้อค้นพบ"):
        actions.add_new_findings(plan=plan, by=people["officer"])
    late = plans.result(agencies[0], year - 1, items={"O1": 0})
    assert queries.newer_result(plan) == late
    assert actions.add_new_findings(plan=plan, by=people["officer"])
    plan.refresh_from_db()
    assert plan.result == late
