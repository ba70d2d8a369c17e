"""Cancelling a job, and deciding about its rows afterwards."""

import pytest
from django.test import Client
from django.utils import timezone

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk import operations
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import ClientOf, address, job_of
from tests.support.choosing import confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(acme: SubAccount, olga: Staff) -> Job:
    """A started job of four rows: one is done, one failed, two wait for a decision."""
    found = job_of(olga, acme, 4)
    operations.start(found, olga)
    states = (ItemState.DONE, ItemState.FAILED, ItemState.REVIEW, ItemState.REVIEW)
    for row, state in enumerate(states, 1):
        Item.objects.filter(job=found, row=row).update(state=state, ended_at=timezone.now())
    Job.objects.filter(pk=found.pk).update(state=JobState.NEEDS_REVIEW)
    found.refresh_from_db()
    return found


def told(browser: Client, job: Job) -> list[str]:
    """The messages on the next page."""
    return [str(message) for message in browser.get(address("job", job)).context["messages"]]


def test_the_cancel_asks_with_the_figures_and_its_buttons_cannot_be_mixed_up(
    job: Job, acme: SubAccount, olga: Staff, client_of: ClientOf
) -> None:
    browser = client_of(olga)
    running = job_of(olga, acme, 5)
    operations.start(running, olga)
    Item.objects.filter(job=running, row=1).update(state=ItemState.DONE)
    Item.objects.filter(job=running, row=2).update(state=ItemState.SENDING)
    asked = browser.get(address("cancel", running))
    facts = [("Done", 1), ("Under way", 1), ("Waiting, and not sent after this", 3)]
    assert asked.context["confirmation"].facts == facts
    text = asked.content.decode()
    assert (text.count(">Cancel the job</button>"), text.count(">Keep it running</a>"), text.count(">Cancel</a>")) == (
        1,
        1,
        0,
    )
    asked = browser.get(address("cancel", job))
    facts = [("Done", 1), ("Under way", 0), ("Waiting, and not sent after this", 0), ("Needs a decision", 2)]
    facts += [("Failed", 1)]
    assert (asked.context["confirmation"].facts, asked.context["confirmation"].back) == (facts, "Keep the job")


def test_a_cancel_tells_of_every_row(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    confirm(browser, address("cancel", job))
    assert told(browser, job) == ["Cancelled: 1 done, 0 not done, 2 to be decided, 1 failed."]


def test_a_job_is_cancelled_once(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    assert f'href="{address("cancel", job)}"' in browser.get(address("job", job)).content.decode()
    confirm(browser, address("cancel", job))
    page = browser.get(address("job", job)).content.decode()
    assert (f'href="{address("cancel", job)}"' in page, "Rows to decide about" in page) == (False, True)
    already = "This job is cancelled already: 1 done, 0 not done, 2 to be decided, 1 failed. Nothing was changed."
    for send in (browser.get, browser.post):
        assert (send(address("cancel", job))["Location"], told(browser, job)) == (address("job", job), [already])


def test_a_job_that_has_ended_is_not_called_cancelled(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    Item.objects.update(state=ItemState.DONE)
    Job.objects.update(state=JobState.DONE, cancel_requested=True)
    browser.post(address("cancel", job))
    assert told(browser, job) == ["This job has ended: 4 done, 0 not done. Nothing was changed."]


def test_in_a_cancelled_job_nothing_is_sent_again(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    again, leave = 'name="decision" value="send_again"', "It was not: leave it"
    page = browser.get(address("job", job)).content.decode()
    assert (page.count(again), page.count(leave)) == (3, 3)  # two rows, and several at once
    confirm(browser, address("cancel", job))
    page = browser.get(address("job", job)).content.decode()
    assert (page.count(again), page.count(leave), page.count("It was not carried out</button>")) == (0, 0, 3)
    row = job.items.get(row=3)
    browser.post(address("decide", job, row.pk), {"decision": "send_again"})
    (message,) = told(browser, job)
    assert message.startswith("This job was cancelled, so nothing of it is sent again. Nothing was changed.") is True
    row.refresh_from_db()
    assert (row.state, Entry.objects.filter(verb=Verb.ITEM_SETTLED).count()) == (ItemState.REVIEW, 0)


def test_what_was_not_carried_out_in_a_cancelled_job_is_not_done(job: Job, olga: Staff, client_of: ClientOf) -> None:
    browser = client_of(olga)
    confirm(browser, address("cancel", job))
    row = job.items.get(row=3)
    browser.post(address("decide", job, row.pk), {"decision": "given_up"})
    row.refresh_from_db()
    message = f"Decided by {olga}: it was not carried out, and the job was cancelled."
    assert (row.state, row.decided) == (ItemState.CANCELLED, message)
    assert Entry.objects.get(verb=Verb.ITEM_SETTLED).message == message
