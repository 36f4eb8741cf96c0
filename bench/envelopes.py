"""Opening a nation's sealed answers with the shares of a split key: envelopes a second, memory, and a seal that is cut
off and goes on.

    python -m bench.envelopes [--envelopes 135000]

Envelopes are sealed to a key split among three institutions and lie in the channels of a nation's agencies. ``prongsai
keys open`` is killed once on its way and started again; time is that of both. What is said of 1.35 million is measured
where so many were opened, and otherwise extrapolated, and called so. ``DATABASE_URL`` chooses the database; ``python -m
tests.postgres python -m bench.envelopes`` brings a PostgreSQL.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

NATION, AGENCIES = 1_350_000, 8_317
GOAL_SECONDS = 600
PER_INSERT = 5_000


def prepare(folder: Path, number: int) -> tuple[int, int]:
    """An installation with so many envelopes; the year, and how many channels they lie in."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "prongsai.settings", "PRONGSAI_DATA": str(folder), "LOG_LEVEL": "CRITICAL"}
    import django

    django.setup()
    from django.core.management import call_command

    from prongsai import framework
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.survey import actions, codes
    from prongsai.survey.key_shares import write_share
    from prongsai.survey.models import Channel, Envelope, Receipt, SealingKey
    from prongsai.survey.questions import count_options
    from prongsai.survey.sealing import seal_answers

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    rules = framework.load(*max(framework.available()))
    agencies = max(1, AGENCIES * number // NATION)
    Agency.objects.bulk_create(
        Agency(assessment_id="ita", code=f"K{n}", name_th=f"หน่วยทดสอบ {n}", kind="sao") for n in range(agencies)
    )
    made = registry.create_round(fiscal_year=rules.fiscal_year, by=None)
    Channel.objects.bulk_create(
        Channel(round=made, agency_id=pk, instrument="IIT", kind="link", slug=codes.generate_code(codes.SLUG_LENGTH))
        for pk in Agency.objects.values_list("pk", flat=True)
    )
    with actions.new_key(assessment_round=made, holders=("ก", "ข", "ค"), threshold=2, by=None) as shares:
        for share in shares:
            (folder / f"{share.number}.share.txt").write_text(write_share(share), encoding="utf-8")
    key, options, channels = SealingKey.objects.get(), count_options(rules, "IIT"), list(Channel.objects.all())
    for start in range(0, number, PER_INSERT):
        Envelope.objects.bulk_create(
            Envelope(
                channel=(channel := secrets.choice(channels)),
                key_number=0,
                sealed_to=key,
                content=seal_answers(bytes(map(secrets.randbelow, options)), key.public_key, channel.slug),
            )
            for _ in range(min(PER_INSERT, number - start))
        )
        Receipt.objects.bulk_create(
            Receipt(digest=secrets.token_hex(32), channel=secrets.choice(channels))
            for _ in range(min(PER_INSERT, number - start))
        )
    return rules.fiscal_year, len(channels)


def open_all(folder: Path, year: int, kill_after: float | None) -> tuple[float, float, int, int]:
    """Seconds, seconds of the processor, the most memory that the command needed, and the most of its own, without what
    it maps of files, which the system takes back when others need it; killed after a time, if one is given."""
    shares = [str(folder / f"{n}.share.txt") for n in (1, 3)]
    started, most, own, busy = time.perf_counter(), 0, 0, 0.0
    command = subprocess.Popen(
        [sys.executable, "-m", "prongsai.cli", "keys", "open", str(year), *shares, "--yes"], stdout=subprocess.DEVNULL
    )
    watched = psutil.Process(command.pid)
    while command.poll() is None:
        try:
            memory, busy = watched.memory_info(), sum(watched.cpu_times()[:2])
            most, own = max(most, memory.rss), max(own, memory.rss - memory.shared)
        except psutil.NoSuchProcess:
            break
        if kill_after is not None and time.perf_counter() - started > kill_after:
            command.send_signal(signal.SIGKILL)
        time.sleep(0.05)
    if command.wait() not in (0, -signal.SIGKILL):
        sys.exit("the seal failed")
    return time.perf_counter() - started, busy, most, own


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--envelopes", type=int, default=135_000)
    number = parser.parse_args().envelopes
    with tempfile.TemporaryDirectory(prefix="prongsai-bench-") as name:
        folder = Path(name)
        started = time.perf_counter()
        year, channels = prepare(folder, number)
        print(
            f"{number:,} envelopes in {channels:,} channels, sealed and stored in {time.perf_counter() - started:.0f} s"
        )
        from django.db import connection

        from prongsai.survey.models import Envelope, Response

        first, busy, memory, own = open_all(folder, year, kill_after=5 + number / 40_000)
        left, opened = Envelope.objects.count(), Response.objects.count()
        print(f"killed after {first:.1f} s: {opened:,} opened, {left:,} wait ({memory / 1e6:.0f} MB)")
        connection.close()
        second, busy_after, memory_after, own_after = open_all(folder, year, kill_after=None)
        assert Response.objects.count() == number
        assert not Envelope.objects.exists()
        seconds, most = first + second, max(memory, memory_after)
        print(
            f"all opened, shuffled and written in {seconds:.1f} s: {number / seconds:,.0f} a second, "
            f"{busy + busy_after:.0f} s of the processor; at most {most / 1e6:.0f} MB, "
            f"{max(own, own_after) / 1e6:.0f} without files; load {os.getloadavg()[0]:.0f}"
        )
        kind = "measured" if number >= NATION else "extrapolated"
        print(f"{NATION:,} ({kind}): {seconds * NATION / number:.0f} s; the goal is {GOAL_SECONDS}")


if __name__ == "__main__":
    main()
