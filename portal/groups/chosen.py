"""Deleting chosen groups; taking chosen members out of a group, or moving them to another one."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from portal.bulk.chosen import (
    Choice,
    ChosenView,
    NotSaid,
    calls_told,
    chosen_address,
    launch,
    plural,
    removal_told,
    with_filters,
    word_of,
)
from portal.bulk.memberships import (
    ADD,
    DELETE,
    LEAVE,
    MOVE,
    TAKE_OUT,
    MembersChange,
    plan_group_removal,
    plan_members,
)
from portal.bulk.models import Job
from portal.bulk.selection import SelectionRefused
from portal.directory.asking import changeable_or_404
from portal.directory.models import MirrorGroup
from portal.groups import live
from portal.groups.forms import TargetForm
from portal.groups.listed import group_word, matching
from portal.ui.confirm import Confirmation
from portal.ui.requests import person, scope_of
from portal.ui.tables import BulkAction

REMOVE = "remove"
OFFERED = (BulkAction("Delete…", REMOVE, "trash", danger=True),)
MEMBERS_OFFERED = (
    BulkAction("Take out…", TAKE_OUT, "x-circle"),
    BulkAction("Move to another group…", MOVE, "user-group"),
)
MEMBER_ACTIONS = (TAKE_OUT, MOVE)


def list_url(account: str) -> str:
    return reverse("groups:account", args=[int(account)]) if account.isascii() and account.isdigit() else ""


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """From the list over all sub-accounts, or (``?account=``) from that of one."""
    account = request.GET.get("account", "")
    back = list_url(account) or reverse("groups:list")
    leads_to = reverse("groups:remove_chosen")
    return chosen_address(request, (REMOVE,), leads_to=leads_to, back_url=back, keep={"account": account})


class RemoveChosenView(ChosenView):
    """DELETE groups/{groupId} for each of the chosen."""

    groups: list[MirrorGroup]

    def back_url(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        own = list_url(request.GET.get("account", ""))
        return own or with_filters(reverse("groups:list"), request.GET.get("filters", ""))

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        choice, account = Choice.of(request.GET, (REMOVE,)), request.GET.get("account", "")
        scope = scope_of(request)
        rows = matching(scope, choice.filters, account=account, everything=choice.words is None)
        found = list(rows.order_by("account__name", "account_id", "name", "pk"))
        if choice.words is not None:
            wanted = set(choice.words)
            found = [group for group in found if group_word(group) in wanted]
        if not found:
            raise SelectionRefused("None of the chosen groups is there any more. Nothing was done.")
        if len({group.account.connection_id for group in found}) > 1:
            raise SelectionRefused("The groups belong to several master accounts. Choose those of one.")
        self.groups = found
        number = f"{len(found):,} group{plural(len(found))}"
        return Confirmation(
            title=f"Delete {number}",
            action=f"Delete {number}",
            consequences=self.consequences(choice),
            back_url=self.back_url(request),
            done_url=reverse("bulk:list"),
            typed=f"delete {number}",
            count=len(found),
            irreversible=True,
        )

    def consequences(self, choice: Choice) -> list[str]:
        count, accounts = len(self.groups), len({group.account_id for group in self.groups})
        members = sum(group.total_members or 0 for group in self.groups)
        sentences = [f"{count:,} group{plural(count)} in {accounts:,} sub-account{plural(accounts)} chosen."]
        if choice.words is not None and (left_out := len(choice.words) - count) > 0:
            are = "is" if left_out == 1 else "are"
            sentences.append(f"{left_out:,} of the chosen {are} not there any more.")
        return [
            *sentences,
            f"Their {members:,} membership{plural(members)}, as last read, end; the members stay users.",
            "Settings that came with a group no longer apply to them.",
            calls_told({DELETE: count}, self.groups[0].account.connection),
            *removal_told(count),
        ]

    def make(self, request: HttpRequest, reason: str, key: str, *args: Any, **kwargs: Any) -> Job:
        actor = person(request)
        job = plan_group_removal(scope_of(request), actor, self.groups, key=key, reason=reason)
        return launch(job, actor, removes=True)


@require_POST
def choose_members(request: HttpRequest, account_id: int, group_id: str) -> HttpResponse:
    place = [changeable_or_404(request, account_id).pk, group_id]
    leads_to, back_url = reverse("groups:change_members", args=place), reverse("groups:detail", args=place)
    return chosen_address(request, MEMBER_ACTIONS, leads_to=leads_to, back_url=back_url)


class ChangeMembersView(ChosenView):
    """DELETE …/members/{memberId} for each of the chosen, after POST …/members of the other group where they move."""

    change: MembersChange
    people: list[dict[str, Any]]
    there: set[str]

    def back_url(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return reverse("groups:detail", args=[kwargs["account_id"], kwargs["group_id"]])

    def get_confirmation(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Confirmation:
        account, group_id = changeable_or_404(request, kwargs["account_id"]), kwargs["group_id"]
        choice = Choice.of(request.GET, MEMBER_ACTIONS)
        group = live.read_one(request, account, group_id)
        self.people = live.chosen_members(request, account, group_id, choice.words)
        if not self.people:
            raise SelectionRefused("None of the chosen is a member of the group any more. Nothing was done.")
        if len(self.people) > live.MOST:
            raise SelectionRefused(f"More than {live.MOST:,} members. Choose them page by page, or send a file.")
        self.change = MembersChange(account, group_id, str(group.get("name") or group_id))
        self.there = set()
        if choice.action == MOVE:
            self.change = self.moving(request, self.change)
            self.there = set(live.member_ids(request, account, self.change.to))
        number = f"{len(self.people):,} member{plural(len(self.people))}"
        return Confirmation(
            title=self.change.title(len(self.people)),
            action=f"{'Move' if self.change.to else 'Take out'} {number}",
            consequences=self.consequences(choice),
            back_url=self.back_url(request, **kwargs),
            done_url=reverse("bulk:list"),
            count=len(self.people),
            danger=False,
            facts=(("Group", self.change.name), ("Sub-account", str(account))),
        )

    def moving(self, request: HttpRequest, change: MembersChange) -> MembersChange:
        """Raises NotSaid until the other group is named."""
        others = change.account.groups.exclude(zoom_id=change.group).order_by("name").values_list("zoom_id", "name")
        form = TargetForm(request.GET if "to" in request.GET else None, groups=list(others))
        if not form.is_bound or not form.is_valid():
            raise NotSaid(form)
        to = form.cleaned_data["to"]
        return MembersChange(change.account, change.group, change.name, to, dict(others)[to])

    def consequences(self, choice: Choice) -> list[str]:
        change, count = self.change, len(self.people)
        joining = sum(1 for one in self.people if str(one["id"]) not in self.there) if change.to else 0
        sentences = [f"They stay users of {change.account}. What the group {change.name} gave them no longer applies."]
        if change.to:
            sentences = [
                f"Each joins {change.to_name} first, and leaves {change.name} only when that has worked.",
                f"What is set for {change.to_name} applies to them then.",
            ]
        if change.to and (already := count - joining):
            are = "is in it already and only leaves" if already == 1 else "are in it already and only leave"
            sentences.append(f"{already:,} {are} {change.name}.")
        if choice.words is not None and (left_out := len(choice.words) - count) > 0:
            were = "was" if left_out == 1 else "were"
            sentences.append(f"{left_out:,} of the chosen {were} left out: no longer in the group.")
        calls = {LEAVE: count, **({ADD: joining} if joining else {})}
        return [*sentences, calls_told(calls, change.account.connection)]

    def ask(self, request: HttpRequest, form: forms.Form, *args: Any, **kwargs: Any) -> HttpResponse:
        context = {
            "form": form,
            "kept": [(name, request.GET[name]) for name in ("do", "ids", "all", "filters") if name in request.GET],
            "title": f"Move {len(self.people):,} member{plural(len(self.people))} of {self.change.name}",
            "back_url": self.back_url(request, **kwargs),
        }
        return render(request, "bulk/ask.html", context, status=422 if form.is_bound else 200)

    def make(self, request: HttpRequest, reason: str, key: str, *args: Any, **kwargs: Any) -> Job:
        actor, scope = person(request), scope_of(request)
        job = plan_members(scope, actor, self.change, self.people, there=self.there, key=key, reason=reason)
        return launch(job, actor, removes=False)


def member_word(row: dict[str, Any]) -> str:
    return word_of(row.get("id"))
