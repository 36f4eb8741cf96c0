"""The public record as a folder of files: whoever opens it without any server finds everything that it leads to."""

import json
import posixpath
import re
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

from prongsai.results.models import PublishedResult
from prongsai.web.site_export import ExportError, export_site
from tests.conftest import sample_year

SITE = "http://ita.example.go.th"


@pytest.fixture
def folder(published, settings, tmp_path):
    settings.ALLOWED_HOSTS = ["ita.example.go.th"]
    return tmp_path / "public"


def links_of(page):
    for element, attribute, address, _ in html.fromstring(page.read_bytes()).iterlinks():
        if attribute in ("href", "src", "action") and not address.startswith("#"):
            yield element, address


def test_every_link_of_the_folder_leads_to_a_file_of_it_or_to_the_site(folder):
    exported = export_site(folder, SITE)
    inside = 0
    for name in exported.pages:
        for element, address in links_of(folder / name):
            parts = urlsplit(address)
            if parts.scheme:
                is_site_or_named = address.startswith(SITE) or element.tag == "a" or element.get("rel") == "canonical"
                assert is_site_or_named, (name, address)
                continue
            assert not parts.query, (name, address)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
            assert (folder / target).is_file(), (name, address)
            inside += 1
    assert inside > 300


def test_the_folder_has_every_page_in_both_languages_and_the_data(folder):
    exported = export_site(folder, SITE)
    for row in PublishedResult.objects.select_related("agency"):
        page = f"agency/{row.agency.code}/{row.fiscal_year}/index.html"
        assert {page, f"en/{page}"} <= exported.pages.keys()
        assert (folder / page.replace("index.html", "receipt.json")).is_file()
    year = sample_year()
    for name in (
        *("index.html", "en/index.html", "rankings/index.html", f"nation/{year}/index.html", "data/index.html"),
        *(f"data/{year}.csv", f"data/{year}.parquet", f"methodology/{year}/rules.json", "api/rounds.json"),
        *(
            "api/agencies/A1.json",
            "api/agencies/A1/results.json",
            f"agency/A1/{year}/chart.svg",
            "data/datapackage.json",
        ),
    ):
        assert (folder / name).is_file(), name
    assert json.loads((folder / "api/agencies/A1/results.json").read_bytes())[0]["agency"] == "A1"
    assert not list(folder.glob("**/desk/**"))
    assert not list(folder.glob("**/account/**"))


def test_pages_lead_to_one_another_and_to_the_site_for_what_needs_it(folder):
    export_site(folder, SITE)
    page = folder / "en" / "agency" / "A1" / str(sample_year()) / "index.html"
    found = {address for _, address in links_of(page)}
    assert "../../../index.html" in found  # the front page in English
    assert f"../../../../agency/A1/{sample_year()}/index.html" in found  # the page in Thai
    assert any(address.startswith(f"{SITE}/en/compare/?agency=A1") for address in found)
    home = (folder / "index.html").read_text(encoding="utf-8")
    assert f'action="{SITE}/search/"' in home
    assert "hx-get" not in home
    sheet = next(address for _, address in links_of(page) if address.endswith(".css"))
    styles = page.parent / sheet
    fonts = re.findall(r"url\(([^)]+)\)", styles.read_text(encoding="utf-8"))
    assert fonts
    assert all((styles.parent / font.strip("\"'")).is_file() for font in fonts)


def test_a_path_that_leads_on_is_the_file_it_leads_to(folder):
    exported = export_site(folder, SITE)
    led_to = exported.files["/methodology/"]
    assert re.fullmatch(r"methodology/\d{4}/index\.html", led_to)
    assert led_to in {a for _, a in links_of(folder / "index.html")}


def test_a_folder_that_has_something_or_a_site_that_is_none_is_refused(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(ExportError, match="ไม่ว่าง"):
        export_site(tmp_path / "mine", SITE)
    with pytest.raises(ExportError, match="400"):
        export_site(folder, "http://elsewhere.example")
    assert not folder.exists()
