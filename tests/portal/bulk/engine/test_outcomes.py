"""Answers that say nothing, refusals, and what becomes of the item. The sandbox's ledger has the last word."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk import operations
from portal.bulk.engine import _verdict_of
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import Step
from portal.bulk.pump import pump
from portal.bulk.recipes import Finding, Found
from portal.bulk.timing import standard
from portal.directory.models import SubAccount
from tests.portal.bulk.engine.conftest import QUICK, assert_chain_holds, created, states
from tests.support.sandbox import Sandbox
from zoomapi.spec.base import Effect

pytestmark = pytest.mark.django_db(transaction=True)

POST_USERS = {"method": "POST", "path": "/users$"}


def results(item: Item) -> list[str]:
    entries = Entry.objects.filter(operation=f"{item.job_id}:{item.pk}").order_by("number")
    return list(entries.values_list("result", flat=True))


@pytest.mark.parametrize(
    ("fault", "value", "trail"),
    [
        ("status", 500, ["intent", "unknown", "absent", "intent", "done"]),
        ("reset", None, ["intent", "unknown", "absent", "intent", "done"]),
        ("html", 502, ["intent", "unknown", "absent", "intent", "done"]),
        ("apply_then_status", 500, ["intent", "unknown", "adopted"]),
        ("apply_then_html", 502, ["intent", "unknown", "adopted"]),
        ("apply_then_reset", None, ["intent", "unknown", "adopted"]),
        ("cut", None, ["intent", "unknown", "adopted"]),
        ("null_id", None, ["intent", "unknown", "adopted"]),
        ("empty", None, ["intent", "unknown", "adopted"]),
        ("apply_late", 0.2, ["intent", "unknown", "adopted"]),
        ("429", "1", ["intent", "refused", "intent", "done"]),
    ],
)
def test_one_spoilt_answer_ends_in_one_user(
    creations: Callable[..., Job], clean: Sandbox, fault: str, value: Any, trail: list[str]
) -> None:
    job = creations(1, run=False)
    clean.faults({"match": POST_USERS, "do": fault, "value": value, "times": 1})
    operations.start(job, job.owner)
    pump(job.pk)
    job.refresh_from_db()
    item = job.items.get()
    assert (job.state, item.state, bool(item.remote_id)) == (JobState.DONE, ItemState.DONE, True), item.message
    assert results(item) == trail
    assert created(clean) == {"new1@import.example": 1}
    assert_chain_holds()


def test_a_user_that_existed_before_is_not_ours(tenant: SubAccount, olga: Staff, clean: Sandbox) -> None:
    old = clean.call("GET", f"/accounts/{tenant.zoom_id}/users").json()["users"][0]
    clean.faults({"match": POST_USERS, "do": "status", "value": 500, "times": 1})
    body = {"action": "create", "user_info": {"email": old["email"], "type": 1}}
    item = one(tenant, olga, "users.create", body=body)
    assert (item.state, results(item)) == (ItemState.FAILED, ["intent", "unknown", "existed"])
    assert created(clean) == {}


def test_an_unclear_deletion_is_settled_by_looking(
    creations: Callable[..., Job], tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    made = creations(1)
    pump(made.pk)
    user = made.items.get().remote_id
    clean.faults({"match": {"method": "DELETE"}, "do": "apply_then_status", "value": 503, "times": 1})
    item = one(tenant, olga, "users.delete", path={"userId": user}, query={"action": "disassociate"})
    assert (item.state, results(item)[-1], item.attempt) == (ItemState.DONE, "adopted", 1)


def test_a_404_that_is_not_zooms_own_says_nothing_of_a_deletion(
    creations: Callable[..., Job], tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    made = creations(1)
    pump(made.pk)
    user = made.items.get().remote_id
    clean.faults(
        {"match": {"method": "DELETE"}, "do": "status", "value": 500, "times": 1},
        {"match": {"method": "GET"}, "do": "html", "value": 404, "times": 2},
        {"match": {"method": "DELETE"}, "do": "html", "value": 404, "times": 1},
    )
    item = one(tenant, olga, "users.delete", path={"userId": user}, query={"action": "disassociate"})
    assert (item.state, results(item)) == (
        ItemState.DONE,
        ["intent", "unknown", "absent", "intent", "unknown", "absent", "intent", "done"],
    )
    assert clean.call("GET", f"/accounts/{tenant.zoom_id}/users/{user}").status_code == 404


def test_an_unclear_change_is_compared_and_repeated(
    creations: Callable[..., Job], tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    made = creations(1)
    pump(made.pk)
    user = made.items.get().remote_id
    clean.faults({"match": {"method": "PATCH"}, "do": "status", "value": 503, "times": 1})
    item = one(tenant, olga, "users.update", path={"userId": user}, body={"dept": "Sales"})
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "absent", "intent", "done"])
    clean.faults({"match": {"method": "PATCH"}, "do": "apply_then_status", "value": 503, "times": 1})
    item = one(tenant, olga, "users.update", path={"userId": user}, body={"dept": "Service"})
    assert (item.state, results(item)) == (ItemState.DONE, ["intent", "unknown", "adopted"])


@pytest.mark.parametrize(
    ("endpoint", "parts", "answer"),
    [
        ("users.update", {"body": {"dept": "Sales"}}, {"dept": "Service"}),
        ("users.delete", {"query": {"action": "disassociate"}}, {"email": "new1@import.example"}),
    ],
)
def test_who_decides_about_what_was_tried_in_vain_sees_what_zoom_shows(
    creations: Callable[..., Job],
    tenant: SubAccount,
    olga: Staff,
    clean: Sandbox,
    settings: Settings,
    endpoint: str,
    parts: dict[str, Any],
    answer: dict[str, Any],
) -> None:
    made = creations(1, run=False)
    made.items.update(body={"action": "create", "user_info": {"email": "new1@import.example", "type": 1}})
    operations.start(made, olga)
    pump(made.pk)
    user = made.items.get().remote_id
    one(tenant, olga, "users.update", path={"userId": user}, body={"dept": "Service"})
    settings.BULK_TIMING = {**QUICK, "tries": 2}
    method = "DELETE" if endpoint == "users.delete" else "PATCH"
    clean.faults({"match": {"method": method}, "do": "status", "value": 503})
    item = one(tenant, olga, endpoint, path={"userId": user}, **parts)
    assert (item.state, item.attempt, item.message.partition(". ")[2]) == (
        ItemState.REVIEW,
        2,
        "It was tried 2 times, so a person decides.",
    )
    assert {name: item.answer.get(name) for name in answer} == answer


@pytest.mark.parametrize(
    ("fault", "trail"),
    [
        ("status", ["intent", "unknown", "absent", "absent", "intent", "done"]),
        ("apply_then_status", ["intent", "unknown", "adopted"]),
    ],
)
def test_a_creation_without_a_key_is_repeated_after_two_looks(
    tenant: SubAccount, olga: Staff, clean: Sandbox, fault: str, trail: list[str]
) -> None:
    clean.faults({"match": {"method": "POST", "path": "/groups$"}, "do": fault, "value": 500, "times": 1})
    item = one(tenant, olga, "groups.create", body={"name": "New group"})
    assert (item.state, results(item)) == (ItemState.DONE, trail)
    assert len([write for write in clean.ledger() if write["operation"] == "groups.create"]) == 1


def test_each_repeat_of_a_creation_without_a_key_needs_two_looks_of_its_own(
    tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    clean.faults({"match": {"method": "POST", "path": "/groups$"}, "do": "status", "value": 500, "times": 2})
    item = one(tenant, olga, "groups.create", body={"name": "New group"})
    unclear = ["intent", "unknown", "absent", "absent"]
    assert (item.state, results(item)) == (ItemState.DONE, [*unclear, *unclear, "intent", "done"])


@pytest.mark.parametrize(("fault", "state"), [("status", ItemState.REVIEW), ("apply_then_status", ItemState.DONE)])
def test_money_is_never_sent_twice_on_a_guess(
    olga: Staff, clean: Sandbox, tenant: SubAccount, settings: Settings, fault: str, state: str
) -> None:
    settings.BULK_TIMING = {**QUICK, "lease": 10.0}  # one call a second, and the first is the look at what is there
    plan = clean.call("GET", f"/accounts/{tenant.zoom_id}/plans").json()["plan_base"]
    wanted = {"type": plan["type"], "hosts": plan["hosts"] + 1}
    clean.faults({"match": {"method": "PUT"}, "do": fault, "value": 500, "times": 1})
    item = one(tenant, olga, "billing.update_base", body=wanted, right=Right.BILLING)
    assert item.state == state, item.message
    assert results(item).count("intent") == 1
    assert item.baseline is not None
    assert item.baseline["plans"]["plan_base"] == plan


def test_what_a_person_is_shown_to_decide_holds_no_secret() -> None:
    two = [
        {"id": n, "topic": "T", "start_url": "https://zoom.example/s?zak=Canary1", "password": "Canary2"}
        for n in (1, 2)
    ]
    finding = Finding(Found.UNCLEAR, "Two were found.", data={"found": two, "host_key": "Canary3"})
    verdict = _verdict_of(Item(endpoint="meetings.create"), finding, Effect.CREATE, standard())
    assert verdict.state == ItemState.REVIEW
    assert [(row["id"], row["topic"]) for row in verdict.answer["found"]] == [(1, "T"), (2, "T")]
    assert "Canary" not in str(verdict.answer)


def test_a_sub_account_that_left_fails_its_rows_without_a_loop(
    creations: Callable[..., Job], tenant: SubAccount, clean: Sandbox
) -> None:
    tenant.zoom_id = "gone"
    tenant.save()
    job = creations(2)
    pump(job.pk)
    assert states(job) == {ItemState.FAILED: 2}
    tenant.refresh_from_db()
    assert tenant.gone_since is not None


def test_refused_credentials_pause_the_job_and_it_goes_on_when_they_are_good_again(
    creations: Callable[..., Job], tenant: SubAccount, clean: Sandbox
) -> None:
    job = creations(4, run=False)
    clean.faults({"match": {}, "do": "expired"})
    operations.start(job, job.owner)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, job.paused_by, states(job)) == (JobState.PAUSED, "connection", {ItemState.PENDING: 4})
    clean.faults()
    type(tenant.connection).objects.update(bad_since=None)
    pump(job.pk)
    job.refresh_from_db()
    assert (job.state, states(job)) == (JobState.DONE, {ItemState.DONE: 4})
    assert created(clean) == {f"new{row}@import.example": 1 for row in range(1, 5)}


def test_steps_after_a_failed_one_are_not_done(olga: Staff, tenant: SubAccount, clean: Sandbox) -> None:
    boss = {"first_name": "N", "last_name": "O", "email": tenant.owner_email, "password": "Canary-123456"}
    job = onboarding(olga, tenant, boss)
    pump(job.pk)
    job.refresh_from_db()
    assert [item.state for item in job.items.all()] == [ItemState.FAILED, ItemState.CANCELLED, ItemState.CANCELLED]
    assert {item.message for item in job.items.all()[1:]} == {"Not done: step 1 failed."}
    assert (job.state, clean.ledger()) == (JobState.DONE_WITH_ERRORS, [])


def test_steps_follow_each_other_with_what_the_first_one_made(olga: Staff, tenant: SubAccount, clean: Sandbox) -> None:
    boss = {"first_name": "N", "last_name": "O", "email": "boss@new.example", "password": "Canary-123456"}
    job = onboarding(olga, tenant, boss)
    pump(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, [item.message for item in job.items.all()]
    assert [write["operation"] for write in clean.ledger()] == [
        "accounts.create",
        "accounts.update_options",
        "groups.create",
    ]


def onboarding(owner: Staff, tenant: SubAccount, boss: dict[str, str]) -> Job:
    job = operations.plan(
        scope=scope_of(owner),
        actor=owner,
        connection=tenant.connection,
        kind="onboarding",
        title="New customer",
        right=Right.CREATE_ACCOUNT,
        steps=[
            Step(step=0, endpoint="accounts.create", body=boss, label=boss["email"]),
            Step(step=1, endpoint="accounts.update_options", body={"share_rc": True}, after=0),
            Step(step=2, endpoint="groups.create", body={"name": "Everybody"}, after=1),
        ],
    )
    operations.start(job, owner)
    return job


def one(account: SubAccount, owner: Staff, endpoint: str, right: Right = Right.WRITE, **parts: Any) -> Item:
    """Run a job of one call to its end."""
    job = operations.plan(
        scope=scope_of(owner),
        actor=owner,
        connection=account.connection,
        kind="subscribe",
        title="One",
        right=right,
        steps=[Step(account=account, endpoint=endpoint, **parts)],
    )
    operations.start(job, owner)
    pump(job.pk)
    return job.items.get()
