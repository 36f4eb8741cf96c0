"""A limit on how often one address may ask for what costs the server work."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prongsai.lib import digest

View = Callable[..., HttpResponse]


def at_most(count: int, seconds: int) -> Callable[[View], View]:
    """Answer 429 to an address that asks more than ``count`` times within ``seconds``. Only a digest of the address is
    kept, and only that long; each process of the server counts for itself."""

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            who = digest.of_json([view.__name__, get_adapter().get_client_ip(request)])[:32]
            cache = caches["process"]
            cache.add(who, 0, seconds)
            try:
                asked = cache.incr(who)
            except ValueError:  # it ran out in between
                asked = 1
            if asked > count:
                page = {"title": "ขอข้อมูลถี่เกินไป", "text": f"รอสัก {seconds} วินาทีแล้วลองใหม่", "status": 429}
                response = render(request, "web/error.html", page, status=429)
                response["Retry-After"] = str(seconds)
                return response
            return view(request, *args, **kwargs)

        return limited

    return decorate
