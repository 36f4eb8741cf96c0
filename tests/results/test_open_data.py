"""The files of open data are what their descriptions say, by validators that others wrote."""

import csv
import dataclasses
import gzip
import hashlib
import io
import json
from urllib.parse import urlsplit

import frictionless
import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse
from openapi_spec_validator import OpenAPIV31SpecValidator

from prongsai import framework
from prongsai.lib import spreadsheets
from prongsai.machines import files
from prongsai.registry.models import Agency
from prongsai.registry.place_names import place_codes
from prongsai.registry.provinces import PLACES_EN, REGIONS
from prongsai.results import actions, queries
from prongsai.results.models import PublishedResult
from prongsai.web import data_tables, ranked_files, render_ahead
from prongsai.web.data_tables import FORMATS, VALUES
from prongsai.web.views import open_data


@pytest.fixture
def both(people, nation, parcels, settings, tmp_path):
    """A year in which seven real agencies are published and five fictional ones."""
    settings.MEDIA_ROOT = tmp_path / "media"
    made = actions.compute_round(assessment_round=nation, folder=parcels, by=people["office"])
    Agency.objects.filter(code__lt="N05").update(fictional=True)
    Agency.objects.filter(code="N05").update(name_en="Unit Five", district="แม่สอด")
    Agency.objects.filter(code="N06").update(name_th="องค์การบริหารส่วนตำบลแม่ปะ")
    actions.publish(result_set=made, by=people["office"])
    return nation


def content_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def scores_of(client, year, *, fictional=False):
    address = reverse("download", args=[year, "scores.csv.gz"]) + "?fictional=1" * fictional
    return list(csv.DictReader(io.StringIO(gzip.decompress(content_of(client, address)).decode())))


def save(client, folder):
    """The package and its files in a folder, their addresses as names of files; the descriptor."""
    render_ahead.write_files()
    package = client.get(reverse("datapackage")).json()
    for number, resource in enumerate(package["resources"]):
        parts = urlsplit(resource["path"])
        content = content_of(client, f"{parts.path}?{parts.query}" if parts.query else parts.path)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        resource["path"] = f"{number}-{parts.path.rpartition('/')[2]}"
        (folder / resource["path"]).write_bytes(content)
    return package


def find_faults(folder, package):
    """What frictionless says of the package; not of Parquet, whose whole numbers become others where it reads them."""
    tables = [resource for resource in package["resources"] if resource["format"] != "parquet"]
    (folder / "datapackage.json").write_text(json.dumps(package | {"resources": tables}), encoding="utf-8")
    report = frictionless.Package(folder / "datapackage.json").validate()
    assert len(report.tasks) == len(tables)
    return [(task.place, error.type, error.note) for task in report.tasks for error in task.errors] + report.errors


def test_every_file_is_what_the_package_says(client, both, tmp_path):
    package = save(client, tmp_path)
    assert len(package["resources"]) == 2 * len(FORMATS) + 2
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    for described in (package, *package["resources"]):
        assert described["title"]
        assert described["description"]
    fields = [f for r in package["resources"] for f in r.get("schema", {"fields": []})["fields"]]
    assert all(field["title"] for field in fields)
    assert find_faults(tmp_path, package) == []


@pytest.mark.parametrize(
    ("form", "right", "wrong"),
    [
        ("scores.csv.gz", ",published,", ",perhaps,"),  # a value that there is not
        ("scores.csv.gz", "N05,", "N06,"),  # a row twice
        ("csv", ",ตาก,", ",ตาก,ตาก,"),  # a column too many
        ("csv", "2568", "หก"),  # no number
    ],
)
def test_the_validator_finds_a_table_that_is_not_so(client, both, tmp_path, form, right, wrong):
    package = save(client, tmp_path)
    path = next(tmp_path / r["path"] for r in package["resources"] if r["path"].endswith(f".{form}"))
    content = path.read_bytes()
    text = (gzip.decompress(content) if form.endswith(".gz") else content).decode()
    assert right in text
    changed = text.replace(right, wrong).encode()
    path.write_bytes(gzip.compress(changed) if form.endswith(".gz") else changed)
    assert find_faults(tmp_path, package)


