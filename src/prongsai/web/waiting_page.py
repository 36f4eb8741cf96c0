"""Files that a worker writes for whoever asks: the job, and the page that waits for it and comes back for the file.

Anybody may ask, so no more than ``MOST_WAITING`` wait at a time, and one that could not be written is not tried again
within the hour.
"""

import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from prongsai.jobs.kinds import Kind
from prongsai.jobs.models import Job
from prongsai.machines import files
from prongsai.people.error_pages import render_error
from prongsai.people.requests import SiteRequest

MOST_WAITING = 20
_WAIT_SECONDS, _BUSY_SECONDS = 3, 60  # until a file, or the next try of one, is worth another request
_FAILED_FOR = datetime.timedelta(hours=1)


class BusyError(Exception):
    """Too many wait, or this one could not be written; a sentence in Thai, and the same in English."""

    def __init__(self, thai: str, english: str) -> None:
        super().__init__(thai)
        self.english = english


def request_file(kind: Kind, name: str, *arguments: Any, about: str, assessment: str) -> Job:
    """Have the file of a name written; the same job where it is asked for already. Raises BusyError."""
    key = f"file:{name}"
    last = Job.objects.filter(name=kind.name, key=key).order_by("-pk").first()
    if last is not None and last.is_active:
        return last
    if last is not None and last.state == Job.State.FAILED and last.created_at > timezone.now() - _FAILED_FOR:
        raise BusyError(
            "เตรียมไฟล์นี้ไม่สำเร็จ ลองใหม่ภายหลัง ตารางมีไฟล์ CSV ให้ใช้แทน",
            "This file could not be written. Try again later, or take the table as CSV.",
        )
    if Job.objects.filter(name=kind.name, state__in=Job.ACTIVE).count() >= MOST_WAITING:
        raise BusyError(
            "มีผู้ขอไฟล์จำนวนมากในขณะนี้ รอสักครู่แล้วลองใหม่ ตารางมีไฟล์ CSV ให้ใช้แทน",
            "Many files are asked for at the moment. Wait a little and try again, or take the table as CSV.",
        )
    made = kind.enqueue(*arguments, name, key=key, about=about, assessment=assessment)
    made.refresh_from_db()
    return made


def wait_for_file(
    request: SiteRequest, kind: Kind, name: str, *arguments: Any, about: str, back: str, csv: str = ""
) -> HttpResponse | None:
    """The page that says how far a worker is with a file, and comes back for it; None once the file is there. ``back``
    is where the file was asked for, ``csv`` the address of the same rows at once, where there is one."""
    if files.exists(name):
        return None
    try:
        made = request_file(kind, name, *arguments, about=about, assessment=request.assessment)
    except BusyError as error:
        title = "ยังเตรียมไฟล์ไม่ได้", "The file cannot be prepared yet"
        response = render_error(request, HTTPStatus.SERVICE_UNAVAILABLE, title, (str(error), error.english))
        response["Retry-After"] = str(_BUSY_SECONDS)
        return response
    if files.exists(name):
        return None
    context = {"job": made, "seconds": _WAIT_SECONDS, "csv": csv, "back": back}
    response = render(request, "web/preparing.html", context, status=202)
    response["Retry-After"] = str(_WAIT_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
