"""Scoring a nation: Prongsai beside hand-written DuckDB SQL, pandas, and the floor of the machine.

    python bench/scoring.py [--large] [--rounds N] [--folder DIR]

Makes the inputs once (1.35 million responses of 8,317 agencies under 2568: a 15-item IIT, a 9-item EIT in two parts, 28
disclosure items; ten times that with ``--large``), then times every contender in a process of its own, all contenders
in turn within each round, so that what else the machine does falls on all alike. Each contender warms up once and is
then timed end to end, from files to scores in memory. Printed: the median, its ratio to Prongsai, and the peak memory.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

YEAR = "2568"
AGENCIES = 8317
SIZES = {"IIT": 461_000, "EIT1": 700_000, "EIT2": 189_000}


def make(folder: Path, times: int) -> None:
    """Random answers, responses in the order they might be sealed in: shuffled."""
    from prongsai import framework as rules

    framework = rules.load(rules.NATIONAL, int(YEAR))
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(2568)
    names = np.array([f"A{n:05d}" for n in range(AGENCIES)])
    for instrument, size in SIZES.items():
        size *= times
        columns = {"agency": pa.array(names[random.integers(0, AGENCIES, size)])}
        for column in framework.answer_columns(instrument):
            columns[column.name] = pa.array(random.integers(0, len(column.points), size).astype(np.uint8))
        pq.write_table(pa.table(columns), folder / f"answers-{instrument}.parquet")
    marks = {"agency": pa.array(names)}
    for item in framework.items_of("OIT"):
        marks[item.id] = pa.array((random.random(AGENCIES) < 0.9).astype(np.int16) * 100)
    pq.write_table(pa.table(marks), folder / "marks.parquet")


# --- the contenders: each a function of the folder that gives the mean of all totals
# --------------------------------------


def prongsai(folder: Path) -> float:
    from prongsai import framework as rules
    from prongsai import scoring

    parcels = scoring.open_parcels(rules.load(rules.NATIONAL, int(YEAR)), folder)
    scores = scoring.score(
        rules.load(rules.NATIONAL, int(YEAR)), parcels.answers, parcels.marks, checked=parcels.checked
    )
    assert scores.level is not None
    return float(scores.values["overall"].mean())


def duckdb_sql(folder: Path) -> float:
    """The same result by SQL written by hand for this one year: every node's score and the level, nothing checked."""
    import duckdb

    from prongsai import framework as rules

    framework = rules.load(rules.NATIONAL, int(YEAR))

    def points(name: str, values: tuple[int, ...]) -> str:
        step = values[1] - values[0]
        return f'(sum("{name}") * {step} + count("{name}") * {values[0]})::double / count("{name}")'

    parts = []
    columns = []
    for instrument in SIZES:
        items = ", ".join(f'{points(c.name, c.points)} AS "{c.item}"' for c in framework.answer_columns(instrument))
        parts.append(
            f"{instrument} AS (SELECT agency, {items} FROM '{folder}/answers-{instrument}.parquet' GROUP BY agency)"
        )
        columns += [f'"{c.item}"' for c in framework.answer_columns(instrument)]

    def mean(names: list[str]) -> str:
        return "(" + " + ".join(f'"{n}"' for n in names) + f") / {len(names)}"

    levels = [["part_indicator", "sub_indicator"], ["indicator"], ["instrument"]]
    inner = (
        "(SELECT * FROM IIT JOIN EIT1 USING (agency) JOIN EIT2 USING (agency) "
        + f"JOIN '{folder}/marks.parquet' USING (agency))"
    )
    for kinds in levels:  # each mean from the ones below it, one step at a time
        made = [f'{mean(list(n.parts))} AS "{n.id}"' for n in framework.nodes.values() if n.kind in kinds]
        inner = f"(SELECT *, {', '.join(made)} FROM {inner})"
    query = f"""
        WITH {", ".join(parts)}, scores AS (
            SELECT *, 0.30 * "IIT" + 0.15 * "EIT1" + 0.15 * "EIT2" + 0.40 * "OIT" AS overall,
                   ("EIT1" + "EIT2") / 2 AS "EIT"
            FROM {inner})
        SELECT *, CASE WHEN round(overall, 2) >= 95 AND least("IIT", "EIT1", "EIT2", "OIT") >= 94.995 THEN 'ผ่านดีเยี่ยม'
                       WHEN round(overall, 2) >= 85 AND least("IIT", "EIT1", "EIT2", "OIT") >= 84.995 THEN 'ผ่านดี'
                       WHEN round(overall, 2) >= 85 THEN 'ผ่าน' WHEN round(overall, 2) >= 70 THEN 'ต้องปรับปรุง'
                       ELSE 'ต้องปรับปรุงโดยด่วน' END AS level
        FROM scores
    """
    with duckdb.connect() as connection:
        found = connection.sql(query).fetchnumpy()
    assert len(found) == len(framework.nodes) + 2
    return float(np.mean(found["overall"]))


