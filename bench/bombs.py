"""Every hostile file of the tests, sent to the website as somebody would send it, while others open pages.

    make bombs                         # a site of its own under granian, with two workers; prints the table

Each file of tests/hostile goes where its reader is: imports to the page of imports, which a worker reads; emblems,
templates and workbooks of rules to their pages; pages of the web to the reader that link checks use. It is answered
within LIMIT seconds by a sentence. Meanwhile three pages are opened one after the other; the slowest is printed beside,
and how slow they are when nobody sends anything. Exits with 1 where an answer is late, is no sentence, or a page took
more than PAGE milliseconds; ``--only-answers`` for a machine that is busy with other things.
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
import uuid
from html import unescape
from pathlib import Path
from statistics import median, quantiles

from tests import faults
from tests.conftest import sample_year
from tests.hostile.corpus import BOMBS, stored
from tests.hostile.readers import READERS

LIMIT, PAGE = 5, 300  # seconds for an answer, milliseconds for a page
THAI = re.compile("[ก-๙]")
_ANSWERS = (
    r'<div class="empty">(.*?)</div>',  # what could not be read
    r'<ul class="messages"[^>]*>(.*?)</ul>',
    r'<p class="[^"]*error[^"]*"[^>]*>(.*?)</p>',
    r'<div class="note bad"[^>]*>(.*?)</div>',
)


class Visitor:
    """Opens pages, one after the other; how long each took, and when."""

    def __init__(self, site: faults.Site) -> None:
        agency = "/desk/agency/N00/"
        self.pages = ("/", "/search/?q=%E0%B8%AB%E0%B8%99", agency, f"{agency}plan/{sample_year() + 1}/", "/desk/")
        self.site, self.taken, self._stop = site, [], threading.Event()
        self._thread = threading.Thread(target=self._visit, daemon=True)
        self._thread.start()

    def _visit(self) -> None:
        number = 0
        while not self._stop.is_set():
            page = self.pages[number % len(self.pages)]
            began = time.perf_counter()
            answer = faults.request(self.site.address, self.site.site["session"], page)
            assert answer, page
            assert answer[0] == 200, (page, answer[0])
            self.taken.append((began, (time.perf_counter() - began) * 1000, page))
            number += 1
            time.sleep(0.02)

    def since(self, moment: float) -> list[float]:
        return [taken for began, taken, _ in list(self.taken) if began >= moment]

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def send(site: faults.Site, who: str, path: str, data: bytes, name: str, **fields: str) -> tuple[int, str, str]:
    """Post a file as a browser does, and follow where it leads, with the message that is carried along; a document that
    is imported is not followed. The status, where it leads, and the page."""
    edge = uuid.uuid4().hex
    lines = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = "".join(lines).encode() + head.encode() + b"\r\n" + data + f"\r\n--{edge}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Cookie": f"prongsai_session={site.site[who]}; csrftoken={faults.TOKEN}",
        "X-CSRFToken": faults.TOKEN,
        "Referer": site.address,
    }
    try:
        with faults.OPENER.open(urllib.request.Request(site.address + path, body, headers), timeout=60) as page:
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
    cookies = "; ".join([headers["Cookie"], *message])
    with faults.OPENER.open(
        urllib.request.Request(site.address + place, headers={"Cookie": cookies}), timeout=60
    ) as page:
        return page.status, "", page.read().decode()


def find_sentence(page: str) -> str:
    """What the page says of the file."""
    main = page[page.find("<main") :]
    for pattern in _ANSWERS:
        if found := re.search(pattern, main, re.S):
            return text_of(found[1])
    return text_of(main[: main.find("<form")])


def text_of(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def answer_of(site: faults.Site, reader: str, name: str, data: bytes, folder: Path) -> str:
    """Send a file to its reader; what the person reads in the end."""
    agency = "/desk/agency/N00/"
    if reader in ("page", "evidence"):  # a link check, a picture for a report: no person waits
        path = folder / name
        path.write_bytes(data)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only-answers", action="store_true", help="print how slow pages were, and do not judge it")
    chosen = parser.parse_args()
    files, wrong = BOMBS | stored(), []
    assert len(files) >= 40
    with (
        tempfile.TemporaryDirectory(prefix="prongsai-bombs-") as folder,
        faults.open_site(Path(folder) / "site", people=False) as site,
    ):
        site.draft = site.installation.run("begin_draft")
        visitor = Visitor(site)
        began = time.perf_counter()
        time.sleep(10)
        alone = visitor.since(began)
        print(f"{'reader':10}{'file':26}{'kB':>7}{'answer, s':>11}{'slowest page, ms':>18}  what is said")
        slowest: list[float] = []
        for (reader, name), make in files.items():
            data = make()
            began = time.perf_counter()
            sentence = answer_of(site, reader, name, data, Path(folder))
            taken = time.perf_counter() - began
            time.sleep(0.2)
            pages = visitor.since(began) or [0.0]
            slowest += pages
            late = taken > LIMIT or (max(pages) > PAGE and not chosen.only_answers)
            if late or not THAI.search(sentence):
                wrong.append(f"{reader} {name}")
            mark = "LATE " if late else ""
            size = len(data) / 1000
            print(
                f"{reader:10}{name:26}{size:>7.0f}{taken:>11.1f}{max(pages):>18.0f}  {mark}{sentence[:70]}",
                flush=True,
            )
        visitor.stop()
    for title, pages in (("nobody sends anything", alone), ("somebody sends them", slowest)):
        print(
            f"pages while {title}: median {median(pages):.0f} ms, p99 {quantiles(pages, n=100)[98]:.0f}, "
            f"slowest {max(pages):.0f}, over {PAGE} ms: {sum(p > PAGE for p in pages)} of {len(pages)}"
        )
    print(f"{len(files)} files, {len(wrong)} late or without a sentence: {', '.join(wrong)}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
