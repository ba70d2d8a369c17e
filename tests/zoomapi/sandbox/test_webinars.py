"""Webinars: who may hold them, panelists, instances."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def webinar(sandbox: Sandbox, new_user: Make) -> int:
    host = new_user(type=2)["id"]
    number: int = sandbox.call("POST", f"/users/{host}/webinars", json={"topic": "Show"}).json()["id"]
    return number


def test_a_basic_user_holds_webinars_only_when_they_are_switched_on(sandbox: Sandbox, new_user: Make) -> None:
    host = new_user(type=1)["id"]
    address = f"/users/{host}/webinars"
    assert problem(sandbox.call("POST", address, json={})) == (400, 200)
    assert sandbox.call("GET", f"/users/{host}/settings").json()["feature"]["webinar"] is False
    sandbox.call("PATCH", f"/users/{host}/settings", json={"feature": {"webinar": True}})
    assert sandbox.call("POST", address, json={}).status_code == 201
    licensed = new_user(type=2)["id"]
    assert sandbox.call("GET", f"/users/{licensed}/settings").json()["feature"]["webinar"] is True
    sandbox.call("PATCH", f"/users/{licensed}/settings", json={"feature": {"webinar": False}})
    assert problem(sandbox.call("POST", f"/users/{licensed}/webinars", json={})) == (400, 200)


def test_webinars_and_meetings_are_listed_apart(sandbox: Sandbox, new_user: Make) -> None:
    host = new_user(type=2)["id"]
    made = sandbox.call("POST", f"/users/{host}/webinars", json={"type": 9}).json()
    assert (made["type"], len(made["occurrences"])) == (9, 1)
    rows = sandbox.call("GET", f"/users/{host}/webinars").json()["webinars"]
    assert [row["id"] for row in rows] == [made["id"]]
    assert sandbox.call("GET", f"/users/{host}/meetings?type=scheduled").json()["meetings"] == []
    refused = sandbox.call("POST", f"/users/{host}/webinars", json={"type": 2})
    assert refused.json()["errors"][0]["field"] == "type"


def test_panelists_are_added_kept_apart_by_address_and_removed(sandbox: Sandbox, webinar: int) -> None:
    address = f"/webinars/{webinar}/panelists"
    emails = [fresh_email() for _ in range(3)]
    for email in (*emails, emails[0]):
        body = {"panelists": [{"name": "P", "email": email}]}
        assert sandbox.call("POST", address, json=body).status_code == 201
    listed = sandbox.call("GET", address).json()
    assert (listed["total_records"], {row["email"] for row in listed["panelists"]}) == (3, set(emails))
    first = f"{address}/{listed['panelists'][0]['id']}"
    assert sandbox.call("DELETE", first).status_code == 204
    assert problem(sandbox.call("DELETE", first)) == (404, 2300)
    assert sandbox.call("DELETE", address).status_code == 204
    assert sandbox.call("GET", address).json() == {"total_records": 0, "panelists": []}


def test_below_an_account_panelists_can_be_put_too(sandbox: Sandbox, account: str, new_user: Make) -> None:
    host = new_user(account, type=2)["id"]
    below = f"/accounts/{account}"
    number = sandbox.call("POST", f"{below}/users/{host}/webinars", json={}).json()["id"]
    body = {"panelists": [{"name": "P", "email": fresh_email()}]}
    assert sandbox.call("PUT", f"{below}/webinars/{number}/panelists", json=body).status_code == 201
    assert sandbox.call("GET", f"{below}/webinars/{number}/panelists").json()["total_records"] == 1


def test_instances_tell_every_time_it_took_place(sandbox: Sandbox, webinar: int) -> None:
    address = f"/past_webinars/{webinar}/instances"
    assert sandbox.call("GET", address).json() == {"webinars": []}
    held = []
    for _ in range(2):
        held.append(sandbox.control("POST", "meeting/start", {"id": webinar})["uuid"])
        sandbox.call("PUT", f"/webinars/{webinar}/status", json={"action": "end"})
    assert {row["uuid"] for row in sandbox.call("GET", address).json()["webinars"]} == set(held)
    assert problem(sandbox.call("GET", "/past_webinars/123456789/instances")) == (404, 3001)
    assert problem(sandbox.call("GET", "/past_webinars/x/instances")) == (404, 3001)
