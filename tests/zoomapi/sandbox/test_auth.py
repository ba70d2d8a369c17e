import time
from typing import Any

import jwt
import pytest
import requests

from tests.support.sandbox import Sandbox
from tests.zoomapi.sandbox.conftest import problem


def ask(sandbox: Sandbox, **options: Any) -> requests.Response:
    return sandbox.session.get(f"{sandbox.base_url}/users/me", timeout=10, **options)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_good_token_is_accepted_in_the_header(sandbox: Sandbox) -> None:
    assert ask(sandbox, headers=bearer(sandbox.token())).status_code == 200


def test_a_good_token_is_accepted_in_the_query(sandbox: Sandbox) -> None:
    assert ask(sandbox, params={"access_token": sandbox.token()}).status_code == 200


def test_an_expiry_in_milliseconds_is_understood(sandbox: Sandbox) -> None:
    good, bad = int((time.time() + 60) * 1000), int((time.time() - 60) * 1000)
    assert ask(sandbox, headers=bearer(sandbox.token(exp=good))).status_code == 200
    assert problem(ask(sandbox, headers=bearer(sandbox.token(exp=bad)))) == (401, 124)


def test_no_token_at_all_is_refused(sandbox: Sandbox) -> None:
    assert problem(ask(sandbox)) == (401, 124)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", "Bearer é", "x"])
def test_a_header_without_a_token_is_refused(sandbox: Sandbox, header: str) -> None:
    assert problem(ask(sandbox, headers={"Authorization": header.encode()})) == (401, 124)


@pytest.mark.parametrize("exp", [None, "soon", True, -1, 0, 1e300, 10**30, [], {}])
def test_an_expiry_that_is_no_moment_is_refused(sandbox: Sandbox, exp: Any) -> None:
    assert problem(ask(sandbox, headers=bearer(sandbox.token(exp=exp)))) == (401, 124)


def test_a_token_without_expiry_is_refused(sandbox: Sandbox) -> None:
    token = jwt.encode({"iss": sandbox.key}, sandbox.secret, "HS256")
    assert problem(ask(sandbox, headers=bearer(token))) == (401, 124)


def test_an_expired_token_says_so(sandbox: Sandbox) -> None:
    answer = ask(sandbox, headers=bearer(sandbox.token(life=-5)))
    assert answer.json() == {"code": 124, "message": "Access token is expired."}


def test_another_issuer_or_secret_or_algorithm_is_refused(sandbox: Sandbox) -> None:
    claims = {"iss": sandbox.key, "exp": time.time() + 60}
    tokens = [
        sandbox.token(iss="somebody-else"),
        jwt.encode(claims, "another-secret-that-is-long-enough-for-it", "HS256"),
        jwt.encode(claims, sandbox.secret * 2, "HS512"),
        jwt.encode(claims, "", "none"),
    ]
    assert [problem(ask(sandbox, headers=bearer(token))) for token in tokens] == [(401, 124)] * 4
