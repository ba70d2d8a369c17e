"""The places where clients of this API go wrong, each against the sandbox: pages, UUIDs, tokens, times and windows."""

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.support.sandbox import Sandbox
from zoomapi.client import JwtAuth, ZoomClient
from zoomapi.client.permits import Unlimited
from zoomapi.client.transport import Transport

TO = dt.datetime.now(dt.UTC).date()
FROM = TO - dt.timedelta(days=28)


@pytest.fixture
def zoom(sandbox: Sandbox) -> Iterator[ZoomClient]:
    sandbox.reset()
    transport = Transport(sandbox.base_url)
    auth = JwtAuth(sandbox.key, sandbox.secret, life=3600)  # longer than the clock is moved below
    yield ZoomClient(sandbox.base_url, auth, permits=Unlimited(), transport=transport, deadline=10.0)
    transport.close()
    sandbox.clock(0)


@pytest.fixture
def busiest(zoom: ZoomClient) -> str:
    """The sub-account with the most seats, and so with many meetings."""
    return str(max(zoom.accounts.list.each(page_size=300), key=lambda row: row["seats"])["id"])


def past(zoom: ZoomClient, account: str, page_size: int = 300) -> list[dict[str, object]]:
    found = zoom.account(account).dashboards.meetings
    return list(found.each(type="past", from_=str(FROM), to=str(TO), page_size=page_size))


def test_both_paging_styles_give_every_row_once(zoom: ZoomClient, busiest: str) -> None:
    by_number = [user["id"] for user in zoom.account(busiest).users.list.each(page_size=30)]
    by_token = [row["uuid"] for row in past(zoom, busiest, 30)]
    assert len(by_number) == len(set(by_number)) == zoom.account(busiest).users.list()["total_records"]
    assert by_token == [row["uuid"] for row in past(zoom, busiest)]
    assert len(by_token) == len(set(by_token)) > 30


def test_uuids_with_slashes_reach_their_meeting(zoom: ZoomClient, busiest: str) -> None:
    uuids = [str(row["uuid"]) for row in past(zoom, busiest)]
    kinds = [
        next(uuid for uuid in uuids if "/" in uuid and "//" not in uuid and not uuid.startswith("/")),
        next(uuid for uuid in uuids if uuid.startswith("/")),
        next(uuid for uuid in uuids if "//" in uuid),
    ]
    dashboards = zoom.account(busiest).dashboards
    assert [dashboards.meeting(uuid, type="past")["uuid"] for uuid in kinds] == kinds


def test_a_walk_whose_token_expired_is_begun_again_and_loses_nothing(
    sandbox: Sandbox, zoom: ZoomClient, busiest: str
) -> None:
    wanted = [row["uuid"] for row in past(zoom, busiest)]
    walk = zoom.account(busiest).dashboards.meetings.each(type="past", from_=str(FROM), to=str(TO), page_size=30)
    seen = [next(walk)["uuid"]]
    sandbox.clock(16 * 60)
    seen += [row["uuid"] for row in walk]
    assert sorted(seen) == sorted(wanted)


def test_a_local_start_time_is_the_moment_it_means_and_gets_no_false_z(zoom: ZoomClient, busiest: str) -> None:
    sub = zoom.account(busiest)
    host = next(user for user in sub.users.list.each() if user["type"] == 2)["id"]
    made = sub.meetings.create(
        host, topic="After the clocks change", type=2, start_time="2027-03-29T09:00:00", timezone="Europe/Berlin"
    )
    live = sub.meetings.get(str(made["id"]))
    # Nine in Berlin is seven in UTC by then. A false Z would have made it nine in UTC.
    assert (live["start_time"], live["timezone"]) == ("2027-03-29T07:00:00Z", "Europe/Berlin")


def test_a_window_of_more_than_a_month_is_told_by_the_dates_that_come_back(zoom: ZoomClient) -> None:
    long_ago = TO - dt.timedelta(days=100)
    answer = zoom.reports.users(type="active", from_=str(long_ago), to=str(TO))
    assert answer["to"] == str(TO)
    assert dt.date.fromisoformat(answer["from"]) > TO - dt.timedelta(days=32)
