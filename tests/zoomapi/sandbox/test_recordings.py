"""Cloud recordings: months, files, the trash."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import problem

Make = Callable[..., dict[str, Any]]
TODAY = datetime.now(UTC).date()


@pytest.fixture
def host(new_user: Make) -> str:
    name: str = new_user()["id"]
    return name


@pytest.fixture
def recorded(sandbox: Sandbox, host: str) -> str:
    """The address of a meeting's recordings."""
    body = {"topic": "Recorded", "settings": {"auto_recording": "cloud"}}
    number = sandbox.call("POST", f"/users/{host}/meetings", json=body).json()["id"]
    sandbox.control("POST", "meeting/start", {"id": number})
    uuid = sandbox.control("POST", "meeting/end", {"id": number})["uuid"]
    return f"/meetings/{quote(quote(uuid, safe=''), safe='')}/recordings"


def listed(sandbox: Sandbox, host: str, **query: Any) -> list[dict[str, Any]]:
    days = {"from": (TODAY - timedelta(days=3)).isoformat(), "to": (TODAY + timedelta(days=1)).isoformat()}
    rows: list[dict[str, Any]] = sandbox.call("GET", f"/users/{host}/recordings", params={**days, **query}).json()[
        "meetings"
    ]
    return rows


def test_a_recorded_meeting_lists_its_files_with_their_sizes(sandbox: Sandbox, host: str, recorded: str) -> None:
    meeting = sandbox.call("GET", recorded).json()
    sizes = [file["file_size"] for file in meeting["recording_files"]]
    assert listed(sandbox, host) == [meeting]
    assert (meeting["recording_count"], meeting["total_size"]) == (str(len(sizes)), str(sum(sizes)))
    assert {"MP4", "M4A"} <= {file["file_type"] for file in meeting["recording_files"]}
    assert sandbox.call("GET", f"/meetings/{meeting['id']}/recordings").json() == meeting
    assert listed(sandbox, host, mc="true") == []


def test_files_go_to_the_trash_and_come_back(sandbox: Sandbox, host: str, recorded: str) -> None:
    files = sandbox.call("GET", recorded).json()["recording_files"]
    first = f"{recorded}/{files[0]['id']}"
    assert sandbox.call("DELETE", first).status_code == 204
    assert problem(sandbox.call("DELETE", first)) == (404, 3301)
    trashed = listed(sandbox, host, trash="true")[0]["recording_files"]
    assert [(file["id"], "deleted_time" in file, "play_url" in file) for file in trashed] == [
        (files[0]["id"], True, False)
    ]
    assert len(listed(sandbox, host)[0]["recording_files"]) == len(files) - 1
    assert sandbox.call("PUT", f"{first}/status", json={"action": "recover"}).status_code == 204
    assert sandbox.call("GET", recorded).json()["recording_files"] == files


def test_all_files_go_at_once_and_what_is_deleted_for_ever_stays_away(
    sandbox: Sandbox, host: str, recorded: str
) -> None:
    assert sandbox.call("DELETE", recorded).status_code == 204
    assert (listed(sandbox, host), problem(sandbox.call("GET", recorded))) == ([], (404, 3301))
    assert sandbox.call("PUT", f"{recorded}/status", json={"action": "recover"}).status_code == 204
    assert sandbox.call("DELETE", f"{recorded}?action=delete").status_code == 204
    assert listed(sandbox, host, trash="true") == []
    assert problem(sandbox.call("PUT", f"{recorded}/status", json={"action": "recover"})) == (404, 3301)


def test_a_span_of_more_than_a_month_is_moved_without_a_word(sandbox: Sandbox, host: str) -> None:
    query = {"from": "2018-01-01", "to": "2018-07-31"}
    answer = sandbox.call("GET", f"/users/{host}/recordings", params=query).json()
    assert (answer["from"], answer["to"]) == ("2018-06-30", "2018-07-31")
    moments = {"from": "2018-07-01T00:00:00Z", "to": "2018-07-31T23:59:59Z"}
    answer = sandbox.call("GET", f"/users/{host}/recordings", params=moments).json()
    assert (answer["from"], answer["to"]) == ("2018-07-01", "2018-07-31")
    wrong = sandbox.call("GET", f"/users/{host}/recordings?from=2018-07-02&to=2018-07-01")
    assert (problem(wrong), wrong.json()["errors"][0]["field"]) == ((400, 300), "to")
    assert problem(sandbox.call("GET", f"/users/{host}/recordings")) == (400, 300)


def test_what_was_not_recorded_has_no_recording(sandbox: Sandbox, host: str) -> None:
    number = sandbox.call("POST", f"/users/{host}/meetings", json={}).json()["id"]
    address = f"/meetings/{number}/recordings"
    assert problem(sandbox.call("GET", address)) == (404, 3001)
    sandbox.control("POST", "meeting/start", {"id": number})
    sandbox.control("POST", "meeting/end", {"id": number})
    assert problem(sandbox.call("GET", address)) == (404, 3301)


def test_recordings_go_to_whom_they_are_transferred(sandbox: Sandbox, host: str, recorded: str, new_user: Make) -> None:
    heir = new_user()
    before = listed(sandbox, host)
    query = {"transfer_email": heir["email"], "transfer_recording": "true"}
    assert sandbox.call("DELETE", f"/users/{host}", params=query).status_code == 204
    assert listed(sandbox, heir["id"]) == [{**before[0], "host_id": heir["id"]}]
    assert sandbox.call("GET", recorded).json()["host_id"] == heir["id"]
    last = new_user()
    query = {"transfer_email": last["email"], "transfer_recording": "true"}
    assert sandbox.call("DELETE", f"/users/{heir['id']}", params=query).status_code == 204
    assert [row["uuid"] for row in listed(sandbox, last["id"])] == [before[0]["uuid"]]
