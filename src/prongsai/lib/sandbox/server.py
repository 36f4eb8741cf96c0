"""The fork server: imports parsers once, forks a child for each call, ends with the process that started it.

It has one thread and its standard input, on which that process sends one request at a time: a line of JSON, with the
files for the child. It reads no input of a call, so that nothing hostile is ever in it. How each child ended is written
to a pipe of the call.
"""

import gc
import json
import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from prongsai.lib.sandbox import child
from prongsai.lib.sandbox.limits import Limits, Protection
from prongsai.lib.sandbox.outcome import describe_end

_MAX_REQUEST = 65536
_MAX_FILES = 3


@dataclass
class _Child:
    until: float
    ended: int  # where to write how it ended
    overdue: bool = False


def serve() -> None:
    """Until the other end of standard input closes; then no child is left."""
    control = socket.socket(fileno=0)
    waking, woken = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waking, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    protection = Protection()
    children: dict[int, _Child] = {}
    while True:
        now = time.monotonic()
        soonest = min((c.until for c in children.values() if not c.overdue), default=None)
        timeout = None if soonest is None else max(soonest - now, 0)
        watched: list[Any] = [control, waking]
        readable, _, _ = select.select(watched, [], [], timeout)
        if waking in readable:
            with suppress(BlockingIOError):
                os.read(waking, 4096)
        _reap(children)
        _stop_overdue(children)
        if control in readable:
            try:
                request, files = _receive(control)
            except OSError:
                request, files = b"", []
            if not request:
                for pid in children:
                    os.kill(pid, signal.SIGKILL)
                return
            _start(control, request, files, children, protection)


def _receive(control: socket.socket) -> tuple[bytes, list[int]]:
    request, files, _, _ = socket.recv_fds(control, _MAX_REQUEST, _MAX_FILES)
    while request and not request.endswith(b"\n"):
        piece = control.recv(_MAX_REQUEST)
        request = request + piece if piece else b""
    return request, files


def _start(
    control: socket.socket, request: bytes, files: list[int], children: dict[int, _Child], protection: Protection
) -> None:
    """Fork a child for a request; the files of the call stay with it alone."""
    wanted: dict[str, Any] = json.loads(request)
    limits = Limits(**wanted["limits"])
    channel, ended, *file = files
    try:
        for module in (*wanted["preload"], wanted["job"].partition(":")[0]):
            import_module(module)
        gc.freeze()
        parent = os.getpid()
        pid = os.fork()
    except Exception:  # no such module, or no more processes: the call fails, not the server
        for descriptor in files:
            os.close(descriptor)
        control.sendall(b"-")
        return
    if pid == 0:
        child.work(wanted["job"], limits, protection, parent=parent, channel=channel, file=file[0] if file else None)
    for descriptor in (channel, *file):
        os.close(descriptor)
    children[pid] = _Child(time.monotonic() + limits.wall, ended)
    control.sendall(b"+")


def _reap(children: dict[int, _Child]) -> None:
    while children:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        ended = children.pop(pid, None)
        if ended:
            with suppress(OSError):
                os.write(ended.ended, json.dumps(describe_end(status, usage, overdue=ended.overdue)).encode())
            os.close(ended.ended)


def _stop_overdue(children: dict[int, _Child]) -> None:
    now = time.monotonic()
    for pid, running in children.items():
        if running.until <= now and not running.overdue:
            running.overdue = True
            os.kill(pid, signal.SIGKILL)
