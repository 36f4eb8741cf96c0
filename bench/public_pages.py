"""The site with a nation in it: 8,317 agencies, five years of published results; server time of public pages and the
API; and how many a second of those that are stored are sent, beside the bare health page.

    make bench-public-pages            # builds the nation once, in build/bench-public-pages, then asks

Server time is what the application itself takes (Server-Timing), while ``--clients`` ask at once over loopback. Pages
are asked in random order, agencies at random, so that hardly any page is asked twice.
"""

import argparse
import http.client
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

import numpy as np

AGENCIES = 8317
PORT = 8077
BASE = f"http://127.0.0.1:{PORT}"


def make_agencies() -> bool:
    """The tables, and the agencies of a nation; whether they are new."""
    import django

    django.setup()
    from django.core.management import call_command

    from prongsai.cli.demo_nation import create_agencies
    from prongsai.registry.models import Agency

    for command in ("migrate", "createcachetable"):
        call_command(command, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if Agency.objects.exists():
        return False
    create_agencies(AGENCIES)
    return True


def build() -> None:
    """Through the product's own actions: lists, rounds, computation, publication."""
    if not make_agencies():
        return
    from django.conf import settings

    from prongsai import framework as rules
    from prongsai.cli.demo import make_parcels
    from prongsai.cli.demo_nation import code_of
    from prongsai.registry import actions as registry
    from prongsai.results import actions as results

    codes = [code_of(k) for k in range(AGENCIES)]
    level = np.clip(np.random.default_rng(5).normal(0.8, 0.07, AGENCIES), 0.4, 0.95)
    for _, year in sorted(rules.available())[-5:]:
        started = time.perf_counter()
        framework = rules.load(rules.NATIONAL, year)
        folder = settings.MEDIA_ROOT / "parcels" / str(year)
        make_parcels(framework, codes, level, folder, seed=year, respondents=25)
        assessment_round = registry.create_round(fiscal_year=framework.fiscal_year, by=None)
        made = time.perf_counter()
        result_set = results.compute_round(assessment_round=assessment_round, folder=folder, by=None)
        computed = time.perf_counter()
        results.publish(result_set=result_set, by=None)
        print(
            f"{year}: made {made - started:.0f} s, computed and stored {computed - made:.0f} s, "
            f"published {time.perf_counter() - computed:.0f} s",
            flush=True,
        )


def pages(times: int) -> list[tuple[str, str]]:
    from prongsai import framework as rules
    from prongsai.cli.demo_nation import code_of

    draw = random.Random(2)
    years = [year for _, year in rules.available()][-5:]
    words = ["บ้านหนอง", "อบต.ทุ่ง", "เทศบาล", "แก้วงาม", "มหาวิทยาลัย", "ไผ่", "N00012", "โคก", "สว่าง"]
    asked = []
    for _ in range(times):
        code, year = code_of(draw.randrange(AGENCIES)), draw.choice(years)
        others = [code_of(draw.randrange(AGENCIES)) for _ in range(2)]
        province = urllib.parse.quote(draw.choice(("ตาก", "ขอนแก่น", "สงขลา")))
        asked += [
            ("home", "/"),
            ("search", f"/search/?q={urllib.parse.quote(draw.choice(words))}"),
            ("agency", f"/agency/{code}/{year}/"),
            ("receipt", f"/agency/{code}/{year}/receipt.json"),
            ("compare", f"/compare/?year={year}&agency={code}&agency={others[0]}&agency={others[1]}"),
            ("rankings", f"/rankings/?year={year}&page={draw.randrange(1, 150)}"),
            ("rankings, filtered", f"/rankings/?year={year}&kind=sao&province={province}"),
            ("nation", f"/nation/{year}/"),
            ("methodology", f"/methodology/{year}/"),
            ("downloads", "/data/"),
            ("api agencies", f"/api/agencies?after={code}"),
            ("api results", f"/api/rounds/{year}/results?after={code}&limit=100"),
            ("api one agency", f"/api/agencies/{code}/results"),
        ]
    draw.shuffle(asked)
    return asked


def ask(page: tuple[str, str]) -> tuple[str, float, int]:
    with urllib.request.urlopen(BASE + page[1], timeout=60) as answer:
        body = answer.read()
        return page[0], float(re.search(r"dur=([\d.]+)", answer.headers["Server-Timing"])[1]), len(body)


def count_per_second(address: str, clients: int, times: int = 400) -> float:
    """Requests answered a second, each client on a connection that stays open, as a browser's or a proxy's does."""

    def read(_: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        for _ in range(times // clients):
            connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, (address, answer.status)

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(read, range(clients)))
    return times / (time.perf_counter() - started)


def compare_stored(clients: int, rounds: int = 5) -> dict[str, list[float]]:
    """How many a second of each stored page, as shares of the health page in the same round."""
    from prongsai import framework as rules
    from prongsai.cli.demo_nation import code_of

    _, year = rules.available()[-1]
    code = code_of(7)
    stored = {
        "home": "/",
        "an agency": f"/agency/{code}/{year}/",
        "an agency, English": f"/en/agency/{code}/{year}/",
        "picture beside a link": f"/agency/{code}/{year}/card.png",
        "national overview": f"/nation/{year}/",
        "methodology": f"/methodology/{year}/",
    }
    shares: dict[str, list[float]] = {name: [] for name in stored}
    for number in range(rounds + 1):
        health = count_per_second("/health", clients)
        for name, address in stored.items():
            share = count_per_second(address, clients) / health
            if number:  # the first round renders
                shares[name].append(share)
    return shares


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=150)
    options.add_argument("--clients", type=int, default=2)
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    os.environ.setdefault("PRONGSAI_DATA", str(Path("build/bench-public-pages").resolve()))
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    build()
    server = subprocess.Popen([sys.executable, "-m", "prongsai.cli", "serve", "--port", str(PORT), "--workers", "2"])
    try:
        for _ in range(100):
            try:
                ask(("health", "/health"))
                break
            except OSError:
                time.sleep(0.2)
        for page in pages(2):
            ask(page)
        started = time.perf_counter()
        with ThreadPoolExecutor(chosen.clients) as clients:
            answers = list(clients.map(ask, pages(chosen.times)))
        spent = time.perf_counter() - started
        shares = compare_stored(chosen.clients)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
    print(f"\n{len(answers)} requests, {chosen.clients} clients, {len(answers) / spent:.0f} a second\n")
    print(f"{'page':22}{'median ms':>10}{'p95 ms':>9}{'kB':>7}")
    for name in dict.fromkeys(p[0] for p in pages(1)):
        times = [ms for n, ms, _ in answers if n == name]
        size = max(b for n, _, b in answers if n == name)
        print(f"{name:22}{median(times):>10.1f}{quantiles(times, n=20)[-1]:>9.1f}{size / 1000:>7.0f}")
    print(f"\n{'sent as stored':24}{'of the health page':>20}{'least':>8}")
    for name, measured in shares.items():
        print(f"{name:24}{median(measured):>20.2f}{min(measured):>8.2f}")


if __name__ == "__main__":
    main()
