"""A worker that is killed at the worst moments, and one that comes after it. Each effect happens exactly once."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.bulk.timing import Timing
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, created, states
from tests.portal.bulk.engine.worker import launch
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 6
WANTED = {f"new{row}@import.example": 1 for row in range(1, ROWS + 1)}
SPOIL_ONE: dict[str, Any] = {
    "match": {"method": "POST", "path": "/users$"},
    "do": "apply_then_status",
    "value": 500,
    "times": 1,
}


def run_until_done(job: Job, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pump(job.pk)
        job.refresh_from_db()
        if job.state == JobState.DONE:
            return
        time.sleep(0.1)
    raise AssertionError(f"still {job.state}: {states(job)}")


def wait_for_a_write(clean: Sandbox, worker: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while not clean.ledger():
        assert worker.poll() is None, "the worker ended before it sent anything"
        assert time.monotonic() < end, "nothing was sent"
        time.sleep(0.05)


def assert_audit_is_complete(job: Job) -> None:
    """Each intent has exactly one outcome, and each item exactly one that ended it."""
    for item in job.items.all():
        entries = Entry.objects.filter(operation=f"{job.pk}:{item.pk}").order_by("number")
        told = Counter(entry.result for entry in entries)
        answers = sum(told[name] for name in ("done", "unknown", "refused", "not_sent", "swept", "fenced"))
        assert told["intent"] == answers, told
        assert told["done"] + told["adopted"] == 1, told
    assert_chain_holds()


@pytest.fixture
def survives(creations: Callable[..., Job], clean: Sandbox) -> Callable[[str], None]:
    """Kill a worker at a point, let another come after it, and look whether every row was done once."""

    def look(point: str) -> None:
        job = creations(ROWS)
        if point in ("P09", "P10"):
            clean.faults(SPOIL_ONE)
        if point == "P12":
            first = launch(job.pk, QUICK, "P04:1")
            assert first.wait(60) == -signal.SIGKILL
            time.sleep(QUICK["lease"])
        turn = 1 if point in ("P09", "P10", "P11", "P12") else 3
        worker = launch(job.pk, QUICK, f"{point}:{turn}")
        assert worker.wait(60) == -signal.SIGKILL, "the point was never reached"
        run_until_done(job)
        assert states(job) == {ItemState.DONE: ROWS}
        assert created(clean) == WANTED
        assert_audit_is_complete(job)

    return look


def test_fault_P01_killed_when_a_row_is_claimed(survives: Callable[[str], None]) -> None:
    survives("P01")


def test_fault_P02_killed_when_the_permit_is_taken(survives: Callable[[str], None]) -> None:
    survives("P02")


def test_fault_P03_killed_before_the_intent_is_committed(survives: Callable[[str], None]) -> None:
    survives("P03")


def test_fault_P04_killed_after_the_intent_is_committed(survives: Callable[[str], None]) -> None:
    survives("P04")


def test_fault_P05_killed_when_half_of_the_request_is_written(survives: Callable[[str], None]) -> None:
    survives("P05")


def test_fault_P06_killed_before_the_answer_is_read(survives: Callable[[str], None]) -> None:
    survives("P06")


def test_fault_P07_killed_before_the_result_is_committed(survives: Callable[[str], None]) -> None:
    survives("P07")


def test_fault_P08_killed_after_the_result_is_committed(survives: Callable[[str], None]) -> None:
    survives("P08")


def test_fault_P09_killed_before_an_unclear_outcome_is_looked_up(survives: Callable[[str], None]) -> None:
    survives("P09")


def test_fault_P10_killed_after_an_unclear_outcome_was_looked_up(survives: Callable[[str], None]) -> None:
    survives("P10")


def test_fault_P11_killed_at_the_end_of_the_job(survives: Callable[[str], None]) -> None:
    survives("P11")


def test_fault_P12_killed_in_the_middle_of_a_sweep(survives: Callable[[str], None]) -> None:
    survives("P12")


def test_fault_P17_twenty_messages_and_two_processes_do_the_work_once(
    creations: Callable[..., Job], clean: Sandbox, quick: Timing
) -> None:
    job = creations(40)
    workers = [launch(job.pk, QUICK) for _ in range(2)]
    pump(job.pk, timing=quick)
    assert [worker.wait(60) for worker in workers] == [0, 0]
    run_until_done(job)
    assert created(clean) == {f"new{row}@import.example": 1 for row in range(1, 41)}
    assert {item.attempt for item in job.items.all()} == {1}
    assert_audit_is_complete(job)


def test_fault_P18_a_frozen_worker_changes_nothing_when_it_wakes(creations: Callable[..., Job], clean: Sandbox) -> None:
    job = creations(1)
    clean.faults({"match": {"method": "POST", "path": "/users$"}, "do": "apply_then_delay", "value": 1.0, "times": 1})
    worker = launch(job.pk, QUICK)
    wait_for_a_write(clean, worker)
    worker.send_signal(signal.SIGSTOP)
    time.sleep(QUICK["lease"] + 0.3)
    run_until_done(job)
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(60) == 0
    item = job.items.get()
    assert (item.state, created(clean)) == (ItemState.DONE, {"new1@import.example": 1})
    told = [entry.result for entry in Entry.objects.filter(operation=f"{job.pk}:{item.pk}").order_by("number")]
    assert told == ["intent", "swept", "adopted", "fenced"]


def test_fault_P23_a_worker_asked_to_stop_finishes_its_calls(creations: Callable[..., Job], clean: Sandbox) -> None:
    job = creations(60)
    clean.faults({"match": {"method": "POST"}, "do": "delay", "value": 0.3})
    worker = launch(job.pk, QUICK)
    wait_for_a_write(clean, worker)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    left = states(job)
    assert set(left) == {ItemState.DONE, ItemState.PENDING}
    assert Item.objects.filter(job=job, lease_until__isnull=False).count() == 0
    assert len(created(clean)) == left[ItemState.DONE]


def test_a_dead_process_that_sent_money_is_looked_up_not_repeated(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    from portal.access.rights import Right  # noqa: PLC0415
    from portal.access.scope import scope_of  # noqa: PLC0415
    from portal.bulk import operations  # noqa: PLC0415

    plan = clean.call("GET", f"/accounts/{tenant.zoom_id}/plans").json()["plan_base"]
    wanted = {"type": plan["type"], "hosts": plan["hosts"] + 1}
    job = operations.plan(
        scope=scope_of(olga),
        actor=olga,
        connection=tenant.connection,
        kind="subscribe",
        title="More hosts",
        right=Right.BILLING,
        steps=[operations.Step(account=tenant, endpoint="billing.update_base", body=wanted)],
    )
    operations.start(job, olga)
    assert launch(job.pk, QUICK, "P07:1").wait(60) == -signal.SIGKILL
    run_until_done(job)
    assert [write["operation"] for write in clean.ledger()] == ["billing.update_base"]
