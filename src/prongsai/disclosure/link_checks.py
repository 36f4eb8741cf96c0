"""Checks of filed links: which are due, what their results mean, and what is stored of them.

A failed check changes nothing by itself: it is repeated, spread over time, and only several of them together change
the state of a link (``links.decide_state``). Checks are stored one by one; a run that is stopped can be resumed.
"""

import logging
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from prongsai import links
from prongsai.disclosure import rendered_files, scan_texts, snapshots
from prongsai.disclosure.models import Change, Filing, Link, LinkCheck
from prongsai.disclosure.queries import expected_years, item_of, items, website_hosts
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import NO_LEASE, Lease, is_outage
from prongsai.people.actions import notify
from prongsai.registry.models import Agency
from prongsai.registry.queries import load_round_framework, officers_of

log = logging.getLogger("prongsai.disclosure")
MONITOR_INTERVAL = timedelta(days=30)
MONITOR_JITTER = timedelta(hours=36)  # either side of the interval, so that the load spreads
ASKED_SECONDS = 8.0  # for the links that somebody waits for; what has not answered is looked at by the usual run
SHOWN_AFTER = timedelta(seconds=10)  # that a page says "still looking"
_ASKED_GRACE = timedelta(seconds=30)  # that the usual run leaves them to the one that is waited for
MIN_INTERVAL = timedelta(minutes=5)  # between two checks that somebody requests
_AFTER_ERROR = timedelta(hours=1)  # a link of which the check could not be stored is due again after it
_ASKED_PAUSE = 0.2  # seconds between the requests to one host, for a few pages that somebody waits for
_MAX_CHECKS_PER_DECISION = 30
_BATCH_SIZE = 400
_MAX_STORED_YEARS = 40
_RENDERED_WITHIN = timedelta(days=1)  # or no worker renders, and the page stays what it was seen as
_MAX_OTHERS, _MAX_SITE = 12, 3  # pages of the same filing that are looked through, and compared with
_SHORT_KINDS = (
    ("องค์การบริหารส่วนตำบล", "อบต."),
    ("องค์การบริหารส่วนจังหวัด", "อบจ."),
    ("เทศบาลตำบล", "ทต."),
    ("เทศบาลเมือง", "ทม."),
    ("เทศบาลนคร", "ทน."),
)


def check_policy() -> links.Policy:
    """The rules of link checks on this installation, from its settings."""
    options: dict[str, Any] = {}
    if settings.LINKS_ALLOW:  # sites of an office's own network, or of the demonstration
        options["allowed_networks"] = tuple(ip_network(a) for a, _ in settings.LINKS_ALLOW)
        options["ports"] = frozenset({80, 443, *(p for _, p in settings.LINKS_ALLOW)})
    if settings.LINKS_HOSTS:
        resolve = links.Policy(contact="").resolve
        options["resolve"] = lambda host: (
            [settings.LINKS_HOSTS[host]] if host in settings.LINKS_HOSTS else resolve(host)
        )
    return links.Policy(
        contact=settings.LINKS_CONTACT,
        forwards=settings.LINKS_FORWARDS,
        required_failures=settings.LINKS_TRIES,
        retry_interval=timedelta(seconds=settings.LINKS_SPREAD),
        office_days=settings.LINKS_DAYS,
        **options,
    )


# --- what a page should be


def find_expected(link: Link) -> links.Expected:
    """What the page of a link should be: by the registry, the rules, and what was seen at earlier good checks."""
    filing = link.entry.filing
    framework = load_round_framework(filing.round)
    item = item_of(framework, link.entry.item)
    good = LinkCheck.objects.filter(state__in=links.GOOD).exclude(identity={})
    earlier = good.filter(link=link).first()
    others = good.filter(link__entry__filing=filing).exclude(link=link).select_related("link")[:_MAX_OTHERS]
    host = urlsplit(link.url).hostname
    site = {
        o.link_id: o.identity["sketches"]
        for o in reversed(list(others))
        if urlsplit(o.link.url).hostname == host and o.identity["sketches"]  # none of a scan
    }
    seen: dict[str, Any] = {
        "earlier": earlier.identity["sketches"] if earlier else None,
        "site": tuple(site.values())[-_MAX_SITE:],
    }
    names = names_of(filing.agency)
    if item is None:
        return links.Expected(names=names, **seen)
    return links.Expected(
        names=names,
        labels=(item.label.th, *([item.label.en] if item.label.en else ())),
        elements=tuple(element.th for element in item.elements),
        rivals=tuple(other.label.th for other in items(framework) if other.id != item.id),
        years=tuple(sorted(expected_years(item, filing.round.fiscal_year))),
        **seen,
    )


