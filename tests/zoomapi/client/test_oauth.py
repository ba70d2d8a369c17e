"""Server-to-Server OAuth against a sandbox that behaves like today's Zoom."""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.sandbox import ACCOUNT_ID, Sandbox, start_sandbox
from tests.zoomapi.client import rogue as r
from tests.zoomapi.client.rogue import Rogue
from zoomapi.client import JwtAuth, OAuthAuth, ZoomClient, errors
from zoomapi.client.oauth import oauth_base
from zoomapi.client.permits import Lane, MemoryPermits, Unlimited
from zoomapi.client.tokens import MemoryTokens, Token
from zoomapi.client.transport import Transport
from zoomapi.spec.limits import HOST_WRITES, TODAY, Label, Tier


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    flags = ("--world", "empty", "--profile", "current", "--no-limits")
    with start_sandbox(tmp_path_factory.mktemp("today"), *flags) as running:
        yield running


@pytest.fixture(autouse=True)
def _as_it_was(today: Sandbox) -> Iterator[None]:
    yield
    today.faults()
    today.clock(0)


def auth_for(sandbox: Sandbox, store: MemoryTokens | None = None, **changes: str) -> OAuthAuth:
    given = {"account_id": ACCOUNT_ID, "client_id": sandbox.key, "client_secret": sandbox.secret} | changes
    return OAuthAuth(oauth_base=oauth_base(sandbox.base_url), store=store, sleep=lambda _: None, **given)


def client_for(sandbox: Sandbox, auth: OAuthAuth | None = None) -> ZoomClient:
    return ZoomClient(sandbox.base_url, auth or auth_for(sandbox), permits=Unlimited())


def tokens(sandbox: Sandbox) -> int:
    """How many tokens the sandbox has issued."""
    return int(sandbox.stats()["tokens"])


@pytest.mark.parametrize(
    ("api", "issuer"),
    [
        ("https://api.zoom.us/v2", "https://zoom.us"),
        ("https://api.zoomgov.com/v2", "https://zoomgov.com"),
        ("http://127.0.0.1:8001/v2", "http://127.0.0.1:8001"),
    ],
)
def test_tokens_come_from_the_host_of_the_api(api: str, issuer: str) -> None:
    assert oauth_base(api) == issuer


def test_a_client_works_with_one_token_for_many_calls(today: Sandbox) -> None:
    before, zoom = tokens(today), client_for(today)
    assert [zoom.users.list()["page_number"] for _ in range(3)] == [1, 1, 1]
    assert tokens(today) - before == 1


def test_many_threads_without_a_token_fetch_one(today: Sandbox) -> None:
    before, store = tokens(today), MemoryTokens()
    clients = [client_for(today, auth_for(today, store)) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda zoom: zoom.users.list()["page_number"], clients))
    assert (answers, tokens(today) - before) == ([1] * 8, 1)


def test_a_token_voided_by_a_newer_one_is_replaced_once(today: Sandbox) -> None:
    zoom = client_for(today)
    zoom.users.list()
    auth_for(today).token(0)  # somebody who does not share our store fetches one: ours is void
    before = tokens(today)
    assert zoom.users.list()["page_number"] == 1
    assert tokens(today) - before == 1


def test_when_others_have_replaced_the_token_theirs_is_used(today: Sandbox) -> None:
    store = MemoryTokens()
    first, second = (client_for(today, auth_for(today, store)) for _ in range(2))
    first.users.list()
    second.users.list()
    auth_for(today).token(0)
    before = tokens(today)
    first.users.list()
    second.users.list()
    assert tokens(today) - before == 1


def test_fault_R17_a_token_refused_again_and_again_is_fetched_anew_once_a_call(today: Sandbox) -> None:
    zoom = client_for(today)
    zoom.users.list()
    before = tokens(today)
    today.faults({"match": {"path": "/v2/"}, "do": "expired"})
    with pytest.raises(errors.Unauthorized):
        zoom.users.create(action="create", user_info={"email": "never@today.example", "type": 1})
    assert tokens(today) - before == 1
    assert [write for write in today.ledger() if write["key"] == "never@today.example"] == []


def test_a_token_is_replaced_minutes_before_its_end() -> None:
    token = Token("x", 3600.0, 3300.0)
    store = MemoryTokens()
    assert store.save(store.lease(), token)
    auth = OAuthAuth("a", "b", "c", "http://127.0.0.1:9", store, transport=Transport("http://127.0.0.1:9"))
    assert auth.token(3299.0) == token


def test_while_one_replaces_it_the_others_go_on_with_the_old_token() -> None:
    store = MemoryTokens()
    store.save(store.lease(), Token("old", 3600.0, 3300.0))
    assert store.lease() != ""  # somebody is at it
    auth = OAuthAuth("a", "b", "c", "http://127.0.0.1:9", store, transport=Transport("http://127.0.0.1:9"))
    assert auth.header(3400.0) == "Bearer old"


