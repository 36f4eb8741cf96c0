"""A nation scored on Spark in local mode: the same bytes as on DuckDB, and the time beside it.

    make spark            # installs pyspark, and Debian's Java runtime where none is found

Exits with 1 when one byte of the scores differs. Each engine scores three times in a process of its own; the first also
starts the engine, so the ratio is that of the best.
"""

import hashlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import pyarrow.parquet as pq
from bench.scoring import AGENCIES, SIZES, YEAR, make

ENGINES = ("duckdb://", "pyspark://")
QUIET = "--conf spark.ui.showConsoleProgress=false --conf spark.ui.enabled=false pyspark-shell"
RUNS = 3


def score(folder: Path, engine: str) -> dict[str, object]:
    """Seconds of each run, and the SHA-256 of every score as Parquet would hold it."""
    from prongsai import framework as rules
    from prongsai import scoring

    warnings.filterwarnings("ignore", category=FutureWarning)  # pyspark about pandas
    logging.disable()
    framework, seconds = rules.load(rules.NATIONAL, int(YEAR)), []
    for _ in range(RUNS):
        start = time.perf_counter()
        parcels = scoring.open_parcels(framework, folder, engine)
        # as if nothing were known of the files: the engine reads every answer twice
        scores = scoring.score(framework, parcels.answers, parcels.marks, parcels.populations)
        seconds.append(time.perf_counter() - start)
    content = io.BytesIO()
    pq.write_table(scores.table(), content)
    return {"seconds": seconds, "sha256": hashlib.sha256(content.getvalue()).hexdigest()}


def main() -> int:
    if len(sys.argv) > 1:
        print(json.dumps(score(Path(sys.argv[1]), sys.argv[2])))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), 1)
        print(f"{AGENCIES:,} agencies, {sum(SIZES.values()):,} responses")
        found, environment = {}, {**os.environ, "PYSPARK_SUBMIT_ARGS": QUIET}
        for engine in ENGINES:
            command = [sys.executable, "-m", "bench.spark", folder, engine]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            found[engine] = json.loads(done.stdout.splitlines()[-1])
    best = [min(found[engine]["seconds"]) for engine in ENGINES]
    for engine, seconds in zip(ENGINES, best, strict=True):
        first = found[engine]["seconds"][0]
        print(f"{engine.partition(':')[0]:8} {seconds:7.2f} s  {seconds / best[0]:5.2f}   first run {first:.2f} s")
    same = len({f["sha256"] for f in found.values()}) == 1
    print("the same scores to the byte" if same else "THE SCORES DIFFER")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
