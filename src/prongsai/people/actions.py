"""Every write about users and notices; the audit trail that all rooms write to."""

import textwrap
from collections.abc import Callable, Sequence

from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage, send_mail
from django.core.mail.utils import DNS_NAME
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from prongsai.framework import NATIONAL
from prongsai.jobs import actions as jobs
from prongsai.jobs.kinds import Queue, job
from prongsai.jobs.leases import Lease
from prongsai.jobs.models import Job
from prongsai.jobs.queries import title_of
from prongsai.people import password_links
from prongsai.people.models import Heartbeat, Notice, SavedView, User
from prongsai.people.roles import Role
from prongsai.people.trail import log_audit

__all__ = ["DomainError", "log_audit"]  # what every room uses; the rest is of this room's pages and commands

MAX_VIEWS = 20  # of one user on one page
MAX_VIEW_NAME, MAX_VIEW_PATH, MAX_VIEW_QUERY = 60, 200, 1000  # letters, as the table has room for
INVITATION_TEXT = "คุณได้รับเชิญให้ใช้ระบบโปร่งใส"


class DomainError(ValueError):
    """An action is refused by a rule of the domain; the text gives the reason in Thai."""


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


def save_view(*, user: User, path: str, name: str, query: str) -> SavedView:
    """Keep a list's address under a name for its user alone; a name that is there gets the new address."""
    name = name.strip()
    if not name:
        raise DomainError("ตั้งชื่อมุมมองก่อน")
    if len(name) > MAX_VIEW_NAME or len(path) > MAX_VIEW_PATH or len(query) > MAX_VIEW_QUERY:
        raise DomainError(f"ชื่อมุมมองยาวได้ {MAX_VIEW_NAME} ตัวอักษร และเงื่อนไขต้องไม่ยาวผิดปกติ")
    with transaction.atomic():
        others = SavedView.objects.filter(user=user, path=path).exclude(name=name)
        if others.count() >= MAX_VIEWS:
            raise DomainError(f"หน้านี้มีมุมมองครบ {MAX_VIEWS} แล้ว ลบที่ไม่ใช้ก่อน")
        view, _ = SavedView.objects.update_or_create(user=user, path=path, name=name, defaults={"query": query})
        log_audit(by=user, action="people.save_view", subject=f"มุมมอง {view.pk}")
    return view


def delete_view(*, user: User, path: str, name: str) -> None:
    """Forget a view that its user saved."""
    with transaction.atomic():
        for view in SavedView.objects.filter(user=user, path=path, name=name):
            log_audit(by=user, action="people.delete_view", subject=f"มุมมอง {view.pk}")
            view.delete()


def send_invitation(*, user: User, site: str) -> Notice:
    """Mail an invited user the link to set a password; may be repeated. The link is built when it is sent and never
    stored."""
    if user.has_usable_password():
        raise DomainError(f"{user} ตั้งรหัสผ่านแล้ว หากลืมให้ใช้ “ลืมรหัสผ่าน” ในหน้าเข้าสู่ระบบ")
    with transaction.atomic():
        notice = Notice.objects.create(user=user, text=INVITATION_TEXT)
        mail_notice.enqueue(notice.pk, site)
    return notice


def withdraw_invitations(*, users: Sequence[User], by: User) -> None:
    """Take back invitations that nobody has followed, all or none: the accounts go, the links that were mailed open
    nothing, and what waits to be mailed is not. Several at once, because each look at all that may refer to an account
    costs a hundred questions. Raises DomainError."""
    with transaction.atomic():
        found = User.objects.select_for_update().filter(pk__in=[user.pk for user in users]).order_by("pk")
        for user in found:
            if user.has_usable_password() or user.last_login is not None:
                raise DomainError(f"{user} เริ่มใช้บัญชีแล้ว ปิดบัญชีแทน")
            log_audit(by=by, action="people.withdraw_invitation", subject=f"ผู้ใช้ {user.pk}", detail={"role": user.role})
        try:
            found.delete()
        except ProtectedError as error:
            named = ", ".join(str(user) for user in users[:3])
            raise DomainError(f"{named} มีงานในระบบแล้ว ปิดบัญชีแทน") from error


