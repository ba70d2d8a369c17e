"""Faults of the storage below the engine: a locked database, a job cut off while it is written, lost slots, a clock."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import operations, storage
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from portal.gateway.permits import sql_permits
from tests.portal.bulk.engine.conftest import assert_chain_holds, created, new_user, states
from tests.portal.bulk.engine.worker import ROOT, address
from tests.support.sandbox import Sandbox
from zoomapi.client.permits import Lane
from zoomapi.spec.limits import GENERAL, REPORT

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = """
import os, signal, sys
import django
django.setup()
from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.operations import Step
from portal.directory.models import SubAccount
account, owner = SubAccount.objects.get(), Staff.objects.get()
def steps():
    for row in range(1, 5000):
        if row == 2000:
            os.kill(os.getpid(), signal.SIGKILL)
        body = {"action": "create", "user_info": {"email": f"half{row}@import.example", "type": 1}}
        yield Step(row=row, account=account, endpoint="users.create", body=body)
operations.plan(scope=scope_of(owner), actor=owner, connection=account.connection, kind="x", title="x", steps=steps())
"""


def test_fault_P13_a_process_killed_while_it_writes_a_job_leaves_no_half_job(acme: SubAccount, olga: Staff) -> None:
    environment = {
        **os.environ,
        "PORTAL_DATA": str(settings.DATA_DIR),
        "DATABASE_URL": address(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }
    killed = subprocess.run([sys.executable, "-c", PLANNER], cwd=ROOT, env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (Job.objects.count(), Item.objects.count()) == (0, 0)


def test_fault_P13_a_plan_whose_rows_fail_leaves_no_half_job(acme: SubAccount, olga: Staff) -> None:
    def steps() -> Iterator[Step]:
        yield from (new_user(acme, row) for row in range(1, 1200))
        raise OSError("the file ends here")

    with pytest.raises(OSError, match="ends here"):
        operations.plan(
            scope=scope_of(olga), actor=olga, connection=acme.connection, kind="x", title="x", steps=steps()
        )
    assert (Job.objects.count(), Item.objects.count()) == (0, 0)


@pytest.mark.skipif("postgres" in os.environ.get("DATABASE_URL", ""), reason="SQLite's own fault")
def test_fault_P20_a_database_locked_by_another_process_delays_and_loses_nothing(
    creations: Callable[..., Job], clean: Sandbox
) -> None:
    job = creations(4)
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    worker = threading.Thread(target=run, args=(job,))
    worker.start()
    time.sleep(2.0)
    assert created(clean) == {}  # no intent, nothing sent
    other.execute("ROLLBACK")
    other.close()
    worker.join(60)
    run(job)
    assert states(job) == {ItemState.DONE: 4}
    assert set(created(clean).values()) == {1}
    assert_chain_holds()


def run(job: Job, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end and Job.objects.get(pk=job.pk).state == JobState.RUNNING:
            pump(job.pk)
            time.sleep(0.05)
    finally:
        if threading.current_thread() is not threading.main_thread():
            connection.close()


@pytest.mark.parametrize("jump", [3600, -3600])
def test_fault_P25_leases_and_waits_follow_the_database_not_the_worker(
    creations: Callable[..., Job], clean: Sandbox, jump: int
) -> None:
    before = storage.now()
    with time_machine.travel(time.time() + jump):
        told = storage.now()
    assert abs((told - before).total_seconds()) < 5
    job = creations(3)
    # A token minted an hour ago would be refused: a clock that is behind is a fault of its own (R18).
    with time_machine.travel(time.time() + max(jump, 0)):
        run(job)
    assert states(job) == {ItemState.DONE: 3}
    assert {item.attempt for item in job.items.all()} == {1}
    assert set(created(clean).values()) == {1}


def test_fault_P26_lost_slots_cost_nothing_but_a_moment_and_day_counts_stay(sandbox: Sandbox) -> None:
    permits = sql_permits()
    permits.spend("key", REPORT)
    assert permits.take("key", GENERAL, Lane.BULK, 5.0).departed()
    lose_slots()
    again = sql_permits()
    assert again.take("key", GENERAL, Lane.BULK, 5.0).departed()
    assert again.quotas is not None
    assert again.quotas.used("key", REPORT) == 1


def lose_slots() -> None:
    """They are a file beside an SQLite database, and rows of any other."""
    if connection.vendor == "sqlite":
        for file in Path(connection.settings_dict["NAME"]).parent.glob("*-permits*"):
            file.unlink()
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM zoom_permit")
        cursor.execute("DELETE FROM zoom_rate")
