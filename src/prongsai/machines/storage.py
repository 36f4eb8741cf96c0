"""A storage of Django's: a folder of this machine whose files survive a power cut."""

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableFileStorage(FileSystemStorage):
    """Files below ``MEDIA_ROOT``, or another folder. A file is there whole or not at all, under the name it was given:
    whoever writes the same at the same time does no harm."""

    def __init__(self, location: str | os.PathLike[str] | None = None) -> None:
        super().__init__(location=location, allow_overwrite=True)

    @property
    def base_location(self) -> str:  # MEDIA_ROOT of now: tests and restores move it
        return str(self._value_or_setting(self._location, settings.MEDIA_ROOT))  # type: ignore[attr-defined]

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)

    def _save(self, name: str, content: "File[Any]") -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
        try:
            with draft.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        return name
