"""A call of many rows that Zoom refuses because of one of them: that row fails, the others are done, each once."""

import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import batches, claims, jobs, operations
from portal.bulk.again import retryable
from portal.bulk.files import results
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import perform
from portal.bulk.progress import progress_of
from portal.bulk.pump import pump
from portal.bulk.registrants import Decision, plan_decision
from portal.bulk.retrying import retry_failed
from portal.bulk.verdicts import Verdict
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, finished, quick
from tests.portal.bulk.engine.test_database_faults import LOST, alone, lose_commit
from tests.portal.bulk.engine.worker import launch
from tests.portal.bulk.test_registrants import decided, registered, sends, webinar
from tests.portal.events.conftest import first_world, host, listed, tenant
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["alone", "first_world", "host", "lose_commit", "quick", "tenant", "webinar"]  # fixtures

SAID = "Zoom did not accept some of the values: Validation Failed. Nothing was changed."
ANSWERS = ("done", "unknown", "refused", "not_sent", "swept", "fenced")
Make = Callable[..., Job]


@pytest.fixture
def mixed(sandbox: Sandbox, tenant: SubAccount, olga: Staff, webinar: int) -> Make:
    """Start a job about so many registrants, with strangers in the rows that are named."""

    def make(number: int, *strangers: int, action: str = "approve", run: bool = True) -> Job:
        people = registered(sandbox, tenant, webinar, number - len(strangers))
        for row in strangers:
            people.insert(row - 1, {"id": f"nobody{row}", "email": f"nobody{row}@reg.example"})
        job = decided(olga, tenant, webinar, action, people)
        if run:
            operations.start(job, olga)
        return job

    return make


def told(job: Job) -> list[tuple[str, str]]:
    """State and message of every row, as the result file has them."""
    return [(row[1], row[5]) for row in results.rows(job)]


def intents(job: Job) -> int:
    """How many calls were sent; each has one answer in the audit log, and the chain holds."""
    entries = list(Entry.objects.filter(operation__startswith=f"{job.pk}:").order_by("number"))
    for operation in {entry.operation for entry in entries}:
        mine = [entry.result for entry in entries if entry.operation == operation]
        assert mine.count("intent") == sum(mine.count(result) for result in ANSWERS), mine
    assert_chain_holds()
    return sum(entry.result == "intent" for entry in entries)


def assert_only_failed(job: Job, sandbox: Sandbox, account: SubAccount, event: int, *strangers: int) -> None:
    rows = told(job)
    assert [state for state, _ in rows] == ["failed" if n in strangers else "done" for n in range(1, len(rows) + 1)]
    assert len(listed(sandbox, account, event, "approved")) == len(rows) - len(strangers)
    assert listed(sandbox, account, event, "pending") == set()


def test_one_bad_row_of_thirty_fails_alone_after_few_calls(
    mixed: Make, sandbox: Sandbox, tenant: SubAccount, webinar: int
) -> None:
    job = finished(mixed(30, 17))
    assert job.state == JobState.DONE_WITH_ERRORS
    assert_only_failed(job, sandbox, tenant, webinar, 17)
    bad = job.items.get(row=17)
    assert (bad.state, bad.message, bad.http_status, bad.code, bad.attempt) == (ItemState.FAILED, SAID, 400, 300, 1)
    assert bad.errors == {"registrants[0]": ["There is no such registrant."]}
    assert (intents(job), sends(sandbox, webinar)) == (11, 5)
    now = progress_of(job)
    assert (now.shown, now.done, now.total) == ([(ItemState.DONE, 29), (ItemState.FAILED, 1)], 29, 30)
    assert [item.row for item in retryable(job)] == [17]


@pytest.mark.parametrize("strangers", [(1,), (35,), (1, 2, 30, 31), tuple(range(1, 36))])
def test_wherever_the_bad_rows_are_only_they_fail(
    mixed: Make, sandbox: Sandbox, tenant: SubAccount, webinar: int, strangers: tuple[int, ...]
) -> None:
    job = finished(mixed(35, *strangers))
    assert_only_failed(job, sandbox, tenant, webinar, *strangers)
    assert intents(job) == sends(sandbox, webinar) + Entry.objects.filter(result="refused").count()


