"""The edit page: what is typed is stored unchanged, officers do not overwrite each other, no other plan is reached."""

import io
from decimal import Decimal

from python_calamine import CalamineWorkbook

from prongsai.improvement import actions, queries
from prongsai.improvement.models import Measure
from prongsai.improvement.snapshot import content_of
from prongsai.people.models import AuditEntry
from tests.conftest import sample_year
from tests.improvement.plans import YEAR, approve, fields, first, result, save, stored_fields, url
from tests.pages import markup


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


def test_the_same_page_sent_twice_is_no_conflict(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    sent = {**stored_fields(plan), f"m{m.pk}-title": "ตั้งใหม่", f"m{m.pk}-new_finding": "คิวยาว", "save": "all"}
    for _ in range(2):
        assert client.post(url("plan_edit", plan), sent).status_code == 302
    m.refresh_from_db()
    assert m.title == "ตั้งใหม่"
    assert m.findings.filter(defect="คิวยาว").count() == 1


def test_an_own_change_on_another_page_is_not_called_that_of_somebody_else(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    opened = stored_fields(plan)
    for title, status in (("หน้าแรก", 302), ("หน้าที่สอง", 409)):
        page = client.post(url("plan_edit", plan), {**opened, f"m{m.pk}-title": title, "save": "all"})
        assert page.status_code == status
    assert "คุณเองในอีกหน้าหนึ่ง" in page.content.decode()
    assert "หน้าที่สอง" in page.content.decode()


def test_a_figure_in_a_step_that_differs_is_noted_beside_it_and_saved(client, plan, people):
    client.force_login(people["officer"])
    m, year = first(plan), plan.fiscal_year - 1
    overall = plan.result.shown["overall"]
    wrong = f"ผลการประเมินปี {year} ในภาพรวมร้อยละ 12.34 จึงประชุมทุกกอง"
    assert save(client, plan, {f"m{m.pk}-steps": wrong}).status_code == 302
    page = client.get(url("plan_edit", plan)).content.decode()
    assert f"“12.34” แต่ผลการประเมิน ปี {year} คือ {overall}" in page
    assert "12.34" in first(plan).steps
    save(client, plan, {f"m{m.pk}-steps": f"ผลการประเมินปี {year} ในภาพรวมร้อยละ {overall} เป้าหมายร้อยละ 95"})
    assert "อ่านอีกครั้ง" not in client.get(url("plan_edit", plan)).content.decode()


def test_letters_that_papers_leave_out_are_named_beside_the_words(client, plan, people):
    client.force_login(people["officer"])
    m = first(plan)
    assert save(client, plan, {f"m{m.pk}-steps": "ประชุม 📢 ทุกกอง\u200b 📢\ufe0f 🎉"}).status_code == 302
    assert "เอกสารพิมพ์ 📢 🎉 ไม่ได้" in client.get(url("plan_edit", plan)).content.decode()
    save(client, plan, {f"m{m.pk}-steps": "ประชุม\u200bทุกกอง ๑. “คำ” – 50%\u00a0(ร้อยละ)"})
    assert "เอกสารพิมพ์" not in client.get(url("plan_edit", plan)).content.decode()


def test_the_score_of_a_question_with_a_random_error_is_shown_as_approximate(client, agencies, people, running_round):
    result(agencies[0], sample_year(), items={"i1": 50, "O1": 0}, approximate=["i1"])
    plan = actions.start_plan(agency=agencies[0], result_year=sample_year(), by=people["officer"])
    client.force_login(people["officer"])
    page = " ".join(markup(client.get(url("plan_edit", plan))).split())
    assert "≈</abbr> 50</span>" in page
    assert '<span class="num">50.00</span>' not in page
    assert '<span class="num">0.00</span>' in page  # what an assessor marked is exact


def test_a_measure_that_was_refused_is_nowhere_called_saved(client, plan, people):
    """With letters beside it that papers do not print, and another measure that was saved."""
    client.force_login(people["officer"])
    m, other = plan.measures.filter(removed=False)[:2]
    typed = {f"m{m.pk}-steps": "แจกป้าย 😀", f"m{m.pk}-budget": "หมื่น", f"m{other.pk}-title": "ชื่อใหม่"}
    answer = client.post(url("plan_edit", plan), {**stored_fields(plan), **typed, "save": "all"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "เอกสารพิมพ์ 😀 ไม่ได้" in page
    assert "บันทึกไว้ตามที่เขียน" not in page
    assert page.count("มาตรการบันทึกแล้ว") == 1
    assert "note good" not in page
    save(client, plan, {f"m{m.pk}-steps": "แจกป้าย 😀"})
    assert "บันทึกไว้ตามที่เขียน" in client.get(url("plan_edit", plan)).content.decode()


def test_letters_of_findings_that_papers_leave_out_are_named_too(client, plan, people):
    client.force_login(people["officer"])
    finding = next(f for m in plan.measures.filter(removed=False) for f in m.findings.all())
    name = f"m{finding.measure_id}-f{finding.pk}-defect"
    save(client, plan, {name: "คิวยาว 🐢"})
    assert "เอกสารพิมพ์ 🐢 ไม่ได้" in client.get(url("plan_edit", plan)).content.decode()
