"""Bytes sealed to a public key (HPKE, RFC 9180, base mode: X25519, HKDF-SHA256, ChaCha20-Poly1305), and messages that
several keys open: the content under a key of its own, and that key in a box for each reader."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_KEY_BYTES, _NONCE_BYTES, _LENGTH_BYTES = 32, 12, 4


class UnopenableError(ValueError):
    """Not what this key opens, or altered."""


@dataclass(frozen=True)
class SealedParts:
    """Parts encrypted under one key, and that key sealed to each reader, in the order of the readers."""

    parts: tuple[bytes, ...]
    boxes: tuple[bytes, ...]


def write_public_key(private: X25519PrivateKey) -> str:
    """The public half in hex, as it is stored."""
    return private.public_key().public_bytes_raw().hex()


def derive_key(secret: str, purpose: str) -> X25519PrivateKey:
    """The private key of a random secret that somebody keeps; the same secret always gives the same key. The secret
    must have the strength of a key by itself: nothing here slows down who guesses."""
    derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(secret.encode())
    return X25519PrivateKey.from_private_bytes(derived)


def seal(content: bytes, public_key: str, purpose: str) -> bytes:
    """Content sealed to a public key (hex). It opens for the same ``purpose`` alone."""
    return SUITE.encrypt(content, X25519PublicKey.from_public_bytes(bytes.fromhex(public_key)), info=purpose.encode())


def unseal(box: bytes, key: X25519PrivateKey, purpose: str) -> bytes:
    """What is in a box. Raises UnopenableError."""
    try:
        return bytes(SUITE.decrypt(box, key, info=purpose.encode()))
    except (InvalidTag, ValueError) as error:
        raise UnopenableError from error


def seal_parts(
    parts: Sequence[bytes], readers: Sequence[str], purpose: str, *, block: int, block_of_more: int = 0
) -> SealedParts:
    """Parts that each of the ``readers`` (public keys) can open; each is filled up to a multiple of ``block``, those
    after the first to one of ``block_of_more`` where that is said, so that its length says little."""
    key = secrets.token_bytes(_KEY_BYTES)
    cipher = ChaCha20Poly1305(key)
    sealed = tuple(
        cipher.encrypt(_nonce(number), _pad(part, (block_of_more if number else 0) or block), purpose.encode())
        for number, part in enumerate(parts)
    )
    return SealedParts(sealed, tuple(seal(key, reader, purpose) for reader in readers))


def open_part(part: bytes, number: int, box: bytes, key: X25519PrivateKey, purpose: str) -> bytes:
    """One of the parts of a message, by its place among them and a reader's box. Raises UnopenableError."""
    content_key = unseal(box, key, purpose)
    try:
        padded = ChaCha20Poly1305(content_key).decrypt(_nonce(number), part, purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise UnopenableError from error
    length = int.from_bytes(padded[:_LENGTH_BYTES])
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + length]


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES)  # the key is of one message alone, so that no nonce comes twice


def _pad(content: bytes, block: int) -> bytes:
    padded = len(content).to_bytes(_LENGTH_BYTES) + content
    return padded + bytes(-len(padded) % block)
