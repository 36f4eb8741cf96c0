"""The public site: what it shows, how it is protected, how much it asks of the database."""

import csv
import html
import io
import json
import re
import zipfile

import pyarrow.parquet as pq
import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils import translation
from lxml import html as markup_of
from python_calamine import CalamineWorkbook

from prongsai import framework as rules
from prongsai.registry.models import Agency
from prongsai.results import actions, queries
from tests.conftest import sample_year, upload
from tests.pages import markup


@pytest.fixture
def talingchan(people, db):
    """The published result of one Bangkok district, through the product's own import."""
    agency = Agency(
        assessment_id="ita", code="B1019", name_th="สำนักงานเขตตลิ่งชัน", kind="bangkok_district", province="กรุงเทพมหานคร"
    )
    agency.save()
    imported = upload(agency, people["office"], "talingchan-2564.xlsx")
    year = queries.import_years(imported)[0]
    values = {x.node: x.value for x in queries.review_figures(imported, year) if x.value}
    made = actions.confirm_document(
        imported=imported, agency=agency, fiscal_year=year, values=values, by=people["office"]
    )
    actions.publish(result_set=made, by=people["office"])
    return agency, year


def test_a_citizen_finds_taling_chan(client, talingchan):
    found = client.get(reverse("search"), {"q": "สนง.เขตตลิ่งชัน"}).content.decode()
    assert "65.96" in found
    agency, year = talingchan
    page = markup(client.get(reverse("agency", args=["B1019"]), follow=True))
    assert "65.96" in page
    assert '<span class="level big fair">C</span>' in page
    assert "จุดที่ต้องพัฒนา (8)" in page
    assert "8 จาก 10 ตัวชี้วัดต่ำกว่า 85" in page
    assert "ทำไมไม่ได้ระดับสูงกว่านี้" in page
    receipt = json.loads(client.get(reverse("receipt", args=[agency.code, year])).content)
    assert receipt["agency"]["name"] == agency.name_th


def test_search_as_you_type_gives_a_fragment(client, talingchan):
    whole = client.get(reverse("search"), {"q": "ตลิ่ง"}).content
    part = client.get(reverse("search"), {"q": "ตลิ่ง"}, headers={"HX-Request": "true"}).content
    assert b"<html" in whole
    assert b"<html" not in part
    assert b"B1019" in part


def test_both_languages(client, published):
    address = reverse("agency_year", args=["A1", sample_year()])
    assert "สิบตัวชี้วัด" in client.get(address, headers={"Accept-Language": "en"}).content.decode()
    page = client.get("/en" + address).content.decode()
    assert '<html lang="en">' in page
    assert "Ten indicators" in page
    assert 'href="/en/compare/' in page  # its links are English too
    assert f'href="{address}"' in page  # and one leads back


def test_an_agency_without_an_english_name_is_romanised_and_marked_so(client, published):
    Agency.objects.filter(code="A1").update(name_th="องค์การบริหารส่วนตำบลบางปลา", name_en="", province="สมุทรปราการ")
    address, roman = f"/agency/A1/{sample_year()}/", "Bang Pla Subdistrict Administrative Organization (RTGS)"
    assert f"<h1>{roman}</h1>" in (page := client.get("/en" + address).content.decode())
    assert "has given no English name" in page
    assert '<span lang="th">องค์การบริหารส่วนตำบลบางปลา</span>' in page
    assert roman not in client.get(address).content.decode()
    Agency.objects.filter(code="A1").update(name_en="Bang Pla SAO")
    page = client.get("/en" + address).content.decode()
    assert "<h1>Bang Pla SAO</h1>" in page
    assert "has given no English name" not in page
    Agency.objects.filter(code="A1").update(name_th="องค์การบริหารส่วนตำบลหาไม่พบในรายชื่อ", name_en="")
    assert (
        '<h1><bdi lang="th">องค์การบริหารส่วนตำบลหาไม่พบในรายชื่อ</bdi></h1>' in client.get("/en" + address).content.decode()
    )


