"""Groups of a sub-account in scope, as Zoom has them now."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from portal.access.rights import Right
from portal.directory import sync
from portal.directory.models import SubAccount
from portal.gateway.clients import AccountClient, client_for
from portal.ui.requests import person, scope_of

DEADLINE = 8.0  # seconds a page waits for one answer of Zoom's
MEMBERS_SHOWN = 300  # one answer of Zoom's at its largest


def account_or_404(request: HttpRequest, account_id: int) -> SubAccount:
    """A sub-account in scope, the master account's own row included."""
    rows = SubAccount.objects.for_scope(scope_of(request)).select_related("connection")
    return get_object_or_404(rows, pk=account_id)


def reader(request: HttpRequest, account: SubAccount) -> AccountClient:
    return client_for(scope_of(request), account, right=Right.VIEW, actor=person(request), deadline=DEADLINE)


def read_all(request: HttpRequest, account: SubAccount) -> None:
    """Bring the account's groups into the mirror. Raises a ``ZoomError``."""
    rows = (reader(request, account).groups.list() or {}).get("groups") or []
    sync.save_groups(account, list(rows))


def read_one(request: HttpRequest, account: SubAccount, group_id: str) -> dict[str, Any]:
    """One group. Raises ``NotFound`` or another ``ZoomError``."""
    found: dict[str, Any] = reader(request, account).groups.get(group_id) or {}
    return {"id": group_id, **found}


def members(request: HttpRequest, account: SubAccount, group_id: str) -> list[dict[str, Any]]:
    """The first members; one more than is shown tells that there are more."""
    rows: Iterator[Any] = iter(reader(request, account).groups.members.each(group_id, page_size=MEMBERS_SHOWN))
    return [row for row in islice(rows, MEMBERS_SHOWN + 1) if isinstance(row, dict)]
