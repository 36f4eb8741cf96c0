"""What is stored of pages that scripts made: the page as it stood in the browser, and its picture, each under its own
digest in ``files/rendered``."""

import gzip
import hashlib
from datetime import datetime
from functools import lru_cache, partial

from django.db import transaction
from django.db.models import Q

from prongsai import links
from prongsai.disclosure.models import Clarification, Link, LinkCheck, Mark
from prongsai.disclosure.snapshots import EVIDENCE_REASONS, MAX_MONITORED
from prongsai.machines import files


def store(rendered: links.Rendered) -> dict[str, str]:
    """Store page and picture, where there are any; returns the fields of ``LinkCheck`` that name them."""
    return {
        "rendered": _store(gzip.compress(rendered.html, mtime=0), "html.gz") if rendered.html else "",
        "picture": _store(rendered.picture, "webp") if rendered.picture else "",
    }


def _store(data: bytes, suffix: str) -> str:
    digest = hashlib.sha256(data).hexdigest()
    name = _name(digest, suffix)
    if not files.exists(name):  # the same page at another check
        files.store_bytes(name, data)
    return digest


def remove_surplus(link: Link) -> int:
    """Remove the oldest rendered pages of a link that only monthly checks stored, beyond ``MAX_MONITORED``, as its
    snapshots are. The first of a link, what was filed, and what an assessor or a reply had before them, stays.
    Returns of how many checks."""
    seen = list(link.checks.exclude(rendered="", picture="").order_by("at", "id"))
    if len(seen) <= MAX_MONITORED:
        return 0
    cited = {check.pk for check in seen if check.reason in EVIDENCE_REASONS} | {seen[0].pk}
    for moment in _moments_of_evidence(link):
        cited |= {check.pk for check in [c for c in seen if c.at <= moment][-1:]}
    stored = {(c.rendered, c.picture) for c in seen if c.pk in cited}
    newest_first = dict.fromkeys((c.rendered, c.picture) for c in reversed(seen))
    monitored = [each for each in newest_first if each not in stored]
    surplus = set(monitored[MAX_MONITORED:])
    gone = [check for check in seen if (check.rendered, check.picture) in surplus]
    LinkCheck.objects.filter(pk__in=[check.pk for check in gone]).update(rendered="", picture="")
    for page, picture in surplus:
        transaction.on_commit(partial(_remove_unused, page, "html.gz"))
        transaction.on_commit(partial(_remove_unused, picture, "webp"))
    return len(gone)


def _moments_of_evidence(link: Link) -> list[datetime]:
    """When the item of a link was marked or replied to: what was shown of it then is evidence."""
    about = {"filing": link.entry.filing_id, "item": link.entry.item}
    marks = Mark.objects.filter(**about).values_list("at", flat=True)
    return [*marks, *Clarification.objects.filter(**about).values_list("at", flat=True)]


def _remove_unused(digest: str, suffix: str) -> None:
    """Remove a file that no check names: pages that are alike are stored once."""
    if digest and not LinkCheck.objects.filter(Q(rendered=digest) | Q(picture=digest)).exists():
        files.remove(_name(digest, suffix))


def _name(digest: str, suffix: str) -> str:
    return f"rendered/{digest[:2]}/{digest}.{suffix}"


def _read(digest: str, suffix: str) -> bytes:
    data = files.read_bytes(_name(digest, suffix))
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError("the file is not the one that was stored")
    return data


def read_picture(digest: str) -> bytes:
    """A picture, as WebP. Raises ValueError or OSError when the file is missing or was altered."""
    return _read(digest, "webp")


@lru_cache(maxsize=32)
def read_text(digest: str) -> str:
    """The text of a rendered page; "" when it cannot be read."""
    try:
        return links.extract_text(gzip.decompress(_read(digest, "html.gz")), "text/html; charset=utf-8")
    except (OSError, ValueError, EOFError):
        return ""


@lru_cache(maxsize=32)
def read_lines(digest: str) -> tuple[tuple[str, str], ...]:
    """The lines of a rendered page, each with its mark; none when it cannot be read."""
    try:
        return tuple(links.extract_lines(gzip.decompress(_read(digest, "html.gz")), "text/html; charset=utf-8"))
    except (OSError, ValueError, EOFError):
        return ()


def last_rendered(link: Link) -> LinkCheck | None:
    """The last check of which a rendered page is stored, unless a page was read without a browser since."""
    last = link.checks.exclude(snapshot=None, rendered="").first()
    return last if last and last.rendered else None
