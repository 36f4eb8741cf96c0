"""Processor time that several calls share: of one upload, however many documents it holds and however often each is
looked through. A limit of each call alone would be as many times itself as there are calls."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from prongsai.lib.sandbox.limits import Limits
from prongsai.lib.sandbox.outcome import SandboxError

_LEAST = 0.25  # seconds: a child that burned all it had may be measured a little short of it


class Allowance:
    """``left`` seconds for all calls made under it. A call takes what it used, and whoever has its answer gives back
    what the work was worth."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    @property
    def is_used_up(self) -> bool:
        return self.left < _LEAST

    def limit(self, limits: Limits) -> Limits:
        """The limits of the next call. Raises SandboxError when nothing is left."""
        if self.is_used_up:
            raise SandboxError("time")
        return replace(limits, seconds=min(limits.seconds, math.ceil(self.left)))

    def spend(self, seconds: float) -> None:
        self.left -= seconds

    def earn(self, seconds: float) -> None:
        self.left += seconds

    @contextmanager
    def keep_apart(self) -> Iterator[None]:
        """What is earned within is not left to what comes after."""
        before = self.left
        try:
            yield
        finally:
            self.left = min(self.left, before)


_current: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def share(seconds: float) -> Iterator[Allowance]:
    """Have the calls made within share so much processor time beyond what they earn."""
    allowance = Allowance(seconds)
    token = _current.set(allowance)
    try:
        yield allowance
    finally:
        _current.reset(token)


def current() -> Allowance | None:
    """That of whoever calls, if there is one."""
    return _current.get()


def spend(seconds: float) -> None:
    """Charge a call that ended."""
    if (allowance := _current.get()) is not None:
        allowance.spend(seconds)


def earn(seconds: float) -> None:
    """Give back what an answer was worth."""
    if (allowance := _current.get()) is not None:
        allowance.earn(seconds)
