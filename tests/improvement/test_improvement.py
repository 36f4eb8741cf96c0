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
from prongsai.improvement.models import Decision, Evidence, FollowUp, LibraryEntry, Measure, Plan, PlanFinding, Reminder
from prongsai.lib import digest, fiscal
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.registry.models import Appointment
from prongsai.results.models import PublishedResult
from tests.conftest import newest
from tests.improvement.plans import approve, approved_plan, follow_up, result

YEAR = newest() + 1  # of the plan


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def plan(people, agencies, running_round):
    result(agencies[0], newest(), items={"i1": 50, "i2": 60, "O1": 0})
    return actions.start(agency=agencies[0], result_year=newest(), by=people["officer"])


@pytest.fixture
def in_force(people, agencies, running_round):
    """A plan of the newest year with rules, approved and followed up once."""
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


def save(client, plan, changes, **more):
    """Open the edit page, change some fields, send."""
    sent = fields(client.get(url("plan_edit", plan)))
    assert set(changes) <= set(sent), set(changes) - set(sent)
    return client.post(url("plan_edit", plan), {**sent, **changes, "save": "all", **more})


def first(plan):
    return queries.measures(plan)[0]


# --- drafting


def test_a_draft_covers_all_indicators_and_lacks_nothing(plan):
    rows = queries.measures(plan)
    assert plan.fiscal_year == YEAR
    assert [m.indicators for m in rows] == [*([i.id] for i in queries.framework_of(plan).rules.indicators), []]
    assert {f.kind for f in rows[-1].findings.all()} == {"level"}  # of the whole
    assert queries.lacks(plan) == []
    assert "i1" in {f.node for f in rows[0].findings.all()}
    assert AuditEntry.objects.filter(action="improvement.start", agency="A1").exists()


def test_a_year_has_one_plan_and_needs_a_result(plan, people, agencies):
    with pytest.raises(DomainError, match="อยู่แล้ว"):
        actions.start(agency=agencies[0], result_year=newest(), by=people["officer"])
    with pytest.raises(DomainError, match="ยังไม่มีผล"):
        actions.start(agency=agencies[1], result_year=newest(), by=people["officer"])
    assert Plan.objects.count() == 1


def test_results_are_the_published_and_ones_own_import(people, agencies):
    own, other = agencies
    imported = result(own, newest(), publish=False, origin="import")
    assert queries.results_of(own) == {newest(): imported}
    run = result(own, newest() - 1, publish=False)  # computed by the office, not published: nobody's yet
    assert run.result_set.fiscal_year not in queries.results_of(own)
    public = result(own, newest())
    assert queries.results_of(own) == {newest(): public}
    assert queries.results_of(other) == {}


def test_a_result_without_eit_part_two_makes_a_plan(client, people, agencies, running_round):
    result(agencies[0], newest(), items={"i1": 10}, without=("EIT2",))
    plan = actions.start(agency=agencies[0], result_year=newest(), by=people["officer"])
    assert queries.lacks(plan) == []
    client.force_login(people["officer"])
    page = client.get(url("plan_edit", plan)).content.decode()
    assert "ไม่มีคะแนน EIT2" in page
    assert "ไม่มีผลปีก่อนหน้า" in page
    assert "คำนวณไม่ได้" in client.get(url("plan_what_if", plan)).content.decode()


def test_assessors_comments_come_in_once_and_touch_nothing(plan, people):
    before = first(plan).stamp()
    assert actions.take_in(plan=plan, by=people["officer"], comments={"O2": "ไม่พบรูปถ่าย"}) == 1
    assert actions.take_in(plan=plan, by=people["officer"], comments={"O2": "ไม่พบรูปถ่าย"}) == 0
    assert PlanFinding.objects.get(plan=plan, kind="comment").measure.indicators == ["9"]
    assert first(plan).stamp() == before


