"""The page that answers questions about a year's results: three clicks to who fell most and why, the same answer in
files and by the API, and nothing that is withheld in any of it."""

import csv
import gzip
import html
import io
import re
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.core.cache import caches
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as markup_of
from python_calamine import CalamineWorkbook

from prongsai import framework as rules
from prongsai.framework import NATIONAL
from prongsai.improvement.models import Plan, StatedReason
from prongsai.registry.models import Agency
from prongsai.registry.provinces import REGION_OF
from prongsai.registry.tiles import SHORT_OF, TILES
from prongsai.results import actions, record
from prongsai.results.facts import column_nodes, item_nodes
from prongsai.results.models import AgencyResult, PublishedResult, ResultSet
from prongsai.results.question import sort_keys
from prongsai.web import ranked_files, rankings
from prongsai.web.province_map import draw_map
from prongsai.web.province_shapes import HEIGHT, WIDTH, lighten, load_shapes, write_shapes
from tests.conftest import sample_year

YEAR = sample_year()
WITHHELD = "N07"  # whose indicators are withheld


@pytest.fixture(autouse=True)
def ask_again():
    """Limits of requests begin anew."""
    caches["process"].clear()


def store(year, shown_of, basis_of=None, digest=""):
    """A result set as computing one leaves it, of scores by agency's code."""
    framework = rules.load(NATIONAL, year)
    made = ResultSet.objects.create(
        assessment_id="ita",
        fiscal_year=year,
        framework_digest=framework.digest,
        origin="run",
        inputs={"digest": f"{year}{digest}"},
        code="",
        digest=f"{year}{digest}",
    )
    agencies = {a.code: a for a in Agency.objects.filter(code__in=shown_of)}
    for code, shown in shown_of.items():
        level = next((b.id for b in framework.rules.bands if float(shown["overall"]) >= b.at_least), "")
        AgencyResult.objects.create(
            result_set=made,
            agency=agencies[code],
            overall=shown["overall"],
            level=level,
            passed=float(shown["overall"]) >= framework.rules.target.points,
            shown=shown,
            basis=(basis_of or {}).get(code, {"items": {}, "n": {}, "withheld": [], "secret": "", "odds": 3}),
        )
    return made


def scores(total, *, fell=0.0, indicators=True, oit="100.00"):
    found = {"overall": f"{total:.2f}", "IIT": f"{total:.2f}", "O12": oit, "O1": "100.00"}
    if indicators:
        found |= {str(k): f"{total + k / 4 - (fell if k == 9 else 0):.2f}" for k in range(1, 11)} | {
            "i1": str(60 + int(total * 3) % 7)
        }
    return found


@pytest.fixture
def two_years(db):
    """Ten agencies of two types in two provinces, and what is published of two years."""
    kinds = ("sao", "sao", "sao", "town")
    for k in range(10):
        name = "องค์การบริหารส่วนตำบลหมู่" if kinds[k % 4] == "sao" else "เทศบาลเมืองหมู่"
        Agency(
            assessment_id="ita",
            code=f"N{k:02}",
            name_th=f"{name} {k}",
            kind=kinds[k % 4],
            province="ตาก" if k < 6 else "ขอนแก่น",
        ).save()
    before = store(YEAR - 1, {f"N{k:02}": scores(88 + k / 2) for k in range(10)})
    now = store(
        YEAR,
        {
            f"N{k:02}": scores(
                88 + k / 2 - k * (7 - k) / 4,
                fell=k,
                indicators=f"N{k:02}" != WITHHELD,
                oit="0.00" if k % 2 else "100.00" if k == 8 else "50.00",
            )
            for k in range(10)
        },
    )
    actions.publish(result_set=before, by=None)
    actions.publish(result_set=now, by=None)
    return before, now


def rows_of(page):
    """The agencies of a page's table, in its order."""
    return re.findall(r"/agency/(\w+)/\d+/", markup_of.tostring(table_of(page)).decode())


def table_of(page):
    return markup_of.fromstring(page.content.decode()).xpath("//table[contains(@class, 'ranked')]")[0]


def links(page, base=""):
    """The links of a page by their text."""
    found = {}
    for link in markup_of.fromstring(page.content.decode()).xpath("//a[@href] | //*[local-name()='a'][@href]"):
        text = " ".join("".join(link.itertext()).split())
        href = link.get("href")
        found.setdefault(text, base + href if href.startswith("?") else href)
    return found


