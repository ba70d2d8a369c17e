"""What a page needs to ask Zoom about a sub-account: the account, if it is in scope, and a client that only looks."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from portal.access.rights import Right
from portal.directory.models import SubAccount
from portal.gateway.clients import AccountClient, client_for
from portal.ui.requests import person, scope_of

DEADLINE = 8.0  # seconds a page waits for one answer of Zoom's


def account_or_404(request: HttpRequest, account_id: int) -> SubAccount:
    """A sub-account in scope, the master account's own row included."""
    rows = SubAccount.objects.for_scope(scope_of(request)).select_related("connection")
    return get_object_or_404(rows, pk=account_id)


def changeable_or_404(request: HttpRequest, account_id: int) -> SubAccount:
    """A sub-account in scope that is still part of the master account."""
    account = account_or_404(request, account_id)
    if account.gone_since:
        raise Http404
    return account


def reader(request: HttpRequest, account: SubAccount) -> AccountClient:
    """A client that only looks, and does not make a page wait for long."""
    return client_for(scope_of(request), account, right=Right.VIEW, actor=person(request), deadline=DEADLINE)
