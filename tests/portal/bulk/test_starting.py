"""The form that starts a job: a time that was filled in is never passed over."""

from datetime import time

import pytest

from portal.access.models import Staff
from portal.bulk.models import Job, JobState
from portal.bulk.starting import StartForm
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import ClientOf, address, job_of

LATER = "2099-06-01T22:00"
NOW_CHOSEN = "You filled in a time, but “Now” is chosen. Choose “{}”, or empty this field."
AT, DAILY = NOW_CHOSEN.format("At a later time"), NOW_CHOSEN.format("Only within a daily window")

NOT_DAILY, NOT_LATER = DAILY.replace("Now", "At a later time"), AT.replace("Now", "Only within a daily window")


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"at": LATER}, {"at": [AT]}),
        ({"when": "now", "at": LATER}, {"at": [AT]}),
        ({"when": "now", "window_from": "22:00"}, {"window_from": [DAILY]}),
        ({"when": "now", "window_to": "06:00"}, {"window_to": [DAILY]}),
        ({"when": "now", "window_from": "22:00", "window_to": "06:00"}, {"window_from": [DAILY]}),
        ({"when": "later", "at": LATER, "window_from": "22:00"}, {"window_from": [NOT_DAILY]}),
        ({"when": "daily", "at": LATER, "window_from": "22:00", "window_to": "06:00"}, {"at": [NOT_LATER]}),
        ({}, {}),
        ({"when": "now"}, {}),
        ({"when": "later", "at": LATER}, {}),
        ({"when": "daily", "window_from": "22:00", "window_to": "06:00"}, {}),
    ],
)
def test_a_time_that_another_choice_would_pass_over_is_refused(
    data: dict[str, str], wrong: dict[str, list[str]]
) -> None:
    assert dict(StartForm(data).errors) == wrong


def test_a_window_is_taken_as_it_was_said() -> None:
    form = StartForm({"when": "daily", "window_from": "22:00", "window_to": "06:00"})
    assert (form.is_valid(), form.at_time, form.window and form.window.begin) == (True, None, time(22))


@pytest.mark.django_db
def test_a_refused_time_loses_nothing_and_the_job_does_not_begin(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job = job_of(olga, acme)
    answer = client_of(olga).post(address("schedule", job), {"when": "now", "at": LATER, "reason": "At night"})
    page = answer.content.decode()
    assert (answer.status_code, AT in page, f'value="{LATER}"' in page, 'value="At night"' in page) == (
        422, True, True, True,
    )  # fmt: skip
    assert Job.objects.get().state == JobState.READY
