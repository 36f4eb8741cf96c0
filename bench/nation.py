"""Every page of every desk with a nation in the demonstration: how long the server takes and how many queries it asks.

    make bench-nation                  # loads `prongsai demo --nation` once, in build/bench-nation; then every page

A page is found as its user would find it: from the desk of each role, link by link, a few of each address. Time is of
the whole request inside the process (Django's test client, no network), in processor time, which other work on the
machine changes less than the clock.
"""

import argparse
import math
import os
import re
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LIMIT = 300  # milliseconds of a page of the office
EACH = 12  # pages of one address
_HREF = re.compile(r'href="(/[^"#]*)')
ROLES = {
    "office": "office@demo.test",
    "auditor": "auditor@demo.test",
    "assessor": "assessor-1@nation.test",
    "officer": "officer-N00011@nation.test",
    "executive": "executive-N00011@nation.test",
}


@dataclass
class Visits:
    """What was measured of one address: milliseconds of processor time, queries, an address that took longest."""

    milliseconds: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    slowest: str = ""

    def add(self, address: str, milliseconds: float, queries: int) -> None:
        if milliseconds > max(self.milliseconds, default=0):
            self.slowest = address
        self.milliseconds.append(milliseconds)
        self.queries.append(queries)

    @property
    def late(self) -> float:
        """The 95th in a hundred, in milliseconds."""
        return sorted(self.milliseconds)[math.ceil(0.95 * len(self.milliseconds)) - 1]


def crawl(email: str, each: int = EACH) -> dict[str, Visits]:
    """Visit what a role can reach from its desk; by the name of the address. Prints each page that leads where the role
    may not go, or where nothing is."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import resolve

    from prongsai.people.models import User

    client = Client()
    client.force_login(User.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get("/desk/")  # what a process does once
    found: dict[str, Visits] = defaultdict(Visits)
    waiting, seen = deque([("/desk/", "")]), {"/desk/"}
    while waiting:
        address, shown_on = waiting.popleft()
        name = resolve(address.split("?")[0]).view_name
        if len(found[name].milliseconds) >= each:
            continue
        connection.queries_log.clear()  # which forgets the oldest by itself, and then counts none
        began = time.thread_time()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        taken = (time.thread_time() - began) * 1000
        if answer.status_code >= 400:
            print(f"  {answer.status_code} {address} from {shown_on}")
            continue
        found[name].add(address, taken, len(asked))
        for link in list_links(answer):
            if link not in seen:
                seen.add(link)
                waiting.append((link, address))
    return {name: visits for name, visits in found.items() if visits.queries}


def list_links(answer) -> Iterator[str]:
    """The pages of the desk that a page leads to."""
    if "Location" in answer.headers:
        yield from _HREF.findall(f'href="{answer.headers["Location"]}')
    elif answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming:
        yield from (
            link.replace("&amp;", "&") for link in _HREF.findall(answer.content.decode()) if link.startswith("/desk/")
        )


def load(folder: Path) -> None:
    """The nation, once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    os.environ |= {"PRONGSAI_DATA": str(folder), "PRONGSAI_DEMO": "1", "LOG_LEVEL": "ERROR"}
    os.environ.setdefault("PRONGSAI_RECENT_SIGN_IN", "0")
    os.environ.setdefault("PRONGSAI_SECOND_FACTOR", "")
    from prongsai.cli.platform_commands import prepare_demo

    began = time.process_time()
    prepare_demo("http://127.0.0.1:8000", is_nation=True)
    print(f"loaded in {time.process_time() - began:.0f} s of processor time", flush=True)
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("roles", nargs="*", default=list(ROLES))
    parser.add_argument("--folder", type=Path, default=Path("build/bench-nation"))
    options = parser.parse_args()
    load(options.folder.resolve())
    print(f"{'':44}{'pages':>6}{'median':>8}{'p95, ms':>9}{'queries':>9}")
    for role in options.roles:
        print(role)
        for name, visits in sorted(crawl(ROLES[role]).items(), key=lambda row: -row[1].late):
            middle = sorted(visits.milliseconds)[len(visits.milliseconds) // 2]
            late = f"LATE {visits.slowest}" if visits.late > LIMIT else ""
            numbers = f"{len(visits.queries):>6}{middle:>8.0f}{visits.late:>9.0f}{max(visits.queries):>9}"
            print(f"  {name:42}{numbers}  {late}", flush=True)


if __name__ == "__main__":
    main()
