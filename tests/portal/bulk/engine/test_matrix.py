"""The crash matrix: a worker killed at each of twelve points, for each of the six classes of effect.

``make test`` runs one or two points of each class on the run's own database, and on PostgreSQL. All 72 cells:

    CRASH_MATRIX=all .venv/bin/python -m pytest tests/portal/bulk/engine/test_matrix.py
    CRASH_MATRIX=all DATABASE_URL=postgresql://… .venv/bin/python -m pytest tests/portal/bulk/engine/test_matrix.py
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import operations
from portal.bulk.jobs import LIVE
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, new_user, states
from tests.portal.bulk.engine.worker import ROOT, launch
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = tuple(f"P{number:02}" for number in range(1, 13))
SHORT = (("B", "P07"), ("C", "P06"), ("D", "P05"), ("D", "P07"), ("E", "P07"), ("F", "P07"), ("F", "P12"))
FEW = (("A", "P05"), ("D", "P07"), ("E", "P07"), ("F", "P12"))
ALL = tuple((effect, point) for effect in "ABCDEF" for point in POINTS)
CELLS = {"all": ALL, "few": FEW}.get(os.environ.get("CRASH_MATRIX", ""), SHORT)
ON_POSTGRESQL = (
    ("engine/test_matrix.py", "engine/test_happy_path.py"),
    ("engine/test_database_faults.py", "engine/test_answers.py"),
    ("undo", "test_schedule.py", "test_preparing.py", "engine/test_locks.py", "test_warm.py"),
)
UNCLEAR = ("P09", "P10")  # these points lie on the way of an outcome that is not known


@dataclass
class Cell:
    """The steps of a job, and how often the sandbox must have applied what each of them asks for."""

    steps: list[Step]
    right: Right = Right.WRITE
    after: Callable[[], Any] = field(default=lambda: None)


def users(clean: Sandbox, tenant: SubAccount, number: int) -> list[str]:
    """Ids of users made beforehand."""
    found = []
    for row in range(number):
        body = {"action": "create", "user_info": {"email": f"old{row}@matrix.example", "type": 1}}
        found.append(clean.call("POST", f"/accounts/{tenant.zoom_id}/users", json=body).json()["id"])
    return found


def groups(clean: Sandbox, tenant: SubAccount, number: int) -> list[str]:
    path = f"/accounts/{tenant.zoom_id}/groups"
    return [clean.call("POST", path, json={"name": f"Old {row}"}).json()["id"] for row in range(number)]


def cell_of(effect: str, clean: Sandbox, tenant: SubAccount) -> Cell:
    if effect == "A":
        return Cell([new_user(tenant, row) for row in (1, 2)])
    if effect == "B":
        ids = users(clean, tenant, 2)
        body = {"dept": "Matrix"}
        return Cell([_step(tenant, n, "users.update", {"userId": key}, body) for n, key in enumerate(ids, 1)])
    if effect == "C":
        ids = groups(clean, tenant, 2)
        return Cell([_step(tenant, n, "groups.delete", {"groupId": key}) for n, key in enumerate(ids, 1)])
    if effect == "D":
        return Cell([_step(tenant, n, "groups.create", {}, {"name": f"Matrix {n}"}) for n in (1, 2)])
    if effect == "E":
        plan = clean.call("GET", f"/accounts/{tenant.zoom_id}/plans").json()["plan_base"]
        wanted = {"type": plan["type"], "hosts": plan["hosts"] + 1}
        return Cell([_step(tenant, 1, "billing.update_base", {}, wanted)], Right.BILLING)
    ids = users(clean, tenant, 2)
    return Cell([_step(tenant, n, "users.delete", {"userId": key}) for n, key in enumerate(ids, 1)])


def _step(
    tenant: SubAccount, row: int, endpoint: str, path: dict[str, Any], body: dict[str, Any] | None = None
) -> Step:
    return Step(row=row, account=tenant, endpoint=endpoint, path=path, body=body or {}, label=f"row {row}")


@pytest.mark.parametrize(("effect", "point"), CELLS)
def test_fault_P01_to_P12_whatever_is_changed_is_changed_once(
    tenant: SubAccount, olga: Staff, clean: Sandbox, effect: str, point: str
) -> None:
    cell = cell_of(effect, clean, tenant)
    before = len(clean.ledger())
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=tenant.connection, kind="subscribe", title="Matrix",
        right=cell.right, steps=cell.steps,
    )  # fmt: skip
    operations.start(job, olga)
    if point in UNCLEAR:
        method = {"A": "POST", "B": "PATCH", "C": "DELETE", "D": "POST", "E": "PUT", "F": "DELETE"}[effect]
        clean.faults({"match": {"method": method}, "do": "apply_then_status", "value": 500, "times": 1})
    if point == "P12":
        assert launch(job.pk, QUICK, "P04:1").wait(60) == -signal.SIGKILL
        time.sleep(QUICK["lease"])
    assert launch(job.pk, QUICK, f"{point}:1").wait(60) == -signal.SIGKILL, "the point was never reached"
    run_to_the_end(job)
    applied = Counter(write["path"] + write["key"] for write in clean.ledger()[before:])
    check_effects(job, effect, applied, len(cell.steps))
    check_audit(job)


def run_to_the_end(job: Job, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while job.state in LIVE:
        assert time.monotonic() < end, f"still {job.state}: {states(job)}"
        pump(job.pk)
        job.refresh_from_db()
        time.sleep(0.1)


def check_effects(job: Job, effect: str, applied: Counter[str], number: int) -> None:
    """Everything once; of what costs money, that or nothing, and then a person is asked."""
    if effect == "E" and job.state == JobState.NEEDS_REVIEW:
        assert (states(job), applied) == ({ItemState.REVIEW: number}, Counter())
        return
    assert states(job) == {ItemState.DONE: number}
    assert list(applied.values()) == [1] * number


def check_audit(job: Job) -> None:
    """Each intent has exactly one outcome, each row exactly one end."""
    for item in job.items.all():
        told = Counter(Entry.objects.filter(operation=f"{job.pk}:{item.pk}").values_list("result", flat=True))
        answers = sum(told[name] for name in ("done", "unknown", "refused", "not_sent", "swept", "fenced"))
        assert told["intent"] == answers, told
        assert told["done"] + told["adopted"] + told["review"] == 1, told
    assert_chain_holds()


@pytest.mark.postgres
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("files", ON_POSTGRESQL, ids=["engine", "database", "jobs"])
def test_the_engine_does_the_same_on_postgresql(postgres_url: str, tmp_path: Path, files: tuple[str, ...]) -> None:
    """These files once more, in a run of their own on a PostgreSQL database."""
    if connection.vendor == "postgresql":
        return  # this run is one
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0"]
    kept = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    environment = {**kept, "DATABASE_URL": postgres_url, "PORTAL_DATA": str(tmp_path), "CRASH_MATRIX": "few"}
    command += [f"tests/portal/bulk/{name}" for name in files]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1100)
    assert run.returncode == 0, run.stdout[-6000:]
