"""Interviews of many agencies as a table: they count like any others, and nobody can tell from it who said what."""

import hashlib
import random
import zipfile

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from prongsai.intake.files import read_rows
from prongsai.jobs.kinds import Queue
from prongsai.machines import files
from prongsai.people.access import PERMISSIONS, Role
from prongsai.people.models import AuditEntry
from prongsai.registry.actions import declare_interest
from prongsai.registry.models import TableRow, TableUpload
from prongsai.registry.tables import work
from prongsai.registry.tables.kinds import Scope, find_kind
from prongsai.survey import actions, keys, sealing
from prongsai.survey.mixing import MIN_BATCH
from prongsai.survey.models import Channel, Envelope, InterviewBatch, Receipt, Response, Seal, SealingKey
from prongsai.survey.questions import count_options, list_questions
from tests.registry.test_tables import _workers, bring, confirm, do, fetch, reasons, sheet, states, undo
from tests.survey.conftest import load_framework, without_sealing

__all__ = ["_workers"]
TOP = ("รหัสหน่วยงาน", "ชุดที่")


@pytest.fixture
def scope(running_round, link, settings, tmp_path):  # the link: a round whose first form is open has a key
    settings.MEDIA_ROOT = tmp_path / "stored"
    return Scope("ita", running_round)


@pytest.fixture
def questions(link):
    return list_questions(load_framework(link), "EIT2")


def forms(questions, code="A1", first=1, count=MIN_BATCH):
    """Filled rows, each different from the others."""
    choices = random.Random(code + str(first))
    return [
        (code, number, *(choices.randrange(len(q.options)) + 1 for q in questions))
        for number in range(first, first + count)
    ]


def head(questions):
    return (*TOP, *(q.column for q in questions))


def answers_of(rows):
    return sorted(bytes(choice - 1 for choice in row[2:]) for row in rows)


def opened(running_round, code="A1"):
    """What is in the interview channel of an agency once it is opened."""
    channel = Channel.objects.get(round=running_round, agency__code=code, kind="interview")
    private = {key.pk: sealing.read_own_key(key) for key in SealingKey.objects.all()}
    sealing.open_channel(channel=channel, options=count_options(load_framework(channel), "EIT2"), private_keys=private)
    return sorted(bytes(r.answers) for r in Response.objects.filter(channel=channel))


def test_interviews_come_in_count_and_are_taken_back(people, running_round, scope, questions, tmp_path):
    office = people["office"]
    rows = [*forms(questions), *forms(questions, "B2", count=MIN_BATCH + 2)]
    upload = bring(sheet(tmp_path, head(questions), *rows), office, "interviews", scope)
    assert states(upload) == [("changed", ""), ("changed", "")]
    assert [(r.before, r.after) for r in upload.rows.order_by("position")] == [
        ({"imported": "0"}, {"imported": "10"}),
        ({"imported": "0"}, {"imported": "12"}),
    ]
    assert not Channel.objects.filter(kind="interview").exists()  # nothing changes before somebody confirms
    confirm(upload, office)
    assert states(upload) == [("changed", "applied")] * 2
    assert Envelope.objects.count() == Receipt.objects.count() == 22
    entered = AuditEntry.objects.filter(action="survey.enter_batch").order_by("agency")
    assert [(e.agency, e.detail) for e in entered] == [("A1", {"rows": 10}), ("B2", {"rows": 12})]
    undo(upload, office)
    assert states(upload) == [("changed", "undone")] * 2
    assert not Envelope.objects.exists()
    assert not Receipt.objects.exists()
    again = confirm(bring(sheet(tmp_path, head(questions), *rows), office, "interviews", scope), office)
    assert states(again) == [("changed", "applied")] * 2
    assert opened(running_round) == answers_of(rows[:10])
    assert opened(running_round, "B2") == answers_of(rows[10:])


def test_what_goes_out_says_nothing_when_it_comes_back(people, scope, questions, tmp_path):
    rows = fetch("interviews", scope, people["office"])
    assert rows[0][:4] == ("รหัสหน่วยงาน", "ชื่อหน่วยงาน", "จังหวัด", "ชุดที่")
    assert [row[0] for row in rows[1:]] == ["B2", "A1"]
    upload = bring(sheet(tmp_path, *rows), people["office"], "interviews", scope)
    assert states(upload) == [("same", ""), ("same", "")]


