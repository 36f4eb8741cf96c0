"""Public pages are rendered once; nobody reads a page that is not true any more, or one that was somebody else's."""

import sqlite3
import zlib
from datetime import timedelta

import brotli
import pytest
import zstandard
from django.db import DatabaseError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, include, path, reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri

from prongsai.improvement.models import Plan
from prongsai.machines import table_changes
from prongsai.machines.models import TableChange
from prongsai.people.access import public_page
from prongsai.registry.models import Agency
from prongsai.registry.queries import today
from prongsai.results import actions as results
from prongsai.results.models import ResultSet
from prongsai.web import page_store, rendered_pages
from prongsai.web.api import api
from prongsai.web.page_store import PageHead, PageStore
from prongsai.web.render_ahead import write_files
from prongsai.web.rendered_pages import rendered_once
from tests.conftest import sample_year
from tests.improvement.plans import approved_plan

DECODE = {
    "": lambda body: body,
    "gzip": lambda body: zlib.decompress(body, wbits=31),
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


@pytest.fixture
def stored(settings, tmp_path):
    """Pages are stored, and every request asks what has changed."""
    settings.DATA, settings.PAGES_BYTES, settings.PAGES_MAX_AGE = tmp_path, 2**24, 0
    settings.MEDIA_ROOT = tmp_path / "media"  # where no other test has written the files of this state of the data
    return tmp_path


def marked_addresses():
    year, code = sample_year(), "A1"
    arguments = {"code": code, "fiscal_year": year, "section": "results", "glossary": "nodes", "side": 180}
    for pattern in get_resolver("prongsai.web.urls").url_patterns:
        if getattr(pattern.callback, "rendered_once", None) is None or "publication_id" in str(pattern.pattern):
            continue
        wanted = {k: v for k, v in arguments.items() if f":{k}>" in str(pattern.pattern)}
        yield reverse(pattern.name, kwargs=wanted)
    yield from (a.format(year=year, code=code) for a in ASKING)
    api = {"code": code, "fiscal_year": year}
    yield from (f"/api{address.format(**api)}" for address in _addresses_of_api())


ASKING = (
    "/rankings/?sort=change&order=worst&col=change&col=falls&col=weak&col=reasons&size=50",
    "/rankings/?year={year}&kind=sao&province=ขอนแก่น&page=1",
    "/rankings/?province=ตาก&district=แม่สอด",
    "/feed.xml?province=ตาก&topic=results",
    "/compare/?agency={code}&agency=B2&year={year}",
    "/api/agencies?limit=1&fictional=false",
    "/api/rounds/{year}/ranking?sort=weak&order=worst&page=1&size=5",
    "/api/rounds/{year}/ranking?province=x&district=y",
)


def _addresses_of_api():
    for router in api._routers:
        yield from router[1].path_operations


def test_every_answer_of_the_api_is_rendered_once(published, stored, settings):
    addresses = [a for a in marked_addresses() if a.startswith("/api/")]
    assert len(addresses) >= 9
    for address in addresses:
        Client().get(address)
    assert {a.removeprefix("http://testserver") for (a,) in sqlite3_rows(stored)} == set(map(iri_to_uri, addresses))


def read_all(client, addresses):
    """Status and body of each; of a refusal, which has a number of its own, the status alone."""
    answers = [(a, client.get(a, headers={"Accept-Encoding": ""})) for a in addresses]
    return {a: (r.status_code, r.content if r.status_code == 200 else b"") for a, r in answers}


def all_addresses():
    return [prefix + a for a in marked_addresses() for prefix in ("", "/en")]


def read_anew(settings, addresses):
    """What these addresses answer without any store, once every file has a digest."""
    write_files()
    size, settings.PAGES_BYTES = settings.PAGES_BYTES, 0
    try:
        return read_all(Client(), addresses)
    finally:
        settings.PAGES_BYTES = size


def test_every_marked_page_is_rendered_once(published, running_round, stored, settings, django_assert_num_queries):
    addresses = [a for a, (status, _) in read_anew(settings, all_addresses()).items() if status == 200]
    assert len(addresses) >= 40
    client = Client()
    first = read_all(client, addresses)
    with django_assert_num_queries(len(addresses)):  # what has changed, and nothing else
        assert read_all(client, addresses) == first
    assert first == read_anew(settings, addresses)


def test_the_page_of_a_computed_result_is_rendered_once(published, stored, monkeypatch, django_assert_num_queries):
    """Though it says which marks came in a table, of tables that change while others are marked."""
    computed = property(lambda _: ResultSet.Origin.RUN, lambda *_: None)
    monkeypatch.setattr(ResultSet, "origin", computed)
    client, address = Client(), f"/agency/A1/{sample_year()}/"
    page = client.get(address).content
    with django_assert_num_queries(1):  # what has changed
        assert client.get(address).content == page


def test_a_stored_result_for_a_frame_may_still_stand_in_one(published, stored, django_assert_num_queries):
    client, address = Client(), f"/agency/A1/{sample_year()}/embed/"
    first = client.get(address)
    with django_assert_num_queries(1):  # what has changed: it is stored
        second = client.get(address)
    for page in (first, second):
        assert page.status_code == 200
        assert "frame-ancestors *" in page["Content-Security-Policy"]
        assert "nonce" not in page["Content-Security-Policy"].lower()
        assert "X-Frame-Options" not in page.headers


def rename(people, agencies, published):
    Agency.objects.filter(pk=agencies[0].pk).update(name_th="องค์การบริหารส่วนตำบลชื่อใหม่", name_en="New Name")


def change_by_hand(people, agencies, published):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_agency SET province = 'ตาก' WHERE code = %s", ["A1"])


def withdraw(people, agencies, published):
    results.withdraw(result_set=published[0], reason="ทดสอบ", by=people["office"])


def plan(people, agencies, published):
    approved_plan(agencies[0], people)
    Plan.objects.update(public=True)


ACTS = [rename, change_by_hand, withdraw, plan]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_no_page_stays_when_what_it_shows_has_changed(
    act, people, agencies, published, running_round, stored, settings
):
    addresses = all_addresses()
    before = read_all(Client(), addresses)
    act(people, agencies, published)
    write_files()
    after = read_all(Client(), addresses)
    assert after == read_anew(settings, addresses)
    assert after != before


def test_no_page_stays_when_the_day_that_it_shows_has_passed(published, running_round, stored, settings, monkeypatch):
    """And those of results stay, whatever the day is."""
    addresses = all_addresses()
    write_files()
    read_all(Client(), addresses)
    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)
    after = read_all(Client(), addresses)
    assert after == read_anew(settings, addresses)
    with CaptureQueriesContext(connection) as queries:
        read_all(Client(), ["/", "/nation/", f"/agency/A1/{sample_year()}/", "/rankings/"])
    assert len(queries) == 4  # what has changed


