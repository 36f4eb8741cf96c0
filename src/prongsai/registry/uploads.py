"""Uploaded files: their path for a reader, their check against the size limit."""

import weakref
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from prongsai.lib.folded import fold_names


def get_upload_path(file: Any) -> Path:
    """The path of an uploaded file during the request, with the suffix of its original name: readers depend on it."""
    path = Path(file.temporary_file_path())
    suffix = Path(file.name).suffix.lower()
    if path.suffix == suffix or not (suffix[1:].isalnum() and suffix.isascii()):
        return path
    renamed = path.with_name(path.name + suffix)
    renamed.hardlink_to(path)
    weakref.finalize(file, renamed.unlink, missing_ok=True)  # removed together with the upload
    return renamed


def is_upload_valid(request: HttpRequest, form: Any) -> bool:
    """Whether a posted form with a ``file`` is valid; an upload that exceeded the size limit becomes an error of the
    form."""
    valid: bool = form.is_valid()
    if problem := describe_left_out(request):
        form.errors["file"] = form.error_class([problem])
        return False
    return valid


def describe_left_out(request: HttpRequest) -> str:
    """What to say of the uploads of a request that exceeded the size limit, in Thai; empty where none did."""
    if not getattr(request, "upload_too_large", False):
        return ""
    size = settings.MAX_UPLOAD // 1024**2
    problem = f"ใหญ่เกิน {size} MB หากเป็น PDF ที่สแกน ให้ใช้ต้นฉบับที่คัดลอกข้อความได้ หากเป็นตาราง ให้แบ่งเป็นหลายไฟล์"
    return fold_names(getattr(request, "uploads_left_out", ()), "ไฟล์", problem)
