"""Marks from outside and decisions as tables: nothing that an assessor gave here is overwritten, the rules hold for
those in whose name a row stands, and what is undone is withdrawn."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import actions, drawn, filing_list, queries
from prongsai.disclosure.models import (
    BlindReview,
    BroughtMark,
    Clarification,
    Mark,
    MarksSeal,
    MarkWithdrawal,
)
from prongsai.people.access import PERMISSIONS, Role
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice
from prongsai.registry.actions import declare_interest, unassign
from prongsai.registry.models import Interest
from prongsai.registry.tables.kinds import Scope
from tests.registry.test_tables import _workers, bring, confirm, fetch, reasons, sheet, states, undo

from .filed import file_and_confirm, mark_all

__all__ = ["_workers"]
TOP = ("รหัสหน่วยงาน", "ข้อ", "คะแนน", "เหตุผลหรือความเห็น", "อีเมลผู้ประเมิน")
DECISION = ("รหัสหน่วยงาน", "ข้อ", "คะแนนชี้ขาด", "เหตุผลหรือความเห็น", "อีเมลผู้ชี้ขาด")


@pytest.fixture
def scope(running_round):
    return Scope("ita", running_round)


@pytest.fixture
def confirmed(filing, people):
    return file_and_confirm(filing, people, items=3)


def points(filing, stage="first"):
    return {item: stages[stage].points for item, stages in queries.marks_by_stage(filing).items() if stage in stages}


def seal(filing, people):
    return MarksSeal.objects.create(round=filing.round, by=people["office"], agencies=1, marks=1, missing=0, digest="d")


def give(filing, item, by, number=0):
    return actions.mark_item(
        filing=filing, item=item, points=number, reasons=["องค์ประกอบไม่ครบ"], comment="", elements=[], by=by
    )


# --- marks from outside


def test_marks_from_outside_count_and_are_taken_back(people, confirmed, scope, ids, tmp_path):
    office, assessor = people["office"], people["assessor"]
    rows = [("A1", ids[0], 100, "เห็นที่เว็บไซต์", ""), ("A1", f"ข้อ {ids[1].lower()}", "๐", "ไม่ครบ", assessor.email.upper())]
    upload = bring(sheet(tmp_path, TOP, *rows), office, "marks", scope)
    assert states(upload) == [("changed", ""), ("changed", "")], reasons(upload)
    assert points(confirmed) == {}
    confirm(upload, office)
    assert points(confirmed) == {ids[0]: 100, ids[1]: 0}
    mark = confirmed.marks.get(item=ids[1])
    assert (mark.by, mark.brought.by, mark.brought.upload) == (assessor, office, upload)
    entry = AuditEntry.objects.filter(action="disclosure.mark_first").last()
    assert office.name in entry.by
    assert (entry.agency, entry.detail["assessor"]) == ("A1", assessor.name)
    undo(upload, office)
    assert states(upload) == [("changed", "undone")] * 2
    assert points(confirmed) == {}
    assert queries.filing_closed_reason(confirmed) == ""  # as if they had never been
    assert MarkWithdrawal.objects.count() == Mark._base_manager.count() == 2
    assert AuditEntry.objects.filter(action="disclosure.withdraw_mark").count() == 2


def test_what_goes_out_comes_back_as_the_same(people, confirmed, scope, ids, tmp_path):
    give(confirmed, ids[0], people["assessor"])
    rows = fetch("marks", scope, people["office"])
    assert rows[0] == ("รหัสหน่วยงาน", "ชื่อหน่วยงาน", "จังหวัด", "ข้อ", "คะแนน", "เหตุผลหรือความเห็น", "อีเมลผู้ประเมิน")
    assert [row[3] for row in rows[1:]] == ids  # of the agency that somebody marks
    assert rows[1][4:] == ("0", "องค์ประกอบไม่ครบ", people["assessor"].email)
    upload = bring(sheet(tmp_path, *rows), people["office"], "marks", scope)
    assert {state for state, _ in states(upload)} == {"same"}


def test_a_mark_that_a_person_gave_is_not_overwritten(people, confirmed, scope, ids, tmp_path):
    give(confirmed, ids[0], people["assessor"])
    path = sheet(tmp_path, TOP, ("A1", ids[0], 100, "จากภายนอก", ""), ("A1", ids[1], 100, "จากภายนอก", ""))
    upload = bring(path, people["office"], "marks", scope)
    assert [s for s, _ in states(upload)] == ["refused", "changed"]
    assert "ตารางไม่เขียนทับ (ได้ 0)" in reasons(upload)[0]
    give(confirmed, ids[1], people["assessor"])  # after the preview
    confirm(upload, people["office"])
    assert [s for s, _ in states(upload)] == ["refused", "conflict"]
    assert points(confirmed) == {ids[0]: 0, ids[1]: 0}


def test_a_later_table_changes_an_earlier_one_and_back(people, confirmed, scope, ids, tmp_path):
    first = confirm(
        bring(sheet(tmp_path, TOP, ("A1", ids[0], 0, "ก", "")), people["office"], "marks", scope), people["office"]
    )
    second = confirm(
        bring(sheet(tmp_path, TOP, ("A1", ids[0], 100, "ข", "")), people["office"], "marks", scope), people["office"]
    )
    assert points(confirmed) == {ids[0]: 100}
    undo(first, people["office"])
    assert states(first) == [("changed", "applied")]
    assert "มีผู้แก้ข้อมูลนี้" in reasons(first)[0]
    undo(second, people["office"])
    assert points(confirmed) == {ids[0]: 0}
    undo(first, people["office"])
    assert points(confirmed) == {}


def test_rows_are_refused_with_their_cell_and_reason(people, confirmed, scope, ids, assessors, tmp_path):
    rows = [
        ("A1", "O999", 100, "", ""),
        ("ZZ", ids[0], 100, "", ""),
        ("A1", ids[0], 100, "ก", ""),
        ("A1", ids[0], 0, "ข", ""),
        ("A1", ids[1], 0, "", ""),
        ("A1", ids[2], 101, "ค", ""),
        ("A1", ids[3], 100, "", ""),
        ("A1", ids[4], 100, "ง", assessors[0].email),
        ("B2", ids[0], 100, "จ", ""),
        ("A1", ids[5], "", "เหตุแต่ไม่มีคะแนน", ""),
        ("A1", ids[6], "เต็ม", "ฉ", ""),
    ]
    upload = bring(sheet(tmp_path, TOP, *rows), people["office"], "marks", scope)
    assert [s for s, _ in states(upload)] == ["refused"] * len(rows)
    wanted = (
        "ไม่มีข้อ “O999”",
        "ไม่มีหน่วยงานรหัส ZZ",
        "แถว 5 จึงไม่รับทุกแถว",
        "แถว 4 จึงไม่รับทุกแถว",
        "ช่อง เหตุผลหรือความเห็น: คะแนนไม่เต็มต้องบอกเหตุผล",
        "ช่อง คะแนน",
        "ให้คะแนนเต็มต้องบอกว่าเห็นหลักฐานที่ใด",
        "มอบหมายให้ assessor@example.test ตรวจ ไม่ใช่",
        "ยังไม่ได้มอบหมายผู้ประเมิน",
        "ว่าง แต่มีเหตุผล",
        "“เต็ม” ไม่ใช่ตัวเลข",
    )
    for reason, text in zip(reasons(upload), wanted, strict=True):
        assert text in reason
    assert points(confirmed) == {}


def test_hidden_rows_and_error_cells_are_named_and_formats_honoured(people, confirmed, scope, ids, tmp_path):
    def change(book, page):
        page.set_row(1, None, None, {"hidden": True})
        page.write_formula(2, 2, "=NA()", None, "#N/A")
        page.write_number(3, 2, 100, book.add_format({"num_format": "0.00"}))
        page.write_number(4, 2, 1, book.add_format({"num_format": "0%"}))

    rows = [("A1", item, 100, "เห็นแล้ว", "") for item in ids[:4]]
    upload = bring(sheet(tmp_path, TOP, *rows, change=change), people["office"], "marks", scope)
    assert [s for s, _ in states(upload)] == ["refused", "refused", "changed", "changed"]
    assert "ถูกซ่อน" in reasons(upload)[0]
    assert "#N/A" in reasons(upload)[1]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_nothing_is_brought_after_the_seal_or_the_release(people, confirmed, scope, ids, tmp_path, moment):
    path = sheet(tmp_path, TOP, ("A1", ids[0], 0, "ก", ""))
    upload = bring(path, people["office"], "marks", scope) if moment == "after" else None
    seal(confirmed, people)
    upload = confirm(upload, people["office"]) if upload else bring(path, people["office"], "marks", scope)
    assert [s for s, _ in states(upload)] == ["refused"]
    assert "ปิดผนึกแล้ว" in reasons(upload)[0]
    assert not Mark.objects.exists()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_nobody_marks_their_own_agency_by_table(people, confirmed, scope, ids, tmp_path, moment):
    """Who is assigned and acted for the agency, found out before the preview or after it."""
    path = sheet(tmp_path, TOP, ("A1", ids[0], 0, "ก", ""))
    upload = bring(path, people["office"], "marks", scope) if moment == "after" else None
    Interest.objects.create(user=people["assessor"], agency=confirmed.agency, reason="ญาติ")
    upload = confirm(upload, people["office"]) if upload else bring(path, people["office"], "marks", scope)
    assert [s for s, _ in states(upload)] == ["refused"]
    assert "ส่วนได้เสีย" in reasons(upload)[0]
    assert not Mark.objects.exists()


def test_who_brings_a_table_has_no_tie_to_its_agencies(people, confirmed, scope, ids, tmp_path):
    declare_interest(user=people["office"], agency=confirmed.agency, reason="ญาติ", by=people["office"])
    path = sheet(tmp_path, TOP, ("A1", ids[0], 0, "ก", ""))
    upload = confirm(bring(path, people["office"], "marks", scope), people["office"])
    assert states(upload) == [("refused", "")]
    assert not Mark.objects.exists()


def test_an_assignment_that_ended_after_the_preview_takes_no_mark(people, confirmed, scope, ids, tmp_path):
    upload = bring(sheet(tmp_path, TOP[:4], ("A1", ids[0], 0, "ก")), people["office"], "marks", scope)
    unassign(assessment_round=confirmed.round, agency=confirmed.agency, by=people["office"])
    confirm(upload, people["office"])
    assert not Mark.objects.exists()


def test_what_something_depends_on_is_not_taken_back(people, confirmed, scope, ids, assessors, tmp_path):
    rows = [("A1", item, 100, "เห็นแล้ว", "") for item in ids]
    upload = confirm(bring(sheet(tmp_path, TOP, *rows), people["office"], "marks", scope), people["office"])
    BlindReview.objects.create(filing=confirmed, item=ids[0], assessor=assessors[0])
    actions.mark_item(
        filing=confirmed,
        item=ids[1],
        points=100,
        reasons=[],
        comment="เห็นแล้ว",
        elements=[],
        by=people["assessor"],
    )
    undo(upload, people["office"])
    by_item = {r.key.partition("/")[2]: r for r in upload.rows.all()}
    assert "สุ่มให้ผู้ประเมินอีกคน" in by_item[ids[0]].reason
    assert {by_item[i].outcome for i in ids[2:]} == {"undone"}
    assert set(points(confirmed)) == set(ids[:2])
    again = confirm(bring(sheet(tmp_path, TOP, *rows[2:]), people["office"], "marks", scope), people["office"])
    actions.release_marks(filing=confirmed, by=people["assessor"])
    undo(again, people["office"])
    assert {outcome for _, outcome in states(again)} == {"applied"}
    assert "ส่งคะแนนให้หน่วยงานแล้ว" in reasons(again)[0]


def test_withdrawn_marks_are_counted_nowhere(people, confirmed, scope, ids, tmp_path):
    def progress():
        (assigned,) = queries.assigned_agencies(people["assessor"])
        counted = filing_list.describe(confirmed.round, list(filing_list.list_filings(confirmed.round.pk, {}).rows))
        marked = {row.agency.code: row.counts["marked"] for row in counted}
        return assigned.marked, queries.round_progress(confirmed.round).marked, marked["A1"]

    rows = [("A1", item, 100, "เห็นแล้ว", "") for item in ids]
    upload = confirm(bring(sheet(tmp_path, TOP, *rows), people["office"], "marks", scope), people["office"])
    assert progress() == (len(ids), 1, len(ids))
    undo(upload, people["office"])
    assert progress() == (0, 0, 0)
    with pytest.raises(DomainError, match="ยังไม่ได้ให้คะแนน"):
        actions.release_marks(filing=confirmed, by=people["assessor"])


def test_only_marks_of_tables_are_withdrawn_and_nothing_is_deleted(people, confirmed, ids):
    mark = give(confirmed, ids[0], people["assessor"])
    with pytest.raises(DomainError, match="ผู้ประเมินให้เอง"):
        actions.withdraw_mark(mark=mark, by=people["office"])
    MarkWithdrawal.objects.create(mark=mark, by=people["office"])
    for model in (Mark._base_manager, MarkWithdrawal.objects):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.all().delete()


# --- decisions


@pytest.fixture
def disputed(confirmed, people, ids):
    """Two items that the agency replied to."""
    mark_all(confirmed, people, ids, zero=ids[:3])
    for item in ids[:2]:
        Clarification.objects.create(filing=confirmed, item=item, text="มีครบแล้ว", by=people["officer"])
    return confirmed


def test_decisions_come_in_and_are_taken_back(people, disputed, scope, ids, assessors, tmp_path):
    office, second = people["office"], assessors[0]
    rows = fetch("decisions", scope, office)
    assert [row[3:6] for row in rows[1:]] == [(ids[0], "0", "มีครบแล้ว"), (ids[1], "0", "มีครบแล้ว")]
    same = bring(sheet(tmp_path, *rows), office, "decisions", scope)
    assert {state for state, _ in states(same)} == {"same"}
    filled = [(*row[:6], "100", "ครบจริง", second.email) for row in rows[1:]]
    upload = bring(sheet(tmp_path, rows[0], *filled), office, "decisions", scope)
    assert states(upload) == [("changed", "")] * 2, reasons(upload)
    confirm(upload, office)
    assert points(disputed, "decision") == {ids[0]: 100, ids[1]: 100}
    assert not queries.open_disputes([disputed.round])
    decision = disputed.marks.filter(stage="decision").first()
    assert (decision.by, decision.brought.by) == (second, office)
    entry = AuditEntry.objects.filter(action="disclosure.mark_decision").last()
    assert office.name in entry.by
    assert entry.detail["assessor"] == second.name
    assert Notice.objects.filter(user=people["officer"], text__contains="มีคำชี้ขาดแล้ว").count() == 2
    undo(upload, office)
    assert states(upload) == [("changed", "undone")] * 2
    assert len(queries.open_disputes([disputed.round])) == 2
    assert queries.counting_marks(disputed)[ids[0]].points == 0
    assert Notice.objects.filter(user=people["officer"], text__contains="ถูกถอน").count() == 2


def test_decisions_that_the_rules_forbid_are_refused(people, disputed, scope, ids, assessors, tmp_path):
    second, third = assessors
    declare_interest(user=third, agency=disputed.agency, reason="ญาติ", by=people["office"])
    rows = [
        ("A1", ids[0], 100, "ก", people["assessor"].email),
        ("A1", ids[1], 100, "ข", third.email),
        ("A1", ids[2], 100, "ค", second.email),
        ("A1", ids[3], 100, "ง", "nobody@example.test"),
        ("A1", ids[4], 100, "จ", people["office"].email),
        ("A1", ids[5], 100, "ฉ", ""),
        ("A1", "O999", 100, "ช", second.email),
    ]
    upload = bring(sheet(tmp_path, DECISION, *rows), people["office"], "decisions", scope)
    assert [s for s, _ in states(upload)] == ["refused"] * len(rows)
    wanted = (
        "ชี้ขาดเองไม่ได้",
        "ส่วนได้เสีย",
        "ไม่ได้รอการชี้ขาด",
        "ไม่มีผู้ประเมินที่ใช้อีเมล nobody",
        "ไม่มีผู้ประเมินที่ใช้อีเมล office",
        "ว่าง ใส่ว่าใครชี้ขาด",
        "ไม่มีข้อ “O999”",
    )
    for reason, text in zip(reasons(upload), wanted, strict=True):
        assert text in reason
    assert not Mark.objects.filter(stage="decision").exists()


def test_a_dispute_that_somebody_drew_is_theirs(people, disputed, scope, ids, assessors, tmp_path):
    second, third = assessors
    held = drawn.draw_dispute(assessment="ita", by=second)
    other = next(i for i in ids[:2] if i != held.item)
    rows = [("A1", held.item, 100, "ก", third.email), ("A1", other, 100, "ข", third.email)]
    upload = bring(sheet(tmp_path, DECISION, *rows), people["office"], "decisions", scope)
    assert [s for s, _ in states(upload)] == ["refused", "changed"]
    assert "รับข้อนี้ไปชี้ขาดอยู่" in reasons(upload)[0]
    drawn.return_dispute(filing=disputed, item=held.item, by=second)
    drawn.draw_dispute(assessment="ita", by=second)
    held_again = drawn.find_held(second, queries.open_disputes([disputed.round], second))
    held_again.item = other
    held_again.until = timezone.now() + datetime.timedelta(minutes=5)
    held_again.save()
    confirm(upload, people["office"])
    assert [s for s, _ in states(upload)] == ["refused", "refused"]
    assert not Mark.objects.filter(stage="decision").exists()


def test_an_item_that_was_decided_is_not_decided_by_table(people, disputed, scope, ids, assessors, tmp_path):
    second, third = assessors
    actions.mark_item(
        filing=disputed, item=ids[0], points=0, reasons=[], comment="ยืนตาม", elements=[], by=second, stage="decision"
    )
    path = sheet(tmp_path, DECISION, ("A1", ids[0], 100, "ก", third.email))
    upload = bring(path, people["office"], "decisions", scope)
    assert [s for s, _ in states(upload)] == ["refused"]
    assert "ชี้ขาดแล้ว ได้ 0" in reasons(upload)[0]


def test_after_the_seal_no_decision_comes_in_or_is_taken_back(people, disputed, scope, ids, assessors, tmp_path):
    path = sheet(tmp_path, DECISION, ("A1", ids[0], 100, "ก", assessors[0].email))
    upload = confirm(bring(path, people["office"], "decisions", scope), people["office"])
    late = sheet(tmp_path, DECISION, ("A1", ids[1], 100, "ก", assessors[0].email))
    waiting = bring(late, people["office"], "decisions", scope)
    seal(disputed, people)
    undo(upload, people["office"])
    assert states(upload) == [("changed", "applied")]
    assert "ปิดผนึกแล้ว" in reasons(upload)[0]
    confirm(waiting, people["office"])
    assert [s for s, _ in states(waiting)] == ["refused"]
    refused = bring(late, people["office"], "decisions", scope)
    assert "ปิดผนึกแล้ว" in reasons(refused)[0]
    assert points(disputed, "decision") == {ids[0]: 100}


def test_only_the_office_brings_marks(people, running_round):
    assert set(PERMISSIONS["disclosure.import_marks"]) == {Role.OFFICE}
    for role, user in people.items():
        client = Client()
        client.force_login(user)
        for kind in ("marks", "decisions"):
            page = client.get(reverse("round_table", args=[kind, running_round.fiscal_year]))
            assert page.status_code == (200 if role == "office" else 403)


def test_the_assessor_sees_that_a_mark_came_in_a_table(people, disputed, scope, ids, assessors, tmp_path):
    BroughtMark.objects.create(
        mark=disputed.marks.filter(item=ids[0]).first(),
        upload=bring(sheet(tmp_path, TOP, ("A1", ids[0], 0, "ก", "")), people["office"], "marks", scope),
        by=people["office"],
    )
    held = drawn.draw_dispute(assessment="ita", by=assessors[0])
    assert held.item == ids[0]
    client = Client()
    client.force_login(assessors[0])
    page = client.get(reverse("mark_decide", args=[disputed.pk, ids[0]])).content.decode()
    assert "นำเข้าจากตาราง" in page
