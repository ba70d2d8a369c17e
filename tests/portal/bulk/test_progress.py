"""How far a job is, and when it will be done."""

import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
from django.utils import timezone

from portal.access.models import Staff
from portal.bulk import operations, pace
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.progress import forecast, progress_of
from portal.directory.models import SubAccount
from portal.gateway.credentials import auth_of
from portal.gateway.permits import permits
from portal.ui.formats import clock, zone_name
from tests.portal.bulk.views.test_pages import ClientOf, address, job_of
from zoomapi.client.errors import NoPermit
from zoomapi.spec.limits import GENERAL

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


def unclear(job: Job, row: int, seconds: float) -> datetime:
    """Let the outcome of a row be unclear; it is looked up after so many seconds."""
    at = timezone.now() + timedelta(seconds=seconds)
    Item.objects.filter(job=job, row=row).update(
        state=ItemState.UNKNOWN, attempt=1, not_before=at, object_key=f"mail:{row}"
    )
    return at


def running(owner: Staff, account: SubAccount, *ended: int) -> Job:
    """A started job of three rows, of which these have ended."""
    job = job_of(owner, account)
    operations.start(job, owner)
    Item.objects.filter(job=job, row__in=ended).update(state=DONE, attempt=1, ended_at=timezone.now())
    job.refresh_from_db()
    return job


def test_a_job_that_waits_to_look_things_up_says_until_when(acme: SubAccount, olga: Staff) -> None:
    job = running(olga, acme, 1)
    unclear(job, 2, 90)
    at = unclear(job, 3, 300)
    found = progress_of(job)
    assert found.pace == f"Waits until {clock(at)} to look up 2 unclear outcomes"
    assert 298 < (found.seconds_left or 0) <= 300


def test_rows_that_are_sent_meanwhile_have_their_pace(acme: SubAccount, olga: Staff) -> None:
    job = running(olga, acme)
    at = unclear(job, 2, 300)
    found = progress_of(job)
    assert found.pace == f"about 5 min left, waits until {clock(at)} to look up 1 unclear outcome"
    assert 298 < (found.seconds_left or 0) <= 300


def test_a_forecast_waits_for_what_another_job_has_sent_for_the_same_object(acme: SubAccount, olga: Staff) -> None:
    first, second = running(olga, acme, 2, 3), running(olga, acme, 2, 3)
    unclear(first, 1, 300)
    assert (progress_of(second).seconds_left or 0) < 10
    Item.objects.filter(job=second, row=1).update(object_key="mail:1")
    assert 298 < (progress_of(second).seconds_left or 0) <= 300


def test_the_end_of_a_job_that_looks_things_up_is_told_as_the_earliest(
    acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    job, earliest = running(olga, acme, 1), "</time> at the earliest"
    page = client_of(olga).get(address("progress", job)).content.decode()
    assert (" left, ends <time" in page, earliest in page) == (True, False)
    unclear(job, 2, 300)
    page = client_of(olga).get(address("progress", job)).content.decode()
    assert (", ends <time" in page, earliest in page) == (True, True)


def test_the_first_call_is_announced_with_the_zone(acme: SubAccount, olga: Staff) -> None:
    job = running(olga, acme)
    first = timezone.now() + timedelta(seconds=60)
    Item.objects.filter(job=job).update(not_before=first)
    local = timezone.localtime(first)
    told = f"The first call is made at {local:%H:%M:%S} {zone_name(local)}, and until then the job can be cancelled"
    assert progress_of(job).pace == told


def test_a_forecast_goes_by_the_margin_that_the_gauge_shows(
    acme: SubAccount, olga: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.connection.api_key = uuid.uuid4().hex  # what is learnt outlives a test
    job, keeper, credential = job_of(olga, acme, 97), permits(), auth_of(acme.connection).identity
    assert forecast(job) == pytest.approx(10.0)
    keeper.pause(credential, GENERAL, 0, named=False)
    monkeypatch.setattr(pace, "FRESH", 1e-3)
    assert forecast(job) == pytest.approx(9.7 * (1 + keeper.standing(credential, GENERAL).margin), rel=0.01)
    assert forecast(job) > 13.5
    monkeypatch.setattr(keeper, "standing", Mock(side_effect=NoPermit("Nobody answers.", wait=1.0)))
    time.sleep(0.002)
    assert forecast(job) == pytest.approx(10.0)


def test_a_page_asks_the_store_of_the_limits_once_in_a_while(
    acme: SubAccount, olga: Staff, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "FRESH", 1e6)
    job, browser = job_of(olga, acme), client_of(olga)
    asked = Mock(wraps=permits().standing)
    monkeypatch.setattr(permits(), "standing", asked)
    for _ in range(3):
        browser.get(address("job", job))
    assert asked.call_count == 1


def test_a_forecast_counts_the_reads_before_creations(
    acme: SubAccount, olga: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_margin", lambda *_: 0.0)
    job = job_of(olga, acme, 97)
    Item.objects.filter(job=job).update(endpoint="meetings.create")
    assert forecast(job) == pytest.approx(40.0)  # three lists are read before each of them
    Item.objects.filter(job=job, row__lte=48).update(baseline={"ids": []})
    Item.objects.filter(job=job, row=49).update(first_sent=timezone.now())
    assert forecast(job) == pytest.approx((97 + 48 * 3) / 9.7)
