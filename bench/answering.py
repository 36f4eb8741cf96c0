"""The form and its answers beside the bare health page, in one run: what a request costs over one that does nothing.

    make bench-survey

One server of two processes; clients in processes of their own, over plain sockets, so that they weigh as little as they
can on the two cores that all share. The clients ask for the health page, the form, and send answers in turns of a
second, so that whatever else the machine does falls on all alike; figures are medians over the turns, and beside the
rate the processor time of the server's processes. Then answers at a steady rate, for the time each takes. Every
acknowledged answer must be stored. ``DATABASE_URL`` chooses the database; ``python -m tests.postgres python -m
bench.answering`` brings a PostgreSQL, which is made durable here.
"""

import argparse
import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from bench.survey import PORT, body, serve, setup

Results = Any  # a queue of the results of processes
fork = multiprocessing.get_context("fork")


def exchange(connection: socket.socket, request: bytes) -> tuple[int, int]:
    """Send one request and read its answer to the end; the status, and the bytes that came."""
    connection.sendall(request)
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            raise OSError("closed")
        received += part
    head, _, rest = received.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    size = len(rest)
    while size < length:
        part = connection.recv(65536)
        if not part:
            raise OSError("closed")
        size += len(part)
    return int(head[9:12]), len(head) + 4 + size


class Turn(NamedTuple):
    """What one client did in a turn."""

    number: int
    times: list[float]
    failed: int
    size: int


def take_turns(kinds: list[list[bytes]], begin: float, turns: int, seconds: float, results: Results) -> None:
    """One connection that sends requests of each kind in turn; each request is sent once."""
    connection = connect()
    sources = [iter(requests) for requests in kinds]
    done: list[Turn] = []
    for number in range(turns):
        time.sleep(max(begin + number * seconds - time.perf_counter(), 0))
        times, failed, size = [], 0, 0
        while (started := time.perf_counter()) < begin + (number + 1) * seconds:
            status, size = exchange(connection, next(sources[number % len(kinds)]))
            times.append(time.perf_counter() - started)
            failed += status != HTTPStatus.OK
        done.append(Turn(number, times, failed, size))
    results.put(done)


def send_steadily(requests: list[bytes], begin: float, gap: float, results: Results) -> None:
    """One connection that sends a request every ``gap`` seconds; the time of each counts from when it was due."""
    connection, times, failed = connect(), [], 0
    for number, request in enumerate(requests):
        due = begin + number * gap
        time.sleep(max(due - time.perf_counter(), 0))
        status, _ = exchange(connection, request)
        times.append(time.perf_counter() - due)
        failed += status != HTTPStatus.OK
    results.put([Turn(0, times, failed, 0)])


def connect() -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def gather(people: list[multiprocessing.Process], results: Results) -> list[Turn]:
    for person in people:
        person.start()
    turns = [turn for _ in people for turn in results.get()]
    for person in people:
        person.join()
    return turns


def processor_seconds(parent: int) -> float:
    """Of the processes that a server started."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(") ")[2].split()
            total += (int(fields[11]) + int(fields[12])) if int(fields[1]) == parent else 0
    return total / os.sysconf("SC_CLK_TCK")


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()


def post(path: str, data: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def make_durable() -> None:
    """The server of the tests forgets at a power cut, this one must not."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                cursor.execute(f"ALTER SYSTEM SET {name} = on")
            cursor.execute("SELECT pg_reload_conf()")
    connection.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=1)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--clients", type=int, default=32)
    options.add_argument("--rate", type=float, default=150)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="prongsai-bench-") as name:
        if url := os.environ.get("TEST_DATABASE_URL"):
            os.environ["DATABASE_URL"] = url
        os.environ |= {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DATA": name, "LOG_LEVEL": "CRITICAL"}
        os.environ["PRONGSAI_PROOF_OF_WORK"] = "0"  # what the server does is measured
        slug, widths = setup()
        make_durable()
        from django.db import connection

        from prongsai.survey.models import Receipt

        def fill(path: str, number: int) -> list[bytes]:
            return [post(path, body(widths)) for _ in range(number)]

        form = f"/s/{slug}/"
        print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
        server = serve()
        results: Results = fork.SimpleQueue()
        seconds, turns = chosen.seconds, 3 * chosen.rounds
        bodies = int(200 * seconds * chosen.rounds)
        many = 10**6
        try:
            before = Receipt.objects.count()
            connection.close()  # no child of ours shares it
            begin = time.perf_counter() + 3 + chosen.clients * bodies / 50_000
            people = [
                fork.Process(
                    target=take_turns,
                    args=(
                        [[get("/health")] * many, [get(form)] * many, fill(form, bodies)],
                        begin - 3 * seconds,  # the first of each kind warms up
                        turns + 3,
                        seconds,
                        results,
                    ),
                )
                for _ in range(chosen.clients)
            ]
            for person in people:
                person.start()
            marks = []
            for number in range(turns + 4):
                time.sleep(max(begin + (number - 3) * seconds - time.perf_counter(), 0))
                marks.append(processor_seconds(server.pid))
            done = [turn for _ in people for turn in results.get()]
            for person in people:
                person.join()
            acknowledged = sum(len(t.times) - t.failed for t in done if t.number % 3 == 2)
            rows = []
            for kind, label in enumerate(("health", "form", "answers")):
                own = [number for number in range(3, turns + 3) if number % 3 == kind]
                counts = {n: sum(len(t.times) for t in done if t.number == n) for n in own}
                times = [x for t in done if t.number in counts for x in t.times]
                cuts = quantiles(times, n=100)
                cost = median((marks[n + 1] - marks[n]) / max(counts[n], 1) for n in own) * 1e6
                rate = median(counts.values()) / seconds
                rows.append((rate, cost))
                failed = sum(t.failed for t in done if t.number in counts)
                size = max(t.size for t in done if t.number in counts)
                print(
                    f"{label:8}{rate:7.0f} a second {rate / rows[0][0]:5.2f}; processor {cost:5.0f} µs"
                    f" {rows[0][1] / cost:5.2f}; p50 {cuts[49] * 1000:4.0f} p99 {cuts[98] * 1000:4.0f} ms;"
                    f" {size:,} bytes; failed {failed}",
                    flush=True,
                )
            gap = chosen.clients / chosen.rate
            each = int(4 * seconds * chosen.rounds / gap)
            begin = time.perf_counter() + 2
            steady = [
                fork.Process(target=send_steadily, args=(own, begin + gap * k / chosen.clients, gap, results))
                for k, own in enumerate(fill(form, each) for _ in range(chosen.clients))
            ]
            taken = gather(steady, results)
            times = [x for t in taken for x in t.times]
            failed = sum(t.failed for t in taken)
            acknowledged += len(times) - failed
            cuts = quantiles(times, n=100)
            print(
                f"{chosen.rate:.0f} answers a second: p50 {cuts[49] * 1000:.0f} p95 {cuts[94] * 1000:.0f}"
                f" p99 {cuts[98] * 1000:.0f} ms; failed {failed}; load after {os.getloadavg()[0]:.1f}"
            )
            if (found := Receipt.objects.count() - before) != acknowledged:
                sys.exit(f"{acknowledged} acknowledged, {found} stored")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


if __name__ == "__main__":
    main()
