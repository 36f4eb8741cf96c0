"""What holds on every address: nobody's cache keeps what a signed-in person read, and reading changes nothing."""

import hashlib

import pytest
from django.db import connection
from django.urls import reverse

from tests.web.test_permissions import EVERYBODY, SIGNED_IN, SLOW, TABLE, address_of, addresses, of_libraries, site

__all__ = ["site"]  # a fixture

# not what a page is about: the session itself
UNCOUNTED = {"django_session"}


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


@pytest.mark.parametrize("role", SIGNED_IN.split())
def test_reading_changes_nothing_and_no_cache_keeps_it(client, people, site, role):
    """Every address of the site, opened by every role that may: the database before and after, byte for byte. A link in
    a mail, or a picture on another site, must not be able to do anything."""
    client.force_login(people[role])
    wrong, kept = [], []
    before = digest_database()
    for name, pattern in addresses():
        if role not in TABLE[name][0].split() or (name in SLOW and role != "officer"):
            continue
        for method in (client.get, client.head):
            response = method(address_of(name, pattern, site, 0))
        if response["Cache-Control"] != "private, no-store":
            kept.append((name, response["Cache-Control"]))
        after = digest_database()
        if tables := changed(before, after):
            wrong.append((name, tables))
            before = after
    assert not wrong
    assert not kept


def test_reading_changes_nothing_for_the_public_either(client, site):
    before = digest_database()
    for name, pattern in addresses():
        if TABLE[name] == (EVERYBODY,):
            client.get(address_of(name, pattern, site, 0))
    assert changed(before, digest_database()) == []


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
