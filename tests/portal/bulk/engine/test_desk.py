"""The desk: intents and results of one pump share transactions, and keep every promise of those written alone."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connections
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry, Phase
from portal.bulk import claims, desk, engine, jobs, operations, outcomes, storage, trail
from portal.bulk.desk import Desk
from portal.bulk.models import Item, ItemState, Job
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.bulk.timing import Timing, standard
from portal.bulk.verdicts import Verdict
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, created, finished, states
from tests.support.sandbox import Sandbox
from zoomapi.client.errors import NoPermit
from zoomapi.client.permits.slots import SlotPermits

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 20
EACH_ONCE = {f"new{row}@import.example": 1 for row in range(1, ROWS + 1)}
LOST = "the answer to COMMIT was lost"

Groups = list[tuple[int, int]]


@pytest.fixture(autouse=True)
def calm(quick: Timing, settings: Settings) -> None:
    """Leases so long that a machine that stands still for a second costs no intent: intents are counted here."""
    settings.BULK_TIMING = QUICK | {"lease": 60.0, "deadline": 30.0}


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> Groups:
    """How many intents and results each transaction of the desk was to hold."""
    seen: Groups = []
    write = Desk._write

    def counted(self: Desk, trails: Any, results: Any) -> None:
        seen.append((len(trails), len(results)))
        write(self, trails, results)

    monkeypatch.setattr(Desk, "_write", counted)
    return seen


def told(job: Job) -> Counter[str]:
    """The audit's words about the items of a job."""
    return Counter(Entry.objects.filter(operation__startswith=f"{job.pk}:").values_list("result", flat=True))


def test_intents_and_results_share_transactions(creations: Any, clean: Sandbox, groups: Groups) -> None:
    job = finished(creations(ROWS))
    assert states(job) == {"done": ROWS}
    assert created(clean) == EACH_ONCE
    assert told(job) == {"intent": ROWS, "done": ROWS}
    assert len(groups) <= ROWS  # of 40 that each would have had alone
    assert max(intents for intents, _ in groups) >= 3
    assert sum(results for _, results in groups) == ROWS
    assert MirrorUser.objects.filter(email__startswith="new").count() == ROWS
    assert_chain_holds()


def test_no_call_leaves_before_its_intent_is_committed(
    creations: Any, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []
    guard = trail.ItemTrail._guard

    def looked(self: trail.ItemTrail) -> None:
        found.append(self.claim.mine.values_list("state", flat=True).get())
        guard(self)

    monkeypatch.setattr(trail.ItemTrail, "_guard", looked)
    finished(creations(ROWS))
    assert found == [ItemState.SENDING] * ROWS


def test_the_last_result_does_not_wait_for_others(
    creations: Any, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "HELD", 30.0)
    job = creations(1)
    began = time.monotonic()
    pump(job.pk)
    assert time.monotonic() - began < 10
    assert states(job) == {"done": 1}


def test_as_many_results_as_keep_the_hands_of_a_fast_class_wait_for_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "HELD", 30.0)
    written: list[int] = []

    def commit(self: Desk, trails: Any, results: Any) -> None:
        written.append(len(results))
        for result in results:
            result.changed = True

    monkeypatch.setattr(Desk, "_commit", commit)
    served = Desk(lambda: 24)
    item = Item(pk=1)
    verdict = Verdict(ItemState.DONE, "done")
    results = [desk.Result(claims.Claim(item, 1, 0.0), verdict, 0.0, None) for _ in range(desk.FULL)]
    threads = [threading.Thread(target=served.conclude, args=[result]) for result in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    served.close()
    assert written == [desk.FULL]


def test_rows_of_a_slow_class_are_written_alone(
    tenant: SubAccount, olga: Staff, clean: Sandbox, groups: Groups
) -> None:
    steps = [Step(row=row, account=tenant, endpoint="billing.update", body={"city": "Boulder"}) for row in (1, 2, 3)]
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=tenant.connection, kind="test", title="Slow", steps=steps
    )
    operations.start(job, olga)
    finished(job)
    assert max(intents for intents, _ in groups) == 1


