"""Limits on how often one address may request what costs the server work."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from prongsai.lib import digest
from prongsai.people.client_address import get_client_address
from prongsai.people.error_pages import render_error

View = Callable[..., HttpResponseBase]


def find_network(address: str) -> str:
    """Who shares a limit: an IPv4 address, or an IPv6 one's network of 64 bits, all of which one device may use."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ip_network((found.packed[:8] + bytes(8), 64)))
    return str(found)


def is_limit_exceeded(request: HttpRequest, operation: str, count: int, seconds: int) -> bool:
    """Whether an address requested an operation more than ``count`` times within ``seconds``, this time included. Only
    a digest of the address is stored, for that time alone; each process of the server counts for itself."""
    key = digest.of_json([operation, find_network(get_client_address(request))])[:32]
    cache = caches["process"]
    cache.add(key, 0, seconds)
    try:
        return bool(cache.incr(key) > count)
    except ValueError:  # the entry expired in between
        return False


def limit_requests(count: int, seconds: int) -> Callable[[View], View]:
    """Answer 429 to an address that requests a view more than ``count`` times within ``seconds``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_limit_exceeded(request, view.__name__, count, seconds):
                title = "ขอข้อมูลถี่เกินไป", "Too many requests"
                text = f"รอสัก {seconds} วินาทีแล้วลองใหม่", f"Wait {seconds} seconds and try again."
                response = render_error(request, HTTPStatus.TOO_MANY_REQUESTS, title, text)
                response["Retry-After"] = str(seconds)
                return response
            return view(request, *args, **kwargs)

        return limited

    return decorate
