"""One write while a person waits for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import scope_of
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.operations import perform
from portal.bulk.pump import pump
from portal.bulk.timing import Timing
from portal.directory.models import SubAccount
from portal.gateway.clients import NoRight, OutOfScope
from tests.portal.bulk.engine.conftest import QUICK
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

Perform = Callable[..., Item]


@pytest.fixture
def create(tenant: SubAccount, olga: Staff) -> Perform:
    def run(email: str = "one@perform.example", **more: Any) -> Item:
        body = {"action": "create", "user_info": {"email": email, "type": 1}}
        actor = more.pop("actor", olga)
        arguments = {"endpoint": "users.create", "account": tenant, "body": body, "label": email} | more
        return perform(scope=scope_of(actor), actor=actor, **arguments)

    return run


def test_a_write_is_done_when_perform_returns(create: Perform, clean: Sandbox) -> None:
    item = create()
    assert (item.state, item.job.state, item.http_status) == (ItemState.DONE, JobState.DONE, 201)
    assert [write["key"] for write in clean.ledger()] == ["one@perform.example"]


def test_what_zoom_dislikes_is_told_by_field(create: Perform, clean: Sandbox) -> None:
    item = create(body={"action": "create", "user_info": {"email": "no address", "type": 1}})
    assert (item.state, list(item.errors)) == (ItemState.FAILED, ["user_info.email"])
    assert clean.ledger() == []


def test_a_refusal_changes_nothing_and_says_why(create: Perform, clean: Sandbox) -> None:
    create()
    item = create(key="another")
    assert (item.state, item.http_status, item.code) == (ItemState.FAILED, 409, 1005)
    assert len(clean.ledger()) == 1


def test_an_unclear_answer_is_looked_up_by_a_worker(create: Perform, clean: Sandbox, quick: Timing) -> None:
    clean.faults({"match": {"method": "POST"}, "do": "apply_then_status", "value": 500, "times": 1})
    item = create()
    assert (item.state, item.job.state) == (ItemState.UNKNOWN, JobState.RUNNING)
    pump(item.job_id, timing=quick)
    item.refresh_from_db()
    item.job.refresh_from_db()
    assert (item.state, item.job.state, item.attempt) == (ItemState.DONE, JobState.DONE, 1)
    assert item.remote_id
    assert len(clean.ledger()) == 1


def test_what_was_not_sent_is_not_sent_later(create: Perform, tenant: SubAccount) -> None:
    tenant.connection.base_url = "http://127.0.0.1:9/v2"
    tenant.connection.save()
    item = create()
    assert item.state == ItemState.FAILED
    assert item.message.count("Nothing was") == 1
    assert item.message.endswith("Please try again.")


def test_strangers_get_nowhere(create: Perform, ravi: Staff, anna: Staff, clean: Sandbox) -> None:
    with pytest.raises(OutOfScope):
        create(actor=ravi)
    with pytest.raises(NoRight):
        create(actor=anna)
    assert (Job.objects.count(), clean.ledger()) == (0, [])


def test_fault_U13_a_double_click_is_one_operation(create: Perform, clean: Sandbox, settings: Settings) -> None:
    settings.BULK_TIMING = {**QUICK, "lease": 60, "deadline": 30}  # twenty threads may need a while for their turns

    def click(_: int) -> tuple[Any, str]:
        try:
            item = create(key="form-token")
            return item.pk, item.state
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(click, range(20)))
    assert len(answers) == 1
    assert {state for _, state in answers} == {ItemState.DONE}
    assert len(clean.ledger()) == 1


def test_fault_U16_a_repeated_post_shows_the_first_operation(create: Perform, clean: Sandbox) -> None:
    first = create(key="form-token")
    assert create(key="form-token") == first
    assert len(clean.ledger()) == 1


def test_another_person_with_the_same_token_has_their_own_operation(
    create: Perform, adam: Staff, clean: Sandbox
) -> None:
    first = create(key="form-token")
    assert create("two@perform.example", key="form-token", actor=adam) != first
    assert len(clean.ledger()) == 2


def test_a_password_is_sealed_while_it_waits_and_erased_at_the_end(
    create: Perform, tenant: SubAccount, olga: Staff, clean: Sandbox
) -> None:
    person = {
        "email": "auto@perform.example",
        "type": 1,
        "password": "Canary-123456",
        "first_name": "A",
        "last_name": "B",
    }
    item = create("auto@perform.example", body={"action": "autoCreate", "user_info": person})
    assert (item.state, item.secret, item.secret_erased) == (ItemState.DONE, "", True)
    assert "Canary" not in str(item.body)


def test_a_new_sub_account_leads_to_its_first_change(olga: Staff, tenant: SubAccount, clean: Sandbox) -> None:
    body = {"first_name": "N", "last_name": "O", "email": "boss@new.example", "password": "Canary-123456"}
    item = perform(
        scope=scope_of(olga),
        actor=olga,
        connection=tenant.connection,
        endpoint="accounts.create",
        body=body,
        right=Right.CREATE_ACCOUNT,
        label="boss@new.example",
    )
    assert (item.state, item.message) == (ItemState.DONE, "")
    assert SubAccount.objects.filter(zoom_id=item.remote_id).count() == 1
    assert item.baseline == {"ids": []}
