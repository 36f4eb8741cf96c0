"""Numbers that people carry: one-time codes, receipts, and the slugs of links."""

import hashlib
import hmac
import secrets

from django.conf import settings

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter looks like a digit
BITS_PER_CHARACTER = 5
CODE_LENGTH = 12  # 60 bits; nothing else bounds whoever guesses, see tests/survey/test_guessing.py
FORMER_CODE_LENGTH = 10  # of cards that are printed already
RECEIPT_LENGTH = 16
SLUG_LENGTH = 12
MAX_LENGTH = 40
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


def generate_code(length: int) -> str:
    bits = secrets.randbits(BITS_PER_CHARACTER * length)
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(0, BITS_PER_CHARACTER * length, BITS_PER_CHARACTER))


def format_code(code: str) -> str:
    """Groups for reading aloud: 1234-5678-9ABC; 1234-5678-9ABC-DEFG; 12345-ABCDE on former cards."""
    size = 5 if len(code) == FORMER_CODE_LENGTH else 4
    return "-".join(code[k : k + size] for k in range(0, len(code), size))


def normalize_code(typed: str) -> str:
    """The code behind what was typed: capitals, no spaces or dashes, digits for the letters that look like them."""
    text = typed.translate(_THAI_DIGITS).upper().translate(_LOOKALIKES)
    return "".join(c for c in text if c in ALPHABET)[:MAX_LENGTH]


def digest_code(purpose: str, code: str) -> str:
    """A keyed digest: without the installation's key nobody can try codes against a copy of the database."""
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose}:{code}".encode(), hashlib.sha256).hexdigest()
