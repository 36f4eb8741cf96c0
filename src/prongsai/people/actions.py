"""Every write about users and notices; the audit trail that all rooms write to."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMessage
from django.core.mail.utils import DNS_NAME
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from prongsai.framework import NATIONAL
from prongsai.jobs import actions as jobs
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.jobs.models import Job
from prongsai.jobs.queries import title_of
from prongsai.lib import digest
from prongsai.people.models import AuditEntry, AuditHead, Notice, User
from prongsai.people.roles import Role

GENESIS_DIGEST = "0" * 64  # the "previous" of the first entry
SYSTEM_ACTOR = "ระบบ"
INVITATION_TEXT = "คุณได้รับเชิญให้ใช้ระบบโปร่งใส"


class DomainError(ValueError):
    """An action is refused by a rule of the domain; the text gives the reason in Thai."""


def log_audit(
    *, by: User | None, action: str, subject: str, agency: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Add an entry to the audit trail, in the caller's transaction: the action and its entry succeed or fail together.

    ``by=None`` is the system itself. ``action`` is "room.verb"; ``agency`` the code of the agency it is about."""
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().get_or_create(id=1, defaults={"digest": GENESIS_DIGEST})[0]
        entry = AuditEntry(
            at=timezone.now(),
            by=f"{by.pk} {by.name}" if by else SYSTEM_ACTOR,
            action=action,
            subject=subject[:200],
            agency=agency,
            detail=detail or {},
            previous=head.digest,
        )
        entry.digest = compute_entry_digest(entry)
        entry.save(force_insert=True)
        head.digest, head.entries = entry.digest, head.entries + 1
        head.save()
    return entry


def compute_entry_digest(entry: AuditEntry) -> str:
    """SHA-256 of an entry's fields and the digest of the entry before it."""
    at = entry.at.astimezone(UTC).isoformat()
    return digest.of_json([at, entry.by, entry.action, entry.subject, entry.agency, entry.detail, entry.previous])


def invite_user(*, email: str, name: str, role: str, by: User | None, site: str, assessment: str = NATIONAL) -> User:
    """Create an account without a password and mail its address a link to set one. ``site``: "https://host"."""
    email = email.strip()
    with transaction.atomic():
        if User.objects.filter(email__iexact=email).exists():
            raise DomainError(f"มีผู้ใช้อีเมล {email} อยู่แล้ว")
        user = User(email=email, name=name.strip(), role=Role(role), assessment=assessment)
        user.set_unusable_password()
        user.save()
        # the link is sent to this address alone, so setting the password proves it
        EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
        log_audit(by=by, action="people.invite", subject=f"ผู้ใช้ {user.pk}", detail={"role": user.role})
    send_invitation(user=user, site=site)
    return user


def send_invitation(*, user: User, site: str) -> Notice:
    """Mail an invited user the link to set a password; may be repeated. The link is built when it is sent and never
    stored."""
    if user.has_usable_password():
        raise DomainError(f"{user} ตั้งรหัสผ่านแล้ว หากลืมให้ใช้ “ลืมรหัสผ่าน” ในหน้าเข้าสู่ระบบ")
    with transaction.atomic():
        notice = Notice.objects.create(user=user, text=INVITATION_TEXT)
        mail_notice.enqueue(notice.pk, site)
    return notice


def build_password_link(user: User, site: str) -> str:
    """A link by which its holder sets the user's password, once, within PASSWORD_RESET_TIMEOUT."""
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    uid, token = key.split("-", 1)
    return site + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})


def set_user_active(*, user: User, active: bool, by: User) -> None:
    """Open or close an account; nobody closes their own."""
    if user.pk == by.pk:
        raise DomainError("ปิดบัญชีของตนเองไม่ได้ ให้ผู้อื่นในส่วนกลางทำแทน")
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        log_audit(by=by, action="people.open" if active else "people.close", subject=f"ผู้ใช้ {user.pk}")


def notify(*, user: User, text: str, url: str) -> Notice:
    """Send a user a notice: shown on the next page, and mailed in the background once the transaction is committed."""
    with transaction.atomic():
        notice = Notice.objects.create(user=user, text=text[:300], url=url)
        mail_notice.enqueue(notice.pk)
    return notice


@job(title="ส่งอีเมลแจ้ง", queue=Queue.MAIL, tries=10)
def mail_notice(lease: Lease, notice_id: int, site: str = "") -> None:
    """Mail one notice; with ``site``, together with a link to set a password. A failure is stored with the notice, and
    the mail is tried again.

    Sent twice, where a worker dies between sending it and storing that, it has the same Message-ID, by which the
    receiver knows it for one.
    """
    notice = Notice.objects.select_related("user").filter(pk=notice_id, mailed_at=None).first()
    if notice is None:
        return
    link = f"\n\nตั้งรหัสผ่านได้ที่ {build_password_link(notice.user, site)} ภายใน 7 วัน" if site else ""
    message_id = f"<notice-{notice.pk}-{notice.created_at:%Y%m%d%H%M%S%f}@{DNS_NAME.get_fqdn()}>"
    mail = EmailMessage(
        "[โปร่งใส] แจ้งเรื่องถึงคุณ", notice.text + link, None, [notice.user.email], headers={"Message-ID": message_id}
    )
    try:
        mail.send()
    except OSError as error:
        with lease.write():
            Notice.objects.filter(pk=notice_id).update(mail_problem=str(error)[:300])
        raise
    with lease.write(finish=True):
        Notice.objects.filter(pk=notice_id).update(mailed_at=timezone.now(), mail_problem="")


def mark_notices_read(*, user: User) -> None:
    Notice.objects.filter(user=user, read_at=None).update(read_at=timezone.now())


# --- background work: what the office decides about it


def cancel_job(*, job: Job, by: User | None) -> None:
    """End a job that waits or runs. Raises DomainError."""
    _decide(job, "jobs.cancel", by, jobs.cancel)


def retry_job(*, job: Job, by: User | None) -> None:
    """Begin a job anew that failed or was cancelled, or that waits for its next try. Raises DomainError."""
    _decide(job, "jobs.retry", by, jobs.retry)


def _decide(job: Job, action: str, by: User | None, decide: Callable[..., None]) -> None:
    try:
        with transaction.atomic():
            subject = f"งานที่ {job.pk} {title_of(job)} {job.about}".strip()
            log_audit(by=by, action=action, subject=subject, detail={"name": job.name, "state": job.state})
            decide(job=job)
    except jobs.JobError as error:
        raise DomainError(str(error)) from error
