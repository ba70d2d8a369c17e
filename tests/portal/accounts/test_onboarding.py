"""Creating a sub-account with its plan: preview, order of the calls, refusals, doubles, and whose it is."""

from typing import Any

import pytest
from django.test import Client

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.audit.models import Entry
from portal.bulk.models import Item, ItemState, Job, JobState
from portal.bulk.pump import pump
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.cast import person
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unpaced")]
PASSWORD = "Correct-Horse-7"  # made up for these tests
CONTACT = {
    "first_name": "Bill", "last_name": "Payer", "email": "billing@uni.example", "phone_number": "+1 555 0100",
    "address": "1 Main St", "city": "San Jose", "state": "CA", "zip": "95113", "country": "US",
}  # fmt: skip


def filled(connection: Connection, **changes: str) -> dict[str, str]:
    data = {
        "connection": str(connection.pk), "first_name": "Ida", "last_name": "Owner", "email": "ida@uni.example",
        "password": PASSWORD, "options.pay_mode": "master", "plan-type": "edu20", "plan-hosts": "25",
        "reason": "Contract 4711", "operation_key": "0b6b9a52-30e6-4d0c-a8a5-58f4a0f0a001",
        **{f"contact-{name}": value for name, value in CONTACT.items()},
    }  # fmt: skip
    return {**data, **changes}


def onboard(client: Client, connection: Connection, **changes: str) -> Job:
    """Fill in, look at the preview, submit, and let a worker run it."""
    answer = client.post("/accounts/new/", filled(connection, **changes))
    assert answer.status_code == 302, answer.context["form"].parts
    assert client.post(answer["Location"]).status_code == 302
    job = Job.objects.latest("created_at")
    pump(str(job.pk))
    job.refresh_from_db()
    return job


def states(job: Job) -> list[tuple[str, str]]:
    return [(item.endpoint, item.state) for item in job.items.order_by("step")]


