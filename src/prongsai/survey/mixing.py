"""From acknowledged answers to stored responses: encrypted envelopes that wait, and batches that are mixed.

An answer must be on the disk before it is acknowledged, and must not be readable next to the code that was spent with
it. So it waits as an envelope, encrypted with a key that lies in a file, not in the database. When ``2 * MIN_BATCH``
wait in a channel, all but ``MIN_BATCH`` of them, drawn at random, are decrypted, shuffled and stored as responses in
one transaction. Whoever copies the database at every moment sees which envelope came with which code, but not which
response of a batch was in it.

So it is in rounds that began without a key to seal to; in the others answers are sealed until the end (``sealing.py``),
and are none of this module's.
"""

import logging
import secrets

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from prongsai.machines.locks import hold_lock
from prongsai.survey import keys
from prongsai.survey.models import Channel, Envelope, Response

log = logging.getLogger("prongsai.survey")
MIN_BATCH = 10  # answers mixed together, while a channel is open
MAX_BATCH = 500  # envelopes read at a time
ROTATION_BATCH = 200  # envelopes encrypted anew in one transaction
NONCE_BYTES = 12
_random = secrets.SystemRandom()


class EnvelopeError(Exception):
    """An envelope can't be decrypted: its key is missing, or its content is damaged."""


def encrypt_answers(channel: Channel, answers: bytes, key: keys.EnvelopeKey | None = None) -> Envelope:
    """An unsaved envelope for one person's answers, with the newest key, which whoever makes several at once reads
    once. All envelopes of an instrument have the same length."""
    key, nonce = key or keys.newest_key(), secrets.token_bytes(NONCE_BYTES)
    ciphertext = key.cipher.encrypt(nonce, answers, channel.slug.encode())
    return Envelope(channel=channel, key_number=key.number, content=nonce + ciphertext)


def decrypt_envelope(envelope: Envelope, slug: str) -> bytes:
    """The answers in an envelope of the channel with this slug. Raises EnvelopeError."""
    content = bytes(envelope.content)
    try:
        key = keys.load_key(envelope.key_number)
        return key.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], slug.encode())
    except (OSError, InvalidTag, ValueError) as error:
        raise EnvelopeError(f"envelope {envelope.pk} with key {envelope.key_number}") from error


def mix_channel(*, channel: Channel, drain: bool = False) -> int:
    """Mix the waiting envelopes of a channel and store their responses; returns how many. ``MIN_BATCH`` to
    ``2 * MIN_BATCH - 1`` envelopes stay; with ``drain``, for a channel that is closed, none. Raises EnvelopeError."""
    total = 0
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel.pk)
        while True:
            unsealed = Envelope.objects.filter(channel=channel, sealed_to=None)
            waiting = list(unsealed.values_list("id", flat=True)[:MAX_BATCH])
            if not waiting or (len(waiting) < 2 * MIN_BATCH and not drain):
                return total
            drawn = waiting if len(waiting) < 2 * MIN_BATCH else _random.sample(waiting, len(waiting) - MIN_BATCH)
            envelopes = Envelope.objects.filter(id__in=drawn)
            answers = [decrypt_envelope(e, channel.slug) for e in envelopes]
            _random.shuffle(answers)
            day = timezone.localdate()
            Response.objects.bulk_create([Response(channel=channel, day=day, answers=a) for a in answers])
            envelopes.delete()
            total += len(answers)


def has_ready_channels() -> bool:
    """Whether some channel has enough envelopes."""
    return _ready_channels().exists()


def _ready_channels() -> QuerySet[Channel]:
    counts = Envelope.objects.filter(sealed_to=None).values("channel").annotate(n=Count("id"))
    return Channel.objects.filter(pk__in=counts.filter(n__gte=2 * MIN_BATCH).values("channel"))


def mix_ready_channels() -> int:
    """Mix every channel that has enough envelopes; returns how many responses were stored. A channel whose envelopes
    can't be decrypted is logged and does not stop the others."""
    total = 0
    for channel in _ready_channels():
        try:
            total += mix_channel(channel=channel)
        except EnvelopeError:
            log.exception("envelopes of channel %s can't be decrypted", channel.pk)
    return total


def rotate_key() -> int:
    """Create a key, encrypt the waiting envelopes with it, and destroy every key that no envelope needs; returns how
    many envelopes were encrypted anew. Copies of the envelopes taken before can then be decrypted by nobody.

    The previous key outlives this rotation: a submission whose transaction is open may be using it."""
    previous, current = keys.newest_key_number(), keys.create_key()
    stale = Envelope.objects.filter(sealed_to=None).exclude(key_number=current).order_by("id")
    count, page = 0, stale
    while True:
        with transaction.atomic():
            envelopes = list(page.select_for_update(of=("self",)).select_related("channel")[:ROTATION_BATCH])
            renewed = [e for e in envelopes if _renew_envelope(e)]
            Envelope.objects.bulk_update(renewed, ["key_number", "content"])
        count += len(renewed)
        if not envelopes:
            break
        page = stale.filter(id__gt=envelopes[-1].id)
    waiting = Envelope.objects.filter(sealed_to=None).values_list("key_number", flat=True)
    needed = {previous, current, *waiting.distinct()}
    for number in keys.list_key_numbers():
        if number not in needed:
            keys.destroy_key(number)
    return count


def _renew_envelope(envelope: Envelope) -> bool:
    """Encrypt the content with the newest key, unsaved. False, and unchanged, when it can't be decrypted."""
    try:
        answers = decrypt_envelope(envelope, envelope.channel.slug)
    except EnvelopeError:
        log.warning("an envelope of channel %s can't be decrypted", envelope.channel.pk)
        return False
    renewed = encrypt_answers(envelope.channel, answers)
    envelope.key_number, envelope.content = renewed.key_number, renewed.content
    return True


def rotate_key_nightly() -> None:
    """Rotate the key unless it was created today. Of several workers one rotates: two rotations at once would destroy
    a key that an open submission uses."""
    with hold_lock("rotation"):
        if keys.days_since_rotation() > 0:
            rotate_key()
