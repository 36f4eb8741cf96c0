"""Agencies and their past, lists, rounds, running_round, assignments."""

import datetime

import pytest

from prongsai.people.actions import DomainError
from prongsai.people.models import AuditEntry
from prongsai.registry import actions, queries
from prongsai.registry.agency_list import read_agency_list
from prongsai.registry.agency_search import search_agencies
from prongsai.registry.models import Agency, AgencyVersion, Appointment, Assignment, Round
from tests.conftest import sample_year

DAY = datetime.date(2025, 3, 1)


# --- names


@pytest.mark.parametrize(
    "typed",
    [
        "อบต.บ้านทดสอบ",
        "อบต บ้านทดสอบ",
        "อ.บ.ต. บ้านทดสอบ",
        "บ้านทดสอบ",
        "องค์การบริหารส่วนตําบลบ้านทดสอบ",
        "องค์การบริหารส่วนตำบล บ้านทดสอบ",
        "บานทดสอบ",
        "บ้านทดสอบ องค์การบริหารส่วนตำบล",
        "a1",
        "บ้านทดศอบ",
        "ban thotsop",
    ],
)
def test_search_forgives(agencies, typed):
    assert agencies[0] in search_agencies(typed, Agency.objects.all())


def test_digits_of_both_scripts_are_one(db):
    school = Agency(assessment_id="ita", code="S1", name_th="โรงเรียนไทยรัฐวิทยา ๗๕", kind="school")
    school.save()
    assert list(search_agencies("ไทยรัฐวิทยา 75", Agency.objects.all())) == [school]


def test_search_finds_nothing_for_nothing(agencies):
    assert not search_agencies("   ", Agency.objects.all())
    assert not search_agencies("%_", Agency.objects.all())


def test_names_stand_in_dictionary_order(db):
    names = ["เทศบาลเมืองไผ่", "เทศบาลเมืองแก่ง", "เทศบาลเมืองกำแพง", "เทศบาลเมืองเกาะ", "เทศบาลเมืองขอน"]
    for k, name in enumerate(names):
        Agency(assessment_id="ita", code=f"T{k}", name_th=name, kind="town").save()
    ordered = list(Agency.objects.order_by("order").values_list("name_th", flat=True))
    assert ordered == ["เทศบาลเมืองกำแพง", "เทศบาลเมืองเกาะ", "เทศบาลเมืองแก่ง", "เทศบาลเมืองขอน", "เทศบาลเมืองไผ่"]


# --- history


def test_a_new_name_keeps_the_old_one(people, agencies):
    agency = agencies[0]
    actions.update_agency(
        agency=agency,
        values={"name_th": "เทศบาลตำบลบ้านทดสอบ", "kind": "subdistrict_municipality"},
        on=DAY,
        by=people["office"],
    )
    agency.refresh_from_db()
    assert agency.name_th == "เทศบาลตำบลบ้านทดสอบ"
    assert queries.find_version(agency, DAY - datetime.timedelta(1)).name_th == "องค์การบริหารส่วนตำบลบ้านทดสอบ"
    assert queries.find_version(agency, DAY).name_th == "เทศบาลตำบลบ้านทดสอบ"
    assert agency in search_agencies("เทศบาลตำบลบ้านทดสอบ", Agency.objects.all())


def test_history_is_not_written_backwards(people, agencies):
    actions.update_agency(agency=agencies[0], values={"name_th": "ชื่อใหม่"}, on=DAY, by=people["office"])
    with pytest.raises(DomainError, match="ย้อน"):
        actions.update_agency(
            agency=agencies[0], values={"name_th": "ชื่อเก่ากว่า"}, on=DAY - datetime.timedelta(9), by=people["office"]
        )


def test_nothing_is_written_ahead(people, agencies):
    tomorrow = queries.today() + datetime.timedelta(1)
    with pytest.raises(DomainError, match="อนาคต"):
        actions.update_agency(agency=agencies[0], values={"name_th": "ใหม่"}, on=tomorrow, by=people["office"])
    with pytest.raises(DomainError, match="อนาคต"):
        actions.close_agency(agency=agencies[0], on=tomorrow, by=people["office"])


def test_search_knows_provinces_and_former_names(people, agencies):
    actions.update_agency(agency=agencies[0], values={"name_th": "เทศบาลตำบลใหม่เอี่ยม"}, on=DAY, by=people["office"])
    for typed in ("ขอนแก่น", "ใหม่เอี่ยม", "อบต.บ้านทดสอบ"):
        assert agencies[0] in search_agencies(typed, Agency.objects.all()), typed
    assert queries.find_agencies_by_name("องค์การบริหารส่วนตำบลบ้านทดสอบ") == [agencies[0]]


