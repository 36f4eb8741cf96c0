"""Mutation testing with a ratchet: ``python -m tests.mutants [piece …]``, or ``make mutants ONLY=scoring``.

mutmut changes one place of the code at a time; a test must then fail (``tests/mutant_runner.py`` runs them). What
survives must stand in ``tests/mutants.toml`` with the reason why it changes nothing that anybody could notice; any
other survivor fails the command. The numbers of the last whole run of each piece, or of a module of it, are written
to ``tests/mutants-results.toml``.

A run that was stopped goes on where it was: results of functions that did not change are kept in ``build/mutants``.
``python -m tests.mutants scoring:scoring.totals`` runs the modules of a piece whose names begin so, and records that
where it is one module; with ``MUTANTS_SECONDS=1`` no mutant is given more seconds of tests: to look around, and record
nothing.
"""

import datetime
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from prongsai.machines.locks import hold_file_lock
from prongsai.web.assets import PAPER_FONTS, are_assets_missing
from tests import mutant_runner as runner

ROOT = Path(__file__).parents[1]
WORK = ROOT / "build" / "mutants"
ACCEPTED = ROOT / "tests" / "mutants.toml"
RESULTS = ROOT / "tests" / "mutants-results.toml"


@dataclass(frozen=True)
class Piece:
    """Modules under ``src/prongsai`` and the tests that must notice their mutants. A star in a module's
    name stands for anything, ``without`` takes modules out again; ``left_out`` are tests that cannot be run so."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


PIECES = {
    "rounding": Piece(("lib/rounding.py",), ("tests/lib/test_lib.py",)),
    "scoring": Piece(
        ("scoring/*.py",),
        ("tests/scoring", "tests/framework/test_problems.py"),
        left_out=("tests/scoring/test_parcels.py::test_a_cluster_would_sum_the_same",),  # ClickHouse survives no fork
    ),
    "audit": Piece(
        ("analysis/audit/*.py",),
        (
            "tests/analysis/test_constraints.py",
            "tests/analysis/test_audit.py",
            "tests/analysis/test_no_false_calm.py",
            "tests/analysis/test_readings.py",
            "tests/analysis/test_samples.py",
            "tests/analysis/verdicts",
        ),
    ),
    "judgement": Piece(
        ("analysis/*.py",),
        (
            "tests/analysis/test_figures.py",
            "tests/analysis/test_forecast.py",
            "tests/analysis/test_judgement.py",
            "tests/analysis/test_names.py",
            "tests/analysis/test_no_false_calm.py",
            "tests/analysis/test_phrases.py",
            "tests/analysis/test_places.py",
            "tests/analysis/test_readings.py",
            "tests/analysis/test_receipt.py",
            "tests/analysis/test_rehearsal.py",
            "tests/analysis/test_small_groups.py",
            "tests/analysis/test_story.py",
            "tests/documents/test_phrases.py",
            "tests/improvement/test_pure.py",
        ),
        without=("analysis/audit/*",),
    ),
    "framework": Piece(("framework/*.py",), ("tests/framework",)),
    "survey": Piece(
        ("survey/mixing.py", "survey/codes.py", "survey/writer.py", "survey/keys.py"),
        ("tests/survey",),
    ),
    "people": Piece(
        ("people/access.py", "people/roles.py"),
        ("tests/people/test_access.py", "tests/web/test_permissions.py"),
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
    if unknown := [n for n in chosen if n.partition(":")[0] not in PIECES]:
        print(f"no piece {', '.join(unknown)}; there are: {', '.join(PIECES)}")
        return 2
    if missing := missing_parts():
        print("The tests need what is not in this copy:", *missing, sep="\n  ")
        return 2
    return max([run(*name.partition(":")[::2]) for name in chosen])


def missing_parts() -> list[str]:
    """What is built or installed and never committed, but needed by the tests: each with the command that makes it."""
    if are_assets_missing() or not any(PAPER_FONTS.glob("*.ttf")):
        return ["fonts of the website and of papers: .venv/bin/python -m prongsai.web.assets"]
    return []


def run(name: str, beginning: str = "") -> int:
    """Test the mutants of a piece, or of its modules that begin so; 1 when one survives that is not accepted."""
    folder = WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    with hold_file_lock(folder / "lock"):  # a second run in the same folder would take its tests away
        return run_in(folder, name, beginning)


def run_in(folder: Path, name: str, beginning: str) -> int:
    prepare(folder, PIECES[name])
    start([sys.executable, "-m", "tests.mutant_runner", "write"], folder)
    test_mutants(folder, PIECES[name], beginning)
    results = json.loads((folder / "mutants" / runner.RESULTS).read_text(encoding="utf-8"))
    outcomes = {key: outcome for key, (outcome, _) in results.items() if start_of_keys(beginning) in key}
    alive = [key for key, outcome in outcomes.items() if outcome in (runner.SURVIVED, runner.UNTESTED)]
    survivors = describe(folder, alive)
    fresh = [mutant for mutant in survivors if not is_accepted(mutant)]
    accepted = len(survivors) - len(fresh)
    endless = sum(outcome == runner.ENDLESS for outcome in outcomes.values())
    if is_whole(beginning) and not os.environ.get("MUTANTS_SECONDS"):
        record(
            f"{name}:{beginning}".removesuffix(":"),
            mutants=len(outcomes),
            endless=endless,
            survivors=len(survivors),
            accepted=accepted,
        )
    print(f"{name}: {len(outcomes)} mutants, {endless} endless, {len(survivors)} survive, of them {accepted} accepted")
    for mutant in fresh:
        print(f"\n[[survivor]]\nwhere = {json.dumps(mutant.function)}")
        print(f'change = {json.dumps(change_of(mutant), ensure_ascii=False)}\nwhy = ""  # {mutant.after}')
    return int(bool(fresh))


def start_of_keys(beginning: str) -> str:
    """How the keys of mutants go on after the package, by the name of a module or the beginning of one: functions of a
    package's own module stand beside its modules, and begin with an x as all do."""
    return f".{beginning}".replace(".__init__", ".x")


