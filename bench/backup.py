"""A backup of a nation: written and read back, verified, restored; the seconds and megabytes of each.

    python -m bench.backup             # the nation of bench/public_pages.py, and as many papers as asked for

Runs the product's own commands, each in a process of its own; restores into an empty folder beside it.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path("build/bench-public-pages")
TARGET = Path("build/bench-backup")
PAPER = 60_000  # bytes: a short paper as PDF


def run(*arguments, data):
    """Seconds on the clock, seconds of a processor, and the largest memory in MB of a command."""
    environment = os.environ | {"PRONGSAI_DATA": str(data), "LOG_LEVEL": "CRITICAL"}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "prongsai.cli", *map(str, arguments)], env=environment)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, arguments
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=8317)
    arguments = parser.parse_args()
    os.environ |= {"PRONGSAI_DATA": str(FOLDER), "LOG_LEVEL": "ERROR"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    subprocess.run([sys.executable, "-c", "from bench.public_pages import build; build()"], check=True)
    papers = FOLDER / "files" / "papers"
    for _ in range(arguments.papers - sum(1 for _ in papers.rglob("*.pdf"))):
        name = secrets.token_hex(32)
        path = papers / name[:2] / f"{name}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(secrets.token_bytes(PAPER))
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    archive, size = TARGET / "nation.tar.gz", lambda path: path.stat().st_size / 1e6
    files = [p for p in (FOLDER / "files").rglob("*") if p.is_file()]
    print(f"database {size(FOLDER / 'prongsai.sqlite3'):.0f} MB, {len(files):,} files {sum(map(size, files)):.0f} MB")
    for title, command, data in (
        ("backup, read back", ("backup", archive), FOLDER),
        ("backup --verify", ("backup", archive, "--verify"), FOLDER),
        ("restore, counted", ("restore", archive), TARGET / "restored"),
    ):
        seconds, used, memory = run(*command, data=data)
        print(f"{title:20} {seconds:6.0f} s, {used:5.0f} s of a processor, {memory:5.0f} MB at most", flush=True)
    print(f"{archive.name}: {size(archive):.0f} MB; load of the machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