def test_a_closed_round_is_left_alone(people, agencies, running_round):
    actions.set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    running_round.refresh_from_db()
    with pytest.raises(DomainError, match="ปิดแล้ว"):
        actions.enroll_agencies(assessment_round=running_round, agencies=agencies, by=people["office"])


def test_an_assessor_declares_an_interest_on_a_page(client, people, agencies, running_round):
    client.force_login(people["assessor"])
    assert client.post("/desk/interest/", {"agency": "A1", "reason": "ญาติ"}).status_code == 302
    assert queries.find_conflict(people["assessor"], agencies[0])
    assert not Assignment.objects.filter(agency=agencies[0]).exists()


@pytest.mark.parametrize("posted", [{}, {"status": "nonsense"}, {"status": "preparing"}])
def test_a_round_moves_only_by_known_words(client, people, running_round, posted):
    client.force_login(people["office"])
    assert client.post(f"/desk/rounds/{sample_year()}/status/", posted).status_code == 302
    running_round.refresh_from_db()
    assert running_round.status == "running"


def test_a_calendar_that_ends_before_it_starts_keeps_what_was_typed(client, people, running_round):
    client.force_login(people["office"])
    phases = list(running_round.phases.all())
    posted = {"form-TOTAL_FORMS": len(phases), "form-INITIAL_FORMS": len(phases)}
    for k, p in enumerate(phases):
        posted |= {
            f"form-{k}-id": p.pk,
            f"form-{k}-starts": "2025-05-02",
            f"form-{k}-ends": "2025-05-01" if k == 1 else "2025-05-09",
        }
    page = client.post(f"/desk/rounds/{sample_year()}/phases/", posted)
    assert page.status_code == 422
    assert "วันสิ้นสุดอยู่ก่อนวันเริ่ม" in page.content.decode()
    assert 'value="2025-05-01"' in page.content.decode()
    assert not running_round.phases.filter(ends="2025-05-09").exists()


def test_merging_closes_and_relieves(people, agencies, running_round):
    own, other = agencies
    actions.close_agency(agency=own, on=DAY, merged_into=other, by=people["office"])
    assert own.merged_into == other
    assert not queries.acts_for(people["officer"], "A1")
    with pytest.raises(DomainError, match="ไปแล้ว"):
        actions.close_agency(agency=own, on=DAY, by=people["office"])


# --- lists