def test_what_assessors_said_of_a_released_filing_is_a_finding(client, people, agencies, running_round):
    from tests.disclosure.filed import disputed

    filed = disputed(agencies[0], running_round, people)  # a mark of no points: “ไม่ครบ”
    result(agencies[0], newest())
    assert queries.comments_on(agencies[0], newest()) == {}  # the result has another mark than the one this was said of
    result(agencies[0], newest(), items={filed["item"]: 0})
    client.force_login(people["officer"])
    client.post(reverse("plan_start", args=["A1"]), {"result_year": newest()})
    comment = PlanFinding.objects.get(kind="comment")
    assert (comment.node, comment.defect) == (filed["item"], "ไม่ครบ")
    Filing.objects.update(released_at=None)
    assert queries.comments_on(agencies[0], newest()) == {}


def test_a_corrected_result_is_told_and_taken_in(client, plan, people, agencies):
    client.force_login(people["officer"])
    assert "ชุดใหม่กว่า" not in client.get(url("plan_edit", plan)).content.decode()
    result(agencies[0], newest(), items={"i1": 50, "O5": 0})
    assert "ชุดใหม่กว่า" in client.get(url("plan_edit", plan)).content.decode()
    save(client, plan, {}, take_in="1")
    plan.refresh_from_db()
    assert queries.newer_result(plan) is None
    assert PlanFinding.objects.filter(plan=plan, node="O5").exists()


# --- editing


def test_a_page_saved_unchanged_changes_nothing(client, plan, people):
    client.force_login(people["officer"])
    before = queries.content(plan)
    page = save(client, plan, {})
    assert page.status_code == 302
    assert queries.content(plan) == before
    assert not AuditEntry.objects.filter(action="improvement.save").exists()


