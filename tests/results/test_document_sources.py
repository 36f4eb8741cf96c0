"""A result comes in as a file of any format, as a ZIP of several, as text that is pasted, or from an address."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from prongsai import links
from prongsai.results import document_reading, forms
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


def test_an_address_is_fetched_by_the_guarded_fetcher(send, monkeypatch):
    asked = []

    def fetch(address, policy, *, max_bytes, seconds):
        asked.append((address, policy.allowed_networks))
        assert seconds <= 10, "who waits at a page is not kept longer"
        return links.Document(more_formats.page([TITLE, TABLE]), address, "")

    monkeypatch.setattr(links, "fetch_document", fetch)
    _, page = send(address=" https://www.example.go.th/ita/2565 ")
    assert figures() == WANTED
    assert asked == [("https://www.example.go.th/ita/2565", ())]
    assert Import.objects.get().file_name == "https://www.example.go.th/ita/2565"
    assert "example.go.th" in page


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


def test_the_form_says_what_it_takes(client, people, agencies, running_round):
    client.force_login(people["officer"])
    page = client.get(reverse("upload_document", args=["A1"])).content.decode()
    for suffix in forms.DOCUMENT_SUFFIXES:
        assert suffix in page
    assert ".doc ให้เปิดใน Word" in page
