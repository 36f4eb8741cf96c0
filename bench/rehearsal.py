"""Rehearsing a nation: last year's answers under next year's rules, beside scoring them under their own.

    python bench/rehearsal.py [--folder DIR]

The inputs are those of bench/scoring.py: 1.35 million responses of 8,317 agencies under 2568, rehearsed under 2569.
Each is timed in a process of its own, from files to the summary; printed are seconds, their ratio and peak memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import scoring as inputs

OLD, NEW = 2568, 2569


def score(folder: Path) -> int:
    from prongsai import framework as rules
    from prongsai import scoring

    framework = rules.load(rules.NATIONAL, OLD)
    parcels = scoring.open_parcels(framework, folder)
    return len(scoring.score(framework, parcels.answers, parcels.marks, checked=parcels.checked).level)


def rehearse(folder: Path) -> int:
    from prongsai import framework as rules
    from prongsai import scoring
    from prongsai.analysis.rehearsal import rehearse as run

    old, new = rules.load(rules.NATIONAL, OLD), rules.load(rules.NATIONAL, NEW)
    parcels = scoring.open_parcels(old, folder)
    result = run(old, new, parcels.answers, parcels.marks)
    kinds = {agency: agency[-1] for agency in result.agencies}
    return int(result.summarize({"kind": kinds, "province": kinds})["agencies"])


def one(name: str, folder: Path) -> None:
    started = time.perf_counter()
    agencies = {"score": score, "rehearse": rehearse}[name](folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": time.perf_counter() - started, "peak_mb": peak, "agencies": agencies}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one")
    chosen = parser.parse_args()
    if chosen.one:
        one(chosen.one, chosen.folder)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        if not (folder / "marks.parquet").is_file():
            inputs.make(folder, 1)
        runs: dict[str, list[dict[str, float]]] = {"score": [], "rehearse": []}
        for _ in range(3):
            for name, found in runs.items():
                command = [sys.executable, __file__, "--one", name, "--folder", str(folder)]
                found.append(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))
    best = {name: min(found, key=lambda run: run["seconds"]) for name, found in runs.items()}
    for name, run in best.items():
        ratio = run["seconds"] / best["score"]["seconds"]
        print(f"{name:10} {run['seconds']:6.2f} s  {ratio:5.2f} times scoring  {run['peak_mb']:5.0f} MB")


if __name__ == "__main__":
    main()
