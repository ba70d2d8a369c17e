"""Acts on one user that ask first: status, single sign-on token, removal."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.bulk.clicks import settle_click
from portal.bulk.operations import perform
from portal.bulk.pages import unreadable
from portal.directory.asking import reader
from portal.directory.records import LICENSED_TYPES
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.requests import person, scope_of
from portal.users.columns import type_name
from portal.users.live import Member, read
from portal.users.removal import RemovalForm, consequences
from portal.users.seats import seats_of
from zoomapi.client.errors import NotFound, ZoomError


class ActView(ConfirmMixin):
    """A confirm page about one user, who is read live both when it is shown and when it is sent."""

    user: Member
    for_pending = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except ZoomError as error:
            return unreadable(request, error)

    def load(self, request: HttpRequest, kwargs: dict[str, Any]) -> Member:
        self.user = read(request, kwargs["account_id"], kwargs["user_id"])
        if self.user.account.gone_since or (self.user.is_pending and not self.for_pending):
            raise Http404
        return self.user

    @property
    def home(self) -> str:
        return reverse("users:detail", args=[self.user.account.pk, self.user.user_id])

    def send(self, request: HttpRequest, endpoint: str, key: uuid.UUID, reason: str, **more: Any) -> HttpResponse:
        done_url, done_text = more.pop("done_url", self.home), more.pop("done_text")
        item = perform(
            scope=scope_of(request),
            actor=person(request),
            account=self.user.account,
            endpoint=endpoint,
            path={"userId": self.user.user_id},
            key=str(key),
            reason=reason,
            label=self.user.email,
            **more,
        )
        return settle_click(request, item, done_url=done_url, done_text=done_text, back_url=self.home)


class StatusView(ActView):
    """PUT users/{userId}/status."""

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        user, activate = self.load(request, kwargs), kwargs["action"] == "activate"
        if user.is_owner and not activate:
            raise Http404
        licensed = user.live.get("type") in LICENSED_TYPES
        if activate:
            sentences = [f"{user.email} can sign in and hold meetings again."]
            if licensed:
                kind = type_name(user.live.get("type"), user.account.connection.zoom)
                sentences.append(f"A {kind} user takes a seat. {seats_of(user.account).text}")
        else:
            sentences = [
                f"{user.email} cannot sign in any more, and coming meetings cannot be started.",
                "Settings, meetings and recordings are kept. The user can be activated again at any time.",
            ]
            if licensed:
                sentences.append("The seat becomes free.")
        return Confirmation(
            title=f"{'Activate' if activate else 'Deactivate'} {user}",
            action="Activate" if activate else "Deactivate",
            consequences=sentences,
            back_url=self.home,
            facts=(("E-mail", user.email), ("Sub-account", str(user.account)), ("Status now", user.status)),
            danger=not activate,
            reason_required=not activate,
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        action = kwargs["action"]
        done = f"{self.user.email} was {action}d."
        before = {"status": self.user.status}
        return self.send(
            request,
            "users.update_status",
            operation_key,
            reason,
            body={"action": action},
            before=before,
            done_text=done,
        )


class RevokeTokenView(ActView):
    """DELETE users/{userId}/token."""

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        user = self.load(request, kwargs)
        return Confirmation(
            title=f"Revoke the single sign-on token of {user}",
            action="Revoke the token",
            consequences=(
                f"{user.email} is signed out of Zoom's apps that were entered through single sign-on.",
                "Signing in again through the identity provider gives a new token.",
            ),
            back_url=self.home,
            facts=(("E-mail", user.email), ("Sub-account", str(user.account))),
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        done = f"The single sign-on token of {self.user.email} was revoked."
        return self.send(request, "users.revoke_token", operation_key, reason, done_text=done)


@require_GET
def remove(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    """How the user leaves, and who takes over what; a valid choice leads to the confirm page."""
    try:
        user = read(request, account_id, user_id)
        form = RemovalForm(request.GET if "action" in request.GET else None, user=user)
        if form.is_bound and form.is_valid() and receiver_known(request, user, form):
            query = request.GET.urlencode()
            address = reverse("users:remove_confirm", args=[user.account.pk, user.user_id])
            return HttpResponseRedirect(f"{address}?{query}")
    except ZoomError as error:
        return unreadable(request, error)
    if user.account.gone_since:
        raise Http404
    context = {"account": user.account, "member": user, "form": form}
    return render(request, "users/remove.html", context, status=422 if form.is_bound else 200)


def receiver_known(request: HttpRequest, user: Member, form: RemovalForm) -> bool:
    """Ask Zoom for the user who takes over; what is wrong stands beside the field."""
    email = form.cleaned_data["transfer_email"]
    if not email:
        return True
    try:
        found = reader(request, user.account).users.get(email) or {}
    except NotFound:
        form.add_error("transfer_email", f"{user.account} has no user with this address.")
        return False
    if found.get("id") == user.user_id:
        form.add_error("transfer_email", "This is the user who leaves. Choose somebody else.")
    return not form.errors


class RemoveView(ActView):
    """DELETE users/{userId}: disassociate or delete, with what is handed over."""

    for_pending = True

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        user = self.load(request, kwargs)
        self.form = RemovalForm(request.GET, user=user)
        if not self.form.is_valid():
            raise Http404
        action = self.form.cleaned_data["action"]
        word = "Delete" if action == "delete" else "Disassociate"
        return Confirmation(
            title=f"{word} {user}",
            action=f"{word} {user.email}",
            consequences=consequences(user, self.form),
            back_url=self.home,
            done_url=f"{reverse('users:list')}?account={user.account.pk}",
            typed=user.email,
            irreversible=True,
            facts=(
                ("E-mail", user.email),
                ("Sub-account", str(user.account)),
                ("Type", type_name(user.live.get("type"), user.account.connection.zoom)),
            ),
            calls=(f"DELETE users/{user.user_id} {self.form.query()}",),
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        deleted = self.form.cleaned_data["action"] == "delete"
        done = f"{self.user.email} was {'deleted' if deleted else 'disassociated'}."
        before = {name: self.user.live.get(name) for name in ("email", "first_name", "last_name", "type", "dept")}
        return self.send(
            request,
            "users.delete",
            operation_key,
            reason,
            query=self.form.query(),
            before=before,
            done_url=f"{reverse('users:list')}?account={self.user.account.pk}",
            done_text=done,
        )
