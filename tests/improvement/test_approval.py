"""Submission, approval, return, publication; what is approved is what was read."""

import datetime
import re

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from prongsai.improvement import actions, queries
from prongsai.improvement.models import Decision, Evidence, FollowUp, Measure, Plan, PlanFinding
from prongsai.improvement.snapshot import build_snapshot, content_of, track_progress
from prongsai.lib import digest, fiscal
from prongsai.people.actions import DomainError
from prongsai.people.models import Notice
from prongsai.results.models import PublishedResult
from tests.conftest import sample_year
from tests.improvement.plans import approve, fields, first, result, save, stored_fields, url


def test_a_plan_goes_to_the_executive_and_comes_into_force(client, plan, people):
    client.force_login(people["officer"])
    assert save(client, plan, {}, submit="1")["Location"] == url("plan", plan)
    plan.refresh_from_db()
    assert plan.status == "submitted"
    assert Notice.objects.filter(user=people["executive"], url=url("plan", plan)).exists()
    client.force_login(people["executive"])
    page = client.get(url("plan_decide", plan)).content.decode()
    content_digest = re.search(r'name="expected_digest" value="([0-9a-f]{64})"', page)[1]
    known = queries.known_position(people["executive"], plan.agency)
    assert known
    assert f'value="{known}"' in page  # nobody types what the system knows
    no_position = client.post(
        url("plan_decide", plan),
        {"approve": "1", "expected_digest": content_digest, "position": " ", "comment": "ดีมาก"},
    )
    assert no_position.status_code == 409
    assert "ดีมาก" in no_position.content.decode()
    assert (
        client.post(
            url("plan_decide", plan),
            {"approve": "1", "expected_digest": content_digest, "position": "นายก", "public": "1"},
        ).status_code
        == 302
    )
    plan.refresh_from_db()
    decision = queries.latest_approval(plan)
    assert (plan.status, plan.public, decision.by, decision.name, decision.position) == (
        "approved",
        True,
        people["executive"],
        people["executive"].name,
        "นายก",
    )
    assert decision.digest == digest.of_json(decision.content) == content_digest
    assert Notice.objects.filter(user=people["officer"], text__contains="อนุมัติแล้ว").exists()


