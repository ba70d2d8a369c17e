from collections.abc import Callable
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem

NewUser = Callable[..., dict[str, Any]]


def shown(sandbox: Sandbox, user: str, prefix: str = "") -> dict[str, Any]:
    answer = sandbox.call("GET", f"{prefix}/users/{user}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(sandbox: Sandbox, account: str, status: str) -> list[str]:
    answer = sandbox.call("GET", f"/accounts/{account}/users", params={"status": status, "page_size": 300})
    return [user["id"] for user in answer.json()["users"]]


@pytest.mark.parametrize(
    ("action", "status"),
    [("create", "pending"), ("autoCreate", "active"), ("custCreate", "active"), ("ssoCreate", "active")],
)
def test_each_action_gives_its_status(
    sandbox: Sandbox, account: str, new_user: NewUser, action: str, status: str
) -> None:
    user = new_user(account, action=action, password="pw-12345")
    assert {name: user["id"] in ids(sandbox, account, name) for name in ("active", "inactive", "pending")} == {
        name: name == status for name in ("active", "inactive", "pending")
    }


def test_auto_create_needs_a_password(sandbox: Sandbox) -> None:
    body = {"action": "autoCreate", "user_info": {"email": fresh_email(), "type": 1}}
    errors = sandbox.call("POST", "/users", json=body).json()["errors"]
    assert errors == [{"field": "user_info.password", "message": "Invalid field."}]


def test_sso_create_gives_a_licensed_user_a_personal_room(sandbox: Sandbox, new_user: NewUser) -> None:
    email = fresh_email()
    user = new_user(action="ssoCreate", email=email, type=2)
    assert shown(sandbox, user["id"])["vanity_url"].endswith(f"/my/{email.partition('@')[0]}")


def test_an_address_is_used_once_in_all_accounts(sandbox: Sandbox, account: str, new_user: NewUser) -> None:
    email = new_user()["email"]
    body = {"action": "create", "user_info": {"email": email.upper(), "type": 1}}
    assert problem(sandbox.call("POST", "/users", json=body)) == (409, 1005)
    assert problem(sandbox.call("POST", f"/accounts/{account}/users", json=body)) == (409, 1005)


def test_user_info_is_needed(sandbox: Sandbox) -> None:
    assert problem(sandbox.call("POST", "/users", json={"action": "create"})) == (400, 300)


def test_a_user_is_found_by_id_and_by_address(sandbox: Sandbox, new_user: NewUser) -> None:
    user = new_user(first_name="Zoë", last_name="Müller")
    assert shown(sandbox, user["id"]) == shown(sandbox, user["email"].upper())
    assert shown(sandbox, user["id"])["first_name"] == "Zoë"


def test_me_is_the_owner_of_the_account(sandbox: Sandbox, account: str) -> None:
    owner = sandbox.call("GET", f"/accounts/{account}").json()["owner_id"]
    assert shown(sandbox, "me", f"/accounts/{account}")["id"] == owner
    assert shown(sandbox, "me")["email"] == "owner@summit-conferencing.example"


def test_accounts_do_not_see_each_others_users(
    sandbox: Sandbox, account: str, new_account: Callable[..., str], new_user: NewUser
) -> None:
    user, other = new_user(account), new_account()
    for who in (user["id"], user["email"]):
        assert problem(sandbox.call("GET", f"/accounts/{other}/users/{who}")) == (400, 1010)
        assert problem(sandbox.call("PATCH", f"/users/{who}", json={"dept": "x"})) == (400, 1010)
        assert problem(sandbox.call("DELETE", f"/accounts/{other}/users/{who}")) == (400, 1010)
    assert shown(sandbox, user["id"], f"/accounts/{account}")["dept"] == ""


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/settings"),
        ("PATCH", "/settings"),
        ("GET", "/assistants"),
        ("DELETE", "/assistants"),
        ("DELETE", "/assistants/x"),
        ("GET", "/schedulers"),
        ("DELETE", "/schedulers/x"),
        ("GET", "/permissions"),
        ("GET", "/token"),
        ("DELETE", "/token"),
        ("POST", "/picture"),
    ],
)
def test_an_unknown_user_is_not_found(sandbox: Sandbox, method: str, path: str) -> None:
    assert problem(sandbox.call(method, f"/users/nobody{path}")) == (404, 1001)


def test_active_users_are_listed_unless_told(sandbox: Sandbox, account: str) -> None:
    path = f"/accounts/{account}/users"
    assert sandbox.call("GET", path).json() == sandbox.call("GET", f"{path}?status=active").json()
    assert problem(sandbox.call("GET", f"{path}?status=all")) == (400, 300)


def test_a_change_keeps_what_was_not_sent(sandbox: Sandbox, new_user: NewUser) -> None:
    user = new_user(first_name="Ada", last_name="Byron")
    change = {"dept": "研究", "timezone": "Asia/Tokyo", "host_key": "012345", "cms_user_id": "k1"}
    before = shown(sandbox, user["id"])
    assert sandbox.call("PATCH", f"/users/{user['id']}", json=change).status_code == 204
    assert shown(sandbox, user["id"]) == {**before, **change}


