"""The public record as files, served by any web server: what people come for, without the program behind it."""

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

from e2e.conftest import ROOT, accessible, command_environment


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


def read(address):
    with urlopen(address, timeout=30) as answer:
        return answer.read()


def citizen(page, home, typed, name):
    """Finds an agency by what people type, on a phone; reads the answer, takes the receipt."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{home}/index.html")
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    page.locator(".results").get_by_role("link", name=re.compile(re.escape(name))).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    answer = page.locator(".verdict").bounding_box()
    assert answer["y"] + answer["height"] < page.viewport_size["height"]
    page.get_by_role("heading", name="ที่มาและการตรวจ").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดใบรับรอง").click()
    receipt = json.loads(download.value.path().read_bytes())
    assert receipt["agency"]["name"] == name
    assert page.locator(".total").inner_text() in receipt["scores"].values()


def foreigner(page, home, typed):
    """Searches in Roman letters, and stays among English pages."""
    page.goto(f"{home}/en/index.html")
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    page.locator(".results").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name=re.compile("^Ten indicators"))).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="Home").click()
    page.wait_for_url("**/en/index.html")
    page.get_by_role("link", name="ภาษาไทย").click()
    page.wait_for_url(f"{home}/index.html")


def journalist(page, home):
    """From the ranking of a year to an agency, and to the nation."""
    page.goto(f"{home}/rankings/index.html")
    agency = page.locator("table.ranked tbody th a, table.ranked tbody td a").first
    name = agency.inner_text()
    agency.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    page.get_by_role("link", name="ภาพรวมประเทศ").click()
    expect(page.locator(".province-map").first).to_be_visible()


def researcher(page, home):
    """Takes a year's table, and the same agency's scores from the interface for programs."""
    page.goto(f"{home}/data/index.html")
    table = page.locator('a[href$=".csv"]').first.evaluate("link => link.href")
    rows = list(csv.DictReader(read(table).decode("utf-8-sig").splitlines()))
    assert rows
    code = next(iter(json.loads(read(f"{home}/data/datapackage.json"))["resources"]))
    assert code["path"]
    rounds = json.loads(read(f"{home}/api/rounds.json"))
    assert rounds
    return rows


def blind_reader(page, home):
    """By keyboard, past what is on every page; what axe finds nothing wrong with, in the dark theme too."""
    page.goto(f"{home}/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for path in ("index.html", "search/index.html", "rankings/index.html", "en/data/index.html"):
        page.goto(f"{home}/{path}")
        accessible(page)


def test_a_citizen_reads_what_was_exported_on_a_phone(visit, exported):
    citizen(visit(), exported, "ตลิ่งชัน", "สำนักงานเขตตลิ่งชัน")


def test_a_foreigner_stays_among_english_pages(visit, exported):
    foreigner(visit(), exported, "taling chan")


def test_a_journalist_goes_from_the_ranking_to_an_agency_and_the_nation(visit, exported):
    journalist(visit(), exported)


def test_a_researcher_takes_tables(visit, exported):
    assert {"agency", "score"} & researcher(visit(), exported)[0].keys()


def test_a_blind_reader_goes_by_keyboard(visit, exported):
    blind_reader(visit(dark=True), exported)
