"""Dates and times as the wire writes them."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from zoomapi.client.validation import plain
from zoomapi.spec.describe import Kind, kind_of
from zoomapi.spec.fields import day, local_moment, utc_moment
from zoomapi.spec.times import as_text

DENVER = ZoneInfo("America/Denver")


def verdict(field: Any, value: Any) -> Any:
    """Return the value as the field understands it, or its complaint."""
    try:
        return field.run_validation(value)
    except ValidationError as refused:
        return [str(message) for message in refused.detail]


@pytest.mark.parametrize(
    ("given_value", "understood"),
    [
        ("2018-07-01T09:00:00", "2018-07-01T09:00:00"),
        ("2018-07-01T09:00:00Z", "2018-07-01T09:00:00Z"),
        ("2018-07-01T09:00", "2018-07-01T09:00:00"),
        ("2018-07-01 09:00:00", "2018-07-01T09:00:00"),
        ("2017-1-9T3:00:00Z", "2017-01-09T03:00:00Z"),
        ("2018-07-01T09:00:00.123Z", "2018-07-01T09:00:00Z"),
        (dt.datetime(2018, 7, 1, 9), "2018-07-01T09:00:00"),  # noqa: DTZ001 - local on purpose
        (dt.datetime(2018, 7, 1, 9, tzinfo=DENVER), "2018-07-01T15:00:00Z"),
    ],
)
def test_a_local_time_stays_local_and_utc_stays_utc(given_value: Any, understood: str) -> None:
    assert verdict(local_moment("Start", "When."), given_value) == understood


@pytest.mark.parametrize(
    "value",
    [
        "2018-07-01",
        "2018-07-01T09:00:00+02:00",
        "2018-02-30T09:00:00",
        "soon",
        1530435600,
        True,
        "\uff12018-07-01T09:00",
    ],
)
def test_anything_else_is_refused_with_an_example(value: Any) -> None:
    told = ["Write 2018-07-01T09:00:00Z for UTC, or the same without Z for local time."]
    assert verdict(local_moment("Start", "When."), value) == told


def test_the_end_of_a_recurrence_must_be_utc() -> None:
    field = utc_moment("Last date", "When.")
    assert verdict(field, "2018-07-01T09:00:00Z") == "2018-07-01T09:00:00Z"
    assert verdict(field, "2018-07-01T09:00:00") == ["This must be UTC, written like 2018-07-01T09:00:00Z."]


@given(st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(9999, 12, 30)), st.booleans())  # noqa: DTZ001 - both kinds
def test_no_z_ever_comes_or_goes(moment: dt.datetime, utc: bool) -> None:
    text = moment.replace(microsecond=0).isoformat() + ("Z" if utc else "")
    assert verdict(local_moment("Start", "When."), text) == text


@given(st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)))  # noqa: DTZ001 - given its zone below
def test_a_time_with_a_zone_keeps_its_moment(moment: dt.datetime) -> None:
    here = moment.replace(tzinfo=DENVER, microsecond=0)
    assert dt.datetime.fromisoformat(as_text(here)) == here.astimezone(dt.UTC)


def test_the_client_writes_zoned_times_in_utc_and_leaves_local_ones_alone() -> None:
    assert plain(dt.datetime(2018, 12, 1, 9, tzinfo=DENVER)) == "2018-12-01T16:00:00Z"
    assert plain(dt.datetime(2018, 12, 1, 9)) == "2018-12-01T09:00:00"  # noqa: DTZ001 - local on purpose


@pytest.mark.parametrize(
    ("value", "understood"),
    [
        ("2018-07-01", dt.date(2018, 7, 1)),
        ("2018-07-01T23:59:59Z", dt.date(2018, 7, 1)),
        ("2018-07-01T00:00:00", dt.date(2018, 7, 1)),
        ("2018-07-01T23:00:00+02:00", dt.date(2018, 7, 1)),
        ("2018-07-01T23:00:00 02:00", dt.date(2018, 7, 1)),
        ("2018-07-01T23:00:00.000-0700", dt.date(2018, 7, 1)),
        ("2018-07-01 23:00", dt.date(2018, 7, 1)),
        (dt.datetime(2018, 7, 1, 9, tzinfo=dt.UTC), dt.date(2018, 7, 1)),
        (dt.date(2018, 7, 1), dt.date(2018, 7, 1)),
    ],
)
def test_a_date_time_counts_as_its_day(value: Any, understood: dt.date) -> None:
    assert verdict(day("From", "First day."), value) == understood


@pytest.mark.parametrize("value", ["July", "2018-13-01", "2018-02-30T00:00:00Z", "2018-07-01+02:00", 20180701, None])
def test_what_is_no_day_is_refused(value: Any) -> None:
    assert isinstance(verdict(day("From", "First day."), value), list)


@pytest.mark.parametrize("hours", [14, -12])
def test_a_moment_that_utc_cannot_write_is_refused(hours: int) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    edge = dt.datetime(1, 1, 1, tzinfo=zone) if hours > 0 else dt.datetime(9999, 12, 31, 23, tzinfo=zone)
    assert verdict(local_moment("Start", "When."), edge) == verdict(local_moment("Start", "When."), "no moment")


def test_such_fields_have_their_kinds() -> None:
    kinds = [kind_of(field("A", "B.")) for field in (local_moment, utc_moment, day)]
    assert kinds == [Kind.DATETIME, Kind.DATETIME, Kind.DATE]
