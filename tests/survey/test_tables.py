"""Head-counts of a round as a table."""

import pytest

from prongsai.people.models import AuditEntry
from prongsai.registry.actions import set_round_status
from prongsai.registry.tables.kinds import Scope
from prongsai.survey import rights
from prongsai.survey.actions import set_population
from prongsai.survey.models import Population
from tests.registry.test_tables import _workers, bring, confirm, fetch, reasons, sheet, states, undo

__all__ = ["_workers"]


@pytest.fixture
def scope(running_round):
    return Scope("ita", running_round)


def test_head_counts_go_out_come_back_and_are_undone(people, agencies, running_round, scope, tmp_path):
    office, own = people["office"], agencies[0]
    set_population(assessment_round=running_round, agency=own, instrument="IIT", size=120, by=people["officer"])
    rows = fetch("head-counts", scope, office)
    assert rows[0][:4] == ("รหัสหน่วยงาน", "ชื่อหน่วยงาน", "จังหวัด", "IIT")
    by_code = {row[0]: row for row in rows[1:]}
    assert by_code["A1"][3] == "120"
    path = sheet(tmp_path, ("รหัสหน่วยงาน", "IIT", "EIT1"), ("A1", "๑,๒๐๐ คน", ""), ("B2", 40, "900"))
    upload = bring(path, office, "head-counts", scope)
    assert states(upload) == [("changed", ""), ("changed", "")]
    confirm(upload, office)
    sizes = set(Population.objects.values_list("agency__code", "instrument", "size"))
    assert sizes == {("A1", "IIT", 1200), ("B2", "IIT", 40), ("B2", "EIT1", 900)}
    assert AuditEntry.objects.filter(action="survey.set_population", agency="B2").count() == 2
    undo(upload, office)
    assert set(Population.objects.values_list("agency__code", "instrument", "size")) == {("A1", "IIT", 120)}


def test_a_number_that_is_none_and_one_that_the_office_fixed_are_refused(
    people, agencies, running_round, scope, tmp_path
):
    office, own = people["office"], agencies[0]
    rights.set_rolls(assessment_round=running_round, rolls={(own, "IIT"): [(rights.WHOLE_AGENCY, 50)]}, by=office)
    path = sheet(tmp_path, ("รหัสหน่วยงาน", "IIT"), ("A1", "51"), ("B2", "ราวร้อยคน"), ("C3", "5"))
    upload = bring(path, office, "head-counts", scope)
    assert [s for s, _ in states(upload)] == ["refused"] * 3
    said = reasons(upload)
    assert "ตั้งบัญชีไว้ 50 คน" in said[0]
    assert "ราวร้อยคน" in said[1]
    assert "ไม่มีหน่วยงานรหัส C3" in said[2]


def test_a_roll_that_was_fixed_after_the_preview_stays(people, agencies, running_round, scope, tmp_path):
    path = sheet(tmp_path, ("รหัสหน่วยงาน", "IIT"), ("A1", "51"))
    upload = bring(path, people["office"], "head-counts", scope)
    rolls = {(agencies[0], "IIT"): [(rights.WHOLE_AGENCY, 50)]}
    rights.set_rolls(assessment_round=running_round, rolls=rolls, by=people["office"])
    confirm(upload, people["office"])
    assert states(upload) == [("conflict", "")]
    assert Population.objects.get().size == 50


def test_a_number_that_became_a_roll_is_not_taken_back(people, agencies, running_round, scope, tmp_path):
    upload = bring(sheet(tmp_path, ("รหัสหน่วยงาน", "IIT"), ("A1", "51")), people["office"], "head-counts", scope)
    confirm(upload, people["office"])
    rolls = {(agencies[0], "IIT"): [(rights.WHOLE_AGENCY, 51)]}
    rights.set_rolls(assessment_round=running_round, rolls=rolls, by=people["office"])
    undo(upload, people["office"])
    assert states(upload) == [("changed", "applied")]
    assert "บัญชีจำนวนคน" in reasons(upload)[0]
    assert Population.objects.get().size == 51


def test_head_counts_of_a_closed_round_stay(people, agencies, running_round, scope, tmp_path):
    upload = bring(sheet(tmp_path, ("รหัสหน่วยงาน", "IIT"), ("A1", "51")), people["office"], "head-counts", scope)
    set_round_status(assessment_round=running_round, status="closed", by=people["office"])
    confirm(upload, people["office"])
    assert not Population.objects.exists()
