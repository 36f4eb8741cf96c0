"""The page on which an agency's own people read its result, published or not."""

import pytest
from django.urls import reverse

from prongsai.results import actions, queries
from tests.conftest import sample_year
from tests.pages import markup

YEAR = sample_year()


@pytest.fixture
def confirmed(people, agencies, imported, running_round):
    """Both years of the sample document, confirmed by the officer; nothing is published."""
    made = []
    for year in queries.import_years(imported):
        values = {x.node: x.value for x in queries.review_figures(imported, year) if x.value}
        comments = {"O1": "ไม่พบโครงสร้างอัตรากำลัง"} if year == YEAR else {}
        made.append(
            actions.confirm_document(
                imported=imported,
                agency=agencies[0],
                fiscal_year=year,
                values=values,
                comments=comments,
                by=people["officer"],
            )
        )
    return made


def _read(client, user, year=YEAR):
    client.force_login(user)
    return markup(client.get(reverse("agency_result", args=["A1", year])))


def test_a_result_is_read_whole_before_it_is_published(client, people, confirmed):
    page = _read(client, people["officer"])
    shown = confirmed[0].results.get().shown
    assert "ส่วนกลางยังไม่ได้เผยแพร่" in page
    assert f'<div class="total">{shown["overall"]}</div>' in page
    framework = queries.framework_of(confirmed[0])
    for indicator in framework.rules.indicators:
        assert indicator.label.th in page
        assert shown[indicator.id] in page
    before = confirmed[1].results.get().shown
    assert f'<td class="num">{before["1"]}</td>' in page  # of the year before, which is not published either
    assert 'id="meaning"' in page
    assert "ควรแก้เรื่องใดก่อน" in page
    assert "<ol>" in page
    assert "ยืนยันโดย" in page
    assert "bangpla-2568.txt" in page
    assert "ดูหน้าที่ประชาชนเห็น" not in page


def test_what_assessors_wrote_stands_on_the_page(client, people, agencies, running_round):
    typed = actions.begin_typed_result(agency=agencies[0], fiscal_year=YEAR, source="หนังสือ", by=people["officer"])
    actions.confirm_document(
        imported=typed,
        agency=agencies[0],
        fiscal_year=YEAR,
        values={"overall": "70.00", "O1": "0"},
        comments={"O1": "ไม่พบโครงสร้างอัตรากำลัง"},
        by=people["officer"],
    )
    page = _read(client, people["officer"])
    assert "ไม่พบโครงสร้างอัตรากำลัง" in page
    assert "ได้ 0.00 คะแนน" in page


def test_the_public_and_other_agencies_never_read_it(client, people, agencies, confirmed):
    address = reverse("agency_result", args=["A1", YEAR])
    assert client.get(address).status_code == 302
    assert client.get(reverse("agency_year", args=["A1", YEAR])).status_code == 404
    client.force_login(people["officer"])
    assert client.get(reverse("agency_result", args=[agencies[1].code, YEAR])).status_code == 403
    client.force_login(people["assessor"])
    assert client.get(address).status_code == 403


def test_a_published_result_says_so_and_is_the_one_shown(client, people, agencies, confirmed):
    actions.publish(result_set=confirmed[0], by=people["office"])
    typed = actions.begin_typed_result(agency=agencies[0], fiscal_year=YEAR, source="หนังสือ", by=people["officer"])
    actions.confirm_document(
        imported=typed,
        agency=agencies[0],
        fiscal_year=YEAR,
        values={"overall": "12.34"},
        replaces=queries.find_recorded_result(agencies[0], YEAR).pk,
        by=people["officer"],
    )
    page = _read(client, people["executive"])
    assert f'<div class="total">{confirmed[0].results.get().shown["overall"]}</div>' in page
    assert "ดูหน้าที่ประชาชนเห็น" in page
    assert "ส่วนกลางยังไม่ได้เผยแพร่" not in page


def test_a_year_without_a_result_has_no_page(client, people, confirmed):
    client.force_login(people["officer"])
    assert client.get(reverse("agency_result", args=["A1", YEAR + 1])).status_code == 404


