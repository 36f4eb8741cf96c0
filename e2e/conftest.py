"""A demonstration site of its own, a real browser, axe."""

import datetime
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect, sync_playwright

from e2e.rounds import issue, open_link, start_round
from prongsai import framework as rules
from prongsai.lib import fiscal

ROOT = Path(__file__).parents[1]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
# the violations alone leave the page: what axe found right is a hundred times as much
SERIOUS = """
    axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        resultTypes: ["violations"],
    }).then((found) => found.violations
        .filter((v) => ["serious", "critical"].includes(v.impact))
        .map((v) => [v.id, v.impact, v.nodes.slice(0, 4).map((n) => n.html.slice(0, 160))]))
"""
PASSWORD = "prongsai-demo-2026"
# the fiscal year that the demonstration stands in
YEAR = min(
    fiscal.year_of(datetime.datetime.now(ZoneInfo("Asia/Bangkok")).date()),
    max(year for assessment, year in rules.available() if assessment == rules.NATIONAL),
)
PATIENCE = 180_000  # milliseconds for whatever a page or the worker does, on a machine that does other things too
expect.set_options(timeout=PATIENCE)
FORMS_YEAR = 2567  # a year that no journey but those of the form touches
OWN = {
    "DJANGO_SETTINGS_MODULE",
    "PRONGSAI_WORKERS",
    "SECRET_KEY",
    "LOG_LEVEL",
    "DATABASE_URL",
    "PRONGSAI_RECENT_SIGN_IN",
    "PRONGSAI_PROOF_OF_WORK",
    "PRONGSAI_PAGES_MB",
}  # set by other tests' settings
# without windows it takes half of the processor time
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The page of an agency is measured before journeys add to it. That of a register files an item: it comes before
    the one at whose end the round is sealed."""
    first = ["test_agency_on_a_phone", "test_registers"]
    items.sort(key=lambda item: first.index(item.path.stem) if item.path.stem in first else len(first))


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory):
    """Where the demonstration has its data."""
    return tmp_path_factory.mktemp("demo")


def command_environment(folder):
    """The environment of a command of the installation in a folder."""
    return {k: v for k, v in os.environ.items() if k not in OWN} | {"PRONGSAI_DATA": str(folder)}


@contextmanager
def run_demo(folder):
    """A demonstration with its worker, its data in a folder; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "prongsai.cli", "demo", "--port", str(port)],
            env=command_environment(folder),
            stdout=log,
            stderr=log,
            cwd=ROOT,
        )
        # passkeys are bound to a name, not to an address
        address = f"http://localhost:{port}"
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{address}/health", timeout=2)
                    break
                except (OSError, http.client.HTTPException):
                    time.sleep(0.5)
            else:
                pytest.fail((folder / "log").read_text())
            yield address
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture(scope="session")
def site(site_folder):
    """The address of a running demonstration, with its worker."""
    with run_demo(site_folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def _is_fault(message):
    """Whether something on a page failed. An answer 4xx is for its journey to expect; a stored copy of another site's
    page names styles that it may not load."""
    is_copy = "/snapshot/" in message.location["url"]
    return message.type == "error" and "status of 4" not in message.text and not is_copy


@pytest.fixture
def visit(browser, site):
    """``visit(width=…, javascript=…, user=…)``: a page of a fresh browser, signed in or not, whose errors fail the
    test."""
    opened, errors = [], []

    def open_page(width=1280, javascript=True, user=None, dark=False):
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="th-TH",
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if _is_fault(message) else None)
        opened.append(context)
        if user:
            sign_in(page, user)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not errors


@pytest.fixture(scope="session")
def forms(browser, site):
    """The addresses of a form with an open link and of one with cards."""
    context = browser.new_context(base_url=site, locale="th-TH")
    page = context.new_page()
    sign_in(page, "office")
    start_round(page, FORMS_YEAR)
    cards, _ = issue(page, f"/desk/agency/Z0001/survey/{FORMS_YEAR}/", "IIT", 5)
    context.close()
    context = browser.new_context(base_url=site, locale="th-TH")
    page = context.new_page()
    sign_in(page, "officer")
    page.goto(f"/desk/agency/Z0001/survey/{FORMS_YEAR}/")
    link = open_link(page, "EIT")
    context.close()
    return {"link": f"/s/{link}/", "cards": f"/s/{cards}/"}


def sign_in(page, user):
    page.goto("/account/login/")
    page.get_by_label("อีเมล").fill(f"{user}@demo.test")
    page.get_by_label("รหัสผ่าน").fill(PASSWORD)
    page.get_by_role("button", name="เข้าสู่ระบบ", exact=True).click()
    page.wait_for_url("**/desk/")


def follow(link):
    """Click what leads to another page, and wait for it. A click alone may return while the page before stands."""
    with link.page.expect_navigation():
        link.click()


def accessible(page):
    """No violation that axe calls serious or critical, by WCAG 2.2 AA; no sideways scrolling of the page."""
    page.evaluate(AXE)
    bad = page.evaluate(SERIOUS)
    assert not bad, (page.url, bad)
    fits(page)


def fits(page):
    """No sideways scrolling of the page."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (page.url, "wider than the window by", wide)


def picture(page, name):
    """Keep a screenshot for the documentation, when asked to."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=PICTURES / f"{name}.png")
