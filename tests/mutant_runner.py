"""Runs the tests of a piece against its mutants: what ``tests/mutants.py`` starts in a copy of the repository.

mutmut writes the mutants; ``pytest -p tests.mutant_runner`` collects the tests once and then forks a process for each
mutant, which runs the tests that reach its function until one fails: those first that are likeliest to, by what they
noticed before, for the time they take. Nothing is started or collected again, so most mutants take as long as one
test. Limits are in processor time, so that a busy machine kills no mutant.
"""

import contextlib
import faulthandler
import functools
import gc
import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest

CURRENT = Path("current.txt")  # the test that is being measured
RESULTS = Path("results.json")  # by mutant: its outcome, and the digest of its function
MEASURED = Path("measured.json")  # by test: the digest of its file, the functions it reaches, its seconds
NOTICED_BY = "noticed-by"  # the number of the test that failed
QUICK_SECONDS = 2  # of tests; most mutants are noticed in less, and of the others many are accepted
HARDLY_RUNS = 0.001  # seconds that forking takes for certain
SECONDS = 5  # of processor time beside five times what the tests need
BATCH = 100  # mutants, after which the tests that noticed any must still pass without one
MAX_UNRELIABLE = 3  # tests that fail without a mutant before the run is given up
HANGING_SECONDS = 900  # for one test, without a mutant
WALL_SECONDS = 60  # for a mutant that waits for ever, beside twenty times what the tests need

KILLED, SURVIVED, UNTESTED, ENDLESS = "killed", "survived", "untested", "endless"

# the same examples each time, and none made smaller: that one fails is enough
hypothesis.settings.register_profile(
    "mutants",
    parent=hypothesis.settings.get_profile("ci"),
    phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
)


@dataclass(eq=False)
class Test:
    """A collected test: the functions it reaches, the seconds of processor time it takes; of how many mutants it was
    tried, and how many it noticed."""

    item: pytest.Item
    functions: set[str] = field(default_factory=set)
    seconds: float = 0.0
    tried: int = 0
    noticed: int = 0

    def cost(self) -> float:
        """Seconds for each mutant that it is likely to notice."""
        return self.seconds * (self.tried + 1) / (self.noticed + 0.5)


def write_mutants() -> None:
    """Copy the repository into ``mutants`` below this folder, the modules of the piece with all their mutants."""
    from mutmut.__main__ import create_mutants
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths

    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    create_mutants(max_children=1)


def show_mutants(keys: list[str]) -> None:
    """Print the changes of mutants as JSON: by key, the lines of a diff."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    print(json.dumps({key: get_diff_for_mutant(key).splitlines() for key in keys}))


def mutants() -> Iterator[tuple[str, str]]:
    """Each mutant with the digest of its function."""
    for path in sorted(Path.cwd().rglob("*.meta")):
        meta = json.loads(path.read_text(encoding="utf-8"))
        for key in meta["exit_code_by_key"]:
            function = key.rpartition("__mutmut_")[0].rpartition(".")[2]
            yield key, meta["hash_by_function_name"].get(function, "")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Run the tests once as they are, then against each mutant that is not known to be killed."""
    if session.testsfailed:
        raise session.Interrupted("the tests could not be collected")
    gc.collect()
    gc.freeze()
    tests = [Test(item) for item in session.items]
    recall(tests)
    if not any(test.functions for test in tests):
        give_up("the tests reach no function of this piece")
    known = read(RESULTS)
    chosen = os.environ.get("MUTANTS_OF", "")
    todo, results = [], dict[str, Any]()
    for key, digest in mutants():
        if known.get(key) in ([KILLED, digest], [ENDLESS, digest]):
            results[key] = known[key]
        elif chosen in key:
            todo.append((key, digest))
        elif key in known and known[key][1] == digest:
            results[key] = known[key]
    by_function: dict[str, list[Test]] = {}
    for test in tests:
        for function in test.functions:
            by_function.setdefault(function, []).append(test)
    started = time.monotonic()
    for first in range(0, len(todo), BATCH):
        batch = dict(todo[first : first + BATCH])
        results |= try_batch(batch, tests, by_function)
        RESULTS.write_text(json.dumps(results, indent=0), encoding="utf-8")
        alive = sum(outcome in (SURVIVED, UNTESTED) for outcome, _ in results.values())
        done = first + len(batch)
        print(f"{done} of {len(todo)}, {alive} alive, {time.monotonic() - started:.0f} s", file=sys.stderr)
    RESULTS.write_text(json.dumps(results, indent=0), encoding="utf-8")
    return True


