"""Every hostile file of the tests, sent to the website as somebody would send it, while others open pages.

    make bombs                         # a site of its own under granian, with two workers; prints the table

Each file of tests/hostile goes where its reader is: imports to the page of imports, which a worker reads; emblems,
templates and workbooks of rules to their pages; pages of the web to the reader that link checks use. It is answered
within LIMIT seconds by a sentence, and reading it takes its children no more processor time than that, which is
measured beside it. Meanwhile five pages are opened one after the other, and the page that says whether the server
lives, which does nothing: the slowest is printed beside, and at the end how slow both were, and were while nobody sent
anything. Exits with 1 where an answer is late, is no sentence or takes too much, where a page gave no answer, or 95 in
100 pages took more than PAGE milliseconds. ``--busy`` is for a machine that does other things: of times on the clock
nothing is judged.
"""

import argparse
import http.client
import re
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from unittest.mock import patch

from tests import faults
from tests.conftest import sample_year
from tests.hostile.corpus import BOMBS, stored
from tests.hostile.readers import READERS, import_file

from prongsai.lib.sandbox import client
from prongsai.lib.sandbox.outcome import decode

LIMIT, PAGE = 5, 300  # seconds for an answer, milliseconds for a page
BARE = "/health/live"
MAX_REDIRECTS = 5
THAI = re.compile("[ก-๙]")
_ANSWERS = (
    r'<div class="empty">(.*?)</div>',  # what could not be read
    r'<ul class="messages"[^>]*>(.*?)</ul>',
    r'<p class="[^"]*error[^"]*"[^>]*>(.*?)</p>',
    r'<div class="note bad"[^>]*>(.*?)</div>',
)


class Visitor:
    """Opens pages, one after the other; how long each took, and when. ``refused`` are those without an answer."""

    def __init__(self, site: faults.Site) -> None:
        agency = "/desk/agency/N00/"
        self.pages = (
            "/",
            "/search/?q=%E0%B8%AB%E0%B8%99",
            agency,
            f"{agency}plan/{sample_year() + 1}/",
            "/desk/",
            BARE,
        )
        self.site, self._stop = site, threading.Event()
        self.taken: list[tuple[float, float, str]] = []
        self.refused: list[str] = []
        self._thread = threading.Thread(target=self._visit, daemon=True)
        self._thread.start()

    def _visit(self) -> None:
        number = 0
        while not self._stop.is_set():
            page = self.pages[number % len(self.pages)]
            began = time.perf_counter()
            answer = faults.request(self.site.address, self.site.site["session"], page)
            if self._stop.is_set():  # the site may be closing
                break
            if not answer or answer[0] != 200:
                self.refused.append(f"{page}: {answer[0] if answer else 'no answer'}")
            self.taken.append((began, (time.perf_counter() - began) * 1000, page))
            number += 1
            time.sleep(0.02)

    def between(self, first: float, last: float = float("inf"), *, bare: bool = False) -> list[float]:
        taken = list(self.taken)
        return [t for began, t, page in taken if first <= began < last and (page == BARE) == bare]

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def send(site: faults.Site, who: str, path: str, data: bytes, name: str, **fields: str) -> tuple[int, str, str]:
    """Post a file as a browser does, and follow where it leads, from page to page, with the message that is carried
    along; a document that is imported is not followed. The status, where it leads, and the page."""
    wanted = faults.file_request(site.address, site.site[who], path, data, name, **fields)
    try:
        with faults.OPENER.open(wanted, timeout=60) as page:
            return page.status, "", page.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            place = error.headers.get("Location", "")
            if error.code != 302 or "fiscal_year" in fields:
                return error.code, place, error.read().decode()
            message = [
                c.partition(";")[0] for c in error.headers.get_all("Set-Cookie", []) if c.startswith("messages=")
            ]
    except (OSError, http.client.HTTPException) as error:
        return 0, "", repr(error)
    cookies = "; ".join([wanted.headers["Cookie"], *message])
    for _ in range(MAX_REDIRECTS):
        wanted = urllib.request.Request(site.address + place, headers={"Cookie": cookies})
        try:
            with faults.OPENER.open(wanted, timeout=60) as page:
                return page.status, "", page.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 302:
                    return error.code, "", error.read().decode()
                place = error.headers["Location"]
    return 0, place, "it leads on and on"


def find_sentence(page: str) -> str:
    """What the page says of the file."""
    main = page[page.find("<main") :]
    for pattern in _ANSWERS:
        if found := re.search(pattern, main, re.S):
            return text_of(found[1])
    return text_of(main[: main.find("<form")])


