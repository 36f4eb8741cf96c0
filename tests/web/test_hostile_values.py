"""Values that no form of ours sends, in every address of the site: an answer of the site, never an error of it."""

import re
from pathlib import Path
from urllib.parse import unquote

from django.db import connection
from django.urls import Resolver404, resolve

import prongsai
from tests.web.test_permissions import EVERYBODY, TABLE, address_of, addresses, site

__all__ = ["site"]  # a fixture

# NUL, which PostgreSQL refuses, also hidden from whoever takes it out once; half a character; more than a column holds,
# numbers beyond 64 bits, of another script, and none at all
TEXTS = ["a%00b", "%%0000", "%ED%A0%80", "%E0%B8%81" * 999, "..%2F..%2Fetc", "9" * 30, "-1", "%D9%A3", "1e999"]


PARAMETER = re.compile(r"""\.GET(?:\.get\(|\.getlist\(|\[)"(\w+)\"""")


def parameters():
    """Every name of a query that a view of ours reads."""
    sources = Path(prongsai.__file__).parent.rglob("*.py")
    return sorted({name for source in sources for name in PARAMETER.findall(source.read_text())})


def spoilt(address, parts, names, place, queries):
    """Three times the address with one of its parts after the other exchanged, and ``queries`` times with every name of
    a query: other values each time, and at the next address others. Each with the value that is in its path."""
    for turn in range(3):
        values = [TEXTS[(place + turn * 3 + k) % len(TEXTS)] for k in range(len(names))]
        for part, value in zip(filter(None, parts), values, strict=False):
            yield value, address.replace(f"/{part}/", f"/{value}/", 1)
        if turn < queries:
            yield "", f"{address}?{'&'.join(f'{name}={value}' for name, value in zip(names, values, strict=True))}"


def reaches_a_view(path):
    try:
        resolve(unquote(path.partition("?")[0], errors="replace"))
    except Resolver404:
        return False
    return True


def test_no_value_in_an_address_is_an_error(client, people, site):
    """Each address by the first role that may open it: its guard stands before whatever reads a value. A query opens
    the whole page: on the database that refuses most, three times."""
    client.raise_request_exception = False
    queries = 3 if connection.vendor == "postgresql" else 1
    wrong, unreached, opened = set(), set(), set()
    names = parameters()
    for role in EVERYBODY.split():
        if role != "public":
            client.force_login(people[role])
        for place, (name, pattern) in enumerate(addresses()):
            if role not in TABLE[name][0].split() or name in opened:
                continue
            opened.add(name)
            address = address_of(name, pattern, site, 0)
            parts = [str(site[0].get(k, "")) for k in pattern.pattern.converters]
            for value, path in spoilt(address, parts, names, place, queries):
                if not reaches_a_view(path):  # whatever is around it, the same page says that there is none
                    if value in unreached:
                        continue
                    unreached.add(value)
                if client.get(path).status_code >= 500:
                    wrong.add((name, path[:90]))
    assert not wrong
    assert len(unreached) > len(TEXTS) / 2
    assert opened == set(TABLE)
