"""The keys that encrypt envelopes: files beside the database, overwritten when they are destroyed.

No process caches a key, so that a destroyed key stays in no memory either.
"""

import os
import secrets
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils import timezone

from prongsai.machines.keys import key_folder, require_shared_folder

KEY_BITS = 256
_NONCE_BYTES = 12
_FILE = b"prongsai file 1"  # what is encrypted: no envelope is taken for it


def key_path(number: int) -> Path:
    return key_folder() / f"{number}.key"


def list_key_numbers() -> list[int]:
    """The numbers of the keys that exist, ascending."""
    return sorted(int(path.stem) for path in key_folder().glob("*.key"))


def newest_key_number() -> int:
    """The number of the key that encrypts now; creates the first one."""
    numbers = list_key_numbers()
    return numbers[-1] if numbers else create_key()


class EnvelopeKey(NamedTuple):
    """A key in use, for no longer than one transaction."""

    number: int
    cipher: AESGCM


def newest_key() -> EnvelopeKey:
    """The key that encrypts now, read from its file."""
    number = newest_key_number()
    return EnvelopeKey(number, load_key(number))


def load_key(number: int) -> AESGCM:
    """Raises FileNotFoundError when the key was destroyed or never existed here."""
    return AESGCM(key_path(number).read_bytes())


def create_key() -> int:
    """Create a key and return its number. The file appears under its name only when it is complete on the disk. The
    number is the time in milliseconds, so that a key restored from elsewhere has a number of its own. Raises
    ForeignKeysError where the folder that machines share is not mounted."""
    require_shared_folder()
    number = max([time.time_ns() // 1_000_000, *(n + 1 for n in list_key_numbers())])
    draft = key_folder() / f"{secrets.token_hex()}.part"
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(AESGCM.generate_key(KEY_BITS))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(key_path(number))
    descriptor = os.open(key_folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)  # the name is on the disk as well
    finally:
        os.close(descriptor)
    return number


def destroy_key(number: int) -> None:
    """Overwrite a key in place, then delete it."""
    overwrite_file(key_path(number))


def overwrite_file(path: Path) -> None:
    """Overwrite a file in place, then delete it."""
    with path.open("r+b") as file:
        file.write(secrets.token_bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def days_since_rotation() -> int:
    """How many midnights have passed since the newest key was created."""
    created = datetime.fromtimestamp(newest_key_number() / 1000, timezone.get_current_timezone()).date()
    return (timezone.localdate() - created).days


def encrypt_file(content: bytes) -> bytes:
    """A file with answers, for the moments until it is read: nobody can, two nights later or with a backup."""
    key, nonce = newest_key(), secrets.token_bytes(_NONCE_BYTES)
    return b"%d:" % key.number + nonce + key.cipher.encrypt(nonce, content, _FILE)


def decrypt_file(content: bytes) -> bytes:
    """The file that was encrypted. Raises FileNotFoundError when its key was destroyed, InvalidTag or ValueError when
    it is none."""
    number, _, rest = content.partition(b":")
    return load_key(int(number)).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _FILE)
