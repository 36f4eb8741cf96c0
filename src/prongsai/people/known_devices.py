"""Devices on which somebody signed in before: a signed cookie with a random number for each account. It opens nothing;
it only keeps a person apart from strangers who guess at the same account."""

import secrets
import unicodedata

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = "prongsai_device"
MAX_AGE = 180 * 24 * 3600  # seconds since the last sign-in of anybody on the device
_SALT = "prongsai.people.known_devices"
_MAX_ACCOUNTS = 20  # of one device; the oldest are forgotten


def fold_account(account: str) -> str:
    """One spelling for all that a database may take for one address: to PostgreSQL a long s is an s, and a dotless i an
    i, so that an account would have as many counts as spellings."""
    return unicodedata.normalize("NFKC", account.strip()).upper().casefold()


def _account_key(account: str) -> str:
    return salted_hmac(_SALT, fold_account(account), algorithm="sha256").hexdigest()[:16]


def _read(request: HttpRequest) -> dict[str, str]:
    """The numbers of a device by its accounts; a cookie that we did not sign counts as none."""
    try:
        numbers = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return {}
    return numbers if isinstance(numbers, dict) else {}


def find_device(request: HttpRequest, account: str) -> str:
    """The number of a device on which somebody signed in to an account before, or nothing."""
    return _read(request).get(_account_key(account), "")


def remember_device(request: HttpRequest, response: HttpResponseBase, account: str) -> None:
    """Let the browser remember that somebody signed in to an account on it."""
    numbers, key = _read(request), _account_key(account)
    numbers[key] = numbers.pop(key, "") or secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(list(numbers.items())[-_MAX_ACCOUNTS:]), salt=_SALT),
        max_age=MAX_AGE,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
