"""Moments in forms: what is there, or was typed, is shown again, whatever it is."""

import pytest
from django import forms
from django.utils import timezone

from portal.ui.specfields import MomentField


class Meeting(forms.Form):
    start = MomentField(required=False)


@pytest.mark.parametrize(
    "text", ["2018-02-30T09:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00Z"]
)
def test_fault_R26_a_time_that_cannot_be_is_shown_as_given(text: str) -> None:
    with timezone.override("Pacific/Kiritimati" if text.startswith("9") else "Etc/GMT+12"):
        assert Meeting(initial={"start": text})["start"].value() == text
        assert Meeting({"start": text})["start"].value() == text


def test_a_moment_is_shown_in_the_zone_of_the_person() -> None:
    with timezone.override("Europe/Berlin"):
        shown = str(Meeting(initial={"start": "2018-07-01T09:00:00Z"})["start"])
    assert 'value="2018-07-01T11:00"' in shown


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_fault_R26_a_year_no_zone_can_turn_is_refused_beside_the_field(text: str) -> None:
    with timezone.override("Asia/Tokyo"):
        form = Meeting({"start": text})
        assert form.errors["start"] == ["Give a year from 1900 to 8999."]
