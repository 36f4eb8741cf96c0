"""The state of an address from several checks, and when to check again. Pure functions."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

from prongsai.links.model import GOOD, HARMLESS, STATES, Observation, Policy, State

# Of several bad states the most lenient counts: an address that once responded slowly, or refused us, is not dead.
_SEVERITY = {state: rank for rank, state in enumerate(STATES)}


def decide_state(observations: Iterable[Observation], policy: Policy) -> State | Literal["pending"]:
    """The state of one address, from all its observations in any order.

    The latest observation, if good or "review", decides. Otherwise it takes ``policy.required_failures`` bad ones since
    the last good one, each at least ``policy.retry_interval`` after the one counted before, and bad ones in office
    hours of ``policy.office_days`` different days; then the most lenient state of those counts. ``pending``: never
    checked, or not often enough, or not at such hours, to establish a bad state. What is excused is as if it had never
    been.
    """
    ordered = _without_excused(observations)
    if not ordered:
        return "pending"
    if ordered[-1].state in HARMLESS:
        return ordered[-1].state
    counted = _counted_failures(ordered, policy)
    if len(counted) < policy.required_failures or len(_office_days(ordered, policy)) < policy.office_days:
        return "pending"
    since = counted[-policy.required_failures].observed_at
    return min((o.state for o in ordered if o.observed_at >= since), key=_SEVERITY.__getitem__)


def plan_retry(observations: Iterable[Observation], policy: Policy) -> datetime | None:
    """The earliest time of the next check towards a state. None when the state is decided, or before any check. After
    one that is excused there is another, as after any failure."""
    every = sorted(observations, key=lambda o: o.observed_at)
    if not every:
        return None
    ordered = _without_excused(every)
    if every[-1].excused and decide_state(ordered, policy) in (*HARMLESS, "pending"):
        return every[-1].observed_at + policy.retry_interval
    if decide_state(ordered, policy) != "pending":
        return None
    counted = _counted_failures(ordered, policy)
    earliest = counted[-1].observed_at + policy.retry_interval
    retry_at = ordered[-1].retry_at
    earliest = max(earliest, retry_at) if retry_at else earliest
    if not policy.office_days:
        return earliest
    days = _office_days(ordered, policy)
    missing_days = policy.office_days - len(days)
    is_new_day_needed = 0 < missing_days >= policy.required_failures - len(counted)
    return _next_office_time(earliest, days if is_new_day_needed else set(), policy)


def _without_excused(observations: Iterable[Observation]) -> list[Observation]:
    return sorted((o for o in observations if not o.excused), key=lambda o: o.observed_at)


def _counted_failures(ordered: list[Observation], policy: Policy) -> list[Observation]:
    """The bad observations since the last good one that are far enough apart."""
    counted: list[Observation] = []
    for observation in ordered:
        if observation.state in GOOD:
            counted = []
        elif observation.state in HARMLESS:
            continue
        elif not counted or observation.observed_at - counted[-1].observed_at >= policy.retry_interval:
            counted.append(observation)
    return counted


def is_office_time(at: datetime, policy: Policy) -> bool:
    """Whether offices of the sites' country are open: Monday to Friday, at their hours. Holidays are not known."""
    local = at.astimezone(policy.zone)
    return local.weekday() < _SATURDAY and policy.office_hours[0] <= local.time() < policy.office_hours[1]


def _office_days(ordered: list[Observation], policy: Policy) -> set[date]:
    """The days on which the address was bad in office hours, since it was last good."""
    days: set[date] = set()
    for observation in ordered:
        if observation.state in GOOD:
            days = set()
        elif observation.state not in HARMLESS and is_office_time(observation.observed_at, policy):
            days.add(observation.observed_at.astimezone(policy.zone).date())
    return days


def _next_office_time(at: datetime, without: set[date], policy: Policy) -> datetime:
    """The first office time from ``at`` on that is on none of the days ``without``."""
    local = at.astimezone(policy.zone)
    while not is_office_time(local, policy) or local.date() in without:
        opening = datetime.combine(local.date(), policy.office_hours[0], policy.zone)
        local = opening if local < opening and local.date() not in without else opening + timedelta(days=1)
    return local.astimezone(at.tzinfo)


_SATURDAY = 5