def names_of(agency: Agency) -> tuple[str, ...]:
    """The names by which pages call an agency: as the registry has it, in English, and with its kind abbreviated."""
    short = [agency.name_th.replace(long, short, 1) for long, short in _SHORT_KINDS if agency.name_th.startswith(long)]
    return tuple(filter(None, (agency.name_th, *short, agency.name_en)))


# --- runs


def find_due_links(now: datetime, *, without: Iterable[int] = ()) -> list[Link]:
    """A batch of links that are due. Of all workers one checks links at a time, under the lease of its job: a site is
    asked by nobody else meanwhile (decision 0010)."""
    due = _due_at(now).exclude(pk__in=without)
    with_agency = due.select_related("last_check", "entry__filing__agency", "entry__filing__round")
    return list(with_agency.order_by("next_check_at")[:_BATCH_SIZE])


def _due_at(now: datetime) -> QuerySet[Link]:
    """The links that are due, but for those that somebody just asked for: a job of their own is at them."""
    asked = Q(next_reason=LinkCheck.Reason.ASKED, next_check_at__gt=now - _ASKED_GRACE)
    return Link.objects.filter(next_check_at__lte=now, until=None).exclude(asked)


def count_due_links() -> int:
    """How many links are due now."""
    return _due_at(timezone.now()).count()


@job(title="ตรวจลิงก์ที่มีผู้รอ", queue=Queue.ASKED, tries=1)
def check_asked_links(lease: Lease, ids: list[int]) -> None:
    """Check links that somebody waits for, in a time that one waits. What has not answered by then stays due, and the
    usual run takes the time that it needs."""
    asked = Link.objects.filter(pk__in=ids, until=None, next_reason=LinkCheck.Reason.ASKED)
    found = asked.select_related("last_check", "entry__filing__agency", "entry__filing__round")
    policy = check_policy()
    policy = replace(policy, pause_seconds=min(policy.pause_seconds, _ASKED_PAUSE))
    for _ in check_links(found, policy, lease, within=ASKED_SECONDS):
        pass


def is_overdue(link: Link, now: datetime) -> bool:
    """Whether somebody has waited for its check for so long that the page should say so."""
    is_asked = link.next_reason == LinkCheck.Reason.ASKED
    return is_asked and link.next_check_at is not None and link.next_check_at <= now - SHOWN_AFTER


def schedule_all_links() -> None:
    """Make every link in use due that was not checked today."""
    today = timezone.now() - timedelta(hours=20)
    Link.objects.filter(until=None).exclude(last_check__at__gte=today).update(next_check_at=timezone.now())


def check_due_links(lease: Lease = NO_LEASE) -> int:
    """Check all links that are due; returns how many were checked. What is stopped leaves the rest due."""
    done, tried = 0, set[int]()
    while batch := find_due_links(timezone.now(), without=tried):
        tried |= {link.pk for link in batch}
        lease.progress(done, done + len(batch))
        for _ in check_links(batch, lease=lease):
            done += 1
            lease.progress(done, max(done, len(tried)))
    return done


def check_links(
    batch: Iterable[Link], policy: links.Policy | None = None, lease: Lease = NO_LEASE, *, within: float | None = None
) -> Iterator[LinkCheck]:
    """Check links, and store each check as it is done. ``within``: only those that are done in so many seconds."""
    policy = policy or check_policy()
    by_key = {link.pk: link for link in batch}
    for observation in links.check_targets(map(make_target, by_key.values()), policy, within=within):
        link = by_key[int(observation.key)]
        if _is_to_be_rendered(link, observation):
            _wait_for_rendering(link, observation, lease)
            continue
        if not links.is_shell(observation):
            link.render_since = None
        if check := try_to_store(link, links.Rendered(observation), policy, lease):
            yield check


def make_target(link: Link) -> links.Target:
    """What is checked of a link."""
    return links.Target(
        link.pk,
        link.url,
        owner_hosts=website_hosts(link.entry.filing.agency),
        keep_body=True,
        expected=find_expected(link),
    )


def try_to_store(link: Link, seen: links.Rendered, policy: links.Policy, lease: Lease) -> LinkCheck | None:
    """``store_check``; None where it could not be, and the link is due again in an hour. Raises what is an outage."""
    try:
        return store_check(link, seen.observation, policy, lease, seen)
    except (OSError, ValueError, DatabaseError) as error:
        if is_outage(error):
            raise
        log.exception("a link check was not stored; repeated in an hour")
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now() + _AFTER_ERROR)
        return None