def test_a_good_token_outlives_a_server_that_issues_none() -> None:
    store = MemoryTokens()
    store.save(store.lease(), Token("old", 3600.0, 3300.0))
    auth = OAuthAuth("a", "b", "c", "http://127.0.0.1:9", store, transport=Transport("http://127.0.0.1:9"))
    assert auth.header(3400.0) == "Bearer old"
    with pytest.raises(errors.NoToken):
        auth.header(3601.0)
    assert store.lease() != ""  # the failed fetch holds nobody up


def test_a_lease_of_somebody_who_died_ends_by_itself() -> None:
    now = [0.0]
    store = MemoryTokens(clock=lambda: now[0])
    dead = store.lease()
    assert store.lease() == ""
    now[0] = 31.0
    assert store.lease() != ""
    assert not store.save(dead, Token("late", 1.0, 1.0))
    assert store.load() is None


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"client_secret": "wrong"}, "client", "the client id or the client secret"),
        ({"client_id": "wrong"}, "client", "the client id or the client secret"),
        ({"account_id": "wrong"}, "account_id", "the account id"),
    ],
)
def test_what_is_wrong_with_the_credentials_is_told(
    today: Sandbox, wrong: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(errors.BadClient, match=words) as refused:
        client_for(today, auth_for(today, **wrong)).users.list()
    assert (refused.value.field, refused.value.outcome) == (field, errors.Outcome.REFUSED)
    assert today.secret not in str(refused.value) + repr(refused.value)


@pytest.mark.parametrize("fault", [("status", 500), ("html", 502), ("empty", None), ("cut", None), ("reset", None)])
def test_a_write_without_a_token_was_not_sent(today: Sandbox, fault: tuple[str, object]) -> None:
    today.faults({"match": {"path": "/oauth/token"}, "do": fault[0], "value": fault[1]})
    zoom = ZoomClient(today.base_url, auth_for(today), permits=Unlimited(), sleep=lambda _: None)
    with pytest.raises(errors.NoToken) as failed:
        zoom.users.create(action="create", user_info={"email": "untold@today.example", "type": 1})
    assert failed.value.outcome is errors.Outcome.NOT_SENT
    assert [write for write in today.ledger() if write["key"] == "untold@today.example"] == []


def test_a_hook_is_not_told_of_a_call_that_has_no_token(today: Sandbox) -> None:
    told: list[str] = []

    class Listener:
        def before(self, call: object) -> None:
            told.append("before")

        def after(self, call: object, answer: object, error: object) -> None:
            told.append("after")

    auth = auth_for(today, client_secret="wrong")
    with pytest.raises(errors.BadClient):
        ZoomClient(today.base_url, auth, permits=Unlimited(), hooks=Listener()).users.delete("x")
    assert told == []


def test_an_expired_token_is_replaced(today: Sandbox) -> None:
    zoom = client_for(today)
    zoom.users.list()
    before = tokens(today)
    today.clock(7200)
    zoom.users.list()
    assert tokens(today) - before == 1


def test_today_takes_no_jwt(today: Sandbox) -> None:
    with pytest.raises(errors.Unauthorized):
        ZoomClient(today.base_url, JwtAuth(today.key, today.secret), permits=Unlimited()).users.list()


def test_a_missing_scope_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    flags = ("--world", "empty", "--profile", "current", "--scopes", "account:master user:master")
    with start_sandbox(tmp_path_factory.mktemp("scopes"), *flags) as narrow:
        auth = auth_for(narrow)
        zoom = client_for(narrow, auth)
        assert zoom.users.list()["page_number"] == 1
        with pytest.raises(errors.Forbidden) as refused:
            zoom.groups.list()
        assert auth.token(0).scopes == ("account:master", "user:master")
    assert (refused.value.code, refused.value.scopes) == (4711, ("group:master",))
    assert "lacks a scope for this; it needs group:master" in str(refused.value)


def test_what_has_been_withdrawn_is_explained_before_any_call(today: Sandbox) -> None:
    zoom, before = client_for(today), today.stats()["requests"]
    with pytest.raises(errors.InvalidArguments, match="a zak needs no check"):
        zoom.users.check_zpk(zpk="x")
    with pytest.raises(errors.InvalidArguments, match="Events are subscribed to in the settings of an app"):
        zoom.webhooks.list()
    assert today.stats()["requests"] - before == 0


def test_what_has_moved_is_called_at_its_present_path(rogue: Rogue) -> None:
    rogue.script(r.ok({"access_token": "t", "expires_in": 60}), r.ok({"sessions": []}), r.ok({"messages": []}))
    auth = OAuthAuth("a", "b", "c", oauth_base(rogue.base_url))
    zoom = ZoomClient(rogue.base_url, auth, permits=Unlimited())
    zoom.im_chat.sessions(from_="2026-01-01", to="2026-01-31")
    zoom.im_chat.messages("s1", from_="2026-01-01", to="2026-01-31")
    assert [seen.url.partition("?")[0] for seen in rogue.seen] == [
        "/oauth/token",
        "/v2/report/chat/sessions",
        "/v2/report/chat/sessions/s1",
    ]
    assert rogue.seen[0].body == b"grant_type=account_credentials&account_id=a"


def test_credentials_do_not_follow_a_redirect(rogue: Rogue) -> None:
    rogue.script(r.ok({}, 302, Location="https://evil.example/oauth/token"))
    with pytest.raises(errors.NoToken):
        OAuthAuth("a", "b", "c", oauth_base(rogue.base_url)).token(0)
    assert len(rogue.seen) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": "t"},
        {"access_token": "", "expires_in": 60},
        {"access_token": 7, "expires_in": 60},
        {"access_token": "a\r\nb", "expires_in": 60},
        {"access_token": "t", "expires_in": True},
        {"access_token": "t", "expires_in": -1},
        {"access_token": "t", "expires_in": "soon"},
        [],
    ],
)
def test_a_token_that_cannot_be_one_is_not_used(rogue: Rogue, answer: object) -> None:
    rogue.script(r.ok(answer))
    with pytest.raises(errors.NoToken):
        OAuthAuth("a", "b", "c", oauth_base(rogue.base_url)).token(0)


