"""A sub-account of the running sandbox, a host in it, and a webinar whose registrants wait for approval."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.access.models import Staff
from portal.directory.models import MirrorUser, SubAccount
from portal.gateway.models import Connection
from tests.support.cast import largest, seller_of
from tests.support.sandbox import Sandbox

Register = Callable[..., list[str]]


@pytest.fixture(scope="module", autouse=True)
def first_world(sandbox: Sandbox) -> None:
    """Each test has a host of its own, so once for all of them is enough."""
    sandbox.reset()


@pytest.fixture
def tenant(sandbox: Sandbox, sandbox_connection: Connection, unpaced: None) -> SubAccount:
    return largest(sandbox, sandbox_connection)


@pytest.fixture
def ritas(tenant: SubAccount, client_of: Callable[[Staff], Client]) -> Client:
    return client_of(seller_of(tenant))


@pytest.fixture
def host(sandbox: Sandbox, tenant: SubAccount) -> MirrorUser:
    """Who may hold webinars and has nothing scheduled yet."""
    for row in sandbox.call("GET", f"/accounts/{tenant.zoom_id}/users?page_size=300").json()["users"]:
        path = f"/accounts/{tenant.zoom_id}/users/{row['id']}"
        if row["type"] != 2 or sandbox.call("GET", f"{path}/webinars").json()["webinars"]:
            continue
        if sandbox.call("GET", f"{path}/settings").json().get("feature", {}).get("webinar", True):
            return MirrorUser.objects.create(
                account=tenant, zoom_id=row["id"], email=row["email"], type=2, status="active"
            )
    raise AssertionError("nobody may hold webinars")


def schedule(sandbox: Sandbox, host: MirrorUser, family: str = "webinars", *, approval: int = 1, **more: Any) -> int:
    body = {
        "topic": "Open day",
        "type": 5 if family == "webinars" else 2,
        "start_time": "2030-01-01T10:00:00Z",
        "settings": {"approval_type": approval, "registration_type": 1},
        **more,
    }
    answer = sandbox.call("POST", f"/accounts/{host.account.zoom_id}/users/{host.zoom_id}/{family}", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


@pytest.fixture
def webinar(sandbox: Sandbox, host: MirrorUser) -> int:
    return schedule(sandbox, host)


@pytest.fixture
def register(sandbox: Sandbox, tenant: SubAccount) -> Register:
    """``register(webinar, 40)``: forty people wait; returns their addresses."""

    def run(event: int, number: int, family: str = "webinars") -> list[str]:
        people = [f"r{n:03}@reg.example" for n in range(number)]
        for n, email in enumerate(people):
            body = {"email": email, "first_name": f"First{n}", "last_name": "Last", "org": "Example <Ltd>"}
            path = f"/accounts/{tenant.zoom_id}/{family}/{event}/registrants"
            assert sandbox.call("POST", path, json=body).status_code == 201
        return people

    return run


def listed(sandbox: Sandbox, account: SubAccount, event: int, status: str, family: str = "webinars") -> set[str]:
    path = f"/accounts/{account.zoom_id}/{family}/{event}/registrants?status={status}&page_size=300"
    return {row["email"] for row in sandbox.call("GET", path).json()["registrants"]}
