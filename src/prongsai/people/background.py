"""Actions that take longer than a page may: a person asks for one on a page, a worker does it, once, and the person is
told of the outcome in the transaction that stores it. Some need a second person first: see ``second_person``.

The page answers at once and shows how far the work is; while it waits or runs, asking again gives the same job. What a
rule of the domain refuses is the outcome as well: it is told, and shown on the page.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from prongsai.jobs.kinds import Kind, Queue, job
from prongsai.jobs.leases import Lease
from prongsai.jobs.models import Job
from prongsai.jobs.queries import title_of
from prongsai.people import second_person
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import Proposal, User

_SHOWN_FOR = datetime.timedelta(days=1)  # how long the outcome stands on the page


class _ReportingLease(Lease):
    """The lease of somebody's action: whoever asked is told when it ends."""

    def __init__(self, lease: Lease, user: User, title: str, url: str, at_end: Callable[[], None]) -> None:
        super().__init__(lease.job_id, lease.token)
        self.user, self.title, self.url, self.at_end, self.is_finished = user, title, url, at_end, False

    def _touch(self, done: int | None, total: int | None, *, finish: bool, advances: bool = False) -> None:
        if finish and not self.is_finished:
            self.at_end()
            outcome = f"{self.title}ไม่ได้: {self.refusal}" if self.refusal else self.outcome
            notify(user=self.user, text=outcome or f"{self.title}เสร็จแล้ว", url=self.url)
            self.is_finished = True
        super()._touch(done, total, finish=finish, advances=advances)


@dataclass(frozen=True)
class ActionState:
    """How an action that was asked for stands, for the page from which it is asked."""

    title: str
    job: Job

    @property
    def is_active(self) -> bool:
        return self.job.is_active

    @property
    def is_waiting(self) -> bool:
        return self.job.state == Job.State.WAITING

    @property
    def is_done(self) -> bool:
        return self.job.state == Job.State.DONE and not self.job.problem


@dataclass(frozen=True)
class BackgroundAction:
    """A kind of job that a person asks for. ``binds``: two people, where the installation asks for that."""

    kind: Kind
    binds: bool = False

    def request(self, subject: str, *arguments: Any, by: User, about: str, assessment: str, url: str) -> Job:
        """Have it done; the same job where the same is asked for already. ``subject`` names what it is done to,
        ``url`` the page to which its notice leads."""
        with transaction.atomic():
            found = self.kind.enqueue(
                by.pk, url, *arguments, key=self._key(subject), about=about, assessment=assessment
            )
            log_audit(by=by, action="jobs.ask", subject=f"{self.kind.title}: {about}")
        found.refresh_from_db()  # it is done already where there is no worker
        return found

    def propose(
        self, subject: str, *arguments: Any, by: User, about: str, assessment: str, url: str, reason: str = ""
    ) -> Job | Proposal:
        """As ``request``; where the installation asks for two people, it waits for the second, who reads ``reason``."""
        if not (self.binds and settings.SECOND_PERSON):
            return self.request(subject, *arguments, by=by, about=about, assessment=assessment, url=url)
        what = {"act": self.kind.name, "subject": subject, "arguments": list(arguments), "title": self.kind.title}
        return second_person.propose(
            Proposal(**what, about=about, reason=reason[:600], assessment=assessment, url=url, by=by)
        )

    def state(self, subject: str) -> ActionState | None:
        """The last time it was asked for, while that is of interest."""
        last = Job.objects.filter(name=self.kind.name, key=self._key(subject)).order_by("-pk").first()
        if last is None or (last.finished_at and last.finished_at < timezone.now() - _SHOWN_FOR):
            return None
        return ActionState(self.kind.title, last)

    def _key(self, subject: str) -> str:
        return f"{self.kind.name}:{subject}"


_binding: dict[str, BackgroundAction] = {}


def confirm_proposal(*, proposal_id: int, assessment: str, by: User) -> Job:
    """Be the second person of a proposal: a worker does it now. Raises DomainError."""
    with transaction.atomic():
        proposal = second_person.lock_open(proposal_id, assessment)
        second_person.confirm(proposal, by=by)
        about, url = proposal.about, proposal.url
        action, arguments = _binding[proposal.act], proposal.arguments
        return action.request(proposal.subject, *arguments, by=by, about=about, assessment=assessment, url=url)


def background_action(
    *, title: str, queue: Queue = Queue.OFFICE, binds: bool = False
) -> Callable[[Callable[..., None]], BackgroundAction]:
    """Make a background action of a function ``(lease, by, *arguments)``. It writes inside ``lease.write``, at the end
    with ``finish=True``, after saying what came of it: ``lease.outcome``, in Thai. A DomainError is a refusal."""

    def register(function: Callable[..., None]) -> BackgroundAction:
        def report_failure(user_id: int, url: str, *_: Any, problem: str) -> None:
            notify(user=User.objects.get(pk=user_id), text=f"{title}ไม่สำเร็จ: {problem}", url=url)

        @wraps(function)
        def run(lease: Lease, user_id: int, url: str, *arguments: Any) -> None:
            user, proposed = User.objects.get(pk=user_id), list(arguments)
            reporting = _ReportingLease(lease, user, title, url, lambda: second_person.close(made.kind.name, proposed))
            try:
                if binds:
                    second_person.require_second_person(made.kind.name, proposed)
                function(reporting, user, *arguments)
                if not reporting.is_finished:
                    with reporting.write(finish=True):
                        pass
            except DomainError as error:
                reporting.refusal = lease.refusal = str(error)
                with reporting.write(finish=True):
                    pass

        made = BackgroundAction(job(title=title, queue=queue, on_failure=report_failure)(run), binds)
        if binds:
            _binding[made.kind.name] = made
        return made

    return register


def find_states(kinds: Iterable[BackgroundAction], subject: str) -> list[ActionState]:
    """How each of these actions stands for a subject: those under way, and the last that ended."""
    states = sorted((s for k in kinds if (s := k.state(subject))), key=lambda s: -s.job.pk)
    return [s for n, s in enumerate(states) if s.is_active or n == 0]


def find_proposals(kinds: Iterable[BackgroundAction], subject: str) -> list[Proposal]:
    """What of these actions waits for a second person."""
    return second_person.find_waiting([action.kind.name for action in kinds], subject)


def say_begun(request: HttpRequest, asked: Job | Proposal) -> None:
    """Tell whoever asked, on the next page, that it began, or what came of it where it is done already."""
    if isinstance(asked, Proposal):
        messages.info(request, f"เสนอให้{asked.title}แล้ว รอผู้ใช้อีกคนยืนยัน")
        return
    title = title_of(asked)
    if asked.state != Job.State.DONE:
        messages.info(request, f"เริ่ม{title}แล้ว ปิดหน้านี้ได้ เสร็จเมื่อใดจะแจ้งเตือน")
    elif asked.problem:
        messages.error(request, asked.problem)
    else:
        messages.success(request, f"{title}แล้ว")
