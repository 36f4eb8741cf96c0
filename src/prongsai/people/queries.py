"""Reads about users, notices and the audit trail."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from prongsai.framework import NATIONAL
from prongsai.people import factor_secrets, second_factor
from prongsai.people.models import AuditEntry, Heartbeat, Notice, User
from prongsai.people.roles import Role
from prongsai.people.trail import AuditTrailCheck, verify_audit_trail

__all__ = ["AuditTrailCheck", "verify_audit_trail"]


def audit_entries(*, assessment: str, action: str = "", agency: str = "") -> QuerySet[AuditEntry]:
    """Entries, newest first: all of them for the national assessment, whose office runs the installation; for another
    those of its own users."""
    entries = AuditEntry.objects.order_by("-id")
    if assessment != NATIONAL:
        own = Q(pk=None)  # none
        for user in User.objects.filter(assessment=assessment).values_list("pk", flat=True):
            own |= Q(by__startswith=f"{user} ")
        entries = entries.filter(own)
    if action:
        entries = entries.filter(action__startswith=action)
    return entries.filter(agency=agency) if agency else entries


def count_unread_notices(user: User) -> int:
    return Notice.objects.filter(user=user, read_at=None).count()


def last_heartbeat(name: str) -> datetime | None:
    """When a part of the installation last said that it works; see ``actions.record_heartbeat``."""
    return Heartbeat.objects.filter(name=name).values_list("at", flat=True).first()


@dataclass(frozen=True)
class FactorSecrets:
    """How many stored secrets of second factors cannot be read here, and how many anybody could read."""

    unreadable: int
    open: int


def check_factor_secrets() -> FactorSecrets:
    """Look at every stored secret of a second factor."""
    key = factor_secrets.read_key()
    stored = [
        str(factor.data[factor_secrets.FIELDS[factor.type]])
        for factor in Authenticator.objects.filter(type__in=factor_secrets.FIELDS)
        if factor_secrets.FIELDS[factor.type] in factor.data
    ]
    keys = [factor_secrets.key_of(secret) for secret in stored]
    return FactorSecrets(
        unreadable=sum(1 for k in keys if k and (key is None or k != key.id)), open=sum(1 for k in keys if not k)
    )


def users_without_factor(role: Role) -> list[User]:
    """Users of a role who may sign in and have no second factor."""
    return [u for u in User.objects.filter(role=role, is_active=True).order_by("pk") if not second_factor.has_factor(u)]


def search_users(users: QuerySet[User], text: str) -> QuerySet[User]:
    """Those whose name or e-mail has every word of a text."""
    for word in text.split():
        users = users.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return users
