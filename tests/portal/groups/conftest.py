"""A sub-account of the running sandbox, its reseller, and a group in it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.access.models import Staff
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.cast import largest, seller_of
from tests.support.sandbox import Sandbox


@pytest.fixture
def clean(sandbox: Sandbox) -> Sandbox:
    sandbox.reset()
    return sandbox


@pytest.fixture
def tenant(clean: Sandbox, sandbox_connection: Connection, unpaced: None) -> SubAccount:
    return largest(clean, sandbox_connection)


@pytest.fixture
def ritas(tenant: SubAccount, client_of: Callable[[Staff], Client]) -> Client:
    return client_of(seller_of(tenant))


@pytest.fixture
def group(clean: Sandbox, tenant: SubAccount) -> str:
    return new_group(clean, tenant, "Night shift")


def new_group(sandbox: Sandbox, tenant: SubAccount, name: str) -> str:
    answer = sandbox.call("POST", f"/accounts/{tenant.zoom_id}/groups", json={"name": name})
    return str(answer.json()["id"])


def names(sandbox: Sandbox, tenant: SubAccount) -> list[str]:
    rows = sandbox.call("GET", f"/accounts/{tenant.zoom_id}/groups").json()["groups"]
    return [row["name"] for row in rows]


def users_of(sandbox: Sandbox, tenant: SubAccount, number: int) -> list[dict[str, Any]]:
    rows = sandbox.call("GET", f"/accounts/{tenant.zoom_id}/users?page_size={number}").json()["users"]
    return list(rows[:number])


def join(sandbox: Sandbox, tenant: SubAccount, group: str, users: list[dict[str, Any]]) -> None:
    for start in range(0, len(users), 30):
        people = [{"id": user["id"]} for user in users[start : start + 30]]
        path = f"/accounts/{tenant.zoom_id}/groups/{group}/members"
        assert sandbox.call("POST", path, json={"members": people}).status_code == 201


def members(sandbox: Sandbox, tenant: SubAccount, group: str) -> set[str]:
    path = f"/accounts/{tenant.zoom_id}/groups/{group}/members?page_size=300"
    return {row["id"] for row in sandbox.call("GET", path).json()["members"]}
