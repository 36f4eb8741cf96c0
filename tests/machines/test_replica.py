"""Public pages read a copy of the database while it answers; nothing else does, and nothing is ever written to it."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connections
from django.test import Client
from django.urls import get_resolver

from prongsai.machines import replica
from prongsai.machines.replica import ROUTES, Router
from prongsai.people.models import User
from prongsai.registry.models import Agency
from tests.machines.machine import Machine

WRITE = """
import django
django.setup()
from prongsai.registry.models import Agency
Agency.objects.using("replica").update(name_th="x")
"""


def test_every_route_that_reads_the_copy_is_a_public_page():
    found = {}

    def walk(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns)
            elif pattern.name:
                found[pattern.name] = pattern.callback

    walk(get_resolver().url_patterns)
    assert found.keys() >= ROUTES
    assert {name for name in ROUTES if getattr(found[name], "action", "") != "public"} == set()
    assert not ROUTES & {"answer_survey", "account_login", "is_ready", "health"}


def test_a_write_goes_to_the_primary_even_of_what_was_read_from_the_copy():
    agency = Agency(code="A1")
    agency._state.db = "replica"
    token = replica._reads_copy.set(True)
    try:
        assert Router().db_for_read(Agency) == "replica"
        assert Router().db_for_write(Agency, instance=agency) == "default"
    finally:
        replica._reads_copy.reset(token)
    assert Router().db_for_read(Agency) == "default"
    assert Router().allow_migrate("replica", "people") is False


# --- with a copy that is told apart from the primary


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server whose copy of the database calls an agency by its old name; and both databases."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        pytest.skip("a copy is one of PostgreSQL: python -m tests.postgres pytest …")
    primary, copy = (urlunsplit(urlsplit(server)._replace(path=f"/{n}_{os.getpid()}")) for n in ("primary", "replica"))
    machine = Machine(tmp_path_factory.mktemp("replica") / "a", {"DATABASE_URL": primary})
    names = [urlsplit(url).path[1:] for url in (primary, copy)]
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(f"CREATE DATABASE {names[0]}")
        assert machine.call("migrate")[0] == 0
        made = machine.run("set_up")
        machine.driver.stdin.close()
        machine.driver.wait()
        machine.driver.stdout.close()
        machine.driver = None
        own.execute(f"CREATE DATABASE {names[1]} TEMPLATE {names[0]}")
        with psycopg.connect(primary, autocommit=True) as connection:
            connection.execute("UPDATE registry_agency SET name_th = 'ชื่อใหม่ของหน่วยงาน'")
            connection.execute(
                "INSERT INTO registry_agency (code, assessment_id, name_th, name_en, kind, province, district, "
                "parent_code, website, since, fictional, search, \"order\") SELECT 'NEW', assessment_id, "
                "'หน่วยงานตั้งใหม่', '', kind, '', '', '', '', since, false, '', 'z' FROM registry_agency LIMIT 1"
            )
        machine.environment["PRONGSAI_DATABASE_REPLICA"] = copy
        machine.serve()
        try:
            yield machine, made["session"], own, names[1]
        finally:
            machine.close()
            for name in names:
                own.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


OLD, NEW = "บ้านทดสอบ".encode(), "ชื่อใหม่ของหน่วยงาน".encode()


def test_strangers_read_the_copy_and_whoever_is_signed_in_the_primary(site):
    machine, session, *_ = site
    status, page = machine.get("/agency/N00/")
    assert (status, OLD in page, NEW in page) == (200, True, False)
    status, page = machine.get("/agency/N00/", session)
    assert (status, OLD in page, NEW in page) == (200, False, True)
    status, page = machine.get("/desk/agency/N00/", session)
    assert (status, NEW in page) == (200, True)


def test_what_the_copy_does_not_have_yet_is_found_in_the_primary(site):
    machine, *_ = site
    status, page = machine.get("/agency/NEW/")
    assert (status, "หน่วยงานตั้งใหม่".encode() in page) == (200, True)


def test_nothing_is_written_to_the_copy_and_it_refuses_by_itself(site):
    machine, session, *_ = site
    dsn = machine.environment["PRONGSAI_DATABASE_REPLICA"]
    count = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables"

    def changes():
        with psycopg.connect(dsn) as connection:
            return connection.execute(count).fetchone()[0]

    before = changes()
    for path in (
        "/",
        "/search/?q=N00",
        "/rankings/",
        "/data/",
        "/compare/",
        "/nation/",
        "/agency/N00/",
    ):
        assert machine.get(path)[0] == 200, path
    machine.post("/account/login/", {"login": "officer@example.test", "password": "wrong"})
    machine.get("/desk/", session)
    assert changes() == before
    done = subprocess.run(
        [sys.executable, "-c", WRITE], env=machine.environment, capture_output=True, text=True, timeout=120
    )
    assert "read-only transaction" in done.stderr


def test_a_public_page_works_while_the_copy_is_gone_and_reads_it_when_it_is_back(site):
    machine, _, own, name = site
    own.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    own.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    for _ in range(5):
        status, page = machine.get("/agency/N00/")
        assert (status, NEW in page) == (200, True)
    code, said = machine.call("doctor")
    assert (code, "PRONGSAI_DATABASE_REPLICA" in said) == (1, True)
    own.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


# --- in this process, without a server


class FakeCopy:
    """A copy that answers everything with an error."""

    def __init__(self, calls):
        self.calls = calls

    def close(self):
        self.calls.append("closed")


@pytest.fixture
def broken_copy(monkeypatch):
    calls = []
    monkeypatch.setitem(settings.DATABASES, "replica", {})
    monkeypatch.setattr(replica, "_primary_until", 0.0)
    monkeypatch.setattr(type(connections), "__getitem__", _answer(type(connections).__getitem__, FakeCopy(calls)))
    return calls


def _answer(original, fake):
    return lambda self, alias: fake if alias == "replica" else original(self, alias)


def test_a_copy_that_fails_is_left_alone_for_a_while(db, rf, broken_copy, monkeypatch):
    asked = []

    def view(request):
        asked.append(replica._reads_copy.get())
        raise DatabaseError("gone")

    middleware = replica.ReplicaMiddleware(lambda request: None)

    def visit(name="home", method="get", cookies=()):
        request = getattr(rf, method)("/")
        request.resolver_match = type("Match", (), {"url_name": name})
        request.COOKIES.update(cookies)
        return middleware.process_view(request, view, (), {})

    assert visit("desk") is None
    assert visit(method="post") is None
    assert visit(cookies={"prongsai_session": "x"}) is None
    assert asked == []
    assert visit() is None  # and the primary answers
    assert (asked, broken_copy) == ([True], ["closed"])
    assert visit() is None
    assert asked == [True]  # not asked again at once: each time would cost the wait for a connection
    later = replica.time.monotonic() + replica.PAUSE + 1
    monkeypatch.setattr(replica.time, "monotonic", lambda: later)
    visit()
    assert asked == [True, True]
    assert not replica._reads_copy.get()


def test_without_a_copy_nothing_changes(db):
    assert Client().get("/").status_code == 200
    assert User.objects.count() == 0
