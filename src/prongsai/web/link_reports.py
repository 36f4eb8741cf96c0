"""An agency's monthly report on the addresses of its disclosures, in Word and PDF: written by a worker for whoever
asks, once for each state of its checks."""

import datetime

from django.utils import timezone

from prongsai import links
from prongsai.disclosure import queries
from prongsai.disclosure.models import Change, Filing, Link, LinkCheck
from prongsai.documents.papers import link_report
from prongsai.documents.papers.link_report import CheckedLink, CheckedMonth, LinkChange
from prongsai.framework import DisclosureItem
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.lib import digest, fiscal
from prongsai.machines import files
from prongsai.web import report_files

_FOLDER = "link-reports"


def name_report(filing: Filing, first: datetime.date) -> str:
    """Where the report of the month that begins on a day is stored, by everything it says, without its ending."""
    content = digest.of_json(link_report.compose(measure_month(filing, first)).digest)
    return f"{_folder(filing, first)}/{content[:32]}"


def _folder(filing: Filing, first: datetime.date) -> str:
    return f"{_FOLDER}/{filing.pk}/{first:%Y%m}"


def measure_month(filing: Filing, first: datetime.date) -> CheckedMonth:
    """The checks of the month that begins on a day, of every address that was filed in it."""
    start, end = _bounds(first)
    today = timezone.localdate()
    until = min(timezone.localdate(end - datetime.timedelta(seconds=1)), today)
    found = Link.objects.filter(entry__filing=filing, since__lt=end).exclude(until__lt=start).select_related("entry")
    checks: dict[int, list[LinkCheck]] = {}
    for check in LinkCheck.objects.filter(link__in=found, at__gte=start, at__lt=end, excused="").order_by("at", "pk"):
        checks.setdefault(check.link_id, []).append(check)
    states: dict[int, list[Change]] = {}
    changes = filing.changes.filter(at__gte=start).select_related("link").order_by("at", "pk")
    for change in changes:
        if change.kind == Change.Kind.STATE and change.link_id:
            states.setdefault(change.link_id, []).append(change)
    items = {row.item.id: (order, row.item) for order, row in enumerate(queries.item_rows(filing))}
    listed = sorted(
        (link for link in found if link.entry.item in items), key=lambda x: (items[x.entry.item][0], x.position, x.pk)
    )
    return CheckedMonth(
        agency=filing.agency.name_th,
        fiscal_year=filing.round.fiscal_year,
        month=fiscal.month_name(fiscal.year_of(first), fiscal.month_of(first)),
        until=until,
        is_over=today > until,
        links=[
            _describe(x, items[x.entry.item][1], checks.get(x.pk, []), _state_at(x, states.get(x.pk, []), end), end)
            for x in listed
        ],
        changes=[
            LinkChange(timezone.localdate(c.at), c.item, _describe_change(c)) for c in changes if c.at < end and c.item
        ],
    )


def _bounds(first: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """When a month begins, and the one after it."""
    zone = timezone.get_current_timezone()
    following = (first.replace(day=1) + datetime.timedelta(31)).replace(day=1)
    start, end = (datetime.datetime.combine(day, datetime.time(), zone) for day in (first.replace(day=1), following))
    return start, end


def _state_at(link: Link, changes: list[Change], end: datetime.datetime) -> str:
    """The established state of a link at a time; ``changes``: those of its state since the month began."""
    later = [change for change in changes if change.at >= end]
    return later[0].before if later else link.state


def _describe(
    link: Link, item: DisclosureItem, checks: list[LinkCheck], state: str, end: datetime.datetime
) -> CheckedLink:
    is_used = link.until is None or link.until >= end
    advice: list[str] = []
    if checks and is_used and state in queries.BROKEN_STATES:
        link.last_check = checks[-1]
        advice = queries.page_advice(link, item)
    return CheckedLink(
        item=item.id,
        url=link.url,
        checks=len(checks),
        failed=sum(check.state in queries.BROKEN_STATES for check in checks),
        state=links.describe_state(state) if state and is_used else "ถอนแล้ว" if not is_used else "ยังไม่ได้ตรวจ",
        advice=advice,
    )


def _describe_change(change: Change) -> str:
    words = Change.Kind(change.kind).label
    if change.kind == Change.Kind.STATE:
        words = f"{links.describe_state(change.before)} → {links.describe_state(change.after)}"
    return f"{words} {change.link.url}" if change.link else str(words)


@job(title="จัดทำรายงานการตรวจลิงก์", queue=Queue.BULK, tries=2)
def write_link_report(lease: Lease, filing_id: int, month: str, name: str) -> None:
    """Write the report of a month (its first day), and forget the one before it. Nothing where what it says is another
    thing by now: whoever still wants it asks for that."""
    filing = Filing.objects.select_related("agency", "round").get(pk=filing_id)
    first = datetime.date.fromisoformat(month)
    if name == f"{name_report(filing, first)}.pdf":
        before = {stored.rpartition(".")[0] for stored in files.list_names(_folder(filing, first))}
        report_files.store(name.removesuffix(".pdf"), link_report.compose(measure_month(filing, first)))
        for old in before:
            report_files.remove(old)
    with lease.write(finish=True):
        pass
