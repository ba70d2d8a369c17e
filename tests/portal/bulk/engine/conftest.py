"""Jobs on a running sandbox, with the engine's times cut down to what a test can wait for."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit import chain, checkpoints
from portal.bulk import jobs, operations
from portal.bulk.models import Job
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.bulk.timing import Timing, standard
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.sandbox import Sandbox

QUICK = {
    "lease": 2.5, "deadline": 1.5, "settle": 0.4, "settle_keyless": 0.5, "loop": 6.0, "least_loop": 1.0,
    "busy": 0.2, "poll": 0.02, "heart": 0.5, "threads": 6,
}  # fmt: skip


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> Timing:
    settings.BULK_TIMING = QUICK
    checkpoints.place().unlink(missing_ok=True)  # those of an earlier test name entries that were flushed
    return standard()


@pytest.fixture
def clean(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with its first world and an empty ledger."""
    sandbox.reset()
    yield sandbox
    sandbox.faults()


@pytest.fixture
def tenant(clean: Sandbox, sandbox_connection: Connection) -> SubAccount:
    """A sub-account that exists in the sandbox, with room for users."""
    rows = clean.call("GET", "/accounts?page_size=300").json()["accounts"]
    row = max(rows, key=lambda account: account.get("seats") or 0)
    return SubAccount.objects.create(
        connection=sandbox_connection, zoom_id=row["id"], name=row["account_name"], owner_email=row["owner_email"]
    )


@pytest.fixture
def creations(tenant: SubAccount, olga: Staff) -> Callable[..., Job]:
    """Plan and start a job that creates users."""

    def make(number: int = 5, *, owner: Staff = olga, run: bool = True, **more: Any) -> Job:
        job = operations.plan(
            scope=scope_of(owner),
            actor=owner,
            connection=tenant.connection,
            kind="users_import",
            title="New users",
            steps=[new_user(tenant, row) for row in range(1, number + 1)],
            **more,
        )
        if run:
            operations.start(job, owner)
        return job

    return make


def new_user(account: SubAccount, row: int, **info: Any) -> Step:
    email = f"new{row}@import.example"
    body = {"action": "create", "user_info": {"email": email, "type": 1, "first_name": "New", **info}}
    return Step(row=row, account=account, endpoint="users.create", body=body, label=email)


def states(job: Job) -> dict[str, int]:
    """Number of items by state, empty states left out."""
    return {state: number for state, number in jobs.counts(job.pk).items() if number}


def finished(job: Job, seconds: float = 60) -> Job:
    """Pump until nothing more happens by itself, however long the machine stands still between."""
    end = time.monotonic() + seconds
    job.refresh_from_db()
    while job.state in jobs.LIVE:
        assert time.monotonic() < end, states(job)
        pump(job.pk)
        job.refresh_from_db()
    return job


def created(sandbox: Sandbox) -> dict[str, int]:
    """How often each key was created, by the sandbox's own ledger."""
    found: dict[str, int] = {}
    for write in sandbox.ledger():
        if write["operation"] == "users.create":
            found[write["key"]] = found.get(write["key"], 0) + 1
    return found


def assert_chain_holds() -> None:
    finding = chain.verify()
    assert finding.intact, str(finding)
