"""Where assessors live, what they speak, and what provinces need, as tables: named or refused, undone, and drawn by."""

import pytest

from prongsai.disclosure import allocation
from prongsai.disclosure.models import Allocation, AssessorProfile, ProvinceLanguage
from prongsai.people.models import AuditEntry, User
from prongsai.registry.actions import unassign
from prongsai.registry.tables.kinds import Scope
from tests.registry.test_tables import _workers, bring, confirm, fetch, reasons, sheet, states, undo

__all__ = ["_workers"]
HEAD = ("อีเมลผู้ประเมิน", "จังหวัดประจำ", "ภาษา")
SCOPE = Scope("ita")


@pytest.fixture
def second(people):
    return User.objects.create(email="second@example.test", name="คนที่สอง", role="assessor")


def profiles():
    return {p.assessor.email: (p.home, p.languages) for p in AssessorProfile.objects.select_related("assessor")}


def test_homes_and_languages_come_in_by_table_and_go_back(people, second, tmp_path):
    office, first = people["office"], people["assessor"]
    AssessorProfile.objects.create(assessor=second, home="ตาก", languages=["อังกฤษ"])
    out = fetch("assessors", SCOPE, office)
    assert out[0] == ("อีเมลผู้ประเมิน", "ชื่อ", "จังหวัดประจำ", "ภาษา")
    assert set(states(bring(sheet(tmp_path, *out), office, "assessors"))) == {("same", "")}
    rows = [
        (first.email.upper(), "จ. ยะลา", "มลายูถิ่น; ภาษามลายูถิ่น , อังกฤษ"),
        (second.email, "กทม.", ""),
        (office.email, "ตาก", ""),
        ("nobody@example.test", "ตาก", ""),
    ]
    upload = bring(sheet(tmp_path, HEAD, *rows), office, "assessors")
    assert [s for s, _ in states(upload)] == ["changed", "changed", "refused", "refused"], reasons(upload)
    assert all("ไม่มีผู้ประเมินที่ใช้อีเมล" in reason for reason in reasons(upload)[2:])
    confirm(upload, office)
    assert profiles() == {first.email: ("ยะลา", ["ภาษามลายูถิ่น", "อังกฤษ"]), second.email: ("กรุงเทพมหานคร", [])}
    assert AuditEntry.objects.filter(action="disclosure.describe_assessors").count() == 2
    undo(upload, office)
    assert profiles() == {first.email: ("", []), second.email: ("ตาก", ["อังกฤษ"])}


def test_what_somebody_changed_since_stays_and_what_is_wrong_is_named(people, second, tmp_path):
    office, first = people["office"], people["assessor"]
    upload = bring(sheet(tmp_path, HEAD, (first.email, "ยะลา", "")), office, "assessors")
    AssessorProfile.objects.create(assessor=first, home="ตรัง")
    confirm(upload, office)
    assert states(upload) == [("conflict", "")]
    assert profiles() == {first.email: ("ตรัง", [])}
    wrong = [
        (first.email, "เมืองสมมุติ", ", ".join(f"ภาษาที่ {n}" for n in range(21))),
        (second.email, "ยะลา", ""),
        (second.email, "ตาก", ""),
    ]
    upload = bring(sheet(tmp_path, HEAD, *wrong), office, "assessors")
    assert {s for s, _ in states(upload)} == {"refused"}
    assert "ไม่รู้จักจังหวัด" in reasons(upload)[0]
    assert "ไม่เกิน 20 ภาษา" in reasons(upload)[0]


def test_a_column_that_is_not_in_the_file_stays(people, tmp_path):
    AssessorProfile.objects.create(assessor=people["assessor"], home="ตาก", languages=["อังกฤษ"])
    rows = [("อีเมล", "จังหวัดประจำ"), (people["assessor"].email, "ยะลา")]
    confirm(bring(sheet(tmp_path, *rows), people["office"], "assessors"), people["office"])
    assert profiles() == {people["assessor"].email: ("ยะลา", ["อังกฤษ"])}


def test_a_draft_begins_with_the_languages_of_the_table_and_is_drawn_by_it(
    people, second, running_round, agencies, tmp_path
):
    office = people["office"]
    rows = [
        ("จังหวัด", "ภาษาที่ใช้สัมภาษณ์"),
        ("ยะลา", "มลายูถิ่น"),
        ("ตาก", "ไทย"),
        ("ปัตตานี ", "มลายูถิ่น, อังกฤษ"),
        ("เมืองเก่า", "ลาว"),
    ]
    upload = bring(sheet(tmp_path, *rows), office, "province-languages")
    assert [s for s, _ in states(upload)] == ["changed", "same", "refused", "refused"], reasons(upload)
    confirm(upload, office)
    assert allocation.find_languages(running_round) == {"ยะลา": "มลายูถิ่น"}
    assert ("ยะลา", "มลายูถิ่น") in fetch("province-languages", SCOPE, office)
    agency = running_round.agencies.first()
    agency.province = "ยะลา"
    agency.save()
    unassign(assessment_round=running_round, agency=agency, by=office)
    head = [("อีเมล", "ภาษา"), (second.email, "ภาษามลายูถิ่น")]
    confirm(bring(sheet(tmp_path, *head), office, "assessors"), office)
    choices = allocation.Choices(languages=allocation.find_languages(running_round))
    draft = allocation.draw(assessment_round=running_round, choices=choices, by=office)
    assert draft.rows.get(agency=agency).assessor == second
    undo(upload, office)
    assert not ProvinceLanguage.objects.exists()
    Allocation.objects.update(choices=draft.choices | {"languages": {"ตาก": "ลาว"}})
    assert allocation.find_languages(running_round) == {"ตาก": "ลาว"}  # without a table, those of the last draft


@pytest.mark.parametrize("role", ["officer", "assessor", "auditor"])
def test_only_who_shares_out_the_work_brings_them(people, client, role):
    user = people.get(role) or User.objects.create(email=f"{role}@example.test", name=role, role=role)
    client.force_login(user)
    for kind in ("assessors", "province-languages"):
        assert client.get(f"/desk/tables/{kind}/").status_code in (403, 404)
