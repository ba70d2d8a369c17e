import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from tests.support.sandbox import Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path, "--world", "empty", "--no-limits") as running:
        yield running


def create(sandbox: Sandbox, email: str) -> requests.Response:
    return sandbox.call("POST", "/users", json={"action": "create", "user_info": {"email": email, "type": 1}})


def control_url(sandbox: Sandbox, name: str) -> str:
    return f"{sandbox.base_url.removesuffix('/v2')}/control/{name}"


def test_the_ledger_holds_applied_writes_and_nothing_else(own: Sandbox) -> None:
    email = fresh_email()
    user = create(own, email.upper()).json()["id"]
    create(own, email)
    own.call("PATCH", f"/users/{user}", json={"type": 9})
    own.call("GET", "/users")
    own.call("DELETE", f"/users/{user}")
    master = own.call("GET", "/users/me").json()["account_id"]
    writes = [{name: value for name, value in write.items() if name != "at"} for write in own.ledger()]
    assert writes == [
        {
            "n": 1, "method": "POST", "path": "/v2/users", "account": master, "operation": "users.create",
            "key": email, "status": 201,
        },
        {
            "n": 2, "method": "DELETE", "path": f"/v2/users/{user}", "account": master, "operation": "users.delete",
            "key": user, "status": 204,
        },
    ]  # fmt: skip


def test_the_clock_moves_dates_and_stamps_and_expiry(own: Sandbox) -> None:
    own.clock(3600)
    answer = own.call("GET", "/users/me", headers={"Authorization": f"Bearer {own.token(life=4000)}"})
    assert 3590 < parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time() < 3610
    assert problem(own.call("GET", "/users/me")) == (401, 124)
    for wrong in ({}, {"offset": "x"}, {"offset": 1e12}, None):
        assert requests.post(control_url(own, "clock"), json=wrong, timeout=5).status_code == 400


def test_the_rate_limit_is_lifted_and_put_back(own: Sandbox) -> None:
    def refused() -> bool:
        return 429 in [own.call("GET", "/users/me").status_code for _ in range(40)]

    found = []
    for enforce in (True, False):
        assert requests.post(control_url(own, "limits"), json={"enforce": enforce}, timeout=5).json() == {
            "enforce": enforce
        }
        found.append(refused())
    assert found == [True, False]
    for wrong in ({}, {"enforce": 1}, None):
        assert requests.post(control_url(own, "limits"), json=wrong, timeout=5).status_code == 400


def test_a_reset_brings_the_first_world_back_every_time(own: Sandbox) -> None:
    before = own.call("GET", "/users").json()
    for _ in range(3):  # the first builds it, the others put back what that has built
        create(own, fresh_email())
        own.clock(60)
        own.faults({"do": "status", "value": 500})
        own.reset()
        assert own.call("GET", "/users").json() == before
        assert (own.ledger(), own.stats()["offset"], own.stats()["faults"]) == ([], 0.0, [])


def test_stats_count_answers(own: Sandbox) -> None:
    own.call("GET", "/users")
    own.call("GET", "/users/nobody")
    stats = own.stats()
    assert (stats["requests"], stats["statuses"], stats["refused"]) == (2, {"200": 1, "404": 1}, 0)
    assert stats["classes"]["general"]["served"] == 2


def test_browsers_and_proxies_are_turned_away(own: Sandbox) -> None:
    for header in ("Origin", "X-Forwarded-For", "Forwarded"):
        answer = requests.get(control_url(own, "ledger"), headers={header: "http://evil.example"}, timeout=5)
        assert problem(answer) == (403, 403)


def test_a_plan_or_body_that_makes_no_sense_changes_nothing(own: Sandbox) -> None:
    assert requests.post(control_url(own, "faults"), data=b"{", timeout=5).status_code == 400
    assert requests.post(control_url(own, "faults"), json=[{"do": "x"}], timeout=5).status_code == 400
    assert requests.get(control_url(own, "nothing"), timeout=5).status_code == 404


def test_without_the_flag_there_is_no_control(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty", control=False) as running:
        assert requests.get(control_url(running, "ledger"), timeout=5).status_code == 404


def test_doubles_are_allowed_when_asked_for(tmp_path: Path) -> None:
    with start_sandbox(tmp_path, "--world", "empty", "--allow-doubles") as running:
        email = fresh_email()
        assert [create(running, email).status_code for _ in range(2)] == [201, 201]
        assert [write["key"] for write in running.ledger()] == [email, email]
