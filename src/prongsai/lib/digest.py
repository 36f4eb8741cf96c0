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


def of_tree(folder: Path, paths: Iterable[Path]) -> str:
    """SHA-256, in hex, over the content of files below ``folder`` and their paths in it, in the order given."""
    total = hashlib.sha256()
    for path in paths:
        name = path.relative_to(folder).as_posix()
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
