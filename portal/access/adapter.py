"""Sign-in and sign-out through allauth, by our rules and with an entry in the audit log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from portal.access.models import Staff
from portal.access.sign_in import may_sign_in
from portal.audit import log
from portal.audit.verbs import Verb


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up. Who may not sign in gets the same answer as a wrong password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user is None:
            return None  # ``authentication_failed`` has been called
        if not isinstance(user, Staff) or not may_sign_in(user):
            self.authentication_failed(request, **credentials)
            return None
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        log.record(
            Verb.SIGN_IN_FAILED,
            actor=None,
            target=str(credentials.get("email", "")),
            result="refused",
            message=f"From {self.get_client_ip(request)}.",
        )

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Django gives the session a new key here, so a key known before sign-in is worth nothing."""
        super().login(request, user)
        if isinstance(user, Staff):
            log.record(Verb.SIGNED_IN, actor=user, result="done", message=f"From {self.get_client_ip(request)}.")

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, Staff):
            log.record(Verb.SIGNED_OUT, actor=request.user, result="done")
        super().logout(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No "you have signed in" on top of the first page."""
