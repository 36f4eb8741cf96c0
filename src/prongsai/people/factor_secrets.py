"""Secrets of second factors are stored encrypted, with a key that lies in the key folder: whoever has the database, or
a backup of it, makes no code from it.

The key never changes. Its identifier stands before each secret, so that a lost key is noticed and named.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ValidationError

from prongsai.machines.keys import create_key_file, read_key_file
from prongsai.people.passwords import choose_words

PREFIX = "prongsai1"  # of what is encrypted; no secret of an app (base 32) and no seed (hexadecimal) begins so
FIELDS = {"totp": "secret", "recovery_codes": "seed"}  # where a factor of each type has its secret
_NONCE = 12  # bytes


class UnreadableSecretError(ValidationError):
    """A secret was encrypted with a key that is not here, or was altered. A form shows it as it shows a wrong code."""

    def __init__(self) -> None:
        super().__init__(
            choose_words(
                "ระบบอ่านรหัสลับของการยืนยันตัวตนสองชั้นไม่ได้ ไม่ใช่ความผิดของท่าน แจ้งผู้ดูแลระบบให้สั่ง prongsai doctor หรือกู้คืนบัญชี",
                "The secret of your second factor cannot be read. It is no fault of yours: ask for help.",
            )
        )


_KEY_FILE = "second-factors.json"


@dataclass(frozen=True)
class FactorKey:
    """The key of this installation."""

    id: str
    secret: bytes


def read_key() -> FactorKey | None:
    stored = read_key_file(_KEY_FILE)
    return FactorKey(stored["id"], bytes.fromhex(stored["secret"])) if stored else None


def _create_key() -> FactorKey:
    secret = secrets.token_bytes(32)
    key_id = hashlib.sha256(b"prongsai second factors" + secret).hexdigest()[:16]
    stored = create_key_file(_KEY_FILE, {"id": key_id, "secret": secret.hex()})
    return FactorKey(stored["id"], bytes.fromhex(stored["secret"]))


def encrypt(text: str) -> str:
    """Encrypt a secret; the key is created with the first one."""
    key = read_key() or _create_key()
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(key.secret).encrypt(nonce, text.encode(), key.id.encode())
    return f"{PREFIX}.{key.id}.{base64.urlsafe_b64encode(sealed).decode()}"


def decrypt(stored: str) -> str:
    """A secret as it was. One that was never encrypted is returned as it is. Raises UnreadableSecretError."""
    if not is_encrypted(stored):
        return stored
    key = read_key()
    if key is None or key_of(stored) != key.id:
        raise UnreadableSecretError
    try:
        sealed = base64.urlsafe_b64decode(stored.split(".", 2)[2])
        return AESGCM(key.secret).decrypt(sealed[:_NONCE], sealed[_NONCE:], key.id.encode()).decode()
    except (InvalidTag, ValueError, IndexError):
        raise UnreadableSecretError from None


def is_encrypted(stored: str) -> bool:
    return stored.startswith(PREFIX + ".")


def key_of(stored: str) -> str:
    """The identifier of the key that a secret was encrypted with; empty where it is not encrypted."""
    return stored.split(".")[1] if is_encrypted(stored) else ""


def change_secrets(authenticators: Any, change: Any) -> int:
    """Encrypt or decrypt what is stored of factors, under the manager of their model; returns how many changed."""
    count = 0
    for factor in authenticators.filter(type__in=FIELDS):
        data = dict(factor.data)
        for field, value in data.items():
            if field == FIELDS[factor.type] and value:
                data[field] = change(value)
            elif field == "migrated_codes" and value:
                data[field] = [change(code) for code in value]
        if data != factor.data:
            factor.data = data
            factor.save(update_fields=["data"])
            count += 1
    return count


def encrypt_once(stored: str) -> str:
    """Encrypt what is not encrypted yet."""
    return stored if is_encrypted(stored) else encrypt(stored)
