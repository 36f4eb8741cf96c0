"""Registers: starting, typing, pasting, two who type at once, approval, publication, and what is left of each."""

import datetime
import re

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from prongsai import framework as rules
from prongsai.improvement.models import RegisterDecision, RegisterRecord, RegisterSheet
from prongsai.improvement.registers import actions, queries
from prongsai.improvement.registers.kinds import load
from prongsai.lib import digest, fiscal, thai
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from tests.improvement.sheets import YEAR, approve, approved_sheet, fields, fields_of, sheet, values_of
from tests.pages import markup

PLAN = load()["action_plan"]


@pytest.fixture
def made(people, agencies, running_round):
    return sheet(agencies[0], people)


def url(name, *, code="A1", year=YEAR, kind="action_plan", stage=""):
    return reverse(name, args=[code, year, kind]) + (f"?stage={stage}" if stage else "")


def posted(client, stage="plan", kind="action_plan"):
    """What a browser would send of the page for editing, unchanged."""
    return fields(client.get(url("register_edit", stage=stage, kind=kind)))


def test_letters_that_papers_leave_out_are_named(client, people, made):
    client.force_login(people["officer"])
    address = url("register")
    assert "เอกสารพิมพ์" not in markup(client.get(address))
    record = made.records.first()
    RegisterRecord.objects.filter(pk=record.pk).update(values=record.values | {"measure": "อบรม 🎉 ทุกกอง"})
    assert "เอกสารพิมพ์ 🎉 ไม่ได้" in markup(client.get(address))


# --- starting


@pytest.mark.parametrize("kind", load())
def test_every_kind_can_be_started_filled_in_and_read(client, people, agencies, running_round, kind):
    client.force_login(people["officer"])
    assert "ยังไม่มี" in markup(client.get(url("register", kind=kind)))
    client.post(url("register_start", kind=kind))
    for stage in load()[kind].stages:
        data = posted(client, stage, kind)
        for name in data:
            prefix, _, key = name.partition("-")
            column = load()[kind].column.get(key)
            if column is not None and prefix[0] in "nr":
                data[name] = values_of(load()[kind], 1, stages=(stage,))[key]
        assert client.post(url("register_edit", stage=stage, kind=kind), data | {"save": "all"}).status_code == 302
    made = queries.find_sheet(agencies[0], YEAR, kind)
    assert len(queries.records_of(made)) == 3
    written = {c.key for c in load()[kind].columns if c.type != "level"}
    assert all(set(r.values) == written for r in queries.records_of(made))
    page = markup(client.get(url("register", kind=kind)))
    assert "ใช้ยื่นข้อใด" in page


@pytest.mark.parametrize("kind", load())
def test_hostile_text_in_every_field_is_text(client, people, agencies, running_round, kind):
    hostile, directions = (
        "<script>alert(9)</script>{{ 7 }}\u202e\u2066\u200f\0=1+1\n<img src=x>ปกติ",
        "\u202e\u2066\u200f",
    )
    definition, texts = load()[kind], 0
    parts = {f.key: f for f in definition.fields} | dict(definition.column)
    client.force_login(people["officer"])
    client.post(url("register_start", kind=kind))
    for stage in definition.stages:
        data = posted(client, stage, kind)
        records = sorted({name.partition("-")[0] for name in data if name[0] in "nr"})[:1]  # one is enough
        for name in data:
            prefix, _, key = name.partition("-")
            if key in parts and (prefix == "f" or prefix in records):
                is_text = parts[key].type in ("text", "line")
                texts += is_text
                stored = values_of(definition) | fields_of(definition, YEAR)
                data[name] = hostile if is_text else stored.get(key, "")
        assert client.post(url("register_edit", stage=stage, kind=kind), data).status_code < 500
    made = queries.find_sheet(agencies[0], YEAR, kind)
    if definition.needs_approval:
        approve(made, people)
    actions.set_public(sheet=made, public=True, by=people["executive"])
    pages = [client.get(url(name, kind=kind)) for name in ("register", "register_edit")]
    client.logout()
    pages.append(client.get(url("public_register", kind=kind)))
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "&lt;script&gt;alert" in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert not set(directions) & set(text)
    assert texts > 1


