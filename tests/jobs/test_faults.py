"""Short runs of ``make faults``: kills under load and races; everything that was acknowledged is there, once."""

import os
import subprocess
import sys

import pytest

from tests import faults


def silent(_):
    pass


def test_what_was_acknowledged_is_stored_once(tmp_path):
    figures = faults.run_kills(tmp_path, kills=4, seconds=1, report=silent)
    assert figures["answers acknowledged"] > 10
    assert figures["filings acknowledged"]
    assert figures["plan edits acknowledged"]
    assert (figures["imports"], figures["batches"]) == (2, 1)


@pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="the server of the other tests stays; once is enough")
def test_people_get_on_when_postgresql_was_gone():
    """A server of its own is stopped at once under people at work, and started again."""
    command = [
        sys.executable,
        "-m",
        "tests.postgres",
        sys.executable,
        "-m",
        "tests.faults",
        "no-database",
        "--away",
        "5",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]


def test_whoever_presses_at_the_same_moment(tmp_path):
    figures = faults.run_races(tmp_path, races=2, report=silent)
    assert figures["two officers"] == {"302, 409": 2}
    assert figures["double clicks acknowledged"] == 2
    assert figures["publications"]["failed"] == 0
    assert figures["answers refused because it was sealed"] < 8