def test_the_rows_of_a_refused_call_are_divided_between_two(mixed: Make, settings: Settings) -> None:
    settings.BULK_TIMING = {**QUICK, "threads": 0, "loop": 0.01}
    job = mixed(5, 2)
    pump(job.pk)
    at = job.items.get(row=1).source["compared"]
    rows = [(item.row, item.state, len(item.body.get("registrants", [])), item.source) for item in job.items.all()]
    assert rows == [
        (1, ItemState.PENDING, 3, {"compared": at}),
        (2, ItemState.JOINED, 0, {"with": 1}),
        (3, ItemState.JOINED, 0, {"with": 1}),
        (4, ItemState.PENDING, 2, {"compared": at}),
        (5, ItemState.JOINED, 0, {"with": 4}),
    ]
    first, fourth, fifth = (job.items.get(row=row) for row in (1, 4, 5))
    assert first.message == f"{SAID} The 5 rows of this call are sent again in two smaller ones."
    assert (first.attempt, first.lease_until, first.errors, fifth.message) == (
        0,
        None,
        {},
        "Sent in the call of row 4.",
    )
    assert (fourth.endpoint, fourth.path, fourth.object_key) == (first.endpoint, first.path, first.object_key)
    now = progress_of(job)
    assert (now.shown, now.total) == ([(ItemState.PENDING, 5)], 5)
    assert Entry.objects.get(result="refused").message == first.message


def test_a_cancelled_job_sends_no_half_of_a_divided_call(
    mixed: Make, sandbox: Sandbox, tenant: SubAccount, webinar: int, olga: Staff, settings: Settings
) -> None:
    settings.BULK_TIMING = {**QUICK, "threads": 0, "loop": 0.01}
    job = mixed(5, 2)
    pump(job.pk)
    jobs.cancel(job.pk, olga)
    settings.BULK_TIMING = QUICK
    assert finished(job).state == JobState.CANCELLED
    assert told(job) == [("cancelled", jobs.CANCELLED)] * 5
    again = retry_failed(job, scope=scope_of(olga), actor=olga)
    assert again is not None
    operations.start(again, olga)
    assert_only_failed(finished(again), sandbox, tenant, webinar, 2)
    assert sends(sandbox, webinar) == 3  # rows 1, 3, and 4 with 5


def test_a_row_that_failed_alone_is_retried_alone(
    sandbox: Sandbox, tenant: SubAccount, olga: Staff, webinar: int
) -> None:
    people = registered(sandbox, tenant, webinar, 4)
    path = f"/accounts/{tenant.zoom_id}/webinars/{webinar}/registrants/status"
    assert sandbox.call("PUT", path, json={"action": "cancel", "registrants": [{"id": people[2]["id"]}]}).ok
    job = decided(olga, tenant, webinar, "approve", people)
    operations.start(job, olga)
    assert [state for state, _ in told(finished(job))] == ["done", "done", "failed", "done"]
    again = retry_failed(job, scope=scope_of(olga), actor=olga)
    assert again is not None
    only = again.items.get()
    assert (only.row, only.body["registrants"]) == (3, [{"id": people[2]["id"]}])
    assert retry_failed(job, scope=scope_of(olga), actor=olga) is None


def test_when_the_whole_event_is_gone_its_rows_fail_in_one_call(
    mixed: Make, sandbox: Sandbox, tenant: SubAccount, webinar: int, olga: Staff
) -> None:
    job = mixed(30, run=False)
    assert sandbox.call("DELETE", f"/accounts/{tenant.zoom_id}/webinars/{webinar}").ok
    operations.start(job, olga)
    rows = told(finished(job))
    assert {state for state, _ in rows} == {"failed"}
    assert "does not exist or has expired" in rows[29][1]
    assert (intents(job), job.items.get(row=1).code) == (1, 3001)


@pytest.mark.parametrize(
    ("refusal", "divides"),
    [
        (Verdict(ItemState.FAILED, "refused", status=400, code=300), True),
        (Verdict(ItemState.FAILED, "refused", status=200, code=300), True),
        (Verdict(ItemState.FAILED, "refused", status=404), True),
        (Verdict(ItemState.FAILED, "refused", status=400, code=300, errors={"registrants[4].id": ["no"]}), True),
        (Verdict(ItemState.FAILED, "refused", status=400, code=300, errors={"action": ["no"]}), False),
        (Verdict(ItemState.FAILED, "refused", status=404, code=2001), False),
        (Verdict(ItemState.FAILED, "refused", status=404, code=3001), False),
        (Verdict(ItemState.FAILED, "refused", status=400, code=200), False),
        (Verdict(ItemState.FAILED, "refused", status=400, code=4711), False),
        (Verdict(ItemState.FAILED, "refused", status=403), False),
        (Verdict(ItemState.FAILED, "not_sent"), False),
        (Verdict(ItemState.PENDING, "refused", status=429), False),
        (Verdict(ItemState.UNKNOWN, "unknown", status=500), False),
        (Verdict(ItemState.DONE, "done", status=204), False),
    ],
)
def test_only_a_plain_refusal_that_may_be_about_one_row_divides(
    acme: SubAccount, olga: Staff, refusal: Verdict, divides: bool
) -> None:
    people = [{"id": f"id{n}"} for n in range(3)]
    job = plan_decision(scope_of(olga), olga, Decision(acme, "meetings", 123456789, "deny", "Standup"), people)
    assert (batches.divide(job.items.get(row=1), refusal) is not None) is divides


