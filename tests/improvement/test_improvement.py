"""From a result to a plan in force: drafting, saving, approval, follow-up, reminders, outcome, library, downloads."""

import datetime
import io
import re
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from python_calamine import CalamineWorkbook

from prongsai.disclosure.models import Filing
from prongsai.improvement import actions, library, queries
from prongsai.improvement.forms import form_of
from prongsai.improvement.models import Decision, Evidence, FollowUp, LibraryEntry, Measure, Plan, PlanFinding, Reminder
from prongsai.improvement.outcome import compare_outcome, compute_what_if
from prongsai.improvement.snapshot import build_snapshot, content_of, track_progress
from prongsai.lib import digest, fiscal
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.registry.models import Appointment
from prongsai.results.models import PublishedResult
from tests.conftest import sample_year
from tests.improvement.plans import approve, approved_plan, follow_up, result
from tests.pages import markup

YEAR = sample_year() + 1  # of the plan


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


def url(name, plan, *more):
    return reverse(name, args=[plan.agency.code, plan.fiscal_year, *more])


def fields(page):
    """What a browser would send of the edit page's form, unchanged."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        def __init__(self):
            super().__init__()
            self.sent, self.area, self.select = {}, None, None

        def handle_starttag(self, tag, attrs):
            a = dict(attrs)
            if tag == "input" and a.get("name") and a.get("type") not in ("submit", "file"):
                if a.get("type") != "checkbox" or "checked" in a:
                    self.sent.setdefault(a["name"], []).append(a.get("value", ""))
            elif tag == "textarea":
                self.area = a["name"]
                self.sent[self.area] = [""]
            elif tag == "select":
                self.select = a["name"]
            elif tag == "option" and self.select and ("selected" in a or self.select not in self.sent):
                self.sent[self.select] = [a["value"]]

        def handle_endtag(self, tag):
            self.area = None if tag == "textarea" else self.area
            self.select = None if tag == "select" else self.select

        def handle_data(self, data):
            if self.area:
                self.sent[self.area][0] += data

    text = page.content.decode()
    form = Form()
    form.feed(text[text.index('id="plan-form"') :])
    return {k: v for k, v in form.sent.items() if re.match(r"m\d", k)}


def stored_fields(plan):
    """What ``fields`` reads from the edit page of a plan as stored, without rendering it."""
    sent = {}
    for form in map(form_of, queries.measures_of(plan)):
        sent[f"{form.id}-base_version"] = [form.base_version]
        sent |= {f"{form.id}-{name}": ["" if v is None else str(v)] for name, v in form.fields.items()}
        sent[f"{form.id}-new_finding"] = [""]
        for f in form.findings:
            prefix = f"{form.id}-f{f.finding.pk}"
            sent |= {f"{prefix}-defect": [f.defect], f"{prefix}-remedy": [f.remedy], f"{prefix}-home": [str(f.home)]}
        if indicators := form.fields["indicators"]:
            sent[f"{form.id}-indicators"] = indicators
        else:
            del sent[f"{form.id}-indicators"]
    return sent


def save(client, plan, changes, **more):
    """Change some fields of the edit page, send."""
    sent = stored_fields(plan)
    assert set(changes) <= set(sent), set(changes) - set(sent)
    return client.post(url("plan_edit", plan), {**sent, **changes, "save": "all", **more})


def first(plan):
    return queries.measures_of(plan)[0]


# --- drafting


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
    assert "ไม่มีคะแนน EIT2" in page
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


def test_a_corrected_result_is_announced_and_its_findings_are_added(client, plan, people, agencies):
    client.force_login(people["officer"])
    assert "ชุดใหม่กว่า" not in client.get(url("plan_edit", plan)).content.decode()
    result(agencies[0], sample_year(), items={"i1": 50, "O5": 0})
    assert "ชุดใหม่กว่า" in client.get(url("plan_edit", plan)).content.decode()
    save(client, plan, {}, add_findings="1")
    plan.refresh_from_db()
    assert queries.newer_result(plan) is None
    assert PlanFinding.objects.filter(plan=plan, node="O5").exists()


# --- editing


def test_a_page_saved_unchanged_changes_nothing(client, plan, people):
    client.force_login(people["officer"])
    before = content_of(plan)
    sent = fields(client.get(url("plan_edit", plan)))
    assert sent == stored_fields(plan)
    assert client.post(url("plan_edit", plan), {**sent, "save": "all"}).status_code == 302
    assert content_of(plan) == before
    assert not AuditEntry.objects.filter(action="improvement.save").exists()


def test_everything_of_a_measure_can_be_changed(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    finding = m.findings.first()
    other = queries.measures_of(plan)[1]
    page = save(
        client,
        plan,
        {
            f"m{m.pk}-title": "จัดคิวบริการ",
            f"m{m.pk}-steps": "ก\r\nข",
            f"m{m.pk}-starts": "4",
            f"m{m.pk}-ends": "6",
            f"m{m.pk}-follow_up_interval": "monthly",
            f"m{m.pk}-units": "สำนักปลัด, กองช่าง",
            f"m{m.pk}-budget": "๕,๐๐๐",
            f"m{m.pk}-success": "ผู้มาติดต่อรอไม่เกิน 15 นาที",
            f"m{m.pk}-owner": str(people["officer"].pk),
            f"m{m.pk}-indicators": ["1", "6"],
            f"m{m.pk}-f{finding.pk}-defect": "รอนาน",
            f"m{m.pk}-f{finding.pk}-remedy": "ทำบัตรคิว",
            f"m{m.pk}-f{finding.pk}-home": str(other.pk),
        },
    )
    assert page.status_code == 302
    m.refresh_from_db()
    assert (m.title, m.steps, m.period, m.units) == (
        "จัดคิวบริการ",
        "ก\nข",
        f"ไตรมาสที่ 2 (มกราคม {YEAR} – มีนาคม {YEAR})",
        ["สำนักปลัด", "กองช่าง"],
    )
    assert (m.budget, m.owner, m.indicators, len(m.due_dates)) == (Decimal(5000), people["officer"], ["1", "6"], 3)
    finding.refresh_from_db()
    assert (finding.defect, finding.remedy, finding.measure) == ("รอนาน", "ทำบัตรคิว", other)


def test_long_and_unusual_text_is_stored_unchanged(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    words = " ".join(["ขั้นตอนยาวมาก🙂"] * 1400)  # some 3,000 words of Thai
    table = "ลำดับ\tงาน\r\n1\tประชุม\r\n"
    assert save(client, plan, {f"m{m.pk}-steps": words + "\r\n" + table + "จบ\x00\x0bจริง"}).status_code == 302
    m.refresh_from_db()
    assert m.steps == words + "\nลำดับ | งาน\n1 | ประชุม\nจบ\nจริง"
    assert save(client, plan, {}).status_code == 302
    assert not Measure.objects.filter(pk=m.pk).exclude(steps=m.steps).exists()
    approve(plan, people)
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(url("plan_xlsx", plan)).content))
    assert book.get_sheet_by_index(0).to_python()[1][4] == m.steps


WRONG_FIELDS = [
    ({"title": "ช" * 301}, "300"),
    ({"steps": "ย" * 30_001}, "ยาวเกิน"),
    ({"starts": "3", "ends": "1"}, "ก่อนเดือนที่เริ่ม"),
    ({"starts": "13"}, "เลือกเดือน"),
    ({"budget": "หลายบาท"}, "ไม่ใช่จำนวนเงิน"),
    ({"follow_up_interval": "hourly"}, "เลือกรอบการติดตาม"),
    ({"units": "ห" * 151}, "150"),
    ({"owner": "999999"}, "ทำหน้าที่"),
    ({"new_finding": "ย" * 30_001}, "ข้อค้นพบยาวเกิน"),
]


def test_wrong_fields_are_reported_and_everything_typed_is_shown_again(client, plan, people):
    client.force_login(people["officer"])
    *measures, valid = queries.measures_of(plan)[: len(WRONG_FIELDS) + 1]
    changes = {f"m{valid.pk}-title": "แก้อีกมาตรการ"}
    for m, (typed, _) in zip(measures, WRONG_FIELDS, strict=True):
        changes |= {
            f"m{m.pk}-success": f"พิมพ์ไว้แล้ว {m.pk}",
            **{f"m{m.pk}-{field}": text for field, text in typed.items()},
        }
    page = save(client, plan, changes)
    assert page.status_code == 422
    sections = page.content.decode().split("<section")[1:]
    sent = fields(page)
    for m, (typed, message) in zip(measures, WRONG_FIELDS, strict=True):
        section = next(s for s in sections if f'id="m{m.pk}"' in s)
        assert message in section, typed
        assert sent[f"m{m.pk}-success"] == [f"พิมพ์ไว้แล้ว {m.pk}"]
        for field in typed.keys() & {"title", "steps", "budget", "units", "new_finding"}:
            assert sent[f"m{m.pk}-{field}"] == [typed[field]]
        m.refresh_from_db()
        assert "พิมพ์ไว้แล้ว" not in m.success
    valid.refresh_from_db()
    assert valid.title == "แก้อีกมาตรการ"  # what is valid is saved


def test_two_officers_do_not_overwrite_each_other(client, plan, people):
    client.force_login(people["officer"])
    one, two = queries.measures_of(plan)[:2]
    mine = stored_fields(plan)
    theirs = dict(mine)
    theirs[f"m{one.pk}-title"] = "ของคนแรก"
    assert client.post(url("plan_edit", plan), {**theirs, "save": "all"}).status_code == 302
    mine[f"m{one.pk}-title"] = "ของคนที่สอง"
    mine[f"m{two.pk}-title"] = "ไม่ชนใคร"
    page = client.post(url("plan_edit", plan), {**mine, "save": "all"})
    assert page.status_code == 409
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.title, two.title) == ("ของคนแรก", "ไม่ชนใคร")
    text = page.content.decode()
    assert "ของคนแรก" in text
    again = fields(page)
    assert again[f"m{one.pk}-title"] == ["ของคนที่สอง"]
    assert client.post(url("plan_edit", plan), {**again, "save": "all"}).status_code == 302  # now it is meant
    one.refresh_from_db()
    assert one.title == "ของคนที่สอง"


def test_an_unchanged_measure_is_no_conflict(client, plan, people):
    client.force_login(people["officer"])
    one, two = queries.measures_of(plan)[:2]
    mine = stored_fields(plan)
    save(client, plan, {f"m{one.pk}-title": "ของคนอื่น"})
    assert client.post(url("plan_edit", plan), {**mine, f"m{two.pk}-title": "ของฉัน", "save": "all"}).status_code == 302
    one.refresh_from_db()
    assert one.title == "ของคนอื่น"


def test_an_edit_of_a_measure_removed_meanwhile_is_not_lost(client, plan, people):
    client.force_login(people["officer"])
    extra = actions.add_measure(plan=plan, by=people["officer"], indicators=["1"], title="ส่วนเกิน")
    mine = stored_fields(plan)
    actions.remove_measure(measure=extra, by=people["officer"])
    page = client.post(url("plan_edit", plan), {**mine, f"m{extra.pk}-title": "ยังต้องการ", "save": "all"})
    assert page.status_code == 409
    assert "นำมาตรการนี้ออก" in page.content.decode()
    assert client.post(url("plan_edit", plan), {**fields(page), "save": "all"}).status_code == 302
    extra.refresh_from_db()
    assert (extra.title, extra.removed) == ("ยังต้องการ", False)


def test_adding_and_removing_measures(client, plan, people):
    client.force_login(people["officer"])
    added = save(client, plan, {}, add="1")
    made = Measure.objects.order_by("-pk").first()
    assert added["Location"].endswith(f"#m{made.pk}")
    assert any(x.measure == made for x in queries.missing_fields(plan))
    save(client, plan, {}, remove=str(made.pk))
    made.refresh_from_db()
    assert made.removed
    m = first(plan)  # the only one of its indicator: its findings have nowhere to go
    save(client, plan, {}, remove=str(m.pk))
    m.refresh_from_db()
    assert not m.removed


def test_findings_of_a_removed_measure_move_to_its_successor(plan, people):
    m = first(plan)
    number = m.findings.count()
    taking = actions.add_measure(plan=plan, by=people["officer"], indicators=["1", "2"])
    actions.remove_measure(measure=m, by=people["officer"])
    assert taking.findings.count() == number


def test_a_forged_page_reaches_no_other_plan(client, plan, people, agencies):
    result(agencies[1], sample_year(), items={"i1": 1})
    foreign = actions.start_plan(agency=agencies[1], result_year=sample_year(), by=people["office"])
    m, f = first(foreign), first(foreign).findings.first()
    client.force_login(people["officer"])
    mine = stored_fields(plan)
    own = first(plan)
    client.post(
        url("plan_edit", plan),
        {
            **mine,
            f"m{m.pk}-base_version": m.version(),
            f"m{m.pk}-title": "ยึด",
            f"m{own.pk}-f{f.pk}-defect": "ยึด",
            f"m{own.pk}-f{own.findings.first().pk}-home": str(m.pk),
            "remove": str(m.pk),
        },
    )
    m.refresh_from_db()
    f.refresh_from_db()
    assert m.title != "ยึด"
    assert f.defect != "ยึด"
    assert not m.removed
    assert own.findings.first().measure_id == own.pk


def test_an_action_reaches_no_other_plan(plan, people, agencies):
    """The actions guard what they write themselves, whatever a page let through."""
    result(agencies[1], sample_year(), items={"i1": 1})
    foreign = first(actions.start_plan(agency=agencies[1], result_year=sample_year(), by=people["office"]))
    finding, own = foreign.findings.first(), first(plan)
    values = {**own.values(), "findings": {str(finding.pk): ["ยึด", "ยึด"]}}
    edit = actions.MeasureEdit(own.pk, own.version(), values)
    moves = {own.findings.first().pk: foreign.pk, finding.pk: own.pk}
    actions.save_plan(plan=plan, edits=[edit], moves=moves, by=people["officer"])
    finding.refresh_from_db()
    assert finding.defect != "ยึด"
    assert finding.measure == foreign
    assert own.findings.first().measure == own


# --- approval


def test_a_plan_goes_to_the_executive_and_comes_into_force(client, plan, people):
    client.force_login(people["officer"])
    assert save(client, plan, {}, submit="1")["Location"] == url("plan", plan)
    plan.refresh_from_db()
    assert plan.status == "submitted"
    assert Notice.objects.filter(user=people["executive"], url=url("plan", plan)).exists()
    client.force_login(people["executive"])
    page = client.get(url("plan_decide", plan)).content.decode()
    content_digest = re.search(r'name="expected_digest" value="([0-9a-f]{64})"', page)[1]
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


def test_a_finding_is_not_moved_to_a_measure_in_conflict(client, plan, people):
    client.force_login(people["officer"])
    one, two = queries.measures_of(plan)[:2]
    finding = one.findings.first()
    older = stored_fields(plan)
    save(client, plan, {f"m{two.pk}-title": "ของคนแรก"})
    older |= {f"m{two.pk}-title": "ของคนที่สอง", f"m{one.pk}-f{finding.pk}-home": str(two.pk)}
    assert client.post(url("plan_edit", plan), {**older, "save": "all"}).status_code == 409
    finding.refresh_from_db()
    assert finding.measure == one


def test_a_page_of_version_0_1_0_is_still_saved(client, plan, people):
    """It names some fields as they were then; nothing typed on it is lost."""
    client.force_login(people["officer"])
    m = first(plan)
    page = stored_fields(plan)
    former = {"base_version": "was", "owner": "keeper", "follow_up_interval": "rhythm", "new_finding": "found"}
    changes = {"owner": str(people["officer"].pk), "follow_up_interval": "monthly", "new_finding": "ประชาชนบ่น"}
    page |= {f"m{m.pk}-{name}": value for name, value in changes.items()}
    sent = {}
    for name, value in page.items():
        measure, _, field = name.partition("-")
        sent[f"{measure}-{former.get(field, field)}"] = value
    assert client.post(url("plan_edit", plan), {**sent, "save": "all"}).status_code == 302
    m.refresh_from_db()
    assert (m.owner, m.follow_up_interval) == (people["officer"], "monthly")
    assert m.findings.filter(kind="own", defect="ประชาชนบ่น").exists()
    assert AuditEntry.objects.get(action="improvement.save").detail["measures"] == [m.pk]  # and no other


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


# --- follow-up


def posted(plan, **more):
    due = build_snapshot(plan).measures[0].due_dates[1].isoformat()
    return {
        "due": due,
        "on": fiscal.first_day(plan.fiscal_year, 6).isoformat(),
        "status": "done",
        "done": "ทำครบแล้ว",
        "obstacles": "",
        "suggestion": "ทำต่อ",
        "links": "https://example.go.th/a\nhttps://example.go.th/ข่าว",
    } | more


def test_a_follow_up_with_evidence(client, approved, people):
    client.force_login(people["officer"])
    m = first(approved)
    files = [SimpleUploadedFile("ภาพ.png", b"\x89PNG" + b"x" * 50), SimpleUploadedFile("สรุป.pdf", b"%PDF")]
    page = client.post(url("follow_up", approved, m.pk), {**posted(approved), "file": files})
    assert page.status_code == 302
    made = FollowUp.objects.order_by("-pk").first()
    assert (made.status, made.done, made.by) == ("done", "ทำครบแล้ว", people["officer"])
    assert [e.name for e in made.evidence.all()] == [
        "https://example.go.th/a",
        "https://example.go.th/ข่าว",
        "ภาพ.png",
        "สรุป.pdf",
    ]
    kept = made.evidence.get(name="ภาพ.png")
    answer = client.get(reverse("evidence", args=["A1", kept.pk]))
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(reverse("evidence", args=["B2", kept.pk])).status_code == 403
    client.force_login(people["office"])
    assert client.get(reverse("evidence", args=["B2", kept.pk])).status_code == 404
    assert "ทำครบแล้ว" in client.get(url("measure", approved, m.pk)).content.decode()


WRONG_FOLLOW_UPS = [
    ({"done": ""}, "ทำอะไรไปแล้ว"),
    ({"status": "stuck"}, "ติดขัดที่อะไร"),
    ({"links": "javascript:alert(1)"}, "ไม่ใช่ลิงก์"),
    ({"links": "\n".join(f"https://a.go.th/{k}" for k in range(11))}, "ไม่เกิน 10"),
    ({"due": "2020-01-01"}, ""),
    ({"on": "2999-01-01"}, "อนาคต"),
    ({"on": "1999-01-01"}, "ก่อนเริ่ม"),
    ({"on": "เมื่อวาน"}, ""),
    ({"done": "ย" * 30_001}, "ยาวเกิน"),
    ({"file": b"MZ"}, "ต้องเป็น"),
    ({"status": "unknown"}, ""),
]


def test_a_wrong_follow_up_is_reported_and_texts_are_shown_again(client, approved, people):
    client.force_login(people["officer"])
    m = first(approved)
    before = FollowUp.objects.count()
    for change, message in WRONG_FOLLOW_UPS:
        sent = {**posted(approved, suggestion="ข้อเสนอที่พิมพ์ไว้"), **change}
        if "file" in change:
            sent["file"] = SimpleUploadedFile("a.exe", change["file"])
        page = client.post(url("follow_up", approved, m.pk), sent)
        assert page.status_code == 422, change
        text = page.content.decode()
        assert message in text, change
        assert "errorlist" in text
        assert "ข้อเสนอที่พิมพ์ไว้" in text
    assert FollowUp.objects.count() == before


def test_a_draft_is_not_followed_up(plan, people):
    with pytest.raises(DomainError, match="อนุมัติ"):
        actions.add_follow_up(
            measure=first(plan),
            due=fiscal.last_day(YEAR),
            on=datetime.date(2020, 1, 1),
            status="done",
            done="x",
            obstacles="",
            suggestion="",
            by=people["officer"],
        )


def test_the_later_follow_up_of_a_date_counts(approved, people):
    follow_up(approved, people, done="แก้คำ", status="stuck", obstacles="ไม่มีคน")
    row = build_snapshot(approved).measures[0]
    assert [f.done for f in row.follow_ups] == ["แก้คำ"]
    assert FollowUp.objects.count() == 2


def test_progress_on_the_board(client, approved, people):
    snapshot = build_snapshot(approved)
    due_dates = snapshot.measures[0].due_dates
    day = due_dates[1] - datetime.timedelta(1)
    cards = track_progress(snapshot, day)
    assert cards[0].status == "กำลังทำ"
    assert cards[0].pending == due_dates[1:]
    assert not cards[0].is_overdue
    assert track_progress(snapshot, due_dates[1] + datetime.timedelta(1))[0].is_overdue
    follow_up(approved, people, due=1, status="done", on=due_dates[1])
    done = track_progress(build_snapshot(approved), fiscal.last_day(approved.fiscal_year))[0]
    assert (done.status, done.pending, done.is_overdue) == ("เสร็จแล้ว", (), False)
    client.force_login(people["auditor"])
    for name in ("plan_board", "plan_timeline", "plan_outcome"):
        assert client.get(url(name, approved)).status_code == 200


def test_follow_ups_stay_with_a_removed_measure(approved, people):
    m = first(approved)
    actions.add_measure(plan=approved, by=people["officer"], indicators=["1"], title="แทน", steps="ก")
    new = approved.measures.order_by("-pk").first()
    Measure.objects.filter(pk=new.pk).update(units=["กองคลัง"])
    actions.remove_measure(measure=m, by=people["officer"])
    assert build_snapshot(approved).measures[0].measure == m.pk  # still in force
    approve(approved, people)
    assert m.pk not in {r.measure for r in build_snapshot(approved).measures}
    assert FollowUp.objects.filter(measure=m).exists()


def test_only_the_last_date_before_the_approval_is_pending(plan, people):
    due_dates = build_snapshot(plan).measures[0].due_dates
    assert len(due_dates) == 4
    approve(plan, people, on=due_dates[1] + datetime.timedelta(5))
    snapshot = build_snapshot(plan)
    assert {r.approved_on for r in snapshot.measures} == {due_dates[1] + datetime.timedelta(5)}
    card = track_progress(snapshot, due_dates[1] + datetime.timedelta(6))[0]
    assert (card.pending, card.is_overdue) == (due_dates[2:], False)
    assert track_progress(snapshot, due_dates[2] + datetime.timedelta(1))[0].is_overdue


def test_a_plan_approved_after_its_year_accepts_a_late_report(plan, people):
    due_dates = build_snapshot(plan).measures[0].due_dates
    approve(plan, people, on=due_dates[-1] + datetime.timedelta(3))
    Notice.objects.all().delete()
    card = track_progress(build_snapshot(plan), due_dates[-1] + datetime.timedelta(4))[0]
    assert (card.pending, card.is_overdue, card.accepts_late_report) == (due_dates[-1:], False, True)
    assert actions.remind(day=due_dates[-1] + datetime.timedelta(4)) == 0


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


def test_a_measure_is_not_overdue_for_dates_before_its_approval(approved, people):
    due_dates = build_snapshot(approved).measures[0].due_dates
    new = actions.add_measure(plan=approved, by=people["officer"], indicators=["1"], title="เพิ่มกลางปี", steps="ก")
    Measure.objects.filter(pk=new.pk).update(units=["กองคลัง"])
    PlanFinding.objects.filter(measure=first(approved)).update(measure=new)
    actions.remove_measure(measure=first(approved), by=people["officer"])
    approve(approved, people, on=due_dates[1] + datetime.timedelta(9))
    cards = {
        c.measure.measure: c for c in track_progress(build_snapshot(approved), due_dates[1] + datetime.timedelta(10))
    }
    assert (cards[new.pk].is_overdue, cards[new.pk].pending[0]) == (False, due_dates[2])
    assert any(c.is_overdue for c in cards.values())  # those in force since the beginning


def test_the_timeline_marks_as_late_what_the_board_does(client, plan, people):
    approve(plan, people, on=fiscal.last_day(plan.fiscal_year) + datetime.timedelta(9))
    client.force_login(people["officer"])
    assert "dot overdue" not in client.get(url("plan_timeline", plan)).content.decode().partition("<table")[2]


def test_reports_of_six_months_and_of_the_year(client, approved, people):
    follow_up(
        approved, people, due=3, status="done", done="งานปลายปี", on=build_snapshot(approved).measures[0].due_dates[3]
    )
    client.force_login(people["officer"])
    six, year = (client.get(url("plan_report", approved, half)).content.decode() for half in ("six", "year"))
    assert "ทำคู่มือแล้ว" in six
    assert "งานปลายปี" not in six
    assert "งานปลายปี" in year
    assert client.get(url("plan_report", approved, "ten")).status_code == 404
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(url("plan_report_xlsx", approved, "year")).content))
    rows = book.get_sheet_by_index(0).to_python()
    assert [r[7] for r in rows[1:3]] == ["ทำคู่มือแล้ว", "งานปลายปี"]
    assert len(rows) == 1 + 2 + 10


def test_the_plan_as_a_spreadsheet_runs_no_formula(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    save(client, plan, {f"m{m.pk}-title": '=HYPERLINK("http://x","กด")', f"m{m.pk}-budget": "1,500.50"})
    content = client.get(url("plan_xlsx", plan)).content
    row = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1]
    assert row[3] == '=HYPERLINK("http://x","กด")'
    assert row[9] == 1500.5
    assert row[6] == fiscal.first_day(YEAR)
    import zipfile

    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


# --- reminders


def test_owners_are_reminded_once_of_each_due_date(approved, people):
    due = build_snapshot(approved).measures[0].due_dates[1]
    Notice.objects.all().delete()
    assert actions.remind(day=due - datetime.timedelta(20)) == 0
    assert actions.remind(day=due - datetime.timedelta(5)) == 1
    assert actions.remind(day=due - datetime.timedelta(4)) == 0
    notice = Notice.objects.get()
    assert notice.user == people["officer"]
    assert "11 มาตรการ" in notice.text
    assert fiscal.short_date(due) in notice.text
    assert actions.remind(day=due + datetime.timedelta(1)) == 1
    assert actions.remind(day=due + datetime.timedelta(2)) == 0
    assert "เลยกำหนด" in Notice.objects.first().text
    assert actions.remind(day=due + datetime.timedelta(60)) == 0


def test_the_command_reminds(approved, monkeypatch, capsys):
    day = build_snapshot(approved).measures[0].due_dates[1]
    monkeypatch.setattr(actions, "today", lambda: day)
    call_command("remind")
    assert "แจ้งเตือน 1 รายการ" in capsys.readouterr().out
    assert Reminder.objects.get().kind == "soon"


def test_a_former_owner_is_not_reminded(client, plan, people, agencies):
    client.force_login(people["officer"])
    m = first(plan)
    save(client, plan, {f"m{m.pk}-owner": str(people["executive"].pk)})
    approve(plan, people)
    due = build_snapshot(plan).measures[0].due_dates[0]
    Appointment.objects.filter(user=people["executive"]).update(until=datetime.date(2020, 1, 2))
    Notice.objects.all().delete()
    assert actions.remind(day=due) == 1
    assert Notice.objects.get().user == people["officer"]
    page = client.get(url("plan_edit", plan)).content.decode()
    assert f"{people['executive'].name} (พ้นหน้าที่แล้ว)" in page
    assert save(client, plan, {f"m{m.pk}-title": "ผู้ดูแลเดิมยังอยู่"}).status_code == 302
    m.refresh_from_db()
    assert m.owner == people["executive"]


def test_the_desk_shows_the_plan_to_whoever_has_to_act(client, plan, people):
    client.force_login(people["officer"])
    assert url("plan_edit", plan) in client.get(reverse("desk")).content.decode()
    actions.submit_plan(plan=plan, by=people["officer"])
    assert url("plan_decide", plan) not in client.get(reverse("desk")).content.decode()
    client.force_login(people["executive"])
    assert url("plan_decide", plan) in client.get(reverse("desk")).content.decode()


# --- outcome, what if


def test_the_outcome_is_shown_beside_the_measure(client, approved, people, agencies):
    assert compare_outcome(approved, build_snapshot(approved)).next_result is None
    result(agencies[0], sample_year(), items={"i1": 100})
    found = compare_outcome(approved, build_snapshot(approved))
    row, moved = found.measures[0]
    assert row.indicators[0][0] == moved[0].node == "1"
    assert moved[0].change == moved[0].after - moved[0].before > 0
    client.force_login(people["officer"])
    page = client.get(url("plan_outcome", approved)).content.decode()
    assert "ไม่ได้พิสูจน์" in page
    assert str(moved[0].after) in page


def test_what_if_computes_the_total_by_the_rules(client, people, agencies, running_round):
    result(agencies[0], sample_year(), items={"i1": 50}, default=97)
    plan = actions.start_plan(agency=agencies[0], result_year=sample_year(), by=people["officer"])
    what_if = compute_what_if(plan, {})
    assert what_if.problem == ""
    assert {x.assumed for x in what_if.scores if x.is_planned} == {85}
    assert all(x.assumed == int(x.current) for x in what_if.scores if not x.is_planned)
    assert what_if.minimum_improvement.items == ("i1",)
    low = compute_what_if(plan, {x.node: 0 for x in what_if.scores})
    full = compute_what_if(plan, {x.node: 100 for x in what_if.scores})
    assert (low.total.after, full.total.after) == (Decimal("0.00"), Decimal("100.00"))
    same = compute_what_if(plan, {x.node: int(x.current) for x in what_if.scores})
    assert same.total.after == same.total.before == Decimal(plan.result.shown["overall"])
    client.force_login(people["officer"])
    address = url("plan_what_if", plan)
    page = markup(client.get(address))
    assert "ทำให้ได้คะแนนเต็มอย่างน้อย 1 ข้อ" in page
    assert "<b>i1</b>" in page
    part = markup(client.get(address, {f"s:{x.node}": "100" for x in what_if.scores}, headers={"HX-Request": "true"}))
    assert "100.00" in part
    assert "<html" not in part
    assert client.get(address, {"s:1": "009999", "s:2": "x", "s:3": "101", "s:zz": "5"}).status_code == 200


# --- the library


def test_the_library_counts_and_claims_no_cause(client, people, agencies, running_round, django_assert_max_num_queries):
    own = agencies[0]
    made = []
    for k in range(6):
        agency = (
            own
            if k == 0
            else type(own).objects.create(
                assessment_id="ita", code=f"C{k}", name_th=f"องค์การบริหารส่วนตำบลที่ {k}", kind="sao"
            )
        )
        result(agency, sample_year() - 1, items={"i1": 50})
        result(agency, sample_year(), items={"i1": 50 + 10 * k})
        made.append(approved_plan(agency, people, public=k < 5, follow=False))
    with django_assert_max_num_queries(8):  # however many agencies there are
        page = library.library_page(assessment="ita", kind="sao", indicator="1")
    assert len(page.measures) == 1
    used = page.measures[0]
    assert used.agencies == 5  # the sixth does not show its plan
    assert (used.changes.n, used.changes.up, used.changes.same, used.changes.down) == (5, 4, 1, 0)
    assert used.changes.low <= used.changes.median <= used.changes.high
    assert page.all_agencies.n == 6
    assert library.library_page(assessment="ita", kind="province", indicator="1").measures == ()
    client.force_login(people["officer"])
    page = client.get(reverse("library"), {"kind": "sao", "indicator": "1"}).content.decode()
    assert "ไม่ได้บอกว่าเกิดเพราะมาตรการ" in page
    assert "5 แห่ง" in page
    assert client.get(reverse("library"), {"kind": "x"}).status_code == 404
    before = queries.measures_of(made[0])
    client.post(url("plan_library", made[0]), {"entry": used.entry.pk})
    after = queries.measures_of(made[0])
    assert len(after) == len(before) + 1
    assert after[-1].title == used.entry.title


def test_measures_are_taken_from_published_plans_only(client, plan, people, agencies):
    result(agencies[1], sample_year() - 1)
    approved_plan(agencies[1], people, follow=False)
    hidden = LibraryEntry.objects.first()
    client.force_login(people["officer"])
    assert client.post(url("plan_library", plan), {"entry": hidden.pk}).status_code == 404


# --- the nation


def test_the_national_office_sees_how_far_plans_are(client, approved, people, agencies):
    result(agencies[1], sample_year() - 1)
    state = queries.national_progress("ita", sample_year())
    assert (state.with_result, state.approved) == (2, 1)
    client.force_login(people["office"])
    page = client.get(reverse("plans_nation_year", args=[sample_year()])).content.decode()
    assert agencies[0].name_th in page
    assert client.post(url("plan_edit", approved), {}).status_code == 403


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
