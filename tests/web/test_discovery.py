"""The public record is found by search engines, shows itself in messengers, and says what is new."""

import io
import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse
from PIL import Image

from prongsai.registry.models import Agency
from prongsai.results import actions as results
from tests.conftest import sample_year

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
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
