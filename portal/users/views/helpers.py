"""Assistants (who schedules for a user) and schedulers (for whom a user schedules).

Zoom's API knows operations on schedulers only for users of the master account itself.
"""

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.access.rights import Right
from portal.bulk.clicks import settle_click
from portal.bulk.models import Item
from portal.bulk.operations import perform
from portal.bulk.pages import operation_key, reason, settle, unreadable
from portal.directory.asking import reader
from portal.ui.confirm import Confirmation
from portal.ui.people import PeopleField
from portal.ui.requests import person, scope_of
from portal.users.live import Member, read
from portal.users.views.acts import ActView
from portal.users.views.change import changeable
from zoomapi.client.errors import ZoomError
from zoomapi.spec.shapes import BATCH

ONE_AND_ALL = {
    "assistants": ("users.delete_assistant", "assistantId", "users.delete_assistants"),
    "schedulers": ("users.delete_scheduler", "schedulerId", "users.delete_schedulers"),
}


class AssistantsForm(forms.Form):
    people = PeopleField(at_most=BATCH, label="New assistants")


@require_http_methods(["GET", "POST"])
def assistants(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    try:
        user = changeable(request, account_id, user_id)
        form = AssistantsForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            answer = add(request, user, form)
            if answer:
                return answer
        return page(request, user, "assistants", form)
    except ZoomError as error:
        return unreadable(request, error)


def add(request: HttpRequest, user: Member, form: AssistantsForm) -> HttpResponse | None:
    people = form.cleaned_data["people"]
    names = ", ".join(one.get("email") or one["id"] for one in people)
    item = send(
        request,
        user,
        "users.add_assistants",
        title=f"Add assistants to {user.email}: {names}",
        path={},
        body={"assistants": people},
    )
    back = reverse("users:assistants", args=[user.account.pk, user.user_id])
    return settle(request, item, form, done_url=back, done_text=f"May schedule for {user} now: {names}.")


def send(request: HttpRequest, user: Member, endpoint: str, *, title: str, path: dict[str, Any], **more: Any) -> Item:
    return perform(
        scope=scope_of(request),
        actor=person(request),
        account=user.account,
        endpoint=endpoint,
        path={"userId": user.user_id, **path},
        key=operation_key(request),
        reason=reason(request),
        title=title,
        label=user.email,
        **more,
    )


@require_GET
def schedulers(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    try:
        user = changeable(request, account_id, user_id)
        return page(request, user, "schedulers", None)
    except ZoomError as error:
        return unreadable(request, error)


def page(request: HttpRequest, user: Member, what: str, form: forms.Form | None) -> HttpResponse:
    offered = what == "assistants" or user.account.is_master
    found: list[dict[str, Any]] = []
    if offered:
        zoom = reader(request, user.account).users
        answer = (zoom.assistants if what == "assistants" else zoom.schedulers)(user.user_id) or {}
        found = [row for row in answer.get("assistants") or [] if isinstance(row, dict)]
    context = {
        "account": user.account,
        "member": user,
        "what": what,
        "offered": offered,
        "people": [{**row, "key": uuid.uuid4()} for row in found],  # each button is an operation of its own
        "form": form,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
        "may_write": scope_of(request).may(Right.WRITE),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "users/helpers.html", context, status=status)


@require_POST
def remove_one(request: HttpRequest, account_id: int, user_id: str, what: str, helper_id: str) -> HttpResponse:
    """Take one person off the list: small, and easily put back, so one click does it."""
    try:
        user = changeable(request, account_id, user_id)
    except ZoomError as error:
        return unreadable(request, error)
    if what == "schedulers" and not user.account.is_master:
        raise Http404
    endpoint, param, _ = ONE_AND_ALL[what]
    name = request.POST.get("email", "")[:254] or helper_id
    item = send(
        request, user, endpoint, title=f"Remove {name} from the {what} of {user.email}", path={param: helper_id}
    )
    back = reverse(f"users:{what}", args=[user.account.pk, user.user_id])
    return settle_click(request, item, done_url=back, done_text=f"{name} was removed.")


class RemoveAllView(ActView):
    """DELETE users/{userId}/assistants or …/schedulers."""

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        user, what = self.load(request, kwargs), kwargs["what"]
        if what == "schedulers" and not user.account.is_master:
            raise Http404
        zoom = reader(request, user.account).users
        answer = (zoom.assistants if what == "assistants" else zoom.schedulers)(user.user_id) or {}
        names = [str(row.get("email") or row.get("id")) for row in answer.get("assistants") or []]
        nobody = f"{user} has no {what} now." if not names else f"These are removed: {', '.join(names)}."
        return Confirmation(
            title=f"Remove all {what} of {user}",
            action=f"Remove all {what}",
            consequences=(nobody, "Meetings that were scheduled already stay."),
            back_url=reverse(f"users:{what}", args=[user.account.pk, user.user_id]),
            count=len(names),
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        what = kwargs["what"]
        back = reverse(f"users:{what}", args=[self.user.account.pk, self.user.user_id])
        done = f"All {what} of {self.user} were removed."
        return self.send(request, ONE_AND_ALL[what][2], operation_key, reason, done_url=back, done_text=done)


@require_GET
def permissions(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    """What the user may do in the account; Zoom tells it for users of the master account itself."""
    try:
        user = read(request, account_id, user_id)
        found: list[str] = []
        if user.account.is_master:
            answer = reader(request, user.account).users.permissions(user.user_id) or {}
            found = sorted(str(name) for name in answer.get("permissions") or [])
    except ZoomError as error:
        return unreadable(request, error)
    if user.is_pending:
        return HttpResponseRedirect(reverse("users:detail", args=[user.account.pk, user.user_id]))
    context = {"account": user.account, "member": user, "permissions": found}
    return render(request, "users/permissions.html", context)
