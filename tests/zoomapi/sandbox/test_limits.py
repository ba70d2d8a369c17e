"""Rate limits, with the real clock: a strict window for each class."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.support.sandbox import Sandbox, start_sandbox
from tests.zoomapi.sandbox.conftest import problem
from zoomapi.sandbox.clock import Clock
from zoomapi.sandbox.errors import Refusal
from zoomapi.sandbox.limits import Limiter
from zoomapi.spec.limits import GENERAL, REPORT


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with start_sandbox(tmp_path_factory.mktemp("limited"), "--world", "empty") as running:
        yield running


def test_ten_a_second_pass_and_the_eleventh_is_told_when_to_come_back(limited: Sandbox) -> None:
    time.sleep(1.1)
    answers = [limited.call("GET", "/users/me") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert problem(answers[10]) == (429, 429)
    assert answers[10].headers["Retry-After"] == "1"
    assert {
        name: answers[10].headers[f"X-RateLimit-{name}"] for name in ("Category", "Type", "Limit", "Remaining")
    } == {
        "Category": "general",
        "Type": "QPS",
        "Limit": "10",
        "Remaining": "0",
    }
    time.sleep(1.05)
    assert limited.call("GET", "/users/me").status_code == 200


def test_classes_are_counted_apart(limited: Sandbox) -> None:
    time.sleep(1.1)
    account = {"first_name": "A", "last_name": "B", "email": f"{time.time()}@people.example", "password": "pw-1"}
    path = f"/accounts/{limited.call('POST', '/accounts', json=account).json()['id']}/plans"
    assert [limited.call("GET", path).status_code for _ in range(2)] == [200, 429]
    assert limited.call("GET", "/users/me").status_code == 200


def test_refusals_of_authentication_do_not_count(limited: Sandbox) -> None:
    time.sleep(1.1)
    for _ in range(20):
        assert limited.session.get(f"{limited.base_url}/users", timeout=5).status_code == 401
    assert limited.call("GET", "/users/me").status_code == 200


def test_no_second_ever_sees_more_than_ten_under_pressure(limited: Sandbox) -> None:
    before = limited.stats()["classes"]["general"]
    end, passed, lock = time.monotonic() + 3, [], threading.Lock()

    def press() -> None:
        with requests.Session() as session:
            while time.monotonic() < end:
                begun = time.monotonic()
                headers = {"Authorization": f"Bearer {limited.token()}"}
                if session.get(f"{limited.base_url}/users/me", headers=headers, timeout=10).status_code == 200:
                    with lock:
                        passed.append((begun, time.monotonic()))

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = limited.stats()["classes"]["general"]
    assert after["served"] - before["served"] == len(passed)
    assert after["refused"] > before["refused"]
    # Eleven arrivals cannot all lie within one second, however late their answers were read.
    passed.sort()
    elevens = [passed[start : start + 11] for start in range(len(passed) - 10)]
    assert [1 for some in elevens if max(end for _, end in some) - some[0][0] < 1.0] == []
    assert 25 <= len(passed) <= 41


def test_the_day_has_its_own_end() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    rate = type(REPORT)("report", 1000, 1.0, 3)
    for _ in range(3):
        limiter.take("key", rate)
    with pytest.raises(Refusal) as refused:
        limiter.take("key", rate)
    assert refused.value.status == 429
    assert refused.value.headers["X-RateLimit-Type"] == "Daily-limit"
    assert refused.value.headers["Retry-After"].endswith("T00:00:00Z")
    clock.offset = 86400
    assert limiter.take("key", rate)["X-RateLimit-Remaining"] == "996"


class KeptDays:
    """Rows of counts, in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], tuple[int, int]] = {}

    def read(self, credential: str, quota: str) -> tuple[int, int]:
        return self.rows.get((credential, quota), (0, 0))

    def keep(self, credential: str, quota: str, day: int, count: int) -> None:
        self.rows[credential, quota] = day, count


def test_the_day_goes_on_after_a_restart_and_only_what_is_capped_is_kept() -> None:
    clock, days = Clock(), KeptDays()
    rate = type(REPORT)("report", 1000, 1.0, 3)
    before = Limiter(clock, days=days)
    before.take("key", rate)
    before.take("key", rate)
    before.take("key", GENERAL)
    after = Limiter(clock, days=days)
    after.take("key", rate)
    with pytest.raises(Refusal):
        after.take("key", rate)
    assert days.rows == {("key", "report"): (int(clock.now() // 86400), 3)}
    clock.offset = 86400
    assert Limiter(clock, days=days).take("key", rate)["X-RateLimit-Remaining"] == "999"


def test_a_days_count_is_a_row_of_the_database(tmp_path: Path) -> None:
    counts = []
    for _ in range(2):
        with start_sandbox(tmp_path, "--world", "empty") as running:
            assert running.call("GET", "/report/daily").status_code == 200
            assert running.call("GET", "/report/daily").status_code == 429
        with closing(sqlite3.connect(tmp_path / "sandbox.sqlite3")) as database:
            counts += database.execute("SELECT data FROM sandbox_record WHERE kind = 'day'").fetchall()
    assert [json.loads(data)["count"] for (data,) in counts] == [1, 2]


def test_each_credential_has_its_own_window() -> None:
    limiter = Limiter(Clock())
    for _ in range(10):
        limiter.take("one", GENERAL)
    assert limiter.take("two", GENERAL)["X-RateLimit-Remaining"] == "9"
    with pytest.raises(Refusal):
        limiter.take("one", GENERAL)


def test_without_enforcement_everything_passes_and_is_counted() -> None:
    limiter = Limiter(Clock(), enforce=False)
    for _ in range(50):
        limiter.take("one", GENERAL)
    assert (limiter.stats()["general"]["served"], limiter.stats()["general"]["refused"]) == (50, 0)
