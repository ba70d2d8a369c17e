"""Dates with slashes: what they prove, and how they are read once it is clear which number is the month."""

from typing import Any

import pytest
from rest_framework import serializers

from portal.bulk.files import slashes
from portal.bulk.files.checks import compiled
from portal.bulk.files.columns import Column
from portal.bulk.files.reader import Row
from portal.bulk.files.refusal import Bad
from portal.bulk.files.slashes import DAY_FIRST, MONTH_FIRST
from portal.bulk.files.times import TIME_UNCLEAR, TIMELESS
from zoomapi.spec.times import Day, LocalMoment

START = Column("start_time", "Start", "", LocalMoment())
TOPIC = Column("topic", "Topic", "", serializers.CharField())
COLUMNS = [TOPIC, START, Column("end", "End", "", Day())]


def verdict(text: str, order: str, field: Any = None) -> Any:
    column = Column("start_time", "Start", "", field or LocalMoment())
    check = slashes.reading({"start_time": compiled(column.field)}, [column], order)["start_time"]  # type: ignore[arg-type]  # it has a field
    try:
        return check(text)
    except Bad as bad:
        return list(bad.messages)


@pytest.mark.parametrize(
    ("text", "order", "value"),
    [
        ("12/24/2026 10:30", MONTH_FIRST, "2026-12-24T10:30:00"),
        ("24/12/2026 10:30", DAY_FIRST, "2026-12-24T10:30:00"),
        ("3/4/2026 9:05:07", MONTH_FIRST, "2026-03-04T09:05:07"),
        ("3/4/2026 9:05:07", DAY_FIRST, "2026-04-03T09:05:07"),
        ("3/4/26, 2:30 PM", MONTH_FIRST, "2026-03-04T14:30:00"),
        ("3/4/2026 12:00 AM", MONTH_FIRST, "2026-03-04T00:00:00"),
        ("3/4/2026 12:15 p.m.", DAY_FIRST, "2026-04-03T12:15:00"),
        ("2026-12-24T10:30:00", MONTH_FIRST, "2026-12-24T10:30:00"),
        ("24.12.2026 10:30", MONTH_FIRST, "2026-12-24T10:30:00"),
        ("12/24/2026", MONTH_FIRST, [TIMELESS]),
        ("24/12/2026 10:30", MONTH_FIRST, ["There is no month 24: dates with slashes are read with the month first."]),
        ("12/24/2026 10:30", DAY_FIRST, ["There is no month 24: dates with slashes are read with the day first."]),
        ("12/24/2026 14:30 PM", MONTH_FIRST, ["There is no 14 o'clock with AM or PM."]),
        ("02/30/2026 10:30", MONTH_FIRST, ["There is no such day."]),
        ("12/31/0027 10:30", MONTH_FIRST, ["The year 0027 cannot be meant."]),
        ("12/31/2026 2 PM", MONTH_FIRST, "2026-12-31T14:00:00"),
        ("12/31/2026 at 2:00PM", MONTH_FIRST, "2026-12-31T14:00:00"),
        ("12/31/2026 - 2.05 p.m.", MONTH_FIRST, "2026-12-31T14:05:00"),
        ("12/31/2026\u00a014:00", MONTH_FIRST, "2026-12-31T14:00:00"),
        ("12/31/2026T14:00Z", MONTH_FIRST, "2026-12-31T14:00:00Z"),
        ("12/31/2026 noon", MONTH_FIRST, [TIME_UNCLEAR]),
        ("12/31/2026 14", MONTH_FIRST, [TIME_UNCLEAR]),
        ("12/31/2026 25:00", MONTH_FIRST, [TIME_UNCLEAR]),
        ("12/31/2026 0:30 AM", MONTH_FIRST, "2026-12-31T00:30:00"),
    ],
)
def test_a_date_is_read_in_the_order_that_was_said(text: str, order: str, value: Any) -> None:
    assert verdict(text, order) == value


def test_a_day_needs_no_time() -> None:
    assert verdict("12/24/26", MONTH_FIRST, Day()) == "2026-12-24"


def test_only_columns_of_dates_are_read_so() -> None:
    checks = slashes.reading({"topic": str, "start_time": compiled(LocalMoment())}, COLUMNS, DAY_FIRST)
    assert (checks["topic"]("3/4/2026"), checks["start_time"]("3/4/2026 9:00")) == ("3/4/2026", "2026-04-03T09:00:00")


def shown(*cells: str, **mapping: int) -> slashes.Seen:
    dates = slashes.Dates(2)
    for number, cell in enumerate(cells, 2):
        dates.add(Row(number, number, number, ["13/4/2026", cell]))
    return slashes.seen_in(dates.as_dict(), COLUMNS, mapping or {"topic": 0, "start_time": 1})


