"""After a result is replaced, every paper and page that rests on the earlier one says so, and goes on saying it until
it is written anew."""

import dataclasses
import datetime

import pytest
from django.urls import reverse

from prongsai.documents import queries, sources
from prongsai.documents.models import Memo, Paper
from prongsai.documents.papers import KINDS, OF_REGISTER, WITHOUT_RESULT
from prongsai.improvement import actions as plans
from prongsai.improvement.models import Decision, Evidence, FollowUp, Plan
from prongsai.improvement.snapshot import content_of
from prongsai.results import actions as results
from tests.conftest import sample_year
from tests.documents.desk import issue
from tests.pages import markup

YEAR = sample_year()
ON_RESULT = [kind for kind in KINDS if kind not in {*WITHOUT_RESULT, *OF_REGISTER, "memo"}]
WHOLE = {str(n): f"{80 + n}.00" for n in range(1, 11)}


def confirm(agency, by, fiscal_year=YEAR, **values):
    imported = results.begin_typed_result(agency=agency, fiscal_year=fiscal_year, source="หนังสือแจ้งผล", by=by)
    earlier = sources.find_result(agency, fiscal_year)
    return results.confirm_document(
        imported=imported,
        agency=agency,
        fiscal_year=fiscal_year,
        values={**WHOLE, **values},
        replaces=earlier.pk if earlier else None,
        by=by,
    )


@pytest.fixture
def office(people, agencies, running_round, settings, tmp_path, client):
    settings.MEDIA_ROOT = tmp_path
    confirm(agencies[0], people["officer"], overall="86.25")
    client.force_login(people["officer"])
    return people


def store(agency, kind, by, fiscal_year=YEAR):
    return Paper.objects.create(
        agency=agency,
        kind=kind,
        fiscal_year=fiscal_year,
        content_digest="0" * 64,
        docx_sha256="0" * 64,
        pdf_sha256="0" * 64,
        figures_read=1,
        notes={"results": sources.find_basis(agency, fiscal_year)},
        by=by,
    )


def approve(agency, by):
    plan = plans.start_plan(agency=agency, result_year=YEAR, by=by)
    Plan.objects.filter(pk=plan.pk).update(status=Plan.Status.APPROVED)
    Decision.objects.create(
        plan=plan, step=Decision.Step.APPROVED, by=by, name="ผู้บริหาร", content=content_of(plan), digest="0" * 64
    )
    return plan


def page_of(client, fiscal_year=YEAR):
    return markup(client.get(reverse("papers", args=["A1", fiscal_year])))


def marked(client, fiscal_year=YEAR):
    """The kinds of papers that the page says rest on a result which another has replaced."""
    rows = page_of(client, fiscal_year).split('id="paper-')[1:]
    return {row.partition('"')[0] for row in rows if "ถูกแทนด้วยผลฉบับใหม่แล้ว" in row.partition('class="row"')[0]}


def test_every_paper_of_a_replaced_result_is_marked(client, office, agencies):
    for kind in ON_RESULT:
        store(agencies[0], kind, office["officer"])
    assert set(ON_RESULT) >= {"summary", "development", "measures"}
    assert marked(client) == set()
    confirm(agencies[0], office["officer"], overall="86.25", **{"4": "84.50"})
    assert marked(client) == set(ON_RESULT)


def test_papers_of_the_year_after_compare_with_it_and_are_marked(client, office, agencies):
    confirm(agencies[0], office["officer"], fiscal_year=YEAR + 1, overall="90.00")
    store(agencies[0], "summary", office["officer"], YEAR + 1)
    assert marked(client, YEAR + 1) == set()
    confirm(agencies[0], office["officer"], overall="85.00")
    assert marked(client, YEAR + 1) == {"summary"}
    assert f"ผลปี {YEAR} ที่ฉบับล่าสุดใช้" in page_of(client, YEAR + 1)


def test_a_paper_that_is_written_anew_is_not_marked(client, office, agencies):
    issue(client, "summary")
    assert Paper.objects.get().notes["results"] == {str(YEAR): sources.find_result(agencies[0], YEAR).pk}
    confirm(agencies[0], office["officer"], overall="84.25")
    assert marked(client) == {"summary"}
    issue(client, "summary")
    assert marked(client) == set()


