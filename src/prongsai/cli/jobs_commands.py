"""``prongsai jobs``: background work from the command line."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from prongsai.cli.parameters import Group
from prongsai.cli.platform_commands import set_up_django

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from prongsai.jobs.models import Job

jobs_app = typer.Typer(help="งานเบื้องหลัง: ดู ทำใหม่ ยกเลิก", cls=Group, no_args_is_help=True, rich_markup_mode=None)
_Number = Annotated[int, typer.Argument(metavar="JOB", help="เลขที่งาน จาก prongsai jobs list")]


def _find(number: int) -> "Job":
    set_up_django()
    from prongsai.jobs.models import Job

    job = Job.objects.filter(pk=number).first()
    if job is None:
        print(f"ไม่มีงานที่ {number} ดูเลขที่งานด้วย prongsai jobs list", file=sys.stderr)
        raise typer.Exit(2)
    return job


@jobs_app.command("list")
def jobs_list(
    state: Annotated[
        str,
        typer.Option(
            help="เฉพาะสถานะ: waiting (รอทำ) running (กำลังทำ) failed (ทำไม่สำเร็จ) done (เสร็จแล้ว) cancelled (ยกเลิกแล้ว)"
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="จำนวนที่แสดง")] = 50,
) -> None:
    """รายการงาน ที่กำลังทำ รอ และทำไม่สำเร็จมาก่อน; จบด้วย 1 เมื่อมีงานรอแต่ไม่มี prongsai worker ทำงานอยู่"""
    set_up_django()
    from prongsai.jobs import queries
    from prongsai.jobs.models import Job

    if state and state not in Job.State.values:
        print(f"ไม่มีสถานะ “{state}” ใช้ได้: {', '.join(Job.State.values)}", file=sys.stderr)
        raise typer.Exit(2)
    jobs = queries.list_jobs(state=state)
    for job in jobs[:limit]:
        progress = f" {job.steps_done:,}/{job.steps_total:,}" if job.steps_total else ""
        about = f" {job.about}" if job.about else ""
        problem = f" · {job.problem}" if job.problem else ""
        state_and_age = f"{job.get_state_display()}{progress}  {queries.age_of(job)}"
        print(f"{job.pk}  {state_and_age}  {queries.title_of(job)}{about}{problem}")
    counts = queries.count_by_state()
    print(" ".join(f"{name} {counts[value]:,}" for value, name in Job.State.choices if value in counts) or "ไม่มีงาน")
    if counts.get(Job.State.WAITING) and not queries.is_worker_alive():
        print("ไม่มีโปรแกรมเบื้องหลังทำงานอยู่ สั่ง prongsai worker แล้วงานที่รอจะทำต่อเอง", file=sys.stderr)
        raise typer.Exit(1)


@jobs_app.command("show")
def jobs_show(number: _Number) -> None:
    """ทุกเรื่องของงานหนึ่ง"""
    job = _find(number)
    from django.utils import timezone

    from prongsai.jobs import queries
    from prongsai.lib import thai

    def when(value: "datetime.datetime | None") -> str:
        return f"{thai.date(timezone.localtime(value).date())} {timezone.localtime(value):%H:%M:%S}" if value else "–"

    for label, text in (
        ("งาน", f"{queries.title_of(job)} ({job.name})"),
        ("เรื่อง", job.about or "–"),
        ("สถานะ", job.get_state_display()),
        ("คิว", queries.queue_title(job)),
        ("ความคืบหน้า", f"{job.steps_done:,} จาก {job.steps_total:,}" if job.steps_total else "–"),
        ("ลองแล้ว", f"{job.tries} ครั้ง"),
        ("ปัญหา", job.problem or "–"),
        ("ผู้ทำ", job.owner or "–"),
        ("รหัสคำขอ", job.request_id or "–"),
        ("สั่งเมื่อ", when(job.created_at)),
        ("เริ่มเมื่อ", when(job.started_at)),
        ("ครั้งถัดไป", when(job.due_at)),
        ("จบเมื่อ", when(job.finished_at)),
    ):
        print(f"{label}: {text}")


@jobs_app.command("retry")
def jobs_retry(number: _Number) -> None:
    """ทำงานที่ไม่สำเร็จ ที่ยกเลิก หรือที่รอลองใหม่ อีกครั้งเดี๋ยวนี้"""
    job = _find(number)
    from prongsai.people.actions import retry_job

    _decide(job, retry_job, "ให้ทำใหม่แล้ว")


@jobs_app.command("cancel")
def jobs_cancel(number: _Number) -> None:
    """ยกเลิกงานที่รอหรือกำลังทำ สิ่งที่เก็บไปแล้วยังอยู่"""
    job = _find(number)
    from prongsai.people.actions import cancel_job

    _decide(job, cancel_job, "ยกเลิกแล้ว")


def _decide(job: "Job", action: "Callable[..., None]", message: str) -> None:
    from prongsai.people.actions import DomainError

    try:
        action(job=job, by=None)
    except DomainError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"งานที่ {job.pk}: {message}")
