"""The one way to Zoom: scope, right, trail, health."""

import socket
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from portal.access.models import Staff
from portal.access.rights import Right
from portal.access.scope import SYSTEM_SCOPE, scope_of
from portal.audit.models import Entry
from portal.directory.models import SubAccount
from portal.gateway import clock, health
from portal.gateway.clients import NoRight, OutOfScope, client_for, master_client
from portal.gateway.models import Connection
from tests.support.sandbox import Sandbox
from zoomapi.client import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def northwind(sandbox: Sandbox, sandbox_connection: Connection) -> SubAccount:
    """A sub-account that the sandbox really has."""
    found = sandbox.call("GET", "/accounts").json()["accounts"][0]
    return SubAccount.objects.create(
        connection=sandbox_connection, zoom_id=found["id"], name=found["account_name"], owner_email=found["owner_email"]
    )


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_stranger_gets_no_client(rita: Staff, globex: SubAccount) -> None:
    with pytest.raises(OutOfScope):
        client_for(scope_of(rita), globex)


def test_fault_a04_an_auditor_gets_no_client_that_writes(anna: Staff, acme: SubAccount) -> None:
    with pytest.raises(NoRight):
        client_for(scope_of(anna), acme, right=Right.WRITE)


def test_a_disabled_person_gets_no_client(rita: Staff, acme: SubAccount) -> None:
    rita.is_active = False
    with pytest.raises(OutOfScope):
        client_for(scope_of(rita), acme)


def test_a_client_to_look_does_not_write(olga: Staff, northwind: SubAccount) -> None:
    zoom = client_for(scope_of(olga), northwind, actor=olga)
    with pytest.raises(NoRight):
        zoom.call("users.create", body={"action": "create", "user_info": {"email": "a@b.example", "type": 1}})


def test_money_needs_the_right_to_spend_it(olga: Staff, northwind: SubAccount) -> None:
    zoom = client_for(scope_of(olga), northwind, right=Right.WRITE, actor=olga)
    with pytest.raises(NoRight):
        zoom.call("billing.update_base", body={"type": "monthly", "hosts": 3})


def test_reading_fills_in_the_account(olga: Staff, northwind: SubAccount) -> None:
    zoom = client_for(scope_of(olga), northwind)
    assert zoom.accounts.get()["id"] == northwind.zoom_id
    assert len(list(zoom.users.list.each(status="active"))) > 0
    assert zoom.call("accounts.get", path={"accountId": "other"}).data["id"] == northwind.zoom_id
    assert Entry.objects.count() == 0


def test_an_operation_that_sub_accounts_do_not_have_is_not_sent(olga: Staff, northwind: SubAccount) -> None:
    zoom = client_for(scope_of(olga), northwind)
    with pytest.raises(errors.NotSent):
        zoom.accounts.list()


def test_the_master_accounts_own_users_are_reached_by_the_direct_form(
    olga: Staff, sandbox: Sandbox, sandbox_connection: Connection
) -> None:
    row = SubAccount.objects.create(connection=sandbox_connection, zoom_id="me", is_master=True)
    zoom = client_for(scope_of(olga), row)
    assert zoom.users.list()["total_records"] == sandbox.call("GET", "/users").json()["total_records"]
    with pytest.raises(errors.NotSent):
        zoom.accounts.get()


def test_a_write_leaves_intent_and_outcome(sandbox: Sandbox, olga: Staff, northwind: SubAccount) -> None:
    sandbox.reset()
    zoom = client_for(scope_of(olga), northwind, right=Right.WRITE, actor=olga, reason="asked by phone")
    body = {"action": "create", "user_info": {"email": "new@portal.example", "type": 1, "password": "Canary-77!"}}
    answer = zoom.call("users.create", body=body)
    intent, outcome = Entry.objects.order_by("number")
    assert answer.status == 201
    assert [intent.verb, intent.phase, intent.result] == ["users.create", "intent", ""]
    assert [outcome.phase, outcome.result, outcome.status] == ["outcome", "done", 201]
    assert intent.operation == outcome.operation != ""
    assert [intent.actor, intent.reason, intent.account_id] == ["olga@portal.example", "asked by phone", northwind.pk]
    assert intent.after["user_info"] == {"email": "new@portal.example", "type": 1, "password": "(hidden)"}


def test_a_refused_write_leaves_zooms_status_and_code(sandbox: Sandbox, olga: Staff, northwind: SubAccount) -> None:
    zoom = client_for(scope_of(olga), northwind, right=Right.WRITE, actor=olga)
    with pytest.raises(errors.NotFound):
        zoom.users.update("nobody", dept="x")
    outcome = Entry.objects.get(phase="outcome")
    assert [outcome.result, outcome.status, outcome.code] == ["refused", 404, 1001]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_inside_a_transaction(settings: Any, olga: Staff, northwind: SubAccount) -> None:
    settings.GATEWAY_IN_TRANSACTION = False
    zoom = client_for(scope_of(olga), northwind)
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a database transaction"):
        zoom.accounts.get()
    assert zoom.accounts.get()["id"] == northwind.zoom_id


