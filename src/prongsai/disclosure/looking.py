"""Looking at filed addresses: which are due, what came of it, what is kept of it.

A bad look changes nothing by itself: it is tried again, spread over time, and only what they add up to is held against
a link (``links.verdict``). What was looked at is stored one by one; a run that is stopped goes on where it was.
"""

import hashlib
import logging
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from prongsai import links as web
from prongsai.disclosure.models import Change, Filing, Link, Look, Snapshot
from prongsai.disclosure.queries import own_hosts
from prongsai.people.actions import notify
from prongsai.people.models import User
from prongsai.registry.models import Agency, Appointment

log = logging.getLogger("prongsai.disclosure")
MONTH = timedelta(days=30)
_CLAIM = timedelta(hours=1)  # a claimed look that was never stored is due again after it
_KEPT = 30  # looks that a verdict may need
BATCH = 400


def policy() -> web.Policy:
    """The rules of looking on this installation."""
    more: dict[str, Any] = {}
    if settings.LINKS_ALLOW:  # sites of an office's own network, or of the demonstration
        more["allow"] = tuple(ip_network(a) for a, _ in settings.LINKS_ALLOW)
        more["ports"] = frozenset({80, 443, *(p for _, p in settings.LINKS_ALLOW)})
    if settings.LINKS_HOSTS:
        others = web.Policy(contact="").resolve
        more["resolve"] = lambda host: [settings.LINKS_HOSTS[host]] if host in settings.LINKS_HOSTS else others(host)
    return web.Policy(
        contact=settings.LINKS_CONTACT,
        tries=settings.LINKS_TRIES,
        spread=timedelta(seconds=settings.LINKS_SPREAD),
        **more,
    )


def due(now: datetime) -> list[Link]:
    """Claim links that are due, a batch at a time: nobody else looks at them meanwhile."""
    with transaction.atomic():
        waiting = Link.objects.select_for_update(skip_locked=True).filter(next_look__lte=now, until=None)
        ids = list(waiting.order_by("next_look").values_list("pk", flat=True)[:BATCH])
        Link.objects.filter(pk__in=ids).update(next_look=now + _CLAIM)
    return list(Link.objects.filter(pk__in=ids).select_related("look", "entry__filing__agency", "entry__filing__round"))


def waiting() -> int:
    """How many links are due now, or claimed by a run that did not store them."""
    return Link.objects.filter(until=None, next_look__lte=timezone.now()).count()


def ask_all() -> None:
    """Make every link in use due that was not looked at today."""
    today = timezone.now() - timedelta(hours=20)
    Link.objects.filter(until=None).exclude(look__at__gte=today).update(next_look=timezone.now())


def run_due(on_progress: Callable[[int], None] | None = None) -> int:
    """Look at everything that is due; gives how many were looked at."""
    done = 0
    while batch := due(timezone.now()):
        left = {x.pk for x in batch}
        try:
            for look in look_at(batch):
                left.discard(look.link_id)
                done += 1
                if on_progress:
                    on_progress(done)
        except (KeyboardInterrupt, GeneratorExit):  # stopped in the middle: the rest is due again
            Link.objects.filter(pk__in=left).update(next_look=timezone.now())
            raise
    return done


def look_at(links: Iterable[Link], rules: web.Policy | None = None) -> Iterator[Look]:
    """Look at links, and store each look as it comes."""
    rules = rules or policy()
    by_key = {link.pk: link for link in links}
    targets = [
        web.Target(key=k, url=x.url, own_hosts=own_hosts(x.entry.filing.agency), keep_body=True)
        for k, x in by_key.items()
    ]
    for seen in web.check(targets, rules):
        link = by_key[int(seen.key)]
        try:
            look = store(link, seen, rules)
        except (OSError, ValueError, DatabaseError):
            log.exception("a look was not stored; tried again in an hour")
            Link.objects.filter(pk=link.pk).update(next_look=timezone.now() + _CLAIM)
            continue
        yield look


def store(link: Link, seen: web.Observation, rules: web.Policy) -> Look:
    """Keep what one look saw, with a snapshot when it is the first, is wanted for marking, or the content changed."""
    last_good = link.looks.filter(state__in=web.GOOD).exclude(text_digest="").first()
    changed = bool(
        last_good and seen.text_digest and seen.state in web.GOOD and seen.text_digest != last_good.text_digest
    )
    wanted = link.next_why in (Look.Why.FILING, Look.Why.MARKING) or last_good is None or changed
    snapshot = _keep(seen) if wanted and seen.body is not None and seen.status is not None else None
    with transaction.atomic():
        look = Look.objects.create(
            link=link,
            at=seen.observed_at,
            why=link.next_why,
            state=seen.state,
            error=seen.error[:40],
            title=seen.title[:300],
            text_digest=seen.text_digest,
            seen=_told(seen),
            snapshot=snapshot,
        )
        past = [_as_observation(x) for x in link.looks.all()[:_KEPT]]
        verdict, again = web.verdict(past, rules), web.next_try(past, rules)
        before = link.state
        state = verdict if verdict != "pending" else before or "pending"
        if state != before:
            link.state_since = seen.observed_at
        if {before, state} & set(web.STATES) and before not in ("", "pending", state):
            _note(link, Change.Kind.STATE, seen.observed_at, before=before, after=state)
        if changed:
            _note(link, Change.Kind.CONTENT, seen.observed_at)
        asked = Link.objects.select_for_update().values_list("next_why", "next_look").get(pk=link.pk)
        link.state, link.look = state, look
        if asked[0] != link.next_why or (
            asked[1] and asked[1] <= timezone.now()
        ):  # somebody asked for another look meanwhile
            link.save(update_fields=["state", "state_since", "look"])
            return look
        link.next_look = again or seen.observed_at + MONTH + timedelta(hours=random.uniform(-36, 36))  # noqa: S311 (spreads load)
        link.next_why = Look.Why.RETRY if again else Look.Why.MONITOR
        link.save(update_fields=["state", "state_since", "look", "next_look", "next_why"])
    return look


