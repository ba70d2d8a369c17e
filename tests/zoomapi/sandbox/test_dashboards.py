"""Dashboards over HTTP: live and past, who took part with what quality, rooms, ports and chats."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.sandbox import Sandbox, start_sandbox
from tests.zoomapi.sandbox.reporting import (
    SPAN,
    TODAY,
    Json,
    got,
    missing,
    numbered,
    once,
    refused,
    seconds_between,
    slashed,
    twice,
    whole,
)
from tests.zoomapi.sandbox.staging import made, started
from tests.zoomapi.sandbox.test_today import ask, fetch
from zoomapi.sandbox.clock import moment, stamp
from zoomapi.sandbox.past.people import PHONE, SIP

KINDS = ("meetings", "webinars")


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A demo world of our own: nobody else's meetings begin or end in it."""
    with start_sandbox(tmp_path_factory.mktemp("dashboards"), "--world", "demo", "--no-limits") as running:
        yield running


@pytest.fixture(scope="module")
def past(box: Sandbox) -> dict[str, list[Json]]:
    """The master account's meetings and webinars of the last weeks."""
    return {kind: whole(box, f"/metrics/{kind}", kind, type="past", **SPAN) for kind in KINDS}


@pytest.fixture(scope="module")
def customer(box: Sandbox) -> str:
    """The prefix of a sub-account with Zoom Rooms."""
    for row in got(box, "/accounts", page_size=100)["accounts"]:
        if got(box, f"/accounts/{row['id']}/metrics/zoomrooms")["zoom_rooms"]:
            return f"/accounts/{row['id']}"
    raise LookupError("no sub-account has a Zoom Room")


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_type_what_runs_now_is_listed_until_it_ends(box: Sandbox, kind: str) -> None:
    number = made(box, f"/users/me/{kind}", topic="On air")["id"]
    uuid = started(box, number)
    live = whole(box, f"/metrics/{kind}", kind, **SPAN)
    row = next(row for row in live if row["id"] == number)
    assert live == whole(box, f"/metrics/{kind}", kind, **SPAN, type="live")
    assert ("end_time" in row, row["participants"], row["topic"]) == (False, 3, "On air")
    assert got(box, f"/metrics/{kind}/{uuid}") | {"duration": ""} == row | {"duration": ""}
    assert refused(box, f"/metrics/{kind}/{uuid}", type="past") == (404, 3001, [])
    people = got(box, f"/metrics/{kind}/{number}/participants")["participants"]
    assert ["leave_time" in person for person in people] == [False] * 3
    ended = box.control("POST", "meeting/end", {"id": number})["end_time"]
    assert number not in [row["id"] for row in whole(box, f"/metrics/{kind}", kind, **SPAN)]
    assert refused(box, f"/metrics/{kind}/{number}") == (404, 3001, [])
    assert got(box, f"/metrics/{kind}/{number}", type="past")["end_time"] == ended


def test_the_world_has_something_running(box: Sandbox) -> None:
    assert [len(whole(box, f"/metrics/{kind}", kind, **SPAN)) > 0 for kind in KINDS] == [True, True]


def test_one_of_the_rooms_is_in_a_meeting_that_runs(box: Sandbox) -> None:
    rooms = [room for room in got(box, "/metrics/zoomrooms")["zoom_rooms"] if room["status"] == "In Meeting"]
    running = {row["uuid"] for row in got(box, "/metrics/meetings", **SPAN)["meetings"]}
    shown = [got(box, f"/metrics/zoomrooms/{room['id']}", **SPAN)["live_meeting"]["uuid"] for room in rooms]
    assert (len(shown) > 0, set(shown) <= running) == (True, True)


def test_past_meetings_with_one_participant_are_among_the_past_ones(box: Sandbox, past: dict[str, list[Json]]) -> None:
    alone = whole(box, "/metrics/meetings", "meetings", type="pastOne", **SPAN)
    assert alone == [row for row in past["meetings"] if row["participants"] == 1] != []
    uuid = twice(alone[0]["uuid"])
    assert got(box, f"/metrics/meetings/{uuid}", type="pastOne") == alone[0]
    assert len(got(box, f"/metrics/meetings/{uuid}/participants", type="pastOne")["participants"]) == 1
    several = next(row for row in past["meetings"] if row["participants"] > 1)
    assert refused(box, f"/metrics/meetings/{twice(several['uuid'])}", type="pastOne") == (404, 3001, [])