def test_a_reseller_may_create_sub_accounts_and_nothing_else_with_the_master(
    rita: Staff, sandbox: Sandbox, sandbox_connection: Connection
) -> None:
    with pytest.raises(OutOfScope):
        master_client(scope_of(rita), sandbox_connection)
    zoom = master_client(scope_of(rita), sandbox_connection, right=Right.CREATE_ACCOUNT, actor=rita)
    with pytest.raises(OutOfScope):
        zoom.accounts.list()


def test_the_portal_itself_may_only_look(sandbox_connection: Connection) -> None:
    with pytest.raises(NoRight):
        master_client(SYSTEM_SCOPE, sandbox_connection, right=Right.WRITE)


def test_a_connection_that_is_switched_off_sends_nothing(olga: Staff, acme: SubAccount) -> None:
    acme.connection.is_active = False
    with pytest.raises(errors.Stopped):
        client_for(scope_of(olga), acme)


def test_fault_r19_refused_credentials_mark_the_connection_once(
    olga: Staff, sandbox: Sandbox, sandbox_connection: Connection, northwind: SubAccount
) -> None:
    Connection.objects.update(api_secret="x" * 40)
    northwind.refresh_from_db()
    for _ in range(3):
        with pytest.raises(errors.Unauthorized):
            client_for(scope_of(olga), SubAccount.objects.get(pk=northwind.pk)).accounts.get()
    sandbox_connection.refresh_from_db()
    assert Entry.objects.filter(verb="credentials_refused").count() == 1
    assert health.paused(sandbox_connection) == "Zoom refuses the credentials of Sandbox."
    assert [problem.kind for problem in health.problems()] == ["credentials"]


def test_an_answer_clears_what_stood_against_the_connection(
    olga: Staff, sandbox_connection: Connection, northwind: SubAccount
) -> None:
    moment = sandbox_connection.created_at
    Connection.objects.update(bad_since=moment, unreachable_since=moment)
    client_for(scope_of(olga), SubAccount.objects.get(pk=northwind.pk)).accounts.get()
    assert health.paused(sandbox_connection) == ""


def test_fault_r08_five_failures_in_a_row_count_as_an_outage(
    olga: Staff, sandbox_connection: Connection, acme: SubAccount, closed_port: int
) -> None:
    Connection.objects.update(base_url=f"http://127.0.0.1:{closed_port}/v2")
    acme = SubAccount.objects.get(pk=acme.pk)
    zoom = client_for(scope_of(olga), acme, deadline=1.0)
    told: list[str] = []
    for _ in range(health.FAILURES):
        told.append(health.paused(acme.connection))
        with pytest.raises(errors.Unreachable):
            zoom.accounts.get()
    assert told == [""] * health.FAILURES
    assert health.paused(acme.connection) == "Zoom cannot be reached over Sandbox."


def test_fault_r18_the_difference_of_the_clocks_is_noted(
    olga: Staff, sandbox: Sandbox, northwind: SubAccount, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(sandbox.reset)
    sandbox.clock(-50)
    client_for(scope_of(olga), northwind).accounts.get()
    assert health.problems()[0].text in {f"The portal's clock is {n} s ahead of Zoom's." for n in (49, 50, 51)}


def test_a_process_whose_own_clock_is_wrong_notes_the_difference_to_the_databases_clock(
    sandbox_connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []

    def by_database() -> datetime:
        asked.append(1.0)
        return datetime.fromtimestamp(1000.0, UTC)

    monkeypatch.setattr(clock, "now", by_database)
    monkeypatch.setattr(health, "_skew", {"seconds": 0.0})
    wrong, right = SimpleNamespace(time=lambda: 1100.0), SimpleNamespace(time=lambda: 1000.0)
    told = []
    for machine, offset in ((wrong, -95.0), (wrong, -95.5), (right, 5.0), (right, 5.5), (right, 30.0)):
        monkeypatch.setattr(health, "time", machine)
        health.answered(sandbox_connection, offset)
        told.append((sandbox_connection.clock_offset, len(asked)))
    # The first and the last are news; the third is the clock of this process, which was set right.
    assert told == [(5.0, 1), (5.0, 1), (5.0, 2), (5.0, 2), (30.0, 3)]
    sandbox_connection.refresh_from_db()
    assert sandbox_connection.clock_offset == 30.0


def test_the_credentials_are_in_no_text(olga: Staff, northwind: SubAccount, sandbox: Sandbox) -> None:
    zoom = client_for(scope_of(olga), northwind)
    texts = [repr(part) for part in (zoom, zoom.zoom, zoom.zoom.auth, northwind.connection, zoom.zoom.__dict__)]
    assert [text for text in texts if sandbox.secret in text] == []