# --- three clicks


def test_three_clicks_from_the_front_page_to_who_fell_most_and_why(client, two_years):
    clicks = 0

    def click(page, text, base=""):
        nonlocal clicks
        clicks += 1
        address = next(href for name, href in links(page, base).items() if text in name)
        return client.get(address.partition("#")[0])

    page = click(client.get(reverse("home")), "อบต.")
    page = click(page, "ตาก", reverse("rankings"))
    answer = " ".join(
        markup_of.fromstring(page.content.decode()).xpath("//section[@aria-labelledby='asked']")[0].itertext()
    )
    answer = " ".join(answer.split())
    assert "อบต.ในจังหวัดตาก ที่คะแนนลดลงมากที่สุด ปี 2568" in answer
    assert "องค์การบริหารส่วนตำบลหมู่ 4 ลดลง 3.00 คะแนน จาก 90.00 เป็น 87.00" in answer
    assert "9 การเปิดเผยข้อมูล −7.00" in answer
    assert "O12" in answer
    assert click(page, "องค์การบริหารส่วนตำบลหมู่ 4").context["agency"].code == "N04"
    assert clicks <= 3
    asked = {"kind": "sao", "province": "ตาก", "sort": "change", "order": "worst"}
    first = client.get(f"/api/rounds/{YEAR}/ranking", asked).json()["items"][0]
    assert (first["agency"], first["change"], first["before"], first["overall"]) == ("N04", "-3.00", "90.00", "87.00")
    assert first["falls"][0]["node"] == "9"
    assert first["weak"][0] == {"node": "O12", "score": "50.00", "approximate": False, "reason": ""}


# --- one answer, however it is asked for


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["sao", "town"]),
        "province": st.sampled_from(["ตาก", "ขอนแก่น", "สตูล"]),
        "region": st.sampled_from(["ตะวันตก", "ใต้"]),
        "level": st.sampled_from(["ผ่าน", "ผ่านดี"]),
        "q": st.sampled_from(["หมู่ 1", "อบต", "N07"]),
        "sort": st.sampled_from(sort_keys(rules.load(NATIONAL, YEAR))),
        "order": st.sampled_from(["best", "worst"]),
    },
)


@given(asked=CHOICES, size=st.sampled_from([25, 100]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_page_files_and_api_agree(client, two_years, asked, size):
    from django.core.cache import caches

    caches["process"].clear()
    columns = ["overall", "change", "level_change", "weak", "9"]
    query = urlencode(asked | {"year": YEAR, "size": size, "col": columns}, doseq=True)
    page = client.get(f"/rankings/?{query}")
    got = b"".join(client.get(f"/rankings.csv?{query}").streaming_content).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(got)))
    items, number = [], 1
    while number:
        answer = client.get(f"/api/rounds/{YEAR}/ranking", asked | {"page": number, "size": 3}).json()
        items += answer["items"]
        number = answer["next"]
    assert [row["agency"] for row in table] == [item["agency"] for item in items]
    assert answer["count"] == len(items)
    assert [row["rank"] for row in table] == [str(item["rank"] or "") for item in items]
    assert [row["change"] for row in table] == [item["change"] or "" for item in items]
    assert [row["9"] for row in table] == [item["scores"].get("9", "") for item in items]
    if items:
        assert rows_of(page) == [item["agency"] for item in items[:size]]
    else:
        assert "ไม่มีหน่วยงานที่ตรงกับที่ถาม" in page.content.decode()


def test_a_name_with_wrong_letters_is_found_in_the_table_and_by_the_api(client, two_years):
    """What is found is what the page for searching finds, and the page says that it is not what was typed."""
    right = client.get("/rankings/?q=ขอนแก่น")
    assert "แสดงชื่อที่ใกล้เคียง" not in right.content.decode()
    assert rows_of(right)
    wrong = client.get("/rankings/?q=ขอนแก่ม")
    assert "แสดงชื่อที่ใกล้เคียง" in wrong.content.decode()
    assert rows_of(wrong) == rows_of(right)
    found = client.get(f"/api/rounds/{YEAR}/ranking?q=ขอนแก่ม").json()["items"]
    agencies = client.get("/api/agencies?q=ขอนแก่ม&fictional=false").json()["items"]
    assert {row["agency"] for row in found} == set(rows_of(right)) <= {agency["code"] for agency in agencies}
    assert not client.get("/api/agencies?q=ไม่มีชื่ออย่างนี้เลย").json()["items"]


