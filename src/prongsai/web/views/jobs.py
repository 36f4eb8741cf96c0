"""Background work, for the office: what waits, runs and failed, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from prongsai.framework import NATIONAL
from prongsai.jobs import queries
from prongsai.jobs.models import Job
from prongsai.people import actions
from prongsai.people.access import require_permission
from prongsai.people.actions import DomainError
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


@require_permission("jobs.list")
@require_safe
def list_jobs(request: AuthenticatedRequest) -> HttpResponse:
    """Jobs, those that need attention first; by state on request."""
    state = request.GET.get("state", "")
    state = state if state in Job.State.values else ""
    everything = request.assessment == NATIONAL
    jobs = queries.list_jobs(assessment=request.assessment, everything=everything, state=state)
    page = Paginator(jobs, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(job) for job in page],
        "state": state,
        "states": Job.State.choices,
        "queues": queries.queue_states() if everything else [],
        "is_worker_alive": queries.is_worker_alive(),
    }
    return render(request, "web/jobs.html", context)


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
