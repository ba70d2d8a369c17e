"""Faults on demand, seen from a client."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.sandbox import Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import fresh_email, problem
from zoomapi.sandbox.faults import BadPlan, Faults


@pytest.fixture(scope="module")
def flaky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path_factory.mktemp("flaky"), "--world", "empty", "--no-limits") as running:
        yield running


def rule(do: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"match": {"method": "POST", "path": "/users$"}, "do": do, "value": value, "times": 1, **more}


def create(sandbox: Sandbox, email: str, **options: Any) -> requests.Response:
    body = {"action": "custCreate", "user_info": {"email": email, "type": 1}}
    return sandbox.call("POST", "/users", json=body, **options)


def applied(sandbox: Sandbox, email: str) -> int:
    return sum(write["key"] == email for write in sandbox.ledger())


@pytest.mark.parametrize(("do", "value", "status"), [("status", 500, 500), ("html", 503, 503), ("429", None, 429)])
def test_refusing_faults_apply_nothing(flaky: Sandbox, do: str, value: Any, status: int) -> None:
    email = fresh_email()
    flaky.faults(rule(do, value))
    assert create(flaky, email).status_code == status
    assert applied(flaky, email) == 0
    assert create(flaky, email).status_code == 201


def test_an_expired_token_is_a_401(flaky: Sandbox) -> None:
    flaky.faults(rule("expired"))
    assert problem(create(flaky, fresh_email())) == (401, 124)


@pytest.mark.parametrize(("value", "header"), [("7", "7"), ("junk", "junk"), ("", None), (-3, "-3")])
def test_a_429_says_what_it_is_told_about_waiting(flaky: Sandbox, value: Any, header: str | None) -> None:
    flaky.faults(rule("429", value))
    assert create(flaky, fresh_email()).headers.get("Retry-After") == header


def test_a_daily_429_names_midnight(flaky: Sandbox) -> None:
    flaky.faults(rule("429", "daily"))
    headers = create(flaky, fresh_email()).headers
    assert (headers["X-RateLimit-Type"], headers["Retry-After"][10:]) == ("Daily-limit", "T00:00:00Z")


@pytest.mark.parametrize(("do", "times_applied"), [("reset", 0), ("cut", 1), ("apply_then_reset", 1)])
def test_a_lost_connection_may_or_may_not_have_applied(flaky: Sandbox, do: str, times_applied: int) -> None:
    email = fresh_email()
    flaky.faults(rule(do))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        create(flaky, email)
    assert applied(flaky, email) == times_applied


@pytest.mark.parametrize(
    ("do", "value", "status", "body"),
    [
        ("apply_then_status", 500, 500, {"code": 500, "message": "A fault was asked for."}),
        (
            "apply_then_status",
            {"status": 200, "body": {"code": 200, "message": "no"}},
            200,
            {"code": 200, "message": "no"},
        ),
    ],
)
def test_an_applied_write_can_be_denied(flaky: Sandbox, do: str, value: Any, status: int, body: Any) -> None:
    email = fresh_email()
    flaky.faults(rule(do, value))
    answer = create(flaky, email)
    assert (answer.status_code, answer.json(), applied(flaky, email)) == (status, body, 1)


def test_an_applied_write_can_answer_in_html_or_not_at_all(flaky: Sandbox) -> None:
    for do, start in (("apply_then_html", "<html>"), ("empty", "")):
        email = fresh_email()
        flaky.faults(rule(do))
        answer = create(flaky, email)
        assert (answer.status_code, answer.text[:6], applied(flaky, email)) == (201, start, 1)


def test_an_answer_can_be_spoilt_in_its_members(flaky: Sandbox) -> None:
    flaky.faults(rule("null_id"))
    assert create(flaky, fresh_email()).json()["id"] is None
    flaky.faults(rule("merge", {"type": "7", "new": [1]}))
    answer = create(flaky, fresh_email()).json()
    assert (answer["type"], answer["new"]) == ("7", [1])


def test_delays_come_before_or_after_the_effect(flaky: Sandbox) -> None:
    for do, times_applied in (("delay", 0), ("apply_then_delay", 1)):
        email = fresh_email()
        flaky.faults(rule(do, 0.6))
        with pytest.raises(requests.Timeout):
            requests.post(
                f"{flaky.base_url}/users",
                json={"action": "custCreate", "user_info": {"email": email, "type": 1}},
                headers={"Authorization": f"Bearer {flaky.token()}"},
                timeout=0.3,
            )
        assert applied(flaky, email) == times_applied
        time.sleep(0.5)
        assert applied(flaky, email) == 1


def test_a_late_write_is_applied_after_the_connection_is_lost(flaky: Sandbox) -> None:
    email = fresh_email()
    flaky.faults(rule("apply_late", 0.4))
    with pytest.raises(requests.ConnectionError):
        create(flaky, email)
    assert applied(flaky, email) == 0
    time.sleep(0.8)
    assert applied(flaky, email) == 1


def test_a_slow_answer_arrives_whole(flaky: Sandbox) -> None:
    flaky.faults(rule("slow", 0.001))
    begun = time.monotonic()
    assert create(flaky, fresh_email()).status_code == 201
    assert time.monotonic() - begun > 0.3


def test_a_bomb_is_large_once_unpacked(flaky: Sandbox) -> None:
    flaky.faults(rule("bomb", 3))
    answer = create(flaky, fresh_email(), stream=True)
    packed = answer.raw.read(decode_content=False)
    assert len(packed) < 100_000
    assert len(gzip.decompress(packed)) > 3_000_000


def test_faults_strike_refusals_too(flaky: Sandbox) -> None:
    email = fresh_email()
    assert create(flaky, email).status_code == 201
    flaky.faults(rule("apply_then_status", 502))
    assert create(flaky, email).status_code == 502
    assert applied(flaky, email) == 1


def test_a_rate_strikes_the_same_requests_for_the_same_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults()
        faults.load({"seed": seed, "rules": [{"do": "status", "value": 500, "rate": 0.2}]})
        return [faults.chosen("GET", "/v2/users") is not None for _ in range(500)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 60 <= sum(struck(1)) <= 140


def test_a_rule_matches_by_method_and_path_and_the_first_that_strikes_wins() -> None:
    faults = Faults()
    faults.load([
        {"match": {"method": "get", "path": "/users$"}, "do": "reset", "times": 2},
        {"match": {"path": "/users"}, "do": "empty"},
    ])  # fmt: skip
    calls = [
        ("GET", "/v2/users"),
        ("POST", "/v2/users"),
        ("GET", "/v2/users"),
        ("GET", "/v2/users"),
        ("GET", "/v2/groups"),
    ]
    found = [faults.chosen(*call) for call in calls]
    assert [chosen and chosen.do for chosen in found] == ["reset", "empty", "reset", "empty", None]


@pytest.mark.parametrize(
    "plan",
    [
        5,
        [5],
        [{"do": "explode"}],
        [{"do": "delay"}],
        [{"do": "delay", "value": "x"}],
        [{"do": "reset", "match": {"path": "("}}],
        [{"do": "status", "value": []}],
        [{"do": "merge", "value": 1}],
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_whole(plan: Any) -> None:
    faults = Faults()
    faults.load([{"do": "reset"}])
    with pytest.raises(BadPlan):
        faults.load(plan)
    assert [kept.do for kept in faults.rules] == ["reset"]


def test_a_plan_can_come_from_a_file(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('[{"match": {"path": "/users/me$"}, "do": "status", "value": 503, "times": 1}]')
    with start_sandbox(tmp_path, "--world", "empty", "--faults", str(plan)) as running:
        assert [running.call("GET", "/users/me").status_code for _ in range(2)] == [503, 200]
