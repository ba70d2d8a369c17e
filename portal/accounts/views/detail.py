"""One sub-account: read live from Zoom, beside what the mirror knows of its users."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from portal.access.rights import Right
from portal.accounts.columns import plan_name
from portal.audit.models import Entry, Phase
from portal.directory import sync
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from portal.ui.requests import person, scope_of
from zoomapi.client.errors import ZoomError
from zoomapi.spec.catalogue import BASE_PLANS, PAY_MODES

RECENT = 8


def account_or_404(request: HttpRequest, account_id: int) -> SubAccount:
    """A sub-account in scope. One out of scope is answered like one that does not exist."""
    rows = SubAccount.objects.for_scope(scope_of(request)).select_related("connection")
    return get_object_or_404(rows, pk=account_id, is_master=False)


@require_GET
def detail(request: HttpRequest, account_id: int) -> HttpResponse:
    scope = scope_of(request)
    account = account_or_404(request, account_id)
    problem = refresh(request, account)
    context = {
        "account": account,
        "problem": problem,
        "plan_name": plan_name(account),
        "is_legacy": bool(account.plan_type) and account.plan_type not in BASE_PLANS,
        "facts": facts(account),
        "statuses": statuses(account),
        "may_write": scope.may(Right.WRITE) and not account.gone_since,
        "may_bill": scope.may(Right.BILLING) and not account.gone_since,
        "recent": recent(account) if scope.may(Right.AUDIT) else [],
        "may_audit": scope.may(Right.AUDIT),
    }
    return render(request, "accounts/detail.html", context)


def recent(account: SubAccount) -> list[Entry]:
    """The latest changes. When it was made it had no row here yet, so that entry is known by the id it brought."""
    found = list(Entry.objects.filter(account_id=account.pk).exclude(phase=Phase.INTENT)[:RECENT])
    made = Entry.objects.filter(verb="accounts.create", connection_id=account.connection_id, phase=Phase.OUTCOME)
    return [*found, *made.filter(account_id=None, after__id=account.zoom_id)[: RECENT - len(found)]]


def refresh(request: HttpRequest, account: SubAccount) -> str:
    """Read the account from Zoom into the mirror; returns what went wrong, in words, or an empty text."""
    if account.gone_since:
        return ""
    zoom = client_for(scope_of(request), account, actor=person(request))
    try:
        live: dict[str, Any] = zoom.accounts.get() or {}
    except ZoomError as error:
        return str(error)
    options: dict[str, Any] = found if isinstance(found := live.get("options"), dict) else {}
    account.pay_mode = str(options.get("pay_mode") or account.pay_mode)
    account.owner_id = str(live.get("owner_id") or account.owner_id)
    account.owner_email = str(live.get("owner_email") or account.owner_email)
    account.save(update_fields=["pay_mode", "owner_id", "owner_email"])
    if account.pay_mode == "master":
        try:
            fields = sync.plan_fields(zoom.billing.plans())
        except ZoomError as error:
            return str(error)
        SubAccount.objects.filter(pk=account.pk).update(**fields)
        account.refresh_from_db()
    return ""


def facts(account: SubAccount) -> list[tuple[str, Any]]:
    return [
        ("Account id", account.zoom_id),
        ("Owner", account.owner_email),
        ("Type", account.account_type),
        ("Paid by", PAY_MODES.get(account.pay_mode, account.pay_mode)),
        ("Subscribed from", account.subscription_start_time),
        ("Subscribed until", account.subscription_end_time),
        ("Created", account.created_at),
        ("Master account", account.connection.name),
    ]


def statuses(account: SubAccount) -> list[tuple[str, int]]:
    """Users by status, counted in the mirror."""
    return [(status, account.users.filter(status=status).count()) for status in sync.STATUSES]
