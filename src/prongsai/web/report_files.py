"""Reports in Word and PDF that a worker writes, stored under a name without its ending; the PDF comes last and says
that both are there."""

from contextlib import suppress
from typing import Any

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase

from prongsai.documents.content.blocks import Document
from prongsai.documents.issuance import write_document
from prongsai.jobs.kinds import Kind
from prongsai.machines import files
from prongsai.people.requests import SiteRequest
from prongsai.web.waiting_page import wait_for_file

FORMS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def store(name: str, document: Document) -> None:
    """Write a report and store it."""
    written = write_document(document)
    files.store_bytes(f"{name}.docx", written.docx)
    files.store_bytes(f"{name}.pdf", written.pdf)


def remove(name: str) -> None:
    """Forget a report; one that is gone already, or that somebody reads where open files stay, is left."""
    for form in FORMS:
        with suppress(OSError):
            files.remove(f"{name}.{form}")


def send(name: str, form: str, filename: str) -> FileResponse:
    """A stored report as a file. Raises Http404 where there is none."""
    if form not in FORMS or not files.exists(f"{name}.{form}"):
        raise Http404
    return FileResponse(files.open_file(f"{name}.{form}"), content_type=FORMS[form], filename=f"{filename}.{form}")


def write_and_send(
    request: SiteRequest,
    kind: Kind,
    name: str,
    form: str,
    filename: str,
    *arguments: Any,
    about: str,
    back: str,
    csv: str = "",
) -> HttpResponseBase:
    """A report as a file, or the page that waits for ``kind``, the job ``(lease, *arguments, name)``, to write it."""
    if form not in FORMS:
        raise Http404
    waiting = wait_for_file(request, kind, f"{name}.pdf", *arguments, about=about, back=back, csv=csv)
    return send(name, form, filename) if waiting is None else waiting
