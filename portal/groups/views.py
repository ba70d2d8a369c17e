"""Looking at groups: over all sub-accounts from the mirror, of one sub-account and one group live from Zoom."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.bulk.pages import unreadable
from portal.directory.asking import account_or_404
from portal.directory.freshness import freshness
from portal.directory.models import MirrorGroup, SubAccount
from portal.groups import live
from portal.groups.chosen import MEMBERS_OFFERED, OFFERED, member_word
from portal.groups.forms import MembersForm
from portal.groups.listed import GroupFilter, group_word, in_scope
from portal.ui.filters import FilterBar
from portal.ui.numbered import NumberedPage
from portal.ui.numbered import place as numbered
from portal.ui.paging import KeysetPage
from portal.ui.requests import scope_of
from portal.ui.tables import Column, Empty, Freshness, Table, page_or_part, sorting
from zoomapi.client.errors import ZoomError

# The form that it belongs to stands after the table, which is a form itself.
TAKE_OUT = (
    '<button class="button quiet" form="take-out" formaction="{}" name="operation_key" value="{}" '
    'aria-label="Take out {}">Take out</button>'
)


def group_url(row: MirrorGroup) -> str:
    """Without an address when the id cannot stand in one: a strange row must not take the list with it."""
    usable = row.zoom_id and "/" not in row.zoom_id
    return reverse("groups:detail", args=[row.account_id, row.zoom_id]) if usable else ""


NAME = Column("Group", "name", link=group_url, sort="name", sort_fields=("name",), head=True)
ACCOUNT = Column("Sub-account", "account", link=lambda row: reverse("groups:account", args=[row.account_id]))
MEMBERS = Column("Members", "total_members", sort="members", sort_fields=("total_members",), numeric=True)


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
        actions=OFFERED if scope.may(Right.WRITE) else (),
        action_url=reverse("groups:choose"),
        row_key=group_word,
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
        actions=OFFERED if may_write else (),
        action_url=f"{reverse('groups:choose')}?account={account.pk}",
        row_key=group_word,
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
    place = [account.pk, group_id]
    people, total = live.members_of(request, account, group_id, *numbered(request.GET))
    page = NumberedPage(people, total=total, params=request.GET)
    if page.has_previous and not page.rows:
        return redirect(f"{reverse('groups:detail', args=place)}{page.first_url}")  # who stood there has left
    may_write = scope_of(request).may(Right.WRITE) and not account.gone_since
    table = Table(
        member_columns(account, group_id, may_write=may_write),
        page,
        request,
        caption="Members",
        empty=Empty("Nobody is in this group", "Add members by their e-mail addresses.", icon="user-group"),
        actions=MEMBERS_OFFERED if may_write else (),
        action_url=reverse("groups:choose_members", args=place),
        row_key=member_word,
        row_label=lambda row: str(row.get("email") or row.get("id")),
    )
    context = {
        "account": account,
        "group": group,
        "table": table,
        "form": form,
        "operation_key": uuid.uuid4(),
        "reason": request.POST.get("reason", ""),
        "back_url": reverse("groups:account", args=[account.pk]),
        "may_write": may_write,
    }
    return page_or_part(request, "groups/detail.html", context, status=status)


def member_columns(account: SubAccount, group_id: str, *, may_write: bool) -> tuple[Column, ...]:
    types = account.connection.zoom.user_types

    def take_out(row: dict[str, Any]) -> SafeString:
        if not usable(row):
            return mark_safe("")
        url = reverse("groups:remove_member", args=[account.pk, group_id, row["id"]])
        return format_html(TAKE_OUT, url, uuid.uuid4(), row.get("email") or row["id"])

    def usable(row: dict[str, Any]) -> bool:
        return bool(row.get("id")) and "/" not in row["id"]

    found = (
        Column(
            "E-mail",
            render=lambda row: row.get("email") or row.get("id"),
            link=lambda row: reverse("users:detail", args=[account.pk, row["id"]]) if usable(row) else "",
            head=True,
        ),
        Column("Name", render=lambda row: f"{row.get('first_name', '')} {row.get('last_name', '')}", priority=2),
        Column("Type", render=lambda row: types.get(row.get("type") or 0, row.get("type")), priority=2),
    )
    return (*found, Column("Action", render=take_out, numeric=True)) if may_write else found
