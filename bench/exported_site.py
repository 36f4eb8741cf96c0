"""A nation's public record written as files: time, processors, memory, files; then read by a browser from a folder.

    make bench-exported-site                         # the nation of bench-public-pages
    python -m bench.exported_site FOLDER             # again after it was stopped: goes on; --agencies 830 for a part
    python -m bench.exported_site FOLDER --read      # serves what was written, and goes the journeys of its tests

What ``prongsai export-site`` does, in an installation with so many agencies. ``--agencies`` leaves the others out of
what is listed and of the index, not of the pages about all.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
from bench.public_pages import build

HOST = "ita.example.go.th"
PORT = 8078


def watch(process: psutil.Process, most: dict[str, float], ended: threading.Event) -> None:
    """Note the most memory of a process and of those that it began, together and of the first alone, in MB."""
    while not ended.wait(1):
        together = 0.0
        for one in (process, *process.children(recursive=True)):
            try:
                memory = one.memory_info().rss / 2**20
            except psutil.Error:
                continue
            together += memory
            if one is process:
                most["first"] = max(most["first"], memory)
        most["together"] = max(most["together"], together)


def write(folder: Path, agencies: int) -> None:
    build()
    from itertools import islice

    from prongsai.web import site_export

    if agencies:
        everything, named = site_export.list_agencies, site_export.list_named
        site_export.list_agencies = lambda: islice(everything(), agencies)
        site_export.list_named = lambda assessment: list(named(assessment))[:agencies]
    most, ended = {"first": 0.0, "together": 0.0}, threading.Event()
    threading.Thread(target=watch, args=(psutil.Process(), most, ended), daemon=True).start()
    started = time.monotonic()

    def report(done: int) -> None:
        print(f"{time.monotonic() - started:.0f} s: {done:,} addresses; at most {most['together']:.0f} MB", flush=True)

    exported = site_export.export_site(folder, f"http://{HOST}", report)
    clock = time.monotonic() - started
    ended.set()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        f"{len(exported.pages):,} pages, {len(set(exported.files.values())):,} files: {clock:.0f} s by the clock, "
        f"{sum(u.ru_utime + u.ru_stime for u in used):.0f} s of processors; at most {most['together']:.0f} MB, "
        f"{most['first']:.0f} of them of the first process"
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
                (journeys.researcher, ()),
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
    options.add_argument("--agencies", type=int, default=0, help="so many of them alone")
    options.add_argument("--read", action="store_true")
    chosen = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
    os.environ.setdefault("PRONGSAI_DATA", str(Path("build/bench-public-pages").resolve()))
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    os.environ["PRONGSAI_HOSTS"] = HOST
    if chosen.read:
        read(chosen.folder)
    else:
        write(chosen.folder, chosen.agencies)


if __name__ == "__main__":
    main()
