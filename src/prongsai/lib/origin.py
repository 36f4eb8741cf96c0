"""Which request or job the work at hand belongs to: one identifier that log lines, jobs and error pages share.

It names work, never a person. Where it could join a person to an answer there is none: whatever serves a respondent is
quiet, and quiet work has no identifier, takes none from outside and hands none on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Origin:
    """A request, or a job and the request that queued it. ``route`` is the pattern of an address, never the address."""

    request_id: str = ""
    route: str = ""
    job_id: int | None = None
    is_quiet: bool = False
    statements: int = 0  # that it sent to the database, where somebody counts them
    statement_seconds: float = 0.0

    def silence(self) -> None:
        """Forget the identifier, and let nobody note anything about this work."""
        self.request_id, self.is_quiet = "", True


_origin: ContextVar[Origin | None] = ContextVar("prongsai_origin", default=None)


def current() -> Origin | None:
    """The request or the job at hand; None in a command, and in a thread that serves many requests."""
    return _origin.get()


def current_request_id() -> str:
    """The identifier of the request at hand, or of the one that queued the job at hand; empty where there is none."""
    origin = _origin.get()
    return origin.request_id if origin else ""


@contextmanager
def begin(origin: Origin) -> Iterator[Origin]:
    """All that is done inside belongs to this request or job."""
    token = _origin.set(origin)
    try:
        yield origin
    finally:
        _origin.reset(token)
