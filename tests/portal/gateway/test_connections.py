"""Pages of connections: credentials go in and never come out, and a test says in words what is wrong."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection as database
from django.test import Client

from portal.access.models import Staff
from portal.audit.models import Entry
from portal.gateway.forms import address_problem
from portal.gateway.models import Connection
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]
SECRET = "canary-secret-of-more-than-forty-characters"


@pytest.fixture
def admin(adam: Staff, client_of: ClientOf) -> Client:
    return client_of(adam)


def fields(**changes: str) -> dict[str, str]:
    base = {"name": "Main", "base_url": "https://api.zoom.us/v2", "api_key": "canary-key", "api_secret": SECRET}
    return base | changes


def test_fault_a21_credentials_are_sealed_and_never_shown_again(admin: Client) -> None:
    admin.post("/connections/add/", fields())
    saved = Connection.objects.get()
    pages = [admin.get(path).content for path in ("/connections/", f"/connections/{saved.pk}/", "/audit/", "/audit/1/")]
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM gateway_connection")
        row = str(cursor.fetchall())
    assert saved.api_secret == SECRET
    assert [page for page in pages if b"canary-" in page] == []
    assert "canary-" not in row
    assert "canary-" not in str(list(Entry.objects.values()))


def test_empty_credentials_keep_the_present_ones(admin: Client) -> None:
    admin.post("/connections/add/", fields())
    saved = Connection.objects.get()
    admin.post(f"/connections/{saved.pk}/", fields(name="Renamed", api_key="", api_secret=""))
    saved.refresh_from_db()
    assert (saved.name, saved.api_key, saved.api_secret) == ("Renamed", "canary-key", SECRET)


def test_another_address_needs_the_credentials_again(admin: Client, settings: Any) -> None:
    admin.post("/connections/add/", fields())
    saved = Connection.objects.get()
    moved = fields(base_url=settings.SANDBOX_URL, api_key="", api_secret="")
    assert admin.post(f"/connections/{saved.pk}/", moved).status_code == 422


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/v2",
        "https://api.zoom.us@evil.example/v2",
        "https://evil.example#api.zoom.us",
        "https://api.zoom.us.evil.example/v2",
        "https://api.zoom.us:8443/v2",
        "http://api.zoom.us/v2",
        "https://169.254.169.254/latest",
        "https://2852039166/",
        "https://[::]/v2",
        "https://[::ffff:169.254.169.254]/",
        "https://127.0.0.1/v2",
        "http://localhost:8001/v2",
        "https://api.zoom.us\\@evil.example/",
        "https://api.zoom.us /v2",
        "https://api.zoom.us/v2?x=1",
        "//api.zoom.us/v2",
        "file:///etc/passwd",
        "gopher://api.zoom.us/",
        "javascript:alert(1)",
        "https://api.zoom.us:99999/",
        "https://аpi.zoom.us/v2",  # noqa: RUF001  # a Cyrillic first letter
        "",
    ],
)
def test_fault_a10_credentials_are_sent_to_known_hosts_only(admin: Client, address: str) -> None:
    assert address_problem(address) != ""
    assert admin.post("/connections/add/", fields(base_url=address)).status_code == 422
    assert Connection.objects.count() == 0


def test_a_demo_administrator_cannot_lock_everybody_out(admin: Client, adam: Staff) -> None:
    Staff.objects.update(is_demo=True)
    answer = admin.post("/connections/add/", fields())
    assert (answer.status_code, Connection.objects.count()) == (422, 0)
    assert "First add an administrator of your own" in answer.content.decode()


def told(admin: Client, connection: Connection) -> str:
    admin.post(f"/connections/{connection.pk}/test/")
    connection.refresh_from_db()
    return connection.test_result


def test_a_good_connection_says_how_many_sub_accounts(
    admin: Client, sandbox: Sandbox, sandbox_connection: Connection
) -> None:
    total = sandbox.call("GET", "/accounts").json()["total_records"]
    assert told(admin, sandbox_connection) == f"Works: a master account with {total} sub-accounts."
    assert Entry.objects.get(verb="connection_tested").result == "done"


def test_a_wrong_secret_is_named(admin: Client, sandbox: Sandbox, sandbox_connection: Connection) -> None:
    Connection.objects.update(api_secret="x" * 40)
    assert told(admin, sandbox_connection).startswith("Zoom refuses the API key or secret.")


def test_fault_r18_a_wrong_clock_is_told_in_seconds(
    admin: Client, sandbox: Sandbox, sandbox_connection: Connection, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(sandbox.reset)
    sandbox.clock(612)
    text = told(admin, sandbox_connection)
    assert text.startswith("Zoom refuses the token. This machine's clock is 61")
    assert "s behind Zoom's. Set the clock right" in text


def test_a_closed_port_is_told(admin: Client, sandbox_connection: Connection, settings: Any) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{found.getsockname()[1]}/v2"
    settings.SANDBOX_URL, settings.ZOOM_HOSTS = address, [address.split("/")[2]]
    Connection.objects.update(base_url=address)
    assert "it refused the connection" in told(admin, sandbox_connection)


def test_an_unknown_host_is_told(admin: Client, sandbox_connection: Connection, settings: Any) -> None:
    settings.ZOOM_HOSTS = ["no-such-host.invalid"]
    Connection.objects.update(base_url="https://no-such-host.invalid/v2")
    assert "its address could not be found" in told(admin, sandbox_connection)


def test_an_account_that_is_no_master_is_told(
    admin: Client, sandbox: Sandbox, sandbox_connection: Connection, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(sandbox.faults)
    sandbox.faults({"match": {"path": "/accounts"}, "do": "status", "value": 403})
    text = told(admin, sandbox_connection)
    assert text.startswith("The key is good, but this is not a master account"), text


def test_credentials_sealed_with_a_lost_key_are_told(
    admin: Client, sandbox_connection: Connection, settings: Any
) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert told(admin, sandbox_connection).startswith("The stored credentials cannot be read")


def test_rotation_seals_with_the_first_key_so_that_the_old_one_can_go(
    sandbox_connection: Connection, settings: Any, capsys: Any
) -> None:
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_KEYS = [new, old]
    call_command("rotate_field_keys")
    settings.FIELD_KEYS = [new]
    assert Connection.objects.get().api_secret == sandbox_connection.api_secret
    assert capsys.readouterr().out.startswith("Sealed 2 values with the first key.")


def test_rotation_leaves_alone_what_no_key_opens(sandbox_connection: Connection, settings: Any, capsys: Any) -> None:
    old, settings.FIELD_KEYS = settings.FIELD_KEYS, [Fernet.generate_key().decode()]
    with pytest.raises(SystemExit):
        call_command("rotate_field_keys")
    settings.FIELD_KEYS = old
    assert Connection.objects.get().api_secret == sandbox_connection.api_secret
    assert "gateway.Connection" in capsys.readouterr().err


def test_switching_off_stops_everything_over_it(admin: Client, sandbox_connection: Connection) -> None:
    admin.post(f"/connections/{sandbox_connection.pk}/active/", {"active": "0"})
    sandbox_connection.refresh_from_db()
    assert not sandbox_connection.is_active
