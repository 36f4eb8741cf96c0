"""Fictional agencies of a demonstration are never ranked, counted, averaged, compared or handed out among real ones."""

import csv
import io
import json

import pytest
from django.urls import reverse

from prongsai.people.actions import DomainError
from prongsai.registry import actions as registry
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.results import actions, queries
from prongsai.results.models import PublishedResult
from prongsai.results.question import Question, rank_page

FICTIONAL = tuple(f"N{number:02}" for number in range(5))
REAL = tuple(f"N{number:02}" for number in range(5, 12))


@pytest.fixture
def both(people, nation, parcels):
    """A year in which seven real agencies are published and five fictional ones, which have the best totals of all."""
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    Agency.objects.filter(code__in=FICTIONAL).update(fictional=True)
    actions.publish(result_set=made, by=people["office"])
    PublishedResult.objects.filter(agency__fictional=True).update(overall=100)
    return nation


def codes_in(rows):
    return {row.agency.code for row in rows}


def test_a_perfect_fiction_takes_nobodys_rank(client, both):
    year = both.fiscal_year
    asked = Question(framework=queries.framework_of_year("ita", year))
    real = asked.ordered()
    assert codes_in(real) == set(REAL)
    assert rank_page(asked, 0, 50)[0].rank == 1
    best = real.first()
    place, among = queries.rank_among_peers(best)
    assert place == 1
    assert among == real.filter(agency__kind=best.agency.kind).count()
    fiction = PublishedResult.objects.get(agency__code=FICTIONAL[0])
    assert queries.rank_among_peers(fiction)[1] <= len(FICTIONAL)
    page = client.get(reverse("rankings"), {"year": year}).content.decode()
    assert not [code for code in FICTIONAL if reverse("agency_year", args=[code, year]) in page]
    apart = client.get(reverse("rankings"), {"year": year, "fictional": "1"}).content.decode()
    assert not [code for code in REAL if reverse("agency_year", args=[code, year]) in apart]
    assert "ทุกหน่วยงานและทุกคะแนนในหน้านี้แต่งขึ้น" in apart


def test_a_fiction_is_in_no_number_of_the_nation(client, both):
    overview = queries.overview("ita", both.fiscal_year)
    data, is_fiction = queries.choose_summary(overview)
    assert (data["agencies"], is_fiction) == (len(REAL), False)
    assert sum(data["levels"].values()) == len(REAL)
    assert sum(group["n"] for group in data["groups"]["kind"].values()) == data["scored"]
    data, is_fiction = queries.choose_summary(overview, fictional=True)
    assert (data["agencies"], is_fiction) == (len(FICTIONAL), True)
    page = client.get(reverse("nation_year", args=[both.fiscal_year]), {"fictional": "1"}).content.decode()
    assert "ทุกหน่วยงานและทุกคะแนนในหน้านี้แต่งขึ้น" in page
    year = next(y for y in client.get("/api/rounds").json() if y["fiscal_year"] == both.fiscal_year)
    assert (year["agencies"], year["fictional"]) == (len(REAL), len(FICTIONAL))


def test_a_year_of_fiction_alone_says_so_unasked(client, people, nation, parcels):
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    Agency.objects.update(fictional=True)
    actions.publish(result_set=made, by=people["office"])
    for address in (reverse("home"), reverse("rankings"), reverse("nation_year", args=[nation.fiscal_year])):
        assert "ทุกหน่วยงานและทุกคะแนนในหน้านี้แต่งขึ้น" in client.get(address).content.decode(), address
    assert client.get(f"/api/rounds/{nation.fiscal_year}/results").json()["items"] == []


def test_files_and_the_interface_keep_them_apart(client, both):
    year = both.fiscal_year

    def read(**query):
        body = b"".join(client.get(reverse("download", args=[year, "csv"]), query).streaming_content)
        return {row["agency"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))}

    assert read() == set(REAL)
    assert read(fictional="1") == set(FICTIONAL)
    assert read() == set(REAL)  # neither file is taken for the other
    items = client.get(f"/api/rounds/{year}/results").json()["items"]
    assert {item["agency"] for item in items} == set(REAL)
    items = client.get(f"/api/rounds/{year}/results?fictional=true").json()["items"]
    assert {item["agency"] for item in items} == set(FICTIONAL)
    assert all(item["fictional"] for item in items)
    assert all(item["fictional"] for item in client.get(f"/api/agencies/{FICTIONAL[0]}/results").json())
    resources = client.get(reverse("datapackage")).json()["resources"]
    assert {r["fictional"] for r in resources if str(year) in r["name"]} == {False, True}
    receipt = json.loads(client.get(reverse("receipt", args=[FICTIONAL[0], year])).content)
    assert receipt["agency"]["fictional"] is True


def test_a_comparison_leaves_the_other_kind_out(client, both):
    page = client.get(reverse("compare"), {"agency": [REAL[0], FICTIONAL[0]], "year": both.fiscal_year})
    assert [a.code for a in page.context["agencies"]] == [REAL[0]]
    assert "ไม่นำมาเทียบกัน" in page.content.decode()
    names = dict(Agency.objects.values_list("code", "name_th"))
    found = client.get(reverse("compare"), {"agency": REAL[0], "q": names[FICTIONAL[1]]})
    assert FICTIONAL[1] not in [agency.code for agency, _ in found.context["matches"]]


def test_the_name_of_a_fiction_says_so(people, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("รหัส,ชื่อ,ประเภท\nZ1,องค์การบริหารส่วนตำบลที่หลอกลวง,อบต.\nZ2,อบต.สมมุติ,อบต.\n", encoding="utf-8")
    listing = registry.upload_agency_list(path=path, file_name="list.csv", by=people["office"], fictional=True)
    assert [p["text"] for p in listing.problems] == ["ชื่อ “องค์การบริหารส่วนตำบลที่หลอกลวง” ของหน่วยงานสมมุติต้องมีคำว่า สมมุติ"]
    registry.confirm_agency_list(listing=listing, by=people["office"], on=today())
    fiction = Agency.objects.get(code="Z2")
    with pytest.raises(DomainError, match="สมมุติ"):
        registry.update_agency(agency=fiction, values={"name_th": "อบต.จริง"}, on=today(), by=people["office"])
    fiction.refresh_from_db()
    assert fiction.name_th == "อบต.สมมุติ"
