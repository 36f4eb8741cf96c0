"""What is known about jobs: lists, counts, ages, and whether any worker is alive."""

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Max, Min, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.utils import timezone

from prongsai.jobs.kinds import QUEUE_TITLES, Queue, find_kind, find_kinds
from prongsai.jobs.models import Job, Worker

_ORDER = (Job.State.RUNNING, Job.State.WAITING, Job.State.FAILED)


@dataclass(frozen=True)
class QueueState:
    """How a queue stands: how many wait, how many run, since when the oldest waits."""

    title: str
    waiting: int
    running: int
    oldest: datetime.datetime | None


def list_jobs(*, assessment: str = "", everything: bool = True, state: str = "") -> QuerySet[Job]:
    """Jobs, those that need attention first. ``everything`` includes those of the whole installation and of other
    assessments."""
    jobs = Job.objects.all() if everything else Job.objects.filter(assessment=assessment)
    if state:
        jobs = jobs.filter(state=state)
    return jobs.order_by(by_attention(), "-pk")


def by_attention() -> OrderBy:
    """The order of those that need attention: running, waiting, failed, then the rest."""
    places = (When(state=s, then=Value(n)) for n, s in enumerate(_ORDER))
    return OrderBy(Case(*places, default=Value(9), output_field=IntegerField()))


def match_text(text: str) -> Q:
    """Jobs of a number, or with a text in what they are, what they are done to, or their problem."""
    found = Q(about__icontains=text) | Q(problem__icontains=text) | Q(name__in=find_kinds(text))
    return found | Q(pk=int(text)) if text.isdecimal() and len(text) < 18 else found


def title_of(job: Job) -> str:
    """What kind of job it is, in Thai."""
    kind = find_kind(job.name)
    return kind.title if kind else job.name


def queue_states() -> list[QueueState]:
    """Every queue in which something waits or runs."""
    rows: dict[str, dict[str, tuple[int, datetime.datetime | None]]] = {}
    active = Job.objects.filter(state__in=Job.ACTIVE).order_by()
    for queue, state, count, oldest in active.values_list("queue", "state").annotate(Count("pk"), Min("created_at")):
        rows.setdefault(queue, {})[state] = (count, oldest)
    nothing = (0, None)
    return [
        QueueState(
            title,
            states.get(Job.State.WAITING, nothing)[0],
            states.get(Job.State.RUNNING, nothing)[0],
            states.get(Job.State.WAITING, nothing)[1],
        )
        for queue, title in QUEUE_TITLES.items()
        if (states := rows.get(queue))
    ]


def count_by_state() -> dict[str, int]:
    """How many jobs there are in each state."""
    return dict(Job.objects.order_by().values_list("state").annotate(Count("pk")))


def count_by_queue(states: Iterable[str]) -> dict[tuple[str, str], int]:
    """How many jobs of each queue are in each of the states; what is zero is left out."""
    jobs = Job.objects.filter(state__in=list(states)).order_by()
    return {(queue, state): n for queue, state, n in jobs.values_list("queue", "state").annotate(Count("pk"))}


def oldest_by_queue() -> dict[str, float]:
    """For how many seconds the oldest job of each queue that could begin, has waited."""
    now = timezone.now()
    ready = Job.objects.filter(Q(due_at=None) | Q(due_at__lte=now), state=Job.State.WAITING).order_by()
    oldest = ready.values_list("queue").annotate(since=Min(Coalesce("due_at", "created_at")))
    return {queue: max(0.0, (now - since).total_seconds()) for queue, since in oldest}


def seconds_since_worker() -> float:
    """How long ago a worker was last seen; infinite if none ever was."""
    seen = Worker.objects.aggregate(last=Max("seen_at"))["last"]
    return max(0.0, (timezone.now() - seen).total_seconds()) if seen else math.inf


def is_worker_alive() -> bool:
    """Whether a worker was seen within the last minutes; true where none is wanted."""
    if not settings.JOBS_BY_WORKERS:
        return True
    recently = timezone.now() - datetime.timedelta(seconds=2 * settings.JOBS_LEASE)
    return Worker.objects.filter(seen_at__gte=recently).exists()


def queue_title(job: Job) -> str:
    """The name of a job's queue, in Thai."""
    return QUEUE_TITLES[Queue(job.queue)] if job.queue in list(Queue) else job.queue


def age_of(job: Job) -> str:
    """For how long a job has waited or run, or how long it took, in Thai."""
    since = job.created_at if job.state == Job.State.WAITING or job.started_at is None else job.started_at
    return describe_duration((job.finished_at or timezone.now()) - since)


def describe_duration(duration: datetime.timedelta) -> str:
    """A duration in its largest unit, in Thai."""
    seconds = max(0, int(duration.total_seconds()))
    for size, unit in ((86400, "วัน"), (3600, "ชั่วโมง"), (60, "นาที")):
        if seconds >= size:
            return f"{seconds // size:,} {unit}"
    return f"{seconds} วินาที"
