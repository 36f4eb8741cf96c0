"""Limits on guessing: failures of one address, counted in the memory of each process and nowhere else. Successes are
not counted: a whole office may answer at once through one address."""

import secrets

from django.core.cache import caches
from django.http import HttpRequest

from prongsai.lib import digest
from prongsai.people.client_address import get_client_address

MAX_FAILURES, WINDOW_SECONDS = 30, 60
_salt = secrets.token_hex(16)  # new at every start: the counters mean nothing outside this process


def _cache_key(request: HttpRequest, purpose: str) -> str:
    return digest.of_json([_salt, get_client_address(request), purpose])


def is_throttled(request: HttpRequest, purpose: str) -> bool:
    """Whether the client's address failed at ``purpose`` too often within the last minute."""
    return bool(caches["process"].get(_cache_key(request, purpose), 0) >= MAX_FAILURES)


def record_failure(request: HttpRequest, purpose: str) -> None:
    """Count a wrong number against the address that sent it."""
    cache, key = caches["process"], _cache_key(request, purpose)
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        cache.incr(key)
    except ValueError:  # it expired in between
        cache.add(key, 1, WINDOW_SECONDS)
