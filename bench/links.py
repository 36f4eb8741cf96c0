"""Checking a nation's disclosure links on loopback: how fast, in how much memory, and what a kill in the middle
loses.

    make bench-links                            20,000 addresses
    .venv/bin/python bench/links.py --urls 233000

A server process plays the sites: 28 addresses each (pages, PDF files, and seven that are moved, lost, refused or gone).
First the product: one connection a host, a worker that stores its observations in SQLite in batches, killed (-9) after
two fifths and started again on the rest. Then contenders on the same machine and server, 64 sites
without the kill:
  httpx        what people usually write: GET, follow redirects, keep the status; 64 at a time, no guard, nothing read
  linkchecker  LinkChecker with its usual ten threads, its limit for each host lifted
"""

import argparse
import asyncio
import http.client
import ipaddress
import itertools
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

SITES = 64  # addresses of their own, for contenders that take no resolver
EACH = 28
OTHERS = {21: "old", 22: "lost", 23: "closed", 24: "gone", 25: "login", 26: "empty", 27: "gone"}
EXPECTED = {
    "old": "moved",
    "lost": "soft_404",
    "closed": "blocked",
    "gone": "dead",
    "login": "sign_in",
    "empty": "soft_404",
}


def path_of(number: int) -> str:
    """Of an agency's 28 addresses: 15 pages, 6 PDF files, 7 that are something else."""
    if number in OTHERS:
        return f"/{OTHERS[number]}/{number}"
    return f"/file/{number}.pdf" if number >= 15 else f"/page/{number}"


def expected(path: str) -> str:
    return EXPECTED.get(path.split("/")[1], "ok")


# --- the sites -----------------------------------------------------------------------------------------------------


class Site(asyncio.Protocol):
    """Raw HTTP, as little of it as will do."""

    pdf = b""
    requested: ClassVar[set[int]] = set()
    requests = repeated = 0
    open_now: ClassVar[Counter[bytes]] = Counter()
    max_open = 0
    words = "".join(f"<p>ข้อ {n} รายงานผลการดำเนินงานตามแผนปฏิบัติการ ไตรมาสที่ {n % 4 + 1}</p>\n" for n in range(60))

    def connection_made(self, transport):
        self.transport, self.buffer, self.host = transport, b"", None

    def connection_lost(self, _):
        if self.host:
            Site.open_now[self.host] -= 1

    def data_received(self, data):
        self.buffer += data
        if not self.buffer.endswith(b"\r\n\r\n"):
            return
        head, self.buffer = self.buffer, b""
        method, path, _ = head.split(b"\r\n", 1)[0].split(b" ")
        if self.host is None:
            self.host = head.lower().partition(b"\r\nhost:")[2].partition(b"\r\n")[0].strip()
            Site.open_now[self.host] += 1
            Site.max_open = max(Site.max_open, Site.open_now[self.host])
        Site.requests += 1
        if method == b"GET" and path.count(b"/") == 2:
            Site.repeated += (request := hash((self.host, path))) in Site.requested
            Site.requested.add(request)
        self.transport.write(self.answer(method, path.decode()))

    def answer(self, method: bytes, path: str) -> bytes:
        kind, status, body, more = path.split("/")[1], 200, b"", ""
        declared = "text/html; charset=utf-8"
        if kind in ("page", ""):
            title = f"{self.host.decode()} เรื่องที่ {path} ปีงบประมาณ พ.ศ. ๒๕๖๘"
            body = f"<!doctype html><title>{title}</title><nav>เมนู</nav><h1>{title}</h1>{self.words}".encode()
        elif kind == "file":
            declared, body = "application/pdf", self.pdf
        elif kind == "old":
            status, more = 301, f"Location: /page/{path.split('/')[2]}0\r\n"
        elif kind == "lost":
            status, more = 302, "Location: /\r\n"
        elif kind == "closed":
            status = 403
        elif kind == "login":
            status = 401
        elif kind == "stats":
            body = json.dumps(
                {"requests": Site.requests, "repeated": Site.repeated, "max_open": Site.max_open}
            ).encode()
        elif kind != "empty":
            status = 404
        head = f"HTTP/1.1 {status} x\r\nContent-Type: {declared}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode()
        return head if method == b"HEAD" else head + body