def test_a_sheet_starts_from_that_of_the_year_before_without_its_results(client, people, agencies, running_round):
    before = sheet(agencies[0], people, year=YEAR - 1, records=3)
    client.force_login(people["officer"])
    assert f"เริ่มจากของปี {YEAR - 1} (3 รายการ)" in markup(client.get(url("register")))
    client.post(url("register_start"), {"carry": "1"})
    copied = queries.records_of(queries.find_sheet(agencies[0], YEAR, "action_plan"))
    planned = {c.key for c in PLAN.written_at("plan")}
    assert [r.values for r in copied] == [
        {k: v for k, v in r.values.items() if k in planned} for r in queries.records_of(before)
    ]
    client.post(url("register_start"), {"carry": "1"})  # pressed twice
    assert RegisterRecord.objects.filter(sheet__fiscal_year=YEAR).count() == 3


def test_a_declaration_is_not_dated_by_the_year_before(people, agencies, running_round):
    sheet(agencies[0], people, kind="no_gift", year=YEAR - 1)
    started = actions.start_sheet(
        agency=agencies[0], fiscal_year=YEAR, kind=load()["no_gift"], defaults={}, carry=True, by=people["officer"]
    )
    assert "declared_on" not in started.fields
    assert started.fields["commitments"]


def test_a_year_without_rules_has_no_registers(client, people, agencies, running_round):
    client.force_login(people["officer"])
    assert client.get(url("register", year=2400)).status_code == 404
    with pytest.raises(DomainError):
        actions.start_sheet(agency=agencies[0], fiscal_year=2400, kind=PLAN, defaults={}, by=people["officer"])
    assert client.get(url("register", kind="nothing")).status_code == 404


# --- typing


def test_nothing_typed_is_lost_where_one_value_is_wrong(client, people, made):
    client.force_login(people["officer"])
    data = posted(client)
    first, second = queries.records_of(made)
    data |= {f"r{first.pk}-budget": "สองหมื่น", f"r{first.pk}-project": "ชื่อใหม่", f"r{second.pk}-project": "ชื่อสอง"}
    response = client.post(url("register_edit"), data | {"stage": "plan"})
    page = markup(response)
    assert response.status_code == 422
    shown = fields(response)
    assert (shown[f"r{first.pk}-budget"], shown[f"r{first.pk}-project"]) == ("สองหมื่น", "ชื่อใหม่")
    assert "“สองหมื่น” ไม่ใช่จำนวนเงิน" in page
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.values["project"], second.values["project"]) == (
        "โครงการหรือกิจกรรม 1",
        "ชื่อสอง",
    )  # the right one is saved


def test_a_page_sent_twice_adds_its_record_once(client, people, made):
    client.force_login(people["officer"])
    data = posted(client)
    new = next(name for name in data if name.startswith("n") and name.endswith("-project"))
    data[new] = "โครงการใหม่"
    for _ in range(2):
        client.post(url("register_edit"), data)
    assert [r.values.get("project") for r in queries.records_of(made)].count("โครงการใหม่") == 1


def test_an_empty_row_is_not_stored(client, people, made):
    client.force_login(people["officer"])
    client.post(url("register_edit"), posted(client))
    assert len(queries.records_of(made)) == 2
    assert not AuditEntry.objects.filter(action="improvement.register_save").exists()


def test_who_types_later_does_not_overwrite_what_they_did_not_see(client, people, made):
    client.force_login(people["officer"])
    mine = posted(client)
    first, second = queries.records_of(made)
    theirs = posted(client) | {f"r{first.pk}-project": "ของคนแรก", f"r{second.pk}-unit": "กองคลัง"}
    client.post(url("register_edit"), theirs)
    mine[f"r{first.pk}-project"] = "ของคนหลัง"
    response = client.post(url("register_edit"), mine)
    page = markup(response)
    assert response.status_code == 409
    assert "ไปก่อน" in page
    first.refresh_from_db()
    assert first.values["project"] == "ของคนแรก"
    assert fields(response)[f"r{first.pk}-project"] == "ของคนหลัง"
    second.refresh_from_db()
    assert second.values["unit"] == "กองคลัง"  # untouched in the older page
    assert client.post(url("register_edit"), fields(response)).status_code == 302  # now it is deliberate
    first.refresh_from_db()
    assert first.values["project"] == "ของคนหลัง"


