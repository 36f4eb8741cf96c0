"""Rolls, and what is issued against them: never more than there are people, by whoever asks and however."""

import csv
import io
import re

import pypdfium2
import pytest
from django.urls import reverse

from prongsai.jobs.actions import work_on
from prongsai.jobs.kinds import Queue
from prongsai.jobs.leases import take_job
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.registry.actions import enroll_agencies
from prongsai.registry.models import Agency
from prongsai.survey import actions, queries, rights, tokens
from prongsai.survey.models import Batch, Channel, Code, Invitation, Population
from prongsai.survey.worker import note_day
from tests.jobs.deaths import work_through_deaths
from tests.survey.conftest import fill_form, form_address, with_roll
from tests.survey.test_tokens import exchange, get_token, make_request, modulus_of, print_invitations, print_numbers

SITE = "http://testserver"


@pytest.fixture
def form(agencies, running_round):
    """A form that rights are issued to."""
    return {"assessment_round": running_round, "agency": agencies[0], "instrument": "IIT"}


@pytest.fixture
def open_kind(form, people):
    """Opens a channel of a kind to it."""
    return lambda kind: actions.open_channel(**form, kind=kind, by=people["office"])


def set_roll(form, people, *numbers):
    return rights.set_roll(**form, roll=[(f"กอง {n}", p) for n, p in enumerate(numbers)], by=people["office"])


def issued(form):
    return rights.find_rights(form["assessment_round"], form["agency"])[form["instrument"]].issued


# --- one limit


def test_the_roll_is_the_population(form, people):
    actions.set_population(**form, size=9, by=people["officer"])
    assert set_roll(form, people, 2, 3) == 5
    population = Population.objects.get()
    assert (population.size, population.roll) == (5, [["กอง 0", 2], ["กอง 1", 3]])
    with pytest.raises(DomainError, match="สำนักงานกลางตั้งบัญชี"):
        actions.set_population(**form, size=120, by=people["officer"])
    assert Population.objects.get().size == 5
    progress = queries.find_quota_progress(form["assessment_round"], form["agency"])
    assert next(p for p in progress if p.instrument.id == "IIT").population == 5


@pytest.mark.parametrize("kind", rights.PRINTED_KINDS)
def test_no_channel_is_opened_that_nothing_can_be_issued_for(client, form, people, kind):
    actions.set_population(**form, size=9, by=people["officer"])
    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=[form["agency"].code, form["assessment_round"].fiscal_year])
    pressed = reverse("open_channel", args=[form["agency"].code, form["assessment_round"].fiscal_year])
    offered = f'name="kind" value="{kind}"'
    assert offered not in client.get(desk).content.decode()
    page = client.post(pressed, {"instrument": "IIT", "kind": kind}, follow=True).content.decode()
    assert "ยังไม่ได้ตั้งบัญชีจำนวนคนของ IIT" in page
    assert not Channel.objects.exists()
    set_roll(form, people, 9)
    assert client.get(desk).content.decode().count(offered) == 1
    page = client.post(pressed, {"instrument": "IIT", "kind": kind}, follow=True).content.decode()
    assert offered not in page
    assert Channel.objects.get().kind == kind


def test_without_a_roll_an_officer_reads_what_to_do_and_whom_to_ask(client, form, people, settings, monkeypatch):
    monkeypatch.setattr("prongsai.framework.Framework.allows_open_link", lambda _, instrument: instrument != "IIT")
    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=[form["agency"].code, form["assessment_round"].fiscal_year])
    assert "ตามช่องทางติดต่อในหนังสือแจ้งการประเมิน" in client.get(desk).content.decode()
    settings.OFFICE_CONTACT, settings.NATIONAL_AGENCY = "02 000 0000 <office@example.test>", "สำนักงานทดสอบ"
    page = " ".join(client.get(desk).content.decode().split())
    assert "ขอให้สำนักงานทดสอบตั้งบัญชีจำนวนคน" in page
    assert "02 000 0000 &lt;office@example.test&gt;" in page
    assert "แบบวัดนี้จึงยังไม่มีช่องทางให้ตอบ" in page  # IIT
    assert "ระหว่างนี้ใช้ลิงก์สาธารณะได้" in page  # EIT1
    assert page.count("กรอกจำนวนคนของแบบวัดนี้ไว้ก่อน") == 2
    actions.set_population(**form, size=9, by=people["officer"])
    assert client.get(desk).content.decode().count("กรอกจำนวนคนของแบบวัดนี้ไว้ก่อน") == 1
    set_roll(form, people, 9)
    page = client.get(desk).content.decode()
    assert "แบบวัดนี้จึงยังไม่มีช่องทางให้ตอบ" not in page
    client.force_login(people["office"])
    assert "02 000 0000" not in client.get(desk).content.decode(), "the office is asked by nobody to ask itself"