def test_everything_of_a_measure_can_be_changed(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    finding = m.findings.first()
    other = queries.measures(plan)[1]
    page = save(
        client,
        plan,
        {
            f"m{m.pk}-title": "จัดคิวบริการ",
            f"m{m.pk}-steps": "ก\r\nข",
            f"m{m.pk}-starts": "4",
            f"m{m.pk}-ends": "6",
            f"m{m.pk}-rhythm": "monthly",
            f"m{m.pk}-units": "สำนักปลัด, กองช่าง",
            f"m{m.pk}-budget": "๕,๐๐๐",
            f"m{m.pk}-success": "ผู้มาติดต่อรอไม่เกิน 15 นาที",
            f"m{m.pk}-keeper": str(people["officer"].pk),
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
    assert (m.budget, m.keeper, m.indicators, len(m.dues)) == (Decimal(5000), people["officer"], ["1", "6"], 3)
    finding.refresh_from_db()
    assert (finding.defect, finding.remedy, finding.measure) == ("รอนาน", "ทำบัตรคิว", other)


def test_long_and_odd_text_is_kept_right(client, plan, people):
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


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("title", "ช" * 301, "300"),
        ("steps", "ย" * 30_001, "ยาวเกิน"),
        ("ends", "1", "ก่อนเดือนที่เริ่ม"),
        ("starts", "13", "เลือกเดือน"),
        ("budget", "หลายบาท", "ไม่ใช่จำนวนเงิน"),
        ("rhythm", "hourly", "รอบการติดตาม"),
        ("units", "ห" * 151, "150"),
        ("keeper", "999999", "ทำหน้าที่"),
    ],
)
def test_a_wrong_field_is_told_and_everything_typed_stays(client, plan, people, field, typed, told):
    client.force_login(people["officer"])
    m, other = queries.measures(plan)[:2]
    changes = {f"m{m.pk}-starts": "3"} if field == "ends" else {}
    page = save(
        client,
        plan,
        {**changes, f"m{m.pk}-{field}": typed, f"m{m.pk}-success": "พิมพ์ไว้แล้ว", f"m{other.pk}-title": "แก้อีกมาตรการ"},
    )
    assert page.status_code == 422
    text = page.content.decode()
    assert told in text
    sent = fields(page)
    assert sent[f"m{m.pk}-success"] == ["พิมพ์ไว้แล้ว"]
    if field in ("title", "steps", "budget", "units"):
        assert sent[f"m{m.pk}-{field}"] == [typed]
    m.refresh_from_db()
    assert m.success != "พิมพ์ไว้แล้ว"
    other.refresh_from_db()
    assert other.title == "แก้อีกมาตรการ"  # what was right is stored


def test_two_officers_do_not_overwrite_each_other(client, plan, people):
    client.force_login(people["officer"])
    one, two = queries.measures(plan)[:2]
    mine = fields(client.get(url("plan_edit", plan)))
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


def test_what_i_did_not_touch_is_not_a_conflict(client, plan, people):
    client.force_login(people["officer"])
    one, two = queries.measures(plan)[:2]
    mine = fields(client.get(url("plan_edit", plan)))
    save(client, plan, {f"m{one.pk}-title": "ของคนอื่น"})
    assert client.post(url("plan_edit", plan), {**mine, f"m{two.pk}-title": "ของฉัน", "save": "all"}).status_code == 302
    one.refresh_from_db()
    assert one.title == "ของคนอื่น"


def test_a_measure_taken_out_meanwhile_keeps_what_was_typed(client, plan, people):
    client.force_login(people["officer"])
    extra = actions.add_measure(plan=plan, by=people["officer"], indicators=["1"], title="ส่วนเกิน")
    mine = fields(client.get(url("plan_edit", plan)))
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
    assert any(x.measure == made for x in queries.lacks(plan))
    save(client, plan, {}, remove=str(made.pk))
    made.refresh_from_db()
    assert made.removed
    m = first(plan)  # the only one of its indicator: its findings have nowhere to go
    save(client, plan, {}, remove=str(m.pk))
    m.refresh_from_db()
    assert not m.removed


def test_findings_follow_a_measure_that_takes_over(plan, people):
    m = first(plan)
    number = m.findings.count()
    taking = actions.add_measure(plan=plan, by=people["officer"], indicators=["1", "2"])
    actions.remove_measure(measure=m, by=people["officer"])
    assert taking.findings.count() == number


def test_a_forged_page_reaches_no_other_plan(client, plan, people, agencies):
    result(agencies[1], newest(), items={"i1": 1})
    foreign = actions.start(agency=agencies[1], result_year=newest(), by=people["office"])
    m, f = first(foreign), first(foreign).findings.first()
    client.force_login(people["officer"])
    mine = fields(client.get(url("plan_edit", plan)))
    own = first(plan)
    client.post(
        url("plan_edit", plan),
        {
            **mine,
            f"m{m.pk}-was": m.stamp(),
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


# --- approval


def test_a_plan_goes_to_the_executive_and_comes_into_force(client, plan, people):
    client.force_login(people["officer"])
    assert save(client, plan, {}, submit="1")["Location"] == url("plan", plan)
    plan.refresh_from_db()
    assert plan.status == "submitted"
    assert Notice.objects.filter(user=people["executive"], url=url("plan", plan)).exists()
    client.force_login(people["executive"])
    page = client.get(url("plan_decide", plan)).content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1]
    no_position = client.post(
        url("plan_decide", plan), {"approve": "1", "seen": seen, "position": " ", "comment": "ดีมาก"}
    )
    assert no_position.status_code == 409
    assert "ดีมาก" in no_position.content.decode()
    assert (
        client.post(
            url("plan_decide", plan), {"approve": "1", "seen": seen, "position": "นายก", "public": "1"}
        ).status_code
        == 302
    )
    plan.refresh_from_db()
    decision = queries.in_force(plan)
    assert (plan.status, plan.public, decision.by, decision.name, decision.position) == (
        "approved",
        True,
        people["executive"],
        people["executive"].name,
        "นายก",
    )
    assert decision.digest == digest.of_json(decision.content) == seen
    assert Notice.objects.filter(user=people["officer"], text__contains="อนุมัติแล้ว").exists()


def test_an_incomplete_plan_is_not_submitted(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    page = client.post(
        url("plan_edit", plan),
        {
            **fields(client.get(url("plan_edit", plan))),
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
    assert any("ผลการวิเคราะห์" in x.text for x in queries.lacks(plan))


def test_what_the_executive_did_not_see_is_not_approved(plan, people):
    actions.submit(plan=plan, by=people["officer"])
    seen = digest.of_json(queries.content(plan))
    Measure.objects.filter(pk=first(plan).pk).update(title="เปลี่ยนหลังเปิดอ่าน")
    with pytest.raises(DomainError, match="เปลี่ยนไป"):
        actions.approve(plan=plan, by=people["executive"], position="นายก", seen=seen)
    assert queries.in_force(plan) is None


def test_a_plan_that_waits_is_not_edited(client, plan, people):
    client.force_login(people["officer"])
    mine = fields(client.get(url("plan_edit", plan)))
    actions.submit(plan=plan, by=people["officer"])
    m = first(plan)
    page = client.post(url("plan_edit", plan), {**mine, f"m{m.pk}-title": "สายไป", "save": "all"})
    assert page.status_code == 409
    assert fields(page)[f"m{m.pk}-title"] == ["สายไป"]
    m.refresh_from_db()
    assert m.title != "สายไป"
    client.post(url("plan_recall", plan))
    assert client.post(url("plan_edit", plan), {**fields(page), "save": "all"}).status_code == 302
    m.refresh_from_db()
    assert m.title == "สายไป"


def test_sent_back_with_a_reason(client, plan, people):
    actions.submit(plan=plan, by=people["officer"])
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
    assert queries.sheet(plan).rows[0].title != "ฉบับใหม่"
    assert queries.sheet(plan, working=True).rows[0].title == "ฉบับใหม่"
    assert queries.sheet(plan).approved == queries.in_force(plan)
    page = client.get(url("plan", plan)).content.decode()
    assert "ฉบับใหม่" in page
    assert "ยังใช้อยู่" in page
    assert "ฉบับใหม่" not in client.get(url("plan", plan), {"approved": "1"}).content.decode()
    approve(plan, people)
    assert queries.sheet(plan).rows[0].title == "ฉบับใหม่"
    assert Decision.objects.filter(plan=plan, step="approved").count() == 2


@pytest.mark.parametrize("kind", [Decision, FollowUp, Evidence])
def test_what_was_signed_or_reported_cannot_be_altered(in_force, kind):
    row = kind.objects.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        kind.objects.filter(pk=row.pk).update(id=row.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        kind.objects.filter(pk=row.pk).delete()


def test_the_public_sees_a_plan_in_force_that_is_shown(client, in_force, people):
    address = url("public_plan", in_force)
    assert client.get(address).status_code == 404
    client.force_login(people["executive"])
    client.post(url("plan_publish", in_force), {"public": "1"})
    client.logout()
    page = client.get(address).content.decode()
    assert first(in_force).title in page
    agency_page = client.get(reverse("agency_year", args=["A1", newest() - 1])).content.decode()
    assert address in agency_page
    client.force_login(people["executive"])
    client.post(url("plan_publish", in_force), {"public": "0"})
    assert client.get(address).status_code == 404


def test_a_draft_cannot_be_shown(plan, people):
    with pytest.raises(DomainError, match="อนุมัติ"):
        actions.set_public(plan=plan, public=True, by=people["executive"])


# --- follow-up


def posted(plan, **more):
    due = queries.sheet(plan).rows[0].dues[1].isoformat()
    return {
        "due": due,
        "on": fiscal.first_day(plan.fiscal_year, 6).isoformat(),
        "status": "done",
        "done": "ทำครบแล้ว",
        "obstacles": "",
        "suggestion": "ทำต่อ",
        "links": "https://example.go.th/a\nhttps://example.go.th/ข่าว",
    } | more


def test_a_follow_up_with_evidence(client, in_force, people):
    client.force_login(people["officer"])
    m = first(in_force)
    files = [SimpleUploadedFile("ภาพ.png", b"\x89PNG" + b"x" * 50), SimpleUploadedFile("สรุป.pdf", b"%PDF")]
    page = client.post(url("follow_up", in_force, m.pk), {**posted(in_force), "file": files})
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
    assert "ทำครบแล้ว" in client.get(url("measure", in_force, m.pk)).content.decode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"done": ""}, "ทำอะไรไปแล้ว"),
        ({"status": "stuck"}, "ติดขัดที่อะไร"),
        ({"links": "javascript:alert(1)"}, "ไม่ใช่ลิงก์"),
        ({"due": "2020-01-01"}, ""),
        ({"on": "2999-01-01"}, "อนาคต"),
        ({"on": "1999-01-01"}, "ก่อนเริ่ม"),
        ({"on": "เมื่อวาน"}, ""),
        ({"done": "ย" * 30_001}, "ยาวเกิน"),
        ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "ต้องเป็น"),
        ({"status": "unknown"}, ""),
    ],
)
def test_a_wrong_follow_up_is_told_and_texts_stay(client, in_force, people, change, told):
    client.force_login(people["officer"])
    m = first(in_force)
    before = FollowUp.objects.count()
    page = client.post(url("follow_up", in_force, m.pk), {**posted(in_force, suggestion="ข้อเสนอที่พิมพ์ไว้"), **change})
    assert page.status_code == 422
    text = page.content.decode()
    assert told in text
    assert "errorlist" in text
    assert "ข้อเสนอที่พิมพ์ไว้" in text
    assert FollowUp.objects.count() == before


def test_a_draft_is_not_followed_up(plan, people):
    with pytest.raises(DomainError, match="อนุมัติ"):
        actions.follow_up(
            measure=first(plan),
            due=fiscal.last_day(YEAR),
            on=datetime.date(2020, 1, 1),
            status="done",
            done="x",
            obstacles="",
            suggestion="",
            by=people["officer"],
        )


def test_the_later_follow_up_of_a_date_counts(in_force, people):
    follow_up(in_force, people, done="แก้คำ", status="stuck", obstacles="ไม่มีคน")
    row = queries.sheet(in_force).rows[0]
    assert [f.done for f in row.follow_ups] == ["แก้คำ"]
    assert FollowUp.objects.count() == 2


def test_the_board_says_where_measures_stand(client, in_force, people):
    sheet = queries.sheet(in_force)
    dues = sheet.rows[0].dues
    day = dues[1] - datetime.timedelta(1)
    cards = queries.cards(sheet, day)
    assert cards[0].state == "กำลังทำ"
    assert cards[0].waiting == dues[1:]
    assert not cards[0].late
    assert queries.cards(sheet, dues[1] + datetime.timedelta(1))[0].late
    follow_up(in_force, people, due=1, status="done", on=dues[1])
    done = queries.cards(queries.sheet(in_force), fiscal.last_day(in_force.fiscal_year))[0]
    assert (done.state, done.waiting, done.late) == ("เสร็จแล้ว", (), False)
    client.force_login(people["auditor"])
    for name in ("plan_board", "plan_timeline", "plan_outcome", "plan_what_if"):
        assert client.get(url(name, in_force)).status_code == 200


def test_follow_ups_stay_with_a_measure_that_was_taken_out(in_force, people):
    m = first(in_force)
    actions.add_measure(plan=in_force, by=people["officer"], indicators=["1"], title="แทน", steps="ก")
    new = in_force.measures.order_by("-pk").first()
    Measure.objects.filter(pk=new.pk).update(units=["กองคลัง"])
    actions.remove_measure(measure=m, by=people["officer"])
    assert queries.sheet(in_force).rows[0].measure == m.pk  # still in force
    approve(in_force, people)
    assert m.pk not in {r.measure for r in queries.sheet(in_force).rows}
    assert FollowUp.objects.filter(measure=m).exists()


def test_dates_before_the_approval_ask_for_nothing_but_the_last_of_the_year(plan, people):
    dues = queries.sheet(plan).rows[0].dues
    assert len(dues) == 4
    approve(plan, people, on=dues[1] + datetime.timedelta(5))
    sheet = queries.sheet(plan)
    assert {r.since for r in sheet.rows} == {dues[1] + datetime.timedelta(5)}
    card = queries.cards(sheet, dues[1] + datetime.timedelta(6))[0]
    assert (card.waiting, card.late) == (dues[2:], False)
    assert queries.cards(sheet, dues[2] + datetime.timedelta(1))[0].late


def test_a_plan_approved_after_its_year_can_still_tell_what_was_done(plan, people):
    dues = queries.sheet(plan).rows[0].dues
    approve(plan, people, on=dues[-1] + datetime.timedelta(3))
    Notice.objects.all().delete()
    card = queries.cards(queries.sheet(plan), dues[-1] + datetime.timedelta(4))[0]
    assert (card.waiting, card.late, card.over) == (dues[-1:], False, True)
    assert actions.remind(day=dues[-1] + datetime.timedelta(4)) == 0


def test_a_new_measure_gets_a_finding_of_the_agencys_own(client, plan, people):
    client.force_login(people["officer"])
    new = actions.add_measure(plan=plan, by=people["officer"], indicators=["3"], title="จัดประชุมชี้แจง", steps="ก")
    Measure.objects.filter(pk=new.pk).update(units=["สำนักปลัด"])
    assert "ผลการวิเคราะห์" in next(x.text for x in queries.lacks(plan) if x.measure == new)
    page = save(client, plan, {f"m{new.pk}-found": "ประชาชนบ่นในที่ประชุมหมู่บ้าน"})
    assert page.status_code == 302
    own = new.findings.get()
    assert (own.defect, own.get_kind_display()) == ("ประชาชนบ่นในที่ประชุมหมู่บ้าน", "หน่วยงานระบุเอง")
    assert queries.lacks(plan) == []
    save(client, plan, {f"m{new.pk}-f{own.pk}-defect": ""})  # emptied: taken back
    assert not new.findings.exists()


def test_the_columns_asked_for_are_those_of_the_plans_year(agencies, people):
    told = {}
    for year in (2564, newest()):
        result(agencies[0], year - 1)
        made = actions.start(agency=agencies[0], result_year=year - 1, by=people["officer"])
        Measure.objects.filter(pk=first(made).pk).update(units=[], steps="")
        told[year] = [x.text for x in queries.lacks(made)]
    assert told == {2564: [], newest(): ["ยังขาด ขั้นตอน, ผู้รับผิดชอบ"]}


def test_what_is_found_of_the_whole_later_goes_to_its_measure(plan, people, agencies):
    actions.add_measure(plan=plan, by=people["officer"], title="ยังไม่ได้เลือกตัวชี้วัด")
    result(agencies[0], YEAR - 1, default=40)
    assert actions.take_in(plan=plan, by=people["officer"]) > 0
    empty, whole = sorted((m for m in queries.measures(plan) if not m.indicators), key=lambda m: m.findings.count())
    assert {f.kind for f in whole.findings.all()} == {"level", "instrument"}
    assert not empty.findings.exists()
    assert any("ตัวชี้วัดที่เกี่ยวข้อง" in x.text for x in queries.lacks(plan) if x.measure == empty)
    about = {r.title: r.about for r in queries.sheet(plan).rows}
    assert about[whole.title] == ("ภาพรวม",)
    assert about[empty.title] == ()


def test_a_measure_of_the_whole_is_drafted_where_there_was_none(people, agencies):
    result(agencies[0], YEAR - 1, default=100)
    made = actions.start(agency=agencies[0], result_year=YEAR - 1, by=people["officer"])
    assert all(m.indicators for m in queries.measures(made))
    result(agencies[0], YEAR - 1, default=40)
    actions.take_in(plan=made, by=people["officer"])
    (whole,) = (m for m in queries.measures(made) if not m.indicators)
    assert all((whole.title, whole.steps, whole.success, whole.units))
    assert not any(x.measure == whole for x in queries.lacks(made))


def test_a_measure_that_was_approved_later_is_not_overdue_for_what_was_before(in_force, people):
    dues = queries.sheet(in_force).rows[0].dues
    new = actions.add_measure(plan=in_force, by=people["officer"], indicators=["1"], title="เพิ่มกลางปี", steps="ก")
    Measure.objects.filter(pk=new.pk).update(units=["กองคลัง"])
    PlanFinding.objects.filter(measure=first(in_force)).update(measure=new)
    actions.remove_measure(measure=first(in_force), by=people["officer"])
    approve(in_force, people, on=dues[1] + datetime.timedelta(9))
    cards = {c.row.measure: c for c in queries.cards(queries.sheet(in_force), dues[1] + datetime.timedelta(10))}
    assert (cards[new.pk].late, cards[new.pk].waiting[0]) == (False, dues[2])
    assert any(c.late for c in cards.values())  # those in force since the beginning


def test_the_timeline_marks_as_late_what_the_board_does(client, plan, people):
    approve(plan, people, on=fiscal.last_day(plan.fiscal_year) + datetime.timedelta(9))
    client.force_login(people["officer"])
    assert "dot late" not in client.get(url("plan_timeline", plan)).content.decode().partition("<table")[2]


def test_reports_of_six_months_and_of_the_year(client, in_force, people):
    follow_up(in_force, people, due=3, status="done", done="งานปลายปี", on=queries.sheet(in_force).rows[0].dues[3])
    client.force_login(people["officer"])
    six, year = (client.get(url("plan_report", in_force, half)).content.decode() for half in ("six", "year"))
    assert "ทำคู่มือแล้ว" in six
    assert "งานปลายปี" not in six
    assert "งานปลายปี" in year
    assert client.get(url("plan_report", in_force, "ten")).status_code == 404
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(url("plan_report_xlsx", in_force, "year")).content))
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


