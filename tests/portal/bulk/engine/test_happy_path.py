"""A job from its plan to its end."""

from collections.abc import Callable

import pytest

from portal.audit.models import Entry
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.pump import pump
from tests.portal.bulk.engine.conftest import assert_chain_holds, created, states
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_row_is_sent_once_and_the_job_ends(creations: Callable[..., Job], clean: Sandbox) -> None:
    job = creations(12)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {ItemState.DONE: 12})
    assert created(clean) == {f"new{row}@import.example": 1 for row in range(1, 13)}


def test_each_item_has_an_intent_and_an_outcome(creations: Callable[..., Job], clean: Sandbox) -> None:
    job = creations(3)
    pump(job.pk)
    for item in job.items.all():
        trail = Entry.objects.filter(operation=f"{job.pk}:{item.pk}").order_by("number")
        assert [(entry.phase, entry.result) for entry in trail] == [("intent", "intent"), ("outcome", "done")]
        assert item.remote_id
    assert_chain_holds()
