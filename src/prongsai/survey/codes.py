"""Numbers that people carry: one-time codes, receipts, and the slugs of links."""

import hashlib
import hmac
import secrets

from django.conf import settings

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing to confuse
CODE_LENGTH = 10  # 50 bits; a guess among a thousand live codes is right once in 10^12
RECEIPT_LENGTH = 16
_READ = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_THAI = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def draw(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def spaced(code: str) -> str:
    """For reading aloud: 12345-ABCDE."""
    size = 5 if len(code) == CODE_LENGTH else 4
    return "-".join(code[k : k + size] for k in range(0, len(code), size))


def plain(typed: str) -> str:
    """What was meant by what was typed: capitals, no spaces or dashes, letters for the digits they are mistaken for."""
    kept = typed.translate(_THAI).upper().translate(_READ)
    return "".join(c for c in kept if c in LETTERS)[:40]


def digest(purpose: str, code: str) -> str:
    """A keyed digest: without the installation's key nobody can try codes against a copy of the database."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose}:{code}".encode(), hashlib.sha256).hexdigest()
