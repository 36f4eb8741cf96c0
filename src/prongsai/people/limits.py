"""Limits on guessing: passwords, codes, and links that are asked for.

An attempt is counted before it is checked, so that attempts at the same moment, from two processes of the server too,
never get past the limit; one that succeeds is taken back. After a few free attempts each next one waits twice as long.

Counted are the account from its source, the account from everywhere, and the source over all accounts. A device on
which somebody signed in to the account before has a count of its own instead: whoever guesses from elsewhere locks out
other strangers, and never the person."""

import datetime
import ipaddress
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from prongsai.people import known_devices
from prongsai.people.client_address import get_client_address
from prongsai.people.models import AttemptCount

MEMORY = datetime.timedelta(days=1)  # after the last attempt a count is forgotten and its row deleted
CODE_MEMORY = datetime.timedelta(minutes=5)  # longer than any code of an app is valid


@dataclass(frozen=True)
class Limit:
    """``free`` attempts; after them ``delay`` seconds, doubled with each further attempt, up to ``longest``."""

    free: int
    delay: int
    longest: int

    def wait_after(self, attempts: int) -> datetime.timedelta | None:
        if attempts < self.free:
            return None
        return datetime.timedelta(seconds=min(self.delay * 2 ** min(attempts - self.free, 20), self.longest))


# what is guessed or asked for: by the account from its source, the account, the source, the known device
LIMITS: dict[str, dict[str, Limit]] = {
    "password": {
        "pair": Limit(5, 30, 3600),
        "account": Limit(50, 30, 900),
        "source": Limit(30, 30, 3600),
        "device": Limit(10, 30, 3600),
    },
    "code": {
        "pair": Limit(5, 30, 3600),
        "account": Limit(20, 60, 3600),
        "source": Limit(30, 30, 3600),
        "device": Limit(10, 30, 3600),
    },
    "link": {
        "pair": Limit(3, 600, 3600),
        "account": Limit(5, 600, 3600),
        "source": Limit(20, 60, 3600),
        "device": Limit(5, 600, 3600),
    },
}


@dataclass(frozen=True)
class Attempt:
    """An attempt that was let through and counted: the keys of its counts, by what they count."""

    kind: str
    keys: dict[str, str]


def start_attempt(kind: str, *, account: str, request: HttpRequest) -> Attempt:
    """Count an attempt and let it through. ``account``: the address typed, whether anybody has it or not.

    Raises ValidationError, with how long to wait, when it comes too soon; that is not counted."""
    source, folded = _generalize(get_client_address(request)), known_devices.fold_account(account)
    device = known_devices.find_device(request, account)
    counted = {"device": device} if device else {"pair": f"{folded} {source}", "account": folded}
    if not device:
        counted["source"] = source
    keys = {scope: _digest(kind, scope, value) for scope, value in counted.items()}
    now = timezone.now()
    with transaction.atomic():
        AttemptCount.objects.filter(expires_at__lt=now).delete()
        rows = {scope: _lock_row(keys[scope], now) for scope in sorted(keys, key=keys.__getitem__)}
        blocked = max(
            (r.blocked_until for r in rows.values() if r.blocked_until and r.blocked_until > now), default=None
        )
        if blocked:
            raise ValidationError(_describe_wait(blocked - now), code="too_many_login_attempts")
        for scope, row in rows.items():
            row.failures += 1
            wait = LIMITS[kind][scope].wait_after(row.failures)
            row.blocked_until, row.expires_at = now + wait if wait else None, now + MEMORY
            row.save()
    return Attempt(kind, keys)


def end_attempt(attempt: Attempt) -> None:
    """An attempt succeeded: the account's count of this source or device is forgotten; of the counts that others share
    only this attempt is taken back, so that an attacker with an account of their own clears nothing."""
    with transaction.atomic():
        for scope, key in sorted(attempt.keys.items(), key=lambda item: item[1]):
            if scope in ("pair", "device"):
                AttemptCount.objects.filter(key=key).delete()
            elif row := AttemptCount.objects.select_for_update().filter(key=key).first():
                row.failures, row.blocked_until = max(row.failures - 1, 0), None
                row.save()


def use_code(*, account: str, code: str) -> bool:
    """Whether a code of an account is used for the first time; from then on it is used."""
    now = timezone.now()
    key = _digest("code", "used", f"{known_devices.fold_account(account)} {code}")
    with transaction.atomic():
        AttemptCount.objects.filter(key=key, expires_at__lt=now).delete()
        values = {"failures": 1, "expires_at": now + CODE_MEMORY}
        return AttemptCount.objects.get_or_create(key=key, defaults=values)[1]


def _lock_row(key: str, now: datetime.datetime) -> AttemptCount:
    AttemptCount.objects.get_or_create(key=key, defaults={"expires_at": now + MEMORY})
    return AttemptCount.objects.select_for_update().get(key=key)


def _digest(kind: str, scope: str, value: str) -> str:
    return salted_hmac("prongsai.people.limits", f"{kind} {scope} {value}", algorithm="sha256").hexdigest()


def _generalize(address: str) -> str:
    """The network of an IPv6 address that one customer has, whole; an IPv4 address as it is, however it is written."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:  # of a server that listens on ::, where everybody on IPv4 would be one customer
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False))
    return address


def _describe_wait(wait: datetime.timedelta) -> str:
    seconds = max(int(wait.total_seconds()) + 1, 1)
    minutes = -(-seconds // 60)
    if (get_language() or "th").startswith("en"):
        return f"Too many attempts. Try again in {f'{minutes} minutes' if seconds > 90 else f'{seconds} seconds'}."
    time = f"{minutes} นาที" if seconds > 90 else f"{seconds} วินาที"
    return f"ลองหลายครั้งเกินไป รออีก {time} แล้วลองใหม่ เครื่องที่เคยเข้าระบบด้วยบัญชีนี้ใช้ได้ตามปกติ"
