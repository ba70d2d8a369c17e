"""The sandbox as today's Zoom: tokens, scopes, labels, moved and withdrawn paths."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.sandbox import ACCOUNT_ID, Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem
from zoomapi.sandbox.clock import Clock
from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.limits import Limiter
from zoomapi.spec.limits import HOST_WRITES, TODAY, Label, Tier

GRANT = {"grant_type": "account_credentials", "account_id": ACCOUNT_ID}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    flags = ("--world", "empty", "--profile", "current")
    with start_sandbox(tmp_path_factory.mktemp("today"), *flags) as running:
        yield running


def token_request(sandbox: Sandbox, form: dict[str, str], **options: Any) -> requests.Response:
    options.setdefault("auth", (sandbox.key, sandbox.secret))
    url = sandbox.base_url.removesuffix("/v2") + "/oauth/token"
    return sandbox.session.post(url, data=form, timeout=10, **options)


def fetch(sandbox: Sandbox) -> str:
    return str(token_request(sandbox, GRANT).json()["access_token"])


def ask(sandbox: Sandbox, token: str, path: str, method: str = "GET", **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return sandbox.session.request(method, sandbox.base_url + path, headers=headers, timeout=10, **options)


def test_a_token_comes_with_its_life_scopes_and_address(today: Sandbox) -> None:
    answer = token_request(today, GRANT).json()
    assert {name: answer[name] for name in ("token_type", "expires_in", "api_url")} == {
        "token_type": "bearer",
        "expires_in": 3600,
        "api_url": today.base_url.removesuffix("/v2"),
    }
    assert {"account:master", "user:master", "meeting:master"} <= set(answer["scope"].split())


def test_the_arguments_may_stand_in_the_query(today: Sandbox) -> None:
    url = today.base_url.removesuffix("/v2") + "/oauth/token"
    answer = today.session.post(url, params=GRANT, auth=(today.key, today.secret), timeout=10)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "options", "error"),
    [
        (GRANT, {"auth": ("x", "y")}, "invalid_client"),
        (GRANT, {"auth": None}, "invalid_client"),
        (GRANT, {"auth": None, "headers": {"Authorization": "Basic ***"}}, "invalid_client"),
        (GRANT | {"account_id": "other"}, {}, "invalid_request"),
        ({"grant_type": "account_credentials"}, {}, "invalid_request"),
        ({"grant_type": "client_credentials"}, {}, "unsupported_grant_type"),
        ({}, {}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_token_request_is_refused(
    today: Sandbox, form: dict[str, str], options: dict[str, Any], error: str
) -> None:
    answer = token_request(today, form, **options)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_a_new_token_ends_the_one_before(today: Sandbox) -> None:
    first, second = fetch(today), fetch(today)
    assert problem(ask(today, first, "/users")) == (401, 124)
    assert ask(today, second, "/users").status_code == 200


def test_a_token_lives_an_hour(today: Sandbox) -> None:
    token = fetch(today)
    today.clock(3590)
    assert ask(today, token, "/users").status_code == 200
    today.clock(3601)
    assert ask(today, token, "/users").json() == {"code": 124, "message": "Access token is expired."}
    today.clock(0)


def test_jwts_have_ended(today: Sandbox) -> None:
    assert problem(today.call("GET", "/users")) == (401, 124)


def test_the_classic_sandbox_takes_access_tokens_too(sandbox: Sandbox) -> None:
    token = fetch(sandbox)
    assert ask(sandbox, token, "/users/me").status_code == 200
    assert sandbox.call("GET", "/users/me").status_code == 200
    assert ask(sandbox, token, "/users/zpk?zpk=x").status_code != 404


def test_a_missing_scope_is_refused_by_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    flags = ("--world", "empty", "--profile", "current", "--scopes", "user:master,account:master")
    with start_sandbox(tmp_path_factory.mktemp("scopes"), *flags) as narrow:
        token = fetch(narrow)
        assert ask(narrow, token, "/users").status_code == 200
        assert ask(narrow, token, "/groups").json() == {
            "code": 4711,
            "message": "Invalid access token, does not contain scopes:[group:master].",
        }
        assert ask(narrow, token, "/groups").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/users/zpk?zpk=x", "a zak needs no check"),
        ("GET", "/webhooks", "Events are subscribed to in the settings of an app"),
        ("PATCH", "/webhooks/options", "Events are subscribed to in the settings of an app"),
        ("GET", "/metrics/im?from=2026-01-01&to=2026-01-02", "It is now GET /metrics/chat."),
        ("GET", "/im/chat/sessions", "It is now GET /report/chat/sessions."),
        ("GET", "/im/chat/sessions/x", "It is now GET /report/chat/sessions/{sessionId}."),
    ],
)
def test_moved_and_withdrawn_paths_say_what_became_of_them(today: Sandbox, method: str, path: str, words: str) -> None:
    answer = ask(today, fetch(today), path, method)
    assert problem(answer) == (404, 404)
    assert words in answer.json()["message"]


def test_a_user_called_like_a_withdrawn_path_is_still_a_user(today: Sandbox) -> None:
    assert problem(ask(today, fetch(today), "/users/zpk", "DELETE")) == (404, 1001)


def test_each_answer_tells_its_label(today: Sandbox) -> None:
    token = fetch(today)
    labels = {path: ask(today, token, path).headers["X-RateLimit-Category"] for path in ("/users", "/users/me")}
    assert labels == {"/users": "Medium", "/users/me": "Light"}


def test_a_pro_account_has_twenty_medium_calls_a_second(today: Sandbox) -> None:
    token = fetch(today)
    time.sleep(1.1)
    statuses = [ask(today, token, "/users") for _ in range(21)]
    refused = next((answer for answer in statuses if answer.status_code == 429), None)
    if refused is None:  # the machine is slower than the limit
        limiter = Limiter(Clock())
        medium = TODAY[Tier.PRO][Label.MEDIUM]
        for _ in range(20):
            limiter.take("app", medium)
        with pytest.raises(Refusal) as told:
            limiter.take("app", medium)
        headers = told.value.headers
    else:
        headers = dict(refused.headers)
    assert (headers["X-RateLimit-Category"], headers["X-RateLimit-Limit"]) == ("Medium", "20")
    assert headers["Retry-After"] == "1"


def test_nobody_in_the_world_has_the_withdrawn_type(tmp_path: Path) -> None:
    def types() -> set[int]:
        people = ask(sandbox, fetch(sandbox), "/users?page_size=300").json()["users"]
        return {user["type"] for user in people}

    with start_sandbox(tmp_path, "--profile", "current", "--no-limits") as sandbox:
        assert types() == {1, 2}
        sandbox.reset()
        assert types() == {1, 2}


def test_user_types_are_those_of_today(today: Sandbox) -> None:
    def create(kind: int) -> requests.Response:
        body = {"action": "custCreate", "user_info": {"email": fresh_email(), "type": kind}}
        return ask(today, fetch(today), "/users", "POST", json=body)

    assert (create(99).status_code, create(2).status_code) == (201, 201)
    assert create(3).json()["errors"] == [{"field": "user_info.type", "message": "Invalid field."}]


def test_heavy_and_intensive_calls_share_one_cap_a_day() -> None:
    limiter, classes = Limiter(Clock()), TODAY[Tier.PRO]
    heavy = type(classes[Label.HEAVY])("heavy", 1000, 1.0, 3, purse="day")
    intensive = type(classes[Label.HEAVY])("intensive", 1000, 60.0, 3, purse="day")
    for rate in (heavy, intensive, heavy):
        limiter.take("app", rate)
    with pytest.raises(Refusal) as refused:
        limiter.take("app", intensive)
    assert refused.value.headers["X-RateLimit-Type"] == "Daily-limit"


def test_the_hundred_and_first_write_of_a_host_is_refused() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for _ in range(100):
        limiter.count_day("app/host", HOST_WRITES)
    limiter.count_day("app/another", HOST_WRITES)
    with pytest.raises(Refusal) as refused:
        limiter.count_day("app/host", HOST_WRITES)
    assert (refused.value.status, refused.value.headers["X-RateLimit-Type"]) == (429, "Daily-limit")
    clock.offset = 86400
    limiter.count_day("app/host", HOST_WRITES)


def test_a_host_is_known_by_id_address_and_meeting(today: Sandbox) -> None:
    token, address = fetch(today), fresh_email()
    body = {"action": "custCreate", "user_info": {"email": address, "type": 2}}
    user = ask(today, token, "/users", "POST", json=body).json()["id"]
    meeting = {"topic": "Planning", "type": 1}
    before = today.stats()["classes"].get("host-writes", {"served": 0})["served"]
    first = ask(today, token, f"/users/{user}/meetings", "POST", json=meeting).json()["id"]
    ask(today, token, f"/users/{address}/meetings", "POST", json=meeting)
    ask(today, token, f"/meetings/{first}", "PATCH", json={"topic": "Other"})
    assert today.stats()["classes"]["host-writes"]["served"] - before == 3


def test_faults_strike_tokens_too(today: Sandbox) -> None:
    today.faults({"match": {"path": "/oauth/token"}, "do": "status", "value": 503})
    assert token_request(today, GRANT).status_code == 503
    today.faults()
    assert token_request(today, GRANT).status_code == 200
