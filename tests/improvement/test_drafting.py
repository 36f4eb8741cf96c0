"""From a result to a draft of a plan, and what a later result adds to it."""

import re

import pytest
from django.urls import reverse

from prongsai.disclosure.models import Filing
from prongsai.improvement import actions, queries
from prongsai.improvement.models import Measure, Plan, PlanFinding
from prongsai.improvement.snapshot import build_snapshot
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.results import actions as imports
from prongsai.rulebooks.queries import frameworks
from tests.conftest import sample_year
from tests.improvement.plans import YEAR, approve, first, result, save, url


def test_a_draft_covers_all_indicators_and_is_complete(plan):
    rows = queries.measures_of(plan)
    assert plan.fiscal_year == YEAR
    assert [m.indicators for m in rows] == [*([i.id] for i in queries.framework_of(plan).rules.indicators), []]
    assert {f.kind for f in rows[-1].findings.all()} == {"level"}  # of the whole
    assert queries.missing_fields(plan) == []
    assert "i1" in {f.node for f in rows[0].findings.all()}
    assert AuditEntry.objects.filter(action="improvement.start", agency="A1").exists()


def test_a_year_has_one_plan_and_needs_a_result(plan, people, agencies):
    with pytest.raises(DomainError, match="อยู่แล้ว"):
        actions.start_plan(agency=agencies[0], result_year=sample_year(), by=people["officer"])
    with pytest.raises(DomainError, match="ยังไม่มีผล"):
        actions.start_plan(agency=agencies[1], result_year=sample_year(), by=people["officer"])
    assert Plan.objects.count() == 1


def test_plans_are_based_on_published_results_and_own_imports(people, agencies):
    own, other = agencies
    imported = result(own, sample_year(), publish=False, origin="import")
    assert queries.results_of(own) == {sample_year(): imported}
    run = result(own, sample_year() - 1, publish=False)  # computed by the office, not published: nobody's yet
    assert run.result_set.fiscal_year not in queries.results_of(own)
    public = result(own, sample_year())
    assert queries.results_of(own) == {sample_year(): public}
    assert queries.results_of(other) == {}


def test_a_result_without_eit_part_two_makes_a_plan(client, people, agencies, running_round):
    result(agencies[0], sample_year(), items={"i1": 10}, without=("EIT2",))
    plan = actions.start_plan(agency=agencies[0], result_year=sample_year(), by=people["officer"])
    assert queries.missing_fields(plan) == []
    client.force_login(people["officer"])
    page = client.get(url("plan_edit", plan)).content.decode()
    assert "ไม่มีคะแนน EIT ส่วนที่ 2" in page
    assert "ไม่มีผลปีก่อนหน้า" in page
    assert "คำนวณไม่ได้" in client.get(url("plan_what_if", plan)).content.decode()


def test_assessors_comments_are_added_once_and_change_no_text(plan, people):
    before = first(plan).version()
    assert actions.add_new_findings(plan=plan, by=people["officer"], comments={"O2": "ไม่พบรูปถ่าย"}) == 1
    assert actions.add_new_findings(plan=plan, by=people["officer"], comments={"O2": "ไม่พบรูปถ่าย"}) == 0
    assert PlanFinding.objects.get(plan=plan, kind="comment").measure.indicators == ["9"]
    assert first(plan).version() == before


def test_comments_on_a_released_filing_are_findings(client, people, agencies, running_round):
    from tests.disclosure.filed import disputed

    filed = disputed(agencies[0], running_round, people)  # a mark of no points: “ไม่ครบ”
    result(agencies[0], sample_year())
    assert (
        queries.comments_on(agencies[0], sample_year()) == {}
    )  # the result has another mark than the one this was said of
    result(agencies[0], sample_year(), items={filed["item"]: 0})
    client.force_login(people["officer"])
    client.post(reverse("plan_start", args=["A1"]), {"result_year": sample_year()})
    comment = PlanFinding.objects.get(kind="comment")
    assert (comment.node, comment.defect) == (filed["item"], "ไม่ครบ")
    Filing.objects.update(released_at=None)
    assert queries.comments_on(agencies[0], sample_year()) == {}


def test_comments_that_came_with_the_document_are_findings(client, people, agencies, running_round):
    """As the officer confirmed them, word for word; on an item with full marks none."""
    framework = frameworks("ita")[sample_year()]
    imported = imports.begin_typed_result(
        agency=agencies[0], fiscal_year=sample_year(), source="ผลตรวจ", by=people["officer"]
    )
    values = {i.id: "80.00" for i in framework.rules.indicators} | {"O1": "0.00", "O2": "100.00"}
    imports.confirm_document(
        imported=imported,
        agency=agencies[0],
        fiscal_year=sample_year(),
        values=values,
        comments={"O1": "ไม่พบหมายเลขโทรศัพท์", "O2": "จัดทำดีแล้ว"},
        by=people["officer"],
    )
    client.force_login(people["officer"])
    page = client.post(reverse("plan_start", args=["A1"]), {"result_year": sample_year()}, follow=True)
    comment = PlanFinding.objects.get(kind="comment")
    assert (comment.node, comment.defect) == ("O1", "ไม่พบหมายเลขโทรศัพท์")
    assert "ไม่พบหมายเลขโทรศัพท์" in page.content.decode()


