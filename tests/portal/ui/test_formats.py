from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from portal.bulk.models import ItemState, JobState
from portal.ui import formats
from portal.ui.templatetags.ui import status

MOMENT = datetime(2026, 11, 22, 8, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", "22 Nov 2026, 09:12 CET"),
        ("America/New_York", "22 Nov 2026, 03:12 EST"),
        ("Asia/Dubai", "22 Nov 2026, 12:12 UTC+04"),
        ("UTC", "22 Nov 2026, 08:12 UTC"),
    ],
)
def test_fault_U23_a_moment_is_written_in_the_persons_zone_with_the_zone(zone: str, text: str) -> None:
    with timezone.override(zone):
        assert formats.moment_text(MOMENT) == text


def test_a_moment_carries_how_long_ago_it_was() -> None:
    drawn = formats.when(timezone.now() - timedelta(hours=3, minutes=5))
    assert 'title="3 hours ago"' in drawn
    assert drawn.startswith("<time datetime=")


def test_a_local_time_without_a_zone_gets_none() -> None:
    naive = datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001  # as some answers carry it
    assert formats.when(naive) == '<time datetime="2026-01-02T03:04:00">2 Jan 2026, 03:04</time>'


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=2), "just now"),
        (timedelta(seconds=59), "59 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=90), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
        (-timedelta(hours=2), "in 2 hours"),
    ],
)
def test_distances_are_said_in_words(distance: timedelta, text: str) -> None:
    assert formats.ago(MOMENT, MOMENT + distance) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1,234,567"),
        (0, "0"),
        (True, "Yes"),
        (False, "No"),
        (date(2026, 1, 2), '<time datetime="2026-01-02">2 Jan 2026</time>'),
        ("<b>", "&lt;b&gt;"),
        (["a", "<i>"], "a, &lt;i&gt;"),
        (None, formats.ABSENT),
        ("", formats.ABSENT),
        ([], formats.ABSENT),
    ],
)
def test_any_value_is_shown_safely(value: object, text: str) -> None:
    assert formats.shown(value) == text


def test_a_badge_escapes_its_text_and_takes_its_colour_from_the_word() -> None:
    assert formats.badge("Failed") == '<span class="badge bad">Failed</span>'
    assert formats.badge("<x>", "good") == '<span class="badge good">&lt;x&gt;</span>'
    assert formats.badge("Whatever") == '<span class="badge muted">Whatever</span>'


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        (JobState.READY, "info"),
        (JobState.DONE, "good"),
        (JobState.DONE_WITH_ERRORS, "warn"),
        (JobState.NEEDS_REVIEW, "warn"),
        (ItemState.SENDING, "info"),
        (ItemState.INVALID, "bad"),
        (ItemState.CANCELLED, "muted"),
    ],
)
def test_states_of_work_have_the_colour_of_what_they_mean(state: JobState | ItemState, tone: str) -> None:
    assert status(state) == f'<span class="badge {tone}">{state.label}</span>'


def test_an_icon_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in formats.icon("users")


@pytest.mark.parametrize(("used", "of", "tone"), [(2, 12, ""), (11, 12, "warn"), (12, 12, "warn"), (13, 12, "bad")])
def test_a_meter_warns_when_nearly_all_is_used(used: int, of: int, tone: str) -> None:
    drawn = formats.meter(used, of, "seats <used>")
    assert drawn.startswith(f'<span class="meter progress {tone}"><progress value="{used}" max="{of}"')
    assert "seats &lt;used&gt;" in drawn
    assert f"{used} / {of}" in drawn


def test_a_meter_of_what_is_not_scarce_never_warns() -> None:
    assert formats.meter(10, 10, "slots", scarce=False).startswith('<span class="meter progress "><progress value="10"')


def test_a_meter_of_nothing_divides_by_nothing() -> None:
    assert 'max="1"' in formats.meter(0, 0, "seats")
