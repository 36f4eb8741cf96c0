"""One agency gets another last day of a phase by a form: the office reads what that changes, then stores it, and can
take it back."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Filing, MarksSeal
from prongsai.lib import fiscal
from prongsai.people.models import AuditEntry
from prongsai.registry import actions
from prongsai.registry.models import DeadlineExtension, Phase, Round
from prongsai.survey import queries as surveys
from tests.web.test_extensions import DAY, ended, extend, typed

__all__ = ["ended"]


@pytest.fixture
def office(client, people):
    client.force_login(people["office"])
    return client


def address(ended, code="A1"):
    return f"{reverse('agency_deadlines', args=[ended.fiscal_year])}?code={code}"


def wanted(key, days=3, reason="น้ำท่วม"):
    return {"phase": key, "ends": typed(timezone.localdate() + days * DAY), "reason": reason}


def look(office, ended, values, code="A1"):
    """The page that says what it changes, and what its form sends."""
    response = office.post(address(ended, code), values)
    assert response.status_code == 200, response.content.decode()
    assert response.context["change"] is not None
    return " ".join(response.content.decode().split()), {**values, "seen": response.context["change"].key}


def confirm(office, ended, values, code="A1"):
    return office.post(address(ended, code), {**values, "confirm": "1"})


def reason_of(ended, agency):
    filing, _ = Filing.objects.get_or_create(round=ended, agency=agency)
    return disclosures.filing_closed_reason(Filing.objects.get(pk=filing.pk))


def test_an_agency_files_on_after_the_office_read_what_that_changes(office, people, agencies, ended):
    page, values = look(office, ended, wanted(disclosures.FILING))
    until = fiscal.short_date(timezone.localdate() + 3 * DAY)
    assert "เมื่อบันทึกจะเปิดให้หน่วยงานนี้ทันที" in page
    assert until in page
    assert "ผู้ประเมินให้คะแนนหน่วยงานนี้ได้เมื่อผู้บริหารยืนยัน" in page
    assert not DeadlineExtension.objects.exists()
    assert not Filing.objects.exists()  # what was asked of the rooms is undone
    assert 'name="confirm" value="1" class="danger" form="extension"' in page  # so that the draft of the form goes
    assert 'id="extension" data-draft="extension-A1"' in page
    assert confirm(office, ended, values).status_code == 302
    assert reason_of(ended, agencies[0]) == ""
    assert "สิ้นสุดไปเมื่อ" in reason_of(ended, agencies[1])
    entry = AuditEntry.objects.get(action="registry.extend_deadline")
    assert (entry.agency, entry.detail["reason"]) == ("A1", "น้ำท่วม")
    shown = office.get(address(ended)).content.decode()
    assert until in shown
    assert address(ended) in office.get(reverse("round", args=[ended.fiscal_year])).content.decode()


def test_an_extension_is_taken_back_after_the_office_read_what_that_changes(office, people, agencies, ended):
    extend(ended, disclosures.FILING, agencies[0], people)
    extend(ended, disclosures.FILING, agencies[1], people)
    page, values = look(office, ended, {"take_back": disclosures.FILING})
    assert "เมื่อบันทึกจะปิดสำหรับหน่วยงานนี้ทันที" in page
    assert DeadlineExtension.objects.count() == 2
    assert confirm(office, ended, values).status_code == 302
    assert [e.agency.code for e in DeadlineExtension.objects.all()] == ["B2"]
    again = confirm(office, ended, values)
    assert again.status_code == 422
    assert "ไปแล้ว" in again.content.decode()


def test_an_extension_of_a_phase_that_has_no_last_day_any_more_is_taken_back(office, people, agencies, ended):
    extend(ended, disclosures.FILING, agencies[0], people)
    Phase.objects.filter(key=disclosures.FILING).update(ends=None)
    page, values = look(office, ended, {"take_back": disclosures.FILING})
    assert "โดยไม่มีกำหนด" in page
    assert confirm(office, ended, values).status_code == 302
    assert not DeadlineExtension.objects.exists()


def test_only_what_was_shown_is_stored(office, people, agencies, ended):
    """Neither another day than that on the page, nor over what somebody else stored meanwhile, nor without the page."""
    _, values = look(office, ended, wanted(disclosures.FILING))
    other_day = values | {"ends": typed(timezone.localdate() + 30 * DAY)}
    assert confirm(office, ended, other_day).status_code == 422
    assert confirm(office, ended, wanted(disclosures.FILING)).status_code == 422
    assert confirm(office, ended, values, code="B2").status_code == 422
    assert not DeadlineExtension.objects.exists()
    extend(ended, disclosures.FILING, agencies[0], people, days=9)
    refused = confirm(office, ended, values)
    assert refused.status_code == 422
    assert "เปลี่ยนหลังจากที่เปิดหน้านี้" in refused.content.decode()
    assert DeadlineExtension.objects.get().ends == timezone.localdate() + 9 * DAY


def test_the_page_says_what_a_later_day_does_not_open(office, people, agencies, ended):
    """Marks that are sealed, a mark that an assessor has not released."""
    MarksSeal.objects.create(round=ended, by=people["office"], agencies=1, marks=1, missing=0, digest="d")
    page, _ = look(office, ended, wanted(disclosures.FILING))
    assert "แม้เปลี่ยนวันแล้ว: คะแนนของรอบนี้ปิดผนึกแล้ว" in page
    page, _ = look(office, ended, wanted(disclosures.CLARIFYING))
    assert "แม้เปลี่ยนวันแล้ว: ผู้ประเมินยังตรวจไม่เสร็จ" in page


def test_the_page_says_what_else_it_touches(office, people, agencies, ended):
    """The seal that waits for it, phases that begin meanwhile, an extension that it replaces, what comes after all."""
    until = fiscal.short_date(timezone.localdate() + 3 * DAY)
    page, _ = look(office, ended, wanted(disclosures.CLARIFYING))
    assert f"ปิดผนึกคะแนนของทั้งรอบไม่ได้จนกว่าจะพ้น {until}" in page
    extend(ended, disclosures.CLARIFYING, agencies[0], people)
    page, _ = look(office, ended, {"take_back": disclosures.CLARIFYING})
    assert "ช่วงนี้ไม่กั้นการปิดผนึกคะแนน" in page
    page, _ = look(office, ended, wanted(disclosures.CLARIFYING, days=5))
    assert f"แทนการขยายเดิมถึง {until} เหตุ น้ำท่วม" in page
    tomorrow = timezone.localdate() + DAY
    Phase.objects.filter(key=disclosures.MARKING).update(starts=tomorrow, ends=tomorrow + 9 * DAY)
    page, _ = look(office, ended, wanted(disclosures.FILING))
    assert f"ซึ่งเริ่ม {fiscal.short_date(tomorrow)}" in page
    page, _ = look(office, ended, wanted(surveys.PHASE))
    assert "ปิดผนึกคำตอบของทั้งรอบก่อนวันนั้น" in page
    assert "เจ้าหน้าที่ของหน่วยงาน 1 คน" in page
    page, _ = look(office, ended, wanted("announcement"), code="B2")
    assert "หน่วยงานนี้ยังไม่มีเจ้าหน้าที่" in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (wanted(disclosures.FILING, reason=""), "จำเป็น"),
        (wanted(disclosures.FILING, days=-1), "ต้องหลังวันสิ้นสุด"),
        ({**wanted(disclosures.FILING), "ends": "พรุ่งนี้"}, "ไม่ใช่วันที่"),
        (wanted("no-such-phase"), "no-such-phase"),
    ],
)
def test_what_is_typed_amiss_is_named_and_nothing_is_lost(office, agencies, ended, values, said):
    response = confirm(office, ended, values)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert values["ends"] in response.content.decode()
    assert not DeadlineExtension.objects.exists()


def test_no_agency_that_is_not_in_the_round_and_no_round_that_is_closed(office, agencies, ended):
    assert office.get(address(ended, "ZZ")).status_code == 404
    ended.agencies.remove(agencies[1])
    assert office.post(address(ended, "B2"), wanted(disclosures.FILING)).status_code == 404
    _, values = look(office, ended, wanted(disclosures.FILING))
    Round.objects.update(status="closed")
    refused = confirm(office, ended, values)
    assert refused.status_code == 422
    assert "ปิดแล้ว" in refused.content.decode()
    assert not DeadlineExtension.objects.exists()


def test_the_seal_waits_for_an_agency_that_may_reply_longer(people, agencies, ended):
    """Or it would lose the right that the office gave it."""
    assert disclosures.clarification_deadline(ended) == ""
    extend(ended, disclosures.CLARIFYING, agencies[0], people)
    last = timezone.localdate() + 3 * DAY
    assert disclosures.clarification_deadline(ended) == fiscal.short_date(last)
    DeadlineExtension.objects.update(ends=timezone.localdate())
    assert disclosures.clarification_deadline(ended) == fiscal.short_date(timezone.localdate())
    phase = ended.phases.get(key=disclosures.CLARIFYING)
    actions.set_phase_dates(phase=phase, starts=last, ends=last + datetime.timedelta(9), by=people["office"])
    assert disclosures.clarification_deadline(Round.objects.get(pk=ended.pk)) == ""  # has not begun
