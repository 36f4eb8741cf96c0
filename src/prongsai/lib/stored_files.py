"""Files that appear under their name only when they are complete and on the disk."""

import os
import secrets
from pathlib import Path


def store_bytes(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all; whoever writes the same at the same time does no harm. Raises OSError, for one
    when the disk is full, and leaves nothing behind then."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