def test_an_agency_page_tells_its_year_in_figures_that_it_shows(client, published):
    for prefix, start in (("", "ได้คะแนนรวม"), ("/en", "the total is")):
        page = markup_of.fromstring(client.get(f"{prefix}/agency/A1/{sample_year()}/").content.decode())
        sentences = [li.text_content() for li in page.xpath("//ul[@class='story']/li")]
        assert 5 <= len(sentences) <= 8
        assert start in sentences[0]
        for story in page.xpath("//ul[@class='story']"):
            story.getparent().remove(story)
        shown = page.text_content()
        for number in re.findall(r"\d+\.\d+", " ".join(sentences)):
            assert number in shown


def test_what_is_only_nearly_written_so_is_asked_about(client, published):
    Agency.objects.filter(code="A1").update(name_th="องค์การบริหารส่วนตำบลตลิ่งชัน")
    near = client.get("/search/", {"q": "ตลิ่งชัย"}, headers={"HX-Request": "true"}).content.decode()
    assert "ไม่มีชื่อที่เขียนว่า “ตลิ่งชัย”" in near
    assert 'hx-swap-oob="innerHTML"' in near  # the number found, for those who hear the page
    assert "ที่ชื่อใกล้เคียง" in near
    exact = client.get("/search/", {"q": "ตลิ่งชัน"}).content.decode()
    assert "ไม่มีชื่อที่เขียนว่า" not in exact
    assert "ตลิ่งชัน</a>" not in exact
    assert client.get("/compare/", {"q": "talingchan"}).content.decode().count("?agency=A1") == 1
    assert "No agency found" in client.get("/en/search/", {"q": "zzzzqq"}).content.decode()


def test_whoever_is_signed_in_chooses_a_language_for_all_pages(client, published, people):
    client.force_login(people["officer"])
    assert '<html lang="th">' in client.get("/desk/").content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": "/desk/"})
    assert '<html lang="en">' in client.get("/desk/").content.decode()


def test_without_a_session_the_address_alone_decides(client, published):
    client.cookies["django_language"] = "en"
    assert '<html lang="th">' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/th/", "/"),
        ("/th", "/"),
        ("/th/nation/2568/?a=1", "/nation/2568/?a=1"),
        ("/en", "/en/"),
        ("/en?year=2568", "/en/?year=2568"),
        ("/th//evil.example/", "/%2Fevil.example/"),
        ("/th/\\evil.example/", "/%5Cevil.example/"),
    ],
)
def test_a_language_that_is_typed_before_an_address_leads_to_it(client, db, typed, meant):
    answer = client.get(typed)
    assert (answer.status_code, answer["Location"]) == (301, meant)
    assert client.post("/th/").status_code == 404
    assert client.get("/then/").status_code == client.get("/english").status_code == 404


def test_no_address_leads_to_another_host_by_its_language(client, db):
    page = client.get("/en//evil.example/").content.decode()
    assert 'href="//evil.example' not in page


def test_history_marks_where_rules_changed(client, published):
    page = client.get(reverse("agency_year", args=["A1", sample_year()])).content.decode()
    assert "คะแนนรวมย้อนหลัง" in page
    assert "เกณฑ์เปลี่ยน" in page  # disclosure items went from 35 to 28
    assert "96.04" in page
    assert "97.02" in page
    assert "−0.98" in page


def test_six_are_compared_and_each_can_be_removed(client, published):
    more = [Agency(assessment_id="ita", code=f"M{k}", name_th=f"ก {k}", kind="sao").fill_keys() for k in range(6)]
    Agency.objects.bulk_create(more)
    codes = ["A1", *(a.code for a in more)]
    page = markup_of.fromstring(client.get("/compare/", {"agency": codes, "year": sample_year()}).content.decode())
    columns = page.xpath("//thead//th//a[starts-with(@href, '/agency/')]")
    assert [a.get("href") for a in columns] == [f"/agency/{code}/" for code in codes[:6]]
    first = page.xpath("//thead//th//a[starts-with(@href, '?')]")[0]
    assert "A1" not in first.get("href")
    assert [first.get("href").count(code) for code in codes[1:6]] == [1] * 5
    assert f"year={sample_year()}" in first.get("href")
    again = client.get("/compare/" + first.get("href")).content.decode()
    assert "/agency/A1/" not in again
    assert "/agency/M4/" in again