def test_what_a_cell_shows_counts(people, running_round, scope, questions, tmp_path):
    rows = forms(questions)
    words = [(code, f"{number}.0", *map(str, choices)) for code, number, *choices in rows]
    words[0] = ("A1", "๑", *(questions[k].options[c - 1].th for k, c in enumerate(rows[0][2:])))
    confirm(bring(sheet(tmp_path, head(questions), *words), people["office"], "interviews", scope), people["office"])
    assert opened(running_round) == answers_of(rows)


# --- what would tell who said what


SECRETS = ("สมชายใจดี", "0812345678", "1103700123456", "66/11/29 10:31")


def everything():
    """All that is stored: the database, the files, and the key folder apart."""
    with connection.cursor() as cursor:
        text = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text += [repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall()]
    return "\n".join(text), [files.read_bytes(name) for name in files.list_names("tables")]


@pytest.mark.parametrize("heading", ["ชื่อผู้ให้สัมภาษณ์", "เบอร์โทร", ""])
def test_a_column_that_may_say_who_answered_refuses_the_file(
    people, scope, questions, tmp_path, heading, django_capture_on_commit_callbacks
):
    rows = [(*row, secret) for row, secret in zip(forms(questions), SECRETS * 3, strict=False)]
    with django_capture_on_commit_callbacks(execute=True):
        upload = bring(sheet(tmp_path, (*head(questions), heading), *rows), people["office"], "interviews", scope)
    assert "อาจบอกว่าใครตอบ" in upload.problem
    assert not upload.rows.exists()
    assert not InterviewBatch.objects.exists()
    database, stored = everything()
    assert not [secret for secret in SECRETS if secret in database]
    assert stored == []


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("column", [0, 1, 2])
def test_what_was_typed_into_a_wrong_cell_is_quoted_nowhere(people, scope, questions, tmp_path, secret, column):
    rows = [list(row) for row in forms(questions)]
    rows[3][column] = secret
    upload = bring(sheet(tmp_path, head(questions), *rows), people["office"], "interviews", scope)
    assert {state for state, _ in states(upload)} == {"refused"} if column else {"refused", "changed"}
    assert secret not in everything()[0]
    with files.local_copy(upload.problem_file) as path:
        back = [row.cells for row in read_rows(path)]
    assert not [cell for row in back for cell in row if secret in cell]
    assert "แถว 5" in back[-1][-2]


def test_the_name_of_a_person_beside_a_code_is_quoted_nowhere(people, scope, questions, tmp_path):
    rows = [(code, "สมชายใจดี", *rest) for code, *rest in forms(questions)]
    top = ("รหัสหน่วยงาน", "ชื่อหน่วยงาน", *head(questions)[1:])
    upload = bring(sheet(tmp_path, top, *rows), people["office"], "interviews", scope)
    assert {state for state, _ in states(upload)} == {"refused"}
    assert "สมชายใจดี" not in everything()[0]


def test_the_name_of_a_sheet_is_quoted_nowhere(people, scope, questions, tmp_path):
    def add_sheet(book, page):
        page.name = "สมชายใจดี"
        other = book.add_worksheet("0812345678")
        other.write_row(0, 0, forms(questions, "B2")[0])
        other.write(1, 0, "หมายเหตุ")

    rows = [list(row) for row in forms(questions)]
    rows[2][2] = "x"
    path = sheet(tmp_path, head(questions), *rows, change=add_sheet)
    upload = bring(path, people["office"], "interviews", scope)
    assert {state for state, _ in states(upload)} == {"refused"}
    assert not [secret for secret in SECRETS if secret in everything()[0]]


