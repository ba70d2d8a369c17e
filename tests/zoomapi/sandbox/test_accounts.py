from collections.abc import Callable
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem


def test_a_new_account_has_its_owner_and_the_default_options(sandbox: Sandbox) -> None:
    email = fresh_email()
    body = {"first_name": "Ada", "last_name": "Byron", "email": email.upper(), "password": "pw-1"}
    created = sandbox.call("POST", "/accounts", json=body).json()
    account = created["id"]
    assert sandbox.call("GET", f"/accounts/{account}").json() == {
        "id": account,
        "owner_id": created["owner_id"],
        "owner_email": email,
        "created_at": created["created_at"],
        "options": {
            "share_rc": False, "room_connectors": "", "share_mc": False, "meeting_connectors": "", "pay_mode": "master",
        },
    }  # fmt: skip
    users = sandbox.call("GET", f"/accounts/{account}/users").json()["users"]
    assert [(user["id"], user["email"], user["type"]) for user in users] == [(created["owner_id"], email, 1)]


def test_an_owner_address_in_use_anywhere_is_a_conflict(sandbox: Sandbox, new_account: Callable[..., str]) -> None:
    email = sandbox.call("GET", f"/accounts/{new_account()}").json()["owner_email"]
    body = {"first_name": "A", "last_name": "B", "email": email, "password": "pw-1"}
    assert problem(sandbox.call("POST", "/accounts", json=body)) == (409, 1005)


def test_required_members_are_named_when_missing(sandbox: Sandbox) -> None:
    errors = sandbox.call("POST", "/accounts", json={}).json()["errors"]
    assert [error["field"] for error in errors] == ["first_name", "last_name", "email", "password"]


def test_an_account_name_is_kept_when_sent(sandbox: Sandbox, new_account: Callable[..., str]) -> None:
    account = new_account(account_name="Café Zürich")
    rows = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    assert [row["account_name"] for row in rows if row["id"] == account] == ["Café Zürich"]


def test_options_change_one_by_one(sandbox: Sandbox, account: str) -> None:
    assert sandbox.call("PATCH", f"/accounts/{account}/options", json={"share_rc": True}).status_code == 204
    assert sandbox.call("PATCH", f"/accounts/{account}/options", json={"room_connectors": "a,b"}).status_code == 204
    options = sandbox.call("GET", f"/accounts/{account}").json()["options"]
    assert (options["share_rc"], options["room_connectors"], options["pay_mode"]) == (True, "a,b", "master")


def test_settings_are_whole_and_keep_what_was_not_sent(sandbox: Sandbox, account: str) -> None:
    path = f"/accounts/{account}/settings"
    before = sandbox.call("GET", path).json()
    change = {"in_meeting": {"chat": True, "dscp_audio": 56}}
    assert sandbox.call("PATCH", path, json=change).status_code == 204
    assert sandbox.call("PATCH", path, json={"schedule_meeting": {"audio_type": "voip"}}).status_code == 204
    before["in_meeting"] |= change["in_meeting"]
    before["schedule_meting"]["audio_type"] = "voip"
    assert sandbox.call("GET", path).json() == before


def test_a_setting_out_of_bounds_is_refused_and_nothing_is_kept(sandbox: Sandbox, account: str) -> None:
    path = f"/accounts/{account}/settings"
    before = sandbox.call("GET", path).json()
    answer = sandbox.call("PATCH", path, json={"in_meeting": {"chat": True, "dscp_audio": 64}})
    assert answer.json()["errors"] == [{"field": "in_meeting.dscp_audio", "message": "Invalid field."}]
    assert sandbox.call("GET", path).json() == before


def test_a_disassociated_account_is_gone_but_keeps_its_addresses(sandbox: Sandbox, account: str) -> None:
    owner = sandbox.call("GET", f"/accounts/{account}").json()
    assert sandbox.call("DELETE", f"/accounts/{account}").status_code == 204
    for path in ("", "/users", "/settings", "/plans", f"/users/{owner['owner_id']}"):
        assert problem(sandbox.call("GET", f"/accounts/{account}{path}")) == (404, 2001)
    rows = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    assert [row for row in rows if row["id"] == account] == []
    body = {"action": "create", "user_info": {"email": owner["owner_email"], "type": 1}}
    assert problem(sandbox.call("POST", "/users", json=body)) == (409, 1005)
    assert problem(sandbox.call("GET", f"/users/{owner['owner_id']}")) == (404, 1001)


@pytest.mark.parametrize("path", ["", "/settings", "/billing", "/plans", "/users", "/users/me", "/groups", "/groups/x"])
def test_an_unknown_account_is_not_found(sandbox: Sandbox, path: str) -> None:
    assert problem(sandbox.call("GET", f"/accounts/nobody{path}")) == (404, 2001)


def test_the_master_account_is_no_sub_account(sandbox: Sandbox) -> None:
    master = sandbox.call("GET", "/users/me").json()["account_id"]
    assert problem(sandbox.call("GET", f"/accounts/{master}")) == (404, 2001)


def test_pages_are_numbered_and_complete(sandbox: Sandbox) -> None:
    whole = sandbox.call("GET", "/accounts?page_size=300").json()
    pages = [sandbox.call("GET", "/accounts", params={"page_size": 7, "page_number": n}).json() for n in range(1, 7)]
    seen: list[Any] = [row["id"] for page in pages for row in page["accounts"]]
    assert seen[:40] == [row["id"] for row in whole["accounts"]][: len(seen)][:40]
    assert pages[0]["page_count"] == -(-whole["total_records"] // 7)


def test_a_page_holds_thirty_unless_told_and_three_hundred_at_most(sandbox: Sandbox) -> None:
    answer = sandbox.call("GET", "/accounts").json()
    assert (answer["page_size"], answer["page_number"], len(answer["accounts"])) == (30, 1, 30)
    for wrong in ("page_size=301", "page_size=0", "page_number=0", "page_size=x", "page_number=99999999999999999999"):
        assert problem(sandbox.call("GET", f"/accounts?{wrong}")) == (400, 300)


def test_a_page_beyond_the_end_is_empty(sandbox: Sandbox) -> None:
    assert sandbox.call("GET", "/accounts?page_number=9223372036854775807").json()["accounts"] == []
