"""Every write about users and notices; the audit trail that all rooms write to."""

from datetime import UTC
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from prongsai.framework import NATIONAL
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
    notice = Notice.objects.create(user=user, text=INVITATION_TEXT)
    transaction.on_commit(lambda: mail_notice.enqueue(notice.pk, site))
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
    notice = Notice.objects.create(user=user, text=text[:300], url=url)
    transaction.on_commit(lambda: mail_notice.enqueue(notice.pk))
    return notice


@task()
def mail_notice(notice_id: int, site: str = "") -> None:
    """Mail one notice; with ``site``, together with a link to set a password. A failure is stored with the notice and
    stops nothing else."""
    notice = Notice.objects.select_related("user").get(pk=notice_id)
    if notice.mailed_at:
        return
    try:
        link = f"\n\nตั้งรหัสผ่านได้ที่ {build_password_link(notice.user, site)} ภายใน 7 วัน" if site else ""
        send_mail("[โปร่งใส] แจ้งเรื่องถึงคุณ", notice.text + link, None, [notice.user.email])
        notice.mailed_at = timezone.now()
    except OSError as error:
        notice.mail_problem = str(error)[:300]
    notice.save(update_fields=["mailed_at", "mail_problem"])


def mark_notices_read(*, user: User) -> None:
    Notice.objects.filter(user=user, read_at=None).update(read_at=timezone.now())
