"""A nation's public record written as files: time, processors, memory, files; then read by a browser from a folder.

make bench-exported-site                         # the nation of bench-public-pages
python -m bench.exported_site FOLDER             # again after it was stopped: goes on
python -m bench.exported_site FOLDER --agencies 832     # a tenth of a nation, in an installation of its own
python -m bench.exported_site FOLDER --read      # serves what was written, and goes the journeys of its tests

But for the researcher's: these agencies are fictional, and tables of such stay on the site.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil
from bench import public_pages

HOST = "ita.example.go.th"
PORT = 8078


def watch(process: psutil.Process, most: dict[str, float]) -> None:
    """Note the most memory of a process and of those that it began, together and of the first alone, in MB, and the
    seconds of processors, until it ends."""
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        together, seconds = 0.0, 0.0
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):
                memory, times = one.memory_info().rss / 2**20, one.cpu_times()
                together, seconds = together + memory, seconds + times.user + times.system
                if one is process:
                    most["first"] = max(most["first"], memory)
        most["together"], most["seconds"] = max(most["together"], together), max(most["seconds"], seconds)
        time.sleep(1)


def write(folder: Path) -> None:
    most = {"first": 0.0, "together": 0.0, "seconds": 0.0}
    started, load = time.monotonic(), os.getloadavg()[0]
    command = subprocess.Popen([sys.executable, "-m", "prongsai.cli", "export-site", str(folder)])
    watch(psutil.Process(command.pid), most)
    assert command.wait() == 0
    print(
        f"{time.monotonic() - started:.0f} s by the clock, {most['seconds']:.0f} s of processors; at most "
        f"{most['together']:.0f} MB, {most['first']:.0f} of them of the first process; load {load:.1f} before, "
        f"{os.getloadavg()[0]:.1f} after"
    )
    measure(folder)


def measure(folder: Path) -> None:
    sizes, kinds, fullest = Counter[str](), Counter[str](), (0, "")
    for place, folders, names in os.walk(folder):
        fullest = max(fullest, (len(folders) + len(names), str(Path(place).relative_to(folder))))
        for name in names:
            kind = name.partition(".")[2]
            kinds[kind] += 1
            sizes[kind] += (Path(place) / name).stat().st_size
    print(f"{sum(sizes.values()) / 1e9:.2f} GB in {sum(kinds.values()):,} files; most in one folder: {fullest}")
    for kind, size in sizes.most_common(8):
        print(f"  {kind}: {size / 1e9:.2f} GB, {kinds[kind]:,} files")


def read(folder: Path) -> None:
    from e2e import test_five_people as journeys
    from playwright.sync_api import sync_playwright

    command = [sys.executable, "-m", "http.server", str(PORT), "--bind", "127.0.0.1", "--directory", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    place = journeys.Place(f"http://127.0.0.1:{PORT}", True)
    try:
        time.sleep(1)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            index = (folder / "search" / "index.js").read_text(encoding="utf-8")
            _, (name, _), *_ = json.loads(index.partition(" = ")[2].rstrip(";\n"))["agencies"][-1]
            for journey, given in (
                (journeys.citizen, (name, name)),
                (journeys.foreigner, ("thung bua",)),
                (journeys.journalist, ()),
                (journeys.blind_reader, ()),
            ):
                started, page = time.monotonic(), browser.new_context(accept_downloads=True).new_page()
                journey(page, place, *given)
                print(f"{journey.__name__}: {time.monotonic() - started:.1f} s", flush=True)
                page.context.close()
            browser.close()
    finally:
        server.terminate()
        server.wait(20)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--agencies", type=int, default=public_pages.AGENCIES, help="of the nation")
    options.add_argument("--read", action="store_true")
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    is_whole = chosen.agencies == public_pages.AGENCIES
    data = Path("build/bench-public-pages" if is_whole else f"build/bench-public-pages-{chosen.agencies}")
    os.environ.setdefault("PRONGSAI_DATA", str(data.resolve()))
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ["PRONGSAI_HOSTS"] = HOST
    if chosen.read:
        read(chosen.folder)
    else:
        public_pages.AGENCIES = chosen.agencies
        public_pages.build()
        write(chosen.folder)


if __name__ == "__main__":
    main()