def _note(link: Link, kind: str, at: datetime, *, before: str = "", after: str = "") -> None:
    Change.objects.create(
        filing=link.entry.filing, item=link.entry.item, link=link, kind=kind, before=before, after=after, at=at
    )


def _told(seen: web.Observation) -> dict[str, Any]:
    """What is kept of an observation beside the columns."""
    return {
        "status": seen.status,
        "asked": seen.asked,
        "final_url": seen.final_url,
        "elapsed_ms": seen.elapsed_ms,
        "hops": [[h.url, h.status, h.address] for h in seen.hops],
        "declared_type": seen.declared_type,
        "sniffed_type": seen.sniffed_type,
        "length": seen.length,
        "digest": seen.digest,
        "language": seen.language,
        "has_text": seen.has_text,
        "notes": list(seen.notes),
        "years": [{"year": y.year, "kind": y.kind, "place": y.place} for y in seen.years][:40],
        "retry_at": seen.retry_at.isoformat() if seen.retry_at else None,
    }


def _as_observation(look: Look) -> web.Observation:
    retry = look.seen.get("retry_at")
    return web.Observation(
        key=look.link_id,
        url="",
        observed_at=look.at,
        state=look.state,
        error=look.error,
        retry_at=datetime.fromisoformat(retry) if retry else None,
    )


# --- snapshots


def _path(digest: str) -> Path:
    folder: Path = settings.MEDIA_ROOT / "snapshots" / digest[:2]
    return folder / f"{digest}.warc.gz"


def _keep(seen: web.Observation) -> Snapshot:
    data = web.warc(seen)
    digest = hashlib.sha256(data).hexdigest()
    path = _path(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(data)
    draft.replace(path)
    kind = seen.sniffed_type or seen.declared_type
    return Snapshot.objects.create(
        digest=digest, content_type=kind[:120], length=len(seen.body or b""), taken_at=seen.observed_at
    )


def opened(snapshot: Snapshot) -> web.Snapshot:
    """What a snapshot holds. Raises ValueError or OSError when the file is gone or is not what was kept."""
    data = _path(snapshot.digest).read_bytes()
    if hashlib.sha256(data).hexdigest() != snapshot.digest:
        raise ValueError("the file is not the one that was kept")
    return web.from_warc(data)


# --- asking for looks, and telling of them


def ask(links: Iterable[Link], why: str) -> int:
    """Have links looked at soon. Not again within five minutes of the last look."""
    now = timezone.now()
    ids = [x.pk for x in links if x.look is None or x.look.at < now - timedelta(minutes=5)]
    return Link.objects.filter(pk__in=ids, until=None).update(next_look=now, next_why=why)


def tell_changes() -> int:
    """Send every agency one notice of the links that changed since it was last told; gives how many agencies. Nothing
    is sent when nothing changed, nor to anybody while they file: they see it on their page."""
    told = 0
    waiting = Change.objects.filter(told=False)
    for filing in Filing.objects.filter(pk__in=waiting.values("filing")).select_related("agency", "round"):
        with transaction.atomic():
            rows = list(waiting.filter(filing=filing).select_for_update())
            broken = [c for c in rows if c.kind == Change.Kind.STATE and c.after not in web.GOOD]
            mended = [c for c in rows if c.kind == Change.Kind.STATE and c.after in web.GOOD]
            Change.objects.filter(pk__in=[c.pk for c in rows]).update(told=True)
            if not (broken or mended):
                continue
            parts = [f"เสียใหม่ {len(broken)} ลิงก์ ({_items(broken)})"] * bool(broken)
            parts += [f"กลับมาดี {len(mended)} ลิงก์ ({_items(mended)})"] * bool(mended)
            text = f"ลิงก์ OIT ปี {filing.round.fiscal_year} ของ {filing.agency}: {' และ'.join(parts)}"
            for officer in officers(filing.agency):
                notify(
                    user=officer,
                    text=text[:300],
                    url=f"/desk/agency/{filing.agency.code}/oit/{filing.round.fiscal_year}/todo/",
                )
            told += 1
    return told


def _items(changes: list[Change]) -> str:
    return ", ".join(dict.fromkeys(c.item for c in changes))


def officers(agency: Agency) -> list[User]:
    """Who files for an agency."""
    appointments = Appointment.objects.filter(agency=agency, until=None, user__role="officer", user__is_active=True)
    return [d.user for d in appointments.select_related("user")]


@lru_cache(maxsize=32)
def text(digest: str) -> str:
    """The words of a snapshot; nothing when it can't be read."""
    try:
        found = opened(Snapshot.objects.get(digest=digest))
        return web.text_of(found.body, {k.lower(): v for k, v in found.headers}.get("content-type", ""))
    except (OSError, ValueError, Snapshot.DoesNotExist):
        return ""
