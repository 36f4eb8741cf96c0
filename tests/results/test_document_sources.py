"""A result comes in as a file of any format, as a ZIP of several, as text that is pasted, or from an address."""

import hashlib
import os
import time
from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone
from lxml import html

from prongsai import links
from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import NO_LEASE, take_job
from prongsai.lib import sandbox
from prongsai.machines import files
from prongsai.people.actions import DomainError
from prongsai.results import actions, document_reading, forms
from prongsai.results.models import Import, ResultSet
from tests import more_formats

NAME = "องค์การบริหารส่วนตำบลบ้านทดสอบ"
TITLE = f"ผลการประเมิน ITA ปีงบประมาณ พ.ศ. 2565 {NAME}"
TABLE = [["ตัวชี้วัด", "คะแนน"], ["การปฏิบัติหน้าที่", "91.23"], ["การใช้งบประมาณ", "82.34"]]


@pytest.fixture
def send(client, people, agencies, running_round, django_capture_on_commit_callbacks):
    """Posts the form of an agency; the page that comes in the end."""

    def send(**fields):
        client.force_login(people["officer"])
        address = reverse("upload_document", args=["A1"])
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(address, fields)
        if response.status_code == 302:
            response = client.get(response["Location"])
        return response.status_code, response.content.decode()

    return send


@pytest.fixture
def own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "imports"


def figures():
    return {(f["year"], f["node"], f["value"]) for f in Import.objects.get().reading["figures"] if f["sure"]}


WANTED = {(2565, "1", "91.23"), (2565, "2", "82.34")}


@pytest.mark.parametrize("kind", more_formats.WRITERS)
def test_every_format_is_imported(send, kind):
    data = more_formats.WRITERS[kind]([TITLE, TABLE])
    status, page = send(file=SimpleUploadedFile(f"ผล.{kind}", data))
    assert status == 200
    assert "91.23" in page
    assert figures() == WANTED


def test_text_that_is_pasted_is_imported(send):
    lines = "\n".join([TITLE, *("\t".join(row) for row in TABLE)])
    _, page = send(text=lines)
    assert figures() == WANTED
    assert "ข้อความที่วาง" in page
    assert not ResultSet.objects.exists()


ADDRESS = "https://www.example.go.th/ita/2565"


@pytest.fixture
def web(monkeypatch):
    """What is asked of other sites; a document answers, or what stands in ``answer``."""
    asked, answer = [], []

    def fetch(address, policy, *, max_bytes):
        asked.append((address, policy.allowed_networks))
        if answer:
            raise answer.pop()
        return links.Document(more_formats.page([TITLE, TABLE]), address, ".html")

    monkeypatch.setattr(links, "fetch_document", fetch)
    return asked, answer


def test_an_address_is_fetched_by_the_guarded_fetcher(send, web, own_files):
    _, page = send(address=f" {ADDRESS} ")
    assert figures() == WANTED
    assert web[0] == [(ADDRESS, ())]
    imported = Import.objects.get()
    assert imported.file_name == ADDRESS
    stored = own_files / imported.stored_as.rpartition("/")[2]
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == imported.file_digest
    assert stored.suffix == ".html"
    assert "example.go.th" in page


def test_nobody_waits_for_another_site_in_a_request(send, web, settings):
    settings.JOBS_BY_WORKERS = True
    status, page = send(address=ADDRESS)
    assert (status, web[0]) == (200, [])
    assert "กำลังอ่าน" in page
    while job := take_job(queue=Queue.FILES, owner="test"):
        work_on(job)
    assert figures() == WANTED


def test_an_address_that_gives_no_document_is_there_to_be_corrected(client, send, web):
    web[1].append(links.DocumentError("เปิดที่อยู่นี้ไม่ได้: ไม่พบหน้านี้"))
    _, page = send(address=ADDRESS, fiscal_year=2565)
    assert "ไม่พบหน้านี้" in page
    again = html.fromstring(page).xpath("//a[contains(., 'แก้ที่อยู่')]/@href")[0]
    form = client.get(again).content.decode()
    assert f'value="{ADDRESS}"' in form
    assert html.fromstring(form).xpath("//select[@name='fiscal_year']/option[@selected]/@value") == ["2565"]


def test_one_user_has_a_few_addresses_fetched_at_a_time(send, web, settings):
    settings.JOBS_BY_WORKERS = True
    for number in range(actions.MOST_FETCHED):
        assert send(address=f"{ADDRESS}/{number}")[0] == 200
    status, page = send(address=f"{ADDRESS}/more")
    assert status == 400
    assert f'value="{ADDRESS}/more"' in page
    assert send(address=f"{ADDRESS}/0")[0] == 200, "asked for twice it is one import"
    assert Import.objects.count() == actions.MOST_FETCHED


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1/", "https://localhost/x", "https://10.0.0.1/", "ftp://example.go.th/"]
)
def test_an_address_that_may_not_be_fetched_is_refused_on_the_form(send, address):
    status, page = send(address=address)
    assert status == 400
    assert f'value="{address}"' in page
    assert "เครือข่ายภายใน" in page or "https://" in page
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "อย่างใดอย่างหนึ่ง"),
        ({"text": "  ", "address": " "}, "อย่างใดอย่างหนึ่ง"),
        ({"text": "x", "address": "https://example.go.th/"}, "ใช้ทีละอย่าง"),
        ({"text": "x" * (forms.MAX_PASTED_LETTERS + 1)}, "500000"),
    ],
)
def test_one_of_the_three_is_taken(send, fields, words):
    status, page = send(**fields)
    assert status == 400
    assert words in page.replace(",", "")
    assert not Import.objects.exists()


