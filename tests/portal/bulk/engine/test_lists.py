"""Lists that Zoom spoils while an outcome is looked up, by the number of the fault: nothing is created twice."""

from collections.abc import Callable
from typing import Any

import pytest

from portal.access.models import Staff
from portal.bulk import reading
from portal.bulk.models import Item, ItemState
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.test_outcomes import one, results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

POST = {"method": "POST", "path": "/meetings$"}
LIST = {"method": "GET", "path": "/meetings$"}
LOST = {"match": POST, "do": "apply_then_status", "value": 500, "times": 1}
RESET = {"match": POST, "do": "reset", "times": 1}
WEEKLY = {"topic": "Weekly", "type": 2, "start_time": "2030-01-01T10:00:00Z", "duration": 30}
Planned = Callable[..., Item]


@pytest.fixture
def meetings(tenant: SubAccount, clean: Sandbox) -> str:
    """Where the meetings of a host are."""
    host = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"][0]["id"]
    return f"/accounts/{tenant.zoom_id}/users/{host}/meetings"


@pytest.fixture
def planned(tenant: SubAccount, olga: Staff, clean: Sandbox, meetings: str) -> Planned:
    """Create the weekly meeting while these faults are in force; return the item."""

    def run(*faults: dict[str, Any]) -> Item:
        clean.faults(*faults)
        return one(tenant, olga, "meetings.create", path={"userId": meetings.split("/")[-2]}, body=WEEKLY)

    return run


def made(clean: Sandbox, operation: str = "meetings.create") -> int:
    return len([write for write in clean.ledger() if write["operation"] == operation])


def by_others(clean: Sandbox, meetings: str, *names: str) -> list[str]:
    """Create meetings as somebody else would; return their ids."""
    return [str(clean.call("POST", meetings, json={**WEEKLY, "topic": name}).json()["id"]) for name in names]


def answered(times: int, **body: Any) -> dict[str, Any]:
    return {"match": LIST, "do": "status", "value": {"status": 200, "body": body}, "times": times}


ADOPTED = (ItemState.DONE, ["intent", "unknown", "adopted"])


@pytest.mark.parametrize(
    "body", [{}, {"total_records": 1}, {"meetings": None}, {"meetings": {}}, {"meetings": [None], "total_records": 1}]
)
def test_fault_R25_a_list_that_is_none_does_not_make_a_second_meeting(
    clean: Sandbox, planned: Planned, body: dict[str, Any]
) -> None:
    """The looks that came too early for a real answer are repeated, and find what was made."""
    item = planned(LOST, {"match": LIST, "do": "merge", "value": {}, "times": 3}, answered(6, **body))
    assert (item.state, results(item)) == ADOPTED, item.message
    assert made(clean) == 1


def test_fault_R25_a_list_that_stays_none_leaves_the_outcome_unknown(clean: Sandbox, planned: Planned) -> None:
    item = planned(LOST, {"match": LIST, "do": "merge", "value": {}, "times": 3}, answered(999))
    assert (item.state, results(item), made(clean)) == (ItemState.UNKNOWN, ["intent", "unknown"], 1)
    assert item.message.partition(": ")[0] == "Its outcome could not be looked up yet"


def test_fault_R25_a_list_that_is_none_before_the_send_does_not_make_an_old_meeting_ours(
    clean: Sandbox, meetings: str, planned: Planned
) -> None:
    (old,) = by_others(clean, meetings, "Weekly")
    item = planned(answered(3), RESET)
    assert (item.state, item.baseline, made(clean)) == (ItemState.DONE, {"ids": [old]}, 2)
    assert results(item) == ["intent", "unknown", "absent", "absent", "intent", "done"]
    assert item.remote_id != old


