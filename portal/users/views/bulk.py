"""One change for many users: rows are ticked, the change is said, its consequences confirmed, a job does it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.bulk.chosen import ChosenView, NotSaid, calls_told, chosen_address, plural, removal_told, with_filters
from portal.bulk.compared import USER_SETTINGS, Values
from portal.bulk.models import Job
from portal.bulk.preparing import run_compared, run_users
from portal.bulk.saying import setting_said
from portal.bulk.selection import ORDER, Change, Kind, meant
from portal.directory.models import MirrorUser
from portal.ui.confirm import Confirmation
from portal.ui.requests import person, scope_of
from portal.users.chosen import Chosen, chosen, consequences, group_names
from portal.users.forms import chosen_name
from portal.users.removal import TRANSFERS, RemovalForm

REMOVE = "remove"
PLAIN = (Kind.ACTIVATE, Kind.DEACTIVATE)
SETTING = "setting"
ACTIONS = (*PLAIN, Kind.TYPE, Kind.DEPARTMENT, Kind.GROUP, Kind.LEAVE, SETTING, REMOVE)
CHOICE = ("do", "ids", "all", "filters", "setting")  # words of the address that say who is meant, and which setting
LONGEST_DEPARTMENT = 200


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    return chosen_address(request, ACTIONS, leads_to=reverse("users:bulk"), back_url=reverse("users:list"))


class TypeForm(forms.Form):
    value = forms.TypedChoiceField(label="New type", coerce=int)

    def __init__(self, data: Any, *, types: Mapping[int, str]) -> None:
        super().__init__(data)
        self.fields["value"].choices = list(types.items())  # type: ignore[attr-defined]  # a ChoiceField


@dataclass(frozen=True)
class TypeChange(Change):
    """``name`` is what the users' Zoom calls the type."""

    name: str = ""

    @property
    def title(self) -> str:
        return f"Change users to {self.name}"


class DepartmentForm(forms.Form):
    value = forms.CharField(label="New department", max_length=LONGEST_DEPARTMENT)


class GroupForm(forms.Form):
    value = forms.ChoiceField(
        label="Group",
        help_text="In each sub-account, the group of this name.",
        error_messages={"required": "Choose one."},
    )

    def __init__(self, data: Any, *, names: list[str]) -> None:
        super().__init__(data)
        self.fields["value"].choices = [("", "Choose"), *((n, n) for n in names)]  # type: ignore[attr-defined]  # a ChoiceField


class BulkView(ChosenView):
    """Asks what the change needs, then confirms it with consequences counted just now."""

    chosen: Chosen
    change: Change | Values

    def back_url(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return back_to_list(request)

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        self.chosen = chosen(scope_of(request), request.GET)
        if request.GET.get("do") == SETTING:
            self.change = setting_said(USER_SETTINGS, request.GET)
            return self.setting(request, self.change)
        self.change = change = change_of(request.GET, self.chosen)
        removes = change.removes
        sentences = consequences(self.chosen, change)
        if removes:
            sentences += removal_told(self.chosen.count)
        users = f"user{plural(self.chosen.count)}"
        return Confirmation(
            title=change.title,
            action=f"{change.title.split(' ')[0]} {self.chosen.count:,} {users}",
            consequences=sentences,
            back_url=back_to_list(request),
            done_url=reverse("bulk:list"),
            typed=f"{change.kind} {self.chosen.count} {users}" if removes else "",
            count=self.chosen.count,
            irreversible=removes,
            danger=removes or change.kind == Kind.DEACTIVATE,
        )

    def setting(self, request: HttpRequest, values: Values) -> Confirmation:
        count = self.chosen.count
        _, connection = meant(scope_of(request), self.users())
        return Confirmation(
            title=values.title(count),
            action=f"Change {count:,} user{plural(count)}",
            consequences=(
                "What each of them has now is read first: where it is so already nothing is sent.",
                calls_told(values.calls(count), connection),
            ),
            back_url=back_to_list(request),
            done_url=reverse("bulk:list"),
            count=count,
            danger=False,
        )

    def users(self) -> QuerySet[MirrorUser] | tuple[int, ...]:
        return self.chosen.users if self.chosen.ids is None else self.chosen.ids

    def ask(self, request: HttpRequest, form: forms.Form, *args: Any, **kwargs: Any) -> HttpResponse:
        context = {
            "form": form,
            "kept": [(name, request.GET[name]) for name in CHOICE if name in request.GET and name not in form.fields],
            "count": self.chosen.count,
            "is_removal": request.GET.get("do") == REMOVE,
            "back_url": back_to_list(request),
        }
        return render(request, "users/bulk.html", context, status=422 if form.is_bound else 200)

    def make(self, request: HttpRequest, reason: str, key: str, *args: Any, **kwargs: Any) -> Job:
        scope, actor = scope_of(request), person(request)
        if isinstance(self.change, Change):
            return run_users(scope, actor, self.users(), self.change, key=key, reason=reason)
        users, connection = meant(scope, self.users())
        keys = list(users.order_by(*ORDER).values_list("pk", flat=True))
        return run_compared(scope, actor, keys, self.change, connection=connection, key=key, reason=reason)


def change_of(params: QueryDict, users: Chosen) -> Change:
    """The change an address says. Raises NotSaid with the form that asks for the rest; 404 for no such change."""
    action = params.get("do", "")
    if action in PLAIN:
        return Change(Kind(action))
    form = form_of(action, params if "value" in params or "action" in params else None, users)
    if not form.is_bound or not form.is_valid():
        raise NotSaid(form)
    if isinstance(form, TypeForm):
        return TypeChange(Kind.TYPE, value=form.cleaned_data["value"], name=chosen_name(form, "value"))
    if action != REMOVE:
        return Change(Kind(action), value=form.cleaned_data["value"])
    given = form.cleaned_data
    transfers = tuple(name.removeprefix("transfer_") for name in TRANSFERS if given[name])
    return Change(Kind(given["action"]), transfer_email=given["transfer_email"], transfers=transfers)


def form_of(action: str, data: QueryDict | None, users: Chosen) -> forms.Form:
    if action == Kind.TYPE:
        # Users of several master accounts cannot be changed in one job, so there is one Zoom to ask.
        first = users.users.select_related("account__connection").first()
        return TypeForm(data, types=first.account.connection.zoom.user_types if first else {})
    if action == Kind.DEPARTMENT:
        return DepartmentForm(data)
    if action in (Kind.GROUP, Kind.LEAVE):
        return GroupForm(data, names=group_names(users.users))
    if action == REMOVE:
        return RemovalForm(data)
    raise Http404


def back_to_list(request: HttpRequest) -> str:
    return with_filters(reverse("users:list"), request.GET.get("filters", ""))
