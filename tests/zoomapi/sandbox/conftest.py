"""What the sandbox's own tests share. Each works on a customer or user of its own, so that order does not matter."""

import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.support.sandbox import Sandbox

CONTACT = {
    "first_name": "Ada",
    "last_name": "Byron",
    "email": "billing@customer.example",
    "phone_number": "+1 555 0100",
    "address": "1 Main Street",
    "city": "Denver",
    "state": "CO",
    "zip": "80202",
    "country": "US",
}
_numbers = itertools.count(1)


def fresh_email() -> str:
    return f"p{next(_numbers)}-{uuid.uuid4().hex[:8]}@people.example"


def problem(answer: requests.Response) -> tuple[int, int]:
    """Return (HTTP status, code) of a refusal."""
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def new_account(sandbox: Sandbox) -> Callable[..., str]:
    """Create a sub-account and return its id; ``plan`` subscribes it, options go into the body."""

    def create(plan: tuple[str, int] | None = None, **options: Any) -> str:
        body = {"first_name": "Ada", "last_name": "Byron", "email": fresh_email(), "password": "secret-1"}
        answer = sandbox.call("POST", "/accounts", json={**body, **options})
        assert answer.status_code == 201, answer.text
        account: str = answer.json()["id"]
        if plan:
            body = {"contact": CONTACT, "plan_base": {"type": plan[0], "hosts": plan[1]}}
            assert sandbox.call("POST", f"/accounts/{account}/plans", json=body).status_code == 201
        return account

    return create


@pytest.fixture
def account(new_account: Callable[..., str]) -> str:
    """A sub-account on ``business_monthly`` with 12 hosts."""
    return new_account(("business_monthly", 12))


@pytest.fixture
def new_user(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    """Create a user and return the answer; ``account`` names a sub-account, the rest is ``user_info``."""

    def create(account: str = "", action: str = "custCreate", **info: Any) -> dict[str, Any]:
        path = f"/accounts/{account}/users" if account else "/users"
        body = {"action": action, "user_info": {"email": fresh_email(), "type": 1, **info}}
        answer = sandbox.call("POST", path, json=body)
        assert answer.status_code == 201, answer.text
        user: dict[str, Any] = answer.json()
        return user

    return create
