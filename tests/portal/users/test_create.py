"""Creating one user through the page."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.bulk.models import Item, Job
from portal.directory.models import SubAccount
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "Correct-horse-9"


@pytest.fixture
def ritas(client_of: Callable[[Staff], Client], rita: Staff) -> Client:
    return client_of(rita)


def given(**changes: Any) -> dict[str, Any]:
    data = {
        "action": "create",
        "user_info.email": "new.person@create.example",
        "user_info.type": "1",
        "user_info.first_name": "New",
        "user_info.last_name": "Person",
        "user_info.password": "",
        "operation_key": str(uuid.uuid4()),
        "reason": "asked by phone",
    }
    return {**data, **{name.replace("__", "."): value for name, value in changes.items()}}


def created(sandbox: Sandbox) -> list[str]:
    return [write["key"] for write in sandbox.ledger() if write["operation"] == "users.create"]


def test_the_four_ways_are_explained(ritas: Client, tenant: SubAccount) -> None:
    text = ritas.get(f"/users/{tenant.pk}/new/").content.decode()
    for word in ("By invitation", "At once, in a managed domain", "For the API only", "Ahead of single sign-on"):
        assert word in text
    assert "seats are in use" in text


def test_an_invited_user_is_created_and_shown(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    answer = ritas.post(f"/users/{tenant.pk}/new/", given(), follow=True)
    assert created(clean) == ["new.person@create.example"]
    row = tenant.users.get(email="new.person@create.example")
    assert answer.redirect_chain == [(f"/users/{tenant.pk}/{row.zoom_id}/", 302)]
    assert row.status == "pending"
    outcome = Entry.objects.get(verb="users.create", phase="outcome")
    assert (outcome.actor, outcome.reason, outcome.status) == ("rita@portal.example", "asked by phone", 201)


def test_a_password_goes_to_zoom_and_nowhere_else(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    answer = ritas.post(f"/users/{tenant.pk}/new/", given(action="autoCreate", user_info__password=SECRET), follow=True)
    assert len(created(clean)) == 1
    assert SECRET not in answer.content.decode()
    kept = [str(list(model.objects.values())) for model in (Item, Job, Entry)]
    assert not any(SECRET in text for text in kept)


def test_a_password_belongs_to_one_way_only(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    url = f"/users/{tenant.pk}/new/"
    without = ritas.post(url, given(action="autoCreate"))
    beside = ritas.post(url, given(action="ssoCreate", user_info__password=SECRET))
    assert [answer.status_code for answer in (without, beside)] == [422, 422]
    assert list(without.context["form"].errors) == list(beside.context["form"].errors) == ["user_info.password"]
    assert SECRET not in beside.content.decode()
    assert clean.ledger() == []


def test_a_taken_address_is_told_beside_the_field(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    taken = tenant.users.filter(status="active")[0].email
    answer = ritas.post(f"/users/{tenant.pk}/new/", given(user_info__email=taken))
    assert answer.status_code == 422
    assert "user_info.email" in answer.context["form"].errors
    assert created(clean) == []


def test_a_missing_seat_is_explained_before_the_call(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    SubAccount.objects.filter(pk=tenant.pk).update(plan_hosts=tenant.seats_used)
    full = ritas.post(f"/users/{tenant.pk}/new/", given(user_info__type="2"))
    SubAccount.objects.filter(pk=tenant.pk).update(plan_hosts=None, plan_type="")
    free = ritas.post(f"/users/{tenant.pk}/new/", given(user_info__type="3"))
    assert "all" in full.context["form"].errors["user_info.type"][0]
    assert "can only be Basic" in free.context["form"].errors["user_info.type"][0]
    assert clean.ledger() == []


def test_twenty_clicks_create_one_user(
    client_of: Callable[[Staff], Client], rita: Staff, tenant: SubAccount, clean: Sandbox
) -> None:
    data = given()

    def click(client: Client) -> int:
        try:
            return client.post(f"/users/{tenant.pk}/new/", data).status_code
        finally:
            connections.close_all()

    clients = [client_of(rita) for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(click, clients)) == {302}
    assert created(clean) == ["new.person@create.example"]
    assert Job.objects.count() == 1


def test_the_sub_account_of_a_new_user_can_be_searched(ritas: Client, tenant: SubAccount, globex: SubAccount) -> None:
    text = ritas.get("/users/new/?q=").content.decode()
    assert f"/users/{tenant.pk}/new/" in text
    assert "Globex" not in text


def test_extra_fields_of_a_form_are_not_sent(ritas: Client, tenant: SubAccount, clean: Sandbox) -> None:
    ritas.post(f"/users/{tenant.pk}/new/", given(account="globex", status="active", user_info__role="owner"))
    assert Item.objects.get().body == {
        "action": "create",
        "user_info": {
            "email": "new.person@create.example",
            "type": 1,
            "first_name": "New",
            "last_name": "Person",
        },
    }
