"""A storage of Django's: a folder of this machine whose files survive a power cut."""

import os
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from prongsai.lib.stored_files import store_content


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
        store_content(Path(self.path(name)), cast("IO[bytes]", content))
        return name
