"""The side that calls: one fork server for each process, started when it is first needed and again when it has died."""

import atexit
import json
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from prongsai.lib.sandbox.allowance import spend
from prongsai.lib.sandbox.limits import ONE_THREAD, Limits
from prongsai.lib.sandbox.outcome import SandboxError, decode

PLACES = max(os.cpu_count() or 1, 2)  # calls at a time in one process; the others wait
_GRACE = 15  # seconds beyond a call's own, for a server that imports
_TRIES = 2  # a server that dies under a call is started again once

_PROGRAM = 'import sys\nsys.path += sys.argv[1].split("\\n")\nfrom prongsai.lib.sandbox.server import serve\nserve()\n'


def search_path() -> list[str]:
    """Where the server finds code: ours, and the libraries'."""
    libraries = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    return list(dict.fromkeys([str(Path(__file__).parents[3]), *libraries]))


class _ServerDiedError(Exception):
    pass


class _Server:
    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _PROGRAM, "\n".join(search_path())],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=ONE_THREAD,
                cwd="/",
                start_new_session=True,  # Ctrl-C at a terminal is for us
            )
        self._control = ours
        self._lock = threading.Lock()

    def start(self, job: str, limits: Limits, preload: tuple[str, ...], files: list[int]) -> None:
        """Have a child forked. Raises _ServerDiedError, and SandboxError when it cannot be."""
        request = json.dumps({"job": job, "limits": asdict(limits), "preload": preload}) + "\n"
        with self._lock:
            try:
                self._control.settimeout(limits.wall + _GRACE)
                socket.send_fds(self._control, [request.encode()], files)
                answer = self._control.recv(1)
            except OSError as error:
                raise _ServerDiedError from error
        if not answer:
            raise _ServerDiedError
        if answer != b"+":
            raise SandboxError("crash")

    def stop(self) -> None:
        self._control.close()
        self.process.kill()  # its children die with it
        self.process.wait()

    def forget(self) -> None:
        """In a process forked from ours: it has neither our server nor the way to it."""
        self._control.close()
        self.process.returncode = 0


_current: _Server | None = None
_current_lock = threading.Lock()
_places = threading.BoundedSemaphore(PLACES)


def _take_server() -> _Server:
    global _current
    with _current_lock:
        if _current is None or _current.process.poll() is not None:
            if _current:
                _current.stop()
            _current = _Server()
        return _current


def _drop_server(server: _Server) -> None:
    global _current
    with _current_lock:
        if _current is server:
            _current = None
        server.stop()


def stop_server() -> None:
    """End the server of this process; the next call starts another."""
    global _current
    with _current_lock:
        if _current:
            _current.stop()
            _current = None


def _begin_anew() -> None:
    """After a fork of this process."""
    global _current, _current_lock, _places
    if _current:
        _current.forget()
        _current = None
    _current_lock = threading.Lock()
    _places = threading.BoundedSemaphore(PLACES)


atexit.register(stop_server)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def call_in_server(
    job: str, arguments: tuple[Any, ...], limits: Limits, file: int | None, preload: tuple[str, ...]
) -> Any:
    """See ``sandbox.run``."""
    until = time.monotonic() + limits.wall + _GRACE
    if not _places.acquire(timeout=limits.wall):
        raise SandboxError("busy")
    try:
        pickled = pickle.dumps(arguments)
        for _ in range(_TRIES):
            server = _take_server()
            try:
                return _call_once(server, job, pickled, limits, file, preload, until)
            except _ServerDiedError:
                _drop_server(server)
                if file is not None:
                    os.lseek(file, 0, os.SEEK_SET)
        raise SandboxError("crash")
    finally:
        _places.release()


def _call_once(
    server: _Server,
    job: str,
    pickled: bytes,
    limits: Limits,
    file: int | None,
    preload: tuple[str, ...],
    until: float,
) -> Any:
    channel, theirs = socket.socketpair()
    reading, writing = os.pipe()
    with channel, os.fdopen(reading, "rb") as ended:
        try:
            with theirs:
                server.start(job, limits, preload, [theirs.fileno(), writing, *([] if file is None else [file])])
        finally:
            os.close(writing)
        try:
            answer = _exchange(channel, pickled, limits.answer, until)
        except TimeoutError as error:  # the server itself does not move
            _drop_server(server)
            raise SandboxError("time") from error
        channel.close()  # a child that goes on writing ends
        report = ended.read()
    if not report:
        raise _ServerDiedError
    ended = json.loads(report)
    spend(ended["seconds"])
    return decode(answer, ended, limits.max_seconds)


def _exchange(channel: socket.socket, pickled: bytes, max_bytes: int, until: float) -> bytes:
    """Send the arguments, and take the answer, which ends with the child. Raises TimeoutError."""
    channel.settimeout(max(until - time.monotonic(), 0.1))
    with suppress(BrokenPipeError, ConnectionResetError):  # it has died; how, is known at its end
        channel.sendall(pickled)
        channel.shutdown(socket.SHUT_WR)
    answer = bytearray()
    while len(answer) <= max_bytes:
        channel.settimeout(max(until - time.monotonic(), 0.1))
        try:
            piece = channel.recv(1 << 20)
        except ConnectionResetError:
            break
        if not piece:
            break
        answer += piece
    return bytes(answer)
