"""The key that signs checkpoints, and the last state that it signed: files of the key folder, outside the database.

A database that was brought back from before an act would sign a second history; the state noted here makes the log
refuse instead.
"""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from prongsai.lib.signed_note import Signer
from prongsai.lib.stored_files import store_bytes
from prongsai.machines.keys import create_key_file, key_folder, read_key_file

_KEY_FILE = "public-log.json"


def read_signer() -> Signer | None:
    """The key, or None before the first entry is signed."""
    stored = read_key_file(_KEY_FILE)
    return _signer_of(stored) if stored else None


def create_signer() -> Signer:
    """The key under the origin of the settings, or under one drawn at random."""
    origin = settings.LOG_ORIGIN or f"prongsai.invalid/{secrets.token_hex(8)}"
    secret = Ed25519PrivateKey.generate().private_bytes_raw()
    return _signer_of(create_key_file(_KEY_FILE, {"origin": origin, "secret": secret.hex()}))


def _signer_of(stored: Mapping[str, str]) -> Signer:
    return Signer(stored["origin"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(stored["secret"])))


def _signed_file() -> Path:
    return key_folder() / "public-log-signed.json"


def read_signed_state() -> tuple[int, str]:
    """The size and the root, in hex, of the last checkpoint that was signed here; (0, "") before the first."""
    try:
        stored = json.loads(_signed_file().read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0, ""
    return int(stored["size"]), str(stored["root"])


def note_signed_state(size: int, root: str) -> None:
    store_bytes(_signed_file(), json.dumps({"size": size, "root": root}).encode("ascii"))