def test_no_answer_is_readable_at_any_moment(
    people, running_round, scope, questions, tmp_path, django_capture_on_commit_callbacks
):
    """Copies of the database and of every file after each step, and the same file again: no answers in them, and
    nothing that leads from a form to an envelope."""
    rows = forms(questions)
    path = sheet(tmp_path, head(questions), *rows, name="interviews.csv.xlsx")
    kind, office = find_kind("interviews"), people["office"]
    upload = work.upload_table(kind=kind, scope=scope, path=path, file_name="a.xlsx", by=office)
    (hidden,) = everything()[1]
    assert not hidden.startswith(b"PK")
    assert keys.decrypt_file(hidden) == path.read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        do(Queue.FILES)
    plain = [bytes(a) for a in answers_of(rows)]
    for step in (lambda: None, lambda: confirm(TableUpload.objects.get(pk=upload.pk), office)):
        step()
        database, stored = everything()
        assert stored == []  # the file itself is gone
        assert not [a for a in plain if repr(a)[2:-1] in database or str(list(a))[1:-1] in database]
    texts = [repr((r.cells, r.before, r.after, r.title, r.place, r.reason)) for r in TableRow.objects.all()]
    assert texts == [repr(({"code": "A1"}, {"imported": "0"}, {"imported": "10"}, *_seen(upload)))]
    batch = InterviewBatch.objects.get()
    assert bytes(batch.contents) == b""
    assert batch.receipts == sorted(batch.receipts)
    assert batch.digests == sorted(batch.digests)


def _seen(upload):
    row = upload.rows.get()
    return row.title, row.place, row.reason


def test_the_order_of_the_file_is_in_nothing_that_is_stored(people, running_round, scope, questions, tmp_path):
    """Whoever has the key and the file's order finds no order in what is held."""
    in_order = 0
    for first in range(1, 400, 40):
        rows = forms(questions, first=first, count=12)
        upload = bring(sheet(tmp_path, head(questions), *rows), people["office"], "interviews", scope)
        batch = InterviewBatch.objects.get(upload=upload)
        private, length = sealing.read_own_key(batch.sealed_to), len(batch.contents) // batch.size
        options = [len(q.options) for q in questions]
        held = [
            sealing.open_answers(bytes(batch.contents[k : k + length]), private, batch.slug, options)
            for k in range(0, len(batch.contents), length)
        ]
        in_order += held == [bytes(choice - 1 for choice in row[2:]) for row in rows]
        work.drop_upload(upload=upload, by=people["office"])
    assert in_order == 0


def test_too_few_interviews_are_not_taken(people, scope, questions, tmp_path):
    """By the list that takes a batch back, one that is smaller than those that are opened would be a person's."""
    upload = bring(
        sheet(tmp_path, head(questions), *forms(questions, count=MIN_BATCH - 1)), people["office"], "interviews", scope
    )
    assert states(upload) == [("refused", "")]
    assert f"น้อยกว่า {MIN_BATCH} ชุด" in reasons(upload)[0]
    assert not InterviewBatch.objects.exists()


def test_a_digest_in_the_trail_does_not_confirm_a_guess(people, scope, questions, tmp_path):
    """The digest of the file itself would: whoever writes all files that may be finds the one."""
    path = sheet(tmp_path, head(questions), *forms(questions))
    bring(path, people["office"], "interviews", scope)
    assert hashlib.sha256(path.read_bytes()).hexdigest() not in everything()[0]


def test_what_is_dropped_is_destroyed(people, scope, questions, tmp_path, django_capture_on_commit_callbacks):
    path = sheet(tmp_path, head(questions), *forms(questions))
    with django_capture_on_commit_callbacks(execute=True):
        upload = bring(path, people["office"], "interviews", scope)
    assert InterviewBatch.objects.count() == 1
    work.drop_upload(upload=upload, by=people["office"])
    assert not InterviewBatch.objects.exists()
    unread = work.upload_table(
        kind=find_kind("interviews"), scope=scope, path=path, file_name="a.xlsx", by=people["office"]
    )
    with django_capture_on_commit_callbacks(execute=True):
        work.drop_upload(upload=unread, by=people["office"])
    assert everything()[1] == []


# --- refused


