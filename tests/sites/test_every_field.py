"""Hostile text in every field of every form of the section and its channels: what was typed is text wherever it is
shown, in the order in which it was typed, and a character that no database takes is refused or left out."""

import datetime
import re

import pytest
from django import forms as django_forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import html

from prongsai.sites import consultations, forms, satisfaction
from prongsai.sites.models import Complaint, PageVersion, Question
from prongsai.sites.opinions import Consultation, Opinion, Service
from tests.conftest import sample_year
from tests.sites.conftest import write_item_page, write_pdf

DIRECTIONS = "\u202e\u2066\u200f"
HOSTILE = "<script>alert(9)</script>\"'{{7*7}}{% now %}" + DIRECTIONS + "=1+1\n<img src=x onerror=alert(9)>ปกติ"
DAY = datetime.date(2026, 10, 5)
# text fields of forms that are classes, and of those that templates write
FIELDS = {
    name
    for form in vars(forms).values()
    if isinstance(form, type) and issubclass(form, django_forms.BaseForm) and form.__module__ == forms.__name__
    for name, field in form.base_fields.items()
    if type(field) is django_forms.CharField
} | {"closing", "element-0", "number", "secret"}


class Filler:
    """Fills forms as an attacker with a browser."""

    def __init__(self, client):
        self.client, self.filled = client, set()

    def fill(self, address, field, **more):
        """Send the form of a page that has a field, hostile text in each of its text fields; before, with a character
        that no database takes."""
        for text in (HOSTILE + "\0", HOSTILE):
            page = html.fromstring(self.client.get(address).content)
            (form,) = [form for form in page.forms if field in form.fields][:1]
            sent = dict(form.form_values())
            for box in form.xpath(".//textarea | .//input[not(@type) or @type='text']"):
                if box.get("inputmode") is None and box.name not in more:
                    self.filled.add(box.name)
                    sent[box.name] = text
            answer = self.client.post(form.action or address, sent | more)
            assert answer.status_code < 500, (address, field)
            if answer.status_code < 400:
                return answer
        raise AssertionError((address, field, answer.status_code))


def at(name, *arguments):
    return reverse(name, args=arguments)