def try_batch(
    batch: dict[str, str], tests: list[Test], by_function: dict[str, list[Test]]
) -> dict[str, tuple[str, str]]:
    """The outcomes of mutants, each with the digest of its function."""
    found, noticed_by = {}, dict[str, Test | None]()
    most = float(os.environ.get("MUTANTS_SECONDS") or "inf")
    untried = list(batch)
    while untried:
        for seconds in (min(QUICK_SECONDS, most), most):
            for key in untried:
                outcome, noticed_by[key] = try_mutant(key, by_function, seconds)
                found[key] = (outcome, batch[key])
            if seconds == most:
                break
            untried = find_unaccepted([key for key in untried if found[key][0] in (SURVIVED, UNTESTED)])
        unreliable = find_unreliable([test for test in tests if test.noticed])
        for reaching in by_function.values():
            reaching[:] = [test for test in reaching if test not in unreliable]
        untried = [key for key in batch if noticed_by[key] in unreliable]
    return found


def find_unaccepted(keys: list[str]) -> list[str]:
    """Those of the mutants that are not accepted: only for them is it worth it to run every test there is."""
    from tests.mutants import describe, is_accepted

    described = describe(Path(".."), keys) if keys else []
    return [key for key, mutant in zip(keys, described, strict=True) if not is_accepted(mutant)]


def find_unreliable(noticing: list[Test]) -> list[Test]:
    """Of tests that noticed mutants, those that now fail without any: they are left out from here on, and what they
    noticed is tried again. Stops the session when more than a few do."""
    if run_mutant("", noticing)[0] == SURVIVED:
        return []
    unreliable = [test for test in noticing if run_mutant("", [test])[0] != SURVIVED]
    if len(unreliable) > MAX_UNRELIABLE:
        give_up("tests that noticed mutants now fail without any: was something removed meanwhile?")
    for test in unreliable:
        test.noticed = 0
        print(f"left out, it fails without any mutant: {test.item.nodeid}", file=sys.stderr)
    return unreliable


def try_mutant(key: str, by_function: dict[str, list[Test]], seconds: float) -> tuple[str, Test | None]:
    """The outcome of a mutant by the tests that reach its function, the likeliest to notice it first, as many as take
    so many seconds; and which noticed it."""
    name = key.replace("__init__.", "")
    reaching = by_function.get(name.rpartition("__mutmut_")[0], [])
    reaching.sort(key=Test.cost)
    until = accumulate(test.seconds for test in reaching)
    chosen = [test for test, end in zip(reaching, until, strict=True) if end <= seconds]
    return run_mutant(name, chosen) if chosen else (UNTESTED, None)


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def recall(tests: list[Test]) -> None:
    """What each test reaches and takes, measured anew where its file is not as it was."""
    known = read(MEASURED)
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in {test.item.path for test in tests}}
    unknown = []
    for test in tests:
        digest, functions, test.seconds = known.get(test.item.nodeid, ("", (), 0.0))
        test.functions = set(functions)
        if digest != digests[test.item.path]:
            unknown.append(test)
    failed = measure(unknown) if unknown else []
    measured = {t.item.nodeid: (digests[t.item.path], sorted(t.functions), t.seconds) for t in tests if t not in failed}
    MEASURED.write_text(json.dumps(measured), encoding="utf-8")


def measure(tests: list[Test]) -> list[Test]:
    """Run every test without a mutant. Those that fail are returned, and reach nothing: they are left out. Stops the
    session when more than a few do."""
    out, into = os.pipe()
    if (child := os.fork()) == 0:
        os.close(out)
        begin_child("stats")
        from mutmut.mutation import trampoline

        reached: set[str] = set()
        caches = list_caches()
        trampoline.record_trampoline_hit = lambda name, **_: reached.add(name)
        found: list[tuple[list[str], float, str]] = []
        for test, following in zip(tests, [*tests[1:], None], strict=True):
            CURRENT.write_text(test.item.nodeid, encoding="utf-8")
            faulthandler.dump_traceback_later(HANGING_SECONDS, exit=True)
            reached.clear()
            for cache in caches:  # or the first test alone would seem to reach what all of them rest on
                cache.cache_clear()
            begun = time.process_time()
            raised: list[BaseException] = []
            run_test(test, following, raised.append)
            found.append((sorted(reached), time.process_time() - begun, "".join(map(explain, raised))))
        with os.fdopen(into, "w", encoding="utf-8") as pipe:
            json.dump(found, pipe)
        os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    if not text:
        last = CURRENT.read_text(encoding="utf-8")
        give_up(f"this test hangs, or ends its process, where it was forked: {last}")
    failed = []
    for test, (functions, seconds, failure) in zip(tests, json.loads(text), strict=True):
        test.functions, test.seconds = set(functions), seconds
        if failure:
            print(f"left out, it fails without any mutant: {test.item.nodeid}\n{failure[-1500:]}", file=sys.stderr)
            test.functions = set()
            failed.append(test)
    if len(failed) > MAX_UNRELIABLE:
        give_up(f"{len(failed)} tests fail without any mutant")
    return failed


