"""What the service's answers mean for a row, where they are odd: all that it says, and what it does not say."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError

from portal.access.models import Staff
from portal.bulk import operations, outcomes
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.bulk.verdicts import Verdict
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import created, states
from tests.portal.bulk.engine.test_crashes import run_until_done
from tests.portal.bulk.engine.test_outcomes import one, results
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

Creations = Callable[..., Job]
POST_USERS = {"method": "POST", "path": "/users$"}


@pytest.fixture
def user(creations: Creations, clean: Sandbox) -> str:
    """The id of a user that a job has made."""
    made = creations(1)
    pump(made.pk)
    return made.items.get().remote_id


@pytest.mark.parametrize(("fault", "trail"), [("html", "absent"), ("apply_then_html", "adopted")])
def test_fault_R07_a_change_answered_with_a_page_and_200_is_looked_up(
    user: str, tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, trail: str
) -> None:
    clean.faults({"match": {"method": "PATCH"}, "do": fault, "value": 200, "times": 1})
    item = one(tenant, olga, "users.update", path={"userId": user}, body={"dept": "Sales"})
    again = ["intent", "done"] if trail == "absent" else []
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", trail, *again])
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}/users/{user}").json()["dept"] == "Sales"


@pytest.mark.parametrize(("fault", "trail"), [("html", "absent"), ("apply_then_html", "adopted")])
def test_fault_R07_a_removal_answered_with_a_page_and_200_is_looked_up(
    user: str, tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, trail: str
) -> None:
    clean.faults({"match": {"method": "DELETE"}, "do": fault, "value": 200, "times": 1})
    item = one(tenant, olga, "users.delete", path={"userId": user}, query={"action": "disassociate"})
    again = ["intent", "done"] if trail == "absent" else []
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", trail, *again])
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}/users/{user}").status_code == 404


def test_fault_R06_a_creation_answered_with_200_and_code_500_is_found_and_adopted(
    creations: Creations, clean: Sandbox
) -> None:
    job = creations(1, run=False)
    broke = {"status": 200, "body": {"code": 500, "message": "Internal error."}}
    clean.faults({"match": POST_USERS, "do": "apply_then_status", "value": broke, "times": 1})
    operations.start(job, job.owner)
    pump(job.pk)
    item = job.items.get()
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])
    assert created(clean) == {"new1@import.example": 1}


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b", "\udc00ab\x00"])
def test_fault_R25_what_no_database_takes_is_left_out_of_an_answer(
    creations: Creations, clean: Sandbox, odd: str
) -> None:
    job = creations(3, run=False)
    clean.faults(
        {"match": POST_USERS, "do": "merge", "value": {"first_name": odd, "dept\x00": odd, "big": 2**80}},
        {"match": {"method": "GET"}, "do": "merge", "value": {"first_name": odd}},
    )
    operations.start(job, job.owner)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {ItemState.DONE: 3})
    told = [(item.answer["first_name"], item.answer["dept"], item.answer["big"]) for item in job.items.all()]
    assert told == [("ab", "ab", 2**80)] * 3
    assert set(created(clean).values()) == {1}


def test_fault_R25_a_refusal_with_a_code_that_fits_in_no_column_fails_its_row_alone(
    creations: Creations, clean: Sandbox
) -> None:
    job = creations(2, run=False)
    refusal = {"status": 400, "body": {"code": 2**40, "message": "No\x00pe\ud800."}}
    clean.faults({"match": POST_USERS, "do": "status", "value": refusal, "times": 1})
    operations.start(job, job.owner)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE_WITH_ERRORS, {ItemState.DONE: 1, ItemState.FAILED: 1})
    (failed,) = job.items.filter(state=ItemState.FAILED)
    assert (failed.code, failed.message) == (None, "Zoom refused the request: Nope. Nothing was changed.")


def test_fault_R25_a_value_that_fits_in_no_column_is_no_full_disk(
    creations: Creations, clean: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result of the first row cannot be written. Its lease ends, and it is looked up; the others go on."""
    tell = outcomes.tell

    def spoilt(item: Item, verdict: Verdict, **more: Any) -> None:
        if item.row == 1 and verdict.result == "done":
            raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        tell(item, verdict, **more)

    monkeypatch.setattr(outcomes, "tell", spoilt)
    job = creations(3)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, job.paused_by) == (JobState.RUNNING, "")
    run_until_done(job)
    assert states(job) == {ItemState.DONE: 3}
    assert results(job.items.get(row=1)) == ["intent", "swept", "adopted"]
    assert set(created(clean).values()) == {1}