def _is_to_be_rendered(link: Link, observation: links.Observation) -> bool:
    """Whether what a check saw says nothing yet, because scripts make the page and a browser will show it."""
    if not settings.RENDERING or not links.is_shell(observation):
        return False
    return link.render_since is None or observation.observed_at < link.render_since + _RENDERED_WITHIN


def _wait_for_rendering(link: Link, observation: links.Observation, lease: Lease) -> None:
    """Nothing is decided by the empty shell: the check is that of the rendered page (``rendering_work``). The link is
    due again in a day, should nobody render it."""
    with lease.write():
        waiting = Link.objects.select_for_update().get(pk=link.pk)
        waiting.render_since = waiting.render_since or observation.observed_at
        if waiting.next_check_at == link.next_check_at:
            waiting.next_check_at = observation.observed_at + _RENDERED_WITHIN
        waiting.save(update_fields=["render_since", "next_check_at"])


def store_check(
    link: Link,
    observation: links.Observation,
    policy: links.Policy,
    lease: Lease = NO_LEASE,
    rendered: links.Rendered | None = None,
) -> LinkCheck:
    """Store one check, the state that follows, and when the next is due. A snapshot is taken with the first good check,
    for filing and marking, and when the content changed; a rendered page and its picture are stored as often."""
    observation = _with_scan(link, observation)
    last_good = link.checks.filter(state__in=links.GOOD).exclude(text_digest="").first()
    is_changed = _is_content_changed(last_good, observation)
    is_evidence = link.next_reason in (LinkCheck.Reason.FILING, LinkCheck.Reason.MARKING)
    has_response = observation.body is not None and observation.status is not None
    take_snapshot = has_response and (is_evidence or last_good is None or is_changed)
    snapshot = snapshots.store_snapshot(observation) if take_snapshot else None
    shown = rendered_files.store(rendered) if take_snapshot and rendered else {}
    with lease.write():
        check = LinkCheck.objects.create(
            link=link,
            at=observation.observed_at,
            reason=link.next_reason,
            state=observation.state,
            error=observation.error[:40],
            title=observation.title[:300],
            text_digest=observation.text_digest,
            details=_details_of(observation),
            snapshot=snapshot,
            **shown,
            server=observation.server or (link.last_check.server if link.last_check else ""),
            **_answers_of(observation),
        )
        if snapshot is not None:
            snapshots.note_sighting(check)
            scan_texts.request_reading(snapshot, observation)
            snapshots.remove_surplus(link)
        if shown:
            rendered_files.remove_surplus(link)
        history = [_to_observation(past) for past in link.checks.all()[:_MAX_CHECKS_PER_DECISION]]
        _update_state(link, links.decide_state(history, policy), observation.observed_at)
        if is_changed:
            _record_change(link, Change.Kind.CONTENT, observation.observed_at)
        if _note_alarm(link, observation):
            _raise_alarm(link)
        link.last_check = check
        _schedule_next_check(link, links.plan_retry(history, policy), observation.observed_at)
    return check


def _with_scan(link: Link, observation: links.Observation) -> links.Observation:
    """An observation of a scan of which the bytes were read before, with what they say."""
    text = scan_texts.find_text(observation.digest) if scan_texts.is_scan(observation) else ""
    return links.judge_scan(observation, make_target(link), text) if text else observation


def judge_by_scan(link: Link, text: str, at: datetime, lease: Lease = NO_LEASE) -> None:
    """Complete the last check of a link, which saw a scan, by what OCR read of it since."""
    check = link.last_check
    assert check is not None
    hops = tuple(links.Hop(url, status, ip) for url, status, ip in check.details.get("hops", []))
    stored = replace(
        _to_observation(check),
        url=link.url,
        status=check.details.get("status"),
        hops=hops,
        notes=tuple(check.details.get("notes", [])),
    )
    assessed = links.judge_scan(stored, make_target(link), text)
    with lease.write():
        current = Link.objects.select_for_update().get(pk=link.pk)
        if current.last_check_id != check.pk:  # it was seen again meanwhile
            return
        check.state, check.error = assessed.state, assessed.error
        check.details |= {name: _details_of(assessed)[name] for name in ("language", "notes", "years")}
        for name, value in _answers_of(assessed).items():
            setattr(check, name, value)
        check.save(update_fields=["state", "error", "details", "answers", "is_owners", "is_about", "identity"])
        history = [_to_observation(past) for past in current.checks.all()[:_MAX_CHECKS_PER_DECISION]]
        _update_state(current, links.decide_state(history, check_policy()), at)
        current.save(update_fields=["state", "state_since"])


