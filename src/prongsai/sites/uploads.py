"""Files that senders attach: held in memory while they are drawn, and never on a disk as they came."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest

from prongsai.lib import pictures
from prongsai.people.actions import DomainError
from prongsai.sites.wording import say

MAX_FILES = 3
ACCEPT = ".jpg,.jpeg,.png,.pdf"


class InMemory(MemoryFileUploadHandler):
    """Takes the files of a request that fits into MAX_UPLOAD; of a larger one, or where they are dropped, nothing."""

    drop = False

    def handle_raw_input(self, _data: Any, _meta: Any, content_length: int, *_: Any) -> None:
        self.activated = content_length <= settings.MAX_UPLOAD and not self.drop


def hold_in_memory(request: HttpRequest, *, drop: bool = False) -> bool:
    """Before a request's fields are read: have its files held in memory, or dropped as they come. Returns whether they
    fit."""
    handler = InMemory(request)
    handler.drop = drop
    request.upload_handlers = [handler]
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) <= settings.MAX_UPLOAD
    except ValueError:
        return False


def draw_files(files: Sequence[Any]) -> list[bytes]:
    """What the files show, as JPEG without the metadata that could name who made them. Raises DomainError, which names
    the file."""
    if len(files) > MAX_FILES:
        raise DomainError(say(f"แนบได้ไม่เกิน {MAX_FILES} ไฟล์ (แนบมา {len(files)})", f"At most {MAX_FILES} files."))
    drawn: list[bytes] = []
    for file in files:
        drawn += _draw(file)
    return drawn


def _draw(file: Any) -> list[bytes]:
    name = str(file.name)[-80:]
    suffix = name.rpartition(".")[2].lower()
    if suffix not in pictures.SUFFIXES:
        raise DomainError(say(f"ไฟล์ {name} ไม่ใช่ภาพ JPEG PNG หรือ PDF", f"{name} is no JPEG, PNG or PDF."))
    try:
        drawing = pictures.draw_bytes(file.read(), suffix)
    except pictures.PictureError as error:
        thai = f"เปิดไฟล์ {name} ไม่ได้ อาจเสีย ถูกล็อก หรือใหญ่เกินไป"
        raise DomainError(say(thai, f"{name} cannot be opened: damaged, locked or too large.")) from error
    if drawing.pages > len(drawing.pictures):
        most = pictures.MAX_PAGES
        thai = f"ไฟล์ {name} มี {drawing.pages} หน้า รับได้ไม่เกิน {most} หน้าต่อไฟล์"
        raise DomainError(say(thai, f"{name} has {drawing.pages} pages: {most} at most."))
    return [picture.jpeg for picture in drawing.pictures]
