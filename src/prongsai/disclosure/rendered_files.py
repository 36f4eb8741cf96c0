"""What is stored of pages that scripts made: the page as it stood in the browser, and its picture, each under its own
digest in ``files/rendered``."""

import gzip
import hashlib
from functools import lru_cache

from prongsai import links
from prongsai.disclosure.models import Link, LinkCheck
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


def last_rendered(link: Link) -> LinkCheck | None:
    """The last check of which a rendered page is stored, unless a page was read without a browser since."""
    last = link.checks.exclude(snapshot=None, rendered="").first()
    return last if last and last.rendered else None