@pytest.mark.parametrize("counts", [{"page_count": 1}, {"page_count": 0, "total_records": 0}, {"page_count": 999}])
def test_fault_R24_wrong_counts_do_not_hide_the_meeting_that_was_made(
    clean: Sandbox, meetings: str, planned: Planned, monkeypatch: pytest.MonkeyPatch, counts: dict[str, int]
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 2)
    by_others(clean, meetings, "1", "2", "3", "4")
    item = planned(LOST, {"match": LIST, "do": "merge", "value": counts})
    assert (item.state, results(item), made(clean)) == (*ADOPTED, 5), item.message


@pytest.mark.parametrize(
    "spoilt", [{"meetings": [], "total_records": 99}, {"meetings": [{"id": 1, "topic": "x"}], "next_page_token": "t"}]
)
def test_fault_R24_a_list_that_has_no_end_or_too_few_rows_is_read_again(
    clean: Sandbox, planned: Planned, spoilt: dict[str, Any]
) -> None:
    read_before = {"match": LIST, "do": "merge", "value": {}, "times": 3}
    item = planned(LOST, read_before, {"match": LIST, "do": "merge", "value": spoilt, "times": 12})
    assert (item.state, results(item), made(clean)) == (*ADOPTED, 1), item.message


def test_fault_R23_what_moves_to_another_page_before_the_send_is_not_taken_for_ours(
    clean: Sandbox, meetings: str, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody removes the first of a list while it is read, so that an old meeting is on no page that is read."""
    by_others(clean, meetings, "1", "2", "3")
    listed = clean.call("GET", f"{meetings}?type=scheduled&page_size=300").json()["meetings"]
    first, old, early = (str(row["id"]) for row in listed[-3:])
    account = meetings.partition("/users")[0]
    for row in listed[:-3]:
        clean.call("DELETE", f"{account}/meetings/{row['id']}")
    clean.call("PATCH", f"{account}/meetings/{old}", json={"topic": "Weekly"})
    clean.call("PATCH", f"{account}/meetings/{early}", json={"start_time": "2027-01-01T10:00:00Z"})
    removed = {"scheduled": first, "upcoming": early}
    read = reading.Reader.read

    def disturbed(reader: reading.Reader, key: Any, path: Any, query: Any = None) -> dict[str, Any]:
        answer = read(reader, key, path, query)
        if meeting := removed.pop(query["type"], ""):
            clean.call("DELETE", f"{account}/meetings/{meeting}")
        return answer

    monkeypatch.setattr(reading, "PAGE_SIZE", 1)
    monkeypatch.setattr(reading.Reader, "read", disturbed)
    item = planned(RESET)
    assert (item.state, item.baseline, removed, made(clean)) == (ItemState.DONE, {"ids": [old]}, {}, 4)
    assert results(item) == ["intent", "unknown", "absent", "absent", "intent", "done"]
    assert item.remote_id != old


def test_fault_R22_a_token_that_expires_does_not_register_anybody_twice(
    tenant: SubAccount, olga: Staff, clean: Sandbox, meetings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {**WEEKLY, "settings": {"approval_type": 0}}
    meeting = str(clean.call("POST", meetings, json=event).json()["id"])
    registrants = f"/accounts/{tenant.zoom_id}/meetings/{meeting}/registrants"
    for number in range(3):
        clean.call("POST", registrants, json={"email": f"r{number}@x.example", "first_name": "R", "last_name": "X"})
    expired = {"status": 400, "body": {"code": 300, "message": "The next page token is invalid or expired."}}
    monkeypatch.setattr(reading, "PAGE_SIZE", 2)
    clean.faults(
        {"match": {"method": "POST"}, "do": "apply_then_reset", "times": 1},
        {"match": {"method": "GET"}, "do": "merge", "value": {}, "times": 2},  # who waits, and the first page
        {"match": {"method": "GET"}, "do": "status", "value": expired, "times": 1},
    )
    body = {"email": "ours@x.example", "first_name": "R", "last_name": "X"}
    item = one(tenant, olga, "meetings.add_registrant", path={"meetingId": meeting}, body=body)
    assert (item.state, results(item)) == ADOPTED, item.message
    assert made(clean, "meetings.add_registrant") == 4
