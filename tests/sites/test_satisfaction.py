"""Satisfaction at the counter: from the poster to the published month, and what an attacker learns of who answered;
what is stored and logged of a visitor is in ``test_unlinkable``."""

import datetime
import io
import math
import re
from collections import Counter

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from prongsai.people.actions import DomainError
from prongsai.sites import queries, satisfaction, sealing
from prongsai.sites.opinions import Service, ServiceAnswer, ServiceComment, ServiceMonth
from prongsai.sites.views import sender as sender_views

OCTOBER, NOVEMBER = datetime.date(2026, 10, 1), datetime.date(2026, 11, 1)
HOSTILE = "<script>alert(1)</script>" + "🙏😡" * 20 + "ไอ้เวร" + "ยาว" * 200


def set_day(monkeypatch, day):
    for module in (queries, satisfaction):
        monkeypatch.setattr(module, "today", lambda: day)


@pytest.fixture
def october(monkeypatch):
    """Every day of these tests is in October, until they say otherwise."""
    set_day(monkeypatch, datetime.date(2026, 10, 20))


@pytest.fixture
def service(agency, people, october):
    return name_service(agency, people)


def name_service(agency, people, name="งานทะเบียนราษฎร ช่อง 2", name_en="Civil registration"):
    new = Service(agency=agency, name=name, name_en=name_en)
    return satisfaction.save_service(service=new, by=people["officer"])


def answer(service, *, number=1, step=4, comment=""):
    for _ in range(number):
        steps = dict.fromkeys(satisfaction.QUESTIONS, step)
        satisfaction.store_answer(service=service, steps=steps, comment=comment, token=sealing.draw_secret())


def filled(**values):
    return {**dict.fromkeys(satisfaction.QUESTIONS, "5"), "comment": "", "token": sealing.draw_secret(), **values}


def post(client, service, **values):
    return client.post(reverse("rate_service", args=[service.slug]), filled(**values))


def cells_of(page):
    return re.findall(r">\s*([\d.,]+|–)\s*<", page)


def test_from_the_poster_to_the_published_month(client, agency, people, october, monkeypatch):
    from pypdfium2 import PdfDocument

    client.force_login(people["officer"])
    form = {"name": "งานทะเบียนราษฎร ช่อง 2", "name_en": "Civil registration", "is_open": "on"}
    assert client.post(reverse("services", args=[agency.code]), form).status_code == 302
    service = Service.objects.get()
    poster = client.get(reverse("service_poster", args=[agency.code, service.pk]))
    text = PdfDocument(io.BytesIO(poster.content))[0].get_textpage().get_text_bounded()
    assert "งานทะเบียนราษฎร ช่อง 2" in text
    assert f"/c/service/{service.slug}/" in text
    client.logout()
    monkeypatch.setattr(sender_views, "SENT_AT_COUNTER", 100)
    for step in "54433" * 5:
        assert post(client, service, overall=step, comment="รอนาน").status_code == 200
    assert ServiceAnswer.objects.count() == 25
    monkeypatch.setattr(satisfaction, "approximate_sum", lambda _draw, total, *_: total)
    set_day(monkeypatch, datetime.date(2026, 11, 2))
    name_service(agency, people, "งานที่เปิดใหม่", "")
    client.force_login(people["officer"])
    assert "เผยแพร่ผลเดือน ตุลาคม 2569" in client.get(reverse("services", args=[agency.code])).content.decode()
    client.post(reverse("publish_satisfaction", args=[agency.code]), {"month": "2026-10-01"})
    client.logout()
    page = client.get(reverse("public_satisfaction", args=[agency.code])).content.decode()
    assert "≈ 3.8" in page
    assert "<svg" in page
    assert "ตุลาคม 2569" in page
    assert [row["name"] for row in ServiceMonth.objects.get().content] == [service.name]
    assert "รอนาน" not in page  # comments are never published by themselves
    english = client.get("/en" + reverse("public_satisfaction", args=[agency.code])).content.decode()
    assert "Civil registration" in english
    assert "October 2026" in english
    assert client.get(reverse("satisfaction_of_year", args=[agency.code, 2570])).status_code == 200
    assert client.get(reverse("satisfaction_of_year", args=[agency.code, 2568])).status_code == 404


