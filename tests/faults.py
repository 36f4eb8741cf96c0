"""Faults under load, and races: what was acknowledged to people is compared with what is stored.

``make faults`` runs every scenario on SQLite and on PostgreSQL (``python -m tests.postgres python -m tests.faults``);
``python -m tests.faults kills --kills 100`` one of them. People answer surveys, file links and edit a plan through the
website; files are imported and papers made in batches all the while. Then servers and workers are killed, the disk is
filled or refuses writes, the database goes, the clock jumps. Races are pressed by several people at the same moment.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import psutil
import psycopg

from prongsai.survey.codes import generate_code
from tests.conftest import sample_year
from tests.installation import free_port
from tests.jobs.installation import Installation, descendants, kill, wait_until_gone
from tests.pages import plan_fields
from tests.postgres import programs_of

TOKEN = "a" * 32  # against forged requests: the same in the cookie and in the header
SUBMITTERS, FILERS = 3, 2
WARM_UP_REQUESTS = 2500
MAX_WAITING = 20  # files of one person for one measure
UPLOAD_EVERY = 8  # seconds: each is read by a worker
LEASE = 15  # seconds: of three, a busy machine loses one after the other, and jobs are given up
MAX_GROWTH = 5  # in a hundred, of the memory held, in a soak
PATIENCE = 180  # seconds in which people must get on again


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(_NoRedirect)


def request(address, session, path, fields=None):
    """Status and text of a page; None where the server did not answer to the end."""
    data = urllib.parse.urlencode(fields, doseq=True).encode() if fields is not None else None
    cookies = f"prongsai_session={session}; csrftoken={TOKEN}"
    wanted = urllib.request.Request(address + path, data, {"Cookie": cookies, "X-CSRFToken": TOKEN, "Referer": address})
    try:
        with OPENER.open(wanted, timeout=60) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (OSError, http.client.HTTPException):
        time.sleep(0.05)
        return None


def file_request(address, session, path, data, name, **fields):
    """A form with a file, as a browser posts it."""
    edge = uuid.uuid4().hex
    lines = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = "".join(lines).encode() + head.encode() + b"\r\n" + data + f"\r\n--{edge}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Cookie": f"prongsai_session={session}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "Referer": address,
    }
    return urllib.request.Request(address + path, body, headers)


def post_file(*arguments, **fields):
    """Post a file: status, where it leads, text; None where the server did not answer to the end."""
    try:
        with OPENER.open(file_request(*arguments, **fields), timeout=60) as page:
            return page.status, "", page.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Location", ""), error.read().decode()
    except (OSError, http.client.HTTPException):
        time.sleep(0.05)
        return None


def result_document(number):
    """A document with a result of the agency, unlike every other."""
    lines = ["ผลการประเมิน ITA ประจำปีงบประมาณ พ.ศ. 2565", "คะแนนรวม 87.50 คะแนน", f"ฉบับที่ {number}", "ก" * 4000]
    return "\n".join(lines).encode()


class People:
    """Everybody who works at the website, each in a thread; what was acknowledged to them."""

    def __init__(self, address, site):
        self.address, self.site = address, site
        self.stop = threading.Event()
        self.receipts, self.filed, self.planned = [], {}, {"acknowledged": 0, "sent": 0}
        self.answers = Counter()  # of the website, by status
        self.uploads = {}  # digests of files that were sent, by the numbers of their imports
        work = [self._submit_answers] * SUBMITTERS + [self._edit_plan, self._upload] + [self._file] * FILERS
        self.threads = [threading.Thread(target=w, args=(n,), daemon=True) for n, w in enumerate(work)]
        for thread in self.threads:
            thread.start()

    def request(self, path, fields=None):
        answer = request(self.address, self.site["session"], path, fields)
        self.answers[answer[0] if answer else "none"] += 1
        return answer

    def acknowledged(self):
        """How much was acknowledged of each kind."""
        filed = sum(done for done, _ in self.filed.values())
        return len(self.receipts), filed, self.planned["acknowledged"]

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

    def _upload(self, _):
        """Send one document after the other to be imported, each until it is acknowledged."""
        sent = 0
        while not self.stop.wait(UPLOAD_EVERY):
            sent += 1
            data = result_document(sent)
            while not self.stop.is_set():
                path = "/desk/agency/N00/import/"
                answer = post_file(self.address, self.site["session"], path, data, "ผล.txt", fiscal_year="")
                self.answers[answer[0] if answer else "none"] += 1
                if answer and answer[0] == 302:
                    number = answer[1].rstrip("/").rpartition("/")[2]
                    self.uploads[number] = hashlib.sha256(data).hexdigest()
                    break

    def _edit_plan(self, _):
        """Give a measure one title after the other."""
        path, sent = f"/desk/agency/N00/plan/{sample_year() + 1}/edit/", 0
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


class Site:
    """A website with two workers in a folder, and people at work; what else was asked for."""

    def __init__(self, folder, *, like=None, report=print, people=True, **settings):
        self.report, self.port = report, free_port()
        ours = {"PRONGSAI_RECENT_SIGN_IN": "0", "PRONGSAI_JOBS_LEASE": str(LEASE)}
        self.installation = Installation(Path(folder), like=like, **(ours | settings))
        os.sync()  # what an installation of yesterday has on its disk; the copy of it would be lost whole with the disk
        self.address = f"http://127.0.0.1:{self.port}"
        self.imports, self.batches, self.orphans, self.server = [], 0, 0, None
        self.site = self.installation.run("open_site")
        self.start()
        self.people = People(self.address, self.site) if people else None

    def start(self):
        """The server and the workers that are not there."""
        if self.server is None or self.server.poll() is not None:
            command = [sys.executable, "-m", "prongsai.cli", "serve", "--port", str(self.port), "--workers", "2"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            deadline = time.monotonic() + 60
            while True:  # the port may be held for a moment by one that was killed
                self.server = subprocess.Popen(
                    command, env=self.installation.environment, start_new_session=True, **quiet
                )
                if self._is_alive() or time.monotonic() > deadline:
                    break
        while len(self.installation.workers) < 2:
            self.installation.start_worker()

    def _is_alive(self):
        """Whether the server that was just started answers."""
        deadline = time.monotonic() + PATIENCE
        while self.server.poll() is None and time.monotonic() < deadline:
            if request(self.address, "", "/health/live"):
                return True
            time.sleep(0.1)
        return False

    def start_work(self, number):
        """An import now and then, a batch now and then."""
        if number % 3 == 0:
            self.imports.append(self.installation.run("start_import", 1200 + number))
        if number % 5 == 0:
            kinds = self.site["kinds"][self.batches % len(self.site["kinds"])]
            self.batches += bool(self.installation.run("start_batch_if_idle", kinds))

    def wait_for_progress(self):
        """Until something of every kind is acknowledged anew."""
        before, deadline = self.people.acknowledged(), time.monotonic() + PATIENCE
        answered = self.people.answers.copy()
        while any(now <= then for now, then in zip(self.people.acknowledged(), before, strict=True)):
            late = f"nobody gets on: {before}, {self.people.acknowledged()}, {self.people.answers - answered}"
            assert time.monotonic() < deadline, late
            time.sleep(0.1)

    def finish(self, **figures):
        """Everybody goes home, the jobs are done; the figures. AssertionError where something acknowledged is not
        stored, or anything is there twice."""
        people, installation = self.people, self.installation
        people.stop.set()
        for thread in people.threads:
            thread.join(90)
        kill_server(self.server)
        installation.wait_until(lambda: installation.run("active_jobs") == 0, patience=1800)  # all that was asked for
        installation.stop_workers()
        stored = installation.run("compare", people.receipts, people.filed, people.planned, self.imports)
        stored |= installation.run("compare_uploads", people.uploads)
        answers, filed, planned = people.acknowledged()
        figures |= {
            "answers acknowledged": answers,
            "filings acknowledged": filed,
            "plan edits acknowledged": planned,
            "uploads acknowledged": len(people.uploads),
            "imports": len(self.imports),
            "batches": self.batches,
            "orphans": self.orphans,
            "statuses": {str(status): n for status, n in people.answers.items()},
            **stored,
        }
        self.report(json.dumps(figures, ensure_ascii=False))
        wrong = {k: v for k, v in stored.items() if k.startswith(("lost", "doubled", "wrong")) and v}
        assert not wrong, wrong
        assert not self.orphans
        return figures

    def close(self):
        if self.people:
            self.people.stop.set()
        if self.server:
            with contextlib.suppress(Exception):
                kill_server(self.server)
        self.installation.close()


def kill_server(server):
    """With everything that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


