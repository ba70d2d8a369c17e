"""The people of the tests (Adam, Olga, Rita, Ravi, Anna), two sub-accounts, and clients signed in as them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection as database
from django.test import Client, TransactionTestCase
from django.utils import timezone

from portal.access.models import Grant, Staff
from portal.access.rights import Role
from portal.audit import triggers
from portal.bulk import pace
from portal.directory.models import SubAccount
from portal.gateway import permits
from portal.gateway.models import Connection

if TYPE_CHECKING:
    from tests.support.sandbox import Sandbox  # a plugin too, which pytest must import first

PASSWORD = "correct horse battery"

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # not in the stubs


def _flush_with_audit(self: TransactionTestCase) -> None:
    """Emptying the tables after a test is the one thing the triggers must let pass."""
    with triggers.lifted(database):
        _flush(self)


TransactionTestCase._fixture_teardown = _flush_with_audit  # type: ignore[attr-defined]  # not in the stubs


@pytest.fixture(autouse=True)
def _fresh_permits() -> None:
    """The keeper of the limits remembers which rows it made; those of the last test were rolled back."""
    permits._permits.cache_clear()
    pace._margin.cache_clear()


def person(name: str, role: str, **fields: Any) -> Staff:
    email = f"{name.lower()}@portal.example"
    return Staff.objects.create_user(email, PASSWORD, name=name, role=role, **fields)


@pytest.fixture
def adam(db: None) -> Staff:
    return person("Adam", Role.ADMINISTRATOR)


@pytest.fixture
def olga(db: None) -> Staff:
    return person("Olga", Role.OPERATOR)


@pytest.fixture
def anna(db: None) -> Staff:
    return person("Anna", Role.AUDITOR)


@pytest.fixture
def rita(db: None, acme: SubAccount) -> Staff:
    """A reseller who sees Acme."""
    staff = person("Rita", Role.RESELLER)
    Grant.objects.create(staff=staff, account=acme)
    return staff


@pytest.fixture
def ravi(db: None, globex: SubAccount) -> Staff:
    """A reseller who sees Globex."""
    staff = person("Ravi", Role.RESELLER)
    Grant.objects.create(staff=staff, account=globex)
    return staff


@pytest.fixture
def sandbox_connection(request: pytest.FixtureRequest, db: None) -> Connection:
    """A connection to the sandbox. It runs only if the test asks for ``sandbox`` too; else nobody answers there."""
    address, key, secret = settings.SANDBOX_URL, "demo-key", "a-made-up-secret-of-forty-characters-xxx"
    if "sandbox" in request.fixturenames:
        running = request.getfixturevalue("sandbox")
        address, key, secret = running.base_url, running.key, running.secret
        changed = request.getfixturevalue("settings")
        changed.SANDBOX_URL, changed.ZOOM_HOSTS = address, [urlsplit(address).netloc]
    return Connection.objects.create(name="Sandbox", base_url=address, api_key=key, api_secret=secret)


@pytest.fixture
def acme(sandbox_connection: Connection) -> SubAccount:
    """Rita's sub-account."""
    return sub_account(sandbox_connection, "acme-1", "Acme")


@pytest.fixture
def globex(sandbox_connection: Connection) -> SubAccount:
    """Ravi's sub-account."""
    return sub_account(sandbox_connection, "globex-1", "Globex")


def sub_account(connection: Connection, zoom_id: str, name: str) -> SubAccount:
    return SubAccount.objects.create(
        connection=connection,
        zoom_id=zoom_id,
        name=name,
        owner_email=f"owner@{name.lower()}.example",
        seen_at=timezone.now(),
    )


def largest(sandbox: "Sandbox", connection: Connection) -> SubAccount:
    """The sub-account of the sandbox's world with the most seats, as the portal knows it."""
    rows = sandbox.call("GET", "/accounts?page_size=300").json()["accounts"]
    row = max(rows, key=lambda account: account.get("seats") or 0)
    return sub_account(connection, row["id"], "Tenant")


def seller_of(account: SubAccount) -> Staff:
    """Rita, where she may see just this sub-account."""
    staff = person("Rita", Role.RESELLER)
    Grant.objects.create(staff=staff, account=account)
    return staff


@pytest.fixture
def client_of() -> Callable[[Staff], Client]:
    """A browser signed in as that person; it checks CSRF tokens only when told so."""

    def make(staff: Staff, **options: Any) -> Client:
        client = Client(**options)
        client.force_login(staff)
        return client

    return make