def test_a_sheet_has_the_same_rows_and_runs_nothing(client, two_years):
    Agency.objects.filter(code="N03").update(name_th='=HYPERLINK("http://x")')
    query = {"sort": "change", "order": "worst", "col": ["change", "weak"]}
    book = client.get("/rankings.xlsx", query)
    sheet = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content))).get_sheet_by_index(0).to_python()
    )
    text = b"".join(client.get("/rankings.csv", query).streaming_content).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert [row[1] for row in sheet[1:]] == [row[1] for row in table[1:]]
    assert [row[2] for row in table if row[1] == "N03"] == ['\'=HYPERLINK("http://x")']
    assert "-3.00" in [row[7] for row in table]  # a number keeps its sign, and is no formula
    assert -3.0 in [row[7] for row in sheet]


# --- items


@pytest.mark.parametrize("order", ["best", "worst"])
@pytest.mark.parametrize("item", ["i1", "O12"])
def test_agencies_are_ranked_by_an_item(client, two_years, item, order):
    """Against a sort of the published results that shares nothing with it; who has no score is last either way."""
    found = PublishedResult.objects.filter(fiscal_year=YEAR).select_related("agency", "result")
    rows = sorted(found, key=lambda row: (row.agency.order, row.agency.code))
    score_of = {row.agency.code: Decimal(row.result.shown[item]) for row in rows if item in row.result.shown}
    better = [*score_of.values()]
    ranks = {c: 1 + sum(b > s if order == "best" else b < s for b in better) for c, s in score_of.items()}
    last = len(rows) + 1
    expected = sorted((row.agency.code for row in rows), key=lambda code: ranks.get(code, last))
    assert len({*ranks.values()}) > 1
    assert (WITHHELD not in score_of) == (item == "i1")

    asked = {"year": YEAR, "sort": item, "order": order, "col": ["overall", item]}
    assert rows_of(client.get("/rankings/", asked)) == expected
    text = b"".join(client.get("/rankings.csv", asked).streaming_content).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert [(row["agency"], row["rank"]) for row in table] == [(c, str(ranks.get(c, ""))) for c in expected]
    assert [row[item] for row in table] == [str(score_of.get(c, "")) for c in expected]
    book = b"".join(client.get("/rankings.xlsx", asked).streaming_content)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert [(row[1], row[8]) for row in sheet[1:]] == [
        (c, float(score_of[c]) if c in score_of else "") for c in expected
    ]
    items = client.get(f"/api/rounds/{YEAR}/ranking", {"sort": item, "order": order}).json()["items"]
    assert [(row["agency"], row["rank"]) for row in items] == [(c, ranks.get(c)) for c in expected]
    assert {r["agency"]: Decimal(r["scores"][item]) for r in items if item in r["scores"]} == score_of
    approximate = {r["agency"]: r["approximate"] for r in items}
    assert approximate == {c: [item] if item == "i1" and c in score_of else [] for c in expected}


def test_an_item_is_chosen_by_name_and_its_random_error_is_marked(client, two_years):
    def read(**asked):
        page = client.get("/rankings/", {"year": YEAR, **asked})
        text = " ".join(table_of(page).text_content().split())
        return (
            markup_of.fromstring(page.content.decode()),
            text,
            "คะแนนรายข้อของแบบวัดเป็นค่าประมาณ" in page.content.decode(),
        )

    page, text, has_note = read(sort="i1", order="worst", col="overall")
    assert has_note
    assert "≈ 60" in text
    assert page.xpath("//section[@aria-labelledby='asked']/p[1]/b[2]")[0].text_content() == "≈ 60"
    assert "≈ –" not in text  # of whom nothing is shown
    options = page.xpath("//select[@name='sort']/optgroup[contains(@label, 'IIT')]/option")
    assert [o.get("value") for o in options if o.get("selected") is not None] == ["i1"]
    assert {o.get("value") for o in page.xpath("//select[@name='sort']/optgroup/option")} == {
        *item_nodes(rules.load(NATIONAL, YEAR))
    }
    ticks = {box.get("value") for box in page.xpath("//input[@name='col']")}
    assert ticks & {*item_nodes(rules.load(NATIONAL, YEAR))} == {"i1"}  # a later question keeps what is shown
    assert {*column_nodes(rules.load(NATIONAL, YEAR))} <= ticks
    _, text, has_note = read(sort="overall", col=["overall", "O12"])
    assert (has_note, "≈" in text) == (False, False)
    assert "50.00" in text