@contextlib.contextmanager
def open_site(folder, **options):
    site = Site(folder, **options)
    try:
        yield site
    finally:
        site.close()


# --- scenarios


def run_kills(folder, *, kills, seconds=3.0, minutes=None, report=print, like=None):
    """Kill the server (all of it, its parent alone, or by SIGTERM) and a worker (its parent alone, or by SIGTERM) so
    many times, in turns; no more of them after so many minutes."""
    with open_site(folder, like=like, report=report) as site:
        began = time.monotonic()
        for number in range(kills):
            if minutes and time.monotonic() - began > minutes * 60:
                kills = number
                break
            site.start_work(number)
            time.sleep(random.uniform(0.3, 1.7) * seconds)
            how = ("server", "worker", "server's parent", "worker asked", "server asked", "worker")[number % 6]
            if how.startswith("worker"):
                worker = site.installation.workers.pop(random.randrange(2))
                if how == "worker":
                    left = kill(worker)
                else:
                    left = descendants(worker)
                    worker.terminate()
                    worker.wait(60)
            else:
                left = descendants(site.server)
                if how == "server":
                    kill_server(site.server)
                else:
                    site.server.send_signal(signal.SIGKILL if "parent" in how else signal.SIGTERM)
                    site.server.wait(60)
            gone = wait_until_gone(left)
            site.orphans += not gone
            if not gone:
                report(f"{how}: {left} live on")
                kill_server(site.server)
            site.start()
            report(f"kill {number + 1}, {how}: {site.people.acknowledged()}")
        site.wait_for_progress()
        return site.finish(kills=kills)


