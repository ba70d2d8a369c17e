"""IM groups, chats, dial-in and devices."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem

Make = Callable[..., dict[str, Any]]
TODAY = datetime.now(UTC).date()
MONTH = {"from": (TODAY - timedelta(days=28)).isoformat(), "to": TODAY.isoformat()}
TSP = {"leader_pin": "1234", "dial_in_numbers": [{"code": "1", "number": "5550100", "type": "toll"}]}


def test_im_groups_and_groups_do_not_mix(sandbox: Sandbox, account: str) -> None:
    below = f"/accounts/{account}"
    body = {"name": "Team", "type": "restricted", "search_by_account": True}
    made = sandbox.call("POST", f"{below}/im/groups", json=body).json()
    assert (made["type"], made["search_by_account"], made["search_by_domain"]) == ("restricted", True, False)
    assert sandbox.call("GET", f"{below}/groups").json()["total_records"] == 0
    assert problem(sandbox.call("GET", f"{below}/groups/{made['id']}")) == (404, 4130)
    assert problem(sandbox.call("GET", f"/im/groups/{made['id']}")) == (404, 4130)
    assert problem(sandbox.call("POST", f"{below}/im/groups", json={"name": "Team"})) == (409, 4132)
    assert sandbox.call("PATCH", f"{below}/im/groups/{made['id']}", json={"type": "shared"}).status_code == 204
    assert sandbox.call("GET", f"{below}/im/groups").json()["groups"] == [{**made, "type": "shared"}]
    assert sandbox.call("DELETE", f"{below}/im/groups/{made['id']}").status_code == 204


def test_im_groups_have_members_and_users_name_their_im_groups(sandbox: Sandbox, account: str, new_user: Make) -> None:
    below = f"/accounts/{account}"
    user, group = new_user(account)["id"], sandbox.call("POST", f"{below}/im/groups", json={}).json()["id"]
    added = sandbox.call("POST", f"{below}/im/groups/{group}/members", json={"members": [{"id": user}]})
    assert (added.status_code, added.json()["ids"]) == (201, user)
    assert sandbox.call("GET", f"{below}/users/{user}").json()["im_group_ids"] == [group]
    many = {"members": [{"id": user}] * 11}
    assert problem(sandbox.call("POST", f"{below}/im/groups/{group}/members", json=many)) == (400, 300)
    gone = f"{below}/im/groups/{group}/members/{user}"
    assert sandbox.call("DELETE", gone).status_code == 204
    assert problem(sandbox.call("DELETE", gone)) == (404, 1001)


def test_chats_are_paged_and_their_messages_end_with_the_time_the_list_tells(sandbox: Sandbox) -> None:
    first = sandbox.call("GET", "/im/chat/sessions", params={**MONTH, "page_size": 2}).json()
    token = {"page_size": 2, "next_page_token": first["next_page_token"]}
    second = sandbox.call("GET", "/im/chat/sessions", params={**MONTH, **token}).json()
    rows = first["sessions"] + second["sessions"]
    assert len({row["session_id"] for row in rows}) == 4
    for row in rows:
        address = f"/im/chat/sessions/{row['session_id']}"
        written = sandbox.call("GET", address, params={**MONTH, "page_size": 300}).json()
        times = [message["date_time"] for message in written["messages"]]
        assert (times, times[-1]) == (sorted(times), row["last_message_sent_time"])
        assert written["session_id"] == row["session_id"]
        assert written == sandbox.call("GET", address, params={**MONTH, "page_size": 300}).json()
    assert problem(sandbox.call("GET", "/im/chat/sessions/none", params=MONTH)) == (404, 2300)


def test_tsp_accounts_are_called_by_their_place(sandbox: Sandbox, new_user: Make) -> None:
    address = f"/users/{new_user()['id']}/tsp"
    for code in ("11", "22", "33"):
        assert sandbox.call("POST", address, json={"conference_code": code, **TSP}).status_code == 201
    assert sandbox.call("GET", f"{address}/2").json()["conference_code"] == "22"
    assert sandbox.call("PATCH", f"{address}/2", json={"conference_code": "44", **TSP}).status_code == 204
    assert sandbox.call("DELETE", f"{address}/1").status_code == 204
    rows = sandbox.call("GET", address).json()["tsp_accounts"]
    assert [row["conference_code"] for row in rows] == ["44", "33"]
    for place in ("0", "3", "x", "99999"):
        assert problem(sandbox.call("GET", f"{address}/{place}")) == (404, 2300)
    refused = sandbox.call("PATCH", f"{address}/1", json={"conference_code": "a"}).json()
    assert [row["field"] for row in refused["errors"]] == ["conference_code", "leader_pin", "dial_in_numbers"]


def test_conferences_of_a_user_are_listed_under_the_documents_key(sandbox: Sandbox, new_user: Make) -> None:
    assert sandbox.call("GET", f"/users/{new_user()['id']}/pac").json() == {"tsp_accounts": []}
    conference = sandbox.call("GET", "/users/me/pac").json()["tsp_accounts"][0]
    assert conference["dedicated_dial_in_number"][0]["country"] == "US"


def test_devices_are_sent_whole(sandbox: Sandbox) -> None:
    device = {"name": fresh_email(), "protocol": "H.323", "ip": "192.0.2.9", "encryption": "yes"}
    made = sandbox.call("POST", "/h323/devices", json=device).json()
    address = f"/h323/devices/{made['id']}"
    assert sandbox.call("PATCH", address, json={**device, "encryption": "no"}).status_code == 204
    assert problem(sandbox.call("PATCH", address, json={"name": "x"})) == (400, 300)
    rows = sandbox.call("GET", "/h323/devices?page_size=300").json()["devices"]
    assert [row for row in rows if row["id"] == made["id"]] == [{**made, "encryption": "no"}]
    assert sandbox.call("DELETE", address).status_code == 204
    assert problem(sandbox.call("DELETE", address)) == (404, 2300)


@pytest.mark.parametrize("path", ["/h323/devices", "/webhooks", "/im/chat/sessions", "/tsp"])
def test_what_has_no_mirrored_form_is_not_below_an_account(sandbox: Sandbox, account: str, path: str) -> None:
    assert problem(sandbox.call("GET", f"/accounts/{account}{path}")) == (404, 404)
