"""The forms of the sign-in library that ask for a code of digits, in digits of either script."""

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm

from prongsai.lib import thai


class _TypedCode:
    """Reads the code in digits of either script before the library checks it."""

    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = thai.plain_number(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]  # of the form beside this class
        return code


class AuthenticateCodeForm(_TypedCode, AuthenticateForm):  # type: ignore[misc]  # the library has no types
    pass


class ReauthenticateCodeForm(_TypedCode, ReauthenticateForm):  # type: ignore[misc]  # as above
    pass


class ActivateCodeForm(_TypedCode, ActivateTOTPForm):  # type: ignore[misc]  # as above
    pass