def test_rows_are_refused_with_their_reason_and_their_agency_with_them(people, scope, questions, tmp_path):
    rows = [list(row) for row in [*forms(questions, count=MIN_BATCH + 4), *forms(questions, "B2")]]
    rows[1][3] = ""
    rows[2][3] = 99
    rows[4][1] = rows[3][1]
    rows[5][1] = 12_345
    rows[6][0] = "C3"
    upload = bring(sheet(tmp_path, head(questions), *rows), people["office"], "interviews", scope)
    by_place = {r.place: r.reason for r in upload.rows.filter(state="refused")}
    assert questions[1].column in by_place["แถว 3"]
    assert questions[1].column in by_place["แถว 4"]
    assert "แถว 6" in by_place["แถว 5"]
    assert "แถว 5" in by_place["แถว 6"]
    assert "1 ถึง 9,999" in by_place["แถว 7"]
    assert "ไม่พบหน่วยงาน" in by_place["แถว 8"]
    assert [r.title for r in upload.rows.filter(state="changed")] == ["B2 เทศบาลตำบลเมืองอื่น 10 ชุด"]
    confirm(upload, people["office"])
    assert Envelope.objects.count() == MIN_BATCH
    assert not Envelope.objects.filter(channel__agency__code="A1").exists()


def test_what_is_hidden_or_shows_an_error_refuses_the_agency(people, scope, questions, tmp_path):
    def change(book, page):
        page.set_row(2, None, None, {"hidden": True})
        page.write_formula(3, 2, "=NA()", None, "#N/A")

    path = sheet(tmp_path, head(questions), *forms(questions, count=14), change=change)
    upload = bring(path, people["office"], "interviews", scope)
    assert {state for state, _ in states(upload)} == {"refused"}
    assert any("ถูกซ่อน" in reason for reason in reasons(upload))
    assert any("#N/A" in reason for reason in reasons(upload))


def test_the_same_forms_count_once(people, running_round, scope, questions, tmp_path):
    rows = forms(questions)
    path = sheet(tmp_path, head(questions), *rows)
    first, second = (bring(path, people["office"], "interviews", scope) for _ in range(2))
    confirm(first, people["office"])
    confirm(second, people["office"])  # read before the first was stored
    assert states(second) == [("conflict", "")]
    third = bring(path, people["office"], "interviews", scope)
    assert {state for state, _ in states(third)} == {"refused"}
    assert "นำเข้าไปแล้ว" in reasons(third)[0]
    assert opened(running_round) == answers_of(rows)


def test_a_form_that_came_by_a_longer_way_counts_once(people, running_round, scope, questions, tmp_path):
    """The number of forms is the same as at the preview, and yet they are others by now."""
    office = people["office"]
    about = {"assessment_round": running_round, "instrument": "EIT2", "kind": "interview"}
    actions.open_channel(agency=running_round.agencies.get(code="A1"), by=people["assessor"], **about)

    def read(first):
        path = sheet(tmp_path, head(questions), *forms(questions, first=first), name=f"{first}.xlsx")
        return bring(path, office, "interviews", scope)

    first, other = read(1), read(21)
    confirm(other, office)
    same = read(1)
    undo(other, office)
    confirm(first, office)
    confirm(same, office)
    assert [s for s, _ in states(same)] == ["refused"]
    assert "นำเข้าจากไฟล์อื่นไปแล้ว" in reasons(same)[0]
    assert Envelope.objects.count() == Receipt.objects.count() == MIN_BATCH


def test_other_forms_of_the_same_agency_join_the_channel_that_is_open(
    people, running_round, scope, questions, tmp_path
):
    channel = actions.open_channel(
        assessment_round=running_round,
        agency=running_round.agencies.get(code="A1"),
        instrument="EIT2",
        kind="interview",
        by=people["assessor"],
    )
    rows = [*forms(questions), *forms(questions, first=11)]
    for some in (rows[:10], rows[10:]):
        confirm(bring(sheet(tmp_path, head(questions), *some), people["office"], "interviews", scope), people["office"])
    assert Channel.objects.get(kind="interview") == channel
    assert opened(running_round) == answers_of(rows)


