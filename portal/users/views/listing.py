"""The list of users over all sub-accounts in scope, and the same rows as a file."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.audit import log
from portal.audit.verbs import Verb
from portal.directory import search
from portal.directory.freshness import freshness
from portal.directory.models import MirrorUser, SubAccount
from portal.ui.export import csv_response
from portal.ui.paging import COUNT_LIMIT, KeysetPage
from portal.ui.requests import person, scope_of
from portal.ui.tables import BulkAction, Empty, Freshness, Table, page_or_part, sorting
from portal.users.columns import ACCOUNT, COLUMNS, EXPORT
from portal.users.filters import UserBar, chosen_account, filtered

MOST_HITS = 1000  # of a search are counted: counting more costs more than showing them

ACTIONS = (
    BulkAction("Activate", "activate", "check-circle"),
    BulkAction("Deactivate", "deactivate", "pause-circle"),
    BulkAction("Change type", "type", "identification"),
    BulkAction("Change department", "department", "building-office"),
    BulkAction("Add to group", "group", "user-group"),
    BulkAction("Take out of group", "leave", "x-circle"),
    BulkAction("Change a setting", "setting", "cog-6-tooth"),
    BulkAction("Remove…", "remove", "trash", danger=True),
)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request)
    account = chosen_account(scope, request.GET)
    found = filtered(scope, request.GET, account)
    sort, fields = sorting(COLUMNS, request, "email")
    limit = MOST_HITS if request.GET.get("q") else COUNT_LIMIT
    counting = not search.is_broad(found.qs)
    page = KeysetPage(found.qs, sort=fields, params=request.GET, count=counting, count_limit=limit)
    fresh = freshness(scope)
    bar = UserBar(found, request, account)
    may_write = scope.may(Right.WRITE) and not (account and account.gone_since)
    columns = [column for column in COLUMNS if not (account and column is ACCOUNT)]
    table = Table(
        columns,
        page,
        request,
        caption="Users",
        sort=sort,
        empty=nothing(account, filtered=bar.is_active, may_write=may_write),
        freshness=Freshness(fresh.as_of, fresh.complete, fresh.total, stale=fresh.is_stale),
        actions=ACTIONS if may_write else (),
        action_url=reverse("users:choose"),
    )
    context = {
        "bar": bar,
        "table": table,
        "account": account,
        "may_write": may_write,
        "may_export": scope.may(Right.EXPORT),
    }
    return page_or_part(request, "users/list.html", context)


def nothing(account: SubAccount | None, *, filtered: bool, may_write: bool) -> Empty:
    new = (("New user", reverse("users:create", args=[account.pk])),) if account and may_write else ()
    if filtered:
        return Empty("No user matches", "Remove a filter to see more.", (("Clear filters", "?"), *new), "funnel")
    return Empty("No users yet", "They appear here once the sub-accounts have been read from Zoom.")


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """All filtered rows as CSV. The export itself is audited."""
    scope = scope_of(request)
    account = chosen_account(scope, request.GET)
    rows: QuerySet[MirrorUser] = filtered(scope, request.GET, account).qs.order_by("email", "pk")
    log.record(Verb.EXPORTED, actor=person(request), account=account, target="users", after=dict(request.GET.items()))
    lines = ([value(row) for _, value in EXPORT] for row in rows.iterator(chunk_size=500))
    return csv_response("users.csv", [name for name, _ in EXPORT], lines)