def _is_content_changed(last_good: LinkCheck | None, observation: links.Observation) -> bool:
    if last_good is None or not observation.text_digest or observation.state not in links.GOOD:
        return False
    return observation.text_digest != last_good.text_digest


def _update_state(link: Link, decided: str, at: datetime) -> None:
    before = link.state
    link.state = decided if decided != "pending" else before or "pending"
    if link.state == before:
        return
    link.state_since = at
    if before not in ("", "pending"):
        _record_change(link, Change.Kind.STATE, at, before=before, after=link.state)


def _schedule_next_check(link: Link, retry_at: datetime | None, checked_at: datetime) -> None:
    """Save the link with the time of its next check, unless somebody requested another one meanwhile."""
    fields = ["state", "state_since", "alarm_since", "last_check", "render_since"]
    current = Link.objects.select_for_update().get(pk=link.pk)
    is_requested = current.next_check_at != link.next_check_at
    if current.next_reason == link.next_reason and not is_requested:
        jitter = MONITOR_JITTER * random.uniform(-1, 1)  # noqa: S311 (spreads load)
        link.next_check_at = retry_at or checked_at + MONITOR_INTERVAL + jitter
        link.next_reason = LinkCheck.Reason.RETRY if retry_at else LinkCheck.Reason.MONITOR
        fields += ["next_check_at", "next_reason"]
    link.save(update_fields=fields)


def decide_anew(link: Link) -> None:
    """The state of a link after one of its failures was excused, and when to check it again. A state that no longer
    follows is what it was before; if nobody had notice of it yet, nobody gets any."""
    policy = check_policy()
    history = [_to_observation(past) for past in link.checks.all()[:_MAX_CHECKS_PER_DECISION]]
    decided: str = links.decide_state(history, policy)
    if decided == "pending" and link.state not in ("pending", *links.HARMLESS):
        changes = Change.objects.filter(link=link, kind=Change.Kind.STATE)
        change = changes.filter(at=link.state_since).last() if link.state_since else None
        decided = change.before if change else "pending"
        if change is None or not change.notified:
            if change:
                change.delete()
            link.state = ""  # as if it had never been: no change back is recorded
    now = timezone.now()
    _update_state(link, decided, now)
    retry_at = links.plan_retry(history, policy)
    if retry_at is not None and (link.next_check_at is None or retry_at < link.next_check_at):
        link.next_check_at, link.next_reason = max(retry_at, now), LinkCheck.Reason.RETRY
    link.save(update_fields=["state", "state_since", "next_check_at", "next_reason"])


def _record_change(link: Link, kind: str, at: datetime, *, before: str = "", after: str = "") -> None:
    Change.objects.create(
        filing=link.entry.filing, item=link.entry.item, link=link, kind=kind, before=before, after=after, at=at
    )


def _details_of(observation: links.Observation) -> dict[str, Any]:
    """What is stored of an observation beside the columns. The keys are those of stored rows."""
    return {
        "status": observation.status,
        "asked": observation.requested,
        "final_url": observation.final_url,
        "elapsed_ms": observation.elapsed_ms,
        "hops": [[hop.url, hop.status, hop.ip_address] for hop in observation.hops],
        "declared_type": observation.declared_type,
        "sniffed_type": observation.sniffed_type,
        "length": observation.length,
        "digest": observation.digest,
        "language": observation.language,
        "has_text": observation.has_text,
        "notes": list(observation.notes),
        "years": [{"year": y.year, "kind": y.kind, "place": y.place} for y in observation.years][:_MAX_STORED_YEARS],
        "retry_at": observation.retry_at.isoformat() if observation.retry_at else None,
    }


def _answers_of(observation: links.Observation) -> dict[str, Any]:
    """The three answers as columns, and what they rest on. Without a page that was read only the first is known."""
    identity = observation.identity
    if identity is None:
        answered = observation.state in links.GOOD or (observation.status is not None and observation.status < 300)
        return {"answers": "yes" if answered else "no" if observation.state == "dead" else "unsure", "identity": {}}
    three = {"answers": identity.answers, "is_owners": identity.owner, "is_about": identity.subject}
    detail = {name: [answer.confidence, list(answer.reasons)] for name, answer in three.items()}
    sketches = {part: list(hashes) for part, hashes in observation.sketches.items()}
    return {
        **{name: answer.verdict for name, answer in three.items()},
        "identity": {"kind": identity.kind, **detail, "sketches": sketches},
    }