@pytest.fixture
def agency(agency, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(consultations, "today", lambda: DAY)
    return agency


def ask(filler, agency, officer):
    filler.fill(at("channel_settings", agency.code), "procedure")
    for _ in range(2):
        filler.fill(at("ask_question", agency.code), "text")
    numbers = [str(pk) for pk in Question.objects.values_list("pk", flat=True)]
    filler.fill(at("questions", agency.code), "reason", question=numbers)
    for button in ("publish", "decline"):
        filler.fill(at("ask_question", agency.code), "text")
        question = Question.objects.get(status="pending")
        filler.fill(at("question", agency.code, question.pk), "answer", **{button: "1"})
        yield at("asked_question", question.reference)
        yield at("question", agency.code, question.pk)
    yield from (at(name, agency.code) for name in ("questions", "channel_settings", "public_channels"))
    yield from (at(name, agency.code) for name in ("ask_question", "write_complaint", "complaint_procedure"))


def complain(filler, agency, officer):
    """Gives no page of the sender: ``test_complaints`` reads those."""
    receipt = filler.fill(at("write_complaint", agency.code), "contact", kind="general", understood="on")
    number, secret = re.findall(r"<code>([^<]+)</code>", receipt.content.decode())
    follow = at("follow_complaint")
    wrong = {"number": HOSTILE, "secret": HOSTILE}
    page = filler.client.post(follow, wrong).content.decode()
    assert "<script>alert" not in page
    known = {"number": number, "secret": secret}
    token = re.search(r'name="token" value="([^"]+)"', filler.client.post(follow, known).content.decode())[1]
    assert filler.client.post(follow, known | {"text": HOSTILE, "token": token}).status_code == 200
    filler.filled |= {*wrong, "text"}
    complaint = Complaint.objects.get()
    desk = at("complaint", agency.code, complaint.number)
    filler.client.post(f"{desk}take/")
    filler.fill(desk, "text")
    filler.fill(desk, "text", note="1")
    filler.fill(desk, "closing", outcome="founded")
    followed = filler.client.post(follow, known).content.decode()
    assert followed.count("&lt;script&gt;alert") == 6  # a note is not there
    assert "<script>alert" not in followed
    yield from (desk, at("complaints", agency.code))


def serve(filler, agency, officer):
    filler.fill(at("services", agency.code), "name_en")
    service = Service.objects.get()
    filler.fill(at("service", agency.code, service.pk), "name_en", is_open="on")
    filler.fill(at("rate_service", service.slug), "comment", **dict.fromkeys(satisfaction.QUESTIONS, "3"))
    yield from (at(name, agency.code) for name in ("services", "public_satisfaction"))
    yield from (at("service", agency.code, service.pk), at("rate_service", service.slug))


def consult(filler, agency, officer, monkeypatch):
    filler.fill(at("consultations", agency.code), "choices", closes_on="20/10/2569")
    consultation = Consultation.objects.get()
    place = agency.code, consultation.pk
    filler.fill(at("consultation", *place), "choices", closes_on="20/10/2569")
    filler.client.post(at("open_consultation", *place))
    for _ in range(2):
        filler.fill(at("give_opinion", *place), "text")
    opinion = Opinion.objects.first()
    assert is_text(filler.client, at("give_opinion", *place))
    monkeypatch.setattr(consultations, "today", lambda: DAY + datetime.timedelta(30))
    filler.fill(at("opinions", *place), "reason", opinion=opinion.pk, withhold="1")
    Opinion.objects.exclude(pk=opinion.pk).update(status="admitted")
    filler.fill(at("consultation_result", *place).replace("result/", ""), "heard")
    yield from (at(name, *place) for name in ("consultation", "opinions", "public_consultation"))
    yield from (at(name, agency.code) for name in ("consultations", "public_consultations"))
    yield from (at("opinion", each.token) for each in Opinion.objects.all())


def write(filler, agency, officer):
    from prongsai.sites.models import FiledVersion

    place = agency.code, sample_year(), "O1"
    first = PageVersion.objects.get(page=write_item_page(agency, by=officer).page)
    filler.fill(at("item_page_edit", *place), "element-0", public="1")
    pdf, table = (
        SimpleUploadedFile("<script>alert(9)\u202e.pdf", write_pdf()),
        SimpleUploadedFile("a.csv", f'ก,"{HOSTILE}"\n"{HOSTILE}",2\n'.replace("\"'", "'").encode()),
    )
    filler.fill(at("page_parts", *place), "title", element="0", file=pdf, attach="1")
    filler.fill(at("page_parts", *place), "title", element="0", file=table, table="1")
    draft = at("table_draft", *place)
    page = html.fromstring(filler.client.get(draft).content)
    (form,) = [form for form in page.forms if "seen" in form.fields]
    filler.client.post(draft, dict(form.form_values()))
    FiledVersion.objects.create(version=first, by=officer)
    filler.fill(at("item_page_edit", *place), "reason")
    yield from (at(name, *place) for name in ("item_page", "item_page_embed", "item_page_edit", "page_parts"))
    yield from (at("agency_section", agency.code), at("item_pages", agency.code, sample_year()))


def is_text(client, address):
    """Whether what was typed is on a page, and nothing on the page but text; where it is not there, False."""
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200, address
    assert "<script>alert" not in page, address
    assert "<img src=x" not in page, address
    assert not set(DIRECTIONS) & set(page), address
    return "&lt;script&gt;alert" in page


def test_hostile_text_in_every_field_is_text(client, agency, people, monkeypatch):
    client.force_login(people["officer"])
    filler, shown = Filler(client), []
    for use in (ask, complain, serve, write):
        shown += use(filler, agency, people["officer"])
    shown += consult(filler, agency, people["officer"], monkeypatch)
    assert not FIELDS - filler.filled
    without = [address for address in shown if not is_text(client, address)]
    assert len(without) < len(shown) / 4, without
