"""The state of an address from several checks, and when to check again. Pure functions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from prongsai.links.model import GOOD, STATES, Observation, Policy, State

# Of several bad states the most lenient counts: an address that once responded slowly, or refused us, is not dead.
_SEVERITY = {state: rank for rank, state in enumerate(STATES)}


def decide_state(observations: Iterable[Observation], policy: Policy) -> State | Literal["pending"]:
    """The state of one address, from all its observations in any order.

    The latest observation, if good, decides. Otherwise it takes ``policy.required_failures`` bad ones since the last
    good one, each at least ``policy.retry_interval`` after the one counted before; then the most lenient state of
    those counts. ``pending``: never checked, or not often enough to establish a bad state.
    """
    ordered = sorted(observations, key=lambda o: o.observed_at)
    if not ordered:
        return "pending"
    if ordered[-1].state in GOOD:
        return ordered[-1].state
    counted = _counted_failures(ordered, policy)
    if len(counted) < policy.required_failures:
        return "pending"
    since = counted[-policy.required_failures].observed_at
    return min((o.state for o in ordered if o.observed_at >= since), key=_SEVERITY.__getitem__)


def plan_retry(observations: Iterable[Observation], policy: Policy) -> datetime | None:
    """The earliest time of the next check towards a state. None when the state is decided, or before any check."""
    ordered = sorted(observations, key=lambda o: o.observed_at)
    if decide_state(ordered, policy) != "pending" or not ordered:
        return None
    earliest = _counted_failures(ordered, policy)[-1].observed_at + policy.retry_interval
    retry_at = ordered[-1].retry_at
    return max(earliest, retry_at) if retry_at else earliest


def _counted_failures(ordered: list[Observation], policy: Policy) -> list[Observation]:
    """The bad observations since the last good one that are far enough apart."""
    counted: list[Observation] = []
    for observation in ordered:
        if observation.state in GOOD:
            counted = []
        elif not counted or observation.observed_at - counted[-1].observed_at >= policy.retry_interval:
            counted.append(observation)
    return counted
