"""Between an answer's acknowledgement and its storing: envelopes that wait, and batches that are mixed.

An answer must be on the disk before it is acknowledged, and must not be readable next to the code that was spent with
it. So it waits as an envelope, encrypted with a key that lies in a file, not in the database. When ``2 * BATCH`` wait
in a channel, ``BATCH`` of them, drawn at random, are opened, shuffled and stored as responses in one transaction.
Whoever has the database of every moment sees which envelope came with which code, but not which of a batch's responses
was in it.
"""

import logging
import os
import secrets
import time
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from prongsai.survey.models import Channel, Envelope, Response

log = logging.getLogger("prongsai.survey")
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
    return max(numbers) if numbers else _make_key()


def _make_key() -> int:
    """A new key, whole on the disk before anybody sees it. Its number is the time, so that one that was restored from
    elsewhere never has the number of another."""
    folder = _folder()
    number = max(time.time_ns() // 1_000_000, *(int(p.stem) + 1 for p in folder.glob("*.key")), 0)
    draft = folder / f"{secrets.token_hex(8)}.part"
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(AESGCM.generate_key(256))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / f"{number}.key")
    place = os.open(folder, os.O_RDONLY)
    os.fsync(place)
    os.close(place)
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
    """Mix every channel that has enough waiting; the worker does this again and again. One that can't be opened does
    not keep the others from it."""
    ready = Envelope.objects.values("channel").annotate(n=Count("id")).filter(n__gte=2 * BATCH).values("channel")
    total = 0
    for channel in Channel.objects.filter(pk__in=ready):
        try:
            total += release(channel=channel)
        except (OSError, InvalidTag, ValueError):
            log.exception("envelopes of channel %s can't be opened", channel.pk)
    return total


def rotate() -> int:
    """Make a new key, seal with it anew what waits, a few at a time, and destroy keys that nothing needs: yesterday's
    copies of the envelopes can then be opened by nobody. Gives how many envelopes were sealed anew."""
    last, number, count = _newest(), _make_key(), 0
    while True:
        with transaction.atomic():
            waiting = Envelope.objects.select_for_update(of=("self",)).exclude(key=number).select_related("channel")
            envelopes = [e for e in waiting[:200] if (_folder() / f"{e.key}.key").exists()]
            for envelope in envelopes:
                fresh = sealed(envelope.channel, _opened(envelope, envelope.channel.slug))
                envelope.key, envelope.content = fresh.key, fresh.content
            Envelope.objects.bulk_update(envelopes, ["key", "content"])
        count += len(envelopes)
        if not envelopes:
            break
    needed = {
        last,
        number,
        *Envelope.objects.values_list("key", flat=True).distinct(),
    }  # a form may just be sealing with the last
    for path in _folder().glob("*.key"):
        if int(path.stem) not in needed:
            _destroy(path)
    return count


def _destroy(path: Path) -> None:
    """Overwrite a key where it lies, then delete it."""
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _known.pop(int(path.stem), None)


def days_since_rotation() -> int:
    """How many midnights the newest key has seen."""
    made = datetime.fromtimestamp(_newest() / 1000, timezone.get_current_timezone()).date()
    return (timezone.localdate() - made).days