def test_results_and_plan_are_typed_at_the_same_time_by_two(client, people, made):
    client.force_login(people["officer"])
    results, plan = posted(client, "half"), posted(client)
    first = queries.records_of(made)[0]
    client.post(url("register_edit"), plan | {f"r{first.pk}-project": "ชื่อใหม่"})
    results[f"r{first.pk}-half_result"] = "จัดแล้ว"
    assert client.post(url("register_edit"), results).status_code == 302
    first.refresh_from_db()
    assert (first.values["project"], first.values["half_result"]) == ("ชื่อใหม่", "จัดแล้ว")


def test_a_record_that_was_removed_meanwhile_is_shown_with_what_was_typed(client, people, made):
    client.force_login(people["officer"])
    data, first = posted(client), queries.records_of(made)[0]
    actions.remove_record(sheet=made, record_id=first.pk, by=people["officer"])
    assert client.post(url("register_edit"), data).status_code == 302  # nothing was typed into it
    response = client.post(url("register_edit"), data | {f"r{first.pk}-project": "ยังอยากได้"})
    assert "นำรายการนี้ออกไปก่อน" in markup(response)
    client.post(url("register_edit"), fields(response))
    assert "ยังอยากได้" in [r.values["project"] for r in queries.records_of(made)]


def test_two_hundred_records_are_paged_and_none_is_lost_on_the_way(client, people, agencies, running_round):
    made = sheet(agencies[0], people, records=200)
    client.force_login(people["officer"])
    data = posted(client)
    assert len([n for n in data if n.endswith("base_version")]) == 21  # twenty records, and the fields
    first = queries.records_of(made)[0]
    response = client.post(url("register_edit"), data | {f"r{first.pk}-project": "แก้แล้ว", "go": "10"})
    assert response["Location"].endswith("page=10")
    first.refresh_from_db()
    assert first.values["project"] == "แก้แล้ว"
    last = fields(client.get(response["Location"]))
    assert any(name.startswith("n") for name in last)
    with pytest.raises(DomainError, match="300"):
        rows = [values_of(PLAN, n) for n in range(101)]
        actions.import_records(sheet=made, rows=rows, token="x", by=people["officer"])


def test_a_record_is_removed_after_asking(client, people, made):
    client.force_login(people["officer"])
    first = queries.records_of(made)[0]
    client.post(url("register_edit"), posted(client) | {"remove": str(first.pk)})
    assert first.pk not in [r.pk for r in queries.records_of(made)]
    assert AuditEntry.objects.filter(action="improvement.register_remove", agency="A1").exists()
    other = RegisterRecord.objects.exclude(pk=first.pk).get()
    with pytest.raises(DomainError):
        actions.remove_record(sheet=made, record_id=first.pk, by=people["officer"])
    assert not other.removed


def test_the_level_of_a_risk_is_computed(client, people, agencies, running_round):
    kind = load()["risk"]
    made = sheet(agencies[0], people, kind="risk", values=[values_of(kind, 1, likelihood="5", impact="5")])
    client.force_login(people["officer"])
    assert "สูงมาก" in markup(client.get(url("register", kind="risk")))
    assert "level" not in queries.records_of(made)[0].values


# --- pasting


def test_a_pasted_table_with_a_wrong_cell_adds_nothing_and_stays_on_the_page(client, people, made):
    client.force_login(people["officer"])
    text = "โครงการหรือกิจกรรม\tงบประมาณ\nก\tสิบบาท\nข\t20"
    response = client.post(url("register_paste"), {"table": text, "token": "t"})
    assert response.status_code == 422
    page = markup(response)
    assert "แถวที่ 1 งบประมาณ" in page
    assert fields(response)["table"].strip() == text
    assert len(queries.records_of(made)) == 2
    for _ in range(2):  # sent twice
        client.post(url("register_paste"), {"table": text.replace("สิบบาท", "10"), "token": "t"})
    assert [r.values["project"] for r in queries.records_of(made)][2:] == ["ก", "ข"]


def test_a_gift_of_a_month_to_come_is_not_stored_and_stays_on_the_page(
    client, people, agencies, running_round, monkeypatch
):
    monkeypatch.setattr("prongsai.improvement.registers.queries.today", lambda: fiscal.first_day(YEAR, 3))
    made = sheet(agencies[0], people, kind="gifts", values=[values_of(load()["gifts"], 1, month="1")])
    client.force_login(people["officer"])
    address = url("register_edit", stage="year", kind="gifts")
    typed = posted(client, stage="year", kind="gifts")
    month = f"r{made.records.get().pk}-month"
    response = client.post(address, typed | {month: "4"})
    assert response.status_code == 422
    assert f"ยังไม่ถึงเดือน{fiscal.month_name(YEAR, 4)}" in markup(response)
    assert fields(response)[month] == "4"
    assert [r.values["month"] for r in queries.records_of(made)] == ["1"]
    client.post(address, typed | {month: "3"})
    assert [r.values["month"] for r in queries.records_of(made)] == ["3"]


