"""Moments in two columns: which belong together, and how they are joined."""

from typing import Any

import pytest
from rest_framework import serializers

from portal.bulk.files import halves
from portal.bulk.files.checks import compiled
from portal.bulk.files.columns import Column
from portal.bulk.files.reader import Row
from portal.bulk.files.rows import Checked, RowChecker
from portal.bulk.files.times import DATELESS, FRACTION, SERIAL, TIME_UNCLEAR, TIMELESS, half, joined
from zoomapi.spec.times import LocalMoment, UtcMoment

START = Column("start_time", "Start", "", LocalMoment())
COLUMNS = [Column("topic", "Topic", "", serializers.CharField()), START, Column("end", "End", "", LocalMoment())]
OUTLOOK = ["Subject", "Start Date", "Start Time", "End Date", "End Time"]
CELLS = ["Talk", "24.12.2026", "10:30", "24.12.2026", "11:30 AM"]


def pair(header: list[str], *rows: list[str], **mapping: int) -> dict[str, int]:
    return halves.paired([Row(n, n, n, cells) for n, cells in enumerate(rows, 2)], header, COLUMNS, mapping)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("24.12.2026", "day"),
        ("3/4/2026", "day"),
        ("Dec 24, 2026", "day"),
        ("2026-12-24", "day"),
        ("2026-12-24T00:00:00", "day"),
        ("10:30", "clock"),
        ("10:30:00", "clock"),
        ("2:30 PM", "clock"),
        ("2pm", "clock"),
        ("2:30\u202fPM", "clock"),
        ("12/24/2026 12:00:00 AM", "day"),
        ("0.25", ""),
        ("24.12.2026 10:30", ""),
        ("2026-12-24T10:30:00", ""),
        ("Talk", ""),
        ("90", ""),
    ],
)
def test_a_half_is_told_from_a_whole(text: str, kind: str) -> None:
    assert half(text) == kind


@pytest.mark.parametrize(
    ("day", "time", "whole"),
    [
        ("24.12.2026", "10:30", "24.12.2026 10:30"),
        ("2026-12-24T00:00:00", "10:30:00", "2026-12-24 10:30:00"),
        ("", "10:30", "10:30"),
        ("24.12.2026", "", "24.12.2026"),
        ("24.12.2026 0:00", "", "24.12.2026"),
        ("12/24/2026 12:00:00 AM", "10:30", "12/24/2026 10:30"),
        ("2026-12-24 00:00:30", "10:30", "2026-12-24 00:00:30 10:30"),
    ],
)
def test_halves_are_joined(day: str, time: str, whole: str) -> None:
    assert joined(day, time) == whole


def test_the_day_is_found_by_the_name_it_shares_with_the_time() -> None:
    gained = pair(OUTLOOK, CELLS, start_time=2)
    assert gained == {"start_time": 1, "start_time@time": 2}
    together = "“Start Date” and “Start Time” are read together as “Start”."
    assert halves.doubts(gained, COLUMNS, OUTLOOK) == [together]
    assert halves.doubts({"start_time": 1}, COLUMNS, [*OUTLOOK, "All day event"]) == []
    assert halves.doubts(gained, COLUMNS, [*OUTLOOK, "All day event"]) == [
        together,
        "“All day event” is not looked at: what lasts all day begins when its time says.",
    ]


def test_and_the_time_by_that_of_the_day() -> None:
    assert pair(OUTLOOK, CELLS, start_time=1, end=3) == {
        "start_time": 1,
        "start_time@time": 2,
        "end": 3,
        "end@time": 4,
    }


def test_without_names_in_common_the_column_beside_it_is_taken() -> None:
    header = ["Topic", "Beginn", "Uhrzeit", "Stand"]
    assert pair(header, ["T", "24.12.2026", "10:30", "9:00"], start_time=1) == {
        "start_time": 1,
        "start_time@time": 2,
    }


def test_where_two_could_be_meant_nothing_is_taken() -> None:
    assert pair(["Topic", "A", "B", "C"], ["T", "10:30", "24.12.2026", "9:00"], start_time=2) == {}