def test_only_meetings_know_the_type_for_one_participant(box: Sandbox, past: dict[str, list[Json]]) -> None:
    assert refused(box, "/metrics/webinars", **SPAN, type="pastOne") == (400, 300, ["type"])
    uuid = twice(past["meetings"][0]["uuid"])
    assert refused(box, f"/metrics/meetings/{uuid}/participants/qos", type="pastOne") == (400, 300, ["type"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_agrees_with_its_report_and_its_participants(
    box: Sandbox, past: dict[str, list[Json]], kind: str
) -> None:
    for row in past[kind][-25:]:
        uuid = twice(row["uuid"])
        assert got(box, f"/metrics/{kind}/{uuid}", type="past") == row
        hours, minutes, seconds = map(int, row["duration"].split(":"))
        assert hours * 3600 + minutes * 60 + seconds == seconds_between(row, "start_time", "end_time")
        report = got(box, f"/report/{kind}/{uuid}")
        assert [report[name] for name in ("id", "user_name", "user_email", "participants_count")] == [
            row[name] for name in ("id", "host", "email", "participants")
        ]
        people = whole(box, f"/metrics/{kind}/{uuid}/participants", "participants", type="past", page_size=50)
        told = whole(box, f"/report/{kind}/{uuid}/participants", "participants")
        assert [(p["id"], p["user_id"], p["join_time"], p["leave_time"]) for p in people] == [
            (p["id"], p["user_id"], p["join_time"], p["leave_time"]) for p in told
        ]
        devices = {person["device"] for person in people}
        assert (row["has_pstn"], row["has_sip"]) == (PHONE in devices, SIP in devices)


@pytest.mark.parametrize("kind", KINDS)
def test_quality_comes_one_by_one_and_ten_at_most(box: Sandbox, past: dict[str, list[Json]], kind: str) -> None:
    row = max(past[kind], key=lambda row: row["participants"])
    address = f"/metrics/{kind}/{twice(row['uuid'])}/participants"
    first = got(box, f"{address}/qos", type="past")
    assert (first["page_size"], len(first["participants"]), first["page_count"]) == (1, 1, row["participants"])
    assert refused(box, f"{address}/qos", type="past", page_size=11) == (400, 300, ["page_size"])
    people = whole(box, f"{address}/qos", "participants", type="past", page_size=10)
    names = whole(box, address, "participants", type="past")
    assert [person["user_id"] for person in people] == [person["user_id"] for person in names]
    for person, name in zip(people[:4], names, strict=False):
        for reference in (name["id"], name["user_id"]):
            assert got(box, f"{address}/{reference}/qos", type="past") == person
        assert person["join_time"] <= person["user_qos"]["date_time"] <= person["leave_time"]
    assert refused(box, f"{address}/nobody/qos", type="past") == (404, 2300, [])


def test_quality_of_what_runs_is_not_from_the_future(box: Sandbox) -> None:
    row = whole(box, "/metrics/meetings", "meetings", **SPAN)[0]
    people = whole(box, f"/metrics/meetings/{row['id']}/participants/qos", "participants", page_size=10)
    now = stamp(moment(SPAN["to"] + "T00:00:00Z").timestamp() + 2 * 86400)
    assert all(row["start_time"] <= person["user_qos"]["date_time"] < now for person in people)


def test_what_was_shared_lies_within_the_stay_of_somebody_who_shared(box: Sandbox, past: dict[str, list[Json]]) -> None:
    seen = Counter[str]()
    for kind in KINDS:
        for row in past[kind][-25:]:
            address = f"/metrics/{kind}/{twice(row['uuid'])}/participants"
            people = {p["user_id"]: p for p in whole(box, address, "participants", type="past")}
            for sharer in whole(box, f"{address}/sharing", "participants", type="past"):
                person = people[sharer["user_id"]]
                assert row["has_screen_share"] or person["recording"]
                for detail in sharer["details"]:
                    seen[detail["content"]] += 1
                    assert person["join_time"] <= detail["start_time"] <= detail["end_time"] <= person["leave_time"]
                    assert person.get(f"share_{detail['content']}", person["recording"])
    assert set(seen) >= {"application", "desktop", "whiteboard", "local_recording"}


def test_uuids_with_slashes_are_found_however_they_are_written(box: Sandbox) -> None:
    rows = [
        row
        for back in (0, 29, 58, 87)
        for row in whole(box, "/metrics/meetings", "meetings", type="past", **span(back))
    ]
    for uuid in slashed([row["uuid"] for row in rows]):
        for way in (twice(uuid), once(uuid), uuid.replace("+", "%2B"), uuid):
            assert got(box, f"/metrics/meetings/{way}", type="past")["uuid"] == uuid
            person = got(box, f"/metrics/meetings/{way}/participants", type="past")["participants"][0]["user_id"]
            found = got(box, f"/metrics/meetings/{way}/participants/{person}/qos", type="past")
            assert found["user_id"] == person
            listed = got(box, f"/metrics/meetings/{way}/participants/qos", type="past")
            assert listed["participants"][0] == found
            assert "participants" in got(box, f"/metrics/meetings/{way}/participants/sharing", type="past")


def span(back: int) -> dict[str, str]:
    last = TODAY - timedelta(days=back)
    return {"from": (last - timedelta(days=28)).isoformat(), "to": last.isoformat()}


@pytest.mark.parametrize("path", ["meetings", "webinars", "crc", "im"])
def test_a_first_day_too_early_is_moved_without_a_word(box: Sandbox, path: str) -> None:
    answer = got(box, f"/metrics/{path}", **{"from": "2020-01-01T00:00:00Z", "to": f"{TODAY.isoformat()}T00:00:00Z"})
    assert (TODAY - timedelta(days=31)).isoformat() <= answer["from"] <= (TODAY - timedelta(days=28)).isoformat()
    assert answer["to"] == TODAY.isoformat()
    assert refused(box, f"/metrics/{path}", to="2026-01-01") == (400, 300, ["from"])
    assert refused(box, f"/metrics/{path}", **{"from": "2026-01-02", "to": "2026-01-01"}) == (400, 300, ["to"])


def test_tokens_of_a_list_lead_through_all_of_it(box: Sandbox, past: dict[str, list[Json]]) -> None:
    assert whole(box, "/metrics/meetings", "meetings", type="past", page_size=7, **SPAN) == past["meetings"]
    assert [row["start_time"] for row in past["meetings"]] == sorted(row["start_time"] for row in past["meetings"])
    token = got(box, "/metrics/meetings", type="past", page_size=7, **SPAN)["next_page_token"]
    assert refused(box, "/metrics/meetings", type="past", page_size=8, next_page_token=token, **SPAN) == (400, 300, [])


def test_a_room_shows_what_runs_in_it_and_what_ran(box: Sandbox, customer: str) -> None:
    rooms = numbered(box, f"{customer}/metrics/zoomrooms", "zoom_rooms", page_size=2)
    assert len(rooms) == got(box, f"{customer}/metrics/zoomrooms")["total_records"] >= 2
    past = whole(box, f"{customer}/metrics/meetings", "meetings", type="past", **SPAN)
    held = 0
    for room in rooms:
        address = f"{customer}/metrics/zoomrooms/{room['id']}"
        one = got(box, address, **SPAN)
        assert {name: one[name] for name in room} == room
        assert ("live_meeting" in one) == (room["status"] == "In Meeting")
        mine = one["past_meetings"]
        assert {name: mine[name] for name in ("from", "to")} == SPAN
        assert [row for row in past if row in mine["meetings"]] == mine["meetings"]
        by_number = [
            row
            for number in range(1, -(-mine["total_records"] // 2) + 1)
            for row in got(box, address, **SPAN, page_size=2, page_number=number)["past_meetings"]["meetings"]
        ]
        assert by_number == mine["meetings"]
        if mine["total_records"] > 2:
            token = got(box, address, **SPAN, page_size=2)["past_meetings"]["next_page_token"]
            second = got(box, address, **SPAN, page_size=2, next_page_token=token)["past_meetings"]["meetings"]
            assert second == mine["meetings"][2:4]
        far = got(box, address, **SPAN, page_number=2**63 - 1)["past_meetings"]
        assert (far["meetings"], far["next_page_token"]) == ([], "")
        held += mine["total_records"]
    assert held > 0
    assert refused(box, f"/metrics/zoomrooms/{rooms[0]['id']}", **SPAN) == (404, 2300, [])
    assert refused(box, f"{customer}/metrics/zoomrooms/none", **SPAN) == (404, 2300, [])


def test_ports_are_those_room_systems_took_hour_by_hour(box: Sandbox, past: dict[str, list[Json]]) -> None:
    expected = Counter[tuple[str, str]]()
    for kind in KINDS:
        for row in (row for row in past[kind] if row["has_sip"]):
            address = f"/metrics/{kind}/{twice(row['uuid'])}/participants"
            devices = [person["device"] for person in whole(box, address, "participants", type="past")]
            hour, end = moment(row["start_time"]).replace(minute=0, second=0), moment(row["end_time"])
            while hour < end:
                expected[hour.date().isoformat(), f"{hour:%H}"] += devices.count(SIP)
                hour += timedelta(hours=1)
    days = got(box, "/metrics/crc", **SPAN)["crc_ports_usage"]
    assert [len(day["crc_ports_hour_usage"]) for day in days] == [24] * 29
    hours = [(day["date_time"], hour) for day in days for hour in day["crc_ports_hour_usage"]]
    found = {(day, hour["hour"]): hour["total_usage"] for day, hour in hours if hour["total_usage"]}
    assert found == dict(expected) != {}
    assert all(bool(hour["max_usage"]) == bool(hour["total_usage"]) >= 0 for _, hour in hours)
    assert all(hour["max_usage"] <= hour["total_usage"] for _, hour in hours)


def test_chats_are_counted_as_they_were_written(box: Sandbox) -> None:
    sent, grouped = Counter[str](), Counter[str]()
    for session in whole_chat(box, "/im/chat/sessions", "sessions"):
        for message in whole_chat(box, f"/im/chat/sessions/{session['session_id']}", "messages"):
            sent[message["sender"]] += 1
            grouped[message["sender"]] += session["type"] == "Group"
    users = whole(box, "/metrics/im", "users", page_size=3, **SPAN)
    assert {row["user_name"]: row["total_send"] for row in users if row["total_send"]} == dict(sent) != {}
    assert {row["user_name"]: row["group_send"] for row in users if row["group_send"]} == dict(+grouped)
    one_to_one = sum(row["total_send"] - row["group_send"] for row in users)
    assert sum(row["total_receive"] - row["group_receive"] for row in users) == one_to_one
    assert sum(row["group_receive"] for row in users) >= 2 * sum(row["group_send"] for row in users)
    for row in users:
        assert row["total_send"] >= sum(row[f"{kind}_send"] for kind in ("calls", "files", "images", "voice", "videos"))


def whole_chat(box: Sandbox, path: str, key: str) -> list[Json]:
    rows: list[Json] = []
    token = ""
    while True:
        page = got(box, path, **SPAN, page_size=300, next_page_token=token)
        rows += page[key]
        token = page["next_page_token"]
        if not token:
            return rows


def test_nothing_is_known_of_strangers(box: Sandbox, customer: str, past: dict[str, list[Json]]) -> None:
    meeting, webinar = (twice(past[kind][0]["uuid"]) for kind in KINDS)
    for path in ("meetings/123", f"meetings/{webinar}", f"webinars/{meeting}", "webinars/nonsense/participants"):
        assert refused(box, f"/metrics/{path}", type="past") == (404, 3001, [])
    assert refused(box, f"{customer}/metrics/meetings/{meeting}/participants/sharing", type="past") == (404, 3001, [])
    assert refused(box, f"/metrics/meetings/{meeting}", type="present") == (400, 300, ["type"])


def test_every_documented_member_is_there(box: Sandbox, customer: str, past: dict[str, list[Json]]) -> None:
    asked: dict[str, Json] = {
        "zoom_rooms": got(box, f"{customer}/metrics/zoomrooms"),
        "crc": got(box, "/metrics/crc", **SPAN),
        "im": got(box, "/metrics/im", **SPAN),
    }
    asked["zoom_room"] = got(box, f"{customer}/metrics/zoomrooms/{asked['zoom_rooms']['zoom_rooms'][0]['id']}", **SPAN)
    for kind in KINDS:
        one, uuid = kind[:-1], twice(past[kind][-1]["uuid"])
        address = f"/metrics/{kind}/{uuid}"
        person = got(box, f"{address}/participants", type="past")["participants"][0]["id"]
        asked |= {
            kind: got(box, f"/metrics/{kind}", type="past", **SPAN),
            one: got(box, address, type="past"),
            f"{one}_participants": got(box, f"{address}/participants", type="past"),
            f"{one}_qos": got(box, f"{address}/participants/qos", type="past", page_size=10),
            f"{one}_participant_qos": got(box, f"{address}/participants/{person}/qos", type="past"),
            f"{one}_sharing": got(box, f"{address}/participants/sharing", type="past"),
        }
    assert len(asked) == 16
    assert {name: missing(f"dashboards.{name}", data) for name, data in asked.items()} == {name: [] for name in asked}


def test_each_dashboard_has_its_own_rate(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty") as limited:
        answers = [
            limited.call("GET", path, params=SPAN)
            for path in ("/metrics/meetings", "/metrics/webinars/1", "/metrics/crc", "/metrics/im", "/report/users")
        ]
    assert [(answer.status_code, answer.headers["X-RateLimit-Category"]) for answer in answers] == [
        (200, "dashboard"),
        (429, "dashboard"),
        (200, "metrics"),
        (429, "metrics"),
        (200, "report"),
    ]
    assert 55 <= int(answers[1].headers["Retry-After"]) <= 60
    assert answers[3].headers["Retry-After"] == "1"


def test_todays_zoom_has_the_chats_elsewhere_and_its_own_rates(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "demo", "--profile", "current") as today:
        token = fetch(today)
        chats = ask(today, token, "/metrics/chat", params=SPAN)
        meetings = ask(today, token, "/metrics/meetings", params=SPAN)
        one = ask(today, token, f"/metrics/meetings/{meetings.json()['meetings'][0]['id']}")
    assert (chats.status_code, len(chats.json()["users"]) > 0) == (200, True)
    assert [answer.headers["X-RateLimit-Category"] for answer in (chats, meetings, one)] == [
        "Resource-intensive",
        "Resource-intensive",
        "Heavy",
    ]
