"""What five people come for: on the site, and in the public record as files that any web server serves, where no
program is behind it."""

import csv
import json
import re
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect
from tests.installation import free_port

from e2e.conftest import ROOT, accessible, command_environment, fits


class Place:
    """Where pages are: ``of(path)`` is the address of one, of a folder of files with the name of its file."""

    def __init__(self, home, is_folder):
        self.home, self.is_folder = home, is_folder

    def of(self, path):
        ending = "index.html" if path == "" or path.endswith("/") else ".json" if path.startswith("api/") else ""
        return f"{self.home}/{path}{ending * self.is_folder}"


@pytest.fixture(scope="module")
def exported(site, site_folder, tmp_path_factory):
    """The address of the demonstration's record, exported and served from a folder below another."""
    folder = tmp_path_factory.mktemp("served")
    command = [sys.executable, "-m", "prongsai.cli", "export-site", str(folder / "public"), "--site", site]
    environment = command_environment(site_folder) | {"PRONGSAI_DEMO": "1", "LOG_LEVEL": "ERROR"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    port = str(free_port())
    serve = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", str(folder)]
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/public"
    for _ in range(100):
        try:
            urlopen(f"{address}/index.html", timeout=5).close()
            break
        except URLError:
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait()


@pytest.fixture(params=["site", "files"])
def place(request, site):
    """The site, and what was exported of it: both pass the same journeys."""
    return Place(site, False) if request.param == "site" else Place(request.getfixturevalue("exported"), True)


def read(address):
    with urlopen(address, timeout=30) as answer:
        return answer.read()


def find(page, place, start, typed):
    page.goto(place.of(start))
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    return page.locator(".results").get_by_role("link")


def citizen(page, place, typed, name):
    """Finds an agency by what people type, on a phone; reads the answer, takes the receipt."""
    page.set_viewport_size({"width": 360, "height": 740})
    find(page, place, "", typed).filter(has_text=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    answer = page.locator(".verdict").bounding_box()
    assert answer["y"] + answer["height"] < page.viewport_size["height"]
    page.get_by_role("heading", name="ที่มาและการตรวจ").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดใบรับรอง").click()
    receipt = json.loads(download.value.path().read_bytes())
    assert receipt["agency"]["name"] == name


def foreigner(page, place, typed):
    """Searches in Roman letters, and stays among English pages."""
    find(page, place, "en/", typed).first.click()
    expect(page.get_by_role("heading", name=re.compile("^Ten indicators"))).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Home", exact=True).click()
    page.wait_for_url(place.of("en/"))
    page.get_by_role("link", name="ภาษาไทย").click()
    page.wait_for_url(place.of(""))


def journalist(page, place):
    """From the ranking of a year to an agency, to the change of rules behind its score, and to the nation."""
    page.goto(place.of("rankings/"))
    agency = page.locator("table.ranked tbody a").first
    name = agency.inner_text()
    agency.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.get_by_role("link", name=re.compile("^หลักเกณฑ์ปี")).click()
    page.wait_for_url("**/methodology/**")
    page.get_by_role("link", name="ภาพรวมประเทศ").click()
    page.wait_for_url("**/nation/**")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def researcher(page, place):
    """Takes a year's table and what its columns mean, and an agency's scores from the interface for programs."""
    page.goto(place.of("data/"))
    table = page.locator('a[href$=".csv"]').first.evaluate("link => link.href")
    row = next(csv.DictReader(read(table).decode("utf-8-sig").splitlines()))
    (described,) = (
        resource
        for resource in json.loads(read(place.of("data/datapackage.json")))["resources"]
        if resource["path"].rpartition("/")[2] == table.rpartition("/")[2]
    )
    assert [field["name"] for field in described["schema"]["fields"]] == list(row)
    assert {one["agency"] for one in json.loads(read(place.of(f"api/agencies/{row['agency']}/results")))} == {
        row["agency"]
    }


def blind_reader(page, place):
    """By keyboard, past what is on every page; enlarged four times."""
    page.goto(place.of(""))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for path in ("", "rankings/", "en/data/"):
        page.goto(place.of(path))
        for width, height in ((640, 360), (320, 180)):  # of 1280 by 720, at 200 and at 400 per cent
            page.set_viewport_size({"width": width, "height": height})
            fits(page)
        accessible(page)


def test_a_citizen_reads_the_answer_on_a_phone(visit, place):
    citizen(visit(), place, "ตลิ่งชัน", "สำนักงานเขตตลิ่งชัน")


def test_a_foreigner_stays_among_english_pages(visit, place):
    foreigner(visit(), place, "taling chan")


def test_a_journalist_goes_from_the_ranking_to_an_agency_and_the_nation(visit, place):
    journalist(visit(), place)


def test_a_researcher_takes_tables(visit, place):
    researcher(visit(), place)


def test_a_blind_reader_goes_by_keyboard(visit, place):
    blind_reader(visit(dark=True), place)