def test_a_row_for_each_score_says_what_is_known_of_it(client, both):
    year = both.fiscal_year
    rows = scores_of(client, year)
    rules = queries.framework_of_year("ita", year)
    shown = {r.agency.code: r.result.shown for r in PublishedResult.objects.filter(agency__fictional=False)}
    assert {row["agency"] for row in rows} == shown.keys() == {f"N{k:02}" for k in range(5, 12)}
    assert {(row["agency"], row["node"]): row["score"] for row in rows if row["score"]} == {
        (code, node): score for code, scores in shown.items() for node, score in scores.items()
    }
    by_node = {row["node"]: row for row in rows if row["agency"] == "N05"}
    assert by_node.keys() >= {n.id for n in rules.nodes.values() if n.kind != "item"} - {
        n.id for n in rules.nodes.values() if n.kind in ("part_indicator", "sub_indicator")
    }
    assert by_node["overall"]["level"]
    assert {row["level"] for node, row in by_node.items() if node != "overall"} == {""}
    questions = [row for row in rows if rules.nodes[row["node"]].item is not None and row["node"][0] in "ie"]
    assert {row["status"] for row in questions} <= {"approximate", "withheld"}
    assert by_node["overall"]["status"] == "published"
    assert {(bool(row["score"]), row["status"] in ("published", "approximate")) for row in rows} <= {
        (True, True),
        (False, False),
    }
    basis = PublishedResult.objects.get(agency__code="N05").result.basis
    for instrument in rules.rules.instruments:
        row = by_node[instrument.id]
        if instrument.kind == "survey":
            assert int(row["n_least"]) <= basis["n"][instrument.id] <= int(row["n_most"])
            assert int(row["n_least"]) < int(row["n_most"])  # of answers that are secret
        else:
            assert row["n_least"] == row["n_most"] == ""
    assert {row["rules_digest"] for row in rows} == {rules.digest}


def test_what_few_answered_is_withheld_and_not_missing():
    node = framework.load("ita", framework.available()[-1][1]).nodes["overall"]
    assert data_tables._find_status(node, {}, [], {"overall"}) == "withheld"
    assert data_tables._find_status(node, {}, [], set()) == "missing"
    assert data_tables._find_status(node, {"overall": "80.00"}, [], {"overall"}) == "published"


def test_places_and_english_names_have_codes(client, both):
    year = both.fiscal_year
    row = {row["agency"]: row for row in scores_of(client, year)}
    assert {r["province_code"] for r in row.values()} == {"63"}
    assert {r["province_iso"] for r in row.values()} == {"TH-63"}
    assert (row["N05"]["district_code"], row["N06"]["district_code"]) == ("6306", "")
    assert (row["N05"]["name_en"], row["N05"]["name_en_source"]) == ("Unit Five", "official")
    assert row["N06"]["name_en_source"] == "romanised"
    assert "Mae Pa" in row["N06"]["name_en"]
    assert (row["N07"]["name_en"], row["N07"]["name_en_source"]) == ("", "")


def test_every_province_has_a_code_of_its_own():
    provinces = [name for names in REGIONS.values() for name in names.split()]
    codes = [place_codes()[province, ""] for province in provinces]
    assert len(set(codes)) == len(codes) == 77
    assert all(len(code) == 2 and code.isdecimal() for code in codes)
    assert set(provinces) <= PLACES_EN.keys()
    assert all(code.startswith(place_codes()[province, ""]) for (province, _), code in place_codes().items())


def test_fiction_is_in_files_of_its_own(client, both):
    year = both.fiscal_year
    assert {row["agency"] for row in scores_of(client, year, fictional=True)} == {f"N{k:02}" for k in range(5)}
    assert {row["fictional"] for row in scores_of(client, year)} == {"False"}


def test_the_formats_have_the_same_rows(client, both):
    year = both.fiscal_year
    table = pq.read_table(io.BytesIO(content_of(client, reverse("download", args=[year, "scores.parquet"]))))
    rows = scores_of(client, year)
    texts = [{k: "" if v is None else str(v) for k, v in row.items()} for row in table.to_pylist()]
    for row in [*rows, *texts]:
        row["score"] = row["score"] and str(float(row["score"]))
    assert rows == texts


def test_the_same_data_are_the_same_bytes(client, both, settings, tmp_path):
    address = reverse("download", args=[both.fiscal_year, "scores.csv.gz"])
    before = content_of(client, address)
    assert before[4:8] == bytes(4)  # no time
    settings.MEDIA_ROOT = tmp_path / "another machine"
    assert content_of(client, address) == before


