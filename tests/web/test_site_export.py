"""The public record as a folder of files: whoever opens it without any server finds everything that it leads to."""

import json
import posixpath
import re
import sqlite3
import subprocess
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urldefrag, urlsplit
from urllib.request import urlopen

import pytest
from django.test import Client
from lxml import html

from prongsai.lib import tlog
from prongsai.publiclog import actions as log_actions
from prongsai.publiclog import queries as log_queries
from prongsai.publiclog.monitor import examine, read_log
from prongsai.registry.models import Agency
from prongsai.results import actions as results
from prongsai.results.models import PublishedResult
from prongsai.web import site_export
from prongsai.web.reader import Reader
from prongsai.web.site_export import ExportError, export_site
from tests.conftest import sample_year
from tests.installation import free_port

SITE = "http://ita.example.go.th"


@pytest.fixture
def folder(published, settings, tmp_path, monkeypatch):
    settings.ALLOWED_HOSTS = ["ita.example.go.th"]
    monkeypatch.setattr(site_export, "count_cores", lambda: 1)  # other processes do not see this transaction
    return tmp_path / "public"


@pytest.fixture
def served():
    """Serves a folder as anybody would: its address."""
    servers = []

    def serve(folder):
        port = str(free_port())
        command = [sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1", "--directory", str(folder)]
        servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return f"http://127.0.0.1:{port}"

    yield serve
    for server in servers:
        server.terminate()
        server.wait()


def read(address):
    """Status, type and body, once the server is up."""
    for _ in range(100):
        try:
            with urlopen(address, timeout=10) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read()
        except HTTPError as error:
            return error.code, "", b""
        except URLError:
            time.sleep(0.1)
    raise AssertionError(address)


def follow_links(base):
    """The status of everything on a server that its pages lead to, from the front page on."""
    ahead, statuses = [f"{base}/index.html"], {}
    while ahead:
        address = ahead.pop()
        statuses[address], kind, body = read(address)
        if "text/html" not in kind:
            continue
        page = html.fromstring(body)
        page.make_links_absolute(address)
        found = {urldefrag(link)[0] for _, _, link, _ in page.iterlinks()}
        ahead += [link for link in found if link.startswith(base) and link not in statuses and link not in ahead]
    return statuses


def links_of(page):
    for element, attribute, address, _ in html.fromstring(page.read_bytes()).iterlinks():
        if attribute in ("href", "src", "action") and not address.startswith("#"):
            yield element, address


def test_every_link_of_the_folder_leads_to_a_file_of_it_or_to_the_site(folder, served):
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
    base = served(folder)
    statuses = follow_links(base)
    assert {address: status for address, status in statuses.items() if status != 200} == {}
    year = sample_year()
    assert {f"{base}/agency/A1/{year}/receipt.json", f"{base}/search/index.js"} <= statuses.keys()


def test_the_folder_has_the_public_log_as_programs_read_it(folder, settings, tmp_path):
    settings.DATA = tmp_path / "data"
    for number in range(300):  # more than a tile
        log_actions.append_entry(kind="rules", data={"fiscal_year": number})
    log_actions.sign_checkpoint()
    export_site(folder, SITE)
    key = (folder / "log" / "key").read_text().strip()
    assert key == str(log_queries.public_key())
    report = examine(read_log(str(folder / "log")), key=key)
    assert (report.problems, report.size) == ((), 300)
    for level, index, width in tlog.list_tiles(300):
        path = tlog.tile_path(level, index, width)
        assert (folder / "log" / path).read_bytes() == Client(HTTP_HOST="ita.example.go.th").get(f"/log/{path}").content
    bundle = folder / "log" / tlog.tile_path("entries", 1, 44)
    bundle.write_bytes(bundle.read_bytes().replace(b"299", b"298"))
    assert examine(read_log(str(folder / "log")), key=key).problems


def test_the_folder_has_every_page_in_both_languages_and_the_data(folder):
    """Its pages lead to one another, and to the site for what needs it."""
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
    assert not [*folder.glob("**/*.part"), *folder.glob(".*")]
    assert not list(folder.glob("**/account/**"))

    page = folder / "en" / "agency" / "A1" / str(sample_year()) / "index.html"
    found = {address for _, address in links_of(page)}
    assert "../../../index.html" in found  # the front page in English
    assert f"../../../../agency/A1/{sample_year()}/index.html" in found  # the page in Thai
    assert any(address.startswith(f"{SITE}/en/compare/?agency=A1") for address in found)
    home = (folder / "index.html").read_text(encoding="utf-8")
    assert 'action="search/index.html"' in home
    assert f'action="{SITE}/compare/"' in (folder / "compare" / "index.html").read_text(encoding="utf-8")
    assert "hx-get" not in home
    shapes = re.search(r'<template>\s*<script src="([^"]+/province_shapes[^"]*)"', home)
    assert (folder / shapes[1]).is_file()  # finding one's province needs no server
    sheet = next(address for _, address in links_of(page) if address.endswith(".css"))
    styles = page.parent / sheet
    fonts = re.findall(r"url\(([^)]+)\)", styles.read_text(encoding="utf-8"))
    assert fonts
    assert all((styles.parent / font.strip("\"'")).is_file() for font in fonts)

    led_to = exported.files["/methodology/"]
    assert re.fullmatch(r"methodology/\d{4}/index\.html", led_to)
    assert led_to in {a for _, a in links_of(folder / "index.html")}
    # agencies are found without a server
    for language, levels in (("", 1), ("en/", 2)):
        page = html.fromstring((folder / f"{language}search/index.html").read_bytes())
        scripts = [e.get("src") for e in page.iter("script") if e.get("src")][-2:]
        up = "../" * levels
        assert scripts == ["index.js" if levels == 1 else f"{up}search/index.js", f"{up}static/web/offline_search.js"]
        assert page.xpath("//form[@role='search']/@action") == ["index.html"]
    text = (folder / "search" / "index.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("self.prongsaiAgencies = ").removesuffix(";\n"))
    row = next(row for row in index["agencies"] if "/A1/" in row[0])
    assert (folder / row[0]).is_file()
    assert (folder / "en" / row[0]).is_file()
    agency = Agency.objects.get(code="A1")
    assert row[1] == [agency.name_th, agency.province]
    assert "a1" in row[4].split()


@pytest.mark.parametrize(
    ("path", "query", "file"),
    [
        ("/rankings/", "", "rankings/index.html"),
        ("/rankings/", "page=1", "rankings/index.html"),
        ("/rankings/", "page=2", "rankings/page-2/index.html"),
        ("/en/rankings/", "year=2567&page=3", "en/rankings/page-3-year-2567/index.html"),
        ("/rankings/", "page=2&sort=change", ""),
        ("/rankings/", "page=../../x", ""),
        ("/search/", "q=x", ""),
        ("/compare/", "agency=A1", ""),
        ("/api/rounds", "", "api/rounds.json"),
        ("/desk/", "", ""),
    ],
)
def test_every_page_of_a_ranking_has_a_file_and_no_other_question(path, query, file):
    address = site_export._find_of_record(path, query)
    assert (address and site_export._name_file(address)) == file


def test_pages_of_a_ranking_lead_to_one_another(tmp_path):
    links = {
        "?page=1": "../index.html",
        "?page=3": "../page-3/index.html",
        "?page=4": f"{SITE}/rankings/?page=4",  # of which there is no file
        "?sort=change": f"{SITE}/rankings/?sort=change",
        "/agency/A1/2568/": "../../agency/A1/2568/index.html",
    }
    page = "rankings/page-2/index.html"
    addresses = ("/rankings/", "/rankings/?page=3", "/agency/A1/2568/")
    site_export._write(
        tmp_path / (page + site_export._PART), "".join(f'<a href="{link}">x</a><form>' for link in links).encode()
    )
    record = site_export.Selection(site_export._find_of_record)
    files = {address: record.name(address) for address in addresses}
    site_export._lead_to_files(tmp_path, "/rankings/?page=2", record, files, SITE)
    written = html.fromstring((tmp_path / page).read_bytes())
    assert [a.get("href") for a in written.iter("a")] == list(links.values())
    assert {form.get("action") for form in written.iter("form")} == {f"{SITE}/rankings/"}


def test_what_is_written_elsewhere_pushes_no_page_out(folder, settings, tmp_path):
    """What readers asked for answers the export, which stores nothing beside it."""
    settings.DATA, settings.PAGES_BYTES, settings.PAGES_MAX_AGE = tmp_path / "data", 2**24, 0
    address = f"/agency/A1/{sample_year()}/"
    Client(HTTP_HOST="ita.example.go.th").get(address)

    def stored():
        with sqlite3.connect(settings.DATA / "pages" / "pages.sqlite3") as opened:
            return opened.execute("SELECT address FROM page").fetchall()

    before = stored()
    assert before == [(SITE + address,)]
    export_site(folder, SITE)
    assert stored() == before


class StoppedError(Exception):
    pass


@pytest.fixture
def stop_at(folder, monkeypatch):
    """``stop_at(function)``: an export that is stopped when it calls a function of the module for the third time."""

    def stop(function):
        calls, real = [], getattr(site_export, function)

        def stopping(*arguments):
            calls.append(arguments)
            if len(calls) == 3:
                raise StoppedError
            return real(*arguments)

        with monkeypatch.context() as patched, pytest.raises(StoppedError):
            patched.setattr(site_export, function, stopping)
            patched.setattr(site_export, "_AT_ONCE", 5)
            export_site(folder, SITE)

    return stop


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("function", ["_write_answers", "_lead_to_files"])
def test_an_export_that_was_stopped_goes_on_where_it_was(folder, stop_at, monkeypatch, function):
    stop_at(function)
    written = {one.address for one in site_export._read_journal(folder, site_export._describe_state(SITE))}
    assert len(written) >= 10
    with (folder / site_export._JOURNAL).open("a") as journal:
        journal.write('\n[["/cut/", "cut/ind')  # as when the machine loses its power
    asked, ask = [], Reader.ask
    monkeypatch.setattr(Reader, "ask", lambda reader, path, *rest: asked.append(path) or ask(reader, path, *rest))
    again = export_site(folder, SITE)
    assert not written & set(asked[1:])  # the first asks whether the site is there
    other = folder.parent / "other"
    whole = export_site(other, SITE)
    assert (again.files, again.pages) == (whole.files, whole.pages)
    assert contents(folder).keys() == contents(other).keys()
    pages = {
        name for name, body in contents(folder).items() if name.endswith(".html") and body != contents(other)[name]
    }
    assert pages == set()


def test_no_export_goes_on_after_the_record_has_changed(folder, stop_at, published, people):
    stop_at("_write_answers")
    results.withdraw(result_set=published[0], reason="ทดสอบ", by=people["office"])
    with pytest.raises(ExportError, match="เปลี่ยนไป"):
        export_site(folder, SITE)


def test_what_leads_to_an_answer_that_was_none_has_no_file():
    record = site_export.Selection(site_export._find_of_record)
    files = {"/nation/": "nation/2568/index.html", "/nation/2568/": "nation/2568/index.html", "/gone/": "no/index.html"}
    assert site_export._leave_out_lost(files, record).keys() == {"/nation/", "/nation/2568/"}


def test_a_folder_that_has_something_or_a_site_that_is_none_is_refused(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(ExportError, match="ไม่ว่าง"):
        export_site(tmp_path / "mine", SITE)
    with pytest.raises(ExportError, match="400"):
        export_site(folder, "http://elsewhere.example")
    assert not folder.exists()
