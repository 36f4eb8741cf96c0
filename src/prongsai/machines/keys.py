"""The key folder, and whether this machine has the same secrets as the others.

Keys are files so that a copy of the database decrypts nothing, and so that a destroyed key is gone. Several machines
mount one folder (``PRONGSAI_KEYS``). A machine that mounts another one, or none, would encrypt answers that nobody else
can mix: the database has a fingerprint of the right secrets, and a machine with different ones makes no key and is not
ready.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from prongsai.lib.stored_files import sync_folder
from prongsai.machines.models import KeyFingerprint

_ID = "installation-id"
KEYS_REMEDY = (
    "เมานต์โฟลเดอร์กุญแจเดียวกับเครื่องอื่นและตั้ง PRONGSAI_KEYS ใช้ SECRET_KEY เดียวกัน ถ้ากุญแจเดิมหายแล้ว สั่ง prongsai adopt-keys"
)
NAMES_TH = {"folder": "โฟลเดอร์กุญแจ (PRONGSAI_KEYS)", "secret_key": "SECRET_KEY"}


class ForeignKeysError(OSError):
    """This machine does not have the keys of its database; in Thai, with what to do."""


def key_folder() -> Path:
    folder: Path = settings.KEYS or settings.DATA / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def read_key_file(name: str) -> dict[str, Any] | None:
    """A key of the folder, as it was created; None where there is none."""
    try:
        stored: dict[str, Any] = json.loads((key_folder() / name).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return stored


def create_key_file(name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Store a new key, readable by its owner alone; of several processes that create it at once, all get the first
    one's. Raises ForeignKeysError where the folder of the machines is not there."""
    require_shared_folder()
    path = key_folder() / name
    draft = path.with_name(f"{name}.{secrets.token_hex(4)}.part")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
        json.dump(dict(content), file)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    sync_folder(path.parent)
    stored = read_key_file(name)
    assert stored is not None
    return stored


def require_shared_folder() -> None:
    """Raises ForeignKeysError where the folder that machines share is not the one that was prepared: not mounted, for
    one, when a key would be made on this machine's own disk. Asks no database."""
    if settings.KEYS and not (settings.KEYS / _ID).is_file():
        raise ForeignKeysError(f"ไม่พบ {_ID} ใน PRONGSAI_KEYS โฟลเดอร์กุญแจอาจยังไม่ได้เมานต์")


def find_differences() -> list[str]:
    """Which secrets of this machine are not those of the database: names of ``NAMES_TH``. None before the first
    ``note_fingerprints``."""
    noted = dict(KeyFingerprint.objects.values_list("name", "fingerprint"))
    own = _compute_fingerprints()
    return [name for name, value in noted.items() if own.get(name) != value]


def require_same_keys() -> None:
    """Raises ForeignKeysError when this machine's secrets are not those of the database."""
    if differences := find_differences():
        raise ForeignKeysError(describe_differences(differences))


def describe_differences(differences: list[str]) -> str:
    names = " และ ".join(NAMES_TH.get(name, name) for name in differences)
    return f"{names} ของเครื่องนี้ไม่ตรงกับที่ฐานข้อมูลนี้ใช้อยู่ คำตอบที่รอรวม รหัส และลายเซ็นของเครื่องอื่นจะใช้กันไม่ได้"


def note_fingerprints(*, replace: bool = False) -> None:
    """Let the database know the secrets of this machine, if it knows none yet. ``replace``: those before are lost."""
    path = key_folder() / _ID
    with transaction.atomic():
        if replace:
            KeyFingerprint.objects.all().delete()
        if KeyFingerprint.objects.exists():
            return
        if not path.exists():
            draft = path.with_name(f"{_ID}.{secrets.token_hex(4)}.part")
            with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        for name, value in _compute_fingerprints().items():
            KeyFingerprint.objects.get_or_create(name=name, defaults={"fingerprint": value})


def _compute_fingerprints() -> dict[str, str]:
    """The fingerprints of this machine's secrets; a folder without an identity has none."""
    found = {"secret_key": salted_hmac("prongsai.machines.keys", "fingerprint", algorithm="sha256").hexdigest()}
    with suppress(FileNotFoundError):
        identity = (key_folder() / _ID).read_bytes()
        found["folder"] = hashlib.sha256(b"prongsai keys" + identity).hexdigest()
    return found
