"""The sandbox for untrusted bytes: another process, which limits itself before it opens anything.

It is an interpreter without site-packages' hooks, environment or current folder: it knows the way to the code that it
runs, and no secret of the site is within its reach. What it answers is JSON, and nothing but JSON.
"""

import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEMORY = 3_000_000_000  # bytes of address space
SECONDS = 120  # of processor time

_PROLOGUE = 'import sys\narguments = sys.argv[2:]\nsys.path += sys.argv[1].split("\\n")\n'


class SandboxError(Exception):
    """The process gave no answer. ``timed_out``: it was stopped because it took too long."""

    def __init__(self, *, timed_out: bool) -> None:
        super().__init__("timed out" if timed_out else "no answer")
        self.timed_out = timed_out


def run_apart(code: str, *arguments: str, seconds: float = SECONDS) -> Any:
    """Run code in the sandbox; it finds ``arguments`` as a list of that name and ends with :func:`answer`.

    Returns what it answered, as JSON data. Raises SandboxError.
    """
    source = str(Path(__file__).parents[2])
    libraries = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    search_path = "\n".join(dict.fromkeys([source, *libraries]))
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _PROLOGUE + code, search_path, *arguments],
            capture_output=True,
            timeout=seconds * 2,
            env={},
            check=True,
        )
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise SandboxError(timed_out=True) from error
    except (subprocess.CalledProcessError, ValueError, RecursionError) as error:
        raise SandboxError(timed_out=False) from error


def answer(produce: Callable[[], Any], *, memory: int = MEMORY, seconds: int = SECONDS) -> None:
    """What the other process does: limit itself, write what ``produce`` returns as JSON to standard output, and end."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    gc.set_threshold(50_000)  # imports and short files without a collection
    sys.stdout.buffer.write(json.dumps(produce()).encode())
    sys.stdout.buffer.flush()
    os._exit(0)  # without taking a large document apart object by object
