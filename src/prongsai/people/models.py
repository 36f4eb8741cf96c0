"""Users, the audit trail, notices."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from prongsai.framework import NATIONAL
from prongsai.people.audit_words import DETAILS, describe_value, name_action
from prongsai.people.roles import Role


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in, with one role in one assessment. The registry has the agencies that the user acts for."""

    email = models.EmailField("อีเมล")
    name = models.CharField("ชื่อ", max_length=120)
    role = models.CharField("บทบาท", max_length=12, choices=Role.choices)
    assessment = models.CharField("การประเมิน", max_length=20, default=NATIONAL)  # its name, in the registry below
    is_active = models.BooleanField("ใช้งานได้", default=True)
    invited_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]
    objects = UserManager()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_unique"),)

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        return False


class AuditEntry(models.Model):
    """One write by a person. The table is append-only: the database refuses to change or delete rows, and each row has
    the digest of the row before, so that a row removed or altered by other means breaks the chain."""

    at = models.DateTimeField("เวลา")
    by = models.CharField("โดย", max_length=160)  # "12 ชื่อ", or "ระบบ": unaffected by a later change of name
    action = models.CharField("การกระทำ", max_length=60, db_index=True)
    subject = models.CharField("สิ่งที่กระทำ", max_length=200)
    agency = models.CharField("หน่วยงาน", max_length=40, blank=True, db_index=True)
    detail = models.JSONField("รายละเอียด", default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    # of the key outside the database that the digest was made with; none until version 0.2
    key_id = models.CharField(max_length=16, null=True)

    class Meta:
        ordering = ("id",)

    @property
    def action_name(self) -> str:
        return name_action(self.action)

    @property
    def detail_pairs(self) -> list[tuple[str, object]]:
        """The detail in Thai, as pairs: in a template, ``detail.items`` would be the value of a key named "items"."""
        return [(DETAILS.get(key, key), describe_value(value)) for key, value in self.detail.items()]


class AuditHead(models.Model):
    """The digest of the last entry: one row, locked by whoever writes the next."""

    digest = models.CharField(max_length=64)
    entries = models.BigIntegerField(default=0)


class Notice(models.Model):
    """A message to a user, in the application and by e-mail, with the outcome of the e-mail."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    mail_problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("user", "read_at")),)


class AttemptCount(models.Model):
    """How many attempts at signing in failed, of one account from one source, of one account, of one source or of one
    known device. The key is a digest made with the secret key: no address can be read from a row. A table rather than a
    cache, because a cache that is full throws the counts away."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    blocked_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)


class Heartbeat(models.Model):
    """When a part of the installation last said that it works: "backup"."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()


class SavedView(models.Model):
    """A list as somebody wants to see it again: the page's path, and what the address asks of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=200)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=("user", "path", "name"), name="saved_view_once"),)


class Proposal(models.Model):
    """An act that one person asked for and that waits for a second: see ``second_person``. ``arguments`` are what its
    worker will be given, so that nothing else is done than what both were shown."""

    act = models.CharField(max_length=80)  # the name of its kind of job
    subject = models.CharField(max_length=40)  # what it is done to
    arguments = models.JSONField()
    title = models.CharField(max_length=200)
    about = models.CharField(max_length=200)
    reason = models.CharField(max_length=600, blank=True)  # the proposer's, where the act has one
    assessment = models.CharField(max_length=20)
    url = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # done, refused or withdrawn

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("act", "subject"), condition=models.Q(closed_at=None), name="one_open_proposal"
            ),
            models.CheckConstraint(condition=~models.Q(confirmed_by=models.F("by")), name="confirmed_by_another"),
        )