def run_full_disk(folder, *, seconds=20, report=print, like=None):
    """The disk of the database (SQLite) and of all files is full for a while; nobody restarts anything."""
    with disk(folder, "tmpfs", "size=96m") as place, open_site(place, like=like, report=report) as site:
        return _fill_for_a_while(site, place, seconds)


def _fill_for_a_while(site, place, seconds):
    site.start_work(0)
    site.wait_for_progress()
    before = [site.server.pid, *(w.pid for w in site.installation.workers)]
    refused = site.people.answers[503]
    ends = time.monotonic() + seconds
    filler = (place / "filler").open("wb", buffering=0)
    while time.monotonic() < ends:  # what was freed meanwhile is filled too
        with contextlib.suppress(OSError):
            while filler.write(b"\0" * 4096):
                pass
        time.sleep(0.05)
    filler.close()
    refused = site.people.answers[503] - refused
    (place / "filler").unlink()
    site.wait_for_progress()
    alive = all(p.poll() is None for p in (site.server, *site.installation.workers))
    assert alive, "a server or a worker ended"
    assert [site.server.pid, *(w.pid for w in site.installation.workers)] == before
    return site.finish(seconds=seconds, refused=refused)


def run_read_only_disk(folder, *, seconds=10, report=print, like=None):
    """The kernel makes the disk read-only under everybody's hands, as it does when a disk fails; later it is repaired,
    and everything is started again."""
    image = Path(folder) / "image"
    with image.open("wb") as file:
        file.truncate(256 << 20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with (
        disk(folder, "ext4", "loop,errors=remount-ro", image) as place,
        open_site(place, like=like, report=report) as site,
    ):
        site.start_work(0)
        site.wait_for_progress()
        device = subprocess.run(["findmnt", "-no", "SOURCE", place], capture_output=True, text=True, check=True)
        Path(f"/sys/fs/ext4/{Path(device.stdout.strip()).name}/trigger_fs_error").write_text("1")
        refused = site.people.answers[503]
        time.sleep(seconds)
        refused = site.people.answers[503] - refused
        kill_server(site.server)
        for worker in site.installation.workers:
            kill(worker)
        site.installation.workers.clear()
        site.installation.stop_driver()
        subprocess.run(["umount", place], check=True)
        assert subprocess.run(["fsck.ext4", "-y", image], capture_output=True).returncode in (0, 1)
        subprocess.run(["mount", "-o", "loop", image, place], check=True)
        site.installation.start_driver()
        site.start()
        site.wait_for_progress()
        return site.finish(seconds=seconds, refused=refused)


def run_no_database(folder, *, seconds=60, report=print, like=None):
    """PostgreSQL is stopped at once and started again after a while; on SQLite somebody holds its lock so long."""
    server = os.environ.get("TEST_DATABASE_URL")
    with open_site(folder, like=like, report=report) as site:
        site.start_work(0)
        site.wait_for_progress()
        refused = site.people.answers[503]
        if server:
            with psycopg.connect(server, autocommit=True) as connection:
                # an acknowledged transaction is on the disk, as an installation has it and the other tests do not
                connection.execute("ALTER SYSTEM SET synchronous_commit = on")
                connection.execute("SELECT pg_reload_conf()")
                # a copy made of a template keeps what its template logged of sequences: in a crash they would go back
                connection.execute("CHECKPOINT")
                data = connection.execute("SHOW data_directory").fetchone()[0]
                port, sockets = (
                    connection.execute(f"SHOW {s}").fetchone()[0] for s in ("port", "unix_socket_directories")
                )
                addresses = connection.execute("SHOW listen_addresses").fetchone()[0]
            time.sleep(2)
            pg_ctl("stop", "-m", "immediate", data=data)
            time.sleep(seconds)
            options = f"-p {port} -k '{sockets}' -h '{addresses}'"
            pg_ctl("start", "-o", options, "-l", f"{data}/again.log", data=data)
        else:
            with contextlib.closing(sqlite3.connect(Path(folder) / "prongsai.sqlite3", timeout=60)) as connection:
                connection.isolation_level = None
                connection.execute("BEGIN EXCLUSIVE")
                time.sleep(seconds)
                connection.execute("ROLLBACK")
        refused = site.people.answers[503] - refused
        site.wait_for_progress()
        assert all(p.poll() is None for p in (site.server, *site.installation.workers)), "a process ended"
        assert not site.people.answers[500], "somebody was told of a fault where the database was gone"
        return site.finish(seconds=seconds, refused=refused)


def pg_ctl(*arguments, data):
    """Drive the PostgreSQL of the tests; as the user to whom its files belong."""
    program = programs_of(Path(data)) / "pg_ctl"
    owner = Path(data).stat().st_uid
    command = [program, "-D", data, "-w", *arguments]
    subprocess.run(command, check=True, user=owner if owner != os.getuid() else None, stdout=subprocess.DEVNULL)


def run_clock(folder, *, seconds=10, report=print, like=None):
    """The clock of every process but PostgreSQL jumps an hour ahead, then two back, then to where it was."""
    compiler = shutil.which("cc")
    if compiler is None:
        report("clock: not run, there is no C compiler for tests/jobs/clock.c")
        return {}
    library, clock = Path(folder) / "clock.so", Path(folder) / "clock"
    source = Path(__file__).parent / "jobs" / "clock.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source], check=True)
    clock.write_bytes(struct.pack("q", 0))
    fake = {"LD_PRELOAD": str(library), "TEST_CLOCK": str(clock)}
    with open_site(Path(folder) / "site", like=like, report=report, **fake) as site:
        for number, offset in enumerate((3600, -3600, 0)):
            site.start_work(number * 15)
            site.wait_for_progress()
            with clock.open("r+b") as file:
                file.write(struct.pack("q", offset))
            time.sleep(seconds)
            site.wait_for_progress()
        assert all(p.poll() is None for p in (site.server, *site.installation.workers)), "a process ended"
        return site.finish(jumps=3)


@contextlib.contextmanager
def disk(folder, kind, options, device=None):
    """A disk of its own in a folder. Needs root."""
    place = Path(folder) / "disk"
    place.mkdir(parents=True)
    subprocess.run(["mount", "-t", kind, "-o", options, device or kind, place], check=True, capture_output=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=False)


# --- soak


def run_soak(folder, *, minutes=10, warm_up=2, report=print, like=None):
    """Mixed load for minutes: the memory of the server and the workers may not grow. The median of the last minute is
    compared with that of the last minute of the warm-up, in which caches and threads are filled: each thread has a
    cache of the database of its own. On a busy machine it lasts until WARM_UP_REQUESTS were answered."""
    with open_site(folder, like=like, report=report) as site:
        began, warm, held, number = time.monotonic(), None, [], 0
        stop = threading.Event()
        readers = [threading.Thread(target=_read_pages, args=(site, stop), daemon=True) for _ in range(2)]
        for reader in readers:
            reader.start()
        while warm is None or time.monotonic() < warm + minutes * 60:
            if number % 6 == 0:
                site.start_work(number // 6)
            now = time.monotonic()
            held.append((now, _memory_held(site)))
            is_warm = now > began + warm_up * 60 and site.people.answers.total() >= WARM_UP_REQUESTS
            if warm is None and is_warm:
                warm = now
                report(f"warm after {(now - began) / 60:.1f} minutes")
            if number % 12 == 11:
                report(f"{(now - (warm or now)) / 60:.1f} minutes: {held[-1][1]} MB, {site.people.acknowledged()}")
            number += 1
            time.sleep(5)
        stop.set()
        for reader in readers:
            reader.join(90)
        first = [sum(mb.values()) for at, mb in held if warm - 60 <= at <= warm]
        last = [sum(mb.values()) for at, mb in held if at >= warm + (minutes - 1) * 60]
        growth = round((median(last) / median(first) - 1) * 100, 1)
        figures = site.finish(minutes=minutes, before=round(median(first)), after=round(median(last)), growth=growth)
        assert growth <= MAX_GROWTH, f"memory grew by {growth} %"
        return figures


def _memory_held(site):
    """Megabytes of the processes that last: the server's, pages that they share counted once, and the workers'
    parents. A job's process ends with its job and is none of them."""
    server, workers = [psutil.Process(site.server.pid), *descendants(site.server)], 0.0
    held = 0.0
    for process in server:
        with contextlib.suppress(psutil.NoSuchProcess):
            held += process.memory_full_info().pss / 1e6
    for worker in site.installation.workers:
        workers += psutil.Process(worker.pid).memory_info().rss / 1e6
    return {"server": round(held), "workers": round(workers)}


def _read_pages(site, stop):
    """Whoever reads: public pages, the desk, the office, and a document that is sent to be read."""
    agency = "/desk/agency/N00/"
    pages = [("session", p) for p in ("/", "/nation/", "/rankings/", "/agency/N03/", agency, f"{agency}papers/")]
    pages += [("office", p) for p in ("/desk/results/", "/desk/jobs/", f"/desk/oit/{sample_year()}/", "/desk/users/")]
    while not stop.is_set() and not site.people.stop.is_set():
        who, page = random.choice(pages)
        request(site.address, site.site[who], page)
        time.sleep(0.02)


# --- races


def at_once(*calls):
    """Make calls at the same moment; what each gave."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def run_races(folder, *, races=100, report=print, like=None):
    """Two clicks, two officers, two workers, two offices that publish and withdraw, answers while it is sealed."""
    with open_site(folder, like=like, report=report, people=False) as site:
        figures = {"races": races}
        for race in (_double_clicks, _two_officers, _uploads, _evidence, _two_workers, _publications, _seals):
            began = time.monotonic()
            figures |= race(site, races)
            report(f"{race.__name__}: {time.monotonic() - began:.0f} s")
        report(json.dumps(figures, ensure_ascii=False))
        assert not {k: v for k, v in figures.items() if k.startswith(("lost", "doubled", "wrong")) and v}, figures
        return figures


def _double_clicks(site, races):
    path = f"/s/{site.site['link']}/"
    acknowledged, receipts = 0, [generate_code(16) for _ in range(races)]
    for receipt in receipts:
        fields = site.site["answers"] | {"receipt": receipt}
        send = lambda: request(site.address, "", path, fields)  # noqa: E731, B023
        acknowledged += all(a and 'class="receipt">' in a[1] for a in at_once(send, send))
    stored = site.installation.run("count_answers")
    return {
        "double clicks acknowledged": acknowledged,
        "doubled or lost answers": stored["answers"] - races,
        "wrong double clicks": races - acknowledged,
    }


def _two_officers(site, races):
    """Both have the same page open, and save something else: one is stored, the other gets both to choose from."""
    item = site.site["items"][5]
    path = f"/desk/agency/N00/oit/{sample_year()}/{item}/"
    statuses, lost = Counter(), 0
    for number in range(races):
        page = request(site.address, site.site["session"], path)
        revision = re.search(r'name="revision" value="(\d+)"', page[1])[1]

        def save(who, revision=revision, number=number):
            fields = {"addresses": f"https://{who}.example.go.th/{number}", "explanation": "", "revision": revision}
            return request(site.address, site.site[who], path, fields)

        first, second = at_once(lambda: save("session"), lambda: save("colleague"))
        statuses[tuple(sorted((first[0], second[0])))] += 1
        won, loser = ("session", second) if first[0] == 302 else ("colleague", first)
        mine, other = f"https://{won}.example.go.th/{number}", "colleague" if won == "session" else "session"
        shown = request(site.address, site.site["session"], path)[1]
        lost += mine not in shown or f"https://{other}.example.go.th/{number}" not in loser[1]
    return {
        "two officers": {f"{a}, {b}": n for (a, b), n in statuses.items()},
        "lost edits of two officers": lost,
        "wrong edits of two officers": races - sum(n for (a, b), n in statuses.items() if a == 302 and b != 302),
    }


def _uploads(site, races):
    """A file that is sent by two clicks, and by two officers, is one import; two files at the same moment are two, and
    each is read as what it is."""
    path, numbers, doubled, lost = "/desk/agency/N00/import/", {}, 0, 0
    for number in range(races):
        same = number % 2
        files = [result_document(f"{number} {0 if same else who}") for who in range(2)]
        who = ("session", "colleague" if number % 4 < 2 else "session")
        answers = at_once(
            *(
                lambda w=w, f=f: post_file(site.address, site.site[w], path, f, "ผล.txt", fiscal_year="")
                for w, f in zip(who, files, strict=True)
            )
        )
        led = [a[1] if a and a[0] == 302 else None for a in answers]
        lost += led.count(None)
        doubled += (len(set(led)) == 1) != bool(same)
        numbers |= {
            place.rstrip("/").rpartition("/")[2]: hashlib.sha256(data).hexdigest()
            for place, data in zip(led, files, strict=True)
            if place
        }
    site.installation.wait_until(lambda: site.installation.run("active_jobs", "results.%") == 0, patience=1800)
    stored = site.installation.run("compare_uploads", numbers)
    return {"uploads at once": races, "doubled or wrongly one uploads": doubled, **stored} | {
        "lost uploads": lost + stored["lost uploads"]
    }


def _evidence(site, races):
    """A follow-up with a file that is sent by two clicks is one; of two officers one is stored, and the other is told
    and has their file waiting."""
    measure, due, on = site.installation.run("approve_plan")
    path = f"/desk/agency/N00/plan/{sample_year() + 1}/measure/{measure}/"
    counts, losers = Counter(), Counter()
    for number in range(races):
        page = request(site.address, site.site["session"], path)[1]
        seen = re.search(r'name="seen" value="(\d*)"', page)[1]
        fields = {"due": due, "on": on, "status": "doing", "links": "", "obstacles": "", "suggestion": "", "seen": seen}
        is_click = number % 2
        who = ("session", "session" if is_click else "colleague")
        answers = at_once(
            *(
                lambda n=n, w=w: post_file(
                    site.address,
                    site.site[w],
                    f"{path}follow-up/",
                    b"\x89PNG" + f"{number} {0 if is_click else n}".encode(),  # noqa: B023
                    "ภาพ.png",
                    done=f"ประชุม {number} {0 if is_click else n}",  # noqa: B023
                    **fields,  # noqa: B023
                )
                for n, w in enumerate(who)
            )
        )
        kind = "click" if is_click else "officers"
        counts[kind, *sorted(a[0] if a else 0 for a in answers)] += 1
        losers.update(w for w, a in zip(who, answers, strict=True) if a and a[0] == 422)
    wrong = {k: n for k, n in counts.items() if k not in (("click", 302, 302), ("officers", 302, 422))}
    stored = site.installation.run("compare_evidence")
    return {
        "follow-ups with a file": {" ".join(map(str, k)): n for k, n in counts.items()},
        "wrong follow-ups": sum(wrong.values()),
        "doubled or lost follow-ups": stored["follow-ups"] - races,
        "lost files of evidence": stored["files lost"],
        "wrong files that nothing names": stored["files unnamed"],
        "lost files that wait": sum(min(n, MAX_WAITING) for n in losers.values()) - stored["waiting"],
    }


def _two_workers(site, races):
    for number in range(races):
        site.installation.run("enqueue", "jobs.note", f"note {number}")
    installation = site.installation
    installation.wait_until(lambda: len(installation.run("log")) >= races, patience=1800)
    time.sleep(1)
    done = Counter(installation.run("log"))
    return {"jobs of two workers": len(done), "doubled jobs": sum(done.values()) - len(done)}


def _publications(site, races):
    """Two of the office publish and withdraw what the other withdraws and publishes."""
    first, second = site.installation.run("two_sets")
    statuses, wrong = Counter(), []
    for number in range(races):
        one, other = (first, second) if number % 2 else (second, first)
        keys = site.installation.run("publication_keys", [one, other])
        calls = [
            lambda: _publish(site, "office", one, keys[0]),  # noqa: B023
            lambda: _publish(site, "second_office", other if number % 3 else one, keys[1]),  # noqa: B023
            lambda: _withdraw(site, "office", other),  # noqa: B023
            lambda: _withdraw(site, "second_office", one if number % 5 else other),  # noqa: B023
        ]
        statuses.update(a[0] if a else "none" for a in at_once(*calls))
        site.installation.wait_until(lambda: site.installation.run("active_jobs", "results.%") == 0)
        if problem := site.installation.run("check_publications"):
            wrong.append(problem)
    counts = site.installation.run("count_publications")
    return {"publications": counts, "statuses of publications": dict(statuses), "wrong publications": wrong}


def _publish(site, who, result_set, key):
    return request(
        site.address,
        site.site[who],
        f"/desk/results/{result_set}/publish/",
        {"seen": key, "reason": "ทดสอบ", "typed": sample_year()},
    )


def _withdraw(site, who, result_set):
    return request(
        site.address,
        site.site[who],
        f"/desk/results/{result_set}/withdraw/",
        {"reason": "ทดสอบ", "typed": sample_year()},
    )


def _seals(site, races):
    """People answer at the moment when the office seals, by two hands; each answer acknowledged is in the parcel."""
    path, lost, late = f"/s/{site.site['link']}/", 0, 0
    seal = f"/desk/survey/{sample_year()}/seal/"
    for _ in range(races):
        site.installation.run("open_again")
        before = site.installation.run("count_answers")["answers"]
        fields = [site.site["answers"] | {"receipt": generate_code(16)} for _ in range(4)]
        answers = at_once(
            *(lambda f=f: request(site.address, "", path, f) for f in fields[:2]),
            lambda: request(site.address, site.site["office"], seal, {}),
            lambda: request(site.address, site.site["second_office"], seal, {}),
            *(lambda f=f: time.sleep(random.random()) or request(site.address, "", path, f) for f in fields[2:]),
        )
        acknowledged = sum(bool(a) and 'class="receipt">' in a[1] for a in answers)
        late += 4 - acknowledged
        site.installation.wait_until(lambda: site.installation.run("active_jobs", "survey.seal%") == 0)
        sealed = site.installation.run("count_sealed")
        lost += sealed != before + acknowledged
    return {"seals": races, "answers refused because it was sealed": late, "lost answers at a seal": lost}


SCENARIOS = {
    "kills": run_kills,
    "full-disk": run_full_disk,
    "read-only-disk": run_read_only_disk,
    "no-database": run_no_database,
    "clock": run_clock,
    "races": run_races,
}
SOAK = {"soak": run_soak}  # asked for by name


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", choices=[*SCENARIOS, *SOAK, []], default=[])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--races", type=int, default=100)
    parser.add_argument("--away", type=float, default=60, help="seconds for which the database is gone")
    parser.add_argument("--minutes", type=float, default=10, help="of the soak")
    parser.add_argument("--kill-minutes", type=float, help="end after so long, however many were killed")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # into a file too
    options = {
        "kills": {"kills": arguments.kills, "minutes": arguments.kill_minutes},
        "races": {"races": arguments.races},
        "no-database": {"seconds": arguments.away},
    }
    options["soak"] = {"minutes": arguments.minutes}
    failed = []
    with tempfile.TemporaryDirectory(prefix="prongsai-faults-") as folder:
        prepared = Path(folder) / "prepared"
        Installation(prepared).close()
        for name in arguments.scenarios or SCENARIOS:
            if os.environ.get("TEST_DATABASE_URL") and name in ("full-disk", "read-only-disk"):
                print(f"{name}: the database lies on another disk; the run on SQLite has this")
                continue
            began = time.monotonic()
            own = Path(folder) / name
            own.mkdir()
            try:
                (SCENARIOS | SOAK)[name](own, like=prepared, **options.get(name, {}))
            except (AssertionError, subprocess.CalledProcessError) as error:
                failed.append(name)
                print(f"{name}: FAILED: {error}")
            print(f"{name}: {time.monotonic() - began:.0f} seconds")
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
