"""What to hold of an address after several looks. Pure functions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from prongsai.links.model import GOOD, STATES, Observation, Policy, State

# Of several bad looks the kindest counts: who once answered slowly, or refused us, is not dead.
_KINDNESS = {state: rank for rank, state in enumerate(STATES)}


def verdict(observations: Iterable[Observation], policy: Policy) -> State | Literal["pending"]:
    """The state of one address, from all its observations in any order.

    The latest look, if good, decides. Otherwise it takes ``policy.tries`` looks since the last good one, each at least
    ``policy.spread`` after the one counted before; then the kindest state of the latest that many counts.
    ``pending``: never looked at, or not often enough to say anything bad.
    """
    looks = sorted(observations, key=lambda o: o.observed_at)
    if not looks:
        return "pending"
    if looks[-1].state in GOOD:
        return looks[-1].state
    counted = _counted(looks, policy)
    if len(counted) < policy.tries:
        return "pending"
    since = counted[-policy.tries].observed_at
    return min((o.state for o in looks if o.observed_at >= since), key=_KINDNESS.__getitem__)


def next_try(observations: Iterable[Observation], policy: Policy) -> datetime | None:
    """When to look again for a verdict: not before this time. None when a verdict stands, or nothing was seen yet."""
    looks = sorted(observations, key=lambda o: o.observed_at)
    if verdict(looks, policy) != "pending" or not looks:
        return None
    after = _counted(looks, policy)[-1].observed_at + policy.spread
    asked_for = looks[-1].retry_at
    return max(after, asked_for) if asked_for else after


def _counted(looks: list[Observation], policy: Policy) -> list[Observation]:
    """The bad looks since the last good one that are far enough apart."""
    counted: list[Observation] = []
    for look in looks:
        if look.state in GOOD:
            counted = []
        elif not counted or look.observed_at - counted[-1].observed_at >= policy.spread:
            counted.append(look)
    return counted
