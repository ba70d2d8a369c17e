"""A database that loses connections in the middle of a job, or the answer to a COMMIT. Each effect happens once."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from psycopg import sql
from pytest_django import Settings

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.audit.verbs import Verb
from portal.bulk import outcomes, trail
from portal.bulk.models import ItemState, Job
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK, created, states
from tests.portal.bulk.engine.cutter import Cutter
from tests.portal.bulk.engine.test_crashes import assert_audit_is_complete, run_until_done
from tests.portal.bulk.engine.test_outcomes import one, results
from tests.portal.bulk.engine.worker import address, launch
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

ON_POSTGRESQL = pytest.mark.skipif(
    "postgres" not in os.environ.get("DATABASE_URL", ""), reason="test_matrix.py runs this file on PostgreSQL"
)
LOST = "server closed the connection unexpectedly"


@pytest.fixture
def alone(settings: Settings) -> None:
    """The pump works in the test's own thread, so that the test can spoil its connection."""
    settings.BULK_TIMING = {**QUICK, "threads": 0}


@pytest.fixture
def lose_commit(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int, bool], list[str]]:
    """``(result, times, applied)``: the COMMIT that follows an audit entry of this result loses its answer."""

    def arm(result: str, times: int, applied: bool) -> list[str]:
        met: list[str] = []
        seen: list[str] = []
        note, commit = outcomes.note, connection._commit  # type: ignore[attr-defined]  # Django's own

        def noted(item: Any, phase: str, told: str, **more: Any) -> Any:
            seen.append(told)
            return note(item, phase, told, **more)

        def commit_and_lose() -> None:
            if result not in seen or len(met) >= times:
                seen.clear()
                commit()
                return
            seen.clear()
            met.append(result)
            if applied:
                commit()
            raise OperationalError(LOST)

        monkeypatch.setattr(outcomes, "note", noted)
        monkeypatch.setattr(connection, "_commit", commit_and_lose)
        return met

    return arm


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("result", ["intent", "done"])
@pytest.mark.usefixtures("alone")
def test_fault_P22_a_commit_without_an_answer_is_looked_up_in_the_row(
    creations: Callable[..., Job],
    clean: Sandbox,
    lose_commit: Callable[[str, int, bool], list[str]],
    result: str,
    applied: bool,
) -> None:
    job = creations(1)
    met = lose_commit(result, 1, applied)
    run_until_done(job)
    item = job.items.get()
    assert met == [result]
    assert (item.attempt, results(item)) == (1, ["intent", "done"])
    assert created(clean) == {"new1@import.example": 1}
    assert_audit_is_complete(job)


@pytest.mark.usefixtures("alone")
def test_fault_P22_a_result_that_can_never_be_written_is_looked_up_at_zoom(
    creations: Callable[..., Job],
    clean: Sandbox,
    lose_commit: Callable[[str, int, bool], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outcomes, "PATIENCE", 0.3)
    monkeypatch.setattr(outcomes, "NAP", 0.05)
    job = creations(1)
    met = lose_commit("done", 1000, False)
    pump(job.pk)
    assert len(met) > 1
    monkeypatch.undo()
    run_until_done(job)
    item = job.items.get()
    assert (item.attempt, results(item)) == (1, ["intent", "swept", "adopted"])
    assert created(clean) == {"new1@import.example": 1}


@pytest.mark.usefixtures("alone")
def test_fault_P22_a_look_whose_result_was_lost_counts_once(
    tenant: SubAccount, olga: Staff, clean: Sandbox, lose_commit: Callable[[str, int, bool], list[str]]
) -> None:
    clean.faults({"match": {"method": "POST", "path": "/groups$"}, "do": "status", "value": 500, "times": 1})
    met = lose_commit("absent", 1, True)
    item = one(tenant, olga, "groups.create", body={"name": "New group"})
    assert met == ["absent"]
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "absent", "absent", "intent", "done"])
    assert [write["operation"] for write in clean.ledger()] == ["groups.create"]


