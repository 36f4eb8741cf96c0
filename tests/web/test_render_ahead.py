"""Pages that were rendered before anybody asked are those that a reader would have got, and are as quickly outdated."""

import json
import logging
import sqlite3
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from prongsai.jobs.leases import NO_LEASE, LeaseLostError
from prongsai.registry.models import Agency, AgencyVersion
from prongsai.results import actions as results
from prongsai.results.models import PublishedResult
from prongsai.web import render_ahead, rendered_pages
from prongsai.web.reader import Reader
from tests.conftest import sample_year

SITE = "http://ita.example.go.th"


@pytest.fixture(autouse=True)
def site(settings, tmp_path, monkeypatch):
    settings.DATA, settings.PAGES_BYTES, settings.PAGES_MAX_AGE = tmp_path, 2**24, 0
    settings.SITE, settings.ALLOWED_HOSTS = SITE, ["ita.example.go.th", "testserver"]
    monkeypatch.setattr(render_ahead, "count_cores", lambda: 1)  # other processes do not see this transaction
    return tmp_path


def heads(folder):
    with sqlite3.connect(folder / "pages" / "pages.sqlite3") as opened:
        rows = opened.execute("SELECT address, head FROM page WHERE address LIKE 'http%'").fetchall()
    return {address: json.loads(head) for address, head in rows}


def addresses():
    return [f"{prefix}/agency/A1/{sample_year()}/" for prefix in ("", "/en")]


def read(address):
    return Client(HTTP_HOST="ita.example.go.th").get(address, headers={"Accept-Encoding": ""}).content


def test_what_was_rendered_ahead_is_what_a_reader_gets(published, site, settings):
    assert render_ahead.is_behind()
    render_ahead.render_ahead.call()
    assert heads(site).keys() >= {SITE + address for address in addresses()}
    assert len(heads(site)) == 2 * PublishedResult.objects.count()
    with CaptureQueriesContext(connection) as queries:
        pages = [read(address) for address in addresses()]
    assert len(queries) == 2  # what has changed
    settings.PAGES_BYTES = 0
    assert pages == [read(address) for address in addresses()]


def test_the_second_language_reads_nothing_again_and_knows_what_the_first_read(published, site):
    render_ahead.render_ahead.call()
    thai, english = (heads(site)[SITE + address]["tables"] for address in addresses())
    assert thai == english
    assert "day" not in thai  # at midnight nothing is to do
    assert {"registry_agencyversion", "rulebooks_rulebook", "results_publishedresult"} <= thai.keys()
    agency = Agency.objects.get(code="A1")
    day = agency.since + timedelta(9)
    AgencyVersion.objects.create(agency=agency, since=agency.since, until=day, name_th="อบต.ชื่อเดิม", kind="sao")
    assert all("อบต.ชื่อเดิม".encode() in read(address) for address in addresses())


def test_the_years_of_an_agency_are_read_together(published):
    (addresses,) = [a for a in render_ahead.list_agencies() if "/agency/A1/" in a[0]]
    reader = Reader(SITE)
    reader.render(addresses[:1])  # rules and peers are remembered beyond it
    Agency.objects.update(name_en="x")
    with CaptureQueriesContext(connection) as one_year:
        reader.render(addresses[:1])
    Agency.objects.update(name_en="y")
    with CaptureQueriesContext(connection) as all_years:
        reader.render(addresses)
    assert len(addresses) > 1
    more = len(all_years) - len(one_year)
    assert more <= 3 * (len(addresses) - 1), [q["sql"] for q in all_years.captured_queries]


def test_what_changes_between_two_pages_of_an_agency_is_seen_by_the_next_reader(published):
    thai, english = addresses()
    with rendered_pages.share_parts():
        read(thai)
        Agency.objects.filter(code="A1").update(name_en="Changed Meanwhile SAO")
        read(english)
    assert b"Changed Meanwhile SAO" in read(english)


def test_a_page_is_noted_to_rest_on_rules_that_were_read_for_another_page(published, site):
    for address in (f"/nation/{sample_year()}/", f"/agency/A1/{sample_year()}/"):
        read(address)
    assert all("rulebooks_rulebook" in head["tables"] for head in heads(site).values())


def test_it_is_behind_after_whatever_outdates_all_pages(published, people, monkeypatch):
    render_ahead.render_ahead.call()
    assert not render_ahead.is_behind()
    Agency.objects.update(name_en="x")  # outdates pages, but is no reason to render a nation
    assert not render_ahead.is_behind()
    with monkeypatch.context() as patch:
        patch.setattr(render_ahead, "program_stamp", lambda: "of a new version")
        assert render_ahead.is_behind()
    results.withdraw(result_set=published[0], reason="ทดสอบ", by=people["office"])
    assert render_ahead.is_behind()


@pytest.mark.parametrize(("name", "value"), [("SITE", ""), ("PAGES_BYTES", 0)])
def test_without_an_address_or_a_store_nothing_is_rendered(published, settings, name, value):
    setattr(settings, name, value)
    assert not render_ahead.is_behind()


class _Lease:
    """Belongs to somebody else after so many words of progress."""

    outcome = ""

    def __init__(self, most):
        self.most, self.said = most, []

    def progress(self, done, total, **_):
        self.said.append((done, total))
        if len(self.said) > self.most:
            raise LeaseLostError

    write = NO_LEASE.write


def test_a_run_that_was_stopped_goes_on_where_it_was(published, site, monkeypatch):
    asked = [f"/agency/A1/{sample_year()}/", "/nation/", "/"]
    monkeypatch.setattr(render_ahead, "list_agencies", lambda: ([address] for address in asked))
    monkeypatch.setattr(render_ahead, "_PAGES_PER_PROGRESS", 1)
    with pytest.raises(LeaseLostError):
        render_ahead.render_ahead.function(_Lease(2))
    assert heads(site).keys() == {SITE + prefix + a for a in asked[:2] for prefix in ("", "/en")}
    assert render_ahead.is_behind()
    stored = heads(site)
    lease = _Lease(9)
    render_ahead.render_ahead.function(lease)
    assert lease.said == [(0, 2), (1, 2), (2, 2), (3, 2)]
    assert len(heads(site)) == 6
    assert stored.items() <= heads(site).items()
    assert not render_ahead.is_behind()


def test_it_ends_when_the_store_is_nearly_full(published, site, settings):
    settings.PAGES_BYTES = 1
    lease = _Lease(9)
    render_ahead.render_ahead.function(lease)
    assert heads(site) == {}
    assert "เกือบเต็ม" in lease.outcome
    assert not render_ahead.is_behind()  # it would be the same again


def test_no_line_in_the_log_says_that_somebody_read(published, caplog):
    with caplog.at_level(logging.INFO, logger="prongsai.request"):
        render_ahead.render_ahead.call()
        assert not caplog.records
        Client().get("/", headers={"prongsai.ahead": "1"})
    assert len(caplog.records) == 1