def test_compare(client, published, talingchan):
    page = client.get(reverse("compare"), {"agency": ["A1", "B1019"], "year": sample_year()}).content.decode()
    assert "96.04" in page
    assert client.get(reverse("compare"), {"agency": "nobody", "q": "ตลิ่งชัน"}).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/agency/nobody/",
        "/agency/A1/2499/",
        "/nation/2499/",
        "/methodology/2499/",
        "/data/2499.csv",
        "/data/2568.exe",
        "/rankings/?kind=shop",
        "/rankings/?year=2499",
    ],
)
def test_what_is_not_there(client, published, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "ไม่พบ" in response.content.decode()


@pytest.mark.parametrize("name", ["home", "nation", "rankings", "compare", "downloads", "search"])
def test_an_empty_site_says_what_to_do(client, db, name):
    assert client.get(reverse(name)).status_code == 200


def test_the_home_page_has_the_map_and_each_province_leads_to_its_agencies(client, published, agencies):
    year = max(s.fiscal_year for s in published)
    page = html.unescape(client.get(reverse("home")).content.decode())
    (link,) = set(re.findall(r'<a href="(/rankings/\?[^"]*province=[^"]*)"', page))
    assert f"year={year}" in link
    assert agencies[0].name_th in client.get(link).content.decode()


def test_an_agencys_page_begins_with_its_result(client, published, agencies):
    page = client.get(reverse("agency", args=[agencies[0].code]), follow=True).content.decode()
    assert page.index('class="total"') < page.index('class="card folding')
    assert page.index('class="total"') < page.index('class="split"')


def test_methodology_is_drawn_from_the_rules(client, db):
    from prongsai import framework

    for _, year in framework.available():
        page = html.unescape(client.get(reverse("methodology_year", args=[int(year)])).content.decode())
        for node in framework.load(framework.NATIONAL, int(year)).nodes.values():
            if node.kind in ("item", "indicator", "instrument"):
                assert node.label.th in page
        assert "อนุมาน" in page


# --- protection


def test_headers(client, db):
    response = client.get(reverse("home"))
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    page = response.content.decode()
    assert "style=" not in page
    assert "onclick" not in page
    assert "https://" not in page.replace('href="https://', "")  # nothing is fetched from elsewhere


@pytest.mark.parametrize("address", ["/search/", "/api/agencies"])
def test_search_has_a_limit(client, db, settings, address):
    from django.core.cache import caches

    cache = caches["process"]

    cache.clear()
    answers = [client.get(address, {"q": "x"}).status_code for _ in range(241)]
    assert answers[239] == 200
    assert answers[240] == 429
    cache.clear()


def test_forms_need_their_token(people):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people["office"])
    response = strict.post(
        reverse("round_list"), {"fiscal_year": sample_year()}, headers={"referer": "http://testserver/desk/rounds/"}
    )
    assert response.status_code == 403
    assert "ยังไม่ได้บันทึก" in response.content.decode()
    assert 'href="http://testserver/desk/rounds/"' in response.content.decode()  # where what was typed still is
    response = strict.post(reverse("round_list"), {}, headers={"referer": "http://elsewhere.test/"})
    assert "elsewhere" not in response.content.decode()


def test_names_are_escaped(client, people, db):
    Agency(assessment_id="ita", code="X1", name_th="<script>alert(1)</script>", kind="sao").save()
    assert "<script>alert" not in client.get(reverse("search"), {"q": "alert"}).content.decode()
    assert "<script>alert" not in client.get(reverse("agency", args=["X1"])).content.decode()


# --- downloads


