"""Decisions about registrants as calls: how they are bundled, undone, and settled when their outcome is unknown."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk import operations
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.progress import progress_of
from portal.bulk.registrants import Decision, plan_decision
from portal.bulk.retrying import retry_failed
from portal.bulk.undo.reasons import why_not
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.bulk.engine.conftest import finished, quick
from tests.portal.events.conftest import first_world, host, schedule, tenant
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["first_world", "host", "quick", "tenant"]  # fixtures
EVENT = 123456789


@pytest.fixture
def webinar(sandbox: Sandbox, host: MirrorUser, request: pytest.FixtureRequest) -> Iterator[int]:
    """A webinar; whether it lets people in by hand is its parameter."""
    yield schedule(sandbox, host, approval=getattr(request, "param", 1))
    sandbox.faults()


def decided(actor: Staff, account: SubAccount, event: int, action: str, people: list[dict[str, Any]]) -> Job:
    decision = Decision(account, "webinars", event, action, "Open day")
    return plan_decision(scope_of(actor), actor, decision, people)


def ran(job: Job, actor: Staff) -> Job:
    operations.start(job, actor)
    return finished(job)


def registered(sandbox: Sandbox, account: SubAccount, event: int, number: int) -> list[dict[str, Any]]:
    path = f"/accounts/{account.zoom_id}/webinars/{event}/registrants"
    for n in range(number):
        person = {"email": f"r{n}@reg.example", "first_name": "R", "last_name": "Egg"}
        assert sandbox.call("POST", path, json=person).status_code == 201
    found: list[dict[str, Any]] = sandbox.call("GET", f"{path}?status=pending&page_size=300").json()["registrants"]
    return found


def sends(sandbox: Sandbox, event: int) -> int:
    return sum(str(event) in write["path"] and write["method"] == "PUT" for write in sandbox.ledger())


def test_every_thirty_people_share_a_call_and_each_has_a_row(acme: SubAccount, olga: Staff) -> None:
    people = [{"id": f"id{n}", "email": f"r{n}@reg.example", "status": "pending"} for n in range(31)]
    job = decided(olga, acme, EVENT, "deny", people)
    first, *_, led, last = job.items.all()
    assert [(item.row, item.state, len(item.body["registrants"])) for item in (first, last)] == [
        (1, ItemState.PENDING, 30),
        (31, ItemState.PENDING, 1),
    ]
    assert (led.state, led.source, led.message) == (ItemState.JOINED, {"with": 1}, "Sent in the call of row 1.")
    assert {(item.action, item.before["status"]) for item in job.items.all()} == {("deny", "pending")}
    assert job.title == "Deny 31 registrants of Open day"


def test_rows_that_share_a_call_are_counted_where_that_call_is(acme: SubAccount, olga: Staff) -> None:
    people = [{"id": f"id{n}", "email": f"r{n}@reg.example"} for n in range(62)]
    job = decided(olga, acme, EVENT, "approve", people)
    operations.start(job, olga)
    job.items.filter(row=31).update(state=ItemState.DONE)
    job.items.filter(row=61).update(state=ItemState.FAILED)
    job.refresh_from_db()
    now = progress_of(job)
    assert (now.done, now.total, now.rows) == (30, 62, None)
    assert now.shown == [(ItemState.PENDING, 30), (ItemState.DONE, 30), (ItemState.FAILED, 2)]


def test_rows_that_share_a_call_are_shown_and_found_in_its_state(
    acme: SubAccount, olga: Staff, client_of: Callable[[Staff], Client]
) -> None:
    people = [{"id": f"id{n}", "email": f"r{n}@reg.example"} for n in range(32)]
    job = decided(olga, acme, EVENT, "approve", people)
    job.items.filter(row=1).update(state=ItemState.DONE)
    job.items.filter(row=31).update(state=ItemState.FAILED)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE_WITH_ERRORS)
    browser = client_of(olga)
    pages = [browser.get(f"/jobs/{job.pk}/?state={state}").content.decode() for state in ("done", "failed", "pending")]
    assert [page.count('<th scope="row">') for page in pages] == [30, 2, 0]
    every = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert every.count('<td><span class="badge bad">Failed</span></td>') == 2


def test_a_call_that_failed_is_retried_with_all_its_rows(acme: SubAccount, olga: Staff) -> None:
    people = [{"id": f"id{n}", "email": f"r{n}@reg.example"} for n in range(62)]
    job = decided(olga, acme, EVENT, "approve", people)
    job.items.exclude(state=ItemState.JOINED).update(state=ItemState.DONE)
    job.items.filter(row=31).update(state=ItemState.FAILED)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE_WITH_ERRORS)
    job.refresh_from_db()
    again = retry_failed(job, scope=scope_of(olga), actor=olga)
    assert again is not None
    assert [(item.row, item.label) for item in again.items.all()] == [
        (n + 1, f"r{n}@reg.example") for n in range(30, 60)
    ]
    assert progress_of(again).shown == [(ItemState.PENDING, 30)]


def test_why_a_decision_cannot_be_undone_is_told() -> None:
    assert "Decide anew" in why_not("webinars.update_registrants_status")


@pytest.mark.parametrize("action", ["approve", "deny", "cancel"])
def test_a_decision_that_arrived_unheard_is_found_and_not_sent_again(
    sandbox: Sandbox, tenant: SubAccount, olga: Staff, webinar: int, action: str
) -> None:
    people = registered(sandbox, tenant, webinar, 2)
    sandbox.faults({"match": {"method": "PUT"}, "do": "apply_then_reset", "times": 1})
    job = ran(decided(olga, tenant, webinar, action, people), olga)
    assert job.state == JobState.DONE
    assert sends(sandbox, webinar) == 1


@pytest.mark.parametrize("action", ["approve", "cancel"])
def test_a_decision_that_was_lost_is_sent_once_more(
    sandbox: Sandbox, tenant: SubAccount, olga: Staff, webinar: int, action: str
) -> None:
    people = registered(sandbox, tenant, webinar, 2)
    sandbox.faults({"match": {"method": "PUT"}, "do": "reset", "times": 1})
    job = ran(decided(olga, tenant, webinar, action, people), olga)
    assert job.state == JobState.DONE
    assert sends(sandbox, webinar) == 1


@pytest.mark.parametrize("webinar", [0, 1], indirect=True, ids=["let in at once", "by hand"])
def test_a_registration_that_arrived_unheard_is_adopted(
    sandbox: Sandbox, tenant: SubAccount, olga: Staff, webinar: int
) -> None:
    sandbox.faults({"match": {"method": "POST"}, "do": "apply_then_reset", "times": 1})
    body = {"email": "new@reg.example", "first_name": "New", "last_name": "Egg"}
    step = Step(account=tenant, endpoint="webinars.add_registrant", path={"webinarId": str(webinar)}, body=body)
    job = operations.plan(
        scope=scope_of(olga), actor=olga, connection=tenant.connection, kind="x", title="Register", steps=[step]
    )
    assert ran(job, olga).state == JobState.DONE
    item = Item.objects.get(job=job)
    assert (item.attempt, bool(item.remote_id)) == (1, True)
