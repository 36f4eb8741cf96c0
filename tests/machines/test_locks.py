"""Locks between processes: one holds, the others wait or are refused, and a killed holder holds nothing. Of several
processes that prepare an installation at once, one does it."""

import os
import signal
import subprocess
import sys

import pytest

from tests.installation import environment

HOLD = """
import sys, time, django
django.setup()
from prongsai.machines.locks import hold_lock
with hold_lock("seal-1"):
    print("held", flush=True)
    sys.stdin.readline()
"""
TRY = """
import django
django.setup()
from prongsai.machines.locks import hold_lock
for name in ("seal-1", "seal-2"):
    try:
        with hold_lock(name, wait=False):
            print("free")
    except BlockingIOError:
        print("taken")
"""


@pytest.fixture
def surroundings(tmp_path):
    return environment(tmp_path / "data", DJANGO_SETTINGS_MODULE="prongsai.settings", LOG_LEVEL="CRITICAL")


def attempt(surroundings):
    done = subprocess.run(
        [sys.executable, "-c", TRY], env=surroundings, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.split()


def test_a_lock_holds_between_processes_until_its_holder_ends_or_is_killed(surroundings):
    for end in (lambda h: h.communicate("\n", timeout=60), lambda h: os.kill(h.pid, signal.SIGKILL)):
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD], env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with holder:
            assert holder.stdout.readline() == "held\n"
            assert attempt(surroundings) == ["taken", "free"]
            end(holder)
        assert attempt(surroundings) == ["free", "free"]


def test_of_processes_that_are_started_together_one_makes_the_tables(surroundings):
    """Without the lock they meet half-made tables. (On PostgreSQL with two disks: test_two_machines.)"""
    command = [sys.executable, "-m", "prongsai.cli", "migrate"]
    started = [subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    ended = [(p.communicate()[1][-500:], p.returncode) for p in started]
    assert [code for _, code in ended] == [0, 0, 0], ended