def serve() -> None:
    import typst

    Site.pdf = typst.compile(b"= Action plan, fiscal year 2568\n#lorem(900)")

    async def live() -> None:
        loop = asyncio.get_running_loop()
        first = await loop.create_server(Site, "127.10.0.1", 0, backlog=1000)
        port = first.sockets[0].getsockname()[1]
        for number in range(2, SITES + 1):
            await loop.create_server(Site, f"127.10.0.{number}", port, backlog=1000)
        print(port, flush=True)
        await asyncio.Event().wait()

    asyncio.run(live())


def stats(port: int) -> dict[str, int]:
    connection = http.client.HTTPConnection("127.10.0.1", port)
    connection.request("GET", "/stats")
    return json.loads(connection.getresponse().read())


# --- the product ---------------------------------------------------------------------------------------------------


def policy(port: int):
    from prongsai.links import Policy

    return Policy(
        contact="https://checker.example/about",
        ports=frozenset({port}),
        allowed_networks=(ipaddress.ip_network("127.10.0.0/24"),),
        resolve=lambda host: [f"127.10.0.{int(host[1:].partition('.')[0]) % SITES + 1}"],
        pause_seconds=0.0,
        max_hosts_per_ip=10_000,
    )


def expect(host: str, number: int):
    """What the page of an address should be, as an item of the rules says it."""
    from prongsai.links import Expected

    return Expected(
        names=(host, f"{host} องค์การบริหารส่วนตำบล"),
        labels=("รายงานผลการดำเนินงานตามแผนปฏิบัติการ", f"เรื่องที่ {path_of(number)}", "Action plan, fiscal year"),
        elements=("ผลการดำเนินงานตามแผน", "ไตรมาสที่ 2", "ปีงบประมาณ"),
        rivals=tuple(f"ข้อมูลของข้ออื่นข้อที่ {n} ของปีนี้" for n in range(25)),
        years=(2568,),
    )


def work(database: str, port: int) -> None:
    """A worker that may be killed: what is stored was checked, the rest is checked again."""
    from prongsai.links import Target, check_targets

    db = sqlite3.connect(database, isolation_level=None)
    reading = sqlite3.connect(database)

    def missing() -> Iterator[Target]:
        for key, url in reading.execute(
            "SELECT key, url FROM target WHERE key NOT IN (SELECT key FROM observation) ORDER BY key"
        ):
            host = url.split("/")[2].partition(":")[0]
            yield Target(key, url, (host,), expected=expect(host, key % EACH))

    run = check_targets(missing(), policy(port))
    while batch := list(itertools.islice(run, 200)):
        db.execute("BEGIN")
        db.executemany(
            "INSERT INTO observation VALUES (?, ?, ?, ?)", [(s.key, s.state, s.error, s.text_digest) for s in batch]
        )
        db.execute("COMMIT")
    print(peak())


def peak() -> int:
    """The most memory this process had, in MB. (``getrusage`` would count the process that started it, too.)"""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1000


def count(database: str) -> int:
    with sqlite3.connect(database, timeout=30) as db:
        return db.execute("SELECT count(*) FROM observation").fetchone()[0]


