"""Who signs in with a second factor or a passkey: roles whose account would be worth taking over, when the installation
asks for it."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings

from prongsai.people.models import User
from prongsai.people.roles import Role

REQUIRED_ROLES = (Role.OFFICE, Role.EXECUTIVE, Role.ASSESSOR)
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # codes for emergencies alone are none


def is_required(user: User) -> bool:
    return bool(settings.SECOND_FACTOR and user.role in REQUIRED_ROLES)


def has_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=_FACTORS).exists())


def is_missing(user: User) -> bool:
    """Whether a user has to set up a factor before doing anything else."""
    return is_required(user) and not has_factor(user)


def may_remove(authenticator: Any) -> bool:
    """Whether a factor is not the last one of a user who needs one."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=_FACTORS).exclude(pk=authenticator.pk)
    return not is_required(authenticator.user) or authenticator.type not in _FACTORS or others.exists()
