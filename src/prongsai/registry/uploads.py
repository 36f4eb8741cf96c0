"""An uploaded file on its way to a reader."""

from pathlib import Path
from typing import Any


def on_disk(file: Any) -> Path:
    """Where an uploaded file lies for the length of the request, under the suffix its sender gave it: readers go by it."""
    path = Path(file.temporary_file_path())
    suffix = Path(file.name).suffix.lower()
    if path.suffix == suffix or not (suffix[1:].isalnum() and suffix.isascii()):
        return path
    renamed = path.with_name(path.name + suffix)
    renamed.hardlink_to(path)
    return renamed
