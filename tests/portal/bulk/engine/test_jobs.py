"""Jobs as a whole: lost messages, cancelling, retrying, rights that went away, a disk that is full."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from django.db import OperationalError, connections
from kombu.exceptions import OperationalError as BrokerDown

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.access.scope import scope_of
from portal.bulk import bell, claims, heart, jobs, operations, outcomes, stopping
from portal.bulk.decisions import Decision, decide
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step, perform
from portal.bulk.pump import pump
from portal.bulk.retrying import retry_failed
from portal.bulk.sweeper import sweep, sweep_and_ring
from portal.bulk.timing import Timing
from portal.celery import app
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import created, new_user, states
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

Make = Callable[..., Job]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Jobs for which the bell was rung."""
    calls: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda _name, args, **_: calls.append(args[0]))
    return calls


def apart(work: Callable[[], Any]) -> None:
    """Do it in a thread, whose connections are closed at its end."""
    try:
        work()
    finally:
        connections.close_all()


def dead_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise BrokerDown("nobody listens")

    monkeypatch.setattr(app, "send_task", refuse)


def test_starting_a_job_rings_once(creations: Make, rung: list[str]) -> None:
    job = creations(2)
    assert rung == [str(job.pk)]
    assert operations.start(job, job.owner) is False
    assert rung == [str(job.pk)]


def test_fault_P14_a_job_whose_message_was_never_sent_is_found(
    creations: Make, rung: list[str], clean: Sandbox
) -> None:
    job = creations(2, run=False)
    Job.objects.update(state=JobState.RUNNING)  # committed, then killed before the message
    assert sweep_and_ring() == []
    assert rung == [str(job.pk)]
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 2}


def test_fault_P15_sweeping_twice_at_once_changes_nothing_twice(creations: Make, quick: Timing, clean: Sandbox) -> None:
    job = creations(3)
    held = claims.claim(job.pk, "dead", 3, quick)
    for claim in held:
        claim.mine.update(
            state=ItemState.SENDING, lease_until=claim.item.job.created_at, sent_at=claim.item.job.created_at
        )
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: apart(lambda: sweep(quick)), range(4)))
    assert states(job) == {ItemState.UNKNOWN: 3}
    assert list(job.items.values_list("fence", "checks")) == [(2, 1)] * 3


def test_fault_P16_a_dead_broker_stops_nothing(
    creations: Make, monkeypatch: pytest.MonkeyPatch, quick: Timing, clean: Sandbox
) -> None:
    dead_broker(monkeypatch)
    job = creations(5)
    assert bell.ring(job.pk) is False
    heart.once(quick)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {ItemState.DONE: 5})


def test_twenty_pumps_in_threads_send_each_row_once(creations: Make, quick: Timing, clean: Sandbox) -> None:
    job = creations(60)

    def run(_: int) -> None:
        try:
            pump(job.pk, timing=quick)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(run, range(20)))
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 60}
    assert set(created(clean).values()) == {1}
    assert set(job.items.values_list("attempt", flat=True)) == {1}


@pytest.mark.parametrize("seed", range(5))
def test_fault_U19_nothing_is_sent_after_a_cancel(creations: Make, clean: Sandbox, seed: int) -> None:
    job = creations(40)
    clean.faults({"match": {"method": "POST"}, "do": "delay", "value": 0.05})
    worker = threading.Thread(target=lambda: apart(lambda: pump(job.pk)))
    worker.start()
    time.sleep(random.Random(seed).random())
    assert jobs.cancel(job.pk, job.owner)
    cancelled_at = Job.objects.values_list("pk").count() and time.time()
    worker.join()
    pump(job.pk)
    job.refresh_from_db()
    left = states(job)
    assert set(left) <= {ItemState.DONE, ItemState.CANCELLED}
    assert job.state == (JobState.CANCELLED if left.get(ItemState.CANCELLED) else JobState.DONE)
    assert len(created(clean)) == left.get(ItemState.DONE, 0)
    latest = Item.objects.filter(job=job, sent_at__isnull=False).order_by("-sent_at").first()
    assert latest is None or latest.sent_at is None or latest.sent_at.timestamp() <= cancelled_at


def test_a_second_cancel_and_a_cancel_of_an_ended_job_do_nothing(creations: Make, clean: Sandbox) -> None:
    job = creations(1)
    assert jobs.cancel(job.pk, None)
    assert not jobs.cancel(job.pk, None)


def test_an_unclear_item_is_resolved_although_the_job_was_cancelled(creations: Make, clean: Sandbox) -> None:
    job = creations(1, run=False)
    clean.faults({"match": {"method": "POST"}, "do": "apply_then_status", "value": 500, "times": 1})
    operations.start(job, job.owner)
    pump(job.pk, timing=Timing(lease=2.5, deadline=1.5, settle=0.4, loop=0.2, poll=0.02, threads=2))
    assert states(job) == {ItemState.UNKNOWN: 1}
    jobs.cancel(job.pk, job.owner)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLING
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {ItemState.DONE: 1})


def test_fault_U20_only_what_is_not_done_is_retried(creations: Make, olga: Staff, clean: Sandbox) -> None:
    job = creations(6, run=False)
    clean.faults({"match": {"method": "POST"}, "do": "status", "value": 400, "times": 2})
    operations.start(job, olga)
    pump(job.pk)
    job.refresh_from_db()
    assert states(job) == {ItemState.DONE: 4, ItemState.FAILED: 2}
    child = retry_failed(job, scope=scope_of(olga), actor=olga, key="again")
    assert child is not None
    assert retry_failed(job, scope=scope_of(olga), actor=olga, key="again") == child
    failed = set(job.items.filter(state=ItemState.FAILED).values_list("row", flat=True))
    assert (child.parent, set(child.items.values_list("row", flat=True))) == (job, failed)
    operations.start(child, olga)
    pump(child.pk)
    assert states(child) == {ItemState.DONE: 2}
    assert created(clean) == {f"new{row}@import.example": 1 for row in range(1, 7)}


