"""The first page: what needs a person, for the accounts in scope, with a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.access.models import Staff
from portal.directory.models import SubAccount
from portal.gateway.models import Connection
from tests.support.cast import sub_account

pytestmark = pytest.mark.django_db


def test_trials_legacy_plans_full_seats_and_ends_are_listed(
    olga: Staff, client_of: Any, sandbox_connection: Connection
) -> None:
    soon, later = timezone.now() + timedelta(days=5), timezone.now() + timedelta(days=90)
    kinds: dict[str, dict[str, Any]] = {
        "Trial": {"plan_type": "trial", "subscription_end_time": later},
        "Legacy": {"plan_type": "business_yearly_c50", "subscription_end_time": later},
        "Full": {"plan_type": "monthly", "plan_hosts": 10, "seats_used": 9},
        "Ending": {"plan_type": "monthly", "subscription_end_time": soon},
        "Unread": {"sync_problem": "Zoom did not answer."},
    }
    for name, fields in kinds.items():
        account = sub_account(sandbox_connection, name, name)
        SubAccount.objects.filter(pk=account.pk).update(**fields)
    context = client_of(olga).get("/").context
    shown = {key: [str(row) for row in context[key].rows] for key in ("trials", "legacy", "seats", "ending", "unread")}
    assert shown == {
        "trials": ["Trial"], "legacy": ["Legacy"], "seats": ["Full"], "ending": ["Ending"], "unread": ["Unread"]
    }  # fmt: skip


def test_a_reseller_sees_only_what_concerns_their_accounts(
    ravi: Staff, client_of: Any, acme: SubAccount, globex: SubAccount
) -> None:
    SubAccount.objects.update(plan_type="trial")
    context = client_of(ravi).get("/").context
    assert [str(row) for row in context["trials"].rows] == ["Globex"]
    assert context["freshness"].total == 1


def test_refused_credentials_are_told_to_those_who_see_every_account(
    olga: Staff, ravi: Staff, client_of: Any, sandbox_connection: Connection
) -> None:
    Connection.objects.update(bad_since=timezone.now())
    told = [bool(client_of(staff).get("/").context["problems"]) for staff in (olga, ravi)]
    assert told == [True, False]


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow(
    olga: Staff, client_of: Any, sandbox_connection: Connection, count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    SubAccount.objects.bulk_create(
        SubAccount(connection=sandbox_connection, zoom_id=f"z{n}", name=f"T{n}", plan_type="trial")
        for n in range(count)
    )
    client = client_of(olga)
    client.get("/")
    expected = 15 if count == 1 else 16  # a second look counts what the first eight rows do not show
    with django_assert_num_queries(expected):
        client.get("/")
