"""Looking at groups: over all sub-accounts from the mirror, of one sub-account and one group live from Zoom."""

import uuid

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.access.scope import Scope
from portal.bulk.pages import unreadable
from portal.directory.asking import account_or_404
from portal.directory.filters import ByAccountName
from portal.directory.freshness import freshness
from portal.directory.models import MirrorGroup, SubAccount
from portal.groups import live
from portal.groups.forms import MembersForm
from portal.ui.filters import FilterBar
from portal.ui.paging import KeysetPage
from portal.ui.requests import scope_of
from portal.ui.tables import Column, Empty, Freshness, Table, page_or_part, sorting
from zoomapi.client.errors import ZoomError


def group_url(row: MirrorGroup) -> str:
    """Without an address when the id cannot stand in one: a strange row must not take the list with it."""
    usable = row.zoom_id and "/" not in row.zoom_id
    return reverse("groups:detail", args=[row.account_id, row.zoom_id]) if usable else ""


NAME = Column("Group", "name", link=group_url, sort="name", sort_fields=("name",), head=True)
ACCOUNT = Column("Sub-account", "account", link=lambda row: reverse("groups:account", args=[row.account_id]))
MEMBERS = Column("Members", "total_members", sort="members", sort_fields=("total_members",), numeric=True)


class GroupFilter(ByAccountName):
    name = django_filters.CharFilter(
        label="Name",
        lookup_expr="icontains",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    class Meta:
        model = MirrorGroup
        fields = ("name", "account_name")


def in_scope(scope: Scope) -> QuerySet[MirrorGroup]:
    rows = MirrorGroup.objects.filter(scope.where("account"), account__gone_since=None)
    return rows.select_related("account")


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request)
    found = GroupFilter(request.GET, queryset=in_scope(scope))
    columns = (NAME, ACCOUNT, MEMBERS)
    sort, fields = sorting(columns, request, "name")
    bar = FilterBar(found, request, wide="name")
    fresh = freshness(scope)
    table = Table(
        columns,
        KeysetPage(found.qs, sort=fields, params=request.GET),
        request,
        caption="Groups",
        sort=sort,
        empty=Empty("No group matches", "Remove a filter to see more.", (("Clear filters", "?"),), "funnel")
        if bar.is_active
        else Empty("No groups yet", "Groups appear here once the sub-accounts have been read. Open a sub-account's "
                   "groups to make one.", icon="user-group"),
        freshness=Freshness(fresh.as_of, fresh.complete, fresh.total, stale=fresh.is_stale),
    )  # fmt: skip
    return page_or_part(request, "groups/list.html", {"bar": bar, "table": table})


@require_GET
def of_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Groups of one sub-account, read anew; from the mirror, and saying so, when Zoom cannot be read."""
    account = account_or_404(request, account_id)
    problem = ""
    try:
        live.read_all(request, account)
    except ZoomError as error:
        problem = str(error)
    columns = (NAME, MEMBERS)
    sort, fields = sorting(columns, request, "name")
    may_write = scope_of(request).may(Right.WRITE) and not account.gone_since
    new = (("New group", reverse("groups:create", args=[account.pk])),) if may_write else ()
    table = Table(
        columns,
        KeysetPage(MirrorGroup.objects.filter(account=account), sort=fields, params=request.GET),
        request,
        caption=f"Groups of {account}",
        sort=sort,
        empty=Empty("No groups yet", f"{account} has no groups.", new, "user-group"),
    )
    context = {"account": account, "table": table, "problem": problem, "may_write": may_write}
    return page_or_part(request, "groups/account.html", context)


@require_GET
def detail(request: HttpRequest, account_id: int, group_id: str) -> HttpResponse:
    account = account_or_404(request, account_id)
    try:
        return group_page(request, account, group_id, MembersForm())
    except ZoomError as error:
        return unreadable(request, error)


def group_page(
    request: HttpRequest, account: SubAccount, group_id: str, form: MembersForm, status: int = 200
) -> HttpResponse:
    """One group with its members. Raises a ``ZoomError``."""
    group = live.read_one(request, account, group_id)
    people = live.members(request, account, group_id)
    types = account.connection.zoom.user_types
    context = {
        "account": account,
        "group": group,
        "members": [
            {**row, "key": uuid.uuid4(), "type_name": types.get(row.get("type") or 0, row.get("type"))}
            for row in people[: live.MEMBERS_SHOWN]
        ],
        "more": len(people) > live.MEMBERS_SHOWN,
        "form": form,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
        "back_url": reverse("groups:account", args=[account.pk]),
        "may_write": scope_of(request).may(Right.WRITE) and not account.gone_since,
    }
    return render(request, "groups/detail.html", context, status=status)