def test_fault_U13_many_clicks_on_retry_at_once_are_one_job(creations: Make, olga: Staff) -> None:
    job = creations(3, run=False)
    Job.objects.update(state=JobState.CANCELLED)
    Item.objects.update(state=ItemState.CANCELLED)
    children: list[Job | None] = []

    def click() -> None:
        children.append(retry_failed(job, scope=scope_of(olga), actor=olga, key="again"))

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(apart, click) for _ in range(8)]:
            done.result()
    assert children == [job.children.get()] * 8


def test_fault_U13_the_same_plan_at_once_is_one_job(creations: Make, olga: Staff) -> None:
    made: list[Job] = []
    with ThreadPoolExecutor(8) as pool:
        clicks = [pool.submit(apart, lambda: made.append(creations(3, run=False, key="form"))) for _ in range(8)]
        for done in clicks:
            done.result()
    assert made == [Job.objects.get()] * 8
    assert states(Job.objects.get()) == {ItemState.PENDING: 3}


def test_a_row_whose_password_was_erased_is_not_retried_without_it(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    person = {"email": "a@x.example", "type": 1, "password": "Canary-123456", "first_name": "A", "last_name": "B"}
    clean.faults({"match": {"method": "POST"}, "do": "status", "value": 400, "times": 1})
    item = perform(
        scope=scope_of(olga), actor=olga, account=tenant, endpoint="users.create",
        body={"action": "autoCreate", "user_info": person},
    )  # fmt: skip
    assert (item.state, item.secret) == (ItemState.FAILED, "")
    child = retry_failed(item.job, scope=scope_of(olga), actor=olga)
    assert child is not None
    again = child.items.get()
    assert again.state == ItemState.INVALID
    assert "password" in again.message


@pytest.mark.parametrize("loss", ["disabled", "role", "grant"])
def test_fault_U21_a_job_whose_owner_lost_the_right_is_paused_and_sends_nothing(
    creations: Make, tenant: SubAccount, olga: Staff, clean: Sandbox, loss: str
) -> None:
    owner = Staff.objects.create_user("r@x.example", "x", name="R", role=Role.RESELLER)
    Grant.objects.create(staff=owner, account=tenant)
    job = creations(3, owner=owner)
    if loss == "disabled":
        Staff.objects.filter(pk=owner.pk).update(is_active=False)
    elif loss == "role":
        Staff.objects.filter(pk=owner.pk).update(role=Role.AUDITOR)
    else:
        Grant.objects.all().delete()
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, job.paused_by, states(job)) == (JobState.PAUSED, "rights", {ItemState.PENDING: 3})
    assert "no right" in job.paused_reason
    assert clean.ledger() == []


def test_fault_P19_a_full_disk_at_the_intent_sends_nothing(
    creations: Make, monkeypatch: pytest.MonkeyPatch, quick: Timing, clean: Sandbox
) -> None:
    job = creations(2)
    real = outcomes.note

    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(outcomes, "note", full)
    pump(job.pk, timing=quick)
    job.refresh_from_db()
    assert (job.state, job.paused_by, clean.ledger()) == (JobState.PAUSED, "disk", [])
    monkeypatch.setattr(outcomes, "note", real)
    time.sleep(quick.lease)
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 2}


def test_two_changes_of_one_object_are_sent_one_after_the_other(
    creations: Make, tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    made = creations(1)
    pump(made.pk)
    user = made.items.get().remote_id
    clean.faults({"match": {"method": "PATCH"}, "do": "delay", "value": 0.2})
    steps = [
        Step(row=row, account=tenant, endpoint="users.update", path={"userId": user}, body={"dept": f"D{row}"})
        for row in (1, 2, 3)
    ]
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=tenant.connection, kind="x", title="X", steps=steps
    )
    operations.start(job, olga)
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 3}
    sent = sorted(item.sent_at for item in job.items.all() if item.sent_at)
    assert all((later - earlier).total_seconds() >= 0.2 for earlier, later in pairwise(sent))


def test_pausing_stops_new_sends_and_resuming_goes_on(creations: Make, olga: Staff, clean: Sandbox) -> None:
    job = creations(3)
    assert jobs.pause(job.pk, "person", "Wait.", olga)
    pump(job.pk)
    assert (states(job), clean.ledger()) == ({ItemState.PENDING: 3}, [])
    assert operations.resume(job, olga)
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 3}


def test_a_step_waits_for_the_decision_about_the_one_before(tenant: SubAccount, olga: Staff, clean: Sandbox) -> None:
    steps = [new_user(tenant, 1), new_user(tenant, 2)]
    steps[1].after = 0
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=tenant.connection, kind="x", title="X", steps=steps
    )
    operations.start(job, olga)
    first = job.items.get(row=1)
    Item.objects.filter(pk=first.pk).update(state=ItemState.REVIEW)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.NEEDS_REVIEW, {ItemState.REVIEW: 1, ItemState.PENDING: 1})
    first.refresh_from_db()
    assert decide(first, Decision.DONE, olga)
    assert not decide(first, Decision.FAILED, olga)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {ItemState.DONE: 2})


def test_a_stopping_worker_claims_nothing(creations: Make, clean: Sandbox) -> None:
    job = creations(2)
    assert not stopping.asked()
    pump(job.pk, stop=lambda: True)
    assert states(job) == {ItemState.PENDING: 2}