# --- approval


def test_the_executive_approves_what_they_read(client, people, made):
    client.force_login(people["officer"])
    client.post(url("register_submit"))
    made.refresh_from_db()
    assert made.status == "submitted"
    assert client.post(url("register_edit"), {"stage": "plan"}).status_code in (302, 409)
    client.force_login(people["executive"])
    shown = fields(client.get(url("register")))
    other = RegisterRecord.objects.filter(sheet=made).first()
    other.values |= {"project": "เปลี่ยนหลังอ่าน"}
    other.save()
    answer = {**shown, "position": "นายก", "approve": "1"}
    assert client.post(url("register_decide"), answer).status_code == 409
    made.refresh_from_db()
    assert made.status == "submitted"
    shown = fields(client.get(url("register")))
    client.post(url("register_decide"), {**shown, "position": "นายก", "approve": "1"})
    made.refresh_from_db()
    assert made.status == "approved"
    assert made.decisions.last().content["records"][0]["values"]["project"] == "เปลี่ยนหลังอ่าน"


def test_what_waits_for_a_decision_is_not_edited(people, made):
    actions.submit_sheet(sheet=made, by=people["officer"])
    first = queries.records_of(made)[0]
    edit = actions.RecordEdit({"project": "x"}, record=first.pk, base_version=first.version(["project"]))
    with pytest.raises(DomainError, match="ดึงกลับ"):
        actions.save_sheet(sheet=made, edits=[edit], by=people["officer"])
    with pytest.raises(DomainError, match="ดึงกลับ"):
        actions.remove_record(sheet=made, record_id=first.pk, by=people["officer"])
    with pytest.raises(DomainError, match="ดึงกลับ"):
        actions.import_records(sheet=made, rows=[{"project": "x"}], token="t", by=people["officer"])
    actions.withdraw_sheet(sheet=made, by=people["officer"])
    assert actions.save_sheet(sheet=made, edits=[edit], by=people["officer"]).saved


def test_a_second_click_lands_on_the_register_without_a_refusal(client, people, made):
    client.force_login(people["officer"])
    sends = [
        ("register_edit", posted(client) | {"submit": "1"}),
        ("register_withdraw", {}),
        ("register_submit", {}),
        ("register_decide", {"return": "1", "comment": "เพิ่มผู้รับผิดชอบ"}),
    ]
    for name, sent in sends:
        client.force_login(people["executive" if name == "register_decide" else "officer"])
        for _ in range(2):
            page = client.post(url(name), sent, follow=True)
            assert page.status_code == 200, name
            assert not [m for m in page.context["messages"] if m.level_tag == "error"], name
    assert [d.step for d in made.decisions.all()] == ["submitted", "recalled", "submitted", "returned"]


def test_an_incomplete_sheet_is_not_submitted(client, people, agencies, running_round):
    made = sheet(agencies[0], people, values=[values_of(PLAN, 1) | {"target": ""}])
    with pytest.raises(DomainError, match="เป้าหมายหรือตัวชี้วัดความสำเร็จ"):
        actions.submit_sheet(sheet=made, by=people["officer"])
    empty = sheet(agencies[1], people, records=0)
    with pytest.raises(DomainError, match="ยังไม่มีโครงการ"):
        actions.submit_sheet(sheet=empty, by=people["officer"])


def test_returned_with_a_reason(client, people, made):
    actions.submit_sheet(sheet=made, by=people["officer"])
    client.force_login(people["executive"])
    answer = {"position": "นายก", "comment": " ", "return": "1", "expected_digest": ""}
    response = client.post(url("register_decide"), answer)
    assert response.status_code == 409
    client.post(url("register_decide"), answer | {"comment": "เพิ่มงบประมาณ"})
    client.force_login(people["officer"])
    assert "เพิ่มงบประมาณ" in markup(client.get(url("register_edit")))
    assert "แก้แผนปฏิบัติการป้องกันการทุจริต" in markup(client.get("/desk/"))