@pytest.mark.parametrize(
    ("header", "cells", "mapping"),
    [
        (["Topic", "Start Date", "Length"], ["T", "24.12.2026", "0:45"], {"start_time": 1}),
        (["Start Date", "x", "y", "Stand"], ["24.12.2026", "a", "b", "0:45"], {"start_time": 0}),
        (["topic", "start_date", "end_time"], ["T", "24.12.2026", "9:00"], {"start_time": 1}),
        (["topic", "startDate", "untilTime"], ["T", "24.12.2026", "9:00"], {"start_time": 1}),
        (["Topic", "Birthday", "Best time to call"], ["T", "24.12.2006", "9:00"], {"topic": 0}),
        (["Topic", "Start Time", "End Date"], ["T", "9:00", "24.12.2026"], {"topic": 0, "start_time": 1}),
        (["Topic", "End Date", "End Time"], ["T", "24.12.2026", "9:00"], {"topic": 0}),
    ],
)
def test_what_does_not_belong_together_is_not_paired(
    header: list[str], cells: list[str], mapping: dict[str, int]
) -> None:
    assert pair(header, cells, **mapping) == {}


def test_of_many_rows_a_few_may_be_wrong() -> None:
    good = [CELLS] * 19
    assert pair(OUTLOOK, *good, ["Talk", "24.12.2026", "noon", "", ""], start_time=2) == {
        "start_time": 1,
        "start_time@time": 2,
    }


def test_a_column_that_has_our_own_name_for_it_is_taken_whatever_it_holds() -> None:
    header = ["topic", "start_time", "start_time@time"]
    assert pair(header, ["T", "24.12.2026", "10.30"], topic=0, start_time=1) == {"start_time@time": 2}


def test_moments_in_utc_have_no_halves() -> None:
    assert halves.choices([START, Column("until", "Until", "", UtcMoment())]) == [
        ("start_time@time", "Start: time of day")
    ]


def test_a_file_with_one_day_and_one_time_has_one_moment() -> None:
    assert pair(["Topic", "Date", "Time"], ["T", "3/4/2026", "2 pm"], topic=0) == {
        "start_time": 1,
        "start_time@time": 2,
    }
    assert pair(["Topic", "Date"], ["T", "3/4/2026"], topic=0) == {}


def test_one_whole_moment_among_the_days_and_nothing_is_paired() -> None:
    assert pair(OUTLOOK, CELLS, ["Talk", "24.12.2026 9:00", "10:30", "", ""], start_time=1) == {}


def test_a_time_without_a_column_for_its_day_is_told() -> None:
    assert list(halves.lonely({"start_time@time": 2}, COLUMNS)) == [
        (2, "Choose a column for “Start”, too: it holds the day.")
    ]
    assert list(halves.lonely({"start_time@time": 2, "start_time": 1}, COLUMNS)) == []


def check(*cells: str) -> Checked:
    checks: Any = {column.name: compiled(column.field) for column in COLUMNS}  # type: ignore[arg-type]  # all have one
    mapping = {"topic": 0, "start_time": 1, "start_time@time": 2}
    return RowChecker(COLUMNS, checks, mapping, ["Topic", "Date", "Time"])(Row(2, 2, 2, ["T", *cells]))


def test_a_row_is_read_with_both_and_what_it_lacks_is_told_beside_the_day() -> None:
    assert check("Dec 24, 2026", " 2:30 PM ").values["start_time"] == "2026-12-24T14:30:00"
    assert check("2026-12-24", "10:30:00").values["start_time"] == "2026-12-24T10:30:00"
    assert check("", "").problems == {}
    assert check("", "10:30").problems == {"Date": [DATELESS]}
    assert check("24.12.2026", "").problems == {"Date": [TIMELESS]}
    assert check("2026-12-24T00:00:00", "").problems == {"Date": [TIMELESS]}
    assert check("24.12.2026", "10:\u200b30").problems == {"Time": [TIME_UNCLEAR]}
    assert check("24.12.2026", "noon").problems == {"Time": [TIME_UNCLEAR]}
    assert check("24.12.2026", "0.25").problems == {"Time": [FRACTION]}
    assert check("24.12.2026", "-05:00").problems == {"Time": [TIME_UNCLEAR]}
    assert check("46387", "10:30").problems == {"Date": [SERIAL]}
    assert [list(check(*cells).problems) for cells in (("#####", "10:30"), ("24.12.2026", "####"))] == [
        ["Date"],
        ["Time"],
    ]
