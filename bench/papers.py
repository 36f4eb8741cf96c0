"""A nation's papers as the national office issues them: one result set, papers 3 and 4 of every agency in both forms,
read back the quick way, by the batch of the page; killed with kill -9 in the middle and resumed. Prints papers a
minute, and the memory of the main process and of the largest writing process, at a quarter and at the end. Before it,
what one officer waits for, beside its limits (``bench/limits.py``).

    python bench/papers.py [N]
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
KINDS = ["development", "measures"]


def build(agencies: int) -> None:
    """Two years of results of fictional agencies, the later one with a batch to run."""
    import numpy as np
    from django.core.management import call_command

    from prongsai import framework as rules
    from prongsai.cli.demo import make_parcels
    from prongsai.documents.models import Batch
    from prongsai.registry import actions as registry
    from prongsai.registry.models import Agency
    from prongsai.results import actions as results

    call_command("migrate", verbosity=0)
    call_command("collectstatic", "--noinput", verbosity=0)
    codes = [f"{k:05}" for k in range(agencies)]
    Agency.objects.bulk_create(
        Agency(
            assessment_id="ita",
            code=c,
            name_th=f"องค์การบริหารส่วนตำบลทดสอบ{c}",
            kind="sao",
            province="ตาก",
            fictional=True,
        ).fill_keys()
        for c in codes
    )
    level = np.clip(np.random.default_rng(3).normal(0.8, 0.07, agencies), 0.4, 0.95)
    for _, year in rules.available()[-2:]:
        assessment_round = registry.create_round(fiscal_year=year, by=None)
        make_parcels(
            rules.load(rules.NATIONAL, year),
            codes,
            level,
            assessment_round.parcels,
            seed=year,
            respondents=25,
        )
        result_set = results.compute_round(assessment_round=assessment_round, folder=assessment_round.parcels, by=None)
        results.publish(result_set=result_set, by=None)
    Batch.objects.create(result_set=result_set, kinds=KINDS, agencies_total=agencies)


def run() -> None:
    """Run the batch and print its progress: agencies done, problems, memory of both kinds of processes in MB."""
    import psutil

    from prongsai.documents.actions import run_batch
    from prongsai.documents.models import Batch

    main_process = psutil.Process()
    for batch in run_batch(Batch.objects.get()):
        writing = max((c.memory_info().rss for c in main_process.children(recursive=True)), default=0)
        print(batch.agencies_done, len(batch.problems), main_process.memory_info().rss >> 20, writing >> 20, flush=True)


def run_and_kill(agencies: int) -> None:
    environment = os.environ | {"BENCH_RUN": "1"}
    progress, started, killed = [], time.perf_counter(), False
    while True:
        child = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert child.stdout
        for line in child.stdout:
            progress.append(tuple(map(int, line.split())))
            if not killed and progress[-1][0] >= agencies // 2:
                os.killpg(child.pid, signal.SIGKILL)
                killed = True
        if child.wait() == 0:
            break
    spent = time.perf_counter() - started
    from prongsai.documents.models import Batch, Paper

    batch = Batch.objects.get()
    quarter = next(p for p in progress if p[0] >= agencies // 4)
    print(
        f"{agencies:,} agencies, {Paper.objects.count():,} papers ({2 * agencies:,} expected), "
        f"{len(batch.problems)} refused, {spent:.0f} s with the kill"
    )
    print(
        f"{2 * agencies / spent * 60:.0f} papers a minute; 8,300 agencies: {8300 / agencies * spent / 60:.0f} minutes"
    )
    print(
        f"memory of the main and of a writing process: {quarter[2]} and {quarter[3]} MB at a quarter, "
        f"{progress[-1][2]} and {progress[-1][3]} MB at the end"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agencies", type=int, nargs="?", default=200)
    arguments = parser.parse_args()
    is_child = "BENCH_RUN" in os.environ
    if not is_child:
        os.environ |= {
            "PRONGSAI_DATA": tempfile.mkdtemp(prefix="papers-"),
            "DJANGO_SETTINGS_MODULE": "prongsai.settings",
            "LOG_LEVEL": "ERROR",
        }
    import django

    django.setup()
    if is_child:
        run()
    else:
        from bench.limits import print_limits

        build(arguments.agencies)
        print_limits()
        run_and_kill(arguments.agencies)


if __name__ == "__main__":
    main()
