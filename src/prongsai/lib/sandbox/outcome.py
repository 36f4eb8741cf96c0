"""How a call in the sandbox ended: what the child writes, and what is made of it."""

import json
import os
import re
import resource
import signal
from collections.abc import Mapping
from typing import Any, Literal, NoReturn

Reason = Literal["time", "memory", "size", "fault", "crash", "busy"]
MAX_NAME = 60
MAX_CONTAINERS = 4_000_000  # lists and objects of an answer: 64 bytes and more each, of two letters
# NUL and half a character, which no database takes: a child of ours writes neither
_UNSTORABLE = re.compile(rb"(?<!\\)((?:\\\\)*+)\\u(?:0000|[dD][89a-fA-F]..)")
_SECONDS_SHORT = 0.5  # by which the processor time of a killed child may be below its limit


class SandboxError(Exception):
    """There is no answer. ``reason``: too much ``time`` or ``memory``, an answer of too great a ``size``, an exception
    (``fault``, its type in ``detail``), a ``crash`` of the process, or no free place for too long (``busy``)."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


def encode(value: Any, max_bytes: int) -> bytes:
    """What a child writes for a value: a letter, and JSON or bytes."""
    if isinstance(value, bytes):
        answer = b"B" + value
    else:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        answer = b"J" + _UNSTORABLE.sub(rb"\1?", text)
    return answer if len(answer) <= max_bytes else b"S"


def encode_failure(error: BaseException) -> bytes:
    """What a child writes when its function raised."""
    if isinstance(error, MemoryError):
        return b"M"
    return b"E" + type(error).__name__[:MAX_NAME].encode("ascii", "replace")


def describe_end(status: int, usage: resource.struct_rusage, *, overdue: bool) -> dict[str, Any]:
    """How a child ended, from what the system says of it. ``overdue``: it was stopped when its time on the clock was
    up."""
    return {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        "seconds": usage.ru_utime + usage.ru_stime,
        "overdue": overdue,
    }


def decode(answer: bytes, ended: Mapping[str, Any], max_seconds: float) -> Any:
    """The value of a call from what the child wrote and how it ended. The child is not trusted. Raises SandboxError."""
    if ended.get("overdue") or ended.get("signal") == signal.SIGXCPU:
        raise SandboxError("time")
    if ended.get("signal") == signal.SIGKILL and ended.get("seconds", 0) >= max_seconds - _SECONDS_SHORT:
        raise SandboxError("time")
    if ended.get("signal") or ended.get("code") or not answer:
        raise SandboxError("crash")
    kind, body = answer[:1], answer[1:]
    if kind == b"B":
        return body
    if kind == b"M":
        raise SandboxError("memory")
    if kind == b"S":
        raise SandboxError("size")
    if kind == b"E":
        name = body[:MAX_NAME].decode("ascii", "replace")
        raise SandboxError("fault", name if name.isidentifier() else "")
    try:
        if kind != b"J" or _UNSTORABLE.search(body):
            raise ValueError("no answer")
        if body.count(b"[") + body.count(b"{") > MAX_CONTAINERS:
            raise SandboxError("size")
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise SandboxError("crash") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
