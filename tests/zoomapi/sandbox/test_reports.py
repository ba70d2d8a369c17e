"""Reports over HTTP: they agree with each other, in every form and however they are asked."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.sandbox import Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import problem
from tests.zoomapi.sandbox.reporting import (
    SPAN,
    TODAY,
    Json,
    got,
    last_month,
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
from zoomapi.sandbox.past.people import PHONE


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A demo world of our own: nobody else's meetings begin or end in it."""
    with start_sandbox(tmp_path_factory.mktemp("reports"), "--world", "demo", "--no-limits") as running:
        yield running


@pytest.fixture(scope="module")
def customer(box: Sandbox) -> str:
    """The prefix of the biggest sub-account."""
    accounts = got(box, "/accounts", page_size=300)["accounts"]
    return f"/accounts/{max(accounts, key=lambda row: row['seats'])['id']}"


@pytest.fixture(scope="module")
def past(box: Sandbox) -> list[Json]:
    """Every meeting and webinar of the master account in the last months, oldest first."""
    rows = []
    for months in (2, 1, 0):
        last = TODAY - timedelta(days=29 * months)
        span = {"from": (last - timedelta(days=28)).isoformat(), "to": last.isoformat()}
        for host in numbered(box, "/report/users", "users", **span):
            rows += whole(box, f"/report/users/{host['id']}/meetings", "meetings", **span)
    return rows


def sums(rows: list[Json], *names: str) -> list[int]:
    return [sum(row[name] for row in rows) for name in names]


@pytest.mark.parametrize("mirrored", [False, True])
def test_days_hosts_meetings_and_dashboards_add_up_to_the_same(box: Sandbox, customer: str, mirrored: bool) -> None:
    at = customer if mirrored else ""
    first, last = last_month()
    span = {"from": first.isoformat(), "to": last.isoformat()}
    days = got(box, f"{at}/report/daily", year=first.year, month=first.month)["dates"]
    report = got(box, f"{at}/report/users", **span, page_size=300)
    hosts = report["users"]
    meetings = [
        row for host in hosts for row in whole(box, f"{at}/report/users/{host['id']}/meetings", "meetings", **span)
    ]
    seen = [
        row
        for kind in ("meetings", "webinars")
        for row in whole(box, f"{at}/metrics/{kind}", kind, type="past", **span)
    ]
    assert report["total_meetings"] > 20
    assert (
        sums(days, "meetings", "participants", "meeting_minutes")
        == sums(hosts, "meetings", "participants", "meeting_minutes")
        == [report[name] for name in ("total_meetings", "total_participants", "total_meeting_minutes")]
        == [len(meetings), *sums(meetings, "participants_count", "total_minutes")]
    )
    assert [len(seen), *sums(seen, "participants")] == sums(days, "meetings", "participants")
    assert sorted(row["uuid"] for row in seen) == sorted(row["uuid"] for row in meetings)


def test_each_day_counts_the_meetings_that_began_on_it_and_the_people_who_came(box: Sandbox, customer: str) -> None:
    first, _ = last_month()
    days = got(box, f"{customer}/report/daily", year=first.year, month=first.month)["dates"]
    for day in days[5:9]:
        rows = numbered(box, f"{customer}/report/users", "users", **{"from": day["date"], "to": day["date"]})
        assert [day["meetings"], day["participants"]] == sums(rows, "meetings", "participants")
    assert [day["date"][-2:] for day in days] == [f"{number:02}" for number in range(1, len(days) + 1)]


def test_new_users_are_counted_on_the_day_they_came(box: Sandbox) -> None:
    before = got(box, "/report/daily")
    made(box, "/users", action="custCreate", user_info={"email": "late@people.example", "type": 1})
    after = got(box, "/report/daily")
    assert after["dates"][-1]["date"] == TODAY.isoformat()
    assert after["dates"][-1]["new_users"] == before["dates"][-1]["new_users"] + 1
    assert (after["year"], after["month"]) == (TODAY.year, TODAY.month)