def test_a_lock_of_one_object_holds_nobody_else_back(rogue: Rogue) -> None:
    locked = r.fail(429, 429, "Too many concurrent requests.", Retry_After="1")
    rogue.script(r.ok({"access_token": "t", "expires_in": 60}), locked, r.no_content())
    permits, slept = MemoryPermits(), rogue.slept
    auth = OAuthAuth("a", "b", "c", oauth_base(rogue.base_url))
    zoom = ZoomClient(rogue.base_url, auth, permits=permits, sleep=slept.append)
    zoom.users.delete("u")
    assert slept == [1.0]
    permits.take(auth.identity, TODAY[Tier.PRO][Label.LIGHT], Lane.INTERACTIVE, 0.1).give_back()


def test_user_types_are_those_of_today(today: Sandbox) -> None:
    zoom = client_for(today)
    assert zoom.users.create(action="create", user_info={"email": "sso@today.example", "type": 99})["type"] == 99
    with pytest.raises(errors.InvalidArguments):
        zoom.users.create(action="create", user_info={"email": "corp@today.example", "type": 3})


def test_headers_tell_label_and_limit(today: Sandbox) -> None:
    limit = client_for(today).call("users.list").rate_limit
    assert limit is not None
    assert (limit.category, limit.kind, limit.limit) == ("Medium", "QPS", 20)


def test_the_tracking_id_is_logged_and_no_token(today: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    auth = auth_for(today)
    with caplog.at_level(logging.DEBUG):
        answer = client_for(today, auth).call("users.list")
    assert f"users.list HTTP 200 in {answer.elapsed:.3f} s, x-zm-trackingid {answer.tracking_id}" in caplog.text
    assert auth.token(0).value not in caplog.text + repr(auth) + repr(auth.token(0))


def test_heavy_calls_share_one_count_a_day() -> None:
    permits, heavy, intensive = MemoryPermits(), TODAY[Tier.PRO][Label.HEAVY], TODAY[Tier.PRO][Label.INTENSIVE]
    permits.exhaust("app", heavy)
    with pytest.raises(errors.NoPermit, match="the day's Resource-intensive calls are used up"):
        permits.spend("app", intensive)


def test_writes_of_one_host_are_counted_per_day(today: Sandbox) -> None:
    before = today.stats()["requests"]
    zoom = ZoomClient(today.base_url, auth_for(today), permits=MemoryPermits())
    user = zoom.users.create(action="custCreate", user_info={"email": "host@today.example", "type": 1})["id"]
    host = zoom._host_count(zoom.meetings.create.endpoint, {"userId": user})
    for _ in range(100):
        zoom.permits.spend(host, HOST_WRITES)
    with pytest.raises(errors.NoPermit, match="100 scheduling") as full:
        zoom.meetings.create(user, topic="One too many", type=1)
    assert full.value.daily
    assert today.stats()["requests"] - before == 2  # the token, the user


def test_threads_that_meet_a_void_token_fetch_one(today: Sandbox) -> None:
    store = MemoryTokens()
    clients = [client_for(today, auth_for(today, store)) for _ in range(6)]
    for zoom in clients:
        zoom.users.list()
    auth_for(today).token(0)
    before, start = tokens(today), threading.Barrier(6)

    def ask(zoom: ZoomClient) -> int:
        start.wait()
        return int(zoom.users.list()["page_number"])

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, clients)) == [1] * 6
    assert tokens(today) - before == 1
