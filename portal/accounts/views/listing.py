"""The list of sub-accounts, and the same rows as a file."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.accounts.columns import COLUMNS, EXPORT
from portal.accounts.filters import SubAccountFilter
from portal.accounts.views.many import OFFERED
from portal.audit import log
from portal.audit.verbs import Verb
from portal.directory.freshness import freshness
from portal.directory.models import SubAccount
from portal.ui.export import csv_response
from portal.ui.filters import FilterBar
from portal.ui.paging import KeysetPage
from portal.ui.requests import person, scope_of
from portal.ui.tables import Empty, Freshness, Table, page_or_part, sorting


def filtered(request: HttpRequest) -> SubAccountFilter:
    rows = SubAccount.objects.for_scope(scope_of(request)).filter(gone_since=None, is_master=False)
    return SubAccountFilter(request.GET, queryset=rows)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    scope = scope_of(request)
    found = filtered(request)
    sort, fields = sorting(COLUMNS, request, "name")
    page = KeysetPage(found.qs, sort=fields, params=request.GET)
    fresh = freshness(scope)
    may_create = scope.may(Right.CREATE_ACCOUNT)
    bar = FilterBar(found, request)
    table = Table(
        COLUMNS,
        page,
        request,
        caption="Sub-accounts",
        sort=sort,
        empty=nothing(may_create=may_create, filtered=bar.is_active),
        freshness=Freshness(fresh.as_of, fresh.complete, fresh.total, stale=fresh.is_stale),
        actions=OFFERED if scope.may(Right.WRITE) else (),
        action_url=reverse("accounts:choose"),
    )
    context = {"bar": bar, "table": table, "may_create": may_create, "may_export": scope.may(Right.EXPORT)}
    return page_or_part(request, "accounts/list.html", context)


def nothing(*, may_create: bool, filtered: bool) -> Empty:
    if filtered:
        return Empty("No sub-account matches", "Remove a filter to see more.", (("Clear filters", "?"),), "funnel")
    actions = (("New sub-account", reverse("accounts:create")),) if may_create else ()
    return Empty("No sub-accounts yet", "They appear here once the master account has been read.", actions)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """All filtered rows as CSV. The export itself is audited."""
    rows: QuerySet[SubAccount] = filtered(request).qs.order_by("name", "pk")
    log.record(Verb.EXPORTED, actor=person(request), target="sub-accounts", after=dict(request.GET.items()))
    lines = ([value(row) for _, value in EXPORT] for row in rows.iterator(chunk_size=500))
    return csv_response("sub-accounts.csv", [name for name, _ in EXPORT], lines)
