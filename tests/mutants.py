"""Mutation testing with a ratchet: ``python -m tests.mutants [piece …]``, or ``make mutants ONLY=scoring``.

mutmut changes one place of the code at a time; a test must then fail. First the quick tests of the piece run against
every mutant, then all of them against those that survived. What still survives must stand in ``tests/mutants.toml``
with the reason why it changes nothing that anybody could notice; any other survivor fails the command. The numbers of
the last run of each piece are written to ``tests/mutants-results.toml``.
"""

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / "build" / "mutants"
ACCEPTED = ROOT / "tests" / "mutants.toml"
DATABASE = "migrated.sqlite3"
RESULTS = ROOT / "tests" / "mutants-results.toml"
KILLED_BY_TIME = (36, 24, 152, 255, -24)  # a mutant that never ends is noticed
SURVIVED = (0,)
UNTESTED = (5, 33)


@dataclass(frozen=True)
class Piece:
    """Modules under ``src/prongsai`` and the tests that must notice their mutants; ``slow`` ones run last. A star in a
    module's name stands for anything, ``without`` takes modules out again."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    slow: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


PIECES = {
    "rounding": Piece(("lib/rounding.py",), ("tests/lib/test_lib.py",)),
    "scoring": Piece(
        ("scoring/*.py",),
        ("tests/scoring",),
        (
            "tests/scoring/test_agreement.py",
            "tests/scoring/test_parcels.py::test_a_cluster_would_sum_the_same",
            "tests/scoring/test_parcels.py::test_another_engine_gives_the_same",
        ),
    ),
    "audit": Piece(
        ("analysis/audit/*.py",),
        (
            "tests/analysis/test_constraints.py",
            "tests/analysis/test_audit.py",
            "tests/analysis/test_readings.py",
            "tests/analysis/test_samples.py",
            "tests/analysis/verdicts",
        ),
        (
            "tests/analysis/test_audit.py::test_an_honest_report_is_never_contradicted",
            "tests/analysis/test_audit.py::test_a_slip_in_a_full_report_is_found_and_put_right",
        ),
    ),
    "judgement": Piece(
        ("analysis/*.py",),
        (
            "tests/analysis/test_judgement.py",
            "tests/analysis/test_readings.py",
            "tests/analysis/test_receipt.py",
            "tests/analysis/test_rehearsal.py",
            "tests/analysis/test_small_groups.py",
        ),
        (
            "tests/analysis/test_judgement.py::test_from_every_level_the_next_one_is_reached",
            "tests/analysis/test_small_groups.py::test_what_is_withheld_does_not_follow",
        ),
        without=("analysis/audit/*",),
    ),
    "framework": Piece(("framework/*.py",), ("tests/framework",)),
    "survey": Piece(
        ("survey/mixing.py", "survey/codes.py", "survey/writer.py", "survey/keys.py", "survey/locks.py"),
        ("tests/survey",),
        ("tests/survey/test_processes.py", "tests/survey/test_unlinkable.py"),
    ),
    "people": Piece(
        ("people/access.py", "people/roles.py"),
        ("tests/people/test_access.py", "tests/web/test_permissions.py"),
        ("tests/web/test_permissions.py",),
    ),
    "registry": Piece(("registry/access.py",), ("tests/registry/test_access.py",)),
    "guard": Piece(("links/guard.py",), ("tests/links/test_guard.py", "tests/links/test_addresses.py")),
}


@dataclass(frozen=True)
class Mutant:
    """A change that survived: where, and the lines before and after."""

    function: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.function}\n    - {self.before}\n    + {self.after}"


def main(names: Iterable[str]) -> int:
    chosen = list(names) or list(PIECES)
    if unknown := [n for n in chosen if n not in PIECES]:
        print(f"no piece {', '.join(unknown)}; there are: {', '.join(PIECES)}")
        return 2
    return max([run(name, PIECES[name]) for name in chosen])


def run(name: str, piece: Piece) -> int:
    """Test the mutants of a piece; 1 when one survives that is not accepted."""
    quick = prepare(name, piece, deselected=piece.slow)
    mutmut(quick)
    codes = dict(outcomes(quick))
    alive = [key for key, code in codes.items() if code in (*SURVIVED, *UNTESTED)]
    if alive:
        every = prepare(f"{name}-all-tests", piece, deselected=())
        mutmut(every, *alive)
        codes |= {key: code for key, code in outcomes(every) if key in alive}
    survivors = [describe(quick, key) for key, code in codes.items() if code in (*SURVIVED, *UNTESTED)]
    fresh = [mutant for mutant in survivors if not is_accepted(mutant)]
    not_run = [key for key, code in codes.items() if code is None]
    record(name, mutants=len(codes), survivors=len(survivors), accepted=len(survivors) - len(fresh))
    print(f"{name}: {len(codes)} mutants, {len(survivors)} survive, of them {len(survivors) - len(fresh)} accepted")
    for mutant in fresh:
        print(f"\n[[survivor]]\nwhere = {json.dumps(mutant.function)}")
        print(f'change = {json.dumps(change_of(mutant), ensure_ascii=False)}\nwhy = ""  # {mutant.after}')
    if not_run:
        print(f"{len(not_run)} were not run, among them {not_run[0]}")
    return int(bool(fresh or not_run))


def prepare(name: str, piece: Piece, *, deselected: Iterable[str]) -> Path:
    """A folder that looks like the repository, with the settings of this piece for mutmut."""
    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in ROOT.iterdir():
        link = folder / path.name
        if not link.exists() and path.name not in ("build", "mutants", "pyproject.toml", ".git", ".hypothesis"):
            link.symlink_to(path)
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/prongsai/{module}" for module in piece.modules],
        "do_not_mutate": [f"src/prongsai/{module}" for module in piece.without],
        "also_copy": ["frameworks", "samples", "tests", "bench"],
        "pytest_add_cli_args_test_selection": list(piece.tests),
        "pytest_add_cli_args": [
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            "--reuse-db",
            *(f"--deselect={test}" for test in deselected),
        ],
        "process_isolation": "forkserver",  # engines have threads, which a plain fork leaves behind
        "timeout_multiplier": 4.0,
        "timeout_constant": 2.0,
        "use_git_change_detection": False,
    }
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = "\n[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    (folder / "pyproject.toml").write_text(text + table, encoding="utf-8")
    shutil.rmtree(folder / "mutants" / "tests", ignore_errors=True)  # so that changed tests are copied anew
    migrate_database(folder / DATABASE)
    return folder


def migrate_database(path: Path) -> None:
    """A database with all tables, which each run of the tests copies: migrations take longer than most tests."""
    path.unlink(missing_ok=True)
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v", "0"], cwd=ROOT, env=environment, check=True)


def mutmut(folder: Path, *names: str) -> None:
    command = [
        sys.executable,
        "-m",
        "mutmut",
        "run",
        "--max-children",
        os.environ.get("MUTANTS_PROCESSES", "1"),
        *names,
    ]
    with tempfile.TemporaryDirectory(prefix="prongsai-mutants-") as temporary:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "TMPDIR": temporary, "TEST_DATABASE_TEMPLATE": str(folder / DATABASE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
        )
    (folder / "log.txt").write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"mutmut failed, see {folder / 'log.txt'}:\n{done.stdout[-3000:]}")


def outcomes(folder: Path) -> Iterator[tuple[str, int | None]]:
    """Each mutant with the exit code of its tests."""
    for path in sorted((folder / "mutants").rglob("*.meta")):
        yield from json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"].items()


def describe(folder: Path, key: str) -> Mutant:
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", key], cwd=folder, capture_output=True, check=True, text=True
    )
    changed = [line for line in done.stdout.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]
    before, after = (" ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+")
    module, _, mangled = key.rpartition("__mutmut_")[0].rpartition(".")
    function = re.sub(r"^x_|ǁ", lambda m: "" if m[0] == "x_" else ".", mangled.replace("xǁ", ""))
    return Mutant(f"{module}.{function}", before, after)


def is_accepted(mutant: Mutant) -> bool:
    """Whether the list has this mutant, or its change is of a kind that never makes a difference."""
    listed = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))
    for kind in listed.get("kind", ()):
        for match in re.finditer(kind["before"], mutant.before):
            if (
                mutant.after
                == mutant.before[: match.start()] + match.expand(kind["after"]) + mutant.before[match.end() :]
            ):
                return True
    return any((e["where"], e["change"]) == (mutant.function, change_of(mutant)) for e in listed.get("survivor", ()))


def change_of(mutant: Mutant) -> str:
    """The change without what stays the same around it: ``>= → >``."""
    before, after = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (mutant.before, mutant.after))
    parts = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            start, end = max(0, a - 4), b + 4
            parts.append(f"{''.join(before[start:end]).strip()} → {''.join(after[max(0, c - 4) : d + 4]).strip()}")
    return " ; ".join(parts)


def record(name: str, **numbers: int) -> None:
    results = tomllib.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    results[name] = numbers
    lines = ["# Written by tests/mutants.py: the last run of each piece.\n"]
    for piece in PIECES:
        if piece in results:
            lines.append(f"\n[{piece}]\n" + "".join(f"{key} = {value}\n" for key, value in results[piece].items()))
    RESULTS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
