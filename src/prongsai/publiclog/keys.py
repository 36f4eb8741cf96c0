"""The key that signs checkpoints, and the last state that it signed: files of the key folder, outside the database.

A database that was brought back from before an act would sign a second history; the state noted here makes the log
refuse instead.
"""

import json
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from prongsai.lib.signed_note import Signer
from prongsai.lib.stored_files import store_bytes


def _key_file() -> Path:
    folder: Path = settings.DATA / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / "public-log.json"


def read_signer() -> Signer | None:
    """The key, or None before the first entry is signed."""
    try:
        stored = json.loads(_key_file().read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return Signer(stored["origin"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(stored["secret"])))


def create_signer() -> Signer:
    """The key under the origin of the settings, or under one drawn at random. The caller holds the log's lock, so that
    nobody else creates one."""
    origin = settings.LOG_ORIGIN or f"prongsai.invalid/{secrets.token_hex(8)}"
    secret = Ed25519PrivateKey.generate()
    path = _key_file()
    draft = path.with_suffix(f".{secrets.token_hex(4)}.part")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        json.dump({"origin": origin, "secret": secret.private_bytes_raw().hex()}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return Signer(origin, secret)


def _signed_file() -> Path:
    return _key_file().with_name("public-log-signed.json")


def read_signed_state() -> tuple[int, str]:
    """The size and the root, in hex, of the last checkpoint that was signed here; (0, "") before the first."""
    try:
        stored = json.loads(_signed_file().read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0, ""
    return int(stored["size"]), str(stored["root"])


def note_signed_state(size: int, root: str) -> None:
    store_bytes(_signed_file(), json.dumps({"size": size, "root": root}).encode("ascii"))
