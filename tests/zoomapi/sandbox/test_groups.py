from collections.abc import Callable
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem

NewUser = Callable[..., dict[str, Any]]


@pytest.fixture
def group(sandbox: Sandbox, account: str) -> str:
    """Path of a new group in a sub-account."""
    made = sandbox.call("POST", f"/accounts/{account}/groups", json={"name": "Sales"}).json()
    return f"/accounts/{account}/groups/{made['id']}"


def test_members_are_counted_and_shown_with_their_user(
    sandbox: Sandbox, account: str, group: str, new_user: NewUser
) -> None:
    one, two = new_user(account), new_user(account)
    body = {"members": [{"id": one["id"]}, {"email": two["email"]}, {"id": one["id"]}]}
    assert sandbox.call("POST", f"{group}/members", json=body).status_code == 201
    assert sandbox.call("GET", group).json()["total_members"] == 2
    members = sandbox.call("GET", f"{group}/members?page_size=1&page_number=2").json()
    assert (members["total_records"], len(members["members"])) == (2, 1)
    shown = sandbox.call("GET", f"/accounts/{account}/users/{one['id']}").json()
    assert shown["group_ids"] == [group.rpartition("/")[2]]


def test_a_member_leaves_the_group_or_the_account(
    sandbox: Sandbox, account: str, group: str, new_user: NewUser
) -> None:
    one, two = new_user(account)["id"], new_user(account)["id"]
    sandbox.call("POST", f"{group}/members", json={"members": [{"id": one}, {"id": two}]})
    assert sandbox.call("DELETE", f"{group}/members/{one}").status_code == 204
    assert problem(sandbox.call("DELETE", f"{group}/members/{one}")) == (404, 1001)
    assert sandbox.call("DELETE", f"/accounts/{account}/users/{two}").status_code == 204
    assert sandbox.call("GET", group).json()["total_members"] == 0


def test_at_most_thirty_members_join_in_one_call(sandbox: Sandbox, group: str) -> None:
    body = {"members": [{"email": fresh_email()} for _ in range(31)]}
    assert problem(sandbox.call("POST", f"{group}/members", json=body)) == (400, 300)


def test_one_stranger_keeps_all_out(sandbox: Sandbox, account: str, group: str, new_user: NewUser) -> None:
    ours, stranger = new_user(account), new_user()
    body = {"members": [{"id": ours["id"]}, {"id": stranger["id"]}]}
    assert problem(sandbox.call("POST", f"{group}/members", json=body)) == (400, 1010)
    assert sandbox.call("GET", group).json()["total_members"] == 0


def test_a_name_is_used_once_in_an_account(sandbox: Sandbox, account: str, group: str) -> None:
    groups = f"/accounts/{account}/groups"
    assert problem(sandbox.call("POST", groups, json={"name": "Sales"})) == (409, 4132)
    assert sandbox.call("POST", "/groups", json={"name": account}).status_code == 201
    other = sandbox.call("POST", groups, json={"name": "Support"}).json()["id"]
    assert problem(sandbox.call("PATCH", f"{groups}/{other}", json={"name": "Sales"})) == (409, 4132)
    assert sandbox.call("PATCH", group, json={"name": "Sales"}).status_code == 204
    listed = sandbox.call("GET", groups).json()
    assert (listed["total_records"], [row["name"] for row in listed["groups"]]) == (2, ["Sales", "Support"])


def test_a_name_is_optional_and_shorter_than_128(sandbox: Sandbox, account: str) -> None:
    groups = f"/accounts/{account}/groups"
    assert sandbox.call("POST", groups, json={}).json()["name"].startswith("Group ")
    assert problem(sandbox.call("POST", groups, json={"name": "x" * 128})) == (400, 300)


def test_a_deleted_group_is_gone_from_its_members(
    sandbox: Sandbox, account: str, group: str, new_user: NewUser
) -> None:
    user = new_user(account)["id"]
    sandbox.call("POST", f"{group}/members", json={"members": [{"id": user}]})
    assert sandbox.call("DELETE", group).status_code == 204
    assert problem(sandbox.call("GET", group)) == (404, 4130)
    assert sandbox.call("GET", f"/accounts/{account}/users/{user}").json()["group_ids"] == []


def test_accounts_do_not_see_each_others_groups(sandbox: Sandbox, group: str) -> None:
    group_id = group.rpartition("/")[2]
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/members"), ("DELETE", "/members/me")):
        assert problem(sandbox.call(method, f"/groups/{group_id}{path}")) == (404, 4130)
