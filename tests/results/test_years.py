"""Results of any year: with rules, without them, and of another year than somebody said."""

import datetime
import html
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from prongsai.documents import sources
from prongsai.documents.issuance import compose_document
from prongsai.improvement import actions as plans
from prongsai.intake import Row, find_fiscal_year
from prongsai.lib import fiscal, thai
from prongsai.people.actions import DomainError
from prongsai.registry import queries as registry
from prongsai.results import actions, forms, queries
from prongsai.results.models import Import, PublishedResult, ResultSet
from prongsai.rulebooks.queries import find_framework
from tests.conftest import SAMPLES, sample_year
from tests.pages import markup

WITHOUT_RULES = 2572


@pytest.fixture
def november(monkeypatch):
    """Today is in fiscal year 2573, so that a result of 2572 is last year's and nobody has written its rules."""
    day = datetime.date(2029, 11, 27)
    monkeypatch.setattr(registry, "today", lambda: day)
    monkeypatch.setattr(forms, "today", lambda: day)
    monkeypatch.setattr(actions, "today", lambda: day)


def document(tmp_path, year, name="องค์การบริหารส่วนตำบลบ้านทดสอบ"):
    path = tmp_path / "result.txt"
    path.write_text(
        f"ผลการประเมินคุณธรรมและความโปร่งใส (ITA) ประจำปีงบประมาณ พ.ศ. {year}\n"
        f"หน่วยงาน {name}\n"
        "คะแนนรวม 91.25 คะแนน อยู่ในระดับ ผ่านดี\n"
        "ตัวชี้วัดที่ 1 การปฏิบัติหน้าที่ 95.00\n"
        "ตัวชี้วัดที่ 2 การใช้งบประมาณ 88.50\n",
        encoding="utf-8",
    )
    return path


def read(path, agency, user, fiscal_year=None):
    imported = actions.upload(
        path=path,
        file_name=path.name,
        shape="document",
        by=user,
        agency=agency,
        fiscal_year=fiscal_year,
        enqueue=False,
    )
    actions.read_import.call(imported.pk)
    imported.refresh_from_db()
    return imported


@pytest.mark.parametrize("year", [2569, 2570, 2571, WITHOUT_RULES])
def test_a_document_names_its_year_whether_or_not_there_are_rules(tmp_path, people, agencies, year):
    imported = read(document(tmp_path, year), agencies[0], people["officer"])
    assert imported.status == Import.Status.READY
    assert queries.import_years(imported) == [year]
    values = {x.node: x.value for x in queries.review_figures(imported, year) if x.value}
    assert values["overall"] == "91.25"
    assert values["level"] == "ผ่านดี"
    assert values["1"] == "95.00"


def test_rows_say_which_year_they_are_about():
    rows = [Row(("ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. ๒๕๗๒",), "บรรทัด 1"), Row(("คะแนนรวม 80.00",), "บรรทัด 2")]
    named = find_fiscal_year(rows)
    assert (named.year, named.place, named.sure) == (WITHOUT_RULES, "บรรทัด 1", True)
    assert find_fiscal_year(rows[1:]) is None


@pytest.mark.parametrize(
    ("line", "sure"),
    [
        ("ปีงบประมาณ พ.ศ. 2569", True),  # the only year that is named
        ("แผนปฏิบัติการปี 2570", False),
        ("ข้อมูลปี 2570 เทียบกับปี 2566", False),
    ],
)
def test_a_year_of_a_plan_or_in_passing_is_not_sure(line, sure):
    assert find_fiscal_year([Row((line,), "บรรทัด 1"), Row(("คะแนนรวม 80.00",), "บรรทัด 2")]).sure is sure


def test_a_form_is_believed_where_the_file_is_not_clear(tmp_path, people, agencies):
    path = tmp_path / "result.txt"
    path.write_text("เทศบาลตำบลทดสอบ\nคะแนนรวม 91.25 คะแนน\nแผนปฏิบัติการปี 2570\n", encoding="utf-8")
    imported = read(path, agencies[0], people["officer"], fiscal_year=2568)
    assert imported.status == Import.Status.READY, imported.problem
    assert queries.import_years(imported) == [2568]


