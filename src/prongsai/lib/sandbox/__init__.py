"""The sandbox: whatever comes from outside is parsed, and matched with patterns, in a process that can do nothing else.

:func:`run` calls one function in a child process made for that one call. The child has limits of processor time, wall
time, memory, files and the size of its answer; it can write nowhere, reach no network, start nothing, and read nothing
but Python's own libraries and the file it was handed (:mod:`prongsai.lib.sandbox.limits` says what holds where). What
it answers is JSON or bytes, and nothing but that.

Children are forked by a server of this process (:mod:`prongsai.lib.sandbox.server`): a fresh interpreter without
environment, site hooks or current folder, which has imported the parsers and knows no secret of the site. It never sees
an input itself, and no child sees two. A command that holds no secret, and has just one thread, forks itself instead
(:func:`fork_here`): starting another interpreter would be a quarter of its time.
"""

import os
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from prongsai.lib.sandbox.allowance import Allowance, current, earn, share
from prongsai.lib.sandbox.limits import ONE_THREAD, Limits, allow_until, base_seconds, describe_protection
from prongsai.lib.sandbox.outcome import Reason, SandboxError

__all__ = [
    "Allowance",
    "Limits",
    "Reason",
    "SandboxError",
    "allow_until",
    "base_seconds",
    "describe_protection",
    "earn",
    "fork_here",
    "run",
    "share",
]

_forks_here = False


def run(
    job: str,
    *arguments: Any,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    file: Path | None = None,
    preload: Sequence[str] = (),
) -> Any:
    """Call ``job`` (``package.module:function``) in the sandbox and return what it returned: JSON data, or bytes.

    ``file`` is opened here, and is the function's first argument as a binary file; ``preload`` are modules that the
    function imports, so that the server has them before it forks. Within :func:`share` the call has what is left
    there. Raises SandboxError, and OSError for ``file``.
    """
    if (allowance := current()) is not None:
        limits = allowance.limit(limits)
    with file.open("rb") if file else nullcontext() as opened:
        descriptor = opened.fileno() if opened else None
        if _forks_here and hasattr(os, "fork") and threading.active_count() == 1:
            from prongsai.lib.sandbox.fork import call_in_fork

            return call_in_fork(job, arguments, limits, descriptor)
        from prongsai.lib.sandbox.client import call_in_server

        return call_in_server(job, arguments, limits, descriptor, tuple(preload))


def fork_here() -> None:
    """From now on this process forks itself for a call. For commands of one thread, without a secret in memory."""
    global _forks_here
    _forks_here = True
    os.environ.update(ONE_THREAD)
