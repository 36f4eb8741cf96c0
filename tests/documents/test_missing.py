"""What papers and their pages say where something is not known: a score, a cause, a result."""

from prongsai.documents import sources
from prongsai.documents.issuance import compose_document
from prongsai.improvement import actions as plans
from prongsai.results import actions, queries
from tests.conftest import sample_year
from tests.pages import markup

YEAR = sample_year()


def _confirm(agency, by, values, source, **more):
    typed = actions.begin_typed_result(agency=agency, fiscal_year=YEAR, source=source, by=by)
    return actions.confirm_document(imported=typed, agency=agency, fiscal_year=YEAR, values=values, by=by, **more)


def test_the_measures_paper_does_not_deny_a_score_that_its_plan_rests_on(people, agencies, running_round):
    agency, officer = agencies[0], people["officer"]
    _confirm(agency, officer, {"overall": "82.00", **{str(n): f"{70 + n}.00" for n in range(1, 11)}}, "หนังสือแรก")
    plans.start_plan(agency=agency, result_year=YEAR, by=officer)
    whole = repr(compose_document("measures", sources.collect_data(agency, YEAR, "measures")))
    assert "จากผลเดิม" not in whole
    recorded = queries.find_recorded_result(agency, YEAR)
    _confirm(agency, officer, {"overall": "80.00"}, "ข่าวหน้าเว็บ", replaces=recorded.pk)
    data = sources.collect_data(agency, YEAR, "measures")
    text = repr(compose_document("measures", data))
    assert "คะแนนที่ทราบคือ 71.00 คะแนน จากผลเดิมตามหนังสือแรก" in text or "๗๑.๐๐ คะแนน จากผลเดิมตามหนังสือแรก" in text
    assert "ผลการประเมินที่ได้รับไม่มีคะแนนของตัวชี้วัดนี้" not in text


def test_a_memo_says_that_no_cause_was_given(people, agencies, running_round):
    agency, officer = agencies[0], people["officer"]
    _confirm(agency, officer, {"overall": "82.00", "1": "70.00"}, "หนังสือ")
    assert "ไม่ได้ระบุเหตุผลของคะแนน" in _memo(agency)
    recorded = queries.find_recorded_result(agency, YEAR).pk
    _confirm(agency, officer, {"overall": "82.00"}, "หนังสือสอง", comments={"O1": "ไม่พบอำนาจหน้าที่"}, replaces=recorded)
    memo = _memo(agency)
    assert "ไม่พบอำนาจหน้าที่" in memo
    assert "ไม่ได้ระบุเหตุผลของคะแนน" not in memo


def _memo(agency):
    return " ".join(p.text for p in sources.list_passages_of("memo", sources.collect_data(agency, YEAR, "memo")))


def test_a_year_without_papers_says_what_is_missing(client, people, running_round):
    client.force_login(people["officer"])
    missing = client.get("/desk/agency/A1/papers/2561/")
    page = markup(missing)
    assert missing.status_code == 404
    assert "ยังไม่มีอะไรให้เขียนเอกสารของปี 2561" in page
    assert 'href="/desk/agency/A1/import/"' in page
    client.force_login(people["executive"])
    assert 'href="/desk/agency/A1/import/">ใส่' not in markup(client.get("/desk/agency/A1/papers/2561/"))


def test_no_button_is_named_that_is_not_there(client, people, agencies, running_round):
    client.force_login(people["officer"])
    address = f"/desk/agency/A1/papers/{running_round.fiscal_year}/"
    assert "“เขียนและเสนอ” ด้านบน" not in markup(client.get(address))
    _confirm(agencies[0], people["officer"], {"overall": "82.00"}, "หนังสือ")
    page = markup(client.get(address))
    assert "“เขียนและเสนอ” ด้านบน" in page
    assert ">เขียนและเสนอ</a>" in page