def test_weak_indicators_are_named_first_even_where_other_items_are_full(client, people, agencies, running_round):
    """The survey's questions are unknown, and each disclosure has full marks: what falls short is still said."""
    values = {"overall": "82.00", "1": "70.00", "2": "60.00", "O1": "100"}
    typed = actions.begin_typed_result(agency=agencies[0], fiscal_year=YEAR, source="หนังสือ", by=people["officer"])
    actions.confirm_document(imported=typed, agency=agencies[0], fiscal_year=YEAR, values=values, by=people["officer"])
    page = _read(client, people["officer"])
    framework = queries.framework_of(queries.find_recorded_result(agencies[0], YEAR).result_set)
    order = page[page.index('id="h-first"') :]
    assert "ไม่พบเรื่องที่ต้องแก้" not in order
    assert 0 < order.index(framework.nodes["2"].label.th) < order.index(framework.nodes["1"].label.th)


def test_what_fell_since_a_year_that_is_not_published_either_is_a_finding(people, agencies, running_round):
    """A plan is made of the change from the year before, whoever published it."""
    from prongsai.improvement.findings import FindingKind
    from prongsai.improvement.queries import findings_of

    results, kinds = [], []
    for year, score in ((YEAR, "90"), (YEAR - 1, "99")):
        typed = actions.begin_typed_result(agency=agencies[0], fiscal_year=year, source="หนังสือ", by=people["officer"])
        values = {"overall": score} | {str(n): score for n in range(1, 11)}
        confirmed = actions.confirm_document(
            imported=typed, agency=agencies[0], fiscal_year=year, values=values, comments={}, by=people["officer"]
        )
        results.append(confirmed.results.get())
        kinds.append({finding.kind for finding in findings_of(results[0])})
    assert kinds[1] - kinds[0] == {FindingKind.DECLINE}


def _confirm(agency, people, **values):
    typed = actions.begin_typed_result(agency=agency, fiscal_year=YEAR, source="หนังสือ", by=people["officer"])
    last = queries.latest_import_of(agency, YEAR)
    return actions.confirm_document(
        imported=typed,
        agency=agency,
        fiscal_year=YEAR,
        values=values,
        replaces=last.pk if last else None,
        by=people["officer"],
    )


def test_a_combined_eit_that_was_typed_stands_among_the_instruments(client, people, agencies, running_round):
    _confirm(agencies[0], people, overall="86.00", IIT="90", EIT="80.5", OIT="85.00")
    page = _read(client, people["officer"])
    table = page[page.index("คะแนนตามเครื่องมือ") :]
    assert "80.50" in table
    assert [name for name in ("IIT", "EIT", "OIT") if f"{name} <br>" in table] == ["IIT", "EIT", "OIT"]
    assert "EIT1 <br>" not in table


def test_scores_stand_as_the_year_prints_them_however_they_were_typed(client, people, agencies, running_round):
    _confirm(agencies[0], people, overall="80", **{"1": "80", "2": "80.5", "3": "80.50"})
    page = _read(client, people["officer"])
    assert '<div class="total">80.00</div>' in page
    for wrong in ("80", "80.5"):
        assert f">{wrong}<" not in page
    assert ">80.00<" in page
    assert ">80.50<" in page
    assert '<td class="num">80.00</td>' in markup(client.get(reverse("agency_desk", args=["A1"])))


def test_a_level_that_nobody_announced_is_said_to_be_computed(client, people, agencies, running_round):
    scores = {"overall": "90.00", "IIT": "90.00", "EIT1": "90.00", "EIT2": "90.00", "OIT": "90.00"}
    _confirm(agencies[0], people, **scores)
    framework = queries.framework_of(queries.latest_import_of(agencies[0], YEAR))
    assert "คำนวณจากคะแนน" in _read(client, people["officer"])
    level = framework.rules.bands[1].id
    _confirm(agencies[0], people, **scores, level=level)
    page = _read(client, people["officer"])
    assert "คำนวณจากคะแนน" not in page
    assert level in page


def test_of_two_confirmed_results_the_desk_says_which_counts(client, people, agencies, running_round):
    _confirm(agencies[0], people, overall="80.00")
    client.force_login(people["officer"])
    address = reverse("agency_desk", args=["A1"])
    assert "ใช้แทนแล้ว" not in markup(client.get(address))
    _confirm(agencies[0], people, overall="81.00")
    page = markup(client.get(address))
    assert page.count(">ใช้อยู่<") == 1
    assert page.count("มีผลอื่นของปีนี้ใช้แทนแล้ว") == 1