def test_people_are_reminded_once_of_each_date(in_force, people):
    due = queries.sheet(in_force).rows[0].dues[1]
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


def test_the_command_reminds(in_force, monkeypatch, capsys):
    day = queries.sheet(in_force).rows[0].dues[1]
    monkeypatch.setattr(actions, "today", lambda: day)
    call_command("remind")
    assert "แจ้งเตือน 1 รายการ" in capsys.readouterr().out
    assert Reminder.objects.get().kind == "soon"


def test_who_is_done_or_has_left_is_not_reminded(client, plan, people, agencies):
    client.force_login(people["officer"])
    m = first(plan)
    save(client, plan, {f"m{m.pk}-keeper": str(people["executive"].pk)})
    approve(plan, people)
    due = queries.sheet(plan).rows[0].dues[0]
    Appointment.objects.filter(user=people["executive"]).update(until=datetime.date(2020, 1, 2))
    Notice.objects.all().delete()
    assert actions.remind(day=due) == 1
    assert Notice.objects.get().user == people["officer"]
    page = client.get(url("plan_edit", plan)).content.decode()
    assert f"{people['executive'].name} (พ้นหน้าที่แล้ว)" in page
    assert save(client, plan, {f"m{m.pk}-title": "ผู้ดูแลเดิมยังอยู่"}).status_code == 302
    m.refresh_from_db()
    assert m.keeper == people["executive"]