def text_of(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def answer_of(site: faults.Site, reader: str, name: str, data: bytes, path: Path) -> str:
    """Send a file to its reader; what the person reads in the end."""
    agency = "/desk/agency/N00/"
    if reader in ("page", "evidence"):  # a link check, a picture for a report: no person waits
        return "".join(READERS[reader](path)) or "อ่านแล้ว"
    if reader == "file":
        status, place, page = send(site, "session", f"{agency}import/", data, name, fiscal_year="")
        while status == 302:
            _, page = faults.request(site.address, site.site["session"], place) or (0, "กำลังอ่าน")
            if "กำลังอ่าน" not in page:
                return find_sentence(page)
            time.sleep(0.1)
        return find_sentence(page)
    who, path = {
        "emblem": ("session", f"{agency}papers/emblem/"),
        "template": ("session", f"{agency}papers/template/outcome/"),
        "workbook": ("office", f"/desk/rules/{site.draft}/workbook/"),
    }[reader]
    return find_sentence(send(site, who, path, data, name)[2])


def processor_seconds(reader: str, path: Path) -> float:
    """What the children take together that read a file, without the website around them."""
    taken = []

    def note(answer: bytes, ended: Mapping[str, Any], max_seconds: float) -> Any:
        taken.append(ended["seconds"])
        return decode(answer, ended, max_seconds)

    with patch.object(client, "decode", note):
        (import_file if reader == "file" else READERS[reader])(path)
    return sum(taken)


def judge(sentence: str, *, seconds: float, processor: float, is_busy: bool) -> list[str]:
    """What is wrong with an answer."""
    wrong = [] if THAI.search(sentence) else ["NO SENTENCE"]
    wrong += ["LATE"] if seconds > LIMIT and not is_busy else []
    return [*wrong, "TOO MUCH"] if processor > LIMIT else wrong


def describe(title: str, pages: list[float]) -> str:
    cuts = quantiles(pages, n=100)
    slow = sum(p > PAGE for p in pages)
    return (
        f"{title}: median {median(pages):.0f} ms, p95 {cuts[94]:.0f}, p99 {cuts[98]:.0f}, slowest {max(pages):.0f}, "
        f"over {PAGE} ms: {slow} of {len(pages)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--busy", action="store_true", help="the machine does other things too: do not judge the clock")
    parser.add_argument("--only", nargs="+", default=(), help="names of files")
    chosen = parser.parse_args()
    files, wrong = BOMBS | stored(), []
    assert len(files) >= 40
    files = {key: make for key, make in files.items() if not chosen.only or key[1] in chosen.only}
    with (
        tempfile.TemporaryDirectory(prefix="prongsai-bombs-") as folder,
        faults.open_site(Path(folder) / "site", people=False) as site,
    ):
        site.draft = site.installation.run("begin_draft")
        visitor = Visitor(site)
        try:
            alone, sent = time.perf_counter(), list[tuple[float, float]]()
            time.sleep(10)
            began_to_send = time.perf_counter()
            head = f"{'reader':10}{'file':26}{'kB':>7}{'answer, s':>11}{'processor, s':>14}{'slowest page, ms':>18}"
            print(f"{head}  what is said")
            for (reader, name), make in files.items():
                path = Path(folder) / name
                path.write_bytes(data := make())
                began = time.perf_counter()
                sentence = answer_of(site, reader, name, data, path)
                seconds = time.perf_counter() - began
                time.sleep(0.2)
                slowest = max(visitor.between(began), default=0.0)
                sent.append((began, time.perf_counter()))
                processor = processor_seconds(reader, path)
                path.unlink()
                marks = judge(sentence, seconds=seconds, processor=processor, is_busy=chosen.busy)
                wrong += [f"{reader} {name}: {mark}" for mark in marks]
                print(
                    f"{reader:10}{name:26}{len(data) / 1000:>7.0f}{seconds:>11.1f}{processor:>14.1f}{slowest:>18.0f}  "
                    + " ".join([*marks, sentence[:70]]),
                    flush=True,
                )
        finally:
            visitor.stop()
    pages = [t for span in sent for t in visitor.between(*span)]
    print(describe("pages while nobody sends anything", visitor.between(alone, began_to_send)))
    print(describe("pages while somebody sends them", pages))
    print(describe("the bare page meanwhile", [t for span in sent for t in visitor.between(*span, bare=True)]))
    if quantiles(pages, n=100)[94] > PAGE and not chosen.busy:
        wrong.append(f"95 in 100 pages took more than {PAGE} ms")
    wrong += visitor.refused
    print(f"{len(files)} files, {len(wrong)} wrong: {', '.join(wrong)}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
