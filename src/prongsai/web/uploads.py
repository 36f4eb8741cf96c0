"""The size limit of uploads, applied while they are received."""

from typing import Any, cast

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from prongsai.people.requests import SiteRequest


class UploadSizeLimit(FileUploadHandler):
    """Stops reading a request whose files exceed MAX_UPLOAD; the form then reports it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.MAX_UPLOAD:
            if self.request is not None:
                cast("SiteRequest", self.request).upload_too_large = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