def test_a_row_that_names_several_people_itself_is_not_divided(
    sandbox: Sandbox, tenant: SubAccount, olga: Staff, webinar: int
) -> None:
    people = [{"id": person["id"]} for person in registered(sandbox, tenant, webinar, 2)]
    item = perform(
        scope=scope_of(olga), actor=olga, account=tenant, endpoint="webinars.update_registrants_status",
        path={"webinarId": str(webinar)}, body={"action": "deny", "registrants": [*people, {"id": "nobody"}]},
    )  # fmt: skip
    assert (item.state, item.errors) == (ItemState.FAILED, {"registrants[2]": ["There is no such registrant."]})
    assert sends(sandbox, webinar) == 0


@pytest.mark.parametrize("point", ["P03:2", "P04:2", "P06:2", "P07:1", "P07:3", "P08:1", "P08:3", "P11:1"])
def test_a_worker_killed_while_a_call_is_divided_loses_and_doubles_nothing(
    mixed: Make, sandbox: Sandbox, tenant: SubAccount, webinar: int, point: str
) -> None:
    job = mixed(12, 7)
    worker = launch(job.pk, QUICK, point)
    assert worker.wait(60) == -signal.SIGKILL, "the point was never reached"
    assert_only_failed(finished(job), sandbox, tenant, webinar, 7)
    calls = intents(job)
    assert calls == Entry.objects.filter(phase="outcome").exclude(result__in=("adopted", "absent")).count()
    once = Entry.objects.filter(result__in=("done", "adopted")).count()
    assert sends(sandbox, webinar) == once


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.usefixtures("alone")
def test_a_division_whose_commit_was_not_answered_is_made_once(
    mixed: Make,
    sandbox: Sandbox,
    tenant: SubAccount,
    webinar: int,
    lose_commit: Callable[..., list[str]],
    applied: bool,
) -> None:
    job = mixed(6, 2)
    met = lose_commit("refused", 1, applied)
    assert_only_failed(finished(job), sandbox, tenant, webinar, 2)
    assert met == ["refused"]
    assert (intents(job), Entry.objects.filter(result="fenced").count()) == (7, 0)


@pytest.mark.usefixtures("alone")
def test_a_worker_that_dies_right_after_the_division_is_followed_by_another(
    mixed: Make, sandbox: Sandbox, tenant: SubAccount, webinar: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = mixed(6, 2)
    died: list[Item] = []

    def die(held: claims.Claim, **_: Any) -> None:
        died.append(held.item)
        monkeypatch.undo()
        raise OperationalError(LOST)

    monkeypatch.setattr(claims, "release", die)
    assert_only_failed(finished(job), sandbox, tenant, webinar, 2)
    assert (len(died), died[0].row) == (1, 1)
    intents(job)


def test_an_earlier_attempt_that_stayed_unclear_does_not_keep_a_call_from_being_divided(
    mixed: Make, sandbox: Sandbox, tenant: SubAccount, webinar: int
) -> None:
    sandbox.faults({"match": {"method": "PUT"}, "do": "reset", "times": 1})
    job = finished(mixed(8, 3))
    assert_only_failed(job, sandbox, tenant, webinar, 3)
    assert {item.checks > 0 for item in job.items.exclude(state=ItemState.JOINED)} == {True}
    intents(job)


def test_a_cancellation_that_arrived_late_and_makes_the_next_one_refused_is_found_done(
    sandbox: Sandbox, tenant: SubAccount, olga: Staff, webinar: int, settings: Settings
) -> None:
    settings.BULK_TIMING = QUICK | {"lease": 10.0, "deadline": 6.0}  # seconds may pass before the late one arrives
    people = registered(sandbox, tenant, webinar, 3)
    sandbox.faults(
        {"match": {"method": "PUT"}, "do": "apply_late", "value": 2.5, "times": 1},
        {"match": {"method": "PUT"}, "do": "delay", "value": 3.0, "times": 1},
    )
    job = decided(olga, tenant, webinar, "cancel", people)
    operations.start(job, olga)
    assert {state for state, _ in told(finished(job))} == {"done"}
    assert sends(sandbox, webinar) == 1
    assert Entry.objects.filter(result="refused").count() == 2  # of three rows, and of two
    intents(job)
