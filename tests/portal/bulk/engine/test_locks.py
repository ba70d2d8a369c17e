"""Two transactions that must not stand in each other's way. test_matrix.py runs this file on PostgreSQL, too."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import claims, jobs, outcomes
from portal.bulk.calls import request_of
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import perform
from portal.bulk.pump import pump
from portal.bulk.timing import Timing
from portal.bulk.trail import ItemTrail
from portal.bulk.verdicts import Verdict
from portal.directory.models import SubAccount
from tests.support.sandbox import Sandbox
from zoomapi.client.errors import Stopped

pytestmark = pytest.mark.django_db(transaction=True)


def copied(kept: Any, **changed: Any) -> None:
    """Store a row once more, in a transaction that gives up where it has to wait."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            kept.pk = kept._meta.pk.get_default()
            for name, value in changed.items():
                setattr(kept, name, value)
            kept.save(force_insert=True)
    finally:
        connections.close_all()


def test_who_ends_a_job_keeps_nobody_from_writing_what_refers_to_it_its_owner_or_its_connection(
    creations: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At their COMMIT they would wait for this transaction with the audit's head, for which it waits itself."""
    if connection.vendor == "sqlite":
        return  # one transaction writes at a time
    job = creations(1)
    job.items.update(state=ItemState.DONE)
    item, other = job.items.get(), Job.objects.get(pk=job.pk)
    tell, beside = jobs.tell, ThreadPoolExecutor(1)

    def told(*arguments: Any, **more: Any) -> None:
        beside.submit(copied, item, row=2, remote_key="another").result(10)
        beside.submit(copied, other, operation_key=None).result(10)
        tell(*arguments, **more)

    monkeypatch.setattr(jobs, "tell", told)
    assert jobs.finish(job.pk)
    beside.shutdown()
    assert (Job.objects.count(), job.items.count()) == (2, 2)


def test_a_change_that_is_made_is_told_also_where_its_job_could_not_be_ended(
    tenant: SubAccount, olga: Staff, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, failed = jobs.finish, threading.Event()

    def once(job_id: Any) -> bool:
        if failed.is_set():
            return finish(job_id)
        failed.set()
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(jobs, "finish", once)
    body = {"action": "create", "user_info": {"email": "one@lock.example", "type": 1}}
    item = perform(scope=scope_of(olga), actor=olga, endpoint="users.create", account=tenant, body=body, label="One")
    assert (item.state, item.job.state) == (ItemState.DONE, JobState.RUNNING)
    pump(item.job_id)
    assert Item.objects.get().job.state == JobState.DONE
    assert [write["key"] for write in clean.ledger()] == ["one@lock.example"]


def test_no_intent_follows_a_cancel_that_was_being_written_when_a_refusal_put_the_row_back(
    creations: Callable[..., Job], quick: Timing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row waits again after the cancel has looked for rows that wait, and before it is committed."""
    if connection.vendor == "sqlite":
        return  # one transaction writes at a time
    job = creations(1)
    (held,) = claims.claim(job.pk, "me", 1, quick)
    ItemTrail(held, request_of(held.item), quick).commit()
    looked, go_on, withdraw = threading.Event(), threading.Event(), jobs.withdraw

    def slowly(job_id: Any) -> None:
        looked.set()
        go_on.wait(10)
        withdraw(job_id)

    monkeypatch.setattr(jobs, "withdraw", slowly)
    cancel = threading.Thread(target=lambda: (jobs.cancel(job.pk, job.owner), connections.close_all()))
    cancel.start()
    assert looked.wait(10)
    assert outcomes.record(held, Verdict(ItemState.PENDING, "refused", "429", counted=False), settle=0.1)
    threading.Timer(0.5, go_on.set).start()
    with pytest.raises(Stopped):
        ItemTrail(held, request_of(held.item), quick).commit()
    cancel.join(10)
    words = Entry.objects.filter(operation=f"{job.pk}:{held.item.pk}").order_by("number")
    assert list(words.values_list("result", flat=True)) == ["intent", "refused"]