def list_caches() -> list[Any]:
    """The functions that remember what they returned, of the modules with mutants."""
    names = {key.rpartition(".")[0] for key, _ in mutants()}
    modules = [module for name, module in list(sys.modules.items()) if name in names]
    return [
        part for module in modules for part in vars(module).values() if isinstance(part, functools._lru_cache_wrapper)
    ]


def give_up(why: str) -> NoReturn:
    """End the session; pytest itself would not print why."""
    print(why, file=sys.stderr)
    raise pytest.Session.Failed(why)


def run_mutant(name: str, tests: list[Test]) -> tuple[str, Test | None]:
    """The outcome of a mutant in a process of its own, and the test that noticed it."""
    expected = sum(test.seconds for test in tests)
    with tempfile.TemporaryDirectory() as folder:
        if (child := os.fork()) == 0:
            begin_child(name, folder)
            limit = int(time.process_time() + 5 * expected + SECONDS)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            for number, (test, following) in enumerate(zip(tests, [*tests[1:], None], strict=True)):

                def end(_: BaseException, number: int = number) -> None:
                    Path(folder, NOTICED_BY).write_text(str(number), encoding="utf-8")
                    os._exit(1)

                run_test(test, following, end)
            os._exit(0)
        until = time.monotonic() + WALL_SECONDS + 20 * expected
        pause = HARDLY_RUNS
        while (ended := os.waitpid(child, os.WNOHANG))[0] == 0 and time.monotonic() < until:
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what it started, and itself
        remove_leftovers()
        if ended[0] == 0:
            os.waitpid(child, 0)
            return ENDLESS, None
        noticing = None
        if (noticed := Path(folder, NOTICED_BY)).exists():
            tests = tests[: int(noticed.read_text(encoding="utf-8")) + 1]
            noticing = tests[-1]
            noticing.noticed += 1
        for test in tests:
            test.tried += 1
    status = os.waitstatus_to_exitcode(ended[1])
    if status < 0:
        return (ENDLESS if -status in (signal.SIGXCPU, signal.SIGKILL) else KILLED), noticing
    return (KILLED if status else SURVIVED), noticing


def remove_leftovers() -> None:
    """Empty the installation that all tests share: a mutant leaves keys there that it spoilt, and the next would be
    noticed by them."""
    folder = Path(os.environ.get("PRONGSAI_DATA", ""))
    for path in folder.iterdir() if folder.name.startswith("prongsai-test-") else ():  # of tests/settings.py
        if not path.is_dir():
            path.unlink(missing_ok=True)
        elif path.name != "static":  # made with the settings
            shutil.rmtree(path, ignore_errors=True)


def begin_child(mutant: str, folder: str | None = None) -> None:
    """Be the process of a mutant: silent, in a group of its own, with its own temporary files."""
    from mutmut.mutation import trampoline

    os.setpgid(0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    if folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
    trampoline.set_mutant_under_test(mutant)  # for the processes that tests start
    trampoline.get_mutant_under_test = lambda: mutant  # asked at every call: not in the environment each time


def explain(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def run_test(test: Test, following: Test | None, fail: Callable[[BaseException], None]) -> None:
    """Run one test; ``fail`` is called with what it raised, before pytest takes its time to explain that."""
    item = test.item

    class Listener:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
            skipped = call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception)
            if not skipped and not item.get_closest_marker("xfail"):
                fail(call.excinfo.value)

    listener = Listener()
    item.config.pluginmanager.register(listener)
    try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following.item if following else None)
    finally:
        item.config.pluginmanager.unregister(listener)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write_mutants()
    else:
        show_mutants(sys.argv[2:])
