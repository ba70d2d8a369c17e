"""All sub-accounts of the running sandbox in the mirror."""

from collections.abc import Iterator

import pytest

from portal.directory import sync
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.sandbox import Sandbox


@pytest.fixture
def clean(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with its first world and an empty ledger."""
    sandbox.reset()
    yield sandbox
    sandbox.faults()


@pytest.fixture
def mirrored(clean: Sandbox, sandbox_connection: Connection, unpaced: None) -> list[SubAccount]:
    sync.sync_accounts(sandbox_connection)
    return list(SubAccount.objects.filter(is_master=False).order_by("pk"))


@pytest.fixture
def tenant(mirrored: list[SubAccount]) -> SubAccount:
    """One with a plan of the catalogue that the master account pays."""
    for account in mirrored:
        sync.sync_detail(account)
        account.refresh_from_db()
        if account.plan_type == "business_monthly":
            return account
    raise AssertionError("the demo world has no business plan")