def is_whole(beginning: str) -> bool:
    """Whether this is the beginning of all names, or the name of one module."""
    return not beginning or (ROOT / "src" / "prongsai" / f"{beginning.replace('.', '/')}.py").is_file()


def prepare(folder: Path, piece: Piece) -> None:
    """Make a folder look like the repository, with the settings of this piece for mutmut."""
    for path in ROOT.iterdir():
        link = folder / path.name
        if not link.exists() and path.name not in ("build", "mutants", "pyproject.toml", ".git", ".hypothesis"):
            link.symlink_to(path)
    packages = folder / "mutants" / "node_modules"  # what tests bundle scripts for Node from
    if not packages.is_symlink():
        packages.parent.mkdir(exist_ok=True)
        packages.symlink_to(ROOT / "node_modules")
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/prongsai/{module}" for module in piece.modules],
        "do_not_mutate": [f"src/prongsai/{module}" for module in piece.without],
        "also_copy": ["frameworks", "samples", "tests", "bench"],
        "use_git_change_detection": False,
    }
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = "\n[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    (folder / "pyproject.toml").write_text(text + table, encoding="utf-8")
    shutil.rmtree(folder / "mutants" / "tests", ignore_errors=True)  # so that changed tests are copied anew


def test_mutants(folder: Path, piece: Piece, beginning: str) -> None:
    copy = folder / "mutants"
    options = ["-p", "tests.mutant_runner", "-p", "no:xdist", "-p", "no:cacheprovider", "-s"]
    options += ["-o", "addopts=-q --strict-markers", "--rootdir=.", "--hypothesis-profile=mutants"]
    with tempfile.TemporaryDirectory(prefix="prongsai-mutants-") as temporary:
        environment = {
            "TMPDIR": temporary,
            "PYTHONPATH": os.pathsep.join((str(copy / "src"), str(copy))),
            "MUTANT_UNDER_TEST": "",
            "MUTANTS_OF": start_of_keys(beginning),
        }
        options += [f"--deselect={test}" for test in piece.left_out]
        start([sys.executable, "-m", "pytest", *options, *piece.tests], copy, **environment)


def start(command: Iterable[str], folder: Path, **environment: str) -> None:
    """Run a command in a folder; ends with what it said when it fails."""
    done = subprocess.run(
        [*command], cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=False, text=True
    )
    if done.returncode:
        raise SystemExit(f"failed in {folder}: {' '.join(command)}\n{done.stdout[-5000:]}")


def describe(folder: Path, keys: Iterable[str]) -> list[Mutant]:
    command = [sys.executable, "-m", "tests.mutant_runner", "show", *keys]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True, text=True)
    mutants = []
    for key, lines in json.loads(done.stdout).items():
        changed = [line for line in lines if re.match(r"[-+](?![-+]{2} )", line)]
        before, after = (" ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+")
        module, _, mangled = key.rpartition("__mutmut_")[0].rpartition(".")
        function = re.sub(r"^x_|ǁ", lambda m: "" if m[0] == "x_" else ".", mangled.replace("xǁ", ""))
        mutants.append(Mutant(f"{module}.{function}", before, after))
    return mutants


def is_accepted(mutant: Mutant) -> bool:
    """Whether the list has this mutant or its function, or its change is of a kind that never makes a difference."""
    listed = tomllib.loads(ACCEPTED.read_text(encoding="utf-8"))
    if any(function["where"] == mutant.function for function in listed.get("function", ())):
        return True
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
    results[name] = {"date": datetime.datetime.now(datetime.UTC).date(), **numbers}
    lines = [
        "# Written by tests/mutants.py: the last whole run of each piece, or of those of its modules that were run.\n"
    ]
    for run in sorted(results, key=lambda name: (list(PIECES).index(name.partition(":")[0]), name)):
        if run.partition(":")[0] != name or run == name or ":" in name:  # a whole piece stands for its modules
            title = run if run.isidentifier() else json.dumps(run)
            lines.append(f"\n[{title}]\n" + "".join(f"{key} = {value}\n" for key, value in results[run].items()))
    RESULTS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
