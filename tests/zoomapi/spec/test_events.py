"""What meetings, webinars and the rest of the families refuse, and what they accept."""

from typing import Any

import pytest

from tests.zoomapi.spec.test_shapes import errors
from zoomapi import spec

CREATORS = ["meetings.create", "webinars.create"]
PERSON = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Byron"}


def recurrence(rule: dict[str, Any], key: str = "meetings.create") -> Any:
    return errors(key, {"recurrence": rule}).get("recurrence", {})


@pytest.mark.parametrize("key", CREATORS)
def test_nothing_is_required_to_schedule(key: str) -> None:
    assert errors(key, {}) == {}


@pytest.mark.parametrize("key", CREATORS)
@pytest.mark.parametrize(
    "rule",
    [
        {"type": 1, "repeat_interval": 90, "end_date_time": "2017-1-9T3:00:00Z"},
        {"type": 2, "repeat_interval": 2, "weekly_days": "1,2,3,4", "end_times": 2},
        {"type": 2, "repeat_interval": 12, "weekly_days": 7},
        {"type": 3, "repeat_interval": 2, "monthly_week": 2, "monthly_week_day": 2, "end_times": 50},
        {"type": 3, "monthly_week": -1, "monthly_week_day": 7},
        {"type": 3, "repeat_interval": 3, "monthly_day": 31},
        {"type": 2},
    ],
)
def test_documented_recurrences_are_accepted(key: str, rule: dict[str, Any]) -> None:
    assert recurrence(rule, key) == {}


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ({"type": 1, "repeat_interval": 91}, "repeat_interval"),
        ({"type": 2, "repeat_interval": 13}, "repeat_interval"),
        ({"type": 3, "repeat_interval": 4}, "repeat_interval"),
        ({"type": 1, "repeat_interval": 0}, "repeat_interval"),
        ({"type": 2, "weekly_days": "0,8"}, "weekly_days"),
        ({"type": 3, "monthly_day": 32}, "monthly_day"),
        ({"type": 3, "monthly_week": 5, "monthly_week_day": 1}, "monthly_week"),
        ({"type": 3, "monthly_week": 0, "monthly_week_day": 1}, "monthly_week"),
        ({"type": 3, "monthly_week": 1}, "monthly_week_day"),
        ({"type": 3, "monthly_week_day": 1}, "monthly_week"),
        ({"type": 3, "monthly_day": 1, "monthly_week": 1, "monthly_week_day": 1}, "monthly_day"),
        ({"type": 1, "end_times": 51}, "end_times"),
        ({"type": 1, "end_times": 0}, "end_times"),
        ({"type": 1, "end_times": 2, "end_date_time": "2018-08-01T00:00:00Z"}, "end_date_time"),
        ({"type": 1, "end_date_time": "2018-08-01T00:00:00"}, "end_date_time"),
        ({"type": 4}, "type"),
        ({"end_times": 2}, "type"),
    ],
)
def test_a_wrong_recurrence_names_the_member_to_correct(rule: dict[str, Any], wrong: str) -> None:
    assert list(recurrence(rule)) == [wrong]


def test_a_too_long_interval_says_what_is_allowed() -> None:
    assert recurrence({"type": 2, "repeat_interval": 13}) == {"repeat_interval": ["Weekly allows at most 12 weeks."]}


def test_what_belongs_to_another_type_is_left_alone() -> None:
    assert recurrence({"type": 1, "monthly_day": 1, "monthly_week": 2, "weekly_days": "1"}) == {}


def test_one_member_of_a_recurrence_can_be_changed() -> None:
    assert recurrence({"repeat_interval": 2}, "meetings.update") == {}
    assert list(recurrence({"type": 3, "repeat_interval": 4}, "meetings.update")) == ["repeat_interval"]


@pytest.mark.parametrize("key", CREATORS)
@pytest.mark.parametrize(
    ("password", "accepted"),
    [("aZ09@-_*", True), ("x" * 10, True), ("x" * 11, False), ("a b", False), ("ä", False), ("", True)],
)
def test_a_join_password_has_ten_plain_characters_at_most(key: str, password: str, accepted: bool) -> None:
    assert (errors(key, {"password": password}) == {}) == accepted


@pytest.mark.parametrize(
    ("start", "accepted"), [("2018-07-01T09:00:00", True), ("2018-07-01T09:00:00Z", True), ("1 July", False)]
)
def test_a_start_is_utc_or_local(start: str, accepted: bool) -> None:
    assert (errors("meetings.create", {"start_time": start, "timezone": "America/Denver"}) == {}) == accepted


