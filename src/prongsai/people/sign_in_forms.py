"""The forms of the sign-in library, with limits that do not evict: codes in digits of either script; links for a new
password, for which a known and an unknown address give the same answer by the same path."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.http import HttpRequest

from prongsai.lib import thai
from prongsai.people import actions, limits
from prongsai.people.models import User


class _TypedCode:
    """Reads the code in digits of either script before the library checks it."""

    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = thai.plain_number(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside this class
        return code


class _LimitedCode(_TypedCode):
    """... and counts the attempt; a code that was right is taken once."""

    user: User

    def clean_code(self) -> str:
        attempt = limits.start_attempt("code", account=self.user.email, request=context.request)
        code = super().clean_code()
        if not limits.use_code(account=self.user.email, code=code):
            raise get_adapter().validation_error("incorrect_code")
        limits.end_attempt(attempt)
        return code


class AuthenticateCodeForm(_LimitedCode, AuthenticateForm):  # type: ignore[misc]  # the library has no types
    pass


class ReauthenticateCodeForm(_LimitedCode, ReauthenticateForm):  # type: ignore[misc]  # as above
    pass


class ActivateCodeForm(_TypedCode, ActivateTOTPForm):  # type: ignore[misc]  # as above
    pass


class PasswordLinkForm(ResetPasswordForm):  # type: ignore[misc]  # as above
    """Asks for a link to set a new password. Whether the address has an account is found out by the worker alone."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        limits.start_attempt("link", account=email, request=context.request)
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        actions.request_password_link(email=email, site=f"{request.scheme}://{request.get_host()}")
        return email
