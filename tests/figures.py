"""The figures of the house, printed by ``make check``: ``python -m tests.figures``.

``python -m tests.figures measure COMMAND …`` runs a command and notes the processor time it took, children included.
"""

import json
import re
import resource
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from bench.startup import print_startup

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "prongsai"
TIMES = ROOT / "build" / "processor-time.json"
PURE = ("prongsai.framework", "prongsai.scoring", "prongsai.analysis", "prongsai.intake", "prongsai.lib")
PURE_TESTS = (
    "tests/framework",
    "tests/scoring",
    "tests/analysis",
    "tests/intake",
    "tests/lib",
    "tests/documents/test_phrases.py",
)
# of these, what the sandbox would run in a child is run once more in the process that is measured
APART_TESTS = (
    "tests/intake/test_archive.py",
    "tests/intake/test_bad_input.py",
    "tests/intake/test_formats.py",
    "tests/intake/test_news.py",
    "tests/intake/test_pdf_letters.py",
    "tests/intake/test_scans.py",
    "tests/lib/test_attachments.py",
    "tests/lib/test_pictures.py",
)
THAI = re.compile("[\u0e00-\u0e7f]")


def files(*suffixes: str, folders: tuple[str, ...] = ("src",)) -> list[Path]:
    """Files of our own: without migrations, and without what npm brings."""
    found = [p for folder in folders for p in sorted((ROOT / folder).rglob("*")) if p.suffix in suffixes]
    return [p for p in found if "migrations" not in p.parts and "fonts" not in p.parts]


def print_lines() -> None:
    for kind, paths in (
        ("Python", files(".py", folders=("src", "tests", "bench", "e2e"))),
        ("templates", files(".html", ".j2")),
        ("styles and scripts", files(".css", ".js")),
    ):
        lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
        plain = sum(len(line) > 120 for line in lines if not THAI.search(line))
        thai = sum(len(line) > 120 for line in lines if THAI.search(line))
        longer = sum(len(line) > 160 for line in lines if THAI.search(line))
        print(f"lines over 120 in {kind}: {plain}, with Thai {thai} (of them over 160: {longer}), of {len(lines):,}")


def print_complexity() -> None:
    command = [sys.executable, "-m", "ruff", "check", "src", "--isolated", "--select=C901", "--output-format=json"]
    command += ["--config=lint.mccabe.max-complexity=1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    found = [
        (int(match[2]), f"{Path(problem['filename']).relative_to(PACKAGE)}: {match[1]}")
        for problem in json.loads(done.stdout)
        if (match := re.match(r"`(.+)` is too complex \((\d+)", problem["message"]))
    ]
    most, where = max(found)
    print(f"highest complexity: {most} ({where})")


def print_exceptions() -> None:
    counts: Counter[str] = Counter()
    for path in files(".py", ".html", ".css", ".js"):
        text = path.read_text(encoding="utf-8")
        for name in ("fmt: skip", "fmt: off", "type: ignore", "noqa", "biome-ignore", "djangofmt:ignore"):
            counts[name] += text.count(name)
    print("exceptions in src:", ", ".join(f"{name} {counts[name]}" for name in counts))
    skips = sum(
        len(re.findall(r"pytest\.(?:mark\.)?skip|xfail", p.read_text())) for p in files(".py", folders=("tests",))
    )
    print(f"tests that may be skipped: {skips - 1}")  # less the line above


def print_types() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    rooms = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    lax = re.findall(r"prongsai\.(\w+)", json.dumps([o["module"] for o in settings.get("overrides", ())]))
    rooms_typed = rooms - set(lax)
    print(f"rooms typed strictly: {len(rooms_typed)} of {len(rooms)}")


def print_coverage() -> bool:
    """Whether every branch of the pure rooms is covered. What is left out is named in pyproject.toml."""
    measured_rooms = ["--cov-branch", *(f"--cov={room}" for room in PURE)]
    for tests in (PURE_TESTS, ("-p", "tests.in_process", "--cov-append", *APART_TESTS)):
        command = [sys.executable, "-m", "pytest", *measured_rooms, "--cov-report=json:build/coverage.json", *tests]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
        if done.returncode:
            print(done.stdout[-3000:])
            return False
    measured = json.loads((ROOT / "build" / "coverage.json").read_text(encoding="utf-8"))
    totals = measured["totals"]
    print(
        f"branch coverage of the pure rooms: {totals['percent_covered']:.2f}% "
        f"({totals['num_branches']:,} branches, {totals['num_statements']:,} statements)"
    )
    for name, file in measured["files"].items():
        if file["missing_lines"] or file["missing_branches"]:
            print(f"  not covered: {name} lines {file['missing_lines']} branches {file['missing_branches']}")
    return totals["missing_lines"] == totals["missing_branches"] == 0


def print_times() -> None:
    """Of what ``make test`` ran: lint, types and the tests on SQLite."""
    if TIMES.exists():
        times = json.loads(TIMES.read_text(encoding="utf-8"))
        for command, seconds in times.items():
            print(f"processor time of {command}: {seconds:,.0f} s")
        print(f"processor time of all these: {sum(times.values()):,.0f} s")


def print_mutants() -> None:
    results = tomllib.loads((ROOT / "tests" / "mutants-results.toml").read_text(encoding="utf-8"))
    for piece, r in results.items():
        survivors = f"survivors {r['survivors']} (accepted {r['accepted']})"
        print(f"mutants of {piece} on {r['date']}: {r['mutants']:,}, {survivors}")


def measure(command: list[str]) -> int:
    """Run a command, note its processor time; its exit code."""
    code = subprocess.run(command, check=False).returncode
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    times = json.loads(TIMES.read_text(encoding="utf-8")) if TIMES.exists() else {}
    times[" ".join([Path(command[0]).name, *command[1:]])] = usage.ru_utime + usage.ru_stime
    TIMES.parent.mkdir(exist_ok=True)
    TIMES.write_text(json.dumps(times), encoding="utf-8")
    return code


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["measure"]:
        return measure(arguments[1:])
    print_lines()
    print_complexity()
    print_exceptions()
    print_types()
    print_times()
    print_mutants()
    print_startup(3)
    return 0 if print_coverage() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
