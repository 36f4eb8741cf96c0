"""Deadlines that the office extends for single agencies: they come and go as a table, and every place where a deadline
counts knows them."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.disclosure import queries as disclosures
from prongsai.disclosure.models import Filing
from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.registry.actions import extend_deadline, set_phase_dates
from prongsai.registry.models import DeadlineExtension, Round
from prongsai.registry.tables.kinds import Scope
from prongsai.survey import actions as surveys
from prongsai.survey import queries as forms
from prongsai.web import officer_facts, steering
from tests.conftest import sample_year
from tests.registry.test_tables import _workers, bring, confirm, fetch, reasons, sheet, states, undo

__all__ = ["_workers"]
HEAD = ("รหัสหน่วยงาน", "ช่วงงาน", "ขยายถึงวันที่", "เหตุที่ขยายเวลา")
DAY = datetime.timedelta(1)


@pytest.fixture
def ended(people, running_round):
    """All phases ended yesterday."""
    today = timezone.localdate()
    for phase in running_round.phases.all():
        set_phase_dates(phase=phase, starts=today - 9 * DAY, ends=today - DAY, by=people["office"])
    return Round.objects.get(pk=running_round.pk)


def typed(day):
    return f"{day.day}/{day.month}/{day.year + 543}"


def stored():
    found = DeadlineExtension.objects.order_by("agency__code", "phase__position")
    return [(e.agency.code, e.phase.key, e.ends, e.reason) for e in found.select_related("agency", "phase")]


def extend(ended, key, agency, people, days=3):
    extend_deadline(
        phase=ended.phases.get(key=key),
        agency=agency,
        ends=timezone.localdate() + days * DAY,
        reason="น้ำท่วม",
        by=people["office"],
    )


def test_deadlines_are_extended_changed_and_taken_back_by_a_table(people, agencies, ended, tmp_path):
    office, scope = people["office"], Scope("ita", ended)
    filing, today = ended.phases.get(key=disclosures.FILING), timezone.localdate()
    rows = [("A1", filing.label_th, typed(today + 5 * DAY), "น้ำท่วม"), ("B2", filing.key, typed(today), "ไฟไหม้")]
    first = bring(sheet(tmp_path, HEAD, *rows), office, "extensions", scope)
    assert states(first) == [("changed", ""), ("changed", "")], reasons(first)
    confirm(first, office)
    both = [("A1", filing.key, today + 5 * DAY, "น้ำท่วม"), ("B2", filing.key, today, "ไฟไหม้")]
    assert stored() == both
    assert AuditEntry.objects.filter(action="registry.extend_deadline").count() == 2
    out = fetch("extensions", scope, office)
    assert {s for s, _ in states(bring(sheet(tmp_path, *out), office, "extensions", scope))} == {"same"}
    rows = [("A1", filing.label_th, "", ""), ("B2", filing.label_th, typed(today + 2 * DAY), "ไฟไหม้")]
    second = bring(sheet(tmp_path, HEAD, *rows), office, "extensions", scope)
    assert states(second) == [("changed", ""), ("changed", "")], reasons(second)
    confirm(second, office)
    assert stored() == [("B2", filing.key, today + 2 * DAY, "ไฟไหม้")]
    undo(second, office)
    assert stored() == both
    undo(first, office)
    assert stored() == []


def test_rows_that_extend_nothing_are_refused(people, agencies, ended, tmp_path):
    filing, today = ended.phases.get(key=disclosures.FILING), timezone.localdate()
    ended.agencies.remove(agencies[1])
    rows = [
        ("A1", "ช่วงที่ไม่มี", typed(today), "น้ำท่วม"),
        ("A1", filing.label_th, typed(today - DAY), "น้ำท่วม"),
        ("A1", ended.phases.last().label_th, typed(today + DAY), ""),
        ("A1", ended.phases.first().label_th, "", "น้ำท่วม"),
        ("B2", filing.label_th, typed(today), "น้ำท่วม"),
        ("Z9", filing.label_th, typed(today), "น้ำท่วม"),
    ]
    upload = bring(sheet(tmp_path, HEAD, *rows), people["office"], "extensions", Scope("ita", ended))
    assert {s for s, _ in states(upload)} == {"refused"}
    wanted = ("ไม่รู้จักช่วง", "ต้องหลังวันสิ้นสุด", "ต้องบอกเหตุ", "ไม่มีวันที่", "ไม่อยู่ในรอบนี้", "ไม่มีหน่วยงานรหัส Z9")
    for reason, part in zip(reasons(upload), wanted, strict=True):
        assert part in reason


def test_one_agency_files_on_and_no_other(people, agencies, ended):
    own, other = agencies
    extend(ended, disclosures.FILING, own, people)
    ended = Round.objects.get(pk=ended.pk)
    assert disclosures.filing_closed_reason(Filing.objects.create(round=ended, agency=own)) == ""
    other_filing = Filing.objects.create(round=ended, agency=other)
    assert "สิ้นสุดไปเมื่อ" in disclosures.filing_closed_reason(other_filing)
    assert steering.find_at_stage(ended, "overdue") == {own.pk, other.pk}  # marking has ended for both
    extend(ended, disclosures.MARKING, own, people)
    assert steering.find_at_stage(ended, "overdue") == {other.pk}
    window = officer_facts._collect_rounds(own, sample_year())[0].filing
    assert window.ends == timezone.localdate() + 3 * DAY


def test_the_assessor_of_an_extended_agency_waits_for_it(people, agencies, ended):
    own, other = agencies
    extend(ended, disclosures.FILING, own, people)
    for agency in agencies:
        extend(ended, disclosures.MARKING, agency, people, days=9)
    ended = Round.objects.get(pk=ended.pk)
    reasons_of = [disclosures.marking_closed_reason(Filing.objects.create(round=ended, agency=a)) for a in (own, other)]
    assert reasons_of == ["ผู้บริหารยังไม่ยืนยัน และช่วงยื่นข้อมูลยังไม่ปิด", ""]


def test_the_form_of_an_extended_agency_takes_answers(client, people, agencies, ended):
    own = agencies[0]
    channel = surveys.open_channel(
        assessment_round=ended, agency=own, instrument="IIT", kind="link", by=people["officer"]
    )
    address = f"/s/{channel.slug}/"
    assert client.get(address).status_code == 410
    assert forms.find_closed_reason(channel) is forms.NOT_IN_PHASE
    extend(ended, forms.PHASE, agencies[1], people)
    assert client.get(address).status_code == 410  # another agency's
    extend(ended, forms.PHASE, own, people)
    assert client.get(address).status_code == 200
    assert forms.find_closed_reason(type(channel).objects.get(pk=channel.pk)) is None
    last = DeadlineExtension.objects.filter(phase__key=forms.PHASE, agency=own)
    last.update(ends=timezone.localdate() - DAY)
    assert client.get(address).status_code == 410


def test_a_calendar_that_moves_beyond_an_extension_counts(people, agencies, ended):
    extend(ended, disclosures.FILING, agencies[0], people, days=1)
    later = timezone.localdate() + 30 * DAY
    filing = ended.phases.get(key=disclosures.FILING)
    set_phase_dates(phase=filing, starts=filing.starts, ends=later, by=people["office"])
    window = officer_facts._collect_rounds(agencies[0], sample_year())[0].filing
    assert window.ends == later


def test_a_form_goes_by_a_calendar_that_moves_beyond_an_extension(client, people, agencies, ended):
    channel = surveys.open_channel(
        assessment_round=ended, agency=agencies[0], instrument="IIT", kind="link", by=people["officer"]
    )
    extend(ended, forms.PHASE, agencies[0], people)
    DeadlineExtension.objects.update(ends=timezone.localdate() - DAY)
    phase = ended.phases.get(key=forms.PHASE)
    set_phase_dates(phase=phase, starts=phase.starts, ends=timezone.localdate() + DAY, by=people["office"])
    assert client.get(f"/s/{channel.slug}/").status_code == 200


def test_what_cannot_be_extended(people, agencies, ended):
    phase, today = ended.phases.get(key=disclosures.FILING), timezone.localdate()

    def refused(match, agency=agencies[0], ends=today, reason="น้ำท่วม"):
        with pytest.raises(DomainError, match=match):
            extend_deadline(phase=phase, agency=agency, ends=ends, reason=reason, by=people["office"])

    refused("ต้องบอกเหตุ", reason=" ")
    refused("ต้องหลังวันสิ้นสุด", ends=phase.ends)
    ended.agencies.remove(agencies[1])
    refused("ไม่อยู่ในรอบนี้", agency=agencies[1])
    Round.objects.update(status="closed")
    phase.refresh_from_db()
    refused("ปิด")
    assert not DeadlineExtension.objects.exists()


def test_only_the_office_sees_and_extends(client, people, agencies, ended):
    extend(ended, disclosures.FILING, agencies[0], people)
    address = reverse("round_table", args=["extensions", sample_year()])
    client.force_login(people["officer"])
    assert client.get(address).status_code == 403
    client.force_login(people["office"])
    assert client.get(address).status_code == 200
    page = client.get(reverse("round", args=[sample_year()])).content.decode()
    assert "น้ำท่วม" in page
    assert address in page


def test_interviews_of_an_extended_agency_are_taken(people, agencies, ended):
    refusal = forms.load_interviews_refusal(ended)
    assert [refusal(agency) for agency in agencies] == [forms.NOT_IN_PHASE.th] * 2
    extend(ended, forms.PHASE, agencies[0], people)
    refusal = forms.load_interviews_refusal(ended)
    assert [refusal(agency) for agency in agencies] == ["", forms.NOT_IN_PHASE.th]
