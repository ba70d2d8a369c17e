"""Changing one user: properties, settings, password. Each form is read live and sends only what changed."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from portal.bulk.pages import Edit, EditView
from portal.directory.asking import reader
from portal.ui.forms import SpecForm, form_for
from portal.users.forms import with_seats
from portal.users.live import Member, read
from portal.users.seats import seats_of
from zoomapi.spec.user_settings import UserSettings
from zoomapi.spec.user_shapes import PasswordChange, UserChange


def changeable(request: HttpRequest, account_id: int, user_id: str, *, for_pending: bool = False) -> Member:
    """The user as Zoom has it. 404 for one whom Zoom would not let change: pending (unless the change is for those
    too), or of an account that left."""
    user = read(request, account_id, user_id)
    if (user.is_pending and not for_pending) or user.account.gone_since:
        raise Http404
    return user


class UserEditView(EditView):
    """``make`` gives the form and the texts; the rest is the same for all."""

    endpoint = ""
    for_pending = False

    def get_edit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Edit:
        user = changeable(request, kwargs["account_id"], kwargs["user_id"], for_pending=self.for_pending)
        title, done_text, form_class = self.make(request, user)
        return Edit(
            account=user.account,
            endpoint=self.endpoint,
            path={"userId": user.user_id},
            form_class=form_class,
            title=title,
            label=user.email,
            done_url=reverse("users:detail", args=[user.account.pk, user.user_id]),
            done_text=done_text,
            context={"member": user, "seats": seats_of(user.account), **self.more(user)},
        )

    def make(self, request: HttpRequest, user: Member) -> tuple[str, str, type[SpecForm]]:
        raise NotImplementedError

    def more(self, user: Member) -> Mapping[str, Any]:
        return {}


class PropertiesView(UserEditView):
    """PATCH users/{userId}: names, type, personal meeting id, time zone, department …"""

    template_name = "users/edit.html"
    for_pending = True
    endpoint = "users.update"

    def make(self, request: HttpRequest, user: Member) -> tuple[str, str, type[SpecForm]]:
        room = str(user.live.get("vanity_url") or "").rstrip("/").rpartition("/")[2]
        initial = {**user.live, "vanity_name": room}
        shape = user.account.connection.zoom.shape(UserChange)
        form = with_seats(form_for(shape, initial=initial), seats_of(user.account), user.live.get("type"))
        return f"Edit {user}", f"{user.email} was changed at Zoom.", form


class SettingsView(UserEditView):
    """PATCH users/{userId}/settings: the whole tree on one page."""

    template_name = "users/settings.html"
    endpoint = "users.update_settings"

    def make(self, request: HttpRequest, user: Member) -> tuple[str, str, type[SpecForm]]:
        live = reader(request, user.account).users.settings(user.user_id) or {}
        return f"Settings of {user}", "The changed settings were saved at Zoom.", form_for(UserSettings, initial=live)


class PasswordView(UserEditView):
    """PUT users/{userId}/password: the user is signed out everywhere and needs the new one."""

    template_name = "users/password.html"
    endpoint = "users.update_password"

    def make(self, request: HttpRequest, user: Member) -> tuple[str, str, type[SpecForm]]:
        return f"New password for {user}", f"{user.email} has a new password.", form_for(PasswordChange)
