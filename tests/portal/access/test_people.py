"""Administration of people, one-time links, grants, one's own page."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from portal.access.models import Grant, Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.directory.models import SubAccount
from tests.support.cast import PASSWORD, person

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]
NEW = "another long pass phrase"


@pytest.fixture
def admin(adam: Staff, client_of: ClientOf) -> Client:
    return client_of(adam)


def verbs() -> list[str]:
    return list(Entry.objects.order_by("number").values_list("verb", flat=True))


def link_for(admin: Client, staff: Staff) -> str:
    page = admin.post(f"/staff/{staff.pk}/link/").content.decode()
    found = re.search(r"http://testserver(/welcome/[^\"]+)", page)
    assert found is not None
    return found[1]


def test_an_administrator_adds_a_person_who_then_chooses_a_password(admin: Client, client: Client) -> None:
    fields = {"email": "Vera@portal.example", "name": "Vera", "role": "operator", "timezone": "Europe/Paris"}
    answer = admin.post("/staff/add/", fields)
    vera = Staff.objects.get(email="vera@portal.example")
    link = link_for(admin, vera)
    page = client.get(link, follow=True)
    done = client.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    assert answer["Location"] == f"/staff/{vera.pk}/"
    assert done["Location"] == "/sign-in/"
    assert client.post("/sign-in/", {"login": vera.email, "password": NEW})["Location"] == "/"
    assert verbs() == ["staff_added", "password_link_made", "password_changed", "signed_in"]
    assert not Entry.objects.filter(after__icontains=NEW).exists()


def test_a_link_works_once(admin: Client, client: Client, olga: Staff) -> None:
    link = link_for(admin, olga)
    page = client.get(link, follow=True)
    client.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    assert "This link does not work" in Client().get(link, follow=True).content.decode()


def test_a_disabled_person_gets_no_further_with_a_link(admin: Client, olga: Staff) -> None:
    link = link_for(admin, olga)
    Staff.objects.filter(pk=olga.pk).update(is_active=False)
    assert "This link does not work" in Client().get(link, follow=True).content.decode()


def test_a_new_password_by_link_ends_every_session(admin: Client, client_of: ClientOf, olga: Staff) -> None:
    hers = client_of(olga)
    visitor = Client()
    page = visitor.get(link_for(admin, olga), follow=True)
    visitor.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    assert hers.get("/you/").status_code == 302


def test_ones_own_new_password_ends_the_other_sessions_only(client_of: ClientOf, olga: Staff) -> None:
    here, there = client_of(olga), client_of(olga)
    fields = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post("/you/password/", fields)["Location"] == "/you/"
    assert here.get("/you/").status_code == 200
    assert there.get("/you/").status_code == 302


def test_an_administrator_cannot_change_the_own_role(admin: Client, adam: Staff) -> None:
    person("Other", "administrator")
    answer = admin.post(f"/staff/{adam.pk}/", {"name": "Adam", "timezone": "UTC", "role": "operator"})
    adam.refresh_from_db()
    assert (answer.status_code, adam.role) == (422, "administrator")
    assert "You cannot change your own role" in answer.content.decode()


def test_nobody_disables_themselves(admin: Client, adam: Staff) -> None:
    admin.post(f"/staff/{adam.pk}/active/", {"active": "0"})
    adam.refresh_from_db()
    assert adam.is_active


def test_the_last_administrator_stays(admin: Client, adam: Staff, olga: Staff) -> None:
    from portal.access import people  # noqa: PLC0415  # only this test goes past the pages

    with pytest.raises(people.Refusal, match="last administrator"):
        people.set_active(olga, adam, active=False)
    with pytest.raises(people.Refusal, match="last administrator"):
        people.change(olga, adam, role="auditor")


def test_disabling_and_enabling_does_not_bring_old_sessions_back(
    admin: Client, client_of: ClientOf, olga: Staff
) -> None:
    hers = client_of(olga)
    admin.post(f"/staff/{olga.pk}/active/", {"active": "0"})
    admin.post(f"/staff/{olga.pk}/active/", {"active": "1"})
    assert hers.get("/you/").status_code == 302


@pytest.mark.parametrize("extra", ["is_active", "is_demo", "password", "session_epoch", "id", "email"])
def test_fault_a05_a_field_that_the_form_does_not_have_is_refused(admin: Client, olga: Staff, extra: str) -> None:
    fields = {"name": "Olga", "timezone": "UTC", "role": "operator", extra: "1"}
    assert admin.post(f"/staff/{olga.pk}/", fields).status_code == 400


@pytest.mark.parametrize("extra", ["role", "is_active", "email", "is_demo"])
def test_fault_a05_nobody_promotes_themselves_on_the_own_page(client_of: ClientOf, olga: Staff, extra: str) -> None:
    answer = client_of(olga).post("/you/", {"name": "Olga", "timezone": "UTC", extra: "administrator"})
    olga.refresh_from_db()
    assert (answer.status_code, olga.role) == (400, "operator")


def test_a_grant_opens_a_sub_account_until_its_last_day(
    admin: Client, adam: Staff, rita: Staff, acme: SubAccount, globex: SubAccount
) -> None:
    Staff.objects.filter(pk=adam.pk).update(timezone="Asia/Tokyo")
    admin.post(f"/staff/{rita.pk}/grants/", {"accounts": [globex.pk], "expires_on": "2099-03-31"})
    grant = Grant.objects.get(account=globex)
    assert grant.expires_at is not None
    assert grant.expires_at.isoformat() == "2099-03-31T15:00:00+00:00"
    assert scope_of(rita).accounts == {acme.pk, globex.pk}


def test_an_expired_grant_counts_no_more(rita: Staff, adam: Staff) -> None:
    Grant.objects.update(expires_at=adam.created_at)
    assert scope_of(rita).accounts == frozenset()


@pytest.mark.parametrize(("wrong", "left"), [(2, True), (-2, False)])
def test_fault_P25_a_process_whose_clock_is_wrong_ends_no_grant_early_or_late(
    rita: Staff, acme: SubAccount, wrong: int, left: bool
) -> None:
    Grant.objects.update(expires_at=now() + timedelta(days=1 if left else -1))
    with time_machine.travel(now() + timedelta(days=wrong)):
        assert scope_of(rita).accounts == (frozenset({acme.pk}) if left else frozenset())


def test_a_removed_grant_closes_the_sub_account_with_the_next_request(
    admin: Client, rita: Staff, acme: SubAccount, client_of: ClientOf
) -> None:
    hers = client_of(rita)
    admin.post(f"/staff/{rita.pk}/grants/{Grant.objects.get().pk}/remove/")
    assert hers.get(f"/accounts/{acme.pk}/").status_code == 404
    assert verbs()[-1] == "grant_removed"


def test_the_master_account_itself_is_given_to_nobody(admin: Client, rita: Staff, acme: SubAccount) -> None:
    SubAccount.objects.filter(pk=acme.pk).update(is_master=True)
    Grant.objects.all().delete()
    answer: Any = admin.post(f"/staff/{rita.pk}/grants/", {"accounts": [acme.pk]})
    assert (answer.status_code, Grant.objects.count()) == (422, 0)
