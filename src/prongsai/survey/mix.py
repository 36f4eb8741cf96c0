"""Between an answer's acknowledgement and its storing: envelopes that wait, and batches that are mixed.

An answer must be on the disk before it is acknowledged, and must not be readable next to the code that was spent with it. So it waits
as an envelope, encrypted with a key that lies in a file, not in the database. When ``2 * BATCH`` wait in a channel, ``BATCH`` of them,
drawn at random, are opened, shuffled and stored as responses in one transaction. Whoever has the database of every moment sees which
envelope came with which code, but not which of a batch's responses was in it.
"""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from prongsai.survey.models import Channel, Envelope, Response

BATCH = 10  # answers mixed together at the least, while a channel is open
_draw = secrets.SystemRandom()
_known: dict[int, AESGCM] = {}


def _folder() -> Path:
    folder: Path = settings.DATA / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _key(number: int) -> AESGCM:
    if number not in _known:
        _known[number] = AESGCM((_folder() / f"{number}.key").read_bytes())
    return _known[number]


def _newest() -> int:
    """The number of the key to seal with; the first is made when needed."""
    numbers = [int(p.stem) for p in _folder().glob("*.key")]
    return max(numbers) if numbers else _make_key(1)


def _make_key(number: int) -> int:
    try:
        with open(os.open(_folder() / f"{number}.key", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(AESGCM.generate_key(256))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:  # another process was first
        pass
    return number


def sealed(channel: Channel, answers: bytes) -> Envelope:
    """An envelope for an answer. Its length says nothing but the instrument's."""
    number, nonce = _newest(), secrets.token_bytes(12)
    return Envelope(
        channel=channel, key=number, content=nonce + _key(number).encrypt(nonce, answers, channel.slug.encode())
    )


def _opened(envelope: Envelope, slug: str) -> bytes:
    content = bytes(envelope.content)
    return _key(envelope.key).decrypt(content[:12], content[12:], slug.encode())


def release(*, channel: Channel, last: bool = False) -> int:
    """Mix what waits in a channel and store it; gives how many. ``last``: the channel is closed, so all of them go."""
    total = 0
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel.pk)
        while True:
            waiting = list(Envelope.objects.filter(channel=channel).values_list("id", flat=True)[: 50 * BATCH])
            if not waiting or (len(waiting) < 2 * BATCH and not last):
                return total
            drawn = waiting if len(waiting) < 2 * BATCH else _draw.sample(waiting, len(waiting) - BATCH)
            envelopes = list(Envelope.objects.filter(id__in=drawn))
            answers = [_opened(e, channel.slug) for e in envelopes]
            _draw.shuffle(answers)
            day = timezone.localdate()
            Response.objects.bulk_create(
                [Response(channel=channel, day=day, answers=a) for a in answers], batch_size=500
            )
            Envelope.objects.filter(id__in=drawn).delete()
            total += len(drawn)


def release_ready() -> int:
    """Mix every channel that has enough waiting; the worker does this again and again."""
    ready = Envelope.objects.values("channel").annotate(n=Count("id")).filter(n__gte=2 * BATCH).values("channel")
    return sum(release(channel=c) for c in Channel.objects.filter(pk__in=ready))


def rotate() -> int:
    """Make a new key, seal with it anew what waits, and destroy keys that nothing needs: yesterday's copies of the envelopes can then
    be opened by nobody. Gives how many envelopes were sealed anew."""
    number, count = _make_key(_newest() + 1), 0
    with transaction.atomic():
        for envelope in Envelope.objects.select_for_update().exclude(key=number).select_related("channel"):
            fresh = sealed(envelope.channel, _opened(envelope, envelope.channel.slug))
            envelope.key, envelope.content = fresh.key, fresh.content
            envelope.save()
            count += 1
    needed = {
        number - 1,
        number,
        *Envelope.objects.values_list("key", flat=True).distinct(),
    }  # a form may just be sealing with the last
    for path in _folder().glob("*.key"):
        if int(path.stem) not in needed:
            path.write_bytes(secrets.token_bytes(32))
            path.unlink()
            _known.pop(int(path.stem), None)
    return count
