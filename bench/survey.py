"""Answering under load: durable submissions a second and how long each takes, over loopback.

    make bench-survey

Contenders take the same time, one after another, on the same two cores that the clients share:
  (a) the same server, form read and checked, nothing stored (``PRONGSAI_SURVEY_DRY=1``);
  (b) inserts without HTTP: the same rows, one transaction each, one process;
  the product: group commit; and one transaction a submission.
``DATABASE_URL`` chooses the database; ``python -m tests.postgres python bench/survey.py`` brings a PostgreSQL.
"""

import argparse
import http.client
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from statistics import quantiles

PORT = 8179


def setup() -> tuple[str, dict[str, int]]:
    """An open form: its slug, and how many options each of its questions has."""
    import django

    django.setup()
    from django.core.management import call_command

    from prongsai import framework
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.survey import actions
    from prongsai.survey.models import Channel
    from prongsai.survey.questions import list_questions

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    rules = framework.load(*max(framework.available()))
    form = rules.rules.open_links[0].instrument
    if not Channel.objects.exists():
        Agency(assessment_id="ita", code="K1", name_th="หน่วยทดสอบ", kind="sao").save()
        assessment_round = registry.create_round(fiscal_year=rules.fiscal_year, by=None)
        registry.enroll_agencies(assessment_round=assessment_round, agencies=Agency.objects.all(), by=None)
        assessment_round.status = "running"
        assessment_round.save()
        actions.open_channel(
            assessment_round=assessment_round, agency=Agency.objects.get(), instrument=form, kind="link", by=None
        )
    return Channel.objects.get().slug, {q.column: len(q.options) for q in list_questions(rules, form)}


def prepare(folder: str) -> str:
    """An installation in a folder; the slug of its open form."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DATA": folder, "LOG_LEVEL": "CRITICAL"}
    slug, _ = setup()
    return slug


def body(widths: dict[str, int]) -> bytes:
    from prongsai.survey.codes import generate_code

    chosen = {name: secrets.randbelow(width) for name, width in widths.items()}
    return urllib.parse.urlencode(chosen | {"receipt": generate_code(16)}).encode()


def load(
    slug: str, bodies: list[bytes], clients: int, seconds: float, rate: float | None
) -> tuple[int, list[float], int]:
    """Posts from ``clients`` connections for a time, at most ``rate`` a second in all; gives how many were taken,
    times, and failures."""
    times: list[float] = []
    failed = [0]
    end = time.perf_counter() + seconds
    gap = clients / rate if rate else 0

    def client(own: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        due = time.perf_counter() + secrets.randbelow(1000) / 1000 * gap
        for data in own:
            if time.perf_counter() > end:
                return
            if gap:
                time.sleep(max(due - time.perf_counter(), 0))
                due += gap
            started = time.perf_counter()
            try:
                connection.request("POST", f"/s/{slug}/", data, {"Content-Type": "application/x-www-form-urlencoded"})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    times.append(time.perf_counter() - started)
                else:
                    failed[0] += 1
            except OSError:
                failed[0] += 1
                connection.close()

    threads = [threading.Thread(target=client, args=(bodies[k::clients],)) for k in range(clients)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return len(times), times, failed[0]


def serve(**environment: str) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        [sys.executable, "-m", "prongsai.cli", "serve", "--port", str(PORT), "--workers", "2"],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=2)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not come up")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--clients", type=int, default=16)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="prongsai-bench-") as name:
        if url := os.environ.get("TEST_DATABASE_URL"):
            os.environ["DATABASE_URL"] = url
        os.environ |= {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DATA": name, "LOG_LEVEL": "CRITICAL"}
        os.environ["PRONGSAI_PROOF_OF_WORK"] = "0"  # what the server does is measured
        slug, widths = setup()
        from prongsai.survey.models import Channel, Receipt
        from prongsai.survey.writer import Submission, store_submissions

        channel = Channel.objects.get()
        print(f"{'':38}{'a second':>10}{'p50 ms':>9}{'p95':>8}{'p99':>8}{'failed':>8}")

        def report(label: str, count: int, times: list[float], failed: int, seconds: float) -> None:
            cuts = quantiles(times, n=100)
            print(
                f"{label:38}{count / seconds:>10.0f}{cuts[49] * 1000:>9.1f}{cuts[94] * 1000:>8.1f}"
                f"{cuts[98] * 1000:>8.1f}{failed:>8}",
                flush=True,
            )

        times, started = [], time.perf_counter()
        while time.perf_counter() - started < chosen.seconds / 2:
            one = time.perf_counter()
            store_submissions([Submission(channel, bytes(len(widths)), secrets.token_hex(32), None)])
            times.append(time.perf_counter() - one)
        report("(b) inserts without HTTP, one each", len(times), times, 0, chosen.seconds / 2)
        runs = (
            ("(a) the server without storing", {"PRONGSAI_SURVEY_DRY": "1"}, None),
            ("group commit", {}, None),
            ("one transaction each", {"PRONGSAI_WORKERS": "0"}, None),
            ("group commit, 150 a second asked", {}, 150.0),
        )
        for label, environment, rate in runs:
            server = serve(**environment)
            try:
                before = Receipt.objects.count()
                load(slug, [body(widths) for _ in range(1000)], chosen.clients, 2, None)
                bodies = [body(widths) for _ in range(int(1500 * chosen.seconds))]  # each is sent once
                warm = Receipt.objects.count() - before
                count, times, failed = load(slug, bodies, chosen.clients, chosen.seconds, rate)
                report(label, count, times, failed, chosen.seconds)
                stored = Receipt.objects.count() - before - warm
                if "PRONGSAI_SURVEY_DRY" not in environment and stored < count:
                    raise SystemExit(f"{count} acknowledged, {stored} stored")
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(20)


if __name__ == "__main__":
    main()
