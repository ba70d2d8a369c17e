"""One change for many users: rows are ticked, the change is said, its consequences confirmed, a job does it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.bulk.approval import TooManyDeletes, check_most
from portal.bulk.preparing import run_users
from portal.bulk.schedule import GRACE
from portal.bulk.selection import Change, Kind, SelectionRefused
from portal.ui.confirm import Confirmation, ConfirmMixin
from portal.ui.requests import person, scope_of
from portal.users.chosen import Chosen, chosen, consequences, group_names
from portal.users.forms import chosen_name
from portal.users.removal import TRANSFERS, RemovalForm

REMOVE = "remove"
PLAIN = (Kind.ACTIVATE, Kind.DEACTIVATE)
ACTIONS = (*PLAIN, Kind.TYPE, Kind.DEPARTMENT, Kind.GROUP, REMOVE)
CHOICE = ("do", "ids", "all", "filters")  # words of the address that say who is meant
LONGEST_DEPARTMENT = 200


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Turn the ticked rows into an address, so that the next page can be reloaded and gone back to."""
    query = QueryDict(mutable=True)
    query["do"] = request.POST.get("action", "")
    filters = request.POST.get("filters", "")
    if request.POST.get("everything") == "1":
        query["all"], query["filters"] = "1", filters
    else:
        query["ids"] = ".".join(request.POST.getlist("selected"))
    if query["do"] not in ACTIONS or not (query.get("ids") or query.get("all")):
        messages.info(request, "No user was chosen. Tick some, then choose what to do.")
        return HttpResponseRedirect(f"{reverse('users:list')}?{QueryDict(filters).urlencode()}")
    return HttpResponseRedirect(f"{reverse('users:bulk')}?{query.urlencode()}")


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


class NotSaid(Exception):
    """The change is not fully said yet; ``form`` asks for the rest."""

    def __init__(self, form: forms.Form) -> None:
        super().__init__("The change is not fully said.")
        self.form = form


class BulkView(ConfirmMixin):
    """Asks what the change needs, then confirms it with consequences counted just now."""

    chosen: Chosen
    change: Change

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # never a stream here
        except NotSaid as question:
            return self.ask(request, question.form)
        except (SelectionRefused, TooManyDeletes) as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(back_to_list(request))

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        self.chosen = chosen(scope_of(request), request.GET)
        self.change = change_of(request.GET, self.chosen)
        removes = self.change.removes
        sentences = consequences(self.chosen, self.change)
        if removes:
            check_most(self.chosen.count)
            if self.chosen.count > settings.BULK_APPROVAL_DELETES:
                sentences.append("A second person with the same rights must approve it first: you ask for that here.")
            sentences.append(
                f"The first call is made after {GRACE.seconds} seconds. Until then the job can be cancelled."
            )
        users = "user" if self.chosen.count == 1 else "users"
        return Confirmation(
            title=self.change.title,
            action=f"{self.change.title.split(' ')[0]} {self.chosen.count:,} {users}",
            consequences=sentences,
            back_url=back_to_list(request),
            done_url=reverse("bulk:list"),
            typed=f"{self.change.kind} {self.chosen.count} {users}" if removes else "",
            count=self.chosen.count,
            irreversible=removes,
            danger=removes or self.change.kind == Kind.DEACTIVATE,
        )

    def ask(self, request: HttpRequest, form: forms.Form) -> HttpResponse:
        context = {
            "form": form,
            "kept": [(name, request.GET[name]) for name in CHOICE if name in request.GET],
            "count": self.chosen.count,
            "is_removal": request.GET.get("do") == REMOVE,
            "back_url": back_to_list(request),
        }
        return render(request, "users/bulk.html", context, status=422 if form.is_bound else 200)

    def confirmed(
        self, request: HttpRequest, reason: str, operation_key: uuid.UUID, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        users = self.chosen.users if self.chosen.ids is None else self.chosen.ids
        job = run_users(scope_of(request), person(request), users, self.change, key=str(operation_key), reason=reason)
        return redirect("bulk:job", job.pk)


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
    if action == Kind.GROUP:
        return GroupForm(data, names=group_names(users.users))
    if action == REMOVE:
        return RemovalForm(data)
    raise Http404


def back_to_list(request: HttpRequest) -> str:
    return f"{reverse('users:list')}?{QueryDict(request.GET.get('filters', '')).urlencode()}"
