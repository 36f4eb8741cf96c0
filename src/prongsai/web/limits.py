"""A limit on how often one address may ask for what costs the server work."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prongsai.lib import digest
from prongsai.people.address import client_address

View = Callable[..., HttpResponse]


def exceeded(request: HttpRequest, what: str, count: int, seconds: int) -> bool:
    """Whether an address asked for something more than ``count`` times within ``seconds``, this time included. Only a
    digest of the address is kept, and only that long; each process of the server counts for itself."""
    who = digest.of_json([what, client_address(request)])[:32]
    cache = caches["process"]
    cache.add(who, 0, seconds)
    try:
        return bool(cache.incr(who) > count)
    except ValueError:  # it ran out in between
        return False


def at_most(count: int, seconds: int) -> Callable[[View], View]:
    """Answer 429 to an address that asks a view more than ``count`` times within ``seconds``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if exceeded(request, view.__name__, count, seconds):
                page = {"title": "ขอข้อมูลถี่เกินไป", "text": f"รอสัก {seconds} วินาทีแล้วลองใหม่", "status": 429}
                response = render(request, "web/error.html", page, status=429)
                response["Retry-After"] = str(seconds)
                return response
            return view(request, *args, **kwargs)

        return limited

    return decorate
