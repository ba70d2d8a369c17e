"""How far a job is, and when it will be done."""

from collections.abc import Sequence

import pytest
from django.utils import timezone

from portal.access.models import Staff
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import ClientOf, address, job_of

pytestmark = pytest.mark.django_db
DONE, NOT_DONE, REVIEW, SKIPPED = ItemState.DONE, ItemState.CANCELLED, ItemState.REVIEW, ItemState.SKIPPED


def put(job: Job, states: Sequence[str], state: str) -> None:
    """Let the job be in that state, and its rows in those."""
    for row, item_state in enumerate(states, 1):
        Item.objects.filter(job=job, row=row).update(state=item_state)
    ended = None if state == JobState.NEEDS_REVIEW else timezone.now()
    Job.objects.filter(pk=job.pk).update(state=state, started_at=timezone.now(), ended_at=ended)


@pytest.mark.parametrize(
    ("states", "state", "bar"),
    [
        ((DONE, DONE, DONE, NOT_DONE), JobState.CANCELLED, "3 of 4 rows done (75 %)"),
        ((REVIEW, REVIEW, REVIEW, REVIEW), JobState.NEEDS_REVIEW, "0 of 4 rows done (0 %)"),
        (
            (DONE, SKIPPED, SKIPPED, ItemState.FAILED),
            JobState.DONE_WITH_ERRORS,
            "3 of 4 rows done or with nothing to do (75 %)",
        ),
    ],
)
def test_only_what_is_done_counts_as_done(
    acme: SubAccount, olga: Staff, client_of: ClientOf, states: Sequence[str], state: str, bar: str
) -> None:
    job = job_of(olga, acme, 4)
    put(job, states, state)
    assert bar in client_of(olga).get(address("job", job)).content.decode()


def test_a_job_that_needs_a_decision_says_so_and_not_that_it_ended(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job = job_of(olga, acme)
    put(job, (DONE, REVIEW, REVIEW), JobState.NEEDS_REVIEW)
    page = client_of(olga).get(address("job", job)).content.decode()
    assert ("2 rows wait for a decision." in page, "Ended <time" in page) == (True, False)
    put(job, (DONE, DONE, DONE), JobState.DONE)
    page = client_of(olga).get(address("job", job)).content.decode()
    assert ("wait for a decision" in page, "Ended <time" in page) == (False, True)


def test_where_rows_have_several_steps_calls_are_counted_by_that_name(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job = job_of(olga, acme, 3)
    Item.objects.filter(row=3).update(row=2, step=1)
    put(job, (DONE, DONE), JobState.DONE)
    page = client_of(olga).get(address("job", job)).content.decode()
    assert ("3 of 3 calls done (100 %)" in page, "Calls of 2 rows: some rows need several." in page) == (True, True)