def test_results_are_reported_without_another_approval_but_a_changed_plan_needs_one(client, people, made):
    approve(made, people)
    client.force_login(people["officer"])
    first = queries.records_of(made)[0]
    client.post(url("register_edit"), posted(client, "half") | {f"r{first.pk}-half_result": "จัดแล้ว"})
    made.refresh_from_db()
    assert made.status == "approved"
    assert queries.read_sheet(made).records[0]["half_result"] == "จัดแล้ว"
    client.post(url("register_edit"), posted(client) | {f"r{first.pk}-project": "เปลี่ยนชื่อ"})
    made.refresh_from_db()
    assert made.status == "draft"
    in_force = queries.read_sheet(made)
    assert (in_force.records[0]["project"], in_force.records[0]["half_result"]) == ("โครงการหรือกิจกรรม 1", "จัดแล้ว")
    actions.remove_record(sheet=made, record_id=first.pk, by=people["officer"])
    assert len(queries.read_sheet(made).records) == 2  # still what was approved


def test_the_executive_is_told_and_finds_it_among_their_tasks(client, people, made):
    actions.submit_sheet(sheet=made, by=people["officer"])
    client.force_login(people["executive"])
    assert f"พิจารณาแผนปฏิบัติการป้องกันการทุจริตปี {YEAR}" in markup(client.get("/desk/"))
    client.force_login(people["officer"])
    assert "พิจารณาแผนปฏิบัติการ" not in markup(client.get("/desk/"))


def test_the_database_refuses_to_change_a_decision(people, made):
    approve(made, people)
    with pytest.raises(DatabaseError), transaction.atomic():
        RegisterDecision.objects.update(position="ผู้อื่น")
    with pytest.raises(DatabaseError), transaction.atomic():
        RegisterDecision.objects.all().delete()


def test_a_register_of_reports_alone_needs_no_approval(people, agencies, running_round):
    made = sheet(agencies[0], people, kind="gifts")
    with pytest.raises(DomainError, match="ไม่ต้องเสนอ"):
        actions.submit_sheet(sheet=made, by=people["officer"])
    assert not queries.read_sheet(made).is_draft


def test_records_and_that_there_are_none_are_not_stored_together(client, people, agencies, running_round):
    """In one form, and where one of them was there before."""
    made = sheet(agencies[0], people, kind="gifts")
    before = len(queries.records_of(made))
    none = actions.FieldsEdit({"nothing": fiscal.last_day(YEAR).isoformat()}, base_version=made.version(["nothing"]))
    with pytest.raises(DomainError, match="ให้เอาเครื่องหมายออก หรือลบรายการ"):
        actions.save_sheet(sheet=made, edits=[], fields=none, by=people["officer"])
    for record in queries.records_of(made):
        actions.remove_record(sheet=made, record_id=record.pk, by=people["officer"])
    actions.save_sheet(sheet=made, edits=[], fields=none, by=people["officer"])
    values = values_of(load()["gifts"], 1)
    with pytest.raises(DomainError, match="ให้เอาเครื่องหมายออก หรือลบรายการ"):
        actions.save_sheet(sheet=made, edits=[actions.RecordEdit(values, token="x")], by=people["officer"])
    with pytest.raises(DomainError, match="ให้เอาเครื่องหมายออก หรือลบรายการ"):
        actions.import_records(sheet=made, rows=[values], token="y", by=people["officer"])
    made.refresh_from_db()
    assert before
    assert queries.read_sheet(made).is_nothing


@pytest.fixture
def gifts(people, agencies, running_round, client):
    """A sheet without a record, and its officer on the page."""
    client.force_login(people["officer"])
    return sheet(agencies[0], people, kind="gifts", records=0)


def tick(client, monkeypatch, day, *, nothing=("now",)):
    """Tick on a day that there was nothing; returns the page of the sheet on that day."""
    monkeypatch.setattr(queries, "today", lambda: day)
    data = posted(client, "year", "gifts") | {"f-nothing": list(nothing)}
    assert client.post(url("register_edit", stage="year", kind="gifts"), data | {"save": "all"}).status_code == 302
    return markup(client.get(url("register", kind="gifts")))


