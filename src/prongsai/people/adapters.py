"""The sign-in library, adapted: nobody signs up, users are invited; limits that do not evict; identities of a provider
open no account by an address alone; the last second factor of a role that needs one stays."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from prongsai.people import factor_secrets, limits, second_factor
from prongsai.people.models import User
from prongsai.people.passwords import choose_words
from prongsai.people.recent_sign_in import has_signed_in_recently
from prongsai.people.roles import Role

_LONGEST_SUBJECT = 255  # letters of a provider's name of a person: OpenID Connect Core, 2
ROLES_LINKED_BY_INVITATION = {Role.OFFICER}  # any other links an identity when it is signed in


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # the library has no types
    # the library's translations of these read like a machine's
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": choose_words("อีเมลหรือรหัสผ่านไม่ถูกต้อง", "The address or the password is wrong."),
        "incorrect_password": choose_words("รหัสผ่านไม่ถูกต้อง", "The password is wrong."),
        "incorrect_code": choose_words("รหัสไม่ถูกต้อง หรือใช้ไปแล้ว", "The code is wrong, or was used."),
    }
    _attempt: limits.Attempt

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._attempt = limits.start_attempt("password", account=credentials.get("email", ""), request=request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user:
            limits.end_attempt(self._attempt)
        return user

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A password typed a minute ago is not asked for again before a second factor is set up."""
        return bool(super().is_reauthentication_required(app=app, **kwargs)) and not has_signed_in_recently(
            self.request, minutes=5
        )


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # as above
    """A national digital ID creates no account. It opens the one that its holder linked when signed in, or fulfils an
    officer's invitation that is still open, under the same verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.sociallogin_from_response = partial(self._read_answers, found.sociallogin_from_response)
        return found

    @staticmethod
    def _read_answers(read: Callable[[HttpRequest, Any], Any], request: HttpRequest, answers: Any) -> Any:
        """One person in both answers of the provider. Issuer and audience were checked of the ID token alone, and whose
        name the other gives may be anybody's: OpenID Connect Core, 5.3.2. Raises PermissionDenied, before the library
        reads a name that is none."""
        token, about = answers.get("id_token"), answers.get("userinfo")
        if not (isinstance(token, dict) and isinstance(about, dict)):
            raise PermissionDenied
        named = token.get("sub")
        if not (isinstance(named, str) and 0 < len(named) <= _LONGEST_SUBJECT and about.get("sub") == named):
            raise PermissionDenied
        return read(request, answers)

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        for address in sociallogin.email_addresses:
            # providers have sent "false" and 1: nothing but true itself is verified
            if address.verified is True and (user := self._find_invited(address)):
                return user, address.email
        return None

    @staticmethod
    def _find_invited(address: EmailAddress) -> User | None:
        oldest = timezone.now() - datetime.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
        user = User.objects.filter(email__iexact=address.email, is_active=True, invited_at__gte=oldest).first()
        if user is None or user.role not in ROLES_LINKED_BY_INVITATION:
            return None
        return None if user.has_usable_password() or user.last_login else user


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # as above
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "cannot_delete_authenticator": choose_words(
            "บทบาทของท่านต้องมีอย่างน้อยหนึ่งวิธี ให้เพิ่มวิธีอื่นก่อน", "Your role needs at least one: add another first."
        ),
    }

    def encrypt(self, text: str) -> str:
        return factor_secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return factor_secrets.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return second_factor.may_remove(authenticator)
