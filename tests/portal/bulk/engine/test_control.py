"""What people do to a job in an order that nobody planned: decide after a cancel, resume outside a window."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.access.models import Staff
from portal.audit.models import Entry, Phase
from portal.bulk import jobs, operations
from portal.bulk.budget import by_job
from portal.bulk.decisions import Decision, JobCancelled, decide
from portal.bulk.files import results
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.proof.replay import Replay
from portal.bulk.pump import pump
from portal.bulk.timing import standard
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import QUICK, created, states
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Job]


def in_review(job: Job) -> Item:
    item = job.items.get(row=1)
    Item.objects.filter(pk=item.pk).update(state=ItemState.REVIEW)
    item.refresh_from_db()
    return item


@pytest.mark.parametrize(
    ("decision", "ended"), [(Decision.DONE, ItemState.DONE), (Decision.FAILED, ItemState.CANCELLED)]
)
def test_a_decision_after_the_cancel_ends_the_job_and_sends_nothing(
    creations: Make, olga: Staff, clean: Sandbox, decision: Decision, ended: str
) -> None:
    job = creations(2)
    item = in_review(job)
    assert jobs.cancel(job.pk, olga)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.NEEDS_REVIEW, {ItemState.REVIEW: 1, ItemState.CANCELLED: 1})
    with pytest.raises(JobCancelled):
        decide(item, Decision.AGAIN, olga)
    assert decide(item, decision, olga)
    pump(job.pk)
    job.refresh_from_db()
    assert Item.objects.get(pk=item.pk).state == ended
    assert (job.state, created(clean)) == (JobState.CANCELLED, {})


def test_a_row_that_was_sent_again_by_decision_keeps_its_sends_and_the_decision(
    creations: Make, olga: Staff, clean: Sandbox, settings: Settings
) -> None:
    settings.BULK_TIMING = {**QUICK, "tries": 2}
    job = creations(1, run=False)
    clean.faults({"match": {"method": "POST", "path": "/users$"}, "do": "status", "value": 503, "times": 4})
    operations.start(job, olga)
    for reason in ("The first outage.", "The second."):
        pump(job.pk)
        item = job.items.get()
        assert item.state == ItemState.REVIEW
        assert decide(item, Decision.AGAIN, olga, reason)
    assert item.message.endswith("It was tried 4 times, so a person decides.")
    pump(job.pk)
    done = job.items.get()
    again = "Decided by Olga: it was not carried out; it is sent again. Reason:"
    assert (done.state, done.sends, done.told) == (
        ItemState.DONE,
        5,
        f"{again} “The first outage.”. {again} “The second.”.",
    )
    (row,) = results.rows(job)
    assert dict(zip(results.header(job), row, strict=True))["attempts"] == 5
    assert dict(zip(results.header(job), row, strict=True))["message"] == done.told
    entries = Entry.objects.filter(operation=done.operation).order_by("number")
    assert entries.filter(phase=Phase.INTENT).count() == 5
    replay = Replay(done, standard()).follow(entries)
    assert (replay.state, replay.intents, replay.problems) == (ItemState.DONE, 5, [])
    assert by_job(job.connection) == [{"job": job, "calls": 5}]
    assert created(clean) == {"new1@import.example": 1}


def test_a_decision_about_a_job_that_is_paused_waits_for_its_resumption(
    creations: Make, olga: Staff, clean: Sandbox
) -> None:
    job = creations(2)
    item = in_review(job)
    jobs.pause(job.pk, "person", "Wait.", olga)
    assert decide(item, Decision.AGAIN, olga)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, created(clean)) == (JobState.PAUSED, {})
    assert operations.resume(job, olga)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {ItemState.DONE: 2})


def test_nobody_can_resume_a_job_outside_its_window(creations: Make, olga: Staff, clean: Sandbox) -> None:
    job = creations(1)
    now = timezone.now()
    window = {"from": f"{now + timedelta(hours=1):%H:%M}", "to": f"{now + timedelta(hours=2):%H:%M}", "zone": "UTC"}
    Job.objects.filter(pk=job.pk).update(window=window)
    jobs.pause(job.pk, "window", "Closed.")
    job.refresh_from_db()
    assert not operations.resume(job, olga)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, created(clean)) == (JobState.PAUSED, {})


def test_rows_are_looked_at_again_when_a_job_goes_on(
    creations: Make, olga: Staff, clean: Sandbox, tenant: SubAccount
) -> None:
    job = creations(2)
    jobs.pause(job.pk, "person", "Wait.", olga)
    MirrorUser.objects.create(account=tenant, zoom_id="x", email="new1@import.example", status="active")
    job.refresh_from_db()
    assert operations.resume(job, olga)
    pump(job.pk)
    assert states(job) == {ItemState.SKIPPED: 1, ItemState.DONE: 1}
    assert job.items.get(row=1).message == f"new1@import.example is a user of {tenant} by now. Nothing was sent."
