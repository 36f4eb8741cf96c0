"""A draft that nobody needs any more: thrown away by its officer, once read, while nobody has decided on it."""

import pytest
from django.urls import reverse

from prongsai.improvement import actions
from prongsai.improvement.models import Measure, Plan, PlanFinding
from prongsai.improvement.snapshot import build_snapshot
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from tests.improvement.plans import YEAR, first, url


def sent(plan, **more):
    return {"typed": str(plan.fiscal_year), "expected_digest": build_snapshot(plan).digest} | more


def test_a_draft_is_read_then_thrown_away_and_begun_anew(client, plan, people):
    client.force_login(people["officer"])
    assert url("plan_discard", plan) in client.get(url("plan", plan)).content.decode()
    page, measures = client.get(url("plan_discard", plan)).content.decode(), plan.measures.count()
    assert first(plan).title in page
    assert Plan.objects.count() == 1, "reading throws nothing away"
    assert client.post(url("plan_discard", plan), sent(plan))["Location"] == reverse("plans", args=["A1"])
    assert not any(kind.objects.exists() for kind in (Plan, Measure, PlanFinding))
    entry = AuditEntry.objects.filter(action="improvement.discard").get()
    assert entry.by == f"{people['officer'].pk} {people['officer']}"
    assert (entry.detail["fiscal_year"], len(entry.detail["measures"])) == (YEAR, measures)
    again = client.post(url("plan_discard", plan), {"typed": str(YEAR)})  # pressed twice
    assert again["Location"] == reverse("plans", args=["A1"])
    actions.start_plan(agency=plan.agency, result_year=YEAR - 1, by=people["officer"])


def test_one_press_too_many_or_what_was_not_read_throws_nothing_away(client, plan, people):
    client.force_login(people["officer"])
    for wrong in ({"typed": ""}, {"typed": str(YEAR - 1)}, {"expected_digest": "0" * 64}):
        page = client.post(url("plan_discard", plan), sent(plan, **wrong))
        assert page.status_code == 409
        assert 'role="alert"' in page.content.decode()
    seen = build_snapshot(plan).digest
    actions.add_measure(plan=plan, by=people["officer"], title="เพื่อนร่วมงานเพิ่มไว้")
    assert client.post(url("plan_discard", plan), sent(plan, expected_digest=seen)).status_code == 409
    assert Plan.objects.count() == 1


def test_what_was_ever_submitted_stays(client, plan, people):
    actions.submit_plan(plan=plan, by=people["officer"])
    client.force_login(people["officer"])
    for back in (None, actions.withdraw_submission):
        if back is not None:
            back(plan=plan, by=people["officer"])
        plan.refresh_from_db()
        assert url("plan_discard", plan) not in client.get(url("plan", plan)).content.decode()
        assert client.post(url("plan_discard", plan), sent(plan))["Location"] == url("plan", plan)
        assert client.get(url("plan_discard", plan))["Location"] == url("plan", plan)
        with pytest.raises(DomainError, match="เคยเสนอ"):
            actions.discard_plan(plan=plan, by=people["officer"], expected_digest=build_snapshot(plan).digest)
    assert Plan.objects.count() == 1