def test_a_channel_that_was_opened_after_the_preview_is_a_reason_to_read_again(
    people, running_round, scope, questions, tmp_path
):
    upload = bring(sheet(tmp_path, head(questions), *forms(questions)), people["office"], "interviews", scope)
    actions.open_channel(
        assessment_round=running_round,
        agency=running_round.agencies.get(code="A1"),
        instrument="EIT2",
        kind="interview",
        by=people["assessor"],
    )
    confirm(upload, people["office"])
    assert [s for s, _ in states(upload)] == ["refused"]
    assert "ช่องทางสัมภาษณ์ของหน่วยงานเปลี่ยน" in reasons(upload)[0]
    assert not Envelope.objects.exists()


def test_a_key_that_was_replaced_after_the_preview_is_a_reason_to_read_again(
    people, running_round, scope, questions, tmp_path
):
    upload = bring(sheet(tmp_path, head(questions), *forms(questions)), people["office"], "interviews", scope)
    sealing.create_own_key(running_round.pk)
    confirm(upload, people["office"])
    assert "กุญแจของรอบเปลี่ยน" in reasons(upload)[0]
    assert not Envelope.objects.exists()


def test_after_the_seal_nothing_comes_in_or_is_taken_back(people, running_round, scope, questions, tmp_path):
    path = sheet(tmp_path, head(questions), *forms(questions))
    applied = confirm(bring(path, people["office"], "interviews", scope), people["office"])
    waiting = bring(
        sheet(tmp_path, head(questions), *forms(questions, first=50)), people["office"], "interviews", scope
    )
    actions._close_channels(running_round)
    assert not InterviewBatch.objects.filter(upload=waiting).exists()  # what nobody confirmed is destroyed
    confirm(waiting, people["office"])
    assert [s for s, _ in states(waiting)] == ["refused"]
    undo(applied, people["office"])
    assert states(applied) == [("changed", "applied")]
    assert "ปิดรับแล้ว" in reasons(applied)[0]
    late = bring(sheet(tmp_path, head(questions), *forms(questions, first=90)), people["office"], "interviews", scope)
    assert "ปิดรับแล้ว" in reasons(late)[0]
    assert Envelope.objects.count() == MIN_BATCH


def test_nothing_of_a_batch_is_left_when_answers_are_destroyed(people, running_round, scope, questions, tmp_path):
    path = sheet(tmp_path, head(questions), *forms(questions, count=30))
    confirm(bring(path, people["office"], "interviews", scope), people["office"])
    running_round.agencies.set([running_round.agencies.get(code="A1")])
    folder = tmp_path / "parcels"
    actions._close_channels(running_round)
    opened(running_round)
    files_written, responses = actions._write_parcels(running_round, folder)
    Seal.objects.update(files=files_written, responses=responses)
    assert InterviewBatch.objects.exists()
    actions.destroy_raw_answers(assessment_round=running_round, folder=folder, by=people["office"])
    assert not InterviewBatch.objects.exists()


def test_what_was_opened_is_not_taken_back(people, running_round, scope, questions, tmp_path):
    path = sheet(tmp_path, head(questions), *forms(questions))
    upload = confirm(bring(path, people["office"], "interviews", scope), people["office"])
    opened(running_round)
    undo(upload, people["office"])
    assert states(upload) == [("changed", "applied")]
    assert "เปิดซองคำตอบ" in reasons(upload)[0]
    assert Receipt.objects.count() == MIN_BATCH


def test_a_round_that_mixes_while_it_runs_takes_no_table(people, scope, questions, link, tmp_path):
    without_sealing(link)
    upload = bring(sheet(tmp_path, head(questions), *forms(questions)), people["office"], "interviews", scope)
    assert "ไม่มีกุญแจปิดผนึก" in upload.problem


def test_who_has_a_tie_to_an_agency_brings_none_of_its_interviews(people, running_round, scope, questions, tmp_path):
    declare_interest(
        user=people["office"], agency=running_round.agencies.get(code="A1"), by=people["office"], reason="ญาติทำงานที่นี่"
    )
    path = sheet(tmp_path, head(questions), *forms(questions))
    upload = confirm(bring(path, people["office"], "interviews", scope), people["office"])
    assert states(upload) == [("refused", "")]
    assert "ส่วนได้เสีย" in reasons(upload)[0]


