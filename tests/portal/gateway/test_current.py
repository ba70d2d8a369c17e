"""Connections to today's Zoom: one token for all processes, and the portal's main flows on either profile."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client

from portal.access.models import Staff
from portal.access.scope import scope_of
from portal.audit.models import Entry
from portal.bulk.models import ItemState
from portal.bulk.operations import perform
from portal.directory import sync
from portal.directory.models import MirrorUser, SubAccount, Sync
from portal.gateway.clients import client_for, master_client
from portal.gateway.credentials import RowTokens, forget_token
from portal.gateway.models import AccessToken, Connection
from tests.support.profiles import connect
from tests.support.sandbox import ACCOUNT_ID, ROOT, Sandbox, start_sandbox
from zoomapi.client import errors
from zoomapi.client.tokens import MemoryTokens, Token, TokenStore

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unpaced")]

ClientOf = Callable[..., Client]
LONG = time.time() + 3600


@pytest.fixture
def today(todays_sandbox: Sandbox) -> Sandbox:
    return todays_sandbox


@pytest.fixture
def current(today: Sandbox, settings: Any) -> Iterator[Connection]:
    yield connect(today, settings, profile=Connection.Profile.CURRENT, account_id=ACCOUNT_ID)
    today.faults()


@pytest.fixture
def admin(adam: Staff, client_of: ClientOf) -> Client:
    return client_of(adam)


def tokens(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["tokens"])


# --- the main flows, on both ------------------------------------------------------------------------------------------


def test_sub_accounts_and_users_are_read_completely(either: Connection) -> None:
    begun = sync.begin(either)
    assert begun is not None
    sync.sync_accounts(either)
    for part in ("users", "detail"):
        while sync.work(begun, part):
            pass
    begun.refresh_from_db()
    assert (begun.state, SubAccount.objects.filter(is_master=False).count()) == (Sync.State.DONE, 40)
    assert MirrorUser.objects.count() > 500
    assert SubAccount.objects.exclude(sync_problem="").count() == 0


def test_a_user_is_created_audited_and_mirrored(either: Connection, olga: Staff) -> None:
    sync.sync_accounts(either)
    account = SubAccount.objects.filter(is_master=False).order_by("pk")[0]
    item = perform(
        scope=scope_of(olga),
        actor=olga,
        account=account,
        endpoint="users.create",
        body={"action": "create", "user_info": {"email": "new@either.example", "type": 1}},
        label="new@either.example",
    )
    assert (item.state, item.message) == (ItemState.DONE, "")
    assert MirrorUser.objects.get(account=account, email="new@either.example").zoom_id == item.remote_id
    assert [entry.phase for entry in Entry.objects.filter(verb="users.create").order_by("pk")] == ["intent", "outcome"]


# --- one token for all ------------------------------------------------------------------------------------------------


def test_clients_share_one_token(today: Sandbox, current: Connection, olga: Staff) -> None:
    before = tokens(today)
    for _ in range(3):
        master_client(scope_of(olga), current).accounts.list()
    assert tokens(today) - before == 1


WORKER = """
import sys, time, django
django.setup()
from portal.gateway.credentials import auth_of
from portal.gateway.models import Connection
auth = auth_of(Connection.objects.get())
print("ready", flush=True)
sys.stdin.readline()
print(auth.header(time.time()), flush=True)
"""


def test_processes_that_need_a_token_at_once_fetch_one(today: Sandbox, current: Connection) -> None:
    before = tokens(today)
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database.settings_dict['NAME']}"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=ROOT,
            env={**environment, "SANDBOX_URL": today.base_url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    told = {worker.communicate(timeout=60)[0] for worker in workers}
    assert (len(told), tokens(today) - before) == (1, 1)
    assert told.pop().startswith("Bearer ")


def test_a_refused_token_is_replaced_once_for_all(today: Sandbox, current: Connection, olga: Staff) -> None:
    clients = [master_client(scope_of(olga), current) for _ in range(3)]
    for zoom in clients:
        zoom.accounts.list()
    today.session.post(  # somebody outside the portal fetches a token: ours is void
        today.base_url.removesuffix("/v2") + "/oauth/token",
        data={"grant_type": "account_credentials", "account_id": ACCOUNT_ID},
        auth=(today.key, today.secret),
        timeout=10,
    )
    before = tokens(today)
    for zoom in clients:
        zoom.accounts.list()
    assert tokens(today) - before == 1
    current.refresh_from_db()
    assert current.bad_since is None


@pytest.fixture(params=["memory", "row"])
def store(request: pytest.FixtureRequest) -> TokenStore:
    if request.param == "memory":
        return MemoryTokens()
    return RowTokens(Connection.objects.create(name="Zoom", base_url="https://x/v2", api_key="k", api_secret="s"))


def test_a_store_keeps_the_token_it_was_given(store: TokenStore) -> None:
    assert store.load() is None
    token = Token("secret", LONG, LONG - 300, ("a:master", "b:master"))
    assert store.save(store.lease(), token)
    assert store.load() == token


def test_a_store_lets_one_fetch_at_a_time(store: TokenStore) -> None:
    lease = store.lease()
    assert (bool(lease), store.lease()) == (True, "")
    store.release("another")
    assert store.lease() == ""
    store.release(lease)
    assert store.lease() != ""


def test_a_store_forgets_only_the_token_that_was_refused(store: TokenStore) -> None:
    store.save(store.lease(), Token("first", LONG, LONG))
    store.save(store.lease(), Token("second", LONG, LONG))
    store.forget("first")
    assert getattr(store.load(), "value", "") == "second"
    store.forget("second")
    assert store.load() is None


def test_a_store_takes_no_token_from_somebody_without_the_lease(store: TokenStore) -> None:
    lease = store.lease()
    assert not store.save("another", Token("late", LONG, LONG))
    assert store.save(lease, Token("good", LONG, LONG))
    assert not store.save(lease, Token("late", LONG, LONG))


def test_a_lease_in_a_row_ends_by_itself(current: Connection) -> None:
    store = RowTokens(current)
    assert store.lease() != ""
    row = AccessToken.objects.get()
    AccessToken.objects.update(lease_until=row.lease_until.replace(year=2020))
    assert store.lease() != ""


def test_fault_a21_the_token_is_sealed(current: Connection, olga: Staff) -> None:
    master_client(scope_of(olga), current).accounts.list()
    value = AccessToken.objects.get().value
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM gateway_accesstoken")
        assert value not in str(cursor.fetchall())
    assert value not in str(AccessToken.objects.get()) + str(list(Entry.objects.values()))


# --- what a person is told --------------------------------------------------------------------------------------------


def told(admin: Client, connection: Connection) -> str:
    admin.post(f"/connections/{connection.pk}/test/")
    connection.refresh_from_db()
    return connection.test_result


def test_a_good_connection_works(admin: Client, current: Connection) -> None:
    assert told(admin, current) == "Works: a master account with 40 sub-accounts."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"api_key": "wrong"}, "Zoom refuses the client ID or the client secret."),
        ({"api_secret": "wrong"}, "Zoom refuses the client ID or the client secret."),
        ({"account_id": "wrong"}, "Zoom takes the client ID and secret, but not with this account ID."),
    ],
)
def test_a_test_says_which_credential_is_wrong(
    admin: Client, current: Connection, wrong: dict[str, str], words: str
) -> None:
    Connection.objects.update(**wrong)
    assert told(admin, current).startswith(words)


def test_a_test_fetches_a_token_anew(admin: Client, current: Connection) -> None:
    told(admin, current)
    Connection.objects.update(api_secret="wrong")  # the old token would still do
    assert told(admin, current).startswith("Zoom refuses the client ID")


def test_a_token_that_is_refused_at_once_is_told(admin: Client, today: Sandbox, current: Connection) -> None:
    today.faults({"match": {"path": "^/v2/"}, "do": "expired"})
    assert told(admin, current).startswith("Zoom issues an access token, but then refuses it.")


def test_a_server_without_tokens_is_told(admin: Client, today: Sandbox, current: Connection) -> None:
    today.faults({"match": {"path": "/oauth/token"}, "do": "html", "value": 502})
    issuer = today.base_url.removesuffix("/v2")
    assert told(admin, current).startswith(f"{issuer}: Zoom issued no access token (HTTP 502).")


MOST = (
    "account:master user:master billing:master group:master meeting:master webinar:master recording:master "
    "report:master dashboard:master imgroup:master imchat:master tsp:master"
)


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        ("user:master", "The credentials are good, but the app lacks the scope account:master."),
        (
            MOST,
            "Works: a master account with 0 sub-accounts. The app lacks pac:master, h323:master: what needs these",
        ),
    ],
)
def test_missing_scopes_are_named(admin: Client, tmp_path: Path, settings: Any, scopes: str, words: str) -> None:
    flags = ("--world", "empty", "--profile", "current", "--no-limits", "--scopes", scopes)
    with start_sandbox(tmp_path, *flags) as narrow:
        made = connect(narrow, settings, profile="current", account_id=ACCOUNT_ID)
        assert told(admin, made).startswith(words)


def test_refused_credentials_pause_the_connection(current: Connection, olga: Staff) -> None:
    Connection.objects.update(api_secret="wrong")
    current.refresh_from_db()
    with pytest.raises(errors.BadClient):
        master_client(scope_of(olga), current).accounts.list()
    current.refresh_from_db()
    assert current.bad_since is not None


def test_an_operation_zoom_has_withdrawn_is_explained(current: Connection, olga: Staff) -> None:
    master = SubAccount.objects.create(connection=current, zoom_id="me", name="Master", is_master=True)
    with pytest.raises(errors.InvalidArguments, match="Events are subscribed to"):
        client_for(scope_of(olga), master).webhooks.list()


# --- the form ---------------------------------------------------------------------------------------------------------


def fields(connection: Connection, **changes: str) -> dict[str, str]:
    names = ("name", "profile", "base_url", "account_id", "tier")
    return {name: getattr(connection, name) for name in names} | {"api_key": "", "api_secret": ""} | changes


def test_oauth_needs_an_account_id(admin: Client, current: Connection) -> None:
    answer = admin.post(f"/connections/{current.pk}/", fields(current, account_id=" "))
    assert answer.status_code == 422
    assert "Server-to-Server OAuth needs the account ID" in answer.content.decode()


@pytest.mark.parametrize("account_id", ["a b", "../x", "a&grant_type=x", "ä"])
def test_an_account_id_has_its_form(admin: Client, current: Connection, account_id: str) -> None:
    assert admin.post(f"/connections/{current.pk}/", fields(current, account_id=account_id)).status_code == 422


def test_a_classic_connection_keeps_no_account_id(admin: Client, current: Connection) -> None:
    admin.post(f"/connections/{current.pk}/", fields(current, profile="classic"))
    current.refresh_from_db()
    assert (current.profile, current.account_id) == ("classic", "")


def test_saving_drops_the_token_of_the_old_credentials(admin: Client, current: Connection, olga: Staff) -> None:
    master_client(scope_of(olga), current).accounts.list()
    admin.post(f"/connections/{current.pk}/", fields(current, api_secret="another"))
    assert AccessToken.objects.count() == 0
    changed = Entry.objects.get(verb="connection_changed")
    assert (changed.after["kind"], changed.after["account_id"]) == ("Server-to-Server OAuth", ACCOUNT_ID)
    assert "another" not in str(list(Entry.objects.values()))


def test_forgetting_a_token_that_is_not_there_is_no_error(current: Connection) -> None:
    forget_token(current)
    assert RowTokens(current).load() is None
