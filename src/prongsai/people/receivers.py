"""What people change of their own sign-in, through the library that does it, goes into the audit trail too."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.socialaccount import signals as social

from prongsai.people.actions import log_audit

_SIGNALS = {
    "people.password_changed": account.password_changed,
    "people.password_set": account.password_set,
    "people.password_reset": account.password_reset,
    "people.factor_added": mfa.authenticator_added,
    "people.factor_removed": mfa.authenticator_removed,
    "people.factor_reset": mfa.authenticator_reset,
    "people.identity_added": social.social_account_added,
    "people.identity_removed": social.social_account_removed,
}
_connected: list[Any] = []  # signals hold receivers weakly


def connect() -> None:
    for action, signal in _SIGNALS.items():

        def receive(sender: Any, action: str = action, **told: Any) -> None:
            login = told.get("sociallogin")
            user = told.get("user") or (login.user if login else None) or told["socialaccount"].user
            factor = told.get("authenticator")
            log_audit(by=user, action=action, subject=f"ผู้ใช้ {user.pk}", detail={"type": factor.type} if factor else {})

        signal.connect(receive)
        _connected.append(receive)
