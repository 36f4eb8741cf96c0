"""Snapshots that are scans: read by OCR one after the other, each bytes once, and the last checks that saw them judged
by what was read.

On a queue of its own, by a worker with ``prongsai[scans]``; without it nothing is queued, and a scan stays a file
without text.
"""

import logging

from django.utils import timezone

from prongsai.disclosure import link_checks, scan_texts, snapshots
from prongsai.disclosure.models import Link, Snapshot
from prongsai.intake import UnreadableError, scans
from prongsai.intake.scan_text import read_scan
from prongsai.jobs.leases import NO_LEASE, Lease, is_outage
from prongsai.lib.sandbox import SandboxError

log = logging.getLogger("prongsai.disclosure")
_MISSING = "สำเนาที่เก็บไว้เปิดไม่ได้"
_NOTHING = "ไม่พบตัวอักษรในภาพ"


def count_waiting() -> int:
    """How many snapshots wait to be read; none where no OCR is installed."""
    return Snapshot.objects.filter(scan_since__isnull=False).count() if scans.is_installed() else 0


def read_waiting(lease: Lease = NO_LEASE) -> int:
    """Read all snapshots that wait; returns how many files were read."""
    done = 0
    if not scans.is_installed():
        return done
    while snapshot := Snapshot.objects.filter(scan_since__isnull=False).order_by("scan_since", "pk").first():
        digest, problem = _read(snapshot)
        _store(snapshot, digest, problem, lease)
        done += 1
        lease.progress(done, done + count_waiting(), advances=True)
    return done


def _read(snapshot: Snapshot) -> tuple[str, str]:
    """The digest of what was read, and why nothing was. Raises what says nothing about the file."""
    try:
        lines = read_scan(snapshots.open_snapshot(snapshot).body)
    except UnreadableError as error:
        if isinstance(error.__cause__, SandboxError) and error.__cause__.reason == "busy":
            raise
        return "", str(error)[:300]
    except (OSError, ValueError) as error:
        if is_outage(error):
            raise
        log.exception("a snapshot that waits to be read cannot be opened")
        return "", _MISSING
    return (scan_texts.store(lines), "") if lines else ("", _NOTHING)


def _store(snapshot: Snapshot, digest: str, problem: str, lease: Lease) -> None:
    """Note it with every snapshot of these bytes, and judge the last checks that saw them."""
    same = Snapshot.objects.filter(pk=snapshot.pk)
    if snapshot.body_digest:
        same = same | Snapshot.objects.filter(body_digest=snapshot.body_digest, scan_since__isnull=False)
    keys = list(same.values_list("pk", flat=True))
    with lease.write():
        updated = Snapshot.objects.filter(pk__in=keys).update(scan=digest, scan_problem=problem, scan_since=None)
    if not updated:  # removed meanwhile
        scan_texts.remove_unused(digest)
    text = scan_texts.read_text(digest) if digest else ""
    if not text:
        return
    seen = Link.objects.filter(last_check__snapshot__in=keys, until=None)
    for link in seen.select_related("last_check", "entry__filing__agency", "entry__filing__round"):
        link_checks.judge_by_scan(link, text, timezone.now(), lease)