def test_a_form_that_says_another_year_than_the_file_stops_the_import(tmp_path, people, agencies):
    imported = read(document(tmp_path, 2569), agencies[0], people["officer"], fiscal_year=2568)
    assert imported.status == Import.Status.FAILED
    assert "เอกสารนี้เป็นผลปี 2569 (บรรทัด 1) แต่ในแบบเลือกปี 2568" in imported.problem
    assert not ResultSet.objects.exists()
    assert read(document(tmp_path, 2569), agencies[0], people["officer"], fiscal_year=2569).status == "ready"


def test_a_document_of_two_years_is_read_for_either(people, agencies):
    """The sample compares its year with the one before."""
    path = SAMPLES / "bangpla-2568.txt"
    imported = read(path, agencies[0], people["officer"], fiscal_year=2567)
    assert imported.status == Import.Status.READY
    assert set(queries.import_years(imported)) >= {2568, 2567}
    both = read(path, agencies[0], people["officer"])
    assert imported.reading["figures"] == both.reading["figures"]  # no figure was moved to the other year


def test_a_table_of_another_year_is_refused(tmp_path, people, agencies):
    path = tmp_path / "nation.csv"
    path.write_text("ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2569\nรหัส,คะแนนรวม\nA1,90.00\n", encoding="utf-8")
    imported = actions.upload(
        path=path, file_name=path.name, shape="nation", by=people["office"], fiscal_year=2568, enqueue=False
    )
    actions.read_import.call(imported.pk)
    imported.refresh_from_db()
    assert imported.status == Import.Status.FAILED
    assert "ตารางนี้เป็นผลปี 2569" in imported.problem
    assert "แต่ในแบบเลือกปี 2568" in imported.problem


def test_a_result_of_a_year_without_rules_is_recorded_as_printed(tmp_path, client, people, agencies, november):
    own = agencies[0]
    imported = read(document(tmp_path, WITHOUT_RULES), own, people["officer"])
    figures = queries.review_figures(imported, WITHOUT_RULES)
    assert all(x.check is None for x in figures)  # nothing is audited by rules that nobody has written
    values = {x.node: x.value for x in figures if x.value} | {"level": "ดีมาก"}
    result_set = actions.confirm_document(
        imported=imported, agency=own, fiscal_year=WITHOUT_RULES, values=values, by=people["office"]
    )
    assert result_set.framework_digest == ""
    assert queries.is_as_printed(result_set)
    (row,) = result_set.results.all()
    assert (row.overall, row.level, row.passed) == (Decimal("91.25"), "ดีมาก", None)
    actions.publish(result_set=result_set, by=people["office"])
    assert PublishedResult.objects.get(fiscal_year=WITHOUT_RULES).level == "ดีมาก"
    for address in (
        f"/agency/A1/{WITHOUT_RULES}/",
        f"/nation/{WITHOUT_RULES}/",
        f"/rankings/?year={WITHOUT_RULES}",
        f"/compare/?year={WITHOUT_RULES}&agency=A1",
        f"/data/{WITHOUT_RULES}.csv",
        "/data/datapackage.json",
        "/api/rounds",
        f"/api/rounds/{WITHOUT_RULES}/results",
        f"/agency/A1/{WITHOUT_RULES}/receipt.json",
    ):
        assert client.get(address).status_code == 200, address
    assert "ดีมาก" in markup(client.get(f"/agency/A1/{WITHOUT_RULES}/"))
    assert client.get("/api/rounds").json()[0]["state"] == "none"


def test_a_plan_and_papers_come_from_a_result_as_printed(tmp_path, people, agencies, running_round, november):
    own = agencies[0]
    imported = read(document(tmp_path, WITHOUT_RULES), own, people["officer"])
    values = {x.node: x.value for x in queries.review_figures(imported, WITHOUT_RULES) if x.value}
    actions.confirm_document(
        imported=imported, agency=own, fiscal_year=WITHOUT_RULES, values=values, by=people["officer"]
    )
    plan = plans.start_plan(agency=own, result_year=WITHOUT_RULES, by=people["officer"])
    assert plan.fiscal_year == WITHOUT_RULES + 1
    summary = compose_document("summary", sources.collect_data(own, WITHOUT_RULES, "summary"))
    assert summary.sections


