"""Meetings: scheduling, times, lists, occurrences, registrants."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem
from zoomapi.spec.registration import Registrant

Make = Callable[..., dict[str, Any]]


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def host(new_user: Make) -> str:
    name: str = new_user()["id"]
    return name


@pytest.fixture
def plan(sandbox: Sandbox, host: str) -> Make:
    def create(**body: Any) -> dict[str, Any]:
        answer = sandbox.call("POST", f"/users/{host}/meetings", json=body)
        assert answer.status_code == 201, answer.text
        meeting: dict[str, Any] = answer.json()
        return meeting

    return create


def ids(sandbox: Sandbox, host: str, kind: str = "") -> list[int]:
    answer = sandbox.call("GET", f"/users/{host}/meetings", params={"type": kind} if kind else {})
    return [row["id"] for row in answer.json()["meetings"]]


def test_a_meeting_without_anything_has_the_documented_defaults(sandbox: Sandbox, plan: Make) -> None:
    meeting = plan()
    assert (meeting["type"], meeting["settings"]["approval_type"], meeting["settings"]["audio"]) == (2, 2, "both")
    assert meeting["start_time"].endswith("Z")
    assert 10**8 <= meeting["id"] < 10**11
    got = sandbox.call("GET", f"/meetings/{meeting['id']}").json()
    assert {**got, "start_url": ""} == {**meeting, "start_url": ""}


def test_a_local_start_never_gets_a_false_z(plan: Make) -> None:
    local = plan(start_time="2030-07-01T09:00:00", timezone="Asia/Tokyo")
    utc = plan(start_time="2030-07-01T09:00:00Z", timezone="Asia/Tokyo")
    assert (local["start_time"], local["timezone"]) == ("2030-07-01T00:00:00Z", "Asia/Tokyo")
    assert utc["start_time"] == "2030-07-01T09:00:00Z"


def test_a_local_start_without_a_zone_is_local_to_the_host(sandbox: Sandbox, host: str, plan: Make) -> None:
    assert sandbox.call("PATCH", f"/users/{host}", json={"timezone": "Europe/Berlin"}).status_code == 204
    assert plan(start_time="2030-07-01T09:00:00")["start_time"] == "2030-07-01T07:00:00Z"


def test_lists_show_live_ones_unless_asked_otherwise(sandbox: Sandbox, host: str, plan: Make) -> None:
    past, coming = plan(start_time=in_days(-3)), plan(start_time=in_days(3))
    instant = plan(type=1)
    assert ids(sandbox, host) == [instant["id"]]
    assert sorted(ids(sandbox, host, "scheduled")) == sorted([past["id"], coming["id"]])
    assert ids(sandbox, host, "upcoming") == [coming["id"]]
    ended = sandbox.call("PUT", f"/meetings/{instant['id']}/status", json={"status": "end"})
    assert (ended.status_code, ids(sandbox, host)) == (204, [])
    assert problem(sandbox.call("GET", f"/meetings/{instant['id']}")) == (404, 3001)


def test_occurrences_keep_the_hour_across_daylight_saving(sandbox: Sandbox, plan: Make) -> None:
    rule = {"type": 2, "weekly_days": "3", "end_times": 3}
    times = {"start_time": "2029-10-30T09:00:00", "timezone": "America/New_York", "duration": 45}
    meeting = plan(type=8, recurrence=rule, **times)
    assert [(row["start_time"], row["duration"]) for row in meeting["occurrences"]] == [
        ("2029-10-30T13:00:00Z", 45),
        ("2029-11-06T14:00:00Z", 45),
        ("2029-11-13T14:00:00Z", 45),
    ]
    assert meeting["occurrences"][0]["occurrence_id"] == 1888059600000


def test_one_occurrence_can_be_deleted_and_only_once(sandbox: Sandbox, plan: Make) -> None:
    meeting = plan(type=8, start_time=in_days(1), recurrence={"type": 1, "end_times": 3})
    address, second = f"/meetings/{meeting['id']}", meeting["occurrences"][1]["occurrence_id"]
    assert sandbox.call("DELETE", address, params={"occurrence_id": second}).status_code == 204
    rows = sandbox.call("GET", address).json()["occurrences"]
    assert [row["status"] for row in rows] == ["available", "deleted", "available"]
    assert problem(sandbox.call("DELETE", address, params={"occurrence_id": second})) == (404, 3001)
    sandbox.call("PATCH", address, json={"duration": 90})
    rows = sandbox.call("GET", address).json()["occurrences"]
    assert [(row["status"], row["duration"]) for row in rows][1:] == [("deleted", 90), ("available", 90)]


def test_a_change_of_the_end_keeps_the_rest_of_a_rule(sandbox: Sandbox, plan: Make) -> None:
    until = {"type": 1, "repeat_interval": 2, "end_date_time": "2030-01-09T12:00:00Z"}
    meeting = plan(type=8, start_time="2030-01-01T12:00:00Z", timezone="UTC", recurrence=until)
    assert len(meeting["occurrences"]) == 5
    address = f"/meetings/{meeting['id']}"
    assert sandbox.call("PATCH", address, json={"recurrence": {"end_times": 2}}).status_code == 204
    rows = sandbox.call("GET", address).json()["occurrences"]
    assert [row["start_time"][:10] for row in rows] == ["2030-01-01", "2030-01-03"]


def test_wrong_rules_are_refused_with_the_name_of_the_member(sandbox: Sandbox, host: str) -> None:
    for rule, member in (
        ({"type": 1, "repeat_interval": 91}, "repeat_interval"),
        ({"type": 2, "end_times": 51}, "end_times"),
        ({"type": 1, "end_times": 2, "end_date_time": "2030-01-01T00:00:00Z"}, "end_date_time"),
    ):
        answer = sandbox.call("POST", f"/users/{host}/meetings", json={"type": 8, "recurrence": rule})
        assert problem(answer) == (400, 300)
        assert answer.json()["errors"][0]["field"] == f"recurrence.{member}"
    for start in ("9999-12-31T23:00:00", "0001-01-01T00:00:00", "2018-13-01T00:00:00Z"):
        answer = sandbox.call("POST", f"/users/{host}/meetings", json={"start_time": start, "timezone": "Asia/Tokyo"})
        assert answer.json()["errors"] == [{"field": "start_time", "message": "Invalid field."}]


def test_deleted_unknown_and_foreign_meetings_do_not_exist(sandbox: Sandbox, account: str, plan: Make) -> None:
    meeting = plan()
    address = f"/meetings/{meeting['id']}"
    assert problem(sandbox.call("GET", f"/accounts/{account}{address}")) == (404, 3001)
    assert problem(sandbox.call("GET", address.replace("meetings", "webinars"))) == (404, 3001)
    assert sandbox.call("DELETE", address).status_code == 204
    for number in (meeting["id"], "123", "x" * 500, "9" * 40):
        assert problem(sandbox.call("GET", f"/meetings/{number}")) == (404, 3001)


def test_registrants_wait_when_they_are_approved_by_hand(sandbox: Sandbox, plan: Make) -> None:
    meeting = plan(settings={"approval_type": 1}, start_time="2030-01-01T12:00:00Z")
    address = f"/meetings/{meeting['id']}/registrants"
    people = [{"email": fresh_email(), "first_name": "A", "last_name": str(n)} for n in range(3)]
    added = [sandbox.call("POST", address, json=person).json() for person in people]
    assert {row["start_time"] for row in added} == {"2030-01-01T12:00:00Z"}
    assert registered(sandbox, address, "approved") == []
    for action, who in (("approve", {"id": added[0]["registrant_id"]}), ("deny", {"email": people[1]["email"]})):
        change = {"action": action, "registrants": [who]}
        assert sandbox.call("PUT", f"{address}/status", json=change).status_code == 204
    assert [registered(sandbox, address, status) for status in ("pending", "approved", "denied")] == [
        [people[2]["email"]],
        [people[0]["email"]],
        [people[1]["email"]],
    ]
    too_many = {"action": "approve", "registrants": [{"id": "x"}] * 31}
    assert problem(sandbox.call("PUT", f"{address}/status", json=too_many)) == (400, 300)
    unknown = {"action": "cancel", "registrants": [{"email": people[2]["email"]}, {"id": "nobody"}]}
    answer = sandbox.call("PUT", f"{address}/status", json=unknown)
    assert answer.json()["errors"][0]["field"] == "registrants[1]"
    assert registered(sandbox, address, "pending") == [people[2]["email"]]


def registered(sandbox: Sandbox, address: str, status: str) -> list[str]:
    return [row["email"] for row in sandbox.call("GET", address, params={"status": status}).json()["registrants"]]


def test_a_registrant_has_every_documented_member_told_or_not(sandbox: Sandbox, plan: Make) -> None:
    address = f"/meetings/{plan(settings={'approval_type': 1})['id']}/registrants"
    sandbox.call("POST", address, json={"email": fresh_email(), "first_name": "A", "last_name": "B"})
    page = sandbox.call("GET", address, params={"status": "pending"}).json()
    row = page["registrants"][0]
    assert set(row) == set(Registrant().fields)
    assert (row["city"], row["custom_questions"], row["join_url"]) == ("", [], "")
    assert page["page_number"] == 1


def test_registering_again_keeps_the_registrant(sandbox: Sandbox, plan: Make) -> None:
    address = f"/meetings/{plan()['id']}/registrants"
    person = {"email": fresh_email(), "first_name": "A", "last_name": "B"}
    first = sandbox.call("POST", address, json=person).json()
    again = sandbox.call("POST", address, json={**person, "city": "Oslo"}).json()
    assert again["registrant_id"] == first["registrant_id"]
    assert [row["city"] for row in sandbox.call("GET", address).json()["registrants"]] == ["Oslo"]


def test_registrants_may_choose_occurrences(sandbox: Sandbox, plan: Make) -> None:
    meeting = plan(type=8, start_time=in_days(1), recurrence={"type": 1, "end_times": 3})
    address, numbers = f"/meetings/{meeting['id']}/registrants", [r["occurrence_id"] for r in meeting["occurrences"]]
    person = {"email": fresh_email(), "first_name": "A", "last_name": "B"}
    chosen = f"{numbers[1]},{numbers[2]}"
    answer = sandbox.call("POST", address, json=person, params={"occurrence_ids": chosen})
    assert answer.json()["start_time"] == meeting["occurrences"][1]["start_time"]
    found = [
        len(sandbox.call("GET", address, params={"occurrence_id": number}).json()["registrants"]) for number in numbers
    ]
    assert found == [0, 1, 1]
    assert problem(sandbox.call("POST", address, json=person, params={"occurrence_ids": "5"})) == (400, 300)


def test_registrants_are_paged_by_number_and_by_token(sandbox: Sandbox, plan: Make) -> None:
    address = f"/meetings/{plan()['id']}/registrants"
    for number in range(5):
        sandbox.call("POST", address, json={"email": fresh_email(), "first_name": "A", "last_name": str(number)})
    by_number = [last_names(sandbox, address, {"page_size": 2, "page_number": page})[0] for page in (1, 2, 3)]
    first, token = last_names(sandbox, address, {"page_size": 2})
    second, token = last_names(sandbox, address, {"page_size": 2, "next_page_token": token})
    third, end = last_names(sandbox, address, {"page_size": 2, "next_page_token": token})
    assert ([first, second, third], end) == (by_number, "")
    assert sorted(first + second + third) == ["0", "1", "2", "3", "4"]


def last_names(sandbox: Sandbox, address: str, query: dict[str, Any]) -> tuple[list[str], str]:
    page = sandbox.call("GET", address, params=query).json()
    return [row["last_name"] for row in page["registrants"]], page["next_page_token"]


def test_the_host_number_is_used_when_wanted(sandbox: Sandbox, host: str, plan: Make) -> None:
    pmi = sandbox.call("GET", f"/users/{host}").json()["pmi"]
    assert plan(settings={"use_pmi": True})["join_url"].endswith(f"/j/{pmi}")


def test_a_removed_user_leaves_meetings_to_the_receiver_or_to_nobody(sandbox: Sandbox, new_user: Make) -> None:
    leaver, receiver = new_user(), new_user()
    kept = sandbox.call("POST", f"/users/{leaver['id']}/meetings", json={"topic": "kept"}).json()["id"]
    query = {"transfer_email": receiver["email"], "transfer_meeting": "true"}
    assert sandbox.call("DELETE", f"/users/{leaver['id']}", params=query).status_code == 204
    assert sandbox.call("GET", f"/meetings/{kept}").json()["host_id"] == receiver["id"]
    assert sandbox.call("DELETE", f"/users/{receiver['id']}").status_code == 204
    assert problem(sandbox.call("GET", f"/meetings/{kept}")) == (404, 3001)
