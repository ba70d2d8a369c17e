"""What Zoom does wrong, by the number of the fault. In the end everything is there exactly once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from portal.access.models import Staff
from portal.bulk import operations
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.bulk.timing import Timing
from portal.bulk.verdicts import TWICE
from portal.directory.models import SubAccount
from portal.gateway import connections
from portal.gateway.models import Connection
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, created, finished, states
from tests.portal.bulk.engine.test_outcomes import one, results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

POST_USERS = {"method": "POST", "path": "/users$"}
GET_USER = {"method": "GET", "path": "/users/new1(@|%40)import.example$"}
NO_USER = {"status": 404, "body": {"code": 1001, "message": "User does not exist."}}
NOBODY = {"users": [], "total_records": 0}
ONCE = {"new1@import.example": 1}
Creations = Callable[..., Job]


@pytest.fixture
def ended(creations: Creations, clean: Sandbox) -> Callable[..., Item]:
    """Run a job that creates one user while these faults are in force; return its item."""

    def run(*faults: dict[str, Any]) -> Item:
        job = creations(1, run=False)
        clean.faults(*faults)
        operations.start(job, job.owner)
        pump(job.pk)
        return job.items.get()

    return run


def test_fault_R01_a_pause_that_zoom_asks_for_uses_up_no_try(
    ended: Callable[..., Item], clean: Sandbox, settings: Settings
) -> None:
    """Two tries are allowed: one stays unclear and is found absent, the other succeeds. The refusals are none."""
    settings.BULK_TIMING = {**QUICK, "tries": 2}
    item = ended(
        {"match": POST_USERS, "do": "429", "value": "0", "times": 2},
        {"match": POST_USERS, "do": "status", "value": 500, "times": 1},
        {"match": POST_USERS, "do": "429", "value": "0", "times": 2},
    )
    pauses = ["intent", "refused"] * 2
    assert results(item) == [*pauses, "intent", "unknown", "absent", *pauses, "intent", "done"]
    assert (item.state, item.attempt) == (ItemState.DONE, 2)
    assert created(clean) == ONCE


def test_fault_R05_an_error_before_it_was_applied_is_found_absent_and_sent_again(
    ended: Callable[..., Item], clean: Sandbox
) -> None:
    item = ended({"match": POST_USERS, "do": "status", "value": 500, "times": 1})
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "absent", "intent", "done"])
    assert created(clean) == ONCE
    assert_chain_holds()


def test_fault_R06_an_error_after_it_was_applied_is_found_and_adopted(
    ended: Callable[..., Item], clean: Sandbox
) -> None:
    item = ended({"match": POST_USERS, "do": "apply_then_status", "value": 500, "times": 1})
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])
    assert created(clean) == ONCE


def test_fault_R09_R13_an_answer_that_breaks_off_in_the_middle_is_looked_up_and_adopted(
    ended: Callable[..., Item], clean: Sandbox
) -> None:
    """A 201 of which less arrives than its Content-Length says."""
    before = clean.stats()["statuses"].get("201", 0)
    item = ended({"match": POST_USERS, "do": "cut", "times": 1})
    assert (item.state, results(item), item.attempt) == (ItemState.DONE, ["intent", "unknown", "adopted"], 1)
    assert clean.stats()["statuses"]["201"] - before == 1
    assert created(clean) == ONCE
    assert_chain_holds()


def test_fault_R10_silence_after_it_was_applied_is_found_and_adopted(
    ended: Callable[..., Item], clean: Sandbox
) -> None:
    item = ended({"match": POST_USERS, "do": "apply_then_delay", "value": QUICK["deadline"] + 1.5, "times": 1})
    assert (item.state, results(item), item.attempt) == (ItemState.DONE, ["intent", "unknown", "adopted"], 1)
    assert created(clean) == ONCE
    assert_chain_holds()


def test_fault_R11_nothing_is_looked_up_before_the_time_has_passed_in_which_it_may_still_be_applied(
    ended: Callable[..., Item], clean: Sandbox, quick: Timing
) -> None:
    item = ended({"match": POST_USERS, "do": "apply_late", "value": quick.settle * 0.7, "times": 1})
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])
    assert created(clean) == ONCE


@pytest.mark.parametrize(("fault", "absent"), [("apply_then_reset", 1), ("reset", 1)])
def test_fault_R27_a_read_that_lags_behind_does_not_make_a_second_user(
    ended: Callable[..., Item], clean: Sandbox, fault: str, absent: int
) -> None:
    """The user is there, the first look does not see it: the second creation is refused, and the user adopted."""
    hidden = {"match": {"method": "GET", "path": "/users"}, "do": "merge", "value": NOBODY, "times": 1}
    item = ended(
        {"match": POST_USERS, "do": fault, "times": 1},
        {"match": GET_USER, "do": "status", "value": NO_USER, "times": 1},
        hidden,
    )
    assert (item.state, results(item).count("absent")) == (ItemState.DONE, absent), item.message
    assert created(clean) == ONCE


def test_fault_R27_a_user_the_list_does_not_show_yet_is_adopted_by_its_own_address(
    ended: Callable[..., Item], clean: Sandbox
) -> None:
    item = ended(
        {"match": POST_USERS, "do": "apply_then_reset", "times": 1},
        {"match": {"method": "GET", "path": "/users$"}, "do": "merge", "value": NOBODY},
    )
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])
    assert created(clean) == ONCE


def test_fault_R27_a_user_that_only_the_list_shows_is_adopted(ended: Callable[..., Item], clean: Sandbox) -> None:
    item = ended(
        {"match": POST_USERS, "do": "apply_then_reset", "times": 1},
        {"match": GET_USER, "do": "status", "value": NO_USER},
    )
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])
    assert created(clean) == ONCE


def test_fault_R19_a_wrong_secret_stops_the_jobs_before_the_first_row_and_fails_none(
    creations: Creations, clean: Sandbox, olga: Staff, client_of: Callable[[Staff], Client]
) -> None:
    connection = Connection.objects.get()
    right_secret = connection.api_secret
    connection.api_secret = "another-secret-of-at-least-thirty-two-bytes"
    connections.save(olga, connection, new_credentials=True)
    jobs = [creations(30, key="one"), creations(3, key="two", run=False)]
    before = sum(clean.stats()["statuses"].values())
    pump(jobs[0].pk)
    jobs[0].refresh_from_db()
    refused = clean.stats()["statuses"]["401"]
    assert (jobs[0].state, jobs[0].paused_by, states(jobs[0])) == (JobState.PAUSED, "connection", {"pending": 30})
    assert 0 < refused <= 2 * QUICK["threads"]  # those on their way, each with a second try; then no more
    assert sum(clean.stats()["statuses"].values()) - before == refused
    page = client_of(olga).get("/").content.decode()
    assert "Zoom refuses the credentials of Sandbox. Jobs wait; lists show what was read before." in page
    connection.api_secret = right_secret
    connections.save(olga, connection, new_credentials=True)
    finished(jobs[0])
    assert states(jobs[0]) == {ItemState.DONE: 30}
    assert clean.stats()["statuses"]["401"] == refused
    assert set(created(clean).values()) == {1}


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (400, 4999, "Zoom refused the request: Odd thing. Nothing was changed."),
        (400, 77, "Zoom refused the request: Odd thing. Nothing was changed."),
        (418, 12345, "Zoom refused the request (HTTP 418): Odd thing. Nothing was changed."),
        (403, 9090, "The API credential has no permission for this: Odd thing. Nothing was changed."),
        (200, 4999, "Zoom refused the request: Odd thing. Nothing was changed."),
    ],
)
def test_fault_R20_a_refusal_with_a_code_nobody_knows_fails_the_row_at_once(
    ended: Callable[..., Item], clean: Sandbox, status: int, code: int, told: str
) -> None:
    refusal = {"status": status, "body": {"code": code, "message": "Odd thing."}}
    item = ended({"match": POST_USERS, "do": "status", "value": refusal})
    assert (item.state, item.http_status, item.code, item.message) == (ItemState.FAILED, status, code, told)
    assert (results(item), item.attempt) == (["intent", "refused"], 1)
    assert [rule["struck"] for rule in clean.stats()["faults"]] == [1]
    assert created(clean) == {}


def test_fault_R21_a_conflict_at_the_first_try_is_somebody_elses(ended: Callable[..., Item], clean: Sandbox) -> None:
    conflict = {"status": 409, "body": {"code": 1005, "message": "User already in the account."}}
    item = ended({"match": POST_USERS, "do": "status", "value": conflict, "times": 1})
    assert (item.state, item.http_status, results(item)) == (ItemState.FAILED, 409, ["intent", "refused"])
    assert "already" in item.message
    assert created(clean) == {}


def test_fault_R21_a_conflict_after_an_unclear_try_may_be_our_own_and_is_adopted(
    ended: Callable[..., Item], clean: Sandbox
) -> None:
    """The first look comes too early and finds nobody, so it is sent again, and refused."""
    item = ended(
        {"match": POST_USERS, "do": "apply_then_reset", "times": 1},
        {"match": GET_USER, "do": "status", "value": NO_USER, "times": 1},
        {"match": {"method": "GET", "path": "/users"}, "do": "merge", "value": NOBODY, "times": 1},
    )
    assert (item.state, item.attempt) == (ItemState.DONE, 2)
    assert results(item) == ["intent", "unknown", "absent", "intent", "unknown", "adopted"]
    assert created(clean) == ONCE


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"do": "status", "value": 500}, TWICE),
        ({"do": "429", "value": "1"}, ""),
    ],
)
def test_an_invitation_that_was_sent_again_after_an_unclear_try_says_so(
    ended: Callable[..., Item], fault: dict[str, Any], message: str
) -> None:
    item = ended({"match": POST_USERS, "times": 1, **fault})
    assert (item.state, item.message) == (ItemState.DONE, message)


def test_a_password_that_was_sent_again_after_an_unclear_try_says_so(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    user = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"][1]["id"]
    clean.faults({"match": {"method": "PUT"}, "do": "apply_then_status", "value": 500, "times": 1})
    item = one(tenant, olga, "users.update_password", path={"userId": user}, body={"password": "Canary-12345678"})
    assert (item.state, item.sends, item.message) == (ItemState.DONE, 2, TWICE)