def test_the_desk_says_whose_turn_it_is(client, plan, people):
    client.force_login(people["officer"])
    assert url("plan_edit", plan) in client.get(reverse("desk")).content.decode()
    actions.submit(plan=plan, by=people["officer"])
    assert url("plan_decide", plan) not in client.get(reverse("desk")).content.decode()
    client.force_login(people["executive"])
    assert url("plan_decide", plan) in client.get(reverse("desk")).content.decode()


# --- outcome, what if


def test_the_outcome_stands_beside_the_measure(client, in_force, people, agencies):
    assert queries.outcome(in_force, queries.sheet(in_force)).after is None
    result(agencies[0], newest(), items={"i1": 100})
    found = queries.outcome(in_force, queries.sheet(in_force))
    row, moved = found.rows[0]
    assert row.indicators[0][0] == moved[0].indicator == "1"
    assert moved[0].change == moved[0].after - moved[0].before > 0
    client.force_login(people["officer"])
    page = client.get(url("plan_outcome", in_force)).content.decode()
    assert "ไม่ได้พิสูจน์" in page
    assert str(moved[0].after) in page


def test_what_if_computes_the_total_by_the_rules(client, plan, people):
    supposed = queries.suppose(plan, {})
    assert supposed.problem == ""
    lever = next(x for x in supposed.levers if x.planned)
    assert lever.supposed == 85
    low = queries.suppose(plan, {x.node: 0 for x in supposed.levers})
    full = queries.suppose(plan, {x.node: 100 for x in supposed.levers})
    assert (low.total.after, full.total.after) == (Decimal("0.00"), Decimal("100.00"))
    same = queries.suppose(plan, {x.node: int(x.now) for x in supposed.levers})
    assert same.total.after == same.total.before == Decimal(plan.result.shown["overall"])
    client.force_login(people["officer"])
    page = client.get(
        url("plan_what_if", plan), {f"s:{x.node}": "100" for x in supposed.levers}, headers={"HX-Request": "true"}
    )
    assert "100.00" in page.content.decode()
    assert "<html" not in page.content.decode()
    assert (
        client.get(url("plan_what_if", plan), {"s:1": "009999", "s:2": "x", "s:3": "101", "s:zz": "5"}).status_code
        == 200
    )