def pandas_long(folder: Path) -> float:
    """The way an analyst goes about it: melt to one row an answer, look the points up, group."""
    import pandas as pd

    from prongsai import framework as rules

    framework = rules.load(rules.NATIONAL, int(YEAR))
    instruments = {}
    for instrument in SIZES:
        wide = pd.read_parquet(folder / f"answers-{instrument}.parquet")
        long = wide.melt(id_vars="agency", var_name="item", value_name="choice")
        look = pd.DataFrame(
            [(c.name, k, p) for c in framework.answer_columns(instrument) for k, p in enumerate(c.points)],
            columns=["item", "choice", "points"],
        )
        long = long.merge(look, on=["item", "choice"])
        items = long.groupby(["agency", "item"])["points"].mean().reset_index()
        items["indicator"] = items["item"].map({i.id: i.indicator for i in framework.rules.survey_items})
        indicators = items.groupby(["agency", "indicator"])["points"].mean()
        instruments[instrument] = indicators.groupby("agency").mean()
    marks = pd.read_parquet(folder / "marks.parquet").melt(id_vars="agency", var_name="item", value_name="points")
    marks["sub"] = marks["item"].map({i.id: i.sub_indicator for i in framework.rules.disclosure_items})
    subs = marks.groupby(["agency", "sub"])["points"].mean().reset_index()
    subs["indicator"] = subs["sub"].str.split(".").str[0]
    oit = subs.groupby(["agency", "indicator"])["points"].mean().groupby("agency").mean()
    overall = 0.30 * instruments["IIT"] + 0.15 * instruments["EIT1"] + 0.15 * instruments["EIT2"] + 0.40 * oit
    return float(overall.mean())


def pandas_wide(folder: Path) -> float:
    """The best that a careful user of pandas does: stay wide, turn indexes into points column by column."""
    import pandas as pd

    from prongsai import framework as rules

    framework = rules.load(rules.NATIONAL, int(YEAR))
    instruments = {}
    for instrument in SIZES:
        wide = pd.read_parquet(folder / f"answers-{instrument}.parquet")
        columns = framework.answer_columns(instrument)
        for c in columns:
            wide[c.name] = np.array(c.points, np.int16)[wide[c.name].to_numpy()]
        items = wide.groupby("agency")[[c.name for c in columns]].mean()
        own = {i.id: i.indicator for i in framework.rules.survey_items}
        instruments[instrument] = items.T.groupby(own).mean().mean()
    marks = pd.read_parquet(folder / "marks.parquet").set_index("agency")
    subs = marks.T.groupby({i.id: i.sub_indicator for i in framework.rules.disclosure_items}).mean()
    oit = subs.groupby(lambda s: s.split(".")[0]).mean().mean()
    overall = 0.30 * instruments["IIT"] + 0.15 * instruments["EIT1"] + 0.15 * instruments["EIT2"] + 0.40 * oit
    return float(overall.mean())


def floor(folder: Path) -> float:
    """The bytes of the answers, already in memory, added up once: what no method can beat."""
    global _BYTES
    if _BYTES is None:
        _BYTES = [
            column.to_numpy()
            for instrument in SIZES
            for column in pq.read_table(folder / f"answers-{instrument}.parquet").drop_columns(["agency"]).columns
        ]
    return float(sum(int(c.sum()) for c in _BYTES))


_BYTES: list[np.ndarray] | None = None
CONTENDERS: dict[str, Callable[[Path], float]] = {
    f.__name__: f for f in (prongsai, duckdb_sql, pandas_wide, pandas_long, floor)
}


def one(name: str, folder: Path) -> None:
    """One contender in this process: warm up, then a timed run; prints JSON."""
    contender = CONTENDERS[name]
    contender(folder)
    start = time.perf_counter()
    result = contender(folder)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "result": result}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="ten times the nation")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--one", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    times = 10 if options.large else 1
    folder = options.folder / f"x{times}"
    if options.one:
        one(options.one, folder)
        return
    if not (folder / "marks.parquet").is_file():
        print("making the inputs …", flush=True)
        make(folder, times)
    names = [n for n in CONTENDERS if not (options.large and n == "pandas_long")]
    runs: dict[str, list[dict[str, float]]] = {n: [] for n in names}
    for number in range(options.rounds):
        for name in names:
            command = [
                sys.executable,
                __file__,
                "--one",
                name,
                "--folder",
                str(options.folder),
                *(["--large"] if options.large else []),
            ]
            runs[name].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(f"round {number + 1} of {options.rounds}", flush=True)
    means = {n: r[0]["result"] for n, r in runs.items() if n != "floor"}
    assert max(means.values()) - min(means.values()) < 1e-6, means  # all give the same scores
    own = statistics.median(r["seconds"] for r in runs["prongsai"])
    print(f"\n{sum(SIZES.values()) * times:,} responses, {AGENCIES:,} agencies, median of {options.rounds}\n")
    print(f"{'':14}{'ms':>9}{'/ prongsai':>12}{'peak MB':>9}")
    for name in names:
        seconds = statistics.median(r["seconds"] for r in runs[name])
        print(f"{name:14}{seconds * 1000:9.0f}{seconds / own:12.2f}{max(r['peak_mb'] for r in runs[name]):9.0f}")


if __name__ == "__main__":
    main()
