"""Two sub-accounts of the running sandbox: Rita sees the first, Ravi the second."""

from collections.abc import Iterator

import pytest

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.directory import sync
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.cast import person
from tests.support.sandbox import Sandbox


@pytest.fixture
def clean(sandbox: Sandbox) -> Iterator[Sandbox]:
    sandbox.reset()
    yield sandbox
    sandbox.faults()


@pytest.fixture
def accounts(clean: Sandbox, sandbox_connection: Connection, unpaced: None) -> list[SubAccount]:
    sync.sync_accounts(sandbox_connection)
    return list(SubAccount.objects.filter(is_master=False).order_by("pk")[:2])


@pytest.fixture
def rita(accounts: list[SubAccount]) -> Staff:
    staff = person("Rita", Role.RESELLER)
    Grant.objects.create(staff=staff, account=accounts[0])
    return staff


@pytest.fixture
def user_id(clean: Sandbox, accounts: list[SubAccount]) -> str:
    """A user of Rita's sub-account."""
    return str(clean.call("GET", f"/accounts/{accounts[0].zoom_id}/users?page_size=30").json()["users"][-1]["id"])
