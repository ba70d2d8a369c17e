"""Changing groups: create, rename, delete, and who is in them."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.bulk.clicks import settle_click
from portal.bulk.models import Item, ItemState
from portal.bulk.operations import perform
from portal.bulk.pages import Edit, EditView, operation_key, reason, settle, unreadable
from portal.directory.asking import changeable_or_404
from portal.directory.models import SubAccount
from portal.groups import live
from portal.groups.forms import MembersForm, NewGroupForm
from portal.groups.views import group_page
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.forms import form_for
from portal.ui.requests import person, scope_of
from zoomapi.client.errors import ZoomError
from zoomapi.spec.groups import GroupName


def send(request: HttpRequest, account: SubAccount, endpoint: str, *, label: str, **more: Any) -> Item:
    more.setdefault("key", operation_key(request))
    more.setdefault("reason", reason(request))
    return perform(
        scope=scope_of(request), actor=person(request), account=account, endpoint=endpoint, label=label, **more
    )


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, account_id: int) -> HttpResponse:
    account = changeable_or_404(request, account_id)
    form = NewGroupForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name = form.cleaned_data["name"]
        item = send(
            request, account, "groups.create", label=name, title=f"Create the group {name}", body={"name": name}
        )
        answer = settle(request, item, form, done_url=done_url(account, item), done_text=f"The group {name} was made.")
        if answer:
            return answer
    context = {
        "account": account,
        "form": form,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
        "back_url": reverse("groups:account", args=[account.pk]),
    }
    return render(request, "groups/create.html", context, status=422 if form.errors else 200)


def done_url(account: SubAccount, item: Item) -> str:
    if item.state == ItemState.DONE and item.remote_id:
        return reverse("groups:detail", args=[account.pk, item.remote_id])
    return reverse("groups:account", args=[account.pk])


class RenameView(EditView):
    """PATCH groups/{groupId}."""

    template_name = "groups/rename.html"

    def get_edit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Edit:
        account = changeable_or_404(request, kwargs["account_id"])
        group = live.read_one(request, account, kwargs["group_id"])
        return Edit(
            account=account,
            endpoint="groups.update",
            path={"groupId": kwargs["group_id"]},
            form_class=form_for(GroupName, initial=group),
            title=f"Rename the group {group.get('name', '')}",
            label=str(group.get("name") or kwargs["group_id"]),
            done_url=reverse("groups:detail", args=[account.pk, kwargs["group_id"]]),
            done_text="The group has its new name.",
            context={"group": group},
        )


class DeleteView(ConfirmMixin):
    """DELETE groups/{groupId}: the members stay users."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except ZoomError as error:
            return unreadable(request, error)

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        self.account = changeable_or_404(request, kwargs["account_id"])
        group = live.read_one(request, self.account, kwargs["group_id"])
        self.name, number = str(group.get("name") or group["id"]), group.get("total_members") or 0
        return Confirmation(
            title=f"Delete the group {self.name}",
            action="Delete the group",
            consequences=(
                f"The group is gone for good. Members now: {number:,}. They stay users of {self.account}.",
                "Settings that came with the group no longer apply to them.",
            ),
            back_url=reverse("groups:detail", args=[self.account.pk, kwargs["group_id"]]),
            done_url=reverse("groups:account", args=[self.account.pk]),
            typed=self.name,
            irreversible=True,
            facts=(("Group id", group["id"]), ("Members", number), ("Sub-account", str(self.account))),
        )

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        item = send(
            request,
            self.account,
            "groups.delete",
            label=self.name,
            title=f"Delete the group {self.name}",
            path={"groupId": kwargs["group_id"]},
            key=str(operation_key),
            reason=reason,
        )
        back = reverse("groups:account", args=[self.account.pk])
        return settle_click(request, item, done_url=back, done_text=f"The group {self.name} was deleted.")


@require_POST
def add(request: HttpRequest, account_id: int, group_id: str) -> HttpResponse:
    """Put up to 30 users into the group."""
    account = changeable_or_404(request, account_id)
    form = MembersForm(request.POST)
    try:
        if form.is_valid():
            people = form.cleaned_data["people"]
            names = ", ".join(one.get("email") or one["id"] for one in people)
            group = str(live.read_one(request, account, group_id).get("name") or group_id)
            item = send(
                request,
                account,
                "groups.add_members",
                label=group,
                title=f"Add to the group {group}: {names}",
                path={"groupId": group_id},
                body={"members": people},
            )
            home = reverse("groups:detail", args=[account.pk, group_id])
            answer = settle(request, item, form, done_url=home, done_text=f"In the group {group} now: {names}.")
            if answer:
                return answer
        return group_page(request, account, group_id, form, status=422)
    except ZoomError as error:
        return unreadable(request, error)


@require_POST
def remove(request: HttpRequest, account_id: int, group_id: str, member_id: str) -> HttpResponse:
    """Take one member out: easily put back, so one click does it."""
    account = changeable_or_404(request, account_id)
    group = account.groups.filter(zoom_id=group_id).values_list("name", flat=True).first() or group_id
    user = account.users.filter(zoom_id=member_id).values_list("email", flat=True).first() or member_id
    item = send(
        request,
        account,
        "groups.delete_member",
        label=group,
        title=f"Take {user} out of the group {group}",
        path={"groupId": group_id, "memberId": member_id},
    )
    home = reverse("groups:detail", args=[account.pk, group_id])
    return settle_click(request, item, done_url=home, done_text=f"{user} is no longer in the group {group}.")
