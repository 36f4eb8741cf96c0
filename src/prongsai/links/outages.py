"""Failures that are nobody's fault: a server that many share was down, or our own network was. Pure functions.

``find_outages`` looks at the attempts of a while and says which failures to excuse. An excused failure is no bad look:
``decide_state`` leaves it out. Only *fresh* failures say anything of an outage: of addresses that answered the time
before, and not long ago. So addresses that are simply gone never make each other an excuse, however many of them are
tried in one hour; and a shared server that stays down is, after some days, each agency's own matter.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Literal

from prongsai.links.model import TargetKey

Outage = Literal["server", "network", "own"]
OUTAGES: tuple[Outage, ...] = ("server", "network", "own")
"""Why a failure is excused: the server (IP address) that several owners share was down; so was the provider's network
that their servers are in; our own network was, for nothing at all was reached."""

WINDOW = timedelta(hours=1)  # failures within it, before or after, are of one outage
MAX_DURATION = timedelta(days=3)  # that a server or network may be down before it counts
MIN_OWNERS = 3  # with fresh failures, before what they share is to blame
MIN_SHARE = 0.8  # of the owners that were tried there
OWN_WINDOW = timedelta(minutes=10)
MIN_NETWORKS = 5  # with fresh failures while nothing is reached, before our own is to blame
_PREFIX = {4: 24, 6: 48}  # what is taken for the network of one provider
_UNREACHED = frozenset(("dns", "dns_failed", "refused", "unreachable", "timeout_connect", "broken_off"))
FAILURES = _UNREACHED | {
    *("timeout_first_byte", "timeout_whole", "status_500", "status_502", "status_503", "status_504"),
}
"""The codes that an outage has: no server, no answer, an answer that it cannot serve."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One check, as far as outages go.

    ``server``: the IP address ("": unknown); ``owner``: whose address it is; ``error``: the code of its failure.
    ``failing_since``: when the first failure was since it answered; None where it never answered, or did now."""

    key: TargetKey
    at: datetime
    server: str
    owner: TargetKey
    error: str = ""
    failing_since: datetime | None = None

    @property
    def failed(self) -> bool:
        return self.error in FAILURES

    @property
    def is_reached(self) -> bool:
        """Whether a server was there: our own network is not to blame then."""
        return self.error not in _UNREACHED

    @property
    def is_fresh(self) -> bool:
        return self.failed and self.failing_since is not None and self.at - self.failing_since <= MAX_DURATION


def network_of(server: str) -> str:
    """The network of a provider that an IP address is in; "" of none."""
    try:
        address = ip_address(server)
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{_PREFIX[address.version]}", strict=False))


def find_outages(attempts: Iterable[Attempt]) -> dict[TargetKey, Outage]:
    """The failures to excuse, by the keys of their attempts, with the reason, whatever the order of the attempts."""
    ordered = sorted(attempts, key=lambda attempt: (attempt.at, str(attempt.key)))
    found: dict[TargetKey, Outage] = dict.fromkeys(_find_own(ordered), "own")
    for reason in ("server", "network"):
        groups: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in ordered:
            if place := attempt.server if reason == "server" else network_of(attempt.server):
                groups[place].append(attempt)
        for members in groups.values():
            for key in _find_shared(members):
                found.setdefault(key, reason)
    return found


def _find_shared(members: Sequence[Attempt]) -> set[TargetKey]:
    """The fresh failures at one place that several owners share, at times when nearly all of them failed."""
    times = [attempt.at for attempt in members]
    excused: set[TargetKey] = set()
    for attempt in members:
        if not attempt.is_fresh:
            continue
        near = members[bisect_left(times, attempt.at - WINDOW) : bisect_right(times, attempt.at + WINDOW)]
        owners = {other.owner for other in near}
        answering = {other.owner for other in near if not other.failed}
        fresh = {other.owner for other in near if other.is_fresh} - answering
        if len(fresh) >= MIN_OWNERS and len(owners - answering) >= MIN_SHARE * len(owners):
            excused.add(attempt.key)
    return excused


def _find_own(ordered: Sequence[Attempt]) -> set[TargetKey]:
    """The failures of any time in which nothing was reached, whatever was tried."""
    excused: set[TargetKey] = set()
    run: list[Attempt] = []
    for attempt in ordered:
        if attempt.is_reached:
            excused |= _excuse_run(run)
            run = []
        else:
            run.append(attempt)
    return excused | _excuse_run(run)


def _excuse_run(run: Sequence[Attempt]) -> set[TargetKey]:
    """The failures of a run, of which enough networks freshly failed within some minutes."""
    excused: set[TargetKey] = set()
    start = done = 0
    for end, attempt in enumerate(run):
        while attempt.at - run[start].at > OWN_WINDOW:
            start += 1
        fresh = [each for each in run[start : end + 1] if each.is_fresh]
        places = {network_of(each.server) or f"owner {each.owner}" for each in fresh}
        if min(len(places), len({each.owner for each in fresh})) >= MIN_NETWORKS:
            excused |= {each.key for each in run[max(start, done) : end + 1]}
            done = end + 1
    return excused
