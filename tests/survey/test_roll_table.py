"""Rolls of many agencies as a table: shown before anything is stored, stored a little at a time, and taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prongsai.jobs.kinds import Queue
from prongsai.machines import files
from prongsai.people.models import AuditEntry
from prongsai.registry.actions import enroll_agencies
from prongsai.registry.models import Agency, TableFile
from prongsai.registry.tables import work
from prongsai.registry.tables.kinds import Scope, find_kind
from prongsai.survey import rights
from prongsai.survey.actions import set_population
from prongsai.survey.models import Channel, Population
from tests.jobs.deaths import work_through_deaths
from tests.registry.test_tables import _workers, bring, confirm, do, fetch, reasons, sheet, states, undo

__all__ = ["_workers"]
HEAD = ("รหัสหน่วยงาน", "แบบวัด", "หน่วยงานย่อย", "จำนวนคน")


@pytest.fixture
def scope(running_round):
    return Scope("ita", running_round)


def find_rolls():
    return {
        (p.agency.code, p.instrument): p.roll and [tuple(unit) for unit in p.roll]
        for p in Population.objects.select_related("agency")
    }


def test_rolls_come_in_are_shown_first_and_are_taken_back(people, agencies, running_round, scope, tmp_path):
    office = people["office"]
    set_population(assessment_round=running_round, agency=agencies[0], instrument="IIT", size=50, by=people["officer"])
    path = sheet(
        tmp_path, HEAD, ("A1", "IIT", "กองคลัง", "๑๒"), ("B2", "IIT", "", 7), ("A1", "IIT", "สำนักปลัด", "1,030 คน")
    )
    upload = bring(path, office, "rolls", scope)
    assert states(upload) == [("changed", ""), ("changed", "")]
    assert find_rolls() == {("A1", "IIT"): None}  # nothing is stored before somebody confirms
    before = upload.rows.get(key="A1 IIT")
    assert (before.before["roll"], before.after["roll"]) == ("หน่วยงานแจ้งเอง: 50", "กองคลัง 12\nสำนักปลัด 1030")
    confirm(upload, office)
    assert find_rolls() == {
        ("A1", "IIT"): [("กองคลัง", 12), ("สำนักปลัด", 1030)],
        ("B2", "IIT"): [("ทั้งหน่วยงาน", 7)],
    }
    assert Population.objects.get(agency__code="A1").size == 1042
    assert AuditEntry.objects.filter(action="survey.set_roll").count() == 2
    rows = fetch("rolls", scope, office)
    assert [r[3:6] for r in rows if r[0] == "A1" and r[3] == "IIT"] == [
        ("IIT", "กองคลัง", "12"),
        ("IIT", "สำนักปลัด", "1030"),
    ]
    undo(upload, office)
    assert find_rolls() == {("A1", "IIT"): None}
    assert Population.objects.get().size == 50
    assert AuditEntry.objects.filter(action="survey.lift_roll").count() == 2


def test_what_goes_out_changes_nothing_when_it_comes_back(people, agencies, running_round, scope, tmp_path):
    office = people["office"]
    set_population(assessment_round=running_round, agency=agencies[1], instrument="IIT", size=50, by=people["officer"])
    form = {"assessment_round": running_round, "agency": agencies[0], "instrument": "IIT"}
    rights.set_roll(**form, roll=[("กอง 1", 3), ("กอง 2", 4)], by=office)
    rows = fetch("rolls", scope, office)
    upload = bring(sheet(tmp_path, *rows), office, "rolls", scope)
    assert {s for s, _ in states(upload)} == {"same"}


def test_a_form_goes_out_in_one_of_several_files(people, agencies, running_round, scope, tmp_path, monkeypatch):
    """Divided between two, it would not come back: rows about one thing in two files are refused."""
    form = {"assessment_round": running_round, "agency": agencies[0], "instrument": "IIT"}
    rights.set_roll(**form, roll=[("กอง 1", 3), ("กอง 2", 4), ("กอง 3", 5)], by=people["office"])
    monkeypatch.setattr(work, "MAX_ROWS", 4)
    monkeypatch.setattr("prongsai.registry.tables.reading.MAX_ROWS", 4)
    work.request_file(kind=find_kind("rolls"), scope=scope, by=people["office"])
    do(Queue.BULK)
    made = TableFile.objects.get()
    path = tmp_path / "rolls.zip"
    with files.local_copy(made.stored_as) as stored:
        path.write_bytes(stored.read_bytes())
    upload = bring(path, people["office"], "rolls", scope)
    assert (made.suffix, {s for s, _ in states(upload)}) == (".zip", {"same"})


def test_a_form_with_a_wrong_row_is_refused_whole_and_others_are_taken(
    people, agencies, running_round, scope, tmp_path
):
    office = people["office"]
    path = sheet(
        tmp_path,
        HEAD,
        ("A1", "IIT", "กองคลัง", "12"),
        ("A1", "IIT", "กองช่าง", "สาม"),
        ("A1", "EIT1", "กองคลัง", "12"),
        ("A1", "EIT1", "กองคลัง", "3"),
        ("ZZ", "IIT", "", "3"),
        ("B2", "OIT", "", "3"),
        ("B2", "EIT1", "กองคลัง", ""),
        ("B2", "EIT1", "กองช่าง", "4"),
        ("B2", "IIT", "", "7"),
    )
    upload = bring(path, office, "rolls", scope)
    text = "\n".join(reasons(upload))
    assert all(word in text for word in ("สาม", "หน่วยงานย่อยซ้ำ", "ZZ", "OIT", "ไม่รับทั้งแบบวัด"))
    assert [r.key for r in upload.rows.filter(state="changed")] == ["B2 IIT"]
    confirm(upload, office)
    assert find_rolls() == {("B2", "IIT"): [("ทั้งหน่วยงาน", 7)]}


def test_a_unit_goes_only_where_a_row_says_so(people, agencies, running_round, scope, tmp_path):
    """A form whose rows were divided between two files keeps those of the other."""
    office, form = people["office"], {"assessment_round": running_round, "agency": agencies[0], "instrument": "IIT"}
    rights.set_roll(**form, roll=[(rights.WHOLE_AGENCY, 16)], by=office)  # what is one number may be divided
    rows = (("A1", "IIT", "กองคลัง", 12), ("A1", "IIT", "กองช่าง", 4))
    confirm(bring(sheet(tmp_path, HEAD, *rows, name="1.xlsx"), office, "rolls", scope), office)
    assert find_rolls() == {("A1", "IIT"): [("กองคลัง", 12), ("กองช่าง", 4)]}
    upload = bring(sheet(tmp_path, HEAD, ("A1", "IIT", "กองคลัง", 13)), office, "rolls", scope)
    assert states(upload) == [("refused", "")]
    assert "กองช่าง" in reasons(upload)[0]
    rows = (("A1", "IIT", "กองคลัง", 13), ("A1", "IIT", "กองช่าง", 0))
    confirm(bring(sheet(tmp_path, HEAD, *rows, name="2.xlsx"), office, "rolls", scope), office)
    assert find_rolls() == {("A1", "IIT"): [("กองคลัง", 13)]}


def test_what_is_issued_stays_on_the_roll(people, agencies, running_round, scope, tmp_path):
    office = people["office"]
    upload = bring(sheet(tmp_path, HEAD, ("A1", "IIT", "", 5)), office, "rolls", scope)
    lower = bring(sheet(tmp_path, HEAD, ("A1", "IIT", "", 2), name="2.xlsx"), office, "rolls", scope)
    confirm(upload, office)
    channel, _ = rights.open_once(
        assessment_round=running_round, agency=agencies[0], instrument="IIT", kind=Channel.Kind.CODES, by=office
    )
    rights.order_batch(channel=channel, size=3, by=office)
    undo(upload, office)
    assert "ออกบัตร" in reasons(upload)[0]
    again = bring(sheet(tmp_path, HEAD, ("A1", "IIT", "", 2), name="3.xlsx"), office, "rolls", scope)
    assert states(again) == [("refused", "")]
    confirm(lower, office)  # shown before the roll was there
    assert [s for s, _ in states(lower)] == ["conflict"]
    assert find_rolls() == {("A1", "IIT"): [("ทั้งหน่วยงาน", 5)]}


def test_a_nations_rolls_get_on_although_worker_after_worker_dies(
    people, agencies, running_round, scope, tmp_path, monkeypatch
):
    more = [Agency(assessment_id="ita", code=f"C{n}", name_th=f"เทศบาลตำบล {n}", kind="sao") for n in range(5)]
    for agency in more:
        agency.save()
    enroll_agencies(assessment_round=running_round, agencies=more, by=people["office"])
    monkeypatch.setattr(work, "_ROWS_PER_WRITE", 2)
    rows = [(f"C{n}", "IIT", unit, n + 1) for n in range(5) for unit in ("กองคลัง", "กองช่าง")]
    upload = bring(sheet(tmp_path, HEAD, *rows), people["office"], "rolls", scope)
    seen = work.digest_plan(upload)
    work.request_application(upload=upload, seen=seen, by=people["office"], site="https://example.test")
    assert work_through_deaths(Queue.OFFICE, monkeypatch) == 3
    assert find_rolls() == {(f"C{n}", "IIT"): [("กองคลัง", n + 1), ("กองช่าง", n + 1)] for n in range(5)}
    assert AuditEntry.objects.filter(action="survey.set_roll").count() == 5  # each once


def test_only_the_office_brings_rolls(people):
    kind = find_kind("rolls")
    assert {role for role, user in people.items() if work.may_bring(user, kind, "ita")} == {"office"}


def test_rolls_lock_nobody_elses_form(people, agencies, running_round):
    """Who fixes one roll makes no other agency's answers wait: on PostgreSQL these statements end with FOR UPDATE."""
    form = {"assessment_round": running_round, "agency": agencies[0], "instrument": "IIT"}
    with CaptureQueriesContext(connection) as captured:
        rights.set_roll(**form, roll=[("ทั้งหน่วยงาน", 5)], by=people["office"])
    asked = [q["sql"] for q in captured if 'FROM "survey_population"' in q["sql"]]
    assert asked
    assert all(f'"agency_id" IN ({agencies[0].pk})' in sql for sql in asked)