def test_one_row_that_cannot_be_mirrored_does_not_undo_the_others(
    creations: Any, clean: Sandbox, groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = outcomes.writethrough.applied

    def broken(item: Item, answer: Any) -> None:
        if item.row == 7:
            raise KeyError("a bug in the mirror")
        mirror(item, answer)

    monkeypatch.setattr(outcomes.writethrough, "applied", broken)
    job = finished(creations(ROWS))
    assert states(job) == {"done": ROWS}
    assert told(job) == {"intent": ROWS, "done": ROWS}
    assert created(clean) == EACH_ONCE
    assert MirrorUser.objects.filter(email__startswith="new").count() == ROWS - 1


@pytest.mark.parametrize("applied", [True, False])
def test_fault_P22_a_group_whose_commit_had_no_answer_is_looked_up_row_by_row(
    creations: Any, clean: Sandbox, monkeypatch: pytest.MonkeyPatch, applied: bool
) -> None:
    lost = 0
    write = storage.write

    @contextmanager
    def losing() -> Iterator[None]:
        nonlocal lost
        if threading.current_thread().name != "desk" or lost >= 3:
            with write():
                yield
            return
        lost += 1
        with suppress(DatabaseError), write():
            yield
            if not applied:
                raise DatabaseError
        raise OperationalError(LOST)

    monkeypatch.setattr(storage, "write", losing)
    job = finished(creations(ROWS))
    assert lost == 3
    assert states(job) == {"done": ROWS}
    assert set(job.items.values_list("attempt", flat=True)) == {1}
    assert told(job) == {"intent": ROWS, "done": ROWS}
    assert created(clean) == EACH_ONCE
    assert_chain_holds()


def test_an_intent_whose_call_gets_no_permit_is_taken_back(
    creations: Any, clean: Sandbox, groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, turns = SlotPermits.take, 0

    def refusing(self: SlotPermits, *arguments: Any) -> Any:
        nonlocal turns
        turns += 1
        if 2 <= turns <= 4:
            end = time.monotonic() + 10
            while not groups and time.monotonic() < end:  # until the first one's group is written
                time.sleep(0.02)
            time.sleep(0.1)
            raise NoPermit("No room. Nothing was sent.", wait=0.1)
        return take(self, *arguments)

    monkeypatch.setattr(SlotPermits, "take", refusing)
    job = finished(creations(ROWS))
    words = told(job)
    assert states(job) == {"done": ROWS}
    assert created(clean) == EACH_ONCE
    assert (words["done"], words["intent"]) == (ROWS, ROWS + words["not_sent"])
    assert 1 <= words["not_sent"] <= 3
    assert set(job.items.values_list("attempt", flat=True)) == {1}


def test_fault_U19_an_intent_that_waited_is_not_followed_after_the_job_was_cancelled(
    creations: Any, olga: Staff, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "STALE", 0.2)
    take, first, cancelled = SlotPermits.take, threading.Lock(), threading.Event()

    def held_up(self: SlotPermits, *arguments: Any) -> Any:
        if not first.acquire(blocking=False):
            cancelled.wait(10)
            time.sleep(0.3)
        return take(self, *arguments)

    monkeypatch.setattr(SlotPermits, "take", held_up)
    job = creations(6)
    work = threading.Thread(target=lambda: (pump(job.pk), connections.close_all()))
    work.start()
    end = time.monotonic() + 10
    while not job.items.filter(state=ItemState.DONE).exists():
        assert time.monotonic() < end
        time.sleep(0.02)
    jobs.cancel(job.pk, olga, "Enough.")
    at = Entry.objects.filter(operation__startswith=f"{job.pk}:", phase=Phase.INTENT).count()
    cancelled.set()
    work.join(20)
    finished(job)
    assert created(clean) == {"new1@import.example": 1}
    assert states(job) == {"done": 1, "cancelled": 5}
    assert told(job)["intent"] == at
    assert told(job)["not_sent"] == at - 1 >= 1


def test_a_person_needs_no_desk(tenant: SubAccount, olga: Staff, clean: Sandbox, groups: Groups) -> None:
    item = operations.perform(
        scope=scope_of(olga), actor=olga, endpoint="groups.create", account=tenant, body={"name": "At once"}
    )
    assert (item.state, groups) == (ItemState.DONE, [])


def test_a_row_whose_intent_came_to_nothing_is_as_if_it_had_never_been_meant_to_be_sent(
    creations: Any, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = creations(1)
    monkeypatch.setattr(trail, "STALE", -1.0)
    look, looks = trail.objection, 0

    def paused_then(*arguments: Any) -> str:
        nonlocal looks
        looks += 1
        return "paused" if looks == 2 else look(*arguments)  # the second look is the one at the departure

    monkeypatch.setattr(trail, "objection", paused_then)
    (held,) = claims.claim(job.pk, "me", 1, standard())
    engine.run(held, standard())
    item = job.items.get()
    assert (item.state, item.attempt) == (ItemState.PENDING, 0)
    assert (item.first_sent, item.sent_at, item.clock_offset) == (None, None, None)
    assert told(job) == {"intent": 1, "not_sent": 1}
    finished(job)
    assert created(clean) == {"new1@import.example": 1}


def test_an_intent_is_taken_back_when_something_else_fails_before_the_call_leaves(
    creations: Any, clean: Sandbox, groups: Groups, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.BULK_TIMING = QUICK  # the row is claimed again when its lease has ended
    take, failed, turns = SlotPermits.take, threading.Event(), itertools.count()

    def broken(self: SlotPermits, *arguments: Any) -> Any:
        if next(turns) == 1:  # the second caller waits until its intent was written with the first one's
            end = time.monotonic() + 10
            while not groups and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(0.1)
            failed.set()
            raise OperationalError("the table of the tokens is out of reach")
        return take(self, *arguments)

    monkeypatch.setattr(SlotPermits, "take", broken)
    job = finished(creations(ROWS))
    assert failed.is_set()
    assert states(job) == {"done": ROWS}
    assert created(clean) == EACH_ONCE
    assert told(job)["swept"] == 0


def test_nobody_waits_for_a_desk_whose_clerk_has_died(
    creations: Any, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(self: Desk) -> Any:
        raise MemoryError

    monkeypatch.setattr(Desk, "_due", dies)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    job = finished(creations(ROWS))
    assert states(job) == {"done": ROWS}
    assert told(job) == {"intent": ROWS, "done": ROWS}
    assert created(clean) == EACH_ONCE
