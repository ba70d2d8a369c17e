"""Plans and billing: the rules are told before any call, and money moves exactly once."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk.models import Item, Job
from portal.bulk.pump import pump
from portal.directory import sync
from portal.directory.models import SubAccount
from tests.support.pages import URLENCODED, send, shown
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unpaced")]


def one(mirrored: list[SubAccount], **wanted: str) -> SubAccount:
    """The first sub-account of the demo world like that, with its plan read."""
    for account in mirrored:
        sync.sync_detail(account)
        account.refresh_from_db()
        if all(getattr(account, name) == value for name, value in wanted.items()):
            return account
    raise AssertionError(f"the demo world has no account with {wanted}")


def confirm(client: Client, account: SubAccount, what: str, plan_type: str, hosts: int) -> Any:
    url = f"/accounts/{account.pk}/plans/{what}/confirm/?" + urlencode({"type": plan_type, "hosts": hosts})
    data = shown(client, url)
    data["reason"] = "Order 12"
    return [client.post(url, data.urlencode(), content_type=URLENCODED) for _ in range(2)]  # a double click


def writes(sandbox: Sandbox) -> list[str]:
    return [write["operation"] for write in sandbox.ledger()]


def test_journey_7_too_many_hosts_for_pro_names_the_plan_that_fits(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, plan_type="monthly")
    client = client_of(olga)
    answer = client.get(f"/accounts/{account.pk}/plans/base/?type=monthly&hosts=12&check=1")
    assert answer.status_code == 422
    assert "Pro allows 1–9; Business allows 10–49" in answer.content.decode()
    chosen = client.get(f"/accounts/{account.pk}/plans/base/?type=business_monthly&hosts=12&check=1")
    assert chosen["Location"] == f"/accounts/{account.pk}/plans/base/confirm/?type=business_monthly&hosts=12"
    assert clean.ledger() == []


def test_a_changed_base_plan_is_sent_exactly_once_though_clicked_twice(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, plan_type="monthly")
    answers = confirm(client_of(olga), account, "base", "business_monthly", 12)
    assert [answer.status_code for answer in answers] == [302, 302]
    assert writes(clean) == ["billing.update_base"]
    held = clean.call("GET", f"/accounts/{account.zoom_id}/plans").json()["plan_base"]
    assert held == {"type": "business_monthly", "hosts": 12}
    account.refresh_from_db()
    assert (account.plan_type, account.plan_hosts) == ("business_monthly", 12)
    outcome = Entry.objects.get(verb="billing.update_base", phase="outcome")
    assert (outcome.actor, outcome.reason, outcome.result) == (olga.email, "Order 12", "done")


def test_an_additional_plan_is_added_and_the_same_one_is_changed(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, plan_type="business_yearly")
    client = client_of(olga)
    confirm(client, account, "addon", "webinar100_monthly", 3)
    confirm(client, account, "addon", "webinar100_monthly", 5)
    assert writes(clean) == ["billing.add_addon", "billing.update_addon"]
    held = clean.call("GET", f"/accounts/{account.zoom_id}/plans").json()["plan_webinar"]
    assert {"type": "webinar100_monthly", "hosts": 5} in held


def test_a_legacy_plan_is_explained_before_any_call(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, plan_type="business_yearly_c50")
    client = client_of(olga)
    page = client.get(f"/accounts/{account.pk}/plans/").content.decode()
    assert "code 2100" in page
    answer = client.get(f"/accounts/{account.pk}/plans/base/?type=business_yearly&hosts=49&check=1")
    assert ("Zoom would refuse this" in answer.content.decode(), clean.ledger()) == (True, [])


def test_plans_of_one_that_pays_for_itself_are_not_asked_for(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, pay_mode="sub")
    answer = client_of(olga).get(f"/accounts/{account.pk}/plans/")
    assert (answer.status_code, "pays for itself" in answer.content.decode()) == (200, True)


def test_a_free_account_is_subscribed_after_a_preview(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, pay_mode="master", plan_type="")
    client = client_of(olga)
    contact = {
        "first_name": "Bill", "last_name": "Payer", "email": "b@x.example", "phone_number": "1", "address": "1 St",
        "city": "Berlin", "state": "BE", "zip": "10115", "country": "DE",
    }  # fmt: skip
    data = {"plan-type": "monthly", "plan-hosts": "5", **{f"contact-{k}": v for k, v in contact.items()}}
    answer = client.post(f"/accounts/{account.pk}/plans/subscribe/", data)
    assert answer.status_code == 302, (answer.context["contact"].errors, answer.context["base"].errors)
    assert clean.ledger() == []
    client.post(answer["Location"])
    pump(str(Job.objects.get().pk))
    assert (Item.objects.get().state, writes(clean)) == ("done", ["billing.subscribe"])
    account.refresh_from_db()
    assert (account.plan_type, account.plan_hosts) == ("monthly", 5)


def test_a_lost_answer_about_money_is_not_repeated_but_shown(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, plan_type="monthly")
    clean.faults({"match": {"path": "/plans/base$"}, "do": "status", "value": 500, "times": 5})
    answers = confirm(client_of(olga), account, "base", "business_monthly", 12)
    assert answers[0]["Location"].startswith("/jobs/")
    item = Item.objects.get()
    assert (item.state, item.attempt, writes(clean)) == ("unknown", 1, [])


def test_the_billing_contact_changes_only_what_was_edited(
    clean: Sandbox, mirrored: list[SubAccount], olga: Staff, client_of: Any
) -> None:
    account = one(mirrored, plan_type="business_monthly")
    answer = send(client_of(olga), f"/accounts/{account.pk}/contact/", city="Springfield")
    assert answer.status_code == 302, answer.content
    assert Entry.objects.get(verb="billing.update", phase="intent").after == {"body": {"city": "Springfield"}}


def test_anna_sees_plans_and_cannot_change_them(
    clean: Sandbox, mirrored: list[SubAccount], anna: Staff, client_of: Any
) -> None:
    account = one(mirrored, plan_type="monthly")
    client = client_of(anna)
    assert client.get(f"/accounts/{account.pk}/plans/").status_code == 200
    for page in ("plans/base/", "plans/addon/", "plans/subscribe/", "contact/"):
        assert client.get(f"/accounts/{account.pk}/{page}").status_code == 403
