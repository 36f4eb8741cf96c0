"""Every page of the desk that somebody can reach, link by link as they would find it, and what each costs."""

import math
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

_HREF = re.compile(r'href="(/desk/[^"#]*)')


@dataclass
class Visits:
    """What was measured of one address: milliseconds of processor time, queries, the page that took longest."""

    milliseconds: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    slowest: str = ""

    def add(self, address, milliseconds, queries):
        if milliseconds > max(self.milliseconds, default=0):
            self.slowest = address
        self.milliseconds.append(milliseconds)
        self.queries.append(queries)

    @property
    def late(self):
        """The 95th in a hundred, in milliseconds."""
        return sorted(self.milliseconds)[math.ceil(0.95 * len(self.milliseconds)) - 1]


@dataclass
class Crawl:
    """The visits by the name of the address; and each page that leads where its reader may not go or where nothing is,
    as "status address from page"."""

    visits: dict[str, Visits]
    dead_ends: list[str]


def crawl(user, each):
    """Visit ``each`` pages of every address that a user can reach from the desk."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/desk/")  # what a process does once
    visits, dead_ends = defaultdict(Visits), []
    waiting, seen = deque([("/desk/", "")]), {"/desk/"}
    while waiting:
        address, shown_on = waiting.popleft()
        name = resolve(address.split("?")[0]).view_name
        if len(visits[name].queries) >= each:
            continue
        connection.queries_log.clear()  # which forgets the oldest by itself, and then counts none
        began = time.thread_time()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        taken = (time.thread_time() - began) * 1000
        if answer.status_code >= 400:
            dead_ends.append(f"{answer.status_code} {address} from {shown_on}")
            continue
        visits[name].add(address, taken, len(asked))
        for link in _list_links(answer):
            if link not in seen:
                seen.add(link)
                waiting.append((link, address))
    return Crawl({name: v for name, v in visits.items() if v.queries}, dead_ends)


def _list_links(answer):
    if location := answer.headers.get("Location"):
        return [location] if location.startswith("/desk/") else []
    if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    return [link.replace("&amp;", "&") for link in _HREF.findall(answer.content.decode())]
