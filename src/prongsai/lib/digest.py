"""Digests of data and of files."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def canonical_json(data: object) -> str:
    """The one way in which ``data`` is written as JSON: sorted keys, no spaces, no escapes that UTF-8 spares."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def of_json(data: object) -> str:
    """SHA-256, in hex, of the canonical JSON of ``data``."""
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def of_files(paths: Iterable[Path]) -> str:
    """SHA-256, in hex, over each file's name and content, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            total.update(f"{path.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def of_tree(folder: Path, paths: Iterable[Path]) -> str:
    """SHA-256, in hex, over the content of files below ``folder`` and their paths in it, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        name = path.relative_to(folder).as_posix()
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