def test_a_result_of_2569_is_typed_and_a_plan_for_2570_comes_from_it(client, people, agencies, running_round):
    """The officer's desk in November 2569: the letter with the result has come, and there is no file."""
    client.force_login(people["officer"])
    response = client.post("/desk/agency/A1/type/", {"fiscal_year": 2569, "source": "หนังสือแจ้งผลการประเมิน"})
    page = client.get(response["Location"])
    names = {x.node for x in page.context["figures"]}
    assert {"overall", "level", "IIT", "OIT", "1", "10"} <= names
    typed = {"v:overall": "84.50", "v:level": "ต้องปรับปรุง", "v:1": "80.00", "v:2": "75.25", "year": 2569}
    response = client.post(response["Location"], typed | {"confirm": "1"})
    assert response["Location"] == "/desk/agency/A1/", markup(response)
    result_set = ResultSet.objects.get()
    assert result_set.results.get().shown == {"overall": "84.50", "1": "80.00", "2": "75.25"}
    assert result_set.inputs["files"][0]["name"] == "หนังสือแจ้งผลการประเมิน"
    plan = plans.start_plan(agency=agencies[0], result_year=2569, by=people["officer"])
    assert plan.fiscal_year == 2570
    assert {i for m in plan.measures.all() for i in m.indicators} >= {"1", "2"}


def test_wrong_figures_typed_are_not_lost(client, people, agencies, running_round):
    client.force_login(people["officer"])
    assert client.post("/desk/agency/A1/type/", {"fiscal_year": 2569, "source": ""}).status_code == 400
    address = client.post("/desk/agency/A1/type/", {"fiscal_year": 2569, "source": "x"})["Location"]
    response = client.post(address, {"v:overall": "845", "v:1": "80.00", "year": 2569, "confirm": "1"})
    assert response.status_code == 409
    page = markup(response)
    assert 'value="845"' in page
    assert 'value="80.00"' in page
    assert not ResultSet.objects.exists()


def test_a_year_still_to_come_has_no_result(tmp_path, client, people, agencies, running_round):
    year = fiscal.year_of(registry.today()) + 1
    imported = read(document(tmp_path, year), agencies[0], people["officer"])
    with pytest.raises(DomainError, match="ยังมาไม่ถึง"):
        actions.confirm_document(
            imported=imported, agency=agencies[0], fiscal_year=year, values={"overall": "90.00"}, by=people["officer"]
        )
    client.force_login(people["officer"])
    assert client.post("/desk/agency/A1/type/", {"fiscal_year": year, "source": "x"}).status_code == 400
    assert not ResultSet.objects.exists()


@pytest.fixture
def typed_address(client, people, agencies, running_round):
    client.force_login(people["officer"])
    sent = {"fiscal_year": sample_year(), "source": "หนังสือแจ้งผล"}
    return client.post("/desk/agency/A1/type/", sent)["Location"]


def typed_indicators(score="๘๐.๐๐"):
    framework = find_framework("ita", sample_year())
    return {f"v:{i.id}": score for i in framework.rules.indicators} | {"year": sample_year()}


def test_a_typed_result_adds_up_while_it_is_typed(client, typed_address):
    live = client.post(typed_address, typed_indicators() | {"check": "1", "live": "1"}, headers={"HX-Request": "true"})
    page = markup(live)
    assert "<input" not in page  # the fields stay as they are
    assert 'hx-swap-oob="true"' in page
    assert page.count("คำนวณได้ 80.00") >= 3
    level = next(x for x in live.context["figures"] if x.node == "level")
    assert level.computed in find_framework("ita", sample_year()).bands
    assert not ResultSet.objects.exists()


def test_a_contradiction_is_shown_while_typing(client, typed_address):
    sent = typed_indicators() | {"v:overall": "๙๕.๐๐", "check": "1", "live": "1"}
    assert "ขัดกัน" in markup(client.post(typed_address, sent, headers={"HX-Request": "true"}))


