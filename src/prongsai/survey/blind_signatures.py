"""Blind signatures: RFC 9474, RSABSSA-SHA384-PSS-Randomized, the signer's and the verifier's part.

The device that asks prepares, blinds and finalizes (``browser/token.js``). The signer sees a blinded message alone,
which is uniformly distributed whatever is in it: no computing power joins it to the signature that comes of it. Tested
with the vectors of the RFC. No kept library for Python has the signer's operation; padding, verification and keys are
those of ``cryptography``, the one operation on integers is here.
"""

import secrets
from math import gcd

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EXPONENT = 65537
KEY_BITS = 2048
PREFIX_BYTES = 32  # random, before the message
SALT_BYTES = 48


class BlindSignatureError(Exception):
    """What was asked to be signed is no blinded message for the key, or signing failed."""


def create_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(EXPONENT, KEY_BITS)


def sign_blinded(blinded: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """The blind signature of a blinded message (BlindSign, RFC 9474, 4.3). The same for the same message: who lost the
    answer asks again. What is raised to the private exponent is blinded anew by a number of our own, so that its time
    tells nothing of the key; and the result is verified, because one that a fault spoiled would give away a factor of
    the key. Raises BlindSignatureError."""
    private, n = key.private_numbers(), key.public_key().public_numbers().n
    size = (n.bit_length() + 7) // 8
    z = int.from_bytes(blinded)
    if len(blinded) != size or not 0 < z < n or gcd(z, n) != 1:
        raise BlindSignatureError("not a blinded message of this key")
    e = private.public_numbers.e
    r = 0
    while gcd(r, n) != 1:
        r = secrets.randbelow(n)
    hidden = z * pow(r, e, n) % n
    at_p, at_q = pow(hidden % private.p, private.dmp1, private.p), pow(hidden % private.q, private.dmq1, private.q)
    root = at_q + private.q * ((at_p - at_q) * private.iqmp % private.p)
    s = root * pow(r, -1, n) % n
    if pow(s, e, n) != z:
        raise BlindSignatureError("signing failed")
    return s.to_bytes(size)


def is_valid(message: bytes, signature: bytes, key: rsa.RSAPublicKey) -> bool:
    """Whether a signature that a device finalized is of a prepared message: an ordinary RSASSA-PSS signature."""
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=SALT_BYTES)
    try:
        key.verify(signature, message, scheme, hashes.SHA384())
    except InvalidSignature:
        return False
    return True