def test_a_corrected_result_is_announced_and_its_findings_are_added(client, plan, people, agencies):
    client.force_login(people["officer"])
    assert "ฉบับใหม่กว่า" not in client.get(url("plan_edit", plan)).content.decode()
    result(agencies[0], sample_year(), items={"i1": 50, "O5": 0})
    assert "ฉบับใหม่กว่า" in client.get(url("plan_edit", plan)).content.decode()
    save(client, plan, {}, add_findings="1")
    plan.refresh_from_db()
    assert queries.newer_result(plan) is None
    assert PlanFinding.objects.filter(plan=plan, node="O5").exists()


def test_a_new_measure_gets_a_finding_of_the_agencys_own(client, plan, people):
    client.force_login(people["officer"])
    new = actions.add_measure(plan=plan, by=people["officer"], indicators=["3"], title="จัดประชุมชี้แจง", steps="ก")
    Measure.objects.filter(pk=new.pk).update(units=["สำนักปลัด"])
    assert "ผลการวิเคราะห์" in next(x.text for x in queries.missing_fields(plan) if x.measure == new)
    page = save(client, plan, {f"m{new.pk}-new_finding": "ประชาชนบ่นในที่ประชุมหมู่บ้าน"})
    assert page.status_code == 302
    own = new.findings.get()
    assert (own.defect, own.get_kind_display()) == ("ประชาชนบ่นในที่ประชุมหมู่บ้าน", "หน่วยงานระบุเอง")
    assert queries.missing_fields(plan) == []
    save(client, plan, {f"m{new.pk}-f{own.pk}-defect": ""})  # emptied: taken back
    assert not new.findings.exists()


def test_the_required_columns_are_those_of_the_plans_year(agencies, people):
    message = {}
    for year in (2564, sample_year()):
        result(agencies[0], year - 1)
        made = actions.start_plan(agency=agencies[0], result_year=year - 1, by=people["officer"])
        Measure.objects.filter(pk=first(made).pk).update(units=[], steps="")
        message[year] = [x.text for x in queries.missing_fields(made)]
    assert message == {2564: [], sample_year(): ["ยังขาด ขั้นตอน, ผู้รับผิดชอบ"]}


def test_new_overall_findings_go_to_the_overall_measure(plan, people, agencies):
    actions.add_measure(plan=plan, by=people["officer"], title="ยังไม่ได้เลือกตัวชี้วัด")
    result(agencies[0], YEAR - 1, default=40)
    assert actions.add_new_findings(plan=plan, by=people["officer"]) > 0
    empty, whole = sorted((m for m in queries.measures_of(plan) if not m.indicators), key=lambda m: m.findings.count())
    assert {f.kind for f in whole.findings.all()} == {"level", "instrument"}
    assert not empty.findings.exists()
    assert any("ตัวชี้วัดที่เกี่ยวข้อง" in x.text for x in queries.missing_fields(plan) if x.measure == empty)
    about = {r.title: r.subjects for r in build_snapshot(plan).measures}
    assert about[whole.title] == ("ภาพรวม",)
    assert about[empty.title] == ()


def test_an_overall_measure_is_drafted_where_there_is_none(people, agencies):
    result(agencies[0], YEAR - 1, default=100)
    made = actions.start_plan(agency=agencies[0], result_year=YEAR - 1, by=people["officer"])
    assert all(m.indicators for m in queries.measures_of(made))
    result(agencies[0], YEAR - 1, default=40)
    actions.add_new_findings(plan=made, by=people["officer"])
    (whole,) = (m for m in queries.measures_of(made) if not m.indicators)
    assert all((whole.title, whole.steps, whole.success, whole.units))
    assert not any(x.measure == whole for x in queries.missing_fields(made))


def test_the_desk_says_in_which_stage_a_result_is(client, people, agencies, running_round):
    """A confirmed result that waits for the office is no "nothing yet"; one that the office computed is nobody's."""
    own = agencies[0]
    client.force_login(people["officer"])
    desk = reverse("agency_desk", args=["A1"])
    result(own, sample_year() - 1, publish=False)
    assert "ยืนยันแล้ว รอส่วนกลางเผยแพร่" not in client.get(desk).content.decode()
    imported = result(own, sample_year(), publish=False, origin="import")
    page = client.get(desk).content.decode()
    assert "ยืนยันแล้ว รอส่วนกลางเผยแพร่" in page
    assert imported.shown["overall"] in page
    for year in (sample_year() - 2, sample_year() - 1, sample_year() + 1):
        result(own, year, publish=year != sample_year() - 2, origin="import")
    page = client.get(desk).content.decode()
    listed = [int(year) for year in re.findall(r"/agency/A1/result/(25\d\d)/\"\s*>\s*25", page)]
    assert listed == [sample_year() + 1, sample_year(), sample_year() - 1, sample_year() - 2]  # whatever their stage
    confirmed = [int(year) for year in re.findall(r"<li>\s*ปี (25\d\d) ·", page)]
    assert confirmed == listed
    result(own, sample_year())
    own.refresh_from_db()
    page = client.get(desk).content.decode()
    assert page.count("ยืนยันแล้ว รอส่วนกลางเผยแพร่") == 1
    assert "เผยแพร่แล้ว" in page


def test_papers_of_the_plans_year_point_to_the_result_they_rest_on(client, plan, people, running_round):
    client.force_login(people["officer"])
    page = client.get(reverse("papers", args=["A1", plan.fiscal_year - 1])).content.decode()
    assert "ฉบับที่เขียนจากผลปี" not in page
    approve(plan, people)
    page = client.get(reverse("papers", args=["A1", plan.fiscal_year])).content.decode()
    assert f"ฉบับที่เขียนจากผลปี {plan.fiscal_year - 1}" in page
    assert f'href="{reverse("papers", args=["A1", plan.fiscal_year - 1])}#paper-memo"' in page
