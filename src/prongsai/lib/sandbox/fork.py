"""A call in a child forked from this very process: no other interpreter is started. For commands of one thread."""

import os
import select
import signal
import sys
import time
from typing import Any

from prongsai.lib.sandbox import child
from prongsai.lib.sandbox.allowance import spend
from prongsai.lib.sandbox.limits import Limits, Protection
from prongsai.lib.sandbox.outcome import decode, describe_end


def call_in_fork(job: str, arguments: tuple[Any, ...], limits: Limits, file: int | None) -> Any:
    """See ``sandbox.run``."""
    protection = Protection()
    sys.stdout.flush()
    sys.stderr.flush()
    reading, writing = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        child.work(job, limits, protection, parent=parent, channel=writing, file=file, arguments=arguments)
    os.close(writing)
    overdue, answer = False, bytearray()
    until = time.monotonic() + limits.wall
    try:
        while len(answer) <= limits.answer:
            readable, _, _ = select.select([reading], [], [], max(until - time.monotonic(), 0))
            if not readable:
                overdue = True
                break
            if not (piece := os.read(reading, 1 << 20)):
                break
            answer += piece
    finally:
        os.close(reading)
        if overdue:
            os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
    ended = describe_end(status, usage, overdue=overdue)
    spend(ended["seconds"])
    return decode(bytes(answer), ended, limits.max_seconds)