def rename_user(*, user: User, name: str, by: User) -> None:
    """Correct a user's name. What they signed before keeps the name of then."""
    name = " ".join(name.split())
    if not name:
        raise DomainError("ใส่ชื่อของผู้ใช้")
    with transaction.atomic():
        detail = {"before": user.name, "after": name}
        user.name = name
        user.save(update_fields=["name"])
        log_audit(by=by, action="people.rename", subject=f"ผู้ใช้ {user.pk}", detail=detail)


def request_password_link(*, email: str, site: str) -> None:
    """Have a link to set a new password mailed to an address, if an account has it. Whoever asks learns nothing: the
    same is done for any address, and the rest in the background."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).values_list("pk", flat=True).first()
    mail_password_link.enqueue(user or 0, site)


@job(title="ส่งลิงก์ตั้งรหัสผ่าน", queue=Queue.MAIL)
def mail_password_link(_: Lease, user_id: int, site: str) -> None:
    """Mail the link; to nobody for user 0. It is built when it is sent and never stored."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    link = build_password_link(user, site, password_links.RESETS)
    text = f"มีผู้ขอตั้งรหัสผ่านใหม่ของบัญชีนี้ หากเป็นท่าน ตั้งได้ที่\n{link}\nภายใน 1 ชั่วโมง ใช้ได้ครั้งเดียว\n\nหากไม่ได้ขอ ไม่ต้องทำอะไร"
    send_mail("[โปร่งใส] ตั้งรหัสผ่านใหม่", text, None, [user.email])


def build_password_link(user: User, site: str, tokens: PasswordResetTokenGenerator = password_links.INVITATIONS) -> str:
    """A link by which its holder sets the user's password, once: by default that of an invitation."""
    address = {"uidb36": user_pk_to_url_str(user), "key": tokens.make_token(user)}
    return site + reverse("account_reset_password_from_key", kwargs=address)


def recover_user(*, user: User, reason: str, site: str, by: User | None) -> None:
    """Let a user who lost their second factor in again: factors and password are void, every session ends, and the
    address gets a new invitation. Whoever only knows the old password gains nothing by it."""
    if by is not None and user.pk == by.pk:
        raise DomainError("กู้คืนบัญชีของตนเองไม่ได้ ให้ผู้อื่นในส่วนกลางทำแทน")
    if not reason.strip():
        raise DomainError("บอกเหตุผลของการกู้คืน เช่น โทรศัพท์หาย และได้ตรวจสอบตัวบุคคลอย่างไร")
    with transaction.atomic():
        factors = Authenticator.objects.filter(user_id=user.pk)
        detail = {"reason": reason.strip()[:300], "factors": sorted(factors.values_list("type", flat=True))}
        factors.delete()
        user.set_unusable_password()  # sessions hang on the password
        user.save(update_fields=["password"])
        log_audit(by=by, action="people.recover", subject=f"ผู้ใช้ {user.pk}", detail=detail)
        send_invitation(user=user, site=site)


def record_heartbeat(name: str) -> None:
    """A part of the installation says that it works: "backup"."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def set_user_active(*, user: User, active: bool, by: User) -> None:
    """Open or close an account; nobody closes their own."""
    if user.pk == by.pk:
        raise DomainError("ปิดบัญชีของตนเองไม่ได้ ให้ผู้อื่นในส่วนกลางทำแทน")
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        log_audit(by=by, action="people.open" if active else "people.close", subject=f"ผู้ใช้ {user.pk}")


_LONGEST_SUBJECT = 100  # letters of a mail's subject


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
    if notice.url and settings.SITE:
        link += f"\n\nเปิดดูที่ {settings.SITE}{notice.url}"
    subject = textwrap.shorten(f"[โปร่งใส] {notice.text}", _LONGEST_SUBJECT, placeholder="…")
    message_id = f"<notice-{notice.pk}-{notice.created_at:%Y%m%d%H%M%S%f}@{DNS_NAME.get_fqdn()}>"
    headers = {"Message-ID": message_id}
    mail = EmailMessage(subject, notice.text + link, None, [notice.user.email], headers=headers)
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
