"""Global search and the state of the mirror."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.access.scope import Scope
from portal.directory import search, tasks
from portal.directory.freshness import freshness
from portal.directory.models import MirrorUser, SubAccount, Sync
from portal.gateway.models import Connection
from portal.ui.tables import page_or_part

HITS = 50
SWITCHER_HITS = 20
UNTOLD = "The workers cannot be told now, so nothing is read anew. Lists show what was read before. Try again later."


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Sub-accounts and users that match ``q``, for the search box on every page."""
    scope: Scope = request.scope  # type: ignore[attr-defined]  # set by AccessMiddleware
    query = request.GET.get("q", "").strip()
    users: list[MirrorUser] = []
    accounts: list[SubAccount] = []
    if query:
        live = SubAccount.objects.for_scope(scope).filter(gone_since=None)
        accounts = list(search.accounts(live, query).order_by("name", "pk")[:HITS])
        found = search.users(MirrorUser.objects.for_scope(scope), query)
        users = list(found.select_related("account").order_by("pk")[: HITS + 1])
    context = {
        "query": query,
        "accounts": accounts,
        "users": users[:HITS],
        "more": len(users) > HITS,
        "freshness": freshness(scope),
    }
    return render(request, "directory/search.html", context)


@require_GET
def switcher(request: HttpRequest) -> HttpResponse:
    """Sub-accounts whose name or owner matches ``q``: the answer to the switcher in the frame."""
    scope: Scope = request.scope  # type: ignore[attr-defined]  # set by AccessMiddleware
    live = SubAccount.objects.for_scope(scope).filter(gone_since=None)
    found = search.accounts(live, request.GET.get("q", "")).order_by("name", "pk")[:SWITCHER_HITS]
    options = [
        {"label": str(account), "url": reverse("accounts:detail", args=[account.pk]), "note": account.owner_email}
        for account in found
    ]
    context = {"options": options, "all_url": reverse("accounts:list")}
    if request.htmx:  # type: ignore[attr-defined]  # HtmxMiddleware
        return render(request, "ui/switcher_hits.html", context)
    return render(request, "directory/switcher.html", context)


@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """How fresh the mirror is, per connection, with the accounts that could not be read."""
    scope: Scope = request.scope  # type: ignore[attr-defined]  # set by AccessMiddleware
    runs = [
        (connection, Sync.objects.filter(connection=connection).order_by("-pk").first())
        for connection in Connection.objects.filter(is_active=True)
    ]
    live = SubAccount.objects.for_scope(scope).filter(gone_since=None)
    context = {
        "runs": runs if scope.everywhere else [],
        "problems": live.exclude(sync_problem="").order_by("name")[:HITS],
        "freshness": freshness(scope),
        # A connection that was never read is about to be: its page waits for that too.
        "running": any(run is None or run.state == Sync.State.RUNNING for _, run in runs),
    }
    return page_or_part(request, "directory/state.html", context, part="progress")


@require_POST
def refresh(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ring for a sync of one connection."""
    scope: Scope = request.scope  # type: ignore[attr-defined]  # set by AccessMiddleware
    if not scope.everywhere:  # a master account is nothing a reseller may know of
        raise Http404
    connection = get_object_or_404(Connection, pk=connection_id, is_active=True)
    if tasks.ring(tasks.sync_connection, connection.pk):
        messages.info(request, f"Reading {connection.name} anew. Lists stay usable meanwhile.")
    else:
        messages.error(request, UNTOLD)
    return redirect("directory:state")


@require_POST
def refresh_account(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ring for a fresh read of one sub-account."""
    scope: Scope = request.scope  # type: ignore[attr-defined]  # set by AccessMiddleware
    account = get_object_or_404(SubAccount.objects.for_scope(scope), pk=account_id)
    if tasks.ring(tasks.refresh_account, account.pk):
        messages.info(request, f"Reading {account} anew. This page shows it in a moment.")
    else:
        messages.error(request, UNTOLD)
    return redirect("accounts:detail", account.pk)
