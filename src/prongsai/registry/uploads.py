"""An uploaded file on its way to a reader."""

import weakref
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def on_disk(file: Any) -> Path:
    """Where an uploaded file lies for the length of the request, under the suffix its sender gave it: readers go by
    it."""
    path = Path(file.temporary_file_path())
    suffix = Path(file.name).suffix.lower()
    if path.suffix == suffix or not (suffix[1:].isalnum() and suffix.isascii()):
        return path
    renamed = path.with_name(path.name + suffix)
    renamed.hardlink_to(path)
    weakref.finalize(file, renamed.unlink, missing_ok=True)  # it goes when the upload does
    return renamed


def accepted(request: HttpRequest, form: Any) -> bool:
    """Whether a posted form with a ``file`` is whole and valid; an upload that was cut off at the limit says so."""
    valid: bool = form.is_valid()
    if getattr(request, "upload_too_large", False):
        size = settings.MAX_UPLOAD // 1024**2
        form.errors["file"] = form.error_class(
            [f"ไฟล์ใหญ่เกิน {size} MB หากเป็น PDF ที่สแกน ให้ใช้ต้นฉบับที่คัดลอกข้อความได้ หากเป็นตาราง ให้แบ่งเป็นหลายไฟล์"]
        )
        return False
    return valid
