"""Dates and durations as people write them, and the ones that nobody can be sure of."""

from typing import Any

import pytest
from rest_framework import serializers

from portal.bulk.files.checks import compiled
from portal.bulk.files.refusal import Bad
from portal.bulk.files.times import (
    DATELESS,
    EITHER,
    FRACTION,
    NO_SUCH,
    POINTS,
    SERIAL,
    SHORT_YEAR,
    TIME_UNCLEAR,
    TIMELESS,
    TIMELESS_UTC,
)
from zoomapi.spec.fields import Minutes
from zoomapi.spec.times import Day, LocalMoment, UtcMoment


def verdict(field: Any, text: str) -> Any:
    try:
        return compiled(field)(text)
    except Bad as bad:
        return list(bad.messages)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (LocalMoment(), "24.12.2026 10:30", "2026-12-24T10:30:00"),
        (LocalMoment(), "1. 2. 2026 9:05:07", "2026-02-01T09:05:07"),
        (LocalMoment(), "01.02.2026, 09:05", "2026-02-01T09:05:00"),
        (UtcMoment(), "24.12.2026 10:30Z", "2026-12-24T10:30:00Z"),
        (UtcMoment(), "24.12.2026 10:30", ["This must be UTC, written like 2018-07-01T09:00:00Z."]),
        (Day(), "24.12.2026", "2026-12-24"),
        (Day(), "24.12.2026 10:30", "2026-12-24"),
        (LocalMoment(), "24.12.2026", [TIMELESS]),
        (LocalMoment(), "2026-12-24", [TIMELESS]),
    ],
)
def test_a_date_with_points_begins_with_its_day(field: Any, text: str, value: Any) -> None:
    assert verdict(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        (LocalMoment(), "31.02.2026 10:30", NO_SUCH),
        (LocalMoment(), "12.24.2026 10:30", NO_SUCH),
        (LocalMoment(), "2027-02-29T09:00:00", NO_SUCH),
        (LocalMoment(), "24.12.2026 25:00", TIME_UNCLEAR),
        (LocalMoment(), "Dec 24, 2026 13:00 PM", "There is no 13 o'clock with AM or PM."),
        (LocalMoment(), "24 Dec 2026", TIMELESS),
        (LocalMoment(), "30 February 2027 9:00", NO_SUCH),
        (LocalMoment(), "Dec 24, 2026 10:30 GMT", TIME_UNCLEAR),
        (LocalMoment(), "2026/12/24 noon", TIME_UNCLEAR),
        (Day(), "2027-02-29", NO_SUCH),
        (UtcMoment(), "2027-02-29T09:00:00Z", NO_SUCH),
        (UtcMoment(), "2027-02-28T09:00:00", "This must be UTC, written like 2018-07-01T09:00:00Z."),
        (UtcMoment(), "24.12.2026", TIMELESS_UTC),
        (LocalMoment(), "9:00 AM", DATELESS),
        (LocalMoment(), "14:30:00", DATELESS),
        (LocalMoment(), "46387.5", SERIAL),
        (LocalMoment(), "24.12.26 10:30", SHORT_YEAR),
        (LocalMoment(), "24-Dec-26", SHORT_YEAR),
        (LocalMoment(), "Dec 24, '26 10:30", SHORT_YEAR),
        (LocalMoment(), "Mon, 24 Dec 2026 10:30", "24 Dec 2026 is a Thursday."),
        (LocalMoment(), "Friday, December 24, 2026 9:00 AM", "24 Dec 2026 is a Thursday."),
        (LocalMoment(), "24.12.2569 10:30", "The year 2569 cannot be meant."),
        (LocalMoment(), "Dec 24, 0206 10:30", "The year 0206 cannot be meant."),
        (LocalMoment(), "03.04.2026 2:30 PM", POINTS),
        (LocalMoment(), "24.12.2026 0.25", FRACTION),
        (LocalMoment(), "24.12.2026 0.4375", FRACTION),
        (LocalMoment(), "Dec 24, 2026 \u201305:00", TIME_UNCLEAR),
        (LocalMoment(), "46387 10:30", SERIAL),
    ],
)
def test_what_is_no_date_is_refused_and_named(field: Any, text: str, why: str) -> None:
    assert verdict(field, text) == [why]


@pytest.mark.parametrize(
    "text",
    [
        "Dec 24, 2026 10:30 PM",
        "dec. 24th 2026, 10:30pm",
        "Thursday, December 24, 2026 at 10:30:00 p.m.",
        "Thu, 24 Dec 2026 22:30",
        "24-Dec-2026 22:30:00",
        "24th of December, 2026 - 10.30 PM",
        "24.12.2026 22:30 Uhr",
        "24.12.2026 10:30 PM",
        "24 Dec 2026 - 22.30",
        "24 Dec 2026 10:30\u202fPM",
        "24. December 2026 22:30",
        "2026/12/24 22:30",
        "2026.12.24 10:30 PM",
        "2026-12-24 10:30 PM",
        "2026-12-24 22:30",
        "2026-12-24T22:30:00",
    ],
)
def test_a_date_in_which_day_and_month_are_clear_is_read(text: str) -> None:
    assert verdict(LocalMoment(), text) == "2026-12-24T22:30:00"
    assert verdict(Day(), text) == "2026-12-24"


@pytest.mark.parametrize(
    "text",
    [
        "Dec 2026",
        "24 Dez 2026 10:30",
        "Decem 24, 2026 10:30",
        "May",
        "24 APR\u0130L 2026 10:30",
        "Apr\u0131l 24, 2026 10:30",
        "2026-12-24-05:00",
        "2026-12-24 -05:00",
        "\uff12\uff14 Dec 2026 10:30",
    ],
)
def test_what_only_looks_like_a_month_by_name_is_refused(text: str) -> None:
    assert verdict(LocalMoment(), text) == ["Write 2018-07-01T09:00:00Z for UTC, or the same without Z for local time."]


@pytest.mark.parametrize("text", ["03/04/2026 10:30", "3/4/2026", "24/12/2026 10:30:00", "3/4/26 2:30 PM"])
def test_a_date_with_slashes_is_not_guessed(text: str) -> None:
    assert verdict(LocalMoment(), text) == [EITHER]
    assert verdict(Day(), text) == [EITHER]


@pytest.mark.parametrize(
    ("text", "value"),
    [("00:45:00", 45), ("0:45", 45), ("01:30:00", 90), ("25:00:00", 1500), ("45", 45)],
)
def test_a_duration_of_a_spreadsheet_is_read_in_minutes(text: str, value: int) -> None:
    assert verdict(Minutes(min_value=0), text) == value


@pytest.mark.parametrize("text", ["45:00", "45:30", "90:00", "24:00", "1000:00"])
def test_minutes_and_seconds_are_not_taken_for_hours_and_minutes(text: str) -> None:
    assert verdict(Minutes(), text) == [
        f"{text} may be hours or minutes. Write the minutes alone, or 0:25 for 25 minutes."
    ]


@pytest.mark.parametrize(
    ("field", "text", "what"),
    [
        (serializers.IntegerField(), "00:45:00", "a time"),
        (Minutes(), "00:45:30", "a time"),
        (serializers.IntegerField(), "2026-01-31", "a date"),
        (Minutes(), "2026-01-31T09:30:00", "a date"),
    ],
)
def test_what_a_spreadsheet_made_of_a_number_is_named(field: Any, text: str, what: str) -> None:
    assert verdict(field, text) == [
        f"This is {what}, and a number is wanted. Format the column as number and type it again."
    ]
