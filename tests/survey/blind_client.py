"""The device's part of RFC 9474, written again for the tests: what the server signs is checked by a program that shares
nothing with the browser's."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from prongsai.survey.blind_signatures import EXPONENT, PREFIX_BYTES
from prongsai.survey.tokens import MESSAGE

HASH_BYTES = 48


def digest(data):
    return hashlib.sha384(data).digest()


def encode(message, bits, salt):
    """EMSA-PSS-ENCODE with SHA-384 and MGF1 (RFC 8017, 9.1.1)."""
    length = -(-bits // 8)
    hashed = digest(bytes(8) + digest(message) + salt)
    block = bytes(length - len(salt) - HASH_BYTES - 2) + b"\x01" + salt
    mask = b"".join(digest(hashed + n.to_bytes(4)) for n in range(-(-len(block) // HASH_BYTES)))
    masked = bytearray(a ^ b for a, b in zip(block, mask, strict=False))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + hashed + b"\xbc"


@dataclass
class Request:
    """A token before it is signed. ``blinded`` is all that the server sees of it."""

    modulus: int
    prepared: bytes
    encoded: bytes
    inverse: int
    blinded: bytes

    @property
    def text(self):
        return base64.urlsafe_b64encode(self.blinded).decode()

    def unblind(self, signature):
        size = len(self.blinded)
        return (int.from_bytes(signature) * self.inverse % self.modulus).to_bytes(size)

    def finish(self, signature):
        """The token as a form posts it."""
        return base64.urlsafe_b64encode(self.prepared[:PREFIX_BYTES] + self.unblind(signature)).decode()


def blind(modulus, prepared, salt, r):
    encoded = encode(prepared, modulus.bit_length() - 1, salt)
    blinded = int.from_bytes(encoded) * pow(r, EXPONENT, modulus) % modulus
    size = (modulus.bit_length() + 7) // 8
    return Request(modulus, prepared, encoded, pow(r, -1, modulus), blinded.to_bytes(size))


def make_request(modulus, slug, r=None):
    """As the browser does; ``r`` of 1 is a device that does not blind."""
    prepared = secrets.token_bytes(PREFIX_BYTES) + MESSAGE + slug.encode()
    return blind(modulus, prepared, secrets.token_bytes(HASH_BYTES), r or secrets.randbelow(modulus - 2) + 2)
