"""Follow-ups with evidence, due dates, the board, reports and reminders."""

import datetime
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from python_calamine import CalamineWorkbook

from prongsai.improvement import actions
from prongsai.improvement.models import FollowUp, Measure, PlanFinding, Reminder
from prongsai.improvement.snapshot import build_snapshot, track_progress
from prongsai.lib import fiscal
from prongsai.people.actions import DomainError
from prongsai.people.models import Notice
from prongsai.registry.models import Appointment
from prongsai.registry.queries import today
from tests.improvement.plans import YEAR, approve, first, follow_up, save, url


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


def test_a_follow_up_that_is_sent_twice_is_added_once(client, approved, people):
    client.force_login(people["officer"])
    m, before = first(approved), FollowUp.objects.count()
    for done, links, count in (
        ("ประชุม", "a.go.th", 1),
        ("ประชุม", "a.go.th", 1),
        ("ประชุม", "b.go.th", 2),
        ("อบรม", "b.go.th", 3),
    ):
        client.post(url("follow_up", approved, m.pk), posted(approved, done=done, links=links))
        assert FollowUp.objects.count() == before + count


def test_what_another_window_added_meanwhile_is_read_before_more_is_added(client, approved, people):
    """Two pages that were opened before: of the second, whose waiting file the first one attached, nothing is stored
    until its author has seen what is there. What is typed stays."""
    client.force_login(people["officer"])
    m, before = first(approved), FollowUp.objects.count()
    page = client.get(url("measure", approved, m.pk)).content.decode()
    seen = re.search(r'name="seen" value="(\d*)"', page)[1]
    client.post(url("follow_up", approved, m.pk), posted(approved, done="ประชุม", links="a.go.th") | {"seen": seen})
    late = posted(approved, done="ประชุม", links="") | {"seen": seen}
    answer = client.post(url("follow_up", approved, m.pk), late)
    page = answer.content.decode()
    assert (answer.status_code, FollowUp.objects.count()) == (422, before + 1)
    assert "ที่บันทึกไว้หลังจากเปิดหน้านี้" in page
    assert "ประชุม</textarea>" in page
    again = re.search(r'name="seen" value="(\d*)"', page)[1]
    assert client.post(url("follow_up", approved, m.pk), late | {"seen": again}).status_code == 302
    assert FollowUp.objects.count() == before + 2


def test_the_page_of_a_report_leads_to_its_paper(client, approved, people):
    client.force_login(people["officer"])
    papers = client.get(url("papers", approved)).content.decode()
    for half in ("six", "year"):
        page = client.get(url("plan_report", approved, half)).content.decode()
        anchor = re.search(rf'href="{url("papers", approved)}#([^"]+)"', page)[1]
        assert f'id="{anchor}"' in papers


WRONG_FOLLOW_UPS = [
    ({"done": ""}, "ทำอะไรไปแล้ว"),
    ({"status": "stuck"}, "ติดขัดที่อะไร"),
    ({"links": "javascript:alert(1)"}, "ไม่ใช่ลิงก์"),
    ({"links": "รูปถ่ายกิจกรรม"}, "“รูปถ่ายกิจกรรม”"),
    ({"links": "แฟ้มงาน ก. ข. เล่มที่ 3"}, "ไม่ใช่ลิงก์"),
    ({"links": "\n".join(f"https://a.go.th/{k}" for k in range(21))}, "ไม่เกิน 20"),
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


@pytest.mark.parametrize(("days", "refusal"), [(1, "ในอนาคต"), (-4000, "ก่อนเริ่มมาตรการ")])
def test_a_day_that_cannot_be_is_refused_whatever_form_it_came_from(approved, people, days, refusal):
    measure = first(approved)
    with pytest.raises(DomainError, match=refusal):
        actions.add_follow_up(
            measure=measure,
            due=next(m for m in build_snapshot(approved).measures if m.measure == measure.pk).due_dates[0],
            on=today() + datetime.timedelta(days),
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


def test_the_desk_shows_the_plan_to_whoever_has_to_act(client, plan, people, monkeypatch):
    monkeypatch.setattr("prongsai.web.officer_facts.today", lambda: fiscal.first_day(YEAR, 3))
    client.force_login(people["officer"])
    assert url("plan_edit", plan) in client.get(reverse("desk")).content.decode()
    actions.submit_plan(plan=plan, by=people["officer"])
    assert url("plan_decide", plan) not in client.get(reverse("desk")).content.decode()
    client.force_login(people["executive"])
    assert url("plan_decide", plan) in client.get(reverse("desk")).content.decode()


def test_a_link_without_a_scheme_is_completed(client, approved, people):
    client.force_login(people["officer"])
    sent = posted(approved, links="www.example.go.th/รายงาน\nexample.go.th")
    assert client.post(url("follow_up", approved, first(approved).pk), sent).status_code == 302
    links = FollowUp.objects.order_by("-pk").first().evidence.values_list("url", flat=True)
    assert list(links) == ["https://www.example.go.th/รายงาน", "https://example.go.th"]


def test_the_day_of_a_follow_up_is_typed_and_shown_in_the_buddhist_era(client, approved, people):
    client.force_login(people["officer"])
    m = first(approved)
    sixth = fiscal.first_day(approved.fiscal_year, 6)
    assert (
        client.post(url("follow_up", approved, m.pk), posted(approved, on=fiscal.short_date(sixth))).status_code == 302
    )
    assert FollowUp.objects.order_by("-pk").first().on == sixth
    assert 'type="text" name="on" value="' in client.get(url("measure", approved, m.pk)).content.decode()


def test_too_much_evidence_is_counted_where_it_is_chosen(client, approved, people):
    """Links and files count together: who chose twenty files and one link reads why twenty are too many."""
    client.force_login(people["officer"])
    files = [SimpleUploadedFile(f"ภาพ{k}.png", b"\x89PNG") for k in range(20)]
    page = client.post(
        url("follow_up", approved, first(approved).pk), {**posted(approved, links="www.example.go.th/a"), "file": files}
    )
    assert page.status_code == 422
    (problem,) = page.context["form"].errors["file"]
    assert "ลิงก์ 1 ลิงก์ และไฟล์ 20 ไฟล์" in problem