def zip_of(**documents: list) -> SimpleUploadedFile:
    return SimpleUploadedFile(
        "ผล.zip", more_formats.archive({f"{name}.odt": more_formats.odt(blocks) for name, blocks in documents.items()})
    )


def test_the_documents_of_a_zip_are_reviewed_together_and_what_gave_nothing_is_named(send):
    _, page = send(
        file=zip_of(
            a=[TITLE, TABLE[:2]],
            b=[TITLE, [TABLE[0], TABLE[2]]],
            c=["ประกาศวันหยุด"],
        )
    )
    assert figures() == WANTED
    assert "c.odt: อ่านไฟล์ได้ แต่ไม่พบคะแนนใดในนั้น" in page
    assert {f["place"].partition(":")[0] for f in Import.objects.get().reading["figures"]} == {"a.odt", "b.odt"}


def test_a_zip_that_gave_nothing_and_one_of_two_agencies_say_so(send):
    _, page = send(file=zip_of(a=["ประกาศวันหยุด"], b=["x"]))
    assert "a.odt: อ่านไฟล์ได้ แต่ไม่พบคะแนน" in page
    Import.objects.all().delete()
    _, page = send(file=zip_of(a=[TITLE, TABLE], b=[TITLE.replace("บ้านทดสอบ", "บ้านอื่น"), TABLE]))
    assert "เป็นของหลายหน่วยงาน" in page


def test_a_zip_that_takes_too_long_is_read_as_far_as_it_was(send, monkeypatch):
    monkeypatch.setattr(document_reading, "MAX_SECONDS", -1)
    _, page = send(file=zip_of(a=[TITLE, TABLE]))
    assert "ยังไม่ได้อ่าน" in page


def test_documents_of_a_zip_share_their_time(send, monkeypatch):
    """One that takes all of it without being worth it leaves nothing to those after it, which are named."""
    read = document_reading.read_rows
    left = []

    def read_slowly(path, *, index, **options):
        rows = read(path, index=index, **options)
        left.append(sandbox.allowance.current().left)
        if index == 1:
            sandbox.allowance.spend(left[-1])
        return rows

    monkeypatch.setattr(document_reading, "read_rows", read_slowly)
    _, page = send(file=zip_of(a=[TITLE, TABLE], b=["x" * 90_000], c=[TITLE, TABLE], d=[TITLE, TABLE]))
    assert figures() == WANTED
    assert "b.odt: อ่านไม่เสร็จในเวลา" in page
    assert "c.odt: ยังไม่ได้อ่าน" in page
    assert "d.odt: ยังไม่ได้อ่าน" in page
    assert left[1] > document_reading.LIMITS.seconds + 10, "a document earns by its length"
    assert len(left) == 2


def test_a_document_of_more_rows_than_any_result_has_is_refused(send, monkeypatch):
    monkeypatch.setattr(document_reading, "MAX_DOCUMENT_ROWS", 2)
    _, page = send(file=SimpleUploadedFile("ผล.odt", more_formats.odt([TITLE, TABLE])))
    assert "มีมากกว่า 2 แถว" in page
    _, page = send(file=zip_of(a=["x", "y"], b=[TITLE, TABLE]))
    assert "b.odt: มีมากกว่า 2 แถว" in page
    assert not Import.objects.exclude(status=Import.Status.FAILED).exists()


def document(extra=""):
    """The same bytes each time."""
    return SimpleUploadedFile("ผล.txt", "\n".join([TITLE + extra, *("\t".join(row) for row in TABLE)]).encode())


def test_of_two_clicks_one_import_comes(send, own_files):
    send(file=document())
    _, page = send(file=document())
    imported = Import.objects.get()
    assert "91.23" in page, "the second is led to the same page"
    assert [p.name for p in own_files.iterdir()] == [imported.stored_as.rpartition("/")[2]]
    send(file=document(" ฉบับแก้ไข"))
    send(file=document(), fiscal_year=2565)
    assert Import.objects.count() == 3, "another file, or another year, is another import"


@pytest.mark.parametrize(
    "change", [{"created_at": timezone.now() - timedelta(minutes=2)}, {"status": Import.Status.DROPPED}]
)
def test_a_file_that_is_sent_again_later_is_read_again(send, change):
    send(file=document())
    Import.objects.update(**change)
    send(file=document())
    assert Import.objects.count() == 2


