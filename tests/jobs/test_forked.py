"""Processes forked for tests behave as those that are started anew."""

import os
import signal
import subprocess

import psutil
import pytest

from tests import forked
from tests.jobs.installation import wait_until_gone

SLEEP = "tests.jobs.samples.sleep"


def run(module, env=None, **options):
    process = forked.start(module, env=os.environ | (env or {}), pipes=True, **options)
    process.stdin.close()
    with process.stdout:
        return process.stdout.read(), process.wait(60)


@pytest.mark.parametrize("cold", [False, True])
def test_it_has_its_own_environment_and_output(cold):
    output, code = run("tests.jobs.samples.sleep", {"OWN": "1", "SECONDS": "0"}, cold=cold)
    assert (output, code) == (f"1 {os.getcwd()} False\n", 3)  # no settings and no Django before its own


def test_it_is_killed_by_its_number():
    process = forked.start(SLEEP, env=os.environ | {"SECONDS": "60"})
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(60) == process.poll() == -signal.SIGKILL
    assert not psutil.pid_exists(process.pid)


def test_it_is_asked_to_stop():
    process = forked.start(SLEEP, env=os.environ | {"SECONDS": "60"})
    process.terminate()
    assert process.wait(60) == -signal.SIGTERM
    process.kill()  # of one that is gone, nothing


def test_what_must_be_there_before_python_starts_starts_python():
    assert isinstance(forked.start(SLEEP, env=os.environ | {"SECONDS": "0"}), forked.Process)
    process = forked.start(SLEEP, env=os.environ | {"SECONDS": "0", "LD_DEBUG_OUTPUT": "/dev/null"})
    assert isinstance(process, subprocess.Popen)
    assert process.wait(60) == 3


def test_nobody_has_to_wait_for_its_end():
    left = forked.start(SLEEP, env=os.environ | {"SECONDS": "60"})
    process = psutil.Process(left.pid)
    left._end.close()  # as of one that is no longer known
    process.kill()
    assert wait_until_gone([process])
    assert run(SLEEP, {"SECONDS": "0"})[1] == 3
