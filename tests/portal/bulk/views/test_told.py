"""What the page of a job tells beside its figures."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk import operations, preparing
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.progress import progress_of
from portal.bulk.schedule import give_grace
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import ClientOf, address, job_of
from tests.support.choosing import confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(acme: SubAccount, olga: Staff) -> Job:
    return job_of(olga, acme)


def test_a_paused_job_forecasts_nothing(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    operations.start(job, olga)
    seen = [" left, ends " in browser.get(address("progress", job)).content.decode()]
    browser.post(address("pause", job))
    seen.append(" left, ends " in browser.get(address("progress", job)).content.decode())
    assert seen == [True, False]


def test_a_job_with_time_for_second_thoughts_says_when_its_first_call_is_made(
    job: Job, olga: Staff, client_of: ClientOf
) -> None:
    give_grace(job)
    operations.start(job, olga)
    told = "and until then the job can be cancelled"
    assert told in client_of(olga).get(address("job", job)).content.decode()
    assert 50 < (progress_of(job).seconds_left or 0) < 65
    Item.objects.filter(pk=job.items.all()[0].pk).update(state=ItemState.DONE, attempt=1)
    assert told not in client_of(olga).get(address("job", job)).content.decode()


def test_the_minute_for_second_thoughts_does_not_count_as_slowness(acme: SubAccount, olga: Staff) -> None:
    job = job_of(olga, acme, 30)
    operations.start(job, olga)
    now = timezone.now()
    Job.objects.update(started_at=now - timedelta(seconds=60))
    ended = {"state": ItemState.DONE, "attempt": 1, "ended_at": now - timedelta(seconds=2)}
    Item.objects.filter(pk__in=[item.pk for item in job.items.all()[:20]]).update(**ended)
    job.refresh_from_db()
    assert 5 < progress_of(job).rate <= 10


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((ItemState.FAILED, ItemState.DONE), "Retry failed"),
        ((ItemState.FAILED, ItemState.CANCELLED), "Retry failed and not done"),
        ((ItemState.DONE, ItemState.CANCELLED), "Run what was not done"),
    ],
)
def test_the_button_names_all_rows_it_would_send_again(
    job: Job, olga: Staff, client_of: ClientOf, states: tuple[str, str], words: str
) -> None:
    Job.objects.update(state=JobState.CANCELLED)
    first, *others = job.items.all()
    Item.objects.filter(pk=first.pk).update(state=states[0])
    Item.objects.filter(pk__in=[item.pk for item in others]).update(state=states[1])
    assert f"{words}</button>" in client_of(olga).get(address("job", job)).content.decode()


def test_what_is_wrong_with_a_row_is_told_once(job: Job, olga: Staff, client_of: ClientOf) -> None:
    wrong = {"state": ItemState.INVALID, "errors": {"Email": ["Not an address."]}, "message": "Email: Not an address."}
    Item.objects.filter(pk=job.items.all()[0].pk).update(**wrong)
    browser = client_of(olga)
    for query in ("", "?rows=table"):
        assert browser.get(address("job", job) + query).content.decode().count("Not an address.") == 1


def test_a_step_is_in_the_same_state_as_its_row(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Job.objects.update(state=JobState.DONE_WITH_ERRORS)
    for item, state in zip(job.items.all(), (ItemState.INVALID, ItemState.CANCELLED, ItemState.SKIPPED), strict=True):
        Item.objects.filter(pk=item.pk).update(
            state=state, endpoint="" if state == ItemState.INVALID else "users.delete"
        )
    page = client_of(olga).get(address("progress", job)).content.decode()
    assert re.findall(r'<span class="state">([^<]*)<', page) == ["Not usable", "Not done", "Nothing to do"]


def removed(job: Job, state: str) -> None:
    """Let the job be one of removals that ended without them."""
    Job.objects.update(state=JobState.CANCELLED if state == ItemState.CANCELLED else JobState.DONE_WITH_ERRORS)
    removal = {"endpoint": "users.delete", "path": {"userId": "u"}, "body": {}, "query": {"action": "disassociate"}}
    Item.objects.update(state=state, **removal)


@pytest.mark.parametrize("state", [ItemState.CANCELLED, ItemState.FAILED])
@pytest.mark.parametrize("chunk", [500, 2], ids=["written at once", "written down by a worker"])
def test_removals_that_are_retried_are_typed_and_get_their_minute_again(
    job: Job, olga: Staff, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, chunk: int, state: str
) -> None:
    monkeypatch.setattr(preparing, "CHUNK", chunk)
    removed(job, state)
    browser = client_of(olga)
    page = browser.get(address("job", job)).content.decode()
    assert f'href="{address("retry", job)}"' in page
    assert f'action="{address("retry", job)}"' not in page
    assert browser.post(address("retry", job), {"operation_key": str(uuid.uuid4())}).status_code == 422
    assert job.children.count() == 0
    asked = browser.get(address("retry", job)).content.decode()
    assert ("remove 3 users" in asked, "The first call is made after 60 seconds." in asked) == (True, True)
    answer = confirm(browser, address("retry", job), typed="remove 3 users")
    child = job.children.get()
    assert (answer["Location"], child.reason) == (address("job", child), "tidying up")
    preparing.prepare(str(child.pk))  # does nothing where all is written
    child.refresh_from_db()
    assert (child.state, child.items.filter(not_before__gt=timezone.now() + timedelta(seconds=30)).count()) == (
        JobState.RUNNING,
        3,
    )


def test_the_confirmed_retry_of_many_removals_says_that_it_waits_for_a_second_person(
    job: Job, olga: Staff, client_of: ClientOf, settings: Settings
) -> None:
    settings.BULK_APPROVAL_DELETES = 2
    removed(job, ItemState.CANCELLED)
    browser = client_of(olga)
    assert "A second person with the same rights must approve it" in browser.get(address("retry", job)).content.decode()
    confirm(browser, address("retry", job), typed="remove 3 users")
    assert (job.children.get().state, job.children.get().awaits_approval) == (JobState.READY, True)
    settings.BULK_MOST_DELETES = 2
    Job.objects.exclude(pk=job.pk).delete()
    assert browser.get(address("retry", job))["Location"] == address("job", job)


def test_a_retry_without_removals_is_no_page(job: Job, olga: Staff, client_of: ClientOf) -> None:
    Job.objects.update(state=JobState.DONE_WITH_ERRORS)
    Item.objects.update(state=ItemState.FAILED)
    assert client_of(olga).get(address("retry", job))["Location"] == address("job", job)
    assert job.children.count() == 0