def _to_observation(check: LinkCheck) -> links.Observation:
    """A stored check, as far as ``links`` needs it to decide a state."""
    retry_at = check.details.get("retry_at")
    return links.Observation(
        key=check.link_id,
        url="",
        observed_at=check.at,
        state=cast("links.State", check.state),
        error=check.error,
        excused=check.excused,
        retry_at=datetime.fromisoformat(retry_at) if retry_at else None,
    )


# --- requests for checks, and notices of changes


def request_checks(requested: Iterable[Link], reason: str) -> int:
    """Make links due now, except those checked within the last five minutes; returns how many are."""
    now = timezone.now()
    ids = [link.pk for link in requested if link.last_check is None or link.last_check.at < now - MIN_INTERVAL]
    count = Link.objects.filter(pk__in=ids, until=None).update(next_check_at=now, next_reason=reason)
    if count and reason == LinkCheck.Reason.ASKED:
        check_asked_links.enqueue(ids, key=f"disclosure.asked:{min(ids)}", about="ตรวจลิงก์ที่มีผู้รอ")
    return count


def notify_changes() -> int:
    """Send every agency one notice of the links whose state changed since the last notice; returns how many agencies.
    No notice is sent when none changed, nor while a filing is new: officers see the states on its page."""
    agencies = 0
    unnotified = Change.objects.filter(notified=False)
    for filing in Filing.objects.filter(pk__in=unnotified.values("filing")).select_related("agency", "round"):
        with transaction.atomic():
            changes = list(unnotified.filter(filing=filing).select_for_update())
            Change.objects.filter(pk__in=[c.pk for c in changes]).update(notified=True)
            if text := _describe_state_changes(filing, changes):
                _notify_officers(filing, text)
                agencies += 1
    return agencies


def _describe_state_changes(filing: Filing, changes: list[Change]) -> str:
    """The text of a notice; "" when no state changed."""
    states = [c for c in changes if c.kind == Change.Kind.STATE]
    broken = [c for c in states if c.after not in links.HARMLESS]
    repaired = [c for c in states if c.after in links.GOOD and c.before not in links.HARMLESS]
    parts = [f"เสียใหม่ {len(broken)} ลิงก์ ({_join_items(broken)})"] * bool(broken)
    parts += [f"กลับมาดี {len(repaired)} ลิงก์ ({_join_items(repaired)})"] * bool(repaired)
    return f"ลิงก์ข้อมูลเปิดเผยปี {filing.round.fiscal_year} ของ {filing.agency}: {' และ'.join(parts)}" if parts else ""


def _note_alarm(link: Link, observation: links.Observation) -> bool:
    """Since when something else stands at an address: from the first sight or suspicion, which hide it from the public,
    until the page is good. Whether it begins now, so that the agency is never without notice of what is hidden."""
    if observation.state == "hijacked" or observation.error == "hijack_suspected":
        begins = link.alarm_since is None
        link.alarm_since = link.alarm_since or observation.observed_at
        return begins
    if observation.state in links.GOOD:
        link.alarm_since = None
    return False


def _raise_alarm(link: Link) -> None:
    """Say at once that something else stands at an address: to the agency's officers. It is no verdict, which takes
    several checks on several days; but what harms visitors is not held back until then."""
    filing = link.entry.filing
    url = f"/desk/agency/{filing.agency.code}/oit/{filing.round.fiscal_year}/{link.entry.item}/"
    text = f"ด่วน: หน้าเว็บของข้อ {link.entry.item} อาจถูกผู้อื่นยึดไปลงเนื้อหาพนันหรือขายของ ให้ผู้ดูแลเว็บไซต์ตรวจทันที ({link.url[:120]})"
    for officer in officers_of(filing.agency):
        notify(user=officer, text=text[:300], url=url)


def _join_items(changes: list[Change]) -> str:
    return ", ".join(dict.fromkeys(c.item for c in changes))


def _notify_officers(filing: Filing, text: str) -> None:
    url = f"/desk/agency/{filing.agency.code}/oit/{filing.round.fiscal_year}/todo/"
    for officer in officers_of(filing.agency):
        notify(user=officer, text=text[:300], url=url)