def test_pressed_twice_a_channel_is_opened_once(client, form, people):
    client.force_login(people["officer"])
    pressed = reverse("open_channel", args=[form["agency"].code, form["assessment_round"].fiscal_year])
    for said in ("คนตอบได้ทันที", "เปิดอยู่แล้ว"):
        assert said in client.post(pressed, {"instrument": "EIT1", "kind": "link"}, follow=True).content.decode()
    actions.close_channel(channel=Channel.objects.get(), by=people["officer"])
    client.post(pressed, {"instrument": "EIT1", "kind": "link"})
    assert [c.is_open for c in Channel.objects.order_by("pk")] == [False, True]


def test_cards_and_invitations_together_are_no_more_than_people(form, people, open_kind):
    set_roll(form, people, 5)
    cards, invitations = open_kind("codes"), open_kind("tokens")
    rights.order_batch(channel=cards, size=3, by=people["office"])
    with pytest.raises(DomainError, match="ออกได้อีก 2 สิทธิ์"):
        rights.order_batch(channel=invitations, size=3, by=people["office"])
    print_invitations(invitations, 2)
    for channel in (cards, invitations):
        with pytest.raises(DomainError, match="ออกได้อีก 0 สิทธิ์"):
            rights.order_batch(channel=channel, size=1, by=people["office"])
    assert issued(form) == 5


def test_another_channel_of_the_same_form_is_the_same_people(form, people, open_kind):
    set_roll(form, people, 2)
    first, second = open_kind("codes"), open_kind("codes")
    rights.order_batch(channel=first, size=2, by=people["office"])
    with pytest.raises(DomainError):
        rights.order_batch(channel=second, size=1, by=people["office"])


def test_without_a_roll_nothing_is_issued(form, people, open_kind):
    actions.set_population(**form, size=9, by=people["officer"])
    with pytest.raises(DomainError, match="ยังไม่ได้ตั้งบัญชี"):
        rights.print_cards(channel=open_kind("codes"), number=1, site=SITE, by=people["office"])
    assert not Code.objects.exists()


def test_a_roll_is_not_below_what_is_out(form, people, open_kind):
    set_roll(form, people, 5)
    batch = rights.order_batch(channel=open_kind("codes"), size=4, by=people["office"])
    with pytest.raises(DomainError, match="ออกบัตรและคำเชิญไปแล้ว 4 สิทธิ์"):
        set_roll(form, people, 3)
    rights.withdraw_batch(batch=batch, by=people["office"])
    assert set_roll(form, people, 3) == 3


def test_an_agency_prints_only_where_the_office_appointed_it(form, people, open_kind):
    set_roll(form, people, 5)
    cards = open_kind("codes")
    waiting = rights.order_batch(channel=cards, size=1, by=people["office"])
    for attempt in (
        lambda: rights.print_cards(channel=cards, number=2, site=SITE, by=people["officer"]),
        lambda: rights.print_batch(batch=waiting, site=SITE, by=people["officer"]),
    ):
        with pytest.raises(DomainError, match="สำนักงานกลางเป็นผู้พิมพ์"):
            attempt()
    rights.appoint_printer(**form, appointed=True, by=people["office"])
    assert rights.print_cards(channel=cards, number=2, site=SITE, by=people["officer"]).startswith(b"%PDF")
    with pytest.raises(DomainError, match="ออกได้อีก 2 สิทธิ์"):
        rights.print_cards(channel=cards, number=3, site=SITE, by=people["officer"])
    rights.appoint_printer(**form, appointed=False, by=people["office"])
    with pytest.raises(DomainError):
        rights.print_cards(channel=cards, number=1, site=SITE, by=people["officer"])


def test_cards_that_were_printed_before_there_were_rolls_count_and_still_work(client, form, people, open_kind):
    from prongsai.survey import codes

    cards = open_kind("codes")
    Code.objects.bulk_create([Code(digest=codes.digest_code("code", f"123{n}"), channel=cards) for n in range(4)])
    with pytest.raises(DomainError):
        set_roll(form, people, 3)
    set_roll(form, people, 4)
    assert issued(form) == 4
    assert client.post(form_address(cards), fill_form(cards, code="1231")).status_code == 200
    actions.replace_channel(channel=cards, by=people["office"])
    assert issued(form) == 1  # what was answered; the others open nothing any more


# --- batches