def test_whoever_is_signed_in_is_never_stored_and_reads_nothing_stored(published, people, stored):
    officer, anybody = Client(), Client()
    officer.force_login(people["officer"])
    theirs = officer.get("/")
    assert people["officer"].name in theirs.content.decode()
    assert theirs["Cache-Control"] == "private, no-store"
    public = anybody.get("/")
    assert people["officer"].name not in public.content.decode()
    assert public["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Cookie" not in public["Vary"]
    assert not public.cookies
    assert people["officer"].name in officer.get("/").content.decode()


@pytest.mark.parametrize(
    ("address", "headers", "cookies"),
    [
        ("/?unknown=1", {}, {}),
        ("/", {"HX-Request": "true"}, {}),
        ("/", {}, {"messages": "x"}),
        ("/", {}, {"prongsai_session": "x"}),
        ("/search/?q=x", {}, {}),
        ("/rankings/?q=x", {}, {}),
        ("/rankings/", {"HX-Request": "true"}, {}),
        ("/compare/?q=x", {}, {}),
        ("/api/agencies?q=x", {}, {}),
        ("/agency/nobody/", {}, {}),
        ("/?year=" + "2" * 300, {}, {}),
    ],
)
def test_what_may_differ_is_not_stored(address, headers, cookies, published, stored):
    client = Client()
    client.cookies.load(cookies)
    client.get(address, headers=headers)
    assert not sqlite3_rows(stored)


def sqlite3_rows(folder):
    path = folder / "pages" / "pages.sqlite3"
    if not path.exists():
        return []
    with sqlite3.connect(path) as opened:
        return opened.execute("SELECT address FROM page").fetchall()


def test_a_page_of_a_table_that_nobody_watches_is_not_stored(published, stored, monkeypatch):
    monkeypatch.setattr(rendered_pages, "WATCHED", [t for t in rendered_pages.WATCHED if t != "registry_agency"])
    Client().get(reverse("agency_year", args=["A1", sample_year()]))
    assert not sqlite3_rows(stored)


def set_a_cookie(request):
    response = HttpResponse("x")
    response.set_cookie("name", "value")
    return response


def depend_on_the_browser(request):
    return HttpResponse("x", headers={"Vary": "User-Agent"})


def send_bit_by_bit(request):
    return StreamingHttpResponse(iter(["x"]))


def write_something(request):
    Agency.objects.update(name_en="x")
    return HttpResponse("x")


def say_the_date(request):
    return HttpResponse(str(today()))


VIEWS = (set_a_cookie, depend_on_the_browser, send_bit_by_bit, write_something)
urlpatterns = [path(f"{view.__name__}/", public_page(rendered_once()(view))) for view in VIEWS]
urlpatterns.append(path("plain/", public_page(rendered_once()(lambda request: HttpResponse("x")))))
urlpatterns.append(path("date/", public_page(rendered_once()(say_the_date))))
urlpatterns.append(path("", include("prongsai.urls")))


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_page_that_is_more_than_a_page_is_not_stored(view, agencies, stored):
    assert Client().get("/plain/").status_code == 200
    assert Client().get(f"/{view.__name__}/").status_code == 200
    assert sqlite3_rows(stored) == [("http://testserver/plain/",)]


@pytest.mark.urls(__name__)
def test_a_page_that_says_the_date_is_of_one_day(agencies, stored, monkeypatch):
    said = [Client().get("/date/").content.decode() for _ in range(2)]
    later = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    said.append(Client().get("/date/").content.decode())
    assert said == [said[0], said[0], f"{timezone.localdate(later)}"]
    assert said[2] != said[0]
    assert sqlite3_rows(stored) == [("http://testserver/date/",)]


@pytest.mark.parametrize("encoding", ["", "gzip", "br", "zstd"])
def test_pages_are_sent_in_what_the_reader_takes(encoding, published, stored):
    plain = Client().get("/nation/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    for _ in range(2):
        answer = Client().get("/nation/", headers={"Accept-Encoding": encoding})
        assert answer.headers.get("Content-Encoding", "") == encoding
        assert DECODE[encoding](answer.content) == plain.content
        assert answer["Content-Length"] == str(len(answer.content))
        assert answer["Vary"] == "Accept-Encoding"


def test_a_page_of_which_a_part_is_asked_is_not_taken_for_the_part(published, stored):
    for _ in range(2):
        page = Client().get("/rankings/")
        assert set(page["Vary"].split(", ")) == {"HX-Request", "Accept-Encoding"}
        assert b"<html" in page.content
    assert b"<html" not in Client().get("/rankings/", headers={"HX-Request": "true"}).content


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "zstd"),
        ("*;q=0", ""),
        ("gzip;q=x", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_the_best_encoding_that_a_reader_takes(accepted, chosen):
    assert rendered_pages.choose_encoding(accepted) == chosen


def test_who_has_the_page_is_sent_none(published, stored):
    client = Client()
    first = client.get("/nation/")
    again = client.get("/nation/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    Agency.objects.update(name_th="ชื่อใหม่")
    head = client.head("/nation/")
    assert (head.status_code, head.content) == (200, b"")


def test_another_host_has_its_own_pages(published, stored, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    for host in ("a.example", "b.example"):
        client.get("/nation/", headers={"Host": host})
    assert len(sqlite3_rows(stored)) == 2


def test_pages_are_read_while_the_database_is_gone(published, stored, monkeypatch):
    client = Client()
    page = client.get("/nation/").content

    def fail(alias):
        raise DatabaseError

    monkeypatch.setattr(rendered_pages, "read_revisions", fail)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/nation/").content == page
    assert not len(queries)
    rendered = client.get("/")  # not rendered before: made for this reader alone
    assert rendered.status_code == 200
    assert len(sqlite3_rows(stored)) == 1


def test_a_file_of_pages_that_cannot_be_read_is_no_error(published, stored):
    (stored / "pages").mkdir()
    (stored / "pages" / "pages.sqlite3").write_bytes(b"no database" * 200)
    assert Client().get("/nation/").status_code == 200


def test_the_oldest_pages_go_when_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(page_store, "_PUTS_PER_CHECK", 10)
    store = PageStore(tmp_path / "pages.sqlite3", 300_000)
    head = PageHead(headers={}, route="", digest="", stamp="", tables={})
    noise = [bytes((i * j * j) % 251 for j in range(8_000)) for i in range(3)]
    for i in range(400):
        store.put(f"/{i}", head, b"".join(noise) + str(i).encode())
    sizes = [p.stat().st_size for p in tmp_path.glob("pages.sqlite3")]
    assert sum(sizes) < 1_500_000
    assert store.find("/0", "gzip") is None
    assert store.find("/399", "gzip") is not None


# --- revisions of tables


def test_a_revision_changes_with_every_kind_of_change(agencies):
    seen = []
    for change in (
        lambda: None,
        lambda: agencies[0].save(),
        lambda: Agency.objects.update(name_en="x"),
        lambda: Agency.objects.create(assessment_id="ita", code="C3", name_th="ใหม่", kind="sao", province="ตาก"),
        lambda: Agency.objects.filter(code="C3").delete(),
    ):
        change()
        seen.append(table_changes.read_revisions("default")["registry_agency"])
    assert seen == sorted(set(seen))


def test_joined_changes_are_the_same_revision(agencies):
    for step in (5, 7, 11):  # as PostgreSQL has them
        TableChange.objects.create(table="registry_agency", step=step)
    before = table_changes.read_revisions("default")
    table_changes.join_changes()
    assert table_changes.read_revisions("default") == before
    tables = list(TableChange.objects.values_list("table", flat=True))
    assert len(tables) == len(set(tables))


def test_tables_are_watched_again_after_one_was_written_anew(agencies):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER registry_agency_changed_UPDATE")
        else:
            cursor.execute("DROP TRIGGER registry_agency_changed ON registry_agency")
    before = table_changes.read_revisions("default")
    Agency.objects.update(name_en="x")
    assert table_changes.read_revisions("default") == before
    table_changes.watch_tables(rendered_pages.WATCHED, "default")
    Agency.objects.update(name_en="y")
    assert table_changes.read_revisions("default") != before