def test_a_file_whose_import_was_not_recorded_is_removed_in_time_and_no_other(send, own_files, monkeypatch):
    """The process ends between storing and recording: nothing was acknowledged, and the same file can be sent."""
    create = Import.objects.create
    with monkeypatch.context() as patch:
        patch.setattr(Import.objects, "create", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            send(file=document())
    assert Import.objects.create == create
    send(file=document())
    named = own_files / Import.objects.get().stored_as.rpartition("/")[2]
    (left,) = set(own_files.iterdir()) - {named}
    actions.remove_unnamed_files.function(NO_LEASE)
    assert left.exists(), "it may be recorded yet"
    for path in (left, named):
        os.utime(path, (time.time() - 31 * 86400,) * 2)
    actions.remove_unnamed_files.function(NO_LEASE)
    assert list(own_files.iterdir()) == [named]


def test_a_file_whose_import_is_refused_is_not_left(send, own_files, monkeypatch):
    monkeypatch.setattr(actions, "log_audit", Mock(side_effect=DomainError("ไม่รับไฟล์นี้")))
    status, page = send(file=document())
    assert status == 400
    assert "ไม่รับไฟล์นี้" in page
    assert not list(own_files.iterdir())


def test_a_file_stays_where_nobody_knows_what_the_database_stored(send, own_files, monkeypatch):
    monkeypatch.setattr(actions, "log_audit", Mock(side_effect=OperationalError("gone")))
    with pytest.raises(OperationalError):
        send(file=document())
    assert len(list(own_files.iterdir())) == 1


def test_the_form_says_what_it_takes(client, people, agencies, running_round):
    client.force_login(people["officer"])
    page = client.get(reverse("upload_document", args=["A1"])).content.decode()
    for suffix in forms.DOCUMENT_SUFFIXES:
        assert suffix in page
    assert ".doc ให้เปิดใน Word" in page


# --- scans


@pytest.fixture
def photographed(send):
    """A photograph of a total with nothing to bear it out, in a ZIP beside a text."""
    from random import Random

    from tests.intake.scanned import scan

    page = scan([TITLE, "คะแนนรวม 87.65 คะแนน"], Random(1))
    content = more_formats.archive({"a.jpg": page, "b.odt": more_formats.odt([TITLE, TABLE])})
    _, shown = send(file=SimpleUploadedFile("ผล.zip", content))
    return Import.objects.get(), shown


def test_a_figure_of_a_photograph_is_shown_with_its_picture_and_stored_by_a_person_alone(photographed, client, people):
    imported, page = photographed
    assert figures() == WANTED  # those of the text
    (number,) = imported.reading["cuttings"].values()
    (read,) = [f for f in imported.reading["figures"] if f["node"] == "overall"]
    assert (read["value"], read["sure"]) == ("87.65", False)
    address = reverse("import_cutting", args=["A1", imported.pk, number])
    assert f'src="{address}"' in page
    assert "อ่านจากภาพ" in page
    field = page[page.index('name="v:overall"') :]
    assert 'value=""' in field[: field.index(">")]
    picture = client.get(address)
    assert picture["Content-Type"] == "image/jpeg"
    assert picture.content.startswith(b"\xff\xd8")
    assert client.get(reverse("import_cutting", args=["A1", imported.pk, 99])).status_code == 404
    year = {"year": "2565", "confirm": "1", "v:overall": "", "v:1": "91.23"}
    client.post(reverse("import_document", args=["A1", imported.pk]), year)
    assert "overall" not in ResultSet.objects.get().results.get().shown


def test_a_picture_is_not_seen_through_another_agency(photographed, client, people):
    imported, _ = photographed
    client.force_login(people["office"])
    assert client.get(reverse("import_cutting", args=["A1", imported.pk, 0])).status_code == 200
    assert client.get(reverse("import_cutting", args=["B2", imported.pk, 0])).status_code == 404


def test_pictures_are_swept_with_their_import_alone(own_files, photographed, monkeypatch):
    imported, _ = photographed
    monkeypatch.setattr(files, "UNNAMED_DAYS", -1)
    actions.remove_unnamed_files.function(NO_LEASE)
    assert document_reading.open_cutting(imported, 0)
    Import.objects.all().delete()
    actions.remove_unnamed_files.function(NO_LEASE)
    assert document_reading.open_cutting(imported, 0) is None


def test_a_scan_without_the_engine_says_what_to_do(send, monkeypatch):
    monkeypatch.setattr(sandbox, "run", lambda *a, **k: {"error": "เป็นภาพสแกนหรือภาพถ่าย ซึ่งระบบนี้ยังไม่ได้ติดตั้งส่วนที่อ่านภาพ"})
    _, page = send(file=SimpleUploadedFile("ผล.jpg", b"\xff\xd8\xff"))
    assert "ยังไม่ได้ติดตั้งส่วนที่อ่านภาพ" in page
    assert reverse("type_result", args=["A1"]) in page
