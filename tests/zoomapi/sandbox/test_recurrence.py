"""When recurring meetings take place: the wall clock of their own time zone rules."""

from datetime import date

import pytest

from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.recurrence import MOST_BY_DATE, starts, utc_text
from zoomapi.sandbox.windows import window

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"


def test_a_local_start_is_turned_into_utc_and_a_utc_start_is_left_alone() -> None:
    assert utc_text("2018-07-01T09:00:00", NEW_YORK) == "2018-07-01T13:00:00Z"
    assert utc_text("2018-12-01T09:00:00", NEW_YORK) == "2018-12-01T14:00:00Z"
    assert utc_text("2018-07-01T09:00:00Z", NEW_YORK) == "2018-07-01T09:00:00Z"
    assert utc_text("2018-07-01T09:00:00", "SST") == "2018-06-30T22:00:00Z"


def test_nine_oclock_stays_nine_oclock_when_daylight_saving_ends_and_begins() -> None:
    weekly = {"type": 2, "weekly_days": "3", "end_times": 3}
    assert starts("2018-10-30T13:00:00Z", NEW_YORK, weekly) == [
        "2018-10-30T13:00:00Z",
        "2018-11-06T14:00:00Z",
        "2018-11-13T14:00:00Z",
    ]
    assert starts("2018-03-24T08:00:00Z", BERLIN, {"type": 1, "end_times": 2}) == [
        "2018-03-24T08:00:00Z",
        "2018-03-25T07:00:00Z",
    ]


def test_a_time_that_daylight_saving_skips_is_held_an_hour_later() -> None:
    assert starts("2018-03-10T07:30:00Z", NEW_YORK, {"type": 1, "end_times": 3}) == [
        "2018-03-10T07:30:00Z",
        "2018-03-11T07:30:00Z",
        "2018-03-12T06:30:00Z",
    ]


def test_several_weekdays_every_other_week_begin_on_sunday() -> None:
    rule = {"type": 2, "repeat_interval": 2, "weekly_days": "1,2,4", "end_times": 5}
    assert [text[:10] for text in starts("2018-07-01T12:00:00Z", "UTC", rule)] == [
        "2018-07-01",
        "2018-07-02",
        "2018-07-04",
        "2018-07-15",
        "2018-07-16",
    ]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ({"monthly_day": 31}, ["2018-01-31", "2018-03-31", "2018-05-31"]),
        ({"monthly_week": -1, "monthly_week_day": 6}, ["2018-01-26", "2018-02-23", "2018-03-30"]),
        ({"monthly_week": 2, "monthly_week_day": 2}, ["2018-01-08", "2018-02-12", "2018-03-12"]),
        ({"repeat_interval": 3, "monthly_day": 2}, ["2018-01-02", "2018-04-02", "2018-07-02"]),
        ({}, ["2018-01-01", "2018-02-01", "2018-03-01"]),
    ],
)
def test_months_go_by_day_or_by_week_and_weekday(rule: dict[str, int], days: list[str]) -> None:
    found = starts("2018-01-01T12:00:00Z", "UTC", {"type": 3, "end_times": 3, **rule})
    assert [text[:10] for text in found] == days


def test_a_last_date_ends_it_and_counts_itself() -> None:
    rule = {"type": 1, "repeat_interval": 2, "end_date_time": "2018-07-05T12:00:00Z", "end_times": 1}
    assert [text[8:10] for text in starts("2018-07-01T12:00:00Z", "UTC", rule)] == ["01", "03", "05"]


def test_fifty_times_may_be_asked_for_and_without_an_end_there_is_one() -> None:
    assert len(starts("2018-07-01T12:00:00Z", "UTC", {"type": 1, "end_times": 50})) == 50
    assert starts("2018-07-01T12:00:00Z", "UTC", {"type": 2}) == ["2018-07-01T12:00:00Z"]
    endless = {"type": 1, "end_date_time": "2099-01-01T00:00:00Z"}
    assert len(starts("2018-07-01T12:00:00Z", "UTC", endless)) == MOST_BY_DATE


def test_the_first_day_is_moved_to_a_month_before_the_last() -> None:
    asked = {"from": date(2018, 1, 1), "to": date(2018, 3, 31)}
    assert window(asked).echo() == {"from": "2018-02-28", "to": "2018-03-31"}
    assert window({"from": date(2018, 3, 5), "to": date(2018, 3, 31)}).echo()["from"] == "2018-03-05"
    with pytest.raises(Refusal):
        window({"from": date(2018, 3, 31), "to": date(2018, 3, 30)})
    assert window({"from": date.min, "to": date.min}).first == date.min
    assert window({"from": date.min, "to": date.max}).begin == "9999-11-30T00:00:00Z"
