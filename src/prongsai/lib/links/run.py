"""Looking at many addresses: fair between hosts, polite to each, in bounded memory."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from prongsai.lib.links.model import Observation, Policy, Progress, Target


def check(
    targets: Iterable[Target], policy: Policy, *, on_progress: Callable[[Progress], None] | None = None
) -> Iterator[Observation]:
    """Look at each target once; yields observations as they come, in no order.

    ``targets`` may be a generator over a database: it is read in the caller's thread, a little ahead of the work.
    Close the iterator, or leave it, to stop; what was not yielded was not done. ``on_progress`` is called in the
    caller's thread before each observation is yielded.
    """
    raise NotImplementedError


def check_async(targets: Iterable[Target], policy: Policy) -> AsyncIterator[Observation]:
    """As ``check``, inside a running event loop."""
    raise NotImplementedError


def check_one(target: Target, policy: Policy) -> Observation:
    """One look at one target."""
    raise NotImplementedError
