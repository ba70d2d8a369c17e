"""The sandbox as the chaos driver sees it: its control, its faults, and a naive client for comparison."""

import http.client
import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings

from zoomapi.spec.limits import GENERAL

KINDS: tuple[tuple[str, Any], ...] = (
    ("status", 500), ("html", 502), ("reset", None), ("cut", None), ("empty", None), ("null_id", None),
    ("apply_then_status", 500), ("apply_then_html", 503), ("apply_then_reset", None), ("apply_then_delay", 7),
    ("apply_late", 3), ("expired", None),
)  # fmt: skip
SHARE = 0.2  # of the writes that meet a fault
LEAST_NAIVE = 300  # rows of the naive client: 40 doubles are expected of so many, and none is out of the question


def control(method: str, name: str, body: Any = None) -> Any:
    """Ask the sandbox's control. Raises OSError when it does not answer."""
    url = settings.SANDBOX_URL.removesuffix("/v2") + f"/control/{name}"
    request = urllib.request.Request(url, json.dumps(body).encode(), method=method)  # noqa: S310  # this machine
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # this machine
        return json.loads(answer.read())


def applied() -> Counter[tuple[str, str]]:
    """How often each (operation, account and key) was applied."""
    writes = control("GET", "ledger")["writes"]
    return Counter((write["operation"], f"{write['account']}/{write['key']}") for write in writes)


def plan(seed: int) -> dict[str, Any]:
    """Faults of every kind for 20 % of the writes, and for 5 % of the reads."""
    rules: list[dict[str, Any]] = []
    left = 1.0
    for do, value in KINDS:  # the first that strikes wins, so later ones must strike more often to get their share
        rate = SHARE / len(KINDS) / left
        left -= SHARE / len(KINDS)
        rules.append({"match": {"method": "POST", "path": "/(users|groups)$"}, "do": do, "value": value, "rate": rate})
    rules.append({"match": {"method": "GET"}, "do": "status", "value": 500, "rate": 0.05})
    return {"seed": seed, "rules": rules}


def refuse_credentials() -> dict[str, Any]:
    return {"rules": [{"match": {}, "do": "expired"}]}


def naive(account: str, header: Callable[[], str], rows: int, seed: int) -> int:
    """Create users as a worker does that repeats whatever failed; return how many exist more than once.

    Without the rate limit, since it would only make this slower.
    """
    control("POST", "limits", {"enforce": False})
    control("POST", "faults", plan(seed))
    prefix = secrets.token_hex(3)
    numbers: Iterator[int] = iter(range(rows))
    lock, url = threading.Lock(), f"{settings.SANDBOX_URL}/accounts/{account}/users"

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            info = {"email": f"naive{number}-{prefix}@chaos.example", "type": 1}
            body = json.dumps({"action": "create", "user_info": info}).encode()
            _until_it_works(url, body, header)

    threads = [threading.Thread(target=work) for _ in range(GENERAL.calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    control("POST", "faults", [])
    time.sleep(4)  # what is applied late
    return sum(times > 1 for (_, key), times in applied().items() if f"-{prefix}@" in key)


def _until_it_works(url: str, body: bytes, header: Callable[[], str]) -> None:
    for attempt in range(8):
        headers = {"Authorization": header(), "Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  # this machine
        try:
            with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310  # this machine
                if json.loads(answer.read()).get("id"):
                    return
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            time.sleep(min(2.0**attempt / 10, 2.0))