# --- the library


def test_the_library_counts_and_claims_no_cause(client, people, agencies, running_round, django_assert_max_num_queries):
    own = agencies[0]
    made = []
    for k in range(6):
        agency = (
            own if k == 0 else type(own).objects.create(code=f"C{k}", name_th=f"องค์การบริหารส่วนตำบลที่ {k}", kind="sao")
        )
        result(agency, newest() - 1, items={"i1": 50})
        result(agency, newest(), items={"i1": 50 + 10 * k})
        made.append(approved_plan(agency, people, public=k < 5, follow=False))
    with django_assert_max_num_queries(8):  # however many agencies there are
        shelf = library.shelf(kind="sao", indicator="1")
    assert len(shelf.used) == 1
    used = shelf.used[0]
    assert used.agencies == 5  # the sixth does not show its plan
    assert (used.spread.n, used.spread.up, used.spread.same, used.spread.down) == (5, 4, 1, 0)
    assert used.spread.low <= used.spread.middle <= used.spread.high
    assert shelf.everybody.n == 6
    assert library.shelf(kind="province", indicator="1").used == ()
    client.force_login(people["officer"])
    page = client.get(reverse("library"), {"kind": "sao", "indicator": "1"}).content.decode()
    assert "ไม่ได้บอกว่าเกิดเพราะมาตรการ" in page
    assert "5 แห่ง" in page
    assert client.get(reverse("library"), {"kind": "x"}).status_code == 404
    before = queries.measures(made[0])
    client.post(url("plan_library", made[0]), {"entry": used.entry.pk})
    after = queries.measures(made[0])
    assert len(after) == len(before) + 1
    assert after[-1].title == used.entry.title


