"""What is read before a send, what becomes of a row when that fails, and what is forgotten after a refusal."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.bulk import decisions, jobs, operations, reading, sweeper
from portal.bulk.decisions import Decision
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, created, finished, states
from tests.portal.bulk.engine.test_outcomes import POST_USERS, one, results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

MEETING = {"topic": "Weekly", "type": 2, "start_time": "2030-01-01T10:00:00Z", "duration": 30}
LIMIT = {"status": 429, "body": {"code": 429, "message": "Too many."}, "headers": {"Retry-After": "3"}}


def asked(sandbox: Sandbox, status: str) -> int:
    """How often the sandbox has answered so."""
    return int(sandbox.stats()["statuses"].get(status, 0))


def test_fault_R20_a_row_whose_first_read_is_refused_fails_at_once(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    before = asked(clean, "404")
    item = one(tenant, olga, "meetings.create", path={"userId": "nobody-of-this-id"}, body=MEETING)
    assert (item.state, item.attempt, results(item)) == (ItemState.FAILED, 0, ["not_sent"])
    assert item.message.startswith("What is there now could not be read: ")
    assert asked(clean, "404") - before == 1


def test_a_first_read_in_a_sub_account_that_left_says_so(tenant: SubAccount, olga: Staff, clean: Sandbox) -> None:
    tenant.zoom_id = "gone"
    tenant.save()
    item = one(tenant, olga, "groups.create", body={"name": "G"})
    tenant.refresh_from_db()
    assert (item.state, tenant.gone_since is not None) == (ItemState.FAILED, True)


@pytest.mark.parametrize(
    "no",
    [
        {"status": 400, "body": {"code": 4711, "message": "Invalid access token, does not contain scopes."}},
        {"status": 404, "body": {"code": 2001, "message": "Account does not exist."}},
    ],
)
def test_fault_R20_an_outcome_that_zoom_refuses_to_show_is_left_to_a_person(
    creations: Callable[..., Job], tenant: SubAccount, clean: Sandbox, no: dict[str, Any]
) -> None:
    job = creations(1, run=False)
    clean.faults(
        {"match": POST_USERS, "do": "status", "value": 500, "times": 1},
        {"match": {"method": "GET"}, "do": "status", "value": no},
    )
    operations.start(job, job.owner)
    pump(job.pk)
    item = job.items.get()
    job.refresh_from_db()
    tenant.refresh_from_db()
    assert (item.state, job.state) == (ItemState.REVIEW, JobState.NEEDS_REVIEW)
    assert item.message.startswith("Checked at Zoom: Zoom refuses to show whether it was carried out: ")
    assert results(item) == ["intent", "unknown", "review"]
    assert (tenant.gone_since is not None) == (item.code == 2001)
    assert_chain_holds()


def test_a_job_with_an_outcome_that_zoom_refuses_to_show_can_be_cancelled(
    creations: Callable[..., Job], clean: Sandbox
) -> None:
    job = creations(1, run=False)
    clean.faults(
        {"match": POST_USERS, "do": "status", "value": 500, "times": 1},
        {
            "match": {"method": "GET"},
            "do": "status",
            "value": {"status": 400, "body": {"code": 4711, "message": "No."}},
        },
    )
    operations.start(job, job.owner)
    jobs_loop = threading.Thread(target=lambda: (pump(job.pk), connections.close_all()))
    jobs_loop.start()
    jobs_loop.join(30)
    jobs.cancel(job.pk, job.owner)
    pump(job.pk)
    assert states(job) == {ItemState.REVIEW: 1}


@contextmanager
def meanwhile(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Somebody does something at Zoom a little later."""
    timer = threading.Timer(seconds, act)
    timer.start()
    yield
    timer.join()