def test_that_there_was_nothing_holds_to_the_day_it_was_ticked(client, gifts, monkeypatch):
    """And the rest of the year is asked for when the year is over."""
    november, december = fiscal.first_day(YEAR, 2), fiscal.first_day(YEAR, 3)
    page = tick(client, monkeypatch, november)
    gifts.refresh_from_db()
    assert gifts.fields["nothing"] == november.isoformat()
    assert f"ถึงวันที่ {thai.date(november)}" in page
    assert not queries.missing_values(gifts, "year")
    edit = url("register_edit", stage="year", kind="gifts")
    monkeypatch.setattr(queries, "today", lambda: december)
    assert f"ยืนยันต่อถึง {fiscal.short_date(december)}" in markup(client.get(edit))
    tick(client, monkeypatch, december, nothing=(november.isoformat(),))  # saved again, with the old tick alone
    gifts.refresh_from_db()
    assert gifts.fields["nothing"] == november.isoformat()
    monkeypatch.setattr(queries, "today", lambda: fiscal.last_day(YEAR) + datetime.timedelta(1))
    assert next(m.text for m in queries.missing_values(gifts, "year")).endswith("ยังไม่ได้ยืนยันช่วงหลังจากนั้น")
    assert "ช่วงหลังจากนั้นถึงสิ้นปีงบประมาณ" in markup(client.get(url("register", kind="gifts")))
    assert [(s.pk, waits) for s, waits in queries.waiting_sheets(gifts.agency)] == [(gifts.pk, True)]
    tick(client, monkeypatch, fiscal.last_day(YEAR) + datetime.timedelta(40), nothing=(november.isoformat(), "now"))
    gifts.refresh_from_db()
    assert gifts.fields["nothing"] == fiscal.last_day(YEAR).isoformat()
    assert not queries.missing_values(gifts, "year")
    assert not queries.waiting_sheets(gifts.agency)


def test_nothing_is_confirmed_for_days_to_come(client, gifts, monkeypatch):
    today = fiscal.first_day(YEAR, 4)
    tick(client, monkeypatch, today, nothing=(fiscal.last_day(YEAR).isoformat(),))
    gifts.refresh_from_db()
    assert gifts.fields["nothing"] == today.isoformat()
    monkeypatch.setattr(queries, "today", lambda: fiscal.first_day(YEAR) - datetime.timedelta(1))
    assert "ยืนยันได้เมื่อเริ่มปีงบประมาณ" in markup(client.get(url("register_edit", stage="year", kind="gifts")))


def test_a_tick_of_an_earlier_version_holds_to_the_day_its_sheet_was_begun(gifts):
    from importlib import import_module

    from django.apps import apps

    migrate = import_module("prongsai.improvement.migrations.0009_confirmed_to")._date_ticks
    began = fiscal.first_day(YEAR, 2)
    for day, kept in (
        (began, began.isoformat()),
        (fiscal.last_day(YEAR) + datetime.timedelta(9), fiscal.last_day(YEAR).isoformat()),
        (fiscal.first_day(YEAR) - datetime.timedelta(9), None),
    ):
        at = datetime.datetime.combine(day, datetime.time(9), timezone.get_current_timezone())
        RegisterSheet.objects.filter(pk=gifts.pk).update(fields={"nothing": "1", "method": "ถาม"}, created_at=at)
        migrate(apps, None)
        gifts.refresh_from_db()
        assert (gifts.fields.get("nothing"), gifts.fields["method"]) == (kept, "ถาม")


def test_every_write_is_in_the_audit_trail(people, agencies, running_round):
    made = approved_sheet(agencies[0], people, public=True)
    actions.set_public(sheet=made, public=False, by=people["executive"])
    written = set(AuditEntry.objects.filter(agency="A1").values_list("action", flat=True))
    steps = ("start", "import", "submitted", "approved", "publish", "hide")
    assert {f"improvement.register_{step}" for step in steps} <= written


# --- the public page


def test_the_public_sees_what_was_approved_and_published_alone(client, people, made):
    page = url("public_register")
    assert client.get(page).status_code == 404
    approve(made, people)
    assert client.get(page).status_code == 404
    actions.set_public(sheet=made, public=True, by=people["executive"])
    first = queries.records_of(made)[0]
    edit = actions.RecordEdit({"project": "ยังไม่อนุมัติ"}, record=first.pk, base_version=first.version(["project"]))
    actions.save_sheet(sheet=made, edits=[edit], by=people["officer"])
    shown = markup(client.get(page))
    assert "โครงการหรือกิจกรรม 1" in shown
    assert "ยังไม่อนุมัติ" not in shown


def test_a_draft_is_never_published(people, made):
    with pytest.raises(DomainError):
        actions.set_public(sheet=made, public=True, by=people["executive"])
    RegisterSheet.objects.update(public=True)
    made.refresh_from_db()
    assert queries.read_sheet(made).is_draft


