"""The size limit of uploads, applied while they are received."""

from typing import Any, cast

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from prongsai.people.requests import SiteRequest


class UploadSizeLimit(FileUploadHandler):
    """Leaves out the files of a request that do not fit into MAX_UPLOAD; the others arrive, and the form reports
    it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.received = 0  # bytes of files that arrived whole, and of the one that is arriving
        self.arrived = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.MAX_UPLOAD:
            if self.request is not None:
                request = cast("SiteRequest", self.request)
                request.upload_too_large = True
                request.uploads_left_out = [*getattr(request, "uploads_left_out", ()), self.file_name or ""]
            self.received = self.arrived
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        self.arrived = self.received
        return
