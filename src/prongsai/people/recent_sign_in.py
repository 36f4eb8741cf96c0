"""Actions that bind the public or open doors ask who is there again, when the last sign-in was a while ago.

The question is put on the answer to the very form that was sent: its fields come along, hidden, and what the person
typed goes on to the view at the moment the password, the code or the passkey is right. Nothing is stored in between.
"""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prongsai.people.sign_in_forms import ReauthenticateCodeForm

PASSWORD, CODE, CREDENTIAL = "identity-password", "identity-code", "identity-credential"  # names of fields
_OWN_FIELDS = {PASSWORD, CODE, CREDENTIAL, "csrfmiddlewaretoken"}


def has_signed_in_recently(request: HttpRequest, *, minutes: int) -> bool:
    """Whether the session's user gave a password, a code or a passkey within so many minutes."""
    records = get_authentication_records(request, request.user)
    # one that lies ahead is of a clock that was set back since: nobody knows how long ago it was
    return bool(records) and 0 <= time.time() - records[-1]["at"] < minutes * 60


def confirm_identity(request: Any) -> HttpResponse | None:
    """None when the user signed in recently or just proved who they are; otherwise the page that asks for it, with the
    form that was sent."""
    minutes: int = settings.RECENT_SIGN_IN
    if not minutes or has_signed_in_recently(request, minutes=minutes):
        return None
    problem = ""
    if not _OWN_FIELDS.isdisjoint(request.POST.keys() - {"csrfmiddlewaretoken"}):
        try:
            _check_proof(request)
        except ValidationError as error:
            problem = " ".join(error.messages)
        else:
            fields = request.POST.copy()
            for name in (PASSWORD, CODE, CREDENTIAL):
                fields.pop(name, None)
            request.POST = fields
            return None
    return _ask(request, problem)


def _check_proof(request: Any) -> None:
    """Raises ValidationError unless the form proves who sent it; attempts count as at signing in."""
    if password := request.POST.get(PASSWORD):
        if not get_adapter().reauthenticate(request.user, password):
            raise get_adapter().validation_error("incorrect_password")
        record_authentication(request, request.user, method="password", reauthenticated=True)
        return
    if credential := request.POST.get(CREDENTIAL):
        form = ReauthenticateWebAuthnForm({"credential": credential}, user=request.user)
    else:
        form = ReauthenticateCodeForm({"code": request.POST.get(CODE, "")}, user=request.user)
    try:
        is_valid = form.is_valid()
    except (KeyError, TypeError, ValueError):  # what was sent is no passkey at all, which the library does not expect
        raise get_adapter().validation_error("incorrect_code") from None
    if not is_valid:
        raise ValidationError([message for messages in form.errors.values() for message in messages])
    form.save()


def _ask(request: Any, problem: str) -> HttpResponse:
    factors = set(Authenticator.objects.filter(user_id=request.user.pk).values_list("type", flat=True))
    passkey = Authenticator.Type.WEBAUTHN in factors
    page = {
        "problem": problem,
        "fields": [(k, v) for k, values in request.POST.lists() if k not in _OWN_FIELDS for v in values],
        "has_password": request.user.has_usable_password(),
        "has_code": Authenticator.Type.TOTP in factors,
        "has_passkey": passkey,
        "js_data": {"request_options": webauthn.begin_authentication(request.user)} if passkey else None,
        "names": {"password": PASSWORD, "code": CODE, "credential": CREDENTIAL},
    }
    response = render(request, "people/confirm_identity.html", page, status=401 if problem else 200)
    if getattr(request, "htmx", False):  # a swap would place the question inside the page that asked
        response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML"
    return response