def test_a_batch_is_printed_once(form, people, open_kind):
    set_roll(form, people, 5)
    batch = rights.order_batch(channel=open_kind("tokens"), size=5, by=people["office"])
    paper = rights.print_batch(batch=batch, site=SITE, by=people["office"])
    text = pypdfium2.PdfDocument(io.BytesIO(paper))[0].get_textpage().get_text_range()
    numbers = re.findall(r"(?<![-\w])[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![-\w])", text)
    assert len(set(numbers)) == 5
    key = tokens.fingerprint(tokens.ensure_key(batch.channel).modulus)
    assert key in re.sub(r"[\s-]", "", text)
    with pytest.raises(DomainError, match="พิมพ์ซ้ำไม่ได้"):
        rights.print_batch(batch=batch, site=SITE, by=people["office"])
    assert Invitation.objects.count() == 5


def test_a_batch_that_was_lost_is_void_but_for_what_was_used(client, form, people, open_kind):
    set_roll(form, people, 5)
    channel = open_kind("tokens")
    numbers = print_invitations(channel, 5)
    token = get_token(client, channel, numbers[0])
    batch = Batch.objects.get()
    assert rights.withdraw_batch(batch=batch, by=people["office"]) == 4
    assert issued(form) == 1
    assert exchange(client, channel, numbers[1], make_request(modulus_of(channel), channel.slug)).status_code == 422
    assert client.post(form_address(channel), fill_form(channel, token=token)).status_code == 200
    with pytest.raises(DomainError, match="ถูกเรียกคืนไปแล้ว"):
        rights.withdraw_batch(batch=batch, by=people["office"])
    print_invitations(channel, 4)
    with pytest.raises(DomainError):
        rights.order_batch(channel=channel, size=1, by=people["office"])


def test_nothing_that_is_printed_is_stored(form, people, open_kind):
    set_roll(form, people, 3)
    for kind in ("tokens", "codes"):
        numbers = []
        channel = open_kind(kind)
        batch = rights.order_batch(channel=channel, size=1, by=people["office"])
        numbers += print_numbers(batch, people["office"])
        for table in (Code, Invitation, Batch, Channel, AuditEntry):
            rows = str(list(table.objects.values()))
            assert not any(n in rows or n.replace("-", "") in rows for n in numbers)


def test_a_closed_channel_exchanges_nothing_and_frees_its_places(client, form, people, open_kind):
    set_roll(form, people, 3)
    channel = open_kind("tokens")
    numbers = print_invitations(channel, 3)
    token = get_token(client, channel, numbers[0])
    assert client.post(form_address(channel), fill_form(channel, token=token)).status_code == 200
    actions.close_channel(channel=channel, by=people["office"])
    assert exchange(client, channel, numbers[1], make_request(modulus_of(channel), channel.slug)).status_code == 410
    assert issued(form) == 1
    print_invitations(open_kind("tokens"), 2)
    assert issued(form) == 3


# --- the nation


def test_stated_numbers_become_rolls_and_invitations_are_ordered(client, people, agencies, running_round):
    for agency, size in zip(agencies, (3, 4), strict=True):
        actions.set_population(
            assessment_round=running_round, agency=agency, instrument="IIT", size=size, by=people["office"]
        )
    client.force_login(people["office"])
    year = running_round.fiscal_year
    client.post(reverse("adopt_populations", args=[year]))
    work_on(take_job(queue=Queue.OFFICE, owner="test"))
    assert [p.roll for p in Population.objects.order_by("size")] == [[["ทั้งหน่วยงาน", 3]], [["ทั้งหน่วยงาน", 4]]]
    posted = {"instrument": "IIT", "kind": "tokens"}
    for _ in range(2):  # nothing is left to order the second time
        client.post(reverse("order_nation", args=[year]), posted)
        assert "รอทำ: ออกคำเชิญทั้งประเทศ" in client.get(reverse("national_rights", args=[year])).content.decode()
        work_on(take_job(queue=Queue.OFFICE, owner="test"))
    assert sorted(Batch.objects.values_list("size", flat=True)) == [3, 4]
    page = client.get(reverse("national_rights", args=[year])).content.decode()
    assert "รอพิมพ์ 2 ชุด" in page
    answer = client.post(reverse("print_waiting", args=[year]))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 7
    assert {r["รหัสหน่วยงาน"] for r in rows} == {"A1", "B2"}
    assert all(r["ลิงก์สำหรับ QR"].endswith(f"{r['เลข'].replace('-', '')}.{r['กุญแจ'].replace('-', '')}") for r in rows)
    assert Invitation.objects.count() == 7
    assert client.post(reverse("print_waiting", args=[year])).status_code == 302  # once


