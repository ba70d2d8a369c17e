"""What a person's decision does to rows in review, and what of it is kept."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.access.models import Staff
from portal.bulk.decisions import Decision, decide, decide_all
from portal.bulk.models import Item, ItemState
from portal.directory.models import SubAccount
from tests.portal.bulk.views.test_deciding import in_review
from tests.portal.bulk.views.test_pages import job_of

pytestmark = pytest.mark.django_db


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
