"""Tables that go out and come back: nothing is taken that nobody saw, nothing is lost in silence, and there is a way
back."""

import csv
import datetime
import io
import zipfile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from prongsai.intake.files import Row, read_rows
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import LeaseLostError, take_job
from prongsai.jobs.models import Job
from prongsai.machines import files
from prongsai.people.access import PERMISSIONS
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry, Notice, User
from prongsai.registry import actions
from prongsai.registry.models import (
    Agency,
    AgencyVersion,
    Appointment,
    Assignment,
    Exclusion,
    TableFile,
    TableRow,
    TableUpload,
)
from prongsai.registry.queries import today
from prongsai.registry.tables import work
from prongsai.registry.tables.agency_rows import find_agencies
from prongsai.registry.tables.kinds import Entry, Scope, find_kind
from prongsai.registry.tables.reading import arrange_rows
from tests.jobs.deaths import work_through_deaths

HEAD = ("อีเมล", "ชื่อ", "บทบาท", "รหัสหน่วยงาน", "บัญชี")


@pytest.fixture(autouse=True)
def _workers(settings, tmp_path):
    settings.JOBS_BY_WORKERS = True


def do(queue):
    while job := take_job(queue=queue, owner="test"):
        work_on(job)


def sheet(tmp_path, *rows, name="table.xlsx", change=lambda book, sheet: None):
    path = tmp_path / name
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("แผ่น")
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    change(book, page)
    book.close()
    return path


def bring(path, by, kind="users", scope=None):
    upload = work.upload_table(kind=find_kind(kind), scope=scope or Scope("ita"), path=path, file_name=path.name, by=by)
    do(Queue.FILES)
    upload.refresh_from_db()
    return upload


def confirm(upload, by):
    work.request_application(upload=upload, seen=work.digest_plan(upload), by=by, site="https://example.test")
    do(Queue.OFFICE)
    upload.refresh_from_db()
    return upload


def undo(upload, by):
    work.request_undoing(upload=upload, by=by, site="https://example.test")
    do(Queue.OFFICE)
    upload.refresh_from_db()


def states(upload):
    return [(r.state, r.outcome) for r in upload.rows.order_by("position")]


def reasons(upload):
    return [r.reason for r in upload.rows.order_by("position")]


def fetch(kind, scope, by):
    """The rows of the table that goes out."""
    work.request_file(kind=find_kind(kind), scope=scope, by=by)
    do(Queue.BULK)
    made = TableFile.objects.get(kind=kind)
    with files.local_copy(made.stored_as) as path:
        return [r.cells for r in read_rows(path)]


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_what_goes_out_comes_back_whole_although_a_file_has_a_limit(people, agencies, tmp_path, monkeypatch, most):
    """Where a table has more rows than one file may bring, it goes out as several."""
    whole = fetch("agencies", Scope("ita"), people["office"])
    monkeypatch.setattr(work, "MAX_ROWS", most)
    monkeypatch.setattr("prongsai.registry.tables.reading.MAX_ROWS", most)
    work.request_file(kind=find_kind("agencies"), scope=Scope("ita"), by=people["office"])
    do(Queue.BULK)
    made = TableFile.objects.get()
    assert (made.count, made.suffix) == (len(whole) - 1, ".zip" if len(whole) - 1 > most else ".xlsx")
    client = Client()
    client.force_login(people["office"])
    assert f"แถว ({made.suffix})" in client.get(reverse("table", args=("agencies",))).content.decode()
    response = client.get(reverse("table_file", args=(made.pk,)))
    assert response["Content-Disposition"].endswith(f'{made.suffix}"')
    content = b"".join(response.streaming_content)
    parts = [content]
    if made.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    rows = []
    for number, part in enumerate(parts):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(part)
        rows.append([r.cells for r in read_rows(path)])
        upload = bring(path, people["office"], "agencies")
        assert set(states(upload)) == {("same", "")}
    assert {tuple(r[0]) for r in rows} == {tuple(whole[0])}
    assert [cells for part in rows for cells in part[1:]] == whole[1:]


# --- the page


def test_a_file_is_read_by_a_worker_and_then_shown(people, tmp_path):
    """The page answers before anything is read, shows how far it is, and nobody confirms what was not read."""
    client = Client()
    client.force_login(people["office"])
    text = "รหัส,ชื่อ,ประเภท\nC3,กรมตัวอย่าง,กรม\nC4,,กรม\n".encode("cp874")
    address = reverse("table", args=("agencies",))
    page = client.post(address, {"upload": "1", "file": SimpleUploadedFile("ใหม่.csv", text)}).url
    upload = TableUpload.objects.get()
    assert (upload.status, upload.rows.count()) == (TableUpload.Status.READING, 0)
    waiting = client.get(page).content.decode()
    assert "<progress" in waiting
    assert 'name="drop"' not in waiting
    client.post(page, {"apply": "1", "seen": work.digest_plan(upload)})
    assert Job.objects.count() == 1
    do(Queue.FILES)
    assert "2 แถว มีปัญหา 1 แถว" in Notice.objects.get().text
    shown = client.get(page).content.decode()
    assert "กรมตัวอย่าง" in shown
    assert "ไม่มีชื่อหน่วยงาน" in shown
    assert "บันทึก 1 แถว" in shown
    assert not Agency.objects.exists()
    client.post(page, {"apply": "1", "seen": work.digest_plan(upload)})
    do(Queue.OFFICE)
    assert Agency.objects.get().code == "C3"
    assert b"".join(client.get(reverse("table_problems", args=(upload.pk,))).streaming_content).startswith(b"PK")


