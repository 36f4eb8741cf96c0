"""Links by which the holder of an address sets a password: of an invitation, good for a week; of a forgotten password,
for an hour. Either works once, since setting the password changes what the token was made from."""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

RESET_SECONDS = 3600


class _ResetTokens(PasswordResetTokenGenerator):
    key_salt = "prongsai.people.password_links.reset"

    def check_token(self, user: Any, token: str | None) -> bool:
        if not super().check_token(user, token) or not token:
            return False
        made_at = base36_to_int(token.partition("-")[0])
        return self._num_seconds(self._now()) - made_at <= RESET_SECONDS


class _InvitationTokens(PasswordResetTokenGenerator):
    """Good for PASSWORD_RESET_TIMEOUT, and while no password is set."""

    key_salt = "prongsai.people.password_links.invitation"

    def check_token(self, user: Any, token: str | None) -> bool:
        return super().check_token(user, token) and not user.has_usable_password()


RESETS, INVITATIONS = _ResetTokens(), _InvitationTokens()


class PasswordLinkTokens(PasswordResetTokenGenerator):
    """What the sign-in library asks whether a link is good. It makes none: see ``people.actions``."""

    def make_token(self, user: Any) -> str:
        return RESETS.make_token(user)

    def check_token(self, user: Any, token: str | None) -> bool:
        return bool(user and user.is_active) and (
            RESETS.check_token(user, token) or INVITATIONS.check_token(user, token)
        )
