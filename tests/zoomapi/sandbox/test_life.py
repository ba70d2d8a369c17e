"""Meetings start and end on the clock, leave instances behind, and everything adds up."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.support.sandbox import ROOT, Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import problem

HOUR, DAY = 3600, 86400


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("life")


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[Sandbox]:
    with start_sandbox(folder, "--no-limits") as running:
        token = running.token(life=100 * DAY)  # these tests travel in time
        running.token = lambda **_: token
        yield running


@pytest.fixture(autouse=True)
def right_time(world: Sandbox) -> Iterator[None]:
    yield
    world.clock(0)


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def plan(world: Sandbox, **body: Any) -> dict[str, Any]:
    answer = world.call("POST", "/users/me/meetings", json=body)
    assert answer.status_code == 201, answer.text
    meeting: dict[str, Any] = answer.json()
    return meeting


def live(world: Sandbox) -> set[int]:
    return {row["id"] for row in world.call("GET", "/users/me/meetings?page_size=300").json()["meetings"]}


def past(world: Sandbox, uuid: str, tail: str = "") -> Any:
    return world.call("GET", f"/past_meetings/{quote(quote(uuid, safe=''), safe='')}{tail}")


def test_some_meetings_run_from_the_start(world: Sandbox) -> None:
    accounts = [row["id"] for row in world.call("GET", "/accounts?page_size=300").json()["accounts"]]
    assert len(live(world)) == 1
    owners = [world.call("GET", f"/accounts/{account}/users/me/meetings").status_code for account in accounts]
    assert set(owners) == {200}


def test_a_scheduled_meeting_starts_and_ends_on_time(world: Sandbox) -> None:
    start = in_hours(2)
    meeting = plan(world, start_time=start, duration=30)
    assert meeting["id"] not in live(world)
    assert problem(past(world, meeting["uuid"])) == (404, 3001)
    world.clock(2.2 * HOUR)
    assert meeting["id"] in live(world)
    world.clock(3 * HOUR)
    assert meeting["id"] not in live(world)
    ended = past(world, meeting["uuid"]).json()
    assert (ended["id"], ended["start_time"], ended["duration"]) == (meeting["id"], start, 30)
    assert ended["total_minutes"] == 30 * ended["participants_count"]
    assert world.call("GET", f"/meetings/{meeting['id']}").json()["uuid"] != meeting["uuid"]


def test_a_clock_that_jumps_leaves_every_occurrence_behind_but_the_deleted(world: Sandbox) -> None:
    meeting = plan(
        world,
        type=8,
        start_time=in_hours(1),
        duration=20,
        recurrence={"type": 1, "end_times": 4},
        settings={"auto_recording": "cloud"},
    )
    gone = meeting["occurrences"][2]["occurrence_id"]
    world.call("DELETE", f"/meetings/{meeting['id']}", params={"occurrence_id": gone})
    world.clock(10 * DAY)
    query = {"from": in_hours(-24), "to": in_hours(9 * 24), "page_size": 300}
    rows = [
        row
        for row in world.call("GET", "/users/me/recordings", params=query).json()["meetings"]
        if row["id"] == meeting["id"]
    ]
    kept = [row["start_time"] for row in meeting["occurrences"] if row["occurrence_id"] != gone]
    assert [row["start_time"] for row in rows] == kept
    assert len({row["uuid"] for row in rows}) == 3


def test_control_starts_and_ends_a_meeting_with_the_people_it_is_told(world: Sandbox) -> None:
    meeting = plan(world)
    world.control("POST", "meeting/start", {"id": meeting["id"], "participants": 7})
    assert meeting["id"] in live(world)
    ended = world.control("POST", "meeting/end", {"id": meeting["id"]})
    answer = past(world, ended["uuid"]).json()
    people = past(world, ended["uuid"], "/participants").json()
    assert (answer["participants_count"], len(people["participants"]), people["total_records"]) == (7, 7, 7)


def test_deleting_a_meeting_keeps_what_was_held(world: Sandbox) -> None:
    meeting = plan(world, topic="gone")
    world.control("POST", "meeting/start", {"id": meeting["id"]})
    assert world.call("DELETE", f"/meetings/{meeting['id']}").status_code == 204
    assert past(world, meeting["uuid"]).json()["topic"] == "gone"


def test_uuids_with_slashes_are_found_however_they_are_written(world: Sandbox, folder: Path) -> None:
    for pattern in ("/%", "%//%", "%/%"):
        uuid = master_uuid(folder, pattern)
        for written in (quote(uuid, safe=""), quote(quote(uuid, safe=""), safe=""), uuid, f"{quote(uuid, safe='')}/"):
            answer = world.call("GET", f"/past_meetings/{written}")
            assert (answer.status_code, answer.json().get("uuid")) == (200, uuid), written
            people = world.call("GET", f"/past_meetings/{written.rstrip('/')}/participants?page_size=300").json()
            assert people["total_records"] == answer.json()["participants_count"]


def master_uuid(folder: Path, pattern: str) -> str:
    query = (
        "SELECT uuid FROM sandbox_session JOIN sandbox_account a ON a.id = account_id "
        "WHERE a.is_master AND sandbox_session.end != '' AND uuid LIKE ? LIMIT 1"
    )
    connection = sqlite3.connect(f"file:{folder / 'sandbox.sqlite3'}?mode=ro", uri=True)
    try:
        found: str = connection.execute(query, [pattern]).fetchone()[0]
    finally:
        connection.close()
    return found


def test_a_page_token_ends_after_fifteen_minutes_and_belongs_to_its_page_size(world: Sandbox) -> None:
    meeting = plan(world)
    world.control("POST", "meeting/start", {"id": meeting["id"], "participants": 5})
    uuid = world.control("POST", "meeting/end", {"id": meeting["id"]})["uuid"]
    token = past(world, uuid, "/participants?page_size=2").json()["next_page_token"]
    after = f"/participants?page_size=2&next_page_token={token}"
    assert len(past(world, uuid, after).json()["participants"]) == 2
    assert problem(past(world, uuid, after.replace("page_size=2", "page_size=3"))) == (400, 300)
    world.clock(15 * 60 + 5)
    assert problem(past(world, uuid, after)) == (400, 300)


def test_meetings_of_another_account_are_not_there(world: Sandbox, folder: Path) -> None:
    connection = sqlite3.connect(f"file:{folder / 'sandbox.sqlite3'}?mode=ro", uri=True)
    query = "SELECT uuid FROM sandbox_session WHERE account_id IN (SELECT id FROM sandbox_account WHERE NOT is_master)"
    uuid = connection.execute(f"{query} AND end != '' LIMIT 1").fetchone()[0]
    connection.close()
    assert problem(past(world, uuid)) == (404, 3001)


COUNT_WHAT_DISAGREES = """
import django
django.setup()
from zoomapi.sandbox.models import Session
from zoomapi.sandbox.past.people import PHONE, SIP, participants
from zoomapi.sandbox.past.recordings import files
wrong = looked = 0
for session in Session.objects.exclude(end="").order_by("seed")[:1500]:
    people = participants(session)
    looked += 1
    wrong += [
        len(people) != session.participants,
        sum(person.minutes for person in people) != session.total_minutes,
        sum(person.device == PHONE for person in people) != session.phones,
        sum(person.device == SIP for person in people) != session.sips,
        any(person.left > session.end or person.joined < session.start for person in people),
        len({person.user_id for person in people}) != len(people),
        len(files(session)) != session.kept or len(files(session, trash=True)) != session.trashed,
        participants(session) != people,
    ].count(True)
