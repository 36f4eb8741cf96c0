"""How often one address may be wrong: counted in the memory of each process, and nowhere else. Right ones are not
counted: a whole office may answer at once through one address."""

import secrets

from django.core.cache import caches
from django.http import HttpRequest

from prongsai.lib import digest
from prongsai.people.client_address import get_client_address

TRIES, SECONDS = 30, 60
_salt = secrets.token_hex(16)  # a new one at every start: what is counted means nothing outside this process


def _who(request: HttpRequest, what: str) -> str:
    return digest.of_json([_salt, get_client_address(request), what])


def too_many(request: HttpRequest, what: str) -> bool:
    """Whether the address that asks was wrong about ``what`` too often within the last minute."""
    return bool(caches["process"].get(_who(request, what), 0) >= TRIES)


def wrong(request: HttpRequest, what: str) -> None:
    """Count a wrong number against the address that gave it."""
    cache, who = caches["process"], _who(request, what)
    cache.add(who, 0, SECONDS)
    try:
        cache.incr(who)
    except ValueError:  # it ran out in between
        cache.add(who, 1, SECONDS)