def test_rolls_and_orders_of_the_nation_get_on_although_worker_after_worker_dies(
    people, agencies, running_round, monkeypatch
):
    more = [Agency(assessment_id="ita", code=f"C{n}", name_th=f"เทศบาลตำบล {n}", kind="sao") for n in range(3)]
    for agency in more:
        agency.save()
    enroll_agencies(assessment_round=running_round, agencies=more, by=people["office"])
    for size, agency in enumerate((*agencies, *more), 3):
        form = {"assessment_round": running_round, "agency": agency, "instrument": "IIT"}
        actions.set_population(**form, size=size, by=people["office"])
    monkeypatch.setattr(rights, "_ROLLS_PER_WRITE", 1)
    rights.request_adoption(assessment_round=running_round, by=people["office"])
    assert work_through_deaths(Queue.OFFICE, monkeypatch) == 5
    assert sorted(p.roll[0][1] for p in Population.objects.all()) == [3, 4, 5, 6, 7]
    rights.request_orders(assessment_round=running_round, instrument="IIT", kind="codes", by=people["office"])
    assert work_through_deaths(Queue.OFFICE, monkeypatch) == 5
    assert sorted(Batch.objects.values_list("size", flat=True)) == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "roll"),
    [
        ("46", [("ทั้งหน่วยงาน", 46)]),
        ("กองคลัง 12\n\nสำนักปลัด: 1,200", [("กองคลัง", 12), ("สำนักปลัด", 1200)]),
        ("กอง ช่าง\t๓", [("กอง ช่าง", 3)]),
    ],
)
def test_a_roll_is_read_as_it_is_typed(text, roll):
    assert rights.parse_roll(text) == roll


@pytest.mark.parametrize("text", ["", "กองคลัง", "กองคลัง 0", "ก 1\nก 2", "กองคลัง -3"])
def test_what_is_no_roll_is_shown_again_as_typed(client, people, agencies, running_round, text):
    client.force_login(people["office"])
    address = reverse("set_roll", args=["A1", running_round.fiscal_year])
    page = client.post(address, {"instrument": "IIT", "roll": text})
    assert page.status_code == 422
    assert text.splitlines()[0] if text else True
    assert all(line in page.content.decode() for line in text.splitlines())
    assert not Population.objects.exists()


# --- what the agency sees


def test_an_agency_sees_numbers_once_a_day(client, form, people, open_kind):
    set_roll(form, people, 3)
    channel = open_kind("tokens")
    number, _ = print_invitations(channel, 2)
    client.force_login(people["officer"])
    desk = reverse("survey_desk", args=["A1", form["assessment_round"].fiscal_year])

    def read():
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(desk).content.decode())
        return " ".join(page.split())

    note_day.call()
    before = read()
    assert "แลกเป็นสิทธิ์แล้ว 0 ใบ" in before
    assert "ออกสิทธิ์แล้ว 2 ออกได้อีก 1" in before
    get_token(client, channel, number)
    assert read() == before  # whoever handed it out and looks again sees nothing move
    note_day.call()
    assert "แลกเป็นสิทธิ์แล้ว 1 ใบ" in read()
    assert "สำนักงานกลางเป็นผู้พิมพ์ หน่วยงานเป็นผู้แจก" in read()
    assert "เรียกคืน<" not in read()


def test_the_appointed_agency_prints_on_its_desk(client, form, people, open_kind):
    channel = open_kind("tokens")
    with_roll(channel, 3, people["office"])
    client.force_login(people["officer"])
    paper = client.post(reverse("print_cards", args=["A1", channel.pk]), {"number": "3"})
    assert paper["Content-Type"] == "application/pdf"
    assert paper["Cache-Control"] == "private, no-store"
    assert Invitation.objects.count() == 3


def test_the_audit_trail_has_what_was_fixed_issued_and_withdrawn(form, people, open_kind):
    set_roll(form, people, 3)
    batch = rights.order_batch(channel=open_kind("tokens"), size=3, by=people["office"])
    print_numbers(batch, people["office"])
    rights.withdraw_batch(batch=batch, by=people["office"])
    entries = dict(AuditEntry.objects.values_list("action", "detail"))
    assert entries["survey.set_roll"] == {"people": 3, "units": 1}
    assert entries["survey.order_batch"] == {"kind": "tokens", "size": 3}
    assert entries["survey.print_cards"] == {"invitations": 3}
    assert entries["survey.withdraw_batch"] == {"batch": batch.pk, "void": 3}