def product(urls: int, port: int, folder: Path) -> None:
    database = str(folder / "links.sqlite3")
    addresses = []
    for key in range(urls):
        addresses.append((key, f"http://h{key // EACH}.example.go.th:{port}{path_of(key % EACH)}"))
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE target (key INTEGER PRIMARY KEY, url TEXT)")
        db.execute("CREATE TABLE observation (key INTEGER PRIMARY KEY, state TEXT, error TEXT, text_digest TEXT)")
        db.executemany("INSERT INTO target VALUES (?, ?)", addresses)
    before = stats(port)["requests"]
    began = time.monotonic()
    worker = subprocess.Popen([sys.executable, __file__, "work", database, str(port)])
    while count(database) < urls * 2 // 5:
        time.sleep(0.2)
        assert worker.poll() is None, "the worker ended too early"
    worker.kill()
    worker.wait()
    stored = count(database)
    first = time.monotonic() - began
    done = subprocess.run([sys.executable, __file__, "work", database, str(port)], stdout=subprocess.PIPE, check=True)
    seconds = time.monotonic() - began
    after = stats(port)
    with sqlite3.connect(database) as db:
        rows = db.execute("SELECT key, url, state FROM target LEFT JOIN observation USING (key)").fetchall()
    lost = sum(state is None for _, _, state in rows)
    wrong = Counter(
        (path_of(key % EACH).split("/")[1], state)
        for key, _, state in rows
        if state and state != expected(path_of(key % EACH))
    )
    print(f"{urls:,} addresses of {-(-urls // EACH):,} hosts in {seconds:,.0f} s: {urls / seconds:,.0f} a second")
    print(f"killed after {first:,.0f} s with {stored:,} stored; started again: lost {lost}, wrong {dict(wrong)}")
    print(
        f"requests {after['requests'] - before:,}, of them repeated after the kill "
        f"{after['repeated']}; most connections to one host at once {after['max_open']}"
    )
    print(f"peak memory of the second worker {int(done.stdout)} MB", flush=True)
    assert not lost
    assert not wrong


# --- contenders ----------------------------------------------------------------------------------------------------


def contend(name: str, urls: int, port: int) -> None:
    addresses = [f"http://127.10.0.{n % SITES + 1}:{port}{path_of(n // SITES % EACH)}?{n}" for n in range(urls)]
    began = time.monotonic()
    if name == "prongsai":
        from prongsai.links import Target, check_targets

        done = sum(1 for _ in check_targets((Target(n, a) for n, a in enumerate(addresses)), policy(port)))
    elif name == "httpx":
        done = asyncio.run(with_httpx(addresses))
    else:
        with tempfile.NamedTemporaryFile("w", suffix=".ini") as config:
            config.write("[checking]\nthreads=10\nmaxrequestspersecond=100000\nrecursionlevel=0\n[output]\nstatus=0\n")
            config.flush()
            os.chmod(config.name, 0o644)
            answer = subprocess.run(
                [sys.executable, "-m", "linkcheck", "-f", config.name, "-v", "-o", "csv", "--stdin"],
                input="\n".join(addresses).encode(),
                capture_output=True,
                check=False,
            )
        done = sum(line.startswith(b"http://") for line in answer.stdout.splitlines())
    seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000 if name == "linkchecker" else peak()
    print(f"{name:12} {done:,} at {done / seconds:,.0f} a second, {used} MB", flush=True)


async def with_httpx(addresses: list[str]) -> int:
    import httpx

    gate, done = asyncio.Semaphore(64), 0
    async with httpx.AsyncClient(follow_redirects=True, limits=httpx.Limits(max_connections=64)) as client:

        async def one(address: str) -> None:
            nonlocal done
            async with gate:
                await client.get(address)
                done += 1

        await asyncio.gather(*(one(a) for a in addresses))
    return done


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--urls", type=int, default=20_000)
    parser.add_argument("--contend", type=int, default=4_000, help="addresses for each contender; 0 for none")
    chosen = parser.parse_args()
    server = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            product(chosen.urls, port, Path(folder))
        for name in ("prongsai", "httpx", "linkchecker") if chosen.contend else ():
            subprocess.run([sys.executable, __file__, "contend", name, str(chosen.contend), str(port)], check=True)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["work", database, port]:
            work(database, int(port))
        case ["contend", name, urls, port]:
            contend(name, int(urls), int(port))
        case _:
            main()