def test_an_incomplete_plan_is_not_submitted(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    page = client.post(
        url("plan_edit", plan),
        {
            **stored_fields(plan),
            f"m{m.pk}-title": "",
            f"m{m.pk}-units": "",
            f"m{m.pk}-steps": "",
            f"m{m.pk}-indicators": [],
            "submit": "1",
        },
        follow=True,
    )
    text = page.content.decode()
    assert "ชื่อมาตรการ, ขั้นตอน, ผู้รับผิดชอบ, ตัวชี้วัดที่เกี่ยวข้อง" in text
    assert "ยังไม่มีมาตรการของตัวชี้วัดที่ 1" in text
    plan.refresh_from_db()
    assert plan.status == "draft"
    m.findings.update(defect="")
    assert any("ผลการวิเคราะห์" in x.text for x in queries.missing_fields(plan))


def test_a_plan_that_changed_after_it_was_read_is_not_approved(plan, people):
    actions.submit_plan(plan=plan, by=people["officer"])
    digest_read = digest.of_json(content_of(plan))
    Measure.objects.filter(pk=first(plan).pk).update(title="เปลี่ยนหลังเปิดอ่าน")
    with pytest.raises(DomainError, match="เปลี่ยนไป"):
        actions.approve_plan(plan=plan, by=people["executive"], position="นายก", expected_digest=digest_read)
    assert queries.latest_approval(plan) is None


def test_a_submitted_plan_is_not_edited(client, plan, people):
    client.force_login(people["officer"])
    mine = stored_fields(plan)
    actions.submit_plan(plan=plan, by=people["officer"])
    m = first(plan)
    page = client.post(url("plan_edit", plan), {**mine, f"m{m.pk}-title": "สายไป", "save": "all"})
    assert page.status_code == 409
    assert fields(page)[f"m{m.pk}-title"] == ["สายไป"]
    m.refresh_from_db()
    assert m.title != "สายไป"
    client.post(url("plan_withdraw", plan))
    assert client.post(url("plan_edit", plan), {**fields(page), "save": "all"}).status_code == 302
    m.refresh_from_db()
    assert m.title == "สายไป"


def test_a_plan_is_returned_with_a_comment(client, plan, people):
    actions.submit_plan(plan=plan, by=people["officer"])
    client.force_login(people["executive"])
    assert client.post(url("plan_decide", plan), {"return": "1", "comment": ""}).status_code == 409
    client.post(url("plan_decide", plan), {"return": "1", "comment": "เพิ่มงบประมาณ"})
    client.force_login(people["officer"])
    assert "เพิ่มงบประมาณ" in client.get(url("plan_edit", plan)).content.decode()
    assert Notice.objects.filter(user=people["officer"], text__contains="เพิ่มงบประมาณ").exists()
    approve(plan, people)
    assert [d.step for d in plan.decisions.all()] == ["submitted", "returned", "submitted", "approved"]


def test_a_change_after_approval_needs_approval_and_the_old_one_stays_in_force(client, plan, people):
    approve(plan, people)
    m = first(plan)
    client.force_login(people["officer"])
    assert "จะเป็นฉบับใหม่ที่ต้องเสนออนุมัติอีกครั้ง" in client.get(url("plan_edit", plan)).content.decode()
    save(client, plan, {f"m{m.pk}-title": "ฉบับใหม่"})
    plan.refresh_from_db()
    assert plan.status == "draft"
    assert build_snapshot(plan).measures[0].title != "ฉบับใหม่"
    assert build_snapshot(plan, working_copy=True).measures[0].title == "ฉบับใหม่"
    assert build_snapshot(plan).approval == queries.latest_approval(plan)
    page = client.get(url("plan", plan)).content.decode()
    assert "ฉบับใหม่" in page
    assert "ยังใช้อยู่" in page
    assert "ฉบับใหม่" not in client.get(url("plan", plan), {"approved": "1"}).content.decode()
    approve(plan, people)
    assert build_snapshot(plan).measures[0].title == "ฉบับใหม่"
    assert Decision.objects.filter(plan=plan, step="approved").count() == 2


@pytest.mark.parametrize("kind", [Decision, FollowUp, Evidence])
def test_the_database_refuses_to_change_decisions_follow_ups_and_evidence(approved, kind):
    row = kind.objects.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        kind.objects.filter(pk=row.pk).update(id=row.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        kind.objects.filter(pk=row.pk).delete()


def test_the_public_sees_a_published_plan_in_force(client, approved, people):
    address = url("public_plan", approved)
    assert client.get(address).status_code == 404
    client.force_login(people["executive"])
    client.post(url("plan_publish", approved), {"public": "1"})
    client.logout()
    page = client.get(address).content.decode()
    assert first(approved).title in page
    agency_page = client.get(reverse("agency_year", args=["A1", sample_year() - 1])).content.decode()
    assert address in agency_page
    client.force_login(people["executive"])
    client.post(url("plan_publish", approved), {"public": "0"})
    assert client.get(address).status_code == 404


def test_the_public_plan_says_that_another_result_was_published_since(client, approved, people):
    client.force_login(people["executive"])
    client.post(url("plan_publish", approved), {"public": "1"})
    client.logout()
    notice = "ถูกแทนด้วยผลฉบับใหม่แล้ว"
    agency, year = approved.agency, approved.result_year
    assert notice not in client.get(url("public_plan", approved)).content.decode()
    result(agency, year, items={"O1": 0}, publish=False)  # its own import is not public
    assert notice not in client.get(url("public_plan", approved)).content.decode()
    result(agency, year, items={"O1": 0})
    page = client.get(url("public_plan", approved)).content.decode()
    assert notice in page
    assert reverse("agency_year", args=[agency.code, year]) in page


def test_only_a_submitted_plan_is_decided_on(plan, people):
    content_digest = digest.of_json(content_of(plan))
    executive = {"plan": plan, "by": people["executive"]}
    for _ in range(2):  # a draft, then an approved plan
        with pytest.raises(DomainError, match="ไม่ได้รอ"):
            actions.approve_plan(**executive, position="นายก", expected_digest=content_digest)
        with pytest.raises(DomainError, match="ไม่ได้รอ"):
            actions.return_plan(**executive, comment="แก้")
        with pytest.raises(DomainError, match="ไม่ได้รอ"):
            actions.withdraw_submission(plan=plan, by=people["officer"])
        if plan.status == "draft":
            approve(plan, people)
            plan.refresh_from_db()
    with pytest.raises(DomainError, match="ไม่มีการแก้ไข"):
        actions.submit_plan(plan=plan, by=people["officer"])
    assert [d.step for d in plan.decisions.all()] == ["submitted", "approved"]
    assert [d.content is None for d in plan.decisions.all()] == [True, False]


def test_a_plan_that_lost_a_field_after_submission_is_not_approved(plan, people):
    actions.submit_plan(plan=plan, by=people["officer"])
    Measure.objects.filter(pk=first(plan).pk).update(steps="")
    with pytest.raises(DomainError, match="ยังไม่ครบ"):
        actions.approve_plan(
            plan=plan, by=people["executive"], position="นายก", expected_digest=digest.of_json(content_of(plan))
        )
    assert queries.latest_approval(plan) is None


def test_a_submitted_plan_is_not_changed_by_any_action(plan, people):
    measure = first(plan)
    actions.submit_plan(plan=plan, by=people["officer"])
    before, by = content_of(plan), people["officer"]
    for change in (
        lambda: actions.add_measure(plan=plan, by=by),
        lambda: actions.remove_measure(measure=measure, by=by),
        lambda: actions.add_new_findings(plan=plan, by=by, comments={"O2": "ไม่พบรูปถ่าย"}),
        lambda: actions.submit_plan(plan=plan, by=by),
        lambda: actions.save_plan(plan=plan, edits=[], moves={measure.findings.first().pk: measure.pk + 1}, by=by),
    ):
        with pytest.raises(DomainError, match="เสนอผู้บริหารแล้ว"):
            change()
    assert content_of(plan) == before


def test_a_stored_plan_has_the_keys_of_version_0_1_0(plan, people):
    """Digests of plans approved then are those of their content now."""
    stored = approve(plan, people).content["measures"][0]
    assert {"keeper", "rhythm"} <= stored.keys()
    assert not {"owner", "follow_up_interval"} & stored.keys()


def test_nothing_is_overdue_in_a_draft(client, plan, people):
    day = fiscal.last_day(plan.fiscal_year) + datetime.timedelta(1)
    progress = track_progress(build_snapshot(plan), day)
    assert not any(p.is_overdue or p.accepts_late_report for p in progress)
    assert actions.remind(day=build_snapshot(plan).measures[0].due_dates[0]) == 0


def test_a_draft_is_not_published(plan, people):
    with pytest.raises(DomainError, match="อนุมัติ"):
        actions.set_public(plan=plan, public=True, by=people["executive"])


def test_a_snapshot_is_plain_and_frozen(approved):
    snapshot = build_snapshot(approved)
    row = snapshot.measures[0]
    assert row.indicators == (("1", queries.framework_of(approved).nodes["1"].label.th),)
    assert row.period == f"ตลอดปีงบประมาณ พ.ศ. {approved.fiscal_year}"
    assert (row.starts, row.ends) == (fiscal.first_day(approved.fiscal_year), fiscal.last_day(approved.fiscal_year))
    assert row.follow_ups[0].evidence == (("หลักฐาน.pdf", ""),)
    with pytest.raises(AttributeError):
        row.title = "x"
    assert PublishedResult.objects.exists()


def test_what_a_plan_quotes_of_assessors_is_public_with_the_plan(plan, people):
    """Nothing of it before the approval, nothing while the plan is not published, and what was approved, no later
    draft."""
    agency, year = plan.agency, plan.result.result_set.fiscal_year
    actions.add_new_findings(plan=plan, by=people["officer"], comments={"O2": "ไม่พบรูปถ่าย"})
    approve(plan, people)
    assert queries.public_reasons(year, [agency.pk]) == {}
    actions.set_public(plan=plan, public=True, by=people["executive"])
    assert queries.public_reasons(year, [agency.pk]) == {agency.pk: {"O2": "ไม่พบรูปถ่าย"}}
    assert queries.public_reasons(year - 1, [agency.pk]) == {}
    PlanFinding.objects.filter(plan=plan, kind="comment").update(defect="ร่างที่ยังไม่อนุมัติ")
    assert queries.public_reasons(year, [agency.pk]) == {agency.pk: {"O2": "ไม่พบรูปถ่าย"}}
    Plan.objects.update(status=Plan.Status.DRAFT)  # as editing it does
    approve(plan, people)
    assert queries.public_reasons(year, [agency.pk]) == {agency.pk: {"O2": "ร่างที่ยังไม่อนุมัติ"}}
    actions.set_public(plan=plan, public=False, by=people["executive"])
    assert queries.public_reasons(year, [agency.pk]) == {}


def shown_problems(page):
    return [str(m) for m in page.context["messages"] if m.level_tag == "error"] if page.context else []


def test_a_second_click_lands_on_the_page_without_a_refusal(client, plan, people):
    """Submitting from the page of the plan and from the form, withdrawing, returning: what went through is not refused
    to the same person."""
    client.force_login(people["officer"])
    form = {**stored_fields(plan), "submit": "1"}
    for address, sent, lands in (
        ("plan_edit", form, "plan"),
        ("plan_withdraw", {}, "plan_edit"),
        ("plan_submit", {}, "plan"),
    ):
        for _ in range(2):
            page = client.post(url(address, plan), sent, follow=True)
            assert page.redirect_chain[-1][0] == url(lands, plan)
            assert shown_problems(page) == [], address
    client.force_login(people["executive"])
    for _ in range(2):
        page = client.post(
            url("plan_decide", plan), {"return": "1", "comment": "เพิ่มงบประมาณ\r\nและผู้รับผิดชอบ"}, follow=True
        )
        assert page.redirect_chain[-1][0] == url("plan", plan)
        assert shown_problems(page) == []
    assert [d.step for d in plan.decisions.all()] == ["submitted", "recalled", "submitted", "returned"]
    other = client.post(url("plan_decide", plan), {"return": "1", "comment": "อย่างอื่น"}, follow=True)
    assert shown_problems(other), "what did not go through is refused"
