"""Decisions about rows in review, and what the job and the audit say meanwhile."""

import pytest

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk import jobs, operations
from portal.bulk.decisions import Decision, decide
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_pages import job_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(acme: SubAccount, olga: Staff) -> Job:
    """All three rows wait for a decision, and nothing else is to be done."""
    found = job_of(olga, acme)
    operations.start(found, olga)
    Item.objects.filter(job=found).update(state=ItemState.REVIEW)
    assert jobs.finish(found.pk)
    found.refresh_from_db()
    return found


def told(job: Job) -> list[tuple[str, str]]:
    """What the audit says of the job since its start."""
    ends = (Verb.JOB_UNDECIDED, Verb.JOB_ENDED)
    return list(
        Entry.objects.filter(operation=str(job.pk), verb__in=ends).order_by("number").values_list("verb", "message")
    )


def test_a_job_with_rows_to_be_decided_has_not_ended(job: Job) -> None:
    assert (job.state, job.ended_at) == (JobState.NEEDS_REVIEW, None)
    assert told(job) == [(Verb.JOB_UNDECIDED, "3 review")]


def test_a_job_ends_once_however_many_decisions_it_needed(job: Job, olga: Staff) -> None:
    first, *others = job.items.all()
    assert decide(first, Decision.DONE, olga)
    job.refresh_from_db()
    assert (job.state, job.ended_at) == (JobState.NEEDS_REVIEW, None)
    for item in others:
        assert decide(item, Decision.FAILED, olga)
    job.refresh_from_db()
    assert (job.state, job.ended_at is None) == (JobState.DONE_WITH_ERRORS, False)
    assert told(job) == [(Verb.JOB_UNDECIDED, "3 review"), (Verb.JOB_ENDED, "1 done, 2 failed")]


def test_a_decision_sets_the_steps_behind_it_going(job: Job, olga: Staff) -> None:
    first, second, _ = job.items.all()
    Item.objects.filter(pk=second.pk).update(state=ItemState.PENDING, after=first)
    assert decide(first, Decision.DONE, olga)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
