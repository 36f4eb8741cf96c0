"""Failures of link checks that are held against nobody: noted after the fact, when what else failed is known."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Value
from django.utils import timezone

from prongsai import links
from prongsai.disclosure import link_checks, queries
from prongsai.disclosure.models import Link, LinkCheck
from prongsai.jobs.leases import NO_LEASE, Lease

SPAN = datetime.timedelta(hours=2, minutes=30)  # the window before a failure, itself, and the window after it
_KEYS_A_QUERY = 400
_SHOWN_DAYS = 14
_MAX_SHOWN = 20


def has_failures() -> bool:
    since = timezone.now() - SPAN
    return LinkCheck.objects.filter(at__gte=since, excused="", error__in=links.OUTAGE_CODES).exists()


def excuse_outages(lease: Lease = NO_LEASE) -> int:
    """Excuse the failures of the last hours that were of an outage, and decide the states of their links anew. Returns
    how many."""
    found = links.find_outages(_attempts_since(timezone.now() - SPAN))
    excused = 0
    for keys in _batches(found):
        with lease.write():
            pending = LinkCheck.objects.select_for_update().filter(pk__in=keys, excused="")
            of_links = dict(pending.values_list("pk", "link"))
            for reason in links.OUTAGES:
                LinkCheck.objects.filter(pk__in=[key for key in of_links if found[key] == reason]).update(
                    excused=reason
                )
            # any other link keeps its state, and is due again as after every failure
            decided = Link.objects.filter(pk__in=of_links.values()).exclude(state__in=("", "pending", *links.HARMLESS))
            for link in decided.select_for_update():
                link_checks.decide_anew(link)
        excused += len(of_links)
    return excused


def _attempts_since(since: datetime.datetime) -> Iterator[links.Attempt]:
    """The attempts that matter: failures, others at the networks where something failed, and of the rest the first and
    the last of each minute, which tell that our own network was there."""
    rows = LinkCheck.objects.filter(at__gte=since).order_by("at")
    failed = list(
        rows.filter(error__in=links.OUTAGE_CODES).values_list(
            "pk", "at", "server", "link__entry__filing__agency", "error", "link"
        )
    )
    began = _failing_since({row[-1] for row in failed})
    for key, at, server, owner, error, link in failed:
        yield links.Attempt(key, at, server, owner, error, began.get((link, key)))
    networks = {links.network_of(row[2]) for row in failed} - {""}
    minute, held = None, None  # the last of the minute, unless it was yielded
    answered = rows.exclude(error__in=links.OUTAGE_CODES)
    for key, at, server, owner in answered.values_list("pk", "at", "server", "link__entry__filing__agency").iterator():
        attempt, is_first = links.Attempt(key, at, server, owner), at.replace(second=0, microsecond=0) != minute
        minute = at.replace(second=0, microsecond=0)
        if is_first and held is not None:
            yield held
        held = None if is_first or links.network_of(server) in networks else attempt
        if held is None:
            yield attempt
    if held is not None:
        yield held


def _failing_since(of_links: Iterable[int]) -> dict[tuple[int, int], datetime.datetime]:
    """For each failure of the links, by link and check: when the first was since the link answered. None of a link that
    never answered."""
    found: dict[tuple[int, int], datetime.datetime] = {}
    for ids in _batches(of_links):
        history = LinkCheck.objects.filter(link__in=ids).order_by("link", "at", "pk")
        link, since, has_answered = None, None, False
        for key, of_link, at, error in history.values_list("pk", "link", "at", "error"):
            if of_link != link:
                link, since, has_answered = of_link, None, False
            if error not in links.OUTAGE_CODES:
                since, has_answered = None, True
                continue
            since = since or at
            if has_answered:
                found[of_link, key] = since
    return found


def _batches(keys: Iterable[Any]) -> Iterator[list[Any]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _KEYS_A_QUERY):
        yield ordered[start : start + _KEYS_A_QUERY]


@dataclass(frozen=True)
class PastOutage:
    """An outage in words, for the office: why, where, when, whom it met."""

    words: str
    server: str
    since: datetime.datetime
    until: datetime.datetime
    agencies: int
    links: int


def recent_outages() -> Sequence[PastOutage]:
    """What was excused lately, by server and day, the newest first."""
    since = timezone.now() - datetime.timedelta(_SHOWN_DAYS)
    excused = LinkCheck.objects.filter(at__gte=since).exclude(excused="")
    shared = excused.exclude(excused="own").values_list("excused", "server", "at__date")
    own = excused.filter(excused="own").values_list("excused", Value(""), "at__date")  # of whatever servers
    found = [
        PastOutage(queries.OUTAGE_WORDS[reason], server, first, last, agencies, of_links)
        for rows in (shared, own)
        for reason, server, _, first, last, agencies, of_links in rows.annotate(
            first=Min("at"),
            last=Max("at"),
            agencies=Count("link__entry__filing__agency", distinct=True),
            links=Count("link", distinct=True),
        ).order_by("-last")[:_MAX_SHOWN]
    ]
    return sorted(found, key=lambda outage: outage.until, reverse=True)[:_MAX_SHOWN]
