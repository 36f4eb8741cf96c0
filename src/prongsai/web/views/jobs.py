"""Background work, for the office: what waits, runs and failed, and what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from prongsai.framework import NATIONAL
from prongsai.jobs import queries
from prongsai.jobs.kinds import QUEUE_TITLES
from prongsai.jobs.models import Job
from prongsai.people import actions
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
from prongsai.people.lists import Filter, Heading, Listing, stream_list
from prongsai.people.requests import AuthenticatedRequest

_TONES = {Job.State.RUNNING: "", Job.State.DONE: "good", Job.State.FAILED: "bad", Job.State.WAITING: "weak"}


@dataclass(frozen=True)
class JobRow:
    """A job as a row of the list."""

    job: Job
    title: str
    queue: str
    age: str
    tone: str
    can_retry: bool
    can_cancel: bool


def _row(job: Job) -> JobRow:
    waits_for_another_try = job.state == Job.State.WAITING and job.due_at is not None
    return JobRow(
        job=job,
        title=queries.title_of(job),
        queue=queries.queue_title(job),
        age=queries.age_of(job),
        tone=_TONES.get(Job.State(job.state), ""),
        can_retry=waits_for_another_try or job.state in (Job.State.FAILED, Job.State.CANCELLED),
        can_cancel=job.is_active,
    )


def _list(assessment: str, values: Mapping[str, str]) -> Listing:
    """Jobs, those that need attention first. The national assessment's office sees those of the whole installation."""
    jobs = queries.list_jobs(assessment=assessment, everything=assessment == NATIONAL)
    return Listing(
        jobs.order_by(),
        values,
        search=lambda rows, text: rows.filter(queries.match_text(text)),
        filters=(
            Filter("state", "สถานะ", Job.State.choices, lambda rows, state: rows.filter(state=state)),
            Filter("queue", "คิว", list(QUEUE_TITLES.items()), lambda rows, queue: rows.filter(queue=queue)),
        ),
        headings=(
            Heading("name", "งาน", ("name", "about")),
            Heading("state", "สถานะ", ("state",)),
            Heading("progress", "ความคืบหน้า"),
            Heading("time", "เวลา", ("created_at",)),
        ),
        order=(queries.by_attention(), "-pk"),
    )


@require_permission("jobs.list")
@require_safe
def list_jobs(request: AuthenticatedRequest) -> HttpResponseBase:
    """Background work: searched, filtered, sorted."""
    listing = _list(request.assessment, request.GET.dict())
    if request.GET.get("format") == "csv":
        titles = ("งานที่", "งาน", "เรื่อง", "คิว", "สถานะ", "ทำแล้ว", "ทั้งหมด", "ครั้งที่", "ปัญหา", "สั่งเมื่อ", "จบเมื่อ")
        return stream_list(listing, "jobs", titles, _write_job)
    page = listing.page(request.GET.get("page"))
    context = {
        "listing": listing,
        "page": page,
        "rows": [_row(job) for job in page],
        "queues": queries.queue_states() if request.assessment == NATIONAL else [],
        "is_worker_alive": queries.is_worker_alive(),
    }
    return render(request, "web/jobs.html", context)


def _write_job(job: Job) -> list[Any]:
    about = [job.pk, queries.title_of(job), job.about, queries.queue_title(job), job.get_state_display()]
    return [*about, job.steps_done, job.steps_total, job.tries, job.problem, job.created_at, job.finished_at]


@require_permission("jobs.change")
@require_POST
def cancel_job(request: AuthenticatedRequest, job_id: int) -> HttpResponse:
    """End a job."""
    return _decide(request, job_id, actions.cancel_job, "ยกเลิกแล้ว")


@require_permission("jobs.change")
@require_POST
def retry_job(request: AuthenticatedRequest, job_id: int) -> HttpResponse:
    """Begin a job anew."""
    return _decide(request, job_id, actions.retry_job, "ให้ทำใหม่แล้ว")


def _decide(request: AuthenticatedRequest, job_id: int, action: Callable[..., None], message: str) -> HttpResponse:
    everything = request.assessment == NATIONAL
    job = get_object_or_404(queries.list_jobs(assessment=request.assessment, everything=everything), pk=job_id)
    try:
        action(job=job, by=request.user)
        messages.success(request, f"งานที่ {job.pk} {queries.title_of(job)}: {message}")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("jobs")
