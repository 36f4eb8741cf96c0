"""Two people for what cannot be taken back: where the installation asks for it (``PRONGSAI_SECOND_PERSON``), one person
proposes an act, another with the same right confirms it, and only then a worker does it, with exactly the arguments
that were proposed. The worker looks again: a job that got into the queue another way is refused.

Who has two accounts is two people to the machine; users are the office's to keep apart.
"""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from prongsai.jobs.models import Job
from prongsai.lib import thai
from prongsai.people.access import is_allowed
from prongsai.people.actions import DomainError, log_audit, notify
from prongsai.people.models import Proposal, User

PERMISSION = "people.confirm"


def propose(proposal: Proposal) -> Proposal:
    """Store what a person asks another to confirm; the others who may are told."""
    with transaction.atomic():
        _close_abandoned(proposal)
        try:
            with transaction.atomic():
                proposal.save()
        except IntegrityError as error:  # there is an open one
            raise DomainError("มีผู้เสนอเรื่องนี้ไว้แล้ว ให้ยืนยันหรือถอนข้อเสนอนั้นก่อน") from error
        log_audit(by=proposal.by, action="people.propose", subject=_name(proposal))
        for other in User.objects.filter(assessment=proposal.assessment, is_active=True).exclude(pk=proposal.by_id):
            if is_allowed(other, PERMISSION, assessment=proposal.assessment):
                text = f"{proposal.by} เสนอให้{_name(proposal)} รอผู้ใช้อีกคนยืนยัน"
                notify(user=other, text=text, url=proposal.url)
    return proposal


def _close_abandoned(anew: Proposal) -> None:
    """A confirmed act whose job was cancelled, or given up, is proposed anew."""
    confirmed = Proposal.objects.filter(act=anew.act, subject=anew.subject, closed_at=None).exclude(confirmed_by=None)
    if not Job.objects.filter(name=anew.act, key=f"{anew.act}:{anew.subject}", state__in=Job.ACTIVE).exists():
        confirmed.update(closed_at=timezone.now())


def lock_open(proposal_id: int, assessment: str) -> Proposal:
    """An open proposal, its row locked. Raises DomainError when it is withdrawn or done, or confirmed already."""
    found = Proposal.objects.select_for_update(of=("self",)).select_related("by")
    proposal = found.filter(pk=proposal_id, assessment=assessment, closed_at=None, confirmed_by=None).first()
    if proposal is None:
        raise DomainError("ข้อเสนอนี้ถูกถอน หรือยืนยันไปแล้ว")
    return proposal


def confirm(proposal: Proposal, *, by: User) -> None:
    """Be the second person, in the transaction that puts the act into the queue."""
    if proposal.by_id == by.pk:
        raise DomainError("ผู้เสนอยืนยันข้อเสนอของตนเองไม่ได้ ต้องเป็นผู้ใช้อีกคน")
    if not is_allowed(proposal.by, PERMISSION, assessment=proposal.assessment):
        raise DomainError("ผู้เสนอไม่มีสิทธิ์แล้ว ให้ถอนข้อเสนอนี้แล้วเสนอใหม่")
    proposal.confirmed_by, proposal.confirmed_at = by, timezone.now()
    proposal.save()
    log_audit(by=by, action="people.confirm", subject=_name(proposal))


def withdraw(*, proposal_id: int, assessment: str, by: User) -> Proposal:
    """Take back a proposal that nobody confirmed yet: one's own, or another's."""
    with transaction.atomic():
        proposal = lock_open(proposal_id, assessment)
        proposal.closed_at = timezone.now()
        proposal.save()
        log_audit(by=by, action="people.withdraw_proposal", subject=_name(proposal))
        if proposal.by_id != by.pk:
            notify(user=proposal.by, text=f"{by} ถอนข้อเสนอ{_name(proposal)}", url=proposal.url)
    return proposal


def require_second_person(act: str, arguments: list[Any]) -> None:
    """Before the act is done, by whatever way it was asked for. Raises DomainError unless two people who still may
    have asked for exactly this."""
    if not settings.SECOND_PERSON:
        return
    confirmed = (
        Proposal.objects.filter(act=act, closed_at=None).exclude(confirmed_by=None).exclude(confirmed_by=F("by"))
    )
    for proposal in confirmed.select_related("by", "confirmed_by"):
        both = (proposal.by, proposal.confirmed_by)
        if proposal.arguments == arguments and all(
            is_allowed(person, PERMISSION, assessment=proposal.assessment) for person in both
        ):
            return
    raise DomainError("ต้องมีผู้เสนอและผู้ยืนยันคนละคน")


def close(act: str, arguments: list[Any]) -> None:
    """The act is done or refused: its proposal is good for nothing more."""
    for proposal in Proposal.objects.filter(act=act, closed_at=None).exclude(confirmed_by=None):
        if proposal.arguments == arguments:
            Proposal.objects.filter(pk=proposal.pk).update(closed_at=timezone.now())


def find_waiting(acts: list[str], subject: str) -> list[Proposal]:
    """What of these acts waits for a second person."""
    waiting = Proposal.objects.filter(act__in=acts, subject=subject, closed_at=None, confirmed_by=None)
    return list(waiting.select_related("by").order_by("pk"))


def require_typed(typed: str, expected: object) -> None:
    """Raises DomainError unless a person typed, in Arabic or Thai digits, what the form asked for: nobody does what
    binds with one press too many."""
    if thai.arabic(typed).strip() != str(expected):
        raise DomainError(f"พิมพ์ {expected} ในช่องยืนยันก่อน จึงทำได้")


def _name(proposal: Proposal) -> str:
    return f"{proposal.title} {proposal.about}"