@pytest.mark.parametrize("typed", ["abc", "82,50"])
def test_where_a_cell_cannot_be_read_nothing_is_said_to_agree(client, typed_address, typed):
    sent = typed_indicators() | {"v:4": typed}
    name = find_framework("ita", sample_year()).nodes["4"].label.th
    for buttons, headers in (({"check": "1", "live": "1"}, {"HX-Request": "true"}), ({"confirm": "1"}, {})):
        page = markup(client.post(typed_address, sent | buttons, headers=headers))
        assert "1 ช่องอ่านไม่ได้" in page
        assert "ไม่มีตัวเลขใดขัดกัน" not in page
        assert f"ตัวชี้วัดที่ 4 {name}" in page
    assert f"ตัวชี้วัดที่ 4 {name}: “{typed}” ไม่ใช่คะแนน" in page
    assert "ไม่มีตัวเลขใดขัดกัน" in markup(client.post(typed_address, typed_indicators() | {"check": "1"}))


def test_a_total_that_the_mean_of_two_parts_does_not_give_is_compared_and_nobody_accused(client, typed_address):
    sent = {"v:IIT": "90.00", "v:EIT": "90.00", "v:OIT": "90.00", "year": sample_year(), "check": "1"}
    page = markup(client.post(typed_address, sent | {"v:overall": "๙๑.๐๐"}))
    assert "1 ตัวเลขไม่ตรงกับที่คำนวณจากตัวเลขอื่น" in page
    assert "≠ คำนวณได้ 90.00" in page
    assert "ไม่มีตัวเลขใดขัดกัน" not in page
    assert "✗ ขัดกัน" not in page
    page = markup(client.post(typed_address, sent | {"v:overall": "90.00"}))
    assert "ไม่มีตัวเลขใดขัดกัน" in page
    assert "ไม่ตรงกับที่คำนวณ" not in page


def test_figures_that_cannot_all_be_right_are_named_though_nobody_is_accused(client, typed_address):
    """Whichever of the items or their mean is wrong."""
    sent = {"v:1": "95.00", "v:i1": "90", "v:i2": "80", "v:i3": "70.5", "year": 2567, "check": "1"}
    page = markup(client.post(typed_address, sent))
    assert "ตัวเลขถูกพร้อมกันทุกตัวไม่ได้" in page
    assert "ไม่มีตัวเลขใดขัดกัน" not in page
    assert "✗ ขัดกัน" not in page


@pytest.mark.parametrize("year", [2566, 2568])
def test_one_wrong_total_is_said_at_the_total_alone(client, typed_address, year):
    """Not at the indicators that it follows from, which nothing accuses; nor that they have nothing to follow from."""
    sent = {f"v:{n}": f"{80 + n}.00" for n in range(1, 11)} | {"v:overall": "70.00", "year": year, "check": "1"}
    answer = client.post(typed_address, sent)
    named = {x.node for name in ("contradicted", "computed_otherwise", "in_conflict") for x in answer.context[name]}
    assert named == {"overall"}
    page = markup(answer)
    assert "86.80" in page
    assert "ไม่ได้พิมพ์" not in page
    assert "ยังตรวจด้วยการคำนวณไม่ได้" not in page
    assert page.count("ช่องผลตรวจว่างไว้") == 1


def test_an_empty_form_says_nothing_about_agreement(client, typed_address):
    assert "ไม่มีตัวเลขใดขัดกัน" not in markup(client.get(typed_address))


def test_without_javascript_the_computed_scores_are_filled_in(client, typed_address):
    page = client.post(typed_address, typed_indicators() | {"fill": "1"})
    values = {x.node: x.value for x in page.context["figures"]}
    assert values["overall"] == "80.00"
    assert values["level"]
    assert 'name="v:overall" value="80.00"' in markup(page)
    assert not ResultSet.objects.exists()
    stored = client.post(
        typed_address, {f"v:{n}": v for n, v in values.items()} | {"year": sample_year(), "confirm": "1"}
    )
    assert stored.status_code == 302
    result = ResultSet.objects.get().results.get()
    assert (result.shown["overall"], result.level) == ("80.00", values["level"])