print(looked, wrong)
"""


def test_people_minutes_calls_and_files_add_up_to_the_sums_of_their_meeting(world: Sandbox, folder: Path) -> None:
    settings = {
        "DJANGO_SETTINGS_MODULE": "zoomapi.sandbox.settings",
        "SANDBOX_DATABASE": str(folder / "sandbox.sqlite3"),
    }
    command = [sys.executable, "-c", COUNT_WHAT_DISAGREES]
    ended = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.stdout.split() == ["1500", "0"], ended.stderr


def test_the_demo_has_half_a_year_of_everything(world: Sandbox, folder: Path) -> None:
    connection = sqlite3.connect(f"file:{folder / 'sandbox.sqlite3'}?mode=ro", uri=True)
    one: Callable[[str], Any] = lambda query: connection.execute(query).fetchone()[0]  # noqa: E731  # three words
    assert one("SELECT count(*) FROM sandbox_session WHERE kind = 'meeting'") > 5000
    assert one("SELECT count(*) FROM sandbox_session WHERE kind = 'webinar' AND end != ''") > 100
    assert one("SELECT count(DISTINCT substr(start, 1, 7)) FROM sandbox_session") >= 6
    assert one("SELECT count(*) FROM sandbox_session WHERE trashed > 0") > 30
    assert one("SELECT count(*) FROM sandbox_session WHERE phones > 0") > 500
    assert one("SELECT count(*) FROM sandbox_session WHERE sips > 0") > 100
    assert one("SELECT count(*) FROM sandbox_session WHERE room_id != ''") > 100
    assert one("SELECT count(*) FROM sandbox_meeting WHERE next_at != ''") > 200
    connection.close()
