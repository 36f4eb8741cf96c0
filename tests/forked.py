"""Processes of an installation, forked from one that has imported their libraries: ``start("prongsai.cli", "worker")``.

Starting Python and importing takes longer than most of what such a process does in a test. The process that is forked
(``python -m tests.forked``) knows no settings and no model: each child reads its own environment and makes its own
Django, as one that was started anew does. It has one thread, and ends with the process that started it.
"""

import array
import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from functools import cache

# what needs no settings, and takes long
LIBRARIES = (
    "allauth.core.internal.ratelimit",
    "charset_normalizer",
    "concurrent.futures.process",
    "csp.constants",
    "dj_database_url",
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.executor",
    "django.template.loader",
    "django.views.generic",
    "django_htmx",
    "fido2.server",
    "fido2.webauthn",
    "httpcore",
    "hypothesis",  # through what drivers of tests share with tests
    "jinja2",
    "numpy",
    "PIL.ImageOps",
    "prongsai.analysis",
    "prongsai.cli.platform_commands",
    "prongsai.documents.serialization",
    "prongsai.framework.workbook",
    "prongsai.intake",
    "prongsai.lib.textlayer",
    "prongsai.links",
    "prongsai.scoring",
    "psycopg",
    "pydantic.networks",
    "pydantic_settings",
    "pytest",
    "requests",
    "rfc3161_client",
    "segno",
    "structlog",
    "typer",
    "unittest.mock",
    "whitenoise",
    "xml.dom.minidom",
)


class Process:
    """One that was forked, in the words of ``subprocess.Popen``."""

    def __init__(self, pid, end, stdin=None, stdout=None):
        self.pid, self._end, self.stdin, self.stdout, self.returncode = pid, end, stdin, stdout, None

    def wait(self, timeout=None):
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            with self._end:
                self.returncode = int(self._end.readline())
        return self.returncode

    def poll(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number):
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


_lock = threading.Lock()


@cache
def _server():
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
        env = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {"OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=env)

    def end():
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _before_python_starts(environment):
    return {k: v for k, v in environment.items() if k.startswith(("LD_", "PYTHON"))}


def start(module, *arguments, env, pipes=False, cold=False):
    """``python -m module arguments`` in an environment, ``pipes`` for its input and output. ``cold`` begins with the
    interpreter, as does an environment that the interpreter or the linker would have to be started in."""
    if cold or _before_python_starts(env) != _before_python_starts(os.environ):
        ends = subprocess.PIPE if pipes else None
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(command, env=env, stdin=ends, stdout=ends, text=True)
    reading, end = os.pipe()
    stdin, ours_in = os.pipe() if pipes else (os.dup(0), None)
    ours_out, stdout = os.pipe() if pipes else (None, os.dup(1))
    theirs = [stdin, stdout, end]
    request = json.dumps({"module": module, "arguments": arguments, "env": env, "folder": os.getcwd()}).encode()
    answers = os.fdopen(reading)
    try:
        with _lock:
            server = _server()
            socket.send_fds(server, [len(request).to_bytes(4, "big")], theirs)
            server.sendall(request)
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    pid = int(answers.readline())
    if not pipes:
        return Process(pid, answers)
    return Process(pid, answers, os.fdopen(ours_in, "w"), os.fdopen(ours_out))


# --- the process that is forked


def _receive(control):
    """A request and its descriptors; None where nobody is left to ask."""
    size, descriptors, _, _ = socket.recv_fds(control, 4, 3)
    if not size:
        return None, []
    request = b""
    while len(request) < int.from_bytes(size, "big"):
        request += control.recv(1 << 16)
    return json.loads(request), list(array.array("i", descriptors))


def serve(control):
    """Fork whenever asked. Returns in each child, with the module it is and its arguments; never here."""
    children = {}  # what becomes readable when it ends: its number, and where its end is reported
    while True:
        for ready in select.select([control, *children], [], [])[0]:
            if ready is not control:
                pid, report = children.pop(ready)
                with contextlib.suppress(BrokenPipeError), report:
                    _, status = os.waitpid(pid, 0)
                    report.write(f"{os.waitstatus_to_exitcode(status)}\n")
                os.close(ready)
                continue
            request, descriptors = _receive(control)
            if request is None:
                os._exit(0)
            assert len(os.listdir("/proc/self/task")) == 1
            pid = os.fork()
            if pid == 0:
                _become(
                    request, descriptors, [control.detach(), *children, *(r.fileno() for _, r in children.values())]
                )
                return request["module"], request["arguments"]
            stdin, stdout, end = descriptors
            os.close(stdin)
            os.close(stdout)
            report = os.fdopen(end, "w", buffering=1)
            with contextlib.suppress(BrokenPipeError):
                report.write(f"{pid}\n")
            children[os.pidfd_open(pid)] = pid, report


def _become(request, descriptors, others):
    """The child's own input, output, environment and folder; nothing of the others."""
    os.dup2(descriptors[0], 0)
    os.dup2(descriptors[1], 1)
    for descriptor in [*descriptors, *others]:
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["folder"])


def main():
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    module, arguments = serve(socket.socket(fileno=int(sys.argv[1])))
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
