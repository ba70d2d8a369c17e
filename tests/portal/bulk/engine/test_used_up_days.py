"""R04: Zoom says that the calls of a day are used up. Rows wait until it ends, and nothing is sent meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import budget, operations, storage
from portal.bulk.models import ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from portal.gateway import clients
from portal.ui.formats import clock
from tests.portal.bulk.engine.conftest import QUICK, created, new_user, states
from tests.support.sandbox import Sandbox
from zoomapi.client.permits import MemoryPermits

pytestmark = pytest.mark.django_db(transaction=True)

POST_USERS = {"method": "POST", "path": "/users$"}
DAILY: dict[str, Any] = {
    "status": 429,
    "body": {"code": 429, "message": "You have reached the maximum daily rate limit for this API."},
}
OF_ONE_USER: dict[str, Any] = {
    "status": 429,
    "body": {"code": 429, "message": "You have exceeded the daily rate limit (100) for this particular user."},
}


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> list[MemoryPermits]:
    """Permits of this test alone; a new one in the list is what time does to a used up day."""
    kept = [MemoryPermits()]
    monkeypatch.setattr(clients, "permits", lambda: kept[-1])
    monkeypatch.setattr(budget, "permits", lambda: kept[-1])
    return kept


def midnight() -> datetime:
    return datetime.combine(storage.now().date() + timedelta(days=1), datetime.min.time(), tzinfo=UTC)


@pytest.mark.parametrize("headers", [{}, {"X-RateLimit-Type": "Daily-limit", "Retry-After": "36000"}])
def test_fault_R04_one_refusal_of_the_day_stops_the_job_until_the_reset(
    creations: Callable[..., Job],
    clean: Sandbox,
    settings: Settings,
    keeper: list[MemoryPermits],
    headers: dict[str, str],
) -> None:
    settings.BULK_TIMING = {**QUICK, "threads": 0}
    job = creations(10, run=False)
    clean.faults({"match": POST_USERS, "do": "status", "value": {**DAILY, "headers": headers}})
    before = clean.stats()["statuses"].get("429", 0)
    operations.start(job, job.owner)
    for _ in range(2):
        pump(job.pk)
    job.refresh_from_db()
    assert clean.stats()["statuses"]["429"] - before == 1
    assert (job.state, states(job)) == (JobState.RUNNING, {ItemState.PENDING: 10})
    reset = storage.now() + timedelta(hours=10) if headers else midnight()
    rows = list(job.items.order_by("row"))
    assert [abs(row.not_before - reset) < timedelta(seconds=60) for row in rows if row.not_before] == [True] * 10
    assert [row.attempt for row in rows] == [0] * 10
    assert rows[0].message.startswith("Zoom asks for a pause")
    assert rows[0].message.endswith(" UTC.")
    told = {row.message for row in rows[1:]}
    assert {text.partition(" Its count starts again at ")[0] for text in told} == {
        "Zoom says that the day's general calls are used up. Nothing was sent."
    }

    keeper.append(MemoryPermits())
    clean.faults()
    job.items.update(not_before=storage.now())
    pump(job.pk)
    assert states(job) == {ItemState.DONE: 10}
    assert set(created(clean).values()) == {1}


def test_fault_R04_threads_that_were_on_their_way_are_refused_and_no_more(
    creations: Callable[..., Job], clean: Sandbox, keeper: list[MemoryPermits]
) -> None:
    assert len(keeper) == 1
    job = creations(40, run=False)
    clean.faults({"match": POST_USERS, "do": "status", "value": DAILY})
    before = clean.stats()["statuses"].get("429", 0)
    operations.start(job, job.owner)
    pump(job.pk)
    assert 1 <= clean.stats()["statuses"]["429"] - before <= QUICK["threads"]
    assert states(job) == {ItemState.PENDING: 40}
    assert not job.items.filter(not_before__lt=midnight() - timedelta(seconds=60)).exists()


def test_fault_R04_a_refusal_about_one_host_holds_its_row_and_no_other(
    tenant: SubAccount, olga: Staff, clean: Sandbox, keeper: list[MemoryPermits]
) -> None:
    assert len(keeper) == 1
    users = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"]
    change = Step(row=1, account=tenant, endpoint="users.update", path={"userId": users[0]["id"]}, body={"dept": "X"})
    job = operations.plan(
        scope=scope_of(olga),
        actor=olga,
        connection=tenant.connection,
        kind="x",
        title="x",
        steps=[change, *(new_user(tenant, row) for row in range(2, 6))],
    )
    clean.faults({"match": {"method": "PATCH"}, "do": "status", "value": OF_ONE_USER})
    before = clean.stats()["statuses"].get("429", 0)
    operations.start(job, olga)
    for _ in range(2):
        pump(job.pk)
    assert clean.stats()["statuses"]["429"] - before == 1
    assert states(job) == {ItemState.PENDING: 1, ItemState.DONE: 4}
    held = job.items.get(row=1)
    assert held.not_before is not None
    assert abs(held.not_before - midnight()) < timedelta(seconds=60)


def test_fault_R04_the_page_of_the_job_and_that_of_the_budget_say_why_nothing_is_sent(
    creations: Callable[..., Job],
    clean: Sandbox,
    olga: Staff,
    client_of: Callable[[Staff], Client],
    keeper: list[MemoryPermits],
) -> None:
    assert len(keeper) == 1
    job = creations(2, run=False)
    clean.faults({"match": POST_USERS, "do": "status", "value": DAILY})
    operations.start(job, olga)
    pump(job.pk)
    page = client_of(olga).get(f"/jobs/{job.pk}/").content.decode()
    first = job.items.order_by("not_before").first()
    assert first is not None
    assert f"Waits until {clock(first.not_before)}. " in page
    assert "It goes on by itself" in page
    told = client_of(olga).get("/jobs/budget/").content.decode()
    assert "as Zoom said, until" in told
    uses = {use.rate.name: use.spent_until for use in budget.uses(job.connection)}
    assert [name for name, until in uses.items() if until] == ["general"]