def test_a_meeting_that_somebody_made_after_a_refusal_is_not_taken_for_ours(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    clean.faults({"match": {"method": "POST", "path": "/meetings$"}, "do": "status", "value": LIMIT, "times": 1})
    host = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"][0]["id"]
    theirs: dict[str, Any] = {}

    def person() -> None:
        clean.faults()
        theirs.update(clean.call("POST", f"/accounts/{tenant.zoom_id}/users/{host}/meetings", json=MEETING).json())
        clean.faults({"match": {"method": "POST", "path": "/meetings$"}, "do": "reset", "times": 1})

    with meanwhile(1.5, person):
        item = one(tenant, olga, "meetings.create", path={"userId": host}, body=MEETING)
    assert item.state == ItemState.DONE
    assert item.remote_id != str(theirs["id"])
    assert len([write for write in clean.ledger() if write["operation"] == "meetings.create"]) == 2


def test_a_user_whom_somebody_made_after_a_refusal_existed_before(
    creations: Callable[..., Job], tenant: SubAccount, clean: Sandbox
) -> None:
    job = creations(1, run=False)
    clean.faults({"match": POST_USERS, "do": "status", "value": LIMIT | {"headers": {"Retry-After": "6"}}, "times": 1})
    body = {"action": "create", "user_info": {"email": "new1@import.example", "type": 1}}

    def person() -> None:
        clean.faults()
        clean.call("POST", f"/accounts/{tenant.zoom_id}/users", json=body)
        clean.faults({"match": POST_USERS, "do": "reset", "times": 1})

    with meanwhile(1.0, person):
        operations.start(job, job.owner)
        item = ended(job)
    assert (item.state, results(item)) == (
        ItemState.FAILED, ["intent", "refused", "intent", "unknown", "existed"]
    )  # fmt: skip
    assert created(clean) == {"new1@import.example": 1}


def test_a_persons_pause_outlives_what_had_paused_the_job(creations: Callable[..., Job], clean: Sandbox) -> None:
    job = creations(2)
    assert jobs.pause(job.pk, "connection", "The credentials are refused.")
    assert jobs.pause(job.pk, "person", "By hand.", job.owner)
    sweeper.sweep()
    job.refresh_from_db()
    assert (job.state, job.paused_by, job.paused_reason) == (JobState.PAUSED, "person", "By hand.")
    assert not jobs.pause(job.pk, "person", "Again.", job.owner)


@pytest.fixture
def plan_of(tenant: SubAccount, clean: Sandbox) -> Callable[[], dict[str, Any]]:
    return lambda: dict(clean.call("GET", f"/accounts/{tenant.zoom_id}/plans").json()["plan_base"])


def changed_at_zoom(sandbox: Sandbox, account: SubAccount, plan: dict[str, Any], hosts: int) -> None:
    body = {"type": plan["type"], "hosts": hosts}
    assert sandbox.call("PUT", f"/accounts/{account.zoom_id}/plans/base", json=body).status_code == 204


def change_of_plan(tenant: SubAccount, olga: Staff, plan: dict[str, Any], more: int) -> Job:
    """A change that was decided about while the plan was so."""
    wanted = {"type": plan["type"], "hosts": plan["hosts"] + more}
    step = Step(row=1, account=tenant, endpoint="billing.update_base", body=wanted, before=plan)
    return operations.plan(
        scope=scope_of(olga), actor=olga, connection=tenant.connection, kind="subscribe", title="Plan", steps=[step],
        right=Right.BILLING,
    )  # fmt: skip


def ended(job: Job) -> Item:
    return finished(job).items.get()


@pytest.mark.usefixtures("slow_class")
def test_a_change_of_plans_is_not_sent_when_somebody_changed_them_meanwhile(
    tenant: SubAccount, olga: Staff, clean: Sandbox, plan_of: Callable[[], dict[str, Any]]
) -> None:
    plan = plan_of()
    job = change_of_plan(tenant, olga, plan, 1)
    changed_at_zoom(clean, tenant, plan, plan["hosts"] + 10)
    operations.start(job, olga)
    item = ended(job)
    told = (
        f"hosts was “{plan['hosts']}” and is “{plan['hosts'] + 10}” now: somebody changed it since. Nothing was sent."
    )
    assert (item.state, item.message) == (ItemState.SKIPPED, told)
    assert plan_of()["hosts"] == plan["hosts"] + 10


@pytest.mark.usefixtures("slow_class")
def test_a_change_of_plans_that_a_person_had_sent_again_comes_back_when_the_plans_are_others_by_then(
    tenant: SubAccount, olga: Staff, clean: Sandbox, plan_of: Callable[[], dict[str, Any]]
) -> None:
    plan = plan_of()
    job = change_of_plan(tenant, olga, plan, 1)
    clean.faults({"match": {"method": "PUT"}, "do": "status", "value": 500, "times": 1})
    operations.start(job, olga)
    item = ended(job)
    assert item.state == ItemState.REVIEW
    changed_at_zoom(clean, tenant, plan, plan["hosts"] + 5)
    assert decisions.decide(item, Decision.AGAIN, olga)
    item = ended(job)
    assert (item.state, item.sends) == (ItemState.REVIEW, 1)
    assert "somebody changed it since" in item.message
    assert item.answer["now"]["plan_base"]["hosts"] == plan["hosts"] + 5
    assert decisions.decide(item, Decision.AGAIN, olga)
    item = ended(job)
    assert (item.state, plan_of()["hosts"]) == (ItemState.DONE, plan["hosts"] + 1)
    assert_chain_holds()


@pytest.fixture
def slow_class(settings: Any) -> None:
    settings.BULK_TIMING = {**QUICK, "lease": 10.0}  # one call a second, and the first is the look at what is there


def test_a_list_that_takes_longer_to_read_than_a_lease_keeps_its_row(
    tenant: SubAccount, olga: Staff, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_SIZE", 1)
    host = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"][0]["id"]
    for _ in range(6):
        clean.call("POST", f"/accounts/{tenant.zoom_id}/users/{host}/meetings", json=MEETING)
    clean.faults({"match": {"method": "GET", "path": "/meetings$"}, "do": "delay", "value": 0.5})
    item = one(tenant, olga, "meetings.create", path={"userId": host}, body=MEETING | {"topic": "Another"})
    assert (item.state, item.attempt, item.fence) == (ItemState.DONE, 1, 1)