def test_an_officer_of_another_agency_reads_nothing(client, people, agencies, running_round):
    sheet(agencies[1], people)
    client.force_login(people["officer"])
    for name in ("register", "register_edit", "register_paste"):
        assert client.get(url(name, code="B2")).status_code == 403
    assert client.post(url("register_start", code="B2")).status_code == 403


def test_items_that_are_filed_are_shown_as_filed(client, people, agencies, running_round, made):
    from prongsai.disclosure import actions as disclosures
    from prongsai.disclosure import queries as filed

    entry = queries.items_to_file(agencies[0], PLAN, YEAR)[0]
    assert (entry.is_open, entry.links) == (True, ())
    filing = filed.get_filing(running_round, agencies[0])
    item = entry.fulfilled.item.id
    disclosures.file_entry(
        filing=filing,
        item=item,
        addresses="https://www.example.go.th/plan.pdf",
        explanation="",
        elements=[],
        revision=0,
        by=people["officer"],
    )
    assert len(queries.items_to_file(agencies[0], PLAN, YEAR)[0].links) == 1
    client.force_login(people["officer"])
    assert "ยื่นแล้ว 1 ลิงก์" in markup(client.get(url("register")))


@pytest.mark.parametrize("kind", load())
def test_a_sheet_of_the_newest_rules_leads_to_no_page_that_is_missing(client, people, agencies, running_round, kind):
    """Its items are those of a year without rules yet: that year's other registers can be named, and not opened."""
    newest = max(year for assessment, year in rules.available() if assessment == rules.NATIONAL)
    sheet(agencies[0], people, kind=kind, year=newest)
    client.force_login(people["officer"])
    page = markup(client.get(url("register", year=newest, kind=kind)))
    links = {link for link in re.findall(r'href="(/desk/[^"#?]+)', page) if not link.endswith((".pdf", ".docx"))}
    assert links
    assert [link for link in links if client.get(link, follow=True).status_code == 404] == []


def test_the_digest_of_what_is_decided_leaves_reports_out(people, made):
    content = digest.of_json(queries.content_of(made))
    record = queries.records_of(made)[0]
    record.values |= {"year_result": "อื่น"}
    record.save()
    assert digest.of_json(queries.content_of(made)) == content


# --- the next step


@pytest.fixture
def only_planned(people, agencies, running_round):
    """A sheet that was just approved: nothing is reported yet."""
    made = approved_sheet(agencies[0], people)
    planned = {c.key for c in PLAN.written_at("plan")}
    for record in made.records.all():
        record.values = {key: value for key, value in record.values.items() if key in planned}
        record.save()
    return made


@pytest.mark.parametrize(
    ("month", "asked", "told"),
    [(2, "อนุมัติแล้ว ขั้นต่อไปคือออกเอกสาร", "ผลรอบ 6 เดือน"), (5, "อนุมัติแล้ว", "ผลรอบ 6 เดือน"), (7, "อนุมัติแล้ว", "ผลสิ้นปี")],
)
def test_what_was_approved_is_issued_and_filed_before_its_report_is_asked_for(
    client, people, agencies, only_planned, monkeypatch, month, asked, told
):
    monkeypatch.setattr(queries, "today", lambda: fiscal.first_day(only_planned.fiscal_year, month))
    client.force_login(people["officer"])
    page = markup(client.get(url("register")))
    step = page[page.index('id="next"') : page.index('id="papers"')]
    assert asked in step
    assert told in step  # as what comes later
    assert step.index("ออกเอกสาร") < step.index(told)
    for item in queries.items_without_link(queries.items_to_file(agencies[0], PLAN, YEAR), "plan"):
        assert f"ข้อ {item.fulfilled.item.id} " in step


def test_the_report_is_asked_for_when_its_time_has_come_and_the_plan_is_filed(
    client, people, only_planned, monkeypatch
):
    monkeypatch.setattr(queries, "today", lambda: fiscal.last_day(only_planned.fiscal_year, 6))
    monkeypatch.setattr(queries, "items_without_link", lambda items, stage: [])
    client.force_login(people["officer"])
    page = markup(client.get(url("register")))
    step = page[page.index('id="next"') : page.index('id="papers"')]
    assert "กรอกผลรอบ 6 เดือน" in step
    assert "ขั้นต่อไปคือออกเอกสาร" not in step