def test_the_form_asks_for_what_is_missing_and_loses_nothing(client, service):
    refused = post(client, service, overall="", comment="พิมพ์ไว้แล้ว")
    assert refused.status_code == 422
    assert "ยังไม่ได้เลือก" in refused.content.decode()
    assert "พิมพ์ไว้แล้ว" in refused.content.decode()
    for wrong in ("0", "6", "-1", "x", "9" * 400):
        assert post(client, service, staff=wrong).status_code == 422
    assert not ServiceAnswer.objects.exists()


def test_a_page_sent_twice_is_stored_once(client, service):
    token = sealing.draw_secret()
    for _ in range(2):
        assert post(client, service, token=token, comment="ครั้งเดียว").status_code == 200
    assert ServiceAnswer.objects.count() == ServiceComment.objects.count() == 1
    assert post(client, service, token="short").status_code == 422


def test_the_database_refuses_steps_that_are_none(service):
    with pytest.raises(DatabaseError), transaction.atomic():
        answer(service, step=6)


# --- who answered


def test_answers_have_neither_a_day_nor_an_order(service):
    for step in (1, 2, 3, 4, 5, 1, 2, 3, 4, 5):
        answer(service, step=step, comment=f"ข้อความ {step}")
    assert set(ServiceAnswer.objects.values_list("month", flat=True)) == {OCTOBER}
    assert set(ServiceComment.objects.values_list("month", flat=True)) == {OCTOBER}
    for table in ("sites_serviceanswer", "sites_servicecomment"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            column = [c.name if hasattr(c, "name") else c[0] for c in cursor.description].index(
                "overall" if table.endswith("answer") else "text"
            )
            stored = [str(row[column])[-1] for row in cursor.fetchall()]
        assert stored != [*"1234512345"]


def test_nothing_joins_a_comment_with_its_steps(service):
    answer(service, step=1, comment="เจ้าหน้าที่ชื่อสมชายดุ")
    stored, comment = ServiceAnswer.objects.values().get(), ServiceComment.objects.values().get()
    shared = {str(v) for v in stored.values()} & {str(v) for v in comment.values()}
    assert shared == {str(service.pk), str(OCTOBER)}  # the service and the month, as every answer there has


def test_the_agency_reads_nothing_of_a_month_that_runs(client, service, people, monkeypatch):
    """The officer at the counter reads at once what the one visitor of this hour wrote."""
    answer(service, number=9, comment="มีแต่คนเดียว")
    client.force_login(people["officer"])
    pages = [reverse(name, args=[service.agency.code]) for name in ("services", "service_comments", "channels_desk")]
    for page in pages:
        shown = client.get(page).content.decode()
        assert "มีแต่คนเดียว" not in shown
        assert "9" not in cells_of(shown)
    with pytest.raises(DomainError):
        satisfaction.publish_month(agency=service.agency, first_day=OCTOBER, by=people["officer"])
    set_day(monkeypatch, NOVEMBER)
    assert "มีแต่คนเดียว" in client.get(pages[1]).content.decode()


def test_nobody_else_reads_comments(client, service, people, second_officer, agencies, monkeypatch):
    answer(service, comment="ลับ")
    set_day(monkeypatch, NOVEMBER)
    address = reverse("service_comments", args=[service.agency.code])
    for name in ("office", "auditor"):
        client.force_login(people[name])
        assert client.get(address).status_code == 403
    client.logout()
    assert "ลับ" not in client.get(address, follow=True).content.decode()


# --- what is published


@given(st.integers(0, 12), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_fewer_than_five_are_never_shown(number, step):
    sums = dict.fromkeys(satisfaction.QUESTIONS, number * step)
    shown, approximate = satisfaction.withhold_few(number, sums, "a")
    assert shown == (number if number == 0 or number >= 5 else None)
    assert set(approximate) == (set(satisfaction.QUESTIONS) if number >= 5 else set())
    assert all(number <= total <= 5 * number for total in approximate.values())
    assert satisfaction.withhold_few(number, sums, "a") == (shown, approximate)  # looking twice shows the same


def show_by_secret(total, number=5, secrets=6000):
    """How often each sum is stored, over the secrets of many installations: here of many services."""
    sums = {"overall": total}
    return Counter(satisfaction.withhold_few(number, sums, str(k))[1]["overall"] for k in range(secrets))


def test_four_own_answers_do_not_give_a_lone_fifth_away():
    """The attacker gave the four others. Over the secrets, no sum is stored for the lowest answer of the fifth that is
    not for the highest, nor more often than by the odds (and what chance adds)."""
    for others in (4, 12, 20):
        low, high = (show_by_secret(others + own) for own in (1, 5))
        for total in low.keys() | high.keys():
            one, other = sorted((low[total], high[total]))
            chance = 4.5 * math.sqrt(other + satisfaction.ODDS**2 * one)
            assert other - satisfaction.ODDS * one <= chance, (others, total, low[total], high[total])


def test_means_are_shown_from_where_the_error_does_not_drown_them(client, service, people, monkeypatch):
    answer(service, number=24, step=5)
    set_day(monkeypatch, NOVEMBER)
    answer(service, number=40, step=3)
    set_day(monkeypatch, datetime.date(2026, 12, 1))
    agency = service.agency
    page = reverse("public_satisfaction", args=[agency.code])
    satisfaction.publish_month(agency=agency, first_day=OCTOBER, by=people["officer"])
    shown = client.get(page).content.decode()
    assert "≈ " not in shown.replace("มีเครื่องหมาย ≈ ", "")
    assert "24" in cells_of(shown)
    satisfaction.publish_month(agency=agency, first_day=NOVEMBER, by=people["officer"])
    both = satisfaction.find_year(agency, 2570)
    (year,) = satisfaction.sum_year(both)
    assert year.answers == 64
    stored = [month.content[0]["sums"]["overall"] for month in both]
    assert year.means[-1] == f"≈ {satisfaction.rounding.half_up(satisfaction.Fraction(sum(stored), 64), 1)}"
    assert [bool(c.means) for m in both for c in satisfaction.show_month(m.first_day, m.content).cells] == [False, True]


def test_months_that_were_published_exactly_stay_as_they_were():
    row = {"service": "a", "name": "ก", "name_en": "", "answers": 5, "sums": dict.fromkeys(satisfaction.QUESTIONS, 19)}
    (cell,) = satisfaction.show_month(OCTOBER, [row]).cells
    assert cell.overall == "3.80"


def test_what_is_published_is_the_same_whatever_a_small_group_answered(agency, people, service, monkeypatch):
    """So that no sum or difference of it, over services or months, gives their answers or their number away."""
    other = name_service(agency, people, "งานคลัง", "")
    answer(service, number=7, step=5)
    answer(other, number=3, step=1)
    set_day(monkeypatch, NOVEMBER)
    answer(service, number=2, step=1)
    answer(other, number=6, step=4)
    set_day(monkeypatch, datetime.date(2026, 12, 1))
    before = [satisfaction.count_month(agency, month) for month in (OCTOBER, NOVEMBER)]
    few = ServiceAnswer.objects.filter(service=other, month=OCTOBER)
    few.update(staff=5, process=5, place=5, overall=5)
    few.first().delete()
    assert [satisfaction.count_month(agency, month) for month in (OCTOBER, NOVEMBER)] == before
    for month in (OCTOBER, NOVEMBER):
        satisfaction.publish_month(agency=agency, first_day=month, by=people["officer"])
    years = {y.name: y.answers for y in satisfaction.sum_year(satisfaction.find_year(agency, 2570))}
    assert years == {service.name: 7, other.name: 6}


def test_a_month_is_published_once_by_whoever_is_first(service, people, second_officer, monkeypatch):
    answer(service, number=5)
    set_day(monkeypatch, NOVEMBER)
    agency = service.agency
    satisfaction.publish_month(agency=agency, first_day=OCTOBER, by=people["officer"])
    with pytest.raises(DomainError):
        satisfaction.publish_month(agency=agency, first_day=OCTOBER, by=second_officer)
    monkeypatch.setattr(satisfaction, "months_to_publish", lambda agency: [OCTOBER])  # both had asked before
    with pytest.raises(DomainError):
        satisfaction.publish_month(agency=agency, first_day=OCTOBER, by=second_officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        ServiceMonth.objects.update(content=[])


def test_a_service_that_is_renamed_or_closed_keeps_its_published_name(client, service, people, monkeypatch):
    answer(service, number=5)
    set_day(monkeypatch, NOVEMBER)
    satisfaction.publish_month(agency=service.agency, first_day=OCTOBER, by=people["officer"])
    client.force_login(people["officer"])
    address = reverse("service", args=[service.agency.code, service.pk])
    assert client.post(address, {"name": ""}).status_code == 422
    assert client.post(address, {"name": "ชื่อใหม่"}).status_code == 302
    client.logout()
    assert service.name in client.get(reverse("public_satisfaction", args=[service.agency.code])).content.decode()
    assert client.get(reverse("rate_service", args=[service.slug])).status_code == 410
    service.refresh_from_db()
    with pytest.raises(DomainError):
        answer(service)


# --- floods and hostile text


def test_floods_stop(client, service, monkeypatch):
    monkeypatch.setattr(sender_views, "SENT_AT_COUNTER", 2)
    statuses = [post(client, service).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    monkeypatch.setattr(satisfaction, "MAX_COMMENTS", 1)
    for _ in range(3):
        answer(service, comment="ท่วม")
    assert ServiceComment.objects.count() == 1
    monkeypatch.setattr(satisfaction, "MAX_ANSWERS", 5)
    with pytest.raises(DomainError):
        answer(service)


def test_an_agency_names_no_endless_list_of_services(client, service, people, monkeypatch):
    monkeypatch.setattr(satisfaction, "MAX_SERVICES", 1)
    client.force_login(people["officer"])
    refused = client.post(reverse("services", args=[service.agency.code]), {"name": "อีกจุดหนึ่ง", "is_open": "on"})
    assert refused.status_code == 422
    assert "อีกจุดหนึ่ง" in refused.content.decode()


def test_hostile_text_is_text(client, agency, people, october, monkeypatch):
    hostile = name_service(agency, people, HOSTILE[:100], HOSTILE[:100])
    for _ in range(5):
        assert post(client, hostile, comment=HOSTILE).status_code == 200
    assert post(client, hostile, comment="\0").status_code == 422
    assert post(client, hostile, comment="ก" * 1_001).status_code == 422
    assert satisfaction.print_poster(service=hostile, site="https://a.test").startswith(b"%PDF")
    set_day(monkeypatch, NOVEMBER)
    satisfaction.publish_month(agency=agency, first_day=OCTOBER, by=people["officer"])
    pages = [client.get(reverse("rate_service", args=[hostile.slug]))]
    pages += [client.get(before + reverse("public_satisfaction", args=[agency.code])) for before in ("", "/en")]
    client.force_login(people["officer"])
    pages += [client.get(reverse(name, args=[agency.code])) for name in ("services", "service_comments")]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
        assert "&lt;script&gt;alert" in page.content.decode()
