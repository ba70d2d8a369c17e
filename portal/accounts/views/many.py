"""Options, one setting, or the departure of many chosen sub-accounts: confirmed on one page, done by a job."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.accounts.chosen import chosen
from portal.bulk.account_changes import DELETE, plan_departures
from portal.bulk.approval import PAYER
from portal.bulk.chosen import (
    SECOND,
    Choice,
    ChosenView,
    calls_told,
    chosen_address,
    launch,
    plural,
    removal_told,
    with_filters,
)
from portal.bulk.compared import OPTIONS, SETTINGS, Values
from portal.bulk.models import Job
from portal.bulk.preparing import run_compared
from portal.bulk.saying import setting_said, values_said
from portal.directory.models import SubAccount
from portal.ui.confirm import Confirmation
from portal.ui.requests import person, scope_of
from portal.ui.tables import BulkAction

LEAVE = "disassociate"
OFFERED = (
    BulkAction("Change options", "options", "adjustments-horizontal"),
    BulkAction("Change a setting", "settings", "cog-6-tooth"),
    BulkAction("Disassociate…", LEAVE, "trash", danger=True),
)
ACTIONS = tuple(one.value for one in OFFERED)
KEPT = ("do", "ids", "all", "filters", "setting")  # words of the address that say who is meant, and which setting


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    return chosen_address(request, ACTIONS, leads_to=reverse("accounts:many"), back_url=reverse("accounts:list"))


class ManyView(ChosenView):
    """PATCH …/options, PATCH …/settings, or DELETE, for each of the chosen."""

    accounts: list[SubAccount]
    change: Values | None = None  # None: they leave

    def back_url(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return with_filters(reverse("accounts:list"), request.GET.get("filters", ""))

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        choice = Choice.of(request.GET, ACTIONS)
        self.accounts = chosen(scope_of(request), choice)
        count = len(self.accounts)
        number = f"{count:,} sub-account{plural(count)}"
        if choice.action == LEAVE:
            return Confirmation(
                title=f"Disassociate {number}",
                action=f"Disassociate {number}",
                consequences=self.departure(),
                back_url=self.back_url(request),
                done_url=reverse("bulk:list"),
                typed=f"disassociate {number}",
                count=count,
                irreversible=True,
            )
        says_options = choice.action == "options"
        self.change = values_said(OPTIONS, request.GET) if says_options else setting_said(SETTINGS, request.GET)
        return Confirmation(
            title=self.change.title(count),
            action=f"Change {number}",
            consequences=self.consequences(self.change),
            back_url=self.back_url(request),
            done_url=reverse("bulk:list"),
            count=count,
            danger=False,
        )

    def consequences(self, change: Values) -> list[str]:
        count, whose = len(self.accounts), "it" if len(self.accounts) == 1 else "each of them"
        sentences = [
            f"What is set for {whose} is read first: where it is so already nothing is sent.",
            calls_told(change.calls(count), self.accounts[0].connection),
        ]
        if PAYER.get(change.endpoint) in change.body:
            other = sum(1 for one in self.accounts if one.pay_mode and one.pay_mode != change.body["pay_mode"])
            sentences.append(
                f"For {other:,} of {count:,} somebody else is billed from then on, as far as is known here."
            )
            sentences.append(SECOND)
        return sentences

    def departure(self) -> list[str]:
        count = len(self.accounts)
        users = sum(one.user_total or 0 for one in self.accounts)
        plans = sum(1 for one in self.accounts if one.plan_type)
        one = "s" if count == 1 else ""
        leave = f"{count:,} sub-account{plural(count)} leave{one} the master account"
        held = f"{plans:,} hold{'s' if plans == 1 else ''} a plan. Ask Zoom who is billed for it from now on."
        return [
            f"{leave}; nobody here reaches the {users:,} user{plural(users)} any more.",
            "They, their users, meetings and recordings keep existing on their own.",
            *([held] if plans else []),
            "Only Zoom's support can bring them back.",
            calls_told({DELETE: count}, self.accounts[0].connection),
            *removal_told(count),
        ]

    def ask(self, request: HttpRequest, form: forms.Form, *args: Any, **kwargs: Any) -> HttpResponse:
        what = "Options" if request.GET.get("do") == "options" else "A setting"
        kept = [(name, request.GET[name]) for name in KEPT if name in request.GET and name not in form.fields]
        context = {
            "form": form,
            "kept": kept,
            "title": f"{what} of {len(self.accounts):,} sub-account{plural(len(self.accounts))}",
            "back_url": self.back_url(request),
            "hint": "What you leave empty stays as it is." if request.GET.get("do") == "options" else "",
        }
        return render(request, "bulk/ask.html", context, status=422 if form.is_bound else 200)

    def make(self, request: HttpRequest, reason: str, key: str, *args: Any, **kwargs: Any) -> Job:
        scope, actor = scope_of(request), person(request)
        if self.change is not None:
            keys = [account.pk for account in self.accounts]
            connection = self.accounts[0].connection
            return run_compared(scope, actor, keys, self.change, connection=connection, key=key, reason=reason)
        return launch(plan_departures(scope, actor, self.accounts, key=key, reason=reason), actor, removes=True)