def test_nobody_waits_for_a_nations_scores_inside_a_request(client, both, settings, monkeypatch):
    settings.JOBS_BY_WORKERS = True
    monkeypatch.setattr(ranked_files, "MOST_INLINE", 60)
    address = reverse("download", args=[both.fiscal_year, "scores.csv.gz"])
    assert client.get(address).status_code == 202
    assert client.get(reverse("download", args=[both.fiscal_year, "xlsx"])).status_code == 200
    render_ahead.write_files()
    assert client.get(address).status_code == 200
    assert [name for name in files.list_names("downloads") if name.endswith(".scores.csv.gz")]


def test_a_package_is_stored_once_all_files_have_digests_and_until_an_agency_changes(
    client, both, people, settings, tmp_path
):
    from prongsai.registry.actions import update_agency
    from prongsai.registry.queries import today

    settings.PAGES_BYTES, settings.DATA, settings.PAGES_MAX_AGE = 2**24, tmp_path, 0

    def read():
        return client.get(reverse("datapackage")).json()["resources"]

    assert not all("hash" in resource for resource in read())
    render_ahead.write_files()
    before = read()
    assert all("hash" in resource for resource in before)
    (tmp_path / "media").rename(tmp_path / "away")
    assert read() == before  # as it was stored
    agency = Agency.objects.get(code="N05")
    update_agency(agency=agency, values={"name_en": "Another Name"}, on=today(), by=people["office"])
    assert {resource["version"] for resource in read() if "version" in resource}.isdisjoint(
        resource.get("version") for resource in before
    )


def test_the_codebook_has_every_column_and_value(client, both):
    rows = list(csv.DictReader(io.StringIO(content_of(client, "/data/codebook.csv").decode("utf-8-sig"))))
    explained = {(row["table"], row["column"]) for row in rows}
    assert explained >= {("scores", name) for name in scores_of(client, both.fiscal_year)[0]}
    for name, values in VALUES.items():
        assert {row["value"] for row in rows if row["column"] == name} >= {value or "-" for value in values}
    assert all(row["title_th"] and row["about_en"] for row in rows)
    nodes = list(csv.DictReader(io.StringIO(content_of(client, "/data/nodes.csv").decode("utf-8-sig"))))
    rules = queries.framework_of_year("ita", both.fiscal_year)
    assert [row["node"] for row in nodes if int(row["fiscal_year"]) == both.fiscal_year] == list(rules.nodes)
    overall = next(row for row in nodes if row["node"] == "overall")
    assert dict(part.split("=") for part in overall["parts"].split()).keys() == rules.nodes["overall"].parts.keys()
    assert client.get("/data/nothing.csv").status_code == 404


def test_the_api_is_described_by_the_rules_of_openapi(client, db):
    described = client.get("/api/openapi.json").json()
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []
    del described["paths"]["/api/agencies"]["get"]["responses"]
    described["info"]["title"] = 5
    assert list(OpenAPIV31SpecValidator(described).iter_errors())


# --- for programs of other sites

SHARED = (
    "/api/agencies",
    "/api/nothing",
    "/data/{year}.csv",
    "/data/{year}.scores.parquet",
    "/data/datapackage.json",
    "/data/codebook.csv",
    "/rankings.csv",
    "/feed.xml",
    "/agency/N05/feed.xml",
    "/agency/N05/{year}/receipt.json",
    "/agency/N05/{year}/chart.svg",
    "/methodology/{year}/rules.json",
    "/en/data/codebook.csv",
)


