"""One page for every measure of a due date: what is typed is stored, what is wrong is shown again, the rest is left."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from prongsai.improvement.models import FollowUp, PendingUpload
from prongsai.improvement.snapshot import build_snapshot, track_progress
from prongsai.lib import fiscal
from tests.improvement.plans import url
from tests.pages import markup

DONE = {"status": "done", "done": "ทำครบแล้ว"}


@pytest.fixture
def page(approved):
    return url("plan_follow_ups", approved)


@pytest.fixture
def due(approved):
    """The first date that several measures wait for."""
    waiting = [d for p in track_progress(build_snapshot(approved)) for d in p.pending]
    return next(d for d in sorted(set(waiting)) if waiting.count(d) > 2)


def measures(plan, due):
    return [p.measure.measure for p in track_progress(build_snapshot(plan)) if due in p.pending]


def fields(client, page, due, **typed):
    """The fields of the page as a browser sends them, with what is typed; files under their own names."""
    html = client.get(page, {"due": due.isoformat()}).content.decode()
    seen = dict(re.findall(r'name="(m\d+-seen)" value="(\d*)"', html))
    statuses = {name.replace("seen", "status"): "doing" for name in seen}
    return {"due": due.isoformat(), "on": fiscal.short_date(due), **seen, **statuses, **typed}


def test_measures_are_followed_up_together(client, approved, people, page, due):
    client.force_login(people["officer"])
    first, second, *others = measures(approved, due)
    before = FollowUp.objects.count()
    typed = {
        f"m{first}-done": "อบรมเจ้าหน้าที่ ๒ รุ่น",
        f"m{first}-links": "www.example.go.th/news",
        f"m{second}-status": "stuck",
        f"m{second}-obstacles": "งบประมาณยังไม่มา",
        f"m{second}-file": SimpleUploadedFile("หนังสือ.pdf", b"%PDF"),
    }
    answer = client.post(page, fields(client, page, due, **typed))
    assert (answer.status_code, answer["Location"]) == (302, page)
    made = {f.measure_id: f for f in FollowUp.objects.order_by("pk")[before:]}
    assert set(made) == {first, second}
    assert (made[first].due, made[first].on, made[first].status) == (due, due, "doing")
    assert made[first].done == "อบรมเจ้าหน้าที่ ๒ รุ่น"
    assert [e.url for e in made[first].evidence.all()] == ["https://www.example.go.th/news"]
    assert (made[second].status, made[second].obstacles, made[second].by) == (
        "stuck",
        "งบประมาณยังไม่มา",
        people["officer"],
    )
    assert [e.name for e in made[second].evidence.all()] == ["หนังสือ.pdf"]
    assert measures(approved, due) == others


def test_a_date_in_the_future_is_told_once_and_nothing_is_stored(client, approved, people, page, due):
    client.force_login(people["officer"])
    first, second, *_ = measures(approved, due)
    before = FollowUp.objects.count()
    typed = {f"m{first}-done": "ทำแล้ว", f"m{second}-done": "ทำแล้วเหมือนกัน", "on": "๑ มกราคม ๒๕๙๙"}
    answer = client.post(page, fields(client, page, due, **typed))
    shown = markup(answer)
    assert answer.status_code == 422
    assert shown.count("ต้องไม่อยู่ในอนาคต") == 1
    assert "ยังไม่ได้บันทึกมาตรการใด" in shown
    assert "ดูเหตุที่มาตรการนั้น" not in shown
    assert "ทำแล้วเหมือนกัน" in shown
    assert FollowUp.objects.count() == before


def test_what_is_right_is_stored_and_what_is_wrong_is_shown_again(client, approved, people, page, due):
    client.force_login(people["officer"])
    first, second, third, *_ = measures(approved, due)
    typed = {
        f"m{first}-done": "ทำแล้ว",
        f"m{second}-done": "พิมพ์ไว้ยาว",
        f"m{second}-links": "ไม่ใช่ลิงก์",
        f"m{second}-file": SimpleUploadedFile("ภาพ.png", b"\x89PNG"),
        f"m{third}-status": "done",
    }
    answer = client.post(page, fields(client, page, due, **typed))
    assert answer.status_code == 422
    shown = {r.progress.measure.measure: r for r in answer.context["rows"]}
    assert first not in shown
    assert "อีก 1 มาตรการบันทึกแล้ว" in markup(answer)
    assert "ยังบันทึกไม่ได้ 2 มาตรการ" in markup(answer)
    assert shown[second].form["done"].value() == "พิมพ์ไว้ยาว"
    assert shown[second].is_open
    assert "ไม่ใช่ลิงก์ที่เปิดได้" in str(shown[second].form["links"].errors)
    assert [u.name for u in shown[second].held] == ["ภาพ.png"]
    assert shown[third].form["done"].errors
    assert not shown[third].is_open
    assert list(FollowUp.objects.filter(measure__in=(first, second, third), due=due).values_list("measure")) == [
        (first,)
    ]
    again = {f"m{second}-done": "พิมพ์ไว้ยาว", f"m{second}-held": str(shown[second].held[0].pk)}
    assert client.post(page, fields(client, page, due, **again)).status_code == 302
    stored = FollowUp.objects.get(measure=second, due=due)
    assert [e.name for e in stored.evidence.all()] == ["ภาพ.png"]
    assert not PendingUpload.objects.exists()


def test_sent_twice_it_is_stored_once(client, approved, people, page, due):
    client.force_login(people["officer"])
    first, *_ = measures(approved, due)
    sent = fields(client, page, due, **{f"m{first}-done": "ทำแล้ว"})
    for _ in range(2):
        assert client.post(page, sent).status_code == 302
    assert FollowUp.objects.filter(measure=first, due=due).count() == 1


def test_what_a_colleague_stored_meanwhile_is_seen_first(client, approved, people, page, due):
    client.force_login(people["officer"])
    first, *_ = measures(approved, due)
    sent = fields(client, page, due, **{f"m{first}-done": "ของฉัน"})
    client.post(page, fields(client, page, due, **{f"m{first}-done": "ของเพื่อน"}))
    answer = client.post(page, sent)
    assert answer.status_code == 422
    assert "มีการติดตามรอบ" in markup(answer)
    assert FollowUp.objects.get(measure=first, due=due).done == "ของเพื่อน"
    row = next(r for r in answer.context["rows"] if r.progress.measure.measure == first)
    assert row.form["done"].value() == "ของฉัน"
    assert client.post(page, sent | {f"m{first}-seen": row.seen}).status_code == 302
    assert FollowUp.objects.filter(measure=first, due=due).latest("pk").done == "ของฉัน"


@pytest.mark.parametrize("day", ["", "31 ก.พ. 2570", "1 ต.ค. 2599"])
def test_without_a_day_nothing_is_stored_and_nothing_lost(client, approved, people, page, due, day):
    client.force_login(people["officer"])
    first, *_ = measures(approved, due)
    before = FollowUp.objects.count()
    answer = client.post(page, fields(client, page, due, **{f"m{first}-done": "ทำแล้ว", "on": day}))
    assert answer.status_code == 422
    assert FollowUp.objects.count() == before
    row = next(r for r in answer.context["rows"] if r.progress.measure.measure == first)
    assert row.form["done"].value() == "ทำแล้ว"


def test_where_a_file_did_not_arrive_nothing_is_stored(client, approved, people, page, due, settings):
    client.force_login(people["officer"])
    settings.MAX_UPLOAD = 100
    first, second, *_ = measures(approved, due)
    before = FollowUp.objects.count()
    typed = {
        f"m{first}-done": "ทำแล้ว",
        f"m{second}-file": SimpleUploadedFile("ใหญ่.png", b"\x89PNG" + b"x" * 200),
    }
    answer = client.post(page, fields(client, page, due, **typed))
    assert answer.status_code == 422
    assert "ใหญ่.png" in markup(answer)
    assert FollowUp.objects.count() == before


def test_nothing_typed_is_told(client, approved, people, page, due):
    client.force_login(people["officer"])
    before = FollowUp.objects.count()
    answer = client.post(page, fields(client, page, due))
    assert answer.status_code == 422
    assert "ยังไม่ได้พิมพ์ของมาตรการใด" in markup(answer)
    assert FollowUp.objects.count() == before


def test_a_measure_of_another_agency_is_not_reached(client, approved, people, page, due):
    """Only measures of the plan in the address that wait for the date take part, whatever names are sent."""
    client.force_login(people["officer"])
    before = FollowUp.objects.count()
    sent = fields(client, page, due) | {"m999999-seen": "", "m999999-status": "doing", "m999999-done": "ของคนอื่น"}
    assert client.post(page, sent).status_code == 422
    assert FollowUp.objects.count() == before


def test_dates_are_chosen_and_an_unknown_one_is_the_first(client, approved, people, page):
    client.force_login(people["officer"])
    dates = client.get(page).context["due_dates"]
    last = max(dates)
    assert client.get(page, {"due": last.isoformat()}).context["due"] == last
    for text in ("2570-02-31", "x", (last + datetime.timedelta(1)).isoformat()):
        assert client.get(page, {"due": text}).context["due"] == min(dates)


def test_when_all_is_followed_up_the_page_says_so(client, approved, people, page):
    client.force_login(people["officer"])
    while due := client.get(page).context["due"]:
        before = FollowUp.objects.count()
        done = {f"m{m}-{name}": value for m in measures(approved, due) for name, value in DONE.items()}
        assert client.post(page, fields(client, page, due, **done)).status_code == 302
        assert FollowUp.objects.count() == before + len(done) // len(DONE)
    assert "ติดตามครบทุกรอบแล้ว" in markup(client.get(page))


def test_a_draft_is_not_followed_up(client, plan, people):
    client.force_login(people["officer"])
    assert "บันทึกการติดตามได้เมื่ออนุมัติแล้ว" in markup(client.get(url("plan_follow_ups", plan)))