@pytest.mark.parametrize("only", [{"v:overall": "๙๐.๑๒"}, {"v:O1": "100", "v:i1": "๙๐.๐๐"}])
def test_totals_only_and_item_scores_are_results_too(client, typed_address, only):
    page = client.get(typed_address)
    assert {x.node for x in page.context["details"]} >= {"O1", "i1"}
    assert not any(x.is_detail for x in page.context["figures"])
    assert client.post(typed_address, only | {"year": sample_year(), "confirm": "1"}).status_code == 302
    shown = ResultSet.objects.get().results.get().shown
    assert shown == {n[2:]: thai.arabic(v) for n, v in only.items()}


def test_a_level_is_computed_only_where_the_rules_leave_one(db):
    framework = find_framework("ita", sample_year())
    best = framework.rules.bands[0]
    assert best.every_instrument_at_least
    assert "level" not in queries.compute_missing(framework, {"overall": "99.00"})  # depends on the instruments
    assert queries.compute_missing(framework, {"overall": "60.00"})["level"]
    assert queries.compute_missing(framework, {}) == {}


def test_a_scan_that_cannot_be_read_can_be_typed(client, people, agencies, running_round, tmp_path):
    scan = tmp_path / "scan.txt"
    scan.write_text("", encoding="utf-8")
    imported = actions.upload(
        path=scan,
        file_name="ภาพสแกน.txt",
        shape="document",
        by=people["officer"],
        agency=agencies[0],
        enqueue=False,
        fiscal_year=sample_year(),
    )
    actions.read_import.call(imported.pk)
    client.force_login(people["officer"])
    page = client.get(reverse("import_document", args=["A1", imported.pk])).content.decode()
    address = html.unescape(re.search(r'href="([^"]*/type/[^"]*)"', page)[1])
    form = client.get(address).content.decode()
    assert 'value="ภาพสแกน.txt"' in form
    assert f'<option value="{sample_year()}" selected' in form


def test_a_level_that_contradicts_the_total_is_seen_before_it_is_stored(client, people, agencies, running_round):
    client.force_login(people["officer"])
    address = client.post("/desk/agency/A1/type/", {"fiscal_year": 2569, "source": "หนังสือแจ้งผล"})["Location"]
    typed = {"v:overall": "84.50", "v:level": "ผ่านดี", "year": 2569, "confirm": "1"}
    refused = client.post(address, typed)
    assert refused.status_code == 409
    page = markup(refused)
    assert "ขัดกับตัวเลขอื่น" in page
    assert 'value="84.50"' in page
    assert not ResultSet.objects.exists()
    seen = [x.node for x in refused.context["contradicted"]]
    assert seen
    assert all(f'name="seen" value="{node}"' in page for node in seen)
    assert client.post(address, typed | {"seen": seen}).status_code == 302  # as it was announced
    assert ResultSet.objects.get().results.get().level == "ผ่านดี"


def test_who_waits_for_a_document_learns_that_it_goes_on_by_itself(tmp_path, client, people, agencies, running_round):
    def send():
        path = document(tmp_path, fiscal.year_of(registry.today()) - 1)
        return actions.upload(
            path=path, file_name="ผล.txt", shape=Import.Shape.DOCUMENT, by=people["officer"], agency=agencies[0]
        )

    imported = send()
    client.force_login(people["officer"])
    address = reverse("import_document", args=["A1", imported.pk])
    page = markup(client.get(address))
    assert "แม้ปิดหน้านี้" in page
    assert "นานกว่าปกติ" not in page
    assert '<a href="/desk/agency/A1/">กลับไปโต๊ะของหน่วยงาน' in page
    assert "ระบบกำลังอ่านเอกสารที่ส่งมา" in markup(client.get("/desk/agency/A1/"))
    Import.objects.update(created_at=timezone.now() - datetime.timedelta(minutes=1))
    slow = markup(client.get(address))
    assert "นานกว่าปกติ แต่งานยังเดินต่อเอง" in slow
    assert "พิมพ์ผลเอง" in slow
    actions.read_import.call(imported.pk)
    assert f'href="{address}">ตรวจตัวเลขและยืนยัน' in markup(client.get("/desk/agency/A1/"))
    Import.objects.update(status=Import.Status.FAILED)
    assert "เอกสารล่าสุดอ่านไม่ได้" in markup(client.get("/desk/agency/A1/"))
    send()
    assert "เอกสารล่าสุดอ่านไม่ได้" not in markup(client.get("/desk/agency/A1/"))