def test_an_item_named_by_a_number_alone_is_no_column():
    """A database would read the number as a place in a list."""
    nodes = {name: SimpleNamespace(id=name, kind="item") for name in ("7", "-7", "1_0", "7.1", "o7")}
    assert item_nodes(SimpleNamespace(nodes=nodes)) == ["7.1", "o7"]


# --- what is withheld


def ask_everything(client):
    """Every page, file and answer that sorts or filters, as text."""
    framework = rules.load(NATIONAL, YEAR)
    answers = []
    asked_items = ("i1", "O12")  # the others have no scores here
    for sort in [s for s in sort_keys(framework) if s in asked_items or s not in item_nodes(framework)]:
        caches["process"].clear()
        for order in ("best", "worst"):
            asked = {"year": YEAR, "sort": sort, "order": order, "col": ["overall", "weak", "falls", "9", "IIT", "i1"]}
            answers.append(rows_of(client.get("/rankings/", asked)))
            answers.append(b"".join(client.get("/rankings.csv", asked).streaming_content).decode())
            del asked["col"]
            answers.append(client.get(f"/api/rounds/{YEAR}/ranking", asked).json())
    return answers


@pytest.mark.parametrize("hidden", ["1.00", "99.00"])
def test_a_withheld_indicator_is_in_no_order_and_no_filter(client, two_years, hidden):
    """The attacker sorts by what is withheld of one agency, whose exact scores are low or high: it stands at the same
    place, and every answer is the same."""
    _, now = two_years
    before = ask_everything(client)
    exact = {"items": {"i1": [[int(float(hidden)), 1]], "9": hidden}, "n": {"IIT": 5}, "withheld": ["9"], "secret": "a"}
    again = store(
        YEAR,
        {r.agency.code: r.shown for r in now.results.select_related("agency")},
        basis_of={WITHHELD: exact},
        digest=hidden,
    )
    actions.withdraw(result_set=now, reason="ตรวจใหม่", by=None)
    actions.publish(result_set=again, by=None)
    assert ask_everything(client) == before
    for order in ("best", "worst"):
        found = client.get(f"/api/rounds/{YEAR}/ranking", {"sort": "9", "order": order}).json()["items"]
        assert found[-1]["agency"] == WITHHELD  # at the end whichever way: the place says nothing
        assert found[-1]["rank"] is None
        assert "9" not in found[-1]["scores"]


def test_what_is_derived_is_derived_from_what_is_shown(two_years):
    facts = PublishedResult.objects.get(fiscal_year=YEAR, agency__code=WITHHELD).facts
    assert facts["scores"].keys() == {"nIIT"}
    assert facts["falls"] == []
    assert [item for item, *_ in facts["weak"]] == ["O12"]


def test_fiction_is_asked_for_apart(client, two_years):
    Agency.objects.filter(code="N04").update(fictional=True)
    record.describe_year.call("ita", YEAR)
    assert "N04" not in rows_of(client.get("/rankings/", {"fictional": "0", "sort": "change", "order": "worst"}))
    assert rows_of(client.get("/rankings/", {"fictional": "1"})) == ["N04"]
    found = client.get(f"/api/rounds/{YEAR}/ranking").json()
    assert "N04" not in [item["agency"] for item in found["items"]]


# --- reasons