def csv(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


HEAD = "รหัส,ชื่อ,ประเภท,จังหวัด,เว็บไซต์\n"


def test_a_list_is_read_then_stored(people, agencies, tmp_path):
    path = csv(
        tmp_path, HEAD + "A1,องค์การบริหารส่วนตำบลบ้านทดสอบใหม่,อบต.,ขอนแก่น,\nC3,กรมตัวอย่าง,กรม,,example.go.th\n", "cp874"
    )
    listing = actions.upload_agency_list(path=path, file_name="list.csv", by=people["office"])
    assert not listing.problems
    assert not Agency.objects.filter(code="C3").exists()
    assert actions.confirm_agency_list(listing=listing, by=people["office"], on=DAY) == (1, 1)
    assert Agency.objects.get(code="C3").website == "https://example.go.th"
    assert AgencyVersion.objects.get().name_th == "องค์การบริหารส่วนตำบลบ้านทดสอบ"


def test_two_people_confirm_one_list(people, tmp_path):
    listing = actions.upload_agency_list(
        path=csv(tmp_path, HEAD + "C3,กรมตัวอย่าง,กรม,,\n"), file_name="x", by=people["office"]
    )
    actions.confirm_agency_list(listing=listing, by=people["office"], on=DAY)
    with pytest.raises(DomainError, match="ไปก่อนแล้ว"):
        actions.confirm_agency_list(listing=listing, by=people["auditor"], on=DAY)
    assert Agency.objects.filter(code="C3").count() == 1


def test_every_problem_is_told_by_row(tmp_path):
    rows = [
        "C1,ชื่อ,กรม,,",
        "C1,ซ้ำ,กรม,,",
        ",ไม่มีรหัส,กรม,,",
        "รหัสไทย,ชื่อ,กรม,,",
        "C5,,กรม,,",
        "C6,ชื่อ,ร้านค้า,,",
        "C7,ชื่อ,กรม,แดนไกล,",
        "C8,ชื่อ,กรม,,javascript:alert(1)",
    ]
    good, problems = read_agency_list(csv(tmp_path, HEAD + "\n".join(rows) + "\n"))
    assert [g.code for g in good] == ["C1"]
    told = {p.place: p.text for p in problems}
    assert len(told) == 7
    assert "ซ้ำกับ" in told["บรรทัด 3"]
    assert "แดนไกล" in told["บรรทัด 8"]
    assert "เว็บไซต์" in told["บรรทัด 9"]


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", "รหัส,ชื่อ\nC1,x\n", HEAD])
def test_wrong_columns_are_told(tmp_path, text):
    good, problems = read_agency_list(csv(tmp_path, text))
    assert not good
    assert problems


def test_an_unknown_parent_stores_nothing(people, tmp_path):
    path = csv(tmp_path, "รหัส,ชื่อ,ประเภท,สังกัด\nC1,กอง,กรม,NONE\n")
    listing = actions.upload_agency_list(path=path, file_name="x", by=people["office"])
    with pytest.raises(DomainError, match="NONE"):
        actions.confirm_agency_list(listing=listing, by=people["office"], on=DAY)
    assert not Agency.objects.exists()


# --- rounds


def test_a_round_pins_its_rules(people):
    from prongsai import framework

    made = actions.create_round(fiscal_year=sample_year(), by=people["office"])
    rules = framework.load(framework.NATIONAL, sample_year())
    assert made.framework_digest == rules.digest
    assert [p.key for p in made.phases.all()] == [p.id for p in rules.rules.calendar]
    with pytest.raises(DomainError, match="อยู่แล้ว"):
        actions.create_round(fiscal_year=sample_year(), by=people["office"])


def test_a_year_without_rules(people):
    with pytest.raises(DomainError, match="ไม่มีหลักเกณฑ์"):
        actions.create_round(fiscal_year=2499, by=people["office"])


def test_phases_open_by_date_in_a_running_round(people, agencies):
    made = actions.create_round(fiscal_year=sample_year(), by=people["office"])
    phase = made.phases.first()
    actions.set_phase_dates(phase=phase, starts=DAY, ends=DAY + datetime.timedelta(3), by=people["office"])
    assert not queries.is_phase_open(made, phase.key, agencies[0], DAY)
    actions.set_round_status(assessment_round=made, status="running", by=people["office"])
    made.refresh_from_db()
    days = [DAY + datetime.timedelta(k) for k in (-1, 0, 3, 4)]
    assert [queries.is_phase_open(made, phase.key, agencies[0], d) for d in days] == [False, True, True, False]
    with pytest.raises(DomainError, match="ก่อนวันเริ่ม"):
        actions.set_phase_dates(phase=phase, starts=DAY, ends=DAY - datetime.timedelta(1), by=people["office"])


def test_a_round_goes_forward(people):
    made = actions.create_round(fiscal_year=sample_year(), by=people["office"])
    with pytest.raises(DomainError):
        actions.set_round_status(assessment_round=made, status="closed", by=people["office"])


# --- appointments and conflicts of interest


def test_only_agency_people_act_for_agencies(people, agencies):
    with pytest.raises(DomainError, match="ผู้ประเมิน"):
        actions.appoint(user=people["assessor"], agency=agencies[0], on=DAY, by=people["office"])


def test_a_relieved_officer_acts_no_more(people, agencies, running_round):
    assert queries.acts_for(people["officer"], "A1")
    actions.end_appointment(
        appointment=Appointment.objects.get(user=people["officer"]), on=queries.today(), by=people["office"]
    )
    assert not queries.acts_for(people["officer"], "A1")


def test_a_declared_interest_keeps_an_assessor_away(people, agencies, running_round):
    actions.declare_interest(user=people["assessor"], agency=agencies[0], reason="ญาติ", by=people["assessor"])
    assert not Assignment.objects.filter(agency=agencies[0]).exists()
    with pytest.raises(DomainError, match="ส่วนได้เสีย"):
        actions.assign(
            assessment_round=running_round, agency=agencies[0], assessor=people["assessor"], by=people["office"]
        )


def test_nobody_marks_where_they_served_nor_above_nor_below(people, agencies, running_round):
    own, other = agencies
    other.parent_code = own.code
    other.save()
    Appointment.objects.create(user=people["assessor"], agency=own, since=DAY, until=DAY)
    assert queries.find_conflict(people["assessor"], own)
    assert queries.find_conflict(people["assessor"], other)


def test_every_write_is_in_the_trail(people, agencies, running_round):
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {
        "registry.appoint",
        "registry.create_round",
        "registry.enrol",
        "registry.round_status",
        "registry.assign",
    } <= done
    assert Round.objects.get().status == "running"


def test_only_phases_whose_days_include_today_are_open(people, running_round):
    from prongsai.registry import queries
    from prongsai.registry.actions import set_phase_dates

    day = datetime.date(2025, 3, 10)
    assert len(running_round.phases.all()) == 7
    assert not queries.open_phases(running_round, day)  # nobody has dated them
    one, two, three, *_ = running_round.phases.all()
    week = datetime.timedelta(7)
    set_phase_dates(phase=one, starts=day - week, ends=day, by=people["office"])
    set_phase_dates(phase=two, starts=day + week, ends=None, by=people["office"])
    set_phase_dates(phase=three, starts=None, ends=day + week, by=people["office"])
    running_round.refresh_from_db()
    assert [p.key for p in queries.open_phases(running_round, day)] == [one.key]