def test_one_number_above_twelve_proves_the_order_of_all() -> None:
    assert shown("3/4/2026 9:00", " 12/24/2026 9:00 ").order == MONTH_FIRST
    assert shown("3/4/2026 9:00", "24/12/2026").order == DAY_FIRST
    assert shown("3/4/2026", '="24/12/2026"').doubt == (
        "“24/12/2026” in line 3 has the day first, so all dates with slashes are read so."
    )


def test_what_proves_nothing_or_both_is_left_to_a_person() -> None:
    assert shown("3/4/2026 9:00").order == ""
    assert shown("3/4/2026 9:00").doubt == (
        "“3/4/2026 9:00” in line 2 may begin with the day or with the month: say which below."
    )
    both = shown("24/12/2026", "12/24/2026")
    assert both.order == ""
    assert both.doubt.startswith("“24/12/2026” in line 2 begins with the day and “12/24/2026” in line 3 with the month")


@pytest.mark.parametrize("text", ["31/13/2026", "13/13/2026", "00/31/2026", "2/30/2026", "26/12/31", "31/12/26"])
def test_what_is_a_date_in_no_order_or_perhaps_in_a_third_proves_nothing(text: str) -> None:
    assert shown(text).order == ""


def test_columns_together_prove_what_one_alone_does_and_may_contradict_each_other() -> None:
    assert shown("12/24/2026", end=0).order == DAY_FIRST
    assert shown("12/24/2026", start_time=1, end=0).order == ""
    assert "begins with the day and “12/24/2026”" in shown("12/24/2026", start_time=1, end=0).doubt


def test_dates_written_in_both_ways_in_one_column_may_have_exchanged_their_numbers() -> None:
    told = (
        "“2026-05-06” in line 2 is written in another way: if a spreadsheet made it of such a text, day and month may"
    )
    assert told in shown("2026-05-06", "12/24/2026").doubt
    assert shown("2026-05-06").doubt == ""


def test_a_value_for_all_rows_is_looked_at_like_a_cell() -> None:
    seen = slashes.seen_in({}, COLUMNS, {}, {"start_time": "24/12/2026 9:00", "topic": "12/24/2026"})
    assert (seen.order, seen.doubt.partition(" has")[0]) == (DAY_FIRST, "“24/12/2026 9:00” for all rows")


def test_a_text_of_any_length_and_a_row_of_any_width_are_looked_at_in_no_time() -> None:
    assert shown("1/1/26" + " " * 1_000_000 + "x").doubt == ""
    dates = slashes.Dates(2)
    dates.add(Row(2, 2, 2, ["1/1/26"] * 140_000))
    assert list(dates.as_dict()) == ["0", "1"]


def test_white_space_within_a_date_is_one_blank() -> None:
    assert shown("12/24/2026\r\n10:30").doubt.startswith("“12/24/2026 10:30” in line 2 has the month first")
    assert verdict("12/24/2026\n10:30", MONTH_FIRST) == "2026-12-24T10:30:00"


def test_what_cannot_be_read_proves_nothing() -> None:
    assert (shown("13/5/2027 99").order, shown("13/5/2027 25:00").order) == ("", "")
    assert "may begin with the day" in shown("13/5/2027 25:00").doubt


POINTS = (
    "“12.24.2026 9:00” in line 3 has points and the month first. Where points stand between the numbers the day is "
    "read first: such rows are errors, or are read wrongly where both numbers are below 13."
)


def test_a_date_with_points_whose_second_number_cannot_be_a_month_is_told() -> None:
    seen = shown("03.04.2026 9:00", '="12.24.2026  9:00"', "24.12.2026")
    assert (seen.doubt, seen.order, seen.asks) == (POINTS, "", False)
    both = shown("3/4/2026", "12.24.2026 9:00")
    assert both.doubt == f"“3/4/2026” in line 2 may begin with the day or with the month: say which below. {POINTS}"
    assert (both.order, both.asks) == ("", True)


@pytest.mark.parametrize(
    "text", ["12.32.2026", "13.13.2026", "02.30.2026", "12.24.26", "1.2.3", "192.168.20.26", "12.24"]
)
def test_what_is_no_date_with_the_month_first_raises_no_doubt(text: str) -> None:
    assert shown(text).doubt == ""


def test_a_value_for_all_rows_with_points_and_the_month_first_is_told() -> None:
    seen = slashes.seen_in({}, COLUMNS, {}, {"start_time": "12.24.2026 9:00"})
    assert seen.doubt == POINTS.replace("in line 3", "for all rows")


def test_other_dates_and_other_columns_raise_no_doubt() -> None:
    assert shown("2026-12-24T10:30:00", "24.12.2026 10:30", "a/b").doubt == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2026-03-04T09:00:00", "4 Mar 2026, 09:00"),
        ("2026-03-04T09:00:00Z", "4 Mar 2026, 09:00 UTC"),
        ("2026-12-24", "24 Dec 2026"),
    ],
)
def test_a_date_is_told_with_the_name_of_its_month(value: str, text: str) -> None:
    assert slashes.plainly(value) == text
