"""The demonstration's worker is started again when it is killed, and ends with the demonstration."""

import os
import signal
import sys
import time

from prongsai.cli.platform_commands import keep_running

PROCESS = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"


def wait_for_processes(path, count):
    while not path.is_file() or len(ids := [int(n) for n in path.read_text().split()]) < count:
        time.sleep(0.02)
    return ids


def is_running(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_that_is_killed_is_started_again(tmp_path, capfd):
    started = tmp_path / "started"
    with keep_running([sys.executable, "-c", PROCESS, str(started)], pause=0):
        (first,) = wait_for_processes(started, 1)
        os.kill(first, signal.SIGKILL)
        second = wait_for_processes(started, 2)[1]
        assert is_running(second)
    assert not is_running(second)
    assert not is_running(first)
    assert "งานเบื้องหลังหยุดไป" in capfd.readouterr().err
