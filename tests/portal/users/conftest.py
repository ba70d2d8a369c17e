"""A sub-account of the running sandbox in the mirror, granted to Rita; and made-up users for lists."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.access.models import Staff
from portal.directory import records, sync
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.models import Connection
from tests.support.cast import seller_of
from tests.support.sandbox import Sandbox

ROWS = Callable[..., list[MirrorUser]]


@pytest.fixture
def clean(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with its first world and an empty ledger."""
    sandbox.reset()
    yield sandbox
    sandbox.faults()


@pytest.fixture
def tenant(clean: Sandbox, sandbox_connection: Connection, unpaced: None) -> SubAccount:
    """A sub-account with a paid plan, groups and users, read into the mirror."""
    rows = clean.call("GET", "/accounts?page_size=300").json()["accounts"]
    row = max(rows, key=lambda account: account.get("seats") or 0)
    account = sync.save_account(sandbox_connection, row, seen_at=timezone.now())
    sync.sync_detail(account)
    sync.sync_users(account)
    account.refresh_from_db()
    return account


@pytest.fixture
def rita(db: None, tenant: SubAccount) -> Staff:
    """Here Rita sees the sub-account that exists in the sandbox."""
    return seller_of(tenant)


@pytest.fixture
def user(tenant: SubAccount) -> MirrorUser:
    """An active user who owns nothing."""
    return some(tenant, "active")


def some(account: SubAccount, status: str, **more: Any) -> MirrorUser:
    found = account.users.filter(status=status, **more).exclude(zoom_id=account.owner_id).order_by("email").first()
    assert found is not None
    return found


@pytest.fixture
def rows(db: None) -> ROWS:
    """Make users in the mirror of an account, numbered from 1."""

    def make(account: SubAccount, number: int = 1, **fields: Any) -> list[MirrorUser]:
        now = timezone.now()
        made = []
        for n in range(1, number + 1):
            row = MirrorUser(
                account=account,
                zoom_id=f"{account.pk}-{n}-{fields.get('status', 'active')}",
                email=f"u{n:04}@{account.name.lower()}.example",
                first_name="Una",
                last_name=f"Name{n:04}",
                type=1,
                status="active",
                dept="Sales",
                created_at=now - timedelta(days=n),
            )
            for name, value in fields.items():
                setattr(row, name, value)
            row.search_text = records.search_text(row)
            made.append(row)
        records.save_users(made)
        return list(account.users.order_by("email"))

    return make
