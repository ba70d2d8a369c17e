"""The client against the sandbox where meetings are tricky: slashes, local times, moved days, both ways of paging."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.sandbox import Sandbox
from zoomapi.client import JwtAuth, ZoomClient
from zoomapi.client.errors import NotFound, ZoomError
from zoomapi.client.permits import Unlimited


@pytest.fixture
def zoom(sandbox: Sandbox) -> Iterator[ZoomClient]:
    client = ZoomClient(sandbox.base_url, JwtAuth(sandbox.key, sandbox.secret), permits=Unlimited())
    yield client
    sandbox.clock(0)


def held(sandbox: Sandbox, zoom: ZoomClient, *, slash: bool) -> tuple[int, str]:
    """Run a meeting until its UUID has (or has no) slash; return its number and the UUID."""
    number = zoom.meetings.create("me", topic="Slashes")["id"]
    for _ in range(200):
        uuid: str = sandbox.control("POST", "meeting/start", {"id": number, "participants": 3})["uuid"]
        sandbox.control("POST", "meeting/end", {"id": number})
        if ("/" in uuid) == slash:
            return number, uuid
    raise AssertionError("no such UUID came")


def test_an_instance_is_found_by_a_uuid_with_slashes(sandbox: Sandbox, zoom: ZoomClient) -> None:
    for slash in (True, False):
        number, uuid = held(sandbox, zoom, slash=slash)
        assert (zoom.meetings.past(uuid)["id"], zoom.meetings.past(uuid)["uuid"]) == (number, uuid)
        people: list[dict[str, Any]] = list(zoom.meetings.past_participants.each(uuid, page_size=2))
        assert len(people) == 3


def test_a_local_start_goes_out_and_comes_back_without_a_false_z(zoom: ZoomClient) -> None:
    made = zoom.meetings.create("me", start_time="2030-07-01T09:00:00", timezone="America/New_York")
    assert made["start_time"] == "2030-07-01T13:00:00Z"


def test_moved_days_are_echoed_for_the_caller_to_compare(zoom: ZoomClient) -> None:
    page = zoom.recordings.list("me", **{"from": "2018-01-01", "to": "2018-07-31"})
    assert (page["from"], page["to"]) == ("2018-06-30", "2018-07-31")


def test_a_page_token_that_is_too_old_is_an_error_not_a_short_list(sandbox: Sandbox, zoom: ZoomClient) -> None:
    _, uuid = held(sandbox, zoom, slash=False)
    first = zoom.meetings.past_participants(uuid, page_size=2)
    sandbox.clock(16 * 60)
    late = ZoomClient(sandbox.base_url, JwtAuth(sandbox.key, sandbox.secret, life=3600))
    with pytest.raises(ZoomError) as refused:
        late.meetings.past_participants(uuid, page_size=2, next_page_token=first["next_page_token"])
    assert (refused.value.status, refused.value.code) == (400, 300)


def test_registrants_are_listed_to_the_end(zoom: ZoomClient) -> None:
    number = zoom.meetings.create("me", topic="Registered")["id"]
    for place in range(5):
        zoom.meetings.add_registrant(number, email=f"r{place}@people.example", first_name="R", last_name=str(place))
    rows = list(zoom.meetings.registrants.each(number, page_size=2))
    assert sorted(row["last_name"] for row in rows) == ["0", "1", "2", "3", "4"]


def test_a_meeting_below_an_account_is_not_there_directly(sandbox: Sandbox, zoom: ZoomClient) -> None:
    account = next(iter(zoom.accounts.list.each()))["id"]
    number = zoom.account(account).meetings.create("me", topic="Below")["id"]
    assert zoom.account(account).meetings.get(number)["topic"] == "Below"
    with pytest.raises(NotFound):
        zoom.meetings.get(number)
