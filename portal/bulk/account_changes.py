"""Sub-accounts that can be changed, and many of them leaving their master account."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from portal.access.models import Staff
from portal.access.scope import Scope
from portal.bulk.models import Job
from portal.bulk.operations import Step, plan
from portal.directory.models import SubAccount

DELETE = "accounts.delete"


def changeable(scope: Scope) -> QuerySet[SubAccount]:
    """Sub-accounts in scope that are still part of their master account."""
    rows = SubAccount.objects.for_scope(scope).filter(is_master=False, gone_since=None)
    return rows.select_related("connection")


def plan_departures(
    scope: Scope, actor: Staff, accounts: Sequence[SubAccount], *, key: str | None = None, reason: str = ""
) -> Job:
    """Write down a READY job that disassociates sub-accounts of one master account; each keeps existing."""
    return plan(
        scope=scope,
        actor=actor,
        connection=accounts[0].connection,
        kind="accounts_disassociate",
        title=f"Disassociate {len(accounts):,} sub-account{'' if len(accounts) == 1 else 's'}",
        steps=_departures(accounts),
        key=key,
        reason=reason,
    )


def _departures(accounts: Sequence[SubAccount]) -> Iterator[Step]:
    for row, account in enumerate(accounts, 1):
        before = {"account_name": account.name, "owner_email": account.owner_email}
        yield Step(row=row, account=account, endpoint=DELETE, label=str(account), action="delete", before=before)
