"""Files that appear under their name only when they are complete and on the disk."""

import io
import os
import secrets
import shutil
from pathlib import Path
from typing import IO


def store_bytes(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all; whoever writes the same at the same time does no harm. Raises OSError, for one
    when the disk is full, and leaves nothing behind then."""
    store_content(path, io.BytesIO(data))


def store_copy(path: Path, source: Path) -> None:
    """The same with the content of another file. What names the copy may be acknowledged as soon as this returns."""
    with source.open("rb") as content:
        store_content(path, content)


def store_content(path: Path, content: IO[bytes]) -> None:
    """The same with what is read from a file that is open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        with draft.open("wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk: without it, a file that is there before a power cut may have none
    afterwards."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
