"""Every page of every desk with a nation in the demonstration: how long the server takes and how many queries it asks.

    make bench-nation                  # loads `prongsai demo --nation` once, in build/bench-nation; then every page

A page is found as its user would find it: from the desk of each role, link by link, a few of each address. Time is of
the whole request inside the process (Django's test client, no network), in processor time, which other work on the
machine changes less than the clock.
"""

import argparse
import os
import time
from pathlib import Path

LIMIT = 300  # milliseconds of a page of the office
EACH = 12  # pages of one address
ROLES = {
    "office": "office@demo.test",
    "auditor": "auditor@demo.test",
    "assessor": "assessor-1@nation.test",
    "officer": "officer-N00011@nation.test",
    "executive": "executive-N00011@nation.test",
}


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
    from tests.crawl import crawl

    from prongsai.people.models import User

    for role in options.roles:
        print(role)
        found = crawl(User.objects.get(email=ROLES[role]), EACH)
        for dead_end in found.dead_ends:
            print(f"  {dead_end}")
        for name, visits in sorted(found.visits.items(), key=lambda row: -row[1].late):
            middle = sorted(visits.milliseconds)[len(visits.milliseconds) // 2]
            late = f"LATE {visits.slowest}" if visits.late > LIMIT else ""
            numbers = f"{len(visits.queries):>6}{middle:>8.0f}{visits.late:>9.0f}{max(visits.queries):>9}"
            print(f"  {name:42}{numbers}  {late}", flush=True)


if __name__ == "__main__":
    main()
