"""What the directory makes of values that are not as documented."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone as current
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.directory.records import moment
from portal.ui.formats import clock, day, when

# The ends of the world's zones: what is near the ends of the calendar must be writable in both.
ZONES = [ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12"), ZoneInfo("America/New_York")]
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
WRITTEN = st.datetimes(timezones=st.one_of(st.none(), st.just(UTC), OFFSETS)).map(lambda found: found.isoformat())


@settings(deadline=None)
@given(text=st.one_of(st.text(max_size=30), WRITTEN, WRITTEN.map(lambda text: text.replace("1", "0", 2))))
@example("2018-02-30T00:00:00Z")
@example("0000-00-00T00:00:00Z")
@example("0001-01-01T00:00:00Z")
@example("9999-12-31T23:59:59Z")
@example("2018-07-01T00:00:00+99:99")
def test_fault_R26_any_time_can_be_read_and_written_in_any_zone(text: str) -> None:
    found = moment(text)
    for zone in ZONES:
        with current.override(zone):
            assert [bool(write(found)) for write in (when, day, clock)] == [True, True, True]
    assert when(text)  # as given, where nobody read it


@pytest.mark.parametrize("text", ["2018-02-30T09:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "soon", None])
def test_fault_R26_a_time_that_cannot_be_is_none(text: str | None) -> None:
    assert moment(text) is None


def test_fault_R26_a_time_without_a_zone_is_taken_as_utc() -> None:
    assert moment("2018-07-01T09:00:00") == moment("2018-07-01T09:00:00Z") == datetime(2018, 7, 1, 9, tzinfo=UTC)