@ON_POSTGRESQL
def test_fault_P22_connections_cut_after_commit_lose_and_double_nothing(
    creations: Callable[..., Job], clean: Sandbox
) -> None:
    rows = 30
    job = creations(rows)
    database = connection.settings_dict
    with Cutter((database["HOST"], int(database["PORT"] or 5432)), every=2) as cutter:
        changed = {**database, "HOST": "127.0.0.1", "PORT": cutter.port}
        worker = launch(job.pk, {**QUICK, "loop": 30}, database=address(changed))
        assert worker.wait(90) == 0
        cut = cutter.cut
    run_until_done(job)
    assert cut >= 3
    assert created(clean) == {f"new{row}@import.example": 1 for row in range(1, rows + 1)}
    assert_audit_is_complete(job)


@contextmanager
def administrator() -> Iterator[Callable[..., Any]]:
    """Runs statements on a connection of its own to the test's database."""
    with psycopg.connect(address(connection.settings_dict), autocommit=True) as link:
        yield link.execute


def terminate_others(execute: Callable[..., Any]) -> int:
    """End every connection to this database but ours and the test's; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    ended = execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
        [mine],
    )
    return len(ended.fetchall())


def wait_for(clean: Sandbox, number: int) -> None:
    end = time.monotonic() + 60
    while len(clean.ledger()) < number:
        assert time.monotonic() < end, f"only {len(clean.ledger())} writes"
        time.sleep(0.05)


@ON_POSTGRESQL
def test_fault_P21_a_worker_whose_connections_are_killed_connects_again(
    creations: Callable[..., Job], clean: Sandbox
) -> None:
    rows = 30
    job = creations(rows)
    worker = launch(job.pk, {**QUICK, "loop": 40})
    ended = []
    with administrator() as execute, worker:
        for number in (3, 9, 15):
            wait_for(clean, number)
            ended.append(terminate_others(execute))
    assert worker.returncode == 0, "the worker did not survive"
    assert min(ended) > 0
    assert states(job) == {ItemState.DONE: rows}  # by the same process, which went on
    run_until_done(job)
    assert created(clean) == {f"new{row}@import.example": 1 for row in range(1, rows + 1)}
    assert_audit_is_complete(job)


@ON_POSTGRESQL
def test_fault_P21_a_database_that_is_read_only_for_a_while_stops_sending_and_loses_nothing(
    creations: Callable[..., Job], clean: Sandbox
) -> None:
    rows = 20
    job = creations(rows)
    worker = launch(job.pk, {**QUICK, "loop": 40})
    with administrator() as execute, worker:
        wait_for(clean, 3)
        name = sql.Identifier(connection.settings_dict["NAME"])
        execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        terminate_others(execute)
        time.sleep(QUICK["deadline"])  # what was on its way has arrived
        before = len(clean.ledger())
        time.sleep(0.5)
        assert len(clean.ledger()) == before
        execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
        terminate_others(execute)
    assert worker.returncode == 0, "the worker did not survive"
    run_until_done(job)
    assert Counter(created(clean).values()) == {1: rows}
    assert_audit_is_complete(job)


@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable])
@pytest.mark.usefixtures("alone")
def test_a_transaction_that_met_another_one_is_tried_again_and_pauses_nothing(
    creations: Callable[..., Job], clean: Sandbox, monkeypatch: pytest.MonkeyPatch, error: type[psycopg.Error]
) -> None:
    job, mark, met = creations(2), trail.ItemTrail.mark, []

    def meets_another(self: trail.ItemTrail) -> str:
        if not met:
            met.append(self.claim.item.row)
            raise OperationalError("two transactions waited for each other") from error()
        return mark(self)

    monkeypatch.setattr(trail.ItemTrail, "mark", meets_another)
    run_until_done(job)
    job.refresh_from_db()
    assert (met, job.state) == ([1], "done")
    assert created(clean) == {"new1@import.example": 1, "new2@import.example": 1}
    assert not Entry.objects.filter(verb=Verb.JOB_PAUSED).exists()
