"""Changes of a user's own sign-in (password, second factor, linked identity): in the audit trail, and told to the user
by mail, who alone can know whether it was they. A device on which somebody signed in is remembered.

The sign-in library makes these changes itself and announces them by signals."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.socialaccount import signals as social
from django.contrib.auth.signals import user_logged_in
from django.urls import reverse

from prongsai.people.actions import log_audit, notify
from prongsai.people.audit_words import name_action

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
_receivers: list[Any] = []  # signals hold their receivers weakly


def connect_receivers() -> None:
    """Log each of the signals; called once, when the application is ready."""
    for action, signal in _SIGNALS.items():

        def receive(sender: Any, action: str = action, **event: Any) -> None:
            login = event.get("sociallogin")
            user = event.get("user") or (login.user if login else None) or event["socialaccount"].user
            factor = event.get("authenticator")
            detail = {"type": factor.type} if factor else {}
            log_audit(by=user, action=action, subject=f"ผู้ใช้ {user.pk}", detail=detail)
            text = f"บัญชีของท่าน: {name_action(action)} หากท่านไม่ได้ทำ ให้ติดต่อส่วนกลางทันที"
            notify(user=user, text=text, url=reverse("account"))

        signal.connect(receive)
        _receivers.append(receive)
    for signal in (user_logged_in, account.password_reset):  # the second by a link that came to the person's address
        signal.connect(_remember_device)


def _remember_device(sender: Any, request: Any, user: Any, **event: Any) -> None:
    request.signed_in_as = user.email  # the middleware sets the cookie