def test_a_file_that_nobody_can_read_says_why_and_can_be_dropped(people, tmp_path):
    client = Client()
    client.force_login(people["office"])
    for content, said in (
        (b"\x89PNG", "เป็นภาพ"),
        ("ก,ข\n1,2\n".encode(), "ไม่พบหัวตาราง"),
        ("ชื่อ,อีเมล\n".encode(), "ไม่มีแถว"),
    ):
        page = client.post(
            reverse("table", args=("users",)), {"upload": "1", "file": SimpleUploadedFile("a.csv", content)}
        ).url
        do(Queue.FILES)
        assert said in client.get(page).content.decode()
        client.post(page, {"drop": "1"})
        assert TableUpload.objects.first().status == TableUpload.Status.DROPPED
    refused = client.post(
        reverse("table", args=("users",)), {"upload": "1", "file": SimpleUploadedFile("a.exe", b"MZ")}
    )
    assert refused.status_code == 422
    assert TableUpload.objects.count() == 3


def test_of_two_clicks_one_file_comes(people, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    path = sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ผู้ประเมิน"))
    first = bring(path, people["office"])
    assert bring(path, people["office"]) == first, "it waits"
    TableUpload.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=2))
    assert bring(path, people["office"]) != first, "later it is compared with what is there then"
    settings.MEDIA_ROOT = tmp_path / "others"
    assert (
        work.upload_table(
            kind=find_kind("users"), scope=Scope("ita"), path=path, file_name="x.xlsx", by=people["auditor"]
        ).by
        == people["auditor"]
    ), "of another person it is another"


def test_a_file_dropped_while_it_is_read_stays_dropped(people, tmp_path):
    path = sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ผู้ประเมิน"))
    upload = work.upload_table(
        kind=find_kind("users"), scope=Scope("ita"), path=path, file_name="x.xlsx", by=people["office"]
    )
    work.drop_upload(upload=upload, by=people["office"])
    do(Queue.FILES)
    upload.refresh_from_db()
    assert (upload.status, upload.rows.count()) == (TableUpload.Status.DROPPED, 0)


def test_two_columns_of_one_name_are_refused_and_columns_unknown_are_named(people, tmp_path):
    upload = bring(
        sheet(tmp_path, ("อีเมล", "ชื่อ", "E-MAIL"), ("a@example.test", "ก", "b@example.test")), people["office"]
    )
    assert "สองคอลัมน์" in upload.problem
    upload = bring(
        sheet(tmp_path, ("อีเมล", "ชื่อ", "บทบาท", "เบอร์โทร"), ("a@example.test", "ก", "ผู้ประเมิน", "08")), people["office"]
    )
    assert upload.unread == ["เบอร์โทร"]


# --- users


def test_users_are_invited_with_their_agencies_and_taken_back(people, agencies, tmp_path):
    path = sheet(
        tmp_path,
        HEAD,
        ("new@example.test", "ผู้ใช้ใหม่", "เจ้าหน้าที่หน่วยงาน", "B2, A1", ""),
        ("Officer@example.test", "ชื่อที่แก้แล้ว", "เจ้าหน้าที่หน่วยงาน", "B2", "ใช้งาน"),
        ("auditor@example.test", "ผู้ใช้ auditor", "ผู้ตรวจสอบ", "", "ใช้งาน"),
    )
    upload = bring(path, people["office"])
    assert states(upload) == [("added", ""), ("changed", ""), ("same", "")]
    assert not User.objects.filter(email="new@example.test").exists()
    confirm(upload, people["office"])
    assert states(upload) == [("added", "applied"), ("changed", "applied"), ("same", "")]
    new = User.objects.get(email="new@example.test")
    assert set(Appointment.objects.filter(user=new, until=None).values_list("agency__code", flat=True)) == {"A1", "B2"}
    assert User.objects.get(email="officer@example.test").name == "ชื่อที่แก้แล้ว"
    assert Notice.objects.filter(user=new, text__startswith="คุณได้รับเชิญ").exists()
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"people.invite", "people.rename", "registry.appoint", "registry.table_apply", "registry.table_in"} <= done
    undo(upload, people["office"])
    assert states(upload) == [("added", "undone"), ("changed", "undone"), ("same", "")]
    assert not User.objects.filter(email="new@example.test").exists()
    officer = User.objects.get(email="officer@example.test")
    assert officer.name == "ผู้ใช้ officer"
    assert not Appointment.objects.filter(user=officer, until=None).exists()


def test_many_invitations_are_undone_together_and_nobody_of_them_gets_a_mail(
    people, agencies, tmp_path, django_assert_max_num_queries, mailoutbox
):
    """Those who set a password stay, with the reason; the rest of their twenty go, and what waits for them is not sent.
    Asking all tables what refers to each by itself would be 3,500 questions."""
    rows = [(f"u{n}@example.test", f"คนที่ {n}", "เจ้าหน้าที่หน่วยงาน", "A1") for n in range(40)]
    upload = confirm(bring(sheet(tmp_path, HEAD[:4], *rows), people["office"]), people["office"])
    assert User.objects.filter(email__startswith="u").count() == 40
    stays = User.objects.get(email="u39@example.test")  # of the first twenty to be undone
    stays.set_password("x")
    stays.save()
    work.request_undoing(upload=upload, by=people["office"], site="https://example.test")
    job = take_job(queue=Queue.OFFICE, owner="test")
    with django_assert_max_num_queries(2700):
        work_on(job)
    assert states(upload)[:39] == [("added", "undone")] * 39
    assert states(upload)[39] == ("added", "applied")
    assert "เริ่มใช้บัญชีแล้ว" in reasons(upload)[39]
    assert list(User.objects.filter(email__startswith="u")) == [stays]
    assert AuditEntry.objects.filter(action="people.withdraw_invitation").count() == 39
    job.refresh_from_db()
    assert (job.steps_done, job.steps_total) == (40, 40)
    assert work_all_mails() > 40
    assert {address for message in mailoutbox for address in message.to if address.startswith("u")} <= {stays.email}