def test_the_preview_names_the_calls_and_sends_nothing(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    client = client_of(olga)
    answer = client.post("/accounts/new/", filled(sandbox_connection))
    page = client.get(answer["Location"]).content.decode()
    assert ("POST /v2/accounts" in page, "POST /v2/accounts/(the new account)/plans" in page) == (True, True)
    assert PASSWORD not in page
    assert clean.ledger() == []


def test_the_account_is_created_before_its_plan_and_both_are_mirrored(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    job = onboard(client_of(olga), sandbox_connection)
    assert states(job) == [("accounts.create", "done"), ("billing.subscribe", "done")]
    assert [write["operation"] for write in clean.ledger()] == ["accounts.create", "billing.subscribe"]
    account = SubAccount.objects.get(owner_email="ida@uni.example")
    assert (account.plan_type, account.plan_hosts, account.pay_mode) == ("edu20", 25, "master")
    trail = Entry.objects.filter(verb="billing.subscribe", phase="outcome").get()
    assert (trail.actor, trail.reason, trail.result, trail.status) == (olga.email, "Contract 4711", "done", 201)


def test_its_page_tells_of_its_creation_in_words(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    client = client_of(olga)
    onboard(client, sandbox_connection)
    account = SubAccount.objects.get(owner_email="ida@uni.example")
    answer = client.get(f"/accounts/{account.pk}/")
    assert [entry.verb for entry in answer.context["recent"]] == ["billing.subscribe", "accounts.create"]
    assert "Create a sub-account" in answer.content.decode()


def test_the_password_is_kept_nowhere_after_the_job(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    job = onboard(client_of(olga), sandbox_connection)
    assert [item.secret for item in job.items.all()] == ["", ""]
    kept = [str(row) for model in (Item, Entry, Job) for row in model.objects.values()]
    assert [row for row in kept if PASSWORD in row] == []


def test_a_taken_address_fails_the_first_step_and_the_second_is_not_executed(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    taken = clean.call("GET", "/accounts?page_size=1").json()["accounts"][0]["owner_email"]
    client = client_of(olga)
    job = onboard(client, sandbox_connection, email=taken)
    assert states(job) == [("accounts.create", "failed"), ("billing.subscribe", "cancelled")]
    assert job.state == JobState.DONE_WITH_ERRORS
    assert clean.ledger() == []
    again = client.get(f"/accounts/new/?from={job.pk}").content.decode()
    assert (taken in again, "San Jose" in again, PASSWORD in again) == (True, True, False)


def test_a_failed_plan_is_taken_up_without_creating_the_account_again(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    clean.faults({"match": {"method": "POST", "path": "/plans$"}, "do": "status", "value": 400, "times": 1})
    client = client_of(olga)
    job = onboard(client, sandbox_connection)
    assert states(job) == [("accounts.create", "done"), ("billing.subscribe", "failed")]
    account = SubAccount.objects.get(owner_email="ida@uni.example")
    answer = client.get(f"/accounts/new/?from={job.pk}")
    assert answer["Location"] == f"/accounts/{account.pk}/plans/subscribe/"


def test_all_problems_are_told_at_once_and_nothing_typed_is_lost(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    wrong = filled(sandbox_connection, email="nobody", **{"plan-hosts": "5", "contact-state": "ZZ"})
    answer = client_of(olga).post("/accounts/new/", wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    told = {name for part in answer.context["form"].parts for name in part.errors}
    assert told == {"email", "hosts", "state"}
    assert ("Education allows 20–149" in page, 'value="San Jose"' in page) == (True, True)
    assert Job.objects.count() == 0


def test_a_double_click_makes_one_job(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    client = client_of(olga)
    first = client.post("/accounts/new/", filled(sandbox_connection))
    second = client.post("/accounts/new/", filled(sandbox_connection))
    assert first["Location"] == second["Location"]
    for _ in range(2):
        client.post(first["Location"])
    pump(str(Job.objects.get().pk))
    pump(str(Job.objects.get().pk))
    assert [write["operation"] for write in clean.ledger()] == ["accounts.create", "billing.subscribe"]


def test_an_account_without_a_plan_needs_no_contact(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    empty = {"plan-type": "", "plan-hosts": "", **{f"contact-{name}": "" for name in CONTACT}}
    job = onboard(client_of(olga), sandbox_connection, **empty)
    assert states(job) == [("accounts.create", "done")]


def test_a_sub_account_that_pays_for_itself_cannot_be_subscribed_here(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    answer = client_of(olga).post("/accounts/new/", filled(sandbox_connection, **{"options.pay_mode": "sub"}))
    assert answer.status_code == 422
    assert Job.objects.count() == 0


def test_what_a_reseller_creates_is_theirs(
    mirrored: list[SubAccount], sandbox_connection: Connection, client_of: Any
) -> None:
    rita = person("Rita", Role.RESELLER)
    Grant.objects.create(staff=rita, account=mirrored[0])
    client = client_of(rita)
    onboard(client, sandbox_connection)
    account = SubAccount.objects.get(owner_email="ida@uni.example")
    assert Grant.objects.filter(staff=rita, account=account).count() == 1
    assert client.get(f"/accounts/{account.pk}/").status_code == 200


def test_the_state_is_a_list_for_canada_and_free_text_for_germany(olga: Staff, client_of: Any) -> None:
    client = client_of(olga)
    canada = client.get("/accounts/new/state/?contact-country=CA").content.decode()
    germany = client.get("/accounts/new/state/?contact-country=DE").content.decode()
    assert ("<select" in canada, "Ontario" in canada) == (True, True)
    assert ("<select" in germany, 'type="text"' in germany) == (False, True)


def test_nobody_else_sees_the_preview(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, adam: Staff, client_of: Any
) -> None:
    address = client_of(olga).post("/accounts/new/", filled(sandbox_connection))["Location"]
    assert client_of(adam).get(address).status_code == 404


def test_a_cancelled_start_leaves_the_items_pending(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    client_of(olga).post("/accounts/new/", filled(sandbox_connection))
    assert set(Item.objects.values_list("state", flat=True)) == {ItemState.PENDING}
    assert clean.ledger() == []


def test_an_empty_form_asks_for_the_owner_only_and_keeps_what_was_typed(
    clean: Sandbox, sandbox_connection: Connection, olga: Staff, client_of: Any
) -> None:
    data = {"connection": str(sandbox_connection.pk), "plan-type": "", "contact-city": "Half typed"}
    answer = client_of(olga).post("/accounts/new/", data)
    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.owner.errors) == {"first_name", "last_name", "email", "password"}
    assert (form.plan.is_bound, form.contact.is_bound) == (False, False)
    assert 'value="Half typed"' in answer.content.decode()
