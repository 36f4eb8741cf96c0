"""Proof of work on an open link: each answer costs the device that sends it some seconds of computing, so that one
machine can't send a hundred at once. Nobody is identified, and nothing of it is stored.

A challenge belongs to one channel and one hour and is the same for everybody who opens the form then; it is valid for a
day. The work is bound to the receipt number of the answer, and the digest of a receipt is stored with each answer
anyway: work that is sent twice is a retry and counts once. It is Hashcash in parts, so that its time varies less.

A browser without scripts can't work. Of such answers each process takes a few an hour for each link: a number in its
memory, and nowhere else.
"""

import hashlib
import hmac
import time
from collections import Counter
from typing import Literal

from django.conf import settings

from prongsai.survey import codes
from prongsai.survey.models import Channel

HOUR = 3600
HOURS_VALID = 24
PARTS = 8  # each with an eighth of the work
PART_BITS = 3
WITHOUT_WORK = 5  # answers an hour, for each link and process
MAX_LETTERS = 200
_CHALLENGE_LETTERS = 32

Judgement = Literal["done", "expired", "wrong"]


def find_bits(kind: str) -> int:
    """How hard the work of a channel of this kind is: 2 to this power of hashes, on average; 0 for none."""
    return int(settings.PROOF_OF_WORK) if kind == Channel.Kind.LINK else 0


def make_challenge(slug: str, hour: int | None = None) -> str:
    """The challenge of a form for an hour: since 1970, by default this one."""
    hour = _hour_now() if hour is None else hour
    return f"{hour}-{codes.digest_code('work', f'{slug}:{hour}')[:_CHALLENGE_LETTERS]}"


def judge_work(text: str, *, slug: str, receipt: str) -> Judgement:
    """Whether posted work, ``challenge:nonce.nonce…``, was done for an answer: of this link, with this receipt number,
    and not longer ago than a day."""
    challenge, _, nonces = text[:MAX_LETTERS].partition(":")
    hour, parts = challenge.partition("-")[0], nonces.split(".")
    if not _is_number(hour) or not hmac.compare_digest(challenge, make_challenge(slug, int(hour))):
        return "wrong"
    if not -1 <= _hour_now() - int(hour) < HOURS_VALID:  # another machine's clock may be ahead
        return "expired"
    if len(parts) != PARTS or not all(map(_is_number, parts)):
        return "wrong"
    bits = find_part_bits()
    is_done = all(_count_zeros(challenge, receipt, k, int(nonce)) >= bits for k, nonce in enumerate(parts))
    return "done" if is_done else "wrong"


def find_part_bits() -> int:
    return max(int(settings.PROOF_OF_WORK) - PART_BITS, 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) < 1 << 32


def _count_zeros(challenge: str, receipt: str, part: int, nonce: int) -> int:
    """Zeros at the beginning of a hash; the device computes the same (``browser/work.js``)."""
    seed = hashlib.sha256(f"{challenge}:{receipt}:{part}".encode()).digest()
    digest = hashlib.sha256(seed + nonce.to_bytes(4, "big")).digest()
    return 8 * len(digest) - int.from_bytes(digest, "big").bit_length()


def _hour_now() -> int:
    return int(time.time()) // HOUR


class _Allowance:
    """Answers without work that a process took this hour, by channel."""

    def __init__(self) -> None:
        self.hour, self.taken = 0, Counter[int]()

    def take(self, channel: int) -> bool:
        if (now := _hour_now()) != self.hour:
            self.hour, self.taken = now, Counter()
        self.taken[channel] += 1
        return self.taken[channel] <= WITHOUT_WORK


_allowance = _Allowance()


def take_without_work(channel: int) -> bool:
    """Whether one more answer of a browser without scripts is taken this hour."""
    return _allowance.take(channel)
