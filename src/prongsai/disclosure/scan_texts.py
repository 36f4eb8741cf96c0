"""What OCR read of the snapshots that are scans: lines with their places, under their digest in ``files/scans``. One
file for the same bytes wherever they are served; it goes with the last snapshot of them."""

import gzip
import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache

from prongsai import links
from prongsai.disclosure.models import Snapshot
from prongsai.disclosure.suggest import PageLine
from prongsai.intake.scans import Spot
from prongsai.machines import files

READ_TYPES = ("application/pdf", "image/jpeg", "image/png")


def is_scan(observation: links.Observation) -> bool:
    """Whether what was seen is a whole file of pictures that OCR can read."""
    is_whole = not {"cut", "broken_off_body"} & set(observation.notes)
    return observation.has_text is False and observation.sniffed_type in READ_TYPES and is_whole


def request_reading(snapshot: Snapshot, observation: links.Observation) -> None:
    """Have a snapshot read, unless it or the same bytes were, or could not be."""
    if snapshot.scan or snapshot.scan_problem or snapshot.scan_since or not is_scan(observation):
        return
    if same := find_read(snapshot.body_digest):
        snapshot.scan, snapshot.scan_problem = same.scan, same.scan_problem
    else:
        snapshot.scan_since = observation.observed_at
    snapshot.save(update_fields=["scan", "scan_problem", "scan_since"])


def find_read(body_digest: str) -> Snapshot | None:
    """A snapshot of these bytes that was read, or could not be."""
    if not body_digest:
        return None
    done = Snapshot.objects.filter(body_digest=body_digest, scan_since=None).exclude(scan="", scan_problem="")
    return done.first()


def find_text(body_digest: str) -> str:
    """What was read of these bytes; "" without anything."""
    read = find_read(body_digest)
    return read_text(read.scan) if read and read.scan else ""


def store(lines: Iterable[tuple[str, Spot]]) -> str:
    """Store what was read; returns its digest."""
    rows = [[text, spot.page, spot.top, spot.bottom] for text, spot in lines]
    data = gzip.compress(json.dumps(rows, ensure_ascii=False).encode(), mtime=0)
    digest = hashlib.sha256(data).hexdigest()
    if not files.exists(_name(digest)):
        files.store_bytes(_name(digest), data)
    return digest


@lru_cache(maxsize=32)
def read_lines(digest: str) -> tuple[PageLine, ...]:
    """The lines with their places; none when they cannot be read."""
    try:
        data = files.read_bytes(_name(digest))
        if hashlib.sha256(data).hexdigest() != digest:
            return ()
        return tuple(
            PageLine(text, "", (page, top, bottom)) for text, page, top, bottom in json.loads(gzip.decompress(data))
        )
    except (OSError, ValueError, EOFError):
        return ()


def read_text(digest: str) -> str:
    """The lines as one text; "" when they cannot be read."""
    return "\n".join(line.text for line in read_lines(digest))


def remove_unused(digest: str) -> None:
    """Remove what was read of snapshots that are gone."""
    if digest and not Snapshot.objects.filter(scan=digest).exists():
        files.remove(_name(digest))


def _name(digest: str) -> str:
    return f"scans/{digest[:2]}/{digest}.json.gz"
