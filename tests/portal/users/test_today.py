"""Types of users as the Zoom of their connection knows them: the document's, today's, or both side by side."""

import re
from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk.models import Job
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from portal.users import filters
from tests.portal.users.conftest import ROWS
from tests.portal.users.test_bulk import confirm
from tests.support.cast import sub_account
from zoomapi.spec.profiles import CLASSIC, CURRENT

pytestmark = pytest.mark.django_db(transaction=True)
NONE = "None (single sign-on only)"
CLASSIC_TYPES, TODAYS_TYPES = ["Basic", "Pro", "Corp"], ["Basic", "Licensed", NONE]


@pytest.fixture
def today(db: None) -> Connection:
    return Connection.objects.create(
        name="Today", base_url="https://api.zoom.us/v2", profile="current", account_id="a", api_key="k", api_secret="s"
    )


@pytest.fixture
def initech(today: Connection) -> SubAccount:
    return sub_account(today, "initech-1", "Initech")


@pytest.fixture
def olgas(client_of: Callable[[Staff], Client], olga: Staff) -> Client:
    return client_of(olga)


def choices(client: Client, url: str, name: str) -> list[str]:
    """Labels of a field's choices, without the empty one."""
    page = client.get(url).content.decode()
    start = page.index(f'name="{name}"')
    field = page[start : page.index("</select>", start)]
    return re.findall(r'<option value="\d+"[^>]*>([^<]+)<', field)


def page(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_a_type_that_two_zooms_call_differently_has_both_names() -> None:
    assert list(filters.types_of([CLASSIC]).values()) == CLASSIC_TYPES
    assert list(filters.types_of([CURRENT]).values()) == TODAYS_TYPES
    assert filters.types_of([CLASSIC, CURRENT]) == {1: "Basic", 2: "Pro or Licensed", 3: "Corp", 99: NONE}


def test_the_list_offers_and_names_the_types_of_the_connection(
    olgas: Client, acme: SubAccount, initech: SubAccount, rows: ROWS
) -> None:
    for account in (acme, initech):
        rows(account, 1, type=2)
    assert choices(olgas, f"/users/?account={acme.pk}", "type") == CLASSIC_TYPES
    assert choices(olgas, f"/users/?account={initech.pk}", "type") == TODAYS_TYPES
    assert choices(olgas, "/users/", "type") == ["Basic", "Pro or Licensed", "Corp", NONE]
    cells = re.findall(r"<td[^>]*>\s*(Pro|Licensed)\s*</td>", page(olgas, "/users/"))
    assert sorted(cells) == ["Licensed", "Pro"]


def test_users_without_a_licence_of_any_kind_are_found(olgas: Client, initech: SubAccount, rows: ROWS) -> None:
    rows(initech, 1, type=99)
    assert "u0001@initech.example" in page(olgas, f"/users/?account={initech.pk}&type=99")
    assert "u0001@initech.example" not in page(olgas, f"/users/?account={initech.pk}&type=1")


def test_the_list_opens_no_sealed_credentials(olga: Staff, initech: SubAccount, rows: ROWS) -> None:
    rows(initech, 1)
    (row,) = filters.filtered(scope_of(olga), QueryDict(""), None).qs
    assert row.account.connection.get_deferred_fields() == {"api_key", "api_secret"}


def test_many_users_are_changed_to_a_type_of_their_zoom(olgas: Client, initech: SubAccount, rows: ROWS) -> None:
    (user,) = rows(initech, 1)
    assert choices(olgas, f"/users/bulk/?do=type&ids={user.pk}", "value") == TODAYS_TYPES
    url = f"/users/bulk/?do=type&ids={user.pk}&value=99"
    assert f"Change users to {NONE}" in page(olgas, url)
    assert "Select a valid choice" in page(olgas, f"/users/bulk/?do=type&ids={user.pk}&value=3")
    confirm(olgas, url)
    assert [job.title for job in Job.objects.all()] == [f"Change users to {NONE}"]


def test_a_new_user_is_explained_in_todays_types(olgas: Client, initech: SubAccount) -> None:
    shown = page(olgas, f"/users/{initech.pk}/new/")
    assert "<strong>Licensed</strong></dt><dd>Takes a seat" in shown
    assert f"<strong>{NONE}</strong></dt><dd>Takes no seat" in shown
    assert "Corp" not in shown


def test_a_missing_seat_names_the_type_as_the_form_does(olgas: Client, initech: SubAccount) -> None:
    initech.detail_at, initech.plan_hosts, initech.seats_used = initech.seen_at, 1, 1
    initech.save()
    data = {"action": "create", "user_info.email": "a@b.example", "user_info.type": "2", "reason": "r"}
    answer = olgas.post(f"/users/{initech.pk}/new/", data | {"operation_key": "6f2e3c1a-0000-4000-8000-000000000002"})
    assert "A Licensed user needs a seat" in answer.content.decode()
