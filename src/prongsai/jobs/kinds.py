"""What kinds of job there are: functions of the rooms above, each under a name, with its queue and its tries.

A room writes ``@job(...)`` over a function; its first parameter is the :class:`~prongsai.jobs.leases.Lease` under which
it works. ``@periodic(...)`` makes a job of it whenever its time has come.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from prongsai.jobs.leases import Lease
    from prongsai.jobs.models import Job

MAX_TRIES = 5


class Queue(StrEnum):
    """A worker does one job of each queue at a time, so that a long one holds up its own kind alone."""

    CLOCK = "clock"  # what the clock begins: notices, reminders, cleaning
    SURVEY = "survey"  # mixing answers
    MAIL = "mail"
    PAPERS = "papers"  # somebody waits for one paper
    FILES = "files"  # somebody waits for one document to be read
    OFFICE = "office"  # what the office publishes, draws or distributes, while it looks on
    BULK = "bulk"  # tables of a nation, backups
    COMPUTE = "compute"  # rounds and rehearsals
    BATCHES = "batches"  # papers of a nation
    LINKS = "links"
    RENDERING = "rendering"  # pages that scripts make, in a browser: for a worker with Chromium
    SCANS = "scans"  # pages that are pictures, read by OCR: for a worker that has it
    ASKED = "asked"  # somebody waits for the checks of a few links


QUEUE_TITLES = {
    Queue.CLOCK: "งานตามเวลา",
    Queue.SURVEY: "คำตอบแบบสำรวจ",
    Queue.MAIL: "อีเมล",
    Queue.PAPERS: "เอกสารทีละฉบับ",
    Queue.FILES: "อ่านเอกสาร",
    Queue.OFFICE: "งานที่ส่วนกลางสั่ง",
    Queue.BULK: "ตารางขนาดใหญ่",
    Queue.COMPUTE: "คำนวณ",
    Queue.BATCHES: "เอกสารทั้งชุด",
    Queue.LINKS: "ตรวจลิงก์",
    Queue.RENDERING: "แสดงหน้าที่สร้างด้วยสคริปต์",
    Queue.SCANS: "อ่านภาพสแกน",
    Queue.ASKED: "ตรวจลิงก์ที่มีผู้รอ",
}


@dataclass(frozen=True)
class Kind:
    """A kind of job. ``on_failure(*arguments, problem=…)`` tells the room that nobody tries any more, in the
    transaction that gives the job up; ``on_retry(*arguments)`` that somebody wants it tried anew."""

    name: str
    title: str  # in Thai
    queue: Queue
    function: Callable[..., None]
    tries: int = MAX_TRIES
    on_failure: Callable[..., None] | None = None
    on_retry: Callable[..., None] | None = None

    def enqueue(
        self, *arguments: Any, key: str = "", about: str = "", assessment: str = "", queue: Queue | None = None
    ) -> "Job":
        """Put a job into the queue, in the caller's transaction. With a ``key``, the active job of that key is returned
        instead where there is one."""
        from prongsai.jobs.actions import enqueue

        return enqueue(
            kind=self, arguments=list(arguments), key=key, about=about, assessment=assessment, queue=queue or self.queue
        )

    def call(self, *arguments: Any) -> None:
        """Do the work here and now, without a job."""
        from prongsai.jobs.leases import NO_LEASE

        self.function(NO_LEASE, *arguments)


@dataclass(frozen=True)
class Timetable:
    """Work that becomes a job once in each period, unless ``when`` says that there is nothing to do."""

    kind: Kind
    period_now: Callable[[], int]
    when: Callable[[], bool] | None


_kinds: dict[str, Kind] = {}
_timetables: list[Timetable] = []


def job(
    *,
    title: str,
    queue: Queue,
    tries: int = MAX_TRIES,
    on_failure: Callable[..., None] | None = None,
    on_retry: Callable[..., None] | None = None,
) -> Callable[[Callable[..., None]], Kind]:
    """Make a kind of job of a function ``(lease, *arguments)``. What it has done already it must not do again: it is
    begun anew when a worker dies. Two functions of one name in a room would be one kind: that raises TypeError."""

    def register(function: Callable[..., None]) -> Kind:
        name = f"{function.__module__.split('.')[1]}.{function.__name__}"
        if (known := _kinds.get(name)) is not None and known.function.__module__ != function.__module__:
            raise TypeError(f"{name}: {known.function.__module__} and {function.__module__}")
        kind = Kind(name, title, queue, function, tries, on_failure, on_retry)
        _kinds[name] = kind
        return kind

    return register


def periodic(
    *, title: str, queue: Queue = Queue.CLOCK, seconds: int = 0, hour: int = 0, when: Callable[[], bool] | None = None
) -> Callable[[Callable[["Lease"], None]], Kind]:
    """Make scheduled work of a function ``(lease)``: every so many seconds, or each day from an hour on."""

    def period_now() -> int:
        if seconds:
            return int(timezone.now().timestamp()) // seconds
        now = timezone.localtime()
        return now.date().toordinal() - (now.time() < datetime.time(hour))

    def register(function: Callable[["Lease"], None]) -> Kind:
        kind = job(title=title, queue=queue)(function)
        _timetables.append(Timetable(kind, period_now, when))
        return kind

    return register


@cache
def _load_rooms() -> None:
    autodiscover_modules("actions", "worker")


def find_kind(name: str) -> Kind | None:
    """The kind of a name; None for one of another version of the program."""
    _load_rooms()
    return _kinds.get(name)


def find_kinds(text: str) -> list[str]:
    """The names of the kinds that have a text in their title."""
    _load_rooms()
    return [name for name, kind in _kinds.items() if text in kind.title]


def all_timetables() -> list[Timetable]:
    _load_rooms()
    return list(_timetables)
