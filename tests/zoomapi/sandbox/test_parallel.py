"""Many callers at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.support.sandbox import Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import fresh_email


def post(sandbox: Sandbox, email: str) -> int:
    body = {"action": "custCreate", "user_info": {"email": email, "type": 1}}
    headers = {"Authorization": f"Bearer {sandbox.token()}"}
    return requests.post(f"{sandbox.base_url}/users", json=body, headers=headers, timeout=30).status_code


def test_one_address_is_created_once_however_many_ask(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty", "--no-limits") as running, ThreadPoolExecutor(16) as pool:
        emails = [fresh_email() for _ in range(20)]
        statuses = list(pool.map(lambda email: post(running, email), emails * 4))
        assert sorted(statuses) == [201] * 20 + [409] * 60
        assert sorted(write["key"] for write in running.ledger()) == sorted(emails)


def test_a_hundred_connections_at_once_are_served(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty", "--no-limits") as running, ThreadPoolExecutor(100) as pool:
        statuses = list(pool.map(lambda _: post(running, fresh_email()), range(300)))
        assert statuses == [201] * 300
        assert running.call("GET", "/users?page_size=300").json()["total_records"] == 301
