"""The list of sub-accounts: filters, sorting, scope, export, and a fixed number of queries."""

import csv
import io

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.audit.models import Entry
from portal.directory.models import SubAccount
from portal.gateway.models import Connection

pytestmark = pytest.mark.django_db


def add(connection: Connection, count: int) -> None:
    SubAccount.objects.bulk_create(
        SubAccount(
            connection=connection,
            zoom_id=f"z{n}",
            name=f"Tenant {n:03}",
            plan_type="monthly",
            plan_hosts=9,
            seats_used=n,
        )
        for n in range(count)
    )


def names(client: Client, query: str = "") -> list[str]:
    table = client.get(f"/accounts/?{query}").context["table"]
    return [str(row) for row in table.rows]


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client_of: "type[Client]", olga: object, sandbox_connection: Connection, count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    add(sandbox_connection, count)
    client = client_of(olga)
    client.get("/accounts/")
    with django_assert_num_queries(6):
        assert client.get("/accounts/").status_code == 200


def test_filters_narrow_by_plan_and_by_seats(
    client_of: "type[Client]", olga: object, sandbox_connection: Connection
) -> None:
    add(sandbox_connection, 12)
    SubAccount.objects.filter(name="Tenant 002").update(plan_type="business_yearly_c50")
    SubAccount.objects.filter(name="Tenant 003").update(plan_type="")
    client = client_of(olga)
    assert names(client, "plan=legacy") == ["Tenant 002"]
    assert names(client, "plan=none") == ["Tenant 003"]
    assert names(client, "nearly_full=true") == ["Tenant 009", "Tenant 010", "Tenant 011"]
    assert names(client, "q=nant+007") == ["Tenant 007"]


def test_ravi_sees_his_own_sub_account_only(
    client_of: "type[Client]", ravi: object, acme: SubAccount, globex: SubAccount
) -> None:
    assert names(client_of(ravi)) == ["Globex"]


def test_the_export_holds_what_the_filters_show_and_is_audited(
    client_of: "type[Client]", olga: object, sandbox_connection: Connection
) -> None:
    add(sandbox_connection, 3)
    SubAccount.objects.filter(name="Tenant 001").update(name="=1+1")
    answer = client_of(olga).get("/accounts/export/?q=1")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["account_name"] for row in rows] == ["'=1+1"]
    assert Entry.objects.filter(verb="exported").count() == 1
