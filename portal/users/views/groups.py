"""The groups of one user: put into one, or taken out of one."""

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.access.rights import Right
from portal.bulk.clicks import settle_click
from portal.bulk.operations import perform
from portal.bulk.pages import operation_key, reason, settle, unreadable
from portal.directory import sync
from portal.directory.asking import reader
from portal.ui.requests import person, scope_of
from portal.users.live import Member
from portal.users.views.change import changeable
from zoomapi.client.errors import ZoomError


class GroupForm(forms.Form):
    group = forms.ChoiceField(label="Group", error_messages={"required": "Choose a group."})

    def __init__(self, data: Any, *, choices: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["group"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]  # a ChoiceField


@require_http_methods(["GET", "POST"])
def groups(request: HttpRequest, account_id: int, user_id: str) -> HttpResponse:
    try:
        user = changeable(request, account_id, user_id, for_pending=True)
        known = read_groups(request, user)
    except ZoomError as error:
        return unreadable(request, error)
    held = [str(one) for one in user.live.get("group_ids") or []]
    others = [(zoom_id, name) for zoom_id, name in known.items() if zoom_id not in held]
    form = GroupForm(request.POST if request.method == "POST" else None, choices=others)
    if form.is_valid():
        answer = add(request, user, form, known)
        if answer:
            return answer
    context = {
        "account": user.account,
        "member": user,
        "held": [{"id": one, "name": known.get(one, one), "key": uuid.uuid4()} for one in held],
        "others": others,
        "form": form,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
        "back_url": reverse("users:detail", args=[user.account.pk, user.user_id]),
        "may_write": scope_of(request).may(Right.WRITE),
    }
    return render(request, "users/groups.html", context, status=422 if form.errors else 200)


def read_groups(request: HttpRequest, user: Member) -> dict[str, str]:
    """All groups of the sub-account, id -> name, read from Zoom into the mirror."""
    rows = list((reader(request, user.account).groups.list() or {}).get("groups") or [])
    sync.save_groups(user.account, rows)
    found = {
        str(row["id"]): str(row.get("name") or row["id"]) for row in rows if isinstance(row, dict) and row.get("id")
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))


def add(request: HttpRequest, user: Member, form: GroupForm, known: dict[str, str]) -> HttpResponse | None:
    group = form.cleaned_data["group"]
    item = perform(
        scope=scope_of(request),
        actor=person(request),
        account=user.account,
        endpoint="groups.add_members",
        path={"groupId": group},
        body={"members": [{"id": user.user_id}]},
        key=operation_key(request),
        reason=reason(request),
        title=f"Add {user.email} to the group {known[group]}",
        label=user.email,
    )
    back = reverse("users:groups", args=[user.account.pk, user.user_id])
    return settle(request, item, form, done_url=back, done_text=f"{user} is in the group {known[group]} now.")


@require_POST
def leave(request: HttpRequest, account_id: int, user_id: str, group_id: str) -> HttpResponse:
    """Take the user out of one group."""
    try:
        user = changeable(request, account_id, user_id, for_pending=True)
    except ZoomError as error:
        return unreadable(request, error)
    name = user.account.groups.filter(zoom_id=group_id).values_list("name", flat=True).first() or group_id
    item = perform(
        scope=scope_of(request),
        actor=person(request),
        account=user.account,
        endpoint="groups.delete_member",
        path={"groupId": group_id, "memberId": user.user_id},
        key=operation_key(request),
        title=f"Take {user.email} out of the group {name}",
        label=user.email,
    )
    back = reverse("users:groups", args=[user.account.pk, user.user_id])
    return settle_click(request, item, done_url=back, done_text=f"{user} is no longer in the group {name}.")
