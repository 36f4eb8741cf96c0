"""Digests of data and of files."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def of_json(data: object) -> str:
    """SHA-256, in hex, of the canonical JSON of ``data`` (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def of_files(paths: Iterable[Path]) -> str:
    """SHA-256, in hex, over each file's name and content, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            total.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()