def test_only_the_office_brings_such_a_table(people, running_round, scope):
    assert set(PERMISSIONS["survey.import_interviews"]) == {Role.OFFICE}
    for role, user in people.items():
        client = Client()
        client.force_login(user)
        page = client.get(reverse("round_table", args=["interviews", running_round.fiscal_year]))
        assert page.status_code == (200 if role == "office" else 403)


def test_a_file_that_waited_for_two_nights_is_read_by_nobody(people, scope, questions, tmp_path):
    path = sheet(tmp_path, head(questions), *forms(questions))
    work.upload_table(kind=find_kind("interviews"), scope=scope, path=path, file_name="a.xlsx", by=people["office"])
    for number in keys.list_key_numbers():
        keys.destroy_key(number)
    do(Queue.FILES)
    assert "อ่านไม่ได้แล้ว" in TableUpload.objects.get().problem


# --- several files


def bring_several(tmp_path, scope, people, questions, *files_of_rows):
    chosen = [sheet(tmp_path, head(questions), *rows, name=f"{n}.xlsx") for n, rows in enumerate(files_of_rows)]
    named = [(path, f"สมชายใจดี-{n}.xlsx") for n, path in enumerate(chosen)]
    kind, first = find_kind("interviews"), [(chosen[0], "a.xlsx")]
    upload = work.upload_tables(kind=kind, scope=scope, chosen=first + named[1:], by=people["office"])
    do(Queue.FILES)
    upload.refresh_from_db()
    return upload


def test_interviews_of_several_files_are_one_table(people, running_round, scope, questions, tmp_path):
    """The name of a file may be somebody's, too."""
    rows = [forms(questions), forms(questions, "B2")]
    upload = bring_several(tmp_path, scope, people, questions, *rows)
    assert states(upload) == [("changed", "")] * 2
    assert InterviewBatch.objects.count() == 2
    assert "สมชายใจดี" not in everything()[0]
    confirm(upload, people["office"])
    assert opened(running_round) == answers_of(rows[0])
    assert opened(running_round, "B2") == answers_of(rows[1])


def test_an_agency_in_two_files_is_not_taken_and_nothing_of_it_is_held(people, scope, questions, tmp_path):
    """All rows of an agency are taken, or none."""
    rows = [forms(questions), [*forms(questions, first=50), *forms(questions, "B2")]]
    upload = bring_several(tmp_path, scope, people, questions, *rows)
    assert sorted((r.key, r.state) for r in upload.rows.all()) == [
        ("A1", "refused"),
        ("A1", "refused"),
        ("B2", "changed"),
    ]
    assert [batch.agency.code for batch in InterviewBatch.objects.all()] == ["B2"]


def test_a_file_that_may_say_who_answered_refuses_those_beside_it(people, scope, questions, tmp_path):
    secret = [(*row, "x") for row in forms(questions, "B2")]
    upload = bring_several(tmp_path, scope, people, questions, forms(questions), secret)
    assert upload.problem.startswith("ไฟล์ที่ 2: ")
    assert not upload.rows.exists()
    assert not InterviewBatch.objects.exists()
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("สมชายใจดี.pdf", b"x")
    assert bring(packed, people["office"], "interviews", scope).problem.endswith(".csv")


def test_what_is_dropped_between_its_rows_and_its_answers_holds_nothing(
    people, scope, questions, tmp_path, monkeypatch
):
    plan = work._plan

    def plan_and_drop(*arguments):
        yield from plan(*arguments)
        work.drop_upload(upload=TableUpload.objects.get(), by=people["office"])

    monkeypatch.setattr(work, "_plan", plan_and_drop)
    monkeypatch.setattr(work, "_ROWS_PER_STORE", 1)
    path = sheet(tmp_path, head(questions), *forms(questions))
    upload = bring(path, people["office"], "interviews", scope)
    assert (upload.status, upload.rows.count()) == (TableUpload.Status.DROPPED, 0)
    assert not InterviewBatch.objects.exists()
