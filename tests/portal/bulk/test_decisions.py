"""What a person's decision does to rows in review, what of it is kept, and what job and audit say meanwhile."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk import jobs, operations
from portal.bulk.decisions import Decision, decide, decide_all
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.sweeper import sweep
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_deciding import in_review
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


def test_a_decision_that_is_written_down_is_told_also_where_the_job_could_not_be_ended_then(
    job: Job, olga: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_job_id: object) -> bool:
        raise OperationalError("deadlock detected")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "finish", fails)
        items = list(job.items.all())
        assert decide_all(items, Decision.DONE, olga).decided == items
    sweep()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert told(job) == [(Verb.JOB_UNDECIDED, "3 review"), (Verb.JOB_ENDED, "3 done")]


def test_a_decision_sets_the_steps_behind_it_going(job: Job, olga: Staff) -> None:
    first, second, _ = job.items.all()
    Item.objects.filter(pk=second.pk).update(state=ItemState.PENDING, after=first)
    assert decide(first, Decision.DONE, olga)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def queries(account: SubAccount, owner: Staff, number: int) -> int:
    """How many a decision about so many rows takes, beside those of the audit, which has an entry for each row."""
    items = list(in_review(owner, account, number).items.select_related("job__connection", "account"))
    with CaptureQueriesContext(connection) as asked:
        assert decide_all(items, Decision.FAILED, owner).decided == items
    return len([query for query in asked if "audit_" not in query["sql"]])


def test_a_decision_takes_as_many_queries_for_many_rows_as_for_few(acme: SubAccount, olga: Staff) -> None:
    assert queries(acme, olga, 40) == queries(acme, olga, 3)


def test_steps_that_wait_for_a_row_that_was_given_up_are_not_done(acme: SubAccount, olga: Staff) -> None:
    job = job_of(olga, acme, 2)
    first, second = job.items.all()
    Item.objects.filter(pk=second.pk).update(after=first)
    Item.objects.filter(pk=first.pk).update(state=ItemState.REVIEW)
    assert decide(first, Decision.FAILED, olga)
    assert [item.state for item in job.items.all()] == [ItemState.FAILED, ItemState.CANCELLED]


def test_a_person_who_lost_the_sub_account_decides_nothing(
    acme: SubAccount, globex: SubAccount, olga: Staff, rita: Staff
) -> None:
    job = in_review(olga, globex, 1)
    assert not decide(job.items.get(), Decision.DONE, rita)
    assert job.items.get().state == ItemState.REVIEW