def test_only_the_last_six_months_are_reported_day_by_day(box: Sandbox) -> None:
    index = TODAY.year * 12 + TODAY.month - 1
    for months, status in ((6, 200), (7, 400), (-1, 400)):
        year, month = divmod(index - months, 12)
        answer = box.call("GET", "/report/daily", params={"year": year, "month": month + 1})
        assert answer.status_code == status
    assert refused(box, "/report/daily", month=13) == (400, 300, ["month"])
    assert refused(box, "/report/daily", year=1999) == (400, 300, ["year", "month"])


@pytest.mark.parametrize("key", ["participants", "webinars"])
def test_participants_minutes_add_up_to_the_meetings_own(box: Sandbox, past: list[Json], key: str) -> None:
    kind = "webinar" if key == "webinars" else "meeting"
    chosen = [row for row in past if (row["type"] in (5, 6, 9)) == (kind == "webinar")][-12:]
    assert chosen != []
    for row in chosen:
        people = whole(box, f"/report/{kind}s/{twice(row['uuid'])}/participants", "participants", page_size=20)
        assert len(people) == row["participants_count"]
        assert sum(person["duration"] for person in people) == row["total_minutes"] * 60
        assert all(seconds_between(person, "join_time", "leave_time") == person["duration"] for person in people)
        assert min(person["join_time"] for person in people) == row["start_time"]
        assert max(person["leave_time"] for person in people) == row["end_time"]
        assert all(isinstance(p["attentiveness_score"], str if kind == "webinar" else int) for p in people)


def test_a_meeting_reports_the_same_alone_as_in_the_list(box: Sandbox, past: list[Json]) -> None:
    for row in past[-8:]:
        kind = "webinars" if row["type"] in (5, 6, 9) else "meetings"
        assert got(box, f"/report/{kind}/{twice(row['uuid'])}") == row


def test_a_number_means_the_last_instance(box: Sandbox, past: list[Json]) -> None:
    series = next(row["id"] for row in past if row["type"] in (3, 8))
    last = max((row for row in past if row["id"] == series), key=lambda row: row["start_time"])
    assert got(box, f"/report/meetings/{series}") == last
    people = got(box, f"/report/meetings/{series}/participants")
    assert people == got(box, f"/report/meetings/{twice(last['uuid'])}/participants")


def test_uuids_with_slashes_are_found_however_they_are_written(box: Sandbox, past: list[Json]) -> None:
    for uuid in slashed([row["uuid"] for row in past if row["type"] in (1, 2, 3, 8)]):
        for way in (twice(uuid), once(uuid), uuid.replace("+", "%2B"), uuid):
            assert got(box, f"/report/meetings/{way}")["uuid"] == uuid
            assert got(box, f"/report/meetings/{way}/polls")["uuid"] == uuid
            people = got(box, f"/report/meetings/{way}/participants")
            assert people["total_records"] == got(box, f"/report/meetings/{way}")["participants_count"]


def test_calls_by_telephone_are_those_of_the_participants_who_called(box: Sandbox, past: list[Json]) -> None:
    calls = numbered(box, "/report/telephone", "telephony_usage", **SPAN, page_size=7)
    assert calls != []
    for number in {call["meeting_id"] for call in calls}:
        made_ = [call for call in calls if call["meeting_id"] == number]
        dialled = [
            person
            for row in past
            if row["id"] == number and row["start_time"] >= SPAN["from"]
            for person in whole(
                box, f"/metrics/{kind_of(row)}/{twice(row['uuid'])}/participants", "participants", type="past"
            )
            if person["device"] == PHONE
        ]
        assert sorted(call["start_time"] for call in made_) == sorted(person["join_time"] for person in dialled)
    assert all(seconds_between(call, "start_time", "end_time") == call["duration"] * 60 for call in calls)
    assert {round(call["total"] / call["duration"], 2) for call in calls if call["duration"] > 9} == {0.04, 0.07}


def kind_of(row: Json) -> str:
    return "webinars" if row["type"] in (5, 6, 9) else "meetings"