def test_only_shown_plans_can_be_taken_from(client, plan, people, agencies):
    result(agencies[1], newest() - 1)
    approved_plan(agencies[1], people, follow=False)
    hidden = LibraryEntry.objects.first()
    client.force_login(people["officer"])
    assert client.post(url("plan_library", plan), {"entry": hidden.pk}).status_code == 404


# --- the nation


def test_the_national_office_sees_how_far_plans_are(client, in_force, people, agencies):
    result(agencies[1], newest() - 1)
    state = queries.nation(newest())
    assert (state.with_result, state.approved) == (2, 1)
    client.force_login(people["office"])
    page = client.get(reverse("plans_nation_year", args=[newest()])).content.decode()
    assert agencies[0].name_th in page
    assert client.post(url("plan_edit", in_force), {}).status_code == 403


def test_the_sheet_is_plain_and_frozen(in_force):
    sheet = queries.sheet(in_force)
    row = sheet.rows[0]
    assert row.indicators == (("1", queries.framework_of(in_force).nodes["1"].label.th),)
    assert row.period == f"ตลอดปีงบประมาณ พ.ศ. {in_force.fiscal_year}"
    assert (row.starts, row.ends) == (fiscal.first_day(in_force.fiscal_year), fiscal.last_day(in_force.fiscal_year))
    assert row.follow_ups[0].evidence == (("หลักฐาน.pdf", ""),)
    with pytest.raises(AttributeError):
        row.title = "x"
    assert PublishedResult.objects.exists()
