"""The list of users over all sub-accounts in scope."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.directory.models import MirrorUser, SubAccount
from tests.portal.users.conftest import ROWS

pytestmark = pytest.mark.django_db

ClientOf = Callable[[Staff], Client]


@pytest.fixture
def olgas(client_of: ClientOf, olga: Staff) -> Client:
    return client_of(olga)


def emails(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/users/?{query}")
    assert answer.status_code == 200
    return [row.email for row in answer.context["table"].page.rows]


def test_users_of_all_sub_accounts_are_listed(olgas: Client, acme: SubAccount, globex: SubAccount, rows: ROWS) -> None:
    rows(acme, 2)
    rows(globex, 1)
    assert emails(olgas) == ["u0001@acme.example", "u0001@globex.example", "u0002@acme.example"]


def test_a_reseller_sees_only_their_own(
    client_of: ClientOf, ravi: Staff, acme: SubAccount, globex: SubAccount, rows: ROWS
) -> None:
    rows(acme, 2)
    rows(globex, 1)
    client = client_of(ravi)
    assert emails(client) == ["u0001@globex.example"]
    assert emails(client, "account_name=acme") == []
    assert client.get(f"/users/?account={acme.pk}").status_code == 404


def test_a_foreign_account_and_a_missing_one_look_alike(client_of: ClientOf, ravi: Staff, acme: SubAccount) -> None:
    client = client_of(ravi)
    answers = [client.get(f"/users/?account={value}") for value in (acme.pk, 999_999, "x", "9" * 40)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=inactive", ["b@x.example"]),
        ("type=2", ["b@x.example"]),
        ("dept=it", ["c@x.example"]),
        ("q=gomez", ["c@x.example"]),
        ("never=true", ["a@x.example"]),
        ("since=2026-02-01", ["c@x.example"]),
        ("until=2026-01-31", ["b@x.example"]),
        ("account_name=glo", []),
        ("status=nonsense", ["a@x.example", "b@x.example", "c@x.example"]),
    ],
)
def test_filters_narrow_the_list(olgas: Client, acme: SubAccount, rows: ROWS, query: str, found: list[str]) -> None:
    rows(acme, 1, email="a@x.example", zoom_id="a")
    january, march = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
    rows(acme, 1, email="b@x.example", zoom_id="b", type=2, status="inactive", last_login_time=january)
    rows(acme, 1, email="c@x.example", zoom_id="c", dept="IT", last_name="Gómez", last_login_time=march)
    assert emails(olgas, query) == found


def test_users_can_be_sorted(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 1, email="b@x.example", zoom_id="1", last_name="Adams")
    rows(acme, 1, email="a@x.example", zoom_id="2", last_name="Zed", last_login_time=timezone.now())
    assert emails(olgas, "sort=name") == ["b@x.example", "a@x.example"]
    assert emails(olgas, "sort=-email") == ["b@x.example", "a@x.example"]
    assert emails(olgas, "sort=-last_login") == ["a@x.example", "b@x.example"]


def test_users_of_a_sub_account_that_left_are_not_listed(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 1)
    SubAccount.objects.filter(pk=acme.pk).update(gone_since=timezone.now())
    assert emails(olgas) == []


def test_the_chosen_sub_account_is_a_pill_that_can_be_removed(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 1)
    answer = olgas.get(f"/users/?account={acme.pk}&status=active")
    pills = {pill.label: pill.remove_url for pill in answer.context["bar"].pills}
    assert pills == {"Sub-account": "?status=active", "Status": f"?account={acme.pk}"}
    assert f'<input type="hidden" name="account" value="{acme.pk}">' in answer.content.decode()


def test_thirty_rows_cost_as_many_queries_as_one(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 1)
    olgas.get("/users/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        olgas.get("/users/")
    rows(acme, 30)
    with CaptureQueriesContext(connection) as thirty:
        olgas.get("/users/")
    assert len(thirty) == len(one)
    assert len(one) <= 6


def test_a_deep_page_starts_after_the_last_row_seen(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 120)
    first = olgas.get("/users/").context["table"].page
    second = olgas.get(f"/users/{first.next_url}").context["table"].page
    assert next(row.email for row in second.rows) == "u0051@acme.example"


def test_an_auditor_sees_no_buttons_that_change(client_of: ClientOf, anna: Staff, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 1)
    text = client_of(anna).get("/users/").content.decode()
    assert "New user" not in text
    assert "data-bulk" not in text


def test_the_export_is_harmless_complete_and_audited(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 60)
    MirrorUser.objects.filter(email="u0001@acme.example").update(dept='=HYPERLINK("http://x")')
    answer = olgas.get("/users/export/?q=una")
    lines = list(csv.DictReader(StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert len(lines) == 60
    assert lines[0]["dept"] == '\'=HYPERLINK("http://x")'
    entry = Entry.objects.get(verb="exported")
    assert (entry.target, entry.after) == ("users", {"q": "una"})


def test_the_names_of_users_are_text_and_never_markup(olgas: Client, acme: SubAccount, rows: ROWS) -> None:
    rows(acme, 1, dept="<script>alert(1)</script>", last_name="<b>Bold")
    text = olgas.get("/users/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;b&gt;Bold" in text
