"""A nation's pages rendered ahead of their readers, as after a publication: 8,317 agencies, five years, two languages.

    make bench-rendering            # the nation of bench-public-pages; --agencies 500 for a part

Says the time by the clock, which others on the machine share, and the processor time of all processes.
"""

import argparse
import os
import resource
import shutil
import sqlite3
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bench.public_pages import build

SAID_EVERY = 60  # seconds


class Watched:
    """A lease that nobody can lose, and that says how far the work is."""

    outcome = ""

    def __init__(self) -> None:
        self.said = self.started = time.monotonic()

    def progress(self, done: int, total: int, **_: object) -> None:
        now = time.monotonic()
        if now - self.said > SAID_EVERY:
            self.said = now
            print(f"{now - self.started:.0f} s: {done} of {total}", flush=True)

    def write(self, **_: object) -> AbstractContextManager[None]:
        return nullcontext()


def used() -> float:
    """Seconds of processors, of this process and of those that it began and that ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--agencies", type=int, default=0, help="so many of them alone")
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    os.environ.setdefault("PRONGSAI_DATA", str(Path("build/bench-public-pages").resolve()))
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ["PRONGSAI_HOSTS"] = "ita.example.go.th"
    build()
    from itertools import islice

    from django.conf import settings

    from prongsai.web import render_ahead
    from prongsai.web.reader import count_cores
    from prongsai.web.rendered_pages import open_store

    if chosen.agencies:
        everything = render_ahead.list_agencies
        render_ahead.list_agencies = lambda: islice(everything(), chosen.agencies)
    shutil.rmtree(settings.DATA / "pages", ignore_errors=True)
    before, started, lease = used(), time.monotonic(), Watched()
    render_ahead.render_ahead.function(lease)
    clock, processor = time.monotonic() - started, used() - before
    store = open_store()
    with sqlite3.connect(settings.DATA / "pages" / "pages.sqlite3") as opened:
        ((pages,),) = opened.execute("SELECT count(*) - 1 FROM page").fetchall()  # and the end of the run
    print(
        f"{pages} pages on {count_cores()} cores: {clock:.0f} s by the clock, {processor:.0f} s of processors "
        f"({processor / pages * 1000:.1f} ms a page), {store.size() / 2**20:.0f} MB {lease.outcome}"
    )


if __name__ == "__main__":
    main()
