"""Servers and workers are killed while people work; then what was acknowledged is compared with what is stored.

``make faults`` (10 kills) or ``make faults KILLS=100``; on PostgreSQL it is ``python -m tests.postgres python -m
tests.faults``. People answer surveys, file links and edit a plan through the website; files are imported and papers
made in batches all the while. Each kill is ``kill -9``: of every process of the website, or of one worker's parent.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from prongsai.survey.codes import generate_code
from tests.conftest import sample_year
from tests.installation import free_port
from tests.jobs.installation import Installation, kill, wait_until_gone
from tests.pages import plan_fields

TOKEN = "a" * 32  # against forged requests: the same in the cookie and in the header
SUBMITTERS, FILERS = 3, 2


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class People:
    """Everybody who works at the website, each in a thread; what was acknowledged to them."""

    def __init__(self, address, site):
        self.address, self.site = address, site
        self.stop = threading.Event()
        self.receipts, self.filed, self.planned = [], {}, {}
        self.opener = urllib.request.build_opener(_NoRedirect)
        work = [self._submit_answers] * SUBMITTERS + [self._edit_plan] + [self._file] * FILERS
        self.threads = [threading.Thread(target=w, args=(n,), daemon=True) for n, w in enumerate(work)]
        for thread in self.threads:
            thread.start()

    def request(self, path, fields=None):
        """Status and text of a page; None where the server did not answer to the end."""
        data = urllib.parse.urlencode(fields, doseq=True).encode() if fields is not None else None
        cookies = f"prongsai_session={self.site['session']}; csrftoken={TOKEN}"
        wanted = urllib.request.Request(
            self.address + path, data, {"Cookie": cookies, "X-CSRFToken": TOKEN, "Referer": self.address}
        )
        try:
            with self.opener.open(wanted, timeout=60) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            return None

    def _submit_answers(self, _):
        while not self.stop.is_set():
            receipt = generate_code(16)
            fields = self.site["answers"] | {"receipt": receipt}
            while not self.stop.is_set():  # the same form until it is acknowledged
                answer = self.request(f"/s/{self.site['link']}/", fields)
                if answer and 'class="receipt">' in answer[1]:
                    self.receipts.append(receipt)
                    break

    def _file(self, number):
        """File one address after the other for an item of one's own."""
        item = self.site["items"][number]
        path, sent = f"/desk/agency/N00/oit/{sample_year()}/{item}/", 0
        self.filed[item] = [0, 0]  # the last that was acknowledged, the last that was sent
        while not self.stop.is_set():
            page = self.request(path)
            found = re.search(r'name="revision" value="(\d+)"', page[1]) if page and page[0] == 200 else None
            if not found:
                continue
            sent += 1
            self.filed[item][1] = sent
            fields = {"addresses": f"https://www.example.go.th/{sent}", "explanation": "", "revision": found[1]}
            answer = self.request(path, fields)
            if answer and answer[0] == 302:
                self.filed[item][0] = sent

    def _edit_plan(self, _):
        """Give a measure one title after the other."""
        path, sent = f"/desk/agency/N00/plan/{sample_year() + 1}/edit/", 0
        self.planned = {"acknowledged": 0, "sent": 0}
        while not self.stop.is_set():
            page = self.request(path)
            if not page or 'id="plan-form"' not in page[1]:
                continue
            fields = plan_fields(page[1])
            title = next(name for name in fields if name.endswith("-title"))
            sent += 1
            self.planned["sent"] = sent
            answer = self.request(path, {**fields, title: f"มาตรการ {sent}", "save": "all"})
            if answer and answer[0] == 302:
                self.planned["acknowledged"] = sent


def start_server(installation, port):
    command = [sys.executable, "-m", "prongsai.cli", "serve", "--port", str(port), "--workers", "2"]
    return subprocess.Popen(
        command,
        env=installation.environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_server(server):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def run(folder, *, kills, seconds=3.0, report=print, like=None):
    """Kill so many times; the figures. Raises AssertionError where something acknowledged is missing or doubled."""
    installation = Installation(folder, like=like)
    port = free_port()
    try:
        site = installation.run("open_site")
        server = start_server(installation, port)
        for _ in range(2):
            installation.start_worker()
        people = People(f"http://127.0.0.1:{port}", site)
        imports, batches, orphans = [], 0, 0
        wait_for_life(people)
        for number in range(kills):
            if number % 3 == 0:
                imports.append(installation.run("start_import", 1200 + number))
            if number % 5 == 0 and installation.run("start_batch_if_idle", site["kinds"][batches % len(site["kinds"])]):
                batches += 1
            time.sleep(random.uniform(0.3, 1.7) * seconds)
            if number % 2:
                worker = installation.workers.pop(random.randrange(2))
                orphans += not wait_until_gone(kill(worker))
                installation.start_worker()
            else:
                kill_server(server)
                server = start_server(installation, port)
                wait_for_life(people)
            report(f"kill {number + 1}: {len(people.receipts)} answers, {people.filed}, {people.planned}")
        people.stop.set()
        for thread in people.threads:
            thread.join(90)
        kill_server(server)
        installation.wait_until(lambda: installation.run("active_jobs") == 0)
        installation.stop_workers()
        stored = installation.run("compare", people.receipts, people.filed, people.planned, imports)
        figures = {
            "kills": kills,
            "orphans": orphans,
            "answers acknowledged": len(people.receipts),
            "filings acknowledged": sum(acknowledged for acknowledged, _ in people.filed.values()),
            "plan edits acknowledged": people.planned["acknowledged"],
            "imports": len(imports),
            "batches": batches,
            **stored,
        }
        report(json.dumps(figures, ensure_ascii=False, indent=2))
        wrong = {k: v for k, v in stored.items() if k.startswith(("lost", "doubled", "wrong")) and v}
        assert not wrong, wrong
        assert not orphans
        return figures
    finally:
        with contextlib.suppress(Exception):
            kill_server(server)
        installation.close()


def wait_for_life(people):
    """Until the website answers again."""
    deadline = time.monotonic() + 120
    while people.request("/health") is None:
        assert time.monotonic() < deadline, "the website does not come back"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=3.0, help="between two kills, about")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="prongsai-faults-") as folder:
        run(Path(folder), kills=arguments.kills, seconds=arguments.seconds)
    print(f"{time.monotonic() - began:.0f} seconds")


if __name__ == "__main__":
    main()
