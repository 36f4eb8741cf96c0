"""Several files of a table that come back together: one preview, one decision, one way back; and never more of them in
memory than one."""

import gc
import weakref
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import LeaseLostError
from prongsai.jobs.models import Job
from prongsai.machines import files
from prongsai.people.actions import DomainError
from prongsai.people.models import User
from prongsai.registry.models import Agency, TableFile, TableUpload
from prongsai.registry.tables import work
from prongsai.registry.tables.kinds import Scope, find_kind
from tests.registry.test_tables import _workers, bring, confirm, do, reasons, states, undo

__all__ = ["_workers"]
HEAD = "อีเมล,ชื่อ,บทบาท"


def table(tmp_path, name, *numbers, head=HEAD, role="ผู้ประเมิน"):
    """A file with these people."""
    path = tmp_path / name
    lines = [head, *(f"u{n}@example.test,คนที่ {n},{role}" for n in numbers)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def bring_several(paths, by, kind="users"):
    chosen = [(path, path.name) for path in paths]
    upload = work.upload_tables(kind=find_kind(kind), scope=Scope("ita"), chosen=chosen, by=by)
    do(Queue.FILES)
    upload.refresh_from_db()
    return upload


def pack(tmp_path, *paths):
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    return packed


def test_files_that_are_chosen_together_are_one_table(people, tmp_path):
    """Read, shown, stored and undone as one, by the page that takes one file."""
    client = Client()
    client.force_login(people["office"])
    chosen = [table(tmp_path, "ก.csv", 1, 2), table(tmp_path, "ข.csv", 3), table(tmp_path, "ค.csv", 4, 5)]
    address = reverse("table", args=("users",))
    assert "multiple" in client.get(address).content.decode()
    page = client.post(
        address, {"upload": "1", "file": [SimpleUploadedFile(p.name, p.read_bytes()) for p in chosen]}
    ).url
    do(Queue.FILES)
    upload = TableUpload.objects.get()
    assert (upload.file_name, upload.problem) == ("ก.csv และอีก 2 ไฟล์.zip", "")
    assert [(r.position, r.place) for r in upload.rows.order_by("position")] == [
        (1, "ก.csv บรรทัด 2"),
        (2, "ก.csv บรรทัด 3"),
        (3, "ข.csv บรรทัด 2"),
        (4, "ค.csv บรรทัด 2"),
        (5, "ค.csv บรรทัด 3"),
    ]
    assert "บันทึก 5 แถว" in client.get(page).content.decode()
    confirm(upload, people["office"])
    assert User.objects.filter(email__startswith="u").count() == 5
    undo(upload, people["office"])
    assert states(upload) == [("added", "undone")] * 5
    assert not User.objects.filter(email__startswith="u").exists()


def test_what_goes_out_as_a_zip_comes_back_as_one(people, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "MAX_ROWS", 2)
    monkeypatch.setattr("prongsai.registry.tables.reading.MAX_ROWS", 2)
    work.request_file(kind=find_kind("users"), scope=Scope("ita"), by=people["office"])
    do(Queue.BULK)
    made = TableFile.objects.get()
    assert (made.suffix, made.count) == (".zip", len(people))
    path = tmp_path / "users.zip"
    with files.local_copy(made.stored_as) as stored:
        path.write_bytes(stored.read_bytes())
    upload = bring(path, people["office"])
    assert states(upload) == [("same", "")] * len(people)


def test_rows_about_the_same_in_two_files_are_all_refused(people, tmp_path):
    """Whichever file has them first, and however often."""
    chosen = [table(tmp_path, "1.csv", 1, 2, 7, 7), table(tmp_path, "2.csv", 3, 1), table(tmp_path, "3.csv", 1, 7, 4)]
    upload = bring_several(chosen, people["office"])
    by_key = {}
    for row in upload.rows.all():
        by_key.setdefault(row.key[:2], set()).add(row.state)
    assert by_key == {"u1": {"refused"}, "u2": {"added"}, "u7": {"refused"}, "u3": {"added"}, "u4": {"added"}}
    assert [text for text in reasons(upload) if "อีกไฟล์ที่ใส่พร้อมกัน" in text]
    confirm(upload, people["office"])
    assert set(User.objects.filter(email__startswith="u").values_list("email", flat=True)) == {
        f"u{n}@example.test" for n in (2, 3, 4)
    }


def test_one_file_that_cannot_be_read_is_named_and_nothing_of_the_others_stays(people, tmp_path):
    chosen = [table(tmp_path, "ดี.csv", 1), table(tmp_path, "เสีย.csv", 2, head="ก,ข,ค"), table(tmp_path, "3.csv", 3)]
    upload = bring_several(chosen, people["office"])
    assert upload.problem.startswith("เสีย.csv: ไม่พบหัวตาราง")
    assert (upload.status, upload.rows.count()) == (TableUpload.Status.WAITING, 0)


def test_no_more_is_in_memory_than_one_file(people, tmp_path, monkeypatch):
    """What was read of the file before is gone when the next is read."""
    read, before, alive = work.read_table, [], []

    def read_and_count(*arguments, **named):
        gc.collect()
        alive.append(sum(entry() is not None for entry in before))
        sheet = read(*arguments, **named)
        before.extend(weakref.ref(entry) for entry in sheet.entries)
        return sheet

    monkeypatch.setattr(work, "read_table", read_and_count)
    monkeypatch.setattr(work, "_ROWS_PER_STORE", 2)
    chosen = [table(tmp_path, f"{n}.csv", *range(10 * n, 10 * n + 5)) for n in range(3)]
    upload = bring_several(chosen, people["office"])
    assert alive == [0, 0, 0]
    assert states(upload) == [("added", "")] * 15


def test_a_worker_that_dies_between_two_files_leaves_no_row_twice(people, tmp_path, monkeypatch):
    read, deaths = work.read_table, []

    def die_at_the_second(*arguments, index, **named):
        if index == 1 and not deaths:
            deaths.append(index)
            raise LeaseLostError
        return read(*arguments, index=index, **named)

    monkeypatch.setattr(work, "read_table", die_at_the_second)
    upload = bring_several([table(tmp_path, "1.csv", 1, 2), table(tmp_path, "2.csv", 3)], people["office"])
    assert (upload.status, upload.rows.count()) == (TableUpload.Status.READING, 2)
    client = Client()
    client.force_login(people["office"])
    page = client.get(reverse("table_upload", args=(upload.pk,))).content.decode()
    assert "u1@example.test" not in page  # nothing is shown before all is
    Job.objects.update(lease_until="2020-01-01T00:00:00Z")
    do(Queue.FILES)
    assert states(upload) == [("added", "")] * 3
    assert deaths


def test_what_is_dropped_between_two_files_leaves_nothing(people, tmp_path, monkeypatch):
    read = work.read_table

    def drop_at_the_second(*arguments, index, **named):
        if index == 1:
            work.drop_upload(upload=TableUpload.objects.get(), by=people["office"])
        return read(*arguments, index=index, **named)

    monkeypatch.setattr(work, "read_table", drop_at_the_second)
    upload = bring_several([table(tmp_path, "1.csv", 1, 2), table(tmp_path, "2.csv", 3)], people["office"])
    assert (upload.status, upload.rows.count()) == (TableUpload.Status.DROPPED, 0)


def test_two_clicks_on_several_files_bring_them_once(people, tmp_path):
    chosen = [table(tmp_path, "1.csv", 1), table(tmp_path, "2.csv", 2)]
    first = bring_several(chosen, people["office"])
    chosen[0].touch()
    assert bring_several(chosen, people["office"]) == first


def test_two_files_of_one_name_are_two(people, tmp_path):
    (tmp_path / "other").mkdir()
    upload = bring_several([table(tmp_path, "a.csv", 1), table(tmp_path / "other", "a.csv", 2)], people["office"])
    assert states(upload) == [("added", "")] * 2


def test_what_is_no_table_or_too_many_is_refused_by_its_name(people, tmp_path):
    good = table(tmp_path, "1.csv", 1)
    for name in ("a.pdf", "all.zip", "~$1.xlsx"):
        other = tmp_path / name
        other.write_bytes(b"x")
        with pytest.raises(DomainError, match=r"ใส่ได้เฉพาะไฟล์ .xlsx หรือ .csv") as error:
            bring_several([good, other], people["office"])
        assert name in str(error.value)
    with pytest.raises(DomainError, match="ไม่เกิน 20"):
        bring_several([good] * 21, people["office"])
    assert "a.pdf" in bring(pack(tmp_path, good, tmp_path / "a.pdf"), people["office"]).problem


def test_a_table_whose_rows_are_compared_with_each_other_takes_one_file(people, agencies, tmp_path):
    """Whether a name or a code above is in the other file, nobody could tell."""
    head = "รหัส,ชื่อ,ประเภท"
    for name, code in (("1.csv", "C1"), ("2.csv", "C2")):
        (tmp_path / name).write_text(f"{head}\n{code},กรม{code},กรม\n", encoding="utf-8")
    chosen = [tmp_path / "1.csv", tmp_path / "2.csv"]
    with pytest.raises(DomainError, match="ทีละไฟล์"):
        bring_several(chosen, people["office"], "agencies")
    assert "ทีละไฟล์" in bring(pack(tmp_path, *chosen), people["office"], "agencies").problem
    confirm(bring(pack(tmp_path, chosen[0]), people["office"], "agencies"), people["office"])
    assert Agency.objects.filter(code="C1").exists()
    client = Client()
    client.force_login(people["office"])
    page = client.get(reverse("table", args=("agencies",))).content.decode()
    assert " multiple" not in page


def test_many_rows_with_problems_go_out_as_what_they_are(people, tmp_path, monkeypatch):
    """More than one workbook holds are a ZIP, and are called one."""
    monkeypatch.setattr(work, "MAX_ROWS", 1)
    upload = bring_several(
        [table(tmp_path, "1.csv", 1, role="x"), table(tmp_path, "2.csv", 2, role="x")], people["office"]
    )
    client = Client()
    client.force_login(people["office"])
    response = client.get(reverse("table_problems", args=(upload.pk,)))
    assert response["Content-Disposition"].endswith('problems.zip"')
    assert b"".join(response.streaming_content).startswith(b"PK")
