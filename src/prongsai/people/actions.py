"""Every write about users and notices; the audit trail that all rooms write to."""

from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from prongsai.framework import NATIONAL
from prongsai.people import password_links
from prongsai.people.models import Heartbeat, Notice, User
from prongsai.people.roles import Role
from prongsai.people.trail import log_audit

__all__ = ["DomainError", "log_audit"]  # what every room uses; the rest is of this room's pages and commands

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


def send_invitation(*, user: User, site: str) -> Notice:
    """Mail an invited user the link to set a password; may be repeated. The link is built when it is sent and never
    stored."""
    if user.has_usable_password():
        raise DomainError(f"{user} ตั้งรหัสผ่านแล้ว หากลืมให้ใช้ “ลืมรหัสผ่าน” ในหน้าเข้าสู่ระบบ")
    notice = Notice.objects.create(user=user, text=INVITATION_TEXT)
    transaction.on_commit(lambda: mail_notice.enqueue(notice.pk, site))
    return notice


def request_password_link(*, email: str, site: str) -> None:
    """Have a link to set a new password mailed to an address, if an account has it. Whoever asks learns nothing: the
    same is done for any address, and the rest in the background."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).values_list("pk", flat=True).first()
    mail_password_link.enqueue(user or 0, site)


@task()
def mail_password_link(user_id: int, site: str) -> None:
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
    """A part of the installation says that it works: "worker", "backup"."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


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
