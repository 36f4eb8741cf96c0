"""Answers sealed to a round's key, and opened at the end of the round.

The respondent's device seals (HPKE, RFC 9180, base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305); for a browser without
scripts the server does, when the answers arrive. The private half is split among institutions, or, in a small
installation, lies in the key folder. Nothing is opened before the round is sealed; then a channel is opened whole and
shuffled once, so that whoever filled it with answers of their own singles nobody out before.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.db import transaction
from django.utils import timezone

from prongsai.lib.sealed_box import SUITE
from prongsai.machines.keys import create_key_file, key_folder, read_key_file
from prongsai.survey import keys
from prongsai.survey.mixing import decrypt_envelope
from prongsai.survey.models import Channel, Envelope, Response, SealingKey

PrivateKeys = Mapping[int, X25519PrivateKey]  # by the number of the sealing key

INFO = b"prongsai answers 1\0"  # before the channel's slug: an envelope opens in its channel alone
BLOCK = 64  # bytes; what is sealed is filled up to a multiple
OVERHEAD = 32 + 16  # of an encapsulated key and a tag
ENVELOPES_PER_READ = 2_000
RESPONSES_PER_INSERT = 2_000
_random = secrets.SystemRandom()


class UnreadableEnvelope(Exception):
    """What is sealed in it is nobody's answers."""


class TooFewAnswers(Exception):
    """A channel that is opened only if enough people answered holds fewer: ``number`` of them."""

    def __init__(self, number: int) -> None:
        super().__init__(f"{number} answers")
        self.number = number


@dataclass(frozen=True)
class SealedAnswers:
    """Answers as a device sealed them: to which key, and the bytes."""

    key: int
    content: bytes


def find_length(answers: int) -> int:
    """The length of a sealed form with so many answers, whatever they are."""
    return OVERHEAD + -(-(1 + answers) // BLOCK) * BLOCK


def seal_answers(answers: bytes, public_key: str, slug: str) -> bytes:
    """Answers sealed to a public key (hex): their number, themselves, and zeros up to a whole block."""
    padded = bytes([len(answers)]) + answers
    padded += bytes(-len(padded) % BLOCK)
    key = X25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    return SUITE.encrypt(padded, key, info=INFO + slug.encode())


def open_answers(content: bytes, key: X25519PrivateKey, slug: str, options: Sequence[int]) -> bytes:
    """The answers in an envelope; ``options`` has how many choices each question offers. Raises UnreadableEnvelope for
    anything that a form would not have taken: nobody looked into it before."""
    try:
        padded = SUITE.decrypt(content, key, info=INFO + slug.encode())
    except (InvalidTag, ValueError) as error:
        raise UnreadableEnvelope from error
    number, answers = len(options), padded[1 : 1 + len(options)]
    is_whole = len(content) == find_length(number) and padded[0] == number and not any(padded[1 + number :])
    if not is_whole or any(a >= n for a, n in zip(answers, options, strict=True)):
        raise UnreadableEnvelope
    return answers


# --- keys


def find_key(round_id: int) -> SealingKey | None:
    """The key that a round's answers are sealed to now; None in a round that mixes while it runs."""
    return SealingKey.objects.filter(round=round_id, abandoned_on=None).last()


def create_own_key(round_id: int) -> SealingKey:
    """A key whose private half lies in the key folder. Raises ForeignKeysError where that is not there."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw().hex()
    create_key_file(_file_of(public), {"public": public, "secret": private.private_bytes_raw().hex()})
    return SealingKey.objects.create(round_id=round_id, public_key=public)


def read_own_key(key: SealingKey) -> X25519PrivateKey | None:
    """The private half, where it lies in the key folder."""
    stored = read_key_file(_file_of(key.public_key))
    return X25519PrivateKey.from_private_bytes(bytes.fromhex(stored["secret"])) if stored else None


def destroy_own_keys(round_id: int) -> None:
    """Overwrite what the key folder has of a round's private keys: nothing is sealed to them any more."""
    for key in SealingKey.objects.filter(round=round_id):
        path = key_folder() / _file_of(key.public_key)
        if path.exists():
            keys.overwrite_file(path)


def _file_of(public_key: str) -> str:
    return f"sealing-{public_key[:16]}.json"


def fits(key: SealingKey, private: X25519PrivateKey) -> bool:
    """Whether this is the private half of a key."""
    return private.public_key().public_bytes_raw().hex() == key.public_key


# --- opening


def find_waiting(round_id: int) -> list[SealingKey]:
    """The keys that some answers of a round are still sealed to, without those that were given up."""
    used = Envelope.objects.filter(channel__round=round_id).exclude(sealed_to=None).order_by().values("sealed_to")
    return list(SealingKey.objects.filter(pk__in=used.distinct(), abandoned_on=None))


def open_channel(*, channel: Channel, options: Sequence[int], private_keys: PrivateKeys, least: int = 0) -> int:
    """Open everything that waits in a closed channel, however it was encrypted, shuffle it once and store it as
    responses, in one transaction: one that was interrupted begins anew, those that were opened stay so. Returns how
    many responses. What holds no answers is counted in the channel and stops nothing. Raises EnvelopeError for an
    envelope of a server's key that is not there, and KeyError for a sealing key that is not given. With ``least``,
    fewer answers than that are not stored and stay sealed: raises TooFewAnswers."""
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel.pk)
        waiting = Envelope.objects.filter(channel=channel)
        abandoned = set(SealingKey.objects.exclude(abandoned_on=None).values_list("pk", flat=True))
        answers, unreadable = [], 0
        contents = waiting.exclude(sealed_to__in=abandoned).values_list("sealed_to", "key_number", "content")
        for key, key_number, content in contents.iterator(ENVELOPES_PER_READ):
            try:
                if key is None:
                    envelope = Envelope(channel=channel, key_number=key_number, content=content)
                    answers.append(decrypt_envelope(envelope, channel.slug))
                else:
                    answers.append(open_answers(bytes(content), private_keys[key], channel.slug, options))
            except UnreadableEnvelope:
                unreadable += 1
        if len(answers) < least:
            raise TooFewAnswers(len(answers))
        _random.shuffle(answers)
        day = timezone.localdate()
        for some in _in_parts(answers):
            Response.objects.bulk_create([Response(channel=channel, day=day, answers=a) for a in some])
        waiting.delete()
        if unreadable:
            channel.unreadable = (channel.unreadable or 0) + unreadable
            channel.save(update_fields=["unreadable"])
    return len(answers)


def _in_parts(answers: list[bytes]) -> Iterator[list[bytes]]:
    for first in range(0, len(answers), RESPONSES_PER_INSERT):
        yield answers[first : first + RESPONSES_PER_INSERT]