def test_a_reason_is_shown_once_the_agency_publishes_it_and_no_sooner(client, two_years):
    _, now = two_years
    result = now.results.get(agency__code="N04")
    plan = Plan.objects.create(agency=result.agency, fiscal_year=YEAR + 1, result=result)
    StatedReason.objects.create(
        plan=plan, agency=result.agency, fiscal_year=YEAR, item="O12", text="<b>ข้อมูลเป็นของปีก่อน</b>"
    )
    asked = {"sort": "change", "order": "worst", "col": ["change", "weak", "reasons"]}

    def read():
        page = client.get("/rankings/", asked).content.decode()
        text = b"".join(client.get("/rankings.csv", asked).streaming_content).decode()
        found = client.get(f"/api/rounds/{YEAR}/ranking", {"sort": "change", "order": "worst"}).json()
        return page, text, str(found)

    assert not any("ข้อมูลเป็นของปีก่อน" in text for text in read())
    Plan.objects.update(public=True)
    page, text, found = read()
    assert html.escape("<b>ข้อมูลเป็นของปีก่อน</b>") in page
    assert "<b>ข้อมูล" not in page
    assert "O12 <b>ข้อมูลเป็นของปีก่อน</b>" in text
    assert "ข้อมูลเป็นของปีก่อน" in found


# --- comparing years


def test_a_change_is_kept_up_when_the_year_before_changes(two_years):
    before, _ = two_years
    row = PublishedResult.objects.get(fiscal_year=YEAR, agency__code="N04")
    assert (row.change, row.level_change, row.caution) == (-3, 0, "")
    actions.withdraw(result_set=before, reason="ตรวจใหม่", by=None)
    row = PublishedResult.objects.get(fiscal_year=YEAR, agency__code="N04")
    assert (row.change, row.level_change) == (None, None)
    again = store(YEAR - 1, {"N04": scores(91)}, digest="again")
    actions.publish(result_set=again, by=None, reason="แก้คะแนนที่บันทึกผิด")
    assert PublishedResult.objects.get(fiscal_year=YEAR, agency__code="N04").change == -4


def test_years_of_other_weights_are_not_compared(client, people):
    """The rules of 2566 brought another instrument: who fell most against 2565 nobody can say."""
    Agency(assessment_id="ita", code="N01", name_th="อบต. หนึ่ง", kind="sao", province="ตาก").save()
    for year, total in ((2565, 95), (2566, 80)):
        actions.publish(result_set=store(year, {"N01": scores(total)}), by=None)
    row = PublishedResult.objects.get(fiscal_year=2566)
    assert (row.change, row.level_change) == (None, None)
    page = client.get("/rankings/", {"year": 2566, "sort": "change", "order": "worst"}).content.decode()
    assert "เครื่องมือหรือน้ำหนักเปลี่ยนไประหว่างสองปี" in page
    assert "หลักเกณฑ์ต่างจากปีก่อน เทียบด้วยความระวัง" in page
    assert "−15" not in page


# --- addresses


def test_old_addresses_still_work(client, two_years):
    page = client.get("/rankings/?kind=sao&province=ตาก&page=1&year=2568")
    assert rows_of(page) == [
        i["agency"]
        for i in client.get(f"/api/rounds/{YEAR}/ranking", {"kind": "sao", "province": "ตาก"}).json()["items"]
    ]
    part = client.get("/rankings/?kind=sao", headers={"HX-Request": "true"}).content
    assert b"<html" not in part
    for wrong in (
        "sort=nothing",
        "sort=O99",
        "sort=9.1",
        "sort=falls",
        "order=up",
        "region=x",
        "level=x",
        "col=secret",
        "col=O99",
        "kind=shop",
    ):
        assert client.get(f"/rankings/?{wrong}").status_code == 404, wrong
        if "col" not in wrong:
            assert client.get(f"/api/rounds/{YEAR}/ranking?{wrong}").status_code in (404, 422), wrong
    assert client.get("/rankings.exe").status_code == 404


def test_the_page_speaks_english(client, two_years):
    page = client.get("/en/rankings/?sort=change&order=worst&kind=sao&province=ตาก").content.decode()
    assert "The largest fall" in page
    assert "fell by" in page


