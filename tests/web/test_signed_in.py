"""What holds on every address: it opens for whoever may, reading changes nothing, and nobody's cache keeps what a
signed-in person read."""

import hashlib

import pytest
from django.db import connection
from django.urls import reverse

from tests.web.test_permissions import EVERYBODY, TABLE, address_of, addresses, of_libraries, site

__all__ = ["site"]  # a fixture

# not what a page is about: the session itself
UNCOUNTED = {"django_session"}
SLOW = {"memo_file", "paper_file", "poster", "cards"}  # written anew for each reader: opened by one role alone


def digest_database():
    """A digest of every row of every table, by table."""
    digests = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table not in UNCOUNTED:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                rows = sorted(repr(row) for row in cursor.fetchall())
                digests[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return digests


def changed(before, after):
    return sorted(table for table in after if after[table] != before.get(table))


def count_writes():
    """How many rows were written by now, of any table, also those taken back."""
    if connection.vendor == "sqlite":
        return connection.connection.total_changes
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return cursor.fetchone()[0]


def opens(response):
    """Whether somebody who may open an address got its page. One that is not for reading answers 405: its guard stands
    before that check."""
    is_sign_in = response.status_code == 302 and "/account/login/" in response["Location"]
    return response.status_code in (200, 302, 405) and not is_sign_in


@pytest.mark.parametrize("role", EVERYBODY.split())
def test_every_page_opens_reading_changes_nothing_and_no_cache_keeps_it(client, people, site, role):
    """Every address of the site, opened by every role that may: the database before and after, byte for byte. A link in
    a mail, or a picture on another site, must not be able to do anything."""
    if role != "public":
        client.force_login(people[role])
    closed, wrong, kept = [], [], []
    before, writes = digest_database(), count_writes()
    for name, pattern in addresses():
        allowed = TABLE[name][0].split()
        if role not in allowed or (name in SLOW and role != allowed[0]):
            continue
        address = address_of(name, pattern, site, 0)
        response = client.get(address)
        if not opens(response):
            closed.append((name, response.status_code))
        if role == allowed[0]:
            client.head(address)
        if role != "public" and response["Cache-Control"] != "private, no-store":
            kept.append((name, response["Cache-Control"]))
        if writes != count_writes():
            after = digest_database()
            if tables := changed(before, after):
                wrong.append((name, tables))
            before, writes = after, count_writes()
    assert not closed
    assert not wrong
    assert not kept


def test_pages_of_the_sign_in_library_change_nothing(client, people):
    """Signing out by a link, for instance, or removing a factor."""
    client.force_login(people["office"])
    before = digest_database()
    for route in sorted(set(of_libraries())):
        if "<" not in route and "(" not in route:
            response = client.get(f"/{route}")
            assert response["Cache-Control"] == "private, no-store", route
    assert changed(before, digest_database()) == []
    assert client.get(reverse("desk")).status_code == 200  # still signed in


def test_readers_without_an_account_keep_their_cache(client, published):
    assert "no-store" not in client.get(reverse("home")).headers.get("Cache-Control", "")
    assert not client.cookies.get("prongsai_session")
