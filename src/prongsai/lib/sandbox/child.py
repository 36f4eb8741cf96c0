"""What a child does: take everything from itself, call one function, write its answer, end."""

import gc
import os
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from prongsai.lib.sandbox.limits import Limits, Protection, keep_only
from prongsai.lib.sandbox.outcome import encode, encode_failure


def find_function(job: str) -> Callable[..., Any]:
    """The function of ``package.module:function``."""
    module, _, name = job.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def work(
    job: str,
    limits: Limits,
    protection: Protection,
    *,
    parent: int,
    channel: int,
    file: int | None,
    arguments: tuple[Any, ...] | None = None,
) -> NoReturn:
    """Answer on ``channel``. Without ``arguments`` they are read from it first: pickled by our own process. Never
    returns, and runs nothing of what the process that was forked had meant to do at its end."""
    code = 1
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        keep_only([channel] if file is None else [channel, file])
        gc.freeze()  # what was there before is not looked through, and so not copied
        gc.set_threshold(150_000)
        try:
            protection.apply(limits, parent)
            answer = encode(_call(job, channel, file, arguments), limits.answer)
        except BaseException as error:  # a parser may fail in any way on a hostile file
            answer = encode_failure(error)
        _write(channel, answer)
        code = 0
    finally:
        os._exit(code)


def _call(job: str, channel: int, file: int | None, arguments: tuple[Any, ...] | None) -> Any:
    if arguments is None:
        import pickle

        pieces = []
        while piece := os.read(channel, 1 << 20):
            pieces.append(piece)
        arguments = pickle.loads(b"".join(pieces))  # noqa: S301 (from the process that started the server)
    function = find_function(job)
    if file is None:
        return function(*arguments)
    with os.fdopen(file, "rb") as opened:
        return function(opened, *arguments)


def _write(channel: int, answer: bytes) -> None:
    unsent = memoryview(answer)
    while unsent:
        unsent = unsent[os.write(channel, unsent[: 1 << 20]) :]