def test_active_and_inactive_hosts_are_all_active_users(box: Sandbox, customer: str) -> None:
    active = numbered(box, f"{customer}/report/users", "users", **SPAN, type="active", page_size=9)
    idle = numbered(box, f"{customer}/report/users", "users", **SPAN, type="inactive", page_size=9)
    everybody = {row["id"] for row in numbered(box, f"{customer}/users", "users", page_size=300)}
    held = {row["id"] for row in active} & everybody
    assert held | {row["id"] for row in idle} == everybody
    assert held & {row["id"] for row in idle} == set()
    assert (min(row["meetings"] for row in active), max(row["meetings"] for row in idle)) == (1, 0)
    assert got(box, f"{customer}/report/users", **SPAN) == got(box, f"{customer}/report/users", **SPAN, type="active")


def test_odd_mirrored_paths_are_the_same_reports(box: Sandbox, customer: str) -> None:
    for kind in ("active", "inactive"):
        straight = got(box, f"{customer}/report/users", **SPAN, type=kind)
        assert got(box, f"{customer}/report/{kind}/users", **SPAN) == straight
    host = got(box, f"{customer}/report/active/users", **SPAN)["users"][0]["id"]
    straight = got(box, f"{customer}/report/users/{host}/meetings", **SPAN)
    assert got(box, f"{customer}/report/active/users/{host}/meetings", **SPAN) == straight


def test_questions_of_a_webinar_are_told_below_both_names(box: Sandbox, customer: str) -> None:
    rows = whole(box, f"{customer}/metrics/webinars", "webinars", type="past", **SPAN)
    asked = [got(box, f"{customer}/report/webinars/{twice(row['uuid'])}/qa") for row in rows]
    odd = [got(box, f"{customer}/report/webinars/{twice(row['uuid'])}/questions") for row in rows]
    assert asked == odd
    people = {person["name"] for report in asked for person in report["questions"]}
    assert people != set()


def test_polls_are_answered_by_people_who_were_there(box: Sandbox, past: list[Json]) -> None:
    answered = 0
    for row in past:
        if row["type"] in (5, 6, 9):
            address = f"/report/webinars/{twice(row['uuid'])}"
            polls, names = got(box, f"{address}/polls"), got(box, f"{address}/participants", page_size=300)
            assert {p["name"] for p in polls["questions"]} <= {p["name"] for p in names["participants"]}
            assert (polls["id"], polls["start_time"]) == (row["id"], row["start_time"])
            answered += len(polls["questions"])
    assert answered > 0


def test_nothing_is_known_of_strangers(box: Sandbox, customer: str, past: list[Json]) -> None:
    row = past[-1]
    kind, uuid = kind_of(row), twice(row["uuid"])
    other = "meetings" if kind == "webinars" else "webinars"
    for path in (f"{kind}/123", f"{kind}/nonsense", f"{other}/{uuid}", f"{kind}/{9**30}"):
        assert refused(box, f"/report/{path}") == (404, 3001, [])
    assert refused(box, f"{customer}/report/meetings/{uuid}/participants") == (404, 3001, [])
    assert refused(box, "/report/users/nobody/meetings", **SPAN) == (404, 1001, [])
    host = got(box, "/users")["users"][0]["id"]
    assert refused(box, f"{customer}/report/users/{host}/meetings", **SPAN) == (400, 1010, [])


def test_a_meeting_is_reported_once_it_is_over(box: Sandbox) -> None:
    meeting = made(box, "/users/me/meetings", topic="Not yet")["id"]
    assert refused(box, f"/report/meetings/{meeting}") == (404, 5010, [])
    before = got(box, "/report/daily")["dates"][-1]
    uuid = started(box, meeting)
    assert refused(box, f"/report/meetings/{uuid}/participants") == (404, 5010, [])
    assert got(box, "/report/daily")["dates"][-1] == before
    box.control("POST", "meeting/end", {"id": meeting})
    report = got(box, f"/report/meetings/{uuid}")
    after = got(box, "/report/daily")["dates"][-1]
    assert (after["meetings"], after["participants"]) == (before["meetings"] + 1, before["participants"] + 3)
    assert after["meeting_minutes"] == before["meeting_minutes"] + report["total_minutes"]
    assert got(box, f"/report/meetings/{meeting}") == report
    assert report["topic"] == "Not yet"