def test_a_province_is_asked_by_district(client, two_years):
    Agency.objects.filter(code__in=["N00", "N01", "N03"]).update(district="แม่สอด")
    Agency.objects.filter(code__in=["N02", "N04"]).update(district="สามเงา")
    Agency.objects.filter(code="N07").update(district="แม่สอด")  # another province's, of the same name
    whole = client.get("/rankings/", {"province": "ตาก", "kind": "sao", "page": 1})
    assert whole.context["districts"][0][::2] == ("แม่สอด", 2)  # the third is a town
    found = links(whole, "/rankings/")
    assert {"อำเภอแม่สอด", "อำเภอสามเงา"} <= found.keys()
    assert "ทั้งจังหวัด" not in found
    one = client.get(found["อำเภอแม่สอด"])
    assert sorted(rows_of(one)) == ["N00", "N01"]
    text = " ".join(markup_of.fromstring(one.content.decode()).text_content().split())
    assert "อบต.ในอำเภอแม่สอด จังหวัดตาก" in text
    assert "อำเภอสามเงา (2)" in text  # the others stay to be chosen
    assert rows_of(client.get(links(one, "/rankings/")["ทั้งจังหวัด"])) == rows_of(whole)
    assert all("district" not in href for text, href in links(one).items() if "ขอนแก่น" in text)  # of the map
    asked = {"province": "ตาก", "district": "แม่สอด"}
    table = b"".join(client.get("/rankings.csv", asked).streaming_content).decode("utf-8-sig")
    assert {row["agency"] for row in csv.DictReader(io.StringIO(table))} == {"N00", "N01", "N03"}
    answer = client.get(f"/api/rounds/{YEAR}/ranking", asked).json()
    assert {item["agency"] for item in answer["items"]} == {"N00", "N01", "N03"}
    assert "Mae Sot district, Tak" in client.get("/en/rankings/", asked).content.decode()
    empty = client.get("/rankings/", asked | {"district": "อุ้มผาง"})
    assert "ไม่มีหน่วยงานที่ตรงกับที่ถาม" in empty.content.decode()
    assert "อำเภอแม่สอด" in links(empty)
    for address in ("/rankings/", "/rankings.csv", f"/api/rounds/{YEAR}/ranking"):
        assert client.get(address, {"district": "แม่สอด"}).status_code == 404  # of which province?
    assert client.get("/rankings/").context["districts"] == []


def test_a_district_is_part_of_what_a_workbook_is_of(two_years):
    framework = rules.load(NATIONAL, YEAR)

    def ask(**values):
        asked = rankings.read_request(framework, values, [], fictional=False, levels={})
        return ranked_files.to_asked("ita", asked).values

    assert ask(province="ตาก", district="แม่สอด")["district"] == "แม่สอด"
    assert ask(province="ตาก") == ask(province="ตาก", district="")


def test_bangkok_has_districts_of_another_word():
    assert rankings.name_district("ตลิ่งชัน", "กรุงเทพมหานคร").th == "เขตตลิ่งชัน"
    assert rankings.name_district("เขตตลิ่งชัน", "กรุงเทพมหานคร").en == "Taling Chan district"
    assert rankings.name_district("อำเภอปาย", "แม่ฮ่องสอน").th == "อำเภอปาย"


def test_places_are_asked_alike_in_both_languages(client, two_years):
    """What a form sends is a place's name in Thai, whatever the reader sees."""
    page = markup_of.fromstring(client.get("/en/rankings/").content.decode())
    for name, place in (("province", "Tak"), ("region", "West")):
        option = next(o for o in page.xpath(f"//select[@name='{name}']/option") if o.text_content().strip() == place)
        answer = client.get("/en/rankings/", {name: option.get("value", option.text_content().strip())})
        assert set(rows_of(answer)) == {f"N0{k}" for k in range(6)}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?page=2",
        "?sort=weak&order=worst&col=weak&col=reasons&q=หมู่",
        "?sort=9&size=500",
        "?province=ตาก",
        "?sort=i1&col=O12",
    ],
)
def test_queries_of_a_page_are_bounded(client, two_years, django_assert_max_num_queries, query):
    with django_assert_max_num_queries(12):
        assert client.get(f"/rankings/{query}").status_code == 200


# --- the map


def test_every_province_has_a_tile_of_its_own():
    assert TILES.keys() == SHORT_OF.keys() == REGION_OF.keys()
    assert len(set(TILES.values())) == len(set(SHORT_OF.values())) == 77
    places = {"เชียงราย": "ขอนแก่น", "ขอนแก่น": "กรุงเทพมหานคร", "กรุงเทพมหานคร": "สงขลา"}
    assert all(TILES[north][0] < TILES[south][0] for north, south in places.items())
    assert TILES["กาญจนบุรี"][1] < TILES["กรุงเทพมหานคร"][1] < TILES["สระแก้ว"][1] < TILES["อุบลราชธานี"][1]