@pytest.mark.parametrize(
    "change",
    [
        {"pmi": "123"},
        {"pmi": "12345678ab"},
        {"host_key": "12345"},
        {"type": 4},
        {"timezone": "Mars/Olympus"},
        {"first_name": "x" * 65},
        {"first_name": "王李张刘陈杨"},
        {"dept": {}},
        {"dept": "a\0b"},
    ],
)
def test_wrong_values_are_refused(sandbox: Sandbox, new_user: NewUser, change: dict[str, Any]) -> None:
    answer = sandbox.call("PATCH", f"/users/{new_user()['id']}", json=change)
    assert [error["field"] for error in answer.json()["errors"]] == list(change)


def test_personal_meeting_ids_and_room_names_are_used_once(sandbox: Sandbox, new_user: NewUser) -> None:
    one, two = new_user()["id"], new_user()["id"]
    mine = {"pmi": f"9{one.encode().hex()}"[:10].translate(str.maketrans("abcdef", "123456")), "vanity_name": one}
    assert sandbox.call("PATCH", f"/users/{one}", json=mine).status_code == 204
    assert sandbox.call("PATCH", f"/users/{one}", json=mine).status_code == 204
    for name, value in mine.items():
        answer = sandbox.call("PATCH", f"/users/{two}", json={name: value})
        assert [error["field"] for error in answer.json()["errors"]] == [name]
    assert sandbox.call("GET", "/users/vanity_name", params={"vanity_name": one}).json() == {"existed": True}


def test_an_address_can_be_looked_up(sandbox: Sandbox, new_user: NewUser) -> None:
    path = "/users/email"
    assert sandbox.call("GET", path, params={"email": new_user()["email"]}).json() == {"existed_email": True}
    assert sandbox.call("GET", path, params={"email": fresh_email()}).json() == {"existed_email": False}
    assert problem(sandbox.call("GET", path)) == (400, 300)


def test_a_user_goes_inactive_and_comes_back(sandbox: Sandbox, account: str, new_user: NewUser) -> None:
    user = new_user(account)["id"]
    path = f"/accounts/{account}/users/{user}/status"
    assert sandbox.call("PUT", path, json={"action": "deactivate"}).status_code == 204
    assert user in ids(sandbox, account, "inactive")
    assert sandbox.call("PUT", path, json={"action": "activate"}).status_code == 204
    assert user in ids(sandbox, account, "active")
    assert problem(sandbox.call("PUT", path, json={"action": "pause"})) == (400, 300)


def test_a_pending_user_can_only_be_disassociated(sandbox: Sandbox, new_user: NewUser) -> None:
    user = new_user(action="create")
    path = f"/users/{user['id']}"
    assert problem(sandbox.call("DELETE", f"{path}?action=delete")) == (400, 300)
    assert problem(sandbox.call("PUT", f"{path}/status", json={"action": "activate"})) == (400, 300)
    assert problem(sandbox.call("PUT", f"{path}/password", json={"password": "pw-12345"})) == (400, 300)
    assert sandbox.call("DELETE", path).status_code == 204
    assert sandbox.call("GET", "/users/email", params={"email": user["email"]}).json() == {"existed_email": False}


def test_disassociating_keeps_the_address_taken_and_deleting_frees_it(sandbox: Sandbox, new_user: NewUser) -> None:
    for query, taken in (("", True), ("?action=delete", False)):
        user = new_user()
        assert sandbox.call("DELETE", f"/users/{user['id']}{query}").status_code == 204
        assert problem(sandbox.call("GET", f"/users/{user['id']}")) == (404, 1001)
        found = sandbox.call("GET", "/users/email", params={"email": user["email"]}).json()
        assert found == {"existed_email": taken}


def test_a_transfer_needs_a_receiver_in_the_same_account(sandbox: Sandbox, account: str, new_user: NewUser) -> None:
    user, receiver, stranger = new_user(account), new_user(account), new_user()
    path = f"/accounts/{account}/users/{user['id']}"
    for query, expected in (
        ({"transfer_meeting": "true"}, (400, 300)),
        ({"transfer_meeting": "true", "transfer_email": user["email"]}, (400, 300)),
        ({"transfer_meeting": "true", "transfer_email": stranger["email"]}, (400, 1010)),
        ({"transfer_meeting": "true", "transfer_email": "nobody@people.example"}, (404, 1001)),
    ):
        assert problem(sandbox.call("DELETE", path, params=query)) == expected
    query = {"action": "delete", "transfer_webinar": "true", "transfer_email": receiver["email"]}
    assert sandbox.call("DELETE", path, params=query).status_code == 204


def test_the_owner_stays(sandbox: Sandbox, account: str) -> None:
    assert problem(sandbox.call("DELETE", f"/accounts/{account}/users/me")) == (400, 200)
    answer = sandbox.call("PUT", f"/accounts/{account}/users/me/status", json={"action": "deactivate"})
    assert problem(answer) == (400, 200)


def test_a_password_is_for_those_who_sign_in_with_one(sandbox: Sandbox, new_user: NewUser) -> None:
    with_password, without = new_user(action="autoCreate", password="pw-12345"), new_user(action="ssoCreate")
    path, body = "/users/{}/password", {"password": "pw-67890"}
    assert sandbox.call("PUT", path.format(with_password["id"]), json=body).status_code == 204
    assert problem(sandbox.call("PUT", path.format(without["id"]), json=body)) == (400, 300)
    long = {"password": "x" * 32}
    assert problem(sandbox.call("PUT", path.format(with_password["id"]), json=long)) == (400, 300)
