"""Doorbells of the mirror: rung when there is something to read, and harmless when nobody hears them."""

from typing import Any

import pytest
from celery import Task
from django.contrib.messages import get_messages
from django.urls import reverse
from kombu.exceptions import OperationalError

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.bulk.operations import perform
from portal.directory import sync, tasks
from portal.directory.models import SubAccount
from portal.directory.views import UNTOLD
from portal.gateway.models import Connection
from tests.support.sandbox import Sandbox
from zoomapi.client.errors import NoPermit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """The name and the row of every task that was rung for."""
    calls: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(Task, "apply_async", lambda task, args, **_: calls.append((task.name, args)))
    return calls


def test_a_sub_account_made_here_is_read_at_once(
    sandbox: Sandbox, sandbox_connection: Connection, olga: Staff, rung: list[tuple[str, tuple[int, ...]]]
) -> None:
    sandbox.reset()
    owner = {"first_name": "Ida", "last_name": "Holm", "email": "ida@new.example", "password": "Canary-123456"}
    perform(scope=scope_of(olga), actor=olga, connection=sandbox_connection, endpoint="accounts.create", body=owner)
    made = SubAccount.objects.get(owner_email="ida@new.example")
    assert rung == [("portal.directory.tasks.refresh_account", (made.pk,))]


@pytest.mark.parametrize("page", ["refresh", "refresh_account"])
def test_a_broker_that_is_away_is_said_and_breaks_nothing(
    page: str, acme: SubAccount, olga: Staff, client_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError("nobody listens")

    monkeypatch.setattr(Task, "apply_async", refuse)
    row = acme.connection_id if page == "refresh" else acme.pk
    answer = client_of(olga).post(reverse(f"directory:{page}", args=[row]))
    told = [str(message) for message in get_messages(answer.wsgi_request)]
    assert (answer.status_code, told) == (302, [UNTOLD])


def test_a_reading_that_zoom_leaves_no_room_for_is_told_and_not_a_fault(
    acme: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(account: SubAccount) -> None:
        raise NoPermit("Zoom's limit leaves no room just now.", wait=3.0)

    monkeypatch.setattr(sync, "sync_users", lambda account: None)
    monkeypatch.setattr(sync, "sync_detail", refuse)
    tasks.refresh_account(acme.pk)
    acme.refresh_from_db()
    assert acme.sync_problem == "Zoom's limit leaves no room just now."
