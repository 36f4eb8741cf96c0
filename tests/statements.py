"""Which tests ask the database what, and the fewest of them that ask everything: ``python -m tests.statements``.

It runs the rooms' tests on SQLite, notes every statement with the place of our code that asks it, and writes
``tests/postgresql.txt``: tests that together ask each statement from each place, and those that name a database, its
errors, what its columns refuse, threads or processes. They run on PostgreSQL too with every ``make test``; all others
with ``make check``.
"""

import inspect
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHOSEN = ROOT / "tests" / "postgresql.txt"
SOURCE = str(ROOT / "src" / "prongsai")
LEAST = 0.15  # seconds that any test takes, so that a few rich ones are chosen before many poor ones
NAMED = re.compile(
    r"(?i)postgres|vendor|TEST_DATABASE_URL|DatabaseError|IntegrityError|threading|Thread\b|processes|\\0|\\x00|9{9}"
)


class Recorder:
    """A plugin: the statements and the processor time of each test function."""

    def __init__(self) -> None:
        self.asked: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.seconds: dict[str, float] = defaultdict(float)
        self.named: set[str] = set()
        self.test = ""

    def pytest_configure(self) -> None:
        from django.db.backends.utils import CursorWrapper

        for name in ("execute", "executemany"):
            setattr(CursorWrapper, name, self.note(getattr(CursorWrapper, name)))

    def note(self, execute):
        def execute_noted(cursor, statement, *arguments):
            frame = sys._getframe(1)
            while frame and not frame.f_code.co_filename.startswith(SOURCE):
                frame = frame.f_back
            if self.test and frame:
                place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                self.asked[self.test].add((place, shape_of(str(statement))))
            return execute(cursor, statement, *arguments)

        return execute_noted

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        self.test = item.nodeid.partition("[")[0]
        if NAMED.search(inspect.getsource(item.function)):
            self.named.add(self.test)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[self.test] += time.process_time() - began
            self.test = ""


def shape_of(statement: str) -> str:
    """A statement without its values, and without how many there are of them."""
    return re.sub(r"\d+", "0", re.sub(r"(\((%s(, )?)+\)(, )?)+", "(%s)", statement))


def choose(recorder: Recorder) -> list[str]:
    """Tests that together ask everything, in the order of the run: again and again whichever asks most that is new for
    its time."""
    chosen = set(recorder.named)
    left = set().union(*recorder.asked.values()) - set().union(*(recorder.asked[test] for test in chosen))
    while left:
        best = max(recorder.asked, key=lambda t: len(recorder.asked[t] & left) / (recorder.seconds[t] + LEAST))
        chosen.add(best)
        left -= recorder.asked[best]
    return [test for test in recorder.seconds if test in chosen]


def main(rooms: list[str]) -> int:
    recorder = Recorder()
    if code := pytest.main(["-n", "0", *rooms], plugins=[recorder]):
        return code
    chosen = choose(recorder)
    CHOSEN.write_text("".join(f"{test}\n" for test in chosen), encoding="utf-8")
    taken = sum(recorder.seconds[test] for test in chosen)
    print(
        f"{len(chosen)} of {len(recorder.seconds)} tests, {taken:.0f} of {sum(recorder.seconds.values()):.0f} seconds"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