def work_all_mails():
    done = 0
    while job := take_job(queue=Queue.MAIL, owner="test"):
        work_on(job)
        done += 1
    return done


def test_what_goes_out_comes_back_as_the_same(people, agencies, tmp_path):
    actions.appoint(user=people["officer"], agency=agencies[0], on=today(), by=people["office"])
    rows = fetch("users", Scope("ita"), people["office"])
    assert rows[0] == HEAD
    upload = bring(sheet(tmp_path, *rows), people["office"])
    assert {state for state, _ in states(upload)} == {"same"}
    assert upload.rows.count() == len(people)
    with pytest.raises(DomainError, match="ไม่มีแถวที่จะบันทึก"):
        work.request_application(upload=upload, seen=work.digest_plan(upload), by=people["office"], site="")


def test_rows_are_refused_with_their_cell_and_reason_and_come_back_as_a_file(people, agencies, tmp_path):
    rows = [
        ("two@example.test", "คนเดียวสองบทบาท", "ผู้ประเมิน", "", ""),
        ("TWO@example.test", "คนเดียวสองบทบาท", "เจ้าหน้าที่หน่วยงาน", "A1", ""),
        ("own@example.test", "ประเมินตนเอง", "ผู้ประเมิน", "A1", ""),
        ("officer@example.test", "ผู้ใช้ officer", "ผู้ตรวจสอบ", "", ""),
        ("no mail", "ไม่มีอีเมล", "ผู้ประเมิน", "", ""),
        ("role@example.test", "ไม่มีบทบาทนี้", "อธิบดี", "", ""),
        ("nowhere@example.test", "ไม่มีหน่วยงานนี้", "เจ้าหน้าที่หน่วยงาน", "ZZ9", ""),
        ("", "ไม่มีกุญแจ", "ผู้ประเมิน", "", ""),
        ("good@example.test", "คนดี", "ผู้ประเมิน", "", ""),
    ]
    upload = bring(sheet(tmp_path, HEAD, *rows), people["office"])
    assert [state for state, _ in states(upload)] == ["refused"] * 8 + ["added"]
    said = reasons(upload)
    for text, wanted in zip(
        said,
        (
            "แผ่น แผ่น แถว 3 จึงไม่รับทุกแถว",
            "แผ่น แผ่น แถว 2 จึงไม่รับทุกแถว",
            "ช่อง รหัสหน่วยงาน: ผู้ประเมินไม่ประเมินหน่วยงานของตนเอง",
            "ช่อง บทบาท: ผู้ใช้นี้เป็นเจ้าหน้าที่หน่วยงานอยู่แล้ว คนหนึ่งมีบทบาทเดียว",
            "ช่อง อีเมล",
            "ช่อง บทบาท: “อธิบดี” ไม่ใช่บทบาท",
            "ไม่มีหน่วยงานรหัส ZZ9",
            "ช่อง อีเมล: ว่าง",
            "",
        ),
        strict=True,
    ):
        assert wanted in text
    with files.local_copy(upload.problem_file) as path:
        back = [r.cells for r in read_rows(path)]
    assert back[0][-1] == "เหตุที่ไม่รับ"
    assert len(back) == 9
    assert "อธิบดี" in back[6][2]
    assert "ไม่ใช่บทบาท" in back[6][-1]
    confirm(upload, people["office"])
    assert User.objects.filter(email="good@example.test").exists()
    assert not User.objects.filter(email__in=["two@example.test", "own@example.test"]).exists()


def test_what_is_hidden_or_shows_an_error_is_named_and_not_taken(people, agencies, tmp_path):
    actions.appoint(user=people["officer"], agency=agencies[0], on=today(), by=people["office"])

    def hide(book, page):
        page.set_row(2, None, None, {"hidden": True})
        page.write_formula(3, 1, "=NA()", None, "#N/A")
        page.set_column(3, 3, None, None, {"hidden": True})
        other = book.add_worksheet("อื่น")
        other.write_row(0, 0, ("other@example.test", "อยู่แผ่นอื่น", "ผู้ประเมิน", "", ""))

    path = sheet(
        tmp_path,
        HEAD,
        ("officer@example.test", "เปลี่ยนชื่อ", "เจ้าหน้าที่หน่วยงาน", "B2", ""),
        ("hidden@example.test", "ซ่อนอยู่", "ผู้ประเมิน", "", ""),
        ("error@example.test", "", "ผู้ประเมิน", "", ""),
        ("plain@example.test", "คนธรรมดา", "ผู้ประเมิน", "", ""),
        change=hide,
    )
    upload = bring(path, people["office"])
    assert [state for state, _ in states(upload)] == ["refused", "refused", "refused", "added", "refused"]
    said = reasons(upload)
    assert "คอลัมน์ที่ซ่อน" in said[0]
    assert "ถูกซ่อน" in said[1]
    assert "ช่อง ชื่อ: แสดงค่าผิดพลาด #N/A" in said[2]
    assert "คนละแผ่น" in said[4]


def test_what_somebody_changed_meanwhile_is_a_conflict_and_stays(people, tmp_path):
    rows = (HEAD[:3], ("auditor@example.test", "ชื่อจากไฟล์แรก", "ผู้ตรวจสอบ"), ("x@example.test", "เอกซ์", "ผู้ประเมิน"))
    first = bring(sheet(tmp_path, *rows), people["office"])
    second = bring(
        sheet(tmp_path, HEAD[:3], ("auditor@example.test", "ชื่อจากไฟล์สอง", "ผู้ตรวจสอบ"), rows[2]), people["office"]
    )
    confirm(first, people["office"])
    confirm(second, people["office"])
    assert states(second) == [("conflict", ""), ("conflict", "")]
    assert User.objects.get(email="auditor@example.test").name == "ชื่อจากไฟล์แรก"
    with files.local_copy(second.problem_file) as path:
        assert "มีผู้แก้ข้อมูลนี้" in read_rows(path)[1].cells[-1]