@pytest.mark.parametrize("key", ["meetings.add_registrant", "webinars.add_registrant"])
def test_a_registrant_needs_an_address_and_a_name(key: str) -> None:
    assert (sorted(errors(key, {})), errors(key, PERSON)) == (["email", "first_name", "last_name"], {})


@pytest.mark.parametrize(
    ("detail", "accepted"),
    [
        ({"no_of_employees": "1,001-5,000"}, True),
        ({"no_of_employees": "many"}, False),
        ({"role_in_purchase_process": "Evaluator/Recommender", "purchasing_time_frame": "1-3 months"}, True),
        ({"custom_questions": [{"title": "Why?", "value": "Because"}]}, True),
        ({"custom_questions": ["Why?"]}, False),
        ({"comments": ""}, True),
    ],
)
def test_what_a_registrant_tells_is_checked(detail: dict[str, Any], accepted: bool) -> None:
    assert (errors("meetings.add_registrant", {**PERSON, **detail}) == {}) == accepted


@pytest.mark.parametrize(("count", "accepted"), [(30, True), (31, False)])
def test_thirty_registrants_at_most_are_changed_at_once(count: int, accepted: bool) -> None:
    data = {"action": "deny", "registrants": [{"id": str(number)} for number in range(count)]}
    assert (errors("webinars.update_registrants_status", data) == {}) == accepted


@pytest.mark.parametrize(("count", "accepted"), [(10, True), (11, False)])
def test_ten_members_at_most_are_added_to_an_im_group(count: int, accepted: bool) -> None:
    data = {"members": [{"id": str(number)} for number in range(count)]}
    assert (errors("im_groups.add_members", data) == {}) == accepted


@pytest.mark.parametrize(("size", "accepted"), [(10, True), (11, False)])
def test_quality_comes_for_ten_participants_at_most(size: int, accepted: bool) -> None:
    assert (errors("dashboards.meeting_qos", {"page_size": size}, "query") == {}) == accepted


@pytest.mark.parametrize(("month", "accepted"), [(1, True), (12, True), (0, False), (13, False)])
def test_a_month_is_one_of_twelve(month: int, accepted: bool) -> None:
    assert (errors("reports.daily", {"year": 2018, "month": month}, "query") == {}) == accepted


def test_a_period_needs_both_its_days() -> None:
    shape = spec.endpoint("reports.users").query
    assert shape is not None
    missing = shape(data={})
    assert (missing.is_valid(), sorted(missing.errors)) == (False, ["from", "to"])


def test_events_of_a_webhook_are_known_ones() -> None:
    data = {"url": "https://a.example/hook", "auth_user": "u", "auth_password": "p", "events": ["meeting_started"]}
    assert errors("webhooks.create", data) == {}
    assert list(errors("webhooks.create", {**data, "events": ["moon_landing"]})) == ["events"]
    assert sorted(errors("webhooks.create", {})) == ["auth_password", "auth_user", "events", "url"]
    assert errors("webhooks.update", {"events": ["meeting_ended"]}) == {}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, []),
        ({"leader_pin": "12ab"}, ["leader_pin"]),
        ({"conference_code": "1" * 17}, ["conference_code"]),
        ({"dial_in_numbers": [{"code": "1234567", "number": "2"}]}, ["dial_in_numbers"]),
        ({"dial_in_numbers": [{"code": "1", "number": "2", "type": "free"}]}, ["dial_in_numbers"]),
    ],
)
def test_a_tsp_account_is_checked(change: dict[str, Any], wrong: list[str]) -> None:
    data = {"conference_code": "123", "leader_pin": "456", "dial_in_numbers": [{"code": "1", "number": "555"}]}
    assert list(errors("tsp.update", {**data, **change})) == wrong


def test_a_changed_device_needs_everything() -> None:
    assert sorted(errors("devices.update", {"name": "Room"})) == ["encryption", "ip", "protocol"]


def test_an_answer_may_hold_a_value_we_do_not_know() -> None:
    reply = spec.endpoint("meetings.get").reply
    assert reply is not None
    shape = reply(data={"id": "98765432101", "type": 4, "settings": {"audio": "thirdParty"}}, partial=True)
    assert shape.is_valid()
    assert (shape.validated_data["id"], shape.validated_data["type"]) == (98765432101, 4)
