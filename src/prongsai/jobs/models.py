"""Jobs with their leases, the periods of scheduled work, and the workers that are alive."""

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """One piece of background work. ``token`` is the lease: whoever holds it may write what the job does, until another
    worker takes the job over with a token of its own."""

    class State(models.TextChoices):
        WAITING = "waiting", "รอทำ"
        RUNNING = "running", "กำลังทำ"
        DONE = "done", "เสร็จแล้ว"
        FAILED = "failed", "ทำไม่สำเร็จ"  # given up: nobody tries again unless a person says so
        CANCELLED = "cancelled", "ยกเลิกแล้ว"

    ACTIVE = (State.WAITING, State.RUNNING)

    name = models.CharField(max_length=60)  # of a kind: "results.read_import"
    arguments = models.JSONField(default=list)
    queue = models.CharField(max_length=20)
    key = models.CharField(max_length=120, blank=True)  # no two active jobs with the same key
    assessment = models.CharField(max_length=20, blank=True)  # empty for the whole installation
    about = models.CharField(max_length=200, blank=True)  # what it is done to, in Thai
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField(null=True)  # none: at once, whatever the clock does
    tries = models.PositiveSmallIntegerField(default=0)
    # leases that ran out since it last got on; with a default of the database, for programs of the version before
    losses = models.PositiveSmallIntegerField(default=0, db_default=0)
    owner = models.CharField(max_length=120, blank=True)  # the worker that runs it, or ran it last
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    steps_done = models.PositiveIntegerField(default=0)
    steps_total = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)  # of the last try, in Thai
    request_id = models.CharField(max_length=64, null=True)  # of the request that queued it, where there was one
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("key",), condition=Q(state__in=("waiting", "running")) & ~Q(key=""), name="job_active_once"
            ),
        )
        indexes = (models.Index(fields=("queue", "id"), condition=Q(state__in=("waiting", "running")), name="job_due"),)

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE


class Schedule(models.Model):
    """The last period for which a piece of scheduled work became a job."""

    name = models.CharField(max_length=60, primary_key=True)
    period = models.BigIntegerField()


class Worker(models.Model):
    """A worker process, and when it was last seen alive."""

    name = models.CharField(max_length=120, primary_key=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