def test_what_is_in_use_is_not_taken_back(people, tmp_path):
    upload = confirm(
        bring(sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ผู้ประเมิน")), people["office"]), people["office"]
    )
    user = User.objects.get(email="x@example.test")
    user.set_password("correct horse battery")
    user.save()
    undo(upload, people["office"])
    assert states(upload) == [("added", "applied")]
    assert "เริ่มใช้บัญชีแล้ว" in reasons(upload)[0]
    assert User.objects.filter(pk=user.pk).exists()


def test_a_worker_that_dies_leaves_whole_rows_and_the_next_goes_on(people, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_ROWS_PER_WRITE", 2)
    rows = [(f"u{n}@example.test", f"คนที่ {n}", "ผู้ประเมิน") for n in range(7)]
    upload = bring(sheet(tmp_path, HEAD[:3], *rows), people["office"])
    apply, calls = work._apply, []

    def die(*arguments):
        calls.append(1)
        if len(calls) == 4:
            raise LeaseLostError
        apply(*arguments)

    monkeypatch.setattr(work, "_apply", die)
    confirm(upload, people["office"])
    assert User.objects.filter(email__startswith="u").count() == 2  # the second pair was not stored by half
    Job.objects.update(lease_until="2020-01-01T00:00:00Z")
    do(Queue.OFFICE)
    upload.refresh_from_db()
    assert upload.status == TableUpload.Status.DONE
    assert User.objects.filter(email__startswith="u").count() == 7
    assert AuditEntry.objects.filter(action="people.invite").count() == 7
    assert Notice.objects.filter(text__startswith="คุณได้รับเชิญ").count() == 7


def test_a_table_is_applied_and_undone_although_worker_after_worker_dies(people, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_ROWS_PER_WRITE", 2)
    rows = [(f"u{n}@example.test", f"คนที่ {n}", "ผู้ประเมิน") for n in range(7)]
    office = people["office"]
    upload = bring(sheet(tmp_path, HEAD[:3], *rows), office)
    work.request_application(upload=upload, seen=work.digest_plan(upload), by=office, site="https://example.test")
    assert work_through_deaths(Queue.OFFICE, monkeypatch) == 4
    assert states(upload) == [("added", "applied")] * 7
    User.objects.filter(email="u6@example.test").update(name="แก้ภายหลัง")  # stays, and is not asked about without end
    for last in ("applied", "undone"):
        work.request_undoing(upload=upload, by=office, site="https://example.test")
        if last == "applied":
            assert work_through_deaths(Queue.OFFICE, monkeypatch) == 4
            job = Job.objects.filter(name="registry.undo_in_background").latest("pk")
            assert (job.steps_done, job.steps_total) == (7, 7)  # of all, not of those that a worker found
        else:
            do(Queue.OFFICE)
        assert states(upload) == [("added", "undone")] * 6 + [("added", last)]
        User.objects.filter(email="u6@example.test").update(name="คนที่ 6")
    assert AuditEntry.objects.filter(action="people.invite").count() == 7
    assert AuditEntry.objects.filter(action="people.withdraw_invitation").count() == 7


@pytest.mark.parametrize("killed", ["_store_table", "_plan", "_finish", "_undo"])
def test_a_worker_killed_in_any_of_the_jobs_is_followed_by_another(people, tmp_path, monkeypatch, killed):
    """Writing, reading, the end of applying, undoing."""
    does, deaths = getattr(work, killed), []

    def die_once(*arguments, **named):
        if not deaths:
            deaths.append(killed)
            raise LeaseLostError
        return does(*arguments, **named)

    def go_on():
        for queue in (Queue.BULK, Queue.FILES, Queue.OFFICE):
            do(queue)
        if Job.objects.filter(state=Job.State.RUNNING).update(lease_until="2020-01-01T00:00:00Z"):
            go_on()

    monkeypatch.setattr(work, killed, die_once)
    office = people["office"]
    work.request_file(kind=find_kind("users"), scope=Scope("ita"), by=office)
    go_on()
    assert TableFile.objects.get().count == len(people)
    upload = bring(sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ผู้ประเมิน"), ("", "ย", "")), office)
    go_on()
    assert states(upload) == [("added", ""), ("refused", "")]
    confirm(upload, office)
    go_on()
    assert states(upload) == [("added", "applied"), ("refused", "")]
    undo(upload, office)
    go_on()
    upload.refresh_from_db()
    assert states(upload) == [("added", "undone"), ("refused", "")]
    assert (deaths, upload.status) == ([killed], TableUpload.Status.DONE)
    assert AuditEntry.objects.filter(action__in=("people.invite", "people.withdraw_invitation")).count() == 2


def test_who_lost_the_right_meanwhile_brings_nothing(people, tmp_path):
    upload = bring(sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ส่วนกลาง")), people["office"])
    work.request_application(upload=upload, seen=work.digest_plan(upload), by=people["office"], site="")
    User.objects.filter(pk=people["office"].pk).update(is_active=False)
    do(Queue.OFFICE)
    assert not User.objects.filter(email="x@example.test").exists()
    upload.refresh_from_db()
    assert upload.status == TableUpload.Status.APPLYING


@pytest.mark.parametrize("role", ["officer", "executive", "assessor", "auditor"])
def test_other_roles_neither_see_nor_bring_tables(people, tmp_path, role):
    upload = bring(sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ส่วนกลาง")), people["office"])
    client = Client()
    client.force_login(people[role])
    for name, arguments in (("table_list", ()), ("table", ("users",)), ("table_upload", (upload.pk,))):
        assert client.get(reverse(name, args=arguments)).status_code == 403
        assert client.post(reverse(name, args=arguments), {"apply": "1"}).status_code in (403, 405)
    work.request_file(kind=find_kind("users"), scope=Scope("ita"), by=people[role])  # past the page
    upload.status = TableUpload.Status.APPLYING
    upload.save()
    about = {"about": "", "assessment": "ita", "url": ""}
    work.apply_in_background.request(str(upload.pk), upload.pk, "", by=people[role], **about)
    do(Queue.BULK)
    do(Queue.OFFICE)
    assert not TableFile.objects.exists()
    assert not User.objects.filter(email="x@example.test").exists()


def test_a_page_shows_every_row_and_decides_by_what_was_shown(people, tmp_path):
    rows = [(f"u{n}@example.test", f"คนที่ {n}", "ผู้ประเมิน") for n in range(400)]
    upload = bring(sheet(tmp_path, HEAD[:3], *rows), people["office"])
    client = Client()
    client.force_login(people["office"])
    address = reverse("table_upload", args=(upload.pk,))
    last = client.get(address, {"size": "100", "page": "4"}).content.decode()
    assert "u399@example.test" in last
    text = b"".join(client.get(address, {"format": "csv"}).streaming_content).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) == 401
    client.post(address, {"apply": "1", "seen": "other"})
    upload.refresh_from_db()
    assert upload.status == TableUpload.Status.WAITING
    client.post(address, {"drop": "1"})
    upload.refresh_from_db()
    assert upload.status == TableUpload.Status.DROPPED
    with pytest.raises(DomainError, match="ยกเลิก"):
        work.request_application(upload=upload, seen=work.digest_plan(upload), by=people["office"], site="")


def test_a_closed_round_takes_no_table(people, running_round, tmp_path):
    scope = Scope("ita", running_round)
    path = sheet(tmp_path, ("รหัสหน่วยงาน", "การเข้ารอบ", "เหตุ"), ("B2", "ไม่อยู่", "ยุบรวม"))
    upload = bring(path, people["office"], "enrolment", scope)
    actions.set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    with pytest.raises(DomainError, match="ปิดแล้ว"):
        bring(path, people["office"], "enrolment", scope)
    confirm(upload, people["office"])
    assert running_round.agencies.count() == 2


def test_who_loses_the_right_half_way_goes_no_further(people, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_ROWS_PER_WRITE", 1)
    rows = [(f"u{n}@example.test", f"คนที่ {n}", "ผู้ประเมิน") for n in range(3)]
    upload = bring(sheet(tmp_path, HEAD[:3], *rows), people["office"])
    _after_the_first(monkeypatch, lambda: User.objects.filter(pk=people["office"].pk).update(is_active=False))
    confirm(upload, people["office"])
    assert [o for _, o in states(upload)] == ["applied", "", ""]


def test_a_file_that_is_undone_while_it_is_applied_is_applied_no_further(people, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "_ROWS_PER_WRITE", 1)
    rows = [(f"u{n}@example.test", f"คนที่ {n}", "ผู้ประเมิน") for n in range(3)]
    upload = bring(sheet(tmp_path, HEAD[:3], *rows), people["office"])
    undoing = {"upload": upload, "by": people["office"], "site": ""}

    def ask():
        TableRow.objects.filter(upload=upload, position=1).update(outcome="applied")
        work.request_undoing(**undoing)

    _after_the_first(monkeypatch, ask)
    confirm(upload, people["office"])
    assert [o for _, o in states(upload)] == ["undone", "", ""]
    assert not User.objects.filter(email__startswith="u").exists()


def _after_the_first(monkeypatch, happens):
    """Something happens when one row is applied."""
    apply, calls = work._apply, []

    def applied(*arguments):
        apply(*arguments)
        calls.append(1)
        if len(calls) == 1:
            happens()

    monkeypatch.setattr(work, "_apply", applied)


def test_what_was_changed_since_is_not_undone(people, tmp_path):
    rows = (HEAD[:3], ("auditor@example.test", "จากไฟล์", "ผู้ตรวจสอบ"), ("x@example.test", "เอกซ์", "ผู้ประเมิน"))
    upload = confirm(bring(sheet(tmp_path, *rows), people["office"]), people["office"])
    User.objects.filter(email__in=["auditor@example.test", "x@example.test"]).update(name="แก้ภายหลัง")
    undo(upload, people["office"])
    assert [o for _, o in states(upload)] == ["applied", "applied"]
    assert all("ย้อนไม่ได้: มีผู้แก้" in reason for reason in reasons(upload))
    assert User.objects.filter(name="แก้ภายหลัง").count() == 2


def test_a_kind_asks_for_a_right_of_its_own(people, tmp_path, monkeypatch):
    """Whoever may bring tables of agencies may not bring every table."""
    upload = bring(sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ผู้ประเมิน")), people["office"])
    monkeypatch.setitem(PERMISSIONS, "people.invite", {})
    client = Client()
    client.force_login(people["office"])
    for name, arguments in (("table", ("users",)), ("table_upload", (upload.pk,)), ("table_problems", (upload.pk,))):
        assert client.get(reverse(name, args=arguments)).status_code == 403
    assert client.get(reverse("table", args=("agencies",))).status_code == 200
    assert "ผู้ใช้และหน้าที่" not in client.get(reverse("table_list")).content.decode()


def test_a_formula_without_a_value_is_named(people, tmp_path):
    path = sheet(
        tmp_path,
        HEAD[:3],
        ("x@example.test", "", "ผู้ประเมิน"),
        change=lambda _, page: page.write_formula(1, 1, "=A1&B1", None, ""),
    )
    upload = bring(path, people["office"])
    assert "ช่อง ชื่อ: เป็นสูตรที่ยังไม่มีค่า" in reasons(upload)[0]


# --- enrolment


def test_agencies_are_excluded_for_a_reason_and_stay_so_until_undone(people, agencies, running_round, tmp_path):
    scope, office = Scope("ita", running_round), people["office"]
    rows = fetch("enrolment", scope, office)
    assert [row[3] for row in rows[1:]] == ["อยู่ในรอบ", "อยู่ในรอบ"]
    head = ("รหัสหน่วยงาน", "ชื่อหน่วยงาน", "การเข้ารอบ", "เหตุที่ไม่อยู่ในรอบ")
    path = sheet(
        tmp_path,
        head,
        ("B2", "ทต.เมืองอื่น", "ไม่อยู่", "ตั้งใหม่ไม่ถึงปี"),
        ("A1", "องค์การบริหารส่วนตำบลบ้านทดสอบ", "ไม่อยู่", "มีผู้ประเมินแล้ว"),
    )
    upload = bring(path, office, "enrolment", scope)
    assert states(upload) == [("changed", ""), ("refused", "")]
    assert "มีข้อมูลในรอบนี้แล้ว: ผู้ประเมิน" in reasons(upload)[1]
    confirm(upload, office)
    assert [a.code for a in running_round.agencies.all()] == ["A1"]
    assert Exclusion.objects.get().reason == "ตั้งใหม่ไม่ถึงปี"
    entry = AuditEntry.objects.get(action="registry.exclude")
    assert (entry.agency, entry.detail) == ("B2", {"reason": "ตั้งใหม่ไม่ถึงปี"})
    actions.request_enrolment(assessment_round=running_round, by=office)  # of all agencies
    do(Queue.OFFICE)
    assert running_round.agencies.count() == 1
    undo(upload, office)
    assert running_round.agencies.count() == 2
    assert not Exclusion.objects.exists()


def test_an_agency_that_got_work_after_the_preview_stays_in_the_round(people, agencies, running_round, tmp_path):
    path = sheet(tmp_path, ("รหัสหน่วยงาน", "การเข้ารอบ", "เหตุ"), ("B2", "ไม่อยู่", "ยุบรวม"))
    upload = bring(path, people["office"], "enrolment", Scope("ita", running_round))
    assert states(upload) == [("changed", "")]
    actions.assign(assessment_round=running_round, agency=agencies[1], assessor=people["assessor"], by=people["office"])
    confirm(upload, people["office"])
    assert states(upload) == [("refused", "")]
    assert running_round.agencies.count() == 2


def test_a_name_that_is_not_that_of_the_code_and_one_that_nobody_has_are_refused(people, running_round, tmp_path):
    path = sheet(
        tmp_path,
        ("รหัสหน่วยงาน", "ชื่อหน่วยงาน", "จังหวัด", "การเข้ารอบ", "เหตุ"),
        ("B2", "องค์การบริหารส่วนตำบลบ้านทดสอบ", "", "ไม่อยู่", "เหตุ"),
        ("", "เทศบาลตำบลไม่มีจริง", "ตาก", "ไม่อยู่", "เหตุ"),
        ("", "องค์การบริหารส่วนตำบลบ้านทดสอบ", "ตาก", "อยู่", ""),
        ("", "อบต.บ้านทดสอบ", "ขอนแก่น", "อยู่", ""),
        ("B2", "", "", "ไม่อยู่", ""),
        ("", "อบต.บ้านทดสุบ", "ขอนแก่น", "อยู่", ""),  # like it, and another's
    )
    upload = bring(path, people["office"], "enrolment", Scope("ita", running_round))
    said = reasons(upload)
    assert [s for s, _ in states(upload)] == ["refused", "refused", "refused", "same", "refused", "refused"]
    assert "ในทะเบียนคือ เทศบาลตำบลเมืองอื่น" in said[0]
    assert "ไม่พบ" in said[1]
    assert "ไม่พบ" in said[2]
    assert "เป็นเรื่องเดียวกัน" in said[4]
    assert "ไม่พบ" in said[5]
    alone = sheet(tmp_path, ("รหัสหน่วยงาน", "การเข้ารอบ", "เหตุ"), ("B2", "ไม่อยู่", ""))
    upload = bring(alone, people["office"], "enrolment", Scope("ita", running_round))
    assert "ต้องบอกเหตุ" in reasons(upload)[0]


# --- agencies

REGISTER = ("รหัส", "ชื่อ", "ประเภท", "จังหวัด", "สังกัด", "เว็บไซต์")


def test_agencies_are_added_below_their_parents_changed_and_taken_back(people, agencies, tmp_path):
    office = people["office"]
    path = sheet(
        tmp_path,
        REGISTER,
        ("0900", "อบต.ลูก", "อบต.", "จังหวัดตาก", "0901", ""),
        ("0901", "กรมแม่", "กรม", "", "", "example.go.th"),
        ("B2", "เทศบาลตำบลเมืองใหม่", "ทต.", "ตาก", "", ""),
        ("A1", "องค์การบริหารส่วนตำบลบ้านทดสอบ", "อบต.", "ขอนแก่น", "", ""),
    )
    upload = bring(path, office, "agencies")
    assert [s for s, _ in states(upload)] == ["added", "added", "changed", "same"]
    confirm(upload, office)
    assert [o for _, o in states(upload)] == ["applied", "applied", "applied", ""]
    child = Agency.objects.get(code="0900")
    assert (child.kind, child.province, child.parent_code) == ("sao", "ตาก", "0901")
    assert Agency.objects.get(code="0901").website == "https://example.go.th"
    assert AgencyVersion.objects.get(agency__code="B2").name_th == "เทศบาลตำบลเมืองอื่น"
    undo(upload, office)
    assert [o for _, o in states(upload)] == ["undone", "undone", "undone", ""]
    assert set(Agency.objects.values_list("code", "name_th")) == {
        ("A1", "องค์การบริหารส่วนตำบลบ้านทดสอบ"),
        ("B2", "เทศบาลตำบลเมืองอื่น"),
    }


def test_an_agency_that_was_closed_stays_as_it_was(people, agencies, tmp_path):
    Agency.objects.filter(code="B2").update(closed_on=today())
    upload = bring(sheet(tmp_path, ("รหัส", "จังหวัด"), ("B2", "เลย")), people["office"], "agencies")
    assert [s for s, _ in states(upload)] == ["refused"]
    assert "ยุบเลิกแล้ว" in reasons(upload)[0]


def test_the_same_name_and_province_under_another_code_is_asked_about(people, agencies, tmp_path):
    office = people["office"]
    rows = (
        ("C3", "ทต.เมืองอื่น", "ทต.", "ตาก"),
        ("D4", "เทศบาลตำบลเมืองอื่น", "ทต.", "น่าน"),
        ("E5", "ทต.เมืองอื่น", "ทต.", "น่าน"),
    )
    upload = bring(sheet(tmp_path, REGISTER[:4], *rows), office, "agencies")
    assert [s for s, _ in states(upload)] == ["asked", "added", "asked"]
    assert "B2" in reasons(upload)[0]
    assert "D4" in reasons(upload)[2]
    client = Client()
    client.force_login(office)
    address = reverse("table_upload", args=(upload.pk,))
    seen = work.digest_plan(upload)
    first, _, last = upload.rows.order_by("position")
    client.post(address, {"row": first.pk, "is_new": "1"})
    client.post(address, {"row": last.pk})
    with pytest.raises(DomainError, match="เปลี่ยนไป"):
        work.request_application(upload=upload, seen=seen, by=office, site="")
    confirm(upload, office)
    assert set(Agency.objects.values_list("code", flat=True)) == {"A1", "B2", "C3", "D4"}


def test_agencies_in_use_stay_and_bad_rows_are_named(people, agencies, running_round, tmp_path):
    office = people["office"]
    upload = bring(
        sheet(
            tmp_path,
            REGISTER[:5],
            ("C3", "กรมใหม่", "กรม", "", ""),
            ("D4", "กรมไร้แม่", "กรม", "", "ZZ"),
            ("E5", "ไม่มีประเภท", "หน่วย", "", ""),
            ("F6", "ผิดจังหวัด", "กรม", "เมืองเอก", ""),
            ("", "ไม่มีรหัส", "กรม", "", ""),
            ("G7", "ซ้ำ", "กรม", "", ""),
            ("G7", "ซ้ำ", "กรม", "", ""),
        ),
        office,
        "agencies",
    )
    assert [s for s, _ in states(upload)] == ["added"] + ["refused"] * 6
    for text, wanted in zip(
        reasons(upload)[1:], ("ZZ", "ไม่รู้จักประเภท", "เมืองเอก", "ไม่พบ", "แถวเดียว", "แถวเดียว"), strict=True
    ):
        assert wanted in text
    confirm(upload, office)
    running_round.agencies.add(Agency.objects.get(code="C3"))
    undo(upload, office)
    assert Agency.objects.filter(code="C3").exists()
    assert "อยู่ในรอบ" in upload.rows.get(key="C3").reason


def test_a_table_of_one_assessment_touches_no_other(people, agencies, tmp_path):
    faculty = actions.create_assessment(slug="faculty", name_th="คณะ", by=people["office"])
    other = User.objects.create(email="dean@example.test", name="คณบดี", role="office", assessment="faculty")
    Agency.objects.create(assessment=faculty, code="F1", name_th="คณะหนึ่ง", kind="university")
    upload = bring(sheet(tmp_path, REGISTER[:3], ("F1", "แก้ของคนอื่น", "กรม")), people["office"], "agencies")
    assert "การประเมินอื่น" in reasons(upload)[0]
    users = bring(
        sheet(tmp_path, HEAD[:4], ("dean@example.test", "แก้", "ส่วนกลาง", ""), ("n@example.test", "น", "เจ้าหน้าที่", "F1")),
        people["office"],
    )
    assert [s for s, _ in states(users)] == ["refused", "refused"]
    client = Client()
    client.force_login(other)
    assert client.get(f"/a/faculty/desk/tables/upload/{upload.pk}/").status_code == 404
    assert client.get(f"/desk/tables/upload/{upload.pk}/").status_code == 403


# --- assignments


def test_agencies_are_assigned_taken_away_and_given_back_by_a_table(people, agencies, running_round, tmp_path):
    office, scope = people["office"], Scope("ita", running_round)
    second = User.objects.create(email="Second@example.test", name="ผู้ประเมินสอง", role="assessor")
    assert [row[3] for row in fetch("assignments", scope, office)[1:]] == ["", "assessor@example.test"]
    head = ("รหัสหน่วยงาน", "จังหวัด", "อีเมลผู้ประเมิน")
    upload = bring(
        sheet(tmp_path, head, ("A1", "ขอนแก่น", ""), ("B2", "", "second@example.test")), office, "assignments", scope
    )
    confirm(upload, office)
    assert list(Assignment.objects.values_list("agency__code", "assessor")) == [("B2", second.pk)]
    assert AuditEntry.objects.filter(action="registry.unassign", agency="A1").exists()
    undo(upload, office)
    assert list(Assignment.objects.values_list("agency__code", "assessor")) == [("A1", people["assessor"].pk)]


def test_nobody_is_given_their_own_agency_by_a_table(people, agencies, running_round, tmp_path):
    office, scope = people["office"], Scope("ita", running_round)
    head = ("รหัสหน่วยงาน", "อีเมลผู้ประเมิน")
    rows = (("B2", "assessor@example.test"), ("A1", "officer@example.test"))
    before = bring(sheet(tmp_path, head, *rows), office, "assignments", scope)
    assert [s for s, _ in states(before)] == ["changed", "refused"]
    actions.declare_interest(user=people["assessor"], agency=agencies[1], reason="ญาติ", by=people["assessor"])
    confirm(before, office)  # the tie was declared after the preview
    assert "ส่วนได้เสีย" in reasons(before)[0]
    assert not Assignment.objects.filter(agency=agencies[1]).exists()
    assert "ส่วนได้เสีย" in reasons(bring(sheet(tmp_path, head, rows[0]), office, "assignments", scope))[0]


# --- forgetting


def test_names_and_addresses_are_forgotten_after_their_time(people, tmp_path):
    office = people["office"]
    fetch("users", Scope("ita"), office)
    upload = bring(sheet(tmp_path, HEAD[:3], ("x@example.test", "เอกซ์", "ผู้ประเมิน"), ("", "ย", "ผู้ประเมิน")), office)
    young = bring(sheet(tmp_path, HEAD[:3], ("y@example.test", "วาย", "ผู้ประเมิน")), office)
    names = [TableFile.objects.get().stored_as, upload.stored_as, upload.problem_file]
    assert all(map(files.exists, names))
    TableUpload.objects.filter(pk=upload.pk).update(created_at="2020-01-01T00:00:00Z")
    TableFile.objects.update(at="2020-01-01T00:00:00Z")
    with TestCase.captureOnCommitCallbacks(execute=True):
        work.delete_old_tables.call()
    upload.refresh_from_db()
    assert (upload.status, upload.rows.count()) == (TableUpload.Status.DROPPED, 0)
    assert not any(map(files.exists, names))
    assert young.rows.count() == 1
    assert files.exists(young.stored_as)
    client = Client()
    client.force_login(office)
    assert "ถูกลบแล้ว" in client.get(reverse("table_upload", args=(upload.pk,))).content.decode()


# --- rows without codes


def test_agencies_without_codes_are_found_in_as_many_queries_however_many_they_are(
    people, agencies, django_assert_num_queries
):
    """By the name of now or of before, in any spelling; and what is found is what a look for each alone finds."""
    more = [
        Agency(assessment_id="ita", code=f"N{k:03}", name_th=f"องค์การบริหารส่วนตำบลบ้าน{k}", kind="sao", province="ตาก")
        for k in range(60)
    ]
    Agency.objects.bulk_create([a.fill_keys() for a in more])
    actions.update_agency(agency=agencies[0], values={"name_th": "เทศบาลตำบลบ้านทดสอบ"}, on=today(), by=people["office"])
    named = [(f"อบต.บ้าน{k}", "ตาก", f"N{k:03}") for k in range(60)]
    named += [
        ("องค์การบริหารส่วนตำบลบ้านทดสอบ", "", "A1"),
        ("ทต.บ้านทดสอบ", "จ.ขอนแก่น", "A1"),
        ("ทต.บ้านทดสอบ", "ตาก", ""),
        ("เทศบาลตำบลเมืองอืน", "", ""),  # a tone mark makes it another's name
        ("", "ตาก", ""),
    ]
    for rows in (named[:1], named):
        scope = Scope("ita")
        entries = [Entry("แถว", {"name_th": name, "province": province}) for name, province, _ in rows]
        with django_assert_num_queries(2):  # agencies, and what they were called before
            find_agencies(scope, entries)
        with django_assert_num_queries(0):  # the next rows of the same table
            find_agencies(scope, [Entry("แถว", dict(e.cells)) for e in entries])
        assert [e.key for e in entries] == [code for _, _, code in rows]
        assert [bool(e.problems) for e in entries] == [not code for _, _, code in rows]


def test_two_agencies_of_one_name_ask_for_the_province(people, agencies):
    for code, province in (("T1", "ตาก"), ("T2", "เลย")):
        Agency(assessment_id="ita", code=code, name_th="เทศบาลตำบลชื่อซ้ำ", kind="town", province=province).save()
    entries = [Entry("แถว", {"name_th": "ทต.ชื่อซ้ำ", "province": where}) for where in ("", "เลย")]
    find_agencies(Scope("ita"), entries)
    assert "มากกว่าหนึ่งแห่ง (T1, T2)" in entries[0].problems[0]
    assert entries[1].key == "T2"


# --- as many rows as a file takes


def test_a_list_of_fifty_thousand_rows_is_read_and_one_of_more_is_refused(people, tmp_path):
    """And nothing of the latter is stored. What a nation's table takes is measured (``bench/tables.py``)."""
    columns = find_kind("users").columns(Scope("ita"))
    heading = Row(HEAD[:3], "แถว 1", 1)
    rows = [Row((f"u{n}@example.test", "คน", "ผู้ประเมิน"), f"แถว {n + 2}", 1) for n in range(50_000)]
    assert len(arrange_rows([heading, *rows], columns).entries) == 50_000
    path = tmp_path / "people.csv"
    lines = [",".join(row.cells) for row in (heading, *rows, rows[0])]
    path.write_text("\n".join(lines), encoding="utf-8")
    upload = bring(path, people["office"])
    assert upload.problem == "มี 50,001 แถว ไฟล์หนึ่งใส่ได้ไม่เกิน 50,000 แถว แบ่งเป็นหลายไฟล์"
    assert not upload.rows.exists()