@pytest.mark.parametrize("address", SHARED)
def test_pages_of_other_sites_may_read_it(client, both, address):
    address = address.format(year=both.fiscal_year)
    whole = client.get(address)
    body = b"".join(whole.streaming_content) if whole.streaming else whole.content
    assert whole["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in whole
    head = client.head(address)
    assert head.status_code == whole.status_code
    assert head["Content-Type"] == whole["Content-Type"]
    assert b"".join(head) == b""
    if "Content-Length" in head:
        assert int(head["Content-Length"]) == len(body)
    asked = client.options(address, headers={"access-control-request-method": "GET", "origin": "https://x.example"})
    assert asked.status_code == 204
    assert "If-None-Match" in asked["Access-Control-Allow-Headers"]
    assert {m.strip() for m in asked["Access-Control-Allow-Methods"].split(",")} == {"GET", "HEAD", "OPTIONS"}


REFUSED = (
    "/data/1999.csv",
    "/data/nothing.csv",
    "/data/x",
    "/rankings.txt",
    "/agency/none/feed.xml",
    "/en/a/none/api/rounds",
    "/api/",
    "/api/rounds/2499/indicators",
    f"/agency/{'N' * 60}/1999/receipt.json",
    "/agency/N05/nineteen/receipt.json",
    "/agency/N05/2568/earlier/7/receipt.json",
    "/agency/N05/1999/chart.svg",
    "/agency/N05/1999/chart.png",
    "/agency/N05/1999/oit.atom",
    "/methodology/1999/rules.json",
    "/feed.xml?topic=x",
)


API_HAS_NONE = "ไม่มีที่อยู่นี้ใน API ดู /api/openapi.json · The API has no such address: see /api/openapi.json"


def test_a_program_is_answered_as_programs_are_and_a_person_with_a_page(client, both):
    for address in REFUSED:
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), address
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Accept" in answer["Vary"]
        problem = answer.json()
        assert (problem["status"], problem["title"]) == (404, "ไม่พบ · Not found")
        assert problem["detail"] in ("ไม่มีข้อมูลที่เผยแพร่ตามที่ขอ · Nothing is published at this address", API_HAS_NONE)
        assert client.head(address)["Content-Type"] == "application/problem+json"
        if not address.startswith("/api/rounds"):  # which has no pages
            page = client.get(address, headers={"accept": "text/html,*/*;q=0.8"})
            assert page["Content-Type"] == "text/html; charset=utf-8"


def test_a_program_that_sends_something_is_told_that_it_may_only_read(both):
    """As servers ask who check where a form was sent from, and not as tests do, for whom that is switched off."""
    program = Client(enforce_csrf_checks=True)
    for address in (*SHARED, "/api/rounds", "/methodology/{year}/rules.json", "/data/"):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer = program.generic(method, address.format(year=both.fiscal_year))
            assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["detail"] == "อ่านได้อย่างเดียว · These addresses are only read"
            assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_program_that_asks_too_often_learns_when_to_ask_again(client, both, monkeypatch):
    for module in ("prongsai.people.rate_limits", "prongsai.web.api"):
        monkeypatch.setattr(f"{module}.is_limit_exceeded", lambda *_: True)
    for address in ("/rankings.csv", f"/api/rounds/{both.fiscal_year}/ranking", "/api/agencies?q=x"):
        answer = client.get(address)
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert answer.json()["title"].endswith("Too many requests")
        assert answer.json()["detail"].startswith("รอ")


def test_who_has_a_state_of_the_data_is_sent_none(client, both):
    """Also where a server on the way compressed the answer, which makes its tag a weak one."""
    for address in ("/api/agencies?unknown=1", f"/data/{both.fiscal_year}.csv"):
        etag = client.get(address)["ETag"]
        for having in (etag, f"W/{etag}", f'"other", W/{etag}', "*"):
            answer = client.get(address, headers={"If-None-Match": having})
            assert (answer.status_code, answer["ETag"]) == (304, etag)
        assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_no_cell_of_a_table_is_a_formula(client, both):
    for name in ("=1+1", "+x", "-x", "@x", "\tx", "＝1"):
        Agency.objects.filter(code="N05").update(name_th=name)
        found = [row for row in csv.reader(io.StringIO(content_of(client, "/rankings.csv").decode())) if "N05" in row]
        assert f"'{name}" in found[0]
    assert spreadsheets.escape_formula("\nx") == "'\nx"
    assert spreadsheets.escape_formula("-") == "-"


def test_no_cell_of_a_glossary_is_a_formula(client, both, monkeypatch):
    table = dataclasses.replace(open_data._GLOSSARIES["nodes"], rows=lambda _: iter([(2569, "=1+1")]))
    monkeypatch.setitem(open_data._GLOSSARIES, "nodes", table)
    assert "'=1+1" in client.get("/data/nodes.csv").content.decode()


@pytest.mark.parametrize("address", ["/", "/desk/", "/account/login/", "/agency/N05/", "/desk/results/", "/me/"])
def test_nothing_else_is_read_by_them(client, both, address):
    assert "Access-Control-Allow-Origin" not in client.get(address)


def test_stored_answers_are_shared_and_have_a_head_too(client, both, settings, tmp_path):
    settings.PAGES_BYTES, settings.DATA, settings.PAGES_MAX_AGE = 2**24, tmp_path, 0
    first = client.get("/api/agencies")
    for again in (client.get("/api/agencies"), client.head("/api/agencies")):
        assert again["Access-Control-Allow-Origin"] == "*"
        assert again["ETag"] == first["ETag"] != ""
        assert again["ETag"].startswith("W/")