def test_a_tile_says_its_value_and_its_step():
    places = {
        "ตาก": {"n": 3, "mean": "80.00", "compared": 3, "change": "-2.00"},
        "ขอนแก่น": {"n": 2, "mean": "90.00", "compared": 2, "change": "0.30"},
        "สตูล": {"n": 1, "mean": "85.00", "compared": 0, "change": ""},
    }
    of_change = {t.province: t for t in draw_map(places, is_change=True, address_of=str).tiles}
    assert [(of_change[p].value, of_change[p].step) for p in places] == [("−2.00", 1), ("+0.30", 3), ("", 0)]
    of_mean = {t.province: t for t in draw_map(places, is_change=False, address_of=str).tiles}
    assert [(of_mean[p].value, of_mean[p].step) for p in places] == [("80.00", 1), ("90.00", 5), ("85.00", 3)]
    assert draw_map({}, is_change=True, address_of=str) is None


def test_every_province_has_a_shape_that_lies_where_it_does():
    assert load_shapes().keys() == TILES.keys()
    places = {"ตาก": {"n": 3, "mean": "80.00", "compared": 3, "change": "-2.00"}}
    places["ภูเก็ต"] = places["ตาก"] | {"mean": "90.00"}
    shapes = {shape.tile.province: shape for shape in draw_map(places, is_change=False, address_of=str).shapes}
    assert shapes["ตาก"].label is not None
    assert shapes["ภูเก็ต"].label is None  # no room: its tile and the table say it
    assert shapes["ขอนแก่น"].label is None  # nothing to say
    points = {p: [tuple(map(int, xy)) for xy in re.findall(r"(\d+),(\d+)", s.path)] for p, s in shapes.items()}
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for of_one in points.values() for x, y in of_one)
    top = {province: min(y for _, y in of_one) for province, of_one in points.items()}
    assert top["เชียงราย"] < top["ขอนแก่น"] < top["กรุงเทพมหานคร"] < top["ภูเก็ต"] < top["นราธิวาส"]
    x, _ = shapes["ตาก"].label
    assert min(px for px, _ in points["ตาก"]) < x < max(px for px, _ in points["ตาก"])


def test_a_shape_is_made_lighter_and_no_province_is_forgotten(tmp_path):
    assert lighten("m 10.2,10.2 30,0 0.5,0.5 0,30 -30,0 z m 50,50 0.1,0 0,0.1 z") == "M10,10 40,10 41,41 11,41Z"
    (tmp_path / "index.js").write_text('export default {"locations":[{"name":"Tak","path":"m 1,1 9,9 -9,0 z"}]};')
    with pytest.raises(ValueError, match="กรุงเทพมหานคร"):
        write_shapes(tmp_path)


def test_the_maps_name_their_source_and_say_their_steps(client, two_years):
    content = client.get("/rankings/?kind=sao").content
    assert "CC BY 4.0" in content.decode()
    assert len(gzip.compress(content)) < 60_000
    maps = markup_of.fromstring(content.decode()).xpath("//section[@id='map']//svg[contains(@class, 'shapes')]")
    (drawn,) = maps
    assert drawn.get("aria-hidden") == "true"
    assert {a.get("tabindex") for a in drawn.iter("a")} == {"-1"}  # each tile beside it is reached by keyboard
    assert {text.text for text in drawn.iter("text")} <= set("12345")


def luminance(colour):
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_scales_need_no_eye_for_colours():
    """Steps differ in lightness, and what is written on them is read."""
    from prongsai.web.static_files import STYLES

    style = (STYLES / "results.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([mc]\d): (#\w{6});", style))
    mean = [colours[f"m{k}"] for k in range(1, 6)]
    assert all(contrast(a, b) > 1.25 and luminance(a) > luminance(b) for a, b in pairwise(mean))
    change = [colours[f"c{k}"] for k in range(1, 6)]
    assert luminance(change[2]) == max(map(luminance, change))
    assert all(contrast(change[k], change[k + 1]) > 1.25 for k in range(4))
    dark = {"m4", "m5", "c1", "c5"}
    for name, colour in colours.items():
        assert contrast(colour, "#ffffff" if name in dark else "#16202b") >= 4.5, name