def test_downloads_agree(client, published, talingchan, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    year = sample_year()
    text = b"".join(client.get(reverse("download", args=[year, "csv"])).streaming_content)
    assert text.startswith(b"\xef\xbb\xbf")
    row = next(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    sheet = sheet_rows(b"".join(client.get(reverse("download", args=[year, "xlsx"])).streaming_content))
    table = pq.read_table(
        io.BytesIO(b"".join(client.get(reverse("download", args=[year, "parquet"])).streaming_content))
    ).to_pylist()[0]
    assert row["agency"] == "A1"
    assert row["overall"] == "96.04"
    assert str(table["overall"]) == "96.0400"
    assert 96.04 in sheet[1]
    package = client.get(reverse("datapackage")).json()
    assert {r["format"] for r in package["resources"]} == {"csv", "xlsx", "parquet"}
    assert all(("schema" in r) == (r["format"] != "xlsx") for r in package["resources"])
    fields = next(r for r in package["resources"] if r["name"] == f"results-{year}-csv")["schema"]["fields"]
    assert [f["name"] for f in fields] == list(row)


def sheet_rows(data):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_a_name_that_is_a_formula_stays_text(client, people, published, agencies, settings, tmp_path):
    from prongsai.registry.actions import update_agency
    from prongsai.registry.queries import today

    settings.MEDIA_ROOT = tmp_path
    update_agency(agency=agencies[0], values={"name_th": '=HYPERLINK("http://x")'}, on=today(), by=people["office"])
    text = b"".join(client.get(reverse("download", args=[sample_year(), "csv"])).streaming_content).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["name"] == '\'=HYPERLINK("http://x")'
    book = b"".join(client.get(reverse("download", args=[sample_year(), "xlsx"])).streaming_content)
    assert sheet_rows(book)[1][1] == '=HYPERLINK("http://x")'
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")


def test_a_download_is_made_once(client, published, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    address = reverse("download", args=[sample_year(), "csv"])
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert len(list((tmp_path / "downloads").iterdir())) == 1


# --- the API


def test_pages_of_the_api_join_up(client, people, published, talingchan):
    got, after = [], ""
    while after is not None:
        page = client.get("/api/agencies", {"limit": 1, "after": after}).json()
        got += [a["code"] for a in page["items"]]
        after = page["next"]
    assert got == sorted(Agency.objects.values_list("code", flat=True))


def test_results_of_the_api(client, published):
    answer = client.get(f"/api/rounds/{sample_year()}/results")
    assert answer.json()["items"][0]["scores"]["overall"] == "96.04"
    again = client.get(f"/api/rounds/{sample_year()}/results", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert client.get("/api/agencies/A1/results").json()[0]["fiscal_year"] == sample_year()


@pytest.mark.parametrize(
    "address",
    [
        "/api/agencies/nobody",
        "/api/rounds/2499/results",
        "/api/agencies?limit=0",
        "/api/agencies?kind=shop",
        "/api/rounds/x/results",
    ],
)
def test_errors_of_the_api_are_problems(client, db, address):
    answer = client.get(address)
    assert answer.status_code in (404, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"]


def test_the_api_is_described_in_openapi_3_1(client, db):
    assert client.get("/api/openapi.json").json()["openapi"].startswith("3.1")


# --- queries


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/", 4),
        ("/search/?q=ก", 5),
        ("/nation/", 6),
        ("/rankings/", 10),
        ("/data/", 2),
        ("/methodology/2568/", 3),
        ("/agency/A1/2568/", 18),
        ("/compare/?agency=A1&agency=B2", 6),
        ("/api/agencies", 4),
        ("/api/rounds/2568/results", 6),
    ],
)
def test_queries_are_bounded(client, people, published, django_assert_max_num_queries, address, most):
    Agency.objects.bulk_create(
        [Agency(assessment_id="ita", code=f"M{k}", name_th=f"ก {k}", kind="sao").fill_keys() for k in range(60)]
    )
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


def test_levels_are_in_english_on_english_pages(client, db):
    request = client.get("/").wsgi_request
    show = Template("{% level_name level %}")
    for framework in (rules.load(*key) for key in rules.available()):
        for band in framework.rules.bands:
            context = Context({"request": request, "level": band.id})
            assert show.render(context) == band.id
            with translation.override("en"):
                assert show.render(context).isascii()