def test_a_paper_that_says_the_same_by_the_new_result_is_not_held_back(client, office, agencies):
    store(agencies[0], "summary", office["officer"])
    confirm(agencies[0], office["officer"], overall="84.25")
    offered = next(o for o in queries.list_offered(agencies[0], YEAR) if o.kind == "summary")
    assert offered.is_replaced
    same = dataclasses.replace(offered, check=queries.PaperCheck(is_outdated=False, stale=()))
    assert not same.is_replaced


def test_every_page_of_an_approved_plan_says_that_its_result_was_replaced(client, office, agencies):
    plan = approve(agencies[0], office["officer"])
    store(agencies[0], "measures", office["officer"])
    pages = [reverse(name, args=["A1", YEAR + 1]) for name in ("plan", "plan_board", "plan_timeline", "plan_outcome")]
    notice = f"ผลปี {YEAR} ที่แผนนี้ใช้ถูกแทนด้วยผลฉบับใหม่แล้ว"
    for page in pages:
        assert notice not in markup(client.get(page)), page
    confirm(agencies[0], office["officer"], overall="84.25")
    for page in pages:
        assert notice in markup(client.get(page)), page
    assert "แผนที่เอกสารนี้ใช้จัดทำจากผลเดิม" in page_of(client)
    # a working copy that takes the new result up leaves the version in force as it was approved
    plans.add_new_findings(plan=plan, by=office["officer"], comments={})
    assert notice in markup(client.get(f"{pages[0]}?approved=1"))


def test_a_memo_about_a_replaced_result_is_marked(client, office, agencies):
    memo = Memo.objects.create(
        agency=agencies[0],
        result=sources.find_result(agencies[0], YEAR),
        content=sources.freeze_memo(sources.collect_data(agencies[0], YEAR), []),
        by=office["officer"],
    )
    address = reverse("memo", args=["A1", memo.pk])
    assert "ถูกแทน" not in markup(client.get(address)) + page_of(client)
    confirm(agencies[0], office["officer"], overall="84.25")
    assert "ที่บันทึกข้อความนี้รายงานถูกแทนด้วยผลฉบับใหม่แล้ว" in markup(client.get(address))
    assert "เขียนจากผลเดิมซึ่งถูกแทนแล้ว" in page_of(client)


def test_papers_that_rest_on_no_result_are_not_marked(client, office, agencies):
    for kind in ("checklist", "reminder"):
        store(agencies[0], kind, office["officer"])
    confirm(agencies[0], office["officer"], overall="84.25")
    assert marked(client) == set()


def test_evidence_stands_in_the_order_of_its_numbers(office, agencies):
    """As an officer numbers photographs: the tenth comes after the ninth, whichever order a browser sent them in."""
    plan = approve(agencies[0], office["officer"])
    measure = plan.measures.first()
    follow_up = FollowUp.objects.create(
        measure=measure,
        due=datetime.date(2025, 12, 31),
        on=datetime.date(2025, 12, 31),
        status="doing",
        by=office["officer"],
    )
    for name in ("ภาพ_1.jpg", "ภาพ_10.jpg", "ภาพ_2.jpg"):
        Evidence.objects.create(follow_up=follow_up, name=name, stored_as=f"x/{name}", sha256="0" * 64)
    measures = sources.collect_data(agencies[0], YEAR + 1, "outcome").measures
    (found,) = (f for m in measures for f in m.follow_ups)
    assert [file.name for file in found.attachments] == ["ภาพ_1.jpg", "ภาพ_2.jpg", "ภาพ_10.jpg"]
    assert list(found.evidence) == ["ภาพ_1.jpg", "ภาพ_2.jpg", "ภาพ_10.jpg"]


@pytest.mark.parametrize(
    ("thai_name", "english", "printed"),
    [
        ("เทศบาลตำบลไทรทอง", "Sai Thong (fictional)", "Sai Thong"),
        ("เทศบาลตำบลไทรทอง (สมมุติ)", "Sai Thong (fictional)", "Sai Thong (fictional)"),
        ("เทศบาลตำบลไทรทอง", "Sai Thong (Mueang)", "Sai Thong (Mueang)"),
    ],
)
def test_the_mark_of_fiction_stands_in_papers_in_both_languages_or_in_neither(
    office, agencies, thai_name, english, printed
):
    agencies[0].name_th, agencies[0].name_en = thai_name, english
    described = sources.collect_data(agencies[0], YEAR, "summary").office
    assert (described.name, described.name_en) == (thai_name, printed)
