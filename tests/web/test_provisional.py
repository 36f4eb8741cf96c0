"""Rules that nobody has announced say so wherever they are used, and rules that are announced do not."""

import csv
import io

import openpyxl
import pyarrow.parquet as pq
import pytest

from prongsai.documents import sources
from prongsai.documents.content.blocks import list_texts
from prongsai.documents.issuance import compose_document, issue_document
from prongsai.documents.papers import KINDS, OF_REGISTER, WITHOUT_RESULT
from prongsai.framework import STATE_TH
from prongsai.registry.actions import create_round, enroll_agencies, set_round_status
from prongsai.results import queries as results
from prongsai.results.actions import publish
from prongsai.results.models import ResultSet
from tests.improvement.plans import approved_plan, result
from tests.pages import markup

NOTICE = "ฉบับชั่วคราว"
UNANNOUNCED, ANNOUNCED = 2569, 2568


@pytest.fixture
def year(request, people, agencies, running_round):
    """A year with a result and a plan of the first agency, and a running round."""
    fiscal_year = request.param
    for result_year in (fiscal_year - 1, fiscal_year):
        row = result(agencies[0], result_year, default=100, publish=False)
        publish(result_set=row.result_set, by=people["office"])
    approved_plan(agencies[0], people, year=fiscal_year + 1, public=True, follow=False)
    if fiscal_year != running_round.fiscal_year:
        round_of_year = create_round(fiscal_year=fiscal_year, by=people["office"])
        enroll_agencies(assessment_round=round_of_year, agencies=agencies, by=people["office"])
        set_round_status(assessment_round=round_of_year, status="running", by=people["office"])
    return fiscal_year


PAGES = (
    ("", "/methodology/{year}/"),
    ("", "/agency/A1/{year}/"),
    ("", "/rankings/?year={year}"),
    ("", "/nation/{year}/"),
    ("", "/compare/?agency=A1&year={year}"),
    ("", "/agency/A1/{before}/"),
    ("", "/search/?q=ทดสอบ"),
    ("", "/data/"),
    ("officer", "/desk/agency/A1/"),
    ("officer", "/desk/agency/A1/plan/"),
    ("officer", "/desk/agency/A1/import/"),
    ("office", "/desk/results/"),
    ("office", "/desk/rounds/{year}/"),
    ("office", "/desk/survey/{year}/"),
    ("office", "/desk/oit/{year}/"),
    ("officer", "/desk/agency/A1/survey/{year}/"),
    ("officer", "/desk/agency/A1/oit/{year}/"),
    ("officer", "/desk/agency/A1/papers/{year}/"),
    ("officer", "/desk/agency/A1/papers/{year}/summary/"),
    ("officer", "/desk/agency/A1/plan/{next}/"),
    ("", "/agency/A1/{next}/plan/"),
)


@pytest.mark.parametrize("year", [UNANNOUNCED], indirect=True)
@pytest.mark.parametrize(("role", "address"), PAGES)
def test_pages_of_provisional_rules_say_so(client, people, year, role, address):
    if role:
        client.force_login(people[role])
    response = client.get(address.format(year=year, next=year + 1, before=year - 1))
    assert response.status_code == 200
    assert NOTICE in markup(response)


@pytest.mark.parametrize("year", [ANNOUNCED], indirect=True)
@pytest.mark.parametrize(("role", "address"), [p for p in PAGES if "{year}" in p[1]])
def test_pages_of_announced_rules_do_not(client, people, year, role, address):
    if role:
        client.force_login(people[role])
    response = client.get(address.format(year=year, next=year + 1, before=year - 1))
    assert response.status_code == 200
    assert NOTICE not in markup(response)


@pytest.mark.parametrize("year", [UNANNOUNCED], indirect=True)
def test_every_paper_says_so_and_is_still_read_back(year, agencies):
    for kind in KINDS.keys() - OF_REGISTER:  # these say nothing of the rules
        data = sources.collect_data(agencies[0], year, kind)
        document = compose_document(kind, data)
        assert any(NOTICE in text for text in list_texts(document)), kind
        if kind not in WITHOUT_RESULT:
            assert issue_document(kind, data, read_whole_pdf=False).read_back.contradictions == ()


@pytest.mark.parametrize("year", [ANNOUNCED], indirect=True)
def test_papers_of_announced_rules_do_not(year, agencies):
    document = compose_document("summary", sources.collect_data(agencies[0], year, "summary"))
    assert not any(NOTICE in text for text in list_texts(document))


@pytest.mark.parametrize("year", [UNANNOUNCED], indirect=True)
def test_downloads_say_so(client, year):
    head, *rows = csv.reader(io.StringIO(client.get(f"/data/{year}.csv").getvalue().decode("utf-8-sig")))
    assert {row[head.index("rules")] for row in rows} == {"provisional"}
    titles, *cells = openpyxl.load_workbook(io.BytesIO(client.get(f"/data/{year}.xlsx").getvalue())).active.values
    assert {row[titles.index("สถานะของหลักเกณฑ์")] for row in cells} == {STATE_TH["provisional"]}
    parquet = pq.read_table(io.BytesIO(client.get(f"/data/{year}.parquet").getvalue()))
    assert set(parquet["rules"].to_pylist()) == {"provisional"}
    (round_of_year,) = [r for r in client.get("/api/rounds").json() if r["fiscal_year"] == year]
    assert round_of_year["state"] == "provisional"
    assert {r["rules"] for r in client.get(f"/api/rounds/{year}/results").json()["items"]} == {"provisional"}
    package = client.get("/data/datapackage.json").json()
    assert {r["rules"] for r in package["resources"] if f"-{year}-" in r["name"]} == {"provisional"}


@pytest.mark.parametrize("year", [UNANNOUNCED], indirect=True)
def test_a_result_set_and_the_plans_workbook_say_so(client, people, year):
    client.force_login(people["office"])
    for result_set in ResultSet.objects.filter(fiscal_year=year):
        assert NOTICE in markup(client.get(f"/desk/results/{result_set.pk}/"))
    client.force_login(people["officer"])
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/desk/agency/A1/plan/{year + 1}/plan.xlsx").content))
    assert any(NOTICE in str(cell) for row in book.active.values for cell in row if cell)


@pytest.mark.parametrize("year", [UNANNOUNCED], indirect=True)
def test_receipts_say_so(year, agencies):
    published = results.history(agencies[0])[0].result
    published.basis = {"figures": []}
    assert results.receipt(published)["framework"]["state"] == "provisional"