def test_meetings_of_somebody_who_is_gone_still_count(box: Sandbox) -> None:
    user = made(box, "/users", action="custCreate", user_info={"email": "gone@people.example", "type": 2})["id"]
    meeting = made(box, f"/users/{user}/meetings", topic="Last one")["id"]
    uuid = started(box, meeting)
    box.control("POST", "meeting/end", {"id": meeting})
    before = got(box, "/report/users", **SPAN)
    assert box.call("DELETE", f"/users/{user}", params={"action": "delete"}).status_code == 204
    after = got(box, "/report/users", **SPAN)
    assert after["total_meetings"] == before["total_meetings"]
    assert next(row["user_name"] for row in after["users"] if row["id"] == user) == "Former user"
    assert got(box, f"/report/meetings/{uuid}")["user_email"] == ""


def test_tokens_lead_through_the_list_with_one_page_size_for_a_quarter_of_an_hour(box: Sandbox) -> None:
    busy = max(got(box, "/report/users", **SPAN)["users"], key=lambda row: row["meetings"])
    address = f"/report/users/{busy['id']}/meetings"
    everything = whole(box, address, "meetings", **SPAN)
    assert len(everything) == busy["meetings"] > 3
    assert whole(box, address, "meetings", **SPAN, page_size=2) == everything
    token = got(box, address, **SPAN, page_size=2)["next_page_token"]
    assert refused(box, address, **SPAN, page_size=3, next_page_token=token) == (400, 300, [])
    assert refused(box, "/report/users/me/meetings", **SPAN, page_size=2, next_page_token=token)[:2] == (400, 300)
    query, lasting = {**SPAN, "page_size": 2, "next_page_token": token}, f"Bearer {box.token(life=3600)}"
    try:
        box.clock(15 * 60 - 20)
        answer = box.call("GET", address, params=query, headers={"Authorization": lasting})
        assert answer.json()["meetings"] == everything[2:4]
        box.clock(15 * 60 + 5)
        answer = box.call("GET", address, params=query, headers={"Authorization": lasting})
        assert problem(answer) == (400, 300)
    finally:
        box.clock(0)


def test_every_documented_member_is_there(box: Sandbox, past: list[Json]) -> None:
    webinar = next(twice(row["uuid"]) for row in reversed(past) if row["type"] == 9)
    meeting = next(twice(row["uuid"]) for row in reversed(past) if row["type"] in (1, 2, 3, 8))
    asked = {
        "daily": got(box, "/report/daily"),
        "users": got(box, "/report/users", **SPAN),
        "user_meetings": got(box, "/report/users/me/meetings", **SPAN),
        "telephone": got(box, "/report/telephone", **SPAN),
        "meeting": got(box, f"/report/meetings/{meeting}"),
        "meeting_participants": got(box, f"/report/meetings/{meeting}/participants"),
        "meeting_polls": got(box, f"/report/meetings/{meeting}/polls"),
        "webinar": got(box, f"/report/webinars/{webinar}"),
        "webinar_participants": got(box, f"/report/webinars/{webinar}/participants"),
        "webinar_polls": got(box, f"/report/webinars/{webinar}/polls"),
        "webinar_qa": got(box, f"/report/webinars/{webinar}/qa"),
    }
    assert {name: missing(f"reports.{name}", data) for name, data in asked.items()} == {name: [] for name in asked}


def test_a_restart_changes_no_report(tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        with start_sandbox(tmp_path, "--world", "demo", "--no-limits") as running:
            rows = whole(running, "/metrics/webinars", "webinars", type="past", **SPAN)
            people = whole(running, f"/report/webinars/{twice(rows[0]['uuid'])}/participants", "participants")
            calls = numbered(running, "/report/telephone", "telephony_usage", **SPAN)
            told.append(
                (rows, people, calls, got(running, "/metrics/im", **SPAN), got(running, "/metrics/crc", **SPAN))
            )
    assert told[0][1:3] == told[1][1:3]
    assert told[0][0] == told[1][0]
    assert told[0][3]["users"] == told[1][3]["users"]
    assert told[0][4] == told[1][4]
