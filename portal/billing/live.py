"""Reading a sub-account's plans and contact from Zoom, and bringing them into the mirror."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from portal.billing.rules import Allowed, allowed
from portal.directory import sync
from portal.directory.models import SubAccount
from portal.gateway.clients import client_for
from portal.ui.requests import person, scope_of


@dataclass(frozen=True)
class Live:
    """``plans`` and ``contact`` as Zoom just answered; empty where the sub-account pays for itself."""

    account: SubAccount
    plans: dict[str, Any]
    contact: dict[str, Any]
    allowed: Allowed


def read(request: HttpRequest, account_id: int, *, contact: bool = False) -> Live:
    """A sub-account in scope with its present plans. Raises Http404, or a ``ZoomError`` when Zoom cannot be read."""
    rows = SubAccount.objects.for_scope(scope_of(request)).select_related("connection")
    account = get_object_or_404(rows, pk=account_id, is_master=False)
    if account.gone_since:
        return Live(account, account.plans, {}, allowed(account, account.plans))
    zoom = client_for(scope_of(request), account, actor=person(request))
    options = (zoom.accounts.get() or {}).get("options") or {}
    account.pay_mode = str(options.get("pay_mode") or "")
    plans: dict[str, Any] = {}
    held: dict[str, Any] = {}
    if account.pay_mode == "master":
        plans = zoom.billing.plans() or {}
        for name, value in sync.plan_fields(plans).items():
            setattr(account, name, value)
        if contact:
            held = zoom.billing.get() or {}
    account.save(update_fields=["pay_mode", "plans", "plan_type", "plan_hosts"])
    return Live(account, plans, held, allowed(account, plans))
